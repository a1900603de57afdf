//! print and input.

use taipan_macros::function;
use taipan_runtime::core::{R, Value};
use taipan_runtime::native::{Args, Nullable};
use taipan_runtime::types::str::{self, Str};
use taipan_runtime::vm::{Vm, names};

fn separator(vm: &Vm, v: Option<&Value>, what: &str, default: &str) -> R {
    match v {
        None => Ok(str::from_str(default)),
        Some(v) if v.is_none() => Ok(str::from_str(default)),
        Some(v) if v.downcast::<Str>().is_some() => Ok(v.clone()),
        Some(v) => Err(vm.type_error(format!("{what} must be None or a string, not {}", v.ty().tp_name()))),
    }
}

/// Prints the values to a stream, or to sys.stdout by default.
#[function]
pub fn print(vm: &Vm, args: Args<'_>) -> R<()> {
    let (mut sep, mut end, mut file, mut flush) = (None, None, None, None);
    for (k, v) in args.named() {
        match vm.str_lossy(k).as_str() {
            "sep" => sep = Some(v),
            "end" => end = Some(v),
            "file" => file = Some(v).filter(|v| !v.is_none()),
            "flush" => flush = Some(v),
            other => return Err(vm.type_error(format!("print() got an unexpected keyword argument '{other}'"))),
        }
    }
    let file = match file {
        Some(f) => f.clone(),
        None => match vm.interp().sys().get_name(&names().stdout) {
            Some(f) => f,
            None => return Err(vm.runtime_error("lost sys.stdout")),
        },
    };
    if file.is_none() {
        return Ok(());
    }
    let (sep, end) = (separator(vm, sep, "sep", " ")?, separator(vm, end, "end", "\n")?);
    let write = vm.get_attr(&file, &names().write)?;
    for (i, v) in args.positional().iter().enumerate() {
        if i > 0 {
            vm.call(&write, std::slice::from_ref(&sep))?;
        }
        let text = vm.str(v)?;
        vm.call(&write, &[text])?;
    }
    vm.call(&write, &[end])?;
    if let Some(f) = flush
        && vm.truth(f)?
    {
        vm.call_method_name(&file, &names().flush, &[])?;
    }
    Ok(())
}

/// Read a string from standard input, without its newline; the prompt is shown first.
#[function(sig = "(prompt='', /)")]
pub fn input(vm: &Vm, prompt: Nullable<&Value>) -> R {
    let sys = vm.interp().sys();
    let get = |name: &Value, what: &str| sys.get_name(name).filter(|v| !v.is_none()).ok_or_else(|| vm.runtime_error(format!("input(): lost sys.{what}")));
    let n = names();
    let stdin = get(&n.stdin, "stdin")?;
    let stdout = get(&n.stdout, "stdout")?;
    let stderr = get(&n.stderr, "stderr")?;
    let r = vm.call_method_name(&stderr, &n.flush, &[]);
    drop(vm.ignore(r, &taipan_runtime::types::exceptions::EXCEPTION)?);
    if let Some(p) = prompt.0 {
        let text = vm.str(p)?;
        vm.call_method_name(&stdout, &n.write, &[text])?;
    }
    let r = vm.call_method_name(&stdout, &n.flush, &[]);
    drop(vm.ignore(r, &taipan_runtime::types::exceptions::EXCEPTION)?);
    let line = vm.call_method_name(&stdin, &n.readline, &[])?;
    let Some(s) = line.downcast::<Str>() else {
        return Err(vm.type_error("object.readline() returned non-string"));
    };
    if s.is_empty() {
        return Err(vm.eof_error("EOF when reading a line"));
    }
    let end = s.len() - usize::from(s.char_at(s.len() - 1) == u32::from('\n'));
    Ok(s.substring(0, end).into_value())
}
