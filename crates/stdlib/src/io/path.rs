//! Paths, as functions of the operating system take them.

use std::ffi::CString;

use taipan_runtime::core::{R, Value};
use taipan_runtime::types::bytes::{self, Bytes};
use taipan_runtime::types::str::Str;
use taipan_runtime::types::str::codec::{Codec, encode_native};
use taipan_runtime::vm::{Vm, names};

/// `os.fspath(v)`
///
/// Raises TypeError for what is no path.
pub fn fspath(vm: &Vm, v: &Value) -> R {
    let is_path = |v: &Value| v.downcast::<Str>().is_some() || v.downcast::<Bytes>().is_some();
    if is_path(v) {
        return Ok(v.clone());
    }
    let given = || v.ty().tp_name();
    let Some(f) = vm.lookup_special(v, &names().__fspath__)?.filter(|f| !f.is_none()) else {
        return Err(vm.type_error(format!("expected str, bytes or os.PathLike object, not {}", given())));
    };
    let path = vm.call(&f, &[])?;
    if is_path(&path) {
        return Ok(path);
    }
    let got = path.ty().tp_name();
    Err(vm.type_error(format!("expected {}.__fspath__() to return str or bytes, not {got}", given())))
}

/// A path as the system takes it.
///
/// Raises TypeError for what is no path, ValueError for one with a zero in it, UnicodeEncodeError.
pub fn fs_encode(vm: &Vm, v: &Value) -> R<CString> {
    let path = fspath(vm, v)?;
    let data = match path.downcast::<Str>() {
        Some(s) => encode_native(vm, s, Codec::Utf8, "surrogateescape")?,
        None => path,
    };
    let data = bytes::get(&data).unwrap_or_default();
    CString::new(data).map_err(|_| vm.value_error("embedded null byte"))
}
