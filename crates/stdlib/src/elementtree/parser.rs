//! The class XMLParser.

use taipan_macros::{Trace, class};
use taipan_runtime::core::{NoTrace, PyCell, R, Raised, Ref, Value};
use taipan_runtime::native::Args;
use taipan_runtime::native::bind::Nullable;
use taipan_runtime::types::bytes::{self, BytesLike};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::str::{self, Str};
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::types::{exceptions as exc, tuple};
use taipan_runtime::vm::Vm;

use super::builder::{self, TreeBuilder, event};
use crate::expat::{self, Decl, Event, Parser, Step, errors, on};

/// The methods of a target that are called, in the order of [`XmlParser::handlers`].
const METHODS: [&str; 9] = ["start", "data", "end", "comment", "pi", "start_ns", "end_ns", "close", "doctype"];
const START: usize = 0;
const DATA: usize = 1;
const END: usize = 2;
const COMMENT: usize = 3;
const PI: usize = 4;
const START_NS: usize = 5;
const END_NS: usize = 6;
const CLOSE: usize = 7;
const DOCTYPE: usize = 8;

/// The payload of XMLParser.
#[derive(Trace)]
pub struct XmlParser {
    /// The parser proper, once the object is initialized.
    parser: PyCell<NoTrace<Option<Parser>>>,
    target: PyCell<Value>,
    /// The target where it is a plain builder, which is driven without calls.
    builder: PyCell<Option<Ref<TreeBuilder>>>,
    /// The target's methods; None where there is none.
    handlers: PyCell<Vec<Value>>,
    /// Texts for entities.
    entity: PyCell<Value>,
    /// Names as the parser tells them, and as elements have them.
    names: PyCell<Option<Ref<Dict>>>,
    /// Text for the builder.
    text: PyCell<NoTrace<String>>,
}

impl XmlParser {
    fn handler(&self, n: usize) -> Value {
        self.handlers.borrow().get(n).cloned().unwrap_or(Value::NONE)
    }

    /// A name as elements have it.
    fn name(&self, raw: &str) -> Value {
        let names = self.names.borrow();
        let Some(names) = &*names else {
            return Value::NONE;
        };
        if let Some(v) = names.get_str(raw) {
            return v;
        }
        let v = if raw.contains('}') { str::from_str(&format!("{{{raw}")) } else { str::from_str(raw) };
        names.set_str(raw, v.clone());
        v
    }

    /// Gives collected text to the builder.
    fn hand_over(&self, to: &TreeBuilder) {
        let mut text = self.text.borrow_mut();
        if !text.0.is_empty() {
            let made = str::from_str(&text.0);
            text.0.clear();
            drop(text);
            to.text(made);
        }
    }

    /// The attributes of the element that starts: a dict, or None if there are none.
    fn attributes(&self, vm: &Vm, p: &Parser) -> R {
        if p.attrs.is_empty() {
            return Ok(Value::NONE);
        }
        let dict = Ref::new(Dict::new());
        for a in &p.attrs {
            dict.set(vm, self.name(p.text(a.name)), str::from_str(p.text(a.value)))?;
        }
        Ok(dict.into_value())
    }

    fn position(&self) -> (usize, usize) {
        self.parser.borrow_mut().0.as_mut().map_or((0, 0), |p| {
            let (line, column, _) = p.position();
            (line, column)
        })
    }
}

/// Raises ParseError.
#[cold]
fn raise(vm: &Vm, this: &XmlParser, code: u32, text: &str) -> Raised {
    let (line, column) = this.position();
    let made = || {
        let class = super::error_class(vm)?;
        let text = str::from_str(&format!("{text}: line {line}, column {column}"));
        let e = vm.call(&class, &[text])?;
        vm.set_attr_str(&e, "code", &Value::from(code))?;
        let position = tuple::from_array([Value::from(line), Value::from(column)]);
        vm.set_attr_str(&e, "position", position.value())?;
        Ok(e)
    };
    match made() {
        Ok(e) => vm.raise(e),
        Err(raised) => raised,
    }
}

fn raise_code(vm: &Vm, this: &XmlParser, code: u32) -> Raised {
    raise(vm, this, code, errors::message(code).unwrap_or("unknown error"))
}

fn uninitialized(vm: &Vm) -> Raised {
    vm.value_error("XMLParser.__init__() wasn't called")
}

