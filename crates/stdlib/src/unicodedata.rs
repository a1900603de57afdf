//! `unicodedata`: the Unicode Character Database, of today and of version 3.2.

use taipan_macros::{Trace, class, function, module};
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::native::{CodePoint, TypeDef};
use taipan_runtime::types::bytes::BytesLike;
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::str::{self, Chars, Str};
use taipan_runtime::vm::Vm;
use taipan_text::CodeUnit;
use taipan_text::unicode::normalize::{self, Form};
use taipan_text::unicode::{self, legacy, names, numeric, properties};

/// The classes of this module.
pub const TYPES: &[&TypeDef] = &[Database::DEF];

module! {
    /// This module provides access to the Unicode Character Database which
    /// defines character properties for all Unicode characters. The data in
    /// this database is that of the UnicodeData.txt file version 16.0.0.
    name = "unicodedata",
    functions(
        bidirectional, category, combining, decimal, decomposition, digit, east_asian_width, is_normalized, lookup,
        mirrored, name, normalize, numeric
    ),
    types(Database),
    exec = exec,
}

fn exec(_vm: &Vm, m: &Ref<Module>) -> R<()> {
    m.set("unidata_version", str::from_str(unicode::VERSION));
    m.set("ucd_3_2_0", Ref::new(Database {}).into_value());
    Ok(())
}

/// Which version of the database is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Version {
    Now,
    Old,
}

use Version::{Now, Old};

/// What a look-up gives that finds nothing: the default, or a ValueError.
fn or_default(vm: &Vm, found: Option<Value>, default: Option<&Value>, message: &str) -> R {
    match (found, default) {
        (Some(v), _) => Ok(v),
        (None, Some(d)) => Ok(d.clone()),
        (None, None) => Err(vm.value_error(message)),
    }
}

fn decimal_in(vm: &Vm, version: Version, chr: CodePoint, default: Option<&Value>) -> R {
    let found = if version == Now { numeric::decimal(chr.0) } else { legacy::decimal(chr.0) };
    or_default(vm, found.map(Value::from), default, "not a decimal")
}

fn digit_in(vm: &Vm, _: Version, chr: CodePoint, default: Option<&Value>) -> R {
    or_default(vm, numeric::digit(chr.0).map(Value::from), default, "not a digit")
}

fn numeric_in(vm: &Vm, version: Version, chr: CodePoint, default: Option<&Value>) -> R {
    let found = if version == Now { numeric::numeric(chr.0) } else { legacy::numeric(chr.0) };
    or_default(vm, found.map(Value::from), default, "not a numeric character")
}

fn name_in(vm: &Vm, version: Version, chr: CodePoint, default: Option<&Value>) -> R {
    let known = version == Now || legacy::is_assigned(chr.0);
    let found = if known { names::name(chr.0) } else { None };
    or_default(vm, found.map(|n| str::from_str(&n)), default, "no such name")
}

/// The longest name that is looked for.
const LONGEST_NAME: usize = 256;

fn lookup_in(vm: &Vm, version: Version, name: &Value) -> R {
    let bytes;
    let text = match name.downcast::<Str>() {
        Some(s) => s.to_utf8(vm)?,
        None => {
            bytes = BytesLike::new(vm, name)?;
            String::from_utf8_lossy(&bytes)
        }
    };
    let error = |text: &str| vm.raise_msg(&exc::KEY_ERROR, text);
    if text.len() > LONGEST_NAME {
        return Err(error("name too long"));
    }
    match names::lookup(&text) {
        Some(names::Named::Character(c)) if version == Now || old_name(c, &text) => Ok(str::from_char(c).into_value()),
        Some(names::Named::Sequence(s)) if version == Now => Ok(str::from_ucs4(s).into_value()),
        _ => Err(error(&format!("undefined character name '{text}'"))),
    }
}

/// Whether this is the character's own name, no alias, which the old database does not know.
fn old_name(code: u32, text: &str) -> bool {
    names::name(code).is_some_and(|own| own.eq_ignore_ascii_case(text))
}

fn form(vm: &Vm, form: &Ref<Str>) -> R<Form> {
    match form.as_ascii().and_then(Form::from_name) {
        Some(form) => Ok(form),
        None => Err(vm.value_error("invalid normalization form")),
    }
}

/// Calls `$f` with an iterator over the code points.
macro_rules! with_points {
    ($s:expr, $points:ident => $e:expr) => {
        match $s.chars() {
            Chars::Ascii(t) => {
                let $points = t.bytes().map(u32::from);
                $e
            }
            Chars::Latin1(t) => {
                let $points = t.iter().map(|c| c.code());
                $e
            }
            Chars::Ucs2(t) => {
                let $points = t.iter().map(|c| c.code());
                $e
            }
            Chars::Ucs4(t) => {
                let $points = t.iter().copied();
                $e
            }
        }
    };
}

