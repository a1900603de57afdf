//! Bytes to source text: byte order mark, PEP 263 cookies, newlines.

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
    /// An encoding for the codec registry. `line` is the cookie's line.
    UnknownEncoding {
        /// The encoding's name as spelt.
        name: String,
        /// The line of the cookie.
        line: u32,
    },
    /// A UTF-8 byte order mark beside another encoding's cookie.
    BomConflict {
        /// The encoding's name as spelt.
        name: String,
    },
    /// Bytes that are not UTF-8 (or ASCII), without a cookie that says so.
    Invalid {
        /// CPython's message.
        msg: String,
        /// The line, from 1.
        line: u32,
        /// The byte.
        byte: u8,
        /// Its offset in the whole source.
        offset: usize,
    },
}

/// Finds the encoding of source bytes and decodes UTF-8, Latin-1 and ASCII.
pub fn decode_source(bytes: &[u8]) -> Result<DecodedSource, DecodeError> {
    let (bom, body) = match bytes.strip_prefix(b"\xEF\xBB\xBF") {
        Some(body) => (true, body),
        None => (false, bytes),
    };
    let cookie = find_cookie(body);
    let (name, line) = match &cookie {
        Some((name, line)) => (normal_name(name), *line),
        None => ("utf-8".to_owned(), 0),
    };
    if bom && name != "utf-8" {
        return Err(DecodeError::BomConflict { name });
    }
    let text = match name.as_str() {
        "utf-8" => match std::str::from_utf8(body) {
            Ok(text) => text.to_owned(),
            Err(error) => return Err(invalid_utf8(body, error.valid_up_to(), cookie.is_some())),
        },
        "iso-8859-1" => body.iter().map(|&b| b as char).collect(),
        "ascii" | "us-ascii" => match body.iter().position(|b| !b.is_ascii()) {
            None => String::from_utf8_lossy(body).into_owned(),
            Some(at) => {
                return Err(DecodeError::Invalid {
                    msg: format!(
                        "'ascii' codec can't decode byte 0x{:02x} in position {at}: \
                         ordinal not in range(128)",
                        body[at]
                    ),
                    line: line_of(body, at),
                    byte: body[at],
                    offset: at,
                });
            }
        },
        _ => return Err(DecodeError::UnknownEncoding { name, line }),
    };
    Ok(DecodedSource {
        text,
        encoding: name,
    })
}

fn line_of(bytes: &[u8], at: usize) -> u32 {
    1 + memchr::memchr_iter(b'\n', &bytes[..at]).count() as u32
}

fn invalid_utf8(body: &[u8], at: usize, declared: bool) -> DecodeError {
    let byte = body[at];
    let line = line_of(body, at);
    let msg = if declared {
        format!("'utf-8' codec can't decode byte 0x{byte:02x} in position {at}: invalid utf-8")
    } else {
        format!(
            "Non-UTF-8 code starting with '\\x{byte:02x}' on line {line}, but no encoding \
             declared; see https://peps.python.org/pep-0263/ for details"
        )
    };
    DecodeError::Invalid {
        msg,
        line,
        byte,
        offset: at,
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
    if is("utf-8") || lower == "utf8" {
        "utf-8".to_owned()
    } else if is("latin-1") || is("iso-8859-1") || is("iso-latin-1") {
        "iso-8859-1".to_owned()
    } else if lower == "ascii" || lower == "us-ascii" {
        "ascii".to_owned()
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
