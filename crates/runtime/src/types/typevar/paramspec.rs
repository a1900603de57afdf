//! ParamSpec, and its `args` and `kwargs`.

use super::type_var::{Variance, module_dict, signed};
use super::{Lazy, given_default, make_union, no_subclass, text, type_check, typing};
use crate::core::{PyCell, R, Ref, Value};
use crate::types::dict::Dict;
use crate::types::str::{Str, StrBuilder};
use crate::types::type_::{CmpOp, DictOp, TypeObject};
use crate::vm::Vm;

/// The payload of ParamSpec.
#[derive(taipan_macros::Trace)]
pub struct ParamSpec {
    name: Value,
    bound: PyCell<Option<Value>>,
    pub(super) default: Lazy,
    #[no_trace]
    variance: Variance,
    dict: PyCell<Option<Ref<Dict>>>,
}

impl ParamSpec {
    /// One of a type parameter list.
    pub(super) fn inferred(name: Value) -> Value {
        let t = ParamSpec {
            name,
            bound: PyCell::new(None),
            default: Lazy::known(None),
            variance: Variance { infer: true, ..Variance::default() },
            dict: PyCell::new(None),
        };
        Ref::new(t).into_value()
    }
}

/// Parameter specification variable.
///
/// The preferred way to make one is the type parameter list of a generic function, class or type alias:
/// type IntFunc[**P] = Callable[P, int]
#[taipan_macros::class(
    name = "ParamSpec",
    callee = "paramspec",
    module = "typing",
    flags(GC, HAS_DICT, HAS_WEAKREF),
    sig = "(name, *, bound=None, default=typing.NoDefault, covariant=False, contravariant=False, infer_variance=False)"
)]
impl ParamSpec {
    #[slot]
    fn new(
        vm: &Vm,
        _cls: &TypeObject,
        name: &Ref<Str>,
        bound: Option<&Value>,
        default: Option<&Value>,
        covariant: bool,
        contravariant: bool,
        infer_variance: bool,
    ) -> R<Ref<Self>> {
        let variance = Variance { covariant, contravariant, infer: infer_variance }.check(vm)?;
        let bound = match bound.filter(|b| !b.is_none()) {
            Some(b) => Some(type_check(vm, b, "Bound must be a type.")?),
            None => None,
        };
        Ok(Ref::new(ParamSpec {
            name: name.value().clone(),
            bound: PyCell::new(bound),
            default: Lazy::known(given_default(vm, default)?),
            variance,
            dict: module_dict(vm),
        }))
    }

    #[slot]
    fn dict(_vm: &Vm, this: &Ref<Self>, op: DictOp) -> Option<Ref<Dict>> {
        op.on(&this.dict)
    }

    #[slot]
    fn repr(_vm: &Vm, this: &Ref<Self>) -> Value {
        signed(this.variance, &this.name)
    }

    #[slot(binary = Or)]
    fn or(vm: &Vm, a: &Value, b: &Value) -> R {
        make_union(vm, a, b)
    }

    #[method(sig = "(arg, /)")]
    fn __typing_subst__(vm: &Vm, this: &Ref<Self>, arg: &Value) -> R {
        typing(vm, "_paramspec_subst", &[this.value().clone(), arg.clone()])
    }

    #[method(sig = "(alias, args, /)")]
    fn __typing_prepare_subst__(vm: &Vm, this: &Ref<Self>, alias: &Value, args: &Value) -> R {
        typing(vm, "_paramspec_prepare_subst", &[this.value().clone(), alias.clone(), args.clone()])
    }

    #[method(sig = "()")]
    fn __reduce__(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.name.clone()
    }

    #[method(sig = "(bases, /)")]
    fn __mro_entries__(vm: &Vm, _this: &Ref<Self>, _bases: &Value) -> R<()> {
        no_subclass(vm, "ParamSpec")
    }

    #[method(sig = "()")]
    fn has_default(vm: &Vm, this: &Ref<Self>) -> R<bool> {
        super::has_default(vm, &this.default)
    }

    /// Represents positional arguments.
    #[getter]
    fn args(_vm: &Vm, this: &Ref<Self>) -> Ref<ParamSpecArgs> {
        Ref::new(ParamSpecArgs { origin: this.value().clone() })
    }

