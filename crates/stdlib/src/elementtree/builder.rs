//! The class TreeBuilder.

use std::cell::Cell;

use taipan_macros::{Trace, class};
use taipan_runtime::core::{PyCell, R, Ref, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::str::{self, Str};
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::types::{list, tuple};
use taipan_runtime::vm::Vm;

use super::element::{self, Element};

/// The events somebody may ask for, in the order of [`TreeBuilder::events`].
pub const EVENTS: [&str; 6] = ["start", "end", "start-ns", "end-ns", "comment", "pi"];

/// Their numbers.
pub mod event {
    pub const START: usize = 0;
    pub const END: usize = 1;
    pub const START_NS: usize = 2;
    pub const END_NS: usize = 3;
    pub const COMMENT: usize = 4;
    pub const PI: usize = 5;
}

/// The payload of TreeBuilder.
#[derive(Trace)]
pub struct TreeBuilder {
    root: PyCell<Value>,
    /// The innermost open element, or None.
    this: PyCell<Value>,
    /// The element that began or ended last.
    last: PyCell<Value>,
    /// The element whose tail the text is; None if the text is inside of `last`.
    tailed: PyCell<Value>,
    /// Text that belongs nowhere yet.
    data: PyCell<Vec<Value>>,
    /// The open elements outside of `this`.
    stack: PyCell<Vec<Value>>,
    element_factory: PyCell<Value>,
    comment_factory: PyCell<Value>,
    pi_factory: PyCell<Value>,
    insert_comments: Cell<bool>,
    insert_pis: Cell<bool>,
    /// What takes events, or None.
    append: PyCell<Value>,
    /// The names of the events that are wanted, None for the others.
    events: PyCell<Vec<Value>>,
}

fn blank() -> TreeBuilder {
    let none = || PyCell::new(Value::NONE);
    TreeBuilder {
        root: none(),
        this: none(),
        last: none(),
        tailed: none(),
        data: PyCell::new(Vec::new()),
        stack: PyCell::new(Vec::new()),
        element_factory: none(),
        comment_factory: none(),
        pi_factory: none(),
        insert_comments: Cell::new(false),
        insert_pis: Cell::new(false),
        append: none(),
        events: PyCell::new(vec![Value::NONE; EVENTS.len()]),
    }
}

/// A builder as `TreeBuilder()` makes it.
pub fn new(vm: &Vm) -> Ref<TreeBuilder> {
    let made = Ref::new(blank());
    made.comment_factory.set(super::factory(vm, super::COMMENT));
    made.pi_factory.set(super::factory(vm, super::PI));
    made
}

/// One text of several pieces.
fn joined(vm: &Vm, pieces: Vec<Value>) -> R {
    let empty = str::from_str("");
    vm.call_method(&empty, "join", &[list::from_vec(pieces).into_value()])
}

impl TreeBuilder {
    /// Sets who takes the events, and their names.
    pub fn report(&self, append: Value, events: Vec<Value>) {
        let old = (self.append.replace(append), self.events.replace(events));
        drop(old);
    }

    /// Reports an event if somebody wants it.
    pub fn tell(&self, vm: &Vm, n: usize, node: impl FnOnce() -> Value) -> R<()> {
        let name = self.events.borrow().get(n).cloned().unwrap_or(Value::NONE);
        if name.is_none() {
            return Ok(());
        }
        let append = self.append.get();
        let event = tuple::from_array([name, node()]).into_value();
        vm.call(&append, &[event]).map(drop)
    }

    /// Adds text.
    pub fn text(&self, text: Value) {
        if !self.last.borrow().is_none() {
            self.data.borrow_mut().push(text);
        }
    }

    /// Gives the text that is kept to its element.
    fn flush(&self, vm: &Vm) -> R<()> {
        if self.data.borrow().is_empty() {
            return Ok(());
        }
        let mut pieces = self.data.take();
        let tailed = self.tailed.get();
        let (owner, is_tail) = if tailed.is_none() { (self.last.get(), false) } else { (tailed, true) };
        let Some(e) = owner.downcast_exact::<Element>() else {
            let name = if is_tail { "tail" } else { "text" };
            let before = vm.get_attr_str(&owner, name)?;
            if !before.is_none() {
                pieces.insert(0, before);
            }
            let text = joined(vm, pieces)?;
            return vm.set_attr_str(&owner, name, &text);
        };
        let place = if is_tail { &e.tail } else { &e.text };
        let before = place.get();
        if !before.is_none() {
            pieces.insert(0, before);
        }
        let text = match pieces.len() {
            1 => pieces.pop().unwrap_or(Value::NONE),
            _ => joined(vm, pieces)?,
        };
        drop(place.replace(text));
        Ok(())
    }

    /// Puts an element into another.
    fn insert(vm: &Vm, parent: &Value, child: &Value) -> R<()> {
        if let Some(p) = parent.downcast_exact::<Element>() {
            p.push(element::as_element(vm, child)?);
            return Ok(());
        }
        vm.call_method(parent, "append", std::slice::from_ref(child)).map(drop)
    }

    /// An element starts; `attrib` is a dict that may be kept, or None.
    pub fn begin(&self, vm: &Vm, tag: Value, attrib: Value) -> R {
        self.flush(vm)?;
        let factory = self.element_factory.get();
        let node = if factory.is_none() {
            element::new(tag, attrib).into_value()
        } else {
            let attrib = if attrib.is_none() { Ref::new(Dict::new()).into_value() } else { attrib };
            vm.call(&factory, &[tag, attrib])?
        };
        let this = self.this.get();
        if !this.is_none() {
            Self::insert(vm, &this, &node)?;
        } else if !self.root.borrow().is_none() {
            let class = super::error_class(vm)?;
            let e = vm.call(&class, &[str::from_str("multiple elements on top level")])?;
            return Err(vm.raise(e));
        } else {
            self.root.set(node.clone());
        }
        self.stack.borrow_mut().push(this);
        let old = (self.this.replace(node.clone()), self.last.replace(node.clone()), self.tailed.replace(Value::NONE));
        drop(old);
        self.tell(vm, event::START, || node.clone())?;
        Ok(node)
    }

    /// The innermost element ends.
    pub fn finish(&self, vm: &Vm) -> R {
        self.flush(vm)?;
        let Some(outer) = self.stack.borrow_mut().pop() else {
            return Err(vm.index_error("pop from empty stack"));
        };
        let ended = self.this.replace(outer);
        let old = (self.last.replace(ended.clone()), self.tailed.replace(ended.clone()));
        drop(old);
        self.tell(vm, event::END, || ended.clone())?;
        Ok(ended)
    }

    /// Handles a comment or a processing instruction that was made of its text.
    fn single(&self, vm: &Vm, node: Value, insert: bool, n: usize) -> R {
        if insert {
            let this = self.this.get();
            if !this.is_none() {
                self.flush(vm)?;
                Self::insert(vm, &this, &node)?;
                drop(self.tailed.replace(node.clone()));
            }
        }
        self.tell(vm, n, || node.clone())?;
        Ok(node)
    }

    /// A comment.
    pub fn remark(&self, vm: &Vm, text: Value) -> R {
        let factory = self.comment_factory.get();
        if factory.is_none() {
            return self.single(vm, text, false, event::COMMENT);
        }
        let node = vm.call(&factory, &[text])?;
        self.single(vm, node, self.insert_comments.get(), event::COMMENT)
    }

    /// A processing instruction.
    pub fn instruct(&self, vm: &Vm, target: Value, text: Value) -> R {
        let factory = self.pi_factory.get();
        if factory.is_none() {
            let pair = tuple::from_array([target, text]).into_value();
            return self.single(vm, pair, false, event::PI);
        }
        let node = vm.call(&factory, &[target, text])?;
        self.single(vm, node, self.insert_pis.get(), event::PI)
    }

    /// The tree.
    pub fn tree(&self) -> Value {
        self.root.get()
    }
}

/// Builds a tree of elements from calls of `start`, `data` and `end`.
#[class(
    name = "TreeBuilder",
    module = "xml.etree.ElementTree",
    flags(BASETYPE, GC),
    sig = "(element_factory=None, *, comment_factory=None, pi_factory=None, insert_comments=False, insert_pis=False)"
)]
impl TreeBuilder {
    #[slot]
    fn new(_vm: &Vm, cls: &TypeObject, _args: Args<'_>) -> R {
        Ok(Ref::new_of(cls, blank()).into_value())
    }

