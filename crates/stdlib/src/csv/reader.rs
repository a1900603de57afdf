//! Reading: a machine that takes one character after the other.

use std::cell::Cell;

use taipan_macros::{Trace, class};
use taipan_runtime::core::{PyCell, R, Ref, Value};
use taipan_runtime::types::list;
use taipan_runtime::types::str::{Str, StrBuilder};
use taipan_runtime::vm::Vm;

use super::dialect::{Dialect, Quoting};
use super::{error, limit};

/// The payload of `_csv.reader`.
#[derive(Trace)]
pub struct Reader {
    lines: PyCell<Value>,
    dialect: PyCell<Value>,
    line_num: Cell<u64>,
}

/// A reader of an iterator's lines.
pub(super) fn new(lines: Value, dialect: Ref<Dialect>) -> Ref<Reader> {
    Ref::new(Reader { lines: PyCell::new(lines), dialect: PyCell::new(dialect.into_value()), line_num: Cell::new(0) })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    StartRecord,
    StartField,
    Escaped,
    InField,
    InQuoted,
    EscapedInQuoted,
    QuoteInQuoted,
    EatNewline,
    AfterEscapedNewline,
}

struct Machine<'a> {
    vm: &'a Vm,
    d: &'a Dialect,
    state: State,
    fields: Vec<Value>,
    field: StrBuilder,
    /// Whether the field was written without quotes.
    unquoted: bool,
    limit: usize,
}

const NL: u32 = b'\n' as u32;
const CR: u32 = b'\r' as u32;

impl Machine<'_> {
    fn add(&mut self, c: u32) -> R<()> {
        if self.field.len() >= self.limit {
            return Err(error(self.vm, format!("field larger than field limit ({})", self.limit)));
        }
        self.field.push(c);
        Ok(())
    }

    fn save(&mut self) -> R<()> {
        let text = std::mem::replace(&mut self.field, StrBuilder::with_capacity(0));
        let (vm, quoting) = (self.vm, self.d.quoting);
        let empty = text.is_empty();
        let v = text.finish();
        let v = if self.unquoted && empty && matches!(quoting, Quoting::NotNull | Quoting::Strings) {
            Value::NONE
        } else if self.unquoted && !empty && matches!(quoting, Quoting::NonNumeric | Quoting::Strings) {
            vm.call(&taipan_runtime::types::float::FLOAT.value(), &[v])?
        } else {
            v
        };
        self.fields.push(v);
        Ok(())
    }

    /// Takes a character; `None` is the end of the line.
    fn take(&mut self, c: Option<u32>) -> R<()> {
        let d = self.d;
        let newline = matches!(c, None | Some(NL | CR));
        let quotes = d.quoting != Quoting::None && c.is_some() && c == d.quotechar;
        let escapes = c.is_some() && c == d.escapechar;
        match self.state {
            State::StartRecord | State::StartField => {
                if self.state == State::StartRecord {
                    match c {
                        None => return Ok(()),
                        Some(NL | CR) => {
                            self.state = State::EatNewline;
                            return Ok(());
                        }
                        Some(_) => {}
                    }
                }
                self.unquoted = true;
                if newline {
                    self.save()?;
                    self.state = if c.is_none() { State::StartRecord } else { State::EatNewline };
                } else if quotes {
                    self.unquoted = false;
                    self.state = State::InQuoted;
                } else if escapes {
                    self.state = State::Escaped;
                } else if c == Some(u32::from(b' ')) && d.skipinitialspace {
                    self.state = State::StartField;
                } else if c == Some(d.delimiter) {
                    self.save()?;
                    self.state = State::StartField;
                } else if let Some(c) = c {
                    self.add(c)?;
                    self.state = State::InField;
                }
            }
            State::Escaped => {
                if let Some(c @ (NL | CR)) = c {
                    self.add(c)?;
                    self.state = State::AfterEscapedNewline;
                } else {
                    self.add(c.unwrap_or(NL))?;
                    self.state = State::InField;
                }
            }
            State::AfterEscapedNewline if c.is_none() => {}
            State::AfterEscapedNewline | State::InField => {
                if newline {
                    self.save()?;
                    self.state = if c.is_none() { State::StartRecord } else { State::EatNewline };
                } else if escapes {
                    self.state = State::Escaped;
                } else if c == Some(d.delimiter) {
                    self.save()?;
                    self.state = State::StartField;
                } else if let Some(c) = c {
                    self.add(c)?;
                    self.state = State::InField;
                }
            }
            State::InQuoted => {
                if escapes {
                    self.state = State::EscapedInQuoted;
                } else if quotes {
                    self.state = if d.doublequote { State::QuoteInQuoted } else { State::InField };
                } else if let Some(c) = c {
                    self.add(c)?;
                }
            }
            State::EscapedInQuoted => {
                self.add(c.unwrap_or(NL))?;
                self.state = State::InQuoted;
            }
            State::QuoteInQuoted => {
                if quotes {
                    self.add(c.unwrap_or(NL))?;
                    self.state = State::InQuoted;
                } else if c == Some(d.delimiter) {
                    self.save()?;
                    self.state = State::StartField;
                } else if newline {
                    self.save()?;
                    self.state = if c.is_none() { State::StartRecord } else { State::EatNewline };
                } else if d.strict {
                    let show = |c: u32| char::from_u32(c).unwrap_or('\u{fffd}');
                    let quote = d.quotechar.map_or('"', show);
                    return Err(error(self.vm, format!("'{}' expected after '{quote}'", show(d.delimiter))));
                } else if let Some(c) = c {
                    self.add(c)?;
                    self.state = State::InField;
                }
            }
            State::EatNewline => match c {
                Some(NL | CR) => {}
                None => self.state = State::StartRecord,
                Some(_) => {
                    return Err(error(
                        self.vm,
                        "new-line character seen in unquoted field - do you need to open the file with newline=''?",
                    ));
                }
            },
        }
        Ok(())
    }
}

