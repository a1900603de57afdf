//! code: the live form of [`taipan_bytecode::Code`]: constants and names as objects, and this
//! interpreter's own copy of the instructions, which the loop specialises in place.
//!
//! Code of the library starts with its head alone (names, counts, flags); its body is made from the image
//! when it is first needed: most functions of most modules are never called. Until then `instrs` is a
//! single LOAD_BODY, which makes the body and goes on at its first instruction, so that calls need no check.
//! A running frame's code therefore always has its body.

mod body;
mod data;
mod flow;
mod library;
mod methods;
mod parts;
mod verify;
mod view;

use std::cell::{Cell, OnceCell, UnsafeCell};
use std::ops::Index;
use std::rc::Rc;

use taipan_bytecode::{Code as Data, CodeFlags, Const, Instr, Op, Position};

pub use self::body::Body;
pub use self::flow::{Flow, Kind};
pub use self::library::from_library;
pub use self::methods::TYPES;
pub use self::verify::verify;
use self::library::Library;
use self::view::View;
use crate::core::{R, Ref, Trace, Value};
use crate::types::str::Str;
use crate::types::{bytes, complex, frozenset, int, slice, str, tuple};
use crate::vm::{Vm, intern};

/// The payload of code.
pub struct Code {
    /// Constants as objects; empty until the body is there (see [`Code::consts`]).
    pub consts: Part,
    /// Names as interned strings; empty until the body is there (see [`Code::names`]).
    pub names: Part,
    instrs: Cell<*mut u64>,
    body: OnceCell<Box<Body>>,
    /// Where the body comes from, while it is not there.
    source: UnsafeCell<Option<(Rc<Library>, u32)>>,
    /// `co_name`
    pub name: Value,
    /// `co_qualname`
    pub qualname: Value,
    /// `co_filename`; importlib may correct it.
    pub filename: crate::core::PyCell<Value>,
    /// Parameters that take a register: positional, keyword-only, `*args`, `**kwargs`.
    pub nparams: u32,
    /// Registers that hold named variables (locals, cells, free variables); temporaries follow.
    pub nlocals: u32,
    /// Size of the window.
    pub nregs: u32,
    /// `co_flags`
    pub flags: Cell<u32>,
    /// For a plain call: the argument count that needs no binding, or `u32::MAX`.
    pub simple_argc: u32,
    /// `co_argcount`
    pub argcount: u32,
    /// `co_posonlyargcount`
    pub posonly: u32,
    /// `co_kwonlyargcount`
    pub kwonly: u32,
    /// `co_firstlineno`
    pub first_line: u32,
    /// How many free variables there are.
    pub nfree: u32,
}

/// Objects that come with the body.
pub struct Part(UnsafeCell<Box<[Value]>>);

impl Part {
    fn new(values: Vec<Value>) -> Self {
        Self(UnsafeCell::new(values.into()))
    }

    /// The first object, of code whose body is there.
    #[inline(always)]
    pub fn as_ptr(&self) -> *const Value {
        self.slice().as_ptr()
    }

    #[inline(always)]
    fn slice(&self) -> &[Value] {
        // SAFETY: replaced once, from the empty slice, of which nobody keeps a borrow.
        unsafe { &*self.0.get() }
    }

    /// Puts the objects in.
    fn fill(&self, values: Vec<Value>) {
        // SAFETY: as `slice`.
        unsafe { *self.0.get() = values.into() };
    }
}

impl Index<usize> for Part {
    type Output = Value;

    #[inline(always)]
    fn index(&self, i: usize) -> &Value {
        &self.slice()[i]
    }
}

/// What stands for the instructions of code without its body.
static STUB: [u64; 1] = [Instr::new(Op::LoadBody, 0, 0, 0, 0).0];

impl Trace for Code {
    fn trace(&self, tracer: &mut taipan_memory::Tracer<'_>) {
        for v in self.consts.slice() {
            v.trace(tracer);
        }
    }
}

/// The part of a code object that both ways of making one know.
struct Head {
    name: Value,
    qualname: Value,
    filename: Value,
    first_line: u32,
    flags: u32,
    argcount: u32,
    posonly: u32,
    kwonly: u32,
    nregs: u32,
    nlocals: u32,
    nfree: u32,
}

impl Head {
    /// A code object without a body.
    fn into_code(self) -> Code {
        let flags = self.flags;
        let extra = u32::from(flags & CodeFlags::VARARGS != 0) + u32::from(flags & CodeFlags::VARKEYWORDS != 0);
        let simple = extra == 0 && self.kwonly == 0 && flags & CodeFlags::OPTIMIZED != 0;
        Code {
            consts: Part::new(Vec::new()),
            names: Part::new(Vec::new()),
            instrs: Cell::new(STUB.as_ptr().cast_mut()),
            body: OnceCell::new(),
            source: UnsafeCell::new(None),
            name: self.name,
            qualname: self.qualname,
            filename: crate::core::PyCell::new(self.filename),
            nparams: self.argcount + self.kwonly + extra,
            nlocals: self.nlocals,
            nregs: self.nregs.max(self.nlocals),
            flags: Cell::new(flags),
            simple_argc: if simple { self.argcount } else { u32::MAX },
            argcount: self.argcount,
            posonly: self.posonly,
            kwonly: self.kwonly,
            first_line: self.first_line,
            nfree: self.nfree,
        }
    }
}

