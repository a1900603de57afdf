//! Buffers of Python classes: `__buffer__` and `__release_buffer__` (PEP 688).

use super::buffer::{Buffer, End};
use super::object::MemoryView;
use super::view::View;
use super::from_buffer;
use crate::core::{R, Value};
use crate::types::function::Function;
use crate::types::native_fn::SlotWrapper;
use crate::types::type_::lookup;
use crate::vm::{Vm, names};

/// The slot of a Python class with a `__buffer__` method.
///
/// Raises TypeError if the method gives no memoryview, and what it raises itself.
pub fn buffer_of_python_class(vm: &Vm, v: &Value, asked: u32) -> R<Buffer> {
    let r = match vm.call_special(v, &names().__buffer__, &[Value::from(asked)])? {
        Some(r) => r,
        None => return Err(vm.type_error(format!("a bytes-like object is required, not '{}'", v.ty().tp_name()))),
    };
    if r.downcast::<MemoryView>().is_none() {
        return Err(vm.type_error("__buffer__ returned non-memoryview object"));
    }
    let inner = vm.buffer(&r, asked)?;
    let view = inner.view().clone();
    Ok(Buffer::with_end(v.clone(), view, End::Python { view: r, inner: Some(Box::new(inner)) }))
}

/// `super().__release_buffer__(view)` where that is a native type's.
///
/// Raises TypeError for what is no memoryview, ValueError for one of another object or a released one.
pub fn release_for(vm: &Vm, v: &Value, view: &Value) -> R {
    let Some(m) = view.downcast::<MemoryView>() else { return Err(vm.type_error("expected a memoryview object")) };
    match m.owner() {
        Some(owner) if owner.is(v) => {}
        Some(_) => return Err(vm.value_error("memoryview's buffer is not this object")),
        None => return Err(vm.value_error("memoryview's buffer has already been released")),
    }
    m.force_release();
    Ok(Value::NONE)
}

/// The class's own `__release_buffer__`, if it is no native one.
fn python_release(v: &Value) -> Option<Value> {
    let f = lookup(v.ty(), &names().__release_buffer__)?;
    let native = f.downcast_exact::<SlotWrapper>().is_some() && f.downcast::<Function>().is_none();
    (!native && !f.is_none()).then_some(f)
}

/// Calls it; what it raises can't be caught.
fn call_release(vm: &Vm, v: &Value, view: &Value) {
    vm.preserving_raised(|| {
        let r = vm.call_special(v, &names().__release_buffer__, std::slice::from_ref(view));
        if let Err(raised) = r {
            let text = format!("Exception ignored in __release_buffer__ of {}", v.ty().tp_name());
            vm.unraisable(raised, Some(&text), v);
        }
    });
}

/// Ends the use of a buffer that `__buffer__` of `v` has given as `view`.
pub(super) fn release(vm: &Vm, v: &Value, view: &Value) {
    // A view of the object's own native buffer is released through that.
    let own = view.downcast::<MemoryView>().is_some_and(|m| m.owner().is_some_and(|o| o.is(v)));
    if !own && python_release(v).is_some() {
        call_release(vm, v, view);
    }
}

/// Ends the use of the native buffer of `v`, whose Python class may have a `__release_buffer__`.
pub(super) fn release_of_subclass(vm: &Vm, v: &Value, view: &View) {
    if python_release(v).is_none() {
        return;
    }
    let temporary = from_buffer(Buffer::of_view(v.clone(), view.clone(), None));
    if let Some(m) = temporary.downcast::<MemoryView>() {
        m.restrict();
        call_release(vm, v, &temporary);
        m.force_release();
    }
}
