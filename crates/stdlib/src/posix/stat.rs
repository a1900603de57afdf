//! What the system knows of a file.

use taipan_host::fs::{self, FileTime};
use taipan_host::{AT_CURRENT, Errno};
use taipan_macros::function;
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::native::Nullable;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::structseq::{self, Spec};
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::types::type_::BinOp;
use taipan_runtime::types::int;
use taipan_runtime::vm::Vm;

use super::ids::id;
use super::paths::{self, PathArg, path_arg};
use crate::timearg::{self, Round};
use crate::util::audit;

static STAT: Spec = Spec {
    name: "os.stat_result",
    doc: "stat_result: Result from stat, fstat, or lstat.\n\nThis object may be accessed either as a tuple of\n  (mode, ino, dev, nlink, uid, gid, size, atime, mtime, ctime)\nor via the attributes st_mode, st_ino, st_dev, st_nlink, st_uid, and so on.\n\nPosix/windows: If your platform supports st_blksize, st_blocks, st_rdev,\nor st_flags, they are available as attributes only.\n\nSee os.stat for more information.",
    fields: &[
        ("st_mode", "protection bits"),
        ("st_ino", "inode"),
        ("st_dev", "device"),
        ("st_nlink", "number of hard links"),
        ("st_uid", "user ID of owner"),
        ("st_gid", "group ID of owner"),
        ("st_size", "total size, in bytes"),
        ("", "integer time of last access"),
        ("", "integer time of last modification"),
        ("", "integer time of last change"),
        ("st_atime", "time of last access"),
        ("st_mtime", "time of last modification"),
        ("st_ctime", "time of last change"),
        ("st_atime_ns", "time of last access in nanoseconds"),
        ("st_mtime_ns", "time of last modification in nanoseconds"),
        ("st_ctime_ns", "time of last change in nanoseconds"),
        ("st_blksize", "blocksize for filesystem I/O"),
        ("st_blocks", "number of blocks allocated"),
        ("st_rdev", "device type (if inode device)"),
    ],
    visible: 10,
    instantiable: true,
};

static STATVFS: Spec = Spec {
    name: "os.statvfs_result",
    doc: "statvfs_result: Result from statvfs or fstatvfs.\n\nThis object may be accessed either as a tuple of\n  (bsize, frsize, blocks, bfree, bavail, files, ffree, favail, flag, namemax),\nor via the attributes f_bsize, f_frsize, f_blocks, f_bfree, and so on.\n\nSee os.statvfs for more information.",
    fields: &[
        ("f_bsize", ""), ("f_frsize", ""), ("f_blocks", ""), ("f_bfree", ""), ("f_bavail", ""), ("f_files", ""), ("f_ffree", ""),
        ("f_favail", ""), ("f_flag", ""), ("f_namemax", ""), ("f_fsid", ""),
    ],
    visible: 10,
    instantiable: true,
};

pub(super) fn add_types(vm: &Vm, m: &Ref<Module>) -> R<()> {
    m.set("stat_result", stat_type(vm)?);
    m.set("statvfs_result", vm.interp_static("os.statvfs_result", |vm| structseq::new_type(vm, &STATVFS))?);
    Ok(())
}

fn stat_type(vm: &Vm) -> R {
    vm.interp_static("os.stat_result", |vm| structseq::new_type(vm, &STAT))
}

/// Nanoseconds as an int.
fn nanoseconds(n: i128) -> Value {
    i64::try_from(n).map_or_else(|_| int::from_big(n.into()), Value::from)
}

/// A `stat_result`.
pub fn stat_result(vm: &Vm, s: &fs::Stat) -> R {
    let seconds = |n: i128| Value::from(n.div_euclid(1_000_000_000) as i64);
    // The sum keeps whole seconds exact.
    let fraction = |n: i128| {
        Value::from(n.div_euclid(1_000_000_000) as f64 + 1e-9 * n.rem_euclid(1_000_000_000) as f64)
    };
    structseq::new_instance(vm, &stat_type(vm)?, vec![
        Value::from(s.mode), Value::from(s.inode), Value::from(s.device), Value::from(s.links), Value::from(s.uid), Value::from(s.gid),
        Value::from(s.size), seconds(s.accessed), seconds(s.modified), seconds(s.changed), fraction(s.accessed),
        fraction(s.modified), fraction(s.changed), nanoseconds(s.accessed), nanoseconds(s.modified), nanoseconds(s.changed),
        Value::from(s.block_size), Value::from(s.blocks), Value::from(s.special_device),
    ])
}

