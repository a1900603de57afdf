//! Running code in another interpreter.

use std::sync::Arc;

use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::interp;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::types::{str, tuple};
use taipan_runtime::vm::Vm;
use taipan_runtime::vm::world::{Member, Owned};

use super::cross::{self, Crossed};
use super::excinfo::{self, ExcInfo};
use super::{code, errors, life};

/// The namespace of `__main__`.
pub(super) fn main_namespace(vm: &Vm) -> Option<Ref<Dict>> {
    let main = vm.interp().modules().get_str("__main__")?;
    main.downcast::<Module>().map(|m| m.dict.clone())
}

/// Runs `f` in another interpreter, whose lock is taken while this one's is free.
pub(super) fn inside<T: Send>(vm: &Vm, owned: &Owned, f: impl FnOnce(&Vm) -> T + Send) -> T {
    let there = owned.vm();
    let thread = vm.thread_id.get();
    there.share_native_stack(vm);
    vm.leave();
    there.thread_id.set(thread);
    there.enter();
    let r = f(there);
    crate::thread::state_ends(there);
    there.leave();
    vm.enter();
    take_back(vm);
    r
}

fn take_back(vm: &Vm) {
    if let Some(k) = vm.interp().member.keeper() {
        k.take_back();
    }
}

/// How code in another interpreter ended.
pub(super) enum Ended {
    /// It returned.
    Done(Crossed),
    /// It raised.
    Raised(ExcInfo),
    /// What came or goes could not cross: NotShareableError with this text.
    Stuck(String),
}

/// Runs `f` in the `__main__` of a member.
///
/// Raises InterpreterError if somebody else does already, InterpreterNotFoundError if it is gone.
fn run(vm: &Vm, member: &Arc<Member>, f: impl FnOnce(&Vm) -> Ended + Send) -> R<Ended> {
    vm.check_native_stack()?;
    take_back(vm);
    if Arc::ptr_eq(member, &vm.interp().member) {
        member.start_here().map_err(|why| errors::refused(vm, member.id, why))?;
        let r = f(vm);
        member.stop_here();
        return Ok(r);
    }
    let owned = member.take().map_err(|why| errors::refused(vm, member.id, why))?;
    let r = inside(vm, &owned, |there| {
        take_back(there);
        f(there)
    });
    if member.put_back(owned) {
        life::end(vm, member);
    }
    Ok(r)
}

fn raised(vm: &Vm, r: taipan_runtime::core::Raised) -> Ended {
    let e = vm.catch(r);
    Ended::Raised(excinfo::capture(vm, &e))
}

/// What was raised because something could not cross.
fn stuck(vm: &Vm, r: taipan_runtime::core::Raised) -> Ended {
    let e = vm.catch(r);
    let text = vm.str(&e).map(|t| vm.str_lossy(&t));
    match text {
        Ok(t) => Ended::Stuck(t),
        Err(r) => raised(vm, r),
    }
}

/// Names and values for `__main__`.
pub(super) type Names = Vec<(String, Crossed)>;

/// What is to be set in another `__main__`.
///
/// Raises TypeError for keys that are no strings, NotShareableError.
pub(super) fn names(vm: &Vm, ns: &Ref<Dict>) -> R<Names> {
    let mut out = Vec::new();
    for (k, v) in ns.items() {
        let Some(name) = k.downcast::<str::Str>() else {
            let given = k.ty().tp_name();
            return Err(vm.type_error(format!("keys of the namespace must be strings, not {given}")));
        };
        out.push((name.to_utf8(vm)?.into_owned(), cross::pack(vm, &v, false)?));
    }
    Ok(out)
}

fn set_names(vm: &Vm, names: &Names) -> R<Ref<Dict>> {
    let Some(main) = main_namespace(vm) else {
        return Err(vm.runtime_error("interpreter has no __main__"));
    };
    for (name, value) in names {
        let value = cross::unpack(vm, value)?;
        main.set(vm, str::from_str(name), value)?;
    }
    Ok(main)
}

/// Binds values in a member's `__main__`.
pub(super) fn set_main_names(vm: &Vm, member: &Arc<Member>, names: &Names) -> R<Ended> {
    run(vm, member, |vm| match set_names(vm, names) {
        Ok(_) => Ended::Done(Crossed::None),
        Err(r) => stuck(vm, r),
    })
}

/// Runs a script in a member's `__main__`.
pub(super) fn exec(vm: &Vm, member: &Arc<Member>, script: &[u8], names: &Names) -> R<Ended> {
    run(vm, member, |vm| {
        let (main, code) = match set_names(vm, names).and_then(|m| Ok((m, code::unmarshalled(vm, script)?))) {
            Ok(both) => both,
            Err(r) => return stuck(vm, r),
        };
        match interp::eval_code(vm, &code, &main, None, None) {
            Ok(_) => Ended::Done(Crossed::None),
            Err(r) => raised(vm, r),
        }
    })
}

/// Calls something in a member.
pub(super) fn call(vm: &Vm, member: &Arc<Member>, callable: &Crossed, args: &Crossed, kwargs: &Crossed) -> R<Ended> {
    run(vm, member, |vm| {
        let all = [callable, args, kwargs].map(|c| cross::unpack(vm, c));
        let [f, args, kwargs] = all;
        let (f, args, kwargs) = match (f, args, kwargs) {
            (Ok(f), Ok(a), Ok(k)) => (f, a, k),
            (Err(r), ..) | (_, Err(r), _) | (.., Err(r)) => return stuck(vm, r),
        };
        let none = tuple::from_vec(Vec::new());
        let args = args.downcast::<Tuple>().cloned().unwrap_or(none);
        match vm.call_dict(&f, args.as_slice(), kwargs.downcast::<Dict>().map(|d| &***d)) {
            Err(r) => raised(vm, r),
            Ok(v) => match cross::pack(vm, &v, true) {
                Ok(c) => Ended::Done(c),
                Err(r) => stuck(vm, r),
            },
        }
    })
}

/// The result for Python: None or a description of the exception.
pub(super) fn exc_or_none(vm: &Vm, ended: &Ended) -> R {
    match ended {
        Ended::Done(_) => Ok(Value::NONE),
        Ended::Raised(info) => Ok(info.show()),
        Ended::Stuck(text) => Err(errors::not_shareable(vm, text, None)),
    }
}
