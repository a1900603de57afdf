//! The class memoryview.

use std::borrow::Cow;

use super::item::Format;
use super::iter::MemoryIter;
use super::object::{MemoryView, export, from_object};
use super::view::{Dims, View, c_strides};
use super::{Buffer, compare, flags};
use crate::core::{R, Ref, Value};
use crate::types::bytes::{self, common};
use crate::types::list::{self, List};
use crate::types::slice;
use crate::types::str::{self, Str};
use crate::types::tuple::{self, Tuple};
use crate::types::type_::{CmpOp, TypeObject};
use crate::types::{generic_alias, int};
use crate::vm::Vm;

/// Create a new memoryview object which references the given object.
#[taipan_macros::class(name = "memoryview", place = MEMORYVIEW, flags(GC, SEQUENCE, HAS_WEAKREF), sig = "(object)")]
impl MemoryView {
    #[slot(new)]
    fn new_slot(vm: &Vm, _cls: &TypeObject, object: &Value) -> R {
        from_object(vm, object, flags::FULL_RO)
    }

    #[slot]
    fn repr(_vm: &Vm, this: &Ref<MemoryView>) -> String {
        let what = if this.is_released() { "released memory" } else { "memory" };
        format!("<{what} at {:#x}>", this.value().id())
    }

    #[slot]
    fn hash(vm: &Vm, this: &Ref<MemoryView>) -> R<i64> {
        hash(vm, this)
    }

    #[slot]
    fn richcompare(vm: &Vm, this: &Ref<MemoryView>, other: &Value, op: CmpOp) -> R {
        let same = |yes: bool| match op {
            CmpOp::Eq => Value::bool(yes),
            CmpOp::Ne => Value::bool(!yes),
            _ => Value::NOT_IMPLEMENTED,
        };
        if !matches!(op, CmpOp::Eq | CmpOp::Ne) {
            return Ok(Value::NOT_IMPLEMENTED);
        }
        let released = this.is_released() || other.downcast::<MemoryView>().is_some_and(|m| m.is_released());
        if released {
            return Ok(same(this.value().is(other)));
        }
        if !bytes::is_bytes_like(other) {
            return Ok(Value::NOT_IMPLEMENTED);
        }
        let mine = export(vm, this, flags::FULL_RO)?;
        let theirs = match vm.buffer(other, flags::FULL_RO) {
            Ok(b) => b,
            Err(raised) => {
                drop(vm.catch(raised));
                return Ok(Value::NOT_IMPLEMENTED);
            }
        };
        Ok(same(compare::equal(vm, mine.view(), theirs.view())?))
    }

    #[slot]
    fn iter(vm: &Vm, this: &Ref<MemoryView>) -> R<Ref<MemoryIter>> {
        let view = this.view(vm)?;
        match view.ndim() {
            0 => Err(vm.type_error("invalid indexing of 0-dim memory")),
            1 => {
                this.item_format(vm)?;
                Ok(Ref::new(MemoryIter::new(this.clone(), view.shape[0].max(0) as usize)))
            }
            _ => Err(vm.not_implemented_error("multi-dimensional sub-views are not implemented")),
        }
    }

    #[slot]
    fn len(vm: &Vm, this: &Ref<MemoryView>) -> R<usize> {
        match this.view(vm)?.shape.first() {
            Some(&n) => Ok(n.max(0) as usize),
            None => Err(vm.type_error("0-dim memory has no length")),
        }
    }

    #[slot]
    fn getitem(vm: &Vm, this: &Ref<MemoryView>, key: &Value) -> R {
        get(vm, this, key)
    }

    #[slot]
    fn item(vm: &Vm, this: &Ref<MemoryView>, index: isize) -> R {
        item_at(vm, this, index)
    }

    #[slot]
    fn setitem(vm: &Vm, this: &Ref<MemoryView>, key: &Value, value: Option<&Value>) -> R<()> {
        set(vm, this, key, value)
    }

    #[slot]
    fn buffer(vm: &Vm, this: &Ref<MemoryView>, asked: u32) -> R<Buffer> {
        export(vm, this, asked)
    }

    /// Release the underlying buffer exposed by the memoryview object.
    #[method(name = "release", sig = "()")]
    fn release_method(vm: &Vm, this: &Ref<MemoryView>) -> R<()> {
        this.release(vm)
    }

