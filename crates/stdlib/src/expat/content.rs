//! What stands in documents: content, what surrounds it, and the document type.

use std::rc::Rc;

use super::dtd::{self, Entity, Reader};
use super::errors;
use super::event::{Decl, Event, Span, on};
use super::scan::{Frame, Halt, Kind, Parser, Phase, Stepped};
use super::token::{self, Token, is_space};

impl Parser {
    /// Reads one token.
    pub(super) fn step(&mut self, text: &str, pos: usize, top: usize) -> Stepped {
        if pos >= text.len() {
            if top == 0 {
                return Err(Halt::End);
            }
            if self.phase == Phase::Cdata {
                return Err(Halt::Error(errors::UNCLOSED_CDATA_SECTION, pos));
            }
            let Some(f) = self.frames.pop() else {
                return Err(Halt::End);
            };
            if let Some(e) = &f.entity {
                e.open.set(false);
            }
            return if f.level == self.open.len() {
                Ok(None)
            } else {
                Err(Halt::Error(errors::ASYNC_ENTITY, pos))
            };
        }
        match self.phase {
            Phase::Content => self.content(text, pos, top),
            Phase::Cdata => self.cdata(text, pos, top),
            Phase::Prolog | Phase::Epilog => self.around(text, pos, top),
            Phase::Subset => self.subset(text, pos, top),
            Phase::SubsetEnd => self.subset_end(text, pos, top),
        }
    }

    fn is_last(&self, top: usize) -> bool {
        top > 0 || self.is_final()
    }

    /// An event of text that is not written so.
    fn made_text(&mut self, made: &str, pos: usize, end: usize) -> Option<Event> {
        if self.on & on::TEXT == 0 {
            return self.default(pos, end);
        }
        self.scratch.clear();
        self.scratch.push_str(made);
        Some(Event::Text(Span {
            scratch: true,
            start: 0,
            end: made.len(),
        }))
    }

    fn content(&mut self, text: &str, pos: usize, top: usize) -> Stepped {
        let mut attrs = std::mem::take(&mut self.raw_attrs);
        let found = token::content(text, pos, self.is_last(top), self.ns.is_some(), &mut attrs);
        self.raw_attrs = attrs;
        let (token, end) = found.map_err(|f| Self::halt(f, pos))?;
        match token {
            Token::Start { name, empty } => {
                return self.start_element(text, name, empty, (pos, end), top);
            }
            Token::End { name } => return self.end_element(text, name, (pos, end), top),
            Token::Text => {
                let end = self.piece_end(text, pos, end, top);
                self.advance(top, end);
                return Ok(self.emit(
                    on::TEXT,
                    Event::Text(Span {
                        scratch: false,
                        start: pos,
                        end,
                    }),
                    pos,
                    end,
                ));
            }
            _ => {}
        }
        self.advance(top, end);
        Ok(match token {
            Token::Newline => self.made_text("\n", pos, end),
            Token::Char(Some(c)) => {
                let mut buffer = [0; 4];
                self.made_text(c.encode_utf8(&mut buffer), pos, end)
            }
            Token::Char(None) => return Err(Halt::Error(errors::BAD_CHAR_REF, pos)),
            Token::Entity { name: (s, e) } => {
                let name = text.get(s..e).unwrap_or_default();
                match dtd::predefined(name) {
                    Some(c) => self.made_text(c, pos, end),
                    None => return self.entity(name, pos, end),
                }
            }
            Token::Cdata => {
                self.phase = Phase::Cdata;
                self.emit(on::CDATA_START, Event::CdataStart, pos, end)
            }
            Token::Declaration => return Err(Halt::Error(errors::INVALID_TOKEN, pos + 2)),
            Token::Comment { .. } | Token::Pi { .. } => {
                return self.comment_or_pi(text, token, pos, end);
            }
            Token::Start { .. } | Token::End { .. } | Token::Text => None,
        })
    }

    fn cdata(&mut self, text: &str, pos: usize, top: usize) -> Stepped {
        let (token, end) = token::cdata(text, pos, self.is_last(top)).map_err(|f| match f {
            token::Fail::Partial if self.is_last(top) => {
                Halt::Error(errors::UNCLOSED_CDATA_SECTION, pos)
            }
            f => Self::halt(f, pos),
        })?;
        let end = if matches!(token, Token::Text) {
            self.piece_end(text, pos, end, top)
        } else {
            end
        };
        self.advance(top, end);
        Ok(match token {
            Token::Newline => self.made_text("\n", pos, end),
            Token::Cdata => {
                self.phase = Phase::Content;
                self.emit(on::CDATA_END, Event::CdataEnd, pos, end)
            }
            _ => self.emit(
                on::TEXT,
                Event::Text(Span {
                    scratch: false,
                    start: pos,
                    end,
                }),
                pos,
                end,
            ),
        })
    }

