//! The class `_SSLContext`.

use std::sync::{Arc, Mutex, MutexGuard};

use taipan_macros::{Trace, class};
use taipan_runtime::core::{PyCell, R, Ref, Value};
use taipan_runtime::types::bytes::BytesLike;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::types::{bytes, int, list, str};
use taipan_runtime::vm::Vm;

use super::bio::MemoryBio;
use super::errors;
use super::settings::{SecretLog, Settings};
use super::socket::SslSocket;
use super::verify::lock;
use super::{certificate, ciphers, constants as c, load};
use crate::socket::object::Socket;

/// The payload of _SSLContext.
#[derive(Trace)]
pub struct Context {
    #[no_trace]
    pub settings: Arc<Mutex<Settings>>,
    pub sni_callback: PyCell<Option<Value>>,
    pub msg_callback: PyCell<Option<Value>>,
}

impl Context {
    /// What is set.
    pub fn settings(&self) -> MutexGuard<'_, Settings> {
        lock(&self.settings)
    }
}

fn not_a_server(vm: &Vm, this: &Context) -> R<()> {
    if this.settings().protocol == c::PROTOCOL_TLS_SERVER {
        return Ok(());
    }
    Err(vm.value_error("SSLContext is not a server context."))
}

fn version_arg(vm: &Vm, this: &Context, value: Option<&Value>, minimum: bool) -> R<()> {
    let Some(v) = value else { return Err(vm.type_error("cannot delete attribute")) };
    let n = int::to_i64(vm, v)?;
    let known = [-2, -1, 0x300, 0x301, 0x302, 0x303, 0x304].contains(&n);
    if !known {
        return Err(vm.value_error(format!("Unsupported TLS/SSL version {n:#x}")));
    }
    let n = n as i32;
    let fixed = this.settings().protocol;
    if ![c::PROTOCOL_TLS, c::PROTOCOL_TLS_CLIENT, c::PROTOCOL_TLS_SERVER].contains(&fixed) {
        return Err(vm.value_error("The context's protocol doesn't support modification of highest and lowest version."));
    }
    if [0x300, 0x301, 0x302].contains(&n) {
        let name = ["ssl.TLSVersion.SSLv3", "ssl.TLSVersion.TLSv1", "ssl.TLSVersion.TLSv1_1"];
        let name = name.get((n - 0x300) as usize).unwrap_or(&"");
        vm.warn(&exc::DEPRECATION_WARNING, &format!("{name} is deprecated"), 2)?;
        if !minimum {
            return Err(vm.value_error(format!("Unsupported protocol version {n:#x}: only TLS 1.2 and 1.3 are implemented")));
        }
    }
    let mut s = this.settings();
    if minimum {
        s.minimum = n;
    } else {
        s.maximum = n;
    }
    Ok(())
}

/// The text of a host's name as an argument: str or bytes.
fn host_arg(vm: &Vm, v: Option<&Value>) -> R<Option<String>> {
    let Some(v) = v.filter(|v| !v.is_none()) else { return Ok(None) };
    let name = match bytes::get(v) {
        Some(b) => String::from_utf8_lossy(b).into_owned(),
        None if v.downcast::<str::Str>().is_none() => {
            return Err(vm.type_error(format!("argument must be str or None, not {}", v.ty().tp_name())));
        }
        None => {
            let s = str::expect_utf8(vm, v)?.into_owned();
            if !s.is_ascii() {
                let s = v.downcast::<str::Str>();
                let Some(s) = s else { return Ok(None) };
                let at = s.iter().position(|ch| ch > 127).unwrap_or(0);
                return Err(vm.unicode_encode_error("ascii", s, at, at + 1, "ordinal not in range(128)"));
            }
            s
        }
    };
    if name.contains('\0') {
        return Err(vm.type_error("argument must be encoded string without null bytes, not str"));
    }
    if name.is_empty() || name.starts_with('.') {
        return Err(vm.value_error("server_hostname cannot be an empty string or start with a leading dot."));
    }
    Ok(Some(name))
}

