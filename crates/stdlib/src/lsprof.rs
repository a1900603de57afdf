//! `_lsprof`: a profiler that counts and times calls, fed by `sys.monitoring`.

use std::cell::Cell;
use std::collections::HashMap;

use taipan_host::clock;
use taipan_macros::{Drain, Trace, class, module};
use taipan_runtime::core::{NoTrace, PyCell, R, Ref, Value};
use taipan_runtime::interp::events::monitoring::{MISSING, sentinel};
use taipan_runtime::native::{Args, TypeDef};
use taipan_runtime::types::module::Module;
use taipan_runtime::types::native_fn::{BuiltinFunction, MethodDescriptor};
use taipan_runtime::types::structseq::{self, Spec};
use taipan_runtime::types::type_::{self, TypeObject};
use taipan_runtime::types::{float, int, list, str};
use taipan_runtime::vm::Vm;

/// The classes of this module.
pub const TYPES: &[&TypeDef] = &[Profiler::DEF];

module! {
    /// Fast profiler.
    name = "_lsprof",
    types(Profiler),
    exec = exec,
}

const FIELDS: [(&str, &str); 6] = [
    ("code", "code object or built-in function name"),
    ("callcount", "how many times this was called"),
    ("reccallcount", "how many times called recursively"),
    ("totaltime", "total time in this entry"),
    ("inlinetime", "inline time in this entry (not in subcalls)"),
    ("calls", "details of the calls"),
];

static ENTRY: Spec = Spec {
    name: "_lsprof.profiler_entry",
    doc: "What a profiler knows of one function.",
    fields: &FIELDS,
    visible: 6,
    instantiable: true,
};

static SUBENTRY: Spec = Spec {
    name: "_lsprof.profiler_subentry",
    doc: "What a profiler knows of the calls of one function by another.",
    fields: FIELDS.split_at(5).0,
    visible: 5,
    instantiable: true,
};

fn exec(vm: &Vm, m: &Ref<Module>) -> R<()> {
    m.set("profiler_entry", entry_class(vm)?);
    m.set("profiler_subentry", subentry_class(vm)?);
    Ok(())
}

fn entry_class(vm: &Vm) -> R {
    vm.interp_static("_lsprof.profiler_entry", |vm| structseq::new_type(vm, &ENTRY))
}

fn subentry_class(vm: &Vm) -> R {
    vm.interp_static("_lsprof.profiler_subentry", |vm| structseq::new_type(vm, &SUBENTRY))
}

/// The number of this tool for `sys.monitoring`.
const TOOL: i32 = 2;

/// Which method hears of which events.
const CALLBACKS: [(&str, &str); 9] = [
    ("PY_START", "_pystart_callback"),
    ("PY_RESUME", "_pystart_callback"),
    ("PY_THROW", "_pystart_callback"),
    ("PY_RETURN", "_pyreturn_callback"),
    ("PY_YIELD", "_pyreturn_callback"),
    ("PY_UNWIND", "_pyreturn_callback"),
    ("CALL", "_ccall_callback"),
    ("C_RETURN", "_creturn_callback"),
    ("C_RAISE", "_creturn_callback"),
];

/// Numbers of a function, or of its calls by one other.
#[derive(Clone, Copy, Default)]
struct Counts {
    calls: i64,
    recursive: i64,
    /// How often it is on the stack now.
    level: i64,
    total: i64,
    inline: i64,
}

impl Counts {
    fn leave(&mut self, total: i64, inline: i64) {
        self.level -= 1;
        if self.level == 0 {
            self.total += total;
        } else {
            self.recursive += 1;
        }
        self.inline += inline;
        self.calls += 1;
    }
}

/// What is known of a function.
#[derive(Trace, Drain)]
struct Entry {
    /// The code object, or the name of what is native.
    shown: Value,
    #[no_trace]
    counts: Counts,
    /// Its calls of others, by their numbers.
    #[no_trace]
    callees: HashMap<usize, Counts>,
}

/// A call that goes on.
struct Active {
    entry: usize,
    since: i64,
    /// Time in calls that it made.
    below: i64,
}

