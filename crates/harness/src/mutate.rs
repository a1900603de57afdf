//! Makes damaged programs out of good ones: what a fuzzer on stable Rust can do
//! without coverage. It works on pieces of text a parser cares about, not on bits.

use crate::random::Random;

/// Pieces that steer a Python parser into rare states.
const PIECES: [&str; 40] = [
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ":",
    ",",
    "=",
    "\n",
    "\n    ",
    "\t",
    "\\\n",
    "\"\"\"",
    "'",
    "f'{",
    "}'",
    "t\"{x!r:",
    "lambda ",
    "async ",
    "await ",
    "yield ",
    "match x:\n case ",
    "except* ",
    "@",
    "*",
    "**",
    "->",
    ":=",
    "...",
    "\0",
    "\u{feff}",
    "\u{c}",
    "é",
    "\u{1F40D}",
    "0x",
    "1e999",
    "9_9",
    "#",
    "global x\n",
];

/// A damaged copy of `source`, a few changes away from it. `other` lends material.
pub fn mutate(source: &[u8], other: &[u8], random: &mut Random) -> Vec<u8> {
    let mut text = source.to_vec();
    for _ in 0..=random.below(4) {
        change(&mut text, other, random);
    }
    text
}

fn change(text: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    let at = random.below(text.len() + 1);
    let length = 1 + random.below(40);
    let end = (at + length).min(text.len());
    match random.below(8) {
        0 => drop(text.drain(at..end)),
        1 => insert(text, at, random.pick(&PIECES).as_bytes()),
        2 => {
            // The same piece many times over: depth.
            let piece = random.pick(&PIECES).repeat(1 << random.below(12));
            insert(text, at, piece.as_bytes());
        }
        3 => {
            let part = text[at..end].to_vec();
            let to = random.below(text.len() + 1);
            insert(text, to, &part);
        }
        4 => {
            let from = random.below(other.len() + 1);
            let until = (from + 8 * length).min(other.len());
            insert(text, at, &other[from..until]);
        }
        5 => text.truncate(at),
        6 if at < text.len() => text[at] = random.next_u64() as u8,
        _ => {
            // Another order of lines breaks indentation and bindings.
            let mut lines: Vec<_> = text.split(|byte| *byte == b'\n').collect();
            let (a, b) = (random.below(lines.len()), random.below(lines.len()));
            lines.swap(a, b);
            *text = lines.join(&b'\n');
        }
    }
}

fn insert(text: &mut Vec<u8>, at: usize, piece: &[u8]) {
    text.splice(at..at, piece.iter().copied());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeatable_and_different() {
        let source = b"def f(x):\n    return x + 1\n";
        let make = |seed| mutate(source, source, &mut Random::new(seed));
        assert_eq!(make(3), make(3));
        assert!((0..50).filter(|seed| make(*seed) != source).count() > 40);
    }

    #[test]
    fn empty_sources_are_no_trouble() {
        for seed in 0..500 {
            mutate(b"", b"", &mut Random::new(seed));
        }
    }
}
