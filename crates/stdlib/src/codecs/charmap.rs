//! Codecs that a mapping defines: a str of 256 characters, its inverse, or any object with items.

use std::borrow::Cow;

use taipan_macros::{Trace, class, function};
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::native::Nullable;
use taipan_runtime::types::bytes::{self, Bytes};
use taipan_runtime::types::exceptions::LOOKUP_ERROR;
use taipan_runtime::types::int;
use taipan_runtime::types::str::codec::{Codec, Handler, Replacement, decode_native, decode_with, encode_native, encode_with};
use taipan_runtime::types::str::{Str, StrBuilder};
use taipan_runtime::vm::Vm;
use taipan_text::codec::{CharmapTable, CodecError, decode_charmap, encode_charmap};

use super::decode::{input, units};
use super::{result, scheme};

const UNDEFINED: &str = "character maps to <undefined>";
/// Marks a byte without a character.
const NO_CHARACTER: u32 = 0xfffe;

/// The payload of `EncodingMap`.
#[derive(Trace)]
pub struct EncodingMap {
    #[no_trace]
    table: CharmapTable,
}

/// A decoding table turned round.
#[class(name = "EncodingMap", flags(NO_NEW))]
impl EncodingMap {
    /// Return the size (in bytes) of this object.
    #[method(sig = "()")]
    fn size(_vm: &Vm, this: &Ref<Self>) -> usize {
        size_of::<Self>() + this.table.len() * 8
    }
}

/// Makes an encoding map of a decoding table, a str of up to 256 characters.
#[function(sig = "(map, /)")]
pub fn charmap_build(_vm: &Vm, map: &Ref<Str>) -> R<Ref<EncodingMap>> {
    Ok(Ref::new(EncodingMap { table: CharmapTable::new(map.iter()) }))
}

/// Encodes by a mapping of characters; Latin-1 where there is none.
#[function(sig = "(str, errors=None, mapping=None, /)")]
pub fn charmap_encode(vm: &Vm, s: &Ref<Str>, errors: Nullable<&str>, mapping: &Value) -> R {
    let errors = scheme(vm, errors.0)?;
    if mapping.is_none() {
        return result(encode_native(vm, s, Codec::Latin1, errors)?, s.len());
    }
    vm.check_room(s.len())?;
    let mut out = Vec::with_capacity(s.len());
    match mapping.downcast_exact::<EncodingMap>() {
        Some(map) => encode_with(vm, s, "charmap", errors, 1, &mut out, |s, from, out| {
            units!(s.chars(), t => encode_charmap(t, from, |c| map.table.get(c), out))
        })?,
        None => encode_by_items(vm, s, errors, mapping, &mut out)?,
    }
    result(bytes::from_vec(out), s.len())
}

/// What a mapping says of a character.
enum Encoded {
    Byte(u8),
    Bytes(Ref<Bytes>),
    Undefined,
}

impl Encoded {
    /// Appends it. False if it is undefined.
    fn write(self, out: &mut Vec<u8>) -> bool {
        match self {
            Self::Byte(b) => out.push(b),
            Self::Bytes(b) => out.extend_from_slice(b.as_slice()),
            Self::Undefined => return false,
        }
        true
    }
}

fn item(vm: &Vm, mapping: &Value, code: u32) -> R<Option<Value>> {
    let found = vm.getitem(mapping, &Value::from(code));
    Ok(vm.ignore(found, &LOOKUP_ERROR)?.filter(|v| !v.is_none()))
}

fn encode_char(vm: &Vm, mapping: &Value, code: u32) -> R<Encoded> {
    let Some(v) = item(vm, mapping, code)? else { return Ok(Encoded::Undefined) };
    if let Some(n) = int::get(&v) {
        return match n.to_i64().and_then(|n| u8::try_from(n).ok()) {
            Some(b) => Ok(Encoded::Byte(b)),
            None => Err(vm.type_error("character mapping must be in range(256)")),
        };
    }
    match v.into_ref::<Bytes>() {
        Ok(b) => Ok(Encoded::Bytes(b)),
        Err(v) => {
            let given = v.ty().tp_name();
            Err(vm.type_error(format!("character mapping must return integer, bytes or None, not {given}")))
        }
    }
}

