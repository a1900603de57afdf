//! The first walk: what each block does with its names.

use std::rc::Rc;

use taipan_syntax::ast::*;

use super::{
    Binding, CompKind, FastMap, FutureFeatures, Part, Scope, ScopeId, ScopeKind, Symbol,
    SymbolTable, def, key, mangle,
};
use crate::deep;
use crate::errors::{CompileError, Result};

/// Walks the tree; bindings stay undecided.
pub(super) fn build(tree: &Mod, future: FutureFeatures) -> Result<SymbolTable> {
    let mut b = Builder {
        table: SymbolTable {
            scopes: Vec::new(),
            future,
            keys: FastMap::default(),
        },
        cur: 0,
        private: None,
    };
    let top = b.new_scope("top".into(), ScopeKind::Module, Span::default());
    b.cur = top;
    b.table.scopes[top].parent = None;
    b.table.scopes[top].nested = false;
    match tree {
        Mod::Module { body, .. } | Mod::Interactive { body } => b.stmts(body)?,
        Mod::Expression { body } => b.expr(body)?,
        Mod::FunctionType { .. } => {
            return Err(CompileError::value(
                "this compiler does not handle FunctionTypes",
                Span::default(),
            ));
        }
    }
    Ok(b.table)
}

pub(super) struct Builder {
    pub(super) table: SymbolTable,
    pub(super) cur: ScopeId,
    pub(super) private: Option<Rc<str>>,
}

impl Builder {
    fn new_scope(&mut self, name: Rc<str>, kind: ScopeKind, span: Span) -> ScopeId {
        let id = self.table.scopes.len();
        let parent = self.table.scopes.get(self.cur);
        let nested = parent.is_some_and(|p| p.nested || p.is_function_like());
        let method = kind == ScopeKind::Function
            && parent.is_some_and(|p| {
                p.kind == ScopeKind::Class || p.kind == ScopeKind::TypeParameters && p.sees_class
            });
        let unevaluated = parent.is_some_and(|p| p.unevaluated_annotation);
        self.table.scopes.push(Scope {
            kind,
            name,
            parent: (id > 0).then_some(self.cur),
            children: Vec::new(),
            symbols: Vec::new(),
            params: Vec::new(),
            nested,
            comp: None,
            inlined: false,
            generator: false,
            coroutine: false,
            varargs: false,
            varkeywords: false,
            method,
            returns_value: false,
            needs_class_closure: false,
            needs_classdict: false,
            needs_conditional: false,
            sees_class: false,
            conditional_annotations: false,
            annotations_used: false,
            annotation_scope: None,
            private: self.private.clone(),
            span,
            free: Vec::new(),
            index: FastMap::default(),
            directives: Vec::new(),
            in_conditional: 0,
            unevaluated_annotation: unevaluated && kind == ScopeKind::Annotation,
            late_bound: false,
            function_name: None,
            frame_visible: false,
            comp_iter_target: false,
            comp_iter_expr: parent.map_or(0, |p| p.comp_iter_expr),
            what: "",
            walrus: Vec::new(),
            unbound: Vec::new(),
            static_attributes: Vec::new(),
            mangle_only: None,
        });
        id
    }

    /// Enters a new child scope; the caller restores `cur` to what is returned.
    pub(super) fn enter(
        &mut self,
        name: Rc<str>,
        kind: ScopeKind,
        at: usize,
        part: Part,
        span: Span,
    ) -> ScopeId {
        let before = self.cur;
        let id = self.new_scope(name, kind, span);
        self.table.scopes[before].children.push(id);
        self.table.keys.insert((at, part), id);
        // In a class's body all names are mangled.
        if kind != ScopeKind::Class {
            self.table.scopes[id].mangle_only = self.table.scopes[before].mangle_only.clone();
        }
        self.cur = id;
        if matches!(
            kind,
            ScopeKind::Annotation | ScopeKind::TypeAlias | ScopeKind::TypeVariable
        ) {
            // The parameter has a name that no source can spell, so that it hides nothing.
            self.put(".format".into(), def::PARAM | def::USE, span);
            self.table.scopes[id].params.push(".format".into());
        }
        before
    }

    pub(super) fn scope(&mut self) -> &mut Scope {
        &mut self.table.scopes[self.cur]
    }