    /// A span whose line ends are all `\n`.
    fn normalized(&mut self, text: &str, (start, end): token::Range) -> Span {
        let piece = text.get(start..end).unwrap_or_default();
        if !piece.contains('\r') {
            return Span {
                scratch: false,
                start,
                end,
            };
        }
        self.scratch.clear();
        self.scratch
            .push_str(&piece.replace("\r\n", "\n").replace('\r', "\n"));
        Span {
            scratch: true,
            start: 0,
            end: self.scratch.len(),
        }
    }

    fn comment_or_pi(&mut self, text: &str, token: Token, pos: usize, end: usize) -> Stepped {
        Ok(match token {
            Token::Comment { body } if self.on & on::COMMENT != 0 => {
                Some(Event::Comment(self.normalized(text, body)))
            }
            Token::Pi { target, data } => {
                if text.get(target.0..target.1) == Some("xml") {
                    return Err(Halt::Error(errors::MISPLACED_XML_PI, pos));
                }
                if self.on & on::PI == 0 {
                    return Ok(self.default(pos, end));
                }
                let data = self.normalized(text, data);
                Some(Event::Pi {
                    target: Span {
                        scratch: false,
                        start: target.0,
                        end: target.1,
                    },
                    data,
                })
            }
            _ => self.default(pos, end),
        })
    }

    /// A reference to an entity in content.
    fn entity(&mut self, name: &str, pos: usize, end: usize) -> Stepped {
        let found = self.dtd.borrow().entities.get(name).cloned();
        let fail = |code| Err(Halt::Error(code, pos));
        let Some(e) = found else {
            let dtd = self.dtd.borrow();
            if !dtd.unread || dtd.standalone {
                return fail(errors::UNDEFINED_ENTITY);
            }
            drop(dtd);
            return Ok(self.skipped(name, pos, end));
        };
        if e.open.get() || self.outer.iter().any(|n| n == name) {
            return fail(errors::RECURSIVE_ENTITY_REF);
        }
        if e.notation.is_some() {
            return fail(errors::BINARY_ENTITY_REF);
        }
        if e.text.is_some() {
            if self.on & on::DEFAULT != 0 {
                return Ok(self.skipped(name, pos, end));
            }
            self.enter(e, pos)?;
            return Ok(None);
        }
        if self.on & on::EXTERNAL == 0 {
            return Ok(self.default(pos, end));
        }
        let context = Some(self.context(name));
        self.declare(Decl::External {
            context,
            base: e.base.clone(),
            system: e.system.clone(),
            public: e.public.clone(),
        });
        Ok(None)
    }

    fn skipped(&mut self, name: &str, pos: usize, end: usize) -> Option<Event> {
        if self.on & on::SKIPPED == 0 {
            return self.default(pos, end);
        }
        self.declare(Decl::Skipped {
            name: name.to_owned(),
            is_param: false,
        });
        None
    }

    /// Goes on with the text of an entity.
    fn enter(&mut self, e: Rc<Entity>, pos: usize) -> Result<(), Halt> {
        let text = e.text.clone().unwrap_or_default();
        if text.len() as u64 > self.room() {
            return Err(Halt::Error(errors::AMPLIFICATION_LIMIT_BREACH, pos));
        }
        self.count(text.len() as u64);
        e.open.set(true);
        let level = self.open.len();
        self.frames.push(Frame {
            text,
            pos: 0,
            entity: Some(e),
            level,
        });
        Ok(())
    }