fn encode_by_items(vm: &Vm, s: &Ref<Str>, errors: &str, mapping: &Value, out: &mut Vec<u8>) -> R<()> {
    let mut handler = None;
    let mut at = 0;
    while at < s.len() {
        if encode_char(vm, mapping, s.char_at(at))?.write(out) {
            at += 1;
            continue;
        }
        let mut end = at + 1;
        while end < s.len() && matches!(encode_char(vm, mapping, s.char_at(end))?, Encoded::Undefined) {
            end += 1;
        }
        let handler = match &mut handler {
            Some(h) => h,
            none => none.insert(Handler::of(vm, errors)?),
        };
        let (replacement, next) = handler.on_encode(vm, "charmap", s, CodecError::new(at, end, UNDEFINED), 1)?;
        match replacement {
            Replacement::Bytes(b) => out.extend_from_slice(&b),
            Replacement::Text(t) => {
                for code in t.iter() {
                    if !encode_char(vm, mapping, code)?.write(out) {
                        return Err(vm.unicode_encode_error("charmap", s, at, end, UNDEFINED));
                    }
                }
            }
        }
        vm.check_room(out.len())?;
        at = next;
    }
    Ok(())
}

/// Decodes by a mapping of bytes; Latin-1 where there is none.
#[function(sig = "(data, errors=None, mapping=None, /)")]
pub fn charmap_decode(vm: &Vm, data: &Value, errors: Nullable<&str>, mapping: &Value) -> R {
    let errors = scheme(vm, errors.0)?;
    let input = input(vm, data)?;
    if mapping.is_none() {
        let (s, n) = decode_native(vm, &input, Codec::Latin1, errors, true)?;
        return result(s, n);
    }
    let n = input.len();
    vm.check_room(n)?;
    let mut out = StrBuilder::with_capacity(n);
    match mapping.downcast_exact::<Str>() {
        Some(table) => {
            decode_with(vm, &input, &|| "charmap", errors, &mut out, |input, from, out| {
                units!(table.chars(), t => decode_charmap(input, from, |b| {
                    t.get(usize::from(b)).map(|c| u32::from(*c)).filter(|c| *c != NO_CHARACTER)
                }, out))
            })?;
        }
        None => decode_by_items(vm, input, errors, mapping, &mut out)?,
    }
    result(out.finish(), n)
}

/// Appends what a mapping says of a byte. False if it is undefined.
fn decode_byte(vm: &Vm, mapping: &Value, b: u8, out: &mut StrBuilder) -> R<bool> {
    let Some(v) = item(vm, mapping, u32::from(b))? else { return Ok(false) };
    if let Some(n) = int::get(&v) {
        return match n.to_i64().and_then(|n| u32::try_from(n).ok()) {
            Some(NO_CHARACTER) => Ok(false),
            Some(n @ ..0x11_0000) => {
                out.push(n);
                Ok(true)
            }
            _ => Err(vm.type_error("character mapping must be in range(0x110000)")),
        };
    }
    let Some(s) = v.downcast::<Str>() else {
        return Err(vm.type_error("character mapping must return integer, None or str"));
    };
    if s.len() == 1 && s.char_at(0) == NO_CHARACTER {
        return Ok(false);
    }
    out.check_room(vm, s.len())?;
    out.push_obj(s);
    Ok(true)
}

fn decode_by_items(vm: &Vm, mut input: Cow<'_, [u8]>, errors: &str, mapping: &Value, out: &mut StrBuilder) -> R<()> {
    let mut handler = None;
    let mut at = 0;
    while let Some(&b) = input.get(at) {
        if decode_byte(vm, mapping, b, out)? {
            at += 1;
            continue;
        }
        let handler = match &mut handler {
            Some(h) => h,
            none => none.insert(Handler::of(vm, errors)?),
        };
        at = handler.on_decode(vm, "charmap", &mut input, CodecError::new(at, at + 1, UNDEFINED), out)?;
    }
    Ok(())
}
