//! Directories and names.

use taipan_host::dir::{Directory, EntryKind};
use taipan_host::{AT_CURRENT, Errno, fs};
use taipan_macros::{Trace, class, function};
use taipan_runtime::core::{PyCell, R, Ref, Value};
use taipan_runtime::native::Nullable;
use taipan_runtime::types::{bytes, exceptions as exc, list, str};
use taipan_runtime::vm::Vm;

use super::paths::{PathArg, decode, path_arg};
use super::stat::{dir_fd, failed, stat_result};

fn current() -> PathArg {
    PathArg { path: c".".into(), fd: None, bytes: false, object: str::from_str(".") }
}

fn open_dir(vm: &Vm, p: &PathArg) -> R<Directory> {
    let (fd, path) = (p.fd, &p.path);
    let r = match fd {
        Some(fd) => taipan_host::fd::dup(fd).and_then(Directory::of_descriptor),
        None => Directory::open(path),
    };
    r.map_err(|e| failed(vm, e, p))
}

fn path_or_current(vm: &Vm, path: Nullable<&Value>, what: &str) -> R<PathArg> {
    match path.0 {
        Some(p) => path_arg(vm, p, what, true),
        None => Ok(current()),
    }
}

/// Return a list containing the names of the files in the directory.
#[function(sig = "(path=None)")]
pub fn listdir(vm: &Vm, path: Nullable<&Value>) -> R {
    let p = path_or_current(vm, path, "listdir: path")?;
    let mut out = Vec::new();
    for e in open_dir(vm, &p)? {
        let e = e.map_err(|e| failed(vm, e, &p))?;
        out.push(p.name(e.name.as_bytes()));
    }
    Ok(list::from_vec(out).into_value())
}

/// The payload of the iterator that scandir() gives.
#[derive(Trace)]
pub struct ScandirIterator {
    #[no_trace]
    dir: PyCell<Option<Directory>>,
    path: Value,
    prefix: Value,
    bytes: bool,
    fd: Option<i32>,
}

/// Return an iterator of DirEntry objects for given path.
#[function(sig = "(path=None)")]
pub fn scandir(vm: &Vm, path: Nullable<&Value>) -> R {
    let here = path.0.is_none();
    let p = path_or_current(vm, path, "scandir: path")?;
    let dir = open_dir(vm, &p)?;
    let raw = p.path.as_bytes();
    let prefix = if raw.is_empty() || raw.ends_with(b"/") { raw.to_vec() } else { [raw, b"/"].concat() };
    let prefix = if p.fd.is_some() || here { Vec::new() } else { prefix };
    Ok(Ref::new(ScandirIterator {
        dir: PyCell::new(Some(dir)),
        path: p.object.clone(),
        prefix: bytes::from_slice(&prefix).into_value(),
        bytes: p.bytes,
        fd: p.fd,
    })
    .into_value())
}

/// The iterator of scandir().
#[class(name = "ScandirIterator", module = "posix", flags(GC, NO_NEW))]
impl ScandirIterator {
    #[slot]
    fn iter(_vm: &Vm, this: &Ref<Self>) -> R {
        Ok(this.value().clone())
    }

    #[slot]
    fn next(vm: &Vm, this: &Ref<Self>) -> R<Option<Value>> {
        let Some(mut dir) = this.dir.take() else { return Ok(None) };
        let e = dir.next();
        match e {
            None => Ok(None),
            Some(Err(e)) => Err(vm.os_error(e.0, Some(&this.path))),
            Some(Ok(e)) => {
                this.dir.set(Some(dir));
                let raw = e.name.as_bytes();
                let prefix = bytes::buffer_bytes(vm, &this.prefix)?;
                let full = [&prefix[..], raw].concat();
                let make = |b: &[u8]| if this.bytes { bytes::from_slice(b).into_value() } else { decode(b) };
                Ok(Some(
                    Ref::new(DirEntry {
                        name: make(raw),
                        path: make(&full),
                        full: bytes::from_slice(&full).into_value(),
                        kind: e.kind,
                        inode: e.inode,
                        fd: this.fd,
                        cached: PyCell::new(None),
                        cached_link: PyCell::new(None),
                    })
                    .into_value(),
                ))
            }
        }
    }

    #[method(sig = "()")]
    fn close(_vm: &Vm, this: &Ref<Self>) {
        drop(this.dir.take());
    }

    #[method(sig = "()")]
    fn __enter__(_vm: &Vm, this: &Ref<Self>) -> R {
        Ok(this.value().clone())
    }

    #[method(sig = "(*args)")]
    fn __exit__(_vm: &Vm, this: &Ref<Self>, args: &[Value]) {
        let _ = args;
        drop(this.dir.take());
    }
}

