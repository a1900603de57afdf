//! Weak references and proxies. The interpreter's table knows which ones an object has (see `vm::weak`).

mod proxy;

use std::cell::Cell;

use taipan_memory::{Header, Tracer};

pub use self::proxy::{CallableProxy, Proxy, new_proxy};
use crate::core::{Payload, PyCell, R, Ref, Trace, Value};
use crate::native::{Args, TypeDef};
use crate::types::generic_alias;
use crate::types::str::Str;
use crate::types::type_::{CmpOp, TypeObject, tflag};
use crate::vm::{Vm, names, try_current};

/// The types of this room.
pub const TYPES: &[&TypeDef] = &[WeakRef::DEF, Proxy::DEF, CallableProxy::DEF];

/// What weak references and proxies are made of; the first thing in their payloads.
///
/// Invariant: while `referent` is not null, the object stands in the interpreter's table under that address.
pub struct WeakCore {
    referent: Cell<*const Header>,
    callback: PyCell<Option<Value>>,
}

impl WeakCore {
    const fn empty() -> Self {
        Self { referent: Cell::new(std::ptr::null()), callback: PyCell::new(None) }
    }

    /// The object, while it is alive.
    #[inline]
    pub fn get(&self) -> Option<Value> {
        let h = self.referent.get();
        if h.is_null() {
            return None;
        }
        // SAFETY: the pointer is taken away before the object's memory is. A count of zero: it waits for its end.
        unsafe {
            if (*h).count() == 0 {
                return None;
            }
            (*h).retain();
            Some(Value::from_raw(h.expose_provenance() as u64))
        }
    }

    /// The callback.
    pub fn callback(&self) -> Option<Value> {
        self.callback.get()
    }

    /// Forgets the object, which has left the table already; gives the callback.
    pub fn clear(&self) -> Option<Value> {
        self.referent.set(std::ptr::null());
        self.callback.take()
    }

    /// The header of the object that this is the payload of.
    fn header(&self) -> *const Header {
        std::ptr::from_ref(self).cast::<u8>().wrapping_sub(size_of::<Header>()).cast()
    }

    /// Leaves the table.
    fn unlink(&self) {
        let referent = self.referent.replace(std::ptr::null());
        if !referent.is_null()
            && let Some(vm) = try_current()
        {
            // SAFETY: the invariant: referent and weak reference are live objects.
            unsafe { vm.interp().weakrefs.remove(&*referent, &*self.header()) };
        }
    }
}

impl Trace for WeakCore {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.callback.trace(tracer);
    }

    fn clear(&self, out: &mut Vec<Value>) {
        self.unlink();
        Trace::clear(&self.callback, out);
    }
}

impl Drop for WeakCore {
    fn drop(&mut self) {
        self.unlink();
    }
}

/// The payload of ref.
#[derive(taipan_macros::Trace)]
#[repr(C)]
pub struct WeakRef {
    core: WeakCore,
    hash: Cell<i64>,
}

/// The common part of a weak reference or proxy.
#[inline]
pub fn core(v: &Value) -> Option<&WeakCore> {
    if let Some(r) = v.downcast::<WeakRef>() {
        return Some(&r.core);
    }
    if let Some(p) = v.downcast_exact::<Proxy>() {
        return Some(&p.core);
    }
    v.downcast_exact::<CallableProxy>().map(|p| &p.core)
}

/// Forgets the referent of a weak reference that is being deallocated.
///
/// # Safety
/// `weak` is a weak reference or proxy whose payload was not dropped yet.
pub(crate) unsafe fn detach_dying(weak: *const Header) {
    // SAFETY: the payload starts with the common part, right behind the header.
    unsafe { (*weak.add(1).cast::<WeakCore>()).referent.set(std::ptr::null()) };
}

/// Whether there can be weak references to a value.
pub fn supported(v: &Value) -> bool {
    v.is_object() && v.ty().has(tflag::HAS_WEAKREF)
}

#[cold]
fn unsupported(vm: &Vm, v: &Value) -> crate::core::Raised {
    vm.type_error(format!("cannot create weak reference to '{}' object", v.ty().tp_name()))
}

/// All weak references and proxies of an object: the plain reference, the plain proxy, then the newest first.
pub fn list(vm: &Vm, v: &Value) -> Vec<Value> {
    let mut all = v.header().map_or_else(Vec::new, |h| vm.interp().weakrefs.of(h));
    all.reverse();
    all.sort_by_key(|r| match core(r) {
        Some(c) if c.callback.borrow().is_some() => 2,
        _ if r.downcast_exact::<WeakRef>().is_some() => 0,
        _ if r.downcast::<WeakRef>().is_none() => 1,
        _ => 2,
    });
    all
}

/// How many weak references and proxies an object has.
pub fn count(vm: &Vm, v: &Value) -> usize {
    list(vm, v).len()
}

/// Whether a value is a weak reference or proxy whose object is gone.
pub fn is_dead(v: &Value) -> bool {
    core(v).is_some_and(|c| c.get().is_none())
}

