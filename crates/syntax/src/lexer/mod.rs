//! Source text to tokens, as CPython's tokenizer does it, f-strings included.
//!
//! The source must end in a newline; [`crate::source`] sees to that. The lexer
//! is a plain iterator of tokens ([`Lexer::next_token`]); the parser takes all of
//! them at once, and treats the error that may end them as one more token.

mod fstring;
mod number;
mod string;

use crate::error::{ErrorKind, SyntaxError, SyntaxWarning, char_offset};
use crate::ident;
use crate::token::{NO_COLUMN, Token, TokenKind};
use fstring::{FString, Part};

/// Open brackets at most, as in CPython.
const MAX_BRACKETS: usize = 200;
/// Indentation levels at most, as in CPython.
const MAX_INDENT: usize = 100;

/// Why the lexer stopped.
#[derive(Clone, Debug)]
pub(crate) enum LexError {
    /// An error complete with message and place.
    Raised(Box<SyntaxError>),
    /// The same for a string that the end of the source cut off.
    CutOff(Box<SyntaxError>),
    /// The source ended within brackets or behind a backslash.
    Eof,
    /// Fewer spaces than the block, more than the one around it.
    Dedent,
    /// Tabs and spaces mixed so that the meaning depends on the tab's width.
    TabSpace,
    /// Too many blocks within blocks.
    TooDeep,
    /// Something behind the backslash at a line's end.
    LineContinuation,
}

impl LexError {
    /// The error, if it is complete with message and place.
    pub(crate) fn raised(&self) -> Option<&SyntaxError> {
        match self {
            LexError::Raised(error) | LexError::CutOff(error) => Some(error),
            _ => None,
        }
    }

    fn cut_off(self) -> LexError {
        match self {
            LexError::Raised(error) => LexError::CutOff(error),
            other => other,
        }
    }
}

/// An open bracket.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bracket {
    /// `(`, `[` or `{`.
    pub(crate) ch: u8,
    pub(crate) line: u32,
    /// Byte column.
    pub(crate) col: u32,
}

/// What to lex, and how.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LexOptions {
    /// Give `COMMENT` and `NL` too, and do not judge numbers and brackets.
    pub(crate) extra_tokens: bool,
    /// Give `TYPE_COMMENT` and `TYPE_IGNORE`.
    pub(crate) type_comments: bool,
}

/// The tokenizer.
pub(crate) struct Lexer<'a> {
    pub(crate) src: &'a [u8],
    options: LexOptions,
    /// Offset of the next byte.
    pub(crate) pos: usize,
    /// Line of `pos`.
    pub(crate) line: u32,
    /// Offset of that line's start.
    pub(crate) line_start: usize,
    /// At the beginning of a line, where indentation is to be read.
    at_bol: bool,
    /// Widths of the open blocks, with tabs of 8 and of 1.
    indents: Vec<(u32, u32)>,
    /// `INDENT` (positive) or `DEDENT` (negative) tokens still to give.
    pending: i32,
    pub(crate) brackets: Vec<Bracket>,
    fstrings: Vec<FString>,
    comment_newline: bool,
    /// Warnings, and the offset at which each was given.
    pub(crate) warnings: Vec<(usize, SyntaxWarning)>,
}

type Lexed<T> = Result<T, LexError>;

