//! Making frames: from native calls, from the loop's own calls, from generators.

use std::cell::Cell;

use taipan_bytecode::CodeFlags;

use super::{hot, words};
use crate::core::{Obj, R, Ref, Value};
use crate::native::Args;
use crate::types::code::Code;
use crate::types::dict::Dict;
use crate::types::function::{Function, bind};
use crate::types::generator::Generator;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::vm::{Frame, FrameKind, Vm};

/// Calls a Python function from native code.
#[inline]
pub fn call_function(vm: &Vm, func: &Ref<Function>, args: Args<'_>) -> R {
    call_function_with(vm, func, None, args)
}

/// As [`call_function`], with `first` before the other arguments.
pub fn call_function_with(vm: &Vm, func: &Ref<Function>, first: Option<&Value>, args: Args<'_>) -> R {
    let n = args.all.len() + usize::from(first.is_some());
    if !args.names.is_empty() || func.simple_argc.get() as usize != n {
        return match first {
            Some(first) => crate::vm::prepend(first, args, |args| call_binding(vm, func, args)),
            None => call_binding(vm, func, args),
        };
    }
    vm.check_native_stack()?;
    // SAFETY: the window starts at the first register no frame uses; it is filled before the frame is pushed. Codes
    // that a function has had live as long as it does.
    unsafe {
        let func = func.clone();
        let code: *const Obj<Code> = &raw const **func.code.as_ptr();
        let (window, depth) = (vm.stacks.top(), vm.stacks.len.get());
        if depth >= vm.stacks.limit.get() || !vm.stacks.room(window, (*code).nregs as usize) {
            return Err(vm.recursion_error("maximum recursion depth exceeded"));
        }
        for (i, v) in first.into_iter().chain(args.all).enumerate() {
            *window.add(i) = v.clone().into_raw();
        }
        for i in n..(*code).nlocals as usize {
            *window.add(i) = 0;
        }
        vm.stacks.record(depth).write(Frame {
            code,
            base: window,
            consts: (*code).consts.as_ptr().cast(),
            pc: (*code).instrs(),
            globals: &raw const *func.globals,
            builtins: &raw const *func.builtins,
            func: &raw const *func,
            extra: 0,
            object: 0,
            generator: 0,
            skip: 0,
            ret: 0,
            run: 0,
            kind: FrameKind::Entry,
            traced_line: Cell::new(0),
            traced_at: Cell::new(u32::MAX),
        });
        vm.stacks.len.set(depth + 1);
        hot::run(vm)
    }
}

/// Calls a function whose arguments have to be bound.
fn call_binding(vm: &Vm, func: &Ref<Function>, args: Args<'_>) -> R {
    vm.check_native_stack()?;
    // SAFETY: the window starts at the first register no frame uses; it is filled before the frame is pushed.
    unsafe {
        let window = vm.stacks.top();
        // A change of the function's code while it runs must not pull it away.
        let func = func.clone();
        let code = func.code.get();
        let n = args.all.len();
        if !vm.stacks.room(window, code.nregs as usize + n) {
            return Err(vm.recursion_error("maximum recursion depth exceeded"));
        }
        if args.names.is_empty() && (n <= code.argcount as usize || code.has(CodeFlags::VARARGS)) {
            for (i, v) in args.all.iter().enumerate() {
                *window.add(i) = v.clone().into_raw();
            }
            bind_in_place(vm, &func, window, n, &[])?;
        } else {
            let n = args.positional().len();
            bind::bind(vm, &func, window, args.all.to_vec(), n, args.names)?;
        }
        if let Err(e) = push(vm, &func, window, FrameKind::Entry, 0, 0, 0) {
            clear_window(window, code.nparams as usize);
            return Err(e);
        }
        hot::run(vm)
    }
}

unsafe fn clear_window(window: *mut u64, n: usize) {
    for i in 0..n {
        // SAFETY: the caller's registers.
        unsafe { words::release(std::mem::replace(&mut *window.add(i), 0)) };
    }
}

