//! Byte orders, and IP addresses as texts.

use std::ffi::CString;

use taipan_host::net;
use taipan_macros::function;
use taipan_runtime::core::{R, Value};
use taipan_runtime::native::{At, FromArg};
use taipan_runtime::types::bytes::{self, BytesLike};
use taipan_runtime::types::int;
use taipan_runtime::vm::Vm;

use super::{failed, plain_error};

/// An unsigned number of so many bits, or the name of its type for the message.
fn unsigned(vm: &Vm, v: &Value, bits: u32, name: &str) -> R<u64> {
    let n = int::index(vm, v)?;
    let Some(n) = int::get(&n) else { return Ok(0) };
    if n.is_negative() {
        return Err(vm.value_error("Cannot convert negative int"));
    }
    match n.to_i64() {
        Some(n) if n >> bits == 0 => Ok(n as u64),
        _ => Err(vm.overflow_error(format!("Python int too large for C {name}"))),
    }
}

/// 16 bits.
pub struct Half(u16);

impl<'a> FromArg<'a> for Half {
    fn from_arg(vm: &Vm, v: &'a Value, _: At) -> R<Self> {
        unsigned(vm, v, 16, "uint16_t").map(|n| Self(n as u16))
    }
}

/// 32 bits.
pub struct Word(u32);

impl<'a> FromArg<'a> for Word {
    fn from_arg(vm: &Vm, v: &'a Value, _: At) -> R<Self> {
        unsigned(vm, v, 32, "uint32_t").map(|n| Self(n as u32))
    }
}

/// Convert a 16-bit unsigned integer from network to host byte order.
#[function(sig = "(x, /)")]
pub fn ntohs(_vm: &Vm, x: Half) -> u16 {
    u16::from_be(x.0)
}

/// Convert a 32-bit unsigned integer from network to host byte order.
#[function(sig = "(x, /)")]
pub fn ntohl(_vm: &Vm, x: Word) -> u32 {
    u32::from_be(x.0)
}

/// Convert a 16-bit unsigned integer from host to network byte order.
#[function(sig = "(x, /)")]
pub fn htons(_vm: &Vm, x: Half) -> u16 {
    x.0.to_be()
}

/// Convert a 32-bit unsigned integer from host to network byte order.
#[function(sig = "(x, /)")]
pub fn htonl(_vm: &Vm, x: Word) -> u32 {
    x.0.to_be()
}

fn text(vm: &Vm, s: &str) -> R<CString> {
    CString::new(s).map_err(|_| vm.value_error("embedded null character"))
}

/// Convert an IP address in string format (123.45.67.89) to the 32-bit packed binary format used in low-level network
/// functions.
#[function(sig = "(ip_addr, /)")]
pub fn inet_aton(vm: &Vm, ip_addr: &str) -> R {
    match net::parse_v4(&text(vm, ip_addr)?) {
        Some(ip) => Ok(bytes::from_slice(&ip).into_value()),
        None => Err(plain_error(vm, "illegal IP address string passed to inet_aton")),
    }
}

/// Convert an IP address from 32-bit packed binary format to string format.
#[function(sig = "(packed_ip, /)")]
pub fn inet_ntoa(vm: &Vm, packed_ip: BytesLike<'_>) -> R {
    match *packed_ip {
        [a, b, c, d] => Ok(super::address::v4_text([a, b, c, d].into())),
        _ => Err(plain_error(vm, "packed IP wrong length for inet_ntoa")),
    }
}

/// Convert an IP address from string format to a packed string suitable for use with low-level network functions.
#[function]
pub fn inet_pton(vm: &Vm, af: i32, ip: &str) -> R {
    match net::parse_ip(af, &text(vm, ip)?) {
        Ok(Some(ip)) => Ok(bytes::from_slice(&ip).into_value()),
        Ok(None) => Err(plain_error(vm, "illegal IP address string passed to inet_pton")),
        Err(e) => Err(failed(vm, e)),
    }
}

/// Convert a packed IP address of the given family to string format.
#[function]
pub fn inet_ntop(vm: &Vm, af: i32, packed_ip: BytesLike<'_>) -> R<String> {
    let len = match af {
        libc::AF_INET => 4,
        libc::AF_INET6 => 16,
        _ => return Err(vm.value_error(format!("unknown address family {af}"))),
    };
    if packed_ip.len() != len {
        return Err(vm.value_error("invalid length of packed IP address string"));
    }
    let text = net::print_ip(&packed_ip).map_err(|e| failed(vm, e))?;
    Ok(text.to_string_lossy().into_owned())
}
