//! Events to calls of handlers.

use taipan_runtime::core::{R, Raised, Ref, Value};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::{bytes, int, list, str, tuple};
use taipan_runtime::vm::Vm;

use super::errors;
use super::event::{Decl, Event, Model, Span, Step, on};
use super::object::XmlParser;
use super::scan::Parser;

/// The handlers and the events for them; the place in this list is the number of a handler.
pub const HANDLERS: [u32; 22] = [
    on::START,
    on::END,
    on::TEXT,
    on::PI,
    on::COMMENT,
    on::CDATA_START,
    on::CDATA_END,
    on::DEFAULT,
    on::DEFAULT_EXPAND,
    on::NS_START,
    on::NS_END,
    on::DOCTYPE_START,
    on::DOCTYPE_END,
    on::XML,
    on::ELEMENT,
    on::ATTLIST,
    on::ENTITY,
    on::UNPARSED,
    on::NOTATION,
    on::EXTERNAL,
    on::SKIPPED,
    on::NOT_STANDALONE,
];

/// The number of a handler by its bit.
const fn number(bit: u32) -> usize {
    bit.trailing_zeros() as usize
}

fn opt(text: &Option<String>) -> Value {
    text.as_deref().map_or(Value::NONE, str::from_str)
}

/// A name as a str that is the same object each time.
fn interned(intern: &Value, name: &str) -> Value {
    let Some(dict) = intern.downcast::<Dict>() else {
        return str::from_str(name);
    };
    if let Some(v) = dict.get_str(name) {
        return v;
    }
    let v = str::from_str(name);
    dict.set_str(name, v.clone());
    v
}

fn opt_interned(intern: &Value, text: &Option<String>) -> Value {
    text.as_deref().map_or(Value::NONE, |t| interned(intern, t))
}

/// A content model as nested tuples; its depth is limited.
fn model(intern: &Value, m: &Model) -> Value {
    let children = m
        .children
        .iter()
        .map(|c| model(intern, c))
        .collect::<Vec<_>>();
    let name = opt_interned(intern, &m.name);
    tuple::from_array([
        Value::from(m.kind),
        Value::from(m.quant),
        name,
        tuple::from_vec(children).into_value(),
    ])
    .into_value()
}

/// Raises ExpatError for the error that ended the parsing.
#[cold]
pub fn raise(vm: &Vm, this: &Ref<XmlParser>, code: u32) -> Raised {
    if code == errors::TOO_DEEP {
        return vm.recursion_error("maximum recursion depth exceeded in conv_content_model");
    }
    let (line, column, _) = this.parser.borrow_mut().0.position();
    let made = || {
        let class = super::error_class(vm)?;
        let text = errors::message(code).unwrap_or("unknown error");
        let e = vm.call(
            &class,
            &[str::from_str(&format!(
                "{text}: line {line}, column {column}"
            ))],
        )?;
        vm.set_attr_str(&e, "code", &Value::from(code))?;
        vm.set_attr_str(&e, "offset", &Value::from(column))?;
        vm.set_attr_str(&e, "lineno", &Value::from(line))?;
        Ok(e)
    };
    match made() {
        Ok(e) => vm.raise(e),
        Err(raised) => raised,
    }
}

/// Parses bytes; `last` if none follow.
///
/// Raises ExpatError, and what handlers raise.
pub fn run(vm: &Vm, this: &Ref<XmlParser>, data: &[u8], last: bool) -> R<()> {
    let fed = this.parser.borrow_mut().0.feed(data, last);
    if let Err(code) = fed {
        return Err(raise(vm, this, code));
    }
    loop {
        let result = one(vm, this);
        match result {
            Ok(true) => {}
            Ok(false) => break,
            Err(raised) => {
                this.clear_handlers();
                return Err(raised);
            }
        }
    }
    flush(vm, this)
}

