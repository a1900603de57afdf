//! The tests that count, by module.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;

use crate::error::{Error, Result, at};

/// The ids of the tests that count, by the module they are run from. An id can
/// occur in more than one module, since test modules import from each other.
#[derive(Debug, Default)]
pub struct Counted(pub BTreeMap<String, BTreeSet<String>>);

impl Counted {
    /// Reads the compressed list.
    pub fn load(path: &Path) -> Result<Self> {
        let packed = at(path, std::fs::read(path))?;
        let mut text = String::new();
        at(
            path,
            flate2::read::GzDecoder::new(&packed[..]).read_to_string(&mut text),
        )?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> Result<Self> {
        let mut counted = Counted::default();
        for line in text.lines() {
            let (module, id) = line
                .split_once('\t')
                .ok_or_else(|| Error::new(format!("no tab in the list of tests: {line}")))?;
            counted
                .0
                .entry(module.to_owned())
                .or_default()
                .insert(id.to_owned());
        }
        Ok(counted)
    }

    /// The modules that a name from `tiers.txt` or the command line stands for:
    /// itself, or the submodules of a package, which are run one at a time.
    pub fn modules_of(&self, name: &str) -> Vec<&str> {
        let inside = |module: &str| {
            module
                .strip_prefix(name)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.0
            .keys()
            .map(String::as_str)
            .filter(|module| inside(module))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Counted;

    #[test]
    fn a_package_is_its_submodules() {
        let counted = Counted::parse("a.x\t1\na.y\t2\na.y\t3\nab\t4\n").unwrap();
        assert_eq!(counted.modules_of("a"), ["a.x", "a.y"]);
        assert_eq!(counted.modules_of("ab"), ["ab"]);
        assert_eq!(counted.0["a.y"].len(), 2);
        assert!(Counted::parse("a b\n").is_err());
    }
}