/// The OSError for a path.
pub(super) fn failed(vm: &Vm, e: Errno, p: &PathArg) -> taipan_runtime::core::Raised {
    vm.os_error(e.0, Some(&p.object))
}

/// What `stat` and `lstat` do.
fn do_stat(vm: &Vm, name: &str, path: &Value, dir: i32, follow: bool) -> R {
    let p = path_arg(vm, path, &format!("{name}: path"), name == "stat")?;
    let r = match p.fd {
        Some(_) if dir != AT_CURRENT => {
            return Err(vm.value_error(format!("{name}: can't specify dir_fd without matching path")));
        }
        Some(_) if !follow => {
            return Err(vm.value_error(format!("{name}: cannot use fd and follow_symlinks together")));
        }
        Some(fd) => vm.allow_threads(|| fs::stat_descriptor(fd)),
        None => {
            let path = &p.path;
            vm.allow_threads(|| fs::stat(dir, path, follow))
        }
    };
    match r {
        Ok(s) => stat_result(vm, &s),
        Err(e) => Err(failed(vm, e, &p)),
    }
}

/// Perform a stat system call on the given path.
#[function(sig = "(path, *, dir_fd=None, follow_symlinks=True)")]
pub fn stat(vm: &Vm, path: &Value, dir_fd: Nullable<&Value>, follow_symlinks: bool) -> R {
    let dir = paths::dir_fd(vm, dir_fd)?;
    do_stat(vm, "stat", path, dir, follow_symlinks)
}

/// Perform a stat system call on the given path, without following symbolic links.
#[function(sig = "(path, *, dir_fd=None)")]
pub fn lstat(vm: &Vm, path: &Value, dir_fd: Nullable<&Value>) -> R {
    let dir = paths::dir_fd(vm, dir_fd)?;
    do_stat(vm, "lstat", path, dir, false)
}

/// Perform a stat system call on the given file descriptor.
#[function(sig = "(fd)")]
pub fn fstat(vm: &Vm, fd: i32) -> R {
    match vm.allow_threads(|| fs::stat_descriptor(fd)) {
        Ok(s) => stat_result(vm, &s),
        Err(e) => Err(vm.os_error(e.0, None)),
    }
}

/// Use the real uid/gid to test for access to a path.
#[function(sig = "(path, mode, *, dir_fd=None, effective_ids=False, follow_symlinks=True)")]
pub fn access(vm: &Vm, path: &Value, mode: i32, dir_fd: Nullable<&Value>, effective_ids: bool, follow_symlinks: bool) -> R<bool> {
    let p = path_arg(vm, path, "access: path", false)?;
    let dir = paths::dir_fd(vm, dir_fd)?;
    let path = &p.path;
    Ok(vm.allow_threads(|| fs::access(dir, path, mode, effective_ids, follow_symlinks)).is_ok())
}

/// What functions with a path or a descriptor do: the call without the interpreter's lock.
fn change(vm: &Vm, p: &PathArg, call: impl FnOnce() -> Result<(), Errno> + Send) -> R<()> {
    vm.allow_threads(call).map_err(|e| failed(vm, e, p))
}

/// What is missing here on some systems.
fn no_follow(vm: &Vm, name: &str) -> taipan_runtime::core::Raised {
    vm.not_implemented_error(format!("{name}: follow_symlinks unavailable on this platform"))
}

