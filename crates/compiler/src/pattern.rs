//! `match`.
//!
//! The subject waits in a temporary. A pattern takes values apart into temporaries above it and
//! remembers what its names will be; nothing is bound before the whole pattern has matched. A
//! failure jumps to a label that stands for how many temporaries may be alive: the code behind
//! it drops them and goes on with the next case.

use std::rc::Rc;

use taipan_bytecode::{Const, Op, flag};
use taipan_syntax::ast::*;

use crate::compiler::{Compiler, Val, kill_if};
use crate::deep;
use crate::emit::{Label, Reg};
use crate::errors::{CompileError, Result};
use crate::fold;
use crate::stmt::MAX_TARGETS;

/// A name that the pattern binds: where its value is, and whether that dies with the store.
struct Capture {
    name: Rc<str>,
    reg: Reg,
    kill: bool,
}

/// The state of one case, or of one alternative.
#[derive(Default)]
struct Case {
    captures: Vec<Capture>,
    /// Labels of failures by the first register that is not in use there.
    fails: Vec<(Reg, Label)>,
    allow_irrefutable: bool,
}

fn is_wildcard(p: &Pattern) -> bool {
    matches!(p.kind, PatternKind::MatchAs { name: None, .. })
}

fn is_star_wildcard(p: &Pattern) -> bool {
    matches!(p.kind, PatternKind::MatchStar { name: None })
}

fn is_star(p: &Pattern) -> bool {
    matches!(p.kind, PatternKind::MatchStar { .. })
}

impl<'a> Compiler<'a> {
    pub(crate) fn match_stmt(
        &mut self,
        span: Span,
        subject: &'a Expr,
        cases: &'a [MatchCase],
    ) -> Result<()> {
        let _ = span;
        self.unit.in_conditional += 1;
        let s = self.unit.alloc();
        self.expr_to(subject, s)?;
        let end = self.unit.label();
        let has_default = cases.len() > 1 && cases.last().is_some_and(|c| is_wildcard(&c.pattern));
        for (i, case) in cases.iter().enumerate() {
            let last = i + 1 == cases.len();
            let at = case.pattern.span;
            if last && has_default {
                // `case _:` needs no look at the subject.
                self.unit.clear(at, s);
                if let Some(guard) = &case.guard {
                    self.cond(guard, end, false)?;
                }
                self.stmts(&case.body)?;
                break;
            }
            let mut state = Case {
                allow_irrefutable: case.guard.is_some() || last,
                ..Case::default()
            };
            self.pattern(&case.pattern, s, false, &mut state)?;
            for c in std::mem::take(&mut state.captures) {
                let v = if c.kill {
                    Val::Temp(c.reg)
                } else {
                    Val::Local(c.reg)
                };
                self.store_name(&c.name, at, v)?;
            }
            self.unit.release(s + 1);
            if let Some(guard) = &case.guard {
                let fail = self.fail(&mut state);
                self.cond(guard, fail, false)?;
            }
            self.unit.clear(at, s);
            self.unit.release(s);
            self.stmts(&case.body)?;
            self.unit.jump(Span::default(), end);
            self.unit.alloc();
            self.fails(at, &mut state, s + 1);
            if last {
                self.unit.clear(at, s);
            }
        }
        self.unit.release(s);
        self.unit.place(end);
        self.unit.in_conditional -= 1;
        Ok(())
    }

    /// The label for a failure here.
    fn fail(&mut self, case: &mut Case) -> Label {
        let depth = self.unit.mark();
        if let Some((_, label)) = case.fails.iter().find(|(d, _)| *d == depth) {
            return *label;
        }
        let label = self.unit.label();
        case.fails.push((depth, label));
        label
    }

    /// Places the labels of failures and drops what may be alive, down to `base`.
    fn fails(&mut self, span: Span, case: &mut Case, base: Reg) {
        case.fails
            .sort_by_key(|(depth, _)| std::cmp::Reverse(*depth));
        let fails = std::mem::take(&mut case.fails);
        for (i, &(depth, label)) in fails.iter().enumerate() {
            self.unit.place(label);
            let down_to = fails.get(i + 1).map_or(base, |&(d, _)| d).max(base);
            for r in (down_to..depth).rev() {
                self.unit.clear(span, r);
            }
        }
    }

