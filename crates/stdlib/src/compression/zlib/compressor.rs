//! Compressor objects.

use libz_rs_sys as z;
use taipan_macros::{Trace, class, function};
use taipan_runtime::core::{R, Raised, Ref, Value};
use taipan_runtime::types::bytes::{self, Bytes, BytesLike};
use taipan_runtime::vm::Vm;

use super::super::output::Output;
use super::super::{Guarded, unlocked};
use super::stream::Deflater;
use super::{DEF_MEM_LEVEL, Fault, MAX_WBITS};

/// The payload of a compressor.
#[derive(Trace)]
pub struct Compress {
    #[no_trace]
    stream: Guarded<Deflater>,
}

/// Compresses all of some data: whether the stream has ended.
///
/// Raises zlib.error, MemoryError.
pub fn feed(
    vm: &Vm,
    s: &mut Deflater,
    data: &[u8],
    flush: i32,
    doing: &'static str,
    out: &mut Output,
) -> R<bool> {
    let mut pos = 0;
    loop {
        let room = out.room(vm)?;
        let size = room.len();
        let rest = &data[pos..];
        // More input than one step can count is not the last.
        let now = if u32::try_from(rest.len()).is_ok() {
            flush
        } else {
            z::Z_NO_FLUSH
        };
        let step = unlocked(vm, rest.len(), || s.step(rest, room, now));
        // SAFETY: zlib has written so much.
        unsafe { out.wrote(step.wrote) };
        pos += step.used;
        match step.code {
            z::Z_STREAM_END => return Ok(true),
            z::Z_OK | z::Z_BUF_ERROR
                if step.wrote == size || (step.used > 0 && pos < data.len()) => {}
            z::Z_OK | z::Z_BUF_ERROR => return Ok(false),
            code => {
                return Err(Fault {
                    code,
                    said: s.message(),
                    doing,
                }
                .raise(vm));
            }
        }
    }
}

#[cold]
fn uncopied(vm: &Vm, code: i32) -> Raised {
    match code {
        z::Z_STREAM_ERROR => vm.value_error("Inconsistent stream state"),
        code => Fault {
            code,
            said: None,
            doing: "while copying compression object",
        }
        .raise(vm),
    }
}

#[class(name = "Compress", module = "zlib", flags(NO_NEW))]
impl Compress {
    /// Returns a bytes object containing compressed data.
    ///
    /// Some data may stay inside the compressor until flush() is called.
    #[method(sig = "(data, /)")]
    fn compress(vm: &Vm, this: &Ref<Self>, data: BytesLike<'_>) -> R<Ref<Bytes>> {
        let out = this.stream.with(vm, |s| {
            let mut out = Output::new(vm, (data.len() / 2).clamp(256, 16 << 10), None)?;
            feed(
                vm,
                s,
                &data,
                z::Z_NO_FLUSH,
                "while compressing data",
                &mut out,
            )?;
            Ok(out)
        })?;
        Ok(out.finish())
    }

    /// Return a bytes object containing any remaining compressed data.
    ///
    ///   mode
    ///     One of the constants Z_SYNC_FLUSH, Z_FULL_FLUSH, Z_FINISH. With Z_FINISH, the default, the object can't
    ///     be used any more afterwards.
    #[method(sig = "(mode=zlib.Z_FINISH, /)")]
    fn flush(vm: &Vm, this: &Ref<Self>, #[default(z::Z_FINISH)] mode: i32) -> R<Ref<Bytes>> {
        if mode == z::Z_NO_FLUSH {
            return Ok(bytes::from_slice(b""));
        }
        let out = this.stream.with(vm, |s| {
            let mut out = Output::new(vm, 4 << 10, None)?;
            if feed(vm, s, b"", mode, "while flushing", &mut out)? && mode == z::Z_FINISH {
                let code = s.end();
                if code != z::Z_OK {
                    let fault = Fault {
                        code,
                        said: s.message(),
                        doing: "while finishing compression",
                    };
                    return Err(fault.raise(vm));
                }
            }
            Ok(out)
        })?;
        Ok(out.finish())
    }

    /// Return a copy of the compression object.
    #[method(sig = "()")]
    fn copy(vm: &Vm, this: &Ref<Self>) -> R<Ref<Self>> {
        let copy = this
            .stream
            .with(vm, |s| s.copy().map_err(|code| uncopied(vm, code)))?;
        Ok(Ref::new(Compress {
            stream: Guarded::new(copy),
        }))
    }

    #[method(sig = "()")]
    fn __copy__(vm: &Vm, this: &Ref<Self>) -> R<Ref<Self>> {
        Self::copy(vm, this)
    }

    #[method(sig = "(memo, /)")]
    fn __deepcopy__(vm: &Vm, this: &Ref<Self>, _memo: &Value) -> R<Ref<Self>> {
        Self::copy(vm, this)
    }
}

/// Return a compressor object.
///
///   level
///     From 0 (fast, no compression) to 9 (slow), or -1 for the default.
///   method
///     DEFLATED.
///   wbits
///     +9 to +15: the window's size, and a header and trailer of zlib; -9 to -15: raw output; +25 to +31: a header
///     and trailer of gzip.
///   memLevel
///     From 1 to 9: more is faster and needs more memory.
///   strategy
///     Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE or Z_FIXED.
///   zdict
///     Bytes that are expected to occur often in the data.
#[function(
    sig = "(level=Z_DEFAULT_COMPRESSION, method=DEFLATED, wbits=MAX_WBITS, memLevel=DEF_MEM_LEVEL, strategy=Z_DEFAULT_STRATEGY, zdict=None)"
)]
pub fn compressobj(
    vm: &Vm,
    #[default(-1)] level: i32,
    #[default(z::Z_DEFLATED)] method: i32,
    #[default(MAX_WBITS)] wbits: i32,
    #[default(DEF_MEM_LEVEL)] mem_level: i32,
    #[default(z::Z_DEFAULT_STRATEGY)] strategy: i32,
    zdict: Option<BytesLike<'_>>,
) -> R<Ref<Compress>> {
    if zdict
        .as_ref()
        .is_some_and(|d| u32::try_from(d.len()).is_err())
    {
        return Err(vm.overflow_error("zdict length does not fit in an unsigned int"));
    }
    let mut s = match Deflater::new(level, method, wbits, mem_level, strategy) {
        Ok(s) => s,
        Err(z::Z_STREAM_ERROR) => return Err(vm.value_error("Invalid initialization option")),
        Err(code) => {
            return Err(Fault {
                code,
                said: None,
                doing: "while creating compression object",
            }
            .raise(vm));
        }
    };
    if let Some(dictionary) = zdict {
        match s.set_dictionary(&dictionary) {
            z::Z_OK => {}
            z::Z_STREAM_ERROR => return Err(vm.value_error("Invalid dictionary")),
            _ => return Err(vm.value_error("deflateSetDictionary()")),
        }
    }
    Ok(Ref::new(Compress {
        stream: Guarded::new(s),
    }))
}
