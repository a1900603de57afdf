//! The result of a substitution, written piece by piece: pieces of the text are copied without becoming objects.

use taipan_runtime::core::{R, Value};
use taipan_runtime::types::bytes::{self, Bytes};
use taipan_runtime::types::str::{Str, StrBuilder};
use taipan_runtime::vm::Vm;

use super::subject::Text;

enum Buffer {
    Str(StrBuilder),
    Bytes(Vec<u8>),
}

/// What was written so far.
pub(super) struct Output {
    buffer: Buffer,
    /// How many pieces there were.
    pieces: usize,
    /// The first piece of the wrong kind: its index and its type's name. It is told at the end, as if the pieces were
    /// joined then.
    wrong: Option<(usize, String)>,
}

impl Output {
    pub fn new(text: &Text) -> Self {
        let buffer = if text.is_bytes { Buffer::Bytes(Vec::new()) } else { Buffer::Str(StrBuilder::new()) };
        Self { buffer, pieces: 0, wrong: None }
    }

    /// A piece of the text that is searched.
    ///
    /// Raises MemoryError.
    pub fn copy(&mut self, vm: &Vm, text: &Text, start: usize, end: usize) -> R<()> {
        self.pieces += 1;
        let n = end.saturating_sub(start);
        match &mut self.buffer {
            Buffer::Str(out) => {
                out.check_room(vm, n)?;
                if let Some(s) = text.object.downcast::<Str>() {
                    out.push_chars(s.chars().slice(start.min(s.len()), end.min(s.len())));
                }
            }
            Buffer::Bytes(out) => {
                vm.check_room(out.len().saturating_add(n))?;
                out.extend_from_slice(text.bytes().get(start..end).unwrap_or(&[]));
            }
        }
        Ok(())
    }

    /// A replacement.
    ///
    /// Raises MemoryError, and for bytes patterns TypeError for what is not bytes-like.
    pub fn push(&mut self, vm: &Vm, piece: &Value) -> R<()> {
        match &mut self.buffer {
            Buffer::Str(out) => match piece.downcast::<Str>() {
                Some(s) => {
                    out.check_room(vm, s.len())?;
                    out.push_obj(s);
                }
                None if self.wrong.is_none() => self.wrong = Some((self.pieces, piece.ty().tp_name())),
                None => {}
            },
            Buffer::Bytes(out) => {
                let room = |n: usize| vm.check_room(out.len().saturating_add(n));
                match piece.downcast::<Bytes>() {
                    Some(b) => {
                        room(b.as_slice().len())?;
                        out.extend_from_slice(b.as_slice());
                    }
                    None => {
                        let b = bytes::buffer_bytes(vm, piece)?;
                        room(b.len())?;
                        out.extend_from_slice(&b);
                    }
                }
            }
        }
        self.pieces += 1;
        Ok(())
    }

    /// The finished object.
    ///
    /// Raises TypeError if a piece was no str.
    pub fn finish(self, vm: &Vm) -> R {
        if let Some((i, name)) = self.wrong {
            return Err(vm.type_error(format!("sequence item {i}: expected str instance, {name} found")));
        }
        Ok(match self.buffer {
            Buffer::Str(out) => out.finish(),
            Buffer::Bytes(out) => bytes::from_slice(&out).into_value(),
        })
    }
}
