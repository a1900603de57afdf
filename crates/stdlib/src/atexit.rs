//! `atexit`: functions that run at the end of the program.

use taipan_macros::{function, module};
use taipan_runtime::core::{R, Value};
use taipan_runtime::native::Args;
use taipan_runtime::vm::Vm;

module! {
    /// allow programmer to define multiple exit functions to be executed upon normal program termination.
    ///
    /// Two public functions, register and unregister, are defined.
    name = "atexit",
    functions(register, unregister, _clear, _run_exitfuncs, _ncallbacks),
}

/// Register a function to be executed upon normal program termination, with the further arguments. Returns it, so
/// that it can serve as a decorator.
#[function(sig = "(func, /, *args, **kwargs)")]
fn register(vm: &Vm, args: Args<'_>) -> R {
    let Some(f) = args.positional().first() else {
        return Err(vm.type_error("register() takes at least 1 argument (0 given)"));
    };
    if f.ty().slots().call.is_none() {
        return Err(vm.type_error("the first argument must be callable"));
    }
    let (positional, kwargs) = vm.pack_args(args.rest());
    vm.interp().atexit.borrow_mut().push(Some((f.clone(), positional, kwargs)));
    Ok(f.clone())
}

/// Unregister an exit function which was previously registered using atexit.register.
#[function(sig = "(func, /)")]
fn unregister(vm: &Vm, func: &Value) -> R<()> {
    let mut i = vm.interp().atexit.borrow().len();
    while i > 0 {
        i -= 1;
        // Comparing runs Python code, which may register or unregister others.
        let entry = vm.interp().atexit.borrow().get(i).cloned().flatten();
        let Some((f, ..)) = entry else { continue };
        if vm.eq(&f, func)? {
            let mut list = vm.interp().atexit.borrow_mut();
            let mine = list.get(i).is_some_and(|e| matches!(e, Some((g, ..)) if g.is(&f)));
            let gone = if mine { Some(list.remove(i)) } else { None };
            drop(list);
            drop(gone);
        }
    }
    Ok(())
}

/// Clear the list of previously registered exit functions.
#[function]
fn _clear(vm: &Vm) {
    let all = vm.interp().atexit.take();
    drop(all);
}

/// Run all registered exit functions. What they raise is shown.
#[function]
fn _run_exitfuncs(vm: &Vm) {
    crate::lifecycle::run_atexit(vm);
}

/// Return the number of registered exit functions.
#[function]
fn _ncallbacks(vm: &Vm) -> usize {
    vm.interp().atexit.borrow().len()
}
