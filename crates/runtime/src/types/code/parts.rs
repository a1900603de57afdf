//! Code objects from their parts, as `types.CodeType` and what pickles functions by value make them.
//!
//! `co_code` is only a picture of the instructions; the real ones travel in `co_linetable`, which nobody looks into.

use std::rc::Rc;

use taipan_bytecode::{Code as Data, ExcEntry, LineTable};

use super::{Code, to_const, verify};
use crate::core::{R, Raised, Ref, Value};
use crate::native::Args;
use crate::types::bytes::Bytes;
use crate::types::int;
use crate::types::str::Str;
use crate::types::tuple::Tuple;
use crate::vm::Vm;

const MAGIC: &[u8; 8] = b"\xffTaipan1";

/// What only Taipan's code has.
pub struct Parts {
    consts: usize,
    nregs: u32,
    free_base: u16,
    cells: Vec<u16>,
    instrs: Vec<u64>,
    handlers: Vec<ExcEntry>,
    lines: LineTable,
}

/// The parts as bytes.
pub fn pack(d: &Data) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    let mut put = |n: u64| out.extend_from_slice(&n.to_le_bytes());
    put(d.consts.len() as u64);
    put(d.nregs.into());
    put(d.free_base.into());
    put(d.cellvars.len() as u64);
    d.cellvars.iter().for_each(|(_, r)| put((*r).into()));
    put(d.instrs.len() as u64);
    d.instrs.iter().for_each(|w| put(*w));
    put(d.handlers.len() as u64);
    for h in &d.handlers {
        put(u64::from(h.start) | u64::from(h.end) << 32);
        put(u64::from(h.target) | u64::from(h.exc_reg) << 32 | u64::from(h.depth) << 48);
    }
    out.extend_from_slice(&d.lines.0);
    out
}

/// The parts in bytes; `None` for what [`pack`] has not made.
pub fn unpack(bytes: &[u8]) -> Option<Parts> {
    let mut rest = bytes.strip_prefix(MAGIC)?;
    let mut get = || -> Option<u64> {
        let (n, more) = rest.split_first_chunk::<8>()?;
        rest = more;
        Some(u64::from_le_bytes(*n))
    };
    let consts = usize::try_from(get()?).ok()?;
    let (nregs, free_base) = (u32::try_from(get()?).ok()?, u16::try_from(get()?).ok()?);
    // Counts are not believed: each item has to be there.
    let cells = (0..get()?).map(|_| u16::try_from(get()?).ok()).collect::<Option<Vec<_>>>()?;
    let instrs = (0..get()?).map(|_| get()).collect::<Option<Vec<_>>>()?;
    let mut handlers = Vec::new();
    for _ in 0..get()? {
        let (a, b) = (get()?, get()?);
        let (start, end, target) = (a as u32, (a >> 32) as u32, b as u32);
        handlers.push(ExcEntry { start, end, target, exc_reg: (b >> 32) as u16, depth: (b >> 48) as u16 });
    }
    Some(Parts { consts, nregs, free_base, cells, instrs, handlers, lines: LineTable(rest.into()) })
}

impl Parts {
    /// Makes them those of a code object with as many cell variables.
    pub fn put_into(self, d: &mut Data) {
        d.nregs = self.nregs;
        d.free_base = self.free_base;
        d.instrs = self.instrs;
        d.handlers = self.handlers;
        d.lines = self.lines;
        for (slot, reg) in d.cellvars.iter_mut().zip(self.cells) {
            slot.1 = reg;
        }
    }
}

struct Reader<'a> {
    vm: &'a Vm,
    args: &'a [Value],
    at: usize,
}

