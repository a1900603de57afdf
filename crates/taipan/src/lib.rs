//! Taipan for Rust programs: a whole, isolated Python.

use taipan_runtime::core::R;
use taipan_runtime::vm::{Config, FrozenModule, Interp, Vm};

pub use taipan_memory::cache as memory;
pub use taipan_runtime as runtime;
pub use taipan_stdlib as stdlib;

/// A running interpreter with its main thread, attached to the calling thread.
pub struct Interpreter {
    // The thread is dropped before the interpreter that it points to.
    vm: Box<Vm>,
    _interp: Box<Interp>,
}

/// The settings for an interpreter with the whole native library and the frozen one.
pub fn default_config() -> Config {
    Config {
        native_modules: taipan_stdlib::MODULES,
        native_types: taipan_stdlib::TYPES,
        frozen: Some(|name| taipan_frozen::find(name).map(|m| FrozenModule { code: m.code, is_package: m.is_package, origname: m.name })),
        frozen_source: Some(|name| taipan_frozen::find(name)?.source()),
        frozen_names: Some(|| taipan_frozen::modules().map(|m| m.name.to_owned()).collect()),
        ..Config::default()
    }
}

impl Interpreter {
    /// Starts an interpreter and its import system.
    ///
    /// # Errors
    /// The exception's text, if the import system could not be started.
    pub fn new(config: Config) -> Result<Self, String> {
        let me = Self::begin(config)?;
        me.vm.settle(&[]);
        Ok(me)
    }

    /// As [`Interpreter::new`], for who imports more that stays to the end before calling [`Vm::settle`].
    ///
    /// # Errors
    /// As [`Interpreter::new`].
    pub fn begin(config: Config) -> Result<Self, String> {
        let (interp, vm) = taipan_runtime::vm::new_interpreter(config);
        let me = Self { vm, _interp: interp };
        match taipan_stdlib::import::bootstrap(&me.vm) {
            Ok(()) => Ok(me),
            Err(r) => {
                let e = me.vm.catch(r);
                Err(taipan_runtime::types::exceptions::display::plain_text(&me.vm, &e))
            }
        }
    }

    /// The main thread.
    pub fn vm(&self) -> &Vm {
        &self.vm
    }

    /// Runs `f` with the main thread.
    ///
    /// # Errors
    /// What `f` raises.
    pub fn enter<T>(&self, f: impl FnOnce(&Vm) -> R<T>) -> R<T> {
        f(&self.vm)
    }
}
