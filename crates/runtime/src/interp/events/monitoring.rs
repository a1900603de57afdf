//! The state behind `sys.monitoring` (PEP 669): tools, what they want to hear, and whom to call.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};

use crate::core::{Obj, PyCell, R, Value};
use crate::types::code::Code;
use crate::vm::Vm;

/// Numbers of the events, as in `sys.monitoring.events`.
pub mod event {
    #![expect(missing_docs, reason = "named as in sys.monitoring.events")]
    pub const PY_START: u32 = 0;
    pub const PY_RESUME: u32 = 1;
    pub const PY_RETURN: u32 = 2;
    pub const PY_YIELD: u32 = 3;
    pub const CALL: u32 = 4;
    pub const LINE: u32 = 5;
    pub const INSTRUCTION: u32 = 6;
    pub const JUMP: u32 = 7;
    pub const BRANCH_LEFT: u32 = 8;
    pub const BRANCH_RIGHT: u32 = 9;
    pub const STOP_ITERATION: u32 = 10;
    pub const RAISE: u32 = 11;
    pub const EXCEPTION_HANDLED: u32 = 12;
    pub const PY_UNWIND: u32 = 13;
    pub const PY_THROW: u32 = 14;
    pub const RERAISE: u32 = 15;
    pub const C_RETURN: u32 = 16;
    pub const C_RAISE: u32 = 17;
    pub const BRANCH: u32 = 18;
    /// How many there are.
    pub const COUNT: usize = 19;
    /// The events that belong to a place in the code, and so can be local or disabled.
    pub const LOCAL: u32 = (1 << (STOP_ITERATION + 1)) - 1;
    /// Names in the order of their numbers.
    pub const NAMES: [&str; COUNT] = [
        "PY_START", "PY_RESUME", "PY_RETURN", "PY_YIELD", "CALL", "LINE", "INSTRUCTION", "JUMP", "BRANCH_LEFT", "BRANCH_RIGHT",
        "STOP_ITERATION", "RAISE", "EXCEPTION_HANDLED", "PY_UNWIND", "PY_THROW", "RERAISE", "C_RETURN", "C_RAISE", "BRANCH",
    ];
}

/// How many tools there can be.
pub const TOOLS: usize = 6;

/// One tool.
#[derive(Default)]
pub struct Tool {
    /// Its name while somebody uses it.
    pub name: PyCell<Option<Value>>,
    /// Bits of the events that it wants from all code.
    pub events: Cell<u32>,
    callbacks: [PyCell<Option<Value>>; event::COUNT],
}

#[derive(Default)]
struct CodeState {
    /// Keeps the address from being used again.
    _code: Option<Value>,
    local: [u32; TOOLS],
    disabled: HashSet<(u32, u8, u8)>,
}

/// What an interpreter's tools want.
#[derive(Default)]
pub struct Monitoring {
    tools: [Tool; TOOLS],
    codes: PyCell<HashMap<u64, CodeState>>,
    /// All events that any tool wants anywhere.
    any: Cell<u32>,
}

impl Monitoring {
    /// A tool, by its number.
    pub fn tool(&self, id: usize) -> Option<&Tool> {
        self.tools.get(id)
    }

    /// Whether any tool wants to hear of anything.
    pub fn active(&self) -> bool {
        self.any.get() != 0
    }

    /// Whether some tool may want to hear of the event.
    pub(super) fn wants(&self, event: u32) -> bool {
        self.any.get() & 1 << event != 0
    }

    /// Recounts which events are wanted; call after a change, then [`Vm::update_tracing`].
    pub fn recount(&self) {
        let mut any = self.tools.iter().fold(0, |bits, t| bits | t.events.get());
        for c in self.codes.borrow().values() {
            any |= c.local.iter().fold(0, |bits, l| bits | l);
        }
        self.any.set(any);
    }

    /// Replaces the function that a tool wants called; gives the old one.
    pub fn set_callback(&self, tool: usize, event: u32, f: Option<Value>) -> Option<Value> {
        self.tools.get(tool)?.callbacks.get(event as usize)?.replace(f)
    }

