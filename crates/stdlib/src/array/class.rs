//! The class.

use taipan_macros::class;
use taipan_runtime::core::{Payload, R, Raised, Ref, StaticType, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::bytes;
use taipan_runtime::types::list::{self, List, seq};
use taipan_runtime::types::memoryview::Buffer;
use taipan_runtime::types::str::{self, Str, StrBuilder};
use taipan_runtime::types::type_::{CmpOp, TypeObject};
use taipan_runtime::types::{exceptions as exc, generic_alias, slice, tuple};
use taipan_runtime::vm::Vm;

use super::code::{Code, bad_char};
use super::compare::compare;
use super::iter::ArrayIter;
use super::rebuild::protocol;
use super::store::Array;
use crate::util::audit;

/// The class's place.
pub static ARRAY: &StaticType = <Array as Payload>::TYPE;

fn release(v: &Value) {
    if let Some(a) = v.downcast::<Array>() {
        a.exports.set(a.exports.get().saturating_sub(1));
    }
}

fn like(this: &Ref<Array>, data: Vec<u8>) -> Value {
    Ref::new(Array::of(this.code(), data)).into_value()
}

/// A copy of the items in a range, which is in bounds.
fn part(vm: &Vm, this: &Ref<Array>, start: usize, end: usize) -> R<Vec<u8>> {
    let size = this.code().size();
    vm.check_room((end - start) * size)?;
    Ok(this.data().borrow().get(start * size..end * size).unwrap_or(&[]).to_vec())
}

fn out_of_range(vm: &Vm) -> Raised {
    vm.index_error("array index out of range")
}

fn no_index(vm: &Vm) -> Raised {
    vm.type_error("array indices must be integers")
}

/// Item `i`, which was in bounds when the caller looked.
fn item(vm: &Vm, this: &Ref<Array>, i: usize) -> R {
    this.get(vm, i)?.ok_or_else(|| out_of_range(vm))
}

/// The first index in `from..to` whose item equals a value.
fn find(vm: &Vm, this: &Ref<Array>, value: &Value, from: usize, to: usize) -> R<Option<usize>> {
    let mut i = from;
    while i < to
        && let Some(v) = this.get(vm, i)?
    {
        let same = match seq::quick_eq(&v, value) {
            Some(same) => same,
            None => vm.eq(&v, value)?,
        };
        if same {
            return Ok(Some(i));
        }
        i += 1;
    }
    Ok(None)
}

fn delete_slice(vm: &Vm, this: &Ref<Array>, (start, stop, step): (isize, isize, isize)) -> R<()> {
    let (start, stop, count) = slice::adjust(this.len(), start, stop, step);
    if count == 0 {
        return Ok(());
    }
    if step == 1 {
        return this.splice(vm, start as usize, (stop as usize).max(start as usize), &[]);
    }
    this.check_resizable(vm)?;
    let size = this.code().size();
    // In ascending order.
    let (first, step) = match step < 0 {
        true => ((start + step.saturating_mul(count as isize - 1)) as usize, step.unsigned_abs()),
        false => (start as usize, step as usize),
    };
    let last = first + step * (count - 1);
    let mut i = 0;
    let mut data = this.data().borrow_mut();
    let kept: Vec<u8> = data
        .chunks_exact(size)
        .filter(|_| {
            let at = i;
            i += 1;
            at < first || at > last || (at - first) % step != 0
        })
        .flatten()
        .copied()
        .collect();
    *data = kept;
    Ok(())
}

fn assign_slice(vm: &Vm, this: &Ref<Array>, (start, stop, step): (isize, isize, isize), value: &Value) -> R<()> {
    let Some(other) = value.downcast::<Array>() else {
        let given = value.ty().tp_name();
        return Err(vm.type_error(format!("can only assign array (not \"{given}\") to array slice")));
    };
    if other.code() != this.code() {
        return Err(vm.type_error("bad argument type for built-in operation"));
    }
    // The other one may be this one.
    let new = part(vm, other, 0, other.len())?;
    let size = this.code().size();
    let n = new.len() / size;
    if n == 0 {
        return delete_slice(vm, this, (start, stop, step));
    }
    let (start, stop, count) = slice::adjust(this.len(), start, stop, step);
    if step == 1 {
        return this.splice(vm, start as usize, (stop as usize).max(start as usize), &new);
    }
    if n != count {
        let text = format!("attempt to assign array of size {n} to extended slice of size {count}");
        return Err(vm.value_error(text));
    }
    let mut data = this.data().borrow_mut();
    let mut at = start;
    for from in new.chunks_exact(size) {
        let i = at as usize * size;
        if let Some(to) = data.get_mut(i..i + size) {
            to.copy_from_slice(from);
        }
        at = at.wrapping_add(step);
    }
    Ok(())
}

/// The items repeated `n` times.
fn repeated(vm: &Vm, this: &Ref<Array>, n: isize) -> R<Vec<u8>> {
    let n = n.max(0) as usize;
    let data = this.data().borrow();
    let Some(total) = data.len().checked_mul(n) else { return Err(vm.memory_error()) };
    vm.check_room(total)?;
    Ok(data.repeat(n))
}

/// The text that the items are.
///
/// Raises ValueError, or UnicodeDecodeError, for what is no text.
fn text(vm: &Vm, this: &Ref<Array>) -> R {
    if this.code().char() == 'w' {
        let bytes = bytes::new(vm, &this.data().borrow())?;
        let name = if cfg!(target_endian = "big") { "utf-32-be" } else { "utf-32-le" };
        return vm.call_method(&bytes, "decode", &[str::from_str(name)]);
    }
    let mut out = StrBuilder::new();
    for c in this.data().borrow().as_chunks::<4>().0 {
        let ch = u32::from_ne_bytes(*c);
        if ch > 0x10_ffff {
            return Err(bad_char(vm, ch));
        }
        out.push(ch);
    }
    Ok(out.finish())
}

fn to_list(vm: &Vm, this: &Ref<Array>) -> R {
    let n = this.len();
    vm.check_room(n.saturating_mul(size_of::<Value>()))?;
    let mut out = Vec::with_capacity(n);
    for i in 0..n {
        out.push(item(vm, this, i)?);
    }
    Ok(list::from_vec(out).into_value())
}

/// The arguments of the constructor: the type code and the initial items.
fn constructor_args<'a>(vm: &Vm, cls: &TypeObject, args: Args<'a>) -> R<(Code, Option<&'a Value>)> {
    let init = |t: &TypeObject| t.slots().init.map(|f| f as usize);
    if !args.names.is_empty() && (cls.is(ARRAY.get()) || init(cls) == init(ARRAY.get())) {
        return Err(vm.type_error("array.array() takes no keyword arguments"));
    }
    let (code, initial) = match args.positional() {
        [] => return Err(vm.type_error("array() takes at least 1 argument (0 given)")),
        [code] => (code, None),
        [code, initial] => (code, Some(initial)),
        more => return Err(vm.type_error(format!("array() takes at most 2 arguments ({} given)", more.len()))),
    };
    let wrong = |given: String| vm.type_error(format!("array() argument 1 must be a unicode character, not {given}"));
    let Some(s) = code.downcast::<Str>() else { return Err(wrong(code.ty().tp_name())) };
    if s.len() != 1 {
        return Err(wrong(format!("a string of length {}", s.len())));
    }
    let letter = s.char_at(0);
    audit(vm, "array.__new__", &[code.clone(), initial.cloned().unwrap_or(Value::NONE)])?;
    let found = Code::new(letter);
    if found.is_some_and(|c| c.char() == 'u') {
        let text = "The 'u' type code is deprecated and will be removed in Python 3.16";
        vm.warn(&exc::DEPRECATION_WARNING, text, 1)?;
    }
    if let Some(v) = initial
        && !found.is_some_and(Code::is_text)
    {
        let what = match v.downcast::<Array>() {
            Some(a) if a.code().is_text() => "unicode array",
            _ if v.downcast::<Str>().is_some() => "str",
            _ => "",
        };
        if !what.is_empty() {
            let c = char::from_u32(letter).unwrap_or('?');
            return Err(vm.type_error(format!("cannot use a {what} to initialize an array with typecode '{c}'")));
        }
    }
    match found {
        Some(code) => Ok((code, initial)),
        None => Err(vm.value_error("bad typecode (must be b, B, u, w, h, H, i, I, l, L, q, Q, f or d)")),
    }
}

