//! `TextIOWrapper`: text on a stream of bytes.
//!
//! The usual encodings are coded natively; all others by the incremental encoders and decoders that the registry of
//! codecs gives. Reading decodes a chunk at a time; for `tell`, the state of the decoder before the chunk and the
//! chunk itself are remembered (the snapshot). Writing collects encoded bytes until they make a chunk.

mod class;
mod coder;
mod read;
mod seek;
mod write;

use std::cell::Cell;

use taipan_macros::Trace;
use taipan_runtime::core::{PyCell, R, Raised, Ref, Value};
use taipan_runtime::types::bytes::Bytes;
use taipan_runtime::types::exceptions::ENCODING_WARNING;
use taipan_runtime::types::str::codec::Codec;
use taipan_runtime::types::str::{self, Str};
use taipan_runtime::vm::{Vm, names};

use self::coder::Side;
use super::base::{self, IoBase, Stream};
use super::buffered::get_plain;
use super::newline::{Endings, Newline};
use super::support::{self, ask};

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Ready,
    Detached,
}

/// How many bytes are read or written at a time.
const CHUNK: usize = 8192;

/// The payload of `TextIOWrapper`.
#[derive(Trace)]
#[repr(C)]
pub struct TextIoWrapper {
    base: IoBase,
    #[no_trace]
    state: Cell<State>,
    buffer: PyCell<Option<Value>>,
    /// The name of the encoding, and of the error handler.
    encoding: PyCell<Option<Ref<Str>>>,
    errors: PyCell<Option<Ref<Str>>>,
    #[no_trace]
    newline: Cell<Newline>,
    line_buffering: Cell<bool>,
    write_through: Cell<bool>,
    seekable: Cell<bool>,
    /// Whether `tell` is possible: not while lines are iterated over.
    telling: Cell<bool>,
    has_read1: Cell<bool>,
    chunk: Cell<usize>,

    #[no_trace]
    encoding_side: Cell<Side>,
    encoder: PyCell<Option<Value>>,
    /// Whether the next thing to be written stands at the start, where byte order marks go.
    at_start: Cell<bool>,
    /// Encoded bytes that wait.
    #[no_trace]
    pending: PyCell<Vec<u8>>,

    #[no_trace]
    decoding_side: Cell<Side>,
    decoder: PyCell<Option<Value>>,
    /// Bytes of a character that is not whole yet, and the line endings: the native decoder's state.
    #[no_trace]
    partial: PyCell<Vec<u8>>,
    #[no_trace]
    endings: Endings,
    /// Text that was decoded, and how much of it was read.
    decoded: PyCell<Option<Ref<Str>>>,
    used: Cell<usize>,
    /// State of the decoder before the input that it then got.
    snapshot: PyCell<Option<Ref<Bytes>>>,
    snapshot_flags: Cell<u64>,
    /// Bytes for a character in the last chunk.
    ratio: Cell<f64>,
}

impl Stream for TextIoWrapper {
    fn base(&self) -> &IoBase {
        &self.base
    }
}

impl Default for TextIoWrapper {
    fn default() -> Self {
        Self {
            base: IoBase::default(),
            state: Cell::new(State::New),
            buffer: PyCell::new(None),
            encoding: PyCell::new(None),
            errors: PyCell::new(None),
            newline: Cell::new(Newline::Translate),
            line_buffering: Cell::new(false),
            write_through: Cell::new(false),
            seekable: Cell::new(false),
            telling: Cell::new(false),
            has_read1: Cell::new(false),
            chunk: Cell::new(CHUNK),
            encoding_side: Cell::new(Side::Absent),
            encoder: PyCell::new(None),
            at_start: Cell::new(false),
            pending: PyCell::new(Vec::new()),
            decoding_side: Cell::new(Side::Absent),
            decoder: PyCell::new(None),
            partial: PyCell::new(Vec::new()),
            endings: Endings::default(),
            decoded: PyCell::new(None),
            used: Cell::new(0),
            snapshot: PyCell::new(None),
            snapshot_flags: Cell::new(0),
            ratio: Cell::new(0.0),
        }
    }
}

/// What a text stream is made with.
pub struct Settings<'a> {
    /// The name of the encoding; the locale's if there is none.
    pub encoding: Option<Ref<Str>>,
    /// The name of the error handler.
    pub errors: Option<Ref<Str>>,
    /// As it was given.
    pub newline: Option<&'a str>,
    /// Whether a newline ends in a flush.
    pub line_buffering: bool,
    /// Whether nothing waits.
    pub write_through: bool,
}

/// The parameter `newline`.
///
/// Raises ValueError for what is none of the five.
pub fn parse_newline(vm: &Vm, text: Option<&str>) -> R<Newline> {
    Newline::parse(text).ok_or_else(|| vm.value_error(format!("illegal newline value: {}", text.unwrap_or_default())))
}

/// Whether the user wants to hear of missing encodings (`sys.flags.warn_default_encoding`).
pub fn warns_default_encoding(vm: &Vm) -> bool {
    let config = &vm.interp().config;
    config.x_options.iter().any(|(k, _)| k == "warn_default_encoding")
        || config.use_environment
            && taipan_host::env::get(b"PYTHONWARNDEFAULTENCODING").is_some_and(|v| !v.is_empty())
}

