//! What is recorded to pass, and why the rest does not.
//!
//! `expected/<module>.txt` holds the ids that pass, sorted, one a line.
//! `known-failures.tsv` holds `module, id, cause, note` for the ids that do not.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result, at};

/// Why a counted test does not pass.
const CAUSES: [&str; 3] = ["version-skew", "not-yet", "by-design"];

/// The recorded state of the tests.
#[derive(Debug)]
pub struct Expectation {
    folder: PathBuf,
    /// The ids that pass, by module.
    pub passing: BTreeMap<String, BTreeSet<String>>,
    /// Cause and note of those that do not, by module and id.
    pub known_failures: BTreeMap<(String, String), (String, String)>,
}

impl Expectation {
    /// Reads what is recorded in a folder. Nothing there means nothing passes yet.
    pub fn load(folder: &Path) -> Result<Self> {
        let mut passing = BTreeMap::new();
        let lists = folder.join("expected");
        for entry in std::fs::read_dir(&lists).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if let Some(module) = name.strip_suffix(".txt") {
                let text = at(&entry.path(), std::fs::read_to_string(entry.path()))?;
                passing.insert(module.to_owned(), text.lines().map(str::to_owned).collect());
            }
        }
        let reasons = std::fs::read_to_string(folder.join("known-failures.tsv"));
        let known_failures = parse_reasons(&reasons.unwrap_or_default())?;
        for (module, id) in known_failures.keys() {
            if passing
                .get(module)
                .is_some_and(|ids: &BTreeSet<String>| ids.contains(id))
            {
                let text = format!("{module} {id} is recorded both as passing and as failing");
                return Err(Error::new(text));
            }
        }
        Ok(Expectation {
            folder: folder.to_owned(),
            passing,
            known_failures,
        })
    }

    /// Whether this test is recorded to pass.
    pub fn passes(&self, module: &str, id: &str) -> bool {
        self.passing.get(module).is_some_and(|ids| ids.contains(id))
    }

    /// Why this test is known not to pass.
    pub fn cause(&self, module: &str, id: &str) -> Option<&str> {
        let key = (module.to_owned(), id.to_owned());
        self.known_failures
            .get(&key)
            .map(|(cause, _)| cause.as_str())
    }

    /// Adds ids that pass now; nothing is ever taken away. Returns how many are new.
    pub fn ratchet(&mut self, module: &str, ids: &BTreeSet<String>) -> Result<usize> {
        let known = self.passing.entry(module.to_owned()).or_default();
        let before = known.len();
        known.extend(ids.iter().cloned());
        let added = known.len() - before;
        if added > 0 {
            let text: String = known.iter().map(|id| format!("{id}\n")).collect();
            let folder = self.folder.join("expected");
            at(&folder, std::fs::create_dir_all(&folder))?;
            let path = folder.join(format!("{module}.txt"));
            at(&path, std::fs::write(&path, text))?;
        }
        let reasons = self.known_failures.len();
        self.known_failures
            .retain(|(m, id), _| m != module || !ids.contains(id));
        if self.known_failures.len() != reasons {
            self.write_reasons()?;
        }
        Ok(added)
    }

    fn write_reasons(&self) -> Result<()> {
        let path = self.folder.join("known-failures.tsv");
        let old = at(&path, std::fs::read_to_string(&path))?;
        let comments = old.lines().take_while(|line| line.starts_with('#'));
        let mut text: String = comments.map(|line| format!("{line}\n")).collect();
        for ((module, id), (cause, note)) in &self.known_failures {
            text += &format!("{module}\t{id}\t{cause}\t{note}\n");
        }
        at(&path, std::fs::write(&path, text))
    }
}

fn parse_reasons(text: &str) -> Result<BTreeMap<(String, String), (String, String)>> {
    let mut reasons = BTreeMap::new();
    for line in text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
    {
        let fields: Vec<_> = line.splitn(4, '\t').collect();
        match fields[..] {
            [module, id, cause, note] if CAUSES.contains(&cause) && !note.is_empty() => {
                reasons.insert((module.into(), id.into()), (cause.into(), note.into()));
            }
            _ => return Err(Error::new(format!("known-failures.tsv: bad line: {line}"))),
        }
    }
    Ok(reasons)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    fn set(ids: &[&str]) -> BTreeSet<String> {
        ids.iter().map(|id| id.to_string()).collect()
    }

    #[test]
    fn the_ratchet_only_adds() {
        let scratch = Scratch::new("expectation").unwrap();
        let reasons = "# why\nm\tc\tnot-yet\tlater\nm\tx\tby-design\tnever\n";
        std::fs::write(scratch.join("known-failures.tsv"), reasons).unwrap();
        let mut first = Expectation::load(scratch.path()).unwrap();
        assert_eq!(first.ratchet("m", &set(&["b", "a"])).unwrap(), 2);
        assert_eq!(first.ratchet("m", &set(&["c"])).unwrap(), 1);
        let again = Expectation::load(scratch.path()).unwrap();
        assert_eq!(again.passing["m"], set(&["a", "b", "c"]));
        assert!(again.passes("m", "a") && !again.passes("m", "x"));
        assert_eq!(
            again.cause("m", "c"),
            None,
            "it passes, so it is no known failure"
        );
        assert_eq!(again.cause("m", "x"), Some("by-design"));
    }

    #[test]
    fn contradictions_and_bad_lines_are_told() {
        assert!(parse_reasons("m\ta\tlazy\tnote\n").is_err());
        assert!(parse_reasons("m\ta\tnot-yet\n").is_err());
        let scratch = Scratch::new("expectation").unwrap();
        std::fs::create_dir(scratch.join("expected")).unwrap();
        std::fs::write(scratch.join("expected/m.txt"), "a\n").unwrap();
        std::fs::write(scratch.join("known-failures.tsv"), "m\ta\tnot-yet\tx\n").unwrap();
        assert!(Expectation::load(scratch.path()).is_err());
    }
}
