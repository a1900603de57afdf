//! What bytes and bytearray both do. Every function takes its arguments apart before it looks at the object's own
//! bytes, since that may run Python code which changes them.

use std::ops::{Deref, Range};

use taipan_text::escape;
use taipan_text::search as text;

use super::{BytesLike, is_bytes_like};
use crate::core::{Payload, R, Ref, Value};
use crate::types::int;
use crate::types::list::{self, List};
use crate::types::slice;
use crate::types::str::{self, Str};
use crate::types::tuple::{self, Tuple};
use crate::vm::Vm;

/// bytes or bytearray.
pub(crate) trait Family: Payload {
    /// `bytes` or `bytearray`.
    const NAME: &'static str;

    /// The contents, for short looks that run no Python code.
    fn view(&self) -> impl Deref<Target = [u8]>;

    /// Forbids changes of the size, or allows them again, where they are possible at all.
    fn hold(&self, _held: bool) {}

    /// A new object of the family's own type.
    fn make(data: Vec<u8>) -> Value;

    /// Part of an object as a new one, or the object itself where that can't be told.
    fn part(this: &Ref<Self>, range: Range<usize>) -> Value;

    /// A bytes-like argument that becomes part of a result: `partition` gives the separator back.
    fn separator(vm: &Vm, sep: &Value) -> R;
}

/// All of an object, as the result of an operation that changes nothing.
pub(crate) fn whole<T: Family>(this: &Ref<T>) -> Value {
    let len = this.view().len();
    T::part(this, 0..len)
}

/// `data` as a new object.
///
/// Raises MemoryError if it is too large. Call [`Vm::check_room`] before the data is made where it may be very large.
pub(crate) fn made<T: Family>(data: Vec<u8>) -> R {
    Ok(T::make(data))
}

/// A byte or a run of bytes to look for.
pub(crate) enum Needle<'a> {
    /// An int.
    Byte([u8; 1]),
    /// A bytes-like object.
    Bytes(BytesLike<'a>),
}

impl Deref for Needle<'_> {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        match self {
            Self::Byte(b) => b,
            Self::Bytes(b) => b,
        }
    }
}

/// The byte that an int is.
///
/// Raises ValueError beyond 0 to 255, TypeError for what is no int.
pub(crate) fn byte(vm: &Vm, v: &Value) -> R<u8> {
    let n = match v.as_small() {
        Some(n) => Some(n),
        None => int::get(&int::index(vm, v)?).and_then(int::IntRef::to_i64),
    };
    n.and_then(|n| u8::try_from(n).ok()).ok_or_else(|| vm.value_error("byte must be in range(0, 256)"))
}

impl<'a> Needle<'a> {
    /// The argument of `find` and its kin.
    fn find(vm: &Vm, v: &'a Value) -> R<Self> {
        if is_bytes_like(v) {
            return BytesLike::new(vm, v).map(Self::Bytes);
        }
        if int::get(v).is_none() && v.ty().slots().index.is_none() {
            let ty = v.ty().tp_name();
            return Err(vm.type_error(format!("argument should be integer or bytes-like object, not '{ty}'")));
        }
        byte(vm, v).map(|b| Self::Byte([b]))
    }
}

/// `item in this`
pub(crate) fn contains<T: Family>(vm: &Vm, this: &Ref<T>, item: &Value) -> R<bool> {
    if int::get(item).is_some() || item.ty().slots().index.is_some() {
        let b = byte(vm, item)?;
        return Ok(memchr::memchr(b, &this.view()).is_some());
    }
    let needle = BytesLike::new(vm, item)?;
    Ok(memchr::memmem::find(&this.view(), &needle).is_some())
}

