//! No source may overflow the stack or panic, however deep or broken.

use taipan_syntax::{ErrorKind, Mode, ParseOptions, parse, parse_module};

fn outcome(source: &str) -> Result<(), (ErrorKind, String)> {
    match parse_module(source, &ParseOptions::default()) {
        Ok(_) => Ok(()),
        Err(error) => Err((error.kind, error.msg)),
    }
}

/// Sources nested deeper than anyone writes: a tree or a clean error, on the
/// small stack of a test's thread.
#[test]
fn deep_sources() {
    let deep = |open: &str, close: &str, n: usize| open.repeat(n) + "1" + &close.repeat(n);
    let cases = [
        deep("(", ")", 150),
        deep("(", ")", 100_000),
        deep("[", "]", 100_000),
        deep("{1:", "}", 100_000),
        deep("f(", ")", 190),
        deep("-", "", 100_000),
        deep("not ", "", 100_000),
        deep("~", "", 1_000_000),
        deep("lambda: ", "", 100_000),
        deep("1 if 1 else ", "", 100_000),
        deep("1**", "", 100_000),
        deep("await ", "", 100_000),
        "1".to_owned() + &"+1".repeat(9_000),
        "1".to_owned() + &"+1".repeat(1_000_000),
        "a".to_owned() + &".b".repeat(1_000_000),
        "a".to_owned() + &"()".repeat(1_000_000),
        "a".to_owned() + &"[0]".repeat(9_000),
        "a".to_owned() + &" or a".repeat(100_000),
        "a".to_owned() + &" < a".repeat(100_000),
        "a".to_owned() + &" = a".repeat(100_000),
        "if 1: pass\n".to_owned() + &"elif 1: pass\n".repeat(9_000),
        "if 1: pass\n".to_owned() + &"elif 1: pass\n".repeat(100_000),
        (0..99)
            .map(|n| " ".repeat(n) + "if 1:\n")
            .collect::<String>()
            + &" ".repeat(99)
            + "x\n",
        (0..300)
            .map(|n| " ".repeat(n) + "if 1:\n")
            .collect::<String>(),
        (0..190).map(|_| "(".to_owned()).collect::<String>()
            + &"1+".repeat(9_000)
            + "1"
            + &(")".repeat(190)),
        "x = ".to_owned() + &"(".repeat(150) + &"a.b(".repeat(40) + &")".repeat(190),
        "f'{".repeat(200),
        "f'{a:{b:{c:{d}}}}'".to_owned(),
        "match x:\n case ".to_owned() + &"[".repeat(190) + &"]".repeat(190) + ": pass\n",
        "match x:\n case ".to_owned() + &"a.".repeat(100_000) + "b: pass\n",
        "match x:\n case ".to_owned() + &"a|".repeat(100_000) + "b: pass\n",
        "@".repeat(100_000),
        "a;".repeat(100_000),
        "*".repeat(100_000),
        "x[".repeat(150) + "1 2" + &"]".repeat(150),
        "(".repeat(150) + "1 2" + &")".repeat(150),
        "-".repeat(3_900) + "1 2",
        "with (".to_owned() + &"(".repeat(150) + "a" + &")".repeat(150) + "): pass",
        "with (a, (b), (yield)): pass\n".repeat(1000),
    ];
    for case in &cases {
        let shown: String = case.chars().take(30).collect();
        let result = outcome(case);
        if let Err((kind, msg)) = &result {
            assert!(!msg.is_empty(), "{shown}");
            assert_ne!(*kind, ErrorKind::IncompleteInput, "{shown}");
        }
    }
}

/// What must pass, passes.
#[test]
fn long_but_fine() {
    let fine = [
        "1".to_owned() + &"+1".repeat(5_000),
        "if 1: pass\n".to_owned() + &"elif 1: pass\n".repeat(3_000),
        "-".repeat(1_000) + "1",
        "(".repeat(190) + "1" + &")".repeat(190),
        "x = [".to_owned() + &"1, ".repeat(1_000_000) + "]",
    ];
    for case in &fine {
        let shown: String = case.chars().take(30).collect();
        assert_eq!(outcome(case), Ok(()), "{shown}");
    }
}

/// A small generator of random numbers.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }
}

/// Sources made of random pieces, cut off anywhere, in every mode.
#[test]
fn random_sources() {
    const PIECES: &[&str] = &[
        "f'",
        "f\"\"\"",
        "'",
        "\"",
        "'''",
        "{",
        "}",
        "{{",
        "}}",
        "!r",
        ":",
        "=",
        "(",
        ")",
        "[",
        "]",
        "\\",
        "\n",
        "\r\n",
        "\r",
        "\t",
        " ",
        "  ",
        "    ",
        "#",
        "# type: int",
        "x",
        "1",
        "0x",
        "1_",
        "0777",
        "1e",
        "1if",
        "if",
        "else",
        "for",
        "in",
        "match",
        "case",
        "type",
        "_",
        "def",
        "class",
        "lambda",
        "async",
        "await",
        "yield",
        "*",
        "**",
        ",",
        ".",
        "...",
        "->",
        ":=",
        "@",
        "é",
        "€",
        "\u{1F600}",
        "\u{300}",
        "\0",
        "\u{c}",
        "\\N{",
        "\\x",
        "\\u12",
        "b'",
        "rb'",
        "t'",
        "u'",
        "from",
        "import",
        "except",
        "try",
        "with",
        "as",
        "not",
        "is",
        "print",
        "None",
        ";",
        "~",
        "<>",
        "!=",
        "$",
        "?",
        "`",
        "\u{feff}",
        "finally",
        "del",
        "return",
        "raise",
        "pass",
    ];
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let modes = [Mode::Exec, Mode::Eval, Mode::Single, Mode::FuncType];
    for round in 0..30_000 {
        let mut source = String::new();
        for _ in 0..random.below(24) {
            source += PIECES[random.below(PIECES.len())];
            if random.below(3) == 0 {
                source.push(' ');
            }
        }
        let options = ParseOptions {
            mode: modes[round % 4],
            type_comments: random.below(4) == 0,
            allow_incomplete_input: random.below(4) == 0,
            dont_imply_dedent: random.below(4) == 0,
            ..ParseOptions::default()
        };
        let _ = parse(&source, &options);
        for extra_tokens in [true, false] {
            let (text, added) = taipan_syntax::tokenize::with_newline(&source);
            let tokens = taipan_syntax::tokenize::Tokenizer::new(&text, added, extra_tokens);
            assert!(tokens.count() <= 4 * source.len() + 8, "{source:?}");
        }
        let bytes: Vec<u8> = source
            .bytes()
            .map(|b| b ^ (random.below(8) as u8))
            .collect();
        let _ = taipan_syntax::decode_source(&bytes);
    }
}
