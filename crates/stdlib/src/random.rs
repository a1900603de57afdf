//! `_random`: the Mersenne Twister (Matsumoto and Nishimura, 1998: MT19937).

use taipan_macros::{Trace, class, module};
use taipan_runtime::core::{NoTrace, PyCell, R, Ref, Value};
use taipan_runtime::native::{Args, TypeDef};
use taipan_runtime::types::int;
use taipan_runtime::types::tuple::{self, Tuple};
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::vm::Vm;

/// The classes of this module.
pub const TYPES: &[&TypeDef] = &[Random::DEF];

module! {
    /// Module implements the Mersenne Twister random number generator.
    name = "_random",
    types(Random),
}

const N: usize = 624;
const M: usize = 397;

struct Twister {
    state: [u32; N],
    index: usize,
}

impl Twister {
    fn seeded(seed: u32) -> Self {
        let mut state = [0u32; N];
        state[0] = seed;
        for i in 1..N {
            let x = state[i - 1];
            state[i] = 1_812_433_253u32.wrapping_mul(x ^ (x >> 30)).wrapping_add(i as u32);
        }
        Self { state, index: N }
    }

    fn from_key(key: &[u32]) -> Self {
        let mut t = Self::seeded(19_650_218);
        let (mut i, mut j) = (1, 0);
        for _ in 0..N.max(key.len()) {
            let x = t.state[i - 1];
            t.state[i] = (t.state[i] ^ (x ^ (x >> 30)).wrapping_mul(1_664_525)).wrapping_add(key[j]).wrapping_add(j as u32);
            i += 1;
            j += 1;
            if i >= N {
                t.state[0] = t.state[N - 1];
                i = 1;
            }
            if j >= key.len() {
                j = 0;
            }
        }
        for _ in 1..N {
            let x = t.state[i - 1];
            t.state[i] = (t.state[i] ^ (x ^ (x >> 30)).wrapping_mul(1_566_083_941)).wrapping_sub(i as u32);
            i += 1;
            if i >= N {
                t.state[0] = t.state[N - 1];
                i = 1;
            }
        }
        t.state[0] = 0x8000_0000;
        t
    }

    /// The next numbers of the state.
    #[cold]
    fn turn(&mut self) {
        fn mix(high: u32, low: u32) -> u32 {
            let y = high & 0x8000_0000 | low & 0x7fff_ffff;
            y >> 1 ^ (y & 1).wrapping_neg() & 0x9908_b0df
        }
        let s = &mut self.state;
        for k in 0..N - M {
            s[k] = s[k + M] ^ mix(s[k], s[k + 1]);
        }
        for k in N - M..N - 1 {
            s[k] = s[k + M - N] ^ mix(s[k], s[k + 1]);
        }
        s[N - 1] = s[M - 1] ^ mix(s[N - 1], s[0]);
        self.index = 0;
    }

    #[inline]
    fn next(&mut self) -> u32 {
        if self.index >= N {
            self.turn();
        }
        let mut y = self.state[self.index];
        self.index += 1;
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c_5680;
        y ^= (y << 15) & 0xefc6_0000;
        y ^ (y >> 18)
    }
}

/// The payload of Random.
#[derive(Trace)]
pub struct Random {
    twister: PyCell<NoTrace<Box<Twister>>>,
}

/// 32-bit pieces of the absolute value of an int, least first; at least one.
fn key_of(n: int::IntRef<'_>) -> Vec<u32> {
    let magnitude = n.to_big().into_parts().1;
    let mut key: Vec<u32> = magnitude
        .to_le_bytes()
        .chunks(4)
        .map(|c| c.iter().rev().fold(0, |a, &b| a << 8 | u32::from(b)))
        .collect();
    if key.is_empty() {
        key.push(0);
    }
    key
}

fn seed(vm: &Vm, this: &Ref<Random>, arg: Option<&Value>) -> R<()> {
    let key = match arg.filter(|a| !a.is_none()) {
        None => {
            let mut raw = [0u8; N * 4];
            taipan_host::random::fill(&mut raw).map_err(|e| vm.os_error(e.0, None))?;
            raw.chunks_exact(4).map(|c| u32::from_le_bytes([c[0], c[1], c[2], c[3]])).collect()
        }
        Some(a) => match int::get(a) {
            Some(n) => key_of(n),
            None => {
                let h = vm.hash(a)? as u64;
                match (h as u32, (h >> 32) as u32) {
                    (low, 0) => vec![low],
                    (low, high) => vec![low, high],
                }
            }
        },
    };
    this.twister.set(NoTrace(Box::new(Twister::from_key(&key))));
    Ok(())
}

