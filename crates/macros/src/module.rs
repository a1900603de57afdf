//! `module!` and `#[module]`: the static table of a module.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Error, Expr, Item, ItemMod, Path, Result, parse_quote};

use crate::attrs::{self, Opts};
use crate::function;

/// A path with `cfg` attributes.
struct Entry {
    cfgs: TokenStream,
    path: Path,
}

impl Parse for Entry {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        Ok(Self { cfgs: attrs::cfgs(&attrs), path: input.parse()? })
    }
}

/// What the table is made of.
struct Table {
    name: Expr,
    doc: TokenStream,
    functions: Vec<Entry>,
    types: Vec<Entry>,
    exec: Option<Expr>,
}

impl Table {
    /// `pub static MODULE`
    fn emit(&self) -> TokenStream {
        let Self { name, doc, .. } = self;
        let functions = self.functions.iter().map(|e| {
            let (cfgs, def) = (&e.cfgs, function::def_path(&e.path));
            quote! { #cfgs #def::def::<Name>() }
        });
        let types = self.types.iter().map(|e| {
            let (cfgs, path) = (&e.cfgs, &e.path);
            quote! { #cfgs <#path>::DEF }
        });
        let exec = match &self.exec {
            Some(e) => quote!(::core::option::Option::Some(#e)),
            None => quote!(::core::option::Option::None),
        };
        quote! {
            /// The module's definition.
            pub static MODULE: ::taipan_runtime::native::ModuleDef = {
                enum Name {}
                impl ::taipan_runtime::native::bind::ModuleName for Name {
                    const NAME: &'static ::core::primitive::str = #name;
                }
                const FUNCTIONS: &[::taipan_runtime::native::FunctionDef] = &[#(#functions),*];
                ::taipan_runtime::native::ModuleDef {
                    name: #name,
                    doc: #doc,
                    functions: FUNCTIONS,
                    types: &[#(#types),*],
                    exec: #exec,
                }
            };
        }
    }
}

/// `module! { name = "..", doc = "..", functions(..), types(..), exec = f }`
pub fn file_level(input: TokenStream) -> Result<TokenStream> {
    let (docs, mut opts) = syn::parse::Parser::parse2(
        |input: ParseStream<'_>| Ok((input.call(Attribute::parse_outer)?, input.parse::<Opts>()?)),
        input,
    )?;
    let Some(name) = opts.expr("name")? else { return attrs::err("`name = \"...\"` is missing") };
    let doc = match opts.expr("doc")? {
        Some(e) => e.to_token_stream(),
        None => attrs::docs(&docs).to_token_stream(),
    };
    let table =
        Table { name, doc, functions: opts.list("functions")?, types: opts.list("types")?, exec: opts.expr("exec")? };
    opts.finish()?;
    Ok(table.emit())
}

/// `#[module(name = "..", types(..))] pub mod x { .. }`
pub fn inline(mut opts: Opts, mut item: ItemMod) -> Result<TokenStream> {
    let Some((_, items)) = &mut item.content else {
        return Err(Error::new(item.ident.span(), "an attribute can't see into a file: use `module!` in the file"));
    };
    let name = match opts.expr("name")? {
        Some(e) => e,
        None => {
            let name = attrs::python_name(&item.ident);
            parse_quote!(#name)
        }
    };
    let types = opts.list("types")?;
    opts.finish()?;
    let (mut functions, mut exec, mut out) = (Vec::new(), None, Vec::new());
    for it in items.drain(..) {
        let Item::Fn(mut f) = it else {
            out.push(it.into_token_stream());
            continue;
        };
        if !attrs::take(&mut f.attrs, "exec").is_empty() {
            let ident = &f.sig.ident;
            exec = Some(parse_quote!(#ident));
        }
        let found = attrs::take(&mut f.attrs, "function");
        let Some(attr) = found.first() else {
            out.push(f.into_token_stream());
            continue;
        };
        functions.push(Entry { cfgs: attrs::cfgs(&f.attrs), path: f.sig.ident.clone().into() });
        out.push(function::expand(Opts::of(attr)?, f)?);
    }
    let doc = attrs::docs(&item.attrs).to_token_stream();
    let table = Table { name, doc, functions, types, exec }.emit();
    let ItemMod { attrs, vis, ident, .. } = item;
    Ok(quote! {
        #(#attrs)*
        #vis mod #ident {
            #(#out)*
            #table
        }
    })
}
