//! How native code is declared and called: argument lists, signatures, definitions of functions,
//! classes and modules. The tables here are static; `#[module]`, `#[class]` and `#[function]` write them.

pub mod bind;
pub mod convert;

pub use bind::{Kwargs, Nullable, bind};
pub use convert::{At, CodePoint, FromArg, IntoResult};

use crate::core::{Layout, R, Ref, StaticType, Value};
use crate::types::module::Module;
use crate::types::type_::{Slots, TypeObject};
use crate::vm::Vm;

/// The arguments of a call: positional ones, then those named by `names` (vectorcall's form).
#[derive(Clone, Copy)]
pub struct Args<'a> {
    /// All values; the last `names.len()` of them are named.
    pub all: &'a [Value],
    /// Names of the last values, as str objects.
    pub names: &'a [Value],
}

impl<'a> Args<'a> {
    /// Only positional arguments.
    #[inline(always)]
    pub const fn pos(all: &'a [Value]) -> Self {
        Self { all, names: &[] }
    }

    /// The positional arguments.
    #[inline(always)]
    pub fn positional(&self) -> &'a [Value] {
        &self.all[..self.all.len() - self.names.len()]
    }

    /// The named arguments as (name, value).
    pub fn named(&self) -> impl Iterator<Item = (&'a Value, &'a Value)> + use<'a> {
        self.names.iter().zip(&self.all[self.all.len() - self.names.len()..])
    }

    /// Without the first positional argument.
    #[inline(always)]
    pub fn rest(&self) -> Args<'a> {
        Args { all: &self.all[1..], names: self.names }
    }
}

/// A native function: all values with their names; for methods the first is `self` (or the class).
pub type NativeFn = for<'a> fn(&Vm, Args<'a>) -> R;

/// How a parameter may be given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ParamKind {
    /// Before `/`.
    PosOnly,
    /// By position or name.
    Any,
    /// Behind `*`.
    KwOnly,
    /// `*args`
    VarPos,
    /// `**kwargs`
    VarKw,
}

/// One parameter.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// How it may be given.
    pub kind: ParamKind,
    /// Whether it may be left out.
    pub optional: bool,
}

/// The parameters of a native function, without `self`.
#[derive(Clone, Copy, Debug)]
pub struct Signature {
    /// In order; one array slot per parameter is filled by [`bind`].
    pub params: &'static [Param],
}

/// What kind of attribute a native function becomes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FnKind {
    /// A function of a module.
    Function,
    /// A method: `self` comes first.
    Method,
    /// A class method: the class comes first.
    Class,
    /// A static method.
    Static,
}

/// A native function or method.
pub struct FunctionDef {
    /// `__name__`
    pub name: &'static str,
    /// `__doc__`, without the signature line.
    pub doc: &'static str,
    /// `__text_signature__`, such as `($self, object, /)`; empty when there is none.
    pub text_signature: &'static str,
    /// What kind of attribute it becomes.
    pub kind: FnKind,
    /// The code.
    pub call: NativeFn,
}

/// A computed attribute of a native class.
pub struct GetSetDef {
    /// `__name__`
    pub name: &'static str,
    /// `__doc__`
    pub doc: &'static str,
    /// Reads it from the object.
    pub get: fn(&Vm, &Value) -> R,
    /// Writes it, or deletes it (`None`).
    pub set: Option<fn(&Vm, &Value, Option<&Value>) -> R<()>>,
    /// Whether it is a member (`member_descriptor`), as CPython has it for what stands in the C structure as it is.
    pub member: bool,
}

/// A native class, as data.
pub struct TypeDef {
    /// `__name__`
    pub name: &'static str,
    /// `__module__`
    pub module: &'static str,
    /// `__doc__`
    pub doc: &'static str,
    /// `__text_signature__`; empty when there is none.
    pub text_signature: &'static str,
    /// The type's place.
    pub place: &'static StaticType,
    /// `__base__`
    pub base: Option<&'static StaticType>,
    /// How the payload is handled.
    pub layout: Layout,
    /// [`crate::types::type_::tflag`] bits.
    pub flags: u32,
    /// The slots it defines itself.
    pub slots: Slots,
    /// Its methods.
    pub methods: &'static [FunctionDef],
    /// Its computed attributes.
    pub getsets: &'static [GetSetDef],
    /// Changes the type itself beyond what the table can express (its layout, its bases), when the image is built.
    pub shape: Option<fn(&TypeObject)>,
    /// Adds what no table can express (constants, aliases) to the type's namespace, once, when it is filled: at its
    /// first use.
    pub setup: Option<fn(&TypeObject)>,
}

/// A native module, as data.
pub struct ModuleDef {
    /// The name by which it is imported.
    pub name: &'static str,
    /// `__doc__`
    pub doc: &'static str,
    /// Its functions.
    pub functions: &'static [FunctionDef],
    /// The classes that it shows.
    pub types: &'static [&'static TypeDef],
    /// Adds the rest (constants, exceptions) when an interpreter imports it.
    pub exec: Option<fn(&Vm, &Ref<Module>) -> R<()>>,
}
