//! Attribute access: the generic algorithms over types, inline values and instance dictionaries.

use std::cell::UnsafeCell;

use super::{Vm, names};
use crate::core::{R, Ref, Value};
use crate::types::dict::{Dict, Same};
use crate::types::str::Str;
use crate::types::type_::{DictOp, TypeObject, lookup, tflag};

/// Attributes looked up on types, by type version and name.
pub struct MethodCache {
    entries: UnsafeCell<Box<[CacheEntry]>>,
}

#[derive(Clone, Copy)]
struct CacheEntry {
    version: u32,
    name: u64,
    /// A borrowed word, or 0 for "not there": the type's version vouches for it.
    value: u64,
}

const CACHE_SIZE: usize = 1024;

impl MethodCache {
    pub(super) fn new() -> Self {
        Self { entries: UnsafeCell::new(vec![CacheEntry { version: 0, name: 0, value: 0 }; CACHE_SIZE].into()) }
    }

    #[inline(always)]
    fn slot(version: u32, name: u64) -> usize {
        (version as usize ^ (name >> 4) as usize) & (CACHE_SIZE - 1)
    }

    /// `Some(word)` if the lookup was done before; word 0 means that the name is not there.
    #[inline(always)]
    pub fn get(&self, version: u32, name: u64) -> Option<u64> {
        // SAFETY: under the GIL; entries are plain words.
        let e = unsafe { (&*self.entries.get()).get_unchecked(Self::slot(version, name)) };
        if e.version == version && e.name == name { Some(e.value) } else { None }
    }

    /// Forgets everything.
    pub fn clear(&self) {
        // SAFETY: as `get`.
        unsafe { (*self.entries.get()).fill(CacheEntry { version: 0, name: 0, value: 0 }) };
    }

    /// Remembers a lookup of an interned name.
    pub fn put(&self, version: u32, name: u64, value: u64) {
        // SAFETY: as `get`.
        unsafe { (&mut *self.entries.get())[Self::slot(version, name)] = CacheEntry { version, name, value } };
    }
}

/// The word at an offset of an instance.
///
/// # Safety
/// `offset` lies within the extra words of the object's type.
#[inline(always)]
pub(crate) unsafe fn extra_word(v: &Value, offset: u32) -> *mut u64 {
    // SAFETY: the caller.
    unsafe { std::ptr::with_exposed_provenance_mut::<u8>(v.raw() as usize).add(offset as usize).cast() }
}

/// How many inline values an instance has set: kept in the header's user bits, so that insertion order
/// is the order of the keys.
const COUNT_SHIFT: u32 = taipan_memory::flags::USER_SHIFT;
const COUNT_MASK: u32 = 0xff << COUNT_SHIFT;

#[inline(always)]
fn inline_count(v: &Value) -> u32 {
    v.header().map_or(0, |h| (h.flags() & COUNT_MASK) >> COUNT_SHIFT)
}

fn set_inline_count(v: &Value, n: u32) {
    if let Some(h) = v.header() {
        h.unset(COUNT_MASK);
        h.set(n << COUNT_SHIFT);
    }
}

/// The instance dictionary if it was already made.
#[inline]
pub(crate) fn made_dict<'a>(v: &'a Value, ty: &TypeObject) -> Option<&'a Ref<Dict>> {
    let offset = ty.dict_offset.get();
    if offset == 0 {
        return None;
    }
    // SAFETY: the dict slot is an extra word that is zero or an owned dict.
    unsafe {
        let slot = extra_word(v, offset);
        if *slot == 0 { None } else { Some((*slot.cast::<Value>()).downcast_unchecked::<Dict>()) }
    }
}

/// The instance dictionary, made from the inline values if need be; `None` if instances have none.
pub fn instance_dict(v: &Value) -> Option<Ref<Dict>> {
    if !v.is_object() {
        return None;
    }
    let ty = v.ty();
    if ty.dict_offset.get() == 0 {
        return native_dict(v);
    }
    if let Some(d) = made_dict(v, ty) {
        return Some(d.clone());
    }
    let d = Ref::new(Dict::new());
    let keys = ty.keys.borrow().clone();
    for (key, word) in keys.iter().zip(take_inline(v, ty)) {
        if let Some(x) = word {
            d.set_name(key, x);
        }
    }
    // SAFETY: the slot is empty; it takes over the new count.
    unsafe { *extra_word(v, ty.dict_offset.get()) = d.clone().into_value().into_raw() };
    Some(d)
}

