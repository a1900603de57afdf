//! The parameters of a table's text.

use taipan_macros::{Trace, class};
use taipan_runtime::core::{Payload, R, Ref, Value};
use taipan_runtime::types::int;
use taipan_runtime::types::str::{self, Str};
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::vm::Vm;

use super::{quote, registered};

/// The payload of Dialect.
#[derive(Trace)]
pub struct Dialect {
    /// What stands between fields.
    pub delimiter: u32,
    /// Two quotes in a quoted field stand for one.
    pub doublequote: bool,
    /// Takes away the next character's meaning.
    pub escapechar: Option<u32>,
    /// What the writer ends lines with.
    pub lineterminator: Ref<Str>,
    /// What stands around fields.
    pub quotechar: Option<u32>,
    /// When fields are quoted.
    pub quoting: i32,
    /// Spaces behind a delimiter do not count.
    pub skipinitialspace: bool,
    /// The reader raises Error for bad input.
    pub strict: bool,
}

impl Dialect {
    /// Whether the writer must quote or escape a character.
    #[inline]
    pub fn is_special(&self, ch: u32) -> bool {
        ch == self.delimiter
            || Some(ch) == self.escapechar
            || Some(ch) == self.quotechar
            || ch == u32::from(b'\n')
            || ch == u32::from(b'\r')
            || self.lineterminator.iter().any(|c| c == ch)
    }
}

/// A parameter that is one character.
fn one(vm: &Vm, name: &str, v: &Value, nullable: bool) -> R<u32> {
    let wanted = if nullable { "a unicode character or None" } else { "a unicode character" };
    match v.downcast::<Str>() {
        Some(s) if s.len() == 1 => Ok(s.char_at(0)),
        Some(s) => {
            Err(vm.type_error(format!("\"{name}\" must be {wanted}, not a string of length {}", s.len())))
        }
        None => Err(vm.type_error(format!("\"{name}\" must be {wanted}, not {}", v.ty().tp_name()))),
    }
}

/// A parameter that is one character or None.
fn one_or_none(vm: &Vm, name: &str, v: Option<&Value>, default: Option<u32>) -> R<Option<u32>> {
    match v {
        None => Ok(default),
        Some(v) if v.is_none() => Ok(None),
        Some(v) => one(vm, name, v, true).map(Some),
    }
}

fn flag(vm: &Vm, v: Option<&Value>, default: bool) -> R<bool> {
    v.map_or(Ok(default), |v| vm.truth(v))
}

/// A character that could be taken for a line's end, or for what surrounds fields.
fn check_char(vm: &Vm, name: &str, ch: Option<u32>, terminator: &Str, space: bool) -> R<()> {
    let Some(ch) = ch else { return Ok(()) };
    if ch == u32::from(b'\r') || ch == u32::from(b'\n') || ch == u32::from(b' ') && !space {
        return Err(vm.value_error(format!("bad {name} value")));
    }
    if terminator.iter().any(|c| c == ch) {
        return Err(vm.value_error(format!("bad {name} or lineterminator value")));
    }
    Ok(())
}

fn check_differ(vm: &Vm, names: [&str; 2], chars: [Option<u32>; 2]) -> R<()> {
    if chars[0].is_some() && chars[0] == chars[1] {
        return Err(vm.value_error(format!("bad {} or {} value", names[0], names[1])));
    }
    Ok(())
}

