//! From Python values to the parameters of Rust functions, and from their results back.

use std::borrow::Cow;

use super::ParamKind;
use super::bind::Callee;
use crate::core::{Payload, R, Raised, Ref, Value};
use crate::types::str::Str;
use crate::types::type_::TypeObject;
use crate::vm::Vm;

/// Where an argument stands, for messages.
#[derive(Clone, Copy)]
pub struct At {
    callee: &'static Callee,
    index: u32,
    nullable: bool,
}

impl At {
    /// Parameter `index` of a function.
    #[inline(always)]
    pub const fn new(callee: &'static Callee, index: u32) -> Self {
        Self { callee, index, nullable: false }
    }

    /// `f() argument 1 must be str, not int`, or with the name of a parameter that has one.
    #[cold]
    #[inline(never)]
    pub fn bad(self, vm: &Vm, expected: &str, given: &Value) -> Raised {
        self.wrong(vm, &self.which(), expected, given)
    }

    /// Which argument it is: by the name of a parameter that has one, else by number.
    fn which(self) -> String {
        let params = self.callee.sig.params;
        match params.get(self.index as usize) {
            Some(p) if matches!(p.kind, ParamKind::Any | ParamKind::KwOnly) => format!(" '{}'", p.name),
            // A function of one argument does not count it, but a constructor does.
            Some(_) if params.len() > 1 || self.callee.constructor => format!(" {}", self.index + 1),
            _ => String::new(),
        }
    }

    /// `f() argument 1 must be str, not int`, also where there is only one.
    #[cold]
    pub fn bad_counted(self, vm: &Vm, expected: &str, given: &Value) -> Raised {
        self.wrong(vm, &format!(" {}", self.index + 1), expected, given)
    }

    fn wrong(self, vm: &Vm, which: &str, expected: &str, given: &Value) -> Raised {
        let or_none = if self.nullable { " or None" } else { "" };
        let given = if given.is_none() { "None".to_owned() } else { given.ty().tp_name() };
        vm.type_error(format!("{}() argument{which} must be {expected}{or_none}, not {given}", self.callee.name))
    }
}

/// A Rust type that a parameter of a native function can have.
pub trait FromArg<'a>: Sized {
    /// Makes it from the argument; `at` serves the message if that is impossible.
    fn from_arg(vm: &Vm, v: &'a Value, at: At) -> R<Self>;
}

impl<'a> FromArg<'a> for &'a Value {
    #[inline(always)]
    fn from_arg(_: &Vm, v: &'a Value, _: At) -> R<Self> {
        Ok(v)
    }
}

impl<'a> FromArg<'a> for Value {
    #[inline(always)]
    fn from_arg(_: &Vm, v: &'a Value, _: At) -> R<Self> {
        Ok(v.clone())
    }
}

/// `None` or a `T`.
pub struct Nullable<T>(pub Option<T>);

impl<'a, T: FromArg<'a>> FromArg<'a> for Nullable<T> {
    #[inline(always)]
    fn from_arg(vm: &Vm, v: &'a Value, at: At) -> R<Self> {
        if v.is_none() {
            return Ok(Self(None));
        }
        T::from_arg(vm, v, At { nullable: true, ..at }).map(|t| Self(Some(t)))
    }
}

impl<'a, T: Payload> FromArg<'a> for &'a Ref<T> {
    #[inline(always)]
    fn from_arg(vm: &Vm, v: &'a Value, at: At) -> R<Self> {
        v.downcast::<T>().ok_or_else(|| at.bad(vm, &T::TYPE.get().tp_name(), v))
    }
}

impl<'a, T: Payload> FromArg<'a> for Ref<T> {
    #[inline(always)]
    fn from_arg(vm: &Vm, v: &'a Value, at: At) -> R<Self> {
        <&Ref<T>>::from_arg(vm, v, at).cloned()
    }
}

impl<'a> FromArg<'a> for &'a TypeObject {
    #[inline(always)]
    fn from_arg(vm: &Vm, v: &'a Value, at: At) -> R<Self> {
        v.as_type().ok_or_else(|| at.bad(vm, "type", v))
    }
}

/// The text as UTF-8; parameters of type `&str` are made from it.
impl<'a> FromArg<'a> for Cow<'a, str> {
    #[inline]
    fn from_arg(vm: &Vm, v: &'a Value, at: At) -> R<Self> {
        match v.downcast::<Str>() {
            Some(s) => s.to_utf8(vm),
            None => Err(at.bad(vm, "str", v)),
        }
    }
}

impl<'a> FromArg<'a> for String {
    fn from_arg(vm: &Vm, v: &'a Value, at: At) -> R<Self> {
        Cow::from_arg(vm, v, at).map(Cow::into_owned)
    }
}

/// The one character of a str, which may be a lone surrogate.
pub struct CodePoint(pub u32);

impl<'a> FromArg<'a> for CodePoint {
    #[inline]
    fn from_arg(vm: &Vm, v: &'a Value, at: At) -> R<Self> {
        match v.downcast::<Str>() {
            Some(s) if s.len() == 1 => Ok(Self(s.char_at(0))),
            Some(s) => Err(vm.type_error(format!(
                "{}(): argument{} must be a unicode character, not a string of length {}",
                at.callee.name,
                at.which(),
                s.len()
            ))),
            None => Err(at.bad(vm, "a unicode character", v)),
        }
    }
}

impl<'a> FromArg<'a> for char {
    fn from_arg(vm: &Vm, v: &'a Value, at: At) -> R<Self> {
        let CodePoint(c) = CodePoint::from_arg(vm, v, at)?;
        match char::from_u32(c) {
            Some(c) => Ok(c),
            None => Err(at.bad(vm, "a unicode character", v)),
        }
    }
}

