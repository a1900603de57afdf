//! The class bytearray.

use std::ops::{Deref, Range};

use super::{ByteArray, ByteArrayIter, from_vec, release};
use crate::core::{R, Ref, Value};
use crate::native::Args;
use crate::types::bytes::class::bytes_class;
use crate::types::bytes::common::{self, Family, Selection};
use crate::types::bytes::{self, BytesLike, construct, is_bytes_like, iter, printf};
use crate::types::int;
use crate::types::memoryview::Buffer;
use crate::types::slice;
use crate::types::str::{self, Str};
use crate::types::tuple;
use crate::types::type_::{CmpOp, TypeObject};
use crate::vm::Vm;

impl Family for ByteArray {
    const NAME: &'static str = "bytearray";

    fn view(&self) -> impl Deref<Target = [u8]> {
        ByteArray::view(self)
    }

    fn hold(&self, held: bool) {
        let n = self.exports.get();
        self.exports.set(if held { n + 1 } else { n.saturating_sub(1) });
    }

    fn make(data: Vec<u8>) -> Value {
        from_vec(data).into_value()
    }

    fn part(this: &Ref<Self>, range: Range<usize>) -> Value {
        let data = this.view().get(range).unwrap_or_default().to_vec();
        from_vec(data).into_value()
    }

    fn separator(vm: &Vm, sep: &Value) -> R {
        let data = BytesLike::new(vm, sep)?.to_vec();
        Ok(from_vec(data).into_value())
    }
}

