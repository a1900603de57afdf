//! typing.Union, which is types.UnionType too: `int | None`.

use crate::core::{Payload, PyCell, R, Ref, Value};
use crate::native::TypeDef;
use crate::types::generic_alias::{GenericAlias, make_parameters, substitute, type_repr};
use crate::types::str::{self, StrBuilder};
use crate::types::tuple::{self, Tuple};
use crate::types::type_::{CmpOp, TypeObject};
use crate::types::{frozenset, typevar};
use crate::vm::Vm;

/// The types of this room.
pub const TYPES: &[&TypeDef] = &[Union::DEF];

/// The payload of Union.
#[derive(taipan_macros::Trace)]
pub struct Union {
    /// `__args__`
    pub args: Ref<Tuple>,
    /// The members that can be hashed, a frozenset.
    hashable: Value,
    /// The others.
    unhashable: Vec<Value>,
    parameters: PyCell<Option<Ref<Tuple>>>,
}

/// Collects members, each once.
struct Members {
    args: Vec<Value>,
    hashable: Vec<(i64, Value)>,
    unhashable: Vec<Value>,
    /// Whether what is no type is to be refused (or turned into one).
    check: bool,
}

/// Whether a value can stand in a union as it is.
fn is_unionable(v: &Value) -> bool {
    v.is_none()
        || v.as_type().is_some()
        || v.downcast::<GenericAlias>().is_some()
        || v.downcast_exact::<Union>().is_some()
        || v.downcast_exact::<typevar::TypeAlias>().is_some()
}

impl Members {
    fn new(check: bool) -> Self {
        Self { args: Vec::new(), hashable: Vec::new(), unhashable: Vec::new(), check }
    }

    fn add(&mut self, vm: &Vm, v: &Value) -> R<()> {
        if v.is_none() {
            return self.add_type(vm, crate::types::singletons::NONE_TYPE.value());
        }
        if let Some(u) = v.downcast_exact::<Union>() {
            for v in u.args.as_slice() {
                self.add(vm, v)?;
            }
            return Ok(());
        }
        let v = if self.check {
            typevar::type_check(vm, v, "Union[arg, ...]: each arg must be a type.")?
        } else {
            v.clone()
        };
        self.add_type(vm, v)
    }

    fn add_type(&mut self, vm: &Vm, v: Value) -> R<()> {
        match vm.hash(&v) {
            Ok(hash) => {
                for (h, x) in &self.hashable {
                    if *h == hash && vm.eq(x, &v)? {
                        return Ok(());
                    }
                }
                self.hashable.push((hash, v.clone()));
            }
            Err(raised) => {
                // What can't be hashed can still be compared.
                drop(vm.catch(raised));
                for x in &self.unhashable {
                    if vm.eq(x, &v)? {
                        return Ok(());
                    }
                }
                self.unhashable.push(v.clone());
            }
        }
        self.args.push(v);
        Ok(())
    }

    fn finish(self, vm: &Vm) -> R {
        match &self.args[..] {
            [] => Err(vm.type_error("Cannot take a Union of no types.")),
            [only] => Ok(only.clone()),
            _ => {
                let hashable = self.hashable.into_iter().map(|(_, v)| v).collect();
                let u = Union {
                    args: tuple::from_vec(self.args),
                    hashable: frozenset::from_vec(vm, hashable)?,
                    unhashable: self.unhashable,
                    parameters: PyCell::new(None),
                };
                Ok(Ref::new(u).into_value())
            }
        }
    }
}

/// `a | b` of types, aliases and unions; NotImplemented for other values.
pub fn type_or(vm: &Vm, a: &Value, b: &Value) -> R {
    if !is_unionable(a) || !is_unionable(b) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let mut members = Members::new(false);
    members.add(vm, a)?;
    members.add(vm, b)?;
    members.finish(vm)
}

/// `Union[items]`; strings become forward references.
///
/// Raises TypeError for what is no type, and for no member at all.
pub fn from_items(vm: &Vm, items: &[Value]) -> R {
    let mut members = Members::new(true);
    for v in items {
        members.add(vm, v)?;
    }
    members.finish(vm)
}

