//! `_socket`: what `socket.py` is built on.

mod address;
mod constants;
mod host;
mod interfaces;
mod messages;
mod numbers;
pub(crate) mod object;
mod options;
mod services;
mod transfer;
pub(crate) mod wait;

use taipan_macros::module;
use taipan_runtime::core::{R, Raised, Ref, Value};
use taipan_runtime::native::TypeDef;
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::str;
use taipan_runtime::vm::Vm;

use self::object::Socket;

module! {
    /// Implementation module for socket operations.
    ///
    /// See the socket module for documentation.
    name = "_socket",
    functions(
        object::socketpair, object::close, object::dup, object::getdefaulttimeout, object::setdefaulttimeout,
        host::getaddrinfo, host::getnameinfo, host::gethostbyname, host::gethostbyname_ex, host::gethostbyaddr,
        host::gethostname, host::sethostname,
        services::getservbyname, services::getservbyport, services::getprotobyname,
        interfaces::if_nameindex, interfaces::if_nametoindex, interfaces::if_indextoname,
        numbers::ntohs, numbers::ntohl, numbers::htons, numbers::htonl,
        numbers::inet_aton, numbers::inet_ntoa, numbers::inet_pton, numbers::inet_ntop,
        messages::CMSG_LEN, messages::CMSG_SPACE,
    ),
    types(Socket),
    exec = exec,
}

/// The types of this module.
pub const TYPES: &[&TypeDef] = &[Socket::DEF];

const HOST_ERROR: &str = "socket.herror";
const ADDRESS_ERROR: &str = "socket.gaierror";

fn exec(vm: &Vm, m: &Ref<Module>) -> R<()> {
    m.set("error", exc::OS_ERROR.value());
    m.set("timeout", exc::TIMEOUT_ERROR.value());
    m.set("herror", error_class(vm, HOST_ERROR)?);
    m.set("gaierror", error_class(vm, ADDRESS_ERROR)?);
    m.set("SocketType", <Socket as taipan_runtime::core::Payload>::TYPE.value());
    m.set("has_ipv6", true);
    for &(name, number) in constants::ALL {
        m.set(name, number);
    }
    Ok(())
}

/// `herror` or `gaierror`.
fn error_class(vm: &Vm, name: &'static str) -> R {
    vm.interp_static(name, |vm| crate::util::new_exception(vm, "socket", &name["socket.".len()..], &exc::OS_ERROR))
}

#[cold]
fn resolver_error(vm: &Vm, class: &'static str, code: i32, text: &str) -> Raised {
    let e = error_class(vm, class).and_then(|c| vm.call(&c, &[Value::from(code), str::from_str(text)]));
    match e {
        Ok(e) => vm.raise(e),
        Err(r) => r,
    }
}

/// OSError with a message only.
#[cold]
fn plain_error(vm: &Vm, text: &str) -> Raised {
    vm.raise_msg(&exc::OS_ERROR, text)
}

/// OSError for an error number.
#[cold]
fn failed(vm: &Vm, e: taipan_host::Errno) -> Raised {
    vm.os_error(e.0, None)
}