impl Reader<'_> {
    fn bad(&self, wanted: &str, v: &Value) -> Raised {
        let given = if v.is_none() { "None".to_owned() } else { v.ty().tp_name() };
        self.vm.type_error(format!("code() argument {} must be {wanted}, not {given}", self.at))
    }

    fn next(&mut self) -> Value {
        let v = self.args.get(self.at).cloned().unwrap_or_else(|| crate::vm::empty_tuple().into_value());
        self.at += 1;
        v
    }

    fn number(&mut self) -> R<u32> {
        let v = self.next();
        u32::try_from(int::to_i64(self.vm, &v)?)
            .map_err(|_| self.vm.value_error("code: arguments must not be negative"))
    }

    fn bytes(&mut self) -> R<Ref<Bytes>> {
        let v = self.next();
        v.downcast::<Bytes>().cloned().ok_or_else(|| self.bad("bytes", &v))
    }

    fn text(&mut self) -> R<Rc<str>> {
        let v = self.next();
        v.downcast::<Str>().map(|s| s.to_string_lossy().into()).ok_or_else(|| self.bad("str", &v))
    }

    fn tuple(&mut self) -> R<Ref<Tuple>> {
        let v = self.next();
        v.downcast::<Tuple>().cloned().ok_or_else(|| self.bad("tuple", &v))
    }

    fn names(&mut self) -> R<Vec<Rc<str>>> {
        let name = |n: &Value| match n.downcast::<Str>() {
            Some(s) => Ok(Rc::from(s.to_string_lossy())),
            None => {
                let given = n.ty().tp_name();
                Err(self.vm.type_error(format!("name tuples must contain only strings, not '{given}'")))
            }
        };
        let v = self.args.get(self.at).cloned().unwrap_or_else(|| crate::vm::empty_tuple().into_value());
        let Some(t) = v.downcast::<Tuple>() else {
            self.at += 1;
            return Err(self.bad("tuple", &v));
        };
        let names = t.as_slice().iter().map(name).collect();
        self.at += 1;
        names
    }
}

/// `code(argcount, ...)`: what the attributes of another code object say makes its equal.
///
/// Raises TypeError and ValueError for what no code of Taipan is made of.
pub fn from_arguments(vm: &Vm, args: Args<'_>) -> R {
    let given = args.positional().len();
    if !args.names.is_empty() {
        return Err(vm.type_error("code() takes no keyword arguments"));
    }
    if !(16..=18).contains(&given) {
        let (how, n) = if given < 16 { ("at least", 16) } else { ("at most", 18) };
        return Err(vm.type_error(format!("code expected {how} {n} arguments, got {given}")));
    }
    let mut r = Reader { vm, args: args.positional(), at: 0 };
    let (argcount, posonly, kwonly, nlocals) = (r.number()?, r.number()?, r.number()?, r.number()?);
    let (_, flags) = (r.number()?, r.number()?);
    let code = r.bytes()?;
    let consts = r.tuple()?;
    let (names, varnames) = (r.names()?, r.names()?);
    let (filename, name, qualname) = (r.text()?, r.text()?, r.text()?);
    let first_line = r.number()?;
    let (lines, _) = (r.bytes()?, r.bytes()?);
    let (freevars, cellvars) = (r.names()?, r.names()?);
    if nlocals as usize != varnames.len() {
        return Err(vm.value_error("code: co_nlocals != len(co_varnames)"));
    }
    let Some(parts) = unpack(lines.as_slice()).filter(|p| p.cells.len() == cellvars.len()) else {
        return Err(vm.value_error("code: these are not the parts of a code object of Taipan"));
    };
    // Behind the constants stand those that `co_consts` shows of the instructions' own operands.
    let consts = consts.as_slice().get(..parts.consts).unwrap_or(consts.as_slice());
    let mut d = Data {
        name,
        qualname,
        filename,
        first_line,
        flags,
        argcount,
        posonly,
        kwonly,
        names,
        varnames,
        cellvars: cellvars.into_iter().map(|n| (n, 0)).collect(),
        freevars,
        consts: consts.iter().map(|v| to_const(v).unwrap_or(taipan_bytecode::Const::None)).collect(),
        ..Data::default()
    };
    parts.put_into(&mut d);
    if !verify(&d) {
        return Err(vm.value_error("code: the parts do not fit together"));
    }
    let new = Code::build(vm, Rc::new(d), Some(consts.to_vec()))?;
    // The picture has to be that of these instructions; otherwise somebody wanted others.
    if new.view().code[..] != *code.as_slice() {
        return Err(vm.value_error("code: co_code only shows the instructions, it can't change them"));
    }
    Ok(new.into_value())
}