    pub(super) fn mangled(&self, name: &Rc<str>) -> Rc<str> {
        let scope = &self.table.scopes[self.cur];
        if let Some(only) = &scope.mangle_only
            && !only.contains(name)
        {
            return name.clone();
        }
        mangle(self.private.as_ref(), name)
    }

    fn put(&mut self, name: Rc<str>, flags: u32, span: Span) -> u32 {
        self.put_in(self.cur, name, flags, span)
    }

    fn put_in(&mut self, scope: ScopeId, name: Rc<str>, flags: u32, span: Span) -> u32 {
        let scope = &mut self.table.scopes[scope];
        if let Some(&i) = scope.index.get(&name) {
            let symbol = &mut scope.symbols[i as usize];
            symbol.flags |= flags;
            return symbol.flags;
        }
        scope.index.insert(name.clone(), scope.symbols.len() as u32);
        scope.symbols.push(Symbol {
            name,
            flags,
            binding: Binding::Unset,
            span,
        });
        flags
    }

    /// What the current scope has done with the name so far.
    fn flags(&self, name: &Rc<str>) -> u32 {
        let name = self.mangled(name);
        self.table.scopes[self.cur]
            .get(&name)
            .map_or(0, |s| s.flags)
    }

    pub(super) fn add(&mut self, name: &Rc<str>, flags: u32, span: Span) -> Result<()> {
        self.add_in(self.cur, name, flags, span)
    }

    fn add_in(&mut self, scope: ScopeId, name: &Rc<str>, flags: u32, span: Span) -> Result<()> {
        if flags != def::USE && &**name == "__debug__" {
            return Err(CompileError::syntax("cannot assign to __debug__", span));
        }
        let mangled = self.mangled(name);
        let old = self.table.scopes[scope]
            .get(&mangled)
            .map_or(0, |s| s.flags);
        if flags & old & def::PARAM != 0 {
            return Err(CompileError::syntax(
                format!("duplicate argument '{name}' in function definition"),
                span,
            ));
        }
        if flags & old & def::TYPE_PARAM != 0 {
            return Err(CompileError::syntax(
                format!("duplicate type parameter '{name}'"),
                span,
            ));
        }
        let mut flags = flags;
        if self.table.scopes[scope].comp_iter_target {
            if old & (def::GLOBAL | def::NONLOCAL) != 0 {
                return Err(CompileError::syntax(
                    format!(
                        "comprehension inner loop cannot rebind assignment expression target '{name}'"
                    ),
                    span,
                ));
            }
            flags |= def::COMP_ITER;
            if flags & def::LOCAL != 0 && old & (def::USE | def::LOCAL) == def::USE {
                self.table.scopes[scope].late_bound = true;
            }
        }
        self.put_in(scope, mangled.clone(), flags, span);
        if flags & def::PARAM != 0 {
            self.table.scopes[scope].params.push(mangled);
        } else if flags & def::GLOBAL != 0 && scope != 0 {
            self.put_in(0, mangled, def::GLOBAL, span);
        }
        Ok(())
    }

    pub(super) fn stmts(&mut self, body: &[Stmt]) -> Result<()> {
        body.iter().try_for_each(|s| self.stmt(s))
    }

    fn conditional(&mut self, f: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        self.scope().in_conditional += 1;
        f(self)?;
        self.scope().in_conditional -= 1;
        Ok(())
    }

    fn stmt(&mut self, stmt: &Stmt) -> Result<()> {
        deep(|| self.stmt_inner(stmt))
    }

