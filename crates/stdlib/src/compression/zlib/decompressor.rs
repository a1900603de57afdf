//! Decompressor objects.

use std::cell::Cell;
use std::mem::MaybeUninit;

use libz_rs_sys as z;
use taipan_macros::{Trace, class, function};
use taipan_runtime::core::{PyCell, R, Raised, Ref, Value};
use taipan_runtime::types::bytes::{self, Bytes, BytesLike, is_bytes_like};
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::vm::Vm;

use super::super::Guarded;
use super::super::feeder::{Decoder, Feeder, Step, copied, drive};
use super::super::output::Output;
use super::stream::Inflater;
use super::{DEF_BUF_SIZE, Fault, MAX_WBITS};

/// A stream with its dictionary.
struct Inflating {
    stream: Inflater,
    dictionary: Vec<u8>,
    /// How zlib is told to flush.
    flush: i32,
}

impl Inflating {
    /// A new stream; the dictionary of a raw one is set at once, of others when it is asked for.
    ///
    /// Raises ValueError, zlib.error, MemoryError.
    fn new(vm: &Vm, wbits: i32, dictionary: Option<&Value>) -> R<Self> {
        let dictionary = match dictionary {
            None => Vec::new(),
            Some(v) if is_bytes_like(v) => copied(vm, &BytesLike::new(vm, v)?)?,
            Some(_) => return Err(vm.type_error("zdict argument must support the buffer protocol")),
        };
        if u32::try_from(dictionary.len()).is_err() {
            return Err(vm.overflow_error("zdict length does not fit in an unsigned int"));
        }
        let stream = match Inflater::new(wbits) {
            Ok(s) => s,
            Err(z::Z_STREAM_ERROR) => return Err(vm.value_error("Invalid initialization option")),
            Err(code) => {
                return Err(Fault {
                    code,
                    said: None,
                    doing: "while creating decompression object",
                }
                .raise(vm));
            }
        };
        let mut new = Self {
            stream,
            dictionary,
            flush: z::Z_SYNC_FLUSH,
        };
        if !new.dictionary.is_empty() && wbits < 0 {
            new.set_dictionary().map_err(|fault| fault.raise(vm))?;
        }
        Ok(new)
    }

    fn set_dictionary(&mut self) -> Result<(), Fault> {
        match self.stream.set_dictionary(&self.dictionary) {
            z::Z_OK => Ok(()),
            code => Err(Fault {
                code,
                said: self.stream.message(),
                doing: "while setting zdict",
            }),
        }
    }
}

impl Decoder for Inflating {
    type Fault = Fault;

    fn step(&mut self, input: &[u8], room: &mut [MaybeUninit<u8>]) -> Result<Step, Fault> {
        let (mut used, mut wrote) = (0, 0);
        loop {
            let step = self
                .stream
                .step(&input[used..], &mut room[wrote..], self.flush);
            used += step.used;
            wrote += step.wrote;
            match step.code {
                z::Z_OK | z::Z_BUF_ERROR => {
                    return Ok(Step {
                        used,
                        wrote,
                        end: false,
                    });
                }
                z::Z_STREAM_END => {
                    return Ok(Step {
                        used,
                        wrote,
                        end: true,
                    });
                }
                z::Z_NEED_DICT if !self.dictionary.is_empty() => self.set_dictionary()?,
                code => {
                    return Err(Fault {
                        code,
                        said: self.stream.message(),
                        doing: "while decompressing data",
                    });
                }
            }
        }
    }

    fn raise(vm: &Vm, fault: Fault) -> Raised {
        fault.raise(vm)
    }
}

/// The payload of a decompressor.
#[derive(Trace)]
pub struct Decompress {
    #[no_trace]
    stream: Guarded<Inflating>,
    #[no_trace]
    eof: Cell<bool>,
    unused: PyCell<Value>,
    tail: PyCell<Value>,
}

impl Decompress {
    fn of(stream: Inflating, eof: bool, unused: Value, tail: Value) -> Ref<Self> {
        Ref::new(Self {
            stream: Guarded::new(stream),
            eof: Cell::new(eof),
            unused: PyCell::new(unused),
            tail: PyCell::new(tail),
        })
    }

    /// Keeps what was not taken of the input: behind the end it is unused, else the tail.
    fn keep(&self, vm: &Vm, rest: &[u8], end: bool) -> R<()> {
        if end && !rest.is_empty() {
            let old = self.unused.get();
            let mut all = copied(vm, bytes::get(&old).unwrap_or_default())?;
            vm.check_room(all.len().saturating_add(rest.len()))?;
            all.try_reserve_exact(rest.len())
                .map_err(|_| vm.memory_error())?;
            all.extend_from_slice(rest);
            self.unused.set(bytes::from_vec(all).into_value());
        }
        let rest = if end { b"" } else { rest };
        let old = self.tail.get();
        if !rest.is_empty() || bytes::get(&old).is_some_and(|t| !t.is_empty()) {
            self.tail.set(bytes::new(vm, rest)?);
        }
        Ok(())
    }
}

