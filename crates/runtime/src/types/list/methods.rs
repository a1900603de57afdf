//! The slots and methods of list.

use super::{List, ListIter, ReverseListIter, from_vec, seq, slices, sort};
use crate::core::{Payload, R, Ref, Value};
use crate::native::Args;
use crate::types::dict::Dict;
use crate::types::str;
use crate::types::tuple::Tuple;
use crate::types::type_::{CmpOp, TypeObject};
use crate::types::{generic_alias, set, slice};
use crate::vm::Vm;

/// Built-in mutable sequence.
///
/// Without an argument the list is empty; with an iterable it holds the iterable's items.
#[taipan_macros::class(name = "list", flags(BASETYPE, GC, SEQUENCE, LIST_SUB, MATCH_SELF), sig = "(iterable=(), /)")]
impl List {
    #[slot(new)]
    fn py_new(_vm: &Vm, cls: &TypeObject, _args: Args<'_>) -> R {
        Ok(Ref::new_of(cls, List::new(Vec::new())).into_value())
    }

    #[slot]
    fn init(vm: &Vm, this: &Ref<List>, iterable: Option<&Value>) -> R<()> {
        let old = this.items().take();
        drop(old);
        match iterable {
            Some(v) => extend(vm, this, v),
            None => Ok(()),
        }
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<List>) -> R {
        if this.is_empty() {
            return Ok(str::from_str("[]"));
        }
        seq::repr(vm, this.value(), ("[", "]", "[...]"), |i| this.get(i))
    }

    #[slot]
    fn richcompare(vm: &Vm, this: &Ref<List>, other: &Value, op: CmpOp) -> R {
        let Some(other) = other.downcast::<List>() else { return Ok(Value::NOT_IMPLEMENTED) };
        if matches!(op, CmpOp::Eq | CmpOp::Ne) && this.len() != other.len() {
            return Ok(Value::bool(op == CmpOp::Ne));
        }
        compare(vm, this, other, op)
    }

    #[slot]
    fn iter(_vm: &Vm, this: &Ref<List>) -> Ref<ListIter> {
        ListIter::make(this)
    }

    #[slot(len)]
    fn py_len(_vm: &Vm, this: &Ref<List>) -> usize {
        this.len()
    }

    #[slot]
    fn contains(vm: &Vm, this: &Ref<List>, value: &Value) -> R<bool> {
        Ok(find(vm, this, value, 0, usize::MAX)?.is_some())
    }

    #[slot]
    fn item(vm: &Vm, this: &Ref<List>, i: isize) -> R {
        let found = usize::try_from(i).ok().and_then(|i| this.get(i));
        found.ok_or_else(|| vm.index_error("list index out of range"))
    }

    #[slot]
    fn getitem(vm: &Vm, this: &Ref<List>, key: &Value) -> R {
        if let Some(i) = seq::index(vm, key)? {
            let found = seq::place(i, this.len()).and_then(|i| this.get(i));
            return found.ok_or_else(|| vm.index_error("list index out of range"));
        }
        if !slice::is_slice(key) {
            return Err(bad_index(vm, key));
        }
        let (start, stop, step) = slice::unpack(vm, key)?;
        let (start, _, count) = slice::adjust(this.len(), start, stop, step);
        let part = seq::stepped(&this.items().borrow(), start, count, step);
        made(vm, part)
    }

    #[slot]
    fn setitem(vm: &Vm, this: &Ref<List>, key: &Value, value: Option<&Value>) -> R<()> {
        if let Some(i) = seq::index(vm, key)? {
            let Some(i) = seq::place(i, this.len()) else {
                return Err(vm.index_error("list assignment index out of range"));
            };
            let old = match value {
                Some(v) => std::mem::replace(&mut this.items().borrow_mut()[i], v.clone()),
                None => this.items().borrow_mut().remove(i),
            };
            drop(old);
            return Ok(());
        }
        if !slice::is_slice(key) {
            return Err(bad_index(vm, key));
        }
        let bounds = slice::unpack(vm, key)?;
        match value {
            Some(v) => slices::assign(vm, this, bounds, v),
            None => {
                slices::delete(this, bounds);
                Ok(())
            }
        }
    }

    #[slot]
    fn concat(vm: &Vm, this: &Ref<List>, other: &Value) -> R {
        let Some(l) = other.downcast::<List>() else {
            return Err(vm.type_error(format!(
                "can only concatenate list (not \"{}\") to list",
                other.ty().tp_name()
            )));
        };
        let both = seq::joined(&this.items().borrow(), &l.items().borrow());
        made(vm, both)
    }

    #[slot]
    fn repeat(vm: &Vm, this: &Ref<List>, n: isize) -> R {
        let n = usize::try_from(n).unwrap_or(0);
        let out = seq::repeated(&this.items().borrow(), n);
        made(vm, out)
    }

    #[slot]
    fn inplace_concat(vm: &Vm, this: &Ref<List>, other: &Value) -> R {
        extend(vm, this, other)?;
        Ok(this.value().clone())
    }

