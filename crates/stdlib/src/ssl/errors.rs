//! The exceptions of the module, and what the library's errors become.

use rustls::{AlertDescription, PeerIncompatible, PeerMisbehaved};
use taipan_runtime::core::{R, Raised, Ref, Value};
use taipan_runtime::native::{Args, FnKind, FunctionDef};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::native_fn;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::{str, tuple, type_};
use taipan_runtime::vm::Vm;

use super::verify::Fault;

/// The exception classes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Error,
    CertVerification,
    ZeroReturn,
    WantRead,
    WantWrite,
    Syscall,
    Eof,
}

const KINDS: [Kind; 7] =
    [Kind::Error, Kind::CertVerification, Kind::ZeroReturn, Kind::WantRead, Kind::WantWrite, Kind::Syscall, Kind::Eof];

/// `__str__` of SSLError: what stands in the message, without the number.
static STR: FunctionDef = FunctionDef {
    name: "__str__",
    doc: "Return str(self).",
    text_signature: "($self, /)",
    kind: FnKind::Method,
    call: shown,
};

fn shown(vm: &Vm, args: Args<'_>) -> R {
    let Some(this) = args.all.first() else { return Err(vm.type_error("an exception is required")) };
    let text = vm.get_attr_str(this, "strerror")?;
    if text.downcast::<Str>().is_some() {
        return Ok(text);
    }
    vm.str(&vm.get_attr_str(this, "args")?)
}

impl Kind {
    /// Where the interpreter keeps the class; behind the dot its name.
    const fn key(self) -> &'static str {
        match self {
            Self::Error => "ssl.SSLError",
            Self::CertVerification => "ssl.SSLCertVerificationError",
            Self::ZeroReturn => "ssl.SSLZeroReturnError",
            Self::WantRead => "ssl.SSLWantReadError",
            Self::WantWrite => "ssl.SSLWantWriteError",
            Self::Syscall => "ssl.SSLSyscallError",
            Self::Eof => "ssl.SSLEOFError",
        }
    }

    const fn doc(self) -> &'static str {
        match self {
            Self::Error => "An error occurred in the SSL implementation.",
            Self::CertVerification => "A certificate could not be verified.",
            Self::ZeroReturn => "SSL/TLS session closed cleanly.",
            Self::WantRead => "Non-blocking SSL socket needs to read more data\nbefore the requested operation can be completed.",
            Self::WantWrite => "Non-blocking SSL socket needs to write more data\nbefore the requested operation can be completed.",
            Self::Syscall => "System error when attempting SSL operation.",
            Self::Eof => "SSL/TLS connection terminated abruptly.",
        }
    }

    /// `SSL_ERROR_*`
    const fn number(self) -> i32 {
        match self {
            Self::Error | Self::CertVerification => 1,
            Self::WantRead => 2,
            Self::WantWrite => 3,
            Self::Syscall => 5,
            Self::ZeroReturn => 6,
            Self::Eof => 8,
        }
    }

    /// The class.
    pub fn class(self, vm: &Vm) -> R {
        vm.interp_static(self.key(), |vm| {
            let bases = match self {
                Self::Error => vec![exc::OS_ERROR.value()],
                Self::CertVerification => vec![Self::Error.class(vm)?, exc::VALUE_ERROR.value()],
                _ => vec![Self::Error.class(vm)?],
            };
            let dict = Ref::new(Dict::new());
            dict.set_str("__module__", str::from_str("ssl"));
            dict.set_str("__doc__", str::from_str(self.doc()));
            let name = str::from_str(self.key().trim_start_matches("ssl."));
            let class = vm.call(&type_::TYPE_PLACE().value(), &[name, tuple::from_vec(bases).into_value(), dict.into_value()])?;
            if self == Self::Error
                && let Some(owner) = class.as_type()
            {
                let method = native_fn::method(&STR, owner);
                vm.set_attr_str(&class, "__str__", &method)?;
            }
            if let Some(class) = class.as_type() {
                class.flags.set(class.flags.get() | type_::tflag::IMMUTABLE);
            }
            Ok(class)
        })
    }

    fn make(self, vm: &Vm, number: i32, text: &str, library: Option<&str>, reason: Option<&str>) -> R {
        let e = vm.call(&self.class(vm)?, &[Value::from(number), str::from_str(text)])?;
        let or_none = |s: Option<&str>| s.map_or(Value::NONE, str::from_str);
        vm.set_attr_str(&e, "reason", &or_none(reason))?;
        vm.set_attr_str(&e, "library", &or_none(library))?;
        Ok(e)
    }

    /// Raises it.
    #[cold]
    pub fn raise(self, vm: &Vm, text: &str, line: Line) -> Raised {
        match self.make(vm, self.number(), &format!("{text} (_ssl.c:{})", line.0), None, None) {
            Ok(e) => vm.raise(e),
            Err(r) => r,
        }
    }
}

