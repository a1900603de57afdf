//! Binding the arguments of a call to a Python function's parameters.

use taipan_bytecode::CodeFlags;

use super::Function;
use crate::core::{R, Raised, Ref, Value};
use crate::types::code::Code;
use crate::types::dict::Dict;
use crate::types::str::Str;
use crate::types::tuple::{self, Tuple};
use crate::vm::Vm;

/// Fills the parameter registers at `window` from owned arguments: `npos` positional ones, then one for
/// each name in `kw`.
///
/// Raises TypeError as CPython does; the window is untouched then.
///
/// # Safety
/// `window` has room for the function's parameters, and holds no object there.
pub unsafe fn bind(vm: &Vm, func: &Ref<Function>, window: *mut u64, all: Vec<Value>, npos: usize, kw: &[Value]) -> R<()> {
    let code = func.code.get();
    let slots = fill(vm, func, &code, all, npos, kw)?;
    for (i, v) in slots.into_iter().enumerate() {
        // SAFETY: the caller.
        unsafe { *window.add(i) = v.map_or(0, Value::into_raw) };
    }
    Ok(())
}

fn fill(vm: &Vm, func: &Ref<Function>, code: &Code, mut all: Vec<Value>, npos: usize, kw: &[Value]) -> R<Vec<Option<Value>>> {
    let (argc, kwonly) = (code.argcount as usize, code.kwonly as usize);
    let varargs = code.has(CodeFlags::VARARGS);
    let varkw = code.has(CodeFlags::VARKEYWORDS);
    let total = argc + kwonly;
    let mut slots: Vec<Option<Value>> = Vec::with_capacity(code.nparams as usize);
    slots.resize_with(code.nparams as usize, || None);
    let named = all.split_off(npos);
    let extra = if npos > argc { all.split_off(argc) } else { Vec::new() };
    for (i, v) in all.into_iter().enumerate() {
        slots[i] = Some(v);
    }
    let mut kwargs = varkw.then(|| Ref::new(Dict::new()));
    if varargs {
        slots[total] = Some(tuple::from_vec(extra).into_value());
    } else if !extra.is_empty() {
        // Keyword arguments are looked at first, for their own errors.
        named_args(vm, func, code, &mut slots, named, kw, &mut kwargs)?;
        return Err(too_many(vm, func, code, &slots, npos));
    }
    if !varargs || !kw.is_empty() {
        named_args(vm, func, code, &mut slots, named, kw, &mut kwargs)?;
    }
    if let Some(d) = kwargs {
        slots[total + usize::from(varargs)] = Some(d.into_value());
    }
    if npos < argc {
        let defaults = func.defaults.get();
        let defaults = defaults.downcast::<Tuple>().map_or(&[][..], |t| t.as_slice());
        let first_default = argc.saturating_sub(defaults.len());
        let missing: Vec<usize> = (npos..first_default.max(npos).min(argc)).filter(|&i| slots[i].is_none()).collect();
        if !missing.is_empty() {
            return Err(missing_args(vm, func, code, &missing, "positional"));
        }
        for i in first_default.max(npos)..argc {
            if slots[i].is_none() {
                slots[i] = Some(defaults[i - first_default].clone());
            }
        }
    }
    if kwonly > 0 {
        let kwdefaults = func.kwdefaults.get();
        let mut missing = Vec::new();
        for i in argc..total {
            if slots[i].is_some() {
                continue;
            }
            let default = match kwdefaults.downcast::<Dict>() {
                Some(d) => d.get(vm, &code.varnames()[i])?,
                None => None,
            };
            match default {
                Some(v) => slots[i] = Some(v),
                None => missing.push(i),
            }
        }
        if !missing.is_empty() {
            return Err(missing_args(vm, func, code, &missing, "keyword-only"));
        }
    }
    Ok(slots)
}

