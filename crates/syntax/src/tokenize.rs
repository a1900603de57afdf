//! The token stream of Python's `tokenize`: what `_tokenize.TokenizerIter`
//! gives, token by token.

use crate::error::{ErrorKind, SyntaxError};
use crate::lexer::{LexError, LexOptions, Lexer};
use crate::token::{NO_COLUMN, Token, TokenKind};
use std::borrow::Cow;

/// A token as `tokenize.TokenInfo` has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenInfo {
    /// The number in the `token` module. With extra tokens, all operators are
    /// `OP`.
    pub kind: u8,
    /// The text.
    pub string: String,
    /// Line from 1 and column in characters from 0; -1 for none.
    pub start: (u32, i32),
    /// The same behind the end.
    pub end: (u32, i32),
    /// The line or lines the token is in.
    pub line: String,
}

/// An iterator over the tokens of a source. It ends behind the `ENDMARKER`, or
/// behind an error.
pub struct Tokenizer<'a> {
    lexer: Lexer<'a>,
    extra_tokens: bool,
    /// Whether the last newline of the source was added.
    implicit_newline: bool,
    last_line: String,
    last_number: u32,
    done: bool,
}

/// The source with a newline at its end, for [`Tokenizer::new`]; and whether
/// that had to be added.
pub fn with_newline(source: &str) -> (Cow<'_, str>, bool) {
    if source.is_empty() || source.ends_with('\n') {
        (Cow::Borrowed(source), false)
    } else {
        (Cow::Owned(format!("{source}\n")), true)
    }
}

impl<'a> Tokenizer<'a> {
    /// Tokenizes a source prepared by [`with_newline`].
    pub fn new(source: &'a str, implicit_newline: bool, extra_tokens: bool) -> Tokenizer<'a> {
        let options = LexOptions {
            extra_tokens,
            type_comments: false,
        };
        Tokenizer {
            lexer: Lexer::new(source, options),
            extra_tokens,
            implicit_newline,
            last_line: String::new(),
            last_number: 0,
            done: false,
        }
    }

    fn text(&self, start: usize, end: usize) -> String {
        String::from_utf8_lossy(&self.lexer.src[start..end]).into_owned()
    }

    /// Offset behind the newline of the lexer's line.
    fn line_end(&self, from: usize) -> usize {
        let rest = &self.lexer.src[from..];
        from + memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at + 1)
    }

    fn info(&mut self, token: Token) -> TokenInfo {
        use TokenKind::*;
        let kind = token.kind;
        let is_string = matches!(
            kind,
            String
                | FStringStart
                | FStringMiddle
                | FStringEnd
                | TStringStart
                | TStringMiddle
                | TStringEnd
        );
        let src_len = self.lexer.src.len();
        let at_end = token.start as usize >= src_len;
        let trailing = kind == EndMarker || (kind == Dedent && at_end);
        let start_line = token.start as usize - token.col.min(token.start) as usize;
        // The line that the lexer is in when it gives the token.
        let end_line = if matches!(kind, FStringMiddle | TStringMiddle) {
            let before = &self.lexer.src[..token.end as usize];
            memchr::memrchr(b'\n', before).map_or(0, |at| at + 1)
        } else {
            token.end as usize - (token.end_col.min(token.end) as usize)
        };
        let line_from = if is_string { start_line } else { end_line };
        let line = if self.extra_tokens && trailing {
            std::string::String::new()
        } else {
            if token.end_line != self.last_number {
                let mut end = self.line_end(end_line.min(src_len));
                if self.implicit_newline && end == src_len && end > line_from {
                    end -= 1;
                }
                self.last_line = self.text(line_from.min(end), end);
            }
            self.last_line.clone()
        };
        self.last_number = token.line;
        let placed = token.col != NO_COLUMN;
        let column = |from: usize, to: usize| {
            let bytes = &self.lexer.src[from.min(to)..to];
            bytes.iter().filter(|&&b| b & 0xC0 != 0x80).count() as i32
        };
        let (mut start, mut end) = ((token.line, -1), (token.end_line, -1));
        if placed {
            start.1 = column(start_line, token.start as usize);
            end.1 = column(end_line, token.end as usize);
        }
        let mut string = if placed {
            self.text(token.start as usize, token.end as usize)
        } else {
            std::string::String::new()
        };
        let mut number = kind.number();
        let implicit = self.implicit_newline && token.end as usize == src_len;
        if self.extra_tokens {
            if trailing {
                // An empty source has no line at all.
                start = (token.line + (src_len > 0) as u32, 0);
                end = start;
            }
            if number > Dedent as u8 && number < Op as u8 {
                number = Op as u8;
            }
            if matches!(kind, Newline | Nl) && implicit {
                string.clear();
            }
        } else if kind == Newline {
            string.clear();
            end = start;
        }
        TokenInfo {
            kind: number,
            string,
            start,
            end,
            line,
        }
    }

