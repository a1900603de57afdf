//! `_posixsubprocess`: fork and exec for `subprocess`.

use std::ffi::CString;

use taipan_host::exec::{ForkExec, fork_exec as host_fork_exec};
use taipan_macros::{function, module};
use taipan_runtime::core::{R, Value};
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::types::{bytes, int};
use taipan_runtime::vm::Vm;

use crate::posix::{fork, id, path_arg};

module! {
    /// A POSIX helper for the subprocess module.
    name = "_posixsubprocess",
    functions(fork_exec),
}

/// Descriptors in order, without repetitions, as `subprocess` makes them.
///
/// Raises ValueError for anything else.
fn descriptors(vm: &Vm, v: &Value) -> R<Vec<i32>> {
    let mut out: Vec<i32> = Vec::new();
    for item in vm.collect(v)? {
        let n = int::get(&item).and_then(int::IntRef::to_i64).and_then(|n| i32::try_from(n).ok());
        match n {
            Some(n) if n >= 0 && out.last().is_none_or(|&last| n > last) => out.push(n),
            _ => return Err(vm.value_error("bad value(s) in fds_to_keep")),
        }
    }
    Ok(out)
}

/// Texts for the system: paths or bytes.
fn texts(vm: &Vm, v: &Value) -> R<Vec<CString>> {
    let items = vm.collect(v)?;
    items.iter().map(|item| path_arg(vm, item, "fork_exec: argument", false).map(|p| p.path)).collect()
}

/// As [`texts`], of bytes only.
fn raw_texts(vm: &Vm, v: &Value, what: &str) -> R<Vec<CString>> {
    let mut out = Vec::new();
    for item in vm.collect(v)? {
        let Some(data) = bytes::get(&item) else {
            return Err(vm.type_error(format!("expected bytes, {} found", item.ty().tp_name())));
        };
        out.push(CString::new(data).map_err(|_| vm.value_error(format!("embedded null byte in {what}")))?);
    }
    Ok(out)
}

/// Spawn a fresh new child process.
///
/// Fork a child process, close parent file descriptors as appropriate in the child and duplicate the few that are needed
/// before calling exec() in the child process. If close_fds is True, close file descriptors 3 and higher, except those
/// listed in the sorted tuple pass_fds. The preexec_fn, if supplied, will be called immediately before closing file
/// descriptors and exec. Returns: the child process's PID.
#[function]
fn fork_exec(
    vm: &Vm,
    args: &Value,
    executable_list: &Value,
    close_fds: bool,
    pass_fds: &Value,
    cwd: &Value,
    env: &Value,
    p2cread: i32,
    p2cwrite: i32,
    c2pread: i32,
    c2pwrite: i32,
    errread: i32,
    errwrite: i32,
    errpipe_read: i32,
    errpipe_write: i32,
    restore_signals: bool,
    call_setsid: bool,
    pgid_to_set: i32,
    gid_object: &Value,
    extra_groups_packed: &Value,
    uid_object: &Value,
    child_umask: i32,
    preexec_fn: &Value,
) -> R<i32> {
    if close_fds && errpipe_write < 3 {
        return Err(vm.value_error("errpipe_write must be >= 3"));
    }
    if pass_fds.downcast::<Tuple>().is_none() {
        let got = pass_fds.ty().tp_name();
        return Err(vm.type_error(format!("fork_exec() argument 4 must be tuple, not {got}")));
    }
    let inherit = descriptors(vm, pass_fds)?;
    let arguments = texts(vm, args)?;
    let candidates = raw_texts(vm, executable_list, "executable")?;
    let environment = if env.is_none() { None } else { Some(raw_texts(vm, env, "environment")?) };
    let directory = if cwd.is_none() { None } else { Some(path_arg(vm, cwd, "fork_exec: cwd", false)?.path) };
    let groups = if extra_groups_packed.is_none() {
        None
    } else {
        if extra_groups_packed.ty().slots().len.is_none() {
            return Err(vm.type_error("setgroups argument must be a sequence"));
        }
        if vm.len(extra_groups_packed)? > 65_536 {
            return Err(vm.value_error("too many extra_groups"));
        }
        let mut out = Vec::new();
        for g in vm.collect(extra_groups_packed)? {
            if int::get(&g).is_none() {
                return Err(vm.type_error("extra_groups must be integers"));
            }
            out.push(number(vm, &g, "invalid group id")?);
        }
        Some(out)
    };
    let gid = if gid_object.is_none() { None } else { Some(id(vm, gid_object, "gid")?) };
    let uid = if uid_object.is_none() { None } else { Some(id(vm, uid_object, "uid")?) };
    if !preexec_fn.is_none() && !vm.interp().member.features.allow_fork {
        return Err(vm.runtime_error("preexec_fn not supported within subinterpreters"));
    }
    if vm.interp().finalizing.get() && preexec_fn.is_none() {
        return Err(vm.raise_msg(&exc::PYTHON_FINALIZATION_ERROR, "can't fork at interpreter shutdown"));
    }
    let options = ForkExec {
        candidates: &candidates,
        arguments: &arguments,
        environment: environment.as_deref(),
        directory: directory.as_deref(),
        streams: [(p2cread, p2cwrite), (c2pwrite, c2pread), (errwrite, errread)],
        error_pipe: (errpipe_read, errpipe_write),
        keep: close_fds.then_some(&inherit),
        inherit: &inherit,
        restore_signals,
        new_session: call_setsid,
        process_group: (pgid_to_set >= 0).then_some(pgid_to_set),
        groups: groups.as_deref(),
        gid,
        uid,
        umask: u32::try_from(child_umask).ok(),
    };
    let r = if preexec_fn.is_none() {
        // SAFETY: the child makes system calls only.
        unsafe { host_fork_exec(&options, None) }
    } else {
        fork::before(vm, "preexec_fn not supported at interpreter shutdown")?;
        let mut lock = Some(vm.forking());
        let mut before_exec = || {
            if let Some(lock) = lock.take() {
                lock.in_child();
            }
            fork::in_child(vm);
            match vm.call(preexec_fn, &[]) {
                Ok(_) => true,
                Err(e) => {
                    drop(vm.catch(e));
                    false
                }
            }
        };
        // SAFETY: the interpreter's lock and its inner one are held.
        let r = unsafe { host_fork_exec(&options, Some(&mut before_exec)) };
        drop(lock);
        fork::in_parent(vm);
        r
    };
    r.map_err(|e| vm.os_error(e.0, None))
}

/// The number of a user or group.
///
/// Raises ValueError where it is out of range.
fn number(vm: &Vm, v: &Value, text: &str) -> R<u32> {
    id(vm, v, "id").map_err(|r| {
        if !vm.raised_is(&exc::OVERFLOW_ERROR) {
            return r;
        }
        drop(vm.catch(r));
        vm.value_error(text)
    })
}
