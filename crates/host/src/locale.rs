//! The C library's locale. It is one for the whole process, so all goes through one lock.

use std::ffi::{CStr, CString};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

static LOCK: Mutex<()> = Mutex::new(());
static FIRST: Once = Once::new();

/// Takes the lock. The first time the locale of characters is taken from the environment, as every program of the
/// system does when it starts; most programs never ask, and reading the locale's files takes a while.
pub(crate) fn lock() -> MutexGuard<'static, ()> {
    let guard = LOCK.lock().unwrap_or_else(PoisonError::into_inner);
    FIRST.call_once(|| {
        // The plain C locale means UTF-8 to Python.
        // SAFETY: texts ended by zeros; the result is looked at under the lock.
        unsafe {
            let now = libc::setlocale(libc::LC_CTYPE, c"".as_ptr());
            if now.is_null() || matches!(CStr::from_ptr(now).to_bytes(), b"C" | b"POSIX") {
                let set = |name: &CStr| !libc::setlocale(libc::LC_CTYPE, name.as_ptr()).is_null();
                let _ = set(c"C.UTF-8") || set(c"C.utf8") || set(c"UTF-8");
            }
        }
    });
    guard
}

/// Sets a category (`LC_*`) to a locale, or asks with `None`; the name in force, `None` where there
/// is no such locale.
pub fn set(category: i32, name: Option<&CStr>) -> Option<CString> {
    let _one = lock();
    let name = name.map_or(std::ptr::null(), CStr::as_ptr);
    // SAFETY: null or a text ended by a zero; the result is copied under the lock.
    unsafe {
        let now = libc::setlocale(category, name);
        if now.is_null() {
            None
        } else {
            Some(CStr::from_ptr(now).to_owned())
        }
    }
}

/// How numbers and money are written, the dictionary of `locale.localeconv`. Numbers are 127 where
/// the locale does not say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Conventions {
    /// `decimal_point`.
    pub decimal_point: Vec<u8>,
    /// `thousands_sep`.
    pub thousands_separator: Vec<u8>,
    /// `grouping`.
    pub grouping: Vec<u8>,
    /// `int_curr_symbol`.
    pub international_symbol: Vec<u8>,
    /// `currency_symbol`.
    pub currency_symbol: Vec<u8>,
    /// `mon_decimal_point`.
    pub money_point: Vec<u8>,
    /// `mon_thousands_sep`.
    pub money_separator: Vec<u8>,
    /// `mon_grouping`.
    pub money_grouping: Vec<u8>,
    /// `positive_sign`.
    pub positive_sign: Vec<u8>,
    /// `negative_sign`.
    pub negative_sign: Vec<u8>,
    /// `int_frac_digits`, `frac_digits`, `p_cs_precedes`, `p_sep_by_space`, `n_cs_precedes`,
    /// `n_sep_by_space`, `p_sign_posn`, `n_sign_posn`.
    pub numbers: [i8; 8],
}

/// The conventions in force.
pub fn conventions() -> Conventions {
    let _one = lock();
    // SAFETY: never null; the structure and its texts are copied under the lock.
    unsafe {
        let c = &*libc::localeconv();
        let text = |p: *const libc::c_char| {
            if p.is_null() {
                Vec::new()
            } else {
                CStr::from_ptr(p).to_bytes().to_vec()
            }
        };
        Conventions {
            decimal_point: text(c.decimal_point),
            thousands_separator: text(c.thousands_sep),
            grouping: text(c.grouping),
            international_symbol: text(c.int_curr_symbol),
            currency_symbol: text(c.currency_symbol),
            money_point: text(c.mon_decimal_point),
            money_separator: text(c.mon_thousands_sep),
            money_grouping: text(c.mon_grouping),
            positive_sign: text(c.positive_sign),
            negative_sign: text(c.negative_sign),
            // C's characters have a sign on some machines and none on others.
            #[allow(clippy::unnecessary_cast)]
            numbers: [
                c.int_frac_digits,
                c.frac_digits,
                c.p_cs_precedes,
                c.p_sep_by_space,
                c.n_cs_precedes,
                c.n_sep_by_space,
                c.p_sign_posn,
                c.n_sign_posn,
            ]
            .map(|n| n as i8),
        }
    }
}

/// An item of the locale, such as `CODESET`.
pub fn item(item: i32) -> Vec<u8> {
    let _one = lock();
    // SAFETY: never null but for unknown items; copied under the lock.
    unsafe {
        let text = libc::nl_langinfo(item);
        if text.is_null() {
            Vec::new()
        } else {
            CStr::from_ptr(text).to_bytes().to_vec()
        }
    }
}

/// Compares texts in the locale's order.
pub fn compare(a: &CStr, b: &CStr) -> std::cmp::Ordering {
    let _one = lock();
    // SAFETY: both are ended by zeros.
    unsafe { libc::strcoll(a.as_ptr(), b.as_ptr()) }.cmp(&0)
}

/// A text whose bytes compare as the locale orders the texts.
pub fn sort_key(text: &CStr) -> Vec<u8> {
    let _one = lock();
    let mut size = text.to_bytes().len() * 4 + 16;
    loop {
        let mut buffer = vec![0u8; size];
        // SAFETY: the buffer is as long as stated.
        let n = unsafe { libc::strxfrm(buffer.as_mut_ptr().cast(), text.as_ptr(), size) };
        if n < size {
            buffer.truncate(n);
            return buffer;
        }
        size = n + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_c_locale() {
        // Only the locale of characters comes from the environment, see `lock`.
        for category in [libc::LC_NUMERIC, libc::LC_TIME, libc::LC_COLLATE, libc::LC_MONETARY, libc::LC_MESSAGES] {
            assert_eq!(set(category, None).as_deref(), Some(c"C"));
        }
        assert_eq!(set(libc::LC_ALL, Some(c"no_SUCH")), None);
        let c = conventions();
        assert_eq!(
            (c.decimal_point.as_slice(), c.numbers[0]),
            (b".".as_slice(), 127)
        );
        assert!(!item(libc::CODESET).is_empty());
        assert_eq!(compare(c"a", c"b"), std::cmp::Ordering::Less);
        assert_eq!(sort_key(c"abc"), b"abc");
    }
}
