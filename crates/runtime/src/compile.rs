//! From source text to a code object: parser and compiler, their errors as exceptions, their warnings
//! through the `warnings` module.

use std::rc::Rc;

use taipan_compiler::{CompileError, FutureFeatures, Options};
use taipan_syntax::ast::Mod;
use taipan_syntax::{Mode, ParseOptions};

use crate::core::{R, Raised, Ref, Value};
use crate::types::code::Code;
use crate::types::exceptions as exc;
use crate::types::str;
use crate::types::tuple;
use crate::vm::Vm;

/// How to compile.
#[derive(Clone, Debug)]
pub struct Request {
    /// What kind of input.
    pub mode: Mode,
    /// `co_filename`
    pub filename: String,
    /// 0 to 2.
    pub optimize: u8,
    /// Future features in force.
    pub future: FutureFeatures,
    /// Parser settings beside the mode.
    pub parse: ParseOptions,
    /// Whether warnings are to be issued.
    pub warn: bool,
}

impl Request {
    /// The usual settings for a mode and a file name.
    pub fn new(vm: &Vm, mode: Mode, filename: &str) -> Self {
        Self {
            mode,
            filename: filename.to_owned(),
            optimize: vm.interp().config.optimize.clamp(0, 2) as u8,
            future: FutureFeatures::default(),
            parse: ParseOptions { mode, int_max_str_digits: vm.interp().int_max_str_digits.get(), ..ParseOptions::default() },
            warn: true,
        }
    }
}

/// Parses text.
///
/// Raises SyntaxError and its kin.
pub fn parse(vm: &Vm, source: &str, request: &Request) -> R<Mod> {
    let mut options = request.parse.clone();
    options.mode = request.mode;
    let mut warnings = Vec::new();
    let parsed = taipan_syntax::parse_noting(source, &options, &mut warnings);
    if request.warn {
        for w in &warnings {
            let text = source.lines().nth((w.line as usize).saturating_sub(1)).map(|l| format!("{l}\n"));
            let at = Place { line: w.line, col: w.col, end_line: w.end_line, end_col: w.end_col, text };
            warn(vm, &exc::SYNTAX_WARNING, &w.msg, &w.error_msg, request, &at)?;
        }
    }
    parsed.map_err(|e| syntax_error(vm, e, source, &request.filename))
}

struct Place {
    line: u32,
    col: i32,
    end_line: u32,
    end_col: i32,
    text: Option<String>,
}

/// Parses and compiles text.
///
/// Raises SyntaxError and its kin.
pub fn compile(vm: &Vm, source: &str, request: &Request) -> R<Ref<Code>> {
    let tree = parse(vm, source, request)?;
    compile_tree(vm, &tree, Some(source), request)
}

/// Compiles a tree.
///
/// Raises SyntaxError, and ValueError or RecursionError for trees that no parser makes.
pub fn compile_tree(vm: &Vm, tree: &Mod, source: Option<&str>, request: &Request) -> R<Ref<Code>> {
    let options = Options { filename: Rc::from(request.filename.as_str()), optimize: request.optimize, future: request.future };
    match taipan_compiler::compile_module(tree, &options) {
        Ok((code, warnings)) => {
            if request.warn {
                for w in &warnings {
                    let ty = match w.kind {
                        taipan_compiler::WarningKind::Syntax => &exc::SYNTAX_WARNING,
                        taipan_compiler::WarningKind::Deprecation => &exc::DEPRECATION_WARNING,
                    };
                    warn(vm, ty, &w.msg, &w.msg, request, &place(w.span, source, &request.filename))?;
                }
            }
            Code::from_data(vm, Rc::new(code))
        }
        Err(e) => Err(compile_error(vm, &e, source, &request.filename)),
    }
}

/// The symbol table of text.
///
/// Raises SyntaxError and its kin.
pub fn symtable(vm: &Vm, source: &str, request: &Request) -> R<taipan_compiler::SymbolTable> {
    let tree = parse(vm, source, request)?;
    let options = Options { filename: Rc::from(request.filename.as_str()), optimize: request.optimize, future: request.future };
    taipan_compiler::build_symtable(&tree, &options).map_err(|e| compile_error(vm, &e, Some(source), &request.filename))
}

fn place(span: taipan_syntax::ast::Span, source: Option<&str>, filename: &str) -> Place {
    let line_text = |n: u32| -> Option<String> {
        let i = (n as usize).checked_sub(1)?;
        match source {
            Some(s) => s.lines().nth(i).map(str::to_owned),
            None => file_line(filename, i),
        }
    };
    let chars = |n: u32, col: u32| -> i32 {
        let text = line_text(n).unwrap_or_default();
        let mut end = (col as usize).min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text[..end].chars().count() as i32 + (col as usize - end) as i32 + 1
    };
    Place {
        line: span.line,
        col: chars(span.line, span.col),
        end_line: span.end_line,
        end_col: chars(span.end_line, span.end_col),
        text: line_text(span.line).map(|l| format!("{l}\n")),
    }
}

/// A line of a file, for errors in trees without source.
fn file_line(filename: &str, index: usize) -> Option<String> {
    let bytes = crate::vm::read_file(filename).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    text.lines().nth(index).map(str::to_owned)
}

