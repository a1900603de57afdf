//! Slots that call special methods of Python classes.

use super::binop_names;
use crate::core::{R, Value};
use crate::native::Args;

use crate::types::native_fn::SlotWrapper;
use crate::types::type_::{BINOPS, BinOp, BinaryFn, CmpOp, TypeObject, lookup, tflag};
use crate::types::{exceptions as exc, int};
use crate::vm::{Vm, generic_getattr, generic_getattr_opt, generic_setattr, names};

/// Calls the special method `name` of `v`, which the type has.
fn call1(vm: &Vm, v: &Value, name: &Value, args: &[Value]) -> R {
    match vm.call_special(v, name, args)? {
        Some(r) => Ok(r),
        None => Err(vm.no_attribute(v, name)),
    }
}

/// As [`call1`], with `NotImplemented` when the method is gone.
fn maybe(vm: &Vm, v: &Value, name: &Value, args: &[Value]) -> R {
    Ok(vm.call_special(v, name, args)?.unwrap_or(Value::NOT_IMPLEMENTED))
}

macro_rules! unary {
    ($($f:ident $name:ident;)*) => {$(
        pub(super) fn $f(vm: &Vm, v: &Value) -> R { call1(vm, v, &names().$name, &[]) }
    )*};
}
unary! {
    t_repr __repr__; t_str __str__; t_neg __neg__; t_pos __pos__; t_abs __abs__; t_invert __invert__;
    t_int __int__; t_float __float__; t_index __index__; t_await __await__; t_aiter __aiter__; t_anext __anext__;
}

pub(super) fn t_iter(vm: &Vm, v: &Value) -> R {
    if lookup(v.ty(), &names().__iter__).is_some_and(|f| f.is_none()) {
        return Err(vm.type_error(format!("'{}' object is not iterable", v.ty().tp_name())));
    }
    call1(vm, v, &names().__iter__, &[])
}

pub(super) fn t_next(vm: &Vm, v: &Value) -> R<Option<Value>> {
    let r = call1(vm, v, &names().__next__, &[]);
    vm.ignore(r, &exc::STOP_ITERATION)
}

/// Whether a slot `next` calls a Python `__next__`, and so raises no StopIteration of its own.
pub fn is_python_next(f: fn(&Vm, &Value) -> R<Option<Value>>) -> bool {
    std::ptr::fn_addr_eq(f, t_next as fn(&Vm, &Value) -> R<Option<Value>>)
}

pub(super) fn t_hash(vm: &Vm, v: &Value) -> R<i64> {
    let Some(f) = lookup(v.ty(), &names().__hash__).filter(|f| !f.is_none()) else { return unhashable(vm, v) };
    drop(f);
    let r = call1(vm, v, &names().__hash__, &[])?;
    let Some(n) = int::get(&r) else { return Err(vm.type_error("__hash__ method should return an integer")) };
    let h = match n.to_i64() {
        Some(n) => n,
        None => vm.hash(&int::from_big(n.to_big()))?,
    };
    Ok(if h == -1 { -2 } else { h })
}

pub(super) fn unhashable(vm: &Vm, v: &Value) -> R<i64> {
    Err(vm.type_error(format!("unhashable type: '{}'", v.ty().tp_name())))
}

pub(super) fn t_call(vm: &Vm, v: &Value, args: Args<'_>) -> R {
    let ty = v.ty();
    let Some(f) = lookup(ty, &names().__call__) else {
        return Err(vm.type_error(format!("'{}' object is not callable", ty.tp_name())));
    };
    if f.ty().has(tflag::METHOD_DESCRIPTOR) {
        return vm.call_prepend(&f, v, args);
    }
    let bound = match f.ty().slots().descr_get {
        Some(get) => get(vm, &f, Some(v), Some(&ty.to_value()))?,
        None => f,
    };
    vm.call_args(&bound, args)
}

