//! Entry points of the import system for native code; see `import` in the standard library.

use super::{Vm, intern, names};
use crate::core::{R, Value};

impl Vm {
    /// The module of a (possibly dotted) name, imported if need be.
    ///
    /// Raises ImportError, and all that running the module raises.
    pub fn import_module(&self, name: &str) -> R {
        let modules = self.interp().modules();
        if let Some(m) = modules.get_str(name).filter(|m| !m.is_none()) {
            return Ok(m);
        }
        let Some(import) = self.interp().builtins().get_name(&names().__import__) else {
            return Err(self.raise_msg(&crate::types::exceptions::IMPORT_ERROR, "__import__ not found"));
        };
        let imported = self.call(&import, &[intern(name).into_value()])?;
        match modules.get_str(name).filter(|m| !m.is_none()) {
            Some(m) => Ok(m),
            None => Ok(imported),
        }
    }

    /// An attribute of a module, which is imported if need be.
    pub fn import_attr(&self, module: &str, name: &str) -> R<Value> {
        let m = self.import_module(module)?;
        self.get_attr_str(&m, name)
    }
}
