//! The replacement fields of `str.format`: `literal {name[key].attr!r:spec} literal`.

use super::spec::FormatError;
use crate::CodeUnit;
use crate::unicode::numeric::decimal;

/// A literal and the field behind it, as `_string.formatter_parser` yields them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MarkupItem<'a, C> {
    /// Text to copy.
    pub literal: &'a [C],
    /// The field; `None` at the end and after an escaped brace.
    pub field: Option<MarkupField<'a, C>>,
}

/// A replacement field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MarkupField<'a, C> {
    /// What stands before `!` or `:`.
    pub name: &'a [C],
    /// The character after `!`.
    pub conversion: Option<u32>,
    /// The specification, empty where there is none.
    pub spec: &'a [C],
    /// The specification has fields of its own, to be expanded first.
    pub nested: bool,
}

/// Iterates over a format of `str.format`. After an error it ends.
#[derive(Clone, Debug)]
pub struct MarkupParser<'a, C> {
    text: &'a [C],
    at: usize,
}

const OPEN: u32 = b'{' as u32;
const CLOSE: u32 = b'}' as u32;

impl<'a, C: CodeUnit> MarkupParser<'a, C> {
    /// Starts at the beginning of the format.
    pub fn new(text: &'a [C]) -> Self {
        Self { text, at: 0 }
    }

    /// The position behind what was yielded last.
    pub fn position(&self) -> usize {
        self.at
    }

    fn take(&mut self) -> Option<u32> {
        let c = self.text.get(self.at)?.code();
        self.at += 1;
        Some(c)
    }

    fn item(&mut self) -> Result<MarkupItem<'a, C>, FormatError> {
        let start = self.at;
        let brace = loop {
            match self.take() {
                None => {
                    return Ok(MarkupItem {
                        literal: &self.text[start..],
                        field: None,
                    });
                }
                Some(c @ (OPEN | CLOSE)) => break c,
                Some(_) => {}
            }
        };
        if self.text.get(self.at).is_some_and(|c| c.code() == brace) {
            // An escaped brace: the first one belongs to the literal, the second is skipped.
            let literal = &self.text[start..self.at];
            self.at += 1;
            return Ok(MarkupItem {
                literal,
                field: None,
            });
        }
        if brace == CLOSE {
            return Err(FormatError::value(
                "Single '}' encountered in format string",
            ));
        }
        if self.at == self.text.len() {
            return Err(FormatError::value(
                "Single '{' encountered in format string",
            ));
        }
        let literal = &self.text[start..self.at - 1];
        Ok(MarkupItem {
            literal,
            field: Some(self.field()?),
        })
    }

    fn field(&mut self) -> Result<MarkupField<'a, C>, FormatError> {
        let start = self.at;
        let end = loop {
            match self.take() {
                None => {
                    return Err(FormatError::value("expected '}' before end of string"));
                }
                Some(OPEN) => {
                    return Err(FormatError::value("unexpected '{' in field name"));
                }
                Some(0x5B) => {
                    while self.text.get(self.at).is_some_and(|c| c.code() != 0x5D) {
                        self.at += 1;
                    }
                }
                Some(c @ (CLOSE | 0x21 | 0x3A)) => break c,
                Some(_) => {}
            }
        };
        let name = &self.text[start..self.at - 1];
        let mut field = MarkupField {
            name,
            conversion: None,
            spec: &[],
            nested: false,
        };
        if end == CLOSE {
            return Ok(field);
        }
        if end == 0x21 {
            field.conversion = Some(self.take().ok_or_else(|| {
                FormatError::value("end of string while looking for conversion specifier")
            })?);
            match self.take() {
                Some(CLOSE) => return Ok(field),
                Some(0x3A) => {}
                Some(_) => {
                    return Err(FormatError::value(
                        "expected ':' after conversion specifier",
                    ));
                }
                None => return Err(FormatError::value("unmatched '{' in format spec")),
            }
        }
        let start = self.at;
        let mut depth = 1usize;
        loop {
            match self.take() {
                None => return Err(FormatError::value("unmatched '{' in format spec")),
                Some(OPEN) => {
                    field.nested = true;
                    depth += 1;
                }
                Some(CLOSE) => {
                    depth -= 1;
                    if depth == 0 {
                        field.spec = &self.text[start..self.at - 1];
                        return Ok(field);
                    }
                }
                Some(_) => {}
            }
        }
    }
}

impl<'a, C: CodeUnit> Iterator for MarkupParser<'a, C> {
    type Item = Result<MarkupItem<'a, C>, FormatError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.text.len() {
            return None;
        }
        let item = self.item();
        if item.is_err() {
            self.at = self.text.len();
        }
        Some(item)
    }
}

/// The first part of a field name, or an index between brackets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FieldName<'a, C> {
    /// A number in decimal digits.
    Index(usize),
    /// Anything else, the empty name included.
    Name(&'a [C]),
}

