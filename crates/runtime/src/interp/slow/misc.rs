//! Functions, imports, intrinsics.

use taipan_bytecode::{Intrinsic, Op, flag};

use super::{Cx, Flow};
use crate::core::{R, Value};
use crate::types::code::Code;
use crate::types::dict::Dict;
use crate::types::exceptions as exc;
use crate::types::function::{self, Function};
use crate::types::module::Module;
use crate::types::str::Str;
use crate::types::{generator, typevar};
use crate::vm::{Vm, names};

pub(super) fn dispatch(cx: &Cx<'_>, op: Op) -> R<Flow> {
    let w = cx.w;
    let vm = cx.vm;
    match op {
        Op::MakeFunction => {
            // SAFETY: the frame is running; the constant is a code object.
            let f = unsafe {
                let code = &(*(*cx.frame).code).consts[w.bc() as usize];
                let Some(code) = code.downcast_exact::<Code>() else { return Err(vm.system_error("constant is no code")) };
                function::new(vm, code.clone(), (*(*cx.frame).globals).to_ref())?
            };
            cx.put(w.a(), f.into_value());
        }
        Op::SetFunctionAttr => {
            let v = cx.take_or_clone(w.b(), flag::KILL_B)?;
            if let Some(f) = cx.read(w.a())?.downcast_exact::<Function>() {
                set_function_attr(f, w.c(), v);
            }
        }
        Op::ImportName => {
            let (level, fromlist) = (cx.take(w.b())?, cx.take(w.b() + 1)?);
            let m = import_name(cx, cx.name(w.c()), level, fromlist)?;
            cx.put(w.a(), m);
        }
        Op::ImportFrom => {
            let m = cx.read(w.b())?;
            let v = import_from(vm, m, cx.name(w.c()))?;
            cx.put(w.a(), v);
        }
        Op::ImportStar => {
            let m = cx.take_or_clone(w.b(), flag::KILL_B)?;
            import_star(cx, &m)?;
        }
        Op::SetupAnnotations => {
            let locals = super::names::frame_locals(cx)?;
            let n = names();
            let there = match locals.downcast_exact::<Dict>() {
                Some(d) => d.get_name(&n.__annotations__).is_some(),
                None => {
                    let r = vm.getitem(&locals, &n.__annotations__);
                    vm.ignore(r, &exc::KEY_ERROR)?.is_some()
                }
            };
            if !there {
                vm.setitem(&locals, &n.__annotations__, crate::core::Ref::new(Dict::new()).value())?;
            }
        }
        _ => {
            let Some(which) = Intrinsic::from_u16(w.c() as u16) else { return Err(vm.system_error("unknown intrinsic")) };
            let args = super::build::take_run(cx, w.b(), which.argc() as usize)?;
            let r = intrinsic(cx, which, args)?;
            cx.put(w.a(), r);
        }
    }
    Ok(Flow::Next)
}

/// `SET_FUNCTION_ATTRIBUTE`.
pub(in crate::interp) fn set_function_attr(f: &Function, which: usize, v: Value) {
    match which {
        0 => f.defaults.set(v),
        1 => f.kwdefaults.set(v),
        2 => f.annotations.set(Some(v)),
        3 => f.closure.set(v),
        _ => f.annotate.set(v),
    }
}

fn import_name(cx: &Cx<'_>, name: &Value, level: Value, fromlist: Value) -> R {
    let vm = cx.vm;
    // SAFETY: the frame is running.
    let (globals, builtins, extra) = unsafe { ((*(*cx.frame).globals).to_ref(), (*(*cx.frame).builtins).to_ref(), (*cx.frame).extra) };
    let Some(import) = crate::types::dict::foreign::get(vm, &builtins, &names().__import__)? else {
        return Err(vm.raise_msg(&exc::IMPORT_ERROR, "__import__ not found"));
    };
    let locals = if extra == 0 { Value::NONE } else { super::names::frame_locals(cx)? };
    vm.call(&import, &[name.clone(), globals.into_value(), locals, fromlist, level])
}

