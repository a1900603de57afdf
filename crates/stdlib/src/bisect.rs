//! `_bisect`: where an item belongs in a sorted sequence.

use taipan_macros::{function, module};
use taipan_runtime::core::{R, Value};
use taipan_runtime::types::int;
use taipan_runtime::types::list::List;
use taipan_runtime::types::list::seq::quick_lt;
use taipan_runtime::types::type_::CmpOp;
use taipan_runtime::vm::{Vm, names};

module! {
    /// Bisection algorithms.
    ///
    /// This module provides support for maintaining a list in sorted order without having to sort the list after each
    /// insertion. For long lists of items with expensive comparison operations, this can be an improvement over the
    /// more common approach.
    name = "_bisect",
    functions(bisect_right, insort_right, bisect_left, insort_left),
}

/// Which side of equal items.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    Left,
    Right,
}

#[inline(always)]
fn less(vm: &Vm, a: &Value, b: &Value) -> R<bool> {
    match quick_lt(a, b) {
        Some(r) => Ok(r),
        None => vm.compare_bool(a, b, CmpOp::Lt),
    }
}

/// Where to stop: -1 stands for the length, as None does.
fn upper(vm: &Vm, hi: Option<&Value>) -> R<isize> {
    let Some(v) = hi.filter(|v| !v.is_none()) else { return Ok(-1) };
    if int::get(v).is_none() && v.ty().slots().index.is_none() {
        return Err(vm.type_error(format!("argument should be integer or None, not '{}'", v.ty().tp_name())));
    }
    let n = int::index(vm, v)?;
    match int::get(&n).and_then(int::IntRef::to_i64) {
        Some(n) => Ok(n as isize),
        None => Err(vm.overflow_error(format!("cannot fit '{}' into an index-sized integer", v.ty().tp_name()))),
    }
}

fn search(vm: &Vm, a: &Value, x: &Value, lo: isize, hi: isize, key: Option<&Value>, side: Side) -> R<usize> {
    if lo < 0 {
        return Err(vm.value_error("lo must be non-negative"));
    }
    let hi = if hi == -1 { vm.len(a)? as isize } else { hi };
    let list = a.downcast_exact::<List>();
    let (mut lo, mut hi) = (lo, hi);
    while lo < hi {
        // Neither is negative, so their sum fits.
        let mid = ((lo as usize + hi as usize) / 2) as isize;
        if key.is_none()
            && let Some(l) = list
        {
            let items = l.items().borrow();
            let quick = items.get(mid as usize).and_then(|v| match side {
                Side::Left => quick_lt(v, x),
                Side::Right => quick_lt(x, v).map(|r| !r),
            });
            if let Some(behind) = quick {
                if behind {
                    lo = mid + 1;
                } else {
                    hi = mid;
                }
                continue;
            }
        }
        let item = vm.getitem(a, &Value::from(mid))?;
        let item = match key {
            Some(f) => vm.call(f, &[item])?,
            None => item,
        };
        let behind = match side {
            Side::Left => less(vm, &item, x)?,
            Side::Right => !less(vm, x, &item)?,
        };
        if behind {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    Ok(lo as usize)
}

fn insert(vm: &Vm, a: &Value, x: &Value, lo: isize, hi: isize, key: Option<&Value>, side: Side) -> R<()> {
    let place = match key {
        Some(f) => {
            let k = vm.call(f, std::slice::from_ref(x))?;
            search(vm, a, &k, lo, hi, key, side)?
        }
        None => search(vm, a, x, lo, hi, None, side)?,
    };
    vm.call_method_name(a, &names().insert, &[Value::from(place), x.clone()])?;
    Ok(())
}

fn given(key: &Value) -> Option<&Value> {
    if key.is_none() { None } else { Some(key) }
}

/// Return the index where to insert item x in list a, assuming a is sorted.
///
/// The return value i is such that all e in a[:i] have e <= x, and all e in a[i:] have e > x. So if x already appears
/// in the list, a.insert(i, x) will insert just after the rightmost x already there.
///
/// Optional args lo (default 0) and hi (default len(a)) bound the slice of a to be searched.
///
/// A custom key function can be supplied to customize the sort order.
#[function(sig = "(a, x, lo=0, hi=None, *, key=None)")]
fn bisect_right(vm: &Vm, a: &Value, x: &Value, lo: isize, hi: Option<&Value>, key: &Value) -> R<usize> {
    search(vm, a, x, lo, upper(vm, hi)?, given(key), Side::Right)
}

/// Insert item x in list a, and keep it sorted assuming a is sorted.
///
/// If x is already in a, insert it to the right of the rightmost x.
///
/// Optional args lo (default 0) and hi (default len(a)) bound the slice of a to be searched.
///
/// A custom key function can be supplied to customize the sort order.
#[function(sig = "(a, x, lo=0, hi=None, *, key=None)")]
fn insort_right(vm: &Vm, a: &Value, x: &Value, lo: isize, hi: Option<&Value>, key: &Value) -> R<()> {
    insert(vm, a, x, lo, upper(vm, hi)?, given(key), Side::Right)
}

/// Return the index where to insert item x in list a, assuming a is sorted.
///
/// The return value i is such that all e in a[:i] have e < x, and all e in a[i:] have e >= x. So if x already appears
/// in the list, a.insert(i, x) will insert just before the leftmost x already there.
///
/// Optional args lo (default 0) and hi (default len(a)) bound the slice of a to be searched.
///
/// A custom key function can be supplied to customize the sort order.
#[function(sig = "(a, x, lo=0, hi=None, *, key=None)")]
fn bisect_left(vm: &Vm, a: &Value, x: &Value, lo: isize, hi: Option<&Value>, key: &Value) -> R<usize> {
    search(vm, a, x, lo, upper(vm, hi)?, given(key), Side::Left)
}

/// Insert item x in list a, and keep it sorted assuming a is sorted.
///
/// If x is already in a, insert it to the left of the leftmost x.
///
/// Optional args lo (default 0) and hi (default len(a)) bound the slice of a to be searched.
///
/// A custom key function can be supplied to customize the sort order.
#[function(sig = "(a, x, lo=0, hi=None, *, key=None)")]
fn insort_left(vm: &Vm, a: &Value, x: &Value, lo: isize, hi: Option<&Value>, key: &Value) -> R<()> {
    insert(vm, a, x, lo, upper(vm, hi)?, given(key), Side::Left)
}