/// An SSLContext allows connections to be made under the same terms.
#[class(name = "_SSLContext", module = "_ssl", flags(BASETYPE, GC))]
impl Context {
    #[slot(new, sig = "(proto_version, /)")]
    fn new(vm: &Vm, cls: &TypeObject, proto_version: i32) -> R {
        let deprecated = match proto_version {
            c::PROTOCOL_TLS => Some("ssl.PROTOCOL_TLS is deprecated"),
            5 => Some("ssl.PROTOCOL_TLSv1_2 is deprecated"),
            3 => Some("ssl.PROTOCOL_TLSv1 is deprecated"),
            4 => Some("ssl.PROTOCOL_TLSv1_1 is deprecated"),
            c::PROTOCOL_TLS_CLIENT | c::PROTOCOL_TLS_SERVER => None,
            n => return Err(vm.value_error(format!("invalid or unsupported protocol version {n}"))),
        };
        if let Some(text) = deprecated {
            vm.warn(&exc::DEPRECATION_WARNING, text, 2)?;
        }
        if [3, 4].contains(&proto_version) {
            return Err(vm.value_error(format!(
                "invalid or unsupported protocol version {proto_version}: TLS 1.0 and 1.1 are not implemented"
            )));
        }
        let mut settings = Settings::new(proto_version);
        if proto_version == 5 {
            settings.minimum = c::MINIMUM_SUPPORTED;
        }
        let new = Self {
            settings: Arc::new(Mutex::new(settings)),
            sni_callback: PyCell::new(None),
            msg_callback: PyCell::new(None),
        };
        Ok(Ref::new_of(cls, new).into_value())
    }

    #[method(sig = "(sock, server_side, server_hostname=None, *, owner=None, session=None)")]
    fn _wrap_socket(
        vm: &Vm,
        this: &Ref<Self>,
        sock: &Value,
        server_side: bool,
        server_hostname: &Value,
        owner: &Value,
        session: &Value,
    ) -> R {
        if sock.downcast::<Socket>().is_none() {
            let given = sock.ty().tp_name();
            return Err(vm.type_error(format!("_wrap_socket() argument 'sock' must be _socket.socket, not {given}")));
        }
        let host = host_arg(vm, Some(server_hostname))?;
        SslSocket::over_socket(vm, this, sock, server_side, host, owner, session)
    }

    #[method(sig = "(incoming, outgoing, server_side, server_hostname=None, *, owner=None, session=None)")]
    fn _wrap_bio(
        vm: &Vm,
        this: &Ref<Self>,
        incoming: &Ref<MemoryBio>,
        outgoing: &Ref<MemoryBio>,
        server_side: bool,
        server_hostname: &Value,
        owner: &Value,
        session: &Value,
    ) -> R {
        let host = host_arg(vm, Some(server_hostname))?;
        SslSocket::over_memory(vm, this, incoming, outgoing, server_side, host, owner, session)
    }

    #[method(sig = "(cipherlist, /)")]
    fn set_ciphers(vm: &Vm, this: &Ref<Self>, cipherlist: &str) -> R<()> {
        match ciphers::select(cipherlist) {
            Some(suites) => {
                this.settings().suites = suites;
                Ok(())
            }
            None => Err(errors::plain(vm, "No cipher can be selected.")),
        }
    }

    #[method(sig = "()")]
    fn get_ciphers(vm: &Vm, this: &Ref<Self>) -> R {
        let suites: Vec<_> = this.settings().all_suites().collect();
        ciphers::list(vm, suites.into_iter())
    }

    #[method(sig = "(protos, /)")]
    fn _set_alpn_protocols(vm: &Vm, this: &Ref<Self>, protos: BytesLike<'_>) -> R<()> {
        let mut out = Vec::new();
        let mut rest: &[u8] = &protos;
        while let Some((&n, more)) = rest.split_first() {
            let Some((name, more)) = more.split_at_checked(usize::from(n)).filter(|_| n > 0) else {
                return Err(vm.memory_error());
            };
            out.push(name.to_vec());
            rest = more;
        }
        this.settings().alpn = out;
        Ok(())
    }

