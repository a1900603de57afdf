//! Expressions.
//!
//! An expression is compiled towards a destination: [`Compiler::expr`] takes the register where
//! the result is wanted, if there is one, and returns where it is. Only the last instruction of an
//! expression writes a destination that is a local; a temporary given as destination is empty and
//! may be used on the way.

mod call;
mod collection;
mod cond;
mod fstring;
mod ops;

use taipan_bytecode::{Op, flag};
use taipan_syntax::ast::*;

use crate::compiler::{Compiler, Val, kill_if};
use crate::deep;
use crate::emit::Reg;
use crate::errors::{CompileError, Result};
use crate::fold;

pub(crate) use call::check_keywords;
pub(crate) use fstring::{Piece, percent_pieces};
pub(crate) use ops::two_element_slice;

impl<'a> Compiler<'a> {
    /// Compiles an expression; the result is at `hint` or in place.
    pub(crate) fn expr(&mut self, e: &'a Expr, hint: Option<Reg>) -> Result<Val> {
        match &e.kind {
            ExprKind::Constant { value, .. } => Ok(Val::Const(fold::constant(value))),
            ExprKind::Name { id, .. } => {
                if &**id == "__debug__" {
                    return Ok(Val::Const(taipan_bytecode::Const::Bool(
                        self.options.optimize == 0,
                    )));
                }
                Ok(self.load_name(id, e.span, hint))
            }
            _ => deep(|| self.expr_inner(e, hint)),
        }
    }

    /// Compiles an expression into a register.
    pub(crate) fn expr_to(&mut self, e: &'a Expr, dst: Reg) -> Result<()> {
        let mark = self.unit.mark();
        let v = self.expr(e, Some(dst))?;
        self.val_to(e.span, v, dst);
        self.unit.release(mark);
        Ok(())
    }

    /// Compiles an expression into a register of any kind: which, and whether it dies with its use.
    pub(crate) fn expr_reg(&mut self, e: &'a Expr) -> Result<(Reg, bool)> {
        let v = self.expr(e, None)?;
        Ok(self.reg(e.span, v))
    }

    /// Compiles an expression into a new temporary.
    pub(crate) fn expr_temp(&mut self, e: &'a Expr) -> Result<Reg> {
        let r = self.unit.alloc();
        self.expr_to(e, r)?;
        Ok(r)
    }

    /// Compiles an expression whose value is needed after `later` ones have been evaluated.
    pub(crate) fn expr_before(
        &mut self,
        e: &'a Expr,
        hint: Option<Reg>,
        later_is_trivial: bool,
    ) -> Result<Val> {
        let v = self.expr(e, hint)?;
        Ok(self.protect(e.span, v, later_is_trivial))
    }

    fn expr_inner(&mut self, e: &'a Expr, hint: Option<Reg>) -> Result<Val> {
        let span = e.span;
        match &e.kind {
            ExprKind::BinOp { left, op, right } => self.binop(e, left, *op, right, hint),
            ExprKind::UnaryOp { op, operand } => self.unary(span, *op, operand, hint),
            ExprKind::BoolOp { op, values } => self.bool_op(span, *op, values, hint),
            ExprKind::Compare {
                left,
                ops,
                comparators,
            } => self.compare(span, left, ops, comparators, hint),
            ExprKind::IfExp { test, body, orelse } => self.if_exp(test, body, orelse, hint),
            ExprKind::NamedExpr { target, value } => self.named(target, value, hint),
            ExprKind::Lambda { args, body } => self.lambda(e, args, body, hint),
            ExprKind::Dict { keys, values } => self.dict(span, keys, values, hint),
            ExprKind::Set { elts } => self.set(span, elts, hint),
            ExprKind::List { elts, .. } => self.list(span, elts, hint),
            ExprKind::Tuple { elts, .. } => self.tuple(span, elts, hint),
            ExprKind::ListComp { .. }
            | ExprKind::SetComp { .. }
            | ExprKind::DictComp { .. }
            | ExprKind::GeneratorExp { .. } => self.comprehension(e, hint),
            ExprKind::Await { value } => self.await_expr(span, value, hint),
            ExprKind::Yield { value } => self.yield_expr(span, value.as_deref(), hint),
            ExprKind::YieldFrom { value } => self.yield_from(span, value, hint),
            ExprKind::Call {
                func,
                args,
                keywords,
            } => self.call(e, func, args, keywords, hint),
            ExprKind::FormattedValue {
                value,
                conversion,
                format_spec,
            } => self.formatted_value(span, value, *conversion, format_spec.as_deref(), hint),
            ExprKind::JoinedStr { values } => self.joined_str(span, values, hint),
            ExprKind::Interpolation { .. } => self.template(span, std::slice::from_ref(e), hint),
            ExprKind::TemplateStr { values } => self.template(span, values, hint),
            ExprKind::Attribute { value, attr, .. } => self.attribute(e, value, attr, hint),
            ExprKind::Subscript { value, slice, .. } => self.subscript(span, value, slice, hint),
            ExprKind::Starred { .. } => Err(CompileError::syntax(
                "can't use starred expression here",
                span,
            )),
            ExprKind::Slice { lower, upper, step } => self.slice(
                span,
                lower.as_deref(),
                upper.as_deref(),
                step.as_deref(),
                hint,
            ),
            ExprKind::Constant { .. } | ExprKind::Name { .. } => self.expr(e, hint),
        }
    }

