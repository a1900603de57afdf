//! Says whether what a script did is what it should have done, and if not, where
//! the two part.

use crate::process::{Ending, Finished};

/// What a script should do. A part that is `None` is not compared.
#[derive(Debug, Default, Clone)]
pub struct Expected {
    /// Exit code.
    pub exit: i32,
    /// Standard output.
    pub stdout: Option<Vec<u8>>,
    /// Standard error.
    pub stderr: Option<Vec<u8>>,
}

/// Nothing when all is as expected, else a report of the first difference.
pub fn check(done: &Finished, expected: &Expected) -> Result<(), String> {
    let mut report = String::new();
    if done.ending != Ending::Exit(expected.exit) {
        report += &format!("{}, expected exit code {}\n", done.ending, expected.exit);
    }
    let streams = [
        ("standard output", &done.stdout, &expected.stdout),
        ("standard error", &done.stderr, &expected.stderr),
    ];
    for (name, got, wanted) in streams {
        if let Some(wanted) = wanted
            && got != wanted
        {
            report += &first_difference(name, got, wanted);
        }
    }
    if report.is_empty() {
        return Ok(());
    }
    // The traceback is usually what explains the difference.
    if expected.stderr.is_none() && !done.stderr.is_empty() {
        report += &format!("standard error ends with:\n{}", tail(&done.stderr, 15));
    }
    Err(report)
}

/// The last lines of a text.
pub fn tail(text: &[u8], lines: usize) -> String {
    let text = String::from_utf8_lossy(text);
    let all: Vec<_> = text.lines().collect();
    let start = all.len().saturating_sub(lines);
    all[start..]
        .iter()
        .map(|line| format!("  {line}\n"))
        .collect()
}

fn first_difference(name: &str, got: &[u8], wanted: &[u8]) -> String {
    let (got, wanted) = (
        String::from_utf8_lossy(got),
        String::from_utf8_lossy(wanted),
    );
    let got: Vec<_> = got.split_inclusive('\n').collect();
    let wanted: Vec<_> = wanted.split_inclusive('\n').collect();
    let same = got.iter().zip(&wanted).take_while(|(a, b)| a == b).count();
    let show = |lines: &[&str], sign: char| -> String {
        let part: Vec<_> = lines.iter().skip(same).take(5).collect();
        if part.is_empty() {
            return format!("{sign} (ends here)\n");
        }
        // `{:?}` so that a missing newline or a stray blank can be seen.
        part.iter()
            .map(|line| format!("{sign} {line:?}\n"))
            .collect()
    };
    let line = same + 1;
    format!(
        "{name} differs at line {line}:\n{}{}",
        show(&wanted, '-'),
        show(&got, '+')
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn done(ending: Ending, stdout: &str, stderr: &str) -> Finished {
        Finished {
            ending,
            stdout: stdout.into(),
            stderr: stderr.into(),
            cpu: Duration::ZERO,
            wall: Duration::ZERO,
            peak_rss: 0,
        }
    }

    fn expected(exit: i32, stdout: Option<&str>, stderr: Option<&str>) -> Expected {
        Expected {
            exit,
            stdout: stdout.map(Into::into),
            stderr: stderr.map(Into::into),
        }
    }

    #[test]
    fn equal_passes() {
        let run = done(Ending::Exit(1), "a\n", "b\n");
        assert!(check(&run, &expected(1, Some("a\n"), Some("b\n"))).is_ok());
        assert!(check(&run, &expected(1, None, None)).is_ok());
    }

    #[test]
    fn another_output_fails() {
        let run = done(Ending::Exit(0), "a\nb\n", "");
        let report = check(&run, &expected(0, Some("a\nc\n"), None)).unwrap_err();
        assert!(report.contains("line 2"), "{report}");
        assert!(check(&run, &expected(0, Some("a\n"), None)).is_err());
        assert!(check(&run, &expected(0, Some("a\nb\nc\n"), None)).is_err());
        assert!(
            check(&run, &expected(0, Some("a\nb"), None)).is_err(),
            "missing newline"
        );
    }

    #[test]
    fn another_error_text_fails() {
        let run = done(Ending::Exit(0), "", "warning\n");
        assert!(check(&run, &expected(0, Some(""), Some(""))).is_err());
    }

    #[test]
    fn another_ending_fails() {
        let wanted = expected(0, None, None);
        assert!(check(&done(Ending::Exit(1), "", ""), &wanted).is_err());
        assert!(check(&done(Ending::Signal(11), "", ""), &wanted).is_err());
        let stopped = Ending::Stopped(crate::process::Stopped::Time);
        assert!(check(&done(stopped, "", ""), &wanted).is_err());
    }
}
