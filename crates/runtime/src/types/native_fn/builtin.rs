//! builtin_function_or_method: a native function, with the object it is bound to if it is a method.

use crate::core::{R, Ref, Value};
use crate::native::{Args, FunctionDef};
use crate::types::str;
use crate::types::type_::{CmpOp, TypeObject};
use crate::vm::Vm;

/// What the function does.
pub enum Target {
    /// A table entry.
    Def(&'static FunctionDef),
    /// `__new__` of a native type (whose address this is).
    New(*const TypeObject),
}

/// The payload of builtin_function_or_method.
#[derive(taipan_macros::Trace)]
pub struct BuiltinFunction {
    #[no_trace]
    target: Target,
    /// `__self__`: the module of a function, the object of a bound method, the class of a class method.
    pub this: Value,
    /// `__module__`
    pub module: Value,
    /// Whether `this` goes before the arguments.
    bound: bool,
}

/// A module's function.
pub fn function(def: &'static FunctionDef, module: Value, module_name: Value) -> Value {
    Ref::new(BuiltinFunction { target: Target::Def(def), this: module, module: module_name, bound: false }).into_value()
}

/// A native method bound to an object.
pub fn bound_native(def: &'static FunctionDef, this: Value) -> Value {
    Ref::new(BuiltinFunction { target: Target::Def(def), this, module: Value::NONE, bound: true }).into_value()
}

/// A native class method bound to a class.
pub fn class_method_bound(def: &'static FunctionDef, class: Value) -> Value {
    bound_native(def, class)
}

/// A native static method, as it stands in the class's dictionary.
pub fn static_method(def: &'static FunctionDef, owner: &TypeObject) -> Value {
    let f = Ref::new(BuiltinFunction { target: Target::Def(def), this: owner.to_value(), module: Value::NONE, bound: false });
    crate::types::property::static_method(f.into_value())
}

/// `__new__` of a native type.
pub fn native_new(owner: &TypeObject) -> Value {
    Ref::new(BuiltinFunction { target: Target::New(owner), this: owner.to_value(), module: Value::NONE, bound: false }).into_value()
}

/// The type whose native `__new__` this is.
pub fn native_new_owner(v: &Value) -> Option<&'static crate::native::TypeDef> {
    match v.downcast_exact::<BuiltinFunction>()?.target {
        // SAFETY: only native types have these; the function keeps the type alive.
        Target::New(t) => unsafe { (*t).def },
        Target::Def(_) => None,
    }
}

/// Whether this is the builtin `print` (for a hint in an error message).
pub fn is_print(v: &Value) -> bool {
    v.downcast_exact::<BuiltinFunction>().is_some_and(|f| f.name() == "print")
}

impl BuiltinFunction {
    /// `__name__`
    pub fn name(&self) -> &'static str {
        match &self.target {
            Target::Def(d) => d.name,
            Target::New(_) => "__new__",
        }
    }

    /// The table entry; `None` for a `__new__`.
    pub fn def(&self) -> Option<&'static FunctionDef> {
        match self.target {
            Target::Def(d) => Some(d),
            Target::New(_) => None,
        }
    }

    fn qualname(&self) -> String {
        if self.this.is_none() || self.this.downcast::<crate::types::module::Module>().is_some() {
            return self.name().to_owned();
        }
        let owner = match self.this.as_type() {
            Some(t) => t.qualname.get().to_string_lossy(),
            None => self.this.ty().qualname.get().to_string_lossy(),
        };
        format!("{owner}.{}", self.name())
    }

    /// The table entry of a plain function that takes its arguments as they are.
    #[inline(always)]
    pub fn plain(&self) -> Option<crate::native::NativeFn> {
        match self.target {
            Target::Def(d) if !self.bound => Some(d.call),
            _ => None,
        }
    }

    /// Calls the function.
    #[inline]
    pub fn invoke(&self, vm: &Vm, args: Args<'_>) -> R {
        match self.target {
            Target::Def(d) if !self.bound => (d.call)(vm, args),
            Target::Def(d) => crate::vm::prepend(&self.this, args, |args| (d.call)(vm, args)),
            Target::New(owner) => call_new(vm, owner, args),
        }
    }
}