    /// Return the data in the buffer as a byte string.
    ///
    /// Order can be {'C', 'F', 'A'}. With 'C' or 'F' the data are in C or Fortran order; 'A' is the order in memory
    /// where that is either, else C order.
    #[method(sig = "(order='C')")]
    fn tobytes(vm: &Vm, this: &Ref<MemoryView>, order: Option<&Value>) -> R {
        let fortran = match order.filter(|v| !v.is_none()) {
            None => false,
            Some(v) => {
                let Some(s) = v.downcast::<Str>() else {
                    let ty = v.ty().tp_name();
                    return Err(vm.type_error(format!("tobytes() argument 'order' must be str or None, not {ty}")));
                };
                match s.as_ascii() {
                    Some("C") => false,
                    Some("F") => true,
                    Some("A") => {
                        let view = this.view(vm)?;
                        view.f_contiguous() && !view.c_contiguous()
                    }
                    _ => return Err(vm.value_error("order must be 'C', 'F' or 'A'")),
                }
            }
        };
        Ok(bytes::from_vec(contents(vm, this, fortran)?).into_value())
    }

    /// Return the data in the buffer as a string of hexadecimal digits.
    ///
    ///   sep
    ///     An optional single character or byte to separate hex bytes.
    ///   bytes_per_sep
    ///     How many bytes between separators: counted from the right if positive, from the left if negative.
    ///
    /// >>> memoryview(b'\x01\x23\xab').hex('-')
    /// '01-23-ab'
    #[method(sig = "(sep=<unrepresentable>, bytes_per_sep=1)")]
    fn hex(vm: &Vm, this: &Ref<MemoryView>, sep: Option<&Value>, bytes_per_sep: i32) -> R {
        let data = contents(vm, this, false)?;
        common::hex(vm, &|| data.clone(), sep, bytes_per_sep as isize)
    }

    /// Return the data in the buffer as a list of elements.
    #[method(sig = "()")]
    fn tolist(vm: &Vm, this: &Ref<MemoryView>) -> R {
        let view = this.view(vm)?;
        let format = this.item_format(vm)?;
        if view.ndim() == 0 {
            // SAFETY: the view is in use.
            return Ok(format.unpack(unsafe { view.read::<8>(view.ptr) }));
        }
        vm.check_room(view.len.saturating_mul(8))?;
        Ok(to_list(view, format, 0, view.ptr))
    }

    /// Cast a memoryview to a new format or shape.
    #[method(sig = "(format, shape=<unrepresentable>)")]
    fn cast(vm: &Vm, this: &Ref<MemoryView>, format: &Ref<Str>, shape: Option<&Value>) -> R {
        cast(vm, this, format, shape)
    }

    /// Return a readonly version of the memoryview.
    #[method(sig = "()")]
    fn toreadonly(vm: &Vm, this: &Ref<MemoryView>) -> R {
        let managed = this.use_for_view(vm)?;
        let view = View { readonly: true, ..this.layout().clone() };
        Ok(Ref::new(MemoryView::new(managed, view)).into_value())
    }

    /// Count the number of occurrences of a value.
    #[method(sig = "(value, /)")]
    fn count(vm: &Vm, this: &Ref<MemoryView>, value: &Value) -> R<usize> {
        let it = vm.iter(this.value())?;
        let mut n = 0;
        while let Some(v) = vm.next(&it)? {
            n += usize::from(vm.eq(&v, value)?);
        }
        Ok(n)
    }

    /// Return the index of the first occurrence of a value.
    ///
    /// Raises ValueError if the value is not present.
    #[method(sig = "(value, start=0, stop=9223372036854775807, /)")]
    fn index(vm: &Vm, this: &Ref<MemoryView>, value: &Value, start: Option<&Value>, stop: Option<&Value>) -> R<usize> {
        let start = str::slice_bound(vm, start, 0)?;
        let stop = str::slice_bound(vm, stop, isize::MAX)?;
        let view = this.view(vm)?;
        match view.ndim() {
            0 => return Err(vm.type_error("invalid lookup on 0-dim memory")),
            1 => {}
            _ => return Err(vm.not_implemented_error("multi-dimensional lookup is not implemented")),
        }
        if let Some((start, stop)) = str::clamp(view.shape[0].max(0) as usize, start, stop) {
            for i in start..stop {
                let v = item_at(vm, this, i as isize)?;
                if vm.eq(&v, value)? {
                    return Ok(i);
                }
            }
        }
        Err(vm.value_error("memoryview.index(x): x not found"))
    }

