//! Attributes: the general access, and filling the inline caches.

use taipan_bytecode::{Op, flag};

use super::{Cx, Flow};
use crate::core::{R, Value};

use crate::types::function::Function;
use crate::types::module::Module;
use crate::types::native_fn::{GetSetDescriptor, MemberDescriptor};
use crate::types::property::Property;
use crate::types::type_::{TypeObject, assign_version, lookup, lookup_value, tflag, type_getattr};
use crate::vm::{generic_getattr, generic_setattr, inline_offset_of, instance_get, made_dict, names};

type GetAttr = fn(&crate::vm::Vm, &Value, &Value) -> R;

/// Whether instances use the generic look-up.
fn generic(ty: &TypeObject) -> bool {
    ty.slots().getattro.is_none_or(|f| std::ptr::fn_addr_eq(f, generic_getattr as GetAttr))
}

/// Whether no instance of the type can hide a class attribute of this name, as long as it has no dictionary object.
fn never_hidden(ty: &TypeObject, name: &Value) -> bool {
    if ty.dict_offset.get() == 0 {
        return !ty.has(tflag::HAS_DICT) && !ty.has(tflag::EXC_SUB);
    }
    !ty.keys.borrow().iter().any(|k| k.is(name))
}

/// A method for a call that the cache has no room for, as a borrowed word that the type keeps; 0: the general way must
/// be gone.
#[inline(never)]
pub(in crate::interp) fn method_of(o: &Value, name: &Value) -> u64 {
    let ty = o.ty();
    if !generic(ty) {
        return 0;
    }
    let Some(w) = lookup_value(ty, name) else { return 0 };
    // SAFETY: the type's dictionary owns the word.
    let d = unsafe { crate::interp::warm::value(&w) };
    let hidden = o.header().is_some_and(|h| h.has(crate::vm::DICT_MADE)) || !never_hidden(ty, name);
    if hidden || !d.ty().has(tflag::METHOD_DESCRIPTOR) { 0 } else { w }
}

/// An attribute of an instance that the cache has no room for, as a borrowed word that the instance or its type keeps;
/// 0: the general way must be gone.
#[inline(never)]
pub(in crate::interp) fn attribute_of(o: &Value, name: &Value) -> u64 {
    let ty = o.ty();
    if !generic(ty) || ty.has(tflag::MIXED_SIZES) {
        return 0;
    }
    match lookup_value(ty, name) {
        None => match made_dict(o, ty) {
            // SAFETY: the dictionary owns the value; nothing runs before its word is retained.
            Some(d) => d.find_name(name).and_then(|n| d.value_at(n)).map_or(0, |v| v.raw()),
            None => match inline_offset_of(o, ty, name) {
                // SAFETY: the offset of an inline value.
                Some(offset) => unsafe { *crate::vm::extra_word(o, offset) },
                None => 0,
            },
        },
        Some(w) => {
            // SAFETY: the type's dictionary owns the word.
            let d = unsafe { crate::interp::warm::value(&w) };
            if let Some(m) = d.downcast_exact::<MemberDescriptor>() {
                // SAFETY: a member of this type's instances; zero when it is not set.
                return m.word_of(ty).map_or(0, |offset| unsafe { *crate::vm::extra_word(o, offset) });
            }
            let plain = d.ty().slots().descr_get.is_none() && never_hidden(ty, name) && !o.header().is_some_and(|h| h.has(crate::vm::DICT_MADE));
            if plain { w } else { 0 }
        }
    }
}

fn set_cache(cx: &Cx<'_>, at: usize, op: Op, c0: u64, c1: u64) {
    // SAFETY: the instruction has these cache words.
    unsafe {
        *cx.extra().add(at) = c0;
        *cx.extra().add(at + 1) = c1;
    }
    cx.specialise(op);
}

pub(super) fn load(cx: &Cx<'_>) -> R<Flow> {
    let o = cx.read(cx.w.b())?;
    let name = cx.name(cx.w.c());
    if let Some(flow) = property(cx, o, name)? {
        return Ok(flow);
    }
    let v = cx.vm.get_attr(o, name)?;
    specialise_load(cx, o, name, &v);
    if cx.kills_b() {
        drop(cx.take_opt(cx.w.b()));
    }
    cx.put(cx.w.a(), v);
    Ok(Flow::Next)
}

/// A property whose getter is a Python function: it runs in a frame of this loop, above the caller's registers.
fn property(cx: &Cx<'_>, o: &Value, name: &Value) -> R<Option<Flow>> {
    if !o.is_object() || !generic(o.ty()) {
        return Ok(None);
    }
    let Some(d) = lookup(o.ty(), name) else { return Ok(None) };
    let Some(p) = d.downcast_exact::<Property>() else { return Ok(None) };
    let Some(f) = p.getter.get() else { return Ok(None) };
    let Some(func) = f.downcast_exact::<Function>().filter(|f| f.simple_argc.get() == 1) else { return Ok(None) };
    set_cache(cx, 0, Op::LoadAttrProperty, u64::from(assign_version(o.ty())), func.value().raw());
    let this = cx.take_or_clone(cx.w.b(), flag::KILL_B)?;
    super::calls::enter_above(cx, func, [this], cx.w.a(), Op::LoadAttr.info().extra.words()).map(Some)
}

