//! Generates `src/unicode/generated/*.rs` from the Unicode 16 database.
//!
//! ```text
//! cargo run -p taipan-text --example generate_unicode -- PATH/TO/unicode_names2-2.0.0/data
//! ```
//!
//! `UnicodeData.txt` and `NameAliases.txt` come from the folder given (the crate `unicode_names2`
//! 2.0.0 carries the files of Unicode 16). Derived properties and the full case mappings come from
//! ICU4X 2.0, which is of the same Unicode version. The numeric values of Han characters and the
//! named sequences, which neither has, are in `examples/data/`.

use icu_casemap::CaseMapper;
use icu_casemap::options::TitlecaseOptions;
use icu_properties::props::{
    BinaryProperty, CaseIgnorable, Cased, EastAsianWidth, FullCompositionExclusion, Lowercase,
    Uppercase, XidContinue, XidStart,
};
use icu_properties::{CodePointMapData, CodePointSetData};
use std::collections::HashMap;
use std::fmt::Write as _;

const LIMIT: usize = 0x110000;

const CATEGORIES: [&str; 30] = [
    "Cn", "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps", "Pe",
    "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co",
];
const BIDIRECTIONAL: [&str; 24] = [
    "", "L", "LRE", "LRO", "R", "AL", "RLE", "RLO", "PDF", "EN", "ES", "ET", "AN", "CS", "NSM",
    "BN", "B", "S", "WS", "ON", "LRI", "RLI", "FSI", "PDI",
];
const WIDTHS: [&str; 6] = ["N", "A", "H", "W", "F", "Na"];

#[derive(Clone, Default)]
struct Char {
    category: u8,
    bidi: u8,
    combining: u8,
    mirrored: bool,
    decomposition: String,
    decimal: String,
    digit: String,
    numeric: String,
    assigned: bool,
}

fn read_database(folder: &str) -> Vec<Char> {
    let text = std::fs::read_to_string(format!("{folder}/UnicodeData.txt")).expect("UnicodeData");
    let mut chars = vec![Char::default(); LIMIT];
    let mut first = None;
    for line in text.lines() {
        let f: Vec<&str> = line.split(';').collect();
        let cp = usize::from_str_radix(f[0], 16).expect("code point");
        let position = |list: &[&str], s: &str| {
            list.iter()
                .position(|x| *x == s)
                .unwrap_or_else(|| panic!("{s}")) as u8
        };
        let c = Char {
            category: position(&CATEGORIES, f[2]),
            bidi: position(&BIDIRECTIONAL, f[4]),
            combining: f[3].parse().expect("combining class"),
            mirrored: f[9] == "Y",
            decomposition: f[5].into(),
            decimal: f[6].into(),
            digit: f[7].into(),
            numeric: f[8].into(),
            assigned: true,
        };
        if f[1].ends_with(", First>") {
            first = Some(cp);
        }
        let from = if f[1].ends_with(", Last>") {
            first.take().expect("first")
        } else {
            cp
        };
        for slot in &mut chars[from..=cp] {
            *slot = c.clone();
        }
    }
    for line in include_str!("data/unihan_numeric.txt").lines() {
        let (cp, value) = line.split_once(';').expect("pair");
        chars[usize::from_str_radix(cp, 16).expect("hex")].numeric = value.into();
    }
    chars
}

/// Splits `values` into equal blocks; returns (shift, index of blocks, the blocks' values).
fn two_stage(values: &[u16]) -> (u32, Vec<u16>, Vec<u16>) {
    let mut best: Option<(usize, (u32, Vec<u16>, Vec<u16>))> = None;
    for shift in 4..9u32 {
        let mut seen: HashMap<&[u16], u16> = HashMap::new();
        let (mut index, mut blocks) = (Vec::new(), Vec::new());
        for block in values.chunks(1 << shift) {
            let next = seen.len() as u16;
            let at = *seen.entry(block).or_insert_with(|| {
                blocks.extend_from_slice(block);
                next
            });
            index.push(at);
        }
        let wide = |v: &[u16]| {
            if v.iter().all(|x| *x < 256) {
                v.len()
            } else {
                2 * v.len()
            }
        };
        let size = wide(&index) + wide(&blocks);
        if best.as_ref().is_none_or(|(s, _)| size < *s) {
            best = Some((size, (shift, index, blocks)));
        }
    }
    best.expect("a shift").1
}

fn write_list<T: std::fmt::Display>(out: &mut String, name: &str, ty: &str, values: &[T]) {
    writeln!(out, "pub static {name}: [{ty}; {}] = [", values.len()).unwrap();
    let mut line = String::from("   ");
    for v in values {
        let item = format!(" {v},");
        if line.len() + item.len() > 100 {
            writeln!(out, "{line}").unwrap();
            line = String::from("   ");
        }
        line += &item;
    }
    writeln!(out, "{line}\n];").unwrap();
}

