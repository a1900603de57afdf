//! `pwd`: the users of the system.

use std::ffi::CString;

use taipan_host::users::{self, User};
use taipan_macros::{function, module};
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::list;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::structseq::{self, Spec};
use taipan_runtime::vm::Vm;

use crate::posix::{fs_decode, fs_encode};

module! {
    /// This module provides access to the Unix password database.
    ///
    /// It is available on all Unix versions. Password database entries are reported as 7-tuples containing the following
    /// items from the password database (see `<pwd.h>'), in order: pw_name, pw_passwd, pw_uid, pw_gid, pw_gecos, pw_dir,
    /// pw_shell. The uid and gid items are integers, all others are strings. An exception is raised if the entry asked
    /// for cannot be found.
    name = "pwd",
    functions(getpwuid, getpwnam, getpwall),
    exec = exec,
}

static CLASS: Spec = Spec {
    name: "pwd.struct_passwd",
    doc: "pwd.struct_passwd: Results from getpw*() routines.\n\nThis object may be accessed either as a tuple of\n  (pw_name,pw_passwd,pw_uid,pw_gid,pw_gecos,pw_dir,pw_shell)\nor via the object attributes as named in the above tuple.",
    fields: &[
        ("pw_name", "user name"),
        ("pw_passwd", "password"),
        ("pw_uid", "user id"),
        ("pw_gid", "group id"),
        ("pw_gecos", "real name"),
        ("pw_dir", "home directory"),
        ("pw_shell", "shell program"),
    ],
    visible: 7,
    instantiable: true,
};

fn class(vm: &Vm) -> R {
    vm.interp_static("pwd.struct_passwd", |vm| structseq::new_type(vm, &CLASS))
}

fn exec(vm: &Vm, m: &Ref<Module>) -> R<()> {
    m.set("struct_passwd", class(vm)?);
    Ok(())
}

fn entry(vm: &Vm, u: &User) -> R {
    let fields = vec![
        fs_decode(&u.name),
        fs_decode(&u.password),
        Value::from(u.uid),
        Value::from(u.gid),
        fs_decode(&u.comment),
        fs_decode(&u.home),
        fs_decode(&u.shell),
    ];
    structseq::new_instance(vm, &class(vm)?, fields)
}

/// Return the password database entry for the given numeric user ID.
#[function(sig = "(uidobj, /)")]
fn getpwuid(vm: &Vm, uid: &Value) -> R {
    let not_found = || Err(vm.raise_msg(&exc::KEY_ERROR, "getpwuid(): uid not found"));
    let id = match crate::posix::id(vm, uid, "uid") {
        Ok(id) => id,
        Err(r) if vm.raised_is(&exc::OVERFLOW_ERROR) => {
            drop(vm.catch(r));
            return not_found();
        }
        Err(r) => return Err(r),
    };
    match vm.allow_threads(|| users::user_by_id(id)) {
        Ok(Some(u)) => entry(vm, &u),
        Ok(None) => Err(vm.raise_msg(&exc::KEY_ERROR, &format!("getpwuid(): uid not found: {id}"))),
        Err(e) => Err(vm.os_error(e.0, None)),
    }
}

/// Return the password database entry for the given user name.
#[function(sig = "(name, /)")]
fn getpwnam(vm: &Vm, name: &Ref<Str>) -> R {
    let raw = fs_encode(vm, name)?;
    let Ok(c) = CString::new(raw) else { return Err(vm.value_error("embedded null byte")) };
    match vm.allow_threads(|| users::user_by_name(&c)) {
        Ok(Some(u)) => entry(vm, &u),
        Ok(None) => {
            let shown = vm.repr_string(name.value())?;
            Err(vm.raise_msg(&exc::KEY_ERROR, &format!("getpwnam(): name not found: {shown}")))
        }
        Err(e) => Err(vm.os_error(e.0, None)),
    }
}

/// Return a list of all available password database entries, in arbitrary order.
#[function]
fn getpwall(vm: &Vm) -> R {
    let all = vm.allow_threads(users::all_users);
    Ok(list::from_vec(all.iter().map(|u| entry(vm, u)).collect::<R<_>>()?).into_value())
}
