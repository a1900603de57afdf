//! The module `builtins`.

mod attributes;
pub mod code;
mod iteration;
mod numbers;
mod output;

use taipan_macros::module;
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::exceptions;
use taipan_runtime::types::module::Module;
use taipan_runtime::vm::Vm;

module! {
    /// Built-in functions, types, exceptions, and other objects.
    name = "builtins",
    functions(
        attributes::callable, attributes::delattr, attributes::dir, attributes::getattr, attributes::hasattr,
        attributes::hash, attributes::id, attributes::isinstance, attributes::issubclass, attributes::setattr,
        attributes::vars, attributes::repr, attributes::ascii, attributes::format,
        code::__build_class__, code::breakpoint, code::__import__, code::compile, code::eval, code::exec, code::globals, code::locals,
        iteration::aiter, iteration::anext, iteration::all, iteration::any, iteration::iter, iteration::len,
        iteration::max, iteration::min, iteration::next, iteration::sorted, iteration::sum,
        numbers::abs, numbers::bin, numbers::chr, numbers::divmod, numbers::hex, numbers::oct, numbers::ord,
        numbers::pow, numbers::round,
        output::input, output::print,
    ),
    exec = exec_module,
}

fn exec_module(vm: &Vm, m: &Ref<Module>) -> R<()> {
    for (name, ty) in exceptions::builtins() {
        m.set(name, ty.value());
    }
    m.set("EnvironmentError", exceptions::OS_ERROR.value());
    m.set("IOError", exceptions::OS_ERROR.value());
    for t in taipan_runtime::types::all_types(&[]) {
        const SHOWN: &[&str] = &[
            "object", "type", "int", "bool", "float", "complex", "str", "bytes", "bytearray", "memoryview", "tuple", "list",
            "dict", "set", "frozenset", "range", "slice", "enumerate", "zip", "map", "filter", "reversed", "property",
            "classmethod", "staticmethod", "super",
        ];
        if t.module == "builtins" && SHOWN.contains(&t.name) {
            m.set(t.name, t.place.value());
        }
    }
    m.set("None", Value::NONE);
    m.set("True", Value::TRUE);
    m.set("False", Value::FALSE);
    m.set("Ellipsis", Value::ELLIPSIS);
    m.set("NotImplemented", Value::NOT_IMPLEMENTED);
    m.set("__debug__", vm.interp().config.optimize == 0);
    Ok(())
}
