//! Interned strings: one object per text in an interpreter, so that names compare by address.

use std::collections::HashMap;

use crate::core::{PyCell, Ref, Value};
use crate::types::str::{self, Str};

/// The interpreter's own table, behind the image's. Its strings live as long as the interpreter.
#[derive(Default)]
pub struct InternTable {
    by_text: PyCell<HashMap<Box<str>, Value>>,
}

/// The interned string of a text.
pub fn intern(text: &str) -> Ref<Str> {
    if let Some(v) = super::image::intern_in_image(text) {
        // SAFETY: interned values are str objects.
        return unsafe { Ref::from_raw(v.into_raw()) };
    }
    let table = &super::current().interp().interned;
    if let Some(v) = table.by_text.borrow().get(text) {
        // SAFETY: as above.
        return unsafe { v.downcast_unchecked::<Str>().clone() };
    }
    let s = str::from_ref(text);
    s.set_interned(true);
    table.by_text.borrow_mut().insert(text.into(), s.value().clone());
    s
}

/// The interned object for a str object's text: the object itself if it is the first with this text.
/// Instances of subclasses and texts with lone surrogates come back as they are.
pub fn intern_value(v: &Value) -> Value {
    let Some(s) = v.downcast_exact::<Str>() else { return v.clone() };
    if s.is_interned() {
        return v.clone();
    }
    let Some(text) = s.to_utf8_opt() else { return v.clone() };
    if let Some(v) = super::image::intern_in_image(&text) {
        return v;
    }
    let table = &super::current().interp().interned;
    if let Some(v) = table.by_text.borrow().get(&*text) {
        return v.clone();
    }
    s.set_interned(true);
    s.hash();
    table.by_text.borrow_mut().insert(text.into(), v.clone());
    v.clone()
}


impl InternTable {
    /// How many strings there are.
    pub fn len(&self) -> usize {
        self.by_text.borrow().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Drops all strings, at the interpreter's end.
    pub fn clear(&self) {
        let map = self.by_text.take();
        drop(map);
    }
}
