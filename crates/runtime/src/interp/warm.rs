//! What the loop's arms call without leaving the loop: the everyday cases of builtin types that are too long
//! for an arm. The frame's place is saved before each call that can raise or run Python code; none of them
//! pushes or pops a frame that stays.
//!
//! Safety, for all of them: words and registers are as the invariants of `vm::frames` say, `base` is the window
//! of the innermost frame and `w` its running instruction.

use taipan_bytecode::{CodeFlags, Instr, flag};

use super::words::{put, release};
use crate::core::{Obj, Payload, R, Ref, Value, tag};
use crate::native::Args;
use crate::types::bytearray::ByteArray;
use crate::types::bytes::Bytes;
use crate::types::cell::Cell;
use crate::types::code::Code;
use crate::types::dict::Dict;
use crate::types::function::{self, Function};
use crate::types::generator::Generator;
use crate::types::list::{self, List, ListIter};
use crate::types::native_fn::{BuiltinFunction, GetSetDescriptor, MethodDescriptor};
use crate::types::str::{self, Chars, Kind, Str, StrBuilder};
use crate::types::range::RangeIter;
use crate::types::tuple::{self, Tuple, TupleIter};
use crate::types::type_::{Type, TypeObject, call_type, tflag};
use crate::types::type_::slotdefs::is_python_getitem;
use crate::types::{set, slice};
use crate::vm::Vm;

/// A borrowed word seen as a value.
///
/// # Safety
/// The word is not zero and stays owned by somebody while the result is used.
#[inline(always)]
pub(super) unsafe fn value<'a>(w: &u64) -> &'a Value {
    // SAFETY: the caller; a `Value` is one word.
    unsafe { &*std::ptr::from_ref(w).cast::<Value>() }
}

/// The object behind a pointer word as a `T`, if that is exactly its type.
///
/// # Safety
/// `w` is a pointer word of a live object.
#[inline(always)]
unsafe fn exact<'a, T: Payload>(w: u64) -> Option<&'a Obj<T>> {
    // SAFETY: the caller.
    unsafe {
        let h = std::ptr::with_exposed_provenance::<taipan_memory::Header>(w as usize);
        if std::ptr::eq((*h).ty().cast(), T::TYPE.ptr()) { Some(&*h.cast::<Obj<T>>()) } else { None }
    }
}

/// An answer that only the general way can find.
pub(super) const UNKNOWN: u8 = 2;

/// Whether two words are equal, where no Python code is needed to tell: 0, 1 or [`UNKNOWN`].
///
/// # Safety
/// See the module.
#[inline(never)]
pub(super) unsafe fn equal(x: u64, y: u64) -> u8 {
    // SAFETY: the caller.
    unsafe {
        if x == 0 || y == 0 {
            return UNKNOWN;
        }
        match (tag::is_object(x), tag::is_object(y)) {
            (true, true) => {
                let (Some(a), Some(b)) = (exact::<Str>(x), exact::<Str>(y)) else { return UNKNOWN };
                u8::from(x == y || a.same_text(b))
            }
            (true, false) => if exact::<Str>(x).is_some() { 0 } else { UNKNOWN },
            (false, true) => if exact::<Str>(y).is_some() { 0 } else { UNKNOWN },
            // None, Ellipsis and NotImplemented are equal to themselves only.
            (false, false) => {
                let only = |w: u64| matches!(w, tag::NONE | tag::ELLIPSIS | tag::NOT_IMPLEMENTED);
                if only(x) || only(y) || x & !0b1000 == tag::FALSE && y & !0b1000 == tag::FALSE { u8::from(x == y) } else { UNKNOWN }
            }
        }
    }
}

/// The order of two strings, as an `Ordering`'s number; `None` where they are something else.
///
/// # Safety
/// See the module.
#[inline(never)]
pub(super) unsafe fn order(x: u64, y: u64) -> Option<std::cmp::Ordering> {
    // SAFETY: the caller.
    unsafe {
        if tag::is_object(x) && tag::is_object(y) {
            return Some(exact::<Str>(x)?.compare(exact::<Str>(y)?));
        }
        None
    }
}

