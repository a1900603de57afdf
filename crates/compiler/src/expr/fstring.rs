//! f-strings, t-strings and `'...' % (...)`.

use taipan_bytecode::{Const, Op, flag};
use taipan_syntax::ast::*;

use crate::compiler::{Compiler, Val, kill_if};
use crate::emit::Reg;
use crate::errors::Result;

/// Longer strings are put together piece by piece.
const MAX_RUN: usize = 100;

/// The number of a conversion in the instructions.
fn conversion_number(conversion: i32) -> u16 {
    match u8::try_from(conversion) {
        Ok(b's') => 1,
        Ok(b'r') => 2,
        Ok(b'a') => 3,
        _ => 0,
    }
}

/// A piece of a `%` format.
/// A piece of a simple `%` format: text, or a value with its conversion and format.
pub(crate) enum Piece<'a> {
    Text(Vec<u8>),
    Value(&'a Expr, u16, Option<String>),
}

impl<'a> Compiler<'a> {
    pub(super) fn formatted_value(
        &mut self,
        span: Span,
        value: &'a Expr,
        conversion: i32,
        spec: Option<&'a Expr>,
        hint: Option<Reg>,
    ) -> Result<Val> {
        let conversion = conversion_number(conversion);
        let mark = self.unit.mark();
        let Some(spec) = spec else {
            let v = self.expr(value, self.sub_hint(hint))?;
            return Ok(self.op1(span, Op::FormatSimple, v, conversion, mark, hint));
        };
        let mut v = self.expr_before(value, self.sub_hint(hint), self.is_trivial(spec))?;
        if conversion != 0 {
            let to = match v {
                Val::Temp(r) => Some(r),
                _ => None,
            };
            let mark = self.unit.mark();
            v = self.op1(span, Op::Convert, v, conversion, mark, to);
        }
        let s = self.expr(spec, None)?;
        let (r, kill) = self.reg(span, v);
        let (s, kill_s) = self.reg(span, s);
        self.unit.release(mark);
        let dst = hint.unwrap_or_else(|| self.unit.alloc());
        let flags = kill_if(kill, flag::KILL_B) | kill_if(kill_s, flag::KILL_C);
        self.unit.op(span, Op::FormatWithSpec, flags, dst, r, s);
        Ok(self.at(dst))
    }

    pub(super) fn joined_str(
        &mut self,
        span: Span,
        values: &'a [Expr],
        hint: Option<Reg>,
    ) -> Result<Val> {
        match values {
            [] => return Ok(Val::Const(Const::Str([].into()))),
            [one] => return self.expr(one, hint),
            _ => {}
        }
        let mark = self.unit.mark();
        let base = match self.sub_hint(hint) {
            Some(h) => h,
            None => self.unit.alloc(),
        };
        let mut n = 0;
        for v in values {
            if n == MAX_RUN {
                self.unit.op(span, Op::BuildString, 0, base, base, n as u16);
                self.unit.release(base + 1);
                n = 1;
            }
            let r = if n == 0 { base } else { self.unit.alloc() };
            self.expr_to(v, r)?;
            n += 1;
        }
        self.unit.release(mark);
        let dst = hint.unwrap_or_else(|| self.unit.alloc());
        self.unit.op(span, Op::BuildString, 0, dst, base, n as u16);
        Ok(self.at(dst))
    }

    /// `'...' % (a, b)` with a simple format as the pieces of an f-string.
    pub(super) fn percent_format(
        &mut self,
        e: &'a Expr,
        left: &'a Expr,
        right: &'a Expr,
        hint: Option<Reg>,
    ) -> Result<Option<Val>> {
        let (
            ExprKind::Constant {
                value: Constant::Str(format),
                ..
            },
            ExprKind::Tuple { elts, .. },
        ) = (&left.kind, &right.kind)
        else {
            return Ok(None);
        };
        if elts
            .iter()
            .any(|e| matches!(e.kind, ExprKind::Starred { .. }))
        {
            return Ok(None);
        }
        let Some(pieces) = percent_pieces(format.as_bytes(), elts) else {
            return Ok(None);
        };
        if pieces.len() > MAX_RUN {
            return Ok(None);
        }
        if pieces.is_empty() {
            return Ok(Some(Val::Const(Const::Str([].into()))));
        }
        if let [Piece::Text(text)] = &pieces[..] {
            return Ok(Some(Val::Const(Const::Str(text[..].into()))));
        }
        let span = e.span;
        let mark = self.unit.mark();
        let base = match self.sub_hint(hint) {
            Some(h) => h,
            None => self.unit.alloc(),
        };
        for (i, piece) in pieces.iter().enumerate() {
            let r = if i == 0 { base } else { self.unit.alloc() };
            match piece {
                Piece::Text(text) => {
                    self.unit
                        .load_const(left.span, r, &Const::Str(text[..].into()));
                }
                Piece::Value(value, conversion, spec) => {
                    let mark = self.unit.mark();
                    let v = self.expr(value, Some(r))?;
                    match spec {
                        None => {
                            self.op1(value.span, Op::FormatSimple, v, *conversion, mark, Some(r));
                        }
                        Some(spec) => {
                            self.op1(value.span, Op::Convert, v, *conversion, mark, Some(r));
                            let s = self.unit.alloc();
                            self.unit.load_const(
                                value.span,
                                s,
                                &Const::Str(spec.as_bytes().into()),
                            );
                            let flags = flag::KILL_B | flag::KILL_C;
                            self.unit.op(value.span, Op::FormatWithSpec, flags, r, r, s);
                            self.unit.release(mark);
                        }
                    }
                }
            }
        }
        self.unit.release(mark);
        if pieces.len() == 1 {
            if let Some(h) = hint
                && h != base
            {
                self.unit.mov(span, h, base, true);
                return Ok(Some(self.at(h)));
            }
            if hint.is_none() {
                self.unit.alloc();
            }
            return Ok(Some(self.at(base)));
        }
        let dst = hint.unwrap_or_else(|| self.unit.alloc());
        self.unit
            .op(span, Op::BuildString, 0, dst, base, pieces.len() as u16);
        Ok(Some(self.at(dst)))
    }

