//! `Decimal.__format__`.

use std::borrow::Cow;

use taipan_runtime::core::{R, Value};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::int;
use taipan_runtime::types::str::{self, Str};
use taipan_runtime::vm::Vm;

use super::context;
use super::number::{self, Coef, Kind, Num};
use super::round::Rounding;

/// A parsed specification.
struct Spec {
    fill: char,
    /// `<`, `>`, `^` or `=`
    align: char,
    /// `-`, `+` or a space.
    sign: char,
    no_negative_zero: bool,
    alternate: bool,
    zeros: bool,
    width: usize,
    precision: Option<usize>,
    fraction_separator: &'static str,
    /// A letter; `None` if not given.
    code: Option<char>,
    point: Cow<'static, str>,
    separator: Cow<'static, str>,
    groups: Cow<'static, [u8]>,
}

/// Reads a specification.
fn parse(text: &str) -> Option<Spec> {
    let chars: Vec<char> = text.chars().collect();
    let mut at = 0;
    let is_align = |c: Option<&char>| c.is_some_and(|c| matches!(c, '<' | '>' | '^' | '='));
    let mut spec = Spec {
        fill: ' ',
        align: '>',
        sign: '-',
        no_negative_zero: false,
        alternate: false,
        zeros: false,
        width: 0,
        precision: None,
        fraction_separator: "",
        code: None,
        point: Cow::Borrowed("."),
        separator: Cow::Borrowed(""),
        groups: Cow::Borrowed(&[3, 0]),
    };
    let mut aligned = true;
    if is_align(chars.get(1)) {
        (spec.fill, spec.align) = (chars[0], chars[1]);
        at = 2;
    } else if is_align(chars.first()) {
        spec.align = chars[0];
        at = 1;
    } else {
        aligned = false;
    }
    let eat = |at: &mut usize, set: &[char]| {
        let hit = chars.get(*at).copied().filter(|c| set.contains(c));
        *at += usize::from(hit.is_some());
        hit
    };
    spec.sign = eat(&mut at, &['+', '-', ' ']).unwrap_or('-');
    spec.no_negative_zero = eat(&mut at, &['z']).is_some();
    spec.alternate = eat(&mut at, &['#']).is_some();
    if eat(&mut at, &['0']).is_some() {
        if aligned {
            return None;
        }
        (spec.zeros, spec.fill, spec.align) = (true, '0', '=');
    }
    let number = |at: &mut usize| -> Option<Option<usize>> {
        let mut n: Option<usize> = None;
        while let Some(d) = chars.get(*at).and_then(|c| c.to_digit(10)) {
            n = Some(n.unwrap_or(0).checked_mul(10)?.checked_add(d as usize)?);
            if n > Some(number::MAX_PREC as usize) {
                return None;
            }
            *at += 1;
        }
        Some(n)
    };
    spec.width = number(&mut at)?.unwrap_or(0);
    if let Some(c) = eat(&mut at, &[',', '_']) {
        spec.separator = Cow::Borrowed(if c == ',' { "," } else { "_" });
    }
    if eat(&mut at, &['.']).is_some() {
        spec.precision = number(&mut at)?;
        spec.fraction_separator = match eat(&mut at, &[',', '_']) {
            Some(',') => ",",
            Some(_) => "_",
            None if spec.precision.is_none() => return None,
            None => "",
        };
    }
    spec.code = eat(&mut at, &['e', 'E', 'f', 'F', 'g', 'G', 'n', 'N', '%']);
    if matches!(spec.code, Some('n' | 'N')) && !spec.separator.is_empty() {
        return None;
    }
    (at == chars.len()).then_some(spec)
}

