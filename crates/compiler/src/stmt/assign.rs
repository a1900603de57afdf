//! Assignment in its forms, and `del`.

use taipan_bytecode::{Const, Op, flag};
use taipan_syntax::ast::*;

use crate::compiler::{Compiler, Place, Val, kill_if};
use crate::emit::Reg;
use crate::errors::{CompileError, Result};
use crate::expr::{attr_span, two_element_slice};

/// How many targets one unpacking may have; each needs a register.
pub(crate) const MAX_TARGETS: usize = 30_000;

impl<'a> Compiler<'a> {
    pub(super) fn assign(
        &mut self,
        span: Span,
        targets: &'a [Expr],
        value: &'a Expr,
    ) -> Result<()> {
        let mark = self.unit.mark();
        if let [target] = targets {
            match &target.kind {
                ExprKind::Name { id, .. } => {
                    let name = self.mangled(id);
                    if let Place::Local(r) = self.place(&name) {
                        self.expr_to(value, r)?;
                        return Ok(());
                    }
                }
                ExprKind::Tuple { elts, .. } | ExprKind::List { elts, .. }
                    if self.parallel(elts, value)? =>
                {
                    self.unit.release(mark);
                    return Ok(());
                }
                _ => {}
            }
            let v = self.expr(value, None)?;
            self.store(target, v)?;
            self.unit.release(mark);
            return Ok(());
        }
        let mut v = self.expr(value, None)?;
        if let Val::Local(r) = v {
            let t = self.unit.alloc();
            self.unit.mov(span, t, r, false);
            v = Val::Temp(t);
        }
        let Some((last, init)) = targets.split_last() else {
            return Ok(());
        };
        for target in init {
            let copy = match &v {
                Val::Temp(r) => Val::Local(*r),
                other => other.clone(),
            };
            self.store(target, copy)?;
        }
        self.store(last, v)?;
        self.unit.release(mark);
        Ok(())
    }

    /// `a, b = c, d` without a tuple. False when the shapes do not allow it.
    fn parallel(&mut self, targets: &'a [Expr], value: &'a Expr) -> Result<bool> {
        let ExprKind::Tuple { elts: values, .. } = &value.kind else {
            return Ok(false);
        };
        let starred = |e: &Expr| matches!(e.kind, ExprKind::Starred { .. });
        if values.len() != targets.len()
            || values.len() > 16
            || values.iter().any(starred)
            || targets.iter().any(starred)
        {
            return Ok(false);
        }
        let mut vals = Vec::with_capacity(values.len());
        for (i, e) in values.iter().enumerate() {
            let rest = &values[i + 1..];
            let trivial = rest.iter().all(|e| self.is_trivial(e));
            let mut v = self.expr_before(e, None, trivial)?;
            if let Val::Local(r) = v
                && !self.unit.is_bound(r)
            {
                // Nothing may be stored before all have been read.
                let t = self.unit.alloc();
                self.unit.mov(e.span, t, r, false);
                v = Val::Temp(t);
            }
            vals.push(v);
        }
        let mut target_regs = Vec::with_capacity(targets.len());
        for t in targets {
            target_regs.push(match &t.kind {
                ExprKind::Name { id, .. } => match self.place(&self.mangled(id)) {
                    Place::Local(r) => Some(r),
                    _ => None,
                },
                // Whatever else may rebind a local (a walrus in a subscript) saves them all.
                ExprKind::Attribute { .. } => None,
                _ => {
                    for v in &mut vals {
                        if let Val::Local(r) = *v {
                            let tmp = self.unit.alloc();
                            self.unit.mov(t.span, tmp, r, false);
                            *v = Val::Temp(tmp);
                        }
                    }
                    None
                }
            });
        }
        // An exchange of two locals drops nothing.
        if let ([Val::Local(a), Val::Local(b)], [Some(x), Some(y)]) = (&vals[..], &target_regs[..])
            && a == y
            && b == x
            && a != b
        {
            self.unit.op(value.span, Op::Swap, 0, *x, *y, 0);
            return Ok(true);
        }
        // A value that a store before its own would overwrite is saved first.
        for i in 1..vals.len() {
            if let Val::Local(r) = vals[i]
                && target_regs[..i].contains(&Some(r))
            {
                let t = self.unit.alloc();
                self.unit.mov(value.span, t, r, false);
                vals[i] = Val::Temp(t);
            }
        }
        for (t, v) in targets.iter().zip(vals) {
            let mark = self.unit.mark();
            self.store(t, v)?;
            self.unit.release(mark);
        }
        Ok(true)
    }

