//! PEM: blocks of base64 between lines that say what they are.

/// One block.
pub struct Block {
    /// What it says it is, such as `CERTIFICATE`.
    pub label: String,
    /// Header lines, as `DEK-Info: ...`.
    pub headers: Vec<(String, String)>,
    /// What stands in it.
    pub data: Vec<u8>,
}

/// Why a text is no PEM.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PemError {
    /// A block does not end.
    BadEnd,
    /// Not base64.
    BadBase64,
}

/// The value of a base64 digit.
fn digit(b: u8) -> Option<u32> {
    Some(match b {
        b'A'..=b'Z' => b - b'A',
        b'a'..=b'z' => b - b'a' + 26,
        b'0'..=b'9' => b - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }
    .into())
}

/// Decodes base64 with white space in it.
pub fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut word, mut n, mut padding) = (0u32, 0, 0);
    for &b in text {
        if b.is_ascii_whitespace() {
            continue;
        }
        if b == b'=' {
            padding += 1;
            continue;
        }
        if padding > 0 {
            return None;
        }
        word = word << 6 | digit(b)?;
        n += 1;
        if n == 4 {
            out.extend_from_slice(&word.to_be_bytes()[1..]);
            (word, n) = (0, 0);
        }
    }
    match (n, padding) {
        (0, 0) => {}
        (2, 2) => out.push((word >> 4) as u8),
        (3, 1) => out.extend_from_slice(&((word >> 2) as u16).to_be_bytes()),
        _ => return None,
    }
    Some(out)
}

/// Encodes base64 in lines of 64.
pub fn armour(label: &str, data: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = format!("-----BEGIN {label}-----\n");
    for line in data.chunks(48) {
        for c in line.chunks(3) {
            let mut word = [0; 3];
            word[..c.len()].copy_from_slice(c);
            let word = u32::from(word[0]) << 16 | u32::from(word[1]) << 8 | u32::from(word[2]);
            for i in 0..4 {
                let d = DIGITS[(word >> (18 - 6 * i)) as usize & 63];
                out.push(if i <= c.len() { char::from(d) } else { '=' });
            }
        }
        out.push('\n');
    }
    out.push_str(&format!("-----END {label}-----\n"));
    out
}

/// All blocks of a text, and what is wrong behind them.
pub fn blocks(text: &[u8]) -> (Vec<Block>, Option<PemError>) {
    let mut out = Vec::new();
    let mut lines = text.split(|&b| b == b'\n').map(<[u8]>::trim_ascii);
    while let Some(line) = lines.next() {
        let begin = line.strip_prefix(b"-----BEGIN ").and_then(|l| l.strip_suffix(b"-----"));
        let Some(label) = begin else { continue };
        let label = String::from_utf8_lossy(label).into_owned();
        let end = format!("-----END {label}-----");
        let (mut headers, mut body, mut closed) = (Vec::new(), Vec::new(), false);
        for line in lines.by_ref() {
            if line == end.as_bytes() {
                closed = true;
                break;
            }
            if line.starts_with(b"-----") {
                break;
            }
            match line.iter().position(|&b| b == b':') {
                Some(i) => {
                    let part = |s: &[u8]| String::from_utf8_lossy(s.trim_ascii()).into_owned();
                    headers.push((part(&line[..i]), part(&line[i + 1..])));
                }
                None => body.extend_from_slice(line),
            }
        }
        if !closed {
            return (out, Some(PemError::BadEnd));
        }
        match base64(&body) {
            Some(data) => out.push(Block { label, headers, data }),
            None => return (out, Some(PemError::BadBase64)),
        }
    }
    (out, None)
}