fn parameters(vm: &Vm, this: &Union) -> R<Ref<Tuple>> {
    if let Some(p) = this.parameters.get() {
        return Ok(p);
    }
    let p = tuple::from_vec(make_parameters(vm, this.args.as_slice())?);
    this.parameters.set(Some(p.clone()));
    Ok(p)
}

/// Whether the same values, none of which can be hashed, stand in both.
fn same_unhashable(vm: &Vm, a: &[Value], b: &[Value]) -> R<bool> {
    if a.len() != b.len() {
        return Ok(false);
    }
    for x in a {
        let mut found = false;
        for y in b {
            found = found || vm.eq(x, y)?;
        }
        if !found {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Represent a union type
///
/// E.g. for int | str
#[taipan_macros::class(name = "Union", module = "typing", flags(GC, HAS_WEAKREF, NO_NEW))]
impl Union {
    #[slot]
    fn repr(vm: &Vm, this: &Ref<Self>) -> R {
        let mut out = StrBuilder::new();
        for (i, v) in this.args.as_slice().iter().enumerate() {
            if i > 0 {
                out.push_str(" | ");
            }
            type_repr(vm, &mut out, v)?;
        }
        Ok(out.finish())
    }

    #[slot]
    fn hash(vm: &Vm, this: &Ref<Self>) -> R<i64> {
        // Two unions with members that can't be hashed may be equal, so their hashes would have to be.
        for v in &this.unhashable {
            vm.hash(v)?;
        }
        match this.unhashable.len() {
            0 => vm.hash(&this.hashable),
            1 => Err(vm.type_error("union contains 1 unhashable element")),
            n => Err(vm.type_error(format!("union contains {n} unhashable elements"))),
        }
    }

    #[slot]
    fn richcompare(vm: &Vm, this: &Ref<Self>, other: &Value, op: CmpOp) -> R {
        let Some(o) = other.downcast_exact::<Union>() else { return Ok(Value::NOT_IMPLEMENTED) };
        if !matches!(op, CmpOp::Eq | CmpOp::Ne) {
            return Ok(Value::NOT_IMPLEMENTED);
        }
        let same = vm.eq(&this.hashable, &o.hashable)? && same_unhashable(vm, &this.unhashable, &o.unhashable)?;
        Ok(Value::bool(same == (op == CmpOp::Eq)))
    }

    #[slot(binary = Or)]
    fn or(vm: &Vm, a: &Value, b: &Value) -> R {
        type_or(vm, a, b)
    }

    #[slot]
    fn getitem(vm: &Vm, this: &Ref<Self>, key: &Value) -> R {
        let params = parameters(vm, this)?;
        let args = substitute(vm, this.value(), this.args.as_slice(), params.as_slice(), key)?;
        from_items(vm, &args)
    }

    #[method(sig = "(bases, /)")]
    fn __mro_entries__(vm: &Vm, this: &Ref<Self>, _bases: &Value) -> R<()> {
        Err(vm.type_error(format!("Cannot subclass {}", vm.repr_string(this.value())?)))
    }

    /// See PEP 585
    #[classmethod(sig = "(object, /)")]
    fn __class_getitem__(vm: &Vm, _cls: &TypeObject, object: &Value) -> R {
        match object.downcast_exact::<Tuple>() {
            Some(t) => from_items(vm, t.as_slice()),
            None => from_items(vm, std::slice::from_ref(object)),
        }
    }

    /// Name of the type
    #[getter]
    fn __name__(_vm: &Vm, _this: &Ref<Self>) -> &'static str {
        "Union"
    }

    /// Qualified name of the type
    #[getter]
    fn __qualname__(_vm: &Vm, _this: &Ref<Self>) -> &'static str {
        "Union"
    }

    /// Always returns the type
    #[getter]
    fn __origin__(_vm: &Vm, _this: &Ref<Self>) -> Value {
        Self::TYPE.value()
    }

    #[getter(member)]
    fn __args__(_vm: &Vm, this: &Ref<Self>) -> Ref<Tuple> {
        this.args.clone()
    }

    /// Type variables in the types.UnionType.
    #[getter]
    fn __parameters__(vm: &Vm, this: &Ref<Self>) -> R<Ref<Tuple>> {
        parameters(vm, this)
    }

    #[setup]
    fn setup(ty: &TypeObject) {
        // Instances say where they come from, as their class does.
        ty.dict.set_str("__module__", str::from_str("typing"));
    }
}