impl<'a> FromArg<'a> for bool {
    #[inline(always)]
    fn from_arg(vm: &Vm, v: &'a Value, _: At) -> R<Self> {
        match v.as_bool() {
            Some(b) => Ok(b),
            None => vm.truth(v),
        }
    }
}

impl<'a> FromArg<'a> for f64 {
    #[inline(always)]
    fn from_arg(vm: &Vm, v: &'a Value, _: At) -> R<Self> {
        match v.as_inline_float() {
            Some(x) => Ok(x),
            None => crate::types::float::to_f64(vm, v),
        }
    }
}

impl<'a> FromArg<'a> for i64 {
    #[inline(always)]
    fn from_arg(vm: &Vm, v: &'a Value, _: At) -> R<Self> {
        match v.as_small() {
            Some(n) => Ok(n),
            None => crate::types::int::to_i64(vm, v),
        }
    }
}

impl<'a> FromArg<'a> for isize {
    #[inline(always)]
    fn from_arg(vm: &Vm, v: &'a Value, _: At) -> R<Self> {
        match v.as_small() {
            Some(n) => Ok(n as isize),
            None => crate::types::int::to_isize(vm, v),
        }
    }
}

/// The smaller ints, with the messages for what is below and above their range.
macro_rules! small {
    ($($t:ty, $below:literal, $above:literal;)*) => {$(
        impl<'a> FromArg<'a> for $t {
            #[inline]
            fn from_arg(vm: &Vm, v: &'a Value, at: At) -> R<Self> {
                let n = i64::from_arg(vm, v, at)?;
                <$t>::try_from(n).map_err(|_| vm.overflow_error(if n < 0 { $below } else { $above }))
            }
        }
    )*};
}
small! {
    i8, "signed byte integer is less than minimum", "signed byte integer is greater than maximum";
    i16, "signed short integer is less than minimum", "signed short integer is greater than maximum";
    i32, "Python int too large to convert to C int", "Python int too large to convert to C int";
    u8, "unsigned byte integer is less than minimum", "unsigned byte integer is greater than maximum";
}

/// An int of up to 127 bits; what is larger becomes the largest.
fn wide(vm: &Vm, v: &Value) -> R<i128> {
    let n = crate::types::int::index(vm, v)?;
    let Some(n) = crate::types::int::get(&n) else { return Ok(0) };
    let end = if n.is_negative() { i128::MIN } else { i128::MAX };
    Ok(match n.to_i64() {
        Some(n) => n.into(),
        None => i128::try_from(n.to_big()).unwrap_or(end),
    })
}

/// The unsigned ints that refuse negative numbers with a ValueError.
macro_rules! unsigned {
    ($($t:ty, $above:literal;)*) => {$(
        impl<'a> FromArg<'a> for $t {
            #[inline]
            fn from_arg(vm: &Vm, v: &'a Value, _: At) -> R<Self> {
                // More than 63 bits matter only to the widest types; for others they are out of range anyway.
                let n: i128 = match v.as_small() {
                    Some(n) => n.into(),
                    None => wide(vm, v)?,
                };
                match <$t>::try_from(n) {
                    Ok(n) => Ok(n),
                    Err(_) if n < 0 => Err(vm.value_error("Cannot convert negative int")),
                    Err(_) => Err(vm.overflow_error($above)),
                }
            }
        }
    )*};
}
unsigned! {
    u16, "Python int too large for C unsigned short";
    u32, "Python int too large for C unsigned int";
    u64, "Python int too large for C unsigned long";
    usize, "Python int too large to convert to C size_t";
}

/// A Rust type that a native function can return.
pub trait IntoResult {
    /// As the result of a call.
    fn into_result(self, vm: &Vm) -> R;
}

impl IntoResult for () {
    #[inline(always)]
    fn into_result(self, _: &Vm) -> R {
        Ok(Value::NONE)
    }
}

impl<T: IntoResult> IntoResult for Option<T> {
    #[inline(always)]
    fn into_result(self, vm: &Vm) -> R {
        match self {
            Some(t) => t.into_result(vm),
            None => Ok(Value::NONE),
        }
    }
}

impl<T: IntoResult> IntoResult for Result<T, Raised> {
    #[inline(always)]
    fn into_result(self, vm: &Vm) -> R {
        self?.into_result(vm)
    }
}

impl<T: Payload> IntoResult for Ref<T> {
    #[inline(always)]
    fn into_result(self, _: &Vm) -> R {
        Ok(self.into_value())
    }
}

impl IntoResult for &str {
    fn into_result(self, _: &Vm) -> R {
        Ok(crate::types::str::from_str(self))
    }
}

impl IntoResult for String {
    fn into_result(self, _: &Vm) -> R {
        Ok(crate::types::str::from_str(&self))
    }
}

macro_rules! into {
    ($($t:ty)*) => {$(
        impl IntoResult for $t {
            #[inline(always)]
            fn into_result(self, _: &Vm) -> R {
                Ok(self.into())
            }
        }
    )*};
}
into!(Value bool f64 i8 i16 i32 i64 isize u8 u16 u32 u64 usize);

/// What a slot with a typed result may return: the result, or `R` of it.
pub trait IntoSlot<T> {
    /// As the slot's result.
    fn into_slot(self) -> R<T>;
}

impl<T> IntoSlot<T> for T {
    #[inline(always)]
    fn into_slot(self) -> R<T> {
        Ok(self)
    }
}

impl<T> IntoSlot<T> for R<T> {
    #[inline(always)]
    fn into_slot(self) -> R<T> {
        self
    }
}
