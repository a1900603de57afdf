//! `type(name, bases, dict)`: a class from its parts.

use super::build::{HeapTypeSpec, Member, new_heap_type};
use super::layout::best_base;
use super::{Type, TypeObject, tflag};
use crate::core::{Payload, R, Ref, Value};
use crate::native::Args;
use crate::types::cell::Cell;
use crate::types::dict::Dict;
use crate::types::exceptions as exc;
use crate::types::function::Function;
use crate::types::str::{self, Str};
use crate::types::tuple::Tuple;
use crate::types::{property, super_};
use crate::vm::{Vm, names};

/// Most members that one class may add by `__slots__`.
const MAX_MEMBERS: usize = 1 << 16;

/// The most derived metatype of `meta` and the types of the bases.
///
/// Raises TypeError when they don't derive from one another.
pub fn calculate_metaclass(vm: &Vm, meta: &TypeObject, bases: &[Value]) -> R {
    let mut winner = meta.to_value();
    for b in bases {
        let of = b.ty();
        let Some(w) = winner.as_type() else { break };
        if w.is_subtype_of(of) {
            continue;
        }
        if !of.is_subtype_of(w) {
            return Err(vm.type_error(
                "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the metaclasses of all its bases",
            ));
        }
        winner = of.to_value();
    }
    Ok(winner)
}

/// `type.__new__(meta, name, bases, namespace, **kwargs)`: the whole making of a class.
///
/// Raises TypeError and ValueError for parts that don't fit, and what `mro`, `__set_name__` and
/// `__init_subclass__` raise.
pub(super) fn type_new(vm: &Vm, meta: &TypeObject, args: Args<'_>) -> R {
    let [name, bases, ns] = args.positional() else {
        let n = args.positional().len();
        return Err(vm.type_error(format!("type.__new__() takes exactly 3 arguments ({n} given)")));
    };
    let bad = |i: usize, want: &str, v: &Value| {
        let given = if v.is_none() { "None".to_owned() } else { v.ty().tp_name() };
        vm.type_error(format!("type.__new__() argument {i} must be {want}, not {given}"))
    };
    let Some(name) = name.downcast::<Str>() else { return Err(bad(1, "str", name)) };
    let Some(given_bases) = bases.downcast::<Tuple>() else { return Err(bad(2, "tuple", bases)) };
    let Some(ns) = ns.downcast::<Dict>() else { return Err(bad(3, "dict", ns)) };

    let object = crate::types::object::OBJECT.value();
    let bases = if given_bases.is_empty() { vec![object] } else { given_bases.as_slice().to_vec() };
    for b in &bases {
        if b.as_type().is_none() && vm.get_attr_opt(b, &names().__mro_entries__)?.is_some() {
            return Err(
                vm.type_error("type() doesn't support MRO entry resolution; use types.new_class()")
            );
        }
    }
    let winner = calculate_metaclass(vm, meta, given_bases.as_slice())?;
    let Some(winner) = winner.as_type() else { return Err(vm.type_error("the metaclass is no type")) };
    if !winner.is(meta)
        && let (Some(theirs), Some(mine)) = (winner.slots().new, Type::TYPE.get().slots().new)
        && !std::ptr::fn_addr_eq(theirs, mine)
    {
        // Another metatype's constructor wants to do it all.
        return theirs(vm, winner, args);
    }
    new_type(vm, winner, name, bases, ns, args)
}

