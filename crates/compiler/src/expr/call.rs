//! Calls and `super()`.

use std::collections::HashSet;
use std::rc::Rc;

use taipan_bytecode::{Const, Op, flag};
use taipan_syntax::ast::*;

use super::attr_span;
use crate::compiler::{Compiler, Place, Val, kill_if};
use crate::emit::Reg;
use crate::errors::{CompileError, Result};
use crate::scope::Binding;

/// With more arguments than this a call passes a tuple, so that windows stay small.
const MAX_ARGS: usize = 64;

/// Longer runs of named arguments for such a call make their dict pair by pair.
const MAX_PAIRS: usize = 16;

impl<'a> Compiler<'a> {
    pub(super) fn call(
        &mut self,
        e: &'a Expr,
        func: &'a Expr,
        args: &'a [Expr],
        keywords: &'a [Keyword],
        hint: Option<Reg>,
    ) -> Result<Val> {
        check_keywords(keywords)?;
        self.warn_call(func);
        let span = e.span;
        let unpacks = args
            .iter()
            .any(|a| matches!(a.kind, ExprKind::Starred { .. }))
            || keywords.iter().any(|k| k.arg.is_none())
            || args.len() + keywords.len() > MAX_ARGS;
        let mark = self.unit.mark();
        let base = match self.sub_hint(hint) {
            Some(h) => h,
            None => self.unit.alloc(),
        };
        if unpacks {
            self.expr_to(func, base)?;
            self.call_ex_args(span, base, args, keywords, 0)?;
            return Ok(self.finish_call(span, Op::CallEx, 0, base, 0, 0, mark, hint));
        }
        let simple = keywords.is_empty() && args.iter().all(|a| self.is_settled(a));
        if let ExprKind::Attribute { value, attr, .. } = &func.kind {
            let call_span = attr_span(span, func, attr);
            let name_span = attr_span(func.span, func, attr);
            let slot = self.unit.alloc();
            debug_assert_eq!(slot, base + 1);
            if self.super_method(func, value, attr, base)? {
                return self.call_args(call_span, base, args, keywords, flag::METHOD, mark, hint);
            }
            let name = self.mangled(attr);
            if simple {
                self.expr_to(value, slot)?;
                self.args_to(args)?;
                let n = self.unit.name(&name);
                let argc = args.len() as u16;
                self.unit.release(mark);
                let dst = hint.unwrap_or_else(|| self.unit.alloc());
                self.unit.op_extra(
                    call_span,
                    Op::CallAttr,
                    flag::METHOD,
                    base,
                    argc,
                    dst,
                    u32::from(n),
                );
                self.unit.name_span(name_span);
                return Ok(self.at(dst));
            }
            // `base` is below `slot`, which nothing needs until LOAD_METHOD writes both.
            self.unit.release(slot);
            let v = self.expr(value, self.sub_hint(Some(base)))?;
            let (r, kill) = self.reg(value.span, v);
            self.unit.release(slot);
            self.unit.alloc();
            let n = self.unit.name(&name);
            self.unit.op(
                name_span,
                Op::LoadMethod,
                kill_if(kill, flag::KILL_B),
                base,
                r,
                n,
            );
            return self.call_args(call_span, base, args, keywords, flag::METHOD, mark, hint);
        }
        if simple
            && let ExprKind::Name { id, .. } = &func.kind
            && &**id != "__debug__"
        {
            let name = self.mangled(id);
            if self.place(&name) == Place::Global {
                self.args_to(args)?;
                let n = self.unit.name(&name);
                self.unit.release(mark);
                let dst = hint.unwrap_or_else(|| self.unit.alloc());
                self.unit.op_extra(
                    span,
                    Op::CallGlobal,
                    0,
                    base,
                    args.len() as u16,
                    dst,
                    u32::from(n),
                );
                self.unit.name_span(func.span);
                return Ok(self.at(dst));
            }
        }
        self.expr_to(func, base)?;
        self.call_args(span, base, args, keywords, 0, mark, hint)
    }

    /// Whether evaluating the argument can neither raise nor be seen.
    fn is_settled(&self, e: &Expr) -> bool {
        match &e.kind {
            ExprKind::Constant { .. } => true,
            ExprKind::Name { id, .. } => match self.place(&self.mangled(id)) {
                Place::Local(r) => {
                    !self.unit.is_temp(r) && self.unit.is_bound(r) && !self.unit.walrus.contains(r)
                        || self.unit.is_temp(r)
                }
                _ => false,
            },
            _ => false,
        }
    }

    fn args_to(&mut self, args: &'a [Expr]) -> Result<()> {
        for a in args {
            self.expr_temp(a)?;
        }
        Ok(())
    }

