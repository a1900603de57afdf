//! Bytes to source text: byte order mark, PEP 263 cookies, newlines.

use crate::error::{ErrorKind, SyntaxError};
use std::borrow::Cow;

/// Source text and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodedSource {
    /// The text, without byte order mark.
    pub text: String,
    /// The encoding, as the cookie spells it, normalised as CPython does for
    /// the well-known ones; `utf-8` when there is no cookie.
    pub encoding: String,
}

/// Why bytes are no source text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// An encoding for the codec registry, which is to decode the whole source
    /// (a byte order mark aside).
    UnknownEncoding {
        /// The encoding's name as spelt.
        name: String,
    },
    /// A UTF-8 byte order mark beside another encoding's cookie.
    BomConflict {
        /// The encoding's name.
        name: String,
        /// The line of the cookie.
        line: u32,
        /// That line.
        text: String,
    },
    /// Bytes that are not UTF-8.
    NotUtf8 {
        /// The first bad byte.
        byte: u8,
        /// Its line, from 1.
        line: u32,
        /// Its column in characters, from 1.
        col: i32,
        /// The line.
        text: String,
    },
    /// A byte that the cookie's encoding does not have; the codec's message.
    Undecodable {
        /// The message.
        msg: String,
    },
}

impl DecodeError {
    /// The error that CPython raises: for a file if `filename` is given, else for
    /// bytes given to `compile`.
    pub fn to_syntax_error(&self, filename: Option<&str>) -> SyntaxError {
        let nowhere = |msg: String| SyntaxError {
            kind: ErrorKind::Syntax,
            msg,
            line: 0,
            col: -1,
            end_line: 0,
            end_col: -1,
            text: None,
            last_statement: (0, 0),
        };
        match self {
            DecodeError::UnknownEncoding { name } => nowhere(format!("unknown encoding: {name}")),
            DecodeError::Undecodable { msg } => nowhere(msg.clone()),
            DecodeError::BomConflict { name, line, text } => SyntaxError {
                line: *line,
                col: 0,
                end_line: *line,
                end_col: text.chars().count() as i32,
                text: Some(text.clone()),
                ..nowhere(format!("encoding problem: {name} with BOM"))
            },
            DecodeError::NotUtf8 {
                byte,
                line,
                col,
                text,
            } => {
                let file = filename.map_or(String::new(), |name| format!(" in file {name}"));
                SyntaxError {
                    line: *line,
                    col: *col,
                    end_line: *line,
                    end_col: *col,
                    text: Some(text.clone()),
                    ..nowhere(format!(
                        "Non-UTF-8 code starting with '\\x{byte:02x}'{file} on line {line}, but \
                         no encoding declared; see https://peps.python.org/pep-0263/ for details"
                    ))
                }
            }
        }
    }
}

/// Finds the encoding of source bytes and decodes UTF-8, Latin-1 and ASCII.
pub fn decode_source(bytes: &[u8]) -> Result<DecodedSource, DecodeError> {
    let (bom, body) = match bytes.strip_prefix(b"\xEF\xBB\xBF") {
        Some(body) => (true, body),
        None => (false, bytes),
    };
    let (name, line) = match find_cookie(body) {
        Some((name, line)) => (normal_name(&name), line),
        None => ("utf-8".to_owned(), 0),
    };
    if bom && name != "utf-8" {
        let text = nth_line(body, line);
        return Err(DecodeError::BomConflict { name, line, text });
    }
    let text = match name.as_str() {
        "utf-8" => match std::str::from_utf8(body) {
            Ok(text) => text.to_owned(),
            Err(error) => return Err(not_utf8(body, error.valid_up_to())),
        },
        "utf8" => match std::str::from_utf8(body) {
            Ok(text) => text.to_owned(),
            Err(_) => return Err(DecodeError::UnknownEncoding { name }),
        },
        "iso-8859-1" | "latin1" | "iso8859-1" => body.iter().map(|&b| b as char).collect(),
        "ascii" | "us-ascii" => match body.iter().position(|b| !b.is_ascii()) {
            None => String::from_utf8_lossy(body).into_owned(),
            Some(at) => {
                return Err(DecodeError::Undecodable {
                    msg: format!(
                        "'ascii' codec can't decode byte 0x{:02x} in position {at}: \
                         ordinal not in range(128)",
                        body[at]
                    ),
                });
            }
        },
        _ => return Err(DecodeError::UnknownEncoding { name }),
    };
    Ok(DecodedSource {
        text,
        encoding: name,
    })
}

/// The offsets at which lines start, `\n`, `\r` and `\r\n` ending them.
fn line_starts(bytes: &[u8]) -> impl Iterator<Item = usize> {
    let ends = move |&at: &usize| match bytes[at] {
        b'\n' => true,
        b'\r' => bytes.get(at + 1) != Some(&b'\n'),
        _ => false,
    };
    std::iter::once(0).chain((0..bytes.len()).filter(ends).map(|at| at + 1))
}

fn nth_line(bytes: &[u8], line: u32) -> String {
    let start = line_starts(bytes).nth(line as usize - 1).unwrap_or(0);
    let rest = &bytes[start..];
    let end = rest.iter().position(|&b| b == b'\n' || b == b'\r');
    String::from_utf8_lossy(&rest[..end.unwrap_or(rest.len())]).into_owned()
}

fn not_utf8(body: &[u8], at: usize) -> DecodeError {
    let line = line_starts(body).take_while(|&start| start <= at).count() as u32;
    let start = line_starts(body).nth(line as usize - 1).unwrap_or(0);
    DecodeError::NotUtf8 {
        byte: body[at],
        line,
        col: String::from_utf8_lossy(&body[start..at]).chars().count() as i32 + 1,
        text: nth_line(body, line),
    }
}

