//! `_lzma`: what the module `lzma` is made from.

mod decompressor;
mod filters;
mod stream;

use liblzma_sys as l;
use taipan_macros::{Trace, class, function, module};
use taipan_runtime::core::{Payload, R, Raised, Ref, Value};
use taipan_runtime::native::TypeDef;
use taipan_runtime::native::bind::Nullable;
use taipan_runtime::types::bytes::{self, Bytes, BytesLike};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::types::{exceptions as exc, str};
use taipan_runtime::vm::Vm;

use self::decompressor::LZMADecompressor;
use self::stream::{Options, Start, Stream};
use super::output::Output;
use super::{Guarded, unlocked};
use crate::util::new_exception;

/// The classes of this module.
pub const TYPES: &[&TypeDef] = &[LZMACompressor::DEF, LZMADecompressor::DEF];

/// The containers.
const FORMAT_AUTO: i32 = 0;
const FORMAT_XZ: i32 = 1;
const FORMAT_ALONE: i32 = 2;
const FORMAT_RAW: i32 = 3;
/// The largest id of a check that the format allows, and what stands for an unknown one.
const CHECK_ID_MAX: u32 = 15;
const CHECK_UNKNOWN: u32 = CHECK_ID_MAX + 1;
/// How well to compress if nobody says it.
const PRESET_DEFAULT: u32 = 6;

module! {
    /// Compression and decompression in the formats of xz and of LZMA.
    name = "_lzma",
    functions(is_check_supported, _encode_filter_properties, _decode_filter_properties),
    exec = exec,
}

fn exec(vm: &Vm, m: &Ref<Module>) -> R<()> {
    m.set("LZMACompressor", <LZMACompressor as Payload>::TYPE.value());
    m.set("LZMADecompressor", <LZMADecompressor as Payload>::TYPE.value());
    m.set("LZMAError", error_class(vm)?);
    for (name, n) in [
        ("FORMAT_AUTO", FORMAT_AUTO as u64),
        ("FORMAT_XZ", FORMAT_XZ as u64),
        ("FORMAT_ALONE", FORMAT_ALONE as u64),
        ("FORMAT_RAW", FORMAT_RAW as u64),
        ("CHECK_NONE", u64::from(l::LZMA_CHECK_NONE)),
        ("CHECK_CRC32", u64::from(l::LZMA_CHECK_CRC32)),
        ("CHECK_CRC64", u64::from(l::LZMA_CHECK_CRC64)),
        ("CHECK_SHA256", u64::from(l::LZMA_CHECK_SHA256)),
        ("CHECK_ID_MAX", u64::from(CHECK_ID_MAX)),
        ("CHECK_UNKNOWN", u64::from(CHECK_UNKNOWN)),
        ("FILTER_LZMA1", l::LZMA_FILTER_LZMA1),
        ("FILTER_LZMA2", l::LZMA_FILTER_LZMA2),
        ("FILTER_DELTA", l::LZMA_FILTER_DELTA),
        ("FILTER_X86", l::LZMA_FILTER_X86),
        ("FILTER_IA64", l::LZMA_FILTER_IA64),
        ("FILTER_ARM", l::LZMA_FILTER_ARM),
        ("FILTER_ARMTHUMB", l::LZMA_FILTER_ARMTHUMB),
        ("FILTER_SPARC", l::LZMA_FILTER_SPARC),
        ("FILTER_POWERPC", l::LZMA_FILTER_POWERPC),
        ("MF_HC3", u64::from(l::LZMA_MF_HC3)),
        ("MF_HC4", u64::from(l::LZMA_MF_HC4)),
        ("MF_BT2", u64::from(l::LZMA_MF_BT2)),
        ("MF_BT3", u64::from(l::LZMA_MF_BT3)),
        ("MF_BT4", u64::from(l::LZMA_MF_BT4)),
        ("MODE_FAST", u64::from(l::LZMA_MODE_FAST)),
        ("MODE_NORMAL", u64::from(l::LZMA_MODE_NORMAL)),
        ("PRESET_DEFAULT", u64::from(PRESET_DEFAULT)),
        ("PRESET_EXTREME", u64::from(l::LZMA_PRESET_EXTREME)),
    ] {
        m.set(name, n);
    }
    Ok(())
}

