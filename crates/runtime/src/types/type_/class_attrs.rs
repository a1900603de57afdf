//! The class `type` itself: calling classes, their methods and computed attributes.

use taipan_memory::{Header, Tracer};

use super::bases::set_bases;
use super::getattr::{change, check_mutable, type_getattr, type_setattr};
use super::new::{check_name, type_new};
use super::{BinaryFn, Slots, TypeObject, modified, subclasses, tflag};
use crate::core::{Layout, Payload, R, Ref, Trace, Value};
use crate::native::Args;
use crate::types::dict::Dict;
use crate::types::str::{self, Str};
use crate::types::{annotations, int, list, mappingproxy, object, union};
use crate::vm::{Vm, intern, names};

/// Stands for the payload of `type`, which is the [`TypeObject`] itself with its header.
pub struct Type;

impl Trace for Type {
    fn trace(&self, _: &mut Tracer<'_>) {}
}

const LAYOUT: Layout = {
    unsafe fn trace(h: *const Header, tracer: &mut Tracer<'_>) {
        // SAFETY: called for instances of `type` only, which are type objects.
        unsafe { (*h.cast::<TypeObject>()).trace(tracer) }
    }
    unsafe fn clear(h: *const Header, out: &mut Vec<Value>) {
        // SAFETY: as above.
        unsafe { (*h.cast::<TypeObject>()).clear(out) }
    }
    unsafe fn drop(h: *const Header) {
        // SAFETY: as above; called once, by the deallocator, and the header has nothing to drop.
        unsafe {
            super::build::unlink(&*h.cast::<TypeObject>());
            std::ptr::drop_in_place(h.cast::<TypeObject>().cast_mut());
        }
    }
    Layout { id: std::any::TypeId::of::<TypeObject>(), size: size_of::<TypeObject>(), trace, clear, drop, dealloc: None }
};

/// The attribute access as it is, so that the loop knows it again.
const ACCESS: Slots = {
    let mut slots = Slots::EMPTY;
    slots.getattro = Some(type_getattr as BinaryFn);
    slots.setattro = Some(type_setattr);
    slots
};

/// Whether the attribute `name` of a class may be set to `value` (or deleted: never).
fn check_settable<'v>(vm: &Vm, t: &TypeObject, name: &str, value: Option<&'v Value>) -> R<&'v Value> {
    check_mutable(vm, t, intern(name).value())?;
    let Some(v) = value else {
        return Err(vm.type_error(format!("cannot delete '{name}' attribute of immutable type '{}'", t.tp_name())));
    };
    if vm.is_audited() {
        vm.audit("object.__setattr__", &[t.to_value(), intern(name).into_value(), v.clone()])?;
    }
    Ok(v)
}

fn name_value<'v>(vm: &Vm, t: &TypeObject, attribute: &str, value: Option<&'v Value>) -> R<&'v Ref<Str>> {
    let v = check_settable(vm, t, attribute, value)?;
    v.downcast::<Str>().ok_or_else(|| {
        let (name, given) = (t.name(), v.ty().tp_name());
        vm.type_error(format!("can only assign string to {name}.{attribute}, not '{given}'"))
    })
}

/// Called with one argument, type() gives its class; called with three, it makes a new class.
#[taipan_macros::class(
    name = "type",
    layout = LAYOUT,
    slots = ACCESS,
    flags(BASETYPE, GC, HAS_DICT, HAS_WEAKREF, TYPE_SUB)
)]
impl Type {
    #[slot]
    fn new(vm: &Vm, meta: &TypeObject, args: Args<'_>) -> R {
        type_new(vm, meta, args)
    }

    #[slot]
    fn init(vm: &Vm, _this: &TypeObject, args: Args<'_>) -> R<()> {
        match args.positional().len() {
            1 if !args.names.is_empty() => Err(vm.type_error("type.__init__() takes no keyword arguments")),
            1 | 3 => Ok(()),
            _ => Err(vm.type_error("type.__init__() takes 1 or 3 arguments")),
        }
    }

