//! Code that no compiler emits, and matches that must be stopped.

mod common;

use common::RustChars;
use taipan_sre::{
    AsciiData, Interrupted, Limits, MAXREPEAT, Matcher, Mode, Program, Request, Stop, Subject,
    validate,
};

// Operators, by their numbers in `_constants.py`.
const SUCCESS: u32 = 1;
const LITERAL: u32 = 16;
const MARK: u32 = 17;
const MAX_UNTIL: u32 = 18;
const REPEAT: u32 = 23;
const REPEAT_ONE: u32 = 24;
const ATOMIC_GROUP: u32 = 27;

/// A small generator of the kind called xorshift; the tests must repeat.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % n
    }
}

/// `(?:a|a)*b`-like code that is exponential: `(a*)*b` over one letter.
fn exponential() -> Vec<u32> {
    let (a, b) = (u32::from(b'a'), u32::from(b'b'));
    let inner = [REPEAT_ONE, 6, 1, MAXREPEAT, LITERAL, a, SUCCESS];
    let mut code = vec![REPEAT, 3 + 2 * inner.len() as u32, 1, MAXREPEAT];
    code.extend(inner);
    code.extend(inner);
    code.extend([MAX_UNTIL, LITERAL, b, SUCCESS]);
    code
}

#[test]
fn interrupted() {
    let program = Program::compile(&exponential(), 0, &AsciiData).unwrap();
    let subject = [b'a'; 60];
    let mut calls = 0;
    let mut check = || {
        calls += 1;
        if calls == 10 {
            Err(Interrupted)
        } else {
            Ok(())
        }
    };
    let got = Matcher::new().run(
        &program,
        Subject::Bytes(&subject),
        Request::search(),
        &mut Limits::new(1 << 20, &mut check),
    );
    assert_eq!(got, Err(Stop::Interrupted));
    assert_eq!(calls, 10);
}

#[test]
fn memory_limit() {
    // (?:a+a+)+b pushes frames for each character.
    let program = Program::compile(&exponential(), 0, &AsciiData).unwrap();
    let subject = vec![b'a'; 100_000];
    let mut matcher = Matcher::new();
    let mut check = || Ok(());
    let mut limits = Limits::new(1 << 10, &mut check);
    let request = Request::new(Mode::Match);
    let text = [&subject[..], b"b"].concat();
    let got = matcher.run(&program, Subject::Bytes(&text), request, &mut limits);
    // It matches in one go with two frames; so look for what does not fit.
    assert_eq!(got, Ok(true));
    let code = counted_loop();
    let program = Program::compile(&code, 1, &AsciiData).unwrap();
    let got = matcher.run(&program, Subject::Bytes(&subject), request, &mut limits);
    assert_eq!(got, Err(Stop::MemoryLimit));
    // The matcher is as good as new.
    let mut limits = Limits::none();
    let got = matcher.run(&program, Subject::Bytes(&subject), request, &mut limits);
    assert_eq!(got, Ok(true));
    assert_eq!(matcher.span(0), Some((0, 100_000)));
    assert_eq!(matcher.span(1), Some((99_999, 100_000)));
}

/// `(a){2,}`.
fn counted_loop() -> Vec<u32> {
    let a = u32::from(b'a');
    vec![
        REPEAT, 9, 2, MAXREPEAT, MARK, 0, LITERAL, a, MARK, 1, MAX_UNTIL, SUCCESS,
    ]
}

#[test]
fn too_many_groups_for_the_budget() {
    let program = Program::compile(&[SUCCESS], 1_000_000_000, &AsciiData).unwrap();
    let mut check = || Ok(());
    let got = Matcher::new().run(
        &program,
        Subject::Bytes(b""),
        Request::search(),
        &mut Limits::new(1 << 20, &mut check),
    );
    assert_eq!(got, Err(Stop::MemoryLimit));
}

