//! What can be asked of a connection.

use std::sync::Arc;

use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::{bytes, list, str};
use taipan_runtime::vm::Vm;

use super::context::Context;
use super::session::Session;
use super::socket::SslSocket;
use super::verify::lock;
use super::x509::Cert;
use super::{certificate, ciphers};

/// `getpeercert`
pub fn peer_cert(vm: &Vm, this: &Ref<SslSocket>, binary: bool) -> R {
    let der = {
        let e = lock(&this.engine);
        if !e.is_ready() {
            drop(e);
            return Err(vm.value_error("handshake not done yet"));
        }
        e.connection().and_then(|c| Some(c.peer_certificates()?.first()?.to_vec()))
    };
    let Some(der) = der else { return Ok(Value::NONE) };
    if binary {
        return Ok(bytes::from_vec(der).into_value());
    }
    if this.terms().is_some_and(|c| c.settings().verify_mode == 0) {
        return Ok(Ref::new(Dict::new()).into_value());
    }
    match Cert::parse(&der) {
        Ok(c) => certificate::decode(vm, &c),
        Err(_) => Err(vm.value_error("the certificate can't be decoded")),
    }
}

/// What the other side has sent.
fn sent(this: &Ref<SslSocket>) -> Vec<Arc<Cert>> {
    let e = lock(&this.engine);
    let all = e.connection().and_then(|c| c.peer_certificates()).unwrap_or_default();
    all.iter().filter_map(|d| Cert::parse(d).ok()).map(Arc::new).collect()
}

/// `get_unverified_chain`
pub fn sent_chain(_vm: &Vm, this: &Ref<SslSocket>) -> Value {
    let all = sent(this);
    if all.is_empty() { Value::NONE } else { certificate::objects(&all) }
}

/// `get_verified_chain`
pub fn verified_chain(_vm: &Vm, this: &Ref<SslSocket>) -> Value {
    let peer = lock(&this.engine).peer.clone();
    let mut all = peer.map(|p| lock(&p.check.outcome).chain.clone()).unwrap_or_default();
    if all.is_empty() {
        all = sent(this);
    }
    if all.is_empty() { Value::NONE } else { certificate::objects(&all) }
}

/// `get_channel_binding`
pub fn channel_binding(vm: &Vm, _this: &Ref<SslSocket>, kind: &str) -> R {
    if kind == "tls-unique" {
        // The library keeps the messages of the handshake to itself.
        return Ok(Value::NONE);
    }
    Err(vm.value_error(format!("'{kind}' channel binding type not implemented")))
}

/// `cipher`
pub fn cipher(this: &Ref<SslSocket>) -> Option<Value> {
    let id = lock(&this.engine).connection()?.negotiated_cipher_suite()?.suite();
    ciphers::by_id(id).map(ciphers::Suite::tuple)
}

/// `shared_ciphers`
pub fn shared_ciphers(this: &Ref<SslSocket>) -> Option<Value> {
    let shared = lock(&this.shared).clone()?;
    let all = shared.into_iter().filter_map(ciphers::by_id).map(ciphers::Suite::tuple).collect();
    Some(list::from_vec(all).into_value())
}

/// `version`
pub fn version(this: &Ref<SslSocket>) -> Option<&'static str> {
    let e = lock(&this.engine);
    if !e.is_ready() {
        return None;
    }
    match e.connection()?.protocol_version()? {
        rustls::ProtocolVersion::TLSv1_3 => Some("TLSv1.3"),
        rustls::ProtocolVersion::TLSv1_2 => Some("TLSv1.2"),
        _ => None,
    }
}

/// `session_reused`
pub fn is_resumed(this: &Ref<SslSocket>) -> bool {
    let e = lock(&this.engine);
    e.connection().and_then(|c| c.handshake_kind()) == Some(rustls::HandshakeKind::Resumed)
}

/// `session`: that of the handshake, or the one that was given for it.
pub fn session(_vm: &Vm, this: &Ref<SslSocket>) -> Option<Value> {
    let peer = {
        let e = lock(&this.engine);
        if e.is_ready() { e.peer.clone() } else { None }
    };
    let Some(peer) = peer else { return this.session.get() };
    let context = Arc::downgrade(&this.terms()?.settings);
    Some(Ref::new(Session { sessions: peer.sessions.clone(), context }).into_value())
}

/// Tells the callback for messages what went by.
///
/// Raises what the callback raises.
pub fn tell(vm: &Vm, this: &Ref<SslSocket>, context: &Ref<Context>) -> R<()> {
    loop {
        let next = lock(&this.engine).seen.as_mut().and_then(std::collections::VecDeque::pop_front);
        let (Some(m), Some(f)) = (next, context.msg_callback.get()) else { return Ok(()) };
        let way = str::from_str(if m.sent { "write" } else { "read" });
        let (kind, message) = match m.kind {
            0 => (0x100, m.data.first().copied().map_or(0, i32::from)),
            // The second byte of an alert is what it says; the first of a message its kind.
            21 => (21, m.data.get(1).copied().map_or(0, i32::from)),
            20 => (20, 0x101),
            k => (i32::from(k), m.data.first().copied().map_or(0, i32::from)),
        };
        let data = bytes::from_slice(&m.data).into_value();
        let args = [SslSocket::shown(this), way, Value::from(i32::from(m.version)), Value::from(kind), Value::from(message), data];
        vm.call(&f, &args)?;
    }
}
