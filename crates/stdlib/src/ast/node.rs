//! `AST`, the base of all nodes: constructor, pickling, replacement.

use super::classes::classes;
use super::grammar::{Id, SINGLETONS};
use super::repr;
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::native::bind::Kwargs;
use taipan_runtime::native::{Args, FnKind, FunctionDef};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::generic_alias::GenericAlias;
use taipan_runtime::types::list::{self, List};
use taipan_runtime::types::object;
use taipan_runtime::types::tuple::{self, Tuple};
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::types::union::Union;
use taipan_runtime::vm::{Vm, names};

/// Instances are plain objects with a dictionary.
pub struct Node;

impl taipan_runtime::core::Trace for Node {
    fn trace(&self, _: &mut taipan_runtime::core::Tracer<'_>) {}
}

// What every interpreter's own `AST` is made from, which has no docs.
#[taipan_macros::class(name = "AST", module = "ast", flags(BASETYPE, GC))]
impl Node {
    #[slot]
    fn new(_vm: &Vm, cls: &TypeObject, _args: Args<'_>) -> R {
        Ok(object::new_instance(cls))
    }

    #[slot]
    fn init(vm: &Vm, this: &Value, args: Args<'_>) -> R<()> {
        init(vm, this, args)
    }

    #[slot]
    fn repr(vm: &Vm, this: &Value) -> R {
        repr::node(vm, this)
    }
}

/// The methods of `AST`.
pub static METHODS: &[FunctionDef] = &[
    FunctionDef { name: "__reduce__", doc: "", text_signature: "", kind: FnKind::Method, call: reduce },
    FunctionDef {
        name: "__replace__",
        doc: "Return a copy of the AST node with new values for the specified fields.",
        text_signature: "",
        kind: FnKind::Method,
        call: replace,
    },
];

/// What a class says of its nodes, `_fields` or `_attributes`, as a list of names.
pub fn listed(vm: &Vm, cls: &TypeObject, attribute: &str) -> R<Vec<Value>> {
    let v = vm.get_attr_str(&cls.to_value(), attribute)?;
    if let Some(t) = v.downcast_exact::<Tuple>() {
        return Ok(t.as_slice().to_vec());
    }
    let n = vm.len(&v)?;
    let mut out = Vec::new();
    for i in 0..n {
        out.push(vm.getitem(&v, &Value::from(i))?);
    }
    Ok(out)
}

fn position(vm: &Vm, names: &[Value], name: &Value) -> R<Option<usize>> {
    if let Some(i) = names.iter().position(|n| n.is(name)) {
        return Ok(Some(i));
    }
    for (i, n) in names.iter().enumerate() {
        if vm.eq(n, name)? {
            return Ok(Some(i));
        }
    }
    Ok(None)
}

/// `AST(*values, **more)`: the fields by position or name; what may be left out gets its default.
fn init(vm: &Vm, this: &Value, args: Args<'_>) -> R<()> {
    let cls = this.ty();
    let fields = listed(vm, cls, "_fields")?;
    let given = args.positional();
    if given.len() > fields.len() {
        let s = if fields.len() == 1 { "" } else { "s" };
        let (name, n) = (cls.name(), fields.len());
        return Err(vm.type_error(format!("{name} constructor takes at most {n} positional argument{s}")));
    }
    let mut missing = vec![true; fields.len()];
    for ((name, value), missing) in fields.iter().zip(given).zip(&mut missing) {
        let name = vm.attr_name(name)?;
        vm.set_attr(this, &name, value)?;
        *missing = false;
    }
    for (name, value) in args.named() {
        match position(vm, &fields, name)? {
            Some(i) if std::mem::replace(&mut missing[i], false) => {}
            Some(_) => {
                let (cls, name) = (cls.tp_name(), vm.repr_string(name)?);
                return Err(vm.type_error(format!("{cls} got multiple values for argument {name}")));
            }
            None => check_attribute(vm, cls, name)?,
        }
        let name = vm.attr_name(name)?;
        vm.set_attr(this, &name, value)?;
    }
    if missing.contains(&true) {
        let missing: Vec<&Value> = fields.iter().zip(&missing).filter(|(_, m)| **m).map(|(f, _)| f).collect();
        set_defaults(vm, this, &missing)?;
    }
    Ok(())
}

/// Warns of a named argument that is neither a field nor an attribute.
fn check_attribute(vm: &Vm, cls: &TypeObject, name: &Value) -> R<()> {
    let attributes = listed(vm, cls, "_attributes")?;
    if position(vm, &attributes, name)?.is_some() {
        return Ok(());
    }
    let (cls, name) = (cls.tp_name(), vm.repr_string(name)?);
    let text = format!(
        "{cls}.__init__ got an unexpected keyword argument {name}. Support for arbitrary keyword arguments is \
         deprecated and will be removed in Python 3.15."
    );
    vm.warn(&exc::DEPRECATION_WARNING, &text, 1)
}

/// Sets the fields that were not given: a list is empty, a context is `Load`, what is optional is `None` by the
/// class's attribute. Anything else is warned of.
fn set_defaults(vm: &Vm, this: &Value, missing: &[&Value]) -> R<()> {
    let cls = this.ty();
    // A class of somebody's own may know nothing of types.
    let Some(types) = vm.get_attr_str_opt(&cls.to_value(), "_field_types")? else { return Ok(()) };
    let state = classes(vm)?;
    let context = state.singletons.get(Id::Load as usize - SINGLETONS.0);
    let context_class = context.and_then(|load| load.ty().base_type());
    for name in missing {
        let ty = match types.downcast::<Dict>() {
            Some(d) => d.get(vm, name)?,
            None => None,
        };
        let Some(ty) = ty else {
            let (cls, name) = (cls.tp_name(), vm.repr_string(name)?);
            let text =
                format!("Field {name} is missing from {cls}._field_types. This will become an error in Python 3.15.");
            vm.warn(&exc::DEPRECATION_WARNING, &text, 1)?;
            continue;
        };
        let value = match (ty.as_type(), context) {
            _ if ty.downcast::<Union>().is_some() => continue,
            _ if ty.downcast::<GenericAlias>().is_some() => list::from_vec(Vec::new()).into_value(),
            (Some(t), Some(load)) if context_class.is_some_and(|c| c.is(t)) => load.clone(),
            _ => {
                let (cls, name) = (cls.tp_name(), vm.repr_string(name)?);
                let text = format!(
                    "{cls}.__init__ missing 1 required positional argument: {name}. This will become an error in \
                     Python 3.15."
                );
                vm.warn(&exc::DEPRECATION_WARNING, &text, 1)?;
                continue;
            }
        };
        let name = vm.attr_name(name)?;
        vm.set_attr(this, &name, &value)?;
    }
    Ok(())
}

/// The object of a method call.
fn this<'a>(vm: &Vm, args: Args<'a>, name: &str) -> R<&'a Value> {
    let Some(this) = args.positional().first() else {
        return Err(vm.type_error(format!("unbound method AST.{name}() needs an argument")));
    };
    let state = classes(vm)?;
    if !state.ast.as_type().is_some_and(|t| this.ty().is_subtype_of(t)) {
        let given = this.ty().tp_name();
        return Err(
            vm.type_error(format!("descriptor '{name}' for 'ast.AST' objects doesn't apply to a '{given}' object"))
        );
    }
    Ok(this)
}

