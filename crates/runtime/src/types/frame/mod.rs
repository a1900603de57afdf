//! frame: the object that shows a running, suspended or finished frame, made on demand.

mod jump;
mod locals;
mod methods;

use std::cell::Cell;

use taipan_bytecode::CodeFlags;

pub use self::locals::{FrameLocals, locals, locals_of_current};
use crate::core::{PyCell, R, Ref, Value, tag};
use crate::native::TypeDef;
use crate::types::code::Code;
use crate::types::dict::Dict;
use crate::types::generator::Generator;
use crate::vm::{Frame, Vm};

/// The types of this room.
pub const TYPES: &[&TypeDef] = &[FrameObject::DEF, FrameLocals::DEF];

const NOT_RUNNING: usize = usize::MAX;

/// The payload of frame.
#[derive(taipan_macros::Trace)]
pub struct FrameObject {
    /// The code.
    pub code: Ref<Code>,
    /// Global namespace.
    pub globals: Ref<Dict>,
    /// Builtins namespace.
    pub builtins: Ref<Dict>,
    /// Index of the running frame, or `NOT_RUNNING`.
    index: Cell<usize>,
    /// The instruction, while not running.
    lasti: Cell<usize>,
    /// `f_back` once the frame has ended.
    back: PyCell<Option<Value>>,
    /// Named variables of a finished frame, by register.
    values: PyCell<Vec<Option<Value>>>,
    /// Namespace of module and class bodies.
    namespace: PyCell<Option<Value>>,
    /// The generator, if the frame is one's. Not owned: the generator owns this object.
    generator: Cell<u64>,
    /// `f_trace`
    pub trace: PyCell<Option<Value>>,
    /// `f_trace_lines`
    pub trace_lines: Cell<bool>,
    /// `f_trace_opcodes`
    pub trace_opcodes: Cell<bool>,
    /// Names added through `f_locals` that are no variables.
    extra_locals: PyCell<Option<Ref<Dict>>>,
}

fn make(code: Ref<Code>, globals: Ref<Dict>, builtins: Ref<Dict>, index: usize) -> FrameObject {
    FrameObject {
        code,
        globals,
        builtins,
        index: Cell::new(index),
        lasti: Cell::new(0),
        back: PyCell::new(None),
        values: PyCell::new(Vec::new()),
        namespace: PyCell::new(None),
        generator: Cell::new(0),
        trace: PyCell::new(None),
        trace_lines: Cell::new(true),
        trace_opcodes: Cell::new(false),
        extra_locals: PyCell::new(None),
    }
}

/// The object of a running frame.
pub fn object_of(vm: &Vm, index: usize) -> Value {
    // SAFETY: `index` is below the number of running frames.
    let f = unsafe { &mut *vm.stacks.record(index) };
    if f.object == 0 {
        // SAFETY: the frame keeps its namespaces alive.
        let builtins = unsafe { (*f.builtins).to_ref() };
        let o = make(f.code().to_ref(), f.globals().to_ref(), builtins, index);
        if f.extra != 0 && f.kind != crate::vm::FrameKind::Init {
            // SAFETY: an owned word, cloned.
            let v = std::mem::ManuallyDrop::new(unsafe { Value::from_raw(f.extra) });
            o.namespace.set(Some(Value::clone(&v)));
        } else if !f.code().has(CodeFlags::OPTIMIZED) {
            o.namespace.set(Some(own_namespace(f)));
        }
        if let Some(g) = f.generator() {
            o.generator.set(g.value().raw());
        }
        f.object = Ref::new(o).into_value().into_raw();
    }
    // SAFETY: an owned word, cloned.
    let v = std::mem::ManuallyDrop::new(unsafe { Value::from_raw(f.object) });
    Value::clone(&v)
}

