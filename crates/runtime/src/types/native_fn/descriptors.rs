//! What stands in the dictionaries of native types.

use crate::core::{R, Ref, Value};
use crate::native::{Args, FunctionDef, GetSetDef};
use crate::types::str;
use crate::types::type_::slotdefs::SlotWrapperDef;
use crate::types::type_::{CmpOp, Slots, TypeObject};
use crate::vm::{Vm, intern};

/// A native method in its class's dictionary.
#[derive(taipan_macros::Trace)]
pub struct MethodDescriptor {
    /// The table entry.
    #[no_trace]
    pub def: &'static FunctionDef,
    owner: Value,
}

/// A native class method in its class's dictionary.
#[derive(taipan_macros::Trace)]
pub struct ClassMethodDescriptor {
    #[no_trace]
    def: &'static FunctionDef,
    owner: Value,
}

/// A computed attribute.
#[derive(taipan_macros::Trace)]
pub struct GetSetDescriptor {
    #[no_trace]
    def: &'static GetSetDef,
    owner: Value,
}

/// A member of `__slots__`, or of a native payload.
#[derive(taipan_macros::Trace)]
pub struct MemberDescriptor {
    name: Value,
    /// Offset of the word in the instance; for native members beyond all offsets.
    pub offset: u32,
    owner: Value,
    #[no_trace]
    native: Option<&'static GetSetDef>,
}

/// A special method over a slot.
#[derive(taipan_macros::Trace)]
pub struct SlotWrapper {
    #[no_trace]
    def: &'static SlotWrapperDef,
    owner: Value,
}

/// A slot wrapper bound to an object.
#[derive(taipan_macros::Trace)]
pub struct MethodWrapper {
    #[no_trace]
    def: &'static SlotWrapperDef,
    owner: Value,
    this: Value,
}

/// A native method for a class's dictionary.
pub fn method(def: &'static FunctionDef, owner: &TypeObject) -> Value {
    Ref::new(MethodDescriptor { def, owner: owner.to_value() }).into_value()
}

/// A native class method for a class's dictionary.
pub fn class_method(def: &'static FunctionDef, owner: &TypeObject) -> Value {
    Ref::new(ClassMethodDescriptor { def, owner: owner.to_value() }).into_value()
}

/// A computed attribute, or a native member, for a class's dictionary.
pub fn getset(def: &'static GetSetDef, owner: &TypeObject) -> Value {
    if def.member {
        let name = intern(def.name).into_value();
        let member = MemberDescriptor { name, offset: u32::MAX, owner: owner.to_value(), native: Some(def) };
        return Ref::new(member).into_value();
    }
    Ref::new(GetSetDescriptor { def, owner: owner.to_value() }).into_value()
}

/// A member of `__slots__` for a class's dictionary.
pub fn member(name: &Value, offset: u32, owner: &TypeObject) -> Value {
    Ref::new(MemberDescriptor { name: name.clone(), offset, owner: owner.to_value(), native: None }).into_value()
}

/// A slot wrapper for a class's dictionary.
pub fn slot_wrapper(def: &'static SlotWrapperDef, owner: &TypeObject) -> Value {
    Ref::new(SlotWrapper { def, owner: owner.to_value() }).into_value()
}

/// Whether this is the descriptor of a computed attribute.
pub fn is_getset(v: &Value, def: &'static GetSetDef) -> bool {
    v.downcast_exact::<GetSetDescriptor>().is_some_and(|d| std::ptr::eq(d.def, def))
}

/// Whether this is a method of native code.
pub fn is_native_method(v: &Value) -> bool {
    v.downcast_exact::<MethodDescriptor>().is_some()
}

/// Whether this is a native type's special method.
pub fn is_slot_wrapper(v: &Value) -> bool {
    v.downcast_exact::<SlotWrapper>().is_some()
}

/// Whether this is some native type's `__getattribute__`.
pub fn is_generic_getattribute(v: &Value) -> bool {
    v.downcast_exact::<SlotWrapper>().is_some_and(|w| w.def.name == "__getattribute__")
}

/// The type whose slot a wrapper calls: an interpreter's own copy of a native class may have others by now.
fn slots_owner(owner: &TypeObject) -> &TypeObject {
    owner.def.map_or(owner, |d| d.place.get())
}

fn owner_type(owner: &Value) -> &TypeObject {
    // SAFETY: owners are types, set at construction.
    unsafe { owner.as_type_unchecked() }
}

