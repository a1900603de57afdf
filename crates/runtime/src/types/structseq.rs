//! Struct sequences: tuples with named fields (`os.stat_result`, `time.struct_time`, `sys.version_info`).
//!
//! A struct sequence class is a heap type over tuple. Its visible items are the tuple's; fields beyond them
//! are kept in a hidden tuple under a private slot.

use crate::core::{R, Ref, Value};
use crate::native::{Args, TypeDef};
use crate::types::dict::Dict;
use crate::types::native_fn;
use crate::types::str::{self, Str};
use crate::types::tuple::{self, Tuple};
use crate::types::type_::{HeapTypeSpec, Member, TypeObject, new_heap_type, tflag};
use crate::vm::{Vm, intern};

/// The types of this room.
pub const TYPES: &[&TypeDef] = &[Field::DEF];

/// What a struct sequence class is made of.
pub struct Spec {
    /// Dotted name.
    pub name: &'static str,
    /// `__doc__`
    pub doc: &'static str,
    /// Field names with their docs; an empty name is a field without a name.
    pub fields: &'static [(&'static str, &'static str)],
    /// How many of them are items of the sequence.
    pub visible: usize,
    /// Whether Python code may make instances.
    pub instantiable: bool,
}

/// A field by its index.
#[derive(taipan_macros::Trace)]
pub struct Field {
    name: Value,
    index: usize,
    visible: usize,
    owner: Value,
    doc: Value,
}

/// A field of a struct sequence.
#[taipan_macros::class(name = "member_descriptor", module = "builtins", flags(GC, NO_NEW))]
impl Field {
    #[slot]
    fn descr_get(vm: &Vm, this: &Ref<Field>, obj: Option<&Value>, _cls: Option<&Value>) -> R {
        let Some(obj) = obj else { return Ok(this.value().clone()) };
        match get(obj, this.index, this.visible) {
            Some(v) => Ok(v),
            None => Err(vm.type_error(format!(
                "descriptor '{}' requires a struct sequence but received a '{}'",
                vm.str_lossy(&this.name),
                obj.ty().tp_name()
            ))),
        }
    }

    #[slot]
    fn descr_set(vm: &Vm, this: &Ref<Field>, obj: &Value, _value: Option<&Value>) -> R<()> {
        let _ = obj;
        Err(vm.attribute_error(obj, &this.name, "readonly attribute"))
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Field>) -> R {
        let owner = this.owner.as_type().map_or_else(String::new, TypeObject::name);
        Ok(str::from_str(&format!("<member '{}' of '{owner}' objects>", vm.str_lossy(&this.name))))
    }

    #[getter]
    fn __name__(_vm: &Vm, this: &Ref<Field>) -> R {
        Ok(this.name.clone())
    }

    #[getter]
    fn __doc__(_vm: &Vm, this: &Ref<Field>) -> R {
        Ok(this.doc.clone())
    }

    #[getter]
    fn __objclass__(_vm: &Vm, this: &Ref<Field>) -> R {
        Ok(this.owner.clone())
    }
}

const HIDDEN: &str = "__hidden_fields__";

fn hidden_offset(t: &TypeObject) -> Option<u32> {
    let members = t.members.borrow();
    members.iter().find(|(n, _)| n.downcast::<Str>().is_some_and(|s| s.as_ascii() == Some(HIDDEN))).map(|(_, o)| *o)
}

fn get(obj: &Value, index: usize, visible: usize) -> Option<Value> {
    let t = obj.downcast::<Tuple>()?;
    if index < visible {
        return t.as_slice().get(index).cloned();
    }
    let offset = hidden_offset(obj.ty())?;
    // SAFETY: instances of the class have this word; it is zero or an owned tuple.
    unsafe {
        let word = crate::vm::extra_word(obj, offset);
        if *word == 0 {
            return Some(Value::NONE);
        }
        let rest = &*word.cast::<Value>();
        rest.downcast::<Tuple>()?.as_slice().get(index - visible).cloned()
    }
}

