//! Any text is a module or a `SyntaxError`: never a panic, an abort or a hang.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let _ = taipan_syntax::parse_module(&text);
});
