//! The databases of users and groups.

use crate::{Errno, Result};
use std::ffi::CStr;
use std::sync::{Mutex, PoisonError};

/// A user, `pwd.struct_passwd`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct User {
    /// Login name.
    pub name: Vec<u8>,
    /// Encrypted password or a stand-in.
    pub password: Vec<u8>,
    /// Number.
    pub uid: u32,
    /// The first group's number.
    pub gid: u32,
    /// The person's name and the like.
    pub comment: Vec<u8>,
    /// Home directory.
    pub home: Vec<u8>,
    /// Shell.
    pub shell: Vec<u8>,
}

/// A group, `grp.struct_group`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Group {
    /// Name.
    pub name: Vec<u8>,
    /// Encrypted password or a stand-in.
    pub password: Vec<u8>,
    /// Number.
    pub gid: u32,
    /// Names of the members.
    pub members: Vec<Vec<u8>>,
}

/// Iterating over a database has one position for the whole process.
static ITERATION: Mutex<()> = Mutex::new(());

/// # Safety
/// Null, or a text ended by a zero.
unsafe fn text(pointer: *const libc::c_char) -> Vec<u8> {
    if pointer.is_null() {
        return Vec::new();
    }
    // SAFETY: the caller's.
    unsafe { CStr::from_ptr(pointer) }.to_bytes().to_vec()
}

/// # Safety
/// The entry's pointers must be as the C library sets them.
unsafe fn user(p: &libc::passwd) -> User {
    // SAFETY: the caller's.
    unsafe {
        User {
            name: text(p.pw_name),
            password: text(p.pw_passwd),
            uid: p.pw_uid,
            gid: p.pw_gid,
            comment: text(p.pw_gecos),
            home: text(p.pw_dir),
            shell: text(p.pw_shell),
        }
    }
}

/// # Safety
/// The entry's pointers must be as the C library sets them.
unsafe fn group(g: &libc::group) -> Group {
    let mut members = Vec::new();
    let mut at = g.gr_mem;
    // SAFETY: a list of texts that ends with a null.
    unsafe {
        while !at.is_null() && !(*at).is_null() {
            members.push(text(*at));
            at = at.add(1);
        }
        Group {
            name: text(g.gr_name),
            password: text(g.gr_passwd),
            gid: g.gr_gid,
            members,
        }
    }
}

/// Calls a `get*_r` function with a buffer that grows until it suffices.
fn lookup<T>(mut call: impl FnMut(&mut [u8]) -> (i32, Option<T>)) -> Result<Option<T>> {
    let mut size = 1024;
    loop {
        let mut buffer = vec![0u8; size];
        match call(&mut buffer) {
            (_, Some(found)) => return Ok(Some(found)),
            (libc::ERANGE, None) if size < 1 << 24 => size *= 2,
            // What these mean differs between systems; all say that there is none.
            (0 | libc::ENOENT | libc::ESRCH | libc::EBADF | libc::EPERM, None) => return Ok(None),
            (error, None) => return Err(Errno(error)),
        }
    }
}

macro_rules! lookups {
    ($($(#[$doc:meta])* $name:ident($arg:ident: $ty:ty => $value:expr) = $c:ident, $convert:ident -> $out:ty, $raw:ty;)*) => {
        $(
            $(#[$doc])*
            pub fn $name($arg: $ty) -> Result<Option<$out>> {
                lookup(|buffer| {
                    // SAFETY: a structure of numbers and pointers, for which zeros are valid.
                    let mut entry: $raw = unsafe { std::mem::zeroed() };
                    let mut found = std::ptr::null_mut();
                    // SAFETY: the buffer is as long as stated, all else there to be written.
                    let status = unsafe {
                        libc::$c(
                            $value,
                            &mut entry,
                            buffer.as_mut_ptr().cast(),
                            buffer.len(),
                            &mut found,
                        )
                    };
                    // SAFETY: found, so the entry is set and its texts are in the buffer.
                    (status, (!found.is_null()).then(|| unsafe { $convert(&entry) }))
                })
            }
        )*
    };
}

lookups! {
    /// The user of a name.
    user_by_name(name: &CStr => name.as_ptr()) = getpwnam_r, user -> User, libc::passwd;
    /// The user of a number.
    user_by_id(uid: u32 => uid) = getpwuid_r, user -> User, libc::passwd;
    /// The group of a name.
    group_by_name(name: &CStr => name.as_ptr()) = getgrnam_r, group -> Group, libc::group;
    /// The group of a number.
    group_by_id(gid: u32 => gid) = getgrgid_r, group -> Group, libc::group;
}

/// All users.
pub fn all_users() -> Vec<User> {
    let _one = ITERATION.lock().unwrap_or_else(PoisonError::into_inner);
    let mut out = Vec::new();
    // SAFETY: the lock makes this the only iteration; each entry is copied before the next call.
    unsafe {
        libc::setpwent();
        while let Some(entry) = libc::getpwent().as_ref() {
            out.push(user(entry));
        }
        libc::endpwent();
    }
    out
}

/// All groups.
pub fn all_groups() -> Vec<Group> {
    let _one = ITERATION.lock().unwrap_or_else(PoisonError::into_inner);
    let mut out = Vec::new();
    // SAFETY: the lock makes this the only iteration; each entry is copied before the next call.
    unsafe {
        libc::setgrent();
        while let Some(entry) = libc::getgrent().as_ref() {
            out.push(group(entry));
        }
        libc::endgrent();
    }
    out
}

/// The numbers of the groups that a user is in, `gid` among them.
pub fn groups_of(user: &CStr, gid: u32) -> Result<Vec<u32>> {
    let mut size = 64;
    loop {
        let mut list = vec![0u32; size as usize];
        let mut count: i32 = size;
        // SAFETY: the list is as long as stated.
        let status =
            unsafe { libc::getgrouplist(user.as_ptr(), gid, list.as_mut_ptr(), &mut count) };
        if status != -1 {
            list.truncate(count.max(0) as usize);
            return Ok(list);
        }
        if size > 1 << 20 {
            return Err(Errno(libc::ERANGE));
        }
        size = (size * 2).max(count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root() {
        let user = user_by_id(0).unwrap().unwrap();
        assert_eq!(user.name, b"root");
        assert_eq!(user_by_name(c"root").unwrap(), Some(user.clone()));
        assert!(all_users().contains(&user));
        assert_eq!(user_by_name(c"no such user").unwrap(), None);
        assert_eq!(group_by_id(0).unwrap().unwrap().name, b"root");
        assert!(group_by_name(c"root").unwrap().is_some() && !all_groups().is_empty());
        assert!(groups_of(c"root", 0).unwrap().contains(&0));
    }
}
