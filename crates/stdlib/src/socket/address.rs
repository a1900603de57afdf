//! Addresses as Python has them: tuples, paths, and what other families use.

use std::ffi::CString;

use taipan_host::net::{self, Address, Endpoint, Ipv4Addr, Ipv6Addr, UNIX_PATH};
use taipan_runtime::core::{R, Raised, Value};
use taipan_runtime::types::bytes::{self, BytesLike};
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::int;
use taipan_runtime::types::str::{self, Str};
use taipan_runtime::types::tuple::{self, Tuple};
use taipan_runtime::vm::Vm;

use super::host::{name_in_address, resolve};
use super::{failed, plain_error};
use crate::posix::paths;

/// An address of the fourth version as text.
pub fn v4_text(ip: Ipv4Addr) -> Value {
    use std::io::Write as _;
    let mut buffer = [0u8; 15];
    let mut rest = &mut buffer[..];
    let [a, b, c, d] = ip.octets();
    // The longest text has just the room.
    let _ = write!(rest, "{a}.{b}.{c}.{d}");
    let left = rest.len();
    str::from_str(std::str::from_utf8(&buffer[..15 - left]).unwrap_or_default())
}

/// An address of the sixth version as text.
pub fn v6_text(ip: Ipv6Addr) -> Value {
    let text = net::print_ip(&ip.octets()).unwrap_or_default();
    paths::decode(text.as_bytes())
}

/// An unsigned int of C as its formats take it: what is too large loses its high bits, without an error.
///
/// Raises TypeError.
pub fn c_unsigned(vm: &Vm, v: &Value) -> R<u32> {
    let n = int::index(vm, v)?;
    Ok(match int::get(&n) {
        Some(n) => match n.to_i64() {
            Some(n) => n as u32,
            None => u32::try_from(n.to_big() & dashu_int::IBig::from(u32::MAX)).unwrap_or(0),
        },
        None => 0,
    })
}

/// The family's own numbers that are not in every header.
const QIPCRTR: i32 = 42;
const CAN_RAW: i32 = 1;
const CAN_BCM: i32 = 2;
const CAN_ISOTP: i32 = 6;
const CAN_J1939: i32 = 7;

/// A tuple that is an address of some family.
struct Parts<'a> {
    vm: &'a Vm,
    caller: &'a str,
    items: &'a [Value],
}

impl<'a> Parts<'a> {
    /// The items of `v`, if it is a tuple of so many; `shape` is for the message.
    fn new(vm: &'a Vm, caller: &'a str, family: &str, v: &'a Value, len: (usize, usize), shape: &str) -> R<Self> {
        let Some(t) = v.downcast::<Tuple>() else {
            let given = v.ty().tp_name();
            return Err(vm.type_error(format!("{caller}(): {family} address must be tuple, not {given}")));
        };
        let items = t.as_slice();
        if items.len() < len.0 || items.len() > len.1 {
            return Err(vm.type_error(format!("{family} address must be {shape}")));
        }
        Ok(Self { vm, caller, items })
    }

