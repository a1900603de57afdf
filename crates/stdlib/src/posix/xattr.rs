//! Extended attributes of files.

use taipan_host::fs::{self, XattrOf};
use taipan_macros::function;
use taipan_runtime::core::{R, Value};
use taipan_runtime::native::Nullable;
use taipan_runtime::types::{bytes, list};
use taipan_runtime::vm::Vm;

use super::paths::{PathArg, decode, path_arg, path_or_none};
use super::stat::failed;

/// The file that is meant.
///
/// Raises ValueError for a descriptor of which the link itself is wanted.
fn of<'a>(vm: &Vm, p: &'a PathArg, function: &str, follow: bool) -> R<XattrOf<'a>> {
    match p.fd {
        Some(_) if !follow => {
            Err(vm.value_error(format!("{function}: cannot use fd and follow_symlinks together")))
        }
        Some(fd) => Ok(XattrOf::Descriptor(fd)),
        None => Ok(XattrOf::Path(&p.path, follow)),
    }
}

/// Return the value of extended attribute attribute on path.
#[function(sig = "(path, attribute, *, follow_symlinks=True)")]
pub fn getxattr(vm: &Vm, path: &Value, attribute: &Value, follow_symlinks: bool) -> R {
    let p = path_arg(vm, path, "getxattr: path", true)?;
    let name = path_arg(vm, attribute, "getxattr: attribute", false)?.path;
    let of = of(vm, &p, "getxattr", follow_symlinks)?;
    match vm.allow_threads(|| fs::get_xattr(of, &name)) {
        Ok(v) => Ok(bytes::from_vec(v).into_value()),
        Err(e) => Err(failed(vm, e, &p)),
    }
}

/// Set extended attribute attribute on path to value.
#[function(sig = "(path, attribute, value, flags=0, *, follow_symlinks=True)")]
pub fn setxattr(vm: &Vm, path: &Value, attribute: &Value, value: &Value, flags: i32, follow_symlinks: bool) -> R<()> {
    let p = path_arg(vm, path, "setxattr: path", true)?;
    let name = path_arg(vm, attribute, "setxattr: attribute", false)?.path;
    let data = bytes::buffer_bytes(vm, value)?;
    let of = of(vm, &p, "setxattr", follow_symlinks)?;
    let r = vm.allow_threads(|| fs::set_xattr(of, &name, &data, flags as u32));
    r.map_err(|e| failed(vm, e, &p))
}

/// Remove extended attribute attribute on path.
#[function(sig = "(path, attribute, *, follow_symlinks=True)")]
pub fn removexattr(vm: &Vm, path: &Value, attribute: &Value, follow_symlinks: bool) -> R<()> {
    let p = path_arg(vm, path, "removexattr: path", true)?;
    let name = path_arg(vm, attribute, "removexattr: attribute", false)?.path;
    let of = of(vm, &p, "removexattr", follow_symlinks)?;
    vm.allow_threads(|| fs::remove_xattr(of, &name)).map_err(|e| failed(vm, e, &p))
}

/// Return a list of extended attributes on path.
#[function(sig = "(path=None, *, follow_symlinks=True)")]
pub fn listxattr(vm: &Vm, path: Nullable<&Value>, follow_symlinks: bool) -> R {
    let p = path_or_none(vm, path, "listxattr: path", true)?;
    let of = of(vm, &p, "listxattr", follow_symlinks)?;
    match vm.allow_threads(|| fs::list_xattr(of)) {
        Ok(names) => {
            let names = names.split(|&b| b == 0).filter(|n| !n.is_empty());
            Ok(list::from_vec(names.map(decode).collect()).into_value())
        }
        Err(e) => Err(failed(vm, e, &p)),
    }
}
