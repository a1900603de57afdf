//! `posix_spawn`, `exec` and the shell: starting programs.

use std::ffi::CString;

use taipan_host::spawn::{FileAction, SpawnOptions};
use taipan_host::{process as host, system as sys};
use taipan_macros::function;
use taipan_runtime::core::{R, Value};
use taipan_runtime::types::int;
use taipan_runtime::types::list::List;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::vm::Vm;

use super::paths::{PathArg, path_arg};
use super::stat::failed;

/// The arguments of a program.
///
/// Raises TypeError for what is no list or tuple, ValueError without a first argument.
fn arguments(vm: &Vm, argv: &Value, name: &str) -> R<Vec<CString>> {
    if argv.downcast::<List>().is_none() && argv.downcast::<Tuple>().is_none() {
        let which = if name == "execv" { "execv() arg 2" } else { &format!("{name}: argv") };
        return Err(vm.type_error(format!("{which} must be a tuple or list")));
    }
    let items = vm.collect(argv)?;
    if items.is_empty() {
        let which = if name == "execv" { "execv() arg 2" } else { &format!("{name}: argv") };
        return Err(vm.value_error(format!("{which} must not be empty")));
    }
    let what = format!("{name}: argv");
    let list: Vec<CString> = items.iter().map(|a| path_arg(vm, a, &what, false).map(|p| p.path)).collect::<R<_>>()?;
    if list[0].is_empty() {
        let which = if name == "execv" { "execv() arg 2" } else { &format!("{name}: argv") };
        return Err(vm.value_error(format!("{which} first element cannot be empty")));
    }
    Ok(list)
}

/// An environment from a mapping.
///
/// Raises ValueError for a name with `=` in it.
fn environment(vm: &Vm, env: &Value, name: &str) -> R<Vec<CString>> {
    if env.ty().slots().getitem.is_none() {
        return Err(vm.type_error(format!("{name}: environment must be a mapping object")));
    }
    let keys = vm.call_method(env, "keys", &[])?;
    let keys = vm.collect(&keys)?;
    let values = vm.call_method(env, "values", &[])?;
    let values = vm.collect(&values)?;
    let mut out = Vec::new();
    for (k, v) in keys.iter().zip(&values) {
        let k = path_arg(vm, k, &format!("{name}: env"), false)?.path;
        let v = path_arg(vm, v, &format!("{name}: env"), false)?.path;
        // A name may begin with the sign, as Windows's do.
        if k.as_bytes().is_empty() || k.as_bytes()[1..].contains(&b'=') || k.as_bytes() == b"=" {
            return Err(vm.value_error("illegal environment variable name"));
        }
        let line = [k.as_bytes(), b"=", v.as_bytes()].concat();
        out.push(CString::new(line).map_err(|_| vm.value_error("embedded null byte"))?);
    }
    Ok(out)
}

/// Raises RuntimeError in interpreters that may not execute other programs in their process.
fn check_exec_allowed(vm: &Vm) -> R<()> {
    if vm.interp().member.features.allow_exec {
        return Ok(());
    }
    Err(vm.runtime_error("exec not supported for isolated subinterpreters"))
}

/// Execute an executable path with arguments, replacing current process.
#[function(sig = "(path, argv, /)")]
pub fn execv(vm: &Vm, path: &Value, argv: &Value) -> R<()> {
    check_exec_allowed(vm)?;
    let p = path_arg(vm, path, "execv: path", false)?;
    let args = arguments(vm, argv, "execv")?;
    crate::util::audit(vm, "os.exec", &[p.object.clone(), argv.clone(), Value::NONE])?;
    let e = host::execute(&p.path, &args, None);
    Err(vm.os_error(e.0, None))
}

/// Execute an executable path with arguments and environment, replacing current process.
#[function(sig = "(path, argv, env)")]
pub fn execve(vm: &Vm, path: &Value, argv: &Value, env: &Value) -> R<()> {
    check_exec_allowed(vm)?;
    let p = path_arg(vm, path, "execve: path", true)?;
    let args = arguments(vm, argv, "execve")?;
    let env_list = environment(vm, env, "execve")?;
    crate::util::audit(vm, "os.exec", &[p.object.clone(), argv.clone(), env.clone()])?;
    let e = match p.fd {
        Some(fd) => host::execute_descriptor(fd, &args, &env_list),
        None => host::execute(&p.path, &args, Some(&env_list)),
    };
    Err(failed(vm, e, &p))
}

/// Execute the command in a subshell.
#[function(sig = "(command)")]
pub fn system(vm: &Vm, command: &Value) -> R<i32> {
    let p = path_arg(vm, command, "system: command", false)?;
    crate::util::audit(vm, "os.system", &[p.object.clone()])?;
    let path = &p.path;
    vm.allow_threads(|| sys::shell(path)).map_err(|e| vm.os_error(e.0, None))
}

fn int_item(vm: &Vm, v: &Value) -> R<i32> {
    let n = int::to_i64(vm, v)?;
    i32::try_from(n).map_err(|_| vm.overflow_error("Python int too large to convert to C int"))
}

