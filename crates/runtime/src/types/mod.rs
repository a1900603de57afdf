//! The builtin types, a file or folder each.

pub mod annotations;
pub mod bool;
pub mod bytearray;
pub mod bytes;
pub mod cell;
pub mod code;
pub mod complex;
pub mod dict;
pub mod exceptions;
pub mod float;
pub mod frame;
pub mod frozenset;
pub mod function;
pub mod generator;
pub mod generic_alias;
pub mod int;
pub mod iterators;
pub mod list;
pub mod mappingproxy;
pub mod memoryview;
pub mod module;
pub mod namespace;
pub mod native_fn;
pub mod object;
pub mod property;
pub mod range;
pub mod set;
pub mod singletons;
pub mod slice;
pub mod str;
pub mod structseq;
pub mod super_;
pub mod template;
pub mod tuple;
pub mod type_;
pub mod typevar;
pub mod union;
pub mod weakref;

use crate::native::TypeDef;

/// Every builtin type of the runtime, bases before derived ones, then `more`.
pub fn all_types(more: &'static [&'static TypeDef]) -> Vec<&'static TypeDef> {
    let mut all: Vec<&'static TypeDef> = Vec::new();
    all.extend(object::TYPES);
    all.extend(type_::TYPES);
    for family in [
        singletons::TYPES, int::TYPES, bool::TYPES, float::TYPES, complex::TYPES, str::TYPES, bytes::TYPES,
        bytearray::TYPES, memoryview::TYPES, tuple::TYPES, list::TYPES, dict::TYPES, set::TYPES, frozenset::TYPES, mappingproxy::TYPES, range::TYPES,
        slice::TYPES, iterators::TYPES, cell::TYPES, code::TYPES, function::TYPES, native_fn::TYPES, module::TYPES,
        property::TYPES, super_::TYPES, weakref::TYPES, generic_alias::TYPES, union::TYPES, typevar::TYPES,
        structseq::TYPES, namespace::TYPES, template::TYPES, frame::TYPES, generator::TYPES, exceptions::TYPES,
    ] {
        all.extend(family);
    }
    all.extend(more);
    all
}
