//! How a connection goes on: a client when it begins, a server when it has seen the first message.

use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::{int, str};
use taipan_runtime::vm::Vm;

use super::ciphers;
use super::engine::Stop;
use super::errors::{self, Line};
use super::session::Session;
use super::socket::SslSocket;
use super::verify::lock;

/// The alert for whoever nothing can be agreed on with.
const HANDSHAKE_FAILURE: u8 = 40;

/// What a server has to know of the first message.
struct Hello {
    name: Option<String>,
    alpn: Option<Vec<Vec<u8>>>,
    suites: Vec<rustls::CipherSuite>,
    schemes: Vec<rustls::SignatureScheme>,
}

/// Goes on behind [`Stop::Hello`].
///
/// Raises SSLError where the context allows nothing, or a callback refuses the client.
pub fn choose(vm: &Vm, this: &Ref<SslSocket>, line: Line) -> R<()> {
    if this.server_side { server(vm, this, line) } else { client(vm, this, line) }
}

fn client(vm: &Vm, this: &Ref<SslSocket>, line: Line) -> R<()> {
    let Some(context) = this.terms() else { return Ok(()) };
    let host = this.host.as_deref();
    if context.settings().check_hostname && host.is_none() {
        return Err(vm.value_error("check_hostname requires server_hostname"));
    }
    let session = this.session.get();
    let session = session.as_ref().and_then(|s| s.downcast::<Session>()).map(|s| s.sessions.clone());
    let made = {
        let mut s = context.settings();
        s.stats.connect = s.stats.connect.wrapping_add(1);
        let peer = s.peer(host, true, session);
        s.client(&peer, host).map(|(config, name)| (config, name, peer))
    };
    let (config, name, peer) = made.map_err(|word| errors::reason(vm, "SSL", word, line))?;
    let engine = this.engine.clone();
    match vm.allow_threads(move || lock(&engine).begin(config, name, peer)) {
        Ok(()) => Ok(()),
        Err(Stop::Tls(e)) => Err(errors::raise(vm, &e, line)),
        Err(_) => Ok(()),
    }
}

fn server(vm: &Vm, this: &Ref<SslSocket>, line: Line) -> R<()> {
    let hello = lock(&this.engine).hello().map(|h| Hello {
        name: h.server_name().map(ToOwned::to_owned),
        alpn: h.alpn().map(|all| all.map(<[u8]>::to_vec).collect()),
        suites: h.cipher_suites().to_vec(),
        schemes: h.signature_schemes().to_vec(),
    });
    let Some(hello) = hello else { return Ok(()) };
    let Some(context) = this.terms() else { return Ok(()) };
    if let Some(callback) = context.sni_callback.get()
        && let Some(alert) = ask(vm, this, &callback, hello.name.as_deref(), context.value())
    {
        lock(&this.engine).reject(alert);
        return Err(errors::reason(vm, "SSL", "CALLBACK_FAILED", line));
    }
    // The callback may have put another one in its place.
    let Some(context) = this.terms() else { return Ok(()) };
    let made = {
        let mut s = context.settings();
        s.stats.accept = s.stats.accept.wrapping_add(1);
        let known: Vec<_> = s.all_suites().collect();
        let both = hello.suites.iter().copied().filter(|c| known.contains(c) && ciphers::by_id(*c).is_some());
        let both: Vec<_> = both.collect();
        let some = !both.is_empty();
        *lock(&this.shared) = Some(both);
        let peer = s.peer(None, false, None);
        match peer.key(&hello.schemes).filter(|_| some) {
            Some(_) => s.server(&peer, hello.alpn).map(|config| (config, peer)),
            None => Err("NO_SHARED_CIPHER"),
        }
    };
    if made.is_err() {
        lock(&this.engine).reject(HANDSHAKE_FAILURE);
    }
    let (config, peer) = made.map_err(|word| errors::reason(vm, "SSL", word, line))?;
    let engine = this.engine.clone();
    // An error stays in the engine: whoever goes on gets to know it.
    let _ = vm.allow_threads(move || lock(&engine).accept(config, peer));
    Ok(())
}

/// Asks the callback for server names; gives the alert with which the client is to be refused.
fn ask(vm: &Vm, this: &Ref<SslSocket>, callback: &Value, name: Option<&str>, context: &Value) -> Option<u8> {
    const INTERNAL_ERROR: u8 = 80;
    let name = name.map_or(Value::NONE, str::from_str);
    let answer = match vm.call(callback, &[SslSocket::shown(this), name, context.clone()]) {
        Ok(v) => v,
        Err(r) => {
            vm.unraisable(r, None, callback);
            return Some(HANDSHAKE_FAILURE);
        }
    };
    if answer.is_none() {
        return None;
    }
    match int::to_i64(vm, &answer) {
        Ok(n) => Some(u8::try_from(n).unwrap_or(INTERNAL_ERROR)),
        Err(r) => {
            vm.unraisable(r, None, &answer);
            Some(INTERNAL_ERROR)
        }
    }
}

/// Counts a handshake that is done.
pub fn done(this: &Ref<SslSocket>) {
    if this.counted.replace(true) {
        return;
    }
    let Some(context) = this.terms() else { return };
    let resumed = super::info::is_resumed(this);
    let mut s = context.settings();
    let n = if this.server_side { &mut s.stats.accept_good } else { &mut s.stats.connect_good };
    *n = n.wrapping_add(1);
    if resumed {
        s.stats.hits = s.stats.hits.wrapping_add(1);
    }
}
