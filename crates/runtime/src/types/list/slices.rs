//! Assignment to slices of lists, and their deletion.

use super::{List, seq};
use crate::core::{R, Ref, Value};
use crate::types::slice;
use crate::vm::Vm;

/// Start, stop and step as the slice object tells them.
type Bounds = (isize, isize, isize);

/// `this[start:stop:step] = value`
///
/// Raises TypeError for what can't be iterated over, ValueError when a stepped slice has another length.
pub fn assign(vm: &Vm, this: &Ref<List>, (start, stop, step): Bounds, value: &Value) -> R<()> {
    let new = match vm.collect(value) {
        Ok(new) => new,
        Err(raised) => return Err(not_iterable(vm, value, raised)),
    };
    // Only now: iterating over the value may have changed the list.
    let (start, stop, count) = slice::adjust(this.len(), start, stop, step);
    if step != 1 && new.len() != count {
        return Err(vm.value_error(format!(
            "attempt to assign sequence of size {} to extended slice of size {count}",
            new.len()
        )));
    }
    let room = seq::reserve(&mut this.items().borrow_mut(), new.len().saturating_sub(count));
    if !room {
        return Err(vm.memory_error());
    }
    let old: Vec<Value> = {
        let mut items = this.items().borrow_mut();
        if step == 1 {
            let start = usize::try_from(start).unwrap_or(0).min(items.len());
            let stop = usize::try_from(stop).unwrap_or(0).clamp(start, items.len());
            items.splice(start..stop, new).collect()
        } else {
            let mut old = Vec::with_capacity(count);
            let mut at = start;
            for v in new {
                if let Some(place) = usize::try_from(at).ok().and_then(|i| items.get_mut(i)) {
                    old.push(std::mem::replace(place, v));
                }
                at = at.wrapping_add(step);
            }
            old
        }
    };
    drop(old);
    Ok(())
}

fn not_iterable(vm: &Vm, value: &Value, raised: crate::core::Raised) -> crate::core::Raised {
    let iterable = value.ty().slots().iter.is_some() || value.ty().slots().getitem.is_some();
    if iterable || !vm.raised_is(&crate::types::exceptions::TYPE_ERROR) {
        return raised;
    }
    drop(vm.catch(raised));
    vm.type_error("must assign iterable to extended slice")
}

/// `del this[start:stop:step]`
pub fn delete(this: &Ref<List>, (start, stop, step): Bounds) {
    let old: Vec<Value> = {
        let mut items = this.items().borrow_mut();
        let (start, _, count) = slice::adjust(items.len(), start, stop, step);
        if count == 0 {
            return;
        }
        // From the lowest index upwards, whichever way the slice runs.
        let (first, step) = match step {
            1.. => (start, step.unsigned_abs()),
            _ => (start.wrapping_add(step.wrapping_mul(count as isize - 1)), step.unsigned_abs()),
        };
        let first = usize::try_from(first).unwrap_or(0);
        if step == 1 {
            let stop = first.saturating_add(count).min(items.len());
            items.drain(first.min(stop)..stop).collect()
        } else {
            let mut old = Vec::with_capacity(count);
            let (mut i, mut next) = (0, first);
            // `retain` looks at the items in order; those that go are set aside to die later.
            items.retain_mut(|v| {
                let goes = i == next && old.len() < count;
                if goes {
                    next = next.saturating_add(step);
                    old.push(std::mem::replace(v, Value::NONE));
                }
                i += 1;
                !goes
            });
            old
        }
    };
    drop(old);
}
