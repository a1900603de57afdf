//! Quoted-printable text (RFC 1521).

const LINE: usize = 76;

fn digit(c: u8) -> Option<u8> {
    char::from(c).to_digit(16).map(|d| d as u8)
}

/// The bytes that the text stands for. In a `header`, underscores are spaces.
pub fn decode(data: &[u8], header: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len());
    let mut i = 0;
    while let Some(&c) = data.get(i) {
        i += 1;
        if c != b'=' {
            out.push(if header && c == b'_' { b' ' } else { c });
            continue;
        }
        match data[i..] {
            [] => break,
            // A line break that is none: all up to the end of the line goes.
            [b'\n', ..] => i += 1,
            [b'\r', ..] => i = data[i..].iter().position(|c| *c == b'\n').map_or(data.len(), |n| i + n + 1),
            // What some encoders write for an equals sign.
            [b'=', ..] => {
                out.push(b'=');
                i += 1;
            }
            [a, b, ..] => match (digit(a), digit(b)) {
                (Some(a), Some(b)) => {
                    out.push(a << 4 | b);
                    i += 2;
                }
                _ => out.push(b'='),
            },
            [_] => out.push(b'='),
        }
    }
    out
}

fn push_hex(out: &mut Vec<u8>, c: u8) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    out.extend([b'=', HEX[usize::from(c >> 4)], HEX[usize::from(c & 15)]]);
}

/// What the encoder does with line ends, tabs and spaces.
#[derive(Clone, Copy)]
pub struct Style {
    /// Tabs and spaces are encoded too.
    pub quotetabs: bool,
    /// Line ends are kept.
    pub istext: bool,
    /// Spaces become underscores.
    pub header: bool,
}

/// The quoted-printable text for some bytes.
pub fn encode(data: &[u8], style: Style) -> Vec<u8> {
    let Style { quotetabs, istext, header } = style;
    // One line end decides how all are written.
    let crlf = data.iter().position(|c| *c == b'\n').is_some_and(|n| n > 0 && data[n - 1] == b'\r');
    let newline: &[u8] = if crlf { b"\r\n" } else { b"\n" };
    let mut out = Vec::with_capacity(data.len());
    let mut column = 0;
    let mut i = 0;
    while let Some(&c) = data.get(i) {
        let next = data.get(i + 1).copied();
        let blank = matches!(c, b'\t' | b' ');
        let line_end = matches!(c, b'\r' | b'\n');
        let lonely_dot = c == b'.' && column == 0 && matches!(next, None | Some(b'\n' | b'\r' | 0));
        let quoted = c > 126
            || c == b'='
            || header && c == b'_'
            || lonely_dot
            || !istext && line_end
            || blank && next.is_none()
            || c < 33 && !line_end && (quotetabs || !blank);
        if quoted {
            if column + 3 >= LINE {
                out.push(b'=');
                out.extend_from_slice(newline);
                column = 0;
            }
            push_hex(&mut out, c);
            column += 3;
            i += 1;
        } else if istext && (c == b'\n' || c == b'\r' && next == Some(b'\n')) {
            column = 0;
            // Blanks at the end of a line would be lost on the way.
            if let Some(last @ (b' ' | b'\t')) = out.last().copied() {
                out.pop();
                push_hex(&mut out, last);
            }
            out.extend_from_slice(newline);
            i += if c == b'\r' { 2 } else { 1 };
        } else {
            if next.is_some_and(|n| n != b'\n') && column + 1 >= LINE {
                out.push(b'=');
                out.extend_from_slice(newline);
                column = 0;
            }
            column += 1;
            out.push(if header && c == b' ' { b'_' } else { c });
            i += 1;
        }
    }
    out
}
