//! `_json`: the fast halves of `json.decoder` and `json.encoder`.

mod encoder;
mod quote;
mod scanner;
mod strings;

use taipan_macros::{function, module};
use taipan_runtime::core::{Payload, R, Raised, Ref, Value};
use taipan_runtime::native::TypeDef;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::str::{self, Chars, Str, StrBuilder};
use taipan_runtime::types::tuple;
use taipan_runtime::vm::Vm;

use self::quote::{Quoting, push_quoted};

/// The classes of this module.
pub const TYPES: &[&TypeDef] = &[scanner::Scanner::DEF, encoder::Encoder::DEF];

module! {
    /// json speedups
    name = "_json",
    functions(encode_basestring, encode_basestring_ascii, scanstring),
    exec = exec,
}

fn exec(_vm: &Vm, m: &Ref<Module>) -> R<()> {
    m.set("make_scanner", scanner::Scanner::TYPE.value());
    m.set("make_encoder", encoder::Encoder::TYPE.value());
    Ok(())
}

/// How deep values may be nested, however much native stack there is.
const MAX_DEPTH: usize = 40_000;

/// Raises RecursionError where values are nested too deep.
#[inline]
fn check_depth(vm: &Vm, depth: usize, doing: &str) -> R<()> {
    vm.native_step()?;
    if depth < MAX_DEPTH {
        return Ok(());
    }
    Err(vm.recursion_error(format!("maximum recursion depth exceeded while {doing}")))
}

/// The text that a function of this module is about.
///
/// Raises TypeError for anything but a str.
fn text_argument<'a>(vm: &Vm, v: &'a Value) -> R<&'a Ref<Str>> {
    match v.downcast::<Str>() {
        Some(s) => Ok(s),
        None => Err(vm.type_error(format!("first argument must be a string, not {}", v.ty().tp_name()))),
    }
}

fn quoted(vm: &Vm, string: &Value, quoting: Quoting) -> R {
    let s = text_argument(vm, string)?;
    let mut out = StrBuilder::with_capacity(s.len() + 2);
    push_quoted(vm, &mut out, s.chars(), quoting)?;
    Ok(out.finish())
}

/// Return a JSON representation of a Python string
#[function(sig = "(string, /)")]
fn encode_basestring(vm: &Vm, string: &Value) -> R {
    quoted(vm, string, Quoting::Plain)
}

/// Return an ASCII-only JSON representation of a Python string
#[function(sig = "(string, /)")]
fn encode_basestring_ascii(vm: &Vm, string: &Value) -> R {
    quoted(vm, string, Quoting::Ascii)
}

/// Reads the rest of a JSON string whose opening quote stands before index `end`.
///
/// Gives the text and the index behind the closing quote. With `strict` off, control characters may stand in it.
#[function(sig = "(string, end, strict=True, /)")]
fn scanstring(vm: &Vm, string: &Value, end: isize, strict: Option<bool>) -> R {
    let s = text_argument(vm, string)?;
    let Some(start) = usize::try_from(end).ok().filter(|end| *end <= s.len()) else {
        return Err(vm.value_error("end is out of bounds"));
    };
    let strict = strict.unwrap_or(true);
    let found = match s.chars() {
        Chars::Ascii(t) => strings::read(t.as_bytes(), start, strict),
        Chars::Latin1(t) => strings::read(t, start, strict),
        Chars::Ucs2(t) => strings::read(t, start, strict),
        Chars::Ucs4(t) => strings::read(t, start, strict),
    };
    match found {
        Ok((text, end)) => Ok(tuple::from_array([text.into_value(s), Value::from(end)]).into_value()),
        Err(e) => Err(decode_error(vm, e.message, string, e.at)),
    }
}

/// Raises JSONDecodeError.
#[cold]
fn decode_error(vm: &Vm, message: &str, document: &Value, at: isize) -> Raised {
    let class = match vm.import_attr("json", "JSONDecodeError") {
        Ok(class) => class,
        Err(raised) => return raised,
    };
    match vm.call(&class, &[str::from_str(message), document.clone(), Value::from(at)]) {
        Ok(e) => vm.raise(e),
        Err(raised) => raised,
    }
}
