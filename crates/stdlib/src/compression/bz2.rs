//! `_bz2`: what the module `bz2` is made from.

use std::mem::MaybeUninit;

use bzip2::{Action, Compress, Compression, Decompress, Error, Status};
use taipan_macros::{Trace, class, module};
use taipan_runtime::core::{R, Raised, Ref, Value};
use taipan_runtime::native::TypeDef;
use taipan_runtime::types::bytes::{Bytes, BytesLike};
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::vm::Vm;

use super::feeder::{Decoder, Feeder, Step};
use super::output::Output;
use super::{Guarded, unlocked};

/// The classes of this module.
pub const TYPES: &[&TypeDef] = &[BZ2Compressor::DEF, BZ2Decompressor::DEF];

module! {
    /// Compression and decompression in the format of bzip2.
    name = "_bz2",
    types(BZ2Compressor, BZ2Decompressor),
}

#[cold]
fn fault(vm: &Vm, e: Error) -> Raised {
    match e {
        Error::Sequence => {
            vm.runtime_error("Internal error - Invalid sequence of commands sent to libbzip2")
        }
        Error::Data | Error::DataMagic => vm.raise_msg(&exc::OS_ERROR, "Invalid data stream"),
        Error::Param => vm.value_error("Internal error - invalid parameters passed to libbzip2"),
    }
}

struct Encoder {
    inner: Compress,
    flushed: bool,
}

impl Encoder {
    /// Compresses all of some data.
    ///
    /// Raises MemoryError, OSError.
    fn feed(&mut self, vm: &Vm, data: &[u8], action: Action, out: &mut Output) -> R<()> {
        let mut pos = 0;
        while action == Action::Finish || pos < data.len() {
            let rest = &data[pos..];
            // The library counts in 32 bits.
            let rest = &rest[..rest.len().min(1 << 30)];
            let room = out.room(vm)?;
            let room_len = room.len().min(1 << 30);
            let room = &mut room[..room_len];
            let inner = &mut self.inner;
            let before = (inner.total_in(), inner.total_out());
            let status = unlocked(vm, rest.len().max(room_len / 4), || {
                inner.compress_uninit(rest, room, action)
            });
            let status = status.map_err(|e| fault(vm, e))?;
            let used = (self.inner.total_in() - before.0) as usize;
            let wrote = (self.inner.total_out() - before.1) as usize;
            // SAFETY: the library has written so much.
            unsafe { out.wrote(wrote) };
            pos += used;
            if status == Status::MemNeeded {
                return Err(vm.memory_error());
            }
            if status == Status::StreamEnd || (used == 0 && wrote == 0) {
                break;
            }
        }
        Ok(())
    }
}

/// The payload of a compressor.
#[derive(Trace)]
pub struct BZ2Compressor {
    #[no_trace]
    encoder: Guarded<Encoder>,
}

/// Create a compressor object for compressing data incrementally.
///
///   compresslevel
///     Compression level, as a number between 1 and 9.
#[class(name = "BZ2Compressor", module = "_bz2", sig = "(compresslevel=9, /)")]
impl BZ2Compressor {
    #[slot]
    fn new(vm: &Vm, _cls: &TypeObject, #[default(9)] compresslevel: i32) -> R {
        let level = match u32::try_from(compresslevel) {
            Ok(n @ 1..=9) => Compression::new(n),
            _ => return Err(vm.value_error("compresslevel must be between 1 and 9")),
        };
        vm.check_room(8 << 20)?;
        let inner = Compress::new(level, 0);
        Ok(Ref::new(Self {
            encoder: Guarded::new(Encoder {
                inner,
                flushed: false,
            }),
        })
        .into_value())
    }

    /// Provide data to the compressor object; what comes out, if anything, is returned.
    #[method(sig = "(data, /)")]
    fn compress(vm: &Vm, this: &Ref<Self>, data: BytesLike<'_>) -> R<Ref<Bytes>> {
        let out = this.encoder.with(vm, |e| {
            if e.flushed {
                return Err(vm.value_error("Compressor has been flushed"));
            }
            let mut out = Output::new(vm, 0, None)?;
            e.feed(vm, &data, Action::Run, &mut out)?;
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
            e.feed(vm, b"", Action::Finish, &mut out)?;
            Ok(out)
        })?;
        Ok(out.finish())
    }
}

struct Bunzip(Decompress);

/// What can go wrong.
enum Fault {
    Memory,
    Library(Error),
}

impl Decoder for Bunzip {
    type Fault = Fault;

    fn step(&mut self, input: &[u8], room: &mut [MaybeUninit<u8>]) -> Result<Step, Fault> {
        // The library counts in 32 bits.
        let input = &input[..input.len().min(1 << 30)];
        let n = room.len().min(1 << 30);
        let before = (self.0.total_in(), self.0.total_out());
        let status = self
            .0
            .decompress_uninit(input, &mut room[..n])
            .map_err(Fault::Library)?;
        if status == Status::MemNeeded {
            return Err(Fault::Memory);
        }
        Ok(Step {
            used: (self.0.total_in() - before.0) as usize,
            wrote: (self.0.total_out() - before.1) as usize,
            end: status == Status::StreamEnd,
        })
    }

    fn raise(vm: &Vm, e: Fault) -> Raised {
        match e {
            Fault::Memory => vm.memory_error(),
            Fault::Library(e) => fault(vm, e),
        }
    }
}

/// The payload of a decompressor.
#[derive(Trace)]
pub struct BZ2Decompressor {
    feeder: Feeder<Bunzip>,
}

/// Create a decompressor object for decompressing data incrementally.
#[class(name = "BZ2Decompressor", module = "_bz2", sig = "()")]
impl BZ2Decompressor {
    #[slot]
    fn new(_vm: &Vm, _cls: &TypeObject) -> R {
        Ok(Ref::new(Self {
            feeder: Feeder::new(Bunzip(Decompress::new(false))),
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
