//! SyntaxError and what derives from it.

use super::base::push;
use super::declare::{exception, simple};
use super::simple::EXCEPTION;
use crate::core::{R, Ref, Value};
use crate::native::Args;
use crate::types::str::{Str, StrBuilder};
use crate::types::int;
use crate::vm::Vm;

exception! {
    /// The source text is no Python.
    class "SyntaxError", SYNTAX_ERROR, SyntaxError: EXCEPTION;
    members {
        msg set_msg "what is wrong"
        filename set_filename "the file"
        lineno set_lineno "the line"
        offset set_offset "the column, from 1"
        text set_text "the line's text"
        end_lineno set_end_lineno "the line of the end"
        end_offset set_end_offset "the column of the end"
        print_file_and_line set_print_file_and_line "print_file_and_line"
        _metadata set__metadata "where the parser was, for suggestions"
    }
    fields {}

    #[slot]
    fn init(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R<()> {
        this.base.init(vm, this.ty(), args)?;
        let given = args.positional();
        if let Some(msg) = given.first() {
            this.msg.set(Some(msg.clone()));
        }
        if let [_, details] = given {
            return this.locate(vm, &vm.collect(details)?);
        }
        Ok(())
    }

    #[slot]
    fn str(vm: &Vm, this: &Ref<Self>) -> R {
        let msg = this.msg.get().unwrap_or(Value::NONE);
        let filename = this.filename.get();
        let filename = filename.as_ref().and_then(|f| f.downcast::<Str>()).map(|f| base_name(f));
        let line = this.lineno.get().filter(|n| n.ty().is(int::INT.get()));
        if filename.is_none() && line.is_none() {
            return vm.str(&msg);
        }
        let mut b = StrBuilder::new();
        push(&mut b, &vm.str(&msg)?);
        b.push_str(" (");
        if let Some(f) = &filename {
            b.push_obj(f);
        }
        if let Some(n) = line {
            let n = int::get(&n).and_then(int::IntRef::to_i64).unwrap_or(-1);
            b.push_str(&format!("{}line {n}", if filename.is_some() { ", " } else { "" }));
        }
        b.push_str(")");
        Ok(b.finish())
    }
}

impl SyntaxError {
    /// Takes over `(filename, lineno, offset, text[, end_lineno, end_offset[, metadata]])`.
    fn locate(&self, vm: &Vm, details: &[Value]) -> R<()> {
        let n = details.len();
        if n < 4 {
            return Err(vm.type_error(format!("function takes at least 4 arguments ({n} given)")));
        }
        if n > 7 {
            return Err(vm.type_error(format!("function takes at most 7 arguments ({n} given)")));
        }
        let members = [
            &self.filename, &self.lineno, &self.offset, &self.text, &self.end_lineno, &self.end_offset, &self._metadata,
        ];
        for (i, member) in members.into_iter().enumerate() {
            match details.get(i) {
                Some(v) => member.set(Some(v.clone())),
                // What an earlier call has set stays, but the end belongs to the start.
                None if i == 4 || i == 5 => member.set(None),
                None => {}
            }
        }
        if n == 5 {
            return Err(vm.type_error("end_offset must be provided when end_lineno is provided"));
        }
        Ok(())
    }
}

/// The part behind the last slash.
fn base_name(path: &Str) -> Ref<Str> {
    let start = (0..path.len()).rfind(|&i| path.char_at(i) == u32::from(b'/')).map_or(0, |i| i + 1);
    path.substring(start, path.len())
}

simple! {
    SyntaxError;
    "IndentationError" INDENTATION_ERROR: SYNTAX_ERROR, "Lines are not indented as they must be.";
    "TabError" TAB_ERROR: INDENTATION_ERROR, "Tabs and spaces are mixed.";
    "_IncompleteInputError" INCOMPLETE_INPUT_ERROR: SYNTAX_ERROR, "The text may become Python when more of it comes.";
}
