//! The class bytes.

use std::ops::{Deref, Range};

use super::common::{self, Family, Selection};
use super::class::bytes_class;
use super::{Bytes, BytesLike, construct, from_slice, from_vec, iter, printf};
use crate::core::{R, Ref, Value};
use crate::types::int;
use crate::types::memoryview::Buffer;
use crate::types::str::Str;
use crate::types::tuple;
use crate::types::type_::{CmpOp, TypeObject};
use crate::vm::{Vm, names};

impl Family for Bytes {
    const NAME: &'static str = "bytes";

    fn view(&self) -> impl Deref<Target = [u8]> {
        self.as_slice()
    }

    fn make(data: Vec<u8>) -> Value {
        from_vec(data).into_value()
    }

    fn part(this: &Ref<Self>, range: Range<usize>) -> Value {
        if range.len() == this.len() && this.is_exact() {
            return this.value().clone();
        }
        from_slice(this.as_slice().get(range).unwrap_or_default()).into_value()
    }

    fn separator(_vm: &Vm, sep: &Value) -> R {
        Ok(sep.clone())
    }
}

/// An instance of `cls` with the contents of `v`, a bytes object.
fn instance(cls: &TypeObject, v: Value) -> R {
    if cls.is(Bytes::DEF.place.get()) {
        return Ok(v);
    }
    let data = super::get(&v).unwrap_or_default().to_vec();
    Ok(Ref::new_of(cls, Bytes::owned(data)).into_value())
}

/// What `bytes(source, encoding, errors)` gives before it becomes an instance of a subclass.
fn make(vm: &Vm, source: Option<&Value>, encoding: Option<&str>, errors: Option<&str>) -> R {
    if let Some(v) = construct::encoded(vm, source, encoding, errors)? {
        return Ok(v);
    }
    let Some(source) = source else { return Ok(from_slice(&[]).into_value()) };
    if source.downcast_exact::<Bytes>().is_some() {
        return Ok(source.clone());
    }
    if let Some(v) = vm.call_special(source, &names().__bytes__, &[])? {
        if super::get(&v).is_none() {
            return Err(vm.type_error(format!("__bytes__ returned non-bytes (type {})", v.ty().tp_name())));
        }
        return Ok(v);
    }
    if source.downcast::<Str>().is_some() {
        return Err(vm.type_error("string argument without an encoding"));
    }
    if let Some(n) = construct::count(vm, source)? {
        return Ok(from_vec(construct::zeros(vm, n)?).into_value());
    }
    Ok(from_vec(construct::from_object(vm, source, "bytes", "bytes")?).into_value())
}

