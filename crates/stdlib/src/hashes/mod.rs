//! The hash functions: `_md5`, `_sha1`, `_sha2`, `_sha3`, `_blake2`, `_hmac` and `_hashlib`.

pub mod blake2;
mod blake2_core;
pub mod hashlib;
pub mod hmac;
mod kdf;
mod object;
pub mod sha3;
mod simple;
mod state;

pub use self::simple::{md5, sha1, sha2};

use taipan_runtime::core::{R, Value};
use taipan_runtime::native::bind::{Callee, bind_array};
use taipan_runtime::native::{Args, Param, ParamKind, Signature};
use taipan_runtime::vm::Vm;

const fn param(name: &'static str, kind: ParamKind, optional: bool) -> Param {
    Param { name, kind, optional }
}

/// The arguments of scrypt.
fn scrypt_args<'a>(vm: &Vm, args: Args<'a>) -> R<[Option<&'a Value>; 7]> {
    static SCRYPT: Callee = Callee {
        owner: "_hashlib",
        name: "scrypt",
        sig: Signature {
            params: &[
                param("password", ParamKind::Any, false),
                param("salt", ParamKind::KwOnly, true),
                param("n", ParamKind::KwOnly, true),
                param("r", ParamKind::KwOnly, true),
                param("p", ParamKind::KwOnly, true),
                param("maxmem", ParamKind::KwOnly, true),
                param("dklen", ParamKind::KwOnly, true),
            ],
        },
        constructor: false,
    };
    bind_array::<7>(vm, &SCRYPT, args)
}
