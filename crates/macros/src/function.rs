//! `#[function]`: a definition beside the function, which `module!` refers to.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;
use syn::{Error, Ident, ItemFn, LitStr, Path, Result};

use crate::attrs::{self, Opts};
use crate::{params, wrapper};

/// The hidden item beside function `name`.
pub fn def_ident(name: &Ident) -> Ident {
    format_ident!("__def_{}", name.unraw())
}

/// The hidden item of the function that a path names.
pub fn def_path(path: &Path) -> Path {
    let mut path = path.clone();
    if let Some(last) = path.segments.last_mut() {
        last.ident = def_ident(&last.ident);
    }
    path
}

pub fn expand(mut opts: Opts, mut item: ItemFn) -> Result<TokenStream> {
    let name_given = opts.text("name")?;
    let sig_given = opts.text("sig")?;
    opts.finish()?;
    let name = name_given.as_ref().map_or_else(|| attrs::python_name(&item.sig.ident), LitStr::value);
    let mut rust = params::read(&mut item.sig.inputs)?;
    if rust.is_empty() {
        return Err(Error::new(item.sig.ident.span(), "the first parameter is `vm: &Vm`"));
    }
    rust.remove(0);
    let (shape, python) = params::pair(rust, sig_given.as_ref())?;
    let text = wrapper::text_signature("$module", python.as_deref());
    let callee = wrapper::callee(&quote!(M::NAME), &name, &shape, false);
    let ident = &item.sig.ident;
    let call = wrapper::call(&shape, &ident.to_token_stream(), &[], item.sig.generics.params.is_empty());
    let (vis, def, docs, cfgs) = (&item.vis, def_ident(ident), attrs::docs(&item.attrs), attrs::cfgs(&item.attrs));
    // Generic in the module's name: the function does not know which module shows it, but messages do.
    Ok(quote! {
        #item

        #cfgs
        #[doc(hidden)]
        #[allow(non_camel_case_types, missing_docs)]
        #vis enum #def {}

        #cfgs
        #[allow(missing_docs)]
        impl #def {
            #[doc(hidden)]
            pub const fn def<M: ::taipan_runtime::native::bind::ModuleName>() -> ::taipan_runtime::native::FunctionDef {
                ::taipan_runtime::native::FunctionDef {
                    name: #name,
                    doc: #docs,
                    text_signature: #text,
                    kind: ::taipan_runtime::native::FnKind::Function,
                    call: Self::call::<M>,
                }
            }

            #[allow(unused_variables)]
            fn call<M: ::taipan_runtime::native::bind::ModuleName>(
                vm: &::taipan_runtime::vm::Vm,
                args: ::taipan_runtime::native::Args<'_>,
            ) -> ::taipan_runtime::core::R {
                #[allow(unused_variables)]
                let callee: &'static ::taipan_runtime::native::bind::Callee = const { #callee };
                ::taipan_runtime::native::IntoResult::into_result({ #call }, vm)
            }
        }
    })
}
