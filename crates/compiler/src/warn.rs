//! `SyntaxWarning`s about what is legal but cannot be meant.

use taipan_syntax::ast::*;

use crate::compiler::Compiler;
use crate::errors::{Warning, WarningKind};
use crate::stmt::FKind;

/// The type of an expression, where the tree tells.
fn type_name(e: &Expr) -> Option<&'static str> {
    Some(match &e.kind {
        ExprKind::Tuple { .. } => "tuple",
        ExprKind::List { .. } | ExprKind::ListComp { .. } => "list",
        ExprKind::Dict { .. } | ExprKind::DictComp { .. } => "dict",
        ExprKind::Set { .. } | ExprKind::SetComp { .. } => "set",
        ExprKind::GeneratorExp { .. } => "generator",
        ExprKind::Lambda { .. } => "function",
        ExprKind::JoinedStr { .. } | ExprKind::FormattedValue { .. } => "str",
        ExprKind::TemplateStr { .. } | ExprKind::Interpolation { .. } => {
            "string.templatelib.Template"
        }
        ExprKind::Constant { value, .. } => constant_type(value),
        _ => return None,
    })
}

fn constant_type(c: &Constant) -> &'static str {
    match c {
        Constant::None => "NoneType",
        Constant::True | Constant::False => "bool",
        Constant::Ellipsis => "ellipsis",
        Constant::Int(_) | Constant::BigInt(_) => "int",
        Constant::Float(_) => "float",
        Constant::Complex(_) => "complex",
        Constant::Str(_) => "str",
        Constant::Bytes(_) => "bytes",
        Constant::Made(made) => match **made {
            Made::Int(_) => "int",
            Made::Complex(..) => "complex",
            Made::Tuple(_) => "tuple",
            Made::FrozenSet(_) => "frozenset",
        },
    }
}

impl Compiler<'_> {
    pub(crate) fn warn(&mut self, msg: impl Into<String>, span: Span) {
        // The copies of a `finally` body warn once.
        let warning = Warning {
            kind: WarningKind::Syntax,
            msg: msg.into(),
            span,
        };
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    pub(crate) fn warn_call(&mut self, func: &Expr) {
        if !matches!(
            func.kind,
            ExprKind::Constant { .. }
                | ExprKind::Tuple { .. }
                | ExprKind::List { .. }
                | ExprKind::ListComp { .. }
                | ExprKind::Dict { .. }
                | ExprKind::DictComp { .. }
                | ExprKind::Set { .. }
                | ExprKind::SetComp { .. }
                | ExprKind::GeneratorExp { .. }
                | ExprKind::JoinedStr { .. }
                | ExprKind::FormattedValue { .. }
                | ExprKind::TemplateStr { .. }
                | ExprKind::Interpolation { .. }
        ) {
            return;
        }
        if let Some(name) = type_name(func) {
            self.warn(
                format!("'{name}' object is not callable; perhaps you missed a comma?"),
                func.span,
            );
        }
    }

    pub(crate) fn warn_subscript(&mut self, value: &Expr, slice: &Expr) {
        match &value.kind {
            ExprKind::Constant {
                value:
                    c @ (Constant::None
                    | Constant::True
                    | Constant::False
                    | Constant::Ellipsis
                    | Constant::Int(_)
                    | Constant::BigInt(_)
                    | Constant::Float(_)
                    | Constant::Complex(_)),
                ..
            } => {
                let name = constant_type(c);
                self.warn(
                    format!("'{name}' object is not subscriptable; perhaps you missed a comma?"),
                    value.span,
                );
                return;
            }
            ExprKind::Set { .. }
            | ExprKind::SetComp { .. }
            | ExprKind::GeneratorExp { .. }
            | ExprKind::Lambda { .. }
            | ExprKind::TemplateStr { .. }
            | ExprKind::Interpolation { .. } => {
                if let Some(name) = type_name(value) {
                    self.warn(
                        format!(
                            "'{name}' object is not subscriptable; perhaps you missed a comma?"
                        ),
                        value.span,
                    );
                }
                return;
            }
            _ => {}
        }
        let indexable = matches!(
            value.kind,
            ExprKind::Tuple { .. }
                | ExprKind::List { .. }
                | ExprKind::ListComp { .. }
                | ExprKind::JoinedStr { .. }
                | ExprKind::FormattedValue { .. }
                | ExprKind::Constant {
                    value: Constant::Str(_) | Constant::Bytes(_),
                    ..
                }
        );
        let bad_index = match &slice.kind {
            ExprKind::Constant { value, .. } => !matches!(
                value,
                Constant::Int(_) | Constant::BigInt(_) | Constant::True | Constant::False
            ),
            _ => true,
        };
        if indexable
            && bad_index
            && let (Some(kind), Some(index)) = (type_name(value), type_name(slice))
        {
            self.warn(
                format!(
                    "{kind} indices must be integers or slices, not {index}; perhaps you missed a comma?"
                ),
                value.span,
            );
        }
    }

    pub(crate) fn warn_compare(
        &mut self,
        span: Span,
        left: &Expr,
        ops: &[CmpOp],
        comparators: &[Expr],
    ) {
        let mut before = left;
        for (op, right) in ops.iter().zip(comparators) {
            if matches!(op, CmpOp::Is | CmpOp::IsNot) {
                let bad = |e: &Expr| match &e.kind {
                    ExprKind::Constant { value, .. } => !matches!(
                        value,
                        Constant::None | Constant::True | Constant::False | Constant::Ellipsis
                    ),
                    ExprKind::Tuple { .. } => crate::fold::literal(e).is_some(),
                    _ => false,
                };
                let culprit = if bad(before) {
                    Some(before)
                } else if bad(right) {
                    Some(right)
                } else {
                    None
                };
                if let Some(name) = culprit.and_then(type_name) {
                    let msg = if *op == CmpOp::Is {
                        format!("\"is\" with '{name}' literal. Did you mean \"==\"?")
                    } else {
                        format!("\"is not\" with '{name}' literal. Did you mean \"!=\"?")
                    };
                    self.warn(msg, span);
                    return;
                }
            }
            before = right;
        }
    }

    /// PEP 765: `return` that leaves a `finally` body.
    pub(crate) fn warn_finally(&mut self, span: Span, what: &str) {
        let inside = self
            .unit
            .fblocks
            .iter()
            .any(|b| matches!(b.kind, FKind::FinallyBody | FKind::FinallyEnd { .. }));
        if inside {
            self.warn(format!("'{what}' in a 'finally' block"), span);
        }
    }

    /// `break` and `continue` of a loop that is outside the `finally` body.
    pub(crate) fn warn_finally_loop(&mut self, span: Span, what: &str, at: usize) {
        let inside = self.unit.fblocks[at..]
            .iter()
            .any(|b| matches!(b.kind, FKind::FinallyBody | FKind::FinallyEnd { .. }));
        if inside {
            self.warn(format!("'{what}' in a 'finally' block"), span);
        }
    }
}
