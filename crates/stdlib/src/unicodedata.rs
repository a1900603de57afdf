//! `unicodedata`: the Unicode character database, of now and of version 3.2.

use taipan_macros::{Trace, class, function, module};
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::native::TypeDef;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::str::{self, Str};
use taipan_runtime::vm::Vm;
use taipan_text::unicode::names::Named;
use taipan_text::unicode::normalize::Form;
use taipan_text::unicode::{legacy, names, normalize as forms, numeric as numbers, properties};

/// The classes of this module.
pub const TYPES: &[&TypeDef] = &[Ucd::DEF];

module! {
    /// The Unicode Character Database: names, categories, numbers and normal forms of characters.
    name = "unicodedata",
    functions(
        decimal, digit, numeric, category, bidirectional, combining, mirrored, east_asian_width, decomposition,
        is_normalized, normalize, name, lookup,
    ),
    types(Ucd),
    exec = exec,
}

fn exec(_vm: &Vm, m: &Ref<Module>) -> R<()> {
    m.set("unidata_version", str::from_str("16.0.0"));
    m.set("ucd_3_2_0", Ref::new(Ucd).into_value());
    Ok(())
}

/// Which version is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Version {
    Now,
    Legacy,
}

impl Version {
    /// Whether the character is there at all.
    fn has(self, c: u32) -> bool {
        self == Self::Now || legacy::is_assigned(c)
    }
}

/// The one character of an argument. `place`: what messages call it.
fn character(vm: &Vm, function: &str, place: &str, v: &Value) -> R<u32> {
    match v.downcast::<Str>() {
        Some(s) if s.len() == 1 => Ok(s.char_at(0)),
        Some(s) => Err(vm.type_error(format!("{function}(): {place} must be a unicode character, not a string of length {}", s.len()))),
        None => Err(vm.type_error(format!("{function}() {place} must be a unicode character, not {}", v.ty().tp_name()))),
    }
}

fn or_default(vm: &Vm, found: Option<Value>, default: Option<&Value>, message: &str) -> R {
    match (found, default) {
        (Some(v), _) => Ok(v),
        (None, Some(d)) => Ok(d.clone()),
        (None, None) => Err(vm.value_error(message)),
    }
}

fn decimal_of(vm: &Vm, v: Version, chr: &Value, default: Option<&Value>) -> R {
    let c = character(vm, "decimal", "argument 1", chr)?;
    let found = if v == Version::Legacy { legacy::decimal(c) } else { numbers::decimal(c) };
    or_default(vm, found.map(Value::from), default, "not a decimal")
}

fn digit_of(vm: &Vm, v: Version, chr: &Value, default: Option<&Value>) -> R {
    let c = character(vm, "digit", "argument 1", chr)?;
    let found = if v.has(c) { numbers::digit(c) } else { None };
    or_default(vm, found.map(Value::from), default, "not a digit")
}

fn numeric_of(vm: &Vm, v: Version, chr: &Value, default: Option<&Value>) -> R {
    let c = character(vm, "numeric", "argument 1", chr)?;
    let found = if v.has(c) { numbers::numeric(c) } else { None };
    or_default(vm, found.map(Value::from), default, "not a numeric character")
}

fn category_of(vm: &Vm, v: Version, chr: &Value) -> R<&'static str> {
    let c = character(vm, "category", "argument", chr)?;
    Ok(if v == Version::Legacy { legacy::category(c) } else { properties::category(c) })
}

fn bidirectional_of(vm: &Vm, v: Version, chr: &Value) -> R<&'static str> {
    let c = character(vm, "bidirectional", "argument", chr)?;
    Ok(if v == Version::Legacy { legacy::bidirectional(c) } else { properties::bidirectional(c) })
}

fn combining_of(vm: &Vm, v: Version, chr: &Value) -> R<u8> {
    let c = character(vm, "combining", "argument", chr)?;
    Ok(if v == Version::Legacy { legacy::combining(c) } else { properties::combining(c) })
}

fn mirrored_of(vm: &Vm, v: Version, chr: &Value) -> R<u8> {
    let c = character(vm, "mirrored", "argument", chr)?;
    Ok(u8::from(if v == Version::Legacy { legacy::mirrored(c) } else { properties::mirrored(c) }))
}

fn east_asian_width_of(vm: &Vm, v: Version, chr: &Value) -> R<&'static str> {
    let c = character(vm, "east_asian_width", "argument", chr)?;
    Ok(if v == Version::Legacy { legacy::east_asian_width(c) } else { properties::east_asian_width(c) })
}

fn decomposition_of(vm: &Vm, v: Version, chr: &Value) -> R {
    let c = character(vm, "decomposition", "argument", chr)?;
    Ok(str::from_str(&if v == Version::Legacy { legacy::decomposition(c) } else { forms::decomposition(c) }))
}