/// CSV reader.
///
/// Reader objects are responsible for reading and parsing tabular data in CSV format.
#[class(name = "reader", module = "_csv", flags(GC, NO_NEW))]
impl Reader {
    #[slot]
    fn iter(_vm: &Vm, this: &Value) -> R {
        Ok(this.clone())
    }

    #[slot]
    fn next(vm: &Vm, this: &Ref<Reader>) -> R<Option<Value>> {
        let dialect = this.dialect.get();
        let Some(d) = dialect.downcast::<Dialect>() else { return Ok(None) };
        let mut m = Machine {
            vm,
            d,
            state: State::StartRecord,
            fields: Vec::new(),
            field: StrBuilder::with_capacity(0),
            unquoted: true,
            limit: limit(vm)?,
        };
        loop {
            let lines = this.lines.get();
            let Some(line) = vm.next(&lines)? else {
                if !m.field.is_empty() || matches!(m.state, State::InQuoted | State::EscapedInQuoted) {
                    if d.strict {
                        return Err(error(vm, "unexpected end of data"));
                    }
                    m.save()?;
                    return Ok(Some(list::from_vec(m.fields).into_value()));
                }
                return Ok(None);
            };
            let Some(text) = line.downcast::<Str>() else {
                return Err(error(
                    vm,
                    format!("iterator should return strings, not {} (the file should be opened in text mode)", line.ty().tp_name()),
                ));
            };
            this.line_num.set(this.line_num.get() + 1);
            for c in text.iter() {
                m.take(Some(c))?;
            }
            m.take(None)?;
            if m.state == State::StartRecord {
                return Ok(Some(list::from_vec(m.fields).into_value()));
            }
        }
    }

    #[getter(member)]
    fn line_num(_vm: &Vm, this: &Ref<Reader>) -> R {
        Ok(Value::from(this.line_num.get()))
    }

    #[getter(member)]
    fn dialect(_vm: &Vm, this: &Ref<Reader>) -> R {
        Ok(this.dialect.get())
    }
}

