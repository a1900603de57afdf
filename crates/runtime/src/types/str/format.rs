//! str.format, format_map, `__format__`, and the iterators behind `string.Formatter`.

use std::cell::Cell;

use taipan_text::CodeUnit;
use taipan_text::format::{
    FieldName, FieldNamePart, FormatError, MarkupField, MarkupParser, SpecKind, format_text, parse_spec, split_field_name,
};

use super::{Chars, Kind, Str, StrBuilder, from_ucs4, units};
use crate::core::{R, Raised, Ref, Value};
use crate::native::Args;
use crate::types::tuple;
use crate::vm::Vm;

/// Raises what the text crate says about a format.
#[cold]
pub fn format_error(vm: &Vm, e: FormatError) -> Raised {
    match e {
        FormatError::Value(text) => vm.value_error(text),
        FormatError::Overflow(text) => vm.overflow_error(text),
    }
}

/// `str.__format__`
///
/// Raises ValueError for a wrong specification, MemoryError.
pub(super) fn format_str(vm: &Vm, s: &Ref<Str>, spec: &Str) -> R {
    if spec.is_empty() {
        return if s.is_exact() { Ok(s.value().clone()) } else { vm.str(s.value()) };
    }
    let mut out = StrBuilder::new();
    format_into(vm, s, spec.chars(), &mut out)?;
    Ok(out.finish())
}

/// Writes `format(s, spec)` for a str.
fn format_into(vm: &Vm, s: &Str, spec: Chars<'_>, out: &mut StrBuilder) -> R<()> {
    let spec = units!(spec, t => parse_spec(t, SpecKind::Text, "str")).map_err(|e| format_error(vm, e))?;
    let width = spec.width.unwrap_or(0).max(s.len());
    out.check_room(vm, width.saturating_mul(s.kind().max(Kind::of(spec.fill)).width()))?;
    units!(s.chars(), t => format_text(t, &spec, "str", out)).map_err(|e| format_error(vm, e))
}

/// How fields without a name count.
#[derive(Clone, Copy, PartialEq)]
enum Numbering {
    Undecided,
    Automatic,
    Manual,
}

/// Where a format takes its values from.
struct Formatter<'a> {
    vm: &'a Vm,
    /// `None` for `format_map`, which has no positions.
    args: Option<&'a [Value]>,
    lookup: Lookup<'a>,
    numbering: Numbering,
    next: usize,
}

