//! Setting `frame.f_lineno`: a trace function makes its frame go on at another line.

use super::FrameObject;
use crate::core::{R, Value};
use crate::interp::TraceEvent;
use crate::types::code::{Code, Flow, Kind};
use crate::types::exceptions::RUNTIME_WARNING;
use crate::types::int;
use crate::vm::{Frame, Vm};
use taipan_bytecode::Op;

impl FrameObject {
    /// Makes the frame go on at the first instruction of a line: temporaries that the line does not need are dropped,
    /// variables without a value become None (with a RuntimeWarning).
    ///
    /// Raises ValueError outside of trace functions and for lines that can't be gone to.
    pub(super) fn jump(&self, vm: &Vm, line: &Value) -> R<()> {
        if int::get(line).is_none() || line.as_bool().is_some() {
            return Err(vm.value_error("lineno must be an integer"));
        }
        let Some((index, event)) = vm.trace_event.get() else {
            return Err(vm.value_error("f_lineno can only be set in a trace function"));
        };
        let frame = match self.running(vm) {
            Some(frame) if self.index.get() == index => frame,
            Some(_) => return Err(vm.value_error("can't jump during a call")),
            None => return Err(vm.value_error("can only jump from a 'line' trace event")),
        };
        match event {
            TraceEvent::Line | TraceEvent::Opcode | TraceEvent::Yield => {}
            TraceEvent::Call => return Err(vm.value_error("can't jump from the 'call' trace event of a new frame")),
            _ => return Err(vm.value_error("can only jump from a 'line' trace event")),
        }
        let Some(wanted) = int::get(line).and_then(|n| n.to_i64()).and_then(|n| i32::try_from(n).ok()) else {
            return Err(vm.value_error("lineno out of range"));
        };
        let from = frame.lasti();
        let to = self.place_of_line(vm, wanted, from, event == TraceEvent::Yield)?;
        self.bind_all(vm)?;
        go(vm, frame, from, to);
        Ok(())
    }

    /// The instruction to go on at.
    fn place_of_line(&self, vm: &Vm, wanted: i32, from: usize, yields: bool) -> R<Place> {
        let code = &self.code;
        if i64::from(wanted) < i64::from(code.first_line) {
            return Err(vm.value_error(format!("line {wanted} comes before the current code block")));
        }
        let Some(flow) = Flow::of(code) else { return Err(vm.value_error("stack is too deep to analyze")) };
        let starts = line_starts(code, &flow);
        let Some(line) = starts.iter().map(|(_, line)| *line).filter(|l| i64::from(*l) >= i64::from(wanted)).min() else {
            return Err(vm.value_error(format!("line {wanted} comes after the current code block")));
        };
        if !flow.is_reached(from) {
            return Err(vm.value_error("can't jump from unreachable code"));
        }
        let mut best: Option<(usize, usize)> = None;
        let mut why = "cannot find bytecode for specified line";
        for &(at, _) in starts.iter().filter(|(_, l)| *l == line) {
            match depth_if_compatible(&flow, from, at) {
                Ok(depth) if best.is_none_or(|(_, d)| depth > d) => best = Some((at, depth)),
                Ok(_) => {}
                Err(text) => why = text,
            }
        }
        match best {
            Some((at, _)) => Ok(Place { at, flow, yields }),
            None => Err(vm.value_error(why)),
        }
    }

    /// The compiler may have seen that a variable is bound at the target, on the ways that it knows.
    fn bind_all(&self, vm: &Vm) -> R<()> {
        let code = &self.code;
        let is_empty = |r: &usize| self.register(vm, *r).is_none();
        let empty: Vec<usize> = (0..code.varnames().len()).filter(is_empty).collect();
        if empty.is_empty() {
            return Ok(());
        }
        let s = if empty.len() == 1 { "" } else { "s" };
        vm.warn(&RUNTIME_WARNING, &format!("assigning None to {} unbound local{s}", empty.len()), 1)?;
        for r in empty {
            if self.register(vm, r).is_none() {
                self.set_register(vm, r, Some(Value::NONE));
            }
        }
        Ok(())
    }
}

/// Where to go on.
struct Place {
    at: usize,
    flow: Flow,
    /// Whether the current instruction yields before.
    yields: bool,
}

/// The instructions that begin a line, with the line.
fn line_starts(code: &Code, flow: &Flow) -> Vec<(usize, u32)> {
    let mut last = 0;
    let mut starts = Vec::new();
    for at in flow.instructions() {
        // Not to be done twice.
        if matches!(flow.op(at), Some(Op::MakeCell | Op::CopyFreeVars | Op::ReturnGenerator)) {
            continue;
        }
        let line = code.position(at).line;
        if line == 0 || line == last {
            continue;
        }
        last = line;
        // A loop's test stands at its bottom; whoever goes to its line begins it anew.
        if flow.op(at) != Some(Op::ForIter) {
            starts.push((at, line));
        }
    }
    starts
}

/// How many temporaries an instruction needs, if all of them hold what it expects; else why not.
fn depth_if_compatible(flow: &Flow, from: usize, to: usize) -> Result<usize, &'static str> {
    if !flow.is_reached(to) {
        return Err("can't jump into an exception handler, or code may be unreachable");
    }
    let needed: Vec<usize> = flow.registers().filter(|r| flow.is_needed(to, *r)).collect();
    let fits = |r: &usize| {
        let (here, there) = (flow.kind(from, *r), flow.kind(to, *r));
        here == there && !matches!(here, Kind::Empty | Kind::Mixed)
    };
    if needed.iter().all(fits) {
        return Ok(needed.len());
    }
    Err(match needed.last().map_or(Kind::Empty, |r| flow.kind(to, *r)) {
        Kind::Iterator => "can't jump into the body of a for loop",
        Kind::Saved | Kind::Exception => "can't jump into an 'except' block as there's no exception",
        Kind::Empty | Kind::Mixed | Kind::Object(_) | Kind::Exit => "incompatible stacks",
    })
}

/// Sets the frame's place and drops the temporaries that nobody needs there.
fn go(vm: &Vm, frame: &Frame, from: usize, to: Place) {
    let flow = &to.flow;
    // What the current instruction is about to yield stays until it has.
    let yielded = if to.yields { flow.yielded(from) } else { None };
    let kept = |r: usize| flow.is_needed(to.at, r) || yielded == Some(r);
    let dropped: Vec<usize> = flow.registers().rev().filter(|r| !kept(*r)).collect();
    let frame = std::ptr::from_ref(frame).cast_mut();
    for r in dropped {
        // SAFETY: a register of the running frame's window, which stays where it is; the word was owned.
        let old = unsafe { std::mem::replace(&mut *(*frame).base.add(r), 0) };
        if old == 0 {
            continue;
        }
        // SAFETY: as above.
        let old = unsafe { Value::from_raw(old) };
        if flow.kind(from, r) == Kind::Saved {
            drop(vm.handled.replace(if old.is_none() { None } else { Some(old) }));
        }
    }
    // SAFETY: the frame runs, and nobody else looks at its place while its trace function does; `at` is an instruction.
    unsafe {
        (*frame).pc = (*frame).code().instrs().add(to.at + 1);
        (*frame).skip = 0;
        (*frame).traced_line.set(0);
        (*frame).traced_at.set(u32::MAX);
    }
}
