//! Syllables that KS X 1001 has not, written as a filler and three letters.

/// The letters that begin a syllable, as their distance from the first letter (U+3131).
const INITIAL: [u8; 19] = [0, 1, 3, 6, 7, 8, 16, 17, 18, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29];
/// The letters that end a syllable, in the same way.
const FINAL: [u8; 27] =
    [0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 19, 20, 21, 22, 23, 25, 26, 27, 28, 29];
/// The byte of the first consonant, of the first vowel, and of no letter.
const CONSONANT: u8 = 0xA1;
const VOWEL: u8 = 0xBF;
const FILLER: u8 = 0xD4;
const FIRST: u32 = 0xAC00;

/// The syllable of eight bytes that begin with a filler.
pub fn made_up(bytes: &[u8; 8]) -> Option<u32> {
    let [0xA4, FILLER, 0xA4, first, 0xA4, vowel, 0xA4, last] = *bytes else { return None };
    let place = |letters: &[u8], b: u8| {
        let letter = b.checked_sub(CONSONANT)?;
        letters.iter().position(|l| *l == letter).map(|n| n as u32)
    };
    let first = place(&INITIAL, first)?;
    let vowel = u32::from(vowel.checked_sub(VOWEL).filter(|v| *v < 21)?);
    let last = if last == FILLER { 0 } else { place(&FINAL, last)? + 1 };
    Some(FIRST + (first * 21 + vowel) * 28 + last)
}

/// Writes a syllable in that way; false for what is none.
pub fn make_up(c: u32, out: &mut Vec<u8>) -> bool {
    let Some(n) = c.checked_sub(FIRST).filter(|n| *n < 11172) else { return false };
    let first = CONSONANT + INITIAL[(n / 588) as usize];
    let vowel = VOWEL + (n / 28 % 21) as u8;
    let last = match (n % 28).checked_sub(1) {
        Some(n) => CONSONANT + FINAL[n as usize],
        None => FILLER,
    };
    out.extend([0xA4, FILLER, 0xA4, first, 0xA4, vowel, 0xA4, last]);
    true
}
