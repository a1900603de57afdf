//! `_abc`: abstract base classes, with caches that keep no class alive.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use taipan_macros::{class, function, module};
use taipan_memory::Tracer;
use taipan_runtime::core::{Payload, PyCell, R, Ref, Trace, Value};
use taipan_runtime::native::{Args, TypeDef};
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::list::List;
use taipan_runtime::types::object::issubclass;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::type_::{TypeObject, subclasses, tflag};
use taipan_runtime::types::weakref::{self, WeakRef};
use taipan_runtime::types::{frozenset, int, set, tuple};
use taipan_runtime::vm::{Vm, names};

module! {
    /// Module contains faster C implementation of abc.ABCMeta
    name = "_abc",
    functions(
        get_cache_token, _abc_init, _abc_register, _abc_instancecheck, _abc_subclasscheck, _get_dump, _reset_registry,
        _reset_caches,
    ),
}

/// The types of this module.
pub const TYPES: &[&TypeDef] = &[AbcData::DEF];

/// Counts registrations: older negative answers are worth nothing.
static REGISTRATIONS: AtomicU64 = AtomicU64::new(0);

/// Classes by their addresses. What is kept of each is a weak reference, or itself if it lives for ever.
#[derive(Default)]
struct Classes {
    map: PyCell<HashMap<u64, Value>>,
    /// The size at which dead entries are looked for.
    limit: Cell<usize>,
}

impl Classes {
    fn contains(&self, class: &Value) -> bool {
        let kept = self.map.borrow().get(&class.raw()).cloned();
        match kept {
            // Another class may have died at this address.
            Some(k) => k.is(class) || weakref::core(&k).and_then(weakref::WeakCore::get).is_some_and(|v| v.is(class)),
            None => false,
        }
    }

    fn add(&self, vm: &Vm, class: &Value) -> R<()> {
        let immortal = class.header().is_none_or(taipan_runtime::core::Header::is_immortal);
        let kept = if immortal { class.clone() } else { weakref::new_ref(vm, WeakRef::TYPE.get(), class, None)? };
        if self.map.borrow().len() > self.limit.get() {
            let all: Vec<(u64, Value)> = self.map.take().into_iter().collect();
            let (dead, alive): (Vec<_>, Vec<_>) = all.into_iter().partition(|(_, k)| weakref::is_dead(k));
            self.limit.set(alive.len().max(8) * 2);
            self.map.set(alive.into_iter().collect());
            drop(dead);
        }
        let old = self.map.borrow_mut().insert(class.raw(), kept);
        drop(old);
        Ok(())
    }

    fn clear(&self) {
        let old = self.map.take();
        drop(old);
    }

    /// The classes that are still alive.
    fn alive(&self) -> Vec<Value> {
        let kept: Vec<Value> = self.map.borrow().values().cloned().collect();
        kept.into_iter().filter_map(|k| if k.as_type().is_some() { Some(k) } else { weakref::core(&k)?.get() }).collect()
    }

    /// As a set of weak references.
    fn dump(&self, vm: &Vm) -> R {
        let mut out = Vec::new();
        for class in self.alive() {
            out.push(weakref::new_ref(vm, WeakRef::TYPE.get(), &class, None)?);
        }
        Ok(set::from_vec(vm, out)?.into_value())
    }
}

impl Trace for Classes {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        // SAFETY: the collector runs no Python code while it traces, and starts only where no borrow is held.
        unsafe { &*self.map.as_ptr() }.values().for_each(|v| v.trace(tracer));
    }
}

/// The payload of _abc_data.
#[derive(taipan_macros::Trace)]
pub struct AbcData {
    registry: Classes,
    cache: Classes,
    negative: Classes,
    /// The count of registrations for which `negative` holds.
    version: Cell<u64>,
}

/// Internal state held by ABC machinery.
#[class(name = "_abc_data", module = "_abc", flags(GC))]
impl AbcData {
    #[slot]
    fn new(_vm: &Vm, _cls: &TypeObject, _args: Args<'_>) -> Ref<AbcData> {
        new_data()
    }
}

fn new_data() -> Ref<AbcData> {
    Ref::new(AbcData {
        registry: Classes::default(),
        cache: Classes::default(),
        negative: Classes::default(),
        version: Cell::new(REGISTRATIONS.load(Ordering::Relaxed)),
    })
}

fn data(vm: &Vm, cls: &Value) -> R<Ref<AbcData>> {
    let v = vm.get_attr_str(cls, "_abc_impl")?;
    v.into_ref::<AbcData>().map_err(|_| vm.type_error("_abc_impl is set to a wrong type"))
}

