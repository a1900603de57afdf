//! A runtime that is just large enough for the expansions, around the real `native` folder.

#[path = "../../../runtime/src/native/mod.rs"]
pub mod native;

#[path = "../../../runtime/src/types/type_/slots.rs"]
pub mod slots;

#[path = "../../../runtime/src/types/exceptions/suggest.rs"]
pub mod suggest;

pub mod core {
    use std::any::Any;
    use std::cell::Cell;
    use std::marker::PhantomData;
    use std::rc::Rc;

    use crate::types::type_::TypeObject;

    /// A cell for whatever can be copied.
    pub struct PyCell<T>(std::cell::RefCell<T>);
    impl<T: Clone> PyCell<T> {
        pub fn get(&self) -> T {
            self.0.borrow().clone()
        }
        pub fn set(&self, t: T) {
            self.0.replace(t);
        }
        pub fn replace(&self, t: T) -> T {
            self.0.replace(t)
        }
    }
    impl<T> PyCell<Option<T>> {
        pub fn take(&self) -> Option<T> {
            self.0.take()
        }
    }

    #[derive(Debug)]
    pub struct Raised;
    pub type R<T = Value> = Result<T, Raised>;

    /// What tests look at.
    pub struct Object {
        ty: &'static TypeObject,
        payload: Box<dyn Any>,
    }

    #[derive(Clone)]
    pub enum Value {
        None,
        Bool(bool),
        Int(i64),
        Float(f64),
        Object(Rc<Object>),
    }

    impl Value {
        pub const NONE: Value = Value::None;

