//! `_hashlib`: what CPython takes from OpenSSL.

use taipan_macros::{Trace, class, function, module};
use taipan_runtime::core::{R, Raised, Ref, Value};
use taipan_runtime::native::{Args, Nullable, TypeDef};
use taipan_runtime::types::bytes::BytesLike;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::native_fn::BuiltinFunction;
use taipan_runtime::types::str::{self, Str};
use taipan_runtime::types::{bytes, exceptions as exc, frozenset, int};
use taipan_runtime::vm::Vm;

use super::hmac::{KeyedCore, Keyed, keyed_class};
use super::kdf;
use super::object::{Core, MUCH, either, hex};
use super::state::Alg;
use crate::util::new_exception;

/// The classes of this module.
pub const TYPES: &[&TypeDef] = &[Hash::DEF, HashXof::DEF, Hmac::DEF];

module! {
    /// OpenSSL interface for hashlib module
    name = "_hashlib",
    functions(
        new, pbkdf2_hmac, scrypt, get_fips_mode, compare_digest, hmac_new, hmac_digest, openssl_md5, openssl_sha1,
        openssl_sha224, openssl_sha256, openssl_sha384, openssl_sha512, openssl_sha3_224, openssl_sha3_256,
        openssl_sha3_384, openssl_sha3_512, openssl_shake_128, openssl_shake_256,
    ),
    types(Hash, HashXof, Hmac),
    exec = exec,
}

fn unsupported_class(vm: &Vm) -> R {
    vm.interp_static("_hashlib.UnsupportedDigestmodError", |vm| {
        new_exception(vm, "_hashlib", "UnsupportedDigestmodError", &exc::VALUE_ERROR)
    })
}

fn exec(vm: &Vm, module: &Ref<Module>) -> R<()> {
    module.set("UnsupportedDigestmodError", unsupported_class(vm)?);
    let names = Alg::ALL.into_iter().map(|a| str::from_str(a.name())).collect();
    let names = taipan_runtime::types::list::from_vec(names).into_value();
    module.set("openssl_md_meth_names", vm.call(&<frozenset::FrozenSet as taipan_runtime::core::Payload>::TYPE.value(), &[names])?);
    module.set("_GIL_MINSIZE", MUCH);
    Ok(())
}

#[cold]
fn unsupported(vm: &Vm, text: &str) -> Raised {
    match unsupported_class(vm) {
        Ok(class) => match class.as_type() {
            Some(t) => vm.raise_new(t, vec![str::from_str(text)]),
            None => vm.value_error(text),
        },
        Err(r) => r,
    }
}

const NO_SUCH: &str = "[digital envelope routines] unsupported";

fn named(vm: &Vm, name: &str) -> R<Alg> {
    Alg::named_loosely(name).ok_or_else(|| unsupported(vm, NO_SUCH))
}

/// The function of a name, or of one of this module's constructors.
fn of_digestmod(vm: &Vm, v: &Value) -> R<Alg> {
    if let Some(s) = v.downcast::<Str>() {
        return named(vm, &s.to_utf8(vm)?);
    }
    let constructor = v.downcast::<BuiltinFunction>().and_then(|f| f.name().strip_prefix("openssl_"));
    match constructor.and_then(Alg::named_loosely) {
        Some(alg) => Ok(alg),
        None => {
            let shown = vm.str_string(v)?;
            Err(unsupported(vm, &format!("Unsupported digestmod {shown}")))
        }
    }
}

macro_rules! evp_class {
    ($ty:ident, $name:literal, $doc:literal, ($($head:tt)*) { $($more:tt)* }) => {
        #[doc = $doc]
        #[class(name = $name, module = "_hashlib", $($head)*)]
        impl $ty {
            $($more)*

            #[slot]
            fn repr(_vm: &Vm, this: &Ref<Self>) -> String {
                let core = this.core();
                format!("<{} {} object @ {:#x}>", core.alg.name(), concat!("_hashlib.", $name), this.value().id())
            }

            /// Return a copy of the hash object.
            #[method(sig = "()")]
            fn copy(vm: &Vm, this: &Ref<Self>) -> R {
                Ok(make(this.core().copy(vm)?))
            }
        }
    };
}

/// The payload of HASH.
#[derive(Trace)]
#[repr(C)]
pub struct Hash {
    core: Core,
}

impl Hash {
    fn core(&self) -> &Core {
        &self.core
    }
}

/// The payload of HASHXOF.
#[derive(Trace)]
#[repr(C)]
pub struct HashXof {
    hash: Hash,
}

impl HashXof {
    fn core(&self) -> &Core {
        &self.hash.core
    }
}

