//! The inside of f-strings and t-strings.
//!
//! The lexer keeps a stack of the open ones. Each is either in a literal part,
//! which becomes `FSTRING_MIDDLE` tokens, or in an expression, whose tokens are
//! regular ones.

use super::{LexError, Lexed, Lexer};
use crate::error::{SyntaxWarning, char_offset};
use crate::token::{Token, TokenKind};

/// Replacement fields within format specifications at most, as in CPython.
const MAX_NESTING: i32 = 3;

/// Where in an f-string the lexer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// In the text, or in a format specification.
    Literal,
    /// Within the braces of a replacement field.
    Expression,
}

/// An open f-string or t-string.
#[derive(Clone, Debug)]
pub(super) struct FString {
    pub(super) part: Part,
    pub(super) quote: u8,
    pub(super) quote_size: usize,
    pub(super) raw: bool,
    /// `f` or `t`, for messages.
    pub(super) letter: char,
    pub(super) start: usize,
    pub(super) line: u32,
    pub(super) line_start: usize,
    /// Open brackets of any kind since the string began.
    pub(super) depth: i32,
    /// `depth` outside the innermost replacement field; -1 outside all.
    pub(super) expr_depth: i32,
    pub(super) in_format_spec: bool,
    pub(super) in_debug: bool,
}

impl FString {
    fn in_expression(&self) -> bool {
        self.expr_depth >= 0
    }
}