impl<'a> Lexer<'a> {
    pub(crate) fn new(src: &'a str, options: LexOptions) -> Lexer<'a> {
        Lexer {
            src: src.as_bytes(),
            options,
            pos: 0,
            line: 1,
            line_start: 0,
            at_bol: true,
            indents: vec![(0, 0)],
            pending: 0,
            brackets: Vec::new(),
            fstrings: Vec::new(),
            comment_newline: false,
            warnings: Vec::new(),
        }
    }

    /// The byte at `pos`; 0, which no source holds, at the end.
    #[inline]
    fn peek(&self) -> u8 {
        self.peek_at(0)
    }

    #[inline]
    fn peek_at(&self, ahead: usize) -> u8 {
        self.src.get(self.pos + ahead).copied().unwrap_or(0)
    }

    fn at_eof(&self) -> bool {
        self.pos >= self.src.len()
    }

    /// Notes that the byte before `pos` was a newline. The last line stays
    /// current at the end of the source, as in CPython.
    #[inline]
    fn newline(&mut self) {
        if self.pos < self.src.len() {
            self.line += 1;
            self.line_start = self.pos;
        }
    }

    /// The line that starts at `start`, without its newline.
    fn line_text(&self, start: usize) -> String {
        let rest = &self.src[start.min(self.src.len())..];
        let len = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        String::from_utf8_lossy(&rest[..len]).into_owned()
    }

    /// An error whose caret stands at the last byte before `pos`.
    #[cold]
    fn fail<T>(&self, msg: impl Into<String>) -> Lexed<T> {
        let line = &self.src[self.line_start..];
        let col = char_offset(line, self.pos - self.line_start);
        self.fail_range(col, col, msg)
    }

    /// An error from column to column of the current line, in characters.
    #[cold]
    fn fail_range<T>(&self, col: i32, end_col: i32, msg: impl Into<String>) -> Lexed<T> {
        Err(LexError::Raised(Box::new(SyntaxError {
            kind: ErrorKind::Syntax,
            msg: msg.into(),
            line: self.line,
            col,
            end_line: self.line,
            end_col,
            text: Some(self.line_text(self.line_start)),
            last_statement: (0, 0),
        })))
    }

    /// A token from `start`, on the current line, to `pos`.
    #[inline]
    fn token(&self, kind: TokenKind, start: usize) -> Token {
        Token {
            kind,
            level: self.brackets.len() as u16,
            start: start as u32,
            end: self.pos as u32,
            line: self.line,
            col: (start - self.line_start) as u32,
            end_line: self.line,
            end_col: (self.pos - self.line_start) as u32,
        }
    }

    /// A token without a column.
    fn placeless(&self, kind: TokenKind) -> Token {
        Token {
            kind,
            level: self.brackets.len() as u16,
            start: self.pos as u32,
            end: self.pos as u32,
            line: self.line,
            col: NO_COLUMN,
            end_line: self.line,
            end_col: (self.pos - self.line_start) as u32,
        }
    }

    /// The next token; `EndMarker` for ever at the end.
    pub(crate) fn next_token(&mut self) -> Lexed<Token> {
        match self.fstrings.last() {
            Some(FString {
                part: Part::Literal,
                ..
            }) => self.fstring_token(),
            _ => self.regular_token(),
        }
    }

    /// Ends all blocks at the end of the input, though the line does not end.
    pub(crate) fn end_blocks(&mut self) {
        if self.indents.len() > 1 {
            self.pending = 1 - self.indents.len() as i32;
            self.indents.truncate(1);
        }
    }

    /// Whether the lexer is within an f-string or t-string.
    pub(crate) fn in_fstring(&self) -> bool {
        !self.fstrings.is_empty()
    }

    /// The token that stands for an error.
    pub(crate) fn error_token(&self) -> Token {
        self.placeless(TokenKind::ErrorToken)
    }

    /// A token outside the literal parts of f-strings.
    fn regular_token(&mut self) -> Lexed<Token> {
        let mut blank_line = false;
        // A `NEWLINE` token starts where the comment before it does.
        let mut comment_start = None;
        loop {
            if self.at_bol {
                self.at_bol = false;
                blank_line = self.indentation()?;
            }
            if self.pending < 0 {
                self.pending += 1;
                return Ok(self.block_token(TokenKind::Dedent));
            }
            if self.pending > 0 {
                self.pending -= 1;
                return Ok(self.block_token(TokenKind::Indent));
            }
            while matches!(self.peek(), b' ' | b'\t' | 0x0C) {
                self.pos += 1;
            }
            let start = self.pos;
            let c = self.peek();
            if c == b'#' {
                if let Some(token) = self.comment(blank_line) {
                    return Ok(token);
                }
                comment_start = Some(start);
                continue;
            }
            if c == 0 && self.at_eof() {
                if !self.brackets.is_empty() {
                    return Err(LexError::Eof);
                }
                return Ok(self.placeless(TokenKind::EndMarker));
            }
            if c >= 0x80 || c.is_ascii_alphabetic() || c == b'_' {
                return self.word();
            }
            if c == b'\n' || (c == b'\r' && self.peek_at(1) == b'\n') {
                let start = comment_start.take().unwrap_or(start);
                if let Some(token) = self.end_of_line(start, blank_line) {
                    return Ok(token);
                }
                blank_line = false;
                continue;
            }
            if c.is_ascii_digit() || (c == b'.' && self.peek_at(1).is_ascii_digit()) {
                return self.number();
            }
            if c == b'\'' || c == b'"' {
                return self.string(start, c);
            }
            if c == b'\\' {
                self.pos += 1;
                self.continuation()?;
                continue;
            }
            return self.operator(c);
        }
    }

    fn block_token(&self, kind: TokenKind) -> Token {
        let mut token = self.placeless(kind);
        if self.options.extra_tokens {
            let width = (self.pos - self.line_start) as u32;
            token.end_col = width;
            token.col = width;
            if kind == TokenKind::Indent {
                token.col = 0;
                token.start = self.line_start as u32;
            }
        }
        token
    }

    /// Behind a backslash: eats the newline.
    fn continuation(&mut self) -> Lexed<()> {
        if self.peek() == b'\r' {
            self.pos += 1;
        }
        if self.peek() != b'\n' {
            if !self.at_eof() {
                self.pos += 1;
            }
            return Err(LexError::LineContinuation);
        }
        self.pos += 1;
        if self.at_eof() {
            return Err(LexError::Eof);
        }
        self.newline();
        Ok(())
    }

    /// Reads the indentation of a line; whether the line is blank.
    fn indentation(&mut self) -> Lexed<bool> {
        let (mut col, mut alt) = (0u32, 0u32);
        // The first backslash of a line of blanks fixes the indentation.
        let mut continued = 0;
        loop {
            match self.peek() {
                b' ' => {
                    col += 1;
                    alt += 1;
                }
                b'\t' => {
                    col = (col / 8 + 1) * 8;
                    alt += 1;
                }
                0x0C => (col, alt) = (0, 0),
                b'\\' => {
                    if continued == 0 {
                        continued = col;
                    }
                    self.pos += 1;
                    self.continuation()?;
                    continue;
                }
                _ => break,
            }
            self.pos += 1;
        }
        if matches!(self.peek(), b'#' | b'\n' | b'\r') {
            return Ok(true);
        }
        if !self.brackets.is_empty() {
            return Ok(false);
        }
        if continued != 0 {
            (col, alt) = (continued, continued);
        }
        let &(top, top_alt) = self.indents.last().expect("the outermost block stays");
        if col > top {
            if self.indents.len() >= MAX_INDENT {
                return self.indent_error(LexError::TooDeep);
            }
            if alt <= top_alt {
                return self.indent_error(LexError::TabSpace);
            }
            self.indents.push((col, alt));
            self.pending = 1;
        } else if col == top {
            if alt != top_alt {
                return self.indent_error(LexError::TabSpace);
            }
        } else {
            while self.indents.len() > 1 && col < self.indents[self.indents.len() - 1].0 {
                self.indents.pop();
                self.pending -= 1;
            }
            let &(top, top_alt) = self.indents.last().expect("the outermost block stays");
            if col != top {
                return self.indent_error(LexError::Dedent);
            }
            if alt != top_alt {
                return self.indent_error(LexError::TabSpace);
            }
        }
        Ok(false)
    }

    /// Such errors are reported at the end of their line.
    fn indent_error<T>(&mut self, error: LexError) -> Lexed<T> {
        let rest = &self.src[self.pos..];
        self.pos += memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at + 1);
        Err(error)
    }

