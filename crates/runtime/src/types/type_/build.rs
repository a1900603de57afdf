//! Making types: the shared builtin ones from their tables, heap types from a class statement.

use std::cell::{Cell as Field, UnsafeCell};

use taipan_memory::Header;

use super::lookup::link_subclass;
use super::mro::{call_mro, set_order};
use super::{Namespace, Slots, TypeObject, slotdefs, tflag};
use crate::core::{PyCell, R, Ref, Value};
use crate::native::{FnKind, TypeDef};
use crate::types::cell::Cell;
use crate::types::dict::Dict;
use crate::types::str::{self, Str};
use crate::types::{native_fn, tuple};
use crate::vm::{Vm, intern, names, next_version};

static ALL: std::sync::OnceLock<Vec<&'static TypeDef>> = std::sync::OnceLock::new();

/// The builtin types that derive from a builtin type directly.
pub(super) fn static_subclasses(ty: &TypeObject) -> impl Iterator<Item = Value> {
    let all = ALL.get().map_or(&[][..], Vec::as_slice).iter();
    all.filter(move |d| d.base.is_some_and(|b| std::ptr::eq(b.ptr(), ty))).map(|d| d.place.value())
}

/// Builds all builtin types. Bases must come before the types that derive from them.
pub fn build_static(defs: &[&'static TypeDef]) {
    ALL.get_or_init(|| defs.to_vec());
    for d in defs {
        build_one(d);
    }
    // What changes the shape of a type needs others' objects, so it follows when all places are filled.
    for d in defs {
        if let Some(shape) = d.shape {
            shape(d.place.get());
        }
    }
}

fn build_one(d: &'static TypeDef) {
    let base = d.base.map(crate::core::StaticType::get);
    let own = d.flags;
    let inherited = base.map_or(0, |b| b.flags.get() & tflag::INHERITED);
    let mut slots = d.slots;
    if let Some(b) = base {
        inherit_slots(&mut slots, b.slots(), d.slots.richcompare.is_some() || d.slots.hash.is_some());
    }
    // `object.__new__` can't make what has a payload of its own.
    let object = crate::types::object::OBJECT;
    let own_payload = |b: &TypeObject| std::ptr::eq(b, object.ptr()) && d.layout.id != b.layout.id;
    let no_new = own & tflag::NO_NEW != 0 || d.slots.new.is_none() && base.is_some_and(own_payload);
    if no_new {
        slots.new = None;
    }
    let own = if no_new { own | tflag::NO_NEW } else { own };
    let solid = match base {
        // A type without a payload of its own (the exceptions, bool) shares its base's layout.
        Some(b) if d.layout.id == b.layout.id => b.solid.get(),
        _ => d.place.ptr(),
    };
    let mut mro: Vec<Value> = vec![d.place.value()];
    let mut next = d.base;
    while let Some(b) = next {
        mro.push(b.value());
        next = b.get().def.and_then(|d| d.base);
    }
    // SAFETY: the image is being built under its lock; nobody reads the place yet.
    unsafe {
        d.place.init(TypeObject {
            head: crate::vm::init_type_head(Header::immortal(crate::types::type_::TYPE_PLACE().ptr().cast())),
            slots: UnsafeCell::new(slots),
            flags: Field::new(own | inherited | tflag::IMMUTABLE),
            version: Field::new(next_version()),
            size: Field::new(d.layout.size as u32),
            dict_offset: Field::new(0),
            inline_offset: Field::new(0),
            inline_cap: Field::new(0),
            constructor_version: Field::new(0),
            constructor: Field::new(0),
            layout: d.layout,
            solid: Field::new(solid),
            base: PyCell::new(d.base.map(crate::core::StaticType::value)),
            bases: PyCell::new(Value::NONE),
            mro: PyCell::new(Value::NONE),
            dict: Namespace::of_static(d),
            name: PyCell::new(intern(d.name)),
            qualname: PyCell::new(intern(d.name.rsplit('.').next().unwrap_or(d.name))),
            keys: PyCell::new(Vec::new()),
            subclasses: PyCell::new(Vec::new()),
            def: Some(d),
            members: PyCell::new(Vec::new()),
        });
    }
    let ty = d.place.get();
    if let Some(dealloc) = d.layout.dealloc.filter(|_| ty.slots().finalize.is_none()) {
        ty.head.dealloc.set(dealloc);
    }
    crate::vm::hide(ty.dict.as_is());
    ty.mro.set(tuple::from_vec(mro).into_value());
    ty.bases.set(match d.base {
        Some(b) => tuple::from_array([b.value()]).into_value(),
        None => crate::vm::empty_tuple().into_value(),
    });
}

/// Fills the namespace of a builtin type from its table.
pub(super) fn fill_one(d: &'static TypeDef) {
    let ty = d.place.get();
    let n = names();
    slotdefs::add_wrappers(ty, &d.slots);
    for f in d.methods {
        let name = intern(f.name);
        let v = match f.kind {
            FnKind::Method => native_fn::method(f, ty),
            FnKind::Class => native_fn::class_method(f, ty),
            FnKind::Static => native_fn::static_method(f, ty),
            FnKind::Function => native_fn::function(f, Value::NONE, Value::NONE),
        };
        ty.dict.set_name(name.value(), v);
    }
    for g in d.getsets {
        ty.dict.set_name(intern(g.name).value(), native_fn::getset(g, ty));
    }
    if d.slots.dict.is_some() && ty.dict.find_name(&n.__dict__).is_none() {
        ty.dict.set_name(&n.__dict__, native_fn::getset(&crate::types::object::DICT_GETSET, ty));
    }
    // Some types' instances compute their `__doc__`.
    if ty.dict.find_name(&n.__doc__).is_none() {
        ty.dict.set_name(&n.__doc__, if d.doc.is_empty() { Value::NONE } else { str::from_str(d.doc) });
    }
    if d.slots.hash.is_none() && d.slots.richcompare.is_some() {
        ty.dict.set_name(&n.__hash__, Value::NONE);
    }
    if let Some(setup) = d.setup {
        setup(ty);
    }
}

/// Copies what `slots` lacks from a base. Hash and comparison are inherited together.
pub(super) fn inherit_slots(slots: &mut Slots, base: &Slots, own_compare: bool) {
    macro_rules! inherit {
        ($($f:ident)*) => {$(if slots.$f.is_none() { slots.$f = base.$f; })*};
    }
    inherit!(dict new init repr str call getattro setattro iter next descr_get descr_set finalize pow3 neg pos abs invert
        bool int float index len getitem setitem contains item concat repeat inplace_concat inplace_repeat await_ aiter
        anext buffer);
    for i in 0..super::BINOPS {
        slots.binary[i] = slots.binary[i].or(base.binary[i]);
        slots.inplace[i] = slots.inplace[i].or(base.inplace[i]);
    }
    if !own_compare {
        slots.richcompare = slots.richcompare.or(base.richcompare);
        slots.hash = slots.hash.or(base.hash);
    }
}

/// A member of `__slots__`.
pub struct Member {
    /// The mangled name.
    pub name: Value,
}

/// What a heap type is made of.
pub struct HeapTypeSpec {
    /// `__name__`
    pub name: Ref<Str>,
    /// `__qualname__`
    pub qualname: Ref<Str>,
    /// `__bases__`
    pub bases: Vec<Value>,
    /// The base that gives the layout.
    pub base: Value,
    /// The namespace, owned by the type.
    pub dict: Ref<Dict>,
    /// Members of `__slots__`, in order.
    pub members: Vec<Member>,
    /// Whether instances get a `__dict__` of their own making.
    pub add_dict: bool,
    /// Whether instances may be weakly referenced.
    pub weakref: bool,
    /// How many attributes the class's methods assign to `self`.
    pub attributes: usize,
    /// The table of a native class that every interpreter has its own, changeable copy of: its slots become the
    /// class's, with wrappers in the dictionary. Methods are the caller's to add.
    pub def: Option<&'static TypeDef>,
    /// The cell of `__class__`, which is to hold the type.
    pub classcell: Option<Ref<Cell>>,
    /// The cell of `__classdict__`, which is to hold the namespace.
    pub classdictcell: Option<Ref<Cell>>,
}

/// Makes a heap type of a metatype. The method resolution order and the slots are computed; neither
/// `__set_name__` nor `__init_subclass__` are called here.
pub fn new_heap_type(vm: &Vm, meta: &TypeObject, spec: HeapTypeSpec) -> R<Value> {
    let base_value = spec.base.clone();
    let Some(base) = base_value.as_type() else { return Err(vm.type_error("bases must be types")) };
    // Extra words: the base's own (slots and dict keep their offsets), new slots, the dict slot, inline values.
    let base_fixed = base.inline_offset.get().max(base.layout.size as u32);
    let base_fixed = if base.inline_offset.get() == 0 { base.size.get() } else { base_fixed };
    let mut offset = base_fixed.next_multiple_of(8);
    let mut members = base.members.get();
    let mut own_members = Vec::new();
    for m in &spec.members {
        own_members.push((m.name.clone(), offset));
        members.push((m.name.clone(), offset));
        offset += 8;
    }
    // What `match` sees instances as is the first base's to say, which need not give the layout: see below.
    let inherited = tflag::INHERITED & !(tflag::SEQUENCE | tflag::MAPPING);
    let mut flags = tflag::HEAP | tflag::BASETYPE | tflag::GC | base.flags.get() & inherited;
    let mut dict_offset = base.dict_offset.get();
    let native_dict = base.has(tflag::HAS_DICT) && dict_offset == 0;
    if spec.add_dict && dict_offset == 0 && !native_dict {
        dict_offset = offset;
        offset += 8;
        flags |= tflag::HAS_DICT;
    }
    if spec.weakref {
        flags |= tflag::HAS_WEAKREF;
    }
    let cap = if dict_offset == 0 { 0 } else { (spec.attributes + base.inline_cap.get() as usize).clamp(4, 28) as u32 };
    let size = offset + 8 * cap;
    let meta_value = meta.to_value();
    let payload = TypeObject {
        head: crate::vm::init_type_head(Header::new(std::ptr::from_ref(meta).cast(), 0)),
        slots: UnsafeCell::new(Slots::EMPTY),
        flags: Field::new(flags),
        version: Field::new(0),
        size: Field::new(size),
        dict_offset: Field::new(dict_offset),
        inline_offset: Field::new(if cap > 0 { offset } else { 0 }),
        inline_cap: Field::new(cap),
        constructor_version: Field::new(0),
        constructor: Field::new(0),
        layout: base.layout,
        solid: Field::new(base.solid.get()),
        base: PyCell::new(Some(base_value.clone())),
        bases: PyCell::new(tuple::from_slice(&spec.bases).into_value()),
        mro: PyCell::new(Value::NONE),
        dict: Namespace::new(spec.dict.clone()),
        name: PyCell::new(spec.name.clone()),
        qualname: PyCell::new(spec.qualname.clone()),
        keys: PyCell::new(if cap > 0 { base.keys.get() } else { Vec::new() }),
        subclasses: PyCell::new(Vec::new()),
        def: spec.def,
        members: PyCell::new(members),
    };
    // SAFETY: a type object's payload includes its header; everything behind the header's 16 bytes is
    // moved into a fresh block of the right size, and the metatype's count is taken below.
    let ty = unsafe {
        let size = (meta.size.get() as usize).max(size_of::<TypeObject>());
        let h = crate::vm::alloc(size, std::ptr::from_ref(meta).cast(), true);
        let to = h.as_ptr().cast::<u8>();
        let from = std::ptr::from_ref(&payload).cast::<u8>();
        let skip = size_of::<Header>();
        std::ptr::copy_nonoverlapping(from.add(skip), to.add(skip), size_of::<TypeObject>() - skip);
        std::mem::forget(payload);
        to.add(size_of::<TypeObject>()).write_bytes(0, size - size_of::<TypeObject>());
        std::mem::forget(meta_value);
        Value::from_raw(to.expose_provenance() as u64)
    };
    let Some(t) = ty.as_type() else { return Err(vm.type_error("metatype conflict")) };
    crate::vm::hide(&t.dict);
    let n = names();
    if let Some(cell) = &spec.classcell {
        cell.value.set(Some(ty.clone()));
    }
    if let Some(cell) = &spec.classdictcell {
        cell.value.set(Some(crate::types::mappingproxy::new(t.dict.value().clone())));
    }
    for (name, offset) in own_members {
        let d = native_fn::member(&name, offset, t);
        t.dict.set_name(&name, d);
    }
    if let Some(d) = spec.def {
        slotdefs::add_wrappers(t, &d.slots);
    }
    let set_default = |name: &Value, make: &dyn Fn() -> Value| {
        if t.dict.find_name(name).is_none() {
            t.dict.set_name(name, make());
        }
    };
    if dict_offset != base.dict_offset.get() {
        set_default(&n.__dict__, &|| native_fn::getset(&crate::types::object::DICT_GETSET, t));
    }
    if t.has(tflag::HAS_WEAKREF) && !base.has(tflag::HAS_WEAKREF) {
        set_default(&n.__weakref__, &|| native_fn::getset(&crate::types::object::WEAKREF_GETSET, t));
    }
    set_default(&n.__doc__, &|| Value::NONE);
    if t.dict.find_name(&n.__eq__).is_some() {
        set_default(&n.__hash__, &|| Value::NONE);
    }
    let (order, custom) = call_mro(vm, t)?;
    drop(set_order(t, order, custom));
    for b in &spec.bases {
        if let Some(b) = b.as_type() {
            link_subclass(b, t, true);
        }
    }
    inherit_flags(t);
    slotdefs::fix_slots(t);
    Ok(ty)
}

fn inherit_flags(t: &TypeObject) {
    const COLLECTION: u32 = tflag::SEQUENCE | tflag::MAPPING;
    // SAFETY: no Python code runs here.
    for b in unsafe { t.mro_slice() }.iter().skip(1) {
        if t.has(COLLECTION) {
            return;
        }
        if let Some(b) = b.as_type() {
            t.flags.set(t.flags.get() | b.flags.get() & COLLECTION);
        }
    }
}

/// A heap type dies: its bases forget it.
pub fn unlink(t: &TypeObject) {
    if let Some(bases) = t.bases.get().downcast::<crate::types::tuple::Tuple>() {
        for b in bases.as_slice() {
            if let Some(b) = b.as_type() {
                link_subclass(b, t, false);
            }
        }
    }
}
