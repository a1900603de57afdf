//! Times the patterns that `tests/bench.py` wrote, beside CPython's times.

#[path = "../tests/common/mod.rs"]
mod common;

use common::RustChars;
use std::time::Instant;
use taipan_sre::{Limits, Matcher, Mode, Program, Request, Subject};

fn main() {
    let path = std::env::args()
        .nth(1)
        .expect("the file that tests/bench.py wrote");
    let text = std::fs::read_to_string(path).expect("a readable file");
    let mut program = None;
    let mut compile = 0;
    let mut matcher = Matcher::new();
    println!(
        "{:16} {:>10} {:>10} {:>7} {:>10}",
        "", "CPython", "Taipan", "ratio", "compile"
    );
    for line in text.lines() {
        if let Some(words) = line.strip_prefix("P ") {
            let mut words = words
                .split(' ')
                .map(|word| word.parse::<u32>().expect("a word"));
            let groups = words.next().expect("groups") as usize;
            let code: Vec<u32> = words.collect();
            let start = Instant::now();
            program = Program::compile(&code, groups, &RustChars).ok();
            compile = start.elapsed().as_nanos();
            continue;
        }
        let fields: Vec<&str> = line.split(' ').collect();
        let ([name, mode, theirs, subject], Some(program)) = (&fields[..], &program) else {
            continue;
        };
        let chars: Vec<u32> = subject
            .split('.')
            .map(|part| u32::from_str_radix(part, 16).expect("hex"))
            .collect();
        let narrow: Option<Vec<u8>> = chars.iter().map(|&c| u8::try_from(c).ok()).collect();
        let middle: Vec<u16> = chars.iter().map(|&c| c as u16).collect();
        let subject = match &narrow {
            Some(narrow) => Subject::Latin1(narrow),
            None => Subject::Ucs2(&middle),
        };
        let mut check = || Ok(());
        let mut limits = Limits::new(1 << 26, &mut check);
        let request = Request::new(if *mode == "m" {
            Mode::Match
        } else {
            Mode::Search
        });
        let mut run = || {
            let mut next = Some(request);
            while let Some(request) = next.take() {
                if matcher.run(program, subject, request, &mut limits) == Ok(true) && *mode == "i" {
                    next = matcher.next_request(request);
                }
            }
        };
        let (mut best, mut n) = (f64::MAX, 1u32);
        let begin = Instant::now();
        while begin.elapsed().as_millis() < 200 {
            let start = Instant::now();
            for _ in 0..n {
                run();
            }
            let spent = start.elapsed();
            best = best.min(spent.as_nanos() as f64 / f64::from(n));
            if spent.as_millis() < 5 {
                n *= 2;
            }
        }
        let theirs: f64 = theirs.parse().expect("nanoseconds");
        println!(
            "{name:16} {theirs:>10.0} {best:>10.0} {:>7.2} {compile:>10}",
            best / theirs
        );
    }
}
