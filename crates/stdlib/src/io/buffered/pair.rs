//! `BufferedRWPair`: a reader and a writer as one stream.

use taipan_macros::{Trace, class};
use taipan_runtime::core::{Payload, PyCell, R, Ref, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::vm::{Vm, names};

use super::{Buffered, BufferedWriter};
use crate::io::base::{IoBase, Stream, allocate, check_readable, check_writable};
use crate::io::kinds::BufferedIoBase;
use crate::io::support::{self, DEFAULT_BUFFER_SIZE};

/// The payload of `BufferedRWPair`.
#[derive(Trace, Default)]
#[repr(C)]
pub struct RwPair {
    base: IoBase,
    reader: PyCell<Option<Value>>,
    writer: PyCell<Option<Value>>,
}

impl Stream for RwPair {
    fn base(&self) -> &IoBase {
        &self.base
    }
}

fn call(vm: &Vm, half: &PyCell<Option<Value>>, name: &Value, args: &[Value]) -> R {
    match half.get() {
        Some(stream) => vm.call_method_name(&stream, name, args),
        None => Err(vm.value_error("I/O operation on uninitialized object")),
    }
}

/// A buffered reader and writer object together.
///
/// A buffered reader object and buffered writer object put together to form a sequential IO object that can read and
/// write. This is typically used with a socket or two-way pipe.
///
/// reader and writer are RawIOBase objects that are readable and writeable respectively. If the buffer_size is omitted
/// it defaults to DEFAULT_BUFFER_SIZE.
#[class(name = "BufferedRWPair", module = "_io", base = BufferedIoBase, flags(BASETYPE, GC, HAS_DICT, HAS_WEAKREF),
    sig = "(reader, writer, buffer_size=DEFAULT_BUFFER_SIZE, /)")]
impl RwPair {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, _args: Args<'_>) -> R {
        allocate(vm, cls, Self::default())
    }

    #[slot]
    fn init(vm: &Vm, this: &Ref<Self>, reader: &Value, writer: &Value, buffer_size: Option<isize>) -> R<()> {
        check_readable(vm, reader)?;
        check_writable(vm, writer)?;
        let size = buffer_size.map_or(Value::from(DEFAULT_BUFFER_SIZE), Value::from);
        let reader = vm.call(&Buffered::TYPE.value(), &[reader.clone(), size.clone()])?;
        let writer = vm.call(&BufferedWriter::TYPE.value(), &[writer.clone(), size])?;
        this.reader.set(Some(reader));
        this.writer.set(Some(writer));
        Ok(())
    }

    #[method]
    fn read(vm: &Vm, this: &Ref<Self>, args: &[Value]) -> R {
        call(vm, &this.reader, &names().read, args)
    }

    #[method]
    fn peek(vm: &Vm, this: &Ref<Self>, args: &[Value]) -> R {
        call(vm, &this.reader, &names().peek, args)
    }

    #[method]
    fn read1(vm: &Vm, this: &Ref<Self>, args: &[Value]) -> R {
        call(vm, &this.reader, &names().read1, args)
    }

    #[method]
    fn readinto(vm: &Vm, this: &Ref<Self>, args: &[Value]) -> R {
        call(vm, &this.reader, &names().readinto, args)
    }

    #[method]
    fn readinto1(vm: &Vm, this: &Ref<Self>, args: &[Value]) -> R {
        call(vm, &this.reader, &names().readinto1, args)
    }

    #[method]
    fn write(vm: &Vm, this: &Ref<Self>, args: &[Value]) -> R {
        call(vm, &this.writer, &names().write, args)
    }

    #[method(sig = "()")]
    fn flush(vm: &Vm, this: &Ref<Self>) -> R {
        call(vm, &this.writer, &names().flush, &[])
    }

    #[method(sig = "()")]
    fn readable(vm: &Vm, this: &Ref<Self>) -> R {
        call(vm, &this.reader, &names().readable, &[])
    }

    #[method(sig = "()")]
    fn writable(vm: &Vm, this: &Ref<Self>) -> R {
        call(vm, &this.writer, &names().writable, &[])
    }

    #[method(sig = "()")]
    fn close(vm: &Vm, this: &Ref<Self>) -> R {
        let first = support::caught(vm, call(vm, &this.writer, &names().close, &[]));
        let second = call(vm, &this.reader, &names().close, &[]);
        support::chain(vm, first, second)
    }

    #[method(sig = "()")]
    fn isatty(vm: &Vm, this: &Ref<Self>) -> R {
        let r = call(vm, &this.writer, &names().isatty, &[])?;
        if vm.truth(&r)? { Ok(r) } else { call(vm, &this.reader, &names().isatty, &[]) }
    }

    #[getter]
    fn closed(vm: &Vm, this: &Ref<Self>) -> R {
        match this.writer.get() {
            Some(w) => vm.get_attr(&w, &names().closed),
            None => Err(vm.runtime_error("the BufferedRWPair object is being garbage-collected")),
        }
    }
}
