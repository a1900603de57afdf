//! Tokens of content: pure functions from text and offset to what stands there.

/// Why no token could be read.
#[derive(Clone, Copy, Debug)]
pub enum Fail {
    /// The text ends in it.
    Partial,
    /// Something at this offset may not stand there.
    Invalid(usize),
}

/// From where to where, in bytes.
pub type Range = (usize, usize);

/// An attribute as it is written.
#[derive(Clone, Copy)]
pub struct RawAttr {
    pub name: Range,
    pub value: Range,
    /// The value needs no changes.
    pub plain: bool,
}

/// What may stand in content.
#[derive(Clone, Copy)]
pub enum Token {
    Text,
    Newline,
    Start {
        name: Range,
        empty: bool,
    },
    End {
        name: Range,
    },
    Char(Option<char>),
    Entity {
        name: Range,
    },
    Comment {
        body: Range,
    },
    Pi {
        target: Range,
        data: Range,
    },
    Cdata,
    /// `<!DOCTYPE` or another declaration; only its start is read.
    Declaration,
}

/// Bytes that end a run of text.
static STOPS: [bool; 256] = {
    let mut t = [false; 256];
    let mut i = 0;
    while i < 32 {
        t[i] = i != 9;
        i += 1;
    }
    t[b'<' as usize] = true;
    t[b'&' as usize] = true;
    t[b']' as usize] = true;
    t[0xef] = true;
    t
};

pub fn is_space(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\r' | b'\n')
}

fn name_start(c: char) -> bool {
    match c {
        'a'..='z' | 'A'..='Z' | '_' | ':' => true,
        _ if c.is_ascii() => false,
        _ => matches!(c,
            '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}' | '\u{370}'..='\u{37d}'
            | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}' | '\u{2070}'..='\u{218f}'
            | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}'
            | '\u{fdf0}'..='\u{fffd}'),
    }
}

pub fn name_char(c: char) -> bool {
    match c {
        '0'..='9' | '-' | '.' | '\u{b7}' => true,
        _ if c.is_ascii() => name_start(c),
        _ => name_start(c) || matches!(c, '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}'),
    }
}

/// Whether a name (or name token) starts here.
pub fn starts_name(text: &str, at: usize) -> bool {
    text.get(at..)
        .and_then(|t| t.chars().next())
        .is_some_and(name_start)
}

/// Where the name tokens from here on end.
pub fn nmtoken_end(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    let mut i = at;
    while let Some(b) = bytes.get(i) {
        match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b':' | b'-' | b'.' => i += 1,
            0..128 => break,
            _ => match text.get(i..).and_then(|t| t.chars().next()) {
                Some(c) if name_char(c) => i += c.len_utf8(),
                _ => break,
            },
        }
    }
    i
}

/// Where the name that starts here ends.
pub fn name_end(text: &str, at: usize, ns: bool) -> Result<usize, Fail> {
    if at >= text.len() {
        return Err(Fail::Partial);
    }
    if !starts_name(text, at) {
        return Err(Fail::Invalid(at));
    }
    let end = nmtoken_end(text, at);
    if ns {
        check_colons(text, at, end)?;
    }
    Ok(end)
}

/// With namespaces, a name has one colon at most, and text on both sides of it.
fn check_colons(text: &str, at: usize, end: usize) -> Result<(), Fail> {
    let name = text.as_bytes().get(at..end).unwrap_or_default();
    let Some(i) = memchr::memchr(b':', name) else {
        return Ok(());
    };
    if i == 0 {
        return Err(Fail::Invalid(at));
    }
    if i + 1 == name.len() {
        return Err(if end < text.len() {
            Fail::Invalid(end)
        } else {
            Fail::Partial
        });
    }
    if !starts_name(text, at + i + 1) {
        return Err(Fail::Invalid(at + i + 1));
    }
    match memchr::memchr(b':', name.get(i + 1..).unwrap_or_default()) {
        Some(n) => Err(Fail::Invalid(at + i + 1 + n)),
        None => Ok(()),
    }
}