fn write_two_stage(out: &mut String, name: &str, values: &[u16]) {
    let (shift, index, blocks) = two_stage(values);
    let ty = |v: &[u16]| {
        if v.iter().all(|x| *x < 256) {
            "u8"
        } else {
            "u16"
        }
    };
    writeln!(out, "pub const {name}_SHIFT: u32 = {shift};").unwrap();
    write_list(out, &format!("{name}_INDEX"), ty(&index), &index);
    write_list(out, &format!("{name}_BLOCKS"), ty(&blocks), &blocks);
}

/// Numbers the distinct values in order of first use; returns the records and each one's number.
fn distinct<T: Clone + Eq + std::hash::Hash>(all: impl Iterator<Item = T>) -> (Vec<T>, Vec<u16>) {
    let mut seen: HashMap<T, u16> = HashMap::new();
    let mut records = Vec::new();
    let numbers = all
        .map(|v| {
            *seen.entry(v.clone()).or_insert_with(|| {
                records.push(v);
                records.len() as u16 - 1
            })
        })
        .collect();
    (records, numbers)
}

const HEAD: &str =
    "// Generated by examples/generate_unicode.rs from Unicode 16.0 data. Do not edit.\n\n";

fn save(name: &str, text: &str) {
    let path = format!(
        "{}/src/unicode/generated/{name}.rs",
        env!("CARGO_MANIFEST_DIR")
    );
    std::fs::write(path, format!("{HEAD}{text}")).expect("write");
}

fn set<P: BinaryProperty>(cp: usize) -> bool {
    CodePointSetData::new::<P>().contains32(cp as u32)
}

