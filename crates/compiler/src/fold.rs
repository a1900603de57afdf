//! Constant folding, within CPython's limits on the size of results.

use dashu_int::{IBig, Sign, UBig};
use taipan_bytecode::Const;
use taipan_syntax::ast::{Constant, Made, Expr, ExprKind, Operator, UnaryOp};

const MAX_INT_BITS: usize = 128;
const MAX_COLLECTION: usize = 256;
const MAX_STR: usize = 4096;
const MAX_TOTAL: usize = 1024;

/// A literal as a constant of the code.
pub(crate) fn constant(c: &Constant) -> Const {
    match c {
        Constant::None => Const::None,
        Constant::True => Const::Bool(true),
        Constant::False => Const::Bool(false),
        Constant::Ellipsis => Const::Ellipsis,
        Constant::Int(n) => Const::Int(*n),
        Constant::BigInt(n) => from_big(IBig::from_parts(Sign::Positive, n.clone())),
        Constant::Float(x) => Const::Float(*x),
        Constant::Complex(im) => Const::Complex(0.0, *im),
        Constant::Str(s) => Const::Str(s.as_bytes().into()),
        Constant::Bytes(b) => Const::Bytes(b.clone()),
        Constant::Made(made) => match &**made {
            Made::Int(n) => from_big(n.clone()),
            Made::Complex(re, im) => Const::Complex(*re, *im),
            Made::Tuple(items) => Const::Tuple(items.iter().map(constant).collect()),
            Made::FrozenSet(items) => Const::FrozenSet(items.iter().map(constant).collect()),
        },
    }
}

/// The value of an expression that is a literal: a constant, a tuple of them, a signed number.
pub(crate) fn literal(e: &Expr) -> Option<Const> {
    match &e.kind {
        ExprKind::Constant { value, .. } => Some(constant(value)),
        ExprKind::Tuple { elts, .. } => all_literals(elts).map(|c| Const::Tuple(c.into())),
        ExprKind::UnaryOp { op, operand } => match &operand.kind {
            ExprKind::Constant { value, .. } => unary(*op, &constant(value)),
            _ => None,
        },
        _ => None,
    }
}

/// The values of expressions that are all literals.
pub(crate) fn all_literals(elts: &[Expr]) -> Option<Vec<Const>> {
    // Most displays are not constant, and show it at one of their ends.
    if let Some(last) = elts.last()
        && elts.len() > 1
    {
        shallow(last)?;
    }
    elts.iter().map(literal).collect()
}

fn shallow(e: &Expr) -> Option<()> {
    matches!(
        e.kind,
        ExprKind::Constant { .. } | ExprKind::Tuple { .. } | ExprKind::UnaryOp { .. }
    )
    .then_some(())
}

/// The constant that a display of constants becomes as the right side of `in`.
pub(crate) fn membership(e: &Expr) -> Option<Const> {
    match &e.kind {
        ExprKind::List { elts, .. } => all_literals(elts).map(|c| Const::Tuple(c.into())),
        ExprKind::Set { elts } => all_literals(elts).map(|c| Const::FrozenSet(c.into())),
        _ => None,
    }
}

/// The truth of a constant.
pub(crate) fn truth(c: &Const) -> bool {
    match c {
        Const::None => false,
        Const::Bool(b) => *b,
        Const::Int(n) => *n != 0,
        Const::Float(x) => *x != 0.0,
        Const::Complex(re, im) => *re != 0.0 || *im != 0.0,
        Const::Str(s) | Const::Bytes(s) => !s.is_empty(),
        Const::Tuple(items) | Const::FrozenSet(items) => !items.is_empty(),
        Const::BigInt(..) | Const::Ellipsis | Const::Slice(_) | Const::Code(_) => true,
    }
}

fn to_big(c: &Const) -> Option<IBig> {
    Some(match c {
        Const::Bool(b) => IBig::from(u8::from(*b)),
        Const::Int(n) => IBig::from(*n),
        Const::BigInt(negative, bytes) => {
            let sign = if *negative {
                Sign::Negative
            } else {
                Sign::Positive
            };
            IBig::from_parts(sign, UBig::from_le_bytes(bytes))
        }
        _ => return None,
    })
}

fn from_big(n: IBig) -> Const {
    match i64::try_from(&n) {
        Ok(n) => Const::Int(n),
        Err(_) => {
            let (sign, magnitude) = n.into_parts();
            Const::BigInt(
                sign == Sign::Negative,
                magnitude.to_le_bytes().to_vec().into(),
            )
        }
    }
}

