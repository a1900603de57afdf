//! `_struct`: Python values as the bytes of C structs.

mod class;
mod format;
mod pack;

use std::rc::Rc;

use taipan_macros::{function, module};
use taipan_runtime::core::{R, Raised, Ref, Value};
use taipan_runtime::native::{Args, TypeDef};
use taipan_runtime::types::bytearray::ByteArray;
use taipan_runtime::types::bytes::BytesLike;
use taipan_runtime::types::memoryview::flags;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::{bytes, exceptions as exc, int};
use taipan_runtime::vm::Vm;

use self::format::{Format, cached};
use crate::util::new_exception;

pub use self::pack::{narrow, widen};

/// The classes of this module.
pub const TYPES: &[&TypeDef] = &[class::Struct::DEF, class::UnpackIter::DEF];

module! {
    /// Functions to convert between Python values and C structs.
    ///
    /// Python bytes objects are used to hold the data representing the C struct and also as format strings (explained
    /// below) to describe the layout of data in the C struct.
    ///
    /// The optional first format char indicates byte order, size and alignment:
    ///   @: native order, size & alignment (default)
    ///   =: native order, std. size & alignment
    ///   <: little-endian, std. size & alignment
    ///   >: big-endian, std. size & alignment
    ///   !: same as >
    ///
    /// The remaining chars indicate types of args and must match exactly; these can be preceded by a decimal repeat
    /// count. x is a pad byte, c a char, b h i l q signed ints, B H I L Q unsigned ints, ? a bool, e f d floats, F D
    /// complex numbers, s bytes and p a Pascal string (the count is their length); n, N and P exist only natively.
    /// Whitespace between formats is ignored.
    ///
    /// The variable struct.error is an exception raised on errors.
    name = "_struct",
    functions(_clearcache, calcsize, iter_unpack, pack_, pack_into, unpack, unpack_from),
    types(class::Struct),
    exec = exec,
}

const ERROR: &str = "struct.error";

fn error_class(vm: &Vm) -> R {
    vm.interp_static(ERROR, |vm| new_exception(vm, "struct", "error", &exc::EXCEPTION))
}

fn exec(vm: &Vm, module: &Ref<Module>) -> R<()> {
    module.set("error", error_class(vm)?);
    Ok(())
}

/// Raises struct.error.
#[cold]
fn error(vm: &Vm, text: &str) -> Raised {
    match error_class(vm) {
        Ok(class) => match class.as_type() {
            Some(t) => vm.raise_new(t, vec![taipan_runtime::types::str::from_str(text)]),
            None => vm.type_error(text),
        },
        Err(r) => r,
    }
}

fn do_pack(vm: &Vm, f: &Format, values: &[Value]) -> R {
    pack::pack(vm, f, values, "pack", |data| Ok(bytes::from_slice(data).into_value()))
}

fn do_pack_into(vm: &Vm, f: &Format, args: &[Value]) -> R<()> {
    let (target, offset, values) = match args {
        [target, offset, values @ ..] if values.len() as isize == f.items => (target, offset, values),
        [] => return Err(error(vm, "pack_into expected buffer argument")),
        [_] => return Err(error(vm, "pack_into expected offset argument")),
        [_, _, values @ ..] => {
            let (want, got) = (f.items, values.len());
            return Err(error(vm, &format!("pack_into expected {want} items for packing (got {got})")));
        }
    };
    // Values in the word run no Python code, so the place stays where it is.
    if let (Some(b), Some(start)) = (target.downcast_exact::<ByteArray>(), offset.as_small())
        && values.iter().all(|v| !v.is_object())
        && let Ok(start) = usize::try_from(start)
        && start.checked_add(f.bytes()).is_some_and(|end| end <= b.len())
    {
        return pack::pack(vm, f, values, "pack_into", |data| {
            if let Some(to) = b.store().borrow_mut().bytes_mut().get_mut(start..start + data.len()) {
                to.copy_from_slice(data);
            }
            Ok(())
        });
    }
    let wrong = || {
        vm.type_error(format!("argument must be read-write bytes-like object, not {}", target.ty().tp_name()))
    };
    if target.ty().slots().buffer.is_none() {
        return Err(wrong());
    }
    let mut buffer = vm.buffer(target, flags::WRITABLE).map_err(|r| {
        drop(vm.catch(r));
        wrong()
    })?;
    let offset = match int::get(&int::index(vm, offset)?).and_then(int::IntRef::to_i64) {
        Some(n) => n as isize,
        None => return Err(vm.index_error("cannot fit 'int' into an index-sized integer")),
    };
    let (len, size) = (buffer.len() as isize, f.size);
    let start = if offset < 0 {
        if offset.saturating_add(size) > 0 {
            return Err(error(vm, &format!("no space to pack {size} bytes at offset {offset}")));
        }
        if offset.saturating_add(len) < 0 {
            return Err(error(vm, &format!("offset {offset} out of range for {len}-byte buffer")));
        }
        offset + len
    } else {
        offset
    };
    if len.saturating_sub(start) < size {
        let least = (size as usize).saturating_add(start as usize);
        return Err(error(vm, &format!(
            "pack_into requires a buffer of at least {least} bytes for packing {size} bytes at offset {start} \
             (actual buffer size is {len})"
        )));
    }
    pack::pack(vm, f, values, "pack_into", |data| {
        let start = start as usize;
        if let Some(to) = buffer.as_mut_slice().get_mut(start..start + data.len()) {
            to.copy_from_slice(data);
        }
        Ok(())
    })
}