fn normalize_in(vm: &Vm, version: Version, form_: &Ref<Str>, unistr: &Ref<Str>) -> R {
    let unchanged = || if unistr.is_exact() { unistr.to_value() } else { unistr.substring(0, unistr.len()).into_value() };
    // CPython gives back an empty text whatever the form.
    if unistr.is_empty() {
        return Ok(unchanged());
    }
    let form = form(vm, form_)?;
    if unistr.as_ascii().is_some() {
        return Ok(unchanged());
    }
    if version == Now {
        if with_points!(unistr, p => normalize::quick_check(form, p)) == Some(true) {
            return Ok(unchanged());
        }
        // No code point becomes more than 18 others.
        vm.check_room(unistr.len().saturating_mul(4))?;
        let points = with_points!(unistr, p => normalize::normalize(form, p));
        return Ok(str::from_ucs4(&points).into_value());
    }
    let points = with_points!(unistr, p => legacy::normalize(form, p));
    Ok(str::from_ucs4(&points).into_value())
}

fn is_normalized_in(vm: &Vm, version: Version, form_: &Ref<Str>, input: &Ref<Str>) -> R<bool> {
    if input.is_empty() {
        return Ok(true);
    }
    let form = form(vm, form_)?;
    if input.as_ascii().is_some() {
        return Ok(true);
    }
    Ok(if version == Now {
        with_points!(input, p => normalize::is_normalized(form, p))
    } else {
        with_points!(input, p => legacy::normalize(form, p.clone()).into_iter().eq(p))
    })
}

/// The bidirectional class assigned to the character chr, as a string; empty if none is defined.
#[function(sig = "(chr, /)")]
fn bidirectional(_vm: &Vm, chr: CodePoint) -> &'static str {
    properties::bidirectional(chr.0)
}

/// The general category assigned to the character chr, as a string.
#[function(sig = "(chr, /)")]
fn category(_vm: &Vm, chr: CodePoint) -> &'static str {
    properties::category(chr.0)
}

/// The canonical combining class assigned to the character chr, as an integer; 0 if none is defined.
#[function(sig = "(chr, /)")]
fn combining(_vm: &Vm, chr: CodePoint) -> u8 {
    properties::combining(chr.0)
}

/// The decimal value of the character chr, as an integer; default, or a ValueError, if there is none.
#[function(sig = "(chr, default=<unrepresentable>, /)")]
fn decimal(vm: &Vm, chr: CodePoint, default: Option<&Value>) -> R {
    decimal_in(vm, Now, chr, default)
}

/// The decomposition mapping of the character chr, as a string; empty if there is none.
#[function(sig = "(chr, /)")]
fn decomposition(_vm: &Vm, chr: CodePoint) -> String {
    normalize::decomposition(chr.0)
}

/// The digit value of the character chr, as an integer; default, or a ValueError, if there is none.
#[function(sig = "(chr, default=<unrepresentable>, /)")]
fn digit(vm: &Vm, chr: CodePoint, default: Option<&Value>) -> R {
    digit_in(vm, Now, chr, default)
}

/// The east asian width assigned to the character chr, as a string.
#[function(sig = "(chr, /)")]
fn east_asian_width(_vm: &Vm, chr: CodePoint) -> &'static str {
    properties::east_asian_width(chr.0)
}

/// Whether the Unicode string unistr is in the normal form 'form': 'NFC', 'NFKC', 'NFD' or 'NFKD'.
#[function(sig = "(form, unistr, /)")]
fn is_normalized(vm: &Vm, form: &Ref<Str>, unistr: &Ref<Str>) -> R<bool> {
    is_normalized_in(vm, Now, form, unistr)
}

/// The character, or sequence of characters, with this name.
///
/// Raises KeyError if there is none.
#[function(sig = "(name, /)")]
fn lookup(vm: &Vm, name: &Value) -> R {
    lookup_in(vm, Now, name)
}

/// 1 if the character chr is a mirrored one in bidirectional text, 0 otherwise.
#[function(sig = "(chr, /)")]
fn mirrored(_vm: &Vm, chr: CodePoint) -> u8 {
    properties::mirrored(chr.0).into()
}

/// The name assigned to the character chr, as a string; default, or a ValueError, if there is none.
#[function(sig = "(chr, default=<unrepresentable>, /)")]
fn name(vm: &Vm, chr: CodePoint, default: Option<&Value>) -> R {
    name_in(vm, Now, chr, default)
}

/// The normal form 'form' of the Unicode string unistr: 'NFC', 'NFKC', 'NFD' or 'NFKD'.
#[function(sig = "(form, unistr, /)")]
fn normalize(vm: &Vm, form: &Ref<Str>, unistr: &Ref<Str>) -> R {
    normalize_in(vm, Now, form, unistr)
}

