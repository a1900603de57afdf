//! Code as plain data again, for `marshal`, `replace` and comparison.

use std::rc::Rc;

use taipan_bytecode::{Code as Data, Const, LineTable};

use super::{Code, to_const};
use crate::core::Value;
use crate::types::str::Str;

fn name(v: &Value) -> Rc<str> {
    v.downcast::<Str>().map_or_else(|| Rc::from(""), |s| Rc::from(s.to_string_lossy()))
}

impl Code {
    /// The code as plain data. Constants that have no data form stand in as None.
    pub fn to_data(&self) -> Data {
        let body = self.body();
        Data {
            name: name(&self.name),
            qualname: name(&self.qualname),
            filename: name(&self.filename.get()),
            first_line: self.first_line,
            flags: self.flags.get(),
            argcount: self.argcount,
            posonly: self.posonly,
            kwonly: self.kwonly,
            nregs: self.nregs,
            varnames: body.varnames.iter().map(name).collect(),
            cellvars: body.cellvars.iter().map(|(n, r)| (name(n), *r)).collect(),
            freevars: body.freevars.iter().map(name).collect(),
            free_base: body.free_base,
            names: self.names().iter().map(name).collect(),
            consts: self.consts().iter().map(|c| to_const(c).unwrap_or(Const::None)).collect(),
            instrs: body.original().into(),
            lines: LineTable(body.line_table().into()),
            handlers: body.handlers.to_vec(),
        }
    }
}
