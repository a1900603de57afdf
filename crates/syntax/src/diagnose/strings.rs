//! String literals are judged by value while they are parsed: an escape that
//! cannot be decoded is an error as soon as CPython's parser has read it.

use super::engine::Engine;
use super::nodes::{Kind, NodeId};
use super::report::Where;
use crate::error::ErrorKind;
use crate::literal;
use crate::parser::take_apart;
use crate::token::TokenKind;

impl Engine<'_> {
    /// Checks the string, or part of one, that starts at token `start`; what
    /// kind of node it is.
    pub(super) fn check_string(&mut self, kind: Kind, start: usize, parts: NodeId) -> Option<Kind> {
        match kind {
            Kind::String => self.check_plain(start),
            Kind::FString | Kind::TString => {
                let raw = self.token_text(start).contains(['r', 'R']);
                for part in self.nodes.children(parts).to_vec() {
                    let node = self.nodes.get(part);
                    let (first, text) = (node.first, node.kind == Kind::Token);
                    if text {
                        self.check_text(first, raw)?;
                    }
                }
                Some(if kind == Kind::FString {
                    Kind::JoinedStr
                } else {
                    Kind::TemplateStr
                })
            }
            Kind::Middle => {
                let raw = self.raw_around(start);
                self.check_text(start, raw)?;
                Some(Kind::Token)
            }
            Kind::Conversion => self.check_conversion(start),
            _ => self.check_mixture(parts),
        }
    }

    fn check_plain(&mut self, at: usize) -> Option<Kind> {
        let literal = take_apart(self.token_text(at));
        let mut bad = None;
        if !literal.bytes {
            if !literal.raw
                && let Err(msg) = literal::string(literal.body, &mut bad)
            {
                return self.refuse(msg);
            }
            return Some(Kind::Literal);
        }
        if !literal.body.is_ascii() {
            let token = self.token(at);
            let msg = "bytes can only contain ASCII literal characters".to_owned();
            self.raise(ErrorKind::Syntax, Where::range(token, token), msg);
            return None;
        }
        if let Err(msg) = literal::bytes(literal.body, literal.raw, &mut bad) {
            return self.refuse(msg);
        }
        Some(Kind::Bytes)
    }

    fn refuse(&mut self, msg: String) -> Option<Kind> {
        let place = self.last_place();
        self.raise(ErrorKind::Syntax, place, msg);
        None
    }

    fn check_text(&mut self, at: usize, raw: bool) -> Option<()> {
        let mut bad = None;
        if raw {
            return Some(());
        }
        match literal::string(self.token_text(at), &mut bad) {
            Ok(_) => Some(()),
            Err(msg) => self.refuse(msg).map(|_| ()),
        }
    }

    /// Whether the f-string around a token is a raw one.
    fn raw_around(&self, at: usize) -> bool {
        let mut open = 0;
        for token in (0..at).rev() {
            match self.token(token).kind {
                TokenKind::FStringEnd | TokenKind::TStringEnd => open += 1,
                TokenKind::FStringStart | TokenKind::TStringStart if open > 0 => open -= 1,
                TokenKind::FStringStart | TokenKind::TStringStart => {
                    return self.token_text(token).contains(['r', 'R']);
                }
                _ => {}
            }
        }
        false
    }

    /// `!r`, the mark being at `start`.
    fn check_conversion(&mut self, start: usize) -> Option<Kind> {
        let (mark, name) = (self.token(start), self.token(start + 1));
        let letter = self.letter_around(start);
        if mark.end != name.start {
            let msg = format!(
                "{letter}-string: conversion type must come right after the exclamation mark"
            );
            self.raise(ErrorKind::Syntax, Where::range(mark, name), msg);
            return None;
        }
        let text = self.token_text(start + 1);
        if !matches!(text, "s" | "r" | "a") {
            let msg = format!(
                "{letter}-string: invalid conversion character {}: expected 's', 'r', or 'a'",
                crate::repr::str_repr(&text.into())
            );
            self.raise(ErrorKind::Syntax, Where::range(name, name), msg);
            return None;
        }
        Some(Kind::Seq)
    }

    /// `f` or `t`, by the string around a token.
    fn letter_around(&self, at: usize) -> char {
        let mut open = 0;
        for token in (0..at).rev() {
            match self.token(token).kind {
                TokenKind::FStringEnd | TokenKind::TStringEnd => open += 1,
                TokenKind::FStringStart | TokenKind::TStringStart if open > 0 => open -= 1,
                TokenKind::FStringStart => return 'f',
                TokenKind::TStringStart => return 't',
                _ => {}
            }
        }
        'f'
    }

    /// Strings side by side: bytes or text, not both.
    fn check_mixture(&mut self, parts: NodeId) -> Option<Kind> {
        let kinds: Vec<Kind> = self
            .nodes
            .children(parts)
            .iter()
            .map(|&part| self.nodes.get(part).kind)
            .collect();
        let bytes = kinds.iter().filter(|&&kind| kind == Kind::Bytes).count();
        if bytes > 0 && bytes < kinds.len() {
            return self.refuse("cannot mix bytes and nonbytes literals".to_owned());
        }
        Some(if kinds.contains(&Kind::JoinedStr) {
            Kind::JoinedStr
        } else {
            Kind::Literal
        })
    }
}
