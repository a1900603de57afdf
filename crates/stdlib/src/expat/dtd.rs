//! Declarations of a document type: their tokens, and what they declare.

use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;

use super::errors;
use super::event::{Decl, Model};
use super::token::{self, Token};

/// A declared entity.
pub struct Entity {
    pub name: String,
    /// The replacement text of an internal one.
    pub text: Option<String>,
    pub base: Option<String>,
    pub system: Option<String>,
    pub public: Option<String>,
    pub notation: Option<String>,
    /// It is being replaced right now.
    pub open: Cell<bool>,
}

/// A declared attribute.
pub struct AttDef {
    pub name: String,
    pub cdata: bool,
    pub default: Option<String>,
}

/// What a document type declares.
#[derive(Default)]
pub struct Dtd {
    pub entities: HashMap<String, Rc<Entity>>,
    pub params: HashMap<String, Rc<Entity>>,
    pub attlists: HashMap<String, Vec<AttDef>>,
    /// There is something that was not read, so entities may be declared there.
    pub unread: bool,
    pub standalone: bool,
    /// Declarations behind a parameter entity that was not read do not count.
    pub ignoring: bool,
}

/// The deepest content model that is read.
const DEEPEST: usize = 1500;

/// A token of a declaration.
#[derive(Clone, PartialEq, Debug)]
enum Tok {
    Name(String),
    Lit(String),
    Hash(String),
    Punct(u8),
}

/// A code of an error, and where it is.
pub type Bad = (u32, usize);

/// A predefined entity.
pub fn predefined(name: &str) -> Option<&'static str> {
    Some(match name {
        "lt" => "<",
        "gt" => ">",
        "amp" => "&",
        "quot" => "\"",
        "apos" => "'",
        _ => return None,
    })
}

/// What reads declarations.
pub struct Reader<'a> {
    pub dtd: &'a mut Dtd,
    pub base: Option<&'a str>,
    /// In the external subset or in an external parameter entity, where references may stand in declarations.
    pub external: bool,
    pub ns: bool,
    /// Bytes of entities that were put in.
    pub expanded: u64,
    /// How many may be put in.
    pub limit: u64,
    /// What was declared.
    pub out: Vec<Decl>,
}

