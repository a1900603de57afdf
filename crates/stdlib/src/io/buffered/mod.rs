//! `BufferedReader`, `BufferedWriter`, `BufferedRandom` and `BufferedRWPair`.
//!
//! The first three share one payload: a buffer that holds a piece of the raw stream, of which a part may have been
//! read and a part may wait to be written. All offsets count from the buffer's start.

mod classes;
mod lock;
mod pair;
mod raw;
mod read;
mod seek;
mod write;

use std::cell::Cell;

use taipan_macros::Trace;
use taipan_runtime::core::{PyCell, R, Raised, Ref, Value};
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::vm::{Vm, names};

pub use self::classes::{BufferedRandom, BufferedWriter};
use self::lock::{Held, Lock};
pub use self::pair::RwPair;
use super::base::{self, IoBase, Stream, plain};
use super::fileio::{self, FileIo};
use super::support;

/// Nothing was read, or nothing waits to be written.
const NONE: isize = -1;

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Ready,
    Detached,
}

/// The payload of `BufferedReader`, `BufferedWriter` and `BufferedRandom`.
#[derive(Trace)]
#[repr(C)]
pub struct Buffered {
    base: IoBase,
    raw: PyCell<Option<Value>>,
    #[no_trace]
    state: Cell<State>,
    readable: Cell<bool>,
    writable: Cell<bool>,
    /// The buffer, made when it is first needed. Taken out while the raw stream works on it.
    #[no_trace]
    buf: PyCell<Vec<u8>>,
    /// How large it may be.
    size: Cell<usize>,
    /// The stream's position.
    pos: Cell<isize>,
    /// The raw stream's position; -1 if unknown.
    raw_pos: Cell<isize>,
    /// Behind the last byte that was read; -1 if there is none.
    read_end: Cell<isize>,
    /// The first byte that waits to be written.
    write_pos: Cell<isize>,
    /// Behind the last one; -1 if there is none.
    write_end: Cell<isize>,
    /// The raw stream's absolute position; -1 if unknown.
    abs_pos: Cell<i64>,
    /// Whether `close` has come to its end.
    dropped: Cell<bool>,
    #[no_trace]
    lock: Lock,
}

impl Stream for Buffered {
    fn base(&self) -> &IoBase {
        &self.base
    }
}

impl Default for Buffered {
    fn default() -> Self {
        Self {
            base: IoBase::default(),
            raw: PyCell::new(None),
            state: Cell::new(State::New),
            readable: Cell::new(false),
            writable: Cell::new(false),
            buf: PyCell::new(Vec::new()),
            size: Cell::new(0),
            pos: Cell::new(0),
            raw_pos: Cell::new(0),
            read_end: Cell::new(NONE),
            write_pos: Cell::new(0),
            write_end: Cell::new(NONE),
            abs_pos: Cell::new(-1),
            dropped: Cell::new(false),
            lock: Lock::default(),
        }
    }
}

/// The payload of an object that is one of the three.
pub fn get(v: &Value) -> Option<&Ref<Buffered>> {
    v.downcast::<Buffered>()
}

/// The stream, if it is exactly one of the three and no attribute of the instance can hide a method.
#[inline]
pub fn get_plain(v: &Value) -> Option<&Ref<Buffered>> {
    let b = get(v)?;
    (classes::is_one(b.ty()) && b.base.is_plain()).then_some(b)
}

fn payload<'a>(vm: &Vm, this: &'a Value) -> R<&'a Ref<Buffered>> {
    get(this).ok_or_else(|| vm.system_error("no buffered stream"))
}

impl Buffered {
    /// The raw stream.
    ///
    /// Raises ValueError if there is none (any more).
    #[inline]
    pub fn below(&self, vm: &Vm) -> R {
        if self.state.get() == State::Ready
            && let Some(raw) = self.raw.get()
        {
            return Ok(raw);
        }
        Err(self.unusable(vm))
    }

    #[inline]
    fn is_ready(&self) -> bool {
        self.state.get() == State::Ready
    }

    #[cold]
    fn unusable(&self, vm: &Vm) -> Raised {
        vm.value_error(match self.state.get() {
            State::Detached => "raw stream has been detached",
            _ => "I/O operation on uninitialized object",
        })
    }

    /// Makes the stream unusable until it is started anew.
    fn stop(&self) {
        self.state.set(State::New);
    }