fn specialise_load(cx: &Cx<'_>, o: &Value, name: &Value, v: &Value) {
    if !o.is_object() {
        return;
    }
    let ty = o.ty();
    if let Some(m) = o.downcast_exact::<Module>() {
        if lookup(ty, name).is_none()
            && let Some(n) = m.dict.find_name(name)
        {
            set_cache(cx, 0, Op::LoadAttrModule, u64::from(m.dict.version()) | (n as u64) << 32, 0);
        }
        return;
    }
    if let Some(class) = o.as_type() {
        let plain = ty.slots().getattro.is_some_and(|f| std::ptr::fn_addr_eq(f, type_getattr as GetAttr));
        // Only what the class itself has, as it is: nothing that is bound, nothing that the metaclass decides.
        if plain && lookup(ty, name).is_none() && lookup(class, name).is_some_and(|d| d.is(v)) {
            set_cache(cx, 0, Op::LoadAttrType, u64::from(assign_version(class)) | u64::from(assign_version(ty)) << 32, v.raw());
        }
        return;
    }
    if !generic(ty) {
        return;
    }
    let on_type = lookup(ty, name);
    match on_type {
        None => {
            if let Some(offset) = inline_offset_of(o, ty, name)
                && offset < 1 << 16
            {
                set_cache(cx, 0, Op::LoadAttrSlot, u64::from(assign_version(ty)) | u64::from(offset) << 32, 0);
            }
        }
        Some(d) => {
            if let Some(m) = d.downcast_exact::<MemberDescriptor>() {
                if m.offset < 1 << 16 {
                    set_cache(cx, 0, Op::LoadAttrSlot, u64::from(assign_version(ty)) | u64::from(m.offset) << 32, 0);
                }
            } else if d.downcast_exact::<GetSetDescriptor>().is_some() {
                set_cache(cx, 0, Op::LoadAttrGetset, u64::from(assign_version(ty)), d.raw());
            } else if d.ty().slots().descr_set.is_none()
                && let Some(offset) = inline_offset_of(o, ty, name)
                && offset < 1 << 16
            {
                // The instance hides what the class has, such as a default.
                set_cache(cx, 0, Op::LoadAttrSlot, u64::from(assign_version(ty)) | u64::from(offset) << 32, 0);
            } else if d.is(v) && d.ty().slots().descr_get.is_none() && never_hidden(ty, name) && !o.header().is_some_and(|h| h.has(crate::vm::DICT_MADE)) {
                set_cache(cx, 0, Op::LoadAttrClass, u64::from(assign_version(ty)), d.raw());
            }
        }
    }
}

pub(super) fn store(cx: &Cx<'_>) -> R<Flow> {
    let o = cx.read(cx.w.a())?;
    let name = cx.name(cx.w.b());
    let v = cx.read(cx.w.c())?;
    cx.vm.store_attr(o, name, Some(v))?;
    if o.is_object() {
        let ty = o.ty();
        let set = ty.slots().setattro;
        let plain = set.is_none_or(|f| std::ptr::fn_addr_eq(f, generic_setattr as fn(&crate::vm::Vm, &Value, &Value, Option<&Value>) -> R<()>));
        if plain
            && let Some(offset) = match lookup(ty, name) {
                None => inline_offset_of(o, ty, name),
                Some(d) => match d.downcast_exact::<MemberDescriptor>() {
                    Some(m) => Some(m.offset),
                    None if d.ty().slots().descr_set.is_some() => None,
                    None => inline_offset_of(o, ty, name),
                },
            }
            && offset < 1 << 16
        {
            set_cache(cx, 0, Op::StoreAttrSlot, u64::from(assign_version(ty)) | u64::from(offset) << 32, 0);
        }
    }
    cx.kill_pair();
    Ok(Flow::Next)
}

impl Cx<'_> {
    /// Gives up operands `c`, then `a`, where this was their last use.
    fn kill_pair(&self) {
        if self.w.flags() & flag::KILL_C != 0 {
            drop(self.take_opt(self.w.c()));
        }
        if self.w.flags() & flag::KILL_A != 0 {
            drop(self.take_opt(self.w.a()));
        }
    }
}

pub(super) fn delete(cx: &Cx<'_>) -> R<Flow> {
    let o = cx.read(cx.w.a())?;
    cx.vm.del_attr(o, cx.name(cx.w.b()))?;
    if cx.w.flags() & flag::KILL_A != 0 {
        drop(cx.take_opt(cx.w.a()));
    }
    Ok(Flow::Next)
}

