//! Audit hooks (PEP 578).

use super::{Vm, intern};
use crate::core::{R, Value};
use crate::types::{exceptions as exc, str, tuple};

impl Vm {
    /// Whether there is any audit hook: else nobody needs the arguments of an event.
    #[inline]
    pub fn is_audited(&self) -> bool {
        !self.interp().audit_hooks.borrow().is_empty()
    }

    /// Tells the audit hooks, if there are any, of an event.
    ///
    /// Raises what a hook raises.
    #[inline]
    pub fn audit(&self, event: &str, args: &[Value]) -> R<()> {
        if self.is_audited() { self.tell_hooks(&str::from_str(event), &tuple::from_slice(args).into_value()) } else { Ok(()) }
    }

    /// As [`Vm::audit`], with the event's name and arguments as objects. Hooks are not traced, but for those whose
    /// attribute `__cantrace__` is true.
    #[cold]
    pub fn tell_hooks(&self, event: &Value, args: &Value) -> R<()> {
        let hooks = self.interp().audit_hooks.borrow().clone();
        let tracing = self.tracing.replace(true);
        let told = hooks.iter().try_for_each(|hook| self.tell_hook(hook, event, args, tracing));
        self.tracing.set(tracing);
        told
    }

    fn tell_hook(&self, hook: &Value, event: &Value, args: &Value, tracing: bool) -> R<()> {
        let traced = match self.get_attr_opt(hook, &intern("__cantrace__").into_value())? {
            Some(asked) => self.truth(&asked)?,
            None => false,
        };
        if traced {
            self.tracing.set(tracing);
        }
        let done = self.call(hook, &[event.clone(), args.clone()]);
        self.tracing.set(true);
        done.map(drop)
    }

    /// Adds an audit hook, unless a hook that is there raises an Exception.
    ///
    /// Raises what is no Exception.
    pub fn add_audit_hook(&self, hook: &Value) -> R<()> {
        if let Err(r) = self.audit("sys.addaudithook", &[]) {
            if !self.raised_is(&exc::EXCEPTION) {
                return Err(r);
            }
            drop(self.catch(r));
            return Ok(());
        }
        self.interp().audit_hooks.borrow_mut().push(hook.clone());
        Ok(())
    }
}
