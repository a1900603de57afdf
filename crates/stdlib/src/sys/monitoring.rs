//! `sys.monitoring` (PEP 669).

use taipan_macros::{function, module};
use taipan_runtime::core::{Payload, R, Ref, Value};
use taipan_runtime::interp::events::monitoring::{DISABLE, MISSING, TOOLS, Tool, event, sentinel};
use taipan_runtime::types::code::Code;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::{namespace, str};
use taipan_runtime::vm::Vm;

module! {
    name = "sys.monitoring",
    functions(
        use_tool_id, clear_tool_id, free_tool_id, get_tool, register_callback, get_events, set_events, get_local_events,
        set_local_events, restart_events, _all_events,
    ),
    exec = exec,
}

fn exec(vm: &Vm, m: &Ref<Module>) -> R<()> {
    m.set("DISABLE", sentinel(vm, DISABLE)?);
    m.set("MISSING", sentinel(vm, MISSING)?);
    for (name, id) in [("DEBUGGER_ID", 0), ("COVERAGE_ID", 1), ("PROFILER_ID", 2), ("OPTIMIZER_ID", 5)] {
        m.set(name, id);
    }
    let mut all: Vec<(&str, Value)> = event::NAMES.iter().enumerate().map(|(i, n)| (*n, Value::from(1i64 << i))).collect();
    all.push(("NO_EVENTS", Value::from(0)));
    m.set("events", namespace::new(&all));
    Ok(())
}

const C_EVENTS: u32 = 1 << event::C_RETURN | 1 << event::C_RAISE;
const BRANCHES: u32 = 1 << event::BRANCH_LEFT | 1 << event::BRANCH_RIGHT;

fn tool(vm: &Vm, id: i32) -> R<(usize, &Tool)> {
    let tool = usize::try_from(id).ok().and_then(|i| vm.interp().monitoring.tool(i).map(|t| (i, t)));
    tool.ok_or_else(|| vm.value_error(format!("invalid tool {id} (must be between 0 and {})", TOOLS - 1)))
}

fn used_tool(vm: &Vm, id: i32) -> R<(usize, &Tool)> {
    let (i, t) = tool(vm, id)?;
    if t.name.borrow().is_none() {
        return Err(vm.value_error(format!("tool {id} is not in use")));
    }
    Ok((i, t))
}

fn changed(vm: &Vm) {
    vm.interp().monitoring.recount();
    vm.update_tracing();
}

/// Reserve a tool number.
#[function(sig = "(tool_id, name, /)")]
fn use_tool_id(vm: &Vm, tool_id: i32, name: &Value) -> R<()> {
    let (_, t) = tool(vm, tool_id)?;
    if name.downcast::<Str>().is_none() {
        return Err(vm.value_error("tool name must be a str"));
    }
    if t.name.borrow().is_some() {
        return Err(vm.value_error(format!("tool {tool_id} is already in use")));
    }
    t.name.set(Some(name.clone()));
    Ok(())
}

/// Forget events and callbacks of a tool.
#[function(sig = "(tool_id, /)")]
fn clear_tool_id(vm: &Vm, tool_id: i32) -> R<()> {
    let (i, t) = tool(vm, tool_id)?;
    if t.name.borrow().is_some() {
        vm.interp().monitoring.clear(i);
        changed(vm);
    }
    Ok(())
}

/// Give a tool number up.
#[function(sig = "(tool_id, /)")]
fn free_tool_id(vm: &Vm, tool_id: i32) -> R<()> {
    let (i, t) = tool(vm, tool_id)?;
    if t.name.borrow().is_some() {
        vm.interp().monitoring.clear(i);
        changed(vm);
    }
    drop(t.name.take());
    Ok(())
}

/// Return the name under which a tool number is in use, or None.
#[function(sig = "(tool_id, /)")]
fn get_tool(vm: &Vm, tool_id: i32) -> R<Option<Value>> {
    Ok(tool(vm, tool_id)?.1.name.get())
}

