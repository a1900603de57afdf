//! What a parser reports.

use std::rc::Rc;

use super::dtd::Entity;

/// A piece of the current text, or of the parser's scratch text.
#[derive(Clone, Copy, Default)]
pub struct Span {
    pub scratch: bool,
    pub start: usize,
    pub end: usize,
}

/// An attribute of the element that starts.
#[derive(Clone, Copy)]
pub struct Attr {
    pub name: Span,
    pub value: Span,
}

/// A content model.
pub struct Model {
    pub kind: i32,
    pub quant: i32,
    pub name: Option<String>,
    pub children: Vec<Model>,
}

impl Model {
    /// A model without members.
    pub fn leaf(kind: i32, quant: i32, name: Option<String>) -> Model {
        Model {
            kind,
            quant,
            name,
            children: Vec::new(),
        }
    }
}

/// Rarer events, which own what they tell.
pub enum Decl {
    Xml {
        version: Option<String>,
        encoding: Option<String>,
        standalone: i32,
    },
    StartNs {
        prefix: Option<String>,
        uri: Option<String>,
    },
    EndNs {
        prefix: Option<String>,
    },
    StartDoctype {
        name: String,
        system: Option<String>,
        public: Option<String>,
        internal: bool,
    },
    EndDoctype,
    Element {
        name: String,
        model: Model,
    },
    Attlist {
        element: String,
        attr: String,
        kind: String,
        default: Option<String>,
        required: bool,
    },
    Entity {
        entity: Rc<Entity>,
        is_param: bool,
    },
    Notation {
        name: String,
        base: Option<String>,
        system: Option<String>,
        public: Option<String>,
    },
    /// An external entity should be read.
    External {
        context: Option<String>,
        base: Option<String>,
        system: Option<String>,
        public: Option<String>,
    },
    Skipped {
        name: String,
        is_param: bool,
    },
    NotStandalone,
    Default(String),
}

/// What happened.
pub enum Event {
    Start(Span),
    End(Span),
    Text(Span),
    Pi { target: Span, data: Span },
    Comment(Span),
    CdataStart,
    CdataEnd,
    Default(Span),
    Decl(Box<Decl>),
}

/// The result of a parser's step.
pub enum Step {
    Event(Event),
    /// All text that is there is read.
    Read,
    /// The declared encoding is none that needs no table.
    UnknownEncoding(String),
    Error(u32),
}

/// Bits for the kinds of events somebody wants to hear of.
pub mod on {
    pub const START: u32 = 1;
    pub const END: u32 = 1 << 1;
    pub const TEXT: u32 = 1 << 2;
    pub const PI: u32 = 1 << 3;
    pub const COMMENT: u32 = 1 << 4;
    pub const CDATA_START: u32 = 1 << 5;
    pub const CDATA_END: u32 = 1 << 6;
    pub const DEFAULT: u32 = 1 << 7;
    pub const DEFAULT_EXPAND: u32 = 1 << 8;
    pub const NS_START: u32 = 1 << 9;
    pub const NS_END: u32 = 1 << 10;
    pub const DOCTYPE_START: u32 = 1 << 11;
    pub const DOCTYPE_END: u32 = 1 << 12;
    pub const XML: u32 = 1 << 13;
    pub const ELEMENT: u32 = 1 << 14;
    pub const ATTLIST: u32 = 1 << 15;
    pub const ENTITY: u32 = 1 << 16;
    pub const UNPARSED: u32 = 1 << 17;
    pub const NOTATION: u32 = 1 << 18;
    pub const EXTERNAL: u32 = 1 << 19;
    pub const SKIPPED: u32 = 1 << 20;
    pub const NOT_STANDALONE: u32 = 1 << 21;
    pub const ANY_DEFAULT: u32 = DEFAULT | DEFAULT_EXPAND;
}
