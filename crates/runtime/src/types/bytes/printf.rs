//! `format % values` for bytes and bytearray.

use taipan_text::format::{PercentError, PercentParser, PercentPiece, PercentSpec, percent_text};

use super::{BytesLike, from_slice, is_bytes_like};
use crate::core::{R, Value};
use crate::types::bytearray::ByteArray;
use crate::types::int;
use crate::types::str::Str;
use crate::types::str::printf::{Operands, incomplete, number, percent_error};
use crate::types::{bytes, float};
use crate::vm::{Vm, names};

/// `format % args`
///
/// Raises TypeError, ValueError, KeyError and OverflowError as the format and the values deserve.
pub(crate) fn format(vm: &Vm, format: &[u8], args: &Value) -> R<Vec<u8>> {
    let mut out = Vec::with_capacity(format.len());
    let mut operands = Operands::for_bytes(vm, args);
    let mut parser = PercentParser::new(format);
    loop {
        let start = parser.position();
        let Some(piece) = parser.next() else { break };
        match piece {
            Ok(PercentPiece::Literal(t)) => out.extend_from_slice(t),
            Ok(PercentPiece::Percent) => out.push(b'%'),
            Ok(PercentPiece::Spec(spec)) => conversion(vm, &spec, &mut operands, &mut out)?,
            Err(e) => {
                let rest = format.get(start..).unwrap_or_default();
                return Err(incomplete(vm, e, rest, &mut operands, |key| from_slice(key).into_value()));
            }
        }
    }
    operands.finish("bytes")?;
    Ok(out)
}

fn conversion(vm: &Vm, spec: &PercentSpec<'_, u8>, operands: &mut Operands<'_>, out: &mut Vec<u8>) -> R<()> {
    if let Some(key) = spec.key {
        operands.take_key(from_slice(key).value())?;
    }
    let mut flags = spec.flags;
    let (width, precision) = operands.amounts(spec, &mut flags)?;
    let v = operands.next()?;
    let shown = match char::from_u32(spec.conversion) {
        Some('s' | 'b') => bytes_of(vm, &v)?,
        Some('a' | 'r') => match vm.ascii(&v)?.downcast::<Str>().and_then(|s| s.as_ascii()) {
            Some(s) => s.as_bytes().to_vec(),
            None => Vec::new(),
        },
        Some('c') => {
            let b = character(vm, &v)?;
            vm.check_room(width.unwrap_or(0).saturating_add(out.len()))?;
            percent_text(&[b], flags, width, None, out);
            return Ok(());
        }
        Some('e' | 'E' | 'f' | 'F' | 'g' | 'G') if !is_real(&v) => {
            return Err(vm.type_error(format!("float argument required, not {}", v.ty().tp_name())));
        }
        _ => {
            // Messages speak of %d.
            let letter = if spec.conversion == u32::from(b'i') { u32::from(b'd') } else { spec.conversion };
            if number(vm, &v, letter, flags, (width, precision), out)? {
                return Ok(());
            }
            return Err(percent_error(vm, PercentError::unsupported(spec.conversion, spec.index)));
        }
    };
    vm.check_room(shown.len().max(width.unwrap_or(0)).saturating_add(out.len()))?;
    percent_text(&shown, flags, width, precision, out);
    Ok(())
}

fn is_real(v: &Value) -> bool {
    float::get(v).is_some() || v.ty().slots().float.is_some() || v.ty().slots().index.is_some()
}

/// What `%b` writes.
fn bytes_of(vm: &Vm, v: &Value) -> R<Vec<u8>> {
    if let Some(b) = bytes::get(v) {
        return Ok(b.to_vec());
    }
    if let Some(b) = v.downcast::<ByteArray>() {
        return Ok(b.to_vec());
    }
    if let Some(r) = vm.call_special(v, &names().__bytes__, &[])? {
        return match bytes::get(&r) {
            Some(b) => Ok(b.to_vec()),
            None => Err(vm.type_error(format!("__bytes__ returned non-bytes (type {})", r.ty().tp_name()))),
        };
    }
    if is_bytes_like(v) {
        return bytes::buffer_bytes(vm, v);
    }
    let ty = v.ty().tp_name();
    Err(vm.type_error(format!(
        "%b requires a bytes-like object, or an object that implements __bytes__, not '{ty}'"
    )))
}

/// The byte that `%c` writes.
fn character(vm: &Vm, v: &Value) -> R<u8> {
    if bytes::get(v).is_some() || v.downcast::<ByteArray>().is_some() {
        let data = BytesLike::new(vm, v)?;
        if let [b] = *data {
            return Ok(b);
        }
        let (n, ty) = (data.len(), v.ty().tp_name());
        return Err(vm.type_error(format!(
            "%c requires an integer in range(256) or a single byte, not a {ty} object of length {n}"
        )));
    }
    if int::get(v).is_none() && v.ty().slots().index.is_none() {
        let ty = v.ty().tp_name();
        return Err(vm.type_error(format!("%c requires an integer in range(256) or a single byte, not {ty}")));
    }
    let n = int::index(vm, v)?;
    match int::get(&n).and_then(int::IntRef::to_i64).and_then(|n| u8::try_from(n).ok()) {
        Some(b) => Ok(b),
        None => Err(vm.overflow_error("%c arg not in range(256)")),
    }
}
