//! TypeVarTuple.

use super::type_var::module_dict;
use super::{Lazy, given_default, no_subclass, typing, unpacked};
use crate::core::{PyCell, R, Ref, Value};
use crate::types::dict::Dict;
use crate::types::str::Str;
use crate::types::tuple;
use crate::types::type_::{DictOp, TypeObject};
use crate::vm::Vm;

/// The payload of TypeVarTuple.
#[derive(taipan_macros::Trace)]
pub struct TypeVarTuple {
    name: Value,
    pub(super) default: Lazy,
    dict: PyCell<Option<Ref<Dict>>>,
}

impl TypeVarTuple {
    /// One of a type parameter list.
    pub(super) fn plain(name: Value) -> Value {
        Ref::new(TypeVarTuple { name, default: Lazy::known(None), dict: PyCell::new(None) }).into_value()
    }
}

/// Type variable tuple: stands for any number of types.
///
/// The preferred way to make one is the type parameter list of a generic function, class or type alias:
/// class Array[*Ts]: ...
#[taipan_macros::class(
    name = "TypeVarTuple",
    callee = "typevartuple",
    module = "typing",
    flags(GC, HAS_DICT, HAS_WEAKREF),
    sig = "(name, *, default=typing.NoDefault)"
)]
impl TypeVarTuple {
    #[slot]
    fn new(vm: &Vm, _cls: &TypeObject, name: &Ref<Str>, default: Option<&Value>) -> R<Ref<Self>> {
        Ok(Ref::new(TypeVarTuple {
            name: name.value().clone(),
            default: Lazy::known(given_default(vm, default)?),
            dict: module_dict(vm),
        }))
    }

    #[slot]
    fn dict(_vm: &Vm, this: &Ref<Self>, op: DictOp) -> Option<Ref<Dict>> {
        op.on(&this.dict)
    }

    #[slot]
    fn repr(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.name.clone()
    }

    #[slot]
    fn iter(vm: &Vm, this: &Ref<Self>) -> R {
        let items = tuple::from_array([unpacked(vm, this.value())?]);
        vm.iter(items.value())
    }

    #[method(sig = "(arg, /)")]
    fn __typing_subst__(vm: &Vm, _this: &Ref<Self>, _arg: &Value) -> R<()> {
        Err(vm.type_error("Substitution of bare TypeVarTuple is not supported"))
    }

    #[method(sig = "(alias, args, /)")]
    fn __typing_prepare_subst__(vm: &Vm, this: &Ref<Self>, alias: &Value, args: &Value) -> R {
        typing(vm, "_typevartuple_prepare_subst", &[this.value().clone(), alias.clone(), args.clone()])
    }

    #[method(sig = "()")]
    fn __reduce__(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.name.clone()
    }

    #[method(sig = "(bases, /)")]
    fn __mro_entries__(vm: &Vm, _this: &Ref<Self>, _bases: &Value) -> R<()> {
        no_subclass(vm, "TypeVarTuple")
    }

    #[method(sig = "()")]
    fn has_default(vm: &Vm, this: &Ref<Self>) -> R<bool> {
        super::has_default(vm, &this.default)
    }

    #[getter(member)]
    fn __name__(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.name.clone()
    }

    /// The default value for this TypeVarTuple.
    #[getter]
    fn __default__(vm: &Vm, this: &Ref<Self>) -> R {
        this.default.default_value(vm)
    }

    #[getter]
    fn evaluate_default(_vm: &Vm, this: &Ref<Self>) -> Option<Value> {
        this.default.evaluator()
    }

    #[setup]
    fn setup(ty: &TypeObject) {
        super::show_module(ty);
    }
}
