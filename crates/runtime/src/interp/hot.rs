//! The loop.

use taipan_bytecode::{Instr, Op, flag};

use super::words::{behind, done, equal, header, jump16, put, quick_truth, release, retain, store_global, take, type_of};
use super::{events, fast, slow, unwind, warm};
use crate::core::{Obj, Payload, R, Value, tag};
use crate::types::cell::Cell as PyCellObject;
use crate::types::code::Code;
use crate::types::dict::Dict;
use crate::types::function::Function;
use crate::types::generator::Generator;
use crate::types::list::List;
use crate::types::module::Module;
use crate::types::native_fn::BoundMethod;
use crate::types::range::RangeIter;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::types::type_::{Type, TypeObject, tflag};
use crate::vm::{Frame, FrameKind, Vm, store_inline};

/// Where the loop goes on; a null `pc` ends it.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Next {
    /// The next instruction.
    pub pc: *const u64,
}

/// Runs the innermost frame until a frame that native code entered ends.
///
/// # Safety
/// A frame of kind `Entry` or `GenEntry` was just pushed, with its window filled.
pub unsafe fn run(vm: &Vm) -> R {
    let outer = vm.begin_native_run();
    // SAFETY: the caller.
    let r = unsafe { run_frames(vm) };
    vm.native_limit.set(outer);
    r
}