/// array(typecode [, initializer]) -> array
///
/// Return a new array whose items are restricted by typecode, and initialized from the optional initializer value,
/// which must be a list, string or iterable over elements of the appropriate type.
///
/// Arrays represent basic values and behave very much like lists, except the type of objects stored in them is
/// constrained. The type is specified at object creation time by using a type code, which is a single character:
///
///     'b' 'B'  signed and unsigned integer of 1 byte     'h' 'H'  of 2 bytes
///     'i' 'I'  of 4 bytes                                'l' 'L'  of 8 bytes
///     'q' 'Q'  of 8 bytes                                'f' 'd'  floating-point of 4 and 8 bytes
///     'u' 'w'  Unicode character of 4 bytes ('u' is deprecated)
#[class(name = "array", module = "array", flags(BASETYPE, SEQUENCE, HAS_WEAKREF))]
impl Array {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R {
        let (code, initial) = constructor_args(vm, cls, args)?;
        let new = Ref::new_of(cls, Array::of(code, Vec::new()));
        if let Some(v) = initial {
            if let Some(s) = v.downcast::<Str>() {
                new.extend_text(vm, s)?;
            } else if let Some(a) = v.downcast::<Array>() {
                if a.code() == code || a.code().is_text() && code.is_text() {
                    let data = part(vm, a, 0, a.len())?;
                    new.push_bytes(vm, &data)?;
                } else {
                    new.extend_items(vm, v)?;
                }
            } else if is_bytes(v) {
                new.extend_bytes(vm, v)?;
            } else {
                new.extend_items(vm, v)?;
            }
        }
        Ok(new.into_value())
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Self>) -> R {
        let mut out = StrBuilder::new();
        out.push_str(&this.ty().name());
        out.push_str("('");
        out.push(this.code().char().into());
        out.push_str("'");
        if this.len() != 0 {
            out.push_str(", ");
            let items = if this.code().is_text() { text(vm, this)? } else { to_list(vm, this)? };
            if let Some(s) = vm.repr(&items)?.downcast::<Str>() {
                out.push_obj(s);
            }
        }
        out.push_str(")");
        Ok(out.finish())
    }

