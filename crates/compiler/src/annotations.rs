//! Annotations: functions that evaluate them when somebody asks (PEP 649 and 749).

use std::rc::Rc;

use taipan_bytecode::{Const, Op, flag};
use taipan_syntax::ast::*;

use crate::compiler::{Compiler, Place, Val, kill_if};
use crate::emit::{Reg, UnitKind};
use crate::errors::{CompileError, Result};
use crate::scope::{Part, ScopeId, ScopeKind, key};
use crate::unparse::unparse;

/// The highest format that an `__annotate__` function of the compiler knows.
const VALUE_WITH_FAKE_GLOBALS: i64 = 2;

/// An annotated name of a class or module body, with its number if it may not be executed.
struct Deferred<'a> {
    name: &'a Name,
    annotation: &'a Expr,
    index: Option<u32>,
    span: Span,
}

impl<'a> Compiler<'a> {
    /// Starts the unit of an evaluator, a function of the format; the caller ends it with
    /// [`Compiler::leave`].
    pub(crate) fn enter_evaluator(&mut self, scope: ScopeId, name: Rc<str>, span: Span) {
        self.enter(scope, UnitKind::Annotations, name, span);
        self.unit.argcount = 1;
        self.unit.posonly = 1;
        let params: Vec<Rc<str>> = vec![".format".into()];
        self.setup_registers(&params);
        // The name that no source can spell has served its purpose.
        if let Some(first) = self.unit.varnames.first_mut() {
            *first = "format".into();
        }
        self.setup_flags(false);
        self.prologue(Span {
            end_line: span.line,
            col: 0,
            end_col: 0,
            ..span
        });
        let mark = self.unit.mark();
        let ok = self.unit.label();
        self.unit.jump_op(
            span,
            Op::JumpGtInt,
            0,
            0,
            VALUE_WITH_FAKE_GLOBALS as u16,
            ok,
        );
        let r = self.unit.alloc();
        self.unit.op(span, Op::LoadCommon, 0, r, 1, 0);
        self.unit.op(span, Op::Raise, flag::KILL_A, r, 0, 1);
        self.unit.place(ok);
        self.unit.release(mark);
    }

    /// Ends an evaluator with the value at the topmost temporary.
    fn leave_with_value(&mut self, r: Reg, span: Span) -> Result<Rc<taipan_bytecode::Code>> {
        self.unit.op(span, Op::Return, flag::KILL_A, r, 0, 0);
        self.leave(span)
    }

    /// `__annotations__` exists where annotations are stored as strings.
    pub(crate) fn setup_annotations(&mut self, body: &'a [Stmt]) -> Result<()> {
        if self.table.future.annotations && self.scope().annotations_used {
            let span = body.first().map_or(Span::default(), |s| s.span);
            self.unit.op(span, Op::SetupAnnotations, 0, 0, 0, 0);
        }
        Ok(())
    }

    /// The value of an annotation: itself, or its text under the future import.
    fn annotation_to(&mut self, e: &'a Expr, dst: Reg) -> Result<()> {
        if self.table.future.annotations {
            let text = Const::Str(unparse(e).as_bytes().into());
            self.unit.load_const(e.span, dst, &text);
            return Ok(());
        }
        if let ExprKind::Starred { value, .. } = &e.kind {
            // *args: *Ts is the only item of what Ts unpacks to.
            let v = self.expr_reg(value)?;
            self.unit.op(
                e.span,
                Op::UnpackSequence,
                kill_if(v.1, flag::KILL_B),
                dst,
                v.0,
                1,
            );
            return Ok(());
        }
        self.expr_to(e, dst)
    }