    /// What stands before and behind the root element.
    fn around(&mut self, text: &str, pos: usize, top: usize) -> Stepped {
        let bytes = text.as_bytes();
        let prolog = self.phase == Phase::Prolog;
        let junk = if prolog {
            errors::SYNTAX
        } else {
            errors::JUNK_AFTER_DOC_ELEMENT
        };
        match bytes.get(pos) {
            Some(b) if is_space(*b) => Ok(self.spaces(text, pos, top)),
            Some(b'<') => match bytes.get(pos + 1) {
                None => Err(Halt::Partial(pos)),
                Some(b'!' | b'?') if bytes.get(pos + 2) != Some(&b'[') => {
                    let ns = self.ns.is_some();
                    let (token, end) = token::markup(text, pos, ns, &mut Vec::new())
                        .map_err(|f| Self::halt(f, pos))?;
                    if !matches!(token, Token::Declaration) {
                        self.advance(top, end);
                        return self.comment_or_pi(text, token, pos, end);
                    }
                    if !prolog || self.seen_doctype {
                        return Err(Halt::Error(junk, pos));
                    }
                    self.start_doctype(text, pos, top)
                }
                Some(b'!') => Err(Halt::Error(if prolog { errors::SYNTAX } else { junk }, pos)),
                Some(_) if token::starts_name(text, pos + 1) => {
                    if !prolog {
                        return Err(Halt::Error(junk, pos));
                    }
                    self.phase = Phase::Content;
                    if self.doctype.is_some() && !self.seen_doctype {
                        // A document type from outside, that the document does not mention.
                        self.external_subset();
                    }
                    Ok(None)
                }
                Some(_) => Err(Halt::Error(errors::INVALID_TOKEN, pos + 1)),
            },
            Some(b'%' | b'(' | b')' | b'[' | b']' | b',' | b'|' | b'>' | b'"' | b'\'' | b'#') => {
                Err(Halt::Error(junk, pos))
            }
            _ if token::nmtoken_end(text, pos) > pos => {
                // A name is a token only if nothing stands at its end that no token begins with.
                let end = token::nmtoken_end(text, pos);
                match bytes.get(end) {
                    None => Err(Halt::Error(junk, pos)),
                    Some(b) if is_space(*b) || b">),|[%?*+".contains(b) => Err(Halt::Error(junk, pos)),
                    Some(_) => Err(Halt::Error(errors::INVALID_TOKEN, end)),
                }
            }
            _ => Err(Halt::Error(errors::INVALID_TOKEN, pos)),
        }
    }

    /// Tells the default handler of the pieces of a document type's start.
    fn doctype_pieces(&mut self, text: &str, pos: usize, end: usize) {
        let bytes = text.as_bytes().get(..end).unwrap_or_default();
        let mut at = pos;
        let mut to = pos + "<!DOCTYPE".len();
        while at < end {
            let piece = text.get(at..to).unwrap_or_default().to_owned();
            self.declare(Decl::Default(piece));
            at = to.max(at + 1);
            to = match bytes.get(at) {
                Some(b) if is_space(*b) => {
                    let n = bytes.iter().skip(at).position(|b| !is_space(*b));
                    n.map_or(end, |n| at + n)
                }
                Some(quote @ (b'"' | b'\'')) => {
                    let n = bytes.iter().skip(at + 1).position(|b| b == quote);
                    n.map_or(end, |n| at + n + 2)
                }
                Some(b'[' | b'>') => at + 1,
                _ => token::nmtoken_end(text, at).clamp(at, end),
            };
            if to <= at {
                to = end;
            }
        }
    }

    fn spaces(&mut self, text: &str, pos: usize, top: usize) -> Option<Event> {
        let rest = text.as_bytes().get(pos..).unwrap_or_default();
        let end = pos
            + rest
                .iter()
                .position(|b| !is_space(*b))
                .unwrap_or(rest.len());
        self.advance(top, end);
        self.default(pos, end)
    }

    fn start_doctype(&mut self, text: &str, pos: usize, top: usize) -> Stepped {
        let rest = text.get(pos + 2..).unwrap_or_default();
        let Some(body) = rest.strip_prefix("DOCTYPE") else {
            let short = "DOCTYPE".starts_with(rest);
            return Err(if short {
                Halt::Partial(pos)
            } else {
                Halt::Error(errors::SYNTAX, pos)
            });
        };
        let from = pos + 9;
        let Some(n) = unquoted(body, b"[>") else {
            return Err(Halt::Partial(pos));
        };
        let inner = body.get(..n).unwrap_or_default();
        let internal = body.as_bytes().get(n) == Some(&b'[');
        if !inner.starts_with([' ', '\t', '\r', '\n']) {
            return Err(Halt::Error(errors::INVALID_TOKEN, from));
        }
        let (name, public, system) =
            dtd::doctype(inner, from).map_err(|(code, at)| Halt::Error(code, at))?;
        let end = from + n + 1;
        self.advance(top, end);
        self.seen_doctype = true;
        if system.is_some() {
            let mut dtd = self.dtd.borrow_mut();
            dtd.unread = true;
            let standalone = dtd.standalone;
            drop(dtd);
            self.doctype = Some((system.clone(), public.clone()));
            if !standalone && self.param_parsing == 0 {
                self.declare(Decl::NotStandalone);
            }
        }
        if self.on & on::DOCTYPE_START != 0 {
            self.declare(Decl::StartDoctype {
                name,
                system,
                public,
                internal,
            });
        } else if self.on & on::ANY_DEFAULT != 0 {
            // The end is told below.
            self.doctype_pieces(text, pos, if internal { end } else { end - 1 });
        }
        if internal {
            self.phase = Phase::Subset;
        } else {
            self.end_doctype(text, end - 1, end);
        }
        Ok(None)
    }

