//! Paths: what a file is, making, linking, renaming and removing it.
//!
//! `dir` is the descriptor of the directory that a relative path starts from,
//! [`AT_CURRENT`](crate::AT_CURRENT) for the current one.

use crate::{Errno, Result, borrow, check};
use rustix::fs::{Access, AtFlags, Gid, Mode, RenameFlags, Timespec, Timestamps, Uid, XattrFlags};
use std::ffi::{CStr, CString};

/// The fields of `stat`; times in nanoseconds since 1970.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stat {
    /// Kind and permissions.
    pub mode: u32,
    /// Number of the inode.
    pub inode: u64,
    /// The device that holds it.
    pub device: u64,
    /// Number of hard links.
    pub links: u64,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Bytes.
    pub size: i64,
    /// Last access.
    pub accessed: i128,
    /// Last change of the content.
    pub modified: i128,
    /// Last change of the inode.
    pub changed: i128,
    /// The best size of a read.
    pub block_size: i64,
    /// Blocks of 512 bytes that it takes.
    pub blocks: i64,
    /// The device that it is, where it is one.
    pub special_device: u64,
}

#[allow(clippy::unnecessary_cast)]
fn convert(s: rustix::fs::Stat) -> Stat {
    let time = |seconds: i64, nanoseconds: i64| {
        i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds)
    };
    Stat {
        mode: s.st_mode as u32,
        inode: s.st_ino as u64,
        device: s.st_dev as u64,
        links: s.st_nlink as u64,
        uid: s.st_uid as u32,
        gid: s.st_gid as u32,
        size: s.st_size as i64,
        accessed: time(s.st_atime as i64, s.st_atime_nsec as i64),
        modified: time(s.st_mtime as i64, s.st_mtime_nsec as i64),
        changed: time(s.st_ctime as i64, s.st_ctime_nsec as i64),
        block_size: s.st_blksize as i64,
        blocks: s.st_blocks as i64,
        special_device: s.st_rdev as u64,
    }
}

/// What a path is; with `follow` what a symbolic link leads to.
pub fn stat(dir: i32, path: &CStr, follow: bool) -> Result<Stat> {
    Ok(convert(rustix::fs::statat(
        borrow(dir)?,
        path,
        at_flags(follow),
    )?))
}

/// What a descriptor is.
pub fn stat_descriptor(fd: i32) -> Result<Stat> {
    Ok(convert(rustix::fs::fstat(borrow(fd)?)?))
}

fn at_flags(follow: bool) -> AtFlags {
    if follow {
        AtFlags::empty()
    } else {
        AtFlags::SYMLINK_NOFOLLOW
    }
}

/// The fields of `statvfs`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FileSystem {
    /// Block size.
    pub block_size: u64,
    /// Fragment size, the unit of the block counts.
    pub fragment_size: u64,
    /// Blocks.
    pub blocks: u64,
    /// Free blocks.
    pub free_blocks: u64,
    /// Free blocks for who is not root.
    pub available_blocks: u64,
    /// Inodes.
    pub inodes: u64,
    /// Free inodes.
    pub free_inodes: u64,
    /// Free inodes for who is not root.
    pub available_inodes: u64,
    /// `ST_*` flags.
    pub flags: u64,
    /// The longest name.
    pub name_max: u64,
    /// Number of the file system.
    pub id: u64,
}

fn file_system(s: rustix::fs::StatVfs) -> FileSystem {
    FileSystem {
        block_size: s.f_bsize,
        fragment_size: s.f_frsize,
        blocks: s.f_blocks,
        free_blocks: s.f_bfree,
        available_blocks: s.f_bavail,
        inodes: s.f_files,
        free_inodes: s.f_ffree,
        available_inodes: s.f_favail,
        flags: s.f_flag.bits(),
        name_max: s.f_namemax,
        id: s.f_fsid,
    }
}

/// The file system that holds a path.
pub fn stat_file_system(path: &CStr) -> Result<FileSystem> {
    Ok(file_system(rustix::fs::statvfs(path)?))
}

/// The file system that holds an open file.
pub fn stat_file_system_descriptor(fd: i32) -> Result<FileSystem> {
    Ok(file_system(rustix::fs::fstatvfs(borrow(fd)?)?))
}

/// Makes a directory.
pub fn make_directory(dir: i32, path: &CStr, mode: u32) -> Result<()> {
    Ok(rustix::fs::mkdirat(
        borrow(dir)?,
        path,
        Mode::from_raw_mode(mode),
    )?)
}

