//! `ChannelID`: the number of a channel, which lives as long as any.

use std::sync::Arc;

use taipan_macros::class;
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::type_::CmpOp;
use taipan_runtime::types::{float, int};
use taipan_runtime::vm::Vm;

use super::store::{Channels, End};

/// A reference to a channel.
pub struct Handle {
    channels: Arc<Channels>,
    /// Its number.
    pub id: i64,
    /// Whether there was such a channel.
    counted: bool,
}

impl Handle {
    /// One more reference.
    pub fn new(channels: Arc<Channels>, id: i64) -> Self {
        let counted = channels.add_ref(id);
        Self { channels, id, counted }
    }
}

impl Clone for Handle {
    fn clone(&self) -> Self {
        Self::new(self.channels.clone(), self.id)
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        if self.counted {
            self.channels.drop_ref(self.id);
        }
    }
}

/// The payload of ChannelID.
#[derive(taipan_macros::Trace)]
pub struct ChannelID {
    #[no_trace]
    pub(super) handle: Handle,
    #[no_trace]
    pub(super) end: End,
}

/// An ID.
pub(super) fn new(handle: Handle, end: End) -> Ref<ChannelID> {
    Ref::new(ChannelID { handle, end })
}

/// A channel ID identifies a channel and may be used as an int.
#[class(name = "ChannelID", module = "_interpchannels", flags(NO_NEW))]
impl ChannelID {
    #[slot]
    fn repr(_vm: &Vm, this: &Ref<Self>) -> String {
        let id = this.handle.id;
        match this.end {
            End::Send => format!("ChannelID({id}, send=True)"),
            End::Recv => format!("ChannelID({id}, recv=True)"),
            End::Both => format!("ChannelID({id})"),
        }
    }

    #[slot]
    fn str(_vm: &Vm, this: &Ref<Self>) -> String {
        this.handle.id.to_string()
    }

    #[slot]
    fn hash(_vm: &Vm, this: &Ref<Self>) -> i64 {
        this.handle.id
    }

    #[slot]
    fn int(_vm: &Vm, this: &Ref<Self>) -> Value {
        Value::from(this.handle.id)
    }

    #[slot]
    fn index(_vm: &Vm, this: &Ref<Self>) -> Value {
        Value::from(this.handle.id)
    }

    #[slot]
    fn richcompare(vm: &Vm, this: &Ref<Self>, other: &Value, op: CmpOp) -> R {
        if !matches!(op, CmpOp::Eq | CmpOp::Ne) {
            return Ok(Value::NOT_IMPLEMENTED);
        }
        let id = this.handle.id;
        let same = if let Some(o) = other.downcast_exact::<ChannelID>() {
            o.handle.id == id && o.end == this.end
        } else if let Some(n) = int::get(other) {
            n.to_i64() == Some(id)
        } else if let Some(x) = float::get(other) {
            x == id as f64
        } else {
            return match op {
                CmpOp::Eq => vm.compare(&Value::from(id), other, op),
                _ => Ok(Value::NOT_IMPLEMENTED),
            };
        };
        Ok(Value::from(same == (op == CmpOp::Eq)))
    }

    /// 'send', 'recv', or 'both'
    #[getter]
    fn end(_vm: &Vm, this: &Ref<Self>) -> &'static str {
        match this.end {
            End::Send => "send",
            End::Recv => "recv",
            End::Both => "both",
        }
    }

    /// the 'send' end of the channel
    #[getter]
    fn send(_vm: &Vm, this: &Ref<Self>) -> Ref<Self> {
        new(this.handle.clone(), End::Send)
    }

    /// the 'recv' end of the channel
    #[getter]
    fn recv(_vm: &Vm, this: &Ref<Self>) -> Ref<Self> {
        new(this.handle.clone(), End::Recv)
    }
}