/// The truth of a word, where no Python code is needed to tell: 0, 1 or [`UNKNOWN`].
///
/// # Safety
/// See the module.
#[inline(never)]
pub(super) unsafe fn truth(w: u64) -> u8 {
    // SAFETY: the caller.
    unsafe {
        if !tag::is_object(w) {
            // Floats that are held in the word are no zeros.
            return if tag::is_float(w) { 1 } else if tag::is_zero(w) { 0 } else { UNKNOWN };
        }
        if let Some(s) = exact::<Str>(w) {
            return u8::from(!s.is_empty());
        }
        if let Some(l) = exact::<List>(w) {
            return u8::from(!l.is_empty());
        }
        if let Some(d) = exact::<Dict>(w) {
            return u8::from(!d.is_empty());
        }
        if let Some(t) = exact::<Tuple>(w) {
            return u8::from(!t.is_empty());
        }
        let slots = value(&w).ty().slots();
        if slots.bool.is_none() && slots.len.is_none() { 1 } else { UNKNOWN }
    }
}

/// `item in container`.
#[inline(never)]
pub(super) fn contains(vm: &Vm, container: &Value, item: &Value) -> R<bool> {
    if let Some(d) = container.downcast_exact::<Dict>() {
        return d.contains(vm, item);
    }
    if let Some(s) = set::exact_data(container) {
        return s.contains(vm, item);
    }
    if let (Some(s), Some(sub)) = (container.downcast_exact::<Str>(), item.downcast_exact::<Str>()) {
        // One character in a short text is the everyday case.
        if let (Chars::Ascii(s), Chars::Ascii(sub)) = (s.chars(), sub.chars())
            && let ([b], true) = (sub.as_bytes(), s.len() <= 16)
        {
            return Ok(s.as_bytes().contains(b));
        }
    }
    vm.contains(container, item)
}

/// `o[key]`; `None` where a Python function must run in the loop.
#[inline(never)]
pub(super) fn getitem(vm: &Vm, o: &Value, key: &Value) -> R<Option<Value>> {
    if let Some(d) = o.downcast_exact::<Dict>() {
        if let Some(v) = d.get(vm, key)? {
            return Ok(Some(v));
        }
    } else if let Some(n) = key.as_small() {
        let place = |len: usize| {
            let i = if n < 0 { n + len as i64 } else { n };
            usize::try_from(i).ok().filter(|&i| i < len)
        };
        if let Some(s) = o.downcast_exact::<Str>() {
            if let Some(i) = place(s.len()) {
                let ch = s.char_at(i);
                return Ok(Some(if ch < 0x80 { crate::vm::single_char(ch as u8).into_value() } else { str::from_char(ch).into_value() }));
            }
        } else if let Some(b) = o.downcast_exact::<Bytes>() {
            if let Some(i) = place(b.len()) {
                return Ok(Some(Value::small(i32::from(b.as_slice()[i]))));
            }
        } else if let Some(b) = o.downcast_exact::<ByteArray>()
            && let Some(i) = place(b.len())
            && let Some(&x) = b.view().get(i)
        {
            return Ok(Some(Value::small(i32::from(x))));
        }
    }
    if o.ty().slots().getitem.is_some_and(is_python_getitem) {
        return Ok(None);
    }
    vm.getitem(o, key).map(Some)
}

/// `o[start:stop]`.
#[inline(never)]
pub(super) fn getslice(vm: &Vm, o: &Value, start: &Value, stop: &Value) -> R {
    let bounds = |len: usize| {
        let bound = |v: &Value, default: usize| match v.as_small() {
            Some(n) if n < 0 => Some((n + len as i64).max(0) as usize),
            Some(n) => Some((n as usize).min(len)),
            None if v.is_none() => Some(default),
            None => None,
        };
        let (a, b) = (bound(start, 0)?, bound(stop, len)?);
        Some((a, b.max(a)))
    };
    if let Some(s) = o.downcast_exact::<Str>() {
        if let Some((a, b)) = bounds(s.len()) {
            return Ok(if b - a == s.len() { o.clone() } else { s.substring(a, b).into_value() });
        }
    } else if let Some(l) = o.downcast_exact::<List>() {
        if let Some((a, b)) = bounds(l.len()) {
            let mut out = Vec::new();
            if !list::seq::reserve(&mut out, b - a) {
                return Err(vm.memory_error());
            }
            out.extend_from_slice(&l.items().borrow()[a..b]);
            return Ok(list::from_vec(out).into_value());
        }
    } else if let Some(t) = o.downcast_exact::<Tuple>()
        && let Some((a, b)) = bounds(t.len())
    {
        return Ok(if b - a == t.len() { o.clone() } else { tuple::from_slice(&t.as_slice()[a..b]).into_value() });
    }
    vm.getitem(o, &slice::new(start.clone(), stop.clone(), Value::NONE))
}

