//! mappingproxy: a mapping that is only to be looked at.

use crate::core::{R, Ref, Value};
use crate::native::TypeDef;
use crate::types::dict::Dict;
use crate::types::list::List;
use crate::types::tuple::Tuple;
use crate::types::type_::{BinOp, CmpOp, TypeObject};
use crate::types::{dict, generic_alias, str};
use crate::vm::Vm;

/// The types of this room.
pub const TYPES: &[&TypeDef] = &[MappingProxy::DEF];

/// The payload of mappingproxy.
#[derive(taipan_macros::Trace)]
pub struct MappingProxy {
    /// What is looked at.
    pub mapping: Value,
}

/// A read-only proxy of a mapping.
pub fn new(mapping: Value) -> Value {
    Ref::new(MappingProxy { mapping }).into_value()
}

/// The mapping behind a proxy for another object to see: a dict, which may be a class's namespace, as a copy.
fn shown(mapping: &Value) -> Value {
    match mapping.downcast_exact::<Dict>() {
        Some(d) => d.copy().into_value(),
        None => mapping.clone(),
    }
}

/// The mapping behind a proxy, or the value itself.
fn unwrapped(v: &Value) -> Value {
    v.downcast_exact::<MappingProxy>().map_or_else(|| v.clone(), |p| shown(&p.mapping))
}

/// Whether values are looked up by key (`PyMapping_Check`).
fn is_mapping(v: &Value) -> bool {
    v.ty().slots().getitem.is_some() && v.downcast::<List>().is_none() && v.downcast::<Tuple>().is_none()
}

/// Read-only proxy of a mapping.
#[taipan_macros::class(name = "mappingproxy", flags(GC, MAPPING), sig = "(mapping)")]
impl MappingProxy {
    #[slot]
    fn new(vm: &Vm, _cls: &TypeObject, mapping: &Value) -> R {
        if !is_mapping(mapping) {
            return Err(vm.type_error(format!(
                "mappingproxy() argument must be a mapping, not {}",
                mapping.ty().tp_name()
            )));
        }
        Ok(new(mapping.clone()))
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<MappingProxy>) -> R {
        let mut out = str::StrBuilder::new();
        out.push_str("mappingproxy(");
        dict::push_repr(vm, &mut out, &this.mapping)?;
        out.push_str(")");
        Ok(out.finish())
    }

    #[slot]
    fn str(vm: &Vm, this: &Ref<MappingProxy>) -> R {
        vm.str(&this.mapping)
    }

    #[slot]
    fn hash(vm: &Vm, this: &Ref<MappingProxy>) -> R<i64> {
        vm.hash(&this.mapping)
    }

    #[slot]
    fn len(vm: &Vm, this: &Ref<MappingProxy>) -> R<usize> {
        vm.len(&this.mapping)
    }

    #[slot]
    fn iter(vm: &Vm, this: &Ref<MappingProxy>) -> R {
        vm.iter(&this.mapping)
    }

    #[slot]
    fn contains(vm: &Vm, this: &Ref<MappingProxy>, key: &Value) -> R<bool> {
        match this.mapping.downcast_exact::<Dict>() {
            Some(d) => d.contains(vm, key),
            None => vm.contains(&this.mapping, key),
        }
    }

    #[slot]
    fn getitem(vm: &Vm, this: &Ref<MappingProxy>, key: &Value) -> R {
        vm.getitem(&this.mapping, key)
    }

    #[slot]
    fn richcompare(vm: &Vm, this: &Ref<MappingProxy>, other: &Value, op: CmpOp) -> R {
        vm.compare(&shown(&this.mapping), other, op)
    }

    #[slot(binary = Or)]
    fn or(vm: &Vm, a: &Value, b: &Value) -> R {
        vm.binary(&unwrapped(a), &unwrapped(b), BinOp::Or)
    }

    #[slot(inplace = Or)]
    fn ior(vm: &Vm, this: &Value, _other: &Value) -> R {
        Err(vm.type_error(format!("'|=' is not supported by {}; use '|' instead", this.ty().tp_name())))
    }

    /// Return the value for key if key is in the mapping, else default.
    #[method(sig = "(key, default=None, /)")]
    fn get(vm: &Vm, this: &Ref<MappingProxy>, key: &Value, default: &Value) -> R {
        match this.mapping.downcast_exact::<Dict>() {
            Some(d) => Ok(d.get(vm, key)?.unwrap_or_else(|| default.clone())),
            None => vm.call_method(&this.mapping, "get", &[key.clone(), default.clone()]),
        }
    }

    /// D.keys() -> a set-like object providing a view on D's keys
    #[method(sig = "()")]
    fn keys(vm: &Vm, this: &Ref<MappingProxy>) -> R {
        vm.call_method(&this.mapping, "keys", &[])
    }

    /// D.values() -> an object providing a view on D's values
    #[method(sig = "()")]
    fn values(vm: &Vm, this: &Ref<MappingProxy>) -> R {
        vm.call_method(&this.mapping, "values", &[])
    }

    /// D.items() -> a set-like object providing a view on D's items
    #[method(sig = "()")]
    fn items(vm: &Vm, this: &Ref<MappingProxy>) -> R {
        vm.call_method(&this.mapping, "items", &[])
    }

    /// D.copy() -> a shallow copy of D
    #[method(sig = "()")]
    fn copy(vm: &Vm, this: &Ref<MappingProxy>) -> R {
        vm.call_method(&this.mapping, "copy", &[])
    }

    /// D.__reversed__() -> reverse iterator
    #[method(sig = "()")]
    fn __reversed__(vm: &Vm, this: &Ref<MappingProxy>) -> R {
        vm.call_method(&this.mapping, "__reversed__", &[])
    }

    /// See PEP 585
    #[classmethod(sig = "(object, /)")]
    fn __class_getitem__(vm: &Vm, cls: &TypeObject, object: &Value) -> R {
        generic_alias::new(vm, cls.to_value(), object.clone())
    }
}
