//! bool: an int that lives in the word and has names.

use crate::core::{R, Trace, Value};
use crate::native::{Args, TypeDef};
use crate::types::int::{self, Int};
use crate::types::type_::TypeObject;
use crate::vm::{Vm, intern};

/// Only a type; the values are `True` and `False`.
pub struct Bool;

impl Trace for Bool {
    fn trace(&self, _: &mut taipan_memory::Tracer<'_>) {}
}

/// The types of this file.
pub const TYPES: &[&TypeDef] = &[Bool::DEF];

/// A bitwise operator: of two bools a bool, else that of int.
#[inline]
fn logic(
    vm: &Vm,
    a: &Value,
    b: &Value,
    bools: fn(bool, bool) -> bool,
    ints: fn(&Vm, &Value, &Value) -> R,
) -> R {
    match (a.as_bool(), b.as_bool()) {
        (Some(x), Some(y)) => Ok(Value::bool(bools(x, y))),
        _ => ints(vm, a, b),
    }
}

/// The truth of a value: True or False.
///
/// There are no others: bool can't be subclassed.
#[taipan_macros::class(name = "bool", place = BOOL, base = Int, flags(INT_SUB, MATCH_SELF), sig = "(object=False, /)")]
impl Bool {
    #[slot]
    fn new(vm: &Vm, _cls: &TypeObject, args: Args<'_>) -> R {
        if !args.names.is_empty() {
            return Err(vm.type_error("bool() takes no keyword arguments"));
        }
        match args.all {
            [] => Ok(Value::FALSE),
            [v] => vm.truth(v).map(Value::bool),
            more => Err(vm.type_error(format!(
                "bool expected at most 1 argument, got {}",
                more.len()
            ))),
        }
    }

    #[slot]
    fn repr(_vm: &Vm, this: &Value) -> Value {
        intern(if this.is_true() { "True" } else { "False" }).into_value()
    }

    #[slot(binary = And)]
    fn and(vm: &Vm, a: &Value, b: &Value) -> R {
        logic(vm, a, b, |x, y| x & y, int::and)
    }

    #[slot(binary = Or)]
    fn or(vm: &Vm, a: &Value, b: &Value) -> R {
        logic(vm, a, b, |x, y| x | y, int::or)
    }

    #[slot(binary = Xor)]
    fn xor(vm: &Vm, a: &Value, b: &Value) -> R {
        logic(vm, a, b, |x, y| x ^ y, int::xor)
    }

    #[slot]
    fn invert(vm: &Vm, this: &Value) -> R {
        let text = "Bitwise inversion '~' on bool is deprecated and will be removed in Python 3.16. This returns the \
                    bitwise inversion of the underlying int object and is usually not what you expect from the \
                    negation of a bool object. Use the 'not' operator for boolean negation or ~int(x) for the \
                    bitwise inversion of the underlying int.";
        vm.warn(&crate::types::exceptions::DEPRECATION_WARNING, text, 1)?;
        Ok(Value::small(if this.is_true() { -2 } else { -1 }))
    }
}