/// CSV dialect
///
/// The Dialect type records CSV parsing and generation options.
#[class(
    name = "Dialect",
    module = "_csv",
    flags(BASETYPE, GC),
    sig = "(dialect=None, delimiter=',', doublequote=True, escapechar=None, lineterminator='\\r\\n', quotechar='\"', quoting=0, skipinitialspace=False, strict=False)",
    callee = "function"
)]
impl Dialect {
    #[slot]
    fn new(
        vm: &Vm,
        cls: &TypeObject,
        dialect: Option<&Value>,
        delimiter: Option<&Value>,
        doublequote: Option<&Value>,
        escapechar: Option<&Value>,
        lineterminator: Option<&Value>,
        quotechar: Option<&Value>,
        quoting: Option<&Value>,
        skipinitialspace: Option<&Value>,
        strict: Option<&Value>,
    ) -> R {
        let mut base = dialect.cloned();
        if let Some(d) = &base
            && d.downcast::<Str>().is_some()
        {
            base = Some(registered(vm, d)?);
        }
        let all = [delimiter, doublequote, escapechar, lineterminator, quotechar, quoting, skipinitialspace, strict];
        if let Some(d) = &base
            && d.downcast::<Dialect>().is_some()
            && std::ptr::eq(cls, Dialect::TYPE.get())
            && all.iter().all(Option::is_none)
        {
            return Ok(d.clone());
        }
        // What is not given comes from the base, as far as that has it.
        let inherited = |given: Option<&Value>, name: &str| match (given, &base) {
            (Some(v), _) => Ok(Some(v.clone())),
            (None, Some(base)) => match vm.get_attr_str(base, name) {
                Ok(v) => Ok(Some(v)),
                Err(raised) => {
                    drop(vm.catch(raised));
                    Ok(None)
                }
            },
            (None, None) => Ok(None),
        };
        let delimiter = inherited(delimiter, "delimiter")?;
        let doublequote = inherited(doublequote, "doublequote")?;
        let escapechar = inherited(escapechar, "escapechar")?;
        let lineterminator = inherited(lineterminator, "lineterminator")?;
        let quotechar = inherited(quotechar, "quotechar")?;
        let quoting = inherited(quoting, "quoting")?;
        let skipinitialspace = inherited(skipinitialspace, "skipinitialspace")?;
        let strict = inherited(strict, "strict")?;

        let comma = u32::from(b',');
        let mut made = Dialect {
            delimiter: delimiter.as_ref().map_or(Ok(comma), |v| one(vm, "delimiter", v, false))?,
            doublequote: flag(vm, doublequote.as_ref(), true)?,
            escapechar: one_or_none(vm, "escapechar", escapechar.as_ref(), None)?,
            lineterminator: match &lineterminator {
                None => str::from_ref("\r\n"),
                Some(v) => match v.downcast::<Str>() {
                    Some(s) => s.clone(),
                    None => {
                        let given = v.ty().tp_name();
                        return Err(vm.type_error(format!("\"lineterminator\" must be a string, not {given}")));
                    }
                },
            },
            quotechar: one_or_none(vm, "quotechar", quotechar.as_ref(), Some(u32::from(b'"')))?,
            quoting: match &quoting {
                None => quote::MINIMAL,
                Some(v) if v.ty().is(int::INT.get()) => {
                    let too_large = || vm.overflow_error("Python int too large to convert to C int");
                    i32::try_from(int::to_i64(vm, v)?).map_err(|_| too_large())?
                }
                Some(v) => {
                    let given = v.ty().tp_name();
                    return Err(vm.type_error(format!("\"quoting\" must be an integer, not {given}")));
                }
            },
            skipinitialspace: flag(vm, skipinitialspace.as_ref(), false)?,
            strict: flag(vm, strict.as_ref(), false)?,
        };
        if !(quote::MINIMAL..=quote::NOTNULL).contains(&made.quoting) {
            return Err(vm.type_error("bad \"quoting\" value"));
        }
        if quotechar.is_some_and(|q| q.is_none()) && quoting.is_none() {
            made.quoting = quote::NONE;
        }
        if made.quoting != quote::NONE && made.quotechar.is_none() {
            return Err(vm.type_error("quotechar must be set if quoting enabled"));
        }
        let (terminator, space) = (&made.lineterminator, !made.skipinitialspace);
        check_char(vm, "delimiter", Some(made.delimiter), terminator, true)?;
        check_char(vm, "escapechar", made.escapechar, terminator, space)?;
        check_char(vm, "quotechar", made.quotechar, terminator, space)?;
        check_differ(vm, ["delimiter", "escapechar"], [Some(made.delimiter), made.escapechar])?;
        check_differ(vm, ["delimiter", "quotechar"], [Some(made.delimiter), made.quotechar])?;
        check_differ(vm, ["escapechar", "quotechar"], [made.escapechar, made.quotechar])?;
        Ok(Ref::new_of(cls, made).into_value())
    }

    #[getter]
    fn delimiter(_vm: &Vm, this: &Ref<Self>) -> Value {
        str::from_char(this.delimiter).into_value()
    }

    #[getter]
    fn escapechar(_vm: &Vm, this: &Ref<Self>) -> Option<Value> {
        this.escapechar.map(|c| str::from_char(c).into_value())
    }

    #[getter]
    fn lineterminator(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.lineterminator.to_value()
    }

    #[getter]
    fn quotechar(_vm: &Vm, this: &Ref<Self>) -> Option<Value> {
        this.quotechar.map(|c| str::from_char(c).into_value())
    }

    #[getter]
    fn quoting(_vm: &Vm, this: &Ref<Self>) -> i32 {
        this.quoting
    }

    #[getter(member)]
    fn skipinitialspace(_vm: &Vm, this: &Ref<Self>) -> bool {
        this.skipinitialspace
    }

    #[getter(member)]
    fn doublequote(_vm: &Vm, this: &Ref<Self>) -> bool {
        this.doublequote
    }

    #[getter(member)]
    fn strict(_vm: &Vm, this: &Ref<Self>) -> bool {
        this.strict
    }

    /// raises an exception to avoid pickling
    #[method(sig = "()")]
    fn __reduce__(vm: &Vm, this: &Ref<Self>) -> R {
        Err(vm.type_error(format!("cannot pickle '{}' instances", this.ty().name())))
    }

    /// raises an exception to avoid pickling
    #[method(sig = "(protocol, /)")]
    fn __reduce_ex__(vm: &Vm, this: &Ref<Self>, _protocol: &Value) -> R {
        Err(vm.type_error(format!("cannot pickle '{}' instances", this.ty().name())))
    }
}
