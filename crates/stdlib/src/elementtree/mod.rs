//! `_elementtree`: elements, their builder and the parser that drives it.

mod builder;
mod element;
mod iter;
mod parser;
mod sequence;

use taipan_macros::{function, module};
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::native::{Args, TypeDef};
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::tuple;

use taipan_runtime::vm::Vm;

use self::builder::TreeBuilder;
use self::element::Element;
use self::iter::ElementIter;
use self::parser::XmlParser;
use crate::util::new_exception;

/// The classes of this module.
pub const TYPES: &[&TypeDef] = &[Element::DEF, ElementIter::DEF, TreeBuilder::DEF, XmlParser::DEF];

module! {
    /// The parts of xml.etree.ElementTree that must be quick.
    name = "_elementtree",
    functions(SubElement, _set_factories),
    types(Element, TreeBuilder, XmlParser),
    exec = exec,
}

fn exec(vm: &Vm, m: &Ref<Module>) -> R<()> {
    m.set("ParseError", error_class(vm)?);
    Ok(())
}

/// The class ParseError.
fn error_class(vm: &Vm) -> R {
    vm.interp_static("_elementtree.ParseError", |vm| {
        new_exception(vm, "xml.etree.ElementTree", "ParseError", &exc::SYNTAX_ERROR)
    })
}

/// The keys of what `_set_factories` leaves with the interpreter.
const COMMENT: &str = "_elementtree.Comment";
const PI: &str = "_elementtree.PI";

/// What makes comments or processing instructions where a builder was given nothing else; None if nothing does.
fn factory(vm: &Vm, key: &str) -> Value {
    vm.interp().statics.borrow().get(key).cloned().unwrap_or(Value::NONE)
}

/// Change the factories used to create comments and processing instructions.
///
/// Returns the ones used before.
#[function]
fn _set_factories(vm: &Vm, comment_factory: &Value, pi_factory: &Value) -> R {
    for (f, what) in [(comment_factory, "Comment"), (pi_factory, "PI")] {
        if !f.is_none() && f.ty().slots().call.is_none() {
            let given = f.ty().tp_name();
            return Err(vm.type_error(format!("{what} factory must be callable, not {given}")));
        }
    }
    let old = tuple::from_array([factory(vm, COMMENT), factory(vm, PI)]);
    for (key, f) in [(COMMENT, comment_factory), (PI, pi_factory)] {
        let before = vm.interp().statics.borrow_mut().insert(key, f.clone());
        drop(before);
    }
    Ok(old.into_value())
}

/// Make an element and add it to the end of another.
#[function(sig = "(parent, tag, attrib={}, **extra)")]
#[expect(non_snake_case, reason = "Python's name")]
fn SubElement(vm: &Vm, args: Args<'_>) -> R {
    let given = args.positional();
    if given.len() < 2 || given.len() > 3 {
        let (n, least) = (given.len(), if given.len() < 2 { "at least 2" } else { "at most 3" });
        return Err(vm.type_error(format!("SubElement() takes {least} arguments ({n} given)")));
    }
    let (parent, tag) = (&given[0], &given[1]);
    let Some(parent) = parent.downcast::<Element>() else {
        let got = parent.ty().tp_name();
        let what = "SubElement() argument 1 must be xml.etree.ElementTree.Element";
        return Err(vm.type_error(format!("{what}, not {got}")));
    };
    let attrib = element::given_attributes(vm, "SubElement", 3, given.get(2), args)?;
    let child = element::new(tag.clone(), attrib);
    parent.push(child.clone());
    Ok(child.into_value())
}
