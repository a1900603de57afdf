//! Writing records.

use taipan_macros::{Trace, class};
use taipan_runtime::core::{PyCell, R, Ref, Value};
use taipan_runtime::types::str::{Str, StrBuilder};
use taipan_runtime::types::{exceptions as exc, float, int};
use taipan_runtime::vm::Vm;

use super::dialect::{Dialect, Quoting};
use super::error;

/// The payload of `_csv.writer`.
#[derive(Trace)]
pub struct Writer {
    write: PyCell<Value>,
    dialect: PyCell<Value>,
}

/// A writer that gives its text to a function.
pub(super) fn new(write: Value, dialect: Ref<Dialect>) -> Ref<Writer> {
    Ref::new(Writer { write: PyCell::new(write), dialect: PyCell::new(dialect.into_value()) })
}

fn is_number(v: &Value) -> bool {
    int::get(v).is_some() || float::get(v).is_some() || v.ty().slots().float.is_some() || v.ty().slots().index.is_some()
}

/// Writes one field. `text`: what it shows; `quoted`: whether it is to have quotes in any case.
fn field(vm: &Vm, d: &Dialect, out: &mut StrBuilder, text: &Str, mut quoted: bool) -> R<()> {
    let mut body = StrBuilder::with_capacity(text.len());
    for c in text.iter() {
        let mut escape = false;
        let special = c == d.delimiter
            || Some(c) == d.escapechar
            || Some(c) == d.quotechar
            || c == u32::from(b'\n')
            || c == u32::from(b'\r')
            || d.ends_line(c);
        if special {
            if d.quoting == Quoting::None {
                escape = true;
            } else {
                if Some(c) == d.quotechar {
                    if d.doublequote {
                        body.push(c);
                    } else {
                        escape = true;
                    }
                } else if Some(c) == d.escapechar {
                    escape = true;
                }
                if !escape {
                    quoted = true;
                }
            }
            if escape {
                match d.escapechar {
                    Some(e) => body.push(e),
                    None => return Err(error(vm, "need to escape, but no escapechar set")),
                }
            }
        }
        body.push(c);
    }
    let quote = d.quotechar.filter(|_| quoted);
    if let Some(q) = quote {
        out.push(q);
    }
    let body = body.finish_ref();
    out.push_obj(&body);
    if let Some(q) = quote {
        out.push(q);
    }
    Ok(())
}

fn record(vm: &Vm, d: &Dialect, row: &Value) -> R {
    let items = vm.collect(row);
    let items = match items {
        Ok(items) => items,
        Err(r) if vm.raised_is(&exc::TYPE_ERROR) && row.ty().slots().iter.is_none() => {
            drop(vm.catch(r));
            return Err(error(vm, format!("iterable expected, not {}", row.ty().tp_name())));
        }
        Err(r) => return Err(r),
    };
    let mut out = StrBuilder::with_capacity(0);
    let last = items.len();
    for (i, v) in items.iter().enumerate() {
        if i > 0 {
            out.push(d.delimiter);
        }
        let mut quoted = match d.quoting {
            Quoting::NonNumeric => !is_number(v),
            Quoting::All => true,
            Quoting::Strings => v.downcast::<Str>().is_some(),
            Quoting::NotNull => !v.is_none(),
            Quoting::Minimal | Quoting::None => false,
        };
        let text = if v.downcast::<Str>().is_some() {
            v.clone()
        } else if v.is_none() {
            taipan_runtime::types::str::from_str("")
        } else {
            vm.str(v)?
        };
        let Some(s) = text.downcast::<Str>() else { return Err(vm.system_error("str() gave no str")) };
        if s.is_empty() && d.delimiter == u32::from(b' ') && d.skipinitialspace {
            // Reading would take the space for a part of what follows.
            if d.quoting == Quoting::None || v.is_none() && matches!(d.quoting, Quoting::Strings | Quoting::NotNull) {
                return Err(error(vm, "empty field must be quoted if delimiter is a space and skipinitialspace is true"));
            }
            quoted = true;
        }
        if s.is_empty() && last == 1 && !quoted {
            if d.quoting == Quoting::None || v.is_none() && matches!(d.quoting, Quoting::Strings | Quoting::NotNull) {
                return Err(error(vm, "single empty field record must be quoted"));
            }
            quoted = true;
        }
        field(vm, d, &mut out, s, quoted)?;
    }
    if let Some(end) = d.lineterminator.downcast::<Str>() {
        out.push_obj(end);
    }
    Ok(out.finish())
}

/// CSV writer.
///
/// Writer objects are responsible for generating tabular data in CSV format from sequence input.
#[class(name = "writer", module = "_csv", flags(GC, NO_NEW))]
impl Writer {
    /// Construct and write a CSV record from an iterable of fields.
    ///
    /// Non-string elements will be converted to string.
    #[method(sig = "(row, /)")]
    fn writerow(vm: &Vm, this: &Ref<Writer>, row: &Value) -> R {
        let dialect = this.dialect.get();
        let Some(d) = dialect.downcast::<Dialect>() else { return Ok(Value::NONE) };
        let text = record(vm, d, row)?;
        vm.call(&this.write.get(), &[text])
    }

    /// Construct and write a series of iterables to a csv file.
    ///
    /// Non-string elements will be converted to string.
    #[method(sig = "(rows, /)")]
    fn writerows(vm: &Vm, this: &Ref<Writer>, rows: &Value) -> R<()> {
        let dialect = this.dialect.get();
        let Some(d) = dialect.downcast::<Dialect>() else { return Ok(()) };
        vm.for_each(rows, |row| {
            let text = record(vm, d, &row)?;
            vm.call(&this.write.get(), &[text]).map(drop)
        })
    }

    #[getter(member)]
    fn dialect(_vm: &Vm, this: &Ref<Writer>) -> R {
        Ok(this.dialect.get())
    }
}