impl Reader<'_> {
    fn tokens(
        &mut self,
        text: &str,
        origin: usize,
        depth: usize,
        out: &mut Vec<Tok>,
    ) -> Result<(), Bad> {
        let bytes = text.as_bytes();
        let mut at = 0;
        let here = |at: usize| origin.saturating_add(at);
        while let Some(b) = bytes.get(at) {
            match *b {
                b if token::is_space(b) => at += 1,
                q @ (b'"' | b'\'') => {
                    let rest = bytes.get(at + 1..).unwrap_or_default();
                    let n = memchr::memchr(q, rest).ok_or((errors::UNCLOSED_TOKEN, here(at)))?;
                    out.push(Tok::Lit(
                        text.get(at + 1..at + 1 + n).unwrap_or_default().to_owned(),
                    ));
                    at += n + 2;
                }
                b'#' => {
                    let end = token::nmtoken_end(text, at + 1);
                    if end == at + 1 {
                        return Err((errors::INVALID_TOKEN, here(end)));
                    }
                    out.push(Tok::Hash(
                        text.get(at + 1..end).unwrap_or_default().to_owned(),
                    ));
                    at = end;
                }
                b'%' if token::starts_name(text, at + 1) => {
                    let end = token::nmtoken_end(text, at + 1);
                    if bytes.get(end) != Some(&b';') {
                        return Err((errors::INVALID_TOKEN, here(end)));
                    }
                    if !self.external {
                        return Err((errors::PARAM_ENTITY_REF, here(at)));
                    }
                    let name = text.get(at + 1..end).unwrap_or_default();
                    if let Some(e) = self.dtd.params.get(name).cloned() {
                        if e.open.get() || depth > 60 {
                            return Err((errors::RECURSIVE_ENTITY_REF, here(at)));
                        }
                        if let Some(t) = &e.text {
                            self.count(t.len(), here(at))?;
                            e.open.set(true);
                            let r = self.tokens(t, here(at), depth + 1, out);
                            e.open.set(false);
                            r?;
                        } else {
                            self.dtd.unread = true;
                        }
                    } else {
                        self.dtd.unread = true;
                    }
                    at = end + 1;
                }
                b @ (b'(' | b')' | b',' | b'|' | b'?' | b'*' | b'+' | b'%') => {
                    out.push(Tok::Punct(b));
                    at += 1;
                }
                _ => {
                    let end = token::nmtoken_end(text, at);
                    if end == at {
                        return Err((errors::INVALID_TOKEN, here(at)));
                    }
                    out.push(Tok::Name(text.get(at..end).unwrap_or_default().to_owned()));
                    at = end;
                }
            }
        }
        Ok(())
    }

    fn count(&mut self, n: usize, at: usize) -> Result<(), Bad> {
        self.expanded = self.expanded.saturating_add(n as u64);
        if self.expanded > self.limit {
            Err((errors::AMPLIFICATION_LIMIT_BREACH, at))
        } else {
            Ok(())
        }
    }

    /// Reads a declaration: `kind` is its word, `text` what stands between it and `>`, at offset `origin`.
    pub fn declaration(&mut self, kind: &str, text: &str, origin: usize) -> Result<(), Bad> {
        let mut toks = Vec::new();
        self.tokens(text, origin, 0, &mut toks)?;
        let bad = (errors::SYNTAX, origin);
        match kind {
            "ENTITY" => self.entity(&toks, origin),
            "ELEMENT" => self.element(&toks, bad),
            "ATTLIST" => self.attlist(&toks, origin, bad),
            "NOTATION" => {
                let [Tok::Name(name), rest @ ..] = toks.as_slice() else {
                    return Err(bad);
                };
                let (public, system, rest) = external_id(rest, origin, true)?;
                if !rest.is_empty() {
                    return Err(bad);
                }
                let base = self.base.map(str::to_owned);
                self.out.push(Decl::Notation {
                    name: name.clone(),
                    base,
                    system,
                    public,
                });
                Ok(())
            }
            _ => Err(bad),
        }
    }

    fn entity(&mut self, toks: &[Tok], origin: usize) -> Result<(), Bad> {
        let bad = (errors::SYNTAX, origin);
        let (is_param, toks) = match toks {
            [Tok::Punct(b'%'), rest @ ..] => (true, rest),
            _ => (false, toks),
        };
        let [Tok::Name(name), rest @ ..] = toks else {
            return Err(bad);
        };
        if self.ns && name.contains(':') {
            return Err((errors::INVALID_TOKEN, origin));
        }
        let mut e = Entity {
            name: name.clone(),
            text: None,
            base: self.base.map(str::to_owned),
            system: None,
            public: None,
            notation: None,
            open: Cell::new(false),
        };
        match rest {
            [Tok::Lit(value)] => {
                let mut out = String::new();
                self.entity_value(value, origin, 0, &mut out)?;
                e.text = Some(out);
                e.base = None;
            }
            _ => {
                let (public, system, rest) = external_id(rest, origin, false)?;
                (e.public, e.system) = (public, system);
                match rest {
                    [] => {}
                    [Tok::Name(n), Tok::Name(notation)] if n == "NDATA" && !is_param => {
                        e.notation = Some(notation.clone());
                    }
                    _ => return Err(bad),
                }
            }
        }
        let table = if is_param {
            &mut self.dtd.params
        } else {
            &mut self.dtd.entities
        };
        if !is_param && predefined(name).is_some() || table.contains_key(name) || self.dtd.ignoring
        {
            return Ok(());
        }
        let e = Rc::new(e);
        table.insert(name.clone(), e.clone());
        self.out.push(Decl::Entity {
            entity: e,
            is_param,
        });
        Ok(())
    }

    /// The replacement text for what stands between quotes.
    fn entity_value(
        &mut self,
        value: &str,
        origin: usize,
        depth: usize,
        out: &mut String,
    ) -> Result<(), Bad> {
        let mut at = 0;
        let bytes = value.as_bytes();
        while at < bytes.len() {
            let rest = bytes.get(at..).unwrap_or_default();
            let n = rest
                .iter()
                .position(|b| matches!(b, b'&' | b'%' | b'\r'))
                .unwrap_or(rest.len());
            out.push_str(value.get(at..at + n).unwrap_or_default());
            at += n;
            match bytes.get(at) {
                None => break,
                Some(b'\r') => {
                    out.push('\n');
                    at += if bytes.get(at + 1) == Some(&b'\n') {
                        2
                    } else {
                        1
                    };
                }
                Some(b'&') => match token::reference(value, at, self.ns) {
                    Ok((Token::Char(Some(c)), end)) => {
                        out.push(c);
                        at = end;
                    }
                    Ok((Token::Char(None), _)) => return Err((errors::BAD_CHAR_REF, origin)),
                    Ok((_, end)) => {
                        out.push_str(value.get(at..end).unwrap_or_default());
                        at = end;
                    }
                    Err(_) => return Err((errors::INVALID_TOKEN, origin)),
                },
                Some(_) => {
                    let end = token::nmtoken_end(value, at + 1);
                    if end == at + 1 || bytes.get(end) != Some(&b';') {
                        return Err((errors::INVALID_TOKEN, origin));
                    }
                    if !self.external {
                        return Err((errors::PARAM_ENTITY_REF, origin));
                    }
                    let name = value.get(at + 1..end).unwrap_or_default();
                    match self.dtd.params.get(name).cloned() {
                        Some(e) if e.open.get() || depth > 60 => {
                            return Err((errors::RECURSIVE_ENTITY_REF, origin));
                        }
                        Some(e) => {
                            if let Some(t) = &e.text {
                                self.count(t.len(), origin)?;
                                e.open.set(true);
                                let r = self.entity_value(t, origin, depth + 1, out);
                                e.open.set(false);
                                r?;
                            } else {
                                self.dtd.unread = true;
                            }
                        }
                        None => self.dtd.unread = true,
                    }
                    at = end + 1;
                }
            }
        }
        Ok(())
    }

    fn element(&mut self, toks: &[Tok], bad: Bad) -> Result<(), Bad> {
        let [Tok::Name(name), rest @ ..] = toks else {
            return Err(bad);
        };
        let model = match rest {
            [Tok::Name(w)] if w == "EMPTY" => Model::leaf(1, 0, None),
            [Tok::Name(w)] if w == "ANY" => Model::leaf(2, 0, None),
            [Tok::Punct(b'('), Tok::Hash(w), rest @ ..] if w == "PCDATA" => {
                let mut children = Vec::new();
                let mut rest = rest;
                while let [Tok::Punct(b'|'), Tok::Name(n), more @ ..] = rest {
                    children.push(Model::leaf(4, 0, Some(n.clone())));
                    rest = more;
                }
                let quant = match rest {
                    [Tok::Punct(b')')] if children.is_empty() => 0,
                    [Tok::Punct(b')'), Tok::Punct(b'*')] => 2,
                    _ => return Err(bad),
                };
                Model {
                    kind: 3,
                    quant,
                    name: None,
                    children,
                }
            }
            [Tok::Punct(b'('), ..] => content_model(rest, bad)?,
            _ => return Err(bad),
        };
        self.out.push(Decl::Element {
            name: name.clone(),
            model,
        });
        Ok(())
    }

    fn attlist(&mut self, toks: &[Tok], origin: usize, bad: Bad) -> Result<(), Bad> {
        let [Tok::Name(element), rest @ ..] = toks else {
            return Err(bad);
        };
        let mut rest = rest;
        while !rest.is_empty() {
            let [Tok::Name(attr), more @ ..] = rest else {
                return Err(bad);
            };
            let (kind, more) = match more {
                [Tok::Name(n), Tok::Punct(b'('), more @ ..] if n == "NOTATION" => {
                    let (list, more) = choices(more, bad)?;
                    (format!("NOTATION({list})"), more)
                }
                [Tok::Punct(b'('), more @ ..] => {
                    let (list, more) = choices(more, bad)?;
                    (format!("({list})"), more)
                }
                [Tok::Name(n), more @ ..]
                    if matches!(
                        n.as_str(),
                        "CDATA"
                            | "ID"
                            | "IDREF"
                            | "IDREFS"
                            | "ENTITY"
                            | "ENTITIES"
                            | "NMTOKEN"
                            | "NMTOKENS"
                    ) =>
                {
                    (n.clone(), more)
                }
                _ => return Err(bad),
            };
            let cdata = kind == "CDATA";
            let (default, required, more) = match more {
                [Tok::Hash(h), more @ ..] if h == "REQUIRED" => (None, true, more),
                [Tok::Hash(h), more @ ..] if h == "IMPLIED" => (None, false, more),
                [Tok::Hash(h), Tok::Lit(v), more @ ..] if h == "FIXED" => (Some(v), true, more),
                [Tok::Lit(v), more @ ..] => (Some(v), false, more),
                _ => return Err(bad),
            };
            let default = match default {
                None => None,
                Some(v) => {
                    let limit = self.limit.saturating_sub(self.expanded);
                    let mut made = String::new();
                    let mut count = 0;
                    attribute_value(self.dtd, v, cdata, self.ns, limit, &mut count, &mut made)
                        .map_err(|code| (code, origin))?;
                    self.expanded = self.expanded.saturating_add(count);
                    Some(made)
                }
            };
            let list = self.dtd.attlists.entry(element.clone()).or_default();
            if !self.dtd.ignoring && !list.iter().any(|d| d.name == *attr) {
                list.push(AttDef {
                    name: attr.clone(),
                    cdata,
                    default: default.clone(),
                });
            }
            self.out.push(Decl::Attlist {
                element: element.clone(),
                attr: attr.clone(),
                kind,
                default,
                required,
            });
            rest = more;
        }
        Ok(())
    }
}