/// `o[key] = v`.
#[inline(never)]
pub(super) fn setitem(vm: &Vm, o: &Value, key: &Value, v: &Value) -> R<()> {
    if let Some(d) = o.downcast_exact::<Dict>() {
        return d.set(vm, key.clone(), v.clone());
    }
    if let (Some(b), Some(n), Some(x)) = (o.downcast_exact::<ByteArray>(), key.as_small(), v.as_small()) {
        let i = if n < 0 { n + b.len() as i64 } else { n };
        if let (Ok(x), Ok(i)) = (u8::try_from(x), usize::try_from(i))
            && i < b.len()
        {
            b.store().borrow_mut().bytes_mut()[i] = x;
            return Ok(());
        }
    }
    vm.setitem(o, key, v)
}

/// Calls a native function or method with the `n` arguments from register `first` on; the callee's register `a` and
/// the arguments are given up, the result goes to `dst`. False if the callee is something else.
///
/// # Safety
/// See the module; `f` stays alive, or its table entry does (those are static).
#[inline(always)]
pub(super) unsafe fn call_native(vm: &Vm, base: *mut u64, f: u64, a: usize, first: usize, n: usize, dst: usize) -> R<bool> {
    // SAFETY: the caller.
    unsafe {
        if (first..first + n).any(|r| *base.add(r) == 0) {
            return Ok(false);
        }
        let args = Args::pos(Value::slice_from_raw(base.add(first), n));
        let r = if let Some(d) = exact::<MethodDescriptor>(f) {
            (d.def.call)(vm, args)?
        } else if let Some(b) = exact::<BuiltinFunction>(f) {
            match b.plain() {
                Some(native) => native(vm, args)?,
                None => return call_bound(vm, b, base, a, first, n, dst),
            }
        } else if exact::<Type>(f).is_some()
            && let Some(class) = value(&f).as_type()
            && !class.has(tflag::HEAP)
        {
            call_type(vm, class, args)?
        } else {
            return Ok(false);
        };
        for i in first..first + n {
            release(std::mem::replace(&mut *base.add(i), 0));
        }
        release(std::mem::replace(&mut *base.add(a), 0));
        put(base, dst, r.into_raw());
        Ok(true)
    }
}

/// As [`call_native`] for a builtin function that is bound to an object.
///
/// # Safety
/// As [`call_native`].
#[inline(never)]
unsafe fn call_bound(vm: &Vm, f: &Obj<BuiltinFunction>, base: *mut u64, a: usize, first: usize, n: usize, dst: usize) -> R<bool> {
    // SAFETY: the caller; the clone keeps the object that the call is bound to.
    unsafe {
        let f = f.to_ref();
        let r = f.invoke(vm, Args::pos(Value::slice_from_raw(base.add(first), n)))?;
        for i in first..first + n {
            release(std::mem::replace(&mut *base.add(i), 0));
        }
        release(std::mem::replace(&mut *base.add(a), 0));
        put(base, dst, r.into_raw());
        Ok(true)
    }
}

/// `CALL` of something native.
///
/// # Safety
/// See the module.
#[inline(never)]
pub(super) unsafe fn call(vm: &Vm, base: *mut u64, w: Instr) -> R<bool> {
    // SAFETY: the caller.
    unsafe {
        let (a, mut n, mut first) = (w.a(), w.b(), w.a() + 1);
        if w.flags() & flag::METHOD != 0 {
            if *base.add(first) == 0 {
                first += 1;
            } else {
                n += 1;
            }
        }
        call_native(vm, base, *base.add(a), a, first, n, w.c())
    }
}

/// `CALL_GLOBAL` whose callee was found.
///
/// # Safety
/// See the module.
#[inline(never)]
pub(super) unsafe fn call_global(vm: &Vm, base: *mut u64, w: Instr, f: u64) -> R<bool> {
    // SAFETY: the caller.
    unsafe { call_native(vm, base, f, w.a(), w.a() + 1, w.b(), w.c()) }
}

