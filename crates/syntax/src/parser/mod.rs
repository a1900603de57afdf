//! The fast parser: recursive descent over the whole token list, no
//! backtracking but where the grammar demands it (`with (`).
//!
//! A function here either gives its piece of the tree or [`Fail`], which says
//! nothing: what is wrong is found out by `diagnose`. Only errors that are
//! judged by value and not by grammar (a bad escape, mixed bytes and text) are
//! made here, in [`Parser::error`].

mod atom;
mod call;
mod compound;
mod expr;
mod fstring;
mod intern;
mod params;
mod pattern;
mod simple;
mod strings;
mod target;
mod types;

use crate::ast::*;
use crate::error::{ErrorKind, RawError, SyntaxError, SyntaxWarning};
use crate::lexer::{Bracket, LexError, LexOptions, Lexer};
use crate::options::{Mode, ParseOptions, Parsed};
use crate::source;
use crate::token::{NO_COLUMN, Token, TokenKind};
use intern::Interner;
use std::rc::Rc;
pub(crate) use strings::take_apart;

/// A parse function failed; the parser's `error` may say why.
#[derive(Debug)]
pub(crate) struct Fail;

pub(crate) type PResult<T> = Result<T, Fail>;

/// Nested brackets, operators and blocks at most.
const MAX_NESTING: u32 = 3000;
/// Links of a chain at most (`a.b.c`, `1 + 1 + 1`, `elif`): a chain is as deep
/// a tree as it is long, and whoever walks the tree needs the stack for it.
const MAX_CHAIN: u32 = 10_000;

/// Parses a module.
pub fn parse_module(source: &str, options: &ParseOptions) -> Result<Parsed, SyntaxError> {
    let options = ParseOptions {
        mode: Mode::Exec,
        ..options.clone()
    };
    parse(source, &options)
}

/// Parses source in the mode that the options say.
pub fn parse(source: &str, options: &ParseOptions) -> Result<Parsed, SyntaxError> {
    let mut warnings = Vec::new();
    let module = parse_noting(source, options, &mut warnings)?;
    Ok(Parsed { module, warnings })
}

/// As [`parse`], with the warnings beside the result: there may be some before an error too.
pub fn parse_noting(
    source: &str,
    options: &ParseOptions,
    warnings: &mut Vec<SyntaxWarning>,
) -> Result<Mod, SyntaxError> {
    if let Some(at) = memchr::memchr(0, source.as_bytes()) {
        return Err(null_byte(source, at));
    }
    let text = source::normalize(source, options.mode == Mode::Exec);
    let tokens = tokenize(&text, options);
    let mut parser = Parser::new(&text, &tokens, options);
    let result = parser.module();
    // Of the tokens behind an error nobody has heard.
    let seen = match result {
        Ok(_) => usize::MAX,
        Err(Fail) => tokens.list.get(parser.pos).map_or(usize::MAX, |t| t.end as usize),
    };
    let early = tokens.warnings.iter().filter(|(at, _)| *at <= seen);
    let mut found: Vec<(usize, SyntaxWarning)> = early.cloned().collect();
    found.append(&mut parser.warnings);
    found.sort_by_key(|&(at, _)| at);
    warnings.extend(found.into_iter().map(|(_, warning)| warning));
    match result {
        Ok(module) => Ok(module),
        Err(Fail) => {
            let error = parser.error.take().map(|error| *error);
            let options = ParseOptions {
                barry_as_flufl: parser.barry_as_flufl,
                ..options.clone()
            };
            let start = crate::diagnose::Start {
                token: parser.statement_before,
                last_statement: parser.compounds_before[0],
            };
            Err(crate::diagnose::explain(
                &text, &tokens, &options, start, error,
            ))
        }
    }
}

/// The error of a file with a null byte. (`compile` refuses strings with one
/// by itself.)
fn null_byte(source: &str, at: usize) -> SyntaxError {
    let line = 1 + memchr::memchr_iter(b'\n', &source.as_bytes()[..at]).count() as u32;
    SyntaxError {
        kind: ErrorKind::Syntax,
        msg: "source code cannot contain null bytes".to_owned(),
        line,
        col: 0,
        end_line: line,
        end_col: 0,
        text: source.lines().nth(line as usize - 1).map(str::to_owned),
        last_statement: (0, 0),
    }
}