impl Code {
    /// Makes the objects that a code object needs.
    pub fn from_data(vm: &Vm, data: Rc<Data>) -> R<Ref<Code>> {
        Self::build(vm, data, None)
    }

    /// As [`Code::from_data`], with the constants' objects given.
    pub(super) fn build(vm: &Vm, data: Rc<Data>, consts: Option<Vec<Value>>) -> R<Ref<Code>> {
        let data = Rc::try_unwrap(data).unwrap_or_else(|d| (*d).clone());
        let consts = match consts {
            Some(c) => c,
            None => data.consts.into_iter().map(|c| constant(vm, c)).collect::<R<Vec<_>>>()?,
        };
        let name_of = |n: &Rc<str>| intern(n).into_value();
        let cells_end = data.cellvars.iter().map(|(_, r)| u32::from(*r) + 1).max().unwrap_or(0);
        let free_end = if data.freevars.is_empty() { 0 } else { u32::from(data.free_base) + data.freevars.len() as u32 };
        let head = Head {
            name: name_of(&data.name),
            qualname: name_of(&data.qualname),
            filename: intern(&data.filename).into_value(),
            first_line: data.first_line,
            flags: data.flags,
            argcount: data.argcount,
            posonly: data.posonly,
            kwonly: data.kwonly,
            nregs: data.nregs,
            nlocals: (data.varnames.len() as u32).max(cells_end).max(free_end),
            nfree: data.freevars.len() as u32,
        };
        let code = head.into_code();
        code.consts.fill(consts);
        code.names.fill(data.names.iter().map(name_of).collect());
        code.set_body(Body {
            varnames: data.varnames.iter().map(name_of).collect(),
            cellvars: data.cellvars.iter().map(|(n, r)| (name_of(n), *r)).collect(),
            freevars: data.freevars.iter().map(name_of).collect(),
            free_base: data.free_base,
            handlers: data.handlers.into(),
            lines: body::Lines::Own(data.lines),
            original: body::Original::Own(data.instrs.clone().into()),
            instrs: UnsafeCell::new(data.instrs.into()),
            positions: OnceCell::new(),
            view: OnceCell::new(),
        });
        Ok(Ref::new(code))
    }

    fn set_body(&self, body: Body) {
        let body = self.body.get_or_init(|| Box::new(body));
        // SAFETY: only the pointer is taken; the box is never replaced.
        self.instrs.set(unsafe { (*body.instrs.get()).as_mut_ptr() });
    }

    /// The body, made now if need be.
    #[inline(always)]
    pub fn body(&self) -> &Body {
        match self.body.get() {
            Some(b) => b,
            // Watchers of memory ask for the line that runs: not here, where it is not known yet.
            None => taipan_memory::cache::unwatched(|| self.load_body()),
        }
    }

    /// Whether it comes from the library inside the binary.
    pub fn is_of_library(&self) -> bool {
        match self.body.get() {
            Some(b) => matches!(b.lines, body::Lines::Image(_)),
            None => true,
        }
    }

    /// The constants.
    pub fn consts(&self) -> &[Value] {
        self.body();
        self.consts.slice()
    }

    /// The names that instructions refer to.
    pub fn names(&self) -> &[Value] {
        self.body();
        self.names.slice()
    }

    /// Names of parameters and locals as interned strings.
    pub fn varnames(&self) -> &[Value] {
        &self.body().varnames
    }

    /// The docstring, or None.
    pub fn doc(&self) -> Value {
        if !self.has(CodeFlags::HAS_DOCSTRING) {
            return Value::NONE;
        }
        self.consts().first().filter(|v| v.downcast::<Str>().is_some()).cloned().unwrap_or(Value::NONE)
    }

    /// The first instruction word. The loop rewrites words in place (specialisation, caches), under the GIL.
    #[inline(always)]
    pub fn instrs(&self) -> *mut u64 {
        self.instrs.get()
    }

    /// Number of instruction words.
    pub fn len(&self) -> usize {
        self.body().len()
    }

    /// Whether there is no instruction.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The source position of a word.
    pub fn position(&self, pc: usize) -> Position {
        self.body().position(pc)
    }

    /// The code as `co_code` shows it, drawn now if need be.
    pub(super) fn view(&self) -> &View {
        self.body().view.get_or_init(|| Box::new(View::new(self)))
    }

