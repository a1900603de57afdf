//! Iteration: any, all, min, max, sum, sorted, iter, next, len.

use taipan_macros::function;
use taipan_runtime::core::{R, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::type_::{BinOp, CmpOp};
use taipan_runtime::types::{bytearray, bytes, exceptions as exc, float, generator, int, iterators, list, str};
use taipan_runtime::vm::Vm;

/// Return True if bool(x) is True for all values x in the iterable.
#[function(sig = "(iterable, /)")]
pub fn all(vm: &Vm, iterable: &Value) -> R<bool> {
    let it = vm.iter(iterable)?;
    while let Some(v) = vm.next(&it)? {
        if !vm.truth(&v)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Return True if bool(x) is True for any x in the iterable.
#[function(sig = "(iterable, /)")]
pub fn any(vm: &Vm, iterable: &Value) -> R<bool> {
    let it = vm.iter(iterable)?;
    while let Some(v) = vm.next(&it)? {
        if vm.truth(&v)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Return an AsyncIterator for an AsyncIterable object.
#[function(sig = "(async_iterable, /)")]
pub fn aiter(vm: &Vm, async_iterable: &Value) -> R {
    let Some(f) = async_iterable.ty().slots().aiter else {
        return Err(vm.type_error(format!("'{}' object is not an async iterable", async_iterable.ty().tp_name())));
    };
    let it = f(vm, async_iterable)?;
    if it.ty().slots().anext.is_none() {
        return Err(vm.type_error(format!("aiter() returned not an async iterator of type '{}'", it.ty().tp_name())));
    }
    Ok(it)
}

/// Return the next item from the async iterator, or the default when it is exhausted.
#[function]
pub fn anext(vm: &Vm, aiterator: &Value, default: Option<&Value>) -> R {
    let Some(f) = aiterator.ty().slots().anext else {
        return Err(vm.type_error(format!("'{}' object is not an async iterator", aiterator.ty().tp_name())));
    };
    let awaitable = f(vm, aiterator)?;
    match default {
        None => Ok(awaitable),
        Some(d) => generator::anext_default(vm, awaitable, d.clone()),
    }
}

/// Get an iterator from an object, or make one that calls until a sentinel comes.
#[function]
pub fn iter(vm: &Vm, object: &Value, sentinel: Option<&Value>) -> R {
    match sentinel {
        None => vm.iter(object),
        Some(s) => {
            if object.ty().slots().call.is_none() {
                return Err(vm.type_error("iter(v, w): v must be callable"));
            }
            Ok(iterators::callable(object.clone(), s.clone()))
        }
    }
}

/// Return the number of items in a container.
#[function(sig = "(obj, /)")]
pub fn len(vm: &Vm, obj: &Value) -> R<usize> {
    vm.len(obj)
}

/// Return the next item from the iterator, or the default when it is exhausted.
#[function]
pub fn next(vm: &Vm, iterator: &Value, default: Option<&Value>) -> R {
    let Some(d) = default else { return vm.next_or_stop(iterator) };
    match vm.next(iterator) {
        Ok(Some(v)) => Ok(v),
        Ok(None) => {
            vm.forget_stop_value();
            Ok(d.clone())
        }
        Err(e) if vm.raised_is(&exc::STOP_ITERATION) => {
            drop(vm.catch(e));
            Ok(d.clone())
        }
        Err(e) => Err(e),
    }
}

fn extreme(vm: &Vm, args: Args<'_>, name: &str, op: CmpOp) -> R {
    let (mut key, mut default) = (None, None);
    for (k, v) in args.named() {
        match vm.str_lossy(k).as_str() {
            "key" => key = Some(v).filter(|v| !v.is_none()),
            "default" => default = Some(v),
            other => return Err(vm.type_error(format!("{name}() got an unexpected keyword argument '{other}'"))),
        }
    }
    let pos = args.positional();
    let mut best: Option<(Value, Value)> = None;
    let mut consider = |v: Value| -> R<()> {
        let k = match key {
            Some(f) => vm.call(f, std::slice::from_ref(&v))?,
            None => v.clone(),
        };
        let better = match &best {
            None => true,
            Some((_, b)) => vm.compare_bool(&k, b, op)?,
        };
        if better {
            best = Some((v, k));
        }
        Ok(())
    };
    match pos {
        [] => return Err(vm.type_error(format!("{name} expected at least 1 argument, got 0"))),
        [iterable] => {
            let it = vm.iter(iterable)?;
            while let Some(v) = vm.next(&it)? {
                consider(v)?;
            }
        }
        many => {
            if default.is_some() {
                return Err(vm.type_error(format!("Cannot specify a default for {name}() with multiple positional arguments")));
            }
            for v in many {
                consider(v.clone())?;
            }
        }
    }
    match (best, default) {
        (Some((v, _)), _) => Ok(v),
        (None, Some(d)) => Ok(d.clone()),
        (None, None) => Err(vm.value_error(format!("{name}() iterable argument is empty"))),
    }
}

/// max(iterable, *[, default=obj, key=func]) -> value
/// max(arg1, arg2, *args, *[, key=func]) -> value
///
/// Return the biggest item of an iterable or of the arguments. The default is for an empty iterable.
#[function]
pub fn max(vm: &Vm, args: Args<'_>) -> R {
    extreme(vm, args, "max", CmpOp::Gt)
}

/// min(iterable, *[, default=obj, key=func]) -> value
/// min(arg1, arg2, *args, *[, key=func]) -> value
///
/// Return the smallest item of an iterable or of the arguments. The default is for an empty iterable.
#[function]
pub fn min(vm: &Vm, args: Args<'_>) -> R {
    extreme(vm, args, "min", CmpOp::Lt)
}

/// Return a new list containing all items from the iterable in ascending order.
#[function(sig = "(iterable, /, *, key=None, reverse=False)")]
pub fn sorted(vm: &Vm, args: Args<'_>) -> R {
    let [iterable] = args.positional() else {
        return Err(vm.type_error(format!("sorted expected 1 argument, got {}", args.positional().len())));
    };
    let made = list::from_vec(vm.collect(iterable)?);
    // The names are those of `list.sort`, which has more to say about wrong ones.
    if args.names.is_empty() {
        let mut items = made.items().take();
        list::sort_values(vm, &mut items, None, false)?;
        made.items().set(items);
    } else {
        let sort = vm.get_attr_str(made.value(), "sort")?;
        vm.call_args(&sort, Args { all: &args.all[1..], names: args.names })?;
    }
    Ok(made.into_value())
}

/// Return the sum of a 'start' value (default: 0) plus an iterable of numbers.
#[function(sig = "(iterable, /, start=0)")]
pub fn sum(vm: &Vm, iterable: &Value, start: Option<&Value>) -> R {
    let mut total = start.cloned().unwrap_or(Value::small(0));
    if total.downcast::<str::Str>().is_some() {
        return Err(vm.type_error("sum() can't sum strings [use ''.join(seq) instead]"));
    }
    if total.downcast::<bytes::Bytes>().is_some() {
        return Err(vm.type_error("sum() can't sum bytes [use b''.join(seq) instead]"));
    }
    if total.downcast::<bytearray::ByteArray>().is_some() {
        return Err(vm.type_error("sum() can't sum bytearray [use b''.join(seq) instead]"));
    }
    let it = vm.iter(iterable)?;
    // Ints first, as long as they fit; then floats, with compensation (3.12); then whatever there is.
    if let Some(mut n) = total.as_small() {
        let rest = loop {
            let Some(v) = vm.next(&it)? else { return Ok(Value::from(n)) };
            match v.as_small().or_else(|| v.as_bool().map(i64::from)).and_then(|x| n.checked_add(x)) {
                Some(s) => n = s,
                None => break v,
            }
        };
        total = vm.binary(&Value::from(n), &rest, BinOp::Add)?;
    }
    if total.ty().is(float::FLOAT.get())
        && let Some(mut hi) = float::get(&total)
    {
        let mut lo = 0.0f64;
        let finish = |hi: f64, lo: f64| if lo != 0.0 && lo.is_finite() { hi + lo } else { hi };
        loop {
            let Some(v) = vm.next(&it)? else { return Ok(Value::from(finish(hi, lo))) };
            let x = match v.ty().is(float::FLOAT.get()).then(|| float::get(&v)).flatten() {
                Some(x) => {
                    let t = hi + x;
                    lo += if hi.abs() >= x.abs() { (hi - t) + x } else { (x - t) + hi };
                    hi = t;
                    continue;
                }
                None => int::get(&v).filter(|_| v.as_small().is_some()),
            };
            match x.and_then(int::IntRef::to_i64) {
                Some(n) => hi += n as f64,
                None => {
                    total = vm.binary(&Value::from(finish(hi, lo)), &v, BinOp::Add)?;
                    break;
                }
            }
        }
    }
    while let Some(v) = vm.next(&it)? {
        total = vm.binary(&total, &v, BinOp::Add)?;
    }
    Ok(total)
}
