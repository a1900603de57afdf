//! Bytes of a document to text: byte order marks, declared encodings, and incremental decoding.

/// How the bytes of an entity stand for characters.
#[derive(Clone)]
pub enum Encoding {
    Utf8,
    Utf16 {
        big: bool,
    },
    Latin1,
    Ascii,
    /// One byte is one character; U+FFFD stands for bytes that mean nothing.
    Table(Box<[char; 256]>),
}

impl Encoding {
    /// One of the encodings that need no table. UTF-16 without an order is big-endian.
    pub fn by_name(name: &str) -> Option<Encoding> {
        Some(match name.to_ascii_uppercase().as_str() {
            "UTF-8" => Self::Utf8,
            "UTF-16" | "UTF-16BE" => Self::Utf16 { big: true },
            "UTF-16LE" => Self::Utf16 { big: false },
            "ISO-8859-1" => Self::Latin1,
            "US-ASCII" => Self::Ascii,
            _ => return None,
        })
    }

    /// What the first bytes of an entity tell: the encoding, and how many bytes are a byte order mark. `None` if
    /// more bytes are needed.
    pub fn detect(bytes: &[u8], last: bool) -> Option<(Encoding, usize)> {
        Some(match bytes {
            [0xef, 0xbb, 0xbf, ..] => (Self::Utf8, 3),
            [0xfe, 0xff, ..] => (Self::Utf16 { big: true }, 2),
            [0xff, 0xfe, ..] => (Self::Utf16 { big: false }, 2),
            [0, _, ..] => (Self::Utf16 { big: true }, 0),
            [b'<', 0, ..] => (Self::Utf16 { big: false }, 0),
            [0xef] | [0xef, 0xbb] | [0 | 0xfe | 0xff | b'<'] | [] if !last => return None,
            _ => (Self::Utf8, 0),
        })
    }

    /// How many bytes a piece of text took.
    pub fn byte_len(&self, text: &str) -> usize {
        match self {
            Self::Utf8 => text.len(),
            Self::Utf16 { .. } => text.chars().map(|c| c.len_utf16() * 2).sum(),
            _ => text.chars().count(),
        }
    }

    /// Decodes as much as is complete. Gives how many bytes that took, and whether the next ones mean nothing.
    pub fn decode(&self, bytes: &[u8], out: &mut String) -> (usize, bool) {
        match self {
            Self::Utf8 => match std::str::from_utf8(bytes) {
                Ok(text) => {
                    out.push_str(text);
                    (bytes.len(), false)
                }
                Err(e) => {
                    let n = e.valid_up_to();
                    out.push_str(
                        std::str::from_utf8(bytes.get(..n).unwrap_or_default()).unwrap_or_default(),
                    );
                    (n, e.error_len().is_some())
                }
            },
            Self::Utf16 { big } => utf16(bytes, *big, out),
            Self::Latin1 => {
                out.extend(bytes.iter().map(|b| char::from(*b)));
                (bytes.len(), false)
            }
            Self::Ascii => match bytes.iter().position(|b| *b >= 128) {
                None => {
                    out.push_str(std::str::from_utf8(bytes).unwrap_or_default());
                    (bytes.len(), false)
                }
                Some(n) => {
                    out.push_str(
                        std::str::from_utf8(bytes.get(..n).unwrap_or_default()).unwrap_or_default(),
                    );
                    (n, true)
                }
            },
            Self::Table(table) => {
                for (i, b) in bytes.iter().enumerate() {
                    match table.get(usize::from(*b)) {
                        Some(c) if *c != '\u{fffd}' => out.push(*c),
                        _ => return (i, true),
                    }
                }
                (bytes.len(), false)
            }
        }
    }
}

fn utf16(bytes: &[u8], big: bool, out: &mut String) -> (usize, bool) {
    let unit = |i: usize| match bytes.get(i..i + 2) {
        Some([a, b]) if big => Some(u32::from(*a) << 8 | u32::from(*b)),
        Some([a, b]) => Some(u32::from(*b) << 8 | u32::from(*a)),
        _ => None,
    };
    let mut at = 0;
    while let Some(u) = unit(at) {
        match u {
            0xd800..0xdc00 => {
                let Some(low) = unit(at + 2) else { break };
                if !(0xdc00..0xe000).contains(&low) {
                    return (at, true);
                }
                let Some(c) = char::from_u32(0x10000 + ((u - 0xd800) << 10) + (low - 0xdc00))
                else {
                    return (at, true);
                };
                out.push(c);
                at += 4;
            }
            _ => {
                let Some(c) = char::from_u32(u) else {
                    return (at, true);
                };
                out.push(c);
                at += 2;
            }
        }
    }
    (at, false)
}

/// The parts of `<?xml ...?>`.
#[derive(Default, Clone)]
pub struct Declaration {
    pub version: Option<String>,
    pub encoding: Option<String>,
    pub standalone: Option<bool>,
}

/// Reads what stands between `<?xml` and `?>`. `text_decl` is for external entities, where the encoding is needed
/// and the version is not. An error is the offset at which the declaration goes wrong.
pub fn declaration(text: &str, text_decl: bool) -> Result<Declaration, usize> {
    let mut d = Declaration::default();
    let bytes = text.as_bytes();
    let space = |at: usize| {
        bytes
            .get(at)
            .is_some_and(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n'))
    };
    let skip = |mut at: usize| {
        while space(at) {
            at += 1;
        }
        at
    };
    let mut at = 0;
    let mut seen = 0;
    loop {
        let start = at;
        at = skip(at);
        if at >= bytes.len() {
            break;
        }
        if start == at {
            return Err(at);
        }
        let name_at = at;
        while bytes.get(at).is_some_and(u8::is_ascii_lowercase) {
            at += 1;
        }
        let name = text.get(name_at..at).unwrap_or_default();
        at = skip(at);
        if bytes.get(at) != Some(&b'=') {
            return Err(at);
        }
        at = skip(at + 1);
        let quote = match bytes.get(at) {
            Some(q @ (b'"' | b'\'')) => *q,
            _ => return Err(at),
        };
        at += 1;
        let value_at = at;
        while bytes
            .get(at)
            .is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
        {
            at += 1;
        }
        if bytes.get(at) != Some(&quote) {
            return Err(at);
        }
        let value = text.get(value_at..at).unwrap_or_default();
        at += 1;
        match name {
            "version" if seen == 0 => {
                d.version = Some(value.to_owned());
                seen = 1;
            }
            "encoding" if seen == 1 || seen == 0 && text_decl => {
                if !value
                    .as_bytes()
                    .first()
                    .is_some_and(u8::is_ascii_alphabetic)
                {
                    return Err(value_at);
                }
                d.encoding = Some(value.to_owned());
                seen = 2;
            }
            "standalone" if (seen == 1 || seen == 2) && !text_decl => {
                d.standalone = Some(match value {
                    "yes" => true,
                    "no" => false,
                    _ => return Err(value_at),
                });
                seen = 3;
            }
            _ => return Err(name_at),
        }
    }
    let complete = if text_decl {
        d.encoding.is_some()
    } else {
        d.version.is_some()
    };
    if complete { Ok(d) } else { Err(at) }
}
