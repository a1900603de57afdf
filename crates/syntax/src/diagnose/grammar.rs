//! Reads `grammar.peg` into rules, once per thread that meets a bad source.

use super::first::{self, KindSet};
use super::nodes::Kind;
use crate::token::TokenKind;
use std::collections::HashMap;
use std::rc::Rc;

/// A number in [`Grammar::rules`].
pub(super) type RuleId = usize;

/// What a rule is made of.
#[derive(Debug)]
pub(super) enum Item {
    Token(TokenKind),
    /// A soft keyword.
    Word(String),
    /// Any soft keyword.
    SoftKeyword,
    Rule(RuleId),
    Group(Vec<Alternative>),
    Optional(Box<Item>),
    /// An item, and whether there must be one at least.
    Repeat(Box<Item>, bool),
    Gather(Box<Item>, Box<Item>),
    /// Positive or negative.
    Look(Box<Item>, bool),
    Cut,
    Forced(TokenKind),
}

/// Where an error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    At,
    From,
    Range,
    /// All that `a` spans.
    Span,
    /// From the last item of `a` to `b`.
    Joint,
    Last,
    Next,
    Indent,
    /// The expression within `a` that can be no target; no error if all can.
    Target,
    ForTarget,
    DelTarget,
    /// As `Range`, if `a` is `print` or `exec`.
    Legacy,
    /// As `Range`, unless `a` is `print` or `exec`, or outside brackets.
    Comma,
    /// The last argument, if there are several.
    Genexp,
    /// `Last`, with a longer message for `**`.
    Arguments,
    /// The last byte of `a`, to where the tokenizer is.
    KeyEnd,
}

#[derive(Debug)]
pub(super) enum Action {
    /// The only item's value, or all items as a sequence.
    Default,
    Node(Kind),
    Error(Place, String),
}

#[derive(Debug)]
pub(super) struct Alternative {
    /// Which tokens it can start with.
    pub(super) first: KindSet,
    /// Items, and the number of the name they go by (`a` is 0).
    pub(super) items: Vec<(Item, Option<usize>)>,
    pub(super) action: Action,
}

#[derive(Debug, Default)]
pub(super) struct Rule {
    /// Which tokens it can start with.
    pub(super) first: KindSet,
    pub(super) memo: bool,
    pub(super) left_recursive: bool,
    /// Within, no `invalid_` rule is tried.
    pub(super) without_invalid: bool,
    pub(super) invalid: bool,
    pub(super) alternatives: Vec<Alternative>,
}

impl Alternative {
    fn new(items: Vec<(Item, Option<usize>)>, action: Action) -> Alternative {
        Alternative {
            first: KindSet::default(),
            items,
            action,
        }
    }
}

/// All rules.
#[derive(Debug)]
pub(super) struct Grammar {
    pub(super) rules: Vec<Rule>,
    ids: HashMap<String, RuleId>,
}

thread_local! {
    static GRAMMAR: Rc<Grammar> = Rc::new(Grammar::read(include_str!("grammar.peg")));
}

impl Grammar {
    /// The grammar of Python 3.14.
    pub(super) fn get() -> Rc<Grammar> {
        GRAMMAR.with(Rc::clone)
    }

    /// The rule of that name.
    pub(super) fn rule(&self, name: &str) -> RuleId {
        self.ids[name]
    }

    fn read(text: &str) -> Grammar {
        let mut grammar = Grammar {
            rules: Vec::new(),
            ids: HashMap::new(),
        };
        let lines = || {
            text.lines()
                .filter(|line| !line.is_empty() && !line.starts_with('#'))
        };
        for line in lines().filter(|line| !line.starts_with(' ')) {
            let mut words = line.trim_end_matches(':').split(' ');
            let name = words.next().unwrap_or_default().to_owned();
            let flags: Vec<&str> = words.collect();
            grammar.ids.insert(name.clone(), grammar.rules.len());
            grammar.rules.push(Rule {
                memo: flags.contains(&"memo"),
                left_recursive: flags.contains(&"leftrec"),
                without_invalid: flags.contains(&"without"),
                // `invalid_` rules that are parts of others count as well.
                invalid: name.starts_with("invalid_"),
                first: KindSet::default(),
                alternatives: Vec::new(),
            });
        }
        let mut rule = 0;
        for line in lines() {
            if !line.starts_with(' ') {
                rule = grammar.ids[line.trim_end_matches(':').split(' ').next().unwrap_or("")];
                continue;
            }
            let body = line.trim_start().trim_start_matches('|').trim_start();
            let (items, action) = match body.split_once(" => ") {
                Some((items, action)) => (items, read_action(action)),
                None => (body, Action::Default),
            };
            let mut reader = Reader {
                text: items.as_bytes(),
                at: 0,
                ids: &grammar.ids,
            };
            let items = reader.sequence();
            debug_assert_eq!(reader.at, reader.text.len(), "grammar.peg: {line}");
            grammar.rules[rule]
                .alternatives
                .push(Alternative::new(items, action));
        }
        first::fill_in(&mut grammar.rules);
        grammar
    }
}

