//! Displays, subscripts, slices, formatted strings.

use taipan_bytecode::{Op, flag};

use super::{Cx, Flow};
use crate::core::{R, Ref, Value};
use crate::types::dict::Dict;
use crate::types::exceptions as exc;
use crate::types::list::{self, List};
use crate::types::str::{Str, StrBuilder};
use crate::types::function::Function;
use crate::types::tuple;
use crate::types::type_::lookup;
use crate::types::type_::slotdefs::is_python_getitem;
use crate::vm::names;
use crate::types::{set, slice, template};

/// Takes a consumed run of registers out; empty ones raise.
pub(super) fn take_run(cx: &Cx<'_>, first: usize, n: usize) -> R<Vec<Value>> {
    (first..first + n).map(|r| cx.take(r)).collect()
}

pub(super) fn dispatch(cx: &Cx<'_>, op: Op) -> R<Flow> {
    let w = cx.w;
    let vm = cx.vm;
    match op {
        Op::BuildTuple => {
            for r in w.b()..w.b() + w.c() {
                cx.read(r)?;
            }
            // SAFETY: the registers are owned values; they are zeroed as their counts move.
            let t = unsafe {
                let from = cx.base.add(w.b());
                let t = tuple::take_raw(from, w.c());
                from.write_bytes(0, w.c());
                t
            };
            cx.put(w.a(), t.into_value());
        }
        Op::BuildList => {
            let items = take_run(cx, w.b(), w.c())?;
            cx.put(w.a(), list::from_vec(items).into_value());
        }
        Op::BuildSet => {
            let s = set::new_empty();
            for v in take_run(cx, w.b(), w.c())? {
                s.add(vm, v)?;
            }
            cx.put(w.a(), s.into_value());
        }
        Op::BuildMap => {
            let d = Ref::new(Dict::new());
            let mut items = take_run(cx, w.b(), w.c() * 2)?.into_iter();
            while let (Some(k), Some(v)) = (items.next(), items.next()) {
                d.set(vm, k, v)?;
            }
            cx.put(w.a(), d.into_value());
        }
        Op::BuildString => {
            let n = w.c();
            let mut len = 0;
            for r in w.b()..w.b() + n {
                len += cx.read(r)?.downcast::<Str>().map_or(0, |s| s.len());
            }
            let mut out = StrBuilder::with_capacity(len);
            for r in w.b()..w.b() + n {
                let v = cx.take(r)?;
                if let Some(s) = v.downcast::<Str>() {
                    out.push_obj(s);
                }
            }
            cx.put(w.a(), out.finish());
        }
        Op::BuildSlice => {
            let mut items = take_run(cx, w.b(), w.c())?.into_iter();
            let mut next = || items.next().unwrap_or(Value::NONE);
            let (start, stop, step) = (next(), next(), next());
            cx.put(w.a(), slice::new(start, stop, step));
        }
        Op::ListAppend => {
            let v = cx.take_or_clone(w.b(), flag::KILL_B)?;
            if let Some(l) = cx.read(w.a())?.downcast::<List>() {
                l.push(v);
            }
        }
        Op::SetAdd => {
            let v = cx.take_or_clone(w.b(), flag::KILL_B)?;
            if let Some(s) = cx.read(w.a())?.downcast::<set::Set>() {
                s.add(vm, v)?;
            }
        }
        Op::MapAdd => {
            let k = cx.take_or_clone(w.b(), flag::KILL_B)?;
            let v = cx.take_or_clone(w.c(), flag::KILL_C)?;
            if let Some(d) = cx.read(w.a())?.downcast::<Dict>() {
                d.set(vm, k, v)?;
            }
        }
        Op::ListExtend => {
            let source = cx.take_or_clone(w.b(), flag::KILL_B)?;
            if let (Some(t), Some(l)) = (source.downcast_exact::<tuple::Tuple>(), cx.read(w.a())?.downcast_exact::<List>()) {
                l.push_all(t.as_slice());
                return Ok(Flow::Next);
            }
            let l = cx.read(w.a())?.clone();
            let r = match source.ty().slots().iter {
                None if source.ty().slots().getitem.is_none() => {
                    return Err(vm.type_error(format!("Value after * must be an iterable, not {}", source.ty().tp_name())));
                }
                _ => vm.for_each(&source, |v| {
                    if let Some(l) = l.downcast::<List>() {
                        l.push(v);
                    }
                    Ok(())
                }),
            };
            r?;
        }
        Op::SetUpdate => {
            let source = cx.take_or_clone(w.b(), flag::KILL_B)?;
            let s = cx.read(w.a())?.clone();
            vm.for_each(&source, |v| match s.downcast::<set::Set>() {
                Some(s) => s.add(vm, v).map(drop),
                None => Ok(()),
            })?;
        }
        Op::DictUpdate => {
            let source = cx.take_or_clone(w.b(), flag::KILL_B)?;
            let d = cx.read(w.a())?.clone();
            if let Some(d) = d.downcast::<Dict>() {
                update(cx, d, &source)?;
            }
        }
        Op::DictMerge => {
            let source = cx.take_or_clone(w.b(), flag::KILL_B)?;
            let d = cx.read(w.a())?.clone();
            if let Some(d) = d.downcast::<Dict>() {
                merge_kwargs(cx, d, &source, cx.read_opt(w.c()))?;
            }
        }
        Op::ListToTuple => {
            let l = cx.take_or_clone(w.b(), flag::KILL_B)?;
            let items = match l.downcast_exact::<List>() {
                // Nobody else has the list that collected the items.
                Some(list) if list.header().unique() => list.take_all(),
                Some(list) => list.to_vec(),
                None => Vec::new(),
            };
            cx.put(w.a(), tuple::from_vec(items).into_value());
        }
        Op::FormatSimple | Op::Convert => {
            let v = cx.read(w.b())?;
            let converted = match w.c() {
                1 => vm.str(v)?,
                2 => vm.repr(v)?,
                3 => vm.ascii(v)?,
                _ => v.clone(),
            };
            let r = if op == Op::Convert || converted.downcast_exact::<Str>().is_some() {
                converted
            } else {
                vm.format(&converted, &crate::types::str::from_str(""))?
            };
            if cx.kills_b() {
                drop(cx.take_opt(w.b()));
            }
            cx.put(w.a(), r);
        }
        Op::FormatWithSpec => {
            let r = vm.format(cx.read(w.b())?, cx.read(w.c())?)?;
            cx.kill();
            cx.put(w.a(), r);
        }
        Op::BuildInterpolation => {
            let (value, text) = (cx.take(w.b())?, cx.take(w.b() + 1)?);
            let spec = cx.take_opt(w.b() + 2).unwrap_or_else(|| crate::types::str::from_str(""));
            let conversion = match w.c() {
                1 => crate::types::str::from_str("s"),
                2 => crate::types::str::from_str("r"),
                3 => crate::types::str::from_str("a"),
                _ => Value::NONE,
            };
            cx.put(w.a(), template::new_interpolation(value, text, conversion, spec));
        }
        _ => {
            let (strings, interpolations) = (cx.take(w.b())?, cx.take(w.b() + 1)?);
            let (Ok(s), Ok(i)) = (strings.into_ref::<tuple::Tuple>(), interpolations.into_ref::<tuple::Tuple>()) else {
                return Err(vm.system_error("a template needs tuples"));
            };
            cx.put(w.a(), template::new_template(s, i));
        }
    }
    Ok(Flow::Next)
}

