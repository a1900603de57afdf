//! Comparison with other numbers, and hashes.

use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::type_::CmpOp;
use taipan_runtime::types::{complex, float, int};
use taipan_runtime::vm::Vm;
use taipan_text::hash::{MODULUS, hash_pointer, not_minus_one};

use super::context::{self, Context};
use super::number::{Coef, Kind, Num, cmp};
use super::object::{Decimal, Operand, from_f64, from_int};
use super::round::flag;
use super::limbs;

const P: u128 = MODULUS as u128;

fn power(mut base: u128, mut e: u64) -> u128 {
    let mut r = 1;
    while e > 0 {
        if e & 1 == 1 {
            r = r * base % P;
        }
        base = base * base % P;
        e >>= 1;
    }
    r
}

/// 10^0 to 10^31 and their inverses.
static POWERS: [(u64, u64); 32] = {
    let mut t = [(1, 1); 32];
    // 10 has this inverse: 2^61 - 1 divides 10 times it less 1.
    let inverse = 2_075_258_708_292_324_556_u128;
    let mut i = 1;
    while i < 32 {
        t[i] = ((t[i - 1].0 as u128 * 10 % P) as u64, (t[i - 1].1 as u128 * inverse % P) as u64);
        i += 1;
    }
    t
};

/// 10^e
fn power_of_ten(e: i64) -> u128 {
    match POWERS.get(e.unsigned_abs() as usize) {
        Some((p, _)) if e >= 0 => (*p).into(),
        Some((_, p)) => (*p).into(),
        // Exponents count modulo the order of the group.
        None => power(10, e.rem_euclid(MODULUS as i64 - 1) as u64),
    }
}

/// The hash, equal to that of equal numbers of other types.
pub fn hash(vm: &Vm, d: &Ref<Decimal>) -> R<i64> {
    let n = &d.num;
    match n.kind {
        Kind::Snan => return Err(vm.type_error("Cannot hash a signaling NaN value")),
        Kind::Nan => return Ok(hash_pointer(d.value().id() as usize)),
        Kind::Inf => return Ok(if n.neg { -314_159 } else { 314_159 }),
        Kind::Finite => {}
    }
    let c = match &n.coef {
        Coef::Big(v) => v.iter().rev().fold(0u128, |h, x| (h * (limbs::BASE as u128 % P) + *x as u128) % P),
        small => small.value().unwrap_or(0) % P,
    };
    let scale = power_of_ten(n.exp);
    let h = (c * scale % P) as i64;
    Ok(not_minus_one(if n.neg { -h } else { h }))
}

/// Compares with an int, a float, a complex number (only for equality) or a rational number.
pub fn richcompare(vm: &Vm, d: &Ref<Decimal>, other: &Value, op: CmpOp) -> R {
    if let Some(o) = other.downcast::<Decimal>() {
        return order(vm, &d.num, &o.num, op, None);
    }
    if let Some(n) = int::get(other) {
        return order(vm, &d.num, &from_int(vm, n)?, op, None);
    }
    let equality = matches!(op, CmpOp::Eq | CmpOp::Ne);
    let x = match (float::get(other), complex::get(other)) {
        (Some(x), _) => Some(x),
        (_, Some((x, y))) if equality && y == 0.0 => Some(x),
        _ => None,
    };
    if let Some(x) = x {
        let c = context::current(vm)?;
        if equality {
            c.flags.bits.set(c.flags.bits.get() | flag::FLOAT_OPERATION);
        } else {
            c.note(vm, flag::FLOAT_OPERATION)?;
        }
        return order(vm, &d.num, &from_f64(x), op, Some(&c));
    }
    let rational = vm.interp_static("decimal.Rational", |vm| vm.import_attr("numbers", "Rational"))?;
    if !vm.is_instance(other, &rational)? {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let part = |name: &str| -> R<Operand<'static>> {
        let v = vm.get_attr_str(other, name)?;
        let v = int::index(vm, &v)?;
        match int::get(&v) {
            Some(n) => Ok(Operand::Own(from_int(vm, n)?)),
            None => Err(vm.type_error("numerator and denominator must be ints")),
        }
    };
    let (top, below) = (part("numerator")?, part("denominator")?);
    let n = &d.num;
    let scaled = if n.is_finite() { Num::new(n.neg, n.coef.mul(&below.coef), n.exp) } else { n.clone() };
    order(vm, &scaled, &top, op, None)
}

fn order(vm: &Vm, a: &Num, b: &Num, op: CmpOp, c: Option<&Context>) -> R {
    if a.is_nan() || b.is_nan() {
        let signaling = a.kind == Kind::Snan || b.kind == Kind::Snan;
        if signaling || !matches!(op, CmpOp::Eq | CmpOp::Ne) {
            match c {
                Some(c) => c.note(vm, flag::INVALID_OPERATION)?,
                None => context::current(vm)?.note(vm, flag::INVALID_OPERATION)?,
            }
        }
        return Ok(Value::bool(op == CmpOp::Ne));
    }
    Ok(Value::bool(op.matches(cmp(a, b))))
}