/// All tokens of a source, and why there are no more.
pub(crate) struct Tokens {
    /// The tokens; the last is an `EndMarker`, or an `ErrorToken` for `error`.
    pub(crate) list: Vec<Token>,
    pub(crate) error: Option<LexError>,
    /// The brackets open at the end, innermost last.
    pub(crate) brackets: Vec<Bracket>,
    pub(crate) type_ignores: Vec<TypeIgnore>,
    pub(crate) warnings: Vec<(usize, SyntaxWarning)>,
    /// Whether the tokenizer stopped within an f-string or t-string.
    pub(crate) stopped_in_fstring: bool,
    /// Where the tokenizer stopped: offset, line and that line's start.
    pub(crate) stopped: (usize, u32, usize),
}

fn tokenize(text: &str, options: &ParseOptions) -> Tokens {
    let lex_options = LexOptions {
        extra_tokens: false,
        type_comments: options.type_comments,
    };
    let mut lexer = Lexer::new(text, lex_options);
    let mut list: Vec<Token> = Vec::with_capacity(text.len() / 4 + 8);
    let mut type_ignores = Vec::new();
    let mut error = None;
    // In single mode the end of the input ends the statement.
    let mut started = false;
    loop {
        match lexer.next_token() {
            Ok(token) if token.kind == TokenKind::TypeIgnore => type_ignores.push(TypeIgnore {
                lineno: token.line,
                tag: Rc::from(&text[token.start as usize..token.end as usize]),
            }),
            Ok(mut token) => {
                let end = token.kind == TokenKind::EndMarker;
                if end && options.mode == Mode::Single && started {
                    token.kind = TokenKind::Newline;
                    started = false;
                    if !options.dont_imply_dedent {
                        lexer.end_blocks();
                    }
                    list.push(token);
                    continue;
                }
                started = true;
                list.push(token);
                if end {
                    break;
                }
            }
            Err(problem) => {
                list.push(lexer.error_token());
                error = Some(problem);
                break;
            }
        }
    }
    Tokens {
        list,
        error,
        stopped_in_fstring: lexer.in_fstring(),
        stopped: (lexer.pos, lexer.line, lexer.line_start),
        brackets: lexer.brackets,
        type_ignores,
        warnings: lexer.warnings,
    }
}

/// The state of a parse.
pub(crate) struct Parser<'a> {
    src: &'a str,
    tokens: &'a [Token],
    options: &'a ParseOptions,
    type_ignores: &'a [TypeIgnore],
    pos: usize,
    names: Interner,
    nesting: u32,
    /// The longest chain within what is being parsed; see [`Parser::link`].
    chain: u32,
    pub(crate) error: Option<Box<RawError>>,
    pub(crate) warnings: Vec<(usize, SyntaxWarning)>,
    barry_as_flufl: bool,
    /// The first token of the current statement of the module, and that of the
    /// one before: errors are looked for from there.
    statement: usize,
    statement_before: usize,
    /// Where the last compound statement stands that was parsed, functions
    /// aside; and the last one before `statement_before`.
    compound: (u32, u32),
    compounds_before: [(u32, u32); 2],
}

/// Where a node starts: index of its first token.
#[derive(Clone, Copy)]
struct Start(usize);

impl<'a> Parser<'a> {
    pub(crate) fn new(src: &'a str, tokens: &'a Tokens, options: &'a ParseOptions) -> Parser<'a> {
        Parser {
            src,
            tokens: &tokens.list,
            options,
            type_ignores: &tokens.type_ignores,
            pos: 0,
            names: Interner::default(),
            nesting: 0,
            chain: 0,
            error: None,
            warnings: Vec::new(),
            barry_as_flufl: options.barry_as_flufl,
            statement: 0,
            statement_before: 0,
            compound: (0, 0),
            compounds_before: [(0, 0); 2],
        }
    }

    #[inline]
    fn kind(&self) -> TokenKind {
        self.tokens[self.pos].kind
    }

    #[inline]
    fn kind_at(&self, ahead: usize) -> TokenKind {
        match self.tokens.get(self.pos + ahead) {
            Some(token) => token.kind,
            None => TokenKind::EndMarker,
        }
    }

    #[inline]
    fn token(&self) -> &'a Token {
        &self.tokens[self.pos]
    }

