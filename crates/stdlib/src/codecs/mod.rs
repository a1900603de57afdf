//! `_codecs`: the registry of codecs and error handlers, and the codecs that are built in.

mod charmap;
pub mod decode;
mod encode;
mod escape;
mod handlers;
mod registry;

use taipan_macros::{function, module};
use taipan_runtime::core::{R, Value};
use taipan_runtime::native::TypeDef;
use taipan_runtime::types::list;
use taipan_runtime::types::str::codec;
use taipan_runtime::types::tuple::{self, Tuple};
use taipan_runtime::vm::{Vm, intern};

pub(crate) use self::decode::units;
pub use self::registry::{lookup, lookup_error};
use self::registry::{call_is_possible, registry};

module! {
    /// Access to the registry of codecs, and the codecs that are built in.
    name = "_codecs",
    functions(
        register, unregister, lookup_, register_error, _unregister_error, lookup_error_, encode_, decode_,
        escape::escape_encode, escape::escape_decode,
        encode::utf_8_encode, encode::utf_7_encode, encode::utf_16_encode, encode::utf_16_le_encode,
        encode::utf_16_be_encode, encode::utf_32_encode, encode::utf_32_le_encode, encode::utf_32_be_encode,
        encode::latin_1_encode, encode::ascii_encode, encode::unicode_escape_encode, encode::raw_unicode_escape_encode,
        encode::readbuffer_encode,
        decode::utf_8_decode, decode::utf_7_decode, decode::utf_16_decode, decode::utf_16_le_decode,
        decode::utf_16_be_decode, decode::utf_16_ex_decode, decode::utf_32_decode, decode::utf_32_le_decode,
        decode::utf_32_be_decode, decode::utf_32_ex_decode, decode::latin_1_decode, decode::ascii_decode,
        decode::unicode_escape_decode, decode::raw_unicode_escape_decode,
        charmap::charmap_encode, charmap::charmap_decode, charmap::charmap_build,
    ),
}

/// The types of this module.
pub const TYPES: &[&TypeDef] = &[registry::Registry::DEF, charmap::EncodingMap::DEF];

/// Refuses a name with a zero in it.
fn no_zero(vm: &Vm, text: &str) -> R<()> {
    if text.contains('\0') { Err(vm.value_error("embedded null character")) } else { Ok(()) }
}

/// Register a codec search function.
///
/// Search functions are expected to take one argument, the encoding name in all lower case letters, and either return
/// None, or a tuple of functions (encoder, decoder, stream_reader, stream_writer) (or a CodecInfo object).
#[function(sig = "(search_function, /)")]
fn register(vm: &Vm, search_function: &Value) -> R<()> {
    if !call_is_possible(search_function) {
        return Err(vm.type_error("argument must be callable"));
    }
    let r = registry(vm)?;
    r.start(vm)?;
    r.search.push(search_function.clone());
    Ok(())
}

/// Unregister a codec search function and clear the registry's cache.
///
/// If the search function is not registered, do nothing.
#[function(sig = "(search_function, /)")]
fn unregister(vm: &Vm, search_function: &Value) -> R<()> {
    let r = registry(vm)?;
    let at = r.search.items().borrow().iter().position(|f| f.is(search_function));
    if let Some(at) = at {
        r.cache.clear_all();
        let removed = r.search.items().borrow_mut().remove(at);
        drop(removed);
    }
    Ok(())
}

/// Looks up a codec tuple in the Python codec registry and returns a CodecInfo object.
#[function(sig = "(encoding, /)")]
fn lookup_(vm: &Vm, encoding: &str) -> R {
    no_zero(vm, encoding)?;
    lookup(vm, encoding)
}

/// Register the specified error handler under the name errors.
///
/// handler must be a callable object, that will be called with an exception instance containing information about the
/// location of the encoding/decoding error and must return a (replacement, new position) tuple.
#[function(sig = "(errors, handler, /)")]
fn register_error(vm: &Vm, errors: &str, handler: &Value) -> R<()> {
    no_zero(vm, errors)?;
    if !call_is_possible(handler) {
        return Err(vm.type_error("handler must be callable"));
    }
    registry(vm)?.handlers.set_str(errors, handler.clone());
    Ok(())
}

/// Un-register the specified error handler for the error handling scheme errors.
///
/// Only custom error handlers can be un-registered: an exception is raised for a built-in one. True if there was a
/// handler of this name.
#[function(sig = "(errors, /)")]
fn _unregister_error(vm: &Vm, errors: &str) -> R<bool> {
    no_zero(vm, errors)?;
    if codec::Handler::standard(errors).is_some() {
        return Err(vm.value_error(format!("cannot un-register built-in error handler '{errors}'")));
    }
    let removed = registry(vm)?.handlers.remove_name(intern(errors).value());
    Ok(removed.is_some())
}

/// Return the error handler for the specified error handling name or raise a LookupError, if no handler exists under
/// this name.
#[function(sig = "(name, /)")]
fn lookup_error_(vm: &Vm, name: &str) -> R {
    no_zero(vm, name)?;
    lookup_error(vm, name)
}

/// Encodes obj using the codec registered for encoding.
///
/// The default encoding is 'utf-8'. errors may be given to set a different error handling scheme. Default is 'strict'
/// meaning that encoding errors raise a ValueError.
#[function(sig = "(obj, encoding='utf-8', errors='strict')")]
fn encode_(vm: &Vm, obj: &Value, encoding: Option<&str>, errors: Option<&str>) -> R {
    code(vm, obj, encoding, errors, "encode")
}

/// Decodes obj using the codec registered for encoding.
///
/// The default encoding is 'utf-8'. errors may be given to set a different error handling scheme. Default is 'strict'
/// meaning that encoding errors raise a ValueError.
#[function(sig = "(obj, encoding='utf-8', errors='strict')")]
fn decode_(vm: &Vm, obj: &Value, encoding: Option<&str>, errors: Option<&str>) -> R {
    code(vm, obj, encoding, errors, "decode")
}

fn code(vm: &Vm, obj: &Value, encoding: Option<&str>, errors: Option<&str>, what: &str) -> R {
    let encoding = encoding.unwrap_or("utf-8");
    no_zero(vm, encoding)?;
    no_zero(vm, errors.unwrap_or(""))?;
    codec::through_registry(vm, obj, encoding, errors, what, false)
}

/// What codec functions return: the result and how much of the input it took.
fn result(v: impl Into<Value>, consumed: usize) -> R {
    Ok(tuple::from_array([v.into(), Value::from(consumed)]).into_value())
}

/// The error handling that is meant: `None` is 'strict'.
fn scheme<'a>(vm: &Vm, errors: Option<&'a str>) -> R<&'a str> {
    match errors {
        Some(e) => no_zero(vm, e).map(|()| e),
        None => Ok("strict"),
    }
}

/// Takes a codec's entry apart, if it is one.
fn is_entry(v: &Value) -> bool {
    v.downcast::<Tuple>().is_some_and(|t| t.len() == 4)
}

/// An empty list, for the registry.
fn empty_list() -> taipan_runtime::core::Ref<list::List> {
    list::from_vec(Vec::new())
}
