//! Runs the rules of the grammar over the tokens, as CPython's parser does: with
//! ordered choice, and with what is remembered where CPython remembers it. The
//! furthest token looked at ([`Engine::fill`]) is where a plain "invalid syntax"
//! is told, so tokens are looked at one by one and no earlier than there.

use super::grammar::{Action, Alternative, Grammar, Item, Place, Rule, RuleId};
use super::nodes::{Kind, NOTHING, NodeId, Nodes, Targets};
use super::report::{Where, tokenizer_error};
use crate::error::{ErrorKind, RawError};
use crate::options::{Mode, ParseOptions};
use crate::parser::Tokens;
use crate::token::{NO_COLUMN, Token, TokenKind};

/// Rules within rules at most.
const MAX_LEVEL: u32 = 4000;

/// What became of an alternative.
enum Outcome {
    Matched(NodeId),
    /// Try the next.
    Failed,
    /// The rule fails, whatever alternatives are left.
    Over,
}

/// What is remembered of a rule at a token.
struct Memo {
    rule: u32,
    result: Option<NodeId>,
    end: usize,
}

pub(super) struct Engine<'a> {
    pub(super) text: &'a str,
    pub(super) tokens: &'a Tokens,
    grammar: &'a Grammar,
    pub(super) nodes: Nodes,
    /// Nodes of items whose alternative is not complete yet.
    stack: Vec<NodeId>,
    pub(super) pos: usize,
    /// How many tokens have been looked at.
    pub(super) fill: usize,
    /// Whether this is the second pass, with the `invalid_` rules.
    invalid: bool,
    /// By token from `start`.
    memo: Vec<Vec<Memo>>,
    start: usize,
    level: u32,
    barry_as_flufl: bool,
    /// Where the last compound statement stands that was parsed.
    pub(super) last_statement: (u32, u32),
    /// The error found; everything fails from then on.
    pub(super) error: Option<RawError>,
    /// Whether the error is one of the tokenizer's.
    pub(super) from_tokenizer: bool,
}

