//! Directories and names.

use std::ffi::CStr;

use taipan_host::{Errno, fs};
use taipan_macros::function;
use taipan_runtime::core::{R, Raised, Value};
use taipan_runtime::native::Nullable;
use taipan_runtime::types::{bytes, exceptions as exc, int, str};
use taipan_runtime::vm::Vm;

use super::paths::{PathArg, decode, dir_fd, path_arg};
use super::stat::failed;
use crate::util::audit;

macro_rules! simple {
    ($(#[$doc:meta])* $name:ident $sig:literal ($($arg:ident: $ty:ty),*) $event:literal, |$path:ident, $dir:ident| $body:expr) => {
        $(#[$doc])*
        #[function(sig = $sig)]
        pub fn $name(vm: &Vm, path: &Value $(, $arg: $ty)*, dir_fd: Nullable<&Value>) -> R<()> {
            let p = path_arg(vm, path, concat!(stringify!($name), ": path"), false)?;
            let shown_dir = dir_fd.0.cloned().unwrap_or(Value::small(-1));
            let $dir = self::dir_fd(vm, dir_fd)?;
            audit(vm, $event, &[p.object.clone(), $(Value::from($arg),)* shown_dir])?;
            let $path = &p.path;
            vm.allow_threads(|| $body).map_err(|e| failed(vm, e, &p))
        }
    };
}

simple!(
    /// Create a directory.
    mkdir "(path, mode=511, *, dir_fd=None)" (mode: i32) "os.mkdir", |path, dir| fs::make_directory(dir, path, mode as u32)
);
simple!(
    /// Remove a directory.
    rmdir "(path, *, dir_fd=None)" () "os.rmdir", |path, dir| fs::remove_directory(dir, path)
);
simple!(
    /// Remove a file (same as remove()).
    unlink "(path, *, dir_fd=None)" () "os.remove", |path, dir| fs::unlink(dir, path)
);
simple!(
    /// Remove a file (same as unlink()).
    remove "(path, *, dir_fd=None)" () "os.remove", |path, dir| fs::unlink(dir, path)
);
simple!(
    /// Create a "fifo" (a POSIX named pipe).
    mkfifo "(path, mode=438, *, dir_fd=None)" (mode: i32) "os.mkfifo", |path, dir| fs::make_fifo(dir, path, mode as u32)
);
simple!(
    /// Create a node in the file system.
    mknod "(path, mode=384, device=0, *, dir_fd=None)" (mode: i32, device: u64) "os.mknod",
    |path, dir| fs::make_node(dir, path, mode as u32, device)
);

/// Change the current working directory to the specified path.
#[function(sig = "(path)")]
pub fn chdir(vm: &Vm, path: &Value) -> R<()> {
    let p = path_arg(vm, path, "chdir: path", true)?;
    audit(vm, "os.chdir", &[p.object.clone()])?;
    let path = &p.path;
    let r = match p.fd {
        Some(fd) => vm.allow_threads(|| fs::change_directory_descriptor(fd)),
        None => vm.allow_threads(|| fs::change_directory(path)),
    };
    r.map_err(|e| failed(vm, e, &p))
}

/// Change to the directory of the given file descriptor.
#[function(sig = "(fd)")]
pub fn fchdir(vm: &Vm, fd: &Value) -> R<()> {
    let fd = crate::util::file_descriptor(vm, fd)?;
    audit(vm, "os.chdir", &[Value::from(fd)])?;
    super::files::retry(vm, || fs::change_directory_descriptor(fd))
}

/// Change root directory to path.
#[function(sig = "(path)")]
pub fn chroot(vm: &Vm, path: &Value) -> R<()> {
    let p = path_arg(vm, path, "chroot: path", false)?;
    let path = &p.path;
    vm.allow_threads(|| fs::change_root(path)).map_err(|e| failed(vm, e, &p))
}

/// Return a unicode string representing the current working directory.
#[function]
pub fn getcwd(vm: &Vm) -> R {
    fs::current_directory().map(|p| decode(p.as_bytes())).map_err(|e| vm.os_error(e.0, None))
}

/// Return a bytes string representing the current working directory.
#[function]
pub fn getcwdb(vm: &Vm) -> R {
    fs::current_directory().map(|p| bytes::from_slice(p.as_bytes()).into_value()).map_err(|e| vm.os_error(e.0, None))
}

#[cold]
fn two_failed(vm: &Vm, e: Errno, a: &PathArg, b: &PathArg) -> Raised {
    let text = str::from_str(&e.message());
    vm.raise_new(exc::OS_ERROR.get(), vec![Value::from(e.0), text, a.object.clone(), Value::NONE, b.object.clone()])
}

/// A call with two paths, each with its directory.
struct Two {
    a: PathArg,
    b: PathArg,
    dirs: (i32, i32),
}

impl Two {
    fn new(vm: &Vm, name: &str, event: &str, src: &Value, dst: &Value, src_dir: Nullable<&Value>, dst_dir: Nullable<&Value>) -> R<Self> {
        let a = path_arg(vm, src, &format!("{name}: src"), false)?;
        let b = path_arg(vm, dst, &format!("{name}: dst"), false)?;
        let shown = |v: &Nullable<&Value>| v.0.cloned().unwrap_or(Value::small(-1));
        let args = [a.object.clone(), b.object.clone(), shown(&src_dir), shown(&dst_dir)];
        let dirs = (dir_fd(vm, src_dir)?, dir_fd(vm, dst_dir)?);
        audit(vm, event, &args)?;
        Ok(Self { a, b, dirs })
    }

    fn run(&self, vm: &Vm, call: impl FnOnce(i32, &CStr, i32, &CStr) -> Result<(), Errno> + Send) -> R<()> {
        let ((x, y), a, b) = (self.dirs, &*self.a.path, &*self.b.path);
        vm.allow_threads(|| call(x, a, y, b)).map_err(|e| two_failed(vm, e, &self.a, &self.b))
    }
}

/// Rename a file or directory.
#[function(sig = "(src, dst, *, src_dir_fd=None, dst_dir_fd=None)")]
pub fn rename(vm: &Vm, src: &Value, dst: &Value, src_dir_fd: Nullable<&Value>, dst_dir_fd: Nullable<&Value>) -> R<()> {
    Two::new(vm, "rename", "os.rename", src, dst, src_dir_fd, dst_dir_fd)?.run(vm, fs::rename)
}

/// Rename a file or directory, overwriting the destination.
#[function(sig = "(src, dst, *, src_dir_fd=None, dst_dir_fd=None)")]
pub fn replace(vm: &Vm, src: &Value, dst: &Value, src_dir_fd: Nullable<&Value>, dst_dir_fd: Nullable<&Value>) -> R<()> {
    Two::new(vm, "replace", "os.rename", src, dst, src_dir_fd, dst_dir_fd)?.run(vm, fs::rename)
}

/// Create a hard link to a file.
#[function(sig = "(src, dst, *, src_dir_fd=None, dst_dir_fd=None, follow_symlinks=True)")]
pub fn link(
    vm: &Vm,
    src: &Value,
    dst: &Value,
    src_dir_fd: Nullable<&Value>,
    dst_dir_fd: Nullable<&Value>,
    follow_symlinks: bool,
) -> R<()> {
    let two = Two::new(vm, "link", "os.link", src, dst, src_dir_fd, dst_dir_fd)?;
    two.run(vm, |x, a, y, b| fs::link(x, a, y, b, follow_symlinks))
}

/// Create a symbolic link pointing to src named dst.
#[function(sig = "(src, dst, target_is_directory=False, *, dir_fd=None)")]
pub fn symlink(vm: &Vm, src: &Value, dst: &Value, target_is_directory: bool, dir_fd: Nullable<&Value>) -> R<()> {
    let _ = target_is_directory;
    let two = Two::new(vm, "symlink", "os.symlink", src, dst, Nullable(None), dir_fd)?;
    two.run(vm, |_, a, y, b| fs::symlink(a, y, b))
}

/// Return a string representing the path to which the symbolic link points.
#[function(sig = "(path, *, dir_fd=None)")]
pub fn readlink(vm: &Vm, path: &Value, dir_fd: Nullable<&Value>) -> R {
    let p = path_arg(vm, path, "readlink: path", false)?;
    let dir = self::dir_fd(vm, dir_fd)?;
    let path = &p.path;
    match vm.allow_threads(|| fs::read_link(dir, path)) {
        Ok(t) => Ok(p.name(t.as_bytes())),
        Err(e) => Err(failed(vm, e, &p)),
    }
}

/// Truncate a file, specified by path, to a specific length.
///
/// On some platforms, path may also be specified as an open file descriptor.
#[function(sig = "(path, length)")]
pub fn truncate(vm: &Vm, path: &Value, length: i64) -> R<()> {
    let p = path_arg(vm, path, "truncate: path", true)?;
    audit(vm, "os.truncate", &[p.object.clone(), Value::from(length)])?;
    let path = &p.path;
    let r = match (p.fd, u64::try_from(length)) {
        (Some(fd), Ok(length)) => vm.allow_threads(|| taipan_host::fd::truncate(fd, length)),
        (Some(_), Err(_)) => Err(Errno(libc::EINVAL)),
        (None, _) => vm.allow_threads(|| fs::truncate(path, length)),
    };
    r.map_err(|e| failed(vm, e, &p))
}

/// The number of a device; -1 is none.
fn device(vm: &Vm, v: &Value) -> R<u64> {
    let n = int::index(vm, v)?;
    match int::get(&n).and_then(int::IntRef::to_i64) {
        Some(-1) => Ok(u64::MAX),
        _ => <u64 as TryFrom<_>>::try_from(int::get(&n).map(int::IntRef::to_big).unwrap_or_default())
            .map_err(|_| vm.overflow_error("Python int too large to convert to C dev_t")),
    }
}

/// As Python shows it: the greatest number is none, -1.
fn part(n: u32) -> Value {
    if n == u32::MAX { Value::small(-1) } else { Value::from(n) }
}

/// Extracts a device major number from a raw device number.
#[function(sig = "(device, /)")]
pub fn major(vm: &Vm, device: &Value) -> R {
    Ok(match self::device(vm, device)? {
        u64::MAX => Value::small(-1),
        n => part(fs::major(n)),
    })
}

/// Extracts a device minor number from a raw device number.
#[function(sig = "(device, /)")]
pub fn minor(vm: &Vm, device: &Value) -> R {
    Ok(match self::device(vm, device)? {
        u64::MAX => Value::small(-1),
        n => part(fs::minor(n)),
    })
}

/// Composes a raw device number from the major and minor device numbers.
#[function(sig = "(major, minor, /)")]
pub fn makedev(vm: &Vm, major: &Value, minor: &Value) -> R {
    let (major, minor) = (device(vm, major)?, device(vm, minor)?);
    if major == u64::MAX && minor == u64::MAX {
        return Ok(Value::small(-1));
    }
    match (u32::try_from(major), u32::try_from(minor)) {
        (Ok(major), Ok(minor)) => Ok(Value::from(fs::make_device(major, minor))),
        _ => Err(vm.overflow_error("Python int too large to convert to C unsigned int")),
    }
}

/// Force write of everything to disk.
#[function]
pub fn sync(vm: &Vm) {
    vm.allow_threads(fs::sync_all);
}