fn update(cx: &Cx<'_>, d: &Ref<Dict>, source: &Value) -> R<()> {
    if let Some(o) = source.downcast_exact::<Dict>() {
        return d.merge(cx.vm, o);
    }
    let keys = cx.vm.get_attr_str(source, "keys");
    let Some(keys) = cx.vm.ignore(keys, &exc::ATTRIBUTE_ERROR)? else {
        return Err(cx.vm.type_error(format!("'{}' object is not a mapping", source.ty().tp_name())));
    };
    let keys = cx.vm.call(&keys, &[])?;
    cx.vm.for_each(&keys, |k| {
        let v = cx.vm.getitem(source, &k)?;
        d.set(cx.vm, k, v)
    })
}

/// `**source` of a call, into the dict of the call's keyword arguments.
fn merge_kwargs(cx: &Cx<'_>, d: &Ref<Dict>, source: &Value, callable: Option<&Value>) -> R<()> {
    let vm = cx.vm;
    let who = |vm: &crate::vm::Vm| callable.map_or_else(String::new, |f| super::calls::callable_name(vm, f));
    let add = |k: Value, v: Value| -> R<()> {
        // Whether all are strings is looked at when all are there.
        if d.contains(vm, &k)? {
            let k = vm.str_string(&k)?;
            return Err(vm.type_error(format!("{} got multiple values for keyword argument '{k}'", who(vm))));
        }
        d.set(vm, k, v)
    };
    if let Some(o) = source.downcast_exact::<Dict>() {
        for (k, v) in o.items() {
            add(k, v)?;
        }
        return Ok(());
    }
    let keys = vm.get_attr_str(source, "keys");
    let Some(keys) = vm.ignore(keys, &exc::ATTRIBUTE_ERROR)? else {
        return Err(vm.type_error(format!("{} argument after ** must be a mapping, not {}", who(vm), source.ty().tp_name())));
    };
    let keys = vm.call(&keys, &[])?;
    vm.for_each(&keys, |k| {
        let v = vm.getitem(source, &k)?;
        add(k, v)
    })
}

