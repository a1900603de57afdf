//! Compressor objects.

use std::cell::Cell;

use taipan_macros::{Trace, class};
use taipan_runtime::core::{R, Raised, Ref, Value};
use taipan_runtime::native::bind::Nullable;
use taipan_runtime::types::bytes::{Bytes, BytesLike};
use taipan_runtime::types::int;
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::vm::Vm;
use zstd_sys::ZSTD_cParameter::ZSTD_c_compressionLevel as LEVEL;

use super::super::output::Output;
use super::super::{Guarded, unlocked};
use super::parameters::{Way, c_parameter};
use super::stream::{self, Encoder, Mode, Use};
use super::{LEVEL_DEFAULT, dict, error};

/// The modes as Python numbers them.
const CONTINUE: i32 = 0;
const FLUSH_BLOCK: i32 = 1;
const FLUSH_FRAME: i32 = 2;

/// The payload of a compressor.
#[derive(Trace)]
pub struct ZstdCompressor {
    #[no_trace]
    encoder: Guarded<Encoder>,
    #[no_trace]
    last_mode: Cell<i32>,
}

/// Raises ValueError for a level that is none.
#[cold]
fn bad_level(vm: &Vm, level: Option<i32>) -> Raised {
    match Way::Compress.bounds(LEVEL as i32) {
        Ok((low, high)) => {
            let level = level.map(|n| format!(" {n}")).unwrap_or_default();
            vm.value_error(format!(
                "illegal compression level{level}; the valid range is [{low}, {high}]"
            ))
        }
        Err(said) => Way::Compress.no_bounds(vm, said),
    }
}

/// Sets the level, which must be one.
///
/// Raises ValueError, ZstdError.
fn set_level(vm: &Vm, encoder: &mut Encoder, level: i32) -> R<()> {
    // The library takes others for the nearest one.
    match Way::Compress.bounds(LEVEL as i32) {
        Ok((low, high)) if !(low..=high).contains(&level) => Err(bad_level(vm, Some(level))),
        Ok(_) => encoder
            .set(LEVEL, level)
            .map_err(|said| error(vm, &format!("Unable to set zstd compression level: {said}"))),
        Err(said) => Err(Way::Compress.no_bounds(vm, said)),
    }
}

impl ZstdCompressor {
    fn run(vm: &Vm, this: &Ref<Self>, data: &[u8], mode: i32) -> R<Ref<Bytes>> {
        let end = match mode {
            CONTINUE => Mode::Continue,
            FLUSH_BLOCK => Mode::Block,
            _ => Mode::Frame,
        };
        let out = this.encoder.with(vm, |encoder| {
            let done = feed(vm, encoder, data, end);
            if done.is_err() {
                encoder.reset();
            }
            this.last_mode
                .set(if done.is_ok() { mode } else { FLUSH_FRAME });
            done
        })?;
        Ok(out.finish())
    }
}

/// Compresses all of some data.
///
/// Raises MemoryError, ZstdError.
fn feed(vm: &Vm, encoder: &mut Encoder, data: &[u8], end: Mode) -> R<Output> {
    let first = if end == Mode::Frame {
        stream::bound(data.len())
    } else {
        0
    };
    let mut out = Output::new(vm, first, None)?;
    let mut pos = 0;
    loop {
        let room = out.room(vm)?;
        let size = room.len();
        let rest = &data[pos..];
        let done = unlocked(vm, rest.len().max(size / 16), || {
            encoder.step(rest, room, end)
        });
        let done =
            done.map_err(|said| error(vm, &format!("Unable to compress Zstandard data: {said}")))?;
        // SAFETY: the library has written so much.
        unsafe { out.wrote(done.wrote) };
        pos += done.used;
        // Without a flush the library keeps what it likes.
        if pos == data.len() && (done.rest == 0 || (end == Mode::Continue && done.wrote < size)) {
            return Ok(out);
        }
    }
}

