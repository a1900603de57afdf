//! Terminals.

use crate::{Errno, Result, borrow, check};
use std::ffi::CStr;
use std::mem::MaybeUninit;
use std::os::fd::IntoRawFd as _;

/// Whether the descriptor is a terminal.
pub fn is_terminal(fd: i32) -> bool {
    borrow(fd).is_ok_and(rustix::termios::isatty)
}

/// The path of a terminal.
pub fn name(fd: i32) -> Result<Vec<u8>> {
    Ok(rustix::termios::ttyname(borrow(fd)?, Vec::new())?.into_bytes())
}

/// Columns and lines of a terminal.
pub fn size(fd: i32) -> Result<(u16, u16)> {
    let s = rustix::termios::tcgetwinsize(borrow(fd)?)?;
    Ok((s.ws_col, s.ws_row))
}

/// Sets columns and lines of a terminal.
pub fn set_size(fd: i32, columns: u16, lines: u16) -> Result<()> {
    let s = rustix::termios::Winsize {
        ws_row: lines,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    Ok(rustix::termios::tcsetwinsize(borrow(fd)?, s)?)
}

/// A terminal's modes, the list of `termios.tcgetattr`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Modes {
    /// `c_iflag`.
    pub input: u32,
    /// `c_oflag`.
    pub output: u32,
    /// `c_cflag`.
    pub control: u32,
    /// `c_lflag`.
    pub local: u32,
    /// Input speed, a `B*` number.
    pub input_speed: u32,
    /// Output speed, a `B*` number.
    pub output_speed: u32,
    /// The special characters.
    pub characters: [u8; libc::NCCS],
}

fn raw_modes(fd: i32) -> Result<libc::termios> {
    let mut t = MaybeUninit::uninit();
    // SAFETY: there to be written.
    check(unsafe { libc::tcgetattr(fd, t.as_mut_ptr()) })?;
    // SAFETY: the call has succeeded and written it.
    Ok(unsafe { t.assume_init() })
}

/// The modes of a terminal.
pub fn modes(fd: i32) -> Result<Modes> {
    let t = raw_modes(fd)?;
    Ok(Modes {
        input: t.c_iflag,
        output: t.c_oflag,
        control: t.c_cflag,
        local: t.c_lflag,
        // SAFETY: reads a structure.
        input_speed: unsafe { libc::cfgetispeed(&t) },
        // SAFETY: reads a structure.
        output_speed: unsafe { libc::cfgetospeed(&t) },
        characters: t.c_cc,
    })
}

/// Sets the modes of a terminal; `when` is `TCSANOW`, `TCSADRAIN` or `TCSAFLUSH`.
pub fn set_modes(fd: i32, when: i32, modes: &Modes) -> Result<()> {
    // What Python does not see stays as it is.
    let mut t = raw_modes(fd)?;
    t.c_iflag = modes.input;
    t.c_oflag = modes.output;
    t.c_cflag = modes.control;
    t.c_lflag = modes.local;
    t.c_cc = modes.characters;
    // SAFETY: the structure is there to be changed.
    check(unsafe { libc::cfsetispeed(&mut t, modes.input_speed) })?;
    // SAFETY: as above.
    check(unsafe { libc::cfsetospeed(&mut t, modes.output_speed) })?;
    // SAFETY: the structure is there to be read.
    check(unsafe { libc::tcsetattr(fd, when, &t) }).map(drop)
}