impl Lexer<'_> {
    /// Before `:`, `}`, `!` or `{` within a replacement field: the colon that
    /// starts a format specification.
    pub(super) fn fstring_punctuation(&mut self, c: u8) -> Option<Token> {
        let fstring = self.fstrings.last_mut()?;
        if !fstring.in_expression() || c != b':' || fstring.depth - 1 != fstring.expr_depth {
            return None;
        }
        fstring.part = Part::Literal;
        fstring.in_format_spec = true;
        let start = self.pos;
        self.pos += 1;
        Some(self.token(TokenKind::Colon, start))
    }

    /// At `=` right within a replacement field.
    pub(super) fn fstring_equal(&mut self) {
        if let Some(fstring) = self.fstrings.last_mut()
            && fstring.in_expression()
            && fstring.depth - fstring.expr_depth == 1
        {
            fstring.in_debug = true;
        }
    }

    fn fstring(&mut self) -> &mut FString {
        self.fstrings.last_mut().expect("called within an f-string")
    }

    /// The next token within a literal part.
    pub(super) fn fstring_token(&mut self) -> Lexed<Token> {
        let (quote, quote_size) = (self.fstring().quote, self.fstring().quote_size);
        if self.peek() == b'{' && self.peek_at(1) != b'{' {
            self.fstring().expr_depth += 1;
            self.check_nesting()?;
            self.fstring().part = Part::Expression;
            // `depth` is counted when the brace itself is read.
            return self.regular_token();
        }
        let start = self.pos;
        if (0..quote_size).all(|at| self.peek_at(at) == quote) {
            self.pos += quote_size;
            let kind = match self.fstrings.pop().map(|fstring| fstring.letter) {
                Some('t') => TokenKind::TStringEnd,
                _ => TokenKind::FStringEnd,
            };
            return Ok(self.token(kind, start));
        }
        self.fstring_middle()
    }

    fn check_nesting(&mut self) -> Lexed<()> {
        if self.fstring().expr_depth >= MAX_NESTING {
            let letter = self.fstring().letter;
            return self.fail(format!("{letter}-string: expressions nested too deeply"));
        }
        Ok(())
    }

    fn fstring_middle(&mut self) -> Lexed<Token> {
        let (start, line, line_start) = (self.pos, self.line, self.line_start);
        let (quote, quote_size) = (self.fstring().quote, self.fstring().quote_size);
        let mut closing = 0;
        let mut named_escape = false;
        // The second of two braces is no part of the text, though of the span.
        let mut cut = 0;
        while closing < quote_size {
            let c = self.peek();
            let in_format_spec = self.fstring().in_format_spec && self.fstring().in_expression();
            if (c == 0 && self.at_eof()) || (quote_size == 1 && c == b'\n') {
                return self.unterminated_fstring(in_format_spec && c == b'\n');
            }
            self.pos += 1;
            if c == quote {
                closing += 1;
                continue;
            }
            closing = 0;
            match c {
                b'\n' => self.newline(),
                b'{' => {
                    if self.peek() != b'{' || in_format_spec {
                        self.pos -= 1;
                        self.fstring().expr_depth += 1;
                        self.check_nesting()?;
                        self.fstring().part = Part::Expression;
                    } else {
                        self.pos += 1;
                        cut = 1;
                    }
                    break;
                }
                b'}' => {
                    if named_escape {
                        break;
                    }
                    if self.peek() == b'}' && !in_format_spec && self.fstring().depth == 0 {
                        self.pos += 1;
                        cut = 1;
                    } else {
                        self.pos -= 1;
                        self.fstring().part = Part::Expression;
                    }
                    break;
                }
                b'\\' => named_escape |= self.fstring_escape(),
                _ => {}
            }
        }
        if closing == quote_size {
            self.pos -= quote_size;
        }
        let kind = if self.fstring().letter == 't' {
            TokenKind::TStringMiddle
        } else {
            TokenKind::FStringMiddle
        };
        let end = self.pos - cut;
        let mut token = self.token(kind, self.pos);
        token.start = start as u32;
        token.end = end as u32;
        token.line = line;
        token.col = (start - line_start) as u32;
        Ok(token)
    }

    /// Behind a backslash; whether `\N{` was read.
    fn fstring_escape(&mut self) -> bool {
        let raw = self.fstring().raw;
        let c = self.peek();
        match c {
            b'{' | b'}' => {
                if !raw && !self.options.extra_tokens {
                    self.warn_escape(c);
                }
                false
            }
            b'N' if !raw => {
                self.pos += 1;
                if self.peek() == b'{' {
                    self.pos += 1;
                    return true;
                }
                false
            }
            b'\n' => {
                self.pos += 1;
                self.newline();
                false
            }
            b'\r' if self.peek_at(1) == b'\n' => {
                self.pos += 2;
                self.newline();
                false
            }
            0 => false,
            _ => {
                self.pos += 1;
                false
            }
        }
    }

    /// Warns of `\{` and `\}`, `pos` being at the brace.
    fn warn_escape(&mut self, c: u8) {
        let c = c as char;
        let line = &self.src[self.line_start..];
        let col = char_offset(line, self.pos + 1 - self.line_start);
        let warning = SyntaxWarning {
            msg: format!(
                "\"\\{c}\" is an invalid escape sequence. Such sequences will not work in \
                 the future. Did you mean \"\\\\{c}\"? A raw string is also an option."
            ),
            line: self.line,
            col,
            end_line: self.line,
            end_col: col,
            error_msg: format!(
                "\"\\{c}\" is an invalid escape sequence. Did you mean \"\\\\{c}\"? \
                 A raw string is also an option."
            ),
        };
        self.warnings.push((self.pos, warning));
    }

    #[cold]
    fn unterminated_fstring(&mut self, newline_in_spec: bool) -> Lexed<Token> {
        let fstring = self.fstring().clone();
        let letter = fstring.letter;
        if newline_in_spec {
            self.pos += 1;
            return self.fail(format!(
                "{letter}-string: newlines are not allowed in format specifiers for \
                 single quoted {letter}-strings"
            ));
        }
        let detected = self.line;
        let at_end = self.at_eof();
        self.pos = fstring.start + 1;
        self.line = fstring.line;
        self.line_start = fstring.line_start;
        let kind = if fstring.quote_size == 3 {
            "triple-quoted "
        } else {
            ""
        };
        let error: Lexed<Token> = self.fail(format!(
            "unterminated {kind}{letter}-string literal (detected at line {detected})"
        ));
        if at_end && fstring.quote_size == 3 {
            error.map_err(LexError::cut_off)
        } else {
            error
        }
    }
}