/// A control character or a noncharacter at this offset.
fn bad_char(bytes: &[u8], at: usize) -> bool {
    match bytes.get(at) {
        Some(b @ 0..32) => !matches!(b, 9 | 10 | 13),
        Some(0xef) => matches!(bytes.get(at + 1..at + 3), Some([0xbf, 0xbe | 0xbf])),
        _ => false,
    }
}

fn find(text: &str, from: usize, what: &[u8]) -> Result<usize, Fail> {
    let rest = text.as_bytes().get(from..).unwrap_or_default();
    memchr::memmem::find(rest, what)
        .map(|n| from + n)
        .ok_or(Fail::Partial)
}

/// All characters of a range must be ones of XML.
fn check_chars(text: &str, from: usize, to: usize) -> Result<(), Fail> {
    let bytes = text.as_bytes();
    for (i, b) in bytes.get(from..to).unwrap_or_default().iter().enumerate() {
        if (*b < 32 || *b == 0xef) && bad_char(bytes, from + i) {
            return Err(Fail::Invalid(from + i));
        }
    }
    Ok(())
}

/// The token of content at `at`, and where it ends. `last`: no more text follows.
pub fn content(
    text: &str,
    at: usize,
    last: bool,
    ns: bool,
    attrs: &mut Vec<RawAttr>,
) -> Result<(Token, usize), Fail> {
    let bytes = text.as_bytes();
    match bytes.get(at) {
        None => Err(Fail::Partial),
        Some(b'<') => markup(text, at, ns, attrs),
        Some(b'&') => reference(text, at, ns),
        Some(b'\n') => Ok((Token::Newline, at + 1)),
        Some(b'\r') => newline(bytes, at, last),
        Some(_) => {
            let mut i = at;
            loop {
                let rest = bytes.get(i..).unwrap_or_default();
                i += rest
                    .iter()
                    .position(|b| STOPS[usize::from(*b)])
                    .unwrap_or(rest.len());
                match bytes.get(i) {
                    None | Some(b'<' | b'&' | b'\n' | b'\r') => break,
                    Some(b']') => match bytes.get(i + 1..) {
                        Some([b']', b'>', ..]) => return Err(Fail::Invalid(i + 2)),
                        Some([] | [b']']) if !last => break,
                        _ => i += 1,
                    },
                    Some(_) if bad_char(bytes, i) => {
                        if i == at {
                            return Err(Fail::Invalid(i));
                        }
                        break;
                    }
                    Some(_) => i += 1,
                }
            }
            if i == at {
                Err(Fail::Partial)
            } else {
                Ok((Token::Text, i))
            }
        }
    }
}

fn newline(bytes: &[u8], at: usize, last: bool) -> Result<(Token, usize), Fail> {
    match bytes.get(at + 1) {
        Some(b'\n') => Ok((Token::Newline, at + 2)),
        None if !last => Err(Fail::Partial),
        _ => Ok((Token::Newline, at + 1)),
    }
}

/// What stands in a CDATA section: text, a line end, or (as [`Token::Cdata`]) its end.
pub fn cdata(text: &str, at: usize, last: bool) -> Result<(Token, usize), Fail> {
    let bytes = text.as_bytes();
    match bytes.get(at) {
        None => return Err(Fail::Partial),
        Some(b'\n') => return Ok((Token::Newline, at + 1)),
        Some(b'\r') => return newline(bytes, at, last),
        _ => {}
    }
    let mut i = at;
    while let Some(b) = bytes.get(i) {
        match b {
            b'\n' | b'\r' => break,
            b']' => match bytes.get(i + 1..) {
                Some([b']', b'>', ..]) if i == at => return Ok((Token::Cdata, i + 3)),
                Some([b']', b'>', ..]) => break,
                Some([] | [b']']) if !last => break,
                _ => i += 1,
            },
            _ if bad_char(bytes, i) => {
                if i == at {
                    return Err(Fail::Invalid(i));
                }
                break;
            }
            _ => i += 1,
        }
    }
    if i == at {
        Err(Fail::Partial)
    } else {
        Ok((Token::Text, i))
    }
}

