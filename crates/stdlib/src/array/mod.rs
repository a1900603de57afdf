//! `array`: numbers and characters, as compact as C has them.

mod class;
mod code;
mod compare;
mod iter;
mod rebuild;
mod store;

use taipan_macros::module;
use taipan_runtime::core::{R, Ref};
use taipan_runtime::native::TypeDef;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::str;
use taipan_runtime::vm::Vm;

use store::Array;

/// The classes of this module.
pub const TYPES: &[&TypeDef] = &[Array::DEF, iter::ArrayIter::DEF];

module! {
    /// This module defines an object type which can efficiently represent an array of basic values: characters,
    /// integers, floating-point numbers.
    ///
    /// Arrays are sequence types and behave very much like lists, except that the type of objects stored in them is
    /// constrained.
    name = "array",
    functions(rebuild::_array_reconstructor),
    types(Array),
    exec = exec,
}

fn exec(vm: &Vm, module: &Ref<Module>) -> R<()> {
    module.set("ArrayType", class::ARRAY.value());
    module.set("typecodes", str::from_str(code::CODES));
    let sequence = vm.import_attr("_collections_abc", "MutableSequence")?;
    vm.call_method(&sequence, "register", &[class::ARRAY.value()])?;
    Ok(())
}