/// Set the function that a tool wants called at an event; return the old one.
#[function(sig = "(tool_id, event, func, /)")]
fn register_callback(vm: &Vm, tool_id: i32, event: i32, func: &Value) -> R<Option<Value>> {
    let (i, _) = tool(vm, tool_id)?;
    if event <= 0 || event.count_ones() != 1 {
        return Err(vm.value_error("The callback can only be set for one event at a time"));
    }
    let n = event.trailing_zeros();
    if n as usize >= event::COUNT {
        return Err(vm.value_error(format!("invalid event {event}")));
    }
    vm.audit("sys.monitoring.register_callback", std::slice::from_ref(func))?;
    Ok(vm.interp().monitoring.set_callback(i, n, Some(func.clone()).filter(|f| !f.is_none())))
}

/// Return the events that a tool wants from all code.
#[function(sig = "(tool_id, /)")]
fn get_events(vm: &Vm, tool_id: i32) -> R<u32> {
    let (_, t) = tool(vm, tool_id)?;
    Ok(t.events.get() & !C_EVENTS)
}

/// The C events come with CALL; BRANCH stands for both branches.
fn normalised(vm: &Vm, events: i32, valid: u32, what: &str) -> R<u32> {
    let mut bits = events as u32;
    if events < 0 || bits >= 1 << event::COUNT {
        return Err(vm.value_error(format!("invalid {what} 0x{bits:x}")));
    }
    if bits & C_EVENTS != 0 {
        if bits & 1 << event::CALL == 0 {
            return Err(vm.value_error("cannot set C_RETURN or C_RAISE events independently"));
        }
        bits &= !C_EVENTS;
    }
    if bits & 1 << event::BRANCH != 0 {
        bits = bits & !(1 << event::BRANCH) | BRANCHES;
    }
    if bits & !valid != 0 {
        return Err(vm.value_error(format!("invalid {what} 0x{bits:x}")));
    }
    Ok(bits | if bits & 1 << event::CALL != 0 { C_EVENTS } else { 0 })
}

/// Set the events that a tool wants from all code.
#[function(sig = "(tool_id, event_set, /)")]
fn set_events(vm: &Vm, tool_id: i32, event_set: i32) -> R<()> {
    tool(vm, tool_id)?;
    let bits = normalised(vm, event_set, u32::MAX, "event set")?;
    used_tool(vm, tool_id)?.1.events.set(bits);
    changed(vm);
    Ok(())
}

fn code(vm: &Vm, code: &Value) -> R<()> {
    if code.downcast::<Code>().is_some() {
        return Ok(());
    }
    debug_assert!(!code.ty().is(Code::TYPE.get()));
    Err(vm.type_error("code must be a code object"))
}

/// Return the events that a tool wants from one code object.
#[function(sig = "(tool_id, code, /)")]
fn get_local_events(vm: &Vm, tool_id: i32, code: &Value) -> R<u32> {
    self::code(vm, code)?;
    let (i, _) = tool(vm, tool_id)?;
    Ok(vm.interp().monitoring.local(i, code))
}

/// Set the events that a tool wants from one code object.
#[function(sig = "(tool_id, code, event_set, /)")]
fn set_local_events(vm: &Vm, tool_id: i32, code: &Value, event_set: i32) -> R<()> {
    self::code(vm, code)?;
    tool(vm, tool_id)?;
    let bits = normalised(vm, event_set, event::LOCAL, "local event set")?;
    let (i, _) = used_tool(vm, tool_id)?;
    vm.interp().monitoring.set_local(i, code, bits);
    changed(vm);
    Ok(())
}

/// Let events come again that were disabled.
#[function]
fn restart_events(vm: &Vm) {
    vm.interp().monitoring.restart();
}

/// Return the events that are wanted from all code, with bits for the tools that want them.
#[function]
fn _all_events(vm: &Vm) -> R {
    let d = Ref::new(Dict::new());
    for (n, name) in event::NAMES.iter().enumerate() {
        let mut tools = 0u32;
        for i in 0..TOOLS {
            let on = vm.interp().monitoring.tool(i).is_some_and(|t| t.events.get() & 1 << n != 0);
            tools |= u32::from(on) << i;
        }
        if tools != 0 {
            d.set(vm, str::from_str(name), Value::from(tools))?;
        }
    }
    Ok(d.into_value())
}