    #[method(sig = "()")]
    fn __enter__(vm: &Vm, this: &Ref<MemoryView>) -> R {
        this.view(vm)?;
        Ok(this.value().clone())
    }

    #[method(sig = "(*exc_info)")]
    fn __exit__(vm: &Vm, this: &Ref<MemoryView>, _exc_info: &[Value]) -> R<()> {
        this.release(vm)
    }

    /// See PEP 585.
    #[classmethod(sig = "(object, /)")]
    fn __class_getitem__(vm: &Vm, cls: &Value, object: &Value) -> R {
        generic_alias::new(vm, cls.clone(), object.clone())
    }

    #[classmethod(sig = "(object, flags)")]
    fn _from_flags(vm: &Vm, _cls: &TypeObject, object: &Value, flags: i32) -> R {
        from_object(vm, object, flags as u32)
    }

    /// The underlying object of the memoryview.
    #[getter]
    fn obj(vm: &Vm, this: &Ref<MemoryView>) -> R<Option<Value>> {
        this.view(vm)?;
        Ok(this.owner())
    }

    /// The amount of space in bytes that the array would use in a contiguous representation.
    #[getter]
    fn nbytes(vm: &Vm, this: &Ref<MemoryView>) -> R<usize> {
        Ok(this.view(vm)?.len)
    }

    /// A bool indicating whether the memory is read only.
    #[getter]
    fn readonly(vm: &Vm, this: &Ref<MemoryView>) -> R<bool> {
        Ok(this.view(vm)?.readonly)
    }

    /// The size in bytes of each element of the memoryview.
    #[getter]
    fn itemsize(vm: &Vm, this: &Ref<MemoryView>) -> R<usize> {
        Ok(this.view(vm)?.itemsize)
    }

    /// A string containing the format (in struct module style) for each element in the view.
    #[getter]
    fn format(vm: &Vm, this: &Ref<MemoryView>) -> R<String> {
        Ok(this.view(vm)?.format.to_string())
    }

    /// An integer indicating how many dimensions of a multi-dimensional array the memory represents.
    #[getter]
    fn ndim(vm: &Vm, this: &Ref<MemoryView>) -> R<usize> {
        Ok(this.view(vm)?.ndim())
    }

    /// A tuple of ndim integers giving the shape of the memory as an N-dimensional array.
    #[getter]
    fn shape(vm: &Vm, this: &Ref<MemoryView>) -> R {
        Ok(numbers(&this.view(vm)?.shape))
    }

    /// A tuple of ndim integers giving the size in bytes to access each element for each dimension of the array.
    #[getter]
    fn strides(vm: &Vm, this: &Ref<MemoryView>) -> R {
        Ok(numbers(&this.view(vm)?.strides))
    }

    /// A tuple of integers used internally for PIL-style arrays.
    #[getter]
    fn suboffsets(vm: &Vm, this: &Ref<MemoryView>) -> R {
        this.view(vm)?;
        Ok(numbers(&[]))
    }

    /// A bool indicating whether the memory is C contiguous.
    #[getter]
    fn c_contiguous(vm: &Vm, this: &Ref<MemoryView>) -> R<bool> {
        Ok(this.view(vm)?.c_contiguous())
    }

    /// A bool indicating whether the memory is Fortran contiguous.
    #[getter]
    fn f_contiguous(vm: &Vm, this: &Ref<MemoryView>) -> R<bool> {
        Ok(this.view(vm)?.f_contiguous())
    }

    /// A bool indicating whether the memory is contiguous.
    #[getter]
    fn contiguous(vm: &Vm, this: &Ref<MemoryView>) -> R<bool> {
        let view = this.view(vm)?;
        Ok(view.c_contiguous() || view.f_contiguous())
    }
}

fn numbers(n: &[isize]) -> Value {
    tuple::from_vec(n.iter().map(|&n| Value::from(n)).collect()).into_value()
}