    fn stmt_inner(&mut self, stmt: &Stmt) -> Result<()> {
        let span = stmt.span;
        match &stmt.kind {
            StmtKind::FunctionDef(f) => self.function(f, span, false),
            StmtKind::AsyncFunctionDef(f) => self.function(f, span, true),
            StmtKind::ClassDef(c) => self.class(c, span),
            StmtKind::TypeAlias {
                name,
                type_params,
                value,
            } => self.type_alias(stmt, name, type_params, value),
            StmtKind::Return { value } => {
                if let Some(value) = value {
                    self.expr(value)?;
                    self.scope().returns_value = true;
                }
                Ok(())
            }
            StmtKind::Delete { targets } => self.exprs(targets),
            StmtKind::Assign { targets, value, .. } => {
                self.exprs(targets)?;
                self.expr(value)
            }
            StmtKind::AugAssign { target, value, .. } => {
                self.expr(target)?;
                self.expr(value)
            }
            StmtKind::AnnAssign {
                target,
                annotation,
                value,
                simple,
            } => self.ann_assign(target, annotation, value.as_deref(), *simple, span),
            StmtKind::For(f) | StmtKind::AsyncFor(f) => {
                if matches!(stmt.kind, StmtKind::AsyncFor(_)) {
                    self.need_async("'async for' outside async function", span)?;
                }
                self.expr(&f.target)?;
                self.expr(&f.iter)?;
                self.conditional(|b| {
                    b.stmts(&f.body)?;
                    b.stmts(&f.orelse)
                })
            }
            StmtKind::While { test, body, orelse } | StmtKind::If { test, body, orelse } => {
                self.expr(test)?;
                self.conditional(|b| {
                    b.stmts(body)?;
                    b.stmts(orelse)
                })
            }
            StmtKind::With(w) | StmtKind::AsyncWith(w) => {
                if matches!(stmt.kind, StmtKind::AsyncWith(_)) {
                    self.need_async("'async with' outside async function", span)?;
                }
                self.conditional(|b| {
                    for item in &w.items {
                        b.expr(&item.context_expr)?;
                        if let Some(vars) = &item.optional_vars {
                            b.expr(vars)?;
                        }
                    }
                    b.stmts(&w.body)
                })
            }
            StmtKind::Match { subject, cases } => {
                self.expr(subject)?;
                self.conditional(|b| {
                    for case in cases {
                        b.pattern(&case.pattern)?;
                        if let Some(guard) = &case.guard {
                            b.expr(guard)?;
                        }
                        b.stmts(&case.body)?;
                    }
                    Ok(())
                })
            }
            StmtKind::Raise { exc, cause } => {
                self.opt(exc.as_deref())?;
                self.opt(cause.as_deref())
            }
            StmtKind::Try(t) | StmtKind::TryStar(t) => self.conditional(|b| {
                b.stmts(&t.body)?;
                for h in &t.handlers {
                    b.opt(h.type_.as_deref())?;
                    if let Some(name) = &h.name {
                        b.add(name, def::LOCAL, h.span)?;
                        let name = b.mangled(name);
                        b.scope().unbound.push(name);
                    }
                    b.stmts(&h.body)?;
                }
                b.stmts(&t.orelse)?;
                b.stmts(&t.finalbody)
            }),
            StmtKind::Assert { test, msg } => {
                self.expr(test)?;
                self.opt(msg.as_deref())
            }
            StmtKind::Import { names } => names.iter().try_for_each(|a| self.alias(a)),
            StmtKind::ImportFrom { names, .. } => names.iter().try_for_each(|a| self.alias(a)),
            StmtKind::Global { names } => names
                .iter()
                .try_for_each(|n| self.declare(n, def::GLOBAL, span)),
            StmtKind::Nonlocal { names } => names
                .iter()
                .try_for_each(|n| self.declare(n, def::NONLOCAL, span)),
            StmtKind::Expr { value } => self.expr(value),
            StmtKind::Pass | StmtKind::Break | StmtKind::Continue => Ok(()),
        }
    }

    fn need_async(&mut self, msg: &str, span: Span) -> Result<()> {
        if self.cur == 0 && self.table.future.top_level_await {
            self.scope().coroutine = true;
            return Ok(());
        }
        let scope = &self.table.scopes[self.cur];
        if scope.kind == ScopeKind::Function && scope.coroutine && scope.comp.is_none() {
            return Ok(());
        }
        Err(CompileError::syntax(msg, span))
    }

    fn declare(&mut self, name: &Rc<str>, flag: u32, span: Span) -> Result<()> {
        let word = if flag == def::GLOBAL {
            "global"
        } else {
            "nonlocal"
        };
        let cur = self.flags(name);
        let msg = if cur & def::PARAM != 0 {
            format!("name '{name}' is parameter and {word}")
        } else if cur & def::USE != 0 {
            format!("name '{name}' is used prior to {word} declaration")
        } else if cur & def::ANNOT != 0 {
            format!("annotated name '{name}' can't be {word}")
        } else if cur & def::LOCAL != 0 {
            format!("name '{name}' is assigned to before {word} declaration")
        } else {
            self.add(name, flag, span)?;
            let mangled = self.mangled(name);
            self.scope().directives.push((mangled, span));
            return Ok(());
        };
        Err(CompileError::syntax(msg, span))
    }