/// A weak reference of exactly the builtin class without a callback, or a proxy without one: there is never a second.
fn shared<T: Payload>(vm: &Vm, referent: &Value) -> Option<Value> {
    let fits = |r: &Value| r.downcast_exact::<T>().is_some() && core(r).is_some_and(|c| c.callback.borrow().is_none());
    vm.interp().weakrefs.find(referent.header()?, fits)
}

/// Ties a new weak reference to its object.
fn tie(vm: &Vm, core: &WeakCore, referent: &Value, callback: Option<Value>) {
    let Some(h) = referent.header() else { return };
    core.callback.set(callback);
    core.referent.set(h);
    // SAFETY: the core stands in an object.
    unsafe { vm.interp().weakrefs.add(h, &*core.header()) };
}

/// `ref(referent, callback)`
///
/// Raises TypeError for what can't be referred to weakly.
pub fn new_ref(vm: &Vm, cls: &TypeObject, referent: &Value, callback: Option<Value>) -> R {
    if !supported(referent) {
        return Err(unsupported(vm, referent));
    }
    let callback = callback.filter(|c| !c.is_none());
    if callback.is_none()
        && cls.is(WeakRef::TYPE.get())
        && let Some(r) = shared::<WeakRef>(vm, referent)
    {
        return Ok(r);
    }
    let r = Ref::new_of(cls, WeakRef { core: WeakCore::empty(), hash: Cell::new(-1) });
    tie(vm, &r.core, referent, callback);
    Ok(r.into_value())
}

fn init_args<'a>(vm: &Vm, name: &str, args: Args<'a>) -> R<(&'a Value, Option<&'a Value>)> {
    match args.positional() {
        [v] => Ok((v, None)),
        [v, callback] => Ok((v, Some(callback))),
        [] => Err(vm.type_error(format!("{name} expected at least 1 argument, got 0"))),
        more => Err(vm.type_error(format!("{name} expected at most 2 arguments, got {}", more.len()))),
    }
}

/// What the repr of a weak reference says of its object.
fn describe(vm: &Vm, core: &WeakCore, what: &str, named: bool) -> R<String> {
    let at = core.header().addr();
    let Some(v) = core.get() else { return Ok(format!("<{what} at {at:#x}; dead>")) };
    let name = if named { vm.lookup_special(&v, &names().__name__)? } else { None };
    let name = match name.as_ref().and_then(|n| n.downcast::<Str>()) {
        Some(n) => format!(" ({})", n.to_string_lossy()),
        None => String::new(),
    };
    Ok(format!("<{what} at {at:#x}; to '{}' at {:#x}{name}>", v.ty().full_name(), v.id()))
}

/// A weak reference: calling it gives the object, or None once the object is gone.
#[taipan_macros::class(
    name = "ReferenceType",
    module = "weakref",
    flags(BASETYPE, GC),
    sig = "(object, callback=None, /)"
)]
impl WeakRef {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R {
        let (referent, callback) = init_args(vm, "__new__", args)?;
        new_ref(vm, cls, referent, callback.cloned())
    }

    #[slot]
    fn init(vm: &Vm, _this: &Ref<Self>, args: Args<'_>) -> R<()> {
        if !args.names.is_empty() {
            return Err(vm.type_error("ref() takes no keyword arguments"));
        }
        init_args(vm, "__init__", args).map(drop)
    }

    #[slot]
    fn call(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        if !args.names.is_empty() {
            return Err(vm.type_error("weakref() takes no keyword arguments"));
        }
        match args.all.len() {
            0 => Ok(this.core.get().unwrap_or(Value::NONE)),
            n => Err(vm.type_error(format!("weakref expected 0 arguments, got {n}"))),
        }
    }

    #[slot]
    fn hash(vm: &Vm, this: &Ref<Self>) -> R<i64> {
        if this.hash.get() != -1 {
            return Ok(this.hash.get());
        }
        let Some(v) = this.core.get() else { return Err(vm.type_error("weak object has gone away")) };
        let h = vm.hash(&v)?;
        this.hash.set(h);
        Ok(h)
    }

    #[slot]
    fn richcompare(vm: &Vm, this: &Ref<Self>, other: &Value, op: CmpOp) -> R {
        let Some(o) = other.downcast::<WeakRef>() else { return Ok(Value::NOT_IMPLEMENTED) };
        if !matches!(op, CmpOp::Eq | CmpOp::Ne) {
            return Ok(Value::NOT_IMPLEMENTED);
        }
        match (this.core.get(), o.core.get()) {
            (Some(a), Some(b)) => vm.compare(&a, &b, op),
            _ => Ok(Value::bool(this.value().is(other) == (op == CmpOp::Eq))),
        }
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Self>) -> R<String> {
        describe(vm, &this.core, "weakref", true)
    }

    #[getter(member)]
    fn __callback__(_vm: &Vm, this: &Ref<Self>) -> Option<Value> {
        this.core.callback.get()
    }

    /// See PEP 585
    #[classmethod(sig = "(object, /)")]
    fn __class_getitem__(vm: &Vm, cls: &TypeObject, object: &Value) -> R {
        generic_alias::new(vm, cls.to_value(), object.clone())
    }
}
