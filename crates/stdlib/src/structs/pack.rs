//! Values to bytes and back.

use taipan_runtime::core::{R, Raised, Ref, Value};
use taipan_runtime::types::bytearray::ByteArray;
use taipan_runtime::types::memoryview::{half_from_f64, half_to_f64};
use taipan_runtime::types::tuple::{self, Filler, Tuple};
use taipan_runtime::types::{bytes, complex, exceptions as exc, float, int};
use taipan_runtime::vm::Vm;

use super::error;
use super::format::{Code, Format, Kind};

/// The bits of an item of at most 8 bytes.
#[inline(always)]
fn get(data: &[u8], size: usize, big: bool) -> u64 {
    macro_rules! read {
        ($t:ty) => {{
            let bytes = data.first_chunk().copied().unwrap_or_default();
            if big { <$t>::from_be_bytes(bytes) as u64 } else { <$t>::from_le_bytes(bytes) as u64 }
        }};
    }
    match size {
        1 => read!(u8),
        2 => read!(u16),
        4 => read!(u32),
        _ => read!(u64),
    }
}

#[inline(always)]
fn put(data: &mut [u8], bits: u64, size: usize, big: bool) {
    macro_rules! write {
        ($t:ty) => {{
            let n = bits as $t;
            if let Some(to) = data.first_chunk_mut() {
                *to = if big { n.to_be_bytes() } else { n.to_le_bytes() };
            }
        }};
    }
    match size {
        1 => write!(u8),
        2 => write!(u16),
        4 => write!(u32),
        _ => write!(u64),
    }
}

/// A single as a double; the bits of a NaN go along, also its being a signalling one.
#[inline(always)]
pub fn widen(bits: u32) -> f64 {
    let x = f32::from_bits(bits);
    if x.is_nan() {
        let (sign, fraction) = (u64::from(bits >> 31), u64::from(bits & 0x7f_ffff));
        return f64::from_bits(sign << 63 | 0x7ff << 52 | fraction << 29);
    }
    f64::from(x)
}

/// The nearest single; `None` if it is infinite and the number is not.
#[inline(always)]
pub fn narrow(x: f64) -> Option<u32> {
    if x.is_nan() {
        let bits = x.to_bits();
        let (sign, fraction) = ((bits >> 63) as u32, (bits >> 29 & 0x7f_ffff) as u32);
        return Some(sign << 31 | 0xff << 23 | if fraction == 0 { 1 << 22 } else { fraction });
    }
    let y = x as f32;
    if y.is_infinite() && x.is_finite() { None } else { Some(y.to_bits()) }
}

/// The value of an item; `data` starts with it.
#[inline(always)]
fn item(c: &Code, data: &[u8]) -> Value {
    match c.kind {
        Kind::Signed => {
            let shift = 64 - 8 * c.size as u32;
            Value::from((get(data, c.size, c.big) << shift) as i64 >> shift)
        }
        Kind::Unsigned | Kind::Pointer => Value::from(get(data, c.size, c.big)),
        Kind::Double => Value::from(f64::from_bits(get(data, 8, c.big))),
        Kind::Single => Value::from(widen(get(data, 4, c.big) as u32)),
        Kind::Bool => Value::bool(data.first().is_some_and(|b| *b != 0)),
        _ => rare_item(c, data),
    }
}

fn rare_item(c: &Code, data: &[u8]) -> Value {
    let part = |at: usize, size| get(data.get(at..).unwrap_or(&[]), size, c.big);
    match c.kind {
        Kind::Half => Value::from(half_to_f64(part(0, 2) as u16)),
        Kind::Char => bytes::from_slice(data.get(..1).unwrap_or(&[])).into_value(),
        Kind::Text => bytes::from_slice(data.get(..c.repeat).unwrap_or(&[])).into_value(),
        Kind::Pascal => {
            let room = data.get(..c.repeat).unwrap_or(&[]);
            let text = match room.split_first() {
                Some((n, rest)) => &rest[..rest.len().min(usize::from(*n))],
                None => &[],
            };
            bytes::from_slice(text).into_value()
        }
        Kind::SingleComplex => complex::from_parts(widen(part(0, 4) as u32), widen(part(4, 4) as u32)),
        Kind::DoubleComplex => complex::from_parts(f64::from_bits(part(0, 8)), f64::from_bits(part(8, 8))),
        _ => Value::NONE,
    }
}

/// The values of all items; `data` has as many bytes as the format.
pub fn unpack(vm: &Vm, f: &Format, data: &[u8]) -> R<Ref<Tuple>> {
    let n = f.items.max(0) as usize;
    if let [c] = f.codes.as_slice()
        && n == 1
    {
        let v = item(c, data.get(c.offset..).unwrap_or(&[]));
        return Ok(tuple::from_array([v]));
    }
    vm.check_room(n.saturating_mul(size_of::<Value>()))?;
    Ok(tuple::filled(n, |out| f.codes.iter().for_each(|c| items(c, data.get(c.offset..).unwrap_or(&[]), out))))
}

