//! property, classmethod and staticmethod.

mod wrappers;

pub use self::wrappers::{ClassMethod, StaticMethod, class_method, static_method};
use crate::core::{Payload, PyCell, R, Ref, Value};
use crate::native::TypeDef;
use crate::types::type_::TypeObject;
use crate::vm::{Vm, intern, names};

/// The types of this room.
pub const TYPES: &[&TypeDef] = &[Property::DEF, ClassMethod::DEF, StaticMethod::DEF];

/// The payload of property.
#[derive(taipan_macros::Trace, Default)]
pub struct Property {
    /// `fget`
    pub getter: PyCell<Option<Value>>,
    setter: PyCell<Option<Value>>,
    deleter: PyCell<Option<Value>>,
    doc: PyCell<Option<Value>>,
    name: PyCell<Option<Value>>,
    /// Whether the doc is the getter's.
    getter_doc: std::cell::Cell<bool>,
}

/// Whether an object says that it is abstract.
fn is_abstract(vm: &Vm, v: &Value) -> R<bool> {
    match vm.get_attr_opt(v, intern("__isabstractmethod__").value())? {
        Some(b) => vm.truth(&b),
        None => Ok(false),
    }
}

fn given(v: Option<&Value>) -> Option<Value> {
    v.filter(|v| !v.is_none()).cloned()
}

impl Property {
    /// The name that the class gave it, or the getter's.
    fn find_name(&self, vm: &Vm) -> R<Option<Value>> {
        if let Some(n) = self.name.get() {
            return Ok(Some(n));
        }
        match self.getter.get() {
            Some(f) => vm.get_attr_opt(&f, &names().__name__),
            None => Ok(None),
        }
    }

    /// Raises AttributeError for an access that has no function.
    #[cold]
    fn missing(&self, vm: &Vm, obj: &Value, what: &str) -> R {
        let of = vm.repr_string(obj.ty().qualname.get().value())?;
        let text = match self.find_name(vm)? {
            Some(name) => format!("property {} of {of} object has no {what}", vm.repr_string(&name)?),
            None => format!("property of {of} object has no {what}"),
        };
        Err(vm.raise_msg(&crate::types::exceptions::ATTRIBUTE_ERROR, &text))
    }
}

/// A property like `this` with one of its functions replaced.
fn changed(vm: &Vm, this: &Ref<Property>, which: usize, function: &Value) -> R {
    let mut parts = [this.getter.get(), this.setter.get(), this.deleter.get()].map(|p| p.unwrap_or(Value::NONE));
    if !function.is_none() {
        parts[which] = function.clone();
    }
    let [get, set, delete] = parts;
    let doc = if this.getter_doc.get() && !get.is_none() { None } else { this.doc.get() };
    let new = vm.call(&this.ty().to_value(), &[get, set, delete, doc.unwrap_or(Value::NONE)])?;
    if let Some(p) = new.downcast::<Property>() {
        p.name.set(this.name.get());
    }
    Ok(new)
}

/// Property attribute.
///
/// fget, fset and fdel are the functions that get, set and delete the attribute; doc is its docstring
/// (without one, that of fget).
#[taipan_macros::class(name = "property", flags(BASETYPE, GC), sig = "(fget=None, fset=None, fdel=None, doc=None)")]
impl Property {
    #[slot]
    fn new(_vm: &Vm, cls: &TypeObject, _args: crate::native::Args<'_>) -> Ref<Self> {
        Ref::new_of(cls, Self::default())
    }

    #[slot]
    fn init(
        vm: &Vm,
        this: &Ref<Self>,
        fget: Option<&Value>,
        fset: Option<&Value>,
        fdel: Option<&Value>,
        doc: Option<&Value>,
    ) -> R<()> {
        this.getter.set(given(fget));
        this.setter.set(given(fset));
        this.deleter.set(given(fdel));
        this.doc.set(None);
        this.name.set(None);
        this.getter_doc.set(false);
        let mut text = given(doc);
        if text.is_none()
            && let Some(f) = given(fget)
        {
            text = vm.get_attr_opt(&f, &names().__doc__)?.filter(|d| !d.is_none());
            this.getter_doc.set(text.is_some());
        }
        if this.ty().is(Self::TYPE.get()) {
            this.doc.set(text);
            return Ok(());
        }
        // A subclass has a `__doc__` of its own, so the text goes to the instance.
        let shown = text.unwrap_or(Value::NONE);
        let set = vm.set_attr(this.value(), &names().__doc__, &shown);
        if this.getter_doc.get() {
            return set;
        }
        // Instances without a place for it drop the text silently.
        vm.ignore(set, &crate::types::exceptions::ATTRIBUTE_ERROR).map(drop)
    }

