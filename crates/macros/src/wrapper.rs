//! The code that turns `Args` into the arguments of a Rust function.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Type, parse_quote};

use crate::params::{Bound, How, Shape};
use crate::sig::{Kind, PyParam};

/// `&[Param { .. }, ..]`
pub fn params_table(shape: &Shape) -> TokenStream {
    let Shape::Bound(bound) = shape else { return quote!(&[]) };
    let items = bound.iter().map(|b| {
        let (name, kind) = (&b.py.name, format_ident!("{}", format!("{:?}", b.py.kind)));
        let optional = !matches!(b.how, How::Required);
        quote! {
            ::taipan_runtime::native::Param {
                name: #name, kind: ::taipan_runtime::native::ParamKind::#kind, optional: #optional,
            }
        }
    });
    quote! { &[#(#items),*] }
}

/// The statements and the call `target(vm, leading.., arguments..)`. In scope: `vm`, `args` (without `self`)
/// and `callee: &'static Callee`.
pub fn call(shape: &Shape, target: &TokenStream, leading: &[TokenStream], annotate: bool) -> TokenStream {
    let Shape::Bound(bound) = shape else { return quote! { #target(vm, #(#leading,)* args) } };
    let (fetch, places) = fetch(bound);
    let positional = bound.iter().filter(|b| b.py.kind.positional()).count();
    let mut lets = TokenStream::new();
    let mut values = Vec::new();
    for (i, b) in bound.iter().enumerate() {
        let value = format_ident!("value{i}");
        let code = convert(b, i, places[i].as_ref(), positional, annotate);
        lets.extend(quote! { let #value = #code; });
        values.push(match text(b) {
            Some((_, pass)) => pass(value),
            None => quote!(#value),
        });
    }
    let none = bound
        .iter()
        .any(|b| matches!(b.how, How::NoneRef))
        .then(|| quote! { let none = ::taipan_runtime::core::Value::NONE; });
    quote! { #fetch #none #lets #target(vm, #(#leading,)* #(#values),*) }
}

/// Code that puts the given arguments into variables: `&Value` of required ones, `Option<&Value>` of others.
fn fetch(bound: &[Bound]) -> (TokenStream, Vec<Option<Ident>>) {
    let mut names = Vec::new();
    let (mut fast, mut slow, mut vars) = (TokenStream::new(), TokenStream::new(), Vec::new());
    let (mut required, mut max) = (0usize, 0usize);
    let mut keywords = false;
    let mut needs_names = false;
    let mut var_pos = false;
    for (i, b) in bound.iter().enumerate() {
        keywords |= matches!(b.py.kind, Kind::Any | Kind::KwOnly | Kind::VarKw);
        if matches!(b.py.kind, Kind::VarPos | Kind::VarKw) {
            var_pos |= b.py.kind == Kind::VarPos;
            names.push(None);
            continue;
        }
        let var = format_ident!("given{i}");
        let must = matches!(b.how, How::Required);
        if b.py.kind.positional() {
            fast.extend(match must {
                true => quote! { #var = &args.all[#max]; },
                false => quote! { #var = args.all.get(#max); },
            });
            max += 1;
            required += usize::from(must);
        } else {
            needs_names |= must;
            fast.extend(quote! { #var = ::core::option::Option::None; });
        }
        slow.extend(match must {
            true => quote! { #var = ::taipan_runtime::native::bind::given(bound[#i]); },
            false => quote! { #var = bound[#i]; },
        });
        vars.push(var.clone());
        names.push(Some(var));
    }
    let n = bound.len();
    let other = if keywords {
        quote! { let bound = ::taipan_runtime::native::bind::bind_array::<#n>(vm, callee, args)?; #slow }
    } else {
        quote! {
            return ::core::result::Result::Err(::taipan_runtime::native::bind::arity_error(vm, callee, args));
        }
    };
    let code = if needs_names {
        quote! { #(let #vars;)* #other }
    } else {
        let count = match (required, var_pos) {
            (0, true) => quote! {},
            (_, true) => quote! { && args.all.len() >= #required },
            (r, false) if r == max => quote! { && args.all.len() == #max },
            (0, false) => quote! { && args.all.len() <= #max },
            (_, false) => quote! { && args.all.len() >= #required && args.all.len() <= #max },
        };
        quote! { #(let #vars;)* if args.names.is_empty() #count { #fast } else { #other } }
    };
    (code, names)
}

/// The Rust value of parameter `i` from the variable `given`.
fn convert(b: &Bound, i: usize, given: Option<&Ident>, positional: usize, annotate: bool) -> TokenStream {
    let text = text(b);
    let ty = match (&text, &b.how) {
        (Some((ty, _)), _) => ty,
        (None, How::Option) => crate::params::inner(&b.ty).unwrap_or(&b.ty),
        _ => &b.ty,
    };
    // With named lifetimes the type can't be repeated outside of the function; inference finds it.
    let trait_ = match (&b.how, annotate) {
        (How::Required | How::Option | How::Nullable | How::Default(_), true) => {
            quote_spanned! { ty.span() => <#ty as ::taipan_runtime::native::FromArg<'_>> }
        }
        _ => quote! { ::taipan_runtime::native::FromArg },
    };
    let index = i as u32;
    let from = |v: TokenStream| {
        quote! { #trait_::from_arg(vm, #v, ::taipan_runtime::native::bind::At::new(callee, #index))? }
    };
    let given_value = from(quote!(v));
    let default = match (&b.how, &text) {
        (How::Default(e), Some(_)) => quote!(::std::borrow::Cow::Borrowed(#e)),
        (How::Default(e), None) => quote!(#e),
        _ => TokenStream::new(),
    };
    match &b.how {
        How::Required => from(quote!(#given)),
        How::Option => quote! {
            match #given {
                ::core::option::Option::Some(v) => ::core::option::Option::Some(#given_value),
                ::core::option::Option::None => ::core::option::Option::None,
            }
        },
        How::Nullable => quote! {
            match #given {
                ::core::option::Option::Some(v) => #given_value,
                ::core::option::Option::None => ::taipan_runtime::native::bind::Nullable(::core::option::Option::None),
            }
        },
        How::Default(_) => quote! {
            match #given {
                ::core::option::Option::Some(v) => #given_value,
                ::core::option::Option::None => #default,
            }
        },
        How::NoneRef => quote! { #given.unwrap_or(&none) },
        How::VarPos => quote! { ::taipan_runtime::native::bind::var_pos(args, #positional) },
        How::Kwargs => quote! { ::taipan_runtime::native::bind::Kwargs::new(args, callee) },
        How::KwDict => quote! { ::taipan_runtime::native::bind::Kwargs::new(args, callee).to_opt_dict(vm)? },
    }
}

/// For a parameter of type `&str` (or an `Option` of it) the type of the variable, and how it is passed: a str
/// object need not hold UTF-8, so the text may have to live in the wrapper.
fn text(b: &Bound) -> Option<(Type, fn(Ident) -> TokenStream)> {
    let cow: Type = parse_quote!(::std::borrow::Cow<'_, ::core::primitive::str>);
    let inner = crate::params::inner(&b.ty);
    if crate::params::ref_name(&b.ty) == "str" {
        return Some((cow, |v| quote!(&*#v)));
    }
    if crate::params::ref_name(inner?) != "str" {
        return None;
    }
    match (&b.how, crate::params::last_name(&b.ty).as_str()) {
        (How::Option, _) => Some((cow, |v| quote!(#v.as_deref()))),
        (_, "Nullable") => {
            let ty = parse_quote!(::taipan_runtime::native::bind::Nullable<#cow>);
            Some((ty, |v| quote!(::taipan_runtime::native::bind::Nullable(#v.0.as_deref()))))
        }
        _ => None,
    }
}

/// `&Callee { .. }`, whose owner is an expression.
pub fn callee(owner: &TokenStream, name: &str, shape: &Shape, constructor: bool) -> TokenStream {
    let params = params_table(shape);
    quote! {
        &::taipan_runtime::native::bind::Callee {
            owner: #owner,
            name: #name,
            sig: ::taipan_runtime::native::Signature { params: #params },
            constructor: #constructor,
        }
    }
}

/// The text signature; empty for raw functions that tell none.
pub fn text_signature(first: &str, python: Option<&[PyParam]>) -> String {
    python.map(|p| crate::sig::text(first, p)).unwrap_or_default()
}