    #[slot]
    fn inplace_repeat(vm: &Vm, this: &Ref<List>, n: isize) -> R {
        let n = usize::try_from(n).unwrap_or(0);
        if n == 0 {
            let old = this.items().take();
            drop(old);
        } else if n > 1 {
            let len = this.len();
            let Some(more) = len.checked_mul(n - 1) else { return Err(vm.memory_error()) };
            reserve(vm, this, more)?;
            let mut items = this.items().borrow_mut();
            for _ in 1..n {
                items.extend_from_within(..len);
            }
        }
        Ok(this.value().clone())
    }

    /// Append object to the end of the list.
    #[method(sig = "(object, /)")]
    fn append(vm: &Vm, this: &Ref<List>, object: &Value) -> R<()> {
        if this.len() >= 4096 {
            reserve(vm, this, 1)?;
        }
        this.push(object.clone());
        Ok(())
    }

    /// Extend list by appending elements from the iterable.
    #[method(sig = "(iterable, /)")]
    fn extend(vm: &Vm, this: &Ref<List>, iterable: &Value) -> R<()> {
        extend(vm, this, iterable)
    }

    /// Insert object before index.
    #[method(sig = "(index, object, /)")]
    fn insert(_vm: &Vm, this: &Ref<List>, index: isize, object: &Value) {
        let mut items = this.items().borrow_mut();
        let len = items.len();
        let at = if index < 0 { index.saturating_add_unsigned(len).max(0) } else { index };
        let at = usize::try_from(at).unwrap_or(0).min(len);
        items.insert(at, object.clone());
    }

    /// Remove and return item at index (default last).
    ///
    /// Raises IndexError if list is empty or index is out of range.
    #[method(sig = "(index=-1, /)")]
    fn pop(vm: &Vm, this: &Ref<List>, index: isize) -> R {
        let mut items = this.items().borrow_mut();
        let len = items.len();
        if len == 0 {
            drop(items);
            return Err(vm.index_error("pop from empty list"));
        }
        match seq::place(index, len) {
            Some(i) if i == len - 1 => Ok(items.pop().unwrap_or(Value::NONE)),
            Some(i) => Ok(items.remove(i)),
            None => {
                drop(items);
                Err(vm.index_error("pop index out of range"))
            }
        }
    }

    /// Remove first occurrence of value.
    ///
    /// Raises ValueError if the value is not present.
    #[method(sig = "(value, /)")]
    fn remove(vm: &Vm, this: &Ref<List>, value: &Value) -> R<()> {
        let Some(i) = find(vm, this, value, 0, usize::MAX)? else {
            return Err(vm.value_error("list.remove(x): x not in list"));
        };
        // The comparison may have made the list shorter.
        let old = {
            let mut items = this.items().borrow_mut();
            if i < items.len() { Some(items.remove(i)) } else { None }
        };
        drop(old);
        Ok(())
    }

    /// Remove all items from list.
    #[method(sig = "()")]
    fn clear(_vm: &Vm, this: &Ref<List>) {
        super::drop_backwards(this.items().take());
    }

    /// Return a shallow copy of the list.
    #[method(sig = "()")]
    fn copy(_vm: &Vm, this: &Ref<List>) -> Ref<List> {
        from_vec(this.to_vec())
    }

    /// Return first index of value.
    ///
    /// Raises ValueError if the value is not present.
    #[method(sig = "(value, start=0, stop=9223372036854775807, /)")]
    fn index(vm: &Vm, this: &Ref<List>, value: &Value, start: Option<&Value>, stop: Option<&Value>) -> R<usize> {
        let n = this.len();
        let (start, stop) = (seq::bound(vm, start, 0, n)?, seq::bound(vm, stop, usize::MAX, n)?);
        match find(vm, this, value, start, stop)? {
            Some(i) => Ok(i),
            None => Err(vm.value_error(format!("{} is not in list", vm.repr_string(value)?))),
        }
    }

    /// Return number of occurrences of value.
    #[method(sig = "(value, /)")]
    fn count(vm: &Vm, this: &Ref<List>, value: &Value) -> R<usize> {
        let (mut n, mut from) = (0, 0);
        while let Some(i) = find(vm, this, value, from, usize::MAX)? {
            n += 1;
            from = i + 1;
        }
        Ok(n)
    }

    /// Reverse *IN PLACE*.
    #[method(sig = "()")]
    fn reverse(_vm: &Vm, this: &Ref<List>) {
        this.items().borrow_mut().reverse();
    }

    /// Sort the list in ascending order and return None.
    ///
    /// The sort is in-place and stable: the order of equal elements is kept.
    /// With a key function, apply it once to each list item and sort them by the results.
    /// The reverse flag can be set to sort in descending order.
    #[method(sig = "(*, key=None, reverse=False)")]
    fn sort(vm: &Vm, this: &Ref<List>, key: &Value, reverse: bool) -> R<()> {
        let mut items = this.items().take();
        let sorted = sort::sort_values(vm, &mut items, Some(key), reverse);
        let meanwhile = this.items().replace(items);
        // An empty list without a block was left behind: whatever was done to it shows.
        let modified = meanwhile.capacity() != 0;
        drop(meanwhile);
        sorted?;
        if modified { Err(vm.value_error("list modified during sort")) } else { Ok(()) }
    }

