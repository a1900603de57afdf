//! Lines of uuencoded text.

/// The bytes of a line.
///
/// The error is the message of `binascii.Error`.
pub fn decode(line: &[u8]) -> Result<Vec<u8>, &'static str> {
    let mut len = usize::from(line.first().copied().unwrap_or(0).wrapping_sub(b' ') & 0o77);
    let mut rest = line.get(1..).unwrap_or_default();
    let mut out = Vec::with_capacity(len);
    let (mut bits, mut have) = (0u32, 0);
    while len > 0 {
        let value = match rest {
            // Spaces at the end of a line may have been lost.
            [] | [b'\n' | b'\r', ..] => 0,
            // 96 stands for 0 in what some encoders write.
            [c @ b' '..=96, ..] => (c - b' ') & 0o77,
            _ => return Err("Illegal char"),
        };
        rest = rest.get(1..).unwrap_or_default();
        bits = bits << 6 | u32::from(value);
        have += 6;
        if have >= 8 {
            have -= 8;
            out.push((bits >> have) as u8);
            len -= 1;
        }
    }
    if rest.iter().any(|c| !matches!(c, b' ' | 96 | b'\n' | b'\r')) {
        return Err("Trailing garbage");
    }
    Ok(out)
}

/// The line for at most 45 bytes.
///
/// The error is the message of `binascii.Error`.
pub fn encode(data: &[u8], backtick: bool) -> Result<Vec<u8>, &'static str> {
    if data.len() > 45 {
        return Err("At most 45 bytes at once");
    }
    let letter = |n: u8| if backtick && n == 0 { b'`' } else { b' ' + n };
    let mut out = Vec::with_capacity(2 + data.len().div_ceil(3) * 4);
    out.push(letter(data.len() as u8));
    for c in data.chunks(3) {
        let byte = |i: usize| u32::from(c.get(i).copied().unwrap_or(0));
        let n = byte(0) << 16 | byte(1) << 8 | byte(2);
        out.extend([18, 12, 6, 0].map(|shift| letter((n >> shift & 63) as u8)));
    }
    out.push(b'\n');
    Ok(out)
}
