//! The three classes with one payload.

use taipan_macros::{Trace, class};
use taipan_runtime::core::{Layout, Payload, R, Ref, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::bytes::{Bytes, BytesLike};
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::vm::{Vm, names};

use super::{Buffered, ability, close, detach, flush, forward, payload, repr, simple_flush};
use crate::io::base::{self, allocate, check_readable, check_seekable, check_writable, warn_below};
use crate::io::kinds::{BufferedIoBase, writable_buffer};
use crate::io::support::{Size, expect_bytes, os_error_text};

/// Stands for the class `BufferedWriter`.
#[derive(Trace)]
pub struct BufferedWriter {}

/// Stands for the class `BufferedRandom`.
#[derive(Trace)]
pub struct BufferedRandom {}

/// Whether a class is exactly one of the three.
#[inline]
pub fn is_one(ty: &TypeObject) -> bool {
    [Buffered::TYPE, BufferedWriter::TYPE, BufferedRandom::TYPE].iter().any(|t| std::ptr::eq(t.ptr(), ty))
}

/// The class for what a file can do.
pub fn class_for(readable: bool, writable: bool) -> &'static TypeObject {
    match (readable, writable) {
        (true, true) => BufferedRandom::TYPE.get(),
        (false, _) => BufferedWriter::TYPE.get(),
        _ => Buffered::TYPE.get(),
    }
}

/// Adds the methods for reading to what a class has, and goes on with `$go`.
macro_rules! with_reading {
    ($go:ident! { $($head:tt)* } { $($more:tt)* }) => {
        $go! { { $($head)* } {
            #[slot]
            fn next(vm: &Vm, this: &Value) -> R<Option<Value>> {
                let line = if super::get_plain(this).is_some() {
                    payload(vm, this)?.read_line(vm, this, -1)?
                } else {
                    let v = vm.call_method_name(this, &names().readline, &[])?;
                    expect_bytes(v, |v| {
                        let given = v.ty().tp_name();
                        os_error_text(vm, format!("readline() should have returned a bytes object, not '{given}'"))
                    })?
                };
                Ok(if line.is_empty() { None } else { Some(line.into_value()) })
            }

            #[method(sig = "(size=-1, /)")]
            fn read(vm: &Vm, this: &Value, #[default(Size(-1))] size: Size) -> R {
                let b = payload(vm, this)?;
                match size.0 {
                    -1 => {
                        b.below(vm)?;
                        b.read_all(vm, this)
                    }
                    n => match usize::try_from(n) {
                        Ok(n) => b.read_bytes(vm, this, n),
                        Err(_) => {
                            b.below(vm)?;
                            Err(vm.value_error("read length must be non-negative or -1"))
                        }
                    },
                }
            }

            #[method(sig = "(size=-1, /)")]
            fn read1(vm: &Vm, this: &Value, #[default(Size(-1))] size: Size) -> R<Ref<Bytes>> {
                payload(vm, this)?.read_once(vm, this, size.0)
            }

            #[method(sig = "(size=0, /)")]
            fn peek(vm: &Vm, this: &Value, #[default(Size(0))] _size: Size) -> R<Ref<Bytes>> {
                let b = payload(vm, this)?;
                b.below(vm)?;
                b.look_ahead(vm, this)
            }

            #[method(sig = "(buffer, /)")]
            fn readinto(vm: &Vm, this: &Value, buffer: &Value) -> R<Option<usize>> {
                let mut target = writable_buffer(vm, buffer, "readinto")?;
                payload(vm, this)?.read_into(vm, this, &mut target, false)
            }

            #[method(sig = "(buffer, /)")]
            fn readinto1(vm: &Vm, this: &Value, buffer: &Value) -> R<Option<usize>> {
                let mut target = writable_buffer(vm, buffer, "readinto1")?;
                payload(vm, this)?.read_into(vm, this, &mut target, true)
            }

            #[method(sig = "(size=-1, /)")]
            fn readline(vm: &Vm, this: &Value, #[default(Size(-1))] size: Size) -> R<Ref<Bytes>> {
                payload(vm, this)?.read_line(vm, this, size.0)
            }

            #[method(sig = "()")]
            fn readable(vm: &Vm, this: &Value) -> R {
                ability(vm, payload(vm, this)?, &names().readable)
            }

            $($more)*
        } }
    };
}