/// Where CPython would have raised: part of its messages.
#[derive(Clone, Copy)]
pub struct Line(pub u32);

impl Line {
    pub const NEW: Self = Self(812);
    pub const HANDSHAKE: Self = Self(1020);
    pub const WRITE: Self = Self(2427);
    pub const READ: Self = Self(2580);
    pub const SHUTDOWN: Self = Self(2706);
    pub const POST_HANDSHAKE: Self = Self(2781);
    pub const CERT_CHAIN: Self = Self(3916);
    pub const KEY: Self = Self(3937);
    pub const CADATA: Self = Self(4035);
    pub const CAFILE: Self = Self(4168);
}

/// Puts the classes into the module.
pub fn add(vm: &Vm, m: &Ref<Module>) -> R<()> {
    for kind in KINDS {
        m.set(kind.key().trim_start_matches("ssl."), kind.class(vm)?);
    }
    Ok(())
}

/// Raises SSLError with nothing but a text.
#[cold]
pub fn plain(vm: &Vm, text: &str) -> Raised {
    match Kind::Error.class(vm) {
        Ok(class) => match class.as_type() {
            Some(t) => vm.raise_new(t, vec![str::from_str(text)]),
            None => vm.runtime_error(text),
        },
        Err(r) => r,
    }
}

/// Raises SSLError as `[SSL: REASON] reason`.
#[cold]
pub fn reason(vm: &Vm, library: &str, reason: &str, line: Line) -> Raised {
    of_kind(vm, Kind::Error, 1, library, reason, None, line)
}

/// As [`reason`], in other words than those of the reason.
#[cold]
pub fn worded(vm: &Vm, reason: &str, words: &str, line: Line) -> Raised {
    of_kind(vm, Kind::Error, 1, "SSL", reason, Some(words), line)
}

/// Raises SSLError `[SSL] PEM lib`, as files of the wrong form do.
#[cold]
pub fn pem_lib(vm: &Vm, line: Line) -> Raised {
    match Kind::Error.make(vm, 524_297, &format!("[SSL] PEM lib (_ssl.c:{})", line.0), Some("SSL"), None) {
        Ok(e) => vm.raise(e),
        Err(r) => r,
    }
}

/// Raises SSLError with a number of its own.
#[cold]
pub fn numbered(vm: &Vm, number: i32, library: &str, reason: &str, line: Line) -> Raised {
    of_kind(vm, Kind::Error, number, library, reason, None, line)
}

/// Raises SSLError with number 0 and no reason.
#[cold]
pub fn unnumbered(vm: &Vm, text: &str, line: Line) -> Raised {
    match Kind::Error.make(vm, 0, &format!("{text} (_ssl.c:{})", line.0), None, None) {
        Ok(e) => vm.raise(e),
        Err(r) => r,
    }
}

#[cold]
fn of_kind(vm: &Vm, kind: Kind, number: i32, library: &str, reason: &str, text: Option<&str>, line: Line) -> Raised {
    let words = match text {
        Some(t) => t.to_owned(),
        None => reason.to_ascii_lowercase().replace('_', " "),
    };
    let text = format!("[{library}: {reason}] {words} (_ssl.c:{})", line.0);
    match kind.make(vm, number, &text, Some(library), Some(reason)) {
        Ok(e) => vm.raise(e),
        Err(r) => r,
    }
}

/// The end came without a goodbye.
#[cold]
pub fn ended(vm: &Vm, line: Line) -> Raised {
    let text = Some("EOF occurred in violation of protocol");
    of_kind(vm, Kind::Eof, 8, "SSL", "UNEXPECTED_EOF_WHILE_READING", text, line)
}

