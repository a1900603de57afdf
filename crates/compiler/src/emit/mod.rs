//! One code object in the making: instructions, labels, handlers, registers.

mod assemble;
mod bits;
mod consts;

use std::rc::Rc;

use taipan_bytecode::{Const, Op, Operand, flag};
use taipan_syntax::ast::Span;

use crate::errors::{CompileError, Result};
use crate::scope::{FastMap, ScopeId};
use crate::stmt::FBlock;

pub(crate) use bits::Bits;
pub(crate) use consts::{Consts, Names};

/// A register.
pub(crate) type Reg = u16;

pub(crate) const NO_LABEL: u32 = u32::MAX;
pub(crate) const NO_HANDLER: u32 = u32::MAX;

/// A place in the code that jumps can go to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Label(pub(crate) u32);

/// One instruction before assembly.
#[derive(Clone, Copy)]
pub(crate) struct Ins {
    pub(crate) op: Op,
    pub(crate) flags: u8,
    pub(crate) a: u16,
    pub(crate) b: u16,
    pub(crate) c: u16,
    /// Whether a jump needs its long form.
    pub(crate) long: bool,
    pub(crate) label: u32,
    pub(crate) extra: u32,
    pub(crate) handler: u32,
    /// One more than the index of the position of the instruction's own look-up.
    pub(crate) name_pos: u32,
    pub(crate) span: Span,
}

/// Where exceptions go on.
pub(crate) struct HandlerRec {
    pub(crate) label: u32,
    pub(crate) exc_reg: Reg,
    pub(crate) depth: Reg,
    /// Whether any instruction is covered.
    pub(crate) used: bool,
    /// Locals that are bound wherever the handler is entered from.
    pub(crate) bound: Bits,
}

/// What kind of code a unit is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum UnitKind {
    Module,
    Class,
    Function,
    AsyncFunction,
    Lambda,
    Comprehension,
    Annotations,
    TypeParams,
}

/// A comprehension whose code is being put into the unit.
pub(crate) struct Inlined {
    pub(crate) scope: ScopeId,
    pub(crate) regs: FastMap<Rc<str>, Reg>,
}

/// One code object in the making.
pub(crate) struct Unit<'a> {
    pub(crate) scope: ScopeId,
    pub(crate) kind: UnitKind,
    pub(crate) name: Rc<str>,
    pub(crate) qualname: Rc<str>,
    pub(crate) first_line: u32,
    pub(crate) private: Option<Rc<str>>,
    pub(crate) argcount: u32,
    pub(crate) posonly: u32,
    pub(crate) kwonly: u32,
    pub(crate) flags: u32,

    pub(crate) code: Vec<Ins>,
    pub(crate) labels: Vec<u32>,
    states: Vec<Option<Bits>>,
    /// Where the last label was placed: the instruction before it must stay.
    last_label: u32,
    pub(crate) handlers: Vec<HandlerRec>,
    pub(crate) handler: u32,
    /// The handler to go back to after a way out of blocks.
    pub(crate) pending_handler: Option<u32>,
    /// The handler outside the innermost clean-up of a handler.
    pub(crate) cleanup_outer: u32,
    pub(crate) name_spans: Vec<Span>,
    pub(crate) consts: Consts,
    pub(crate) names: Names,

    pub(crate) varnames: Vec<Rc<str>>,
    pub(crate) cellvars: Vec<(Rc<str>, Reg)>,
    pub(crate) freevars: Vec<Rc<str>>,
    pub(crate) free_base: Reg,
    /// Registers of plain locals.
    pub(crate) locals: FastMap<Rc<str>, Reg>,
    /// Registers that hold the cells of cell and free variables.
    pub(crate) cells: FastMap<Rc<str>, Reg>,
    /// Registers of the cells that a class body makes for its inner scopes.
    pub(crate) class_cells: FastMap<&'static str, Reg>,
    pub(crate) temp_base: Reg,
    temps: u32,
    max_regs: u32,
    overflow: bool,

    /// Locals that are certainly bound here.
    pub(crate) bound: Bits,
    /// Locals that some statement unbinds.
    pub(crate) unstable: Bits,
    /// Locals that `:=` rebinds within expressions.
    pub(crate) walrus: Bits,
    pub(crate) reachable: bool,
    pub(crate) fblocks: Vec<FBlock<'a>>,
    pub(crate) inlined: Vec<Inlined>,
    pub(crate) in_conditional: u32,
    /// Conditional annotations of this class or module by the statement's address.
    pub(crate) annotations: FastMap<usize, Option<u32>>,
}

