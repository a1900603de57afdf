//! `zlib`: deflate, inflate and two checksums.

mod compressor;
mod decompressor;
mod stream;

use libz_rs_sys as z;
use taipan_macros::{function, module};
use taipan_runtime::core::{R, Raised, Ref, Value};
use taipan_runtime::native::TypeDef;
use taipan_runtime::types::bytes::{Bytes, BytesLike};
use taipan_runtime::types::module::Module;
use taipan_runtime::types::{exceptions as exc, str};
use taipan_runtime::vm::Vm;

use self::compressor::Compress;
use self::decompressor::{Decompress, ZlibDecompressor};
use self::stream::{Deflater, Inflater};
use super::output::Output;
use super::unlocked;
use crate::binascii::masked;
use crate::util::new_exception;

/// The classes of this module.
pub const TYPES: &[&TypeDef] = &[Compress::DEF, Decompress::DEF, ZlibDecompressor::DEF];

/// The window of 32 KiB.
const MAX_WBITS: i32 = 15;
/// How much memory a compressor uses by default.
const DEF_MEM_LEVEL: i32 = 8;
/// The default size of output buffers.
const DEF_BUF_SIZE: isize = 16384;

module! {
    /// The functions in this module allow compression and decompression with the format of the zlib library, which
    /// is that of GNU zip too.
    ///
    /// Compressor objects support compress() and flush() methods; decompressor objects support decompress() and
    /// flush(). `wbits` is the size of the window and the kind of container.
    name = "zlib",
    functions(adler32, compress, compressor::compressobj, crc32, decompress, decompressor::decompressobj),
    exec = exec,
}

fn exec(vm: &Vm, m: &Ref<Module>) -> R<()> {
    m.set("error", error_class(vm)?);
    m.set("_ZlibDecompressor", <ZlibDecompressor as taipan_runtime::core::Payload>::TYPE.value());
    for (name, n) in [
        ("MAX_WBITS", MAX_WBITS),
        ("DEFLATED", z::Z_DEFLATED),
        ("DEF_MEM_LEVEL", DEF_MEM_LEVEL),
        ("DEF_BUF_SIZE", DEF_BUF_SIZE as i32),
        ("Z_NO_COMPRESSION", z::Z_NO_COMPRESSION),
        ("Z_BEST_SPEED", z::Z_BEST_SPEED),
        ("Z_BEST_COMPRESSION", z::Z_BEST_COMPRESSION),
        ("Z_DEFAULT_COMPRESSION", z::Z_DEFAULT_COMPRESSION),
        ("Z_FILTERED", z::Z_FILTERED),
        ("Z_HUFFMAN_ONLY", z::Z_HUFFMAN_ONLY),
        ("Z_RLE", z::Z_RLE),
        ("Z_FIXED", z::Z_FIXED),
        ("Z_DEFAULT_STRATEGY", z::Z_DEFAULT_STRATEGY),
        ("Z_NO_FLUSH", z::Z_NO_FLUSH),
        ("Z_PARTIAL_FLUSH", z::Z_PARTIAL_FLUSH),
        ("Z_SYNC_FLUSH", z::Z_SYNC_FLUSH),
        ("Z_FULL_FLUSH", z::Z_FULL_FLUSH),
        ("Z_FINISH", z::Z_FINISH),
        ("Z_BLOCK", z::Z_BLOCK),
        ("Z_TREES", z::Z_TREES),
    ] {
        m.set(name, n);
    }
    let version = stream::version();
    m.set("ZLIB_VERSION", str::from_str(version));
    m.set("ZLIB_RUNTIME_VERSION", str::from_str(version));
    m.set("__version__", str::from_str("1.0"));
    Ok(())
}

fn error_class(vm: &Vm) -> R {
    vm.interp_static("zlib.error", |vm| new_exception(vm, "zlib", "error", &exc::EXCEPTION))
}

/// Raises zlib.error.
#[cold]
fn error(vm: &Vm, message: &str) -> Raised {
    match error_class(vm) {
        Ok(class) => match class.as_type() {
            Some(class) => vm.raise_new(class, vec![str::from_str(message)]),
            None => vm.value_error(message),
        },
        Err(raised) => raised,
    }
}

/// A code of zlib, and what it says itself about it.
#[derive(Clone, Copy)]
struct Fault {
    code: i32,
    said: Option<&'static str>,
    doing: &'static str,
}

