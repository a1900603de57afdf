//! `grp`: the groups of users of the system.

use std::ffi::CString;

use taipan_host::users::{self, Group};
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
    /// Access to the Unix group database.
    ///
    /// Group entries are reported as 4-tuples containing the following fields from the group database, in order: name,
    /// passwd, gid and mem, the list of members' names. An exception is raised if the entry asked for cannot be found.
    name = "grp",
    functions(getgrgid, getgrnam, getgrall),
    exec = exec,
}

static CLASS: Spec = Spec {
    name: "grp.struct_group",
    doc: "grp.struct_group: Results from getgr*() routines.\n\nThis object may be accessed either as a tuple of\n  (gr_name,gr_passwd,gr_gid,gr_mem)\nor via the object attributes as named in the above tuple.\n",
    fields: &[("gr_name", "group name"), ("gr_passwd", "password"), ("gr_gid", "group id"), ("gr_mem", "group members")],
    visible: 4,
    instantiable: true,
};

fn class(vm: &Vm) -> R {
    vm.interp_static("grp.struct_group", |vm| structseq::new_type(vm, &CLASS))
}

fn exec(vm: &Vm, m: &Ref<Module>) -> R<()> {
    m.set("struct_group", class(vm)?);
    Ok(())
}

fn entry(vm: &Vm, g: &Group) -> R {
    let members = list::from_vec(g.members.iter().map(|m| fs_decode(m)).collect()).into_value();
    structseq::new_instance(vm, &class(vm)?, vec![fs_decode(&g.name), fs_decode(&g.password), Value::from(g.gid), members])
}

/// Return the group database entry for the given numeric group ID. If id is not valid, raise KeyError.
#[function(sig = "(id)")]
fn getgrgid(vm: &Vm, id: &Value) -> R {
    let gid = match crate::posix::id(vm, id, "gid") {
        Ok(id) => id,
        Err(r) if vm.raised_is(&exc::OVERFLOW_ERROR) => {
            drop(vm.catch(r));
            return Err(vm.raise_msg(&exc::KEY_ERROR, "getgrgid(): gid not found"));
        }
        Err(r) => return Err(r),
    };
    match vm.allow_threads(|| users::group_by_id(gid)) {
        Ok(Some(g)) => entry(vm, &g),
        Ok(None) => Err(vm.raise_msg(&exc::KEY_ERROR, &format!("getgrgid(): gid not found: {gid}"))),
        Err(e) => Err(vm.os_error(e.0, None)),
    }
}

/// Return the group database entry for the given group name. If name is not valid, raise KeyError.
#[function(sig = "(name)")]
fn getgrnam(vm: &Vm, name: &Ref<Str>) -> R {
    let raw = fs_encode(vm, name)?;
    let Ok(c) = CString::new(raw) else { return Err(vm.value_error("embedded null byte")) };
    match vm.allow_threads(|| users::group_by_name(&c)) {
        Ok(Some(g)) => entry(vm, &g),
        Ok(None) => {
            let shown = vm.repr_string(name.value())?;
            Err(vm.raise_msg(&exc::KEY_ERROR, &format!("getgrnam(): name not found: {shown}")))
        }
        Err(e) => Err(vm.os_error(e.0, None)),
    }
}

/// Return a list of all available group entries, in arbitrary order.
#[function]
fn getgrall(vm: &Vm) -> R {
    let all = vm.allow_threads(users::all_groups);
    Ok(list::from_vec(all.iter().map(|g| entry(vm, g)).collect::<R<_>>()?).into_value())
}
