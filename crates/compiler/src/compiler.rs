//! The compiler's state and what every part of it uses: names, values, code objects.

use std::rc::Rc;

use taipan_bytecode::{Code, CodeFlags, Const, Op, flag};
use taipan_syntax::ast::*;

use crate::Options;
use crate::emit::{NO_HANDLER, Reg, Unit, UnitKind};
use crate::errors::{CompileError, Result, Warning};
use crate::scope::{Binding, Scope, ScopeId, ScopeKind, SymbolTable, mangle};

/// Where a name lives, from the point of view of the code that uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In a register.
    Local(Reg),
    /// In the cell that a register holds.
    Cell(Reg),
    /// In the class namespace, else in the cell.
    ClassCell(Reg),
    /// In the namespace of the class around this annotation scope, else in the cell.
    DictCell(Reg),
    /// In the namespace of the class around this annotation scope, else global.
    DictGlobal,
    /// In the frame's namespace.
    Name,
    /// Global.
    Global,
}

/// The value of an expression.
#[derive(Clone, Debug)]
pub(crate) enum Val {
    /// Not loaded yet.
    Const(Const),
    /// In a local, read in place.
    Local(Reg),
    /// In a temporary that its user takes out.
    Temp(Reg),
}

pub(crate) struct Compiler<'a> {
    pub(crate) table: &'a SymbolTable,
    pub(crate) options: &'a Options,
    pub(crate) units: Vec<Unit<'a>>,
    /// The unit being written; the enclosing ones wait in `units`.
    pub(crate) unit: Unit<'a>,
    pub(crate) warnings: Vec<Warning>,
    pub(crate) interactive: bool,
}

/// Compiles a tree with its symbol table.
pub(crate) fn compile(
    tree: &Mod,
    table: &SymbolTable,
    options: &Options,
) -> Result<(Code, Vec<Warning>)> {
    let mut unit = Unit::new(0, UnitKind::Module, "<module>".into(), "<module>".into());
    if table.top().coroutine && table.future.top_level_await {
        unit.flags |= if table.top().generator {
            CodeFlags::ASYNC_GENERATOR
        } else {
            CodeFlags::COROUTINE
        };
    }
    let mut c = Compiler {
        table,
        options,
        units: Vec::new(),
        unit,
        warnings: Vec::new(),
        interactive: false,
    };
    c.module(tree)?;
    let code = c.finish(Span::default())?;
    Ok((code, c.warnings))
}

impl<'a> Compiler<'a> {
    fn module(&mut self, tree: &'a Mod) -> Result<()> {
        let start = Span::default();
        let unit_flags = self.unit.flags;
        self.setup_registers(&[]);
        self.unit.flags = unit_flags;
        self.prologue(start);
        match tree {
            Mod::Module { body, .. } => {
                self.module_body(body, true)?;
                self.unit.op(Span::default(), Op::ReturnNone, 0, 0, 0, 0);
            }
            Mod::Interactive { body } => {
                self.interactive = true;
                self.module_body(body, false)?;
                self.unit.op(Span::default(), Op::ReturnNone, 0, 0, 0, 0);
            }
            Mod::Expression { body } => {
                let mark = self.unit.mark();
                let (r, kill) = self.expr_reg(body)?;
                self.unit.release(mark);
                self.unit
                    .op(body.span, Op::Return, kill_if(kill, flag::KILL_A), r, 0, 0);
            }
            Mod::FunctionType { .. } => {}
        }
        self.epilogue();
        Ok(())
    }

    fn module_body(&mut self, body: &'a [Stmt], docstring: bool) -> Result<()> {
        let mut rest = body;
        if self.table.top().conditional_annotations && !self.table.future.annotations {
            let mark = self.unit.mark();
            let r = self.unit.alloc();
            let span = body.first().map_or(Span::default(), |s| s.span);
            self.unit.op(span, Op::BuildSet, 0, r, r, 0);
            self.store_name(&"__conditional_annotations__".into(), span, Val::Temp(r))?;
            self.unit.release(mark);
        }
        if docstring {
            rest = self.docstring_name(rest)?;
        }
        self.number_annotations(body);
        self.setup_annotations(body)?;
        if self.table.top().conditional_annotations && !self.table.future.annotations {
            self.deferred_annotations(body)?;
        }
        // Future statements were read before; those that come later are errors.
        let skip = crate::scope::future_prefix(body);
        let skipped = body.len() - rest.len();
        for (i, s) in rest.iter().enumerate() {
            if i + skipped >= skip
                && let StmtKind::ImportFrom {
                    module: Some(m),
                    level: 0,
                    ..
                } = &s.kind
                && &**m == "__future__"
            {
                return Err(late_future(s.span));
            }
            self.stmt(s)?;
        }
        Ok(())
    }

