//! OSError: the errno decides about the class.

use std::cell::Cell;

use super::base::{BaseException, make, push};
use super::declare::{exception, simple};
use super::simple::EXCEPTION;
use crate::core::{R, Ref, StaticType, Value};
use crate::native::Args;
use crate::types::str::StrBuilder;
use crate::types::type_::TypeObject;
use crate::types::{int, tuple};
use crate::vm::Vm;

/// How much was written before writing would have blocked; -1 when that is unknown.
pub struct Written(Cell<isize>);

impl Default for Written {
    fn default() -> Self {
        Self(Cell::new(-1))
    }
}

impl crate::core::Trace for Written {
    fn trace(&self, _: &mut crate::core::Tracer<'_>) {}
}

exception! {
    /// A function of the operating system has failed.
    class "OSError", OS_ERROR, OsError: EXCEPTION;
    members {
        errno set_errno "error number"
        strerror set_strerror "what the system says about it"
        filename set_filename "the file that it is about"
        filename2 set_filename2 "the second file"
    }
    fields {
        written: Written,
    }

    #[slot(new)]
    fn new_slot(vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R {
        if uses_init(cls) {
            return Ok(make::<Self>(cls, &[]).into_value());
        }
        no_keywords(vm, cls, args)?;
        let given = args.positional();
        let special = match given {
            [errno, _, ..] if given.len() <= 5 && cls.is(OS_ERROR.get()) => class_for(errno),
            _ => None,
        };
        let e = match special {
            Some(s) => make::<Self>(s.get(), given),
            None => make::<Self>(cls, given),
        };
        fill(vm, &e, given)?;
        Ok(e.into_value())
    }

    #[slot]
    fn init(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R<()> {
        if !uses_init(this.ty()) {
            return Ok(());
        }
        no_keywords(vm, this.ty(), args)?;
        fill(vm, this, args.positional())
    }

    #[slot]
    fn str(vm: &Vm, this: &Ref<Self>) -> R {
        let (errno, strerror) = (this.errno.get(), this.strerror.get());
        let files: Vec<Value> = this.filename.get().into_iter().chain(this.filename2.get()).collect();
        if this.filename.borrow().is_none() && (errno.is_none() || strerror.is_none()) {
            return this.base.text(vm);
        }
        let mut b = StrBuilder::new();
        b.push_str("[Errno ");
        push(&mut b, &vm.str(&errno.unwrap_or(Value::NONE))?);
        b.push_str("] ");
        push(&mut b, &vm.str(&strerror.unwrap_or(Value::NONE))?);
        if this.filename.borrow().is_some() {
            for (separator, file) in [": ", " -> "].into_iter().zip(&files) {
                b.push_str(separator);
                push(&mut b, &vm.repr(file)?);
            }
        }
        Ok(b.finish())
    }

    #[method(sig = "()")]
    fn __reduce__(_vm: &Vm, this: &Ref<Self>) -> R {
        let mut args = this.base.args();
        if let ([errno, strerror], Some(file)) = (args.as_slice(), this.filename.get()) {
            let mut all = vec![errno.clone(), strerror.clone(), file];
            if let Some(second) = this.filename2.get() {
                all.extend([Value::NONE, second]);
            }
            args = tuple::from_vec(all);
        }
        let (cls, args) = (this.ty().to_value(), args.into_value());
        Ok(match this.base.dict_opt() {
            Some(d) => tuple::from_array([cls, args, d.into_value()]).into_value(),
            None => tuple::from_array([cls, args]).into_value(),
        })
    }

    /// How many characters were written before writing would have blocked.
    #[getter]
    fn characters_written(vm: &Vm, this: &Ref<Self>) -> R<isize> {
        match this.written.0.get() {
            -1 => Err(no_count(vm, this)),
            n => Ok(n),
        }
    }

    #[setter]
    fn set_characters_written(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        let n = match value {
            Some(v) => size(vm, v)?,
            None if this.written.0.get() == -1 => return Err(no_count(vm, this)),
            None => -1,
        };
        this.written.0.set(n);
        Ok(())
    }
}

#[cold]
fn no_count(vm: &Vm, e: &Ref<OsError>) -> crate::core::Raised {
    let name = crate::vm::intern("characters_written").into_value();
    vm.attribute_error(e.value(), &name, "characters_written")
}

/// Whether the arguments are left to `__init__`: a class that overrides it alone may give `__new__` anything.
fn uses_init(cls: &TypeObject) -> bool {
    let (mine, theirs) = (OS_ERROR.get().slots(), cls.slots());
    let same_init = matches!((mine.init, theirs.init), (Some(a), Some(b)) if std::ptr::fn_addr_eq(a, b));
    let same_new = matches!((mine.new, theirs.new), (Some(a), Some(b)) if std::ptr::fn_addr_eq(a, b));
    !same_init && same_new
}

fn no_keywords(vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R<()> {
    if args.names.is_empty() {
        return Ok(());
    }
    Err(vm.type_error(format!("{}() takes no keyword arguments", cls.name())))
}

/// Sets what the arguments `(errno, strerror[, filename[, winerror[, filename2]]])` say. In `args` only the first
/// two stay, since programs unpack them.
fn fill(vm: &Vm, e: &Ref<OsError>, given: &[Value]) -> R<()> {
    let mut args = given;
    if let [errno, strerror, rest @ ..] = given
        && rest.len() <= 3
    {
        e.errno.set(Some(errno.clone()));
        e.strerror.set(Some(strerror.clone()));
        match rest.first() {
            Some(n) if e.ty().is(BLOCKING_IO_ERROR.get()) && is_number(n) => e.written.0.set(size(vm, n)?),
            Some(file) if !file.is_none() => {
                e.filename.set(Some(file.clone()));
                e.filename2.set(rest.get(2).filter(|f| !f.is_none()).cloned());
                args = &given[..2];
            }
            _ => {}
        }
    }
    e.base.set_positional(args);
    Ok(())
}

fn is_number(v: &Value) -> bool {
    let slots = v.ty().slots();
    int::get(v).is_some() || slots.index.is_some() || slots.int.is_some() || slots.float.is_some()
}

/// As isize; what is too large is a ValueError here.
fn size(vm: &Vm, v: &Value) -> R<isize> {
    let n = int::index(vm, v)?;
    match int::get(&n).and_then(int::IntRef::to_i64) {
        Some(n) => Ok(n as isize),
        None => Err(vm.value_error("cannot fit 'int' into an index-sized integer")),
    }
}

/// The class for an error number that has one.
fn class_for(errno: &Value) -> Option<&'static StaticType> {
    let n = i32::try_from(int::get(errno)?.to_i64()?).ok()?;
    Some(match taipan_host::Errno(n).name()? {
        "EAGAIN" | "EALREADY" | "EINPROGRESS" | "EWOULDBLOCK" => &BLOCKING_IO_ERROR,
        "EPIPE" | "ESHUTDOWN" => &BROKEN_PIPE_ERROR,
        "ECHILD" => &CHILD_PROCESS_ERROR,
        "ECONNABORTED" => &CONNECTION_ABORTED_ERROR,
        "ECONNREFUSED" => &CONNECTION_REFUSED_ERROR,
        "ECONNRESET" => &CONNECTION_RESET_ERROR,
        "EEXIST" => &FILE_EXISTS_ERROR,
        "ENOENT" => &FILE_NOT_FOUND_ERROR,
        "EISDIR" => &IS_A_DIRECTORY_ERROR,
        "ENOTDIR" => &NOT_A_DIRECTORY_ERROR,
        "EINTR" => &INTERRUPTED_ERROR,
        "EACCES" | "EPERM" => &PERMISSION_ERROR,
        "ESRCH" => &PROCESS_LOOKUP_ERROR,
        "ETIMEDOUT" => &TIMEOUT_ERROR,
        _ => return None,
    })
}

simple! {
    OsError;
    "BlockingIOError" BLOCKING_IO_ERROR: OS_ERROR, "The operation would have to wait.";
    "ChildProcessError" CHILD_PROCESS_ERROR: OS_ERROR, "There is no such child process.";
    "ConnectionError" CONNECTION_ERROR: OS_ERROR, "A connection has failed.";
    "BrokenPipeError" BROKEN_PIPE_ERROR: CONNECTION_ERROR, "Nobody reads at the other end.";
    "ConnectionAbortedError" CONNECTION_ABORTED_ERROR: CONNECTION_ERROR, "The connection was aborted.";
    "ConnectionRefusedError" CONNECTION_REFUSED_ERROR: CONNECTION_ERROR, "The connection was refused.";
    "ConnectionResetError" CONNECTION_RESET_ERROR: CONNECTION_ERROR, "The connection was reset.";
    "FileExistsError" FILE_EXISTS_ERROR: OS_ERROR, "The file is there already.";
    "FileNotFoundError" FILE_NOT_FOUND_ERROR: OS_ERROR, "There is no such file.";
    "InterruptedError" INTERRUPTED_ERROR: OS_ERROR, "A signal has interrupted the call.";
    "IsADirectoryError" IS_A_DIRECTORY_ERROR: OS_ERROR, "Directories can't be used here.";
    "NotADirectoryError" NOT_A_DIRECTORY_ERROR: OS_ERROR, "Only directories can be used here.";
    "PermissionError" PERMISSION_ERROR: OS_ERROR, "This is not allowed.";
    "ProcessLookupError" PROCESS_LOOKUP_ERROR: OS_ERROR, "There is no such process.";
    "TimeoutError" TIMEOUT_ERROR: OS_ERROR, "It has taken too long.";
}

impl OsError {
    /// `errno` as a number, if it is one.
    pub fn number(&self) -> Option<i32> {
        let n = self.errno.get()?;
        i32::try_from(int::get(&n)?.to_i64()?).ok()
    }

    /// What all exceptions have.
    pub fn base(&self) -> &BaseException {
        &self.base
    }
}