/// Adds the methods for writing.
macro_rules! with_writing {
    ($go:ident! { $($head:tt)* } { $($more:tt)* }) => {
        $go! { { $($head)* } {
            /// Write buffer b to the IO stream.
            ///
            /// Return the number of bytes written, which is always the length of b in bytes. Raise BlockingIOError if
            /// the buffer is full and the underlying raw stream cannot accept more data at the moment.
            #[method(sig = "(buffer, /)")]
            fn write(vm: &Vm, this: &Value, buffer: &Value) -> R<usize> {
                let b = payload(vm, this)?;
                if !b.is_surely_open() {
                    b.below(vm)?;
                }
                let data = BytesLike::new(vm, buffer)?;
                b.write_bytes(vm, this, &data)
            }

            #[method(sig = "()")]
            fn writable(vm: &Vm, this: &Value) -> R {
                ability(vm, payload(vm, this)?, &names().writable)
            }

            $($more)*
        } }
    };
}

/// A class with what all three have.
macro_rules! buffered {
    ({ $(#[$doc:meta])* $name:literal $ty:ident $flush:ident ($readable:literal, $writable:literal) } { $($more:tt)* }) => {
        $(#[$doc])*
        #[class(name = $name, module = "_io", base = BufferedIoBase, layout = Layout::of::<Buffered>(),
            flags(BASETYPE, GC, HAS_DICT, HAS_WEAKREF), sig = "(raw, buffer_size=DEFAULT_BUFFER_SIZE)")]
        impl $ty {
            #[shape]
            fn shape(ty: &TypeObject) {
                // All three are known by the class that the payload names.
                ty.solid.set(Buffered::TYPE.ptr());
            }

            #[slot]
            fn new(vm: &Vm, cls: &TypeObject, _args: Args<'_>) -> R {
                allocate(vm, cls, Buffered::default())
            }

            #[slot]
            fn init(vm: &Vm, this: &Ref<Buffered>, raw: &Value, buffer_size: Option<isize>) -> R<()> {
                this.stop();
                if $readable && $writable {
                    check_seekable(vm, raw)?;
                }
                if $readable {
                    check_readable(vm, raw)?;
                }
                if $writable {
                    check_writable(vm, raw)?;
                }
                this.start(vm, this.value(), raw, buffer_size, ($readable, $writable))
            }

            #[slot(repr)]
            fn repr_slot(vm: &Vm, this: &Value) -> R<String> {
                repr(vm, this)
            }

            /// Disconnect this buffer from its underlying raw stream and return it.
            ///
            /// After the raw stream has been detached, the buffer is in an unusable state.
            #[method(name = "detach", sig = "()")]
            fn detach_method(vm: &Vm, this: &Value) -> R {
                detach(vm, this)
            }

            #[method(name = "flush", sig = "()")]
            fn flush_method(vm: &Vm, this: &Value) -> R {
                $flush(vm, this)
            }

            #[method(name = "close", sig = "()")]
            fn close_method(vm: &Vm, this: &Value) -> R<()> {
                close(vm, this)
            }

            #[method(sig = "()")]
            fn seekable(vm: &Vm, this: &Value) -> R {
                ability(vm, payload(vm, this)?, &names().seekable)
            }

            #[method(sig = "()")]
            fn fileno(vm: &Vm, this: &Value) -> R {
                forward(vm, payload(vm, this)?, &names().fileno, &[])
            }

            #[method(sig = "()")]
            fn isatty(vm: &Vm, this: &Value) -> R {
                forward(vm, payload(vm, this)?, &names().isatty, &[])
            }

            #[method(sig = "()")]
            fn tell(vm: &Vm, this: &Value) -> R<i64> {
                payload(vm, this)?.position(vm)
            }

            #[method(sig = "(target, whence=0, /)")]
            fn seek(vm: &Vm, this: &Value, target: &Value, whence: i32) -> R<i64> {
                payload(vm, this)?.go_to(vm, this, target, whence)
            }

            #[method(sig = "(pos=None, /)")]
            fn truncate(vm: &Vm, this: &Value, pos: &Value) -> R {
                payload(vm, this)?.cut(vm, this, pos)
            }

            /// The raw stream below.
            #[getter]
            fn raw(vm: &Vm, this: &Value) -> R<Option<Value>> {
                Ok(payload(vm, this)?.raw.get())
            }

            #[getter]
            fn closed(vm: &Vm, this: &Value) -> R {
                let raw = payload(vm, this)?.below(vm)?;
                match crate::io::quick::closed(vm, &raw) {
                    Some(r) => r.map(Value::bool),
                    None => vm.get_attr(&raw, &names().closed),
                }
            }

            #[getter]
            fn name(vm: &Vm, this: &Value) -> R {
                let raw = payload(vm, this)?.below(vm)?;
                vm.get_attr(&raw, &names().name)
            }

            #[getter]
            fn mode(vm: &Vm, this: &Value) -> R {
                let raw = payload(vm, this)?.below(vm)?;
                vm.get_attr(&raw, &names().mode)
            }

            #[getter]
            fn _finalizing(vm: &Vm, this: &Value) -> R<bool> {
                Ok(payload(vm, this)?.base.finalizing.get())
            }

            #[setter]
            fn set__finalizing(vm: &Vm, this: &Value, value: Option<&Value>) -> R<()> {
                let on = value.map_or(Ok(false), |v| vm.truth(v))?;
                payload(vm, this)?.base.finalizing.set(on);
                Ok(())
            }

            #[method(sig = "(source, /)")]
            fn _dealloc_warn(vm: &Vm, this: &Value, source: &Value) -> R<()> {
                if let Some(raw) = payload(vm, this)?.raw.get() {
                    warn_below(vm, &raw, source);
                }
                Ok(())
            }

            #[method(sig = "()")]
            fn __reduce__(vm: &Vm, this: &Value) -> R {
                base::cannot_pickle(vm, this)
            }

            #[method(sig = "(protocol, /)")]
            fn __reduce_ex__(vm: &Vm, this: &Value, _protocol: &Value) -> R {
                base::cannot_pickle(vm, this)
            }

            #[method(sig = "()")]
            fn __sizeof__(vm: &Vm, this: &Value) -> R<usize> {
                let b = payload(vm, this)?;
                let buffer = if b.dropped.get() { 0 } else { b.size.get() };
                Ok(16 + size_of::<Buffered>() + buffer)
            }

            $($more)*
        }
    };
}

with_reading! { buffered! {
    /// Create a new buffered reader using the given readable raw IO object.
    "BufferedReader" Buffered simple_flush (true, false)
} {} }

with_writing! { buffered! {
    /// A buffer for a writeable sequential RawIO object.
    ///
    /// The constructor creates a BufferedWriter for the given writeable raw stream. If the buffer_size is not given, it
    /// defaults to DEFAULT_BUFFER_SIZE.
    "BufferedWriter" BufferedWriter flush (false, true)
} {} }

macro_rules! buffered_and_writing {
    ({ $($head:tt)* } { $($more:tt)* }) => { with_writing! { buffered! { $($head)* } { $($more)* } } };
}

with_reading! { buffered_and_writing! {
    /// A buffered interface to random access streams.
    ///
    /// The constructor creates a reader and writer for a seekable stream, raw, given in the first argument. If the
    /// buffer_size is omitted it defaults to DEFAULT_BUFFER_SIZE.
    "BufferedRandom" BufferedRandom flush (true, true)
} {} }
