//! Start-up: from `exec` to the end of a program that does nothing, or that only
//! imports. Here wall time is what the user waits for.

use super::measure::{self, Medians};
use super::options::{Contender, Options};
use crate::error::Result;

/// The programs, with the name each has in the table.
const CASES: [(&str, &str); 2] = [
    ("pass", "pass"),
    (
        "six imports",
        "import json, re, asyncio, dataclasses, typing, unittest",
    ),
];

/// Runs of each; a single start is far too short to trust.
const RUNS: usize = 41;

/// Measures and prints. True when every interpreter ran both.
pub fn run(options: &Options) -> Result<bool> {
    let mut good = true;
    println!(
        "{:14} {:>20} {:>10} {:>10} {:>10} {:>10}",
        "start-up", "", "wall ms", "best ms", "CPU ms", "peak MB"
    );
    for (name, source) in CASES {
        let command = |contender: &Contender| {
            let mut command = measure::command(contender);
            command.args(["-c", source]);
            command
        };
        // Once before it counts, so that files are in the page cache.
        measure::interleave(options, 1, command)?;
        let row = measure::interleave(options, RUNS, command)?;
        for (contender, cell) in options.contenders.iter().zip(row) {
            print!("{name:14} {:>20}", contender.name);
            match cell {
                Ok(Medians {
                    cpu,
                    wall,
                    best_wall,
                    rss,
                }) => {
                    let (wall, best) = (wall * 1e3, best_wall * 1e3);
                    println!(
                        " {wall:10.2} {best:10.2} {:10.2} {:10.1}",
                        cpu * 1e3,
                        rss / 1e6
                    );
                }
                Err(reason) => {
                    good = false;
                    println!(" failed: {}", reason.trim_end());
                }
            }
        }
    }
    Ok(good)
}