/// The cookie in one of the first two lines: `coding[:=]\s*([-\w.]+)` in a
/// comment with nothing before it, the second line only if the first is blank
/// or a comment.
fn find_cookie(body: &[u8]) -> Option<(String, u32)> {
    let mut rest = body;
    for line_number in 1..=2 {
        let end = rest.iter().position(|&b| b == b'\n' || b == b'\r');
        let line = &rest[..end.unwrap_or(rest.len())];
        let text = line.trim_ascii_start();
        let text = text
            .strip_prefix(b"\x0C")
            .unwrap_or(text)
            .trim_ascii_start();
        if text.first() == Some(&b'#') {
            if let Some(name) = cookie_in(text) {
                return Some((name, line_number));
            }
        } else if !text.is_empty() {
            return None;
        }
        let end = end?;
        let newline = if rest[end..].starts_with(b"\r\n") {
            2
        } else {
            1
        };
        rest = &rest[end + newline..];
    }
    None
}

fn cookie_in(comment: &[u8]) -> Option<String> {
    for at in memchr::memmem::find_iter(comment, b"coding") {
        let rest = &comment[at + 6..];
        if !matches!(rest.first(), Some(b':' | b'=')) {
            continue;
        }
        let rest = &rest[1..];
        let blank = rest
            .iter()
            .take_while(|b| matches!(b, b' ' | b'\t'))
            .count();
        let rest = &rest[blank..];
        let is_name = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        let len = rest.iter().take_while(is_name).count();
        if len > 0 {
            return Some(String::from_utf8_lossy(&rest[..len]).into_owned());
        }
    }
    None
}

/// CPython's own short list of names for UTF-8 and Latin-1.
fn normal_name(name: &str) -> String {
    let lower: String = name
        .chars()
        .take(12)
        .map(|c| {
            if c == '_' {
                '-'
            } else {
                c.to_ascii_lowercase()
            }
        })
        .collect();
    let is = |full: &str| lower == full || lower.starts_with(&format!("{full}-"));
    if is("utf-8") {
        "utf-8".to_owned()
    } else if is("latin-1") || is("iso-8859-1") || is("iso-latin-1") {
        "iso-8859-1".to_owned()
    } else {
        name.to_owned()
    }
}

/// The text as the lexer wants it: `\n` for every newline, and (for modules)
/// one at the end.
pub(crate) fn normalize(text: &str, final_newline: bool) -> Cow<'_, str> {
    let needs_end = final_newline && !text.ends_with('\n');
    if memchr::memchr(b'\r', text.as_bytes()).is_none() {
        if !needs_end {
            return Cow::Borrowed(text);
        }
        let mut owned = String::with_capacity(text.len() + 1);
        owned.push_str(text);
        owned.push('\n');
        return Cow::Owned(owned);
    }
    let mut owned = text.replace("\r\n", "\n").replace('\r', "\n");
    if final_newline && !owned.ends_with('\n') {
        owned.push('\n');
    }
    Cow::Owned(owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoding(bytes: &[u8]) -> String {
        match decode_source(bytes) {
            Ok(source) => source.encoding,
            Err(error) => error.to_syntax_error(None).msg,
        }
    }

    #[test]
    fn cookies() {
        let not_utf8 = |byte: &str, line: u32| {
            format!(
                "Non-UTF-8 code starting with '\\x{byte}' on line {line}, but no encoding \
                 declared; see https://peps.python.org/pep-0263/ for details"
            )
        };
        let cases: [(&[u8], String); 15] = [
            (b"x = 1", "utf-8".into()),
            (b"# -*- coding: latin-1 -*-\n\xf6", "iso-8859-1".into()),
            (
                b"#!/bin/x\n# vim: set fileencoding=latin1 :\n\xf6",
                "latin1".into(),
            ),
            (b"\x0c\n# coding: Latin_1\n\xf6", "iso-8859-1".into()),
            (b"# coding= \t iso-8859-1-dos\n\xf6", "iso-8859-1".into()),
            (b"# coding: UTF_8\n\xc3\xb6", "utf-8".into()),
            (b"# coding: foo-bar\n", "unknown encoding: foo-bar".into()),
            (b"\xef\xbb\xbf# coding: UTF-8\n", "utf-8".into()),
            (
                b"\xef\xbb\xbf# coding: utf8\n",
                "encoding problem: utf8 with BOM".into(),
            ),
            (
                b"# coding: ascii\nx='\xf6'",
                "'ascii' codec can't decode byte 0xf6 in position 19: ordinal not in range(128)"
                    .into(),
            ),
            (b"x = 1\n# coding: latin-1\n\xf6", not_utf8("f6", 3)),
            (b"# codings: latin-1\n\xf6", not_utf8("f6", 2)),
            (b"# coding:\n\xf6", not_utf8("f6", 2)),
            (b"\xff\xfe", not_utf8("ff", 1)),
            (b"x=1\r# coding: latin-1\r\n\xf6", not_utf8("f6", 3)),
        ];
        for (bytes, expected) in cases {
            assert_eq!(
                encoding(bytes),
                expected,
                "{}",
                String::from_utf8_lossy(bytes)
            );
        }
    }

    #[test]
    fn newlines() {
        assert_eq!(normalize("a\r\nb\rc", true), "a\nb\nc\n");
        assert_eq!(normalize("a", false), "a");
        assert_eq!(normalize("", true), "\n");
    }
}