/// The instance's attributes, for a look at all of them: its dictionary if it was made, else a new one.
pub(crate) fn dict_snapshot(v: &Value) -> Option<Ref<Dict>> {
    let ty = v.ty();
    let inline = ty.dict_offset.get() != 0 && v.header().is_some_and(|h| !h.has(DICT_MADE));
    if !inline {
        return instance_dict(v);
    }
    let d = Ref::new(Dict::new());
    let keys = ty.keys.borrow();
    for (i, key) in keys.iter().enumerate().take(inline_count(v) as usize) {
        // SAFETY: as in `take_inline`.
        unsafe {
            let word = extra_word(v, ty.inline_offset.get() + 8 * i as u32);
            if *word != 0 {
                d.set_name(key, (*word.cast::<Value>()).clone());
            }
        }
    }
    Some(d)
}

/// Takes the inline values out, in the order of the keys; from now on the instance has a dictionary object, or
/// none yet.
fn take_inline(v: &Value, ty: &TypeObject) -> Vec<Option<Value>> {
    let Some(h) = v.header() else { return Vec::new() };
    let n = if h.has(DICT_MADE) { 0 } else { inline_count(v) };
    let values = (0..n).map(|i| {
        // SAFETY: `n` is at most the number of inline values; a word that is not zero is owned.
        unsafe {
            let word = std::mem::take(&mut *extra_word(v, ty.inline_offset.get() + 8 * i));
            if word == 0 { None } else { Some(Value::from_raw(word)) }
        }
    });
    let values = values.collect();
    set_inline_count(v, 0);
    h.set(DICT_MADE);
    values
}

/// Gives an instance another dictionary (`None`: a new one when somebody asks). False if instances have none.
pub(crate) fn set_instance_dict(v: &Value, dict: Option<Ref<Dict>>) -> bool {
    if !v.is_object() {
        return false;
    }
    let ty = v.ty();
    if ty.dict_offset.get() == 0 {
        let Some(f) = ty.slots().dict else { return false };
        let op = dict.map_or(DictOp::Delete, DictOp::Set);
        drop(f(super::current(), v, op));
        return true;
    }
    let values = take_inline(v, ty);
    let new = dict.map_or(0, |d| d.into_value().into_raw());
    // SAFETY: the slot is zero or owns a dict, which moves out.
    let old = unsafe { std::mem::replace(&mut *extra_word(v, ty.dict_offset.get()), new) };
    drop(values);
    if old != 0 {
        // SAFETY: as above.
        drop(unsafe { Value::from_raw(old) });
    }
    true
}

/// Where the words that an instance owns behind its payload end. One whose values moved into a dictionary has no
/// inline values, and after an assignment to `__class__` perhaps no room for them.
#[inline(always)]
pub(crate) fn extra_end(h: &taipan_memory::Header, ty: &TypeObject) -> usize {
    if h.has(DICT_MADE) && ty.inline_offset.get() != 0 { ty.inline_offset.get() as usize } else { ty.size.get() as usize }
}

/// The namespace that a native object keeps in its payload, made if need be.
fn native_dict(v: &Value) -> Option<Ref<Dict>> {
    v.ty().slots().dict.and_then(|f| f(super::current(), v, DictOp::Make))
}

/// A name in the namespace of a native object.
fn native_get(v: &Value, name: &Value) -> Option<Value> {
    match v.ty().slots().dict {
        Some(f) => f(super::current(), v, DictOp::Get)?.get_name(name),
        // `object.__getattribute__(cls, name)`: the class's own namespace, as it is.
        None => v.as_type()?.dict.get_name(name),
    }
}

