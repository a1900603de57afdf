//! super: attributes of the classes behind a class in the order of an object's class.

use crate::core::{Payload, PyCell, R, Ref, Value};
use crate::native::{Args, TypeDef};
use crate::types::cell::Cell;
use crate::types::type_::{TypeObject, tflag};
use crate::vm::{Vm, generic_getattr, names};

/// The types of this room.
pub const TYPES: &[&TypeDef] = &[Super::DEF];

/// The payload of super.
#[derive(taipan_macros::Trace, Default)]
pub struct Super {
    this_class: PyCell<Option<Value>>,
    object: PyCell<Option<Value>>,
    object_class: PyCell<Option<Value>>,
}

/// The attribute `name`, unbound, of the classes behind `after` in the order of `start`.
pub fn lookup_behind(start: &TypeObject, after: &TypeObject, name: &Value) -> Option<Value> {
    // SAFETY: no Python code runs during the walk: names are str objects.
    let order = unsafe { start.mro_slice() };
    let at = order.iter().position(|c| c.as_type().is_some_and(|c| c.is(after)))?;
    order[at + 1..].iter().filter_map(Value::as_type).find_map(|c| c.dict.get_name(name))
}

/// The class whose order counts for an object: the object itself if it is a subclass.
///
/// Raises TypeError if the object has nothing to do with the class.
fn check(vm: &Vm, cls: &Value, object: &Value) -> R {
    let Some(t) = cls.as_type() else { return Err(vm.type_error("super(): no class")) };
    if let Some(o) = object.as_type()
        && o.is_subtype_of(t)
    {
        return Ok(object.clone());
    }
    let ty = object.ty();
    if ty.is_subtype_of(t) {
        return Ok(ty.to_value());
    }
    if let Some(c) = vm.get_attr_opt(object, &names().__class__)?
        && let Some(c) = c.as_type()
        && !c.is(ty)
        && c.is_subtype_of(t)
    {
        return Ok(c.to_value());
    }
    let (kind, shown) = match object.as_type() {
        Some(o) => ("type", o.tp_name()),
        None => ("instance of", ty.tp_name()),
    };
    let of = t.tp_name();
    Err(vm.type_error(format!("super(type, obj): obj ({kind} {shown}) is not an instance or subtype of type ({of}).")))
}

/// `super(cls, this).name` for the loop; `sup` is what the name `super` means there.
///
/// With `method`, a method that needs no binding comes back unbound and with `true`.
pub fn lookup_attr(vm: &Vm, sup: &Value, cls: &Value, this: &Value, name: &Value, method: bool, explicit: bool) -> R<(Value, bool)> {
    let builtin = sup.as_type().is_some_and(|s| s.is(Super::TYPE.get()));
    if !builtin || cls.as_type().is_none() {
        let args = [cls.clone(), this.clone()];
        let s = vm.call(sup, if explicit || builtin { &args } else { &[] })?;
        return vm.get_attr(&s, name).map(|v| (v, false));
    }
    let start = check(vm, cls, this)?;
    if let (Some(t), Some(s)) = (cls.as_type(), start.as_type())
        && !name.is(&names().__class__)
        && let Some(v) = lookup_behind(s, t, name)
    {
        if method && v.ty().has(tflag::METHOD_DESCRIPTOR) && !start.is(this) {
            return Ok((v, true));
        }
        return bind(vm, v, this, &start).map(|v| (v, false));
    }
    let s = Ref::new(Super {
        this_class: PyCell::new(Some(cls.clone())),
        object: PyCell::new(Some(this.clone())),
        object_class: PyCell::new(Some(start)),
    });
    generic_getattr(vm, s.value(), name).map(|v| (v, false))
}

fn bind(vm: &Vm, v: Value, object: &Value, class: &Value) -> R {
    match v.ty().slots().descr_get {
        // A class method of a class is looked up on the class alone.
        Some(get) => get(vm, &v, Some(object).filter(|o| !o.is(class)), Some(class)),
        None => Ok(v),
    }
}

/// Class and object of `super()` without arguments, from the running frame.
fn from_frame(vm: &Vm) -> R<(Value, Value)> {
    let Some(frame) = vm.stacks.current() else { return Err(vm.runtime_error("super(): no current frame")) };
    let code = frame.code();
    let body = code.body();
    if code.argcount == 0 {
        return Err(vm.runtime_error("super(): no arguments"));
    }
    // SAFETY: registers of the running frame: zero or owned values.
    let register = |i: usize| unsafe {
        let slot = frame.base.add(i);
        if *slot == 0 { None } else { Some((*slot.cast::<Value>()).clone()) }
    };
    let mut first = register(0);
    if body.cellvars.iter().any(|(_, r)| *r == 0) {
        first = first.and_then(|v| match v.downcast_exact::<Cell>() {
            Some(c) => c.value.get(),
            None => Some(v),
        });
    }
    let Some(first) = first else { return Err(vm.runtime_error("super(): arg[0] deleted")) };
    let Some(i) = body.freevars.iter().position(|n| n.is(&names().__class__)) else {
        return Err(vm.runtime_error("super(): __class__ cell not found"));
    };
    let cell = register(body.free_base as usize + i);
    let cell = cell.as_ref().and_then(|c| c.downcast_exact::<Cell>());
    let Some(cell) = cell else { return Err(vm.runtime_error("super(): bad __class__ cell")) };
    let Some(cls) = cell.value.get() else { return Err(vm.runtime_error("super(): empty __class__ cell")) };
    if cls.as_type().is_none() {
        let given = cls.ty().tp_name();
        return Err(vm.runtime_error(format!("super(): __class__ is not a type ({given})")));
    }
    Ok((cls, first))
}

