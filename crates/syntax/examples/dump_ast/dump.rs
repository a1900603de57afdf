//! `ast.dump(tree, include_attributes=True)` for our trees.

use std::fmt::Write;
use taipan_syntax::ast::*;
use taipan_syntax::repr;

struct Dump {
    out: String,
    first: bool,
}

impl Dump {
    fn open(&mut self, name: &str) -> bool {
        self.out.push_str(name);
        self.out.push('(');
        std::mem::replace(&mut self.first, true)
    }

    fn close(&mut self, outer: bool) {
        self.out.push(')');
        self.first = outer;
    }

    fn key(&mut self, key: &str) {
        if !std::mem::replace(&mut self.first, false) {
            self.out.push_str(", ");
        }
        self.out.push_str(key);
        self.out.push('=');
    }

    fn raw(&mut self, key: &str, value: impl std::fmt::Display) {
        self.key(key);
        let _ = write!(self.out, "{value}");
    }

    fn name(&mut self, key: &str, name: &str) {
        self.raw(key, repr(&Constant::Str(PyString::from(name))));
    }

    fn opt_name(&mut self, key: &str, name: Option<&str>) {
        if let Some(name) = name {
            self.name(key, name);
        }
    }

    fn span(&mut self, span: Span) {
        self.raw("lineno", span.line);
        self.raw("col_offset", span.col);
        self.raw("end_lineno", span.end_line);
        self.raw("end_col_offset", span.end_col);
    }