    fn item(&self, i: usize) -> &'a Value {
        &self.items[i]
    }

    fn unsigned(&self, i: usize) -> R<u32> {
        self.items.get(i).map_or(Ok(0), |v| c_unsigned(self.vm, v))
    }

    fn number(&self, i: usize) -> R<i64> {
        self.items.get(i).map_or(Ok(0), |v| int::to_i64(self.vm, v))
    }

    /// A C int.
    fn int(&self, i: usize) -> R<i32> {
        let n = self.number(i)?;
        i32::try_from(n).map_err(|_| {
            let side = if n < 0 { "less than minimum" } else { "greater than maximum" };
            self.vm.overflow_error(format!("signed integer is {side}"))
        })
    }

    fn port_error(&self) -> Raised {
        self.vm.overflow_error(format!("{}(): port must be 0-65535.", self.caller))
    }

    fn port(&self, i: usize) -> R<u16> {
        let n = match self.number(i) {
            Ok(n) => n,
            Err(r) if self.vm.raised_is(&exc::OVERFLOW_ERROR) => {
                drop(self.vm.catch(r));
                return Err(self.port_error());
            }
            Err(r) => return Err(r),
        };
        u16::try_from(n).map_err(|_| self.port_error())
    }

    fn text(&self, i: usize) -> R<&'a Str> {
        let v = self.item(i);
        match v.downcast::<Str>() {
            Some(s) => Ok(s),
            None => Err(self.vm.type_error(format!("argument {} must be str, not {}", i + 1, v.ty().tp_name()))),
        }
    }

    /// The number of an interface, given by name; 0 for the empty one.
    fn interface(&self, i: usize) -> R<i32> {
        let name = paths::encode(self.vm, self.text(i)?)?;
        if name.is_empty() {
            return Ok(0);
        }
        if name.len() >= libc::IF_NAMESIZE {
            return Err(plain_error(self.vm, "AF_CAN interface name too long"));
        }
        let name = CString::new(name).map_err(|_| self.vm.value_error("embedded null character"))?;
        net::interface_index(&name).map(|n| n as i32).map_err(|e| failed(self.vm, e))
    }
}

fn v4(p: &Parts<'_>) -> R<Endpoint> {
    let name = name_in_address(p.vm, p.item(0))?;
    let port = p.port(1)?;
    match resolve(p.vm, &name, libc::AF_INET)? {
        Endpoint::V4 { ip, .. } => Ok(Endpoint::V4 { ip, port }),
        _ => Err(plain_error(p.vm, "unsupported address family")),
    }
}

fn v6(p: &Parts<'_>) -> R<Endpoint> {
    let name = name_in_address(p.vm, p.item(0))?;
    let port = p.port(1)?;
    let (flow, scope) = (p.unsigned(2)?, p.unsigned(3)?);
    let found = resolve(p.vm, &name, libc::AF_INET6)?;
    if flow > 0xf_ffff {
        return Err(p.vm.overflow_error(format!("{}(): flowinfo must be 0-1048575.", p.caller)));
    }
    match found {
        Endpoint::V6 { ip, .. } => Ok(Endpoint::V6 { ip, port, flow, scope }),
        _ => Err(plain_error(p.vm, "unsupported address family")),
    }
}

fn unix(vm: &Vm, v: &Value) -> R<Endpoint> {
    let path = match v.downcast::<Str>() {
        Some(s) => paths::encode(vm, s)?,
        None => BytesLike::new(vm, v)?.to_vec(),
    };
    // A path needs room for its end, a name without a file does not.
    let room = if path.first().is_none_or(|&b| b == 0) { UNIX_PATH } else { UNIX_PATH - 1 };
    if path.len() > room {
        return Err(plain_error(vm, "AF_UNIX path too long"));
    }
    Ok(Endpoint::Unix(path))
}

fn packet(p: &Parts<'_>) -> R<Endpoint> {
    let name = paths::encode(p.vm, p.text(0)?)?;
    let protocol = p.int(1)?;
    let kind = if p.items.len() > 2 { p.int(2)? } else { i32::from(libc::PACKET_HOST) };
    let hardware = p.int(3)?;
    let address = match p.items.get(4) {
        Some(v) => BytesLike::new(p.vm, v)?.to_vec(),
        None => Vec::new(),
    };
    if address.len() > 8 {
        return Err(p.vm.value_error("Hardware address must be 8 bytes or less"));
    }
    let Ok(protocol) = u16::try_from(protocol) else {
        return Err(p.vm.overflow_error(format!("{}(): proto must be 0-65535.", p.caller)));
    };
    let name = CString::new(name).map_err(|_| p.vm.value_error("embedded null character"))?;
    let interface = net::interface_index(&name).map_err(|e| failed(p.vm, e))? as i32;
    Ok(Endpoint::Packet { protocol, interface, hardware: hardware as u16, kind: kind as u8, address })
}

