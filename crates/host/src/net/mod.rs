//! Sockets.

mod address;
mod message;
mod resolve;

pub use address::{Address, Endpoint, UNIX_PATH};
pub use message::{Control, Received, control_len, control_space, receive_message, send_message};
pub use resolve::{
    Found, Host, HostError, NameError, Service, address_name, host_by_address, host_by_name, interface_index,
    interface_name, interfaces, look_up, parse_v4, print_ip, parse_ip, protocol_number, service_by_name,
    service_by_port,
};

pub use std::net::{Ipv4Addr, Ipv6Addr};

use std::mem::MaybeUninit;

use crate::{Result, check};

/// A new socket, closed when a program is executed.
pub fn socket(family: i32, kind: i32, protocol: i32) -> Result<i32> {
    // SAFETY: plain system call with numbers only.
    check(unsafe { libc::socket(family, kind | libc::SOCK_CLOEXEC, protocol) })
}

/// Two sockets that are connected with each other, closed when a program is executed.
pub fn pair(family: i32, kind: i32, protocol: i32) -> Result<(i32, i32)> {
    let mut ends = [0; 2];
    // SAFETY: the array has room for the two numbers.
    check(unsafe { libc::socketpair(family, kind | libc::SOCK_CLOEXEC, protocol, ends.as_mut_ptr()) })?;
    Ok((ends[0], ends[1]))
}

/// Gives a socket its own address.
pub fn bind(fd: i32, address: &Address) -> Result<()> {
    let (at, len) = address.parts();
    // SAFETY: the address is as long as stated.
    check(unsafe { libc::bind(fd, at, len) }).map(drop)
}

/// Connects a socket.
pub fn connect(fd: i32, address: &Address) -> Result<()> {
    let (at, len) = address.parts();
    // SAFETY: the address is as long as stated.
    check(unsafe { libc::connect(fd, at, len) }).map(drop)
}

/// Lets others connect; so many may wait to be accepted.
pub fn listen(fd: i32, backlog: i32) -> Result<()> {
    // SAFETY: plain system call with numbers only.
    check(unsafe { libc::listen(fd, backlog) }).map(drop)
}

/// The next connection, closed when a program is executed, and whose it is.
pub fn accept(fd: i32) -> Result<(i32, Address)> {
    let mut address = Address::ROOM;
    let (at, len) = address.parts_mut();
    // SAFETY: the address has as much room as stated.
    let fd = check(unsafe { libc::accept4(fd, at, len, libc::SOCK_CLOEXEC) })?;
    Ok((fd, address))
}

/// Ends a connection: `how` is one of the `SHUT_*` numbers.
pub fn shutdown(fd: i32, how: i32) -> Result<()> {
    // SAFETY: plain system call with numbers only.
    check(unsafe { libc::shutdown(fd, how) }).map(drop)
}

/// A socket's own address.
pub fn own_address(fd: i32) -> Result<Address> {
    let mut address = Address::ROOM;
    let (at, len) = address.parts_mut();
    // SAFETY: the address has as much room as stated.
    check(unsafe { libc::getsockname(fd, at, len) })?;
    Ok(address)
}

/// The address at the other end.
pub fn peer_address(fd: i32) -> Result<Address> {
    let mut address = Address::ROOM;
    let (at, len) = address.parts_mut();
    // SAFETY: the address has as much room as stated.
    check(unsafe { libc::getpeername(fd, at, len) })?;
    Ok(address)
}

/// An option into a buffer; returns how long it is.
pub fn option(fd: i32, level: i32, name: i32, buffer: &mut [u8]) -> Result<usize> {
    let mut len = buffer.len() as libc::socklen_t;
    // SAFETY: the buffer is as long as stated.
    check(unsafe { libc::getsockopt(fd, level, name, buffer.as_mut_ptr().cast(), &mut len) })?;
    Ok((len as usize).min(buffer.len()))
}

/// An option that is a number.
pub fn option_number(fd: i32, level: i32, name: i32) -> Result<i32> {
    let mut buffer = [0; 4];
    option(fd, level, name, &mut buffer)?;
    Ok(i32::from_ne_bytes(buffer))
}

/// Sets an option.
pub fn set_option(fd: i32, level: i32, name: i32, value: &[u8]) -> Result<()> {
    let len = value.len() as libc::socklen_t;
    // SAFETY: the value is as long as stated.
    check(unsafe { libc::setsockopt(fd, level, name, value.as_ptr().cast(), len) }).map(drop)
}

/// Sets an option that has a length but no value.
pub fn set_option_length(fd: i32, level: i32, name: i32, len: u32) -> Result<()> {
    // SAFETY: the kernel checks the address, which is none.
    check(unsafe { libc::setsockopt(fd, level, name, std::ptr::null(), len) }).map(drop)
}

