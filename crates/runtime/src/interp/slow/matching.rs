//! `match` statements.

use taipan_bytecode::{Op, flag};

use super::{Cx, Flow};
use crate::core::{R, Value};
use crate::types::dict::Dict;
use crate::types::exceptions as exc;
use crate::types::str::Str;
use crate::types::tuple::{self, Tuple};
use crate::types::type_::tflag;
use crate::vm::{Vm, names};

pub(super) fn dispatch(cx: &Cx<'_>, op: Op) -> R<Flow> {
    let w = cx.w;
    let vm = cx.vm;
    let r = match op {
        Op::MatchMapping => Value::bool(cx.read(w.b())?.ty().has(tflag::MAPPING)),
        Op::MatchSequence => Value::bool(cx.read(w.b())?.ty().has(tflag::SEQUENCE)),
        Op::GetLen => Value::from(vm.len(cx.read(w.b())?)?),
        Op::MatchKeys => {
            let (subject, keys) = (cx.read(w.b())?.clone(), cx.read(w.c())?.clone());
            let r = match_keys(vm, &subject, &keys)?;
            if w.flags() & flag::KILL_C != 0 {
                drop(cx.take_opt(w.c()));
            }
            r
        }
        _ => {
            let (cls, kw) = (cx.take(w.c())?, cx.take(w.c() + 1)?);
            // SAFETY: the extra word counts the positional patterns.
            let n = unsafe { *cx.extra() } as usize;
            let subject = cx.read(w.b())?.clone();
            match_class(vm, &subject, &cls, &kw, n)?
        }
    };
    if cx.kills_b() {
        drop(cx.take_opt(w.b()));
    }
    cx.put(w.a(), r);
    Ok(Flow::Next)
}

fn match_keys(vm: &Vm, subject: &Value, keys: &Value) -> R {
    let Some(keys) = keys.downcast::<Tuple>() else { return Ok(Value::NONE) };
    let mut seen: Vec<Value> = Vec::new();
    let mut values = Vec::new();
    let missing = crate::types::object::new_sentinel();
    let get = if subject.downcast_exact::<Dict>().is_some() { None } else { Some(vm.get_attr_str(subject, "get")?) };
    for k in keys.as_slice() {
        for s in &seen {
            if vm.eq(s, k)? {
                return Err(vm.value_error(format!("mapping pattern checks duplicate key ({})", vm.repr_string(k)?)));
            }
        }
        seen.push(k.clone());
        let v = match (&get, subject.downcast_exact::<Dict>()) {
            (None, Some(d)) => d.get(vm, k)?.unwrap_or_else(|| missing.clone()),
            (Some(get), _) => vm.call(get, &[k.clone(), missing.clone()])?,
            (None, None) => missing.clone(),
        };
        if v.is(&missing) {
            return Ok(Value::NONE);
        }
        values.push(v);
    }
    Ok(tuple::from_vec(values).into_value())
}

fn match_class(vm: &Vm, subject: &Value, cls: &Value, kw: &Value, n: usize) -> R {
    let Some(t) = cls.as_type() else { return Err(vm.type_error("called match pattern must be a class")) };
    if !vm.is_instance(subject, cls)? {
        return Ok(Value::NONE);
    }
    let mut seen: Vec<Value> = Vec::new();
    let mut out = Vec::new();
    let attr = |name: &Value, seen: &mut Vec<Value>| -> R<Option<Value>> {
        if seen.iter().any(|s| s.is(name)) {
            return Err(vm.type_error(format!("{}() got multiple sub-patterns for attribute '{}'", t.name(), vm.str_lossy(name))));
        }
        seen.push(name.clone());
        let r = vm.get_attr(subject, name);
        vm.ignore(r, &exc::ATTRIBUTE_ERROR)
    };
    if n > 0 {
        let r = vm.get_attr(cls, &names().__match_args__);
        let (args, self_match) = match vm.ignore(r, &exc::ATTRIBUTE_ERROR)? {
            Some(a) => {
                if a.downcast_exact::<Tuple>().is_none() {
                    return Err(vm.type_error(format!("{}.__match_args__ must be a tuple (got {})", t.name(), a.ty().tp_name())));
                }
                (a, false)
            }
            None => (crate::vm::empty_tuple().into_value(), t.has(tflag::MATCH_SELF)),
        };
        let args = args.downcast_exact::<Tuple>().map_or_else(Vec::new, |a| a.as_slice().to_vec());
        let allowed = if self_match { 1 } else { args.len() };
        if n > allowed {
            let plural = if allowed == 1 { "" } else { "s" };
            return Err(vm.type_error(format!("{}() accepts {allowed} positional sub-pattern{plural} ({n} given)", t.name())));
        }
        if self_match {
            out.push(subject.clone());
        } else {
            for a in args.iter().take(n) {
                if a.downcast_exact::<Str>().is_none() {
                    return Err(vm.type_error(format!("__match_args__ elements must be strings (got {})", a.ty().tp_name())));
                }
                let a = crate::vm::intern_value(a);
                match attr(&a, &mut seen)? {
                    Some(v) => out.push(v),
                    None => return Ok(Value::NONE),
                }
            }
        }
    }
    if let Some(kw) = kw.downcast::<Tuple>() {
        for name in kw.as_slice() {
            let name = crate::vm::intern_value(name);
            match attr(&name, &mut seen)? {
                Some(v) => out.push(v),
                None => return Ok(Value::NONE),
            }
        }
    }
    Ok(tuple::from_vec(out).into_value())
}