/// Binds the arguments that lie in the window itself: `n` words, the last of them named by `kw`.
///
/// # Safety
/// The words are owned values; on error the window holds no object any more.
pub(super) unsafe fn bind_in_place(vm: &Vm, func: &Ref<Function>, window: *mut u64, n: usize, kw: &[Value]) -> R<()> {
    // SAFETY: the caller.
    unsafe {
        if kw.is_empty() {
            if func.simple_argc.get() as usize == n {
                return Ok(());
            }
            let code = func.code.borrow();
            let plain = CodeFlags::VARARGS | CodeFlags::VARKEYWORDS;
            let want = code.argcount as usize;
            if code.flags.get() & plain == 0 && code.kwonly == 0 && n <= want {
                if n == want {
                    return Ok(());
                }
                // Only defaults are missing.
                let defaults = func.defaults.borrow();
                if let Some(d) = defaults.downcast_exact::<Tuple>()
                    && d.len() >= want - n
                {
                    for i in n..want {
                        *window.add(i) = d.as_slice()[d.len() - (want - i)].clone().into_raw();
                    }
                    return Ok(());
                }
            }
        }
        if if kw.is_empty() { bind_rest(func, window, n) } else { bind_named(func, window, n, kw) } {
            return Ok(());
        }
        let mut all = Vec::with_capacity(n);
        for i in 0..n {
            all.push(Value::from_raw(std::mem::replace(&mut *window.add(i), 0)));
        }
        bind::bind(vm, func, window, all, n - kw.len(), kw)
    }
}

/// Binds `n` positional arguments of a function with `*args` or `**kwargs`, whose keyword-only parameters have defaults;
/// false, and nothing has changed, where more is needed.
///
/// # Safety
/// As [`bind_in_place`].
unsafe fn bind_rest(func: &Function, window: *mut u64, n: usize) -> bool {
    let code = func.code.borrow();
    let want = code.argcount as usize;
    let varargs = code.has(CodeFlags::VARARGS);
    if !(varargs || code.has(CodeFlags::VARKEYWORDS)) || n > want && !varargs {
        return false;
    }
    let kwdefaults = func.kwdefaults.borrow();
    let total = want + code.kwonly as usize;
    let named = &code.varnames()[want..total];
    let kwdefaults = match kwdefaults.downcast_exact::<Dict>() {
        Some(d) if named.iter().all(|name| d.find_name(name).is_some()) => Some(d),
        _ if named.is_empty() => None,
        _ => return false,
    };
    // SAFETY: the caller; the counts of the arguments beyond the parameters move to the tuple.
    unsafe {
        if n < want {
            let defaults = func.defaults.borrow();
            let Some(d) = defaults.downcast_exact::<Tuple>().filter(|d| d.len() >= want - n) else { return false };
            for i in n..want {
                *window.add(i) = d.as_slice()[d.len() - (want - i)].clone().into_raw();
            }
        }
        let mut at = total;
        let more = n.saturating_sub(want);
        let rest = varargs.then(|| crate::types::tuple::take_raw(window.add(want), more));
        window.add(want).write_bytes(0, more);
        for (i, name) in named.iter().enumerate() {
            let default = kwdefaults.and_then(|d| d.get_name(name));
            *window.add(want + i) = default.unwrap_or(Value::NONE).into_raw();
        }
        if let Some(rest) = rest {
            *window.add(at) = rest.into_value().into_raw();
            at += 1;
        }
        if code.has(CodeFlags::VARKEYWORDS) {
            *window.add(at) = Ref::new(Dict::new()).into_value().into_raw();
        }
    }
    true
}

/// Most arguments with names that [`bind_named`] takes.
pub(super) const FEW_NAMES: usize = 16;