    /// Writes the result of an instruction with one operand.
    pub(crate) fn op1(
        &mut self,
        span: Span,
        op: Op,
        v: Val,
        c: u16,
        mark: Reg,
        hint: Option<Reg>,
    ) -> Val {
        let (r, kill) = self.reg(span, v);
        self.unit.release(mark);
        let dst = hint.unwrap_or_else(|| self.unit.alloc());
        self.unit
            .op(span, op, kill_if(kill, flag::KILL_B), dst, r, c);
        self.at(dst)
    }

    fn if_exp(
        &mut self,
        test: &'a Expr,
        body: &'a Expr,
        orelse: &'a Expr,
        hint: Option<Reg>,
    ) -> Result<Val> {
        if let Some(truth) = self.const_truth(test) {
            return self.expr(if truth { body } else { orelse }, hint);
        }
        let dst = hint.unwrap_or_else(|| self.unit.alloc());
        let (other, end) = (self.unit.label(), self.unit.label());
        self.cond(test, other, false)?;
        self.expr_to(body, dst)?;
        self.unit.jump(Span::default(), end);
        self.unit.place(other);
        self.expr_to(orelse, dst)?;
        self.unit.place(end);
        Ok(self.at(dst))
    }

    fn named(&mut self, target: &'a Expr, value: &'a Expr, hint: Option<Reg>) -> Result<Val> {
        let ExprKind::Name { id, .. } = &target.kind else {
            return Err(CompileError::value(
                "NamedExpr target must be a Name",
                target.span,
            ));
        };
        let name = self.mangled(id);
        if let crate::compiler::Place::Local(r) = self.place(&name) {
            self.expr_to(value, r)?;
            return Ok(Val::Local(r));
        }
        let v = self.expr(value, hint)?;
        match v {
            Val::Const(c) => {
                self.store_name(id, target.span, Val::Const(c.clone()))?;
                Ok(Val::Const(c))
            }
            Val::Local(r) => {
                self.store_name(id, target.span, Val::Local(r))?;
                Ok(Val::Local(r))
            }
            Val::Temp(r) => {
                // Stored without taking it out: the expression's value stays.
                self.store_name(id, target.span, Val::Local(r))?;
                Ok(Val::Temp(r))
            }
        }
    }

    pub(crate) fn attribute(
        &mut self,
        e: &'a Expr,
        value: &'a Expr,
        attr: &'a Name,
        hint: Option<Reg>,
    ) -> Result<Val> {
        if let Some(v) = self.super_attribute(e, value, attr, hint)? {
            return Ok(v);
        }
        let mark = self.unit.mark();
        let v = self.expr(value, self.sub_hint(hint))?;
        let span = attr_span(e.span, e, attr);
        let name = self.mangled(attr);
        let n = self.unit.name(&name);
        Ok(self.op1(span, Op::LoadAttr, v, n, mark, hint))
    }

    fn await_expr(&mut self, span: Span, value: &'a Expr, hint: Option<Reg>) -> Result<Val> {
        self.check_await(span)?;
        let mark = self.unit.mark();
        let receiver = self.unit.alloc();
        self.expr_to(value, receiver)?;
        self.unit
            .op(span, Op::GetAwaitable, flag::KILL_B, receiver, receiver, 0);
        self.send_loop(span, receiver, 3);
        self.unit.release(mark);
        Ok(self.take_result(span, receiver, hint))
    }