/// A name in an instance's dictionary, where keys that are no str may claim to equal it.
#[inline]
fn dict_get(d: &Ref<Dict>, name: &Value) -> Option<Value> {
    // SAFETY: names are str objects.
    let s = unsafe { name.downcast_unchecked::<Str>() };
    let found = d.table().borrow().search(s.hash(), |k| {
        if k.is(name) {
            return Same::Yes;
        }
        match k.downcast::<Str>() {
            Some(other) => Same::sure(other.same_text(s)),
            None if k.is_object() => Same::Ask,
            None => Same::No,
        }
    });
    match found {
        Ok(n) => d.value_at(n?),
        Err(()) => {
            let vm = super::current();
            d.get(vm, name).unwrap_or_else(|raised| {
                drop(vm.catch(raised));
                None
            })
        }
    }
}

/// The attribute in the instance itself, past the type.
#[inline]
pub(crate) fn instance_get(v: &Value, ty: &TypeObject, name: &Value) -> Option<Value> {
    if ty.dict_offset.get() == 0 {
        return if v.is_object() { native_get(v, name) } else { None };
    }
    if let Some(d) = made_dict(v, ty) {
        return dict_get(d, name);
    }
    let n = inline_count(v) as usize;
    let i = ty.keys.borrow().iter().take(n).position(|k| k.is(name))?;
    // SAFETY: `i` is below the number of inline values.
    unsafe {
        let word = extra_word(v, ty.inline_offset.get() + 8 * i as u32);
        if *word == 0 { None } else { Some((*word.cast::<Value>()).clone()) }
    }
}

/// Sets an attribute in the instance itself. False if instances have no namespace.
pub fn instance_set(v: &Value, ty: &TypeObject, name: &Value, value: &Value) -> bool {
    if ty.dict_offset.get() != 0 && v.header().is_some_and(|h| !h.has(DICT_MADE)) {
        let n = inline_count(v);
        let known = ty.keys.borrow().iter().position(|k| k.is(name));
        let index = match known {
            Some(i) if (i as u32) < n => Some((i, false)),
            Some(i) if i as u32 == n => Some((i, true)),
            None if ty.keys.borrow().len() as u32 == n && n < ty.inline_cap.get() && is_interned(name) => {
                let i = n as usize;
                ty.keys.borrow_mut().push(name.clone());
                if lookup(ty, name).is_some() {
                    // Caches that saw the class's attribute must notice that instances now hide it.
                    crate::types::type_::modified(ty);
                }
                Some((i, true))
            }
            _ => None,
        };
        if let Some((i, new)) = index {
            if new {
                set_inline_count(v, n + 1);
            }
            // SAFETY: `i` is below the number of inline values; a word that is not zero is owned.
            unsafe {
                let word = extra_word(v, ty.inline_offset.get() + 8 * i as u32);
                let old = std::mem::replace(&mut *word, value.clone().into_raw());
                if old != 0 {
                    drop(Value::from_raw(old));
                }
            }
            return true;
        }
    }
    match instance_dict(v) {
        Some(d) => {
            d.set_name(name, value.clone());
            true
        }
        None => false,
    }
}

fn is_interned(name: &Value) -> bool {
    name.downcast::<Str>().is_some_and(|s| s.is_interned())
}

/// A new instance of a class that brings no payload of its own, with values for the first of its class's keys, in
/// their order: what a constructor that sets them one by one makes, without the looks at names.
pub fn new_with_values<const N: usize>(cls: &TypeObject, values: [Value; N]) -> Value {
    let v = crate::types::object::new_instance(cls);
    if cls.dict_offset.get() == 0 || (cls.inline_cap.get() as usize) < N || cls.keys.borrow().len() < N {
        return v;
    }
    set_inline_count(&v, N as u32);
    let first = cls.inline_offset.get();
    for (i, x) in values.into_iter().enumerate() {
        // SAFETY: there is room for `N` inline values; a new instance's are empty, and each takes over a count.
        unsafe { *extra_word(&v, first + 8 * i as u32) = x.into_raw() };
    }
    v
}

/// A new instance of a class that brings no payload of its own, with values for its members (`__slots__`) in the
/// order of the class's list of them; `None` if that has not `N`, one behind the other.
pub fn new_with_members<const N: usize>(cls: &TypeObject, values: [Value; N]) -> Option<Value> {
    let first = {
        let members = cls.members.borrow();
        let first = members.first()?.1;
        if members.len() != N || members.iter().zip(0u32..).any(|(m, i)| m.1 != first + 8 * i) {
            return None;
        }
        first
    };
    let v = crate::types::object::new_instance(cls);
    for (x, i) in values.into_iter().zip(0u32..) {
        // SAFETY: the offset is a member's; a new instance's words are empty, and each takes over a count.
        unsafe { *extra_word(&v, first + 8 * i) = x.into_raw() };
    }
    Some(v)
}