/// `a|b|c)`
fn choices(toks: &[Tok], bad: Bad) -> Result<(String, &[Tok]), Bad> {
    let mut out = String::new();
    let mut rest = toks;
    loop {
        let [Tok::Name(n), Tok::Punct(p), more @ ..] = rest else {
            return Err(bad);
        };
        out.push_str(n);
        rest = more;
        match p {
            b'|' => out.push('|'),
            b')' => return Ok((out, rest)),
            _ => return Err(bad),
        }
    }
}

fn quantifier(rest: &mut &[Tok]) -> i32 {
    let quant = match rest.first() {
        Some(Tok::Punct(b'?')) => 1,
        Some(Tok::Punct(b'*')) => 2,
        Some(Tok::Punct(b'+')) => 3,
        _ => return 0,
    };
    *rest = rest.get(1..).unwrap_or_default();
    quant
}

/// A content model in parentheses, without recursion.
fn content_model(toks: &[Tok], bad: Bad) -> Result<Model, Bad> {
    let mut rest = toks;
    // Open groups: the separator that the group uses, and its members.
    let mut open: Vec<(Option<u8>, Vec<Model>)> = Vec::new();
    loop {
        // A member is expected.
        let mut member = match rest {
            [Tok::Punct(b'('), more @ ..] => {
                if open.len() >= DEEPEST {
                    return Err((errors::TOO_DEEP, bad.1));
                }
                open.push((None, Vec::new()));
                rest = more;
                continue;
            }
            [Tok::Name(n), more @ ..] => {
                rest = more;
                let quant = quantifier(&mut rest);
                Model::leaf(4, quant, Some(n.clone()))
            }
            _ => return Err(bad),
        };
        // Separators and ends.
        loop {
            let Some((separator, members)) = open.last_mut() else {
                return Err(bad);
            };
            members.push(member);
            match rest {
                [Tok::Punct(p @ (b',' | b'|')), more @ ..] => {
                    if separator.is_some_and(|s| s != *p) {
                        return Err(bad);
                    }
                    *separator = Some(*p);
                    rest = more;
                    break;
                }
                [Tok::Punct(b')'), more @ ..] => {
                    rest = more;
                    let kind = if *separator == Some(b'|') { 5 } else { 6 };
                    let children = std::mem::take(members);
                    open.pop();
                    let quant = quantifier(&mut rest);
                    member = Model {
                        kind,
                        quant,
                        name: None,
                        children,
                    };
                    if open.is_empty() {
                        return if rest.is_empty() {
                            Ok(member)
                        } else {
                            Err(bad)
                        };
                    }
                }
                _ => return Err(bad),
            }
        }
    }
}

