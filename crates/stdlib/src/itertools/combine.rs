//! product, permutations, combinations.

use std::cell::Cell;

use taipan_macros::{Trace, class};
use taipan_runtime::core::{NoTrace, PyCell, R, Ref, Value};
use taipan_runtime::native::{Args, Nullable};
use taipan_runtime::types::int;
use taipan_runtime::types::tuple;
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::vm::Vm;

/// What all of them are made of: pools, and the indices of the last result.
#[derive(Trace)]
pub struct Product {
    pools: Vec<Vec<Value>>,
    state: PyCell<NoTrace<Vec<usize>>>,
    stopped: Cell<bool>,
    started: Cell<bool>,
}

/// Cartesian product of input iterables.
#[class(name = "product", module = "itertools", flags(BASETYPE, GC), sig = "(*iterables, repeat=1)")]
impl Product {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R {
        let mut repeat = 1;
        for (k, v) in args.named() {
            if vm.str_lossy(k) != "repeat" {
                return Err(vm.type_error(format!("product() got an unexpected keyword argument '{}'", vm.str_lossy(k))));
            }
            repeat = int::to_isize(vm, v)?;
        }
        if repeat < 0 {
            return Err(vm.value_error("repeat argument cannot be negative"));
        }
        let base = args.positional().iter().map(|v| vm.collect(v)).collect::<R<Vec<_>>>()?;
        let Some(total) = base.len().checked_mul(repeat as usize).filter(|n| *n < 1 << 28) else {
            return Err(vm.overflow_error("repeat argument too large"));
        };
        let mut pools = Vec::with_capacity(total);
        for _ in 0..repeat {
            pools.extend(base.iter().cloned());
        }
        let state = vec![0; pools.len()];
        Ok(Ref::new_of(cls, Product { pools, state: PyCell::new(NoTrace(state)), stopped: Cell::new(false), started: Cell::new(false) }).into_value())
    }

    #[slot]
    fn iter(_vm: &Vm, this: &Ref<Self>) -> R {
        Ok(this.value().clone())
    }

    #[slot]
    fn next(_vm: &Vm, this: &Ref<Self>) -> R<Option<Value>> {
        if this.stopped.get() {
            return Ok(None);
        }
        let mut s = this.state.borrow_mut();
        if this.started.replace(true) {
            let mut i = s.0.len();
            loop {
                if i == 0 {
                    this.stopped.set(true);
                    return Ok(None);
                }
                i -= 1;
                s.0[i] += 1;
                if s.0[i] < this.pools[i].len() {
                    break;
                }
                s.0[i] = 0;
            }
        } else if this.pools.iter().any(Vec::is_empty) {
            this.stopped.set(true);
            return Ok(None);
        }
        let made = tuple::filled(s.0.len(), |out| s.0.iter().zip(&this.pools).for_each(|(&i, p)| out.push(p[i].clone())));
        Ok(Some(made.into_value()))
    }
}

fn length(vm: &Vm, r: &Value) -> R<usize> {
    let n = int::to_isize(vm, r)?;
    usize::try_from(n).map_err(|_| vm.value_error("r must be non-negative"))
}

macro_rules! selection {
    ($(#[$doc:meta])* $payload:ident $name:literal $sig:literal optional $optional:literal, |$n:ident, $r:ident| $first:expr, |$s:ident, $len:ident| $advance:expr) => {
        /// The payload.
        #[derive(Trace)]
        pub struct $payload {
            pool: Vec<Value>,
            r: usize,
            state: PyCell<NoTrace<Option<Vec<usize>>>>,
            started: Cell<bool>,
        }

        $(#[$doc])*
        #[class(name = $name, module = "itertools", flags(BASETYPE, GC), sig = $sig)]
        impl $payload {
            #[slot]
            fn new(vm: &Vm, cls: &TypeObject, iterable: &Value, r: Nullable<&Value>) -> R {
                let pool = vm.collect(iterable)?;
                let $n = pool.len();
                let $r = match r.0 {
                    Some(r) => length(vm, r)?,
                    None if $optional => $n,
                    None => return Err(vm.type_error("an integer is required")),
                };
                let state: Option<Vec<usize>> = $first;
                Ok(Ref::new_of(cls, $payload { pool, r: $r, state: PyCell::new(NoTrace(state)), started: Cell::new(false) }).into_value())
            }

            #[slot]
            fn iter(_vm: &Vm, this: &Ref<Self>) -> R {
                Ok(this.value().clone())
            }

            #[slot]
            fn next(_vm: &Vm, this: &Ref<Self>) -> R<Option<Value>> {
                let mut state = this.state.borrow_mut();
                let Some($s) = &mut state.0 else { return Ok(None) };
                let ($len, r) = (this.pool.len(), this.r);
                if this.started.replace(true) {
                    let more: bool = ($advance)(r);
                    if !more {
                        state.0 = None;
                        return Ok(None);
                    }
                }
                let made = tuple::filled(r, |out| $s[..r].iter().for_each(|&i| out.push(this.pool[i].clone())));
                Ok(Some(made.into_value()))
            }
        }
    };
}

selection!(
    /// Return successive r-length permutations of elements in the iterable.
    Permutations "permutations" "(iterable, r=None)" optional true,
    // Indices of the pool, then the countdown of each place.
    |n, r| (r <= n).then(|| (0..n).chain((0..r).map(|i| n - i)).collect()),
    |s, n| |r: usize| {
        let mut i = r;
        loop {
            if i == 0 {
                break false;
            }
            i -= 1;
            s[n + i] -= 1;
            if s[n + i] == 0 {
                let moved = s[i];
                s.copy_within(i + 1..n, i);
                s[n - 1] = moved;
                s[n + i] = n - i;
            } else {
                let j = n - s[n + i];
                s.swap(i, j);
                break true;
            }
        }
    }
);
selection!(
    /// Return successive r-length combinations of elements in the iterable.
    Combinations "combinations" "(iterable, r)" optional false,
    |n, r| (r <= n).then(|| (0..r).collect()),
    |s, n| |r: usize| {
        match (0..r).rev().find(|&i| s[i] != i + n - r) {
            None => false,
            Some(i) => {
                s[i] += 1;
                for j in i + 1..r {
                    s[j] = s[j - 1] + 1;
                }
                true
            }
        }
    }
);
selection!(
    /// Return successive r-length combinations of elements in the iterable allowing individual elements to have successive repeats.
    CombinationsWithReplacement "combinations_with_replacement" "(iterable, r)" optional false,
    |n, r| (n > 0 || r == 0).then(|| vec![0; r]),
    |s, n| |r: usize| {
        match (0..r).rev().find(|&i| s[i] != n - 1) {
            None => false,
            Some(i) => {
                let v = s[i] + 1;
                s[i..r].fill(v);
                true
            }
        }
    }
);
