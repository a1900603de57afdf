//! `_ssl`: what `ssl.py` is built on, over the library rustls.

mod bio;
mod certificate;
mod choose;
mod ciphers;
mod constants;
mod context;
mod crl;
mod der;
mod engine;
mod errors;
mod hostname;
mod info;
mod keys;
mod load;
mod names;
mod objects;
mod peer;
mod pem;
mod session;
mod settings;
mod socket;
mod store;
mod verify;
mod x509;

use taipan_macros::{function, module};
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::native::TypeDef;
use taipan_runtime::types::bytes::{self, BytesLike};
use taipan_runtime::types::module::Module;
use taipan_runtime::types::{str, tuple};
use taipan_runtime::vm::Vm;

use self::bio::MemoryBio;
use self::certificate::Certificate;
use self::context::Context;
use self::session::Session;
use self::socket::SslSocket;

/// The classes of this module.
pub const TYPES: &[&TypeDef] = &[Context::DEF, SslSocket::DEF, MemoryBio::DEF, Session::DEF, Certificate::DEF];

module! {
    /// Implementation module for SSL socket operations.
    ///
    /// See the socket module for documentation.
    name = "_ssl",
    functions(
        RAND_add, RAND_bytes, RAND_status, get_default_verify_paths, objects::txt2obj, objects::nid2obj,
        certificate::_test_decode_cert,
    ),
    types(Context, SslSocket, MemoryBio, Session, Certificate),
    exec = exec,
}

/// What the library is. Programs ask whether this begins with `OpenSSL` and for the version of its interface.
const VERSION: &str = "OpenSSL 3.0.0 interface of Taipan, on rustls 0.23 with aws-lc-rs";

fn exec(vm: &Vm, m: &Ref<Module>) -> R<()> {
    errors::add(vm, m)?;
    for &(name, n) in constants::NUMBERS {
        m.set(name, Value::from(n));
    }
    for &(name, able) in constants::ABILITIES {
        m.set(name, able);
    }
    let info = || tuple::from_array([3, 0, 0, 0, 0].map(Value::from)).into_value();
    m.set("OPENSSL_VERSION", str::from_str(VERSION));
    m.set("OPENSSL_VERSION_NUMBER", Value::from(0x3000_0000));
    m.set("OPENSSL_VERSION_INFO", info());
    m.set("_OPENSSL_API_VERSION", info());
    m.set("_DEFAULT_CIPHERS", str::from_str("@SECLEVEL=2:ECDH+AESGCM:ECDH+CHACHA20:!aNULL:!eNULL:!aDSS:!SHA1:!AESCCM"));
    Ok(())
}

/// Mix string into the OpenSSL PRNG state.
///
/// entropy (a float) is a lower bound on the entropy contained in string. See RFC 4086.
#[function(sig = "(string, entropy, /)")]
#[expect(non_snake_case, reason = "named as in C")]
fn RAND_add(vm: &Vm, string: &Value, entropy: f64) -> R<()> {
    // The random numbers are the system's, which nothing can be added to that it would need.
    let _ = entropy;
    if string.downcast::<str::Str>().is_none() {
        BytesLike::new(vm, string)?;
    }
    Ok(())
}

/// Generate n cryptographically strong pseudo-random bytes.
#[function(sig = "(n, /)")]
#[expect(non_snake_case, reason = "named as in C")]
fn RAND_bytes(vm: &Vm, n: i32) -> R {
    let Ok(n) = usize::try_from(n) else { return Err(vm.value_error("num must be positive")) };
    let mut out = Vec::new();
    if out.try_reserve_exact(n).is_err() {
        return Err(vm.memory_error());
    }
    out.resize(n, 0);
    taipan_host::random::fill(&mut out).map_err(|e| vm.os_error(e.0, None))?;
    Ok(bytes::from_vec(out).into_value())
}

/// Returns True if the OpenSSL PRNG has been seeded with enough data and False if not.
///
/// It is necessary to seed the PRNG with RAND_add() on some platforms before using the ssl() function.
#[function]
#[expect(non_snake_case, reason = "named as in C")]
fn RAND_status(_vm: &Vm) -> bool {
    true
}

/// Return search paths and environment vars that are used by SSLContext's set_default_verify_paths() to load default
/// CAs.
///
/// The values are 'cert_file_env', 'cert_file', 'cert_dir_env', 'cert_dir'.
#[function]
fn get_default_verify_paths(_vm: &Vm) -> Value {
    let all = ["SSL_CERT_FILE", load::CERT_FILE, "SSL_CERT_DIR", load::CERT_DIR];
    tuple::from_array(all.map(str::from_str)).into_value()
}
