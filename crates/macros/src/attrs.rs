//! The arguments of the attributes, doc comments, and names.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, Error, Expr, ExprLit, Ident, Lit, LitStr, Meta, Result, Token};

/// What stands behind a key.
enum Arg {
    Flag,
    Expr(Expr),
    List(TokenStream),
}

/// `key`, `key = expr` and `key(list)`, in any order.
#[derive(Default)]
pub struct Opts(Vec<(Ident, Arg)>);

impl Parse for Opts {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut out = Vec::new();
        while !input.is_empty() {
            let key = syn::ext::IdentExt::parse_any(input)?;
            let arg = if input.peek(Token![=]) {
                input.parse::<Token![=]>()?;
                Arg::Expr(input.parse()?)
            } else if input.peek(syn::token::Paren) {
                let inner;
                syn::parenthesized!(inner in input);
                Arg::List(inner.parse()?)
            } else {
                Arg::Flag
            };
            out.push((key, arg));
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(Self(out))
    }
}

impl Opts {
    /// The arguments of an attribute that is still on its item.
    pub fn of(attr: &Attribute) -> Result<Self> {
        match &attr.meta {
            Meta::Path(_) => Ok(Self::default()),
            Meta::List(l) => l.parse_args(),
            Meta::NameValue(n) => Err(Error::new(n.span(), "write the arguments in parentheses")),
        }
    }

    fn take(&mut self, key: &str) -> Option<(Ident, Arg)> {
        let i = self.0.iter().position(|(k, _)| k == key)?;
        Some(self.0.remove(i))
    }

    /// `key = expr`
    pub fn expr(&mut self, key: &str) -> Result<Option<Expr>> {
        match self.take(key) {
            None => Ok(None),
            Some((_, Arg::Expr(e))) => Ok(Some(e)),
            Some((k, _)) => Err(Error::new(k.span(), format!("write `{key} = ...`"))),
        }
    }

    /// `key = "text"`
    pub fn text(&mut self, key: &str) -> Result<Option<LitStr>> {
        let mut given = self.expr(key)?;
        // A literal that a `macro_rules!` passes on stands in an invisible group.
        while let Some(Expr::Group(g)) = given {
            given = Some(*g.expr);
        }
        match given {
            None => Ok(None),
            Some(Expr::Lit(ExprLit { lit: Lit::Str(s), .. })) => Ok(Some(s)),
            Some(e) => Err(Error::new(e.span(), "a string literal is needed")),
        }
    }

    /// `key(a, b)`
    pub fn list<T: Parse>(&mut self, key: &str) -> Result<Vec<T>> {
        match self.take(key) {
            None => Ok(Vec::new()),
            Some((_, Arg::List(tokens))) => {
                let parser = Punctuated::<T, Token![,]>::parse_terminated;
                Ok(syn::parse::Parser::parse2(parser, tokens)?.into_iter().collect())
            }
            Some((k, _)) => Err(Error::new(k.span(), format!("write `{key}(...)`"))),
        }
    }

    /// The only bare word, such as `repr` in `#[slot(repr)]`.
    pub fn word(&mut self) -> Option<Ident> {
        let i = self.0.iter().position(|(_, a)| matches!(a, Arg::Flag))?;
        Some(self.0.remove(i).0)
    }

    /// Complains about what nobody took.
    pub fn finish(self) -> Result<()> {
        match self.0.first() {
            None => Ok(()),
            Some((k, _)) => Err(Error::new(k.span(), format!("unknown argument `{k}`"))),
        }
    }
}

/// The text of the doc comments: each line without its first space.
pub fn docs(attrs: &[Attribute]) -> String {
    let mut lines = Vec::new();
    for a in attrs {
        if a.path().is_ident("doc")
            && let Meta::NameValue(n) = &a.meta
            && let Expr::Lit(ExprLit { lit: Lit::Str(s), .. }) = &n.value
        {
            for line in s.value().split('\n') {
                lines.push(line.strip_prefix(' ').unwrap_or(line).trim_end().to_owned());
            }
        }
    }
    lines.join("\n").trim().to_owned()
}

/// The `cfg` attributes: what is made from an item must go when the item goes.
pub fn cfgs(attrs: &[Attribute]) -> TokenStream {
    let cfgs = attrs.iter().filter(|a| a.path().is_ident("cfg"));
    quote! { #(#cfgs)* }
}

/// Takes the attributes with this name off an item.
pub fn take(attrs: &mut Vec<Attribute>, name: &str) -> Vec<Attribute> {
    attrs.extract_if(.., |a| a.path().is_ident(name)).collect()
}

/// The Python name of a Rust identifier: `r#type` and `type_` are `type`; `__reduce__` stays.
pub fn python_name(ident: &Ident) -> String {
    let s = ident.to_string();
    let s = s.strip_prefix("r#").unwrap_or(&s);
    match s.strip_suffix('_') {
        Some(short) if !short.ends_with('_') && !short.is_empty() => short.to_owned(),
        _ => s.to_owned(),
    }
}

/// The Python name of a Rust parameter: as above, and `_unused` is `unused`.
pub fn param_name(ident: &Ident) -> String {
    let s = python_name(ident);
    s.strip_prefix('_').filter(|s| !s.is_empty()).unwrap_or(&s).to_owned()
}

/// An expression as short text, if it is something that Python can read back as well.
pub fn literal_text(e: &Expr) -> Option<String> {
    match e.to_token_stream().to_string().replace(' ', "").as_str() {
        "true" => Some("True".into()),
        "false" => Some("False".into()),
        s if e.to_token_stream().into_iter().all(|t| matches!(t, TokenTree::Literal(_) | TokenTree::Punct(_))) => {
            Some(s.to_owned())
        }
        _ => None,
    }
}

/// An error at the macro's call.
pub fn err<T>(message: impl std::fmt::Display) -> Result<T> {
    Err(Error::new(Span::call_site(), message))
}