bytes_class! {
    #[doc = "bytearray(iterable_of_ints) -> bytearray"]
    #[doc = "bytearray(string, encoding[, errors]) -> bytearray"]
    #[doc = "bytearray(bytes_or_buffer) -> mutable copy of bytes_or_buffer"]
    #[doc = "bytearray(int) -> that many null bytes"]
    #[doc = "bytearray() -> no bytes"]
    #[doc = ""]
    #[doc = "A mutable array of bytes."]
    class ByteArray, (name = "bytearray", place = BYTEARRAY, flags(BASETYPE, MATCH_SELF), sig = "(source=b'', encoding='utf-8', errors='strict')") {
        #[slot(new)]
        fn new_slot(_vm: &Vm, cls: &TypeObject, _args: Args<'_>) -> Value {
            Ref::new_of(cls, ByteArray::default()).into_value()
        }

        #[slot]
        fn init(vm: &Vm, this: &Ref<ByteArray>, source: Option<&Value>, encoding: Option<&str>, errors: Option<&str>) -> R<()> {
            if !this.is_empty() {
                this.assign(vm, Vec::new())?;
            }
            let data = if let Some(v) = construct::encoded(vm, source, encoding, errors)? {
                bytes::get(&v).unwrap_or_default().to_vec()
            } else {
                let Some(source) = source else { return Ok(()) };
                if source.downcast::<Str>().is_some() {
                    return Err(vm.type_error("string argument without an encoding"));
                }
                match construct::count(vm, source)? {
                    Some(n) => construct::zeros(vm, n)?,
                    // What an iterable yields is there at once.
                    None => match construct::contents(vm, source)? {
                        Some(data) => data,
                        None => return construct::each(vm, source, "byte", "bytearray", &mut |b| this.push(vm, b)),
                    },
                }
            };
            this.assign(vm, data)
        }

        #[slot]
        fn repr(vm: &Vm, this: &Ref<ByteArray>) -> R {
            repr(vm, this)
        }

        #[slot(str)]
        fn str_slot(vm: &Vm, this: &Ref<ByteArray>) -> R {
            common::warn_of_str(vm, "str() on a bytearray instance")?;
            repr(vm, this)
        }

        #[slot]
        fn richcompare(vm: &Vm, this: &Ref<ByteArray>, other: &Value, op: CmpOp) -> R {
            if !is_bytes_like(other) {
                if matches!(op, CmpOp::Eq | CmpOp::Ne) && other.downcast::<Str>().is_some() {
                    common::warn_of_str(vm, "Comparison between bytearray and string")?;
                }
                return Ok(Value::NOT_IMPLEMENTED);
            }
            let other = match BytesLike::new(vm, other) {
                Ok(data) => data,
                Err(raised) => {
                    drop(vm.catch(raised));
                    return Ok(Value::NOT_IMPLEMENTED);
                }
            };
            Ok(Value::bool(op.matches((*this.view()).cmp(&*other))))
        }

        #[slot(iter)]
        fn iter_slot(_vm: &Vm, this: &Ref<ByteArray>) -> Ref<ByteArrayIter> {
            Ref::new(ByteArrayIter { state: iter::State::new(this.clone()) })
        }

        #[slot(len)]
        fn len_slot(_vm: &Vm, this: &Ref<ByteArray>) -> usize {
            ByteArray::len(this)
        }

        #[slot]
        fn getitem(vm: &Vm, this: &Ref<ByteArray>, key: &Value) -> R {
            match common::place(vm, key, &|| ByteArray::len(this), "bytearray")? {
                Selection::At(i) => item(vm, this, i),
                Selection::Slice(start, 1, count) => Ok(ByteArray::part(this, start as usize..start as usize + count)),
                Selection::Slice(start, step, count) => {
                    let data = common::sliced(&this.view(), start, step, count);
                    Ok(from_vec(data).into_value())
                }
            }
        }

        #[slot(item)]
        fn item_slot(vm: &Vm, this: &Ref<ByteArray>, index: isize) -> R {
            item(vm, this, index)
        }

        #[slot]
        fn setitem(vm: &Vm, this: &Ref<ByteArray>, key: &Value, value: Option<&Value>) -> R<()> {
            if slice::is_slice(key) {
                return set_slice(vm, this, key, value);
            }
            let Selection::At(i) = common::place(vm, key, &|| ByteArray::len(this), "bytearray")? else { return Ok(()) };
            let new = value.map(|v| common::byte(vm, v)).transpose()?;
            let len = ByteArray::len(this);
            let Some(i) = usize::try_from(i).ok().filter(|i| *i < len) else {
                return Err(vm.index_error("bytearray index out of range"));
            };
            match new {
                Some(b) => this.splice(vm, i..i + 1, &[b]),
                None => this.splice(vm, i..i + 1, &[]),
            }
        }

        #[slot]
        fn repeat(vm: &Vm, this: &Ref<ByteArray>, n: isize) -> R {
            let data = common::repeated(vm, &this.view(), n)?;
            Ok(from_vec(data).into_value())
        }

        #[slot]
        fn inplace_concat(vm: &Vm, this: &Ref<ByteArray>, other: &Value) -> R {
            if !is_bytes_like(other) {
                return Err(vm.type_error(format!("can't concat {} to {}", other.ty().tp_name(), this.ty().tp_name())));
            }
            let other = BytesLike::new(vm, other)?;
            let end = ByteArray::len(this);
            this.splice(vm, end..end, &other)?;
            Ok(this.value().clone())
        }

        #[slot]
        fn inplace_repeat(vm: &Vm, this: &Ref<ByteArray>, n: isize) -> R {
            let data = common::repeated(vm, &this.view(), n)?;
            if data.len() != ByteArray::len(this) {
                this.assign(vm, data)?;
            }
            Ok(this.value().clone())
        }

        #[slot(binary = Mod)]
        fn rem(vm: &Vm, a: &Value, b: &Value) -> R {
            match a.downcast::<ByteArray>() {
                Some(this) => Ok(from_vec(printf::format(vm, &this.to_vec(), b)?).into_value()),
                None => Ok(Value::NOT_IMPLEMENTED),
            }
        }

        #[slot]
        fn buffer(vm: &Vm, this: &Ref<ByteArray>, flags: u32) -> R<Buffer> {
            let (ptr, len) = {
                let mut store = this.store().borrow_mut();
                let data = store.bytes_mut();
                (data.as_mut_ptr(), data.len())
            };
            let buffer = Buffer::of_bytes(vm, this.value(), ptr, len, false, flags, Some(release))?;
            this.exports.set(this.exports.get() + 1);
            Ok(buffer)
        }

        /// Create a bytearray from a string of hexadecimal digits, two for each byte; whitespace may stand between them.
        #[classmethod(sig = "(string, /)")]
        fn fromhex(vm: &Vm, cls: &TypeObject, string: &Value) -> R {
            let data = common::from_hex(vm, string)?;
            if cls.is(ByteArray::DEF.place.get()) {
                return Ok(from_vec(data).into_value());
            }
            vm.call(&cls.to_value(), &[bytes::from_vec(data).into_value()])
        }

        /// Append a single byte.
        #[method(sig = "(item, /)")]
        fn append(vm: &Vm, this: &Ref<ByteArray>, item: &Value) -> R<()> {
            let b = common::byte(vm, item)?;
            this.push(vm, b)
        }

        /// Append all the bytes of a bytes-like object or an iterable of ints.
        #[method(sig = "(iterable_of_ints, /)")]
        fn extend(vm: &Vm, this: &Ref<ByteArray>, iterable_of_ints: &Value) -> R<()> {
            let new = extension(vm, iterable_of_ints)?;
            let end = ByteArray::len(this);
            this.splice(vm, end..end, &new)
        }

        /// Insert a single byte before the given index.
        #[method(sig = "(index, item, /)")]
        fn insert(vm: &Vm, this: &Ref<ByteArray>, index: isize, item: &Value) -> R<()> {
            let b = common::byte(vm, item)?;
            let len = ByteArray::len(this);
            let at = if index < 0 { len.saturating_sub(index.unsigned_abs()) } else { len.min(index as usize) };
            this.splice(vm, at..at, &[b])
        }

        /// Remove and return the byte at an index, by default the last one.
        #[method(sig = "(index=-1, /)")]
        fn pop(vm: &Vm, this: &Ref<ByteArray>, index: isize) -> R<i32> {
            let len = ByteArray::len(this);
            if len == 0 {
                return Err(vm.index_error("pop from empty bytearray"));
            }
            let at = if index < 0 { index + len as isize } else { index };
            let Some(at) = usize::try_from(at).ok().filter(|i| *i < len) else {
                return Err(vm.index_error("pop index out of range"));
            };
            let b = this.view()[at];
            this.splice(vm, at..at + 1, &[])?;
            Ok(i32::from(b))
        }

        /// Remove the first occurrence of a value.
        #[method(sig = "(value, /)")]
        fn remove(vm: &Vm, this: &Ref<ByteArray>, value: &Value) -> R<()> {
            let b = common::byte(vm, value)?;
            let at = memchr::memchr(b, &this.view());
            match at {
                Some(at) => this.splice(vm, at..at + 1, &[]),
                None => Err(vm.value_error("value not found in bytearray")),
            }
        }

        /// Reverse the order of the bytes in place.
        #[method(sig = "()")]
        fn reverse(_vm: &Vm, this: &Ref<ByteArray>) {
            this.store().borrow_mut().bytes_mut().reverse();
        }

        /// Remove all bytes.
        #[method(sig = "()")]
        fn clear(vm: &Vm, this: &Ref<ByteArray>) -> R<()> {
            this.assign(vm, Vec::new())
        }

        /// Return a copy.
        #[method(sig = "()")]
        fn copy(_vm: &Vm, this: &Ref<ByteArray>) -> Ref<ByteArray> {
            from_vec(this.to_vec())
        }

        /// Resize the bytearray to a length; new bytes are zero.
        #[method(sig = "(size, /)")]
        fn resize(vm: &Vm, this: &Ref<ByteArray>, size: isize) -> R<()> {
            let Ok(size) = usize::try_from(size) else {
                return Err(vm.value_error(format!("Can only resize to positive sizes, got {size}")));
            };
            let len = ByteArray::len(this);
            if size <= len {
                return this.splice(vm, size..len, &[]);
            }
            let new = construct::zeros(vm, size - len)?;
            this.splice(vm, len..len, &new)
        }

        /// Return the number of bytes allocated.
        #[method(sig = "()")]
        fn __alloc__(_vm: &Vm, this: &Ref<ByteArray>) -> usize {
            let store = this.store().borrow();
            if store.data.capacity() == 0 { 0 } else { store.data.capacity() + 1 }
        }

        /// Return the size of the object in memory, in bytes.
        #[method(sig = "()")]
        fn __sizeof__(vm: &Vm, this: &Ref<ByteArray>) -> usize {
            // What CPython's objects take, which programs compare.
            let extra = this.ty().size.get() - ByteArray::DEF.place.get().size.get();
            56 + extra as usize + ByteArray::__alloc__(vm, this)
        }

        /// Return state information for pickling.
        #[method(sig = "()")]
        fn __reduce__(vm: &Vm, this: &Ref<ByteArray>) -> R {
            reduce(vm, this, 2)
        }

        /// Return state information for pickling.
        #[method(sig = "(proto=0, /)")]
        fn __reduce_ex__(vm: &Vm, this: &Ref<ByteArray>, proto: i32) -> R {
            reduce(vm, this, proto)
        }
    }
}

