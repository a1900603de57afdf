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
use taipan_runtime::types::{float, int};
use taipan_runtime::vm::Vm;

use super::paths::{PathArg, path_arg};

static STAT: Spec = Spec {
    name: "os.stat_result",
    doc: "stat_result: Result from stat, fstat, or lstat.",
    fields: &[
        ("st_mode", ""), ("st_ino", ""), ("st_dev", ""), ("st_nlink", ""), ("st_uid", ""), ("st_gid", ""), ("st_size", ""),
        ("", ""), ("", ""), ("", ""), ("st_atime", ""), ("st_mtime", ""), ("st_ctime", ""), ("st_atime_ns", ""),
        ("st_mtime_ns", ""), ("st_ctime_ns", ""), ("st_blksize", ""), ("st_blocks", ""), ("st_rdev", ""),
    ],
    visible: 10,
    instantiable: true,
};

static STATVFS: Spec = Spec {
    name: "os.statvfs_result",
    doc: "statvfs_result: Result from statvfs or fstatvfs.",
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
    let fraction = |n: i128| Value::from(n as f64 * 1e-9);
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

pub(super) fn dir_fd(vm: &Vm, v: Nullable<&Value>) -> R<i32> {
    match v.0 {
        None => Ok(AT_CURRENT),
        Some(v) if int::get(v).is_none() && v.ty().slots().index.is_none() => {
            Err(vm.type_error(format!("argument should be integer or None, not {}", v.ty().tp_name())))
        }
        Some(v) => Ok(int::to_i64(vm, v)? as i32),
    }
}

fn do_stat(vm: &Vm, name: &str, path: &Value, dir: i32, follow: bool) -> R {
    let p = path_arg(vm, path, &format!("{name}: path"), name == "stat")?;
    let r = match p.fd {
        Some(fd) => {
            if dir != AT_CURRENT {
                return Err(vm.value_error(format!("{name}: can't specify dir_fd without matching path")));
            }
            if !follow {
                return Err(vm.value_error(format!("{name}: cannot use fd and follow_symlinks together")));
            }
            vm.allow_threads(|| fs::stat_descriptor(fd))
        }
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
pub fn stat(vm: &Vm, path: &Value, dir_fd: Nullable<&Value>, follow_symlinks: Option<bool>) -> R {
    let dir = self::dir_fd(vm, dir_fd)?;
    do_stat(vm, "stat", path, dir, follow_symlinks.unwrap_or(true))
}

/// Perform a stat system call on the given path, without following symbolic links.
#[function(sig = "(path, *, dir_fd=None)")]
pub fn lstat(vm: &Vm, path: &Value, dir_fd: Nullable<&Value>) -> R {
    let dir = self::dir_fd(vm, dir_fd)?;
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
pub fn access(vm: &Vm, path: &Value, mode: i32, dir_fd: Nullable<&Value>, effective_ids: Option<bool>, follow_symlinks: Option<bool>) -> R<bool> {
    let p = path_arg(vm, path, "access: path", false)?;
    let dir = self::dir_fd(vm, dir_fd)?;
    Ok(fs::access(dir, &p.path, mode, effective_ids.unwrap_or(false), follow_symlinks.unwrap_or(true)).is_ok())
}

/// Change the access permissions of a file.
#[function(sig = "(path, mode, *, dir_fd=None, follow_symlinks=True)")]
pub fn chmod(vm: &Vm, path: &Value, mode: i64, dir_fd: Nullable<&Value>, follow_symlinks: Option<bool>) -> R<()> {
    let p = path_arg(vm, path, "chmod: path", true)?;
    let dir = self::dir_fd(vm, dir_fd)?;
    match p.fd {
        Some(fd) => fs::chmod_descriptor(fd, mode as u32),
        None => fs::chmod(dir, &p.path, mode as u32, follow_symlinks.unwrap_or(true)),
    }
    .map_err(|e| failed(vm, e, &p))
}

/// Change the access permissions of the file given by file descriptor fd.
#[function(sig = "(fd, mode)")]
pub fn fchmod(vm: &Vm, fd: i32, mode: i64) -> R<()> {
    fs::chmod_descriptor(fd, mode as u32).map_err(|e| vm.os_error(e.0, None))
}

/// Change the access permissions of a file, without following symbolic links.
#[function(sig = "(path, mode)")]
pub fn lchmod(vm: &Vm, path: &Value, mode: i64) -> R<()> {
    let p = path_arg(vm, path, "lchmod: path", false)?;
    fs::chmod(AT_CURRENT, &p.path, mode as u32, false).map_err(|e| failed(vm, e, &p))
}

fn id(vm: &Vm, n: i64, what: &str) -> R<u32> {
    if n == -1 {
        return Ok(u32::MAX);
    }
    u32::try_from(n).map_err(|_| vm.overflow_error(format!("{what} is {}", if n < 0 { "less than minimum" } else { "greater than maximum" })))
}

/// Change the owner and group id of path to the numeric uid and gid.
#[function(sig = "(path, uid, gid, *, dir_fd=None, follow_symlinks=True)")]
pub fn chown(vm: &Vm, path: &Value, uid: i64, gid: i64, dir_fd: Nullable<&Value>, follow_symlinks: Option<bool>) -> R<()> {
    let p = path_arg(vm, path, "chown: path", true)?;
    let dir = self::dir_fd(vm, dir_fd)?;
    let (u, g) = (id(vm, uid, "uid")?, id(vm, gid, "gid")?);
    match p.fd {
        Some(fd) => fs::chown_descriptor(fd, u, g),
        None => fs::chown(dir, &p.path, u, g, follow_symlinks.unwrap_or(true)),
    }
    .map_err(|e| failed(vm, e, &p))
}

/// Change the owner and group id of the file specified by file descriptor.
#[function(sig = "(fd, uid, gid)")]
pub fn fchown(vm: &Vm, fd: i32, uid: i64, gid: i64) -> R<()> {
    fs::chown_descriptor(fd, id(vm, uid, "uid")?, id(vm, gid, "gid")?).map_err(|e| vm.os_error(e.0, None))
}

/// Change the owner and group id of path, without following symbolic links.
#[function(sig = "(path, uid, gid)")]
pub fn lchown(vm: &Vm, path: &Value, uid: i64, gid: i64) -> R<()> {
    let p = path_arg(vm, path, "lchown: path", false)?;
    fs::chown(AT_CURRENT, &p.path, id(vm, uid, "uid")?, id(vm, gid, "gid")?, false).map_err(|e| failed(vm, e, &p))
}

fn pair<'a>(vm: &Vm, v: &'a Value, what: &str) -> R<&'a [Value; 2]> {
    match v.downcast::<Tuple>().and_then(|t| t.as_slice().try_into().ok()) {
        Some(p) => Ok(p),
        None => Err(vm.type_error(format!("utime: '{what}' must be either a tuple of two ints or None"))),
    }
}

/// Set the access and modified time of path.
#[function(sig = "(path, times=None, *, ns=None, dir_fd=None, follow_symlinks=True)")]
pub fn utime(vm: &Vm, path: &Value, times: Nullable<&Value>, ns: Option<&Value>, dir_fd: Nullable<&Value>, follow_symlinks: Option<bool>) -> R<()> {
    let p = path_arg(vm, path, "utime: path", true)?;
    let dir = self::dir_fd(vm, dir_fd)?;
    let at = |n: i128| FileTime::At { seconds: n.div_euclid(1_000_000_000) as i64, nanoseconds: n.rem_euclid(1_000_000_000) as i64 };
    let (a, m) = match (times.0, ns) {
        (Some(_), Some(_)) => return Err(vm.value_error("utime: you may specify either 'times' or 'ns' but not both")),
        (None, None) => (FileTime::Now, FileTime::Now),
        (Some(t), None) => {
            let [a, m] = pair(vm, t, "times")?;
            let convert = |v: &Value| -> R<i128> {
                if let Some(x) = float::get(v) {
                    if !x.is_finite() || x.abs() > 1e12 {
                        return Err(vm.overflow_error("timestamp out of range for platform time_t"));
                    }
                    let whole = x.floor();
                    return Ok(whole as i128 * 1_000_000_000 + ((x - whole) * 1e9).floor() as i128);
                }
                Ok(i128::from(int::to_i64(vm, v)?) * 1_000_000_000)
            };
            (at(convert(a)?), at(convert(m)?))
        }
        (None, Some(n)) => {
            let [a, m] = match n.downcast::<Tuple>().and_then(|t| <&[Value; 2]>::try_from(t.as_slice()).ok()) {
                Some(p) => p,
                None => return Err(vm.type_error("utime: 'ns' must be a tuple of two ints")),
            };
            let billion = Value::from(1_000_000_000i64);
            let convert = |v: &Value| -> R<i128> {
                let q = vm.binary(v, &billion, BinOp::FloorDiv)?;
                let r = vm.binary(v, &billion, BinOp::Mod)?;
                Ok(i128::from(int::to_i64(vm, &q)?) * 1_000_000_000 + i128::from(int::to_i64(vm, &r)?))
            };
            (at(convert(a)?), at(convert(m)?))
        }
    };
    match p.fd {
        Some(fd) => fs::set_times_descriptor(fd, a, m),
        None => fs::set_times(dir, &p.path, a, m, follow_symlinks.unwrap_or(true)),
    }
    .map_err(|e| failed(vm, e, &p))
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
pub fn umask(_vm: &Vm, mask: i64) -> u32 {
    fs::umask(mask as u32)
}
