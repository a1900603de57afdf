//! Type parameters of aliases and unions, and putting arguments in their place.

use crate::core::{R, Value};
use crate::types::list::{self, List};
use crate::types::tuple::{self, Tuple};
use crate::vm::{Vm, names};

fn position(items: &[Value], v: &Value) -> Option<usize> {
    items.iter().position(|x| x.is(v))
}

/// The items of a list or tuple.
fn items(v: &Value) -> Option<Vec<Value>> {
    match (v.downcast::<Tuple>(), v.downcast::<List>()) {
        (Some(t), _) => Some(t.as_slice().to_vec()),
        (_, Some(l)) => Some(l.to_vec()),
        _ => None,
    }
}

/// The type parameters in some arguments, each once, in order.
pub fn make_parameters(vm: &Vm, args: &[Value]) -> R<Vec<Value>> {
    vm.check_native_stack()?;
    let n = names();
    let mut out: Vec<Value> = Vec::new();
    let add = |out: &mut Vec<Value>, v: &Value| {
        if position(out, v).is_none() {
            out.push(v.clone());
        }
    };
    for v in args {
        // A class itself has no parameters, even if a descriptor of this name lies in it.
        if v.as_type().is_some() {
            continue;
        }
        if vm.get_attr_opt(v, &n.__typing_subst__)?.is_some() {
            add(&mut out, v);
            continue;
        }
        let inner = match items(v) {
            Some(items) => make_parameters(vm, &items)?,
            None => match vm.get_attr_opt(v, &n.__parameters__)? {
                Some(p) => p.downcast::<Tuple>().map_or_else(Vec::new, |t| t.as_slice().to_vec()),
                None => continue,
            },
        };
        inner.iter().for_each(|p| add(&mut out, p));
    }
    Ok(out)
}

/// The arguments of a subscription, unpacked tuples resolved.
fn unpack(vm: &Vm, key: &Value) -> R<Vec<Value>> {
    let given = match key.downcast::<Tuple>() {
        Some(t) => t.as_slice().to_vec(),
        None => vec![key.clone()],
    };
    let mut out = Vec::with_capacity(given.len());
    for v in given {
        if v.as_type().is_none()
            && let Some(inner) = vm.get_attr_opt(&v, &names().__typing_unpacked_tuple_args__)?
            && let Some(t) = inner.downcast::<Tuple>()
            && !t.as_slice().last().is_some_and(|l| l.is(&Value::ELLIPSIS))
        {
            out.extend_from_slice(t.as_slice());
        } else {
            out.push(v);
        }
    }
    Ok(out)
}

/// Whether an argument stands for any number of arguments.
fn is_unpacked(vm: &Vm, v: &Value) -> R<bool> {
    if v.as_type().is_some() {
        return Ok(false);
    }
    match vm.get_attr_opt(v, &names().__typing_is_unpacked_typevartuple__)? {
        Some(b) => vm.truth(&b),
        None => Ok(false),
    }
}

/// `args` with the arguments in `key` instead of the parameters, for `this[key]`.
///
/// Raises TypeError if there are no parameters, or not as many as arguments.
pub fn substitute(vm: &Vm, this: &Value, args: &[Value], params: &[Value], key: &Value) -> R<Vec<Value>> {
    if params.is_empty() {
        return Err(vm.type_error(format!("{} is not a generic class", vm.repr_string(this)?)));
    }
    let mut given = unpack(vm, key)?;
    for p in params {
        let prepare = vm.get_attr_opt(p, &names().__typing_prepare_subst__)?;
        let Some(prepare) = prepare.filter(|f| !f.is_none()) else { continue };
        let r = vm.call(&prepare, &[this.clone(), tuple::from_vec(given).into_value()])?;
        given = match r.downcast::<Tuple>() {
            Some(t) => t.as_slice().to_vec(),
            None => vec![r],
        };
    }
    if given.len() != params.len() {
        let how = if given.len() > params.len() { "many" } else { "few" };
        let (shown, n, want) = (vm.repr_string(this)?, given.len(), params.len());
        return Err(vm.type_error(format!("Too {how} arguments for {shown}; actual {n}, expected {want}")));
    }
    replace(vm, args, params, &given)
}

/// Puts `given` in the place of `params` in `args`.
fn replace(vm: &Vm, args: &[Value], params: &[Value], given: &[Value]) -> R<Vec<Value>> {
    vm.check_native_stack()?;
    let mut out = Vec::with_capacity(args.len());
    for v in args {
        if v.as_type().is_some() {
            out.push(v.clone());
            continue;
        }
        if let Some(inner) = items(v) {
            let inner = replace(vm, &inner, params, given)?;
            let list = v.downcast::<List>().is_some();
            out.push(if list { list::from_vec(inner).into_value() } else { tuple::from_vec(inner).into_value() });
            continue;
        }
        let unpacked = is_unpacked(vm, v)?;
        let new = match vm.get_attr_opt(v, &names().__typing_subst__)? {
            Some(f) => {
                let Some(x) = position(params, v).and_then(|i| given.get(i)) else {
                    return Err(vm.type_error("a type parameter is not one of the alias"));
                };
                vm.call(&f, std::slice::from_ref(x))?
            }
            None => inner(vm, v, params, given)?,
        };
        if !unpacked {
            out.push(new);
            continue;
        }
        match new.downcast::<Tuple>() {
            Some(t) => out.extend_from_slice(t.as_slice()),
            None => {
                let (of, got) = (v.ty().full_name(), new.ty().full_name());
                return Err(vm.type_error(format!("expected __typing_subst__ of {of} objects to return a tuple, not {got}")));
            }
        }
    }
    Ok(out)
}

/// Subscribes an argument that has parameters of its own with what is given for them.
fn inner(vm: &Vm, v: &Value, params: &[Value], given: &[Value]) -> R {
    let Some(own) = vm.get_attr_opt(v, &names().__parameters__)? else { return Ok(v.clone()) };
    let Some(own) = own.downcast::<Tuple>().filter(|t| !t.is_empty()) else { return Ok(v.clone()) };
    let mut key = Vec::with_capacity(own.len());
    for p in own.as_slice() {
        match position(params, p).and_then(|i| given.get(i)) {
            None => key.push(p.clone()),
            Some(x) => match x.downcast::<Tuple>() {
                // Arguments for a TypeVarTuple.
                Some(t) if p.ty().slots().iter.is_some() => key.extend_from_slice(t.as_slice()),
                _ => key.push(x.clone()),
            },
        }
    }
    vm.getitem(v, tuple::from_vec(key).value())
}
