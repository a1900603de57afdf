//! `_heapq`: heaps in lists.

use taipan_macros::{function, module};
use taipan_runtime::core::{R, Raised, Ref, Value};
use taipan_runtime::types::list::List;
use taipan_runtime::types::list::seq::quick_lt;
use taipan_runtime::types::type_::CmpOp;
use taipan_runtime::types::str;
use taipan_runtime::types::module::Module;
use taipan_runtime::vm::Vm;

module! {
    /// Heap queue algorithm (a.k.a. priority queue).
    ///
    /// Heaps are arrays for which a[k] <= a[2*k+1] and a[k] <= a[2*k+2] for all k, counting elements from 0. For the
    /// sake of comparison, non-existing elements are considered to be infinite. The interesting property of a heap
    /// is that a[0] is always its smallest element.
    name = "_heapq",
    functions(
        heappush, heappushpop, heappop, heapreplace, heapify,
        heappush_max, heappushpop_max, heappop_max, heapreplace_max, heapify_max,
    ),
    exec = exec,
}

fn exec(_vm: &Vm, module: &Ref<Module>) -> R<()> {
    module.set("__about__", str::from_str(ABOUT));
    Ok(())
}

const ABOUT: &str = "Heap queues\n\nA heap is a list whose items are ordered as a tree in which no item is smaller than \
    its parent: the children of item k are the items 2*k+1 and 2*k+2, so the smallest item is the first one. Pushing \
    and popping move an item along one path between the root and a leaf and take O(log n) comparisons.\n";

/// What kind of heap: the smallest item first, or the largest.
trait Order {
    /// Whether `a` belongs above `b`: for what is on top.
    fn sides<'a>(a: &'a Value, b: &'a Value) -> (&'a Value, &'a Value);
}

struct Min;
struct Max;

impl Order for Min {
    #[inline(always)]
    fn sides<'a>(a: &'a Value, b: &'a Value) -> (&'a Value, &'a Value) {
        (a, b)
    }
}

impl Order for Max {
    #[inline(always)]
    fn sides<'a>(a: &'a Value, b: &'a Value) -> (&'a Value, &'a Value) {
        (b, a)
    }
}

/// Whether `a` belongs above `b`.
#[inline(always)]
fn above<O: Order>(vm: &Vm, a: &Value, b: &Value) -> R<bool> {
    let (x, y) = O::sides(a, b);
    match quick_lt(x, y) {
        Some(r) => Ok(r),
        None => vm.compare_bool(x, y, CmpOp::Lt),
    }
}

#[cold]
fn changed(vm: &Vm) -> Raised {
    vm.runtime_error("list changed size during iteration")
}

#[cold]
fn empty(vm: &Vm) -> Raised {
    vm.index_error("index out of range")
}

/// Whether item `i` belongs above item `j` of a heap of `n` items.
///
/// Raises what comparing raises, and RuntimeError when that changes the length.
#[inline(always)]
fn item_above<O: Order>(vm: &Vm, heap: &List, n: usize, i: usize, j: usize) -> R<bool> {
    let (a, b) = {
        let items = heap.items().borrow();
        let (Some(a), Some(b)) = (items.get(i), items.get(j)) else { return Err(changed(vm)) };
        let (x, y) = O::sides(a, b);
        if let Some(r) = quick_lt(x, y) {
            return Ok(r);
        }
        (a.clone(), b.clone())
    };
    let (x, y) = O::sides(&a, &b);
    let r = vm.compare_bool(x, y, CmpOp::Lt)?;
    if heap.len() == n { Ok(r) } else { Err(changed(vm)) }
}

/// Exchanges two items; the length was just checked.
#[inline(always)]
fn swap(heap: &List, i: usize, j: usize) {
    let mut items = heap.items().borrow_mut();
    if i < items.len() && j < items.len() {
        items.swap(i, j);
    }
}

/// Moves item `pos` towards `start` until its parent belongs above it.
#[inline]
fn rise<O: Order>(vm: &Vm, heap: &List, start: usize, mut pos: usize) -> R<()> {
    let n = heap.len();
    if pos >= n {
        return Err(empty(vm));
    }
    while pos > start {
        let parent = (pos - 1) / 2;
        if !item_above::<O>(vm, heap, n, pos, parent)? {
            break;
        }
        swap(heap, pos, parent);
        pos = parent;
    }
    Ok(())
}

/// Moves item `start` down to a leaf along the children that belong above others, then up to its place.
#[inline]
fn sink<O: Order>(vm: &Vm, heap: &List, start: usize) -> R<()> {
    let n = heap.len();
    if start >= n {
        return Err(empty(vm));
    }
    let mut pos = start;
    while pos < n / 2 {
        let mut child = 2 * pos + 1;
        if child + 1 < n && !item_above::<O>(vm, heap, n, child, child + 1)? {
            child += 1;
        }
        swap(heap, pos, child);
        pos = child;
    }
    rise::<O>(vm, heap, start, pos)
}