/// As for bytes, within the class's name; but a single quote is escaped even between double ones.
fn repr(vm: &Vm, this: &Ref<ByteArray>) -> R {
    let data = this.to_vec();
    let name = this.ty().name();
    if !data.contains(&b'\'') || data.contains(&b'"') {
        return common::repr(vm, &data, &format!("{name}("), ")");
    }
    vm.check_room(data.len().saturating_mul(4))?;
    let mut text = String::new();
    taipan_text::escape::repr_bytes(&data, &mut text);
    Ok(str::from_str(&format!("{name}({})", text.replace('\'', "\\'"))))
}

fn item(vm: &Vm, this: &ByteArray, i: isize) -> R {
    let b = usize::try_from(i).ok().and_then(|i| this.view().get(i).copied());
    match b {
        Some(b) => Ok(Value::small(i32::from(b))),
        None => Err(vm.index_error("bytearray index out of range")),
    }
}

fn reduce(vm: &Vm, this: &Ref<ByteArray>, proto: i32) -> R {
    let state = vm.call_method(this.value(), "__getstate__", &[])?;
    let data = this.to_vec();
    let args = match (proto >= 3, data.is_empty()) {
        (_, true) => crate::vm::empty_tuple(),
        (true, _) => tuple::from_array([bytes::from_vec(data).into_value()]),
        (false, _) => tuple::from_array([str::from_latin1(&data).into_value(), str::from_str("latin-1")]),
    };
    Ok(tuple::from_array([this.ty().to_value(), args.into_value(), state]).into_value())
}

