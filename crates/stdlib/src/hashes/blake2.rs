//! `_blake2`: the functions with all their parameters.

use taipan_macros::module;
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::native::TypeDef;
use taipan_runtime::types::bytes::BytesLike;
use taipan_runtime::types::int;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::vm::Vm;

use super::blake2_core::{self as core, Params};
use super::object::{Core, MUCH, data, either, feed, fixed_class};
use super::state::{Alg, State};

/// The classes of this module.
pub const TYPES: &[&TypeDef] = &[Blake2b::DEF, Blake2s::DEF];

module! {
    /// _blake2b provides BLAKE2b for hashlib
    name = "_blake2",
    types(Blake2b, Blake2s),
    exec = exec,
}

fn exec(_vm: &Vm, module: &Ref<Module>) -> R<()> {
    module.set("BLAKE2B_SALT_SIZE", core::Blake2b::SALT);
    module.set("BLAKE2B_PERSON_SIZE", core::Blake2b::SALT);
    module.set("BLAKE2B_MAX_KEY_SIZE", core::Blake2b::DIGEST);
    module.set("BLAKE2B_MAX_DIGEST_SIZE", core::Blake2b::DIGEST);
    module.set("BLAKE2S_SALT_SIZE", core::Blake2s::SALT);
    module.set("BLAKE2S_PERSON_SIZE", core::Blake2s::SALT);
    module.set("BLAKE2S_MAX_KEY_SIZE", core::Blake2s::DIGEST);
    module.set("BLAKE2S_MAX_DIGEST_SIZE", core::Blake2s::DIGEST);
    module.set("_GIL_MINSIZE", MUCH);
    Ok(())
}

/// An unsigned number of a C type with so many bits.
fn unsigned(vm: &Vm, v: Option<&Value>, ctype: &str) -> R<u64> {
    let Some(v) = v else { return Ok(0) };
    let n = int::index(vm, v)?;
    let Some(n) = int::get(&n) else { return Ok(0) };
    if n.is_negative() {
        return Err(vm.value_error("Cannot convert negative int"));
    }
    u64::try_from(n.to_big()).map_err(|_| vm.overflow_error(format!("Python int too large for C {ctype}")))
}

/// The parameters that are numbers.
#[derive(Default)]
struct Numbers<'a> {
    digest_size: Option<i32>,
    fanout: Option<i32>,
    depth: Option<i32>,
    leaf_size: Option<&'a Value>,
    node_offset: Option<&'a Value>,
    node_depth: Option<i32>,
    inner_size: Option<i32>,
}

/// What a function allows.
struct Limits {
    name: &'static str,
    digest: usize,
    salt: usize,
    offset_bits: u32,
}

fn params<'a>(
    vm: &Vm,
    limits: &Limits,
    n: Numbers<'_>,
    (key, salt, person): (&'a [u8], &'a [u8], &'a [u8]),
    last_node: bool,
) -> R<Params<'a>> {
    let most = limits.digest as i32;
    let digest_size = n.digest_size.unwrap_or(most);
    if !(1..=most).contains(&digest_size) {
        let name = limits.name;
        return Err(vm.value_error(format!(
            "digest_size for {name} must be between 1 and {most} bytes, here it is {digest_size}"
        )));
    }
    for (what, given) in [("salt", salt), ("person", person)] {
        if given.len() > limits.salt {
            return Err(vm.value_error(format!("maximum {what} length is {} bytes", limits.salt)));
        }
    }
    let byte = |what: &str, n: Option<i32>, default: i32, low: i32| {
        let n = n.unwrap_or(default);
        match u8::try_from(n) {
            Ok(b) if n >= low => Ok(b),
            _ => Err(vm.value_error(format!("{what} must be between {low} and 255"))),
        }
    };
    let fanout = byte("fanout", n.fanout, 1, 0)?;
    let depth = byte("depth", n.depth, 1, 1)?;
    let leaf_size = unsigned(vm, n.leaf_size, "unsigned long")?;
    let Ok(leaf_size) = u32::try_from(leaf_size) else { return Err(vm.overflow_error("leaf_size is too large")) };
    let node_offset = unsigned(vm, n.node_offset, "unsigned long long")?;
    if limits.offset_bits < 64 && node_offset >> limits.offset_bits != 0 {
        return Err(vm.overflow_error("node_offset is too large"));
    }
    let node_depth = byte("node_depth", n.node_depth, 0, 0)?;
    let inner_size = n.inner_size.unwrap_or(0);
    if !(0..=most).contains(&inner_size) {
        return Err(vm.value_error(format!("inner_size must be between 0 and is {most}")));
    }
    if key.len() > limits.digest {
        return Err(vm.value_error(format!("maximum key length is {most} bytes")));
    }
    Ok(Params {
        digest_size: digest_size as u8,
        key,
        salt,
        person,
        fanout,
        depth,
        leaf_size,
        node_offset,
        node_depth,
        inner_size: inner_size as u8,
        last_node,
    })
}