fn do_unpack(vm: &Vm, f: &Format, data: &[u8]) -> R {
    if data.len() as isize != f.size {
        return Err(error(vm, &format!("unpack requires a buffer of {} bytes", f.size)));
    }
    pack::unpack(vm, f, data).map(Ref::into_value)
}

fn do_unpack_from(vm: &Vm, f: &Format, data: &[u8], offset: isize) -> R {
    let (len, size) = (data.len() as isize, f.size);
    let start = if offset < 0 {
        if offset.saturating_add(size) > 0 {
            return Err(error(vm, &format!("not enough data to unpack {size} bytes at offset {offset}")));
        }
        if offset.saturating_add(len) < 0 {
            return Err(error(vm, &format!("offset {offset} out of range for {len}-byte buffer")));
        }
        offset + len
    } else {
        offset
    };
    let from = start as usize;
    match data.get(from..from.saturating_add(f.bytes())) {
        Some(data) if size >= 0 => pack::unpack(vm, f, data).map(Ref::into_value),
        _ => {
            let least = (size as usize).wrapping_add(from);
            Err(error(vm, &format!(
                "unpack_from requires a buffer of at least {least} bytes for unpacking {size} bytes at offset {start} \
                 (actual buffer size is {len})"
            )))
        }
    }
}

fn do_iter_unpack(vm: &Vm, f: Rc<Format>, buffer: &Value) -> R {
    if f.size == 0 {
        return Err(error(vm, "cannot iteratively unpack with a struct of length 0"));
    }
    class::UnpackIter::make(vm, f, buffer)
}

/// Clear the internal cache.
#[function(sig = "()")]
fn _clearcache(_vm: &Vm) {
    format::forget();
}

/// Return size in bytes of the struct described by the format string.
#[function(sig = "(format, /)")]
fn calcsize(vm: &Vm, format: &Value) -> R<isize> {
    Ok(cached(vm, format)?.size)
}

/// Return an iterator yielding tuples unpacked from the given bytes.
///
/// The bytes are unpacked according to the format string. Requires that the bytes length be a multiple of the struct
/// size.
#[function(sig = "(format, buffer, /)")]
fn iter_unpack(vm: &Vm, format: &Value, buffer: &Value) -> R {
    do_iter_unpack(vm, cached(vm, format)?, buffer)
}

/// The format and the other arguments.
#[inline(always)]
fn split<'a>(vm: &Vm, name: &str, args: Args<'a>) -> R<(Rc<Format>, &'a [Value])> {
    if !args.names.is_empty() {
        return Err(vm.type_error(format!("_struct.{name}() takes no keyword arguments")));
    }
    match args.all.split_first() {
        Some((format, rest)) => Ok((cached(vm, format)?, rest)),
        None => Err(vm.type_error("missing format argument")),
    }
}

/// pack(format, v1, v2, ...) -> bytes
///
/// Return a bytes object containing the values v1, v2, ... packed according to the format string.
#[function(name = "pack")]
fn pack_(vm: &Vm, args: Args<'_>) -> R {
    let (f, values) = split(vm, "pack", args)?;
    do_pack(vm, &f, values)
}

/// pack_into(format, buffer, offset, v1, v2, ...)
///
/// Pack the values v1, v2, ... according to the format string and write the packed bytes into the writable buffer
/// starting at offset, which is required.
#[function]
fn pack_into(vm: &Vm, args: Args<'_>) -> R<()> {
    let (f, rest) = split(vm, "pack_into", args)?;
    do_pack_into(vm, &f, rest)
}

/// Return a tuple containing values unpacked according to the format string.
///
/// The buffer's size in bytes must be calcsize(format).
#[function(sig = "(format, buffer, /)")]
fn unpack(vm: &Vm, format: &Value, buffer: BytesLike<'_>) -> R {
    let f = cached(vm, format)?;
    do_unpack(vm, &f, &buffer)
}

/// Return a tuple containing values unpacked according to the format string.
///
/// The buffer's size, minus offset, must be at least calcsize(format).
#[function(sig = "(format, /, buffer, offset=0)")]
fn unpack_from(vm: &Vm, format: &Value, buffer: BytesLike<'_>, offset: isize) -> R {
    let f = cached(vm, format)?;
    do_unpack_from(vm, &f, &buffer, offset)
}
