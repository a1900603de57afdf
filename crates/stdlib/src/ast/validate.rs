//! What a tree must be like beyond its grammar, which a tree made by a program need not be.

use taipan_runtime::core::R;
use taipan_runtime::vm::Vm;
use taipan_syntax::ast::*;

use ExprContext::{Del, Load, Store};

/// Checks a tree.
///
/// Raises ValueError and TypeError, RecursionError if it is too deep.
pub fn tree(vm: &Vm, tree: &Mod) -> R<()> {
    let c = Checker { vm };
    match tree {
        Mod::Module { body, .. } | Mod::Interactive { body } => c.stmts(body),
        Mod::Expression { body } => c.expr(body, Load),
        Mod::FunctionType { argtypes, returns } => {
            c.exprs(argtypes, Load)?;
            c.expr(returns, Load)
        }
    }
}

struct Checker<'a> {
    vm: &'a Vm,
}

const NO_LITERAL: &str = "patterns may only match literals and attribute lookups";

impl Checker<'_> {
    fn require(&self, ok: bool, message: impl AsRef<str>) -> R<()> {
        if ok { Ok(()) } else { Err(self.vm.value_error(message)) }
    }

    fn some<T>(&self, items: &[T], what: &str, of: &str) -> R<()> {
        if items.is_empty() { Err(self.vm.value_error(format!("empty {what} on {of}"))) } else { Ok(()) }
    }

    fn name(&self, name: &str) -> R<()> {
        let bad = matches!(name, "None" | "True" | "False");
        if bad {
            Err(self.vm.value_error(format!("identifier field can't represent '{name}' constant")))
        } else {
            Ok(())
        }
    }

    fn stmts(&self, body: &[Stmt]) -> R<()> {
        body.iter().try_for_each(|s| self.stmt(s))
    }

    fn body(&self, body: &[Stmt], of: &str) -> R<()> {
        self.some(body, "body", of)?;
        self.stmts(body)
    }

    fn exprs(&self, exprs: &[Expr], ctx: ExprContext) -> R<()> {
        exprs.iter().try_for_each(|e| self.expr(e, ctx))
    }

    fn opt(&self, e: Option<&Expr>, ctx: ExprContext) -> R<()> {
        e.map_or(Ok(()), |e| self.expr(e, ctx))
    }

    fn stmt(&self, s: &Stmt) -> R<()> {
        self.vm.check_native_stack()?;
        match &s.kind {
            StmtKind::FunctionDef(f) => self.function(f, "FunctionDef"),
            StmtKind::AsyncFunctionDef(f) => self.function(f, "AsyncFunctionDef"),
            StmtKind::ClassDef(c) => {
                self.body(&c.body, "ClassDef")?;
                self.type_params(&c.type_params)?;
                self.exprs(&c.bases, Load)?;
                self.keywords(&c.keywords)?;
                self.exprs(&c.decorator_list, Load)
            }
            StmtKind::Return { value } => self.opt(value.as_deref(), Load),
            StmtKind::Delete { targets } => {
                self.some(targets, "targets", "Delete")?;
                self.exprs(targets, Del)
            }
            StmtKind::Assign { targets, value, .. } => {
                self.some(targets, "targets", "Assign")?;
                self.exprs(targets, Store)?;
                self.expr(value, Load)
            }
            StmtKind::TypeAlias { name, type_params, value } => {
                if !matches!(name.kind, ExprKind::Name { .. }) {
                    return Err(self.vm.type_error("TypeAlias with non-Name name"));
                }
                self.expr(name, Store)?;
                self.type_params(type_params)?;
                self.expr(value, Load)
            }
            StmtKind::AugAssign { target, value, .. } => {
                self.expr(target, Store)?;
                self.expr(value, Load)
            }
            StmtKind::AnnAssign { target, annotation, value, simple } => {
                if *simple && !matches!(target.kind, ExprKind::Name { .. }) {
                    return Err(self.vm.type_error("AnnAssign with simple non-Name target"));
                }
                self.expr(target, Store)?;
                self.opt(value.as_deref(), Load)?;
                self.expr(annotation, Load)
            }
            StmtKind::For(f) => self.for_(f, "For"),
            StmtKind::AsyncFor(f) => self.for_(f, "AsyncFor"),
            StmtKind::While { test, body, orelse } => {
                self.expr(test, Load)?;
                self.body(body, "While")?;
                self.stmts(orelse)
            }
            StmtKind::If { test, body, orelse } => {
                self.expr(test, Load)?;
                self.body(body, "If")?;
                self.stmts(orelse)
            }
            StmtKind::With(w) => self.with(w, "With"),
            StmtKind::AsyncWith(w) => self.with(w, "AsyncWith"),
            StmtKind::Match { subject, cases } => {
                self.expr(subject, Load)?;
                self.some(cases, "cases", "Match")?;
                cases.iter().try_for_each(|c| {
                    self.pattern(&c.pattern, false)?;
                    self.opt(c.guard.as_deref(), Load)?;
                    self.body(&c.body, "match_case")
                })
            }
            StmtKind::Raise { exc, cause } => {
                if exc.is_none() && cause.is_some() {
                    return Err(self.vm.value_error("Raise with cause but no exception"));
                }
                self.opt(exc.as_deref(), Load)?;
                self.opt(cause.as_deref(), Load)
            }
            StmtKind::Try(t) => self.try_(t, "Try"),
            StmtKind::TryStar(t) => self.try_(t, "TryStar"),
            StmtKind::Assert { test, msg } => {
                self.expr(test, Load)?;
                self.opt(msg.as_deref(), Load)
            }
            StmtKind::Import { names } => self.some(names, "names", "Import"),
            StmtKind::ImportFrom { names, .. } => self.some(names, "names", "ImportFrom"),
            StmtKind::Global { names } => self.some(names, "names", "Global"),
            StmtKind::Nonlocal { names } => self.some(names, "names", "Nonlocal"),
            StmtKind::Expr { value } => self.expr(value, Load),
            StmtKind::Pass | StmtKind::Break | StmtKind::Continue => Ok(()),
        }
    }

    fn function(&self, f: &FunctionDef, of: &str) -> R<()> {
        self.body(&f.body, of)?;
        self.type_params(&f.type_params)?;
        self.arguments(&f.args)?;
        self.exprs(&f.decorator_list, Load)?;
        self.opt(f.returns.as_deref(), Load)
    }

    fn for_(&self, f: &For, of: &str) -> R<()> {
        self.expr(&f.target, Store)?;
        self.expr(&f.iter, Load)?;
        self.body(&f.body, of)?;
        self.stmts(&f.orelse)
    }

    fn with(&self, w: &With, of: &str) -> R<()> {
        self.some(&w.items, "items", of)?;
        for item in &w.items {
            self.expr(&item.context_expr, Load)?;
            self.opt(item.optional_vars.as_deref(), Store)?;
        }
        self.body(&w.body, of)
    }

    fn try_(&self, t: &Try, of: &str) -> R<()> {
        self.body(&t.body, of)?;
        if t.handlers.is_empty() && t.finalbody.is_empty() {
            return Err(self.vm.value_error(format!("{of} has neither except handlers nor finalbody")));
        }
        if t.handlers.is_empty() && !t.orelse.is_empty() {
            return Err(self.vm.value_error(format!("{of} has orelse but no except handlers")));
        }
        for h in &t.handlers {
            self.opt(h.type_.as_deref(), Load)?;
            self.body(&h.body, "ExceptHandler")?;
        }
        self.stmts(&t.orelse)?;
        self.stmts(&t.finalbody)
    }

    fn keywords(&self, keywords: &[Keyword]) -> R<()> {
        keywords.iter().try_for_each(|k| self.expr(&k.value, Load))
    }

    fn type_params(&self, params: &[TypeParam]) -> R<()> {
        params.iter().try_for_each(|p| match &p.kind {
            TypeParamKind::TypeVar { name, bound, default_value } => {
                self.name(name)?;
                self.opt(bound.as_deref(), Load)?;
                self.opt(default_value.as_deref(), Load)
            }
            TypeParamKind::ParamSpec { name, default_value } | TypeParamKind::TypeVarTuple { name, default_value } => {
                self.name(name)?;
                self.opt(default_value.as_deref(), Load)
            }
        })
    }

    fn arguments(&self, a: &Arguments) -> R<()> {
        let args = |args: &[Arg]| args.iter().try_for_each(|a| self.opt(a.annotation.as_deref(), Load));
        args(&a.posonlyargs)?;
        args(&a.args)?;
        self.opt(a.vararg.as_ref().and_then(|a| a.annotation.as_deref()), Load)?;
        args(&a.kwonlyargs)?;
        self.opt(a.kwarg.as_ref().and_then(|a| a.annotation.as_deref()), Load)?;
        let few = a.defaults.len() <= a.posonlyargs.len() + a.args.len();
        self.require(few, "more positional defaults than args on arguments")?;
        let same = a.kw_defaults.len() == a.kwonlyargs.len();
        self.require(same, "length of kwonlyargs is not the same as kw_defaults on arguments")?;
        self.exprs(&a.defaults, Load)?;
        a.kw_defaults.iter().flatten().try_for_each(|e| self.expr(e, Load))
    }

    fn generators(&self, generators: &[Comprehension]) -> R<()> {
        self.require(!generators.is_empty(), "comprehension with no generators")?;
        for g in generators {
            self.expr(&g.target, Store)?;
            self.expr(&g.iter, Load)?;
            self.exprs(&g.ifs, Load)?;
        }
        Ok(())
    }

    fn expr(&self, e: &Expr, ctx: ExprContext) -> R<()> {
        self.vm.check_native_stack()?;
        let own = match &e.kind {
            ExprKind::Attribute { ctx, .. }
            | ExprKind::Subscript { ctx, .. }
            | ExprKind::Starred { ctx, .. }
            | ExprKind::List { ctx, .. }
            | ExprKind::Tuple { ctx, .. } => Some(*ctx),
            ExprKind::Name { id, ctx } => {
                self.name(id)?;
                Some(*ctx)
            }
            _ => None,
        };
        match own {
            None if ctx != Load => {
                let text = format!("expression which can't be assigned to in {ctx:?} context");
                return Err(self.vm.value_error(text));
            }
            Some(own) if own != ctx => {
                let text = format!("expression must have {ctx:?} context but has {own:?} instead");
                return Err(self.vm.value_error(text));
            }
            _ => {}
        }
        match &e.kind {
            ExprKind::BoolOp { values, .. } => {
                self.require(values.len() >= 2, "BoolOp with less than 2 values")?;
                self.exprs(values, Load)
            }
            ExprKind::NamedExpr { target, value } => {
                if !matches!(target.kind, ExprKind::Name { .. }) {
                    return Err(self.vm.type_error("NamedExpr target must be a Name"));
                }
                self.expr(value, Load)
            }
            ExprKind::BinOp { left, right, .. } => {
                self.expr(left, Load)?;
                self.expr(right, Load)
            }
            ExprKind::UnaryOp { operand, .. } => self.expr(operand, Load),
            ExprKind::Lambda { args, body } => {
                self.arguments(args)?;
                self.expr(body, Load)
            }
            ExprKind::IfExp { test, body, orelse } => {
                self.expr(test, Load)?;
                self.expr(body, Load)?;
                self.expr(orelse, Load)
            }
            ExprKind::Dict { keys, values } => {
                self.require(keys.len() == values.len(), "Dict doesn't have the same number of keys as values")?;
                keys.iter().flatten().try_for_each(|e| self.expr(e, Load))?;
                self.exprs(values, Load)
            }
            ExprKind::Set { elts } => self.exprs(elts, Load),
            ExprKind::ListComp { elt, generators }
            | ExprKind::SetComp { elt, generators }
            | ExprKind::GeneratorExp { elt, generators } => {
                self.generators(generators)?;
                self.expr(elt, Load)
            }
            ExprKind::DictComp { key, value, generators } => {
                self.generators(generators)?;
                self.expr(key, Load)?;
                self.expr(value, Load)
            }
            ExprKind::Yield { value } => self.opt(value.as_deref(), Load),
            ExprKind::YieldFrom { value } | ExprKind::Await { value } => self.expr(value, Load),
            ExprKind::Compare { left, ops, comparators } => {
                self.require(!comparators.is_empty(), "Compare with no comparators")?;
                let same = comparators.len() == ops.len();
                self.require(same, "Compare has a different number of comparators and operands")?;
                self.exprs(comparators, Load)?;
                self.expr(left, Load)
            }
            ExprKind::Call { func, args, keywords } => {
                self.expr(func, Load)?;
                self.exprs(args, Load)?;
                self.keywords(keywords)
            }
            ExprKind::FormattedValue { value, conversion, format_spec }
            | ExprKind::Interpolation { value, conversion, format_spec, .. } => {
                if !matches!(conversion, -1 | 115 | 114 | 97) {
                    return Err(self.vm.system_error(format!("Unrecognized conversion character {conversion}")));
                }
                self.expr(value, Load)?;
                self.opt(format_spec.as_deref(), Load)
            }
            ExprKind::JoinedStr { values } | ExprKind::TemplateStr { values } => self.exprs(values, Load),
            ExprKind::Attribute { value, .. } => self.expr(value, Load),
            ExprKind::Subscript { value, slice, .. } => {
                self.expr(slice, Load)?;
                self.expr(value, Load)
            }
            ExprKind::Starred { value, ctx } => self.expr(value, *ctx),
            ExprKind::List { elts, ctx } | ExprKind::Tuple { elts, ctx } => self.exprs(elts, *ctx),
            ExprKind::Slice { lower, upper, step } => {
                self.opt(lower.as_deref(), Load)?;
                self.opt(upper.as_deref(), Load)?;
                self.opt(step.as_deref(), Load)
            }
            ExprKind::Constant { .. } | ExprKind::Name { .. } => Ok(()),
        }
    }

    fn patterns(&self, patterns: &[Pattern], star: bool) -> R<()> {
        patterns.iter().try_for_each(|p| self.pattern(p, star))
    }

    fn capture(&self, name: Option<&Name>) -> R<()> {
        let Some(name) = name else { return Ok(()) };
        self.require(&**name != "_", "can't capture name '_' in patterns")?;
        self.name(name)
    }

    fn pattern(&self, p: &Pattern, star: bool) -> R<()> {
        self.vm.check_native_stack()?;
        match &p.kind {
            PatternKind::MatchValue { value } => self.pattern_value(value),
            PatternKind::MatchSingleton { value } => {
                let ok = matches!(value, Constant::None | Constant::True | Constant::False);
                self.require(ok, "MatchSingleton can only contain True, False and None")
            }
            PatternKind::MatchSequence { patterns } => self.patterns(patterns, true),
            PatternKind::MatchMapping { keys, patterns, rest } => {
                let same = keys.len() == patterns.len();
                self.require(same, "MatchMapping doesn't have the same number of keys as patterns")?;
                self.capture(rest.as_ref())?;
                for key in keys {
                    let singleton = matches!(
                        key.kind,
                        ExprKind::Constant { value: Constant::None | Constant::True | Constant::False, .. }
                    );
                    if !singleton {
                        self.pattern_value(key)?;
                    }
                }
                self.patterns(patterns, false)
            }
            PatternKind::MatchClass { cls, patterns, kwd_attrs, kwd_patterns } => {
                let same = kwd_attrs.len() == kwd_patterns.len();
                self.require(same, "MatchClass doesn't have the same number of keyword attributes as patterns")?;
                self.expr(cls, Load)?;
                let mut at = &**cls;
                while let ExprKind::Attribute { value, .. } = &at.kind {
                    at = value;
                }
                let name = matches!(at.kind, ExprKind::Name { .. });
                self.require(name, "MatchClass cls field can only contain Name or Attribute nodes.")?;
                kwd_attrs.iter().try_for_each(|n| self.name(n))?;
                self.patterns(patterns, false)?;
                self.patterns(kwd_patterns, false)
            }
            PatternKind::MatchStar { name } => {
                self.require(star, "can't use MatchStar here")?;
                self.capture(name.as_ref())
            }
            PatternKind::MatchAs { pattern, name } => {
                self.capture(name.as_ref())?;
                match pattern {
                    None => Ok(()),
                    Some(_) if name.is_none() => {
                        Err(self.vm.value_error("MatchAs must specify a target name if a pattern is given"))
                    }
                    Some(p) => self.pattern(p, false),
                }
            }
            PatternKind::MatchOr { patterns } => {
                self.require(patterns.len() >= 2, "MatchOr requires at least 2 patterns")?;
                self.patterns(patterns, false)
            }
        }
    }

    fn pattern_value(&self, e: &Expr) -> R<()> {
        self.expr(e, Load)?;
        match &e.kind {
            ExprKind::Constant { value, .. } => {
                let ok = is_number(value, true) || matches!(value, Constant::Str(_) | Constant::Bytes(_));
                self.require(ok, "unexpected constant inside of a literal pattern")
            }
            ExprKind::Attribute { .. } | ExprKind::JoinedStr { .. } | ExprKind::TemplateStr { .. } => Ok(()),
            ExprKind::UnaryOp { .. } => self.require(is_signed(e, true), NO_LITERAL),
            ExprKind::BinOp { left, op: Operator::Add | Operator::Sub, right } => {
                let imaginary = matches!(
                    &right.kind,
                    ExprKind::Constant { value, .. } if is_number(value, true) && !is_number(value, false)
                );
                self.require(is_signed(left, false) && imaginary, NO_LITERAL)
            }
            _ => Err(self.vm.value_error(NO_LITERAL)),
        }
    }
}

fn is_number(c: &Constant, complex: bool) -> bool {
    match c {
        Constant::Int(_) | Constant::BigInt(_) | Constant::Float(_) => true,
        Constant::Complex(_) => complex,
        Constant::Made(made) => match **made {
            Made::Int(_) => true,
            Made::Complex(..) => complex,
            _ => false,
        },
        _ => false,
    }
}

/// A number, perhaps behind a minus.
fn is_signed(e: &Expr, complex: bool) -> bool {
    match &e.kind {
        ExprKind::Constant { value, .. } => is_number(value, complex),
        ExprKind::UnaryOp { op: UnaryOp::USub, operand } => {
            matches!(&operand.kind, ExprKind::Constant { value, .. } if is_number(value, complex))
        }
        _ => false,
    }
}