impl<'a> Unit<'a> {
    pub(crate) fn new(scope: ScopeId, kind: UnitKind, name: Rc<str>, qualname: Rc<str>) -> Self {
        Self {
            scope,
            kind,
            name,
            qualname,
            first_line: 1,
            private: None,
            argcount: 0,
            posonly: 0,
            kwonly: 0,
            flags: 0,
            code: Vec::new(),
            labels: Vec::new(),
            states: Vec::new(),
            last_label: NO_LABEL,
            handlers: Vec::new(),
            handler: NO_HANDLER,
            pending_handler: None,
            cleanup_outer: NO_HANDLER,
            name_spans: Vec::new(),
            consts: Consts::default(),
            names: Names::default(),
            varnames: Vec::new(),
            cellvars: Vec::new(),
            freevars: Vec::new(),
            free_base: 0,
            locals: FastMap::default(),
            cells: FastMap::default(),
            class_cells: FastMap::default(),
            temp_base: 0,
            temps: 0,
            max_regs: 0,
            overflow: false,
            bound: Bits::default(),
            unstable: Bits::default(),
            walrus: Bits::default(),
            reachable: true,
            fblocks: Vec::new(),
            inlined: Vec::new(),
            in_conditional: 0,
            annotations: FastMap::default(),
        }
    }

    // ---- registers

    /// Where the temporaries begin.
    pub(crate) fn set_temp_base(&mut self, base: usize) {
        self.temps = base as u32;
        self.max_regs = self.max_regs.max(self.temps);
        self.overflow |= base > MAX_REGS as usize;
        self.temp_base = self.temps.min(MAX_REGS) as Reg;
    }

    /// A new temporary on top of the others.
    pub(crate) fn alloc(&mut self) -> Reg {
        self.alloc_n(1)
    }

    /// A run of temporaries.
    pub(crate) fn alloc_n(&mut self, n: u32) -> Reg {
        let first = self.temps;
        self.temps += n;
        if self.temps > MAX_REGS {
            // Reported when the unit is finished; until then the numbers only have to be numbers.
            self.overflow = true;
            self.temps = MAX_REGS;
        }
        self.max_regs = self.max_regs.max(self.temps);
        first.min(MAX_REGS) as Reg
    }

    /// How many registers are in use.
    pub(crate) fn mark(&self) -> Reg {
        self.temps as Reg
    }

    /// Gives back every temporary from `mark` up.
    pub(crate) fn release(&mut self, mark: Reg) {
        self.temps = u32::from(mark);
    }

    pub(crate) fn is_temp(&self, r: Reg) -> bool {
        r >= self.temp_base
    }

    /// Whether `r` is the topmost temporary.
    pub(crate) fn is_top(&self, r: Reg) -> bool {
        self.is_temp(r) && u32::from(r) + 1 == self.temps
    }

    pub(crate) fn nregs(&self) -> u32 {
        // Operands that mean nothing are register 0, which has to be there.
        self.max_regs.max(1)
    }

    pub(crate) fn check_size(&self, span: Span) -> Result<()> {
        if self.overflow || self.names.list.len() > 0xffff {
            return Err(CompileError::overflow(
                "too many local variables, names or nested operands in one code block",
                span,
            ));
        }
        Ok(())
    }

