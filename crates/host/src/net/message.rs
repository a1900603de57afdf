//! Messages: data in several buffers, with ancillary data.

use std::io::{IoSlice, IoSliceMut};

use super::Address;
use crate::{Result, check};

/// A piece of ancillary data.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Control {
    /// The protocol's level, `SOL_*`.
    pub level: i32,
    /// The kind, `SCM_*`.
    pub kind: i32,
    /// What it says.
    pub data: Vec<u8>,
}

/// What [`receive_message`] received.
#[derive(Clone)]
pub struct Received {
    /// The number of bytes.
    pub len: usize,
    /// Whole pieces of ancillary data, and perhaps a cut one.
    pub control: Vec<Control>,
    /// `MSG_*` bits.
    pub flags: i32,
    /// The sender.
    pub from: Address,
}

const HEADER: usize = size_of::<libc::cmsghdr>();
const ALIGNMENT: usize = size_of::<usize>();

/// `CMSG_LEN`: the length of a piece with its header; `None` where it is too large for a message.
pub fn control_len(len: usize) -> Option<usize> {
    let whole = HEADER.next_multiple_of(ALIGNMENT).checked_add(len)?;
    (whole <= i32::MAX as usize).then_some(whole)
}

/// `CMSG_SPACE`: the room that a piece takes; `None` where it is too large for a message.
pub fn control_space(len: usize) -> Option<usize> {
    let whole = HEADER.next_multiple_of(ALIGNMENT).checked_add(len.checked_next_multiple_of(ALIGNMENT)?)?;
    (whole <= i32::MAX as usize).then_some(whole)
}

/// A buffer for ancillary data, aligned as its headers want it.
struct Room {
    words: Vec<usize>,
    len: usize,
}

impl Room {
    fn new(len: usize) -> Result<Self> {
        let count = len.div_ceil(ALIGNMENT);
        let mut words = Vec::new();
        if words.try_reserve_exact(count).is_err() {
            return Err(crate::Errno(libc::ENOMEM));
        }
        words.resize(count, 0);
        Ok(Self { words, len })
    }

    fn bytes(&self) -> &[u8] {
        // SAFETY: words are bytes; there are at least `len`.
        unsafe { std::slice::from_raw_parts(self.words.as_ptr().cast(), self.len) }
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: as above.
        unsafe { std::slice::from_raw_parts_mut(self.words.as_mut_ptr().cast(), self.len) }
    }
}

fn number<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at + N)?.try_into().ok()
}

/// The header's fields: length, level, kind.
fn header(bytes: &[u8]) -> Option<(usize, i32, i32)> {
    let len = usize::from_ne_bytes(number(bytes, std::mem::offset_of!(libc::cmsghdr, cmsg_len))?);
    let level = i32::from_ne_bytes(number(bytes, std::mem::offset_of!(libc::cmsghdr, cmsg_level))?);
    let kind = i32::from_ne_bytes(number(bytes, std::mem::offset_of!(libc::cmsghdr, cmsg_type))?);
    Some((len, level, kind))
}

/// Takes ancillary data apart.
fn pieces(mut bytes: &[u8]) -> Vec<Control> {
    let start = HEADER.next_multiple_of(ALIGNMENT);
    let mut out = Vec::new();
    while let Some((len, level, kind)) = header(bytes) {
        if len < HEADER {
            break;
        }
        let end = len.min(bytes.len());
        out.push(Control { level, kind, data: bytes.get(start..end).unwrap_or_default().to_vec() });
        let next = len.checked_next_multiple_of(ALIGNMENT).and_then(|n| bytes.get(n..));
        bytes = next.unwrap_or_default();
    }
    out
}

/// Puts ancillary data together.
fn packed(control: &[Control]) -> Result<Room> {
    let mut size = 0usize;
    for c in control {
        size = control_space(c.data.len()).and_then(|n| size.checked_add(n)).ok_or(crate::Errno(libc::EINVAL))?;
    }
    let mut room = Room::new(size)?;
    let mut rest = room.bytes_mut();
    let start = HEADER.next_multiple_of(ALIGNMENT);
    for c in control {
        let (Some(len), Some(space)) = (control_len(c.data.len()), control_space(c.data.len())) else { break };
        let (piece, behind) = rest.split_at_mut(space);
        let fields: [(usize, &[u8]); 4] = [
            (std::mem::offset_of!(libc::cmsghdr, cmsg_len), &len.to_ne_bytes()),
            (std::mem::offset_of!(libc::cmsghdr, cmsg_level), &c.level.to_ne_bytes()),
            (std::mem::offset_of!(libc::cmsghdr, cmsg_type), &c.kind.to_ne_bytes()),
            (start, &c.data),
        ];
        for (at, bytes) in fields {
            piece[at..at + bytes.len()].copy_from_slice(bytes);
        }
        rest = behind;
    }
    Ok(room)
}

