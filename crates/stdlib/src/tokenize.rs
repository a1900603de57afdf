//! `_tokenize`: the tokenizer as an iterator.

use std::cell::Cell;

use taipan_macros::{Trace, class, module};
use taipan_runtime::compile;
use taipan_runtime::core::{NoTrace, PyCell, R, Raised, Ref, Value};
use taipan_runtime::native::{Nullable, TypeDef};
use taipan_runtime::types::bytes::Bytes;
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::str::{self, Str};
use taipan_runtime::types::tuple;
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::vm::Vm;
use taipan_syntax::SyntaxError;
use taipan_syntax::tokenize::{TokenInfo, Tokenizer, with_newline};

/// The classes of this module.
pub const TYPES: &[&TypeDef] = &[TokenizerIter::DEF];

module! {
    /// The tokenizer of the interpreter.
    name = "_tokenize",
    types(TokenizerIter),
}

/// What is left to give: tokens in order, then the error that ended them.
struct Rest {
    tokens: std::vec::IntoIter<TokenInfo>,
    error: Option<SyntaxError>,
}

/// The payload of TokenizerIter.
#[derive(Trace)]
pub struct TokenizerIter {
    readline: Value,
    encoding: Option<Value>,
    extra_tokens: bool,
    rest: PyCell<NoTrace<Option<Rest>>>,
    done: Cell<bool>,
}

impl TokenizerIter {
    /// All of the source: `readline` is called until it gives nothing more.
    fn source(&self, vm: &Vm) -> R<String> {
        let mut out = String::new();
        loop {
            let r = vm.call(&self.readline, &[]);
            let Some(line) = vm.ignore(r, &exc::STOP_ITERATION)? else { break };
            let line = match &self.encoding {
                Some(e) if line.downcast::<Bytes>().is_some() => vm.call_method(&line, "decode", std::slice::from_ref(e))?,
                Some(_) => return Err(vm.type_error("readline() returned a non-bytes object")),
                None if line.downcast::<Str>().is_none() => return Err(vm.type_error("readline() returned a non-string object")),
                None => line,
            };
            match line.downcast::<Str>() {
                Some(s) if s.is_empty() => break,
                Some(s) => out.push_str(&s.to_utf8(vm)?),
                None => break,
            }
        }
        Ok(out)
    }
}

/// Gives the tokens of the lines that readline returns.
#[class(name = "TokenizerIter", module = "_tokenize", flags(GC), sig = "(readline, /, *, encoding=None, extra_tokens=False)")]
impl TokenizerIter {
    #[slot]
    fn new(_vm: &Vm, _cls: &TypeObject, readline: &Value, encoding: Nullable<&Value>, extra_tokens: bool) -> R {
        Ok(Ref::new(TokenizerIter {
            readline: readline.clone(),
            encoding: encoding.0.cloned(),
            extra_tokens,
            rest: PyCell::new(NoTrace(None)),
            done: Cell::new(false),
        })
        .into_value())
    }

    #[slot]
    fn iter(_vm: &Vm, this: &Ref<Self>) -> R {
        Ok(this.value().clone())
    }

    #[slot]
    fn next(vm: &Vm, this: &Ref<Self>) -> R<Option<Value>> {
        if this.done.get() {
            return Ok(None);
        }
        let mut rest = match this.rest.replace(NoTrace(None)).0 {
            Some(r) => r,
            None => {
                let source = this.source(vm)?;
                let (text, added) = with_newline(&source);
                let mut tokens = Vec::new();
                let mut error = None;
                for t in Tokenizer::new(&text, added, this.extra_tokens) {
                    match t {
                        Ok(t) => tokens.push(t),
                        Err(e) => {
                            error = Some(e);
                            break;
                        }
                    }
                }
                Rest { tokens: tokens.into_iter(), error }
            }
        };
        let Some(t) = rest.tokens.next() else {
            this.done.set(true);
            return match rest.error.take() {
                Some(e) => {
                    let raised = compile::syntax_error(vm, e, "", "<string>");
                    Err(plain_indentation(vm, raised))
                }
                None => Ok(None),
            };
        };
        this.rest.set(NoTrace(Some(rest)));
        let place = |(line, col): (u32, i32)| tuple::from_array([Value::from(line), Value::from(col)]).into_value();
        Ok(Some(
            tuple::from_vec(vec![Value::from(t.kind), str::from_str(&t.string), place(t.start), place(t.end), str::from_str(&t.line)]).into_value(),
        ))
    }
}

/// Errors of indentation tell a line without its end, and not where the error ends.
fn plain_indentation(vm: &Vm, raised: Raised) -> Raised {
    let e = vm.catch(raised);
    if e.ty().is_subtype_of(exc::INDENTATION_ERROR.get()) {
        let plain = || {
            let text = vm.get_attr_str(&e, "text")?;
            let text = match text.downcast::<Str>().and_then(|s| s.to_utf8_opt()) {
                Some(s) => str::from_str(s.trim_end_matches(['\n', '\r'])),
                None => text.clone(),
            };
            let mut place = vec![];
            for name in ["filename", "lineno", "offset"] {
                place.push(vm.get_attr_str(&e, name)?);
            }
            place.extend([text, Value::NONE, Value::NONE]);
            let args = [vm.get_attr_str(&e, "msg")?, tuple::from_vec(place).into_value()];
            vm.call(&e.ty().to_value(), &args)
        };
        return match plain() {
            Ok(made) => vm.raise(made),
            Err(raised) => raised,
        };
    }
    vm.raise_as_is(e)
}