fn main() {
    let folder = std::env::args()
        .nth(1)
        .expect("the folder of UnicodeData.txt");
    let chars = read_database(&folder);
    let mapper = CaseMapper::new();
    let root = "und".parse().expect("root locale");

    // Case mappings: the four full ones of each character.
    let own = |cp: usize| char::from_u32(cp as u32);
    let mapped = |cp: usize| -> [Vec<u32>; 4] {
        let Some(c) = own(cp) else {
            return std::array::from_fn(|_| vec![cp as u32]);
        };
        let s = c.to_string();
        let points = |s: &str| s.chars().map(u32::from).collect::<Vec<_>>();
        [
            points(&mapper.lowercase_to_string(&s, &root)),
            points(&mapper.uppercase_to_string(&s, &root)),
            points(&mapper.titlecase_segment_with_only_case_data_to_string(
                &s,
                &root,
                TitlecaseOptions::default(),
            )),
            points(&mapper.fold_string(&s)),
        ]
    };
    let mut special: Vec<u32> = Vec::new();
    let mut case_of = Vec::with_capacity(LIMIT);
    for cp in 0..LIMIT {
        let maps = mapped(cp);
        // Each entry: (delta of the first code point, start in SPECIAL, length there or 0).
        case_of.push(maps.map(|m| {
            let delta = m[0] as i32 - cp as i32;
            if m.len() == 1 {
                (delta, 0u16, 0u8)
            } else {
                let at = special.len() as u16;
                special.extend_from_slice(&m);
                (m[0] as i32, at, m.len() as u8)
            }
        }));
    }
    let (case_records, case_numbers) = distinct(case_of.iter().cloned());
    let mut out = String::from("use super::super::case::CaseRecord;\n\n");
    writeln!(
        out,
        "/// Code points of the mappings that are longer than one."
    )
    .unwrap();
    write_list(&mut out, "SPECIAL", "u32", &special);
    writeln!(
        out,
        "#[rustfmt::skip]\npub static RECORDS: [CaseRecord; {}] = [",
        case_records.len()
    )
    .unwrap();
    for r in &case_records {
        writeln!(
            out,
            "    CaseRecord {{ first: [{}, {}, {}, {}], start: [{}, {}, {}, {}], length: [{}, {}, {}, {}] }},",
            r[0].0, r[1].0, r[2].0, r[3].0, r[0].1, r[1].1, r[2].1, r[3].1, r[0].2, r[1].2, r[2].2, r[3].2
        )
        .unwrap();
    }
    out += "];\n";
    write_two_stage(&mut out, "CASE", &case_numbers);
    save("case", &out);

    // Decompositions.
    let mut tags: Vec<String> = vec![String::new()];
    let mut pool: Vec<u32> = Vec::new();
    let mut entries = Vec::new();
    let mut canonical: HashMap<usize, Vec<u32>> = HashMap::new();
    for (cp, c) in chars.iter().enumerate() {
        if c.decomposition.is_empty() {
            continue;
        }
        let (tag, rest) = match c.decomposition.strip_prefix('<') {
            Some(r) => {
                let (tag, rest) = r.split_once("> ").expect("tag");
                (tag.to_string(), rest)
            }
            None => (String::new(), c.decomposition.as_str()),
        };
        let points: Vec<u32> = rest
            .split(' ')
            .map(|x| u32::from_str_radix(x, 16).expect("hex"))
            .collect();
        let number = tags.iter().position(|t| *t == tag).unwrap_or_else(|| {
            tags.push(tag.clone());
            tags.len() - 1
        });
        let start = pool
            .windows(points.len())
            .position(|w| w == points)
            .unwrap_or_else(|| {
                pool.extend_from_slice(&points);
                pool.len() - points.len()
            });
        entries.push((cp, number, start, points.len()));
        if tag.is_empty() {
            canonical.insert(cp, points);
        }
    }
    let mut compositions: Vec<(u64, usize)> = Vec::new();
    let mut second = vec![false; LIMIT];
    for (cp, points) in &canonical {
        if points.len() == 2 && !set::<FullCompositionExclusion>(*cp) {
            compositions.push(((points[0] as u64) << 21 | points[1] as u64, *cp));
            second[points[1] as usize] = true;
        }
    }
    second[0x1161..0x1176].fill(true);
    second[0x11A8..0x11C3].fill(true);
    compositions.sort();
    let mut out = String::new();
    writeln!(
        out,
        "/// Names of the compatibility mappings; the first is the canonical one."
    )
    .unwrap();
    writeln!(out, "pub static TAGS: [&str; {}] = {tags:?};", tags.len()).unwrap();
    write_list(&mut out, "POOL", "u32", &pool);
    writeln!(out, "/// Code points with a decomposition, in order.").unwrap();
    write_list(
        &mut out,
        "CODE_POINTS",
        "u32",
        &entries.iter().map(|e| e.0).collect::<Vec<_>>(),
    );
    writeln!(
        out,
        "/// For each of `CODE_POINTS`: start in `POOL` * 1024 + length * 32 + tag."
    )
    .unwrap();
    write_list(
        &mut out,
        "MAPPINGS",
        "u32",
        &entries
            .iter()
            .map(|e| e.2 * 1024 + e.3 * 32 + e.1)
            .collect::<Vec<_>>(),
    );
    writeln!(
        out,
        "/// Pairs that compose, first * 2^21 + second, in order."
    )
    .unwrap();
    write_list(
        &mut out,
        "PAIRS",
        "u64",
        &compositions.iter().map(|c| c.0).collect::<Vec<_>>(),
    );
    write_list(
        &mut out,
        "COMPOSED",
        "u32",
        &compositions.iter().map(|c| c.1).collect::<Vec<_>>(),
    );
    save("decomposition", &out);

    // Hot flags.
    let flags = (0..LIMIT).map(|cp| {
        let c = &chars[cp];
        let cat = CATEGORIES[c.category as usize];
        let bidi = BIDIRECTIONAL[c.bidi as usize];
        let maps = &case_of[cp];
        let hangul = (0xAC00..0xD7A4).contains(&cp);
        let canonical = canonical.contains_key(&cp) || hangul;
        let mut f = 0u32;
        let mut bit = |n: u32, on: bool| f |= (on as u32) << n;
        bit(0, ["Lm", "Lt", "Lu", "Ll", "Lo"].contains(&cat));
        bit(1, !c.decimal.is_empty());
        bit(2, !c.digit.is_empty());
        bit(3, !c.numeric.is_empty());
        bit(4, cat == "Zs" || ["WS", "B", "S"].contains(&bidi));
        bit(
            5,
            cp == 0x20 || !(cat.starts_with('C') || cat.starts_with('Z')),
        );
        bit(6, set::<XidStart>(cp));
        bit(7, set::<XidContinue>(cp));
        bit(8, set::<Lowercase>(cp));
        bit(9, set::<Uppercase>(cp));
        bit(10, cat == "Lt");
        bit(11, set::<Cased>(cp));
        bit(12, set::<CaseIgnorable>(cp));
        bit(13, maps.iter().any(|m| m.0 != 0 || m.2 != 0));
        bit(
            14,
            bidi == "B" || (0x0A..=0x0D).contains(&cp) || cat == "Zl",
        );
        bit(15, canonical);
        bit(16, canonical || !c.decomposition.is_empty());
        bit(17, second[cp]);
        bit(18, set::<FullCompositionExclusion>(cp));
        bit(19, c.combining != 0);
        f
    });
    let (flag_records, flag_numbers) = distinct(flags);
    let mut out = String::new();
    write_list(&mut out, "FLAG_RECORDS", "u32", &flag_records);
    write_two_stage(&mut out, "FLAGS", &flag_numbers);

    // The database's other properties.
    let widths = CodePointMapData::<EastAsianWidth>::new();
    let records = (0..LIMIT).map(|cp| {
        let c = &chars[cp];
        let width = match widths.get32(cp as u32) {
            EastAsianWidth::Ambiguous => 1u8,
            EastAsianWidth::Halfwidth => 2,
            EastAsianWidth::Wide => 3,
            EastAsianWidth::Fullwidth => 4,
            EastAsianWidth::Narrow => 5,
            _ => 0,
        };
        [c.category, c.bidi, c.combining, width, c.mirrored as u8]
    });
    let (records, numbers) = distinct(records);
    writeln!(
        out,
        "/// Category, bidirectional class, combining class, width, mirrored."
    )
    .unwrap();
    write_list(
        &mut out,
        "RECORDS",
        "[u8; 5]",
        &records.iter().map(|r| format!("{r:?}")).collect::<Vec<_>>(),
    );
    write_two_stage(&mut out, "RECORD", &numbers);
    writeln!(out, "pub static CATEGORIES: [&str; 30] = {CATEGORIES:?};").unwrap();
    writeln!(
        out,
        "pub static BIDIRECTIONAL: [&str; 24] = {BIDIRECTIONAL:?};"
    )
    .unwrap();
    writeln!(out, "pub static WIDTHS: [&str; 6] = {WIDTHS:?};").unwrap();
    save("properties", &out);

    // Numeric values: runs of consecutive code points whose value grows by one share an entry.
    let mut out = String::new();
    let mut digits: Vec<(usize, usize, i64, u8)> = Vec::new();
    let mut numerics: Vec<(usize, i64, i64)> = Vec::new();
    for (cp, c) in chars.iter().enumerate() {
        if !c.assigned {
            continue;
        }
        if !c.digit.is_empty() {
            let value: i64 = c.digit.parse().expect("digit");
            let decimal = !c.decimal.is_empty() as u8;
            match digits.last_mut() {
                Some(d) if d.1 + 1 == cp && d.2 + (cp - d.0) as i64 == value && d.3 == decimal => {
                    d.1 = cp;
                }
                _ => digits.push((cp, cp, value, decimal)),
            }
        }
        if !c.numeric.is_empty() && c.digit.is_empty() {
            let (a, b) = c.numeric.split_once('/').unwrap_or((&c.numeric, "1"));
            numerics.push((
                cp,
                a.parse().expect("numerator"),
                b.parse().expect("denominator"),
            ));
        }
    }
    writeln!(
        out,
        "/// First and last code point, value of the first, whether they are decimal."
    )
    .unwrap();
    write_list(
        &mut out,
        "DIGITS",
        "(u32, u32, u8, bool)",
        &digits
            .iter()
            .map(|d| format!("({}, {}, {}, {})", d.0, d.1, d.2, d.3 == 1))
            .collect::<Vec<_>>(),
    );
    writeln!(
        out,
        "/// Code point, numerator, denominator; those that are digits are not here."
    )
    .unwrap();
    write_list(
        &mut out,
        "NUMERICS",
        "(u32, i64, i64)",
        &numerics
            .iter()
            .map(|d| format!("{d:?}"))
            .collect::<Vec<_>>(),
    );
    save("numeric", &out);

    // Names beside the ones unicode_names2 has.
    let mut aliases: Vec<(String, u32)> =
        std::fs::read_to_string(format!("{folder}/NameAliases.txt"))
            .expect("NameAliases")
            .lines()
            .filter(|l| !l.is_empty() && !l.starts_with('#'))
            .map(|l| {
                let f: Vec<&str> = l.split(';').collect();
                (
                    f[1].to_string(),
                    u32::from_str_radix(f[0], 16).expect("hex"),
                )
            })
            .collect();
    aliases.sort();
    aliases.dedup();
    let mut sequences: Vec<(String, Vec<u32>)> = include_str!("data/named_sequences.txt")
        .lines()
        .map(|l| {
            let (name, points) = l.split_once(';').expect("pair");
            let points = points
                .split(' ')
                .map(|x| u32::from_str_radix(x, 16).expect("hex"))
                .collect();
            (name.to_string(), points)
        })
        .collect();
    sequences.sort();
    let mut out = String::new();
    writeln!(
        out,
        "#[rustfmt::skip]\npub static ALIASES: [(&str, u32); {}] = [",
        aliases.len()
    )
    .unwrap();
    for a in &aliases {
        writeln!(out, "    {a:?},").unwrap();
    }
    writeln!(
        out,
        "];\n#[rustfmt::skip]\npub static SEQUENCES: [(&str, &[u32]); {}] = [",
        sequences.len()
    )
    .unwrap();
    for (name, points) in &sequences {
        writeln!(out, "    ({name:?}, &{points:?}),").unwrap();
    }
    out += "];\n";
    save("names", &out);
}
