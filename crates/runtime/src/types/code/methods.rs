//! The class `code`.

use std::rc::Rc;

use taipan_bytecode::Code as Data;

use super::{Code, parts, to_const};
use crate::core::{R, Ref, Value};
use crate::native::{Args, TypeDef};
use crate::types::bytes;
use crate::types::int;
use crate::types::list;
use crate::types::str::{self, Str};
use crate::types::tuple::{self, Tuple};
use crate::types::type_::CmpOp;
use crate::vm::Vm;

/// The types of this room.
pub const TYPES: &[&TypeDef] = &[Code::DEF];

fn as_names(vm: &Vm, v: &Value, what: &str) -> R<Vec<Rc<str>>> {
    let Some(t) = v.downcast::<Tuple>() else {
        return Err(vm.type_error(format!("replace() argument '{what}' must be tuple, not {}", v.ty().tp_name())));
    };
    t.as_slice()
        .iter()
        .map(|n| match n.downcast::<Str>() {
            Some(s) => Ok(Rc::from(s.to_string_lossy())),
            None => Err(vm.type_error(format!("name tuples must contain only strings, not '{}'", n.ty().tp_name()))),
        })
        .collect()
}

/// Compares what two code objects would do.
fn same(vm: &Vm, a: &Code, b: &Code) -> R<bool> {
    let (x, y) = (a.to_data(), b.to_data());
    if x.name != y.name
        || x.argcount != y.argcount
        || x.posonly != y.posonly
        || x.kwonly != y.kwonly
        || x.flags != y.flags
        || x.first_line != y.first_line
        || x.instrs != y.instrs
        || x.names != y.names
        || x.varnames != y.varnames
        || x.cellvars != y.cellvars
        || x.freevars != y.freevars
        || x.lines != y.lines
        || x.handlers != y.handlers
        || x.consts.len() != y.consts.len()
    {
        return Ok(false);
    }
    for (c, d) in a.consts().iter().zip(b.consts()) {
        if !c.ty().is(d.ty()) || !vm.eq(c, d)? {
            return Ok(false);
        }
    }
    // 0.0 and -0.0, and items inside tuples, differ although they are equal.
    Ok(x.consts == y.consts || a.consts().iter().zip(b.consts()).all(|(c, d)| c.downcast::<Code>().is_some() || to_const(c) == to_const(d)))
}

/// The compiled form of a piece of Python.
#[taipan_macros::class(name = "code", module = "builtins", flags(GC, HAS_WEAKREF), sig = "(argcount, posonlyargcount, kwonlyargcount, nlocals, stacksize, flags, codestring, constants, names, varnames, filename, name, qualname, firstlineno, linetable, exceptiontable, freevars=(), cellvars=(), /)")]
impl Code {
    #[slot]
    fn new(vm: &Vm, _cls: &crate::types::type_::TypeObject, args: Args<'_>) -> R {
        parts::from_arguments(vm, args)
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Code>) -> R {
        Ok(str::from_str(&format!(
            "<code object {} at {:#x}, file \"{}\", line {}>",
            vm.str_lossy(&this.name),
            Ref::value(this).id(),
            vm.str_lossy(&this.filename.get()),
            this.first_line
        )))
    }

    #[slot]
    fn hash(vm: &Vm, this: &Ref<Code>) -> R<i64> {
        let mut h = vm.hash(&this.name)? ^ i64::from(this.first_line) ^ i64::from(this.argcount) << 8 ^ i64::from(this.flags.get()) << 16;
        for w in &this.body().original() {
            h = h.wrapping_mul(1_000_003) ^ *w as i64;
        }
        Ok(if h == -1 { -2 } else { h })
    }

    #[slot]
    fn richcompare(vm: &Vm, this: &Ref<Code>, other: &Value, op: CmpOp) -> R {
        let Some(o) = other.downcast::<Code>() else { return Ok(Value::NOT_IMPLEMENTED) };
        match op {
            CmpOp::Eq | CmpOp::Ne => {
                let same = std::ptr::eq(&raw const **this, &raw const **o) || same(vm, this, o)?;
                Ok(Value::bool(same == (op == CmpOp::Eq)))
            }
            _ => Ok(Value::NOT_IMPLEMENTED),
        }
    }

    #[getter]
    fn co_name(_vm: &Vm, this: &Ref<Code>) -> R {
        Ok(this.name.clone())
    }

    #[getter]
    fn co_qualname(_vm: &Vm, this: &Ref<Code>) -> R {
        Ok(this.qualname.clone())
    }

    #[getter]
    fn co_filename(_vm: &Vm, this: &Ref<Code>) -> R {
        Ok(this.filename.get())
    }

    #[getter]
    fn co_firstlineno(_vm: &Vm, this: &Ref<Code>) -> R<u32> {
        Ok(this.first_line)
    }

    #[getter]
    fn co_flags(_vm: &Vm, this: &Ref<Code>) -> R<u32> {
        Ok(this.flags.get())
    }

