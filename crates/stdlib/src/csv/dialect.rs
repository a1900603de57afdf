//! Dialects: how fields are separated and quoted.

use taipan_macros::{Trace, class};
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::int;
use taipan_runtime::types::str::{self, Str};
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::vm::Vm;

/// When fields are quoted.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
pub(super) enum Quoting {
    Minimal = 0,
    All = 1,
    NonNumeric = 2,
    None = 3,
    Strings = 4,
    NotNull = 5,
}

impl Quoting {
    fn from_number(n: i64) -> Option<Self> {
        Some(match n {
            0 => Self::Minimal,
            1 => Self::All,
            2 => Self::NonNumeric,
            3 => Self::None,
            4 => Self::Strings,
            5 => Self::NotNull,
            _ => return None,
        })
    }
}

/// The payload of `_csv.Dialect`.
#[derive(Trace)]
pub struct Dialect {
    pub(super) delimiter: u32,
    pub(super) quotechar: Option<u32>,
    pub(super) escapechar: Option<u32>,
    pub(super) doublequote: bool,
    pub(super) skipinitialspace: bool,
    pub(super) strict: bool,
    #[no_trace]
    pub(super) quoting: Quoting,
    pub(super) lineterminator: Value,
}

impl Dialect {
    /// Whether a character stands in the line terminator.
    pub(super) fn ends_line(&self, c: u32) -> bool {
        self.lineterminator.downcast::<Str>().is_some_and(|s| s.iter().any(|t| t == c))
    }
}

const NAMES: [&str; 8] =
    ["delimiter", "doublequote", "escapechar", "lineterminator", "quotechar", "quoting", "skipinitialspace", "strict"];

/// A dialect from another one, an object with attributes or a name, and keyword arguments.
pub(super) fn make<'a>(vm: &Vm, base: Option<&'a Value>, args: &Args<'a>) -> R<Ref<Dialect>> {
    let mut values: [Option<Value>; 8] = Default::default();
    let mut any = false;
    let mut base = base;
    for (name, v) in args.named() {
        let text = vm.str_lossy(name);
        if text == "dialect" && base.is_none() {
            base = Some(v);
            continue;
        }
        let Some(i) = NAMES.iter().position(|n| *n == text) else {
            return Err(vm.type_error(format!("this function got an unexpected keyword argument '{text}'")));
        };
        values[i] = Some(v.clone());
        any = true;
    }
    let base = match base.filter(|b| !b.is_none()) {
        Some(b) if b.downcast::<Str>().is_some() => Some(super::named(vm, b)?),
        Some(b) => Some(b.clone()),
        None => None,
    };
    if let Some(b) = &base {
        if let Some(d) = b.downcast_exact::<Dialect>()
            && !any
        {
            return Ok(d.clone());
        }
        for (i, name) in NAMES.iter().enumerate() {
            if values[i].is_none() {
                let found = vm.get_attr_str(b, name);
                values[i] = vm.ignore(found, &taipan_runtime::types::exceptions::ATTRIBUTE_ERROR)?;
            }
        }
    }
    let [delimiter, doublequote, escapechar, lineterminator, quotechar, quoting, skipinitialspace, strict] = &values;
    let truth = |v: &Option<Value>, default: bool| v.as_ref().map_or(Ok(default), |v| vm.truth(v));
    let number = match quoting {
        None => Quoting::Minimal,
        Some(v) => {
            let exact = int::get(v).filter(|_| v.as_bool().is_none() && v.as_small().is_some());
            let Some(n) = exact.and_then(|n| n.to_i64()) else { return Err(vm.type_error("\"quoting\" must be an integer")) };
            Quoting::from_number(n).ok_or_else(|| vm.type_error("bad \"quoting\" value"))?
        }
    };
    let Some(delimiter) = character(vm, "delimiter", delimiter.as_ref(), Some(u32::from(b',')), false)? else {
        return Err(vm.type_error("\"delimiter\" must be a 1-character string"));
    };
    let escapechar = character(vm, "escapechar", escapechar.as_ref(), None, true)?;
    let quote = character(vm, "quotechar", quotechar.as_ref(), Some(u32::from(b'"')), true)?;
    let lineterminator = match lineterminator {
        None => str::from_str("\r\n"),
        Some(v) if v.is_none() => return Err(vm.type_error("lineterminator must be set")),
        Some(v) if v.downcast::<Str>().is_some() => v.clone(),
        Some(v) => return Err(vm.type_error(format!("\"lineterminator\" must be a string, not {}", v.ty().tp_name()))),
    };
    let mut d = Dialect {
        delimiter,
        quotechar: quote,
        escapechar,
        doublequote: truth(doublequote, true)?,
        skipinitialspace: truth(skipinitialspace, false)?,
        strict: truth(strict, false)?,
        quoting: number,
        lineterminator,
    };
    // Without a quote character nothing is quoted, if nobody said otherwise.
    if quotechar.as_ref().is_some_and(Value::is_none) && quoting.is_none() {
        d.quoting = Quoting::None;
    }
    if d.quoting != Quoting::None && d.quotechar.is_none() {
        return Err(vm.type_error("quotechar must be set if quoting enabled"));
    }
    check(vm, &d)?;
    Ok(Ref::new(d))
}