        pub fn is_none(&self) -> bool {
            matches!(self, Value::None)
        }
        pub fn as_bool(&self) -> Option<bool> {
            if let Value::Bool(b) = self { Some(*b) } else { None }
        }
        pub fn as_small(&self) -> Option<i64> {
            if let Value::Int(n) = self { Some(*n) } else { None }
        }
        pub fn as_inline_float(&self) -> Option<f64> {
            if let Value::Float(x) = self { Some(*x) } else { None }
        }
        pub fn ty(&self) -> &'static TypeObject {
            match self {
                Value::None => &crate::types::NONE,
                Value::Bool(_) => &crate::types::BOOL,
                Value::Int(_) => &crate::types::INT,
                Value::Float(_) => &crate::types::FLOAT,
                Value::Object(o) => o.ty,
            }
        }
        pub fn downcast<T: Payload>(&self) -> Option<&Ref<T>> {
            match self {
                // SAFETY: `Ref` is a transparent `Value`, and the payload was looked at.
                Value::Object(o) if o.payload.is::<T>() => Some(unsafe { self.downcast_unchecked() }),
                _ => None,
            }
        }
        /// # Safety
        /// The payload is a `T`.
        pub unsafe fn downcast_unchecked<T: Payload>(&self) -> &Ref<T> {
            // SAFETY: the caller.
            unsafe { &*std::ptr::from_ref(self).cast() }
        }
        pub fn as_type(&self) -> Option<&TypeObject> {
            match self {
                Value::Object(o) => o.payload.downcast_ref::<&'static TypeObject>().copied(),
                _ => None,
            }
        }
        pub fn of_type(ty: &'static TypeObject) -> Value {
            Value::Object(Rc::new(Object { ty: &crate::types::TYPE, payload: Box::new(ty) }))
        }
    }

    macro_rules! from {
        ($($t:ty => $kind:ident;)*) => {$(
            impl From<$t> for Value { fn from(n: $t) -> Value { Value::$kind(n as _) } }
        )*};
    }
    from! { bool => Bool; f64 => Float; i8 => Int; i16 => Int; i32 => Int; i64 => Int; isize => Int;
        u8 => Int; u16 => Int; u32 => Int; u64 => Int; usize => Int; }

    #[repr(transparent)]
    pub struct Ref<T>(Value, PhantomData<T>);

    impl<T> Clone for Ref<T> {
        fn clone(&self) -> Self {
            Self(self.0.clone(), PhantomData)
        }
    }
    impl<T: Payload> Ref<T> {
        pub fn new(t: T) -> Self {
            let ty = T::TYPE.get();
            Self(Value::Object(Rc::new(Object { ty, payload: Box::new(t) })), PhantomData)
        }
        pub fn into_value(self) -> Value {
            self.0
        }
    }
    impl<T: Payload> std::ops::Deref for Ref<T> {
        type Target = T;
        fn deref(&self) -> &T {
            match &self.0 {
                Value::Object(o) => o.payload.downcast_ref().unwrap(),
                _ => unreachable!(),
            }
        }
    }

    pub trait Payload: Trace + 'static {
        const TYPE: &'static StaticType;
        const GC: bool = true;
    }

    /// The cell makes it as mutable as the runtime's.
    pub struct StaticType(std::sync::OnceLock<TypeObject>, Cell<u8>);
    // SAFETY: tests never touch the cell.
    unsafe impl Sync for StaticType {}
    impl StaticType {
        #[allow(clippy::new_without_default)]
        pub const fn new() -> Self {
            Self(std::sync::OnceLock::new(), Cell::new(0))
        }
        pub fn get(&'static self) -> &'static TypeObject {
            self.0.get().unwrap()
        }
        pub fn init(&self, ty: TypeObject) {
            let _ = self.0.set(ty);
        }
    }

    #[derive(Clone, Copy)]
    pub struct Layout;
    impl Layout {
        pub const fn of<T>() -> Self {
            Self
        }
    }

    pub struct Tracer<'a>(pub &'a mut Vec<i64>);
    pub trait Trace {
        fn trace(&self, tracer: &mut Tracer<'_>);
        fn clear(&self, _out: &mut Vec<Value>) {}
    }
    pub trait Drain {
        fn drain(&mut self, out: &mut Vec<Value>);
    }
    impl Trace for Value {
        fn trace(&self, tracer: &mut Tracer<'_>) {
            tracer.0.push(self.as_small().unwrap_or(-1));
        }
        fn clear(&self, out: &mut Vec<Value>) {
            out.push(self.clone());
        }
    }
    impl Drain for Value {
        fn drain(&mut self, out: &mut Vec<Value>) {
            out.push(std::mem::replace(self, Value::NONE));
        }
    }
    impl<T: Trace> Trace for Vec<T> {
        fn trace(&self, tracer: &mut Tracer<'_>) {
            self.iter().for_each(|t| t.trace(tracer));
        }
    }
    impl Trace for Cell<i64> {
        fn trace(&self, _: &mut Tracer<'_>) {}
    }
}

pub mod types {
    use self::type_::TypeObject;

    pub static NONE: TypeObject = TypeObject::new("NoneType");
    pub static BOOL: TypeObject = TypeObject::new("bool");
    pub static INT: TypeObject = TypeObject::new("int");
    pub static FLOAT: TypeObject = TypeObject::new("float");
    pub static TYPE: TypeObject = TypeObject::new("type");

    pub mod type_ {
        pub use crate::stub::slots::{BINOPS, BinOp, CmpOp, Slots};

        pub mod tflag {
            pub const BASETYPE: u32 = 1;
            pub const GC: u32 = 2;
        }

        pub struct TypeObject {
            pub name: &'static str,
            pub slots: Slots,
        }
        impl TypeObject {
            pub const fn new(name: &'static str) -> Self {
                Self { name, slots: Slots::EMPTY }
            }
            pub fn tp_name(&self) -> String {
                self.name.to_owned()
            }
            pub fn is_subtype_of(&self, other: &TypeObject) -> bool {
                std::ptr::eq(self, other)
            }
            pub fn slots(&self) -> &Slots {
                &self.slots
            }
        }
    }

    macro_rules! payload {
        ($name:ident) => {
            impl crate::core::Trace for $name {
                fn trace(&self, _: &mut crate::core::Tracer<'_>) {}
            }
            impl crate::core::Payload for $name {
                const TYPE: &'static crate::core::StaticType = {
                    static PLACE: crate::core::StaticType = crate::core::StaticType::new();
                    &PLACE
                };
            }
        };
    }

    pub mod str {
        use std::borrow::Cow;

        use crate::core::{Payload, R, Ref, Value};
        pub struct Str(pub String);
        payload!(Str);
        impl Str {
            pub fn as_ascii(&self) -> Option<&::core::primitive::str> {
                Some(&self.0)
            }
            pub fn len(&self) -> usize {
                self.0.chars().count()
            }
            pub fn char_at(&self, i: usize) -> u32 {
                self.0.chars().nth(i).map_or(0, u32::from)
            }
            pub fn to_string_lossy(&self) -> String {
                self.0.clone()
            }
            pub fn to_utf8(&self, _: &crate::vm::Vm) -> R<Cow<'_, ::core::primitive::str>> {
                Ok(Cow::Borrowed(&self.0))
            }
        }
        pub fn from_str(s: &::core::primitive::str) -> Value {
            Str::TYPE.init(super::type_::TypeObject::new("str"));
            Ref::new(Str(s.to_owned())).into_value()
        }
    }

    pub mod int {
        use crate::core::{R, Value};
        use crate::vm::Vm;
        #[derive(Clone, Copy)]
        pub struct IntRef(i64);
        impl IntRef {
            pub fn is_negative(self) -> bool {
                self.0 < 0
            }
            pub fn to_i64(self) -> Option<i64> {
                Some(self.0)
            }
            pub fn to_big(self) -> i64 {
                self.0
            }
        }
        pub fn get(v: &Value) -> Option<IntRef> {
            v.as_small().or_else(|| v.as_bool().map(i64::from)).map(IntRef)
        }
        pub fn index(vm: &Vm, v: &Value) -> R {
            match get(v) {
                Some(n) => Ok(Value::Int(n.0)),
                None => {
                    Err(vm.type_error(format!("'{}' object cannot be interpreted as an integer", v.ty().tp_name())))
                }
            }
        }
        pub fn to_i64(vm: &Vm, v: &Value) -> R<i64> {
            Ok(index(vm, v)?.as_small().unwrap())
        }
        pub fn to_isize(vm: &Vm, v: &Value) -> R<isize> {
            Ok(to_i64(vm, v)? as isize)
        }
    }

    pub mod float {
        use crate::core::{R, Value};
        use crate::vm::Vm;
        pub fn to_f64(vm: &Vm, v: &Value) -> R<f64> {
            match v.as_small() {
                Some(n) => Ok(n as f64),
                None => Err(vm.type_error(format!("must be real number, not {}", v.ty().tp_name()))),
            }
        }
    }

    pub mod dict {
        use std::cell::RefCell;

        use crate::core::{R, Value};
        pub struct Dict(pub RefCell<Vec<(Value, Value)>>);
        payload!(Dict);
        impl Dict {
            #[allow(clippy::new_without_default)]
            pub fn new() -> Self {
                use crate::core::Payload;
                Self::TYPE.init(super::type_::TypeObject::new("dict"));
                Self(RefCell::default())
            }
            pub fn set(&self, _: &crate::vm::Vm, k: Value, v: Value) -> R<()> {
                self.0.borrow_mut().push((k, v));
                Ok(())
            }
        }
    }

    pub mod exceptions {
        pub use crate::stub::suggest;
    }

    pub mod module {
        pub struct Module;
        payload!(Module);
    }
    pub mod object {
        pub struct Object;
        payload!(Object);
    }
    pub mod memoryview {
        pub struct Buffer;
    }
}

pub mod vm {
    use std::cell::RefCell;

    use crate::core::{R, Raised, Value};

    #[derive(Default)]
    pub struct Vm(pub RefCell<String>);
    impl Vm {
        fn raise(&self, kind: &str, text: String) -> Raised {
            *self.0.borrow_mut() = format!("{kind}: {text}");
            Raised
        }
        pub fn type_error(&self, text: impl Into<String>) -> Raised {
            self.raise("TypeError", text.into())
        }
        pub fn value_error(&self, text: impl Into<String>) -> Raised {
            self.raise("ValueError", text.into())
        }
        pub fn overflow_error(&self, text: impl Into<String>) -> Raised {
            self.raise("OverflowError", text.into())
        }
        pub fn truth(&self, v: &Value) -> R<bool> {
            Ok(!v.is_none())
        }
    }
}
