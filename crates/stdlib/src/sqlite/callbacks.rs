//! What the library calls: functions, aggregates, collations, authorizer, progress handler, trace.

use taipan_runtime::core::{R, Raised, Value};
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::{int, str};
use taipan_runtime::vm::Vm;

use super::connection::Connection;
use super::data;
use super::errors::Kind;
use super::ffi::{Context, Datum};

const TRACEBACKS: &str = "_sqlite3.tracebacks";

/// Switches reports of exceptions in callbacks on or off.
pub fn show_tracebacks(vm: &Vm, on: bool) {
    let mut statics = vm.interp().statics.borrow_mut();
    let old = if on {
        statics.insert(TRACEBACKS, Value::TRUE)
    } else {
        statics.remove(TRACEBACKS)
    };
    drop(statics);
    drop(old);
}

/// Reports an exception if that is wanted, and forgets it.
fn report(vm: &Vm, raised: Raised, callback: &Value) {
    let wanted = vm.interp().statics.borrow().contains_key(TRACEBACKS);
    if wanted {
        vm.unraisable(
            raised,
            Some("Exception ignored on sqlite3 callback"),
            callback,
        );
    } else {
        drop(vm.catch(raised));
    }
}

fn fail(vm: &Vm, ctx: &mut Context<'_>, raised: Raised, message: &str, callback: &Value) {
    if vm.raised_is(&exc::MEMORY_ERROR) {
        ctx.no_memory();
    } else if vm.raised_is(&exc::OVERFLOW_ERROR) {
        ctx.too_big();
    } else {
        ctx.fail(message);
    }
    report(vm, raised, callback);
}

fn arguments(vm: &Vm, args: &[Datum<'_>]) -> R<Vec<Value>> {
    args.iter().map(|a| data::value(vm, a)).collect()
}

fn set_result(vm: &Vm, ctx: &mut Context<'_>, v: &Value) -> R<()> {
    let done = match data::with_datum(vm, v, |d| ctx.result(d)) {
        Ok(done) => done,
        Err(raised) => return Err(raised),
    };
    done.ok_or_else(|| {
        let ty = v.ty().tp_name();
        Kind::Programming.raise(
            vm,
            format!("User-defined functions cannot return '{ty}' values to SQLite"),
        )
    })
}

/// A function of each row.
pub fn scalar(vm: &Vm, host: &Value, ctx: &mut Context<'_>, args: &[Datum<'_>]) {
    let Some(f) = Connection::of(host).and_then(|c| c.hook(ctx.key())) else {
        return;
    };
    let done = arguments(vm, args)
        .and_then(|args| vm.call(&f, &args))
        .and_then(|v| set_result(vm, ctx, &v));
    if let Err(raised) = done {
        fail(
            vm,
            ctx,
            raised,
            "user-defined function raised exception",
            &f,
        );
    }
}

fn method(
    vm: &Vm,
    object: &Value,
    name: &str,
    args: &[Value],
) -> Result<Value, (Raised, &'static str)> {
    match vm.get_attr_str(object, name) {
        Ok(f) => vm.call(&f, args).map_err(|r| (r, "raised error")),
        Err(r) => Err((r, "not defined")),
    }
}

fn wrong(name: &str, what: &str) -> String {
    format!("user-defined aggregate's '{name}' method {what}")
}

