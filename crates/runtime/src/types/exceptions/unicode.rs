//! UnicodeEncodeError, UnicodeDecodeError and UnicodeTranslateError.
//!
//! All their attributes can be changed by error handlers, so nothing here trusts a range or a type.

use std::cell::Cell;

use super::base::push;
use super::declare::exception;
use super::simple::UNICODE_ERROR;
use crate::core::{PyCell, R, Ref, Value};
use crate::native::Args;
use crate::types::bytes::{self, Bytes};
use crate::types::int;
use crate::types::str::{self, Str, StrBuilder};
use crate::vm::Vm;

/// One of the three classes: with `start` and `end`, which they all have.
macro_rules! unicode_error {
    (
        $(#[$($doc:tt)*])*
        class $name:tt, $place:ident, $payload:ident;
        members { $($members:tt)* }
        $($body:tt)*
    ) => {
        exception! {
            $(#[$($doc)*])*
            class $name, $place, $payload: UNICODE_ERROR;
            members { $($members)* }
            fields {
                /// Where the wrong part starts.
                start: Cell<isize>,
                /// Where it ends.
                end: Cell<isize>,
            }

            /// exception start
            #[getter]
            fn start(_vm: &Vm, this: &Ref<Self>) -> isize {
                this.start.get()
            }

            #[setter]
            fn set_start(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
                set_index(vm, &this.start, value)
            }

            /// exception end
            #[getter]
            fn end(_vm: &Vm, this: &Ref<Self>) -> isize {
                this.end.get()
            }

            #[setter]
            fn set_end(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
                set_index(vm, &this.end, value)
            }

            $($body)*
        }

        impl $payload {
            /// `start` and `end`, as they are.
            fn range(&self) -> (isize, isize) {
                (self.start.get(), self.end.get())
            }

            fn set_range(&self, vm: &Vm, start: &Value, end: &Value) -> R<()> {
                let (start, end) = (int::to_isize(vm, start)?, int::to_isize(vm, end)?);
                self.start.set(start);
                self.end.set(end);
                Ok(())
            }
        }
    };
}

unicode_error! {
    /// Text can't be encoded.
    class "UnicodeEncodeError", UNICODE_ENCODE_ERROR, UnicodeEncodeError;
    members {
        encoding set_encoding "exception encoding"
        object set_object "exception object"
        reason set_reason "exception reason"
    }

    #[slot]
    fn init(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R<()> {
        this.base.init(vm, this.ty(), args)?;
        let [encoding, object, start, end, reason] = exactly::<5>(vm, args.positional())?;
        let (encoding, object) = (text(vm, encoding, 1)?, text(vm, object, 2)?);
        this.set_range(vm, start, end)?;
        let reason = text(vm, reason, 5)?;
        this.encoding.set(Some(encoding));
        this.object.set(Some(object));
        this.reason.set(Some(reason));
        Ok(())
    }

    #[slot]
    fn str(vm: &Vm, this: &Ref<Self>) -> R {
        if this.object.borrow().is_none() {
            return Ok(str::from_str(""));
        }
        let reason = shown(vm, &this.reason)?;
        let encoding = shown(vm, &this.encoding)?;
        let object = text_attribute(vm, &this.object)?;
        let mut b = StrBuilder::new();
        b.push_str("'");
        push(&mut b, &encoding);
        b.push_str("' codec can't encode ");
        characters(&mut b, &object, this.range());
        push(&mut b, &reason);
        Ok(b.finish())
    }
}

unicode_error! {
    /// Bytes can't be decoded.
    class "UnicodeDecodeError", UNICODE_DECODE_ERROR, UnicodeDecodeError;
    members {
        encoding set_encoding "exception encoding"
        object set_object "exception object"
        reason set_reason "exception reason"
    }

    #[slot]
    fn init(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R<()> {
        this.base.init(vm, this.ty(), args)?;
        let [encoding, object, start, end, reason] = exactly::<5>(vm, args.positional())?;
        let encoding = text(vm, encoding, 1)?;
        this.set_range(vm, start, end)?;
        let reason = text(vm, reason, 5)?;
        let object = match object.downcast::<Bytes>() {
            Some(_) => object.clone(),
            None => bytes::from_slice(&bytes::buffer_bytes(vm, object)?).into_value(),
        };
        this.encoding.set(Some(encoding));
        this.object.set(Some(object));
        this.reason.set(Some(reason));
        Ok(())
    }

    #[slot]
    fn str(vm: &Vm, this: &Ref<Self>) -> R {
        if this.object.borrow().is_none() {
            return Ok(str::from_str(""));
        }
        let reason = shown(vm, &this.reason)?;
        let encoding = shown(vm, &this.encoding)?;
        let object = bytes_attribute(vm, &this.object)?;
        let mut b = StrBuilder::new();
        b.push_str("'");
        push(&mut b, &encoding);
        let (start, end) = this.range();
        let byte = single(start, end).and_then(|i| object.as_slice().get(i).copied());
        b.push_str(&match byte {
            Some(byte) => format!("' codec can't decode byte 0x{byte:02x} in position {start}: "),
            None => format!("' codec can't decode bytes in position {start}-{}: ", end.wrapping_sub(1)),
        });
        push(&mut b, &reason);
        Ok(b.finish())
    }
}

unicode_error! {
    /// Text can't be translated.
    class "UnicodeTranslateError", UNICODE_TRANSLATE_ERROR, UnicodeTranslateError;
    members {
        object set_object "exception object"
        reason set_reason "exception reason"
    }

    #[slot]
    fn init(vm: &Vm, this: &Ref<Self>, args: Args<'_>) -> R<()> {
        this.base.init(vm, this.ty(), args)?;
        let [object, start, end, reason] = exactly::<4>(vm, args.positional())?;
        let object = text(vm, object, 1)?;
        this.set_range(vm, start, end)?;
        let reason = text(vm, reason, 4)?;
        this.object.set(Some(object));
        this.reason.set(Some(reason));
        Ok(())
    }

    #[slot]
    fn str(vm: &Vm, this: &Ref<Self>) -> R {
        if this.object.borrow().is_none() {
            return Ok(str::from_str(""));
        }
        let reason = shown(vm, &this.reason)?;
        let object = text_attribute(vm, &this.object)?;
        let mut b = StrBuilder::new();
        b.push_str("can't translate ");
        characters(&mut b, &object, this.range());
        push(&mut b, &reason);
        Ok(b.finish())
    }
}

/// `character '\x..' in position n: `, or the form for several.
fn characters(b: &mut StrBuilder, object: &Str, (start, end): (isize, isize)) {
    let ch = single(start, end).filter(|&i| i < object.len()).map(|i| object.char_at(i));
    b.push_str(&match ch {
        Some(ch @ 0..0x100) => format!("character '\\x{ch:02x}' in position {start}: "),
        Some(ch @ 0x100..0x1_0000) => format!("character '\\u{ch:04x}' in position {start}: "),
        Some(ch) => format!("character '\\U{ch:08x}' in position {start}: "),
        None => format!("characters in position {start}-{}: ", end.wrapping_sub(1)),
    });
}

/// The index, if the range has one item.
fn single(start: isize, end: isize) -> Option<usize> {
    if start.checked_add(1) == Some(end) { usize::try_from(start).ok() } else { None }
}

fn exactly<'a, const N: usize>(vm: &Vm, given: &'a [Value]) -> R<&'a [Value; N]> {
    given.try_into().map_err(|_| vm.type_error(format!("function takes exactly {N} arguments ({} given)", given.len())))
}

fn text(vm: &Vm, v: &Value, n: usize) -> R {
    if v.downcast::<Str>().is_some() {
        return Ok(v.clone());
    }
    let given = if v.is_none() { "None".to_owned() } else { v.ty().tp_name() };
    Err(vm.type_error(format!("argument {n} must be str, not {given}")))
}

fn set_index(vm: &Vm, place: &Cell<isize>, value: Option<&Value>) -> R<()> {
    let Some(v) = value else { return Err(vm.type_error("can't delete numeric/char attribute")) };
    if int::get(v).is_none() {
        return Err(vm.type_error("an integer is required"));
    }
    place.set(int::to_isize(vm, v)?);
    Ok(())
}

/// `str()` of an attribute that should be text already.
fn shown(vm: &Vm, attribute: &PyCell<Option<Value>>) -> R {
    vm.str(&attribute.get().unwrap_or(Value::NONE))
}

fn text_attribute(vm: &Vm, attribute: &PyCell<Option<Value>>) -> R<Ref<Str>> {
    match attribute.get().map(Value::into_ref::<Str>) {
        Some(Ok(s)) => Ok(s),
        Some(Err(_)) => Err(vm.type_error("object attribute must be unicode")),
        None => Err(vm.type_error("object attribute not set")),
    }
}

fn bytes_attribute(vm: &Vm, attribute: &PyCell<Option<Value>>) -> R<Ref<Bytes>> {
    match attribute.get().map(Value::into_ref::<Bytes>) {
        Some(Ok(b)) => Ok(b),
        Some(Err(_)) => Err(vm.type_error("object attribute must be bytes")),
        None => Err(vm.type_error("object attribute not set")),
    }
}

/// What an error handler of the codecs works on: an exception of one of the three classes, checked, with its
/// range within the object.
pub struct Problem {
    /// A str, or bytes where decoding failed.
    pub object: Value,
    /// First wrong item: below the object's length unless that is 0.
    pub start: usize,
    /// Behind the last wrong item: at most the object's length.
    pub end: usize,
}

impl Problem {
    /// Reads an exception.
    ///
    /// Raises TypeError if it is of another class or its object was exchanged for something else.
    pub fn of(vm: &Vm, e: &Value) -> R<Problem> {
        let (object, len, range) = if let Some(e) = e.downcast::<UnicodeEncodeError>() {
            let object = text_attribute(vm, &e.object)?;
            (object.value().clone(), object.len(), e.range())
        } else if let Some(e) = e.downcast::<UnicodeDecodeError>() {
            let object = bytes_attribute(vm, &e.object)?;
            (object.value().clone(), object.as_slice().len(), e.range())
        } else if let Some(e) = e.downcast::<UnicodeTranslateError>() {
            let object = text_attribute(vm, &e.object)?;
            (object.value().clone(), object.len(), e.range())
        } else {
            let name = e.ty().tp_name();
            return Err(vm.type_error(format!("don't know how to handle {name} in error callback")));
        };
        let start = usize::try_from(range.0).unwrap_or(0).min(len.saturating_sub(1));
        let end = usize::try_from(range.1).unwrap_or(0).max(1).min(len);
        Ok(Problem { object, start, end })
    }
}