    fn capture(
        &mut self,
        name: &'a Name,
        reg: Reg,
        kill: bool,
        span: Span,
        case: &mut Case,
    ) -> Result<()> {
        if &**name == "__debug__" {
            return Err(CompileError::syntax("cannot assign to __debug__", span));
        }
        if case.captures.iter().any(|c| c.name == *name) {
            return Err(CompileError::syntax(
                format!("multiple assignments to name '{name}' in pattern"),
                span,
            ));
        }
        case.captures.push(Capture {
            name: name.clone(),
            reg,
            kill,
        });
        Ok(())
    }

    /// Drops a subject that nobody needs any more.
    fn consume(&mut self, span: Span, subject: Reg, owned: bool) {
        if owned {
            self.unit.clear(span, subject);
        }
    }

    /// Matches the value in `subject`; `owned` says that the pattern has to get rid of it.
    fn pattern(
        &mut self,
        p: &'a Pattern,
        subject: Reg,
        owned: bool,
        case: &mut Case,
    ) -> Result<()> {
        deep(|| self.pattern_inner(p, subject, owned, case))
    }

    fn pattern_inner(
        &mut self,
        p: &'a Pattern,
        subject: Reg,
        owned: bool,
        case: &mut Case,
    ) -> Result<()> {
        let span = p.span;
        let parts = match &p.kind {
            PatternKind::MatchSequence { patterns }
            | PatternKind::MatchMapping { patterns, .. } => patterns.len(),
            PatternKind::MatchClass {
                patterns,
                kwd_patterns,
                ..
            } => patterns.len() + kwd_patterns.len(),
            _ => 0,
        };
        if parts > MAX_TARGETS {
            return Err(CompileError::overflow("too many sub-patterns", span));
        }
        match &p.kind {
            PatternKind::MatchValue { value } => {
                if !matches!(
                    value.kind,
                    ExprKind::Constant { .. }
                        | ExprKind::Attribute { .. }
                        | ExprKind::UnaryOp { .. }
                        | ExprKind::BinOp { .. }
                ) {
                    return Err(CompileError::syntax(
                        "patterns may only match literals and attribute lookups",
                        span,
                    ));
                }
                let mark = self.unit.mark();
                let v = self.expr(value, None)?;
                let left = if owned {
                    Val::Temp(subject)
                } else {
                    Val::Local(subject)
                };
                // Only the constant is above the mark, and the jump takes it.
                let taken = !matches!(v, Val::Local(_));
                debug_assert!(taken || !self.unit.is_temp(subject) || self.unit.mark() == mark);
                self.unit.release(mark);
                let fail = self.fail(case);
                if !matches!(v, Val::Const(_)) {
                    self.unit.alloc();
                }
                self.compare_jump(span, CmpOp::Eq, left, v, fail, false);
                self.unit.release(mark);
                Ok(())
            }
            PatternKind::MatchSingleton { value } => {
                let mark = self.unit.mark();
                let left = if owned {
                    Val::Temp(subject)
                } else {
                    Val::Local(subject)
                };
                let fail = self.fail(case);
                let v = Val::Const(fold::constant(value));
                self.compare_jump(span, CmpOp::Is, left, v, fail, false);
                self.unit.release(mark);
                Ok(())
            }
            PatternKind::MatchAs { pattern, name } => {
                let Some(inner) = pattern else {
                    return self.irrefutable(span, name.as_ref(), subject, owned, case);
                };
                let Some(name) = name else {
                    return self.pattern(inner, subject, owned, case);
                };
                self.pattern(inner, subject, false, case)?;
                self.capture(name, subject, owned, span, case)
            }
            PatternKind::MatchStar { name } => match name {
                Some(name) => self.capture(name, subject, owned, span, case),
                None => {
                    self.consume(span, subject, owned);
                    Ok(())
                }
            },
            PatternKind::MatchSequence { patterns } => {
                self.sequence_pattern(span, patterns, subject, owned, case)
            }
            PatternKind::MatchMapping {
                keys,
                patterns,
                rest,
            } => self.mapping_pattern(span, keys, patterns, rest.as_ref(), subject, owned, case),
            PatternKind::MatchClass {
                cls,
                patterns,
                kwd_attrs,
                kwd_patterns,
            } => self.class_pattern(
                span,
                cls,
                patterns,
                kwd_attrs,
                kwd_patterns,
                subject,
                owned,
                case,
            ),
            PatternKind::MatchOr { patterns } => {
                self.or_pattern(span, patterns, subject, owned, case)
            }
        }
    }

