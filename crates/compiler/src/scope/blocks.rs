//! The first walk, continued: functions, classes, annotations, type parameters and patterns.

use std::rc::Rc;

use taipan_syntax::ast::*;

use super::build::Builder;
use super::{Part, ScopeKind, def, key};
use crate::deep;
use crate::errors::{CompileError, Result};

impl Builder {
    pub(super) fn function(&mut self, f: &FunctionDef, span: Span, is_async: bool) -> Result<()> {
        self.add(&f.name, def::LOCAL, span)?;
        self.exprs(&f.args.defaults)?;
        for d in f.args.kw_defaults.iter().flatten() {
            self.expr(d)?;
        }
        self.exprs(&f.decorator_list)?;
        let outer = self.cur;
        if !f.type_params.is_empty() {
            self.enter_type_params(&f.name, key(f), span)?;
            if !f.args.defaults.is_empty() {
                self.hidden_param(".defaults", span)?;
            }
            if f.args.kw_defaults.iter().any(Option::is_some) {
                self.hidden_param(".kwdefaults", span)?;
            }
            self.type_params(&f.type_params)?;
        }
        self.signature_annotations(f, span)?;
        let before = self.enter(
            f.name.clone(),
            ScopeKind::Function,
            key(f),
            Part::Body,
            span,
        );
        self.scope().coroutine = is_async;
        self.arguments(&f.args)?;
        self.stmts(&f.body)?;
        self.cur = before;
        self.cur = outer;
        Ok(())
    }

    fn hidden_param(&mut self, name: &str, span: Span) -> Result<()> {
        self.add(&name.into(), def::PARAM, span)?;
        self.add(&name.into(), def::USE, span)
    }

    pub(super) fn lambda(&mut self, e: &Expr, args: &Arguments, body: &Expr) -> Result<()> {
        self.exprs(&args.defaults)?;
        for d in args.kw_defaults.iter().flatten() {
            self.expr(d)?;
        }
        let before = self.enter(
            "lambda".into(),
            ScopeKind::Function,
            key(e),
            Part::Body,
            e.span,
        );
        self.scope().method = false;
        self.arguments(args)?;
        self.expr(body)?;
        self.cur = before;
        Ok(())
    }

    fn arguments(&mut self, args: &Arguments) -> Result<()> {
        let named = args.posonlyargs.iter().chain(&args.args);
        for a in named.chain(&args.kwonlyargs) {
            self.add(&a.arg, def::PARAM, a.span)?;
        }
        if let Some(a) = &args.vararg {
            self.add(&a.arg, def::PARAM, a.span)?;
            self.scope().varargs = true;
        }
        if let Some(a) = &args.kwarg {
            self.add(&a.arg, def::PARAM, a.span)?;
            self.scope().varkeywords = true;
        }
        Ok(())
    }

    fn signature_annotations(&mut self, f: &FunctionDef, span: Span) -> Result<()> {
        let a = &f.args;
        let all: Vec<&Expr> = a
            .args
            .iter()
            .chain(&a.posonlyargs)
            .chain(a.vararg.as_deref())
            .chain(&a.kwonlyargs)
            .chain(a.kwarg.as_deref())
            .filter_map(|a| a.annotation.as_deref())
            .chain(f.returns.as_deref())
            .collect();
        if all.is_empty() {
            return Ok(());
        }
        let in_class = self.scope().sees_class || self.scope().kind == ScopeKind::Class;
        let before = self.enter(
            "__annotate__".into(),
            ScopeKind::Annotation,
            key(f),
            Part::Annotations,
            span,
        );
        if in_class {
            self.scope().sees_class = true;
            self.add(&"__classdict__".into(), def::USE, span)?;
        }
        self.scope().annotations_used = true;
        self.scope().function_name = Some(f.name.clone());
        for e in all {
            self.expr(e)?;
        }
        self.cur = before;
        Ok(())
    }