#[test]
fn deep_nesting() {
    let depth = 100_000u32;
    let mut code = Vec::new();
    for level in 0..depth {
        code.extend([ATOMIC_GROUP, 2 * depth + depth - 3 * level]);
    }
    // Each group's skip leads behind its SUCCESS.
    let len = code.len();
    for (level, at) in (0..len).step_by(2).enumerate() {
        code[at + 1] = (len - at - 1 + depth as usize - level) as u32;
    }
    code.extend(vec![SUCCESS; depth as usize + 1]);
    validate(&code, 0).unwrap();
    let program = Program::compile(&code, 0, &AsciiData).unwrap();
    let got = Matcher::new().run(
        &program,
        Subject::Bytes(b""),
        Request::search(),
        &mut Limits::none(),
    );
    assert_eq!(got, Ok(true));
}

#[test]
fn refused() {
    for (code, groups) in [
        (&[][..], 0),
        (&[0], 0),
        (&[LITERAL, SUCCESS], 0),
        (&[MARK, 2, SUCCESS], 1),
        (&[11, 1, SUCCESS], 1),
        (&[REPEAT_ONE, 6, 2, 1, LITERAL, 97, SUCCESS, SUCCESS], 0),
        (&[REPEAT_ONE, 99, 1, 2, LITERAL, 97, SUCCESS, SUCCESS], 0),
        (&[REPEAT, 5, 1, 2, LITERAL, 97, SUCCESS, SUCCESS], 0),
        (&[MAX_UNTIL, SUCCESS], 0),
        (&[15, 1, SUCCESS], 0),
        (&[25, SUCCESS], 0),
        (&[43, SUCCESS], 0),
        (&[6, 12, SUCCESS], 0),
        (&[8, 18, SUCCESS], 0),
        (&[13, 1, SUCCESS], 0),
        (&[13, 3, LITERAL, 97, SUCCESS], 0),
        (&[7, 0xffff_ffff, SUCCESS], 0),
        (&[4, 4, 0x8000_0000, SUCCESS, SUCCESS, SUCCESS], 0),
    ] {
        assert!(validate(code, groups).is_err(), "{code:?}");
        assert!(
            Program::compile(code, groups, &AsciiData).is_err(),
            "{code:?}"
        );
    }
}

/// Real code words with random changes: most are refused, the rest must run
/// within their limits, without a panic.
#[test]
fn mutations() {
    let text = include_str!("data/suite.txt");
    let codes: Vec<(usize, Vec<u32>)> = text
        .lines()
        .filter_map(|line| {
            let mut words = line
                .strip_prefix("P ")?
                .split(' ')
                .map(|word| word.parse().unwrap());
            Some((words.next().unwrap() as usize, words.collect()))
        })
        .collect();
    let subject: Vec<u32> = "ab aab\nc12 \u{431}\u{10400}AB"
        .chars()
        .map(u32::from)
        .collect();
    let narrow = *b"aab abc\n12 _x\xe9";
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut matcher = Matcher::new();
    let (mut accepted, mut stopped) = (0, 0);
    for round in 0..30_000 {
        let (groups, code) = &codes[random.below(codes.len())];
        let mut code = code.clone();
        for _ in 0..=random.below(3) {
            let at = random.below(code.len());
            code[at] = match random.below(4) {
                0 => random.below(44) as u32,
                1 => code[random.below(code.len())],
                2 => code[at]
                    .wrapping_add(random.below(5) as u32)
                    .wrapping_sub(2),
                _ => [0, 1, 2, 255, 256, u32::MAX, 0x7fff_ffff][random.below(7)],
            };
        }
        let Ok(program) = Program::compile(&code, *groups, &RustChars) else {
            assert!(validate(&code, *groups).is_err());
            continue;
        };
        accepted += 1;
        let mut calls = 0;
        let mut check = || {
            calls += 1;
            if calls > 20 { Err(Interrupted) } else { Ok(()) }
        };
        let mut limits = Limits::new(1 << 16, &mut check);
        let mode = [Mode::Match, Mode::FullMatch, Mode::Search][round % 3];
        let request = Request {
            pos: random.below(4),
            ..Request::new(mode)
        };
        for subject in [Subject::Bytes(&narrow), Subject::Ucs4(&subject)] {
            match matcher.run(&program, subject, request, &mut limits) {
                Ok(_) => {
                    for (start, end) in matcher.spans().flatten() {
                        assert!(start <= end && end <= subject.len());
                    }
                }
                Err(_) => stopped += 1,
            }
        }
    }
    println!("{accepted} accepted, {stopped} stopped");
    assert!(accepted > 1000);
}