    /// Whether local `r` certainly has a value. Cells and temporaries are not asked for.
    pub(crate) fn is_bound(&self, r: Reg) -> bool {
        self.is_temp(r) || self.bound.contains(r)
    }

    fn wrote(&mut self, r: Reg) {
        if r < self.temp_base {
            self.bound.insert(r);
        }
    }

    // ---- labels

    pub(crate) fn label(&mut self) -> Label {
        self.labels.push(NO_LABEL);
        self.states.push(None);
        Label(self.labels.len() as u32 - 1)
    }

    /// Remembers what is bound at a jump to `label`.
    fn jump_state(&mut self, label: Label) {
        match &mut self.states[label.0 as usize] {
            Some(state) => state.intersect(&self.bound),
            none => *none = Some(self.bound.clone()),
        }
    }

    /// Places a label that only forward jumps go to.
    pub(crate) fn place(&mut self, label: Label) {
        // A jump to the very next instruction goes away.
        if let Some(last) = self.code.last()
            && last.op == Op::Jump
            && last.label == label.0
            && last.span.line == 0
            && !self.reachable
            && self.last_label != self.code.len() as u32
        {
            self.code.pop();
        }
        self.put_label(label.0);
        if let Some(state) = self.states[label.0 as usize].take() {
            if self.reachable {
                self.bound.intersect(&state);
            } else {
                self.bound = state;
                self.reachable = true;
            }
        }
    }

    /// Places a label that a later backward jump goes to; `entered` says whether anything comes here.
    pub(crate) fn place_loop(&mut self, label: Label, entered: bool) {
        let state = self.states[label.0 as usize].take();
        if let Some(state) = state {
            if self.reachable {
                self.bound.intersect(&state);
            } else {
                self.bound = state;
            }
        }
        self.reachable |= entered;
        self.bound.subtract(&self.unstable);
        self.put_label(label.0);
    }

    fn put_label(&mut self, label: u32) {
        self.last_label = self.code.len() as u32;
        self.labels[label as usize] = self.last_label;
    }

    // ---- handlers

    /// A new handler; `exc` gets the exception, temporaries from `depth` up are dropped.
    pub(crate) fn new_handler(&mut self, exc_reg: Reg, depth: Reg) -> u32 {
        let label = self.label();
        let mut bound = self.bound.clone();
        bound.subtract(&self.unstable);
        self.handlers.push(HandlerRec {
            label: label.0,
            exc_reg,
            depth,
            used: false,
            bound,
        });
        self.handlers.len() as u32 - 1
    }

    /// Starts the code of a handler. False when nothing can raise into it.
    pub(crate) fn place_handler(&mut self, handler: u32) -> bool {
        let h = &self.handlers[handler as usize];
        let (used, label, bound) = (h.used, h.label, h.bound.clone());
        self.put_label(label);
        self.bound = bound;
        self.reachable = used;
        used
    }

    // ---- instructions

    fn push(&mut self, ins: Ins) {
        if self.handler != NO_HANDLER {
            self.handlers[self.handler as usize].used = true;
        }
        let label_free = self.last_label != self.code.len() as u32;
        // A line that goes on needs nothing that marks its start.
        if let Some(last) = self.code.last_mut()
            && last.op == Op::Nop
            && last.span.line == ins.span.line
            && label_free
        {
            *last = ins;
            return;
        }
        self.code.push(ins);
    }

    pub(crate) fn op(&mut self, span: Span, op: Op, flags: u8, a: u16, b: u16, c: u16) {
        if !self.reachable {
            return;
        }
        self.push(Ins {
            op,
            flags,
            a,
            b,
            c,
            long: false,
            label: NO_LABEL,
            extra: 0,
            handler: self.handler,
            name_pos: 0,
            span,
        });
        if op.info().a == Operand::W {
            self.wrote(a);
        }
        if op.info().c == Operand::W {
            self.wrote(c);
        }
        match op {
            Op::Return | Op::ReturnNone | Op::Reraise | Op::Raise => self.reachable = false,
            _ => {}
        }
    }

