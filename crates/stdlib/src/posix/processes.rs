//! Processes.

use std::ffi::CString;

use taipan_host::{Errno, process as host, system as sys};
use taipan_macros::function;
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::structseq::{self, Spec};
use taipan_runtime::types::{int, list, tuple};
use taipan_runtime::vm::Vm;

use super::files::retry;
use super::paths::{decode, path_arg};

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

/// Exit to the system with specified status, without normal exit processing.
#[function(sig = "(status)")]
pub fn _exit(_vm: &Vm, status: i32) -> R<()> {
    host::exit_now(status)
}

/// Abort the interpreter immediately.
#[function]
pub fn abort(_vm: &Vm) -> R<()> {
    host::abort()
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $f:ident -> $t:ty;)*) => {$(
        $(#[$doc])*
        #[function]
        pub fn $name(_vm: &Vm) -> $t { host::$f() }
    )*};
}
ids! {
    /// Return the current process id.
    getpid = id -> i32;
    /// Return the parent's process id.
    getppid = parent_id -> i32;
    /// Return the current process's user id.
    getuid = user -> u32;
    /// Return the current process's effective user id.
    geteuid = effective_user -> u32;
    /// Return the current process's group id.
    getgid = group -> u32;
    /// Return the current process's effective group id.
    getegid = effective_group -> u32;
    /// Return the current process group id.
    getpgrp = group_id -> i32;
}

/// Call the system call getpgid(), and return the result.
#[function(sig = "(pid)")]
pub fn getpgid(vm: &Vm, pid: i32) -> R<i32> {
    plain(vm, host::group_of(pid))
}

/// Call the system call getsid(pid) and return the result.
#[function(sig = "(pid, /)")]
pub fn getsid(vm: &Vm, pid: i32) -> R<i32> {
    plain(vm, host::session_of(pid))
}

/// Call the system call setsid().
#[function]
pub fn setsid(vm: &Vm) -> R<()> {
    plain(vm, host::new_session()).map(drop)
}

/// Call the system call setpgid(pid, pgrp).
#[function(sig = "(pid, pgrp, /)")]
pub fn setpgid(vm: &Vm, pid: i32, pgrp: i32) -> R<()> {
    plain(vm, host::set_group(pid, pgrp))
}

/// Set the current process's user id.
#[function(sig = "(uid, /)")]
pub fn setuid(vm: &Vm, uid: u32) -> R<()> {
    plain(vm, host::set_user(uid))
}

/// Set the current process's group id.
#[function(sig = "(gid, /)")]
pub fn setgid(vm: &Vm, gid: u32) -> R<()> {
    plain(vm, host::set_user_group(gid))
}

/// Kill a process with a signal.
#[function(sig = "(pid, signal, /)")]
pub fn kill(vm: &Vm, pid: i32, signal: i32) -> R<()> {
    plain(vm, host::kill(pid, signal))?;
    vm.poll()
}

/// Kill a process group with a signal.
#[function(sig = "(pgid, signal, /)")]
pub fn killpg(vm: &Vm, pgid: i32, signal: i32) -> R<()> {
    plain(vm, host::kill_group(pgid, signal))?;
    vm.poll()
}

fn pair(a: i32, b: i32) -> Value {
    tuple::from_array([Value::from(a), Value::from(b)]).into_value()
}

/// Wait for completion of a given child process.
#[function(sig = "(pid, options, /)")]
pub fn waitpid(vm: &Vm, pid: i32, options: i32) -> R {
    let (pid, status) = retry(vm, || host::wait(pid, options))?;
    Ok(pair(pid, status))
}

/// Wait for completion of a child process.
#[function]
pub fn wait(vm: &Vm) -> R {
    let (pid, status) = retry(vm, || host::wait(-1, 0))?;
    Ok(pair(pid, status))
}

static USAGE: Spec = Spec {
    name: "resource.struct_rusage",
    doc: "struct_rusage: Result from getrusage.",
    fields: &[
        ("ru_utime", ""), ("ru_stime", ""), ("ru_maxrss", ""), ("ru_ixrss", ""), ("ru_idrss", ""), ("ru_isrss", ""), ("ru_minflt", ""),
        ("ru_majflt", ""), ("ru_nswap", ""), ("ru_inblock", ""), ("ru_oublock", ""), ("ru_msgsnd", ""), ("ru_msgrcv", ""),
        ("ru_nsignals", ""), ("ru_nvcsw", ""), ("ru_nivcsw", ""),
    ],
    visible: 16,
    instantiable: true,
};

/// The class of resource usage results.
pub fn usage_type(vm: &Vm) -> R {
    vm.interp_static("resource.struct_rusage", |vm| structseq::new_type(vm, &USAGE))
}

/// Resource usage as Python shows it.
pub fn usage(vm: &Vm, u: &host::Usage) -> R {
    let mut fields = vec![Value::from(u.user), Value::from(u.system), Value::from(u.max_resident)];
    fields.extend(u.others.iter().map(|&n| Value::from(n)));
    structseq::new_instance(vm, &usage_type(vm)?, fields)
}