/// The dictionary in which an instance's attributes stand, if one was made: else they are inline values.
pub fn existing_dict(v: &Value) -> Option<&Ref<Dict>> {
    if v.is_object() { made_dict(v, v.ty()) } else { None }
}

/// The value of a class's key, by its index, if it is set in the instance and still stands there.
pub fn value_of_key(v: &Value, ty: &TypeObject, i: usize) -> Option<Value> {
    if ty.inline_offset.get() == 0 || v.header().is_none_or(|h| h.has(DICT_MADE)) || i >= inline_count(v) as usize {
        return None;
    }
    // SAFETY: `i` is below the number of inline values.
    unsafe {
        let word = extra_word(v, ty.inline_offset.get() + 8 * i as u32);
        if *word == 0 { None } else { Some((*word.cast::<Value>()).clone()) }
    }
}

/// Where the inline value of a name is, for the caches: its byte offset.
pub(crate) fn inline_offset_of(v: &Value, ty: &TypeObject, name: &Value) -> Option<u32> {
    if ty.dict_offset.get() == 0 || ty.has(tflag::MIXED_SIZES) || made_dict(v, ty).is_some() {
        return None;
    }
    let n = inline_count(v) as usize;
    let i = ty.keys.borrow().iter().take(n).position(|k| k.is(name))?;
    Some(ty.inline_offset.get() + 8 * i as u32)
}

/// Stores into the inline value at `offset` while the cached type version holds: an old value is
/// replaced; a new one is set only if it is the next in order (or a member). Err: the general way must be gone.
///
/// # Safety
/// `offset` is that of an inline value or a member of the object's type, whose inline values start at `first`.
#[inline(always)]
pub(crate) unsafe fn store_inline(h: &taipan_memory::Header, object: u64, offset: u32, first: u32, value: u64) -> Result<u64, ()> {
    // SAFETY: the caller.
    unsafe {
        let word = std::ptr::with_exposed_provenance_mut::<u8>(object as usize).add(offset as usize).cast::<u64>();
        let old = *word;
        // Members of `__slots__` stand before the inline values and have no order.
        if old == 0 && first != 0 && offset >= first {
            let bits = h.flags();
            let n = (bits & COUNT_MASK) >> COUNT_SHIFT;
            if offset != first + 8 * n || h.has(DICT_MADE) {
                return Err(());
            }
            h.unset(COUNT_MASK);
            h.set((n + 1) << COUNT_SHIFT);
        }
        *word = value;
        Ok(old)
    }
}

/// Header flag of a class's namespace: caches hold borrowed words of it, so Python code never gets hold of the dict
/// itself, only of proxies and copies.
const HIDDEN: u32 = 1 << (taipan_memory::flags::USER_SHIFT + 9);

/// Marks a class's namespace.
pub(crate) fn hide(dict: &Ref<Dict>) {
    dict.header().set(HIDDEN);
}

/// Whether an object is one that Python code must not get hold of.
pub fn is_hidden(h: &taipan_memory::Header) -> bool {
    // The same bit may mean something else for instances with inline values.
    h.has(HIDDEN) && std::ptr::eq(h.ty().cast::<TypeObject>(), <Dict as crate::core::Payload>::TYPE.ptr())
}

/// Header flag: the instance has a dictionary object (set with the slot).
pub(crate) const DICT_MADE: u32 = 1 << (taipan_memory::flags::USER_SHIFT + 8);

/// `object.__getattribute__`: data descriptors of the type, the instance, other attributes of the type.
pub fn generic_getattr(vm: &Vm, v: &Value, name: &Value) -> R {
    match generic_getattr_opt(vm, v, name)? {
        Some(x) => Ok(x),
        None => Err(vm.no_attribute(v, name)),
    }
}

