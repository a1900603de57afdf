//! `_hmac`: keyed hashes (RFC 2104).

use taipan_macros::{Trace, class, function, module};
use taipan_runtime::core::{PyCell, R, Raised, Ref, Value};
use taipan_runtime::native::TypeDef;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::{bytes, exceptions as exc};
use taipan_runtime::vm::Vm;

use super::object::{MUCH, data, feed, hex};
use super::state::{Alg, Output, State};
use crate::thread::raw::RawLock;
use crate::util::new_exception;

/// The classes of this module.
pub const TYPES: &[&TypeDef] = &[Hmac::DEF];

module! {
    /// Keyed hashes.
    name = "_hmac",
    functions(
        new, compute_digest, compute_md5, compute_sha1, compute_sha224, compute_sha256, compute_sha384, compute_sha512,
        compute_sha3_224, compute_sha3_256, compute_sha3_384, compute_sha3_512, compute_blake2s_32, compute_blake2b_32,
    ),
    types(Hmac),
    exec = exec,
}

fn unknown_class(vm: &Vm) -> R {
    vm.interp_static("_hmac.UnknownHashError", |vm| new_exception(vm, "_hmac", "UnknownHashError", &exc::VALUE_ERROR))
}

fn exec(vm: &Vm, module: &Ref<Module>) -> R<()> {
    module.set("UnknownHashError", unknown_class(vm)?);
    module.set("_GIL_MINSIZE", MUCH);
    Ok(())
}

#[cold]
fn unknown(vm: &Vm, v: &Value) -> Raised {
    let shown = match vm.repr_string(v) {
        Ok(s) => s,
        Err(r) => return r,
    };
    let text = format!("unsupported hash type: {shown}");
    match unknown_class(vm) {
        Ok(class) => match class.as_type() {
            Some(t) => vm.raise_new(t, vec![taipan_runtime::types::str::from_str(&text)]),
            None => vm.value_error(text),
        },
        Err(r) => r,
    }
}

/// The function of a name.
fn named(vm: &Vm, v: &Value) -> R<Alg> {
    let name = v.downcast::<Str>().and_then(|s| s.as_ascii());
    let alg = match name {
        Some("blake2b_32") => Some(Alg::Blake2b),
        Some("blake2s_32") => Some(Alg::Blake2s),
        Some(name) => Alg::named(name),
        None => None,
    };
    let alg = alg.filter(|a| !a.is_xof() && !matches!(a, Alg::Sha512_224 | Alg::Sha512_256));
    alg.ok_or_else(|| unknown(vm, v))
}

/// A keyed hash in progress.
#[derive(Clone)]
pub struct Keyed {
    inner: State,
    outer: State,
}

impl Keyed {
    /// With a key and nothing hashed yet.
    pub fn new(alg: Alg, key: &[u8]) -> Self {
        let mut block = vec![0u8; alg.block_size()];
        if key.len() > block.len() {
            let mut h = State::new(alg);
            h.update(key);
            let short = h.digest();
            block[..short.len()].copy_from_slice(&short);
        } else {
            block[..key.len()].copy_from_slice(key);
        }
        let keyed = |mask: u8| {
            let mut state = State::new(alg);
            state.update(&block.iter().map(|b| b ^ mask).collect::<Vec<u8>>());
            state
        };
        Self { inner: keyed(0x36), outer: keyed(0x5c) }
    }

    /// Hashes more bytes, and lets other threads run if they are many.
    pub fn update(&mut self, vm: &Vm, data: &[u8]) {
        feed(vm, &mut self.inner, data);
    }

    /// The result.
    pub fn digest(&self) -> Output {
        let mut outer = self.outer.clone();
        outer.update(&self.inner.digest());
        outer.digest()
    }
}

/// A keyed hash object, for `_hmac` and `_hashlib`.
#[derive(Trace)]
pub struct KeyedCore {
    /// The function.
    #[no_trace]
    pub alg: Alg,
    #[no_trace]
    state: PyCell<Keyed>,
    #[no_trace]
    lock: RawLock,
}

impl KeyedCore {
    /// An object of a key and a message.
    ///
    /// Raises TypeError, BufferError.
    pub fn new(vm: &Vm, alg: Alg, key: &Value, msg: Option<&Value>) -> R<Self> {
        let key = data(vm, key)?;
        Self::with_key(vm, alg, key.as_slice(), msg)
    }

    /// As [`KeyedCore::new`], with the bytes of the key.
    pub fn with_key(vm: &Vm, alg: Alg, key: &[u8], msg: Option<&Value>) -> R<Self> {
        let mut state = Keyed::new(alg, key);
        if let Some(msg) = msg.filter(|m| !m.is_none()) {
            state.update(vm, data(vm, msg)?.as_slice());
        }
        Ok(Self::of(alg, state))
    }

    fn of(alg: Alg, state: Keyed) -> Self {
        Self { alg, state: PyCell::new(state), lock: RawLock::new() }
    }

