//! Runs the cases that `generate.py` made with CPython: the file given by
//! `TAIPAN_SRE_CASES`, or all in `tests/data`.

mod common;

use common::RustChars;
use std::fmt::Write;
use taipan_sre::{Limits, Matcher, Mode, Program, Request, Stop, Subject};

fn result(
    matcher: &mut Matcher,
    program: &Program,
    subject: Subject<'_>,
    mode: &str,
    pos: usize,
    endpos: usize,
) -> Result<String, Stop> {
    let request = Request {
        mode: match mode {
            "m" => Mode::Match,
            "f" => Mode::FullMatch,
            _ => Mode::Search,
        },
        pos,
        endpos,
        must_advance: false,
    };
    let mut out = String::new();
    let mut next = Some(request);
    while let Some(request) = next.take() {
        if !matcher.run(program, subject, request, &mut Limits::none())? {
            break;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        let _ = write!(out, "/{}", matcher.lastindex().unwrap_or(0));
        for span in matcher.spans() {
            match span {
                Some((start, end)) => {
                    let _ = write!(out, "/{start},{end}");
                }
                None => out.push_str("/-"),
            }
        }
        if mode == "i" {
            next = matcher.next_request(request);
        }
    }
    Ok(out)
}

/// One run in every width that can hold the subject.
fn check(program: &Program, matcher: &mut Matcher, line: &str) -> Result<(), String> {
    let (left, expected) = line
        .split_once(" = ")
        .or(line.split_once(" ="))
        .ok_or("no result")?;
    let fields: Vec<&str> = left.split(' ').collect();
    let [mode, kind, pos, endpos, subject] = fields[..] else {
        return Err("bad line".into());
    };
    let (pos, endpos) = (pos.parse().unwrap(), endpos.parse().unwrap());
    let chars: Vec<u32> = subject
        .split('.')
        .filter(|part| !part.is_empty())
        .map(|part| u32::from_str_radix(part, 16).unwrap())
        .collect();
    let mut run = |subject: Subject<'_>| {
        let got = result(matcher, program, subject, mode, pos, endpos)
            .map_err(|stop| format!("{stop:?}"))?;
        if got == expected {
            Ok(())
        } else {
            Err(format!("got {got:?}, expected {expected:?}"))
        }
    };
    let narrow: Option<Vec<u8>> = chars.iter().map(|&c| u8::try_from(c).ok()).collect();
    let middle: Option<Vec<u16>> = chars.iter().map(|&c| u16::try_from(c).ok()).collect();
    if let Some(narrow) = &narrow {
        run(Subject::Latin1(narrow))?;
    }
    if kind == "s" {
        if let Some(middle) = &middle {
            run(Subject::Ucs2(middle))?;
        }
        run(Subject::Ucs4(&chars))?;
    }
    Ok(())
}

#[test]
fn cases() {
    let files = match std::env::var("TAIPAN_SRE_CASES") {
        Ok(path) => vec![path.into()],
        Err(_) => {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data");
            std::fs::read_dir(folder)
                .unwrap()
                .map(|entry| entry.unwrap().path())
                .collect()
        }
    };
    let mut matcher = Matcher::new();
    let (mut count, mut bad) = (0, 0);
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let mut source = "";
        let mut program = None;
        for line in text.lines() {
            if let Some(comment) = line.strip_prefix('#') {
                source = comment;
            } else if let Some(words) = line.strip_prefix("P ") {
                let mut words = words.split(' ').map(|word| word.parse::<u32>().unwrap());
                let groups = words.next().unwrap() as usize;
                let code: Vec<u32> = words.collect();
                program = Program::compile(&code, groups, &RustChars).ok();
                if program.is_none() {
                    bad += 1;
                    println!("{source}: refused {code:?}");
                }
            } else if let Some(program) = &program {
                count += 1;
                if let Err(message) = check(program, &mut matcher, line) {
                    bad += 1;
                    if bad < 40 {
                        println!("{source}: {line}: {message}");
                    }
                }
            }
        }
    }
    println!("{count} cases");
    assert!(count > 0);
    assert_eq!(bad, 0, "of {count} cases");
}