    /// At `#`: skips the comment, or gives it where it counts.
    fn comment(&mut self, blank_line: bool) -> Option<Token> {
        let start = self.pos;
        let rest = &self.src[start..];
        let mut len = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        if len > 0 && rest[len - 1] == b'\r' {
            len -= 1;
        }
        self.pos += len;
        if self.options.type_comments
            && let Some(token) = self.type_comment(start, blank_line)
        {
            return Some(token);
        }
        if self.options.extra_tokens {
            self.comment_newline = blank_line;
            return Some(self.token(TokenKind::Comment, start));
        }
        None
    }

    /// The comment from `start` to `pos` as a type comment, if it is one.
    fn type_comment(&mut self, start: usize, blank_line: bool) -> Option<Token> {
        let text = &self.src[start..self.pos];
        let mut at = 0;
        for &want in b"# type: " {
            if want == b' ' {
                while matches!(text.get(at), Some(b' ' | b'\t')) {
                    at += 1;
                }
            } else if text.get(at) == Some(&want) {
                at += 1;
            } else {
                return None;
            }
        }
        let body = &text[at..];
        let ignores = body.starts_with(b"ignore")
            && !body
                .get(6)
                .is_some_and(|&c| c >= 0x80 || c.is_ascii_alphanumeric());
        if !ignores {
            return Some(self.token(TokenKind::TypeComment, start + at));
        }
        let token = self.token(TokenKind::TypeIgnore, start + at + 6);
        if blank_line && !self.at_eof() {
            self.pos += 1;
            self.newline();
            self.at_bol = true;
        }
        Some(token)
    }

