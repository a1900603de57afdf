//! The encodings of Chinese, Japanese and Korean as Python has them.
//!
//! **Decoding** takes the whole input and a position, appends what it decodes, and returns the position up to which
//! the input is consumed; what the end cuts off is an error with `last`, and else not consumed. **Encoding** takes
//! text and returns the position up to which it is encoded: without `flush` a last character that may make a pair
//! with the next is not. Where either stops at something wrong, all that stands before it has been written.
//!
//! Both work on a [`State`], which the caller keeps from call to call.

mod base;
mod flat;
mod hangul;
mod hz;
mod iso2022;
mod tables;

use taipan_text::CodeUnit;
use taipan_text::codec::CodecError;
use taipan_text::format::Sink;

use self::flat::Extra;
use self::iso2022::Iso2022;
use self::tables::Table;

const ILLEGAL: &str = "illegal multibyte sequence";
const INCOMPLETE: &str = "incomplete multibyte sequence";

/// What an encoding remembers.
pub type State = [u8; 8];

/// One of the encodings.
#[derive(Debug)]
pub struct Encoding {
    name: &'static str,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Flat(Table, Extra),
    Hz,
    Iso2022(&'static Iso2022),
}

/// Stops at a sequence that the end of the input cuts off.
fn incomplete(input: &[u8], at: usize, last: bool) -> Result<usize, CodecError> {
    if last { Err(CodecError::new(at, input.len(), INCOMPLETE)) } else { Ok(at) }
}

macro_rules! encodings {
    ($($(#[$doc:meta])* $list:ident { $($name:literal $kind:expr,)* })*) => {$(
        $(#[$doc])*
        pub static $list: &[Encoding] = &[$(Encoding { name: $name, kind: $kind }),*];
    )*};
}

use Kind::{Flat, Hz};

encodings! {
    /// Mainland China.
    CN {
        "gb2312" Flat(Table::Gb2312, Extra::None),
        "gbk" Flat(Table::Gbk, Extra::None),
        "gb18030" Flat(Table::Gb18030, Extra::FourBytes),
        "hz" Hz,
    }
    /// Hong Kong.
    HK {
        "big5hkscs" Flat(Table::Big5Hkscs, Extra::None),
    }
    /// Taiwan.
    TW {
        "big5" Flat(Table::Big5, Extra::None),
        "cp950" Flat(Table::Cp950, Extra::None),
    }
    /// Japan.
    JP {
        "shift_jis" Flat(Table::ShiftJis, Extra::None),
        "cp932" Flat(Table::Cp932, Extra::None),
        "euc_jp" Flat(Table::EucJp, Extra::None),
        "shift_jis_2004" Flat(Table::ShiftJis2004, Extra::None),
        "euc_jis_2004" Flat(Table::EucJis2004, Extra::None),
        "euc_jisx0213" Flat(Table::EucJisX0213, Extra::None),
        "shift_jisx0213" Flat(Table::ShiftJisX0213, Extra::None),
    }
    /// Korea.
    KR {
        "euc_kr" Flat(Table::EucKr, Extra::MadeUp),
        "cp949" Flat(Table::Cp949, Extra::None),
        "johab" Flat(Table::Johab, Extra::None),
    }
    /// Character sets by escape sequences.
    ISO_2022 {
        "iso2022_kr" Kind::Iso2022(&iso2022::KR),
        "iso2022_jp" Kind::Iso2022(&iso2022::JP),
        "iso2022_jp_1" Kind::Iso2022(&iso2022::JP_1),
        "iso2022_jp_2" Kind::Iso2022(&iso2022::JP_2),
        "iso2022_jp_2004" Kind::Iso2022(&iso2022::JP_2004),
        "iso2022_jp_3" Kind::Iso2022(&iso2022::JP_3),
        "iso2022_jp_ext" Kind::Iso2022(&iso2022::JP_EXT),
    }
}

impl Encoding {
    /// The name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What an encoder starts with.
    pub fn encoder_state(&self) -> State {
        match self.kind {
            Kind::Iso2022(_) => [iso2022::ASCII, iso2022::ASCII, 0, 0, 0, 0, 0, 0],
            _ => State::default(),
        }
    }

    /// What a decoder starts with.
    pub fn decoder_state(&self) -> State {
        match self.kind {
            Kind::Iso2022(_) => [iso2022::ASCII, iso2022::ASCII, iso2022::ASCII, 0, 0, 0, 0, 0],
            _ => State::default(),
        }
    }

    /// Decodes; see the crate's head.
    pub fn decode<S: Sink>(
        &self,
        input: &[u8],
        from: usize,
        last: bool,
        state: &mut State,
        out: &mut S,
    ) -> Result<usize, CodecError> {
        match self.kind {
            Flat(table, extra) => flat::decode(table, extra, input, from, last, out),
            Hz => hz::decode(input, from, last, state, out),
            Kind::Iso2022(iso) => iso.decode(input, from, last, state, out),
        }
    }

    /// Encodes; see the crate's head.
    pub fn encode<C: CodeUnit>(
        &self,
        text: &[C],
        from: usize,
        flush: bool,
        state: &mut State,
        out: &mut Vec<u8>,
    ) -> Result<usize, CodecError> {
        match self.kind {
            Flat(table, extra) => flat::encode(table, extra, text, from, flush, out),
            Hz => hz::encode(text, from, state, out),
            Kind::Iso2022(iso) => iso.encode(text, from, flush, state, out),
        }
    }

    /// Writes what brings an encoder back to its start.
    pub fn reset_encoder(&self, state: &mut State, out: &mut Vec<u8>) {
        match self.kind {
            Flat(..) => {}
            Hz => hz::reset(state, out),
            Kind::Iso2022(iso) => iso.reset(state, out),
        }
    }

    /// Lets a decoder forget what it was in.
    pub fn reset_decoder(&self, state: &mut State) {
        match self.kind {
            Flat(..) => {}
            Hz => state[0] = 0,
            Kind::Iso2022(_) => Iso2022::forget(state),
        }
    }
}