/// The text of a number in a format.
///
/// Raises ValueError for a wrong specification.
pub fn format(vm: &Vm, n: &Num, spec: &Str, over: Option<&Value>) -> R {
    let c = context::current(vm)?;
    let invalid = || vm.value_error("invalid format string");
    let Some(text) = spec.to_utf8_opt() else { return Err(invalid()) };
    let Some(mut spec) = parse(&text) else { return Err(invalid()) };
    if spec.code == Some('N') {
        vm.warn(&exc::DEPRECATION_WARNING, "Format specifier 'N' is deprecated", 1)?;
    }
    let plain = if c.capitals.get() { 'G' } else { 'g' };
    let code = match spec.code {
        None => plain,
        Some('n') => 'g',
        Some('N') => 'G',
        Some(c) => c,
    };
    if matches!(spec.code, Some('n' | 'N')) {
        let l = int::locale();
        (spec.point, spec.separator, spec.groups) = (l.point, l.separator, l.groups.into());
    }
    if let Some(over) = over {
        let Some(d) = over.downcast::<Dict>() else { return Err(vm.type_error("optional argument must be a dict")) };
        override_with(vm, &mut spec, d)?;
    }
    let wide = spec.width.max(spec.precision.unwrap_or(0));
    if wide > 1 << 31 || n.is_finite() && matches!(code, 'f' | 'F' | '%') && n.exp.unsigned_abs() > 1 << 31 {
        return Err(vm.memory_error());
    }
    let body = number_text(n, &spec, code, c.settings().rounding);
    Ok(str::from_str(&body))
}

fn override_with(vm: &Vm, spec: &mut Spec, d: &Dict) -> R<()> {
    let text = |key: &str| -> R<Option<String>> {
        match d.get_str(key) {
            None => Ok(None),
            Some(v) => match v.downcast::<Str>() {
                Some(s) => Ok(Some(s.to_string_lossy())),
                None => Err(vm.type_error("optional argument must be a dict")),
            },
        }
    };
    if let Some(s) = text("decimal_point")? {
        spec.point = s.into();
    }
    if let Some(s) = text("thousands_sep")? {
        spec.separator = s.into();
    }
    if let Some(s) = text("grouping")? {
        spec.groups = s.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(255)).collect();
    }
    // As the C version checks what it is given.
    let bad_point = spec.point.is_empty() || spec.point.len() > 4;
    if bad_point || spec.separator.len() > 4 || spec.groups.iter().any(|g| *g > 127) {
        return Err(vm.value_error("invalid override dict"));
    }
    Ok(())
}

/// The number with another exponent.
fn rescaled(n: &Num, exp: i64, rounding: Rounding) -> Num {
    if n.coef.is_zero() {
        return Num::zero(n.neg, exp);
    }
    if n.exp >= exp {
        return Num::new(n.neg, n.coef.shift_left(n.exp - exp), exp);
    }
    let (coef, lost) = n.coef.shift_right(exp - n.exp);
    let coef = if rounding.up(n.neg, &coef, lost) { coef.add(&Coef::ONE) } else { coef };
    Num::new(n.neg, coef, exp)
}

/// The number with so many digits.
fn with_digits(n: &Num, places: i64, rounding: Rounding) -> Num {
    if n.coef.is_zero() {
        return n.clone();
    }
    let r = rescaled(n, n.adjusted() + 1 - places, rounding);
    if r.adjusted() == n.adjusted() { r } else { rescaled(&r, r.adjusted() + 1 - places, rounding) }
}

fn sign_text(neg: bool, spec: &Spec) -> &'static str {
    match (neg, spec.sign) {
        (true, _) => "-",
        (_, '+') => "+",
        (_, ' ') => " ",
        _ => "",
    }
}

