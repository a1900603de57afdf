//! Calls that the loop can't do by pushing a frame at once, and leaving frames.

use taipan_bytecode::{Instr, Op, flag};

use super::attrs::{Method, find_method};
use super::{Cx, Flow, names};
use crate::interp::hot::Next;
use crate::core::{R, Ref, Value};
use crate::interp::{enter, events};
use crate::native::Args;
use crate::types::dict::Dict;
use crate::types::function::Function;
use crate::types::generator::{Flavour, Generator};
use crate::types::list::List;
use crate::types::module::Module;
use crate::types::native_fn::{BoundMethod, BuiltinFunction, MethodDescriptor};
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::type_::slotdefs::is_python_call;
use crate::types::type_::{assign_version, lookup, tflag};
use crate::vm::{FrameKind, Vm};

/// A run of registers that a call consumes: the callee at `a`, then arguments from `first`, `n` of them.
struct Run {
    a: usize,
    first: usize,
    n: usize,
    dst: usize,
}

pub(super) fn call(cx: &Cx<'_>) -> R<Flow> {
    let w = cx.w;
    let (a, mut n, mut first) = (w.a(), w.b(), w.a() + 1);
    if w.flags() & flag::METHOD != 0 {
        if cx.read_opt(a + 1).is_none() {
            first += 1;
        } else {
            n += 1;
        }
    }
    invoke(cx, Run { a, first, n, dst: w.c() }, &[], 1)
}

/// Calls what is in the callee register `w.a()` with `n` arguments from `first` on, for an instruction with three
/// extra words that has found its callee.
///
/// # Safety
/// As [`super::step`].
#[inline(never)]
pub(in crate::interp) unsafe fn call_run(vm: &Vm, frame: *mut crate::vm::Frame, w: taipan_bytecode::Instr, first: usize, n: usize) -> Next {
    // SAFETY: the caller.
    unsafe {
        let cx = Cx { vm, frame, base: (*frame).base, w };
        let r = invoke(&cx, Run { a: w.a(), first, n, dst: w.c() }, &[], 3);
        super::flow(vm, frame, w, r)
    }
}

pub(super) fn call_kw(cx: &Cx<'_>) -> R<Flow> {
    let w = cx.w;
    let (a, mut n, mut first) = (w.a(), w.b(), w.a() + 1);
    if w.flags() & flag::METHOD != 0 {
        if cx.read_opt(a + 1).is_none() {
            first += 1;
        } else {
            n += 1;
        }
    }
    // SAFETY: the extra word is a constant's index; the frame's code lives while it runs.
    let names = unsafe {
        let k = *cx.extra() as usize;
        &(*(*cx.frame).code).consts[k]
    };
    match names.downcast_exact::<Tuple>() {
        Some(t) => invoke(cx, Run { a, first, n, dst: w.c() }, t.as_slice(), 1),
        None => Err(cx.vm.system_error("keyword names are no tuple")),
    }
}

pub(super) fn call_global(cx: &Cx<'_>) -> R<Flow> {
    let w = cx.w;
    // SAFETY: the first extra word is a name index, two cache words follow.
    let (name, cache) = unsafe { (cx.name(*cx.extra() as u32 as usize), cx.extra().add(1)) };
    let f = names::load_global(cx, name, cache, [Op::CallGlobal, Op::CallGlobalModule, Op::CallGlobalBuiltin]);
    let f = f.inspect_err(|_| blame_extra(cx))?;
    // SAFETY: the word before the saved pc is this instruction.
    let now = unsafe { Instr(*cx.extra().sub(1)).opcode() };
    if now == Op::CallGlobalBuiltin as u8
        && let Some(b) = f.downcast_exact::<BuiltinFunction>()
        && b.plain().is_some()
        && b.module.downcast_exact::<Str>().is_some_and(|m| m.is("builtins"))
    {
        match (b.name(), w.b()) {
            ("len", 1) => cx.specialise(Op::CallLen),
            ("isinstance", 2) => cx.specialise(Op::CallIsinstance),
            ("next", 1) => cx.specialise(Op::CallNext),
            _ => {}
        }
    }
    cx.put(w.a(), f);
    invoke(cx, Run { a: w.a(), first: w.a() + 1, n: w.b(), dst: w.c() }, &[], 3)
}

