//! Compiling, running, importing, namespaces.

use taipan_macros::function;
use taipan_runtime::compile::{self, Request};
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::interp;
use taipan_runtime::native::{Args, Nullable};
use taipan_runtime::types::bytes;
use taipan_runtime::types::cell::Cell;
use taipan_runtime::types::code::Code;
use taipan_runtime::types::dict::{self, Dict};
use taipan_runtime::types::frame::{self, FrameObject};
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::types::type_;
use taipan_runtime::vm::{Vm, names};
use taipan_syntax::Mode;

/// Internal helper of the class statement.
#[function]
pub fn __build_class__(vm: &Vm, args: Args<'_>) -> R {
    type_::build_class::build_class(vm, args)
}

/// Import a module. The import statement calls this.
#[function(sig = "(name, globals=None, locals=None, fromlist=(), level=0)")]
pub fn __import__(vm: &Vm, name: &Value, globals: Option<&Value>, locals: Option<&Value>, fromlist: Option<&Value>, level: Option<i64>) -> R {
    let _ = locals;
    crate::import::import_module_level(vm, name, globals, fromlist, level.unwrap_or(0))
}

/// Return the dictionary with the current scope's global variables.
#[function]
pub fn globals(vm: &Vm) -> R {
    match vm.current_globals() {
        Some(g) => Ok(g.into_value()),
        None => Ok(Value::NONE),
    }
}

/// Return a dictionary with the current scope's local variables.
#[function]
pub fn locals(vm: &Vm) -> R {
    current_locals(vm)
}

/// The local variables of the innermost Python frame.
pub fn current_locals(vm: &Vm) -> R {
    match frame::current(vm) {
        Some(f) => match f.downcast::<FrameObject>() {
            Some(f) => frame::locals(vm, f),
            None => Err(vm.system_error("frame does not exist")),
        },
        None => match vm.current_globals() {
            Some(g) => Ok(g.into_value()),
            None => Err(vm.system_error("frame does not exist")),
        },
    }
}

const PYCF_DONT_IMPLY_DEDENT: i64 = 0x200;
const PYCF_ONLY_AST: i64 = 0x400;
const PYCF_TYPE_COMMENTS: i64 = 0x1000;
const PYCF_ALLOW_TOP_LEVEL_AWAIT: i64 = 0x2000;
const PYCF_ALLOW_INCOMPLETE_INPUT: i64 = 0x4000;
const PYCF_OPTIMIZED_AST: i64 = 0x8000 | PYCF_ONLY_AST;
const CO_FUTURES: i64 = 0x1fe_0000;
const ALL_FLAGS: i64 = PYCF_DONT_IMPLY_DEDENT | PYCF_TYPE_COMMENTS | PYCF_ALLOW_TOP_LEVEL_AWAIT | PYCF_ALLOW_INCOMPLETE_INPUT | PYCF_OPTIMIZED_AST | CO_FUTURES | 0x10;

/// Text of a source given as str or bytes-like.
pub fn source_text(vm: &Vm, source: &Value, what: &str, filename: &str) -> R<String> {
    if let Some(s) = source.downcast::<Str>() {
        let text = s.to_utf8(vm)?.into_owned();
        if text.contains('\0') {
            return compile::decode(vm, b"\0", filename, false);
        }
        return Ok(text);
    }
    match bytes::buffer_bytes(vm, source) {
        Ok(b) => compile::decode(vm, &b, filename, false),
        Err(e) => {
            drop(vm.catch(e));
            let or = match what.split_once('(') {
                Some(("compile", _)) => "string, bytes or AST",
                Some(("symtable", _)) => "string or bytes",
                _ => "string, bytes or code",
            };
            Err(vm.type_error(format!("{what} must be a {or} object")))
        }
    }
}

/// A file name as str, bytes or path.
///
/// Raises TypeError for anything else.
pub fn file_name(vm: &Vm, name: &Value) -> R<String> {
    let name = vm.call_method(&crate::import::native(vm, "posix")?, "fspath", std::slice::from_ref(name))?;
    Ok(match name.downcast::<Str>() {
        Some(s) => s.to_string_lossy(),
        None => String::from_utf8_lossy(&bytes::buffer_bytes(vm, &name)?).into_owned(),
    })
}