/// The payload of DirEntry.
#[derive(Trace)]
pub struct DirEntry {
    name: Value,
    path: Value,
    full: Value,
    #[no_trace]
    kind: EntryKind,
    inode: u64,
    fd: Option<i32>,
    cached: PyCell<Option<Value>>,
    cached_link: PyCell<Option<Value>>,
}

impl DirEntry {
    fn look(&self, vm: &Vm, follow: bool) -> Result<fs::Stat, Errno> {
        let full = bytes::buffer_bytes(vm, &self.full).map(|b| b.to_vec()).unwrap_or_default();
        let path = std::ffi::CString::new(full).map_err(|_| Errno(22))?;
        {
            let dir = self.fd.unwrap_or(AT_CURRENT);
            vm.allow_threads(|| fs::stat(dir, &path, follow))
        }
    }

    fn is_kind(&self, vm: &Vm, follow: bool, known: EntryKind, mode: u32) -> R<bool> {
        let unknown = matches!(self.kind, EntryKind::Unknown);
        let link = matches!(self.kind, EntryKind::Link);
        if !unknown && !(follow && link) {
            return Ok(self.kind == known);
        }
        match self.look(vm, follow) {
            Ok(s) => Ok(s.mode & 0o170_000 == mode),
            Err(Errno(2)) => Ok(false),
            Err(e) => Err(vm.os_error(e.0, Some(&self.path))),
        }
    }
}

/// An entry of a directory, as scandir() gives it.
#[class(name = "DirEntry", module = "os", flags(GC, NO_NEW), sig = "()")]
impl DirEntry {
    #[getter]
    fn name(_vm: &Vm, this: &Ref<Self>) -> R {
        Ok(this.name.clone())
    }

    #[getter]
    fn path(_vm: &Vm, this: &Ref<Self>) -> R {
        Ok(this.path.clone())
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Self>) -> R<String> {
        Ok(format!("<DirEntry {}>", vm.repr_string(&this.name)?))
    }

    #[method(sig = "()")]
    fn inode(_vm: &Vm, this: &Ref<Self>) -> u64 {
        this.inode
    }

    #[method(sig = "(*, follow_symlinks=True)")]
    fn is_dir(vm: &Vm, this: &Ref<Self>, follow_symlinks: Option<bool>) -> R<bool> {
        this.is_kind(vm, follow_symlinks.unwrap_or(true), EntryKind::Directory, 0o040_000)
    }

    #[method(sig = "(*, follow_symlinks=True)")]
    fn is_file(vm: &Vm, this: &Ref<Self>, follow_symlinks: Option<bool>) -> R<bool> {
        this.is_kind(vm, follow_symlinks.unwrap_or(true), EntryKind::File, 0o100_000)
    }

    #[method(sig = "()")]
    fn is_symlink(vm: &Vm, this: &Ref<Self>) -> R<bool> {
        this.is_kind(vm, false, EntryKind::Link, 0o120_000)
    }

    #[method(sig = "()")]
    fn is_junction(_vm: &Vm, _this: &Ref<Self>) -> bool {
        false
    }

    #[method(sig = "(*, follow_symlinks=True)")]
    fn stat(vm: &Vm, this: &Ref<Self>, follow_symlinks: Option<bool>) -> R {
        let follow = follow_symlinks.unwrap_or(true);
        let cache = if follow { &this.cached } else { &this.cached_link };
        if let Some(v) = cache.get() {
            return Ok(v);
        }
        match this.look(vm, follow) {
            Ok(s) => {
                let v = stat_result(vm, &s)?;
                cache.set(Some(v.clone()));
                Ok(v)
            }
            Err(e) => Err(vm.os_error(e.0, Some(&this.path))),
        }
    }

    #[method(sig = "()")]
    fn __fspath__(_vm: &Vm, this: &Ref<Self>) -> R {
        Ok(this.path.clone())
    }

    #[classmethod(sig = "(item, /)")]
    fn __class_getitem__(vm: &Vm, cls: &Value, item: &Value) -> R {
        taipan_runtime::types::generic_alias::new(vm, cls.clone(), item.clone())
    }
}

