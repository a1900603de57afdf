//! `PyCF_OPTIMIZED_AST`: what is constant becomes so, docstrings go.

use std::rc::Rc;

use super::grammar::grammar;
use taipan_compiler::optimize::{pattern_constant, percent};
use taipan_syntax::ast::{self, Constant, PyString};

/// How to optimise.
#[derive(Clone, Copy)]
pub struct Options {
    /// 0 to 2.
    pub level: u8,
    /// Annotations are not evaluated.
    pub future_annotations: bool,
}

/// Optimises a tree.
pub fn tree(tree: &mut ast::Mod, mut options: Options) {
    if let ast::Mod::Module { body, .. } | ast::Mod::Interactive { body } = tree {
        options.future_annotations |= body.iter().any(|s| match &s.kind {
            ast::StmtKind::ImportFrom { module: Some(m), names, .. } => {
                &**m == "__future__" && names.iter().any(|n| &*n.name == "annotations")
            }
            _ => false,
        });
    }
    tree.fold(options);
}

/// A part of a tree. The recursion is as deep as the parser's, which has checked the stack.
trait Fold {
    fn fold(&mut self, o: Options);
}

impl<T: Fold> Fold for Box<T> {
    fn fold(&mut self, o: Options) {
        stacker::maybe_grow(64 * 1024, 1 << 20, || (**self).fold(o));
    }
}

impl<T: Fold> Fold for Option<T> {
    fn fold(&mut self, o: Options) {
        if let Some(t) = self {
            t.fold(o);
        }
    }
}

impl<T: Fold> Fold for Vec<T> {
    fn fold(&mut self, o: Options) {
        self.iter_mut().for_each(|t| t.fold(o));
    }
}

macro_rules! leaves {
    ($($t:ty)*) => {$(
        impl Fold for $t {
            fn fold(&mut self, _: Options) {}
        }
    )*};
}
leaves!(Rc<str> PyString char bool u32 i32 Constant);

/// The changes that a class of nodes is in for, before and after its parts.
trait Change {
    fn before(&mut self, _: Options) {}
    fn after(&mut self, _: Options) {}
}

fn docstring(body: &mut Vec<ast::Stmt>, o: Options) {
    let is_text = |s: &ast::Stmt| {
        matches!(&s.kind, ast::StmtKind::Expr { value }
            if matches!(value.kind, ast::ExprKind::Constant { value: Constant::Str(_), .. }))
    };
    if o.level < 2 || !body.first().is_some_and(is_text) {
        return;
    }
    if body.len() == 1 {
        if let Some(s) = body.first_mut() {
            s.kind = ast::StmtKind::Pass;
        }
        return;
    }
    body.remove(0);
    // The next text must not become the docstring.
    if let Some(ast::Stmt { kind: ast::StmtKind::Expr { value }, .. }) = body.first_mut()
        && let ast::ExprKind::Constant { value: Constant::Str(_), .. } = &value.kind
    {
        let span = value.span;
        let kind = std::mem::replace(&mut value.kind, ast::ExprKind::JoinedStr { values: Vec::new() });
        value.kind = ast::ExprKind::JoinedStr { values: vec![ast::Expr { kind, span }] };
    }
}

impl Change for ast::Mod {
    fn before(&mut self, o: Options) {
        if let ast::Mod::Module { body, .. } = self {
            docstring(body, o);
        }
    }
}

impl Change for ast::Stmt {
    fn before(&mut self, o: Options) {
        match &mut self.kind {
            ast::StmtKind::FunctionDef(f) | ast::StmtKind::AsyncFunctionDef(f) => docstring(&mut f.body, o),
            ast::StmtKind::ClassDef(c) => docstring(&mut c.body, o),
            _ => {}
        }
    }
}

impl Change for ast::Expr {
    fn after(&mut self, o: Options) {
        match &self.kind {
            ast::ExprKind::Name { id, ctx: ast::ExprContext::Load } if &**id == "__debug__" => {
                let value = if o.level == 0 { Constant::True } else { Constant::False };
                self.kind = ast::ExprKind::Constant { value, kind: None };
            }
            ast::ExprKind::BinOp { op: ast::Operator::Mod, .. } => percent(self),
            _ => {}
        }
    }
}

impl Change for ast::Pattern {
    fn before(&mut self, _: Options) {
        match &mut self.kind {
            ast::PatternKind::MatchValue { value } => pattern_constant(value),
            ast::PatternKind::MatchMapping { keys, .. } => keys.iter_mut().for_each(pattern_constant),
            _ => {}
        }
    }
}

impl Change for ast::TypeParam {}

fn field<T: Fold>(o: Options, name: &str, t: &mut T) {
    if !(o.future_annotations && matches!(name, "annotation" | "returns")) {
        t.fold(o);
    }
}

/// Matches a variant: by its fields, or by the box of them.
macro_rules! pattern {
    ($K:ident $C:ident $b:ident [] $($f:ident)*) => { ast::$K::$C { $($f),* } };
    ($K:ident $C:ident $b:ident [boxed $S:ident] $($f:ident)*) => { ast::$K::$C($b) };
}

/// Opens the box.
macro_rules! open {
    ($b:ident [] $($f:ident)*) => {};
    ($b:ident [boxed $S:ident] $($f:ident)*) => { let ast::$S { $($f),* } = &mut **$b; };
}
macro_rules! folders {
    (
        sums { $($m:literal $M:ident { $($mc:ident [] { $($mt:literal $mf:ident),* })* })* }
        placed { $($p:literal $P:ident $K:ident { $($pc:ident $b:tt { $($pt:literal $pf:ident),* })* })* }
        single { $($s:literal $S:ident $span:tt { $($st:literal $sf:ident),* })* }
        simple { $($n:literal $E:ident { $($v:ident)* })* }
        products { $($r:literal $R:ident $rspan:tt { $($rt:literal $rf:ident),* })* }
    ) => {
        $(impl Fold for ast::$M {
            fn fold(&mut self, o: Options) {
                self.before(o);
                match self {
                    $(ast::$M::$mc { $($mf),* } => { $(field(o, stringify!($mf), $mf);)* })*
                }
                self.after(o);
            }
        })*
        $(impl Fold for ast::$P {
            fn fold(&mut self, o: Options) {
                self.before(o);
                match &mut self.kind {
                    $(pattern!($K $pc boxed $b $($pf)*) => {
                        open!(boxed $b $($pf)*);
                        $(field(o, stringify!($pf), $pf);)*
                    })*
                }
                self.after(o);
            }
        })*
        $(impl Fold for ast::$S {
            fn fold(&mut self, o: Options) {
                $(field(o, stringify!($sf), &mut self.$sf);)*
            }
        })*
        leaves!($(ast::$E)*);
        $(impl Fold for ast::$R {
            fn fold(&mut self, o: Options) {
                $(field(o, stringify!($rf), &mut self.$rf);)*
            }
        })*
    };
}
grammar!(folders);
