//! Python functions as C functions, without code made at run time: there is a fixed number of C functions, each of
//! which looks in a table for the Python function that it stands for at the moment.

use std::cell::Cell;
use std::sync::{Mutex, MutexGuard, PoisonError};

use taipan_macros::{Trace, class, function};
use taipan_runtime::core::{PyCell, R, Ref, Value};
use taipan_runtime::types::float;
use taipan_runtime::vm::Vm;

use super::call::caller;

/// What a C function of the table stands for.
#[derive(Clone)]
struct Slot {
    /// The word of the Python function, which the `Callback` holds.
    function: u64,
    kinds: Box<[u8]>,
    result: u8,
}

/// How many can be in use at a time, of either kind of result.
const SLOTS: usize = 128;

/// Those with a word as result first, then those with a float.
static TABLE: Mutex<[Option<Slot>; 2 * SLOTS]> = Mutex::new([const { None }; 2 * SLOTS]);

fn table() -> MutexGuard<'static, [Option<Slot>; 2 * SLOTS]> {
    TABLE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The payload of Callback.
#[derive(Trace)]
pub struct Callback {
    function: PyCell<Value>,
    slot: Cell<usize>,
}

impl Drop for Callback {
    fn drop(&mut self) {
        if let Some(place) = table().get_mut(self.slot.get()) {
            *place = None;
        }
    }
}

/// A C function that calls a Python function, as long as this lives.
#[class(name = "Callback", module = "_taipan_ffi")]
impl Callback {
    /// Where it is.
    #[getter]
    fn address(_vm: &Vm, this: &Ref<Self>) -> usize {
        address_of(this.slot.get())
    }
}

/// A C function for a Python one, which is called with raw words and floats and gives such a one. `kinds` has a letter
/// for each argument, `result` is i, d, f or v.
#[function(sig = "(function, result, kinds, /)")]
pub fn callback(vm: &Vm, function: &Value, result: &str, kinds: &str) -> R {
    if !cfg!(all(target_arch = "x86_64", unix)) {
        return Err(vm.not_implemented_error("C functions can be made on x86-64 only"));
    }
    let (words, floats) = kinds.bytes().fold((0, 0), |(w, f), k| if k == b'i' { (w + 1, f) } else { (w, f + 1) });
    if words > 6 + STACK || floats > 8 {
        return Err(vm.not_implemented_error("callbacks with that many arguments"));
    }
    let result = result.bytes().next().unwrap_or(b'v');
    let float = matches!(result, b'd' | b'f');
    let mut table = table();
    let first = if float { SLOTS } else { 0 };
    let Some(slot) = (first..first + SLOTS).find(|&n| table[n].is_none()) else {
        drop(table);
        return Err(vm.raise_msg(&taipan_runtime::types::exceptions::MEMORY_ERROR, &format!("{SLOTS} callbacks are in use")));
    };
    table[slot] = Some(Slot { function: function.raw(), kinds: kinds.as_bytes().into(), result });
    drop(table);
    Ok(Ref::new(Callback { function: PyCell::new(function.clone()), slot: Cell::new(slot) }).into_value())
}

/// Words on the stack that a callback can see.
const STACK: usize = 8;

/// Calls what a slot stands for; gives the bits of the result.
fn enter(slot: usize, words: [u64; 6], floats: [f64; 8], stack: [u64; STACK]) -> u64 {
    let Some((vm, released)) = caller() else {
        // Threads that Python has not started have no state here.
        eprintln!("a ctypes callback was called by a thread that Python does not know; it gives 0");
        return 0;
    };
    if released {
        vm.enter();
    }
    let r = called(vm, slot, words, floats, stack);
    if released {
        vm.leave();
    }
    r
}

