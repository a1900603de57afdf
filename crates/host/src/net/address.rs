//! Addresses of sockets: as the kernel writes them, and taken apart.

use std::net::{Ipv4Addr, Ipv6Addr};

/// The longest address of any family.
const ROOM: usize = size_of::<libc::sockaddr_storage>();
/// The longest path of a Unix socket, its end included.
pub const UNIX_PATH: usize = 108;

/// An address as the kernel has it.
#[derive(Clone, Copy)]
#[repr(C, align(8))]
pub struct Address {
    bytes: [u8; ROOM],
    len: libc::socklen_t,
}

/// An address, taken apart. Numbers are in the machine's order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Endpoint {
    /// None at all: a peer without a name.
    Nothing,
    /// `AF_INET`.
    V4 {
        /// The host.
        ip: Ipv4Addr,
        /// The port.
        port: u16,
    },
    /// `AF_INET6`.
    V6 {
        /// The host.
        ip: Ipv6Addr,
        /// The port.
        port: u16,
        /// The flow's label.
        flow: u32,
        /// The number of the interface.
        scope: u32,
    },
    /// `AF_UNIX`: a path, or a name that starts with a zero, which is no file's; empty for none.
    Unix(Vec<u8>),
    /// `AF_NETLINK`.
    Netlink {
        /// The port's number.
        pid: u32,
        /// Multicast groups, as bits.
        groups: u32,
    },
    /// `AF_PACKET`.
    Packet {
        /// The protocol.
        protocol: u16,
        /// The number of the interface.
        interface: i32,
        /// The kind of hardware.
        hardware: u16,
        /// For whom the packet is.
        kind: u8,
        /// The hardware's address, at most 8 bytes.
        address: Vec<u8>,
    },
    /// `AF_VSOCK`.
    Vsock {
        /// The machine.
        cid: u32,
        /// The port.
        port: u32,
    },
    /// `AF_CAN` with what stands behind the interface's number.
    Can {
        /// The number of the interface.
        interface: i32,
        /// As the protocol has it.
        rest: [u8; 16],
    },
    /// `AF_ALG`.
    Alg {
        /// The kind, at most 13 bytes.
        kind: Vec<u8>,
        /// Features.
        features: u32,
        /// Which features.
        mask: u32,
        /// The algorithm, at most 63 bytes.
        name: Vec<u8>,
    },
    /// `AF_TIPC`.
    Tipc {
        /// `TIPC_ADDR_*`.
        kind: u8,
        /// `TIPC_*_SCOPE`.
        scope: i8,
        /// Three numbers, by kind.
        parts: [u32; 3],
    },
    /// `AF_QIPCRTR`.
    Qrtr {
        /// The node.
        node: u32,
        /// The port.
        port: u32,
    },
    /// Any other, as bytes behind the family.
    Other {
        /// `AF_*`.
        family: u16,
        /// The bytes.
        data: Vec<u8>,
    },
}

/// `AF_QIPCRTR`, which the libc crate has not for every target.
const QIPCRTR: i32 = 42;

/// Writes the fields of an address one behind the other.
struct Writer(Address);

impl Writer {
    fn new(family: i32) -> Self {
        Self(Address::EMPTY).put(&(family as u16).to_ne_bytes())
    }

    /// What has no room is left out.
    fn put(mut self, data: &[u8]) -> Self {
        let at = self.0.len as usize;
        if let Some(place) = self.0.bytes.get_mut(at..at + data.len()) {
            place.copy_from_slice(data);
            self.0.len += data.len() as libc::socklen_t;
        }
        self
    }

    /// A text in a field of this size, ended by a zero.
    fn text(self, text: &[u8], size: usize) -> Self {
        let mut field = [0; 64];
        let n = text.len().min(size.min(field.len()) - 1);
        field[..n].copy_from_slice(&text[..n]);
        self.put(&field[..size.min(64)])
    }
}

/// Reads the fields of an address; what is missing is zero.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let mut out = [0; N];
        let n = self.0.len().min(N);
        out[..n].copy_from_slice(&self.0[..n]);
        self.0 = &self.0[n..];
        out
    }

    fn u16(&mut self) -> u16 {
        u16::from_ne_bytes(self.take())
    }

    fn u32(&mut self) -> u32 {
        u32::from_ne_bytes(self.take())
    }
}