impl<'a> Engine<'a> {
    pub(super) fn new(
        grammar: &'a Grammar,
        text: &'a str,
        tokens: &'a Tokens,
        options: &ParseOptions,
        start: usize,
    ) -> Engine<'a> {
        Engine {
            text,
            tokens,
            grammar,
            nodes: Nodes::new(),
            stack: Vec::new(),
            pos: start,
            fill: start,
            invalid: false,
            memo: Vec::new(),
            start,
            level: 0,
            barry_as_flufl: options.barry_as_flufl,
            last_statement: (0, 0),
            error: None,
            from_tokenizer: false,
        }
    }

    /// Parses from `start`; whether the source is right.
    pub(super) fn run(&mut self, mode: Mode, start: usize, invalid: bool) -> bool {
        self.memo.clear();
        self.pos = start;
        self.invalid = invalid;
        self.level = 0;
        let rule = self.grammar.rule(match mode {
            Mode::Exec => "file",
            Mode::Eval => "eval",
            Mode::Single => "interactive",
            Mode::FuncType => "func_type",
        });
        self.rule(rule).is_some()
    }

    pub(super) fn token(&self, at: usize) -> &'a Token {
        let list = &self.tokens.list;
        &list[at.min(list.len() - 1)]
    }

    pub(super) fn token_text(&self, at: usize) -> &'a str {
        let token = self.token(at);
        &self.text[token.start as usize..token.end as usize]
    }

    /// Looks at the token at `pos`; `None` if there is an error instead.
    fn look(&mut self) -> Option<TokenKind> {
        if self.error.is_some() {
            return None;
        }
        let last = self.tokens.list.len() - 1;
        let at = self.pos.min(last);
        if self.pos >= self.fill {
            self.fill = at + 1;
            if self.token(at).kind == TokenKind::ErrorToken {
                self.error = Some(tokenizer_error(self.text, self.tokens));
                self.from_tokenizer = true;
                return None;
            }
        }
        Some(self.token(at).kind)
    }

    fn take(&mut self, kind: Kind) -> NodeId {
        let at = self.pos;
        self.pos += 1;
        self.nodes.add(kind, at, at, &[])
    }

    fn expect(&mut self, kind: TokenKind) -> Option<NodeId> {
        if self.look()? != kind {
            return None;
        }
        if kind == TokenKind::NotEqual {
            let wanted = if self.barry_as_flufl { "<>" } else { "!=" };
            if self.token_text(self.pos) != wanted {
                if self.barry_as_flufl {
                    let place = self.last_place();
                    let msg = "with Barry as BDFL, use '<>' instead of '!='";
                    self.raise(ErrorKind::Syntax, place, msg.to_owned());
                }
                return None;
            }
        }
        let kind = if kind == TokenKind::Name {
            Kind::Name
        } else {
            Kind::Token
        };
        Some(self.take(kind))
    }

    fn expect_word(&mut self, words: &[&str]) -> Option<NodeId> {
        if self.look()? == TokenKind::Name && words.contains(&self.token_text(self.pos)) {
            return Some(self.take(Kind::Name));
        }
        None
    }

    /// What a rule gave at a token, and where it ended.
    fn recall(&self, (at, rule): (usize, u32)) -> Option<(Option<NodeId>, usize)> {
        let memos = self.memo.get(at - self.start)?;
        let memo = memos.iter().find(|memo| memo.rule == rule)?;
        Some((memo.result, memo.end))
    }

    fn remember(&mut self, (at, rule): (usize, u32), result: Option<NodeId>, end: usize) {
        let at = at - self.start;
        if at >= self.memo.len() {
            self.memo.resize_with(at + 1, Vec::new);
        }
        let memos = &mut self.memo[at];
        match memos.iter_mut().find(|memo| memo.rule == rule) {
            Some(memo) => (memo.result, memo.end) = (result, end),
            None => memos.push(Memo { rule, result, end }),
        }
    }

    fn rule(&mut self, id: RuleId) -> Option<NodeId> {
        let kind = self.look()?;
        if !self.grammar.rules[id].first.has(kind) {
            return None;
        }
        self.enter(|engine| engine.rule_within(id))
    }

    /// One level deeper, on more stack if need be.
    fn enter<T>(&mut self, run: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        if self.level >= MAX_LEVEL {
            if self.error.is_none() {
                let place = self.last_place();
                let msg = "Parser stack overflowed - Memory Error".to_owned();
                self.raise(ErrorKind::Memory, place, msg);
            }
            return None;
        }
        self.level += 1;
        let result = stacker::maybe_grow(64 * 1024, 4 * 1024 * 1024, || run(self));
        self.level -= 1;
        result
    }

    fn rule_within(&mut self, id: RuleId) -> Option<NodeId> {
        let rule = &self.grammar.rules[id];
        let key = (self.pos, id as u32);
        if (rule.memo || rule.left_recursive)
            && let Some((result, end)) = self.recall(key)
        {
            self.pos = end;
            return result;
        }
        if rule.left_recursive {
            return self.left_recursive(rule, key);
        }
        let invalid = self.invalid;
        if rule.without_invalid {
            self.invalid = false;
        }
        let result = self.choose(&rule.alternatives);
        self.invalid = invalid;
        if self.error.is_some() {
            return None;
        }
        if rule.memo {
            self.remember(key, result, self.pos);
        }
        result
    }

    /// Grows the result of a left-recursive rule as long as it can be.
    fn left_recursive(&mut self, rule: &Rule, key: (usize, u32)) -> Option<NodeId> {
        let start = self.pos;
        let mut end = start;
        let mut result = None;
        loop {
            self.remember(key, result, end);
            self.pos = start;
            let longer = self.choose(&rule.alternatives);
            if self.error.is_some() {
                return None;
            }
            if longer.is_none() || self.pos <= end {
                break;
            }
            end = self.pos;
            result = longer;
        }
        self.pos = end;
        result
    }

    /// The first alternative that fits.
    fn choose(&mut self, alternatives: &[Alternative]) -> Option<NodeId> {
        let start = self.pos;
        let kind = self.look()?;
        for alternative in alternatives {
            if !alternative.first.has(kind) {
                continue;
            }
            if !self.invalid
                && let [(Item::Rule(id), _)] = alternative.items[..]
                && self.grammar.rules[id].invalid
            {
                continue;
            }
            match self.alternative(alternative, start) {
                Outcome::Matched(node) => return Some(node),
                Outcome::Failed if self.error.is_none() => self.pos = start,
                _ => break,
            }
        }
        self.pos = start;
        None
    }

    fn alternative(&mut self, alternative: &Alternative, start: usize) -> Outcome {
        let base = self.stack.len();
        let outcome = self.alternative_within(alternative, start, base);
        self.stack.truncate(base);
        outcome
    }

    /// The nodes of the items are on the stack from `base` on.
    fn alternative_within(
        &mut self,
        alternative: &Alternative,
        start: usize,
        base: usize,
    ) -> Outcome {
        let mut named = [NOTHING; 3];
        let mut any_named = false;
        let mut cut = false;
        for (item, name) in &alternative.items {
            let Some(node) = self.item(item) else {
                return if cut { Outcome::Over } else { Outcome::Failed };
            };
            match item {
                Item::Cut => cut = true,
                Item::Look(..) => {}
                _ => self.stack.push(node),
            }
            if let Some(name) = name {
                named[*name] = node;
                any_named = true;
            }
        }
        match &alternative.action {
            Action::Default if self.stack.len() == base + 1 => Outcome::Matched(self.stack[base]),
            Action::Default => Outcome::Matched(self.node(Kind::Seq, start, base)),
            Action::Node(Kind::Same) => Outcome::Matched(named[0]),
            Action::Node(
                kind @ (Kind::Strings
                | Kind::String
                | Kind::FString
                | Kind::TString
                | Kind::Middle
                | Kind::Conversion),
            ) => match self.check_string(*kind, start, named[0]) {
                Some(kind) => Outcome::Matched(self.node(kind, start, self.stack.len())),
                None => Outcome::Over,
            },
            Action::Node(kind) => {
                if *kind == Kind::Statement {
                    self.note_statement(start);
                }
                if any_named {
                    self.stack.truncate(base);
                    self.stack
                        .extend(named.into_iter().filter(|&n| n != NOTHING));
                }
                Outcome::Matched(self.node(*kind, start, base))
            }
            Action::Error(place, message) => {
                self.wrong(*place, message, named);
                Outcome::Over
            }
        }
    }

    /// Notes a compound statement, unless it is a function.
    fn note_statement(&mut self, start: usize) {
        let mut at = start;
        let mut token = self.token(at);
        while token.kind == TokenKind::At {
            while self.token(at).kind != TokenKind::Newline {
                at += 1;
            }
            at += 1;
            token = self.token(at);
        }
        let function = token.kind == TokenKind::KwDef
            || token.kind == TokenKind::KwAsync && self.token(at + 1).kind == TokenKind::KwDef;
        if !function && token.line >= self.last_statement.0 {
            self.last_statement = (token.line, token.col);
        }
    }

    /// A node of what is on the stack from `base` on, from the token at `start` to the last one read that is not
    /// layout.
    fn node(&mut self, kind: Kind, start: usize, base: usize) -> NodeId {
        let mut last = self.pos.saturating_sub(1).max(start);
        while last > start
            && matches!(
                self.token(last).kind,
                TokenKind::Newline | TokenKind::Indent | TokenKind::Dedent | TokenKind::EndMarker
            )
        {
            last -= 1;
        }
        self.nodes.add(kind, start, last, &self.stack[base..])
    }

    fn item(&mut self, item: &Item) -> Option<NodeId> {
        match item {
            Item::Token(kind) => self.expect(*kind),
            Item::Word(word) => self.expect_word(&[word]),
            Item::SoftKeyword => self.expect_word(&["_", "case", "match", "type"]),
            Item::Rule(id) => self.rule(*id),
            Item::Group(alternatives) => self.enter(|engine| engine.choose(alternatives)),
            Item::Optional(item) => match self.item(item) {
                Some(node) => Some(node),
                None if self.error.is_some() => None,
                None => Some(NOTHING),
            },
            Item::Repeat(item, at_least_one) => {
                let (start, base) = (self.pos, self.stack.len());
                let done = self.enter(|engine| engine.repeat(item));
                let found = self.stack.len() > base;
                let node = if done.is_none() || *at_least_one && !found {
                    None
                } else {
                    Some(self.node(Kind::Seq, start, base))
                };
                self.stack.truncate(base);
                node
            }
            Item::Gather(separator, element) => {
                let (start, base) = (self.pos, self.stack.len());
                let done = self.enter(|engine| engine.gather(separator, element));
                let node = done.map(|()| self.node(Kind::Seq, start, base));
                self.stack.truncate(base);
                node
            }
            Item::Look(item, positive) => {
                let start = self.pos;
                let found = self.item(item).is_some();
                self.pos = start;
                if self.error.is_some() || found != *positive {
                    return None;
                }
                Some(NOTHING)
            }
            Item::Cut => Some(NOTHING),
            Item::Forced(kind) => {
                if self.look()? != *kind {
                    let token = self.token(self.pos);
                    let place = Where::range(token, token);
                    let msg = format!("expected '{}'", kind.text());
                    self.raise(ErrorKind::Syntax, place, msg);
                    return None;
                }
                Some(self.take(Kind::Token))
            }
        }
    }

    /// Puts as many of an item as there are on the stack.
    fn repeat(&mut self, item: &Item) -> Option<()> {
        loop {
            let before = self.pos;
            match self.item(item) {
                Some(node) if self.pos > before => self.stack.push(node),
                _ if self.error.is_some() => return None,
                _ => {
                    self.pos = before;
                    return Some(());
                }
            }
        }
    }

    /// Puts elements between separators on the stack.
    fn gather(&mut self, separator: &Item, element: &Item) -> Option<()> {
        let first = self.item(element)?;
        self.stack.push(first);
        loop {
            let before = self.pos;
            let next = match self.item(separator) {
                Some(_) => self.item(element),
                None => None,
            };
            match next {
                Some(node) => self.stack.push(node),
                None if self.error.is_some() => return None,
                None => {
                    self.pos = before;
                    return Some(());
                }
            }
        }
    }

    pub(super) fn raise(&mut self, kind: ErrorKind, place: Where, msg: String) {
        let last_token = self.fill.saturating_sub(1);
        self.error.get_or_insert(RawError {
            kind,
            msg,
            line: place.line,
            col: place.col,
            end_line: place.end_line,
            end_col: place.end_col,
            last_token,
        });
    }

    /// The place of a token, as errors "at the token" have it.
    fn place_of(&self, token: &Token) -> Where {
        let mut place = Where::range(token, token);
        if token.col == NO_COLUMN {
            // How far the tokenizer has come, less what is added later.
            place.col = token.end_col as i32 - 1;
            place.end_col = -2;
        }
        place
    }

    pub(super) fn last_place(&self) -> Where {
        self.place_of(self.token(self.fill.saturating_sub(1)))
    }

    fn is_legacy(&self, node: NodeId) -> bool {
        let node = self.nodes.get(node);
        node.kind == Kind::Name && matches!(self.token_text(node.first), "print" | "exec")
    }

    /// An error alternative fits: raises the error, if it is one after all.
    fn wrong(&mut self, place: Place, message: &str, named: [NodeId; 3]) {
        let [mut a, b, _] = named;
        let mut message = message;
        let mut kind = ErrorKind::Syntax;
        let range = |engine: &Self, from: NodeId, to: NodeId| {
            let last = engine.nodes.get(engine.nodes.last_item(to)).last;
            Where::range(
                engine.token(engine.nodes.get(engine.nodes.first_item(from)).first),
                engine.token(last),
            )
        };
        let spot = match place {
            Place::Target | Place::ForTarget | Place::DelTarget => {
                let targets = match place {
                    Place::Target => Targets::Star,
                    Place::ForTarget => Targets::For,
                    _ => Targets::Del,
                };
                match self.nodes.invalid_target(a, targets) {
                    None => return,
                    Some(target) => a = target,
                }
                range(self, a, a)
            }
            Place::At => range(self, a, a),
            Place::From => self.from(self.token(self.nodes.get(a).first)),
            Place::Range => range(self, a, if b == NOTHING { a } else { b }),
            Place::Span => {
                let node = self.nodes.get(a);
                Where::range(self.token(node.first), self.token(node.last))
            }
            Place::Joint => range(self, self.nodes.last_item(a), b),
            Place::Last => self.last_place(),
            Place::Indent => {
                kind = ErrorKind::Indentation;
                self.last_place()
            }
            Place::Next => {
                if self.look().is_none() {
                    return;
                }
                self.place_of(self.token(self.pos))
            }
            Place::Legacy => {
                if !self.is_legacy(a) {
                    return;
                }
                range(self, a, b)
            }
            Place::Comma => {
                if self.is_legacy(a) || self.token(self.pos - 1).level == 0 {
                    return;
                }
                range(self, a, b)
            }
            Place::Genexp => {
                let elements = self.nodes.elements(a);
                let positional: Vec<NodeId> = elements
                    .into_iter()
                    .filter(|&id| {
                        !matches!(self.nodes.get(id).kind, Kind::Keyword | Kind::Unpacking)
                    })
                    .collect();
                match positional[..] {
                    [_, .., last] => range(self, last, b),
                    _ => return,
                }
            }
            Place::Arguments => {
                let elements = self.nodes.elements(a);
                if elements
                    .iter()
                    .any(|&id| self.nodes.get(id).kind == Kind::Unpacking)
                {
                    message = "positional argument follows keyword argument unpacking";
                }
                self.last_place()
            }
            Place::KeyEnd => {
                let last = self.token(self.nodes.get(a).last);
                let first = self.token(self.nodes.get(a).first);
                Where {
                    line: first.line,
                    col: last.end_col as i32 - 1,
                    end_line: last.end_line,
                    end_col: -1,
                }
            }
        };
        let message = self.fill_in(message, a, b);
        self.raise(kind, spot, message);
    }

    /// From a token to where the tokenizer is.
    fn from(&self, token: &Token) -> Where {
        let reached = self.token(self.fill.saturating_sub(1));
        Where {
            line: token.line,
            col: token.col as i32,
            end_line: reached.end_line,
            end_col: reached.end_col as i32 - 1,
        }
    }

    /// A message with its placeholders replaced.
    fn fill_in(&self, message: &str, a: NodeId, b: NodeId) -> String {
        if !message.contains('{') {
            return message.to_owned();
        }
        let first = self.nodes.get(a).first;
        let bound = if self.nodes.get(b).kind == Kind::Tuple {
            "constraints"
        } else {
            "bound"
        };
        message
            .replace("{kind a}", self.nodes.get(a).kind.expression_name())
            .replace("{text a}", self.token_text(first))
            .replace("{line a}", &self.token(first).line.to_string())
            .replace("{typevar b}", bound)
    }
}
