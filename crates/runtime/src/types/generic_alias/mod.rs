//! types.GenericAlias: a class with arguments, `list[int]`.

mod params;
mod repr;

pub use self::params::{make_parameters, substitute};
pub use self::repr::type_repr;
use crate::core::{Payload, PyCell, R, Ref, Value};
use crate::native::{Args, TypeDef};
use crate::types::list::{self, List};
use crate::types::str::{Str, StrBuilder};
use crate::types::tuple::{self, Tuple};
use crate::types::type_::{CmpOp, TYPE_PLACE, TypeObject};
use crate::types::{exceptions as exc, union};
use crate::vm::{Vm, generic_getattr, intern, names};

/// The types of this room.
pub const TYPES: &[&TypeDef] = &[GenericAlias::DEF, AliasIter::DEF];

/// The payload of GenericAlias.
#[derive(taipan_macros::Trace)]
pub struct GenericAlias {
    /// `__origin__`
    pub origin: Value,
    /// `__args__`
    pub args: Ref<Tuple>,
    parameters: PyCell<Option<Ref<Tuple>>>,
    /// Whether this is `*list[int]`.
    pub starred: bool,
}

/// The iterator of an alias: gives the starred alias, once.
#[derive(taipan_macros::Trace)]
pub struct AliasIter {
    alias: PyCell<Option<Value>>,
}

/// The arguments of an alias as a tuple: what is none is the only one.
fn args_tuple(args: Value) -> Ref<Tuple> {
    match args.into_ref::<Tuple>() {
        Ok(t) => t,
        Err(one) => tuple::from_array([one]),
    }
}

/// `origin[args]`
pub fn new(_vm: &Vm, origin: Value, args: Value) -> R {
    Ok(make(GenericAlias::TYPE.get(), origin, args_tuple(args), false).into_value())
}

fn make(cls: &TypeObject, origin: Value, args: Ref<Tuple>, starred: bool) -> Ref<GenericAlias> {
    Ref::new_of(cls, GenericAlias { origin, args, parameters: PyCell::new(None), starred })
}

/// `C[key]` for a class whose metaclass has no `__getitem__`.
///
/// Raises TypeError if the class can't be subscripted.
pub fn class_getitem(vm: &Vm, t: &TypeObject, key: &Value) -> R {
    let cls = t.to_value();
    if t.is(TYPE_PLACE().get()) {
        return new(vm, cls, key.clone());
    }
    match vm.get_attr_opt(&cls, &names().__class_getitem__)? {
        Some(f) if !f.is_none() => vm.call(&f, std::slice::from_ref(key)),
        _ => Err(vm.type_error(format!("type '{}' is not subscriptable", t.tp_name()))),
    }
}

/// Attributes that are the alias's own; all others are those of its origin.
const OWN: [&str; 9] = [
    "__class__",
    "__origin__",
    "__args__",
    "__unpacked__",
    "__parameters__",
    "__typing_unpacked_tuple_args__",
    "__mro_entries__",
    "__reduce_ex__",
    "__reduce__",
];
/// Attributes that the origin's must not stand for.
const BLOCKED: [&str; 3] = ["__bases__", "__copy__", "__deepcopy__"];

fn parameters(vm: &Vm, this: &GenericAlias) -> R<Ref<Tuple>> {
    if let Some(p) = this.parameters.get() {
        return Ok(p);
    }
    let p = tuple::from_vec(make_parameters(vm, this.args.as_slice())?);
    this.parameters.set(Some(p.clone()));
    Ok(p)
}

/// Represent a PEP 585 generic type
///
/// E.g. for t = list[int], t.__origin__ is list and t.__args__ is (int,).
#[taipan_macros::class(
    name = "GenericAlias",
    module = "types",
    flags(BASETYPE, GC, HAS_WEAKREF),
    sig = "(origin, args, /)"
)]
impl GenericAlias {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R {
        if !args.names.is_empty() {
            return Err(vm.type_error("GenericAlias() takes no keyword arguments"));
        }
        match args.all {
            [origin, items] => Ok(make(cls, origin.clone(), args_tuple(items.clone()), false).into_value()),
            all => Err(vm.type_error(format!("GenericAlias expected 2 arguments, got {}", all.len()))),
        }
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Self>) -> R {
        let mut out = StrBuilder::new();
        if this.starred {
            out.push_str("*");
        }
        type_repr(vm, &mut out, &this.origin)?;
        out.push_str("[");
        if this.args.is_empty() {
            out.push_str("()");
        }
        for (i, v) in this.args.as_slice().iter().enumerate() {
            if i > 0 {
                out.push_str(", ");
            }
            match v.downcast_exact::<List>() {
                Some(l) => repr::list_repr(vm, &mut out, l)?,
                None => type_repr(vm, &mut out, v)?,
            }
        }
        out.push_str("]");
        Ok(out.finish())
    }

    #[slot]
    fn hash(vm: &Vm, this: &Ref<Self>) -> R<i64> {
        let h = vm.hash(&this.origin)? ^ vm.hash(this.args.value())?;
        Ok(if h == -1 { -2 } else { h })
    }

    #[slot]
    fn richcompare(vm: &Vm, this: &Ref<Self>, other: &Value, op: CmpOp) -> R {
        let Some(o) = other.downcast::<GenericAlias>() else { return Ok(Value::NOT_IMPLEMENTED) };
        if !matches!(op, CmpOp::Eq | CmpOp::Ne) {
            return Ok(Value::NOT_IMPLEMENTED);
        }
        let same = this.starred == o.starred
            && vm.eq(&this.origin, &o.origin)?
            && vm.eq(this.args.value(), o.args.value())?;
        Ok(Value::bool(same == (op == CmpOp::Eq)))
    }