fn check_instance(vm: &Vm, owner: &Value, name: &str, v: &Value) -> R<()> {
    let owner = owner_type(owner);
    if v.ty().is_subtype_of(owner) {
        return Ok(());
    }
    Err(vm.type_error(format!(
        "descriptor '{name}' for '{}' objects doesn't apply to a '{}' object",
        owner.tp_name(),
        v.ty().tp_name()
    )))
}

fn qualname(owner: &Value, name: &str) -> Value {
    str::from_str(&format!("{}.{name}", owner_type(owner).qualname.get().to_string_lossy()))
}

fn reduce(vm: &Vm, owner: &Value, name: &str) -> R {
    let getattr = vm.interp().builtins().get_str("getattr").unwrap_or(Value::NONE);
    let args = crate::types::tuple::from_array([owner.clone(), str::from_str(name)]);
    Ok(crate::types::tuple::from_array([getattr, args.into_value()]).into_value())
}

fn opt_text(s: &str) -> Value {
    if s.is_empty() { Value::NONE } else { str::from_str(s) }
}

/// The type of native methods.
#[taipan_macros::class(name = "method_descriptor", module = "builtins", flags(GC, METHOD_DESCRIPTOR, NO_NEW))]
impl MethodDescriptor {
    #[slot]
    fn call(vm: &Vm, this: &Ref<MethodDescriptor>, args: Args<'_>) -> R {
        (this.def.call)(vm, args)
    }

    #[slot]
    fn descr_get(vm: &Vm, this: &Ref<MethodDescriptor>, obj: Option<&Value>, _cls: Option<&Value>) -> R {
        let Some(obj) = obj else { return Ok(this.value().clone()) };
        check_instance(vm, &this.owner, this.def.name, obj)?;
        Ok(super::builtin::bound_native(this.def, obj.clone()))
    }

    #[slot]
    fn repr(_vm: &Vm, this: &Ref<MethodDescriptor>) -> R {
        Ok(str::from_str(&format!("<method '{}' of '{}' objects>", this.def.name, owner_type(&this.owner).tp_name())))
    }

    #[getter(member)]
    fn __name__(_vm: &Vm, this: &Ref<MethodDescriptor>) -> R {
        Ok(str::from_str(this.def.name))
    }

    #[getter]
    fn __qualname__(_vm: &Vm, this: &Ref<MethodDescriptor>) -> R {
        Ok(qualname(&this.owner, this.def.name))
    }

    #[getter]
    fn __doc__(_vm: &Vm, this: &Ref<MethodDescriptor>) -> R {
        Ok(opt_text(this.def.doc))
    }

    #[getter(member)]
    fn __objclass__(_vm: &Vm, this: &Ref<MethodDescriptor>) -> R {
        Ok(this.owner.clone())
    }

    #[getter]
    fn __text_signature__(_vm: &Vm, this: &Ref<MethodDescriptor>) -> R {
        Ok(opt_text(this.def.text_signature))
    }

    #[method(sig = "()")]
    fn __reduce__(vm: &Vm, this: &Ref<MethodDescriptor>) -> R {
        reduce(vm, &this.owner, this.def.name)
    }
}

impl ClassMethodDescriptor {
    /// Raises TypeError if it is no method of this class.
    fn check_class(&self, vm: &Vm, cls: &Value) -> R<()> {
        let (name, owner) = (self.def.name, owner_type(&self.owner));
        match cls.as_type() {
            Some(t) if t.is_subtype_of(owner) => Ok(()),
            Some(t) => Err(vm.type_error(format!(
                "descriptor '{name}' requires a subtype of '{}' but received '{}'",
                owner.tp_name(),
                t.tp_name()
            ))),
            None => Err(vm.type_error(format!(
                "descriptor '{name}' for type '{}' needs a type, not a '{}' as arg 2",
                owner.tp_name(),
                cls.ty().tp_name()
            ))),
        }
    }
}

/// The type of native class methods.
#[taipan_macros::class(name = "classmethod_descriptor", module = "builtins", flags(GC, NO_NEW))]
impl ClassMethodDescriptor {
    #[slot]
    fn call(vm: &Vm, this: &Ref<ClassMethodDescriptor>, args: Args<'_>) -> R {
        let Some(cls) = args.positional().first() else {
            let owner = owner_type(&this.owner).tp_name();
            return Err(vm.type_error(format!("descriptor '{}' of '{owner}' object needs an argument", this.def.name)));
        };
        this.check_class(vm, cls)?;
        (this.def.call)(vm, args)
    }