fn push<O: Order>(vm: &Vm, heap: &List, item: &Value) -> R<()> {
    heap.push(item.clone());
    rise::<O>(vm, heap, 0, heap.len().saturating_sub(1))
}

fn pop<O: Order>(vm: &Vm, heap: &List) -> R {
    let top = {
        let mut items = heap.items().borrow_mut();
        match items.pop() {
            None => None,
            Some(last) => match items.first_mut() {
                None => return Ok(last),
                Some(first) => Some(std::mem::replace(first, last)),
            },
        }
    };
    let Some(top) = top else { return Err(empty(vm)) };
    sink::<O>(vm, heap, 0)?;
    Ok(top)
}

/// Puts an item in the place of the first one, which comes out.
fn exchange<O: Order>(vm: &Vm, heap: &List, item: &Value) -> R {
    let top = heap.items().borrow_mut().first_mut().map(|first| std::mem::replace(first, item.clone()));
    let Some(top) = top else { return Err(empty(vm)) };
    sink::<O>(vm, heap, 0)?;
    Ok(top)
}

fn push_pop<O: Order>(vm: &Vm, heap: &List, item: &Value) -> R {
    let Some(top) = heap.get(0) else { return Ok(item.clone()) };
    if !above::<O>(vm, &top, item)? {
        return Ok(item.clone());
    }
    drop(top);
    exchange::<O>(vm, heap, item)
}

fn arrange<O: Order>(vm: &Vm, heap: &List) -> R<()> {
    for i in (0..heap.len() / 2).rev() {
        sink::<O>(vm, heap, i)?;
    }
    Ok(())
}

/// Push item onto heap, maintaining the heap invariant.
#[function(sig = "(heap, item, /)")]
fn heappush(vm: &Vm, heap: &Ref<List>, item: &Value) -> R<()> {
    push::<Min>(vm, heap, item)
}

/// Push item on the heap, then pop and return the smallest item from the heap.
///
/// The combined action runs more efficiently than heappush() followed by a separate call to heappop().
#[function(sig = "(heap, item, /)")]
fn heappushpop(vm: &Vm, heap: &Ref<List>, item: &Value) -> R {
    push_pop::<Min>(vm, heap, item)
}

/// Pop the smallest item off the heap, maintaining the heap invariant.
#[function(sig = "(heap, /)")]
fn heappop(vm: &Vm, heap: &Ref<List>) -> R {
    pop::<Min>(vm, heap)
}

/// Pop and return the current smallest value, and add the new item.
///
/// This is more efficient than heappop() followed by heappush(), and can be more appropriate when using a fixed-size
/// heap. Note that the value returned may be larger than item! That constrains reasonable uses of this routine unless
/// written as part of a conditional replacement:
///
///     if item > heap[0]:
///         item = heapreplace(heap, item)
#[function(sig = "(heap, item, /)")]
fn heapreplace(vm: &Vm, heap: &Ref<List>, item: &Value) -> R {
    exchange::<Min>(vm, heap, item)
}

/// Transform list into a heap, in-place, in O(len(heap)) time.
#[function(sig = "(heap, /)")]
fn heapify(vm: &Vm, heap: &Ref<List>) -> R<()> {
    arrange::<Min>(vm, heap)
}

/// Push item onto max heap, maintaining the heap invariant.
#[function(sig = "(heap, item, /)")]
fn heappush_max(vm: &Vm, heap: &Ref<List>, item: &Value) -> R<()> {
    push::<Max>(vm, heap, item)
}

/// Maxheap variant of heappushpop.
///
/// The combined action runs more efficiently than heappush_max() followed by a separate call to heappop_max().
#[function(sig = "(heap, item, /)")]
fn heappushpop_max(vm: &Vm, heap: &Ref<List>, item: &Value) -> R {
    push_pop::<Max>(vm, heap, item)
}

/// Maxheap variant of heappop.
#[function(sig = "(heap, /)")]
fn heappop_max(vm: &Vm, heap: &Ref<List>) -> R {
    pop::<Max>(vm, heap)
}

/// Maxheap variant of heapreplace.
#[function(sig = "(heap, item, /)")]
fn heapreplace_max(vm: &Vm, heap: &Ref<List>, item: &Value) -> R {
    exchange::<Max>(vm, heap, item)
}

/// Maxheap variant of heapify.
#[function(sig = "(heap, /)")]
fn heapify_max(vm: &Vm, heap: &Ref<List>) -> R<()> {
    arrange::<Max>(vm, heap)
}