    #[slot]
    fn call(vm: &Vm, this: &TypeObject, args: Args<'_>) -> R {
        call_type(vm, this, args)
    }

    #[slot]
    fn repr(_vm: &Vm, this: &TypeObject) -> String {
        format!("<class '{}'>", this.shown_name())
    }

    #[slot(binary = Or)]
    fn or(vm: &Vm, a: &Value, b: &Value) -> R {
        union::type_or(vm, a, b)
    }

    /// Return a type's method resolution order.
    #[method(sig = "()")]
    fn mro(vm: &Vm, this: &TypeObject) -> R {
        let order = super::mro_of(vm, &this.to_value())?;
        Ok(list::from_vec(vm.collect(&order)?).into_value())
    }

    /// Return a list of immediate subclasses.
    #[method(sig = "()")]
    fn __subclasses__(_vm: &Vm, this: &TypeObject) -> Ref<list::List> {
        list::from_vec(subclasses(this))
    }

    /// Create the namespace for the class statement.
    #[classmethod(sig = "(name, bases, /, **kwds)")]
    fn __prepare__(_vm: &Vm, _cls: &TypeObject, _args: Args<'_>) -> Ref<Dict> {
        Ref::new(Dict::new())
    }

    /// Check if an object is an instance.
    #[method(sig = "(instance, /)")]
    fn __instancecheck__(vm: &Vm, this: &TypeObject, instance: &Value) -> R<bool> {
        object::plain_isinstance(vm, instance, &this.to_value())
    }

    /// Check if a class is a subclass.
    #[method(sig = "(subclass, /)")]
    fn __subclasscheck__(vm: &Vm, this: &TypeObject, subclass: &Value) -> R<bool> {
        object::plain_issubclass(vm, subclass, &this.to_value())
    }

    /// Specialized __dir__ implementation for types.
    #[method(sig = "()")]
    fn __dir__(vm: &Vm, this: &TypeObject) -> R {
        let all = Ref::new(Dict::new());
        object::merge_class_dict(vm, &all, &this.to_value())?;
        Ok(list::from_vec(all.keys()).into_value())
    }

    /// Return memory consumption of the type object.
    #[method(sig = "()")]
    fn __sizeof__(_vm: &Vm, this: &TypeObject) -> usize {
        size_of_val(this) + this.keys.borrow().capacity() * 8
    }

    #[getter]
    fn __name__(_vm: &Vm, this: &TypeObject) -> Ref<Str> {
        this.name.get()
    }

    #[setter]
    fn set___name__(vm: &Vm, this: &TypeObject, value: Option<&Value>) -> R<()> {
        let name = name_value(vm, this, "__name__", value)?;
        check_name(vm, name)?;
        this.name.set(name.clone());
        Ok(())
    }

    #[getter]
    fn __qualname__(_vm: &Vm, this: &TypeObject) -> Ref<Str> {
        this.qualname.get()
    }

    #[setter]
    fn set___qualname__(vm: &Vm, this: &TypeObject, value: Option<&Value>) -> R<()> {
        let name = name_value(vm, this, "__qualname__", value)?;
        this.qualname.set(name.clone());
        Ok(())
    }

    #[getter]
    fn __module__(vm: &Vm, this: &TypeObject) -> R {
        if let Some(d) = this.def {
            return Ok(intern(d.module).into_value());
        }
        let name = &names().__module__;
        this.dict.get_name(name).ok_or_else(|| vm.attribute_error(&this.to_value(), name, "__module__"))
    }

    #[setter]
    fn set___module__(vm: &Vm, this: &TypeObject, value: Option<&Value>) -> R<()> {
        let v = check_settable(vm, this, "__module__", value)?;
        change(this, &names().__module__, Some(v));
        change(this, intern("__firstlineno__").value(), None);
        Ok(())
    }

    #[getter]
    fn __bases__(_vm: &Vm, this: &TypeObject) -> Value {
        this.bases.get()
    }