/// The namespace of a module's body that runs as a function or coroutine: `eval_code` has left it with the function,
/// else it is that of the globals.
#[cold]
pub(crate) fn own_namespace(f: &Frame) -> Value {
    // SAFETY: a function that a running frame has lives as long.
    let kept = if f.func.is_null() { Value::NONE } else { unsafe { (&*f.func).kwdefaults.get() } };
    if kept.is_none() { f.globals().to_value() } else { kept }
}

/// The object of the innermost frame, if any frame runs.
pub fn current(vm: &Vm) -> Option<Value> {
    let n = vm.stacks.len.get();
    (n > 0).then(|| object_of(vm, n - 1))
}

/// The object of a suspended generator's frame.
pub(crate) fn for_generator(g: &Generator, this: &Value) -> Value {
    let o = make(g.code.clone(), g.globals().clone(), g.builtins().clone(), NOT_RUNNING);
    o.generator.set(this.raw());
    o.lasti.set(g.lasti());
    Ref::new(o).into_value()
}

/// The frame of this object runs at `index` now.
pub(crate) fn attach(v: &Value, index: usize) {
    if let Some(o) = v.downcast::<FrameObject>() {
        o.index.set(index);
    }
}

/// The frame of this object is suspended.
pub(crate) fn suspend(v: &Value, lasti: usize) {
    if let Some(o) = v.downcast::<FrameObject>() {
        o.index.set(NOT_RUNNING);
        o.lasti.set(lasti);
        drop(o.back.take());
    }
}

/// The frame ends: if others hold its object, the variables move into it.
///
/// # Safety
/// `frame` is the innermost frame.
pub(crate) unsafe fn detach(vm: &Vm, frame: &mut Frame) {
    let w = std::mem::replace(&mut frame.object, 0);
    // SAFETY: the word was owned by the frame.
    let v = unsafe { Value::from_raw(w) };
    let Some(o) = v.downcast::<FrameObject>() else { return };
    o.generator.set(0);
    if v.header().is_some_and(|h| h.unique()) {
        o.index.set(NOT_RUNNING);
        return;
    }
    o.lasti.set(frame.lasti());
    // Variables of comprehensions that CPython inlines end with the comprehension.
    let name = frame.code().name.downcast::<crate::types::str::Str>().and_then(|n| n.as_ascii());
    let hidden = matches!(name, Some("<listcomp>" | "<setcomp>" | "<dictcomp>"));
    let n = if hidden { 0 } else { frame.code().nlocals as usize };
    let mut values = Vec::with_capacity(n);
    for i in 0..n {
        // SAFETY: registers of the window; counts move.
        unsafe {
            let w = *frame.base.add(i);
            if w == 0 {
                values.push(None);
            } else {
                *frame.base.add(i) = 0;
                values.push(Some(Value::from_raw(w)));
            }
        }
    }
    o.values.set(values);
    let len = vm.stacks.len.get();
    if len >= 2 {
        o.back.set(Some(object_of(vm, len - 2)));
    }
    o.index.set(NOT_RUNNING);
}

/// The object of a running frame, if somebody has asked for it.
fn made(frame: &Frame) -> Option<&FrameObject> {
    if frame.object == 0 {
        return None;
    }
    // SAFETY: the frame owns the word, and goes on owning it while it runs.
    unsafe { (*std::ptr::from_ref(&frame.object).cast::<Value>()).downcast::<FrameObject>().map(|o| &***o) }
}

/// Notes where a running frame has raised an exception that it handles itself. The object has a place for that: a
/// running frame's own position is not read from there.
pub(crate) fn note_raise(frame: &Frame, at: usize) {
    if let Some(o) = made(frame) {
        o.lasti.set(at);
    }
}

/// What [`note_raise`] has noted last.
pub(crate) fn noted_raise(frame: &Frame) -> Option<usize> {
    made(frame).map(|o| o.lasti.get()).filter(|&i| i < frame.code().len())
}