    #[slot]
    fn descr_get(vm: &Vm, this: &Ref<ClassMethodDescriptor>, obj: Option<&Value>, cls: Option<&Value>) -> R {
        let cls = match (cls, obj) {
            (Some(c), _) => c.clone(),
            (None, Some(o)) => o.ty().to_value(),
            (None, None) => return Err(vm.type_error("__get__(None, None) is invalid")),
        };
        this.check_class(vm, &cls)?;
        Ok(super::builtin::class_method_bound(this.def, cls))
    }

    #[slot]
    fn repr(_vm: &Vm, this: &Ref<ClassMethodDescriptor>) -> R {
        Ok(str::from_str(&format!("<method '{}' of '{}' objects>", this.def.name, owner_type(&this.owner).tp_name())))
    }

    #[getter(member)]
    fn __name__(_vm: &Vm, this: &Ref<ClassMethodDescriptor>) -> R {
        Ok(str::from_str(this.def.name))
    }

    #[getter]
    fn __qualname__(_vm: &Vm, this: &Ref<ClassMethodDescriptor>) -> R {
        Ok(qualname(&this.owner, this.def.name))
    }

    #[getter]
    fn __doc__(_vm: &Vm, this: &Ref<ClassMethodDescriptor>) -> R {
        Ok(opt_text(this.def.doc))
    }

    #[getter(member)]
    fn __objclass__(_vm: &Vm, this: &Ref<ClassMethodDescriptor>) -> R {
        Ok(this.owner.clone())
    }

    #[getter]
    fn __text_signature__(_vm: &Vm, this: &Ref<ClassMethodDescriptor>) -> R {
        Ok(opt_text(this.def.text_signature))
    }
}

/// The type of computed attributes.
#[taipan_macros::class(name = "getset_descriptor", module = "builtins", flags(GC, NO_NEW))]
impl GetSetDescriptor {
    /// The value for an object that is an instance of the owner.
    #[inline]
    pub(crate) fn get(&self, vm: &Vm, obj: &Value) -> R {
        (self.def.get)(vm, obj)
    }

    #[slot]
    fn descr_get(vm: &Vm, this: &Ref<GetSetDescriptor>, obj: Option<&Value>, _cls: Option<&Value>) -> R {
        let Some(obj) = obj else { return Ok(this.value().clone()) };
        check_instance(vm, &this.owner, this.def.name, obj)?;
        (this.def.get)(vm, obj)
    }

    #[slot]
    fn descr_set(vm: &Vm, this: &Ref<GetSetDescriptor>, obj: &Value, value: Option<&Value>) -> R<()> {
        check_instance(vm, &this.owner, this.def.name, obj)?;
        match this.def.set {
            Some(set) => set(vm, obj, value),
            None => Err(vm.attribute_error(
                obj,
                intern(this.def.name).value(),
                format!("attribute '{}' of '{}' objects is not writable", this.def.name, owner_type(&this.owner).tp_name()),
            )),
        }
    }

    #[slot]
    fn repr(_vm: &Vm, this: &Ref<GetSetDescriptor>) -> R {
        Ok(str::from_str(&format!("<attribute '{}' of '{}' objects>", this.def.name, owner_type(&this.owner).tp_name())))
    }

    #[getter(member)]
    fn __name__(_vm: &Vm, this: &Ref<GetSetDescriptor>) -> R {
        Ok(str::from_str(this.def.name))
    }

    #[getter]
    fn __qualname__(_vm: &Vm, this: &Ref<GetSetDescriptor>) -> R {
        Ok(qualname(&this.owner, this.def.name))
    }

    #[getter]
    fn __doc__(_vm: &Vm, this: &Ref<GetSetDescriptor>) -> R {
        Ok(opt_text(this.def.doc))
    }

    #[getter(member)]
    fn __objclass__(_vm: &Vm, this: &Ref<GetSetDescriptor>) -> R {
        Ok(this.owner.clone())
    }
}

/// The type of members of `__slots__`.
#[taipan_macros::class(name = "member_descriptor", module = "builtins", flags(GC, NO_NEW))]
impl MemberDescriptor {
    /// The offset of the member's word in instances of a type; `None` if native code keeps the member, or if the type's
    /// instances have no such word.
    pub(crate) fn word_of(&self, ty: &TypeObject) -> Option<u32> {
        (self.native.is_none() && ty.is_subtype_of(owner_type(&self.owner))).then_some(self.offset)
    }

