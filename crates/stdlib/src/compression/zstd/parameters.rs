//! Parameters: their names, numbers and ranges.

use taipan_runtime::core::{R, Raised, Value};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::int;
use taipan_runtime::vm::Vm;
use zstd_sys::{ZSTD_cParameter as C, ZSTD_dParameter as D};

use super::stream;

/// The parameters of compression that have a name, as the module calls them and as messages do.
pub const C_NAMES: [(&str, &str, C); 19] = [
    (
        "ZSTD_c_compressionLevel",
        "compression_level",
        C::ZSTD_c_compressionLevel,
    ),
    ("ZSTD_c_windowLog", "window_log", C::ZSTD_c_windowLog),
    ("ZSTD_c_hashLog", "hash_log", C::ZSTD_c_hashLog),
    ("ZSTD_c_chainLog", "chain_log", C::ZSTD_c_chainLog),
    ("ZSTD_c_searchLog", "search_log", C::ZSTD_c_searchLog),
    ("ZSTD_c_minMatch", "min_match", C::ZSTD_c_minMatch),
    (
        "ZSTD_c_targetLength",
        "target_length",
        C::ZSTD_c_targetLength,
    ),
    ("ZSTD_c_strategy", "strategy", C::ZSTD_c_strategy),
    (
        "ZSTD_c_enableLongDistanceMatching",
        "enable_long_distance_matching",
        C::ZSTD_c_enableLongDistanceMatching,
    ),
    ("ZSTD_c_ldmHashLog", "ldm_hash_log", C::ZSTD_c_ldmHashLog),
    ("ZSTD_c_ldmMinMatch", "ldm_min_match", C::ZSTD_c_ldmMinMatch),
    (
        "ZSTD_c_ldmBucketSizeLog",
        "ldm_bucket_size_log",
        C::ZSTD_c_ldmBucketSizeLog,
    ),
    (
        "ZSTD_c_ldmHashRateLog",
        "ldm_hash_rate_log",
        C::ZSTD_c_ldmHashRateLog,
    ),
    (
        "ZSTD_c_contentSizeFlag",
        "content_size_flag",
        C::ZSTD_c_contentSizeFlag,
    ),
    (
        "ZSTD_c_checksumFlag",
        "checksum_flag",
        C::ZSTD_c_checksumFlag,
    ),
    ("ZSTD_c_dictIDFlag", "dict_id_flag", C::ZSTD_c_dictIDFlag),
    ("ZSTD_c_nbWorkers", "nb_workers", C::ZSTD_c_nbWorkers),
    ("ZSTD_c_jobSize", "job_size", C::ZSTD_c_jobSize),
    ("ZSTD_c_overlapLog", "overlap_log", C::ZSTD_c_overlapLog),
];

/// The parameters of decompression that have a name, likewise.
pub const D_NAMES: [(&str, &str, D); 1] = [(
    "ZSTD_d_windowLogMax",
    "window_log_max",
    D::ZSTD_d_windowLogMax,
)];

/// The others.
const C_OTHERS: [C; 20] = [
    C::ZSTD_c_targetCBlockSize,
    C::ZSTD_c_experimentalParam1,
    C::ZSTD_c_experimentalParam2,
    C::ZSTD_c_experimentalParam3,
    C::ZSTD_c_experimentalParam4,
    C::ZSTD_c_experimentalParam5,
    C::ZSTD_c_experimentalParam7,
    C::ZSTD_c_experimentalParam8,
    C::ZSTD_c_experimentalParam9,
    C::ZSTD_c_experimentalParam10,
    C::ZSTD_c_experimentalParam11,
    C::ZSTD_c_experimentalParam12,
    C::ZSTD_c_experimentalParam13,
    C::ZSTD_c_experimentalParam14,
    C::ZSTD_c_experimentalParam15,
    C::ZSTD_c_experimentalParam16,
    C::ZSTD_c_experimentalParam17,
    C::ZSTD_c_experimentalParam18,
    C::ZSTD_c_experimentalParam19,
    C::ZSTD_c_experimentalParam20,
];
const D_OTHERS: [D; 6] = [
    D::ZSTD_d_experimentalParam1,
    D::ZSTD_d_experimentalParam2,
    D::ZSTD_d_experimentalParam3,
    D::ZSTD_d_experimentalParam4,
    D::ZSTD_d_experimentalParam5,
    D::ZSTD_d_experimentalParam6,
];