fn check(vm: &Vm, d: &Dialect) -> R<()> {
    let special = [("delimiter", Some(d.delimiter), true), ("escapechar", d.escapechar, false), ("quotechar", d.quotechar, false)];
    for (name, c, is_delimiter) in special {
        let Some(c) = c else { continue };
        let newline = c == u32::from(b'\n') || c == u32::from(b'\r');
        let space = c == u32::from(b' ') && d.skipinitialspace && !is_delimiter;
        if newline || space {
            return Err(vm.value_error(format!("bad {name} value")));
        }
    }
    let same = |a: Option<u32>, b: Option<u32>| a.is_some() && a == b;
    for (a, x, b, y) in [
        ("delimiter", Some(d.delimiter), "escapechar", d.escapechar),
        ("delimiter", Some(d.delimiter), "quotechar", d.quotechar),
        ("escapechar", d.escapechar, "quotechar", d.quotechar),
    ] {
        if same(x, y) {
            return Err(vm.value_error(format!("bad {a} or {b} value")));
        }
    }
    for (name, c, _) in special {
        if c.is_some_and(|c| d.ends_line(c)) {
            return Err(vm.value_error(format!("bad {name} or lineterminator value")));
        }
    }
    Ok(())
}

fn character(vm: &Vm, name: &str, v: Option<&Value>, default: Option<u32>, optional: bool) -> R<Option<u32>> {
    let Some(v) = v else { return Ok(default) };
    if v.is_none() && optional {
        return Ok(None);
    }
    match v.downcast::<Str>() {
        Some(s) if s.len() == 1 => Ok(Some(s.char_at(0))),
        Some(s) => Err(vm.type_error(format!("\"{name}\" must be a unicode character{}, not a string of length {}", if optional { " or None" } else { "" }, s.len()))),
        None => Err(vm.type_error(format!("\"{name}\" must be a unicode character{}, not {}", if optional { " or None" } else { "" }, v.ty().tp_name()))),
    }
}

fn shown(c: Option<u32>) -> Value {
    c.map_or(Value::NONE, |c| str::from_char(c).into_value())
}

/// CSV dialect.
///
/// The Dialect type records CSV dialect options.
#[class(name = "Dialect", module = "_csv", flags(BASETYPE, GC))]
impl Dialect {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R {
        let base = match args.positional() {
            [] => None,
            [d] => Some(d),
            more => return Err(vm.type_error(format!("function takes at most 1 positional argument ({} given)", more.len()))),
        };
        let d = make(vm, base, &args)?;
        if cls.is(<Dialect as taipan_runtime::core::Payload>::TYPE.get()) {
            return Ok(d.into_value());
        }
        let copy = Dialect {
            delimiter: d.delimiter,
            quotechar: d.quotechar,
            escapechar: d.escapechar,
            doublequote: d.doublequote,
            skipinitialspace: d.skipinitialspace,
            strict: d.strict,
            quoting: d.quoting,
            lineterminator: d.lineterminator.clone(),
        };
        Ok(Ref::new_of(cls, copy).into_value())
    }

    #[method(sig = "()")]
    fn __reduce__(vm: &Vm, this: &Ref<Dialect>) -> R {
        Err(vm.type_error(format!("cannot pickle '{}' instances", this.ty().name())))
    }

    #[method(sig = "(protocol, /)")]
    fn __reduce_ex__(vm: &Vm, this: &Ref<Dialect>, _protocol: &Value) -> R {
        Err(vm.type_error(format!("cannot pickle '{}' instances", this.ty().name())))
    }

    #[getter]
    fn delimiter(_vm: &Vm, this: &Ref<Dialect>) -> R {
        Ok(shown(Some(this.delimiter)))
    }

    #[getter]
    fn escapechar(_vm: &Vm, this: &Ref<Dialect>) -> R {
        Ok(shown(this.escapechar))
    }

    #[getter]
    fn quotechar(_vm: &Vm, this: &Ref<Dialect>) -> R {
        Ok(shown(this.quotechar))
    }

    #[getter]
    fn lineterminator(_vm: &Vm, this: &Ref<Dialect>) -> R {
        Ok(this.lineterminator.clone())
    }

    #[getter]
    fn quoting(_vm: &Vm, this: &Ref<Dialect>) -> R {
        Ok(Value::from(this.quoting as i32))
    }

    #[getter(member)]
    fn doublequote(_vm: &Vm, this: &Ref<Dialect>) -> R {
        Ok(Value::bool(this.doublequote))
    }

    #[getter(member)]
    fn skipinitialspace(_vm: &Vm, this: &Ref<Dialect>) -> R {
        Ok(Value::bool(this.skipinitialspace))
    }

    #[getter(member)]
    fn strict(_vm: &Vm, this: &Ref<Dialect>) -> R {
        Ok(Value::bool(this.strict))
    }
}