/// Where names are looked up.
enum Lookup<'a> {
    Kwargs(Args<'a>),
    Mapping(&'a Value),
}

/// `str.format`
pub(super) fn format(vm: &Vm, s: &Ref<Str>, args: Args<'_>) -> R {
    let f = Formatter {
        vm,
        args: Some(args.positional()),
        lookup: Lookup::Kwargs(args),
        numbering: Numbering::Undecided,
        next: 0,
    };
    f.run(s)
}

/// `str.format_map`
pub(super) fn format_map(vm: &Vm, s: &Ref<Str>, mapping: &Value) -> R {
    Formatter { vm, args: None, lookup: Lookup::Mapping(mapping), numbering: Numbering::Undecided, next: 0 }.run(s)
}

/// The text of some characters as a str object.
fn text<C: CodeUnit>(t: &[C]) -> Ref<Str> {
    if let Some(narrow) = C::bytes(t) {
        return super::from_latin1(narrow);
    }
    from_ucs4(&t.iter().map(|c| c.code()).collect::<Vec<_>>())
}

impl Formatter<'_> {
    fn run(mut self, s: &Str) -> R {
        let mut out = StrBuilder::with_capacity(s.len());
        units!(s.chars(), t => self.markup(t, 2, &mut out))?;
        Ok(out.finish())
    }

    /// Expands `format`, with so many levels of nested fields left.
    fn markup<C: CodeUnit>(&mut self, format: &[C], depth: u32, out: &mut StrBuilder) -> R<()> {
        if depth == 0 {
            return Err(self.vm.value_error("Max string recursion exceeded"));
        }
        for item in MarkupParser::new(format) {
            let item = item.map_err(|e| format_error(self.vm, e))?;
            if let Some(narrow) = C::bytes(item.literal) {
                out.push_latin1(narrow);
            } else {
                item.literal.iter().for_each(|c| out.push(c.code()));
            }
            if let Some(field) = item.field {
                self.field(&field, depth, out)?;
            }
        }
        Ok(())
    }

    fn field<C: CodeUnit>(&mut self, field: &MarkupField<'_, C>, depth: u32, out: &mut StrBuilder) -> R<()> {
        let vm = self.vm;
        let mut v = self.value(field.name)?;
        if let Some(c) = field.conversion {
            v = match char::from_u32(c) {
                Some('r') => vm.repr(&v)?,
                Some('s') => vm.str(&v)?,
                Some('a') => vm.ascii(&v)?,
                Some(c @ '!'..='~') => return Err(vm.value_error(format!("Unknown conversion specifier {c}"))),
                _ => return Err(vm.value_error(format!("Unknown conversion specifier \\x{c:x}"))),
            };
        }
        if field.spec.is_empty() {
            if let Some(s) = v.downcast_exact::<Str>() {
                out.check_room(vm, s.len())?;
                out.push_obj(s);
                return Ok(());
            }
            return self.push(&v, &super::from_str(""), out);
        }
        let spec = if field.nested {
            let mut inner = StrBuilder::new();
            self.markup(field.spec, depth - 1, &mut inner)?;
            inner.finish_ref()
        } else {
            text(field.spec)
        };
        if let Some(s) = v.downcast_exact::<Str>() {
            return if spec.is_empty() { self.push(&v, spec.value(), out) } else { format_into(vm, s, spec.chars(), out) };
        }
        self.push(&v, spec.value(), out)
    }

    fn push(&self, v: &Value, spec: &Value, out: &mut StrBuilder) -> R<()> {
        let r = self.vm.format(v, spec)?;
        if let Some(s) = r.downcast::<Str>() {
            out.check_room(self.vm, s.len())?;
            out.push_obj(s);
        }
        Ok(())
    }

    /// The object that a field's name means.
    fn value<C: CodeUnit>(&mut self, name: &[C]) -> R {
        let vm = self.vm;
        let (first, rest) = split_field_name(name).map_err(|e| format_error(vm, e))?;
        let mut v = match first {
            FieldName::Name([]) => {
                self.decide(Numbering::Automatic)?;
                self.next += 1;
                self.positional(self.next - 1)?
            }
            FieldName::Index(i) => {
                self.decide(Numbering::Manual)?;
                self.positional(i)?
            }
            FieldName::Name(name) => self.named(&text(name))?,
        };
        for part in rest {
            v = match part.map_err(|e| format_error(vm, e))? {
                FieldNamePart::Attribute(name) => vm.get_attr_checked(&v, text(name).value())?,
                FieldNamePart::Item(FieldName::Index(i)) => vm.getitem(&v, &Value::from(i))?,
                FieldNamePart::Item(FieldName::Name(name)) => vm.getitem(&v, text(name).value())?,
            };
        }
        Ok(v)
    }

    fn decide(&mut self, how: Numbering) -> R<()> {
        if self.numbering == Numbering::Undecided {
            self.numbering = how;
        }
        if self.numbering == how {
            return Ok(());
        }
        Err(self.vm.value_error(match how {
            Numbering::Manual => "cannot switch from automatic field numbering to manual field specification",
            _ => "cannot switch from manual field specification to automatic field numbering",
        }))
    }

    fn positional(&self, i: usize) -> R {
        let vm = self.vm;
        let Some(args) = self.args else { return Err(vm.value_error("Format string contains positional fields")) };
        match args.get(i) {
            Some(v) => Ok(v.clone()),
            None => Err(vm.index_error(format!("Replacement index {i} out of range for positional args tuple"))),
        }
    }

    fn named(&self, name: &Ref<Str>) -> R {
        match &self.lookup {
            Lookup::Mapping(m) => self.vm.getitem(m, name.value()),
            Lookup::Kwargs(args) => {
                let same = |k: &Value| k.downcast::<Str>().is_some_and(|k| k.same_text(name));
                match args.named().find(|(k, _)| same(k)) {
                    Some((_, v)) => Ok(v.clone()),
                    None => Err(self.vm.key_error(name.value())),
                }
            }
        }
    }
}

/// Yields the pieces of a format: literal, field name, specification, conversion.
#[derive(taipan_macros::Trace)]
pub struct FormatterIter {
    text: Ref<Str>,
    at: Cell<usize>,
}

