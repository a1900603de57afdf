//! Expressions as text.
use taipan_syntax::ast::Expr;
/// The source of an expression.
pub fn unparse(_e: &Expr) -> String {
    String::new()
}