fn error_class(vm: &Vm) -> R {
    vm.interp_static("_lzma.LZMAError", |vm| {
        new_exception(vm, "_lzma", "LZMAError", &exc::EXCEPTION)
    })
}

/// Raises LZMAError.
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

/// Raises LZMAError for a code of liblzma (MemoryError where memory was missing).
#[cold]
fn fault(vm: &Vm, code: u32) -> Raised {
    error(
        vm,
        match code {
            l::LZMA_MEM_ERROR => return vm.memory_error(),
            l::LZMA_UNSUPPORTED_CHECK => "Unsupported integrity check",
            l::LZMA_MEMLIMIT_ERROR => "Memory usage limit exceeded",
            l::LZMA_FORMAT_ERROR => "Input format not supported by decoder",
            l::LZMA_OPTIONS_ERROR => "Invalid or unsupported options",
            l::LZMA_DATA_ERROR => "Corrupt input data",
            l::LZMA_BUF_ERROR => "Insufficient buffer space",
            l::LZMA_PROG_ERROR => "Internal error",
            _ => return error(vm, &format!("Unrecognized error from liblzma: {code}")),
        },
    )
}

#[cold]
fn bad_format(vm: &Vm, format: i32) -> Raised {
    vm.value_error(format!("Invalid container format: {format}"))
}

/// Test whether the given integrity check is supported.
///
/// Always returns True for CHECK_NONE and CHECK_CRC32.
#[function(sig = "(check_id, /)")]
fn is_check_supported(_vm: &Vm, check_id: i32) -> bool {
    u32::try_from(check_id).is_ok_and(stream::check_is_supported)
}

/// Return a bytes object encoding the options (properties) of the filter specified by *filter* (a dict).
///
/// The result does not include the filter ID itself, only the options.
#[function(sig = "(filter, /)")]
fn _encode_filter_properties(vm: &Vm, filter: &Value) -> R<Ref<Bytes>> {
    let mut filter = filters::filter(vm, filter)?;
    Ok(bytes::from_vec(
        filter.encode().map_err(|code| fault(vm, code))?,
    ))
}

/// Return a dict describing the options (properties) that encoded_props, of the filter filter_id, stand for.
#[function(sig = "(filter_id, encoded_props, /)")]
fn _decode_filter_properties(vm: &Vm, filter_id: &Value, encoded_props: BytesLike<'_>) -> R<Ref<Dict>> {
    let id = filters::unsigned(vm, filter_id)?;
    let found = stream::decode(id, &encoded_props).map_err(|code| fault(vm, code))?;
    Ok(filters::describe(id, &found))
}

struct Encoder {
    stream: Stream,
    flushed: bool,
}

impl Encoder {
    /// Compresses all of some data.
    ///
    /// Raises MemoryError, LZMAError.
    fn feed(&mut self, vm: &Vm, data: &[u8], finish: bool, out: &mut Output) -> R<()> {
        let mut pos = 0;
        loop {
            let room = out.room(vm)?;
            let size = room.len();
            let rest = &data[pos..];
            let stream = &mut self.stream;
            let work = if finish { usize::MAX } else { rest.len() };
            let (used, wrote, code) = unlocked(vm, work, || stream.step(rest, room, finish));
            // SAFETY: liblzma has written so much.
            unsafe { out.wrote(wrote) };
            pos += used;
            match code {
                l::LZMA_STREAM_END => return Ok(()),
                l::LZMA_OK => {}
                // There was nothing to do.
                l::LZMA_BUF_ERROR if pos == data.len() && wrote < size => {}
                code => return Err(fault(vm, code)),
            }
            if !finish && pos == data.len() {
                return Ok(());
            }
        }
    }
}

/// The payload of a compressor.
#[derive(Trace)]
pub struct LZMACompressor {
    #[no_trace]
    encoder: Guarded<Encoder>,
}

