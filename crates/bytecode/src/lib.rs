//! The instruction set, declared once, and code objects as plain data.
//!
//! Nothing here knows of the heap, of objects or of the parser: the compiler produces a [`Code`],
//! the frozen image and `marshal` carry it as bytes, and the runtime turns it into a live code object.

mod code;
mod disasm;
mod instr;
mod op;
pub mod packed;
mod serial;

pub use code::{Code, CodeFlags, Const, ExcEntry, LineTable, LineTableBuilder, Position, runs};
pub use disasm::disassemble;
pub use instr::{Instr, flag};
pub use op::{Extra, Intrinsic, Op, OpInfo, Operand, Special};
pub use serial::{DecodeError, decode_code, decode_const, encode_code, encode_const};