/// Binds `n` arguments, the last `kw.len()` of them named, where that takes no more than putting each in its place;
/// false, and nothing has changed, where more is needed or an argument is wrong.
///
/// # Safety
/// As [`bind_in_place`].
unsafe fn bind_named(func: &Function, window: *mut u64, n: usize, kw: &[Value]) -> bool {
    let code = func.code.borrow();
    let (argc, npos) = (code.argcount as usize, n - kw.len());
    let total = argc + code.kwonly as usize;
    if kw.len() > FEW_NAMES || total > 64 || npos > argc {
        return false;
    }
    let (params, varkw) = (&code.varnames()[..total], code.has(CodeFlags::VARKEYWORDS));
    let mut given = (1u64 << npos).wrapping_sub(1);
    let mut places = [usize::MAX; FEW_NAMES];
    for (name, place) in kw.iter().zip(&mut places) {
        match params[code.posonly as usize..].iter().position(|p| p.is(name)) {
            Some(i) => {
                let i = i + code.posonly as usize;
                if given >> i & 1 != 0 {
                    return false;
                }
                given |= 1 << i;
                *place = i;
            }
            // Interned names that are not the same object are different.
            None if varkw && name.downcast_exact::<Str>().is_some_and(|s| s.is_interned()) => {}
            None => return false,
        }
    }
    let (defaults, kwdefaults) = (func.defaults.borrow(), func.kwdefaults.borrow());
    let defaults = defaults.downcast_exact::<Tuple>().map_or(&[][..], |t| t.as_slice());
    let kwdefaults = kwdefaults.downcast_exact::<Dict>();
    let default = |i: usize| match i < argc {
        true => (i + defaults.len()).checked_sub(argc).and_then(|at| defaults.get(at)).cloned(),
        false => kwdefaults.and_then(|d| d.get_name(&params[i])),
    };
    let missing = |i: &usize| given >> i & 1 == 0;
    if (npos..total).filter(missing).any(|i| default(i).is_none()) {
        return false;
    }
    // SAFETY: the caller; every word moves to one place.
    unsafe {
        let mut words = [0u64; FEW_NAMES];
        for (i, word) in words.iter_mut().enumerate().take(kw.len()) {
            *word = std::mem::replace(&mut *window.add(npos + i), 0);
        }
        for i in (npos..total).filter(missing) {
            *window.add(i) = default(i).map_or(0, Value::into_raw);
        }
        let rest = varkw.then(|| Ref::new(Dict::new()));
        for ((&word, &place), name) in words.iter().zip(&places).zip(kw) {
            match &rest {
                Some(rest) if place == usize::MAX => rest.set_name(name, Value::from_raw(word)),
                _ => *window.add(place) = word,
            }
        }
        let mut at = total;
        if code.has(CodeFlags::VARARGS) {
            *window.add(at) = crate::vm::empty_tuple().into_value().into_raw();
            at += 1;
        }
        if let Some(rest) = rest {
            *window.add(at) = rest.into_value().into_raw();
        }
    }
    true
}

/// Binds owned arguments into a window; the last `kw.len()` of the `n` are named.
///
/// # Safety
/// The window has room for the function's registers (checked by [`push`] only afterwards: the reserve's margin
/// covers the parameters).
pub(super) unsafe fn bind_owned(vm: &Vm, func: &Ref<Function>, window: *mut u64, all: Vec<Value>, n: usize, kw: &[Value]) -> R<()> {
    // SAFETY: the caller.
    unsafe { bind::bind(vm, func, window, all, n - kw.len(), kw) }
}

/// Pushes a frame for a function whose parameters are in the window.
///
/// # Safety
/// As [`hot::run`]; `func` stays alive while the frame runs.
pub(super) unsafe fn push(vm: &Vm, func: &Ref<Function>, window: *mut u64, kind: FrameKind, ret: usize, run: usize, extra: u64) -> R<()> {
    let code = func.code.get();
    // SAFETY: the caller.
    unsafe {
        push_code(vm, &code, window, code.nparams as usize, &func.globals, &func.builtins, kind)?;
        let f = vm.stacks.record(vm.stacks.len.get() - 1);
        (*f).func = &raw const **func;
        (*f).ret = ret as u16;
        (*f).run = run as u16;
        (*f).extra = extra;
    }
    Ok(())
}

/// Pushes a frame whose first `filled` registers are set.
///
/// # Safety
/// As [`push`]; code and namespaces stay alive while the frame runs.
unsafe fn push_code(vm: &Vm, code: &Ref<Code>, window: *mut u64, filled: usize, globals: &Ref<Dict>, builtins: &Ref<Dict>, kind: FrameKind) -> R<()> {
    let n = vm.stacks.len.get();
    if n >= vm.stacks.limit.get() || !vm.stacks.room(window, code.nregs as usize) {
        return Err(vm.recursion_error("maximum recursion depth exceeded"));
    }
    // SAFETY: there is room for the window and the record.
    unsafe {
        for i in filled..code.nlocals as usize {
            *window.add(i) = 0;
        }
        vm.stacks.record(n).write(Frame {
            code: &raw const **code,
            base: window,
            consts: code.consts.as_ptr().cast(),
            pc: code.instrs(),
            globals: &raw const **globals,
            builtins: &raw const **builtins,
            func: std::ptr::null(),
            extra: 0,
            object: 0,
            generator: 0,
            skip: 0,
            ret: 0,
            run: 0,
            kind,
            traced_line: Cell::new(0),
            traced_at: Cell::new(u32::MAX),
        });
    }
    vm.stacks.len.set(n + 1);
    Ok(())
}