/// Returns the current ABC cache token.
///
/// The token is an opaque object (supporting equality testing) identifying the current version of the ABC cache for
/// virtual subclasses. The token changes with every call to register() on any ABC.
#[function]
fn get_cache_token(_vm: &Vm) -> u64 {
    REGISTRATIONS.load(Ordering::Relaxed)
}

fn is_abstract(vm: &Vm, v: &Value) -> R<bool> {
    match vm.get_attr_str_opt(v, "__isabstractmethod__")? {
        Some(flag) => vm.truth(&flag),
        None => Ok(false),
    }
}

/// The names of the methods that a class leaves to its subclasses.
fn abstract_methods(vm: &Vm, cls: &Value, ty: &TypeObject) -> R {
    let mut names = Vec::new();
    for (key, value) in ty.dict.items() {
        if is_abstract(vm, &value)? {
            names.push(key);
        }
    }
    let bases = vm.get_attr(cls, &self::names().__bases__)?;
    let Some(bases) = bases.downcast::<tuple::Tuple>() else {
        return Err(vm.type_error("__bases__ is not tuple"));
    };
    for base in bases.as_slice() {
        let Some(inherited) = vm.get_attr_opt(base, &self::names().__abstractmethods__)? else { continue };
        for key in vm.collect(&inherited)? {
            if key.downcast::<Str>().is_none() {
                return Err(vm.type_error(format!("attribute name must be string, not '{}'", key.ty().tp_name())));
            }
            if let Some(value) = vm.get_attr_opt(cls, &key)?
                && is_abstract(vm, &value)?
            {
                names.push(key);
            }
        }
    }
    frozenset::from_vec(vm, names)
}

/// Internal ABC helper for class set-up. Should be never used outside abc module.
#[function(sig = "(self, /)")]
fn _abc_init(vm: &Vm, cls: &Value) -> R<()> {
    let Some(ty) = cls.as_type() else { return Err(vm.type_error("_abc_init() argument must be a class")) };
    let names = abstract_methods(vm, cls, ty)?;
    vm.set_attr(cls, &self::names().__abstractmethods__, &names)?;
    vm.set_attr_str(cls, "_abc_impl", &new_data().into_value())?;
    // Only classes of the library say this: `match` is to see their instances as sequences or mappings.
    if let Some(flags) = ty.dict.get_str("__abc_tpflags__") {
        let Some(bits) = int::get(&flags).and_then(int::IntRef::to_i64) else { return Ok(()) };
        let bits = bits as u32 & (tflag::SEQUENCE | tflag::MAPPING);
        if bits == tflag::SEQUENCE | tflag::MAPPING {
            let text = "__abc_tpflags__ cannot be both Py_TPFLAGS_SEQUENCE and Py_TPFLAGS_MAPPING";
            return Err(vm.type_error(text));
        }
        ty.flags.set(ty.flags.get() | bits);
        vm.del_attr(cls, taipan_runtime::vm::intern("__abc_tpflags__").value())?;
    }
    Ok(())
}

/// Lets `match` see the instances of a class and of its subclasses as sequences or mappings.
fn set_collection_flag(vm: &Vm, ty: &TypeObject, flag: u32) {
    if ty.has(tflag::IMMUTABLE) || !ty.has(tflag::HEAP) || ty.flags.get() & (tflag::SEQUENCE | tflag::MAPPING) == flag {
        return;
    }
    if vm.check_native_stack().is_err() {
        return;
    }
    ty.flags.set(ty.flags.get() & !(tflag::SEQUENCE | tflag::MAPPING) | flag);
    for sub in subclasses(ty) {
        if let Some(sub) = sub.as_type() {
            set_collection_flag(vm, sub, flag);
        }
    }
}

/// Internal ABC helper for subclass registration. Should be never used outside abc module.
#[function(sig = "(self, subclass, /)")]
fn _abc_register(vm: &Vm, cls: &Value, subclass: &Value) -> R {
    let Some(ty) = subclass.as_type() else { return Err(vm.type_error("Can only register classes")) };
    if issubclass(vm, subclass, cls)? {
        return Ok(subclass.clone());
    }
    if issubclass(vm, cls, subclass)? {
        return Err(vm.runtime_error("Refusing to create an inheritance cycle"));
    }
    data(vm, cls)?.registry.add(vm, subclass)?;
    REGISTRATIONS.fetch_add(1, Ordering::Relaxed);
    if let Some(of) = cls.as_type() {
        let flag = of.flags.get() & (tflag::SEQUENCE | tflag::MAPPING);
        if flag != 0 {
            set_collection_flag(vm, ty, flag);
        }
    }
    Ok(subclass.clone())
}