/// Handles one event; whether there may be more.
fn one(vm: &Vm, this: &Ref<XmlParser>) -> R<bool> {
    let mut guard = this.parser.borrow_mut();
    let parser = &mut guard.0;
    match parser.next() {
        Step::Read => Ok(false),
        Step::Error(code) => {
            drop(guard);
            Err(raise(vm, this, code))
        }
        Step::UnknownEncoding(name) => {
            drop(guard);
            let table = table(vm, &name);
            let mut guard = this.parser.borrow_mut();
            match table {
                Ok(table) => guard.0.set_table(table),
                Err(raised) => {
                    guard.0.fail(errors::UNKNOWN_ENCODING);
                    return Err(raised);
                }
            }
            Ok(true)
        }
        Step::Event(Event::Text(span)) => {
            if !this.buffer_text.get() {
                let text = str::from_str(parser.text(span));
                drop(guard);
                call(vm, this, on::TEXT, &[text])?;
                return Ok(true);
            }
            let text = parser.text(span);
            let mut buffer = this.buffer.borrow_mut();
            let size = this.buffer_size.get();
            if buffer.0.len() + text.len() <= size {
                buffer.0.push_str(text);
                return Ok(true);
            }
            drop(buffer);
            let text = text.to_owned();
            drop(guard);
            flush(vm, this)?;
            if text.len() > size {
                call(vm, this, on::TEXT, &[str::from_str(&text)])?;
            } else if !this.handler(number(on::TEXT)).is_none() {
                this.buffer.borrow_mut().0.push_str(&text);
            }
            Ok(true)
        }
        Step::Event(event) => {
            let (bit, args) = arguments(vm, this, parser, &event)?;
            drop(guard);
            flush(vm, this)?;
            let result = call(vm, this, bit, &args)?;
            if matches!(bit, on::EXTERNAL | on::NOT_STANDALONE)
                && !int::to_isize(vm, &result).map(|n| n != 0)?
            {
                let external = bit == on::EXTERNAL;
                let code = if external {
                    errors::EXTERNAL_ENTITY_HANDLING
                } else {
                    errors::NOT_STANDALONE
                };
                this.parser.borrow_mut().0.fail(code);
            }
            Ok(true)
        }
    }
}

/// Calls the text's handler for what is kept.
pub fn flush(vm: &Vm, this: &Ref<XmlParser>) -> R<()> {
    if this.buffer.borrow().0.is_empty() {
        return Ok(());
    }
    let text = {
        let mut buffer = this.buffer.borrow_mut();
        let text = str::from_str(&buffer.0);
        buffer.0.clear();
        text
    };
    call(vm, this, on::TEXT, &[text])?;
    Ok(())
}

fn call(vm: &Vm, this: &Ref<XmlParser>, bit: u32, args: &[Value]) -> R {
    let handler = this.handler(number(bit));
    if handler.is_none() {
        // It went away since the event was found; nobody objects.
        return Ok(Value::from(1));
    }
    let before = this.in_callback.replace(true);
    let result = vm.call(&handler, args);
    this.in_callback.set(before);
    result
}