    #[slot]
    fn richcompare(vm: &Vm, this: &Ref<Self>, other: &Value, op: CmpOp) -> R {
        match other.downcast::<Array>() {
            Some(other) => compare(vm, this, other, op),
            None => Ok(Value::NOT_IMPLEMENTED),
        }
    }

    #[slot]
    fn iter(_vm: &Vm, this: &Ref<Self>) -> Value {
        ArrayIter::make(this)
    }

    #[slot(len)]
    fn slot_len(_vm: &Vm, this: &Ref<Self>) -> usize {
        this.len()
    }

    #[slot(item)]
    fn slot_item(vm: &Vm, this: &Ref<Self>, i: isize) -> R {
        match usize::try_from(i) {
            Ok(i) => item(vm, this, i),
            Err(_) => Err(out_of_range(vm)),
        }
    }

    #[slot]
    fn getitem(vm: &Vm, this: &Ref<Self>, key: &Value) -> R {
        if let Some(i) = seq::index(vm, key)? {
            return match seq::place(i, this.len()) {
                Some(i) => item(vm, this, i),
                None => Err(out_of_range(vm)),
            };
        }
        if !slice::is_slice(key) {
            return Err(no_index(vm));
        }
        let (start, stop, step) = slice::unpack(vm, key)?;
        let (start, _, count) = slice::adjust(this.len(), start, stop, step);
        if step == 1 {
            return Ok(like(this, part(vm, this, start as usize, start as usize + count)?));
        }
        let size = this.code().size();
        vm.check_room(count.saturating_mul(size))?;
        let mut out = Vec::with_capacity(count * size);
        let data = this.data().borrow();
        let mut at = start;
        for _ in 0..count {
            let i = at as usize * size;
            out.extend_from_slice(data.get(i..i + size).unwrap_or(&[]));
            at = at.wrapping_add(step);
        }
        Ok(like(this, out))
    }

    #[slot]
    fn setitem(vm: &Vm, this: &Ref<Self>, key: &Value, value: Option<&Value>) -> R<()> {
        let wrong = || vm.index_error("array assignment index out of range");
        if let Some(i) = seq::index(vm, key)? {
            let Some(i) = seq::place(i, this.len()) else { return Err(wrong()) };
            return match value {
                Some(v) => {
                    let item = this.code().put(vm, v)?;
                    // Converting may have changed the length.
                    if this.set(i, item) { Ok(()) } else { Err(wrong()) }
                }
                None => this.splice(vm, i, i + 1, &[]),
            };
        }
        if !slice::is_slice(key) {
            return Err(no_index(vm));
        }
        let bounds = slice::unpack(vm, key)?;
        match value {
            Some(v) => assign_slice(vm, this, bounds, v),
            None => delete_slice(vm, this, bounds),
        }
    }