/// How a compressor begins.
fn begin(vm: &Vm, format: i32, check: i32, preset: u32, specs: Option<&Value>) -> R<Stream> {
    let made = match (format, specs) {
        (FORMAT_XZ, specs) => {
            // No check but the known ones is that of liblzma's list; it refuses what is none.
            let check = if check == -1 { l::LZMA_CHECK_CRC64 } else { check as u32 };
            match specs {
                None => Stream::new(Start::Easy(preset, check)),
                Some(specs) => Stream::new(Start::Xz(&mut filters::filters(vm, specs)?, check)),
            }
        }
        (FORMAT_ALONE, None) => match stream::preset_options(preset) {
            Some(options) => Stream::new(Start::Alone(&options)),
            None => return Err(error(vm, &format!("Invalid compression preset: {preset}"))),
        },
        (FORMAT_ALONE, Some(specs)) => match &*filters::filters(vm, specs)? {
            [stream::Filter { id: l::LZMA_FILTER_LZMA1, options: Options::Lzma(options) }] => {
                Stream::new(Start::Alone(options))
            }
            _ => {
                return Err(vm.value_error(
                    "Invalid filter chain for FORMAT_ALONE - must be a single LZMA1 filter",
                ));
            }
        },
        (FORMAT_RAW, None) => return Err(vm.value_error("Must specify filters for FORMAT_RAW")),
        (FORMAT_RAW, Some(specs)) => Stream::new(Start::Raw(&mut filters::filters(vm, specs)?)),
        _ => return Err(bad_format(vm, format)),
    };
    made.map_err(|code| fault(vm, code))
}

/// Create a compressor object for compressing data incrementally.
///
///   format
///     The container: FORMAT_XZ (the default), FORMAT_ALONE, or FORMAT_RAW for none.
///   check
///     The integrity check, with FORMAT_XZ only; -1 is CHECK_CRC64.
///   preset
///     From 0 to 9, perhaps with PRESET_EXTREME.
///   filters
///     A sequence of dicts instead of a preset, each with an "id" and options of the filter.
#[class(name = "LZMACompressor", module = "_lzma", sig = "(format=FORMAT_XZ, check=-1, preset=None, filters=None)")]
impl LZMACompressor {
    #[slot]
    fn new(
        vm: &Vm,
        _cls: &TypeObject,
        #[default(FORMAT_XZ)] format: i32,
        #[default(-1)] check: i32,
        preset: Nullable<&Value>,
        filters: Nullable<&Value>,
    ) -> R {
        if preset.0.is_some() && filters.0.is_some() {
            return Err(vm.value_error("Cannot specify both preset and filter chain"));
        }
        let preset = match preset.0 {
            Some(v) => filters::unsigned32(vm, v)?,
            None => PRESET_DEFAULT,
        };
        if format != FORMAT_XZ && check != -1 && check != l::LZMA_CHECK_NONE as i32 {
            return Err(vm.value_error("Integrity checks are only supported by FORMAT_XZ"));
        }
        let stream = begin(vm, format, check, preset, filters.0)?;
        Ok(Ref::new(Self { encoder: Guarded::new(Encoder { stream, flushed: false }) }).into_value())
    }

    /// Provide data to the compressor object; what comes out, if anything, is returned.
    #[method(sig = "(data, /)")]
    fn compress(vm: &Vm, this: &Ref<Self>, data: BytesLike<'_>) -> R<Ref<Bytes>> {
        let out = this.encoder.with(vm, |e| {
            if e.flushed {
                return Err(vm.value_error("Compressor has been flushed"));
            }
            let mut out = Output::new(vm, 0, None)?;
            e.feed(vm, &data, false, &mut out)?;
            Ok(out)
        })?;
        Ok(out.finish())
    }

    /// Finish the compression process, and return what was left. The object can't be used afterwards.
    #[method(sig = "()")]
    fn flush(vm: &Vm, this: &Ref<Self>) -> R<Ref<Bytes>> {
        let out = this.encoder.with(vm, |e| {
            if e.flushed {
                return Err(vm.value_error("Repeated call to flush()"));
            }
            e.flushed = true;
            let mut out = Output::new(vm, 0, None)?;
            e.feed(vm, b"", true, &mut out)?;
            Ok(out)
        })?;
        Ok(out.finish())
    }
}