    #[method(sig = "(certfile, keyfile=None, password=None)")]
    fn load_cert_chain(vm: &Vm, this: &Ref<Self>, certfile: &Value, keyfile: &Value, password: &Value) -> R<()> {
        load::cert_chain(vm, this, certfile, keyfile, password)
    }

    #[method(sig = "(path, /)")]
    fn load_dh_params(vm: &Vm, _this: &Ref<Self>, path: &Value) -> R<()> {
        load::dh_params(vm, path)
    }

    #[method(sig = "(cafile=None, capath=None, cadata=None)")]
    fn load_verify_locations(vm: &Vm, this: &Ref<Self>, cafile: &Value, capath: &Value, cadata: &Value) -> R<()> {
        load::verify_locations(vm, this, cafile, capath, cadata)
    }

    #[method(sig = "()")]
    fn set_default_verify_paths(vm: &Vm, this: &Ref<Self>) -> R<()> {
        load::default_paths(vm, this)
    }

    #[method(sig = "()")]
    fn session_stats(_vm: &Vm, this: &Ref<Self>) -> Value {
        let s = this.settings();
        let d = Ref::new(Dict::new());
        let st = &s.stats;
        let all = [
            ("number", 0),
            ("connect", st.connect),
            ("connect_good", st.connect_good),
            ("connect_renegotiate", 0),
            ("accept", st.accept),
            ("accept_good", st.accept_good),
            ("accept_renegotiate", 0),
            ("hits", st.hits),
            ("misses", 0),
            ("timeouts", 0),
            ("cache_full", 0),
        ];
        for (name, n) in all {
            d.set_str(name, Value::from(n));
        }
        d.into_value()
    }

    #[method(sig = "(name, /)")]
    fn set_ecdh_curve(vm: &Vm, this: &Ref<Self>, name: &Value) -> R<()> {
        let raw = crate::posix::paths::path_arg(vm, name, "set_ecdh_curve: name", false)?;
        let name = raw.path.to_string_lossy().into_owned();
        use rustls::NamedGroup as G;
        let group = match name.as_str() {
            "prime256v1" | "secp256r1" | "P-256" => G::secp256r1,
            "secp384r1" | "P-384" => G::secp384r1,
            "secp521r1" | "P-521" => return Err(vm.value_error("elliptic curve secp521r1 is not implemented")),
            "X25519" | "x25519" => G::X25519,
            _ => return Err(vm.value_error(format!("unknown elliptic curve name {}", vm.repr_string(&str::from_str(&name))?))),
        };
        this.settings().group = Some(group);
        Ok(())
    }

    /// Returns quantities of loaded X.509 certificates.
    #[method(sig = "()")]
    fn cert_store_stats(_vm: &Vm, this: &Ref<Self>) -> Value {
        let store = this.settings().store.clone();
        let store = lock(&store);
        let ca = store.certs().iter().filter(|c| c.is_ca()).count();
        let d = Ref::new(Dict::new());
        d.set_str("x509", Value::from(store.certs().len()));
        d.set_str("crl", Value::from(store.crls.len()));
        d.set_str("x509_ca", Value::from(ca));
        d.into_value()
    }

    /// Returns a list of dicts with information of loaded CA certs.
    ///
    /// If the optional argument is True, returns a DER-encoded copy of the CA certificate.
    #[method(sig = "(binary_form=False)")]
    fn get_ca_certs(vm: &Vm, this: &Ref<Self>, binary_form: bool) -> R {
        let store = this.settings().store.clone();
        let certs: Vec<_> = lock(&store).certs().iter().filter(|c| c.is_ca()).cloned().collect();
        let mut out = Vec::new();
        for c in certs {
            out.push(if binary_form { bytes::from_slice(&c.der).into_value() } else { certificate::decode(vm, &c)? });
        }
        Ok(list::from_vec(out).into_value())
    }