/// Compile source into a code object that can be executed by exec() or eval().
#[function(sig = "(source, filename, mode, flags=0, dont_inherit=False, optimize=-1, *, _feature_version=-1)")]
pub fn compile(
    vm: &Vm,
    source: &Value,
    filename: &Value,
    mode: &str,
    flags: Option<i64>,
    dont_inherit: Option<bool>,
    optimize: Option<i64>,
    _feature_version: Option<i64>,
) -> R {
    let flags = flags.unwrap_or(0);
    let optimize = optimize.unwrap_or(-1);
    if flags & !ALL_FLAGS != 0 {
        return Err(vm.value_error("compile(): unrecognised flags"));
    }
    if !(-1..=2).contains(&optimize) {
        return Err(vm.value_error("compile(): invalid optimize value"));
    }
    let filename = file_name(vm, filename)?;
    let parsed_mode = match mode {
        "exec" => Mode::Exec,
        "eval" => Mode::Eval,
        "single" => Mode::Single,
        "func_type" => {
            if flags & PYCF_ONLY_AST == 0 {
                return Err(vm.value_error("compile() mode 'func_type' requires flag PyCF_ONLY_AST"));
            }
            Mode::FuncType
        }
        _ => {
            return Err(vm.value_error(if flags & PYCF_ONLY_AST != 0 {
                "compile() mode must be 'exec', 'eval', 'single' or 'func_type'"
            } else {
                "compile() mode must be 'exec', 'eval' or 'single'"
            }));
        }
    };
    let mut request = Request::new(vm, parsed_mode, &filename);
    if optimize >= 0 {
        request.optimize = optimize as u8;
    }
    request.parse.type_comments = flags & PYCF_TYPE_COMMENTS != 0;
    request.parse.allow_incomplete_input = flags & PYCF_ALLOW_INCOMPLETE_INPUT != 0;
    request.parse.dont_imply_dedent = flags & PYCF_DONT_IMPLY_DEDENT != 0;
    if let Some(v) = _feature_version
        && v >= 0
        && flags & PYCF_ONLY_AST != 0
    {
        request.parse.feature_version = v.clamp(0, 255) as u8;
    }
    let mut future = flags;
    if !dont_inherit.unwrap_or(false)
        && let Some(f) = vm.stacks.current()
    {
        future |= i64::from(f.code().flags.get()) & CO_FUTURES;
    }
    request.future.annotations = future & 0x100_0000 != 0;
    request.future.top_level_await = flags & PYCF_ALLOW_TOP_LEVEL_AWAIT != 0;
    request.future.barry_as_bdfl = future & 0x40_0000 != 0;
    request.parse.barry_as_flufl = future & 0x40_0000 != 0;
    if let Some(tree) = crate::ast::as_tree(vm, source, parsed_mode)? {
        if flags & PYCF_ONLY_AST != 0 {
            if flags & 0x8000 == 0 {
                return Ok(source.clone());
            }
            return crate::ast::to_object(vm, tree, true, &request);
        }
        return Ok(compile::compile_tree(vm, &tree, None, &request)?.into_value());
    }
    let text = source_text(vm, source, "compile() arg 1", &filename)?;
    announce(vm, &text, &filename)?;
    if flags & PYCF_ONLY_AST != 0 {
        let tree = compile::parse(vm, &text, &request)?;
        return crate::ast::to_object(vm, tree, flags & 0x8000 != 0, &request);
    }
    Ok(compile::compile(vm, &text, &request)?.into_value())
}

/// The namespaces that eval() and exec() run in.
fn namespaces(vm: &Vm, what: &str, globals: Option<&Value>, locals: Option<&Value>) -> R<(Ref<Dict>, Value)> {
    let (g, l) = match (globals, locals) {
        (None, l) => {
            let Some(g) = vm.current_globals() else {
                return Err(vm.system_error("globals and locals cannot be NULL"));
            };
            let l = match l {
                Some(l) => l.clone(),
                None => current_locals(vm)?,
            };
            (g, l)
        }
        (Some(g), l) => {
            let Some(d) = g.downcast::<Dict>() else {
                return Err(vm.type_error(if what == "exec" {
                    format!("exec() globals must be a dict, not {}", g.ty().tp_name())
                } else if g.ty().slots().getitem.is_some() {
                    "globals must be a real dict; try eval(code, {}, mapping)".to_owned()
                } else {
                    "globals must be a dict".to_owned()
                }));
            };
            (d.clone(), l.unwrap_or(g).clone())
        }
    };
    if l.ty().slots().getitem.is_none() {
        return Err(vm.type_error(if what == "exec" {
            format!("locals must be a mapping or None, not {}", l.ty().tp_name())
        } else {
            "locals must be a mapping".to_owned()
        }));
    }
    let n = names();
    if g.get_name(&n.__builtins__).is_none() {
        g.set_name(&n.__builtins__, dict::foreign::shown(&vm.current_builtins()));
    }
    Ok((g, l))
}