/// The handler's bit and arguments for an event.
fn arguments(vm: &Vm, this: &Ref<XmlParser>, p: &Parser, event: &Event) -> R<(u32, Vec<Value>)> {
    let intern = &this.intern;
    let name = |s: Span| interned(intern, p.text(s));
    let text = |s: Span| str::from_str(p.text(s));
    Ok(match event {
        Event::Start(n) => (on::START, vec![name(*n), attributes(vm, this, p)?]),
        Event::End(n) => (on::END, vec![name(*n)]),
        Event::Text(t) => (on::TEXT, vec![text(*t)]),
        Event::Pi { target, data } => (on::PI, vec![name(*target), text(*data)]),
        Event::Comment(t) => (on::COMMENT, vec![text(*t)]),
        Event::CdataStart => (on::CDATA_START, Vec::new()),
        Event::CdataEnd => (on::CDATA_END, Vec::new()),
        Event::Default(t) => (default_bit(p), vec![text(*t)]),
        Event::Decl(d) => match &**d {
            Decl::Xml {
                version,
                encoding,
                standalone,
            } => (
                on::XML,
                vec![opt(version), opt(encoding), Value::from(*standalone)],
            ),
            Decl::StartNs { prefix, uri } => (
                on::NS_START,
                vec![opt_interned(intern, prefix), opt_interned(intern, uri)],
            ),
            Decl::EndNs { prefix } => (on::NS_END, vec![opt_interned(intern, prefix)]),
            Decl::StartDoctype {
                name,
                system,
                public,
                internal,
            } => {
                let name = interned(intern, name);
                let ids = (opt_interned(intern, system), opt_interned(intern, public));
                (
                    on::DOCTYPE_START,
                    vec![name, ids.0, ids.1, Value::from(i32::from(*internal))],
                )
            }
            Decl::EndDoctype => (on::DOCTYPE_END, Vec::new()),
            Decl::Element { name, model: m } => {
                (on::ELEMENT, vec![interned(intern, name), model(intern, m)])
            }
            Decl::Attlist {
                element,
                attr,
                kind,
                default,
                required,
            } => {
                let names = (interned(intern, element), interned(intern, attr));
                let required = Value::from(i32::from(*required));
                (
                    on::ATTLIST,
                    vec![
                        names.0,
                        names.1,
                        str::from_str(kind),
                        opt(default),
                        required,
                    ],
                )
            }
            Decl::Entity {
                entity: e,
                is_param,
            } => {
                let (base, system) = (
                    opt_interned(intern, &e.base),
                    opt_interned(intern, &e.system),
                );
                let public = opt_interned(intern, &e.public);
                let notation = opt_interned(intern, &e.notation);
                let name = interned(intern, &e.name);
                if e.notation.is_some() && p.on & on::UNPARSED != 0 {
                    (on::UNPARSED, vec![name, base, system, public, notation])
                } else {
                    let is_param = Value::from(i32::from(*is_param));
                    (
                        on::ENTITY,
                        vec![name, is_param, opt(&e.text), base, system, public, notation],
                    )
                }
            }
            Decl::Notation {
                name,
                base,
                system,
                public,
            } => {
                let ids = (opt_interned(intern, base), opt_interned(intern, system));
                (
                    on::NOTATION,
                    vec![
                        interned(intern, name),
                        ids.0,
                        ids.1,
                        opt_interned(intern, public),
                    ],
                )
            }
            Decl::External {
                context,
                base,
                system,
                public,
            } => {
                let ids = (opt_interned(intern, base), opt_interned(intern, system));
                (
                    on::EXTERNAL,
                    vec![opt(context), ids.0, ids.1, opt_interned(intern, public)],
                )
            }
            Decl::Skipped { name, is_param } => (
                on::SKIPPED,
                vec![interned(intern, name), Value::from(i32::from(*is_param))],
            ),
            Decl::NotStandalone => (on::NOT_STANDALONE, Vec::new()),
            Decl::Default(t) => (default_bit(p), vec![str::from_str(t)]),
        },
    })
}

fn default_bit(p: &Parser) -> u32 {
    if p.on & on::DEFAULT != 0 {
        on::DEFAULT
    } else {
        on::DEFAULT_EXPAND
    }
}

/// The attributes of the element that starts, as a dict or a list.
fn attributes(vm: &Vm, this: &Ref<XmlParser>, p: &Parser) -> R {
    let shown = if this.specified.get() {
        p.specified.min(p.attrs.len())
    } else {
        p.attrs.len()
    };
    let attrs = p.attrs.get(..shown).unwrap_or_default();
    if this.ordered.get() {
        let mut out = Vec::with_capacity(shown * 2);
        for a in attrs {
            out.push(interned(&this.intern, p.text(a.name)));
            out.push(str::from_str(p.text(a.value)));
        }
        return Ok(list::from_vec(out).into_value());
    }
    let dict = Ref::new(Dict::new());
    for a in attrs {
        let name = interned(&this.intern, p.text(a.name));
        dict.set(vm, name, str::from_str(p.text(a.value)))?;
    }
    Ok(dict.into_value())
}

/// The characters for all bytes of an encoding that the parser does not know.
pub fn table(vm: &Vm, name: &str) -> R<Box<[char; 256]>> {
    let all: Vec<u8> = (0..=255).collect();
    let text = str::codec::decode(vm, bytes::from_vec(all).value(), name, Some("replace"))?;
    let mut table = Box::new(['\u{fffd}'; 256]);
    match text.downcast::<str::Str>() {
        Some(s) if s.len() == 256 => {
            for (place, c) in table.iter_mut().zip(s.iter()) {
                *place = char::from_u32(c).unwrap_or('\u{fffd}');
            }
            Ok(table)
        }
        _ => Err(vm.value_error("multi-byte encodings are not supported")),
    }
}