pub(super) fn call_attr(cx: &Cx<'_>) -> R<Flow> {
    let w = cx.w;
    let a = w.a();
    // SAFETY: as in `call_global`.
    let name = unsafe { cx.name(*cx.extra() as u32 as usize) };
    let o = cx.read(a + 1)?;
    if let Some(m) = o.downcast_exact::<Module>()
        && lookup(o.ty(), name).is_none()
        && let Some(n) = m.dict.find_name(name)
    {
        // SAFETY: as above.
        unsafe { *cx.extra().add(1) = u64::from(m.dict.version()) | (n as u64) << 32 };
        cx.specialise(Op::CallAttrModule);
    }
    let found = find_method(cx, o, name, 1, Some(Op::CallAttrCached));
    let (first, n) = match found.inspect_err(|_| blame_extra(cx))? {
        Method::Unbound(f) => {
            if o.downcast::<Generator>().is_some_and(|g| g.flavour != Flavour::AsyncGenerator) {
                if w.b() == 1 && f.downcast_exact::<MethodDescriptor>().is_some_and(|d| d.def.name == "send") {
                    cx.specialise(Op::CallSend);
                }
            } else if o.downcast_exact::<List>().is_some()
                && let Some(d) = f.downcast_exact::<MethodDescriptor>()
            {
                match (d.def.name, w.b()) {
                    ("append", 1) => cx.specialise(Op::CallListAppend),
                    ("pop", 0) => cx.specialise(Op::CallListPop),
                    _ => {}
                }
            }
            cx.put(a, f);
            (a + 1, w.b() + 1)
        }
        Method::Bound(f) => {
            drop(cx.take(a + 1)?);
            cx.put(a, f);
            (a + 2, w.b())
        }
    };
    invoke(cx, Run { a, first, n, dst: w.c() }, &[], 3)
}

/// The look-up before the call failed: its position is that of the extra words.
#[cold]
fn blame_extra(cx: &Cx<'_>) {
    // SAFETY: the instruction has extra words.
    unsafe { (*cx.frame).pc = (*cx.frame).pc.add(1) };
}

/// Calls with the arguments in registers. `words`: how many extra words the instruction has.
fn invoke(cx: &Cx<'_>, run: Run, kw: &[Value], words: usize) -> R<Flow> {
    let vm = cx.vm;
    let f = cx.read(run.a)?;
    for r in run.first..run.first + run.n {
        cx.read(r)?;
    }
    let told = vm.listens();
    if told {
        // SAFETY: the registers were just read.
        events::call(vm, &f.clone(), unsafe { Value::slice_from_raw(cx.base.add(run.first), run.n) })?;
    }
    if f.downcast_exact::<Function>().is_some() {
        return enter_function(cx, &run, kw, words);
    }
    // Who listens is told of the end of the call of an object that is no function.
    if (!told || f.downcast_exact::<BoundMethod>().is_some())
        && let Some(flow) = enter_bound(cx, f, &run, kw, words)?
    {
        return Ok(flow);
    }
    if !told
        && let Some(t) = f.as_type()
        && kw.is_empty()
        && let Some(flow) = construct(cx, t, &run, words)?
    {
        return Ok(flow);
    }
    // SAFETY: the registers are owned by the caller's window until they are cleared below.
    let all = unsafe { Value::slice_from_raw(cx.base.add(run.first), run.n) };
    let args = Args { all, names: kw };
    let r = if let Some(b) = f.downcast_exact::<BuiltinFunction>() {
        b.invoke(vm, args)
    } else if let Some(d) = f.downcast_exact::<MethodDescriptor>() {
        (d.def.call)(vm, args)
    } else {
        match f.ty().slots().call {
            Some(call) => call(vm, f, args),
            None => Err(not_callable(vm, f)),
        }
    };
    let r = if told && vm.listens() { events::returned(vm, &f.clone(), all, r)? } else { r? };
    for i in run.first..run.first + run.n {
        drop(cx.take_opt(i));
    }
    drop(cx.take_opt(run.a));
    cx.put(run.dst, r);
    Ok(Flow::Next)
}

