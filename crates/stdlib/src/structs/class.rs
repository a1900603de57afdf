//! Struct, a format as an object, and the iterator of iter_unpack.

use std::cell::Cell;
use std::rc::Rc;

use taipan_macros::{Trace, class};
use taipan_runtime::core::{PyCell, R, Ref, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::str;
use taipan_runtime::types::bytes::BytesLike;
use taipan_runtime::types::memoryview::{Buffer, flags};
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::vm::Vm;

use super::format::{Format, compile};
use super::{do_iter_unpack, do_pack, do_pack_into, do_unpack, do_unpack_from, error, pack};

/// The payload of Struct.
#[derive(Trace)]
pub struct Struct {
    #[no_trace]
    format: PyCell<Rc<Format>>,
}

impl Struct {
    fn now(&self) -> Rc<Format> {
        self.format.borrow().clone()
    }
}

fn no_names(vm: &Vm, name: &str, args: Args<'_>) -> R<()> {
    if args.names.is_empty() {
        return Ok(());
    }
    Err(vm.type_error(format!("Struct.{name}() takes no keyword arguments")))
}

/// Struct(fmt) --> compiled struct object
#[class(name = "Struct", module = "_struct", flags(BASETYPE, GC, HAS_WEAKREF))]
impl Struct {
    #[slot]
    fn new(_vm: &Vm, cls: &TypeObject, _args: Args<'_>) -> R {
        Ok(Ref::new_of(cls, Struct { format: PyCell::new(Rc::new(Format::none())) }).into_value())
    }

    #[slot(init, sig = "(format)")]
    fn init(vm: &Vm, this: &Ref<Self>, format: &Value) -> R<()> {
        this.format.set(compile(vm, format)?);
        Ok(())
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Self>) -> R<String> {
        let text = vm.repr_string(&Self::format(vm, this))?;
        Ok(format!("{}({text})", this.ty().name()))
    }

    /// Return a bytes object containing values packed according to the format.
    #[method]
    fn pack(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        no_names(vm, "pack", args)?;
        do_pack(vm, &this.now(), args.all)
    }

    /// Pack values according to the format and write the bytes into a writable buffer, from an offset on.
    #[method]
    fn pack_into(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R<()> {
        no_names(vm, "pack_into", args)?;
        do_pack_into(vm, &this.now(), args.all)
    }

    /// Return a tuple containing unpacked values.
    ///
    /// The buffer's size in bytes must be Struct.size.
    #[method(sig = "(buffer, /)")]
    fn unpack(vm: &Vm, this: &Ref<Self>, buffer: BytesLike<'_>) -> R {
        do_unpack(vm, &this.now(), &buffer)
    }

    /// Return a tuple containing unpacked values.
    ///
    /// Values are unpacked starting at offset; from there on the buffer must have at least Struct.size bytes.
    #[method(sig = "(buffer, offset=0)")]
    fn unpack_from(vm: &Vm, this: &Ref<Self>, buffer: BytesLike<'_>, offset: isize) -> R {
        do_unpack_from(vm, &this.now(), &buffer, offset)
    }

    /// Return an iterator yielding tuples.
    ///
    /// Tuples are unpacked from the given bytes source, like a repeated invocation of unpack_from().
    #[method(sig = "(buffer, /)")]
    fn iter_unpack(vm: &Vm, this: &Ref<Self>, buffer: &Value) -> R {
        do_iter_unpack(vm, this.now(), buffer)
    }

    /// struct format string
    #[getter]
    fn format(_vm: &Vm, this: &Ref<Self>) -> Value {
        str::from_latin1(&this.now().text).into_value()
    }

    /// struct size in bytes
    #[getter]
    fn size(_vm: &Vm, this: &Ref<Self>) -> isize {
        this.now().size
    }

    /// S.__sizeof__() -> size of S in memory, in bytes
    #[method(sig = "()")]
    fn __sizeof__(_vm: &Vm, this: &Ref<Self>) -> usize {
        let codes = this.now().codes.len();
        this.ty().size.get() as usize + size_of::<Format>() + codes * size_of::<super::format::Code>()
    }
}

/// The payload of the iterator.
#[derive(Trace)]
pub struct UnpackIter {
    #[no_trace]
    format: Rc<Format>,
    /// Given up at the end.
    buffer: PyCell<Option<Buffer>>,
    at: Cell<usize>,
}

impl UnpackIter {
    /// Over the whole of an object's buffer.
    pub fn make(vm: &Vm, format: Rc<Format>, v: &Value) -> R {
        let buffer = vm.buffer(v, flags::SIMPLE)?;
        let size = format.bytes();
        if size == 0 || buffer.len() % size != 0 {
            let size = format.size;
            return Err(error(vm, &format!("iterative unpacking requires a buffer of a multiple of {size} bytes")));
        }
        Ok(Ref::new(UnpackIter { format, buffer: PyCell::new(Some(buffer)), at: Cell::new(0) }).into_value())
    }
}

/// An iterator over the structs in a buffer.
#[class(name = "unpack_iterator", module = "_struct", flags(GC, NO_NEW))]
impl UnpackIter {
    #[slot]
    fn iter(_vm: &Vm, this: &Ref<Self>) -> R {
        Ok(this.value().clone())
    }

    #[slot]
    fn next(vm: &Vm, this: &Ref<Self>) -> R<Option<Value>> {
        let (start, size) = (this.at.get(), this.format.bytes());
        {
            let buffer = this.buffer.borrow();
            let Some(buffer) = buffer.as_ref() else { return Ok(None) };
            if let Some(data) = buffer.as_slice().get(start..start + size) {
                this.at.set(start + size);
                return Ok(Some(pack::unpack(vm, &this.format, data)?.into_value()));
            }
        }
        let done = this.buffer.take();
        drop(done);
        Ok(None)
    }

    #[method(sig = "()")]
    fn __length_hint__(_vm: &Vm, this: &Ref<Self>) -> usize {
        match this.buffer.borrow().as_ref() {
            Some(b) => b.len().saturating_sub(this.at.get()) / this.format.bytes().max(1),
            None => 0,
        }
    }
}
