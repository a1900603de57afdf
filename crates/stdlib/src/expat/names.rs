//! Elements: their attributes, their namespaces, their ends.

use std::collections::HashSet;
use std::rc::Rc;

use super::dtd::attribute_value;
use super::errors;
use super::event::{Attr, Decl, Event, Span, on};
use super::scan::{Halt, Open, Parser, Phase, Stepped};
use super::token::Range;

/// The namespace of the prefix `xml`.
pub const XML_URI: &str = "http://www.w3.org/XML/1998/namespace";
const XMLNS_URI: &str = "http://www.w3.org/2000/xmlns/";

fn span((start, end): Range) -> Span {
    Span {
        scratch: false,
        start,
        end,
    }
}

impl Parser {
    fn scratched(&mut self, from: usize) -> Span {
        Span {
            scratch: true,
            start: from,
            end: self.scratch.len(),
        }
    }

    /// The text of a span while the current text is taken out.
    fn piece<'a>(&'a self, text: &'a str, s: Span) -> &'a str {
        let t = if s.scratch { &self.scratch } else { text };
        t.get(s.start..s.end).unwrap_or_default()
    }

    /// A start tag.
    pub(super) fn start_element(
        &mut self,
        text: &str,
        name: Range,
        empty: bool,
        at: Range,
        top: usize,
    ) -> Stepped {
        let (pos, end) = at;
        self.scratch.clear();
        self.attrs.clear();
        let shown = text.get(name.0..name.1).unwrap_or_default();
        let dtd = self.dtd.clone();
        let dtd = dtd.borrow();
        let defs = if dtd.attlists.is_empty() {
            None
        } else {
            dtd.attlists.get(shown)
        };
        let raws = std::mem::take(&mut self.raw_attrs);
        let fail = |code: u32| Halt::Error(code, pos);
        let ns = self.ns.is_some();
        for raw in &raws {
            let name = text.get(raw.name.0..raw.name.1).unwrap_or_default();
            let cdata = defs
                .and_then(|d| d.iter().find(|d| d.name == name))
                .is_none_or(|d| d.cdata);
            let value = if raw.plain && cdata {
                span(raw.value)
            } else {
                let from = self.scratch.len();
                let value = text.get(raw.value.0..raw.value.1).unwrap_or_default();
                let mut count = 0;
                let room = self.room();
                attribute_value(&dtd, value, cdata, ns, room, &mut count, &mut self.scratch)
                    .map_err(|code| {
                        let here = !matches!(code, errors::INVALID_TOKEN | errors::AMPLIFICATION_LIMIT_BREACH);
                        let inside = value.find('&').filter(|_| here);
                        Halt::Error(code, inside.map_or(pos, |n| raw.value.0 + n))
                    })?;
                self.count(count);
                self.scratched(from)
            };
            self.attrs.push(Attr {
                name: span(raw.name),
                value,
            });
        }
        let n = raws.len();
        let name_of = |i: usize| {
            raws.get(i)
                .and_then(|r| text.get(r.name.0..r.name.1))
                .unwrap_or_default()
        };
        if n > 12 {
            let mut seen = HashSet::with_capacity(n);
            for (i, raw) in raws.iter().enumerate() {
                if !seen.insert(name_of(i)) {
                    return Err(Halt::Error(errors::DUPLICATE_ATTRIBUTE, raw.name.0));
                }
            }
        } else {
            for (i, raw) in raws.iter().enumerate().skip(1) {
                if (0..i).any(|j| name_of(j) == name_of(i)) {
                    return Err(Halt::Error(errors::DUPLICATE_ATTRIBUTE, raw.name.0));
                }
            }
        }
        self.specified = n;
        for d in defs.into_iter().flatten() {
            let Some(value) = &d.default else { continue };
            if (0..n).any(|i| name_of(i) == d.name) {
                continue;
            }
            let from = self.scratch.len();
            self.scratch.push_str(&d.name);
            let name = self.scratched(from);
            let from = self.scratch.len();
            self.scratch.push_str(value);
            let value = self.scratched(from);
            self.attrs.push(Attr { name, value });
        }
        self.raw_attrs = raws;
        let bound = self.bound.len();
        let mut full = None;
        if self.ns.is_some() {
            self.bind_all(text).map_err(fail)?;
            full = self.expand_names(text, shown).map_err(fail)?;
        }
        self.advance(top, end);
        let shown_span = match &full {
            Some(full) => {
                let from = self.scratch.len();
                self.scratch.push_str(full);
                self.scratched(from)
            }
            None => span(name),
        };
        let wanted = self.on & (on::START | on::END) != 0;
        let event = if self.on & on::START != 0 {
            Some(Event::Start(shown_span))
        } else if empty && wanted {
            None
        } else {
            self.default(pos, end)
        };
        if empty {
            if self.queue.is_empty() && self.on & on::END == 0 && bound == self.bound.len() {
                // Nothing follows the start.
                self.closed(top);
                return Ok(event);
            }
            self.queue.extend(event.map(|e| (e, None)));
            self.queue
                .push_back((Event::End(shown_span), (top == 0).then_some(end)));
            self.unbind(bound);
            self.closed(top);
            return Ok(None);
        }
        self.open.push(Open {
            name: self.names.len(),
            full,
            bound,
        });
        self.names.push_str(shown);
        if self.queue.is_empty() {
            return Ok(event);
        }
        self.queue.extend(event.map(|e| (e, None)));
        Ok(None)
    }

