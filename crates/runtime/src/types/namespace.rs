//! types.SimpleNamespace.

use crate::core::{PyCell, R, Ref, Value};
use crate::native::{Args, TypeDef};
use crate::types::dict::Dict;
use crate::types::str::{self, Str};
use crate::types::tuple;
use crate::types::type_::{CmpOp, DictOp, TypeObject};
use crate::vm::Vm;

/// The types of this room.
pub const TYPES: &[&TypeDef] = &[SimpleNamespace::DEF];

/// The payload of SimpleNamespace.
#[derive(taipan_macros::Trace)]
pub struct SimpleNamespace {
    /// The attributes.
    pub dict: PyCell<Ref<Dict>>,
}

/// A namespace with the given attributes.
pub fn new(items: &[(&str, Value)]) -> Value {
    let d = Ref::new(Dict::new());
    for (k, v) in items {
        d.set_str(k, v.clone());
    }
    Ref::new(SimpleNamespace { dict: PyCell::new(d) }).into_value()
}

/// A simple attribute-based namespace.
#[taipan_macros::class(name = "SimpleNamespace", module = "types", flags(BASETYPE, GC, HAS_DICT), sig = "(mapping_or_iterable=(), /, **kwargs)")]
impl SimpleNamespace {
    #[slot]
    fn new(_vm: &Vm, cls: &TypeObject, _args: Args<'_>) -> R {
        Ok(Ref::new_of(cls, SimpleNamespace { dict: PyCell::new(Ref::new(Dict::new())) }).into_value())
    }

    #[slot]
    fn init(vm: &Vm, this: &Ref<SimpleNamespace>, args: Args<'_>) -> R<()> {
        let d = this.dict.get();
        match args.positional() {
            [] => {}
            [source] => {
                let given = Ref::new(Dict::new());
                vm.call_method(given.value(), "update", std::slice::from_ref(source))?;
                for (k, v) in given.items() {
                    if k.downcast::<Str>().is_none() {
                        return Err(vm.type_error("keywords must be strings"));
                    }
                    d.set(vm, k, v)?;
                }
            }
            more => return Err(vm.type_error(format!("{} expected at most 1 argument, got {}", this.ty().name(), more.len()))),
        }
        for (k, v) in args.named() {
            d.set(vm, k.clone(), v.clone())?;
        }
        Ok(())
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<SimpleNamespace>) -> R {
        let name = if this.is_exact() { "namespace".to_owned() } else { this.ty().name() };
        let r = vm.repr_guard(this.value(), || {
            let mut parts = Vec::new();
            for (k, v) in this.dict.get().items() {
                if k.downcast::<Str>().is_some_and(|s| !s.is_empty()) {
                    parts.push(format!("{}={}", vm.str_lossy(&k), vm.repr_string(&v)?));
                }
            }
            Ok(format!("{name}({})", parts.join(", ")))
        })?;
        Ok(str::from_str(&r.unwrap_or_else(|| format!("{name}(...)"))))
    }

    #[slot]
    fn richcompare(vm: &Vm, this: &Ref<SimpleNamespace>, other: &Value, op: CmpOp) -> R {
        match other.downcast::<SimpleNamespace>() {
            Some(o) => vm.compare(this.dict.get().value(), o.dict.get().value(), op),
            None => Ok(Value::NOT_IMPLEMENTED),
        }
    }

    #[slot]
    fn dict(_vm: &Vm, this: &Ref<SimpleNamespace>, op: DictOp) -> Option<Ref<Dict>> {
        Some(match op {
            DictOp::Get | DictOp::Make => this.dict.get(),
            DictOp::Set(d) => this.dict.replace(d),
            DictOp::Delete => this.dict.replace(Ref::new(Dict::new())),
        })
    }

    #[getter]
    fn __dict__(_vm: &Vm, this: &Ref<SimpleNamespace>) -> R {
        Ok(this.dict.get().into_value())
    }

    #[method(sig = "()")]
    fn __reduce__(_vm: &Vm, this: &Ref<SimpleNamespace>) -> R {
        let none = crate::vm::empty_tuple().into_value();
        Ok(tuple::from_array([this.ty().to_value(), none, this.dict.get().into_value()]).into_value())
    }

    #[method]
    fn __replace__(vm: &Vm, this: &Ref<SimpleNamespace>, args: Args<'_>) -> R {
        if !args.positional().is_empty() {
            return Err(vm.type_error("__replace__() takes no positional arguments"));
        }
        let new = vm.call(&this.ty().to_value(), &[])?;
        if let Some(n) = new.downcast::<SimpleNamespace>() {
            n.dict.get().merge(vm, &this.dict.get())?;
            for (k, v) in args.named() {
                n.dict.get().set(vm, k.clone(), v.clone())?;
            }
        }
        Ok(new)
    }
}