fn bytes<'a>(b: &'a Option<BytesLike<'_>>) -> &'a [u8] {
    b.as_ref().map_or(&[], |b| b)
}

macro_rules! blake2 {
    ($ty:ident, $name:literal, $shown:literal) => {
        fixed_class! {
            /// Return a new BLAKE2 hash object.
            $ty, (name = $name, module = "_blake2") {
                #[slot(new, sig = "(data=b'', *, digest_size=MAX_DIGEST_SIZE, key=b'', salt=b'', person=b'', fanout=1, depth=1, leaf_size=0, node_offset=0, node_depth=0, inner_size=0, last_node=False, usedforsecurity=True, string=None)")]
                fn new(
                    vm: &Vm,
                    _cls: &TypeObject,
                    data: Option<&Value>,
                    digest_size: Option<i32>,
                    key: Option<BytesLike<'_>>,
                    salt: Option<BytesLike<'_>>,
                    person: Option<BytesLike<'_>>,
                    fanout: Option<i32>,
                    depth: Option<i32>,
                    leaf_size: Option<&Value>,
                    node_offset: Option<&Value>,
                    node_depth: Option<i32>,
                    inner_size: Option<i32>,
                    last_node: Option<bool>,
                    usedforsecurity: Option<bool>,
                    string: Option<&Value>,
                ) -> R {
                    let _ = usedforsecurity;
                    let given = either(vm, data, string)?;
                    let limits = Limits {
                        name: $shown,
                        digest: core::$ty::DIGEST,
                        salt: core::$ty::SALT,
                        offset_bits: core::$ty::OFFSET_BITS,
                    };
                    let numbers =
                        Numbers { digest_size, fanout, depth, leaf_size, node_offset, node_depth, inner_size };
                    let texts = (bytes(&key), bytes(&salt), bytes(&person));
                    let p = params(vm, &limits, numbers, texts, last_node.unwrap_or(false))?;
                    let mut state = State::$ty(Box::new(core::$ty::new(&p)));
                    if let Some(v) = given {
                        feed(vm, &mut state, self::data(vm, v)?.as_slice());
                    }
                    Ok(Ref::new($ty(Core::new(Alg::$ty, state))).into_value())
                }

                #[setup]
                fn setup(ty: &TypeObject) {
                    ty.dict.set_str("SALT_SIZE", core::$ty::SALT);
                    ty.dict.set_str("PERSON_SIZE", core::$ty::SALT);
                    ty.dict.set_str("MAX_KEY_SIZE", core::$ty::DIGEST);
                    ty.dict.set_str("MAX_DIGEST_SIZE", core::$ty::DIGEST);
                }
            }
        }
    };
}

blake2!(Blake2b, "blake2b", "Blake2b");
blake2!(Blake2s, "blake2s", "Blake2s");
