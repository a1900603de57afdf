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
    /// Starts an interpreter with its import system and standard streams.
    ///
    /// # Errors
    /// The exception's text, if one of them could not be started.
    pub fn new(config: Config) -> Result<Self, String> {
        let me = Self::begin(config)?;
        me.started(taipan_stdlib::lifecycle::prepare(&me.vm))?;
        me.vm.settle(&[]);
        Ok(me)
    }

    /// As [`Interpreter::new`] but without the standard streams, for who imports more that stays to the end before
    /// calling [`Vm::settle`].
    ///
    /// # Errors
    /// As [`Interpreter::new`].
    pub fn begin(config: Config) -> Result<Self, String> {
        let (interp, vm) = taipan_runtime::vm::new_interpreter(config);
        let me = Self { vm, _interp: interp };
        me.started(taipan_stdlib::import::bootstrap(&me.vm))?;
        Ok(me)
    }

    fn started(&self, r: R<()>) -> Result<(), String> {
        r.map_err(|r| {
            let e = self.vm.catch(r);
            taipan_runtime::types::exceptions::display::plain_text(&self.vm, &e)
        })
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
