//! `match`.
use crate::compiler::Compiler;
use crate::errors::{CompileError, Result};
use taipan_syntax::ast::*;
impl<'a> Compiler<'a> {
    pub(crate) fn match_stmt(
        &mut self,
        span: Span,
        _subject: &'a Expr,
        _cases: &'a [MatchCase],
    ) -> Result<()> {
        Err(CompileError::value("match: not yet", span))
    }
}