/// A copy of the items in C or Fortran order.
fn contents(vm: &Vm, this: &MemoryView, fortran: bool) -> R<Vec<u8>> {
    let view = this.view(vm)?;
    vm.check_room(view.len)?;
    let mut out = Vec::with_capacity(view.len);
    // SAFETY: the view is in use.
    unsafe { view.copy_out(&mut out, fortran) };
    Ok(out)
}

fn hash(vm: &Vm, this: &Ref<MemoryView>) -> R<i64> {
    if let Some(h) = this.hash_cell().get() {
        return Ok(h);
    }
    let view = this.view(vm)?;
    if !view.readonly {
        return Err(vm.value_error("cannot hash writable memoryview object"));
    }
    if !this.native_format().is_some_and(Format::is_byte) {
        return Err(vm.value_error("memoryview: hashing is restricted to formats 'B', 'b' or 'c'"));
    }
    if let Some(owner) = this.owner() {
        vm.hash(&owner)?;
    }
    let data = contents(vm, this, false)?;
    let h = if data.is_empty() { 0 } else { crate::vm::hash_bytes(&data) };
    this.hash_cell().set(Some(h));
    Ok(h)
}

fn to_list(view: &View, format: Format, dim: usize, at: *mut u8) -> Value {
    let last = dim + 1 == view.ndim();
    let items = (0..view.shape[dim]).map(|i| {
        let p = at.wrapping_offset(i * view.strides[dim]);
        if last {
            // SAFETY: an item of a view in use; no Python code runs.
            format.unpack(unsafe { view.read::<8>(p) })
        } else {
            to_list(view, format, dim + 1, p)
        }
    });
    list::from_vec(items.collect()).into_value()
}

/// An index of a dimension, counted from its start.
///
/// Raises IndexError out of range.
fn in_dimension(vm: &Vm, view: &View, dim: usize, i: isize) -> R<isize> {
    let n = view.shape[dim];
    let at = if i < 0 { i + n } else { i };
    if (0..n).contains(&at) {
        return Ok(at);
    }
    Err(vm.index_error(format!("index out of bounds on dimension {}", dim + 1)))
}

/// The item at an index of a view with one dimension.
pub(super) fn item_at(vm: &Vm, this: &MemoryView, i: isize) -> R {
    let view = this.view(vm)?;
    let format = this.item_format(vm)?;
    match view.ndim() {
        0 => Err(vm.type_error("invalid indexing of 0-dim memory")),
        1 => {
            let at = in_dimension(vm, view, 0, i)?;
            // SAFETY: an item of a view in use.
            Ok(format.unpack(unsafe { view.read::<8>(view.at(&[at])) }))
        }
        _ => Err(vm.not_implemented_error("multi-dimensional sub-views are not implemented")),
    }
}

fn is_index(v: &Value) -> bool {
    int::get(v).is_some() || v.ty().slots().index.is_some()
}

/// The place of the item that a tuple of indices means.
fn item_of_tuple(vm: &Vm, this: &MemoryView, key: &Tuple) -> R<*mut u8> {
    let ndim = this.view(vm)?.ndim();
    let n = key.len();
    if n > ndim {
        return Err(vm.type_error(format!("cannot index {ndim}-dimension view with {n}-element tuple")));
    }
    if n < ndim {
        return Err(vm.not_implemented_error("sub-views are not implemented"));
    }
    let mut indices = Vec::with_capacity(n);
    for (dim, v) in key.as_slice().iter().enumerate() {
        let i = str::index(vm, v)?;
        indices.push(in_dimension(vm, this.view(vm)?, dim, i)?);
    }
    Ok(this.view(vm)?.at(&indices))
}

/// The view with a slice of its first dimension. Reading the slice may run Python code that releases the view.
fn sliced(vm: &Vm, this: &MemoryView, key: &Value) -> R<View> {
    let (start, stop, step) = slice::unpack(vm, key)?;
    let mut view = this.layout().clone();
    let (start, _, count) = slice::adjust(view.shape[0].max(0) as usize, start, stop, step);
    let stride = view.strides[0];
    if count > 0 {
        view.ptr = view.ptr.wrapping_offset(start.wrapping_mul(stride));
    }
    let (mut shape, mut strides) = (view.shape.to_vec(), view.strides.to_vec());
    shape[0] = count as isize;
    strides[0] = stride.wrapping_mul(step);
    view.shape = Dims::from(shape);
    view.strides = Dims::from(strides);
    view.set_len();
    Ok(view)
}