    fn irrefutable(
        &mut self,
        span: Span,
        name: Option<&'a Name>,
        subject: Reg,
        owned: bool,
        case: &mut Case,
    ) -> Result<()> {
        if !case.allow_irrefutable {
            return Err(CompileError::syntax(
                match name {
                    Some(name) => {
                        format!("name capture '{name}' makes remaining patterns unreachable")
                    }
                    None => "wildcard makes remaining patterns unreachable".to_owned(),
                },
                span,
            ));
        }
        match name {
            Some(name) => self.capture(name, subject, owned, span, case),
            None => {
                self.consume(span, subject, owned);
                Ok(())
            }
        }
    }

    /// A pattern inside another, where irrefutable ones are welcome.
    fn subpattern(
        &mut self,
        p: &'a Pattern,
        subject: Reg,
        owned: bool,
        case: &mut Case,
    ) -> Result<()> {
        let outer = std::mem::replace(&mut case.allow_irrefutable, true);
        self.pattern(p, subject, owned, case)?;
        case.allow_irrefutable = outer;
        Ok(())
    }

    fn sequence_pattern(
        &mut self,
        span: Span,
        patterns: &'a [Pattern],
        subject: Reg,
        owned: bool,
        case: &mut Case,
    ) -> Result<()> {
        let size = patterns.len();
        let mut star = None;
        let mut only_wildcards = true;
        let mut star_wildcard = false;
        for (i, p) in patterns.iter().enumerate() {
            if is_star(p) {
                if star.is_some() {
                    return Err(CompileError::syntax(
                        "multiple starred names in sequence pattern",
                        span,
                    ));
                }
                star_wildcard = is_star_wildcard(p);
                only_wildcards &= star_wildcard;
                star = Some(i);
            } else {
                only_wildcards &= is_wildcard(p);
            }
        }
        let fail = self.fail(case);
        let t = self.unit.alloc();
        self.unit.op(span, Op::MatchSequence, 0, t, subject, 0);
        self.unit.release(t);
        self.jump_truth(span, t, true, fail, false);
        let needed = size - usize::from(star.is_some());
        if star.is_none() || needed > 0 {
            let op = if star.is_none() {
                CmpOp::Eq
            } else {
                CmpOp::GtE
            };
            let t = self.unit.alloc();
            self.unit.op(span, Op::GetLen, 0, t, subject, 0);
            let n = Val::Const(Const::Int(needed as i64));
            self.compare_jump(span, op, Val::Temp(t), n, fail, false);
            self.unit.release(t);
        }
        if only_wildcards {
            self.consume(span, subject, owned);
            return Ok(());
        }
        if let Some(star) = star.filter(|_| star_wildcard) {
            // Only what is not under the star is looked at.
            for (i, p) in patterns.iter().enumerate() {
                if is_wildcard(p) || i == star {
                    continue;
                }
                let item = self.unit.alloc();
                if i < star {
                    self.index(span, item, subject, i as i64);
                } else {
                    // The length minus what is left, so that odd sequences need no negative index.
                    self.unit.op(span, Op::GetLen, 0, item, subject, 0);
                    let back = Val::Const(Const::Int((size - i) as i64));
                    let mark = self.unit.mark();
                    self.binary_vals(
                        span,
                        Operator::Sub,
                        Val::Temp(item),
                        back,
                        0,
                        mark,
                        Some(item),
                    );
                    self.unit
                        .op(span, Op::LoadSubscr, flag::KILL_C, item, subject, item);
                }
                self.subpattern(p, item, true, case)?;
            }
            self.consume(span, subject, owned);
            return Ok(());
        }
        let base = self.unit.alloc_n(size as u32);
        let kill = kill_if(owned, flag::KILL_B);
        match star {
            Some(star) => {
                let after = size - star - 1;
                if star >= 256 || after >= 256 {
                    return Err(CompileError::syntax(
                        "too many expressions in star-unpacking sequence pattern",
                        span,
                    ));
                }
                let counts = (star | after << 8) as u16;
                self.unit
                    .op(span, Op::UnpackEx, kill, base, subject, counts);
            }
            None => {
                self.unit
                    .op(span, Op::UnpackSequence, kill, base, subject, size as u16);
            }
        }
        for (i, p) in patterns.iter().enumerate() {
            self.subpattern(p, base + i as Reg, true, case)?;
        }
        Ok(())
    }

