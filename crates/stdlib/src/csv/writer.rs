//! The writer: rows to lines.

use taipan_macros::{Trace, class};
use taipan_runtime::core::{NoTrace, PyCell, R, Ref, Value};
use taipan_runtime::types::str::{Chars, Str, StrBuilder};
use taipan_runtime::types::{complex, exceptions as exc};
use taipan_runtime::vm::Vm;
use taipan_text::CodeUnit;
use taipan_text::float::push_repr;
use taipan_text::int::push_decimal;

use super::dialect::Dialect;
use super::{error, quote};

/// The payload of writer.
#[derive(Trace)]
pub struct Writer {
    write: Value,
    dialect: Ref<Dialect>,
    /// Bytes that must be quoted or escaped.
    special: NoTrace<[bool; 256]>,
    /// A buffer that no row uses at the moment.
    spare: PyCell<NoTrace<StrBuilder>>,
}

/// A writer object that hands lines to a function.
pub fn new(write: Value, dialect: Ref<Dialect>) -> Value {
    let special = std::array::from_fn(|b| dialect.is_special(b as u32));
    let spare = PyCell::new(NoTrace(StrBuilder::new()));
    Ref::new(Writer { write, dialect, special: NoTrace(special), spare }).into_value()
}

/// CSV writer
///
/// Writer objects are responsible for generating tabular data in CSV format from sequence input.
#[class(name = "writer", module = "_csv", flags(GC, NO_NEW))]
impl Writer {
    /// Construct and write a CSV record from an iterable of fields.
    ///
    /// Fields may be of any type, and are converted by str() if they are no strings; None becomes an empty field.
    #[method(sig = "(row, /)")]
    fn writerow(vm: &Vm, this: &Ref<Self>, row: &Value) -> R {
        write_row(vm, this, row)
    }

    /// Construct and write a series of iterables to a CSV file.
    #[method(sig = "(rows, /)")]
    fn writerows(vm: &Vm, this: &Ref<Self>, rows: &Value) -> R<()> {
        vm.for_each(rows, |row| write_row(vm, this, &row).map(drop))
    }

    #[getter(member)]
    fn dialect(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.dialect.to_value()
    }
}

fn write_row(vm: &Vm, this: &Ref<Writer>, row: &Value) -> R {
    let slots = row.ty().slots();
    if slots.iter.is_none() && slots.item.is_none() && slots.getitem.is_none() {
        return Err(error(vm, format!("iterable expected, not {}", row.ty().tp_name())));
    }
    let mut line = Line {
        vm,
        writer: this,
        out: std::mem::take(&mut this.spare.borrow_mut().0),
        number: Vec::new(),
        fields: 0,
        last_null: false,
    };
    line.out.clear();
    // Lists and tuples are walked without an iterator, others with one, whose errors are told apart from the walk's.
    if row.downcast_exact::<taipan_runtime::types::list::List>().is_some()
        || row.downcast_exact::<taipan_runtime::types::tuple::Tuple>().is_some()
    {
        vm.for_each(row, |v| line.field(&v))?;
    } else {
        let it = match vm.iter(row) {
            Ok(it) => it,
            Err(raised) if vm.raised_is(&exc::TYPE_ERROR) => {
                drop(vm.catch(raised));
                return Err(error(vm, format!("iterable expected, not {}", row.ty().tp_name())));
            }
            Err(raised) => return Err(raised),
        };
        while let Some(v) = vm.next(&it)? {
            line.field(&v)?;
        }
        vm.forget_stop_value();
    }
    line.end()?;
    let text = line.out.to_value();
    this.spare.borrow_mut().0 = line.out;
    vm.call(&this.write, &[text])
}

/// A line that is being written.
struct Line<'a> {
    vm: &'a Vm,
    writer: &'a Writer,
    out: StrBuilder,
    /// The text of a number.
    number: Vec<u8>,
    fields: usize,
    last_null: bool,
}

/// `PyNumber_Check`
fn is_number(v: &Value) -> bool {
    let slots = v.ty().slots();
    slots.index.is_some() || slots.int.is_some() || slots.float.is_some() || complex::get(v).is_some()
}

