//! Bytes and slices of mapped memory.

use taipan_runtime::core::{R, Raised, Ref, Value};
use taipan_runtime::types::bytes::{self, BytesLike};
use taipan_runtime::types::{int, slice};
use taipan_runtime::vm::Vm;

use super::object::Mmap;

#[cold]
fn out_of_range(vm: &Vm) -> Raised {
    vm.index_error("mmap index out of range")
}

/// An index as a place.
///
/// Raises IndexError, and ValueError if the memory is closed.
fn place(vm: &Vm, this: &Ref<Mmap>, key: &Value) -> R<usize> {
    let n = match key.as_small() {
        Some(n) => n as isize,
        None => {
            let n = int::index(vm, key)?;
            let n = int::get(&n).and_then(int::IntRef::to_i64);
            let too_large = || vm.index_error(format!("cannot fit '{}' into an index-sized integer", key.ty().tp_name()));
            n.ok_or_else(too_large)? as isize
        }
    };
    let size = this.size(vm)?;
    let n = if n < 0 { n.saturating_add(size as isize) } else { n };
    usize::try_from(n).ok().filter(|&n| n < size).ok_or_else(|| out_of_range(vm))
}

/// A slice as start, step and count.
fn span(vm: &Vm, this: &Ref<Mmap>, key: &Value) -> R<(isize, isize, usize)> {
    let (start, stop, step) = slice::unpack(vm, key)?;
    let size = this.size(vm)?;
    let (start, _, count) = slice::adjust(size, start, stop, step);
    Ok((start, step, count))
}

/// `m[key]`
pub fn get(vm: &Vm, this: &Ref<Mmap>, key: &Value) -> R {
    this.size(vm)?;
    if slice::is_slice(key) {
        let (start, step, count) = span(vm, this, key)?;
        vm.check_room(count)?;
        return this.with(vm, |b| {
            if step == 1 {
                let start = start as usize;
                return bytes::from_slice(b.get(start..start + count).unwrap_or_default()).into_value();
            }
            let at = |i: usize| (start + i as isize * step) as usize;
            bytes::from_vec((0..count).filter_map(|i| b.get(at(i)).copied()).collect()).into_value()
        });
    }
    if key.ty().slots().index.is_none() {
        return Err(vm.type_error("mmap indices must be integers"));
    }
    let at = place(vm, this, key)?;
    match this.with(vm, |b| b.get(at).copied())? {
        Some(b) => Ok(Value::from(b)),
        None => Err(out_of_range(vm)),
    }
}

/// An item as iterating gives it: bytes of length 1.
pub fn item(vm: &Vm, this: &Ref<Mmap>, index: isize) -> R {
    let b = this.with(vm, |b| usize::try_from(index).ok().and_then(|i| b.get(i).copied()))?;
    match b {
        Some(b) => Ok(bytes::from_slice(&[b]).into_value()),
        None => Err(out_of_range(vm)),
    }
}

/// `m[key] = value`
pub fn set(vm: &Vm, this: &Ref<Mmap>, key: &Value, value: Option<&Value>) -> R<()> {
    this.size(vm)?;
    this.check_writable(vm)?;
    if slice::is_slice(key) {
        return set_slice(vm, this, key, value);
    }
    if key.ty().slots().index.is_none() {
        return Err(vm.type_error("mmap indices must be integers"));
    }
    let Some(value) = value else {
        return Err(vm.type_error("mmap doesn't support item deletion"));
    };
    place(vm, this, key)?;
    if value.ty().slots().index.is_none() {
        return Err(vm.type_error("mmap item value must be an int"));
    }
    let n = int::index(vm, value)?;
    let Some(n) = int::get(&n).and_then(int::IntRef::to_i64) else {
        return Err(vm.type_error(format!("cannot fit '{}' into an index-sized integer", value.ty().tp_name())));
    };
    let Ok(b) = u8::try_from(n) else {
        return Err(vm.value_error("mmap item value must be in range(0, 256)"));
    };
    // The value's conversion may have changed the size.
    let at = place(vm, this, key)?;
    this.put(vm, at, &[b])
}

fn set_slice(vm: &Vm, this: &Ref<Mmap>, key: &Value, value: Option<&Value>) -> R<()> {
    let Some(value) = value else {
        return Err(vm.type_error("mmap object doesn't support slice deletion"));
    };
    let data = BytesLike::new(vm, value)?;
    let (start, step, count) = span(vm, this, key)?;
    if data.len() != count {
        return Err(vm.index_error("mmap slice assignment is wrong size"));
    }
    if step == 1 {
        return this.put(vm, start as usize, &data);
    }
    for (i, b) in data.iter().enumerate() {
        this.put(vm, (start + i as isize * step) as usize, &[*b])?;
    }
    Ok(())
}

/// So many bytes from the position on, which moves.
pub fn take(vm: &Vm, this: &Ref<Mmap>, n: usize) -> R {
    vm.check_room(n)?;
    let at = this.position.get();
    let data = this.with(vm, |b| bytes::from_slice(b.get(at..at + n).unwrap_or_default()))?;
    this.position.set(at + n);
    Ok(data.into_value())
}