    fn index(&mut self, span: Span, dst: Reg, subject: Reg, i: i64) {
        match i16::try_from(i) {
            Ok(i) => self
                .unit
                .op(span, Op::LoadSubscrInt, 0, dst, subject, i as u16),
            Err(_) => {
                self.unit.load_const(span, dst, &Const::Int(i));
                self.unit
                    .op(span, Op::LoadSubscr, flag::KILL_C, dst, subject, dst);
            }
        }
    }

    fn mapping_pattern(
        &mut self,
        span: Span,
        keys: &'a [Expr],
        patterns: &'a [Pattern],
        rest: Option<&'a Name>,
        subject: Reg,
        owned: bool,
        case: &mut Case,
    ) -> Result<()> {
        let size = keys.len();
        if size != patterns.len() {
            return Err(CompileError::value(
                "keys and patterns of a mapping pattern differ in number",
                span,
            ));
        }
        let fail = self.fail(case);
        let t = self.unit.alloc();
        self.unit.op(span, Op::MatchMapping, 0, t, subject, 0);
        self.unit.release(t);
        self.jump_truth(span, t, true, fail, false);
        if size == 0 && rest.is_none() {
            self.consume(span, subject, owned);
            return Ok(());
        }
        if size > 0 {
            let t = self.unit.alloc();
            self.unit.op(span, Op::GetLen, 0, t, subject, 0);
            let n = Val::Const(Const::Int(size as i64));
            self.compare_jump(span, CmpOp::GtE, Val::Temp(t), n, fail, false);
            self.unit.release(t);
        }
        self.check_keys(span, keys, patterns)?;
        let tuple = self.unit.alloc();
        if let Some(c) = fold::all_literals(keys) {
            self.unit.load_const(span, tuple, &Const::Tuple(c.into()));
        } else {
            for (i, k) in keys.iter().enumerate() {
                let r = if i == 0 { tuple } else { self.unit.alloc() };
                self.expr_to(k, r)?;
            }
            self.unit
                .op(span, Op::BuildTuple, 0, tuple, tuple, size as u16);
            self.unit.release(tuple + 1);
        }
        let values = self.unit.alloc();
        self.unit.op(span, Op::MatchKeys, 0, values, subject, tuple);
        let fail = self.fail(case);
        self.unit
            .jump_op(span, Op::JumpIfNone, flag::SENSE, values, 0, fail);
        let base = self.unit.alloc_n(size as u32);
        self.unit.op(
            span,
            Op::UnpackSequence,
            flag::KILL_B,
            base,
            values,
            size as u16,
        );
        for (i, p) in patterns.iter().enumerate() {
            self.subpattern(p, base + i as Reg, true, case)?;
        }
        let Some(name) = rest else {
            self.unit.clear(span, tuple);
            self.consume(span, subject, owned);
            return Ok(());
        };
        // The rest: a copy without the keys that were matched.
        let dict = self.unit.alloc();
        self.unit.op(span, Op::BuildMap, 0, dict, dict, 0);
        self.unit.op(
            span,
            Op::DictUpdate,
            kill_if(owned, flag::KILL_B),
            dict,
            subject,
            0,
        );
        let mark = self.unit.mark();
        let base = self.unit.alloc_n(size as u32);
        self.unit.op(
            span,
            Op::UnpackSequence,
            flag::KILL_B,
            base,
            tuple,
            size as u16,
        );
        for i in 0..size as Reg {
            self.unit
                .op(span, Op::DeleteSubscr, flag::KILL_B, dict, base + i, 0);
        }
        self.unit.release(mark);
        self.capture(name, dict, true, span, case)
    }

