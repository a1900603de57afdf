//! Reading directories: `listdir`, `scandir`.

use std::ffi::{CStr, CString};

use taipan_host::dir::{Directory, EntryKind};
use taipan_host::{AT_CURRENT, Errno, fs};
use taipan_macros::{Trace, class, function};
use taipan_runtime::core::{PyCell, R, Ref, Value};
use taipan_runtime::native::Nullable;
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::types::{bytes, exceptions as exc, generic_alias, list};
use taipan_runtime::vm::Vm;

use super::paths::{PathArg, decode, path_or_none};
use super::stat::{failed, stat_result};
use crate::util::audit;

fn open(vm: &Vm, p: &PathArg) -> R<Directory> {
    let path = &p.path;
    let r = match p.fd {
        // The program's own descriptor stays where it is.
        Some(fd) => vm.allow_threads(|| {
            let copy = taipan_host::fd::dup(fd)?;
            let dir = Directory::of_descriptor(copy);
            let _ = taipan_host::fd::close(copy);
            dir
        }),
        None => vm.allow_threads(|| Directory::open(path)),
    };
    r.map_err(|e| failed(vm, e, p))
}

/// Return a list containing the names of the files in the directory.
///
/// The list is in arbitrary order. It does not include the special entries '.' and '..' even if they are present in the
/// directory.
#[function(sig = "(path=None)")]
pub fn listdir(vm: &Vm, path: Nullable<&Value>) -> R {
    let p = path_or_none(vm, path, "listdir: path", true)?;
    audit(vm, "os.listdir", &[p.object.clone()])?;
    let dir = open(vm, &p)?;
    let names = vm.allow_threads(|| dir.map(|e| e.map(|e| e.name)).collect::<Result<Vec<CString>, Errno>>());
    let names = names.map_err(|e| failed(vm, e, &p))?;
    Ok(list::from_vec(names.iter().map(|n| p.name(n.as_bytes())).collect()).into_value())
}

/// The payload of the iterator that scandir() gives.
#[derive(Trace)]
pub struct ScandirIterator {
    #[no_trace]
    dir: PyCell<Option<Directory>>,
    path: Value,
    /// What stands before the names.
    #[no_trace]
    prefix: Vec<u8>,
    bytes: bool,
    fd: Option<i32>,
}

/// Return an iterator of DirEntry objects for given path.
///
/// path can be specified as either str, bytes, or a path-like object. If path is bytes, the names of yielded DirEntry
/// objects will also be bytes; in all other circumstances they will be str. If path is None, uses the path='.'.
#[function(sig = "(path=None)")]
pub fn scandir(vm: &Vm, path: Nullable<&Value>) -> R {
    let p = path_or_none(vm, path, "scandir: path", true)?;
    audit(vm, "os.scandir", &[p.object.clone()])?;
    let dir = open(vm, &p)?;
    let mut prefix = if p.fd.is_some() { Vec::new() } else { p.path.as_bytes().to_vec() };
    if !prefix.is_empty() && !prefix.ends_with(b"/") {
        prefix.push(b'/');
    }
    let it = ScandirIterator { dir: PyCell::new(Some(dir)), path: p.object, prefix, bytes: p.bytes, fd: p.fd };
    Ok(Ref::new(it).into_value())
}

impl ScandirIterator {
    fn close_directory(&self) {
        let dir = self.dir.take();
        drop(dir);
    }
}

/// The iterator of scandir().
#[class(name = "ScandirIterator", module = "posix", flags(GC, NO_NEW))]
impl ScandirIterator {
    #[slot]
    fn iter(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.value().clone()
    }

    #[slot]
    fn next(vm: &Vm, this: &Ref<Self>) -> R<Option<Value>> {
        let Some(mut dir) = this.dir.take() else { return Ok(None) };
        let entry = vm.allow_threads(|| dir.next().map(|e| (e, dir)));
        match entry {
            None => Ok(None),
            Some((Err(e), _)) => {
                let file = Some(&this.path).filter(|p| !p.is_none());
                Err(vm.os_error(e.0, file))
            }
            Some((Ok(e), dir)) => {
                this.dir.set(Some(dir));
                let raw = e.name.as_bytes();
                let full = [&this.prefix, raw].concat();
                let make = |b: &[u8]| if this.bytes { bytes::from_slice(b).into_value() } else { decode(b) };
                let (name, path) = (make(raw), make(&full));
                let full = CString::new(full).unwrap_or_default();
                let (followed, own) = (PyCell::new(None), PyCell::new(None));
                let entry = DirEntry { name, path, full, kind: e.kind, inode: e.inode, fd: this.fd, followed, own };
                Ok(Some(Ref::new(entry).into_value()))
            }
        }
    }

    #[slot]
    fn finalize(vm: &Vm, this: &Ref<Self>) {
        if this.dir.borrow().is_none() {
            return;
        }
        let shown = match vm.repr_string(this.value()) {
            Ok(s) => s,
            Err(r) => {
                drop(vm.catch(r));
                return;
            }
        };
        let text = format!("unclosed scandir iterator {shown}");
        if let Err(r) = vm.warn_about(&exc::RESOURCE_WARNING, &text, 1, this.value()) {
            vm.unraisable(r, None, this.value());
        }
        this.close_directory();
    }

    #[method(sig = "()")]
    fn close(_vm: &Vm, this: &Ref<Self>) {
        this.close_directory();
    }

    #[method(sig = "()")]
    fn __enter__(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.value().clone()
    }

