//! Special methods and slots, both ways: wrappers put a native type's slots into its dictionary
//! (`int.__add__`), and trampolines let a Python class's methods fill slots.

mod fill;
mod trampolines;
mod wrappers;

pub(crate) use self::fill::mark_names;
pub use self::trampolines::{is_python_call, is_python_getitem, is_python_next};
pub use self::wrappers::{SlotWrapperDef, add_wrappers};

use super::lookup::lookup_uncached;
use super::{BinOp, Slots, TypeObject, tflag};
use crate::core::Value;
use crate::types::native_fn::{self, SlotWrapper};
use crate::types::str::Str;
use crate::vm::names;

/// Computes all slots of a heap type from the special methods along its MRO.
pub fn fix_slots(t: &TypeObject) {
    // SAFETY: no Python code runs here.
    let order = unsafe { t.mro_slice() };
    if let [_, rest @ ..] = order
        && let Some(base) = rest.first().and_then(Value::as_type)
        // SAFETY: as above.
        && unsafe { base.mro_slice() } == rest
    {
        // Nothing but the class's own dictionary stands between its base's slots and its own.
        let mut found = Vec::new();
        special_names(t, &mut found);
        let mut slots = *base.slots();
        if !found.is_empty() {
            fill::fill(t, &mut slots, &found);
        }
        t.update_slots(|s| *s = slots);
        return;
    }
    let mut slots = Slots::EMPTY;
    // What the native bases can do without a special method (buffers, sequences) is kept; special methods
    // found along the MRO decide about the rest.
    for b in order.iter().skip(1) {
        if let Some(b) = b.as_type()
            && !b.has(tflag::HEAP)
        {
            super::build::inherit_slots(&mut slots, b.slots(), true);
        }
    }
    let mut found = Vec::new();
    for b in order {
        if let Some(b) = b.as_type() {
            special_names(b, &mut found);
        }
    }
    // A class that hashes by nothing at all says so.
    found.push(names().__hash__.raw());
    fill::fill(t, &mut slots, &found);
    t.update_slots(|s| *s = slots);
}

/// The words of the special methods' names in a class's own dictionary.
fn special_names(t: &TypeObject, found: &mut Vec<u64>) {
    let table = t.dict.table().borrow();
    for (key, _) in table.iter() {
        let Some(s) = key.downcast_exact::<Str>() else { continue };
        if s.is_special() {
            found.push(key.raw());
        } else if !s.is_interned() && s.as_ascii().is_some_and(|s| s.starts_with("__")) {
            let name = crate::vm::intern_value(key);
            if name.downcast::<Str>().is_some_and(|s| s.is_special()) {
                found.push(name.raw());
            }
        }
    }
}

/// A class attribute changed on `t`: if it is a special method, the type and its subclasses get their slots anew.
pub fn update_after_change(t: &TypeObject, name: &Value) {
    if name.downcast::<Str>().is_some_and(|s| s.is_special()) {
        refresh(t);
    }
}

/// Computes the slots of `t` and all its subclasses anew.
pub fn refresh(t: &TypeObject) {
    let mut work: Vec<*const TypeObject> = vec![t];
    while let Some(t) = work.pop() {
        // SAFETY: subclasses leave their bases' lists before they die.
        let t = unsafe { &*t };
        fix_slots(t);
        work.extend(t.subclasses.borrow().iter().copied());
    }
}

/// What the MRO says of a special method.
enum Special {
    /// Nothing.
    Absent,
    /// Set to None: the operation is refused.
    None,
    /// The wrapper of a native type's slot, found on a class that has this slot: take the slot over.
    Native(&'static Slots),
    /// A Python (or other) callable: go through a trampoline.
    Python,
}

fn special(t: &TypeObject, name: &Value) -> Special {
    let Some(v) = lookup_uncached(t, name) else { return Special::Absent };
    if v.is_none() {
        return Special::None;
    }
    if let Some(w) = v.downcast_exact::<SlotWrapper>()
        && let Some(slots) = w.owner_slots(t)
        && name.downcast::<Str>().is_some_and(|n| n.as_ascii() == Some(w.name()))
    {
        return Special::Native(slots);
    }
    if name.is(&names().__new__) && native_fn::native_new_owner(&v).is_some() {
        // As CPython has it, the layout decides which native constructor makes the object.
        let mut at = t;
        while at.has(tflag::HEAP) && at.def.is_none() {
            match at.base_type() {
                Some(b) => at = b,
                None => break,
            }
        }
        if let Some(d) = at.def {
            return Special::Native(d.place.get().slots());
        }
    }
    Special::Python
}

/// Names of a binary operator's methods: method, reflected, in-place.
fn binop_names(op: BinOp) -> (&'static Value, &'static Value, Option<&'static Value>) {
    let n = names();
    match op {
        BinOp::Add => (&n.__add__, &n.__radd__, Some(&n.__iadd__)),
        BinOp::Sub => (&n.__sub__, &n.__rsub__, Some(&n.__isub__)),
        BinOp::Mul => (&n.__mul__, &n.__rmul__, Some(&n.__imul__)),
        BinOp::TrueDiv => (&n.__truediv__, &n.__rtruediv__, Some(&n.__itruediv__)),
        BinOp::FloorDiv => (&n.__floordiv__, &n.__rfloordiv__, Some(&n.__ifloordiv__)),
        BinOp::Mod => (&n.__mod__, &n.__rmod__, Some(&n.__imod__)),
        BinOp::Pow => (&n.__pow__, &n.__rpow__, Some(&n.__ipow__)),
        BinOp::MatMul => (&n.__matmul__, &n.__rmatmul__, Some(&n.__imatmul__)),
        BinOp::LShift => (&n.__lshift__, &n.__rlshift__, Some(&n.__ilshift__)),
        BinOp::RShift => (&n.__rshift__, &n.__rrshift__, Some(&n.__irshift__)),
        BinOp::And => (&n.__and__, &n.__rand__, Some(&n.__iand__)),
        BinOp::Or => (&n.__or__, &n.__ror__, Some(&n.__ior__)),
        BinOp::Xor => (&n.__xor__, &n.__rxor__, Some(&n.__ixor__)),
        BinOp::DivMod => (&n.__divmod__, &n.__rdivmod__, None),
    }
}