    #[method(sig = "(callback)")]
    fn set_psk_client_callback(vm: &Vm, _this: &Ref<Self>, callback: &Value) -> R<()> {
        let _ = callback;
        Err(vm.not_implemented_error("PSK callbacks are not supported: the TLS library has no pre-shared keys"))
    }

    #[method(sig = "(callback, identity_hint=None)")]
    fn set_psk_server_callback(vm: &Vm, _this: &Ref<Self>, callback: &Value, identity_hint: &Value) -> R<()> {
        let _ = (callback, identity_hint);
        Err(vm.not_implemented_error("PSK callbacks are not supported: the TLS library has no pre-shared keys"))
    }

    #[getter]
    fn _host_flags(_vm: &Vm, this: &Ref<Self>) -> u32 {
        this.settings().host_flags
    }

    #[setter(name = "_host_flags")]
    fn set_host_flags(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        let Some(v) = value else { return Err(vm.type_error("cannot delete attribute")) };
        this.settings().host_flags = int::to_i64(vm, v)? as u32;
        Ok(())
    }

    #[getter]
    fn check_hostname(_vm: &Vm, this: &Ref<Self>) -> bool {
        this.settings().check_hostname
    }

    #[setter]
    fn set_check_hostname(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        let Some(v) = value else { return Err(vm.type_error("cannot delete attribute")) };
        let on = vm.truth(v)?;
        let mut s = this.settings();
        if on && s.verify_mode == 0 {
            s.set_verify_mode(2);
        }
        s.check_hostname = on;
        Ok(())
    }

    #[getter]
    fn verify_mode(_vm: &Vm, this: &Ref<Self>) -> i32 {
        this.settings().verify_mode
    }

    #[setter]
    fn set_verify_mode(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        let Some(v) = value else { return Err(vm.type_error("cannot delete attribute")) };
        let n = int::to_i64(vm, v)?;
        if n == 0 && this.settings().check_hostname {
            return Err(vm.value_error("Cannot set verify_mode to CERT_NONE when check_hostname is enabled."));
        }
        if !(0..=2).contains(&n) {
            return Err(vm.value_error("invalid value for verify_mode"));
        }
        this.settings().set_verify_mode(n as i32);
        Ok(())
    }

    #[getter]
    fn verify_flags(_vm: &Vm, this: &Ref<Self>) -> i64 {
        this.settings().verify_flags
    }

    #[setter]
    fn set_verify_flags(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        let Some(v) = value else { return Err(vm.type_error("cannot delete attribute")) };
        let n = int::to_i64(vm, v)?;
        this.settings().verify_flags = n;
        Ok(())
    }

    #[getter]
    fn options(_vm: &Vm, this: &Ref<Self>) -> i64 {
        this.settings().options
    }

    #[setter]
    fn set_options(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        let Some(v) = value else { return Err(vm.type_error("cannot delete attribute")) };
        let n = int::to_i64(vm, v)?;
        if n < 0 {
            return Err(vm.overflow_error("can't convert negative int to unsigned"));
        }
        let no = 0x200_0000 | 0x400_0000 | 0x1000_0000 | c::OP_NO_TLSV1_2 | c::OP_NO_TLSV1_3;
        let added = n & !this.settings().options;
        if added & no != 0 {
            vm.warn(&exc::DEPRECATION_WARNING, "ssl.OP_NO_SSL*/ssl.OP_NO_TLS* options are deprecated", 2)?;
        }
        this.settings().options = n;
        Ok(())
    }

    #[getter]
    fn minimum_version(_vm: &Vm, this: &Ref<Self>) -> i32 {
        this.settings().minimum
    }

    #[setter]
    fn set_minimum_version(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        version_arg(vm, this, value, true)
    }

    #[getter]
    fn maximum_version(_vm: &Vm, this: &Ref<Self>) -> i32 {
        this.settings().maximum
    }

    #[setter]
    fn set_maximum_version(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        version_arg(vm, this, value, false)
    }

