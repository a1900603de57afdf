//! Options of sockets.

use taipan_host::net;
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::bytes::{self, BytesLike};
use taipan_runtime::types::int;
use taipan_runtime::vm::Vm;

use super::object::Socket;
use super::{failed, plain_error};

/// `getsockopt`
pub fn get(vm: &Vm, this: &Ref<Socket>, level: i32, option: i32, len: i32) -> R {
    let fd = this.fd.get();
    if len == 0 {
        return match this.address_family() {
            // Its options are 64 bits wide.
            libc::AF_VSOCK => {
                let mut buffer = [0; 8];
                net::option(fd, level, option, &mut buffer).map_err(|e| failed(vm, e))?;
                Ok(Value::from(u64::from_ne_bytes(buffer)))
            }
            _ => net::option_number(fd, level, option).map(Value::from).map_err(|e| failed(vm, e)),
        };
    }
    if !(1..=1024).contains(&len) {
        return Err(plain_error(vm, "getsockopt buflen out of range"));
    }
    let mut buffer = [0; 1024];
    let n = net::option(fd, level, option, &mut buffer[..len as usize]).map_err(|e| failed(vm, e))?;
    Ok(bytes::from_slice(&buffer[..n]).into_value())
}

/// An int of C.
fn c_int(vm: &Vm, v: &Value) -> R<i32> {
    let n = int::to_i64(vm, v)?;
    i32::try_from(n).map_err(|_| {
        let side = if n < 0 { "less than minimum" } else { "greater than maximum" };
        vm.overflow_error(format!("signed integer is {side}"))
    })
}

/// `setsockopt`
pub fn set(vm: &Vm, this: &Ref<Socket>, args: Args<'_>) -> R<()> {
    let given = args.all.len();
    if !args.names.is_empty() {
        return Err(vm.type_error("socket.setsockopt() takes no keyword arguments"));
    }
    let (level, option, value, len) = match args.all {
        [level, option, value] => (level, option, value, None),
        [level, option, value, len] => (level, option, value, Some(len)),
        _ if given < 3 => {
            return Err(vm.type_error(format!("setsockopt() takes at least 3 arguments ({given} given)")));
        }
        _ => return Err(vm.type_error(format!("setsockopt() takes at most 4 arguments ({given} given)"))),
    };
    let (level, option) = (c_int(vm, level)?, c_int(vm, option)?);
    let fd = this.fd.get();
    let done = if let Some(len) = len {
        if !value.is_none() {
            let text = "setsockopt() only takes 4 arguments when the third argument is None (NoneType)";
            return Err(vm.type_error(text));
        }
        let len = super::address::c_unsigned(vm, len)?;
        net::set_option_length(fd, level, option, len)
    } else if value.is_none() {
        return Err(vm.type_error("setsockopt() requires 4 arguments when the third argument is None"));
    } else if this.address_family() == libc::AF_VSOCK && value.ty().slots().index.is_some() {
        let n = int::to_i64(vm, value)?;
        net::set_option(fd, level, option, &n.to_ne_bytes())
    } else if value.ty().slots().index.is_some() {
        let n = c_int(vm, value)?;
        net::set_option(fd, level, option, &n.to_ne_bytes())
    } else {
        let data = BytesLike::new(vm, value)?;
        net::set_option(fd, level, option, &data)
    };
    done.map_err(|e| failed(vm, e))
}
