//! Which classes can share the layout of their instances.

use super::{TypeObject, tflag};
use crate::core::{R, Value};
use crate::vm::Vm;

/// The base whose layout the instances get.
///
/// Raises TypeError when two bases' layouts can't be one, or a base can't be one at all.
pub fn best_base(vm: &Vm, bases: &[Value]) -> R {
    let mut best: Option<&Value> = None;
    for b in bases {
        let Some(t) = b.as_type() else { return Err(vm.type_error("bases must be types")) };
        if !t.has(tflag::BASETYPE) {
            return Err(vm.type_error(format!("type '{}' is not an acceptable base type", t.tp_name())));
        }
        best = Some(match best.and_then(|w| w.as_type().map(|t| (w, t))) {
            None => b,
            Some((w, wt)) => {
                let (a, c) = (layout_base(wt), layout_base(t));
                if derives(a, c) {
                    w
                } else if derives(c, a) {
                    b
                } else {
                    return Err(vm.type_error("multiple bases have instance lay-out conflict"));
                }
            }
        });
    }
    best.cloned().ok_or_else(|| vm.type_error("a new-style class can't have only classic bases"))
}

/// The type along the chain of bases that last added to the fixed layout (payload or slots).
pub(super) fn layout_base(t: &TypeObject) -> &TypeObject {
    let mut at = t;
    while let Some(base) = at.base_type() {
        if at.members.borrow().len() != base.members.borrow().len() || !std::ptr::eq(at.solid.get(), base.solid.get()) {
            break;
        }
        at = base;
    }
    at
}

/// Whether `b` stands in the chain of bases of `a`.
pub(super) fn derives(a: &TypeObject, b: &TypeObject) -> bool {
    let mut at = Some(a);
    while let Some(t) = at {
        if t.is(b) {
            return true;
        }
        at = t.base_type();
    }
    false
}

/// What a class adds to the layout of its base.
#[derive(PartialEq)]
struct Added {
    members: Vec<Value>,
    dict: bool,
    weakref: bool,
    payload: bool,
}

impl Added {
    fn by(t: &TypeObject) -> Added {
        let Some(base) = t.base_type() else {
            return Added { members: Vec::new(), dict: false, weakref: false, payload: true };
        };
        let inherited = base.members.borrow().len();
        Added {
            members: t.members.borrow().iter().skip(inherited).map(|(n, _)| n.clone()).collect(),
            dict: t.has(tflag::HAS_DICT) && !base.has(tflag::HAS_DICT),
            weakref: t.has(tflag::HAS_WEAKREF) && !base.has(tflag::HAS_WEAKREF),
            payload: !std::ptr::eq(t.solid.get(), base.solid.get()),
        }
    }

    fn nothing(&self) -> bool {
        self.members.is_empty() && !self.dict && !self.weakref && !self.payload
    }
}

/// The nearest type along the chain of bases that added anything.
fn last_addition(t: &TypeObject) -> &TypeObject {
    let mut at = t;
    while Added::by(at).nothing() {
        match at.base_type() {
            Some(b) => at = b,
            None => break,
        }
    }
    at
}

/// Whether instances of `old` can become instances of `new` (or a base be replaced so).
///
/// Raises TypeError, about the assignment to `what`, if they can't.
pub fn check_assignable(vm: &Vm, old: &TypeObject, new: &TypeObject, what: &str) -> R<()> {
    let (a, b) = (last_addition(old), last_addition(new));
    let same = a.is(b)
        || match (a.base_type(), b.base_type()) {
            (Some(x), Some(y)) if x.is(y) => {
                let (added_a, added_b) = (Added::by(a), Added::by(b));
                added_a == added_b && !added_a.payload
            }
            _ => false,
        };
    if same {
        return Ok(());
    }
    let heap = old.has(tflag::HEAP) && new.has(tflag::HEAP);
    let problem = if heap || collected(old) == collected(new) { "object layout" } else { "deallocator" };
    Err(vm.type_error(format!("{what} assignment: '{}' {problem} differs from '{}'", new.tp_name(), old.tp_name())))
}

/// Whether CPython has the cycle collector look at instances, and so frees them in another way.
fn collected(t: &TypeObject) -> bool {
    let mut at = t;
    while at.has(tflag::HEAP) {
        if !Added::by(at).nothing() {
            return true;
        }
        match at.base_type() {
            Some(b) => at = b,
            None => break,
        }
    }
    at.has(tflag::GC)
}
