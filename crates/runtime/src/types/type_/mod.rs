//! Type objects: the slot table, the method resolution order, attribute lookup along it, versions.

mod bases;
mod build;
pub mod build_class;
mod class_attrs;
mod getattr;
mod layout;
mod lookup;
mod mro;
mod namespace;
mod new;
pub mod slotdefs;
pub mod slots;

use std::cell::{Cell, UnsafeCell};

use taipan_memory::{Header, TypeHead, Tracer};

pub use self::build::{HeapTypeSpec, Member, build_static, new_heap_type};
pub use self::class_attrs::{Type, call_type};
pub use self::getattr::{type_getattr, type_setattr};
pub use self::layout::{best_base, check_assignable};
pub use self::lookup::{assign_version, lookup, lookup_value, modified, subclasses};
pub use self::mro::mro_of;
pub use self::namespace::Namespace;
pub use self::new::{calculate_metaclass, new_type};
pub use self::slots::{BINOPS, BinOp, BinaryFn, CmpOp, DictOp, Slots, UnaryFn};
pub use crate::native::TypeDef;
use crate::core::{Layout, PyCell, Ref, Trace, Value};
use crate::types::str::Str;
use crate::types::tuple::Tuple;

/// The types of this room.
pub const TYPES: &[&TypeDef] = &[Type::DEF];

/// The place of `type`.
#[inline(always)]
#[allow(non_snake_case)]
pub const fn TYPE_PLACE() -> &'static crate::core::StaticType {
    <Type as crate::core::Payload>::TYPE
}

/// Bits of [`TypeObject::flags`]. The low ones are CPython's `tp_flags` bits.
pub mod tflag {
    /// `match` sees instances as sequences.
    pub const SEQUENCE: u32 = 1 << 5;
    /// `match` sees instances as mappings.
    pub const MAPPING: u32 = 1 << 6;
    /// `tp_new` may not be called from Python.
    pub const NO_NEW: u32 = 1 << 7;
    /// Attributes can't be set.
    pub const IMMUTABLE: u32 = 1 << 8;
    /// Made by a class statement or `type()`, lives in an interpreter's heap.
    pub const HEAP: u32 = 1 << 9;
    /// May be a base class.
    pub const BASETYPE: u32 = 1 << 10;
    /// Instances are seen by the cycle collector.
    pub const GC: u32 = 1 << 14;
    /// The method resolution order was made by a metaclass's `mro`: look-ups can't be remembered.
    pub const CUSTOM_MRO: u32 = 1 << 13;
    /// Instances made as another class's may be smaller than `size`, with no room for inline values.
    pub const MIXED_SIZES: u32 = 1 << 15;
    /// A native type that CPython makes when its module is imported, which pickling can tell by its `__flags__`.
    pub const MADE_LATE: u32 = 1 << 16;
    /// Functions of this type are methods: `LOAD_METHOD` need not bind them.
    pub const METHOD_DESCRIPTOR: u32 = 1 << 17;
    /// Abstract methods are left.
    pub const ABSTRACT: u32 = 1 << 20;
    /// Instances have a `__dict__`.
    pub const HAS_DICT: u32 = 1 << 11;
    /// Instances can be weakly referenced.
    pub const HAS_WEAKREF: u32 = 1 << 12;
    /// `match` binds the subject itself to the single positional pattern.
    pub const MATCH_SELF: u32 = 1 << 22;
    /// Subclass of int.
    pub const INT_SUB: u32 = 1 << 24;
    /// Subclass of list.
    pub const LIST_SUB: u32 = 1 << 25;
    /// Subclass of tuple.
    pub const TUPLE_SUB: u32 = 1 << 26;
    /// Subclass of bytes.
    pub const BYTES_SUB: u32 = 1 << 27;
    /// Subclass of str.
    pub const STR_SUB: u32 = 1 << 28;
    /// Subclass of dict.
    pub const DICT_SUB: u32 = 1 << 29;
    /// Subclass of BaseException.
    pub const EXC_SUB: u32 = 1 << 30;
    /// Subclass of type.
    pub const TYPE_SUB: u32 = 1 << 31;
    /// What a subclass takes over from its bases.
    pub const INHERITED: u32 = SEQUENCE | MAPPING | GC | HAS_DICT | HAS_WEAKREF | MATCH_SELF | INT_SUB | LIST_SUB
        | TUPLE_SUB | BYTES_SUB | STR_SUB | DICT_SUB | EXC_SUB | TYPE_SUB;
}