fn read_action(text: &str) -> Action {
    let Some(rest) = text.strip_prefix("error ") else {
        return Action::Node(Kind::from_name(text));
    };
    let (place, message) = rest.split_once('"').unwrap_or((rest, ""));
    let message = message.trim_end_matches('"').replace("\\\"", "\"");
    let place = match place.split(' ').next().unwrap_or_default() {
        "at" => Place::At,
        "from" => Place::From,
        "range" => Place::Range,
        "span" => Place::Span,
        "joint" => Place::Joint,
        "last" => Place::Last,
        "next" => Place::Next,
        "indent" => Place::Indent,
        "target" => Place::Target,
        "for-target" => Place::ForTarget,
        "del-target" => Place::DelTarget,
        "legacy" => Place::Legacy,
        "comma" => Place::Comma,
        "genexp" => Place::Genexp,
        "arguments" => Place::Arguments,
        "key-end" => Place::KeyEnd,
        other => unreachable!("grammar.peg: place {other}"),
    };
    Action::Error(place, message)
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    ids: &'a HashMap<String, RuleId>,
}

impl Reader<'_> {
    fn peek(&self) -> u8 {
        self.text.get(self.at).copied().unwrap_or(0)
    }

    fn blanks(&mut self) {
        while self.peek() == b' ' {
            self.at += 1;
        }
    }

    fn sequence(&mut self) -> Vec<(Item, Option<usize>)> {
        let mut items = Vec::new();
        loop {
            self.blanks();
            if matches!(self.peek(), 0 | b')' | b'|') {
                return items;
            }
            let mut name = None;
            if matches!(self.peek(), b'a'..=b'c') && self.text.get(self.at + 1) == Some(&b'=') {
                name = Some((self.peek() - b'a') as usize);
                self.at += 2;
            }
            items.push((self.item(), name));
        }
    }

    fn item(&mut self) -> Item {
        match self.peek() {
            b'~' => {
                self.at += 1;
                return Item::Cut;
            }
            b'!' => {
                self.at += 1;
                return Item::Look(Box::new(self.item()), false);
            }
            b'&' => {
                self.at += 1;
                if self.peek() == b'&' {
                    self.at += 1;
                    return match self.atom() {
                        Item::Token(kind) => Item::Forced(kind),
                        other => unreachable!("grammar.peg: forced {other:?}"),
                    };
                }
                return Item::Look(Box::new(self.item()), true);
            }
            _ => {}
        }
        let atom = self.atom();
        match self.peek() {
            b'?' => {
                self.at += 1;
                Item::Optional(Box::new(atom))
            }
            b'*' => {
                self.at += 1;
                Item::Repeat(Box::new(atom), false)
            }
            b'+' => {
                self.at += 1;
                Item::Repeat(Box::new(atom), true)
            }
            b'.' => {
                self.at += 1;
                let element = self.atom();
                self.at += 1;
                Item::Gather(Box::new(atom), Box::new(element))
            }
            _ => atom,
        }
    }

    fn quoted(&mut self, quote: u8) -> String {
        let start = self.at + 1;
        self.at = start;
        while self.peek() != quote {
            self.at += 1;
        }
        self.at += 1;
        String::from_utf8_lossy(&self.text[start..self.at - 1]).into_owned()
    }

    fn atom(&mut self) -> Item {
        match self.peek() {
            b'\'' => {
                let text = self.quoted(b'\'');
                match TokenKind::from_text(&text) {
                    Some(kind) => Item::Token(kind),
                    None => unreachable!("grammar.peg: token {text}"),
                }
            }
            b'"' => Item::Word(self.quoted(b'"')),
            b'(' => {
                self.at += 1;
                let mut alternatives = Vec::new();
                loop {
                    let items = self.sequence();
                    let action = Action::Default;
                    alternatives.push(Alternative::new(items, action));
                    let stop = self.peek();
                    self.at += 1;
                    if stop == b')' {
                        return Item::Group(alternatives);
                    }
                }
            }
            _ => {
                let start = self.at;
                while self.peek().is_ascii_alphanumeric() || self.peek() == b'_' {
                    self.at += 1;
                }
                let name = String::from_utf8_lossy(&self.text[start..self.at]);
                match &*name {
                    "SOFT_KEYWORD" => Item::SoftKeyword,
                    "NOTEQUAL" => Item::Token(TokenKind::NotEqual),
                    _ if name.starts_with(|c: char| c.is_ascii_uppercase()) => {
                        match TokenKind::from_text(&name) {
                            Some(kind) => Item::Token(kind),
                            None => unreachable!("grammar.peg: token {name}"),
                        }
                    }
                    _ => match self.ids.get(&*name) {
                        Some(&rule) => Item::Rule(rule),
                        None => unreachable!("grammar.peg: rule {name}"),
                    },
                }
            }
        }
    }
}