    /// Stores a value into a target of any shape. Gives back no temporaries.
    pub(crate) fn store(&mut self, target: &'a Expr, v: Val) -> Result<()> {
        let span = target.span;
        match &target.kind {
            ExprKind::Name { id, .. } => self.store_name(id, span, v),
            ExprKind::Attribute { value, attr, .. } => {
                if &**attr == "__debug__" {
                    return Err(CompileError::syntax("cannot assign to __debug__", span));
                }
                let trivial = self.is_trivial(value);
                let v = self.protect(span, v, trivial);
                let obj = self.expr(value, None)?;
                let (v, kill_v) = self.reg(span, v);
                let (obj, kill) = self.reg(span, obj);
                let name = self.mangled(attr);
                let n = self.unit.name(&name);
                let flags = kill_if(kill, flag::KILL_A) | kill_if(kill_v, flag::KILL_C);
                let at = attr_span(span, target, attr);
                self.unit.op(at, Op::StoreAttr, flags, obj, n, v);
                Ok(())
            }
            ExprKind::Subscript { value, slice, .. } => {
                let trivial = self.is_trivial(value) && self.is_trivial(slice);
                let v = self.protect(span, v, trivial);
                let trivial = self.is_trivial(slice);
                let obj = self.expr_before(value, None, trivial)?;
                if let Some((lower, upper)) = two_element_slice(slice) {
                    let base = self.unit.alloc_n(2);
                    self.bound_to(lower, slice.span, base)?;
                    self.bound_to(upper, slice.span, base + 1)?;
                    let (v, kill_v) = self.reg(span, v);
                    let (obj, kill) = self.reg(span, obj);
                    let flags = kill_if(kill, flag::KILL_A) | kill_if(kill_v, flag::KILL_C);
                    self.unit.op(span, Op::StoreSlice, flags, obj, base, v);
                    return Ok(());
                }
                let i = self.expr(slice, None)?;
                let (v, kill_v) = self.reg(span, v);
                let (obj, kill) = self.reg(span, obj);
                let (i, kill_i) = self.reg(span, i);
                let flags = kill_if(kill, flag::KILL_A)
                    | kill_if(kill_i, flag::KILL_B)
                    | kill_if(kill_v, flag::KILL_C);
                self.unit.op(span, Op::StoreSubscr, flags, obj, i, v);
                Ok(())
            }
            ExprKind::Tuple { elts, .. } | ExprKind::List { elts, .. } => {
                self.unpack(span, elts, v)
            }
            ExprKind::Starred { .. } => Err(CompileError::syntax(
                "starred assignment target must be in a list or tuple",
                span,
            )),
            _ => Err(CompileError::value("expression can't be assigned to", span)),
        }
    }

    fn unpack(&mut self, span: Span, elts: &'a [Expr], v: Val) -> Result<()> {
        let mut star = None;
        for (i, e) in elts.iter().enumerate() {
            if matches!(e.kind, ExprKind::Starred { .. }) {
                if star.is_some() {
                    return Err(CompileError::syntax(
                        "multiple starred expressions in assignment",
                        span,
                    ));
                }
                star = Some(i);
            }
        }
        let n = elts.len();
        if n > MAX_TARGETS {
            return Err(CompileError::overflow("too many targets", span));
        }
        let (r, kill) = self.reg(span, v);
        let kill = kill_if(kill, flag::KILL_B);
        if let Some(star) = star {
            let after = n - star - 1;
            if star >= 256 || after >= 256 {
                return Err(CompileError::syntax(
                    "too many expressions in star-unpacking assignment",
                    span,
                ));
            }
            let base = self.unit.alloc_n(n as u32);
            self.unit.op(
                span,
                Op::UnpackEx,
                kill,
                base,
                r,
                (star | after << 8) as u16,
            );
            return self.store_run(elts, base);
        }
        if let Some(first) = self.consecutive_locals(elts) {
            self.unit
                .op(span, Op::UnpackSequence, kill, first, r, n as u16);
            for i in 0..n as u16 {
                if !self.unit.is_temp(first + i) {
                    self.unit.bound.insert(first + i);
                }
            }
            return Ok(());
        }
        let base = self.unit.alloc_n(n as u32);
        self.unit
            .op(span, Op::UnpackSequence, kill, base, r, n as u16);
        self.store_run(elts, base)
    }

    fn store_run(&mut self, elts: &'a [Expr], base: Reg) -> Result<()> {
        for (i, e) in elts.iter().enumerate() {
            let mark = self.unit.mark();
            let target = match &e.kind {
                ExprKind::Starred { value, .. } => value,
                _ => e,
            };
            self.store(target, Val::Temp(base + i as Reg))?;
            self.unit.release(mark);
        }
        Ok(())
    }

    /// The first of the registers when the targets are locals that follow one another.
    fn consecutive_locals(&self, elts: &'a [Expr]) -> Option<Reg> {
        let mut first = None;
        for (i, e) in elts.iter().enumerate() {
            let ExprKind::Name { id, .. } = &e.kind else {
                return None;
            };
            let Place::Local(r) = self.place(&self.mangled(id)) else {
                return None;
            };
            match first {
                None => first = Some(r),
                Some(f) if usize::from(f) + i == usize::from(r) => {}
                Some(_) => return None,
            }
        }
        first
    }