/// Whether a slot `call` calls a Python `__call__`.
pub fn is_python_call(f: fn(&Vm, &Value, Args<'_>) -> R) -> bool {
    std::ptr::fn_addr_eq(f, t_call as fn(&Vm, &Value, Args<'_>) -> R)
}

pub(super) fn t_new(vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R {
    let cls_value = cls.to_value();
    let f = vm.get_attr(&cls_value, &names().__new__)?;
    vm.call_prepend(&f, &cls_value, args)
}

pub(super) fn t_init(vm: &Vm, v: &Value, args: Args<'_>) -> R<()> {
    let ty = v.ty();
    let Some(f) = lookup(ty, &names().__init__) else { return Ok(()) };
    let r = if f.ty().has(tflag::METHOD_DESCRIPTOR) {
        vm.call_prepend(&f, v, args)?
    } else {
        let bound = match f.ty().slots().descr_get {
            Some(get) => get(vm, &f, Some(v), Some(&ty.to_value()))?,
            None => f,
        };
        vm.call_args(&bound, args)?
    };
    if !r.is_none() {
        return Err(vm.type_error(format!("__init__() should return None, not '{}'", r.ty().tp_name())));
    }
    Ok(())
}

pub(super) fn t_finalize(vm: &Vm, v: &Value) {
    let Some(f) = lookup(v.ty(), &names().__del__) else { return };
    let r = match f.ty().slots().descr_get {
        Some(get) => get(vm, &f, Some(v), Some(&v.ty().to_value())).and_then(|b| vm.call(&b, &[])),
        None => vm.call(&f, &[]),
    };
    if let Err(e) = r {
        vm.unraisable(e, Some("Exception ignored while calling deallocator"), &f);
    }
}

/// What stands behind `__getattribute__` of a class that did not write one itself.
fn native_getattro(ty: &TypeObject) -> Option<BinaryFn> {
    match lookup(ty, &names().__getattribute__) {
        None => Some(generic_getattr),
        Some(f) => f.downcast_exact::<SlotWrapper>().and_then(|w| w.owner_slots(ty)).and_then(|s| s.getattro),
    }
}

pub(super) fn t_getattro(vm: &Vm, v: &Value, name: &Value) -> R {
    let ty = v.ty();
    let found = match native_getattro(ty) {
        // The usual case: no exception need be made only to be given up for `__getattr__`.
        Some(f) if std::ptr::fn_addr_eq(f, generic_getattr as BinaryFn) => generic_getattr_opt(vm, v, name),
        Some(f) => f(vm, v, name).map(Some),
        None => call1(vm, v, &names().__getattribute__, std::slice::from_ref(name)).map(Some),
    };
    let ty = v.ty();
    match found {
        Ok(Some(x)) => Ok(x),
        Ok(None) => match lookup(ty, &names().__getattr__) {
            Some(_) => call1(vm, v, &names().__getattr__, std::slice::from_ref(name)),
            None => Err(vm.no_attribute(v, name)),
        },
        Err(raised) if vm.raised_is(&exc::ATTRIBUTE_ERROR) && lookup(ty, &names().__getattr__).is_some() => {
            drop(vm.catch(raised));
            call1(vm, v, &names().__getattr__, std::slice::from_ref(name))
        }
        Err(raised) => Err(raised),
    }
}

pub(super) fn t_setattro(vm: &Vm, v: &Value, name: &Value, value: Option<&Value>) -> R<()> {
    let n = names();
    let method = if value.is_some() { &n.__setattr__ } else { &n.__delattr__ };
    if let Some(w) = lookup(v.ty(), method)
        && let Some(w) = w.downcast_exact::<SlotWrapper>()
        && w.owner_is_object()
    {
        return generic_setattr(vm, v, name, value);
    }
    match value {
        Some(x) => call1(vm, v, method, &[name.clone(), x.clone()]).map(drop),
        None => call1(vm, v, method, std::slice::from_ref(name)).map(drop),
    }
}

pub(super) fn t_richcompare(vm: &Vm, a: &Value, b: &Value, op: CmpOp) -> R {
    let n = names();
    let name = [&n.__lt__, &n.__le__, &n.__eq__, &n.__ne__, &n.__gt__, &n.__ge__][op as usize];
    // A method that can't be bound is as good as none here (and only here).
    let bound = match lookup(a.ty(), name) {
        None => return Ok(Value::NOT_IMPLEMENTED),
        Some(f) if f.ty().has(tflag::METHOD_DESCRIPTOR) => return vm.call(&f, &[a.clone(), b.clone()]),
        Some(f) => match f.ty().slots().descr_get {
            None => Ok(f),
            Some(get) => get(vm, &f, Some(a), Some(&a.ty().to_value())),
        },
    };
    match bound {
        Ok(f) => vm.call(&f, std::slice::from_ref(b)),
        Err(raised) => {
            drop(vm.catch(raised));
            Ok(Value::NOT_IMPLEMENTED)
        }
    }
}

pub(super) fn t_descr_get(vm: &Vm, d: &Value, obj: Option<&Value>, cls: Option<&Value>) -> R {
    let args = [obj.cloned().unwrap_or(Value::NONE), cls.cloned().unwrap_or(Value::NONE)];
    // `__get__` is called on the descriptor's type without binding surprises.
    match vm.call_special(d, &names().__get__, &args)? {
        Some(r) => Ok(r),
        None => Ok(d.clone()),
    }
}

pub(super) fn t_descr_set(vm: &Vm, d: &Value, obj: &Value, value: Option<&Value>) -> R<()> {
    let n = names();
    let (name, args) = match value {
        Some(v) => (&n.__set__, vec![obj.clone(), v.clone()]),
        None => (&n.__delete__, vec![obj.clone()]),
    };
    match vm.call_special(d, name, &args)? {
        Some(_) => Ok(()),
        None => Err(vm.raise_msg(&exc::ATTRIBUTE_ERROR, vm.str_lossy(name).as_str())),
    }
}

pub(super) fn t_bool(vm: &Vm, v: &Value) -> R<bool> {
    let r = call1(vm, v, &names().__bool__, &[])?;
    match r.as_bool() {
        Some(b) => Ok(b),
        None => Err(vm.type_error(format!("__bool__ should return bool, returned {}", r.ty().tp_name()))),
    }
}

pub(super) fn t_len(vm: &Vm, v: &Value) -> R<usize> {
    let r = call1(vm, v, &names().__len__, &[])?;
    let n = int::index(vm, &r)?;
    match int::get(&n) {
        Some(n) if n.is_negative() => Err(vm.value_error("__len__() should return >= 0")),
        Some(n) => match n.to_i64() {
            Some(n) => Ok(n as usize),
            None => Err(vm.overflow_error("cannot fit 'int' into an index-sized integer")),
        },
        None => Ok(0),
    }
}

/// Whether a slot `getitem` calls a Python `__getitem__`.
pub fn is_python_getitem(f: BinaryFn) -> bool {
    std::ptr::fn_addr_eq(f, t_getitem as BinaryFn)
}

pub(super) fn t_getitem(vm: &Vm, v: &Value, key: &Value) -> R {
    call1(vm, v, &names().__getitem__, std::slice::from_ref(key))
}

pub(super) fn t_setitem(vm: &Vm, v: &Value, key: &Value, value: Option<&Value>) -> R<()> {
    let n = names();
    let r = match value {
        Some(x) => vm.call_special(v, &n.__setitem__, &[key.clone(), x.clone()])?,
        None => vm.call_special(v, &n.__delitem__, std::slice::from_ref(key))?,
    };
    match r {
        Some(_) => Ok(()),
        None => {
            let absent = if value.is_some() { "__setitem__" } else { "__delitem__" };
            Err(vm.raise_msg(&crate::types::exceptions::ATTRIBUTE_ERROR, absent))
        }
    }
}

pub(super) fn t_contains(vm: &Vm, v: &Value, item: &Value) -> R<bool> {
    if lookup(v.ty(), &names().__contains__).is_some_and(|f| f.is_none()) {
        return Err(vm.type_error(format!("'{}' object is not a container", v.ty().tp_name())));
    }
    let r = call1(vm, v, &names().__contains__, std::slice::from_ref(item))?;
    vm.truth(&r)
}

pub(super) fn t_pow3(vm: &Vm, a: &Value, b: &Value, c: &Value) -> R {
    // Only the left side is asked for three-argument pow through a trampoline, then the right one (3.14).
    let n = names();
    if lookup(a.ty(), &n.__pow__).is_some() {
        let r = maybe(vm, a, &n.__pow__, &[b.clone(), c.clone()])?;
        if !r.is_not_implemented() {
            return Ok(r);
        }
    }
    if lookup(b.ty(), &n.__rpow__).is_some() {
        return maybe(vm, b, &n.__rpow__, &[a.clone(), c.clone()]);
    }
    Ok(Value::NOT_IMPLEMENTED)
}

fn binary(vm: &Vm, a: &Value, b: &Value, op: BinOp) -> R {
    let (ta, tb) = (a.ty(), b.ty());
    let (name, rname, _) = binop_names(op);
    let mine = t_binary(op);
    let same = |t: &TypeObject| t.slots().binary[op as usize].is_some_and(|f| std::ptr::fn_addr_eq(f, mine));
    let mut do_other = !ta.is(tb) && same(tb);
    if same(ta) {
        if do_other && tb.is_subtype_of(ta) && overloaded(ta, tb, rname) {
            let r = maybe(vm, b, rname, std::slice::from_ref(a))?;
            if !r.is_not_implemented() {
                return Ok(r);
            }
            do_other = false;
        }
        let r = method_or_not(vm, a, name, b)?;
        if !r.is_not_implemented() || ta.is(tb) {
            return Ok(r);
        }
    }
    if do_other {
        return method_or_not(vm, b, rname, a);
    }
    Ok(Value::NOT_IMPLEMENTED)
}

fn method_or_not(vm: &Vm, v: &Value, name: &Value, arg: &Value) -> R {
    maybe(vm, v, name, std::slice::from_ref(arg))
}

/// Whether the right type provides a different implementation of the reflected method.
fn overloaded(left: &TypeObject, right: &TypeObject, rname: &Value) -> bool {
    match (lookup(right, rname), lookup(left, rname)) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(b), Some(a)) => !a.is(&b),
    }
}

fn inplace(vm: &Vm, a: &Value, b: &Value, op: BinOp) -> R {
    match binop_names(op).2 {
        Some(name) => method_or_not(vm, a, name, b),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

macro_rules! per_op {
    ($($op:ident $f:ident $g:ident;)*) => {
        $(fn $f(vm: &Vm, a: &Value, b: &Value) -> R { binary(vm, a, b, BinOp::$op) }
        fn $g(vm: &Vm, a: &Value, b: &Value) -> R { inplace(vm, a, b, BinOp::$op) })*
        pub(super) fn t_binary(op: BinOp) -> BinaryFn { const T: [BinaryFn; BINOPS] = [$($f,)*]; T[op as usize] }
        pub(super) fn t_inplace(op: BinOp) -> BinaryFn { const T: [BinaryFn; BINOPS] = [$($g,)*]; T[op as usize] }
    };
}
per_op! {
    Add b_add i_add; Sub b_sub i_sub; Mul b_mul i_mul; TrueDiv b_truediv i_truediv; FloorDiv b_floordiv i_floordiv;
    Mod b_mod i_mod; Pow b_pow i_pow; MatMul b_matmul i_matmul; LShift b_lshift i_lshift; RShift b_rshift i_rshift;
    And b_and i_and; Or b_or i_or; Xor b_xor i_xor; DivMod b_divmod i_divmod;
}