#[cold]
fn not_callable(vm: &Vm, f: &Value) -> crate::core::Raised {
    vm.type_error(format!("'{}' object is not callable", f.ty().tp_name()))
}

/// Bound Python methods, and instances of classes with a Python `__call__`: the bound object takes the callee's place,
/// or the free slot behind it, and so becomes the first argument.
fn enter_bound(cx: &Cx<'_>, f: &Value, run: &Run, kw: &[Value], words: usize) -> R<Option<Flow>> {
    let (func, this) = if let Some(m) = f.downcast_exact::<BoundMethod>() {
        (m.func.clone(), m.this.clone())
    } else if f.ty().slots().call.is_some_and(is_python_call) {
        match lookup(f.ty(), &crate::vm::names().__call__) {
            Some(func) => (func, f.clone()),
            None => return Ok(None),
        }
    } else {
        return Ok(None);
    };
    let Some(function) = func.downcast_exact::<Function>() else { return Ok(None) };
    let first = run.first - 1;
    drop(cx.take_opt(run.a));
    cx.put(first, this);
    // SAFETY: the run's registers are the topmost live ones of the window.
    unsafe {
        let window = cx.base.add(first);
        enter::bind_in_place(cx.vm, function, window, run.n + 1, kw)?;
        let to = Target { kind: FrameKind::Call, dst: run.dst, run: run.a, extra: 0, words };
        enter_window(cx, function, window, to)?;
        hold(cx, func.clone());
    }
    Ok(Some(Flow::Frame))
}

/// Where a frame's result goes, and how many extra words its call instruction has.
struct Target {
    kind: FrameKind,
    dst: usize,
    run: usize,
    extra: u64,
    words: usize,
}

/// Pushes a frame whose parameters are in the window; if that fails, they are dropped.
///
/// # Safety
/// As [`enter::push`]; the parameters are owned values.
unsafe fn enter_window(cx: &Cx<'_>, func: &Ref<Function>, window: *mut u64, to: Target) -> R<()> {
    // SAFETY: the caller.
    unsafe {
        (*cx.frame).pc = (*cx.frame).pc.add(to.words);
        (*cx.frame).skip = to.words as u8;
        let r = enter::push(cx.vm, func, window, to.kind, to.dst, to.run, to.extra);
        if r.is_err() {
            // What the failed call would have dropped is dropped here.
            for i in 0..func.code.borrow().nparams as usize {
                crate::interp::words::release(std::mem::replace(&mut *window.add(i), 0));
            }
            (*cx.frame).pc = (*cx.frame).pc.sub(to.words);
            (*cx.frame).skip = 0;
        }
        r
    }
}

/// Lets the innermost frame, which was just pushed, keep its function alive.
fn hold(cx: &Cx<'_>, func: Value) {
    // SAFETY: there is a frame.
    unsafe { (*cx.vm.stacks.record(cx.vm.stacks.len.get() - 1)).hold_function(func) };
}

/// Runs a Python function that takes exactly these arguments above the caller's registers; its result goes to `dst`,
/// where an old value stays until then.
pub(super) fn enter_above<const N: usize>(cx: &Cx<'_>, func: &Ref<Function>, args: [Value; N], dst: usize, words: usize) -> R<Flow> {
    debug_assert!(func.simple_argc.get() as usize == N);
    // SAFETY: registers above the innermost frame's are free; `push` sees to it that there is room.
    unsafe {
        let window = cx.vm.stacks.top();
        for (i, v) in args.into_iter().enumerate() {
            *window.add(i) = v.into_raw();
        }
        enter_window(cx, func, window, Target { kind: FrameKind::Call, dst, run: dst, extra: 0, words })?;
    }
    hold(cx, func.value().clone());
    Ok(Flow::Frame)
}

/// Pushes a frame for the function in the callee register.
fn enter_function(cx: &Cx<'_>, run: &Run, kw: &[Value], words: usize) -> R<Flow> {
    let f = cx.read(run.a)?;
    // SAFETY: checked by the callers.
    let func = unsafe { f.downcast_unchecked::<Function>() };
    // SAFETY: the run's registers are the topmost live ones of the window.
    unsafe {
        let window = cx.base.add(run.first);
        enter::bind_in_place(cx.vm, func, window, run.n, kw)?;
        enter_window(cx, func, window, Target { kind: FrameKind::Call, dst: run.dst, run: run.a, extra: 0, words })?;
    }
    Ok(Flow::Frame)
}