    #[method(sig = "(*args)")]
    fn __exit__(_vm: &Vm, this: &Ref<Self>, _args: &[Value]) {
        this.close_directory();
    }
}

/// The payload of DirEntry.
#[derive(Trace)]
pub struct DirEntry {
    name: Value,
    path: Value,
    /// The path for the system.
    #[no_trace]
    full: CString,
    #[no_trace]
    kind: EntryKind,
    inode: u64,
    fd: Option<i32>,
    /// `stat_result` of what a link leads to, and of the entry itself.
    followed: PyCell<Option<Value>>,
    own: PyCell<Option<Value>>,
}

const FILE: u32 = 0o100_000;
const DIRECTORY: u32 = 0o040_000;
const LINK: u32 = 0o120_000;

impl DirEntry {
    /// Asks the system.
    fn look(&self, vm: &Vm, follow: bool) -> Result<fs::Stat, Errno> {
        let (dir, full): (i32, &CStr) = (self.fd.unwrap_or(AT_CURRENT), &self.full);
        vm.allow_threads(|| fs::stat(dir, full, follow))
    }

    fn is_link(&self, vm: &Vm) -> R<bool> {
        match self.kind {
            EntryKind::Link => Ok(true),
            EntryKind::Unknown => self.has_mode(vm, false, LINK),
            _ => Ok(false),
        }
    }

    /// `stat_result`, remembered.
    fn result(&self, vm: &Vm, follow: bool) -> R {
        // What is no link is the same either way.
        let follow = follow && self.is_link(vm)?;
        let cache = if follow { &self.followed } else { &self.own };
        if let Some(v) = cache.get() {
            return Ok(v);
        }
        match self.look(vm, follow) {
            Ok(s) => {
                let v = stat_result(vm, &s)?;
                cache.set(Some(v.clone()));
                Ok(v)
            }
            Err(e) => Err(vm.os_error(e.0, Some(&self.path))),
        }
    }

    fn has_mode(&self, vm: &Vm, follow: bool, mode: u32) -> R<bool> {
        let cached = if follow { self.followed.get() } else { self.own.get() };
        if let Some(v) = cached {
            let m = vm.get_attr_str(&v, "st_mode")?;
            return Ok(m.as_small().is_some_and(|m| m as u32 & 0o170_000 == mode));
        }
        match self.look(vm, follow) {
            Ok(s) => {
                let v = stat_result(vm, &s)?;
                if follow { self.followed.set(Some(v)) } else { self.own.set(Some(v)) }
                Ok(s.mode & 0o170_000 == mode)
            }
            // A link that leads nowhere, or a file that is gone.
            Err(e) if e.0 == libc::ENOENT => Ok(false),
            Err(e) => Err(vm.os_error(e.0, Some(&self.path))),
        }
    }

    fn is_kind(&self, vm: &Vm, follow: bool, known: EntryKind, mode: u32) -> R<bool> {
        match self.kind {
            EntryKind::Unknown => self.has_mode(vm, follow, mode),
            EntryKind::Link if follow => self.has_mode(vm, true, mode),
            kind => Ok(kind == known),
        }
    }
}

#[class(name = "DirEntry", module = "posix", flags(GC, NO_NEW))]
impl DirEntry {
    /// the entry's base filename, relative to scandir() "path" argument
    #[getter]
    fn name(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.name.clone()
    }

    /// the entry's full path name; equivalent to os.path.join(scandir_path, entry.name)
    #[getter]
    fn path(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.path.clone()
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Self>) -> R<String> {
        Ok(format!("<DirEntry {}>", vm.repr_string(&this.name)?))
    }

    /// Return inode of the entry; cached per entry.
    #[method(sig = "()")]
    fn inode(_vm: &Vm, this: &Ref<Self>) -> u64 {
        this.inode
    }

    /// Return True if the entry is a directory; cached per entry.
    #[method(sig = "(*, follow_symlinks=True)")]
    fn is_dir(vm: &Vm, this: &Ref<Self>, follow_symlinks: bool) -> R<bool> {
        this.is_kind(vm, follow_symlinks, EntryKind::Directory, DIRECTORY)
    }

    /// Return True if the entry is a file; cached per entry.
    #[method(sig = "(*, follow_symlinks=True)")]
    fn is_file(vm: &Vm, this: &Ref<Self>, follow_symlinks: bool) -> R<bool> {
        this.is_kind(vm, follow_symlinks, EntryKind::File, FILE)
    }

    /// Return True if the entry is a symbolic link; cached per entry.
    #[method(sig = "()")]
    fn is_symlink(vm: &Vm, this: &Ref<Self>) -> R<bool> {
        this.is_link(vm)
    }

    /// Return True if the entry is a junction; cached per entry.
    #[method(sig = "()")]
    fn is_junction(_vm: &Vm, _this: &Ref<Self>) -> bool {
        false
    }

    /// Return stat_result object for the entry; cached per entry.
    #[method(sig = "(*, follow_symlinks=True)")]
    fn stat(vm: &Vm, this: &Ref<Self>, follow_symlinks: bool) -> R {
        this.result(vm, follow_symlinks)
    }

    /// Returns the path for the entry.
    #[method(sig = "()")]
    fn __fspath__(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.path.clone()
    }

    /// See PEP 585
    #[classmethod(sig = "(object, /)")]
    fn __class_getitem__(vm: &Vm, cls: &TypeObject, object: &Value) -> R {
        generic_alias::new(vm, cls.to_value(), object.clone())
    }
}
