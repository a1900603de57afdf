//! Calls of C functions by the System V calling convention of x86-64: six words and eight floats in registers, the rest
//! on the stack. A function is called as one of variable arguments, which serves the others as well.

use std::cell::Cell;

use taipan_macros::function;
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::float;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::vm::Vm;

thread_local! {
    /// This thread's copy of errno, for functions with `use_errno`.
    static ERRNO: Cell<i32> = const { Cell::new(0) };
    /// Who is calling a C function on this thread, and whether it has let go of the lock meanwhile.
    static CALLER: Cell<(*const Vm, bool)> = const { Cell::new((std::ptr::null(), false)) };
}

/// `FUNCFLAG_PYTHONAPI`: the lock is kept.
const PYTHONAPI: i32 = 4;
/// `FUNCFLAG_USE_ERRNO`
const USE_ERRNO: i32 = 8;

/// Most words that go on the stack.
const ON_STACK: usize = 24;

/// Where the arguments of a call go.
#[derive(Default)]
struct Places {
    words: [u64; 6],
    floats: [f64; 8],
    stack: [u64; ON_STACK],
    nwords: usize,
    nfloats: usize,
    nstack: usize,
}

impl Places {
    fn push(&mut self, word: u64) -> bool {
        let Some(place) = self.stack.get_mut(self.nstack) else { return false };
        *place = word;
        self.nstack += 1;
        true
    }

    fn word(&mut self, word: u64) -> bool {
        if let Some(place) = self.words.get_mut(self.nwords) {
            *place = word;
            self.nwords += 1;
            return true;
        }
        self.push(word)
    }

    fn float(&mut self, bits: u64) -> bool {
        if let Some(place) = self.floats.get_mut(self.nfloats) {
            *place = f64::from_bits(bits);
            self.nfloats += 1;
            return true;
        }
        self.push(bits)
    }
}

/// Who called C on this thread: its state, and whether it let go of the lock.
pub(super) fn caller() -> Option<(&'static Vm, bool)> {
    let (vm, released) = CALLER.get();
    // SAFETY: set only while `call` of this very thread stands below, which has the state.
    unsafe { vm.as_ref() }.map(|vm| (vm, released))
}

/// Calls the function at an address. `kinds` has a letter for each value: i a word, d and f floats; `result` is i, d, f
/// or v (nothing).
#[function(sig = "(address, result, kinds, values, flags, /)")]
pub fn call(vm: &Vm, address: usize, result: &str, kinds: &str, values: &Ref<Tuple>, flags: i32) -> R {
    if !cfg!(all(target_arch = "x86_64", unix)) {
        return Err(vm.not_implemented_error("C functions can be called on x86-64 only"));
    }
    let mut places = Places::default();
    for (kind, v) in kinds.bytes().zip(values.as_slice()) {
        let fits = match kind {
            b'd' => places.float(float::to_f64(vm, v)?.to_bits()),
            b'f' => places.float(u64::from((float::to_f64(vm, v)? as f32).to_bits())),
            _ => places.word(super::as_word(vm, v)?),
        };
        if !fits {
            return Err(vm.not_implemented_error(format!("more than {ON_STACK} arguments on the stack")));
        }
    }
    let released = flags & PYTHONAPI == 0;
    let saved = CALLER.replace((std::ptr::from_ref(vm), released));
    let run = || {
        if flags & USE_ERRNO != 0 {
            swap_errno();
        }
        // SAFETY: see the module: address, kinds and values are as good as the program's declarations.
        let r = unsafe { places.run(address, result) };
        if flags & USE_ERRNO != 0 {
            swap_errno();
        }
        r
    };
    let raw = if released { vm.allow_threads(run) } else { run() };
    CALLER.set(saved);
    // What a callback has raised was told already; signals are looked at here.
    vm.poll()?;
    Ok(match result {
        "v" => Value::NONE,
        "d" => Value::from(f64::from_bits(raw)),
        "f" => Value::from(f64::from(f32::from_bits(raw as u32))),
        _ => Value::from(raw),
    })
}

impl Places {
    /// Calls; gives what is in the register of the result.
    ///
    /// # Safety
    /// There is a C function at the address that takes these arguments.
    unsafe fn run(&self, address: usize, result: &str) -> u64 {
        type Words = unsafe extern "C" fn(u64, ...) -> u64;
        type Floats = unsafe extern "C" fn(u64, ...) -> f64;
        let (w, d, s) = (&self.words, &self.floats, &self.stack);
        let f: *const () = std::ptr::with_exposed_provenance(address);
        macro_rules! go {
            ($ty:ty) => {{
                // SAFETY: the caller. What a function does not ask for it does not see.
                unsafe {
                    let f = std::mem::transmute::<*const (), $ty>(f);
                    if self.nstack == 0 {
                        f(w[0], w[1], w[2], w[3], w[4], w[5], d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7])
                    } else {
                        f(
                            w[0], w[1], w[2], w[3], w[4], w[5], d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7], s[0], s[1], s[2],
                            s[3], s[4], s[5], s[6], s[7], s[8], s[9], s[10], s[11], s[12], s[13], s[14], s[15], s[16], s[17],
                            s[18], s[19], s[20], s[21], s[22], s[23],
                        )
                    }
                }
            }};
        }
        match result {
            "d" | "f" => go!(Floats).to_bits(),
            _ => go!(Words),
        }
    }
}

fn swap_errno() {
    // SAFETY: this thread's own errno.
    unsafe {
        let place = libc::__errno_location();
        let mine = ERRNO.replace(*place);
        *place = mine;
    }
}

/// This thread's copy of errno.
#[function(sig = "()")]
pub fn errno(_vm: &Vm) -> i32 {
    ERRNO.get()
}

/// Sets this thread's copy of errno; gives the old one.
#[function(sig = "(value, /)")]
pub fn set_errno(_vm: &Vm, value: i32) -> i32 {
    ERRNO.replace(value)
}