    /// Starts anew on a raw stream.
    fn start(&self, vm: &Vm, this: &Value, raw: &Value, size: Option<isize>, (readable, writable): (bool, bool)) -> R<()> {
        let size = size.unwrap_or(support::DEFAULT_BUFFER_SIZE as isize);
        let Some(size) = usize::try_from(size).ok().filter(|n| *n > 0) else {
            return Err(vm.value_error("buffer size must be strictly positive"));
        };
        vm.check_room(size)?;
        let _held = self.lock.enter(vm, this)?;
        self.state.set(State::New);
        self.raw.set(Some(raw.clone()));
        self.readable.set(readable);
        self.writable.set(writable);
        self.size.set(size);
        drop(self.buf.take());
        self.pos.set(0);
        self.raw_pos.set(0);
        self.dropped.set(false);
        self.reset_read();
        self.write_pos.set(0);
        self.write_end.set(NONE);
        self.state.set(State::Ready);
        // Where the raw stream stands is asked now, except of files, which answer just as well later.
        if plain::<FileIo>(raw).is_some() {
            self.abs_pos.set(-1);
        } else if let Err(r) = self.raw_tell(vm) {
            drop(vm.catch(r));
        }
        Ok(())
    }

    /// Takes the lock.
    #[inline]
    fn enter<'a>(&'a self, vm: &Vm, this: &Value) -> R<Held<'a>> {
        self.lock.enter(vm, this)
    }

    #[inline]
    fn valid_read(&self) -> bool {
        self.readable.get() && self.read_end.get() != NONE
    }

    #[inline]
    fn valid_write(&self) -> bool {
        self.writable.get() && self.write_end.get() != NONE
    }

    fn reset_read(&self) {
        self.read_end.set(NONE);
    }

    fn reset_write(&self) {
        self.write_pos.set(0);
        self.write_end.set(NONE);
    }

    /// How many bytes were read ahead.
    #[inline]
    fn ahead(&self) -> usize {
        if self.valid_read() { (self.read_end.get() - self.pos.get()).max(0) as usize } else { 0 }
    }

    /// How far the raw stream is ahead of this one.
    fn raw_offset(&self) -> isize {
        if (self.valid_read() || self.valid_write()) && self.raw_pos.get() >= 0 {
            self.raw_pos.get() - self.pos.get()
        } else {
            0
        }
    }

    fn move_to(&self, pos: isize) {
        self.pos.set(pos);
        if self.valid_read() && self.read_end.get() < pos {
            self.read_end.set(pos);
        }
    }

    /// Takes the buffer out for work by the raw stream, at least `len` bytes long.
    fn take_buffer(&self, vm: &Vm, len: usize) -> R<Vec<u8>> {
        let mut buf = self.buf.take();
        if buf.len() < len {
            if buf.is_empty() && len == self.size.get() {
                // The system has zeros at hand.
                buf = vec![0; len];
            } else {
                let more = len - buf.len();
                if taipan_memory::cache::refusing(|| buf.try_reserve(more)).is_err() {
                    self.buf.set(buf);
                    return Err(vm.memory_error());
                }
                buf.resize(len, 0);
            }
        }
        Ok(buf)
    }

    /// Whether the stream surely is usable and open: it stands on a plain file that is open.
    #[inline]
    pub fn is_surely_open(&self) -> bool {
        self.state.get() == State::Ready
            && self.raw.borrow().as_ref().and_then(plain::<FileIo>).is_some_and(|f| !f.is_closed())
    }

    /// What the raw stream's `closed` says.
    pub fn raw_closed(&self, vm: &Vm) -> R<bool> {
        let raw = self.below(vm)?;
        base::is_closed(vm, &raw)
    }

    fn is_closed(&self, vm: &Vm) -> R<bool> {
        if self.is_surely_open() {
            return Ok(self.dropped.get());
        }
        let raw = self.below(vm)?;
        if self.dropped.get() {
            return Ok(true);
        }
        base::is_closed(vm, &raw)
    }

    /// Raises ValueError if the stream is closed and nothing is left that was read ahead.
    #[inline]
    fn check_open(&self, vm: &Vm, text: &str) -> R<()> {
        if self.is_closed(vm)? && self.ahead() == 0 { Err(vm.value_error(text)) } else { Ok(()) }
    }
}

/// Calls a method of the raw stream.
fn forward(vm: &Vm, b: &Ref<Buffered>, name: &Value, args: &[Value]) -> R {
    let raw = b.below(vm)?;
    vm.call_method_name(&raw, name, args)
}