fn called(vm: &Vm, slot: usize, words: [u64; 6], floats: [f64; 8], stack: [u64; STACK]) -> u64 {
    let Some(s) = table().get(slot).cloned().flatten() else {
        eprintln!("a ctypes callback was called that lives no more; it gives 0");
        return 0;
    };
    // SAFETY: the slot is there, so the `Callback` is, which holds the function; the lock is held.
    let function = Value::clone(&std::mem::ManuallyDrop::new(unsafe { Value::from_raw(s.function) }));
    let mut words = words.into_iter().chain(stack);
    let mut floats = floats.into_iter();
    let args: Vec<Value> = s
        .kinds
        .iter()
        .map(|k| match k {
            b'd' => Value::from(floats.next().unwrap_or_default()),
            b'f' => Value::from(f64::from(f32::from_bits(floats.next().unwrap_or_default().to_bits() as u32))),
            _ => Value::from(words.next().unwrap_or_default()),
        })
        .collect();
    let raw = vm.call(&function, &args).and_then(|v| match s.result {
        b'd' => Ok(float::to_f64(vm, &v)?.to_bits()),
        b'f' => Ok(u64::from((float::to_f64(vm, &v)? as f32).to_bits())),
        _ => super::as_word(vm, &v),
    });
    match raw {
        Ok(raw) => raw,
        Err(r) => {
            vm.unraisable(r, Some("Exception ignored while calling ctypes callback function"), &function);
            0
        }
    }
}

macro_rules! doors {
    ($($n:literal)*) => {
        const WORDS: [door::Word; SLOTS] = [$(word::<$n>),*];
        const FLOATS: [door::Float; SLOTS] = [$(float::<$n>),*];
    };
}

/// The C functions of the table: with room for six words and eight floats in registers, and words on the stack.
mod door {
    use super::STACK;
    const _: () = assert!(STACK == 8);
    pub(super) type Word = extern "C" fn(
        u64, u64, u64, u64, u64, u64, f64, f64, f64, f64, f64, f64, f64, f64, u64, u64, u64, u64, u64, u64, u64, u64,
    ) -> u64;
    pub(super) type Float = extern "C" fn(
        u64, u64, u64, u64, u64, u64, f64, f64, f64, f64, f64, f64, f64, f64, u64, u64, u64, u64, u64, u64, u64, u64,
    ) -> f64;
}

#[rustfmt::skip]
extern "C" fn word<const N: usize>(
    a: u64, b: u64, c: u64, d: u64, e: u64, f: u64, p: f64, q: f64, r: f64, s: f64, t: f64, u: f64, v: f64, w: f64,
    g: u64, h: u64, i: u64, j: u64, k: u64, l: u64, m: u64, n: u64,
) -> u64 {
    enter(N, [a, b, c, d, e, f], [p, q, r, s, t, u, v, w], [g, h, i, j, k, l, m, n])
}

#[rustfmt::skip]
extern "C" fn float<const N: usize>(
    a: u64, b: u64, c: u64, d: u64, e: u64, f: u64, p: f64, q: f64, r: f64, s: f64, t: f64, u: f64, v: f64, w: f64,
    g: u64, h: u64, i: u64, j: u64, k: u64, l: u64, m: u64, n: u64,
) -> f64 {
    f64::from_bits(enter(SLOTS + N, [a, b, c, d, e, f], [p, q, r, s, t, u, v, w], [g, h, i, j, k, l, m, n]))
}

doors!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40 41
    42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64 65 66 67 68 69 70 71 72 73 74 75 76 77 78 79 80 81
    82 83 84 85 86 87 88 89 90 91 92 93 94 95 96 97 98 99 100 101 102 103 104 105 106 107 108 109 110 111 112 113 114 115
    116 117 118 119 120 121 122 123 124 125 126 127);

fn address_of(slot: usize) -> usize {
    match WORDS.get(slot) {
        Some(f) => (*f as *const ()).expose_provenance(),
        None => FLOATS.get(slot - SLOTS).map_or(0, |f| (*f as *const ()).expose_provenance()),
    }
}
