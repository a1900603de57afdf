//! Type parameters.
use crate::compiler::Compiler;
use crate::emit::Reg;
use crate::errors::{CompileError, Result};
use taipan_syntax::ast::*;
impl<'a> Compiler<'a> {
    pub(crate) fn generic_function(
        &mut self,
        _f: &'a FunctionDef,
        _is_async: bool,
        span: Span,
        _first: Span,
        _dst: Reg,
    ) -> Result<()> {
        Err(CompileError::value("not yet", span))
    }
    pub(crate) fn generic_class(
        &mut self,
        _c: &'a ClassDef,
        span: Span,
        _first: Span,
        _dst: Reg,
    ) -> Result<()> {
        Err(CompileError::value("not yet", span))
    }
    pub(crate) fn type_alias_stmt(
        &mut self,
        s: &'a Stmt,
        _n: &'a Expr,
        _t: &'a [TypeParam],
        _v: &'a Expr,
    ) -> Result<()> {
        Err(CompileError::value("not yet", s.span))
    }
}