    /// An element has ended; if it was the outermost one, the document has too.
    fn closed(&mut self, top: usize) {
        if self.open.is_empty() && self.kind == super::scan::Kind::Document && top == 0 {
            self.phase = Phase::Epilog;
        }
    }

    /// An end tag.
    pub(super) fn end_element(
        &mut self,
        text: &str,
        name: Range,
        at: Range,
        top: usize,
    ) -> Stepped {
        let (pos, end) = at;
        let level = self.frames.get(top).map_or(0, |f| f.level);
        if self.open.len() <= level {
            return Err(Halt::Error(errors::ASYNC_ENTITY, pos));
        }
        let shown = text.get(name.0..name.1).unwrap_or_default();
        match self.open.last() {
            Some(open) if self.names.get(open.name..) == Some(shown) => {}
            _ => return Err(Halt::Error(errors::TAG_MISMATCH, name.0)),
        }
        let Some(open) = self.open.pop() else {
            return Err(Halt::Error(errors::UNEXPECTED_STATE, pos));
        };
        self.names.truncate(open.name);
        self.advance(top, end);
        let shown = match &open.full {
            Some(full) if self.on & on::END != 0 => {
                self.scratch.clear();
                self.scratch.push_str(full);
                self.scratched(0)
            }
            _ => span(name),
        };
        let event = self.emit(on::END, Event::End(shown), pos, end);
        self.unbind(open.bound);
        self.closed(top);
        Ok(event)
    }

    /// Forgets the prefixes that were bound since `to`.
    fn unbind(&mut self, to: usize) {
        while self.bound.len() > to {
            let Some(prefix) = self.bound.pop() else {
                break;
            };
            if let Some(list) = self.bindings.get_mut(&prefix) {
                list.pop();
            }
            self.declare(Decl::EndNs {
                prefix: Some(prefix).filter(|p| !p.is_empty()),
            });
        }
    }

    /// Binds the prefixes that attributes declare, and takes these attributes away.
    fn bind_all(&mut self, text: &str) -> Result<(), u32> {
        let any = self
            .attrs
            .iter()
            .any(|a| self.piece(text, a.name).starts_with("xmlns"));
        if !any {
            return Ok(());
        }
        let attrs = std::mem::take(&mut self.attrs);
        let specified = self.specified;
        for (i, a) in attrs.into_iter().enumerate() {
            let name = self.piece(text, a.name);
            let prefix = match name.strip_prefix("xmlns") {
                Some("") => "",
                Some(rest) if rest.starts_with(':') => rest.get(1..).unwrap_or_default(),
                _ => {
                    self.attrs.push(a);
                    continue;
                }
            };
            let prefix = prefix.to_owned();
            let uri = self.piece(text, a.value).to_owned();
            if i < specified {
                self.specified -= 1;
            }
            self.bind(prefix, uri)?;
        }
        Ok(())
    }