/// The first or last position of `sub` in `this[start:end]`.
pub(crate) fn find<T: Family>(
    vm: &Vm,
    this: &Ref<T>,
    sub: &Value,
    start: Option<&Value>,
    end: Option<&Value>,
    last: bool,
) -> R<Option<usize>> {
    let (start, end) = (str::slice_bound(vm, start, 0)?, str::slice_bound(vm, end, isize::MAX)?);
    let needle = Needle::find(vm, sub)?;
    let data = this.view();
    let Some((start, end)) = str::clamp(data.len(), start, end) else { return Ok(None) };
    let hay = &data[start..end];
    let at = match (&*needle, last) {
        ([one], false) => memchr::memchr(*one, hay),
        ([one], true) => memchr::memrchr(*one, hay),
        (n, false) => memchr::memmem::find(hay, n),
        (n, true) => memchr::memmem::rfind(hay, n),
    };
    Ok(at.map(|at| at + start))
}

/// `index` and `rindex`.
///
/// Raises ValueError if `sub` is not there.
pub(crate) fn index<T: Family>(
    vm: &Vm,
    this: &Ref<T>,
    sub: &Value,
    start: Option<&Value>,
    end: Option<&Value>,
    last: bool,
) -> R<usize> {
    find(vm, this, sub, start, end, last)?.ok_or_else(|| vm.value_error("subsection not found"))
}

/// `count`
pub(crate) fn count<T: Family>(vm: &Vm, this: &Ref<T>, sub: &Value, start: Option<&Value>, end: Option<&Value>) -> R<usize> {
    let (start, end) = (str::slice_bound(vm, start, 0)?, str::slice_bound(vm, end, isize::MAX)?);
    let needle = Needle::find(vm, sub)?;
    let data = this.view();
    let Some((start, end)) = str::clamp(data.len(), start, end) else { return Ok(0) };
    Ok(match &*needle {
        [one] => memchr::memchr_iter(*one, &data[start..end]).count(),
        n => text::count(&data[start..end], n, usize::MAX),
    })
}