fn to_float(c: &Const) -> Option<f64> {
    match c {
        Const::Float(x) => Some(*x),
        // Larger integers would have to be rounded as CPython does; they are left to run time.
        Const::Int(n) if n.unsigned_abs() <= 1 << 53 => Some(*n as f64),
        Const::Bool(b) => Some(f64::from(u8::from(*b))),
        _ => None,
    }
}

/// The result of a unary operator on a constant.
pub(crate) fn unary(op: UnaryOp, c: &Const) -> Option<Const> {
    match (op, c) {
        (UnaryOp::Not, c) => Some(Const::Bool(!truth(c))),
        (UnaryOp::USub, Const::Float(x)) => Some(Const::Float(-x)),
        (UnaryOp::UAdd, Const::Float(x)) => Some(Const::Float(*x)),
        (UnaryOp::USub, Const::Complex(re, im)) => Some(Const::Complex(-re, -im)),
        (UnaryOp::UAdd, Const::Complex(re, im)) => Some(Const::Complex(*re, *im)),
        (UnaryOp::Invert, Const::Bool(_)) => None,
        (op, c) => {
            let n = to_big(c)?;
            Some(from_big(match op {
                UnaryOp::USub => -n,
                UnaryOp::UAdd => n,
                UnaryOp::Invert => -n - IBig::ONE,
                UnaryOp::Not => return None,
            }))
        }
    }
}

/// The result of a binary operator on constants; `None` where it would fail or grow too large.
pub(crate) fn binary(op: Operator, a: &Const, b: &Const) -> Option<Const> {
    match (a, b) {
        (Const::Float(_), _) | (_, Const::Float(_)) => {
            return float_op(op, to_float(a)?, to_float(b)?);
        }
        (Const::Complex(..), _) | (_, Const::Complex(..)) => return complex_op(op, a, b),
        (Const::Str(x), Const::Str(y)) if op == Operator::Add => {
            return joined(x, y).map(Const::Str);
        }
        (Const::Bytes(x), Const::Bytes(y)) if op == Operator::Add => {
            return joined(x, y).map(Const::Bytes);
        }
        (Const::Tuple(x), Const::Tuple(y)) if op == Operator::Add => {
            if x.len() + y.len() > MAX_COLLECTION {
                return None;
            }
            return Some(Const::Tuple(x.iter().chain(y.iter()).cloned().collect()));
        }
        (sequence, n) if op == Operator::Mult && is_sequence(sequence) => {
            return repeated(sequence, n);
        }
        (n, sequence) if op == Operator::Mult && is_sequence(sequence) => {
            return repeated(sequence, n);
        }
        _ => {}
    }
    int_op(op, a, b)
}

fn is_sequence(c: &Const) -> bool {
    matches!(c, Const::Str(_) | Const::Bytes(_) | Const::Tuple(_))
}

fn joined(a: &[u8], b: &[u8]) -> Option<Box<[u8]>> {
    if a.len() + b.len() > MAX_STR {
        return None;
    }
    // Two halves of a surrogate pair would have to stay two characters, which bytes can't tell.
    if a.last().is_some_and(|&x| x >= 0x80) && b.first() == Some(&0xed) {
        return None;
    }
    Some([a, b].concat().into())
}

fn repeated(sequence: &Const, n: &Const) -> Option<Const> {
    let n = match n {
        Const::Int(n) => *n,
        Const::Bool(b) => i64::from(*b),
        _ => return None,
    };
    let n = usize::try_from(n.max(0)).ok()?;
    match sequence {
        Const::Str(s) | Const::Bytes(s) => {
            if s.len().checked_mul(n)? > MAX_STR || s.contains(&0xed) {
                return None;
            }
            let bytes: Box<[u8]> = s.repeat(n).into();
            Some(if matches!(sequence, Const::Str(_)) {
                Const::Str(bytes)
            } else {
                Const::Bytes(bytes)
            })
        }
        Const::Tuple(items) => {
            let len = items.len().checked_mul(n)?;
            if len > MAX_COLLECTION || total(sequence).checked_mul(n)? > MAX_TOTAL {
                return None;
            }
            let mut out = Vec::with_capacity(len);
            for _ in 0..n {
                out.extend_from_slice(items);
            }
            Some(Const::Tuple(out.into()))
        }
        _ => None,
    }
}

fn total(c: &Const) -> usize {
    match c {
        Const::Tuple(items) => 1 + items.iter().map(total).sum::<usize>(),
        _ => 1,
    }
}

fn small_op(op: Operator, a: i64, b: i64) -> Option<i64> {
    match op {
        Operator::Add => a.checked_add(b),
        Operator::Sub => a.checked_sub(b),
        Operator::Mult => a.checked_mul(b),
        Operator::BitOr => Some(a | b),
        Operator::BitAnd => Some(a & b),
        Operator::BitXor => Some(a ^ b),
        _ => None,
    }
}

