//! The method resolution order.

use std::collections::HashMap;

use super::layout::{derives, layout_base};
use super::{TypeObject, lookup, tflag};
use crate::core::{R, Value};
use crate::types::{native_fn, tuple};
use crate::vm::{Vm, names};

/// The order that the metatype wants, a tuple, and whether its own `mro` made it.
///
/// Raises TypeError when the bases can't be put in an order or the metatype's can't be used.
pub(super) fn call_mro(vm: &Vm, t: &TypeObject) -> R<(Value, bool)> {
    let value = t.to_value();
    let meta = value.ty();
    if !meta.is(super::TYPE_PLACE().get())
        && let Some(f) = lookup(meta, &names().mro)
        && !native_fn::is_native_method(&f)
    {
        let Some(r) = vm.call_special(&value, &names().mro, &[])? else {
            return Err(vm.attribute_error(&value, &names().mro, "mro"));
        };
        let items = vm.collect(&r)?;
        let solid = layout_base(t);
        for c in &items {
            let Some(c) = c.as_type() else {
                return Err(vm.type_error(format!("mro() returned a non-class ('{}')", c.ty().tp_name())));
            };
            if !derives(solid, layout_base(c)) {
                return Err(vm.type_error(format!("mro() returned base with unsuitable layout ('{}')", c.tp_name())));
            }
        }
        return Ok((tuple::from_vec(items).into_value(), true));
    }
    mro_of(vm, &value).map(|order| (order, false))
}

/// Sets a type's order and what follows from it; gives the old one.
pub(super) fn set_order(t: &TypeObject, order: Value, custom: bool) -> Value {
    let old = t.mro.replace(order);
    // SAFETY: no Python code runs here.
    let others = unsafe { t.mro_slice() }.iter().skip(1).filter_map(Value::as_type);
    let custom = custom || others.into_iter().any(|b| b.has(tflag::CUSTOM_MRO));
    let flags = t.flags.get() & !tflag::CUSTOM_MRO;
    t.flags.set(flags | if custom { tflag::CUSTOM_MRO } else { 0 });
    super::modified(t);
    old
}

/// The C3 linearisation.
///
/// Raises TypeError when the bases can't be put in an order, or one stands there twice.
pub fn mro_of(vm: &Vm, value: &Value) -> R {
    let Some(t) = value.as_type() else { return Err(vm.type_error("not a type")) };
    let bases = vm.collect(&t.bases.get())?;
    for (i, b) in bases.iter().enumerate() {
        if bases[..i].iter().any(|x| x.is(b)) {
            let name = b.as_type().map_or_else(String::new, TypeObject::name);
            return Err(vm.type_error(format!("duplicate base class {name}")));
        }
    }
    let mut lists: Vec<Vec<Value>> = Vec::new();
    for b in &bases {
        let Some(bt) = b.as_type() else { return Err(vm.type_error("bases must be types")) };
        // SAFETY: copied at once.
        let l = unsafe { bt.mro_slice() }.to_vec();
        if l.is_empty() {
            return Err(vm.type_error(format!("Cannot extend an incomplete type '{}'", bt.name())));
        }
        lists.push(l);
    }
    if let [only] = &lists[..] {
        let mut out = vec![value.clone()];
        out.extend(only.iter().cloned());
        return Ok(tuple::from_vec(out).into_value());
    }
    lists.push(bases);
    let mut heads = vec![0usize; lists.len()];
    // How often each class stands in a tail.
    let mut tails: HashMap<u64, usize> = HashMap::new();
    for l in &lists {
        for v in l.iter().skip(1) {
            *tails.entry(v.raw()).or_default() += 1;
        }
    }
    let mut out = vec![value.clone()];
    loop {
        let mut done = true;
        let mut chosen = None;
        for (i, l) in lists.iter().enumerate() {
            let Some(head) = l.get(heads[i]) else { continue };
            done = false;
            if tails.get(&head.raw()).copied().unwrap_or(0) == 0 {
                chosen = Some(head.clone());
                break;
            }
        }
        if done {
            return Ok(tuple::from_vec(out).into_value());
        }
        let Some(c) = chosen else {
            let mut left: Vec<String> = Vec::new();
            for (i, l) in lists.iter().enumerate() {
                if let Some(v) = l.get(heads[i]) {
                    let name = v.as_type().map_or_else(String::new, TypeObject::name);
                    if !left.contains(&name) {
                        left.push(name);
                    }
                }
            }
            return Err(vm.type_error(format!(
                "Cannot create a consistent method resolution order (MRO) for bases {}",
                left.join(", ")
            )));
        };
        for (i, l) in lists.iter().enumerate() {
            if l.get(heads[i]).is_some_and(|v| v.is(&c)) {
                heads[i] += 1;
                if let Some(next) = l.get(heads[i])
                    && let Some(n) = tails.get_mut(&next.raw())
                {
                    *n -= 1;
                }
            }
        }
        out.push(c);
    }
}
