//! Names and addresses of hosts.

use std::ffi::{CStr, CString};

use taipan_host::net::{self, Endpoint, Ipv4Addr, Ipv6Addr, NameError};
use taipan_macros::function;
use taipan_runtime::core::{R, Raised, Value};
use taipan_runtime::native::{At, FromArg};
use taipan_runtime::types::bytearray::ByteArray;
use taipan_runtime::types::bytes;
use taipan_runtime::types::int;
use taipan_runtime::types::str::{self, Str};
use taipan_runtime::types::tuple::{self, Tuple};
use taipan_runtime::types::list;
use taipan_runtime::vm::Vm;

use super::{ADDRESS_ERROR, HOST_ERROR, address, failed, plain_error, resolver_error};
use crate::posix::paths::decode;
use crate::util::audit;

/// `gaierror`, or OSError if the system itself failed.
#[cold]
pub fn name_error(vm: &Vm, e: NameError) -> Raised {
    match e {
        NameError::System(e) => failed(vm, e),
        NameError::Name(code) => resolver_error(vm, ADDRESS_ERROR, code, &e.message()),
    }
}

#[cold]
fn host_error(vm: &Vm, e: net::HostError) -> Raised {
    resolver_error(vm, HOST_ERROR, e.0, e.message())
}

/// Whether the codec for names of hosts leaves a text as it is: labels of ASCII, neither empty nor long.
fn is_plain(name: &str) -> bool {
    let labels = name.strip_suffix('.').unwrap_or(name);
    name.is_empty() || labels.split('.').all(|l| (1..64).contains(&l.len()))
}

/// A host's name as the resolver takes it.
///
/// Raises UnicodeError.
fn encoded(vm: &Vm, v: &Value, s: &Str) -> R<Vec<u8>> {
    if let Some(t) = s.as_ascii()
        && is_plain(t)
    {
        return Ok(t.as_bytes().to_vec());
    }
    let b = vm.call_method(v, "encode", &[str::from_str("idna")])?;
    Ok(bytes::get(&b).unwrap_or_default().to_vec())
}

/// The name of a host in an address: str, bytes or bytearray.
///
/// Raises TypeError.
pub fn name_in_address(vm: &Vm, v: &Value) -> R<CString> {
    let name = if let Some(b) = bytes::get(v) {
        b.to_vec()
    } else if let Some(b) = v.downcast::<ByteArray>() {
        b.to_vec()
    } else if let Some(s) = v.downcast::<Str>() {
        match s.as_ascii() {
            // Unlike elsewhere, labels are not looked at.
            Some(t) => t.as_bytes().to_vec(),
            None => {
                let encoded = vm.call_method(v, "encode", &[str::from_str("idna")]).map_err(|r| {
                    drop(vm.catch(r));
                    vm.type_error("encoding of hostname failed")
                })?;
                bytes::get(&encoded).unwrap_or_default().to_vec()
            }
        }
    } else {
        return Err(vm.type_error(format!("str, bytes or bytearray expected, not {}", v.ty().tp_name())));
    };
    CString::new(name).map_err(|_| vm.type_error("host name must not contain null character"))
}

/// The name of a host as an argument: str, bytes or bytearray.
pub struct HostName(CString);

impl<'a> FromArg<'a> for HostName {
    fn from_arg(vm: &Vm, v: &'a Value, at: At) -> R<Self> {
        let name = match v.downcast::<Str>() {
            Some(s) => encoded(vm, v, s)?,
            None => match (bytes::get(v), v.downcast::<ByteArray>()) {
                (Some(b), _) => b.to_vec(),
                (_, Some(b)) => b.to_vec(),
                _ => return Err(at.bad_counted(vm, "str, bytes or bytearray", v)),
            },
        };
        CString::new(name).map(Self).map_err(|_| at.bad_counted(vm, "encoded string without null bytes", v))
    }
}

