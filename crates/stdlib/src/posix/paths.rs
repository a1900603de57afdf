//! Paths as arguments: str, bytes, descriptors and objects with `__fspath__`.

use std::ffi::CString;

use taipan_macros::function;
use taipan_runtime::core::{R, Raised, Value};
use taipan_runtime::native::Nullable;
use taipan_runtime::types::bytes::{self, Bytes};
use taipan_runtime::types::str::{self, Str};
use taipan_runtime::types::{exceptions as exc, int, tuple};
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
    let f = vm.lookup_special(v, &names().__fspath__)?.filter(|f| !f.is_none());
    let r = match f {
        Some(f) => vm.call(&f, &[])?,
        None => return Err(vm.type_error(format!("expected str, bytes or os.PathLike object, not {}", v.ty().tp_name()))),
    };
    if r.downcast::<Str>().is_some() || r.downcast::<Bytes>().is_some() {
        return Ok(r);
    }
    Err(vm.type_error(format!("expected {}.__fspath__() to return str or bytes, not {}", v.ty().tp_name(), r.ty().tp_name())))
}

/// What a path argument may be.
struct Kind<'a> {
    /// "stat: path" or the like.
    what: &'a str,
    fd: bool,
    none: bool,
}

impl Kind<'_> {
    /// `stat: ` for messages, and the argument's name.
    fn parts(&self) -> (&str, &str) {
        self.what.split_once(": ").unwrap_or(("", self.what))
    }

    #[cold]
    fn wrong(&self, vm: &Vm, v: &Value) -> Raised {
        let allowed = match (self.fd, self.none) {
            (true, true) => "string, bytes, os.PathLike, integer or None",
            (true, false) => "string, bytes, os.PathLike or integer",
            (false, true) => "string, bytes, os.PathLike or None",
            (false, false) => "string, bytes or os.PathLike",
        };
        vm.type_error(format!("{} should be {allowed}, not {}", self.what, v.ty().tp_name()))
    }

    fn convert(&self, vm: &Vm, v: &Value) -> R<PathArg> {
        let mut path = v.clone();
        if v.downcast::<Str>().is_none() && v.downcast::<Bytes>().is_none() {
            if self.fd && (int::get(v).is_some() || v.ty().slots().index.is_some()) {
                let fd = Some(descriptor(vm, v)?);
                return Ok(PathArg { path: CString::default(), fd, bytes: false, object: v.clone() });
            }
            let f = vm.lookup_special(v, &names().__fspath__)?.filter(|f| !f.is_none());
            let Some(f) = f else { return Err(self.wrong(vm, v)) };
            path = vm.call(&f, &[])?;
            if path.downcast::<Str>().is_none() && path.downcast::<Bytes>().is_none() {
                let (given, got) = (v.ty().tp_name(), path.ty().tp_name());
                let text = format!("expected {given}.__fspath__() to return str or bytes, not {got}");
                return Err(vm.type_error(text));
            }
        }
        let (raw, is_bytes) = raw(vm, &path)?;
        let path = CString::new(raw).map_err(|_| {
            let (function, argument) = self.parts();
            vm.value_error(format!("{function}: embedded null character in {argument}"))
        })?;
        Ok(PathArg { path, fd: None, bytes: is_bytes, object: v.clone() })
    }
}

/// The bytes of a path that is str or bytes, and whether it is bytes.
fn raw(vm: &Vm, path: &Value) -> R<(Vec<u8>, bool)> {
    match path.downcast::<Str>() {
        Some(s) => Ok((encode(vm, s)?, false)),
        None => Ok((bytes::get(path).unwrap_or_default().to_vec(), true)),
    }
}

/// An int as a descriptor.
fn descriptor(vm: &Vm, v: &Value) -> R<i32> {
    if v.as_bool().is_some() {
        vm.warn(&exc::RUNTIME_WARNING, "bool is used as a file descriptor", 1)?;
    }
    let n = int::index(vm, v)?;
    let n = int::get(&n);
    match n.and_then(int::IntRef::to_i64).map(i32::try_from) {
        Some(Ok(fd)) => Ok(fd),
        _ if n.is_some_and(int::IntRef::is_negative) => Err(vm.overflow_error("fd is less than minimum")),
        _ => Err(vm.overflow_error("fd is greater than maximum")),
    }
}

/// A path argument; `fd` says whether a descriptor is allowed, `what` is "stat: path" or the like.
///
/// Raises TypeError for what is no path, ValueError for one with a zero in it.
pub fn path_arg(vm: &Vm, v: &Value, what: &str, fd: bool) -> R<PathArg> {
    Kind { what, fd, none: false }.convert(vm, v)
}

/// As [`path_arg`]; None is the current directory.
pub fn path_or_none(vm: &Vm, v: Nullable<&Value>, what: &str, fd: bool) -> R<PathArg> {
    match v.0 {
        Some(v) => Kind { what, fd, none: true }.convert(vm, v),
        None => Ok(PathArg { path: c".".into(), fd: None, bytes: false, object: Value::NONE }),
    }
}

/// A directory's descriptor as an argument: None is the current directory.
///
/// Raises TypeError for what is no int.
pub fn dir_fd(vm: &Vm, v: Nullable<&Value>) -> R<i32> {
    match v.0 {
        None => Ok(taipan_host::AT_CURRENT),
        Some(v) if int::get(v).is_none() && v.ty().slots().index.is_none() => {
            Err(vm.type_error(format!("argument should be integer or None, not {}", v.ty().tp_name())))
        }
        Some(v) => descriptor(vm, v),
    }
}

/// Return the file system path representation of the object.
#[function(sig = "(path)")]
pub fn fspath(vm: &Vm, path: &Value) -> R {
    fspath_value(vm, path)
}

/// Normalize path, eliminating double slashes, etc.
#[function(sig = "(path)")]
pub fn _path_normpath(vm: &Vm, path: &Value) -> R {
    let (raw, is_bytes) = raw(vm, &fspath_value(vm, path)?)?;
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
#[function(sig = "(path, /)")]
pub fn _path_splitroot_ex(vm: &Vm, path: &Value) -> R {
    let path = fspath_value(vm, path)?;
    if let Some(s) = path.downcast::<Str>().filter(|s| s.to_utf8_opt().is_none()) {
        // Surrogates no file can have in its name are as good as any other character here.
        let slashes = s.iter().take(3).take_while(|c| *c == u32::from(b'/')).count();
        let n = if slashes == 2 { 2 } else { slashes.min(1) };
        let root = str::from_str(["", "/", "//"][n]);
        return Ok(tuple::from_array([str::from_str(""), root, s.substring(n, s.len()).into_value()]).into_value());
    }
    let (raw, is_bytes) = raw(vm, &path)?;
    let n = if raw.starts_with(b"//") && !raw.starts_with(b"///") { 2 } else { usize::from(raw.starts_with(b"/")) };
    let piece = |b: &[u8]| if is_bytes { bytes::from_slice(b).into_value() } else { decode(b) };
    Ok(tuple::from_array([piece(b""), piece(&raw[..n]), piece(&raw[n..])]).into_value())
}
