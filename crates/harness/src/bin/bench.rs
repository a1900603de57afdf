//! Compares `taipan` with other interpreters; see `--help`.

use std::process::ExitCode;

use taipan_harness::bench::options::{HELP, Options};
use taipan_harness::bench::{programs, startup};
use taipan_harness::error::Result;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<bool> {
    let Some(options) = Options::parse(lexopt::Parser::from_env())? else {
        println!("{HELP}");
        return Ok(true);
    };
    if options.list {
        for (name, _) in programs::find(&options)? {
            println!("{name}");
        }
        return Ok(true);
    }
    if options.startup {
        startup::run(&options)
    } else {
        programs::run(&options)
    }
}