/// `setipaddr`: the address of a host whose name is as in Python's addresses.
///
/// Raises OSError, gaierror.
pub fn resolve(vm: &Vm, name: &CStr, family: i32) -> R<Endpoint> {
    let text = name.to_bytes();
    if text.is_empty() {
        let flags = libc::AI_PASSIVE;
        let found = vm.allow_threads(|| net::look_up(None, Some(c"0"), family, libc::SOCK_DGRAM, 0, flags));
        let found = found.map_err(|e| name_error(vm, e))?;
        return match found.as_slice() {
            [one] => Ok(one.address.decode()),
            [] => Err(plain_error(vm, "unsupported address family")),
            _ => Err(plain_error(vm, "wildcard resolved to multiple address")),
        };
    }
    if text == b"<broadcast>" || text == b"255.255.255.255" {
        if family != libc::AF_INET && family != libc::AF_UNSPEC {
            return Err(plain_error(vm, "address family mismatched"));
        }
        return Ok(Endpoint::V4 { ip: Ipv4Addr::BROADCAST, port: 0 });
    }
    // Most names are numbers, which need no resolver.
    let plain = std::str::from_utf8(text).unwrap_or_default();
    if family != libc::AF_INET6
        && let Ok(ip) = plain.parse::<Ipv4Addr>()
    {
        return Ok(Endpoint::V4 { ip, port: 0 });
    }
    if family != libc::AF_INET
        && let Ok(ip) = plain.parse::<Ipv6Addr>()
    {
        return Ok(Endpoint::V6 { ip, port: 0, flow: 0, scope: 0 });
    }
    let found = vm.allow_threads(|| net::look_up(Some(name), None, family, 0, 0, 0));
    let found = found.map_err(|e| name_error(vm, e))?;
    match found.first() {
        Some(one) => Ok(one.address.decode()),
        None => Err(plain_error(vm, "unsupported address family")),
    }
}

/// An address without its port as text.
fn ip_text(vm: &Vm, e: &Endpoint) -> R {
    match e {
        Endpoint::V4 { ip, .. } => Ok(address::v4_text(*ip)),
        Endpoint::V6 { ip, .. } => Ok(address::v6_text(*ip)),
        _ => Err(plain_error(vm, "unsupported address family")),
    }
}

/// gethostbyname(host) -> address
///
/// Return the IP address (a string of the form '255.255.255.255') for a host.
#[function]
pub fn gethostbyname(vm: &Vm, host: HostName) -> R {
    audit(vm, "socket.gethostbyname", &[decode(host.0.as_bytes())])?;
    let e = resolve(vm, &host.0, libc::AF_INET)?;
    ip_text(vm, &e)
}

fn triple(vm: &Vm, host: net::Host) -> R {
    let aliases = list::from_vec(host.aliases.iter().map(|a| decode(a)).collect()).into_value();
    let mut addresses = Vec::new();
    for a in &host.addresses {
        let text = net::print_ip(a).map_err(|e| failed(vm, e))?;
        addresses.push(decode(text.as_bytes()));
    }
    let addresses = list::from_vec(addresses).into_value();
    Ok(tuple::from_array([decode(&host.name), aliases, addresses]).into_value())
}

/// gethostbyname_ex(host) -> (name, aliaslist, addresslist)
///
/// Return the true host name, a list of aliases, and a list of IP addresses, for a host. The host argument is a string
/// giving a host name or IP number.
#[function]
pub fn gethostbyname_ex(vm: &Vm, host: HostName) -> R {
    audit(vm, "socket.gethostbyname", &[decode(host.0.as_bytes())])?;
    resolve(vm, &host.0, libc::AF_INET)?;
    let found = vm.allow_threads(|| net::host_by_name(&host.0)).map_err(|e| host_error(vm, e))?;
    triple(vm, found)
}

/// gethostbyaddr(host) -> (name, aliaslist, addresslist)
///
/// Return the true host name, a list of aliases, and a list of IP addresses, for a host. The host argument is a string
/// giving a host name or IP number.
#[function]
pub fn gethostbyaddr(vm: &Vm, host: HostName) -> R {
    audit(vm, "socket.gethostbyaddr", &[decode(host.0.as_bytes())])?;
    let ip = match resolve(vm, &host.0, libc::AF_UNSPEC)? {
        Endpoint::V4 { ip, .. } => ip.octets().to_vec(),
        Endpoint::V6 { ip, .. } => ip.octets().to_vec(),
        _ => return Err(plain_error(vm, "unsupported address family")),
    };
    let found = vm.allow_threads(|| net::host_by_address(&ip)).map_err(|e| host_error(vm, e))?;
    triple(vm, found)
}

/// gethostname() -> string
///
/// Return the current host name.
#[function]
pub fn gethostname(vm: &Vm) -> R<String> {
    audit(vm, "socket.gethostname", &[])?;
    Ok(taipan_host::system::name().node)
}

/// sethostname(name)
///
/// Sets the hostname to name.
#[function]
pub fn sethostname(vm: &Vm, name: &Value) -> R<()> {
    let raw = match bytes::get(name) {
        Some(b) => b.to_vec(),
        None => crate::io::path::fs_encode(vm, name)?.into_bytes(),
    };
    audit(vm, "socket.sethostname", std::slice::from_ref(name))?;
    taipan_host::system::set_host_name(&raw).map_err(|e| failed(vm, e))
}