impl Line<'_> {
    /// Appends a field.
    fn field(&mut self, v: &Value) -> R<()> {
        let quoted = match self.writer.dialect.quoting {
            quote::ALL => true,
            quote::NONNUMERIC => !is_number(v),
            quote::STRINGS => v.downcast::<Str>().is_some(),
            quote::NOTNULL => !v.is_none(),
            _ => false,
        };
        self.last_null = v.is_none();
        if let Some(s) = v.downcast::<Str>() {
            return self.text(s.chars(), quoted, false);
        }
        if v.is_none() {
            return self.text(Chars::Ascii(""), quoted, true);
        }
        self.number.clear();
        if let Some(n) = v.as_small() {
            push_decimal(&mut self.number, n);
        } else if let Some(x) = v.as_inline_float() {
            push_repr(&mut self.number, x);
        } else {
            let s = self.vm.str(v)?;
            return match s.downcast::<Str>() {
                Some(s) => self.text(s.chars(), quoted, false),
                None => Ok(()),
            };
        }
        let number = std::mem::take(&mut self.number);
        let done = self.text(Chars::Latin1(&number), quoted, false);
        self.number = number;
        done
    }

    /// Appends the text of a field; `null` says that it stands for None.
    fn text(&mut self, text: Chars<'_>, quoted: bool, null: bool) -> R<()> {
        let d = &*self.writer.dialect;
        let mut quoted = quoted;
        if text.is_empty() && d.delimiter == 32 && d.skipinitialspace {
            if d.quoting == quote::NONE || null && matches!(d.quoting, quote::STRINGS | quote::NOTNULL) {
                return Err(error(
                    self.vm,
                    "empty field must be quoted if delimiter is a space and skipinitialspace is true",
                ));
            }
            quoted = true;
        }
        self.out.check_room(self.vm, text.len())?;
        if self.fields > 0 {
            self.out.push(d.delimiter);
        }
        self.fields += 1;
        match text {
            Chars::Ascii(t) => self.units(text, t.as_bytes(), quoted),
            Chars::Latin1(t) => self.units(text, t, quoted),
            Chars::Ucs2(t) => self.units(text, t, quoted),
            Chars::Ucs4(t) => self.units(text, t, quoted),
        }
    }

    fn units<C: CodeUnit>(&mut self, text: Chars<'_>, units: &[C], mut quoted: bool) -> R<()> {
        let d = &*self.writer.dialect;
        let table = &self.writer.special.0;
        let special = |c: u32| table.get(c as usize).copied().unwrap_or_else(|| d.is_special(c));
        let plain = match C::bytes(units) {
            Some(bytes) => !bytes.iter().any(|b| table[usize::from(*b)]),
            None => !units.iter().any(|c| special(c.code())),
        };
        let mark = d.quotechar.unwrap_or(0);
        if plain {
            if quoted {
                self.out.push(mark);
            }
            self.out.push_chars(text);
            if quoted {
                self.out.push(mark);
            }
            return Ok(());
        }
        // A character that must be escaped does not ask for quotes.
        let escaped = |c: u32| {
            d.quoting == quote::NONE
                || if Some(c) == d.quotechar { !d.doublequote } else { Some(c) == d.escapechar }
        };
        quoted |= units.iter().any(|c| special(c.code()) && !escaped(c.code()));
        if quoted {
            self.out.push(mark);
        }
        for c in units {
            let c = c.code();
            if special(c) {
                if escaped(c) {
                    match d.escapechar {
                        Some(e) => self.out.push(e),
                        None => return Err(error(self.vm, "need to escape, but no escapechar set")),
                    }
                } else if Some(c) == d.quotechar {
                    self.out.push(mark);
                }
            }
            self.out.push(c);
        }
        if quoted {
            self.out.push(mark);
        }
        Ok(())
    }

    /// Ends the line.
    fn end(&mut self) -> R<()> {
        let d = &*self.writer.dialect;
        if self.fields > 0 && self.out.is_empty() {
            // A lone empty field would be read as no field.
            if d.quoting == quote::NONE || self.last_null && matches!(d.quoting, quote::STRINGS | quote::NOTNULL) {
                return Err(error(self.vm, "single empty field record must be quoted"));
            }
            self.fields -= 1;
            self.text(Chars::Ascii(""), true, true)?;
        }
        self.out.push_obj(&d.lineterminator);
        Ok(())
    }
}
