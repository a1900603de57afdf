//! The class OrderedDict.

use super::iter::{Kind, OrderedIter};
use super::{OrderedDict, OrderedItems, OrderedKeys, OrderedValues};
use crate::core::{Payload, R, Ref, Value};
use crate::native::Args;
use crate::types::dict::Dict;
use crate::types::str;
use crate::types::tuple;
use crate::types::type_::{CmpOp, DictOp, TypeObject};
use crate::vm::{Vm, names};

/// A dictionary that remembers insertion order, and lets its keys move.
#[taipan_macros::class(name = "OrderedDict", module = "collections", base = Dict, flags(BASETYPE, GC, HAS_DICT, HAS_WEAKREF))]
impl OrderedDict {
    #[slot(new)]
    fn py_new(_vm: &Vm, cls: &TypeObject, _args: Args<'_>) -> R {
        Ok(Ref::new_of(cls, OrderedDict::new()).into_value())
    }

    #[slot]
    fn init(vm: &Vm, this: &Ref<OrderedDict>, args: Args<'_>) -> R<()> {
        let n = args.positional().len();
        if n > 1 {
            return Err(vm.type_error(format!("expected at most 1 arguments, got {n}")));
        }
        update(vm, this, args)
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<OrderedDict>) -> R {
        let name = this.ty().name();
        if this.dict.is_empty() {
            return Ok(str::from_str(&format!("{name}()")));
        }
        let text = vm.repr_guard(this.value(), || {
            let plain = Ref::new(Dict::new());
            if this.is_exact() {
                for (k, v) in this.pairs(vm)? {
                    plain.set(vm, k, v)?;
                }
            } else {
                let items = vm.call_method_name(this.value(), &names().items, &[])?;
                crate::types::dict::update(vm, &plain, &items)?;
            }
            let mut out = str::StrBuilder::new();
            out.push_str(&name);
            out.push_str("(");
            crate::types::dict::push_repr(vm, &mut out, plain.value())?;
            out.push_str(")");
            Ok(out.finish())
        })?;
        Ok(text.unwrap_or_else(|| str::from_str("...")))
    }

    #[slot(iter)]
    fn py_iter(_vm: &Vm, this: &Ref<OrderedDict>) -> Ref<OrderedIter> {
        OrderedIter::over(this, Kind::Keys, false)
    }

    #[slot]
    fn setitem(vm: &Vm, this: &Ref<OrderedDict>, key: &Value, value: Option<&Value>) -> R<()> {
        match value {
            Some(v) => this.set(vm, key.clone(), v.clone()),
            None => match this.remove(vm, key)? {
                Some(_) => Ok(()),
                None => Err(vm.key_error(key)),
            },
        }
    }

    #[slot]
    fn richcompare(vm: &Vm, this: &Ref<OrderedDict>, other: &Value, op: CmpOp) -> R {
        if !matches!(op, CmpOp::Eq | CmpOp::Ne) || other.downcast::<Dict>().is_none() {
            return Ok(Value::NOT_IMPLEMENTED);
        }
        let Some(compare) = Dict::TYPE.get().slots().richcompare else { return Ok(Value::NOT_IMPLEMENTED) };
        let mut equal = vm.truth(&compare(vm, this.value(), other, CmpOp::Eq)?)?;
        if equal && let Some(other) = other.downcast::<OrderedDict>() {
            equal = same_keys(vm, this, other)?;
        }
        Ok(Value::bool(equal == matches!(op, CmpOp::Eq)))
    }

    #[slot(binary = Or)]
    fn or(vm: &Vm, a: &Value, b: &Value) -> R {
        if a.downcast::<Dict>().is_none() || b.downcast::<Dict>().is_none() {
            return Ok(Value::NOT_IMPLEMENTED);
        }
        let model = if a.downcast::<OrderedDict>().is_some() { a } else { b };
        let made = vm.call(&model.ty().to_value(), std::slice::from_ref(a))?;
        update_from(vm, &made, b)?;
        Ok(made)
    }

    #[slot(inplace = Or)]
    fn ior(vm: &Vm, this: &Ref<OrderedDict>, other: &Value) -> R {
        update_from(vm, this.value(), other)?;
        Ok(this.value().clone())
    }

    #[slot]
    fn dict(_vm: &Vm, this: &Ref<OrderedDict>, op: DictOp) -> Option<Ref<Dict>> {
        op.on(&this.attributes)
    }

