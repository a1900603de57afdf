//! Expressions as text.
use taipan_bytecode::Const;
use taipan_syntax::ast::Expr;
/// The source of an expression.
pub fn unparse(_e: &Expr) -> String {
    String::new()
}
/// repr
pub(crate) fn const_repr(c: &Const) -> String {
    format!("{c:?}")
}