/// A class of a metatype that is already the right one; the named arguments go to `__init_subclass__`.
pub fn new_type(vm: &Vm, meta: &TypeObject, name: &Ref<Str>, bases: Vec<Value>, ns: &Ref<Dict>, kwargs: Args<'_>) -> R {
    check_name(vm, name)?;
    let base_value = best_base(vm, &bases)?;
    let Some(base) = base_value.as_type() else { return Err(vm.type_error("bases must be types")) };
    let dict = crate::types::dict::copied(vm, ns)?;
    let plan = slots(vm, name, &bases, base, &dict)?;
    let n = names();
    if dict.find_name(&n.__module__).is_none()
        && let Some(frame) = vm.stacks.current()
        && let Some(module) = frame.globals().get_name(&n.__name__)
    {
        dict.set_name(&n.__module__, module);
    }
    if let Some(doc) = dict.get_name(&n.__doc__)
        && let Some(doc) = doc.downcast::<Str>()
        && doc.as_ascii().is_none()
    {
        // As far as CPython's types keep their docs in UTF-8: lone surrogates are refused.
        str::codec::encode_native(vm, doc, str::codec::Codec::Utf8, "strict")?;
    }
    let qualname = qualname(vm, name, &dict)?;
    wrap_functions(&dict);
    let attributes = dict.get_name(&n.__static_attributes__);
    let attributes = attributes.and_then(|v| v.downcast::<Tuple>().map(|t| t.len())).unwrap_or(0);
    let spec = HeapTypeSpec {
        name: name.clone(),
        qualname,
        bases,
        base: base_value.clone(),
        members: plan.members,
        add_dict: plan.dict,
        weakref: plan.weakref,
        def: None,
        attributes,
        classcell: take_cell(vm, &dict, &n.__classcell__)?,
        classdictcell: take_cell(vm, &dict, &n.__classdictcell__)?,
        dict,
    };
    if spec.dict.keys().iter().any(|k| k.downcast::<Str>().is_none()) {
        let text = format!("non-string key in the __dict__ of class {}", name.to_string_lossy());
        vm.warn(&exc::RUNTIME_WARNING, &text, 1)?;
    }
    let ty = new_heap_type(vm, meta, spec)?;
    let Some(t) = ty.as_type() else { return Ok(ty) };
    set_names(vm, t)?;
    init_subclass(vm, t, kwargs)?;
    Ok(ty)
}

/// Checks a `__name__`.
///
/// Raises ValueError for null characters, UnicodeEncodeError for lone surrogates.
pub(super) fn check_name(vm: &Vm, name: &Str) -> R<()> {
    if name.to_utf8(vm)?.contains('\0') {
        return Err(vm.value_error("type name must not contain null characters"));
    }
    Ok(())
}

fn qualname(vm: &Vm, name: &Ref<Str>, dict: &Dict) -> R<Ref<Str>> {
    let key = &names().__qualname__;
    let Some(q) = dict.get_name(key) else { return Ok(name.clone()) };
    let Some(q) = q.downcast::<Str>() else {
        return Err(vm.type_error(format!("type __qualname__ must be a str, not {}", q.ty().tp_name())));
    };
    dict.remove_name(key);
    Ok(q.clone())
}

/// Some special functions are static or class methods without being told.
fn wrap_functions(dict: &Dict) {
    let n = names();
    let wraps: [(&Value, fn(Value) -> Value); 3] = [
        (&n.__new__, property::static_method),
        (&n.__init_subclass__, property::class_method),
        (&n.__class_getitem__, property::class_method),
    ];
    for (key, wrap) in wraps {
        if let Some(f) = dict.get_name(key)
            && f.downcast::<Function>().is_some()
        {
            dict.set_name(key, wrap(f));
        }
    }
}

fn take_cell(vm: &Vm, dict: &Dict, key: &Value) -> R<Option<Ref<Cell>>> {
    let Some(v) = dict.get_name(key) else { return Ok(None) };
    let Some(cell) = v.downcast::<Cell>() else {
        let of = vm.repr_string(&v.ty().to_value())?;
        return Err(vm.type_error(format!("{} must be a nonlocal cell, not {of}", vm.str_lossy(key))));
    };
    dict.remove_name(key);
    Ok(Some(cell.clone()))
}

/// What a class adds to its base's instances.
struct Plan {
    members: Vec<Member>,
    dict: bool,
    weakref: bool,
}

/// Whether instances have a variable part behind them in CPython, which leaves no place for members.
fn var_sized(base: &TypeObject) -> bool {
    base.has(tflag::INT_SUB | tflag::TUPLE_SUB | tflag::BYTES_SUB | tflag::TYPE_SUB)
}

