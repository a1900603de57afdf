//! `CrossInterpreterBufferView`: memory of another interpreter.

use std::sync::Arc;

use taipan_macros::class;
use taipan_runtime::core::{R, Ref};
use taipan_runtime::types::memoryview::{Buffer, flags};
use taipan_runtime::vm::Vm;

use super::cross::Lent;

/// The payload of CrossInterpreterBufferView.
#[derive(taipan_macros::Trace)]
pub struct CrossInterpreterBufferView {
    #[no_trace]
    lent: Arc<Lent>,
}

/// What stands for the owner of the memory in the interpreter that uses it.
pub(super) fn new(lent: Arc<Lent>) -> Ref<CrossInterpreterBufferView> {
    Ref::new(CrossInterpreterBufferView { lent })
}

/// Memory of another interpreter.
#[class(name = "CrossInterpreterBufferView", module = "_interpreters", flags(NO_NEW))]
impl CrossInterpreterBufferView {
    #[slot]
    fn buffer(vm: &Vm, this: &Ref<Self>, asked: u32) -> R<Buffer> {
        let view = this.lent.view();
        if view.readonly && asked & flags::WRITABLE != 0 {
            return Err(vm.buffer_error("Object is not writable."));
        }
        Ok(Buffer::of_view(this.value().clone(), view.clone(), None))
    }
}
