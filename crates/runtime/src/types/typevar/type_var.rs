//! TypeVar.

use super::{Lazy, caller, given_default, make_union, no_default, no_subclass, text, type_check, typing};
use crate::core::{PyCell, R, Ref, Value};
use crate::types::dict::Dict;
use crate::types::str::StrBuilder;
use crate::types::tuple;
use crate::types::type_::{DictOp, TypeObject};
use crate::vm::{Vm, names};

/// How a parameter varies.
#[derive(Clone, Copy, Default)]
pub(super) struct Variance {
    pub covariant: bool,
    pub contravariant: bool,
    pub infer: bool,
}

impl Variance {
    /// Raises ValueError for what can't be together.
    pub(super) fn check(self, vm: &Vm) -> R<Self> {
        if self.covariant && self.contravariant {
            return Err(vm.value_error("Bivariant types are not supported."));
        }
        if self.infer && (self.covariant || self.contravariant) {
            return Err(vm.value_error("Variance cannot be specified with infer_variance."));
        }
        Ok(self)
    }

    /// The sign before the name.
    pub(super) const fn sign(self) -> &'static str {
        match self {
            Self { infer: true, .. } => "",
            Self { covariant: true, .. } => "+",
            Self { contravariant: true, .. } => "-",
            _ => "~",
        }
    }
}

/// The payload of TypeVar.
#[derive(taipan_macros::Trace)]
pub struct TypeVar {
    name: Value,
    bound: Lazy,
    constraints: Lazy,
    pub(super) default: Lazy,
    #[no_trace]
    variance: Variance,
    dict: PyCell<Option<Ref<Dict>>>,
}

/// A sign and a name.
pub(super) fn signed(variance: Variance, name: &Value) -> Value {
    let mut out = StrBuilder::new();
    out.push_str(variance.sign());
    if let Some(s) = text(name) {
        out.push_obj(s);
    }
    out.finish()
}

/// A namespace that says in which module an object was made.
pub(super) fn module_dict(vm: &Vm) -> PyCell<Option<Ref<Dict>>> {
    let dict = caller(vm).map(|m| {
        let d = Ref::new(Dict::new());
        d.set_name(&names().__module__, m);
        d
    });
    PyCell::new(dict)
}

impl TypeVar {
    /// One of a type parameter list.
    pub(super) fn inferred(name: Value, bound: Option<Value>, constraints: Option<Value>) -> Value {
        let t = TypeVar {
            name,
            bound: Lazy::later(bound),
            constraints: Lazy::later(constraints),
            default: Lazy::known(None),
            variance: Variance { infer: true, ..Variance::default() },
            dict: PyCell::new(None),
        };
        Ref::new(t).into_value()
    }
}

/// Type variable.
///
/// The preferred way to make one is the type parameter list of a generic function, class or type alias:
/// class Sequence[T]: ...
#[taipan_macros::class(
    name = "TypeVar",
    callee = "typevar",
    module = "typing",
    flags(GC, HAS_DICT, HAS_WEAKREF),
    sig = "(name, *constraints, bound=None, default=typing.NoDefault, covariant=False, contravariant=False, \
           infer_variance=False)"
)]
impl TypeVar {
    #[slot]
    fn new(
        vm: &Vm,
        _cls: &TypeObject,
        name: &Ref<crate::types::str::Str>,
        constraints: &[Value],
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
        if constraints.len() == 1 {
            return Err(vm.type_error("A single constraint is not allowed"));
        }
        if bound.is_some() && !constraints.is_empty() {
            return Err(vm.type_error("Constraints cannot be combined with bound=..."));
        }
        let constraints = (!constraints.is_empty()).then(|| tuple::from_slice(constraints).into_value());
        Ok(Ref::new(TypeVar {
            name: name.value().clone(),
            bound: Lazy::known(bound),
            constraints: Lazy::known(constraints),
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
        typing(vm, "_typevar_subst", &[this.value().clone(), arg.clone()])
    }

    #[method(sig = "(alias, args, /)")]
    fn __typing_prepare_subst__(vm: &Vm, this: &Ref<Self>, alias: &Value, args: &Value) -> R {
        let params = vm.get_attr(alias, &names().__parameters__)?;
        let index = vm.collect(&params)?.iter().position(|p| p.is(this.value()));
        let given = vm.len(args)?;
        let least = index.map_or(0, |i| i + 1);
        match index {
            Some(i) if i < given => return Ok(args.clone()),
            Some(i) if i == given => {
                let default = this.default.default_value(vm)?;
                if !default.is(&no_default(vm)?) {
                    let mut all = vm.collect(args)?;
                    all.push(default);
                    return Ok(tuple::from_vec(all).into_value());
                }
            }
            _ => {}
        }
        let shown = vm.str_string(alias)?;
        Err(vm.type_error(format!("Too few arguments for {shown}; actual {given}, expected at least {least}")))
    }

    #[method(sig = "()")]
    fn __reduce__(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.name.clone()
    }

    #[method(sig = "(bases, /)")]
    fn __mro_entries__(vm: &Vm, _this: &Ref<Self>, _bases: &Value) -> R<()> {
        no_subclass(vm, "TypeVar")
    }

    #[method(sig = "()")]
    fn has_default(vm: &Vm, this: &Ref<Self>) -> R<bool> {
        super::has_default(vm, &this.default)
    }

    #[getter(member)]
    fn __name__(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.name.clone()
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

    #[getter]
    fn __bound__(vm: &Vm, this: &Ref<Self>) -> R<Option<Value>> {
        this.bound.get(vm)
    }

    #[getter]
    fn __constraints__(vm: &Vm, this: &Ref<Self>) -> R {
        Ok(this.constraints.get(vm)?.unwrap_or_else(|| crate::vm::empty_tuple().into_value()))
    }

    /// The default value for this TypeVar.
    #[getter]
    fn __default__(vm: &Vm, this: &Ref<Self>) -> R {
        this.default.default_value(vm)
    }

    #[getter]
    fn evaluate_bound(_vm: &Vm, this: &Ref<Self>) -> Option<Value> {
        this.bound.evaluator()
    }

    #[getter]
    fn evaluate_constraints(_vm: &Vm, this: &Ref<Self>) -> Option<Value> {
        this.constraints.evaluator()
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