fn file_actions(vm: &Vm, v: &Value) -> R<Vec<FileAction>> {
    let mut out = Vec::new();
    for item in vm.collect(v)? {
        let parts = match item.downcast::<Tuple>() {
            Some(t) if !t.is_empty() => t.as_slice().to_vec(),
            _ => return Err(vm.type_error("Each file_actions element must be a non-empty tuple")),
        };
        match int_item(vm, &parts[0])? {
            0 => match &parts[1..] {
                [fd, path, flags, mode] => out.push(FileAction::Open {
                    fd: int_item(vm, fd)?,
                    path: path_arg(vm, path, "posix_spawn: path", false)?.path,
                    flags: int_item(vm, flags)?,
                    mode: int::to_i64(vm, mode)? as u32,
                }),
                _ => return Err(vm.type_error("A open file_action tuple must have 5 elements")),
            },
            1 => match &parts[1..] {
                [fd] => out.push(FileAction::Close(int_item(vm, fd)?)),
                _ => return Err(vm.type_error("A close file_action tuple must have 2 elements")),
            },
            2 => match &parts[1..] {
                [from, to] => out.push(FileAction::Dup2(int_item(vm, from)?, int_item(vm, to)?)),
                _ => return Err(vm.type_error("A dup2 file_action tuple must have 3 elements")),
            },
            3 => match &parts[1..] {
                [from] => {
                    let from = int_item(vm, from)?;
                    let most = taipan_host::process::limit(libc::RLIMIT_NOFILE as i32).map_or(1024, |l| l.0.min(1 << 16));
                    // What is open now is all that there can be to close.
                    for fd in from..most as i32 {
                        if taipan_host::fd::inheritable(fd).is_ok() {
                            out.push(FileAction::Close(fd));
                        }
                    }
                }
                _ => return Err(vm.type_error("A closefrom file_action tuple must have 2 elements")),
            },
            _ => return Err(vm.type_error("Unknown file_actions identifier")),
        }
    }
    Ok(out)
}

fn signals(vm: &Vm, v: &Value) -> R<Option<Vec<i32>>> {
    Ok(Some(crate::signal::signals(vm, v)?).filter(|s| !s.is_empty()))
}

#[expect(clippy::too_many_arguments, reason = "as many as the Python function")]
fn spawn(
    vm: &Vm,
    name: &str,
    search: bool,
    path: &Value,
    argv: &Value,
    env: &Value,
    actions: Option<&Value>,
    group: Option<&Value>,
    reset_ids: bool,
    new_session: bool,
    mask: Option<&Value>,
    defaults: Option<&Value>,
    scheduler: Option<&Value>,
) -> R<i32> {
    let p: PathArg = path_arg(vm, path, &format!("{name}: path"), false)?;
    let args = arguments(vm, argv, name)?;
    let env_list = if env.is_none() { None } else { Some(environment(vm, env, name)?) };
    let mut options = SpawnOptions {
        reset_ids,
        new_session,
        group: group.map(|g| int_item(vm, g)).transpose()?,
        actions: actions.filter(|a| !a.is_none()).map_or(Ok(Vec::new()), |a| file_actions(vm, a))?,
        ..SpawnOptions::default()
    };
    if let Some(mask) = mask {
        options.mask = signals(vm, mask)?;
    }
    if let Some(defaults) = defaults {
        options.defaults = signals(vm, defaults)?;
    }
    if let Some(s) = scheduler.filter(|s| !s.is_none()) {
        let parts = s.downcast::<Tuple>().map(|t| t.as_slice());
        let Some([policy, param]) = parts else {
            return Err(vm.type_error("A scheduler tuple must have two elements"));
        };
        let policy = if policy.is_none() { None } else { Some(int_item(vm, policy)?) };
        options.scheduler = Some((policy, super::sched::priority(vm, param)?));
    }
    crate::util::audit(vm, "os.posix_spawn", &[p.object.clone(), argv.clone(), env.clone()])?;
    let path = &p.path;
    let r = vm.allow_threads(|| taipan_host::spawn::spawn(path, search, &args, env_list.as_deref(), &options));
    r.map_err(|e| failed(vm, e, &p))
}

/// Execute the program specified by path in a new process.
#[function(sig = "(path, argv, env, /, *, file_actions=(), setpgroup=<unrepresentable>, resetids=False, setsid=False, setsigmask=(), setsigdef=(), scheduler=<unrepresentable>)")]
pub fn posix_spawn(
    vm: &Vm,
    path: &Value,
    argv: &Value,
    env: &Value,
    file_actions: Option<&Value>,
    setpgroup: Option<&Value>,
    resetids: bool,
    setsid: bool,
    setsigmask: Option<&Value>,
    setsigdef: Option<&Value>,
    scheduler: Option<&Value>,
) -> R<i32> {
    spawn(
        vm, "posix_spawn", false, path, argv, env, file_actions, setpgroup, resetids, setsid, setsigmask, setsigdef, scheduler,
    )
}

/// Execute the program specified by path in a new process; it is looked for in PATH.
#[function(sig = "(path, argv, env, /, *, file_actions=(), setpgroup=<unrepresentable>, resetids=False, setsid=False, setsigmask=(), setsigdef=(), scheduler=<unrepresentable>)")]
pub fn posix_spawnp(
    vm: &Vm,
    path: &Value,
    argv: &Value,
    env: &Value,
    file_actions: Option<&Value>,
    setpgroup: Option<&Value>,
    resetids: bool,
    setsid: bool,
    setsigmask: Option<&Value>,
    setsigdef: Option<&Value>,
    scheduler: Option<&Value>,
) -> R<i32> {
    spawn(
        vm, "posix_spawnp", true, path, argv, env, file_actions, setpgroup, resetids, setsid, setsigmask, setsigdef, scheduler,
    )
}
