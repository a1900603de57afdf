//! center, ljust, rjust, zfill, expandtabs, repetition.

use taipan_text::search as text;

use super::{Kind, Str, StrBuilder, exact, from_latin1, from_ucs2, from_ucs4, new_with, units, write_units};
use crate::core::{R, Ref, Value};
use crate::vm::Vm;

/// The one character to fill with.
///
/// Raises TypeError for what is not a str of length 1.
fn fill_char(vm: &Vm, fill: Option<&Value>) -> R<u32> {
    let Some(v) = fill else { return Ok(u32::from(b' ')) };
    match v.downcast::<Str>() {
        Some(s) if s.len() == 1 => Ok(s.char_at(0)),
        Some(_) => Err(vm.type_error("The fill character must be exactly one character long")),
        None => Err(vm.type_error(format!("The fill character must be a unicode character, not {}", v.ty().tp_name()))),
    }
}

/// `s` with so many characters before and behind.
fn pad(vm: &Vm, s: &Ref<Str>, before: usize, behind: usize, fill: u32) -> R {
    let Some(len) = before.checked_add(behind).and_then(|n| n.checked_add(s.len())).filter(|n| *n <= isize::MAX as usize)
    else {
        return Err(vm.overflow_error("padded string is too long"));
    };
    vm.check_room(len.saturating_mul(s.kind().max(Kind::of(fill)).width()))?;
    let mut b = StrBuilder::with_capacity(if fill < 0x100 { len } else { 0 });
    b.push_repeated(fill, before);
    b.push_obj(s);
    b.push_repeated(fill, behind);
    Ok(b.finish())
}

/// Where the text stands in the width.
#[derive(Clone, Copy)]
pub(super) enum Place {
    /// `ljust`
    Left,
    /// `center`
    Center,
    /// `rjust`
    Right,
}

/// `str.ljust`, `str.center`, `str.rjust`.
pub(super) fn justify(vm: &Vm, s: &Ref<Str>, width: isize, fill: Option<&Value>, place: Place) -> R {
    let fill = fill_char(vm, fill)?;
    let missing = usize::try_from(width).unwrap_or(0).saturating_sub(s.len());
    if missing == 0 {
        return Ok(exact(s));
    }
    let (before, behind) = match place {
        Place::Left => (0, missing),
        Place::Right => (missing, 0),
        Place::Center => text::center_padding(s.len(), s.len() + missing),
    };
    pad(vm, s, before, behind, fill)
}

/// `str.zfill`
pub(super) fn zfill(vm: &Vm, s: &Ref<Str>, width: isize) -> R {
    let width = usize::try_from(width).unwrap_or(0);
    if width <= s.len() {
        return Ok(exact(s));
    }
    vm.check_room(width.saturating_mul(s.kind().width() * 2))?;
    let made = match s.chars() {
        super::Chars::Ucs2(t) => text::zfill(t, width).map(|v| from_ucs2(&v)),
        super::Chars::Ucs4(t) => text::zfill(t, width).map(|v| from_ucs4(&v)),
        narrow => text::zfill(narrow.narrow().unwrap_or_default(), width).map(|v| from_latin1(&v)),
    };
    Ok(made.map_or_else(|| exact(s), Ref::into_value))
}

/// `str.expandtabs`
pub(super) fn expand_tabs(vm: &Vm, s: &Ref<Str>, size: isize) -> R {
    let size = usize::try_from(size).unwrap_or(0);
    if !units!(s.chars(), t => text::find_char(t, 9).is_some()) {
        return Ok(exact(s));
    }
    let Some(len) = units!(s.chars(), t => text::expand_tabs_length(t, size)) else {
        return Err(vm.overflow_error("new string is too long"));
    };
    vm.check_room(len.saturating_mul(s.kind().width() * 2))?;
    Ok(match s.chars() {
        super::Chars::Ucs2(t) => from_ucs2(&text::expand_tabs(t, size)),
        super::Chars::Ucs4(t) => from_ucs4(&text::expand_tabs(t, size)),
        narrow => from_latin1(&text::expand_tabs(narrow.narrow().unwrap_or_default(), size)),
    }
    .into_value())
}

/// `s * n`
///
/// Raises OverflowError beyond what can be indexed, MemoryError beyond what there is.
pub fn repeat(vm: &Vm, s: &Ref<Str>, n: isize) -> R {
    let n = usize::try_from(n).unwrap_or(0);
    if n == 1 && s.is_exact() || s.is_empty() {
        return Ok(exact(s));
    }
    let Some(len) = s.len().checked_mul(n).filter(|n| *n <= isize::MAX as usize) else {
        return Err(vm.overflow_error("repeated string is too long"));
    };
    if n == 0 {
        return Ok(super::from_str(""));
    }
    let (unit, width) = (s.memory(), s.kind().width());
    // SAFETY: `n` copies are written, each doubling what is there; the kind is that of one copy.
    let made = unsafe {
        new_with(len, s.kind(), |p| {
            if unit == 1 {
                p.write_bytes(s.as_bytes()[0], n);
                return;
            }
            write_units(p, width, s);
            let (mut done, total) = (unit, unit * n);
            while done < total {
                let more = done.min(total - done);
                std::ptr::copy_nonoverlapping(p, p.add(done), more);
                done += more;
            }
        })
    };
    made.map(Ref::into_value).ok_or_else(|| vm.memory_error())
}