    #[inline]
    fn text(&self, token: &Token) -> &'a str {
        &self.src[token.start as usize..token.end as usize]
    }

    /// Steps over the current token, which is not the last.
    #[inline]
    fn advance(&mut self) {
        if self.pos + 1 < self.tokens.len() {
            self.pos += 1;
        }
    }

    /// Steps over a token of this kind, if it is next.
    #[inline]
    fn eat(&mut self, kind: TokenKind) -> bool {
        let found = self.kind() == kind;
        if found {
            self.advance();
        }
        found
    }

    #[inline]
    fn expect(&mut self, kind: TokenKind) -> PResult<()> {
        if self.eat(kind) { Ok(()) } else { Err(Fail) }
    }

    /// Whether the next token is the soft keyword `word`.
    fn at_word(&self, word: &str) -> bool {
        self.kind() == TokenKind::Name && self.text(self.token()) == word
    }

    /// A `NAME` token.
    #[inline]
    fn name(&mut self) -> PResult<Name> {
        if self.kind() != TokenKind::Name {
            return Err(Fail);
        }
        let text = self.text(self.token());
        self.advance();
        Ok(self.names.intern(text))
    }

    #[inline]
    fn start(&self) -> Start {
        Start(self.pos)
    }

    /// The span from a token to the last one that was read, newlines and
    /// dedents aside.
    #[inline]
    fn span(&self, start: Start) -> Span {
        let first = &self.tokens[start.0];
        let mut last = self.pos.saturating_sub(1);
        while last > 0
            && matches!(
                self.tokens[last].kind,
                TokenKind::Newline | TokenKind::Indent | TokenKind::Dedent | TokenKind::EndMarker
            )
        {
            last -= 1;
        }
        let last = &self.tokens[last];
        Span {
            line: first.line,
            col: first.col,
            end_line: last.end_line,
            end_col: last.end_col,
        }
    }

    fn expr(&self, start: Start, kind: ExprKind) -> Expr {
        Expr {
            kind,
            span: self.span(start),
        }
    }

    fn stmt(&self, start: Start, kind: StmtKind) -> Stmt {
        Stmt {
            kind,
            span: self.span(start),
        }
    }

    /// Runs `parse` one level deeper, on more stack if need be.
    fn deeper<T>(&mut self, parse: impl FnOnce(&mut Self) -> PResult<T>) -> PResult<T> {
        if self.nesting >= MAX_NESTING {
            return self.give_up(ErrorKind::Memory, "Parser stack overflowed - Memory Error");
        }
        self.nesting += 1;
        let result = stacker::maybe_grow(128 * 1024, 2 * 1024 * 1024, || parse(self));
        self.nesting -= 1;
        result
    }

    #[cold]
    fn give_up<T>(&mut self, kind: ErrorKind, msg: &str) -> PResult<T> {
        let token = *self.token();
        self.raise(kind, msg.to_owned(), token_span(&token))
    }

    /// Fails with an error of its own, the first one being kept.
    #[cold]
    fn raise<T>(&mut self, kind: ErrorKind, msg: String, span: Span) -> PResult<T> {
        let last_token = self.pos;
        self.error.get_or_insert_with(|| {
            Box::new(RawError {
                kind,
                msg,
                line: span.line,
                col: span.col as i32,
                end_line: span.end_line,
                end_col: span.end_col as i32,
                last_token,
            })
        });
        Err(Fail)
    }

    /// Fails if the syntax just read is newer than what the options allow; the
    /// error is at a token, usually the next.
    #[inline]
    fn require(&mut self, minor: u8, what: &str, at: usize) -> PResult<()> {
        if self.options.feature_version >= minor {
            return Ok(());
        }
        let token = self.tokens[at];
        let mut span = token_span(&token);
        if token.col == NO_COLUMN {
            span.col = token.end_col.wrapping_sub(1);
            span.end_col = -2_i32 as u32;
        }
        let msg = format!("{what} only supported in Python 3.{minor} and greater");
        self.raise(ErrorKind::Syntax, msg, span)
    }

    /// Notes one more link of a chain whose left part has `left` links and
    /// whose right part was parsed since `chain` was set to 0.
    #[inline]
    fn link(&mut self, left: u32) -> PResult<()> {
        self.chain = self.chain.max(left) + 1;
        if self.chain > MAX_CHAIN {
            return self.give_up(
                ErrorKind::Recursion,
                "maximum recursion depth exceeded during compilation",
            );
        }
        Ok(())
    }

    fn module(&mut self) -> PResult<Mod> {
        match self.options.mode {
            Mode::Exec => {
                let body = self.statements(TokenKind::EndMarker)?;
                self.expect_end()?;
                Ok(Mod::Module {
                    body,
                    type_ignores: self.type_ignores.to_vec(),
                })
            }
            Mode::Single => Ok(Mod::Interactive {
                body: self.interactive()?,
            }),
            Mode::Eval => {
                let body = Box::new(self.expressions()?);
                self.newlines_to_end()?;
                Ok(Mod::Expression { body })
            }
            Mode::FuncType => {
                let (argtypes, returns) = self.function_type()?;
                self.newlines_to_end()?;
                Ok(Mod::FunctionType {
                    argtypes,
                    returns: Box::new(returns),
                })
            }
        }
    }

    fn expect_end(&mut self) -> PResult<()> {
        if self.kind() == TokenKind::EndMarker {
            Ok(())
        } else {
            Err(Fail)
        }
    }

    fn newlines_to_end(&mut self) -> PResult<()> {
        while self.eat(TokenKind::Newline) {}
        self.expect_end()
    }

    /// One interactive statement, with nothing behind it.
    fn interactive(&mut self) -> PResult<Vec<Stmt>> {
        let start = self.start();
        if self.kind() == TokenKind::Newline && !self.src.is_empty() {
            self.advance();
            let mut pass = self.stmt(start, StmtKind::Pass);
            // The span of a lone newline is the newline's.
            let token = &self.tokens[start.0];
            pass.span.end_line = token.end_line;
            pass.span.end_col = token.end_col;
            self.nothing_more()?;
            return Ok(vec![pass]);
        }
        let mut body = Vec::new();
        if self.at_compound() {
            self.statement(&mut body)?;
            self.expect(TokenKind::Newline)?;
        } else {
            self.statement(&mut body)?;
        }
        self.nothing_more()?;
        Ok(body)
    }

    /// Fails unless only blanks and comments follow.
    fn nothing_more(&mut self) -> PResult<()> {
        let last = &self.tokens[self.pos - 1];
        let mut rest = &self.src[last.end as usize..];
        loop {
            rest = rest.trim_start_matches([' ', '\t', '\n', '\x0C']);
            if rest.is_empty() {
                return Ok(());
            }
            if !rest.starts_with('#') {
                return Err(Fail);
            }
            rest = rest.find('\n').map_or("", |at| &rest[at..]);
        }
    }
}

impl Drop for Mod {
    /// Drops the tree where there is stack enough for its depth.
    fn drop(&mut self) {
        let (stmts, exprs) = match self {
            Mod::Module { body, .. } | Mod::Interactive { body } => {
                (std::mem::take(body), Vec::new())
            }
            Mod::Expression { body } => (Vec::new(), vec![take_expr(body)]),
            Mod::FunctionType { argtypes, returns } => {
                let mut exprs = std::mem::take(argtypes);
                exprs.push(take_expr(returns));
                (Vec::new(), exprs)
            }
        };
        stacker::maybe_grow(3 * 1024 * 1024, 24 * 1024 * 1024, || drop((stmts, exprs)));
    }
}

/// The span of one token.
fn token_span(token: &Token) -> Span {
    Span {
        line: token.line,
        col: token.col,
        end_line: token.end_line,
        end_col: token.end_col,
    }
}

fn take_expr(expr: &mut Expr) -> Expr {
    let nothing = Expr {
        kind: ExprKind::Constant {
            value: Constant::None,
            kind: None,
        },
        span: expr.span,
    };
    std::mem::replace(expr, nothing)
}