    fn yield_from(&mut self, span: Span, value: &'a Expr, hint: Option<Reg>) -> Result<Val> {
        self.check_yield("'yield from' outside function", span)?;
        if self.unit.kind == crate::emit::UnitKind::AsyncFunction {
            return Err(CompileError::syntax(
                "'yield from' inside async function",
                span,
            ));
        }
        let mark = self.unit.mark();
        let receiver = self.unit.alloc();
        self.expr_to(value, receiver)?;
        self.unit.op(
            span,
            Op::GetYieldFromIter,
            flag::KILL_B,
            receiver,
            receiver,
            0,
        );
        self.send_loop(span, receiver, 2);
        self.unit.release(mark);
        Ok(self.take_result(span, receiver, hint))
    }

    /// The value in the topmost temporary `r`, which is free already, as the result.
    fn take_result(&mut self, span: Span, r: Reg, hint: Option<Reg>) -> Val {
        match hint {
            Some(h) => {
                self.unit.mov(span, h, r, true);
                self.at(h)
            }
            None => {
                let again = self.unit.alloc();
                debug_assert_eq!(again, r);
                Val::Temp(r)
            }
        }
    }

    /// Drives the iterator in the temporary `receiver`, which is on top; its result replaces it.
    pub(crate) fn send_loop(&mut self, span: Span, receiver: Reg, resume: u16) {
        let unit = &mut self.unit;
        let value = unit.alloc();
        let (again, done) = (unit.label(), unit.label());
        unit.load_const(span, value, &taipan_bytecode::Const::None);
        let entered = unit.reachable;
        unit.place_loop(again, entered);
        unit.jump_op3(span, Op::Send, flag::KILL_C, value, receiver, value, done);
        let handler = unit.new_handler(value, value);
        let outer = std::mem::replace(&mut unit.handler, handler);
        unit.op(span, Op::Yield, flag::KILL_B, value, value, 1);
        unit.handler = outer;
        unit.op(span, Op::Resume, 0, resume, 0, 0);
        unit.jump(span, again);
        if unit.place_handler(handler) {
            unit.jump_op3(
                span,
                Op::CleanupThrow,
                flag::KILL_B | flag::KILL_C,
                value,
                receiver,
                value,
                done,
            );
            unit.reachable = false;
        }
        unit.place(done);
        unit.mov(span, receiver, value, true);
        unit.release(value);
    }

    fn check_yield(&self, msg: &str, span: Span) -> Result<()> {
        if !self.scope().is_function_like() {
            return Err(CompileError::syntax(msg, span));
        }
        Ok(())
    }

    fn check_await(&self, span: Span) -> Result<()> {
        use crate::emit::UnitKind as K;
        if self.table.future.top_level_await && self.unit.kind == K::Module {
            return Ok(());
        }
        if !self.scope().is_function_like() {
            return Err(CompileError::syntax("'await' outside function", span));
        }
        if !matches!(self.unit.kind, K::AsyncFunction | K::Comprehension) {
            return Err(CompileError::syntax("'await' outside async function", span));
        }
        Ok(())
    }

    fn yield_expr(
        &mut self,
        span: Span,
        value: Option<&'a Expr>,
        hint: Option<Reg>,
    ) -> Result<Val> {
        self.check_yield("'yield' outside function", span)?;
        let mark = self.unit.mark();
        let v = match value {
            Some(e) => self.expr(e, self.sub_hint(hint))?,
            None => Val::Const(taipan_bytecode::Const::None),
        };
        Ok(self.yield_val(span, v, mark, hint))
    }

    /// Suspends with a value; the result is what is sent in.
    pub(crate) fn yield_val(&mut self, span: Span, v: Val, mark: Reg, hint: Option<Reg>) -> Val {
        let mut v = v;
        if self.scope().coroutine {
            let (mut r, kill) = self.reg(span, v);
            if !kill {
                let t = self.unit.alloc();
                self.unit.mov(span, t, r, false);
                r = t;
            }
            let id = taipan_bytecode::Intrinsic::AsyncGenWrap as u16;
            self.unit.op(span, Op::CallIntrinsic, 0, r, r, id);
            v = Val::Temp(r);
        }
        let out = self.op1(span, Op::Yield, v, 0, mark, hint);
        self.unit.op(span, Op::Resume, 0, 1, 0, 0);
        out
    }
}

/// Where an attribute look-up stands: at the name, when the expression spans several lines.
pub(crate) fn attr_span(span: Span, attribute: &Expr, attr: &str) -> Span {
    let end = attribute.span;
    if span.line == end.end_line {
        return span;
    }
    let len = attr.chars().count() as u32;
    let (col, end_col) = if len <= end.end_col {
        (end.end_col - len, span.end_col)
    } else {
        (0, 0)
    };
    Span {
        line: end.end_line,
        col,
        end_line: span.end_line,
        end_col,
    }
}
