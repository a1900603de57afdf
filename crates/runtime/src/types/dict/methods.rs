//! The slots and methods of dict.

use super::iter::{KeyIter, ReverseKeyIter};
use super::{Dict, views};
use crate::core::{Payload, R, Ref, Value};
use crate::native::Args;
use crate::types::str::{self, StrBuilder};
use crate::types::type_::{CmpOp, TypeObject};
use crate::types::{generic_alias, set};
use crate::vm::{Vm, names};

/// dict() -> new empty dictionary
/// dict(mapping) -> new dictionary with the mapping's pairs
/// dict(iterable) -> new dictionary from an iterable of pairs
/// dict(**kwargs) -> new dictionary with the names and values of the call
#[taipan_macros::class(name = "dict", flags(BASETYPE, GC, MAPPING, DICT_SUB, MATCH_SELF))]
impl Dict {
    #[slot(new)]
    fn py_new(_vm: &Vm, cls: &TypeObject, _args: Args<'_>) -> R {
        Ok(Ref::new_of(cls, Dict::new()).into_value())
    }

    #[slot]
    fn init(vm: &Vm, this: &Ref<Dict>, args: Args<'_>) -> R<()> {
        update_args(vm, this, args, "dict")
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Dict>) -> R {
        if this.is_empty() {
            return Ok(str::from_str("{}"));
        }
        let text = vm.repr_guard(this.value(), || {
            let mut out = StrBuilder::new();
            out.push_str("{");
            let mut at = 0;
            while let Some((next, k, v)) = this.next_entry(at) {
                if at > 0 {
                    out.push_str(", ");
                }
                at = next;
                push_repr(vm, &mut out, &k)?;
                out.push_str(": ");
                push_repr(vm, &mut out, &v)?;
            }
            out.push_str("}");
            Ok(out.finish())
        })?;
        Ok(text.unwrap_or_else(|| str::from_str("{...}")))
    }

    #[slot(len)]
    fn py_len(_vm: &Vm, this: &Ref<Dict>) -> usize {
        this.len()
    }

    #[slot(iter)]
    fn py_iter(_vm: &Vm, this: &Ref<Dict>) -> Ref<KeyIter> {
        KeyIter::make(this)
    }

    #[slot(contains)]
    fn py_contains(vm: &Vm, this: &Ref<Dict>, key: &Value) -> R<bool> {
        this.contains(vm, key)
    }

    #[slot]
    fn getitem(vm: &Vm, this: &Ref<Dict>, key: &Value) -> R {
        if let Some(v) = this.get(vm, key)? {
            return Ok(v);
        }
        if !this.is_exact()
            && let Some(v) = vm.call_special(this.value(), &names().__missing__, std::slice::from_ref(key))?
        {
            return Ok(v);
        }
        Err(vm.key_error(key))
    }

    #[slot]
    fn setitem(vm: &Vm, this: &Ref<Dict>, key: &Value, value: Option<&Value>) -> R<()> {
        match value {
            Some(v) => this.set(vm, key.clone(), v.clone()),
            None => match this.remove(vm, key)? {
                Some(_) => Ok(()),
                None => Err(vm.key_error(key)),
            },
        }
    }

    #[slot]
    fn richcompare(vm: &Vm, this: &Ref<Dict>, other: &Value, op: CmpOp) -> R {
        let Some(other) = other.downcast::<Dict>() else { return Ok(Value::NOT_IMPLEMENTED) };
        match op {
            CmpOp::Eq => Ok(Value::bool(equal(vm, this, other)?)),
            CmpOp::Ne => Ok(Value::bool(!equal(vm, this, other)?)),
            _ => Ok(Value::NOT_IMPLEMENTED),
        }
    }

    #[slot(binary = Or)]
    fn or(vm: &Vm, a: &Value, b: &Value) -> R {
        let (Some(d), Some(_)) = (a.downcast::<Dict>(), b.downcast::<Dict>()) else {
            return Ok(Value::NOT_IMPLEMENTED);
        };
        let made = copied(vm, d)?;
        update(vm, &made, b)?;
        Ok(made.into_value())
    }

    #[slot(inplace = Or)]
    fn ior(vm: &Vm, this: &Ref<Dict>, other: &Value) -> R {
        update(vm, this, other)?;
        Ok(this.value().clone())
    }

    /// Return the value for key if key is in the dictionary, else default.
    #[method(name = "get", sig = "(key, default=None, /)")]
    fn py_get(vm: &Vm, this: &Ref<Dict>, key: &Value, default: &Value) -> R {
        Ok(this.get(vm, key)?.unwrap_or_else(|| default.clone()))
    }

