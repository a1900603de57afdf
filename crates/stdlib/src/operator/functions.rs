//! The functions.

use taipan_macros::function;
use taipan_runtime::core::{R, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::iterators::is_sequence;
use taipan_runtime::types::memoryview::flags;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::type_::{BinOp, CmpOp};
use taipan_runtime::types::{exceptions as exc, int};
use taipan_runtime::vm::Vm;

/// Binary operators: their functions, and the in-place ones.
macro_rules! binary {
    ($($name:ident $shown:literal $same:literal $op:ident, $inplace:ident $isame:literal;)*) => {$(
        #[doc = $same]
        #[function(name = $shown, sig = "(a, b, /)")]
        pub fn $name(vm: &Vm, a: &Value, b: &Value) -> R {
            vm.binary(a, b, BinOp::$op)
        }

        #[doc = $isame]
        #[function(sig = "(a, b, /)")]
        pub fn $inplace(vm: &Vm, a: &Value, b: &Value) -> R {
            vm.inplace(a, b, BinOp::$op)
        }
    )*};
}

binary! {
    matmul "matmul" "Same as a @ b." MatMul, imatmul "Same as a @= b.";
    floordiv "floordiv" "Same as a // b." FloorDiv, ifloordiv "Same as a //= b.";
    truediv "truediv" "Same as a / b." TrueDiv, itruediv "Same as a /= b.";
    mod_ "mod" "Same as a % b." Mod, imod "Same as a %= b.";
    lshift "lshift" "Same as a << b." LShift, ilshift "Same as a <<= b.";
    rshift "rshift" "Same as a >> b." RShift, irshift "Same as a >>= b.";
    pow "pow" "Same as a ** b." Pow, ipow "Same as a **= b.";
}

/// Operators with a short way for small ints.
macro_rules! quick {
    ($($name:ident $shown:literal $same:literal $op:ident $ints:expr, $inplace:ident $isame:literal;)*) => {$(
        #[doc = $same]
        #[function(name = $shown, sig = "(a, b, /)")]
        pub fn $name(vm: &Vm, a: &Value, b: &Value) -> R {
            if let (Some(x), Some(y)) = (a.as_small(), b.as_small())
                && let Some(n) = ($ints)(x, y)
            {
                return Ok(Value::from(n));
            }
            vm.binary(a, b, BinOp::$op)
        }

        #[doc = $isame]
        #[function(sig = "(a, b, /)")]
        pub fn $inplace(vm: &Vm, a: &Value, b: &Value) -> R {
            if let (Some(x), Some(y)) = (a.as_small(), b.as_small())
                && let Some(n) = ($ints)(x, y)
            {
                return Ok(Value::from(n));
            }
            vm.inplace(a, b, BinOp::$op)
        }
    )*};
}

quick! {
    add "add" "Same as a + b." Add i64::checked_add, iadd "Same as a += b.";
    sub "sub" "Same as a - b." Sub i64::checked_sub, isub "Same as a -= b.";
    mul "mul" "Same as a * b." Mul i64::checked_mul, imul "Same as a *= b.";
    and_ "and_" "Same as a & b." And |x: i64, y: i64| Some(x & y), iand "Same as a &= b.";
    or_ "or_" "Same as a | b." Or |x: i64, y: i64| Some(x | y), ior "Same as a |= b.";
    xor "xor" "Same as a ^ b." Xor |x: i64, y: i64| Some(x ^ y), ixor "Same as a ^= b.";
}

/// Comparisons.
macro_rules! comparison {
    ($($name:ident $same:literal $op:ident;)*) => {$(
        #[doc = $same]
        #[function(sig = "(a, b, /)")]
        pub fn $name(vm: &Vm, a: &Value, b: &Value) -> R {
            vm.compare(a, b, CmpOp::$op)
        }
    )*};
}

comparison! {
    eq "Same as a == b." Eq;
    ne "Same as a != b." Ne;
    lt "Same as a < b." Lt;
    le "Same as a <= b." Le;
    gt "Same as a > b." Gt;
    ge "Same as a >= b." Ge;
}

/// Return True if a is true, False otherwise.
#[function(sig = "(a, /)")]
pub fn truth(_vm: &Vm, a: bool) -> bool {
    a
}

/// Same as not a.
#[function(name = "not_", sig = "(a, /)")]
pub fn not_(_vm: &Vm, a: bool) -> bool {
    !a
}

/// Same as b in a (note reversed operands).
#[function(sig = "(a, b, /)")]
pub fn contains(vm: &Vm, a: &Value, b: &Value) -> R<bool> {
    vm.contains(a, b)
}

/// An iterator over `a`, whose absence is told in the words of the sequence functions.
fn items(vm: &Vm, a: &Value) -> R {
    vm.iter(a).map_err(|r| {
        if !vm.raised_is(&exc::TYPE_ERROR) {
            return r;
        }
        drop(vm.catch(r));
        vm.type_error(format!("argument of type '{}' is not iterable", a.ty().tp_name()))
    })
}

/// Return the first index of b in a.
#[function(name = "indexOf", sig = "(a, b, /)")]
#[expect(non_snake_case, reason = "Python's name")]
pub fn indexOf(vm: &Vm, a: &Value, b: &Value) -> R<usize> {
    let it = items(vm, a)?;
    let mut n = 0;
    while let Some(v) = vm.next(&it)? {
        if vm.eq(&v, b)? {
            return Ok(n);
        }
        n += 1;
    }
    Err(vm.value_error("sequence.index(x): x not in sequence"))
}

/// Return the number of items in a which are, or which equal, b.
#[function(name = "countOf", sig = "(a, b, /)")]
#[expect(non_snake_case, reason = "Python's name")]
pub fn countOf(vm: &Vm, a: &Value, b: &Value) -> R<usize> {
    let it = items(vm, a)?;
    let mut n = 0;
    while let Some(v) = vm.next(&it)? {
        n += usize::from(vm.eq(&v, b)?);
    }
    Ok(n)
}

/// Same as a is b.
#[function(name = "is_", sig = "(a, b, /)")]
pub fn is_(_vm: &Vm, a: &Value, b: &Value) -> bool {
    a.is(b)
}

/// Same as a is not b.
#[function(sig = "(a, b, /)")]
pub fn is_not(_vm: &Vm, a: &Value, b: &Value) -> bool {
    !a.is(b)
}

/// Same as a is None.
#[function(sig = "(a, /)")]
pub fn is_none(_vm: &Vm, a: &Value) -> bool {
    a.is_none()
}

/// Same as a is not None.
#[function(sig = "(a, /)")]
pub fn is_not_none(_vm: &Vm, a: &Value) -> bool {
    !a.is_none()
}

/// Same as -a.
#[function(sig = "(a, /)")]
pub fn neg(vm: &Vm, a: &Value) -> R {
    vm.negative(a)
}

/// Same as +a.
#[function(sig = "(a, /)")]
pub fn pos(vm: &Vm, a: &Value) -> R {
    vm.positive(a)
}

/// Same as abs(a).
#[function(sig = "(a, /)")]
pub fn abs(vm: &Vm, a: &Value) -> R {
    vm.absolute(a)
}

/// Same as ~a.
#[function(sig = "(a, /)")]
pub fn inv(vm: &Vm, a: &Value) -> R {
    vm.invert(a)
}

/// Same as ~a.
#[function(sig = "(a, /)")]
pub fn invert(vm: &Vm, a: &Value) -> R {
    vm.invert(a)
}

/// Same as a.__index__()
#[function(sig = "(a, /)")]
pub fn index(vm: &Vm, a: &Value) -> R {
    int::index(vm, a)
}

fn no_concat(vm: &Vm, a: &Value) -> taipan_runtime::core::Raised {
    vm.type_error(format!("'{}' object can't be concatenated", a.ty().tp_name()))
}

/// Same as a + b, for a and b sequences.
#[function(sig = "(a, b, /)")]
pub fn concat(vm: &Vm, a: &Value, b: &Value) -> R {
    match a.ty().slots().concat {
        Some(f) => f(vm, a, b),
        None if is_sequence(a) && is_sequence(b) => vm.binary(a, b, BinOp::Add),
        None => Err(no_concat(vm, a)),
    }
}

/// Same as a += b, for a and b sequences.
#[function(sig = "(a, b, /)")]
pub fn iconcat(vm: &Vm, a: &Value, b: &Value) -> R {
    let slots = a.ty().slots();
    match slots.inplace_concat.or(slots.concat) {
        Some(f) => f(vm, a, b),
        None if is_sequence(a) && is_sequence(b) => vm.inplace(a, b, BinOp::Add),
        None => Err(no_concat(vm, a)),
    }
}

/// Same as a[b].
#[function(sig = "(a, b, /)")]
pub fn getitem(vm: &Vm, a: &Value, b: &Value) -> R {
    vm.getitem(a, b)
}

/// Same as a[b] = c.
#[function(sig = "(a, b, c, /)")]
pub fn setitem(vm: &Vm, a: &Value, b: &Value, c: &Value) -> R<()> {
    vm.setitem(a, b, c)
}

/// Same as del a[b].
#[function(sig = "(a, b, /)")]
pub fn delitem(vm: &Vm, a: &Value, b: &Value) -> R<()> {
    vm.delitem(a, b)
}

/// Return an estimate of the number of items in obj.
///
/// This is useful for presizing containers when building from an iterable. If the object supports len(), the
/// result will be exact. Otherwise it may over- or under-estimate by an arbitrary amount.
#[function(sig = "(obj, default=0, /)")]
pub fn length_hint(vm: &Vm, obj: &Value, default: Option<&Value>) -> R {
    let default = match default {
        Some(d) if int::get(d).is_none() => {
            return Err(vm.type_error(format!("'{}' object cannot be interpreted as an integer", d.ty().tp_name())));
        }
        Some(d) => int::to_isize(vm, d)?,
        None => 0,
    };
    // No object promises so many items: the default is told from a hint even if it is negative.
    const NONE: usize = usize::MAX;
    match vm.length_hint(obj, NONE)? {
        NONE => Ok(Value::from(default)),
        n => Ok(Value::from(n)),
    }
}

/// Same as obj(*args, **kwargs).
#[function(sig = "(obj, /, *args, **kwargs)")]
pub fn call(vm: &Vm, args: Args<'_>) -> R {
    match args.positional().first() {
        Some(f) => vm.call_args(f, args.rest()),
        None => Err(vm.type_error("call expected at least 1 argument, got 0")),
    }
}

/// Whether two texts of bytes are the same, in a time that depends on their lengths only.
fn same(a: &[u8], b: &[u8]) -> bool {
    // A text of another length is compared with itself, for the same time.
    let (left, mut result) = if a.len() == b.len() { (a, 0) } else { (b, 1) };
    for (x, y) in left.iter().zip(b) {
        result |= std::hint::black_box(x ^ y);
    }
    result == 0
}

/// Return 'a == b'.
///
/// This function uses an approach designed to prevent timing analysis, making it appropriate for cryptography. a and
/// b must both be of the same type: either str (ASCII only), or any bytes-like object.
#[function(sig = "(a, b, /)")]
pub fn _compare_digest(vm: &Vm, a: &Value, b: &Value) -> R<bool> {
    same_digest(vm, a, b)
}

/// Whether two texts or byte strings are the same, in a time that tells nothing about where they differ.
///
/// Raises TypeError, BufferError.
pub fn same_digest(vm: &Vm, a: &Value, b: &Value) -> R<bool> {
    if let (Some(x), Some(y)) = (a.downcast::<Str>(), b.downcast::<Str>()) {
        return match (x.as_ascii(), y.as_ascii()) {
            (Some(x), Some(y)) => Ok(same(x.as_bytes(), y.as_bytes())),
            _ => Err(vm.type_error("comparing strings with non-ASCII characters is not supported")),
        };
    }
    if a.ty().slots().buffer.is_none() && b.ty().slots().buffer.is_none() {
        return Err(vm.type_error(format!(
            "unsupported operand types(s) or combination of types: '{}' and '{}'",
            a.ty().tp_name(),
            b.ty().tp_name()
        )));
    }
    let (x, y) = (vm.buffer(a, flags::SIMPLE)?, vm.buffer(b, flags::SIMPLE)?);
    Ok(same(x.as_slice(), y.as_slice()))
}