/// Runs module, class or `exec` code in the given namespaces, with the cells of `closure` if it has free variables.
pub fn eval_code(vm: &Vm, code: &Ref<Code>, globals: &Ref<Dict>, locals: Option<&Value>, closure: Option<&Value>) -> R {
    vm.check_native_stack()?;
    let builtins = vm.builtins_of(globals)?;
    let suspends = code.has(CodeFlags::GENERATOR | CodeFlags::COROUTINE | CodeFlags::ASYNC_GENERATOR);
    if code.has(CodeFlags::OPTIMIZED) || closure.is_some() || suspends {
        // Code of a function: run it as a function without arguments.
        let func = crate::types::function::new(vm, code.clone(), globals.clone())?;
        if let Some(c) = closure {
            func.closure.set(c.clone());
        }
        if code.has(CodeFlags::OPTIMIZED) {
            return call_function(vm, &func, Args::pos(&[]));
        }
        if suspends && let Some(locals) = locals {
            // Its later frames find the namespace here: see `slow::names::frame_locals`.
            func.kwdefaults.set(locals.clone());
        }
        return run_with_function(vm, &func, locals);
    }
    let (code, globals) = (code.clone(), globals.clone());
    // SAFETY: as `call_function`; the clones above outlive the frame.
    unsafe {
        let window = vm.stacks.top();
        push_code(vm, &code, window, 0, &globals, &builtins, FrameKind::Entry)?;
        let f = vm.stacks.record(vm.stacks.len.get() - 1);
        (*f).extra = locals.map_or_else(|| globals.value().clone(), Clone::clone).into_raw();
        hot::run(vm)
    }
}

/// Class bodies: code with free variables and a namespace.
fn run_with_function(vm: &Vm, func: &Ref<Function>, locals: Option<&Value>) -> R {
    // SAFETY: as `call_function`.
    unsafe {
        let window = vm.stacks.top();
        push(vm, func, window, FrameKind::Entry, 0, 0, 0)?;
        let f = vm.stacks.record(vm.stacks.len.get() - 1);
        (*f).extra = locals.map_or_else(|| func.globals.value().clone(), Clone::clone).into_raw();
        hot::run(vm)
    }
}

/// Takes the innermost frame off: its registers are dropped, its frame object is detached; what was in
/// `extra` comes back.
///
/// # Safety
/// `frame` is the innermost frame.
pub(super) unsafe fn pop(vm: &Vm, frame: *mut Frame) -> Option<Value> {
    // SAFETY: the caller; the invariants of `vm::frames`.
    unsafe {
        if (*frame).object != 0 {
            crate::types::frame::detach(vm, &mut *frame);
        }
        let code = &*(*frame).code;
        let base = (*frame).base;
        // The last variable goes first, as in CPython.
        for i in (0..code.nregs as usize).rev() {
            let x = *base.add(i);
            if crate::core::tag::is_object(x) {
                *base.add(i) = 0;
                words::release(x);
            }
        }
        let held = (*frame).take_held_function();
        vm.stacks.len.set(vm.stacks.len.get() - 1);
        drop(held);
        let extra = std::mem::replace(&mut (*frame).extra, 0);
        if extra == 0 { None } else { Some(Value::from_raw(extra)) }
    }
}

/// Copies a suspended generator's registers onto the stack and pushes its frame.
///
/// # Safety
/// The generator is suspended; the caller marks it as running.
pub(super) unsafe fn push_generator(vm: &Vm, g: &Ref<Generator>, window: *mut u64, kind: FrameKind) -> R<()> {
    // SAFETY: the caller.
    unsafe {
        let code = &g.code;
        push_code(vm, code, window, code.nlocals as usize, g.globals(), g.builtins(), kind)?;
        g.restore_registers(window);
        let f = vm.stacks.record(vm.stacks.len.get() - 1);
        (*f).generator = g.value().raw();
        (*f).func = g.function_ptr();
        (*f).object = g.take_frame_object(vm, vm.stacks.len.get() - 1);
        (*f).pc = code.instrs().add(g.resume_at.get() as usize);
    }
    Ok(())
}

/// As [`push_generator`], directly above the innermost frame, whose instruction with the result register `ret`
/// resumes the generator. Gives the place to go on at, or `None` if there is no room.
///
/// # Safety
/// As [`push_generator`]; `caller` is the innermost frame.
#[inline(always)]
pub(super) unsafe fn push_generator_above(vm: &Vm, caller: *mut Frame, g: &Obj<Generator>, ret: usize) -> Option<*const u64> {
    // SAFETY: the caller; there is room for the window and the record.
    unsafe {
        let code = &g.code;
        let window = (*caller).base.add((*(*caller).code).nregs as usize);
        let n = vm.stacks.len.get();
        if n >= vm.stacks.limit.get() || !vm.stacks.room(window, code.nregs as usize) {
            return None;
        }
        let pc = code.instrs().add(g.resume_at.get() as usize).cast_const();
        caller.add(1).write(Frame {
            code: &raw const **code,
            base: window,
            consts: code.consts.as_ptr().cast(),
            pc,
            globals: &raw const **g.globals(),
            builtins: &raw const **g.builtins(),
            func: g.function_ptr(),
            extra: 0,
            object: g.take_frame_object(vm, n),
            generator: std::ptr::from_ref(g).expose_provenance() as u64,
            skip: 0,
            ret: ret as u16,
            run: 0,
            kind: FrameKind::GenInline,
            traced_line: Cell::new(0),
            traced_at: Cell::new(u32::MAX),
        });
        g.restore_registers(window);
        vm.stacks.len.set(n + 1);
        Some(pc)
    }
}

