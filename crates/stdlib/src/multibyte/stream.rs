//! `MultibyteStreamReader` and `MultibyteStreamWriter`.

use taipan_macros::{Trace, class};
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::bytes;
use taipan_runtime::types::int;
use taipan_runtime::types::str::{Str, StrBuilder};
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::vm::Vm;

use super::driver::{self, Decoder, Encoder, Extent};

/// The payload of a reader.
#[derive(Trace)]
pub struct StreamReader {
    stream: Value,
    core: Decoder,
}

/// A size that a program gives: -1 for none.
///
/// Raises TypeError for what is no int, OverflowError.
fn size(vm: &Vm, v: Option<&Value>) -> R<isize> {
    match v {
        None => Ok(-1),
        Some(v) if v.is_none() => Ok(-1),
        Some(v) if int::get(v).is_some() => int::to_isize(vm, v),
        Some(_) => Err(vm.type_error("arg 1 must be an integer")),
    }
}

impl StreamReader {
    /// Reads by a method of the stream until there is a character.
    fn get(&self, vm: &Vm, method: &str, size: isize) -> R<Ref<Str>> {
        let mut out = StrBuilder::new();
        if size == 0 {
            return Ok(out.finish_ref());
        }
        let mut hint = size;
        loop {
            let data = if hint < 0 {
                vm.call_method(&self.stream, method, &[])?
            } else {
                vm.call_method(&self.stream, method, &[Value::from(hint as i64)])?
            };
            let Some(more) = bytes::get(&data) else {
                let given = data.ty().tp_name();
                return Err(vm.type_error(format!("stream function returned a non-bytes object ({given})")));
            };
            let last = more.is_empty() || hint < 0;
            let none = more.is_empty() && self.core.pending.borrow().is_empty();
            let text = self.core.feed(vm, more, last)?;
            out.push_obj(&text);
            if hint < 0 || !out.is_empty() || none {
                return Ok(out.finish_ref());
            }
            // One more byte may complete a character.
            hint = 1;
        }
    }
}

#[class(name = "MultibyteStreamReader", module = "_multibytecodec", flags(BASETYPE, GC), sig = "(stream, errors='strict')")]
impl StreamReader {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, stream: &Value, errors: Option<&Ref<Str>>) -> R {
        let core = Decoder::new(vm, &cls.to_value(), errors)?;
        Ok(Ref::new_of(cls, Self { stream: stream.clone(), core }).into_value())
    }

    #[slot]
    fn init(_vm: &Vm, _this: &Ref<Self>, _args: Args<'_>) {}

    #[method(sig = "(sizeobj=None, /)")]
    fn read(vm: &Vm, this: &Ref<Self>, given: Option<&Value>) -> R<Ref<Str>> {
        let n = size(vm, given)?;
        this.get(vm, "read", n)
    }

    #[method(sig = "(sizeobj=None, /)")]
    fn readline(vm: &Vm, this: &Ref<Self>, given: Option<&Value>) -> R<Ref<Str>> {
        let n = size(vm, given)?;
        this.get(vm, "readline", n)
    }

    #[method(sig = "(sizehintobj=None, /)")]
    fn readlines(vm: &Vm, this: &Ref<Self>, given: Option<&Value>) -> R {
        let n = size(vm, given)?;
        let text = this.get(vm, "read", n)?;
        vm.call_method(text.value(), "splitlines", &[Value::bool(true)])
    }

    #[method(sig = "()")]
    fn reset(_vm: &Vm, this: &Ref<Self>) {
        this.core.reset();
    }

    /// Where the bytes come from.
    #[getter]
    fn stream(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.stream.clone()
    }

    /// How to treat errors.
    #[getter]
    fn errors(_vm: &Vm, this: &Ref<Self>) -> Ref<Str> {
        this.core.errors.get()
    }

    #[setter]
    fn set_errors(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        this.core.errors.set(vm, value)
    }
}

/// The payload of a writer.
#[derive(Trace)]
pub struct StreamWriter {
    stream: Value,
    core: Encoder,
}

impl StreamWriter {
    fn put(&self, vm: &Vm, text: &Value) -> R<()> {
        let data = self.core.feed(vm, text, Extent::Part)?;
        vm.call_method(&self.stream, "write", &[data.into_value()]).map(drop)
    }
}

#[class(name = "MultibyteStreamWriter", module = "_multibytecodec", flags(BASETYPE, GC), sig = "(stream, errors='strict')")]
impl StreamWriter {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, stream: &Value, errors: Option<&Ref<Str>>) -> R {
        let core = Encoder::new(vm, &cls.to_value(), errors)?;
        Ok(Ref::new_of(cls, Self { stream: stream.clone(), core }).into_value())
    }

    #[slot]
    fn init(_vm: &Vm, _this: &Ref<Self>, _args: Args<'_>) {}

    #[method(sig = "(strobj, /)")]
    fn write(vm: &Vm, this: &Ref<Self>, text: &Value) -> R<()> {
        this.put(vm, text)
    }

    #[method(sig = "(lines, /)")]
    fn writelines(vm: &Vm, this: &Ref<Self>, lines: &Value) -> R<()> {
        if !taipan_runtime::types::iterators::is_sequence(lines) {
            return Err(vm.type_error("arg must be a sequence object"));
        }
        let mut i = 0;
        while i < vm.len(lines)? {
            let line = vm.getitem(lines, &Value::from(i))?;
            this.put(vm, &line)?;
            i += 1;
        }
        Ok(())
    }

    /// Writes what is kept back.
    #[method(sig = "()")]
    fn reset(vm: &Vm, this: &Ref<Self>) -> R<()> {
        let Some(kept) = this.core.pending.get() else { return Ok(()) };
        let mut state = this.core.state.get();
        let errors = this.core.errors.get();
        let r = driver::encode(vm, this.core.encoding, &kept, &mut state, &errors.to_utf8(vm)?, Extent::Last);
        this.core.state.set(state);
        let (data, _) = r?;
        this.core.pending.set(None);
        if data.is_empty() {
            return Ok(());
        }
        vm.call_method(&this.stream, "write", &[bytes::from_vec(data).into_value()]).map(drop)
    }

    /// Where the bytes go.
    #[getter]
    fn stream(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.stream.clone()
    }

    /// How to treat errors.
    #[getter]
    fn errors(_vm: &Vm, this: &Ref<Self>) -> Ref<Str> {
        this.core.errors.get()
    }

    #[setter]
    fn set_errors(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        this.core.errors.set(vm, value)
    }
}
