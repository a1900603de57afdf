//! `_string`: what `string.Formatter` needs.

use taipan_macros::{function, module};
use taipan_runtime::core::{R, Raised, Ref, Value};
use taipan_runtime::types::str::Str;
use taipan_runtime::types::str::format;
use taipan_runtime::vm::Vm;

module! {
    /// string helper module
    name = "_string",
    functions(formatter_parser, formatter_field_name_split),
}

#[cold]
fn no_str(vm: &Vm, v: &Value) -> Raised {
    vm.type_error(format!("expected str, got {}", v.ty().tp_name()))
}

fn text<'a>(vm: &Vm, v: &'a Value) -> R<&'a Ref<Str>> {
    v.downcast::<Str>().ok_or_else(|| no_str(vm, v))
}

/// parse the argument as a format string
#[function(sig = "(string, /)")]
fn formatter_parser(vm: &Vm, string: &Value) -> R {
    Ok(format::formatter_parser(text(vm, string)?))
}

/// split the argument as a field name
#[function(sig = "(string, /)")]
fn formatter_field_name_split(vm: &Vm, string: &Value) -> R {
    format::formatter_field_name_split(vm, text(vm, string)?)
}