/// Removes an empty directory.
pub fn remove_directory(dir: i32, path: &CStr) -> Result<()> {
    Ok(rustix::fs::unlinkat(
        borrow(dir)?,
        path,
        AtFlags::REMOVEDIR,
    )?)
}

/// Removes a file.
pub fn unlink(dir: i32, path: &CStr) -> Result<()> {
    Ok(rustix::fs::unlinkat(borrow(dir)?, path, AtFlags::empty())?)
}

/// Renames; what is at the target is replaced.
pub fn rename(from_dir: i32, from: &CStr, to_dir: i32, to: &CStr) -> Result<()> {
    Ok(rustix::fs::renameat(
        borrow(from_dir)?,
        from,
        borrow(to_dir)?,
        to,
    )?)
}

/// Renames; an existing target gives `EEXIST`.
pub fn rename_new(from_dir: i32, from: &CStr, to_dir: i32, to: &CStr) -> Result<()> {
    let (a, b) = (borrow(from_dir)?, borrow(to_dir)?);
    Ok(rustix::fs::renameat_with(
        a,
        from,
        b,
        to,
        RenameFlags::NOREPLACE,
    )?)
}

/// Makes a hard link; with `follow` to what a symbolic link leads to.
pub fn link(from_dir: i32, from: &CStr, to_dir: i32, to: &CStr, follow: bool) -> Result<()> {
    let flags = if follow {
        AtFlags::SYMLINK_FOLLOW
    } else {
        AtFlags::empty()
    };
    Ok(rustix::fs::linkat(
        borrow(from_dir)?,
        from,
        borrow(to_dir)?,
        to,
        flags,
    )?)
}

/// Makes a symbolic link at `path` that says `target`.
pub fn symlink(target: &CStr, dir: i32, path: &CStr) -> Result<()> {
    Ok(rustix::fs::symlinkat(target, borrow(dir)?, path)?)
}

/// What a symbolic link says.
pub fn read_link(dir: i32, path: &CStr) -> Result<CString> {
    Ok(rustix::fs::readlinkat(borrow(dir)?, path, Vec::new())?)
}

/// Sets permissions. Without `follow` a symbolic link is refused by most kernels.
pub fn chmod(dir: i32, path: &CStr, mode: u32, follow: bool) -> Result<()> {
    let mode = Mode::from_raw_mode(mode);
    Ok(rustix::fs::chmodat(
        borrow(dir)?,
        path,
        mode,
        at_flags(follow),
    )?)
}

/// Sets the permissions of an open file.
pub fn chmod_descriptor(fd: i32, mode: u32) -> Result<()> {
    Ok(rustix::fs::fchmod(borrow(fd)?, Mode::from_raw_mode(mode))?)
}

/// An owner or group; `u32::MAX`, C's -1, leaves it as it is.
fn owner(id: u32) -> Option<u32> {
    (id != u32::MAX).then_some(id)
}

/// Sets owner and group; `u32::MAX` leaves one as it is.
pub fn chown(dir: i32, path: &CStr, uid: u32, gid: u32, follow: bool) -> Result<()> {
    let (uid, gid) = (owner(uid).map(Uid::from_raw), owner(gid).map(Gid::from_raw));
    Ok(rustix::fs::chownat(
        borrow(dir)?,
        path,
        uid,
        gid,
        at_flags(follow),
    )?)
}

/// Sets owner and group of an open file.
pub fn chown_descriptor(fd: i32, uid: u32, gid: u32) -> Result<()> {
    let (uid, gid) = (owner(uid).map(Uid::from_raw), owner(gid).map(Gid::from_raw));
    Ok(rustix::fs::fchown(borrow(fd)?, uid, gid)?)
}

/// A point in time to set: seconds and nanoseconds since 1970; or now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileTime {
    /// The present.
    Now,
    /// A point in time.
    At {
        /// Seconds since 1970.
        seconds: i64,
        /// 0 to 999,999,999.
        nanoseconds: i64,
    },
}

fn timestamps(access: FileTime, modification: FileTime) -> Timestamps {
    let one = |t| match t {
        FileTime::Now => Timespec {
            tv_sec: 0,
            tv_nsec: libc::UTIME_NOW as _,
        },
        FileTime::At {
            seconds,
            nanoseconds,
        } => Timespec {
            tv_sec: seconds,
            tv_nsec: nanoseconds as _,
        },
    };
    Timestamps {
        last_access: one(access),
        last_modification: one(modification),
    }
}