macro_rules! calls {
    ($($(#[$doc:meta])* $name:ident = $c:ident($($arg:ident),*);)*) => {
        $(
            $(#[$doc])*
            pub fn $name(fd: i32, $($arg: i32),*) -> Result<()> {
                // SAFETY: takes numbers only.
                check(unsafe { libc::$c(fd, $($arg),*) }).map(drop)
            }
        )*
    };
}

calls! {
    /// Sends a break.
    send_break = tcsendbreak(duration);
    /// Waits until all output is sent.
    drain = tcdrain();
    /// Discards what is queued: `TCIFLUSH`, `TCOFLUSH` or `TCIOFLUSH`.
    flush = tcflush(queue);
    /// Stops or restarts the flow: `TCOOFF` and the like.
    flow = tcflow(action);
}

/// The process group in the terminal's foreground.
pub fn foreground_group(fd: i32) -> Result<i32> {
    // SAFETY: takes a number only.
    check(unsafe { libc::tcgetpgrp(fd) })
}

/// Puts a process group into the terminal's foreground.
pub fn set_foreground_group(fd: i32, group: i32) -> Result<()> {
    // SAFETY: takes numbers only.
    check(unsafe { libc::tcsetpgrp(fd, group) }).map(drop)
}

/// A new pair of pseudo-terminals: the controlling and the controlled side, neither inherited.
pub fn open_pair() -> Result<(i32, i32)> {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    let main = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
    grantpt(&main)?;
    unlockpt(&main)?;
    let path = ptsname(&main, Vec::new())?;
    let flags = libc::O_RDWR | libc::O_NOCTTY | libc::O_CLOEXEC;
    let other = crate::fd::open(crate::AT_CURRENT, &path, flags, 0)?;
    Ok((main.into_raw_fd(), other))
}

/// Makes the terminal the controlling one of this session.
pub fn make_controlling(fd: i32) -> Result<()> {
    // SAFETY: the request takes a number.
    check(unsafe { libc::ioctl(fd, libc::TIOCSCTTY as _, 0) }).map(drop)
}

/// Starts a session with the terminal as its controlling one and as its standard streams; the
/// descriptor itself is closed.
pub fn login(fd: i32) -> Result<()> {
    crate::process::new_session()?;
    make_controlling(fd)?;
    for stream in 0..3 {
        if fd != stream {
            crate::fd::dup2(fd, stream, true)?;
        }
    }
    if fd > 2 { crate::fd::close(fd) } else { Ok(()) }
}

/// A new pseudo-terminal's controlling side, opened with `flags`.
pub fn open_controlling(flags: i32) -> Result<i32> {
    // SAFETY: takes a number only.
    check(unsafe { libc::posix_openpt(flags) })
}

/// Lets the controlled side of a pseudo-terminal be opened: owner and mode.
pub fn grant(fd: i32) -> Result<()> {
    // SAFETY: takes a number only.
    check(unsafe { libc::grantpt(fd) }).map(drop)
}

/// Lets the controlled side of a pseudo-terminal be opened: its lock.
pub fn unlock(fd: i32) -> Result<()> {
    // SAFETY: takes a number only.
    check(unsafe { libc::unlockpt(fd) }).map(drop)
}

/// The path of the controlled side.
pub fn controlled_path(fd: i32) -> Result<Vec<u8>> {
    let mut buffer = [0u8; 4096];
    // SAFETY: the buffer is as long as stated.
    let status = unsafe { libc::ptsname_r(fd, buffer.as_mut_ptr().cast(), buffer.len()) };
    if status != 0 {
        return Err(crate::Errno(status));
    }
    let end = buffer.iter().position(|&b| b == 0).unwrap_or(buffer.len());
    Ok(buffer[..end].to_vec())
}

/// The path that leads to the controlling terminal.
pub fn controlling_path() -> &'static CStr {
    c"/dev/tty"
}

/// The name of the user at the terminal.
pub fn login_name() -> Result<Vec<u8>> {
    unsafe extern "C" {
        fn getlogin_r(buffer: *mut libc::c_char, length: usize) -> libc::c_int;
    }
    let mut buffer = [0u8; 256];
    // SAFETY: the buffer is as long as stated.
    let status = unsafe { getlogin_r(buffer.as_mut_ptr().cast(), buffer.len()) };
    if status != 0 {
        return Err(Errno(status));
    }
    let end = buffer.iter().position(|b| *b == 0).unwrap_or(buffer.len());
    Ok(buffer[..end].to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs() {
        let (a, b) = open_pair().unwrap();
        assert!(is_terminal(b));
        set_size(a, 100, 30).unwrap();
        assert_eq!(size(b), Ok((100, 30)));
        let m = modes(b).unwrap();
        set_modes(b, libc::TCSANOW, &m).unwrap();
        assert!(name(b).unwrap().starts_with(b"/dev/pts/"));
        crate::fd::close(a).unwrap();
        crate::fd::close(b).unwrap();
        assert!(!is_terminal(-1));
    }
}
