//! traceback: where an exception has passed, a list of frames, outermost first.

use std::cell::Cell;

use super::base::BaseException;
use crate::core::{PyCell, R, Ref, Value};
use crate::types::code::Code;
use crate::types::{list, str};
use crate::vm::Vm;

/// Bytes of an instruction word.
const WORD: isize = 8;

/// The payload of traceback.
#[derive(taipan_macros::Trace)]
pub struct Traceback {
    /// `tb_next`
    pub next: PyCell<Option<Ref<Traceback>>>,
    /// `tb_frame`
    pub frame: Value,
    /// `tb_lasti`: the instruction's offset in bytes, as `f_lasti` (`co_positions` has an entry per two bytes).
    pub lasti: Cell<isize>,
    /// The line, or -1 when it is found by `lasti`.
    pub line: Cell<i64>,
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
    let lasti = isize::try_from(lasti).unwrap_or(0).saturating_mul(WORD);
    Ref::new(Traceback { next: PyCell::new(next), frame, lasti: Cell::new(lasti), line: Cell::new(line.into()) })
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
    pub fn index(&self) -> Option<usize> {
        usize::try_from(self.lasti.get() / WORD).ok()
    }

    /// The line.
    pub fn line(&self, vm: &Vm) -> Option<i64> {
        if self.line.get() != -1 {
            return Some(self.line.get());
        }
        let code = self.code(vm)?;
        let at = self.index().filter(|&i| i < code.len())?;
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
            lasti: Cell::new(tb_lasti as isize),
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
    fn tb_lasti(_vm: &Vm, this: &Ref<Self>) -> isize {
        this.lasti.get()
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