    /// Insert key with a value of default if key is not in the dictionary.
    ///
    /// Return the value for key if key is in the dictionary, else default.
    #[method(sig = "(key, default=None, /)")]
    fn setdefault(vm: &Vm, this: &Ref<Dict>, key: &Value, default: &Value) -> R {
        this.set_default(vm, key.clone(), default.clone())
    }

    /// D.pop(k[,d]) -> v, remove the key and return its value.
    ///
    /// Without the key, return d if it is given, else raise a KeyError.
    #[method(sig = "(key, default=<unrepresentable>, /)")]
    fn pop(vm: &Vm, this: &Ref<Dict>, key: &Value, default: Option<&Value>) -> R {
        let found = if this.is_empty() { None } else { this.remove(vm, key)? };
        match (found, default) {
            (Some(v), _) => Ok(v),
            (None, Some(d)) => Ok(d.clone()),
            (None, None) => Err(vm.key_error(key)),
        }
    }

    /// Remove the pair inserted last and return it as a 2-tuple.
    ///
    /// Raises KeyError if the dict is empty.
    #[method(sig = "()")]
    fn popitem(vm: &Vm, this: &Ref<Dict>) -> R {
        match this.pop_last() {
            Some((k, v)) => Ok(crate::types::tuple::from_array([k, v]).into_value()),
            None => Err(vm.key_error(&str::from_str("popitem(): dictionary is empty"))),
        }
    }

    /// D.update([E, ]**F) -> None.  Update D from mapping/iterable E and F.
    ///
    /// With a method keys() in E: for k in E.keys(): D[k] = E[k]; otherwise: for k, v in E: D[k] = v.
    /// Then, in both cases: for k in F: D[k] = F[k].
    #[method]
    fn update(vm: &Vm, this: &Ref<Dict>, args: Args<'_>) -> R<()> {
        update_args(vm, this, args, "update")
    }

    /// Create a new dictionary with keys from iterable and values set to value.
    #[classmethod(sig = "(iterable, value=None, /)")]
    fn fromkeys(vm: &Vm, cls: &TypeObject, iterable: &Value, value: &Value) -> R {
        let made = vm.call(&cls.to_value(), &[])?;
        if let Some(d) = made.downcast_exact::<Dict>() {
            let source = iterable.downcast_exact::<Dict>();
            if let Some(source) = source
                && d.is_empty()
            {
                let mut at = 0;
                while let Some((next, hash, k)) = source.next_key(at) {
                    d.set_hashed(vm, k, hash, value.clone())?;
                    at = next;
                }
            } else if let Some(source) = set::exact_data(iterable)
                && d.is_empty()
            {
                let mut at = 0;
                while let Some((next, hash, k)) = source.next_entry(at) {
                    d.set_hashed(vm, k, hash, value.clone())?;
                    at = next;
                }
            } else {
                vm.for_each(iterable, |k| d.set(vm, k, value.clone()))?;
            }
            return Ok(made);
        }
        vm.for_each(iterable, |k| vm.setitem(&made, &k, value))?;
        Ok(made)
    }

    /// Return a set-like object that shows the dict's keys.
    #[method(name = "keys", sig = "()")]
    fn py_keys(_vm: &Vm, this: &Ref<Dict>) -> Ref<views::DictKeys> {
        Ref::new(views::DictKeys { dict: this.clone() })
    }

    /// Return an object that shows the dict's values.
    #[method(sig = "()")]
    fn values(_vm: &Vm, this: &Ref<Dict>) -> Ref<views::DictValues> {
        Ref::new(views::DictValues { dict: this.clone() })
    }

    /// Return a set-like object that shows the dict's items.
    #[method(name = "items", sig = "()")]
    fn py_items(_vm: &Vm, this: &Ref<Dict>) -> Ref<views::DictItems> {
        Ref::new(views::DictItems { dict: this.clone() })
    }

    /// Return a shallow copy of the dict.
    #[method(name = "copy", sig = "()")]
    fn py_copy(vm: &Vm, this: &Ref<Dict>) -> R<Ref<Dict>> {
        copied(vm, this)
    }

    /// Remove all items from the dict.
    #[method(sig = "()")]
    fn clear(_vm: &Vm, this: &Ref<Dict>) {
        this.clear_all();
    }

    /// Return a reverse iterator over the dict keys.
    #[method(sig = "()")]
    fn __reversed__(_vm: &Vm, this: &Ref<Dict>) -> Ref<ReverseKeyIter> {
        ReverseKeyIter::make(this)
    }