/// Makes a struct sequence class.
pub fn new_type(vm: &Vm, spec: &'static Spec) -> R {
    let (module, name) = spec.name.rsplit_once('.').unwrap_or(("builtins", spec.name));
    let dict = Ref::new(Dict::new());
    dict.set_str("__module__", str::from_str(module));
    dict.set_str("__doc__", if spec.doc.is_empty() { Value::NONE } else { str::from_str(spec.doc) });
    let base = <Tuple as crate::core::Payload>::TYPE.value();
    let meta = crate::types::type_::TYPE_PLACE().get();
    let ty = new_heap_type(vm, meta, HeapTypeSpec {
        name: intern(name),
        qualname: intern(name),
        bases: vec![base.clone()],
        base,
        dict,
        members: vec![Member { name: intern(HIDDEN).into_value() }],
        add_dict: false,
        weakref: false,
        def: None,
        attributes: 0,
        classcell: None,
        classdictcell: None,
    })?;
    let Some(t) = ty.as_type() else { return Err(vm.system_error("no type")) };
    t.dict.remove_name(intern(HIDDEN).value());
    t.flags.set(t.flags.get() & !tflag::BASETYPE | if spec.instantiable { 0 } else { tflag::NO_NEW });
    t.dict.set_str("n_sequence_fields", spec.visible);
    t.dict.set_str("n_fields", spec.fields.len());
    t.dict.set_str("n_unnamed_fields", spec.fields.iter().filter(|(n, _)| n.is_empty()).count());
    let mut match_args = Vec::new();
    for (i, (n, doc)) in spec.fields.iter().enumerate() {
        if n.is_empty() {
            continue;
        }
        if i < spec.visible {
            match_args.push(intern(n).into_value());
        }
        let f = Field { name: intern(n).into_value(), index: i, visible: spec.visible, owner: ty.clone(), doc: str::from_str(doc) };
        t.dict.set_str(n, Ref::new(f).into_value());
    }
    t.dict.set_str("__match_args__", tuple::from_vec(match_args));
    for f in METHODS {
        t.dict.set_str(f.name, native_fn::method(f, t));
    }
    if spec.instantiable {
        t.update_slots(|s| s.new = Some(new));
    } else {
        t.update_slots(|s| s.new = Some(refuse));
    }
    t.update_slots(|s| s.repr = Some(repr));
    vm.struct_specs().borrow_mut().insert(std::ptr::from_ref(t).addr(), spec);
    Ok(ty)
}

/// Gives a struct sequence class a constructor of its own.
pub fn set_new(class: &Value, new: fn(&Vm, &TypeObject, Args<'_>) -> R) {
    if let Some(t) = class.as_type() {
        t.update_slots(|s| s.new = Some(new));
    }
}

fn spec_of(vm: &Vm, t: &TypeObject) -> Option<&'static Spec> {
    vm.struct_specs().borrow().get(&std::ptr::from_ref(t).addr()).copied()
}

/// Makes an instance from all its fields, hidden ones last.
pub fn new_instance(vm: &Vm, class: &Value, mut fields: Vec<Value>) -> R {
    let Some(t) = class.as_type() else { return Err(vm.type_error("no struct sequence type")) };
    let visible = spec_of(vm, t).map_or(fields.len(), |s| s.visible);
    let rest = fields.split_off(visible.min(fields.len()));
    let v = Ref::new_of(t, Tuple::boxed(fields)).into_value();
    if !rest.is_empty()
        && let Some(offset) = hidden_offset(t)
    {
        // SAFETY: the word is zero in a new instance.
        unsafe { *crate::vm::extra_word(&v, offset) = tuple::from_vec(rest).into_value().into_raw() };
    }
    Ok(v)
}

fn refuse(vm: &Vm, cls: &TypeObject, _args: Args<'_>) -> R {
    let module = cls.dict.get_str("__module__").map_or_else(String::new, |m| vm.str_lossy(&m));
    Err(vm.type_error(format!("cannot create '{module}.{}' instances", cls.name())))
}

