//! `_typing`: type parameters, type aliases, Generic. Bounds, constraints, defaults and alias values are evaluated
//! when somebody asks for them.

mod alias;
mod generic;
mod paramspec;
mod type_var;
mod type_var_tuple;

pub use self::alias::TypeAlias;
pub use self::generic::{ConstEvaluator, Generic, NoDefaultType, no_default};
pub use self::paramspec::{ParamSpec, ParamSpecArgs, ParamSpecKwargs};
pub use self::type_var::TypeVar;
pub use self::type_var_tuple::TypeVarTuple;
use crate::core::{Payload, PyCell, R, Ref, Value};
use crate::native::TypeDef;
use crate::types::generic_alias::GenericAlias;
use crate::types::str::Str;
use crate::types::tuple::{self, Tuple};
use crate::types::type_::TypeObject;
use crate::types::union::Union;
use crate::vm::{Vm, names};

/// The types of this room.
pub const TYPES: &[&TypeDef] = &[
    TypeVar::DEF,
    ParamSpec::DEF,
    ParamSpecArgs::DEF,
    ParamSpecKwargs::DEF,
    TypeVarTuple::DEF,
    TypeAlias::DEF,
    Generic::DEF,
    NoDefaultType::DEF,
    ConstEvaluator::DEF,
];

/// What the module `_typing` shows of this room (besides its functions): names and values.
pub fn exports(vm: &Vm) -> R<Vec<(&'static str, Value)>> {
    Ok(vec![
        ("TypeVar", TypeVar::TYPE.value()),
        ("ParamSpec", ParamSpec::TYPE.value()),
        ("ParamSpecArgs", ParamSpecArgs::TYPE.value()),
        ("ParamSpecKwargs", ParamSpecKwargs::TYPE.value()),
        ("TypeVarTuple", TypeVarTuple::TYPE.value()),
        ("TypeAliasType", TypeAlias::TYPE.value()),
        ("Generic", Generic::TYPE.value()),
        ("Union", Union::TYPE.value()),
        ("NoDefault", no_default(vm)?),
    ])
}

/// A value that is known, or comes from a function when somebody asks.
#[derive(taipan_macros::Trace)]
pub(crate) struct Lazy {
    value: PyCell<Option<Value>>,
    evaluator: PyCell<Option<Value>>,
}

impl Lazy {
    const fn known(value: Option<Value>) -> Self {
        Self { value: PyCell::new(value), evaluator: PyCell::new(None) }
    }

    const fn later(evaluator: Option<Value>) -> Self {
        Self { value: PyCell::new(None), evaluator: PyCell::new(evaluator) }
    }

    /// The value, evaluated now if need be.
    fn get(&self, vm: &Vm) -> R<Option<Value>> {
        if let Some(v) = self.value.get() {
            return Ok(Some(v));
        }
        let Some(f) = self.evaluator.get() else { return Ok(None) };
        let v = vm.call(&f, &[Value::small(1)])?;
        self.value.set(Some(v.clone()));
        Ok(Some(v))
    }

    /// The function, made now if only the value is known.
    fn evaluator(&self) -> Option<Value> {
        self.evaluator.get().or_else(|| self.value.get().map(ConstEvaluator::make))
    }

    /// The value of a default, where `NoDefault` stands for none.
    fn default_value(&self, vm: &Vm) -> R {
        match self.get(vm)? {
            Some(v) => Ok(v),
            None => no_default(vm),
        }
    }
}

/// `has_default()`
fn has_default(vm: &Vm, default: &Lazy) -> R<bool> {
    if default.evaluator.borrow().is_some() {
        return Ok(true);
    }
    let none = no_default(vm)?;
    Ok(default.value.borrow().as_ref().is_some_and(|v| !v.is(&none)))
}

/// Lets the instances of a type say that they come from its module unless they know better.
fn show_module(ty: &TypeObject) {
    ty.dict.set_name(&names().__module__, crate::types::str::from_str("typing"));
}

/// The default argument of a constructor: NoDefault is none.
fn given_default(vm: &Vm, v: Option<&Value>) -> R<Option<Value>> {
    let none = no_default(vm)?;
    Ok(v.filter(|v| !v.is(&none)).cloned())
}

