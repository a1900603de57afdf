//! Iterators that belong to no container: over sequences, of calls, and the builtin classes of iterators.

mod callable;
mod enumerate;
mod filter;
mod map;
mod reversed;
mod sequence;
mod zip;

pub use self::callable::{CallableIter, callable};
pub use self::enumerate::Enumerate;
pub use self::filter::Filter;
pub use self::map::Map;
pub use self::reversed::Reversed;
pub use self::sequence::{SequenceIter, sequence};
pub use self::zip::Zip;
use crate::core::{R, Value};
use crate::native::{Args, TypeDef};
use crate::types::int;
use crate::types::str::Str;
use crate::types::type_::{TypeObject, tflag};
use crate::vm::{Vm, intern};

/// The types of this room.
pub const TYPES: &[&TypeDef] = &[
    SequenceIter::DEF,
    CallableIter::DEF,
    Enumerate::DEF,
    Filter::DEF,
    Map::DEF,
    Reversed::DEF,
    Zip::DEF,
];

/// A builtin function or class, as it is found now.
///
/// Raises AttributeError when somebody has taken it away.
pub fn builtin(vm: &Vm, name: &str) -> R {
    let builtins = vm.current_builtins();
    let name = intern(name);
    if !builtins.is_exact() {
        return match crate::types::dict::foreign::get(vm, &builtins, name.value())? {
            Some(v) => Ok(v),
            None => Err(vm.attribute_error(builtins.value(), name.value(), name.to_string_lossy())),
        };
    }
    // Usually a plain look-up; somebody may have put in a key that runs Python code when it is compared.
    match builtins.get(vm, name.value())? {
        Some(v) => Ok(v),
        None => Err(vm.attribute_error(builtins.value(), name.value(), name.to_string_lossy())),
    }
}

/// The index in an argument of `__setstate__`.
///
/// Raises TypeError for what is no int, OverflowError for what is too large.
pub fn state_index(vm: &Vm, v: &Value) -> R<isize> {
    match int::get(v).map(int::IntRef::to_i64) {
        Some(Some(n)) => Ok(n as isize),
        Some(None) => Err(vm.overflow_error("Python int too large to convert to C ssize_t")),
        None => Err(vm.type_error("an integer is required")),
    }
}

/// Whether indices make sense on a value (`PySequence_Check`).
pub fn is_sequence(v: &Value) -> bool {
    let (ty, slots) = (v.ty(), v.ty().slots());
    !ty.has(tflag::DICT_SUB) && (slots.item.is_some() || (slots.getitem.is_some() && ty.has(tflag::HEAP)))
}

/// The flag `strict` of zip and map; no other name is known.
///
/// Raises TypeError for another name, and what the flag's truth raises. A subclass may take names for itself.
fn strict_flag(vm: &Vm, args: Args<'_>, name: &str, own_init: bool) -> R<bool> {
    let mut strict = false;
    for (k, v) in args.named() {
        if k.downcast::<Str>().and_then(|s| s.as_ascii()) == Some("strict") {
            strict = vm.truth(v)?;
        } else if !own_init {
            let shown = vm.str_lossy(k);
            return Err(vm.type_error(format!("{name}() got an unexpected keyword argument '{shown}'")));
        }
    }
    Ok(strict)
}

/// Whether a subclass has an `__init__` of its own, which takes the names that `__new__` does not know.
fn own_init(cls: &TypeObject, base: &TypeObject) -> bool {
    match (cls.slots().init, base.slots().init) {
        (Some(a), Some(b)) => !std::ptr::fn_addr_eq(a, b),
        (a, b) => a.is_some() != b.is_some(),
    }
}

/// `zip() argument 2 is shorter than argument 1`, or `longer`; `i` is the argument's index.
fn length_error(vm: &Vm, name: &str, i: usize, longer: bool) -> crate::core::Raised {
    let (how, plural) = (if longer { "longer" } else { "shorter" }, if i == 1 { " " } else { "s 1-" });
    vm.value_error(format!("{name}() argument {} is {how} than argument{plural}{i}", i + 1))
}

/// After the first iterator has ended in strict mode: the others must have ended too.
fn check_all_ended(vm: &Vm, name: &str, others: &[Value]) -> R<()> {
    for (i, it) in others.iter().enumerate() {
        if vm.next(it)?.is_some() {
            return Err(length_error(vm, name, i + 1, true));
        }
    }
    Ok(())
}
