//! Pairs the Rust parameters of a function with the Python parameters of its signature.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::spanned::Spanned;
use syn::{Error, Expr, FnArg, Ident, LitStr, Pat, PatType, Result, Type};

use crate::attrs;
use crate::sig::{self, Kind, PyParam};

/// How the Rust value comes from the Python argument.
pub enum How {
    /// Must be given.
    Required,
    /// `Option<T>`: `None` when not given.
    Option,
    /// `Nullable<T>`: the same, and Python's `None` too.
    Nullable,
    /// A Rust expression when not given.
    Default(Expr),
    /// `&Value`: Python's `None` when not given.
    NoneRef,
    /// `&[Value]`: the other positional arguments.
    VarPos,
    /// `Kwargs`: the other named arguments.
    Kwargs,
    /// `Option<Ref<Dict>>`: the same as a dict.
    KwDict,
}

/// A Python parameter with its Rust parameter.
pub struct Bound {
    pub py: PyParam,
    pub ty: Type,
    pub how: How,
}

/// What a function does with its arguments.
pub enum Shape {
    /// Takes `Args` as they are.
    Raw,
    /// Takes bound arguments.
    Bound(Vec<Bound>),
}

/// The Rust parameters behind `vm` and `self`, with their `#[default]`s taken off.
pub struct RustParam {
    pub ident: Ident,
    pub ty: Type,
    pub default: Option<Expr>,
}

/// Reads all parameters of a function and takes their attributes off.
pub fn read(inputs: &mut syn::punctuated::Punctuated<FnArg, syn::Token![,]>) -> Result<Vec<RustParam>> {
    let mut out = Vec::new();
    for input in inputs {
        let FnArg::Typed(PatType { attrs, pat, ty, .. }) = input else {
            return Err(Error::new(input.span(), "native functions take the object as `this: &Ref<T>`, not as `self`"));
        };
        let default = match attrs::take(attrs, "default").first() {
            Some(a) => Some(a.parse_args()?),
            None => None,
        };
        let ident = match &**pat {
            Pat::Ident(p) => p.ident.clone(),
            Pat::Wild(w) => Ident::new("_", w.span()),
            p => return Err(Error::new(p.span(), "a parameter of a native function is a plain name")),
        };
        out.push(RustParam { ident, ty: (**ty).clone(), default });
    }
    Ok(out)
}

/// The last name of a path type: `Option` for `std::option::Option<T>`.
pub fn last_name(ty: &Type) -> String {
    match ty {
        Type::Path(p) => p.path.segments.last().map(|s| s.ident.to_string()).unwrap_or_default(),
        Type::Paren(p) => last_name(&p.elem),
        Type::Group(g) => last_name(&g.elem),
        _ => String::new(),
    }
}

/// For `&T` the name of `T`.
pub fn ref_name(ty: &Type) -> String {
    match ty {
        Type::Reference(r) => last_name(&r.elem),
        Type::Group(g) => ref_name(&g.elem),
        _ => String::new(),
    }
}

/// `T` of `Wrapper<T>`.
pub fn inner(ty: &Type) -> Option<&Type> {
    let Type::Path(p) = ty else { return None };
    let syn::PathArguments::AngleBracketed(args) = &p.path.segments.last()?.arguments else { return None };
    args.args.iter().find_map(|a| match a {
        syn::GenericArgument::Type(t) => Some(t),
        _ => None,
    })
}

fn is_slice(ty: &Type) -> bool {
    matches!(ty, Type::Reference(r) if matches!(*r.elem, Type::Slice(_)))
}

/// Pairs `rust` with the signature, or makes the signature from `rust`.
pub fn pair(rust: Vec<RustParam>, text: Option<&LitStr>) -> Result<(Shape, Option<Vec<PyParam>>)> {
    let python = match text {
        Some(t) => Some(sig::parse(&t.value()).map_err(|e| Error::new(t.span(), e))?),
        None => None,
    };
    if let [only] = &rust[..]
        && last_name(&only.ty) == "Args"
    {
        return Ok((Shape::Raw, python));
    }
    let python = match python {
        Some(p) => p,
        None => rust.iter().map(guess).collect(),
    };
    if python.len() != rust.len() {
        let message = format!("the signature has {} parameters, the Rust function {}", python.len(), rust.len());
        return match text {
            Some(t) => Err(Error::new(t.span(), message)),
            None => attrs::err(message),
        };
    }
    let bound: Vec<Bound> = python.iter().cloned().zip(rust).map(|(py, r)| bind(py, r)).collect::<Result<_>>()?;
    let mut optional = false;
    for b in bound.iter().filter(|b| b.py.kind.positional()) {
        if optional && matches!(b.how, How::Required) {
            return Err(Error::new(b.ty.span(), "a required parameter stands behind an optional one"));
        }
        optional |= !matches!(b.how, How::Required);
    }
    Ok((Shape::Bound(bound), Some(python)))
}