    pub(super) fn ann_assign(
        &mut self,
        target: &Expr,
        annotation: &Expr,
        value: Option<&Expr>,
        simple: bool,
        span: Span,
    ) -> Result<()> {
        self.scope().annotations_used = true;
        if let ExprKind::Name { id, .. } = &target.kind {
            let name = self.mangled(id);
            let flags = self.scope().get(&name).map_or(0, |s| s.flags);
            if simple && flags & (def::GLOBAL | def::NONLOCAL) != 0 && self.cur != 0 {
                let word = if flags & def::GLOBAL != 0 {
                    "global"
                } else {
                    "nonlocal"
                };
                return Err(CompileError::syntax(
                    format!("annotated name '{id}' can't be {word}"),
                    span,
                ));
            }
            if simple {
                self.add(id, def::ANNOT | def::LOCAL, target.span)?;
            } else if value.is_some() {
                self.add(id, def::LOCAL, target.span)?;
            }
        } else {
            self.expr(target)?;
        }
        self.annotation(annotation)?;
        value.map_or(Ok(()), |v| self.expr(v))
    }

    fn annotation(&mut self, annotation: &Expr) -> Result<()> {
        let outer = self.cur;
        let future = self.table.future.annotations;
        let scope = self.scope();
        let kind = scope.kind;
        let unevaluated = kind == ScopeKind::Function;
        let conditional =
            kind == ScopeKind::Module || kind == ScopeKind::Class && scope.in_conditional > 0;
        let conditional_name: Rc<str> = "__conditional_annotations__".into();
        if conditional && !future && !scope.conditional_annotations {
            scope.conditional_annotations = true;
            self.add(&conditional_name, def::USE | def::LOCAL, annotation.span)?;
        }
        let has_conditional = self.scope().conditional_annotations;
        match self.scope().annotation_scope {
            Some(id) => self.cur = id,
            None => {
                self.enter(
                    "__annotate__".into(),
                    ScopeKind::Annotation,
                    outer,
                    Part::Annotations,
                    annotation.span,
                );
                let id = self.cur;
                self.table.scopes[outer].annotation_scope = Some(id);
                // Scope numbers are no addresses, so that the key above stands for nothing.
                self.table.keys.remove(&(outer, Part::Annotations));
                if kind == ScopeKind::Class && !future {
                    self.scope().sees_class = true;
                    self.add(&"__classdict__".into(), def::USE, annotation.span)?;
                }
            }
        }
        if has_conditional && self.scope().get(&conditional_name).is_none() {
            self.add(&conditional_name, def::USE, annotation.span)?;
        }
        self.scope().unevaluated_annotation = unevaluated;
        self.expr(annotation)?;
        self.scope().unevaluated_annotation = false;
        self.cur = outer;
        Ok(())
    }

    pub(super) fn class(&mut self, c: &ClassDef, span: Span) -> Result<()> {
        self.add(&c.name, def::LOCAL, span)?;
        self.exprs(&c.decorator_list)?;
        let outer_private = self.private.clone();
        let outer = self.cur;
        if !c.type_params.is_empty() {
            self.enter_type_params(&c.name, key(c), span)?;
            self.private = Some(c.name.clone());
            self.scope().private = Some(c.name.clone());
            self.scope().mangle_only = Some(Vec::new());
            self.add(&".type_params".into(), def::LOCAL | def::USE, span)?;
            self.add(&".generic_base".into(), def::LOCAL | def::USE, span)?;
            self.type_params(&c.type_params)?;
        }
        self.exprs(&c.bases)?;
        self.keywords(&c.keywords)?;
        self.private = Some(c.name.clone());
        self.enter(c.name.clone(), ScopeKind::Class, key(c), Part::Body, span);
        if !c.type_params.is_empty() {
            self.add(&"__type_params__".into(), def::LOCAL, span)?;
            self.add(&".type_params".into(), def::USE, span)?;
        }
        self.stmts(&c.body)?;
        self.cur = outer;
        self.private = outer_private;
        Ok(())
    }

    pub(super) fn type_alias(
        &mut self,
        stmt: &Stmt,
        name: &Expr,
        type_params: &[TypeParam],
        value: &Expr,
    ) -> Result<()> {
        self.expr(name)?;
        let ExprKind::Name { id, .. } = &name.kind else {
            return Err(CompileError::value(
                "TypeAlias with non-Name name",
                name.span,
            ));
        };
        let outer = self.cur;
        if !type_params.is_empty() {
            self.enter_type_params(id, key(stmt), stmt.span)?;
            self.type_params(type_params)?;
        }
        let in_class = self.scope().kind == ScopeKind::Class || self.scope().sees_class;
        self.enter(
            id.clone(),
            ScopeKind::TypeAlias,
            key(stmt),
            Part::AliasValue,
            stmt.span,
        );
        if in_class {
            self.scope().sees_class = true;
            self.add(&"__classdict__".into(), def::USE, value.span)?;
        }
        self.expr(value)?;
        self.cur = outer;
        Ok(())
    }

