//! Why an object is alive: the way from the roots to it.

use std::collections::HashMap;

use taipan_memory::{Header, Tracer, cache};
use taipan_runtime::core::Value;
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::vm::{Vm, is_hidden};

/// A shortest way from one of `roots` to `target` over references, without `but`; hidden objects are left out.
pub fn shortest(target: &Value, roots: &[Value], but: &[Value]) -> Option<Vec<Value>> {
    let goal: *const Header = target.header()?;
    let mut from: HashMap<*const Header, *const Header> = HashMap::new();
    let found = cache::unwatched(|| {
        for v in but {
            if let Some(h) = v.header() {
                from.insert(h, std::ptr::null());
            }
        }
        from.remove(&goal);
        let mut front: Vec<*const Header> = Vec::new();
        for v in roots {
            if let Some(h) = v.header()
                && !from.contains_key(&std::ptr::from_ref(h))
            {
                from.insert(h, std::ptr::null());
                front.push(h);
            }
        }
        let mut next = Vec::new();
        while !front.is_empty() {
            for &h in &front {
                if h == goal {
                    return true;
                }
                // SAFETY: objects that live objects refer to are live, and nothing changes meanwhile.
                unsafe {
                    let ty = (*h).ty();
                    ((*ty).trace.get())(h, ty, &mut Tracer::calling(&mut |r| {
                        // What never dies belongs to the process and keeps nothing of this interpreter alive.
                        if (!(*r).is_immortal() || r == goal) && !from.contains_key(&r) {
                            from.insert(r, h);
                            next.push(r);
                        }
                    }));
                }
            }
            front.clear();
            std::mem::swap(&mut front, &mut next);
        }
        false
    });
    let mut way = Vec::new();
    let mut at = goal;
    while found && !at.is_null() {
        way.push(at);
        at = from.get(&at).copied().unwrap_or(std::ptr::null());
    }
    cache::unwatched(|| drop(from));
    if !found {
        return None;
    }
    way.reverse();
    // SAFETY: live objects, as above.
    Some(way.into_iter().filter(|&h| unsafe { !is_hidden(&*h) }).map(|h| unsafe {
        (*h).retain();
        Value::from_raw(h.expose_provenance() as u64)
    }).collect())
}

/// Types of objects to which live objects refer more often than their counts say.
pub fn overdrawn(vm: &Vm) -> Vec<String> {
    let mut seen: HashMap<*const Header, u32> = HashMap::new();
    cache::unwatched(|| {
        vm.interp().heap.for_each(|h| {
            // SAFETY: live blocks only, whose types are live; nothing changes meanwhile.
            unsafe {
                let ty = (*h).ty();
                ((*ty).trace.get())(h, ty, &mut Tracer::calling(&mut |r| *seen.entry(r).or_default() += 1));
            }
        });
    });
    let mut names = Vec::new();
    for (&h, &n) in &seen {
        // SAFETY: what live objects refer to is live.
        let (header, ty) = unsafe { (&*h, &*(*h).ty().cast::<TypeObject>()) };
        if !header.is_immortal() && n > header.count() {
            names.push(format!("{} ({n} > {})", ty.full_name(), header.count()));
        }
    }
    names.sort();
    names
}
