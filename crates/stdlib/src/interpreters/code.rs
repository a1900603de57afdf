//! Code on its way to another interpreter.

use std::sync::Arc;

use taipan_bytecode::{CodeFlags, Instr, Op};
use taipan_runtime::compile::{self, Request};
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::bytes::Bytes;
use taipan_runtime::types::code::Code;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::function::{self, Function};
use taipan_runtime::types::str::Str;
use taipan_runtime::vm::Vm;
use taipan_syntax::Mode;

/// The marshalled code.
///
/// Raises ValueError for what can't be marshalled.
pub(super) fn marshalled(vm: &Vm, code: &Value) -> R<Arc<[u8]>> {
    Ok(crate::marshal::code_to_bytes(vm, code)?.into())
}

/// The code object.
///
/// Raises what unmarshalling raises, TypeError if it is no code.
pub(super) fn unmarshalled(vm: &Vm, data: &[u8]) -> R<Ref<Code>> {
    let v = crate::marshal::code_from_bytes(vm, data)?;
    v.into_ref::<Code>().map_err(|_| vm.type_error("a code object is required"))
}

/// A function of marshalled code, whose globals are those of `__main__`.
pub(super) fn function(vm: &Vm, data: &[u8]) -> R {
    let code = unmarshalled(vm, data)?;
    let globals = match super::run::main_namespace(vm) {
        Some(d) => d,
        None => {
            let d = Ref::new(Dict::new());
            d.set_str("__builtins__", vm.interp().builtins().into_value());
            d
        }
    };
    Ok(function::new(vm, code, globals)?.into_value())
}

/// Calls `f` with each instruction, until it says false.
fn each(code: &Code, mut f: impl FnMut(Op, &[u64]) -> bool) -> bool {
    let mut at = 0;
    while at < code.len() {
        // SAFETY: `at` is an index below the length; the words are looked at, not kept.
        let rest = unsafe { std::slice::from_raw_parts(code.instrs().add(at), code.len() - at) };
        let Some(op) = Instr(rest[0]).op() else { return false };
        if !f(op, rest) {
            return false;
        }
        at += 1 + op.info().extra.words();
    }
    true
}

/// Whether a function could have been made anywhere: it has neither closure nor defaults, and looks for builtins only.
pub(super) fn is_stateless(vm: &Vm, f: &Function) -> bool {
    let empty = |v: &Value| v.is_none() || vm.len(v).map_err(|r| drop(vm.catch(r))) == Ok(0);
    let (closure, defaults, kwdefaults) = (f.closure.get(), f.defaults.get(), f.kwdefaults.get());
    let code = f.code.get();
    if !empty(&closure) || !empty(&defaults) || !empty(&kwdefaults) || code.nfree > 0 {
        return false;
    }
    let builtins = vm.interp().builtins();
    // What the code calls global must be builtin, and must not be hidden by the function's own globals.
    global_names(&code).iter().all(|name| {
        name.downcast::<Str>().is_some_and(|n| {
            let n = n.to_string_lossy();
            builtins.get_str(&n).is_some() && f.globals.get_str(&n).is_none()
        })
    })
}

/// The names that the code reads or changes as globals.
fn global_names(code: &Code) -> Vec<Value> {
    let mut out = Vec::new();
    let names = code.names();
    each(code, |op, words| {
        let i = Instr(words[0]);
        let name = match op {
            Op::LoadGlobal | Op::StoreGlobal | Op::DeleteGlobal | Op::LoadGlobalModule | Op::LoadGlobalBuiltin => Some(i.b() as usize),
            Op::CallGlobal | Op::CallGlobalModule | Op::CallGlobalBuiltin => words.get(1).map(|w| (*w & 0xffff_ffff) as usize),
            _ => None,
        };
        if let Some(name) = name {
            out.push(names.get(name).cloned().unwrap_or(Value::NONE));
        }
        true
    });
    out
}

/// Whether the code is one that returns None, whatever happens.
fn returns_none_only(code: &Code) -> bool {
    if code.has(CodeFlags::GENERATOR) || code.has(CodeFlags::COROUTINE) || code.has(CodeFlags::ASYNC_GENERATOR) {
        return false;
    }
    each(code, |op, _| op != Op::Return)
}

/// What runs in another interpreter's `__main__`.
pub(super) fn script(vm: &Vm, v: &Value) -> R<Arc<[u8]>> {
    let code = if let Some(f) = v.downcast::<Function>() {
        f.code.get()
    } else if let Some(c) = v.downcast::<Code>() {
        c.clone()
    } else {
        let text = match (v.downcast::<Str>(), v.downcast::<Bytes>()) {
            (Some(s), _) => s.to_utf8(vm)?.into_owned(),
            (None, Some(b)) => compile::decode(vm, b.as_slice(), "<script>", false)?,
            _ => {
                let shown = vm.repr(v)?;
                return Err(vm.type_error(format!("unsupported script {}", vm.str_lossy(&shown))));
            }
        };
        if text.contains('\0') {
            return Err(vm.value_error("source code string cannot contain null bytes"));
        }
        let code = compile::compile(vm, &text, &Request::new(vm, Mode::Exec, "<script>"))?;
        return marshalled(vm, code.value());
    };
    check_script(vm, &code)?;
    marshalled(vm, code.value())
}

/// Raises ValueError for code that a script can't be.
fn check_script(vm: &Vm, code: &Code) -> R<()> {
    if code.nfree > 0 {
        return Err(vm.value_error("closures not supported"));
    }
    if code.nparams > 0 {
        return Err(vm.value_error("code with args not supported"));
    }
    if !returns_none_only(code) {
        return Err(vm.value_error("code that returns a value is not a script"));
    }
    Ok(())
}