    #[slot]
    fn init(
        vm: &Vm,
        this: &Ref<Self>,
        element_factory: &Value,
        comment_factory: &Value,
        pi_factory: &Value,
        insert_comments: bool,
        insert_pis: bool,
    ) {
        let or = |f: &Value, key| if f.is_none() { super::factory(vm, key) } else { f.clone() };
        let old = (
            this.element_factory.replace(element_factory.clone()),
            this.comment_factory.replace(or(comment_factory, super::COMMENT)),
            this.pi_factory.replace(or(pi_factory, super::PI)),
        );
        this.insert_comments.set(insert_comments && !this.comment_factory.borrow().is_none());
        this.insert_pis.set(insert_pis && !this.pi_factory.borrow().is_none());
        drop(old);
    }

    /// Begin an element.
    #[method(sig = "(tag, attrs, /)")]
    fn start(vm: &Vm, this: &Ref<Self>, tag: &Value, attrs: &Value) -> R {
        if attrs.downcast::<Dict>().is_none() {
            let given = attrs.ty().tp_name();
            return Err(vm.type_error(format!("start() argument 2 must be dict, not {given}")));
        }
        this.begin(vm, tag.clone(), attrs.clone())
    }

    /// End the element that is open.
    #[method(sig = "(tag, /)")]
    fn end(vm: &Vm, this: &Ref<Self>, _tag: &Value) -> R {
        this.finish(vm)
    }

    /// Add text.
    #[method(sig = "(data, /)")]
    fn data(_vm: &Vm, this: &Ref<Self>, data: &Value) {
        this.text(data.clone());
    }

    /// Handle a comment.
    #[method(sig = "(text, /)")]
    fn comment(vm: &Vm, this: &Ref<Self>, text: &Value) -> R {
        this.remark(vm, text.clone())
    }

    /// Handle a processing instruction.
    #[method(sig = "(target, text=None, /)")]
    fn pi(vm: &Vm, this: &Ref<Self>, target: &Value, text: &Value) -> R {
        this.instruct(vm, target.clone(), text.clone())
    }

    /// Return the tree's root.
    #[method(sig = "()")]
    fn close(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.tree()
    }
}

/// The names of wanted events as a list for [`TreeBuilder::report`].
///
/// Raises TypeError for what is no sequence of str, ValueError for names that nobody knows.
pub fn wanted(vm: &Vm, names: &Value) -> R<Vec<Value>> {
    let mut events = vec![Value::NONE; EVENTS.len()];
    if names.is_none() {
        events[event::END] = str::from_str("end");
        return Ok(events);
    }
    for name in vm.collect(names)? {
        let text = match name.downcast::<Str>() {
            Some(s) => s.to_utf8(vm)?,
            None => return Err(vm.value_error("invalid events sequence")),
        };
        match EVENTS.iter().position(|e| *e == text) {
            Some(n) => events[n] = name.clone(),
            None => return Err(vm.value_error(format!("unknown event '{text}'"))),
        }
    }
    Ok(events)
}