    #[getter]
    fn co_argcount(_vm: &Vm, this: &Ref<Code>) -> R<u32> {
        Ok(this.argcount)
    }

    #[getter]
    fn co_posonlyargcount(_vm: &Vm, this: &Ref<Code>) -> R<u32> {
        Ok(this.posonly)
    }

    #[getter]
    fn co_kwonlyargcount(_vm: &Vm, this: &Ref<Code>) -> R<u32> {
        Ok(this.kwonly)
    }

    #[getter]
    fn co_nlocals(_vm: &Vm, this: &Ref<Code>) -> R<usize> {
        Ok(this.varnames().len())
    }

    #[getter]
    fn co_stacksize(_vm: &Vm, this: &Ref<Code>) -> R<u32> {
        Ok(this.nregs - this.nlocals)
    }

    #[getter]
    fn co_consts(_vm: &Vm, this: &Ref<Code>) -> R {
        let all = this.consts().iter().chain(&this.view().consts).cloned().collect();
        Ok(tuple::from_vec(all).into_value())
    }

    #[getter]
    fn co_names(_vm: &Vm, this: &Ref<Code>) -> R {
        Ok(tuple::from_slice(this.names()).into_value())
    }

    #[getter]
    fn co_varnames(_vm: &Vm, this: &Ref<Code>) -> R {
        Ok(tuple::from_slice(this.varnames()).into_value())
    }

    #[getter]
    fn co_cellvars(_vm: &Vm, this: &Ref<Code>) -> R {
        Ok(tuple::from_vec(this.body().cellvars.iter().map(|(n, _)| n.clone()).collect()).into_value())
    }

    #[getter]
    fn co_freevars(_vm: &Vm, this: &Ref<Code>) -> R {
        Ok(tuple::from_slice(&this.body().freevars).into_value())
    }

    #[getter]
    fn co_code(_vm: &Vm, this: &Ref<Code>) -> R {
        Ok(bytes::from_slice(&this.view().code).into_value())
    }

    #[getter(name = "_co_code_adaptive")]
    fn adaptive(_vm: &Vm, this: &Ref<Code>) -> R {
        Ok(bytes::from_slice(&this.view().code).into_value())
    }

    /// Opaque: the lines, and with them the instructions that really run.
    #[getter]
    fn co_linetable(_vm: &Vm, this: &Ref<Code>) -> R {
        Ok(bytes::from_vec(parts::pack(&this.to_data())).into_value())
    }

    #[getter]
    fn co_exceptiontable(_vm: &Vm, this: &Ref<Code>) -> R {
        Ok(bytes::from_slice(&this.view().handlers).into_value())
    }

    /// Yields (start, end, line) for ranges of instructions.
    #[method(sig = "()")]
    fn co_lines(vm: &Vm, this: &Ref<Code>) -> R {
        let mut out: Vec<Value> = Vec::new();
        let mut run: Option<(usize, u32)> = None;
        let words = this.view().words();
        let push = |start: usize, end: usize, line: u32, out: &mut Vec<Value>| {
            // A module starts before its first line.
            let line = if line == 0 && !(start == 0 && in_module(this)) { Value::NONE } else { Value::from(line) };
            out.push(tuple::from_array([Value::from(2 * start), Value::from(2 * end), line]).into_value());
        };
        for (i, &word) in words.iter().enumerate() {
            let line = this.position(word as usize).line;
            match run {
                Some((_, l)) if l == line => {}
                _ => {
                    if let Some((start, l)) = run {
                        push(start, i, l, &mut out);
                    }
                    run = Some((i, line));
                }
            }
        }
        if let Some((start, l)) = run {
            push(start, words.len(), l, &mut out);
        }
        vm.iter(list::from_vec(out).value())
    }

    /// Yields (line, end line, column, end column) for every two bytes of `co_code`.
    #[method(sig = "()")]
    fn co_positions(vm: &Vm, this: &Ref<Code>) -> R {
        let columns = vm.interp().config.code_debug_ranges;
        let mut out: Vec<Value> = Vec::new();
        let mut last = None;
        for &word in this.view().words() {
            if last != Some(word) {
                let p = this.position(word as usize);
                let position = if p.line == 0 && word == 0 && in_module(this) {
                    [Value::small(0), Value::small(1), Value::small(0), Value::small(0)]
                } else if p.line == 0 {
                    [Value::NONE, Value::NONE, Value::NONE, Value::NONE]
                } else if !columns {
                    [Value::from(p.line), Value::from(p.line), Value::NONE, Value::NONE]
                } else {
                    [Value::from(p.line), Value::from(p.end_line), Value::from(p.col), Value::from(p.end_col)]
                };
                out.push(tuple::from_array(position).into_value());
                last = Some(word);
            } else if let Some(same) = out.last().cloned() {
                out.push(same);
            }
        }
        vm.iter(list::from_vec(out).value())
    }

