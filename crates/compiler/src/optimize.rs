//! What `ast.parse(optimize=...)` does to a tree: the code of a tree so changed is the same.

use dashu_int::{IBig, Sign, UBig};
use taipan_bytecode::Const;
use taipan_syntax::ast::*;

use crate::expr::{Piece, percent_pieces};
use crate::fold;

/// `'%s' % (x,)` becomes an f-string where the format is simple.
pub fn percent(e: &mut Expr) {
    let ExprKind::BinOp {
        left,
        op: Operator::Mod,
        right,
    } = &mut e.kind
    else {
        return;
    };
    let (
        ExprKind::Constant {
            value: Constant::Str(format),
            ..
        },
        ExprKind::Tuple {
            elts,
            ctx: ExprContext::Load,
        },
    ) = (&left.kind, &mut right.kind)
    else {
        return;
    };
    if elts
        .iter()
        .any(|e| matches!(e.kind, ExprKind::Starred { .. }))
    {
        return;
    }
    let Some(pieces) = percent_pieces(format.as_bytes(), elts) else {
        return;
    };
    let text = |text: &[u8], span: Span| Expr {
        kind: ExprKind::Constant {
            value: Constant::Str(PyString::from_wtf8(text)),
            kind: None,
        },
        span,
    };
    // Pieces borrow the values; they are replaced by the values themselves, in order.
    let shapes: Vec<Result<Expr, (u16, Option<String>)>> = pieces
        .into_iter()
        .map(|p| match p {
            Piece::Text(t) => Ok(text(&t, left.span)),
            Piece::Value(_, conversion, spec) => Err((conversion, spec)),
        })
        .collect();
    let mut values = std::mem::take(elts).into_iter();
    let whole = e.span;
    let values = shapes
        .into_iter()
        .filter_map(|shape| match shape {
            Ok(text) => Some(text),
            Err((conversion, spec)) => values.next().map(|value| {
                let span = value.span;
                let format_spec = spec.map(|s| Box::new(text(s.as_bytes(), span)));
                let conversion = [-1, 115, 114, 97]
                    .get(usize::from(conversion))
                    .copied()
                    .unwrap_or(-1);
                Expr {
                    kind: ExprKind::FormattedValue {
                        value: Box::new(value),
                        conversion,
                        format_spec,
                    },
                    span,
                }
            }),
        })
        .collect();
    *e = Expr {
        kind: ExprKind::JoinedStr { values },
        span: whole,
    };
}

/// A number in a pattern, such as `-1` or `2-3j`, becomes a constant.
pub fn pattern_constant(e: &mut Expr) {
    let folded = match &e.kind {
        ExprKind::BinOp { left, op, right } => match (fold::literal(left), fold::literal(right)) {
            (Some(a), Some(b)) => fold::binary(*op, &a, &b),
            _ => None,
        },
        ExprKind::UnaryOp { .. } => fold::literal(e),
        _ => None,
    };
    let value = match folded {
        Some(Const::Int(n)) => Constant::Int(n),
        Some(Const::Float(x)) => Constant::Float(x),
        Some(Const::Complex(0.0, im)) => Constant::Complex(im),
        Some(Const::Complex(re, im)) => Constant::Made(Box::new(Made::Complex(re, im))),
        Some(Const::BigInt(true, bytes)) => Constant::Made(Box::new(Made::Int(IBig::from_parts(
            Sign::Negative,
            UBig::from_le_bytes(&bytes),
        )))),
        Some(Const::BigInt(false, bytes)) => Constant::BigInt(UBig::from_le_bytes(&bytes)),
        _ => return,
    };
    e.kind = ExprKind::Constant { value, kind: None };
}
