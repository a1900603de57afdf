//! `_suggestions`: the name that somebody may have meant.

use taipan_macros::{function, module};
use taipan_runtime::core::{R, Value};
use taipan_runtime::types::exceptions::suggest;
use taipan_runtime::types::list::List;
use taipan_runtime::types::str::Str;
use taipan_runtime::vm::Vm;

module! {
    name = "_suggestions",
    functions(_generate_suggestions),
}

/// Returns the candidate in candidates that's closest to item, or None.
#[function(sig = "(candidates, item, /)")]
fn _generate_suggestions(vm: &Vm, candidates: &Value, item: &Value) -> R<Option<String>> {
    let Some(list) = candidates.downcast::<List>() else { return Err(vm.type_error("candidates must be a list")) };
    let mut names = Vec::new();
    for c in list.to_vec() {
        match c.downcast::<Str>() {
            Some(s) => names.push(s.to_string_lossy()),
            None => return Err(vm.type_error("all elements in 'candidates' must be strings")),
        }
    }
    let Some(item) = item.downcast::<Str>() else {
        let got = item.ty().tp_name();
        return Err(vm.type_error(format!("_generate_suggestions() argument 2 must be str, not {got}")));
    };
    Ok(suggest::closest(&item.to_string_lossy(), &names).cloned())
}
