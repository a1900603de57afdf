//! `pyexpat`: a streaming parser for XML.

#![expect(non_snake_case, reason = "named as in Python")]

mod content;
mod dtd;
mod encoding;
pub(crate) mod errors;
mod event;
mod handlers;
mod names;
mod object;
mod scan;
mod token;

use taipan_macros::{function, module};
use taipan_runtime::core::{Payload as _, R, Ref, Value};
use taipan_runtime::native::TypeDef;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::module::{self, Module};
use taipan_runtime::types::str::{self, Str};
use taipan_runtime::types::{exceptions as exc, list, tuple};
use taipan_runtime::vm::Vm;

use self::object::XmlParser;
pub(crate) use self::event::{Decl, Event, Step, on};
pub(crate) use self::handlers::table;
pub(crate) use self::scan::Parser;
use crate::util::new_exception;

/// The classes of this module.
pub const TYPES: &[&TypeDef] = &[XmlParser::DEF];

module! {
    /// Parser for XML.
    name = "pyexpat",
    functions(ErrorString, ParserCreate),
    exec = exec,
}

/// The version of expat whose behaviour this is.
pub(crate) const VERSION: (i32, i32, i32) = (2, 7, 3);

fn exec(vm: &Vm, m: &Ref<Module>) -> R<()> {
    let class = error_class(vm)?;
    m.set("ExpatError", class.clone());
    m.set("error", class);
    m.set("XMLParserType", XmlParser::TYPE.value());
    let (a, b, c) = VERSION;
    m.set("EXPAT_VERSION", str::from_str(&format!("expat_{a}.{b}.{c}")));
    m.set("version_info", tuple::from_array([a, b, c].map(Value::from)).into_value());
    m.set("native_encoding", str::from_str("UTF-8"));
    let features = [
        ("sizeof(XML_Char)", 1),
        ("sizeof(XML_LChar)", 1),
        ("XML_DTD", 0),
        ("XML_CONTEXT_BYTES", 1024),
        ("XML_NS", 0),
        ("XML_BLAP_MAX_AMP", 100),
        ("XML_BLAP_ACT_THRES", 8_388_608),
        ("XML_GE", 0),
    ];
    let features = features.map(|(n, v)| tuple::from_array([str::from_str(n), Value::from(v)]).into_value());
    m.set("features", list::from_vec(features.to_vec()).into_value());
    for (i, name) in ["NEVER", "UNLESS_STANDALONE", "ALWAYS"].iter().enumerate() {
        m.set(&format!("XML_PARAM_ENTITY_PARSING_{name}"), i);
    }
    m.set("errors", errors_module(vm)?);
    m.set("model", model_module(vm));
    Ok(())
}

/// The class ExpatError.
fn error_class(vm: &Vm) -> R {
    vm.interp_static("pyexpat.ExpatError", |vm| {
        new_exception(vm, "xml.parsers.expat", "ExpatError", &exc::EXCEPTION)
    })
}

fn submodule(vm: &Vm, name: &str, doc: &str) -> Ref<Module> {
    let m = module::new(name, str::from_str(doc));
    vm.interp().modules().set_str(name, m.value().clone());
    m
}

fn errors_module(vm: &Vm) -> R {
    let m = submodule(vm, "pyexpat.errors", "Constants used to describe error conditions.");
    let (codes, messages) = (Ref::new(Dict::new()), Ref::new(Dict::new()));
    for (i, (name, message)) in errors::ALL.iter().enumerate() {
        let message = str::from_str(message);
        m.set(name, message.clone());
        codes.set(vm, message.clone(), Value::from(i + 1))?;
        messages.set(vm, Value::from(i + 1), message)?;
    }
    m.set("codes", codes.into_value());
    m.set("messages", messages.into_value());
    Ok(m.into_value())
}

fn model_module(vm: &Vm) -> Value {
    let m = submodule(vm, "pyexpat.model", "Constants used to interpret content model information.");
    for (i, name) in ["EMPTY", "ANY", "MIXED", "NAME", "CHOICE", "SEQ"].iter().enumerate() {
        m.set(&format!("XML_CTYPE_{name}"), i + 1);
    }
    for (i, name) in ["NONE", "OPT", "REP", "PLUS"].iter().enumerate() {
        m.set(&format!("XML_CQUANT_{name}"), i);
    }
    m.into_value()
}

/// Returns string error for given number.
#[function]
fn ErrorString(_vm: &Vm, code: i64) -> Option<&'static str> {
    errors::message(u32::try_from(code).ok()?)
}

/// An argument of ParserCreate that is a str or None.
fn text(vm: &Vm, name: &str, v: &Value) -> R<Option<String>> {
    if v.is_none() {
        return Ok(None);
    }
    match v.downcast::<Str>() {
        Some(s) => Ok(Some(s.to_utf8(vm)?.into_owned())),
        None => {
            let given = v.ty().tp_name();
            Err(vm.type_error(format!("ParserCreate() argument '{name}' must be str or None, not {given}")))
        }
    }
}

/// Return a new XML parser object.
#[function(sig = "(encoding=None, namespace_separator=None, intern=<unrepresentable>)")]
fn ParserCreate(vm: &Vm, encoding: Option<&Value>, namespace_separator: Option<&Value>, intern: Option<&Value>) -> R {
    let encoding = text(vm, "encoding", encoding.unwrap_or(&Value::NONE))?;
    let separator = text(vm, "namespace_separator", namespace_separator.unwrap_or(&Value::NONE))?;
    let ns = match separator {
        None => None,
        Some(s) => {
            let mut chars = s.chars();
            let first = chars.next();
            if s.len() > 1 {
                let text = "namespace_separator must be at most one character, omitted, or None";
                return Err(vm.value_error(text));
            }
            Some(first)
        }
    };
    let intern = match intern {
        None => Ref::new(Dict::new()).into_value(),
        Some(v) if v.is_none() => Value::NONE,
        Some(v) if v.downcast::<Dict>().is_some() => v.clone(),
        Some(_) => return Err(vm.type_error("intern must be a dictionary")),
    };
    Ok(object::new(Parser::new(encoding, ns), intern).into_value())
}
