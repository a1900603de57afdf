//! The chain of contexts.

use super::base::BaseException;
use crate::core::{Ref, Value};

fn context_of(e: &Value) -> Option<Value> {
    e.downcast::<BaseException>()?.context.get()
}

/// Sets `__context__` to the exception that is being handled. If `e` stands in that one's own chain (it is raised
/// again, further out), the chain is cut there, so that no cycle comes about.
pub fn set_context_avoiding_cycles(e: &Ref<BaseException>, handled: Value) {
    if handled.is(e.value()) {
        return;
    }
    // Programs can make cycles of their own: a second walker at half the speed finds them.
    let (mut at, mut slow, mut odd) = (handled.clone(), handled.clone(), false);
    while let Some(next) = context_of(&at) {
        if next.is(e.value()) {
            if let Some(b) = at.downcast::<BaseException>() {
                b.context.set(None);
            }
            break;
        }
        at = next;
        if at.is(&slow) {
            break;
        }
        if odd && let Some(next) = context_of(&slow) {
            slow = next;
        }
        odd = !odd;
    }
    e.context.set(Some(handled));
}

/// Sets `__cause__` (None for none) and with it `__suppress_context__`.
pub fn set_cause(e: &Value, cause: Value) {
    if let Some(b) = e.downcast::<BaseException>() {
        b.set_cause(Some(cause).filter(|c| !c.is_none()));
    }
}

/// Sets `__context__` (None for none).
pub fn set_context(e: &Value, context: Value) {
    if let Some(b) = e.downcast::<BaseException>() {
        b.context.set(Some(context).filter(|c| !c.is_none()));
    }
}