    /// At the newline of a token that starts at `start`. A blank line, or one within brackets, gives no token.
    fn end_of_line(&mut self, start: usize, blank_line: bool) -> Option<Token> {
        self.pos += if self.peek() == b'\r' { 2 } else { 1 };
        self.at_bol = true;
        let after_comment = std::mem::take(&mut self.comment_newline);
        let kind = if blank_line
            || !self.brackets.is_empty()
            || after_comment && self.options.extra_tokens
        {
            TokenKind::Nl
        } else {
            TokenKind::Newline
        };
        let token = self.token(kind, start);
        self.newline();
        (kind == TokenKind::Newline || self.options.extra_tokens).then_some(token)
    }

    /// An identifier, a keyword, or a string with a prefix.
    fn word(&mut self) -> Lexed<Token> {
        let start = self.pos;
        if matches!(self.peek() | 0x20, b'b' | b'r' | b'u' | b'f' | b't')
            && let Some(token) = self.prefixed_string(start)?
        {
            return Ok(token);
        }
        let mut ascii = true;
        while let c = self.peek()
            && (c.is_ascii_alphanumeric() || c == b'_' || c >= 0x80)
        {
            ascii &= c < 0x80;
            self.pos += 1;
        }
        if !ascii && !self.options.extra_tokens {
            self.verify_identifier(start)?;
        }
        let kind = match TokenKind::keyword(&self.src[start..self.pos]) {
            Some(keyword) if !self.options.extra_tokens => keyword,
            _ => TokenKind::Name,
        };
        Ok(self.token(kind, start))
    }

    /// Checks the characters of an identifier beyond ASCII.
    fn verify_identifier(&mut self, start: usize) -> Lexed<()> {
        let text = String::from_utf8_lossy(&self.src[start..self.pos]).into_owned();
        for (at, c) in text.char_indices() {
            let fine = if at == 0 {
                ident::is_start(c)
            } else {
                ident::is_continue(c)
            };
            if !fine {
                self.pos = start + at + c.len_utf8();
                return self.fail_character(c);
            }
        }
        Ok(())
    }

    fn fail_character<T>(&self, c: char) -> Lexed<T> {
        let code = c as u32;
        if ident::is_printable(c) {
            self.fail(format!("invalid character '{c}' (U+{code:04X})"))
        } else {
            self.fail(format!("invalid non-printable character U+{code:04X}"))
        }
    }