/// Change the access permissions of a file.
#[function(sig = "(path, mode, *, dir_fd=None, follow_symlinks=True)")]
pub fn chmod(vm: &Vm, path: &Value, mode: i32, dir_fd: Nullable<&Value>, follow_symlinks: bool) -> R<()> {
    let p = path_arg(vm, path, "chmod: path", true)?;
    let shown_dir = dir_fd.0.cloned().unwrap_or(Value::small(-1));
    let dir = paths::dir_fd(vm, dir_fd)?;
    audit(vm, "os.chmod", &[p.object.clone(), Value::from(mode), shown_dir])?;
    let (mode, path) = (mode as u32, &p.path);
    match p.fd {
        Some(fd) => change(vm, &p, || fs::chmod_descriptor(fd, mode)),
        None => match vm.allow_threads(|| fs::chmod(dir, path, mode, follow_symlinks)) {
            Err(e) if e.0 == libc::EOPNOTSUPP && !follow_symlinks => Err(no_follow(vm, "chmod")),
            r => r.map_err(|e| failed(vm, e, &p)),
        },
    }
}

/// Change the access permissions of the file given by file descriptor fd.
#[function(sig = "(fd, mode)")]
pub fn fchmod(vm: &Vm, fd: i32, mode: i32) -> R<()> {
    audit(vm, "os.chmod", &[Value::from(fd), Value::from(mode), Value::small(-1)])?;
    super::files::retry(vm, || fs::chmod_descriptor(fd, mode as u32))
}

/// Change the owner and group id of path to the numeric uid and gid.
#[function(sig = "(path, uid, gid, *, dir_fd=None, follow_symlinks=True)")]
pub fn chown(vm: &Vm, path: &Value, uid: &Value, gid: &Value, dir_fd: Nullable<&Value>, follow_symlinks: bool) -> R<()> {
    let p = path_arg(vm, path, "chown: path", true)?;
    let shown_dir = dir_fd.0.cloned().unwrap_or(Value::small(-1));
    let (u, g) = (id(vm, uid, "uid")?, id(vm, gid, "gid")?);
    let dir = paths::dir_fd(vm, dir_fd)?;
    if p.fd.is_some() && dir != AT_CURRENT {
        return Err(vm.value_error("chown: can't specify dir_fd without matching path"));
    }
    if p.fd.is_some() && !follow_symlinks {
        return Err(vm.value_error("chown: cannot use fd and follow_symlinks together"));
    }
    audit(vm, "os.chown", &[p.object.clone(), uid.clone(), gid.clone(), shown_dir])?;
    let path = &p.path;
    match p.fd {
        Some(fd) => change(vm, &p, || fs::chown_descriptor(fd, u, g)),
        None => change(vm, &p, || fs::chown(dir, path, u, g, follow_symlinks)),
    }
}

/// Change the owner and group id of the file specified by file descriptor.
#[function(sig = "(fd, uid, gid)")]
pub fn fchown(vm: &Vm, fd: i32, uid: &Value, gid: &Value) -> R<()> {
    let (u, g) = (id(vm, uid, "uid")?, id(vm, gid, "gid")?);
    audit(vm, "os.chown", &[Value::from(fd), uid.clone(), gid.clone(), Value::small(-1)])?;
    super::files::retry(vm, || fs::chown_descriptor(fd, u, g))
}

/// Change the owner and group id of path to the numeric uid and gid, without following symbolic links.
#[function(sig = "(path, uid, gid)")]
pub fn lchown(vm: &Vm, path: &Value, uid: &Value, gid: &Value) -> R<()> {
    let p = path_arg(vm, path, "lchown: path", false)?;
    let (u, g) = (id(vm, uid, "uid")?, id(vm, gid, "gid")?);
    audit(vm, "os.chown", &[p.object.clone(), uid.clone(), gid.clone(), Value::small(-1)])?;
    let path = &p.path;
    change(vm, &p, || fs::chown(AT_CURRENT, path, u, g, false))
}

fn two(v: &Value) -> Option<&[Value; 2]> {
    v.downcast_exact::<Tuple>().and_then(|t| t.as_slice().try_into().ok())
}

/// Nanoseconds as a time.
fn whole_nanoseconds(vm: &Vm, v: &Value) -> R<FileTime> {
    let billion = Value::from(1_000_000_000i64);
    let parts = vm.binary(v, &billion, BinOp::DivMod)?;
    let Some([seconds, nanoseconds]) = two(&parts) else {
        let (given, got) = (v.ty().tp_name(), parts.ty().tp_name());
        return Err(vm.type_error(format!("{given}.__divmod__() must return a 2-tuple, not {got}")));
    };
    Ok(FileTime::At { seconds: int::to_i64(vm, seconds)?, nanoseconds: int::to_i64(vm, nanoseconds)? })
}