/// `C(...)` for a class with object's `__new__` and a Python `__init__`: the instance is made here and
/// `__init__` runs in a frame of this loop.
fn construct(cx: &Cx<'_>, t: &crate::types::type_::TypeObject, run: &Run, words: usize) -> R<Option<Flow>> {
    let meta = t.header().ty().cast::<crate::types::type_::TypeObject>();
    // SAFETY: a live object's type is live.
    let plain_call = unsafe { (*meta).slots().call.is_some_and(|f| crate::types::type_::TYPE_PLACE().get().slots().call.is_some_and(|g| std::ptr::fn_addr_eq(f, g))) };
    if !t.has(tflag::HEAP) || t.has(tflag::ABSTRACT) || !plain_call {
        return Ok(None);
    }
    if !crate::types::object::has_object_new(t) {
        return Ok(None);
    }
    remember_constructor(t);
    if run.n == 0 && crate::types::object::has_object_init(t) {
        let instance = crate::types::object::new_instance(t);
        drop(cx.take_opt(run.a));
        cx.put(run.dst, instance);
        return Ok(Some(Flow::Next));
    }
    let Some(init) = lookup(t, &crate::vm::names().__init__) else { return Ok(None) };
    let Some(func) = init.downcast_exact::<Function>() else { return Ok(None) };
    let instance = crate::types::object::new_instance(t);
    // SAFETY: the callee's register (or the self slot behind it) becomes the first argument's.
    unsafe {
        let this = run.first - 1;
        let class = cx.take_opt(run.a);
        let window = cx.base.add(this);
        *window = instance.clone().into_raw();
        if let Err(r) = enter::bind_in_place(cx.vm, func, window, run.n + 1, &[]) {
            drop(class);
            return Err(r);
        }
        let extra = instance.into_raw();
        let to = Target { kind: FrameKind::Init, dst: run.dst, run: run.a, extra, words };
        enter_window(cx, func, window, to).inspect_err(|_| crate::interp::words::release(extra))?;
        // The class's dictionary keeps `__init__` alive only until somebody replaces it; the instance
        // keeps the class. The frame keeps its function through its own count.
        hold(cx, init);
        drop(class);
    }
    Ok(Some(Flow::Frame))
}

/// Notes for the loop how instances of a class with object's `__new__` are initialised, as long as its version holds.
fn remember_constructor(t: &crate::types::type_::TypeObject) {
    if t.constructor_version.get() != 0 && t.constructor_version.get() == t.version.get() {
        return;
    }
    let init = if crate::types::object::has_object_init(t) {
        Some(0)
    } else {
        lookup(t, &crate::vm::names().__init__).filter(|f| f.downcast_exact::<Function>().is_some()).map(|f| f.raw())
    };
    if let Some(init) = init {
        t.constructor.set(init);
        t.constructor_version.set(assign_version(t));
    }
}

