//! An element as the sequence of its children.

use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::{int, list, slice};
use taipan_runtime::vm::Vm;

use super::element::{Element, as_element};

/// The number of a child that an index means; `None` if there is none.
fn position(vm: &Vm, this: &Ref<Element>, key: &Value) -> R<Option<usize>> {
    let i = int::to_isize(vm, key)?;
    let len = this.children.borrow().len();
    let i = if i < 0 { i.saturating_add(len as isize) } else { i };
    Ok(usize::try_from(i).ok().filter(|i| *i < len))
}

fn is_index(key: &Value) -> bool {
    int::get(key).is_some() || key.ty().slots().index.is_some()
}

/// `element[key]`
pub fn get(vm: &Vm, this: &Ref<Element>, key: &Value) -> R {
    if is_index(key) {
        let child = position(vm, this, key)?.and_then(|i| this.child(i));
        return child.map(Ref::into_value).ok_or_else(|| vm.index_error("child index out of range"));
    }
    if !slice::is_slice(key) {
        return Err(vm.type_error("element indices must be integers"));
    }
    let (start, stop, step) = slice::unpack(vm, key)?;
    let children = this.children.borrow();
    let (start, _, count) = slice::adjust(children.len(), start, stop, step);
    let picked = (0..count as isize).filter_map(|n| children.get((start + n * step).unsigned_abs()));
    Ok(list::from_vec(picked.map(|c| c.value().clone()).collect()).into_value())
}

/// `element[key] = value`, or `del element[key]` for no value.
pub fn set(vm: &Vm, this: &Ref<Element>, key: &Value, value: Option<&Value>) -> R<()> {
    if is_index(key) {
        let Some(i) = position(vm, this, key)? else {
            return Err(vm.index_error("child assignment index out of range"));
        };
        let new = value.map(|v| as_element(vm, v)).transpose()?;
        let mut children = this.children.borrow_mut();
        let old = match new {
            _ if i >= children.len() => None,
            Some(new) => children.get_mut(i).map(|place| std::mem::replace(place, new)),
            None => Some(children.remove(i)),
        };
        drop(children);
        drop(old);
        return Ok(());
    }
    if !slice::is_slice(key) {
        return Err(vm.type_error("element indices must be integers"));
    }
    let (start, stop, step) = slice::unpack(vm, key)?;
    let mut new = Vec::new();
    if let Some(value) = value {
        for v in vm.collect(value)? {
            new.push(as_element(vm, &v)?);
        }
    }
    let mut children = this.children.borrow_mut();
    let (start, stop, count) = slice::adjust(children.len(), start, stop, step);
    let mut old = Vec::new();
    if step == 1 {
        let (start, stop) = (start.unsigned_abs(), stop.max(start).unsigned_abs());
        old.extend(children.splice(start..stop, new));
    } else if value.is_none() {
        let gone: Vec<usize> = (0..count as isize).map(|n| (start + n * step).unsigned_abs()).collect();
        let (low, high) = (gone.iter().min().copied(), gone.iter().max().copied());
        if let (Some(low), Some(high)) = (low, high) {
            let step = step.unsigned_abs();
            let mut kept = Vec::with_capacity(children.len() - gone.len());
            for (i, child) in std::mem::take(&mut *children).into_iter().enumerate() {
                if (low..=high).contains(&i) && (i - low) % step == 0 {
                    old.push(child);
                } else {
                    kept.push(child);
                }
            }
            *children = kept;
        }
    } else if new.len() != count {
        drop(children);
        let text = format!("attempt to assign sequence of size {} to extended slice of size {count}", new.len());
        return Err(vm.value_error(text));
    } else {
        for (n, child) in new.into_iter().enumerate() {
            if let Some(place) = children.get_mut((start + n as isize * step).unsigned_abs()) {
                old.push(std::mem::replace(place, child));
            }
        }
    }
    drop(children);
    drop(old);
    Ok(())
}