/// Evaluate the source in the context of globals and locals.
#[function(sig = "(source, /, globals=None, locals=None)")]
pub fn eval(vm: &Vm, source: &Value, globals: Nullable<&Value>, locals: Nullable<&Value>) -> R {
    let (g, l) = namespaces(vm, "eval", globals.0, locals.0)?;
    let code = match source.downcast::<Code>() {
        Some(c) => {
            if c.nfree > 0 {
                return Err(vm.type_error("code object passed to eval() may not contain free variables"));
            }
            c.clone()
        }
        None => {
            let text = source_text(vm, source, "eval() arg 1", "<string>")?;
            announce(vm, &text, "<string>")?;
            let mut request = Request::new(vm, Mode::Eval, "<string>");
            inherit(vm, &mut request);
            compile::compile(vm, text.trim_start_matches([' ', '\t']), &request)?
        }
    };
    vm.audit("exec", std::slice::from_ref(code.value()))?;
    interp::eval_code(vm, &code, &g, Some(&l), None)
}

/// Tells audit hooks of source text that is about to be compiled.
fn announce(vm: &Vm, text: &str, filename: &str) -> R<()> {
    if vm.is_audited() {
        let source = bytes::from_slice(text.as_bytes()).into_value();
        vm.audit("compile", &[source, taipan_runtime::types::str::from_str(filename)])?;
    }
    Ok(())
}

fn inherit(vm: &Vm, request: &mut Request) {
    if let Some(f) = vm.stacks.current() {
        let flags = f.code().flags.get();
        request.future.annotations = flags & 0x100_0000 != 0;
        request.future.barry_as_bdfl = flags & 0x40_0000 != 0;
        request.parse.barry_as_flufl = flags & 0x40_0000 != 0;
    }
}

/// Execute the source in the context of globals and locals.
#[function(sig = "(source, /, globals=None, locals=None, *, closure=None)")]
pub fn exec(vm: &Vm, source: &Value, globals: Nullable<&Value>, locals: Nullable<&Value>, closure: Nullable<&Value>) -> R<()> {
    let (g, l) = namespaces(vm, "exec", globals.0, locals.0)?;
    let code = match source.downcast::<Code>() {
        Some(c) => {
            let want = c.nfree as usize;
            match closure.0 {
                None if want > 0 => {
                    return Err(vm.type_error(format!("code object requires a closure of exactly length {want}")));
                }
                Some(_) if want == 0 => {
                    return Err(vm.type_error("cannot use a closure with this code object"));
                }
                Some(t) => {
                    let ok = t.downcast::<Tuple>().is_some_and(|t| t.len() == want && t.as_slice().iter().all(|c| c.downcast::<Cell>().is_some()));
                    if !ok {
                        return Err(vm.type_error(format!("code object requires a closure of exactly length {want}")));
                    }
                }
                None => {}
            }
            c.clone()
        }
        None => {
            if closure.0.is_some() {
                return Err(vm.type_error("closure can only be used when source is a code object"));
            }
            let text = source_text(vm, source, "exec() arg 1", "<string>")?;
            announce(vm, &text, "<string>")?;
            let mut request = Request::new(vm, Mode::Exec, "<string>");
            inherit(vm, &mut request);
            compile::compile(vm, &text, &request)?
        }
    };
    vm.audit("exec", std::slice::from_ref(code.value()))?;
    interp::eval_code(vm, &code, &g, Some(&l), closure.0)?;
    Ok(())
}

/// Call sys.breakpointhook(*args, **kws), which starts the debugger pdb by default.
#[function]
pub fn breakpoint(vm: &Vm, args: Args<'_>) -> R {
    let Some(hook) = vm.interp().sys().get_str("breakpointhook") else {
        return Err(vm.runtime_error("lost sys.breakpointhook"));
    };
    crate::util::audit(vm, "builtins.breakpoint", std::slice::from_ref(&hook))?;
    vm.call_args(&hook, args)
}