/// The arguments (form, text) of a function.
fn form_and_text<'a>(vm: &Vm, function: &str, form: &'a Value, text: &'a Value) -> R<(Form, &'a Ref<Str>)> {
    let (Some(name), Some(s)) = (form.downcast::<Str>(), text.downcast::<Str>()) else {
        let (n, v) = if form.downcast::<Str>().is_none() { (1, form) } else { (2, text) };
        return Err(vm.type_error(format!("{function}() argument {n} must be str, not {}", v.ty().tp_name())));
    };
    // The empty text is normal in any form, also in one that does not exist.
    match Form::from_name(&name.to_string_lossy()) {
        Some(f) => Ok((f, s)),
        None if s.is_empty() => Ok((Form::Nfc, s)),
        None => Err(vm.value_error("invalid normalization form")),
    }
}

fn normalize_in(vm: &Vm, v: Version, form: &Value, text: &Value) -> R {
    let (form, s) = form_and_text(vm, "normalize", form, text)?;
    if s.as_ascii().is_some() || v == Version::Now && forms::is_normalized(form, s.iter().collect::<Vec<_>>()) {
        return Ok(if s.is_exact() { s.value().clone() } else { s.substring(0, s.len()).into_value() });
    }
    let out = if v == Version::Legacy { legacy::normalize(form, s.iter()) } else { forms::normalize(form, s.iter()) };
    Ok(str::from_ucs4(&out).into_value())
}

fn is_normalized_in(vm: &Vm, v: Version, form: &Value, text: &Value) -> R<bool> {
    let (form, s) = form_and_text(vm, "is_normalized", form, text)?;
    if s.as_ascii().is_some() {
        return Ok(true);
    }
    Ok(match v {
        Version::Now => forms::is_normalized(form, s.iter().collect::<Vec<_>>()),
        Version::Legacy => legacy::normalize(form, s.iter()).into_iter().eq(s.iter()),
    })
}

fn name_of(vm: &Vm, v: Version, chr: &Value, default: Option<&Value>) -> R {
    let c = character(vm, "name", "argument 1", chr)?;
    let found = if v.has(c) { names::name(c) } else { None };
    or_default(vm, found.map(|n| str::from_str(&n)), default, "no such name")
}

fn lookup_in(vm: &Vm, v: Version, text: &Value) -> R {
    let search = str::expect_utf8(vm, text)?;
    if search.len() > 256 {
        return Err(vm.key_error(&str::from_str("name too long")));
    }
    let found = match names::lookup(&search) {
        Some(Named::Character(c)) if v.has(c) => Some(str::from_char(c).into_value()),
        Some(Named::Sequence(s)) if v == Version::Now => Some(str::from_ucs4(s).into_value()),
        _ => None,
    };
    found.ok_or_else(|| vm.key_error(&str::from_str(&format!("undefined character name '{search}'"))))
}

/// Converts a Unicode character into its equivalent decimal value.
#[function(sig = "(chr, default=<unrepresentable>, /)")]
fn decimal(vm: &Vm, chr: &Value, default: Option<&Value>) -> R {
    decimal_of(vm, Version::Now, chr, default)
}

/// Converts a Unicode character into its equivalent digit value.
#[function(sig = "(chr, default=<unrepresentable>, /)")]
fn digit(vm: &Vm, chr: &Value, default: Option<&Value>) -> R {
    digit_of(vm, Version::Now, chr, default)
}

/// Converts a Unicode character into its equivalent numeric value.
#[function(sig = "(chr, default=<unrepresentable>, /)")]
fn numeric(vm: &Vm, chr: &Value, default: Option<&Value>) -> R {
    numeric_of(vm, Version::Now, chr, default)
}

/// Returns the general category assigned to the character chr as string.
#[function(sig = "(chr, /)")]
fn category(vm: &Vm, chr: &Value) -> R<&'static str> {
    category_of(vm, Version::Now, chr)
}

/// Returns the bidirectional class assigned to the character chr as string.
#[function(sig = "(chr, /)")]
fn bidirectional(vm: &Vm, chr: &Value) -> R<&'static str> {
    bidirectional_of(vm, Version::Now, chr)
}

/// Returns the canonical combining class assigned to the character chr as integer.
#[function(sig = "(chr, /)")]
fn combining(vm: &Vm, chr: &Value) -> R<u8> {
    combining_of(vm, Version::Now, chr)
}

/// Returns the mirrored property assigned to the character chr as integer.
#[function(sig = "(chr, /)")]
fn mirrored(vm: &Vm, chr: &Value) -> R<u8> {
    mirrored_of(vm, Version::Now, chr)
}

/// Returns the east asian width assigned to the character chr as string.
#[function(sig = "(chr, /)")]
fn east_asian_width(vm: &Vm, chr: &Value) -> R<&'static str> {
    east_asian_width_of(vm, Version::Now, chr)
}

/// Returns the character decomposition mapping assigned to the character chr as string.
#[function(sig = "(chr, /)")]
fn decomposition(vm: &Vm, chr: &Value) -> R {
    decomposition_of(vm, Version::Now, chr)
}

/// Return whether the string is in the normal form.
#[function(sig = "(form, unistr, /)")]
fn is_normalized(vm: &Vm, form: &Value, unistr: &Value) -> R<bool> {
    is_normalized_in(vm, Version::Now, form, unistr)
}

