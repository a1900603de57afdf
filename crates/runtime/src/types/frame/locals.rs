//! The variables of a frame: `locals()`, and the write-through proxy that `f_locals` is (PEP 667).

use super::FrameObject;
use crate::core::{R, Ref, Value};
use crate::types::cell::Cell as CellObject;
use crate::types::dict::Dict;
use crate::types::str::{self, Str};
use crate::types::type_::{CmpOp, TypeObject};
use crate::vm::Vm;

/// The payload of FrameLocalsProxy.
#[derive(taipan_macros::Trace)]
pub struct FrameLocals {
    frame: Ref<FrameObject>,
}

/// Names and registers of a code's variables, in the order of `locals()`.
fn variables(f: &FrameObject) -> Vec<(Value, usize)> {
    let code = &f.code;
    let mut out: Vec<(Value, usize)> = Vec::new();
    let body = code.body();
    for (i, n) in body.varnames.iter().enumerate() {
        out.push((n.clone(), i));
    }
    for (n, r) in &body.cellvars {
        if !out.iter().any(|(m, _)| m.is(n)) {
            out.push((n.clone(), *r as usize));
        }
    }
    for (i, n) in body.freevars.iter().enumerate() {
        out.push((n.clone(), body.free_base as usize + i));
    }
    out
}

fn is_cell_register(f: &FrameObject, r: usize) -> bool {
    let d = f.code.body();
    d.cellvars.iter().any(|(_, c)| *c as usize == r) || (!d.freevars.is_empty() && r >= d.free_base as usize)
}

fn value(vm: &Vm, f: &FrameObject, r: usize) -> Option<Value> {
    let v = f.register(vm, r)?;
    if is_cell_register(f, r)
        && let Some(c) = v.downcast_exact::<CellObject>()
    {
        return c.value.get();
    }
    Some(v)
}

/// A snapshot of the variables, as `locals()` gives it in a function.
pub fn snapshot(vm: &Vm, f: &FrameObject) -> R<Ref<Dict>> {
    let d = Ref::new(Dict::new());
    for (n, r) in variables(f) {
        if let Some(v) = value(vm, f, r) {
            d.set_name(&n, v);
        }
    }
    if let Some(extra) = f.extra_locals.get() {
        d.merge(vm, &extra)?;
    }
    Ok(d)
}

/// `locals()` in the innermost frame.
pub fn locals_of_current(vm: &Vm) -> R {
    let n = vm.stacks.len.get();
    if n == 0 {
        return Err(vm.system_error("frame does not exist"));
    }
    let o = super::object_of(vm, n - 1);
    let Some(f) = o.downcast::<FrameObject>() else { return Err(vm.system_error("frame does not exist")) };
    locals(vm, f)
}

/// `locals()` of a frame: the namespace itself for module and class bodies, else a snapshot.
pub fn locals(vm: &Vm, f: &FrameObject) -> R {
    if let Some(ns) = f.namespace.get() {
        return Ok(ns);
    }
    Ok(snapshot(vm, f)?.into_value())
}

/// `f_locals`: the namespace itself, or a proxy that writes through.
pub(super) fn f_locals(_vm: &Vm, f: &Ref<FrameObject>) -> Value {
    match f.namespace.get() {
        Some(ns) => ns,
        None => Ref::new(FrameLocals { frame: f.clone() }).into_value(),
    }
}

/// The register of the variable that a key names, if it is one's name, or equals one.
///
/// Raises what hashing and comparing raise.
fn find(vm: &Vm, f: &FrameObject, key: &Value) -> R<Option<usize>> {
    if let Some(s) = key.downcast_exact::<Str>() {
        let mut all = variables(f).into_iter();
        return Ok(all.find(|(n, _)| n.downcast::<Str>().is_some_and(|n| n.same_text(s))).map(|(_, r)| r));
    }
    let hash = vm.hash(key)?;
    for (name, r) in variables(f) {
        if vm.hash(&name)? == hash && vm.eq(&name, key)? {
            return Ok(Some(r));
        }
    }
    Ok(None)
}

