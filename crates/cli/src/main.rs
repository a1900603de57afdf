//! The `taipan` command: CPython's own options.

mod options;
mod run;

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: taipan::memory::Cached = taipan::memory::Cached;

/// Native stack of the main thread. Deep native recursion (repr, compare, parse) ends in RecursionError
/// before it is used up.
const STACK: usize = 256 << 20;

fn main() -> ExitCode {
    // Rust's runtime library opens something in the place of standard streams that are closed; they are to stay closed.
    for fd in (0..3).filter(|fd| taipan_host::fd::was_closed_at_start(*fd)) {
        let _ = taipan_host::fd::close(fd);
    }
    let args: Vec<Vec<u8>> = taipan_host::env::arguments();
    let parsed = match options::parse(&args) {
        Ok(p) => p,
        Err(text) => {
            eprint!("{text}");
            return ExitCode::from(2);
        }
    };
    // The interpreter runs on this very thread (it is the process's main thread for signals and
    // ids), on a larger stack.
    stacker::grow(STACK, || run::run(parsed, STACK - (1 << 20)))
}