/// As [`generic_getattr`], with `None` for what is not there.
pub fn generic_getattr_opt(vm: &Vm, v: &Value, name: &Value) -> R<Option<Value>> {
    let ty = v.ty();
    let on_type = lookup(ty, name);
    if let Some(d) = &on_type
        && d.is_object()
    {
        let slots = d.ty().slots();
        if slots.descr_set.is_some()
            && let Some(get) = slots.descr_get
        {
            return attribute(vm, get(vm, d, Some(v), Some(&ty.to_value())));
        }
    }
    if let Some(x) = instance_get(v, ty, name) {
        return Ok(Some(x));
    }
    match on_type {
        Some(d) => match d.ty().slots().descr_get {
            Some(get) => attribute(vm, get(vm, &d, Some(v), Some(&ty.to_value()))),
            None => Ok(Some(d)),
        },
        None => Ok(None),
    }
}

#[inline(always)]
fn attribute(_vm: &Vm, r: R) -> R<Option<Value>> {
    r.map(Some)
}

/// `object.__setattr__` and `__delattr__` (`None`).
pub fn generic_setattr(vm: &Vm, v: &Value, name: &Value, value: Option<&Value>) -> R<()> {
    let ty = v.ty();
    let on_type = lookup(ty, name);
    if let Some(d) = &on_type
        && let Some(set) = d.ty().slots().descr_set
    {
        return set(vm, d, v, value);
    }
    match value {
        Some(x) => {
            if v.is_object() && instance_set(v, ty, name, x) {
                return Ok(());
            }
        }
        None => {
            if let Some(d) = v.is_object().then(|| instance_dict(v)).flatten() {
                return match d.remove_name(name) {
                    Some(_) => Ok(()),
                    None => Err(vm.no_attribute(v, name)),
                };
            }
        }
    }
    let shown = vm.str_lossy(name);
    Err(if on_type.is_some() {
        vm.attribute_error(v, name, format!("'{}' object attribute '{shown}' is read-only", ty.tp_name()))
    } else {
        let why = "and no __dict__ for setting new attributes";
        vm.attribute_error(v, name, format!("'{}' object has no attribute '{shown}' {why}", ty.tp_name()))
    })
}

impl Vm {
    /// `v.name`, for a name that may be any str object.
    #[inline]
    pub fn get_attr(&self, v: &Value, name: &Value) -> R {
        match v.ty().slots().getattro {
            Some(f) => f(self, v, name).inspect_err(|_| self.complete_attribute_error(v, name)),
            None => generic_getattr(self, v, name),
        }
    }

    /// An AttributeError that a program's own `__getattr__` has raised learns what was looked for, which is what
    /// suggestions are made from.
    #[cold]
    fn complete_attribute_error(&self, v: &Value, name: &Value) {
        let raised = self.peek_raised();
        if let Some(e) = raised.as_ref().and_then(|e| e.downcast::<crate::types::exceptions::AttributeError>())
            && e.name.borrow().is_none()
            && e.obj.borrow().is_none()
        {
            e.name.set(Some(name.clone()));
            e.obj.set(Some(v.clone()));
        }
    }

    /// `getattr(v, name)` for a value that may be no str at all, and need not be interned.
    pub fn get_attr_checked(&self, v: &Value, name: &Value) -> R {
        let name = self.attr_name(name)?;
        self.get_attr(v, &name)
    }

    /// A value as an attribute's name: interned.
    ///
    /// Raises TypeError if it is no str.
    pub fn attr_name(&self, name: &Value) -> R {
        match name.downcast::<Str>() {
            Some(s) if s.is_interned() => Ok(name.clone()),
            Some(s) if s.is_exact() => Ok(super::intern_value(name)),
            Some(s) => Ok(super::intern_value(s.substring(0, s.len()).value())),
            None => Err(self.type_error(format!("attribute name must be string, not '{}'", name.ty().tp_name()))),
        }
    }

    /// `v.name` by text.
    pub fn get_attr_str(&self, v: &Value, name: &str) -> R {
        self.get_attr(v, super::intern(name).value())
    }