/// Return the normal form of the string.
#[function(sig = "(form, unistr, /)")]
fn normalize(vm: &Vm, form: &Value, unistr: &Value) -> R {
    normalize_in(vm, Version::Now, form, unistr)
}

/// Returns the name assigned to the character chr as a string.
#[function(sig = "(chr, default=<unrepresentable>, /)")]
fn name(vm: &Vm, chr: &Value, default: Option<&Value>) -> R {
    name_of(vm, Version::Now, chr, default)
}

/// Look up a character, or a sequence of them, by name.
#[function(sig = "(name, /)")]
fn lookup(vm: &Vm, name: &Value) -> R {
    lookup_in(vm, Version::Now, name)
}

/// The payload of `unicodedata.UCD`, the database of version 3.2.
#[derive(Trace)]
pub struct Ucd;

#[class(name = "UCD", module = "unicodedata", flags(NO_NEW))]
impl Ucd {
    #[getter]
    fn unidata_version(_vm: &Vm, _this: &Ref<Ucd>) -> R {
        Ok(str::from_str("3.2.0"))
    }

    /// Converts a Unicode character into its equivalent decimal value.
    #[method(sig = "(chr, default=<unrepresentable>, /)")]
    fn decimal(vm: &Vm, _this: &Ref<Ucd>, chr: &Value, default: Option<&Value>) -> R {
        decimal_of(vm, Version::Legacy, chr, default)
    }

    /// Converts a Unicode character into its equivalent digit value.
    #[method(sig = "(chr, default=<unrepresentable>, /)")]
    fn digit(vm: &Vm, _this: &Ref<Ucd>, chr: &Value, default: Option<&Value>) -> R {
        digit_of(vm, Version::Legacy, chr, default)
    }

    /// Converts a Unicode character into its equivalent numeric value.
    #[method(sig = "(chr, default=<unrepresentable>, /)")]
    fn numeric(vm: &Vm, _this: &Ref<Ucd>, chr: &Value, default: Option<&Value>) -> R {
        numeric_of(vm, Version::Legacy, chr, default)
    }

    /// Returns the general category assigned to the character chr as string.
    #[method(sig = "(chr, /)")]
    fn category(vm: &Vm, _this: &Ref<Ucd>, chr: &Value) -> R<&'static str> {
        category_of(vm, Version::Legacy, chr)
    }

    /// Returns the bidirectional class assigned to the character chr as string.
    #[method(sig = "(chr, /)")]
    fn bidirectional(vm: &Vm, _this: &Ref<Ucd>, chr: &Value) -> R<&'static str> {
        bidirectional_of(vm, Version::Legacy, chr)
    }

    /// Returns the canonical combining class assigned to the character chr as integer.
    #[method(sig = "(chr, /)")]
    fn combining(vm: &Vm, _this: &Ref<Ucd>, chr: &Value) -> R<u8> {
        combining_of(vm, Version::Legacy, chr)
    }

    /// Returns the mirrored property assigned to the character chr as integer.
    #[method(sig = "(chr, /)")]
    fn mirrored(vm: &Vm, _this: &Ref<Ucd>, chr: &Value) -> R<u8> {
        mirrored_of(vm, Version::Legacy, chr)
    }

    /// Returns the east asian width assigned to the character chr as string.
    #[method(sig = "(chr, /)")]
    fn east_asian_width(vm: &Vm, _this: &Ref<Ucd>, chr: &Value) -> R<&'static str> {
        east_asian_width_of(vm, Version::Legacy, chr)
    }

    /// Returns the character decomposition mapping assigned to the character chr as string.
    #[method(sig = "(chr, /)")]
    fn decomposition(vm: &Vm, _this: &Ref<Ucd>, chr: &Value) -> R {
        decomposition_of(vm, Version::Legacy, chr)
    }

    /// Return whether the string is in the normal form.
    #[method(sig = "(form, unistr, /)")]
    fn is_normalized(vm: &Vm, _this: &Ref<Ucd>, form: &Value, unistr: &Value) -> R<bool> {
        is_normalized_in(vm, Version::Legacy, form, unistr)
    }

    /// Return the normal form of the string.
    #[method(sig = "(form, unistr, /)")]
    fn normalize(vm: &Vm, _this: &Ref<Ucd>, form: &Value, unistr: &Value) -> R {
        normalize_in(vm, Version::Legacy, form, unistr)
    }

    /// Returns the name assigned to the character chr as a string.
    #[method(sig = "(chr, default=<unrepresentable>, /)")]
    fn name(vm: &Vm, _this: &Ref<Ucd>, chr: &Value, default: Option<&Value>) -> R {
        name_of(vm, Version::Legacy, chr, default)
    }

    /// Look up a character by name.
    #[method(sig = "(name, /)")]
    fn lookup(vm: &Vm, _this: &Ref<Ucd>, name: &Value) -> R {
        lookup_in(vm, Version::Legacy, name)
    }
}
