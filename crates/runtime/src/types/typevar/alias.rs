//! TypeAliasType: what a `type` statement makes.

use super::{Lazy, ParamSpec, TypeVar, TypeVarTuple, caller, unpack_type_var_tuples, unpacked};
use crate::core::{R, Ref, Value};
use crate::types::function::Function;
use crate::types::str::Str;
use crate::types::tuple::{self, Tuple};
use crate::types::type_::TypeObject;
use crate::types::{generic_alias, union};
use crate::vm::Vm;

/// The payload of TypeAliasType.
#[derive(taipan_macros::Trace)]
pub struct TypeAlias {
    name: Value,
    params: Option<Ref<Tuple>>,
    target: Lazy,
    module: Option<Value>,
}

impl TypeAlias {
    /// One of a `type` statement.
    pub(super) fn lazy(name: Value, params: Value, evaluator: Value) -> Value {
        let params = params.into_ref::<Tuple>().ok();
        Ref::new(TypeAlias { name, params, target: Lazy::later(Some(evaluator)), module: None }).into_value()
    }

    fn params(&self) -> &[Value] {
        self.params.as_ref().map_or(&[], |t| t.as_slice())
    }
}

/// Raises TypeError if one of them is no type parameter, or has no default behind one that has.
fn check_params(vm: &Vm, params: &[Value]) -> R<()> {
    let mut seen = false;
    for p in params {
        let has = if let Some(t) = p.downcast_exact::<TypeVar>() {
            super::has_default(vm, &t.default)?
        } else if let Some(t) = p.downcast_exact::<ParamSpec>() {
            super::has_default(vm, &t.default)?
        } else if let Some(t) = p.downcast_exact::<TypeVarTuple>() {
            super::has_default(vm, &t.default)?
        } else {
            return Err(vm.type_error(format!("Expected a type param, got {}", vm.repr_string(p)?)));
        };
        if seen && !has {
            let shown = vm.repr_string(p)?;
            return Err(vm.type_error(format!(
                "non-default type parameter '{shown}' follows default type parameter"
            )));
        }
        seen |= has;
    }
    Ok(())
}

/// Type alias.
///
/// Type aliases are made by the type statement:
/// type Alias = int
#[taipan_macros::class(
    name = "TypeAliasType",
    callee = "typealias",
    module = "typing",
    flags(GC, HAS_WEAKREF),
    sig = "(name, value, *, type_params=())"
)]
impl TypeAlias {
    #[slot]
    fn new(vm: &Vm, _cls: &TypeObject, name: &Ref<Str>, value: &Value, type_params: Option<&Value>) -> R<Ref<Self>> {
        let params = match type_params {
            None => None,
            Some(p) => {
                let Some(t) = p.downcast::<Tuple>() else { return Err(vm.type_error("type_params must be a tuple")) };
                check_params(vm, t.as_slice())?;
                Some(t.clone()).filter(|t| !t.is_empty())
            }
        };
        let target = Lazy::known(Some(value.clone()));
        Ok(Ref::new(TypeAlias { name: name.value().clone(), params, target, module: caller(vm) }))
    }

    #[slot]
    fn repr(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.name.clone()
    }

    #[slot(binary = Or)]
    fn or(vm: &Vm, a: &Value, b: &Value) -> R {
        union::type_or(vm, a, b)
    }

    #[slot]
    fn getitem(vm: &Vm, this: &Ref<Self>, key: &Value) -> R {
        if this.params().is_empty() {
            return Err(vm.type_error("Only generic type aliases are subscriptable"));
        }
        generic_alias::new(vm, this.value().clone(), key.clone())
    }

    #[slot]
    fn iter(vm: &Vm, this: &Ref<Self>) -> R {
        let items = tuple::from_array([unpacked(vm, this.value())?]);
        vm.iter(items.value())
    }

    #[method(sig = "()")]
    fn __reduce__(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.name.clone()
    }

    #[getter(member)]
    fn __name__(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.name.clone()
    }

    #[getter]
    fn __value__(vm: &Vm, this: &Ref<Self>) -> R<Option<Value>> {
        this.target.get(vm)
    }

    #[getter]
    fn evaluate_value(_vm: &Vm, this: &Ref<Self>) -> Option<Value> {
        this.target.evaluator()
    }

    #[getter]
    fn __type_params__(_vm: &Vm, this: &Ref<Self>) -> Ref<Tuple> {
        this.params.clone().unwrap_or_else(crate::vm::empty_tuple)
    }

    #[getter]
    fn __parameters__(vm: &Vm, this: &Ref<Self>) -> R<Ref<Tuple>> {
        unpack_type_var_tuples(vm, this.params())
    }

    #[getter]
    fn __module__(_vm: &Vm, this: &Ref<Self>) -> Option<Value> {
        if let Some(m) = &this.module {
            return Some(m.clone());
        }
        let evaluator = this.target.evaluator.get()?;
        evaluator.downcast_exact::<Function>().map(|f| f.module.get())
    }
}
