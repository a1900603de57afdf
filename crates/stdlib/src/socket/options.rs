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

/// A value that is an int which the option has room for.
fn number(vm: &Vm, v: &Value) -> R<Option<i64>> {
    if v.ty().slots().index.is_none() {
        return Ok(None);
    }
    let n = int::index(vm, v)?;
    Ok(int::get(&n).and_then(int::IntRef::to_i64))
}

/// `setsockopt`
pub fn set(vm: &Vm, this: &Ref<Socket>, args: Args<'_>) -> R<()> {
    if !args.names.is_empty() {
        return Err(vm.type_error("socket.setsockopt() takes no keyword arguments"));
    }
    let fd = this.fd.get();
    if let [level, option, value, len] = args.all
        && value.is_none()
    {
        let (level, option) = (c_int(vm, level)?, c_int(vm, option)?);
        let len = super::address::c_unsigned(vm, len)?;
        return net::set_option_length(fd, level, option, len).map_err(|e| failed(vm, e));
    }
    let [level, option, value] = args.all else {
        let given = args.all.len();
        return Err(vm.type_error(format!("setsockopt() takes exactly 3 arguments ({given} given)")));
    };
    let (level, option) = (c_int(vm, level)?, c_int(vm, option)?);
    let wide = this.address_family() == libc::AF_VSOCK;
    let done = match number(vm, value)? {
        Some(n) if wide => net::set_option(fd, level, option, &n.to_ne_bytes()),
        Some(n) if i32::try_from(n).is_ok() => net::set_option(fd, level, option, &(n as i32).to_ne_bytes()),
        _ => {
            let data = BytesLike::new(vm, value)?;
            net::set_option(fd, level, option, &data)
        }
    };
    done.map_err(|e| failed(vm, e))
}
