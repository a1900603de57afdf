//! code: the live form of [`taipan_bytecode::Code`]: constants and names as objects, and this
//! interpreter's own copy of the instructions, which the loop specialises in place.

mod methods;
mod verify;

use std::cell::{Cell, OnceCell, UnsafeCell};
use std::rc::Rc;

use taipan_bytecode::{Code as Data, CodeFlags, Const, Position};

pub use self::methods::TYPES;
pub use self::verify::verify;
use crate::core::{NoTrace, R, Ref, Trace, Value};
use crate::types::{bytes, complex, frozenset, int, slice, str, tuple};
use crate::vm::{Vm, intern};

/// The payload of code.
pub struct Code {
    /// The plain data (its constants and instructions are emptied; see the fields below).
    pub data: NoTrace<Rc<Data>>,
    /// Constants as objects.
    pub consts: Box<[Value]>,
    /// Names as interned strings.
    pub names: Box<[Value]>,
    /// Names of parameters and locals as interned strings.
    pub varnames: Box<[Value]>,
    instrs: NoTrace<UnsafeCell<Box<[u64]>>>,
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
    lines: NoTrace<OnceCell<Box<[(u32, Position)]>>>,
}

impl Trace for Code {
    fn trace(&self, tracer: &mut taipan_memory::Tracer<'_>) {
        self.consts.trace(tracer);
    }
}

impl Code {
    /// Makes the objects that a code object needs.
    pub fn from_data(vm: &Vm, data: Rc<Data>) -> R<Ref<Code>> {
        Self::build(vm, data, None)
    }

    /// As [`Code::from_data`], with the constants' objects given.
    pub(super) fn build(vm: &Vm, data: Rc<Data>, consts: Option<Vec<Value>>) -> R<Ref<Code>> {
        let consts = match consts {
            Some(c) => c,
            None => data.consts.iter().map(|c| constant(vm, c)).collect::<R<Vec<_>>>()?,
        };
        let name_of = |n: &Rc<str>| intern(n).into_value();
        let flags = data.flags;
        let extra = u32::from(flags & CodeFlags::VARARGS != 0) + u32::from(flags & CodeFlags::VARKEYWORDS != 0);
        let simple = extra == 0 && data.kwonly == 0 && flags & CodeFlags::OPTIMIZED != 0;
        let cells_end = data.cellvars.iter().map(|(_, r)| u32::from(*r) + 1).max().unwrap_or(0);
        let free_end = if data.freevars.is_empty() { 0 } else { u32::from(data.free_base) + data.freevars.len() as u32 };
        let nlocals = (data.varnames.len() as u32).max(cells_end).max(free_end);
        Ok(Ref::new(Code {
            consts: consts.into(),
            names: data.names.iter().map(name_of).collect(),
            varnames: data.varnames.iter().map(name_of).collect(),
            instrs: NoTrace(UnsafeCell::new(data.instrs.clone().into())),
            name: name_of(&data.name),
            qualname: name_of(&data.qualname),
            filename: crate::core::PyCell::new(intern(&data.filename).into_value()),
            nparams: data.argcount + data.kwonly + extra,
            nlocals,
            nregs: data.nregs.max(nlocals),
            flags: Cell::new(flags),
            simple_argc: if simple { data.argcount } else { u32::MAX },
            lines: NoTrace(OnceCell::new()),
            data: NoTrace(data),
        }))
    }

    /// The first instruction word. The loop rewrites words in place (specialisation, caches), under the GIL.
    #[inline(always)]
    pub fn instrs(&self) -> *mut u64 {
        // SAFETY: only the pointer is taken; the box is never replaced.
        unsafe { (*self.instrs.get()).as_mut_ptr() }
    }

    /// Number of instruction words.
    pub fn len(&self) -> usize {
        self.data.instrs.len()
    }

    /// Whether there is no instruction.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The source position of a word.
    pub fn position(&self, pc: usize) -> Position {
        let table = self.lines.get_or_init(|| {
            let mut end = 0;
            self.data.lines.runs().map(|(n, p)| {
                end += n;
                (end, p)
            }).collect()
        });
        let i = table.partition_point(|(end, _)| *end as usize <= pc);
        table.get(i).map_or(Position::default(), |(_, p)| *p)
    }

    /// The name of a register that holds a variable, if it does.
    pub fn register_name(&self, reg: usize) -> Option<Value> {
        if let Some((name, _)) = self.data.cellvars.iter().find(|(_, r)| *r as usize == reg) {
            return Some(intern(name).into_value());
        }
        if let Some(v) = self.varnames.get(reg) {
            return Some(v.clone());
        }
        let free = reg.checked_sub(self.data.free_base as usize)?;
        self.data.freevars.get(free).map(|n| intern(n).into_value())
    }

    /// Whether the flag is set.
    #[inline(always)]
    pub fn has(&self, flag: u32) -> bool {
        self.flags.get() & flag != 0
    }
}

/// A constant as an object; strings are interned as CPython interns constants that look like names.
pub fn constant(vm: &Vm, c: &Const) -> R {
    Ok(match c {
        Const::None => Value::NONE,
        Const::Bool(b) => Value::bool(*b),
        Const::Ellipsis => Value::ELLIPSIS,
        Const::Int(n) => Value::from(*n),
        Const::BigInt(negative, magnitude) => {
            let n = dashu_int::IBig::from(dashu_int::UBig::from_le_bytes(magnitude));
            int::from_big(if *negative { -n } else { n })
        }
        Const::Float(x) => Value::from(*x),
        Const::Complex(re, im) => complex::from_parts(*re, *im),
        Const::Str(s) => {
            let text = std::str::from_utf8(s).ok();
            match text {
                Some(t) if t.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') => intern(t).into_value(),
                _ => str::from_wtf8(s).into_value(),
            }
        }
        Const::Bytes(b) => bytes::from_slice(b).into_value(),
        Const::Tuple(items) => tuple::from_vec(items.iter().map(|c| constant(vm, c)).collect::<R<Vec<_>>>()?).into_value(),
        Const::FrozenSet(items) => frozenset::from_vec(vm, items.iter().map(|c| constant(vm, c)).collect::<R<Vec<_>>>()?)?,
        Const::Slice(items) => slice::new(constant(vm, &items[0])?, constant(vm, &items[1])?, constant(vm, &items[2])?),
        Const::Code(data) => Code::from_data(vm, data.clone())?.into_value(),
    })
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
        return Some(Const::Code(c.data.0.clone()));
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