/// The values of all items of a code; `data` starts with the first one.
#[inline(always)]
fn items(c: &Code, data: &[u8], out: &mut Filler) {
    if c.repeat == 1 || matches!(c.kind, Kind::Text | Kind::Pascal) {
        return out.push(item(c, data));
    }
    // One look at the kind for all of them.
    macro_rules! all {
        ($n:literal, $t:ty, $value:expr) => {
            for chunk in data.as_chunks::<$n>().0.iter().take(c.repeat) {
                let n = if c.big { <$t>::from_be_bytes(*chunk) } else { <$t>::from_le_bytes(*chunk) };
                out.push($value(n));
            }
        };
    }
    match (c.kind, c.size) {
        (Kind::Unsigned, 1) => all!(1, u8, Value::from),
        (Kind::Signed, 1) => all!(1, i8, Value::from),
        (Kind::Unsigned, 2) => all!(2, u16, Value::from),
        (Kind::Signed, 2) => all!(2, i16, Value::from),
        (Kind::Unsigned, 4) => all!(4, u32, Value::from),
        (Kind::Signed, 4) => all!(4, i32, Value::from),
        (Kind::Unsigned, 8) => all!(8, u64, Value::from),
        (Kind::Signed, 8) => all!(8, i64, Value::from),
        (Kind::Double, 8) => all!(8, u64, |n| Value::from(f64::from_bits(n))),
        (Kind::Single, 4) => all!(4, u32, |n| Value::from(widen(n))),
        _ => data.chunks(c.size).take(c.repeat).for_each(|d| out.push(item(c, d))),
    }
}

/// How many values a code takes.
#[inline(always)]
fn count(c: &Code) -> usize {
    if matches!(c.kind, Kind::Text | Kind::Pascal) { 1 } else { c.repeat }
}

/// The bits of a small int, if it is in the range of the code.
#[inline(always)]
fn small(c: &Code, n: i64) -> Option<u64> {
    let bits = 8 * c.size as u32;
    let fits = match c.kind {
        Kind::Signed => bits == 64 || (n << (64 - bits)) >> (64 - bits) == n,
        Kind::Unsigned => n >= 0 && (bits == 64 || n >> bits == 0),
        _ => true,
    };
    fits.then_some(n as u64)
}

#[cold]
fn out_of_range(vm: &Vm, c: &Code) -> Raised {
    let bits = 8 * c.size as u32;
    let letter = char::from(c.letter);
    if c.kind == Kind::Pointer {
        return error(vm, "int too large to convert");
    }
    let (low, high) = match c.kind {
        Kind::Unsigned => (0, (1i128 << bits) - 1),
        _ => (-(1i128 << (bits - 1)), (1i128 << (bits - 1)) - 1),
    };
    error(vm, &format!("'{letter}' format requires {low} <= number <= {high}"))
}

/// The bits of any value for an int.
fn int_bits(vm: &Vm, c: &Code, v: &Value) -> R<u64> {
    let index;
    let v = if int::get(v).is_some() {
        v
    } else if v.ty().slots().index.is_some() {
        index = int::index(vm, v)?;
        &index
    } else {
        return Err(error(vm, "required argument is not an integer"));
    };
    let Some(n) = int::get(v) else { return Err(error(vm, "required argument is not an integer")) };
    if let Some(n) = n.to_i64() {
        return small(c, n).ok_or_else(|| out_of_range(vm, c));
    }
    match u64::try_from(n.to_big()) {
        Ok(n) if c.size == 8 && c.kind != Kind::Signed => Ok(n),
        _ => Err(out_of_range(vm, c)),
    }
}

/// A value as a float; whatever is raised becomes struct.error.
fn real(vm: &Vm, v: &Value) -> R<f64> {
    float::to_f64(vm, v).map_err(|r| {
        drop(vm.catch(r));
        error(vm, "required argument is not a float")
    })
}

fn too_large(vm: &Vm, letter: char) -> Raised {
    vm.overflow_error(format!("float too large to pack with {letter} format"))
}

/// The bits of a single.
fn single(vm: &Vm, c: &Code, x: f64) -> R<u64> {
    match narrow(x) {
        Some(bits) => Ok(bits.into()),
        None if c.native => Ok((x as f32).to_bits().into()),
        None => Err(too_large(vm, 'f')),
    }
}