    fn list<T>(&mut self, key: &str, items: &[T], each: impl Fn(&mut Self, &T)) {
        if items.is_empty() {
            return;
        }
        self.key(key);
        self.out.push('[');
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.out.push_str(", ");
            }
            each(self, item);
        }
        self.out.push(']');
    }

    fn names(&mut self, key: &str, names: &[Name]) {
        self.list(key, names, |d, n| {
            let text = repr(&Constant::Str(PyString::from(&**n)));
            d.out.push_str(&text);
        });
    }

    fn e(&mut self, key: &str, expr: &Expr) {
        self.key(key);
        self.expr(expr);
    }

    fn oe(&mut self, key: &str, expr: &Option<Box<Expr>>) {
        if let Some(expr) = expr {
            self.e(key, expr);
        }
    }

    fn es(&mut self, key: &str, exprs: &[Expr]) {
        self.list(key, exprs, |d, e| d.expr(e));
    }

    fn stmts(&mut self, key: &str, stmts: &[Stmt]) {
        self.list(key, stmts, |d, s| d.stmt(s));
    }

    fn keywords(&mut self, keywords: &[Keyword]) {
        self.list("keywords", keywords, |d, k| {
            let outer = d.open("keyword");
            d.opt_name("arg", k.arg.as_deref());
            d.e("value", &k.value);
            d.span(k.span);
            d.close(outer);
        });
    }

    fn arg(&mut self, arg: &Arg) {
        let outer = self.open("arg");
        self.name("arg", &arg.arg);
        self.oe("annotation", &arg.annotation);
        self.opt_name("type_comment", arg.type_comment.as_deref());
        self.span(arg.span);
        self.close(outer);
    }

    fn arguments(&mut self, key: &str, a: &Arguments) {
        self.key(key);
        let outer = self.open("arguments");
        self.list("posonlyargs", &a.posonlyargs, |d, a| d.arg(a));
        self.list("args", &a.args, |d, a| d.arg(a));
        if let Some(arg) = &a.vararg {
            self.key("vararg");
            self.arg(arg);
        }
        self.list("kwonlyargs", &a.kwonlyargs, |d, a| d.arg(a));
        self.list("kw_defaults", &a.kw_defaults, |d, e| match e {
            Some(e) => d.expr(e),
            None => d.out.push_str("None"),
        });
        if let Some(arg) = &a.kwarg {
            self.key("kwarg");
            self.arg(arg);
        }
        self.es("defaults", &a.defaults);
        self.close(outer);
    }

    fn type_params(&mut self, params: &[TypeParam]) {
        self.list("type_params", params, |d, p| {
            let (kind, name, bound, default) = match &p.kind {
                TypeParamKind::TypeVar {
                    name,
                    bound,
                    default_value,
                } => ("TypeVar", name, bound, default_value),
                TypeParamKind::ParamSpec {
                    name,
                    default_value,
                } => ("ParamSpec", name, &None, default_value),
                TypeParamKind::TypeVarTuple {
                    name,
                    default_value,
                } => ("TypeVarTuple", name, &None, default_value),
            };
            let outer = d.open(kind);
            d.name("name", name);
            d.oe("bound", bound);
            d.oe("default_value", default);
            d.span(p.span);
            d.close(outer);
        });
    }

    fn aliases(&mut self, names: &[Alias]) {
        self.list("names", names, |d, a| {
            let outer = d.open("alias");
            d.name("name", &a.name);
            d.opt_name("asname", a.asname.as_deref());
            d.span(a.span);
            d.close(outer);
        });
    }

    fn generators(&mut self, generators: &[Comprehension]) {
        self.list("generators", generators, |d, c| {
            let outer = d.open("comprehension");
            d.e("target", &c.target);
            d.e("iter", &c.iter);
            d.es("ifs", &c.ifs);
            d.raw("is_async", c.is_async as u8);
            d.close(outer);
        });
    }

    fn pattern(&mut self, p: &Pattern) {
        let outer;
        match &p.kind {
            PatternKind::MatchValue { value } => {
                outer = self.open("MatchValue");
                self.e("value", value);
            }
            PatternKind::MatchSingleton { value } => {
                outer = self.open("MatchSingleton");
                self.raw("value", repr(value));
            }
            PatternKind::MatchSequence { patterns } => {
                outer = self.open("MatchSequence");
                self.list("patterns", patterns, |d, p| d.pattern(p));
            }
            PatternKind::MatchMapping {
                keys,
                patterns,
                rest,
            } => {
                outer = self.open("MatchMapping");
                self.es("keys", keys);
                self.list("patterns", patterns, |d, p| d.pattern(p));
                self.opt_name("rest", rest.as_deref());
            }
            PatternKind::MatchClass {
                cls,
                patterns,
                kwd_attrs,
                kwd_patterns,
            } => {
                outer = self.open("MatchClass");
                self.e("cls", cls);
                self.list("patterns", patterns, |d, p| d.pattern(p));
                self.names("kwd_attrs", kwd_attrs);
                self.list("kwd_patterns", kwd_patterns, |d, p| d.pattern(p));
            }
            PatternKind::MatchStar { name } => {
                outer = self.open("MatchStar");
                self.opt_name("name", name.as_deref());
            }
            PatternKind::MatchAs { pattern, name } => {
                outer = self.open("MatchAs");
                if let Some(p) = pattern {
                    self.key("pattern");
                    self.pattern(p);
                }
                self.opt_name("name", name.as_deref());
            }
            PatternKind::MatchOr { patterns } => {
                outer = self.open("MatchOr");
                self.list("patterns", patterns, |d, p| d.pattern(p));
            }
        }
        self.span(p.span);
        self.close(outer);
    }

    fn stmt(&mut self, s: &Stmt) {
        let outer;
        match &s.kind {
            StmtKind::FunctionDef(f) | StmtKind::AsyncFunctionDef(f) => {
                let is_async = matches!(s.kind, StmtKind::AsyncFunctionDef(_));
                outer = self.open(if is_async {
                    "AsyncFunctionDef"
                } else {
                    "FunctionDef"
                });
                self.name("name", &f.name);
                self.arguments("args", &f.args);
                self.stmts("body", &f.body);
                self.es("decorator_list", &f.decorator_list);
                self.oe("returns", &f.returns);
                self.opt_name("type_comment", f.type_comment.as_deref());
                self.type_params(&f.type_params);
            }
            StmtKind::ClassDef(c) => {
                outer = self.open("ClassDef");
                self.name("name", &c.name);
                self.es("bases", &c.bases);
                self.keywords(&c.keywords);
                self.stmts("body", &c.body);
                self.es("decorator_list", &c.decorator_list);
                self.type_params(&c.type_params);
            }
            StmtKind::Return { value } => {
                outer = self.open("Return");
                self.oe("value", value);
            }
            StmtKind::Delete { targets } => {
                outer = self.open("Delete");
                self.es("targets", targets);
            }
            StmtKind::Assign {
                targets,
                value,
                type_comment,
            } => {
                outer = self.open("Assign");
                self.es("targets", targets);
                self.e("value", value);
                self.opt_name("type_comment", type_comment.as_deref());
            }
            StmtKind::TypeAlias {
                name,
                type_params,
                value,
            } => {
                outer = self.open("TypeAlias");
                self.e("name", name);
                self.type_params(type_params);
                self.e("value", value);
            }
            StmtKind::AugAssign { target, op, value } => {
                outer = self.open("AugAssign");
                self.e("target", target);
                self.raw("op", format!("{op:?}()"));
                self.e("value", value);
            }
            StmtKind::AnnAssign {
                target,
                annotation,
                value,
                simple,
            } => {
                outer = self.open("AnnAssign");
                self.e("target", target);
                self.e("annotation", annotation);
                self.oe("value", value);
                self.raw("simple", *simple as u8);
            }
            StmtKind::For(f) | StmtKind::AsyncFor(f) => {
                let is_async = matches!(s.kind, StmtKind::AsyncFor(_));
                outer = self.open(if is_async { "AsyncFor" } else { "For" });
                self.e("target", &f.target);
                self.e("iter", &f.iter);
                self.stmts("body", &f.body);
                self.stmts("orelse", &f.orelse);
                self.opt_name("type_comment", f.type_comment.as_deref());
            }
            StmtKind::While { test, body, orelse } => {
                outer = self.open("While");
                self.e("test", test);
                self.stmts("body", body);
                self.stmts("orelse", orelse);
            }
            StmtKind::If { test, body, orelse } => {
                outer = self.open("If");
                self.e("test", test);
                self.stmts("body", body);
                self.stmts("orelse", orelse);
            }
            StmtKind::With(w) | StmtKind::AsyncWith(w) => {
                let is_async = matches!(s.kind, StmtKind::AsyncWith(_));
                outer = self.open(if is_async { "AsyncWith" } else { "With" });
                self.list("items", &w.items, |d, i| {
                    let outer = d.open("withitem");
                    d.e("context_expr", &i.context_expr);
                    d.oe("optional_vars", &i.optional_vars);
                    d.close(outer);
                });
                self.stmts("body", &w.body);
                self.opt_name("type_comment", w.type_comment.as_deref());
            }
            StmtKind::Match { subject, cases } => {
                outer = self.open("Match");
                self.e("subject", subject);
                self.list("cases", cases, |d, c| {
                    let outer = d.open("match_case");
                    d.key("pattern");
                    d.pattern(&c.pattern);
                    d.oe("guard", &c.guard);
                    d.stmts("body", &c.body);
                    d.close(outer);
                });
            }
            StmtKind::Raise { exc, cause } => {
                outer = self.open("Raise");
                self.oe("exc", exc);
                self.oe("cause", cause);
            }
            StmtKind::Try(t) | StmtKind::TryStar(t) => {
                let star = matches!(s.kind, StmtKind::TryStar(_));
                outer = self.open(if star { "TryStar" } else { "Try" });
                self.stmts("body", &t.body);
                self.list("handlers", &t.handlers, |d, h| {
                    let outer = d.open("ExceptHandler");
                    d.oe("type", &h.type_);
                    d.opt_name("name", h.name.as_deref());
                    d.stmts("body", &h.body);
                    d.span(h.span);
                    d.close(outer);
                });
                self.stmts("orelse", &t.orelse);
                self.stmts("finalbody", &t.finalbody);
            }
            StmtKind::Assert { test, msg } => {
                outer = self.open("Assert");
                self.e("test", test);
                self.oe("msg", msg);
            }
            StmtKind::Import { names } => {
                outer = self.open("Import");
                self.aliases(names);
            }
            StmtKind::ImportFrom {
                module,
                names,
                level,
            } => {
                outer = self.open("ImportFrom");
                self.opt_name("module", module.as_deref());
                self.aliases(names);
                self.raw("level", level);
            }
            StmtKind::Global { names } => {
                outer = self.open("Global");
                self.names("names", names);
            }
            StmtKind::Nonlocal { names } => {
                outer = self.open("Nonlocal");
                self.names("names", names);
            }
            StmtKind::Expr { value } => {
                outer = self.open("Expr");
                self.e("value", value);
            }
            StmtKind::Pass => outer = self.open("Pass"),
            StmtKind::Break => outer = self.open("Break"),
            StmtKind::Continue => outer = self.open("Continue"),
        }
        self.span(s.span);
        self.close(outer);
    }

    fn ctx(&mut self, ctx: &ExprContext) {
        self.raw("ctx", format!("{ctx:?}()"));
    }

    fn expr(&mut self, e: &Expr) {
        let outer;
        match &e.kind {
            ExprKind::BoolOp { op, values } => {
                outer = self.open("BoolOp");
                self.raw("op", format!("{op:?}()"));
                self.es("values", values);
            }
            ExprKind::NamedExpr { target, value } => {
                outer = self.open("NamedExpr");
                self.e("target", target);
                self.e("value", value);
            }
            ExprKind::BinOp { left, op, right } => {
                outer = self.open("BinOp");
                self.e("left", left);
                self.raw("op", format!("{op:?}()"));
                self.e("right", right);
            }
            ExprKind::UnaryOp { op, operand } => {
                outer = self.open("UnaryOp");
                self.raw("op", format!("{op:?}()"));
                self.e("operand", operand);
            }
            ExprKind::Lambda { args, body } => {
                outer = self.open("Lambda");
                self.arguments("args", args);
                self.e("body", body);
            }
            ExprKind::IfExp { test, body, orelse } => {
                outer = self.open("IfExp");
                self.e("test", test);
                self.e("body", body);
                self.e("orelse", orelse);
            }
            ExprKind::Dict { keys, values } => {
                outer = self.open("Dict");
                self.list("keys", keys, |d, k| match k {
                    Some(k) => d.expr(k),
                    None => d.out.push_str("None"),
                });
                self.es("values", values);
            }
            ExprKind::Set { elts } => {
                outer = self.open("Set");
                self.es("elts", elts);
            }
            ExprKind::ListComp { elt, generators } => {
                outer = self.open("ListComp");
                self.e("elt", elt);
                self.generators(generators);
            }
            ExprKind::SetComp { elt, generators } => {
                outer = self.open("SetComp");
                self.e("elt", elt);
                self.generators(generators);
            }
            ExprKind::DictComp {
                key,
                value,
                generators,
            } => {
                outer = self.open("DictComp");
                self.e("key", key);
                self.e("value", value);
                self.generators(generators);
            }
            ExprKind::GeneratorExp { elt, generators } => {
                outer = self.open("GeneratorExp");
                self.e("elt", elt);
                self.generators(generators);
            }
            ExprKind::Await { value } => {
                outer = self.open("Await");
                self.e("value", value);
            }
            ExprKind::Yield { value } => {
                outer = self.open("Yield");
                self.oe("value", value);
            }
            ExprKind::YieldFrom { value } => {
                outer = self.open("YieldFrom");
                self.e("value", value);
            }
            ExprKind::Compare {
                left,
                ops,
                comparators,
            } => {
                outer = self.open("Compare");
                self.e("left", left);
                self.list("ops", ops, |d, op| {
                    let _ = write!(d.out, "{op:?}()");
                });
                self.es("comparators", comparators);
            }
            ExprKind::Call {
                func,
                args,
                keywords,
            } => {
                outer = self.open("Call");
                self.e("func", func);
                self.es("args", args);
                self.keywords(keywords);
            }
            ExprKind::FormattedValue {
                value,
                conversion,
                format_spec,
            } => {
                outer = self.open("FormattedValue");
                self.e("value", value);
                self.raw("conversion", conversion);
                self.oe("format_spec", format_spec);
            }
            ExprKind::Interpolation {
                value,
                str,
                conversion,
                format_spec,
            } => {
                outer = self.open("Interpolation");
                self.e("value", value);
                self.raw("str", repr(&Constant::Str(str.clone())));
                self.raw("conversion", conversion);
                self.oe("format_spec", format_spec);
            }
            ExprKind::JoinedStr { values } => {
                outer = self.open("JoinedStr");
                self.es("values", values);
            }
            ExprKind::TemplateStr { values } => {
                outer = self.open("TemplateStr");
                self.es("values", values);
            }
            ExprKind::Constant { value, kind } => {
                outer = self.open("Constant");
                self.raw("value", repr(value));
                if kind.is_some() {
                    self.raw("kind", "'u'");
                }
            }
            ExprKind::Attribute { value, attr, ctx } => {
                outer = self.open("Attribute");
                self.e("value", value);
                self.name("attr", attr);
                self.ctx(ctx);
            }
            ExprKind::Subscript { value, slice, ctx } => {
                outer = self.open("Subscript");
                self.e("value", value);
                self.e("slice", slice);
                self.ctx(ctx);
            }
            ExprKind::Starred { value, ctx } => {
                outer = self.open("Starred");
                self.e("value", value);
                self.ctx(ctx);
            }
            ExprKind::Name { id, ctx } => {
                outer = self.open("Name");
                self.name("id", id);
                self.ctx(ctx);
            }
            ExprKind::List { elts, ctx } => {
                outer = self.open("List");
                self.es("elts", elts);
                self.ctx(ctx);
            }
            ExprKind::Tuple { elts, ctx } => {
                outer = self.open("Tuple");
                self.es("elts", elts);
                self.ctx(ctx);
            }
            ExprKind::Slice { lower, upper, step } => {
                outer = self.open("Slice");
                self.oe("lower", lower);
                self.oe("upper", upper);
                self.oe("step", step);
            }
        }
        self.span(e.span);
        self.close(outer);
    }
}

/// The dump of a whole tree.
pub fn dump(module: &Mod) -> String {
    let mut dump = Dump {
        out: String::new(),
        first: true,
    };
    match module {
        Mod::Module { body, type_ignores } => {
            let outer = dump.open("Module");
            dump.stmts("body", body);
            dump.list("type_ignores", type_ignores, |d, t| {
                let outer = d.open("TypeIgnore");
                d.raw("lineno", t.lineno);
                d.name("tag", &t.tag);
                d.close(outer);
            });
            dump.close(outer);
        }
        Mod::Interactive { body } => {
            let outer = dump.open("Interactive");
            dump.stmts("body", body);
            dump.close(outer);
        }
        Mod::Expression { body } => {
            let outer = dump.open("Expression");
            dump.e("body", body);
            dump.close(outer);
        }
        Mod::FunctionType { argtypes, returns } => {
            let outer = dump.open("FunctionType");
            dump.es("argtypes", argtypes);
            dump.e("returns", returns);
            dump.close(outer);
        }
    }
    dump.out
}