    /// Stores the docstring that may begin a module or class body; returns the other statements.
    pub(crate) fn docstring_name(&mut self, body: &'a [Stmt]) -> Result<&'a [Stmt]> {
        let Some((text, span)) = docstring(body) else {
            return Ok(body);
        };
        if self.options.optimize < 2 {
            let text = Const::Str(clean_doc(text.as_bytes()).into());
            self.store_name(&"__doc__".into(), span, Val::Const(text))?;
        }
        Ok(&body[1..])
    }

    pub(crate) fn scope(&self) -> &'a Scope {
        &self.table.scopes[self.unit.scope]
    }

    // ---- units

    /// Starts the unit of an inner scope.
    pub(crate) fn enter(&mut self, scope: ScopeId, kind: UnitKind, name: Rc<str>, span: Span) {
        let qualname = match &self.table.scopes[scope].function_name {
            // An __annotate__ function is named after the one that it belongs to.
            Some(function) => {
                let outer = self.qualname(function, kind);
                format!("{outer}.{name}").into()
            }
            None => self.qualname(&name, kind),
        };
        let mut unit = Unit::new(scope, kind, name, qualname);
        unit.first_line = span.line;
        unit.private = self.unit.private.clone();
        let outer = std::mem::replace(&mut self.unit, unit);
        self.units.push(outer);
    }

    fn qualname(&self, name: &Rc<str>, kind: UnitKind) -> Rc<str> {
        let mut outer = &self.unit;
        if outer.kind == UnitKind::TypeParams {
            // Type parameters are no level of the name.
            match self.units.last() {
                Some(unit) => outer = unit,
                None => return name.clone(),
            }
        }
        if outer.kind == UnitKind::Module {
            return name.clone();
        }
        if matches!(
            kind,
            UnitKind::Function | UnitKind::AsyncFunction | UnitKind::Class
        ) {
            let mangled = mangle(outer.private.as_ref(), name);
            if self.table.scopes[outer.scope].binding(&mangled) == Binding::GlobalExplicit {
                return name.clone();
            }
        }
        match outer.kind {
            UnitKind::Function
            | UnitKind::AsyncFunction
            | UnitKind::Lambda
            | UnitKind::Comprehension
            | UnitKind::Annotations => format!("{}.<locals>.{name}", outer.qualname).into(),
            _ => format!("{}.{name}", outer.qualname).into(),
        }
    }

    /// Ends the current unit and goes back to the enclosing one.
    pub(crate) fn leave(&mut self, span: Span) -> Result<Rc<Code>> {
        let code = self.finish(span)?;
        if let Some(outer) = self.units.pop() {
            self.unit = outer;
        }
        Ok(Rc::new(code))
    }

    /// Drops the current unit after an error.
    fn finish(&mut self, span: Span) -> Result<Code> {
        self.unit.check_size(span)?;
        let table = self.table;
        let unit = &mut self.unit;
        let assembled = unit.assemble();
        let mut flags = unit.flags;
        if table.future.annotations {
            flags |= CodeFlags::FUTURE_ANNOTATIONS;
        }
        if table.future.barry_as_bdfl {
            flags |= CodeFlags::FUTURE_BARRY_AS_BDFL;
        }
        let code = Code {
            name: unit.name.clone(),
            qualname: unit.qualname.clone(),
            filename: self.options.filename.clone(),
            first_line: unit.first_line,
            flags,
            argcount: unit.argcount,
            posonly: unit.posonly,
            kwonly: unit.kwonly,
            nregs: unit.nregs(),
            varnames: std::mem::take(&mut unit.varnames),
            cellvars: std::mem::take(&mut unit.cellvars),
            freevars: std::mem::take(&mut unit.freevars),
            free_base: unit.free_base,
            names: std::mem::take(&mut unit.names.list),
            consts: std::mem::take(&mut unit.consts.list),
            instrs: assembled.instrs,
            lines: assembled.lines,
            handlers: assembled.handlers,
        };
        Ok(code)
    }

