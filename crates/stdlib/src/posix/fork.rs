//! Forks, and what has to be put in order around them.

use taipan_host::{Errno, process as host};
use taipan_macros::function;
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::list::{self, List};
use taipan_runtime::types::tuple;
use taipan_runtime::vm::Vm;

/// The callables registered for forks: before, in the parent, in the child.
fn hooks(vm: &Vm) -> R<[Ref<List>; 3]> {
    let get = |key: &'static str| -> R<Ref<List>> {
        let v = vm.interp_static(key, |_| Ok(list::from_vec(Vec::new()).into_value()))?;
        v.into_ref::<List>().map_err(|_| vm.system_error("the list of fork hooks is lost"))
    };
    Ok([get("posix.before_fork")?, get("posix.after_fork_parent")?, get("posix.after_fork_child")?])
}

/// Register callables to be called when forking a new process.
///
/// 'before' callbacks are called in reverse order. 'after_in_child' and 'after_in_parent' callbacks are called in order.
#[function(sig = "(*, before=<unrepresentable>, after_in_child=<unrepresentable>, after_in_parent=<unrepresentable>)")]
pub fn register_at_fork(
    vm: &Vm,
    before: Option<&Value>,
    after_in_child: Option<&Value>,
    after_in_parent: Option<&Value>,
) -> R<()> {
    if before.is_none() && after_in_child.is_none() && after_in_parent.is_none() {
        return Err(vm.type_error("At least one argument is required."));
    }
    let given = [("before", before), ("after_in_parent", after_in_parent), ("after_in_child", after_in_child)];
    for (name, f) in given {
        if let Some(f) = f
            && f.ty().slots().call.is_none()
        {
            return Err(vm.type_error(format!("'{name}' must be callable, not {}", f.ty().tp_name())));
        }
    }
    for (list, (_, f)) in hooks(vm)?.iter().zip(given) {
        if let Some(f) = f {
            list.push(f.clone());
        }
    }
    Ok(())
}

fn run(vm: &Vm, list: &Ref<List>, backwards: bool) {
    let mut all = list.to_vec();
    if backwards {
        all.reverse();
    }
    for f in all {
        if let Err(e) = vm.call(&f, &[]) {
            vm.unraisable(e, Some("Exception ignored in fork hook"), &f);
        }
    }
}

const TOO_LATE: &str = "can't fork at interpreter shutdown";

/// What happens before a fork: the hooks.
///
/// Raises PythonFinalizationError at the end of the program.
pub fn before(vm: &Vm, too_late: &str) -> R<()> {
    if vm.interp().finalizing.get() {
        return Err(vm.raise_msg(&exc::PYTHON_FINALIZATION_ERROR, too_late));
    }
    run(vm, &hooks(vm)?[0], true);
    crate::imp::before_fork(vm)
}

/// What happens in the parent after a fork that `before` has announced.
pub fn in_parent(vm: &Vm) {
    crate::imp::after_fork(vm);
    if let Ok([_, parent, _]) = hooks(vm) {
        run(vm, &parent, false);
    }
}

/// What happens in the child: this thread is the only one there.
pub fn in_child(vm: &Vm) {
    vm.interp().threads.keep_only(vm);
    crate::thread::after_fork(vm);
    crate::signal::after_fork(vm);
    crate::imp::after_fork(vm);
    if let Ok([_, _, child]) = hooks(vm) {
        run(vm, &child, false);
    }
}

/// Raises RuntimeError in interpreters that may not fork.
fn check_allowed(vm: &Vm) -> R<()> {
    if vm.interp().member.features.allow_fork {
        return Ok(());
    }
    Err(vm.runtime_error("fork not supported for isolated subinterpreters"))
}

/// Forks with the interpreter's lock in order on both sides, and with those that interpreters share.
fn forked(vm: &Vm, call: impl FnOnce() -> Result<i32, Errno>) -> Result<i32, Errno> {
    let world = vm.interp().world.clone();
    let (queues, channels) = (crate::interpqueues::queues(vm), crate::interpchannels::channels(vm));
    let shared = (queues.freeze(), channels.freeze(), world.freeze());
    let lock = vm.forking();
    let r = call();
    drop(shared);
    match r {
        Ok(0) => {
            lock.in_child();
            in_child(vm);
        }
        _ => {
            drop(lock);
            in_parent(vm);
        }
    }
    r
}

/// Warns of a fork while other threads run: what they have locked stays locked in the child.
fn warn_of_threads(vm: &Vm, name: &str) -> R<()> {
    if vm.interp().threads.len() < 2 {
        return Ok(());
    }
    let text = format!(
        "This process (pid={}) is multi-threaded, use of {name}() may lead to deadlocks in the child.",
        host::id()
    );
    vm.warn(&exc::DEPRECATION_WARNING, &text, 1)
}

fn do_fork(vm: &Vm, name: &str) -> R<i32> {
    before(vm, TOO_LATE)?;
    // SAFETY: this thread holds the interpreter's lock and, by `forked`, that lock's inner one.
    match forked(vm, || unsafe { host::fork() }) {
        Ok(0) => Ok(0),
        Ok(pid) => {
            warn_of_threads(vm, name)?;
            Ok(pid)
        }
        Err(e) => Err(vm.os_error(e.0, None)),
    }
}

/// Fork a child process. Return 0 to child process and PID of child to parent process.
#[function]
pub fn fork(vm: &Vm) -> R<i32> {
    crate::util::audit(vm, "os.fork", &[])?;
    check_allowed(vm)?;
    do_fork(vm, "fork")
}

/// Fork a new process with a new pseudo-terminal as controlling tty.
///
/// Returns a tuple of (pid, master_fd). Like fork(), return pid of 0 to the child process, and pid of child to the
/// parent process. To both, return fd of newly opened pseudo-terminal.
#[function]
pub fn forkpty(vm: &Vm) -> R {
    crate::util::audit(vm, "os.forkpty", &[])?;
    check_allowed(vm)?;
    let (master, slave) = taipan_host::terminal::open_pair().map_err(|e| vm.os_error(e.0, None))?;
    before(vm, TOO_LATE)?;
    // SAFETY: as in `do_fork`.
    let r = forked(vm, || {
        let pid = unsafe { host::fork() }?;
        if pid == 0 {
            let _ = taipan_host::fd::close(master);
            taipan_host::terminal::login(slave)?;
        }
        Ok(pid)
    });
    match r {
        Ok(0) => Ok(tuple::from_array([Value::small(0), Value::small(-1)]).into_value()),
        Ok(pid) => {
            let _ = taipan_host::fd::close(slave);
            warn_of_threads(vm, "forkpty")?;
            Ok(tuple::from_array([Value::from(pid), Value::from(master)]).into_value())
        }
        Err(e) => {
            let _ = taipan_host::fd::close(master);
            let _ = taipan_host::fd::close(slave);
            Err(vm.os_error(e.0, None))
        }
    }
}
