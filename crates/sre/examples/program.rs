//! Prints the instructions of the patterns in a file of cases.

#[path = "../tests/common/mod.rs"]
mod common;

use common::RustChars;
use taipan_sre::Program;

fn main() {
    let path = std::env::args().nth(1).expect("a file of cases");
    let text = std::fs::read_to_string(path).expect("a readable file");
    for line in text.lines() {
        if let Some(words) = line.strip_prefix("P ") {
            let mut words = words
                .split(' ')
                .map(|word| word.parse::<u32>().expect("a word"));
            let groups = words.next().expect("groups") as usize;
            let code: Vec<u32> = words.collect();
            println!("{:#?}", Program::compile(&code, groups, &RustChars));
        } else if let Some(source) = line.strip_prefix('#') {
            println!("{source}");
        }
    }
}
