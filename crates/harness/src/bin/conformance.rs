//! Runs CPython's own tests under `taipan`; see `--help`.

use std::process::ExitCode;

use taipan_harness::conformance::options::{HELP, Options};
use taipan_harness::conformance::runner;

fn main() -> ExitCode {
    let options = match Options::parse(lexopt::Parser::from_env()) {
        Ok(Some(options)) => options,
        Ok(None) => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("conformance: {error}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    match runner::run(&options) {
        Ok(verdict) => ExitCode::from(verdict as u8),
        Err(error) => {
            eprintln!("conformance: {error}");
            ExitCode::from(2)
        }
    }
}