/// Sets the times of access and modification.
pub fn set_times(
    dir: i32,
    path: &CStr,
    access: FileTime,
    modification: FileTime,
    follow: bool,
) -> Result<()> {
    let times = timestamps(access, modification);
    Ok(rustix::fs::utimensat(
        borrow(dir)?,
        path,
        &times,
        at_flags(follow),
    )?)
}

/// Sets the times of an open file.
pub fn set_times_descriptor(fd: i32, access: FileTime, modification: FileTime) -> Result<()> {
    Ok(rustix::fs::futimens(
        borrow(fd)?,
        &timestamps(access, modification),
    )?)
}

/// Whether the file can be used so: `mode` is made of `R_OK`, `W_OK`, `X_OK`, or is `F_OK`.
pub fn access(dir: i32, path: &CStr, mode: i32, effective: bool, follow: bool) -> Result<()> {
    let mut flags = at_flags(follow);
    flags.set(AtFlags::EACCESS, effective);
    let mode = Access::from_bits_retain(mode as u32);
    Ok(rustix::fs::accessat(borrow(dir)?, path, mode, flags)?)
}

/// The path without links, `.` and `..`, by the C library's `realpath`.
pub fn real_path(path: &CStr) -> Result<CString> {
    // SAFETY: the path is ended by a zero; the result is a new string or null.
    let text = unsafe { libc::realpath(path.as_ptr(), std::ptr::null_mut()) };
    if text.is_null() {
        return Err(Errno::last());
    }
    // SAFETY: not null, so ended by a zero, and ours to free.
    let out = unsafe { CStr::from_ptr(text) }.to_owned();
    // SAFETY: it came from the C library's allocator and is not used again.
    unsafe { libc::free(text.cast()) };
    Ok(out)
}

/// Cuts or extends a file to a length in bytes.
pub fn truncate(path: &CStr, length: i64) -> Result<()> {
    // SAFETY: the path is ended by a zero.
    check(unsafe { libc::truncate(path.as_ptr(), length) }).map(drop)
}

/// Makes a named pipe.
pub fn make_fifo(dir: i32, path: &CStr, mode: u32) -> Result<()> {
    // SAFETY: the path is ended by a zero.
    check(unsafe { libc::mkfifoat(dir, path.as_ptr(), mode) }).map(drop)
}

/// Makes a file of any kind: `mode` with the kind's bits, `device` for device files.
pub fn make_node(dir: i32, path: &CStr, mode: u32, device: u64) -> Result<()> {
    // SAFETY: the path is ended by a zero.
    check(unsafe { libc::mknodat(dir, path.as_ptr(), mode, device) }).map(drop)
}

/// A device's number from its major and minor one.
pub fn make_device(major: u32, minor: u32) -> u64 {
    rustix::fs::makedev(major, minor)
}

/// The major number of a device.
pub fn major(device: u64) -> u32 {
    rustix::fs::major(device)
}

/// The minor number of a device.
pub fn minor(device: u64) -> u32 {
    rustix::fs::minor(device)
}

/// Sets the process's mask of permissions and returns the old one.
pub fn umask(mask: u32) -> u32 {
    rustix::process::umask(Mode::from_raw_mode(mask)).bits()
}

/// Changes the current directory.
pub fn change_directory(path: &CStr) -> Result<()> {
    Ok(rustix::process::chdir(path)?)
}

/// Changes the current directory to that of a descriptor.
pub fn change_directory_descriptor(fd: i32) -> Result<()> {
    Ok(rustix::process::fchdir(borrow(fd)?)?)
}

/// Changes the root directory.
pub fn change_root(path: &CStr) -> Result<()> {
    Ok(rustix::process::chroot(path)?)
}

/// The current directory.
pub fn current_directory() -> Result<CString> {
    Ok(rustix::process::getcwd(Vec::new())?)
}

/// Writes everything to the disks.
pub fn sync_all() {
    rustix::fs::sync();
}

/// Where an extended attribute belongs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum XattrOf<'a> {
    /// To a path; with `true` to what a symbolic link leads to.
    Path(&'a CStr, bool),
    /// To an open file.
    Descriptor(i32),
}

/// Asks with a buffer that is large enough for nearly everything, and with larger ones while it is not.
fn growing(mut call: impl FnMut(&mut [u8]) -> rustix::io::Result<usize>) -> Result<Vec<u8>> {
    let mut size = 256;
    loop {
        let mut buffer = vec![0; size];
        match call(&mut buffer) {
            Ok(n) => {
                buffer.truncate(n);
                return Ok(buffer);
            }
            Err(rustix::io::Errno::RANGE) if size < 1 << 24 => size *= 16,
            Err(error) => return Err(error.into()),
        }
    }
}