/// The other side's certificate was refused.
#[cold]
pub fn not_verified(vm: &Vm, fault: &Fault, line: Line) -> Raised {
    let text = format!(
        "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: {} (_ssl.c:{})",
        fault.text, line.0
    );
    let made = || {
        let e = Kind::CertVerification.make(vm, 1, &text, Some("SSL"), Some("CERTIFICATE_VERIFY_FAILED"))?;
        vm.set_attr_str(&e, "verify_code", &Value::from(fault.code))?;
        vm.set_attr_str(&e, "verify_message", &str::from_str(&fault.text))?;
        Ok(e)
    };
    match made() {
        Ok(e) => vm.raise(e),
        Err(r) => r,
    }
}

/// The name and the words for an alert of the other side.
fn alert(a: AlertDescription) -> (&'static str, &'static str) {
    use AlertDescription as A;
    match a {
        A::UnexpectedMessage => ("SSLV3_ALERT_UNEXPECTED_MESSAGE", "ssl/tls alert unexpected message"),
        A::BadRecordMac => ("SSLV3_ALERT_BAD_RECORD_MAC", "ssl/tls alert bad record mac"),
        A::DecompressionFailure => ("SSLV3_ALERT_DECOMPRESSION_FAILURE", "ssl/tls alert decompression failure"),
        A::HandshakeFailure => ("SSLV3_ALERT_HANDSHAKE_FAILURE", "sslv3 alert handshake failure"),
        A::NoCertificate => ("SSLV3_ALERT_NO_CERTIFICATE", "sslv3 alert no certificate"),
        A::BadCertificate => ("SSLV3_ALERT_BAD_CERTIFICATE", "sslv3 alert bad certificate"),
        A::UnsupportedCertificate => ("SSLV3_ALERT_UNSUPPORTED_CERTIFICATE", "sslv3 alert unsupported certificate"),
        A::CertificateRevoked => ("SSLV3_ALERT_CERTIFICATE_REVOKED", "sslv3 alert certificate revoked"),
        A::CertificateExpired => ("SSLV3_ALERT_CERTIFICATE_EXPIRED", "sslv3 alert certificate expired"),
        A::CertificateUnknown => ("SSLV3_ALERT_CERTIFICATE_UNKNOWN", "sslv3 alert certificate unknown"),
        A::IllegalParameter => ("SSLV3_ALERT_ILLEGAL_PARAMETER", "sslv3 alert illegal parameter"),
        A::DecryptionFailed => ("TLSV1_ALERT_DECRYPTION_FAILED", "tlsv1 alert decryption failed"),
        A::RecordOverflow => ("TLSV1_ALERT_RECORD_OVERFLOW", "tlsv1 alert record overflow"),
        A::UnknownCA => ("TLSV1_ALERT_UNKNOWN_CA", "tlsv1 alert unknown ca"),
        A::AccessDenied => ("TLSV1_ALERT_ACCESS_DENIED", "tlsv1 alert access denied"),
        A::DecodeError => ("TLSV1_ALERT_DECODE_ERROR", "tlsv1 alert decode error"),
        A::DecryptError => ("TLSV1_ALERT_DECRYPT_ERROR", "tlsv1 alert decrypt error"),
        A::ExportRestriction => ("TLSV1_ALERT_EXPORT_RESTRICTION", "tlsv1 alert export restriction"),
        A::ProtocolVersion => ("TLSV1_ALERT_PROTOCOL_VERSION", "tlsv1 alert protocol version"),
        A::InsufficientSecurity => ("TLSV1_ALERT_INSUFFICIENT_SECURITY", "tlsv1 alert insufficient security"),
        A::InternalError => ("TLSV1_ALERT_INTERNAL_ERROR", "tlsv1 alert internal error"),
        A::InappropriateFallback => ("TLSV1_ALERT_INAPPROPRIATE_FALLBACK", "tlsv1 alert inappropriate fallback"),
        A::UserCanceled => ("TLSV1_ALERT_USER_CANCELLED", "tlsv1 alert user cancelled"),
        A::NoRenegotiation => ("TLSV1_ALERT_NO_RENEGOTIATION", "tlsv1 alert no renegotiation"),
        A::MissingExtension => ("TLSV13_ALERT_MISSING_EXTENSION", "tlsv13 alert missing extension"),
        A::UnsupportedExtension => ("TLSV1_UNSUPPORTED_EXTENSION", "tlsv1 unsupported extension"),
        A::CertificateUnobtainable => ("TLSV1_CERTIFICATE_UNOBTAINABLE", "tlsv1 certificate unobtainable"),
        A::UnrecognisedName => ("TLSV1_UNRECOGNIZED_NAME", "tlsv1 unrecognized name"),
        A::BadCertificateStatusResponse => ("TLSV1_BAD_CERTIFICATE_STATUS_RESPONSE", "tlsv1 bad certificate status response"),
        A::BadCertificateHashValue => ("TLSV1_BAD_CERTIFICATE_HASH_VALUE", "tlsv1 bad certificate hash value"),
        A::UnknownPSKIdentity => ("TLSV1_ALERT_UNKNOWN_PSK_IDENTITY", "tlsv1 alert unknown psk identity"),
        A::CertificateRequired => ("TLSV13_ALERT_CERTIFICATE_REQUIRED", "tlsv13 alert certificate required"),
        A::NoApplicationProtocol => ("TLSV1_ALERT_NO_APPLICATION_PROTOCOL", "tlsv1 alert no application protocol"),
        _ => ("UNKNOWN_ALERT_TYPE", "unknown alert type"),
    }
}

