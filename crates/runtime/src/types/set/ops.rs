//! The set operations. Comparing elements may run Python code that changes either side, so both are walked through
//! by place, with nothing borrowed in between.

use super::{SetData, data, hash_element};
use crate::core::{R, Value};
use crate::types::dict::Dict;
use crate::vm::Vm;

/// Adds all elements of a set.
fn merge(vm: &Vm, this: &SetData, other: &SetData) -> R<()> {
    if std::ptr::eq(this, other) || other.is_empty() {
        return Ok(());
    }
    let (room, copied) = {
        let (mut to, from) = (this.table.borrow_mut(), other.table.borrow());
        let room = to.prepare(from.len());
        (room, room && to.copy_from(&from))
    };
    if !room {
        return Err(vm.memory_error());
    }
    if copied {
        return Ok(());
    }
    let mut at = 0;
    while let Some((next, hash, v)) = other.next_entry(at) {
        this.add_hashed(vm, v, hash)?;
        at = next;
    }
    Ok(())
}

/// `this |= other` for any iterable.
///
/// Raises what iterating, hashing and comparing raise.
pub fn update(vm: &Vm, this: &SetData, other: &Value) -> R<()> {
    if let Some(o) = data(other) {
        return merge(vm, this, o);
    }
    if let Some(d) = other.downcast_exact::<Dict>() {
        let room = this.table.borrow_mut().prepare(d.len());
        if !room {
            return Err(vm.memory_error());
        }
        return for_each_key(d, |k, hash| this.add_hashed(vm, k, hash).map(drop));
    }
    vm.for_each(other, |v| this.add(vm, v).map(drop))
}

fn for_each_key(d: &Dict, mut f: impl FnMut(Value, i64) -> R<()>) -> R<()> {
    let mut at = 0;
    while let Some((next, hash, k)) = d.next_key(at) {
        f(k, hash)?;
        at = next;
    }
    Ok(())
}

/// The elements of a set, or the hashed items of any other iterable.
pub fn for_each(vm: &Vm, v: &Value, mut f: impl FnMut(Value, i64) -> R<()>) -> R<()> {
    if let Some(d) = data(v) {
        let mut at = 0;
        while let Some((next, hash, v)) = d.next_entry(at) {
            f(v, hash)?;
            at = next;
        }
        return Ok(());
    }
    if let Some(d) = v.downcast_exact::<Dict>() {
        return for_each_key(d, f);
    }
    vm.for_each(v, |v| {
        let hash = hash_element(vm, &v)?;
        f(v, hash)
    })
}

/// The elements of `this` and of all the others.
pub fn union(vm: &Vm, this: &SetData, others: &[Value]) -> R<SetData> {
    let made = this.copy(vm)?;
    for o in others {
        if !data(o).is_some_and(|o| std::ptr::eq(this, o)) {
            update(vm, &made, o)?;
        }
    }
    Ok(made)
}

/// The part of an intersection or difference that needs no Python code; the place to go on from, if there is more.
fn select(this: &SetData, other: &SetData, common: bool, made: &SetData) -> Option<usize> {
    this.table.borrow().select(&other.table.borrow(), common, &mut made.table.borrow_mut(), super::same)
}

/// The elements of `this` that are in `other` too.
pub fn intersection(vm: &Vm, this: &SetData, other: &Value) -> R<SetData> {
    let made = SetData::default();
    let Some(o) = data(other) else {
        for_each(vm, other, |v, hash| {
            if this.contains_hashed(vm, &v, hash)? {
                made.add_hashed(vm, v, hash)?;
            }
            Ok(())
        })?;
        return Ok(made);
    };
    if std::ptr::eq(this, o) {
        return this.copy(vm);
    }
    let (small, large) = if o.len() > this.len() { (this, o) } else { (o, this) };
    let Some(mut at) = select(small, large, true, &made) else { return Ok(made) };
    while let Some((next, hash, v)) = small.next_entry(at) {
        if large.contains_hashed(vm, &v, hash)? {
            made.add_hashed(vm, v, hash)?;
        }
        at = next;
    }
    Ok(made)
}

/// The elements of `this` that are in all of the others.
pub fn intersection_all(vm: &Vm, this: &SetData, others: &[Value]) -> R<SetData> {
    let Some((first, more)) = others.split_first() else { return this.copy(vm) };
    let mut made = intersection(vm, this, first)?;
    for o in more {
        made = intersection(vm, &made, o)?;
    }
    Ok(made)
}

/// Puts the elements of `new` in the place of those of `this`.
pub fn replace(this: &SetData, new: SetData) {
    let table = new.table.take();
    let old = this.table.replace(table);
    drop(old);
}

/// `this -= other` for any iterable.
pub fn difference_update(vm: &Vm, this: &SetData, other: &Value) -> R<()> {
    match data(other) {
        Some(o) if std::ptr::eq(this, o) => {
            this.clear_all();
            return Ok(());
        }
        Some(o) if o.len() / 8 > this.len() => {
            // Few of the other's elements matter.
            let common = intersection(vm, this, other)?;
            discard_all(vm, this, &common)?;
        }
        Some(o) => discard_all(vm, this, o)?,
        None => for_each_unhashed(vm, this, other)?,
    }
    let room = this.table.borrow_mut().tidy();
    if room { Ok(()) } else { Err(vm.memory_error()) }
}

