//! Decompressor objects.

use std::mem::MaybeUninit;

use liblzma_sys as l;
use taipan_macros::{Trace, class};
use taipan_runtime::core::{R, Raised, Ref, Value};
use taipan_runtime::native::bind::Nullable;
use taipan_runtime::types::bytes::BytesLike;
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::vm::Vm;

use super::super::feeder::{Decoder, Feeder, Step};
use super::filters;
use super::stream::{Start, Stream};
use super::{CHECK_UNKNOWN, FORMAT_ALONE, FORMAT_AUTO, FORMAT_RAW, FORMAT_XZ, bad_format, fault};

struct Unxz {
    stream: Stream,
    /// The id of the integrity check, as far as it is known.
    check: u32,
}

impl Decoder for Unxz {
    /// A code of liblzma.
    type Fault = u32;

    const ENDED: &'static str = "Already at end of stream";

    fn step(&mut self, input: &[u8], room: &mut [MaybeUninit<u8>]) -> Result<Step, u32> {
        let (mut used, mut wrote) = (0, 0);
        loop {
            let (took, put, code) = self.stream.step(&input[used..], &mut room[wrote..], false);
            used += took;
            wrote += put;
            let step = Step {
                used,
                wrote,
                end: code == l::LZMA_STREAM_END,
            };
            match code {
                l::LZMA_OK | l::LZMA_STREAM_END => return Ok(step),
                // The header has been read.
                l::LZMA_GET_CHECK => self.check = self.stream.check(),
                l::LZMA_NO_CHECK => self.check = l::LZMA_CHECK_NONE,
                // There was nothing to do.
                l::LZMA_BUF_ERROR if used == input.len() || wrote == room.len() => return Ok(step),
                code => return Err(code),
            }
        }
    }

    fn raise(vm: &Vm, code: u32) -> Raised {
        fault(vm, code)
    }
}

/// The payload of a decompressor.
#[derive(Trace)]
pub struct LZMADecompressor {
    feeder: Feeder<Unxz>,
}

/// Create a decompressor object for decompressing data incrementally.
///
///   format
///     The container: FORMAT_AUTO (the default) for xz or the old format, FORMAT_XZ, FORMAT_ALONE, or FORMAT_RAW
///     for none.
///   memlimit
///     How much memory may be used; a stream that needs more raises LZMAError.
///   filters
///     With FORMAT_RAW, the filters that the data was compressed with.
#[class(
    name = "LZMADecompressor",
    module = "_lzma",
    sig = "(format=FORMAT_AUTO, memlimit=None, filters=None)"
)]
impl LZMADecompressor {
    #[slot]
    fn new(
        vm: &Vm,
        _cls: &TypeObject,
        #[default(FORMAT_AUTO)] format: i32,
        memlimit: Nullable<&Value>,
        filters: Nullable<&Value>,
    ) -> R {
        let limit = match memlimit.0 {
            Some(_) if format == FORMAT_RAW => {
                return Err(vm.value_error("Cannot specify memory limit with FORMAT_RAW"));
            }
            Some(v) => filters::unsigned(vm, v)?,
            None => u64::MAX,
        };
        let mut chain;
        let start = match (format, filters.0) {
            (FORMAT_RAW, None) => return Err(vm.value_error("Must specify filters for FORMAT_RAW")),
            (FORMAT_RAW, Some(specs)) => {
                chain = filters::filters(vm, specs)?;
                Start::ReadRaw(&mut chain)
            }
            (_, Some(_)) => {
                return Err(vm.value_error("Cannot specify filters except with FORMAT_RAW"));
            }
            (FORMAT_AUTO, None) => Start::ReadAuto(limit),
            (FORMAT_XZ, None) => Start::ReadXz(limit),
            (FORMAT_ALONE, None) => Start::ReadAlone(limit),
            _ => return Err(bad_format(vm, format)),
        };
        let check = match start {
            Start::ReadAuto(_) | Start::ReadXz(_) => CHECK_UNKNOWN,
            _ => l::LZMA_CHECK_NONE,
        };
        let stream = Stream::new(start).map_err(|code| fault(vm, code))?;
        Ok(Ref::new(Self {
            feeder: Feeder::new(Unxz { stream, check }),
        })
        .into_value())
    }

    /// Decompress data, at most to max_length bytes unless that is negative.
    ///
    /// If the limit is reached, needs_input is False: the next call may get b'' as its data. Raises EOFError behind
    /// the end of the stream; what came behind it is in unused_data.
    #[method(sig = "(data, max_length=-1)")]
    fn decompress(vm: &Vm, this: &Ref<Self>, data: BytesLike<'_>, max_length: Option<isize>) -> R {
        this.feeder.decompress(vm, &data, max_length.unwrap_or(-1))
    }

    /// ID of the integrity check used by the input stream.
    #[getter(member)]
    fn check(vm: &Vm, this: &Ref<Self>) -> R<u32> {
        this.feeder.decoder(vm, |d| d.check)
    }

    /// True if the end-of-stream marker has been reached.
    #[getter(member)]
    fn eof(_vm: &Vm, this: &Ref<Self>) -> bool {
        this.feeder.eof()
    }

    /// Data found after the end of the compressed stream.
    #[getter(member)]
    fn unused_data(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.feeder.unused_data()
    }

    /// True if more input is needed before more decompressed data can be produced.
    #[getter(member)]
    fn needs_input(_vm: &Vm, this: &Ref<Self>) -> bool {
        this.feeder.needs_input()
    }
}