    /// Gives parameters, locals, cells and free variables their registers.
    pub(crate) fn setup_registers(&mut self, params: &[Rc<str>]) {
        let scope = self.scope();
        let unit = &mut self.unit;
        let mut next = 0usize;
        let reg = |n: usize| n.min(0xfff0) as Reg;
        for p in params {
            unit.varnames.push(p.clone());
            if scope.binding(p) == Binding::Cell {
                unit.cellvars.push((p.clone(), reg(next)));
                unit.cells.insert(p.clone(), reg(next));
            } else {
                unit.locals.insert(p.clone(), reg(next));
            }
            unit.bound.insert(reg(next));
            next += 1;
        }
        if scope.is_function_like() {
            for s in &scope.symbols {
                if s.binding == Binding::Local && !unit.locals.contains_key(&s.name) {
                    unit.varnames.push(s.name.clone());
                    unit.locals.insert(s.name.clone(), reg(next));
                    next += 1;
                }
            }
            let mut visible = Vec::new();
            self.table.visible_comp_names(unit.scope, &mut visible);
            for name in visible {
                if !unit.locals.contains_key(&name) {
                    unit.varnames.push(name.clone());
                    unit.locals.insert(name, reg(next));
                    next += 1;
                }
            }
            for name in &scope.unbound {
                if let Some(&r) = unit.locals.get(name) {
                    unit.unstable.insert(r);
                }
            }
            for name in &scope.walrus {
                if let Some(&r) = unit.locals.get(name) {
                    unit.walrus.insert(r);
                }
            }
        }
        // The class may bind these names too, which then live in its namespace beside the cells.
        for (name, needed) in [
            ("__class__", scope.needs_class_closure),
            ("__classdict__", scope.needs_classdict),
            ("__conditional_annotations__", scope.needs_conditional),
        ] {
            if needed {
                unit.cellvars.push((name.into(), reg(next)));
                unit.class_cells.insert(name, reg(next));
                next += 1;
            }
        }
        for s in &scope.symbols {
            if s.binding == Binding::Cell
                && !unit.cells.contains_key(&s.name)
                && !unit.class_cells.contains_key(&*s.name)
            {
                unit.cellvars.push((s.name.clone(), reg(next)));
                unit.cells.insert(s.name.clone(), reg(next));
                next += 1;
            }
        }
        unit.free_base = reg(next);
        for name in &scope.free {
            unit.freevars.push(name.clone());
            unit.cells.insert(name.clone(), reg(next));
            next += 1;
        }
        unit.set_temp_base(next);
        unit.flags |= if scope.is_function_like() {
            CodeFlags::OPTIMIZED | CodeFlags::NEWLOCALS
        } else {
            0
        };
        if scope.nested && scope.is_function_like() {
            unit.flags |= CodeFlags::NESTED;
        }
    }

    /// Free variables, cells, the generator object, RESUME.
    pub(crate) fn prologue(&mut self, span: Span) {
        let unit = &mut self.unit;
        if !unit.freevars.is_empty() {
            unit.op(
                Span::default(),
                Op::CopyFreeVars,
                0,
                unit.free_base,
                unit.freevars.len() as u16,
                0,
            );
        }
        for i in 0..unit.cellvars.len() {
            let r = unit.cellvars[i].1;
            unit.op(Span::default(), Op::MakeCell, 0, r, 0, 0);
        }
        if unit.flags & (CodeFlags::GENERATOR | CodeFlags::COROUTINE | CodeFlags::ASYNC_GENERATOR)
            != 0
        {
            unit.op(span, Op::ReturnGenerator, 0, 0, 0, 0);
            // A StopIteration that leaves the body is an error of its own.
            let exc = unit.temp_base;
            unit.alloc();
            unit.release(exc);
            let h = unit.new_handler(exc, exc);
            debug_assert_eq!(h, 0);
            unit.handler = h;
        }
        unit.op(span, Op::Resume, 0, 0, 0, 0);
    }

