//! Showing a warning, by `warnings` or, before that is there, by plainer means.

use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exceptions::display;
use taipan_runtime::types::str::Str;
use taipan_runtime::vm::{Vm, names};

use super::{Warning, state};

/// Shows a warning.
///
/// Raises what the functions that somebody has put into `warnings` raise.
pub fn show(vm: &Vm, w: &Warning<'_>, message: &Value, category: &Value, text: &Value, source_line: &Value) -> R<()> {
    // A warning about an object wants the traceback of its allocation, which only `warnings` shows.
    let Some(show) = state::attribute(vm, "_showwarnmsg", !w.source.is_none())? else {
        return plainly(vm, w, category, text, source_line);
    };
    if show.ty().slots().call.is_none() {
        return Err(vm.type_error("warnings._showwarnmsg() must be set to a callable"));
    }
    let Some(class) = state::attribute(vm, "WarningMessage", false)? else {
        return Err(vm.runtime_error("unable to get warnings.WarningMessage"));
    };
    let line = Value::from(w.line);
    let args = [message.clone(), category.clone(), w.filename.clone(), line, Value::NONE, Value::NONE, w.source.clone()];
    let msg = vm.call(&class, &args)?;
    vm.call(&show, &[msg]).map(drop)
}

fn plainly(vm: &Vm, w: &Warning<'_>, category: &Value, text: &Value, source_line: &Value) -> R<()> {
    let name = vm.get_attr(category, &names().__name__)?;
    let mut out = format!("{}:{}: {}: {}\n", vm.str_string(w.filename)?, w.line, vm.str_string(&name)?, vm.str_string(text)?);
    let line = match source_line.downcast::<Str>() {
        Some(l) => Some(l.to_string_lossy()),
        None => line_of_file(vm, w),
    };
    if let Some(line) = line.map(|l| l.trim_matches([' ', '\t', '\x0c', '\n', '\r']).to_owned()).filter(|l| !l.is_empty()) {
        out.push_str(&format!("  {line}\n"));
    }
    display::write_stderr(vm, &out);
    Ok(())
}

fn line_of_file(vm: &Vm, w: &Warning<'_>) -> Option<String> {
    let name = vm.str_lossy(w.filename);
    let n = usize::try_from(w.line).ok()?.checked_sub(1)?;
    let data = taipan_runtime::vm::read_file(&name).ok()?;
    String::from_utf8_lossy(&data).lines().nth(n).map(str::to_owned)
}

/// A line of a module's source, as its loader gives it; None without a loader.
///
/// Raises ValueError and AttributeError where the variables don't tell of one loader, and what the loader raises.
pub fn source_line(vm: &Vm, globals: &Ref<Dict>, line: i32) -> R {
    let external = crate::import::import_module(vm, "_frozen_importlib_external")?;
    let loader = vm.call_method(&external, "_bless_my_loader", std::slice::from_ref(globals.value()))?;
    let Some(name) = globals.get_name(&names().__name__) else { return Ok(Value::NONE) };
    let Some(get) = vm.get_attr_str_opt(&loader, "get_source")? else { return Ok(Value::NONE) };
    let source = vm.call(&get, &[name])?;
    if source.is_none() {
        return Ok(Value::NONE);
    }
    let lines = vm.call_method(&source, "splitlines", &[])?;
    vm.getitem(&lines, &Value::from(i64::from(line) - 1))
}
