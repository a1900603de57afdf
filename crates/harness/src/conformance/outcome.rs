//! How a test ended, and the lines in which `run_module.py` tells it.

use std::collections::BTreeMap;

use serde_json::Value;

/// How one test ended. Ordered from good to bad: where one id stands for several
/// tests, the worst of them counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// It ran and passed; the only one that counts.
    Ok,
    /// It failed as its author expected.
    ExpectedFailure,
    /// It was not run, by its own decision.
    Skip,
    /// It passed although its author expected it to fail.
    UnexpectedSuccess,
    /// An assertion did not hold.
    Fail,
    /// Another exception.
    Error,
    /// It never came to run: its module or class could not be set up, or the
    /// module's time was over.
    NotRun,
    /// It used more memory than allowed.
    OverMemory,
    /// It did not come to an end.
    Hang,
    /// It took the interpreter down.
    Crash,
}

impl Outcome {
    /// The word in files and tables.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Ok => "ok",
            Outcome::ExpectedFailure => "xfail",
            Outcome::Skip => "skip",
            Outcome::UnexpectedSuccess => "uxsuccess",
            Outcome::Fail => "fail",
            Outcome::Error => "error",
            Outcome::NotRun => "not-run",
            Outcome::OverMemory => "over-memory",
            Outcome::Hang => "hang",
            Outcome::Crash => "crash",
        }
    }

    /// Whether it is a failure of the interpreter and not of one test.
    pub fn is_grave(self) -> bool {
        self >= Outcome::OverMemory
    }

    fn from_word(word: &str) -> Option<Self> {
        use Outcome::*;
        let all = [Ok, ExpectedFailure, Skip, UnexpectedSuccess, Fail, Error];
        all.into_iter().find(|outcome| outcome.word() == word)
    }
}

/// The outcome of one test id.
#[derive(Clone, Debug)]
pub struct Record {
    /// How it ended.
    pub outcome: Outcome,
    /// The first line of what it said.
    pub message: String,
    /// How long it took.
    pub seconds: f64,
}

/// What one result file says.
#[derive(Debug, Default)]
pub struct Results {
    /// The tests that came to an end.
    pub finished: BTreeMap<String, Record>,
    /// The test that was in progress when the file ended.
    pub in_progress: Option<String>,
    /// Whether the module was imported and its tests collected.
    pub loaded: bool,
    /// Whether the run came to its end.
    pub done: bool,
    /// Trouble outside any test: import errors, failed fixtures.
    pub trouble: Vec<String>,
}

impl Results {
    /// Reads the lines of a result file. A line that a crash cut off is no line.
    pub fn parse(text: &str) -> Self {
        let mut results = Results::default();
        for line in text.lines() {
            if let Ok(value) = serde_json::from_str::<Value>(line) {
                results.take(&value);
            }
        }
        results
    }

    fn take(&mut self, line: &Value) {
        let text = |key: &str| line.get(key).and_then(Value::as_str);
        if let Some(id) = text("start") {
            self.in_progress = Some(id.to_owned());
        } else if let Some(id) = text("id") {
            self.in_progress = None;
            let record = Record {
                outcome: text("outcome")
                    .and_then(Outcome::from_word)
                    .unwrap_or(Outcome::Error),
                message: text("message").unwrap_or_default().to_owned(),
                seconds: line.get("seconds").and_then(Value::as_f64).unwrap_or(0.0),
            };
            self.add(id.to_owned(), record);
        } else if let Some(what) = text("module") {
            self.loaded |= what == "loaded";
            self.done |= what == "done";
            let message = text("message").unwrap_or_default();
            if !message.is_empty() {
                self.trouble.push(message.to_owned());
            }
        }
    }

    fn add(&mut self, id: String, record: Record) {
        match self.finished.get_mut(&id) {
            Some(before) if before.outcome >= record.outcome => {}
            Some(before) => *before = record,
            None => {
                self.finished.insert(id, record);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crash_is_pinned_on_the_test_in_progress() {
        let text = concat!(
            "{\"module\": \"loaded\", \"message\": \"\"}\n",
            "{\"start\": \"a\"}\n",
            "{\"id\": \"a\", \"outcome\": \"ok\", \"message\": \"\", \"seconds\": 0.1}\n",
            "{\"start\": \"b\"}\n",
            "{\"id\": \"b\", \"outc",
        );
        let results = Results::parse(text);
        assert!(results.loaded && !results.done);
        assert_eq!(results.finished["a"].outcome, Outcome::Ok);
        assert_eq!(results.in_progress.as_deref(), Some("b"));
    }

    #[test]
    fn the_worst_of_two_counts() {
        let line = |word| format!("{{\"id\": \"a\", \"outcome\": \"{word}\"}}\n");
        let both = line("fail") + &line("ok");
        assert_eq!(Results::parse(&both).finished["a"].outcome, Outcome::Fail);
        let unknown = line("splendid");
        assert_eq!(
            Results::parse(&unknown).finished["a"].outcome,
            Outcome::Error
        );
    }
}
