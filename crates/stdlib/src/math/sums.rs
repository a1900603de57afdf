//! Sums and products: `fsum`, `sumprod`, `prod`.

use taipan_macros::function;
use taipan_runtime::core::{R, Value};
use taipan_runtime::types::float;
use taipan_runtime::types::int::{self, IntRef};
use taipan_runtime::types::type_::BinOp;
use taipan_runtime::vm::Vm;

/// An exact sum of floats: numbers of rising size whose bits do not overlap (Shewchuk's expansion).
#[derive(Default)]
struct Exact {
    parts: Vec<f64>,
}

impl Exact {
    /// Adds a finite number; false if the sum overflows, which leaves nothing of use.
    fn add(&mut self, x: f64) -> bool {
        let mut x = x;
        let mut kept = 0;
        for i in 0..self.parts.len() {
            let y = self.parts[i];
            let (large, small) = if x.abs() < y.abs() { (y, x) } else { (x, y) };
            let sum = large + small;
            let lost = small - (sum - large);
            if lost != 0.0 {
                self.parts[kept] = lost;
                kept += 1;
            }
            x = sum;
        }
        self.parts.truncate(kept);
        if x != 0.0 {
            self.parts.push(x);
        }
        x.is_finite()
    }

    /// The float nearest to the sum, ties to even.
    fn round(&self) -> f64 {
        let mut left = self.parts.iter().rev().copied();
        let Some(mut sum) = left.next() else {
            return 0.0;
        };
        let mut lost = 0.0;
        for y in left.by_ref() {
            let x = sum;
            sum = x + y;
            lost = y - (sum - x);
            if lost != 0.0 {
                break;
            }
        }
        // What is left may break a tie that looked like one.
        if let Some(next) = left.next()
            && lost != 0.0
            && (lost < 0.0) == (next < 0.0)
        {
            let twice = lost * 2.0;
            let up = sum + twice;
            if up - sum == twice {
                sum = up;
            }
        }
        sum
    }
}

/// The exact sum of numbers, rounded once to a float.
///
/// Raises OverflowError if the sum of a part is beyond all floats, ValueError for opposite infinities.
#[function(sig = "(seq, /)")]
pub fn fsum(vm: &Vm, seq: &Value) -> R<f64> {
    let mut sum = Exact::default();
    // Infinities and NaN are summed apart.
    let (mut special, mut infinite) = (None, 0.0);
    vm.for_each(seq, |v| {
        let x = float::to_f64(vm, &v)?;
        if !x.is_finite() {
            if x.is_infinite() {
                infinite += x;
            }
            special = Some(special.unwrap_or(0.0) + x);
            sum = Exact::default();
        } else if !sum.add(x) {
            return Err(vm.overflow_error("intermediate overflow in fsum"));
        }
        Ok(())
    })?;
    match special {
        None => Ok(sum.round()),
        Some(_) if infinite.is_nan() => Err(vm.value_error("-inf + inf in fsum")),
        Some(x) => Ok(x),
    }
}

/// An int that is no bool and of int's own class.
fn exact_int(v: &Value) -> Option<IntRef<'_>> {
    if v.ty().is(int::INT.get()) {
        int::get(v)
    } else {
        None
    }
}

fn exact_float(v: &Value) -> Option<f64> {
    if v.ty().is(float::FLOAT.get()) {
        float::get(v)
    } else {
        None
    }
}

/// Two numbers one of which is a float and the other a float, int or bool.
fn floats(a: &Value, b: &Value) -> Option<(f64, f64)> {
    let whole = |v: &Value| {
        let n = exact_int(v).or_else(|| v.as_bool().map(|b| IntRef::Small(b.into())))?;
        let x = match n {
            IntRef::Small(n) => n as f64,
            IntRef::Big(b) => int::nearest(b),
        };
        x.is_finite().then_some(x)
    };
    match (exact_float(a), exact_float(b)) {
        (Some(x), Some(y)) => Some((x, y)),
        (Some(x), None) => Some((x, whole(b)?)),
        (None, Some(y)) => Some((whole(a)?, y)),
        (None, None) => None,
    }
}

