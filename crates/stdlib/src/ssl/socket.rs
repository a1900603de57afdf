//! The class `_SSLSocket`: a connection over a socket or between two memory buffers.

use std::cell::Cell;
use std::sync::{Arc, Mutex};

use taipan_macros::{Trace, class};
use taipan_runtime::core::{Payload as _, PyCell, R, Raised, Ref, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::bytes::{self, BytesLike};
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::memoryview::flags as buffer_flags;
use taipan_runtime::types::weakref::{self, WeakRef};
use taipan_runtime::types::{int, str};
use taipan_runtime::vm::Vm;

use super::bio::MemoryBio;
use super::context::Context;
use super::engine::{Engine, MOST_PLAIN, Stop, Transport};
use super::errors::{self, Kind, Line};
use super::session::Session;
use super::verify::lock;
use super::{choose, constants as c, info};
use crate::socket::object::Socket;
use crate::socket::wait::{self, Failure, For, Limit};

/// The payload of _SSLSocket.
#[derive(Trace)]
pub struct SslSocket {
    #[no_trace]
    pub engine: Arc<Mutex<Engine>>,
    /// The context, which may be changed before the handshake is done.
    pub context: PyCell<Value>,
    /// The socket, weakly: it owns this.
    sock: PyCell<Option<Value>>,
    /// The object that the user has, weakly.
    owner: PyCell<Option<Value>>,
    pub server_side: bool,
    #[no_trace]
    pub host: Option<String>,
    pub session: PyCell<Option<Value>>,
    /// Whether the context has counted the handshake.
    pub counted: Cell<bool>,
    /// The suites that a client has offered and this server knows.
    #[no_trace]
    pub shared: Mutex<Option<Vec<rustls::CipherSuite>>>,
}

fn weak(vm: &Vm, v: &Value) -> R<Option<Value>> {
    if v.is_none() {
        return Ok(None);
    }
    weakref::new_ref(vm, WeakRef::TYPE.get(), v, None).map(Some)
}

fn strong(cell: &PyCell<Option<Value>>) -> Option<Value> {
    let v = cell.get()?;
    weakref::core(&v)?.get()
}

impl SslSocket {
    fn make(
        vm: &Vm,
        context: &Ref<Context>,
        transport: Transport,
        sock: &Value,
        server_side: bool,
        host: Option<String>,
        owner: &Value,
        session: &Value,
    ) -> R {
        let protocol = context.settings().protocol;
        let wrong = match (server_side, protocol) {
            (true, c::PROTOCOL_TLS_CLIENT) => Some("Cannot create a server socket with a PROTOCOL_TLS_CLIENT context"),
            (false, c::PROTOCOL_TLS_SERVER) => Some("Cannot create a client socket with a PROTOCOL_TLS_SERVER context"),
            _ => None,
        };
        if let Some(text) = wrong {
            return Err(errors::unnumbered(vm, text, Line::NEW));
        }
        let mut engine = Engine::new(transport, server_side);
        if context.msg_callback.get().is_some() {
            engine.seen = Some(Default::default());
        }
        let new = Ref::new(Self {
            engine: Arc::new(Mutex::new(engine)),
            context: PyCell::new(context.value().clone()),
            sock: PyCell::new(weak(vm, sock)?),
            owner: PyCell::new(weak(vm, owner)?),
            server_side,
            host,
            session: PyCell::new(None),
            counted: Cell::new(false),
            shared: Mutex::new(None),
        });
        if !session.is_none() {
            new.take_session(vm, session)?;
        }
        Ok(new.into_value())
    }

    /// `SSLContext._wrap_socket`
    pub fn over_socket(
        vm: &Vm,
        context: &Ref<Context>,
        sock: &Value,
        server_side: bool,
        host: Option<String>,
        owner: &Value,
        session: &Value,
    ) -> R {
        let fd = sock.downcast::<Socket>().map_or(-1, |s| s.fd.get());
        Self::make(vm, context, Transport::Socket(fd), sock, server_side, host, owner, session)
    }

    /// `SSLContext._wrap_bio`
    pub fn over_memory(
        vm: &Vm,
        context: &Ref<Context>,
        incoming: &Ref<MemoryBio>,
        outgoing: &Ref<MemoryBio>,
        server_side: bool,
        host: Option<String>,
        owner: &Value,
        session: &Value,
    ) -> R {
        let transport = Transport::Memory(incoming.waiting.clone(), outgoing.waiting.clone());
        Self::make(vm, context, transport, &Value::NONE, server_side, host, owner, session)
    }

    /// The context.
    pub fn terms(&self) -> Option<Ref<Context>> {
        self.context.get().downcast::<Context>().cloned()
    }

    /// What callbacks are given: the object that the user has.
    pub fn shown(this: &Ref<Self>) -> Value {
        strong(&this.owner).unwrap_or_else(|| this.value().clone())
    }

    fn take_session(&self, vm: &Vm, v: &Value) -> R<()> {
        let Some(session) = v.downcast::<Session>() else {
            return Err(vm.type_error("Value is not a SSLSession."));
        };
        let Some(context) = self.terms() else { return Ok(()) };
        if !session.context.upgrade().is_some_and(|c| Arc::ptr_eq(&c, &context.settings)) {
            return Err(vm.value_error("Session refers to a different SSLContext."));
        }
        if self.server_side {
            return Err(vm.value_error("Cannot set session for server-side SSLSocket."));
        }
        if !lock(&self.engine).is_idle() {
            return Err(vm.value_error("Cannot set session after handshake."));
        }
        self.session.set(Some(v.clone()));
        Ok(())
    }

    /// The socket, if this is over one: `Err` if it is gone or closed.
    fn socket(&self, vm: &Vm) -> R<Option<Value>> {
        if self.sock.borrow().is_none() {
            return Ok(None);
        }
        let v = strong(&self.sock);
        match v {
            Some(v) if v.downcast::<Socket>().is_some_and(|s| s.fd.get() >= 0) => Ok(Some(v)),
            Some(_) => Err(errors::plain(vm, "Underlying socket has been closed.")),
            None => Err(errors::unnumbered(vm, "Underlying socket connection gone", Line::HANDSHAKE)),
        }
    }

    /// Runs an operation, waits where it has to wait, until it is done or can't be.
    fn drive<T: Send>(
        vm: &Vm,
        this: &Ref<Self>,
        (name, line): (&str, Line),
        mut f: impl FnMut(&mut Engine) -> Result<T, Stop> + Send,
    ) -> R<Result<T, Stop>> {
        let sock = this.socket(vm)?;
        let sock = sock.as_ref().and_then(|s| s.downcast::<Socket>());
        let mut limit = sock.map(|s| Limit::of(s));
        let engine = &*this.engine;
        loop {
            let result = match sock {
                Some(_) => vm.allow_threads(|| f(&mut lock(engine))),
                None => {
                    let mut e = lock(engine);
                    if e.is_ready() { f(&mut e) } else {
                        drop(e);
                        vm.allow_threads(|| f(&mut lock(engine)))
                    }
                }
            };
            if let Some(context) = this.terms()
                && context.msg_callback.borrow().is_some()
            {
                info::tell(vm, this, &context)?;
            }
            let what = match &result {
                Err(Stop::Hello) => {
                    choose::choose(vm, this, line)?;
                    continue;
                }
                Err(Stop::WantRead) => For::Reading,
                Err(Stop::WantWrite) => For::Writing,
                _ => return Ok(result),
            };
            let (Some(sock), Some(limit)) = (sock, limit.as_mut()) else { return Ok(result) };
            if sock.timeout.get() == 0 {
                return Ok(result);
            }
            match wait::ready(vm, sock, what, limit) {
                Ok(()) => {}
                Err(Failure::TimedOut) => {
                    let text = format!("{name} operation timed out");
                    return Err(vm.raise_msg(&exc::TIMEOUT_ERROR, &text));
                }
                Err(e) => return Err(e.raise(vm)),
            }
            if sock.fd.get() < 0 {
                return Err(errors::plain(vm, "Underlying socket has been closed."));
            }
        }
    }

    /// What an operation that is not done raises.
    #[cold]
    fn raise(&self, vm: &Vm, stop: Stop, line: Line) -> Raised {
        match stop {
            Stop::WantRead | Stop::Hello => Kind::WantRead.raise(vm, "The operation did not complete (read)", line),
            Stop::WantWrite => Kind::WantWrite.raise(vm, "The operation did not complete (write)", line),
            Stop::Closed => Kind::ZeroReturn.raise(vm, "TLS/SSL connection has been closed (EOF)", line),
            Stop::Ended => errors::ended(vm, line),
            Stop::System(e) => vm.os_error(e.0, None),
            Stop::Strange(name) => errors::reason(vm, "SSL", name, line),
            Stop::Tls(e) => {
                let peer = lock(&self.engine).peer.clone();
                let fault = peer.and_then(|p| lock(&p.check.outcome).fault.clone());
                match (&e, fault) {
                    (rustls::Error::InvalidCertificate(_), Some(f)) => errors::not_verified(vm, &f, line),
                    _ => errors::raise(vm, &e, line),
                }
            }
        }
    }

    /// Whether an end without a goodbye is taken as one.
    fn takes_rude_end(&self) -> bool {
        self.terms().is_some_and(|x| x.settings().options & c::OP_IGNORE_EOF != 0)
    }

    /// Reads into a buffer; 0 at the end.
    fn read_into(vm: &Vm, this: &Ref<Self>, out: &mut [u8]) -> R<usize> {
        // What is decrypted already needs neither the system nor time.
        {
            let mut e = lock(&this.engine);
            if e.pending() > 0
                && let Ok(n) = e.read(out)
            {
                return Ok(n);
            }
        }
        match Self::drive(vm, this, ("The read", Line::READ), |e| e.read(out))? {
            Ok(n) => Ok(n),
            Err(Stop::Closed) => Ok(0),
            Err(Stop::Ended) if this.takes_rude_end() => Ok(0),
            Err(e) => Err(this.raise(vm, e, Line::READ)),
        }
    }
}

#[class(name = "_SSLSocket", module = "_ssl", flags(GC, NO_NEW))]
impl SslSocket {
    #[method(sig = "()")]
    fn do_handshake(vm: &Vm, this: &Ref<Self>) -> R<()> {
        match Self::drive(vm, this, ("_ssl.c:1003: The handshake", Line::HANDSHAKE), Engine::handshake)? {
            Ok(()) => {
                choose::done(this);
                Ok(())
            }
            Err(e) => Err(this.raise(vm, e, Line::HANDSHAKE)),
        }
    }

    /// Writes the bytes-like object b into the SSL object.
    ///
    /// Returns the number of bytes written.
    #[method(sig = "(b, /)")]
    fn write(vm: &Vm, this: &Ref<Self>, b: BytesLike<'_>) -> R<usize> {
        let data: &[u8] = &b;
        if data.is_empty() {
            this.socket(vm)?;
            return Ok(0);
        }
        match Self::drive(vm, this, ("The write", Line::WRITE), |e| e.write(data))? {
            Ok(n) => Ok(n),
            Err(e) => Err(this.raise(vm, e, Line::WRITE)),
        }
    }

    /// read(size, [buffer])
    /// Read up to size bytes from the SSL socket.
    #[method]
    fn read(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        let (size, buffer) = match args.all {
            [size] => (int::to_isize(vm, size)?, None),
            [size, buffer] => (int::to_isize(vm, size)?, Some(buffer)),
            _ => return Err(vm.type_error("_ssl._SSLSocket.read requires 1 to 2 arguments")),
        };
        if let Some(buffer) = buffer {
            let mut target = vm.buffer(buffer, buffer_flags::WRITABLE)?;
            let room = target.len();
            let n = match usize::try_from(size) {
                Ok(n) if n > 0 && n <= room => n,
                _ => room,
            };
            if n == 0 {
                return Ok(Value::from(0));
            }
            let n = Self::read_into(vm, this, &mut target.as_mut_slice()[..n])?;
            return Ok(Value::from(n));
        }
        let Ok(n) = usize::try_from(size) else { return Err(vm.value_error("size should not be negative")) };
        if n == 0 {
            return Ok(bytes::from_slice(b"").into_value());
        }
        let there = lock(&this.engine).pending();
        let most = if there > 0 { there } else { MOST_PLAIN };
        let mut out = vec![0; n.min(most)];
        let n = Self::read_into(vm, this, &mut out)?;
        if n < out.len() / 2 {
            return Ok(bytes::from_slice(&out[..n]).into_value());
        }
        out.truncate(n);
        Ok(bytes::from_vec(out).into_value())
    }

    /// Returns the number of already decrypted bytes available for read, pending on the connection.
    #[method(sig = "()")]
    fn pending(_vm: &Vm, this: &Ref<Self>) -> usize {
        lock(&this.engine).pending()
    }

    /// Does the SSL shutdown handshake with the remote end.
    #[method(sig = "()")]
    fn shutdown(vm: &Vm, this: &Ref<Self>) -> R {
        let sock = this.socket(vm)?;
        match Self::drive(vm, this, ("The read", Line::SHUTDOWN), Engine::shutdown)? {
            Ok(()) => Ok(sock.unwrap_or(Value::NONE)),
            Err(Stop::Ended) if sock.is_none() => Err(errors::ended(vm, Line::SHUTDOWN)),
            Err(e) => Err(this.raise(vm, e, Line::SHUTDOWN)),
        }
    }

    /// Returns the certificate for the peer.
    ///
    /// If no certificate was provided, returns None. If a certificate was provided, but not validated, returns an empty
    /// dictionary. Otherwise returns a dict containing information about the peer certificate.
    ///
    /// If the optional argument is True, returns a DER-encoded copy of the peer certificate, or None if no certificate
    /// was provided. This will return the certificate even if it wasn't validated.
    #[method(sig = "(binary_mode=False, /)")]
    fn getpeercert(vm: &Vm, this: &Ref<Self>, binary_mode: bool) -> R {
        info::peer_cert(vm, this, binary_mode)
    }

    #[method(sig = "()")]
    fn get_unverified_chain(vm: &Vm, this: &Ref<Self>) -> Value {
        info::sent_chain(vm, this)
    }

    #[method(sig = "()")]
    fn get_verified_chain(vm: &Vm, this: &Ref<Self>) -> Value {
        info::verified_chain(vm, this)
    }

    #[method(sig = "(cb_type='tls-unique')")]
    fn get_channel_binding(vm: &Vm, this: &Ref<Self>, cb_type: &str) -> R {
        info::channel_binding(vm, this, cb_type)
    }

    #[method(sig = "()")]
    fn cipher(_vm: &Vm, this: &Ref<Self>) -> Option<Value> {
        info::cipher(this)
    }

    #[method(sig = "()")]
    fn shared_ciphers(_vm: &Vm, this: &Ref<Self>) -> Option<Value> {
        info::shared_ciphers(this)
    }

    #[method(sig = "()")]
    fn version(_vm: &Vm, this: &Ref<Self>) -> Option<&'static str> {
        info::version(this)
    }

    #[method(sig = "()")]
    fn selected_alpn_protocol(_vm: &Vm, this: &Ref<Self>) -> Option<String> {
        let e = lock(&this.engine);
        let name = e.connection()?.alpn_protocol()?;
        Some(String::from_utf8_lossy(name).into_owned())
    }

    #[method(sig = "()")]
    fn compression(_vm: &Vm, _this: &Ref<Self>) -> Option<Value> {
        None
    }

    /// Initiate TLS 1.3 post-handshake authentication.
    #[method(sig = "()")]
    fn verify_client_post_handshake(vm: &Vm, this: &Ref<Self>) -> R {
        if !this.server_side && info::version(this) == Some("TLSv1.3") {
            return Err(errors::numbered(vm, 284, "SSL", "NOT_SERVER", Line::POST_HANDSHAKE));
        }
        if info::version(this) != Some("TLSv1.3") {
            return Err(errors::numbered(vm, 266, "SSL", "WRONG_SSL_VERSION", Line::POST_HANDSHAKE));
        }
        let text = "extension not received: the TLS library knows no authentication after the handshake";
        Err(errors::worded(vm, "EXTENSION_NOT_RECEIVED", text, Line::POST_HANDSHAKE))
    }

    /// This changes the context associated with the SSLSocket.
    ///
    /// This is typically used from within a callback function set by the sni_callback on the SSLContext to change the
    /// certificate information associated with the SSLSocket before the cryptographic exchange handshake messages.
    #[getter]
    fn context(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.context.get()
    }

    #[setter]
    fn set_context(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        match value {
            Some(v) if v.downcast::<Context>().is_some() => {
                this.context.set(v.clone());
                Ok(())
            }
            _ => Err(vm.type_error("The value must be a SSLContext")),
        }
    }

    /// Is this a server-side socket?
    #[getter]
    fn server_side(_vm: &Vm, this: &Ref<Self>) -> bool {
        this.server_side
    }

    /// The currently set server hostname (for SNI).
    #[getter]
    fn server_hostname(_vm: &Vm, this: &Ref<Self>) -> Option<Value> {
        this.host.as_deref().map(str::from_str)
    }

    /// The Python-level owner of this object.
    ///
    /// Passed as "self" in servername callback.
    #[getter]
    fn owner(_vm: &Vm, this: &Ref<Self>) -> Option<Value> {
        strong(&this.owner)
    }

    #[setter]
    fn set_owner(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        let new = weak(vm, value.unwrap_or(&Value::NONE))?;
        this.owner.set(new);
        Ok(())
    }

    /// The underlying SSLSession object.
    #[getter]
    fn session(vm: &Vm, this: &Ref<Self>) -> Option<Value> {
        info::session(vm, this)
    }

    #[setter]
    fn set_session(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        this.take_session(vm, value.unwrap_or(&Value::NONE))
    }

    /// Was the client session reused during handshake?
    #[getter]
    fn session_reused(_vm: &Vm, this: &Ref<Self>) -> bool {
        info::is_resumed(this)
    }
}
