//! Comprehensions: inlined into the code around where CPython does so, else functions of their own.

use std::rc::Rc;

use taipan_bytecode::{CodeFlags, Op, flag};
use taipan_syntax::ast::*;

use crate::compiler::{Compiler, Val, kill_if};
use crate::emit::{Inlined, Reg, UnitKind};
use crate::errors::{CompileError, Result};
use crate::scope::{Binding, CompKind, FastMap, Part};

/// The parts of a comprehension expression.
struct Parts<'a> {
    kind: CompKind,
    name: &'static str,
    generators: &'a [Comprehension],
    elt: &'a Expr,
    value: Option<&'a Expr>,
}

fn parts(e: &Expr) -> Option<Parts<'_>> {
    Some(match &e.kind {
        ExprKind::ListComp { elt, generators } => Parts {
            kind: CompKind::List,
            name: "<listcomp>",
            generators,
            elt,
            value: None,
        },
        ExprKind::SetComp { elt, generators } => Parts {
            kind: CompKind::Set,
            name: "<setcomp>",
            generators,
            elt,
            value: None,
        },
        ExprKind::DictComp {
            key,
            value,
            generators,
        } => Parts {
            kind: CompKind::Dict,
            name: "<dictcomp>",
            generators,
            elt: key,
            value: Some(value),
        },
        ExprKind::GeneratorExp { elt, generators } => Parts {
            kind: CompKind::Generator,
            name: "<genexpr>",
            generators,
            elt,
            value: None,
        },
        _ => return None,
    })
}

impl<'a> Compiler<'a> {
    pub(crate) fn comprehension(&mut self, e: &'a Expr, hint: Option<Reg>) -> Result<Val> {
        let span = e.span;
        let Some(p) = parts(e) else {
            return self.expr(e, hint);
        };
        let Some(first) = p.generators.first() else {
            return Err(CompileError::value(
                "comprehension with no generators",
                span,
            ));
        };
        let id = self.scope_of(e, Part::Body, span)?;
        let scope = &self.table.scopes[id];
        let is_async = scope.coroutine && p.kind != CompKind::Generator;
        if is_async
            && !matches!(
                self.unit.kind,
                UnitKind::AsyncFunction | UnitKind::Comprehension
            )
            && !(self.unit.kind == UnitKind::Module && self.table.future.top_level_await)
        {
            return Err(CompileError::syntax(
                "asynchronous comprehension outside of an asynchronous function",
                span,
            ));
        }
        let start = self.unit.mark();
        if scope.inlined {
            let dst = self.accumulator(hint);
            let mark = self.unit.mark();
            self.inline(&p, id, span, dst, first)?;
            self.unit.release(mark);
            return Ok(self.at(dst));
        }
        // A function, called on the outermost iterator at once.
        let base = self.unit.alloc();
        self.enter(id, UnitKind::Comprehension, p.name.into(), span);
        self.unit.argcount = 1;
        let params: Vec<Rc<str>> = vec![".0".into()];
        self.setup_registers(&params);
        let generator = p.kind == CompKind::Generator;
        self.unit.flags |= match (scope.coroutine, generator) {
            (true, true) => CodeFlags::ASYNC_GENERATOR,
            (true, false) => CodeFlags::COROUTINE,
            (false, true) => CodeFlags::GENERATOR,
            (false, false) => 0,
        };
        self.prologue(Span {
            end_line: span.line,
            col: 0,
            end_col: 0,
            ..span
        });
        if generator {
            let iter = self.unit.alloc();
            // The iterator is an argument; as a temporary it dies when the loop ends.
            self.unit.op(span, Op::LoadFastAndClear, 0, iter, 0, 0);
            self.generators(&p, 0, span, None, iter)?;
            self.unit.op(span, Op::ReturnNone, 0, 0, 0, 0);
        } else {
            let dst = self.unit.alloc();
            self.new_collection(p.kind, span, dst);
            let iter = self.unit.alloc();
            self.unit.op(span, Op::LoadFastAndClear, 0, iter, 0, 0);
            self.generators(&p, 0, span, Some(dst), iter)?;
            self.unit.op(span, Op::Return, flag::KILL_A, dst, 0, 0);
        }
        self.epilogue();
        let code = self.leave(span)?;
        self.make_function(span, code, Vec::new(), base);
        let iter = self.first_iter(first)?;
        debug_assert_eq!(iter, base + 1);
        if is_async {
            self.unit.op(span, Op::Call, 0, base, 1, base);
            self.unit.release(base + 1);
            self.unit
                .op(span, Op::GetAwaitable, flag::KILL_B, base, base, 0);
            self.send_loop(span, base, 3);
            self.unit.release(start);
            return Ok(match hint {
                Some(h) => {
                    self.unit.mov(span, h, base, true);
                    self.at(h)
                }
                None => {
                    self.unit.alloc();
                    Val::Temp(base)
                }
            });
        }
        self.unit.release(start);
        let dst = hint.unwrap_or_else(|| self.unit.alloc());
        self.unit.op(span, Op::Call, 0, base, 1, dst);
        Ok(self.at(dst))
    }

