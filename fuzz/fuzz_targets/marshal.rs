//! Any bytes are code or an error: marshalled data is never trusted.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = taipan_bytecode::serial::decode_code(data);
});