fn warn(vm: &Vm, category: &'static crate::core::StaticType, msg: &str, error_msg: &str, request: &Request, at: &Place) -> R<()> {
    let Some(warnings) = vm.interp().modules().get_str("_warnings") else { return Ok(()) };
    let f = vm.get_attr_str(&warnings, "warn_explicit")?;
    let args = [str::from_str(msg), category.value(), str::from_str(&request.filename), Value::from(at.line)];
    match vm.call(&f, &args) {
        Ok(_) => Ok(()),
        Err(r) if vm.raised_is(category) => {
            // The filters turn the warning into an error: it becomes a SyntaxError at the place.
            drop(vm.catch(r));
            Err(raise(vm, &exc::SYNTAX_ERROR, error_msg, &request.filename, at))
        }
        Err(r) => Err(r),
    }
}

fn raise(vm: &Vm, ty: &crate::core::StaticType, msg: &str, filename: &str, at: &Place) -> Raised {
    let details = tuple::from_vec(vec![
        str::from_str(filename),
        Value::from(at.line),
        Value::from(i64::from(at.col)),
        at.text.as_deref().map_or(Value::NONE, str::from_str),
        Value::from(at.end_line),
        Value::from(i64::from(at.end_col)),
    ]);
    vm.raise_new(ty.get(), vec![str::from_str(msg), details.into_value()])
}

/// Raises what the parser or tokenizer reports.
pub fn syntax_error(vm: &Vm, e: taipan_syntax::SyntaxError, source: &str, filename: &str) -> Raised {
    use taipan_syntax::ErrorKind as K;
    let ty = match e.kind {
        K::Syntax => &exc::SYNTAX_ERROR,
        K::Indentation => &exc::INDENTATION_ERROR,
        K::Tab => &exc::TAB_ERROR,
        K::IncompleteInput => &exc::INCOMPLETE_INPUT_ERROR,
        K::Memory => return vm.raise_msg(&exc::MEMORY_ERROR, &e.msg),
        K::Recursion => return vm.recursion_error(&e.msg),
        K::Value => return vm.value_error(&e.msg),
        K::Overflow => return vm.overflow_error(&e.msg),
    };
    let at = Place { line: e.line, col: e.col, end_line: e.end_line, end_col: e.end_col, text: e.text };
    let raised = raise(vm, ty, &e.msg, filename, &at);
    if e.kind == K::Syntax
        && let Some(v) = vm.peek_raised()
    {
        let (line, col) = e.last_statement;
        let meta = tuple::from_vec(vec![Value::from(line), Value::from(col), str::from_str(source)]);
        exc::set_extra(&v, "_metadata", meta.into_value());
    }
    raised
}

fn compile_error(vm: &Vm, e: &CompileError, source: Option<&str>, filename: &str) -> Raised {
    use taipan_compiler::ErrorKind as K;
    match e.kind {
        K::Syntax => raise(vm, &exc::SYNTAX_ERROR, &e.msg, filename, &place(e.span, source, filename)),
        K::Recursion => vm.recursion_error(&e.msg),
        K::Overflow => vm.overflow_error(&e.msg),
        K::Value => vm.value_error(&e.msg),
    }
}

/// Decodes source bytes as PEP 263 says; unknown encodings go to the codec registry. `read` says that the bytes were
/// read from the file, which errors then name.
///
/// Raises SyntaxError.
pub fn decode(vm: &Vm, bytes: &[u8], filename: &str, read: bool) -> R<String> {
    use taipan_syntax::DecodeError as D;
    let plain = |line: u32, msg: String| {
        let at = Place { line, col: 0, end_line: 0, end_col: 0, text: None };
        Err(raise(vm, &exc::SYNTAX_ERROR, &msg, filename, &at))
    };
    if bytes.contains(&0) {
        return plain(0, "source code cannot contain null bytes".to_owned());
    }
    match taipan_syntax::decode_source(bytes) {
        Ok(d) => Ok(d.text),
        Err(D::UnknownEncoding { name }) => {
            let b = crate::types::bytes::from_slice(bytes).into_value();
            let r = vm.call_method(&b, "decode", &[str::from_str(&name), str::from_str("strict")]);
            match r {
                Ok(v) => Ok(vm.str_lossy(&v)),
                Err(r) if vm.raised_is(&exc::LOOKUP_ERROR) => {
                    drop(vm.catch(r));
                    let at = [str::from_str(filename), Value::small(0), Value::small(-1), Value::NONE];
                    let args = vec![str::from_str(&format!("unknown encoding: {name}")), tuple::from_array(at).into_value()];
                    Err(vm.raise_new(exc::SYNTAX_ERROR.get(), args))
                }
                Err(r) if vm.raised_is(&exc::UNICODE_ERROR) => {
                    let e = vm.catch(r);
                    let msg = vm.str_string(&e)?;
                    plain(0, format!("(unicode error) {msg}"))
                }
                Err(r) => Err(r),
            }
        }
        Err(e) => Err(syntax_error(vm, e.to_syntax_error(read.then_some(filename)), "", filename)),
    }
}