fn wait_usage(vm: &Vm, pid: i32, options: i32) -> R {
    let (pid, status, u) = retry(vm, || host::wait_usage(pid, options))?;
    Ok(tuple::from_array([Value::from(pid), Value::from(status), usage(vm, &u)?]).into_value())
}

/// Wait for completion of a child process, with its resource usage.
#[function(sig = "(options)")]
pub fn wait3(vm: &Vm, options: i32) -> R {
    wait_usage(vm, -1, options)
}

/// Wait for completion of a specific child process, with its resource usage.
#[function(sig = "(pid, options)")]
pub fn wait4(vm: &Vm, pid: i32, options: i32) -> R {
    wait_usage(vm, pid, options)
}

macro_rules! status {
    ($($(#[$doc:meta])* $name:ident -> $t:ty, |$s:ident| $e:expr;)*) => {$(
        $(#[$doc])*
        #[function(sig = "(status)")]
        #[expect(non_snake_case, reason = "the system's own name")]
        pub fn $name(_vm: &Vm, status: i32) -> $t { let $s = status; $e }
    )*};
}
status! {
    /// Return True if the process returning status exited via the exit() system call.
    WIFEXITED -> bool, |s| s & 0x7f == 0;
    /// Return the process return code from status.
    WEXITSTATUS -> i32, |s| s >> 8 & 0xff;
    /// Return True if the process returning status was terminated by a signal.
    WIFSIGNALED -> bool, |s| s & 0x7f != 0 && s & 0x7f != 0x7f;
    /// Return the signal that terminated the process that provided the status value.
    WTERMSIG -> i32, |s| s & 0x7f;
    /// Return True if the process returning status was stopped.
    WIFSTOPPED -> bool, |s| s & 0xff == 0x7f;
    /// Return the signal that stopped the process that provided the status value.
    WSTOPSIG -> i32, |s| s >> 8 & 0xff;
    /// Return True if the process returning status was dumped to a core file.
    WCOREDUMP -> bool, |s| s & 0x80 != 0;
    /// Return True if a particular process was continued from a job control stop.
    WIFCONTINUED -> bool, |s| s == 0xffff;
}

/// Convert a wait status to an exit code.
#[function(sig = "(status)")]
pub fn waitstatus_to_exitcode(vm: &Vm, status: i32) -> R<i32> {
    if status & 0x7f == 0 {
        return Ok(status >> 8 & 0xff);
    }
    if status & 0xff == 0x7f {
        return Err(vm.value_error(format!("process stopped by delivery of signal {}", status >> 8 & 0xff)));
    }
    if status & 0x7f != 0x7f {
        return Ok(-(status & 0x7f));
    }
    Err(vm.value_error(format!("invalid wait status: {status}")))
}

/// The callables registered for forks: before, in the parent, in the child.
fn at_fork(vm: &Vm) -> R<[Ref<list::List>; 3]> {
    let get = |key: &'static str| -> R<Ref<list::List>> {
        let v = vm.interp_static(key, |_| Ok(list::from_vec(Vec::new()).into_value()))?;
        v.into_ref::<list::List>().map_err(|_| vm.system_error("the list of fork handlers is gone"))
    };
    Ok([get("posix.before_fork")?, get("posix.after_fork_parent")?, get("posix.after_fork_child")?])
}

/// Register callables to be called when forking a new process.
#[function]
pub fn register_at_fork(vm: &Vm, args: Args<'_>) -> R<()> {
    if !args.positional().is_empty() {
        return Err(vm.type_error(format!("register_at_fork() takes no positional arguments ({} given)", args.positional().len())));
    }
    if args.names.is_empty() {
        return Err(vm.type_error("At least one argument is required."));
    }
    let lists = at_fork(vm)?;
    for (k, v) in args.named() {
        let k = vm.str_lossy(k);
        let i = match k.as_str() {
            "before" => 0,
            "after_in_parent" => 1,
            "after_in_child" => 2,
            other => return Err(vm.type_error(format!("register_at_fork() got an unexpected keyword argument '{other}'"))),
        };
        if v.ty().slots().call.is_none() {
            return Err(vm.type_error(format!("'{k}' must be callable, not {}", v.ty().tp_name())));
        }
        lists[i].push(v.clone());
    }
    Ok(())
}

fn run_all(vm: &Vm, list: &Ref<list::List>, backwards: bool) {
    let mut fs = list.to_vec();
    if backwards {
        fs.reverse();
    }
    for f in fs {
        if let Err(e) = vm.call(&f, &[]) {
            vm.unraisable(e, Some("Exception ignored in fork handler"), &f);
        }
    }
}

/// Fork a child process. Return 0 to child process and PID of child to parent process.
#[function]
pub fn fork(vm: &Vm) -> R<i32> {
    let [before, parent, child] = at_fork(vm)?;
    run_all(vm, &before, true);
    // SAFETY: the GIL is held, so the forking thread is the only one that touches Python state; in the child
    // it is the only thread left.
    let r = unsafe { host::fork() };
    match r {
        Ok(0) => {
            run_all(vm, &child, false);
            Ok(0)
        }
        Ok(pid) => {
            run_all(vm, &parent, false);
            Ok(pid)
        }
        Err(e) => {
            run_all(vm, &parent, false);
            Err(vm.os_error(e.0, None))
        }
    }
}

fn arguments(vm: &Vm, argv: &Value, name: &str) -> R<Vec<CString>> {
    let items = vm.collect(argv)?;
    if items.is_empty() {
        return Err(vm.value_error(format!("{name}: argv must not be empty")));
    }
    items.iter().map(|a| path_arg(vm, a, &format!("{name}: argv"), false).map(|p| p.path)).collect()
}

/// Execute an executable path with arguments, replacing current process.
#[function(sig = "(path, argv, /)")]
pub fn execv(vm: &Vm, path: &Value, argv: &Value) -> R<()> {
    let p = path_arg(vm, path, "execv: path", false)?;
    let args = arguments(vm, argv, "execv")?;
    let e = host::execute(&p.path, &args, None);
    Err(vm.os_error(e.0, Some(&p.object)))
}

/// Execute an executable path with arguments and environment, replacing current process.
#[function(sig = "(path, argv, env)")]
pub fn execve(vm: &Vm, path: &Value, argv: &Value, env: &Value) -> R<()> {
    let p = path_arg(vm, path, "execve: path", true)?;
    let args = arguments(vm, argv, "execve")?;
    let items = match env.downcast::<Dict>() {
        Some(d) => d.items(),
        None => {
            let keys = vm.call_method(env, "keys", &[])?;
            let mut out = Vec::new();
            for k in vm.collect(&keys)? {
                let v = vm.getitem(env, &k)?;
                out.push((k, v));
            }
            out
        }
    };
    let mut vars = Vec::new();
    for (k, v) in items {
        let (k, v) = (path_arg(vm, &k, "execve: env", false)?, path_arg(vm, &v, "execve: env", false)?);
        let line = [k.path.as_bytes(), b"=", v.path.as_bytes()].concat();
        vars.push(CString::new(line).map_err(|_| vm.value_error("embedded null byte"))?);
    }
    let e = match p.fd {
        Some(fd) => host::execute_descriptor(fd, &args, &vars),
        None => host::execute(&p.path, &args, Some(&vars)),
    };
    Err(vm.os_error(e.0, Some(&p.object)))
}

/// Execute the command in a subshell.
#[function(sig = "(command)")]
pub fn system(vm: &Vm, command: &Value) -> R<i32> {
    let p = path_arg(vm, command, "system: command", false)?;
    let path = &p.path;
    let r = vm.allow_threads(|| sys::shell(path));
    plain(vm, r)
}

/// Add increment to the priority of process and return the new priority.
#[function(sig = "(increment, /)")]
pub fn nice(vm: &Vm, increment: i32) -> R<i32> {
    plain(vm, host::nice(increment))
}

/// Return program scheduling priority.
#[function(sig = "(which, who)")]
pub fn getpriority(vm: &Vm, which: i32, who: u32) -> R<i32> {
    plain(vm, host::priority(which, who))
}

/// Set program scheduling priority.
#[function(sig = "(which, who, priority)")]
pub fn setpriority(vm: &Vm, which: i32, who: u32, priority: i32) -> R<()> {
    plain(vm, host::set_priority(which, who, priority))
}

/// Return list of supplemental group IDs for the process.
#[function]
pub fn getgroups(vm: &Vm) -> R {
    let g = plain(vm, host::supplementary_groups())?;
    Ok(list::from_vec(g.into_iter().map(Value::from).collect()).into_value())
}

/// Return the actual login name.
#[function]
pub fn getlogin(vm: &Vm) -> R {
    plain(vm, taipan_host::terminal::login_name()).map(|n| decode(&n))
}

/// Return a file descriptor referring to the process pid.
#[function(sig = "(pid, flags=0)")]
pub fn pidfd_open(vm: &Vm, pid: i32, flags: Option<u32>) -> R<i32> {
    plain(vm, host::pid_descriptor(pid, flags.unwrap_or(0)))
}

static TIMES: Spec = Spec {
    name: "posix.times_result",
    doc: "times_result: Result from os.times().",
    fields: &[("user", ""), ("system", ""), ("children_user", ""), ("children_system", ""), ("elapsed", "")],
    visible: 5,
    instantiable: true,
};

/// Return a collection containing process timing information.
#[function]
pub fn times(vm: &Vm) -> R {
    let t = plain(vm, host::times())?;
    let ty = vm.interp_static("posix.times_result", |vm| structseq::new_type(vm, &TIMES))?;
    structseq::new_instance(vm, &ty, t.into_iter().map(Value::from).collect())
}