    /// The end of a generator's code: the handler that `prologue` announced.
    pub(crate) fn epilogue(&mut self) {
        let unit = &mut self.unit;
        if unit.flags & (CodeFlags::GENERATOR | CodeFlags::COROUTINE | CodeFlags::ASYNC_GENERATOR)
            == 0
        {
            return;
        }
        unit.handler = NO_HANDLER;
        if unit.place_handler(0) {
            let exc = unit.temp_base;
            let id = taipan_bytecode::Intrinsic::StopIterationError as u16;
            unit.op(Span::default(), Op::CallIntrinsic, 0, exc, exc, id);
            unit.op(Span::default(), Op::Reraise, flag::KILL_A, exc, 0, 0);
        }
    }

    // ---- names

    pub(crate) fn mangled(&self, name: &Rc<str>) -> Rc<str> {
        if let Some(only) = &self.scope().mangle_only
            && !only.contains(name)
        {
            return name.clone();
        }
        mangle(self.unit.private.as_ref(), name)
    }

    /// Where a mangled name lives.
    pub(crate) fn place(&self, name: &str) -> Place {
        let unit = &self.unit;
        let mut from_comp = None;
        for comp in unit.inlined.iter().rev() {
            let binding = self.table.scopes[comp.scope].binding(name);
            if matches!(binding, Binding::Local | Binding::Cell)
                && let Some(&r) = comp.regs.get(name)
            {
                return if binding == Binding::Cell {
                    Place::Cell(r)
                } else {
                    Place::Local(r)
                };
            }
            from_comp = Some(binding);
        }
        let scope = self.scope();
        let cell = || unit.cells.get(name).copied();
        let binding = scope.binding(name);
        match scope.kind {
            ScopeKind::Module => {
                if binding == Binding::GlobalExplicit {
                    Place::Global
                } else {
                    Place::Name
                }
            }
            ScopeKind::Class => {
                if let Some(inner) = from_comp {
                    return match (inner, cell()) {
                        (Binding::Free, Some(r)) => Place::Cell(r),
                        _ => Place::Global,
                    };
                }
                match (binding, cell()) {
                    (Binding::Free, Some(r)) => Place::ClassCell(r),
                    (Binding::GlobalExplicit, _) => Place::Global,
                    _ => Place::Name,
                }
            }
            _ => match binding {
                Binding::Local => unit
                    .locals
                    .get(name)
                    .map_or(Place::Global, |&r| Place::Local(r)),
                Binding::Cell => cell().map_or(Place::Global, Place::Cell),
                Binding::Free => match cell() {
                    Some(r) if scope.sees_class && !is_class_cell(name) => Place::DictCell(r),
                    Some(r) => Place::Cell(r),
                    None => Place::Global,
                },
                Binding::GlobalImplicit if scope.sees_class => Place::DictGlobal,
                _ => Place::Global,
            },
        }
    }

    /// Puts a value under a name as an assignment does.
    pub(crate) fn store_name(&mut self, name: &Rc<str>, span: Span, v: Val) -> Result<()> {
        if &**name == "__debug__" {
            return Err(CompileError::syntax("cannot assign to __debug__", span));
        }
        let name = self.mangled(name);
        match self.place(&name) {
            Place::Local(r) => {
                self.val_to(span, v, r);
            }
            Place::Cell(cell) | Place::ClassCell(cell) | Place::DictCell(cell) => {
                let (r, kill) = self.reg(span, v);
                self.unit.op(
                    span,
                    Op::StoreDeref,
                    kill_if(kill, flag::KILL_A),
                    r,
                    cell,
                    0,
                );
            }
            place @ (Place::Name | Place::Global | Place::DictGlobal) => {
                let (r, kill) = self.reg(span, v);
                let n = self.unit.name(&name);
                let op = if place == Place::Name {
                    Op::StoreName
                } else {
                    Op::StoreGlobal
                };
                self.unit.op(span, op, kill_if(kill, flag::KILL_A), r, n, 0);
            }
        }
        Ok(())
    }

    /// `del name`.
    pub(crate) fn delete_name(&mut self, name: &Rc<str>, span: Span) -> Result<()> {
        if &**name == "__debug__" {
            return Err(CompileError::syntax("cannot delete __debug__", span));
        }
        let name = self.mangled(name);
        match self.place(&name) {
            Place::Local(r) => {
                self.unit.op(span, Op::DeleteFast, 0, r, 0, 0);
                self.unit.bound.remove(r);
            }
            Place::Cell(r) | Place::ClassCell(r) | Place::DictCell(r) => {
                self.unit.op(span, Op::DeleteDeref, 0, 0, r, 0);
            }
            Place::Name => {
                let n = self.unit.name(&name);
                self.unit.op(span, Op::DeleteName, 0, 0, n, 0);
            }
            Place::Global | Place::DictGlobal => {
                let n = self.unit.name(&name);
                self.unit.op(span, Op::DeleteGlobal, 0, 0, n, 0);
            }
        }
        Ok(())
    }

