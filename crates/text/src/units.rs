//! The three widths in which a Python string holds its characters.

/// One character of a Python string in one of its three storage widths: `u8` (latin-1), `u16`
/// (UCS-2) or `u32` (UCS-4). Lone surrogates are characters like any other.
pub trait CodeUnit:
    Copy + Eq + Ord + std::hash::Hash + Default + std::fmt::Debug + 'static
{
    /// The greatest code point that this width can hold.
    const MAX: u32;

    /// The code point.
    fn code(self) -> u32;

    /// The code point in this width, or `None` where it does not fit.
    fn from_code(code: u32) -> Option<Self>;

    /// The slice as bytes, for the width of one byte only; lets searches use `memchr`.
    fn bytes(slice: &[Self]) -> Option<&[u8]>;
}

macro_rules! code_unit {
    ($ty:ty, $max:expr, $slice:ident => $bytes:expr) => {
        impl CodeUnit for $ty {
            const MAX: u32 = $max;

            #[inline(always)]
            fn code(self) -> u32 {
                self as u32
            }

            #[inline(always)]
            fn from_code(code: u32) -> Option<Self> {
                (code <= $max).then_some(code as $ty)
            }

            #[inline(always)]
            fn bytes($slice: &[Self]) -> Option<&[u8]> {
                $bytes
            }
        }
    };
}

code_unit!(u8, 0xFF, slice => Some(slice));
code_unit!(u16, 0xFFFF, _slice => None);
code_unit!(u32, 0x10FFFF, _slice => None);

/// The code points of a slice of any width.
#[inline]
pub fn code_points<C: CodeUnit>(slice: &[C]) -> impl DoubleEndedIterator<Item = u32> + Clone + '_ {
    slice.iter().map(|c| c.code())
}

/// The greatest code point of the slice, 0 where it is empty: it decides the storage width.
pub fn widest(points: &[u32]) -> u32 {
    // The union of the bits tells the width without a branch per character, but callers also ask
    // for the exact maximum, which the compiler vectorises just as well.
    points.iter().copied().max().unwrap_or(0)
}

/// The code points as a Rust string; `None` where one is a surrogate or out of range.
pub fn string_from_code_points(points: impl IntoIterator<Item = u32>) -> Option<String> {
    points.into_iter().map(char::from_u32).collect()
}