/// What `extend` appends.
fn extension(vm: &Vm, v: &Value) -> R<Vec<u8>> {
    if v.downcast::<Str>().is_some() {
        return Err(vm.type_error("expected iterable of integers; got: 'str'"));
    }
    let slots = v.ty().slots();
    if !is_bytes_like(v) && slots.iter.is_none() && slots.item.is_none() && slots.getitem.is_none() {
        return Err(vm.type_error(format!("can't extend bytearray with {}", v.ty().tp_name())));
    }
    construct::from_object(vm, v, "byte", "bytearray")
}

/// `this[key] = value` or `del this[key]` for a slice.
fn set_slice(vm: &Vm, this: &Ref<ByteArray>, key: &Value, value: Option<&Value>) -> R<()> {
    let (start, stop, step) = slice::unpack(vm, key)?;
    let new = match value {
        None => Vec::new(),
        Some(v) => {
            let slots = v.ty().slots();
            let number = int::get(v).is_some() || slots.index.is_some() || slots.float.is_some() || slots.int.is_some();
            if number || v.downcast::<Str>().is_some() {
                return Err(vm.type_error("can assign only bytes, buffers, or iterables of ints in range(0, 256)"));
            }
            construct::from_object(vm, v, "byte", "bytearray")?
        }
    };
    // Only now: the value may have changed the object.
    let (start, _, count) = slice::adjust(ByteArray::len(this), start, stop, step);
    let first = usize::try_from(start).unwrap_or(0);
    if step == 1 {
        return this.splice(vm, first..first + count, &new);
    }
    if new.is_empty() {
        if count == 0 {
            return Ok(());
        }
        this.check_resizable(vm)?;
        // From the lowest index upwards, whichever way the slice runs.
        let lowest = if step > 0 { first } else { (start + step * (count as isize - 1)).max(0) as usize };
        let step = step.unsigned_abs();
        let (mut i, mut next, mut gone) = (0, lowest, 0);
        let mut data = this.to_vec();
        data.retain(|_| {
            let goes = i == next && gone < count;
            if goes {
                next = next.saturating_add(step);
                gone += 1;
            }
            i += 1;
            !goes
        });
        return this.assign(vm, data);
    }
    if new.len() != count {
        let n = new.len();
        return Err(vm.value_error(format!("attempt to assign bytes of size {n} to extended slice of size {count}")));
    }
    let mut store = this.store().borrow_mut();
    let data = store.bytes_mut();
    let mut at = start;
    for b in new {
        if let Some(place) = usize::try_from(at).ok().and_then(|i| data.get_mut(i)) {
            *place = b;
        }
        at = at.wrapping_add(step);
    }
    Ok(())
}
