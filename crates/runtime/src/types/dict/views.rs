//! What `keys()`, `values()` and `items()` give: windows on a dict, the first and the last set-like.

use super::iter::{ItemIter, KeyIter, ReverseItemIter, ReverseKeyIter, ReverseValueIter, ValueIter};
use super::{Dict, methods};
use crate::core::{R, Ref, Value};
use crate::types::set::{self, Set};
use crate::types::str::{self, StrBuilder};
use crate::types::tuple::{self, Tuple};
use crate::types::type_::CmpOp;
use crate::types::{list, mappingproxy};
use crate::vm::Vm;

/// `dict.keys()`
#[derive(taipan_macros::Trace)]
pub struct DictKeys {
    /// The dict that is seen.
    pub dict: Ref<Dict>,
}

/// `dict.values()`
#[derive(taipan_macros::Trace)]
pub struct DictValues {
    /// The dict that is seen.
    pub dict: Ref<Dict>,
}

/// `dict.items()`
#[derive(taipan_macros::Trace)]
pub struct DictItems {
    /// The dict that is seen.
    pub dict: Ref<Dict>,
}

/// A view that is like a set.
#[derive(Clone, Copy)]
enum View<'a> {
    Keys(&'a Ref<Dict>),
    Items(&'a Ref<Dict>),
}

impl<'a> View<'a> {
    fn of(v: &'a Value) -> Option<Self> {
        if let Some(k) = v.downcast::<DictKeys>() {
            return Some(Self::Keys(&k.dict));
        }
        v.downcast::<DictItems>().map(|i| Self::Items(&i.dict))
    }

    fn dict(self) -> &'a Ref<Dict> {
        match self {
            Self::Keys(d) | Self::Items(d) => d,
        }
    }

    fn contains(self, vm: &Vm, item: &Value) -> R<bool> {
        match self {
            Self::Keys(d) => d.contains(vm, item),
            Self::Items(d) => {
                let Some(pair) = item.downcast::<Tuple>() else { return Ok(false) };
                let [k, v] = pair.as_slice() else { return Ok(false) };
                match d.get(vm, k)? {
                    Some(found) => vm.eq(&found, v),
                    None => Ok(false),
                }
            }
        }
    }
}

/// The items of a view, collected.
fn items_of(dict: &Dict) -> Vec<Value> {
    let table = dict.table().borrow();
    table.iter().map(|(k, v)| tuple::from_array([k.clone(), v.clone()]).into_value()).collect()
}

/// `dict_keys([...])`
fn repr(vm: &Vm, this: &Value, items: impl FnOnce() -> Vec<Value>) -> R {
    let text = vm.repr_guard(this, || {
        let mut out = StrBuilder::new();
        out.push_str(&this.ty().name());
        out.push_str("(");
        methods::push_repr(vm, &mut out, list::from_vec(items()).value())?;
        out.push_str(")");
        Ok(out.finish())
    })?;
    Ok(text.unwrap_or_else(|| str::from_str("...")))
}

/// A new set of the items of a view, or of any iterable.
fn to_set(vm: &Vm, v: &Value) -> R<Ref<Set>> {
    if let Some(k) = v.downcast::<DictKeys>() {
        return methods::key_set(vm, &k.dict);
    }
    let made = set::new_empty();
    set::ops::update(vm, made.data(), v)?;
    Ok(made)
}

fn sub(vm: &Vm, a: &Value, b: &Value) -> R {
    let made = to_set(vm, a)?;
    set::ops::difference_update(vm, made.data(), b)?;
    Ok(made.into_value())
}

fn or(vm: &Vm, a: &Value, b: &Value) -> R {
    let made = to_set(vm, a)?;
    set::ops::update(vm, made.data(), b)?;
    Ok(made.into_value())
}

fn xor(vm: &Vm, a: &Value, b: &Value) -> R {
    let made = to_set(vm, a)?;
    set::ops::symmetric_difference_update(vm, made.data(), b)?;
    Ok(made.into_value())
}

fn and(vm: &Vm, a: &Value, b: &Value) -> R {
    // Either side may be the view.
    let (mut view, mut other) = match View::of(a) {
        Some(view) => (view, b),
        None => match View::of(b) {
            Some(view) => (view, a),
            None => return Ok(Value::NOT_IMPLEMENTED),
        },
    };
    if other.downcast_exact::<Set>().is_some_and(|s| view.dict().len() <= s.data().len()) {
        let this = if View::of(a).is_some() { a } else { b };
        return vm.call_method(other, "intersection", std::slice::from_ref(this));
    }
    // The smaller one is walked through.
    if let Some(second) = View::of(other)
        && second.dict().len() > view.dict().len()
    {
        other = if std::ptr::eq(other, b) { a } else { b };
        view = second;
    }
    let made = set::new_empty();
    vm.for_each(other, |item| {
        if view.contains(vm, &item)? {
            made.data().add(vm, item)?;
        }
        Ok(())
    })?;
    Ok(made.into_value())
}

