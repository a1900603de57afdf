//! Numbers, and what may not follow them.

use super::{Lexed, Lexer};
use crate::error::{SyntaxWarning, char_offset};
use crate::token::{Token, TokenKind};

impl Lexer<'_> {
    /// At a digit, or at a dot before a digit.
    pub(super) fn number(&mut self) -> Lexed<Token> {
        let start = self.pos;
        if self.peek() == b'0' {
            match self.peek_at(1) | 0x20 {
                b'x' => self.radix("hexadecimal", 16)?,
                b'o' => self.radix("octal", 8)?,
                b'b' => self.radix("binary", 2)?,
                _ => self.leading_zero(start)?,
            }
        } else {
            if self.peek() != b'.' {
                self.digits()?;
            }
            self.fraction()?;
        }
        Ok(self.token(TokenKind::Number, start))
    }

    /// Digits in groups separated by single underscores.
    fn digits(&mut self) -> Lexed<()> {
        loop {
            while self.peek().is_ascii_digit() {
                self.pos += 1;
            }
            if self.peek() != b'_' {
                return Ok(());
            }
            self.pos += 1;
            if !self.peek().is_ascii_digit() {
                return self.fail("invalid decimal literal");
            }
        }
    }

    /// Behind the integer part.
    fn fraction(&mut self) -> Lexed<()> {
        if self.peek() == b'.' {
            self.pos += 1;
            if self.peek().is_ascii_digit() {
                self.digits()?;
            }
        }
        self.exponent()
    }

    fn exponent(&mut self) -> Lexed<()> {
        if self.peek() | 0x20 == b'e' {
            let signed = matches!(self.peek_at(1), b'+' | b'-');
            if self.peek_at(1 + signed as usize).is_ascii_digit() {
                self.pos += 1 + signed as usize;
                self.digits()?;
            } else if signed {
                self.pos += 2;
                return self.fail("invalid decimal literal");
            } else {
                // `1else` is a number and a keyword; `1e` is nothing.
                return self.end_of_number("decimal");
            }
        }
        if self.peek() | 0x20 == b'j' {
            self.pos += 1;
            return self.end_of_number("imaginary");
        }
        self.end_of_number("decimal")
    }

    /// `0x`, `0o`, `0b`.
    fn radix(&mut self, name: &str, radix: u32) -> Lexed<()> {
        let is_digit = |c: u8| (c as char).is_digit(radix);
        self.pos += 2;
        loop {
            if self.peek() == b'_' {
                self.pos += 1;
            }
            if !is_digit(self.peek()) {
                return self.bad_digit(name);
            }
            while is_digit(self.peek()) {
                self.pos += 1;
            }
            if self.peek() != b'_' {
                break;
            }
        }
        if self.peek().is_ascii_digit() {
            return self.bad_digit(name);
        }
        self.end_of_number(name)
    }

    fn bad_digit(&mut self, name: &str) -> Lexed<()> {
        let c = self.peek();
        if c.is_ascii_digit() {
            self.pos += 1;
            return self.fail(format!("invalid digit '{}' in {name} literal", c as char));
        }
        self.fail(format!("invalid {name} literal"))
    }

    /// `0`, `0_0`, `00.5`, `0e1`, `0j`; and `012`, which is refused.
    fn leading_zero(&mut self, start: usize) -> Lexed<()> {
        loop {
            if self.peek() == b'_' {
                self.pos += 1;
                if !self.peek().is_ascii_digit() {
                    return self.fail("invalid decimal literal");
                }
            }
            if self.peek() != b'0' {
                break;
            }
            self.pos += 1;
        }
        let zeros_end = self.pos;
        let nonzero = self.peek().is_ascii_digit();
        if nonzero {
            self.digits()?;
        }
        match self.peek() | 0x20 {
            b'.' | b'e' | b'j' => self.fraction(),
            _ if nonzero && !self.options.extra_tokens => {
                // CPython counts bytes here.
                self.fail_range(
                    (start + 1 - self.line_start) as i32,
                    (zeros_end - self.line_start) as i32 + 1,
                    "leading zeros in decimal integer literals are not permitted; \
                     use an 0o prefix for octal integers",
                )
            }
            _ => self.end_of_number("decimal"),
        }
    }

    /// A keyword right behind a number is warned of, other letters are refused.
    fn end_of_number(&mut self, name: &str) -> Lexed<()> {
        if self.options.extra_tokens {
            return Ok(());
        }
        let c = self.peek();
        if !(c.is_ascii_alphanumeric() || c == b'_') {
            return Ok(());
        }
        let rest = &self.src[self.pos..];
        // Like CPython, `1iffy` is taken for a number and `if`; `1or` must end.
        const WORDS: [&[u8]; 5] = [b"and", b"else", b"for", b"or", b"not"];
        let ends = |len: usize| {
            let next = rest.get(len).copied().unwrap_or(0);
            !(next.is_ascii_alphanumeric() || next == b'_' || next >= 0x80)
        };
        let keyword = rest.starts_with(b"if")
            || rest.starts_with(b"in")
            || rest.starts_with(b"is")
            || WORDS
                .iter()
                .any(|word| rest.starts_with(word) && ends(word.len()));
        if !keyword {
            self.pos += 1;
            let error = self.fail(format!("invalid {name} literal"));
            self.pos -= 1;
            // The caret stands at the last character of the number.
            return match error {
                Err(super::LexError::Raised(mut error)) => {
                    error.col -= 1;
                    error.end_col -= 1;
                    Err(super::LexError::Raised(error))
                }
                other => other,
            };
        }
        let line = &self.src[self.line_start..];
        let col = char_offset(line, self.pos - self.line_start);
        let msg = format!("invalid {name} literal");
        let warning = SyntaxWarning {
            msg: msg.clone(),
            line: self.line,
            col,
            end_line: self.line,
            end_col: col,
            error_msg: msg,
        };
        self.warnings.push((self.pos, warning));
        Ok(())
    }
}
