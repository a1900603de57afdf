//! The exceptions of the module, and which of them an error of the library becomes.

use taipan_runtime::core::{R, Raised, Ref, Value};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::{str, tuple, type_};
use taipan_runtime::vm::Vm;

use super::constants;
use super::ffi::Fault;

/// The exception classes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Warning,
    Error,
    Interface,
    Database,
    Internal,
    Operational,
    Programming,
    Integrity,
    Data,
    NotSupported,
}

/// All of them, bases first.
pub const KINDS: [Kind; 10] = [
    Kind::Warning,
    Kind::Error,
    Kind::Interface,
    Kind::Database,
    Kind::Internal,
    Kind::Operational,
    Kind::Programming,
    Kind::Integrity,
    Kind::Data,
    Kind::NotSupported,
];

impl Kind {
    /// Where the interpreter keeps the class; behind the dot its name.
    const fn key(self) -> &'static str {
        match self {
            Self::Warning => "_sqlite3.Warning",
            Self::Error => "_sqlite3.Error",
            Self::Interface => "_sqlite3.InterfaceError",
            Self::Database => "_sqlite3.DatabaseError",
            Self::Internal => "_sqlite3.InternalError",
            Self::Operational => "_sqlite3.OperationalError",
            Self::Programming => "_sqlite3.ProgrammingError",
            Self::Integrity => "_sqlite3.IntegrityError",
            Self::Data => "_sqlite3.DataError",
            Self::NotSupported => "_sqlite3.NotSupportedError",
        }
    }

    fn name(self) -> &'static str {
        self.key().trim_start_matches("_sqlite3.")
    }

    /// The class.
    pub fn class(self, vm: &Vm) -> R {
        vm.interp_static(self.key(), |vm| {
            let base = match self {
                Self::Warning | Self::Error => exc::EXCEPTION.value(),
                Self::Interface | Self::Database => Self::Error.class(vm)?,
                _ => Self::Database.class(vm)?,
            };
            let dict = Ref::new(Dict::new());
            dict.set_str("__module__", str::from_str("sqlite3"));
            let bases = tuple::from_array([base]).into_value();
            vm.call(
                &type_::TYPE_PLACE().value(),
                &[str::from_str(self.name()), bases, dict.into_value()],
            )
        })
    }

    /// Raises it with a message.
    #[cold]
    pub fn raise(self, vm: &Vm, message: impl AsRef<str>) -> Raised {
        match self.class(vm) {
            Ok(class) => match class.as_type() {
                Some(class) => vm.raise_new(class, vec![str::from_str(message.as_ref())]),
                None => vm.runtime_error(message),
            },
            Err(raised) => raised,
        }
    }
}

/// Puts the classes into the module.
pub fn add(vm: &Vm, m: &Ref<Module>) -> R<()> {
    for kind in KINDS {
        m.set(kind.name(), kind.class(vm)?);
    }
    Ok(())
}

/// The class for a primary code; `None` for MemoryError.
fn kind_of(code: i32) -> Option<Kind> {
    use libsqlite3_sys as c;
    Some(match code {
        c::SQLITE_INTERNAL | c::SQLITE_NOTFOUND => Kind::Internal,
        c::SQLITE_NOMEM => return None,
        c::SQLITE_ERROR
        | c::SQLITE_PERM
        | c::SQLITE_ABORT
        | c::SQLITE_BUSY
        | c::SQLITE_LOCKED
        | c::SQLITE_READONLY
        | c::SQLITE_INTERRUPT
        | c::SQLITE_IOERR
        | c::SQLITE_FULL
        | c::SQLITE_CANTOPEN
        | c::SQLITE_PROTOCOL
        | c::SQLITE_EMPTY
        | c::SQLITE_SCHEMA => Kind::Operational,
        c::SQLITE_CORRUPT => Kind::Database,
        c::SQLITE_TOOBIG => Kind::Data,
        c::SQLITE_CONSTRAINT | c::SQLITE_MISMATCH => Kind::Integrity,
        c::SQLITE_MISUSE | c::SQLITE_RANGE => Kind::Interface,
        _ => Kind::Database,
    })
}

/// Raises the exception for an error of the library, with its code and the code's name.
#[cold]
pub fn raise(vm: &Vm, fault: &Fault) -> Raised {
    let Some(kind) = kind_of(fault.code) else {
        return vm.memory_error();
    };
    let made = || {
        let e = vm.call(&kind.class(vm)?, &[str::from_str(&fault.message)])?;
        vm.set_attr_str(&e, "sqlite_errorcode", &Value::from(fault.extended))?;
        let name = constants::name_of(fault.extended).unwrap_or_else(|| "unknown".to_owned());
        vm.set_attr_str(&e, "sqlite_errorname", &str::from_str(&name))?;
        Ok(e)
    };
    match made() {
        Ok(e) => vm.raise(e),
        Err(raised) => raised,
    }
}