/// `node.__reduce__()`: the class with placeholders for the fields, and the state.
fn reduce(vm: &Vm, args: Args<'_>) -> R {
    let this = this(vm, args, "__reduce__")?;
    let cls = this.ty().to_value();
    let Some(dict) = vm.get_attr_opt(this, &names().__dict__)? else {
        return Ok(tuple::from_array([cls, tuple::from_vec(Vec::new()).into_value()]).into_value());
    };
    let mut placeholders = Vec::new();
    if let Some(d) = dict.downcast::<Dict>() {
        for name in listed(vm, this.ty(), "_fields")? {
            if d.get(vm, &name)?.is_none() {
                break;
            }
            placeholders.push(Value::NONE);
        }
    }
    Ok(tuple::from_array([cls, tuple::from_vec(placeholders).into_value(), dict]).into_value())
}

/// `node.__replace__(**fields)`
fn replace(vm: &Vm, args: Args<'_>) -> R {
    let this = this(vm, args, "__replace__")?;
    if args.positional().len() > 1 {
        return Err(vm.type_error("__replace__() takes no positional arguments"));
    }
    let cls = this.ty();
    let (fields, attributes) = (listed(vm, cls, "_fields")?, listed(vm, cls, "_attributes")?);
    let dict = match vm.get_attr_opt(this, &names().__dict__)? {
        Some(d) => d.downcast::<Dict>().cloned(),
        None => None,
    };
    let given = Kwargs::all(args.rest());
    for (name, _) in given.clone() {
        if position(vm, &fields, name)?.is_none() && position(vm, &attributes, name)?.is_none() {
            let (cls, name) = (cls.tp_name(), vm.repr_string(name)?);
            return Err(vm.type_error(format!("{cls}.__replace__ got an unexpected keyword argument {name}.")));
        }
    }
    let types = vm.get_attr_str_opt(&cls.to_value(), "_field_types")?;
    let types = types.as_ref().and_then(|t| t.downcast::<Dict>());
    let payload = Ref::new(Dict::new());
    let mut missing = Vec::new();
    for (i, name) in fields.iter().chain(&attributes).enumerate() {
        let old = match &dict {
            Some(d) => d.get(vm, name)?,
            None => None,
        };
        if let Some(v) = old {
            payload.set(vm, name.clone(), v)?;
        } else if i < fields.len() {
            let ty = match types {
                Some(t) => t.get(vm, name)?,
                None => None,
            };
            if ty.is_none_or(|t| t.downcast::<Union>().is_none()) {
                missing.push(name.clone());
            }
        }
    }
    for (name, v) in given {
        payload.set(vm, name.clone(), v.clone())?;
        missing.retain(|m| !m.is(name));
    }
    if !missing.is_empty() {
        list::sort_values(vm, &mut missing, None, false)?;
        let shown: Vec<String> = missing.iter().map(|m| vm.repr_string(m)).collect::<R<_>>()?;
        let (n, s) = (shown.len(), if shown.len() == 1 { "" } else { "s" });
        let (cls, shown) = (cls.tp_name(), shown.join(", "));
        return Err(vm.type_error(format!("{cls}.__replace__ missing {n} keyword argument{s}: {shown}.")));
    }
    let (keys, values): (Vec<Value>, Vec<Value>) = payload.items().into_iter().unzip();
    vm.call_args(&cls.to_value(), Args { all: &values, names: &keys })
}

/// Whether a value is a list or a tuple, and its items.
pub fn sequence(v: &Value) -> Option<(Vec<Value>, bool)> {
    if let Some(l) = v.downcast::<List>() {
        return Some((l.to_vec(), true));
    }
    v.downcast::<Tuple>().map(|t| (t.as_slice().to_vec(), false))
}