/// What a method look-up gave: an unbound function that wants `self`, or an ordinary attribute.
pub(super) enum Method {
    Unbound(Value),
    Bound(Value),
}

/// Looks `o.name` up for a call, without making a bound method where that can be seen by nobody.
/// Fills the cache at word `at` with `op`.
pub(super) fn find_method(cx: &Cx<'_>, o: &Value, name: &Value, at: usize, op: Option<Op>) -> R<Method> {
    let ty = o.ty();
    if !generic(ty) {
        return cx.vm.get_attr(o, name).map(Method::Bound);
    }
    let Some(d) = lookup(ty, name) else {
        return match instance_get(o, ty, name) {
            Some(v) => Ok(Method::Bound(v)),
            None => Err(cx.vm.no_attribute(o, name)),
        };
    };
    if !d.ty().has(tflag::METHOD_DESCRIPTOR) {
        return cx.vm.get_attr(o, name).map(Method::Bound);
    }
    if let Some(v) = instance_get(o, ty, name) {
        return Ok(Method::Bound(v));
    }
    if let Some(op) = op
        && o.is_object()
        && never_hidden(ty, name)
        && made_dict(o, ty).is_none()
    {
        set_cache(cx, at, op, u64::from(assign_version(ty)), d.raw());
    }
    Ok(Method::Unbound(d))
}

pub(super) fn load_method(cx: &Cx<'_>) -> R<Flow> {
    let o = cx.read(cx.w.b())?;
    let name = cx.name(cx.w.c());
    let found = find_method(cx, o, name, 0, Some(Op::LoadMethodCached))?;
    let this = cx.take_or_clone(cx.w.b(), flag::KILL_B)?;
    put_pair(cx, cx.w.a(), found, this);
    Ok(Flow::Next)
}

fn put_pair(cx: &Cx<'_>, a: usize, found: Method, this: Value) {
    match found {
        Method::Unbound(f) => {
            cx.put(a, f);
            cx.put(a + 1, this);
        }
        Method::Bound(v) => {
            drop(this);
            cx.put(a, v);
            drop(cx.take_opt(a + 1));
        }
    }
}

pub(super) fn load_super(cx: &Cx<'_>, op: Op) -> R<Flow> {
    let b = cx.w.b();
    let (sup, cls, this) = (cx.take(b)?, cx.take(b + 1)?, cx.take(b + 2)?);
    let name = cx.name(cx.w.c());
    let found = crate::types::super_::lookup_attr(cx.vm, &sup, &cls, &this, name, op == Op::LoadSuperMethod, cx.w.flags() & flag::METHOD != 0)?;
    if op == Op::LoadSuperMethod {
        match found {
            (f, true) => put_pair(cx, cx.w.a(), Method::Unbound(f), this),
            (f, false) => put_pair(cx, cx.w.a(), Method::Bound(f), this),
        }
    } else {
        cx.put(cx.w.a(), found.0);
    }
    Ok(Flow::Next)
}

pub(super) fn load_special(cx: &Cx<'_>) -> R<Flow> {
    let n = names();
    let o = cx.read(cx.w.b())?;
    let name = match cx.w.c() {
        0 => &n.__enter__,
        1 => &n.__exit__,
        2 => &n.__aenter__,
        _ => &n.__aexit__,
    };
    let ty = o.ty();
    let Some(d) = lookup(ty, name) else { return Err(no_context_manager(cx, ty)) };
    let found = if d.ty().has(tflag::METHOD_DESCRIPTOR) {
        Method::Unbound(d)
    } else {
        match d.ty().slots().descr_get {
            Some(get) => Method::Bound(get(cx.vm, &d, Some(o), Some(&ty.to_value()))?),
            None => Method::Bound(d),
        }
    };
    let this = cx.take_or_clone(cx.w.b(), flag::KILL_B)?;
    put_pair(cx, cx.w.a(), found, this);
    Ok(Flow::Next)
}

#[cold]
fn no_context_manager(cx: &Cx<'_>, ty: &TypeObject) -> crate::core::Raised {
    let n = names();
    let asynchronous = cx.w.c() >= 2;
    let has = |name: &Value| lookup(ty, name).is_some();
    let (kind, other_kind, other) = if asynchronous {
        ("asynchronous context manager", "with", has(&n.__enter__) && has(&n.__exit__))
    } else {
        ("context manager", "async with", has(&n.__aenter__) && has(&n.__aexit__))
    };
    let missing = ["__enter__", "__exit__", "__aenter__", "__aexit__"][cx.w.c().min(3)];
    let base = format!("'{}' object does not support the {kind} protocol", ty.tp_name());
    cx.vm.type_error(if other {
        format!("{base} (missed {missing} method) but it supports the {} protocol. Did you mean to use '{other_kind}'?", if asynchronous { "context manager" } else { "asynchronous context manager" })
    } else {
        format!("{base} (missed {missing} method)")
    })
}

