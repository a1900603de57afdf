//! Paths as arguments: str, bytes, descriptors and objects with `__fspath__`.

use std::ffi::CString;

use taipan_macros::function;
use taipan_runtime::core::{R, Value};
use taipan_runtime::types::bytes::{self, Bytes};
use taipan_runtime::types::str::{self, Str};
use taipan_runtime::types::{int, tuple};
use taipan_runtime::vm::{Vm, names};

/// A path given to a function.
pub struct PathArg {
    /// The path; empty for a descriptor.
    pub path: CString,
    /// The descriptor, if one was given.
    pub fd: Option<i32>,
    /// Whether it was given as bytes, so that results are bytes too.
    pub bytes: bool,
    /// The object, for error messages.
    pub object: Value,
}

impl PathArg {
    /// A name from the system as the kind of string that the caller used.
    pub fn name(&self, raw: &[u8]) -> Value {
        if self.bytes { bytes::from_slice(raw).into_value() } else { decode(raw) }
    }
}

/// Bytes of the system as str: UTF-8 with surrogateescape.
pub fn decode(raw: &[u8]) -> Value {
    match std::str::from_utf8(raw) {
        Ok(s) => str::from_str(s),
        Err(_) => {
            let mut b = str::StrBuilder::new();
            for chunk in raw.utf8_chunks() {
                b.push_str(chunk.valid());
                for &x in chunk.invalid() {
                    b.push(0xdc00 + u32::from(x));
                }
            }
            b.finish()
        }
    }
}

/// A str as bytes for the system: UTF-8, with surrogateescape.
///
/// Raises UnicodeEncodeError for other surrogates.
pub fn encode(vm: &Vm, s: &Str) -> R<Vec<u8>> {
    if let Some(t) = s.to_utf8_opt() {
        return Ok(t.into_owned().into_bytes());
    }
    let mut out = Vec::new();
    for (i, c) in s.iter().enumerate() {
        match c {
            0xdc80..=0xdcff => out.push((c - 0xdc00) as u8),
            0xd800..=0xdfff => return Err(vm.unicode_encode_error("utf-8", s, i, i + 1, "surrogates not allowed")),
            c => str::push_wtf8(&mut out, c),
        }
    }
    Ok(out)
}

/// `os.fspath`.
///
/// Raises TypeError for what is no path.
pub fn fspath_value(vm: &Vm, v: &Value) -> R {
    if v.downcast::<Str>().is_some() || v.downcast::<Bytes>().is_some() {
        return Ok(v.clone());
    }
    let r = match vm.call_special(v, &names().__fspath__, &[])? {
        Some(r) => r,
        None => return Err(vm.type_error(format!("expected str, bytes or os.PathLike object, not {}", v.ty().tp_name()))),
    };
    if r.downcast::<Str>().is_some() || r.downcast::<Bytes>().is_some() {
        return Ok(r);
    }
    Err(vm.type_error(format!("expected {}.__fspath__() to return str or bytes, not {}", v.ty().tp_name(), r.ty().tp_name())))
}

/// A path argument; `fd` says whether a descriptor is allowed, `what` is "stat: path" or the like.
pub fn path_arg(vm: &Vm, v: &Value, what: &str, fd: bool) -> R<PathArg> {
    let allowed = if fd { "string, bytes, os.PathLike or integer" } else { "string, bytes or os.PathLike" };
    if v.downcast::<Str>().is_none() && v.downcast::<Bytes>().is_none() {
        if fd && (int::get(v).is_some() || v.ty().slots().index.is_some()) {
            let n = int::to_i64(vm, v)?;
            let Ok(n) = i32::try_from(n) else {
                return Err(vm.overflow_error(if n > 0 { "fd is greater than maximum" } else { "fd is less than minimum" }));
            };
            return Ok(PathArg { path: CString::default(), fd: Some(n), bytes: false, object: v.clone() });
        }
        if taipan_runtime::types::type_::lookup(v.ty(), &names().__fspath__).is_none() {
            return Err(vm.type_error(format!("{what} should be {allowed}, not {}", v.ty().tp_name())));
        }
    }
    let p = fspath_value(vm, v)?;
    let (raw, is_bytes) = match p.downcast::<Str>() {
        Some(s) => (encode(vm, s)?, false),
        None => (bytes::buffer_bytes(vm, &p)?.to_vec(), true),
    };
    let name = what.split(':').next().unwrap_or(what);
    let path = CString::new(raw).map_err(|_| vm.value_error(format!("{name}: embedded null character in {}", what.rsplit(' ').next().unwrap_or("path"))))?;
    Ok(PathArg { path, fd: None, bytes: is_bytes, object: v.clone() })
}

/// Return the file system path representation of the object.
#[function(sig = "(path)")]
pub fn fspath(vm: &Vm, path: &Value) -> R {
    fspath_value(vm, path)
}

/// Normalize path, eliminating double slashes, etc.
#[function(sig = "(path)")]
pub fn _path_normpath(vm: &Vm, path: &Value) -> R {
    let p = fspath_value(vm, path)?;
    let (raw, is_bytes) = match p.downcast::<Str>() {
        Some(s) => (encode(vm, s)?, false),
        None => (bytes::buffer_bytes(vm, &p)?.to_vec(), true),
    };
    let root: &[u8] = if raw.starts_with(b"//") && !raw.starts_with(b"///") {
        b"//"
    } else if raw.starts_with(b"/") {
        b"/"
    } else {
        b""
    };
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in raw.split(|&b| b == b'/') {
        if part.is_empty() || part == b"." {
            continue;
        }
        if part == b".." && (!parts.is_empty() && parts.last() != Some(&&b".."[..]) || !root.is_empty()) {
            if parts.last().is_some_and(|p| *p != b"..") {
                parts.pop();
            }
            continue;
        }
        parts.push(part);
    }
    let mut out = root.to_vec();
    out.extend(parts.join(&b'/'));
    if out.is_empty() {
        out.push(b'.');
    }
    Ok(if is_bytes { bytes::from_slice(&out).into_value() } else { decode(&out) })
}

/// Split a pathname into drive, root and tail.
#[function(sig = "(path)")]
pub fn _path_splitroot_ex(vm: &Vm, path: &Value) -> R {
    let p = fspath_value(vm, path)?;
    let (raw, is_bytes) = match p.downcast::<Str>() {
        Some(s) => (encode(vm, s)?, false),
        None => (bytes::buffer_bytes(vm, &p)?.to_vec(), true),
    };
    let n = if raw.starts_with(b"//") && !raw.starts_with(b"///") { 2 } else { usize::from(raw.starts_with(b"/")) };
    let piece = |b: &[u8]| if is_bytes { bytes::from_slice(b).into_value() } else { decode(b) };
    Ok(tuple::from_array([piece(b""), piece(&raw[..n]), piece(&raw[n..])]).into_value())
}
