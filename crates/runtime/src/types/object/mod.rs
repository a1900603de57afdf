//! object: what all classes derive from.

mod class;
mod instance_of;
mod reduce;

use taipan_memory::Tracer;

pub use self::class::{DICT_GETSET, WEAKREF_GETSET};
pub use self::instance_of::{isinstance, issubclass, quick_isinstance, plain_isinstance, plain_issubclass};
use crate::core::{Payload, R, Ref, StaticType, Trace, Value};
use crate::native::{Args, TypeDef};
use crate::types::dict::{self, Dict};
use crate::types::list::{self, List};
use crate::types::str;
use crate::types::type_::{BinaryFn, CmpOp, Slots, TypeObject, tflag};
use crate::vm::{Vm, generic_getattr, generic_setattr, names};

/// The types of this room.
pub const TYPES: &[&TypeDef] = &[Object::DEF];

/// The payload of object: none.
pub struct Object;

impl Trace for Object {
    fn trace(&self, _: &mut Tracer<'_>) {}
}

/// The type.
pub static OBJECT: &StaticType = <Object as Payload>::TYPE;

/// The attribute access as it is, so that the loop and the caches know it again.
const ACCESS: Slots = {
    let mut slots = Slots::EMPTY;
    slots.getattro = Some(generic_getattr as BinaryFn);
    slots.setattro = Some(generic_setattr);
    slots
};

/// A new instance of a class with object's `__new__`, without attributes.
#[inline]
pub fn new_instance(cls: &TypeObject) -> Value {
    Ref::new_of(cls, Object).into_value()
}

/// A new plain object, which is equal only to itself.
pub fn new_sentinel() -> Value {
    Ref::new(Object).into_value()
}

fn same<F: PartialEq>(a: Option<F>, b: Option<F>) -> bool {
    a == b
}

/// Whether the class's instances are made by `object.__new__`.
#[inline]
pub fn has_object_new(cls: &TypeObject) -> bool {
    let address = |t: &TypeObject| t.slots().new.map(|f| f as usize);
    same(address(cls), address(OBJECT.get()))
}

/// Whether the class's instances are initialised by `object.__init__`.
#[inline]
pub fn has_object_init(cls: &TypeObject) -> bool {
    let address = |t: &TypeObject| t.slots().init.map(|f| f as usize);
    same(address(cls), address(OBJECT.get()))
}

/// Raises TypeError for a class with abstract methods, as `object.__new__` does.
#[inline]
pub fn check_concrete(vm: &Vm, cls: &TypeObject) -> R<()> {
    if cls.has(tflag::ABSTRACT) { abstract_error(vm, cls).map(drop) } else { Ok(()) }
}

/// Raises the TypeError for an abstract class.
#[cold]
fn abstract_error(vm: &Vm, cls: &TypeObject) -> R {
    let methods = vm.get_attr(&cls.to_value(), &names().__abstractmethods__)?;
    let mut methods = vm.collect(&methods)?;
    list::sort_values(vm, &mut methods, None, false)?;
    let mut shown = String::new();
    for m in &methods {
        if !shown.is_empty() {
            shown.push_str("', '");
        }
        match m.downcast::<str::Str>() {
            Some(s) => shown.push_str(&s.to_string_lossy()),
            None => {
                let given = m.ty().tp_name();
                return Err(vm.type_error(format!("sequence item 0: expected str instance, {given} found")));
            }
        }
    }
    let s = if methods.len() > 1 { "s" } else { "" };
    Err(vm.type_error(format!(
        "Can't instantiate abstract class {} without an implementation for abstract method{s} '{shown}'",
        cls.name()
    )))
}

/// The base class of the class hierarchy.
///
/// When called, it accepts no arguments and returns a new featureless instance
/// that has no instance attributes and cannot be given any.
#[taipan_macros::class(name = "object", base = None, slots = ACCESS, flags(BASETYPE), sig = "()")]
impl Object {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R {
        if !args.all.is_empty() {
            if !has_object_new(cls) {
                return Err(vm.type_error("object.__new__() takes exactly one argument (the type to instantiate)"));
            }
            if has_object_init(cls) {
                return Err(vm.type_error(format!("{}() takes no arguments", cls.name())));
            }
        }
        check_concrete(vm, cls)?;
        Ok(new_instance(cls))
    }

    #[slot]
    fn init(vm: &Vm, this: &Value, args: Args<'_>) -> R<()> {
        if args.all.is_empty() {
            return Ok(());
        }
        let cls = this.ty();
        if !has_object_init(cls) {
            return Err(vm.type_error("object.__init__() takes exactly one argument (the instance to initialize)"));
        }
        if has_object_new(cls) {
            let name = cls.name();
            return Err(vm.type_error(format!("{name}.__init__() takes exactly one argument (the instance to initialize)")));
        }
        Ok(())
    }

    #[slot]
    fn repr(_vm: &Vm, this: &Value) -> String {
        format!("<{} object at {:#x}>", this.ty().shown_name(), this.id())
    }