    fn alias(&mut self, a: &Alias) -> Result<()> {
        if &*a.name == "*" {
            return if self.table.scopes[self.cur].kind == ScopeKind::Module {
                Ok(())
            } else {
                Err(CompileError::syntax(
                    "import * only allowed at module level",
                    a.span,
                ))
            };
        }
        let name = match &a.asname {
            Some(name) => name.clone(),
            None => match a.name.split_once('.') {
                Some((head, _)) => head.into(),
                None => a.name.clone(),
            },
        };
        self.add(&name, def::IMPORT, a.span)
    }

    fn opt(&mut self, e: Option<&Expr>) -> Result<()> {
        e.map_or(Ok(()), |e| self.expr(e))
    }

    pub(super) fn exprs(&mut self, es: &[Expr]) -> Result<()> {
        es.iter().try_for_each(|e| self.expr(e))
    }

    pub(super) fn expr(&mut self, e: &Expr) -> Result<()> {
        match &e.kind {
            // The leaves need no room on the stack.
            ExprKind::Constant { .. } => Ok(()),
            ExprKind::Name { id, ctx } => self.name(id, *ctx, e.span),
            _ => deep(|| self.expr_inner(e)),
        }
    }

    fn name(&mut self, id: &Rc<str>, ctx: ExprContext, span: Span) -> Result<()> {
        if ctx == ExprContext::Load {
            self.add(id, def::USE, span)?;
            if matches!(&**id, "locals" | "vars" | "dir" | "eval" | "exec") {
                self.frame_visible();
            }
            if &**id == "super" && self.table.scopes[self.cur].is_function_like() {
                self.put("__class__".into(), def::USE, span);
            }
            return Ok(());
        }
        if ctx == ExprContext::Del {
            if &**id == "__debug__" {
                return Err(CompileError::syntax("cannot delete __debug__", span));
            }
            let name = self.mangled(id);
            self.scope().unbound.push(name);
        }
        self.add(id, def::LOCAL, span)
    }

    fn expr_inner(&mut self, e: &Expr) -> Result<()> {
        match &e.kind {
            ExprKind::BoolOp { values, .. } => self.exprs(values),
            ExprKind::NamedExpr { target, value } => {
                self.not_in_annotation("named expression", e.span)?;
                self.named_expr(target, value, e.span)
            }
            ExprKind::BinOp { left, right, .. } => {
                self.expr(left)?;
                self.expr(right)
            }
            ExprKind::UnaryOp { operand, .. } => self.expr(operand),
            ExprKind::Lambda { args, body } => self.lambda(e, args, body),
            ExprKind::IfExp { test, body, orelse } => {
                self.expr(test)?;
                self.expr(body)?;
                self.expr(orelse)
            }
            ExprKind::Dict { keys, values } => {
                for (k, v) in keys.iter().zip(values) {
                    self.opt(k.as_ref())?;
                    self.expr(v)?;
                }
                Ok(())
            }
            ExprKind::Set { elts } | ExprKind::List { elts, .. } | ExprKind::Tuple { elts, .. } => {
                self.exprs(elts)
            }
            ExprKind::ListComp { elt, generators } => {
                self.comprehension(e, "listcomp", CompKind::List, generators, elt, None)
            }
            ExprKind::SetComp { elt, generators } => {
                self.comprehension(e, "setcomp", CompKind::Set, generators, elt, None)
            }
            ExprKind::DictComp {
                key,
                value,
                generators,
            } => self.comprehension(e, "dictcomp", CompKind::Dict, generators, key, Some(value)),
            ExprKind::GeneratorExp { elt, generators } => {
                self.comprehension(e, "genexpr", CompKind::Generator, generators, elt, None)
            }
            ExprKind::Await { value } => {
                self.not_in_annotation("await expression", e.span)?;
                let top_level = self.cur == 0 && self.table.future.top_level_await;
                if !top_level {
                    let scope = &self.table.scopes[self.cur];
                    if !scope.is_function_like() {
                        return Err(CompileError::syntax("'await' outside function", e.span));
                    }
                    if !scope.coroutine && scope.comp.is_none() {
                        return Err(CompileError::syntax(
                            "'await' outside async function",
                            e.span,
                        ));
                    }
                }
                self.expr(value)?;
                self.scope().coroutine = true;
                Ok(())
            }
            ExprKind::Yield { value } => {
                self.not_in_annotation("yield expression", e.span)?;
                self.opt(value.as_deref())?;
                self.scope().generator = true;
                self.not_in_comprehension(e.span)
            }
            ExprKind::YieldFrom { value } => {
                self.not_in_annotation("yield expression", e.span)?;
                self.expr(value)?;
                self.scope().generator = true;
                self.not_in_comprehension(e.span)
            }
            ExprKind::Compare {
                left, comparators, ..
            } => {
                self.expr(left)?;
                self.exprs(comparators)
            }
            ExprKind::Call {
                func,
                args,
                keywords,
            } => {
                self.expr(func)?;
                self.exprs(args)?;
                self.keywords(keywords)
            }
            ExprKind::FormattedValue {
                value, format_spec, ..
            }
            | ExprKind::Interpolation {
                value, format_spec, ..
            } => {
                self.expr(value)?;
                self.opt(format_spec.as_deref())
            }
            ExprKind::JoinedStr { values } | ExprKind::TemplateStr { values } => self.exprs(values),
            ExprKind::Attribute { value, attr, ctx } => {
                if &**attr == "_getframe" {
                    self.frame_visible();
                }
                if *ctx == ExprContext::Store
                    && let ExprKind::Name { id, .. } = &value.kind
                    && &**id == "self"
                {
                    self.static_attribute(attr);
                }
                self.expr(value)
            }
            ExprKind::Subscript { value, slice, .. } => {
                self.expr(value)?;
                self.expr(slice)
            }
            ExprKind::Starred { value, .. } => self.expr(value),
            ExprKind::Slice { lower, upper, step } => {
                self.opt(lower.as_deref())?;
                self.opt(upper.as_deref())?;
                self.opt(step.as_deref())
            }
            ExprKind::Constant { .. } => Ok(()),
            ExprKind::Name { id, ctx } => self.name(id, *ctx, e.span),
        }
    }

