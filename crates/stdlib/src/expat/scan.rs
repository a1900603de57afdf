//! The parser without objects: text comes in by pieces, events are asked for one by one.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;

use super::dtd::{Dtd, Entity};
use super::encoding::{self, Encoding};
use super::errors;
use super::event::{Attr, Decl, Event, Span, Step, on};
use super::token::{Fail, RawAttr};

/// Which part of an entity is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Phase {
    Prolog,
    Subset,
    SubsetEnd,
    Content,
    Cdata,
    Epilog,
}

/// What the parser reads.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Document,
    /// An external general entity.
    General,
    /// The external subset, or an external parameter entity.
    Param,
}

/// A text that is read; the first is the document, those above are entities.
pub(super) struct Frame {
    pub text: String,
    pub pos: usize,
    pub entity: Option<Rc<Entity>>,
    /// How many elements were open at its start.
    pub level: usize,
}

/// An open element.
pub(super) struct Open {
    /// Where its name starts in `names`.
    pub name: usize,
    /// The name with its namespace, if it has one.
    pub full: Option<String>,
    /// How many prefixes were bound before it.
    pub bound: usize,
}

/// Why a step gives no event.
pub(super) enum Halt {
    /// The token at the end of the text is not complete.
    Partial(usize),
    /// The text has no more tokens.
    End,
    Error(u32, usize),
}

pub(super) type Stepped = Result<Option<Event>, Halt>;

/// The state of a parser.
pub struct Parser {
    /// The events somebody wants.
    pub on: u32,
    /// With namespaces: what stands between the URI and the name, if anything.
    pub ns: Option<Option<char>>,
    /// Names with namespaces tell the prefix too.
    pub triplets: bool,
    pub base: Option<String>,
    /// Whether parameter entities are read: never, unless standalone, always.
    pub param_parsing: i32,
    pub foreign: bool,
    /// Incomplete tokens wait for a good deal of more text.
    pub deferral: bool,
    /// The attributes of the element that starts; those that are written come first.
    pub attrs: Vec<Attr>,
    /// How many attributes are written.
    pub specified: usize,
    pub(super) kind: Kind,
    pub(super) phase: Phase,
    pub(super) frames: Vec<Frame>,
    pub(super) open: Vec<Open>,
    pub(super) names: String,
    pub(super) queue: VecDeque<(Event, Option<usize>)>,
    pub(super) scratch: String,
    pub(super) raw_attrs: Vec<RawAttr>,
    pub(super) dtd: Rc<RefCell<Dtd>>,
    pub(super) doctype: Option<(Option<String>, Option<String>)>,
    pub(super) includes: usize,
    pub(super) seen_doctype: bool,
    pub(super) bindings: HashMap<String, Vec<Option<Rc<str>>>>,
    pub(super) bound: Vec<String>,
    /// Entities that are open outside of this external one.
    pub(super) outer: Vec<String>,
    /// Bytes of the documents, and of entities that were put in.
    pub(super) account: Rc<Cell<(u64, u64)>>,
    encoding: Option<Encoding>,
    forced: Option<String>,
    started: bool,
    raw: Vec<u8>,
    /// The bytes that follow the text mean nothing.
    bad: bool,
    last: bool,
    fed: bool,
    failed: Option<u32>,
    finished: bool,
    deferred: bool,
    /// How many bytes were not enough for a token.
    partial: usize,
    fed_at: usize,
    pub(super) event_at: usize,
    mark: Mark,
}

/// A place in the document whose position is known.
#[derive(Clone, Copy, Default)]
struct Mark {
    offset: usize,
    line: usize,
    column: usize,
    byte: usize,
}

impl Parser {
    /// A parser for a document.
    pub fn new(encoding: Option<String>, ns: Option<Option<char>>) -> Parser {
        let mut bindings = HashMap::new();
        bindings.insert(
            "xml".to_owned(),
            vec![Some(Rc::from(super::names::XML_URI))],
        );
        Parser {
            on: 0,
            ns,
            triplets: false,
            base: None,
            param_parsing: 0,
            foreign: false,
            deferral: true,
            attrs: Vec::new(),
            specified: 0,
            kind: Kind::Document,
            phase: Phase::Prolog,
            frames: vec![Frame {
                text: String::new(),
                pos: 0,
                entity: None,
                level: 0,
            }],
            open: Vec::new(),
            names: String::new(),
            queue: VecDeque::new(),
            scratch: String::new(),
            raw_attrs: Vec::new(),
            dtd: Rc::default(),
            doctype: None,
            includes: 0,
            seen_doctype: false,
            bindings,
            bound: Vec::new(),
            outer: Vec::new(),
            account: Rc::default(),
            encoding: None,
            forced: encoding,
            started: false,
            raw: Vec::new(),
            bad: false,
            last: false,
            fed: false,
            failed: None,
            finished: false,
            deferred: false,
            partial: 0,
            fed_at: 0,
            event_at: 0,
            mark: Mark {
                line: 1,
                ..Mark::default()
            },
        }
    }