    #[method(sig = "()")]
    fn co_branches(vm: &Vm, _this: &Ref<Code>) -> R {
        vm.iter(list::from_vec(Vec::new()).value())
    }

    /// The name of a register that holds a variable.
    #[method(sig = "(oparg, /)")]
    fn _varname_from_oparg(vm: &Vm, this: &Ref<Code>, oparg: usize) -> R {
        this.register_name(oparg).ok_or_else(|| vm.value_error("no variable in this register"))
    }

    /// Return a copy of the code object with new values for the specified fields.
    #[method]
    fn replace(vm: &Vm, this: &Ref<Code>, args: Args<'_>) -> R {
        replace(vm, this, args)
    }

    #[method]
    fn __replace__(vm: &Vm, this: &Ref<Code>, args: Args<'_>) -> R {
        replace(vm, this, args)
    }
}

/// Whether the code is that of a module.
fn in_module(c: &Code) -> bool {
    !c.has(taipan_bytecode::CodeFlags::OPTIMIZED) && c.name.downcast::<Str>().is_some_and(|n| n.is("<module>"))
}

fn replace(vm: &Vm, this: &Ref<Code>, args: Args<'_>) -> R {
    if !args.positional().is_empty() {
        return Err(vm.type_error("replace() takes no positional arguments"));
    }
    let mut d: Data = this.to_data();
    let mut consts: Option<Vec<Value>> = None;
    for (k, v) in args.named() {
        let k = vm.str_lossy(k);
        let text = || match v.downcast::<Str>() {
            Some(s) => Ok(Rc::<str>::from(s.to_string_lossy())),
            None => Err(vm.type_error(format!("replace() argument '{k}' must be str, not {}", v.ty().tp_name()))),
        };
        let number = || -> R<u32> {
            let n = int::to_i64(vm, v)?;
            u32::try_from(n).map_err(|_| vm.value_error("code: varnames is too small"))
        };
        match k.as_str() {
            "co_name" => d.name = text()?,
            "co_qualname" => d.qualname = text()?,
            "co_filename" => d.filename = text()?,
            "co_firstlineno" => d.first_line = number()?,
            "co_flags" => d.flags = number()?,
            "co_argcount" => d.argcount = number()?,
            "co_posonlyargcount" => d.posonly = number()?,
            "co_kwonlyargcount" => d.kwonly = number()?,
            "co_nlocals" => {
                if number()? as usize != d.varnames.len() {
                    return Err(vm.value_error("code: co_nlocals != len(co_varnames)"));
                }
            }
            "co_stacksize" => drop(number()?),
            "co_names" => d.names = as_names(vm, v, &k)?,
            "co_varnames" => d.varnames = as_names(vm, v, &k)?,
            "co_freevars" => d.freevars = as_names(vm, v, &k)?,
            "co_cellvars" => {
                let new = as_names(vm, v, &k)?;
                if new.len() != d.cellvars.len() {
                    return Err(vm.value_error("code: the number of cell variables can't change"));
                }
                for (slot, n) in d.cellvars.iter_mut().zip(new) {
                    slot.0 = n;
                }
            }
            "co_code" => {
                let b = v.downcast::<bytes::Bytes>().ok_or_else(|| vm.type_error("replace() argument 'co_code' must be bytes"))?;
                if *b.as_slice() != *this.view().code {
                    return Err(vm.value_error("code: co_code only shows the instructions, it can't change them"));
                }
            }
            "co_linetable" => {
                let b = v.downcast::<bytes::Bytes>().ok_or_else(|| vm.type_error("replace() argument 'co_linetable' must be bytes"))?;
                match parts::unpack(b.as_slice()) {
                    Some(p) => p.put_into(&mut d),
                    None => d.lines = taipan_bytecode::LineTable(b.as_slice().into()),
                }
            }
            "co_exceptiontable" => {}
            "co_consts" => match v.downcast::<Tuple>() {
                Some(t) => consts = Some(t.as_slice().to_vec()),
                None => return Err(vm.type_error(format!("replace() argument 'co_consts' must be tuple, not {}", v.ty().tp_name()))),
            },
            _ => return Err(vm.type_error(format!("replace() got an unexpected keyword argument '{k}'"))),
        }
    }
    if let Some(values) = &mut consts {
        if values.len() < d.consts.len() {
            return Err(vm.value_error("code: co_consts is too small"));
        }
        // Behind them stand those that `co_consts` shows of the instructions' own operands.
        values.truncate(d.consts.len());
        // Constants that have no data form stand in as None there and are put in below.
        d.consts = values.iter().map(|v| to_const(v).unwrap_or(taipan_bytecode::Const::None)).collect();
    }
    if !super::verify(&d) {
        return Err(vm.value_error("code: the changed code is not valid"));
    }
    let new = Code::build(vm, Rc::new(d), consts)?;
    Ok(new.into_value())
}
