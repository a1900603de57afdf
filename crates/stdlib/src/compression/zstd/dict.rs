//! Dictionaries.

use std::sync::Arc;

use taipan_macros::{Trace, class};
use taipan_runtime::core::{R, Raised, Ref, Value};
use taipan_runtime::types::bytes::{self, Bytes, BytesLike};
use taipan_runtime::types::tuple::{self, Tuple};
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::vm::Vm;

use super::super::feeder::copied;
use super::error;
use super::parameters::c_int;
use super::stream::{Content, LoadFault, Use};

/// The payload of a dictionary.
#[derive(Trace)]
pub struct ZstdDict {
    #[no_trace]
    content: Arc<Content>,
    #[no_trace]
    id: u32,
}

/// Represents a Zstandard dictionary.
///
///   dict_content
///     The content of a dictionary as a bytes-like object.
///   is_raw
///     If true, any data is taken; else it has to be a dictionary in Zstandard's format.
///
/// The dictionary can be used with ZstdCompressor and ZstdDecompressor objects, as often as one likes.
#[class(
    name = "ZstdDict",
    module = "compression.zstd",
    sig = "(dict_content, /, *, is_raw=False)"
)]
impl ZstdDict {
    #[slot]
    fn new(
        vm: &Vm,
        _cls: &TypeObject,
        dict_content: BytesLike<'_>,
        #[default(false)] is_raw: bool,
    ) -> R {
        if dict_content.len() < 8 {
            return Err(vm.value_error(
                "Zstandard dictionary content too short (must have at least eight bytes)",
            ));
        }
        let content = Content::new(copied(vm, &dict_content)?);
        let id = content.id();
        if id == 0 && !is_raw {
            return Err(vm.value_error("invalid Zstandard dictionary"));
        }
        Ok(Ref::new(Self {
            content: Arc::new(content),
            id,
        })
        .into_value())
    }

    #[slot]
    fn repr(_vm: &Vm, this: &Ref<Self>) -> String {
        format!(
            "<ZstdDict dict_id={} dict_size={}>",
            this.id,
            this.content.data().len()
        )
    }

    #[slot]
    fn len(_vm: &Vm, this: &Ref<Self>) -> usize {
        this.content.data().len()
    }

    /// The Zstandard dictionary, an int between 0 and 2**32.
    ///
    /// 0 means that the dictionary is raw content.
    #[getter(member)]
    fn dict_id(_vm: &Vm, this: &Ref<Self>) -> u32 {
        this.id
    }

    /// The content of a Zstandard dictionary, as a bytes object.
    #[getter]
    fn dict_content(vm: &Vm, this: &Ref<Self>) -> R<Ref<Bytes>> {
        Ok(bytes::from_vec(copied(vm, this.content.data())?))
    }

    /// Load as a digested dictionary, which is prepared once per compression level.
    ///
    /// Some parameters of a compressor are overridden by those that the dictionary was prepared with.
    #[getter]
    fn as_digested_dict(_vm: &Vm, this: &Ref<Self>) -> Ref<Tuple> {
        used_as(this, 0)
    }

    /// Load as an undigested dictionary, with all parameters of the compressor.
    #[getter]
    fn as_undigested_dict(_vm: &Vm, this: &Ref<Self>) -> Ref<Tuple> {
        used_as(this, 1)
    }

    /// Load as a prefix: data that both sides know, used for the next frame only.
    #[getter]
    fn as_prefix(_vm: &Vm, this: &Ref<Self>) -> Ref<Tuple> {
        used_as(this, 2)
    }
}

fn used_as(this: &Ref<ZstdDict>, how: i64) -> Ref<Tuple> {
    tuple::from_array([this.clone().into_value(), Value::from(how)])
}

/// The dictionary of an argument: a ZstdDict, or one with its use.
///
/// Raises TypeError.
pub fn argument(vm: &Vm, v: &Value, default: Use) -> R<(Arc<Content>, Use)> {
    if let Some(dict) = v.downcast::<ZstdDict>() {
        return Ok((Arc::clone(&dict.content), default));
    }
    if let Some(pair) = v.downcast::<Tuple>()
        && let [dict, how] = pair.as_slice()
        && let Some(dict) = dict.downcast::<ZstdDict>()
    {
        let how = match c_int(vm, how) {
            Ok(n) => Some(n),
            Err(raised) => {
                drop(vm.catch(raised));
                None
            }
        };
        let how = match how {
            Some(0) => Some(Use::Digested),
            Some(1) => Some(Use::Undigested),
            Some(2) => Some(Use::Prefix),
            _ => None,
        };
        if let Some(how) = how {
            return Ok((Arc::clone(&dict.content), how));
        }
    }
    Err(vm.type_error("zstd_dict argument should be a ZstdDict object."))
}

/// Raises ZstdError for a dictionary that could not be loaded.
#[cold]
pub fn unloaded(vm: &Vm, fault: LoadFault, kind: &str, way: &str) -> Raised {
    error(
        vm,
        &match fault {
            LoadFault::Unprepared => {
                format!("Failed to create a {kind} instance from Zstandard dictionary content.")
            }
            LoadFault::Said(said) => {
                format!("Unable to load Zstandard dictionary or prefix for {way}: {said}")
            }
        },
    )
}