#[class(name = "Decompress", module = "zlib", flags(NO_NEW))]
impl Decompress {
    /// Return a bytes object containing the decompressed version of the data.
    ///
    ///   max_length
    ///     The maximum length of the result, or 0; input that was not processed then stays in the attribute
    ///     unconsumed_tail.
    #[method(sig = "(data, /, max_length=0)")]
    fn decompress(
        vm: &Vm,
        this: &Ref<Self>,
        data: BytesLike<'_>,
        max_length: Option<isize>,
    ) -> R<Ref<Bytes>> {
        let limit = match usize::try_from(max_length.unwrap_or(0)) {
            Ok(0) => None,
            Ok(n) => Some(n),
            Err(_) => return Err(vm.value_error("max_length must be non-negative")),
        };
        let out = this.stream.with(vm, |s| {
            let mut out = Output::new(vm, Output::guess(data.len()), limit)?;
            let (used, end) = drive(vm, s, &data, &mut out)?;
            if end {
                this.eof.set(true);
            }
            this.keep(vm, &data[used..], end)?;
            Ok(out)
        })?;
        Ok(out.finish())
    }

    /// Return a bytes object containing any remaining decompressed data.
    ///
    ///   length
    ///     The initial size of the output buffer.
    #[method(sig = "(length=zlib.DEF_BUF_SIZE, /)")]
    fn flush(vm: &Vm, this: &Ref<Self>, #[default(DEF_BUF_SIZE)] length: isize) -> R<Ref<Bytes>> {
        let Ok(length @ 1..) = usize::try_from(length) else {
            return Err(vm.value_error("length must be greater than zero"));
        };
        let out = this.stream.with(vm, |s| {
            let tail = this.tail.get();
            let data = bytes::get(&tail).unwrap_or_default();
            let mut out = Output::new(vm, length, None)?;
            s.flush = z::Z_FINISH;
            let mut pos = 0;
            // Data that can't be decompressed is left where it is.
            let end = loop {
                let room = out.room(vm)?;
                let size = room.len();
                let rest = &data[pos..];
                let step = super::unlocked(vm, rest.len().max(size / 4), || s.step(rest, room));
                let Ok(step) = step else { break false };
                // SAFETY: zlib has written so much.
                unsafe { out.wrote(step.wrote) };
                pos += step.used;
                if step.end || (step.wrote < size && (pos == data.len() || step.used == 0)) {
                    break step.end;
                }
            };
            s.flush = z::Z_SYNC_FLUSH;
            this.keep(vm, &data[pos..], end)?;
            if end {
                this.eof.set(true);
                let code = s.stream.end();
                if code != z::Z_OK {
                    return Err(Fault {
                        code,
                        said: None,
                        doing: "while finishing decompression",
                    }
                    .raise(vm));
                }
            }
            Ok(out)
        })?;
        Ok(out.finish())
    }

    /// Return a copy of the decompression object.
    #[method(sig = "()")]
    fn copy(vm: &Vm, this: &Ref<Self>) -> R<Ref<Self>> {
        let copy = this.stream.with(vm, |s| match s.stream.copy() {
            Ok(stream) => Ok(Inflating {
                stream,
                dictionary: s.dictionary.clone(),
                flush: s.flush,
            }),
            Err(z::Z_STREAM_ERROR) => Err(vm.value_error("Inconsistent stream state")),
            Err(code) => Err(Fault {
                code,
                said: None,
                doing: "while copying decompression object",
            }
            .raise(vm)),
        })?;
        Ok(Self::of(
            copy,
            this.eof.get(),
            this.unused.get(),
            this.tail.get(),
        ))
    }

    #[method(sig = "()")]
    fn __copy__(vm: &Vm, this: &Ref<Self>) -> R<Ref<Self>> {
        Self::copy(vm, this)
    }

    #[method(sig = "(memo, /)")]
    fn __deepcopy__(vm: &Vm, this: &Ref<Self>, _memo: &Value) -> R<Ref<Self>> {
        Self::copy(vm, this)
    }

    #[getter(member)]
    fn unused_data(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.unused.get()
    }

    #[getter(member)]
    fn unconsumed_tail(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.tail.get()
    }

    #[getter(member)]
    fn eof(_vm: &Vm, this: &Ref<Self>) -> bool {
        this.eof.get()
    }
}

/// Return a decompressor object.
///
///   wbits
///     The size of the window and the kind of container.
///   zdict
///     The dictionary that the compressor had.
#[function(sig = "(wbits=MAX_WBITS, zdict=b'')")]
pub fn decompressobj(
    vm: &Vm,
    #[default(MAX_WBITS)] wbits: i32,
    zdict: Option<&Value>,
) -> R<Ref<Decompress>> {
    let empty = bytes::from_slice(b"").into_value();
    Ok(Decompress::of(
        Inflating::new(vm, wbits, zdict)?,
        false,
        empty.clone(),
        empty,
    ))
}

/// The payload of a decompressor that keeps its input.
#[derive(Trace)]
pub struct ZlibDecompressor {
    feeder: Feeder<Inflating>,
}

/// Create a decompressor object for decompressing data incrementally.
///
///   wbits
///     The size of the window and the kind of container.
///   zdict
///     The dictionary that the compressor had.
#[class(
    name = "_ZlibDecompressor",
    module = "zlib",
    sig = "(wbits=MAX_WBITS, zdict=b'')"
)]
impl ZlibDecompressor {
    #[slot]
    fn new(vm: &Vm, _cls: &TypeObject, wbits: Option<i32>, zdict: Option<&Value>) -> R {
        let decoder = Inflating::new(vm, wbits.unwrap_or(MAX_WBITS), zdict)?;
        Ok(Ref::new(Self {
            feeder: Feeder::new(decoder),
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