/// What OpenSSL calls an error of the library.
fn name_of(e: &rustls::Error) -> (&'static str, Option<String>) {
    use rustls::Error as E;
    let plain = |name| (name, None);
    match e {
        E::AlertReceived(a) => {
            let (name, words) = alert(*a);
            (name, Some(words.to_owned()))
        }
        E::NoCertificatesPresented => plain("PEER_DID_NOT_RETURN_A_CERTIFICATE"),
        E::PeerIncompatible(p) => match p {
            PeerIncompatible::NoCipherSuitesInCommon => plain("NO_SHARED_CIPHER"),
            PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
            | PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::Tls12NotOffered
            | PeerIncompatible::Tls12NotOfferedOrEnabled
            | PeerIncompatible::Tls13RequiredForQuic
            // Clients that know no more than TLS 1.1 do not send it.
            | PeerIncompatible::SignatureAlgorithmsExtensionRequired
            | PeerIncompatible::SupportedVersionsExtensionRequired => plain("UNSUPPORTED_PROTOCOL"),
            PeerIncompatible::NoKxGroupsInCommon => plain("NO_SUITABLE_KEY_SHARE"),
            PeerIncompatible::NoSignatureSchemesInCommon => plain("NO_SUITABLE_SIGNATURE_ALGORITHM"),
            other => ("HANDSHAKE_FAILURE_ON_CLIENT_HELLO", Some(format!("handshake failure ({other:?})"))),
        },
        E::PeerMisbehaved(PeerMisbehaved::SelectedUnofferedApplicationProtocol) => plain("BAD_EXTENSION"),
        E::PeerMisbehaved(PeerMisbehaved::SelectedUnofferedCipherSuite) => plain("WRONG_CIPHER_RETURNED"),
        E::PeerMisbehaved(m) => ("BAD_HANDSHAKE_MESSAGE", Some(format!("bad handshake message ({m:?})"))),
        E::InvalidMessage(m) => ("BAD_PACKET", Some(format!("bad packet ({m:?})"))),
        E::InappropriateMessage { .. } | E::InappropriateHandshakeMessage { .. } => plain("UNEXPECTED_MESSAGE"),
        E::DecryptError => plain("DECRYPTION_FAILED_OR_BAD_RECORD_MAC"),
        E::PeerSentOversizedRecord => plain("PACKET_LENGTH_TOO_LONG"),
        E::NoApplicationProtocol => plain("NO_APPLICATION_PROTOCOL"),
        E::InvalidCertificate(c) => ("CERTIFICATE_VERIFY_FAILED", Some(format!("certificate verify failed: {c}"))),
        other => ("INTERNAL_ERROR", Some(format!("internal error: {other}"))),
    }
}

/// Raises what an error of the library becomes.
#[cold]
pub fn raise(vm: &Vm, e: &rustls::Error, line: Line) -> Raised {
    let (name, words) = name_of(e);
    of_kind(vm, Kind::Error, 1, "SSL", name, words.as_deref(), line)
}