impl FrameObject {
    /// The running frame, if it runs (on the current thread).
    fn running<'a>(&self, vm: &'a Vm) -> Option<&'a Frame> {
        let i = self.index.get();
        if i >= vm.stacks.len.get() {
            return None;
        }
        // SAFETY: records below `len` are running frames.
        Some(unsafe { &*vm.stacks.record(i) })
    }

    fn generator(&self) -> Option<Ref<Generator>> {
        let w = self.generator.get();
        if w == 0 {
            return None;
        }
        // SAFETY: a generator forgets its frame object, or outlives it, see `detach` and `Generator::drop`.
        let v = std::mem::ManuallyDrop::new(unsafe { Value::from_raw(w) });
        v.downcast::<Generator>().cloned()
    }

    /// The generator of this frame dies.
    pub(crate) fn forget_generator(&self) {
        self.generator.set(0);
    }

    /// The frame has ended with these values in its variables' registers.
    pub(crate) fn keep_variables(&self, values: Vec<Option<Value>>) {
        self.values.set(values);
    }

    /// Index of the current instruction word.
    pub fn lasti(&self, vm: &Vm) -> usize {
        self.running(vm).map_or(self.lasti.get(), Frame::lasti)
    }

    /// The current line.
    pub fn line(&self, vm: &Vm) -> u32 {
        self.code.position(self.lasti(vm)).line
    }

    /// Whether the frame is about to begin.
    fn is_at_start(&self, vm: &Vm) -> bool {
        let at = self.lasti(vm);
        // SAFETY: the index of an instruction of the code.
        at < self.code.len() && unsafe { *self.code.instrs().add(at) } as u8 == taipan_bytecode::Op::Resume as u8
    }

    /// The calling frame's object.
    pub fn back(&self, vm: &Vm) -> Option<Value> {
        if self.running(vm).is_some() {
            let i = self.index.get();
            return (i > 0).then(|| object_of(vm, i - 1));
        }
        self.back.get()
    }

    /// The raw value in a variable's register (a cell for captured ones).
    fn register(&self, vm: &Vm, r: usize) -> Option<Value> {
        if let Some(f) = self.running(vm) {
            if r >= f.code().nlocals as usize {
                return None;
            }
            // SAFETY: a register of the window; an owned word, cloned.
            unsafe {
                let w = *f.base.add(r);
                if w == 0 {
                    return None;
                }
                let v = std::mem::ManuallyDrop::new(Value::from_raw(w));
                return Some(Value::clone(&v));
            }
        }
        if let Some(g) = self.generator() {
            return g.register(r);
        }
        self.values.borrow().get(r).cloned().flatten()
    }

    /// Writes a variable's register (not through a cell).
    fn set_register(&self, vm: &Vm, r: usize, v: Option<Value>) {
        if let Some(f) = self.running(vm) {
            // SAFETY: a register of the window; the old word was owned.
            unsafe {
                let old = std::mem::replace(&mut *f.base.add(r), v.map_or(0, Value::into_raw));
                if tag::is_object(old) {
                    drop(Value::from_raw(old));
                }
            }
            return;
        }
        if let Some(g) = self.generator() {
            g.set_register(r, v);
            return;
        }
        let mut values = self.values.borrow_mut();
        if values.len() <= r {
            values.resize_with(r + 1, || None);
        }
        let old = std::mem::replace(&mut values[r], v);
        drop(values);
        drop(old);
    }

    /// Whether the frame is running or suspended.
    pub fn is_alive(&self, vm: &Vm) -> bool {
        self.running(vm).is_some() || self.generator().is_some()
    }

    /// `frame.clear()`
    fn clear_finished(&self, vm: &Vm) -> R<()> {
        if self.running(vm).is_some() {
            return Err(vm.runtime_error("cannot clear an executing frame"));
        }
        if let Some(g) = self.generator() {
            if g.state.get() != crate::types::generator::State::Created {
                return Err(vm.runtime_error("cannot clear a suspended frame"));
            }
            crate::types::generator::finalize(vm, &g);
            return Ok(());
        }
        drop(self.values.take());
        drop(self.extra_locals.take());
        Ok(())
    }
}