    pub(super) fn keywords(&mut self, keywords: &[Keyword]) -> Result<()> {
        for k in keywords {
            if k.arg.as_deref() == Some("__debug__") {
                return Err(CompileError::syntax("cannot assign to __debug__", k.span));
            }
            self.expr(&k.value)?;
        }
        Ok(())
    }

    /// Something here looks at the frame's variables by name.
    fn frame_visible(&mut self) {
        let mut at = Some(self.cur);
        while let Some(id) = at {
            let scope = &mut self.table.scopes[id];
            if scope.comp.is_none() {
                return;
            }
            scope.frame_visible = true;
            at = scope.parent;
        }
    }

    fn static_attribute(&mut self, attr: &Rc<str>) {
        let mut at = Some(self.cur);
        while let Some(id) = at {
            let scope = &mut self.table.scopes[id];
            if scope.kind == ScopeKind::Class {
                if id != self.cur && !scope.static_attributes.contains(attr) {
                    scope.static_attributes.push(attr.clone());
                }
                return;
            }
            at = scope.parent;
        }
    }

    fn not_in_comprehension(&self, span: Span) -> Result<()> {
        let what = match self.table.scopes[self.cur].comp {
            None => return Ok(()),
            Some(CompKind::List) => "'yield' inside list comprehension",
            Some(CompKind::Set) => "'yield' inside set comprehension",
            Some(CompKind::Dict) => "'yield' inside dict comprehension",
            Some(CompKind::Generator) => "'yield' inside generator expression",
        };
        Err(CompileError::syntax(what, span))
    }

    fn not_in_annotation(&self, what: &str, span: Span) -> Result<()> {
        let scope = &self.table.scopes[self.cur];
        let msg = match scope.kind {
            _ if scope.unevaluated_annotation => {
                format!("{what} cannot be used within an annotation")
            }
            ScopeKind::Annotation => format!("{what} cannot be used within an annotation"),
            ScopeKind::TypeVariable => format!("{what} cannot be used within {}", scope.what),
            ScopeKind::TypeAlias => format!("{what} cannot be used within a type alias"),
            ScopeKind::TypeParameters => {
                format!("{what} cannot be used within the definition of a generic")
            }
            _ => return Ok(()),
        };
        Err(CompileError::syntax(msg, span))
    }

