//! map

use std::cell::Cell;

use super::{check_all_ended, length_error, own_init, strict_flag};
use crate::core::{Payload, R, Ref, Value};
use crate::native::Args;
use crate::types::tuple::{from_array, from_vec};
use crate::types::type_::TypeObject;
use crate::vm::Vm;

/// The payload of map.
#[derive(taipan_macros::Trace)]
pub struct Map {
    function: Value,
    iterators: Vec<Value>,
    strict: Cell<bool>,
}

/// Make an iterator that computes the function using arguments from each of the iterables.
///
/// Stops when the shortest iterable is exhausted. If strict is true and one of the iterables is exhausted
/// before the others, raise a ValueError.
#[taipan_macros::class(name = "map", flags(BASETYPE, GC), sig = "(function, iterable, /, *iterables, strict=False)")]
impl Map {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R {
        let strict = strict_flag(vm, args, "map", own_init(cls, Map::TYPE.get()))?;
        let [function, iterables @ ..] = args.positional() else {
            return Err(vm.type_error("map() must have at least two arguments."));
        };
        if iterables.is_empty() {
            return Err(vm.type_error("map() must have at least two arguments."));
        }
        let mut iterators = Vec::with_capacity(iterables.len());
        for v in iterables {
            iterators.push(vm.iter(v)?);
        }
        let made = Map { function: function.clone(), iterators, strict: Cell::new(strict) };
        Ok(Ref::new_of(cls, made).into_value())
    }

    #[slot]
    fn iter(_vm: &Vm, this: &Value) -> R {
        Ok(this.clone())
    }

    #[slot]
    fn next(vm: &Vm, this: &Ref<Map>) -> R<Option<Value>> {
        if let [only] = &this.iterators[..] {
            let Some(v) = vm.next(only)? else { return Ok(None) };
            return vm.call(&this.function, std::slice::from_ref(&v)).map(Some);
        }
        if let [a, b] = &this.iterators[..]
            && !this.strict.get()
        {
            let Some(x) = vm.next(a)? else { return Ok(None) };
            let Some(y) = vm.next(b)? else { return Ok(None) };
            return vm.call(&this.function, &[x, y]).map(Some);
        }
        let mut args = Vec::with_capacity(this.iterators.len());
        for (i, it) in this.iterators.iter().enumerate() {
            match vm.next(it)? {
                Some(v) => args.push(v),
                None if !this.strict.get() => return Ok(None),
                None if i > 0 => return Err(length_error(vm, "map", i, false)),
                None => {
                    check_all_ended(vm, "map", this.iterators.get(1..).unwrap_or(&[]))?;
                    return Ok(None);
                }
            }
        }
        vm.call(&this.function, &args).map(Some)
    }

    /// Return state information for pickling.
    #[method(sig = "()")]
    fn __reduce__(_vm: &Vm, this: &Ref<Map>) -> R {
        let mut args = vec![this.function.clone()];
        args.extend_from_slice(&this.iterators);
        let (ty, args) = (this.ty().to_value(), from_vec(args).into_value());
        Ok(if this.strict.get() { from_array([ty, args, Value::TRUE]) } else { from_array([ty, args]) }.into_value())
    }

    /// Set state information for unpickling.
    #[method(sig = "(object, /)")]
    fn __setstate__(_vm: &Vm, this: &Ref<Map>, strict: bool) {
        this.strict.set(strict);
    }
}