    fn end_doctype(&mut self, text: &str, pos: usize, end: usize) {
        self.phase = Phase::Prolog;
        self.external_subset();
        if self.on & on::DOCTYPE_END != 0 {
            self.declare(Decl::EndDoctype);
        } else if self.on & on::ANY_DEFAULT != 0 {
            self.declare(Decl::Default(
                text.get(pos..end).unwrap_or_default().to_owned(),
            ));
        }
    }

    fn external_subset(&mut self) {
        let Some((system, public)) = self.doctype.take() else {
            return;
        };
        if self.param_parsing == 0 || self.on & on::EXTERNAL == 0 {
            return;
        }
        self.dtd.borrow_mut().unread = true;
        let base = self.base.clone();
        self.declare(Decl::External {
            context: None,
            base,
            system,
            public,
        });
    }

    /// Declarations between `[` and `]`, or in an external entity.
    fn subset(&mut self, text: &str, pos: usize, top: usize) -> Stepped {
        let bytes = text.as_bytes();
        let param = self.kind == Kind::Param;
        let partial = || {
            if top > 0 {
                Halt::Error(errors::INCOMPLETE_PE, pos)
            } else {
                Halt::Partial(pos)
            }
        };
        match bytes.get(pos) {
            Some(b) if is_space(*b) => return Ok(self.spaces(text, pos, top)),
            Some(b'%') => return self.param_reference(text, pos, top),
            Some(b']') if !param && top == 0 => {
                self.phase = Phase::SubsetEnd;
                self.advance(top, pos + 1);
                return Ok(self.default(pos, pos + 1));
            }
            Some(b']') => match bytes.get(pos + 1..pos + 3) {
                Some(b"]>") if self.includes > 0 => {
                    self.includes -= 1;
                    self.advance(top, pos + 3);
                    return Ok(self.default(pos, pos + 3));
                }
                Some(_) => return Err(Halt::Error(errors::SYNTAX, pos)),
                None => return Err(partial()),
            },
            Some(b'<') => {}
            _ if token::nmtoken_end(text, pos) > pos => {
                return Err(Halt::Error(errors::SYNTAX, pos));
            }
            _ => return Err(Halt::Error(errors::INVALID_TOKEN, pos)),
        }
        if bytes.get(pos + 1) == Some(&b'!') && bytes.get(pos + 2) == Some(&b'[') {
            if !param && top == 0 {
                return Err(Halt::Error(errors::SYNTAX, pos));
            }
            return self.conditional(text, pos, top);
        }
        let ns = self.ns.is_some();
        let markup = matches!(bytes.get(pos + 1), Some(b'!' | b'?') | None);
        if !markup {
            let name = token::starts_name(text, pos + 1);
            return Err(Halt::Error(
                if name {
                    errors::SYNTAX
                } else {
                    errors::INVALID_TOKEN
                },
                pos,
            ));
        }
        let (token, end) =
            token::markup(text, pos, ns, &mut Vec::new()).map_err(|f| Self::halt(f, pos))?;
        if !matches!(token, Token::Declaration) {
            self.advance(top, end);
            return self.comment_or_pi(text, token, pos, end);
        }
        let word_end = token::nmtoken_end(text, end);
        let rest = text.get(word_end..).unwrap_or_default();
        let Some(n) = unquoted(rest, b">") else {
            return Err(partial());
        };
        let word = text.get(end..word_end).unwrap_or_default();
        let stop = word_end + n + 1;
        let dtd = self.dtd.clone();
        let mut dtd = dtd.borrow_mut();
        let base = self.base.clone();
        let mut reader = Reader {
            dtd: &mut dtd,
            base: base.as_deref(),
            external: param || top > 0,
            ns,
            expanded: 0,
            limit: self.room(),
            out: Vec::new(),
        };
        let inner = rest.get(..n).unwrap_or_default();
        let read = reader.declaration(word, inner, word_end);
        let (expanded, out) = (reader.expanded, reader.out);
        read.map_err(|(code, at)| Halt::Error(code, at))?;
        self.count(expanded);
        self.advance(top, stop);
        let mut told = false;
        for decl in out {
            told |= self.on
                & match &decl {
                    Decl::Entity { .. } => on::ENTITY | on::UNPARSED,
                    Decl::Element { .. } => on::ELEMENT,
                    Decl::Attlist { .. } => on::ATTLIST,
                    _ => on::NOTATION,
                }
                != 0;
            self.declare(decl);
        }
        if !told && self.on & on::ANY_DEFAULT != 0 {
            self.queue.clear();
            return Ok(self.default(pos, stop));
        }
        Ok(None)
    }