/// Warns about a missing encoding, where this was asked for.
pub fn warn_default_encoding(vm: &Vm, stacklevel: i32) -> R<()> {
    if warns_default_encoding(vm) {
        return vm.warn(&ENCODING_WARNING, "'encoding' argument not specified", stacklevel);
    }
    Ok(())
}

/// The encoding that is meant by None and "locale".
pub fn locale_encoding() -> Ref<Str> {
    str::from_ref("utf-8")
}

impl TextIoWrapper {
    /// Starts anew on a buffer.
    pub fn start(&self, vm: &Vm, buffer: &Value, s: Settings<'_>) -> R<()> {
        self.state.set(State::New);
        let encoding = match s.encoding {
            Some(e) if e.is("locale") => locale_encoding(),
            Some(e) => e,
            None => {
                warn_default_encoding(vm, 1)?;
                locale_encoding()
            }
        };
        let errors = s.errors.unwrap_or_else(|| str::from_ref("strict"));
        support::plain_text(vm, &encoding)?;
        let scheme = support::plain_text(vm, &errors)?;
        if vm.interp().config.dev_mode {
            crate::codecs::lookup_error(vm, &scheme)?;
        }
        let newline = parse_newline(vm, s.newline)?;
        self.newline.set(newline);
        self.line_buffering.set(s.line_buffering);
        self.write_through.set(s.write_through);
        self.chunk.set(CHUNK);
        self.forget_text();
        drop(self.pending.take());
        self.ratio.set(0.0);
        self.choose_coders(vm, buffer, &encoding, &errors, newline)?;
        self.encoding.set(Some(encoding));
        self.errors.set(Some(errors));
        self.buffer.set(Some(buffer.clone()));
        let seekable = match super::quick::ability(vm, buffer, &names().seekable) {
            Some(r) => r?,
            None => ask(vm, buffer, &names().seekable)?,
        };
        self.seekable.set(seekable);
        self.telling.set(seekable);
        self.has_read1.set(vm.get_attr_opt(buffer, &names().read1)?.is_some());
        self.at_start.set(false);
        self.fix_encoder(vm, buffer)?;
        self.state.set(State::Ready);
        Ok(())
    }

    /// The stream of bytes.
    ///
    /// Raises ValueError if there is none (any more).
    #[inline]
    pub fn below(&self, vm: &Vm) -> R {
        if self.state.get() == State::Ready
            && let Some(b) = self.buffer.get()
        {
            return Ok(b);
        }
        Err(self.unusable(vm))
    }

    #[cold]
    fn unusable(&self, vm: &Vm) -> Raised {
        vm.value_error(match self.state.get() {
            State::Detached => "underlying buffer has been detached",
            _ => "I/O operation on uninitialized object",
        })
    }

    fn check_ready(&self, vm: &Vm) -> R<()> {
        if self.state.get() == State::New { Err(self.unusable(vm)) } else { Ok(()) }
    }

    /// The stream of bytes.
    ///
    /// Raises ValueError if there is none, or the text stream says that it is closed.
    #[inline]
    fn open_buffer(&self, vm: &Vm, this: &Value) -> R {
        let buffer = self.below(vm)?;
        let closed = match super::quick::closed(vm, &buffer) {
            // A subclass may have something else to say about this.
            Some(r) if this.downcast_exact::<Self>().is_some() => r?,
            _ => base::is_closed(vm, this)?,
        };
        if closed { Err(support::closed_file(vm)) } else { Ok(buffer) }
    }

    /// Raises ValueError if there is no stream of bytes, or the text stream says that it is closed.
    #[inline]
    fn check_open(&self, vm: &Vm, this: &Value) -> R<()> {
        let surely = self.state.get() == State::Ready
            && this.downcast_exact::<Self>().is_some()
            && self.buffer.borrow().as_ref().and_then(get_plain).is_some_and(|b| b.is_surely_open());
        if surely { Ok(()) } else { self.open_buffer(vm, this).map(drop) }
    }

    /// Forgets what was decoded.
    fn forget_text(&self) {
        self.set_decoded(None);
        self.forget_snapshot();
    }

    fn set_decoded(&self, text: Option<Ref<Str>>) {
        self.used.set(0);
        self.decoded.set(text);
    }

    fn forget_snapshot(&self) {
        if self.snapshot.borrow().is_some() {
            self.snapshot.set(None);
        }
    }

    /// The attribute `encoding`.
    pub fn encoding_value(&self) -> Option<Value> {
        self.encoding.get().map(Ref::into_value)
    }
}

/// `closed` of a plain stream.
pub fn buffer_closed(vm: &Vm, t: &Ref<TextIoWrapper>) -> R<bool> {
    let buffer = t.below(vm)?;
    base::is_closed(vm, &buffer)
}

/// `TextIOWrapper(buffer, ...)` with the attribute `mode`, for `open`.
pub fn on_buffer(vm: &Vm, buffer: &Value, settings: Settings<'_>, mode: &Value) -> R<Ref<TextIoWrapper>> {
    let t = Ref::new(TextIoWrapper::default());
    t.start(vm, buffer, settings)?;
    t.base.set_own(&names().mode, Some(mode));
    Ok(t)
}

/// Whether a codec is decoded natively too.
fn decodes_natively(codec: Codec) -> bool {
    matches!(codec, Codec::Utf8 | Codec::Ascii | Codec::Latin1)
}