/// The numeric value of the character chr, as a float; default, or a ValueError, if there is none.
#[function(sig = "(chr, default=<unrepresentable>, /)")]
fn numeric(vm: &Vm, chr: CodePoint, default: Option<&Value>) -> R {
    numeric_in(vm, Now, chr, default)
}

/// The payload of UCD: the database of version 3.2.
#[derive(Trace)]
pub struct Database {}

#[class(name = "UCD", module = "unicodedata", flags(NO_NEW))]
impl Database {
    #[getter(member)]
    fn unidata_version(_vm: &Vm, _this: &Ref<Self>) -> &'static str {
        legacy::VERSION
    }

    /// The bidirectional class assigned to the character chr, as a string; empty if none is defined.
    #[method(sig = "(chr, /)")]
    fn bidirectional(_vm: &Vm, _this: &Ref<Self>, chr: CodePoint) -> &'static str {
        legacy::bidirectional(chr.0)
    }

    /// The general category assigned to the character chr, as a string.
    #[method(sig = "(chr, /)")]
    fn category(_vm: &Vm, _this: &Ref<Self>, chr: CodePoint) -> &'static str {
        legacy::category(chr.0)
    }

    /// The canonical combining class assigned to the character chr, as an integer; 0 if none is defined.
    #[method(sig = "(chr, /)")]
    fn combining(_vm: &Vm, _this: &Ref<Self>, chr: CodePoint) -> u8 {
        legacy::combining(chr.0)
    }

    /// The decimal value of the character chr, as an integer; default, or a ValueError, if there is none.
    #[method(sig = "(chr, default=<unrepresentable>, /)")]
    fn decimal(vm: &Vm, _this: &Ref<Self>, chr: CodePoint, default: Option<&Value>) -> R {
        decimal_in(vm, Old, chr, default)
    }

    /// The decomposition mapping of the character chr, as a string; empty if there is none.
    #[method(sig = "(chr, /)")]
    fn decomposition(_vm: &Vm, _this: &Ref<Self>, chr: CodePoint) -> String {
        legacy::decomposition(chr.0)
    }

    /// The digit value of the character chr, as an integer; default, or a ValueError, if there is none.
    #[method(sig = "(chr, default=<unrepresentable>, /)")]
    fn digit(vm: &Vm, _this: &Ref<Self>, chr: CodePoint, default: Option<&Value>) -> R {
        digit_in(vm, Old, chr, default)
    }

    /// The east asian width assigned to the character chr, as a string.
    #[method(sig = "(chr, /)")]
    fn east_asian_width(_vm: &Vm, _this: &Ref<Self>, chr: CodePoint) -> &'static str {
        legacy::east_asian_width(chr.0)
    }

    /// Whether the Unicode string unistr is in the normal form 'form': 'NFC', 'NFKC', 'NFD' or 'NFKD'.
    #[method(sig = "(form, unistr, /)")]
    fn is_normalized(vm: &Vm, _this: &Ref<Self>, form: &Ref<Str>, unistr: &Ref<Str>) -> R<bool> {
        is_normalized_in(vm, Old, form, unistr)
    }

    /// The character with this name.
    ///
    /// Raises KeyError if there is none.
    #[method(sig = "(name, /)")]
    fn lookup(vm: &Vm, _this: &Ref<Self>, name: &Value) -> R {
        lookup_in(vm, Old, name)
    }

    /// 1 if the character chr is a mirrored one in bidirectional text, 0 otherwise.
    #[method(sig = "(chr, /)")]
    fn mirrored(_vm: &Vm, _this: &Ref<Self>, chr: CodePoint) -> u8 {
        legacy::mirrored(chr.0).into()
    }

    /// The name assigned to the character chr, as a string; default, or a ValueError, if there is none.
    #[method(sig = "(chr, default=<unrepresentable>, /)")]
    fn name(vm: &Vm, _this: &Ref<Self>, chr: CodePoint, default: Option<&Value>) -> R {
        name_in(vm, Old, chr, default)
    }

    /// The normal form 'form' of the Unicode string unistr: 'NFC', 'NFKC', 'NFD' or 'NFKD'.
    #[method(sig = "(form, unistr, /)")]
    fn normalize(vm: &Vm, _this: &Ref<Self>, form: &Ref<Str>, unistr: &Ref<Str>) -> R {
        normalize_in(vm, Old, form, unistr)
    }

    /// The numeric value of the character chr, as a float; default, or a ValueError, if there is none.
    #[method(sig = "(chr, default=<unrepresentable>, /)")]
    fn numeric(vm: &Vm, _this: &Ref<Self>, chr: CodePoint, default: Option<&Value>) -> R {
        numeric_in(vm, Old, chr, default)
    }
}