    #[slot]
    fn str(vm: &Vm, this: &Value) -> R {
        vm.repr(this)
    }

    #[slot]
    fn hash(_vm: &Vm, this: &Value) -> i64 {
        hash_address(this)
    }

    #[slot]
    fn richcompare(vm: &Vm, this: &Value, other: &Value, op: CmpOp) -> R {
        match op {
            CmpOp::Eq if this.is(other) => Ok(Value::TRUE),
            CmpOp::Ne => {
                let Some(f) = this.ty().slots().richcompare else {
                    return Ok(if this.is(other) { Value::FALSE } else { Value::NOT_IMPLEMENTED });
                };
                let r = f(vm, this, other, CmpOp::Eq)?;
                if r.is_not_implemented() { Ok(r) } else { vm.truth(&r).map(|b| Value::bool(!b)) }
            }
            _ => Ok(Value::NOT_IMPLEMENTED),
        }
    }

    /// Helper for pickle.
    #[method(sig = "(protocol, /)")]
    fn __reduce_ex__(vm: &Vm, this: &Value, protocol: i32) -> R {
        reduce::reduce_ex(vm, this, protocol)
    }

    /// Helper for pickle.
    #[method(sig = "()")]
    fn __reduce__(vm: &Vm, this: &Value) -> R {
        reduce::common(vm, this, 0)
    }

    /// Helper for pickle.
    #[method(sig = "()")]
    fn __getstate__(vm: &Vm, this: &Value) -> R {
        reduce::default_state(vm, this, false)
    }

    /// Abstract classes can override this to customize issubclass().
    #[classmethod(sig = "(object, /)")]
    fn __subclasshook__(_vm: &Vm, _cls: &TypeObject, _object: &Value) -> Value {
        Value::NOT_IMPLEMENTED
    }

    /// This method is called when a class is subclassed.
    #[classmethod(sig = "()")]
    fn __init_subclass__(vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R<()> {
        let n = args.positional().len();
        let problem = match (args.names.is_empty(), n) {
            (false, _) => "no keyword arguments".to_owned(),
            (true, 0) => return Ok(()),
            (true, _) => format!("no arguments ({n} given)"),
        };
        Err(vm.type_error(format!("{}.__init_subclass__() takes {problem}", cls.name())))
    }

    /// Default object formatter.
    #[method(sig = "(format_spec, /)")]
    fn __format__(vm: &Vm, this: &Value, format_spec: &Ref<str::Str>) -> R {
        if !format_spec.is_empty() {
            let name = this.ty().tp_name();
            return Err(vm.type_error(format!("unsupported format string passed to {name}.__format__")));
        }
        vm.str(this)
    }

    /// Size of object in memory, in bytes.
    #[method(sig = "()")]
    fn __sizeof__(_vm: &Vm, this: &Value) -> u32 {
        this.ty().size.get()
    }

    /// Default dir() implementation.
    #[method(sig = "()")]
    fn __dir__(vm: &Vm, this: &Value) -> R<Ref<List>> {
        let all = match vm.get_attr_opt(this, &names().__dict__)? {
            Some(d) => d.downcast::<Dict>().map(|d| d.copy()),
            None => None,
        };
        let all = all.unwrap_or_else(|| Ref::new(Dict::new()));
        if let Some(cls) = vm.get_attr_opt(this, &names().__class__)? {
            merge_class_dict(vm, &all, &cls)?;
        }
        Ok(list::from_vec(all.keys()))
    }

    /// The object's class.
    #[getter]
    fn __class__(_vm: &Vm, this: &Value) -> Value {
        this.ty().to_value()
    }

    #[setter]
    fn set___class__(vm: &Vm, this: &Value, value: Option<&Value>) -> R<()> {
        if let Some(class) = value
            && vm.is_audited()
        {
            vm.audit("object.__setattr__", &[this.clone(), crate::vm::names().__class__.clone(), class.clone()])?;
        }
        class::set_class(vm, this, value)
    }
}

/// The hash of an object that is equal only to itself.
pub fn hash_address(v: &Value) -> i64 {
    let h = v.id().rotate_right(4) as i64;
    if h == -1 { -2 } else { h }
}

/// Puts the names in the namespaces of a class and its bases into a dict, as `dir` does.
pub fn merge_class_dict(vm: &Vm, into: &Ref<Dict>, cls: &Value) -> R<()> {
    vm.check_native_stack()?;
    if let Some(d) = vm.get_attr_opt(cls, &names().__dict__)? {
        match d.downcast_exact::<crate::types::mappingproxy::MappingProxy>() {
            Some(p) => dict::update(vm, into, &p.mapping)?,
            None => dict::update(vm, into, &d)?,
        }
    }
    if let Some(bases) = vm.get_attr_opt(cls, &names().__bases__)? {
        for b in vm.collect(&bases)? {
            merge_class_dict(vm, into, &b)?;
        }
    }
    Ok(())
}