fn get(vm: &Vm, this: &Ref<MemoryView>, key: &Value) -> R {
    let view = this.view(vm)?;
    if view.ndim() == 0 {
        if let Some(t) = key.downcast::<Tuple>()
            && t.is_empty()
        {
            let format = this.item_format(vm)?;
            // SAFETY: the one item of a view in use.
            return Ok(format.unpack(unsafe { view.read::<8>(view.ptr) }));
        }
        if key.is(&Value::ELLIPSIS) {
            return Ok(this.value().clone());
        }
        return Err(vm.type_error("invalid indexing of 0-dim memory"));
    }
    if is_index(key) {
        let i = str::index(vm, key)?;
        return item_at(vm, this, i);
    }
    if slice::is_slice(key) {
        // The new view uses the buffer from now on, whatever reading the slice does to this one.
        let managed = this.use_for_view(vm)?;
        let view = sliced(vm, this, key)?;
        return Ok(Ref::new(MemoryView::new(managed, view)).into_value());
    }
    if let Some(t) = key.downcast::<Tuple>() {
        if t.as_slice().iter().all(is_index) {
            let format = this.item_format(vm)?;
            let at = item_of_tuple(vm, this, t)?;
            // SAFETY: an item of a view in use: the last look at the view came after all Python code.
            return Ok(format.unpack(unsafe { this.view(vm)?.read::<8>(at) }));
        }
        if !t.is_empty() && t.as_slice().iter().all(slice::is_slice) {
            return Err(vm.not_implemented_error("multi-dimensional slicing is not implemented"));
        }
    }
    Err(vm.type_error("memoryview: invalid slice key"))
}

/// Writes a value to the item at an address that `place` finds.
fn put(vm: &Vm, this: &MemoryView, format: Format, value: &Value, place: impl FnOnce() -> R<*mut u8>) -> R<()> {
    let at = place()?;
    let data = format.pack(vm, value, &this.layout().format)?;
    // Making the bytes may have run Python code that released the view.
    let view = this.view(vm)?;
    // SAFETY: an item of a view in use, of the format's size.
    unsafe { std::ptr::copy_nonoverlapping(data.as_ptr(), at, format.size.min(view.itemsize)) };
    Ok(())
}

fn set(vm: &Vm, this: &Ref<MemoryView>, key: &Value, value: Option<&Value>) -> R<()> {
    let view = this.view(vm)?;
    let format = this.item_format(vm)?;
    if view.readonly {
        return Err(vm.type_error("cannot modify read-only memory"));
    }
    let Some(value) = value else { return Err(vm.type_error("cannot delete memory")) };
    if view.ndim() == 0 {
        let empty = key.downcast::<Tuple>().is_some_and(|t| t.is_empty());
        if empty || key.is(&Value::ELLIPSIS) {
            return put(vm, this, format, value, || Ok(view.ptr));
        }
        return Err(vm.type_error("invalid indexing of 0-dim memory"));
    }
    if is_index(key) {
        if view.ndim() > 1 {
            return Err(vm.not_implemented_error("sub-views are not implemented"));
        }
        let i = str::index(vm, key)?;
        return put(vm, this, format, value, || {
            let view = this.view(vm)?;
            Ok(view.at(&[in_dimension(vm, view, 0, i)?]))
        });
    }
    if slice::is_slice(key) && view.ndim() == 1 {
        return set_slice(vm, this, key, value);
    }
    if let Some(t) = key.downcast::<Tuple>() {
        if t.as_slice().iter().all(is_index) {
            return put(vm, this, format, value, || item_of_tuple(vm, this, t));
        }
        if !t.is_empty() && t.as_slice().iter().all(slice::is_slice) {
            let text = "memoryview slice assignments are currently restricted to ndim = 1";
            return Err(vm.not_implemented_error(text));
        }
    }
    if slice::is_slice(key) {
        return Err(vm.not_implemented_error("memoryview slice assignments are currently restricted to ndim = 1"));
    }
    Err(vm.type_error("memoryview: invalid slice key"))
}