    /// A parser for an external entity; without a context for one of the document type.
    pub fn child(&self, context: Option<&str>, encoding: Option<String>) -> Parser {
        let mut p = Parser::new(encoding, self.ns);
        p.on = self.on;
        p.triplets = self.triplets;
        p.base.clone_from(&self.base);
        p.param_parsing = self.param_parsing;
        p.deferral = self.deferral;
        p.dtd = self.dtd.clone();
        p.account = self.account.clone();
        (p.kind, p.phase) = match context {
            Some(_) => (Kind::General, Phase::Content),
            None => (Kind::Param, Phase::Subset),
        };
        for part in context
            .unwrap_or_default()
            .split('\x0c')
            .filter(|p| !p.is_empty())
        {
            match part.split_once('=') {
                Some((prefix, uri)) => {
                    p.bindings
                        .insert(prefix.to_owned(), vec![Some(Rc::from(uri))]);
                }
                None => p.outer.push(part.to_owned()),
            }
        }
        p
    }

    /// Sets the encoding whatever the document says.
    pub fn force_encoding(&mut self, name: &str) {
        if !self.fed {
            self.forced = Some(name.to_owned());
        }
    }

    /// Sets the characters that the bytes of an unknown encoding stand for.
    pub fn set_table(&mut self, table: Box<[char; 256]>) {
        self.encoding = Some(Encoding::Table(table));
    }

    pub(super) fn is_final(&self) -> bool {
        self.last && self.raw.is_empty() && !self.bad
    }

    /// Where a piece of text ends that is reported at once: what must be converted comes in pieces.
    pub(super) fn piece_end(&self, text: &str, pos: usize, end: usize, top: usize) -> usize {
        let converted =
            top == 0 && !matches!(self.encoding, Some(Encoding::Utf8 | Encoding::Ascii));
        if !converted || end - pos <= 1024 {
            return end;
        }
        (pos + 1..=pos + 1024)
            .rev()
            .find(|i| text.is_char_boundary(*i))
            .unwrap_or(end)
    }

    /// Whether anything was given to the parser.
    pub fn has_started(&self) -> bool {
        self.fed
    }

    /// The code of the error that ended the parsing; 0 if there is none.
    pub fn error(&self) -> u32 {
        self.failed.unwrap_or(0)
    }

    /// Ends the parsing by an error.
    pub fn fail(&mut self, code: u32) {
        self.failed = Some(code);
        self.queue.clear();
    }

    /// The text of a span.
    pub fn text(&self, span: Span) -> &str {
        let text = if span.scratch {
            Some(&self.scratch)
        } else {
            self.frames.last().map(|f| &f.text)
        };
        text.and_then(|t| t.get(span.start..span.end))
            .unwrap_or_default()
    }

    /// Adds bytes of the document. An error is a code.
    pub fn feed(&mut self, bytes: &[u8], last: bool) -> Result<(), u32> {
        if self.failed.is_some() || self.finished {
            self.failed = Some(errors::FINISHED);
            return Err(errors::FINISHED);
        }
        self.fed = true;
        self.last = last;
        let (direct, indirect) = self.account.get();
        if self.kind == Kind::Document {
            self.account
                .set((direct.saturating_add(bytes.len() as u64), indirect));
        } else {
            self.account
                .set((direct, indirect.saturating_add(bytes.len() as u64)));
        }
        let done = self.frames.first().map_or(0, |f| f.pos).min(self.event_at);
        if done > 0 {
            let keep = self.event_at;
            self.event_at = done;
            self.advance_mark();
            self.event_at = keep - done;
            self.mark.offset = self.mark.offset.saturating_sub(done);
            if let Some(f) = self.frames.first_mut() {
                f.text.drain(..done);
                f.pos -= done;
            }
        }
        if self.started && self.raw.is_empty() {
            self.decode(bytes);
        } else {
            self.raw.extend_from_slice(bytes);
            if self.started {
                let raw = std::mem::take(&mut self.raw);
                self.decode(&raw);
            }
        }
        let (len, pos) = self
            .frames
            .first()
            .map_or((0, 0), |f| (f.text.len(), f.pos));
        self.fed_at = pos;
        self.deferred = self.deferral && !last && len - pos < self.partial.saturating_mul(2);
        Ok(())
    }