fn isdisjoint(vm: &Vm, this: &Value, other: &Value) -> R<bool> {
    let Some(mine) = View::of(this) else { return Ok(false) };
    if this.is(other) {
        return Ok(mine.dict().is_empty());
    }
    let set_like = set::data(other).is_some() || View::of(other).is_some();
    let mut disjoint = true;
    let (walked, seen) =
        if set_like && vm.len(other)? > mine.dict().len() { (this, other) } else { (other, this) };
    let it = vm.iter(walked)?;
    while let Some(item) = vm.next(&it)? {
        if vm.contains(seen, &item)? {
            disjoint = false;
            break;
        }
    }
    Ok(disjoint)
}

fn all_in(vm: &Vm, items: &Value, container: &Value) -> R<bool> {
    let it = vm.iter(items)?;
    while let Some(item) = vm.next(&it)? {
        if !vm.contains(container, &item)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn compare(vm: &Vm, this: &Value, other: &Value, op: CmpOp) -> R {
    if set::data(other).is_none() && View::of(other).is_none() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let (n, m) = (vm.len(this)?, vm.len(other)?);
    let holds = match op {
        CmpOp::Eq => n == m && all_in(vm, this, other)?,
        CmpOp::Ne => n != m || !all_in(vm, this, other)?,
        CmpOp::Lt => n < m && all_in(vm, this, other)?,
        CmpOp::Le => n <= m && all_in(vm, this, other)?,
        CmpOp::Gt => n > m && all_in(vm, other, this)?,
        CmpOp::Ge => n >= m && all_in(vm, other, this)?,
    };
    Ok(Value::bool(holds))
}

macro_rules! set_like {
    ($t:ident, $name:tt, $iter:ident, $reverse:ident, $collect:path) => {
        #[taipan_macros::class(name = $name, flags(GC, NO_NEW))]
        impl $t {
            #[slot]
            fn repr(vm: &Vm, this: &Ref<$t>) -> R {
                repr(vm, this.value(), || $collect(&this.dict))
            }
            #[slot]
            fn len(_vm: &Vm, this: &Ref<$t>) -> usize {
                this.dict.len()
            }
            #[slot]
            fn iter(_vm: &Vm, this: &Ref<$t>) -> Ref<$iter> {
                $iter::make(&this.dict)
            }
            #[slot]
            fn contains(vm: &Vm, this: &Value, item: &Value) -> R<bool> {
                match View::of(this) {
                    Some(view) => view.contains(vm, item),
                    None => Ok(false),
                }
            }
            #[slot]
            fn richcompare(vm: &Vm, this: &Value, other: &Value, op: CmpOp) -> R {
                compare(vm, this, other, op)
            }
            #[slot(binary = Sub)]
            fn sub(vm: &Vm, a: &Value, b: &Value) -> R {
                sub(vm, a, b)
            }
            #[slot(binary = And)]
            fn and(vm: &Vm, a: &Value, b: &Value) -> R {
                and(vm, a, b)
            }
            #[slot(binary = Or)]
            fn or(vm: &Vm, a: &Value, b: &Value) -> R {
                or(vm, a, b)
            }
            #[slot(binary = Xor)]
            fn xor(vm: &Vm, a: &Value, b: &Value) -> R {
                xor(vm, a, b)
            }

            /// Return True if the view and the given iterable have no item in common.
            #[method(sig = "(other, /)")]
            fn isdisjoint(vm: &Vm, this: &Value, other: &Value) -> R<bool> {
                isdisjoint(vm, this, other)
            }

            /// Return a reverse iterator over the dict.
            #[method(sig = "()")]
            fn __reversed__(_vm: &Vm, this: &Ref<$t>) -> Ref<$reverse> {
                $reverse::make(&this.dict)
            }

            /// The dictionary that this view refers to.
            #[getter]
            fn mapping(_vm: &Vm, this: &Ref<$t>) -> Value {
                mappingproxy::new(this.dict.value().clone())
            }
        }
    };
}

set_like!(DictKeys, "dict_keys", KeyIter, ReverseKeyIter, Dict::keys);
set_like!(DictItems, "dict_items", ItemIter, ReverseItemIter, items_of);

#[taipan_macros::class(name = "dict_values", flags(GC, NO_NEW))]
impl DictValues {
    #[slot]
    fn repr(vm: &Vm, this: &Ref<DictValues>) -> R {
        repr(vm, this.value(), || this.dict.table().borrow().iter().map(|(_, v)| v.clone()).collect())
    }

    #[slot]
    fn len(_vm: &Vm, this: &Ref<DictValues>) -> usize {
        this.dict.len()
    }

    #[slot]
    fn iter(_vm: &Vm, this: &Ref<DictValues>) -> Ref<ValueIter> {
        ValueIter::make(&this.dict)
    }

    /// Return a reverse iterator over the dict.
    #[method(sig = "()")]
    fn __reversed__(_vm: &Vm, this: &Ref<DictValues>) -> Ref<ReverseValueIter> {
        ReverseValueIter::make(&this.dict)
    }

    /// The dictionary that this view refers to.
    #[getter]
    fn mapping(_vm: &Vm, this: &Ref<DictValues>) -> Value {
        mappingproxy::new(this.dict.value().clone())
    }
}