    #[slot]
    fn contains(vm: &Vm, this: &Ref<Self>, v: &Value) -> R<bool> {
        Ok(find(vm, this, v, 0, usize::MAX)?.is_some())
    }

    #[slot]
    fn concat(vm: &Vm, this: &Ref<Self>, other: &Value) -> R {
        let Some(other) = other.downcast::<Array>() else {
            let given = other.ty().tp_name();
            return Err(vm.type_error(format!("can only append array (not \"{given}\") to array")));
        };
        if other.code() != this.code() {
            return Err(vm.type_error("bad argument type for built-in operation"));
        }
        let (a, b) = (this.data().borrow(), other.data().borrow());
        vm.check_room(a.len().saturating_add(b.len()))?;
        Ok(like(this, [a.as_slice(), b.as_slice()].concat()))
    }

    #[slot]
    fn repeat(vm: &Vm, this: &Ref<Self>, n: isize) -> R {
        Ok(like(this, repeated(vm, this, n)?))
    }

    #[slot]
    fn inplace_concat(vm: &Vm, this: &Ref<Self>, other: &Value) -> R {
        match other.downcast::<Array>() {
            Some(a) => this.extend_array(vm, a)?,
            None => {
                let given = other.ty().tp_name();
                return Err(vm.type_error(format!("can only extend array with array (not \"{given}\")")));
            }
        }
        Ok(this.value().clone())
    }

    #[slot]
    fn inplace_repeat(vm: &Vm, this: &Ref<Self>, n: isize) -> R {
        let len = this.len();
        if len > 0 && n != 1 {
            this.check_resizable(vm)?;
            let new = repeated(vm, this, n)?;
            this.splice(vm, 0, len, &new)?;
        }
        Ok(this.value().clone())
    }

    #[slot]
    fn buffer(vm: &Vm, this: &Ref<Self>, flags: u32) -> R<Buffer> {
        let (ptr, len) = {
            let mut data = this.data().borrow_mut();
            (data.as_mut_ptr(), this.code().size())
        };
        let item = (std::borrow::Cow::Borrowed(this.code().format()), len);
        let buffer = Buffer::of_items(vm, this.value(), ptr, this.len(), item, false, flags, Some(release))?;
        this.exports.set(this.exports.get() + 1);
        Ok(buffer)
    }

    /// Append new value v to the end of the array.
    #[method(sig = "(v, /)")]
    fn append(vm: &Vm, this: &Ref<Self>, v: &Value) -> R<()> {
        let item = this.code().put(vm, v)?;
        this.push(vm, item)
    }

    /// Return a tuple (address, length) giving the current memory address and the length in items of the buffer used
    /// to hold array's contents.
    #[method(sig = "()")]
    fn buffer_info(_vm: &Vm, this: &Ref<Self>) -> R {
        let address = this.data().borrow().as_ptr().addr();
        Ok(tuple::from_array([Value::from(address), Value::from(this.len())]).into_value())
    }

    /// Byteswap all items of the array.
    ///
    /// If the items in the array are not 1, 2, 4, or 8 bytes in size, RuntimeError is raised.
    #[method(sig = "()")]
    fn byteswap(_vm: &Vm, this: &Ref<Self>) {
        this.swap_bytes();
    }

    /// Remove all items from the array.
    #[method(sig = "()")]
    fn clear(vm: &Vm, this: &Ref<Self>) -> R<()> {
        let n = this.len();
        this.splice(vm, 0, n, &[])
    }

    /// Return a copy of the array.
    #[method(sig = "()")]
    fn __copy__(vm: &Vm, this: &Ref<Self>) -> R {
        Ok(like(this, part(vm, this, 0, this.len())?))
    }

    /// Return a copy of the array.
    #[method(sig = "(unused, /)")]
    fn __deepcopy__(vm: &Vm, this: &Ref<Self>, unused: &Value) -> R {
        let _ = unused;
        Ok(like(this, part(vm, this, 0, this.len())?))
    }

    /// Return number of occurrences of v in the array.
    #[method(sig = "(v, /)")]
    fn count(vm: &Vm, this: &Ref<Self>, v: &Value) -> R<usize> {
        let (mut n, mut at) = (0, 0);
        while let Some(i) = find(vm, this, v, at, usize::MAX)? {
            n += 1;
            at = i + 1;
        }
        Ok(n)
    }