/// Create a compressor object for compressing data incrementally.
///
///   level
///     The compression level to use. Defaults to COMPRESSION_LEVEL_DEFAULT.
///   options
///     A dict object that contains advanced compression parameters.
///   zstd_dict
///     A ZstdDict object, a pre-trained Zstandard dictionary.
///
/// Thread-safe at method level. For one-shot compression, use the compress() function instead.
#[class(
    name = "ZstdCompressor",
    module = "compression.zstd",
    sig = "(level=None, options=None, zstd_dict=None)"
)]
impl ZstdCompressor {
    #[slot]
    fn new(
        vm: &Vm,
        _cls: &TypeObject,
        level: Nullable<&Value>,
        options: Nullable<&Value>,
        zstd_dict: Nullable<&Value>,
    ) -> R {
        let mut encoder = Encoder::new().ok_or_else(|| vm.memory_error())?;
        if level.0.is_some() && options.0.is_some() {
            return Err(vm.type_error("Only one of level or options should be used."));
        }
        let mut used_level = LEVEL_DEFAULT;
        if let Some(level) = level.0 {
            let Some(n) = int::get(level) else {
                return Err(vm.type_error("invalid type for level, expected int"));
            };
            let Some(n) = n.to_i64().and_then(|n| i32::try_from(n).ok()) else {
                return Err(bad_level(vm, None));
            };
            set_level(vm, &mut encoder, n)?;
            used_level = n;
        }
        if let Some(options) = options.0 {
            Way::Compress.each(vm, "ZstdCompressor", options, |key, value| {
                if key == LEVEL as i32 {
                    used_level = value;
                    return set_level(vm, &mut encoder, value);
                }
                match c_parameter(key).map(|parameter| encoder.set(parameter, value)) {
                    Some(Ok(())) => Ok(()),
                    _ => Err(Way::Compress.refused(vm, key, value)),
                }
            })?;
        }
        if let Some(v) = zstd_dict.0 {
            let (content, how) = dict::argument(vm, v, Use::Undigested)?;
            unlocked(vm, content.data().len(), || {
                encoder.load(&content, how, used_level)
            })
            .map_err(|fault| dict::unloaded(vm, fault, "ZSTD_CDict", "compression"))?;
        }
        Ok(Ref::new(Self {
            encoder: Guarded::new(encoder),
            last_mode: Cell::new(FLUSH_FRAME),
        })
        .into_value())
    }

    /// Provide data to the compressor object; what comes out, if anything, is returned.
    ///
    ///   mode
    ///     CONTINUE, FLUSH_BLOCK or FLUSH_FRAME. Without a flush, data may stay inside the compressor.
    #[method(sig = "(data, mode=ZstdCompressor.CONTINUE)")]
    fn compress(
        vm: &Vm,
        this: &Ref<Self>,
        data: BytesLike<'_>,
        #[default(CONTINUE)] mode: i32,
    ) -> R<Ref<Bytes>> {
        if !(CONTINUE..=FLUSH_FRAME).contains(&mode) {
            return Err(vm.value_error(
                "mode argument wrong value, it should be one of ZstdCompressor.CONTINUE, \
                 ZstdCompressor.FLUSH_BLOCK, ZstdCompressor.FLUSH_FRAME.",
            ));
        }
        Self::run(vm, this, &data, mode)
    }

    /// Finish the compression process, and return what was left.
    ///
    ///   mode
    ///     FLUSH_FRAME or FLUSH_BLOCK.
    #[method(sig = "(mode=ZstdCompressor.FLUSH_FRAME)")]
    fn flush(vm: &Vm, this: &Ref<Self>, #[default(FLUSH_FRAME)] mode: i32) -> R<Ref<Bytes>> {
        if !(FLUSH_BLOCK..=FLUSH_FRAME).contains(&mode) {
            return Err(vm.value_error(
                "mode argument wrong value, it should be ZstdCompressor.FLUSH_FRAME or ZstdCompressor.FLUSH_BLOCK.",
            ));
        }
        Self::run(vm, this, b"", mode)
    }

    /// Set the uncompressed content size to be written into the frame header.
    ///
    ///   size
    ///     The size of the uncompressed data, or None if it is not known.
    ///
    /// To be called at the start of a frame only.
    #[method(sig = "(size, /)")]
    fn set_pledged_input_size(vm: &Vm, this: &Ref<Self>, size: Nullable<&Value>) -> R<()> {
        let size = match size.0 {
            None => u64::MAX,
            Some(v) => {
                let Some(n) = int::get(v) else {
                    return Err(vm.type_error("an integer is required"));
                };
                match u64::try_from(n.to_big()) {
                    Ok(n) if n < u64::MAX - 1 => n,
                    _ => {
                        // The number is what CPython shows of the largest one.
                        return Err(vm.value_error(
                            "size argument should be a positive int less than 4294967294ll",
                        ));
                    }
                }
            }
        };
        this.encoder.with(vm, |encoder| {
            if this.last_mode.get() != FLUSH_FRAME {
                return Err(vm.value_error(
                    "set_pledged_input_size() method must be called when last_mode == FLUSH_FRAME",
                ));
            }
            encoder.pledge(size).map_err(|said| {
                error(
                    vm,
                    &format!("Unable to set pledged uncompressed content size: {said}"),
                )
            })
        })
    }

    /// The last mode used to this compressor, its initial value is .FLUSH_FRAME.
    #[getter(member)]
    fn last_mode(_vm: &Vm, this: &Ref<Self>) -> i32 {
        this.last_mode.get()
    }

    #[setup]
    fn setup(ty: &TypeObject) {
        ty.dict.set_str("CONTINUE", CONTINUE);
        ty.dict.set_str("FLUSH_BLOCK", FLUSH_BLOCK);
        ty.dict.set_str("FLUSH_FRAME", FLUSH_FRAME);
    }
}
