//! `_sha3`: classes that are called themselves.

use taipan_macros::module;
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::native::TypeDef;
use taipan_runtime::types::bytes;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::str;
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::vm::Vm;

use super::object::{Core, MUCH, either, fixed_class, hash_class, hex};
use super::state::Alg;

/// The classes of this module.
pub const TYPES: &[&TypeDef] =
    &[Sha3_224::DEF, Sha3_256::DEF, Sha3_384::DEF, Sha3_512::DEF, Shake128::DEF, Shake256::DEF];

module! {
    /// The SHA-3 hash functions.
    name = "_sha3",
    types(Sha3_224, Sha3_256, Sha3_384, Sha3_512, Shake128, Shake256),
    exec = exec,
}

fn exec(_vm: &Vm, module: &Ref<Module>) -> R<()> {
    module.set("implementation", str::from_str("Keccak"));
    module.set("_GIL_MINSIZE", MUCH);
    Ok(())
}

macro_rules! sha3 {
    ($kind:ident, $ty:ident, $name:literal, $doc:literal, $alg:ident, suffix $suffix:literal, $($more:tt)*) => {
        $kind! {
            #[doc = $doc]
            $ty, (name = $name, module = "_sha3", callee = "sha3_224") {
                #[slot(new, sig = "(data=b'', *, usedforsecurity=True, string=None)")]
                fn new(
                    vm: &Vm,
                    _cls: &TypeObject,
                    data: Option<&Value>,
                    usedforsecurity: Option<bool>,
                    string: Option<&Value>,
                ) -> R {
                    let _ = usedforsecurity;
                    Ok(Ref::new($ty(Core::of(vm, Alg::$alg, either(vm, data, string)?)?)).into_value())
                }

                #[getter]
                fn _capacity_bits(_vm: &Vm, this: &Ref<Self>) -> usize {
                    1600 - this.0.alg.block_size() * 8
                }

                #[getter]
                fn _rate_bits(_vm: &Vm, this: &Ref<Self>) -> usize {
                    this.0.alg.block_size() * 8
                }

                #[getter]
                fn _suffix(_vm: &Vm, _this: &Ref<Self>) -> Value {
                    bytes::from_slice(&[$suffix]).into_value()
                }

                $($more)*
            }
        }
    };
}

sha3! { fixed_class, Sha3_224, "sha3_224", "Return a new SHA3 hash object with a hashbit length of 28 bytes.", Sha3_224, suffix 6, }
sha3! { fixed_class, Sha3_256, "sha3_256", "Return a new SHA3 hash object with a hashbit length of 32 bytes.", Sha3_256, suffix 6, }
sha3! { fixed_class, Sha3_384, "sha3_384", "Return a new SHA3 hash object with a hashbit length of 48 bytes.", Sha3_384, suffix 6, }
sha3! { fixed_class, Sha3_512, "sha3_512", "Return a new SHA3 hash object with a hashbit length of 64 bytes.", Sha3_512, suffix 6, }

macro_rules! shake {
    ($ty:ident, $name:literal) => {
        sha3! {
            hash_class, $ty, $name, "Return a new SHAKE hash object.", $ty, suffix 0x1f,
            /// Return the digest value as a bytes object.
            #[method(sig = "(length)")]
            fn digest(vm: &Vm, this: &Ref<Self>, length: &Value) -> R {
                Ok(bytes::from_vec(this.0.read(vm, length)?).into_value())
            }

            /// Return the digest value as a string of hexadecimal digits.
            #[method(sig = "(length)")]
            fn hexdigest(vm: &Vm, this: &Ref<Self>, length: &Value) -> R {
                Ok(hex(&this.0.read(vm, length)?))
            }
        }
    };
}

shake!(Shake128, "shake_128");
shake!(Shake256, "shake_256");
