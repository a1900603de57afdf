//! Type parameters (PEP 695): generic functions and classes, `type` statements.

use std::rc::Rc;

use taipan_bytecode::{Const, Intrinsic, Op, flag};
use taipan_syntax::ast::*;

use crate::compiler::{Compiler, Val};
use crate::emit::{Reg, UnitKind};
use crate::errors::{CompileError, Result};
use crate::function::{Attributes, attr};
use crate::scope::Part;

fn at_line(span: Span) -> Span {
    Span {
        end_line: span.line,
        col: 0,
        end_col: 0,
        ..span
    }
}

impl<'a> Compiler<'a> {
    /// A generic function is made by a function that holds the type parameters; the defaults
    /// are evaluated outside it and handed in.
    pub(crate) fn generic_function(
        &mut self,
        f: &'a FunctionDef,
        is_async: bool,
        span: Span,
        first: Span,
        dst: Reg,
    ) -> Result<()> {
        // Where the helper goes; its arguments follow as the defaults are evaluated.
        let attributes = self.defaults(&f.args)?;
        let scope = self.scope_of(f, Part::TypeParams, span)?;
        let name: Rc<str> = format!("<generic parameters of {}>", f.name).into();
        self.enter(scope, UnitKind::TypeParams, name, first);
        let params = self.scope().params.clone();
        self.unit.argcount = params.len() as u32;
        self.setup_registers(&params);
        self.prologue(at_line(first));
        let mark = self.unit.mark();
        let inner = self.unit.alloc();
        let tuple = self.unit.alloc();
        self.type_params_to(&f.type_params, span, tuple)?;
        let mut inner_attributes = Attributes::new();
        for (i, (which, _)) in attributes.iter().enumerate() {
            let r = self.unit.alloc();
            self.unit.mov(span, r, i as Reg, false);
            inner_attributes.push((*which, r));
        }
        self.function_object(f, is_async, span, first, inner_attributes, inner)?;
        self.unit.op(
            span,
            Op::CallIntrinsic,
            0,
            inner,
            inner,
            Intrinsic::SetFunctionTypeParams as u16,
        );
        self.unit.op(span, Op::Return, flag::KILL_A, inner, 0, 0);
        self.unit.release(mark);
        let code = self.leave(span)?;
        self.make_function(span, code, Vec::new(), dst);
        self.unit
            .op(span, Op::Call, 0, dst, attributes.len() as u16, dst);
        self.unit.release(dst + 1);
        Ok(())
    }

    pub(crate) fn generic_class(
        &mut self,
        c: &'a ClassDef,
        span: Span,
        first: Span,
        dst: Reg,
    ) -> Result<()> {
        let scope = self.scope_of(c, Part::TypeParams, span)?;
        let name: Rc<str> = format!("<generic parameters of {}>", c.name).into();
        self.enter(scope, UnitKind::TypeParams, name, first);
        self.unit.private = Some(c.name.clone());
        self.setup_registers(&[]);
        self.prologue(at_line(first));
        let mark = self.unit.mark();
        let tuple = self.unit.alloc();
        self.type_params_to(&c.type_params, span, tuple)?;
        self.store_name(&".type_params".into(), span, Val::Temp(tuple))?;
        self.unit.release(mark);
        let code = self.class_body(c, span, first)?;
        // Generic[...] is one of the bases, and the last.
        let generic = self.unit.alloc();
        let v = self.load_name(&".type_params".into(), span, Some(generic));
        self.val_to(span, v, generic);
        self.unit.op(
            span,
            Op::CallIntrinsic,
            0,
            generic,
            generic,
            Intrinsic::SubscriptGeneric as u16,
        );
        self.store_name(&".generic_base".into(), span, Val::Temp(generic))?;
        self.unit.release(mark);
        let class = self.unit.alloc();
        self.build_class(c, span, code, class, true)?;
        self.unit.op(span, Op::Return, flag::KILL_A, class, 0, 0);
        self.unit.release(mark);
        let code = self.leave(span)?;
        self.make_function(span, code, Vec::new(), dst);
        self.unit.op(span, Op::Call, 0, dst, 0, dst);
        Ok(())
    }

    pub(crate) fn type_alias_stmt(
        &mut self,
        s: &'a Stmt,
        name: &'a Expr,
        type_params: &'a [TypeParam],
        value: &'a Expr,
    ) -> Result<()> {
        let span = s.span;
        let ExprKind::Name { id, .. } = &name.kind else {
            return Err(CompileError::value(
                "TypeAlias with non-Name name",
                name.span,
            ));
        };
        let mark = self.unit.mark();
        let dst = self.unit.alloc();
        if type_params.is_empty() {
            self.alias_value(s, id, &[], value, dst)?;
        } else {
            let scope = self.scope_of(s, Part::TypeParams, span)?;
            let helper: Rc<str> = format!("<generic parameters of {id}>").into();
            self.enter(scope, UnitKind::TypeParams, helper, span);
            self.setup_registers(&[]);
            self.prologue(at_line(span));
            let r = self.unit.alloc();
            self.alias_value(s, id, type_params, value, r)?;
            self.unit.op(span, Op::Return, flag::KILL_A, r, 0, 0);
            let code = self.leave(span)?;
            self.make_function(span, code, Vec::new(), dst);
            self.unit.op(span, Op::Call, 0, dst, 0, dst);
        }
        self.store_name(id, name.span, Val::Temp(dst))?;
        self.unit.release(mark);
        Ok(())
    }