    /// A t-string: the strings between the interpolations, and those.
    pub(super) fn template(
        &mut self,
        span: Span,
        values: &'a [Expr],
        hint: Option<Reg>,
    ) -> Result<Val> {
        let mark = self.unit.mark();
        let base = self.unit.alloc_n(2);
        let mut strings: Vec<Const> = Vec::new();
        let mut last_was_string = false;
        let mut parts: Vec<&'a Expr> = Vec::new();
        for v in values {
            match &v.kind {
                ExprKind::Constant {
                    value: Constant::Str(s),
                    ..
                } => {
                    strings.push(Const::Str(s.as_bytes().into()));
                    last_was_string = true;
                }
                _ => {
                    if !last_was_string {
                        strings.push(Const::Str([].into()));
                    }
                    last_was_string = false;
                    parts.push(v);
                }
            }
        }
        if !last_was_string {
            strings.push(Const::Str([].into()));
        }
        self.unit
            .load_const(span, base, &Const::Tuple(strings.into()));
        if parts.is_empty() {
            self.unit
                .load_const(span, base + 1, &Const::Tuple([].into()));
        } else if parts.len() <= MAX_RUN {
            for (i, p) in parts.iter().enumerate() {
                let r = if i == 0 { base + 1 } else { self.unit.alloc() };
                self.interpolation(p, r)?;
            }
            self.unit.op(
                span,
                Op::BuildTuple,
                0,
                base + 1,
                base + 1,
                parts.len() as u16,
            );
        } else {
            self.unit.op(span, Op::BuildList, 0, base + 1, base + 1, 0);
            for p in &parts {
                let r = self.unit.alloc();
                self.interpolation(p, r)?;
                self.unit
                    .op(span, Op::ListAppend, flag::KILL_B, base + 1, r, 0);
                self.unit.release(r);
            }
            self.unit
                .op(span, Op::ListToTuple, flag::KILL_B, base + 1, base + 1, 0);
        }
        self.unit.release(mark);
        let dst = hint.unwrap_or_else(|| self.unit.alloc());
        self.unit.op(span, Op::BuildTemplate, 0, dst, base, 0);
        Ok(self.at(dst))
    }

    /// One interpolation into the topmost temporary.
    fn interpolation(&mut self, e: &'a Expr, dst: Reg) -> Result<()> {
        let ExprKind::Interpolation {
            value,
            str,
            conversion,
            format_spec,
        } = &e.kind
        else {
            return self.expr_to(e, dst);
        };
        let mark = self.unit.mark();
        self.expr_to(value, dst)?;
        let text = self.unit.alloc();
        self.unit
            .load_const(e.span, text, &Const::Str(str.as_bytes().into()));
        let spec = self.unit.alloc();
        if let Some(s) = format_spec {
            self.expr_to(s, spec)?;
        }
        let conversion = conversion_number(*conversion);
        self.unit
            .op(e.span, Op::BuildInterpolation, 0, dst, dst, conversion);
        self.unit.release(mark);
        Ok(())
    }
}

/// Takes a `%` format apart, if it is as simple as `%s`, `%-5r`, `%.3a` and needs exactly these values.
pub(crate) fn percent_pieces<'a>(format: &[u8], values: &'a [Expr]) -> Option<Vec<Piece<'a>>> {
    let mut pieces = Vec::new();
    let mut text = Vec::new();
    let mut values = values.iter();
    let mut i = 0;
    while i < format.len() {
        if format[i] != b'%' {
            text.push(format[i]);
            i += 1;
            continue;
        }
        i += 1;
        if format.get(i) == Some(&b'%') {
            text.push(b'%');
            i += 1;
            continue;
        }
        let mut left = false;
        // The other flags mean nothing to text.
        while let Some(flag @ (b'-' | b'+' | b' ' | b'#' | b'0')) = format.get(i) {
            left |= *flag == b'-';
            i += 1;
        }
        let number = |i: &mut usize| -> Option<Option<u32>> {
            let start = *i;
            while format.get(*i).is_some_and(u8::is_ascii_digit) {
                *i += 1;
            }
            if *i - start > 2 {
                return None;
            }
            let digits = std::str::from_utf8(&format[start..*i]).ok()?;
            Some(digits.parse().ok())
        };
        let width = number(&mut i)?;
        let mut precision = None;
        if format.get(i) == Some(&b'.') {
            i += 1;
            precision = Some(number(&mut i)?.unwrap_or(0));
        }
        let conversion = match format.get(i)? {
            b's' => 1,
            b'r' => 2,
            b'a' => 3,
            _ => return None,
        };
        i += 1;
        let value = values.next()?;
        if !text.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut text)));
        }
        let spec = if width.is_none() && precision.is_none() {
            None
        } else {
            let mut spec = String::new();
            if let Some(w) = width.filter(|&w| w > 0) {
                if !left {
                    spec.push('>');
                }
                spec.push_str(&w.to_string());
            }
            if let Some(p) = precision {
                spec.push('.');
                spec.push_str(&p.to_string());
            }
            (!spec.is_empty()).then_some(spec)
        };
        pieces.push(Piece::Value(value, conversion, spec));
    }
    if values.next().is_some() {
        return None;
    }
    if !text.is_empty() {
        pieces.push(Piece::Text(text));
    }
    Some(pieces)
}