fn int_op(op: Operator, a: &Const, b: &Const) -> Option<Const> {
    if let (Const::Int(x), Const::Int(y)) = (a, b)
        && let Some(n) = small_op(op, *x, *y)
    {
        return Some(Const::Int(n));
    }
    if let (Const::Bool(x), Const::Bool(y)) = (a, b) {
        match op {
            Operator::BitOr => return Some(Const::Bool(x | y)),
            Operator::BitAnd => return Some(Const::Bool(x & y)),
            Operator::BitXor => return Some(Const::Bool(x ^ y)),
            _ => {}
        }
    }
    let (x, y) = (to_big(a)?, to_big(b)?);
    let zero = IBig::ZERO;
    let n = match op {
        Operator::Add => x + y,
        Operator::Sub => x - y,
        Operator::Mult => {
            if bits(&x) + bits(&y) > MAX_INT_BITS {
                return None;
            }
            x * y
        }
        Operator::FloorDiv | Operator::Mod => {
            if y == zero {
                return None;
            }
            let (mut q, mut r) = (&x / &y, &x % &y);
            if r != zero && (r < zero) != (y < zero) {
                q -= IBig::ONE;
                r += &y;
            }
            if op == Operator::FloorDiv { q } else { r }
        }
        Operator::Div => {
            let (x, y) = (to_float(a)?, to_float(b)?);
            return (y != 0.0).then(|| Const::Float(x / y));
        }
        Operator::Pow => {
            if y < zero {
                return None;
            }
            let e = usize::try_from(&y).ok()?;
            if bits(&x).max(1).checked_mul(e)? > MAX_INT_BITS {
                return None;
            }
            x.pow(e)
        }
        Operator::LShift => {
            let n = usize::try_from(&y).ok()?;
            if x != zero && (n > MAX_INT_BITS || bits(&x) + n > MAX_INT_BITS) {
                return None;
            }
            if x == zero { x } else { x << n }
        }
        Operator::RShift => {
            let n = usize::try_from(&y).ok()?;
            if n > MAX_INT_BITS * 8 {
                return None;
            }
            x >> n
        }
        Operator::BitOr => x | y,
        Operator::BitAnd => x & y,
        Operator::BitXor => x ^ y,
        Operator::MatMult => return None,
    };
    Some(from_big(n))
}

fn bits(n: &IBig) -> usize {
    let bytes = n.clone().into_parts().1.to_le_bytes();
    match bytes.iter().rposition(|&b| b != 0) {
        Some(i) => i * 8 + 8 - bytes[i].leading_zeros() as usize,
        None => 0,
    }
}

fn float_op(op: Operator, a: f64, b: f64) -> Option<Const> {
    Some(Const::Float(match op {
        Operator::Add => a + b,
        Operator::Sub => a - b,
        Operator::Mult => a * b,
        Operator::Div if b != 0.0 => a / b,
        // The rest has corner cases that the runtime knows.
        _ => return None,
    }))
}

fn complex_op(op: Operator, a: &Const, b: &Const) -> Option<Const> {
    // Since 3.14 a real operand is not widened, which matters for the signs of zeros.
    match (op, a, b) {
        (Operator::Add, Const::Complex(r, i), Const::Complex(s, j)) => {
            Some(Const::Complex(r + s, i + j))
        }
        (Operator::Sub, Const::Complex(r, i), Const::Complex(s, j)) => {
            Some(Const::Complex(r - s, i - j))
        }
        (Operator::Add, Const::Complex(r, i), x) => Some(Const::Complex(r + to_float(x)?, *i)),
        (Operator::Add, x, Const::Complex(r, i)) => Some(Const::Complex(to_float(x)? + r, *i)),
        (Operator::Sub, Const::Complex(r, i), x) => Some(Const::Complex(r - to_float(x)?, *i)),
        (Operator::Sub, x, Const::Complex(r, i)) => Some(Const::Complex(to_float(x)? - r, -i)),
        _ => None,
    }
}

/// The result of a constant subscript on a constant.
pub(crate) fn subscript(value: &Const, index: &Const) -> Option<Const> {
    let Const::Int(i) = index else { return None };
    let at = |len: usize| -> Option<usize> {
        let i = if *i < 0 { *i + len as i64 } else { *i };
        usize::try_from(i).ok().filter(|&i| i < len)
    };
    match value {
        Const::Tuple(items) => items.get(at(items.len())?).cloned(),
        Const::Str(s) if s.is_ascii() => {
            let i = at(s.len())?;
            Some(Const::Str(s[i..=i].into()))
        }
        Const::Bytes(s) => Some(Const::Int(i64::from(s[at(s.len())?]))),
        _ => None,
    }
}