    #[setter]
    fn set___bases__(vm: &Vm, this: &TypeObject, value: Option<&Value>) -> R<()> {
        let v = check_settable(vm, this, "__bases__", value)?;
        set_bases(vm, this, v)
    }

    #[getter(member)]
    fn __base__(_vm: &Vm, this: &TypeObject) -> Option<Value> {
        this.base.get()
    }

    #[getter]
    fn __mro__(_vm: &Vm, this: &TypeObject) -> Value {
        this.mro.get()
    }

    #[getter]
    fn __dict__(_vm: &Vm, this: &TypeObject) -> Value {
        mappingproxy::new(this.dict.value().clone())
    }

    #[getter]
    fn __doc__(vm: &Vm, this: &TypeObject) -> R {
        if let Some(d) = this.def {
            return Ok(if d.doc.is_empty() { Value::NONE } else { str::from_str(d.doc) });
        }
        match this.dict.get_name(&names().__doc__) {
            None => Ok(Value::NONE),
            Some(doc) => match doc.ty().slots().descr_get {
                Some(get) => get(vm, &doc, None, Some(&this.to_value())),
                None => Ok(doc),
            },
        }
    }

    #[setter]
    fn set___doc__(vm: &Vm, this: &TypeObject, value: Option<&Value>) -> R<()> {
        let v = check_settable(vm, this, "__doc__", value)?;
        change(this, &names().__doc__, Some(v));
        Ok(())
    }

    #[getter]
    fn __text_signature__(_vm: &Vm, this: &TypeObject) -> Option<String> {
        if let Some(d) = this.def {
            return Some(d.text_signature.to_owned()).filter(|s| !s.is_empty());
        }
        // The first line of the docs of what was written for C: `Name(parameters)`, `--`, an empty line.
        let doc = this.dict.get_name(&names().__doc__)?;
        let doc = doc.downcast::<Str>()?.to_string_lossy();
        let rest = doc.strip_prefix(&this.name())?;
        let (signature, _) = rest.split_once("\n--\n\n")?;
        (signature.starts_with('(') && signature.ends_with(')')).then(|| signature.to_owned())
    }

    #[getter]
    fn __abstractmethods__(vm: &Vm, this: &TypeObject) -> R {
        let name = &names().__abstractmethods__;
        let own = if this.is(Self::TYPE.get()) { None } else { this.dict.get_name(name) };
        own.ok_or_else(|| vm.attribute_error(&this.to_value(), name, "__abstractmethods__"))
    }

    #[setter]
    fn set___abstractmethods__(vm: &Vm, this: &TypeObject, value: Option<&Value>) -> R<()> {
        let name = &names().__abstractmethods__;
        check_mutable(vm, this, name)?;
        let on = match value {
            Some(v) => vm.truth(v)?,
            None => false,
        };
        if !change(this, name, value) {
            return Err(vm.attribute_error(&this.to_value(), name, "__abstractmethods__"));
        }
        let flags = this.flags.get() & !tflag::ABSTRACT;
        this.flags.set(flags | if on { tflag::ABSTRACT } else { 0 });
        modified(this);
        Ok(())
    }

    #[getter(member)]
    fn __flags__(_vm: &Vm, this: &TypeObject) -> u32 {
        // CPython's bits for what is kept in others here: inline values, weak references, readiness.
        let own = tflag::HAS_DICT | tflag::HAS_WEAKREF | tflag::CUSTOM_MRO | tflag::MADE_LATE;
        let mut flags = this.flags.get() & !own | 1 << 12;
        if this.has(tflag::MADE_LATE) {
            flags |= tflag::HEAP;
        }
        if this.has(tflag::HEAP) {
            flags |= if this.has(tflag::HAS_DICT) { 1 << 4 } else { 0 };
            flags |= if this.has(tflag::HAS_WEAKREF) { 1 << 3 } else { 0 };
        }
        flags
    }

    #[getter(member)]
    fn __basicsize__(_vm: &Vm, this: &TypeObject) -> u32 {
        // As `int.__sizeof__` has it.
        if this.has(tflag::INT_SUB) { 24 + this.size.get().saturating_sub(crate::types::int::INT.get().size.get()) } else { this.size.get() }
    }

