//! The functions of a `#[class]` block: slots, methods, computed attributes.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::{Error, ImplItemFn, LitStr, Result, Type, parse_quote};

use crate::attrs::{self, Opts};
use crate::params::{self, RustParam};
use crate::slots::{self, P, Res};
use crate::wrapper;

const MARKS: [&str; 8] = ["slot", "method", "classmethod", "staticmethod", "getter", "setter", "setup", "shape"];

/// What the functions have become.
pub struct Members {
    /// `__name__` of the class.
    name: String,
    /// How messages name the constructor.
    callee: String,
    /// The signature of the constructor.
    sig: Option<LitStr>,
    /// Associated functions with the runtime's types.
    pub wrappers: Vec<TokenStream>,
    /// Statements that fill the variable `slots`.
    pub slots: Vec<TokenStream>,
    /// `FunctionDef`s.
    pub methods: Vec<TokenStream>,
    getters: Vec<Getter>,
    setters: Vec<(Ident, String, Ident)>,
    pub setup: Option<Ident>,
    pub shape: Option<Ident>,
}

struct Getter {
    name: String,
    doc: String,
    cfgs: TokenStream,
    get: Ident,
    member: bool,
}

/// A function of the block, read.
struct Function {
    ident: Ident,
    docs: String,
    cfgs: TokenStream,
    /// Whether its types can be repeated elsewhere.
    plain: bool,
    /// The parameters behind `vm`.
    params: Vec<RustParam>,
}

impl Function {
    fn target(&self) -> TokenStream {
        let ident = &self.ident;
        quote!(Self::#ident)
    }

    fn fail<T>(&self, message: impl std::fmt::Display) -> Result<T> {
        Err(Error::new(self.ident.span(), message))
    }

    /// Takes the parameter that holds the object or the class.
    fn take_this(&mut self, what: &str) -> Result<Type> {
        if self.params.is_empty() {
            return self.fail(format!("the parameter `{what}` is missing behind `vm`"));
        }
        Ok(self.params.remove(0).ty)
    }
}

impl Members {
    pub fn new(name: String, callee: String, sig: Option<LitStr>) -> Self {
        Self {
            name,
            callee,
            sig,
            wrappers: Vec::new(),
            slots: Vec::new(),
            methods: Vec::new(),
            getters: Vec::new(),
            setters: Vec::new(),
            setup: None,
            shape: None,
        }
    }