fn set_slice(vm: &Vm, this: &Ref<MemoryView>, key: &Value, value: &Value) -> R<()> {
    let source = vm.buffer(value, flags::FULL_RO)?;
    let target = sliced(vm, this, key)?;
    let from = source.view();
    let same_format = match (Format::native(&from.format), Format::native(&target.format)) {
        (Some(a), Some(b)) => a == b,
        _ => from.format == target.format,
    };
    let same = from.ndim() == 1 && from.shape[0] == target.shape[0] && from.itemsize == target.itemsize && same_format;
    if !same {
        return Err(vm.value_error("memoryview assignment: lvalue and rvalue have different structures"));
    }
    // Both may lie in the same memory: copy out first.
    let data = source.to_vec(vm)?;
    drop(source);
    // Ending the use of the source may have run Python code.
    this.view(vm)?;
    for (i, item) in data.chunks_exact(target.itemsize.max(1)).enumerate() {
        // SAFETY: an item of a view in use.
        unsafe { std::ptr::copy_nonoverlapping(item.as_ptr(), target.at(&[i as isize]), target.itemsize) };
    }
    Ok(())
}

const MAX_NDIM: usize = 64;

fn cast(vm: &Vm, this: &MemoryView, format: &Str, shape: Option<&Value>) -> R {
    let view = this.view(vm)?;
    if !view.c_contiguous() {
        return Err(vm.type_error("memoryview: casts are restricted to C-contiguous views"));
    }
    let dims = match shape {
        None => None,
        Some(v) => {
            let items = match (v.downcast::<List>(), v.downcast::<Tuple>()) {
                (Some(l), _) => l.to_vec(),
                (_, Some(t)) => t.as_slice().to_vec(),
                _ => return Err(vm.type_error("shape must be a list or a tuple")),
            };
            if items.len() > MAX_NDIM {
                return Err(vm.value_error("memoryview: number of dimensions must not exceed 64"));
            }
            if view.ndim() != 1 && items.len() != 1 {
                return Err(vm.type_error("memoryview: cast must be 1D -> ND or ND -> 1D"));
            }
            Some(items)
        }
    };
    if view.ndim() > 1 || dims.is_some() {
        let zeros = view.shape.contains(&0) || view.strides.contains(&0);
        if zeros && view.ndim() > 0 && (dims.is_some() || view.ndim() > 1) {
            return Err(vm.type_error("memoryview: cannot cast view with zeros in shape or strides"));
        }
    }
    // To bytes everything can be cast, whatever it is.
    let from = Format::native(&view.format);
    let text = format.as_ascii().unwrap_or("");
    let Some(to) = Format::native(text) else {
        let text =
            "memoryview: destination format must be a native single character format prefixed with an optional '@'";
        return Err(vm.value_error(text));
    };
    if !from.is_some_and(|f| f.is_byte()) && !to.is_byte() {
        return Err(vm.type_error("memoryview: cannot cast between two non-byte formats"));
    }
    if view.len % to.size != 0 {
        return Err(vm.type_error("memoryview: length is not a multiple of itemsize"));
    }
    let mut new = View {
        format: Cow::Owned(text.to_owned()),
        itemsize: to.size,
        shape: Dims::One([(view.len / to.size) as isize]),
        strides: Dims::One([to.size as isize]),
        ..view.clone()
    };
    if let Some(items) = dims {
        let mut shape = Vec::with_capacity(items.len());
        let mut total = Some(to.size);
        for v in &items {
            let Some(n) = int::get(v) else {
                return Err(vm.type_error("memoryview.cast(): elements of shape must be integers"));
            };
            let n = match n.to_i64() {
                Some(n) if n > 0 => n as isize,
                _ => return Err(vm.value_error("memoryview.cast(): elements of shape must be integers > 0")),
            };
            total = total.and_then(|t| t.checked_mul(n as usize)).filter(|t| *t <= isize::MAX as usize);
            shape.push(n);
        }
        if total.is_none() {
            return Err(vm.value_error("memoryview.cast(): product(shape) > SSIZE_MAX"));
        }
        if total != Some(view.len) {
            return Err(vm.type_error("memoryview: product(shape) * itemsize != buffer size"));
        }
        new.strides = c_strides(&shape, to.size);
        new.shape = Dims::from(shape);
    }
    let managed = this.use_for_view(vm)?;
    Ok(Ref::new(MemoryView::new(managed, new)).into_value())
}
