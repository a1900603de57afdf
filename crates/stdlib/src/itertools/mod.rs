//! `itertools`: iterators made of iterators.

mod combine;
mod endless;
mod filter;
mod group;

use taipan_macros::module;
use taipan_runtime::native::TypeDef;

/// The classes of this module.
pub const TYPES: &[&TypeDef] = &[
    endless::Count::DEF, endless::Cycle::DEF, endless::Repeat::DEF, filter::Chain::DEF, filter::Compress::DEF, filter::DropWhile::DEF,
    filter::TakeWhile::DEF, filter::FilterFalse::DEF, filter::Islice::DEF, filter::Starmap::DEF, filter::Accumulate::DEF,
    filter::Pairwise::DEF, filter::Batched::DEF, group::GroupBy::DEF, group::Grouper::DEF, group::Tee::DEF, group::TeeData::DEF, group::ZipLongest::DEF,
    combine::Product::DEF, combine::Permutations::DEF, combine::Combinations::DEF, combine::CombinationsWithReplacement::DEF,
];

module! {
    /// Functional tools for creating and using iterators.
    name = "itertools",
    functions(group::tee),
    types(
        endless::Count, endless::Cycle, endless::Repeat, filter::Chain, filter::Compress, filter::DropWhile, filter::TakeWhile,
        filter::FilterFalse, filter::Islice, filter::Starmap, filter::Accumulate, filter::Pairwise, filter::Batched, group::GroupBy,
        group::Grouper, group::Tee, group::TeeData, group::ZipLongest, combine::Product, combine::Permutations, combine::Combinations,
        combine::CombinationsWithReplacement,
    ),
}