/// What starts with `<`.
pub fn markup(
    text: &str,
    at: usize,
    ns: bool,
    attrs: &mut Vec<RawAttr>,
) -> Result<(Token, usize), Fail> {
    let bytes = text.as_bytes();
    match bytes.get(at + 1) {
        None => Err(Fail::Partial),
        Some(b'/') => {
            let end = name_end(text, at + 2, ns)?;
            let mut i = end;
            while bytes.get(i).is_some_and(|b| is_space(*b)) {
                i += 1;
            }
            match bytes.get(i) {
                None => Err(Fail::Partial),
                Some(b'>') => Ok((
                    Token::End {
                        name: (at + 2, end),
                    },
                    i + 1,
                )),
                Some(_) => Err(Fail::Invalid(i)),
            }
        }
        Some(b'?') => pi(text, at, ns),
        Some(b'!') => match bytes.get(at + 2) {
            None => Err(Fail::Partial),
            Some(b'-') => comment(text, at),
            Some(b'[') => {
                let rest = bytes.get(at + 3..).unwrap_or_default();
                for (i, want) in b"CDATA[".iter().enumerate() {
                    match rest.get(i) {
                        None => return Err(Fail::Partial),
                        Some(b) if b == want => {}
                        Some(_) => return Err(Fail::Invalid(at + 3 + i)),
                    }
                }
                Ok((Token::Cdata, at + 9))
            }
            Some(b) if b.is_ascii_alphabetic() => Ok((Token::Declaration, at + 2)),
            Some(_) => Err(Fail::Invalid(at + 2)),
        },
        Some(_) => start_tag(text, at, ns, attrs),
    }
}

fn start_tag(
    text: &str,
    at: usize,
    ns: bool,
    attrs: &mut Vec<RawAttr>,
) -> Result<(Token, usize), Fail> {
    attrs.clear();
    let bytes = text.as_bytes();
    let name = (at + 1, name_end(text, at + 1, ns)?);
    let mut i = name.1;
    loop {
        let before = i;
        while bytes.get(i).is_some_and(|b| is_space(*b)) {
            i += 1;
        }
        match bytes.get(i) {
            None => return Err(Fail::Partial),
            Some(b'>') => return Ok((Token::Start { name, empty: false }, i + 1)),
            Some(b'/') => {
                return match bytes.get(i + 1) {
                    None => Err(Fail::Partial),
                    Some(b'>') => Ok((Token::Start { name, empty: true }, i + 2)),
                    Some(_) => Err(Fail::Invalid(i + 1)),
                };
            }
            Some(_) if before == i => return Err(Fail::Invalid(i)),
            Some(_) => {}
        }
        let attr = (i, name_end(text, i, ns)?);
        i = attr.1;
        while bytes.get(i).is_some_and(|b| is_space(*b)) {
            i += 1;
        }
        match bytes.get(i) {
            None => return Err(Fail::Partial),
            Some(b'=') => i += 1,
            Some(_) => return Err(Fail::Invalid(i)),
        }
        while bytes.get(i).is_some_and(|b| is_space(*b)) {
            i += 1;
        }
        let quote = match bytes.get(i) {
            None => return Err(Fail::Partial),
            Some(q @ (b'"' | b'\'')) => *q,
            Some(_) => return Err(Fail::Invalid(i)),
        };
        i += 1;
        let start = i;
        let mut plain = true;
        loop {
            match bytes.get(i) {
                None => return Err(Fail::Partial),
                Some(b) if *b == quote => break,
                Some(b'<') => return Err(Fail::Invalid(i)),
                Some(b'&') => {
                    plain = false;
                    i = reference(text, i, ns)?.1;
                }
                Some(9 | 10 | 13) => {
                    plain = false;
                    i += 1;
                }
                Some(0..32 | 0xef) if bad_char(bytes, i) => return Err(Fail::Invalid(i)),
                Some(_) => i += 1,
            }
        }
        attrs.push(RawAttr {
            name: attr,
            value: (start, i),
            plain,
        });
        i += 1;
    }
}

