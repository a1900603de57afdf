//! The string that is searched.

use taipan_runtime::core::{R, Raised, Value};
use taipan_runtime::types::bytes::{self, Bytes};
use taipan_runtime::types::memoryview::{Buffer, flags};
use taipan_runtime::types::str::{Chars, Str};
use taipan_runtime::vm::Vm;
use taipan_sre::Subject;

/// A string or bytes-like object, held while it is searched.
pub struct Text {
    /// The object itself.
    pub object: Value,
    /// The memory of what is neither str nor bytes, which can't change its size meanwhile.
    held: Option<Buffer>,
    /// Whether it is bytes.
    pub is_bytes: bool,
    /// Length in characters.
    pub len: usize,
}

#[cold]
fn wrong(vm: &Vm, v: &Value) -> Raised {
    vm.type_error(format!("expected string or bytes-like object, got '{}'", v.ty().tp_name()))
}

impl Text {
    /// Takes hold of a string; `bytes` says what the pattern was made of (`None`: either).
    ///
    /// Raises TypeError for the wrong kind.
    pub fn new(vm: &Vm, v: &Value, want_bytes: Option<bool>) -> R<Self> {
        let text = if let Some(s) = v.downcast::<Str>() {
            Text { object: v.clone(), held: None, is_bytes: false, len: s.len() }
        } else if let Some(b) = v.downcast::<Bytes>() {
            Text { object: v.clone(), held: None, is_bytes: true, len: b.as_slice().len() }
        } else if bytes::is_bytes_like(v) {
            let held = vm.buffer(v, flags::SIMPLE).map_err(|raised| {
                drop(vm.catch(raised));
                wrong(vm, v)
            })?;
            Text { object: v.clone(), len: held.len(), held: Some(held), is_bytes: true }
        } else {
            return Err(wrong(vm, v));
        };
        match want_bytes {
            Some(true) if !text.is_bytes => Err(vm.type_error("cannot use a bytes pattern on a string-like object")),
            Some(false) if text.is_bytes => Err(vm.type_error("cannot use a string pattern on a bytes-like object")),
            _ => Ok(text),
        }
    }

    /// The units, for the matcher.
    pub fn subject(&self) -> Subject<'_> {
        if let Some(b) = &self.held {
            return Subject::Bytes(b.as_slice());
        }
        if let Some(s) = self.object.downcast::<Str>() {
            return match s.chars() {
                Chars::Ascii(s) => Subject::Latin1(s.as_bytes()),
                Chars::Latin1(s) => Subject::Latin1(s),
                Chars::Ucs2(s) => Subject::Ucs2(s),
                Chars::Ucs4(s) => Subject::Ucs4(s),
            };
        }
        match self.object.downcast::<Bytes>() {
            Some(b) => Subject::Bytes(b.as_slice()),
            None => Subject::Bytes(&[]),
        }
    }

    /// The bytes, if it is no str.
    pub(super) fn bytes(&self) -> &[u8] {
        match (&self.held, self.object.downcast::<Bytes>()) {
            (Some(b), _) => b.as_slice(),
            (None, Some(b)) => b.as_slice(),
            (None, None) => &[],
        }
    }

    /// A piece of it, as a new object (the object itself if it is exact and the piece is all of it).
    pub fn slice(&self, start: usize, end: usize) -> Value {
        if let Some(s) = self.object.downcast::<Str>() {
            if start == 0 && end == s.len() && s.is_exact() {
                return self.object.clone();
            }
            return s.substring(start.min(s.len()), end.min(s.len())).into_value();
        }
        let all = self.bytes();
        if start == 0 && end == all.len() && self.object.downcast_exact::<Bytes>().is_some() {
            return self.object.clone();
        }
        // It may be shorter than when the match was found.
        let (start, end) = (start.min(all.len()), end.min(all.len()));
        bytes::from_slice(all.get(start..end).unwrap_or(&[])).into_value()
    }

    /// The empty string of this kind.
    pub fn empty(&self) -> Value {
        if self.is_bytes { bytes::from_slice(&[]).into_value() } else { taipan_runtime::types::str::from_str("") }
    }
}