    /// The `__annotate__` function of a signature, in a new temporary.
    pub(crate) fn signature_annotate(
        &mut self,
        f: &'a FunctionDef,
        span: Span,
    ) -> Result<Option<Reg>> {
        let Some(scope) = self.table.lookup(key(f), Part::Annotations) else {
            return Ok(None);
        };
        let dst = self.unit.alloc();
        self.enter_evaluator(scope, "__annotate__".into(), span);
        let a = &f.args;
        // CPython's order: positional-only parameters come second, *args before keyword-only ones.
        let annotated: Vec<(Rc<str>, &'a Expr, Span)> = a
            .args
            .iter()
            .chain(&a.posonlyargs)
            .chain(a.vararg.as_deref())
            .chain(&a.kwonlyargs)
            .chain(a.kwarg.as_deref())
            .filter_map(|a| Some((self.mangled(&a.arg), a.annotation.as_deref()?, a.span)))
            .chain(f.returns.as_deref().map(|e| ("return".into(), e, e.span)))
            .collect();
        let dict = self.unit.alloc();
        if annotated.len() <= 32 {
            for (i, (name, e, at)) in annotated.iter().enumerate() {
                let k = if i == 0 { dict } else { self.unit.alloc() };
                self.unit
                    .load_const(*at, k, &Const::Str(name.as_bytes().into()));
                let v = self.unit.alloc();
                let mark = self.unit.mark();
                self.annotation_to(e, v)?;
                self.unit.release(mark);
            }
            self.unit
                .op(span, Op::BuildMap, 0, dict, dict, annotated.len() as u16);
        } else {
            self.unit.op(span, Op::BuildMap, 0, dict, dict, 0);
            for (name, e, at) in &annotated {
                let pair = self.unit.alloc_n(2);
                self.unit
                    .load_const(*at, pair, &Const::Str(name.as_bytes().into()));
                self.annotation_to(e, pair + 1)?;
                let flags = flag::KILL_B | flag::KILL_C;
                self.unit.op(span, Op::MapAdd, flags, dict, pair, pair + 1);
                self.unit.release(dict + 1);
            }
        }
        let code = self.leave_with_value(dict, span)?;
        self.make_function(span, code, Vec::new(), dst);
        Ok(Some(dst))
    }

    /// The `__annotate__` function of a class or module body.
    pub(crate) fn deferred_annotations(&mut self, body: &'a [Stmt]) -> Result<()> {
        if self.table.future.annotations {
            return Ok(());
        }
        let Some(annotations) = self.scope().annotation_scope else {
            return Ok(());
        };
        let in_class = self.scope().kind == ScopeKind::Class;
        let mut found = Vec::new();
        let mut next = 0;
        collect(body, !in_class, &mut next, &mut found);
        let Some(first) = found.first() else {
            return Ok(());
        };
        let span = first.span;
        let conditional: Rc<str> = "__conditional_annotations__".into();
        self.enter_evaluator(annotations, "__annotate__".into(), span);
        let dict = self.unit.alloc();
        self.unit.op(span, Op::BuildMap, 0, dict, dict, 0);
        for d in &found {
            let mark = self.unit.mark();
            let skip = self.unit.label();
            if let Some(index) = d.index {
                let i = self.unit.alloc();
                self.unit
                    .load_const(d.span, i, &Const::Int(i64::from(index)));
                let set = self.unit.alloc();
                match self.unit.cells.get(&conditional).copied() {
                    Some(cell) => self.unit.op(d.span, Op::LoadDeref, 0, set, cell, 0),
                    None => {
                        let n = self.unit.name(&conditional);
                        self.unit.op(d.span, Op::LoadGlobal, 0, set, n, 0);
                    }
                }
                let flags = flag::KILL_A | flag::KILL_B;
                self.unit.jump_op(d.span, Op::JumpIn, flags, i, set, skip);
                self.unit.release(mark);
            }
            let name = self.mangled(d.name);
            let v = self.unit.alloc();
            self.annotation_to(d.annotation, v)?;
            self.unit.release(v + 1);
            let k = self.unit.alloc();
            self.unit
                .load_const(d.span, k, &Const::Str(name.as_bytes().into()));
            let flags = flag::KILL_B | flag::KILL_C;
            self.unit.op(d.span, Op::StoreSubscr, flags, dict, k, v);
            self.unit.place(skip);
            self.unit.release(mark);
        }
        let code = self.leave_with_value(dict, span)?;
        let mark = self.unit.mark();
        let r = self.unit.alloc();
        self.make_function(span, code, Vec::new(), r);
        let name = if in_class {
            "__annotate_func__"
        } else {
            "__annotate__"
        };
        self.store_name(&name.into(), span, Val::Temp(r))?;
        self.unit.release(mark);
        Ok(())
    }

    pub(crate) fn ann_assign(
        &mut self,
        s: &'a Stmt,
        target: &'a Expr,
        annotation: &'a Expr,
        value: Option<&'a Expr>,
        simple: bool,
    ) -> Result<()> {
        let span = s.span;
        let mark = self.unit.mark();
        if let Some(value) = value {
            match &target.kind {
                ExprKind::Name { id, .. }
                    if matches!(self.place(&self.mangled(id)), Place::Local(_))
                        && &**id != "__debug__" =>
                {
                    if let Place::Local(r) = self.place(&self.mangled(id)) {
                        self.expr_to(value, r)?;
                    }
                }
                _ => {
                    let v = self.expr(value, None)?;
                    self.store(target, v)?;
                }
            }
            self.unit.release(mark);
        }
        let evaluated = matches!(self.unit.kind, UnitKind::Module | UnitKind::Class);
        match &target.kind {
            ExprKind::Name { id, .. } => {
                if &**id == "__debug__" {
                    return Err(CompileError::syntax("cannot assign to __debug__", span));
                }
                if simple && evaluated {
                    self.store_annotation(s, id, annotation)?;
                }
            }
            ExprKind::Attribute {
                value: obj, attr, ..
            } => {
                if &**attr == "__debug__" {
                    return Err(CompileError::syntax("cannot assign to __debug__", span));
                }
                if value.is_none() {
                    self.evaluate_only(obj)?;
                }
            }
            ExprKind::Subscript {
                value: obj, slice, ..
            } => {
                if value.is_none() {
                    self.evaluate_only(obj)?;
                    self.evaluate_index(slice)?;
                }
            }
            _ => {
                return Err(CompileError::value(
                    "invalid node type for annotated assignment",
                    span,
                ));
            }
        }
        // The annotation of what is no simple name is checked, but not evaluated any more.
        self.unit.release(mark);
        Ok(())
    }

    fn evaluate_only(&mut self, e: &'a Expr) -> Result<()> {
        let mark = self.unit.mark();
        let v = self.expr(e, None)?;
        self.drop_val(e.span, v);
        self.unit.release(mark);
        Ok(())
    }

    fn evaluate_index(&mut self, e: &'a Expr) -> Result<()> {
        match &e.kind {
            ExprKind::Slice { lower, upper, step } => {
                for e in [lower, upper, step].into_iter().flatten() {
                    self.evaluate_only(e)?;
                }
                Ok(())
            }
            ExprKind::Tuple { elts, .. } => elts.iter().try_for_each(|e| self.evaluate_index(e)),
            _ => self.evaluate_only(e),
        }
    }

    /// What executing an annotation of a class or module does.
    fn store_annotation(&mut self, s: &'a Stmt, id: &'a Name, annotation: &'a Expr) -> Result<()> {
        let span = s.span;
        let mark = self.unit.mark();
        if self.table.future.annotations {
            let v = self.unit.alloc();
            self.annotation_to(annotation, v)?;
            let dict = self.unit.alloc();
            let n = self.unit.name(&"__annotations__".into());
            self.unit.op(span, Op::LoadName, 0, dict, n, 0);
            let k = self.unit.alloc();
            let name = self.mangled(id);
            self.unit
                .load_const(span, k, &Const::Str(name.as_bytes().into()));
            let flags = flag::KILL_A | flag::KILL_B | flag::KILL_C;
            self.unit.op(span, Op::StoreSubscr, flags, dict, k, v);
            self.unit.release(mark);
            return Ok(());
        }
        let Some(index) = self.conditional_index(s) else {
            return Ok(());
        };
        let set = self.unit.alloc();
        let name: Rc<str> = "__conditional_annotations__".into();
        match self.unit.class_cells.get(&*name).copied() {
            Some(cell) => self.unit.op(span, Op::LoadDeref, 0, set, cell, 0),
            None => {
                let n = self.unit.name(&name);
                self.unit.op(span, Op::LoadName, 0, set, n, 0);
            }
        }
        let i = self.unit.alloc();
        self.unit.load_const(span, i, &Const::Int(i64::from(index)));
        self.unit.op(span, Op::SetAdd, flag::KILL_B, set, i, 0);
        self.unit.clear(span, set);
        self.unit.release(mark);
        Ok(())
    }

    /// Numbers the conditional annotations of the body that is about to be compiled.
    pub(crate) fn number_annotations(&mut self, body: &'a [Stmt]) {
        if self.table.future.annotations || !self.scope().conditional_annotations {
            return;
        }
        let mut found = Vec::new();
        collect(
            body,
            self.scope().kind == ScopeKind::Module,
            &mut 0,
            &mut found,
        );
        for d in found {
            self.unit.annotations.insert(key(d.annotation), d.index);
        }
    }

    fn conditional_index(&self, s: &'a Stmt) -> Option<u32> {
        let StmtKind::AnnAssign { annotation, .. } = &s.kind else {
            return None;
        };
        self.unit
            .annotations
            .get(&key(&**annotation))
            .copied()
            .flatten()
    }
}

/// Collects the annotated names of a body in order. With `conditional` all get a number.
fn collect<'a>(body: &'a [Stmt], conditional: bool, next: &mut u32, out: &mut Vec<Deferred<'a>>) {
    for s in body {
        match &s.kind {
            StmtKind::AnnAssign {
                target,
                annotation,
                simple: true,
                ..
            } => {
                let ExprKind::Name { id, .. } = &target.kind else {
                    continue;
                };
                let index = conditional.then_some(*next);
                *next += u32::from(conditional);
                out.push(Deferred {
                    name: id,
                    annotation,
                    index,
                    span: s.span,
                });
            }
            StmtKind::For(f) | StmtKind::AsyncFor(f) => {
                collect_all(&[&f.body, &f.orelse], next, out);
            }
            StmtKind::While { body, orelse, .. } | StmtKind::If { body, orelse, .. } => {
                crate::deep(|| collect_all(&[body, orelse], next, out));
            }
            StmtKind::With(w) | StmtKind::AsyncWith(w) => {
                collect_all(&[&w.body], next, out);
            }
            StmtKind::Match { cases, .. } => {
                for c in cases {
                    collect(&c.body, true, next, out);
                }
            }
            StmtKind::Try(t) | StmtKind::TryStar(t) => {
                collect(&t.body, true, next, out);
                for h in &t.handlers {
                    collect(&h.body, true, next, out);
                }
                collect_all(&[&t.orelse, &t.finalbody], next, out);
            }
            _ => {}
        }
    }
}

fn collect_all<'a>(bodies: &[&'a [Stmt]], next: &mut u32, out: &mut Vec<Deferred<'a>>) {
    for body in bodies {
        collect(body, true, next, out);
    }
}