/// Resumes a generator from native code until it yields, returns or raises.
/// The caller has put the sent value in place and marked the generator as running.
pub fn resume_generator(vm: &Vm, g: &Ref<Generator>) -> R {
    vm.check_native_stack()?;
    let g = g.clone();
    // SAFETY: as `call_function`.
    unsafe {
        let window = vm.stacks.top();
        push_generator(vm, &g, window, FrameKind::GenEntry)?;
        hot::run(vm)
    }
}

/// Resumes a generator by raising inside it, at the point where it is suspended.
/// The exception is in the thread already.
pub fn throw_into_generator(vm: &Vm, g: &Ref<Generator>, raised: crate::core::Raised) -> R {
    if let Err(e) = vm.check_native_stack() {
        return Err(e);
    }
    let g = g.clone();
    // SAFETY: as `call_function`.
    unsafe {
        let window = vm.stacks.top();
        push_generator(vm, &g, window, FrameKind::GenEntry)?;
        let raised = if vm.listens() {
            let e = vm.catch(raised);
            match super::events::thrown(vm, &e) {
                Ok(()) => vm.raise_as_is(e),
                Err(r) => r,
            }
        } else {
            raised
        };
        let next = super::unwind::unwind(vm, raised);
        if next.pc.is_null() {
            return super::slow::finish(vm);
        }
        let f = vm.stacks.record(vm.stacks.len.get() - 1);
        (*f).pc = next.pc;
        hot::run(vm)
    }
}

/// Calls `f`, which raises an exception inside what the suspended generator delegates to, with the generator's
/// frame on the stack. What `f` raises is raised in that frame; what it gives is what the generator yields.
/// The caller has marked the generator as running.
pub fn throw_through_generator(vm: &Vm, g: &Ref<Generator>, f: impl FnOnce() -> R) -> R {
    vm.check_native_stack()?;
    let g = g.clone();
    // SAFETY: as `call_function`; when `f` returns, the frame is the innermost one again.
    unsafe {
        let window = vm.stacks.top();
        push_generator(vm, &g, window, FrameKind::GenEntry)?;
        let raised = match f() {
            Ok(v) => {
                g.take_frame(vm.stacks.record(vm.stacks.len.get() - 1));
                vm.stacks.len.set(vm.stacks.len.get() - 1);
                return Ok(v);
            }
            Err(r) => r,
        };
        let e = vm.catch(raised);
        g.enter_with(vm, &e);
        let next = super::unwind::unwind(vm, vm.raise_as_is(e));
        if next.pc.is_null() {
            return super::slow::finish(vm);
        }
        let f = vm.stacks.record(vm.stacks.len.get() - 1);
        (*f).pc = next.pc;
        hot::run(vm)
    }
}

impl Frame {
    /// Makes the frame keep its function alive itself.
    pub(crate) fn hold_function(&mut self, f: Value) {
        debug_assert!(self.generator == 0);
        // The generator field of a frame without a generator holds the function, marked by the low bit.
        self.generator = f.into_raw() | 1;
    }

    /// Takes back what [`Frame::hold_function`] put in.
    pub(crate) fn take_held_function(&mut self) -> Option<Value> {
        if self.generator & 1 == 0 {
            return None;
        }
        let w = std::mem::replace(&mut self.generator, 0) & !1;
        // SAFETY: the word was owned by the frame.
        Some(unsafe { Value::from_raw(w) })
    }

    /// The generator that this frame belongs to.
    pub fn generator(&self) -> Option<Ref<Generator>> {
        self.generator_ref().map(Obj::to_ref)
    }

    /// As [`Frame::generator`], borrowed.
    pub(crate) fn generator_ref(&self) -> Option<&Obj<Generator>> {
        if self.generator == 0 || self.generator & 1 != 0 {
            return None;
        }
        // SAFETY: the resumer keeps the generator alive while its frame runs.
        unsafe { Some(&*std::ptr::with_exposed_provenance::<Obj<Generator>>(self.generator as usize)) }
    }
}
