//! What the incremental decompressors have in common: input that waits until its output is wanted.

use std::cell::Cell;
use std::mem::MaybeUninit;

use taipan_runtime::core::{PyCell, R, Raised, Trace, Value};
use taipan_runtime::types::bytes;
use taipan_runtime::vm::Vm;

use super::output::Output;
use super::{Guarded, unlocked};

/// What one step of a codec did.
#[derive(Clone, Copy)]
pub struct Step {
    /// Bytes taken from the input.
    pub used: usize,
    /// Bytes written to the output, from its start on.
    pub wrote: usize,
    /// Whether the stream has ended.
    pub end: bool,
}

/// A codec that decompresses step by step.
pub trait Decoder: Send {
    /// What can go wrong.
    type Fault: Send;

    /// What the EOFError behind the end of the stream says.
    const ENDED: &'static str = "End of stream already reached";

    /// Takes from the input and writes to the output what it can. The first [`Step::wrote`] bytes of the output
    /// are written afterwards.
    fn step(&mut self, input: &[u8], room: &mut [MaybeUninit<u8>]) -> Result<Step, Self::Fault>;

    /// After a fault: starts again if that is possible.
    fn restart(&mut self) -> bool {
        false
    }

    /// Raises the exception for a fault.
    fn raise(vm: &Vm, fault: Self::Fault) -> Raised;
}

struct Feed<D> {
    decoder: D,
    /// Input that was not taken yet starts at `start`.
    held: Vec<u8>,
    start: usize,
}

/// An incremental decompressor with its waiting input.
pub struct Feeder<D: Decoder> {
    feed: Guarded<Feed<D>>,
    eof: Cell<bool>,
    needs_input: Cell<bool>,
    unused: PyCell<Value>,
}

/// The unused data is bytes, which are part of no cycle.
impl<D: Decoder> Trace for Feeder<D> {
    fn trace(&self, tracer: &mut taipan_memory::Tracer<'_>) {
        self.unused.trace(tracer);
    }
}

/// A copy of bytes.
///
/// Raises MemoryError.
pub fn copied(vm: &Vm, data: &[u8]) -> R<Vec<u8>> {
    let mut new = Vec::new();
    append(vm, &mut new, data)?;
    Ok(new)
}

fn append(vm: &Vm, to: &mut Vec<u8>, data: &[u8]) -> R<()> {
    vm.check_room(to.len().saturating_add(data.len()))?;
    taipan_memory::cache::refusing(|| to.try_reserve(data.len())).map_err(|_| vm.memory_error())?;
    to.extend_from_slice(data);
    Ok(())
}

/// Drives a decoder until its input is used up, its stream ends or the output is full: bytes taken, and whether
/// the stream has ended.
///
/// Raises MemoryError, and the decoder's faults.
pub fn drive<D: Decoder>(
    vm: &Vm,
    decoder: &mut D,
    input: &[u8],
    out: &mut Output,
) -> R<(usize, bool)> {
    let mut pos = 0;
    loop {
        let room = out.room(vm)?;
        let size = room.len();
        let rest = &input[pos..];
        let step = unlocked(vm, rest.len().max(size / 4), || decoder.step(rest, room));
        let step = step.map_err(|fault| D::raise(vm, fault))?;
        // SAFETY: the trait promises that so much is written.
        unsafe { out.wrote(step.wrote) };
        pos += step.used;
        let stuck = step.used == 0 && step.wrote == 0;
        if step.end || stuck || out.full() || (step.wrote < size && pos == input.len()) {
            return Ok((pos, step.end));
        }
    }
}

impl<D: Decoder> Feeder<D> {
    /// At the start of a stream.
    pub fn new(decoder: D) -> Self {
        Self {
            feed: Guarded::new(Feed {
                decoder,
                held: Vec::new(),
                start: 0,
            }),
            eof: Cell::new(false),
            needs_input: Cell::new(true),
            unused: PyCell::new(bytes::from_slice(b"").into_value()),
        }
    }

    /// Whether the stream has ended.
    pub fn eof(&self) -> bool {
        self.eof.get()
    }

    /// Whether there is nothing more to be had without more input.
    pub fn needs_input(&self) -> bool {
        self.needs_input.get()
    }

    /// What came behind the end of the stream.
    pub fn unused_data(&self) -> Value {
        self.unused.get()
    }

    /// Looks at the decoder.
    ///
    /// Raises what signal handlers raise.
    pub fn decoder<T>(&self, vm: &Vm, f: impl FnOnce(&mut D) -> T) -> R<T> {
        self.feed.with(vm, |feed| Ok(f(&mut feed.decoder)))
    }

    /// Decompresses more data, at most to `max_length` bytes unless that is negative.
    ///
    /// Raises EOFError behind the end of the stream, MemoryError, and the decoder's faults.
    pub fn decompress(&self, vm: &Vm, data: &[u8], max_length: isize) -> R {
        let limit = usize::try_from(max_length).ok();
        let (out, unused) = self.feed.with(vm, |feed| {
            if self.eof.get() {
                return Err(vm.eof_error(D::ENDED));
            }
            let mut held = std::mem::take(&mut feed.held);
            let start = std::mem::take(&mut feed.start);
            let waiting = start < held.len();
            if waiting {
                append(vm, &mut held, data)?;
            }
            let input = if waiting { &held[start..] } else { data };
            let mut out = Output::new(vm, Output::guess(input.len()), limit)?;
            let (used, end) = match drive(vm, &mut feed.decoder, input, &mut out) {
                Ok(done) => done,
                Err(raised) => {
                    self.needs_input.set(feed.decoder.restart());
                    return Err(raised);
                }
            };
            let rest = &input[used..];
            if end {
                self.eof.set(true);
                self.needs_input.set(false);
                return Ok((out, Some(copied(vm, rest)?)));
            }
            self.needs_input
                .set(rest.is_empty() && !(out.full() && out.len() > 0));
            if !rest.is_empty() {
                if !waiting {
                    feed.held = copied(vm, rest)?;
                } else if start + used > held.len() / 2 {
                    held.drain(..start + used);
                    feed.held = held;
                } else {
                    feed.held = held;
                    feed.start = start + used;
                }
            }
            Ok((out, None))
        })?;
        if let Some(unused) = unused {
            self.unused.set(bytes::from_vec(unused).into_value());
        }
        Ok(out.finish().into_value())
    }
}