/// A type.
///
/// Instances are laid out as header, payload of `layout`, then `extra` words up to `size`: slots of
/// `__slots__`, the dict slot, inline attribute values. Every extra word is zero or an owned value.
#[repr(C)]
pub struct TypeObject {
    head: TypeHead,
    slots: UnsafeCell<Slots>,
    /// [`tflag`] bits.
    pub flags: Cell<u32>,
    /// Changes whenever a lookup on the type might change; 0 while there is none.
    pub version: Cell<u32>,
    /// Bytes of an instance, without a variable part.
    pub size: Cell<u32>,
    /// Where the dict slot is, 0 if instances have no `__dict__`.
    pub dict_offset: Cell<u32>,
    /// Where the inline values start.
    pub inline_offset: Cell<u32>,
    /// How many inline values there are.
    pub inline_cap: Cell<u32>,
    /// The version for which `constructor` holds; 0 if it never did.
    pub constructor_version: Cell<u32>,
    /// For classes with object's `__new__`: the word of the Python `__init__` (the class keeps it), 0 for object's own.
    pub constructor: Cell<u64>,
    /// The payload.
    pub layout: Layout,
    /// The type that brought the payload in.
    pub solid: Cell<*const TypeObject>,
    /// `__base__`
    pub base: PyCell<Option<Value>>,
    /// `__bases__`
    pub bases: PyCell<Value>,
    /// `__mro__`, a tuple (or None while the type is being made).
    pub mro: PyCell<Value>,
    /// `__dict__`
    pub dict: Namespace,
    /// `__name__`
    pub name: PyCell<Ref<Str>>,
    /// `__qualname__`
    pub qualname: PyCell<Ref<Str>>,
    /// Names of the inline values, in order.
    pub keys: PyCell<Vec<Value>>,
    /// Direct subclasses of a heap type; those of builtin types are kept by the interpreter.
    pub subclasses: PyCell<Vec<*const TypeObject>>,
    /// The table a builtin type was made from.
    pub def: Option<&'static TypeDef>,
    /// Members of `__slots__` with their offsets, for `__class__` assignment.
    pub members: PyCell<Vec<(Value, u32)>>,
}

// SAFETY: shared types are immutable once the image is built; heap types stay under their GIL.
unsafe impl Sync for TypeObject {}
// SAFETY: as above.
unsafe impl Send for TypeObject {}

impl TypeObject {
    /// The header.
    #[inline(always)]
    pub fn header(&self) -> &Header {
        &self.head.header
    }

    /// What the heap knows of the type.
    #[inline(always)]
    pub fn head(&self) -> &TypeHead {
        &self.head
    }

    /// The slot table.
    #[inline(always)]
    pub fn slots(&self) -> &Slots {
        // SAFETY: slots are function pointers that callers copy out; see `slots_mut`.
        unsafe { &*self.slots.get() }
    }

    /// Changes the slot table.
    pub(crate) fn update_slots(&self, f: impl FnOnce(&mut Slots)) {
        // SAFETY: `f` runs no Python code and keeps no reference; readers copy single entries.
        f(unsafe { &mut *self.slots.get() });
    }

    /// `__name__` as text.
    pub fn name(&self) -> String {
        self.name.borrow().to_string_lossy()
    }

    /// The name as messages of the C implementation show it: `module.name` for native types outside builtins.
    pub fn tp_name(&self) -> String {
        match self.def {
            Some(d) if d.module != "builtins" => format!("{}.{}", d.module, d.name),
            _ => self.name(),
        }
    }

    /// `module.qualname`, without the module for builtins and the program's own: what `%T` shows in messages.
    pub fn full_name(&self) -> String {
        let qualname = self.qualname.borrow().to_string_lossy();
        match class_attrs::module_text(self) {
            Some(m) if m != "builtins" && m != "__main__" => format!("{m}.{qualname}"),
            _ => qualname,
        }
    }

    /// `__base__` as a type.
    pub fn base_type(&self) -> Option<&TypeObject> {
        // SAFETY: a type keeps its base alive; the word is only looked at under the GIL.
        unsafe { &*self.base.as_ptr() }.as_ref().and_then(Value::as_type)
    }