fn new(vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R {
    let (mut sequence, mut dict) = (args.positional().first().cloned(), args.positional().get(1).cloned());
    if args.positional().len() > 2 {
        return Err(vm.type_error(format!("{}() takes at most 2 arguments ({} given)", cls.name(), args.all.len())));
    }
    for (k, v) in args.named() {
        match vm.str_lossy(k).as_str() {
            "sequence" => sequence = Some(v.clone()),
            "dict" => dict = Some(v.clone()),
            other => return Err(vm.type_error(format!("{}() got an unexpected keyword argument '{other}'", cls.name()))),
        }
    }
    let Some(sequence) = sequence else {
        return Err(vm.type_error(format!("{}() missing required argument 'sequence' (pos 1)", cls.name())));
    };
    let module = cls.dict.get_str("__module__").map_or_else(String::new, |m| vm.str_lossy(&m));
    let full = format!("{module}.{}", cls.name());
    let Some(spec) = spec_of(vm, cls) else { return Err(vm.type_error("no struct sequence type")) };
    if sequence.ty().slots().iter.is_none() && sequence.ty().slots().getitem.is_none() {
        return Err(vm.type_error("constructor requires a sequence"));
    }
    let mut items = vm.collect(&sequence)?;
    let (min, max) = (spec.visible, spec.fields.len());
    if items.len() < min || items.len() > max {
        let n = items.len();
        return Err(vm.type_error(if min == max {
            format!("{full}() takes a {min}-sequence ({n}-sequence given)")
        } else if n < min {
            format!("{full}() takes an at least {min}-sequence ({n}-sequence given)")
        } else {
            format!("{full}() takes an at most {max}-sequence ({n}-sequence given)")
        }));
    }
    let dict = match &dict {
        None => None,
        Some(d) => match d.downcast::<Dict>() {
            Some(d) => Some(d.clone()),
            None => return Err(vm.type_error(format!("{full}() takes a dict as second arg, if any"))),
        },
    };
    let mut used = 0;
    for i in items.len()..max {
        let v = match &dict {
            Some(d) => d.get_str(spec.fields[i].0),
            None => None,
        };
        used += usize::from(v.is_some());
        items.push(v.unwrap_or(Value::NONE));
    }
    if let Some(d) = &dict
        && d.len() > used
    {
        return Err(vm.type_error(format!("{full}() got duplicate or unexpected field name(s)")));
    }
    new_instance(vm, &cls.to_value(), items)
}

fn repr(vm: &Vm, v: &Value) -> R {
    let t = v.ty();
    let Some(spec) = spec_of(vm, t) else { return Err(vm.type_error("no struct sequence type")) };
    let mut out = format!("{}(", spec.name);
    for (i, (n, _)) in spec.fields.iter().enumerate().take(spec.visible) {
        if i > 0 {
            out.push_str(", ");
        }
        let item = get(v, i, spec.visible).unwrap_or(Value::NONE);
        out.push_str(&format!("{n}={}", vm.repr_string(&item)?));
    }
    out.push(')');
    Ok(str::from_str(&out))
}

fn all_fields(v: &Value, spec: &Spec) -> Vec<Value> {
    (0..spec.fields.len()).map(|i| get(v, i, spec.visible).unwrap_or(Value::NONE)).collect()
}

fn reduce(vm: &Vm, args: Args<'_>) -> R {
    let Some(v) = args.all.first() else { return Err(vm.type_error("unbound method needs an argument")) };
    let Some(spec) = spec_of(vm, v.ty()) else { return Err(vm.type_error("no struct sequence")) };
    let fields = all_fields(v, spec);
    let d = Ref::new(Dict::new());
    for (i, (n, _)) in spec.fields.iter().enumerate().skip(spec.visible) {
        d.set_str(n, fields[i].clone());
    }
    let items = tuple::from_slice(&fields[..spec.visible]).into_value();
    let state = tuple::from_array([items, d.into_value()]);
    Ok(tuple::from_array([v.ty().to_value(), state.into_value()]).into_value())
}

fn replace(vm: &Vm, args: Args<'_>) -> R {
    let Some(v) = args.all.first() else { return Err(vm.type_error("unbound method needs an argument")) };
    let Some(spec) = spec_of(vm, v.ty()) else { return Err(vm.type_error("no struct sequence")) };
    if args.positional().len() > 1 {
        return Err(vm.type_error("__replace__() takes no positional arguments"));
    }
    if spec.fields.iter().any(|(n, _)| n.is_empty()) {
        return Err(vm.type_error(format!("__replace__() is not supported for {} because it has unnamed field(s)", spec.name)));
    }
    let mut fields = all_fields(v, spec);
    let mut bad = Vec::new();
    for (k, new) in args.named() {
        let k = vm.str_lossy(k);
        match spec.fields.iter().position(|(n, _)| *n == k) {
            Some(i) => fields[i] = new.clone(),
            None => bad.push(format!("'{k}'")),
        }
    }
    if !bad.is_empty() {
        return Err(vm.type_error(format!("Got unexpected field name(s): [{}]", bad.join(", "))));
    }
    new_instance(vm, &v.ty().to_value(), fields)
}

static METHODS: &[crate::native::FunctionDef] = &[
    crate::native::FunctionDef { name: "__reduce__", doc: "", text_signature: "($self, /)", kind: crate::native::FnKind::Method, call: reduce },
    crate::native::FunctionDef { name: "__replace__", doc: "Return a copy of the structure with new values for the specified fields.", text_signature: "($self, /, **changes)", kind: crate::native::FnKind::Method, call: replace },
];