/// A text up to its zero.
fn until_zero(field: &[u8]) -> Vec<u8> {
    field.split(|&b| b == 0).next().unwrap_or_default().to_vec()
}

impl Address {
    /// No address.
    pub const EMPTY: Self = Self { bytes: [0; ROOM], len: 0 };
    /// Room for any address, to be filled by the kernel.
    pub(super) const ROOM: Self = Self { bytes: [0; ROOM], len: ROOM as libc::socklen_t };

    /// `AF_*`; 0 where there is no address.
    pub fn family(&self) -> i32 {
        if self.len < 2 { libc::AF_UNSPEC } else { i32::from(u16::from_ne_bytes([self.bytes[0], self.bytes[1]])) }
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..(self.len as usize).min(ROOM)]
    }

    pub(super) fn from_bytes(data: &[u8]) -> Self {
        let mut address = Self::EMPTY;
        let n = data.len().min(ROOM);
        address.bytes[..n].copy_from_slice(&data[..n]);
        address.len = n as libc::socklen_t;
        address
    }

    /// For the kernel to read.
    pub(super) fn parts(&self) -> (*const libc::sockaddr, libc::socklen_t) {
        (self.bytes.as_ptr().cast(), self.len)
    }

    /// For the kernel to write.
    pub(super) fn parts_mut(&mut self) -> (*mut libc::sockaddr, *mut libc::socklen_t) {
        (self.bytes.as_mut_ptr().cast(), &mut self.len)
    }

    pub(super) fn set_len(&mut self, len: libc::socklen_t) {
        self.len = len.min(ROOM as libc::socklen_t);
    }

    /// Takes it apart.
    pub fn decode(&self) -> Endpoint {
        let family = self.family();
        let mut r = Reader(self.as_bytes().get(2..).unwrap_or_default());
        match family {
            libc::AF_UNSPEC => Endpoint::Nothing,
            libc::AF_INET => {
                let port = u16::from_be_bytes(r.take());
                Endpoint::V4 { ip: r.take::<4>().into(), port }
            }
            libc::AF_INET6 => {
                let port = u16::from_be_bytes(r.take());
                let flow = u32::from_be_bytes(r.take());
                Endpoint::V6 { port, flow, ip: r.take::<16>().into(), scope: r.u32() }
            }
            libc::AF_UNIX => match r.0.first() {
                Some(0) => Endpoint::Unix(r.0.to_vec()),
                _ => Endpoint::Unix(until_zero(r.0)),
            },
            libc::AF_NETLINK => {
                r.u16();
                Endpoint::Netlink { pid: r.u32(), groups: r.u32() }
            }
            libc::AF_PACKET => {
                let protocol = u16::from_be_bytes(r.take());
                let interface = r.u32() as i32;
                let (hardware, [kind, len]) = (r.u16(), r.take());
                let address = r.take::<8>();
                let address = address[..usize::from(len).min(8)].to_vec();
                Endpoint::Packet { protocol, interface, hardware, kind, address }
            }
            libc::AF_VSOCK => {
                r.u16();
                let port = r.u32();
                Endpoint::Vsock { cid: r.u32(), port }
            }
            libc::AF_CAN => {
                r.u16();
                Endpoint::Can { interface: r.u32() as i32, rest: r.take() }
            }
            libc::AF_ALG => {
                let kind = until_zero(&r.take::<14>());
                Endpoint::Alg { kind, features: r.u32(), mask: r.u32(), name: until_zero(&r.take::<64>()) }
            }
            libc::AF_TIPC => {
                let [kind, scope] = r.take();
                Endpoint::Tipc { kind, scope: scope as i8, parts: [r.u32(), r.u32(), r.u32()] }
            }
            QIPCRTR => {
                r.u16();
                Endpoint::Qrtr { node: r.u32(), port: r.u32() }
            }
            _ => Endpoint::Other { family: family as u16, data: r.0.to_vec() },
        }
    }
}