    pub(super) fn aug_assign(
        &mut self,
        span: Span,
        target: &'a Expr,
        op: Operator,
        value: &'a Expr,
    ) -> Result<()> {
        let mark = self.unit.mark();
        match &target.kind {
            ExprKind::Name { id, .. } => {
                let trivial = self.is_trivial(value);
                let old = self.load_name(id, target.span, None);
                let old = self.protect(target.span, old, trivial);
                let v = self.expr(value, None)?;
                let name = self.mangled(id);
                let hint = match self.place(&name) {
                    Place::Local(r) => Some(r),
                    _ => None,
                };
                let new = self.binary_vals(span, op, old, v, flag::INPLACE, mark, hint);
                if hint.is_none() {
                    self.store_name(id, target.span, new)?;
                } else if &**id == "__debug__" {
                    return Err(CompileError::syntax("cannot assign to __debug__", span));
                }
            }
            ExprKind::Attribute {
                value: obj, attr, ..
            } => {
                let obj = self.expr_before(obj, None, false)?;
                let (obj, kill) = self.reg(span, obj);
                let name = self.mangled(attr);
                let n = self.unit.name(&name);
                let at = attr_span(target.span, target, attr);
                let top = self.unit.mark();
                let old = self.unit.alloc();
                self.unit.op(at, Op::LoadAttr, 0, old, obj, n);
                let v = self.expr(value, None)?;
                let new = self.binary_vals(span, op, Val::Temp(old), v, flag::INPLACE, top, None);
                let (new, _) = self.reg(span, new);
                let flags = kill_if(kill, flag::KILL_A) | flag::KILL_C;
                self.unit.op(at, Op::StoreAttr, flags, obj, n, new);
            }
            ExprKind::Subscript {
                value: obj, slice, ..
            } => {
                let obj = self.expr_before(obj, None, false)?;
                let (obj, kill) = self.reg(span, obj);
                let i = self.expr_before(slice, None, false)?;
                let (i, kill_i) = self.reg(span, i);
                let top = self.unit.mark();
                let old = self.unit.alloc();
                self.unit.op(target.span, Op::LoadSubscr, 0, old, obj, i);
                let v = self.expr(value, None)?;
                let new = self.binary_vals(span, op, Val::Temp(old), v, flag::INPLACE, top, None);
                let (new, _) = self.reg(span, new);
                let flags =
                    kill_if(kill, flag::KILL_A) | kill_if(kill_i, flag::KILL_B) | flag::KILL_C;
                self.unit
                    .op(target.span, Op::StoreSubscr, flags, obj, i, new);
            }
            _ => {
                return Err(CompileError::value(
                    "invalid node type for augmented assignment",
                    target.span,
                ));
            }
        }
        self.unit.release(mark);
        Ok(())
    }

    pub(super) fn delete(&mut self, target: &'a Expr) -> Result<()> {
        let span = target.span;
        let mark = self.unit.mark();
        match &target.kind {
            ExprKind::Name { id, .. } => self.delete_name(id, span)?,
            ExprKind::Attribute { value, attr, .. } => {
                if &**attr == "__debug__" {
                    return Err(CompileError::syntax("cannot delete __debug__", span));
                }
                let (r, kill) = self.expr_reg(value)?;
                let name = self.mangled(attr);
                let n = self.unit.name(&name);
                let at = attr_span(span, target, attr);
                self.unit
                    .op(at, Op::DeleteAttr, kill_if(kill, flag::KILL_A), r, n, 0);
            }
            ExprKind::Subscript { value, slice, .. } => {
                let trivial = self.is_trivial(slice);
                let obj = self.expr_before(value, None, trivial)?;
                let i = self.expr(slice, None)?;
                let (obj, kill) = self.reg(span, obj);
                let (i, kill_i) = self.reg(span, i);
                let flags = kill_if(kill, flag::KILL_A) | kill_if(kill_i, flag::KILL_B);
                self.unit.op(span, Op::DeleteSubscr, flags, obj, i, 0);
            }
            ExprKind::Tuple { elts, .. } | ExprKind::List { elts, .. } => {
                elts.iter().try_for_each(|e| self.delete(e))?;
            }
            _ => return Err(CompileError::value("expression can't be deleted", span)),
        }
        self.unit.release(mark);
        Ok(())
    }

    /// Loads a constant and stores it under a name.
    pub(crate) fn store_const(&mut self, name: &str, span: Span, c: Const) -> Result<()> {
        let mark = self.unit.mark();
        self.store_name(&name.into(), span, Val::Const(c))?;
        self.unit.release(mark);
        Ok(())
    }
}