    /// The outermost iterator, into a new temporary.
    fn first_iter(&mut self, g: &'a Comprehension) -> Result<Reg> {
        let iter = self.unit.alloc();
        let v = self.expr(&g.iter, Some(iter))?;
        let op = if g.is_async {
            Op::GetAiter
        } else {
            Op::GetIter
        };
        self.op1(g.iter.span, op, v, 0, iter + 1, Some(iter));
        Ok(iter)
    }

    fn new_collection(&mut self, kind: CompKind, span: Span, dst: Reg) {
        let op = match kind {
            CompKind::List => Op::BuildList,
            CompKind::Set => Op::BuildSet,
            CompKind::Dict => Op::BuildMap,
            CompKind::Generator => return,
        };
        self.unit.op(span, op, 0, dst, dst, 0);
    }

    /// Puts the comprehension's code here. Its variables are temporaries, so that whatever leaves
    /// it, an exception too, drops them; no name of the code around is touched.
    fn inline(
        &mut self,
        p: &Parts<'a>,
        id: usize,
        span: Span,
        dst: Reg,
        first: &'a Comprehension,
    ) -> Result<()> {
        let scope = &self.table.scopes[id];
        let mut regs: FastMap<Rc<str>, Reg> = FastMap::default();
        let mut vars = Vec::new();
        let mut saved = Vec::new();
        for s in &scope.symbols {
            if &*s.name == ".0" || !matches!(s.binding, Binding::Local | Binding::Cell) {
                continue;
            }
            let r = match self.unit.locals.get(&s.name) {
                // Something may look for it by name; what has the same name around waits elsewhere.
                Some(&r) if scope.frame_visible && s.binding == Binding::Local => {
                    saved.push((r, self.unit.alloc()));
                    regs.insert(s.name.clone(), r);
                    continue;
                }
                _ => self.unit.alloc(),
            };
            regs.insert(s.name.clone(), r);
            vars.push((r, s.binding == Binding::Cell));
        }
        let mark = self.unit.mark();
        // The iterator is on top of the variables: what ends an asynchronous loop drops all above it.
        let iter = self.first_iter(first)?;
        let bound = self.unit.bound.clone();
        for &(r, safe) in &saved {
            self.unit.op(span, Op::LoadFastAndClear, 0, safe, r, 0);
            self.unit.bound.remove(r);
        }
        let handler = (!saved.is_empty()).then(|| self.unit.new_handler(mark, mark));
        let outer = self.unit.handler;
        if let Some(h) = handler {
            self.unit.handler = h;
        }
        self.new_collection(p.kind, span, dst);
        for &(r, cell) in &vars {
            if cell {
                self.unit.op(span, Op::MakeCell, 0, r, 0, 0);
            }
        }
        self.unit.inlined.push(Inlined { scope: id, regs });
        self.generators(p, 0, span, Some(dst), iter)?;
        self.unit.inlined.pop();
        for (r, _) in vars {
            self.unit.clear(span, r);
        }
        if let Some(handler) = handler {
            self.unit.handler = outer;
            self.restore(&saved, mark, handler);
            self.unit.bound = bound;
        }
        Ok(())
    }

    /// Puts the values of variables back that an inlined comprehension has used, also when an exception leaves it.
    fn restore(&mut self, saved: &[(Reg, Reg)], mark: Reg, handler: u32) {
        let none = Span::default();
        let past = self.unit.label();
        self.unit.release(mark);
        for &(r, safe) in saved {
            self.unit.op(none, Op::StoreFastMaybeNull, 0, r, safe, 0);
        }
        self.unit.jump(none, past);
        if self.unit.place_handler(handler) {
            let exc = self.unit.alloc();
            for &(r, safe) in saved {
                self.unit.op(none, Op::StoreFastMaybeNull, 0, r, safe, 0);
            }
            self.unit.op(none, Op::Reraise, flag::KILL_A, exc, 0, 0);
            self.unit.release(mark);
        }
        self.unit.place(past);
    }