/// The payload of Profiler.
#[derive(Trace)]
pub struct Profiler {
    entries: PyCell<Vec<Entry>>,
    /// The numbers of the entries, by the address of the code or of the native function's definition.
    numbers: PyCell<NoTrace<HashMap<u64, usize>>>,
    stack: PyCell<NoTrace<Vec<Active>>>,
    /// What tells the time, or None.
    timer: PyCell<Value>,
    unit: Cell<f64>,
    subcalls: Cell<bool>,
    builtins: Cell<bool>,
    enabled: Cell<bool>,
    /// The timer runs.
    in_timer: Cell<bool>,
}

impl Profiler {
    fn now(&self, vm: &Vm) -> i64 {
        let timer = self.timer.get();
        if timer.is_none() {
            return clock::monotonic();
        }
        self.in_timer.set(true);
        let told = vm.call(&timer, &[]);
        self.in_timer.set(false);
        let ticks = told.and_then(|v| {
            if self.unit.get() > 0.0 {
                return int::to_isize(vm, &v).map(|n| n as i64);
            }
            float::to_f64(vm, &v).map(|s| (s * 1e9).floor() as i64)
        });
        ticks.unwrap_or_else(|raised| {
            vm.unraisable(raised, Some("Exception ignored while calling _lsprof timer"), &timer);
            0
        })
    }

    fn factor(&self) -> f64 {
        if !self.timer.borrow().is_none() && self.unit.get() > 0.0 { self.unit.get() } else { 1e-9 }
    }

    /// A call begins of what has this key.
    fn enter(&self, vm: &Vm, key: u64, shown: impl FnOnce() -> R) -> R<()> {
        let known = self.numbers.borrow().0.get(&key).copied();
        let number = match known {
            Some(n) => n,
            None => {
                let shown = shown()?;
                let mut entries = self.entries.borrow_mut();
                entries.push(Entry { shown, counts: Counts::default(), callees: HashMap::new() });
                self.numbers.borrow_mut().0.insert(key, entries.len() - 1);
                entries.len() - 1
            }
        };
        let caller = self.stack.borrow().0.last().map(|a| a.entry);
        {
            let mut entries = self.entries.borrow_mut();
            if let Some(e) = entries.get_mut(number) {
                e.counts.level += 1;
            }
            if self.subcalls.get()
                && let Some(caller) = caller.and_then(|c| entries.get_mut(c))
            {
                caller.callees.entry(number).or_default().level += 1;
            }
        }
        self.stack.borrow_mut().0.push(Active { entry: number, since: 0, below: 0 });
        let since = self.now(vm);
        if let Some(a) = self.stack.borrow_mut().0.last_mut() {
            a.since = since;
        }
        Ok(())
    }

    /// The innermost call ends.
    fn stop(&self, vm: &Vm) {
        let now = self.now(vm);
        let (ended, caller) = {
            let mut stack = self.stack.borrow_mut();
            let Some(ended) = stack.0.pop() else {
                return;
            };
            let caller = stack.0.last_mut().map(|a| {
                a.below += now - ended.since;
                a.entry
            });
            (ended, caller)
        };
        let total = now.wrapping_sub(ended.since);
        let inline = total.wrapping_sub(ended.below);
        let mut entries = self.entries.borrow_mut();
        if let Some(e) = entries.get_mut(ended.entry) {
            e.counts.leave(total, inline);
        }
        if self.subcalls.get()
            && let Some(caller) = caller.and_then(|c| entries.get_mut(c))
        {
            caller.callees.entry(ended.entry).or_default().leave(total, inline);
        }
    }

    /// What has this key returns.
    fn leave(&self, vm: &Vm, key: u64) {
        if self.stack.borrow().0.is_empty() {
            return;
        }
        if self.numbers.borrow().0.contains_key(&key) {
            self.stop(vm);
        } else {
            self.stack.borrow_mut().0.pop();
        }
    }

    fn clear_entries(&self) {
        let old = self.entries.take();
        self.numbers.borrow_mut().0.clear();
        self.stack.borrow_mut().0.clear();
        drop(old);
    }
}