/// `_string.formatter_parser(s)`
pub fn formatter_parser(s: &Ref<Str>) -> Value {
    Ref::new(FormatterIter { text: s.clone(), at: Cell::new(0) }).into_value()
}

impl FormatterIter {
    fn step<C: CodeUnit>(&self, vm: &Vm, t: &[C]) -> R<Option<Value>> {
        let rest = t.get(self.at.get()..).unwrap_or_default();
        let mut parser = MarkupParser::new(rest);
        let Some(item) = parser.next() else { return Ok(None) };
        let item = match item {
            Ok(item) => item,
            Err(e) => {
                self.at.set(t.len());
                return Err(format_error(vm, e));
            }
        };
        self.at.set(self.at.get() + parser.position());
        let literal = text(item.literal).into_value();
        let parts = match item.field {
            None => [literal, Value::NONE, Value::NONE, Value::NONE],
            Some(f) => {
                let conversion = f.conversion.map_or(Value::NONE, |c| super::from_char(c).into_value());
                [literal, text(f.name).into_value(), text(f.spec).into_value(), conversion]
            }
        };
        Ok(Some(tuple::from_array(parts).into_value()))
    }
}

/// Iterates over the pieces of a format string.
#[taipan_macros::class(name = "formatteriterator", flags(GC, NO_NEW))]
impl FormatterIter {
    #[slot]
    fn iter(_vm: &Vm, this: &Ref<FormatterIter>) -> Value {
        this.value().clone()
    }

    #[slot]
    fn next(vm: &Vm, this: &Ref<FormatterIter>) -> R<Option<Value>> {
        units!(this.text.chars(), t => this.step(vm, t))
    }
}

/// Yields the parts of a field name behind the first: whether it is an attribute, and the name or index.
#[derive(taipan_macros::Trace)]
pub struct FieldNameIter {
    text: Ref<Str>,
    at: Cell<usize>,
}

fn name_value<C: CodeUnit>(name: FieldName<'_, C>) -> Value {
    match name {
        FieldName::Index(i) => Value::from(i),
        FieldName::Name(name) => text(name).into_value(),
    }
}

/// `_string.formatter_field_name_split(s)`: the first part and an iterator over the others.
///
/// Raises ValueError for a name that is none.
pub fn formatter_field_name_split(vm: &Vm, s: &Ref<Str>) -> R {
    let (first, at) = units!(s.chars(), t => match split_field_name(t) {
        Ok((first, _)) => {
            let end = t.iter().position(|&c| matches!(u32::from(c), 0x2e | 0x5b)).unwrap_or(t.len());
            (name_value(first), end)
        }
        Err(e) => return Err(format_error(vm, e)),
    });
    let rest = Ref::new(FieldNameIter { text: s.clone(), at: Cell::new(at) });
    Ok(tuple::from_array([first, rest.into_value()]).into_value())
}

impl FieldNameIter {
    fn step<C: CodeUnit>(&self, vm: &Vm, t: &[C]) -> R<Option<Value>> {
        // The name from here on, with an empty first part, has the parts that are left.
        let rest = t.get(self.at.get()..).unwrap_or_default();
        let (_, mut parts) = split_field_name(rest).map_err(|e| format_error(vm, e))?;
        let before = parts.remaining();
        match parts.next() {
            None => Ok(None),
            Some(Err(e)) => {
                self.at.set(t.len());
                Err(format_error(vm, e))
            }
            Some(Ok(part)) => {
                self.at.set(self.at.get() + before - parts.remaining());
                let (attribute, name) = match part {
                    FieldNamePart::Attribute(name) => (true, text(name).into_value()),
                    FieldNamePart::Item(name) => (false, name_value(name)),
                };
                Ok(Some(tuple::from_array([Value::bool(attribute), name]).into_value()))
            }
        }
    }
}

/// Iterates over the parts of a field name.
#[taipan_macros::class(name = "fieldnameiterator", flags(GC, NO_NEW))]
impl FieldNameIter {
    #[slot]
    fn iter(_vm: &Vm, this: &Ref<FieldNameIter>) -> Value {
        this.value().clone()
    }

    #[slot]
    fn next(vm: &Vm, this: &Ref<FieldNameIter>) -> R<Option<Value>> {
        units!(this.text.chars(), t => this.step(vm, t))
    }
}
