//! enumerate

use std::cell::Cell;

use super::own_init;
use crate::core::{Payload, PyCell, R, Ref, Value};
use crate::native::Args;
use crate::types::str::Str;
use crate::types::tuple::{Recycled, from_array};
use crate::types::type_::{BinOp, TypeObject};
use crate::types::{generic_alias, int};
use crate::vm::Vm;

/// The payload of enumerate.
#[derive(taipan_macros::Trace)]
pub struct Enumerate {
    iterator: Value,
    /// The next number, while it fits.
    index: Cell<i64>,
    /// The next number, when it does not.
    large: PyCell<Option<Value>>,
    recycled: Recycled,
}

impl Enumerate {
    /// The next number and item, without a tuple, for loops that take it apart at once.
    ///
    /// Raises what the iterator raises.
    #[inline]
    pub fn advance(&self, vm: &Vm) -> R<Option<(Value, Value)>> {
        let Some(item) = vm.next_inner(&self.iterator)? else { return Ok(None) };
        let i = self.index.get();
        let n = if i < i64::MAX {
            self.index.set(i + 1);
            Value::from(i)
        } else {
            self.next_large(vm)?
        };
        Ok(Some((n, item)))
    }

    #[cold]
    fn next_large(&self, vm: &Vm) -> R {
        let n = self.large.get().unwrap_or_else(|| Value::from(i64::MAX));
        self.large.set(Some(vm.binary(&n, &Value::small(1), BinOp::Add)?));
        Ok(n)
    }
}

/// Return an enumerate object.
///
/// The enumerate object yields pairs of a count (from start, which defaults to zero) and a value of the iterable:
/// (0, seq[0]), (1, seq[1]), (2, seq[2]), ...
#[taipan_macros::class(name = "enumerate", flags(BASETYPE, GC), sig = "(iterable, start=0)")]
impl Enumerate {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R {
        let (iterable, start) = arguments(vm, args, own_init(cls, Enumerate::TYPE.get()))?;
        let (mut index, mut large) = (0, None);
        if let Some(start) = start {
            let n = int::index(vm, start)?;
            match int::get(&n).and_then(int::IntRef::to_i64) {
                Some(n) => index = n,
                None => (index, large) = (i64::MAX, Some(n)),
            }
        }
        let iterator = vm.iter(iterable)?;
        let made = Enumerate { iterator, index: Cell::new(index), large: PyCell::new(large), recycled: Recycled::default() };
        Ok(Ref::new_of(cls, made).into_value())
    }

    #[slot]
    fn iter(_vm: &Vm, this: &Value) -> R {
        Ok(this.clone())
    }

    #[slot]
    fn next(vm: &Vm, this: &Ref<Enumerate>) -> R<Option<Value>> {
        let pair = this.advance(vm)?;
        Ok(pair.map(|(n, item)| this.recycled.tuple([n, item])))
    }

    /// Return state information for pickling.
    #[method(sig = "()")]
    fn __reduce__(_vm: &Vm, this: &Ref<Enumerate>) -> R {
        let n = this.large.get().unwrap_or_else(|| Value::from(this.index.get()));
        let args = from_array([this.iterator.clone(), n]);
        Ok(from_array([this.ty().to_value(), args.into_value()]).into_value())
    }

    /// See PEP 585
    #[classmethod(sig = "(object, /)")]
    fn __class_getitem__(vm: &Vm, cls: &TypeObject, object: &Value) -> R {
        generic_alias::new(vm, cls.to_value(), object.clone())
    }
}

/// The iterable and the start. A subclass may take more for itself.
fn arguments<'a>(vm: &Vm, args: Args<'a>, more: bool) -> R<(&'a Value, Option<&'a Value>)> {
    let given = args.positional();
    let (mut iterable, mut start) = (given.first(), given.get(1));
    for (k, v) in args.named() {
        match k.downcast::<Str>().and_then(|s| s.as_ascii()) {
            Some("iterable") if iterable.is_none() => iterable = Some(v),
            Some("start") if start.is_none() && (iterable.is_some() || args.names.len() > 1) => start = Some(v),
            _ if more => {}
            _ => {
                let name = vm.str_lossy(k);
                return Err(vm.type_error(format!("'{name}' is an invalid keyword argument for enumerate()")));
            }
        }
    }
    if args.all.len() > 2 && !more {
        return Err(vm.type_error(format!("enumerate() takes at most 2 arguments ({} given)", args.all.len())));
    }
    match iterable {
        Some(v) => Ok((v, start)),
        None => Err(vm.type_error("enumerate() missing required argument 'iterable'")),
    }
}