/// A sum of products. Ints at the start are summed as machine ints, then floats exactly, the rest by Python's
/// operators.
struct Total {
    value: Value,
    ints: Option<i64>,
    floats: Option<Exact>,
    /// Whether anything was added to `floats`, be it zero.
    used: bool,
}

impl Total {
    fn add(&mut self, vm: &Vm, a: &Value, b: &Value) -> R<()> {
        if let Some(sum) = self.ints {
            let small = |v| exact_int(v).and_then(IntRef::to_i64);
            if let (Some(x), Some(y)) = (small(a), small(b))
                && let Some(sum) = x
                    .checked_mul(y)
                    .and_then(|product| sum.checked_add(product))
            {
                self.ints = Some(sum);
                return Ok(());
            }
            self.ints = None;
            self.value = int::add(vm, &self.value, &Value::from(sum))?;
        }
        if let Some(sum) = &mut self.floats {
            if let Some((x, y)) = floats(a, b) {
                let product = x * y;
                // Far from overflow, or NaN.
                let size = sum.parts.last().map_or(0.0, |p| p.abs()) + product.abs();
                if size < f64::MAX / 4.0 {
                    sum.add(x.mul_add(y, -product));
                    sum.add(product);
                    self.used = true;
                    return Ok(());
                }
            }
            self.flush(vm)?;
        }
        let product = vm.binary(a, b, BinOp::Mul)?;
        self.value = vm.binary(&self.value, &product, BinOp::Add)?;
        Ok(())
    }

    fn flush(&mut self, vm: &Vm) -> R<()> {
        if let Some(sum) = self.floats.take()
            && self.used
        {
            self.value = vm.binary(&self.value, &Value::from(sum.round()), BinOp::Add)?;
        }
        Ok(())
    }
}

/// The sum of the products of the items of p and q at the same places.
///
/// Sums of floats, also with ints between them, are exact but for the last rounding.
#[function(sig = "(p, q, /)")]
pub fn sumprod(vm: &Vm, p: &Value, q: &Value) -> R {
    let (p, q) = (vm.iter(p)?, vm.iter(q)?);
    let mut total = Total {
        value: Value::small(0),
        ints: Some(0),
        floats: Some(Exact::default()),
        used: false,
    };
    loop {
        match (vm.next(&p)?, vm.next(&q)?) {
            (Some(a), Some(b)) => total.add(vm, &a, &b)?,
            (None, None) => break,
            _ => return Err(vm.value_error("Inputs are not the same length")),
        }
        vm.poll()?;
    }
    if let Some(sum) = total.ints {
        return Ok(Value::from(sum));
    }
    total.flush(vm)?;
    Ok(total.value)
}

/// start times the product of all items.
#[function(sig = "(iterable, /, *, start=1)")]
pub fn prod(vm: &Vm, iterable: &Value, start: Option<&Value>) -> R {
    let mut product = start.cloned().unwrap_or(Value::small(1));
    vm.for_each(iterable, |v| {
        product = match (product.as_inline_float(), v.as_inline_float()) {
            (Some(x), Some(y)) => Value::from(x * y),
            _ => match (product.as_small(), v.as_small()) {
                (Some(_), Some(_)) => int::mul(vm, &product, &v)?,
                _ => vm.binary(&product, &v, BinOp::Mul)?,
            },
        };
        vm.poll()
    })?;
    Ok(product)
}

#[cfg(test)]
mod tests {
    use super::Exact;

    fn sum(items: &[f64]) -> f64 {
        let mut e = Exact::default();
        assert!(items.iter().all(|x| e.add(*x)));
        e.round()
    }

    #[test]
    fn sums() {
        assert_eq!(sum(&[]), 0.0);
        assert_eq!(sum(&[0.1; 10]), 1.0);
        assert_eq!(sum(&[1e100, 1.0, -1e100]), 1.0);
        assert_eq!(sum(&[1e16, 1.0, 1e-16]), 10000000000000002.0);
        assert_eq!(
            sum(&[
                1e16 - 2.0,
                1.0 - 2f64.powi(-53),
                -(1e16 - 2.0),
                -(1.0 - 2f64.powi(-53))
            ]),
            0.0
        );
        let mut e = Exact::default();
        assert!(e.add(1e308) && !e.add(1e308));
    }
}