    /// Create a new ordered dictionary with keys from iterable and values set to value.
    #[classmethod(sig = "(iterable, value=None)")]
    fn fromkeys(vm: &Vm, cls: &TypeObject, iterable: &Value, value: &Value) -> R {
        let made = vm.call(&cls.to_value(), &[])?;
        match made.downcast_exact::<OrderedDict>() {
            Some(od) => vm.for_each(iterable, |k| od.set(vm, k, value.clone()))?,
            None => vm.for_each(iterable, |k| vm.setitem(&made, &k, value))?,
        }
        Ok(made)
    }

    /// Insert key with a value of default if key is not in the dictionary.
    ///
    /// Return the value for key if key is in the dictionary, else default.
    #[method(sig = "(key, default=None)")]
    fn setdefault(vm: &Vm, this: &Ref<OrderedDict>, key: &Value, default: &Value) -> R {
        if this.is_exact() {
            if let Some(v) = this.dict.get(vm, key)? {
                return Ok(v);
            }
            this.set(vm, key.clone(), default.clone())?;
        } else {
            if vm.contains(this.value(), key)? {
                return vm.getitem(this.value(), key);
            }
            vm.setitem(this.value(), key, default)?;
        }
        Ok(default.clone())
    }

    /// od.pop(key[,default]) -> v, remove specified key and return the corresponding value.
    ///
    /// Without the key, return the default if it is given, else raise a KeyError.
    #[method(sig = "(key, default=<unrepresentable>)")]
    fn pop(vm: &Vm, this: &Ref<OrderedDict>, key: &Value, default: Option<&Value>) -> R {
        match (this.remove(vm, key)?, default) {
            (Some(v), _) => Ok(v),
            (None, Some(d)) => Ok(d.clone()),
            (None, None) => Err(vm.key_error(key)),
        }
    }

    /// Remove and return a (key, value) pair from the dictionary.
    ///
    /// It is the last one if last is true, else the first one.
    #[method(sig = "(last=True)")]
    fn popitem(vm: &Vm, this: &Ref<OrderedDict>, last: bool) -> R {
        match this.end(last) {
            Some(n) => {
                let (k, v) = this.take(n);
                Ok(tuple::from_array([k, v]).into_value())
            }
            None => Err(vm.key_error(&str::from_str("dictionary is empty"))),
        }
    }

    /// Move an existing element to the end (or the beginning if last is false).
    ///
    /// Raise KeyError if the element does not exist.
    #[method(sig = "(key, last=True)")]
    fn move_to_end(vm: &Vm, this: &Ref<OrderedDict>, key: &Value, last: bool) -> R<()> {
        this.move_key(vm, key, last)
    }

    /// od.keys() -> a set-like object providing a view on od's keys
    #[method(name = "keys", sig = "()")]
    fn py_keys(_vm: &Vm, this: &Ref<OrderedDict>) -> Option<Ref<OrderedKeys>> {
        OrderedKeys::of(this)
    }

    /// od.values() -> an object providing a view on od's values
    #[method(sig = "()")]
    fn values(_vm: &Vm, this: &Ref<OrderedDict>) -> Option<Ref<OrderedValues>> {
        OrderedValues::of(this)
    }

    /// od.items() -> a set-like object providing a view on od's items
    #[method(sig = "()")]
    fn items(_vm: &Vm, this: &Ref<OrderedDict>) -> Option<Ref<OrderedItems>> {
        OrderedItems::of(this)
    }

    /// od.update([E, ]**F) -> None, as dict's, by item assignments
    #[method(name = "update")]
    fn py_update(vm: &Vm, this: &Ref<OrderedDict>, args: Args<'_>) -> R<()> {
        let n = args.positional().len();
        if n > 1 {
            return Err(vm.type_error(format!("update() takes at most 1 positional argument ({n} given)")));
        }
        update(vm, this, args)
    }

    /// A shallow copy of ordered dict.
    #[method(sig = "()")]
    fn copy(vm: &Vm, this: &Ref<OrderedDict>) -> R {
        if this.is_exact() {
            let made = Ref::new(OrderedDict::new());
            for (k, v) in this.pairs(vm)? {
                made.set(vm, k, v)?;
            }
            return Ok(made.into_value());
        }
        let made = vm.call(&this.ty().to_value(), &[])?;
        for k in this.dict.keys() {
            let v = vm.getitem(this.value(), &k)?;
            vm.setitem(&made, &k, &v)?;
        }
        Ok(made)
    }