/// `CALL_ATTR` whose method was found.
///
/// # Safety
/// See the module.
#[inline(never)]
pub(super) unsafe fn call_method(vm: &Vm, base: *mut u64, w: Instr, f: u64) -> R<bool> {
    // SAFETY: the caller.
    unsafe { call_native(vm, base, f, w.a(), w.a() + 1, w.b() + 1, w.c()) }
}

/// The next item for a loop. `Ok(Err(false))`: exhausted; `Ok(Err(true))`: the general way must be gone.
#[inline(never)]
pub(super) fn next(vm: &Vm, it: &Value) -> R<Result<Value, bool>> {
    let Some(f) = it.ty().slots().next else { return Ok(Err(true)) };
    // Generators run in the loop; the others have an opcode of their own.
    let otherwise = it.downcast_exact::<Generator>().is_some()
        || it.downcast_exact::<RangeIter>().is_some()
        || it.downcast_exact::<ListIter>().is_some()
        || it.downcast_exact::<TupleIter>().is_some();
    if otherwise {
        return Ok(Err(true));
    }
    match f(vm, it)? {
        Some(v) => Ok(Ok(v)),
        None => {
            vm.forget_stop_value();
            Ok(Err(false))
        }
    }
}

/// A consumed run of registers as a tuple.
///
/// # Safety
/// See the module.
#[inline(never)]
pub(super) unsafe fn build_tuple(base: *mut u64, w: Instr) -> bool {
    // SAFETY: the caller; the counts move.
    unsafe {
        let from = base.add(w.b());
        if (0..w.c()).any(|i| *from.add(i) == 0) {
            return false;
        }
        let t = tuple::take_raw(from, w.c());
        from.write_bytes(0, w.c());
        put(base, w.a(), t.into_value().into_raw());
        true
    }
}

/// A consumed run of registers as a list.
///
/// # Safety
/// See the module.
#[inline(never)]
pub(super) unsafe fn build_list(base: *mut u64, w: Instr) -> bool {
    // SAFETY: the caller; the counts move.
    unsafe {
        let (from, n) = (base.add(w.b()), w.c());
        if (0..n).any(|i| *from.add(i) == 0) {
            return false;
        }
        let mut items: Vec<Value> = Vec::with_capacity(n);
        std::ptr::copy_nonoverlapping(from, items.as_mut_ptr().cast::<u64>(), n);
        items.set_len(n);
        from.write_bytes(0, n);
        put(base, w.a(), list::from_vec(items).into_value().into_raw());
        true
    }
}

/// A consumed run of keys and values as a dict.
///
/// # Safety
/// See the module.
#[inline(never)]
pub(super) unsafe fn build_map(vm: &Vm, base: *mut u64, w: Instr) -> R<bool> {
    // SAFETY: the caller; the counts move.
    unsafe {
        let (from, n) = (base.add(w.b()), w.c() * 2);
        if (0..n).any(|i| *from.add(i) == 0) {
            return Ok(false);
        }
        let d = Ref::new(Dict::new());
        for i in (0..n).step_by(2) {
            let take = |i: usize| Value::from_raw(std::mem::replace(&mut *from.add(i), 0));
            d.set(vm, take(i), take(i + 1))?;
        }
        put(base, w.a(), d.into_value().into_raw());
        Ok(true)
    }
}

/// A consumed run of strings, joined.
///
/// # Safety
/// See the module.
#[inline(never)]
pub(super) unsafe fn build_string(base: *mut u64, w: Instr) -> bool {
    // SAFETY: the caller.
    unsafe {
        let (from, n) = (base.add(w.b()), w.c());
        let (mut len, mut ascii) = (0, true);
        for i in 0..n {
            let x = *from.add(i);
            if !tag::is_object(x) {
                return false;
            }
            let Some(s) = value(&x).downcast::<Str>() else { return false };
            len += s.len();
            ascii &= s.kind() == Kind::Ascii;
        }
        let joined = if ascii {
            let fill = |to: *mut u8| {
                let mut to = to;
                for i in 0..n {
                    let s = value(&*from.add(i)).downcast_unchecked::<Str>();
                    std::ptr::copy_nonoverlapping(s.as_bytes().as_ptr(), to, s.len());
                    to = to.add(s.len());
                }
            };
            match str::new_with(len, Kind::Ascii, fill) {
                Some(s) => s.into_value(),
                None => return false,
            }
        } else {
            let mut out = StrBuilder::with_capacity(len);
            for i in 0..n {
                out.push_obj(value(&*from.add(i)).downcast_unchecked::<Str>());
            }
            out.finish()
        };
        for i in 0..n {
            release(std::mem::replace(&mut *from.add(i), 0));
        }
        put(base, w.a(), joined.into_raw());
        true
    }
}