/// The Python function behind `o[key]`, if it takes just these two.
fn python_getitem(o: &Value) -> Option<Ref<Function>> {
    let ty = o.ty();
    if !ty.slots().getitem.is_some_and(is_python_getitem) {
        return None;
    }
    let f = lookup(ty, &names().__getitem__)?;
    f.downcast_exact::<Function>().filter(|f| f.simple_argc.get() == 2).cloned()
}

pub(super) fn subscript(cx: &Cx<'_>, op: Op) -> R<Flow> {
    let w = cx.w;
    let vm = cx.vm;
    match op {
        Op::LoadSubscr => {
            let (o, key) = (cx.read(w.b())?, cx.read(w.c())?);
            if let Some(func) = python_getitem(o) {
                let args = [o.clone(), key.clone()];
                cx.kill();
                return super::calls::enter_above(cx, &func, args, w.a(), 0);
            }
            let r = vm.getitem(cx.read(w.b())?, cx.read(w.c())?)?;
            cx.kill();
            cx.put(w.a(), r);
        }
        Op::LoadSubscrInt => {
            let o = cx.read(w.b())?;
            if let Some(func) = python_getitem(o) {
                let args = [o.clone(), Value::from(w.c_imm())];
                if cx.kills_b() {
                    drop(cx.take_opt(w.b()));
                }
                return super::calls::enter_above(cx, &func, args, w.a(), 0);
            }
            let r = vm.getitem(cx.read(w.b())?, &Value::from(w.c_imm()))?;
            if cx.kills_b() {
                drop(cx.take_opt(w.b()));
            }
            cx.put(w.a(), r);
        }
        Op::StoreSubscr => {
            let (o, k, v) = (cx.read(w.a())?, cx.read(w.b())?, cx.read(w.c())?);
            match o.downcast_exact::<Dict>() {
                Some(d) => d.set(vm, k.clone(), v.clone())?,
                None => vm.setitem(o, k, v)?,
            }
            cx.kill();
        }
        Op::DeleteSubscr => {
            vm.delitem(cx.read(w.a())?, cx.read(w.b())?)?;
            cx.kill();
        }
        Op::LoadSlice => {
            let (start, stop) = (cx.take(w.c())?, cx.take(w.c() + 1)?);
            let o = cx.read(w.b())?;
            let r = vm.getitem(o, &slice::new(start, stop, Value::NONE))?;
            if cx.kills_b() {
                drop(cx.take_opt(w.b()));
            }
            cx.put(w.a(), r);
        }
        _ => {
            let (start, stop) = (cx.take(w.b())?, cx.take(w.b() + 1)?);
            vm.setitem(cx.read(w.a())?, &slice::new(start, stop, Value::NONE), cx.read(w.c())?)?;
            if w.flags() & flag::KILL_C != 0 {
                drop(cx.take_opt(w.c()));
            }
            if w.flags() & flag::KILL_A != 0 {
                drop(cx.take_opt(w.a()));
            }
        }
    }
    Ok(Flow::Next)
}
