//! What objects there are, and what they take.

use std::collections::HashMap;

use taipan_memory::{Header, cache};
use taipan_runtime::core::{Obj, Payload};
use taipan_runtime::types::bytearray::ByteArray;
use taipan_runtime::types::bytes::Bytes;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::list::List;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::types::set;
use taipan_runtime::vm::Vm;

/// The objects of one type.
#[derive(Default)]
pub struct Kind {
    /// The type's name, with its module but for builtins.
    pub name: String,
    /// How many.
    pub count: usize,
    /// Bytes of their blocks.
    pub blocks: usize,
    /// Bytes that were asked for, where that is known; else those of the blocks.
    pub requested: usize,
    /// Bytes that they have beside their blocks.
    pub beside: usize,
}

/// Bytes that an object has beside its own block.
///
/// # Safety
/// A live object.
pub unsafe fn beside(h: *const Header) -> usize {
    // SAFETY: the caller; the layout says what the payload is.
    unsafe {
        let layout = (*(*h).ty().cast::<TypeObject>()).layout.id;
        if layout == List::TYPE.get().layout.id {
            let list = &*h.cast::<Obj<List>>();
            return list.items().borrow().capacity() * 8;
        }
        if layout == Dict::TYPE.get().layout.id {
            let dict = &*h.cast::<Obj<Dict>>();
            return dict.table().borrow().bytes();
        }
        if layout == Str::TYPE.get().layout.id {
            let s = &*h.cast::<Obj<Str>>();
            return s.outside();
        }
        if layout == Bytes::TYPE.get().layout.id {
            let b = &*h.cast::<Obj<Bytes>>();
            return if b.outside().is_some() { b.len() } else { 0 };
        }
        if layout == ByteArray::TYPE.get().layout.id {
            let b = &*h.cast::<Obj<ByteArray>>();
            return b.store().borrow().capacity();
        }
        set::bytes_of(h).unwrap_or(0)
    }
}

/// All live objects of the heap, by type, those that take most first.
pub fn by_type(vm: &Vm) -> Vec<Kind> {
    let heap = &vm.interp().heap;
    let mut all: HashMap<usize, Kind> = HashMap::new();
    // The table grows while the heap is looked through: that allocates, but nothing of the heap's.
    cache::unwatched(|| {
        heap.for_each(|h| {
            // SAFETY: live blocks only; their types are live.
            unsafe {
                let ty = (*h).ty();
                let k = all.entry(ty.addr()).or_default();
                let (block, size) = (heap.block_size(h), (*ty.cast::<TypeObject>()).size.get() as usize);
                k.count += 1;
                k.blocks += block;
                // Objects with a tail are larger than their type says, by what is not known here.
                k.requested += if block < size + 16 { size } else { block };
                k.beside += beside(h);
            }
        });
    });
    let mut by_name: HashMap<String, Kind> = HashMap::new();
    for (ty, k) in all {
        // SAFETY: the type of live objects; nothing has run since.
        let ty = unsafe { &*std::ptr::with_exposed_provenance::<TypeObject>(ty) };
        let name = ty.full_name();
        let sum = by_name.entry(name.clone()).or_default();
        sum.name = name;
        sum.count += k.count;
        sum.blocks += k.blocks;
        sum.requested += k.requested;
        sum.beside += k.beside;
    }
    let mut out: Vec<Kind> = by_name.into_values().collect();
    out.sort_by(|a, b| (b.blocks + b.beside).cmp(&(a.blocks + a.beside)).then_with(|| a.name.cmp(&b.name)));
    out
}
