//! Code from the library image: bodies are made when they are first needed.

use std::cell::{Cell, OnceCell, UnsafeCell};
use std::rc::Rc;

use taipan_bytecode::packed::{Damaged, Head as Packed, PackedConst, PackedModule, Reader};
use taipan_bytecode::{Instr, Op};

use super::body::{Body, Lines, Original};
use super::{Code, Head, big_int};
use crate::core::{R, Ref, Value};
use crate::types::{bytes, complex, frozenset, slice, str, tuple};
use crate::vm::{Vm, intern};

/// A module of the image, as long as any of its code has no body.
pub struct Library {
    module: PackedModule<'static>,
    filename: Value,
    /// Strings of the module's table, made once each; 0 for those that nobody has asked for.
    strings: Box<[Cell<u64>]>,
}

impl Drop for Library {
    fn drop(&mut self) {
        for s in &self.strings {
            if s.get() != 0 {
                // SAFETY: the word owns a count.
                drop(unsafe { Value::from_raw(s.get()) });
            }
        }
    }
}

impl Library {
    fn string(&self, i: u32) -> Result<Value, Damaged> {
        let cell = self.strings.get(i as usize).ok_or(Damaged)?;
        if cell.get() == 0 {
            let text = std::str::from_utf8(self.module.string(i as usize).ok_or(Damaged)?).map_err(|_| Damaged)?;
            cell.set(intern(text).into_value().into_raw());
        }
        // SAFETY: the word owns a count and stays as long as this table.
        let v = std::mem::ManuallyDrop::new(unsafe { Value::from_raw(cell.get()) });
        Ok((*v).clone())
    }

    /// The qualified name, which is not interned: each is used once.
    fn qualname(&self, head: Packed) -> Result<Value, Damaged> {
        if head.qualname == head.name {
            return self.string(head.name);
        }
        let text = std::str::from_utf8(self.module.string(head.qualname as usize).ok_or(Damaged)?).map_err(|_| Damaged)?;
        Ok(str::from_str(text))
    }

    fn list(&self, r: &mut Reader<'static>) -> Result<Vec<Value>, Damaged> {
        let n = r.count()?;
        let mut out = Vec::with_capacity(n);
        for _ in 0..n {
            out.push(self.string(r.small()?)?);
        }
        Ok(out)
    }
}

/// The code of a module of the image.
///
/// Raises SystemError if the image is damaged.
pub fn from_library(vm: &Vm, packed: &'static [u8], filename: &str) -> R<Ref<Code>> {
    let module = PackedModule::new(packed);
    let damaged = |_| vm.system_error("the library image is damaged");
    let library = Rc::new(Library {
        module,
        filename: intern(filename).into_value(),
        strings: (0..module.strings()).map(|_| Cell::new(0)).collect(),
    });
    let root = module.root().map_err(damaged)?;
    code(&library, root).map_err(damaged)
}

fn code(library: &Rc<Library>, head: Packed) -> Result<Ref<Code>, Damaged> {
    let code = Head {
        name: library.string(head.name)?,
        qualname: library.qualname(head)?,
        filename: library.filename.clone(),
        first_line: head.first_line,
        flags: head.flags,
        argcount: head.argcount,
        posonly: head.posonly,
        kwonly: head.kwonly,
        nregs: head.nregs,
        nlocals: head.nlocals,
        nfree: head.nfree,
    }
    .into_code();
    // SAFETY: nobody else knows the code yet.
    unsafe { *code.source.get() = Some((library.clone(), head.body)) };
    Ok(Ref::new(code))
}

/// What code of a damaged image does: it raises.
fn broken() -> Body {
    Body {
        varnames: Box::new([]),
        cellvars: Box::new([]),
        freevars: Box::new([]),
        free_base: 0,
        handlers: Box::new([]),
        lines: Lines::Image(&[]),
        original: Original::Own(Box::new([])),
        instrs: UnsafeCell::new(Box::new([Instr::new(Op::Raise, 0, 0, 0, 0).0])),
        positions: OnceCell::new(),
            view: OnceCell::new(),
    }
}

/// The instructions of a body as they are in the image.
pub(super) fn instructions(library: &Rc<Library>, at: u32) -> Box<[u64]> {
    library.module.at(at as usize).instructions().unwrap_or_default().into()
}

impl Code {
    /// Makes the body.
    #[cold]
    #[inline(never)]
    pub(super) fn load_body(&self) -> &Body {
        // SAFETY: under the GIL; nothing below runs Python code or comes back here for the same code.
        let source = unsafe { (*self.source.get()).take() };
        let body = source.and_then(|(library, at)| self.read_body(&library, at).ok()).unwrap_or_else(broken);
        self.set_body(body);
        self.body()
    }

    fn read_body(&self, library: &Rc<Library>, at: u32) -> Result<Body, Damaged> {
        let mut r = library.module.at(at as usize);
        let varnames = library.list(&mut r)?;
        let cells = r.count()?;
        let cellvars = (0..cells).map(|_| Ok((library.string(r.small()?)?, r.small()? as u16))).collect::<Result<_, Damaged>>()?;
        let freevars = library.list(&mut r)?;
        let free_base = r.small()? as u16;
        let names = library.list(&mut r)?;
        let n = r.count()?;
        let consts = constants(library, &mut r, n)?;
        let at = r.offset();
        let instrs = r.instructions()?;
        let lines = Lines::Image(r.slice()?);
        let handlers = r.handlers()?;
        self.consts.fill(consts);
        self.names.fill(names);
        Ok(Body {
            varnames: varnames.into(),
            cellvars,
            freevars: freevars.into(),
            free_base,
            handlers: handlers.into(),
            lines,
            original: Original::Image(library.clone(), at),
            instrs: UnsafeCell::new(instrs.into()),
            positions: OnceCell::new(),
            view: OnceCell::new(),
        })
    }
}

fn constants(library: &Rc<Library>, r: &mut Reader<'static>, n: usize) -> Result<Vec<Value>, Damaged> {
    let mut out = Vec::with_capacity(n);
    for _ in 0..n {
        out.push(constant(library, r)?);
    }
    Ok(out)
}

fn constant(library: &Rc<Library>, r: &mut Reader<'static>) -> Result<Value, Damaged> {
    Ok(match r.constant()? {
        PackedConst::None => Value::NONE,
        PackedConst::Bool(b) => Value::bool(b),
        PackedConst::Ellipsis => Value::ELLIPSIS,
        PackedConst::Int(n) => Value::from(n),
        PackedConst::BigInt(negative, magnitude) => big_int(negative, magnitude),
        PackedConst::Float(x) => Value::from(x),
        PackedConst::Complex(re, im) => complex::from_parts(re, im),
        PackedConst::Name(i) => library.string(i)?,
        PackedConst::Str(s) => str::from_wtf8(s).into_value(),
        PackedConst::Bytes(b) => bytes::from_slice(b).into_value(),
        PackedConst::Tuple(n) => tuple::from_vec(constants(library, r, n)?).into_value(),
        PackedConst::FrozenSet(n) => {
            let items = constants(library, r, n)?;
            // Constants hash without Python code.
            frozenset::from_vec(crate::vm::current(), items).map_err(|_| Damaged)?
        }
        PackedConst::Slice => {
            let (a, b, c) = (constant(library, r)?, constant(library, r)?, constant(library, r)?);
            slice::new(a, b, c)
        }
        PackedConst::Code(head) => code(library, head)?.into_value(),
    })
}
