//! Decompressor objects.

use std::mem::MaybeUninit;

use taipan_macros::{Trace, class};
use taipan_runtime::core::{R, Raised, Ref, Value};
use taipan_runtime::native::bind::Nullable;
use taipan_runtime::types::bytes::BytesLike;
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::vm::Vm;

use super::super::feeder::{self, Feeder, Step};
use super::super::unlocked;
use super::parameters::{Way, d_parameter};
use super::stream::{Decoder, Said, Use};
use super::{dict, error};

impl feeder::Decoder for Decoder {
    type Fault = Said;

    const ENDED: &'static str = "Already at the end of a Zstandard frame.";

    fn step(&mut self, input: &[u8], room: &mut [MaybeUninit<u8>]) -> Result<Step, Said> {
        let done = Decoder::step(self, input, room)?;
        Ok(Step {
            used: done.used,
            wrote: done.wrote,
            end: done.rest == 0,
        })
    }

    fn restart(&mut self) -> bool {
        self.reset();
        true
    }

    fn raise(vm: &Vm, said: Said) -> Raised {
        error(vm, &format!("Unable to decompress Zstandard data: {said}"))
    }
}

/// The payload of a decompressor.
#[derive(Trace)]
pub struct ZstdDecompressor {
    feeder: Feeder<Decoder>,
}

/// Create a decompressor object for decompressing data incrementally.
///
///   zstd_dict
///     A ZstdDict object, a pre-trained Zstandard dictionary.
///   options
///     A dict object that contains advanced decompression parameters.
///
/// Thread-safe at method level. For one-shot decompression, use the decompress() function instead.
#[class(
    name = "ZstdDecompressor",
    module = "compression.zstd",
    sig = "(zstd_dict=None, options=None)"
)]
impl ZstdDecompressor {
    #[slot]
    fn new(
        vm: &Vm,
        _cls: &TypeObject,
        zstd_dict: Nullable<&Value>,
        options: Nullable<&Value>,
    ) -> R {
        let mut decoder = Decoder::new().ok_or_else(|| vm.memory_error())?;
        if let Some(v) = zstd_dict.0 {
            let (content, how) = dict::argument(vm, v, Use::Digested)?;
            unlocked(vm, content.data().len(), || decoder.load(&content, how))
                .map_err(|fault| dict::unloaded(vm, fault, "ZSTD_DDict", "decompression"))?;
        }
        if let Some(options) = options.0 {
            Way::Decompress.each(
                vm,
                "ZstdDecompressor",
                options,
                |key, value| match d_parameter(key).map(|parameter| decoder.set(parameter, value)) {
                    Some(Ok(())) => Ok(()),
                    _ => Err(Way::Decompress.refused(vm, key, value)),
                },
            )?;
        }
        Ok(Ref::new(Self {
            feeder: Feeder::new(decoder),
        })
        .into_value())
    }

    /// Decompress data, at most to max_length bytes unless that is negative.
    ///
    /// If the limit is reached, needs_input is False: the next call may get b'' as its data. Raises EOFError behind
    /// the end of the frame; what came behind it is in unused_data.
    #[method(sig = "(data, max_length=-1)")]
    fn decompress(vm: &Vm, this: &Ref<Self>, data: BytesLike<'_>, max_length: Option<isize>) -> R {
        this.feeder.decompress(vm, &data, max_length.unwrap_or(-1))
    }

    /// True means the end of the first frame has been reached.
    #[getter(member)]
    fn eof(_vm: &Vm, this: &Ref<Self>) -> bool {
        this.feeder.eof()
    }

    /// A bytes object of un-consumed input data.
    #[getter]
    fn unused_data(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.feeder.unused_data()
    }

    /// True if more input is needed before more decompressed data can be produced.
    #[getter(member)]
    fn needs_input(_vm: &Vm, this: &Ref<Self>) -> bool {
        this.feeder.needs_input()
    }
}
