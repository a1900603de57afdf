//! FutureIter: what `await` on a future iterates.

use taipan_macros::{Trace, class};
use taipan_runtime::core::{PyCell, R, Ref, Value};
use taipan_runtime::types::exceptions::{self as exc, BaseException};
use taipan_runtime::vm::Vm;

use super::future::{Future, Phase};

/// The payload of FutureIter.
#[derive(Trace)]
pub struct FutureIter {
    future: PyCell<Option<Ref<Future>>>,
}

/// An iterator over a future.
pub fn over(future: &Ref<Future>) -> Value {
    Ref::new(FutureIter {
        future: PyCell::new(Some(future.clone())),
    })
    .into_value()
}

/// The future itself the first time, if it has no result yet; then the end, with the result.
#[inline]
fn advance(vm: &Vm, this: &FutureIter) -> R<Option<Value>> {
    let pending = match this.future.borrow().as_ref() {
        None => return Ok(None),
        Some(f) if f.phase.get() != Phase::Pending => None,
        Some(f) => Some(if f.blocking.replace(true) {
            None
        } else {
            Some(f.value().clone())
        }),
    };
    match pending {
        Some(Some(f)) => Ok(Some(f)),
        Some(None) => Err(vm.runtime_error("await wasn't used with future")),
        None => {
            let Some(f) = this.future.take() else {
                return Ok(None);
            };
            vm.set_stop_value(f.take_result(vm)?);
            Ok(None)
        }
    }
}

/// Iterates over a future.
#[class(name = "FutureIter", module = "_asyncio", flags(GC, NO_NEW))]
impl FutureIter {
    #[slot]
    fn iter(_vm: &Vm, this: &Value) -> R {
        Ok(this.clone())
    }

    #[slot]
    fn next(vm: &Vm, this: &Ref<Self>) -> R<Option<Value>> {
        advance(vm, this)
    }

    /// Goes on as next() does: a future has no use for the value.
    #[method]
    fn send(vm: &Vm, this: &Ref<Self>, value: &Value) -> R {
        let _ = value;
        vm.forget_stop_value();
        match advance(vm, this)? {
            Some(v) => Ok(v),
            None => Err(vm.stop_iteration(Some(vm.take_stop_value()))),
        }
    }

    /// Raises an exception here.
    #[method]
    fn throw(
        vm: &Vm,
        this: &Ref<Self>,
        r#type: &Value,
        val: Option<&Value>,
        tb: Option<&Value>,
    ) -> R {
        if val.is_some() {
            let text = "the (type, exc, tb) signature of throw() is deprecated, use the single-arg signature instead.";
            vm.warn(&exc::DEPRECATION_WARNING, text, 1)?;
        }
        if !exc::is_exception_class(r#type) && r#type.downcast::<BaseException>().is_none() {
            return Err(vm.type_error(
                "exceptions must be classes deriving BaseException or instances of such a class",
            ));
        }
        let e = exc::raise::thrown(vm, r#type, val, tb)?;
        this.future.set(None);
        Err(vm.raise(e))
    }

    /// Lets go of the future.
    #[method(sig = "()")]
    fn close(_vm: &Vm, this: &Ref<Self>) {
        this.future.set(None);
    }
}
