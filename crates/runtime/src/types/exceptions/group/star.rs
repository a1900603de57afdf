//! `except*` (PEP 654): which part of an exception a clause gets, and what is raised in the end.

use super::BaseExceptionGroup;
use super::new_group;
use super::split::{pair, project, same_origin};
use crate::core::{R, Value};
use crate::types::exceptions::base::BaseException;
use crate::types::exceptions::{check_catchable, is_instance_of, traceback};
use crate::types::str;
use crate::types::tuple::Tuple;
use crate::vm::Vm;

/// What is left of an exception behind an `except*` clause for `classes`, and what the clause gets: (rest, match),
/// either of them None for nothing. `e` may be None when nothing is left already. A naked exception is wrapped
/// into a group.
///
/// Raises TypeError for classes that can't be caught, or not in this way.
pub fn group_match(vm: &Vm, e: &Value, classes: &Value) -> R<(Value, Value)> {
    check_catchable(vm, classes)?;
    let group_class = |c: &Value| c.as_type().is_some_and(|t| t.is_subtype_of(super::BASE_EXCEPTION_GROUP.get()));
    let groups = match classes.downcast::<Tuple>() {
        Some(t) => t.as_slice().iter().any(group_class),
        None => group_class(classes),
    };
    if groups {
        return Err(vm.type_error("catching ExceptionGroup with except* is not allowed. Use except instead."));
    }
    if e.is_none() {
        return Ok((Value::NONE, Value::NONE));
    }
    let is_group = e.downcast::<BaseExceptionGroup>().is_some();
    if is_instance_of(e, classes) {
        if is_group {
            return Ok((Value::NONE, e.clone()));
        }
        let group = new_group(vm, str::from_str(""), vec![e.clone()])?;
        if let Some(b) = group.downcast::<BaseException>() {
            b.traceback.set(traceback::here(vm));
        }
        return Ok((Value::NONE, group));
    }
    if is_group {
        let parts = vm.call_method(e, "split", &[classes.clone()])?;
        let (matched, rest) = pair(vm, e, &parts)?;
        return Ok((rest, matched));
    }
    Ok((e.clone(), Value::NONE))
}

/// What is to be raised after all clauses of a `try` statement have run: `results` holds what each has raised
/// (or None) and what no clause has got. None if that is nothing.
pub fn prep_reraise_star(vm: &Vm, original: Value, results: Value) -> R {
    let (original, results) = (&original, &vm.collect(&results)?);
    if results.is_empty() {
        return Ok(Value::NONE);
    }
    if original.downcast::<BaseExceptionGroup>().is_none() {
        // A naked exception was wrapped, and one clause at most has got it.
        return Ok(results.iter().find(|e| !e.is_none()).cloned().unwrap_or(Value::NONE));
    }
    let (mut reraised, mut raised) = (Vec::new(), Vec::new());
    for e in results.iter().filter(|e| !e.is_none()) {
        if same_origin(e, original) { reraised.push(e.clone()) } else { raised.push(e.clone()) }
    }
    let rest = if reraised.is_empty() { None } else { project(vm, original, &reraised)? };
    raised.extend(rest);
    match raised.len() {
        0 => Ok(Value::NONE),
        1 => Ok(raised.swap_remove(0)),
        // One new exception and nothing reraised stays as it is; several need a group around them.
        _ => new_group(vm, str::from_str(""), raised),
    }
}