/// Reads `__slots__`.
fn slots(vm: &Vm, name: &Ref<Str>, bases: &[Value], base: &TypeObject, dict: &Dict) -> R<Plan> {
    let may_dict = !base.has(tflag::HAS_DICT);
    let may_weakref = !base.has(tflag::HAS_WEAKREF) && !var_sized(base);
    let mut plan = Plan { members: Vec::new(), dict: false, weakref: false };
    let Some(given) = dict.get_name(&names().__slots__) else {
        plan.dict = may_dict;
        plan.weakref = may_weakref;
        return Ok(plan);
    };
    let given = if given.downcast::<Str>().is_some() { vec![given] } else { vm.collect(&given)? };
    if !given.is_empty() && var_sized(base) {
        return Err(vm.type_error(format!("nonempty __slots__ not supported for subtype of '{}'", base.tp_name())));
    }
    if given.len() > MAX_MEMBERS {
        return Err(vm.memory_error());
    }
    let mut members: Vec<Ref<Str>> = Vec::new();
    for v in &given {
        let Some(s) = v.downcast::<Str>() else {
            return Err(vm.type_error(format!("__slots__ items must be strings, not '{}'", v.ty().tp_name())));
        };
        if !taipan_text::unicode::is_identifier(s.iter()) {
            return Err(vm.type_error("__slots__ must be identifiers"));
        }
        let (what, may, on) = match s.as_ascii() {
            Some("__dict__") => ("__dict__", may_dict, &mut plan.dict),
            Some("__weakref__") => ("__weakref__", may_weakref, &mut plan.weakref),
            _ => {
                members.push(s.clone());
                continue;
            }
        };
        if !may || *on {
            return Err(vm.type_error(format!("{what} slot disallowed: we already got one")));
        }
        *on = true;
    }
    for s in members {
        let mangled = vm.attr_name(&mangle(name, &s))?;
        let n = names();
        let special = [&n.__qualname__, &n.__classcell__, &n.__classdictcell__].into_iter().any(|k| k.is(&mangled));
        if dict.find_name(&mangled).is_some() && !special {
            let shown = vm.repr_string(s.value())?;
            return Err(vm.value_error(format!("{shown} in __slots__ conflicts with class variable")));
        }
        plan.members.push(Member { name: mangled });
    }
    let text = |m: &Member| m.name.downcast::<Str>().cloned();
    plan.members.sort_by(|a, b| match (text(a), text(b)) {
        (Some(a), Some(b)) => a.compare(&b),
        _ => std::cmp::Ordering::Equal,
    });
    // The other bases may bring a dictionary or weak references along.
    for b in bases.iter().filter_map(Value::as_type).filter(|b| !b.is(base)) {
        plan.dict |= may_dict && b.has(tflag::HAS_DICT);
        plan.weakref |= may_weakref && b.has(tflag::HAS_WEAKREF);
    }
    Ok(plan)
}

/// A private name (`__x`) with the class's name before it.
fn mangle(class: &Str, name: &Ref<Str>) -> Value {
    let text = name.to_string_lossy();
    if !text.starts_with("__") || text.ends_with("__") {
        return name.value().clone();
    }
    let class = class.to_string_lossy();
    let class = class.trim_start_matches('_');
    if class.is_empty() {
        return name.value().clone();
    }
    str::from_str(&format!("_{class}{text}"))
}

/// Tells the attributes their names.
fn set_names(vm: &Vm, t: &TypeObject) -> R<()> {
    let ty = t.to_value();
    for (key, v) in t.dict.items() {
        let Some(f) = vm.lookup_special(&v, &names().__set_name__)? else { continue };
        if let Err(raised) = vm.call(&f, &[ty.clone(), key.clone()]) {
            let e = vm.catch(raised);
            let shown = vm.repr_string(&key)?;
            let note = format!(
                "Error calling __set_name__ on '{}' instance {shown} in '{}'",
                v.ty().tp_name(),
                t.tp_name()
            );
            vm.call_method(&e, "add_note", &[str::from_str(&note)])?;
            return Err(vm.raise_as_is(e));
        }
    }
    Ok(())
}

/// `super(t, t).__init_subclass__(**kwargs)`
fn init_subclass(vm: &Vm, t: &TypeObject, kwargs: Args<'_>) -> R<()> {
    let ty = t.to_value();
    // SAFETY: no Python code runs here.
    if !unsafe { t.mro_slice() }.iter().any(|c| c.is(&ty)) {
        let name = t.tp_name();
        return Err(vm.type_error(format!(
            "super(type, obj): obj (type {name}) is not an instance or subtype of type ({name})."
        )));
    }
    let name = &names().__init_subclass__;
    let f = match super_::lookup_behind(t, t, name) {
        Some(f) => match f.ty().slots().descr_get {
            Some(get) => get(vm, &f, None, Some(&ty))?,
            None => f,
        },
        // An order without object: CPython then finds the method of the class `super`, which is object's.
        None => {
            let object = crate::types::object::OBJECT.value();
            vm.get_attr(&object, name)?
        }
    };
    let named = kwargs.all.get(kwargs.positional().len()..).unwrap_or(&[]);
    vm.call_args(&f, Args { all: named, names: kwargs.names }).map(drop)
}