    /// Append items to the end of the array.
    #[method(sig = "(bb, /)")]
    fn extend(vm: &Vm, this: &Ref<Self>, bb: &Value) -> R<()> {
        this.extend_any(vm, bb)
    }

    /// Appends items from the string, interpreting it as an array of machine values, as if it had been read from a
    /// file using the fromfile() method.
    #[method(sig = "(buffer, /)")]
    fn frombytes(vm: &Vm, this: &Ref<Self>, buffer: &Value) -> R<()> {
        this.extend_bytes(vm, buffer)
    }

    /// Read n objects from the file object f and append them to the end of the array.
    #[method(sig = "(f, n, /)")]
    fn fromfile(vm: &Vm, this: &Ref<Self>, f: &Value, n: isize) -> R<()> {
        if n < 0 {
            return Err(vm.value_error("negative count"));
        }
        let Some(want) = (n as usize).checked_mul(this.code().size()).filter(|n| *n <= isize::MAX as usize) else {
            return Err(vm.memory_error());
        };
        let data = vm.call_method(f, "read", &[Value::from(want)])?;
        let Some(got) = bytes::get(&data) else { return Err(vm.type_error("read() didn't return bytes")) };
        this.extend_bytes(vm, &data)?;
        if got.len() == want { Ok(()) } else { Err(vm.eof_error("read() didn't return enough bytes")) }
    }

    /// Append items to array from list.
    #[method(sig = "(list, /)")]
    fn fromlist(vm: &Vm, this: &Ref<Self>, list: &Value) -> R<()> {
        let Some(l) = list.downcast::<List>() else { return Err(vm.type_error("arg must be list")) };
        let (old, n) = (this.len(), l.len());
        let mut i = 0;
        let r = loop {
            if l.len() != n {
                break Err(vm.runtime_error("list changed size during iteration"));
            }
            let Some(v) = l.get(i) else { break Ok(()) };
            let pushed = this.code().put(vm, &v).and_then(|item| this.push(vm, item));
            if pushed.is_err() {
                break pushed;
            }
            i += 1;
        };
        if r.is_err() && this.exports.get() == 0 {
            this.truncate(old);
        }
        r
    }

    /// Extends this array with data from the unicode string ustr.
    ///
    /// The array must be a unicode type array; otherwise a ValueError is raised. Use
    /// array.frombytes(ustr.encode(...)) to append Unicode data to an array of some other type.
    #[method(sig = "(ustr, /)")]
    fn fromunicode(vm: &Vm, this: &Ref<Self>, ustr: &Ref<Str>) -> R<()> {
        if !this.code().is_text() {
            return Err(vm.value_error("fromunicode() may only be called on unicode type arrays ('u' or 'w')"));
        }
        this.extend_text(vm, ustr)
    }

    /// Return index of first occurrence of v in the array.
    ///
    /// Raise ValueError if the value is not present.
    #[method(sig = "(v, start=0, stop=sys.maxsize, /)")]
    fn index(vm: &Vm, this: &Ref<Self>, v: &Value, start: Option<&Value>, stop: Option<&Value>) -> R<usize> {
        let len = this.len();
        let (from, to) = (seq::bound(vm, start, 0, len)?, seq::bound(vm, stop, usize::MAX, len)?);
        match find(vm, this, v, from, to)? {
            Some(i) => Ok(i),
            None => Err(vm.value_error("array.index(x): x not in array")),
        }
    }

    /// Insert a new item v into the array before position i.
    #[method(sig = "(i, v, /)")]
    fn insert(vm: &Vm, this: &Ref<Self>, i: isize, v: &Value) -> R<()> {
        let item = this.code().put(vm, v)?;
        this.check_resizable(vm)?;
        let len = this.len();
        let i = if i < 0 { i.saturating_add_unsigned(len).max(0) } else { i };
        let i = (i as usize).min(len);
        this.splice(vm, i, i, &item[..this.code().size()])
    }

    /// Return the i-th element and delete it from the array.
    ///
    /// i defaults to -1.
    #[method(sig = "(i=-1, /)")]
    fn pop(vm: &Vm, this: &Ref<Self>, i: isize) -> R {
        let len = this.len();
        if len == 0 {
            return Err(vm.index_error("pop from empty array"));
        }
        let Some(i) = seq::place(i, len) else { return Err(vm.index_error("pop index out of range")) };
        let v = item(vm, this, i)?;
        if i == len - 1 {
            this.check_resizable(vm)?;
            this.truncate(i);
        } else {
            this.splice(vm, i, i + 1, &[])?;
        }
        Ok(v)
    }

