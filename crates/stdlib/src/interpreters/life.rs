//! Making interpreters and ending them.

use std::sync::Arc;

use taipan_runtime::core::{R, Value};
use taipan_runtime::types::exceptions::display;
use taipan_runtime::types::module;
use taipan_runtime::vm::Vm;
use taipan_runtime::vm::world::{self, Features, Member, Owned, Refused};

use super::errors;
use crate::{import, lifecycle};

/// What an interpreter has before it runs anything.
fn start(vm: &Vm) -> R<()> {
    import::bootstrap(vm)?;
    lifecycle::prepare(vm)?;
    lifecycle::apply_path0(vm);
    let main = module::new("__main__", Value::NONE);
    main.set("__builtins__", import::native(vm, "builtins")?);
    let machinery = import::native(vm, "_frozen_importlib")?;
    main.set("__loader__", vm.get_attr_str(&machinery, "BuiltinImporter")?);
    vm.interp().modules().set_str("__main__", main.value().clone());
    if vm.interp().config.site_import {
        import::import_module(vm, "site")?;
    }
    vm.settle(&[main.value(), main.dict.value()]);
    Ok(())
}

/// Makes an interpreter, which is idle then.
///
/// Raises InterpreterError if it can't be started.
pub(super) fn create(vm: &Vm, features: Features) -> R<Arc<Member>> {
    vm.check_native_stack()?;
    if vm.interp().finalizing.get() {
        return Err(errors::failed(vm, "interpreter creation failed: the interpreter is ending"));
    }
    let thread = vm.thread_id.get();
    let config = vm.interp().config.clone();
    let Some(owned) = world::new_member(vm, config, world::WHENCE_STDLIB, features) else {
        return Err(errors::failed(vm, "interpreter creation failed: no room for its stacks"));
    };
    let there = owned.vm();
    there.thread_id.set(thread);
    let problem = start(there).err().map(|r| {
        let e = there.catch(r);
        display::plain_text(there, &e)
    });
    crate::thread::state_ends(there);
    there.leave();
    vm.enter();
    match problem {
        None => Ok(world::publish(owned)),
        Some(text) => {
            world::discard(owned);
            Err(errors::failed(vm, &format!("interpreter creation failed: {text}")))
        }
    }
}

/// Ends an interpreter that is entered by nobody.
fn finish(vm: &Vm, member: &Member, owned: Owned) {
    let alone = super::run::inside(vm, &owned, |there| {
        lifecycle::finalize_member(there);
        let alone = there.interp().threads.len() <= 1;
        if !alone {
            // They wait for ever, and with them all that they may have to do with.
            there.interp().gil.close(there);
        }
        alone
    });
    crate::interpqueues::interpreter_ends(vm, member.id);
    crate::interpchannels::interpreter_ends(vm, member.id);
    vm.interp().world.forget(member.id);
    if alone {
        member.bury(owned);
    } else {
        member.abandon(owned);
    }
}

/// Ends a member, unless somebody runs it or it is gone already.
pub(crate) fn end(vm: &Vm, member: &Member) {
    if let Ok(owned) = member.take_for_end() {
        finish(vm, member, owned);
    }
}

/// Ends a member.
///
/// Raises InterpreterError if somebody runs it.
pub(super) fn destroy(vm: &Vm, member: &Member) -> R<()> {
    match member.take_for_end() {
        Ok(owned) => {
            finish(vm, member, owned);
            Ok(())
        }
        Err(Refused::Running) => Err(errors::failed(vm, "interpreter running")),
        Err(why) => Err(errors::refused(vm, member.id, why)),
    }
}

/// At the end of the main interpreter: the others end before it.
pub fn end_others(vm: &Vm, warn: bool) {
    let me = &vm.interp().member;
    if !me.is_main() {
        return;
    }
    let mut warned = !warn;
    loop {
        let others = vm.interp().world.list();
        let mut any = false;
        for m in others.iter().filter(|m| !m.is_main()) {
            if !std::mem::replace(&mut warned, true) {
                let text = "remaining subinterpreters; close them with Interpreter.close()";
                if let Err(r) = vm.warn(&taipan_runtime::types::exceptions::RUNTIME_WARNING, text, 1) {
                    drop(vm.catch(r));
                }
            }
            if let Ok(owned) = m.take_for_end() {
                finish(vm, m, owned);
                any = true;
            }
        }
        // Those that end may have made others.
        if !any {
            return;
        }
    }
}