    fn param_reference(&mut self, text: &str, pos: usize, top: usize) -> Stepped {
        let end = match token::name_end(text, pos + 1, self.ns.is_some()) {
            Ok(end) => end,
            Err(f) => return Err(Self::halt(f, pos)),
        };
        match text.as_bytes().get(end) {
            None => return Err(Halt::Partial(pos)),
            Some(b';') => {}
            Some(_) => return Err(Halt::Error(errors::INVALID_TOKEN, end)),
        }
        let name = text.get(pos + 1..end).unwrap_or_default();
        self.advance(top, end + 1);
        let found = self.dtd.borrow().params.get(name).cloned();
        let mut dtd = self.dtd.borrow_mut();
        let was_unread = std::mem::replace(&mut dtd.unread, true);
        let standalone = dtd.standalone;
        if self.param_parsing == 0 {
            dtd.ignoring = !standalone;
            drop(dtd);
            if !standalone {
                self.declare(Decl::NotStandalone);
            }
            return Ok(self.default(pos, end + 1));
        }
        let Some(e) = found else {
            if self.kind == Kind::Document && (!was_unread || standalone) {
                return Err(Halt::Error(errors::UNDEFINED_ENTITY, pos));
            }
            dtd.ignoring = !standalone;
            drop(dtd);
            self.declare(Decl::Skipped {
                name: name.to_owned(),
                is_param: true,
            });
            return Ok(None);
        };
        if e.open.get() {
            return Err(Halt::Error(errors::RECURSIVE_ENTITY_REF, pos));
        }
        if e.text.is_some() {
            drop(dtd);
            self.enter(e, pos)?;
            return Ok(None);
        }
        if self.on & on::EXTERNAL == 0 {
            dtd.ignoring = !standalone;
            return Ok(None);
        }
        drop(dtd);
        let (base, system, public) = (e.base.clone(), e.system.clone(), e.public.clone());
        self.declare(Decl::External {
            context: None,
            base,
            system,
            public,
        });
        Ok(None)
    }

    /// `<![INCLUDE[` or `<![IGNORE[`
    fn conditional(&mut self, text: &str, pos: usize, top: usize) -> Stepped {
        let rest = text.get(pos + 3..).unwrap_or_default();
        let Some(n) = rest.find('[') else {
            return Err(Halt::Partial(pos));
        };
        let mut word = rest.get(..n).unwrap_or_default().trim().to_owned();
        if let Some(name) = word.strip_prefix('%').and_then(|w| w.strip_suffix(';')) {
            let dtd = self.dtd.borrow();
            let text = dtd.params.get(name).and_then(|e| e.text.clone());
            word = text.unwrap_or_default().trim().to_owned();
        }
        let from = pos + 3 + n + 1;
        match word.as_str() {
            "INCLUDE" => {
                self.includes += 1;
                self.advance(top, from);
                Ok(self.default(pos, from))
            }
            "IGNORE" => {
                let mut depth = 1usize;
                let bytes = text.as_bytes();
                let mut at = from;
                while depth > 0 {
                    match bytes.get(at..at + 3) {
                        None => return Err(Halt::Partial(pos)),
                        Some(b"<![") => {
                            depth += 1;
                            at += 3;
                        }
                        Some(b"]]>") => {
                            depth -= 1;
                            at += 3;
                        }
                        Some(_) => at += 1,
                    }
                }
                self.advance(top, at);
                Ok(self.default(pos, at))
            }
            _ => Err(Halt::Error(errors::SYNTAX, pos)),
        }
    }

    /// Behind the `]` of the internal subset.
    fn subset_end(&mut self, text: &str, pos: usize, top: usize) -> Stepped {
        match text.as_bytes().get(pos) {
            Some(b) if is_space(*b) => Ok(self.spaces(text, pos, top)),
            Some(b'>') => {
                self.advance(top, pos + 1);
                self.end_doctype(text, pos, pos + 1);
                Ok(None)
            }
            _ => Err(Halt::Error(errors::SYNTAX, pos)),
        }
    }
}

/// The first of some bytes outside of quotes.
fn unquoted(text: &str, ends: &[u8]) -> Option<usize> {
    let mut quote = None;
    for (i, b) in text.bytes().enumerate() {
        match quote {
            Some(q) if q == b => quote = None,
            Some(_) => {}
            None if ends.contains(&b) => return Some(i),
            None if b == b'"' || b == b'\'' => quote = Some(b),
            None => {}
        }
    }
    None
}