/// `T.__new__(S, ...)`: only for subclasses of `T`, and only if no more special native `__new__` is needed.
fn call_new(vm: &Vm, owner: *const TypeObject, args: Args<'_>) -> R {
    // SAFETY: the function that is called keeps its owner alive.
    let owner = unsafe { &*owner };
    let name = owner.tp_name();
    let Some(first) = args.positional().first() else {
        return Err(vm.type_error(format!("{name}.__new__(): not enough arguments")));
    };
    let Some(cls) = first.as_type() else {
        return Err(vm.type_error(format!("{name}.__new__(X): X is not a type object ({})", first.ty().tp_name())));
    };
    if !cls.is_subtype_of(owner) {
        return Err(vm.type_error(format!("{name}.__new__({0}): {0} is not a subtype of {name}", cls.name())));
    }
    // The nearest native base must be created by this very function.
    let mut base = cls.to_value();
    while let Some(b) = base.as_type()
        && b.has(crate::types::type_::tflag::HEAP)
        && b.def.is_none()
    {
        match b.base.get() {
            Some(next) => base = next,
            None => break,
        }
    }
    if let Some(b) = base.as_type() {
        let (x, y) = (b.slots().new, owner.slots().new);
        let same = match (x, y) {
            (Some(x), Some(y)) => std::ptr::fn_addr_eq(x, y),
            _ => false,
        };
        if !same {
            return Err(vm.type_error(format!("{name}.__new__({}) is not safe, use {}.__new__()", cls.name(), b.tp_name())));
        }
    }
    match owner.slots().new {
        Some(f) => f(vm, cls, args.rest()),
        None => Err(vm.type_error(format!("cannot create '{name}' instances"))),
    }
}

/// The type of native functions and bound native methods.
#[taipan_macros::class(name = "builtin_function_or_method", module = "builtins", flags(GC, HAS_WEAKREF, NO_NEW))]
impl BuiltinFunction {
    #[slot]
    fn call(vm: &Vm, this: &Ref<BuiltinFunction>, args: Args<'_>) -> R {
        this.invoke(vm, args)
    }

    #[slot]
    fn repr(_vm: &Vm, this: &Ref<BuiltinFunction>) -> R {
        let name = this.name();
        Ok(str::from_str(&if this.this.is_none() || this.this.downcast::<crate::types::module::Module>().is_some() {
            format!("<built-in function {name}>")
        } else {
            format!("<built-in method {name} of {} object at {:#x}>", this.this.ty().tp_name(), this.this.id())
        }))
    }

    #[slot]
    fn hash(_vm: &Vm, this: &Ref<BuiltinFunction>) -> R<i64> {
        let f = match &this.target {
            Target::Def(d) => std::ptr::from_ref(*d).addr(),
            Target::New(t) => t.addr(),
        };
        Ok((f as i64 >> 4) ^ (this.this.id() as i64 >> 3))
    }

    #[slot]
    fn richcompare(_vm: &Vm, this: &Ref<BuiltinFunction>, other: &Value, op: CmpOp) -> R {
        let Some(o) = other.downcast::<BuiltinFunction>() else { return Ok(Value::NOT_IMPLEMENTED) };
        let same_target = match (&this.target, &o.target) {
            (Target::Def(a), Target::Def(b)) => std::ptr::eq(*a, *b),
            (Target::New(a), Target::New(b)) => a == b,
            _ => false,
        };
        let same = same_target && this.this.is(&o.this);
        match op {
            CmpOp::Eq => Ok(Value::bool(same)),
            CmpOp::Ne => Ok(Value::bool(!same)),
            _ => Ok(Value::NOT_IMPLEMENTED),
        }
    }

    #[getter]
    fn __name__(_vm: &Vm, this: &Ref<BuiltinFunction>) -> R {
        Ok(str::from_str(this.name()))
    }

    #[getter]
    fn __qualname__(_vm: &Vm, this: &Ref<BuiltinFunction>) -> R {
        Ok(str::from_str(&this.qualname()))
    }

    #[getter]
    fn __module__(_vm: &Vm, this: &Ref<BuiltinFunction>) -> R {
        Ok(this.module.clone())
    }

    #[getter]
    fn __self__(_vm: &Vm, this: &Ref<BuiltinFunction>) -> R {
        Ok(this.this.clone())
    }

    #[getter]
    fn __doc__(_vm: &Vm, this: &Ref<BuiltinFunction>) -> R {
        Ok(match &this.target {
            Target::Def(d) if d.doc.is_empty() => Value::NONE,
            Target::Def(d) => str::from_str(d.doc),
            Target::New(_) => str::from_str("Create and return a new object.  See help(type) for accurate signature."),
        })
    }

    #[getter]
    fn __text_signature__(_vm: &Vm, this: &Ref<BuiltinFunction>) -> R {
        Ok(match &this.target {
            Target::Def(d) if d.text_signature.is_empty() => Value::NONE,
            Target::Def(d) => str::from_str(d.text_signature),
            Target::New(_) => str::from_str("($type, *args, **kwargs)"),
        })
    }

    #[method(sig = "()")]
    fn __reduce__(vm: &Vm, this: &Ref<BuiltinFunction>) -> R {
        if this.this.is_none() || this.this.downcast::<crate::types::module::Module>().is_some() {
            return Ok(str::from_str(this.name()));
        }
        let getattr = vm.interp().builtins().get_str("getattr").unwrap_or(Value::NONE);
        let args = crate::types::tuple::from_array([this.this.clone(), str::from_str(this.name())]);
        Ok(crate::types::tuple::from_array([getattr, args.into_value()]).into_value())
    }
}
