//! `format % values`: the operands and the numbers, which bytes and bytearray share, and the loop for str.

use taipan_text::CodeUnit;
use taipan_text::format::{Amount, PercentError, PercentFlags, PercentParser, PercentPiece, PercentSpec, Sink};
use taipan_text::format::{percent_float, percent_int, percent_text};

use super::{Str, StrBuilder, from_latin1, from_ucs4, units};
use crate::core::{R, Ref, Value};
use crate::types::bytearray::ByteArray;
use crate::types::bytes::Bytes;
use crate::types::tuple::Tuple;
use crate::types::{float, int};
use crate::vm::Vm;

/// The values on the right of `%`, taken one by one or by key.
pub(crate) struct Operands<'a> {
    vm: &'a Vm,
    /// What values are taken from: a tuple if `len` is not negative, else the value itself.
    from: Value,
    len: isize,
    at: isize,
    mapping: Option<Value>,
}

impl<'a> Operands<'a> {
    /// Those of one operation.
    pub fn new(vm: &'a Vm, args: &Value) -> Self {
        if let Some(t) = args.downcast::<Tuple>() {
            return Self { vm, from: args.clone(), len: t.len() as isize, at: 0, mapping: None };
        }
        let text = args.downcast::<Str>().is_some();
        let mapping = (!text && args.ty().slots().getitem.is_some()).then(|| args.clone());
        Self { vm, from: args.clone(), len: -1, at: -2, mapping }
    }

    /// As [`Operands::new`] for bytes, to which bytes are no mapping.
    pub fn for_bytes(vm: &'a Vm, args: &Value) -> Self {
        let mut this = Self::new(vm, args);
        if args.downcast::<Bytes>().is_some() || args.downcast::<ByteArray>().is_some() {
            this.mapping = None;
        }
        this
    }

    /// The next value.
    ///
    /// Raises TypeError if there is none.
    pub fn next(&mut self) -> R {
        if self.at >= self.len {
            return Err(self.vm.type_error("not enough arguments for format string"));
        }
        let at = self.at;
        self.at += 1;
        if self.len < 0 {
            return Ok(self.from.clone());
        }
        let item = self.from.downcast::<Tuple>().and_then(|t| t.as_slice().get(at as usize).cloned());
        item.ok_or_else(|| self.vm.type_error("not enough arguments for format string"))
    }

    /// Raises TypeError if there is no mapping to look keys up in.
    fn check_mapping(&self) -> R<()> {
        match self.mapping {
            Some(_) => Ok(()),
            None => Err(self.vm.type_error("format requires a mapping")),
        }
    }

    /// Makes the value of a key the next one.
    pub fn take_key(&mut self, key: &Value) -> R<()> {
        let Some(mapping) = &self.mapping else { return Err(self.vm.type_error("format requires a mapping")) };
        self.from = self.vm.getitem(mapping, key)?;
        (self.len, self.at) = (-1, -2);
        Ok(())
    }

    /// Width and precision of a conversion; an argument's negative width sets the flag `left`.
    pub fn amounts<C>(&mut self, spec: &PercentSpec<'_, C>, flags: &mut PercentFlags) -> R<(Option<usize>, Option<usize>)> {
        let width = match spec.width {
            None => None,
            Some(Amount::Given(n)) => Some(n),
            Some(Amount::Star) => {
                let n = self.star()?;
                let n = int::to_isize(self.vm, &n)?;
                flags.left |= n < 0;
                Some(n.unsigned_abs())
            }
        };
        let precision = match spec.precision {
            None => None,
            Some(Amount::Given(n)) => Some(n),
            Some(Amount::Star) => {
                let n = self.star()?;
                match int::get(&n).and_then(int::IntRef::to_i64).and_then(|n| i32::try_from(n).ok()) {
                    Some(n) => Some(n.max(0) as usize),
                    None => return Err(self.vm.overflow_error("Python int too large to convert to C int")),
                }
            }
        };
        Ok((width, precision))
    }

    fn star(&mut self) -> R {
        let n = self.next()?;
        if int::get(&n).is_none() {
            return Err(self.vm.type_error("* wants int"));
        }
        Ok(n)
    }

    /// Ends the operation; `what` is formatted.
    ///
    /// Raises TypeError if values are left.
    pub fn finish(self, what: &str) -> R<()> {
        if self.at < self.len && self.mapping.is_none() {
            return Err(self.vm.type_error(format!("not all arguments converted during {what} formatting")));
        }
        Ok(())
    }
}

