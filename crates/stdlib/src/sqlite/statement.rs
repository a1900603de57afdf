//! Statements, their parameters, and the class `Statement`, which only shows that there are some.

use std::ffi::CString;
use std::sync::Arc;

use taipan_macros::{Trace, class};
use taipan_runtime::core::{R, Raised, Ref, Value};
use taipan_runtime::types::bytes::is_bytes_like;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::list::List;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::types::type_::tflag;
use taipan_runtime::types::{exceptions as exc, iterators, str};
use taipan_runtime::vm::Vm;

use super::errors::{self, Kind};
use super::ffi::{Db, Stmt};
use super::{adapt, data};

/// A statement of one text.
pub struct Statement {
    /// `None` for text with nothing in it.
    pub raw: Option<Stmt>,
    /// Whether it inserts, updates, deletes or replaces.
    pub dml: bool,
    /// Its text.
    pub sql: Value,
}

/// The payload of the class Statement.
#[derive(Trace)]
pub struct StatementObject {
    #[no_trace]
    _statement: Statement,
}

/// A compiled statement.
#[class(name = "Statement", module = "sqlite3", flags(NO_NEW))]
impl StatementObject {}

/// An object for a statement.
pub fn object(statement: Statement) -> Value {
    Ref::new(StatementObject {
        _statement: statement,
    })
    .into_value()
}

/// Text behind space and comments; `None` if nothing else is there.
fn without_lead(sql: &[u8]) -> Option<&[u8]> {
    let mut rest = sql;
    loop {
        match rest {
            [b' ' | b'\t' | b'\x0c' | b'\n' | b'\r', tail @ ..] => rest = tail,
            [b'-', b'-', ..] => rest = &rest[memchr::memchr(b'\n', rest)? + 1..],
            [b'/', b'*', tail @ ..] => rest = &tail[memchr::memmem::find(tail, b"*/")? + 2..],
            [] => return None,
            _ => return Some(rest),
        }
    }
}

fn is_dml(sql: &[u8]) -> bool {
    let Some(sql) = without_lead(sql) else {
        return false;
    };
    let starts = |w: &[u8]| {
        sql.get(..w.len())
            .is_some_and(|s| s.eq_ignore_ascii_case(w))
    };
    [&b"insert"[..], b"update", b"delete", b"replace"]
        .into_iter()
        .any(starts)
}

/// The greatest length of a statement.
pub fn length_limit(db: &Db) -> usize {
    usize::try_from(db.limit(libsqlite3_sys::SQLITE_LIMIT_SQL_LENGTH, -1)).unwrap_or(0)
}

impl Statement {
    /// Compiles text.
    ///
    /// Raises DataError for what is too long, ProgrammingError for zeros and more than one statement, and what the
    /// library says.
    pub fn new(vm: &Vm, host: &Value, db: &Arc<Db>, sql: &Ref<Str>) -> R<Self> {
        let text = sql.to_utf8(vm)?;
        if text.len() > length_limit(db) {
            return Err(Kind::Data.raise(vm, "query string is too large"));
        }
        let Ok(c_text) = CString::new(text.as_bytes()) else {
            return Err(Kind::Programming.raise(vm, "the query contains a null character"));
        };
        let (raw, rest) = db
            .prepare(vm, host, &c_text)
            .map_err(|_| errors::raise(vm, &db.fault()))?;
        if without_lead(&text.as_bytes()[rest..]).is_some() {
            return Err(
                Kind::Programming.raise(vm, "You can only execute one statement at a time.")
            );
        }
        Ok(Self {
            raw,
            dml: is_dml(text.as_bytes()),
            sql: sql.to_value(),
        })
    }