fn import_from(vm: &Vm, m: &Value, name: &Value) -> R {
    let r = vm.get_attr(m, name);
    if let Some(v) = vm.ignore(r, &exc::ATTRIBUTE_ERROR)? {
        return Ok(v);
    }
    // A submodule that is being imported may be in sys.modules only.
    let r = vm.get_attr(m, &names().__name__);
    let package = vm.ignore(r, &exc::ATTRIBUTE_ERROR)?.filter(|p| p.downcast::<Str>().is_some());
    if let Some(p) = &package {
        let full = format!("{}.{}", vm.str_lossy(p), vm.str_lossy(name));
        if let Some(v) = vm.interp().modules().get_str(&full) {
            return Ok(v);
        }
    }
    Err(crate::types::exceptions::import_from_failed(vm, m, package, name))
}

fn import_star(cx: &Cx<'_>, m: &Value) -> R<()> {
    let vm = cx.vm;
    let n = names();
    let target = super::names::frame_locals(cx)?;
    let all = vm.get_attr(m, &n.__all__);
    let (list, skip_private) = match vm.ignore(all, &exc::ATTRIBUTE_ERROR)? {
        Some(all) => (all, false),
        None => {
            let d = vm.get_attr(m, &n.__dict__);
            let Some(d) = vm.ignore(d, &exc::ATTRIBUTE_ERROR)? else {
                return Err(vm.raise_msg(&exc::IMPORT_ERROR, "from-import-* object has no __dict__ and no __all__"));
            };
            let keys = vm.call_method(&d, "keys", &[])?;
            (keys, true)
        }
    };
    for name in vm.collect(&list)? {
        let Some(s) = name.downcast::<Str>() else {
            let of = match m.downcast::<Module>().and_then(|m| m.dict.get_name(&n.__name__)) {
                Some(n) => vm.str_lossy(&n),
                None => "?".to_owned(),
            };
            let (what, how) = if skip_private { ("Key", "__dict__") } else { ("Item", "__all__") };
            return Err(vm.type_error(format!("{what} in {of}.{how} must be str, not {}", name.ty().tp_name())));
        };
        if skip_private && !s.is_empty() && s.char_at(0) == u32::from('_') {
            continue;
        }
        let name = vm.attr_name(&name)?;
        let v = vm.get_attr(m, &name)?;
        match target.downcast_exact::<Dict>() {
            Some(d) => d.set_name(&name, v),
            None => vm.setitem(&target, &name, &v)?,
        }
    }
    Ok(())
}

fn intrinsic(cx: &Cx<'_>, which: Intrinsic, args: Vec<Value>) -> R {
    let vm = cx.vm;
    let arg = |i: usize| args.get(i).cloned().unwrap_or(Value::NONE);
    match which {
        Intrinsic::Print => {
            let Some(hook) = vm.interp().sys().get_name(&names().displayhook) else {
                return Err(vm.runtime_error("lost sys.displayhook"));
            };
            vm.call(&hook, &args)
        }
        // SAFETY: the frame is running.
        Intrinsic::StopIterationError => generator::stop_iteration_error(vm, arg(0), unsafe { (*cx.frame).code() }),
        Intrinsic::AsyncGenWrap => Ok(generator::async_gen_wrap(arg(0))),
        Intrinsic::TypeVar => typevar::typevar(vm, arg(0), None, None),
        Intrinsic::TypeVarWithBound => typevar::typevar(vm, arg(0), Some(arg(1)), None),
        Intrinsic::TypeVarWithConstraints => typevar::typevar(vm, arg(0), None, Some(arg(1))),
        Intrinsic::ParamSpec => typevar::paramspec(vm, arg(0)),
        Intrinsic::TypeVarTuple => typevar::typevartuple(vm, arg(0)),
        Intrinsic::SubscriptGeneric => typevar::subscript_generic(vm, arg(0)),
        Intrinsic::TypeAlias => typevar::type_alias(vm, arg(0), arg(1), arg(2)),
        Intrinsic::SetFunctionTypeParams => {
            if let Some(f) = arg(0).downcast_exact::<Function>() {
                f.type_params.set(Some(arg(1)));
            }
            Ok(arg(0))
        }
        Intrinsic::SetTypeparamDefault => typevar::set_default(vm, arg(0), arg(1)),
        Intrinsic::PrepReraiseStar => exc::prep_reraise_star(vm, arg(0), arg(1)),
    }
}