/// The int that a value gives for an integer conversion.
///
/// Raises TypeError in terms of the conversion.
fn integer(vm: &Vm, v: &Value, letter: char) -> R {
    if int::get(v).is_some() {
        return Ok(v.clone());
    }
    let slots = v.ty().slots();
    let exact = matches!(letter, 'o' | 'x' | 'X');
    let wrong = || {
        let what = if exact { "an integer" } else { "a real number" };
        vm.type_error(format!("%{letter} format: {what} is required, not {}", v.ty().tp_name()))
    };
    let r = match (slots.int, slots.index) {
        (_, Some(_)) if exact => int::index(vm, v),
        (Some(f), _) if !exact => f(vm, v),
        (_, Some(_)) => int::index(vm, v),
        _ => return Err(wrong()),
    };
    match vm.ignore(r, &crate::types::exceptions::TYPE_ERROR)? {
        Some(n) if int::get(&n).is_some() => Ok(n),
        _ => Err(wrong()),
    }
}

/// Writes a number for one of the conversions `d i u o x X e E f F g G`; false for any other letter.
///
/// Raises TypeError for a value that is no number, ValueError for an int of too many digits, MemoryError.
pub(crate) fn number<S: Sink>(
    vm: &Vm,
    v: &Value,
    conversion: u32,
    flags: PercentFlags,
    (width, precision): (Option<usize>, Option<usize>),
    out: &mut S,
) -> R<bool> {
    let Some(letter) = char::from_u32(conversion) else { return Ok(false) };
    if !matches!(letter, 'd' | 'i' | 'u' | 'o' | 'x' | 'X' | 'e' | 'E' | 'f' | 'F' | 'g' | 'G') {
        return Ok(false);
    }
    vm.check_room(width.unwrap_or(0).max(precision.unwrap_or(0)).saturating_mul(2))?;
    if matches!(letter, 'd' | 'i' | 'u' | 'o' | 'x' | 'X') {
        if precision.is_some_and(|p| p > i32::MAX as usize - 3) {
            return Err(vm.overflow_error("precision too large"));
        }
        let n = integer(vm, v, letter)?;
        let limit = vm.interp().int_max_str_digits.get();
        let n = match int::get(&n) {
            Some(int::IntRef::Small(n)) => taipan_text::int::IntRef::Small(n),
            Some(int::IntRef::Big(n)) => taipan_text::int::IntRef::Big(n),
            None => taipan_text::int::IntRef::Small(0),
        };
        percent_int(n, conversion, flags, width, precision, limit, out).map_err(|e| vm.value_error(e.to_string()))?;
    } else {
        let x = float::to_f64(vm, v)?;
        percent_float(x, conversion, flags, width, precision, out);
    }
    Ok(true)
}

/// `s % args`
///
/// Raises TypeError, ValueError, KeyError and OverflowError as the format and the values deserve.
pub(super) fn format(vm: &Vm, s: &Ref<Str>, args: &Value) -> R {
    let mut out = StrBuilder::with_capacity(s.len());
    let mut operands = Operands::new(vm, args);
    units!(s.chars(), t => pieces(vm, t, &mut operands, &mut out))?;
    operands.finish("string")?;
    Ok(out.finish())
}

/// Raises the ValueError of a wrong format.
pub(crate) fn percent_error(vm: &Vm, e: PercentError) -> crate::core::Raised {
    vm.value_error(e.0)
}

fn pieces<C: CodeUnit>(vm: &Vm, text: &[C], operands: &mut Operands<'_>, out: &mut StrBuilder) -> R<()> {
    let mut parser = PercentParser::new(text);
    loop {
        if let Some((literal, letter)) = parser.simple() {
            match C::bytes(literal) {
                Some(narrow) => out.push_latin1(narrow),
                None => literal.iter().for_each(|c| out.push(c.code())),
            }
            let v = operands.next()?;
            match (v.as_small(), v.downcast_exact::<Str>()) {
                (Some(n), _) => out.push_int(n),
                (_, Some(s)) if letter == u32::from(b's') && s.len() < 1 << 16 => out.push_obj(s),
                _ => {
                    let index = parser.position() - 1;
                    let flags = PercentFlags::default();
                    converted(vm, letter, index, &v, flags, (None, None), out)?;
                }
            }
            continue;
        }
        let start = parser.position();
        let Some(piece) = parser.next() else { return Ok(()) };
        match piece {
            Err(e) => return Err(incomplete(vm, e, text.get(start..).unwrap_or_default(), operands, |key| string(key))),
            Ok(PercentPiece::Literal(t)) => match C::bytes(t) {
                Some(narrow) => out.push_latin1(narrow),
                None => t.iter().for_each(|c| out.push(c.code())),
            },
            Ok(PercentPiece::Percent) => out.push(u32::from(b'%')),
            Ok(PercentPiece::Spec(spec)) => conversion(vm, &spec, operands, out)?,
        }
    }
}

