//! `MultibyteIncrementalEncoder` and `MultibyteIncrementalDecoder`.

use taipan_macros::{Trace, class};
use taipan_multibyte::State;
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::bytes::{self, Bytes, BytesLike};
use taipan_runtime::types::int;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::str::codec::{Codec, decode_native};
use taipan_runtime::types::tuple::{self, Tuple};
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::vm::Vm;

use super::driver::{Decoder, Encoder, Extent, PENDING_BYTES};

/// An int as so many bytes, the lowest first.
///
/// Raises OverflowError.
fn to_bytes(vm: &Vm, n: int::IntRef<'_>, length: usize) -> R<Vec<u8>> {
    if n.is_negative() {
        return Err(vm.overflow_error("can't convert negative int to unsigned"));
    }
    if n.bits() > length * 8 {
        return Err(vm.overflow_error("int too big to convert"));
    }
    let big = n.to_big();
    let mut out: Vec<u8> = big.as_sign_words().1.iter().flat_map(|w| w.to_le_bytes()).collect();
    out.resize(length, 0);
    Ok(out)
}

/// The payload of an encoder.
#[derive(Trace)]
pub struct IncrementalEncoder {
    core: Encoder,
}

#[class(name = "MultibyteIncrementalEncoder", module = "_multibytecodec", flags(BASETYPE, GC), sig = "(errors='strict')")]
impl IncrementalEncoder {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, errors: Option<&Ref<Str>>) -> R {
        let core = Encoder::new(vm, &cls.to_value(), errors)?;
        Ok(Ref::new_of(cls, Self { core }).into_value())
    }

    #[slot]
    fn init(_vm: &Vm, _this: &Ref<Self>, _args: Args<'_>) {}

    #[method(sig = "(input, final=False)")]
    fn encode(vm: &Vm, this: &Ref<Self>, input: &Value, last: bool) -> R<Ref<Bytes>> {
        this.core.feed(vm, input, if last { Extent::Last } else { Extent::Part })
    }

    /// The state as an int: the length of what is kept back, that in UTF-8, and what the encoding remembers.
    #[method(sig = "()")]
    fn getstate(vm: &Vm, this: &Ref<Self>) -> R {
        let pending = this.core.pending.get();
        let pending = match &pending {
            Some(s) => s.to_utf8(vm)?,
            None => "".into(),
        };
        let mut raw = vec![pending.len() as u8];
        raw.extend_from_slice(pending.as_bytes());
        raw.extend(this.core.state.get());
        Ok(int::from_big(dashu_int::UBig::from_le_bytes(&raw).into()))
    }

    #[method(sig = "(state, /)")]
    fn setstate(vm: &Vm, this: &Ref<Self>, state: &Value) -> R<()> {
        let Some(n) = int::get(state) else {
            let given = state.ty().tp_name();
            return Err(vm.type_error(format!("setstate() argument must be int, not {given}")));
        };
        let raw = to_bytes(vm, n, 1 + 2 * PENDING_BYTES)?;
        let length = usize::from(raw[0]);
        if length > PENDING_BYTES {
            return Err(vm.raise_msg(&taipan_runtime::types::exceptions::UNICODE_ERROR, "pending buffer too large"));
        }
        let (pending, rest) = raw[1..].split_at(length);
        let (pending, _) = decode_native(vm, pending, Codec::Utf8, "strict", true)?;
        this.core.pending.set((!pending.is_empty()).then_some(pending));
        if let Some(state) = rest.first_chunk::<8>() {
            this.core.state.set(*state);
        }
        Ok(())
    }

    #[method(sig = "()")]
    fn reset(_vm: &Vm, this: &Ref<Self>) {
        let mut state: State = this.core.state.get();
        this.core.encoding.reset_encoder(&mut state, &mut Vec::new());
        this.core.state.set(state);
        this.core.pending.set(None);
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

/// The payload of a decoder.
#[derive(Trace)]
pub struct IncrementalDecoder {
    core: Decoder,
}

#[class(name = "MultibyteIncrementalDecoder", module = "_multibytecodec", flags(BASETYPE, GC), sig = "(errors='strict')")]
impl IncrementalDecoder {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, errors: Option<&Ref<Str>>) -> R {
        let core = Decoder::new(vm, &cls.to_value(), errors)?;
        Ok(Ref::new_of(cls, Self { core }).into_value())
    }

    #[slot]
    fn init(_vm: &Vm, _this: &Ref<Self>, _args: Args<'_>) {}

    #[method(sig = "(input, final=False)")]
    fn decode(vm: &Vm, this: &Ref<Self>, input: BytesLike<'_>, last: bool) -> R<Ref<Str>> {
        this.core.feed(vm, &input, last)
    }

    /// The bytes that are kept back, and what the encoding remembers, as an int.
    #[method(sig = "()")]
    fn getstate(_vm: &Vm, this: &Ref<Self>) -> R {
        let pending = bytes::from_vec(this.core.pending.get()).into_value();
        let state = u64::from_le_bytes(this.core.state.get());
        Ok(tuple::from_array([pending, Value::from(state)]).into_value())
    }

    #[method(sig = "(state, /)")]
    fn setstate(vm: &Vm, this: &Ref<Self>, state: &Value) -> R<()> {
        let Some(parts) = state.downcast::<Tuple>() else {
            let given = state.ty().tp_name();
            return Err(vm.type_error(format!("setstate() argument must be tuple, not {given}")));
        };
        let (Some(pending), Some(n)) = (match parts.as_slice() {
            [a, b] => (bytes::get(a), int::get(b)),
            _ => (None, None),
        }) else {
            return Err(vm.type_error("setstate(): illegal state argument"));
        };
        let raw = to_bytes(vm, n, 8)?;
        if pending.len() > PENDING_BYTES {
            let name = this.core.encoding.name();
            return Err(vm.unicode_decode_error(name, pending, 0, pending.len(), "pending buffer too large"));
        }
        this.core.pending.set(pending.to_vec());
        if let Some(state) = raw.first_chunk::<8>() {
            this.core.state.set(*state);
        }
        Ok(())
    }

    #[method(sig = "()")]
    fn reset(_vm: &Vm, this: &Ref<Self>) {
        this.core.reset();
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
