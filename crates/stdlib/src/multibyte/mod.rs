//! `_multibytecodec` and the modules with the encodings of Chinese, Japanese and Korean.

mod codec;
mod driver;
mod incremental;
mod stream;

use taipan_macros::{function, module};
use taipan_runtime::core::{R, Value};
use taipan_runtime::native::TypeDef;
use taipan_runtime::types::str::Str;
use taipan_runtime::vm::Vm;

use self::codec::MultibyteCodec;
use self::incremental::{IncrementalDecoder, IncrementalEncoder};
use self::stream::{StreamReader, StreamWriter};

module! {
    /// What the codecs of encodings with several bytes for a character are made from.
    name = "_multibytecodec",
    functions(__create_codec),
    types(IncrementalEncoder, IncrementalDecoder, StreamReader, StreamWriter),
}

/// The classes of this module.
pub const TYPES: &[&TypeDef] = &[
    MultibyteCodec::DEF,
    IncrementalEncoder::DEF,
    IncrementalDecoder::DEF,
    StreamReader::DEF,
    StreamWriter::DEF,
];

/// Makes a codec from what a native module hands over; there is nothing that a program could give.
#[function(name = "__create_codec", sig = "(arg, /)")]
fn __create_codec(vm: &Vm, arg: &Value) -> R {
    match arg.downcast::<MultibyteCodec>() {
        Some(codec) => Ok(MultibyteCodec::create(codec.encoding())),
        None => Err(vm.value_error("argument type invalid")),
    }
}

/// The codec of one of these encodings.
///
/// Raises TypeError for what is no str, LookupError.
fn find(vm: &Vm, encodings: &'static [taipan_multibyte::Encoding], name: &Value) -> R {
    let Some(name) = name.downcast::<Str>() else {
        return Err(vm.type_error("encoding name must be a string."));
    };
    match encodings.iter().find(|e| name.is(e.name())) {
        Some(encoding) => Ok(MultibyteCodec::create(encoding)),
        None => Err(vm.lookup_error("no such codec is supported.")),
    }
}

macro_rules! families {
    ($($(#[$doc:meta])* $module:ident $name:literal $list:ident)*) => {$(
        $(#[$doc])*
        pub mod $module {
            use taipan_macros::{function, module};
            use taipan_runtime::core::{R, Value};
            use taipan_runtime::vm::Vm;

            module! {
                /// Encodings, by getcodec().
                name = $name,
                functions(getcodec),
            }

            /// Return the codec of an encoding.
            #[function(sig = "(encoding, /)")]
            fn getcodec(vm: &Vm, encoding: &Value) -> R {
                super::find(vm, taipan_multibyte::$list, encoding)
            }
        }
    )*};
}

families! {
    /// `_codecs_cn`
    cn "_codecs_cn" CN
    /// `_codecs_hk`
    hk "_codecs_hk" HK
    /// `_codecs_iso2022`
    iso2022 "_codecs_iso2022" ISO_2022
    /// `_codecs_jp`
    jp "_codecs_jp" JP
    /// `_codecs_kr`
    kr "_codecs_kr" KR
    /// `_codecs_tw`
    tw "_codecs_tw" TW
}