fn number_text(n: &Num, spec: &Spec, code: char, rounding: Rounding) -> String {
    if n.kind != Kind::Finite {
        let mut body = number::to_text(&n.clone().with_sign(false), false, true);
        if code == '%' {
            body.push('%');
        }
        let sign = sign_text(n.neg, spec);
        if spec.zeros {
            // Zeros are for digits only.
            let missing = spec.width.saturating_sub(sign.len() + body.len());
            return format!("{}{sign}{body}", " ".repeat(missing));
        }
        return aligned(sign, body, spec);
    }
    let mut n = n.clone();
    let fixed = matches!(code, 'f' | 'F' | '%');
    if code == '%' {
        n.exp += 2;
    }
    let precision = spec.precision.map(|p| p as i64);
    if let Some(p) = precision {
        n = match code {
            'e' | 'E' => with_digits(&n, p + 1, rounding),
            'g' | 'G' if n.coef.digits() > p.max(1) => with_digits(&n, p.max(1), rounding),
            _ if fixed => rescaled(&n, -p, rounding),
            _ => n,
        };
    }
    if n.coef.is_zero() && n.exp > 0 && fixed {
        n.exp = 0;
    }
    let neg = n.neg && !(spec.no_negative_zero && n.coef.is_zero());
    let digits = n.coef.text();
    let len = digits.len() as i64;
    let left = n.exp + len;
    let point = match code {
        'e' | 'E' if n.coef.is_zero() && precision.is_some() => 1 - precision.unwrap_or(0),
        'e' | 'E' => 1,
        _ if fixed => left,
        _ if n.exp <= 0 && left > -6 => left,
        _ => 1,
    };
    let zeros = |n: i64| "0".repeat(n.max(0) as usize);
    let (whole, fraction): (Cow<'_, str>, Cow<'_, str>) = if point < 0 {
        ("0".into(), (zeros(-point) + &digits).into())
    } else if point > len {
        ((digits + &zeros(point - len)).into(), "".into())
    } else {
        let (w, f) = digits.split_at(point as usize);
        (if w.is_empty() { "0" } else { w }.into(), f.into())
    };
    let exponent = left - point;
    let mut tail = String::new();
    if !fraction.is_empty() || spec.alternate {
        tail.reserve(fraction.len() + 1);
        tail.push_str(&spec.point);
        if spec.fraction_separator.is_empty() {
            tail.push_str(&fraction);
        } else {
            for (i, d) in fraction.chars().enumerate() {
                if i > 0 && i % 3 == 0 {
                    tail.push_str(spec.fraction_separator);
                }
                tail.push(d);
            }
        }
    }
    if exponent != 0 || matches!(code, 'e' | 'E') {
        tail.push(if matches!(code, 'E' | 'G') { 'E' } else { 'e' });
        tail.push_str(&format!("{exponent:+}"));
    }
    if code == '%' {
        tail.push('%');
    }
    let sign = sign_text(neg, spec);
    let least = if spec.zeros {
        spec.width as i64 - tail.chars().count() as i64 - sign.len() as i64
    } else {
        0
    };
    let mut body = if spec.separator.is_empty() && least <= whole.len() as i64 {
        whole.into_owned()
    } else {
        grouped(&whole, spec, least)
    };
    body.push_str(&tail);
    aligned(sign, body, spec)
}

/// The whole part in groups, with zeros up to a width.
fn grouped(digits: &str, spec: &Spec, mut least: i64) -> String {
    let gap = spec.separator.chars().count() as i64;
    let mut digits = digits;
    let mut out: Vec<String> = Vec::new();
    let mut sizes = spec.groups.iter().copied();
    let mut last = 0;
    let endless = spec.groups.len() > 1 && spec.groups.last() == Some(&0);
    loop {
        let size = match sizes.next() {
            Some(0) | None if endless => i64::from(last),
            Some(127) | None | Some(0) => i64::MAX,
            Some(n) => {
                last = n;
                i64::from(n)
            }
        };
        let have = digits.len() as i64;
        let length = have.max(least).max(1).min(size);
        let taken = have.min(length) as usize;
        let (rest, group) = digits.split_at(digits.len() - taken);
        out.push("0".repeat((length - taken as i64) as usize) + group);
        digits = rest;
        least = least.saturating_sub(length);
        if digits.is_empty() && least <= 0 || size == i64::MAX {
            break;
        }
        least -= gap;
    }
    out.reverse();
    out.join(&spec.separator)
}

fn aligned(sign: &str, body: String, spec: &Spec) -> String {
    let missing = spec.width.saturating_sub(sign.len() + body.chars().count());
    if missing == 0 && sign.is_empty() {
        return body;
    }
    let mut out = String::with_capacity(sign.len() + body.len() + missing * spec.fill.len_utf8());
    let fill = |out: &mut String, n: usize| out.extend(std::iter::repeat_n(spec.fill, n));
    let (before, between, behind) = match spec.align {
        '<' => (0, 0, missing),
        '=' => (0, missing, 0),
        '^' => (missing / 2, 0, missing - missing / 2),
        _ => (missing, 0, 0),
    };
    fill(&mut out, before);
    out.push_str(sign);
    fill(&mut out, between);
    out.push_str(&body);
    fill(&mut out, behind);
    out
}
