//! Small questions about the running thread.

use super::{Vm, breaker, names};
use crate::core::{R, Raised, Ref, Value};
use crate::types::dict::Dict;
use crate::types::module::Module;

impl Vm {
    /// Raises an exception again: its traceback gets no new entry for the innermost frame.
    pub fn reraise(&self, e: Value) -> Raised {
        self.reraising.set(true);
        self.raise_as_is(e)
    }

    /// The exception being handled: this frame's, or, inside a generator, that of whoever resumed it.
    pub fn current_handled(&self) -> Option<Value> {
        if let Some(e) = self.handled.get() {
            return Some(e);
        }
        if self.handled_outside.get() == 0 {
            return None;
        }
        self.stacks.iter().filter_map(super::Frame::generator).find_map(|g| g.caller_handled())
    }

    /// A native iterator that is about to end (`Ok(None)` from its slot `next`) says what it returns.
    #[inline]
    pub fn set_stop_value(&self, v: Value) {
        self.stop_value.set(Some(v).filter(|v| !v.is_none()));
    }

    /// What the native iterator that just ended has returned. To be sure that it is this one's, call
    /// [`Vm::forget_stop_value`] before its slot.
    pub fn take_stop_value(&self) -> Value {
        self.stop_value.take().unwrap_or(Value::NONE)
    }

    /// Forgets what an iterator has returned.
    #[inline]
    pub fn forget_stop_value(&self) {
        if self.stop_value.borrow().is_some() {
            drop(self.stop_value.take());
        }
    }

    /// Whether a trace or profile function is to be called.
    #[inline(always)]
    pub fn tracing_active(&self) -> bool {
        self.eval_breaker.get() & breaker::TRACE != 0 && !self.tracing.get()
    }

    /// The builtins namespace that code with these globals sees.
    pub fn builtins_of(&self, globals: &Dict) -> R<Ref<Dict>> {
        let Some(b) = globals.get_name(&names().__builtins__) else { return Ok(self.current_builtins()) };
        if let Some(m) = b.downcast::<Module>() {
            return Ok(m.dict.clone());
        }
        match b.into_ref::<Dict>() {
            Ok(d) => Ok(d),
            Err(mapping) => Ok(crate::types::dict::foreign::of(mapping)),
        }
    }

    /// The builtins namespace of the innermost Python frame.
    pub fn current_builtins(&self) -> Ref<Dict> {
        match self.stacks.current() {
            // SAFETY: a running frame keeps its namespaces alive.
            Some(f) => unsafe { (*f.builtins).to_ref() },
            None => self.interp().builtins(),
        }
    }

    /// Whether a module's import has not finished.
    pub fn module_is_initializing(&self, m: &Module) -> bool {
        let Some(spec) = m.dict.get_name(&names().__spec__).filter(|s| !s.is_none()) else { return false };
        let r = self.get_attr_opt(&spec, &names()._initializing);
        match r {
            Ok(Some(v)) => v.is_true(),
            Ok(None) => false,
            Err(e) => {
                drop(self.catch(e));
                false
            }
        }
    }

    /// The globals of the innermost Python frame; for what another interpreter calls without one, those of `__main__`.
    pub fn current_globals(&self) -> Option<Ref<Dict>> {
        match self.stacks.current() {
            Some(f) => Some(f.globals().to_ref()),
            None if self.interp().is_main() || !self.interp().member.is_running() => None,
            None => self.interp().modules().get_str("__main__")?.downcast::<Module>().map(|m| m.dict.clone()),
        }
    }
}

impl super::Interp {
    /// Lets native modules do what the eval breaker asks for.
    pub(crate) fn run_pending(&self, vm: &Vm, bits: u32) -> R<()> {
        let bits = bits & (breaker::SIGNAL | breaker::PENDING);
        if bits == 0 {
            return Ok(());
        }
        vm.eval_breaker.remove(bits);
        if bits & breaker::PENDING != 0
            && let Some(keeper) = self.member.keeper()
        {
            keeper.take_back();
        }
        match self.pending_hook.get() {
            Some(f) => f(vm, bits),
            None => Ok(()),
        }
    }
}

/// The contents of a file, for showing source lines; the error is an errno.
pub fn read_file(path: &str) -> Result<Vec<u8>, i32> {
    let path = std::ffi::CString::new(path).map_err(|_| 22)?;
    let fd = taipan_host::fd::open(taipan_host::AT_CURRENT, &path, 0o2_000_000, 0).map_err(|e| e.0)?;
    let mut out = Vec::new();
    let mut buf = vec![0u8; 1 << 16];
    let r = loop {
        match taipan_host::fd::read(fd, &mut buf) {
            Ok(0) => break Ok(()),
            Ok(n) => out.extend_from_slice(&buf[..n]),
            Err(e) if e.0 == 4 => {}
            Err(e) => break Err(e.0),
        }
    };
    let _ = taipan_host::fd::close(fd);
    r.map(|()| out)
}
