//! `_zstd`: what the package `compression.zstd` is made from.

mod compressor;
mod decompressor;
mod dict;
mod parameters;
mod stream;

use taipan_macros::{function, module};
use taipan_runtime::core::{Payload, R, Raised, Ref, Value};
use taipan_runtime::native::TypeDef;
use taipan_runtime::types::bytes::{self, Bytes, BytesLike};
use taipan_runtime::types::module::Module;
use taipan_runtime::types::tuple::{self, Tuple};
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::types::{exceptions as exc, int, str};
use taipan_runtime::vm::Vm;

use self::compressor::ZstdCompressor;
use self::decompressor::ZstdDecompressor;
use self::dict::ZstdDict;
use self::parameters::{C_NAMES, D_NAMES, Way};
use super::unlocked;
use crate::util::new_exception;

/// The classes of this module.
pub const TYPES: &[&TypeDef] = &[ZstdCompressor::DEF, ZstdDecompressor::DEF, ZstdDict::DEF];

/// How well to compress if nobody says it.
const LEVEL_DEFAULT: i32 = 3;
/// The names under which the enums of the parameters are kept.
const C_TYPE: &str = "_zstd.CompressionParameter";
const D_TYPE: &str = "_zstd.DecompressionParameter";

module! {
    /// Implementation module for Zstandard compression.
    name = "_zstd",
    functions(train_dict, finalize_dict, get_frame_info, get_frame_size, get_param_bounds, set_parameter_types),
    exec = exec,
}

fn exec(vm: &Vm, m: &Ref<Module>) -> R<()> {
    m.set("ZstdCompressor", <ZstdCompressor as Payload>::TYPE.value());
    m.set("ZstdDecompressor", <ZstdDecompressor as Payload>::TYPE.value());
    m.set("ZstdDict", <ZstdDict as Payload>::TYPE.value());
    m.set("ZstdError", error_class(vm)?);
    for (name, _, parameter) in C_NAMES {
        m.set(name, parameter as i32);
    }
    for (name, _, parameter) in D_NAMES {
        m.set(name, parameter as i32);
    }
    let strategies = [
        "ZSTD_fast",
        "ZSTD_dfast",
        "ZSTD_greedy",
        "ZSTD_lazy",
        "ZSTD_lazy2",
        "ZSTD_btlazy2",
        "ZSTD_btopt",
        "ZSTD_btultra",
        "ZSTD_btultra2",
    ];
    for (name, n) in strategies.into_iter().zip(1i32..) {
        m.set(name, n);
    }
    m.set("ZSTD_CLEVEL_DEFAULT", LEVEL_DEFAULT);
    m.set("ZSTD_DStreamOutSize", stream::out_size());
    let version = stream::version();
    m.set("zstd_version_number", version);
    let (major, minor, release) = (version / 10000, version / 100 % 100, version % 100);
    m.set("zstd_version", str::from_str(&format!("{major}.{minor}.{release}")));
    Ok(())
}

fn error_class(vm: &Vm) -> R {
    vm.interp_static("_zstd.ZstdError", |vm| {
        new_exception(vm, "compression.zstd", "ZstdError", &exc::EXCEPTION)
    })
}

/// Raises ZstdError.
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

/// The sizes of samples, which must be those of the parts of `all` bytes.
///
/// Raises TypeError, ValueError.
fn sizes(vm: &Vm, all: usize, sizes: &Tuple) -> R<Vec<usize>> {
    let mut found = Vec::with_capacity(sizes.len());
    let mut sum = Some(0usize);
    for v in sizes.as_slice() {
        let Some(n) = int::get(v) else { return Err(vm.type_error("an integer is required")) };
        let n = usize::try_from(n.to_big()).ok();
        sum = sum.zip(n).and_then(|(sum, n)| sum.checked_add(n));
        found.extend(n);
    }
    if sum != Some(all) {
        return Err(vm.value_error("The samples size tuple doesn't match the concatenation's size."));
    }
    Ok(found)
}

/// A dictionary from samples.
///
/// Raises TypeError, ValueError, MemoryError, ZstdError.
fn made(
    vm: &Vm,
    samples: &[u8],
    samples_sizes: &Tuple,
    dict_size: isize,
    base: Option<(&[u8], i32)>,
) -> R<Ref<Bytes>> {
    let dict_size = match usize::try_from(dict_size) {
        Ok(n) if n > 0 => n,
        _ => return Err(vm.value_error("dict_size argument should be positive number.")),
    };
    let sizes = sizes(vm, samples.len(), samples_sizes)?;
    let mut out = Vec::new();
    vm.check_room(dict_size)?;
    out.try_reserve_exact(dict_size).map_err(|_| vm.memory_error())?;
    unlocked(vm, usize::MAX, || stream::make_dict(&mut out, samples, &sizes, base)).map_err(|said| {
        let doing = if base.is_some() { "finalize" } else { "train" };
        error(vm, &format!("Unable to {doing} the Zstandard dictionary: {said}"))
    })?;
    Ok(bytes::from_vec(out))
}