/// A key for a native function, and what shows it; `None` for anything else.
fn native(vm: &Vm, callable: &Value, first: &Value) -> Option<(u64, Value)> {
    if let Some(f) = callable.downcast_exact::<BuiltinFunction>() {
        return Some((f.def().map_or(callable.raw(), |d| std::ptr::from_ref(d).expose_provenance() as u64), callable.clone()));
    }
    let d = callable.downcast_exact::<MethodDescriptor>()?;
    if sentinel(vm, MISSING).is_ok_and(|m| m.is(first)) {
        return None;
    }
    Some((std::ptr::from_ref(d.def).expose_provenance() as u64, callable.clone()))
}

/// How a native function is called in statistics.
fn shown(vm: &Vm, callable: &Value) -> R {
    let Some(f) = callable.downcast_exact::<BuiltinFunction>() else {
        return vm.repr(callable);
    };
    let name = f.name();
    if f.this.is_none() || f.this.downcast::<Module>().is_some() {
        let module = match f.module.is_none() {
            true => String::new(),
            false => vm.str_lossy(&f.module) + ".",
        };
        return Ok(str::from_str(&format!("<built-in method {module}{name}>")));
    }
    match type_::lookup(f.this.ty(), &taipan_runtime::vm::intern(name).into_value()) {
        Some(method) => vm.repr(&method),
        None => Ok(str::from_str(&format!("<built-in method {name}>"))),
    }
}

fn counted(c: &Counts, shown: &Value, factor: f64) -> Vec<Value> {
    let seconds = |n: i64| Value::from(n as f64 * factor);
    vec![shown.clone(), Value::from(c.calls), Value::from(c.recursive), seconds(c.total), seconds(c.inline)]
}

/// Builds a profiler object using the specified timer function.
#[class(
    name = "Profiler",
    module = "_lsprof",
    flags(BASETYPE, GC),
    sig = "(timer=None, timeunit=0.0, subcalls=True, builtins=True)"
)]
impl Profiler {
    #[slot]
    fn new(_vm: &Vm, cls: &TypeObject, _args: Args<'_>) -> R {
        let made = Profiler {
            entries: PyCell::new(Vec::new()),
            numbers: PyCell::new(NoTrace(HashMap::new())),
            stack: PyCell::new(NoTrace(Vec::new())),
            timer: PyCell::new(Value::NONE),
            unit: Cell::new(0.0),
            subcalls: Cell::new(true),
            builtins: Cell::new(true),
            enabled: Cell::new(false),
            in_timer: Cell::new(false),
        };
        Ok(Ref::new_of(cls, made).into_value())
    }

    #[slot]
    fn init(_vm: &Vm, this: &Ref<Self>, timer: &Value, timeunit: f64, subcalls: bool, builtins: bool) {
        drop(this.timer.replace(timer.clone()));
        this.unit.set(timeunit);
        this.subcalls.set(subcalls);
        this.builtins.set(builtins);
    }

    /// Start collecting profiling information.
    #[method(sig = "(subcalls=True, builtins=True)")]
    fn enable(vm: &Vm, this: &Ref<Self>, subcalls: bool, builtins: bool) -> R<()> {
        this.subcalls.set(subcalls);
        this.builtins.set(builtins);
        let monitoring = vm.import_attr("sys", "monitoring")?;
        if vm.call_method(&monitoring, "use_tool_id", &[Value::from(TOOL), str::from_str("cProfile")]).map_err(|r| vm.catch(r)).is_err() {
            return Err(vm.value_error("Another profiling tool is already active"));
        }
        let events = vm.get_attr_str(&monitoring, "events")?;
        let mut all = 0;
        for (event, callback) in CALLBACKS {
            let event = vm.get_attr_str(&events, event)?;
            let callback = vm.get_attr_str(this.value(), callback)?;
            all |= int::to_isize(vm, &event)?;
            vm.call_method(&monitoring, "register_callback", &[Value::from(TOOL), event, callback])?;
        }
        vm.call_method(&monitoring, "set_events", &[Value::from(TOOL), Value::from(all as i64)])?;
        this.enabled.set(true);
        Ok(())
    }

