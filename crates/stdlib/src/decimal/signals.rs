//! Exceptions of the conditions, and the dicts of signals.

use std::cell::Cell;

use taipan_macros::class;
use taipan_runtime::core::{R, Raised, Ref, StaticType, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::tuple::{self, Tuple};
use taipan_runtime::types::type_::{self, CmpOp, TypeObject};
use taipan_runtime::types::{list, str};
use taipan_runtime::vm::Vm;

use super::round::flag;

/// The signals: name, and the conditions they stand for.
pub const SIGNALS: [(&str, u32); 9] = [
    ("InvalidOperation", flag::ALL_INVALID),
    ("FloatOperation", flag::FLOAT_OPERATION),
    ("DivisionByZero", flag::DIVISION_BY_ZERO),
    ("Overflow", flag::OVERFLOW),
    ("Underflow", flag::UNDERFLOW),
    ("Subnormal", flag::SUBNORMAL),
    ("Inexact", flag::INEXACT),
    ("Rounded", flag::ROUNDED),
    ("Clamped", flag::CLAMPED),
];

/// Signals in the order in which contexts show them: that of their bits.
const SHOWN: [usize; 9] = [8, 0, 2, 6, 1, 3, 7, 5, 4];

/// The conditions that InvalidOperation stands for.
pub const CONDITIONS: [(&str, u32); 5] = [
    ("InvalidOperation", flag::INVALID_OPERATION),
    ("ConversionSyntax", flag::CONVERSION_SYNTAX),
    ("DivisionImpossible", flag::DIVISION_IMPOSSIBLE),
    ("DivisionUndefined", flag::DIVISION_UNDEFINED),
    ("InvalidContext", flag::INVALID_CONTEXT),
];

/// All exception classes of the module as a tuple: DecimalException, the signals, the other conditions.
pub fn classes(vm: &Vm) -> R<Ref<Tuple>> {
    let v = vm.interp_static("decimal.exceptions", |vm| Ok(make_classes(vm)?.into_value()))?;
    v.into_ref::<Tuple>().map_err(|_| vm.system_error("the exceptions are no tuple"))
}

fn make_classes(vm: &Vm) -> R<Ref<Tuple>> {
    let make = |name: &str, bases: Vec<Value>| -> R {
        let dict = Ref::new(Dict::new());
        dict.set_str("__module__", str::from_str("decimal"));
        let bases = tuple::from_vec(bases).into_value();
        vm.call(&type_::TYPE_PLACE().value(), &[str::from_str(name), bases, dict.into_value()])
    };
    let of = |t: &'static StaticType| t.value();
    let base = make("DecimalException", vec![of(&exc::ARITHMETIC_ERROR)])?;
    let plain = |name: &str| make(name, vec![base.clone()]);
    let invalid = plain("InvalidOperation")?;
    let float = make("FloatOperation", vec![base.clone(), of(&exc::TYPE_ERROR)])?;
    let zero = make("DivisionByZero", vec![base.clone(), of(&exc::ZERO_DIVISION_ERROR)])?;
    let (subnormal, inexact, rounded) = (plain("Subnormal")?, plain("Inexact")?, plain("Rounded")?);
    let clamped = plain("Clamped")?;
    let overflow = make("Overflow", vec![inexact.clone(), rounded.clone()])?;
    let underflow = make("Underflow", vec![inexact.clone(), rounded.clone(), subnormal.clone()])?;
    let condition = |name: &str| make(name, vec![invalid.clone()]);
    let syntax = condition("ConversionSyntax")?;
    let impossible = condition("DivisionImpossible")?;
    let undefined = make("DivisionUndefined", vec![invalid.clone(), of(&exc::ZERO_DIVISION_ERROR)])?;
    let context = condition("InvalidContext")?;
    Ok(tuple::from_vec(vec![
        base, invalid, float, zero, overflow, underflow, subnormal, inexact, rounded, clamped, syntax, impossible,
        undefined, context,
    ]))
}

fn class_at(classes: &Tuple, i: usize) -> Value {
    classes.as_slice().get(i).cloned().unwrap_or(Value::NONE)
}

/// The classes of signals among these conditions, as a list; with `details`, the conditions behind
/// InvalidOperation instead of itself.
pub fn as_list(vm: &Vm, bits: u32, details: bool) -> R<Value> {
    let classes = classes(vm)?;
    let mut out = Vec::new();
    if details {
        for (i, (_, bit)) in CONDITIONS.iter().enumerate() {
            if bits & bit != 0 {
                out.push(class_at(&classes, if i == 0 { 1 } else { 9 + i }));
            }
        }
    }
    for (i, (_, bit)) in SIGNALS.iter().enumerate().skip(usize::from(details)) {
        if bits & bit != 0 {
            out.push(class_at(&classes, 1 + i));
        }
    }
    Ok(list::from_vec(out).into_value())
}

/// The names as a context shows them.
pub fn names(bits: u32) -> String {
    let shown: Vec<&str> = SHOWN.iter().filter(|i| bits & SIGNALS[**i].1 != 0).map(|i| SIGNALS[*i].0).collect();
    format!("[{}]", shown.join(", "))
}

/// Raises the exception for conditions that are trapped.
#[cold]
pub fn raise(vm: &Vm, bits: u32) -> Raised {
    if bits & flag::MALLOC_ERROR != 0 {
        return vm.memory_error();
    }
    let r = as_list(vm, bits, true).and_then(|list| Ok((classes(vm)?, list)));
    let (classes, list) = match r {
        Ok(v) => v,
        Err(e) => return e,
    };
    let Some(i) = SIGNALS.iter().position(|(_, bit)| bits & bit != 0) else {
        return vm.system_error("a condition without a signal");
    };
    let class = class_at(&classes, 1 + i);
    match class.as_type() {
        Some(t) => vm.raise_new(t, vec![list]),
        None => vm.system_error("the exception is no class"),
    }
}

/// The conditions of a signal's class.
///
/// Raises KeyError for anything else.
pub fn bits_of(vm: &Vm, key: &Value) -> R<u32> {
    let classes = classes(vm)?;
    let i = classes.as_slice().iter().skip(1).take(9).position(|c| c.is(key));
    match i {
        Some(i) => Ok(SIGNALS[i].1),
        None => Err(vm.key_error(&str::from_str(
            "valid values for signals are:\n  [InvalidOperation, FloatOperation, DivisionByZero,\n   Overflow, \
             Underflow, Subnormal, Inexact, Rounded,\n   Clamped]",
        ))),
    }
}

/// The conditions of a list of signals.
pub fn bits_of_list(vm: &Vm, v: &Value) -> R<u32> {
    let mut bits = 0;
    for item in vm.collect(v)? {
        bits |= bits_of(vm, &item)?;
    }
    Ok(bits)
}

/// The conditions that a dict maps to something true.
///
/// Raises KeyError for a dict with other keys.
pub fn bits_of_dict(vm: &Vm, d: &Dict) -> R<u32> {
    let invalid = || vm.key_error(&str::from_str("invalid signal dict"));
    let items = d.items();
    if items.len() != SIGNALS.len() {
        return Err(invalid());
    }
    let classes = classes(vm)?;
    let mut bits = 0;
    for (key, value) in items {
        let Some(i) = classes.as_slice().iter().skip(1).take(9).position(|c| c.is(&key)) else { return Err(invalid()) };
        if vm.truth(&value)? {
            bits |= SIGNALS[i].1;
        }
    }
    Ok(bits)
}

/// The payload of signal dicts: the flags or the traps of a context.
#[derive(taipan_macros::Trace)]
pub struct SignalDict {
    /// The conditions that are set.
    pub bits: Cell<u32>,
    valid: Cell<bool>,
}

/// The class of signal dicts, which is a MutableMapping.
pub fn dict_class(vm: &Vm) -> R {
    vm.interp_static("decimal.SignalDict", |vm| {
        let mapping = vm.import_attr("collections.abc", "MutableMapping")?;
        let bases = tuple::from_array([SignalDict::DEF.place.value(), mapping.clone()]).into_value();
        let dict = Ref::new(Dict::new());
        dict.set_str("__module__", str::from_str("abc"));
        vm.call(&mapping.ty().to_value(), &[str::from_str("SignalDict"), bases, dict.into_value()])
    })
}

/// A new one.
pub fn new_dict(vm: &Vm, bits: u32) -> R<Ref<SignalDict>> {
    let class = dict_class(vm)?;
    match class.as_type() {
        Some(t) => Ok(Ref::new_of(t, SignalDict { bits: Cell::new(bits), valid: Cell::new(true) })),
        None => Err(vm.system_error("SignalDict is no class")),
    }
}

fn check(vm: &Vm, d: &SignalDict) -> R<()> {
    if d.valid.get() { Ok(()) } else { Err(vm.value_error("invalid signal dict")) }
}

/// Maps signals to whether they are set.
#[class(name = "SignalDictMixin", module = "decimal", flags(BASETYPE, IMMUTABLE))]
impl SignalDict {
    #[slot]
    fn new(_vm: &Vm, cls: &TypeObject, _args: Args<'_>) -> R {
        Ok(Ref::new_of(cls, SignalDict { bits: Cell::new(0), valid: Cell::new(false) }).into_value())
    }

    #[slot]
    fn init(_vm: &Vm, _this: &Value, _args: Args<'_>) -> R<()> {
        Ok(())
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Self>) -> R<String> {
        check(vm, this)?;
        let parts: Vec<String> = SIGNALS
            .iter()
            .map(|(name, bit)| {
                let on = if this.bits.get() & bit != 0 { "True" } else { "False" };
                format!("<class 'decimal.{name}'>:{on}")
            })
            .collect();
        Ok(format!("{{{}}}", parts.join(", ")))
    }

    #[slot]
    fn hash(vm: &Vm, this: &Value) -> R<i64> {
        Err(vm.type_error(format!("unhashable type: '{}'", this.ty().name())))
    }

    #[slot]
    fn richcompare(vm: &Vm, this: &Ref<Self>, other: &Value, op: CmpOp) -> R {
        check(vm, this)?;
        if !matches!(op, CmpOp::Eq | CmpOp::Ne) {
            return Ok(Value::NOT_IMPLEMENTED);
        }
        let bits = if let Some(o) = other.downcast::<SignalDict>() {
            check(vm, o)?;
            o.bits.get()
        } else if let Some(d) = other.downcast::<Dict>() {
            match bits_of_dict(vm, d) {
                Ok(bits) => bits,
                Err(e) if vm.raised_is(&exc::KEY_ERROR) => {
                    drop(vm.catch(e));
                    return Ok(Value::NOT_IMPLEMENTED);
                }
                Err(e) => return Err(e),
            }
        } else {
            return Ok(Value::NOT_IMPLEMENTED);
        };
        Ok(Value::bool((bits == this.bits.get()) == (op == CmpOp::Eq)))
    }

    #[slot]
    fn iter(vm: &Vm, this: &Ref<Self>) -> R {
        check(vm, this)?;
        let classes = classes(vm)?;
        vm.iter(tuple::from_slice(&classes.as_slice()[1..10]).value())
    }

    #[slot]
    fn len(vm: &Vm, this: &Ref<Self>) -> R<usize> {
        check(vm, this)?;
        Ok(SIGNALS.len())
    }

    #[slot]
    fn getitem(vm: &Vm, this: &Ref<Self>, key: &Value) -> R {
        check(vm, this)?;
        Ok(Value::bool(this.bits.get() & bits_of(vm, key)? != 0))
    }

    #[slot]
    fn setitem(vm: &Vm, this: &Ref<Self>, key: &Value, value: Option<&Value>) -> R<()> {
        check(vm, this)?;
        let Some(value) = value else { return Err(vm.value_error("signal keys cannot be deleted")) };
        let bits = bits_of(vm, key)?;
        let on = vm.truth(value)?;
        this.bits.set(if on { this.bits.get() | bits } else { this.bits.get() & !bits });
        Ok(())
    }

    /// A dict with the same items.
    #[method(sig = "()")]
    fn copy(vm: &Vm, this: &Ref<Self>) -> R {
        check(vm, this)?;
        let dict = Ref::new(Dict::new());
        let classes = classes(vm)?;
        for (i, (_, bit)) in SIGNALS.iter().enumerate() {
            dict.set(vm, class_at(&classes, 1 + i), Value::bool(this.bits.get() & bit != 0))?;
        }
        Ok(dict.into_value())
    }
}