#[test]
fn positions() {
    let program = Program::compile(&[LITERAL, 97, SUCCESS], 0, &AsciiData).unwrap();
    let mut matcher = Matcher::new();
    let mut run = |pos, endpos, mode| {
        let request = Request {
            mode,
            pos,
            endpos,
            must_advance: false,
        };
        let limits = &mut Limits::none();
        matcher
            .run(&program, Subject::Latin1(b"xaxa"), request, limits)
            .unwrap();
        matcher.span(0)
    };
    assert_eq!(run(0, usize::MAX, Mode::Search), Some((1, 2)));
    assert_eq!(run(2, usize::MAX, Mode::Search), Some((3, 4)));
    assert_eq!(run(2, 3, Mode::Search), None);
    assert_eq!(run(3, 1, Mode::Search), None);
    assert_eq!(run(9, usize::MAX, Mode::Search), None);
    assert_eq!(run(1, 2, Mode::FullMatch), Some((1, 2)));
    assert_eq!(run(0, 2, Mode::Match), None);
}

/// What differs from CPython 3.13, which the other cases come from:
/// `\B` in an empty subject (3.14 changed it).
#[test]
fn not_boundary_of_nothing() {
    let program = Program::compile(&[6, 11, SUCCESS], 0, &AsciiData).unwrap();
    let got = Matcher::new().run(
        &program,
        Subject::Latin1(b""),
        Request::search(),
        &mut Limits::none(),
    );
    assert_eq!(got, Ok(true));
}

/// `(?:(a)|b)*+`: CPython 3.13 gives (1, 1) for the group, but what was
/// matched last is what counts.
#[test]
fn groups_in_a_possessive_repeat() {
    let (a, b) = (u32::from(b'a'), u32::from(b'b'));
    let code = [
        28, 19, 0, MAXREPEAT, 7, 9, MARK, 0, LITERAL, a, MARK, 1, 15, 7, 5, LITERAL, b, 15, 2, 0,
        SUCCESS, SUCCESS,
    ];
    let program = Program::compile(&code, 1, &AsciiData).unwrap();
    let mut matcher = Matcher::new();
    let request = Request::new(Mode::Match);
    let got = matcher.run(
        &program,
        Subject::Latin1(b"ab"),
        request,
        &mut Limits::none(),
    );
    assert_eq!(got, Ok(true));
    assert_eq!(matcher.span(0), Some((0, 2)));
    assert_eq!(matcher.span(1), Some((0, 1)));
}

/// More branches than get a table: they work all the same.
#[test]
fn many_branches() {
    let (a, b) = (u32::from(b'a'), u32::from(b'b'));
    let mut code = Vec::new();
    for _ in 0..5000 {
        code.extend([7, 5, LITERAL, a, 15, 7, 5, LITERAL, b, 15, 2, 0]);
    }
    code.push(SUCCESS);
    let program = Program::compile(&code, 0, &AsciiData).unwrap();
    let mut matcher = Matcher::new();
    let text = b"ab".repeat(2500);
    let request = Request::new(Mode::FullMatch);
    let got = matcher.run(
        &program,
        Subject::Latin1(&text),
        request,
        &mut Limits::none(),
    );
    assert_eq!(got, Ok(true));
    fn shareable<T: Send + Sync>(_: &T) {}
    shareable(&program);
}
