//! zip

use std::cell::Cell;

use super::{check_all_ended, length_error, own_init, strict_flag};
use crate::core::{Payload, R, Ref, Value};
use crate::native::Args;
use crate::types::tuple::{Recycled, from_array, from_slice, from_vec};
use crate::types::type_::TypeObject;
use crate::vm::Vm;

/// The payload of zip.
#[derive(taipan_macros::Trace)]
pub struct Zip {
    iterators: Vec<Value>,
    strict: Cell<bool>,
    recycled: Recycled,
}

impl Zip {
    /// The next items of two iterators; `None` when the first that is asked has no more.
    ///
    /// Raises what the iterators raise.
    #[inline]
    fn advance_two(&self, vm: &Vm, a: &Value, b: &Value) -> R<Option<(Value, Value)>> {
        let Some(x) = vm.next_inner(a)? else { return Ok(None) };
        let Some(y) = vm.next_inner(b)? else { return Ok(None) };
        Ok(Some((x, y)))
    }
}

/// The zip object yields n-length tuples, where n is the number of iterables passed to zip().
///
/// The i-th element of every tuple comes from the i-th iterable. This continues until the shortest iterable is
/// exhausted. If strict is true and one of the iterables is exhausted before the others, raise a ValueError.
///
/// >>> list(zip('xyz', range(2)))
/// [('x', 0), ('y', 1)]
#[taipan_macros::class(name = "zip", flags(BASETYPE, GC), sig = "(*iterables, strict=False)")]
impl Zip {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R {
        let strict = strict_flag(vm, args, "zip", own_init(cls, Zip::TYPE.get()))?;
        let mut iterators = Vec::with_capacity(args.positional().len());
        for v in args.positional() {
            iterators.push(vm.iter(v)?);
        }
        Ok(Ref::new_of(cls, Zip { iterators, strict: Cell::new(strict), recycled: Recycled::default() }).into_value())
    }

    #[slot]
    fn iter(_vm: &Vm, this: &Value) -> R {
        Ok(this.clone())
    }

    #[slot]
    fn next(vm: &Vm, this: &Ref<Zip>) -> R<Option<Value>> {
        let strict = this.strict.get();
        if let [a, b] = &this.iterators[..]
            && !strict
        {
            let pair = this.advance_two(vm, a, b)?;
            return Ok(pair.map(|(x, y)| this.recycled.tuple([x, y])));
        }
        if let [a, b, c] = &this.iterators[..]
            && !strict
        {
            let Some((x, y)) = this.advance_two(vm, a, b)? else { return Ok(None) };
            let third = vm.next_inner(c)?;
            return Ok(third.map(|z| this.recycled.tuple([x, y, z])));
        }
        if this.iterators.is_empty() {
            return Ok(None);
        }
        let mut items = Vec::with_capacity(this.iterators.len());
        for (i, it) in this.iterators.iter().enumerate() {
            match vm.next_inner(it)? {
                Some(v) => items.push(v),
                None if !strict => return Ok(None),
                None if i > 0 => return Err(length_error(vm, "zip", i, false)),
                None => {
                    check_all_ended(vm, "zip", this.iterators.get(1..).unwrap_or(&[]))?;
                    return Ok(None);
                }
            }
        }
        Ok(Some(from_vec(items).into_value()))
    }

    /// Return state information for pickling.
    #[method(sig = "()")]
    fn __reduce__(_vm: &Vm, this: &Ref<Zip>) -> R {
        let (ty, args) = (this.ty().to_value(), from_slice(&this.iterators).into_value());
        Ok(if this.strict.get() { from_array([ty, args, Value::TRUE]) } else { from_array([ty, args]) }.into_value())
    }

    /// Set state information for unpickling.
    #[method(sig = "(object, /)")]
    fn __setstate__(_vm: &Vm, this: &Ref<Zip>, strict: bool) {
        this.strict.set(strict);
    }
}