    /// Binds all parameters.
    ///
    /// Raises ProgrammingError where they do not fit, and what adapters raise.
    pub fn bind(&mut self, vm: &Vm, parameters: &Value) -> R<()> {
        let exact_tuple = parameters.downcast_exact::<Tuple>();
        if let (Some(t), None) = (exact_tuple, &self.raw) {
            return count(vm, 0, t.len());
        }
        let Some(raw) = &mut self.raw else {
            return if is_named(parameters) {
                Ok(())
            } else {
                count(vm, 0, vm.len(parameters)?)
            };
        };
        let plain = !adapt::base_adapted(vm);
        let needed = raw.parameters();
        if let Some(t) = exact_tuple {
            count(vm, needed, t.len())?;
            for (i, v) in (1..).zip(t.as_slice()) {
                bind_position(vm, raw, plain, i, v)?;
            }
            return Ok(());
        }
        if let Some(list) = parameters.downcast_exact::<List>() {
            count(vm, needed, list.len())?;
            for i in 0..needed {
                let Some(v) = list.get(i as usize) else {
                    return Err(vm.index_error("list index out of range"));
                };
                bind_position(vm, raw, plain, i + 1, &v)?;
            }
            return Ok(());
        }
        if is_named(parameters) {
            return bind_names(vm, raw, plain, parameters);
        }
        if !is_sequence(parameters) {
            return Err(Kind::Programming.raise(vm, "parameters are of unsupported type"));
        }
        count(vm, needed, vm.len(parameters)?)?;
        for i in 0..needed {
            let v = vm.getitem(parameters, &Value::from(i))?;
            bind_position(vm, raw, plain, i + 1, &v)?;
        }
        Ok(())
    }
}

fn is_named(v: &Value) -> bool {
    v.ty().has(tflag::DICT_SUB)
}

fn is_sequence(v: &Value) -> bool {
    v.downcast::<Str>().is_some() || is_bytes_like(v) || iterators::is_sequence(v)
}

fn count(vm: &Vm, needed: i32, given: usize) -> R<()> {
    if usize::try_from(needed) == Ok(given) {
        return Ok(());
    }
    Err(Kind::Programming.raise(
        vm,
        format!(
            "Incorrect number of bindings supplied. The current statement uses {needed}, and there are {given} supplied."
        ),
    ))
}

#[cold]
fn named_by_position(vm: &Vm, i: i32, name: &str) -> Raised {
    let message = format!(
        "Binding {i} ('{name}') is a named parameter, but you supplied a sequence which requires nameless (qmark) \
         placeholders."
    );
    Kind::Programming.raise(vm, message)
}

fn bind_position(vm: &Vm, raw: &mut Stmt, plain: bool, i: i32, v: &Value) -> R<()> {
    if let Some(name) = raw.parameter_name(i)
        && !name.starts_with('?')
    {
        return Err(named_by_position(vm, i, name));
    }
    bind_one(vm, raw, plain, i, v, || i.to_string())
}

fn bind_one(
    vm: &Vm,
    raw: &mut Stmt,
    plain: bool,
    i: i32,
    v: &Value,
    name: impl FnOnce() -> String,
) -> R<()> {
    let adapted;
    let v = if plain && adapt::is_plain(v) {
        v
    } else {
        adapted = adapt::prepared(vm, v)?;
        &adapted
    };
    match data::with_datum(vm, v, |d| raw.bind(i, d))? {
        Some(libsqlite3_sys::SQLITE_OK) => Ok(()),
        Some(_) => Err(errors::raise(vm, &raw.db().fault())),
        None => {
            let (name, ty) = (name(), v.ty().tp_name());
            Err(Kind::Programming.raise(
                vm,
                format!("Error binding parameter {name}: type '{ty}' is not supported"),
            ))
        }
    }
}

fn bind_names(vm: &Vm, raw: &mut Stmt, plain: bool, parameters: &Value) -> R<()> {
    for i in 1..=raw.parameters() {
        let Some(name) = raw
            .parameter_name(i)
            .and_then(|n| n.get(1..))
            .map(ToOwned::to_owned)
        else {
            let message = format!(
                "Binding {i} has no name, but you supplied a dictionary (which has only names)."
            );
            return Err(Kind::Programming.raise(vm, message));
        };
        let key = str::from_str(&name);
        let v = match parameters.downcast_exact::<Dict>() {
            Some(d) => d.get(vm, &key)?,
            None => vm.ignore(vm.getitem(parameters, &key), &exc::LOOKUP_ERROR)?,
        };
        let Some(v) = v else {
            let message = format!("You did not supply a value for binding parameter :{name}.");
            return Err(Kind::Programming.raise(vm, message));
        };
        bind_one(vm, raw, plain, i, &v, || format!(":{name}"))?;
    }
    Ok(())
}