    /// The name as `repr` shows it: `module.qualname`, or the name alone for builtins.
    pub fn shown_name(&self) -> String {
        match class_attrs::module_text(self) {
            Some(m) if m != "builtins" => format!("{m}.{}", self.qualname.borrow().to_string_lossy()),
            _ => self.name(),
        }
    }

    /// Whether any of the flags is set.
    #[inline(always)]
    pub fn has(&self, bits: u32) -> bool {
        self.flags.get() & bits != 0
    }

    /// The type as a value.
    #[inline(always)]
    pub fn to_value(&self) -> Value {
        self.head.header.retain();
        // SAFETY: the count was just taken.
        unsafe { Value::from_raw(std::ptr::from_ref(self).expose_provenance() as u64) }
    }

    /// Whether both are the same type.
    #[inline(always)]
    pub fn is(&self, other: &TypeObject) -> bool {
        std::ptr::eq(self, other)
    }

    /// Whether `other` stands in the method resolution order.
    pub fn is_subtype_of(&self, other: &TypeObject) -> bool {
        if self.is(other) {
            return true;
        }
        // SAFETY: no Python code runs while the order is looked at.
        let mro = unsafe { &*self.mro.as_ptr() };
        match mro.downcast_exact::<Tuple>() {
            Some(t) => t.as_slice().iter().any(|v| v.raw() == std::ptr::from_ref(other).addr() as u64),
            None => {
                let mut base = self.base.get();
                while let Some(b) = base {
                    let Some(t) = b.as_type() else { return false };
                    if t.is(other) {
                        return true;
                    }
                    base = t.base.get();
                }
                false
            }
        }
    }

    /// Whether instances have the payload of the native type `other`: it stands in the chain of bases.
    #[inline]
    pub fn has_layout_of(&self, other: &TypeObject) -> bool {
        let mut solid = self.solid.get();
        while !solid.is_null() {
            if std::ptr::eq(solid, other) {
                return true;
            }
            // SAFETY: solid types are native and immortal.
            let base = unsafe { &*(*solid).base.as_ptr() };
            match base {
                Some(b) => {
                    // SAFETY: a base is a type.
                    solid = unsafe { b.as_type_unchecked().solid.get() };
                }
                None => return false,
            }
        }
        false
    }

    /// The MRO as a slice.
    ///
    /// # Safety
    /// The slice must not be used after Python code could have changed the type's bases.
    #[inline]
    pub unsafe fn mro_slice(&self) -> &[Value] {
        // SAFETY: the caller.
        unsafe {
            match (*self.mro.as_ptr()).downcast_exact::<Tuple>() {
                Some(t) => &*std::ptr::from_ref(t.as_slice()),
                None => &[],
            }
        }
    }
}

impl Trace for TypeObject {
    fn trace(&self, tracer: &mut Tracer<'_>) {
        self.base.trace(tracer);
        self.bases.trace(tracer);
        self.mro.trace(tracer);
        self.dict.trace(tracer);
        self.keys.trace(tracer);
        for (name, _) in self.members.borrow().iter() {
            name.trace(tracer);
        }
    }

    fn clear(&self, out: &mut Vec<Value>) {
        // Bases and base stay until the type dies: its instances' layout depends on them. Caches forget what they
        // borrowed from the dictionary before it goes.
        lookup::modified(self);
        self.dict.clear_into(out);
        let mro = self.mro.replace(Value::NONE);
        out.push(mro);
    }
}

impl Value {
    /// The value as a type, if it is one.
    #[inline(always)]
    pub fn as_type(&self) -> Option<&TypeObject> {
        if self.is_object() && self.ty().has(tflag::TYPE_SUB) {
            // SAFETY: instances of `type` are type objects.
            Some(unsafe { self.as_type_unchecked() })
        } else {
            None
        }
    }

    /// The value as a type.
    ///
    /// # Safety
    /// The value is a type.
    #[inline(always)]
    pub unsafe fn as_type_unchecked(&self) -> &TypeObject {
        // SAFETY: the caller.
        unsafe { &*std::ptr::with_exposed_provenance::<TypeObject>(self.raw() as usize) }
    }
}