    pub(crate) fn op_extra(
        &mut self,
        span: Span,
        op: Op,
        flags: u8,
        a: u16,
        b: u16,
        c: u16,
        extra: u32,
    ) {
        if !self.reachable {
            return;
        }
        self.op(span, op, flags, a, b, c);
        if let Some(last) = self.code.last_mut() {
            last.extra = extra;
        }
    }

    /// The look-up within the last instruction has a position of its own: that of the extra words.
    pub(crate) fn name_span(&mut self, span: Span) {
        if !self.reachable {
            return;
        }
        self.name_spans.push(span);
        let n = self.name_spans.len() as u32;
        if let Some(last) = self.code.last_mut() {
            last.name_pos = n;
        }
    }

    pub(crate) fn wide(&mut self, span: Span, op: Op, a: Reg, bc: u32) {
        self.op(span, op, 0, a, bc as u16, (bc >> 16) as u16);
    }

    /// A jump of any kind.
    pub(crate) fn jump_op(&mut self, span: Span, op: Op, flags: u8, a: u16, b: u16, label: Label) {
        if !self.reachable {
            return;
        }
        self.push(Ins {
            op,
            flags,
            a,
            b,
            c: 0,
            long: false,
            label: label.0,
            extra: 0,
            handler: self.handler,
            name_pos: 0,
            span,
        });
        if op == Op::Jump {
            self.jump_state(label);
            self.reachable = false;
        } else if op.info().a == Operand::W {
            // Only the jumping path of FOR_ITER has written; the others write before both.
            let before = self.bound.clone();
            self.wrote(a);
            self.jump_state(label);
            self.bound = before;
        } else {
            self.jump_state(label);
        }
    }

    /// SEND and CLEANUP_THROW: three operands and a jump.
    pub(crate) fn jump_op3(
        &mut self,
        span: Span,
        op: Op,
        flags: u8,
        a: u16,
        b: u16,
        c: u16,
        label: Label,
    ) {
        if !self.reachable {
            return;
        }
        self.jump_op(span, op, flags, a, b, label);
        if let Some(last) = self.code.last_mut() {
            last.c = c;
        }
    }

    pub(crate) fn jump(&mut self, span: Span, label: Label) {
        self.jump_op(span, Op::Jump, 0, 0, 0, label);
    }

    pub(crate) fn clear(&mut self, span: Span, r: Reg) {
        self.op(span, Op::Clear, 0, r, 0, 0);
        if r < self.temp_base {
            self.bound.remove(r);
        }
    }

    /// Moves a value; `kill` takes it out of `from`.
    pub(crate) fn mov(&mut self, span: Span, to: Reg, from: Reg, kill: bool) {
        let flags = if kill { flag::KILL_B } else { 0 };
        self.op(span, Op::Move, flags, to, from, 0);
        if !kill {
            // It would have raised.
            self.wrote(from);
        }
    }

    pub(crate) fn load_const(&mut self, span: Span, to: Reg, c: &Const) {
        if !self.reachable {
            return;
        }
        if let Const::Int(n) = c
            && let Ok(n) = i32::try_from(*n)
        {
            self.wide(span, Op::LoadInt, to, n as u32);
            return;
        }
        let k = self.consts.add(c.clone());
        self.wide(span, Op::LoadConst, to, k);
    }

    /// The position of the last instruction.
    pub(crate) fn last_span(&self) -> Span {
        self.code.last().map_or(Span::default(), |i| i.span)
    }

    pub(crate) fn name(&mut self, name: &Rc<str>) -> u16 {
        self.names.add(name) as u16
    }
}

const MAX_REGS: u32 = 0xfff0;
