//! `expandtabs`, `zfill`, `center`.

use crate::CodeUnit;

/// The length of the text with its tabs expanded; `None` where it exceeds `isize::MAX`
/// (`OverflowError: new string is too long`).
pub fn expand_tabs_length<C: CodeUnit>(text: &[C], tab_size: usize) -> Option<usize> {
    let (mut total, mut column) = (0usize, 0usize);
    for c in text {
        match c.code() {
            0x09 if tab_size == 0 => {}
            0x09 => {
                let width = tab_size - column % tab_size;
                column = column.checked_add(width)?;
                total = total.checked_add(width)?;
            }
            c => {
                column = if matches!(c, 0x0A | 0x0D) {
                    0
                } else {
                    column.checked_add(1)?
                };
                total = total.checked_add(1)?;
            }
        }
    }
    (total <= isize::MAX as usize).then_some(total)
}

/// The text with each tab replaced by spaces up to the next multiple of `tab_size`; 0 removes
/// tabs. Ask [`expand_tabs_length`] first: the result is that long.
pub fn expand_tabs<C: CodeUnit>(text: &[C], tab_size: usize) -> Vec<C> {
    let space = C::from_code(0x20).unwrap_or_default();
    let mut out = Vec::new();
    let mut column = 0usize;
    for &c in text {
        match c.code() {
            0x09 if tab_size == 0 => {}
            0x09 => {
                let width = tab_size - column % tab_size;
                column = column.wrapping_add(width);
                out.resize(out.len() + width, space);
            }
            code => {
                column = if matches!(code, 0x0A | 0x0D) {
                    0
                } else {
                    column + 1
                };
                out.push(c);
            }
        }
    }
    out
}

/// Zeros from the left to the width, behind a sign; `None` where the text is wide enough.
pub fn zfill<C: CodeUnit>(text: &[C], width: usize) -> Option<Vec<C>> {
    let missing = width.checked_sub(text.len()).filter(|n| *n > 0)?;
    let zero = C::from_code(0x30).unwrap_or_default();
    let mut out = Vec::with_capacity(width);
    let sign = usize::from(
        text.first()
            .is_some_and(|c| matches!(c.code(), 0x2B | 0x2D)),
    );
    out.extend_from_slice(&text[..sign]);
    out.resize(sign + missing, zero);
    out.extend_from_slice(&text[sign..]);
    Some(out)
}

/// The padding of `center` on the left and on the right: the odd one goes left where the width is
/// odd.
pub fn center_padding(length: usize, width: usize) -> (usize, usize) {
    let total = width.saturating_sub(length);
    let left = total / 2 + (total & width & 1);
    (left, total - left)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layouts() {
        assert_eq!(expand_tabs(b"a\tbc\td\n\te", 4), b"a   bc  d\n    e");
        assert_eq!(expand_tabs(b"a\tb", 0), b"ab");
        assert_eq!(expand_tabs_length(b"a\tbc\td", 4), Some(9));
        assert_eq!(expand_tabs_length(b"\t\t", usize::MAX / 2 + 1), None);
        assert_eq!(zfill(b"-5", 4).as_deref(), Some(b"-005".as_slice()));
        assert_eq!(zfill(b"", 2).as_deref(), Some(b"00".as_slice()));
        assert_eq!(zfill(b"123", 2), None);
        assert_eq!(center_padding(1, 4), (1, 2));
        assert_eq!(center_padding(2, 5), (2, 1));
    }
}
