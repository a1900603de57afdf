//! How nodes are shown: the fields, three levels deep, and of a list the first and the last item.

use super::classes::classes;
use super::node::{listed, sequence};
use taipan_runtime::core::{R, Value};
use taipan_runtime::types::str::{self, Str, StrBuilder};
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::vm::Vm;

const DEPTH: u32 = 3;

/// `repr(node)`
///
/// Raises AttributeError for nodes that lack a field, and what the fields' `repr` raises.
pub fn node(vm: &Vm, v: &Value) -> R {
    let state = classes(vm)?;
    let Some(base) = state.ast.as_type() else { return Ok(str::from_str("AST")) };
    let mut out = StrBuilder::new();
    show_node(vm, v, base, DEPTH, &mut out)?;
    Ok(out.finish())
}

fn show_node(vm: &Vm, v: &Value, base: &TypeObject, depth: u32, out: &mut StrBuilder) -> R<()> {
    vm.check_native_stack()?;
    out.push_str(&v.ty().tp_name());
    let shown = depth > 0 && vm.repr_guard(v, || fields(vm, v, base, depth, out))?.is_some();
    if !shown {
        out.push_str("(...)");
    }
    Ok(())
}

fn fields(vm: &Vm, v: &Value, base: &TypeObject, depth: u32, out: &mut StrBuilder) -> R<()> {
    out.push_str("(");
    for (i, name) in listed(vm, v.ty(), "_fields")?.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        let name = vm.attr_name(name)?;
        let value = vm.get_attr(v, &name)?;
        if let Some(name) = name.downcast::<Str>() {
            out.push_obj(name);
        }
        out.push_str("=");
        match sequence(&value) {
            Some((items, is_list)) => {
                out.push_str(if is_list { "[" } else { "(" });
                for (i, item) in items.iter().enumerate() {
                    match i {
                        0 => {}
                        _ if i + 1 < items.len() => continue,
                        1 => out.push_str(", "),
                        _ => out.push_str(", ..., "),
                    }
                    show(vm, item, base, depth, out)?;
                }
                out.push_str(if is_list { "]" } else { ")" });
            }
            None => show(vm, &value, base, depth, out)?,
        }
    }
    out.push_str(")");
    Ok(())
}

fn show(vm: &Vm, v: &Value, base: &TypeObject, depth: u32, out: &mut StrBuilder) -> R<()> {
    if v.ty().is_subtype_of(base) {
        return show_node(vm, v, base, depth - 1, out);
    }
    let text = vm.repr(v)?;
    if let Some(text) = text.downcast::<Str>() {
        out.push_obj(text);
    }
    Ok(())
}
