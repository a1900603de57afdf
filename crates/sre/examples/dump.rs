//! Prints the instructions of the patterns in a file of cases.
#[path = "../tests/common/mod.rs"]
mod common;
fn main() {
    let text = std::fs::read_to_string(std::env::args().nth(1).unwrap()).unwrap();
    for line in text.lines() {
        if let Some(words) = line.strip_prefix("P ") {
            let mut words = words.split(' ').map(|word| word.parse::<u32>().unwrap());
            let groups = words.next().unwrap() as usize;
            let code: Vec<u32> = words.collect();
            println!(
                "{:#?}",
                taipan_sre::Program::compile(&code, groups, &common::RustChars)
            );
        } else {
            println!("{}", &line[..line.len().min(40)]);
        }
    }
}
