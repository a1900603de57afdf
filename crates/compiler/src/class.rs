//! `class`.

use std::rc::Rc;

use taipan_bytecode::{Code, Const, Op, flag};
use taipan_syntax::ast::*;

use crate::compiler::{Compiler, Val};
use crate::emit::{Reg, UnitKind};
use crate::errors::Result;
use crate::scope::Part;

impl<'a> Compiler<'a> {
    pub(crate) fn class_stmt(&mut self, span: Span, c: &'a ClassDef) -> Result<()> {
        let mark = self.unit.mark();
        let decorators = self.decorators(&c.decorator_list)?;
        let first = c.decorator_list.first().map_or(span, |d| Span {
            line: d.span.line,
            ..span
        });
        let dst = self.unit.alloc();
        if c.type_params.is_empty() {
            let code = self.class_body(c, span, first)?;
            self.build_class(c, span, code, dst, false)?;
        } else {
            self.generic_class(c, span, first, dst)?;
        }
        self.apply_decorators(&c.decorator_list, decorators, dst);
        let v = dst - decorators;
        self.unit.release(v + 1);
        self.store_name(&c.name, span, Val::Temp(v))?;
        self.unit.release(mark);
        Ok(())
    }

    /// `__build_class__(body, name, bases..., keywords...)` into `dst`, which is on top.
    pub(crate) fn build_class(
        &mut self,
        c: &'a ClassDef,
        span: Span,
        code: Rc<Code>,
        dst: Reg,
        generic: bool,
    ) -> Result<()> {
        crate::expr::check_keywords(&c.keywords)?;
        let mark = self.unit.mark();
        let base = dst;
        self.unit.op(span, Op::LoadBuildClass, 0, base, 0, 0);
        let body = self.unit.alloc();
        self.make_function(span, code, Vec::new(), body);
        let name = self.unit.alloc();
        self.unit
            .load_const(span, name, &Const::Str(c.name.as_bytes().into()));
        let unpacks = c
            .bases
            .iter()
            .any(|b| matches!(b.kind, ExprKind::Starred { .. }))
            || c.keywords.iter().any(|k| k.arg.is_none())
            || c.bases.len() + c.keywords.len() > 100;
        if unpacks {
            if generic {
                // The generic base goes behind the others.
                let list = body;
                self.unit.op(span, Op::BuildList, 0, list, list, 2);
                self.unit.release(list + 1);
                for b in &c.bases {
                    let (inner, op) = match &b.kind {
                        ExprKind::Starred { value, .. } => (&**value, Op::ListExtend),
                        _ => (b, Op::ListAppend),
                    };
                    let r = self.expr_temp(inner)?;
                    self.unit.op(span, op, flag::KILL_B, list, r, 0);
                    self.unit.release(r);
                }
                let r = self.unit.alloc();
                self.generic_base_to(span, r);
                self.unit.op(span, Op::ListAppend, flag::KILL_B, list, r, 0);
                self.unit
                    .op(span, Op::ListToTuple, flag::KILL_B, list, list, 0);
                self.unit.release(list + 1);
                self.call_ex_args(span, base, &[], &c.keywords, u16::MAX)?;
            } else {
                self.call_ex_args(span, base, &c.bases, &c.keywords, 2)?;
            }
            self.unit.op(span, Op::CallEx, 0, base, 0, dst);
            self.unit.release(mark);
            return Ok(());
        }
        for b in &c.bases {
            self.expr_temp(b)?;
        }
        let mut positional = 2 + c.bases.len() as u16;
        if generic {
            let r = self.unit.alloc();
            self.generic_base_to(span, r);
            positional += 1;
        }
        for k in &c.keywords {
            self.expr_temp(&k.value)?;
        }
        self.emit_call(span, base, positional, &c.keywords, 0, mark, Some(dst));
        self.unit.release(mark);
        Ok(())
    }

    fn generic_base_to(&mut self, span: Span, r: Reg) {
        let v = self.load_name(&".generic_base".into(), span, Some(r));
        self.val_to(span, v, r);
    }

    /// Compiles the class body.
    pub(crate) fn class_body(
        &mut self,
        c: &'a ClassDef,
        span: Span,
        first: Span,
    ) -> Result<Rc<Code>> {
        let scope = self.scope_of(c, Part::Body, span)?;
        self.enter(scope, UnitKind::Class, c.name.clone(), first);
        self.unit.private = Some(c.name.clone());
        self.setup_registers(&[]);
        let at = Span {
            end_line: first.line,
            col: 0,
            end_col: 0,
            ..first
        };
        self.prologue(at);
        let mark = self.unit.mark();
        let v = self.load_name(&"__name__".into(), at, None);
        self.store_name(&"__module__".into(), at, v)?;
        self.unit.release(mark);
        let qualname = Const::Str(self.unit.qualname.as_bytes().into());
        self.store_const("__qualname__", at, qualname)?;
        self.store_const(
            "__firstlineno__",
            at,
            Const::Int(i64::from(self.unit.first_line)),
        )?;
        if !c.type_params.is_empty() {
            let v = self.load_name(&".type_params".into(), at, None);
            self.store_name(&"__type_params__".into(), at, v)?;
            self.unit.release(mark);
        }
        let scope = self.scope();
        if scope.needs_classdict
            && let Some(&cell) = self.unit.class_cells.get("__classdict__")
        {
            let r = self.unit.alloc();
            self.unit.op(at, Op::LoadLocals, 0, r, 0, 0);
            self.unit.op(at, Op::StoreDeref, flag::KILL_A, r, cell, 0);
            self.unit.release(mark);
        }
        if scope.conditional_annotations
            && let Some(&cell) = self.unit.class_cells.get("__conditional_annotations__")
        {
            let r = self.unit.alloc();
            self.unit.op(at, Op::BuildSet, 0, r, r, 0);
            self.unit.op(at, Op::StoreDeref, flag::KILL_A, r, cell, 0);
            self.unit.release(mark);
        }
        self.number_annotations(&c.body);
        self.setup_annotations(&c.body)?;
        let body = self.docstring_name(&c.body)?;
        self.stmts(body)?;
        self.deferred_annotations(&c.body)?;
        let none = Span::default();
        let mut attributes = scope.static_attributes.clone();
        attributes.sort_unstable();
        let attributes = attributes
            .iter()
            .map(|a| Const::Str(a.as_bytes().into()))
            .collect();
        self.store_const("__static_attributes__", none, Const::Tuple(attributes))?;
        if scope.needs_classdict
            && let Some(&cell) = self.unit.class_cells.get("__classdict__")
        {
            let n = self.unit.name(&"__classdictcell__".into());
            self.unit.op(none, Op::StoreName, 0, cell, n, 0);
        }
        match self.unit.class_cells.get("__class__").copied() {
            Some(cell) if scope.needs_class_closure => {
                let n = self.unit.name(&"__classcell__".into());
                self.unit.op(none, Op::StoreName, 0, cell, n, 0);
                self.unit.op(none, Op::Return, 0, cell, 0, 0);
            }
            _ => self.unit.op(none, Op::ReturnNone, 0, 0, 0, 0),
        }
        self.leave(span)
    }
}
