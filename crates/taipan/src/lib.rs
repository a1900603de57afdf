//! Taipan for Rust programs: a whole, isolated Python.

use std::mem::ManuallyDrop;

use taipan_runtime::core::R;
use taipan_runtime::vm::{Config, FrozenModule, Interp, Vm};

pub use taipan_memory::cache as memory;
pub use taipan_runtime as runtime;
pub use taipan_stdlib as stdlib;

/// A running interpreter with its main thread, attached to the calling thread.
///
/// Dropping it ends it as a program ends: threads are waited for, functions registered with `atexit` run, interpreters
/// that it has made end. If threads are left even so (daemon threads), they wait for ever, and its memory stays.
pub struct Interpreter {
    vm: ManuallyDrop<Box<Vm>>,
    interp: ManuallyDrop<Box<Interp>>,
}

impl Drop for Interpreter {
    fn drop(&mut self) {
        let vm = &**self.vm;
        taipan_stdlib::lifecycle::finalize_member(vm);
        if vm.interp().threads.len() > 1 {
            vm.interp().gil.close(vm);
            vm.leave();
            return;
        }
        taipan_stdlib::thread::state_ends(vm);
        vm.leave();
        // SAFETY: each is dropped once, the thread before the interpreter that it points to.
        unsafe {
            ManuallyDrop::drop(&mut self.vm);
            ManuallyDrop::drop(&mut self.interp);
        }
    }
}

/// The settings for an interpreter with the whole native library and the frozen one.
pub fn default_config() -> Config {
    Config {
        native_modules: taipan_stdlib::MODULES,
        native_types: taipan_stdlib::TYPES,
        frozen: Some(|name| taipan_frozen::find(name).map(|m| FrozenModule { code: m.code, is_package: m.is_package, origname: m.name })),
        frozen_source: Some(|name| taipan_frozen::find(name)?.source()),
        frozen_names: Some(|| taipan_frozen::modules().map(|m| m.name.to_owned()).collect()),
        frozen_data: Some(taipan_frozen::data),
        frozen_data_names: Some(|| taipan_frozen::data_files().map(str::to_owned).collect()),
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
        let me = Self { vm: ManuallyDrop::new(vm), interp: ManuallyDrop::new(interp) };
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