evp_class! {
    Hash, "HASH", "A hash is an object used to calculate a checksum of a string of information.", (flags(NO_NEW)) {
        /// Update this hash object's state with the provided string.
        #[method(sig = "(obj, /)")]
        fn update(vm: &Vm, this: &Ref<Self>, obj: &Value) -> R<()> {
            this.core.update(vm, obj)
        }

        /// Return the digest value as a bytes object.
        #[method(sig = "()")]
        fn digest(vm: &Vm, this: &Ref<Self>) -> R {
            this.core.digest(vm)
        }

        /// Return the digest value as a string of hexadecimal digits.
        #[method(sig = "()")]
        fn hexdigest(vm: &Vm, this: &Ref<Self>) -> R {
            this.core.hexdigest(vm)
        }

        /// algorithm name.
        #[getter]
        fn name(_vm: &Vm, this: &Ref<Self>) -> &'static str {
            this.core.alg.name()
        }

        #[getter]
        fn digest_size(_vm: &Vm, this: &Ref<Self>) -> usize {
            this.core.digest_size()
        }

        #[getter]
        fn block_size(_vm: &Vm, this: &Ref<Self>) -> usize {
            this.core.alg.block_size()
        }
    }
}

evp_class! {
    HashXof, "HASHXOF", "A hash whose result may have any length.", (base = Hash, flags(NO_NEW)) {
        /// Return the digest value as a bytes object.
        #[method(sig = "(length)")]
        fn digest(vm: &Vm, this: &Ref<Self>, length: &Value) -> R {
            Ok(bytes::from_vec(this.core().read(vm, length)?).into_value())
        }

        /// Return the digest value as a string of hexadecimal digits.
        #[method(sig = "(length)")]
        fn hexdigest(vm: &Vm, this: &Ref<Self>, length: &Value) -> R {
            Ok(hex(&this.core().read(vm, length)?))
        }
    }
}

fn make(core: Core) -> Value {
    if core.alg.is_xof() {
        Ref::new(HashXof { hash: Hash { core } }).into_value()
    } else {
        Ref::new(Hash { core }).into_value()
    }
}

keyed_class! {
    /// The object used to calculate HMAC of a message.
    Hmac, "_hashlib"
}

/// Return a new hash object using the named algorithm.
///
/// An optional string argument may be provided and will be automatically hashed.
#[function(sig = "(name, data=b'', *, usedforsecurity=True, string=None)")]
fn new(
    vm: &Vm,
    name: &Value,
    data: Option<&Value>,
    usedforsecurity: Option<bool>,
    string: Option<&Value>,
) -> R {
    let _ = usedforsecurity;
    let given = either(vm, data, string)?;
    let Some(name) = name.downcast::<Str>() else { return Err(vm.type_error("name must be a string")) };
    let alg = named(vm, &name.to_utf8(vm)?)?;
    Ok(make(Core::of(vm, alg, given)?))
}

macro_rules! constructors {
    ($($name:ident $alg:ident;)*) => {$(
        #[doc = concat!("Returns a ", stringify!($alg), " hash object; optionally initialized with a string")]
        #[function(sig = "(data=b'', *, usedforsecurity=True, string=None)")]
        fn $name(vm: &Vm, data: Option<&Value>, usedforsecurity: Option<bool>, string: Option<&Value>) -> R {
            let _ = usedforsecurity;
            Ok(make(Core::of(vm, Alg::$alg, either(vm, data, string)?)?))
        }
    )*};
}

constructors! {
    openssl_md5 Md5;
    openssl_sha1 Sha1;
    openssl_sha224 Sha224;
    openssl_sha256 Sha256;
    openssl_sha384 Sha384;
    openssl_sha512 Sha512;
    openssl_sha3_224 Sha3_224;
    openssl_sha3_256 Sha3_256;
    openssl_sha3_384 Sha3_384;
    openssl_sha3_512 Sha3_512;
    openssl_shake_128 Shake128;
    openssl_shake_256 Shake256;
}

/// Determine the OpenSSL FIPS mode of operation: there is none here.
#[function(sig = "()")]
fn get_fips_mode(_vm: &Vm) -> i32 {
    0
}

/// Return 'a == b'.
///
/// This function uses an approach designed to prevent timing analysis, making it appropriate for cryptography. a and
/// b must both be of the same type: either str (ASCII only), or any bytes-like object.
#[function(sig = "(a, b, /)")]
fn compare_digest(vm: &Vm, a: &Value, b: &Value) -> R<bool> {
    crate::operator::same_digest(vm, a, b)
}

/// The function of an HMAC.
fn of_keyed(vm: &Vm, v: &Value) -> R<Alg> {
    let alg = of_digestmod(vm, v)?;
    if alg.is_xof() { Err(vm.value_error("no reason supplied")) } else { Ok(alg) }
}

/// Return a new hmac object.
#[function(sig = "(key, msg=b'', digestmod=None)")]
fn hmac_new(vm: &Vm, key: BytesLike<'_>, msg: Option<&Value>, digestmod: Option<&Value>) -> R<Ref<Hmac>> {
    let Some(digestmod) = digestmod else {
        return Err(vm.type_error("Missing required parameter 'digestmod'."));
    };
    let alg = of_keyed(vm, digestmod)?;
    Ok(Ref::new(Hmac(KeyedCore::with_key(vm, alg, &key, msg)?)))
}

