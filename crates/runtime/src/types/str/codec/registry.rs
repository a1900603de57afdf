//! Codecs and error handlers that are not known natively: they come from the module `_codecs`.

use super::super::Str;
use crate::core::{R, Raised, Value};
use crate::types::bytearray::ByteArray;
use crate::types::bytes::Bytes;
use crate::types::str;
use crate::types::tuple::Tuple;
use crate::vm::Vm;

/// The module `_codecs`, if this interpreter has it.
fn module(vm: &Vm) -> R<Option<Value>> {
    if let Some(m) = vm.interp().modules().get_str("_codecs") {
        return Ok(Some(m));
    }
    match vm.interp().native_module("_codecs") {
        Some(def) => Ok(Some(vm.add_native_module(def)?.into_value())),
        None => Ok(None),
    }
}

/// The `CodecInfo` of an encoding, from `_codecs.lookup`.
///
/// Raises LookupError if no search function knows it.
pub fn lookup_codec(vm: &Vm, encoding: &str) -> R {
    match module(vm)? {
        Some(m) => vm.call_method(&m, "lookup", &[str::from_str(encoding)]),
        None => Err(vm.lookup_error(format!("unknown encoding: {encoding}"))),
    }
}

/// A registered error handler, from `_codecs.lookup_error`.
///
/// Raises LookupError if there is none of this name.
pub fn lookup_error(vm: &Vm, errors: &str) -> R {
    match module(vm)? {
        Some(m) => vm.call_method(&m, "lookup_error", &[str::from_str(errors)]),
        None => Err(vm.lookup_error(format!("unknown error handler name '{errors}'"))),
    }
}

/// Encodes or decodes through a codec's entry in the registry; gives what the codec gives.
///
/// With `text_only`, codecs that are none between text and bytes are refused: `what` (`encode` or `decode`) names
/// the function for them. Raises LookupError, and what the codec raises, with a note about it.
pub fn through_registry(vm: &Vm, value: &Value, encoding: &str, errors: Option<&str>, what: &str, text_only: bool) -> R {
    let info = lookup_codec(vm, encoding)?;
    if text_only && info.downcast_exact::<Tuple>().is_none() {
        let is_text = vm.get_attr_str_opt(&info, "_is_text_encoding")?;
        if let Some(flag) = is_text
            && !vm.truth(&flag)?
        {
            return Err(vm.lookup_error(format!(
                "'{encoding}' is not a text encoding; use codecs.{what}() to handle arbitrary codecs"
            )));
        }
    }
    let encoding_not_decoding = what == "encode";
    let f = vm.getitem(&info, &Value::small(if encoding_not_decoding { 0 } else { 1 }))?;
    let mut args = vec![value.clone()];
    args.extend(errors.map(str::from_str));
    let r = vm.call(&f, &args).map_err(|raised| {
        let doing = if encoding_not_decoding { "encoding" } else { "decoding" };
        add_note(vm, raised, &format!("{doing} with '{encoding}' codec failed"))
    })?;
    match r.downcast::<Tuple>().map(|t| t.as_slice()) {
        Some([v, _]) => Ok(v.clone()),
        _ => Err(vm.type_error(format!("{what}r must return a tuple (object, integer)"))),
    }
}

/// Adds a note to the exception that is being raised.
fn add_note(vm: &Vm, raised: Raised, note: &str) -> Raised {
    let e = vm.catch(raised);
    if let Err(second) = vm.call_method(&e, "add_note", &[str::from_str(note)]) {
        drop(vm.catch(second));
    }
    vm.raise_as_is(e)
}

/// `str.encode` with a registered codec.
pub(super) fn encode(vm: &Vm, value: &Value, encoding: &str, errors: Option<&str>) -> R {
    let r = through_registry(vm, value, encoding, errors, "encode", true)?;
    if r.downcast::<Bytes>().is_some() {
        return Ok(r);
    }
    if let Some(b) = r.downcast::<ByteArray>() {
        return Ok(crate::types::bytes::from_slice(&b.to_vec()).into_value());
    }
    Err(vm.type_error(format!(
        "'{encoding}' encoder returned '{}' instead of 'bytes'; use codecs.encode() to encode to arbitrary types",
        r.ty().tp_name()
    )))
}

/// `bytes.decode` with a registered codec.
pub(super) fn decode(vm: &Vm, value: &Value, encoding: &str, errors: Option<&str>) -> R {
    let r = through_registry(vm, value, encoding, errors, "decode", true)?;
    if r.downcast::<Str>().is_some() {
        return Ok(r);
    }
    Err(vm.type_error(format!(
        "'{encoding}' decoder returned '{}' instead of 'str'; use codecs.decode() to decode to arbitrary types",
        r.ty().tp_name()
    )))
}