    #[slot]
    fn descr_get(vm: &Vm, this: &Ref<MemberDescriptor>, obj: Option<&Value>, _cls: Option<&Value>) -> R {
        let Some(obj) = obj else { return Ok(this.value().clone()) };
        check_instance(vm, &this.owner, &vm.str_lossy(&this.name), obj)?;
        if let Some(def) = this.native {
            return (def.get)(vm, obj);
        }
        // SAFETY: instances of the owner have this word; it is zero or owned.
        unsafe {
            let word = crate::vm::extra_word(obj, this.offset);
            if *word != 0 {
                return Ok((*word.cast::<Value>()).clone());
            }
        }
        Err(vm.attribute_error(obj, &this.name, format!("'{}' object has no attribute '{}'", obj.ty().tp_name(), vm.str_lossy(&this.name))))
    }

    #[slot]
    fn descr_set(vm: &Vm, this: &Ref<MemberDescriptor>, obj: &Value, value: Option<&Value>) -> R<()> {
        check_instance(vm, &this.owner, &vm.str_lossy(&this.name), obj)?;
        if let Some(def) = this.native {
            return match def.set {
                Some(set) => set(vm, obj, value),
                None => Err(vm.raise_msg(&crate::types::exceptions::ATTRIBUTE_ERROR, "readonly attribute")),
            };
        }
        let new = value.map_or(0, |v| v.clone().into_raw());
        // SAFETY: as in `descr_get`.
        let old = unsafe { std::mem::replace(&mut *crate::vm::extra_word(obj, this.offset), new) };
        if old != 0 {
            // SAFETY: the word was owned by the slot.
            drop(unsafe { Value::from_raw(old) });
        } else if value.is_none() {
            return Err(vm.attribute_error(obj, &this.name, vm.str_lossy(&this.name)));
        }
        Ok(())
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<MemberDescriptor>) -> R {
        Ok(str::from_str(&format!("<member '{}' of '{}' objects>", vm.str_lossy(&this.name), owner_type(&this.owner).tp_name())))
    }

    #[getter(member)]
    fn __name__(_vm: &Vm, this: &Ref<MemberDescriptor>) -> R {
        Ok(this.name.clone())
    }

    #[getter]
    fn __qualname__(vm: &Vm, this: &Ref<MemberDescriptor>) -> R {
        Ok(qualname(&this.owner, &vm.str_lossy(&this.name)))
    }

    #[getter(member)]
    fn __objclass__(_vm: &Vm, this: &Ref<MemberDescriptor>) -> R {
        Ok(this.owner.clone())
    }

    #[getter]
    fn __doc__(_vm: &Vm, this: &Ref<MemberDescriptor>) -> R {
        Ok(this.native.map_or(Value::NONE, |d| opt_text(d.doc)))
    }

    #[method(sig = "()")]
    fn __reduce__(vm: &Vm, this: &Ref<MemberDescriptor>) -> R {
        reduce(vm, &this.owner, &vm.str_lossy(&this.name))
    }
}

impl SlotWrapper {
    /// `__name__`
    pub fn name(&self) -> &'static str {
        self.def.name
    }

    /// The slots that it stands for, where the class has them.
    pub fn owner_slots(&self, cls: &TypeObject) -> Option<&'static Slots> {
        let owner = owner_type(&self.owner);
        let def = owner.def?;
        cls.is_subtype_of(owner).then(|| def.place.get().slots())
    }

    /// Whether `object` owns it.
    pub fn owner_is_object(&self) -> bool {
        owner_type(&self.owner).is(crate::types::object::OBJECT.get())
    }
}

/// Raises TypeError for named arguments of a special method that takes none.
fn check_keywords(vm: &Vm, def: &SlotWrapperDef, args: Args<'_>) -> R<()> {
    if args.names.is_empty() || def.signature.contains("**") {
        return Ok(());
    }
    Err(vm.type_error(format!("wrapper {}() takes no keyword arguments", def.name)))
}

/// The type of native special methods.
#[taipan_macros::class(name = "wrapper_descriptor", module = "builtins", flags(GC, METHOD_DESCRIPTOR, NO_NEW))]
impl SlotWrapper {
    #[slot]
    fn call(vm: &Vm, this: &Ref<SlotWrapper>, args: Args<'_>) -> R {
        let owner = owner_type(&this.owner);
        let Some(v) = args.positional().first() else {
            return Err(vm.type_error(format!("descriptor '{}' of '{}' object needs an argument", this.def.name, owner.tp_name())));
        };
        if !v.ty().is_subtype_of(owner) {
            return Err(vm.type_error(format!(
                "descriptor '{}' requires a '{}' object but received a '{}'",
                this.def.name,
                owner.tp_name(),
                v.ty().tp_name()
            )));
        }
        check_keywords(vm, this.def, args)?;
        (this.def.call)(vm, slots_owner(owner), v, args.rest())
    }