    /// `getattr(v, name, None)`-like: `None` when AttributeError is raised.
    pub fn get_attr_opt(&self, v: &Value, name: &Value) -> R<Option<Value>> {
        let slot = v.ty().slots().getattro;
        match slot {
            Some(f) if !std::ptr::fn_addr_eq(f, generic_getattr as fn(&Vm, &Value, &Value) -> R) => {
                let r = f(self, v, name);
                self.ignore(r, &crate::types::exceptions::ATTRIBUTE_ERROR)
            }
            _ => {
                let r = generic_getattr_opt(self, v, name);
                Ok(self.ignore(r, &crate::types::exceptions::ATTRIBUTE_ERROR)?.flatten())
            }
        }
    }

    /// As [`Vm::get_attr_opt`] by text.
    pub fn get_attr_str_opt(&self, v: &Value, name: &str) -> R<Option<Value>> {
        self.get_attr_opt(v, super::intern(name).value())
    }

    /// `v.name = value`
    pub fn set_attr(&self, v: &Value, name: &Value, value: &Value) -> R<()> {
        self.store_attr(v, name, Some(value))
    }

    /// `v.name = value` by text.
    pub fn set_attr_str(&self, v: &Value, name: &str, value: &Value) -> R<()> {
        self.store_attr(v, super::intern(name).value(), Some(value))
    }

    /// `del v.name`
    pub fn del_attr(&self, v: &Value, name: &Value) -> R<()> {
        self.store_attr(v, name, None)
    }

    /// `v.name = value`, or `del v.name`.
    pub fn store_attr(&self, v: &Value, name: &Value, value: Option<&Value>) -> R<()> {
        match v.ty().slots().setattro {
            Some(f) => f(self, v, name, value),
            None => generic_setattr(self, v, name, value),
        }
    }

    /// A special method, looked up on the type and bound to the object.
    pub fn lookup_special(&self, v: &Value, name: &Value) -> R<Option<Value>> {
        let ty = v.ty();
        let Some(f) = lookup(ty, name) else { return Ok(None) };
        match f.ty().slots().descr_get {
            Some(get) => get(self, &f, Some(v), Some(&ty.to_value())).map(Some),
            None => Ok(Some(f)),
        }
    }

    /// Calls a special method if the type has it.
    pub fn call_special(&self, v: &Value, name: &Value, args: &[Value]) -> R<Option<Value>> {
        let ty = v.ty();
        let Some(f) = lookup(ty, name) else { return Ok(None) };
        if f.ty().has(tflag::METHOD_DESCRIPTOR) {
            return self.call_prepend(&f, v, crate::native::Args::pos(args)).map(Some);
        }
        let f = match f.ty().slots().descr_get {
            Some(get) => get(self, &f, Some(v), Some(&ty.to_value()))?,
            None => f,
        };
        self.call(&f, args).map(Some)
    }

    /// `v.name(*args)` by text.
    pub fn call_method(&self, v: &Value, name: &str, args: &[Value]) -> R {
        self.call_method_name(v, super::intern(name).value(), args)
    }

    /// `v.name(*args)`
    pub fn call_method_name(&self, v: &Value, name: &Value, args: &[Value]) -> R {
        self.call_method_args(v, name, crate::native::Args::pos(args))
    }

    /// `v.name(...)` with positional and named arguments, without a bound method where nobody would see it.
    pub fn call_method_args(&self, v: &Value, name: &Value, args: crate::native::Args<'_>) -> R {
        let ty = v.ty();
        let generic = match ty.slots().getattro {
            Some(f) => std::ptr::fn_addr_eq(f, generic_getattr as fn(&Vm, &Value, &Value) -> R),
            None => true,
        };
        if generic
            && let Some(d) = lookup(ty, name)
            && d.ty().has(tflag::METHOD_DESCRIPTOR)
            && instance_get(v, ty, name).is_none()
        {
            return self.call_prepend(&d, v, args);
        }
        let f = self.get_attr(v, name)?;
        self.call_args(&f, args)
    }

    /// Whether `v.__class__` or its type is a subtype, as `isinstance` does; honours `__instancecheck__`.
    pub fn is_instance(&self, v: &Value, cls: &Value) -> R<bool> {
        crate::types::object::isinstance(self, v, cls)
    }

    /// `__name__` of the builtin names table, for hot paths elsewhere.
    pub fn n(&self) -> &'static super::Names {
        names()
    }
}