    /// Return a reverse iterator over the list.
    #[method(sig = "()")]
    fn __reversed__(_vm: &Vm, this: &Ref<List>) -> Ref<ReverseListIter> {
        ReverseListIter::make(this)
    }

    /// Return the size of the list in memory, in bytes.
    #[method(sig = "()")]
    fn __sizeof__(_vm: &Vm, this: &Ref<List>) -> usize {
        List::TYPE.get().layout.size + this.items().borrow().capacity() * size_of::<Value>()
    }

    /// See PEP 585
    #[classmethod(sig = "(object, /)")]
    fn __class_getitem__(vm: &Vm, cls: &TypeObject, object: &Value) -> R {
        generic_alias::new(vm, cls.to_value(), object.clone())
    }
}

#[cold]
fn bad_index(vm: &Vm, key: &Value) -> crate::core::Raised {
    vm.type_error(format!("list indices must be integers or slices, not {}", key.ty().tp_name()))
}

/// Compares item by item; comparing may change the lists.
fn compare(vm: &Vm, a: &List, b: &List, op: CmpOp) -> R {
    let mut i = 0;
    loop {
        i += seq::equal_run(&a.items().borrow(), &b.items().borrow(), i);
        let (Some(x), Some(y)) = (a.get(i), b.get(i)) else { break };
        if vm.eq(&x, &y)? {
            i += 1;
            continue;
        }
        // What is there now decides; after a change that may be nothing.
        let (Some(x), Some(y)) = (a.get(i), b.get(i)) else { break };
        return match op {
            CmpOp::Eq => Ok(Value::FALSE),
            CmpOp::Ne => Ok(Value::TRUE),
            _ => vm.compare(&x, &y, op),
        };
    }
    Ok(Value::bool(op.matches(a.len().cmp(&b.len()))))
}

/// The first index from `start` to `stop` whose item equals `value`.
fn find(vm: &Vm, this: &List, value: &Value, start: usize, stop: usize) -> R<Option<usize>> {
    let mut from = start;
    loop {
        let found = seq::scan(&this.items().borrow(), from, value);
        let Some((i, sure)) = found.filter(|&(i, _)| i < stop) else { return Ok(None) };
        if sure {
            return Ok(Some(i));
        }
        let Some(v) = this.get(i) else { return Ok(None) };
        if vm.eq(&v, value)? {
            return Ok(Some(i));
        }
        from = i + 1;
    }
}

/// A list of the items, or MemoryError without them.
fn made(vm: &Vm, items: Option<Vec<Value>>) -> R {
    match items {
        Some(items) => Ok(from_vec(items).into_value()),
        None => Err(vm.memory_error()),
    }
}

/// Makes room for `n` more items.
///
/// Raises MemoryError when there is none.
fn reserve(vm: &Vm, this: &List, n: usize) -> R<()> {
    let room = seq::reserve(&mut this.items().borrow_mut(), n);
    if room { Ok(()) } else { Err(vm.memory_error()) }
}

/// Appends the items of an iterable.
///
/// Raises what iterating raises; what came before it stays.
pub fn extend(vm: &Vm, this: &List, iterable: &Value) -> R<()> {
    let more = if let Some(t) = iterable.downcast_exact::<Tuple>() {
        reserve(vm, this, t.len())?;
        this.items().borrow_mut().extend_from_slice(t.as_slice());
        return Ok(());
    } else if let Some(l) = iterable.downcast_exact::<List>() {
        l.to_vec()
    } else if let Some(d) = iterable.downcast_exact::<Dict>() {
        d.keys()
    } else if let Some(s) = set::exact_data(iterable) {
        s.to_vec()
    } else {
        return extend_slowly(vm, this, iterable);
    };
    let mut items = this.items().borrow_mut();
    if items.is_empty() && items.capacity() == 0 {
        *items = more;
    } else {
        items.extend(more);
    }
    Ok(())
}

fn extend_slowly(vm: &Vm, this: &List, iterable: &Value) -> R<()> {
    let it = vm.iter(iterable)?;
    let hint = vm.length_hint(iterable, 8)?;
    // More than any list can hold: the hint must be wrong.
    if this.len().checked_add(hint).is_some_and(|n| n <= isize::MAX as usize) {
        reserve(vm, this, hint)?;
    }
    // The iterator may run Python code that looks at the list, so every item is appended at once.
    while let Some(v) = vm.next(&it)? {
        {
            let mut items = this.items().borrow_mut();
            if items.len() < items.capacity() {
                items.push(v);
                continue;
            }
        }
        reserve(vm, this, (this.len() / 2).max(8))?;
        this.push(v);
    }
    vm.forget_stop_value();
    let mut items = this.items().borrow_mut();
    // The hint may have promised far too much.
    if items.capacity() / 2 > items.len() + 8 {
        items.shrink_to_fit();
    }
    Ok(())
}
