//! The reader: lines to rows.

use std::cell::Cell;

use taipan_macros::{Trace, class};
use taipan_runtime::core::{NoTrace, PyCell, R, Ref, Value};
use taipan_runtime::types::list;
use taipan_runtime::types::str::{Chars, Str, StrBuilder};
use taipan_runtime::types::{float, str};
use taipan_runtime::vm::Vm;
use taipan_text::CodeUnit;

use super::dialect::Dialect;
use super::{error, limit, quote};

/// Where the reader stands between characters.
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

/// The payload of reader.
#[derive(Trace)]
pub struct Reader {
    lines: Value,
    dialect: Ref<Dialect>,
    line_num: Cell<usize>,
    /// Bytes that end a run of plain characters of a field without quotes.
    ends: NoTrace<[bool; 256]>,
    /// A buffer that no row uses at the moment.
    spare: PyCell<NoTrace<StrBuilder>>,
}

/// A reader object over an iterator of lines.
pub fn new(lines: Value, dialect: Ref<Dialect>) -> Value {
    let mut ends = [false; 256];
    let special = [Some(dialect.delimiter), dialect.escapechar, Some(10), Some(13)];
    for ch in special.into_iter().flatten() {
        if let Some(place) = ends.get_mut(ch as usize) {
            *place = true;
        }
    }
    let spare = PyCell::new(NoTrace(StrBuilder::new()));
    Ref::new(Reader { lines, dialect, line_num: Cell::new(0), ends: NoTrace(ends), spare }).into_value()
}

/// CSV reader
///
/// Reader objects are responsible for reading and parsing tabular data in CSV format.
#[class(name = "reader", module = "_csv", flags(GC, NO_NEW))]
impl Reader {
    #[slot]
    fn iter(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.to_value()
    }

    #[slot]
    fn next(vm: &Vm, this: &Ref<Self>) -> R<Option<Value>> {
        let mut row = Row {
            vm,
            reader: this,
            limit: limit(vm)?,
            state: State::StartRecord,
            field: std::mem::take(&mut this.spare.borrow_mut().0),
            unquoted: true,
            fields: Vec::new(),
        };
        row.field.clear();
        let more = row.read()?;
        this.spare.borrow_mut().0 = row.field;
        Ok(more.then(|| list::from_vec(row.fields).into_value()))
    }

    #[getter(member)]
    fn dialect(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.dialect.to_value()
    }

    #[getter(member)]
    fn line_num(_vm: &Vm, this: &Ref<Self>) -> usize {
        this.line_num.get()
    }
}

/// A row that is being read.
struct Row<'a> {
    vm: &'a Vm,
    reader: &'a Reader,
    limit: i64,
    state: State,
    /// The current field.
    field: StrBuilder,
    unquoted: bool,
    fields: Vec<Value>,
}