/// `f(*args, **kwargs)` of a Python function or method with a tuple and few keywords, whose names are interned: the
/// items become the arguments in place.
fn call_tuple(cx: &Cx<'_>) -> R<Option<Flow>> {
    let (vm, a) = (cx.vm, cx.w.a());
    let f = cx.read(a)?;
    let (func, this) = match f.downcast_exact::<BoundMethod>() {
        Some(m) => (m.func.clone(), Some(m.this.clone())),
        None => (f.clone(), None),
    };
    let Some(func) = func.downcast_exact::<Function>() else { return Ok(None) };
    if vm.listens() {
        return Ok(None);
    }
    let Some(positional) = cx.read(a + 1)?.downcast_exact::<Tuple>() else { return Ok(None) };
    // Without keywords the register is not written: an old word that is no object may be in it.
    let keywords = match cx.read_opt(a + 2).filter(|kw| kw.is_object()) {
        Some(kw) => match kw.downcast_exact::<Dict>() {
            Some(d) => (!d.is_empty()).then_some(d),
            None => return Ok(None),
        },
        None => None,
    };
    let mut names = [0u64; enter::FEW_NAMES];
    let mut named = 0;
    if let Some(d) = keywords {
        if d.len() > names.len() {
            return Ok(None);
        }
        for e in &d.table().borrow().entries {
            let Some(key) = &e.key else { continue };
            if !key.downcast_exact::<Str>().is_some_and(|s| s.is_interned()) {
                return Ok(None);
            }
            names[named] = key.raw();
            named += 1;
        }
    }
    let n = positional.len() + usize::from(this.is_some()) + named;
    // SAFETY: the run is at the top of the window; what lies above belongs to no frame. The names are the dictionary's,
    // which is held until the arguments are bound.
    unsafe {
        let window = cx.base.add(a + 1);
        if !vm.stacks.room(window, n + func.code.borrow().nregs as usize) {
            return Ok(None);
        }
        let args = cx.take(a + 1)?;
        let kwargs = cx.take_opt(a + 2);
        let items = args.downcast_exact::<Tuple>().map_or(&[][..], |t| t.as_slice());
        let mut at = window;
        let mut put = |v: &Value| {
            *at = v.clone().into_raw();
            at = at.add(1);
        };
        this.iter().chain(items).for_each(&mut put);
        if named > 0
            && let Some(d) = kwargs.as_ref().and_then(|d| d.downcast_exact::<Dict>())
        {
            d.table().borrow().entries.iter().filter_map(|e| e.value.as_ref()).for_each(&mut put);
        }
        drop(args);
        enter::bind_in_place(vm, func, window, n, Value::slice_from_raw(names.as_ptr(), named))?;
        drop(kwargs);
        let to = Target { kind: FrameKind::Call, dst: cx.w.c(), run: a, extra: 0, words: 0 };
        enter_window(cx, func, window, to)?;
        hold(cx, func.value().clone());
    }
    Ok(Some(Flow::Frame))
}

/// Calls what is no Python function; who listens is told.
fn call_told(vm: &Vm, f: &Value, args: Args<'_>) -> R {
    if !vm.listens() {
        return vm.call_args(f, args);
    }
    events::call(vm, f, args.all)?;
    let r = vm.call_args(f, args);
    if vm.listens() && f.downcast_exact::<BoundMethod>().is_none() { events::returned(vm, f, args.all, r) } else { r }
}

pub(super) fn call_ex(cx: &Cx<'_>) -> R<Flow> {
    let w = cx.w;
    let vm = cx.vm;
    if let Some(flow) = call_tuple(cx)? {
        return Ok(flow);
    }
    let f = cx.read(w.a())?.clone();
    let args = cx.read(w.a() + 1)?;
    let no_keywords = cx.read_opt(w.a() + 2).is_none_or(|kw| !kw.is_object());
    if no_keywords && args.downcast_exact::<Tuple>().is_some() && f.downcast_exact::<Function>().is_none() {
        let args = cx.take(w.a() + 1)?;
        let items = args.downcast_exact::<Tuple>().map_or(&[][..], |t| t.as_slice());
        let r = call_told(vm, &f, Args::pos(items))?;
        drop(args);
        drop(cx.take_opt(w.a()));
        cx.put(w.c(), r);
        return Ok(Flow::Next);
    }
    let items = match args.downcast_exact::<Tuple>() {
        Some(t) => t.as_slice().to_vec(),
        None => {
            if args.ty().slots().iter.is_none() && args.ty().slots().getitem.is_none() {
                return Err(vm.type_error(format!("{} argument after * must be an iterable, not {}", callable_name(vm, &f), args.ty().tp_name())));
            }
            vm.collect(args)?
        }
    };
    let mut all = items;
    let mut names = Vec::new();
    // Without keywords the register is not written: an old word that is no object may be in it.
    if let Some(kw) = cx.read_opt(w.a() + 2).filter(|kw| kw.is_object()) {
        let pairs = match kw.downcast::<Dict>() {
            Some(d) => d.items(),
            None => return Err(vm.type_error(format!("{} argument after ** must be a mapping, not {}", callable_name(vm, &f), kw.ty().tp_name()))),
        };
        for (k, v) in pairs {
            if k.downcast::<Str>().is_none() {
                return Err(vm.type_error("keywords must be strings"));
            }
            names.push(crate::vm::intern_value(&k));
            all.push(v);
        }
    }
    for i in [w.a() + 1, w.a() + 2] {
        drop(cx.take_opt(i));
    }
    if let Some(func) = f.downcast_exact::<Function>() {
        if vm.listens() {
            events::call(vm, &f, &all)?;
        }
        let n = all.len();
        // SAFETY: the run is at the top of the window; what lies above belongs to no frame.
        unsafe {
            let window = cx.base.add(w.a() + 1);
            enter::bind_owned(vm, func, window, all, n, &names)?;
            enter::push(vm, func, window, FrameKind::Call, w.c(), w.a(), 0).inspect_err(|_| {
                let n = func.code.borrow().nparams as usize;
                for i in 0..n {
                    crate::interp::words::release(std::mem::replace(&mut *window.add(i), 0));
                }
            })?;
        }
        return Ok(Flow::Frame);
    }
    let r = call_told(vm, &f, Args { all: &all, names: &names })?;
    drop(all);
    drop(cx.take_opt(w.a()));
    cx.put(w.c(), r);
    Ok(Flow::Next)
}

