//! `#[class]`: the static table of a native type, from an impl block.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{Error, Expr, ImplItem, ItemImpl, LitStr, Result, Type};

use crate::attrs::{self, Opts};
use crate::members::Members;
use crate::{params, sig, wrapper};

/// The arguments of the attribute.
struct Head {
    name: String,
    module: TokenStream,
    base: TokenStream,
    place: Option<Expr>,
    flags: Vec<Ident>,
    sig: Option<LitStr>,
    layout: TokenStream,
    slots: TokenStream,
    callee: Option<LitStr>,
}

impl Head {
    fn read(mut opts: Opts, self_ty: &Type) -> Result<Self> {
        let payload = quote!(::taipan_runtime::core::Payload);
        let base = match opts.expr("base")? {
            None => quote!(::core::option::Option::Some(<::taipan_runtime::types::object::Object as #payload>::TYPE)),
            Some(Expr::Path(p)) if p.path.is_ident("None") => quote!(::core::option::Option::None),
            Some(t) => quote!(::core::option::Option::Some(<#t as #payload>::TYPE)),
        };
        let base = match opts.expr("base_place")? {
            None => base,
            Some(p) => quote!(::core::option::Option::Some(&#p)),
        };
        let head = Self {
            name: opts.text("name")?.map_or_else(|| params::last_name(self_ty), |n| n.value()),
            module: opts.expr("module")?.map_or_else(|| quote!("builtins"), ToTokens::into_token_stream),
            base,
            place: opts.expr("place")?,
            flags: opts.list("flags")?,
            sig: opts.text("sig")?,
            layout: match opts.expr("layout")? {
                Some(e) => e.into_token_stream(),
                None => quote!(::taipan_runtime::core::Layout::of::<#self_ty>()),
            },
            callee: opts.text("callee")?,
            slots: match opts.expr("slots")? {
                Some(e) => e.into_token_stream(),
                None => quote!(::taipan_runtime::types::type_::Slots::EMPTY),
            },
        };
        opts.finish()?;
        Ok(head)
    }

    fn text_signature(&self) -> Result<String> {
        let Some(t) = &self.sig else { return Ok(String::new()) };
        if t.value().contains('[') {
            // An optional group, `([x])`, which no default expresses: only shown.
            return Ok(t.value());
        }
        let python = sig::parse(&t.value()).map_err(|e| Error::new(t.span(), e))?;
        Ok(wrapper::text_signature("", Some(&python)))
    }
}

pub fn expand(opts: Opts, mut item: ItemImpl) -> Result<TokenStream> {
    if !item.generics.params.is_empty() || item.trait_.is_some() {
        return Err(Error::new(item.impl_token.span, "a class is an inherent impl of a type without parameters"));
    }
    let self_ty = (*item.self_ty).clone();
    let head = Head::read(opts, &self_ty)?;
    let text = head.text_signature()?;
    let Head { name, module, base, place, flags, sig, layout, slots: first_slots, callee } = head;
    let mut members = Members::new(name.clone(), callee.map_or_else(|| name.clone(), |c| c.value()), sig);
    for it in &mut item.items {
        if let ImplItem::Fn(f) = it {
            members.function(f)?;
        }
    }
    let getsets = members.getsets()?;
    let Members { wrappers, slots, methods, setup, shape, .. } = &members;
    let hook = |f: &Option<syn::Ident>| match f {
        Some(f) => quote!(::core::option::Option::Some(<#self_ty>::#f)),
        None => quote!(::core::option::Option::None),
    };
    let (setup, shape) = (hook(setup), hook(shape));
    let doc = attrs::docs(&item.attrs);
    let static_type = quote!(::taipan_runtime::core::StaticType);
    let (outer, inner, place) = match place {
        Some(p) => (
            quote! {
                /// The place of the type object.
                pub static #p: #static_type = #static_type::new();
            },
            TokenStream::new(),
            p.into_token_stream(),
        ),
        None => (
            TokenStream::new(),
            quote! { static PLACE: #static_type = #static_type::new(); },
            format_ident!("PLACE").into_token_stream(),
        ),
    };
    Ok(quote! {
        #item
        #outer

        const _: () = {
            #inner

            #[allow(missing_docs, non_snake_case, unsafe_code)]
            impl #self_ty { #(#wrappers)* }

            #[allow(non_camel_case_types)]
            type __Class = #self_ty;

            static DEF: ::taipan_runtime::native::TypeDef = ::taipan_runtime::native::TypeDef {
                name: #name,
                module: #module,
                doc: #doc,
                text_signature: #text,
                place: &#place,
                base: #base,
                layout: #layout,
                flags: 0 #(| ::taipan_runtime::types::type_::tflag::#flags)*,
                slots: {
                    #[allow(unused_mut)]
                    let mut slots = #first_slots;
                    #(#slots)*
                    slots
                },
                methods: &[#(#methods),*],
                getsets: &[#(#getsets),*],
                shape: #shape,
                setup: #setup,
            };

            impl ::taipan_runtime::core::Payload for #self_ty {
                const TYPE: &'static #static_type = &#place;
                const GC: bool = (0 #(| ::taipan_runtime::types::type_::tflag::#flags)*)
                    & ::taipan_runtime::types::type_::tflag::GC != 0;
            }

            impl #self_ty {
                /// The type as data.
                pub const DEF: &'static ::taipan_runtime::native::TypeDef = &DEF;
            }
        };
    })
}
