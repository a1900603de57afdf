//! Services and protocols.

use std::borrow::Cow;
use std::ffi::CString;

use taipan_host::net;
use taipan_macros::function;
use taipan_runtime::core::{R, Value};
use taipan_runtime::native::{At, FromArg};
use taipan_runtime::types::str::{self, Str};
use taipan_runtime::vm::Vm;

use super::plain_error;
use crate::posix::paths::decode;
use crate::util::audit;

fn text(vm: &Vm, s: &str) -> R<CString> {
    CString::new(s).map_err(|_| vm.value_error("embedded null character"))
}

/// A str that is an only argument and is counted all the same.
pub struct Counted<'a>(Cow<'a, str>);

impl<'a> FromArg<'a> for Counted<'a> {
    fn from_arg(vm: &Vm, v: &'a Value, at: At) -> R<Self> {
        match v.downcast::<Str>() {
            Some(s) => s.to_utf8(vm).map(Self),
            None => Err(at.bad_counted(vm, "str", v)),
        }
    }
}

fn optional(vm: &Vm, s: Option<&str>) -> R<(Option<CString>, Value)> {
    match s {
        Some(s) => Ok((Some(text(vm, s)?), str::from_str(s))),
        None => Ok((None, str::from_str(""))),
    }
}

/// getservbyname(servicename[, protocolname]) -> integer
///
/// Return a port number from a service name and protocol name. The optional protocol name, if given, should be 'tcp' or
/// 'udp', otherwise any protocol will match.
#[function]
pub fn getservbyname(vm: &Vm, servicename: &str, protocolname: Option<&str>) -> R<u16> {
    let name = text(vm, servicename)?;
    let (protocol, shown) = optional(vm, protocolname)?;
    audit(vm, "socket.getservbyname", &[str::from_str(servicename), shown])?;
    match vm.allow_threads(|| net::service_by_name(&name, protocol.as_deref())) {
        Some((_, port)) => Ok(port),
        None => Err(plain_error(vm, "service/proto not found")),
    }
}

/// getservbyport(port[, protocolname]) -> string
///
/// Return the service name from a port number and protocol name. The optional protocol name, if given, should be 'tcp'
/// or 'udp', otherwise any protocol will match.
#[function]
pub fn getservbyport(vm: &Vm, port: i32, protocolname: Option<&str>) -> R {
    let (protocol, shown) = optional(vm, protocolname)?;
    let Ok(port) = u16::try_from(port) else {
        return Err(vm.overflow_error("getservbyport: port must be 0-65535."));
    };
    audit(vm, "socket.getservbyport", &[Value::from(port), shown])?;
    match vm.allow_threads(|| net::service_by_port(port, protocol.as_deref())) {
        Some((name, _)) => Ok(decode(&name)),
        None => Err(plain_error(vm, "port/proto not found")),
    }
}

/// getprotobyname(name) -> integer
///
/// Return the protocol number for the named protocol. (Rarely used.)
#[function]
pub fn getprotobyname(vm: &Vm, name: Counted<'_>) -> R<i32> {
    let name = text(vm, &name.0)?;
    match vm.allow_threads(|| net::protocol_number(&name)) {
        Some(n) => Ok(n),
        None => Err(plain_error(vm, "protocol not found")),
    }
}