    /// Takes the marks off a function and does what they say.
    pub fn function(&mut self, f: &mut ImplItemFn) -> Result<()> {
        let marks: Vec<_> =
            f.attrs.extract_if(.., |a| MARKS.iter().any(|m| a.path().is_ident(m))).collect();
        if marks.is_empty() {
            return Ok(());
        }
        // Python's names decide: `set___name__`.
        f.attrs.push(parse_quote!(#[allow(non_snake_case, clippy::new_ret_no_self)]));
        if marks[0].path().is_ident("setup") {
            self.setup = Some(f.sig.ident.clone());
            return Ok(());
        }
        if marks[0].path().is_ident("shape") {
            self.shape = Some(f.sig.ident.clone());
            return Ok(());
        }
        let mut inputs = params::read(&mut f.sig.inputs)?;
        if inputs.is_empty() {
            return Err(Error::new(f.sig.ident.span(), "the first parameter is `vm: &Vm`"));
        }
        inputs.remove(0);
        for mark in &marks {
            let copy = inputs
                .iter()
                .map(|p| RustParam { ident: p.ident.clone(), ty: p.ty.clone(), default: p.default.clone() })
                .collect();
            let function = Function {
                ident: f.sig.ident.clone(),
                docs: attrs::docs(&f.attrs),
                cfgs: attrs::cfgs(&f.attrs),
                plain: f.sig.generics.params.is_empty(),
                params: copy,
            };
            let opts = Opts::of(mark)?;
            match mark.path().require_ident()?.to_string().as_str() {
                "slot" => self.slot(opts, function)?,
                "getter" => self.getter(opts, function)?,
                "setter" => self.setter(opts, function)?,
                kind => self.method(kind, opts, function)?,
            }
        }
        Ok(())
    }

    /// A name for a wrapper that no other wrapper has.
    fn wrapper_name(&self, f: &Function) -> Ident {
        format_ident!("__native{}_{}", self.wrappers.len(), f.ident.unraw())
    }

    fn slot(&mut self, mut opts: Opts, f: Function) -> Result<()> {
        let (binary, inplace) = (opts.expr("binary")?, opts.expr("inplace")?);
        let own_sig = opts.text("sig")?;
        let word = opts.word();
        opts.finish()?;
        let (slot, place) = match (&binary, &inplace) {
            (Some(op), _) => ("binary".to_owned(), index("binary", op)),
            (_, Some(op)) => ("inplace".to_owned(), index("inplace", op)),
            _ => {
                let ident = word.unwrap_or_else(|| f.ident.unraw());
                (ident.to_string(), quote!(#ident))
            }
        };
        let Some((kinds, result)) = slots::slot(&slot) else { return f.fail(format!("there is no slot `{slot}`")) };
        let raw = f.params.len() == kinds.len()
            && (kinds.last() != Some(&P::Args) || f.params.last().is_some_and(|p| params::last_name(&p.ty) == "Args"));
        let vars: Vec<Ident> = (0..kinds.len()).map(|i| format_ident!("arg{i}")).collect();
        let mut given = Vec::new();
        for ((kind, var), p) in kinds.iter().zip(&vars).zip(&f.params) {
            given.push(match (kind, params::ref_name(&p.ty).as_str()) {
                // SAFETY (of the emitted code): a slot is only called for instances of the type.
                (P::This, "Ref") => quote! { unsafe { #var.downcast_unchecked() } },
                (P::This, "TypeObject") => quote! { unsafe { #var.as_type_unchecked() } },
                _ => quote!(#var),
            });
        }
        let target = f.target();
        let body = if raw {
            quote! { #target(vm, #(#given),*) }
        } else if kinds.last() == Some(&P::Args) {
            self.bound_slot(&slot, own_sig, &f, &given[..1.min(given.len())])?
        } else {
            return f.fail(format!("slot `{slot}` has {} parameters behind `vm`", kinds.len()));
        };
        let (name, cfgs, types, ok) = (self.wrapper_name(&f), &f.cfgs, kinds.iter().map(|k| k.ty()), result.ty());
        let (ret, body) = match result {
            Res::Value => (
                quote!(::taipan_runtime::core::R),
                quote! { ::taipan_runtime::native::IntoResult::into_result({ #body }, vm) },
            ),
            Res::Of(_) => (
                quote!(::taipan_runtime::core::R<#ok>),
                quote! { ::taipan_runtime::native::convert::IntoSlot::<#ok>::into_slot({ #body }) },
            ),
            Res::Nothing | Res::Dict => (ok, body),
        };
        self.wrappers.push(quote! {
            #cfgs
            #[doc(hidden)]
            fn #name(vm: &::taipan_runtime::vm::Vm, #(#vars: #types),*) -> #ret { #body }
        });
        self.slots.push(quote! {
            #cfgs
            { slots.#place = ::core::option::Option::Some(<__Class>::#name); }
        });
        Ok(())
    }

    /// `new`, `init` or `call` with Python parameters instead of `Args`.
    fn bound_slot(
        &self,
        slot: &str,
        sig: Option<LitStr>,
        f: &Function,
        leading: &[TokenStream],
    ) -> Result<TokenStream> {
        if f.params.is_empty() {
            return f.fail("the parameter `this` or `cls` is missing behind `vm`");
        }
        let sig = if slot == "call" { sig } else { sig.or_else(|| self.sig.clone()) };
        let rest = f.params[1..]
            .iter()
            .map(|p| RustParam { ident: p.ident.clone(), ty: p.ty.clone(), default: p.default.clone() })
            .collect();
        let (shape, _) = params::pair(rest, sig.as_ref())?;
        let callee = wrapper::callee(&quote!(""), &self.callee, &shape, true);
        let args = match slot {
            "new" => quote! { ::taipan_runtime::native::bind::new_args(arg0, Self::DEF, callee, arg1) },
            "init" => quote! { ::taipan_runtime::native::bind::init_args(arg0.ty(), Self::DEF, callee, arg1) },
            _ => quote!(arg1),
        };
        let call = wrapper::call(&shape, &f.target(), leading, f.plain);
        Ok(quote! {
            const CALLEE: &::taipan_runtime::native::bind::Callee = #callee;
            let callee = CALLEE;
            #[allow(unused_variables)]
            let args = #args;
            #call
        })
    }

    fn method(&mut self, kind: &str, mut opts: Opts, mut f: Function) -> Result<()> {
        let (name, sig) = (opts.text("name")?, opts.text("sig")?);
        opts.finish()?;
        let name = name.map_or_else(|| attrs::python_name(&f.ident), |n| n.value());
        let bind = quote!(::taipan_runtime::native::bind);
        let (fn_kind, first, this) = match kind {
            "method" => {
                let get = match params::ref_name(&f.take_this("this")?).as_str() {
                    "Ref" => quote!(#bind::self_ref(vm, args, callee, Self::DEF)?),
                    "TypeObject" => quote!(#bind::self_type(vm, args, callee, Self::DEF)?),
                    "Value" => quote!(#bind::self_value(vm, args, callee, Self::DEF)?),
                    _ => return f.fail("the object is `this: &Ref<T>` or `this: &Value`"),
                };
                (quote!(Method), "$self", Some(get))
            }
            "classmethod" => {
                let get = match params::ref_name(&f.take_this("cls")?).as_str() {
                    "TypeObject" => quote!(#bind::class_type(vm, args, callee, Self::DEF)?),
                    "Value" => quote!(#bind::class_type(vm, args, callee, Self::DEF).map(|_| &args.all[0])?),
                    _ => return f.fail("the class is `cls: &TypeObject` or `cls: &Value`"),
                };
                (quote!(Class), "$type", Some(get))
            }
            _ => (quote!(Static), "", None),
        };
        let rust = std::mem::take(&mut f.params);
        let (shape, python) = params::pair(rust, sig.as_ref())?;
        let text = wrapper::text_signature(first, python.as_deref());
        let class = &self.name;
        let callee = wrapper::callee(&quote!(#class), &name, &shape, false);
        let leading: Vec<TokenStream> = this.iter().map(|_| quote!(this)).collect();
        let call = wrapper::call(&shape, &f.target(), &leading, f.plain);
        let this = this.map(|get| quote! { let this = #get; let args = args.rest(); });
        let (wrapper_name, cfgs, docs) = (self.wrapper_name(&f), &f.cfgs, &f.docs);
        self.wrappers.push(quote! {
            #cfgs
            #[doc(hidden)]
            fn #wrapper_name(
                vm: &::taipan_runtime::vm::Vm,
                args: ::taipan_runtime::native::Args<'_>,
            ) -> ::taipan_runtime::core::R {
                const CALLEE: &::taipan_runtime::native::bind::Callee = #callee;
                #[allow(unused_variables)]
                let callee = CALLEE;
                #this
                ::taipan_runtime::native::IntoResult::into_result({ #call }, vm)
            }
        });
        self.methods.push(quote! {
            #cfgs
            ::taipan_runtime::native::FunctionDef {
                name: #name,
                doc: #docs,
                text_signature: #text,
                kind: ::taipan_runtime::native::FnKind::#fn_kind,
                call: <__Class>::#wrapper_name,
            }
        });
        Ok(())
    }

    fn getter(&mut self, mut opts: Opts, mut f: Function) -> Result<()> {
        let name = opts.text("name")?.map_or_else(|| attrs::python_name(&f.ident), |n| n.value());
        let member = match opts.word() {
            Some(w) if w == "member" => true,
            Some(w) => return Err(Error::new(w.span(), "only `member` can stand here")),
            None => false,
        };
        opts.finish()?;
        let this = computed_this(&f.take_this("this")?, &name);
        if !f.params.is_empty() {
            return f.fail("a getter has no parameter behind `this`");
        }
        let (get, cfgs, target) = (self.wrapper_name(&f), f.cfgs.clone(), f.target());
        self.wrappers.push(quote! {
            #cfgs
            #[doc(hidden)]
            fn #get(
                vm: &::taipan_runtime::vm::Vm,
                object: &::taipan_runtime::core::Value,
            ) -> ::taipan_runtime::core::R {
                ::taipan_runtime::native::IntoResult::into_result(#target(vm, #this), vm)
            }
        });
        self.getters.push(Getter { name, doc: f.docs, cfgs, get, member });
        Ok(())
    }

    fn setter(&mut self, mut opts: Opts, mut f: Function) -> Result<()> {
        let name = match opts.text("name")? {
            Some(n) => n.value(),
            None => match attrs::python_name(&f.ident).strip_prefix("set_") {
                Some(n) => n.to_owned(),
                None => return f.fail("a setter is named `set_<getter>`, or has `name = \"..\"`"),
            },
        };
        opts.finish()?;
        let this = computed_this(&f.take_this("this")?, &name);
        if f.params.len() != 1 {
            return f.fail("a setter has the parameters `vm`, `this` and `value: Option<&Value>`");
        }
        let (set, cfgs, target) = (self.wrapper_name(&f), &f.cfgs, f.target());
        self.wrappers.push(quote! {
            #cfgs
            #[doc(hidden)]
            fn #set(
                vm: &::taipan_runtime::vm::Vm,
                object: &::taipan_runtime::core::Value,
                value: ::core::option::Option<&::taipan_runtime::core::Value>,
            ) -> ::taipan_runtime::core::R<()> {
                ::taipan_runtime::native::convert::IntoSlot::<()>::into_slot(#target(vm, #this, value))
            }
        });
        self.setters.push((f.ident, name, set));
        Ok(())
    }

    /// The `GetSetDef`s.
    pub fn getsets(&self) -> Result<Vec<TokenStream>> {
        for (ident, name, _) in &self.setters {
            if !self.getters.iter().any(|g| g.name == *name) {
                return Err(Error::new(ident.span(), format!("there is no getter `{name}`")));
            }
        }
        let defs = self.getters.iter().map(|g| {
            let set = match self.setters.iter().find(|(_, name, _)| *name == g.name) {
                Some((_, _, set)) => quote!(::core::option::Option::Some(<__Class>::#set)),
                None => quote!(::core::option::Option::None),
            };
            let Getter { name, doc, cfgs, get, member } = g;
            quote! {
                #cfgs
                ::taipan_runtime::native::GetSetDef {
                    name: #name,
                    doc: #doc,
                    get: <__Class>::#get,
                    set: #set,
                    member: #member,
                }
            }
        });
        Ok(defs.collect())
    }
}

/// `binary[BinOp::Add as usize]`
fn index(field: &str, op: &syn::Expr) -> TokenStream {
    let field = format_ident!("{field}");
    quote!(#field[::taipan_runtime::types::type_::BinOp::#op as usize])
}

/// The object of a computed attribute, checked.
fn computed_this(ty: &Type, name: &str) -> TokenStream {
    let bind = quote!(::taipan_runtime::native::bind);
    match params::ref_name(ty).as_str() {
        "Ref" => quote!(#bind::owner_ref(vm, object, #name, Self::DEF)?),
        "TypeObject" => quote!(#bind::owner_type(vm, object, #name, Self::DEF)?),
        _ => quote!(#bind::owner_value(vm, object, #name, Self::DEF)?),
    }
}