/// Which way.
#[derive(Clone, Copy)]
pub enum Way {
    /// Compression.
    Compress,
    /// Decompression.
    Decompress,
}

impl Way {
    fn name(self) -> &'static str {
        match self {
            Way::Compress => "compression",
            Way::Decompress => "decompression",
        }
    }

    fn parameter_name(self, key: i32) -> Option<&'static str> {
        match self {
            Way::Compress => C_NAMES.iter().find(|p| p.2 as i32 == key).map(|p| p.1),
            Way::Decompress => D_NAMES.iter().find(|p| p.2 as i32 == key).map(|p| p.1),
        }
    }

    /// The range of a parameter, or what libzstd says about a mistake.
    pub fn bounds(self, key: i32) -> Result<(i32, i32), stream::Said> {
        let found = match self {
            Way::Compress => c_parameter(key).map(stream::c_bounds),
            Way::Decompress => d_parameter(key).map(stream::d_bounds),
        };
        found.unwrap_or(Err("Unsupported parameter"))
    }

    /// Raises ZstdError for [`Way::bounds`].
    #[cold]
    pub fn no_bounds(self, vm: &Vm, said: stream::Said) -> Raised {
        super::error(
            vm,
            &format!(
                "Unable to get zstd {} parameter bounds: {said}",
                self.name()
            ),
        )
    }

    /// Raises ValueError for a parameter that libzstd refused.
    #[cold]
    pub fn refused(self, vm: &Vm, key: i32, value: i32) -> Raised {
        let name = match self.parameter_name(key) {
            Some(name) => name.to_owned(),
            None => format!("unknown parameter (key {key})"),
        };
        let way = self.name();
        vm.value_error(match self.bounds(key) {
            Err(_) => format!("invalid {way} parameter '{name}'"),
            Ok((low, high)) => format!(
                "{way} parameter '{name}' received an illegal value {value}; the valid range is [{low}, {high}]"
            ),
        })
    }

    /// The parameters that a dict sets, one after the other.
    ///
    /// Raises TypeError, OverflowError, and what `set` raises.
    pub fn each(
        self,
        vm: &Vm,
        class: &str,
        options: &Value,
        mut set: impl FnMut(i32, i32) -> R<()>,
    ) -> R<()> {
        let Some(dict) = options.downcast::<Dict>() else {
            let given = options.ty().tp_name();
            return Err(vm.type_error(format!(
                "{class}() argument 'options' must be dict, not {given}"
            )));
        };
        let (other, other_name) = match self {
            Way::Compress => (super::D_TYPE, "DecompressionParameter"),
            Way::Decompress => (super::C_TYPE, "CompressionParameter"),
        };
        let other = vm.interp().statics.borrow().get(other).cloned();
        for (key, value) in dict.items() {
            if other
                .as_ref()
                .is_some_and(|other| key.ty().to_value().is(other))
            {
                return Err(vm.type_error(format!(
                    "compression options dictionary key must not be a {other_name} attribute"
                )));
            }
            set(c_int(vm, &key)?, c_int(vm, &value)?)?;
        }
        Ok(())
    }
}

/// A parameter of compression by its number.
pub fn c_parameter(key: i32) -> Option<C> {
    C_NAMES
        .iter()
        .map(|p| p.2)
        .chain(C_OTHERS)
        .find(|p| *p as i32 == key)
}

/// A parameter of decompression by its number.
pub fn d_parameter(key: i32) -> Option<D> {
    D_NAMES
        .iter()
        .map(|p| p.2)
        .chain(D_OTHERS)
        .find(|p| *p as i32 == key)
}

/// A number of 32 bits.
///
/// Raises TypeError, OverflowError.
pub fn c_int(vm: &Vm, v: &Value) -> R<i32> {
    let n = int::index(vm, v)?;
    int::get(&n)
        .and_then(|n| n.to_i64())
        .and_then(|n| i32::try_from(n).ok())
        .ok_or_else(|| vm.overflow_error("Python int too large to convert to C int"))
}