    /// Reads a name. Locals are not touched.
    pub(crate) fn load_name(&mut self, name: &Rc<str>, span: Span, hint: Option<Reg>) -> Val {
        let name = self.mangled(name);
        let place = self.place(&name);
        if let Place::Local(r) = place {
            return Val::Local(r);
        }
        let dst = hint.unwrap_or_else(|| self.unit.alloc());
        match place {
            Place::Local(_) => {}
            Place::Cell(r) => self.unit.op(span, Op::LoadDeref, 0, dst, r, 0),
            Place::ClassCell(cell) => {
                let dict = self.unit.alloc();
                self.unit.op(span, Op::LoadLocals, 0, dict, 0, 0);
                self.load_dict_or_cell(&name, span, dst, dict, cell);
            }
            Place::DictCell(cell) => {
                let dict = self.class_dict(span);
                self.load_dict_or_cell(&name, span, dst, dict, cell);
            }
            Place::DictGlobal => {
                let dict = self.class_dict(span);
                let n = self.unit.name(&name);
                self.unit
                    .op(span, Op::LoadFromDictOrGlobals, flag::KILL_B, dst, dict, n);
                self.unit.release(dict);
            }
            Place::Name => {
                let n = self.unit.name(&name);
                self.unit.op(span, Op::LoadName, 0, dst, n, 0);
            }
            Place::Global => {
                let n = self.unit.name(&name);
                self.unit.op(span, Op::LoadGlobal, 0, dst, n, 0);
            }
        }
        self.at(dst)
    }

    fn class_dict(&mut self, span: Span) -> Reg {
        let dict = self.unit.alloc();
        match self.unit.cells.get("__classdict__").copied() {
            Some(r) => self.unit.op(span, Op::LoadDeref, 0, dict, r, 0),
            None => self.unit.op(span, Op::LoadLocals, 0, dict, 0, 0),
        }
        dict
    }

    fn load_dict_or_cell(&mut self, name: &Rc<str>, span: Span, dst: Reg, dict: Reg, cell: Reg) {
        let n = self.unit.name(name);
        self.unit.op_extra(
            span,
            Op::LoadFromDictOrDeref,
            flag::KILL_B,
            dst,
            dict,
            cell,
            u32::from(n),
        );
        self.unit.release(dict);
    }

    // ---- values

    /// The value that an instruction has just written to `dst`.
    pub(crate) fn at(&self, dst: Reg) -> Val {
        if self.unit.is_temp(dst) {
            Val::Temp(dst)
        } else {
            Val::Local(dst)
        }
    }

    /// The register to read a value from, and whether it dies there.
    pub(crate) fn reg(&mut self, span: Span, v: Val) -> (Reg, bool) {
        match v {
            Val::Const(c) => {
                let r = self.unit.alloc();
                self.unit.load_const(span, r, &c);
                (r, true)
            }
            Val::Local(r) => {
                // Whatever reads it raises if it is not bound.
                if !self.unit.is_temp(r) {
                    self.unit.bound.insert(r);
                }
                (r, false)
            }
            Val::Temp(r) => (r, true),
        }
    }

    /// Puts a value into a register.
    pub(crate) fn val_to(&mut self, span: Span, v: Val, dst: Reg) {
        match v {
            Val::Const(c) => self.unit.load_const(span, dst, &c),
            Val::Local(r) if r == dst => {
                if !self.unit.is_bound(r) {
                    // `x = x` where x may be unbound has to say so.
                    let t = self.unit.alloc();
                    self.unit.mov(span, t, r, false);
                    self.unit.mov(span, dst, t, true);
                    self.unit.release(t);
                }
            }
            Val::Local(r) => self.unit.mov(span, dst, r, false),
            Val::Temp(r) if r == dst => {}
            Val::Temp(r) => self.unit.mov(span, dst, r, true),
        }
    }

