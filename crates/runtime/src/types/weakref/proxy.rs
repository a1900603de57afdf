//! Proxies: they stand for their object in nearly everything that is done with them.

use super::{WeakCore, describe, shared, supported, tie, unsupported};
use crate::core::{R, Raised, Ref, Value};
use crate::native::Args;
use crate::types::type_::{BINOPS, BinOp, BinaryFn, CmpOp, Slots};
use crate::vm::Vm;

/// The payload of ProxyType.
#[derive(taipan_macros::Trace)]
#[repr(C)]
pub struct Proxy {
    pub(super) core: WeakCore,
}

/// The payload of CallableProxyType.
#[derive(taipan_macros::Trace)]
#[repr(C)]
pub struct CallableProxy {
    pub(super) core: WeakCore,
}

/// `weakref.proxy(referent, callback)`
///
/// Raises TypeError for what can't be referred to weakly.
pub fn new_proxy(vm: &Vm, referent: &Value, callback: Option<Value>) -> R {
    if !supported(referent) {
        return Err(unsupported(vm, referent));
    }
    let callback = callback.filter(|c| !c.is_none());
    if referent.ty().slots().call.is_some() {
        if callback.is_none()
            && let Some(p) = shared::<CallableProxy>(vm, referent)
        {
            return Ok(p);
        }
        let p = Ref::new(CallableProxy { core: WeakCore::empty() });
        tie(vm, &p.core, referent, callback);
        return Ok(p.into_value());
    }
    if callback.is_none()
        && let Some(p) = shared::<Proxy>(vm, referent)
    {
        return Ok(p);
    }
    let p = Ref::new(Proxy { core: WeakCore::empty() });
    tie(vm, &p.core, referent, callback);
    Ok(p.into_value())
}

#[cold]
fn gone(vm: &Vm) -> Raised {
    vm.reference_error("weakly-referenced object no longer exists")
}

/// The object behind a proxy; other values stand for themselves.
fn behind(vm: &Vm, v: &Value) -> R {
    let core = match (v.downcast_exact::<Proxy>(), v.downcast_exact::<CallableProxy>()) {
        (Some(p), _) => &p.core,
        (_, Some(p)) => &p.core,
        _ => return Ok(v.clone()),
    };
    core.get().ok_or_else(|| gone(vm))
}

fn binary(vm: &Vm, a: &Value, b: &Value, op: BinOp) -> R {
    let (a, b) = (behind(vm, a)?, behind(vm, b)?);
    vm.binary(&a, &b, op)
}

fn inplace(vm: &Vm, a: &Value, b: &Value, op: BinOp) -> R {
    let (a, b) = (behind(vm, a)?, behind(vm, b)?);
    vm.inplace(&a, &b, op)
}

macro_rules! operators {
    ($($op:ident)*) => {
        const BINARY: [Option<BinaryFn>; BINOPS] =
            [$(Some((|vm: &Vm, a: &Value, b: &Value| binary(vm, a, b, BinOp::$op)) as BinaryFn)),*];
        const INPLACE: [Option<BinaryFn>; BINOPS] =
            [$(Some((|vm: &Vm, a: &Value, b: &Value| inplace(vm, a, b, BinOp::$op)) as BinaryFn)),*];
    };
}
operators!(Add Sub Mul TrueDiv FloorDiv Mod Pow MatMul LShift RShift And Or Xor DivMod);

/// Everything but calls.
const FORWARD: Slots = {
    let mut s = Slots::EMPTY;
    s.binary = BINARY;
    s.inplace = INPLACE;
    s.inplace[BinOp::DivMod as usize] = None;
    s.pow3 = Some(|vm, a, b, c| vm.power(&behind(vm, a)?, &behind(vm, b)?, &behind(vm, c)?));
    s.neg = Some(|vm, v| vm.negative(&behind(vm, v)?));
    s.pos = Some(|vm, v| vm.positive(&behind(vm, v)?));
    s.abs = Some(|vm, v| vm.absolute(&behind(vm, v)?));
    s.invert = Some(|vm, v| vm.invert(&behind(vm, v)?));
    s.bool = Some(|vm, v| vm.truth(&behind(vm, v)?));
    s.int = Some(|vm, v| {
        let v = behind(vm, v)?;
        vm.call(&crate::types::int::INT.value(), std::slice::from_ref(&v))
    });
    s.float = Some(|vm, v| {
        let v = behind(vm, v)?;
        vm.call(&crate::types::float::FLOAT.value(), std::slice::from_ref(&v))
    });
    s.index = Some(|vm, v| crate::types::int::index(vm, &behind(vm, v)?));
    s.str = Some(|vm, v| vm.str(&behind(vm, v)?));
    s.len = Some(|vm, v| vm.len(&behind(vm, v)?));
    s.getitem = Some(|vm, v, key| vm.getitem(&behind(vm, v)?, key));
    s.setitem = Some(|vm, v, key, value| {
        let v = behind(vm, v)?;
        match value {
            Some(x) => vm.setitem(&v, key, x),
            None => vm.delitem(&v, key),
        }
    });
    s.contains = Some(|vm, v, item| vm.contains(&behind(vm, v)?, item));
    s.iter = Some(|vm, v| vm.iter(&behind(vm, v)?));
    s.next = Some(next);
    s.getattro = Some(|vm, v, name| vm.get_attr(&behind(vm, v)?, name));
    s.setattro = Some(|vm, v, name, value| vm.store_attr(&behind(vm, v)?, name, value));
    s.richcompare = Some(compare);
    s
};

fn next(vm: &Vm, v: &Value) -> R<Option<Value>> {
    let v = behind(vm, v)?;
    if v.ty().slots().next.is_none() {
        let of = v.ty().tp_name();
        return Err(vm.type_error(format!("Weakref proxy referenced a non-iterator '{of}' object")));
    }
    vm.next(&v)
}

fn compare(vm: &Vm, a: &Value, b: &Value, op: CmpOp) -> R {
    vm.compare(&behind(vm, a)?, &behind(vm, b)?, op)
}

/// A proxy for an object that can't be called.
#[taipan_macros::class(name = "ProxyType", module = "weakref", slots = FORWARD, flags(GC, NO_NEW))]
impl Proxy {
    #[slot]
    fn repr(vm: &Vm, this: &Ref<Self>) -> R<String> {
        describe(vm, &this.core, "weakproxy", false)
    }

    #[method(sig = "()")]
    fn __bytes__(vm: &Vm, this: &Value) -> R {
        vm.call_method(&behind(vm, this)?, "__bytes__", &[])
    }

    #[method(sig = "()")]
    fn __reversed__(vm: &Vm, this: &Value) -> R {
        vm.call_method(&behind(vm, this)?, "__reversed__", &[])
    }
}

/// A proxy for an object that can be called.
#[taipan_macros::class(name = "CallableProxyType", module = "weakref", slots = FORWARD, flags(GC, NO_NEW))]
impl CallableProxy {
    #[slot]
    fn repr(vm: &Vm, this: &Ref<Self>) -> R<String> {
        describe(vm, &this.core, "weakproxy", false)
    }

    #[slot]
    fn call(vm: &Vm, this: &Value, args: Args<'_>) -> R {
        vm.call_args(&behind(vm, this)?, args)
    }
}
