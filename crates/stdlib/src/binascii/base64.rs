//! Base 64.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// What stands in [`VALUES`] for a byte outside of the alphabet.
const NONE: u8 = 0xff;

/// The value of each byte.
static VALUES: [u8; 256] = {
    let mut table = [NONE; 256];
    let mut i = 0;
    while i < 64 {
        table[ALPHABET[i] as usize] = i as u8;
        i += 1;
    }
    table
};

/// The two characters of 12 bits.
static PAIRS: [[u8; 2]; 4096] = {
    let mut table = [[0; 2]; 4096];
    let mut i = 0;
    while i < 4096 {
        table[i] = [ALPHABET[i >> 6], ALPHABET[i & 63]];
        i += 1;
    }
    table
};

/// How many characters so many bytes become.
pub fn encoded_len(len: usize) -> usize {
    len.div_ceil(3).saturating_mul(4)
}

/// Appends the characters of some bytes.
pub fn encode(out: &mut Vec<u8>, data: &[u8]) {
    let mut chunks = data.chunks_exact(3);
    for c in &mut chunks {
        let n = usize::from(c[0]) << 16 | usize::from(c[1]) << 8 | usize::from(c[2]);
        let ([a, b], [c, d]) = (PAIRS[n >> 12], PAIRS[n & 4095]);
        out.extend_from_slice(&[a, b, c, d]);
    }
    let letter = |n: u8| ALPHABET[usize::from(n & 63)];
    match *chunks.remainder() {
        [a] => out.extend_from_slice(&[letter(a >> 2), letter(a << 4), b'=', b'=']),
        [a, b] => out.extend_from_slice(&[letter(a >> 2), letter(a << 4 | b >> 4), letter(b << 2), b'=']),
        _ => {}
    }
}

/// The bytes of some characters. Outside of strict mode, foreign characters are passed over.
///
/// The error is the message of `binascii.Error`.
pub fn decode(data: &[u8], strict: bool) -> Result<Vec<u8>, String> {
    let mut out = Vec::with_capacity(data.len().div_ceil(4) * 3);
    if strict && data.first() == Some(&b'=') {
        return Err("Leading padding not allowed".into());
    }
    let mut i = 0;
    let mut pads = 0;
    let mut padding_started = false;
    // The characters of the current group of four: how many, and their bits.
    let (mut place, mut bits) = (0, 0u32);
    while i < data.len() {
        if place == 0 && !padding_started {
            i += whole_groups(&mut out, &data[i..]);
            if i == data.len() {
                break;
            }
        }
        let c = data[i];
        i += 1;
        if c == b'=' {
            padding_started = true;
            if strict && place == 0 {
                return Err("Excess padding not allowed".into());
            }
            pads += 1;
            if place >= 2 && place + pads >= 4 {
                // A complete group: what follows is not looked at.
                if strict && i < data.len() {
                    return Err("Excess data after padding".into());
                }
                return Ok(out);
            }
            continue;
        }
        let value = VALUES[usize::from(c)];
        if value == NONE {
            if strict {
                return Err("Only base64 data is allowed".into());
            }
            continue;
        }
        if strict && padding_started {
            return Err("Discontinuous padding not allowed".into());
        }
        pads = 0;
        bits = bits << 6 | u32::from(value);
        match place {
            0 => {}
            1 => out.push((bits >> 4) as u8),
            2 => out.push((bits >> 2) as u8),
            _ => out.push(bits as u8),
        }
        place = (place + 1) % 4;
    }
    match place {
        0 => Ok(out),
        1 => Err(format!(
            "Invalid base64-encoded string: number of data characters ({}) cannot be 1 more than a multiple of 4",
            out.len() / 3 * 4 + 1
        )),
        _ => Err("Incorrect padding".into()),
    }
}

/// Decodes groups of four as long as nothing else comes. Gives the number of characters taken.
fn whole_groups(out: &mut Vec<u8>, data: &[u8]) -> usize {
    let mut n = 0;
    for c in data.chunks_exact(4) {
        let [a, b, c, d] = [c[0], c[1], c[2], c[3]].map(|c| VALUES[usize::from(c)]);
        if (a | b | c | d) & 0x80 != 0 {
            break;
        }
        out.extend_from_slice(&[a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d]);
        n += 4;
    }
    n
}
