//! `_collections`: deque, defaultdict and what `collections` accelerates. OrderedDict stands beside dict.

mod defaultdict;
pub mod deque;
mod getter;

use taipan_macros::module;
use taipan_runtime::native::TypeDef;
use taipan_runtime::types::dict::ordered::OrderedDict;

/// The classes of this module.
pub const TYPES: &[&TypeDef] = &[deque::Deque::DEF, deque::DequeIter::DEF, deque::DequeRevIter::DEF, defaultdict::DefaultDict::DEF, getter::TupleGetter::DEF];

module! {
    /// High performance data structures.
    name = "_collections",
    functions(getter::_count_elements),
    types(deque::Deque, deque::DequeIter, deque::DequeRevIter, defaultdict::DefaultDict, getter::TupleGetter, OrderedDict),
}