impl Endpoint {
    /// As the kernel takes it. Paths, names and the like that are too long are cut: callers check first.
    pub fn encode(&self) -> Address {
        let zeros = [0; 8];
        match self {
            Self::Nothing => Address::EMPTY,
            Self::V4 { ip, port } => {
                Writer::new(libc::AF_INET).put(&port.to_be_bytes()).put(&ip.octets()).put(&zeros).0
            }
            Self::V6 { ip, port, flow, scope } => {
                let w = Writer::new(libc::AF_INET6).put(&port.to_be_bytes()).put(&flow.to_be_bytes());
                w.put(&ip.octets()).put(&scope.to_ne_bytes()).0
            }
            Self::Unix(path) => {
                let w = Writer::new(libc::AF_UNIX).put(&path[..path.len().min(UNIX_PATH)]);
                // The zero that ends a path is part of the address.
                if path.first().is_some_and(|&b| b != 0) && path.len() < UNIX_PATH { w.put(&[0]).0 } else { w.0 }
            }
            Self::Netlink { pid, groups } => {
                Writer::new(libc::AF_NETLINK).put(&zeros[..2]).put(&pid.to_ne_bytes()).put(&groups.to_ne_bytes()).0
            }
            Self::Packet { protocol, interface, hardware, kind, address } => {
                let len = address.len().min(8);
                let mut field = [0; 8];
                field[..len].copy_from_slice(&address[..len]);
                let w = Writer::new(libc::AF_PACKET).put(&protocol.to_be_bytes()).put(&interface.to_ne_bytes());
                w.put(&hardware.to_ne_bytes()).put(&[*kind, len as u8]).put(&field).0
            }
            Self::Vsock { cid, port } => {
                let w = Writer::new(libc::AF_VSOCK).put(&zeros[..2]).put(&port.to_ne_bytes());
                w.put(&cid.to_ne_bytes()).put(&zeros[..4]).0
            }
            Self::Can { interface, rest } => {
                Writer::new(libc::AF_CAN).put(&zeros[..2]).put(&interface.to_ne_bytes()).put(rest).0
            }
            Self::Alg { kind, features, mask, name } => {
                let w = Writer::new(libc::AF_ALG).text(kind, 14).put(&features.to_ne_bytes());
                w.put(&mask.to_ne_bytes()).text(name, 64).0
            }
            Self::Tipc { kind, scope, parts } => {
                let w = Writer::new(libc::AF_TIPC).put(&[*kind, *scope as u8]);
                parts.iter().fold(w, |w, n| w.put(&n.to_ne_bytes())).0
            }
            Self::Qrtr { node, port } => {
                Writer::new(QIPCRTR).put(&zeros[..2]).put(&node.to_ne_bytes()).put(&port.to_ne_bytes()).0
            }
            Self::Other { family, data } => Writer::new(i32::from(*family)).put(data).0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let all = [
            Endpoint::Nothing,
            Endpoint::V4 { ip: Ipv4Addr::new(127, 0, 0, 1), port: 80 },
            Endpoint::V6 { ip: Ipv6Addr::LOCALHOST, port: 1, flow: 2, scope: 3 },
            Endpoint::Unix(b"/tmp/x".to_vec()),
            Endpoint::Unix(b"\0abc\0".to_vec()),
            Endpoint::Unix(Vec::new()),
            Endpoint::Netlink { pid: 5, groups: 6 },
            Endpoint::Packet { protocol: 3, interface: 1, hardware: 2, kind: 4, address: vec![1, 2, 3] },
            Endpoint::Vsock { cid: 2, port: 1234 },
            Endpoint::Can { interface: 7, rest: [9; 16] },
            Endpoint::Alg { kind: b"hash".to_vec(), features: 0, mask: 0, name: b"sha256".to_vec() },
            Endpoint::Tipc { kind: 1, scope: -1, parts: [1, 2, 3] },
            Endpoint::Qrtr { node: 1, port: 2 },
            Endpoint::Other { family: 200, data: vec![1, 2] },
        ];
        for e in all {
            assert_eq!(e.encode().decode(), e);
        }
    }
}