/// `format(v, '')` of the builtin types that need no call; `None` for the others.
#[inline(never)]
pub(super) fn format_simple(v: &Value) -> Option<Value> {
    if v.downcast_exact::<Str>().is_some() {
        return Some(v.clone());
    }
    let n = v.as_small()?;
    if (0..10).contains(&n) {
        return Some(crate::vm::single_char(b'0' + n as u8).into_value());
    }
    let mut buffer = [0u8; 20];
    let mut at = buffer.len();
    let mut rest = n.unsigned_abs();
    while rest > 0 {
        at -= 1;
        buffer[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    if n < 0 {
        at -= 1;
        buffer[at] = b'-';
    }
    let digits = &buffer[at..];
    // SAFETY: ASCII digits, and the size is theirs.
    unsafe { str::new_with(digits.len(), Kind::Ascii, |p| std::ptr::copy_nonoverlapping(digits.as_ptr(), p, digits.len())).map(Ref::into_value) }
}

/// The items of a sequence of just `w.c()` into as many registers; false where that is not so.
///
/// # Safety
/// See the module.
#[inline(never)]
pub(super) unsafe fn unpack_list(base: *mut u64, w: Instr) -> bool {
    // SAFETY: the caller.
    unsafe {
        let o = *base.add(w.b());
        let Some(l) = exact::<List>(o) else { return false };
        let n = w.c();
        if l.len() != n || n > 8 {
            return false;
        }
        let mut items = [0u64; 8];
        for (to, v) in items.iter_mut().zip(l.items().borrow().iter()) {
            *to = v.clone().into_raw();
        }
        if w.flags() & flag::KILL_B != 0 {
            release(std::mem::replace(&mut *base.add(w.b()), 0));
        }
        for (i, &x) in items.iter().enumerate().take(n) {
            put(base, w.a() + i, x);
        }
        true
    }
}

/// Whether the loop can resume what the pointer word refers to as a generator or coroutine.
///
/// # Safety
/// See the module.
#[inline(always)]
pub(super) unsafe fn is_inline_generator(w: u64) -> bool {
    // SAFETY: the caller.
    unsafe { value(&w).downcast::<Generator>().is_some_and(|g| g.can_inline()) }
}

/// `isinstance(o, class)` where it takes no Python code to tell.
#[inline(never)]
pub(super) unsafe fn isinstance(o: u64, class: u64) -> Option<bool> {
    // SAFETY: the caller: words of registers.
    unsafe { crate::types::object::quick_isinstance(value(&o), value(&class)) }
}

/// What the getter of a native descriptor, the word `d`, gives for the instance `o` of its class.
#[inline(never)]
pub(super) unsafe fn get_native(vm: &Vm, o: u64, d: u64) -> R {
    // SAFETY: the caller: the cache's version vouches for the descriptor and the instance's type.
    unsafe {
        match value(&d).downcast_exact::<GetSetDescriptor>() {
            Some(g) => g.get(vm, value(&o)),
            None => Err(vm.system_error("the cache of LOAD_ATTR holds no descriptor")),
        }
    }
}

/// A new instance of a class with object's `__new__`, as an owned word.
#[inline(never)]
pub(super) fn new_instance(class: &TypeObject) -> u64 {
    crate::types::object::new_instance(class).into_raw()
}

/// Completes the arguments of a call with the function's defaults, if that is all it takes; `argc` becomes the number
/// of parameters.
///
/// # Safety
/// `args` is the place of the `argc` arguments, with room for the function's registers.
#[inline(never)]
pub(super) unsafe fn fill_defaults(func: &Function, args: *mut u64, argc: &mut usize) -> bool {
    let want = func.simple_argc.get() as usize;
    let n = *argc;
    if want == NOT_SIMPLE || n >= want {
        return false;
    }
    let defaults = func.defaults.borrow();
    let Some(d) = defaults.downcast_exact::<Tuple>().filter(|d| d.len() >= want - n) else { return false };
    for i in n..want {
        // SAFETY: the caller.
        unsafe { *args.add(i) = d.as_slice()[d.len() - (want - i)].clone().into_raw() };
    }
    *argc = want;
    true
}

/// `simple_argc` of a function whose calls need more than counting.
const NOT_SIMPLE: usize = u32::MAX as usize;

/// Puts arguments, the last of which are named by the tuple word `names`, in the order of the parameters, with defaults
/// for those that are missing; false, and nothing has changed, where it takes more than that.
///
/// # Safety
/// As [`fill_defaults`].
#[inline(never)]
pub(super) unsafe fn bind_names(func: &Function, args: *mut u64, argc: &mut usize, names: u64) -> bool {
    const MOST: usize = 24;
    // SAFETY: the caller; a word that moves to `slots` is written back to one place.
    unsafe {
        let code = func.code.borrow();
        let Some(names) = exact::<Tuple>(names) else { return false };
        let (want, n) = (code.nparams as usize, *argc);
        if code.has(CodeFlags::VARARGS | CodeFlags::VARKEYWORDS) || want > MOST || n > want {
            return false;
        }
        let (positional, posonly) = (n - names.len(), code.posonly as usize);
        let argcount = code.argcount as usize;
        if positional > argcount {
            return false;
        }
        let mut slots = [0u64; MOST];
        for i in 0..positional {
            slots[i] = *args.add(i);
        }
        for (i, name) in names.as_slice().iter().enumerate() {
            let Some(at) = code.varnames()[..want].iter().position(|p| p.is(name)) else { return false };
            let v = *args.add(positional + i);
            if at < posonly || slots[at] != 0 || v == 0 {
                return false;
            }
            slots[at] = v;
        }
        let defaults = func.defaults.borrow();
        let defaults = defaults.downcast_exact::<Tuple>().map_or(&[][..], |t| t.as_slice());
        let kwdefaults = func.kwdefaults.borrow();
        let given = slots;
        for at in 0..want {
            if given[at] != 0 {
                continue;
            }
            let default = if at < argcount {
                (at + defaults.len()).checked_sub(argcount).and_then(|i| defaults.get(i)).cloned()
            } else {
                kwdefaults.downcast_exact::<Dict>().and_then(|d| d.get_name(&code.varnames()[at]))
            };
            match default {
                Some(v) => slots[at] = v.into_raw(),
                None => {
                    for i in 0..at {
                        if given[i] == 0 {
                            release(slots[i]);
                        }
                    }
                    return false;
                }
            }
        }
        for (i, &w) in slots.iter().enumerate().take(want) {
            *args.add(i) = w;
        }
        *argc = want;
        true
    }
}

/// `MAKE_CELL`.
///
/// # Safety
/// See the module.
#[inline(never)]
pub(super) unsafe fn make_cell(base: *mut u64, r: usize) {
    // SAFETY: the caller; the register's count moves to the cell.
    unsafe {
        let w = *base.add(r);
        let held = (w != 0).then(|| Value::from_raw(w));
        *base.add(r) = Ref::new(Cell::holding(held)).into_value().into_raw();
    }
}

/// `COPY_FREE_VARS`.
///
/// # Safety
/// See the module.
#[inline(never)]
pub(super) unsafe fn copy_free_vars(func: &Function, to: *mut u64, n: usize) {
    let closure = func.closure.borrow();
    let Some(cells) = closure.downcast_exact::<Tuple>() else { return };
    for (i, c) in cells.as_slice().iter().enumerate().take(n) {
        // SAFETY: the caller.
        unsafe { put(to, i, c.clone().into_raw()) };
    }
}

/// `MAKE_FUNCTION` of a constant's word.
#[inline(never)]
pub(super) fn make_function(vm: &Vm, globals: &Obj<Dict>, code: u64) -> R {
    // SAFETY: constants are values.
    match unsafe { value(&code) }.downcast_exact::<Code>() {
        Some(code) => function::new(vm, code.clone(), globals.to_ref()).map(Ref::into_value),
        None => Err(vm.system_error("constant is no code")),
    }
}