/// Random() -> create a random number generator with its own internal state.
#[class(name = "Random", module = "_random", flags(BASETYPE))]
impl Random {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R {
        let r = Ref::new_of(cls, Random { twister: PyCell::new(NoTrace(Box::new(Twister::seeded(0)))) });
        if r.is_exact() {
            if !args.names.is_empty() {
                return Err(vm.type_error("Random() takes no keyword arguments"));
            }
            if args.all.len() > 1 {
                return Err(vm.type_error("Random() requires 0 or 1 argument"));
            }
        }
        seed(vm, &r, args.positional().first())?;
        Ok(r.into_value())
    }

    #[slot]
    fn init(_vm: &Vm, _this: &Ref<Self>, _args: Args<'_>) -> R<()> {
        Ok(())
    }

    /// random() -> x in the interval [0, 1).
    #[method(sig = "()")]
    fn random(_vm: &Vm, this: &Ref<Self>) -> f64 {
        let mut t = this.twister.borrow_mut();
        let (a, b) = (t.next() >> 5, t.next() >> 6);
        (f64::from(a) * 67_108_864.0 + f64::from(b)) * (1.0 / 9_007_199_254_740_992.0)
    }

    /// seed([n]) -> None.
    #[method(sig = "(n=None, /)")]
    fn seed(vm: &Vm, this: &Ref<Self>, n: Option<&Value>) -> R<()> {
        seed(vm, this, n)
    }

    /// getrandbits(k) -> x. Generates an int with k random bits.
    #[method(sig = "(k, /)")]
    fn getrandbits(vm: &Vm, this: &Ref<Self>, k: &Value) -> R {
        let k = match k.as_small() {
            Some(k) => Some(k),
            None => {
                let k = int::index(vm, k)?;
                let negative = int::get(&k).is_some_and(int::IntRef::is_negative);
                if negative { Some(-1) } else { int::get(&k).and_then(int::IntRef::to_i64) }
            }
        };
        let Some(k) = k else { return Err(vm.overflow_error("Python int too large for C uint64_t")) };
        if k < 0 {
            return Err(vm.value_error("Cannot convert negative int"));
        }
        if k == 0 {
            return Ok(Value::small(0));
        }
        let mut t = this.twister.borrow_mut();
        if k <= 32 {
            return Ok(Value::from(t.next() >> (32 - k)));
        }
        if k <= 64 {
            let low = u64::from(t.next());
            return Ok(Value::from(u64::from(t.next() >> (64 - k)) << 32 | low));
        }
        let bytes = (k as usize).div_ceil(32).checked_mul(4).ok_or_else(|| vm.memory_error())?;
        vm.check_room(bytes)?;
        let mut raw = Vec::new();
        if taipan_memory::cache::refusing(|| raw.try_reserve_exact(bytes)).is_err() {
            return Err(vm.memory_error());
        }
        let mut left = k;
        while left > 0 {
            let mut w = t.next();
            if left < 32 {
                w >>= 32 - left;
            }
            raw.extend_from_slice(&w.to_le_bytes());
            left -= 32;
        }
        Ok(int::from_big(dashu_int::UBig::from_le_bytes(&raw).into()))
    }

    /// getstate() -> tuple containing the current state.
    #[method(sig = "()")]
    fn getstate(_vm: &Vm, this: &Ref<Self>) -> R {
        let t = this.twister.borrow();
        let mut items: Vec<Value> = t.state.iter().map(|&w| Value::from(w)).collect();
        items.push(Value::from(t.index));
        Ok(tuple::from_vec(items).into_value())
    }

    /// setstate(state) -> None. Restores generator state.
    #[method(sig = "(state, /)")]
    fn setstate(vm: &Vm, this: &Ref<Self>, state: &Value) -> R<()> {
        let Some(s) = state.downcast::<Tuple>() else { return Err(vm.type_error("state vector must be a tuple")) };
        if s.len() != N + 1 {
            return Err(vm.value_error("state vector is the wrong size"));
        }
        let mut t = Twister::seeded(0);
        for (slot, v) in t.state.iter_mut().zip(s.as_slice()) {
            let Some(n) = int::get(v) else { return Err(vm.type_error("an integer is required")) };
            if n.is_negative() {
                return Err(vm.overflow_error("can't convert negative value to unsigned int"));
            }
            *slot = match u64::try_from(n.to_big()) {
                Ok(n) => n as u32,
                Err(_) => return Err(vm.overflow_error("Python int too large to convert to C unsigned long")),
            };
        }
        let index = int::to_i64(vm, &s.as_slice()[N])?;
        if !(0..=N as i64).contains(&index) {
            return Err(vm.value_error("invalid state"));
        }
        t.index = index as usize;
        this.twister.set(NoTrace(Box::new(t)));
        Ok(())
    }
}