    /// Return the size of the dict in memory.
    #[method(sig = "()")]
    fn __sizeof__(_vm: &Vm, this: &Ref<Dict>) -> usize {
        Dict::TYPE.get().layout.size + this.table().borrow().bytes()
    }

    /// See PEP 585
    #[classmethod(sig = "(object, /)")]
    fn __class_getitem__(vm: &Vm, cls: &TypeObject, object: &Value) -> R {
        generic_alias::new(vm, cls.to_value(), object.clone())
    }
}

/// Appends the repr of a value.
pub(crate) fn push_repr(vm: &Vm, out: &mut StrBuilder, v: &Value) -> R<()> {
    let text = vm.repr(v)?;
    if let Some(s) = text.downcast::<str::Str>() {
        out.push_obj(s);
    }
    Ok(())
}

/// Whether two dicts have equal keys with equal values.
fn equal(vm: &Vm, a: &Ref<Dict>, b: &Ref<Dict>) -> R<bool> {
    if a.len() != b.len() {
        return Ok(false);
    }
    let mut at = 0;
    while let Some((next, key, value)) = a.next_entry(at) {
        let hash = a.hash_at(next - 1);
        let Some(other) = b.get_hashed(vm, &key, hash)? else { return Ok(false) };
        if !vm.eq(&value, &other)? {
            return Ok(false);
        }
        at = next;
    }
    Ok(true)
}

/// The arguments of `dict` and `dict.update`.
fn update_args(vm: &Vm, this: &Ref<Dict>, args: Args<'_>, name: &str) -> R<()> {
    match args.positional() {
        [] => {}
        [source] => update(vm, this, source)?,
        more => return Err(vm.type_error(format!("{name} expected at most 1 argument, got {}", more.len()))),
    }
    for (k, v) in args.named() {
        this.set(vm, k.clone(), v.clone())?;
    }
    Ok(())
}

/// Takes over what a mapping or an iterable of pairs holds, as `dict.update(source)` does.
///
/// Raises TypeError for what is neither, ValueError for items that are no pairs.
pub fn update(vm: &Vm, this: &Dict, source: &Value) -> R<()> {
    if let Some(other) = source.downcast::<Dict>()
        && (other.is_exact() || iterates_plainly(source))
    {
        return this.merge(vm, other);
    }
    match vm.get_attr_opt(source, &names().keys)? {
        Some(keys) => {
            let keys = vm.call(&keys, &[])?;
            vm.for_each(&keys, |k| {
                let v = vm.getitem(source, &k)?;
                this.set(vm, k, v)
            })
        }
        None => update_pairs(vm, this, source),
    }
}

/// A plain dict with the items of a dict, in the order in which a subclass shows them.
///
/// Raises what a subclass's own methods raise.
pub fn copied(vm: &Vm, d: &Ref<Dict>) -> R<Ref<Dict>> {
    if d.is_exact() || iterates_plainly(d.value()) {
        return Ok(d.copy());
    }
    let made = Ref::new(Dict::new());
    if !d.is_empty() {
        update(vm, &made, d.value())?;
    }
    Ok(made)
}

/// Whether an instance of a subclass of dict is iterated over as a dict is.
fn iterates_plainly(v: &Value) -> bool {
    if v.downcast_exact::<super::ordered::OrderedDict>().is_some_and(|od| od.is_whole()) {
        return true;
    }
    match (v.ty().slots().iter, Dict::TYPE.get().slots().iter) {
        (Some(a), Some(b)) => std::ptr::fn_addr_eq(a, b),
        _ => false,
    }
}

fn update_pairs(vm: &Vm, this: &Dict, source: &Value) -> R<()> {
    let mut i = 0usize;
    vm.for_each(source, |item| {
        let pair = match vm.collect(&item) {
            Ok(pair) => pair,
            Err(raised) => {
                let raised = match vm.raised_is(&crate::types::exceptions::TYPE_ERROR) {
                    false => raised,
                    true => {
                        drop(vm.catch(raised));
                        vm.type_error(format!("cannot convert dictionary update sequence element #{i} to a sequence"))
                    }
                };
                return Err(raised);
            }
        };
        let n = pair.len();
        let Ok([k, v]) = <[Value; 2]>::try_from(pair) else {
            return Err(vm.value_error(format!(
                "dictionary update sequence element #{i} has length {n}; 2 is required"
            )));
        };
        i += 1;
        this.set(vm, k, v)
    })
}

/// A new set of a dict's keys.
pub(super) fn key_set(vm: &Vm, dict: &Ref<Dict>) -> R<Ref<set::Set>> {
    let made = set::new_empty();
    set::ops::update(vm, made.data(), dict.value())?;
    Ok(made)
}