/// super() -> same as super(__class__, <first argument>)
/// super(type) -> unbound super object
/// super(type, obj) -> bound super object; requires isinstance(obj, type)
/// super(type, type2) -> bound super object; requires issubclass(type2, type)
///
/// Calls methods of the classes that come behind this one in the method resolution order.
#[taipan_macros::class(name = "super", flags(BASETYPE, GC))]
impl Super {
    #[slot]
    fn new(_vm: &Vm, cls: &TypeObject, _args: Args<'_>) -> Ref<Self> {
        Ref::new_of(cls, Self::default())
    }

    #[slot]
    fn init(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R<()> {
        if !args.names.is_empty() {
            return Err(vm.type_error("super() takes no keyword arguments"));
        }
        let (cls, object) = match args.all {
            [] => {
                let (cls, object) = from_frame(vm)?;
                (cls, Some(object))
            }
            [cls] => (cls.clone(), None),
            [cls, object] => (cls.clone(), Some(object.clone()).filter(|o| !o.is_none())),
            all => return Err(vm.type_error(format!("super() expected at most 2 arguments, got {}", all.len()))),
        };
        if cls.as_type().is_none() {
            let given = cls.ty().tp_name();
            return Err(vm.type_error(format!("super() argument 1 must be a type, not {given}")));
        }
        let start = match &object {
            Some(o) => Some(check(vm, &cls, o)?),
            None => None,
        };
        this.this_class.set(Some(cls));
        this.object.set(object);
        this.object_class.set(start);
        Ok(())
    }

    #[slot]
    fn getattro(vm: &Vm, this: &Ref<Self>, name: &Value) -> R {
        if let (Some(cls), Some(object), Some(start)) =
            (this.this_class.get(), this.object.get(), this.object_class.get())
            && let (Some(t), Some(s)) = (cls.as_type(), start.as_type())
            && !name.is(&names().__class__)
            && let Some(v) = lookup_behind(s, t, name)
        {
            return bind(vm, v, &object, &start);
        }
        generic_getattr(vm, this.value(), name)
    }

    #[slot]
    fn descr_get(vm: &Vm, this: &Ref<Self>, obj: Option<&Value>, _cls: Option<&Value>) -> R {
        let Some(obj) = obj.filter(|o| !o.is_none()) else { return Ok(this.value().clone()) };
        if this.object.get().is_some() {
            return Ok(this.value().clone());
        }
        let Some(cls) = this.this_class.get() else { return Ok(this.value().clone()) };
        if !this.ty().is(Self::TYPE.get()) {
            // An inherited constructor may have more to do.
            return vm.call(&this.ty().to_value(), &[cls, obj.clone()]);
        }
        let start = check(vm, &cls, obj)?;
        let bound = Super {
            this_class: PyCell::new(Some(cls)),
            object: PyCell::new(Some(obj.clone())),
            object_class: PyCell::new(Some(start)),
        };
        Ok(Ref::new(bound).into_value())
    }

    #[slot]
    fn repr(_vm: &Vm, this: &Ref<Self>) -> String {
        let name = |v: Option<Value>| v.and_then(|v| v.as_type().map(TypeObject::tp_name));
        let cls = name(this.this_class.get()).unwrap_or_else(|| "NULL".to_owned());
        match name(this.object_class.get()) {
            Some(of) => format!("<super: <class '{cls}'>, <{of} object>>"),
            None => format!("<super: <class '{cls}'>, NULL>"),
        }
    }

    /// the class invoking super()
    #[getter(member)]
    fn __thisclass__(_vm: &Vm, this: &Ref<Self>) -> Option<Value> {
        this.this_class.get()
    }

    /// the instance invoking super(); may be None
    #[getter(member)]
    fn __self__(_vm: &Vm, this: &Ref<Self>) -> Option<Value> {
        this.object.get()
    }

    /// the type of the instance invoking super(); may be None
    #[getter(member)]
    fn __self_class__(_vm: &Vm, this: &Ref<Self>) -> Option<Value> {
        this.object_class.get()
    }
}