    /// Remove all items from ordered dict.
    #[method(sig = "()")]
    fn clear(_vm: &Vm, this: &Ref<OrderedDict>) {
        let mut old = Vec::new();
        this.dict.clear_into(&mut old);
        this.changed();
        drop(old);
    }

    /// Return a reverse iterator over the keys.
    #[method(sig = "()")]
    fn __reversed__(_vm: &Vm, this: &Ref<OrderedDict>) -> Ref<OrderedIter> {
        OrderedIter::over(this, Kind::Keys, true)
    }

    /// Return state information for pickling
    #[method(sig = "()")]
    fn __reduce__(vm: &Vm, this: &Ref<OrderedDict>) -> R {
        let state = vm.call_method(this.value(), "__getstate__", &[])?;
        let items = vm.call_method_name(this.value(), &names().items, &[])?;
        let items = vm.iter(&items)?;
        let none = tuple::from_vec(Vec::new()).into_value();
        Ok(tuple::from_array([this.ty().to_value(), none, state, Value::NONE, items]).into_value())
    }

    /// Return the size of the dict in memory.
    #[method(sig = "()")]
    fn __sizeof__(_vm: &Vm, this: &Ref<OrderedDict>) -> usize {
        OrderedDict::TYPE.get().layout.size + this.dict.table.borrow().bytes()
    }
}

/// Whether the keys are equal one by one.
///
/// Raises RuntimeError when comparing them changes one of the two.
fn same_keys(vm: &Vm, a: &OrderedDict, b: &OrderedDict) -> R<bool> {
    let states = (a.state.get(), b.state.get());
    let (mut i, mut j) = (0, 0);
    loop {
        match (a.dict.next_key(i), b.dict.next_key(j)) {
            (Some((n, _, x)), Some((m, _, y))) => {
                (i, j) = (n, m);
                let same = x.is(&y) || vm.eq(&x, &y)?;
                if (a.state.get(), b.state.get()) != states {
                    return Err(vm.runtime_error("OrderedDict mutated during iteration"));
                }
                if !same {
                    return Ok(false);
                }
            }
            (None, None) => return Ok(true),
            _ => return Ok(false),
        }
    }
}

fn update(vm: &Vm, this: &Ref<OrderedDict>, args: Args<'_>) -> R<()> {
    if let Some(source) = args.positional().first() {
        update_from(vm, this.value(), source)?;
    }
    for (k, v) in args.named() {
        vm.setitem(this.value(), k, v)?;
    }
    Ok(())
}

/// Sets the items of a mapping or of an iterable of pairs, each by an assignment.
fn update_from(vm: &Vm, target: &Value, source: &Value) -> R<()> {
    if let Some(d) = source.downcast_exact::<Dict>() {
        for (k, v) in d.items() {
            vm.setitem(target, &k, &v)?;
        }
        return Ok(());
    }
    if let Some(od) = source.downcast_exact::<OrderedDict>()
        && !target.is(source)
    {
        for (k, v) in od.pairs(vm)? {
            vm.setitem(target, &k, &v)?;
        }
        return Ok(());
    }
    if let Some(keys) = vm.get_attr_opt(source, &names().keys)? {
        let keys = vm.call(&keys, &[])?;
        return vm.for_each(&keys, |k| {
            let v = vm.getitem(source, &k)?;
            vm.setitem(target, &k, &v)
        });
    }
    let items = match vm.get_attr_opt(source, &names().items)? {
        Some(items) => vm.call(&items, &[])?,
        None => source.clone(),
    };
    vm.for_each(&items, |pair| {
        let (k, v) = split(vm, &pair)?;
        vm.setitem(target, &k, &v)
    })
}

/// The two items of a pair.
///
/// Raises ValueError for more or fewer, TypeError for what is not iterable.
fn split(vm: &Vm, pair: &Value) -> R<(Value, Value)> {
    if let Some(t) = pair.downcast_exact::<tuple::Tuple>()
        && let [k, v] = t.as_slice()
    {
        return Ok((k.clone(), v.clone()));
    }
    let it = vm.iter(pair)?;
    let Some(k) = vm.next(&it)? else { return Err(vm.value_error("need more than 0 values to unpack")) };
    let Some(v) = vm.next(&it)? else { return Err(vm.value_error("need more than 1 value to unpack")) };
    if vm.next(&it)?.is_some() {
        return Err(vm.value_error("too many values to unpack (expected 2)"));
    }
    Ok((k, v))
}