    /// Drops a value that nobody wants.
    pub(crate) fn drop_val(&mut self, span: Span, v: Val) {
        match v {
            Val::Const(_) => {}
            Val::Local(r) => {
                if !self.unit.is_bound(r) {
                    let t = self.unit.alloc();
                    self.unit.mov(span, t, r, false);
                    self.unit.clear(span, t);
                    self.unit.release(t);
                }
            }
            Val::Temp(r) => self.unit.clear(span, r),
        }
    }

    /// An accumulator: the destination itself when it is a fresh temporary, else a new one.
    pub(crate) fn accumulator(&mut self, hint: Option<Reg>) -> Reg {
        match hint {
            Some(h) if self.unit.is_temp(h) => h,
            _ => self.unit.alloc(),
        }
    }

    /// The destination as a place for the first operand, if it is a temporary on top.
    pub(crate) fn sub_hint(&self, hint: Option<Reg>) -> Option<Reg> {
        hint.filter(|&h| self.unit.is_top(h))
    }

    /// Copies a local that later operands could change, or that has to be checked before them.
    pub(crate) fn protect(&mut self, span: Span, v: Val, later_is_trivial: bool) -> Val {
        if let Val::Local(r) = v
            && !later_is_trivial
            && (!self.unit.is_bound(r) || self.unit.walrus.contains(r))
        {
            let t = self.unit.alloc();
            self.unit.mov(span, t, r, false);
            return Val::Temp(t);
        }
        v
    }

    /// Whether evaluating the expression does nothing but read a local or a constant.
    pub(crate) fn is_trivial(&self, e: &Expr) -> bool {
        match &e.kind {
            ExprKind::Constant { .. } => true,
            ExprKind::Name { id, .. } => {
                matches!(self.place(&self.mangled(id)), Place::Local(_))
            }
            _ => false,
        }
    }
}

/// Whether the name is one of the cells that only class bodies make.
fn is_class_cell(name: &str) -> bool {
    matches!(
        name,
        "__class__" | "__classdict__" | "__conditional_annotations__"
    )
}

#[cold]
pub(crate) fn late_future(span: Span) -> CompileError {
    CompileError::syntax(
        "from __future__ imports must occur at the beginning of the file",
        span,
    )
}

/// `bit` if `kill`.
pub(crate) fn kill_if(kill: bool, bit: u8) -> u8 {
    if kill { bit } else { 0 }
}

/// The docstring that begins a body.
pub(crate) fn docstring(body: &[Stmt]) -> Option<(&PyString, Span)> {
    match &body.first()?.kind {
        StmtKind::Expr { value } => match &value.kind {
            ExprKind::Constant {
                value: Constant::Str(s),
                ..
            } => Some((s, value.span)),
            _ => None,
        },
        _ => None,
    }
}

/// Takes the common indentation out of a docstring, as CPython's compiler has done since 3.13.
pub(crate) fn clean_doc(doc: &[u8]) -> Vec<u8> {
    let expanded = expand_tabs(doc);
    let lines: Vec<&[u8]> = expanded.split(|&b| b == b'\n').collect();
    let indent = |line: &[u8]| line.iter().take_while(|&&b| b == b' ').count();
    let margin = lines[1..]
        .iter()
        .filter(|l| indent(l) < l.len())
        .map(|l| indent(l))
        .min()
        .unwrap_or(0);
    let mut out = Vec::with_capacity(expanded.len());
    for (i, line) in lines.iter().enumerate() {
        if i == 0 {
            out.extend_from_slice(&line[indent(line)..]);
        } else {
            out.push(b'\n');
            out.extend_from_slice(&line[margin.min(indent(line))..]);
        }
    }
    out
}

fn expand_tabs(doc: &[u8]) -> Vec<u8> {
    if !doc.contains(&b'\t') {
        return doc.to_vec();
    }
    let mut out = Vec::with_capacity(doc.len() + 16);
    let mut column = 0;
    for &b in doc {
        match b {
            b'\t' => {
                let n = 8 - column % 8;
                out.extend(std::iter::repeat_n(b' ', n));
                column += n;
            }
            b'\n' | b'\r' => {
                out.push(b);
                column = 0;
            }
            _ => {
                out.push(b);
                // Columns count characters, not the bytes that continue one.
                if b & 0xc0 != 0x80 {
                    column += 1;
                }
            }
        }
    }
    out
}