    /// Stop collecting profiling information.
    #[method(sig = "()")]
    fn disable(vm: &Vm, this: &Ref<Self>) -> R<()> {
        if this.in_timer.get() {
            return Err(vm.runtime_error("cannot disable profiler in external timer"));
        }
        if !this.enabled.get() {
            return Ok(());
        }
        let monitoring = vm.import_attr("sys", "monitoring")?;
        let events = vm.get_attr_str(&monitoring, "events")?;
        for (event, _) in CALLBACKS {
            let event = vm.get_attr_str(&events, event)?;
            vm.call_method(&monitoring, "register_callback", &[Value::from(TOOL), event, Value::NONE])?;
        }
        vm.call_method(&monitoring, "set_events", &[Value::from(TOOL), Value::from(0)])?;
        vm.call_method(&monitoring, "free_tool_id", &[Value::from(TOOL)])?;
        this.enabled.set(false);
        // What goes on still ends here.
        while !this.stack.borrow().0.is_empty() {
            this.stop(vm);
        }
        Ok(())
    }

    /// Clear all profiling information collected so far.
    #[method(sig = "()")]
    fn clear(vm: &Vm, this: &Ref<Self>) -> R<()> {
        if this.in_timer.get() {
            return Err(vm.runtime_error("cannot clear profiler in external timer"));
        }
        this.clear_entries();
        Ok(())
    }

    /// The information collected so far: a list of profiler_entry.
    #[method(sig = "()")]
    fn getstats(vm: &Vm, this: &Ref<Self>) -> R {
        let (class, subclass) = (entry_class(vm)?, subentry_class(vm)?);
        let factor = this.factor();
        let mut rows = Vec::new();
        for e in this.entries.borrow().iter().filter(|e| e.counts.calls != 0) {
            let mut callees = e.callees.iter().map(|(n, c)| (*n, *c)).collect::<Vec<_>>();
            callees.sort_by_key(|(n, _)| *n);
            rows.push((e.shown.clone(), e.counts, callees));
        }
        let mut all = Vec::new();
        for (code, counts, callees) in rows {
            let mut calls = Vec::new();
            for (n, c) in callees {
                let Some(callee) = this.entries.borrow().get(n).map(|e| e.shown.clone()) else { continue };
                calls.push(structseq::new_instance(vm, &subclass, counted(&c, &callee, factor))?);
            }
            let mut fields = counted(&counts, &code, factor);
            fields.push(if calls.is_empty() { Value::NONE } else { list::from_vec(calls).into_value() });
            all.push(structseq::new_instance(vm, &class, fields)?);
        }
        Ok(list::from_vec(all).into_value())
    }

    #[method(sig = "(code, instruction_offset, /, *args)")]
    fn _pystart_callback(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R<()> {
        match args.all.first() {
            Some(code) => this.enter(vm, code.raw(), || Ok(code.clone())),
            None => Ok(()),
        }
    }

    #[method(sig = "(code, instruction_offset, /, *args)")]
    fn _pyreturn_callback(vm: &Vm, this: &Ref<Self>, args: Args<'_>) {
        if let Some(code) = args.all.first() {
            this.leave(vm, code.raw());
        }
    }

    #[method(sig = "(code, instruction_offset, callable, self_arg, /)")]
    fn _ccall_callback(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R<()> {
        if let [_, _, callable, first, ..] = args.all
            && this.builtins.get()
            && let Some((key, f)) = native(vm, callable, first)
        {
            this.enter(vm, key, || shown(vm, &f))?;
        }
        Ok(())
    }

    #[method(sig = "(code, instruction_offset, callable, self_arg, /)")]
    fn _creturn_callback(vm: &Vm, this: &Ref<Self>, args: Args<'_>) {
        if let [_, _, callable, first, ..] = args.all
            && this.builtins.get()
            && let Some((key, _)) = native(vm, callable, first)
        {
            this.leave(vm, key);
        }
    }
}
