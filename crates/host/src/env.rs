//! Environment variables and the program's arguments.

use crate::{Errno, Result};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

/// Whether the name can be one of a variable.
fn valid(name: &[u8]) -> bool {
    !name.is_empty() && !name.contains(&b'=') && !name.contains(&0)
}

/// The value of a variable.
pub fn get(name: &[u8]) -> Option<Vec<u8>> {
    if !valid(name) {
        return None;
    }
    std::env::var_os(OsStr::from_bytes(name)).map(OsString::into_vec)
}

/// Sets a variable; a name or value that cannot be gives `EINVAL`.
pub fn set(name: &[u8], value: &[u8]) -> Result<()> {
    if !valid(name) || value.contains(&0) {
        return Err(Errno(libc::EINVAL));
    }
    // SAFETY: the standard library's lock keeps Rust's own readers out. A C function that reads
    // the environment meanwhile in another thread is the risk of `os.environ` in CPython too.
    unsafe { std::env::set_var(OsStr::from_bytes(name), OsStr::from_bytes(value)) };
    Ok(())
}

/// Removes a variable; a name that cannot be gives `EINVAL`.
pub fn unset(name: &[u8]) -> Result<()> {
    if !valid(name) {
        return Err(Errno(libc::EINVAL));
    }
    // SAFETY: as in `set`.
    unsafe { std::env::remove_var(OsStr::from_bytes(name)) };
    Ok(())
}

/// All variables, name and value.
pub fn all() -> Vec<(Vec<u8>, Vec<u8>)> {
    std::env::vars_os()
        .map(|(k, v)| (k.into_vec(), v.into_vec()))
        .collect()
}

/// The program's arguments, its name first.
pub fn arguments() -> Vec<Vec<u8>> {
    std::env::args_os().map(OsString::into_vec).collect()
}

/// The path of the running program.
pub fn executable() -> Result<Vec<u8>> {
    std::env::current_exe()
        .map(|p| p.into_os_string().into_vec())
        .map_err(|e| Errno(e.raw_os_error().unwrap_or(libc::ENOENT)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables() {
        set(b"TAIPAN_TEST_ENV", b"x\xff").unwrap();
        assert_eq!(
            get(b"TAIPAN_TEST_ENV").as_deref(),
            Some(b"x\xff".as_slice())
        );
        assert!(all().iter().any(|(k, _)| k == b"TAIPAN_TEST_ENV"));
        unset(b"TAIPAN_TEST_ENV").unwrap();
        assert_eq!(get(b"TAIPAN_TEST_ENV"), None);
        assert_eq!(set(b"a=b", b""), Err(Errno(libc::EINVAL)));
        assert_eq!(set(b"a", b"\0"), Err(Errno(libc::EINVAL)));
        assert_eq!(get(b""), None);
        assert!(executable().is_ok());
    }
}
