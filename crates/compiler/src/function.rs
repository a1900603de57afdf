//! `def`, `async def`, `lambda`: making function objects.

use std::rc::Rc;

use taipan_bytecode::{Code, CodeFlags, Const, Op, flag};
use taipan_syntax::ast::*;

use crate::compiler::{Compiler, Val, clean_doc, docstring};
use crate::emit::{Reg, UnitKind};
use crate::errors::{CompileError, Result};
use crate::scope::{Part, ScopeId, key};

/// Parts of a function object that SET_FUNCTION_ATTRIBUTE sets.
pub(crate) mod attr {
    pub(crate) const DEFAULTS: u16 = 0;
    pub(crate) const KWDEFAULTS: u16 = 1;
    pub(crate) const CLOSURE: u16 = 3;
    pub(crate) const ANNOTATE: u16 = 4;
}

/// Values in temporaries that a function object gets, in the order of their evaluation.
pub(crate) type Attributes = Vec<(u16, Reg)>;

#[cold]
pub(crate) fn no_scope(span: Span) -> CompileError {
    CompileError::value("no symbol table entry for this node", span)
}

impl<'a> Compiler<'a> {
    pub(crate) fn scope_of<T>(&self, node: &T, part: Part, span: Span) -> Result<ScopeId> {
        self.table
            .lookup(key(node), part)
            .ok_or_else(|| no_scope(span))
    }

    pub(crate) fn function_stmt(
        &mut self,
        span: Span,
        f: &'a FunctionDef,
        is_async: bool,
    ) -> Result<()> {
        check_parameters(&f.args)?;
        let mark = self.unit.mark();
        let decorators = self.decorators(&f.decorator_list)?;
        let first = f.decorator_list.first().map_or(span, |d| Span {
            line: d.span.line,
            ..span
        });
        let dst = self.unit.alloc();
        if f.type_params.is_empty() {
            let attributes = self.defaults(&f.args)?;
            self.function_object(f, is_async, span, first, attributes, dst)?;
        } else {
            self.generic_function(f, is_async, span, first, dst)?;
        }
        self.apply_decorators(&f.decorator_list, decorators, dst);
        let v = match decorators {
            0 => dst,
            n => dst - n,
        };
        self.unit.release(v + 1);
        self.store_name(&f.name, span, Val::Temp(v))?;
        self.unit.release(mark);
        Ok(())
    }

    /// Evaluates decorators into consecutive temporaries; returns how many.
    pub(crate) fn decorators(&mut self, list: &'a [Expr]) -> Result<Reg> {
        for d in list {
            self.warn_call(d);
            self.expr_temp(d)?;
        }
        Ok(list.len() as Reg)
    }

    /// Calls the decorators below `dst` on it, from the last one on.
    pub(crate) fn apply_decorators(&mut self, list: &'a [Expr], n: Reg, dst: Reg) {
        for i in 1..=n {
            let base = dst - i;
            let span = list[usize::from(n - i)].span;
            self.unit.op(span, Op::Call, 0, base, 1, base);
        }
    }

    /// Defaults, in temporaries.
    pub(crate) fn defaults(&mut self, args: &'a Arguments) -> Result<Attributes> {
        let mut out = Attributes::new();
        if !args.defaults.is_empty() {
            let r = self.unit.alloc();
            let span = args.defaults[0].span;
            self.sequence_at(span, r, &args.defaults, 0, true)?;
            self.unit.release(r + 1);
            out.push((attr::DEFAULTS, r));
        }
        let named: Vec<(&'a Arg, &'a Expr)> = args
            .kwonlyargs
            .iter()
            .zip(&args.kw_defaults)
            .filter_map(|(a, d)| Some((a, d.as_ref()?)))
            .collect();
        if let Some((_, first)) = named.first() {
            let dict = self.unit.alloc();
            let span = first.span;
            if named.len() <= 32 {
                for (i, (a, d)) in named.iter().enumerate() {
                    let k = if i == 0 { dict } else { self.unit.alloc() };
                    let name = self.mangled(&a.arg);
                    self.unit
                        .load_const(a.span, k, &Const::Str(name.as_bytes().into()));
                    self.expr_temp(d)?;
                }
                self.unit
                    .op(span, Op::BuildMap, 0, dict, dict, named.len() as u16);
            } else {
                self.unit.op(span, Op::BuildMap, 0, dict, dict, 0);
                for (a, d) in &named {
                    let k = self.unit.alloc();
                    let name = self.mangled(&a.arg);
                    self.unit
                        .load_const(a.span, k, &Const::Str(name.as_bytes().into()));
                    let v = self.expr_temp(d)?;
                    let flags = flag::KILL_B | flag::KILL_C;
                    self.unit.op(span, Op::MapAdd, flags, dict, k, v);
                    self.unit.release(dict + 1);
                }
            }
            self.unit.release(dict + 1);
            out.push((attr::KWDEFAULTS, dict));
        }
        Ok(out)
    }