    /// Evaluates plain arguments on top of the run at `base` and calls.
    pub(crate) fn call_args(
        &mut self,
        span: Span,
        base: Reg,
        args: &'a [Expr],
        keywords: &'a [Keyword],
        flags: u8,
        mark: Reg,
        hint: Option<Reg>,
    ) -> Result<Val> {
        self.args_to(args)?;
        for k in keywords {
            self.expr_temp(&k.value)?;
        }
        Ok(self.emit_call(span, base, args.len() as u16, keywords, flags, mark, hint))
    }

    /// Emits the call of a complete run of plain arguments.
    pub(crate) fn emit_call(
        &mut self,
        span: Span,
        base: Reg,
        positional: u16,
        keywords: &'a [Keyword],
        flags: u8,
        mark: Reg,
        hint: Option<Reg>,
    ) -> Val {
        let argc = positional + keywords.len() as u16;
        if keywords.is_empty() {
            return self.finish_call(span, Op::Call, flags, base, argc, 0, mark, hint);
        }
        let names = keywords
            .iter()
            .filter_map(|k| k.arg.as_ref())
            .map(|n| Const::Str(n.as_bytes().into()))
            .collect();
        let k = self.unit.consts.add(Const::Tuple(names));
        self.finish_call(span, Op::CallKw, flags, base, argc, k, mark, hint)
    }

    fn finish_call(
        &mut self,
        span: Span,
        op: Op,
        flags: u8,
        base: Reg,
        argc: u16,
        extra: u32,
        mark: Reg,
        hint: Option<Reg>,
    ) -> Val {
        self.unit.release(mark);
        let dst = hint.unwrap_or_else(|| self.unit.alloc());
        self.unit.op_extra(span, op, flags, base, argc, dst, extra);
        self.at(dst)
    }

    /// Builds the iterable at `base + 1` and the mapping at `base + 2` of CALL_FUNCTION_EX.
    /// The iterable starts with `given` values that are already in temporaries at `base + 1`;
    /// `u16::MAX` says that it is there.
    pub(crate) fn call_ex_args(
        &mut self,
        span: Span,
        base: Reg,
        args: &'a [Expr],
        keywords: &'a [Keyword],
        given: u16,
    ) -> Result<()> {
        let iterable = base + 1;
        if given == u16::MAX {
            // The iterable is complete already.
        } else if given == 0
            && let [
                Expr {
                    kind: ExprKind::Starred { value, .. },
                    ..
                },
            ] = args
        {
            let r = self.unit.alloc();
            debug_assert_eq!(r, iterable);
            self.expr_to(value, r)?;
        } else {
            if given == 0 {
                self.unit.alloc();
            }
            self.sequence_at(span, iterable, args, given, true)?;
        }
        self.unit.release(iterable + 1);
        let mapping = self.unit.alloc();
        debug_assert_eq!(mapping, iterable + 1);
        if keywords.is_empty() {
            return Ok(());
        }
        let mut started = false;
        let mut i = 0;
        while i < keywords.len() {
            let k = &keywords[i];
            if k.arg.is_none() {
                if !started {
                    self.unit.op(span, Op::BuildMap, 0, mapping, mapping, 0);
                    started = true;
                }
                let (r, kill) = self.expr_reg(&k.value)?;
                self.unit.release(mapping + 1);
                self.unit.op(
                    span,
                    Op::DictMerge,
                    kill_if(kill, flag::KILL_B),
                    mapping,
                    r,
                    base,
                );
                i += 1;
                continue;
            }
            let run = keywords[i..]
                .iter()
                .take_while(|k| k.arg.is_some())
                .count();
            let at = if started { self.unit.alloc() } else { mapping };
            if run > MAX_PAIRS {
                self.unit.op(span, Op::BuildMap, 0, at, at, 0);
                for k in &keywords[i..i + run] {
                    let key = self.unit.alloc();
                    let name = k.arg.clone().unwrap_or_else(|| "".into());
                    self.unit
                        .load_const(k.span, key, &Const::Str(name.as_bytes().into()));
                    let (v, kill) = self.expr_reg(&k.value)?;
                    let flags = flag::KILL_B | kill_if(kill, flag::KILL_C);
                    self.unit.op(span, Op::MapAdd, flags, at, key, v);
                    self.unit.release(at + 1);
                }
                self.unit.release(mapping + 1);
                if started {
                    self.unit
                        .op(span, Op::DictMerge, flag::KILL_B, mapping, at, base);
                }
                started = true;
                i += run;
                continue;
            }
            for (j, k) in keywords[i..i + run].iter().enumerate() {
                let key = if j == 0 && !started {
                    // The dict itself replaces the first key.
                    mapping
                } else if j == 0 {
                    at
                } else {
                    self.unit.alloc()
                };
                let name = k.arg.clone().unwrap_or_else(|| "".into());
                self.unit
                    .load_const(k.span, key, &Const::Str(name.as_bytes().into()));
                self.expr_temp(&k.value)?;
            }
            self.unit.release(mapping + 1);
            self.unit.op(span, Op::BuildMap, 0, at, at, run as u16);
            if started {
                self.unit
                    .op(span, Op::DictMerge, flag::KILL_B, mapping, at, base);
            }
            started = true;
            i += run;
        }
        Ok(())
    }