    /// Return state information for pickling.
    #[method(sig = "(value, /)")]
    fn __reduce_ex__(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R {
        let protocol = protocol(vm, args)?;
        let dict = vm.get_attr_opt(this.value(), &vm.n().__dict__)?.unwrap_or(Value::NONE);
        let code = str::from_str(&this.code().char().to_string());
        let class = this.ty().to_value();
        if protocol < 3 {
            let args = tuple::from_array([code, to_list(vm, this)?]).into_value();
            return Ok(tuple::from_array([class, args, dict]).into_value());
        }
        let rebuild = vm.import_attr("array", "_array_reconstructor")?;
        let items = Self::tobytes(vm, this)?;
        let args = tuple::from_array([class, code, Value::from(this.code().machine_format()), items]).into_value();
        Ok(tuple::from_array([rebuild, args, dict]).into_value())
    }

    /// Remove the first occurrence of v in the array.
    #[method(sig = "(v, /)")]
    fn remove(vm: &Vm, this: &Ref<Self>, v: &Value) -> R<()> {
        match find(vm, this, v, 0, usize::MAX)? {
            Some(i) if i < this.len() => this.splice(vm, i, i + 1, &[]),
            _ => Err(vm.value_error("array.remove(x): x not in array")),
        }
    }

    /// Reverse the order of the items in the array.
    #[method(sig = "()")]
    fn reverse(_vm: &Vm, this: &Ref<Self>) {
        this.turn_around();
    }

    /// Convert the array to an array of machine values and return the bytes representation.
    #[method(sig = "()")]
    fn tobytes(vm: &Vm, this: &Ref<Self>) -> R {
        bytes::new(vm, &this.data().borrow())
    }

    /// Write all items (as machine values) to the file object f.
    #[method(sig = "(f, /)")]
    fn tofile(vm: &Vm, this: &Ref<Self>, f: &Value) -> R<()> {
        const BLOCK: usize = 1 << 16;
        let mut at = 0;
        loop {
            let block = {
                let data = this.data().borrow();
                let Some(rest) = data.get(at..).filter(|d| !d.is_empty()) else { return Ok(()) };
                bytes::from_slice(&rest[..rest.len().min(BLOCK)]).into_value()
            };
            vm.call_method(f, "write", &[block])?;
            at += BLOCK;
        }
    }

    /// Convert array to an ordinary list with the same items.
    #[method(sig = "()")]
    fn tolist(vm: &Vm, this: &Ref<Self>) -> R {
        to_list(vm, this)
    }

    /// Extends this array with data from the unicode string ustr.
    ///
    /// Convert the array to a unicode string. The array must be a unicode type array; otherwise a ValueError is
    /// raised. Use array.tobytes().decode() to obtain a unicode string from an array of some other type.
    #[method(sig = "()")]
    fn tounicode(vm: &Vm, this: &Ref<Self>) -> R {
        if !this.code().is_text() {
            return Err(vm.value_error("tounicode() may only be called on unicode type arrays ('u' or 'w')"));
        }
        text(vm, this)
    }

    /// Size of the array in memory, in bytes.
    #[method(sig = "()")]
    fn __sizeof__(_vm: &Vm, this: &Ref<Self>) -> usize {
        // What CPython's objects take, which programs compare: there the buffer's owner stands in the object too.
        this.ty().size.get() as usize + size_of::<usize>() + this.capacity()
    }

    /// See PEP 585
    #[classmethod(sig = "(object, /)")]
    fn __class_getitem__(vm: &Vm, cls: &Value, object: &Value) -> R {
        generic_alias::new(vm, cls.clone(), object.clone())
    }

    /// the typecode character used to create the array
    #[getter]
    fn typecode(_vm: &Vm, this: &Ref<Self>) -> String {
        this.code().char().to_string()
    }

    /// the size, in bytes, of one array item
    #[getter]
    fn itemsize(_vm: &Vm, this: &Ref<Self>) -> usize {
        this.code().size()
    }
}

/// Whether the constructor takes an object for the bytes of items.
fn is_bytes(v: &Value) -> bool {
    let bytes = v.downcast::<bytes::Bytes>().is_some();
    bytes || v.downcast::<taipan_runtime::types::bytearray::ByteArray>().is_some()
}