    /// Punctuation.
    fn operator(&mut self, c: u8) -> Lexed<Token> {
        use TokenKind::*;
        let start = self.pos;
        if matches!(c, b':' | b'}' | b'!' | b'{')
            && let Some(token) = self.fstring_punctuation(c)
        {
            return Ok(token);
        }
        let (c2, c3) = (self.peek_at(1), self.peek_at(2));
        let (kind, len) = match (c, c2) {
            (b'.', b'.') if c3 == b'.' => (Ellipsis, 3),
            (b'.', _) => (Dot, 1),
            (b',', _) => (Comma, 1),
            (b'=', b'=') => (EqEqual, 2),
            (b':', b'=') => (ColonEqual, 2),
            (b'!', b'=') | (b'<', b'>') => (NotEqual, 2),
            (b'<', b'=') => (LessEqual, 2),
            (b'<', b'<') if c3 == b'=' => (LeftShiftEqual, 3),
            (b'<', b'<') => (LeftShift, 2),
            (b'>', b'=') => (GreaterEqual, 2),
            (b'>', b'>') if c3 == b'=' => (RightShiftEqual, 3),
            (b'>', b'>') => (RightShift, 2),
            (b'-', b'>') => (RArrow, 2),
            (b'+', b'=') => (PlusEqual, 2),
            (b'-', b'=') => (MinEqual, 2),
            (b'*', b'*') if c3 == b'=' => (DoubleStarEqual, 3),
            (b'*', b'*') => (DoubleStar, 2),
            (b'*', b'=') => (StarEqual, 2),
            (b'/', b'/') if c3 == b'=' => (DoubleSlashEqual, 3),
            (b'/', b'/') => (DoubleSlash, 2),
            (b'/', b'=') => (SlashEqual, 2),
            (b'%', b'=') => (PercentEqual, 2),
            (b'&', b'=') => (AmperEqual, 2),
            (b'|', b'=') => (VBarEqual, 2),
            (b'^', b'=') => (CircumflexEqual, 2),
            (b'@', b'=') => (AtEqual, 2),
            (b'(', _) => (LPar, 1),
            (b')', _) => (RPar, 1),
            (b'[', _) => (LSqb, 1),
            (b']', _) => (RSqb, 1),
            (b'{', _) => (LBrace, 1),
            (b'}', _) => (RBrace, 1),
            (b':', _) => (Colon, 1),
            (b';', _) => (Semi, 1),
            (b'+', _) => (Plus, 1),
            (b'-', _) => (Minus, 1),
            (b'*', _) => (Star, 1),
            (b'/', _) => (Slash, 1),
            (b'|', _) => (VBar, 1),
            (b'&', _) => (Amper, 1),
            (b'<', _) => (Less, 1),
            (b'>', _) => (Greater, 1),
            (b'=', _) => (Equal, 1),
            (b'%', _) => (Percent, 1),
            (b'~', _) => (Tilde, 1),
            (b'^', _) => (Circumflex, 1),
            (b'@', _) => (At, 1),
            (b'!', _) => (Exclamation, 1),
            _ => (Op, 1),
        };
        self.pos += len;
        match kind {
            LPar | LSqb | LBrace => self.open_bracket(start, c)?,
            RPar | RSqb | RBrace => self.close_bracket(c)?,
            Op if !(0x20..0x7F).contains(&c) => return self.fail_character(c as char),
            Equal => self.fstring_equal(),
            _ => {}
        }
        Ok(self.token(kind, start))
    }

    fn open_bracket(&mut self, start: usize, ch: u8) -> Lexed<()> {
        if self.brackets.len() >= MAX_BRACKETS {
            return self.fail("too many nested parentheses");
        }
        self.brackets.push(Bracket {
            ch,
            line: self.line,
            col: (start - self.line_start) as u32,
        });
        if let Some(fstring) = self.fstrings.last_mut() {
            fstring.depth += 1;
        }
        Ok(())
    }

    fn close_bracket(&mut self, ch: u8) -> Lexed<()> {
        let closing = ch as char;
        if let Some(fstring) = self.fstrings.last()
            && fstring.depth == 0
            && ch == b'}'
        {
            return self.fail(format!(
                "{}-string: single '}}' is not allowed",
                fstring.letter
            ));
        }
        match self.brackets.pop() {
            None if !self.options.extra_tokens => {
                return self.fail(format!("unmatched '{closing}'"));
            }
            None => {}
            Some(open) => {
                let matches = matches!((open.ch, ch), (b'(', b')') | (b'[', b']') | (b'{', b'}'));
                if !matches && !self.options.extra_tokens {
                    if let Some(fstring) = self.fstrings.last()
                        && open.ch == b'{'
                        && fstring.depth - 1 == fstring.expr_depth
                    {
                        return self
                            .fail(format!("{}-string: unmatched '{closing}'", fstring.letter));
                    }
                    let opening = open.ch as char;
                    let mut msg = format!(
                        "closing parenthesis '{closing}' does not match opening parenthesis '{opening}'"
                    );
                    if open.line != self.line {
                        msg += &format!(" on line {}", open.line);
                    }
                    return self.fail(msg);
                }
            }
        }
        if let Some(fstring) = self.fstrings.last_mut() {
            fstring.depth -= 1;
            if fstring.depth < 0 {
                let letter = fstring.letter;
                return self.fail(format!("{letter}-string: unmatched '{closing}'"));
            }
            if ch == b'}' && fstring.depth == fstring.expr_depth {
                fstring.expr_depth -= 1;
                fstring.part = Part::Literal;
                fstring.in_format_spec = false;
                fstring.in_debug = false;
            }
        }
        Ok(())
    }
}
