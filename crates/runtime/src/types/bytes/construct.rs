//! What `bytes(...)` and `bytearray(...)` are made from.

use super::{Bytes, BytesLike, is_bytes_like};
use crate::core::{R, Value};
use crate::types::int;
use crate::types::list::List;
use crate::types::str::{Str, codec};
use crate::types::tuple::Tuple;
use crate::vm::Vm;

/// `b.decode(encoding, errors)`
///
/// Raises ValueError for names with a null character, LookupError for unknown ones, UnicodeDecodeError.
pub(crate) fn decode(vm: &Vm, v: &Value, encoding: Option<&str>, errors: Option<&str>) -> R {
    let encoding = encoding.unwrap_or("utf-8");
    for name in std::iter::once(encoding).chain(errors) {
        if name.contains('\0') {
            return Err(vm.value_error("embedded null character"));
        }
    }
    codec::decode(vm, v, encoding, errors)
}

/// The text of a str argument, encoded; `None` if there is neither a str nor an encoding to complain about.
///
/// Raises TypeError for an encoding without a str, or a str without an encoding.
pub(crate) fn encoded(vm: &Vm, source: Option<&Value>, encoding: Option<&str>, errors: Option<&str>) -> R<Option<Value>> {
    let Some(source) = source else {
        return match (encoding, errors) {
            (Some(_), _) => Err(vm.type_error("encoding without a string argument")),
            (_, Some(_)) => Err(vm.type_error("errors without a string argument")),
            _ => Ok(None),
        };
    };
    let is_text = source.downcast::<Str>().is_some();
    match (encoding, errors) {
        (Some(encoding), _) if is_text => codec::encode(vm, source, encoding, errors).map(Some),
        (Some(_), _) => Err(vm.type_error("encoding without a string argument")),
        (None, Some(_)) if is_text => Err(vm.type_error("string argument without an encoding")),
        (None, Some(_)) => Err(vm.type_error("errors without a string argument")),
        (None, None) => Ok(None),
    }
}

/// The count that an argument is, if it is an int; `None` for what is no int, or for one whose `__index__` raises
/// TypeError (which then may be something else).
///
/// Raises ValueError for a negative count, OverflowError beyond what can be indexed.
pub(crate) fn count(vm: &Vm, v: &Value) -> R<Option<usize>> {
    if int::get(v).is_none() && v.ty().slots().index.is_none() {
        return Ok(None);
    }
    let r = int::index(vm, v);
    let Some(n) = vm.ignore(r, &crate::types::exceptions::TYPE_ERROR)? else { return Ok(None) };
    match int::get(&n).and_then(int::IntRef::to_i64) {
        Some(n) => match usize::try_from(n) {
            Ok(n) => Ok(Some(n)),
            Err(_) => Err(vm.value_error("negative count")),
        },
        None => {
            Err(vm.overflow_error(format!("cannot fit '{}' into an index-sized integer", v.ty().tp_name())))
        }
    }
}

/// Zeros.
///
/// Raises MemoryError.
pub(crate) fn zeros(vm: &Vm, n: usize) -> R<Vec<u8>> {
    vm.check_room(n)?;
    Ok(vec![0; n])
}

/// One item of an iterable of ints; `what` is "bytes" or "byte" for the message.
fn item(vm: &Vm, v: &Value, what: &str) -> R<u8> {
    let n = match v.as_small() {
        Some(n) => Some(n),
        None => int::get(&int::index(vm, v)?).and_then(int::IntRef::to_i64),
    };
    n.and_then(|n| u8::try_from(n).ok()).ok_or_else(|| vm.value_error(format!("{what} must be in range(0, 256)")))
}

/// The bytes that an object with a buffer holds; `None` for others.
///
/// Raises MemoryError, and what its `__buffer__` raises.
pub(crate) fn contents(vm: &Vm, v: &Value) -> R<Option<Vec<u8>>> {
    if let Some(b) = v.downcast::<Bytes>() {
        return Ok(Some(b.as_slice().to_vec()));
    }
    if !is_bytes_like(v) {
        return Ok(None);
    }
    match BytesLike::new(vm, v) {
        Ok(data) => {
            vm.check_room(data.len())?;
            Ok(Some(data.to_vec()))
        }
        // What lies scattered is copied together.
        Err(raised) if vm.raised_is(&crate::types::exceptions::BUFFER_ERROR) => {
            drop(vm.catch(raised));
            super::buffer_bytes(vm, v).map(Some)
        }
        Err(raised) => Err(raised),
    }
}

/// The bytes that an object with a buffer holds, or an iterable of ints yields.
///
/// `what` is "bytes" or "byte" in messages, `name` the type to be made. Raises TypeError for other objects.
pub(crate) fn from_object(vm: &Vm, v: &Value, what: &str, name: &str) -> R<Vec<u8>> {
    if let Some(data) = contents(vm, v)? {
        return Ok(data);
    }
    let mut out = Vec::new();
    each(vm, v, what, name, &mut |b| {
        if out.len() == out.capacity() {
            vm.check_room(out.len().saturating_mul(2))?;
        }
        out.push(b);
        Ok(())
    })?;
    Ok(out)
}

/// Calls `f` with each byte that an iterable of ints yields, before the next is asked for.
///
/// As [`from_object`].
pub(crate) fn each(vm: &Vm, v: &Value, what: &str, name: &str, f: &mut dyn FnMut(u8) -> R<()>) -> R<()> {
    let slots = v.ty().slots();
    let cannot = || vm.type_error(format!("cannot convert '{}' object to {name}", v.ty().tp_name()));
    if v.downcast::<Str>().is_some() || (slots.iter.is_none() && slots.item.is_none() && slots.getitem.is_none()) {
        return Err(cannot());
    }
    if let Some(l) = v.downcast_exact::<List>() {
        // An item's __index__ may change the list: look anew each time.
        let mut i = 0;
        while let Some(x) = l.get(i) {
            f(item(vm, &x, what)?)?;
            i += 1;
        }
        return Ok(());
    }
    if let Some(t) = v.downcast_exact::<Tuple>() {
        return t.as_slice().iter().try_for_each(|x| f(item(vm, x, what)?));
    }
    let it = match vm.iter(v) {
        Ok(it) => it,
        Err(raised) if vm.raised_is(&crate::types::exceptions::TYPE_ERROR) => {
            drop(vm.catch(raised));
            return Err(cannot());
        }
        Err(raised) => return Err(raised),
    };
    // A hint that no memory can hold is told before anything is asked for.
    let hint = vm.length_hint(v, 64)?;
    vm.check_room(hint)?;
    while let Some(x) = vm.next(&it)? {
        f(item(vm, &x, what)?)?;
    }
    Ok(())
}