/// Receives into a buffer, which need not hold anything; 0 at the end.
fn receive_raw(fd: i32, buffer: &mut [MaybeUninit<u8>], flags: i32) -> Result<usize> {
    // SAFETY: the buffer is as long as stated.
    let n = check(unsafe { libc::recv(fd, buffer.as_mut_ptr().cast(), buffer.len(), flags) })?;
    Ok(n as usize)
}

/// Bytes as room to be written to.
fn room(buffer: &mut [u8]) -> &mut [MaybeUninit<u8>] {
    // SAFETY: bytes that hold something are bytes that may hold something; only initialized ones are written here.
    unsafe { &mut *(std::ptr::from_mut(buffer) as *mut [MaybeUninit<u8>]) }
}

/// Appends up to `most` bytes to a vector which has room for them; what has none is not asked for.
///
/// `receive` is told the room and says how much of it was filled.
fn append(
    out: &mut Vec<u8>,
    most: usize,
    receive: impl FnOnce(&mut [MaybeUninit<u8>]) -> Result<usize>,
) -> Result<usize> {
    let room = out.spare_capacity_mut();
    let most = most.min(room.len());
    let n = receive(&mut room[..most])?;
    let filled = n.min(most);
    // SAFETY: the kernel has written so many bytes behind the old ones.
    unsafe { out.set_len(out.len() + filled) };
    Ok(n)
}

/// Receives up to `most` bytes behind those of a vector, which has the room; 0 at the end.
pub fn receive_vec(fd: i32, out: &mut Vec<u8>, most: usize, flags: i32) -> Result<usize> {
    append(out, most, |room| receive_raw(fd, room, flags))
}

/// Receives into a buffer; 0 at the end. With `MSG_TRUNC` it may be more than the buffer holds.
pub fn receive(fd: i32, buffer: &mut [u8], flags: i32) -> Result<usize> {
    receive_raw(fd, room(buffer), flags)
}

fn receive_from_raw(fd: i32, buffer: &mut [MaybeUninit<u8>], flags: i32) -> Result<(usize, Address)> {
    let mut address = Address::ROOM;
    let (at, len) = address.parts_mut();
    // SAFETY: buffer and address are as long as stated.
    let n = check(unsafe { libc::recvfrom(fd, buffer.as_mut_ptr().cast(), buffer.len(), flags, at, len) })?;
    Ok((n as usize, address))
}

/// As [`receive`], with the sender's address.
pub fn receive_from(fd: i32, buffer: &mut [u8], flags: i32) -> Result<(usize, Address)> {
    receive_from_raw(fd, room(buffer), flags)
}

/// As [`receive_vec`], with the sender's address.
pub fn receive_vec_from(fd: i32, out: &mut Vec<u8>, most: usize, flags: i32) -> Result<(usize, Address)> {
    let mut from = Address::EMPTY;
    let n = append(out, most, |room| {
        let (n, address) = receive_from_raw(fd, room, flags)?;
        from = address;
        Ok(n)
    })?;
    Ok((n, from))
}

/// Sends bytes; returns how many were taken.
pub fn send(fd: i32, data: &[u8], flags: i32) -> Result<usize> {
    // SAFETY: the data is as long as stated.
    check(unsafe { libc::send(fd, data.as_ptr().cast(), data.len(), flags) }).map(|n| n as usize)
}

/// Sends bytes to an address; returns how many were taken.
pub fn send_to(fd: i32, data: &[u8], flags: i32, to: &Address) -> Result<usize> {
    let (at, len) = to.parts();
    // SAFETY: data and address are as long as stated.
    let n = unsafe { libc::sendto(fd, data.as_ptr().cast(), data.len(), flags, at, len) };
    check(n).map(|n| n as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair() {
        let (a, b) = pair(libc::AF_UNIX, libc::SOCK_STREAM, 0).unwrap();
        assert_eq!(send(a, b"hello", 0), Ok(5));
        let mut out = Vec::with_capacity(16);
        assert_eq!(receive_vec(b, &mut out, 3, 0), Ok(3));
        assert_eq!(receive_vec(b, &mut out, 3, 0), Ok(2));
        assert_eq!(out, b"hello");
        assert_eq!(option_number(a, libc::SOL_SOCKET, libc::SO_TYPE), Ok(libc::SOCK_STREAM));
        assert_eq!(own_address(a).unwrap().decode(), Endpoint::Unix(Vec::new()));
        crate::fd::close(a).unwrap();
        crate::fd::close(b).unwrap();
    }
}