fn get(vm: &Vm, f: &FrameObject, key: &Value) -> R<Option<Value>> {
    if let Some(r) = find(vm, f, key)?
        && let Some(v) = value(vm, f, r)
    {
        return Ok(Some(v));
    }
    match f.extra_locals.get() {
        Some(d) => d.get(vm, key),
        None => Ok(None),
    }
}

fn set(vm: &Vm, f: &FrameObject, key: &Value, v: Value) -> R<()> {
    if let Some(r) = find(vm, f, key)? {
        if is_cell_register(f, r)
            && let Some(c) = f.register(vm, r)
            && let Some(c) = c.downcast_exact::<CellObject>()
        {
            c.value.set(Some(v));
        } else {
            f.set_register(vm, r, Some(v));
        }
        return Ok(());
    }
    let d = match f.extra_locals.get() {
        Some(d) => d,
        None => {
            let d = Ref::new(Dict::new());
            f.extra_locals.set(Some(d.clone()));
            d
        }
    };
    d.set(vm, key.clone(), v)
}

/// A view of a frame's variables that writes through to them.
#[taipan_macros::class(name = "FrameLocalsProxy", module = "builtins", flags(GC, MAPPING))]
impl FrameLocals {
    #[slot]
    fn new(vm: &Vm, _cls: &TypeObject, args: crate::native::Args<'_>) -> R {
        match args.positional() {
            [f] if args.names.is_empty() => match f.downcast::<FrameObject>() {
                Some(f) => Ok(Ref::new(FrameLocals { frame: f.clone() }).into_value()),
                None => Err(vm.type_error(format!("expect frame, not {}", f.ty().tp_name()))),
            },
            more => Err(vm.type_error(format!("FrameLocalsProxy expected 1 argument, got {}", more.len()))),
        }
    }

    #[slot]
    fn len(vm: &Vm, this: &Ref<FrameLocals>) -> R<usize> {
        Ok(snapshot(vm, &this.frame)?.len())
    }

    #[slot]
    fn getitem(vm: &Vm, this: &Ref<FrameLocals>, key: &Value) -> R {
        match get(vm, &this.frame, key)? {
            Some(v) => Ok(v),
            None => {
                let text = format!("local variable '{}' is not defined", vm.repr_string(key)?);
                Err(vm.raise_msg(&crate::types::exceptions::KEY_ERROR, &text))
            }
        }
    }

    #[slot]
    fn setitem(vm: &Vm, this: &Ref<FrameLocals>, key: &Value, v: Option<&Value>) -> R<()> {
        match v {
            Some(v) => set(vm, &this.frame, key, v.clone()),
            None => {
                if find(vm, &this.frame, key)?.is_some() {
                    return Err(vm.value_error("cannot remove local variables from FrameLocalsProxy"));
                }
                let removed = match this.frame.extra_locals.get() {
                    Some(d) => d.remove(vm, key)?,
                    None => None,
                };
                if removed.is_none() { Err(vm.key_error(key)) } else { Ok(()) }
            }
        }
    }

    #[slot]
    fn contains(vm: &Vm, this: &Ref<FrameLocals>, key: &Value) -> R<bool> {
        Ok(get(vm, &this.frame, key)?.is_some())
    }

    #[slot]
    fn iter(vm: &Vm, this: &Ref<FrameLocals>) -> R {
        let keys = snapshot(vm, &this.frame)?.keys();
        vm.iter(crate::types::list::from_vec(keys).value())
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<FrameLocals>) -> R {
        let text = vm.repr_guard(this.value(), || vm.repr(snapshot(vm, &this.frame)?.value()))?;
        Ok(text.unwrap_or_else(|| str::from_str("{...}")))
    }

    #[slot]
    fn richcompare(vm: &Vm, this: &Ref<FrameLocals>, other: &Value, op: CmpOp) -> R {
        if let Some(o) = other.downcast::<FrameLocals>() {
            let same = this.frame.value().is(o.frame.value());
            return Ok(match op {
                CmpOp::Eq => Value::bool(same),
                CmpOp::Ne => Value::bool(!same),
                _ => Value::NOT_IMPLEMENTED,
            });
        }
        if other.downcast::<Dict>().is_none() {
            return Ok(Value::NOT_IMPLEMENTED);
        }
        vm.compare(snapshot(vm, &this.frame)?.value(), other, op)
    }