/// Parses bytes; `last` if none follow.
fn run(vm: &Vm, this: &Ref<XmlParser>, data: &[u8], last: bool) -> R<()> {
    let fed = match &mut this.parser.borrow_mut().0 {
        Some(p) => p.feed(data, last),
        None => return Err(uninitialized(vm)),
    };
    if let Err(code) = fed {
        return Err(raise_code(vm, this, code));
    }
    let builder = this.builder.get();
    while one(vm, this, builder.as_ref())? {}
    Ok(())
}

fn call(vm: &Vm, this: &XmlParser, n: usize, args: &[Value]) -> R<()> {
    let f = this.handler(n);
    if f.is_none() { Ok(()) } else { vm.call(&f, args).map(drop) }
}

fn optional(text: Option<&str>) -> Value {
    text.map_or(Value::NONE, str::from_str)
}

/// Handles one event; whether there may be more.
fn one(vm: &Vm, this: &Ref<XmlParser>, builder: Option<&Ref<TreeBuilder>>) -> R<bool> {
    let mut guard = this.parser.borrow_mut();
    let Some(p) = &mut guard.0 else {
        return Ok(false);
    };
    match p.next() {
        Step::Read => return Ok(false),
        Step::Error(code) => {
            drop(guard);
            return Err(raise_code(vm, this, code));
        }
        Step::UnknownEncoding(name) => {
            drop(guard);
            let table = expat::table(vm, &name);
            let mut guard = this.parser.borrow_mut();
            match (table, &mut guard.0) {
                (Ok(table), Some(p)) => p.set_table(table),
                (Err(raised), Some(p)) => {
                    p.fail(errors::UNKNOWN_ENCODING);
                    return Err(raised);
                }
                (result, None) => drop(result?),
            }
        }
        Step::Event(Event::Text(span)) => {
            if builder.is_some() {
                this.text.borrow_mut().0.push_str(p.text(span));
            } else {
                let text = str::from_str(p.text(span));
                drop(guard);
                call(vm, this, DATA, &[text])?;
            }
        }
        Step::Event(Event::Start(name)) => {
            let tag = this.name(p.text(name));
            let attrib = this.attributes(vm, p)?;
            drop(guard);
            if let Some(b) = builder {
                this.hand_over(b);
                b.begin(vm, tag, attrib)?;
            } else {
                let attrib = if attrib.is_none() { Ref::new(Dict::new()).into_value() } else { attrib };
                call(vm, this, START, &[tag, attrib])?;
            }
        }
        Step::Event(Event::End(name)) => {
            if let Some(b) = builder {
                drop(guard);
                this.hand_over(b);
                b.finish(vm)?;
            } else {
                let tag = this.name(p.text(name));
                drop(guard);
                call(vm, this, END, &[tag])?;
            }
        }
        Step::Event(Event::Comment(span)) => {
            let text = str::from_str(p.text(span));
            drop(guard);
            if let Some(b) = builder {
                this.hand_over(b);
                b.remark(vm, text)?;
            } else {
                call(vm, this, COMMENT, &[text])?;
            }
        }
        Step::Event(Event::Pi { target, data }) => {
            let (target, data) = (str::from_str(p.text(target)), str::from_str(p.text(data)));
            drop(guard);
            if let Some(b) = builder {
                this.hand_over(b);
                b.instruct(vm, target, data)?;
            } else {
                call(vm, this, PI, &[target, data])?;
            }
        }
        Step::Event(Event::Default(span)) => {
            let text = p.text(span);
            if text.len() > 1 && text.starts_with('&') {
                let text = text.to_owned();
                drop(guard);
                entity(vm, this, &text)?;
            }
        }
        Step::Event(Event::Decl(decl)) => {
            drop(guard);
            declared(vm, this, builder, &decl)?;
        }
        Step::Event(Event::CdataStart | Event::CdataEnd) => {}
    }
    Ok(true)
}