/// How messages name a callable: `name()` with its qualified name.
pub(super) fn callable_name(vm: &Vm, f: &Value) -> String {
    let n = crate::vm::names();
    let text = |v: Option<Value>| v.filter(|v| v.downcast::<Str>().is_some()).map(|v| vm.str_lossy(&v));
    let q = vm.get_attr_opt(f, &n.__qualname__);
    let q = vm.ignore(q, &crate::types::exceptions::EXCEPTION);
    let (Ok(Some(q)), m) = (q, vm.get_attr_opt(f, &n.__module__)) else {
        return vm.str(f).map_or_else(
            |e| {
                drop(vm.catch(e));
                format!("'{}' object", f.ty().tp_name())
            },
            |s| vm.str_lossy(&s),
        );
    };
    let m = match m {
        Ok(m) => m,
        Err(e) => {
            drop(vm.catch(e));
            None
        }
    };
    match (text(q), text(m)) {
        (Some(q), Some(m)) if m != "builtins" => format!("{m}.{q}()"),
        (Some(q), _) => format!("{q}()"),
        (None, _) => match vm.str(f) {
            Ok(s) => vm.str_lossy(&s),
            Err(e) => {
                drop(vm.catch(e));
                format!("'{}' object", f.ty().tp_name())
            }
        },
    }
}

/// Ends the innermost frame with a result.
pub(super) fn leave(vm: &Vm, v: Value) -> R<Flow> {
    let frame = vm.stacks.record(vm.stacks.len.get() - 1);
    // SAFETY: the innermost frame is running.
    unsafe {
        let kind = (*frame).kind;
        if kind == FrameKind::Init && !v.is_none() {
            return Err(vm.type_error(format!("__init__() should return None, not '{}'", v.ty().tp_name())));
        }
        if let Some(g) = (*frame).generator() {
            crate::types::generator::finished(vm, &g);
        }
        let extra = enter::pop(vm, frame);
        match kind {
            FrameKind::Call => {
                give(vm, frame, v);
                Ok(Flow::Frame)
            }
            FrameKind::Init => {
                give(vm, frame, extra.unwrap_or(Value::NONE));
                Ok(Flow::Frame)
            }
            FrameKind::Entry | FrameKind::GenEntry => {
                drop(extra);
                vm.loop_result.set(Some(v));
                Ok(Flow::Exit)
            }
            FrameKind::GenInline => {
                drop(extra);
                super::gens::inline_finished(vm, frame, v)?;
                Ok(Flow::Frame)
            }
        }
    }
}

/// Puts a call's result into the caller's register and releases the callee's.
unsafe fn give(vm: &Vm, left: *mut crate::vm::Frame, v: Value) {
    // SAFETY: the caller's frame is the innermost one now; `left` is still readable just above it.
    unsafe {
        let (ret, run) = ((*left).ret as usize, (*left).run as usize);
        let caller = vm.stacks.record(vm.stacks.len.get() - 1);
        let base = (*caller).base;
        crate::interp::words::release(std::mem::replace(&mut *base.add(run), 0));
        crate::interp::words::put(base, ret, v.into_raw());
    }
}
