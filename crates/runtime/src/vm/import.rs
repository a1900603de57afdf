//! Entry points of the import system for native code; see `import` in the standard library.
