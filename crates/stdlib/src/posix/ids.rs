//! Users and groups of users of the process.

use std::ffi::CString;

use taipan_host::{Errno, process as host, users};
use taipan_macros::function;
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::str::Str;
use taipan_runtime::types::{int, list, tuple};
use taipan_runtime::vm::Vm;

use super::paths::encode;

fn plain<T>(vm: &Vm, r: Result<T, Errno>) -> R<T> {
    r.map_err(|e| vm.os_error(e.0, None))
}

/// The number of a user or group (`what` is "uid" or "gid"); -1 is the greatest.
///
/// Raises TypeError for what is no int, OverflowError for what is out of range.
pub fn id(vm: &Vm, v: &Value, what: &str) -> R<u32> {
    if int::get(v).is_none() && v.ty().slots().index.is_none() {
        return Err(vm.type_error(format!("{what} should be integer, not {}", v.ty().tp_name())));
    }
    let n = int::index(vm, v)?;
    let Some(n) = int::get(&n) else { return Ok(0) };
    match n.to_i64() {
        Some(-1) => Ok(u32::MAX),
        Some(n) if n < 0 => Err(vm.overflow_error(format!("{what} is less than minimum"))),
        Some(n) => u32::try_from(n).map_err(|_| vm.overflow_error(format!("{what} is greater than maximum"))),
        None if n.is_negative() => Err(vm.overflow_error(format!("{what} is less than minimum"))),
        None => Err(vm.overflow_error(format!("{what} is greater than maximum"))),
    }
}

/// As Python shows the number: the greatest is -1.
fn shown(n: u32) -> Value {
    if n == u32::MAX { Value::small(-1) } else { Value::from(n) }
}

macro_rules! own {
    ($($(#[$doc:meta])* $name:ident = $f:ident;)*) => {$(
        $(#[$doc])*
        #[function]
        pub fn $name(_vm: &Vm) -> Value { shown(host::$f()) }
    )*};
}
own! {
    /// Return the current process's user id.
    getuid = user;
    /// Return the current process's effective user id.
    geteuid = effective_user;
    /// Return the current process's group id.
    getgid = group;
    /// Return the current process's effective group id.
    getegid = effective_group;
}

macro_rules! set_one {
    ($($(#[$doc:meta])* $name:ident $sig:literal $what:literal = $f:ident;)*) => {$(
        $(#[$doc])*
        #[function(sig = $sig)]
        pub fn $name(vm: &Vm, n: &Value) -> R<()> { plain(vm, host::$f(id(vm, n, $what)?)) }
    )*};
}
set_one! {
    /// Set the current process's user id.
    setuid "(uid, /)" "uid" = set_user;
    /// Set the current process's effective user id.
    seteuid "(euid, /)" "uid" = set_effective_user;
    /// Set the current process's group id.
    setgid "(gid, /)" "gid" = set_user_group;
    /// Set the current process's effective group id.
    setegid "(egid, /)" "gid" = set_effective_group;
}

/// Set the current process's real and effective user ids.
#[function(sig = "(ruid, euid, /)")]
pub fn setreuid(vm: &Vm, ruid: &Value, euid: &Value) -> R<()> {
    plain(vm, host::set_real_effective_user(id(vm, ruid, "uid")?, id(vm, euid, "uid")?))
}

/// Set the current process's real and effective group ids.
#[function(sig = "(rgid, egid, /)")]
pub fn setregid(vm: &Vm, rgid: &Value, egid: &Value) -> R<()> {
    plain(vm, host::set_real_effective_group(id(vm, rgid, "gid")?, id(vm, egid, "gid")?))
}

/// Set the current process's real, effective, and saved user ids.
#[function(sig = "(ruid, euid, suid, /)")]
pub fn setresuid(vm: &Vm, ruid: &Value, euid: &Value, suid: &Value) -> R<()> {
    plain(vm, host::set_users(id(vm, ruid, "uid")?, id(vm, euid, "uid")?, id(vm, suid, "uid")?))
}

/// Set the current process's real, effective, and saved group ids.
#[function(sig = "(rgid, egid, sgid, /)")]
pub fn setresgid(vm: &Vm, rgid: &Value, egid: &Value, sgid: &Value) -> R<()> {
    plain(vm, host::set_user_groups(id(vm, rgid, "gid")?, id(vm, egid, "gid")?, id(vm, sgid, "gid")?))
}

fn three((a, b, c): (u32, u32, u32)) -> Value {
    tuple::from_array([shown(a), shown(b), shown(c)]).into_value()
}

/// Return a tuple of the current process's real, effective, and saved user ids.
#[function]
pub fn getresuid(vm: &Vm) -> R {
    plain(vm, host::users()).map(three)
}

/// Return a tuple of the current process's real, effective, and saved group ids.
#[function]
pub fn getresgid(vm: &Vm) -> R {
    plain(vm, host::user_groups()).map(three)
}

fn numbers(list: Vec<u32>) -> Value {
    list::from_vec(list.into_iter().map(shown).collect()).into_value()
}

/// Return list of supplemental group IDs for the process.
#[function]
pub fn getgroups(vm: &Vm) -> R {
    plain(vm, host::supplementary_groups()).map(numbers)
}

/// Set the groups of the current process to list.
#[function(sig = "(groups, /)")]
pub fn setgroups(vm: &Vm, groups: &Value) -> R<()> {
    if groups.ty().slots().len.is_none() || groups.ty().slots().getitem.is_none() {
        return Err(vm.type_error("setgroups argument must be a sequence"));
    }
    let mut list = Vec::new();
    for g in vm.collect(groups)? {
        if int::get(&g).is_none() {
            return Err(vm.type_error("groups must be integers"));
        }
        list.push(id(vm, &g, "gid")?);
    }
    if list.len() > 65_536 {
        return Err(vm.value_error("too many groups"));
    }
    plain(vm, host::set_supplementary_groups(&list))
}

fn user_name(vm: &Vm, v: &Value, function: &str) -> R<CString> {
    let raw = match v.downcast::<Str>() {
        Some(s) => encode(vm, s)?,
        None => match taipan_runtime::types::bytes::get(v) {
            Some(b) => b.to_vec(),
            None => super::paths::path_arg(vm, v, &format!("{function}: username"), false)?.path.into_bytes(),
        },
    };
    CString::new(raw).map_err(|_| vm.value_error("embedded null byte"))
}

/// Returns a list of groups to which a user belongs.
#[function(sig = "(user, group, /)")]
pub fn getgrouplist(vm: &Vm, user: &Ref<Str>, group: &Value) -> R {
    let name = user_name(vm, user.value(), "getgrouplist")?;
    plain(vm, users::groups_of(&name, id(vm, group, "gid")?)).map(numbers)
}

/// Initialize the group access list with all the groups of which the username is a member, and the group id.
#[function(sig = "(username, gid, /)")]
pub fn initgroups(vm: &Vm, username: &Value, gid: &Value) -> R<()> {
    let name = user_name(vm, username, "initgroups")?;
    plain(vm, host::init_groups(&name, id(vm, gid, "gid")?))
}
