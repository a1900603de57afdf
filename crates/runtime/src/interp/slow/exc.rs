//! Raising and handling.

use taipan_bytecode::{Op, flag};

use super::{Cx, Flow};
use crate::core::{R, Value};
use crate::types::exceptions::{self as exc, BaseException};
use crate::types::type_::tflag;

pub(super) fn dispatch(cx: &Cx<'_>, op: Op) -> R<Flow> {
    let w = cx.w;
    let vm = cx.vm;
    match op {
        Op::Raise => {
            if w.c() == 0 {
                return match vm.current_handled() {
                    Some(e) => Err(vm.reraise(e)),
                    None => Err(vm.runtime_error("No active exception to reraise")),
                };
            }
            let e = cx.take_or_clone(w.a(), flag::KILL_A)?;
            let cause = if w.c() == 2 { Some(cx.take_or_clone(w.b(), flag::KILL_B)?) } else { None };
            Err(raise(cx, e, cause)?)
        }
        Op::Reraise => {
            let e = cx.take_or_clone(w.a(), flag::KILL_A)?;
            Err(vm.reraise(e))
        }
        Op::PushExcInfo => {
            let e = cx.read(w.b())?.clone();
            let old = vm.handled.replace(Some(e));
            cx.put(w.a(), old.unwrap_or(Value::NONE));
            Ok(Flow::Next)
        }
        Op::PopExcept => {
            let saved = cx.take(w.a())?;
            let old = vm.handled.replace(if saved.is_none() { None } else { Some(saved) });
            drop(old);
            Ok(Flow::Next)
        }
        Op::CheckExcMatch => {
            let m = exc::matches(vm, cx.read(w.b())?, cx.read(w.c())?)?;
            cx.kill();
            cx.put(w.a(), Value::bool(m));
            Ok(Flow::Next)
        }
        Op::CheckEgMatch => {
            let (rest, matched) = exc::group_match(vm, cx.read(w.b())?, cx.read(w.c())?)?;
            if !matched.is_none() {
                let old = vm.handled.replace(Some(matched.clone()));
                drop(old);
            }
            cx.kill();
            cx.put(w.a(), rest);
            cx.put(w.a() + 1, matched);
            Ok(Flow::Next)
        }
        _ => {
            let e = cx.read(w.c())?.clone();
            let f = cx.read(w.b())?.clone();
            let tb = e.downcast::<BaseException>().and_then(|b| b.traceback.get()).map_or(Value::NONE, Into::into);
            let mut args = Vec::with_capacity(4);
            args.extend(cx.read_opt(w.b() + 1).cloned());
            args.extend([e.ty().to_value(), e.clone(), tb]);
            let r = vm.call(&f, &args)?;
            cx.put(w.a(), r);
            Ok(Flow::Next)
        }
    }
}

/// The exception that `raise e` or `raise e from cause` raises.
fn raise(cx: &Cx<'_>, e: Value, cause: Option<Value>) -> R<crate::core::Raised> {
    let vm = cx.vm;
    let instance = |v: Value, what: &str| -> R {
        if let Some(t) = v.as_type()
            && t.has(tflag::EXC_SUB)
        {
            let made = vm.call(&v, &[])?;
            if made.downcast::<BaseException>().is_none() {
                return Err(vm.type_error(format!(
                    "calling {} should have returned an instance of BaseException, not {}",
                    vm.repr_string(&v)?,
                    vm.repr_string(&made.ty().to_value())?
                )));
            }
            return Ok(made);
        }
        if v.downcast::<BaseException>().is_some() {
            return Ok(v);
        }
        Err(vm.type_error(what))
    };
    let e = instance(e, "exceptions must derive from BaseException")?;
    if let Some(c) = cause {
        let c = if c.is_none() { c } else { instance(c, "exception causes must derive from BaseException")? };
        exc::set_cause(&e, c);
    }
    Ok(vm.raise(e))
}