    /// Control the number of TLSv1.3 session tickets.
    #[getter]
    fn num_tickets(_vm: &Vm, this: &Ref<Self>) -> u32 {
        this.settings().tickets
    }

    #[setter]
    fn set_num_tickets(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        let Some(v) = value else { return Err(vm.type_error("cannot delete attribute")) };
        let n = int::to_i64(vm, v)?;
        if n < 0 {
            return Err(vm.value_error("value must be non-negative"));
        }
        not_a_server(vm, this)?;
        this.settings().tickets = u32::try_from(n).unwrap_or(u32::MAX);
        Ok(())
    }

    #[getter]
    fn post_handshake_auth(_vm: &Vm, this: &Ref<Self>) -> bool {
        this.settings().post_handshake_auth
    }

    #[setter]
    fn set_post_handshake_auth(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        let Some(v) = value else { return Err(vm.attribute_error(this.value(), &str::from_str("post_handshake_auth"), "cannot delete attribute")) };
        this.settings().post_handshake_auth = vm.truth(v)?;
        Ok(())
    }

    #[getter]
    fn protocol(_vm: &Vm, this: &Ref<Self>) -> i32 {
        this.settings().protocol
    }

    /// The current security level.
    #[getter]
    fn security_level(_vm: &Vm, _this: &Ref<Self>) -> i32 {
        2
    }

    /// Set a callback that will be called when a server name is provided by the SSL/TLS client in the SNI extension.
    ///
    /// If the argument is None then the callback is disabled. The method is called with the SSLSocket, the server
    /// name as a string, and the SSLContext object.
    #[getter]
    fn sni_callback(_vm: &Vm, this: &Ref<Self>) -> Option<Value> {
        this.sni_callback.get()
    }

    #[setter]
    fn set_sni_callback(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        if this.settings().protocol == c::PROTOCOL_TLS_CLIENT {
            return Err(vm.value_error("sni_callback cannot be set on TLS_CLIENT context"));
        }
        set_callback(vm, &this.sni_callback, value, "not a callable object")
    }

    #[getter]
    fn _msg_callback(_vm: &Vm, this: &Ref<Self>) -> Option<Value> {
        this.msg_callback.get()
    }

    #[setter(name = "_msg_callback")]
    fn set_msg_callback(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        set_callback(vm, &this.msg_callback, value, "is not callable.")
    }

    #[getter]
    fn keylog_filename(_vm: &Vm, this: &Ref<Self>) -> Option<String> {
        this.settings().keylog.as_ref().map(|k| k.0.clone())
    }

    #[setter]
    fn set_keylog_filename(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        let old = this.settings().keylog.take();
        drop(old);
        let Some(v) = value.filter(|v| !v.is_none()) else { return Ok(()) };
        let v = crate::posix::paths::fspath_value(vm, v)?;
        let path = crate::posix::paths::path_arg(vm, &v, "keylog_filename: path", false)?;
        let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_APPEND | libc::O_CLOEXEC;
        let fd = taipan_host::fd::open(taipan_host::AT_CURRENT, &path.path, flags, 0o666)
            .map_err(|e| vm.os_error(e.0, Some(&v)))?;
        let log = Arc::new(SecretLog(fd));
        if taipan_host::fd::lseek(fd, 0, libc::SEEK_END).is_ok_and(|at| at == 0) {
            let _ = taipan_host::fd::write(fd, b"# TLS secrets log file, generated by OpenSSL / Python\n");
        }
        this.settings().keylog = Some((path.path.to_string_lossy().into_owned(), log));
        Ok(())
    }
}

fn set_callback(vm: &Vm, cell: &PyCell<Option<Value>>, value: Option<&Value>, what: &str) -> R<()> {
    match value.filter(|v| !v.is_none()) {
        None => cell.set(None),
        Some(v) if v.ty().slots().call.is_none() => {
            let text = if what.starts_with("is") { format!("{} {what}", vm.repr_string(v)?) } else { what.to_owned() };
            return Err(vm.type_error(text));
        }
        Some(v) => cell.set(Some(v.clone())),
    }
    Ok(())
}