/// A text up to its first zero: all that the resolver sees of it.
fn c_text(raw: &[u8]) -> CString {
    let end = raw.iter().position(|&b| b == 0).unwrap_or(raw.len());
    CString::new(&raw[..end]).unwrap_or_default()
}

/// Resolve host and port into addrinfo struct.
///
/// Returns a list of 5-tuples.
#[function(sig = "(host, port, family=0, type=0, proto=0, flags=0)")]
pub fn getaddrinfo(vm: &Vm, host: &Value, port: &Value, family: i32, r#type: i32, proto: i32, flags: i32) -> R {
    let name = if host.is_none() {
        None
    } else if let Some(s) = host.downcast::<Str>() {
        Some(c_text(&encoded(vm, host, s)?))
    } else if let Some(b) = bytes::get(host) {
        Some(c_text(b))
    } else {
        return Err(vm.type_error("getaddrinfo() argument 1 must be string or None"));
    };
    let service = if int::get(port).is_some() {
        let shown = match port.as_bool() {
            Some(b) => u8::from(b).to_string(),
            None => vm.repr_string(port)?,
        };
        Some(c_text(shown.as_bytes()))
    } else if let Some(s) = port.downcast::<Str>() {
        Some(c_text(s.to_utf8(vm)?.as_bytes()))
    } else if let Some(b) = bytes::get(port) {
        Some(c_text(b))
    } else if port.is_none() {
        None
    } else {
        return Err(plain_error(vm, "Int or String expected"));
    };
    let told = [host.clone(), port.clone(), Value::from(family), Value::from(r#type), Value::from(proto)];
    audit(vm, "socket.getaddrinfo", &told)?;
    let (name, service) = (name.as_deref(), service.as_deref());
    let found = vm.allow_threads(|| net::look_up(name, service, family, r#type, proto, flags));
    let found = found.map_err(|e| name_error(vm, e))?;
    let mut out = Vec::with_capacity(found.len());
    for f in found {
        let at = address::to_value(&f.address, proto);
        let (family, kind, protocol) = (f.family.into(), f.kind.into(), f.protocol.into());
        out.push(tuple::from_array([family, kind, protocol, decode(&f.canonical), at]).into_value());
    }
    Ok(list::from_vec(out).into_value())
}

/// getnameinfo(sockaddr, flags) --> (host, port)
///
/// Get host and port for a sockaddr.
#[function]
pub fn getnameinfo(vm: &Vm, sockaddr: &Value, flags: i32) -> R {
    let Some(given) = sockaddr.downcast::<Tuple>() else {
        return Err(vm.type_error("getnameinfo() argument 1 must be a tuple"));
    };
    let illegal = || vm.type_error("getnameinfo(): illegal sockaddr argument");
    let items = given.as_slice();
    if !(2..=4).contains(&items.len()) {
        return Err(illegal());
    }
    let Some(host) = items[0].downcast::<Str>() else { return Err(illegal()) };
    let host = c_text(host.to_utf8(vm)?.as_bytes());
    let port = int::to_i64(vm, &items[1])?;
    let Ok(port) = i32::try_from(port) else {
        return Err(vm.overflow_error("signed integer is greater than maximum"));
    };
    let flow = items.get(2).map_or(Ok(0), |v| address::c_unsigned(vm, v))?;
    let scope = items.get(3).map_or(Ok(0), |v| address::c_unsigned(vm, v))?;
    if flow > 0xf_ffff {
        return Err(vm.overflow_error("getnameinfo(): flowinfo must be 0-1048575."));
    }
    audit(vm, "socket.getnameinfo", std::slice::from_ref(sockaddr))?;
    let service = CString::new(port.to_string()).unwrap_or_default();
    let (kind, hints) = (libc::SOCK_DGRAM, libc::AI_NUMERICHOST);
    let found = vm.allow_threads(|| net::look_up(Some(&host), Some(&service), 0, kind, 0, hints));
    let found = found.map_err(|e| name_error(vm, e))?;
    let [one] = found.as_slice() else {
        return Err(plain_error(vm, "sockaddr resolved to multiple addresses"));
    };
    let target = match one.address.decode() {
        Endpoint::V4 { .. } if items.len() != 2 => return Err(plain_error(vm, "IPv4 sockaddr must be 2 tuple")),
        Endpoint::V6 { ip, port, .. } => Endpoint::V6 { ip, port, flow, scope },
        other => other,
    };
    let target = target.encode();
    let names = vm.allow_threads(|| net::address_name(&target, flags)).map_err(|e| name_error(vm, e))?;
    Ok(tuple::from_array([decode(&names.0), decode(&names.1)]).into_value())
}
