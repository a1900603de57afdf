//! module: a named namespace.

use crate::core::{PyCell, R, Ref, Value};
use crate::native::{Args, ModuleDef};
use crate::types::dict::Dict;
use crate::types::type_::{DictOp, TypeObject, lookup};
use crate::types::{native_fn, str};
use crate::vm::{Vm, names};

/// The types of this room.
pub const TYPES: &[&crate::native::TypeDef] = &[Module::DEF];

/// The payload of module.
#[derive(taipan_macros::Trace)]
pub struct Module {
    /// The namespace.
    pub dict: Ref<Dict>,
    /// The definition of a native module.
    #[no_trace]
    pub def: PyCell<Option<&'static ModuleDef>>,
}

/// A module with its standard attributes.
pub fn new(name: &str, doc: Value) -> Ref<Module> {
    let m = Ref::new(Module { dict: Ref::new(Dict::new()), def: PyCell::new(None) });
    init(&m, str::from_str(name), doc);
    m
}

fn init(m: &Module, name: Value, doc: Value) {
    let n = names();
    m.dict.set_name(&n.__name__, name);
    m.dict.set_name(&n.__doc__, doc);
    m.dict.set_name(&n.__package__, Value::NONE);
    m.dict.set_name(&n.__loader__, Value::NONE);
    m.dict.set_name(&n.__spec__, Value::NONE);
}

/// Makes a native module and runs its `exec`.
pub fn from_def(vm: &Vm, def: &'static ModuleDef) -> R<Ref<Module>> {
    let doc = if def.doc.is_empty() { Value::NONE } else { str::from_str(def.doc) };
    let m = new(def.name, doc);
    m.def.set(Some(def));
    for f in def.functions {
        m.dict.set_str(f.name, native_fn::function(f, m.value().clone(), str::from_str(def.name)));
    }
    for t in def.types {
        m.dict.set_str(t.name, t.place.value());
    }
    if let Some(exec) = def.exec {
        exec(vm, &m)?;
    }
    Ok(m)
}

impl Module {
    /// Sets an attribute.
    pub fn set(&self, name: &str, value: impl Into<Value>) {
        self.dict.set_str(name, value);
    }
}

/// Create a module object.
///
/// The name must be a string; the optional docstring can have any type.
#[taipan_macros::class(name = "module", module = "builtins", flags(BASETYPE, GC, HAS_DICT, HAS_WEAKREF), sig = "(name, doc=None)")]
impl Module {
    #[slot]
    fn new(_vm: &Vm, cls: &TypeObject, _args: Args<'_>) -> R {
        Ok(Ref::new_of(cls, Module { dict: Ref::new(Dict::new()), def: PyCell::new(None) }).into_value())
    }

    #[slot]
    fn init(vm: &Vm, this: &Ref<Module>, args: Args<'_>) -> R<()> {
        let (mut name, mut doc) = (args.positional().first().cloned(), args.positional().get(1).cloned());
        if args.positional().len() > 2 {
            return Err(vm.type_error(format!("module() takes at most 2 arguments ({} given)", args.all.len())));
        }
        for (k, v) in args.named() {
            match &*str::expect_utf8(vm, k)? {
                "name" => name = Some(v.clone()),
                "doc" => doc = Some(v.clone()),
                other => return Err(vm.type_error(format!("module() got an unexpected keyword argument '{other}'"))),
            }
        }
        let Some(name) = name else { return Err(vm.type_error("module() missing required argument 'name' (pos 1)")) };
        if name.downcast::<str::Str>().is_none() {
            return Err(vm.type_error(format!("module() argument 'name' must be str, not {}", name.ty().tp_name())));
        }
        init(this, name, doc.unwrap_or(Value::NONE));
        Ok(())
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Module>) -> R {
        let importlib = vm.interp().importlib();
        if let Some(importlib) = importlib {
            let f = vm.get_attr_str(&importlib, "_module_repr")?;
            return vm.call(&f, &[this.value().clone()]);
        }
        let name = this.dict.get_name(&names().__name__).unwrap_or(Value::NONE);
        Ok(str::from_str(&format!("<module {} (built-in)>", vm.repr_string(&name)?)))
    }

    #[slot]
    fn getattro(vm: &Vm, this: &Ref<Module>, name: &Value) -> R {
        getattr(vm, this, name)
    }

    /// The namespace is always the same.
    #[slot]
    fn dict(_vm: &Vm, this: &Ref<Module>, op: DictOp) -> Option<Ref<Dict>> {
        matches!(op, DictOp::Get | DictOp::Make).then(|| this.dict.clone())
    }

    #[getter(member)]
    fn __dict__(_vm: &Vm, this: &Ref<Module>) -> R {
        Ok(this.dict.clone().into_value())
    }

    #[method(sig = "()")]
    fn __dir__(vm: &Vm, this: &Ref<Module>) -> R {
        let dict = vm.get_attr(this.value(), &names().__dict__)?;
        let Some(dict) = dict.downcast::<Dict>() else {
            return Err(vm.type_error("<module>.__dict__ is not a dictionary"));
        };
        if let Some(f) = dict.get_name(&names().__dir__) {
            return vm.call(&f, &[]);
        }
        Ok(crate::types::list::from_vec(dict.keys()).into_value())
    }

    #[getter]
    fn __annotations__(vm: &Vm, this: &Ref<Module>) -> R {
        crate::types::annotations::of_namespace(vm, this.value(), &this.dict)
    }

    #[setter]
    fn set___annotations__(vm: &Vm, this: &Ref<Module>, value: Option<&Value>) -> R<()> {
        crate::types::annotations::set_in_namespace(vm, &this.dict, value)
    }

    #[getter]
    fn __annotate__(_vm: &Vm, this: &Ref<Module>) -> R {
        Ok(this.dict.get_name(&names().__annotate__).unwrap_or(Value::NONE))
    }

    #[setter]
    fn set___annotate__(vm: &Vm, this: &Ref<Module>, value: Option<&Value>) -> R<()> {
        crate::types::annotations::set_annotate_in_namespace(vm, &this.dict, value)
    }
}

/// Attribute look-up on a module: the namespace first, then the type, then the module's own `__getattr__`.
pub fn getattr(vm: &Vm, this: &Ref<Module>, name: &Value) -> R {
    let ty = this.ty();
    if lookup(ty, name).is_none()
        && let Some(v) = this.dict.get_name(name)
    {
        return Ok(v);
    }
    match crate::vm::generic_getattr_opt(vm, this.value(), name)? {
        Some(v) => Ok(v),
        None => missing(vm, this, name),
    }
}

#[cold]
fn missing(vm: &Vm, this: &Ref<Module>, name: &Value) -> R {
    if let Some(f) = this.dict.get_name(&names().__getattr__) {
        return vm.call(&f, &[name.clone()]);
    }
    Err(crate::types::exceptions::no_module_attribute(vm, this, name))
}