bytes_class! {
    #[doc = "bytes(iterable_of_ints) -> bytes"]
    #[doc = "bytes(string, encoding[, errors]) -> bytes"]
    #[doc = "bytes(bytes_or_buffer) -> immutable copy of bytes_or_buffer"]
    #[doc = "bytes(int) -> that many null bytes"]
    #[doc = "bytes() -> no bytes"]
    #[doc = ""]
    #[doc = "An immutable array of bytes."]
    class Bytes, (name = "bytes", place = BYTES, flags(BASETYPE, BYTES_SUB, MATCH_SELF)) {
        #[slot(new, sig = "(source=b'', encoding='utf-8', errors='strict')")]
        fn new(vm: &Vm, cls: &TypeObject, source: Option<&Value>, encoding: Option<&str>, errors: Option<&str>) -> R {
            instance(cls, make(vm, source, encoding, errors)?)
        }

        #[slot]
        fn repr(vm: &Vm, this: &Ref<Bytes>) -> R {
            common::repr(vm, this.as_slice(), "", "")
        }

        #[slot(str)]
        fn str_slot(vm: &Vm, this: &Ref<Bytes>) -> R {
            common::warn_of_str(vm, "str() on a bytes instance")?;
            common::repr(vm, this.as_slice(), "", "")
        }

        #[slot(hash)]
        fn hash_slot(_vm: &Vm, this: &Ref<Bytes>) -> i64 {
            Bytes::hash(this)
        }

        #[slot]
        fn richcompare(vm: &Vm, this: &Ref<Bytes>, other: &Value, op: CmpOp) -> R {
            if let Some(other) = super::get(other) {
                return Ok(Value::bool(match op {
                    CmpOp::Eq => this.as_slice() == other,
                    CmpOp::Ne => this.as_slice() != other,
                    _ => op.matches(this.as_slice().cmp(other)),
                }));
            }
            if matches!(op, CmpOp::Eq | CmpOp::Ne) {
                if other.downcast::<Str>().is_some() {
                    common::warn_of_str(vm, "Comparison between bytes and string")?;
                } else if int::get(other).is_some() {
                    common::warn_of_str(vm, "Comparison between bytes and int")?;
                }
            }
            Ok(Value::NOT_IMPLEMENTED)
        }

        #[slot(iter)]
        fn iter_slot(_vm: &Vm, this: &Ref<Bytes>) -> Ref<iter::BytesIter> {
            Ref::new(iter::BytesIter { state: iter::State::new(this.clone()) })
        }

        #[slot(len)]
        fn len_slot(_vm: &Vm, this: &Ref<Bytes>) -> usize {
            Bytes::len(this)
        }

        #[slot]
        fn getitem(vm: &Vm, this: &Ref<Bytes>, key: &Value) -> R {
            Ok(match common::place(vm, key, &|| Bytes::len(this), "byte")? {
                Selection::At(i) => return item(vm, this, i),
                Selection::Slice(start, 1, count) => Bytes::part(this, start as usize..start as usize + count),
                Selection::Slice(start, step, count) => {
                    from_vec(common::sliced(this.as_slice(), start, step, count)).into_value()
                }
            })
        }

        #[slot(item)]
        fn item_slot(vm: &Vm, this: &Ref<Bytes>, index: isize) -> R {
            item(vm, this, index)
        }

        #[slot]
        fn repeat(vm: &Vm, this: &Ref<Bytes>, n: isize) -> R {
            if n == 1 && this.is_exact() {
                return Ok(this.value().clone());
            }
            if n > 0 && Bytes::len(this).checked_mul(n as usize).is_none_or(|n| n > isize::MAX as usize) {
                return Err(vm.overflow_error("repeated bytes are too long"));
            }
            Ok(from_vec(common::repeated(vm, this.as_slice(), n)?).into_value())
        }

        #[slot(binary = Mod)]
        fn rem(vm: &Vm, a: &Value, b: &Value) -> R {
            match a.downcast::<Bytes>() {
                Some(this) => Ok(from_vec(printf::format(vm, this.as_slice(), b)?).into_value()),
                None => Ok(Value::NOT_IMPLEMENTED),
            }
        }

        #[slot]
        fn buffer(vm: &Vm, this: &Ref<Bytes>, flags: u32) -> R<Buffer> {
            // Never written to: the buffer is read-only.
            Buffer::of_bytes(vm, this.value(), this.data.get().cast_mut(), Bytes::len(this), true, flags, None)
        }

        /// Create bytes from a string of hexadecimal digits, two for each byte; whitespace may stand between them.
        #[classmethod(sig = "(string, /)")]
        fn fromhex(vm: &Vm, cls: &TypeObject, string: &Value) -> R {
            let made = from_vec(common::from_hex(vm, string)?).into_value();
            if cls.is(Bytes::DEF.place.get()) {
                return Ok(made);
            }
            vm.call(&cls.to_value(), &[made])
        }

        /// Convert this value to exact type bytes.
        #[method(sig = "()")]
        fn __bytes__(_vm: &Vm, this: &Ref<Bytes>) -> Value {
            common::whole(this)
        }

        #[method(sig = "()")]
        fn __getnewargs__(_vm: &Vm, this: &Ref<Bytes>) -> Value {
            tuple::from_array([from_slice(this.as_slice()).into_value()]).into_value()
        }

        /// Return the size of the object in memory, in bytes.
        #[method(sig = "()")]
        fn __sizeof__(_vm: &Vm, this: &Ref<Bytes>) -> usize {
            // What CPython's objects take, which programs compare.
            let extra = this.ty().size.get() - Bytes::DEF.place.get().size.get();
            33 + extra as usize + Bytes::len(this)
        }
    }
}

fn item(vm: &Vm, this: &Bytes, i: isize) -> R {
    match usize::try_from(i).ok().and_then(|i| this.as_slice().get(i)) {
        Some(&b) => Ok(Value::small(i32::from(b))),
        None => Err(vm.index_error("index out of range")),
    }
}
