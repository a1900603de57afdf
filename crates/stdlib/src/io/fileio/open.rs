//! Opening files.

use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::exceptions::RUNTIME_WARNING;
use taipan_runtime::types::int;
use taipan_runtime::vm::{Vm, names};

use super::{AtOpen, FileIo, KIND, failed};
use crate::io::path::{fs_encode, fspath};
use crate::io::support::retry;

/// What a mode says, and the flags for the system.
struct Mode {
    created: bool,
    readable: bool,
    writable: bool,
    appending: bool,
    flags: i32,
}

impl Mode {
    fn parse(vm: &Vm, text: &str) -> R<Self> {
        let one = || {
            let text = "Must have exactly one of create/read/write/append mode and at most one plus";
            Err(vm.value_error(text))
        };
        let (mut kind, mut plus) = (None, false);
        for c in text.chars() {
            match c {
                'x' | 'r' | 'w' | 'a' if kind.is_some() => return one(),
                'x' | 'r' | 'w' | 'a' => kind = Some(c),
                'b' => {}
                '+' if plus => return one(),
                '+' => plus = true,
                _ => return Err(vm.value_error(format!("invalid mode: {text}"))),
            }
        }
        let Some(kind) = kind else { return one() };
        let (readable, writable) = (kind == 'r' || plus, kind != 'r' || plus);
        let access = match (readable, writable) {
            (true, true) => libc::O_RDWR,
            (true, false) => libc::O_RDONLY,
            _ => libc::O_WRONLY,
        };
        let more = match kind {
            'x' => libc::O_EXCL | libc::O_CREAT,
            'w' => libc::O_CREAT | libc::O_TRUNC,
            'a' => libc::O_APPEND | libc::O_CREAT,
            _ => 0,
        };
        let flags = access | more | libc::O_CLOEXEC;
        Ok(Self { created: kind == 'x', readable, writable, appending: kind == 'a', flags })
    }
}

/// The file descriptor that was given instead of a path.
///
/// Raises ValueError for a negative one.
fn given_descriptor(vm: &Vm, file: &Value) -> R<Option<i32>> {
    if file.as_bool().is_some() {
        vm.warn(&RUNTIME_WARNING, "bool is used as a file descriptor", 1)?;
    }
    if int::get(file).is_none() && file.ty().slots().index.is_none() {
        return Ok(None);
    }
    let number = int::index(vm, file)?;
    let Some(n) = int::get(&number).and_then(int::IntRef::to_i64).and_then(|n| i32::try_from(n).ok()) else {
        return Ok(None);
    };
    if n < 0 { Err(vm.value_error("negative file descriptor")) } else { Ok(Some(n)) }
}

/// Opens a path, or asks the opener to.
fn open_path(vm: &Vm, file: &Value, flags: i32, opener: &Value) -> R<i32> {
    if opener.is_none() {
        let path = fs_encode(vm, file)?;
        let opened = retry(vm, || taipan_host::fd::open(taipan_host::AT_CURRENT, &path, flags, 0o666))?;
        return opened.map_err(|e| failed(vm, e.0, file));
    }
    let path = fspath(vm, file)?;
    let r = vm.call(opener, &[path, Value::from(flags)])?;
    if int::get(&r).is_none() && r.ty().slots().index.is_none() {
        return Err(vm.type_error("expected integer from opener"));
    }
    let fd = i32::try_from(int::to_i64(vm, &r)?)
        .map_err(|_| vm.overflow_error("Python int too large to convert to C int"))?;
    if fd < 0 {
        return Err(vm.value_error(format!("opener returned {fd}")));
    }
    taipan_host::fd::set_inheritable(fd, false).map_err(|e| vm.os_error(e.0, None))?;
    Ok(fd)
}

/// `FileIO.__init__`
pub fn init(vm: &Vm, this: &Ref<FileIo>, file: &Value, mode: &str, closefd: bool, opener: &Value) -> R<()> {
    if !this.is_closed() {
        if this.closefd.get() {
            this.close_descriptor(vm)?;
        } else {
            this.fd.set(-1);
        }
    }
    let given = given_descriptor(vm, file)?;
    let text = mode;
    let mode = Mode::parse(vm, mode)?;
    if vm.is_audited() {
        vm.audit("open", &[file.clone(), taipan_runtime::types::str::from_str(text), Value::from(mode.flags)])?;
    }
    this.created.set(mode.created);
    this.readable.set(mode.readable);
    this.writable.set(mode.writable);
    this.appending.set(mode.appending);
    this.seekable.set(None);
    this.at_open.set(None);
    let fd = match given {
        Some(fd) => fd,
        None if !closefd => return Err(vm.value_error("Cannot use closefd=False with file name")),
        None => open_path(vm, file, mode.flags, opener)?,
    };
    this.fd.set(fd);
    this.closefd.set(closefd);
    let r = look(vm, this, fd, file);
    if r.is_err() {
        // A descriptor that somebody else has opened stays open.
        if given.is_some() {
            this.fd.set(-1);
        }
        if this.fd.get() >= 0 {
            vm.preserving_raised(|| {
                if let Err(r) = this.close_descriptor(vm) {
                    drop(vm.catch(r));
                }
            });
        }
    }
    r
}

/// Looks what was opened, and goes to its end if it is to be appended to.
fn look(vm: &Vm, this: &Ref<FileIo>, fd: i32, file: &Value) -> R<()> {
    match taipan_host::fs::stat_descriptor(fd) {
        Ok(s) => {
            if s.mode & KIND == libc::S_IFDIR {
                return Err(failed(vm, libc::EISDIR, file));
            }
            this.at_open.set(Some(AtOpen { size: s.size, mode: s.mode, block: s.block_size }));
        }
        Err(e) if e.0 == libc::EBADF => return Err(vm.os_error(e.0, None)),
        Err(_) => {}
    }
    if this.is_exact() {
        this.base.set_own(&names().name, Some(file));
    } else {
        vm.set_attr(this.value(), &names().name, file)?;
    }
    if this.appending.get() {
        // Otherwise only the first write would go there.
        match taipan_host::fd::lseek(fd, 0, libc::SEEK_END) {
            Ok(_) => this.seekable.set(Some(true)),
            Err(e) if e.0 == libc::ESPIPE => this.seekable.set(Some(false)),
            Err(e) => return Err(vm.os_error(e.0, None)),
        }
    }
    Ok(())
}

/// `FileIO(file, mode, closefd, opener)`
pub fn open_exact(vm: &Vm, file: &Value, mode: &str, closefd: bool, opener: &Value) -> R<Ref<FileIo>> {
    let this = Ref::new(FileIo::default());
    init(vm, &this, file, mode, closefd, opener)?;
    Ok(this)
}
