//! String literals and their prefixes.

use super::{FString, LexError, Lexed, Lexer, Part};
use crate::token::{Token, TokenKind};

/// f-strings within f-strings at most, as in CPython.
const MAX_FSTRINGS: usize = 150;

impl Lexer<'_> {
    /// At a letter that may be a string's prefix: the string, if it is one.
    pub(super) fn prefixed_string(&mut self, start: usize) -> Lexed<Option<Token>> {
        let (mut b, mut r, mut u, mut f, mut t) = (false, false, false, false, false);
        loop {
            let seen = match self.peek() | 0x20 {
                b'b' => &mut b,
                b'r' => &mut r,
                b'u' => &mut u,
                b'f' => &mut f,
                b't' => &mut t,
                _ => break,
            };
            if *seen {
                break;
            }
            *seen = true;
            self.pos += 1;
            let quote = self.peek();
            if quote != b'\'' && quote != b'"' {
                continue;
            }
            let clash = [
                (u && b, 'u', 'b'),
                (u && r, 'u', 'r'),
                (u && f, 'u', 'f'),
                (u && t, 'u', 't'),
                (b && f, 'b', 'f'),
                (b && t, 'b', 't'),
                (f && t, 'f', 't'),
            ];
            if let Some((_, one, other)) = clash.iter().find(|clash| clash.0) {
                // CPython counts bytes here.
                let col = (start + 1 - self.line_start) as i32;
                let end = (self.pos + 1 - self.line_start) as i32;
                return self.fail_range(
                    col,
                    end,
                    format!("'{one}' and '{other}' prefixes are incompatible"),
                );
            }
            return if f || t {
                self.fstring_start(start, quote, r, t).map(Some)
            } else {
                self.string(start, quote).map(Some)
            };
        }
        self.pos = start;
        Ok(None)
    }

    /// At the opening quote of a plain string that began at `start`.
    pub(super) fn string(&mut self, start: usize, quote: u8) -> Lexed<Token> {
        let (first_line, first_line_start) = (self.line, self.line_start);
        self.pos += 1;
        let mut size = 1;
        if self.peek() == quote {
            if self.peek_at(1) == quote {
                size = 3;
                self.pos += 2;
            } else {
                self.pos += 1;
                return Ok(self.token(TokenKind::String, start));
            }
        }
        let mut escaped_quote = false;
        let mut closing = 0;
        while closing < size {
            let c = self.peek();
            if (c == 0 && self.at_eof()) || (size == 1 && c == b'\n') {
                return self.unterminated(start, first_line, first_line_start, quote, size, {
                    escaped_quote
                });
            }
            self.pos += 1;
            if c == quote {
                closing += 1;
                continue;
            }
            closing = 0;
            if c == b'\n' {
                self.newline();
            } else if c == b'\\' {
                let c = self.peek();
                escaped_quote |= c == quote;
                if !self.at_eof() {
                    self.pos += 1;
                }
                if c == b'\r' && self.peek() == b'\n' {
                    self.pos += 1;
                    self.newline();
                } else if c == b'\n' {
                    self.newline();
                }
            }
        }
        let mut token = self.token(TokenKind::String, self.line_start);
        token.start = start as u32;
        token.line = first_line;
        token.col = (start - first_line_start) as u32;
        Ok(token)
    }

    #[cold]
    fn unterminated(
        &mut self,
        start: usize,
        first_line: u32,
        first_line_start: usize,
        quote: u8,
        size: usize,
        escaped_quote: bool,
    ) -> Lexed<Token> {
        let detected = self.line;
        let at_end = self.at_eof();
        // The caret stands at the first character of the literal.
        self.pos = start + 1;
        self.line = first_line;
        self.line_start = first_line_start;
        if let Some(fstring) = self.fstrings.last()
            && fstring.quote == quote
            && fstring.quote_size == size
        {
            return self.fail(format!("{}-string: expecting '}}'", fstring.letter));
        }
        let what = if size == 3 { "triple-quoted " } else { "" };
        let hint = if size == 1 && escaped_quote {
            "; perhaps you escaped the end quote?"
        } else {
            ""
        };
        let error = self.fail(format!(
            "unterminated {what}string literal (detected at line {detected}){hint}"
        ));
        if at_end {
            error.map_err(LexError::cut_off)
        } else {
            error
        }
    }

    /// At the opening quote of an f-string or t-string.
    fn fstring_start(&mut self, start: usize, quote: u8, raw: bool, t: bool) -> Lexed<Token> {
        let mut quote_size = 1;
        if self.peek_at(1) == quote && self.peek_at(2) == quote {
            quote_size = 3;
        }
        self.pos += quote_size;
        if self.fstrings.len() + 1 >= MAX_FSTRINGS {
            return self.fail("too many nested f-strings");
        }
        self.fstrings.push(FString {
            part: Part::Literal,
            quote,
            quote_size,
            raw,
            letter: if t { 't' } else { 'f' },
            start,
            line: self.line,
            line_start: self.line_start,
            depth: 0,
            expr_depth: -1,
            in_format_spec: false,
            in_debug: false,
        });
        let kind = if t {
            TokenKind::TStringStart
        } else {
            TokenKind::FStringStart
        };
        Ok(self.token(kind, start))
    }
}