    fn with<T>(&self, vm: &Vm, f: impl FnOnce(&mut Keyed) -> T) -> R<T> {
        self.lock.acquire(vm, None)?;
        let r = f(&mut self.state.borrow_mut());
        self.lock.release();
        Ok(r)
    }

    /// Hashes more bytes.
    pub fn update(&self, vm: &Vm, msg: &Value) -> R<()> {
        let msg = data(vm, msg)?;
        self.with(vm, |state| state.update(vm, msg.as_slice()))
    }

    /// The result.
    pub fn digest(&self, vm: &Vm) -> R<Output> {
        self.with(vm, |state| state.digest())
    }

    /// A copy.
    pub fn copy(&self, vm: &Vm) -> R<Self> {
        Ok(Self::of(self.alg, self.with(vm, |state| state.clone())?))
    }
}

/// A class of keyed hash objects.
macro_rules! keyed_class {
    ($(#[$doc:meta])* $ty:ident, $module:literal) => {
        /// The payload.
        #[derive(Trace)]
        pub struct $ty(pub $crate::hashes::hmac::KeyedCore);

        $(#[$doc])*
        #[class(name = "HMAC", module = $module, flags(NO_NEW))]
        impl $ty {
            #[slot]
            fn repr(_vm: &Vm, this: &Ref<Self>) -> String {
                format!("<{} HMAC object @ {:#x}>", this.0.alg.name(), this.value().id())
            }

            /// Return a copy ("clone") of the HMAC object.
            #[method(sig = "()")]
            fn copy(vm: &Vm, this: &Ref<Self>) -> R<Ref<Self>> {
                Ok(Ref::new($ty(this.0.copy(vm)?)))
            }

            /// Update the HMAC object with the given message.
            #[method(sig = "(msg)")]
            fn update(vm: &Vm, this: &Ref<Self>, msg: &Value) -> R<()> {
                this.0.update(vm, msg)
            }

            /// Return the digest of the bytes passed to the update() method so far.
            #[method(sig = "()")]
            fn digest(vm: &Vm, this: &Ref<Self>) -> R {
                Ok(bytes::from_slice(&this.0.digest(vm)?).into_value())
            }

            /// Return hexadecimal digest of the bytes passed to the update() method so far.
            #[method(sig = "()")]
            fn hexdigest(vm: &Vm, this: &Ref<Self>) -> R {
                Ok(hex(&this.0.digest(vm)?))
            }

            #[getter]
            fn name(_vm: &Vm, this: &Ref<Self>) -> String {
                format!("hmac-{}", this.0.alg.name())
            }

            #[getter]
            fn digest_size(_vm: &Vm, this: &Ref<Self>) -> usize {
                this.0.alg.digest_size()
            }

            #[getter]
            fn block_size(_vm: &Vm, this: &Ref<Self>) -> usize {
                this.0.alg.block_size()
            }
        }
    };
}
pub(super) use keyed_class;

keyed_class! {
    /// The object used to calculate HMAC of a message.
    Hmac, "_hmac"
}

/// Return a new HMAC object.
#[function(sig = "(key, msg=None, digestmod=None)")]
fn new(vm: &Vm, key: &Value, msg: Option<&Value>, digestmod: Option<&Value>) -> R<Ref<Hmac>> {
    let Some(digestmod) = digestmod else {
        return Err(vm.type_error("new() missing 1 required argument 'digestmod'"));
    };
    Ok(Ref::new(Hmac(KeyedCore::new(vm, named(vm, digestmod)?, key, msg)?)))
}

fn compute(vm: &Vm, alg: Alg, key: &Value, msg: &Value) -> R {
    let (key, msg) = (data(vm, key)?, data(vm, msg)?);
    let mut state = Keyed::new(alg, key.as_slice());
    state.update(vm, msg.as_slice());
    Ok(bytes::from_slice(&state.digest()).into_value())
}

#[function(sig = "(key, msg, digest)")]
fn compute_digest(vm: &Vm, key: &Value, msg: &Value, digest: &Value) -> R {
    compute(vm, named(vm, digest)?, key, msg)
}

macro_rules! compute_functions {
    ($($name:ident $alg:ident;)*) => {$(
        #[function(sig = "(key, msg, /)")]
        fn $name(vm: &Vm, key: &Value, msg: &Value) -> R {
            compute(vm, Alg::$alg, key, msg)
        }
    )*};
}

compute_functions! {
    compute_md5 Md5;
    compute_sha1 Sha1;
    compute_sha224 Sha224;
    compute_sha256 Sha256;
    compute_sha384 Sha384;
    compute_sha512 Sha512;
    compute_sha3_224 Sha3_224;
    compute_sha3_256 Sha3_256;
    compute_sha3_384 Sha3_384;
    compute_sha3_512 Sha3_512;
    compute_blake2s_32 Blake2s;
    compute_blake2b_32 Blake2b;
}
