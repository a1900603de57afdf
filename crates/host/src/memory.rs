//! Memory from the kernel: mapped files, and the reserve for a thread's register stack.

use crate::{Errno, Result, check};
use std::ptr::NonNull;

/// A mapping, unmapped when dropped.
///
/// What it holds can change under the hands of other processes, so there are no slices of it, only
/// copies in and out; who needs an address takes [`Map::address`].
#[derive(Debug)]
pub struct Map {
    start: NonNull<u8>,
    length: usize,
    writable: bool,
}

// SAFETY: the mapping belongs to this value alone; the kernel does not care which thread uses it.
unsafe impl Send for Map {}

impl Map {
    /// Maps `length` bytes: of the file `fd` from `offset` on, or of no file where it is -1.
    /// `protection` is made of `PROT_*`, `flags` of `MAP_*`. `MAP_FIXED`, which could replace what
    /// others use, gives `EINVAL`.
    pub fn new(fd: i32, offset: i64, length: usize, protection: i32, flags: i32) -> Result<Self> {
        if length == 0 || flags & (libc::MAP_FIXED | libc::MAP_FIXED_NOREPLACE) != 0 {
            return Err(Errno(libc::EINVAL));
        }
        let anonymous = if fd < 0 { libc::MAP_ANONYMOUS } else { 0 };
        // SAFETY: without a fixed place the kernel takes one that nobody uses.
        let start = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                length,
                protection,
                flags | anonymous,
                fd,
                offset,
            )
        };
        if start == libc::MAP_FAILED {
            return Err(Errno::last());
        }
        let start = NonNull::new(start.cast()).ok_or(Errno(libc::ENOMEM))?;
        Ok(Self {
            start,
            length,
            writable: protection & libc::PROT_WRITE != 0,
        })
    }

    /// The length in bytes.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Never: an empty mapping cannot be made.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The address of the first byte, valid for [`Map::len`] bytes while the mapping lives.
    pub fn address(&self) -> NonNull<u8> {
        self.start
    }

    fn range(&self, at: usize, length: usize) -> Result<*mut u8> {
        match at.checked_add(length) {
            // SAFETY: within the mapping.
            Some(end) if end <= self.length => Ok(unsafe { self.start.as_ptr().add(at) }),
            _ => Err(Errno(libc::EFAULT)),
        }
    }

    /// Copies bytes out of the mapping; `EFAULT` outside of it.
    pub fn read(&self, at: usize, out: &mut [u8]) -> Result<()> {
        let from = self.range(at, out.len())?;
        // SAFETY: within the mapping, which is no Rust object and so never overlaps `out`.
        unsafe { std::ptr::copy_nonoverlapping(from, out.as_mut_ptr(), out.len()) };
        Ok(())
    }

    /// Copies bytes into the mapping; `EFAULT` outside of it, `EACCES` where it is read-only.
    pub fn write(&mut self, at: usize, bytes: &[u8]) -> Result<()> {
        let to = self.range(at, bytes.len())?;
        if !self.writable {
            return Err(Errno(libc::EACCES));
        }
        // SAFETY: within the mapping, which may be written to; the bytes may be of the mapping themselves.
        unsafe { std::ptr::copy(bytes.as_ptr(), to, bytes.len()) };
        Ok(())
    }

    /// Moves bytes within the mapping; the ranges may overlap.
    pub fn move_within(&mut self, to: usize, from: usize, length: usize) -> Result<()> {
        let (from, to) = (self.range(from, length)?, self.range(to, length)?);
        if !self.writable {
            return Err(Errno(libc::EACCES));
        }
        // SAFETY: both within the mapping, which may be written to.
        unsafe { std::ptr::copy(from, to, length) };
        Ok(())
    }

    /// Writes changes back to the file; `at` must be at the start of a page. `flags` are `MS_*`.
    pub fn flush(&self, at: usize, length: usize, flags: i32) -> Result<()> {
        let start = self.range(at, length)?;
        // SAFETY: within the mapping.
        check(unsafe { libc::msync(start.cast(), length, flags) }).map(drop)
    }

    /// Tells how a part will be used (`MADV_*`); `at` must be at the start of a page.
    pub fn advise(&self, at: usize, length: usize, advice: i32) -> Result<()> {
        let start = self.range(at, length)?;
        // SAFETY: within the mapping; no advice makes an address of it invalid.
        check(unsafe { libc::madvise(start.cast(), length, advice) }).map(drop)
    }

    /// Makes the mapping longer or shorter; it may move.
    pub fn resize(&mut self, length: usize) -> Result<()> {
        if length == 0 {
            return Err(Errno(libc::EINVAL));
        }
        let (old, start) = (self.length, self.start.as_ptr().cast());
        // SAFETY: the mapping is ours, and nobody holds a reference into it.
        let moved = unsafe { libc::mremap(start, old, length, libc::MREMAP_MAYMOVE) };
        if moved == libc::MAP_FAILED {
            return Err(Errno::last());
        }
        self.start = NonNull::new(moved.cast()).ok_or(Errno(libc::ENOMEM))?;
        self.length = length;
        Ok(())
    }

    /// Changes what may be done with the memory (`PROT_*`).
    pub fn protect(&mut self, protection: i32) -> Result<()> {
        // SAFETY: the mapping is ours, and nobody holds a reference into it.
        check(unsafe { libc::mprotect(self.start.as_ptr().cast(), self.length, protection) })?;
        self.writable = protection & libc::PROT_WRITE != 0;
        Ok(())
    }
}

