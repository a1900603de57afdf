//! Processes: identity, children, priorities, ends.

use taipan_host::{Errno, process as host, sched};
use taipan_macros::function;
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::module::Module;
use taipan_runtime::types::structseq::{self, Spec};
use taipan_runtime::types::{int, tuple};
use taipan_runtime::vm::Vm;

use super::files::retry;
use crate::util::audit;

fn plain<T>(vm: &Vm, r: Result<T, Errno>) -> R<T> {
    r.map_err(|e| vm.os_error(e.0, None))
}

/// Exit to the system with specified status, without normal exit processing.
#[function(sig = "(status)")]
pub fn _exit(_vm: &Vm, status: i32) -> R<()> {
    host::exit_now(status)
}

/// Abort the interpreter immediately. This function 'dumps core' or otherwise fails in the hardest way possible.
#[function]
pub fn abort(_vm: &Vm) -> R<()> {
    host::abort()
}

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident = $f:ident;)*) => {$(
        $(#[$doc])*
        #[function]
        pub fn $name(_vm: &Vm) -> i32 { host::$f() }
    )*};
}
numbers! {
    /// Return the current process id.
    getpid = id;
    /// Return the parent's process id.
    getppid = parent_id;
    /// Return the current process group id.
    getpgrp = group_id;
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

/// Make the current process the leader of its process group.
#[function]
pub fn setpgrp(vm: &Vm) -> R<()> {
    plain(vm, host::set_group(0, 0))
}

/// Kill a process with a signal.
#[function(sig = "(pid, signal, /)")]
pub fn kill(vm: &Vm, pid: i32, signal: i32) -> R<()> {
    audit(vm, "os.kill", &[Value::from(pid), Value::from(signal)])?;
    plain(vm, host::kill(pid, signal))?;
    vm.poll()
}

/// Kill a process group with a signal.
#[function(sig = "(pgid, signal, /)")]
pub fn killpg(vm: &Vm, pgid: i32, signal: i32) -> R<()> {
    audit(vm, "os.killpg", &[Value::from(pgid), Value::from(signal)])?;
    plain(vm, host::kill_group(pgid, signal))?;
    vm.poll()
}

fn pair(a: i32, b: i32) -> Value {
    tuple::from_array([Value::from(a), Value::from(b)]).into_value()
}

/// Wait for completion of a given child process. Returns a tuple of information regarding the child process: (pid, status)
#[function(sig = "(pid, options, /)")]
pub fn waitpid(vm: &Vm, pid: i32, options: i32) -> R {
    let (pid, status) = retry(vm, || host::wait(pid, options))?;
    Ok(pair(pid, status))
}

/// Wait for completion of a child process. Returns a tuple of information about the child process: (pid, status)
#[function]
pub fn wait(vm: &Vm) -> R {
    let (pid, status) = retry(vm, || host::wait(-1, 0))?;
    Ok(pair(pid, status))
}

fn wait_usage(vm: &Vm, pid: i32, options: i32) -> R {
    let (pid, status, u) = retry(vm, || host::wait_usage(pid, options))?;
    let usage = crate::resource::usage(vm, &u)?;
    Ok(tuple::from_array([Value::from(pid), Value::from(status), usage]).into_value())
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

static WAITID: Spec = Spec {
    name: "posix.waitid_result",
    doc: "waitid_result: Result from waitid.\n\nThis object may be accessed either as a tuple of\n  (si_pid, si_uid, si_signo, si_status, si_code),\nor via the attributes si_pid, si_uid, and so on.\n\nSee os.waitid for more information.",
    fields: &[("si_pid", ""), ("si_uid", ""), ("si_signo", ""), ("si_status", ""), ("si_code", "")],
    visible: 5,
    instantiable: true,
};

fn waitid_type(vm: &Vm) -> R {
    vm.interp_static("posix.waitid_result", |vm| structseq::new_type(vm, &WAITID))
}

/// Returns the result of waiting for a process or processes, or None.
#[function(sig = "(idtype, id, options, /)")]
pub fn waitid(vm: &Vm, idtype: i32, id: i64, options: i32) -> R {
    let found = retry(vm, || host::wait_id(idtype as u32, id as u32, options))?;
    let Some(i) = found else { return Ok(Value::NONE) };
    let fields = vec![Value::from(i.pid), Value::from(i.uid), Value::from(i.signal), Value::from(i.status), Value::from(i.code)];
    structseq::new_instance(vm, &waitid_type(vm)?, fields)
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
    WIFEXITED -> bool, |s| libc::WIFEXITED(s);
    /// Return the process return code from status.
    WEXITSTATUS -> i32, |s| libc::WEXITSTATUS(s);
    /// Return True if the process returning status was terminated by a signal.
    WIFSIGNALED -> bool, |s| libc::WIFSIGNALED(s);
    /// Return the signal that terminated the process that provided the status value.
    WTERMSIG -> i32, |s| libc::WTERMSIG(s);
    /// Return True if the process returning status was stopped.
    WIFSTOPPED -> bool, |s| libc::WIFSTOPPED(s);
    /// Return the signal that stopped the process that provided the status value.
    WSTOPSIG -> i32, |s| libc::WSTOPSIG(s);
    /// Return True if a particular process was continued from a job control stop.
    WIFCONTINUED -> bool, |s| libc::WIFCONTINUED(s);
}

/// Return True if the process returning status was dumped to a core file.
#[function(sig = "(status, /)")]
#[expect(non_snake_case, reason = "the system's own name")]
pub fn WCOREDUMP(_vm: &Vm, status: i32) -> bool {
    libc::WCOREDUMP(status)
}

/// Convert a wait status to an exit code.
///
/// If the process exited normally, its exit status; if it was terminated by a signal, the signal's number negated.
#[function(sig = "(status)")]
pub fn waitstatus_to_exitcode(vm: &Vm, status: &Value) -> R<i32> {
    let n = int::to_i64(vm, status)?;
    let n = i32::try_from(n).map_err(|_| vm.overflow_error("Python int too large to convert to C int"))?;
    match host::read_status(n) {
        host::Status::Exited(code) => Ok(code),
        host::Status::Signaled(signal, _) if signal > 0 => Ok(-signal),
        host::Status::Stopped(signal) => {
            Err(vm.value_error(format!("process stopped by delivery of signal {signal}")))
        }
        _ => Err(vm.value_error(format!("invalid wait status: {n}"))),
    }
}

/// Add increment to the priority of process and return the new priority.
#[function(sig = "(increment, /)")]
pub fn nice(vm: &Vm, increment: i32) -> R<i32> {
    plain(vm, host::nice(increment))
}

/// Return program scheduling priority.
#[function(sig = "(which, who)")]
pub fn getpriority(vm: &Vm, which: i32, who: i32) -> R<i32> {
    plain(vm, host::priority(which, who as u32))
}

/// Set program scheduling priority.
#[function(sig = "(which, who, priority)")]
pub fn setpriority(vm: &Vm, which: i32, who: i32, priority: i32) -> R<()> {
    plain(vm, host::set_priority(which, who as u32, priority))
}

/// Return a file descriptor referring to the process pid.
///
/// The descriptor can be used to perform process management without races and signals.
#[function(sig = "(pid, flags=0)")]
pub fn pidfd_open(vm: &Vm, pid: i32, flags: u32) -> R<i32> {
    plain(vm, host::pid_descriptor(pid, flags))
}

/// Move the calling thread into different namespaces.
#[function(sig = "(fd, nstype=0)")]
pub fn setns(vm: &Vm, fd: &Value, nstype: i32) -> R<()> {
    let fd = crate::util::file_descriptor(vm, fd)?;
    plain(vm, taipan_host::system::enter_namespace(fd, nstype))
}

/// Disassociate parts of a process (or thread) execution context.
#[function(sig = "(flags)")]
pub fn unshare(vm: &Vm, flags: i32) -> R<()> {
    plain(vm, sched::unshare(flags))
}

static TIMES: Spec = Spec {
    name: "posix.times_result",
    doc: "times_result: Result from os.times().\n\nThis object may be accessed either as a tuple of\n  (user, system, children_user, children_system, elapsed),\nor via the attributes user, system, children_user, children_system,\nand elapsed.\n\nSee os.times for more information.",
    fields: &[
        ("user", "user time"),
        ("system", "system time"),
        ("children_user", "user time of children"),
        ("children_system", "system time of children"),
        ("elapsed", "elapsed time since an arbitrary point in the past"),
    ],
    visible: 5,
    instantiable: true,
};

fn times_type(vm: &Vm) -> R {
    vm.interp_static("posix.times_result", |vm| structseq::new_type(vm, &TIMES))
}

/// Return a collection containing process timing information.
#[function]
pub fn times(vm: &Vm) -> R {
    let t = plain(vm, host::times())?;
    structseq::new_instance(vm, &times_type(vm)?, t.into_iter().map(Value::from).collect())
}

pub(super) fn add_types(vm: &Vm, m: &Ref<Module>) -> R<()> {
    m.set("waitid_result", waitid_type(vm)?);
    m.set("times_result", times_type(vm)?);
    Ok(())
}
