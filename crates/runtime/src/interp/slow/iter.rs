//! Loops and unpacking.

use taipan_bytecode::{Op, flag};

use super::{Cx, Flow};
use crate::core::{R, Value};
use crate::types::generator::Generator;
use crate::types::list::{List, ListIter};
use crate::types::range::RangeIter;
use crate::types::tuple::{Tuple, TupleIter};

pub(super) fn dispatch(cx: &Cx<'_>, op: Op) -> R<Flow> {
    let w = cx.w;
    let vm = cx.vm;
    match op {
        Op::GetIter => {
            let it = vm.iter(cx.read(w.b())?)?;
            if cx.kills_b() {
                drop(cx.take_opt(w.b()));
            }
            cx.put(w.a(), it);
            Ok(Flow::Next)
        }
        Op::UnpackSequence => unpack(cx),
        Op::UnpackEx => unpack_ex(cx),
        _ => for_iter(cx),
    }
}

fn for_iter(cx: &Cx<'_>) -> R<Flow> {
    let w = cx.w;
    let it = cx.read(w.b())?;
    if let Some(g) = it.downcast_exact::<Generator>()
        && g.can_inline()
    {
        if cx.w.opcode() != Op::ForIter as u8 {
            cx.specialise(Op::ForIter);
        }
        cx.vm.poll()?;
        return super::gens::enter_inline(cx, g, Value::NONE, w.a());
    }
    specialise(cx, it);
    match cx.vm.next(it)? {
        Some(v) => {
            cx.put(w.a(), v);
            // SAFETY: the extra word is the jump.
            Ok(Flow::Jump(unsafe { *cx.extra() } as i64 as isize))
        }
        None => {
            cx.vm.forget_stop_value();
            drop(cx.take_opt(w.b()));
            Ok(Flow::Next)
        }
    }
}

fn specialise(cx: &Cx<'_>, it: &Value) {
    let op = if let Some(r) = it.downcast_exact::<RangeIter>() {
        // The specialised loop makes words without a look at their size: all values must fit 63 bits.
        let last = i128::from(r.next.get()) + i128::from(r.step.get()) * i128::from(r.len.get().max(0));
        let fits = |n: i128| n >= i128::from(i64::MIN >> 1) && n <= i128::from(i64::MAX >> 1);
        if fits(last) && fits(i128::from(r.next.get())) { Op::ForRange } else { Op::ForIter }
    } else if it.downcast_exact::<ListIter>().is_some() {
        Op::ForList
    } else if it.downcast_exact::<TupleIter>().is_some() {
        Op::ForTuple
    } else {
        Op::ForIter
    };
    if op as u8 != cx.w.opcode() {
        cx.specialise(op);
    }
}

fn put_all(cx: &Cx<'_>, items: Vec<Value>) {
    for (i, v) in items.into_iter().enumerate() {
        cx.put(cx.w.a() + i, v);
    }
}

fn unpack(cx: &Cx<'_>) -> R<Flow> {
    let vm = cx.vm;
    let n = cx.w.c();
    let o = cx.take_or_clone(cx.w.b(), flag::KILL_B)?;
    if let Some(l) = o.downcast_exact::<List>() {
        let items = l.to_vec();
        return exact(cx, items, n);
    }
    if let Some(t) = o.downcast_exact::<Tuple>() {
        return exact(cx, t.as_slice().to_vec(), n);
    }
    let it = iterator(cx, &o)?;
    let mut items = Vec::with_capacity(n);
    while items.len() < n {
        match vm.next(&it)? {
            Some(v) => items.push(v),
            None => return Err(vm.value_error(format!("not enough values to unpack (expected {n}, got {})", items.len()))),
        }
    }
    if vm.next(&it)?.is_some() {
        return Err(too_many(cx, &o, n));
    }
    put_all(cx, items);
    Ok(Flow::Next)
}

fn too_many(cx: &Cx<'_>, o: &Value, n: usize) -> crate::core::Raised {
    let got = if o.ty().has(crate::types::type_::tflag::DICT_SUB) { cx.vm.len(o).ok() } else { None };
    match got {
        Some(got) => cx.vm.value_error(format!("too many values to unpack (expected {n}, got {got})")),
        None => cx.vm.value_error(format!("too many values to unpack (expected {n})")),
    }
}

fn exact(cx: &Cx<'_>, items: Vec<Value>, n: usize) -> R<Flow> {
    match items.len().cmp(&n) {
        std::cmp::Ordering::Equal => {
            put_all(cx, items);
            Ok(Flow::Next)
        }
        std::cmp::Ordering::Less => Err(cx.vm.value_error(format!("not enough values to unpack (expected {n}, got {})", items.len()))),
        std::cmp::Ordering::Greater => Err(cx.vm.value_error(format!("too many values to unpack (expected {n}, got {})", items.len()))),
    }
}

fn iterator(cx: &Cx<'_>, o: &Value) -> R {
    let slots = o.ty().slots();
    if slots.iter.is_none() && slots.getitem.is_none() && slots.item.is_none() {
        return Err(cx.vm.type_error(format!("cannot unpack non-iterable {} object", o.ty().tp_name())));
    }
    cx.vm.iter(o)
}

fn unpack_ex(cx: &Cx<'_>) -> R<Flow> {
    let vm = cx.vm;
    let (before, after) = (cx.w.c() & 0xff, cx.w.c() >> 8);
    let o = cx.take_or_clone(cx.w.b(), flag::KILL_B)?;
    let it = iterator(cx, &o)?;
    let mut items = Vec::new();
    while items.len() < before {
        match vm.next(&it)? {
            Some(v) => items.push(v),
            None => {
                let at_least = if after > 0 || before > 0 { "at least " } else { "" };
                return Err(vm.value_error(format!("not enough values to unpack (expected {at_least}{}, got {})", before + after, items.len())));
            }
        }
    }
    let mut rest = vm.collect(&it)?;
    if rest.len() < after {
        return Err(vm.value_error(format!(
            "not enough values to unpack (expected at least {}, got {})",
            before + after,
            before + rest.len()
        )));
    }
    let tail = rest.split_off(rest.len() - after);
    items.push(crate::types::list::from_vec(rest).into_value());
    items.extend(tail);
    put_all(cx, items);
    Ok(Flow::Next)
}