/// `flush` of the streams that only read.
fn simple_flush(vm: &Vm, this: &Value) -> R {
    forward(vm, payload(vm, this)?, &names().flush, &[])
}

/// `flush` of the streams that write.
fn flush(vm: &Vm, this: &Value) -> R {
    let b = payload(vm, this)?;
    b.check_open(vm, "flush of closed file")?;
    let _held = b.enter(vm, this)?;
    b.flush_and_rewind(vm)?;
    Ok(Value::NONE)
}

/// `close`
fn close(vm: &Vm, this: &Value) -> R<()> {
    let b = payload(vm, this)?;
    let raw = b.below(vm)?;
    {
        let _held = b.enter(vm, this)?;
        if base::is_closed(vm, &raw)? {
            return Ok(());
        }
        if b.base.finalizing.get() {
            base::warn_below(vm, &raw, this);
        }
    }
    // Not under the lock: `flush` takes it.
    let flushed = match super::quick::flush(vm, this) {
        Some(r) => r,
        None => vm.call_method_name(this, &names().flush, &[]).map(drop),
    };
    let first = support::caught(vm, flushed);
    let _held = b.enter(vm, this)?;
    let closed = match plain::<FileIo>(&raw) {
        Some(f) => fileio::close(vm, f).map(|()| Value::NONE),
        None => vm.call_method_name(&raw, &names().close, &[]),
    };
    drop(b.buf.take());
    b.dropped.set(true);
    b.read_end.set(0);
    b.pos.set(0);
    support::chain(vm, first, closed).map(drop)
}

/// `detach`
fn detach(vm: &Vm, this: &Value) -> R {
    let b = payload(vm, this)?;
    b.below(vm)?;
    vm.call_method_name(this, &names().flush, &[])?;
    let raw = b.below(vm)?;
    drop(b.raw.take());
    b.state.set(State::Detached);
    Ok(raw)
}

/// Gives the raw stream's answer about itself.
fn ability(vm: &Vm, b: &Ref<Buffered>, name: &Value) -> R {
    let raw = b.below(vm)?;
    match super::quick::ability(vm, &raw, name) {
        Some(r) => r.map(Value::bool),
        None => vm.call_method_name(&raw, name, &[]),
    }
}

fn repr(vm: &Vm, this: &Value) -> R<String> {
    let class = this.ty().tp_name();
    let name = vm.get_attr(this, &names().name);
    let name = match name {
        Ok(n) => n,
        Err(r) => {
            use taipan_runtime::types::exceptions::{ATTRIBUTE_ERROR, VALUE_ERROR};
            if !vm.raised_is(&ATTRIBUTE_ERROR) && !vm.raised_is(&VALUE_ERROR) {
                return Err(r);
            }
            drop(vm.catch(r));
            return Ok(format!("<{class}>"));
        }
    };
    match vm.repr_guard(this, || vm.repr_string(&name))? {
        Some(name) => Ok(format!("<{class} name={name}>")),
        None => Err(vm.runtime_error(format!("reentrant call inside {class}.__repr__"))),
    }
}

/// `closed` of a plain stream.
pub fn quick_closed(vm: &Vm, b: &Ref<Buffered>) -> R<bool> {
    b.raw_closed(vm)
}

/// `flush()` of a plain stream, if it needs no look-up of methods.
pub fn quick_flush(vm: &Vm, this: &Value, b: &Ref<Buffered>) -> Option<R<()>> {
    if b.writes() {
        return Some(flush(vm, this).map(drop));
    }
    match b.below(vm) {
        Ok(raw) => super::quick::flush(vm, &raw),
        Err(r) => Some(Err(r)),
    }
}

impl Buffered {
    /// Whether the class reads.
    pub fn reads(&self) -> bool {
        self.readable.get()
    }

    /// Whether the class writes.
    pub fn writes(&self) -> bool {
        self.writable.get()
    }
}

/// A `BufferedReader`, `BufferedWriter` or `BufferedRandom` on a file that was just opened.
pub fn on_file(vm: &Vm, raw: &Ref<FileIo>, size: isize, (readable, writable): (bool, bool)) -> R {
    let ty: &TypeObject = classes::class_for(readable, writable);
    let this = Ref::new_of(ty, Buffered::default());
    this.start(vm, this.value(), raw.value(), Some(size), (readable, writable))?;
    Ok(this.into_value())
}