    fn decode(&mut self, bytes: &[u8]) {
        let (Some(encoding), Some(f), false) = (&self.encoding, self.frames.first_mut(), self.bad)
        else {
            return;
        };
        let (n, bad) = encoding.decode(bytes, &mut f.text);
        self.bad = bad;
        self.raw = bytes.get(n..).unwrap_or_default().to_vec();
    }

    /// Finds out the encoding, and reads the declaration at the start. `None` if that is done.
    fn start(&mut self) -> Option<Step> {
        let mut skip = 0;
        let detected = Encoding::detect(&self.raw, self.last);
        let mut base = match (&self.forced, detected) {
            (_, None) => return Some(self.read()),
            (None, Some((e, n))) => {
                skip = n;
                e
            }
            (Some(name), Some((found, n))) => {
                let e = match (Encoding::by_name(name), &self.encoding) {
                    (_, Some(e)) => e.clone(),
                    (Some(e), _) => e,
                    (None, None) => return Some(Step::UnknownEncoding(name.clone())),
                };
                match (&e, &found) {
                    (Encoding::Utf8, Encoding::Utf8) => {
                        skip = n;
                        e
                    }
                    (Encoding::Utf16 { .. }, Encoding::Utf16 { .. }) if n > 0 => {
                        skip = n;
                        found
                    }
                    _ => e,
                }
            }
        };
        let body = self.raw.get(skip..).unwrap_or_default();
        let mut head = String::new();
        let wide = matches!(base, Encoding::Utf16 { .. });
        if wide {
            base.decode(body, &mut head).0
        } else {
            Encoding::Latin1.decode(body, &mut head).0
        };
        let open = "<?xml";
        let is_decl = head
            .strip_prefix(open)
            .is_some_and(|r| r.starts_with([' ', '\t', '\r', '\n', '?']));
        if !is_decl && !self.last && (head == open || open.starts_with(&head)) {
            return Some(self.read());
        }
        let mut end = 0;
        let mut declared = None;
        if is_decl {
            match head.find("?>") {
                None if !self.last => return Some(self.read()),
                None => {}
                Some(n) => {
                    let inner = head.get(5..n).unwrap_or_default();
                    match encoding::declaration(inner, self.kind != Kind::Document) {
                        Ok(d) => declared = Some(d),
                        Err(at) => {
                            if let Some(f) = self.frames.first_mut() {
                                f.text = head.clone();
                            }
                            self.encoding = Some(base);
                            self.event_at = 5 + at;
                            let document = self.kind == Kind::Document;
                            return Some(self.stop(if document {
                                errors::XML_DECL
                            } else {
                                errors::TEXT_DECL
                            }));
                        }
                    }
                    end = n + 2;
                }
            }
        }
        if let Some(name) = declared.as_ref().and_then(|d| d.encoding.as_ref())
            && self.forced.is_none()
        {
            base = match (Encoding::by_name(name), self.encoding.take()) {
                (_, Some(table)) => table,
                (Some(Encoding::Utf16 { .. }), _) if wide => base,
                (Some(Encoding::Utf16 { .. }), _) => {
                    return Some(self.wrong_encoding(base, head, name));
                }
                (Some(_), _) if wide => return Some(self.wrong_encoding(base, head, name)),
                (Some(e), _) => e,
                (None, None) => return Some(Step::UnknownEncoding(name.clone())),
            };
        }
        self.encoding = Some(base);
        self.started = true;
        self.mark.byte = skip;
        // The mark itself counts as a character.
        self.mark.column = usize::from(skip > 0);
        let raw = std::mem::take(&mut self.raw);
        self.decode(raw.get(skip..).unwrap_or_default());
        if let Some(f) = self.frames.first_mut() {
            f.pos = end.min(f.text.len());
        }
        if let Some(d) = declared {
            if d.standalone == Some(true) {
                self.dtd.borrow_mut().standalone = true;
                if self.param_parsing == 1 {
                    self.param_parsing = 0;
                }
            }
            if self.on & on::XML != 0 {
                let standalone = d.standalone.map_or(-1, i32::from);
                self.declare(Decl::Xml {
                    version: d.version,
                    encoding: d.encoding,
                    standalone,
                });
            } else if self.on & on::ANY_DEFAULT != 0 {
                self.queue.push_back((
                    Event::Default(Span {
                        scratch: false,
                        start: 0,
                        end,
                    }),
                    None,
                ));
            }
        }
        if self.kind == Kind::Document && self.foreign {
            self.doctype = Some((None, None));
        }
        None
    }

