//! The iterator over a tree, or over its texts.

use taipan_macros::{Trace, class};
use taipan_runtime::core::{PyCell, R, Ref, Value};
use taipan_runtime::vm::Vm;

use super::element::Element;

/// The payload of the iterator.
#[derive(Trace)]
pub struct ElementIter {
    /// The element where it starts, until it started.
    root: PyCell<Option<Ref<Element>>>,
    /// The elements on the way, with the number of the child that comes next.
    way: PyCell<Vec<(Ref<Element>, usize)>>,
    /// The tag that elements must have; None for any.
    tag: Value,
    /// Texts are wanted, not elements.
    text: bool,
}

/// An iterator over an element and all below it.
pub fn new(root: &Ref<Element>, tag: Value, text: bool) -> Value {
    let (root, way) = (PyCell::new(Some(root.clone())), PyCell::new(Vec::new()));
    Ref::new(ElementIter { root, way, tag, text }).into_value()
}

/// What comes of one step.
enum Step {
    /// An element begins.
    In(Ref<Element>),
    /// An element ended, whose tail is part of the text.
    Out(Ref<Element>),
    End,
}

impl ElementIter {
    fn step(&self) -> Step {
        if let Some(root) = self.root.take() {
            return Step::In(root);
        }
        let mut way = self.way.borrow_mut();
        loop {
            let Some((parent, i)) = way.last_mut() else {
                return Step::End;
            };
            if let Some(child) = parent.child(*i) {
                *i += 1;
                return Step::In(child);
            }
            let done = way.pop();
            match done {
                // The last one is the root, whose tail is outside.
                Some((e, _)) if self.text && !way.is_empty() => return Step::Out(e),
                _ => {}
            }
        }
    }
}

/// Iterates over a tree.
#[class(name = "_element_iterator", module = "_elementtree", flags(GC, NO_NEW))]
impl ElementIter {
    #[slot]
    fn iter(_vm: &Vm, this: &Ref<Self>) -> R {
        Ok(this.value().clone())
    }

    #[slot]
    fn next(vm: &Vm, this: &Ref<Self>) -> R<Option<Value>> {
        loop {
            let text = match this.step() {
                Step::End => return Ok(None),
                Step::Out(e) => e.tail.get(),
                Step::In(e) => {
                    this.way.borrow_mut().push((e.clone(), 0));
                    if !this.text {
                        if this.tag.is_none() || e.tag_is(vm, &this.tag)? {
                            return Ok(Some(e.into_value()));
                        }
                        continue;
                    }
                    e.text.get()
                }
            };
            if !text.is_none() && vm.truth(&text)? {
                return Ok(Some(text));
            }
        }
    }
}