    #[slot]
    fn call(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        let v = vm.call_args(&this.origin, args)?;
        // Most classes have no place for it.
        if let Err(raised) = vm.set_attr_str(&v, "__orig_class__", this.value()) {
            if !vm.raised_is(&exc::ATTRIBUTE_ERROR) && !vm.raised_is(&exc::TYPE_ERROR) {
                return Err(raised);
            }
            drop(vm.catch(raised));
        }
        Ok(v)
    }

    #[slot]
    fn getattro(vm: &Vm, this: &Ref<Self>, name: &Value) -> R {
        let own = match name.downcast::<Str>().and_then(|s| s.as_ascii()) {
            Some(n) => n.starts_with("__") && (OWN.contains(&n) || BLOCKED.contains(&n)),
            None => false,
        };
        if own { generic_getattr(vm, this.value(), name) } else { vm.get_attr(&this.origin, name) }
    }

    #[slot]
    fn getitem(vm: &Vm, this: &Ref<Self>, key: &Value) -> R {
        let params = parameters(vm, this)?;
        let args = substitute(vm, this.value(), this.args.as_slice(), params.as_slice(), key)?;
        let cls = GenericAlias::TYPE.get();
        Ok(make(cls, this.origin.clone(), tuple::from_vec(args), this.starred).into_value())
    }

    #[slot(binary = Or)]
    fn or(vm: &Vm, a: &Value, b: &Value) -> R {
        union::type_or(vm, a, b)
    }

    #[slot]
    fn iter(_vm: &Vm, this: &Ref<Self>) -> Ref<AliasIter> {
        let starred = make(GenericAlias::TYPE.get(), this.origin.clone(), this.args.clone(), true);
        Ref::new(AliasIter { alias: PyCell::new(Some(starred.into_value())) })
    }

    #[method(sig = "(bases, /)")]
    fn __mro_entries__(_vm: &Vm, this: &Ref<Self>, _bases: &Value) -> Ref<Tuple> {
        tuple::from_array([this.origin.clone()])
    }

    #[method(sig = "(instance, /)")]
    fn __instancecheck__(vm: &Vm, _this: &Ref<Self>, _instance: &Value) -> R<()> {
        Err(vm.type_error("isinstance() argument 2 cannot be a parameterized generic"))
    }

    #[method(sig = "(class, /)")]
    fn __subclasscheck__(vm: &Vm, _this: &Ref<Self>, _class: &Value) -> R<()> {
        Err(vm.type_error("issubclass() argument 2 cannot be a parameterized generic"))
    }

    #[method(sig = "()")]
    fn __reduce__(vm: &Vm, this: &Ref<Self>) -> R<Ref<Tuple>> {
        if this.starred {
            let plain = make(GenericAlias::TYPE.get(), this.origin.clone(), this.args.clone(), false);
            let it = vm.iter(plain.value())?;
            let next = vm.interp().builtins().get_str("next").unwrap_or(Value::NONE);
            return Ok(tuple::from_array([next, tuple::from_array([it]).into_value()]));
        }
        let args = tuple::from_array([this.origin.clone(), this.args.value().clone()]);
        Ok(tuple::from_array([this.ty().to_value(), args.into_value()]))
    }

    #[method(sig = "()")]
    fn __dir__(vm: &Vm, this: &Ref<Self>) -> R<Ref<List>> {
        let dir = vm.interp().builtins().get_str("dir").unwrap_or(Value::NONE);
        let found = vm.call(&dir, std::slice::from_ref(&this.origin))?;
        let mut all = vm.collect(&found)?;
        for name in OWN {
            let name = intern(name).into_value();
            let mut there = false;
            for v in &all {
                there = there || vm.eq(v, &name)?;
            }
            if !there {
                all.push(name);
            }
        }
        Ok(list::from_vec(all))
    }

    #[getter(member)]
    fn __origin__(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.origin.clone()
    }

    #[getter(member)]
    fn __args__(_vm: &Vm, this: &Ref<Self>) -> Ref<Tuple> {
        this.args.clone()
    }

    #[getter(member)]
    fn __unpacked__(_vm: &Vm, this: &Ref<Self>) -> bool {
        this.starred
    }

    /// Type variables in the GenericAlias.
    #[getter]
    fn __parameters__(vm: &Vm, this: &Ref<Self>) -> R<Ref<Tuple>> {
        parameters(vm, this)
    }

    #[getter]
    fn __typing_unpacked_tuple_args__(_vm: &Vm, this: &Ref<Self>) -> Option<Ref<Tuple>> {
        let tuple = this.starred && this.origin.is(&Tuple::TYPE.value());
        tuple.then(|| this.args.clone())
    }
}

/// Iterator of a generic alias.
#[taipan_macros::class(name = "generic_alias_iterator", flags(GC, NO_NEW))]
impl AliasIter {
    #[slot]
    fn iter(_vm: &Vm, this: &Ref<Self>) -> Ref<Self> {
        this.clone()
    }

    #[slot]
    fn next(_vm: &Vm, this: &Ref<Self>) -> R<Option<Value>> {
        Ok(this.alias.take())
    }

    #[method(sig = "()")]
    fn __reduce__(vm: &Vm, this: &Ref<Self>) -> R<Ref<Tuple>> {
        let iter = crate::types::iterators::builtin(vm, "iter")?;
        let over = match this.alias.get().as_ref().and_then(|a| a.downcast::<GenericAlias>()) {
            Some(a) => make(GenericAlias::TYPE.get(), a.origin.clone(), a.args.clone(), false).into_value(),
            None => crate::vm::empty_tuple().into_value(),
        };
        Ok(tuple::from_array([iter, tuple::from_array([over]).into_value()]))
    }
}
