//! The two-byte tables as the crate `encoding_rs` (the WHATWG's encodings) has them.
//!
//! Python's tables are older than those of the web and differ a little: `patches.bin` says where.

use encoding_rs::{BIG5, DecoderResult, EUC_JP, EUC_KR, Encoding, GB18030, GBK, SHIFT_JIS};

/// The first and the last byte that leads a pair.
pub const LEADS: (u8, u8) = (0x81, 0xFE);
/// The first and the last byte that ends a pair.
pub const TRAILS: (u8, u8) = (0x31, 0xFE);
/// How many trails there are.
pub const WIDTH: usize = (TRAILS.1 - TRAILS.0) as usize + 1;
/// The places of a table: all pairs of a lead and a trail.
pub const SIZE: usize = ((LEADS.1 - LEADS.0) as usize + 1) * WIDTH;

/// A table of the web, by the number that `patches.bin` uses.
pub fn table(number: usize) -> Option<Vec<u32>> {
    let (encoding, prefix): (&'static Encoding, &[u8]) = match number {
        0 => return Some(vec![0; SIZE]),
        1 => (SHIFT_JIS, &[]),
        2 => (EUC_JP, &[]),
        3 => (EUC_JP, &[0x8F]),
        4 => (EUC_KR, &[]),
        5 => (GBK, &[]),
        6 => (GB18030, &[]),
        7 => (BIG5, &[]),
        _ => return None,
    };
    let mut out = Vec::with_capacity(SIZE);
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut input = prefix.to_vec();
    let mut text = [0; 16];
    for lead in LEADS.0..=LEADS.1 {
        for trail in TRAILS.0..=TRAILS.1 {
            input.truncate(prefix.len());
            input.extend([lead, trail]);
            let (result, read, wrote) = decoder.decode_to_utf8_without_replacement(&input, &mut text, false);
            let mut chars = text[..wrote].utf8_chunks().flat_map(|c| c.valid().chars());
            let whole = result == DecoderResult::InputEmpty && read == input.len();
            let code = match (chars.next(), chars.next()) {
                (Some(c), None) if whole => u32::from(c),
                _ => 0,
            };
            out.push(code);
            if code == 0 {
                // Whatever it waits for is forgotten.
                decoder = encoding.new_decoder_without_bom_handling();
            }
        }
    }
    Some(out)
}