    // ---- super

    /// `super().name` or `super(a, b).name` where `super` is the builtin as far as one can see.
    fn super_args(&self, value: &'a Expr) -> Option<&'a [Expr]> {
        let ExprKind::Call {
            func,
            args,
            keywords,
        } = &value.kind
        else {
            return None;
        };
        let ExprKind::Name { id, .. } = &func.kind else {
            return None;
        };
        if &**id != "super" || !keywords.is_empty() || !self.scope().is_function_like() {
            return None;
        }
        if self.place("super") != Place::Global
            || !matches!(
                self.table.top().binding("super"),
                Binding::Unset | Binding::GlobalImplicit
            )
        {
            return None;
        }
        match &args[..] {
            [] if self.unit.argcount > 0 && matches!(self.place("__class__"), Place::Cell(_)) => {
                Some(args)
            }
            [a, b]
                if !matches!(a.kind, ExprKind::Starred { .. })
                    && !matches!(b.kind, ExprKind::Starred { .. }) =>
            {
                Some(args)
            }
            _ => None,
        }
    }

    /// Puts super, class and object into three registers from `base`, which is on top.
    fn load_super(&mut self, value: &'a Expr, args: &'a [Expr], base: Reg) -> Result<()> {
        let span = value.span;
        let func_span = match &value.kind {
            ExprKind::Call { func, .. } => func.span,
            _ => span,
        };
        let name: Rc<str> = "super".into();
        self.load_into(&name, func_span, base);
        if let [a, b] = args {
            self.expr_temp(a)?;
            self.expr_temp(b)?;
            return Ok(());
        }
        let class = self.unit.alloc();
        self.load_into(&"__class__".into(), span, class);
        let object = self.unit.alloc();
        let first = self.unit.varnames[0].clone();
        match self.unit.cells.get(&first).copied() {
            Some(cell) => self.unit.op(span, Op::LoadDeref, 0, object, cell, 0),
            None => self.unit.mov(span, object, 0, false),
        }
        Ok(())
    }

    fn load_into(&mut self, name: &Rc<str>, span: Span, dst: Reg) {
        let v = self.load_name(name, span, Some(dst));
        self.val_to(span, v, dst);
    }

    pub(super) fn super_attribute(
        &mut self,
        e: &'a Expr,
        value: &'a Expr,
        attr: &'a Name,
        hint: Option<Reg>,
    ) -> Result<Option<Val>> {
        let Some(args) = self.super_args(value) else {
            return Ok(None);
        };
        let mark = self.unit.mark();
        let base = self.unit.alloc();
        self.load_super(value, args, base)?;
        self.unit.release(mark);
        let dst = hint.unwrap_or_else(|| self.unit.alloc());
        let name = self.mangled(attr);
        let n = self.unit.name(&name);
        let span = attr_span(e.span, e, attr);
        let flags = if args.is_empty() { 0 } else { flag::METHOD };
        self.unit.op(span, Op::LoadSuperAttr, flags, dst, base, n);
        Ok(Some(self.at(dst)))
    }

    /// The pair for a method call on `super()` at `base`, whose second register is on top.
    fn super_method(
        &mut self,
        func: &'a Expr,
        value: &'a Expr,
        attr: &'a Name,
        base: Reg,
    ) -> Result<bool> {
        let Some(args) = self.super_args(value) else {
            return Ok(false);
        };
        self.unit.release(base + 1);
        self.load_super(value, args, base)?;
        self.unit.release(base + 2);
        let name = self.mangled(attr);
        let n = self.unit.name(&name);
        let span = attr_span(func.span, func, attr);
        let flags = if args.is_empty() { 0 } else { flag::METHOD };
        self.unit.op(span, Op::LoadSuperMethod, flags, base, base, n);
        Ok(true)
    }
}

/// No keyword twice, and none that is `__debug__`.
pub(crate) fn check_keywords(keywords: &[Keyword]) -> Result<()> {
    // Which one to complain about is found by a look at all pairs: only if there is one at all.
    let names: Vec<_> = keywords.iter().filter_map(|k| k.arg.as_ref()).collect();
    let distinct = names.iter().collect::<HashSet<_>>().len() == names.len();
    for (i, k) in keywords.iter().enumerate() {
        let Some(name) = &k.arg else { continue };
        if &**name == "__debug__" {
            return Err(CompileError::syntax("cannot assign to __debug__", k.span));
        }
        if distinct {
            continue;
        }
        if let Some(again) = keywords[i + 1..]
            .iter()
            .find(|l| l.arg.as_ref() == Some(name))
        {
            return Err(CompileError::syntax(
                format!("keyword argument repeated: {name}"),
                again.span,
            ));
        }
    }
    Ok(())
}
