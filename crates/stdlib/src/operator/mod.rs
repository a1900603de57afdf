//! `_operator`: the language's operators as functions.

mod functions;
mod getters;

use taipan_macros::module;
use taipan_runtime::native::TypeDef;

use functions as f;

pub use functions::same_digest;

/// The classes of this module.
pub const TYPES: &[&TypeDef] = &[getters::ItemGetter::DEF, getters::AttrGetter::DEF, getters::MethodCaller::DEF];

module! {
    /// Operator interface.
    ///
    /// This module exports a set of functions implemented natively that correspond to the intrinsic operators of
    /// Python: operator.add(x, y) is the expression x+y.
    name = "_operator",
    functions(
        f::truth, f::contains, f::indexOf, f::countOf, f::is_, f::is_not, f::is_none, f::is_not_none,
        f::add, f::sub, f::mul, f::matmul, f::floordiv, f::truediv, f::mod_, f::neg, f::pos, f::abs, f::inv,
        f::invert, f::index, f::lshift, f::rshift, f::not_, f::and_, f::xor, f::or_,
        f::iadd, f::isub, f::imul, f::imatmul, f::ifloordiv, f::itruediv, f::imod, f::ilshift, f::irshift,
        f::iand, f::ixor, f::ior, f::ipow, f::concat, f::iconcat, f::getitem, f::setitem, f::delitem, f::pow,
        f::eq, f::ne, f::lt, f::le, f::gt, f::ge, f::length_hint, f::call, f::_compare_digest,
    ),
    types(getters::ItemGetter, getters::AttrGetter, getters::MethodCaller),
}
