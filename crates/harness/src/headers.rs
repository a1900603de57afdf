//! The comments at the top of a script that say how to run it.
//!
//! ```text
//! # timeout: 10          seconds until it counts as hung (60)
//! # memory: 256 MB       resident memory allowed (2048 MB)
//! # args: a "b c"        arguments for the script
//! # options: -O -W error options for the interpreter, before the script
//! # stdin: a\nb          standard input, with Python's escapes \n \t \\
//! # stderr: compare      standard error must be equal too
//! # exit: 1              expected exit code, where nothing is there to compare with
//! # needs: 3.14          skip when the interpreter under test is older
//! ```

use std::time::Duration;

use crate::error::{Error, Result};
use crate::process::Limits;

/// How one script wants to be run.
#[derive(Debug, Default)]
pub struct Headers {
    /// Time and memory.
    pub limits: Limits,
    /// What comes before the script's path.
    pub options: Vec<String>,
    /// What comes after the script's path.
    pub args: Vec<String>,
    /// What it can read.
    pub stdin: String,
    /// Whether standard error is compared.
    pub compare_stderr: bool,
    /// The exit code it must have.
    pub exit: i32,
    /// The version of Python it is written for.
    pub needs: Option<(u32, u32)>,
}

impl Headers {
    /// Reads the headers from the comment lines that a script begins with.
    /// Other comments are left alone; a known name with a bad value is an error.
    pub fn parse(source: &str) -> Result<Self> {
        let mut headers = Headers::default();
        for line in source.lines().take_while(|line| line.starts_with('#')) {
            let Some((name, value)) = line[1..].trim().split_once(':') else {
                continue;
            };
            let value = value.trim();
            let bad = || Error::new(format!("bad header: {line}"));
            match name {
                "timeout" => {
                    headers.limits.time = Duration::from_secs(value.parse().map_err(|_| bad())?);
                }
                "memory" => {
                    let number = value.strip_suffix("MB").ok_or_else(bad)?.trim();
                    headers.limits.memory = number.parse::<u64>().map_err(|_| bad())? << 20;
                }
                "options" => headers.options = split_words(value),
                "args" => headers.args = split_words(value),
                "stdin" => headers.stdin = unescape(value),
                "stderr" if value == "compare" => headers.compare_stderr = true,
                "exit" => headers.exit = value.parse().map_err(|_| bad())?,
                "needs" => {
                    let (major, minor) = value.split_once('.').ok_or_else(bad)?;
                    let number = |text: &str| text.parse().map_err(|_| bad());
                    headers.needs = Some((number(major)?, number(minor)?));
                }
                "stderr" => return Err(bad()),
                _ => {}
            }
        }
        Ok(headers)
    }
}

/// Splits at blanks, with double quotes to keep blanks together.
fn split_words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    for char in text.chars() {
        match char {
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            ' ' if !quoted => words.extend(word.take()),
            _ => word.get_or_insert_default().push(char),
        }
    }
    words.extend(word);
    words
}

fn unescape(text: &str) -> String {
    let mut result = String::new();
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        match (char, char == '\\') {
            (_, true) => match chars.next() {
                Some('n') => result.push('\n'),
                Some('t') => result.push('\t'),
                Some(other) => result.push(other),
                None => result.push('\\'),
            },
            (other, _) => result.push(other),
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_them() {
        let text = "# A test.\n# timeout: 5\n# memory: 64 MB\n# args: a \"b c\" \"\"\n\
                    # options: -O\n# stdin: x\\ny\n# stderr: compare\n# exit: 3\n# needs: 3.14\n\
                    print()\n# timeout: 99\n";
        let headers = Headers::parse(text).unwrap();
        assert_eq!(headers.limits.time, Duration::from_secs(5));
        assert_eq!(headers.limits.memory, 64 << 20);
        assert_eq!(headers.args, ["a", "b c", ""]);
        assert_eq!(headers.options, ["-O"]);
        assert_eq!(headers.stdin, "x\ny");
        assert!(headers.compare_stderr);
        assert_eq!(headers.exit, 3);
        assert_eq!(headers.needs, Some((3, 14)));
    }

    #[test]
    fn a_bad_value_is_told() {
        assert!(Headers::parse("# timeout: soon\n").is_err());
        assert!(Headers::parse("# memory: 5\n").is_err());
        assert!(Headers::parse("# stderr: maybe\n").is_err());
    }

    #[test]
    fn other_comments_are_comments() {
        assert!(Headers::parse("#!/usr/bin/env python\n# See: here\n").is_ok());
    }
}