impl Drop for Map {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours and ends here.
        unsafe { libc::munmap(self.start.as_ptr().cast(), self.length) };
    }
}

/// A range of addresses that takes memory only where it is used, with a page at each end that may
/// not be touched: the stack of registers of one thread.
///
/// Its bytes are zero until they are written to.
#[derive(Debug)]
pub struct Reserve {
    map: Map,
    page: usize,
}

impl Reserve {
    /// Reserves at least `length` bytes, rounded up to whole pages.
    pub fn new(length: usize) -> Result<Self> {
        let page = crate::system::page_size();
        let length = length
            .max(1)
            .checked_next_multiple_of(page)
            .ok_or(Errno(libc::ENOMEM))?;
        let whole = length.checked_add(2 * page).ok_or(Errno(libc::ENOMEM))?;
        let flags = libc::MAP_PRIVATE | libc::MAP_NORESERVE;
        let map = Map::new(-1, 0, whole, libc::PROT_NONE, flags)?;
        let inner = map.range(page, length)?;
        let access = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: whole pages within the mapping, which nobody uses yet.
        check(unsafe { libc::mprotect(inner.cast(), length, access) })?;
        Ok(Self { map, page })
    }

    /// The first usable byte, valid for [`Reserve::len`] bytes while the reserve lives.
    pub fn address(&self) -> NonNull<u8> {
        // SAFETY: the mapping is at least three pages long.
        unsafe { self.map.start.add(self.page) }
    }

    /// The number of usable bytes.
    pub fn len(&self) -> usize {
        self.map.length - 2 * self.page
    }

    /// Never: there is at least a page.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Gives the memory from `from` on back; those bytes are zero again.
    ///
    /// # Safety
    /// Nothing there may be in use.
    pub unsafe fn release_from(&mut self, from: usize) -> Result<()> {
        let Some(start) = from.checked_next_multiple_of(self.page) else {
            return Ok(());
        };
        let Some(length) = self.len().checked_sub(start).filter(|n| *n > 0) else {
            return Ok(());
        };
        self.map
            .advise(self.page + start, length, libc::MADV_DONTNEED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps() {
        let access = libc::PROT_READ | libc::PROT_WRITE;
        let mut map = Map::new(-1, 0, 5000, access, libc::MAP_PRIVATE).unwrap();
        map.write(4990, b"0123456789").unwrap();
        map.move_within(0, 4990, 10).unwrap();
        let mut out = [0; 3];
        map.read(2, &mut out).unwrap();
        assert_eq!(&out, b"234");
        assert_eq!(map.write(4995, b"0123456789"), Err(Errno(libc::EFAULT)));
        assert_eq!(map.read(usize::MAX, &mut out), Err(Errno(libc::EFAULT)));
        map.resize(50_000).unwrap();
        map.read(4990, &mut out).unwrap();
        assert_eq!((&out, map.len()), (b"012", 50_000));
        map.protect(libc::PROT_READ).unwrap();
        assert_eq!(map.write(0, b"x"), Err(Errno(libc::EACCES)));
        assert!(Map::new(-1, 0, 0, access, libc::MAP_PRIVATE).is_err());
    }

    #[test]
    fn reserves() {
        let mut r = Reserve::new(1 << 30).unwrap();
        assert_eq!(r.len(), 1 << 30);
        let at = r.address().as_ptr();
        // SAFETY: within the reserve; nothing else uses it.
        unsafe {
            at.write(1);
            at.add(r.len() - 1).write(2);
            r.release_from(4096).unwrap();
            assert_eq!((at.read(), at.add(r.len() - 1).read()), (1, 0));
            r.release_from(usize::MAX).unwrap();
        }
        assert!(Reserve::new(usize::MAX).is_err());
    }
}
