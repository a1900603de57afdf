//! `import` and `from ... import`.

use std::rc::Rc;

use taipan_bytecode::{Const, Op, flag};
use taipan_syntax::ast::*;

use crate::compiler::{Compiler, Place, Val};
use crate::emit::Reg;
use crate::errors::Result;

impl<'a> Compiler<'a> {
    /// IMPORT_NAME into the temporary `dst`, which is on top.
    fn import_name(&mut self, span: Span, name: &Rc<str>, level: u32, from: Const, dst: Reg) {
        let mark = self.unit.mark();
        let list = self.unit.alloc();
        self.unit
            .load_const(span, dst, &Const::Int(i64::from(level)));
        self.unit.load_const(span, list, &from);
        let n = self.unit.name(name);
        self.unit.op(span, Op::ImportName, 0, dst, dst, n);
        self.unit.release(mark);
    }

    pub(super) fn import(&mut self, span: Span, names: &'a [Alias]) -> Result<()> {
        for a in names {
            let mark = self.unit.mark();
            let module = self.unit.alloc();
            self.import_name(span, &a.name, 0, Const::None, module);
            match &a.asname {
                Some(asname) => {
                    // import a.b.c as d: each step is an import of an attribute.
                    for part in a.name.split('.').skip(1) {
                        let n = self.unit.name(&part.into());
                        self.unit
                            .op(span, Op::ImportFrom, flag::KILL_B, module, module, n);
                    }
                    self.store_name(asname, span, Val::Temp(module))?;
                }
                None => {
                    let head: Rc<str> = match a.name.split_once('.') {
                        Some((head, _)) => head.into(),
                        None => a.name.clone(),
                    };
                    self.store_name(&head, span, Val::Temp(module))?;
                }
            }
            self.unit.release(mark);
        }
        Ok(())
    }

    pub(super) fn import_from(
        &mut self,
        span: Span,
        module: Option<&'a Name>,
        names: &'a [Alias],
        level: u32,
    ) -> Result<()> {
        if level == 0 && module.is_some_and(|m| &**m == "__future__") && !self.units.is_empty() {
            return Err(crate::compiler::late_future(span));
        }
        let mark = self.unit.mark();
        let r = self.unit.alloc();
        let from = names
            .iter()
            .map(|a| Const::Str(a.name.as_bytes().into()))
            .collect();
        let empty: Rc<str> = "".into();
        self.import_name(span, module.unwrap_or(&empty), level, Const::Tuple(from), r);
        if let [star] = names
            && &*star.name == "*"
        {
            self.unit.op(span, Op::ImportStar, flag::KILL_B, 0, r, 0);
            self.unit.release(mark);
            return Ok(());
        }
        for a in names {
            let n = self.unit.name(&a.name);
            let name = a.asname.as_ref().unwrap_or(&a.name);
            let mangled = self.mangled(name);
            if let Place::Local(dst) = self.place(&mangled) {
                self.unit.op(span, Op::ImportFrom, 0, dst, r, n);
                continue;
            }
            let inner = self.unit.mark();
            let t = self.unit.alloc();
            self.unit.op(span, Op::ImportFrom, 0, t, r, n);
            self.store_name(name, span, Val::Temp(t))?;
            self.unit.release(inner);
        }
        self.unit.clear(span, r);
        self.unit.release(mark);
        Ok(())
    }
}