    fn enter_type_params(&mut self, name: &Rc<str>, at: usize, span: Span) -> Result<()> {
        let in_class = self.scope().kind == ScopeKind::Class;
        self.enter(
            name.clone(),
            ScopeKind::TypeParameters,
            at,
            Part::TypeParams,
            span,
        );
        if in_class {
            self.scope().sees_class = true;
            self.add(&"__classdict__".into(), def::USE, span)?;
        }
        Ok(())
    }

    fn type_params(&mut self, params: &[TypeParam]) -> Result<()> {
        for p in params {
            let (name, bound, default, what) = match &p.kind {
                TypeParamKind::TypeVar {
                    name,
                    bound,
                    default_value,
                } => (
                    name,
                    bound.as_deref(),
                    default_value.as_deref(),
                    "a TypeVar default",
                ),
                TypeParamKind::ParamSpec {
                    name,
                    default_value,
                } => (name, None, default_value.as_deref(), "a ParamSpec default"),
                TypeParamKind::TypeVarTuple {
                    name,
                    default_value,
                } => (
                    name,
                    None,
                    default_value.as_deref(),
                    "a TypeVarTuple default",
                ),
            };
            if let Some(only) = &mut self.scope().mangle_only {
                only.push(name.clone());
            }
            self.add(name, def::TYPE_PARAM | def::LOCAL, p.span)?;
            if &**name == "__classdict__" {
                return Err(CompileError::syntax(
                    format!("reserved name '{name}' cannot be used for type parameter"),
                    p.span,
                ));
            }
            if let Some(bound) = bound {
                let what = if matches!(bound.kind, ExprKind::Tuple { .. }) {
                    "a TypeVar constraint"
                } else {
                    "a TypeVar bound"
                };
                self.type_variable(name, key(p), Part::Bound, bound, what)?;
            }
            if let Some(default) = default {
                self.type_variable(name, key(p), Part::Default, default, what)?;
            }
        }
        Ok(())
    }

    fn type_variable(
        &mut self,
        name: &Rc<str>,
        at: usize,
        part: Part,
        e: &Expr,
        what: &'static str,
    ) -> Result<()> {
        let in_class = self.scope().sees_class;
        let before = self.enter(name.clone(), ScopeKind::TypeVariable, at, part, e.span);
        if in_class {
            self.scope().sees_class = true;
            self.add(&"__classdict__".into(), def::USE, e.span)?;
        }
        self.scope().what = what;
        self.expr(e)?;
        self.cur = before;
        Ok(())
    }

    pub(super) fn pattern(&mut self, p: &Pattern) -> Result<()> {
        deep(|| match &p.kind {
            PatternKind::MatchValue { value } => self.expr(value),
            PatternKind::MatchSingleton { .. } => Ok(()),
            PatternKind::MatchSequence { patterns } | PatternKind::MatchOr { patterns } => {
                patterns.iter().try_for_each(|p| self.pattern(p))
            }
            PatternKind::MatchMapping {
                keys,
                patterns,
                rest,
            } => {
                self.exprs(keys)?;
                patterns.iter().try_for_each(|p| self.pattern(p))?;
                rest.as_ref()
                    .map_or(Ok(()), |n| self.add(n, def::LOCAL, p.span))
            }
            PatternKind::MatchClass {
                cls,
                patterns,
                kwd_attrs,
                kwd_patterns,
            } => {
                self.expr(cls)?;
                patterns.iter().try_for_each(|p| self.pattern(p))?;
                if kwd_attrs.iter().any(|n| &**n == "__debug__") {
                    return Err(CompileError::syntax("cannot assign to __debug__", p.span));
                }
                kwd_patterns.iter().try_for_each(|p| self.pattern(p))
            }
            PatternKind::MatchStar { name } => name
                .as_ref()
                .map_or(Ok(()), |n| self.add(n, def::LOCAL, p.span)),
            PatternKind::MatchAs { pattern, name } => {
                if let Some(inner) = pattern {
                    self.pattern(inner)?;
                }
                name.as_ref()
                    .map_or(Ok(()), |n| self.add(n, def::LOCAL, p.span))
            }
        })
    }
}
