//! The slots that `#[slot]` can fill: their parameters and results, as in the runtime's `Slots`.

use proc_macro2::TokenStream;
use quote::quote;

/// A parameter behind `vm`.
#[derive(Clone, Copy, PartialEq)]
pub enum P {
    /// The object; a wrapper may show it as `&Ref<T>`, because slots are only called for instances.
    This,
    /// Any value.
    Value,
    /// A value or nothing.
    Option,
    /// The class.
    Type,
    /// The arguments of the call.
    Args,
    /// A comparison.
    Cmp,
    /// An index or a count.
    Isize,
    /// Buffer flags.
    U32,
    /// What to do with a namespace.
    DictOp,
}

/// The result.
#[derive(Clone, Copy, PartialEq)]
pub enum Res {
    /// `R`, from any `IntoResult`.
    Value,
    /// `R<T>`, from `T` or `R<T>`.
    Of(&'static str),
    /// Nothing.
    Nothing,
    /// The namespace of the object, `Option<Ref<Dict>>`.
    Dict,
}

impl P {
    pub fn ty(self) -> TokenStream {
        match self {
            Self::This | Self::Value => quote!(&::taipan_runtime::core::Value),
            Self::Option => quote!(::core::option::Option<&::taipan_runtime::core::Value>),
            Self::Type => quote!(&::taipan_runtime::types::type_::TypeObject),
            Self::Args => quote!(::taipan_runtime::native::Args<'_>),
            Self::Cmp => quote!(::taipan_runtime::types::type_::CmpOp),
            Self::Isize => quote!(::core::primitive::isize),
            Self::U32 => quote!(::core::primitive::u32),
            Self::DictOp => quote!(::taipan_runtime::types::type_::DictOp),
        }
    }
}

impl Res {
    /// What is in `R<..>`.
    pub fn ty(self) -> TokenStream {
        match self {
            Self::Value => quote!(::taipan_runtime::core::Value),
            Self::Of("option") => quote!(::core::option::Option<::taipan_runtime::core::Value>),
            Self::Of("buffer") => quote!(::taipan_runtime::types::memoryview::Buffer),
            Self::Of("()") => quote!(()),
            Self::Of(t) => {
                // The path is spelled out because `str`, `bool` and `int` are often modules where classes are.
                let t = quote::format_ident!("{t}");
                quote!(::core::primitive::#t)
            }
            Self::Nothing => quote!(()),
            Self::Dict => quote! {
                ::core::option::Option<::taipan_runtime::core::Ref<::taipan_runtime::types::dict::Dict>>
            },
        }
    }
}

/// The parameters and the result of a slot.
pub fn slot(name: &str) -> Option<(&'static [P], Res)> {
    use P::*;
    Some(match name {
        "new" => (&[Type, Args], Res::Value),
        "init" => (&[This, Args], Res::Of("()")),
        "call" => (&[This, Args], Res::Value),
        "repr" | "str" | "iter" | "neg" | "pos" | "abs" | "invert" | "int" | "float" | "index" | "await_" | "aiter"
        | "anext" => (&[This], Res::Value),
        "hash" => (&[This], Res::Of("i64")),
        "getattro" | "getitem" | "concat" | "inplace_concat" => (&[This, Value], Res::Value),
        "setattro" | "setitem" | "descr_set" => (&[This, Value, Option], Res::Of("()")),
        "richcompare" => (&[This, Value, Cmp], Res::Value),
        "next" => (&[This], Res::Of("option")),
        "descr_get" => (&[This, Option, Option], Res::Value),
        "finalize" => (&[This], Res::Nothing),
        "binary" => (&[Value, Value], Res::Value),
        "inplace" => (&[This, Value], Res::Value),
        "pow3" => (&[Value, Value, Value], Res::Value),
        "bool" => (&[This], Res::Of("bool")),
        "len" => (&[This], Res::Of("usize")),
        "contains" => (&[This, Value], Res::Of("bool")),
        "item" | "repeat" | "inplace_repeat" => (&[This, Isize], Res::Value),
        "dict" => (&[This, DictOp], Res::Dict),
        "buffer" => (&[This, U32], Res::Of("buffer")),
        _ => return None,
    })
}