impl Row<'_> {
    /// Reads lines until the row is complete; whether there was one.
    fn read(&mut self) -> R<bool> {
        let vm = self.vm;
        loop {
            let Some(line) = vm.next(&self.reader.lines)? else {
                if self.field.is_empty() && self.state != State::InQuoted {
                    return Ok(false);
                }
                if self.reader.dialect.strict {
                    return Err(error(vm, "unexpected end of data"));
                }
                self.save()?;
                return Ok(true);
            };
            let Some(text) = line.downcast::<Str>() else {
                let given = line.ty().tp_name();
                let hint = "the file should be opened in text mode";
                return Err(error(vm, format!("iterator should return strings, not {given} ({hint})")));
            };
            self.reader.line_num.set(self.reader.line_num.get() + 1);
            match text.chars() {
                Chars::Ascii(t) => self.line(text, t.as_bytes()),
                Chars::Latin1(t) => self.line(text, t),
                Chars::Ucs2(t) => self.line(text, t),
                Chars::Ucs4(t) => self.line(text, t),
            }?;
            self.end_of_line()?;
            if self.state == State::StartRecord {
                return Ok(true);
            }
        }
    }

    fn check_limit(&self, more: usize) -> R<()> {
        let len = self.field.len().saturating_add(more);
        if i64::try_from(len).unwrap_or(i64::MAX) > self.limit {
            return Err(error(self.vm, format!("field larger than field limit ({})", self.limit)));
        }
        Ok(())
    }

    #[inline]
    fn add(&mut self, ch: u32) -> R<()> {
        self.check_limit(1)?;
        self.field.push(ch);
        Ok(())
    }

    /// Adds a piece of the line.
    #[inline]
    fn add_all<C: CodeUnit>(&mut self, piece: &[C]) -> R<()> {
        self.check_limit(piece.len())?;
        match C::bytes(piece) {
            Some(bytes) => self.field.push_latin1(bytes),
            None => piece.iter().for_each(|c| self.field.push(c.code())),
        }
        Ok(())
    }

    /// Ends the current field.
    fn save(&mut self) -> R<()> {
        let text = self.field.to_value();
        self.field.clear();
        self.save_text(text)
    }

    /// Ends the current field, whose text is known.
    #[inline]
    fn save_text(&mut self, text: Value) -> R<()> {
        let quoting = self.reader.dialect.quoting;
        let unquoted = std::mem::replace(&mut self.unquoted, true);
        let value = match quoting {
            quote::MINIMAL | quote::ALL | quote::NONE => text,
            _ if !unquoted => text,
            _ => self.converted(text, quoting)?,
        };
        self.fields.push(value);
        Ok(())
    }

    /// What an unquoted field stands for.
    #[cold]
    fn converted(&self, text: Value, quoting: i32) -> R {
        let empty = text.downcast::<Str>().is_some_and(|s| s.is_empty());
        match quoting {
            quote::STRINGS | quote::NOTNULL if empty => Ok(Value::NONE),
            quote::NONNUMERIC | quote::STRINGS if !empty => self.vm.call(&float::FLOAT.value(), &[text]),
            _ => Ok(text),
        }
    }

    /// The first character from `at` on that ends a run of plain ones, or the end of the line.
    #[inline(always)]
    fn run_end<C: CodeUnit>(&self, text: &[C], at: usize) -> usize {
        let rest = &text[at..];
        let ends = &self.reader.ends.0;
        let n = match C::bytes(rest) {
            Some(bytes) => bytes.iter().position(|b| ends[usize::from(*b)]),
            None => {
                let d = &self.reader.dialect;
                rest.iter().position(|c| match c.code() {
                    c @ 0..256 => ends[c as usize],
                    c => c == d.delimiter || Some(c) == d.escapechar,
                })
            }
        };
        n.map_or(text.len(), |n| at + n)
    }

    /// All characters of a line.
    fn line<C: CodeUnit>(&mut self, line: &Str, text: &[C]) -> R<()> {
        let reader = self.reader;
        let d = &*reader.dialect;
        let quotechar = d.quotechar.filter(|_| d.quoting != quote::NONE);
        let mut at = 0;
        while let Some(c) = text.get(at) {
            let c = c.code();
            let newline = c == 10 || c == 13;
            at += 1;
            if self.state == State::StartRecord {
                if newline {
                    self.state = State::EatNewline;
                    continue;
                }
                self.state = State::StartField;
            }
            match self.state {
                State::StartRecord => {}
                State::StartField => {
                    if newline {
                        self.save()?;
                        self.state = State::EatNewline;
                    } else if Some(c) == quotechar {
                        self.unquoted = false;
                        self.state = State::InQuoted;
                        at = self.whole_quoted(line, text, at)?;
                    } else if Some(c) == d.escapechar {
                        self.state = State::Escaped;
                    } else if c == 32 && d.skipinitialspace {
                    } else if c == d.delimiter {
                        self.save_text(str::from_str(""))?;
                    } else {
                        let end = self.run_end(text, at);
                        if text.get(end).is_some_and(|c| c.code() == d.delimiter) {
                            // The whole field is a piece of the line.
                            self.check_limit(end - at + 1)?;
                            self.save_text(line.substring(at - 1, end).into_value())?;
                            at = end + 1;
                        } else {
                            self.add_all(&text[at - 1..end])?;
                            self.state = State::InField;
                            at = end;
                        }
                    }
                }
                State::Escaped => {
                    self.add(c)?;
                    self.state = if newline { State::AfterEscapedNewline } else { State::InField };
                }
                State::InField | State::AfterEscapedNewline => {
                    if newline {
                        self.save()?;
                        self.state = State::EatNewline;
                    } else if Some(c) == d.escapechar {
                        self.state = State::Escaped;
                    } else if c == d.delimiter {
                        self.save()?;
                        self.state = State::StartField;
                    } else {
                        let end = self.run_end(text, at);
                        self.add_all(&text[at - 1..end])?;
                        // An escaped line end is left by the end of the line only.
                        at = end;
                    }
                }
                State::InQuoted => {
                    if Some(c) == d.escapechar {
                        self.state = State::EscapedInQuoted;
                    } else if Some(c) == quotechar {
                        self.state = if d.doublequote { State::QuoteInQuoted } else { State::InField };
                    } else {
                        let end = quoted_end(text, at, d);
                        self.add_all(&text[at - 1..end])?;
                        at = end;
                    }
                }
                State::EscapedInQuoted => {
                    self.add(c)?;
                    self.state = State::InQuoted;
                }
                State::QuoteInQuoted => {
                    if Some(c) == quotechar {
                        self.add(c)?;
                        self.state = State::InQuoted;
                    } else if c == d.delimiter {
                        self.save()?;
                        self.state = State::StartField;
                    } else if newline {
                        self.save()?;
                        self.state = State::EatNewline;
                    } else if d.strict {
                        let show = |c: Option<u32>| c.and_then(char::from_u32).unwrap_or('\u{fffd}');
                        let (delimiter, quote) = (show(Some(d.delimiter)), show(d.quotechar));
                        return Err(error(self.vm, format!("'{delimiter}' expected after '{quote}'")));
                    } else {
                        self.add(c)?;
                        self.state = State::InField;
                    }
                }
                State::EatNewline if newline => {}
                State::EatNewline => {
                    return Err(error(
                        self.vm,
                        "new-line character seen in unquoted field - do you need to open the file with newline=''?",
                    ));
                }
            }
        }
        Ok(())
    }

    /// A quoted field whose text starts at `at`: if it ends in this line before a delimiter, and has neither quotes
    /// nor escapes in it, it is read at once. Gives where to go on.
    #[inline]
    fn whole_quoted<C: CodeUnit>(&mut self, line: &Str, text: &[C], at: usize) -> R<usize> {
        let reader = self.reader;
        let d = &*reader.dialect;
        let end = quoted_end(text, at, d);
        let is = |i: usize, ch: Option<u32>| text.get(i).is_some_and(|c| Some(c.code()) == ch);
        if d.doublequote && self.field.is_empty() && is(end, d.quotechar) && is(end + 1, Some(d.delimiter)) {
            self.check_limit(end - at)?;
            self.save_text(line.substring(at, end).into_value())?;
            self.state = State::StartField;
            return Ok(end + 2);
        }
        Ok(at)
    }

    fn end_of_line(&mut self) -> R<()> {
        match self.state {
            State::StartRecord | State::InQuoted => {}
            State::StartField | State::InField | State::QuoteInQuoted => {
                self.save()?;
                self.state = State::StartRecord;
            }
            State::Escaped => {
                self.add(10)?;
                self.state = State::InField;
            }
            State::EscapedInQuoted => {
                self.add(10)?;
                self.state = State::InQuoted;
            }
            State::EatNewline => self.state = State::StartRecord,
            State::AfterEscapedNewline => {}
        }
        Ok(())
    }
}

/// The first quote or escape from `at` on, or the end of the line.
#[inline]
fn quoted_end<C: CodeUnit>(text: &[C], at: usize, d: &Dialect) -> usize {
    let rest = &text[at..];
    let n = match (C::bytes(rest), d.quotechar, d.escapechar) {
        (Some(bytes), Some(q @ 0..256), None) => memchr::memchr(q as u8, bytes),
        _ => rest.iter().position(|c| Some(c.code()) == d.quotechar || Some(c.code()) == d.escapechar),
    };
    n.map_or(text.len(), |n| at + n)
}