/// A row enters an aggregate (`step`) or leaves its window (`inverse`).
pub fn step(vm: &Vm, host: &Value, ctx: &mut Context<'_>, name: &'static str, args: &[Datum<'_>]) {
    let Some(c) = Connection::of(host) else {
        return;
    };
    let Some(class) = c.hook(ctx.key()) else {
        return;
    };
    let Some(number) = ctx.number(true).map(|n| n.get()) else {
        return ctx.no_memory();
    };
    let object = match c.instance(number) {
        Some(object) => object,
        None => match vm.call(&class, &[]) {
            Ok(object) => {
                let number = c.add_instance(object.clone());
                if let Some(n) = ctx.number(true) {
                    n.set(number);
                }
                object
            }
            Err(raised) => {
                return fail(vm, ctx, raised, &wrong("__init__", "raised error"), &class);
            }
        },
    };
    let f = match vm.get_attr_str(&object, name) {
        Ok(f) => f,
        Err(raised) => return fail(vm, ctx, raised, &wrong(name, "not defined"), &class),
    };
    let done = arguments(vm, args).and_then(|args| vm.call(&f, &args));
    if let Err(raised) = done {
        fail(vm, ctx, raised, &wrong(name, "raised error"), &class);
    }
}

/// The value of an aggregate for the window at hand.
pub fn value(vm: &Vm, host: &Value, ctx: &mut Context<'_>) {
    let Some(c) = Connection::of(host) else {
        return;
    };
    let Some(class) = c.hook(ctx.key()) else {
        return;
    };
    let Some(object) = ctx
        .number(true)
        .map(|n| n.get())
        .and_then(|n| c.instance(n))
    else {
        return;
    };
    match method(vm, &object, "value", &[]) {
        Ok(v) => {
            if let Err(raised) = set_result(vm, ctx, &v) {
                fail(vm, ctx, raised, &wrong("value", "raised error"), &class);
            }
        }
        Err((raised, what)) => fail(vm, ctx, raised, &wrong("value", what), &class),
    }
}

/// The last value of an aggregate, which ends.
pub fn finish(vm: &Vm, host: &Value, ctx: &mut Context<'_>) {
    let Some(c) = Connection::of(host) else {
        return;
    };
    let Some(class) = c.hook(ctx.key()) else {
        return;
    };
    let Some(object) = ctx
        .number(false)
        .map(|n| n.replace(0))
        .and_then(|n| c.take_instance(n))
    else {
        return;
    };
    match method(vm, &object, "finalize", &[]) {
        Ok(v) => {
            if let Err(raised) = set_result(vm, ctx, &v) {
                fail(vm, ctx, raised, &wrong("finalize", "raised error"), &class);
            }
        }
        Err((raised, what)) => fail(vm, ctx, raised, &wrong("finalize", what), &class),
    }
}

/// Compares two strings; what goes wrong is raised by the call that led here.
pub fn collate(vm: &Vm, host: &Value, key: usize, a: &[u8], b: &[u8]) -> i32 {
    let Some(c) = Connection::of(host) else {
        return 0;
    };
    let Some(f) = c.hook(key) else { return 0 };
    if c.is_pending() {
        return 0;
    }
    let order = || {
        let v = vm.call(&f, &[data::decoded(vm, a)?, data::decoded(vm, b)?])?;
        match int::get(&v) {
            Some(n) if n.is_zero() => Ok(0),
            Some(n) if n.is_negative() => Ok(-1),
            Some(_) => Ok(1),
            None => Err(vm.type_error(format!(
                "'{}' object cannot be interpreted as an integer",
                v.ty().tp_name()
            ))),
        }
    };
    match order() {
        Ok(n) => n,
        Err(raised) => {
            c.set_pending(vm.catch(raised));
            0
        }
    }
}

/// Whether an action may be done.
pub fn authorize(vm: &Vm, host: &Value, action: i32, told: &[Option<String>; 4]) -> i32 {
    const DENY: i32 = 1;
    let Some(f) = Connection::of(host).and_then(|c| c.authorizer.get()) else {
        return DENY;
    };
    let mut args = vec![Value::from(action)];
    args.extend(
        told.iter()
            .map(|t| t.as_deref().map_or(Value::NONE, str::from_str)),
    );
    let answer = vm.call(&f, &args).and_then(|v| match int::get(&v) {
        Some(_) => data::int32(vm, &v),
        None => Ok(DENY),
    });
    answer.unwrap_or_else(|raised| {
        report(vm, raised, &f);
        DENY
    })
}

/// Whether to stop.
pub fn progress(vm: &Vm, host: &Value) -> bool {
    let Some(f) = Connection::of(host).and_then(|c| c.progress.get()) else {
        return false;
    };
    let answer = vm.call(&f, &[]).and_then(|v| vm.truth(&v));
    answer.unwrap_or_else(|raised| {
        report(vm, raised, &f);
        true
    })
}

/// A statement starts.
pub fn trace(vm: &Vm, host: &Value, expanded: Option<String>, plain: String) {
    let Some(f) = Connection::of(host).and_then(|c| c.tracer.get()) else {
        return;
    };
    let sql = expanded.unwrap_or_else(|| {
        let raised = Kind::Data.raise(vm, "Expanded SQL string exceeds the maximum string length");
        report(vm, raised, &f);
        plain
    });
    if let Err(raised) = vm.call(&f, &[str::from_str(&sql)]) {
        report(vm, raised, &f);
    }
}
