//! Taking exception groups apart.

use std::collections::HashSet;

use super::super::is_exception_class;
use super::BaseExceptionGroup;
use crate::core::{R, Ref, Value};
use crate::types::list;
use crate::types::tuple::Tuple;
use crate::types::type_::tflag;
use crate::vm::{Vm, names};

/// What exceptions are sought.
pub enum Matcher {
    /// Instances of a class or of one of several.
    Class(Value),
    /// Those for which a function says so.
    Function(Value),
    /// These very objects, none of them a group (by their ids).
    Leaves(HashSet<u64>),
}

impl Matcher {
    /// The argument of `split` and `subgroup`.
    ///
    /// Raises TypeError for what is no condition.
    pub fn from_argument(vm: &Vm, v: &Value) -> R<Matcher> {
        if v.as_type().is_none() && v.ty().slots().call.is_some() {
            return Ok(Matcher::Function(v.clone()));
        }
        let classes = match v.downcast::<Tuple>() {
            Some(t) => t.as_slice().iter().all(is_exception_class),
            None => is_exception_class(v),
        };
        if classes {
            return Ok(Matcher::Class(v.clone()));
        }
        Err(vm.type_error("expected an exception type, a tuple of exception types, or a callable (other than a class)"))
    }

    fn accepts(&self, vm: &Vm, e: &Value) -> R<bool> {
        match self {
            Matcher::Class(c) => Ok(super::super::is_instance_of(e, c)),
            Matcher::Function(f) => {
                let r = vm.call(f, std::slice::from_ref(e))?;
                vm.truth(&r)
            }
            Matcher::Leaves(ids) => Ok(e.downcast::<BaseExceptionGroup>().is_none() && ids.contains(&e.id())),
        }
    }
}

/// The parts that match and (if `with_rest`) that don't; groups keep their nesting.
pub fn split(vm: &Vm, e: &Value, matcher: &Matcher, with_rest: bool) -> R<(Option<Value>, Option<Value>)> {
    vm.check_native_stack()?;
    if matcher.accepts(vm, e)? {
        return Ok((Some(e.clone()), None));
    }
    let Some(group) = e.downcast::<BaseExceptionGroup>() else {
        return Ok((None, with_rest.then(|| e.clone())));
    };
    let (mut matched, mut rest) = (Vec::new(), Vec::new());
    for inner in group.members().as_slice() {
        let (m, r) = split(vm, inner, matcher, with_rest)?;
        matched.extend(m);
        rest.extend(r);
    }
    Ok((subset(vm, group, matched)?, subset(vm, group, rest)?))
}

/// A group like `original` with other members; `None` for no members.
fn subset(vm: &Vm, original: &Ref<BaseExceptionGroup>, members: Vec<Value>) -> R<Option<Value>> {
    if members.is_empty() {
        return Ok(None);
    }
    let members = list::from_vec(members).into_value();
    let derived = vm.call_method(original.value(), "derive", &[members])?;
    let Some(new) = derived.downcast::<BaseExceptionGroup>() else {
        return Err(vm.type_error("derive must return an instance of BaseExceptionGroup"));
    };
    if let Some(tb) = original.base.traceback.get() {
        new.base.traceback.set(Some(tb));
    }
    new.base.context.set(original.base.context.get());
    new.base.set_cause(original.base.cause.get());
    if let Some(notes) = vm.get_attr_opt(original.value(), &names().__notes__)? {
        // What is no sequence was put there by somebody who knows why; it is left alone.
        let slots = notes.ty().slots();
        if slots.item.is_some() || slots.getitem.is_some() && !notes.ty().has(tflag::DICT_SUB) {
            let copy = list::from_vec(vm.collect(&notes)?).into_value();
            vm.set_attr(&derived, &names().__notes__, &copy)?;
        }
    }
    Ok(Some(derived))
}

/// The ids of all exceptions in groups that are no groups themselves.
pub fn leaves(vm: &Vm, e: &Value, out: &mut HashSet<u64>) -> R<()> {
    vm.check_native_stack()?;
    match e.downcast::<BaseExceptionGroup>() {
        None => {
            out.insert(e.id());
            Ok(())
        }
        Some(group) => group.members().as_slice().iter().try_for_each(|inner| leaves(vm, inner, out)),
    }
}

/// The part of `original` whose leaves are those of `keep`.
pub fn project(vm: &Vm, original: &Value, keep: &[Value]) -> R<Option<Value>> {
    let mut ids = HashSet::new();
    for e in keep {
        leaves(vm, e, &mut ids)?;
    }
    Ok(split(vm, original, &Matcher::Leaves(ids), false)?.0)
}

/// Whether a group that an `except*` block raises is a part of the one that it has got: nothing but `raise`
/// keeps traceback, context and cause alike.
pub fn same_origin(a: &Value, b: &Value) -> bool {
    let (Some(a), Some(b)) = (a.downcast::<BaseExceptionGroup>(), b.downcast::<BaseExceptionGroup>()) else {
        return false;
    };
    let (a, b) = (&a.base, &b.base);
    same(a.traceback.get().map(Ref::into_value), b.traceback.get().map(Ref::into_value))
        && same(a.cause.get(), b.cause.get())
        && same(a.context.get(), b.context.get())
}

fn same(a: Option<Value>, b: Option<Value>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a.is(&b),
        (None, None) => true,
        _ => false,
    }
}

/// `pair` as the two values that a `split` method must return.
///
/// Raises TypeError for anything else.
pub fn pair(vm: &Vm, group: &Value, pair: &Value) -> R<(Value, Value)> {
    let class = || group.ty().name();
    let Some(t) = pair.downcast::<Tuple>() else {
        let got = pair.ty().name();
        return Err(vm.type_error(format!("{}.split must return a tuple, not {got}", class())));
    };
    match t.as_slice() {
        [matched, rest, ..] => Ok((matched.clone(), rest.clone())),
        few => {
            let n = few.len();
            Err(vm.type_error(format!("{}.split must return a 2-tuple, got tuple of size {n}", class())))
        }
    }
}
