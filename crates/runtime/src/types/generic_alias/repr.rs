//! How types are shown inside aliases and unions.

use crate::core::{R, Ref, Value};
use crate::types::list::List;
use crate::types::str::{Str, StrBuilder};
use crate::vm::{Vm, names};

fn push(out: &mut StrBuilder, v: &Value) {
    if let Some(s) = v.downcast::<Str>() {
        out.push_obj(s);
    }
}

/// Appends a type as aliases show it: by its qualified name if it has one.
pub fn type_repr(vm: &Vm, out: &mut StrBuilder, v: &Value) -> R<()> {
    let n = names();
    if v.is(&Value::ELLIPSIS) {
        out.push_str("...");
        return Ok(());
    }
    if v.as_type().is_some_and(|t| t.is(crate::types::singletons::NONE_TYPE.get())) {
        out.push_str("None");
        return Ok(());
    }
    let named = 'named: {
        // An alias, of whatever class.
        if vm.get_attr_opt(v, &n.__origin__)?.is_some() && vm.get_attr_opt(v, &n.__args__)?.is_some() {
            break 'named None;
        }
        let Some(qualname) = vm.get_attr_opt(v, &n.__qualname__)? else { break 'named None };
        let module = vm.get_attr_opt(v, &n.__module__)?;
        module.filter(|m| !m.is_none()).map(|m| (m, qualname))
    };
    match named {
        None => push(out, &vm.repr(v)?),
        Some((module, qualname)) => {
            let builtins = module.downcast::<Str>().is_some_and(|m| m.as_ascii() == Some("builtins"));
            if !builtins {
                push(out, &vm.str(&module)?);
                out.push_str(".");
            }
            push(out, &vm.str(&qualname)?);
        }
    }
    Ok(())
}

/// Appends a list of types, the parameters of a callable.
pub(super) fn list_repr(vm: &Vm, out: &mut StrBuilder, l: &Ref<List>) -> R<()> {
    out.push_str("[");
    let mut i = 0;
    while let Some(v) = l.get(i) {
        if i > 0 {
            out.push_str(", ");
        }
        type_repr(vm, out, &v)?;
        i += 1;
    }
    out.push_str("]");
    Ok(())
}