    fn named_expr(&mut self, target: &Expr, value: &Expr, span: Span) -> Result<()> {
        let scope = &self.table.scopes[self.cur];
        if scope.comp_iter_expr > 0 {
            return Err(CompileError::syntax(
                "assignment expression cannot be used in a comprehension iterable expression",
                span,
            ));
        }
        if let ExprKind::Name { id, .. } = &target.kind {
            if scope.comp.is_some() {
                self.extend_named_expr(id, target.span)?;
            } else {
                let name = self.mangled(id);
                self.scope().walrus.push(name);
            }
        }
        self.expr(value)?;
        self.expr(target)
    }

    /// A name bound by `:=` within comprehensions belongs to the function or module around them.
    fn extend_named_expr(&mut self, id: &Rc<str>, span: Span) -> Result<()> {
        let name = self.mangled(id);
        let mut at = Some(self.cur);
        while let Some(scope_id) = at {
            let scope = &self.table.scopes[scope_id];
            let flags = scope.get(&name).map_or(0, |s| s.flags);
            at = scope.parent;
            if scope.comp.is_some() {
                if flags & def::COMP_ITER != 0 && flags & (def::LOCAL | def::GLOBAL) != 0 {
                    return Err(CompileError::syntax(
                        format!(
                            "assignment expression cannot rebind comprehension iteration variable '{id}'"
                        ),
                        span,
                    ));
                }
                continue;
            }
            let msg = match scope.kind {
                ScopeKind::Function | ScopeKind::Annotation => {
                    let how = if flags & def::GLOBAL != 0 {
                        def::GLOBAL
                    } else {
                        def::NONLOCAL
                    };
                    self.add(id, how, span)?;
                    self.scope().directives.push((name.clone(), span));
                    self.table.scopes[scope_id].walrus.push(name);
                    return self.add_in(scope_id, id, def::LOCAL, span);
                }
                ScopeKind::Module => {
                    self.add(id, def::GLOBAL, span)?;
                    self.scope().directives.push((name, span));
                    return self.add_in(scope_id, id, def::GLOBAL, span);
                }
                ScopeKind::Class => {
                    "assignment expression within a comprehension cannot be used in a class body"
                }
                ScopeKind::TypeParameters => {
                    "assignment expression within a comprehension cannot be used within the definition of a generic"
                }
                ScopeKind::TypeAlias => {
                    "assignment expression within a comprehension cannot be used in a type alias"
                }
                ScopeKind::TypeVariable => {
                    "assignment expression within a comprehension cannot be used in a TypeVar bound"
                }
            };
            return Err(CompileError::syntax(msg, span));
        }
        Ok(())
    }

    fn comprehension(
        &mut self,
        e: &Expr,
        name: &str,
        kind: CompKind,
        generators: &[Comprehension],
        elt: &Expr,
        value: Option<&Expr>,
    ) -> Result<()> {
        let Some((first, rest)) = generators.split_first() else {
            return Err(CompileError::value(
                "comprehension with no generators",
                e.span,
            ));
        };
        // The outermost iterable belongs to the scope around.
        self.scope().comp_iter_expr += 1;
        self.expr(&first.iter)?;
        self.scope().comp_iter_expr -= 1;
        let before = self.enter(name.into(), ScopeKind::Function, key(e), Part::Body, e.span);
        let scope = self.scope();
        scope.comp = Some(kind);
        scope.method = false;
        scope.coroutine = first.is_async;
        self.put(".0".into(), def::PARAM | def::USE, e.span);
        self.scope().params.push(".0".into());
        self.comp_target(&first.target)?;
        self.exprs(&first.ifs)?;
        for g in rest {
            // In the order of evaluation, to see what is read before it is bound.
            self.scope().comp_iter_expr += 1;
            self.expr(&g.iter)?;
            self.scope().comp_iter_expr -= 1;
            self.comp_target(&g.target)?;
            self.exprs(&g.ifs)?;
            if g.is_async {
                self.scope().coroutine = true;
            }
        }
        // CPython looks at a dict's value first, which shows in the order of errors.
        self.opt(value)?;
        self.expr(elt)?;
        let generator = kind == CompKind::Generator;
        let scope = self.scope();
        scope.generator = generator;
        let is_async = scope.coroutine && !generator;
        self.cur = before;
        if is_async {
            self.scope().coroutine = true;
        }
        Ok(())
    }

    fn comp_target(&mut self, target: &Expr) -> Result<()> {
        self.scope().comp_iter_target = true;
        self.expr(target)?;
        self.scope().comp_iter_target = false;
        Ok(())
    }
}
