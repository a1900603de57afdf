//! What native streams answer without a look-up of methods, as long as nothing can hide those.

use taipan_runtime::core::{R, Value};
use taipan_runtime::vm::{Vm, names};

use super::base::plain;
use super::buffered::{self, get_plain};
use super::bytesio::BytesIo;
use super::fileio::FileIo;
use super::stringio::StringIo;
use super::text::{self, TextIoWrapper};

/// `closed`, if it is known.
pub fn closed(vm: &Vm, stream: &Value) -> Option<R<bool>> {
    if let Some(f) = plain::<FileIo>(stream) {
        return Some(Ok(f.is_closed()));
    }
    if let Some(b) = get_plain(stream) {
        return Some(buffered::quick_closed(vm, b));
    }
    if let Some(t) = plain::<TextIoWrapper>(stream) {
        return Some(text::buffer_closed(vm, t));
    }
    if let Some(b) = plain::<BytesIo>(stream) {
        return Some(Ok(b.is_closed()));
    }
    None
}

/// `readable()`, `writable()` or `seekable()`, if it is known.
pub fn ability(vm: &Vm, stream: &Value, name: &Value) -> Option<R<bool>> {
    let n = names();
    if let Some(f) = plain::<FileIo>(stream) {
        return Some(if name.is(&n.readable) {
            f.is_readable(vm)
        } else if name.is(&n.writable) {
            f.is_writable(vm)
        } else {
            f.is_seekable(vm)
        });
    }
    let b = get_plain(stream)?;
    let (reads, writes) = (b.reads(), b.writes());
    if name.is(&n.readable) && !reads || name.is(&n.writable) && !writes {
        return Some(Ok(false));
    }
    match b.below(vm) {
        Ok(raw) => plain::<FileIo>(&raw).is_some().then(|| ability(vm, &raw, name)).flatten(),
        Err(r) => Some(Err(r)),
    }
}

/// Does what `flush()` does, if that is known.
pub fn flush(vm: &Vm, stream: &Value) -> Option<R<()>> {
    if let Some(f) = plain::<FileIo>(stream) {
        return Some(f.flush(vm));
    }
    get_plain(stream).and_then(|b| buffered::quick_flush(vm, stream, b))
}

/// Whether nobody could tell if such a stream was closed at its end or not.
pub fn ends_quietly(stream: &Value) -> bool {
    plain::<StringIo>(stream).is_some() || plain::<BytesIo>(stream).is_some()
}
