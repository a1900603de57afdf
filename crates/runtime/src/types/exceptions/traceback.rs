//! traceback: where an exception has passed, a list of frames, outermost first.

use std::cell::Cell;

use super::base::BaseException;
use crate::core::{PyCell, R, Ref, Value};
use crate::types::code::Code;
use crate::types::{list, str};
use crate::vm::Vm;

/// The payload of traceback.
#[derive(taipan_macros::Trace)]
pub struct Traceback {
    /// `tb_next`
    pub next: PyCell<Option<Ref<Traceback>>>,
    /// `tb_frame`
    pub frame: Value,
    /// Where the frame was: the index of the instruction, or for code made in Python the offset given.
    #[no_trace]
    pub place: Cell<Place>,
    /// The line, or -1 when it is found by `lasti`.
    pub line: Cell<i64>,
}

/// Where a frame of a traceback was.
#[derive(Clone, Copy)]
pub enum Place {
    /// An instruction by its index.
    Index(usize),
    /// An offset into `co_code` that Python code has given.
    Offset(isize),
}

/// Puts an entry before the traceback of an exception that passes a frame. `lasti` is the index of the
/// instruction.
pub fn add_traceback(_vm: &Vm, e: &Value, frame: Value, lasti: usize, line: u32) {
    if let Some(b) = e.downcast::<BaseException>() {
        let next = b.traceback.get();
        b.traceback.set(Some(entry(next, frame, lasti, line)));
    }
}

/// An entry of a traceback.
pub fn entry(next: Option<Ref<Traceback>>, frame: Value, lasti: usize, line: u32) -> Ref<Traceback> {
    let place = Cell::new(Place::Index(lasti));
    Ref::new(Traceback { next: PyCell::new(next), frame, place, line: Cell::new(line.into()) })
}

/// An entry for the innermost frame, where it stands.
pub fn here(vm: &Vm) -> Option<Ref<Traceback>> {
    let innermost = vm.stacks.len.get().checked_sub(1)?;
    let (lasti, line) = vm.stacks.current().map(|f| (f.lasti(), f.line()))?;
    Some(entry(None, crate::types::frame::object_of(vm, innermost), lasti, line))
}

impl Traceback {
    /// The frame's code.
    pub fn code(&self, vm: &Vm) -> Option<Ref<Code>> {
        let code = vm.get_attr_str(&self.frame, "f_code");
        match code {
            Ok(code) => code.into_ref::<Code>().ok(),
            Err(r) => {
                drop(vm.catch(r));
                None
            }
        }
    }

    /// The index of the instruction, which code made in Python may have put anywhere.
    pub fn index(&self, vm: &Vm) -> Option<usize> {
        match self.place.get() {
            Place::Index(i) => Some(i),
            Place::Offset(n) => Some(self.code(vm)?.word_at(usize::try_from(n).ok()?)),
        }
    }

    /// The line.
    pub fn line(&self, vm: &Vm) -> Option<i64> {
        if self.line.get() != -1 {
            return Some(self.line.get());
        }
        let code = self.code(vm)?;
        let at = self.index(vm).filter(|&i| i < code.len())?;
        match code.position(at).line {
            0 => None,
            line => Some(line.into()),
        }
    }
}

/// Create a new traceback object.
#[taipan_macros::class(name = "traceback", flags(GC), sig = "(tb_next, tb_frame, tb_lasti, tb_lineno)")]
impl Traceback {
    #[slot]
    fn new(
        vm: &Vm,
        _cls: &crate::types::type_::TypeObject,
        tb_next: &Value,
        tb_frame: &Ref<crate::types::frame::FrameObject>,
        tb_lasti: i32,
        tb_lineno: i32,
    ) -> R {
        let next = match tb_next.downcast::<Traceback>() {
            Some(tb) => Some(tb.clone()),
            None if tb_next.is_none() => None,
            None => {
                let given = tb_next.ty().tp_name();
                return Err(vm.type_error(format!("expected traceback object or None, got '{given}'")));
            }
        };
        let tb = Traceback {
            next: PyCell::new(next),
            frame: tb_frame.value().clone(),
            place: Cell::new(Place::Offset(tb_lasti as isize)),
            line: Cell::new(tb_lineno.into()),
        };
        Ok(Ref::new(tb).into_value())
    }

    #[method(sig = "()")]
    fn __dir__(_vm: &Vm, _this: &Ref<Self>) -> R {
        let names = ["tb_frame", "tb_next", "tb_lasti", "tb_lineno"];
        Ok(list::from_vec(names.map(str::from_str).to_vec()).into_value())
    }

    #[getter]
    fn tb_frame(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.frame.clone()
    }

    #[getter]
    fn tb_lasti(vm: &Vm, this: &Ref<Self>) -> isize {
        match this.place.get() {
            Place::Index(i) => this.code(vm).map_or(-1, |c| c.offset_of(i) as isize),
            Place::Offset(n) => n,
        }
    }

    #[getter]
    fn tb_lineno(vm: &Vm, this: &Ref<Self>) -> Option<i64> {
        this.line(vm)
    }

    #[getter]
    fn tb_next(_vm: &Vm, this: &Ref<Self>) -> Option<Ref<Traceback>> {
        this.next.get()
    }

    #[setter]
    fn set_tb_next(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        let Some(v) = value else { return Err(vm.type_error("can't delete tb_next attribute")) };
        let new = match v.downcast::<Traceback>() {
            Some(tb) => Some(tb.clone()),
            None if v.is_none() => None,
            None => {
                let given = v.ty().tp_name();
                return Err(vm.type_error(format!("expected traceback object, got '{given}'")));
            }
        };
        let mut at = new.clone();
        while let Some(tb) = at {
            if tb.value().is(this.value()) {
                return Err(vm.value_error("traceback loop detected"));
            }
            at = tb.next.get();
        }
        this.next.set(new);
        Ok(())
    }
}

/// Takes the frames of the import system itself off the start of an exception's traceback, as CPython
/// does: all of them for ImportError, else those at which it ran a module's code.
pub fn trim_importlib(vm: &Vm, e: &Value) {
    let Some(b) = e.downcast::<super::BaseException>() else { return };
    let always = e.ty().is_subtype_of(super::IMPORT_ERROR.get());
    let mut kept: Vec<Ref<Traceback>> = Vec::new();
    let mut chunk: Vec<Ref<Traceback>> = Vec::new();
    let mut next = b.traceback.get();
    while let Some(tb) = next {
        let code = tb.code(vm);
        let (file, name) = code.map_or((String::new(), String::new()), |c| (vm.str_lossy(&c.filename.get()), vm.str_lossy(&c.name)));
        let internal = matches!(file.as_str(), "<frozen importlib._bootstrap>" | "<frozen importlib._bootstrap_external>" | "<frozen _taipan_library>");
        let following = tb.next.get();
        if internal {
            chunk.push(tb);
            if always || matches!(name.as_str(), "_call_with_frames_removed" | "exec_module") {
                chunk.clear();
            }
        } else {
            kept.append(&mut chunk);
            kept.push(tb);
        }
        next = following;
    }
    kept.append(&mut chunk);
    let mut head: Option<Ref<Traceback>> = None;
    for tb in kept.into_iter().rev() {
        tb.next.set(head.take());
        head = Some(tb);
    }
    b.traceback.set(head);
}