/// `&name;` and its kin.
pub fn reference(text: &str, at: usize, ns: bool) -> Result<(Token, usize), Fail> {
    let bytes = text.as_bytes();
    if bytes.get(at + 1) != Some(&b'#') {
        let end = name_end(text, at + 1, ns)?;
        return match bytes.get(end) {
            None => Err(Fail::Partial),
            Some(b';') => Ok((
                Token::Entity {
                    name: (at + 1, end),
                },
                end + 1,
            )),
            Some(_) => Err(Fail::Invalid(end)),
        };
    }
    let (mut i, radix) = if bytes.get(at + 2) == Some(&b'x') {
        (at + 3, 16)
    } else {
        (at + 2, 10)
    };
    let start = i;
    let mut code: u32 = 0;
    loop {
        match bytes.get(i) {
            None => return Err(Fail::Partial),
            Some(b';') if i > start => break,
            Some(b) => match char::from(*b).to_digit(radix) {
                Some(d) => code = code.saturating_mul(radix).saturating_add(d),
                None => return Err(Fail::Invalid(i)),
            },
        }
        i += 1;
    }
    let ch = char::from_u32(code).filter(|c| match c {
        '\0'..'\u{20}' => matches!(c, '\t' | '\n' | '\r'),
        _ => !matches!(c, '\u{fffe}' | '\u{ffff}'),
    });
    Ok((Token::Char(ch), i + 1))
}

/// `<!-- -->`
pub fn comment(text: &str, at: usize) -> Result<(Token, usize), Fail> {
    match text.as_bytes().get(at + 3) {
        None => return Err(Fail::Partial),
        Some(b'-') => {}
        Some(_) => return Err(Fail::Invalid(at + 3)),
    }
    let end = match find(text, at + 4, b"--") {
        Ok(end) => end,
        Err(e) => {
            check_chars(text, at + 4, text.len())?;
            return Err(e);
        }
    };
    check_chars(text, at + 4, end)?;
    match text.as_bytes().get(end + 2) {
        None => Err(Fail::Partial),
        Some(b'>') => Ok((
            Token::Comment {
                body: (at + 4, end),
            },
            end + 3,
        )),
        Some(_) => Err(Fail::Invalid(end + 2)),
    }
}

/// `<? ?>`
pub fn pi(text: &str, at: usize, ns: bool) -> Result<(Token, usize), Fail> {
    let bytes = text.as_bytes();
    let start = at + 2;
    let name = name_end(text, start, false)?;
    let target = text.get(start..name).unwrap_or_default();
    if ns && let Some(n) = target.find(':') {
        return Err(Fail::Invalid(start + n));
    }
    if target.eq_ignore_ascii_case("xml") && target != "xml" && name < text.len() {
        return Err(Fail::Invalid(name));
    }
    match bytes.get(name) {
        None => return Err(Fail::Partial),
        Some(b'?') => {
            return match bytes.get(name + 1) {
                None => Err(Fail::Partial),
                Some(b'>') => Ok((
                    Token::Pi {
                        target: (start, name),
                        data: (name, name),
                    },
                    name + 2,
                )),
                Some(_) => Err(Fail::Invalid(name + 1)),
            };
        }
        Some(b) if is_space(*b) => {}
        Some(_) => return Err(Fail::Invalid(name)),
    }
    let mut data = name;
    while bytes.get(data).is_some_and(|b| is_space(*b)) {
        data += 1;
    }
    let end = match find(text, data, b"?>") {
        Ok(end) => end,
        Err(e) => {
            check_chars(text, data, text.len())?;
            return Err(e);
        }
    };
    check_chars(text, data, end)?;
    Ok((
        Token::Pi {
            target: (start, name),
            data: (data, end),
        },
        end + 2,
    ))
}
