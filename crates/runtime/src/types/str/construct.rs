//! `str(...)`, and the operators that are slots.

use super::codec;
use super::{Chars, Kind, Str, StrBuilder, exact, from_char, from_str, new_with, part, payload_copy, units};
use crate::core::{R, Ref, Value};
use crate::native::bind::{Callee, bind_array};
use crate::native::{Args, At, FromArg, Param, ParamKind, Signature};
use crate::types::bytes;
use crate::types::int;
use crate::types::slice;
use crate::types::type_::{CmpOp, TypeObject};
use crate::vm::Vm;

const PARAMS: &[Param] = &[
    Param { name: "object", kind: ParamKind::Any, optional: true },
    Param { name: "encoding", kind: ParamKind::Any, optional: true },
    Param { name: "errors", kind: ParamKind::Any, optional: true },
];

const CALLEE: &Callee = &Callee { owner: "", name: "str", sig: Signature { params: PARAMS }, constructor: true };

/// `cls(object, encoding, errors)`
///
/// Raises TypeError for what can't be decoded, and what `__str__` or the codec raises.
pub(super) fn new(vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R {
    let exactly_str = cls.is(Str::DEF.place.get());
    if exactly_str && let ([object], []) = (args.all, args.names) {
        return vm.str(object);
    }
    if args.names.is_empty() && args.all.len() > PARAMS.len() {
        return Err(vm.type_error(format!("str expected at most 3 arguments, got {}", args.all.len())));
    }
    let [object, encoding, errors] = bind_array::<3>(vm, CALLEE, args)?;
    let name = |v: Option<&'_ Value>, i| v.map(|v| String::from_arg(vm, v, At::new(CALLEE, i))).transpose();
    let (encoding, errors) = (name(encoding, 1)?, name(errors, 2)?);
    let (encoding, errors) = (encoding.as_deref(), errors.as_deref());
    let text = match (object, encoding.is_some() || errors.is_some()) {
        (None, _) => from_str(""),
        (Some(v), false) => vm.str(v)?,
        (Some(v), true) => decode(vm, v, encoding, errors)?,
    };
    if exactly_str {
        return Ok(text);
    }
    let Some(s) = text.downcast::<Str>() else { return Ok(text) };
    match payload_copy(s) {
        Some(payload) => Ok(Ref::new_of(cls, payload).into_value()),
        None => Err(vm.memory_error()),
    }
}

fn decode(vm: &Vm, v: &Value, encoding: Option<&str>, errors: Option<&str>) -> R {
    if v.downcast::<Str>().is_some() {
        return Err(vm.type_error("decoding str is not supported"));
    }
    if !bytes::is_bytes_like(v) {
        return Err(vm.type_error(format!("decoding to str: need a bytes-like object, {} found", v.ty().tp_name())));
    }
    let encoding = encoding.unwrap_or("utf-8");
    check_name(vm, encoding)?;
    codec::decode(vm, v, encoding, errors)
}

/// Raises ValueError for a name with a null character.
pub(crate) fn check_name(vm: &Vm, name: &str) -> R<()> {
    if name.contains('\0') { Err(vm.value_error("embedded null character")) } else { Ok(()) }
}

/// `s[key]`
///
/// Raises IndexError out of range, TypeError for what is neither an index nor a slice.
pub(super) fn get_item(vm: &Vm, s: &Ref<Str>, key: &Value) -> R {
    let i = match key.as_small() {
        Some(n) => n as isize,
        None => {
            if slice::is_slice(key) {
                return get_slice(vm, s, key);
            }
            if int::get(key).is_none() && key.ty().slots().index.is_none() {
                return Err(vm.type_error(format!("string indices must be integers, not '{}'", key.ty().tp_name())));
            }
            index(vm, key)?
        }
    };
    let at = if i < 0 { i + s.len() as isize } else { i };
    item(vm, s, at)
}

/// An index as isize.
///
/// Raises IndexError beyond the range, TypeError for what is none.
pub(crate) fn index(vm: &Vm, key: &Value) -> R<isize> {
    let n = int::index(vm, key)?;
    match int::get(&n).and_then(int::IntRef::to_i64) {
        Some(n) => Ok(n as isize),
        None => Err(vm.index_error(format!("cannot fit '{}' into an index-sized integer", key.ty().tp_name()))),
    }
}

/// The character at an index that does not count from the end.
pub(super) fn item(vm: &Vm, s: &Str, at: isize) -> R {
    match usize::try_from(at) {
        Ok(i) if i < s.len() => Ok(from_char(s.char_at(i)).into_value()),
        _ => Err(vm.index_error("string index out of range")),
    }
}

fn get_slice(vm: &Vm, s: &Ref<Str>, key: &Value) -> R {
    let (start, stop, step) = slice::unpack(vm, key)?;
    let (start, _, count) = slice::adjust(s.len(), start, stop, step);
    if count == 0 {
        return Ok(from_str(""));
    }
    if step == 1 {
        let start = start as usize;
        return Ok(part(s, start, start + count));
    }
    if let Chars::Ascii(t) = s.chars() {
        let t = t.as_bytes();
        // SAFETY: characters of ASCII text; the slice's indices are in range.
        let made = unsafe {
            new_with(count, Kind::Ascii, |p| {
                let mut at = start;
                for i in 0..count {
                    p.add(i).write(t[at as usize]);
                    at = at.wrapping_add(step);
                }
            })
        };
        return made.map(Ref::into_value).ok_or_else(|| vm.memory_error());
    }
    let mut out = StrBuilder::with_capacity(count);
    units!(s.chars(), t => {
        let mut at = start;
        for _ in 0..count {
            out.push(u32::from(t[at as usize]));
            at = at.wrapping_add(step);
        }
    });
    Ok(out.finish())
}

/// `a == b` and its kin; `NotImplemented` for what is no str.
#[inline]
pub(super) fn compare(a: &Ref<Str>, b: &Value, op: CmpOp) -> Value {
    let Some(b) = b.downcast::<Str>() else { return Value::NOT_IMPLEMENTED };
    Value::bool(match op {
        CmpOp::Eq => a.same_text(b),
        CmpOp::Ne => !a.same_text(b),
        _ => op.matches(a.compare(b)),
    })
}

/// `a + b`
pub(super) fn add(vm: &Vm, a: &Ref<Str>, b: &Value) -> R {
    let Some(b) = b.downcast::<Str>() else {
        return Err(vm.type_error(format!("can only concatenate str (not \"{}\") to str", b.ty().tp_name())));
    };
    if b.is_empty() {
        return Ok(exact(a));
    }
    if a.is_empty() {
        return Ok(exact(b));
    }
    match super::concat(a, b) {
        Some(s) => Ok(s.into_value()),
        None => Err(vm.memory_error()),
    }
}

/// `repr(s)`
pub(super) fn repr(vm: &Vm, s: &Str) -> R {
    // The common case: nothing to escape.
    if let Chars::Ascii(t) = s.chars()
        && t.bytes().all(|b| matches!(b, b' '..=b'~') && b != b'\'' && b != b'\\')
    {
        let n = t.len();
        // SAFETY: ASCII text between ASCII quotes.
        let made = unsafe {
            new_with(n + 2, Kind::Ascii, |p| {
                p.write(b'\'');
                std::ptr::copy_nonoverlapping(t.as_ptr(), p.add(1), n);
                p.add(n + 1).write(b'\'');
            })
        };
        return made.map(Ref::into_value).ok_or_else(|| vm.memory_error());
    }
    vm.check_room(s.len().saturating_mul(10))?;
    let mut out = StrBuilder::with_capacity(s.len() + 2);
    units!(s.chars(), t => taipan_text::escape::repr_text(t, &mut out));
    Ok(out.finish())
}