/// Internal ABC helper for instance checks. Should be never used outside abc module.
#[function(sig = "(self, instance, /)")]
fn _abc_instancecheck(vm: &Vm, cls: &Value, instance: &Value) -> R {
    let data = data(vm, cls)?;
    let class = vm.get_attr(instance, &names().__class__)?;
    if data.cache.contains(&class) {
        return Ok(Value::TRUE);
    }
    let ty = instance.ty().to_value();
    if ty.is(&class) {
        if data.version.get() == REGISTRATIONS.load(Ordering::Relaxed) && data.negative.contains(&class) {
            return Ok(Value::FALSE);
        }
        return vm.call_method_name(cls, &names().__subclasscheck__, &[class]);
    }
    let r = vm.call_method_name(cls, &names().__subclasscheck__, &[class])?;
    if vm.truth(&r)? {
        return Ok(r);
    }
    vm.call_method_name(cls, &names().__subclasscheck__, &[ty])
}

/// Internal ABC helper for subclass checks. Should be never used outside abc module.
#[function(sig = "(self, subclass, /)")]
fn _abc_subclasscheck(vm: &Vm, cls: &Value, subclass: &Value) -> R<bool> {
    let Some(sub) = subclass.as_type() else { return Err(vm.type_error("issubclass() arg 1 must be a class")) };
    let data = data(vm, cls)?;
    if data.cache.contains(subclass) {
        return Ok(true);
    }
    let now = REGISTRATIONS.load(Ordering::Relaxed);
    if data.version.get() < now {
        data.negative.clear();
        data.version.set(now);
    } else if data.negative.contains(subclass) {
        return Ok(false);
    }
    let yes = decide(vm, &data, cls, subclass, sub)?;
    if yes {
        data.cache.add(vm, subclass)?;
    } else {
        data.negative.add(vm, subclass)?;
    }
    Ok(yes)
}

fn decide(vm: &Vm, data: &AbcData, cls: &Value, subclass: &Value, sub: &TypeObject) -> R<bool> {
    let hook = vm.call_method_name(cls, &names().__subclasshook__, std::slice::from_ref(subclass))?;
    match hook.as_bool() {
        Some(answer) => return Ok(answer),
        None if !hook.is_not_implemented() => {
            let text = "__subclasshook__ must return either False, True, or NotImplemented";
            return Err(vm.raise_msg(&exc::ASSERTION_ERROR, text));
        }
        None => {}
    }
    if let Some(mro) = sub.mro.get().downcast::<tuple::Tuple>()
        && mro.as_slice().iter().any(|c| c.is(cls))
    {
        return Ok(true);
    }
    if data.registry.contains(subclass) {
        return Ok(true);
    }
    for registered in data.registry.alive() {
        if issubclass(vm, subclass, &registered)? {
            return Ok(true);
        }
    }
    let list = vm.call_method_name(cls, &names().__subclasses__, &[])?;
    let Some(list) = list.downcast::<List>() else {
        return Err(vm.type_error("__subclasses__() must return a list"));
    };
    for derived in list.to_vec() {
        if issubclass(vm, subclass, &derived)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Internal ABC helper for cache and registry debugging: shallow copies of both and of the negative cache, and that
/// one's version.
#[function(sig = "(self, /)")]
fn _get_dump(vm: &Vm, cls: &Value) -> R {
    let d = data(vm, cls)?;
    let parts = [d.registry.dump(vm)?, d.cache.dump(vm)?, d.negative.dump(vm)?, Value::from(d.version.get())];
    Ok(tuple::from_array(parts).into_value())
}

/// Internal ABC helper to reset registry of a given class. Should be only used by refleak.py
#[function(sig = "(self, /)")]
fn _reset_registry(vm: &Vm, cls: &Value) -> R<()> {
    data(vm, cls)?.registry.clear();
    Ok(())
}

/// Internal ABC helper to reset both caches of a given class. Should be only used by refleak.py
#[function(sig = "(self, /)")]
fn _reset_caches(vm: &Vm, cls: &Value) -> R<()> {
    let d = data(vm, cls)?;
    d.cache.clear();
    d.negative.clear();
    Ok(())
}
