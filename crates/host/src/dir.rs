//! Reading directories.

use crate::{Result, borrow};
use std::ffi::{CStr, CString};
use std::os::fd::{FromRawFd as _, OwnedFd};

/// What an entry is, as far as the directory tells without a look at the entry itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Link,
    /// A pipe, socket or device.
    Other,
    /// The file system does not tell.
    Unknown,
}

/// One entry of a directory; `.` and `..` are left out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The name.
    pub name: CString,
    /// The inode's number.
    pub inode: u64,
    /// What it is.
    pub kind: EntryKind,
}

/// An open directory that is iterated.
#[derive(Debug)]
pub struct Directory {
    inner: rustix::fs::Dir,
}

impl Directory {
    /// Opens a directory by its path.
    pub fn open(path: &CStr) -> Result<Self> {
        let flags = libc::O_RDONLY | libc::O_DIRECTORY | libc::O_CLOEXEC;
        let fd = crate::fd::open(crate::AT_CURRENT, path, flags, 0)?;
        // SAFETY: the descriptor was opened just now and belongs to nobody else.
        let owned = unsafe { OwnedFd::from_raw_fd(fd) };
        Ok(Self {
            inner: rustix::fs::Dir::new(owned)?,
        })
    }

    /// Reads the directory of a descriptor from its start; the descriptor stays open and the
    /// caller's.
    pub fn of_descriptor(fd: i32) -> Result<Self> {
        let mut inner = rustix::fs::Dir::read_from(borrow(fd)?)?;
        inner.rewind();
        Ok(Self { inner })
    }

    /// Starts again.
    pub fn rewind(&mut self) {
        self.inner.rewind();
    }
}

impl Iterator for Directory {
    type Item = Result<Entry>;

    fn next(&mut self) -> Option<Self::Item> {
        use rustix::fs::FileType;
        loop {
            let entry = match self.inner.read()? {
                Ok(entry) => entry,
                Err(error) => return Some(Err(error.into())),
            };
            let name = entry.file_name();
            if matches!(name.to_bytes(), b"." | b"..") {
                continue;
            }
            let kind = match entry.file_type() {
                FileType::RegularFile => EntryKind::File,
                FileType::Directory => EntryKind::Directory,
                FileType::Symlink => EntryKind::Link,
                FileType::Unknown => EntryKind::Unknown,
                _ => EntryKind::Other,
            };
            return Some(Ok(Entry {
                name: name.to_owned(),
                inode: entry.ino(),
                kind,
            }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists() {
        let names: Vec<_> = Directory::open(c"/proc/self")
            .unwrap()
            .map(|e| e.unwrap())
            .collect();
        assert!(
            names
                .iter()
                .any(|e| *e.name == *c"fd" && e.kind == EntryKind::Directory)
        );
        assert!(names.iter().all(|e| *e.name != *c"." && *e.name != *c".."));
        assert!(Directory::open(c"/no/such").is_err());
    }
}