fn can(vm: &Vm, caller: &str, protocol: i32, v: &Value) -> R<Endpoint> {
    let mut rest = [0; 16];
    let shape = match protocol {
        CAN_ISOTP => ((3, 3), "a tuple (interface, rx_addr, tx_addr)"),
        CAN_J1939 => ((4, 4), "a tuple (interface, name, pgn, addr)"),
        _ => ((1, 1), "a tuple (interface, )"),
    };
    let p = Parts::new(vm, caller, "AF_CAN", v, shape.0, shape.1)?;
    match protocol {
        CAN_RAW | CAN_BCM => {}
        CAN_ISOTP => {
            rest[..4].copy_from_slice(&p.unsigned(1)?.to_ne_bytes());
            rest[4..8].copy_from_slice(&p.unsigned(2)?.to_ne_bytes());
        }
        CAN_J1939 => {
            rest[..8].copy_from_slice(&(p.number(1)? as u64).to_ne_bytes());
            rest[8..12].copy_from_slice(&p.unsigned(2)?.to_ne_bytes());
            rest[12] = p.unsigned(3)? as u8;
        }
        _ => return Err(plain_error(vm, &format!("{caller}(): unsupported CAN protocol"))),
    }
    Ok(Endpoint::Can { interface: p.interface(0)?, rest })
}

fn alg(p: &Parts<'_>) -> R<Endpoint> {
    let kind = p.text(0)?.to_utf8(p.vm)?.as_bytes().to_vec();
    let name = p.text(1)?.to_utf8(p.vm)?.as_bytes().to_vec();
    let (features, mask) = (p.unsigned(2)?, p.unsigned(3)?);
    // Both fields need room for their end.
    if kind.len() >= 14 {
        return Err(p.vm.value_error("AF_ALG type too long."));
    }
    if name.len() >= 64 {
        return Err(p.vm.value_error("AF_ALG name too long."));
    }
    Ok(Endpoint::Alg { kind, features, mask, name })
}

fn tipc(p: &Parts<'_>) -> R<Endpoint> {
    const SEQUENCE: u32 = 1;
    const NAME: u32 = 2;
    const ID: u32 = 3;
    let kind = p.unsigned(0)?;
    let (a, b, c) = (p.unsigned(1)?, p.unsigned(2)?, p.unsigned(3)?);
    let scope = if p.items.len() > 4 { p.unsigned(4)? } else { 2 };
    let parts = match kind {
        SEQUENCE => [a, b, c],
        NAME => [a, b, 0],
        ID => [b, a, 0],
        _ => return Err(p.vm.type_error("Invalid address type")),
    };
    Ok(Endpoint::Tipc { kind: kind as u8, scope: scope as i8, parts })
}

/// An address for a socket of this family, as the kernel takes it; `caller` is for messages.
///
/// Raises TypeError for what is no address of the family, OSError, gaierror, OverflowError.
pub fn from_value(vm: &Vm, family: i32, protocol: i32, v: &Value, caller: &str) -> R<Address> {
    let parts = |name, len, shape| Parts::new(vm, caller, name, v, len, shape);
    let e = match family {
        libc::AF_INET => v4(&parts("AF_INET", (2, 2), "a pair (host, port)")?)?,
        libc::AF_INET6 => v6(&parts("AF_INET6", (2, 4), "a tuple (host, port[, flowinfo[, scopeid]])")?)?,
        libc::AF_UNIX => unix(vm, v)?,
        libc::AF_NETLINK => {
            let p = parts("AF_NETLINK", (2, 2), "a pair (pid, groups)")?;
            Endpoint::Netlink { pid: p.unsigned(0)?, groups: p.unsigned(1)? }
        }
        libc::AF_PACKET => {
            packet(&parts("AF_PACKET", (2, 5), "a tuple of two to five elements")?)?
        }
        libc::AF_VSOCK => {
            let p = parts("AF_VSOCK", (2, 2), "a pair (CID, port)")?;
            Endpoint::Vsock { cid: p.unsigned(0)?, port: p.unsigned(1)? }
        }
        libc::AF_CAN => can(vm, caller, protocol, v)?,
        libc::AF_ALG => alg(&parts("AF_ALG", (2, 4), "a tuple (type, name[, feat[, mask]])")?)?,
        libc::AF_TIPC => tipc(&parts("AF_TIPC", (4, 5), "a tuple (addr_type, v1, v2, v3[, scope])")?)?,
        QIPCRTR => {
            let p = parts("AF_QIPCRTR", (2, 2), "a pair (node, port)")?;
            Endpoint::Qrtr { node: p.unsigned(0)?, port: p.unsigned(1)? }
        }
        _ => return Err(plain_error(vm, &format!("{caller}(): bad family"))),
    };
    Ok(e.encode())
}

