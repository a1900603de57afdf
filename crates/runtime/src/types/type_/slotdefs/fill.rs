//! Which slot a class gets for which special methods.

use super::trampolines as tr;
use super::{Special, binop_names, special};
use crate::core::Value;
use crate::types::str::Str;
use crate::types::type_::{BinOp, Slots, TypeObject};
use crate::vm::names;

/// The slot for a group of special methods: a native type's own if they all come from the same one, `generic` if
/// Python code has a say.
fn group<F: Copy>(
    t: &TypeObject,
    names: &[&Value],
    get: impl Fn(&Slots) -> Option<F>,
    same: impl Fn(F, F) -> bool,
    generic: F,
) -> Option<F> {
    let mut specific: Option<F> = None;
    for name in names {
        match special(t, name) {
            Special::Absent => {}
            Special::None | Special::Python => return Some(generic),
            Special::Native(slots) => match (get(slots), specific) {
                // The wrapper stands for another slot (a sequence's `+`).
                (None, _) => {}
                (Some(f), Some(s)) if !same(f, s) => return Some(generic),
                (Some(f), _) => specific = Some(f),
            },
        }
    }
    specific
}

/// Every group: the slot's field, its special methods and its trampoline.
macro_rules! groups {
    ($go:ident) => {
        $go! {
            repr [__repr__] tr::t_repr;
            str [__str__] tr::t_str;
            call [__call__] tr::t_call;
            iter [__iter__] tr::t_iter;
            next [__next__] tr::t_next;
            neg [__neg__] tr::t_neg;
            pos [__pos__] tr::t_pos;
            abs [__abs__] tr::t_abs;
            invert [__invert__] tr::t_invert;
            bool [__bool__] tr::t_bool;
            int [__int__] tr::t_int;
            float [__float__] tr::t_float;
            index [__index__] tr::t_index;
            len [__len__] tr::t_len;
            getitem [__getitem__] tr::t_getitem;
            setitem [__setitem__ __delitem__] tr::t_setitem;
            contains [__contains__] tr::t_contains;
            init [__init__] tr::t_init;
            new [__new__] tr::t_new;
            await_ [__await__] tr::t_await;
            aiter [__aiter__] tr::t_aiter;
            anext [__anext__] tr::t_anext;
            descr_get [__get__] tr::t_descr_get;
            descr_set [__set__ __delete__] tr::t_descr_set;
            finalize [__del__] tr::t_finalize;
            getattro [__getattribute__ __getattr__] tr::t_getattro;
            setattro [__setattr__ __delattr__] tr::t_setattro;
            richcompare [__lt__ __le__ __eq__ __ne__ __gt__ __ge__] tr::t_richcompare;
        }
    };
}

/// Marks the names of all special methods that have a part in a slot, so that a look at a name tells.
pub(crate) fn mark_names() {
    let n = names();
    let mark = |name: &Value| {
        if let Some(s) = name.downcast::<Str>() {
            s.set_special();
        }
    };
    macro_rules! each {
        ($($field:ident [$($name:ident)*] $tramp:expr;)*) => { $($(mark(&n.$name);)*)* };
    }
    groups!(each);
    for name in [&n.__hash__, &n.__buffer__, &n.__release_buffer__] {
        mark(name);
    }
    for op in BinOp::ALL {
        let (a, b, c) = binop_names(op);
        [Some(a), Some(b), c].into_iter().flatten().for_each(mark);
    }
}

/// Fills the slots that one of the special methods in `found` has a part in.
pub(super) fn fill(t: &TypeObject, slots: &mut Slots, found: &[u64]) {
    let n = names();
    let wanted = |names: &[&Value]| names.iter().any(|n| found.contains(&n.raw()));
    macro_rules! all {
        ($($field:ident [$($name:ident)*] $tramp:expr;)*) => {$(
            let of = [$(&n.$name),*];
            if wanted(&of) {
                slots.$field = group(t, &of, |s| s.$field, |a, b| std::ptr::fn_addr_eq(a, b), $tramp);
            }
        )*};
    }
    groups!(all);
    if wanted(&[&n.__hash__]) {
        slots.hash = match special(t, &n.__hash__) {
            Special::Absent | Special::None => Some(tr::unhashable),
            Special::Native(d) => d.hash,
            Special::Python => Some(tr::t_hash),
        };
    }
    // Python's own access to items replaces the native sequence's.
    if wanted(&[&n.__getitem__]) && !matches!(special(t, &n.__getitem__), Special::Native(_)) {
        slots.item = None;
    }
    for op in BinOp::ALL {
        operator(t, slots, op, &wanted);
    }
    if wanted(&[&n.__buffer__]) {
        match special(t, &n.__buffer__) {
            Special::Python => slots.buffer = Some(crate::types::memoryview::buffer_of_python_class),
            Special::None => slots.buffer = None,
            Special::Absent | Special::Native(_) => {}
        }
    }
}

fn operator(t: &TypeObject, slots: &mut Slots, op: BinOp, wanted: &impl Fn(&[&Value]) -> bool) {
    let i = op as usize;
    let (a, b, c) = binop_names(op);
    let python = |name: &Value| matches!(special(t, name), Special::Python | Special::None);
    if wanted(&[a, b]) {
        slots.binary[i] = group(t, &[a, b], |s| s.binary[i], |x, y| std::ptr::fn_addr_eq(x, y), tr::t_binary(op));
        // A Python method takes the place of the native sequence's operator.
        match op {
            BinOp::Add if python(a) => slots.concat = None,
            BinOp::Mul if python(a) || python(b) => slots.repeat = None,
            BinOp::Pow => {
                slots.pow3 = group(t, &[a, b], |s| s.pow3, |x, y| std::ptr::fn_addr_eq(x, y), tr::t_pow3);
            }
            _ => {}
        }
    }
    if let Some(c) = c
        && wanted(&[c])
    {
        slots.inplace[i] = group(t, &[c], |s| s.inplace[i], |x, y| std::ptr::fn_addr_eq(x, y), tr::t_inplace(op));
        match op {
            BinOp::Add if python(c) => slots.inplace_concat = None,
            BinOp::Mul if python(c) => slots.inplace_repeat = None,
            _ => {}
        }
    }
}