    /// The alias object into `dst`, which is on top.
    fn alias_value(
        &mut self,
        s: &'a Stmt,
        id: &'a Name,
        type_params: &'a [TypeParam],
        value: &'a Expr,
        dst: Reg,
    ) -> Result<()> {
        let span = s.span;
        self.unit
            .load_const(span, dst, &Const::Str(id.as_bytes().into()));
        let params = self.unit.alloc();
        if type_params.is_empty() {
            self.unit.load_const(span, params, &Const::None);
        } else {
            self.type_params_to(type_params, span, params)?;
        }
        let f = self.unit.alloc();
        self.evaluator(s, Part::AliasValue, id, value, span, f)?;
        self.unit.op(
            span,
            Op::CallIntrinsic,
            0,
            dst,
            dst,
            Intrinsic::TypeAlias as u16,
        );
        self.unit.release(dst + 1);
        Ok(())
    }

    /// A function that evaluates `value` lazily, into the topmost temporary `dst`.
    fn evaluator<T>(
        &mut self,
        node: &T,
        part: Part,
        name: &Name,
        value: &'a Expr,
        span: Span,
        dst: Reg,
    ) -> Result<()> {
        let scope = self.scope_of(node, part, span)?;
        let defaults = self.unit.alloc();
        self.unit
            .load_const(span, defaults, &Const::Tuple([Const::Int(1)].into()));
        self.enter_evaluator(scope, name.clone(), span);
        let r = self.unit.alloc();
        if part == Part::Default
            && let ExprKind::Starred { value: inner, .. } = &value.kind
        {
            let (v, kill) = self.expr_reg(inner)?;
            self.unit.op(
                value.span,
                Op::UnpackSequence,
                crate::compiler::kill_if(kill, flag::KILL_B),
                r,
                v,
                1,
            );
        } else {
            self.expr_to(value, r)?;
        }
        self.unit.op(value.span, Op::Return, flag::KILL_A, r, 0, 0);
        let code = self.leave(span)?;
        self.make_function(span, code, vec![(attr::DEFAULTS, defaults)], dst);
        self.unit.release(dst + 1);
        Ok(())
    }

    /// The tuple of type parameters into the topmost temporary `dst`; each is bound to its name.
    fn type_params_to(&mut self, params: &'a [TypeParam], span: Span, dst: Reg) -> Result<()> {
        let many = params.len() > 64;
        if many {
            self.unit.op(span, Op::BuildList, 0, dst, dst, 0);
        }
        let mut seen_default = false;
        for (i, p) in params.iter().enumerate() {
            let r = if i == 0 && !many {
                dst
            } else {
                self.unit.alloc()
            };
            let (name, default) = self.type_param_to(p, r)?;
            if let Some(default) = default {
                seen_default = true;
                let f = self.unit.alloc();
                self.evaluator(p, Part::Default, name, default, p.span, f)?;
                self.unit.op(
                    p.span,
                    Op::CallIntrinsic,
                    0,
                    r,
                    r,
                    Intrinsic::SetTypeparamDefault as u16,
                );
                self.unit.release(r + 1);
            } else if seen_default {
                return Err(CompileError::syntax(
                    format!("non-default type parameter '{name}' follows default type parameter"),
                    p.span,
                ));
            }
            self.store_name(name, p.span, Val::Local(r))?;
            self.unit.release(r + 1);
            if many {
                self.unit.op(span, Op::ListAppend, flag::KILL_B, dst, r, 0);
                self.unit.release(dst + 1);
            }
        }
        if many {
            self.unit
                .op(span, Op::ListToTuple, flag::KILL_B, dst, dst, 0);
        } else {
            self.unit
                .op(span, Op::BuildTuple, 0, dst, dst, params.len() as u16);
        }
        self.unit.release(dst + 1);
        Ok(())
    }

    fn type_param_to(&mut self, p: &'a TypeParam, r: Reg) -> Result<(&'a Name, Option<&'a Expr>)> {
        let (name, default, id) = match &p.kind {
            TypeParamKind::TypeVar {
                name,
                bound: None,
                default_value,
            } => (name, default_value, Intrinsic::TypeVar),
            TypeParamKind::TypeVar {
                name,
                bound: Some(bound),
                default_value,
            } => {
                self.unit
                    .load_const(p.span, r, &Const::Str(name.as_bytes().into()));
                let f = self.unit.alloc();
                self.evaluator(p, Part::Bound, name, bound, bound.span, f)?;
                let id = if matches!(bound.kind, ExprKind::Tuple { .. }) {
                    Intrinsic::TypeVarWithConstraints
                } else {
                    Intrinsic::TypeVarWithBound
                };
                self.unit.op(p.span, Op::CallIntrinsic, 0, r, r, id as u16);
                self.unit.release(r + 1);
                return Ok((name, default_value.as_deref()));
            }
            TypeParamKind::ParamSpec {
                name,
                default_value,
            } => (name, default_value, Intrinsic::ParamSpec),
            TypeParamKind::TypeVarTuple {
                name,
                default_value,
            } => (name, default_value, Intrinsic::TypeVarTuple),
        };
        self.unit
            .load_const(p.span, r, &Const::Str(name.as_bytes().into()));
        self.unit.op(p.span, Op::CallIntrinsic, 0, r, r, id as u16);
        Ok((name, default.as_deref()))
    }
}