fn named_args(
    vm: &Vm,
    func: &Ref<Function>,
    code: &Code,
    slots: &mut [Option<Value>],
    named: Vec<Value>,
    kw: &[Value],
    kwargs: &mut Option<Ref<Dict>>,
) -> R<()> {
    let total = (code.argcount + code.kwonly) as usize;
    let posonly = code.posonly as usize;
    for (name, v) in kw.iter().zip(named) {
        let Some(s) = name.downcast::<Str>() else {
            return Err(vm.type_error(format!("{}() keywords must be strings", qualname(vm, func))));
        };
        let params = &code.varnames()[..total];
        let found = params[posonly..].iter().position(|p| p.is(name)).or_else(|| {
            params[posonly..].iter().position(|p| p.downcast::<Str>().is_some_and(|p| p.same_text(s)))
        });
        match found {
            Some(i) => {
                let i = i + posonly;
                if slots[i].is_some() {
                    return Err(vm.type_error(format!("{}() got multiple values for argument '{}'", qualname(vm, func), s.to_string_lossy())));
                }
                slots[i] = Some(v);
            }
            None => match kwargs {
                Some(d) => d.set(vm, name.clone(), v)?,
                None => return Err(unexpected(vm, func, code, kw, s)),
            },
        }
    }
    Ok(())
}

fn qualname(vm: &Vm, func: &Function) -> String {
    vm.str_lossy(&func.qualname.get())
}

#[cold]
fn unexpected(vm: &Vm, func: &Function, code: &Code, kw: &[Value], name: &Str) -> Raised {
    let posonly: Vec<String> = code.varnames()[..code.posonly as usize]
        .iter()
        .filter(|p| kw.iter().any(|k| matches!((k.downcast::<Str>(), p.downcast::<Str>()), (Some(a), Some(b)) if a.same_text(b))))
        .map(|p| vm.str_lossy(p))
        .collect();
    if !posonly.is_empty() {
        return vm.type_error(format!(
            "{}() got some positional-only arguments passed as keyword arguments: '{}'",
            qualname(vm, func),
            posonly.join(", ")
        ));
    }
    let name = name.to_string_lossy();
    let total = (code.argcount + code.kwonly) as usize;
    let candidates: Vec<String> = code.varnames()[code.posonly as usize..total].iter().map(|p| vm.str_lossy(p)).collect();
    match crate::types::exceptions::suggest::closest(&name, &candidates) {
        Some(s) => vm.type_error(format!("{}() got an unexpected keyword argument '{name}'. Did you mean '{s}'?", qualname(vm, func))),
        None => vm.type_error(format!("{}() got an unexpected keyword argument '{name}'", qualname(vm, func))),
    }
}

#[cold]
fn missing_args(vm: &Vm, func: &Function, code: &Code, missing: &[usize], kind: &str) -> Raised {
    let names: Vec<String> = missing.iter().map(|&i| format!("'{}'", vm.str_lossy(&code.varnames()[i]))).collect();
    let list = match &names[..] {
        [one] => one.clone(),
        [a, b] => format!("{a} and {b}"),
        [rest @ .., last] => format!("{}, and {last}", rest.join(", ")),
        [] => String::new(),
    };
    let plural = if names.len() == 1 { "" } else { "s" };
    vm.type_error(format!("{}() missing {} required {kind} argument{plural}: {list}", qualname(vm, func), names.len()))
}

#[cold]
fn too_many(vm: &Vm, func: &Function, code: &Code, slots: &[Option<Value>], given: usize) -> Raised {
    let argc = code.argcount as usize;
    let total = argc + code.kwonly as usize;
    let kwonly_given = slots[argc..total].iter().filter(|s| s.is_some()).count();
    let defaults = func.defaults.get().downcast::<Tuple>().map_or(0, |t| t.len());
    let takes = if defaults > 0 { format!("from {} to {argc}", argc.saturating_sub(defaults)) } else { argc.to_string() };
    let plural = if argc == 1 && defaults == 0 { "" } else { "s" };
    let kw = if kwonly_given > 0 {
        format!(
            " positional argument{} (and {kwonly_given} keyword-only argument{})",
            if given == 1 { "" } else { "s" },
            if kwonly_given == 1 { "" } else { "s" }
        )
    } else {
        String::new()
    };
    let was = if given == 1 && kwonly_given == 0 { "was" } else { "were" };
    vm.type_error(format!("{}() takes {takes} positional argument{plural} but {given}{kw} {was} given", qualname(vm, func)))
}