/// Calls a function of `typing`.
fn typing(vm: &Vm, function: &str, args: &[Value]) -> R {
    let f = vm.import_attr("typing", function)?;
    vm.call(&f, args)
}

/// The value as a type, by `typing._type_check` if it is no plain one.
///
/// Raises TypeError, with `message`, for what is no type.
pub fn type_check(vm: &Vm, v: &Value, message: &str) -> R {
    if v.is_none() {
        return Ok(crate::types::singletons::NONE_TYPE.value());
    }
    let plain = v.as_type().is_some()
        || v.downcast::<GenericAlias>().is_some()
        || v.downcast_exact::<Union>().is_some()
        || v.downcast_exact::<TypeAlias>().is_some();
    if plain {
        return Ok(v.clone());
    }
    typing(vm, "_type_check", &[v.clone(), crate::types::str::from_str(message)])
}

/// The name of the module whose code is running; None if its variables don't tell.
fn caller(vm: &Vm) -> Option<Value> {
    let frame = vm.stacks.current()?;
    Some(frame.globals().get_name(&names().__name__).unwrap_or(Value::NONE))
}

/// `a | b` where one side is a type parameter.
fn make_union(vm: &Vm, a: &Value, b: &Value) -> R {
    crate::types::union::from_items(vm, &[a.clone(), b.clone()])
}

/// `typing.Unpack[v]`
fn unpacked(vm: &Vm, v: &Value) -> R {
    let unpack = vm.import_attr("typing", "Unpack")?;
    vm.getitem(&unpack, v)
}

/// The type parameters with each TypeVarTuple unpacked.
fn unpack_type_var_tuples(vm: &Vm, params: &[Value]) -> R<Ref<Tuple>> {
    let mut out = Vec::with_capacity(params.len());
    for p in params {
        out.push(if p.downcast_exact::<TypeVarTuple>().is_some() { unpacked(vm, p)? } else { p.clone() });
    }
    Ok(tuple::from_vec(out))
}

/// The TypeError of `__mro_entries__`.
fn no_subclass(vm: &Vm, what: &str) -> R<()> {
    Err(vm.type_error(format!("Cannot subclass an instance of {what}")))
}

fn text(v: &Value) -> Option<&Ref<Str>> {
    v.downcast::<Str>()
}

/// The TypeVar of a type parameter, with the function that evaluates its bound or its constraints.
pub fn typevar(_vm: &Vm, name: Value, bound: Option<Value>, constraints: Option<Value>) -> R {
    Ok(TypeVar::inferred(name, bound, constraints))
}

/// The ParamSpec of a type parameter.
pub fn paramspec(_vm: &Vm, name: Value) -> R {
    Ok(ParamSpec::inferred(name))
}

/// The TypeVarTuple of a type parameter.
pub fn typevartuple(_vm: &Vm, name: Value) -> R {
    Ok(TypeVarTuple::plain(name))
}

/// The alias of a `type` statement: its type parameters (a tuple, or None) and the function that evaluates it.
pub fn type_alias(_vm: &Vm, name: Value, params: Value, evaluator: Value) -> R {
    Ok(TypeAlias::lazy(name, params, evaluator))
}

/// `typing.Generic[params]`, the base of a generic class.
pub fn subscript_generic(vm: &Vm, params: Value) -> R {
    let params = params.downcast::<Tuple>().map_or_else(Vec::new, |t| t.as_slice().to_vec());
    let params = unpack_type_var_tuples(vm, &params)?;
    typing(vm, "_GenericAlias", &[Generic::TYPE.value(), params.into_value()])
}

/// Gives a type parameter the function that evaluates its default; returns the parameter.
pub fn set_default(vm: &Vm, param: Value, evaluator: Value) -> R {
    let lazy = if let Some(t) = param.downcast_exact::<TypeVar>() {
        &t.default
    } else if let Some(t) = param.downcast_exact::<ParamSpec>() {
        &t.default
    } else if let Some(t) = param.downcast_exact::<TypeVarTuple>() {
        &t.default
    } else {
        return Err(vm.type_error(format!("Expected a type param, got {}", vm.repr_string(&param)?)));
    };
    lazy.evaluator.set(Some(evaluator));
    Ok(param)
}