/// The value of an extended attribute.
pub fn get_xattr(of: XattrOf<'_>, name: &CStr) -> Result<Vec<u8>> {
    growing(|buffer| match of {
        XattrOf::Path(path, true) => rustix::fs::getxattr(path, name, buffer),
        XattrOf::Path(path, false) => rustix::fs::lgetxattr(path, name, buffer),
        XattrOf::Descriptor(fd) => {
            let fd = borrow(fd).map_err(|_| rustix::io::Errno::BADF)?;
            rustix::fs::fgetxattr(fd, name, buffer)
        }
    })
}

/// The names of the extended attributes, each ended by a zero byte.
pub fn list_xattr(of: XattrOf<'_>) -> Result<Vec<u8>> {
    growing(|buffer| match of {
        XattrOf::Path(path, true) => rustix::fs::listxattr(path, buffer),
        XattrOf::Path(path, false) => rustix::fs::llistxattr(path, buffer),
        XattrOf::Descriptor(fd) => {
            let fd = borrow(fd).map_err(|_| rustix::io::Errno::BADF)?;
            rustix::fs::flistxattr(fd, buffer)
        }
    })
}

/// Sets an extended attribute; `flags` are `XATTR_CREATE` or `XATTR_REPLACE`.
pub fn set_xattr(of: XattrOf<'_>, name: &CStr, value: &[u8], flags: u32) -> Result<()> {
    let flags = XattrFlags::from_bits_retain(flags);
    Ok(match of {
        XattrOf::Path(path, true) => rustix::fs::setxattr(path, name, value, flags),
        XattrOf::Path(path, false) => rustix::fs::lsetxattr(path, name, value, flags),
        XattrOf::Descriptor(fd) => rustix::fs::fsetxattr(borrow(fd)?, name, value, flags),
    }?)
}

/// Removes an extended attribute.
pub fn remove_xattr(of: XattrOf<'_>, name: &CStr) -> Result<()> {
    Ok(match of {
        XattrOf::Path(path, true) => rustix::fs::removexattr(path, name),
        XattrOf::Path(path, false) => rustix::fs::lremovexattr(path, name),
        XattrOf::Descriptor(fd) => rustix::fs::fremovexattr(borrow(fd)?, name),
    }?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AT_CURRENT;

    #[test]
    fn a_life_of_a_file() {
        let base = format!("/tmp/taipan-host-{}", std::process::id());
        let p = |s: &str| CString::new(format!("{base}{s}")).unwrap();
        make_directory(AT_CURRENT, &p(""), 0o755).unwrap();
        let fd = crate::fd::open(
            AT_CURRENT,
            &p("/a"),
            libc::O_CREAT | libc::O_WRONLY | libc::O_CLOEXEC,
            0o644,
        )
        .unwrap();
        crate::fd::write(fd, b"xyz").unwrap();
        crate::fd::close(fd).unwrap();
        symlink(c"a", AT_CURRENT, &p("/l")).unwrap();
        assert_eq!(read_link(AT_CURRENT, &p("/l")).unwrap().as_c_str(), c"a");
        assert_eq!(stat(AT_CURRENT, &p("/l"), true).unwrap().size, 3);
        assert_eq!(
            stat(AT_CURRENT, &p("/l"), false).unwrap().mode & libc::S_IFMT,
            libc::S_IFLNK
        );
        let at = FileTime::At {
            seconds: -1,
            nanoseconds: 500_000_000,
        };
        set_times(AT_CURRENT, &p("/a"), at, at, true).unwrap();
        assert_eq!(
            stat(AT_CURRENT, &p("/a"), true).unwrap().modified,
            -500_000_000
        );
        chmod(AT_CURRENT, &p("/a"), 0o600, true).unwrap();
        rename(AT_CURRENT, &p("/a"), AT_CURRENT, &p("/b")).unwrap();
        assert_eq!(
            rename_new(AT_CURRENT, &p("/b"), AT_CURRENT, &p("/l")),
            Err(Errno(libc::EEXIST))
        );
        assert_eq!(
            access(AT_CURRENT, &p("/a"), libc::F_OK, false, true),
            Err(Errno(libc::ENOENT))
        );
        unlink(AT_CURRENT, &p("/l")).unwrap();
        unlink(AT_CURRENT, &p("/b")).unwrap();
        assert_eq!(real_path(&p("/.")).unwrap(), p(""));
        remove_directory(AT_CURRENT, &p("")).unwrap();
        assert!(stat_file_system(c"/").unwrap().blocks > 0);
        assert!(current_directory().is_ok());
    }
}
