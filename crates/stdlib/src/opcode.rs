//! `_opcode`: properties of CPython's bytecode, for tools that read it from files. Taipan's own code is another one.

use taipan_macros::{function, module};
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::module::Module;
use taipan_runtime::types::{list, str, tuple};
use taipan_runtime::vm::Vm;

module! {
    /// Opcode support module.
    name = "_opcode",
    functions(
        stack_effect, is_valid, has_arg, has_const, has_name, has_jump, has_free, has_local, has_exc, get_specialization_stats,
        get_nb_ops, get_intrinsic1_descs, get_intrinsic2_descs, get_special_method_names, get_executor,
    ),
    exec = exec,
}

fn exec(_vm: &Vm, m: &Ref<Module>) -> R<()> {
    m.set("ENABLE_SPECIALIZATION", 0);
    m.set("ENABLE_SPECIALIZATION_FT", 0);
    Ok(())
}

/// Compute the stack effect of the opcode.
#[function(sig = "(opcode, oparg=None, /, *, jump=None)")]
fn stack_effect(vm: &Vm, _opcode: i32, _oparg: &Value, _jump: &Value) -> R<i32> {
    Err(vm.not_implemented_error("Taipan's bytecode uses registers: there are no stack effects"))
}

/// Return True if opcode is valid, False otherwise.
#[function(sig = "(opcode)")]
fn is_valid(_vm: &Vm, opcode: i32) -> bool {
    matches!(opcode, 0..=120 | 128 | 234..=266)
}

/// Return True if the opcode uses its oparg, False otherwise.
#[function(sig = "(opcode)")]
fn has_arg(_vm: &Vm, opcode: i32) -> bool {
    matches!(opcode, 44..=120 | 128 | 237 | 239 | 241..=245 | 247..=251 | 253 | 255 | 257..=261 | 263..=266)
}

/// Return True if the opcode accesses a constant, False otherwise.
#[function(sig = "(opcode)")]
fn has_const(_vm: &Vm, opcode: i32) -> bool {
    opcode == 82
}

/// Return True if the opcode accesses an attribute by name, False otherwise.
#[function(sig = "(opcode)")]
fn has_name(_vm: &Vm, opcode: i32) -> bool {
    matches!(opcode, 61 | 64 | 65 | 72 | 73 | 80 | 91 | 92 | 93 | 96 | 110 | 115 | 116 | 249)
}

/// Return True if the opcode has a jump target, False otherwise.
#[function(sig = "(opcode)")]
fn has_jump(_vm: &Vm, opcode: i32) -> bool {
    matches!(opcode, 68 | 70 | 75..=77 | 100..=103 | 106 | 237 | 248 | 257..=260)
}

/// Return True if the opcode accesses a free variable, False otherwise.
///
/// Note that 'free' in this context refers to names in the current scope that are referenced by inner scopes or names
/// in the outer scope that are referenced from this scope.
#[function(sig = "(opcode)")]
fn has_free(_vm: &Vm, opcode: i32) -> bool {
    matches!(opcode, 62 | 90 | 97 | 111)
}

/// Return True if the opcode accesses a local variable, False otherwise.
#[function(sig = "(opcode)")]
fn has_local(_vm: &Vm, opcode: i32) -> bool {
    matches!(opcode, 63 | 83..=89 | 112..=114 | 261 | 266)
}

/// Return True if the opcode sets an exception handler, False otherwise.
#[function(sig = "(opcode)")]
fn has_exc(_vm: &Vm, opcode: i32) -> bool {
    matches!(opcode, 263..=265)
}

/// Return the specialization stats: there are none.
#[function]
fn get_specialization_stats(_vm: &Vm) -> Value {
    Value::NONE
}

fn texts(names: &[&str]) -> Value {
    list::from_vec(names.iter().map(|n| str::from_str(n)).collect()).into_value()
}

/// Return array of symbols of binary ops, as pairs of name and symbol.
#[function]
fn get_nb_ops(_vm: &Vm) -> Value {
    const OPS: [(&str, &str); 13] = [
        ("ADD", "+"), ("AND", "&"), ("FLOOR_DIVIDE", "//"), ("LSHIFT", "<<"), ("MATRIX_MULTIPLY", "@"), ("MULTIPLY", "*"),
        ("REMAINDER", "%"), ("OR", "|"), ("POWER", "**"), ("RSHIFT", ">>"), ("SUBTRACT", "-"), ("TRUE_DIVIDE", "/"), ("XOR", "^"),
    ];
    let pair = |name: String, symbol: String| {
        tuple::from_array([str::from_str(&name), str::from_str(&symbol)]).into_value()
    };
    let plain = OPS.iter().map(|(n, s)| pair(format!("NB_{n}"), (*s).to_owned()));
    let inplace = OPS.iter().map(|(n, s)| pair(format!("NB_INPLACE_{n}"), format!("{s}=")));
    let subscript = pair("NB_SUBSCR".to_owned(), "[]".to_owned());
    list::from_vec(plain.chain(inplace).chain([subscript]).collect()).into_value()
}

/// Return a list of names of the unary intrinsics.
#[function]
fn get_intrinsic1_descs(_vm: &Vm) -> Value {
    texts(&[
        "INTRINSIC_1_INVALID", "INTRINSIC_PRINT", "INTRINSIC_IMPORT_STAR", "INTRINSIC_STOPITERATION_ERROR",
        "INTRINSIC_ASYNC_GEN_WRAP", "INTRINSIC_UNARY_POSITIVE", "INTRINSIC_LIST_TO_TUPLE", "INTRINSIC_TYPEVAR",
        "INTRINSIC_PARAMSPEC", "INTRINSIC_TYPEVARTUPLE", "INTRINSIC_SUBSCRIPT_GENERIC", "INTRINSIC_TYPEALIAS",
    ])
}

/// Return a list of names of the binary intrinsics.
#[function]
fn get_intrinsic2_descs(_vm: &Vm) -> Value {
    texts(&[
        "INTRINSIC_2_INVALID", "INTRINSIC_PREP_RERAISE_STAR", "INTRINSIC_TYPEVAR_WITH_BOUND",
        "INTRINSIC_TYPEVAR_WITH_CONSTRAINTS", "INTRINSIC_SET_FUNCTION_TYPE_PARAMS", "INTRINSIC_SET_TYPEPARAM_DEFAULT",
    ])
}

/// Return a list of special method names.
#[function]
fn get_special_method_names(_vm: &Vm) -> Value {
    texts(&["__enter__", "__exit__", "__aenter__", "__aexit__"])
}

/// Return the executor object at offset in code if exists, None otherwise: there is none.
#[function(sig = "(*, code, offset)")]
fn get_executor(_vm: &Vm, _code: &Value, _offset: i32) -> Value {
    Value::NONE
}