    /// How many bytes the tokenizer has kept of the last line and those before
    /// that it continues: none, unless a token is unfinished.
    fn unfinished(&self) -> i32 {
        let src = self.lexer.src;
        let mut start = self.lexer.line_start;
        if self.lexer.in_fstring() {
            return (src.len() - start) as i32;
        }
        if !src.ends_with(b"\\\n") {
            return 0;
        }
        while src[..start].ends_with(b"\\\n") {
            let before = &src[..start - 1];
            start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        }
        let blank = src[start..].iter().take_while(|b| b.is_ascii_whitespace());
        if src[start + blank.count()..].starts_with(b"\\") {
            return 0;
        }
        (src.len() - start) as i32
    }

    fn error(&self, error: LexError) -> SyntaxError {
        let (kind, msg) = match &error {
            LexError::Raised(raised) | LexError::CutOff(raised) => return (**raised).clone(),
            LexError::Eof => (ErrorKind::Syntax, "unexpected EOF in multi-line statement"),
            LexError::Dedent => (
                ErrorKind::Indentation,
                "unindent does not match any outer indentation level",
            ),
            LexError::TabSpace => (
                ErrorKind::Tab,
                "inconsistent use of tabs and spaces in indentation",
            ),
            LexError::TooDeep => (ErrorKind::Indentation, "too many levels of indentation"),
            LexError::LineContinuation => (
                ErrorKind::Syntax,
                "unexpected character after line continuation character",
            ),
        };
        let start = self.lexer.line_start;
        let end = self.line_end(start.min(self.lexer.src.len()));
        let line = self.text(start, end);
        let width = line.chars().count() as i32;
        let col = match error {
            LexError::Eof => self.unfinished(),
            _ => width,
        };
        SyntaxError {
            kind,
            msg: msg.to_owned(),
            line: self.lexer.line,
            col,
            end_line: self.lexer.line,
            end_col: width,
            text: Some(line),
            last_statement: (0, 0),
        }
    }
}

impl Iterator for Tokenizer<'_> {
    type Item = Result<TokenInfo, SyntaxError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        match self.lexer.next_token() {
            Ok(token) => {
                self.done = token.kind == TokenKind::EndMarker;
                Some(Ok(self.info(token)))
            }
            Err(error) => {
                self.done = true;
                Some(Err(self.error(error)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(source: &str) -> Vec<String> {
        let (text, added) = with_newline(source);
        Tokenizer::new(&text, added, true)
            .map(|token| match token {
                Ok(t) => format!(
                    "{} {:?} {}.{}-{}.{}",
                    t.kind, t.string, t.start.0, t.start.1, t.end.0, t.end.1
                ),
                Err(error) => format!("{} {}.{}", error.msg, error.line, error.col),
            })
            .collect()
    }

    #[test]
    fn streams() {
        let cases: [(&str, &[&str]); 5] = [
            (
                "é = 'a'  # c",
                &[
                    r#"1 "é" 1.0-1.1"#,
                    r#"55 "=" 1.2-1.3"#,
                    r#"3 "'a'" 1.4-1.7"#,
                    r##"65 "# c" 1.9-1.12"##,
                    r#"4 "" 1.12-1.13"#,
                    r#"0 "" 2.0-2.0"#,
                ],
            ),
            (
                "if x:\r\n  # c\r\n\r\n  y\r\n",
                &[
                    r#"1 "if" 1.0-1.2"#,
                    r#"1 "x" 1.3-1.4"#,
                    r#"55 ":" 1.4-1.5"#,
                    r#"4 "\r\n" 1.5-1.7"#,
                    r##"65 "# c" 2.2-2.5"##,
                    r#"66 "\r\n" 2.5-2.7"#,
                    r#"66 "\r\n" 3.0-3.2"#,
                    r#"5 "  " 4.0-4.2"#,
                    r#"1 "y" 4.2-4.3"#,
                    r#"4 "\r\n" 4.3-4.5"#,
                    r#"6 "" 5.0-5.0"#,
                    r#"0 "" 5.0-5.0"#,
                ],
            ),
            (
                "f'a{b!r:{c}}'",
                &[
                    r#"59 "f'" 1.0-1.2"#,
                    r#"60 "a" 1.2-1.3"#,
                    r#"55 "{" 1.3-1.4"#,
                    r#"1 "b" 1.4-1.5"#,
                    r#"55 "!" 1.5-1.6"#,
                    r#"1 "r" 1.6-1.7"#,
                    r#"55 ":" 1.7-1.8"#,
                    r#"55 "{" 1.8-1.9"#,
                    r#"1 "c" 1.9-1.10"#,
                    r#"55 "}" 1.10-1.11"#,
                    r#"60 "" 1.11-1.11"#,
                    r#"55 "}" 1.11-1.12"#,
                    r#"61 "'" 1.12-1.13"#,
                    r#"4 "" 1.13-1.14"#,
                    r#"0 "" 2.0-2.0"#,
                ],
            ),
            (
                "(\n",
                &[
                    r#"55 "(" 1.0-1.1"#,
                    r#"66 "\n" 1.1-1.2"#,
                    "unexpected EOF in multi-line statement 1.0",
                ],
            ),
            ("", &[r#"0 "" 1.0-1.0"#]),
        ];
        for (source, expected) in cases {
            assert_eq!(tokens(source), expected, "{source}");
        }
    }
}