    /// Represents keyword arguments.
    #[getter]
    fn kwargs(_vm: &Vm, this: &Ref<Self>) -> Ref<ParamSpecKwargs> {
        Ref::new(ParamSpecKwargs { origin: this.value().clone() })
    }

    #[getter(member)]
    fn __name__(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.name.clone()
    }

    #[getter(member)]
    fn __bound__(_vm: &Vm, this: &Ref<Self>) -> Option<Value> {
        this.bound.get()
    }

    #[getter(member)]
    fn __covariant__(_vm: &Vm, this: &Ref<Self>) -> bool {
        this.variance.covariant
    }

    #[getter(member)]
    fn __contravariant__(_vm: &Vm, this: &Ref<Self>) -> bool {
        this.variance.contravariant
    }

    #[getter(member)]
    fn __infer_variance__(_vm: &Vm, this: &Ref<Self>) -> bool {
        this.variance.infer
    }

    /// The default value for this ParamSpec.
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

/// The payload of ParamSpecArgs.
#[derive(taipan_macros::Trace)]
pub struct ParamSpecArgs {
    origin: Value,
}

/// The payload of ParamSpecKwargs.
#[derive(taipan_macros::Trace)]
pub struct ParamSpecKwargs {
    origin: Value,
}

/// `P.args`
fn dotted(vm: &Vm, origin: &Value, what: &str) -> R {
    let mut out = StrBuilder::new();
    let shown = match origin.downcast_exact::<ParamSpec>() {
        Some(p) => p.name.clone(),
        None => vm.repr(origin)?,
    };
    if let Some(s) = text(&shown) {
        out.push_obj(s);
    }
    out.push_str(what);
    Ok(out.finish())
}

fn compare(vm: &Vm, a: &Value, b: Option<&Value>, op: CmpOp) -> R {
    let Some(b) = b else { return Ok(Value::NOT_IMPLEMENTED) };
    match op {
        CmpOp::Eq | CmpOp::Ne => vm.compare(a, b, op),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

/// The args for a ParamSpec object.
///
/// Given a ParamSpec object P, P.args returns an instance of ParamSpecArgs.
#[taipan_macros::class(name = "ParamSpecArgs", module = "typing", flags(GC, HAS_WEAKREF), sig = "(origin)")]
impl ParamSpecArgs {
    #[slot]
    fn new(_vm: &Vm, _cls: &TypeObject, origin: &Value) -> Ref<Self> {
        Ref::new(ParamSpecArgs { origin: origin.clone() })
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Self>) -> R {
        dotted(vm, &this.origin, ".args")
    }

    #[slot]
    fn richcompare(vm: &Vm, this: &Ref<Self>, other: &Value, op: CmpOp) -> R {
        compare(vm, &this.origin, other.downcast_exact::<Self>().map(|o| &o.origin), op)
    }

    #[method(sig = "(bases, /)")]
    fn __mro_entries__(vm: &Vm, _this: &Ref<Self>, _bases: &Value) -> R<()> {
        no_subclass(vm, "ParamSpecArgs")
    }

    #[getter(member)]
    fn __origin__(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.origin.clone()
    }

    #[setup]
    fn setup(ty: &TypeObject) {
        super::show_module(ty);
    }
}

/// The kwargs for a ParamSpec object.
///
/// Given a ParamSpec object P, P.kwargs returns an instance of ParamSpecKwargs.
#[taipan_macros::class(name = "ParamSpecKwargs", module = "typing", flags(GC, HAS_WEAKREF), sig = "(origin)")]
impl ParamSpecKwargs {
    #[slot]
    fn new(_vm: &Vm, _cls: &TypeObject, origin: &Value) -> Ref<Self> {
        Ref::new(ParamSpecKwargs { origin: origin.clone() })
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Self>) -> R {
        dotted(vm, &this.origin, ".kwargs")
    }

    #[slot]
    fn richcompare(vm: &Vm, this: &Ref<Self>, other: &Value, op: CmpOp) -> R {
        compare(vm, &this.origin, other.downcast_exact::<Self>().map(|o| &o.origin), op)
    }

    #[method(sig = "(bases, /)")]
    fn __mro_entries__(vm: &Vm, _this: &Ref<Self>, _bases: &Value) -> R<()> {
        no_subclass(vm, "ParamSpecKwargs")
    }

    #[getter(member)]
    fn __origin__(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.origin.clone()
    }

    #[setup]
    fn setup(ty: &TypeObject) {
        super::show_module(ty);
    }
}
