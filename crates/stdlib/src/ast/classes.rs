//! The classes, made once for each interpreter: programs may change them.

use std::collections::HashMap;

use super::grammar::{Form, NODES, ORDER, SINGLETONS, SUMS, Spec};
use super::node;
use taipan_runtime::core::{Payload, R, Ref, Value};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::list::List;
use taipan_runtime::types::type_::{HeapTypeSpec, TYPE_PLACE, new_heap_type};
use taipan_runtime::types::{generic_alias, int, native_fn, object, str, tuple, union};
use taipan_runtime::vm::{Vm, intern, names};

/// Names of a node's place, in order.
pub const PLACE: [&str; 4] = ["lineno", "col_offset", "end_lineno", "end_col_offset"];

/// The classes of an interpreter.
#[derive(taipan_macros::Trace)]
pub struct Classes {
    /// `AST`
    pub ast: Value,
    /// Those of [`NODES`].
    pub nodes: Box<[Value]>,
    /// Those of [`SUMS`].
    pub sums: Box<[Value]>,
    /// Nodes without fields that are there only once: operators and contexts.
    pub singletons: Box<[Value]>,
    /// Their place among [`NODES`], by address.
    #[no_trace]
    pub index: HashMap<u64, usize>,
}

/// What the interpreter remembers of the classes.
#[taipan_macros::class(name = "ast_state", module = "_ast", flags(GC, NO_NEW))]
impl Classes {}

/// The interpreter's classes, made now if need be.
pub fn classes(vm: &Vm) -> R<Ref<Classes>> {
    let v = vm.interp_static("_ast", make)?;
    match v.downcast_exact::<Classes>() {
        Some(c) => Ok(c.clone()),
        None => Err(vm.system_error("the classes of _ast are gone")),
    }
}

fn make(vm: &Vm) -> R {
    let ast = base_class(vm)?;
    let mut made: HashMap<&'static str, Value> = HashMap::new();
    for name in ORDER {
        let Some(spec) = SUMS.iter().chain(NODES).find(|s| s.name == *name && s.form != Form::Node) else { continue };
        made.insert(spec.name, class(vm, spec, &ast)?);
    }
    let (mut nodes, mut index) = (Vec::with_capacity(NODES.len()), HashMap::new());
    for spec in NODES {
        let cls = match spec.form {
            Form::Node => class(vm, spec, made.get(spec.base).unwrap_or(&ast))?,
            _ => made.get(spec.name).unwrap_or(&ast).clone(),
        };
        index.insert(cls.raw(), nodes.len());
        nodes.push(cls);
    }
    for (spec, cls) in NODES.iter().zip(&nodes) {
        field_types(vm, spec, cls, &made)?;
    }
    let (first, count) = SINGLETONS;
    let singletons = nodes.iter().skip(first).take(count);
    let singletons = singletons.map(|c| c.as_type().map_or(Value::NONE, object::new_instance)).collect();
    let sums = SUMS.iter().filter_map(|s| made.get(s.name).cloned()).collect();
    let state = Classes { ast, nodes: nodes.into(), sums, singletons, index };
    Ok(Ref::new(state).into_value())
}

fn strings<'a>(names: impl Iterator<Item = &'a str>) -> Value {
    tuple::from_vec(names.map(|n| intern(n).into_value()).collect()).into_value()
}

fn base_class(vm: &Vm) -> R {
    let dict = Ref::new(Dict::new());
    let n = names();
    dict.set_name(&n.__module__, intern("ast").into_value());
    for name in ["_fields", "__match_args__", "_attributes"] {
        dict.set_str(name, strings(std::iter::empty()));
    }
    let cls = heap_class(vm, "AST", &object::OBJECT.value(), dict, true)?;
    if let Some(t) = cls.as_type() {
        for f in node::METHODS {
            t.dict.set_name(intern(f.name).value(), native_fn::method(f, t));
        }
    }
    Ok(cls)
}

fn heap_class(vm: &Vm, name: &str, base: &Value, dict: Ref<Dict>, root: bool) -> R {
    let weakref = !root && base.as_type().is_some_and(|b| b.base_type().is_some_and(|o| o.is(object::OBJECT.get())));
    new_heap_type(
        vm,
        TYPE_PLACE().get(),
        HeapTypeSpec {
            name: intern(name),
            qualname: intern(name),
            bases: vec![base.clone()],
            base: base.clone(),
            dict,
            members: Vec::new(),
            add_dict: root,
            weakref,
            attributes: 0,
            def: if root { Some(node::Node::DEF) } else { None },
            classcell: None,
            classdictcell: None,
        },
    )
}

fn class(vm: &Vm, spec: &'static Spec, base: &Value) -> R {
    let dict = Ref::new(Dict::new());
    let n = names();
    let fields = strings(spec.fields.iter().map(|f| f.name));
    dict.set_str("_fields", fields.clone());
    dict.set_name(&n.__match_args__, fields);
    dict.set_name(&n.__module__, intern("ast").into_value());
    dict.set_name(&n.__doc__, str::from_str(&spec.doc()));
    for f in spec.fields.iter().filter(|f| f.ty.ends_with('?')) {
        dict.set_str(f.name, Value::NONE);
    }
    if spec.form != Form::Node {
        let place: &[&str] = if spec.placed { &PLACE } else { &[] };
        dict.set_str("_attributes", strings(place.iter().copied()));
        for name in place.iter().skip(2) {
            dict.set_str(name, Value::NONE);
        }
    }
    let cls = heap_class(vm, spec.name, base, dict, false)?;
    if let Some(t) = cls.as_type()
        && spec.form != Form::Sum
    {
        // Instances have room for exactly what the parser sets, in the order in which it does.
        let place: &[&str] = if spec.placed { &PLACE } else { &[] };
        let keys = spec.fields.iter().map(|f| f.name).chain(place.iter().copied());
        let keys: Vec<Value> = keys.map(|k| intern(k).into_value()).collect();
        let cap = keys.len().max(1) as u32;
        t.inline_cap.set(cap);
        t.size.set(t.inline_offset.get() + 8 * cap);
        t.keys.set(keys);
    }
    Ok(cls)
}

/// `_field_types`, which the constructor reads and `__annotations__` shows.
fn field_types(vm: &Vm, spec: &Spec, cls: &Value, made: &HashMap<&'static str, Value>) -> R<()> {
    let Some(t) = cls.as_type() else { return Ok(()) };
    let types = Ref::new(Dict::new());
    for f in spec.fields {
        let name = f.ty.trim_end_matches(['?', '*']);
        let ty = match name {
            "identifier" | "string" => str::Str::TYPE.value(),
            "int" => int::INT.value(),
            "constant" => object::OBJECT.value(),
            _ => made.get(name).cloned().unwrap_or(Value::NONE),
        };
        let ty = match f.ty.as_bytes().last() {
            Some(b'?') => union::type_or(vm, &ty, &Value::NONE)?,
            Some(b'*') => generic_alias::new(vm, List::TYPE.value(), ty)?,
            _ => ty,
        };
        types.set_str(f.name, ty);
    }
    t.dict.set_str("_field_types", types.value().clone());
    t.dict.set_name(&names().__annotations_cache__, types.into_value());
    Ok(())
}