fn seconds(vm: &Vm, v: &Value) -> R<FileTime> {
    let (seconds, nanoseconds) = timearg::timespec(vm, v, Round::Floor)?;
    Ok(FileTime::At { seconds, nanoseconds })
}

/// Set the access and modified time of path.
#[function(sig = "(path, times=None, *, ns=<unrepresentable>, dir_fd=None, follow_symlinks=True)")]
pub fn utime(
    vm: &Vm,
    path: &Value,
    times: Nullable<&Value>,
    ns: Option<&Value>,
    dir_fd: Nullable<&Value>,
    follow_symlinks: bool,
) -> R<()> {
    let p = path_arg(vm, path, "utime: path", true)?;
    let shown_dir = dir_fd.0.cloned().unwrap_or(Value::small(-1));
    let dir = paths::dir_fd(vm, dir_fd)?;
    let shown = [times.0, ns].map(|v| v.cloned().unwrap_or(Value::NONE));
    let (a, m) = match (times.0, ns) {
        (Some(_), Some(_)) => {
            return Err(vm.value_error("utime: you may specify either 'times' or 'ns' but not both"));
        }
        (None, None) => (FileTime::Now, FileTime::Now),
        (Some(t), None) => match two(t) {
            Some([a, m]) => (seconds(vm, a)?, seconds(vm, m)?),
            None => return Err(vm.type_error("utime: 'times' must be either a tuple of two ints or None")),
        },
        (None, Some(n)) => match two(n) {
            Some([a, m]) => (whole_nanoseconds(vm, a)?, whole_nanoseconds(vm, m)?),
            None => return Err(vm.type_error("utime: 'ns' must be a tuple of two ints")),
        },
    };
    if p.fd.is_some() && dir != AT_CURRENT {
        return Err(vm.value_error("utime: can't specify dir_fd without matching path"));
    }
    if p.fd.is_some() && !follow_symlinks {
        return Err(vm.value_error("utime: cannot use fd and follow_symlinks together"));
    }
    let [shown_times, shown_ns] = shown;
    audit(vm, "os.utime", &[p.object.clone(), shown_times, shown_ns, shown_dir])?;
    let path = &p.path;
    match p.fd {
        Some(fd) => change(vm, &p, || fs::set_times_descriptor(fd, a, m)),
        None => change(vm, &p, || fs::set_times(dir, path, a, m, follow_symlinks)),
    }
}

fn vfs(vm: &Vm, f: &fs::FileSystem) -> R {
    let ty = vm.interp_static("os.statvfs_result", |vm| structseq::new_type(vm, &STATVFS))?;
    let n = [
        f.block_size, f.fragment_size, f.blocks, f.free_blocks, f.available_blocks, f.inodes, f.free_inodes, f.available_inodes,
        f.flags, f.name_max, f.id,
    ];
    structseq::new_instance(vm, &ty, n.into_iter().map(Value::from).collect())
}

/// Perform a statvfs system call on the given path.
#[function(sig = "(path)")]
pub fn statvfs(vm: &Vm, path: &Value) -> R {
    let p = path_arg(vm, path, "statvfs: path", true)?;
    let r = match p.fd {
        Some(fd) => fs::stat_file_system_descriptor(fd),
        None => fs::stat_file_system(&p.path),
    };
    match r {
        Ok(f) => vfs(vm, &f),
        Err(e) => Err(failed(vm, e, &p)),
    }
}

/// Perform an fstatvfs system call on the given fd.
#[function(sig = "(fd)")]
pub fn fstatvfs(vm: &Vm, fd: i32) -> R {
    match fs::stat_file_system_descriptor(fd) {
        Ok(f) => vfs(vm, &f),
        Err(e) => Err(vm.os_error(e.0, None)),
    }
}

/// Set the current numeric umask and return the previous umask.
#[function(sig = "(mask)")]
pub fn umask(_vm: &Vm, mask: i32) -> u32 {
    fs::umask(mask as u32)
}
