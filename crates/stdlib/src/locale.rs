//! `_locale`: the C library's locale.

use std::ffi::CString;

use taipan_host::locale as host;
use taipan_macros::{function, module};
use taipan_runtime::core::{R, Raised, Ref, Value};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::{list, str};
use taipan_runtime::vm::Vm;

use crate::posix::{fs_decode, fs_encode};

module! {
    /// Support for POSIX locales.
    name = "_locale",
    functions(setlocale, localeconv, strcoll, strxfrm, nl_langinfo, getencoding),
    exec = exec,
}

macro_rules! numbers {
    ($($name:ident)*) => { &[$((stringify!($name), libc::$name as i32)),*] };
}

const CATEGORIES: &[(&str, i32)] = numbers! { LC_CTYPE LC_TIME LC_COLLATE LC_MONETARY LC_MESSAGES LC_NUMERIC LC_ALL };

const ITEMS: &[(&str, i32)] = numbers! {
    DAY_1 DAY_2 DAY_3 DAY_4 DAY_5 DAY_6 DAY_7 ABDAY_1 ABDAY_2 ABDAY_3 ABDAY_4 ABDAY_5 ABDAY_6 ABDAY_7
    MON_1 MON_2 MON_3 MON_4 MON_5 MON_6 MON_7 MON_8 MON_9 MON_10 MON_11 MON_12
    ABMON_1 ABMON_2 ABMON_3 ABMON_4 ABMON_5 ABMON_6 ABMON_7 ABMON_8 ABMON_9 ABMON_10 ABMON_11 ABMON_12
    RADIXCHAR THOUSEP CRNCYSTR D_FMT D_T_FMT T_FMT AM_STR PM_STR CODESET T_FMT_AMPM ERA ERA_D_FMT ERA_D_T_FMT ERA_T_FMT
    ALT_DIGITS YESEXPR NOEXPR
};

const CHAR_MAX: i32 = 127;

fn error(vm: &Vm) -> R {
    vm.interp_static("locale.Error", |vm| crate::util::new_exception(vm, "locale", "Error", &exc::EXCEPTION))
}

fn exec(vm: &Vm, m: &Ref<Module>) -> R<()> {
    for (name, n) in CATEGORIES.iter().chain(ITEMS) {
        m.set(name, *n);
    }
    m.set("CHAR_MAX", CHAR_MAX);
    m.set("Error", error(vm)?);
    Ok(())
}

#[cold]
fn fail(vm: &Vm, text: &str) -> Raised {
    match error(vm) {
        Ok(class) => match class.as_type() {
            Some(t) => vm.raise_new(t, vec![str::from_str(text)]),
            None => vm.value_error(text),
        },
        Err(r) => r,
    }
}

fn c_text(vm: &Vm, s: &Ref<Str>) -> R<CString> {
    CString::new(fs_encode(vm, s)?).map_err(|_| vm.value_error("embedded null character"))
}

/// Activates/queries locale processing.
#[function(sig = "(category, locale=None, /)")]
fn setlocale(vm: &Vm, category: i32, locale: &Value) -> R {
    if !CATEGORIES.iter().any(|(_, n)| *n == category) {
        return Err(fail(vm, "invalid locale category"));
    }
    if locale.is_none() {
        let now = host::set(category, None).ok_or_else(|| fail(vm, "locale query failed"))?;
        return Ok(fs_decode(now.as_bytes()));
    }
    let Some(name) = locale.downcast::<Str>() else {
        let got = locale.ty().tp_name();
        return Err(vm.type_error(format!("setlocale() argument 2 must be str or None, not {got}")));
    };
    let name = c_text(vm, name)?;
    let now = host::set(category, Some(&name)).ok_or_else(|| fail(vm, "unsupported locale setting"))?;
    Ok(fs_decode(now.as_bytes()))
}

/// The sizes of groups of digits, with what ends the list.
fn grouping(raw: &[u8]) -> Value {
    let mut out = Vec::new();
    for &n in raw {
        out.push(Value::from(n));
        if i32::from(n) == CHAR_MAX {
            break;
        }
    }
    if out.last().is_some_and(|n| n.as_small() != Some(i64::from(CHAR_MAX))) {
        out.push(Value::small(0));
    }
    list::from_vec(out).into_value()
}

/// Returns numeric and monetary locale-specific parameters.
#[function]
fn localeconv(_vm: &Vm) -> Ref<Dict> {
    let c = host::conventions();
    let d = Ref::new(Dict::new());
    for (name, text) in [
        ("decimal_point", &c.decimal_point),
        ("thousands_sep", &c.thousands_separator),
        ("int_curr_symbol", &c.international_symbol),
        ("currency_symbol", &c.currency_symbol),
        ("mon_decimal_point", &c.money_point),
        ("mon_thousands_sep", &c.money_separator),
        ("positive_sign", &c.positive_sign),
        ("negative_sign", &c.negative_sign),
    ] {
        d.set_str(name, fs_decode(text));
    }
    d.set_str("grouping", grouping(&c.grouping));
    d.set_str("mon_grouping", grouping(&c.money_grouping));
    let names = [
        "int_frac_digits", "frac_digits", "p_cs_precedes", "p_sep_by_space", "n_cs_precedes", "n_sep_by_space", "p_sign_posn",
        "n_sign_posn",
    ];
    for (name, n) in names.iter().zip(c.numbers) {
        d.set_str(name, n);
    }
    d
}

/// Compares two strings according to the locale.
#[function(sig = "(os1, os2, /)")]
fn strcoll(vm: &Vm, a: &Ref<Str>, b: &Ref<Str>) -> R<i32> {
    let (a, b) = (c_text(vm, a)?, c_text(vm, b)?);
    Ok(host::compare(&a, &b) as i32)
}

/// Return a string that can be used as a key for locale-aware comparisons.
#[function(sig = "(string, /)")]
fn strxfrm(vm: &Vm, string: &Ref<Str>) -> R {
    let text = c_text(vm, string)?;
    let key = host::sort_key(&text);
    if key == text.as_bytes() {
        return Ok(string.value().clone());
    }
    // The bytes are no text: each becomes a character, so that keys compare as the bytes do.
    let mut out = str::StrBuilder::new();
    out.push_latin1(&key);
    Ok(out.finish())
}

/// Return the value for the locale information associated with key.
#[function(sig = "(key, /)")]
fn nl_langinfo(vm: &Vm, key: i32) -> R {
    if !ITEMS.iter().any(|(_, n)| *n == key) {
        return Err(vm.value_error("unsupported langinfo constant"));
    }
    Ok(fs_decode(&host::item(key)))
}

/// Get the current locale encoding.
#[function]
fn getencoding(_vm: &Vm) -> Value {
    let name = host::item(libc::CODESET);
    if name.is_empty() { str::from_str("utf-8") } else { fs_decode(&name) }
}