/// The loop itself.
///
/// # Safety
/// As [`run`].
#[inline(always)]
unsafe fn run_frames(vm: &Vm) -> R {
    // SAFETY: the module's invariants; each arm keeps them.
    unsafe {
        let mut frame: *mut Frame = vm.stacks.record(vm.stacks.len.get() - 1);
        let mut base = (*frame).base;
        let mut pc = (*frame).pc;
        let function_type: *const () = Function::TYPE.ptr().cast();
        let list_type: *const () = List::TYPE.ptr().cast();
        let tuple_type: *const () = Tuple::TYPE.ptr().cast();
        let type_type: *const () = Type::TYPE.ptr().cast();
        let str_type: *const () = Str::TYPE.ptr().cast();
        let dict_type: *const () = Dict::TYPE.ptr().cast();
        let generator_type: *const () = Generator::TYPE.ptr().cast();
        let method_type: *const () = BoundMethod::TYPE.ptr().cast();

        macro_rules! reload {
            () => {{
                frame = vm.stacks.record(vm.stacks.len.get() - 1);
                base = (*frame).base;
            }};
        }

        // Pushes a frame for the function at `$func` whose `$argc` arguments start at `$args`; true if done.
        // `$bound` says whether they are as many as the parameters, or makes them so.
        macro_rules! push {
            ($func:expr, $args:expr, $argc:expr, $bound:expr, $kind:expr, $extra:expr, $held:expr, $run:expr, $ret:expr, $words:expr) => {{
                let func: *const Obj<Function> = $func;
                let code: *const Obj<Code> = &raw const **(*func).code.as_ptr();
                let args: *mut u64 = $args;
                let n = vm.stacks.len.get();
                let mut entered = false;
                if n < vm.stacks.limit.get() && args.add((*code).nregs as usize) < vm.stacks.end && $bound {
                    for i in $argc..(*code).nlocals as usize {
                        *args.add(i) = 0;
                    }
                    (*frame).pc = pc.add($words);
                    (*frame).skip = $words;
                    frame = frame.add(1);
                    pc = (*code).instrs();
                    frame.write(Frame {
                        code,
                        base: args,
                        consts: (*code).consts.as_ptr().cast(),
                        pc,
                        globals: &raw const *(*func).globals,
                        builtins: &raw const *(*func).builtins,
                        func,
                        extra: $extra,
                        object: 0,
                        generator: $held,
                        skip: 0,
                        ret: $ret as u16,
                        run: $run as u16,
                        kind: $kind,
                        traced_line: std::cell::Cell::new(0),
                        traced_at: std::cell::Cell::new(u32::MAX),
                    });
                    vm.stacks.len.set(n + 1);
                    base = args;
                    entered = true;
                }
                entered
            }};
        }

        // The same for a callee that may be something else: a function called with as many arguments as it has
        // parameters, or with fewer and defaults for the rest.
        macro_rules! enter {
            ($f:expr, $args:expr, $argc:expr, $run:expr, $ret:expr, $words:expr) => {{
                type_of($f) == function_type && {
                    let func = header($f).cast::<Obj<Function>>();
                    let exact = (*func).simple_argc.get() as usize == $argc;
                    let mut argc = $argc;
                    let args: *mut u64 = $args;
                    push!(
                        func,
                        args,
                        argc,
                        exact || warm::fill_defaults(&*func, args, &mut argc),
                        FrameKind::Call,
                        0,
                        0,
                        $run,
                        $ret,
                        $words
                    )
                }
            }};
        }

        if vm.listens() {
            let next = events::traced(vm);
            if next.pc.is_null() {
                return slow::finish(vm);
            }
            pc = next.pc;
            reload!();
        }

        'hot: loop {
            let w = Instr(*pc);
            (pc, base) = behind(pc, base);

            // Goes on at the handler of what was raised.
            macro_rules! raise {
                ($r:expr) => {{
                    let next = unwind::unwind(vm, $r);
                    if next.pc.is_null() {
                        return slow::finish(vm);
                    }
                    pc = next.pc;
                    reload!();
                    continue 'hot;
                }};
            }

            // What may raise or run Python code, with the frame's place saved.
            macro_rules! saved {
                ($e:expr) => {{
                    (*frame).pc = pc;
                    (*frame).skip = 0;
                    match $e {
                        Ok(v) => v,
                        Err(r) => raise!(r),
                    }
                }};
            }

            // After a call of something native, which may have asked for events.
            macro_rules! after_call {
                ($words:expr) => {{
                    pc = pc.add($words);
                    if vm.eval_breaker.get() & crate::vm::breaker::TRACE != 0 && !vm.tracing.get() {
                        (*frame).pc = pc;
                        (*frame).skip = 0;
                        let next = events::traced(vm);
                        if next.pc.is_null() {
                            return slow::finish(vm);
                        }
                        pc = next.pc;
                        reload!();
                    }
                    continue 'hot;
                }};
            }

            // A fused comparison's jump on objects whose comparison needs no call.
            macro_rules! jump_on {
                ($t:expr) => {{
                    let d = w.c_imm() as isize;
                    if d >= 0 || vm.eval_breaker.get() == 0 {
                        done(base, w.a(), w.flags() & flag::KILL_A != 0);
                        done(base, w.b(), w.flags() & flag::KILL_B != 0);
                        if ($t) == (w.flags() & flag::SENSE != 0) {
                            pc = pc.offset(d);
                        }
                        continue 'hot;
                    }
                }};
            }

            // A comparison's result on such objects.
            macro_rules! answer {
                ($t:expr) => {{
                    done(base, w.b(), w.flags() & flag::KILL_B != 0);
                    done(base, w.c(), w.flags() & flag::KILL_C != 0);
                    put(base, w.a(), tag::from_bool($t));
                    continue 'hot;
                }};
            }

            // Arithmetic that needs no call.
            macro_rules! arith {
                ($f:path, $y:expr) => {{
                    let r = $f(*base.add(w.b()), $y);
                    if r != 0 {
                        put(base, w.a(), r);
                        continue 'hot;
                    }
                }};
            }

            // Comparisons of numbers and strings; `$is` says what the order of two strings must be.
            macro_rules! order {
                ($op:tt, $is:ident) => {{
                    if let Some(t) = fast::compare(*base.add(w.b()), *base.add(w.c()), |x, y| x $op y, |x, y| x $op y) {
                        put(base, w.a(), tag::from_bool(t));
                        continue 'hot;
                    }
                    if let Some(o) = warm::order(*base.add(w.b()), *base.add(w.c())) {
                        answer!(o.$is());
                    }
                }};
            }
            macro_rules! equality {
                ($op:tt, $equal:expr) => {{
                    if let Some(t) = fast::compare(*base.add(w.b()), *base.add(w.c()), |x, y| x $op y, |x, y| x $op y) {
                        put(base, w.a(), tag::from_bool(t));
                        continue 'hot;
                    }
                    let t = equal(*base.add(w.b()), *base.add(w.c()));
                    if t != warm::UNKNOWN {
                        answer!(t == $equal);
                    }
                }};
            }

            // The same with the jump that follows.
            macro_rules! jump_compare {
                ($y:expr, $op:tt) => {{
                    if let Some(t) = fast::compare(*base.add(w.a()), $y, |x, y| x $op y, |x, y| x $op y)
                        && jump16(vm, w, t, &mut pc)
                    {
                        continue 'hot;
                    }
                }};
            }
            macro_rules! jump_order {
                ($op:tt, $is:ident) => {{
                    jump_compare!(*base.add(w.b()), $op);
                    if let Some(o) = warm::order(*base.add(w.a()), *base.add(w.b())) {
                        jump_on!(o.$is());
                    }
                }};
            }
            macro_rules! jump_equality {
                ($op:tt, $equal:expr) => {{
                    jump_compare!(*base.add(w.b()), $op);
                    let t = equal(*base.add(w.a()), *base.add(w.b()));
                    if t != warm::UNKNOWN {
                        jump_on!(t == $equal);
                    }
                }};
            }

            // A class with object's `__new__`: the instance is made here, a Python `__init__` runs in a frame of this loop.
            // `$argc` arguments lie behind register `$this`, which gets the instance; the callee is in register `$a`.
            macro_rules! construct {
                ($f:expr, $a:expr, $this:expr, $argc:expr, $ret:expr, $words:expr) => {{
                    let class = header($f).cast::<TypeObject>();
                    let known = type_of($f) == type_type && (*class).version.get() != 0 && (*class).constructor_version.get() == (*class).version.get();
                    if known && !(*class).has(tflag::ABSTRACT) {
                        let init = (*class).constructor.get();
                        if init == 0 {
                            if $argc == 0 {
                                let made = warm::new_instance(&*class);
                                release(std::mem::replace(&mut *base.add($a), 0));
                                put(base, $ret, made);
                                pc = pc.add($words);
                                continue 'hot;
                            }
                        } else {
                            let func = header(init).cast::<Obj<Function>>();
                            let exact = (*func).simple_argc.get() as usize == $argc + 1;
                            let mut argc = $argc + 1;
                            let this: *mut u64 = base.add($this);
                            let code: *const Obj<Code> = &raw const **(*func).code.as_ptr();
                            let room = vm.stacks.len.get() < vm.stacks.limit.get() && this.add((*code).nregs as usize) < vm.stacks.end;
                            if room && (exact || warm::fill_defaults(&*func, this, &mut argc)) {
                                let made = warm::new_instance(&*class);
                                (*header(made)).retain();
                                (*header(init)).retain();
                                let callee = std::mem::replace(&mut *base.add($a), 0);
                                *this = made;
                                // The instance keeps the class.
                                release(callee);
                                push!(func, this, argc, true, FrameKind::Init, made, init | 1, $a, $ret, $words);
                                continue 'hot;
                            }
                        }
                    }
                }};
            }

            // Every arm that is done says `continue`; what falls out goes the slow way.
            'slow: {
                // SAFETY: the compiler and the verifier emit only opcode numbers of the table.
                match std::mem::transmute::<u8, Op>(w.opcode()) {
                    Op::Nop => continue 'hot,
                    Op::Resume => {
                        if vm.eval_breaker.get() == 0 {
                            continue 'hot;
                        }
                    }
                    Op::LoadConst => {
                        let k = *(*frame).consts.add(w.bc() as usize);
                        retain(k);
                        put(base, w.a(), k);
                        continue 'hot;
                    }
                    Op::LoadInt => {
                        put(base, w.a(), tag::from_int(w.bc_signed()));
                        continue 'hot;
                    }
                    Op::Move => {
                        if *base.add(w.b()) == 0 {
                            break 'slow;
                        }
                        let v = take(base, w.b(), w.flags() & flag::KILL_B != 0);
                        put(base, w.a(), v);
                        continue 'hot;
                    }
                    Op::Clear => {
                        release(std::mem::replace(&mut *base.add(w.a()), 0));
                        continue 'hot;
                    }
                    Op::LoadDeref => {
                        let cell = header(*base.add(w.b())).cast::<Obj<PyCellObject>>();
                        if let Some(v) = &*(*cell).value.as_ptr() {
                            let v = v.clone().into_raw();
                            put(base, w.a(), v);
                            continue 'hot;
                        }
                    }
                    Op::StoreDeref => {
                        if *base.add(w.a()) != 0 {
                            let v = take(base, w.a(), w.flags() & flag::KILL_A != 0);
                            let cell = header(*base.add(w.b())).cast::<Obj<PyCellObject>>();
                            let old = (*cell).value.replace(Some(Value::from_raw(v)));
                            drop(old);
                            continue 'hot;
                        }
                    }

                    Op::Add => arith!(fast::add, *base.add(w.c())),
                    Op::Sub => arith!(fast::sub, *base.add(w.c())),
                    Op::Mul => arith!(fast::mul, *base.add(w.c())),
                    Op::TrueDiv => arith!(fast::truediv, *base.add(w.c())),
                    Op::FloorDiv => arith!(fast::floordiv, *base.add(w.c())),
                    Op::Mod => arith!(fast::modulo, *base.add(w.c())),
                    Op::LShift => arith!(fast::lshift, *base.add(w.c())),
                    Op::RShift => arith!(fast::rshift, *base.add(w.c())),
                    Op::BitAnd => arith!(fast::and, *base.add(w.c())),
                    Op::BitOr => arith!(fast::or, *base.add(w.c())),
                    Op::BitXor => arith!(fast::xor, *base.add(w.c())),
                    Op::AddInt => arith!(fast::add, tag::from_int(w.c_imm())),
                    Op::SubInt => arith!(fast::sub, tag::from_int(w.c_imm())),
                    Op::MulInt => arith!(fast::mul, tag::from_int(w.c_imm())),
                    Op::FloorDivInt => arith!(fast::floordiv, tag::from_int(w.c_imm())),
                    Op::ModInt => arith!(fast::modulo, tag::from_int(w.c_imm())),
                    Op::AndInt => arith!(fast::and, tag::from_int(w.c_imm())),
                    Op::LShiftInt => arith!(fast::lshift, tag::from_int(w.c_imm())),
                    Op::RShiftInt => arith!(fast::rshift, tag::from_int(w.c_imm())),
                    Op::Neg => {
                        let r = fast::neg(*base.add(w.b()));
                        if r != 0 {
                            put(base, w.a(), r);
                            continue 'hot;
                        }
                    }
                    Op::Not => {
                        if let Some(t) = quick_truth(*base.add(w.b())) {
                            put(base, w.a(), tag::from_bool(!t));
                            continue 'hot;
                        }
                        let t = warm::truth(*base.add(w.b()));
                        if t != warm::UNKNOWN {
                            done(base, w.b(), w.flags() & flag::KILL_B != 0);
                            put(base, w.a(), tag::from_bool(t == 0));
                            continue 'hot;
                        }
                    }

                    Op::Lt => order!(<, is_lt),
                    Op::Le => order!(<=, is_le),
                    Op::Eq => equality!(==, 1),
                    Op::Ne => equality!(!=, 0),
                    Op::Gt => order!(>, is_gt),
                    Op::Ge => order!(>=, is_ge),
                    Op::Is => {
                        let (x, y) = (*base.add(w.b()), *base.add(w.c()));
                        if x != 0 && y != 0 {
                            let same = (x == y) != (w.flags() & flag::SENSE != 0);
                            done(base, w.b(), w.flags() & flag::KILL_B != 0);
                            done(base, w.c(), w.flags() & flag::KILL_C != 0);
                            put(base, w.a(), tag::from_bool(same));
                            continue 'hot;
                        }
                    }

                    Op::Jump => {
                        pc = pc.offset(w.bc_signed() as isize);
                        continue 'hot;
                    }
                    Op::JumpBack => {
                        if vm.eval_breaker.get() == 0 {
                            pc = pc.offset(w.bc_signed() as isize);
                            continue 'hot;
                        }
                    }
                    Op::JumpIf => {
                        if let Some(t) = quick_truth(*base.add(w.a())) {
                            let d = w.bc_signed() as isize;
                            if t == (w.flags() & flag::SENSE != 0) {
                                if d < 0 && vm.eval_breaker.get() != 0 {
                                    break 'slow;
                                }
                                pc = pc.offset(d);
                            }
                            continue 'hot;
                        }
                        let t = warm::truth(*base.add(w.a()));
                        let d = w.bc_signed() as isize;
                        if t != warm::UNKNOWN && (d >= 0 || vm.eval_breaker.get() == 0) {
                            done(base, w.a(), w.flags() & flag::KILL_A != 0);
                            if (t == 1) == (w.flags() & flag::SENSE != 0) {
                                pc = pc.offset(d);
                            }
                            continue 'hot;
                        }
                    }
                    Op::JumpIn => {
                        let (x, y) = (*base.add(w.a()), *base.add(w.b()));
                        let d = w.c_imm() as isize;
                        if x != 0 && y != 0 && (d >= 0 || vm.eval_breaker.get() == 0) {
                            let t = saved!(warm::contains(vm, warm::value(&y), warm::value(&x)));
                            jump_on!(t);
                        }
                    }
                    Op::In => {
                        let (x, y) = (*base.add(w.b()), *base.add(w.c()));
                        if x != 0 && y != 0 {
                            let t = saved!(warm::contains(vm, warm::value(&y), warm::value(&x)));
                            answer!(t != (w.flags() & flag::SENSE != 0));
                        }
                    }
                    Op::JumpIfNone => {
                        let x = *base.add(w.a());
                        let d = w.bc_signed() as isize;
                        if x != 0 && (d >= 0 || vm.eval_breaker.get() == 0) {
                            let t = x == tag::NONE;
                            done(base, w.a(), w.flags() & flag::KILL_A != 0);
                            if t == (w.flags() & flag::SENSE != 0) {
                                pc = pc.offset(d);
                            }
                            continue 'hot;
                        }
                    }
                    Op::JumpIs => {
                        let (x, y) = (*base.add(w.a()), *base.add(w.b()));
                        let d = w.c_imm() as isize;
                        if x != 0 && y != 0 && (d >= 0 || vm.eval_breaker.get() == 0) {
                            done(base, w.a(), w.flags() & flag::KILL_A != 0);
                            done(base, w.b(), w.flags() & flag::KILL_B != 0);
                            if (x == y) == (w.flags() & flag::SENSE != 0) {
                                pc = pc.offset(d);
                            }
                            continue 'hot;
                        }
                    }
                    Op::JumpLt => jump_order!(<, is_lt),
                    Op::JumpLe => jump_order!(<=, is_le),
                    Op::JumpEq => jump_equality!(==, 1),
                    Op::JumpNe => jump_equality!(!=, 0),
                    Op::JumpGt => jump_order!(>, is_gt),
                    Op::JumpGe => jump_order!(>=, is_ge),
                    Op::JumpLtInt => jump_compare!(tag::from_int(w.b_imm()), <),
                    Op::JumpLeInt => jump_compare!(tag::from_int(w.b_imm()), <=),
                    Op::JumpEqInt => jump_compare!(tag::from_int(w.b_imm()), ==),
                    Op::JumpNeInt => jump_compare!(tag::from_int(w.b_imm()), !=),
                    Op::JumpGtInt => jump_compare!(tag::from_int(w.b_imm()), >),
                    Op::JumpGeInt => jump_compare!(tag::from_int(w.b_imm()), >=),

                    Op::LoadGlobalModule => {
                        let cache = *pc;
                        let dict = (*frame).globals;
                        if (*dict).current_version() == cache as u32 {
                            let e = (*(*dict).table().as_ptr()).entries.as_ptr().add((cache >> 32) as usize);
                            if let Some(v) = &(*e).value {
                                let v = v.clone().into_raw();
                                put(base, w.a(), v);
                                pc = pc.add(2);
                                continue 'hot;
                            }
                        }
                    }
                    Op::LoadName => {
                        // At module level the locals are the globals.
                        let (cache, at) = (*pc, *pc.add(1));
                        let (dict, builtins) = ((*frame).globals, (*frame).builtins);
                        if (*frame).extra == dict.addr() as u64 && cache as u32 != 0 && (*dict).current_version() == cache as u32 {
                            let found = if at == slow::IN_GLOBALS {
                                (*(*dict).table().as_ptr()).entries.as_ptr().add((cache >> 32) as usize)
                            } else if (*builtins).current_version() == (cache >> 32) as u32 {
                                (*(*builtins).table().as_ptr()).entries.as_ptr().add(at as usize)
                            } else {
                                std::ptr::null()
                            };
                            if !found.is_null()
                                && let Some(v) = &(*found).value
                            {
                                let v = v.clone().into_raw();
                                put(base, w.a(), v);
                                pc = pc.add(2);
                                continue 'hot;
                            }
                        }
                    }
                    Op::StoreName => {
                        if (*frame).extra == (*frame).globals.addr() as u64 && store_global(frame, base, w, *pc) {
                            pc = pc.add(1);
                            continue 'hot;
                        }
                    }
                    Op::StoreGlobal => {
                        if store_global(frame, base, w, *pc) {
                            pc = pc.add(1);
                            continue 'hot;
                        }
                    }
                    Op::LoadGlobalBuiltin => {
                        let cache = *pc;
                        let (dict, builtins) = ((*frame).globals, (*frame).builtins);
                        if (*dict).current_version() == cache as u32 && (*builtins).current_version() == (cache >> 32) as u32 {
                            let e = (*(*builtins).table().as_ptr()).entries.as_ptr().add(*pc.add(1) as usize);
                            if let Some(v) = &(*e).value {
                                let v = v.clone().into_raw();
                                put(base, w.a(), v);
                                pc = pc.add(2);
                                continue 'hot;
                            }
                        }
                    }
                    Op::LoadAttrSlot => {
                        let (o, cache) = (*base.add(w.b()), *pc);
                        if tag::is_object(o) {
                            let ty = (*header(o)).ty().cast::<TypeObject>();
                            if (*ty).version.get() == cache as u32 {
                                let v = *header(o).cast::<u8>().add((cache >> 32) as u16 as usize).cast::<u64>();
                                if v != 0 {
                                    retain(v);
                                    done(base, w.b(), w.flags() & flag::KILL_B != 0);
                                    put(base, w.a(), v);
                                    pc = pc.add(2);
                                    continue 'hot;
                                }
                            }
                        }
                        if o != 0 && tag::is_object(o) {
                            let v = slow::attrs::attribute_of(warm::value(&o), &(&(*(*frame).code).names)[w.c()]);
                            if v != 0 {
                                retain(v);
                                done(base, w.b(), w.flags() & flag::KILL_B != 0);
                                put(base, w.a(), v);
                                pc = pc.add(2);
                                continue 'hot;
                            }
                        }
                    }
                    Op::LoadAttr => {
                        // Seen before: an instance with a dictionary object, which the caches don't know.
                        let o = *base.add(w.b());
                        if tag::is_object(o) && (*header(o)).has(crate::vm::DICT_MADE) {
                            let v = slow::attrs::attribute_of(warm::value(&o), &(&(*(*frame).code).names)[w.c()]);
                            if v != 0 {
                                retain(v);
                                done(base, w.b(), w.flags() & flag::KILL_B != 0);
                                put(base, w.a(), v);
                                pc = pc.add(2);
                                continue 'hot;
                            }
                        }
                    }
                    Op::LoadAttrType => {
                        let (o, cache) = (*base.add(w.b()), *pc);
                        if tag::is_object(o) {
                            let meta = (*header(o)).ty().cast::<TypeObject>();
                            if (*meta).version.get() == (cache >> 32) as u32
                                && (*meta).has(tflag::TYPE_SUB)
                                && (*header(o).cast::<TypeObject>()).version.get() == cache as u32
                            {
                                let v = *pc.add(1);
                                retain(v);
                                done(base, w.b(), w.flags() & flag::KILL_B != 0);
                                put(base, w.a(), v);
                                pc = pc.add(2);
                                continue 'hot;
                            }
                        }
                    }
                    Op::LoadAttrProperty => {
                        let o = *base.add(w.b());
                        if tag::is_object(o) && (*(*header(o)).ty().cast::<TypeObject>()).version.get() == *pc as u32 {
                            let getter = *pc.add(1);
                            let func = header(getter).cast::<Obj<Function>>();
                            let args = base.add((*(*frame).code).nregs as usize);
                            let code: *const Obj<Code> = &raw const **(*func).code.as_ptr();
                            let room = vm.stacks.len.get() < vm.stacks.limit.get() && args.add((*code).nregs as usize) < vm.stacks.end;
                            if room && (*func).simple_argc.get() == 1 {
                                *args = take(base, w.b(), w.flags() & flag::KILL_B != 0);
                                (*header(getter)).retain();
                                push!(func, args, 1, true, FrameKind::Call, 0, getter | 1, w.a(), w.a(), 2);
                                continue 'hot;
                            }
                        }
                    }
                    Op::LoadAttrGetset => {
                        let o = *base.add(w.b());
                        if tag::is_object(o) && (*(*header(o)).ty().cast::<TypeObject>()).version.get() == *pc as u32 {
                            let v = saved!(warm::get_native(vm, o, *pc.add(1)));
                            done(base, w.b(), w.flags() & flag::KILL_B != 0);
                            put(base, w.a(), v.into_raw());
                            pc = pc.add(2);
                            continue 'hot;
                        }
                    }
                    Op::MatchSequence => {
                        let o = *base.add(w.b());
                        if tag::is_object(o) {
                            let is = (*(*header(o)).ty().cast::<TypeObject>()).has(tflag::SEQUENCE);
                            done(base, w.b(), w.flags() & flag::KILL_B != 0);
                            put(base, w.a(), tag::from_bool(is));
                            continue 'hot;
                        }
                    }
                    Op::GetLen => {
                        let o = *base.add(w.b());
                        if tag::is_object(o) {
                            let ty = type_of(o);
                            let n = if ty == tuple_type {
                                (*header(o).cast::<Obj<Tuple>>()).len()
                            } else if ty == list_type {
                                (*(*header(o).cast::<Obj<List>>()).items().as_ptr()).len()
                            } else {
                                break 'slow;
                            };
                            done(base, w.b(), w.flags() & flag::KILL_B != 0);
                            put(base, w.a(), tag::from_int(n as i64));
                            continue 'hot;
                        }
                    }
                    Op::LoadAttrClass => {
                        let o = *base.add(w.b());
                        if tag::is_object(o) {
                            let h = header(o);
                            let ty = (*h).ty().cast::<TypeObject>();
                            if (*ty).version.get() == *pc as u32 && !(*h).has(crate::vm::DICT_MADE) {
                                let v = *pc.add(1);
                                retain(v);
                                done(base, w.b(), w.flags() & flag::KILL_B != 0);
                                put(base, w.a(), v);
                                pc = pc.add(2);
                                continue 'hot;
                            }
                        }
                        if o != 0 && tag::is_object(o) {
                            let v = slow::attrs::attribute_of(warm::value(&o), &(&(*(*frame).code).names)[w.c()]);
                            if v != 0 {
                                retain(v);
                                done(base, w.b(), w.flags() & flag::KILL_B != 0);
                                put(base, w.a(), v);
                                pc = pc.add(2);
                                continue 'hot;
                            }
                        }
                    }
                    Op::LoadAttrModule => {
                        let (o, cache) = (*base.add(w.b()), *pc);
                        if tag::is_object(o) && type_of(o) == Module::TYPE.ptr().cast() {
                            let m = header(o).cast::<Obj<Module>>();
                            let dict = &raw const *(*m).dict;
                            if (*dict).current_version() == cache as u32 {
                                let e = (*(*dict).table().as_ptr()).entries.as_ptr().add((cache >> 32) as usize);
                                if let Some(v) = &(*e).value {
                                    let v = v.clone().into_raw();
                                    done(base, w.b(), w.flags() & flag::KILL_B != 0);
                                    put(base, w.a(), v);
                                    pc = pc.add(2);
                                    continue 'hot;
                                }
                            }
                        }
                    }
                    Op::StoreAttrSlot => {
                        let (o, cache, v) = (*base.add(w.a()), *pc, *base.add(w.c()));
                        if tag::is_object(o) && v != 0 {
                            let h = header(o);
                            let ty = (*h).ty().cast::<TypeObject>();
                            if (*ty).version.get() == cache as u32
                                && let Ok(old) = store_inline(&*h, o, (cache >> 32) as u32 & 0xffff, (*ty).inline_offset.get(), v)
                            {
                                if w.flags() & flag::KILL_C != 0 {
                                    *base.add(w.c()) = 0;
                                } else {
                                    retain(v);
                                }
                                pc = pc.add(2);
                                release(old);
                                done(base, w.a(), w.flags() & flag::KILL_A != 0);
                                continue 'hot;
                            }
                        }
                    }
                    Op::LoadMethodCached => {
                        let o = *base.add(w.b());
                        if tag::is_object(o) {
                            let h = header(o);
                            let ty = (*h).ty().cast::<TypeObject>();
                            if (*ty).version.get() == *pc as u32 && !(*h).has(crate::vm::DICT_MADE) {
                                let f = *pc.add(1);
                                let this = take(base, w.b(), w.flags() & flag::KILL_B != 0);
                                retain(f);
                                put(base, w.a(), f);
                                put(base, w.a() + 1, this);
                                pc = pc.add(2);
                                continue 'hot;
                            }
                        }
                    }

                    Op::LoadSubscr => {
                        let (o, k) = (*base.add(w.b()), *base.add(w.c()));
                        if tag::is_int(k) && tag::is_object(o) {
                            let items = if type_of(o) == list_type {
                                let v = (*header(o).cast::<Obj<List>>()).items().as_ptr();
                                ((*v).as_ptr(), (*v).len())
                            } else if type_of(o) == tuple_type {
                                let s = (*header(o).cast::<Obj<Tuple>>()).as_slice();
                                (s.as_ptr(), s.len())
                            } else {
                                (std::ptr::null(), 0)
                            };
                            let mut i = tag::to_int(k);
                            if i < 0 {
                                i += items.1 as i64;
                            }
                            if (i as u64) < items.1 as u64 {
                                let v = (*items.0.add(i as usize)).clone().into_raw();
                                done(base, w.b(), w.flags() & flag::KILL_B != 0);
                                put(base, w.a(), v);
                                continue 'hot;
                            }
                        }
                        if o != 0 && k != 0
                            && let Some(v) = saved!(warm::getitem(vm, warm::value(&o), warm::value(&k)))
                        {
                            done(base, w.b(), w.flags() & flag::KILL_B != 0);
                            done(base, w.c(), w.flags() & flag::KILL_C != 0);
                            put(base, w.a(), v.into_raw());
                            continue 'hot;
                        }
                    }
                    Op::LoadSubscrInt => {
                        let o = *base.add(w.b());
                        if tag::is_object(o) {
                            let items = if type_of(o) == list_type {
                                let v = (*header(o).cast::<Obj<List>>()).items().as_ptr();
                                ((*v).as_ptr(), (*v).len())
                            } else if type_of(o) == tuple_type {
                                let s = (*header(o).cast::<Obj<Tuple>>()).as_slice();
                                (s.as_ptr(), s.len())
                            } else {
                                (std::ptr::null(), 0)
                            };
                            let mut i = w.c_imm();
                            if i < 0 {
                                i += items.1 as i64;
                            }
                            if (i as u64) < items.1 as u64 {
                                let v = (*items.0.add(i as usize)).clone().into_raw();
                                done(base, w.b(), w.flags() & flag::KILL_B != 0);
                                put(base, w.a(), v);
                                continue 'hot;
                            }
                        }
                        let k = tag::from_int(w.c_imm());
                        if o != 0
                            && let Some(v) = saved!(warm::getitem(vm, warm::value(&o), warm::value(&k)))
                        {
                            done(base, w.b(), w.flags() & flag::KILL_B != 0);
                            put(base, w.a(), v.into_raw());
                            continue 'hot;
                        }
                    }
                    Op::StoreSubscr => {
                        let (o, k, v) = (*base.add(w.a()), *base.add(w.b()), *base.add(w.c()));
                        if tag::is_int(k) && v != 0 && tag::is_object(o) && type_of(o) == list_type {
                            let items = (*header(o).cast::<Obj<List>>()).items().as_ptr();
                            let mut i = tag::to_int(k);
                            if i < 0 {
                                i += (*items).len() as i64;
                            }
                            if (i as u64) < (*items).len() as u64 {
                                let v = take(base, w.c(), w.flags() & flag::KILL_C != 0);
                                let old = std::mem::replace(&mut *(*items).as_mut_ptr().add(i as usize).cast::<u64>(), v);
                                release(old);
                                done(base, w.a(), w.flags() & flag::KILL_A != 0);
                                continue 'hot;
                            }
                        }
                        if o != 0 && k != 0 && v != 0 {
                            saved!(warm::setitem(vm, warm::value(&o), warm::value(&k), warm::value(&v)));
                            done(base, w.a(), w.flags() & flag::KILL_A != 0);
                            done(base, w.b(), w.flags() & flag::KILL_B != 0);
                            done(base, w.c(), w.flags() & flag::KILL_C != 0);
                            continue 'hot;
                        }
                    }
                    Op::ListAppend => {
                        let (l, v) = (*base.add(w.a()), *base.add(w.b()));
                        if v != 0 {
                            let items = (*header(l).cast::<Obj<List>>()).items().as_ptr();
                            if (*items).len() < (*items).capacity() {
                                let v = take(base, w.b(), w.flags() & flag::KILL_B != 0);
                                let n = (*items).len();
                                (*items).as_mut_ptr().add(n).cast::<u64>().write(v);
                                (*items).set_len(n + 1);
                                continue 'hot;
                            }
                        }
                    }

                    Op::BuildTuple => {
                        if warm::build_tuple(base, w) {
                            continue 'hot;
                        }
                    }
                    Op::BuildList => {
                        if warm::build_list(base, w) {
                            continue 'hot;
                        }
                    }
                    Op::BuildMap => {
                        if saved!(warm::build_map(vm, base, w)) {
                            continue 'hot;
                        }
                    }
                    Op::BuildString => {
                        if warm::build_string(base, w) {
                            continue 'hot;
                        }
                    }
                    Op::FormatSimple => {
                        let v = *base.add(w.b());
                        if v != 0
                            && w.c() <= 1
                            && let Some(r) = warm::format_simple(warm::value(&v))
                        {
                            done(base, w.b(), w.flags() & flag::KILL_B != 0);
                            put(base, w.a(), r.into_raw());
                            continue 'hot;
                        }
                    }
                    Op::LoadSlice => {
                        let (o, start, stop) = (*base.add(w.b()), *base.add(w.c()), *base.add(w.c() + 1));
                        if o != 0 && start != 0 && stop != 0 {
                            let v = saved!(warm::getslice(vm, warm::value(&o), warm::value(&start), warm::value(&stop)));
                            done(base, w.b(), w.flags() & flag::KILL_B != 0);
                            done(base, w.c(), true);
                            done(base, w.c() + 1, true);
                            put(base, w.a(), v.into_raw());
                            continue 'hot;
                        }
                    }
                    Op::GetIter => {
                        let o = *base.add(w.b());
                        if o != 0 {
                            let it = saved!(vm.iter(warm::value(&o)));
                            done(base, w.b(), w.flags() & flag::KILL_B != 0);
                            put(base, w.a(), it.into_raw());
                            continue 'hot;
                        }
                    }
                    Op::ForIter => {
                        let it = *base.add(w.b());
                        if tag::is_object(it) && vm.eval_breaker.get() == 0 {
                            if type_of(it) == generator_type && warm::is_inline_generator(it) {
                                let g = header(it).cast::<Obj<Generator>>();
                                pc = saved!(slow::gens::resume_inline(vm, frame, &*g, tag::NONE, w.a()));
                                reload!();
                                continue 'hot;
                            }
                            match saved!(warm::next(vm, warm::value(&it))) {
                                Ok(v) => {
                                    put(base, w.a(), v.into_raw());
                                    pc = pc.add(1).offset(*pc as i64 as isize);
                                    continue 'hot;
                                }
                                Err(false) => {
                                    done(base, w.b(), true);
                                    pc = pc.add(1);
                                    continue 'hot;
                                }
                                Err(true) => {}
                            }
                        }
                    }
                    Op::ForRange => {
                        let it = *base.add(w.b());
                        if tag::is_object(it) && type_of(it) == RangeIter::TYPE.ptr().cast() {
                            let r = header(it).cast::<Obj<RangeIter>>();
                            let n = (*r).len.get();
                            if n > 0 && vm.eval_breaker.get() == 0 {
                                let x = (*r).next.get();
                                (*r).next.set(x.wrapping_add((*r).step.get()));
                                (*r).len.set(n - 1);
                                put(base, w.a(), tag::from_int(x));
                                pc = pc.add(1).offset(*pc as i64 as isize);
                                continue 'hot;
                            }
                            if n <= 0 {
                                done(base, w.b(), true);
                                pc = pc.add(1);
                                continue 'hot;
                            }
                        }
                    }
                    Op::ForList => {
                        let it = *base.add(w.b());
                        if tag::is_object(it)
                            && type_of(it) == crate::types::list::ListIter::TYPE.ptr().cast()
                            && vm.eval_breaker.get() == 0
                        {
                            let it = header(it).cast::<Obj<crate::types::list::ListIter>>();
                            if let Some(v) = (*it).next_fast() {
                                put(base, w.a(), v.into_raw());
                                pc = pc.add(1).offset(*pc as i64 as isize);
                                continue 'hot;
                            }
                            // An iterator that others have must know that it is exhausted.
                            if (*it).header().unique() {
                                done(base, w.b(), true);
                                pc = pc.add(1);
                                continue 'hot;
                            }
                        }
                    }
                    Op::ForTuple => {
                        let it = *base.add(w.b());
                        if tag::is_object(it)
                            && type_of(it) == crate::types::tuple::TupleIter::TYPE.ptr().cast()
                            && vm.eval_breaker.get() == 0
                        {
                            let it = header(it).cast::<Obj<crate::types::tuple::TupleIter>>();
                            if let Some(v) = (*it).next_fast() {
                                put(base, w.a(), v.into_raw());
                                pc = pc.add(1).offset(*pc as i64 as isize);
                                continue 'hot;
                            }
                            // An iterator that others have must know that it is exhausted.
                            if (*it).header().unique() {
                                done(base, w.b(), true);
                                pc = pc.add(1);
                                continue 'hot;
                            }
                        }
                    }
                    Op::UnpackSequence => {
                        let (o, n) = (*base.add(w.b()), w.c());
                        if tag::is_object(o) && type_of(o) == tuple_type {
                            let t = header(o).cast::<Obj<Tuple>>();
                            if (*t).len() == n {
                                let t = (*t).to_ref();
                                done(base, w.b(), w.flags() & flag::KILL_B != 0);
                                for (i, v) in t.as_slice().iter().enumerate() {
                                    put(base, w.a() + i, v.clone().into_raw());
                                }
                                continue 'hot;
                            }
                        }
                        if tag::is_object(o) && warm::unpack_list(base, w) {
                            continue 'hot;
                        }
                    }

                    Op::Call => {
                        let (a, mut n) = (w.a(), w.b());
                        let f = *base.add(a);
                        if tag::is_object(f) {
                            let mut args = base.add(a + 1);
                            if w.flags() & flag::METHOD != 0 {
                                if *args == 0 {
                                    args = args.add(1);
                                } else {
                                    n += 1;
                                }
                            }
                            if enter!(f, args, n, a, w.c(), 1) {
                                continue 'hot;
                            }
                            if type_of(f) == method_type {
                                // The object takes the callee's register, or the free one behind it.
                                let m = header(f).cast::<Obj<BoundMethod>>();
                                let function = (*m).func.raw();
                                if tag::is_object(function) && type_of(function) == function_type {
                                    let func = header(function).cast::<Obj<Function>>();
                                    let this: *mut u64 = args.sub(1);
                                    let exact = (*func).simple_argc.get() as usize == n + 1;
                                    let mut argc = n + 1;
                                    let code: *const Obj<Code> = &raw const **(*func).code.as_ptr();
                                    let room = vm.stacks.len.get() < vm.stacks.limit.get() && this.add((*code).nregs as usize) < vm.stacks.end;
                                    if room && (exact || warm::fill_defaults(&*func, this, &mut argc)) {
                                        let object = (*m).this.clone().into_raw();
                                        (*header(function)).retain();
                                        *base.add(a) = 0;
                                        *this = object;
                                        release(f);
                                        push!(func, this, argc, true, FrameKind::Call, 0, function | 1, a, w.c(), 1);
                                        continue 'hot;
                                    }
                                }
                            }
                            construct!(f, a, args.offset_from(base) as usize - 1, n, w.c(), 1);
                        }
                        if tag::is_object(f) && saved!(warm::call(vm, base, w)) {
                            after_call!(1);
                        }
                    }
                    Op::CallGlobalModule => {
                        let cache = *pc.add(1);
                        let dict = (*frame).globals;
                        if (*dict).current_version() == cache as u32 {
                            let e = (*(*dict).table().as_ptr()).entries.as_ptr().add((cache >> 32) as usize);
                            if let Some(f) = &(*e).value {
                                let f = f.raw();
                                let a = w.a();
                                if tag::is_object(f) && enter!(f, base.add(a + 1), w.b(), a, w.c(), 3) {
                                    (*header(f)).retain();
                                    *base.sub(1) = f;
                                    continue 'hot;
                                }
                                if tag::is_object(f) {
                                    construct!(f, a, a, w.b(), w.c(), 3);
                                    if saved!(warm::call_global(vm, base, w, f)) {
                                        after_call!(3);
                                    }
                                }
                            }
                        }
                    }
                    Op::CallAttrModule => {
                        let (a, cache) = (w.a(), *pc.add(1));
                        let o = *base.add(a + 1);
                        if tag::is_object(o) && type_of(o) == Module::TYPE.ptr().cast() {
                            let m = header(o).cast::<Obj<Module>>();
                            let dict = &raw const *(*m).dict;
                            if (*dict).current_version() == cache as u32 {
                                let e = (*(*dict).table().as_ptr()).entries.as_ptr().add((cache >> 32) as usize);
                                if let Some(f) = &(*e).value
                                    && f.is_object()
                                {
                                    // The callee takes the module's place: now this is a plain call.
                                    let f = f.clone().into_raw();
                                    put(base, a, f);
                                    done(base, a + 1, true);
                                    if enter!(f, base.add(a + 2), w.b(), a, w.c(), 3) {
                                        continue 'hot;
                                    }
                                    construct!(f, a, a + 1, w.b(), w.c(), 3);
                                    if saved!(warm::call_native(vm, base, f, a, a + 2, w.b(), w.c())) {
                                        after_call!(3);
                                    }
                                    (*frame).pc = pc;
                                    (*frame).skip = 0;
                                    let next = slow::call_run(vm, frame, w, a + 2, w.b());
                                    if next.pc.is_null() {
                                        return slow::finish(vm);
                                    }
                                    pc = next.pc;
                                    reload!();
                                    continue 'hot;
                                }
                            }
                        }
                    }
                    Op::CallKw => {
                        let (a, mut n, mut first) = (w.a(), w.b(), w.a() + 1);
                        let f = *base.add(a);
                        if tag::is_object(f) && type_of(f) == function_type {
                            if w.flags() & flag::METHOD != 0 {
                                if *base.add(first) == 0 {
                                    first += 1;
                                } else {
                                    n += 1;
                                }
                            }
                            let func = header(f).cast::<Obj<Function>>();
                            let (args, names) = (base.add(first), *(*frame).consts.add(*pc as usize));
                            let mut argc = n;
                            if push!(func, args, argc, warm::bind_names(&*func, args, &mut argc, names), FrameKind::Call, 0, 0, a, w.c(), 1) {
                                continue 'hot;
                            }
                        }
                    }
                    Op::CallListAppend => {
                        let a = w.a();
                        let (o, v) = (*base.add(a + 1), *base.add(a + 2));
                        if tag::is_object(o) && type_of(o) == list_type && v != 0 {
                            let items = (*header(o).cast::<Obj<List>>()).items().as_ptr();
                            let n = (*items).len();
                            if n < (*items).capacity() {
                                (*items).as_mut_ptr().add(n).cast::<u64>().write(v);
                                (*items).set_len(n + 1);
                                *base.add(a + 2) = 0;
                                done(base, a + 1, true);
                                put(base, w.c(), tag::NONE);
                                pc = pc.add(3);
                                continue 'hot;
                            }
                        }
                    }
                    Op::CallListPop => {
                        let a = w.a();
                        let o = *base.add(a + 1);
                        if tag::is_object(o) && type_of(o) == list_type {
                            let items = (*header(o).cast::<Obj<List>>()).items().as_ptr();
                            let n = (*items).len();
                            if n > 0 {
                                let v = *(*items).as_ptr().add(n - 1).cast::<u64>();
                                (*items).set_len(n - 1);
                                done(base, a + 1, true);
                                put(base, w.c(), v);
                                pc = pc.add(3);
                                continue 'hot;
                            }
                        }
                    }
                    Op::CallLen => {
                        let cache = *pc.add(1);
                        let (dict, builtins) = ((*frame).globals, (*frame).builtins);
                        let a = w.a();
                        let o = *base.add(a + 1);
                        if (*dict).current_version() == cache as u32
                            && (*builtins).current_version() == (cache >> 32) as u32
                            && tag::is_object(o)
                        {
                            let ty = type_of(o);
                            let n = if ty == list_type {
                                (*(*header(o).cast::<Obj<List>>()).items().as_ptr()).len()
                            } else if ty == tuple_type {
                                (*header(o).cast::<Obj<Tuple>>()).len()
                            } else if ty == str_type {
                                (*header(o).cast::<Obj<Str>>()).len()
                            } else if ty == dict_type {
                                (*(*header(o).cast::<Obj<Dict>>()).table().as_ptr()).used
                            } else {
                                usize::MAX
                            };
                            if n != usize::MAX {
                                done(base, a + 1, true);
                                put(base, w.c(), tag::from_int(n as i64));
                                pc = pc.add(3);
                                continue 'hot;
                            }
                            let e = (*(*builtins).table().as_ptr()).entries.as_ptr().add(*pc.add(2) as usize);
                            if let Some(f) = &(*e).value {
                                let f = f.raw();
                                if tag::is_object(f) && saved!(warm::call_global(vm, base, w, f)) {
                                    after_call!(3);
                                }
                            }
                        }
                    }
                    Op::CallNext => {
                        let cache = *pc.add(1);
                        let (dict, builtins) = ((*frame).globals, (*frame).builtins);
                        let g = *base.add(w.a() + 1);
                        if (*dict).current_version() == cache as u32 && (*builtins).current_version() == (cache >> 32) as u32 {
                            if tag::is_object(g)
                                && type_of(g) == generator_type
                                && vm.eval_breaker.get() & crate::vm::breaker::TRACE == 0
                                && warm::is_inline_generator(g)
                            {
                                let g = header(g).cast::<Obj<Generator>>();
                                pc = saved!(slow::gens::resume_inline(vm, frame, &*g, tag::NONE, w.c()));
                                reload!();
                                continue 'hot;
                            }
                            let e = (*(*builtins).table().as_ptr()).entries.as_ptr().add(*pc.add(2) as usize);
                            if let Some(f) = &(*e).value {
                                let f = f.raw();
                                if tag::is_object(f) && saved!(warm::call_global(vm, base, w, f)) {
                                    after_call!(3);
                                }
                            }
                        }
                    }
                    Op::CallSend => {
                        let (g, v) = (*base.add(w.a() + 1), *base.add(w.a() + 2));
                        if tag::is_object(g)
                            && v != 0
                            && vm.eval_breaker.get() & crate::vm::breaker::TRACE == 0
                            && warm::is_inline_generator(g)
                        {
                            *base.add(w.a() + 2) = 0;
                            let g = header(g).cast::<Obj<Generator>>();
                            pc = saved!(slow::gens::resume_inline(vm, frame, &*g, v, w.c()));
                            reload!();
                            continue 'hot;
                        }
                    }
                    Op::CallIsinstance => {
                        let cache = *pc.add(1);
                        let (dict, builtins) = ((*frame).globals, (*frame).builtins);
                        let a = w.a();
                        let (o, class) = (*base.add(a + 1), *base.add(a + 2));
                        if (*dict).current_version() == cache as u32 && (*builtins).current_version() == (cache >> 32) as u32 {
                            if tag::is_object(o) && type_of(o).addr() as u64 == class {
                                done(base, a + 1, true);
                                done(base, a + 2, true);
                                put(base, w.c(), tag::TRUE);
                                pc = pc.add(3);
                                continue 'hot;
                            }
                            if tag::is_object(class)
                                && o != 0
                                && let Some(is) = warm::isinstance(o, class)
                            {
                                done(base, a + 1, true);
                                done(base, a + 2, true);
                                put(base, w.c(), tag::from_bool(is));
                                pc = pc.add(3);
                                continue 'hot;
                            }
                            let e = (*(*builtins).table().as_ptr()).entries.as_ptr().add(*pc.add(2) as usize);
                            if let Some(f) = &(*e).value {
                                let f = f.raw();
                                if tag::is_object(f) && saved!(warm::call_global(vm, base, w, f)) {
                                    after_call!(3);
                                }
                            }
                        }
                    }
                    Op::CallGlobalBuiltin => {
                        let cache = *pc.add(1);
                        let (dict, builtins) = ((*frame).globals, (*frame).builtins);
                        if (*dict).current_version() == cache as u32 && (*builtins).current_version() == (cache >> 32) as u32 {
                            let e = (*(*builtins).table().as_ptr()).entries.as_ptr().add(*pc.add(2) as usize);
                            if let Some(f) = &(*e).value {
                                let f = f.raw();
                                if tag::is_object(f) && saved!(warm::call_global(vm, base, w, f)) {
                                    after_call!(3);
                                }
                            }
                        }
                    }
                    Op::CallAttrCached => {
                        let a = w.a();
                        let o = *base.add(a + 1);
                        if tag::is_object(o) {
                            let h = header(o);
                            let ty = (*h).ty().cast::<TypeObject>();
                            if (*ty).version.get() == *pc.add(1) as u32 && !(*h).has(crate::vm::DICT_MADE) {
                                let f = *pc.add(2);
                                if enter!(f, base.add(a + 1), w.b() + 1, a, w.c(), 3) {
                                    (*header(f)).retain();
                                    *base.sub(1) = f;
                                    continue 'hot;
                                }
                                if saved!(warm::call_method(vm, base, w, f)) {
                                    after_call!(3);
                                }
                            }
                        }
                        if tag::is_object(o) {
                            let f = slow::attrs::method_of(warm::value(&o), &(&(*(*frame).code).names)[*pc as u32 as usize]);
                            if f != 0 {
                                if enter!(f, base.add(a + 1), w.b() + 1, a, w.c(), 3) {
                                    (*header(f)).retain();
                                    *base.sub(1) = f;
                                    continue 'hot;
                                }
                                if saved!(warm::call_method(vm, base, w, f)) {
                                    after_call!(3);
                                }
                            }
                        }
                    }
                    Op::Return | Op::ReturnNone => {
                        let v = if w.opcode() == Op::ReturnNone as u8 {
                            tag::NONE
                        } else {
                            let v = *base.add(w.a());
                            if v == 0 {
                                break 'slow;
                            }
                            v
                        };
                        let kind = (*frame).kind;
                        let quick = match kind {
                            FrameKind::Call => true,
                            FrameKind::Init => v == tag::NONE,
                            FrameKind::Entry => (*frame).extra == 0,
                            FrameKind::GenEntry | FrameKind::GenInline => false,
                        };
                        if !quick || (*frame).object != 0 || vm.eval_breaker.get() & crate::vm::breaker::TRACE != 0 {
                            break 'slow;
                        }
                        let mut v = v;
                        if w.opcode() == Op::Return as u8 {
                            if w.flags() & flag::KILL_A != 0 {
                                *base.add(w.a()) = 0;
                            } else {
                                retain(v);
                            }
                        }
                        for i in (0..(*(*frame).code).nlocals as usize).rev() {
                            let x = *base.add(i);
                            if tag::is_object(x) {
                                *base.add(i) = 0;
                                release(x);
                            }
                        }
                        let (ret, run, held) = ((*frame).ret as usize, (*frame).run as usize, (*frame).generator);
                        if kind == FrameKind::Init {
                            v = std::mem::replace(&mut (*frame).extra, 0);
                        }
                        vm.stacks.len.set(vm.stacks.len.get() - 1);
                        if kind == FrameKind::Entry {
                            if held != 0 {
                                release(held & !1);
                            }
                            return Ok(Value::from_raw(v));
                        }
                        frame = frame.sub(1);
                        base = (*frame).base;
                        pc = (*frame).pc;
                        if held != 0 {
                            release(held & !1);
                        }
                        release(std::mem::replace(&mut *base.add(run), 0));
                        put(base, ret, v);
                        continue 'hot;
                    }
                    Op::ReturnGenerator => {
                        if (*frame).kind == FrameKind::Call && (*frame).object == 0 && vm.eval_breaker.get() & crate::vm::breaker::TRACE == 0 {
                            // It takes the registers, so nothing is left to drop here.
                            let g = saved!(crate::types::generator::from_frame(vm, frame)).into_raw();
                            let (ret, run, held) = ((*frame).ret as usize, (*frame).run as usize, (*frame).generator);
                            vm.stacks.len.set(vm.stacks.len.get() - 1);
                            frame = frame.sub(1);
                            base = (*frame).base;
                            pc = (*frame).pc;
                            if held != 0 {
                                release(held & !1);
                            }
                            release(std::mem::replace(&mut *base.add(run), 0));
                            put(base, ret, g);
                            continue 'hot;
                        }
                    }
                    Op::Yield => {
                        let v = *base.add(w.b());
                        let inline = (*frame).kind == FrameKind::GenInline;
                        if v != 0 && (inline || (*frame).kind == FrameKind::GenEntry) && vm.eval_breaker.get() & crate::vm::breaker::TRACE == 0 {
                            let v = take(base, w.b(), w.flags() & flag::KILL_B != 0);
                            (*frame).pc = pc;
                            (*frame).skip = 0;
                            if !inline {
                                slow::gens::suspend_entry(vm, frame, w);
                                return Ok(Value::from_raw(v));
                            }
                            pc = slow::gens::suspend_inline(vm, frame, w, v);
                            reload!();
                            continue 'hot;
                        }
                    }
                    Op::Send => {
                        let (it, v) = (*base.add(w.b()), *base.add(w.c()));
                        if v != 0 && tag::is_object(it) && warm::is_inline_generator(it) {
                            *base.add(w.c()) = 0;
                            let g = header(it).cast::<Obj<Generator>>();
                            pc = saved!(slow::gens::resume_inline(vm, frame, &*g, v, w.a()));
                            reload!();
                            continue 'hot;
                        }
                    }
                    Op::MakeCell => {
                        warm::make_cell(base, w.a());
                        continue 'hot;
                    }
                    Op::CopyFreeVars => {
                        warm::copy_free_vars(&*(*frame).func, base.add(w.a()), w.b());
                        continue 'hot;
                    }
                    Op::MakeFunction => {
                        let f = saved!(warm::make_function(vm, &*(*frame).globals, *(*frame).consts.add(w.bc() as usize)));
                        put(base, w.a(), f.into_raw());
                        continue 'hot;
                    }
                    Op::SetFunctionAttr => {
                        let v = *base.add(w.b());
                        if v != 0 {
                            let v = take(base, w.b(), w.flags() & flag::KILL_B != 0);
                            slow::misc::set_function_attr(&*header(*base.add(w.a())).cast::<Obj<Function>>(), w.c(), Value::from_raw(v));
                            continue 'hot;
                        }
                    }
                    Op::ForGen => {}
                    // By name, so that the jump table covers every number and needs no check.
                    Op::DeleteFast | Op::LoadFastAndClear | Op::StoreFastMaybeNull | Op::Swap | Op::LoadGlobal |
                    Op::DeleteGlobal | Op::DeleteName | Op::LoadLocals | Op::DeleteDeref | Op::LoadFromDictOrDeref |
                    Op::LoadFromDictOrGlobals | Op::LoadBuildClass | Op::LoadCommon | Op::StoreAttr | Op::DeleteAttr |
                    Op::LoadMethod | Op::LoadSuperAttr | Op::LoadSuperMethod | Op::LoadSpecial | Op::DeleteSubscr |
                    Op::StoreSlice | Op::Pow | Op::MatMul | Op::Pos | Op::Invert | Op::UnpackEx | Op::BuildSet |
                    Op::BuildSlice | Op::SetAdd | Op::MapAdd | Op::ListExtend | Op::SetUpdate | Op::DictUpdate |
                    Op::DictMerge | Op::ListToTuple | Op::FormatWithSpec | Op::Convert | Op::BuildInterpolation |
                    Op::BuildTemplate | Op::CallEx | Op::CallGlobal | Op::CallAttr | Op::ImportName | Op::ImportFrom |
                    Op::ImportStar | Op::SetupAnnotations | Op::CallIntrinsic | Op::Raise | Op::Reraise |
                    Op::PushExcInfo | Op::PopExcept | Op::CheckExcMatch | Op::CheckEgMatch | Op::WithExceptStart |
                    Op::CleanupThrow |  Op::GetAwaitable | Op::GetYieldFromIter | Op::GetAiter |
                    Op::GetAnext | Op::EndAsyncFor | Op::MatchClass | Op::MatchMapping |
                    Op::MatchKeys | Op::LoadBody => {}
                }
            }
            (*frame).pc = pc;
            (*frame).skip = 0;
            let next = slow::step(vm, frame, w);
            if next.pc.is_null() {
                return slow::finish(vm);
            }
            pc = next.pc;
            reload!();
            if vm.eval_breaker.get() & crate::vm::breaker::TRACE != 0 && !vm.tracing.get() {
                (*frame).pc = pc;
                (*frame).skip = 0;
                let next = events::traced(vm);
                if next.pc.is_null() {
                    return slow::finish(vm);
                }
                pc = next.pc;
                reload!();
            }
        }
    }
}