/// Handles the reference to an entity whose text the parser does not know.
fn entity(vm: &Vm, this: &Ref<XmlParser>, reference: &str) -> R<()> {
    let name = reference.strip_prefix('&').and_then(|r| r.strip_suffix(';')).unwrap_or_default();
    let all = this.entity.get();
    let found = match all.downcast::<Dict>() {
        Some(d) => d.get(vm, &str::from_str(name))?,
        None => None,
    };
    let Some(text) = found else {
        let text = format!("undefined entity {reference}");
        return Err(raise(vm, this, errors::UNDEFINED_ENTITY, &text));
    };
    match this.builder.get() {
        Some(b) => {
            this.hand_over(&b);
            b.text(text);
            Ok(())
        }
        None => call(vm, this, DATA, &[text]),
    }
}

fn declared(vm: &Vm, this: &Ref<XmlParser>, builder: Option<&Ref<TreeBuilder>>, decl: &Decl) -> R<()> {
    match decl {
        Decl::StartNs { prefix, uri } => {
            let prefix = str::from_str(prefix.as_deref().unwrap_or_default());
            let uri = str::from_str(uri.as_deref().unwrap_or_default());
            match builder {
                Some(b) => b.tell(vm, event::START_NS, || tuple::from_array([prefix, uri]).into_value()),
                None => call(vm, this, START_NS, &[prefix, uri]),
            }
        }
        Decl::EndNs { prefix } => match builder {
            Some(b) => {
                // The end of the element comes first.
                b.tell(vm, event::END_NS, || Value::NONE)
            }
            None => call(vm, this, END_NS, &[str::from_str(prefix.as_deref().unwrap_or_default())]),
        },
        Decl::StartDoctype { name, system, public, .. } => {
            if this.handler(DOCTYPE).is_none() {
                if vm.get_attr_str_opt(this.value(), "doctype")?.is_some() {
                    let text = "The doctype() method of XMLParser is ignored.  \
                                Define doctype() method on the TreeBuilder target.";
                    vm.warn(&exc::RUNTIME_WARNING, text, 1)?;
                }
                return Ok(());
            }
            let args = [str::from_str(name), optional(public.as_deref()), optional(system.as_deref())];
            call(vm, this, DOCTYPE, &args)
        }
        Decl::Default(text) if text.len() > 1 && text.starts_with('&') => entity(vm, this, text),
        _ => Ok(()),
    }
}

/// What the parser must report.
fn wanted(this: &XmlParser) -> u32 {
    let mut on = on::START | on::END | on::TEXT | on::DEFAULT_EXPAND | on::DOCTYPE_START;
    for (n, bit) in [(COMMENT, on::COMMENT), (PI, on::PI), (START_NS, on::NS_START), (END_NS, on::NS_END)] {
        if !this.handler(n).is_none() {
            on |= bit;
        }
    }
    on
}

/// The end of the document: the tree, or what the target's `close` returns.
fn close(vm: &Vm, this: &Ref<XmlParser>) -> R {
    run(vm, this, b"", true)?;
    if let Some(b) = this.builder.get() {
        return Ok(b.tree());
    }
    let f = this.handler(CLOSE);
    if f.is_none() { Ok(Value::NONE) } else { vm.call(&f, &[]) }
}

/// Takes a piece of a document as the text or the bytes it is.
fn take(vm: &Vm, this: &Ref<XmlParser>, data: &Value) -> R<()> {
    if let Some(s) = data.downcast::<Str>() {
        let text = s.to_utf8(vm)?;
        if let Some(p) = &mut this.parser.borrow_mut().0 {
            p.force_encoding("utf-8");
        }
        return run(vm, this, text.as_bytes(), false);
    }
    let copy = BytesLike::new(vm, data)?.to_vec();
    run(vm, this, &copy, false)
}

/// Parses XML and drives a target, a TreeBuilder by default.
#[class(
    name = "XMLParser",
    module = "xml.etree.ElementTree",
    flags(BASETYPE, GC),
    sig = "(*, target=None, encoding=None)"
)]
impl XmlParser {
    #[slot]
    fn new(_vm: &Vm, cls: &TypeObject, _args: Args<'_>) -> R {
        let made = XmlParser {
            parser: PyCell::new(NoTrace(None)),
            target: PyCell::new(Value::NONE),
            builder: PyCell::new(None),
            handlers: PyCell::new(vec![Value::NONE; METHODS.len()]),
            entity: PyCell::new(Value::NONE),
            names: PyCell::new(None),
            text: PyCell::new(NoTrace(String::new())),
        };
        Ok(Ref::new_of(cls, made).into_value())
    }