macro_rules! simple {
    ($(#[$doc:meta])* $name:ident $sig:literal ($($arg:ident: $ty:ty),*) fd $fd:literal, |$vm:ident, $p:ident, $dir:ident| $body:expr) => {
        $(#[$doc])*
        #[function(sig = $sig)]
        pub fn $name($vm: &Vm, path: &Value $(, $arg: $ty)*, dir_fd: Nullable<&Value>) -> R<()> {
            let $p = path_arg($vm, path, concat!(stringify!($name), ": path"), $fd)?;
            let $dir = self::dir_fd($vm, dir_fd)?;
            let r = $body;
            r.map_err(|e| failed($vm, e, &$p))
        }
    };
}

simple!(
    /// Create a directory.
    mkdir "(path, mode=511, *, dir_fd=None)" (mode: i64) fd false,
    |vm, p, dir| fs::make_directory(dir, &p.path, mode as u32)
);
simple!(
    /// Remove a directory.
    rmdir "(path, *, dir_fd=None)" () fd false, |vm, p, dir| fs::remove_directory(dir, &p.path)
);
simple!(
    /// Remove a file (same as remove()).
    unlink "(path, *, dir_fd=None)" () fd false, |vm, p, dir| fs::unlink(dir, &p.path)
);
simple!(
    /// Remove a file (same as unlink()).
    remove "(path, *, dir_fd=None)" () fd false, |vm, p, dir| fs::unlink(dir, &p.path)
);
simple!(
    /// Create a "fifo" (a POSIX named pipe).
    mkfifo "(path, mode=438, *, dir_fd=None)" (mode: i64) fd false,
    |vm, p, dir| fs::make_fifo(dir, &p.path, mode as u32)
);
simple!(
    /// Create a node in the file system.
    mknod "(path, mode=384, device=0, *, dir_fd=None)" (mode: i64, device: u64) fd false,
    |vm, p, dir| fs::make_node(dir, &p.path, mode as u32, device)
);

/// Change the current working directory to the specified path.
#[function(sig = "(path)")]
pub fn chdir(vm: &Vm, path: &Value) -> R<()> {
    let p = path_arg(vm, path, "chdir: path", true)?;
    match p.fd {
        Some(fd) => fs::change_directory_descriptor(fd),
        None => fs::change_directory(&p.path),
    }
    .map_err(|e| failed(vm, e, &p))
}

/// Change to the directory of the given file descriptor.
#[function(sig = "(fd)")]
pub fn fchdir(vm: &Vm, fd: i32) -> R<()> {
    fs::change_directory_descriptor(fd).map_err(|e| vm.os_error(e.0, None))
}

/// Change root directory to path.
#[function(sig = "(path)")]
pub fn chroot(vm: &Vm, path: &Value) -> R<()> {
    let p = path_arg(vm, path, "chroot: path", false)?;
    fs::change_root(&p.path).map_err(|e| failed(vm, e, &p))
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

fn two_paths(vm: &Vm, name: &str, src: &Value, dst: &Value) -> R<(PathArg, PathArg)> {
    Ok((path_arg(vm, src, &format!("{name}: src"), false)?, path_arg(vm, dst, &format!("{name}: dst"), false)?))
}

fn two_failed(vm: &Vm, e: Errno, a: &PathArg, b: &PathArg) -> taipan_runtime::core::Raised {
    let text = str::from_str(&e.message());
    vm.raise_new(exc::OS_ERROR.get(), vec![Value::from(e.0), text, a.object.clone(), Value::NONE, b.object.clone()])
}

/// Rename a file or directory.
#[function(sig = "(src, dst, *, src_dir_fd=None, dst_dir_fd=None)")]
pub fn rename(vm: &Vm, src: &Value, dst: &Value, src_dir_fd: Nullable<&Value>, dst_dir_fd: Nullable<&Value>) -> R<()> {
    let (a, b) = two_paths(vm, "rename", src, dst)?;
    let (x, y) = (dir_fd(vm, src_dir_fd)?, dir_fd(vm, dst_dir_fd)?);
    fs::rename(x, &a.path, y, &b.path).map_err(|e| two_failed(vm, e, &a, &b))
}

/// Rename a file or directory, overwriting the destination.
#[function(sig = "(src, dst, *, src_dir_fd=None, dst_dir_fd=None)")]
pub fn replace(vm: &Vm, src: &Value, dst: &Value, src_dir_fd: Nullable<&Value>, dst_dir_fd: Nullable<&Value>) -> R<()> {
    let (a, b) = two_paths(vm, "replace", src, dst)?;
    let (x, y) = (dir_fd(vm, src_dir_fd)?, dir_fd(vm, dst_dir_fd)?);
    fs::rename(x, &a.path, y, &b.path).map_err(|e| two_failed(vm, e, &a, &b))
}

/// Create a hard link to a file.
#[function(sig = "(src, dst, *, src_dir_fd=None, dst_dir_fd=None, follow_symlinks=True)")]
pub fn link(vm: &Vm, src: &Value, dst: &Value, src_dir_fd: Nullable<&Value>, dst_dir_fd: Nullable<&Value>, follow_symlinks: Option<bool>) -> R<()> {
    let (a, b) = two_paths(vm, "link", src, dst)?;
    let (x, y) = (dir_fd(vm, src_dir_fd)?, dir_fd(vm, dst_dir_fd)?);
    fs::link(x, &a.path, y, &b.path, follow_symlinks.unwrap_or(true)).map_err(|e| two_failed(vm, e, &a, &b))
}

/// Create a symbolic link pointing to src named dst.
#[function(sig = "(src, dst, target_is_directory=False, *, dir_fd=None)")]
pub fn symlink(vm: &Vm, src: &Value, dst: &Value, target_is_directory: Option<bool>, dir_fd: Nullable<&Value>) -> R<()> {
    let _ = target_is_directory;
    let (a, b) = two_paths(vm, "symlink", src, dst)?;
    let dir = self::dir_fd(vm, dir_fd)?;
    fs::symlink(&a.path, dir, &b.path).map_err(|e| two_failed(vm, e, &a, &b))
}

/// Return a string representing the path to which the symbolic link points.
#[function(sig = "(path, *, dir_fd=None)")]
pub fn readlink(vm: &Vm, path: &Value, dir_fd: Nullable<&Value>) -> R {
    let p = path_arg(vm, path, "readlink: path", false)?;
    let dir = self::dir_fd(vm, dir_fd)?;
    match fs::read_link(dir, &p.path) {
        Ok(t) => Ok(p.name(t.as_bytes())),
        Err(e) => Err(failed(vm, e, &p)),
    }
}

/// Truncate a file, specified by path, to a specific length.
#[function(sig = "(path, length)")]
pub fn truncate(vm: &Vm, path: &Value, length: i64) -> R<()> {
    let p = path_arg(vm, path, "truncate: path", true)?;
    match p.fd {
        Some(fd) => taipan_host::fd::truncate(fd, length.max(0) as u64),
        None => fs::truncate(&p.path, length),
    }
    .map_err(|e| failed(vm, e, &p))
}

/// Extracts a device major number from a raw device number.
#[function(sig = "(device, /)")]
pub fn major(_vm: &Vm, device: u64) -> u32 {
    fs::major(device)
}

/// Extracts a device minor number from a raw device number.
#[function(sig = "(device, /)")]
pub fn minor(_vm: &Vm, device: u64) -> u32 {
    fs::minor(device)
}

/// Composes a raw device number from the major and minor device numbers.
#[function(sig = "(major, minor, /)")]
pub fn makedev(_vm: &Vm, major: u32, minor: u32) -> u64 {
    fs::make_device(major, minor)
}

/// Force write of everything to disk.
#[function]
pub fn sync(_vm: &Vm) {
    fs::sync_all();
}

/// What a path is, `None` if it is not there or no path at all.
fn mode_of(vm: &Vm, path: &Value, follow: bool) -> R<Option<u32>> {
    let p = match path_arg(vm, path, "path: path", true) {
        Ok(p) => p,
        Err(r) if vm.raised_is(&exc::VALUE_ERROR) || vm.raised_is(&exc::OVERFLOW_ERROR) => {
            drop(vm.catch(r));
            return Ok(None);
        }
        Err(r) => return Err(r),
    };
    let r = match p.fd {
        Some(fd) => fs::stat_descriptor(fd),
        None => fs::stat(AT_CURRENT, &p.path, follow),
    };
    Ok(r.ok().map(|s| s.mode & 0o170_000))
}

/// Test whether a path exists.
#[function(sig = "(path)")]
pub fn _path_exists(vm: &Vm, path: &Value) -> R<bool> {
    Ok(mode_of(vm, path, true)?.is_some())
}

/// Test whether a path exists, also as a broken link.
#[function(sig = "(path)")]
pub fn _path_lexists(vm: &Vm, path: &Value) -> R<bool> {
    Ok(mode_of(vm, path, false)?.is_some())
}

/// Test whether a path is a directory.
#[function(sig = "(path)")]
pub fn _path_isdir(vm: &Vm, path: &Value) -> R<bool> {
    Ok(mode_of(vm, path, true)? == Some(0o040_000))
}

/// Test whether a path is a regular file.
#[function(sig = "(path)")]
pub fn _path_isfile(vm: &Vm, path: &Value) -> R<bool> {
    Ok(mode_of(vm, path, true)? == Some(0o100_000))
}

/// Test whether a path is a symbolic link.
#[function(sig = "(path)")]
pub fn _path_islink(vm: &Vm, path: &Value) -> R<bool> {
    Ok(mode_of(vm, path, false)? == Some(0o120_000))
}