fn discard_all(vm: &Vm, this: &SetData, other: &SetData) -> R<()> {
    let mut at = 0;
    while let Some((next, hash, v)) = other.next_entry(at) {
        this.discard_hashed(vm, &v, hash)?;
        at = next;
    }
    Ok(())
}

fn for_each_unhashed(vm: &Vm, this: &SetData, other: &Value) -> R<()> {
    vm.for_each(other, |v| {
        let hash = hash_element(vm, &v)?;
        this.discard_hashed(vm, &v, hash).map(drop)
    })
}

/// The elements of `this` that are not in `other`.
pub fn difference(vm: &Vm, this: &SetData, other: &Value) -> R<SetData> {
    let (set, dict) = (data(other), other.downcast_exact::<Dict>());
    let size = match (set, dict) {
        (Some(o), _) => o.len(),
        (None, Some(d)) => d.len(),
        (None, None) => 0,
    };
    if (set.is_none() && dict.is_none()) || this.len() / 4 > size {
        // It takes less to copy and then to remove.
        let made = this.copy(vm)?;
        difference_update(vm, &made, other)?;
        return Ok(made);
    }
    let made = SetData::default();
    let mut at = 0;
    if let Some(o) = set {
        match select(this, o, false, &made) {
            Some(from) => at = from,
            None => return Ok(made),
        }
    }
    while let Some((next, hash, v)) = this.next_entry(at) {
        let there = match (set, dict) {
            (Some(o), _) => o.contains_hashed(vm, &v, hash)?,
            (None, Some(d)) => d.get_hashed(vm, &v, hash)?.is_some(),
            (None, None) => false,
        };
        if !there {
            made.add_hashed(vm, v, hash)?;
        }
        at = next;
    }
    Ok(made)
}

/// `this ^= other` for any iterable.
pub fn symmetric_difference_update(vm: &Vm, this: &SetData, other: &Value) -> R<()> {
    if data(other).is_some_and(|o| std::ptr::eq(this, o)) {
        this.clear_all();
        return Ok(());
    }
    let toggle = |v: Value, hash: i64| {
        if !this.discard_hashed(vm, &v, hash)? {
            this.add_hashed(vm, v, hash)?;
        }
        Ok(())
    };
    if data(other).is_some() || other.downcast_exact::<Dict>().is_some() {
        return for_each(vm, other, toggle);
    }
    // An item that comes twice counts once.
    let once = SetData::default();
    update(vm, &once, other)?;
    let mut at = 0;
    while let Some((next, hash, v)) = once.next_entry(at) {
        toggle(v, hash)?;
        at = next;
    }
    Ok(())
}

/// The elements that are in one of both only.
pub fn symmetric_difference(vm: &Vm, this: &Value, other: &Value) -> R<SetData> {
    let made = SetData::default();
    update(vm, &made, other)?;
    symmetric_difference_update(vm, &made, this)?;
    Ok(made)
}

/// Whether no item of `other` is in `this`.
pub fn isdisjoint(vm: &Vm, this: &SetData, other: &Value) -> R<bool> {
    if let Some(o) = data(other) {
        if std::ptr::eq(this, o) {
            return Ok(this.is_empty());
        }
        let (small, large) = if o.len() > this.len() { (this, o) } else { (o, this) };
        let mut at = 0;
        while let Some((next, hash, v)) = small.next_entry(at) {
            if large.contains_hashed(vm, &v, hash)? {
                return Ok(false);
            }
            at = next;
        }
        return Ok(true);
    }
    let it = vm.iter(other)?;
    while let Some(v) = vm.next(&it)? {
        let hash = hash_element(vm, &v)?;
        if this.contains_hashed(vm, &v, hash)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether all elements of `this` are in `other`, which is a set.
pub fn is_subset(vm: &Vm, this: &SetData, other: &SetData) -> R<bool> {
    if this.len() > other.len() {
        return Ok(false);
    }
    let mut at = 0;
    while let Some((next, hash, v)) = this.next_entry(at) {
        if !other.contains_hashed(vm, &v, hash)? {
            return Ok(false);
        }
        at = next;
    }
    Ok(true)
}

/// Whether all elements of `this` are in any iterable.
pub fn is_subset_of(vm: &Vm, this: &SetData, other: &Value) -> R<bool> {
    if let Some(o) = data(other) {
        return is_subset(vm, this, o);
    }
    let common = intersection(vm, this, other)?;
    Ok(common.len() == this.len())
}

/// Whether all items of any iterable are in `this`.
pub fn is_superset_of(vm: &Vm, this: &SetData, other: &Value) -> R<bool> {
    if let Some(o) = data(other) {
        return is_subset(vm, o, this);
    }
    let it = vm.iter(other)?;
    while let Some(v) = vm.next(&it)? {
        let hash = hash_element(vm, &v)?;
        if !this.contains_hashed(vm, &v, hash)? {
            return Ok(false);
        }
    }
    Ok(true)
}
