//! `MultibyteCodec`: an encoding as an object.

use taipan_macros::{Trace, class};
use taipan_multibyte::{Encoding, State};
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::native::Nullable;
use taipan_runtime::types::bytes;
use taipan_runtime::types::str::StrBuilder;
use taipan_runtime::types::tuple;
use taipan_runtime::vm::Vm;

use super::driver::{self, Extent};
use crate::codecs::decode::input;

/// The payload of a codec.
#[derive(Trace)]
pub struct MultibyteCodec {
    #[no_trace]
    encoding: &'static Encoding,
}

impl MultibyteCodec {
    /// The object for an encoding.
    pub fn create(encoding: &'static Encoding) -> Value {
        Ref::new(Self { encoding }).into_value()
    }

    /// The encoding.
    pub fn encoding(&self) -> &'static Encoding {
        self.encoding
    }
}

#[class(name = "MultibyteCodec", module = "_multibytecodec", flags(NO_NEW))]
impl MultibyteCodec {
    /// Return an encoded string version of `input', and how many characters it took.
    ///
    /// 'errors' may be given to set a different error handling scheme. Default is 'strict', which raises a
    /// UnicodeEncodeError.
    #[method(sig = "(input, errors=None)")]
    fn encode(vm: &Vm, this: &Ref<Self>, input: &Value, errors: Nullable<&str>) -> R {
        let s = driver::as_text(vm, input)?;
        let mut state: State = this.encoding.encoder_state();
        let errors = errors.0.unwrap_or("strict");
        let out = match s.len() {
            0 => Vec::new(),
            _ => driver::encode(vm, this.encoding, &s, &mut state, errors, Extent::Last)?.0,
        };
        Ok(tuple::from_array([bytes::from_vec(out).into_value(), Value::from(s.len())]).into_value())
    }

    /// Decodes 'input', and tells how many bytes it took.
    ///
    /// 'errors' may be given to set a different error handling scheme. Default is 'strict', which raises a
    /// UnicodeDecodeError.
    #[method(sig = "(input, errors=None)")]
    fn decode(vm: &Vm, this: &Ref<Self>, input_: &Value, errors: Nullable<&str>) -> R {
        let data = input(vm, input_)?;
        let mut state = this.encoding.decoder_state();
        let errors = errors.0.unwrap_or("strict");
        let mut out = StrBuilder::with_capacity(data.len());
        driver::decode(vm, this.encoding, &data, &mut state, errors, true, &mut out)?;
        Ok(tuple::from_array([out.finish(), Value::from(data.len())]).into_value())
    }
}