    /// The loops from number `i` on, over the iterator in `iter`, which they consume.
    fn generators(
        &mut self,
        p: &Parts<'a>,
        i: usize,
        span: Span,
        dst: Option<Reg>,
        iter: Reg,
    ) -> Result<()> {
        let g = &p.generators[i];
        let mark = self.unit.mark();
        let (start, again) = (self.unit.label(), self.unit.label());
        let entered = self.unit.reachable;
        if g.is_async {
            self.unit.place_loop(again, entered);
            let handler = self.unit.new_handler(iter + 1, iter + 1);
            // The handler drops everything above the iterator, which must be on top.
            debug_assert_eq!(iter + 1, mark);
            let item = self.next_awaited(g.iter.span, iter, handler);
            self.store(&g.target, Val::Temp(item))?;
            self.unit.release(mark);
            self.comp_body(p, i, span, dst, again)?;
            self.unit.jump(Span::default(), again);
            self.end_async_for(g.iter.span, iter, handler);
            return Ok(());
        }
        self.unit.jump(Span::default(), again);
        self.unit.place_loop(start, entered);
        let (item, direct) = self.loop_target(&g.target);
        if direct {
            if !self.unit.is_temp(item) {
                self.unit.bound.insert(item);
            }
        } else {
            self.store(&g.target, Val::Temp(item))?;
        }
        self.unit.release(mark);
        self.comp_body(p, i, span, dst, again)?;
        self.unit.place(again);
        self.unit
            .jump_op(g.iter.span, Op::ForIter, 0, item, iter, start);
        Ok(())
    }

    fn comp_body(
        &mut self,
        p: &Parts<'a>,
        i: usize,
        span: Span,
        dst: Option<Reg>,
        again: crate::emit::Label,
    ) -> Result<()> {
        let mark = self.unit.mark();
        for test in &p.generators[i].ifs {
            self.cond(test, again, false)?;
        }
        if let Some(g) = p.generators.get(i + 1) {
            let only = if g.is_async {
                None
            } else {
                single_item(&g.iter)
            };
            if let Some(e) = only {
                // `for y in [x]` is an assignment.
                let v = self.expr(e, None)?;
                let v = match v {
                    Val::Local(r) => {
                        let t = self.unit.alloc();
                        self.unit.mov(e.span, t, r, false);
                        Val::Temp(t)
                    }
                    v => v,
                };
                self.store(&g.target, v)?;
                self.unit.release(mark);
                return self.comp_body(p, i + 1, span, dst, again);
            }
            let iter = self.first_iter(g)?;
            self.generators(p, i + 1, span, dst, iter)?;
            self.unit.release(mark);
            return Ok(());
        }
        let elt_span = p.elt.span;
        match (dst, p.value) {
            (None, _) => {
                let v = self.expr(p.elt, None)?;
                let v = self.yield_val(elt_span, v, mark, None);
                self.drop_val(elt_span, v);
            }
            (Some(dst), None) => {
                let (r, kill) = self.expr_reg(p.elt)?;
                let op = if p.kind == CompKind::Set {
                    Op::SetAdd
                } else {
                    Op::ListAppend
                };
                self.unit
                    .op(elt_span, op, kill_if(kill, flag::KILL_B), dst, r, 0);
            }
            (Some(dst), Some(value)) => {
                let trivial = self.is_trivial(value);
                let k = self.expr_before(p.elt, None, trivial)?;
                let v = self.expr(value, None)?;
                let at = elt_span.to(value.span);
                let (k, kill_k) = self.reg(at, k);
                let (v, kill_v) = self.reg(at, v);
                let flags = kill_if(kill_k, flag::KILL_B) | kill_if(kill_v, flag::KILL_C);
                self.unit.op(at, Op::MapAdd, flags, dst, k, v);
            }
        }
        self.unit.release(mark);
        Ok(())
    }
}

/// The item of a display of one item.
fn single_item(e: &Expr) -> Option<&Expr> {
    match &e.kind {
        ExprKind::List { elts, .. } | ExprKind::Tuple { elts, .. } => match &elts[..] {
            [e] if !matches!(e.kind, ExprKind::Starred { .. }) => Some(e),
            _ => None,
        },
        _ => None,
    }
}