/// The Python parameter of a Rust parameter when there is no signature.
fn guess(r: &RustParam) -> PyParam {
    let name = attrs::param_name(&r.ident);
    let unknown = || Some("<unrepresentable>".to_owned());
    let (kind, default) = if is_slice(&r.ty) {
        (Kind::VarPos, None)
    } else if last_name(&r.ty) == "Kwargs" {
        (Kind::VarKw, None)
    } else if let Some(e) = &r.default {
        (Kind::PosOnly, attrs::literal_text(e).or_else(unknown))
    } else {
        let default = match last_name(&r.ty).as_str() {
            "Option" => unknown(),
            "Nullable" => Some("None".to_owned()),
            _ => None,
        };
        (Kind::PosOnly, default)
    };
    PyParam { name, kind, default }
}

fn bind(py: PyParam, r: RustParam) -> Result<Bound> {
    let ty = r.ty;
    let fail = |m: &str| Err(Error::new(ty.span(), format!("parameter `{}`: {m}", py.name)));
    let how = match (py.kind, last_name(&ty).as_str()) {
        (Kind::VarPos, _) if is_slice(&ty) => How::VarPos,
        (Kind::VarPos, _) => return fail("the type of `*args` is `&[Value]`"),
        (Kind::VarKw, "Kwargs") => How::Kwargs,
        (Kind::VarKw, "Option") => How::KwDict,
        (Kind::VarKw, _) => return fail("the type of `**kwargs` is `Kwargs<'_>` or `Option<Ref<Dict>>`"),
        (_, "Args") => return fail("`Args` must be the only parameter"),
        (_, name) => match (&py.default, r.default) {
            (None, Some(_)) => return fail("`#[default]` needs a default in the signature"),
            (None, None) if name == "Option" => return fail("`Option` needs a default in the signature"),
            (None, None) => How::Required,
            (Some(_), Some(e)) => How::Default(e),
            (Some(_), None) if name == "Option" => How::Option,
            (Some(_), None) if name == "Nullable" => How::Nullable,
            (Some(text), None) => match from_text(text, &ty) {
                Some(how) => how,
                None => return fail("its default needs the Rust type `Option<T>`, or `#[default(expr)]` before it"),
            },
        },
    };
    Ok(Bound { py, ty, how })
}

/// A default that means the same in Rust: numbers, bools, plain strings, and `None` for `&Value`.
fn from_text(text: &str, ty: &Type) -> Option<How> {
    let tokens: TokenStream = match (text, last_name(ty).as_str(), ref_name(ty).as_str()) {
        ("None", _, "Value") => return Some(How::NoneRef),
        ("None", "Value", _) => quote!(::taipan_runtime::core::Value::NONE),
        ("True", "bool", _) => quote!(true),
        ("False", "bool", _) => quote!(false),
        (_, "f64", _) => {
            let x: f64 = text.parse().ok()?;
            quote!(#x)
        }
        (_, "i8" | "i16" | "i32" | "i64" | "isize" | "u8" | "u16" | "u32" | "u64" | "usize", _) => {
            text.parse::<i128>().ok()?;
            text.parse().ok()?
        }
        (_, "Cow" | "String", _) | (_, _, "str") => {
            let q = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
            let inner = text.strip_prefix(q)?.strip_suffix(q)?;
            if inner.contains('\\') {
                return None;
            }
            match last_name(ty).as_str() {
                "Cow" => quote!(::std::borrow::Cow::Borrowed(#inner)),
                "String" => quote!(::std::string::String::from(#inner)),
                _ => inner.to_token_stream(),
            }
        }
        _ => return None,
    };
    syn::parse2(tokens).ok().map(How::Default)
}