    /// The events that a tool wants from one code object.
    pub fn local(&self, tool: usize, code: &Value) -> u32 {
        self.codes.borrow().get(&code.raw()).map_or(0, |c| c.local[tool])
    }

    /// Sets them.
    pub fn set_local(&self, tool: usize, code: &Value, events: u32) {
        let mut codes = self.codes.borrow_mut();
        let state = codes.entry(code.raw()).or_default();
        state._code = Some(code.clone());
        state.local[tool] = events;
    }

    /// Forgets what a tool has asked for.
    pub fn clear(&self, tool: usize) {
        if let Some(t) = self.tools.get(tool) {
            t.events.set(0);
            for f in &t.callbacks {
                drop(f.take());
            }
        }
        for c in self.codes.borrow_mut().values_mut() {
            c.local[tool] = 0;
            c.disabled.retain(|&(_, _, t)| t as usize != tool);
        }
    }

    /// Forgets what was disabled.
    pub fn restart(&self) {
        for c in self.codes.borrow_mut().values_mut() {
            c.disabled.clear();
        }
    }

    fn is_disabled(&self, code: u64, at: u32, event: u32, tool: usize) -> bool {
        self.codes.borrow().get(&code).is_some_and(|c| c.disabled.contains(&(at, event as u8, tool as u8)))
    }

    fn disable(&self, code: &Value, at: u32, event: u32, tool: usize) {
        let mut codes = self.codes.borrow_mut();
        let state = codes.entry(code.raw()).or_default();
        state._code = Some(code.clone());
        state.disabled.insert((at, event as u8, tool as u8));
    }
}

/// The objects `sys.monitoring.DISABLE` and `MISSING`.
pub fn sentinel(vm: &Vm, name: &'static str) -> R {
    vm.interp_static(name, |_| Ok(crate::types::object::new_sentinel()))
}

/// The key of [`sentinel`] for `DISABLE`.
pub const DISABLE: &str = "sys.monitoring.DISABLE";
/// The key of [`sentinel`] for `MISSING`.
pub const MISSING: &str = "sys.monitoring.MISSING";

/// Tells the tools of an event at a place in the code of the innermost frame.
///
/// Raises what a callback raises.
pub(super) fn fire(vm: &Vm, code: &Obj<Code>, at: usize, event: u32, rest: &[Value]) -> R<()> {
    let m = &vm.interp().monitoring;
    if !m.wants(if event == event::C_RETURN || event == event::C_RAISE { event::CALL } else { event }) || vm.tracing.get() {
        return Ok(());
    }
    let offset = if event == event::LINE { 0 } else { code.offset_of(at) };
    let code = code.to_value();
    for tool in 0..TOOLS {
        let t = &m.tools[tool];
        let bits = t.events.get() | m.local(tool, &code);
        if bits & 1 << event == 0 || m.is_disabled(code.raw(), at as u32, event, tool) {
            continue;
        }
        let either = matches!(event, event::BRANCH_LEFT | event::BRANCH_RIGHT);
        let f = t.callbacks[event as usize].get().or_else(|| if either { t.callbacks[event::BRANCH as usize].get() } else { None });
        let Some(f) = f else { continue };
        let mut args = vec![code.clone()];
        if event != event::LINE {
            args.push(Value::from(offset));
        }
        args.extend_from_slice(rest);
        vm.tracing.set(true);
        let r = vm.call(&f, &args);
        vm.tracing.set(false);
        let r = r?;
        if r.is(&sentinel(vm, DISABLE)?) {
            if event::LOCAL & 1 << event == 0 {
                m.set_callback(tool, event, None);
                return Err(vm.value_error(format!("Cannot disable {} events. Callback removed.", event::NAMES[event as usize])));
            }
            m.disable(&code, at as u32, event, tool);
        }
    }
    Ok(())
}

/// The first argument of a call as the tools see it.
pub(super) fn first_argument(vm: &Vm, args: &[Value]) -> R {
    match args.first() {
        Some(v) => Ok(v.clone()),
        None => sentinel(vm, MISSING),
    }
}