    #[slot]
    fn init(vm: &Vm, this: &Ref<Self>, target: &Value, encoding: Nullable<String>) -> R<()> {
        let target = if target.is_none() { builder::new(vm).into_value() } else { target.clone() };
        let builder = target.downcast_exact::<TreeBuilder>().cloned();
        let mut handlers = vec![Value::NONE; METHODS.len()];
        match &builder {
            // It is driven without calls, and hears of what it asks for only.
            Some(_) => {
                for n in [COMMENT, PI] {
                    handlers[n] = vm.get_attr_str(&target, METHODS[n])?;
                }
            }
            None => {
                for (place, name) in handlers.iter_mut().zip(METHODS) {
                    *place = vm.get_attr_str_opt(&target, name)?.unwrap_or(Value::NONE);
                }
            }
        }
        let old = (
            this.target.replace(target),
            this.builder.replace(builder),
            this.handlers.replace(handlers),
            this.entity.replace(Ref::new(Dict::new()).into_value()),
            this.names.replace(Some(Ref::new(Dict::new()))),
        );
        let mut parser = Parser::new(encoding.0, Some(Some('}')));
        parser.on = wanted(this);
        this.parser.borrow_mut().0 = Some(parser);
        this.text.borrow_mut().0.clear();
        drop(old);
        Ok(())
    }

    /// Take a piece of a document.
    #[method(sig = "(data, /)")]
    fn feed(vm: &Vm, this: &Ref<Self>, data: &Value) -> R<()> {
        take(vm, this, data)
    }

    /// Parse all that was taken, also what might be an incomplete token.
    #[method(sig = "()")]
    fn flush(vm: &Vm, this: &Ref<Self>) -> R<()> {
        let set = |on: bool| match &mut this.parser.borrow_mut().0 {
            Some(p) => Ok(std::mem::replace(&mut p.deferral, on)),
            None => Err(uninitialized(vm)),
        };
        let before = set(false)?;
        let result = run(vm, this, b"", false);
        set(before)?;
        result
    }

    /// End the document; return what the target's close() returns.
    #[method(sig = "()")]
    fn close(vm: &Vm, this: &Ref<Self>) -> R {
        close(vm, this)
    }

    /// Parse a whole file.
    #[method(sig = "(file, /)")]
    fn _parse_whole(vm: &Vm, this: &Ref<Self>, file: &Value) -> R {
        let read = vm.get_attr_str(file, "read")?;
        loop {
            let got = vm.call(&read, &[Value::from(64 * 1024)])?;
            if let Some(s) = got.downcast::<Str>() {
                if s.len() == 0 {
                    break;
                }
                take(vm, this, &got)?;
                continue;
            }
            match bytes::get(&got) {
                Some(b) if !b.is_empty() => run(vm, this, b, false)?,
                _ => break,
            }
        }
        run(vm, this, b"", true)?;
        Ok(this.builder.get().map_or(Value::NONE, |b| b.tree()))
    }

    /// Have events put into a queue.
    #[method(sig = "(events_queue, events_to_report=None, /)")]
    fn _setevents(vm: &Vm, this: &Ref<Self>, events_queue: &Value, events_to_report: &Value) -> R<()> {
        let Some(b) = this.builder.get() else {
            if this.parser.borrow().0.is_none() {
                return Err(uninitialized(vm));
            }
            return Err(vm.type_error("event handling only supported for ElementTree.TreeBuilder targets"));
        };
        let append = vm.get_attr_str(events_queue, "append")?;
        let events = builder::wanted(vm, events_to_report)?;
        let mut more = 0;
        for (n, bit) in [(event::START_NS, on::NS_START), (event::END_NS, on::NS_END)] {
            if events.get(n).is_some_and(|e| !e.is_none()) {
                more |= bit;
            }
        }
        b.report(append, events);
        if let Some(p) = &mut this.parser.borrow_mut().0 {
            p.on |= more;
        }
        Ok(())
    }

    /// The texts of entities that documents do not declare.
    #[getter]
    fn entity(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.entity.get()
    }

    /// What is driven.
    #[getter]
    fn target(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.target.get()
    }

    /// The version of the parser.
    #[getter]
    fn version(_vm: &Vm, _this: &Ref<Self>) -> String {
        let (a, b, c) = expat::VERSION;
        format!("Expat {a}.{b}.{c}")
    }
}