/// Writes one value; `data` starts at its place.
#[inline(always)]
fn put_item(vm: &Vm, c: &Code, data: &mut [u8], v: &Value) -> R<()> {
    match c.kind {
        Kind::Signed | Kind::Unsigned | Kind::Pointer => {
            let bits = match v.as_small().and_then(|n| small(c, n)) {
                Some(bits) => bits,
                None => int_bits(vm, c, v)?,
            };
            put(data, bits, c.size, c.big);
            Ok(())
        }
        Kind::Double => {
            let x = match v.as_inline_float() {
                Some(x) => x,
                None => real(vm, v)?,
            };
            put(data, x.to_bits(), 8, c.big);
            Ok(())
        }
        _ => put_rare(vm, c, data, v).map_err(|r| match int::get(v) {
            Some(_) if vm.raised_is(&exc::OVERFLOW_ERROR) => {
                drop(vm.catch(r));
                error(vm, "int too large to convert")
            }
            _ => r,
        }),
    }
}

fn put_rare(vm: &Vm, c: &Code, data: &mut [u8], v: &Value) -> R<()> {
    match c.kind {
        Kind::Single => {
            let bits = single(vm, c, real(vm, v)?)?;
            put(data, bits, 4, c.big);
        }
        Kind::Half => {
            let bits = half_from_f64(real(vm, v)?).ok_or_else(|| too_large(vm, 'e'))?;
            put(data, bits.into(), 2, c.big);
        }
        Kind::Bool => put(data, vm.truth(v)?.into(), 1, false),
        Kind::Char => match bytes::get(v) {
            Some([b]) => put(data, (*b).into(), 1, false),
            _ => return Err(error(vm, "char format requires a bytes object of length 1")),
        },
        Kind::Text => with_text(vm, c, v, |text| {
            let n = text.len().min(c.repeat);
            if let (Some(to), Some(from)) = (data.get_mut(..n), text.get(..n)) {
                to.copy_from_slice(from);
            }
        })?,
        Kind::Pascal => with_text(vm, c, v, |text| {
            // The byte with the length takes a place.
            let n = text.len().min(c.repeat.saturating_sub(1));
            if c.repeat > 0
                && let (Some((first, to)), Some(from)) = (data.split_first_mut(), text.get(..n))
                && let Some(to) = to.get_mut(..n)
            {
                *first = n.min(255) as u8;
                to.copy_from_slice(from);
            }
        })?,
        Kind::SingleComplex | Kind::DoubleComplex => {
            let (re, im) = complex::to_parts(vm, v).map_err(|r| {
                drop(vm.catch(r));
                error(vm, "required argument is not a complex")
            })?;
            let half = c.size / 2;
            for (i, x) in [re, im].into_iter().enumerate() {
                let bits = match c.kind {
                    Kind::DoubleComplex => x.to_bits(),
                    _ => single(vm, c, x)?,
                };
                put(data.get_mut(i * half..).unwrap_or(&mut []), bits, half, c.big);
            }
        }
        _ => {}
    }
    Ok(())
}

/// Runs `f` on the bytes of a bytes or bytearray object.
fn with_text(vm: &Vm, c: &Code, v: &Value, f: impl FnOnce(&[u8])) -> R<()> {
    if let Some(b) = bytes::get(v) {
        f(b);
    } else if let Some(b) = v.downcast::<ByteArray>() {
        f(&b.view());
    } else {
        return Err(error(vm, &format!("argument for '{}' must be a bytes object", char::from(c.letter))));
    }
    Ok(())
}

/// Writes all values into zeros; there are as many of both as the format wants.
fn fill(vm: &Vm, f: &Format, data: &mut [u8], mut values: &[Value]) -> R<()> {
    for c in &f.codes {
        let mut at = c.offset;
        for _ in 0..count(c) {
            let Some((v, rest)) = values.split_first() else { return Ok(()) };
            values = rest;
            put_item(vm, c, data.get_mut(at..).unwrap_or(&mut []), v)?;
            at += c.size;
        }
    }
    Ok(())
}

/// Gives `done` the bytes of the values.
///
/// Raises struct.error if there are too many or too few, or one of them does not fit; what their conversion raises.
pub fn pack<T>(vm: &Vm, f: &Format, values: &[Value], what: &str, done: impl FnOnce(&[u8]) -> R<T>) -> R<T> {
    const FEW: usize = 64;
    if values.len() as isize != f.items {
        let (want, got) = (f.items, values.len());
        return Err(error(vm, &format!("{what} expected {want} items for packing (got {got})")));
    }
    let n = f.bytes();
    if n <= FEW {
        let mut data = [0u8; FEW];
        let data = &mut data[..n];
        fill(vm, f, data, values)?;
        return done(data);
    }
    vm.check_room(n)?;
    let mut data = vec![0u8; n];
    fill(vm, f, &mut data, values)?;
    done(&data)
}
