//! `#[derive(Trace)]` and `#[derive(Drain)]`: a call for every field, so that none is forgotten.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Error, Fields, Result, parse_quote};

/// Which of the two traits is derived.
#[derive(Clone, Copy, PartialEq)]
pub enum Which {
    Trace,
    Drain,
}

pub fn derive(input: DeriveInput, which: Which) -> Result<TokenStream> {
    let path = match which {
        Which::Trace => quote!(::taipan_runtime::core::Trace),
        Which::Drain => quote!(::taipan_runtime::core::Drain),
    };
    let method = |name: &str, arg: &str| -> Result<TokenStream> {
        let (f, a) = (format_ident!("{name}"), format_ident!("{arg}"));
        arms(&input, |field, ty| quote_spanned! { ty.span() => #path::#f(#field, #a); })
    };
    let body = match which {
        Which::Trace => {
            let (trace, clear) = (method("trace", "tracer")?, method("clear", "out")?);
            quote! {
                #[allow(unused_variables)]
                fn trace(&self, tracer: &mut ::taipan_runtime::core::Tracer<'_>) { #trace }
                #[allow(unused_variables)]
                fn clear(&self, out: &mut ::std::vec::Vec<::taipan_runtime::core::Value>) { #clear }
            }
        }
        Which::Drain => {
            let drain = method("drain", "out")?;
            quote! {
                #[allow(unused_variables)]
                fn drain(&mut self, out: &mut ::std::vec::Vec<::taipan_runtime::core::Value>) { #drain }
            }
        }
    };
    let (name, mut generics) = (&input.ident, input.generics.clone());
    for t in generics.type_params_mut() {
        t.bounds.push(parse_quote!(#path));
    }
    let (imp, args, wher) = generics.split_for_impl();
    Ok(quote! {
        #[automatically_derived]
        impl #imp #path for #name #args #wher { #body }
    })
}

/// `match self { Variant { 0: f0, .. } => ..., }` with `call` for every field that is traced.
fn arms(input: &DeriveInput, call: impl Fn(&syn::Ident, &syn::Type) -> TokenStream) -> Result<TokenStream> {
    let arm = |path: TokenStream, fields: &Fields| {
        let (mut pats, mut calls) = (Vec::new(), Vec::new());
        for (member, (i, f)) in fields.members().zip(fields.iter().enumerate()) {
            if !f.attrs.iter().any(|a| a.path().is_ident("no_trace")) {
                let bind = format_ident!("field{i}");
                calls.push(call(&bind, &f.ty));
                pats.push(quote!(#member: #bind,));
            }
        }
        quote! { #path { #(#pats)* .. } => { #(#calls)* } }
    };
    match &input.data {
        Data::Struct(s) => {
            let arm = arm(quote!(Self), &s.fields);
            Ok(quote! { match self { #arm } })
        }
        Data::Enum(e) if e.variants.is_empty() => Ok(quote! { match *self {} }),
        Data::Enum(e) => {
            let arms = e.variants.iter().map(|v| {
                let name = &v.ident;
                arm(quote!(Self::#name), &v.fields)
            });
            Ok(quote! { match self { #(#arms)* } })
        }
        Data::Union(_) => Err(Error::new(input.ident.span(), "a union's references can't be known")),
    }
}
