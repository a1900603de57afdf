//! The class `SSLSession`: what can be taken up again.

use std::sync::{Arc, Weak, Mutex};

use taipan_macros::{Trace, class};
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::bytes;
use taipan_runtime::types::type_::CmpOp;
use taipan_runtime::vm::Vm;

use super::peer::Sessions;
use super::settings::Settings;

/// The payload of SSLSession.
#[derive(Trace)]
pub struct Session {
    #[no_trace]
    pub sessions: Arc<Sessions>,
    /// The context that it belongs to.
    #[no_trace]
    pub context: Weak<Mutex<Settings>>,
}

#[class(name = "SSLSession", module = "_ssl", flags(GC, NO_NEW))]
impl Session {
    #[slot]
    fn hash(vm: &Vm, this: &Ref<Self>) -> R<i64> {
        vm.hash(bytes::from_slice(&this.sessions.id).value())
    }

    #[slot]
    fn richcompare(vm: &Vm, this: &Ref<Self>, other: &Value, op: CmpOp) -> R {
        let Some(other) = other.downcast::<Self>() else { return Ok(Value::NOT_IMPLEMENTED) };
        let same = this.sessions.id == other.sessions.id;
        let _ = vm;
        Ok(match op {
            CmpOp::Eq => Value::from(same),
            CmpOp::Ne => Value::from(!same),
            _ => Value::NOT_IMPLEMENTED,
        })
    }

    /// Session id.
    #[getter]
    fn id(_vm: &Vm, this: &Ref<Self>) -> Value {
        bytes::from_slice(&this.sessions.id).into_value()
    }

    /// Session creation time (seconds since epoch).
    #[getter]
    fn time(_vm: &Vm, this: &Ref<Self>) -> i64 {
        this.sessions.time
    }

    /// Session timeout (delta in seconds).
    #[getter]
    fn timeout(_vm: &Vm, _this: &Ref<Self>) -> i64 {
        7200
    }

    /// Ticket life time hint.
    #[getter]
    fn ticket_lifetime_hint(_vm: &Vm, _this: &Ref<Self>) -> i64 {
        7200
    }

    /// Does the session contain a ticket?
    #[getter]
    fn has_ticket(_vm: &Vm, this: &Ref<Self>) -> bool {
        this.sessions.is_offered()
    }
}