impl Fault {
    /// Raises zlib.error for it (MemoryError where memory was missing).
    #[cold]
    fn raise(self, vm: &Vm) -> Raised {
        let said = match (self.said, self.code) {
            (_, z::Z_MEM_ERROR) => return vm.memory_error(),
            (Some(said), _) => said,
            (None, z::Z_BUF_ERROR) => "incomplete or truncated stream",
            (None, z::Z_STREAM_ERROR) => "inconsistent stream state",
            (None, z::Z_DATA_ERROR) => "invalid input data",
            (None, z::Z_VERSION_ERROR) => "library version mismatch",
            (None, _) => return error(vm, &format!("Error {} {}", self.code, self.doing)),
        };
        error(vm, &format!("Error {} {}: {said}", self.code, self.doing))
    }
}

/// Compute an Adler-32 checksum of data, on from a starting value.
#[function(sig = "(data, value=1, /)")]
fn adler32(vm: &Vm, data: BytesLike<'_>, value: Option<&Value>) -> R<u32> {
    let start = if value.is_some() { masked(vm, value)? } else { 1 };
    let data: &[u8] = &data;
    // The sums are kept below their modulus, whatever start was given.
    let (low, high) = ((start & 0xffff) % 65521, (start >> 16) % 65521);
    if data.is_empty() && start != 1 {
        return Ok(high << 16 | low);
    }
    Ok(unlocked(vm, data.len() / 4, || zlib_rs::adler32::adler32(high << 16 | low, data)))
}

/// Compute a CRC-32 checksum of data, on from a starting value.
#[function(sig = "(data, value=0, /)")]
fn crc32(vm: &Vm, data: BytesLike<'_>, value: Option<&Value>) -> R<u32> {
    let start = masked(vm, value)?;
    let data: &[u8] = &data;
    Ok(unlocked(vm, data.len() / 4, || zlib_rs::crc32::crc32(start, data)))
}

/// Returns a bytes object containing compressed data.
///
///   level
///     From 0 to 9, or -1 for the default.
///   wbits
///     The size of the window and the kind of container.
#[function(sig = "(data, /, level=Z_DEFAULT_COMPRESSION, wbits=MAX_WBITS)")]
fn compress(
    vm: &Vm,
    data: BytesLike<'_>,
    #[default(-1)] level: i32,
    #[default(MAX_WBITS)] wbits: i32,
) -> R<Ref<Bytes>> {
    let mut s = match Deflater::new(level, z::Z_DEFLATED, wbits, DEF_MEM_LEVEL, z::Z_DEFAULT_STRATEGY) {
        Ok(s) => s,
        Err(z::Z_STREAM_ERROR) => return Err(error(vm, "Bad compression level")),
        Err(code) => return Err(Fault { code, said: None, doing: "while compressing data" }.raise(vm)),
    };
    let mut out = Output::new(vm, s.bound(data.len()).min(data.len() / 2 + (16 << 10)), None)?;
    compressor::feed(vm, &mut s, &data, z::Z_FINISH, "while compressing data", &mut out)?;
    Ok(out.finish())
}

/// Returns a bytes object containing the uncompressed data.
///
///   data
///     Compressed data.
///   wbits
///     The size of the window and the kind of container.
///   bufsize
///     The initial size of the output buffer.
#[function(sig = "(data, /, wbits=MAX_WBITS, bufsize=DEF_BUF_SIZE)")]
fn decompress(
    vm: &Vm,
    data: BytesLike<'_>,
    #[default(MAX_WBITS)] wbits: i32,
    #[default(DEF_BUF_SIZE)] bufsize: isize,
) -> R<Ref<Bytes>> {
    let Ok(bufsize) = usize::try_from(bufsize) else {
        return Err(vm.value_error("bufsize must be non-negative"));
    };
    let fault = |code, said, doing| Fault { code, said, doing };
    let mut s = Inflater::new(wbits).map_err(|code| fault(code, None, "while preparing to decompress data").raise(vm))?;
    let doing = "while decompressing data";
    let mut pos = 0;
    // The default is a floor, as what it says is small for large data.
    let mut out = Output::new(vm, bufsize.max(if bufsize == DEF_BUF_SIZE as usize { Output::guess(data.len()) } else { 1 }), None)?;
    loop {
        let room = out.room(vm)?;
        let size = room.len();
        let rest = &data[pos..];
        let step = unlocked(vm, rest.len().max(size / 4), || s.step(rest, room, z::Z_FINISH));
        // SAFETY: zlib has written so much.
        unsafe { out.wrote(step.wrote) };
        pos += step.used;
        match step.code {
            z::Z_STREAM_END => return Ok(out.finish()),
            z::Z_OK | z::Z_BUF_ERROR if step.wrote == size || (step.used > 0 && pos < data.len()) => {}
            z::Z_OK | z::Z_BUF_ERROR => return Err(fault(z::Z_BUF_ERROR, None, doing).raise(vm)),
            code => return Err(fault(code, s.message(), doing).raise(vm)),
        }
    }
}