/// `startswith` and `endswith`.
pub(crate) fn affix<T: Family>(
    vm: &Vm,
    this: &Ref<T>,
    what: &Value,
    start: Option<&Value>,
    end: Option<&Value>,
    at_end: bool,
) -> R<bool> {
    let (start, end) = (str::slice_bound(vm, start, 0)?, str::slice_bound(vm, end, isize::MAX)?);
    let test = |affix: &Value| {
        let affix = BytesLike::new(vm, affix)?;
        let data = this.view();
        Ok(str::clamp(data.len(), start, end).is_some_and(|(s, e)| {
            if at_end { data[s..e].ends_with(&affix) } else { data[s..e].starts_with(&affix) }
        }))
    };
    if let Some(all) = what.downcast::<Tuple>() {
        for v in all.as_slice() {
            if test(v)? {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    if !is_bytes_like(what) {
        let name = if at_end { "endswith" } else { "startswith" };
        let ty = what.ty().tp_name();
        return Err(vm.type_error(format!("{name} first arg must be bytes or a tuple of bytes, not {ty}")));
    }
    test(what)
}

/// `removeprefix` and `removesuffix`.
pub(crate) fn remove_affix<T: Family>(this: &Ref<T>, affix: &[u8], at_end: bool) -> Value {
    let range = {
        let data = this.view();
        let (len, n) = (data.len(), affix.len());
        match at_end {
            true if data.ends_with(affix) => 0..len - n,
            false if data.starts_with(affix) => n..len,
            _ => 0..len,
        }
    };
    T::part(this, range)
}

fn list_of<T: Family>(this: &Ref<T>, parts: Vec<Range<usize>>) -> Value {
    list::from_vec(parts.into_iter().map(|r| T::part(this, r)).collect()).into_value()
}

/// `split` and `rsplit`.
pub(crate) fn split<T: Family>(vm: &Vm, this: &Ref<T>, sep: &Value, maxsplit: isize, from_right: bool) -> R {
    let max = usize::try_from(maxsplit).unwrap_or(usize::MAX);
    if sep.is_none() {
        let parts = match from_right {
            false => text::split_whitespace(&this.view(), max, text::is_ascii_space),
            true => text::rsplit_whitespace(&this.view(), max, text::is_ascii_space),
        };
        return Ok(list_of(this, parts));
    }
    let sep = BytesLike::new(vm, sep)?;
    if sep.is_empty() {
        return Err(vm.value_error("empty separator"));
    }
    let parts = match from_right {
        false => text::split(&this.view(), &sep, max),
        true => text::rsplit(&this.view(), &sep, max),
    };
    Ok(list_of(this, parts))
}

/// `splitlines`
pub(crate) fn split_lines<T: Family>(this: &Ref<T>, keep_ends: bool) -> Value {
    let parts = text::split_lines(&this.view(), keep_ends, true);
    list_of(this, parts)
}

/// `partition` and `rpartition`.
pub(crate) fn partition<T: Family>(vm: &Vm, this: &Ref<T>, sep: &Value, last: bool) -> R {
    let needle = BytesLike::new(vm, sep)?;
    if needle.is_empty() {
        return Err(vm.value_error("empty separator"));
    }
    let (at, len) = {
        let data = this.view();
        let at = if last { memchr::memmem::rfind(&data, &needle) } else { memchr::memmem::find(&data, &needle) };
        (at, data.len())
    };
    let n = needle.len();
    drop(needle);
    let empty = || T::make(Vec::new());
    Ok(match at {
        Some(at) => {
            let (head, tail) = (T::part(this, 0..at), T::part(this, at + n..len));
            tuple::from_array([head, T::separator(vm, sep)?, tail])
        }
        None if last => tuple::from_array([empty(), empty(), whole(this)]),
        None => tuple::from_array([whole(this), empty(), empty()]),
    }
    .into_value())
}

/// `strip`, `lstrip`, `rstrip`.
pub(crate) fn strip<T: Family>(vm: &Vm, this: &Ref<T>, chars: &Value, left: bool, right: bool) -> R {
    let range = if chars.is_none() {
        text::strip(&this.view(), left, right, text::is_ascii_space)
    } else {
        let chars = BytesLike::new(vm, chars)?;
        let set = text::CharSet::new(chars.iter().map(|&b| u32::from(b)));
        text::strip(&this.view(), left, right, |c| set.contains(c))
    };
    Ok(T::part(this, range))
}

/// `replace`
pub(crate) fn replace<T: Family>(vm: &Vm, this: &Ref<T>, old: &[u8], new: &[u8], count: isize) -> R {
    let max = usize::try_from(count).unwrap_or(usize::MAX);
    let changed = {
        let data = this.view();
        if max == 0 || old.len() > data.len() || (old.is_empty() && new.is_empty()) {
            None
        } else {
            let found = if new.len() > old.len() { text::count(&data, old, max) } else { 0 };
            let size = found.saturating_mul(new.len() - old.len().min(new.len())).saturating_add(data.len());
            if size > isize::MAX as usize {
                return Err(vm.overflow_error("replace bytes is too long"));
            }
            vm.check_room(size)?;
            text::replace(&data, old, new, max)
        }
    };
    match changed {
        Some(data) => made::<T>(data),
        None => Ok(whole(this)),
    }
}

/// `join`
pub(crate) fn join<T: Family>(vm: &Vm, this: &Ref<T>, iterable: &Value) -> R {
    let slots = iterable.ty().slots();
    if slots.iter.is_none() && slots.item.is_none() && slots.getitem.is_none() {
        return Err(vm.type_error("can only join an iterable"));
    }
    let items = match (iterable.downcast_exact::<List>(), iterable.downcast_exact::<Tuple>()) {
        (Some(l), _) => l.to_vec(),
        (_, Some(t)) => t.as_slice().to_vec(),
        _ => {
            // The iterator may not resize what separates its items.
            this.hold(true);
            let items = vm.collect(iterable);
            this.hold(false);
            items?
        }
    };
    if let [only] = &items[..]
        && T::NAME == "bytes"
        && only.downcast_exact::<super::Bytes>().is_some()
    {
        return Ok(only.clone());
    }
    if let Some(out) = join_exact(vm, &this.view(), &items)? {
        return made::<T>(out);
    }
    let mut parts = Vec::with_capacity(items.len());
    for (i, v) in items.iter().enumerate() {
        match BytesLike::new(vm, v) {
            Ok(part) => parts.push(part),
            Err(raised) => {
                drop(vm.catch(raised));
                let ty = v.ty().tp_name();
                return Err(vm.type_error(format!("sequence item {i}: expected a bytes-like object, {ty} found")));
            }
        }
    }
    let out = {
        let sep = this.view();
        let gaps = sep.len().checked_mul(parts.len().saturating_sub(1));
        let size = parts.iter().try_fold(gaps.unwrap_or(usize::MAX), |n, p| n.checked_add(p.len()));
        let Some(size) = size.filter(|n| *n <= isize::MAX as usize) else {
            return Err(vm.overflow_error("join() result is too long"));
        };
        vm.check_room(size)?;
        let mut out = Vec::with_capacity(size);
        for (i, p) in parts.iter().enumerate() {
            if i > 0 {
                out.extend_from_slice(&sep);
            }
            out.extend_from_slice(p);
        }
        out
    };
    drop(parts);
    made::<T>(out)
}

/// The usual case of `join`: all items are bytes, which nobody can change meanwhile.
fn join_exact(vm: &Vm, sep: &[u8], items: &[Value]) -> R<Option<Vec<u8>>> {
    let mut size = sep.len().checked_mul(items.len().saturating_sub(1)).unwrap_or(usize::MAX);
    for v in items {
        let Some(b) = v.downcast_exact::<super::Bytes>() else { return Ok(None) };
        size = size.saturating_add(b.as_slice().len());
    }
    if size > isize::MAX as usize {
        return Err(vm.overflow_error("join() result is too long"));
    }
    vm.check_room(size)?;
    let mut out = Vec::with_capacity(size);
    for (i, v) in items.iter().enumerate() {
        if i > 0 {
            out.extend_from_slice(sep);
        }
        if let Some(b) = v.downcast_exact::<super::Bytes>() {
            out.extend_from_slice(b.as_slice());
        }
    }
    Ok(Some(out))
}

/// `translate`
pub(crate) fn translate<T: Family>(vm: &Vm, this: &Ref<T>, table: &Value, delete: Option<&Value>) -> R {
    let table = if table.is_none() {
        None
    } else {
        let table = BytesLike::new(vm, table)?;
        match <[u8; 256]>::try_from(&*table) {
            Ok(t) => Some(t),
            Err(_) => return Err(vm.value_error("translation table must be 256 characters long")),
        }
    };
    let delete = match delete {
        Some(d) => BytesLike::new(vm, d)?.to_vec(),
        None => Vec::new(),
    };
    let (out, same) = {
        let data = this.view();
        let out = text::translate_bytes(&data, table.as_ref(), &delete);
        let same = out == *data;
        (out, same)
    };
    if same { Ok(whole(this)) } else { made::<T>(out) }
}

/// `bytes.maketrans`
pub(crate) fn make_table(vm: &Vm, from: &[u8], to: &[u8]) -> R {
    if from.len() != to.len() {
        return Err(vm.value_error("maketrans arguments must have same length"));
    }
    let mut table: Vec<u8> = (0..=255).collect();
    from.iter().zip(to).for_each(|(&f, &t)| table[usize::from(f)] = t);
    Ok(super::from_vec(table).into_value())
}

/// Which side padding stands on.
#[derive(Clone, Copy)]
pub(crate) enum Place {
    /// `ljust`
    Left,
    /// `center`
    Center,
    /// `rjust`
    Right,
}

/// `ljust`, `center`, `rjust`.
pub(crate) fn justify<T: Family>(vm: &Vm, this: &Ref<T>, width: isize, fill: Option<&Value>, place: Place) -> R {
    let fill = match fill {
        None => b' ',
        Some(v) => fill_byte(vm, v, place)?,
    };
    let len = this.view().len();
    let missing = usize::try_from(width).unwrap_or(0).saturating_sub(len);
    if missing == 0 {
        return Ok(whole(this));
    }
    let (before, behind) = match place {
        Place::Left => (0, missing),
        Place::Right => (missing, 0),
        Place::Center => text::center_padding(len, len + missing),
    };
    vm.check_room(len + missing)?;
    let mut out = Vec::with_capacity(len + missing);
    out.resize(before, fill);
    out.extend_from_slice(&this.view());
    out.resize(out.len() + behind, fill);
    made::<T>(out)
}

fn fill_byte(vm: &Vm, v: &Value, place: Place) -> R<u8> {
    let name = match place {
        Place::Left => "ljust",
        Place::Center => "center",
        Place::Right => "rjust",
    };
    let data = if let Some(b) = v.downcast::<super::Bytes>() {
        b.as_slice().to_vec()
    } else if let Some(b) = v.downcast::<crate::types::bytearray::ByteArray>() {
        b.to_vec()
    } else {
        let ty = if v.is_none() { "None".to_owned() } else { v.ty().tp_name() };
        return Err(vm.type_error(format!("{name}() argument 2 must be a byte string of length 1, not {ty}")));
    };
    match data[..] {
        [b] => Ok(b),
        _ => {
            let (ty, n) = (v.ty().tp_name(), data.len());
            Err(vm.type_error(format!("{name}(): argument 2 must be a byte string of length 1, not a {ty} object of length {n}")))
        }
    }
}

/// `zfill`
pub(crate) fn zfill<T: Family>(vm: &Vm, this: &Ref<T>, width: isize) -> R {
    let width = usize::try_from(width).unwrap_or(0);
    vm.check_room(width)?;
    let out = text::zfill(&*this.view(), width);
    match out {
        Some(out) => made::<T>(out),
        None => Ok(whole(this)),
    }
}

/// `expandtabs`
pub(crate) fn expand_tabs<T: Family>(vm: &Vm, this: &Ref<T>, size: i32) -> R {
    let size = usize::try_from(size).unwrap_or(0);
    let out = {
        let data = this.view();
        let Some(len) = text::expand_tabs_length(&data, size) else {
            return Err(vm.overflow_error("result too long"));
        };
        vm.check_room(len.saturating_mul(2))?;
        text::expand_tabs(&data, size)
    };
    made::<T>(out)
}

/// A change of every byte for itself or the whole.
pub(crate) fn map<T: Family>(this: &Ref<T>, f: impl FnOnce(&[u8]) -> Vec<u8>) -> Value {
    let out = f(&this.view());
    T::make(out)
}

/// Whether there is a byte and all pass.
pub(crate) fn all<T: Family>(this: &Ref<T>, test: impl Fn(&u8) -> bool) -> bool {
    let data = this.view();
    !data.is_empty() && data.iter().all(test)
}

/// `islower` with `wanted` lower and `other` upper case, or the other way round.
pub(crate) fn cased<T: Family>(this: &Ref<T>, wanted: fn(&u8) -> bool, other: fn(&u8) -> bool) -> bool {
    let data = this.view();
    data.iter().any(wanted) && !data.iter().any(other)
}

/// `istitle`
pub(crate) fn is_title<T: Family>(this: &Ref<T>) -> bool {
    let ascii = |b: &u8| if b.is_ascii() { u32::from(*b) } else { 0 };
    text::is_title_text(this.view().iter().map(ascii))
}

/// The separator of `hex`, if one is given: at most `most`.
///
/// Raises ValueError or TypeError for anything but one ASCII character, a str or bytes.
pub fn hex_separator(vm: &Vm, sep: Option<&Value>, most: u8) -> R<Option<u8>> {
    let Some(v) = sep else { return Ok(None) };
    if vm.len(v)? != 1 {
        return Err(vm.value_error("sep must be length 1."));
    }
    let ch = if let Some(s) = v.downcast::<Str>() {
        s.iter().next()
    } else if let Some(b) = super::get(v) {
        b.first().map(|&b| u32::from(b))
    } else {
        return Err(vm.type_error("sep must be str or bytes."));
    };
    match ch.and_then(|c| u8::try_from(c).ok()).filter(|b| *b <= most) {
        Some(b) => Ok(Some(b)),
        None => Err(vm.value_error("sep must be ASCII.")),
    }
}

/// `hex`: the separator is one ASCII character, a str or bytes.
pub(crate) fn hex(vm: &Vm, data: &dyn Fn() -> Vec<u8>, sep: Option<&Value>, group: isize) -> R {
    let separator = hex_separator(vm, sep, 0x7f)?;
    let data = data();
    vm.check_room(data.len().saturating_mul(3))?;
    Ok(str::from_latin1(&escape::to_hex(&data, separator, group)).into_value())
}

/// `fromhex`: bytes from pairs of hexadecimal digits.
pub(crate) fn from_hex(vm: &Vm, v: &Value) -> R<Vec<u8>> {
    let r = if let Some(s) = v.downcast::<Str>() {
        vm.check_room(s.len())?;
        str::units!(s.chars(), t => escape::from_hex(t))
    } else if is_bytes_like(v) {
        let data = BytesLike::new(vm, v)?;
        vm.check_room(data.len())?;
        escape::from_hex(&data)
    } else {
        return Err(vm.type_error(format!("fromhex() argument must be str or bytes-like, not {}", v.ty().tp_name())));
    };
    r.map_err(|e| vm.value_error(e.to_string()))
}

/// `this + other`
///
/// Raises TypeError for what has no buffer.
pub(crate) fn concat<T: Family>(vm: &Vm, this: &Ref<T>, other: &Value) -> R {
    if !is_bytes_like(other) {
        return Err(vm.type_error(format!("can't concat {} to {}", other.ty().tp_name(), this.ty().tp_name())));
    }
    let other = BytesLike::new(vm, other)?;
    let out = {
        let data = this.view();
        let size = data.len().saturating_add(other.len());
        vm.check_room(size)?;
        let mut out = Vec::with_capacity(size);
        out.extend_from_slice(&data);
        out.extend_from_slice(&other);
        out
    };
    made::<T>(out)
}

/// `data` repeated.
///
/// Raises MemoryError.
pub(crate) fn repeated(vm: &Vm, data: &[u8], n: isize) -> R<Vec<u8>> {
    let n = usize::try_from(n).unwrap_or(0);
    let Some(size) = data.len().checked_mul(n) else { return Err(vm.memory_error()) };
    vm.check_room(size)?;
    Ok(data.repeat(n))
}

/// What stands in `[]`.
pub(crate) enum Selection {
    /// An index, counted from the start; it may be out of range.
    At(isize),
    /// Start, step and number of items of a slice.
    Slice(isize, isize, usize),
}

/// Reads an index or slice of a sequence whose length `len` tells, asked after Python code has run.
///
/// Raises TypeError ("byte indices must be integers or slices, not str").
pub(crate) fn place(vm: &Vm, key: &Value, len: &dyn Fn() -> usize, what: &str) -> R<Selection> {
    if slice::is_slice(key) {
        let (start, stop, step) = slice::unpack(vm, key)?;
        let (start, _, count) = slice::adjust(len(), start, stop, step);
        return Ok(Selection::Slice(start, step, count));
    }
    let i = match key.as_small() {
        Some(n) => n as isize,
        None if int::get(key).is_none() && key.ty().slots().index.is_none() => {
            return Err(vm.type_error(format!("{what} indices must be integers or slices, not {}", key.ty().tp_name())));
        }
        None => str::index(vm, key)?,
    };
    Ok(Selection::At(if i < 0 { i + len() as isize } else { i }))
}

/// The items of a slice.
pub(crate) fn sliced(data: &[u8], start: isize, step: isize, count: usize) -> Vec<u8> {
    let mut at = start;
    (0..count)
        .map(|_| {
            let b = usize::try_from(at).ok().and_then(|i| data.get(i)).copied().unwrap_or(0);
            at = at.wrapping_add(step);
            b
        })
        .collect()
}

/// Issues a BytesWarning where they are wanted (the option -b).
pub(crate) fn warn_of_str(vm: &Vm, message: &str) -> R<()> {
    if vm.interp().config.bytes_warning == 0 {
        return Ok(());
    }
    vm.warn(&crate::types::exceptions::BYTES_WARNING, message, 1)
}

/// `repr` of the contents, `b'...'`.
pub(crate) fn repr(vm: &Vm, data: &[u8], before: &str, behind: &str) -> R {
    vm.check_room(data.len().saturating_mul(4))?;
    let mut out = str::StrBuilder::with_capacity(data.len() + 3);
    out.push_str(before);
    escape::repr_bytes(data, &mut out);
    out.push_str(behind);
    Ok(out.finish())
}