/// Single-shot HMAC.
#[function(sig = "(key, msg, digest)")]
fn hmac_digest(vm: &Vm, key: BytesLike<'_>, msg: BytesLike<'_>, digest: &Value) -> R {
    let mut state = Keyed::new(of_keyed(vm, digest)?, &key);
    state.update(vm, &msg);
    Ok(bytes::from_slice(&state.digest()).into_value())
}

/// Password based key derivation function 2 (PKCS #5 v2.0) with HMAC as pseudorandom function.
#[function(sig = "(hash_name, password, salt, iterations, dklen=None)")]
fn pbkdf2_hmac(
    vm: &Vm,
    hash_name: &str,
    password: BytesLike<'_>,
    salt: BytesLike<'_>,
    iterations: i64,
    dklen: Nullable<i64>,
) -> R {
    let alg = named(vm, hash_name)?;
    if iterations < 1 {
        return Err(vm.value_error("iteration value must be greater than 0."));
    }
    if iterations > i64::from(i32::MAX) {
        return Err(vm.overflow_error("iteration value is too great."));
    }
    let n = dklen.0.unwrap_or(alg.digest_size() as i64);
    if n < 1 {
        return Err(vm.value_error("key length must be greater than 0."));
    }
    if n > i64::from(i32::MAX) {
        return Err(vm.overflow_error("key length is too great."));
    }
    vm.check_room(n as usize)?;
    let mut out = vec![0u8; n as usize];
    let (password, salt): (&[u8], &[u8]) = (&password, &salt);
    if vm.allow_threads(|| kdf::pbkdf2(alg, password, salt, iterations as u64, &mut out)) {
        Ok(bytes::from_vec(out).into_value())
    } else {
        Err(unsupported(vm, NO_SUCH))
    }
}

/// scrypt password-based key derivation function.
#[function(sig = "(password, *, salt=None, n=None, r=None, p=None, maxmem=0, dklen=64)")]
fn scrypt(vm: &Vm, args: Args<'_>) -> R {
    let bound = super::scrypt_args(vm, args)?;
    let [password, salt, n, r, p, maxmem, dklen] = bound;
    let none = Value::NONE;
    let given = |v: Option<&'_ Value>| v.cloned().filter(|v| !v.is_none());
    let password = BytesLike::new(vm, password.unwrap_or(&none))?;
    if password.len() > i32::MAX as usize {
        return Err(vm.overflow_error("password is too long."));
    }
    let Some(salt) = given(salt) else { return Err(vm.type_error("salt is required")) };
    let salt = BytesLike::new(vm, &salt)?;
    let number = |v: Option<&Value>, text: &str| match given(v) {
        Some(v) if int::get(&v).is_some() => {
            let n = int::get(&v).and_then(int::IntRef::to_i64).and_then(|n| u64::try_from(n).ok());
            n.ok_or_else(|| vm.type_error(text))
        }
        _ => Err(vm.type_error(text)),
    };
    let n = number(n, "n is required and must be an unsigned int")?;
    if n < 2 || !n.is_power_of_two() {
        return Err(vm.value_error("n must be a power of 2."));
    }
    let r = number(r, "r is required and must be an unsigned int")?;
    let p = number(p, "p is required and must be an unsigned int")?;
    let long = |v: Option<&Value>, default| match v {
        Some(v) => int::to_i64(vm, v),
        None => Ok(default),
    };
    let (maxmem, dklen) = (long(maxmem, 0)?, long(dklen, 64)?);
    if !(0..=i64::from(i32::MAX)).contains(&maxmem) {
        return Err(vm.value_error(format!("maxmem must be positive and smaller than {}", i32::MAX)));
    }
    if !(1..=i64::from(i32::MAX)).contains(&dklen) {
        return Err(vm.value_error(format!("dklen must be greater than 0 and smaller than {}", i32::MAX)));
    }
    // OpenSSL allows 32 MB unless something else is said.
    let limit = if maxmem == 0 { 32 << 20 } else { maxmem as u64 };
    match kdf::scrypt_memory(n, r, p) {
        None => return Err(vm.value_error("Invalid parameter combination for n, r, p, maxmem.")),
        Some(memory) if memory > limit => {
            return Err(vm.value_error("[digital envelope routines] memory limit exceeded"));
        }
        Some(memory) => vm.check_room(memory as usize)?,
    }
    let mut out = vec![0u8; dklen as usize];
    let (password, salt): (&[u8], &[u8]) = (&password, &salt);
    if vm.allow_threads(|| kdf::scrypt(password, salt, n as usize, r as usize, p as usize, &mut out)) {
        Ok(bytes::from_vec(out).into_value())
    } else {
        Err(vm.memory_error())
    }
}