    #[getter(member)]
    fn __itemsize__(_vm: &Vm, this: &TypeObject) -> usize {
        let sizes = [(tflag::INT_SUB, 4), (tflag::TUPLE_SUB, 8), (tflag::BYTES_SUB, 1), (tflag::TYPE_SUB, 40)];
        sizes.iter().find(|(flag, _)| this.has(*flag)).map_or(0, |(_, n)| *n)
    }

    #[getter(member)]
    fn __dictoffset__(_vm: &Vm, this: &TypeObject) -> i64 {
        match this.dict_offset.get() {
            0 if this.has(tflag::HAS_DICT) => -1,
            n => n.into(),
        }
    }

    #[getter(member)]
    fn __weakrefoffset__(_vm: &Vm, this: &TypeObject) -> i64 {
        if this.has(tflag::HAS_WEAKREF) { -1 } else { 0 }
    }

    #[getter]
    fn __annotations__(vm: &Vm, this: &TypeObject) -> R {
        annotations::of_type(vm, this)
    }

    #[setter]
    fn set___annotations__(vm: &Vm, this: &TypeObject, value: Option<&Value>) -> R<()> {
        annotations::set_of_type(vm, this, value)
    }

    #[getter]
    fn __annotate__(vm: &Vm, this: &TypeObject) -> R {
        annotations::annotate_of_type(vm, this)
    }

    #[setter]
    fn set___annotate__(vm: &Vm, this: &TypeObject, value: Option<&Value>) -> R<()> {
        annotations::set_annotate_of_type(vm, this, value)
    }

    #[getter]
    fn __type_params__(_vm: &Vm, this: &TypeObject) -> Value {
        // `type`'s own entry is this attribute.
        let own = if this.has(tflag::HEAP) { this.dict.get_name(&names().__type_params__) } else { None };
        own.unwrap_or_else(|| crate::vm::empty_tuple().into_value())
    }

    #[setter]
    fn set___type_params__(vm: &Vm, this: &TypeObject, value: Option<&Value>) -> R<()> {
        let v = check_settable(vm, this, "__type_params__", value)?;
        change(this, &names().__type_params__, Some(v));
        Ok(())
    }
}

/// `__module__` of a class, if it is text.
pub(super) fn module_text(t: &TypeObject) -> Option<String> {
    match t.def {
        Some(d) if !t.has(tflag::HEAP) => Some(d.module.to_owned()),
        _ => t.dict.get_name(&names().__module__)?.downcast::<Str>().map(|s| s.to_string_lossy()),
    }
}

/// `cls(...)`: makes an instance and initialises it.
///
/// Raises TypeError for classes that can't be instantiated, and all that `__new__` and `__init__` raise.
pub fn call_type(vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R {
    // The two conversions that programs make all the time.
    if let ([v], true) = (args.all, args.names.is_empty()) {
        if cls.is(int::INT.get()) && v.downcast_exact::<Str>().is_some() {
            return int::to_int(vm, v);
        }
        if cls.is(Str::TYPE.get()) && v.as_small().is_some() {
            return vm.repr(v);
        }
    }
    if cls.is(Type::TYPE.get()) {
        match args.positional() {
            [v] if args.names.is_empty() => return Ok(v.ty().to_value()),
            [_] => return Err(vm.type_error("type() takes no keyword arguments")),
            [_, _, _] => {}
            _ => return Err(vm.type_error("type() takes 1 or 3 arguments")),
        }
    }
    let Some(new) = cls.slots().new else {
        return Err(vm.type_error(format!("cannot create '{}' instances", cls.tp_name())));
    };
    let v = new(vm, cls, args)?;
    let ty = v.ty();
    if !ty.is(cls) && !ty.is_subtype_of(cls) {
        return Ok(v);
    }
    if let Some(init) = ty.slots().init {
        init(vm, &v, args)?;
    }
    Ok(v)
}