fn empty() -> libc::msghdr {
    // SAFETY: a structure of numbers and pointers, for which zeros are valid.
    unsafe { std::mem::zeroed() }
}

/// Receives a message into several buffers, with up to `control` bytes of ancillary data.
pub fn receive_message(
    fd: i32,
    buffers: &mut [IoSliceMut<'_>],
    control: usize,
    flags: i32,
) -> Result<Received> {
    let mut from = Address::ROOM;
    let mut room = Room::new(control)?;
    let mut message = empty();
    let (at, len) = from.parts_mut();
    message.msg_name = at.cast();
    // SAFETY: the pointer is to the address's length.
    message.msg_namelen = unsafe { *len };
    message.msg_iov = buffers.as_mut_ptr().cast();
    message.msg_iovlen = buffers.len() as _;
    if control > 0 {
        message.msg_control = room.words.as_mut_ptr().cast();
        message.msg_controllen = control as _;
    }
    // SAFETY: `IoSliceMut` is laid out as `iovec`; address, buffers and room are as long as stated.
    let n = check(unsafe { libc::recvmsg(fd, &mut message, flags) })?;
    from.set_len(message.msg_namelen);
    let filled = (message.msg_controllen as usize).min(control);
    let control = pieces(&room.bytes()[..filled]);
    Ok(Received { len: n as usize, control, flags: message.msg_flags, from })
}

/// Sends a message from several buffers; returns how many bytes were taken.
pub fn send_message(
    fd: i32,
    buffers: &[IoSlice<'_>],
    control: &[Control],
    flags: i32,
    to: Option<&Address>,
) -> Result<usize> {
    let mut room = packed(control)?;
    let mut message = empty();
    if let Some(to) = to {
        let (at, len) = to.parts();
        message.msg_name = at.cast_mut().cast();
        message.msg_namelen = len;
    }
    message.msg_iov = buffers.as_ptr().cast_mut().cast();
    message.msg_iovlen = buffers.len() as _;
    if !control.is_empty() {
        message.msg_control = room.words.as_mut_ptr().cast();
        message.msg_controllen = room.len as _;
    }
    // SAFETY: `IoSlice` is laid out as `iovec`; address, buffers and room are as long as stated, and only read.
    check(unsafe { libc::sendmsg(fd, &message, flags) }).map(|n| n as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptors_travel() {
        let (a, b) = super::super::pair(libc::AF_UNIX, libc::SOCK_STREAM, 0).unwrap();
        let control = [Control { level: libc::SOL_SOCKET, kind: libc::SCM_RIGHTS, data: a.to_ne_bytes().to_vec() }];
        assert_eq!(send_message(a, &[IoSlice::new(b"x"), IoSlice::new(b"yz")], &control, 0, None), Ok(3));
        let mut buffer = [0; 8];
        let got = receive_message(b, &mut [IoSliceMut::new(&mut buffer)], 64, 0).unwrap();
        assert_eq!((got.len, got.control.len(), got.flags), (3, 1, 0));
        let fd = i32::from_ne_bytes(got.control[0].data[..4].try_into().unwrap());
        for fd in [a, b, fd] {
            crate::fd::close(fd).unwrap();
        }
    }

    #[test]
    fn sizes() {
        // SAFETY: computes with numbers only.
        unsafe {
            for n in [0u32, 1, 4, 8, 9, 100] {
                assert_eq!(control_len(n as usize), Some(libc::CMSG_LEN(n) as usize));
                assert_eq!(control_space(n as usize), Some(libc::CMSG_SPACE(n) as usize));
            }
        }
        assert_eq!((control_len(usize::MAX), control_space(usize::MAX)), (None, None));
    }
}
