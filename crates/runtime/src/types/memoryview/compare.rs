//! Equality of memory.

use super::item::Format;
use super::view::View;
use crate::core::{R, Value};
use crate::vm::Vm;

/// How the items of a view are compared.
enum Reader {
    /// By a format that is known here.
    Plain(Format),
    /// By the module struct: its `unpack` with the format.
    Struct(Value, Value),
}

impl Reader {
    /// `None` for a format that nobody knows.
    fn of(vm: &Vm, view: &View) -> R<Option<Self>> {
        if let Some(f) = Format::any(&view.format).filter(|f| f.size == view.itemsize) {
            return Ok(Some(Self::Plain(f)));
        }
        let Some(module) = vm.interp().modules().get_str("_struct") else { return Ok(None) };
        let text = crate::types::str::from_str(&view.format);
        let size = vm.call_method(&module, "calcsize", std::slice::from_ref(&text));
        let Ok(size) = size.map_err(|raised| drop(vm.catch(raised))) else { return Ok(None) };
        if size.as_small() != Some(view.itemsize as i64) {
            return Ok(None);
        }
        Ok(Some(Self::Struct(vm.get_attr_str(&module, "unpack")?, text)))
    }

    /// The item at an address of the view.
    fn read(&self, vm: &Vm, view: &View, at: *mut u8) -> R {
        match self {
            // SAFETY: the address is that of an item, and the caller's buffers are in use.
            Self::Plain(f) => Ok(f.unpack(unsafe { view.read::<8>(at) })),
            Self::Struct(unpack, text) => {
                // SAFETY: as above.
                let data = unsafe { std::slice::from_raw_parts(at, view.itemsize) };
                let data = crate::types::bytes::from_slice(data).into_value();
                vm.call(unpack, &[text.clone(), data])
            }
        }
    }
}

/// Whether two views have the same shape and equal items. Their buffers are in use meanwhile.
pub(super) fn equal(vm: &Vm, a: &View, b: &View) -> R<bool> {
    if a.ndim() != b.ndim() || !a.shape.iter().zip(&*b.shape).all(|(x, y)| x == y) {
        return Ok(false);
    }
    if a.shape.contains(&0) {
        return Ok(true);
    }
    let (Some(ra), Some(rb)) = (Reader::of(vm, a)?, Reader::of(vm, b)?) else { return Ok(false) };
    if let (Reader::Plain(fa), Reader::Plain(fb)) = (&ra, &rb)
        && fa == fb
        && !matches!(fa.code, b'f' | b'd' | b'e' | b'?')
        && a.c_contiguous()
        && b.c_contiguous()
    {
        // SAFETY: both lie in one piece, and no Python code runs.
        return Ok(unsafe { std::slice::from_raw_parts(a.ptr, a.len) == std::slice::from_raw_parts(b.ptr, b.len) });
    }
    let mut index = vec![0isize; a.ndim()];
    loop {
        vm.poll()?;
        let x = ra.read(vm, a, a.at(&index))?;
        let y = rb.read(vm, b, b.at(&index))?;
        // Items are numbers here or tuples of them; NaN differs from itself.
        let r = vm.compare(&x, &y, crate::types::type_::CmpOp::Eq)?;
        if !vm.truth(&r)? {
            return Ok(false);
        }
        let mut d = index.len();
        loop {
            if d == 0 {
                return Ok(true);
            }
            d -= 1;
            index[d] += 1;
            if index[d] < a.shape[d] {
                break;
            }
            index[d] = 0;
        }
    }
}