/// Train a Zstandard dictionary on sample data.
///
///   samples_bytes
///     Concatenation of samples.
///   samples_sizes
///     Tuple of samples' sizes.
///   dict_size
///     The size of the dictionary.
#[function(sig = "(samples_bytes, samples_sizes, dict_size, /)")]
fn train_dict(vm: &Vm, samples_bytes: &Ref<Bytes>, samples_sizes: &Ref<Tuple>, dict_size: isize) -> R<Ref<Bytes>> {
    made(vm, samples_bytes.as_slice(), samples_sizes, dict_size, None)
}

/// Finalize a Zstandard dictionary.
///
///   custom_dict_bytes
///     Custom dictionary content.
///   samples_bytes
///     Concatenation of samples.
///   samples_sizes
///     Tuple of samples' sizes.
///   dict_size
///     The size of the dictionary.
///   compression_level
///     Optimize for a specific Zstandard compression level, 0 means default.
#[function(sig = "(custom_dict_bytes, samples_bytes, samples_sizes, dict_size, compression_level, /)")]
fn finalize_dict(
    vm: &Vm,
    custom_dict_bytes: &Ref<Bytes>,
    samples_bytes: &Ref<Bytes>,
    samples_sizes: &Ref<Tuple>,
    dict_size: isize,
    compression_level: i32,
) -> R<Ref<Bytes>> {
    let base = Some((custom_dict_bytes.as_slice(), compression_level));
    made(vm, samples_bytes.as_slice(), samples_sizes, dict_size, base)
}

/// Get Zstandard frame infomation from a frame header: its decompressed size, or None, and its dictionary's number.
///
///   frame_buffer
///     A bytes-like object, containing the header of a Zstandard frame.
#[function(sig = "(frame_buffer)")]
fn get_frame_info(vm: &Vm, frame_buffer: BytesLike<'_>) -> R<Ref<Tuple>> {
    let Some((size, id)) = stream::frame_info(&frame_buffer) else {
        return Err(error(
            vm,
            "Error when getting information from the header of a Zstandard frame. Ensure the frame_buffer argument \
             starts from the beginning of a frame, and its length is not less than the frame header (6~18 bytes).",
        ));
    };
    Ok(tuple::from_array([size.map_or(Value::NONE, Value::from), Value::from(id)]))
}

/// Get the size of a Zstandard frame, including the header and optional checksum.
///
///   frame_buffer
///     A bytes-like object, it should start from the beginning of a frame, and contains at least one complete frame.
#[function(sig = "(frame_buffer)")]
fn get_frame_size(vm: &Vm, frame_buffer: BytesLike<'_>) -> R<usize> {
    stream::frame_size(&frame_buffer).map_err(|said| {
        error(
            vm,
            &format!(
                "Error when finding the compressed size of a Zstandard frame. Ensure the frame_buffer argument \
                 starts from the beginning of a frame, and its length is not less than this complete frame. Zstd \
                 error message: {said}."
            ),
        )
    })
}

/// Get CompressionParameter/DecompressionParameter bounds.
///
///   parameter
///     The parameter to get bounds.
///   is_compress
///     True for CompressionParameter, False for DecompressionParameter.
#[function(sig = "(parameter, is_compress)")]
fn get_param_bounds(vm: &Vm, parameter: i32, is_compress: bool) -> R<Ref<Tuple>> {
    let way = if is_compress { Way::Compress } else { Way::Decompress };
    let (low, high) = way.bounds(parameter).map_err(|said| way.no_bounds(vm, said))?;
    Ok(tuple::from_array([Value::from(low), Value::from(high)]))
}

/// Set CompressionParameter and DecompressionParameter types for validity check.
///
///   c_parameter_type
///     CompressionParameter IntEnum type object
///   d_parameter_type
///     DecompressionParameter IntEnum type object
#[function(sig = "(c_parameter_type, d_parameter_type)")]
fn set_parameter_types(vm: &Vm, c_parameter_type: &TypeObject, d_parameter_type: &TypeObject) {
    for (key, class) in [(C_TYPE, c_parameter_type), (D_TYPE, d_parameter_type)] {
        let old = vm.interp().statics.borrow_mut().insert(key, class.to_value());
        drop(old);
    }
}