type ExternalId<'t> = (Option<String>, Option<String>, &'t [Tok]);

/// `SYSTEM "..."` or `PUBLIC "..." "..."`; the second may be missing for notations.
fn external_id(toks: &[Tok], origin: usize, notation: bool) -> Result<ExternalId<'_>, Bad> {
    match toks {
        [Tok::Name(w), Tok::Lit(s), rest @ ..] if w == "SYSTEM" => {
            Ok((None, Some(s.clone()), rest))
        }
        [Tok::Name(w), Tok::Lit(p), rest @ ..] if w == "PUBLIC" => {
            let public = public_id(p).ok_or((errors::PUBLICID, origin))?;
            match rest {
                [Tok::Lit(s), rest @ ..] => Ok((Some(public), Some(s.clone()), rest)),
                _ if notation => Ok((Some(public), None, rest)),
                _ => Err((errors::SYNTAX, origin)),
            }
        }
        _ => Err((errors::SYNTAX, origin)),
    }
}

fn public_id(text: &str) -> Option<String> {
    let ok = |c: char| c.is_ascii_alphanumeric() || " \r\n-'()+,./:=?;!*#@$_%".contains(c);
    text.chars().all(ok).then(|| {
        text.split([' ', '\r', '\n'])
            .filter(|p| !p.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    })
}

/// What stands between `<!DOCTYPE` and `[` or `>`: the name, the public and the system identifier.
pub fn doctype(text: &str, origin: usize) -> Result<(String, Option<String>, Option<String>), Bad> {
    let mut dtd = Dtd::default();
    let mut reader = Reader {
        dtd: &mut dtd,
        base: None,
        external: false,
        ns: false,
        expanded: 0,
        limit: 0,
        out: Vec::new(),
    };
    let mut toks = Vec::new();
    reader.tokens(text, origin, 0, &mut toks)?;
    let [Tok::Name(name), rest @ ..] = toks.as_slice() else {
        return Err((errors::SYNTAX, origin));
    };
    if rest.is_empty() {
        return Ok((name.clone(), None, None));
    }
    let (public, system, rest) = external_id(rest, origin, false)?;
    if rest.is_empty() {
        Ok((name.clone(), public, system))
    } else {
        Err((errors::SYNTAX, origin))
    }
}

/// The value of an attribute for what stands between its quotes: references replaced, white space normalized.
/// `count` grows by the bytes of entities, and must stay below `limit`. An error is a code.
pub fn attribute_value(
    dtd: &Dtd,
    value: &str,
    cdata: bool,
    ns: bool,
    limit: u64,
    count: &mut u64,
    out: &mut String,
) -> Result<(), u32> {
    let from = out.len();
    let mut opened: Vec<(Rc<Entity>, usize)> = Vec::new();
    let result = expand(dtd, value, ns, limit, count, out, &mut opened);
    for (e, _) in opened {
        e.open.set(false);
    }
    result?;
    if !cdata {
        let text = out.split_off(from.min(out.len()));
        let mut words = text.split(' ').filter(|w| !w.is_empty());
        if let Some(w) = words.next() {
            out.push_str(w);
        }
        for w in words {
            out.push(' ');
            out.push_str(w);
        }
    }
    Ok(())
}

fn expand(
    dtd: &Dtd,
    value: &str,
    ns: bool,
    limit: u64,
    count: &mut u64,
    out: &mut String,
    opened: &mut Vec<(Rc<Entity>, usize)>,
) -> Result<(), u32> {
    let mut outer = 0;
    loop {
        let top = opened.last().map(|(e, at)| (e.clone(), *at));
        let (text, mut at) = match &top {
            Some((e, at)) => (e.text.as_deref().unwrap_or_default(), *at),
            None => (value, outer),
        };
        let bytes = text.as_bytes();
        let mut enter = None;
        while at < bytes.len() {
            let rest = bytes.get(at..).unwrap_or_default();
            let n = rest
                .iter()
                .position(|b| matches!(b, b'&' | b'<' | 9 | 10 | 13))
                .unwrap_or(rest.len());
            out.push_str(text.get(at..at + n).unwrap_or_default());
            at += n;
            match bytes.get(at) {
                None => break,
                Some(b'<') => return Err(errors::INVALID_TOKEN),
                Some(b'&') => match token::reference(text, at, ns) {
                    Ok((Token::Char(Some(c)), end)) => {
                        out.push(c);
                        at = end;
                    }
                    Ok((Token::Char(None), _)) => return Err(errors::BAD_CHAR_REF),
                    Ok((Token::Entity { name: (s, e) }, end)) => {
                        at = end;
                        let name = text.get(s..e).unwrap_or_default();
                        if let Some(c) = predefined(name) {
                            out.push_str(c);
                            continue;
                        }
                        match dtd.entities.get(name) {
                            None if !dtd.unread || dtd.standalone => {
                                return Err(errors::UNDEFINED_ENTITY);
                            }
                            None => {}
                            Some(e) if e.open.get() => return Err(errors::RECURSIVE_ENTITY_REF),
                            Some(e) if e.notation.is_some() => {
                                return Err(errors::BINARY_ENTITY_REF);
                            }
                            Some(e) => match &e.text {
                                None => return Err(errors::ATTRIBUTE_EXTERNAL_ENTITY_REF),
                                Some(t) => {
                                    *count = count.saturating_add(t.len() as u64);
                                    if *count > limit {
                                        return Err(errors::AMPLIFICATION_LIMIT_BREACH);
                                    }
                                    enter = Some(e.clone());
                                    break;
                                }
                            },
                        }
                    }
                    _ => return Err(errors::INVALID_TOKEN),
                },
                Some(b) => {
                    out.push(' ');
                    at += if *b == 13 && bytes.get(at + 1) == Some(&10) {
                        2
                    } else {
                        1
                    };
                }
            }
        }
        match opened.last_mut() {
            Some((_, place)) => *place = at,
            None => outer = at,
        }
        if let Some(e) = enter {
            e.open.set(true);
            opened.push((e, 0));
        } else {
            match opened.pop() {
                Some((e, _)) => e.open.set(false),
                None => return Ok(()),
            }
        }
    }
}