    fn bind(&mut self, prefix: String, uri: String) -> Result<(), u32> {
        if !prefix.is_empty() && uri.is_empty() {
            return Err(errors::UNDECLARING_PREFIX);
        }
        if prefix == "xmlns" {
            return Err(errors::RESERVED_PREFIX_XMLNS);
        }
        if (prefix == "xml") != (uri == XML_URI) {
            let xml = prefix == "xml";
            return Err(if xml {
                errors::RESERVED_PREFIX_XML
            } else {
                errors::RESERVED_NAMESPACE_URI
            });
        }
        if uri == XMLNS_URI {
            return Err(errors::RESERVED_NAMESPACE_URI);
        }
        if let Some(Some(c)) = self.ns
            && !(c.is_ascii_alphanumeric() || "%-._~:/?#[]@!$&'()*+,;=".contains(c))
            && uri.contains(c)
        {
            return Err(errors::SYNTAX);
        }
        let given = Some(uri).filter(|u| !u.is_empty());
        self.bindings
            .entry(prefix.clone())
            .or_default()
            .push(given.as_deref().map(Rc::from));
        self.bound.push(prefix.clone());
        self.declare(Decl::StartNs {
            prefix: Some(prefix).filter(|p| !p.is_empty()),
            uri: given,
        });
        Ok(())
    }

    fn lookup(&self, prefix: &str) -> Option<Rc<str>> {
        self.bindings
            .get(prefix)
            .and_then(|l| l.last())
            .cloned()
            .flatten()
    }

    fn full_name(&self, prefix: &str, local: &str, uri: &str, out: &mut String) {
        out.push_str(uri);
        let separator = self.ns.flatten();
        out.extend(separator);
        out.push_str(local);
        if self.triplets && !prefix.is_empty() {
            out.extend(separator);
            out.push_str(prefix);
        }
    }

    /// Gives attributes their names with namespaces, and returns that of the element if it has one.
    fn expand_names(&mut self, text: &str, element: &str) -> Result<Option<String>, u32> {
        let mut prefixed = 0;
        for i in 0..self.attrs.len() {
            let Some(a) = self.attrs.get(i).copied() else {
                break;
            };
            let name = self.piece(text, a.name);
            let Some((prefix, local)) = name.split_once(':') else {
                continue;
            };
            let uri = self.lookup(prefix).ok_or(errors::UNBOUND_PREFIX)?;
            let mut out = String::new();
            self.full_name(prefix, local, &uri, &mut out);
            let from = self.scratch.len();
            self.scratch.push_str(&out);
            let name = self.scratched(from);
            if let Some(a) = self.attrs.get_mut(i) {
                a.name = name;
            }
            prefixed += 1;
        }
        if prefixed > 1 {
            let mut seen = HashSet::new();
            for a in &self.attrs {
                let name = self.piece(text, a.name);
                let name = match (self.triplets, self.ns.flatten()) {
                    (true, Some(c)) if a.name.scratch => name.rsplit_once(c).map_or(name, |n| n.0),
                    _ => name,
                };
                if !seen.insert(name) {
                    return Err(errors::DUPLICATE_ATTRIBUTE);
                }
            }
        }
        let (prefix, local) = element.split_once(':').unwrap_or(("", element));
        let Some(uri) = self.lookup(prefix) else {
            return if prefix.is_empty() {
                Ok(None)
            } else {
                Err(errors::UNBOUND_PREFIX)
            };
        };
        let mut out = String::new();
        self.full_name(prefix, local, &uri, &mut out);
        Ok(Some(out))
    }

    /// What an external entity's parser must know: the bound prefixes, and the open entities.
    pub(super) fn context(&self, entity: &str) -> String {
        let mut parts = Vec::new();
        if self.ns.is_some() {
            for (prefix, list) in &self.bindings {
                if let Some(Some(uri)) = list.last() {
                    parts.push(format!("{prefix}={uri}"));
                }
            }
            parts.sort();
        }
        parts.extend(self.outer.iter().cloned());
        parts.extend(
            self.frames
                .iter()
                .filter_map(|f| f.entity.as_ref())
                .map(|e| e.name.clone()),
        );
        parts.push(entity.to_owned());
        parts.join("\x0c")
    }
}