/// A further part of a field name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FieldNamePart<'a, C> {
    /// `.name`
    Attribute(&'a [C]),
    /// `[index]`
    Item(FieldName<'a, C>),
}

fn number<C: CodeUnit>(text: &[C]) -> Result<FieldName<'_, C>, FormatError> {
    let mut value = 0usize;
    for c in text {
        let Some(d) = decimal(c.code()) else {
            return Ok(FieldName::Name(text));
        };
        value = value
            .checked_mul(10)
            .and_then(|v| v.checked_add(usize::from(d)))
            .filter(|v| *v <= isize::MAX as usize)
            .ok_or_else(|| FormatError::value("Too many decimal digits in format string"))?;
    }
    Ok(if text.is_empty() {
        FieldName::Name(text)
    } else {
        FieldName::Index(value)
    })
}

/// Iterates over the parts of a field name behind the first.
#[derive(Clone, Debug)]
pub struct FieldNameParts<'a, C> {
    rest: &'a [C],
}

/// Splits a field name, as `_string.formatter_field_name_split` does: the first part at once, the
/// others as an iterator that ends after an error.
pub fn split_field_name<C: CodeUnit>(
    name: &[C],
) -> Result<(FieldName<'_, C>, FieldNameParts<'_, C>), FormatError> {
    let end = name
        .iter()
        .position(|c| matches!(c.code(), 0x2E | 0x5B))
        .unwrap_or(name.len());
    Ok((number(&name[..end])?, FieldNameParts { rest: &name[end..] }))
}

impl<'a, C: CodeUnit> FieldNameParts<'a, C> {
    /// How many characters are left.
    pub fn remaining(&self) -> usize {
        self.rest.len()
    }

    fn part(&mut self) -> Result<FieldNamePart<'a, C>, FormatError> {
        let empty = || FormatError::value("Empty attribute in format string");
        let rest = self.rest;
        let (first, rest) = rest.split_first().ok_or_else(empty)?;
        if first.code() == 0x2E {
            let end = rest
                .iter()
                .position(|c| matches!(c.code(), 0x2E | 0x5B))
                .unwrap_or(rest.len());
            self.rest = &rest[end..];
            if end == 0 {
                return Err(empty());
            }
            return Ok(FieldNamePart::Attribute(&rest[..end]));
        }
        if first.code() != 0x5B {
            return Err(FormatError::value(
                "Only '.' or '[' may follow ']' in format field specifier",
            ));
        }
        let Some(end) = rest.iter().position(|c| c.code() == 0x5D) else {
            return Err(FormatError::value("Missing ']' in format string"));
        };
        self.rest = &rest[end + 1..];
        if end == 0 {
            return Err(empty());
        }
        Ok(FieldNamePart::Item(number(&rest[..end])?))
    }
}

impl<'a, C: CodeUnit> Iterator for FieldNameParts<'a, C> {
    type Item = Result<FieldNamePart<'a, C>, FormatError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let part = self.part();
        if part.is_err() {
            self.rest = &[];
        }
        Some(part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Vec<String> {
        let s = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
        MarkupParser::new(text.as_bytes())
            .map(|item| match item {
                Err(e) => e.to_string(),
                Ok(MarkupItem {
                    literal,
                    field: None,
                }) => s(literal),
                Ok(MarkupItem {
                    literal,
                    field: Some(f),
                }) => format!(
                    "{}<{}!{}:{}{}>",
                    s(literal),
                    s(f.name),
                    f.conversion.and_then(char::from_u32).unwrap_or('-'),
                    s(f.spec),
                    if f.nested { "*" } else { "" }
                ),
            })
            .collect()
    }

    #[test]
    fn markup() {
        assert_eq!(parse("a{{b}}c"), ["a{", "b}", "c"]);
        assert_eq!(parse("x{0.a[k}]!r:>{w}}y"), ["x<0.a[k}]!r:>{w}*>", "y"]);
        assert_eq!(parse("{}"), ["<!-:>"]);
        for (text, message) in [
            ("}", "Single '}' encountered in format string"),
            ("{", "Single '{' encountered in format string"),
            ("{a", "expected '}' before end of string"),
            ("{a{", "unexpected '{' in field name"),
            ("{!", "end of string while looking for conversion specifier"),
            ("{!rx}", "expected ':' after conversion specifier"),
            ("{:{}", "unmatched '{' in format spec"),
        ] {
            assert_eq!(parse(text), [message]);
        }
    }

    #[test]
    fn names() {
        let split = |s: &str| {
            let (first, rest) = split_field_name(s.as_bytes()).map_err(|e| e.to_string())?;
            let rest: Result<Vec<_>, _> = rest.collect();
            rest.map(|r| format!("{first:?} {r:?}"))
                .map_err(|e| e.to_string())
        };
        assert_eq!(
            split("0[12].a"),
            Ok("Index(0) [Item(Index(12)), Attribute([97])]".into())
        );
        assert_eq!(split("a."), Err("Empty attribute in format string".into()));
        assert_eq!(split("a[]"), Err("Empty attribute in format string".into()));
        assert_eq!(split("a[x"), Err("Missing ']' in format string".into()));
        assert_eq!(
            split("a[x]y"),
            Err("Only '.' or '[' may follow ']' in format field specifier".into())
        );
        assert_eq!(
            split("99999999999999999999"),
            Err("Too many decimal digits in format string".into())
        );
    }
}