fn string<C: CodeUnit>(t: &[C]) -> Value {
    match C::bytes(t) {
        Some(narrow) => from_latin1(narrow),
        None => from_ucs4(&t.iter().map(|c| c.code()).collect::<Vec<_>>()),
    }
    .into_value()
}

/// Raises the error of a wrong conversion, which `rest` starts with; but its mapping key is looked up before it is
/// found to be wrong, and what that raises comes first.
pub(crate) fn incomplete<C: CodeUnit>(
    vm: &Vm,
    e: PercentError,
    rest: &[C],
    operands: &mut Operands<'_>,
    value: impl FnOnce(&[C]) -> Value,
) -> crate::core::Raised {
    if rest.get(1).is_some_and(|c| c.code() == u32::from(b'(')) {
        let mut depth = 0usize;
        let end = rest.iter().position(|c| {
            match c.code() {
                0x28 => depth += 1,
                0x29 => depth -= 1,
                _ => {}
            }
            depth == 0 && c.code() == 0x29
        });
        let looked_up = match end {
            Some(end) => operands.take_key(&value(&rest[2..end])),
            None => operands.check_mapping(),
        };
        if let Err(raised) = looked_up {
            return raised;
        }
    }
    percent_error(vm, e)
}

fn conversion<C: CodeUnit>(vm: &Vm, spec: &PercentSpec<'_, C>, operands: &mut Operands<'_>, out: &mut StrBuilder) -> R<()> {
    if let Some(key) = spec.key {
        operands.take_key(&string(key))?;
    }
    let mut flags = spec.flags;
    let (width, precision) = operands.amounts(spec, &mut flags)?;
    let v = operands.next()?;
    converted(vm, spec.conversion, spec.index, &v, flags, (width, precision), out)
}

/// Writes one value as a conversion says.
fn converted(
    vm: &Vm,
    conversion: u32,
    index: usize,
    v: &Value,
    flags: PercentFlags,
    (width, precision): (Option<usize>, Option<usize>),
    out: &mut StrBuilder,
) -> R<()> {
    let letter = char::from_u32(conversion).unwrap_or('\0');
    let shown = match letter {
        's' => vm.str(v)?,
        'r' => vm.repr(v)?,
        'a' => vm.ascii(v)?,
        'c' => {
            let ch = character(vm, v)?;
            out.check_room(vm, width.unwrap_or(0).saturating_mul(4))?;
            // A character is never cut.
            percent_text(&[ch], flags, width, None, out);
            return Ok(());
        }
        _ => {
            if number(vm, v, conversion, flags, (width, precision), out)? {
                return Ok(());
            }
            return Err(percent_error(vm, PercentError::unsupported(conversion, index)));
        }
    };
    let Some(s) = shown.downcast::<Str>() else { return Ok(()) };
    let size = s.len().max(width.unwrap_or(0));
    if size >= 1 << 16 {
        out.check_room(vm, size.saturating_mul(s.kind().width()))?;
    }
    if width.is_none() && precision.is_none() {
        out.push_obj(s);
    } else {
        units!(s.chars(), t => percent_text(t, flags, width, precision, out));
    }
    Ok(())
}

/// The character that `%c` writes.
fn character(vm: &Vm, v: &Value) -> R<u32> {
    if let Some(s) = v.downcast::<Str>() {
        if s.len() == 1 {
            return Ok(s.char_at(0));
        }
        let n = s.len();
        return Err(vm.type_error(format!("%c requires an int or a unicode character, not a string of length {n}")));
    }
    if int::get(v).is_none() && v.ty().slots().index.is_none() {
        let ty = v.ty().tp_name();
        return Err(vm.type_error(format!("%c requires an int or a unicode character, not {ty}")));
    }
    let n = int::index(vm, v)?;
    match int::get(&n).and_then(int::IntRef::to_i64).and_then(|n| u32::try_from(n).ok()).filter(|n| *n <= 0x10_ffff) {
        Some(n) => Ok(n),
        None => Err(vm.overflow_error("%c arg not in range(0x110000)")),
    }
}