    /// Compiles the body and makes the function object at `dst`, with its annotations.
    pub(crate) fn function_object(
        &mut self,
        f: &'a FunctionDef,
        is_async: bool,
        span: Span,
        first: Span,
        mut attributes: Attributes,
        dst: Reg,
    ) -> Result<()> {
        if let Some(r) = self.signature_annotate(f, span)? {
            attributes.push((attr::ANNOTATE, r));
        }
        let scope = self.scope_of(f, Part::Body, span)?;
        let kind = if is_async {
            UnitKind::AsyncFunction
        } else {
            UnitKind::Function
        };
        self.enter(scope, kind, f.name.clone(), first);
        self.parameters(&f.args);
        self.setup_flags(is_async);
        let mut body = &f.body[..];
        if let Some((text, at)) = docstring(body) {
            if self.options.optimize < 2 {
                let text = clean_doc(text.as_bytes());
                self.unit.consts.add(Const::Str(text.into()));
                self.unit.flags |= CodeFlags::HAS_DOCSTRING;
            }
            let _ = at;
            body = &body[1..];
        }
        self.prologue(Span {
            end_line: first.line,
            col: 0,
            end_col: 0,
            ..first
        });
        self.stmts(body)?;
        self.unit.op(Span::default(), Op::ReturnNone, 0, 0, 0, 0);
        self.epilogue();
        let code = self.leave(span)?;
        self.make_function(span, code, attributes, dst);
        Ok(())
    }

    pub(crate) fn setup_flags(&mut self, is_async: bool) {
        let scope = self.scope();
        let unit = &mut self.unit;
        if scope.varargs {
            unit.flags |= CodeFlags::VARARGS;
        }
        if scope.varkeywords {
            unit.flags |= CodeFlags::VARKEYWORDS;
        }
        if scope.method {
            unit.flags |= CodeFlags::METHOD;
        }
        unit.flags |= match (is_async, scope.generator) {
            (true, true) => CodeFlags::ASYNC_GENERATOR,
            (true, false) => CodeFlags::COROUTINE,
            (false, true) => CodeFlags::GENERATOR,
            (false, false) => 0,
        };
    }

    /// Registers and counts of a function's parameters.
    pub(crate) fn parameters(&mut self, args: &'a Arguments) {
        let params = self.scope().params.clone();
        self.unit.posonly = args.posonlyargs.len() as u32;
        self.unit.argcount = (args.posonlyargs.len() + args.args.len()) as u32;
        self.unit.kwonly = args.kwonlyargs.len() as u32;
        self.setup_registers(&params);
    }

    /// MAKE_FUNCTION into `dst` and what belongs to the function.
    pub(crate) fn make_function(
        &mut self,
        span: Span,
        code: Rc<Code>,
        attributes: Attributes,
        dst: Reg,
    ) {
        let free = code.freevars.clone();
        let mark = self.unit.mark();
        if !self.unit.reachable {
            return;
        }
        let k = self.unit.consts.add(Const::Code(code));
        self.unit.wide(span, Op::MakeFunction, dst, k);
        if !free.is_empty() {
            let base = self.unit.alloc();
            for (i, name) in free.iter().enumerate() {
                let r = if i == 0 { base } else { self.unit.alloc() };
                let cell = self.closure_cell(name);
                self.unit.mov(span, r, cell, false);
            }
            self.unit
                .op(span, Op::BuildTuple, 0, base, base, free.len() as u16);
            self.unit.op(
                span,
                Op::SetFunctionAttr,
                flag::KILL_B,
                dst,
                base,
                attr::CLOSURE,
            );
            self.unit.release(mark);
        }
        for (which, r) in attributes {
            self.unit
                .op(span, Op::SetFunctionAttr, flag::KILL_B, dst, r, which);
        }
    }

    /// The register that holds the cell of a name that an inner function needs.
    fn closure_cell(&self, name: &str) -> Reg {
        for comp in self.unit.inlined.iter().rev() {
            let scope = &self.table.scopes[comp.scope];
            if scope.binding(name) == crate::scope::Binding::Cell
                && let Some(&r) = comp.regs.get(name)
            {
                return r;
            }
        }
        let own = self.unit.class_cells.get(name);
        match own.or_else(|| self.unit.cells.get(name)) {
            Some(&r) => r,
            None => {
                debug_assert!(false, "no cell for {name} in {}", self.unit.qualname);
                0
            }
        }
    }

    pub(crate) fn lambda(
        &mut self,
        e: &'a Expr,
        args: &'a Arguments,
        body: &'a Expr,
        hint: Option<Reg>,
    ) -> Result<Val> {
        check_parameters(args)?;
        let span = e.span;
        let dst = self.accumulator(hint);
        let mark = self.unit.mark();
        let attributes = self.defaults(args)?;
        let scope = self.scope_of(e, Part::Body, span)?;
        self.enter(scope, UnitKind::Lambda, "<lambda>".into(), span);
        self.parameters(args);
        self.setup_flags(false);
        self.prologue(Span {
            end_line: span.line,
            col: 0,
            end_col: 0,
            ..span
        });
        let m = self.unit.mark();
        let v = self.expr(body, None)?;
        if let Val::Const(Const::None) = v {
            self.unit.op(body.span, Op::ReturnNone, 0, 0, 0, 0);
        } else {
            let (r, kill) = self.reg(body.span, v);
            self.unit.op(
                body.span,
                Op::Return,
                crate::compiler::kill_if(kill, flag::KILL_A),
                r,
                0,
                0,
            );
        }
        self.unit.release(m);
        self.epilogue();
        let code = self.leave(span)?;
        self.make_function(span, code, attributes, dst);
        self.unit.release(mark);
        Ok(self.at(dst))
    }
}

fn check_parameters(args: &Arguments) -> Result<()> {
    let all = args
        .posonlyargs
        .iter()
        .chain(&args.args)
        .chain(args.vararg.as_deref())
        .chain(&args.kwonlyargs)
        .chain(args.kwarg.as_deref());
    for a in all {
        if &*a.arg == "__debug__" {
            return Err(CompileError::syntax("cannot assign to __debug__", a.span));
        }
    }
    Ok(())
}