    /// The offset into `co_code` that stands for a word (`f_lasti`).
    pub fn offset_of(&self, word: usize) -> usize {
        self.view().offset(word)
    }

    /// The word that an offset into `co_code` stands for.
    pub fn word_at(&self, offset: usize) -> usize {
        self.view().word(offset)
    }

    /// The name of a register that holds a variable, if it does.
    pub fn register_name(&self, reg: usize) -> Option<Value> {
        let body = self.body();
        if let Some((name, _)) = body.cellvars.iter().find(|(_, r)| *r as usize == reg) {
            return Some(name.clone());
        }
        if let Some(v) = body.varnames.get(reg) {
            return Some(v.clone());
        }
        let free = reg.checked_sub(body.free_base as usize)?;
        body.freevars.get(free).cloned()
    }

    /// Whether the flag is set.
    #[inline(always)]
    pub fn has(&self, flag: u32) -> bool {
        self.flags.get() & flag != 0
    }
}

/// A constant as an object.
fn constant(vm: &Vm, c: Const) -> R {
    Ok(match c {
        Const::None => Value::NONE,
        Const::Bool(b) => Value::bool(b),
        Const::Ellipsis => Value::ELLIPSIS,
        Const::Int(n) => Value::from(n),
        Const::BigInt(negative, magnitude) => big_int(negative, &magnitude),
        Const::Float(x) => Value::from(x),
        Const::Complex(re, im) => complex::from_parts(re, im),
        Const::Str(s) => text(&s),
        Const::Bytes(b) => bytes::from_slice(&b).into_value(),
        Const::Tuple(items) => tuple::from_vec(constants(vm, items)?).into_value(),
        Const::FrozenSet(items) => frozenset::from_vec(vm, constants(vm, items)?)?,
        Const::Slice(items) => {
            let [a, b, c] = *items;
            slice::new(constant(vm, a)?, constant(vm, b)?, constant(vm, c)?)
        }
        Const::Code(data) => Code::from_data(vm, data)?.into_value(),
    })
}

fn constants(vm: &Vm, items: Box<[Const]>) -> R<Vec<Value>> {
    items.into_iter().map(|c| constant(vm, c)).collect()
}

fn big_int(negative: bool, magnitude: &[u8]) -> Value {
    let n = dashu_int::IBig::from(dashu_int::UBig::from_le_bytes(magnitude));
    int::from_big(if negative { -n } else { n })
}

/// A string constant (as generalised UTF-8), interned if it looks like a name, as CPython does.
fn text(s: &[u8]) -> Value {
    match std::str::from_utf8(s) {
        Ok(t) if taipan_bytecode::packed::looks_like_name(s) => intern(t).into_value(),
        _ => str::from_wtf8(s).into_value(),
    }
}

/// An object as a constant, for `marshal`, `code.replace` and the frozen image; `None` for what is no constant.
pub fn to_const(v: &Value) -> Option<Const> {
    if v.is_none() {
        return Some(Const::None);
    }
    if v.is(&Value::ELLIPSIS) {
        return Some(Const::Ellipsis);
    }
    if let Some(b) = v.as_bool() {
        return Some(Const::Bool(b));
    }
    if let Some(n) = v.as_small() {
        return Some(Const::Int(n));
    }
    if let Some(x) = crate::types::float::get(v) {
        return Some(Const::Float(x));
    }
    if let Some(s) = v.downcast_exact::<str::Str>() {
        return Some(Const::Str(s.to_wtf8().into()));
    }
    if let Some(b) = v.downcast_exact::<bytes::Bytes>() {
        return Some(Const::Bytes(b.as_slice().into()));
    }
    if let Some(t) = v.downcast_exact::<tuple::Tuple>() {
        return t.as_slice().iter().map(to_const).collect::<Option<Vec<_>>>().map(|v| Const::Tuple(v.into()));
    }
    if let Some(c) = v.downcast_exact::<Code>() {
        return Some(Const::Code(Rc::new(c.to_data())));
    }
    if let Some(n) = int::get(v) {
        let n = n.to_big();
        let negative = n < dashu_int::IBig::ZERO;
        let magnitude: dashu_int::UBig = n.into_parts().1;
        return Some(Const::BigInt(negative, magnitude.to_le_bytes()));
    }
    if let Some((re, im)) = complex::get_exact(v) {
        return Some(Const::Complex(re, im));
    }
    if let Some(items) = frozenset::items_exact(v) {
        return items.iter().map(to_const).collect::<Option<Vec<_>>>().map(|v| Const::FrozenSet(v.into()));
    }
    if let Some([a, b, c]) = slice::parts(v) {
        return Some(Const::Slice(Box::new([to_const(&a)?, to_const(&b)?, to_const(&c)?])));
    }
    None
}
