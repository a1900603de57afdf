//! `PickleBuffer`: a buffer that may travel beside the pickle.

use taipan_macros::{Trace, class};
use taipan_runtime::core::{Payload, PyCell, R, Ref, Value};
use taipan_runtime::types::memoryview::{self, Buffer, flags};
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::vm::Vm;

/// The class.
#[allow(non_snake_case)]
pub fn PICKLE_BUFFER() -> Value {
    PickleBuffer::TYPE.value()
}

/// The payload of PickleBuffer.
#[derive(Trace)]
pub struct PickleBuffer {
    buffer: PyCell<Option<Buffer>>,
}

impl PickleBuffer {
    /// Looks at the buffer.
    ///
    /// Raises ValueError if it was released.
    pub fn with<T>(&self, vm: &Vm, f: impl FnOnce(&Buffer) -> T) -> R<T> {
        match &*self.buffer.borrow() {
            Some(b) => Ok(f(b)),
            None => Err(vm.value_error("operation forbidden on released PickleBuffer object")),
        }
    }
}

/// Wrapper for potentially out-of-band buffers
#[class(name = "PickleBuffer", module = "pickle", flags(GC, HAS_WEAKREF), sig = "(object, /)")]
impl PickleBuffer {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, object: &Value) -> R {
        let buffer = vm.buffer(object, flags::FULL_RO)?;
        Ok(Ref::new_of(cls, PickleBuffer { buffer: PyCell::new(Some(buffer)) }).into_value())
    }

    #[slot]
    fn buffer(vm: &Vm, this: &Ref<Self>, asked: u32) -> R<Buffer> {
        let owner = this.with(vm, |b| b.owner().clone())?;
        vm.buffer(&owner, asked)
    }

    /// Return a memoryview of the raw memory underlying this buffer.
    ///
    /// Will raise BufferError is the buffer isn't contiguous.
    #[method(sig = "()")]
    fn raw(vm: &Vm, this: &Ref<Self>) -> R {
        let (owner, contiguous) =
            this.with(vm, |b| (b.owner().clone(), b.view().c_contiguous() || b.view().f_contiguous()))?;
        if !contiguous {
            return Err(vm.buffer_error("cannot extract raw buffer from non-contiguous buffer"));
        }
        Ok(memoryview::from_buffer(vm.buffer(&owner, flags::FULL_RO)?.flattened()))
    }

    /// Release the underlying buffer.
    #[method(sig = "()")]
    fn release(_vm: &Vm, this: &Ref<Self>) {
        drop(this.buffer.replace(None));
    }
}
