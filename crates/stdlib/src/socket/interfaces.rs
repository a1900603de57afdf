//! Network interfaces.

use taipan_host::net;
use taipan_macros::function;
use taipan_runtime::core::{R, Value};
use taipan_runtime::types::{list, tuple};
use taipan_runtime::vm::Vm;

use super::{failed, plain_error};
use crate::io::path::fs_encode;
use crate::posix::paths::decode;

/// if_nameindex()
///
/// Returns a list of network interface information (index, name) tuples.
#[function]
pub fn if_nameindex(vm: &Vm) -> R {
    let all = net::interfaces().map_err(|e| failed(vm, e))?;
    let pair = |(n, name): (u32, Vec<u8>)| tuple::from_array([Value::from(n), decode(&name)]).into_value();
    Ok(list::from_vec(all.into_iter().map(pair).collect()).into_value())
}

/// Returns the interface index corresponding to the interface name if_name.
#[function(sig = "(oname, /)")]
pub fn if_nametoindex(vm: &Vm, oname: &Value) -> R<u32> {
    let name = fs_encode(vm, oname)?;
    net::interface_index(&name).map_err(|_| plain_error(vm, "no interface with this name"))
}

/// Returns the interface name corresponding to the interface index if_index.
#[function(sig = "(if_index, /)")]
pub fn if_indextoname(vm: &Vm, if_index: u32) -> R {
    net::interface_name(if_index).map(|name| decode(&name)).map_err(|e| failed(vm, e))
}
