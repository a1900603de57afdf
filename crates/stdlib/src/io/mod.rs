//! `_io`: streams of bytes and text.
//!
//! As in CPython, a text file is a tower: `TextIOWrapper` codes and splits into lines, a buffered stream below it calls
//! the raw stream seldom, and `FileIO` calls the system. Each floor may be exchanged by a Python class, so every call
//! downwards goes through methods, except where an exact native stream without attributes of its own lies below:
//! [`quick`] and the fast paths know those.

pub mod base;
pub mod buffered;
pub mod bytesio;
mod chars;
pub mod fileio;
pub mod kinds;
pub mod newline;
pub mod open;
pub mod path;
pub mod quick;
pub mod std;
pub mod stringio;
pub mod support;
pub mod text;

use taipan_macros::module;
use taipan_runtime::core::{R, Ref};
use taipan_runtime::native::TypeDef;
use taipan_runtime::types::exceptions::BLOCKING_IO_ERROR;
use taipan_runtime::types::module::Module;
use taipan_runtime::vm::Vm;

use self::base::IoBase;
use self::buffered::{Buffered, BufferedRandom, BufferedWriter, RwPair};
use self::bytesio::{BytesIo, BytesIoBuffer};
use self::fileio::FileIo;
use self::kinds::{BufferedIoBase, RawIoBase, TextIoBase};
use self::newline::NewlineDecoder;
use self::stringio::StringIo;
use self::text::TextIoWrapper;

module! {
    /// The io module provides the Python interfaces to stream handling. The builtin open function is defined in this
    /// module.
    ///
    /// At the top of the I/O hierarchy is the abstract base class IOBase. It defines the basic interface to a stream.
    /// Raw streams (FileIO) read and write bytes as the system does; buffered streams (BufferedReader, BufferedWriter,
    /// BufferedRandom, BufferedRWPair) collect them; BytesIO is one in memory. TextIOWrapper makes a stream of text of a
    /// stream of bytes, and StringIO is a stream of text in memory.
    name = "_io",
    functions(open::open, open::open_code, open::text_encoding),
    types(
        IoBase, RawIoBase, BufferedIoBase, TextIoBase, FileIo, BytesIo, BytesIoBuffer, Buffered, BufferedWriter,
        BufferedRandom, RwPair, NewlineDecoder, StringIo, TextIoWrapper,
    ),
    exec = exec,
}

/// The types of this module, bases first.
pub const TYPES: &[&TypeDef] = MODULE.types;

fn exec(vm: &Vm, m: &Ref<Module>) -> R<()> {
    m.set("DEFAULT_BUFFER_SIZE", support::DEFAULT_BUFFER_SIZE);
    m.set("BlockingIOError", BLOCKING_IO_ERROR.value());
    m.set("UnsupportedOperation", support::unsupported_operation(vm)?);
    Ok(())
}