    fn check_keys(&self, span: Span, keys: &'a [Expr], patterns: &'a [Pattern]) -> Result<()> {
        let mut seen: Vec<Const> = Vec::new();
        for (k, p) in keys.iter().zip(patterns) {
            if let Some(c) = const_key(k) {
                if seen.iter().any(|s| same_key(s, &c)) {
                    return Err(CompileError::syntax(
                        format!(
                            "mapping pattern checks duplicate key ({})",
                            crate::unparse::const_repr(&c)
                        ),
                        span,
                    ));
                }
                seen.push(c);
            } else if !matches!(k.kind, ExprKind::Attribute { .. }) {
                let _ = p;
                return Err(CompileError::syntax(
                    "mapping pattern keys may only match literals and attribute lookups",
                    span,
                ));
            }
        }
        Ok(())
    }

    fn class_pattern(
        &mut self,
        span: Span,
        cls: &'a Expr,
        patterns: &'a [Pattern],
        kwd_attrs: &'a [Name],
        kwd_patterns: &'a [Pattern],
        subject: Reg,
        owned: bool,
        case: &mut Case,
    ) -> Result<()> {
        for (i, name) in kwd_attrs.iter().enumerate() {
            if let Some(j) = kwd_attrs[..i].iter().position(|n| n == name) {
                let at = kwd_patterns.get(i).map_or(span, |p| p.span);
                let _ = j;
                return Err(CompileError::syntax(
                    format!("attribute name repeated in class pattern: {name}"),
                    at,
                ));
            }
        }
        let size = patterns.len() + kwd_patterns.len();
        let result = self.unit.alloc();
        let class = self.unit.alloc();
        self.expr_to(cls, class)?;
        let names = self.unit.alloc();
        let attrs = kwd_attrs
            .iter()
            .map(|n| Const::Str(n.as_bytes().into()))
            .collect();
        self.unit.load_const(span, names, &Const::Tuple(attrs));
        self.unit.op_extra(
            span,
            Op::MatchClass,
            0,
            result,
            subject,
            class,
            patterns.len() as u32,
        );
        self.unit.release(class);
        let fail = self.fail(case);
        self.unit
            .jump_op(span, Op::JumpIfNone, flag::SENSE, result, 0, fail);
        self.consume(span, subject, owned);
        let base = self.unit.alloc_n(size as u32);
        self.unit.op(
            span,
            Op::UnpackSequence,
            flag::KILL_B,
            base,
            result,
            size as u16,
        );
        for (i, p) in patterns.iter().chain(kwd_patterns).enumerate() {
            self.subpattern(p, base + i as Reg, true, case)?;
        }
        Ok(())
    }

    /// An alternative that is one comparison jumps when it matches.
    fn simple_alternative(&mut self, p: &'a Pattern, subject: Reg, success: Label) -> Result<bool> {
        let mark = self.unit.mark();
        let (op, v) = match &p.kind {
            PatternKind::MatchValue { value } if fold::literal(value).is_some() => {
                (CmpOp::Eq, self.expr(value, None)?)
            }
            PatternKind::MatchSingleton { value } => (CmpOp::Is, Val::Const(fold::constant(value))),
            _ => return Ok(false),
        };
        self.compare_jump(p.span, op, Val::Local(subject), v, success, true);
        self.unit.release(mark);
        Ok(true)
    }

