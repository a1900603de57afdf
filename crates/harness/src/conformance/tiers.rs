//! Reads `tiers.txt`: names of test modules under `[tier]` headings.

use std::path::Path;

use crate::error::{Error, Result, at};

/// One tier: its name and its modules, in the order of the file, each once.
#[derive(Debug, PartialEq, Eq)]
pub struct Tier {
    /// As in `[language]`.
    pub name: String,
    /// As named in the file; a package stands for its submodules.
    pub modules: Vec<String>,
}

/// Reads all tiers.
pub fn load(path: &Path) -> Result<Vec<Tier>> {
    parse(&at(path, std::fs::read_to_string(path))?)
}

fn parse(text: &str) -> Result<Vec<Tier>> {
    let mut tiers: Vec<Tier> = Vec::new();
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if let Some(name) = line
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            tiers.push(Tier {
                name: name.to_owned(),
                modules: Vec::new(),
            });
            continue;
        }
        for word in line.split_whitespace() {
            let tier = tiers
                .last_mut()
                .ok_or_else(|| Error::new(format!("{word} comes before any [tier]")))?;
            if !tier.modules.iter().any(|module| module == word) {
                tier.modules.push(word.to_owned());
            }
        }
    }
    Ok(tiers)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn tiers_in_order_and_once() {
        let tiers = parse("# all\n[a]\nx y\nx # again\n[b]\nz\n").unwrap();
        assert_eq!(tiers[0].name, "a");
        assert_eq!(tiers[0].modules, ["x", "y"]);
        assert_eq!(tiers[1].modules, ["z"]);
        assert!(parse("x\n[a]\n").is_err());
    }
}