    #[slot]
    fn descr_get(vm: &Vm, this: &Ref<SlotWrapper>, obj: Option<&Value>, _cls: Option<&Value>) -> R {
        let Some(obj) = obj else { return Ok(this.value().clone()) };
        check_instance(vm, &this.owner, this.def.name, obj)?;
        Ok(Ref::new(MethodWrapper { def: this.def, owner: this.owner.clone(), this: obj.clone() }).into_value())
    }

    #[slot]
    fn repr(_vm: &Vm, this: &Ref<SlotWrapper>) -> R {
        Ok(str::from_str(&format!("<slot wrapper '{}' of '{}' objects>", this.def.name, owner_type(&this.owner).tp_name())))
    }

    #[getter(member)]
    fn __name__(_vm: &Vm, this: &Ref<SlotWrapper>) -> R {
        Ok(str::from_str(this.def.name))
    }

    #[getter]
    fn __qualname__(_vm: &Vm, this: &Ref<SlotWrapper>) -> R {
        Ok(qualname(&this.owner, this.def.name))
    }

    #[getter]
    fn __doc__(_vm: &Vm, this: &Ref<SlotWrapper>) -> R {
        Ok(opt_text(this.def.doc))
    }

    #[getter(member)]
    fn __objclass__(_vm: &Vm, this: &Ref<SlotWrapper>) -> R {
        Ok(this.owner.clone())
    }

    #[getter]
    fn __text_signature__(_vm: &Vm, this: &Ref<SlotWrapper>) -> R {
        Ok(opt_text(this.def.signature))
    }

    #[method(sig = "()")]
    fn __reduce__(vm: &Vm, this: &Ref<SlotWrapper>) -> R {
        reduce(vm, &this.owner, this.def.name)
    }
}

/// The type of bound native special methods.
#[taipan_macros::class(name = "method-wrapper", module = "builtins", flags(GC, NO_NEW))]
impl MethodWrapper {
    #[slot]
    fn call(vm: &Vm, this: &Ref<MethodWrapper>, args: Args<'_>) -> R {
        check_keywords(vm, this.def, args)?;
        (this.def.call)(vm, slots_owner(owner_type(&this.owner)), &this.this, args)
    }

    #[slot]
    fn repr(_vm: &Vm, this: &Ref<MethodWrapper>) -> R {
        Ok(str::from_str(&format!("<method-wrapper '{}' of {} object at {:#x}>", this.def.name, this.this.ty().tp_name(), this.this.id())))
    }

    #[slot]
    fn richcompare(_vm: &Vm, this: &Ref<MethodWrapper>, other: &Value, op: CmpOp) -> R {
        let Some(o) = other.downcast_exact::<MethodWrapper>() else { return Ok(Value::NOT_IMPLEMENTED) };
        let same = std::ptr::eq(this.def, o.def) && this.this.is(&o.this);
        match op {
            CmpOp::Eq => Ok(Value::bool(same)),
            CmpOp::Ne => Ok(Value::bool(!same)),
            _ => Ok(Value::NOT_IMPLEMENTED),
        }
    }

    #[slot]
    fn hash(_vm: &Vm, this: &Ref<MethodWrapper>) -> R<i64> {
        Ok((std::ptr::from_ref(this.def).addr() as i64 >> 4) ^ (this.this.id() as i64 >> 3))
    }

    #[getter]
    fn __self__(_vm: &Vm, this: &Ref<MethodWrapper>) -> R {
        Ok(this.this.clone())
    }

    #[getter(member)]
    fn __name__(_vm: &Vm, this: &Ref<MethodWrapper>) -> R {
        Ok(str::from_str(this.def.name))
    }

    #[getter]
    fn __qualname__(_vm: &Vm, this: &Ref<MethodWrapper>) -> R {
        Ok(qualname(&this.owner, this.def.name))
    }

    #[getter]
    fn __doc__(_vm: &Vm, this: &Ref<MethodWrapper>) -> R {
        Ok(opt_text(this.def.doc))
    }

    #[getter(member)]
    fn __objclass__(_vm: &Vm, this: &Ref<MethodWrapper>) -> R {
        Ok(this.owner.clone())
    }

    #[getter]
    fn __text_signature__(_vm: &Vm, this: &Ref<MethodWrapper>) -> R {
        Ok(opt_text(this.def.signature))
    }

    #[method(sig = "()")]
    fn __reduce__(vm: &Vm, this: &Ref<MethodWrapper>) -> R {
        reduce(vm, &this.this, this.def.name)
    }
}