    fn or_pattern(
        &mut self,
        span: Span,
        patterns: &'a [Pattern],
        subject: Reg,
        owned: bool,
        case: &mut Case,
    ) -> Result<()> {
        let success = self.unit.label();
        // The names of the first alternative get a register each, which all alternatives fill.
        let mut names: Vec<Rc<str>> = Vec::new();
        if let Some(first) = patterns.first() {
            bound_names(first, &mut names);
        }
        let results = self.unit.alloc_n(names.len() as u32);
        let base = self.unit.mark();
        for (i, p) in patterns.iter().enumerate() {
            let last = i + 1 == patterns.len();
            if names.is_empty() {
                // Nothing to hand over: the last alternative may simply be the pattern.
                if last {
                    let before = case.captures.len();
                    self.pattern(p, subject, false, case)?;
                    if case.captures.len() != before {
                        return Err(different_names(span));
                    }
                    self.unit.release(base);
                    break;
                }
                if self.simple_alternative(p, subject, success)? {
                    continue;
                }
            }
            let mut inner = Case {
                allow_irrefutable: last && case.allow_irrefutable,
                ..Case::default()
            };
            self.pattern(p, subject, false, &mut inner)?;
            let same = inner.captures.len() == names.len()
                && inner.captures.iter().all(|c| names.contains(&c.name));
            if !same {
                return Err(different_names(span));
            }
            for c in &inner.captures {
                if let Some(at) = names.iter().position(|n| *n == c.name) {
                    self.unit.mov(span, results + at as Reg, c.reg, c.kill);
                }
            }
            self.unit.release(base);
            self.unit.jump(Span::default(), success);
            self.fails(p.span, &mut inner, base);
        }
        if !names.is_empty() {
            let fail = self.fail(case);
            self.unit.jump(Span::default(), fail);
        }
        self.unit.place(success);
        self.consume(span, subject, owned);
        for (i, name) in names.iter().enumerate() {
            if case.captures.iter().any(|c| c.name == *name) {
                return Err(CompileError::syntax(
                    format!("multiple assignments to name '{name}' in pattern"),
                    span,
                ));
            }
            case.captures.push(Capture {
                name: name.clone(),
                reg: results + i as Reg,
                kill: true,
            });
        }
        Ok(())
    }
}

#[cold]
fn different_names(span: Span) -> CompileError {
    CompileError::syntax("alternative patterns bind different names", span)
}

/// The names that a pattern binds, each once.
fn bound_names(p: &Pattern, out: &mut Vec<Rc<str>>) {
    let mut add = |n: &Option<Name>| {
        if let Some(n) = n
            && !out.contains(n)
        {
            out.push(n.clone());
        }
    };
    match &p.kind {
        PatternKind::MatchValue { .. } | PatternKind::MatchSingleton { .. } => {}
        PatternKind::MatchStar { name } => add(name),
        PatternKind::MatchAs { pattern, name } => {
            add(name);
            if let Some(p) = pattern {
                deep(|| bound_names(p, out));
            }
        }
        PatternKind::MatchMapping { patterns, rest, .. } => {
            add(rest);
            deep(|| patterns.iter().for_each(|p| bound_names(p, out)));
        }
        PatternKind::MatchSequence { patterns } => {
            deep(|| patterns.iter().for_each(|p| bound_names(p, out)));
        }
        PatternKind::MatchOr { patterns } => {
            if let Some(p) = patterns.first() {
                deep(|| bound_names(p, out));
            }
        }
        PatternKind::MatchClass {
            patterns,
            kwd_patterns,
            ..
        } => deep(|| {
            patterns
                .iter()
                .chain(kwd_patterns)
                .for_each(|p| bound_names(p, out));
        }),
    }
}

/// The value of a key that is a literal.
fn const_key(e: &Expr) -> Option<Const> {
    match &e.kind {
        ExprKind::BinOp { left, op, right } => {
            fold::binary(*op, &fold::literal(left)?, &fold::literal(right)?)
        }
        _ => fold::literal(e),
    }
}

/// Whether two keys are equal for a dict.
fn same_key(a: &Const, b: &Const) -> bool {
    let number = |c: &Const| match c {
        Const::Bool(b) => Some((f64::from(u8::from(*b)), 0.0)),
        Const::Int(n) => Some((*n as f64, 0.0)),
        Const::Float(x) => Some((*x, 0.0)),
        Const::Complex(re, im) => Some((*re, *im)),
        _ => None,
    };
    match (a, b) {
        (Const::Int(a), Const::Int(b)) => a == b,
        _ => match (number(a), number(b)) {
            (Some(a), Some(b)) => a == b,
            _ => a == b,
        },
    }
}
