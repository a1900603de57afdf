//! `from __future__ import ...`

use taipan_syntax::ast::{Constant, ExprKind, Mod, Span, Stmt, StmtKind};

use crate::Options;
use crate::errors::{CompileError, Result};

/// The optional behaviour that is on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FutureFeatures {
    /// Annotations are strings.
    pub annotations: bool,
    /// `<>` instead of `!=`.
    pub barry_as_bdfl: bool,
    /// `PyCF_ALLOW_TOP_LEVEL_AWAIT`: a module body may be a coroutine.
    pub top_level_await: bool,
}

/// Reads the future statements at the start of a tree; the options' own flags are added.
pub(crate) fn scan(tree: &Mod, options: &Options) -> Result<FutureFeatures> {
    let mut found = options.future;
    let (Mod::Module { body, .. } | Mod::Interactive { body }) = tree else {
        return Ok(found);
    };
    let mut first = true;
    for (i, stmt) in body.iter().enumerate() {
        match &stmt.kind {
            StmtKind::ImportFrom {
                module: Some(module),
                names,
                level: 0,
            } if &**module == "__future__" => {
                for alias in names {
                    feature(&alias.name, alias.span, &mut found)?;
                }
                first = false;
            }
            StmtKind::Expr { value }
                if first
                    && i == 0
                    && matches!(
                        value.kind,
                        ExprKind::Constant {
                            value: Constant::Str(_),
                            ..
                        }
                    ) =>
            {
                first = false;
            }
            _ => break,
        }
    }
    Ok(found)
}

fn feature(name: &str, span: Span, found: &mut FutureFeatures) -> Result<()> {
    match name {
        "nested_scopes" | "generators" | "division" | "absolute_import" | "with_statement"
        | "print_function" | "unicode_literals" | "generator_stop" => {}
        "barry_as_FLUFL" => found.barry_as_bdfl = true,
        "annotations" => found.annotations = true,
        "braces" => return Err(CompileError::syntax("not a chance", span)),
        _ => {
            return Err(CompileError::syntax(
                format!("future feature {name} is not defined"),
                span,
            ));
        }
    }
    Ok(())
}

/// How many statements at the start of a module may be future statements (with the docstring).
pub(crate) fn prefix_len(body: &[Stmt]) -> usize {
    let mut n = 0;
    for (i, stmt) in body.iter().enumerate() {
        match &stmt.kind {
            StmtKind::ImportFrom {
                module: Some(module),
                level: 0,
                ..
            } if &**module == "__future__" => n = i + 1,
            StmtKind::Expr { value }
                if i == 0
                    && matches!(
                        value.kind,
                        ExprKind::Constant {
                            value: Constant::Str(_),
                            ..
                        }
                    ) =>
            {
                n = 1;
            }
            _ => break,
        }
    }
    n
}