    /// The declaration names an encoding that the document does not have.
    fn wrong_encoding(&mut self, base: Encoding, head: String, name: &str) -> Step {
        let at = head.find(&format!("{name}'")).or_else(|| head.find(name)).unwrap_or(0);
        if let Some(f) = self.frames.first_mut() {
            f.text = head;
        }
        self.encoding = Some(base);
        self.stop_at(errors::INCORRECT_ENCODING, at)
    }

    /// Adds one of the rarer events.
    pub(super) fn declare(&mut self, decl: Decl) {
        self.queue.push_back((Event::Decl(Box::new(decl)), None));
    }

    fn read(&mut self) -> Step {
        if self.last {
            return self.stop(errors::NO_ELEMENTS);
        }
        Step::Read
    }

    fn stop(&mut self, code: u32) -> Step {
        self.fail(code);
        Step::Error(code)
    }

    fn stop_at(&mut self, code: u32, at: usize) -> Step {
        self.event_at = at;
        self.stop(code)
    }

    /// The next thing that happens.
    pub fn next(&mut self) -> Step {
        loop {
            if let Some(code) = self.failed {
                return Step::Error(code);
            }
            if let Some((event, at)) = self.queue.pop_front() {
                if let Some(at) = at {
                    self.event_at = at;
                }
                if self.wanted(&event) {
                    return Step::Event(event);
                }
                continue;
            }
            if self.finished {
                return Step::Read;
            }
            if self.deferred {
                return Step::Read;
            }
            if !self.started {
                if let Some(step) = self.start() {
                    return step;
                }
                continue;
            }
            let top = self.frames.len().saturating_sub(1);
            let Some(f) = self.frames.get_mut(top) else {
                return self.stop(errors::UNEXPECTED_STATE);
            };
            let pos = f.pos;
            let text = std::mem::take(&mut f.text);
            if top == 0 {
                self.event_at = pos;
            }
            let stepped = self.step(&text, pos, top);
            if let Some(f) = self.frames.get_mut(top) {
                f.text = text;
            }
            match stepped {
                Ok(Some(event)) => return Step::Event(event),
                Ok(None) => {}
                Err(Halt::Error(code, at)) => {
                    if top == 0 {
                        self.event_at = at;
                    }
                    return self.stop(code);
                }
                Err(Halt::Partial(at)) if top > 0 => {
                    let _ = at;
                    return self.stop(errors::UNCLOSED_TOKEN);
                }
                Err(Halt::Partial(at)) => return self.incomplete(at),
                Err(Halt::End) => return self.ended(),
            }
        }
    }

    fn len(&self) -> usize {
        self.frames.first().map_or(0, |f| f.text.len())
    }

    /// What stands at the end is no whole token.
    fn incomplete(&mut self, at: usize) -> Step {
        if self.bad {
            return self.stop_at(errors::INVALID_TOKEN, self.len());
        }
        if !self.last {
            self.partial = if at == self.fed_at {
                self.len() - at.min(self.len())
            } else {
                0
            };
            return Step::Read;
        }
        let utf8 = matches!(self.encoding, Some(Encoding::Utf8));
        self.stop_at(
            if !self.raw.is_empty() && utf8 {
                errors::PARTIAL_CHAR
            } else {
                errors::UNCLOSED_TOKEN
            },
            at,
        )
    }

    /// All text is read.
    fn ended(&mut self) -> Step {
        let len = self.len();
        if self.bad || self.last && !self.raw.is_empty() {
            return self.incomplete(len);
        }
        self.event_at = len;
        if !self.last {
            self.partial = 0;
            return Step::Read;
        }
        let code = match (self.kind, self.phase) {
            (Kind::Document, Phase::Epilog) => 0,
            (Kind::General, Phase::Content) if self.open.is_empty() => 0,
            (Kind::General, Phase::Content) => errors::ASYNC_ENTITY,
            (Kind::Param, Phase::Subset) if self.includes == 0 => 0,
            (Kind::Param, _) => errors::SYNTAX,
            (_, Phase::Cdata) => errors::UNCLOSED_CDATA_SECTION,
            _ => errors::NO_ELEMENTS,
        };
        if code != 0 {
            return self.stop(code);
        }
        self.finished = true;
        Step::Read
    }