    #[slot]
    fn descr_get(vm: &Vm, this: &Ref<Self>, obj: Option<&Value>, _cls: Option<&Value>) -> R {
        let Some(obj) = obj.filter(|o| !o.is_none()) else { return Ok(this.value().clone()) };
        match this.getter.get() {
            Some(f) => vm.call(&f, std::slice::from_ref(obj)),
            None => this.missing(vm, obj, "getter"),
        }
    }

    #[slot]
    fn descr_set(vm: &Vm, this: &Ref<Self>, obj: &Value, value: Option<&Value>) -> R<()> {
        let r = match value {
            Some(v) => match this.setter.get() {
                Some(f) => vm.call(&f, &[obj.clone(), v.clone()]),
                None => this.missing(vm, obj, "setter"),
            },
            None => match this.deleter.get() {
                Some(f) => vm.call(&f, std::slice::from_ref(obj)),
                None => this.missing(vm, obj, "deleter"),
            },
        };
        r.map(drop)
    }

    /// Descriptor to obtain a copy of the property with a different getter.
    #[method(sig = "(fget, /)", name = "getter")]
    fn with_getter(vm: &Vm, this: &Ref<Self>, fget: &Value) -> R {
        changed(vm, this, 0, fget)
    }

    /// Descriptor to obtain a copy of the property with a different setter.
    #[method(sig = "(fset, /)", name = "setter")]
    fn with_setter(vm: &Vm, this: &Ref<Self>, fset: &Value) -> R {
        changed(vm, this, 1, fset)
    }

    /// Descriptor to obtain a copy of the property with a different deleter.
    #[method(sig = "(fdel, /)", name = "deleter")]
    fn with_deleter(vm: &Vm, this: &Ref<Self>, fdel: &Value) -> R {
        changed(vm, this, 2, fdel)
    }

    /// __set_name__(owner, name): the name of the attribute.
    #[method(sig = "(*args)")]
    fn __set_name__(vm: &Vm, this: &Ref<Self>, args: &[Value]) -> R<()> {
        let [_, name] = args else {
            let n = args.len();
            return Err(vm.type_error(format!("__set_name__() takes 2 positional arguments but {n} were given")));
        };
        this.name.set(Some(name.clone()));
        Ok(())
    }

    #[getter(member)]
    fn fget(_vm: &Vm, this: &Ref<Self>) -> Option<Value> {
        this.getter.get()
    }

    #[getter(member)]
    fn fset(_vm: &Vm, this: &Ref<Self>) -> Option<Value> {
        this.setter.get()
    }

    #[getter(member)]
    fn fdel(_vm: &Vm, this: &Ref<Self>) -> Option<Value> {
        this.deleter.get()
    }

    #[getter(member)]
    fn __doc__(_vm: &Vm, this: &Ref<Self>) -> Option<Value> {
        this.doc.get()
    }

    #[setter]
    fn set___doc__(_vm: &Vm, this: &Ref<Self>, value: Option<&Value>) {
        this.doc.set(value.cloned());
    }

    #[getter]
    fn __name__(vm: &Vm, this: &Ref<Self>) -> R {
        let name = this.find_name(vm)?;
        name.ok_or_else(|| {
            vm.attribute_error(this.value(), &names().__name__, "'property' object has no attribute '__name__'")
        })
    }

    #[setter]
    fn set___name__(_vm: &Vm, this: &Ref<Self>, value: Option<&Value>) {
        this.name.set(value.cloned());
    }

    #[getter]
    fn __isabstractmethod__(vm: &Vm, this: &Ref<Self>) -> R<bool> {
        for f in [this.getter.get(), this.setter.get(), this.deleter.get()].into_iter().flatten() {
            if is_abstract(vm, &f)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