    #[slot(binary = Or)]
    fn or(vm: &Vm, a: &Value, b: &Value) -> R {
        let plain = |v: &Value| -> R {
            match v.downcast::<FrameLocals>() {
                Some(l) => Ok(snapshot(vm, &l.frame)?.into_value()),
                None => Ok(v.clone()),
            }
        };
        vm.binary(&plain(a)?, &plain(b)?, crate::types::type_::BinOp::Or)
    }

    #[method(sig = "(key, default=None, /)")]
    fn get(vm: &Vm, this: &Ref<FrameLocals>, key: &Value, default: Option<&Value>) -> R {
        Ok(get(vm, &this.frame, key)?.or_else(|| default.cloned()).unwrap_or(Value::NONE))
    }

    #[method(sig = "()")]
    fn keys(vm: &Vm, this: &Ref<FrameLocals>) -> R {
        Ok(crate::types::list::from_vec(snapshot(vm, &this.frame)?.keys()).into_value())
    }

    #[method(sig = "()")]
    fn values(vm: &Vm, this: &Ref<FrameLocals>) -> R {
        let items = snapshot(vm, &this.frame)?.items();
        Ok(crate::types::list::from_vec(items.into_iter().map(|(_, v)| v).collect()).into_value())
    }

    #[method(sig = "()")]
    fn items(vm: &Vm, this: &Ref<FrameLocals>) -> R {
        let items = snapshot(vm, &this.frame)?.items();
        let pairs = items.into_iter().map(|(k, v)| crate::types::tuple::from_array([k, v]).into_value()).collect();
        Ok(crate::types::list::from_vec(pairs).into_value())
    }

    #[method(sig = "()")]
    fn copy(vm: &Vm, this: &Ref<FrameLocals>) -> R {
        Ok(snapshot(vm, &this.frame)?.into_value())
    }

    #[method(sig = "()")]
    fn __reversed__(vm: &Vm, this: &Ref<FrameLocals>) -> R {
        let mut keys = snapshot(vm, &this.frame)?.keys();
        keys.reverse();
        Ok(crate::types::list::from_vec(keys).into_value())
    }

    #[method(sig = "(other, /)")]
    fn update(vm: &Vm, this: &Ref<FrameLocals>, other: &Value) -> R<()> {
        let items = match (other.downcast::<FrameLocals>(), other.downcast::<Dict>()) {
            (Some(l), _) => snapshot(vm, &l.frame)?.items(),
            (_, Some(d)) => crate::types::dict::copied(vm, d)?.items(),
            _ => return Err(vm.type_error("update() argument must be dict or another FrameLocalsProxy")),
        };
        for (k, v) in items {
            set(vm, &this.frame, &k, v)?;
        }
        Ok(())
    }

    #[method(sig = "(key, default=None, /)")]
    fn setdefault(vm: &Vm, this: &Ref<FrameLocals>, key: &Value, default: Option<&Value>) -> R {
        if let Some(v) = get(vm, &this.frame, key)? {
            return Ok(v);
        }
        let v = default.cloned().unwrap_or(Value::NONE);
        set(vm, &this.frame, key, v.clone())?;
        Ok(v)
    }

    #[method(sig = "(key, default=None, /)")]
    fn pop(vm: &Vm, this: &Ref<FrameLocals>, key: &Value, default: Option<&Value>) -> R {
        if find(vm, &this.frame, key)?.is_some() {
            return Err(vm.value_error("cannot remove local variables from FrameLocalsProxy"));
        }
        let removed = match this.frame.extra_locals.get() {
            Some(d) => d.remove(vm, key)?,
            None => None,
        };
        match removed.or_else(|| default.cloned()) {
            Some(v) => Ok(v),
            None => Err(vm.key_error(key)),
        }
    }
}