    /// Whether somebody wants an event that was queued.
    fn wanted(&self, event: &Event) -> bool {
        let bit = match event {
            Event::Start(_) => on::START,
            Event::End(_) => on::END,
            Event::Text(_) => on::TEXT,
            Event::Pi { .. } => on::PI,
            Event::Comment(_) => on::COMMENT,
            Event::CdataStart => on::CDATA_START,
            Event::CdataEnd => on::CDATA_END,
            Event::Default(_) => on::ANY_DEFAULT,
            Event::Decl(d) => match &**d {
                Decl::Xml { .. } => on::XML,
                Decl::StartNs { .. } => on::NS_START,
                Decl::EndNs { .. } => on::NS_END,
                Decl::StartDoctype { .. } => on::DOCTYPE_START,
                Decl::EndDoctype => on::DOCTYPE_END,
                Decl::Element { .. } => on::ELEMENT,
                Decl::Attlist { .. } => on::ATTLIST,
                Decl::Entity { .. } => on::ENTITY | on::UNPARSED,
                Decl::Notation { .. } => on::NOTATION,
                Decl::External { .. } => on::EXTERNAL,
                Decl::Skipped { .. } => on::SKIPPED,
                Decl::NotStandalone => on::NOT_STANDALONE,
                Decl::Default(_) => on::ANY_DEFAULT,
            },
        };
        self.on & bit != 0
    }

    /// An event, or its text for the default handler, or nothing.
    pub(super) fn emit(&self, bit: u32, event: Event, start: usize, end: usize) -> Option<Event> {
        if self.on & bit != 0 {
            return Some(event);
        }
        self.default(start, end)
    }

    pub(super) fn default(&self, start: usize, end: usize) -> Option<Event> {
        (self.on & on::ANY_DEFAULT != 0).then_some(Event::Default(Span {
            scratch: false,
            start,
            end,
        }))
    }

    pub(super) fn advance(&mut self, top: usize, end: usize) {
        if let Some(f) = self.frames.get_mut(top) {
            f.pos = end;
        }
    }

    pub(super) fn halt(fail: Fail, pos: usize) -> Halt {
        match fail {
            Fail::Partial => Halt::Partial(pos),
            Fail::Invalid(at) => Halt::Error(errors::INVALID_TOKEN, at),
        }
    }

    /// How many more bytes of entities may be put in.
    pub(super) fn room(&self) -> u64 {
        let (direct, indirect) = self.account.get();
        direct
            .saturating_mul(100)
            .max(8 << 20)
            .saturating_sub(direct.saturating_add(indirect))
    }

    /// Counts bytes of entities that are put in.
    pub(super) fn count(&self, n: u64) {
        let (direct, indirect) = self.account.get();
        self.account.set((direct, indirect.saturating_add(n)));
    }

    /// Moves the mark to the current event.
    fn advance_mark(&mut self) {
        let (Some(f), Some(encoding)) = (self.frames.first(), &self.encoding) else {
            return;
        };
        let Some(text) = f.text.get(self.mark.offset..self.event_at) else {
            return;
        };
        self.mark.byte += encoding.byte_len(text);
        let bytes = text.as_bytes();
        let mut start = 0;
        for (i, b) in bytes.iter().enumerate() {
            let newline = match b {
                b'\n' => true,
                b'\r' => bytes.get(i + 1) != Some(&b'\n'),
                _ => false,
            };
            if newline {
                self.mark.line += 1;
                self.mark.column = 0;
                start = i + 1;
            }
        }
        self.mark.column += text.get(start..).unwrap_or_default().chars().count();
        self.mark.offset = self.event_at;
    }

    /// Line, column and byte of the current event.
    pub fn position(&mut self) -> (usize, usize, usize) {
        self.advance_mark();
        (self.mark.line, self.mark.column, self.mark.byte)
    }

    /// The text from the current event on.
    pub fn input_context(&self) -> Option<&str> {
        self.frames
            .first()
            .and_then(|f| f.text.get(self.event_at..))
            .filter(|_| self.fed)
    }
}