/// The name of an interface, empty for one that is gone.
fn interface_name(index: i32) -> Value {
    let name = u32::try_from(index).ok().filter(|&n| n != 0).and_then(|n| net::interface_name(n).ok());
    paths::decode(&name.unwrap_or_default())
}

fn tuple_of<const N: usize>(items: [Value; N]) -> Value {
    tuple::from_array(items).into_value()
}

/// An address as Python has it; `protocol` is the socket's.
pub fn to_value(address: &Address, protocol: i32) -> Value {
    let number = |b: &[u8]| u32::from_ne_bytes(b.try_into().unwrap_or_default());
    match address.decode() {
        Endpoint::Nothing => Value::NONE,
        Endpoint::V4 { ip, port } => tuple_of([v4_text(ip), Value::from(port)]),
        Endpoint::V6 { ip, port, flow, scope } => {
            tuple_of([v6_text(ip), Value::from(port), Value::from(flow), Value::from(scope)])
        }
        Endpoint::Unix(path) if path.first() == Some(&0) => bytes::from_vec(path).into_value(),
        Endpoint::Unix(path) => paths::decode(&path),
        Endpoint::Netlink { pid, groups } => tuple_of([Value::from(pid), Value::from(groups)]),
        Endpoint::Packet { protocol, interface, hardware, kind, address } => tuple_of([
            interface_name(interface),
            Value::from(protocol),
            Value::from(kind),
            Value::from(hardware),
            bytes::from_slice(&address).into_value(),
        ]),
        Endpoint::Vsock { cid, port } => tuple_of([Value::from(cid), Value::from(port)]),
        Endpoint::Can { interface, rest } => {
            let name = interface_name(interface);
            match protocol {
                CAN_ISOTP => tuple_of([name, Value::from(number(&rest[..4])), Value::from(number(&rest[4..8]))]),
                CAN_J1939 => {
                    let own = u64::from_ne_bytes(rest[..8].try_into().unwrap_or_default());
                    tuple_of([name, Value::from(own), Value::from(number(&rest[8..12])), Value::from(rest[12])])
                }
                _ => tuple_of([name]),
            }
        }
        Endpoint::Alg { kind, features, mask, name } => {
            let (features, mask) = (Value::from(features), Value::from(mask));
            tuple_of([paths::decode(&kind), paths::decode(&name), features, mask])
        }
        Endpoint::Tipc { kind, scope, parts: [a, b, c] } => {
            let (a, b, c) = match kind {
                // A port: the node comes first.
                3 => (b, a, 0),
                2 => (a, b, b),
                _ => (a, b, c),
            };
            tuple_of([Value::from(kind), Value::from(a), Value::from(b), Value::from(c), Value::from(scope)])
        }
        Endpoint::Qrtr { node, port } => tuple_of([Value::from(node), Value::from(port)]),
        Endpoint::Other { family, data } => {
            tuple_of([Value::from(family), bytes::from_vec(data).into_value()])
        }
    }
}
