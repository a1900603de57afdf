//! Annotations.
use crate::compiler::Compiler;
use crate::emit::Reg;
use crate::errors::Result;
use taipan_syntax::ast::*;
impl<'a> Compiler<'a> {
    pub(crate) fn setup_annotations(&mut self, _body: &'a [Stmt]) -> Result<()> {
        Ok(())
    }
    pub(crate) fn deferred_annotations(&mut self, _body: &'a [Stmt]) -> Result<()> {
        Ok(())
    }
    pub(crate) fn signature_annotate(
        &mut self,
        _f: &'a FunctionDef,
        _span: Span,
    ) -> Result<Option<Reg>> {
        Ok(None)
    }
    pub(crate) fn ann_assign(
        &mut self,
        s: &'a Stmt,
        target: &'a Expr,
        _a: &'a Expr,
        value: Option<&'a Expr>,
        _simple: bool,
    ) -> Result<()> {
        let _ = s;
        if let Some(v) = value {
            let m = self.unit.mark();
            let v = self.expr(v, None)?;
            self.store(target, v)?;
            self.unit.release(m);
        }
        Ok(())
    }
}
