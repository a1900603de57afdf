//! Sending and receiving bytes.

use taipan_host::net;
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::bytes::{self, BytesLike};
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::memoryview::{Buffer, flags as buffer_flags};
use taipan_runtime::types::{int, tuple};
use taipan_runtime::vm::Vm;

use super::object::Socket;
use super::wait::{self, For, Limit};
use crate::util::audit;

/// Room for so many bytes.
///
/// Raises ValueError for a negative number, MemoryError.
pub fn room(vm: &Vm, n: isize, negative: &str) -> R<Vec<u8>> {
    let Ok(n) = usize::try_from(n) else { return Err(vm.value_error(negative)) };
    vm.check_room(n)?;
    let mut out = Vec::new();
    if taipan_memory::cache::refusing(|| out.try_reserve_exact(n)).is_err() {
        return Err(vm.memory_error());
    }
    Ok(out)
}

/// What was received, without the room that was not needed.
pub fn received(data: Vec<u8>) -> Value {
    if data.len() < data.capacity() / 2 {
        return bytes::from_slice(&data).into_value();
    }
    bytes::from_vec(data).into_value()
}

/// `recv`
pub fn recv(vm: &Vm, this: &Ref<Socket>, n: isize, flags: i32) -> R {
    let mut out = room(vm, n, "negative buffersize in recv")?;
    let most = n as usize;
    if most > 0 {
        wait::call(vm, this, For::Reading, |fd, more| net::receive_vec(fd, &mut out, most, flags | more))?;
    }
    Ok(received(out))
}

/// `recvfrom`
pub fn recvfrom(vm: &Vm, this: &Ref<Socket>, n: isize, flags: i32) -> R {
    let mut out = room(vm, n, "negative buffersize in recvfrom")?;
    let most = n as usize;
    let receive = |fd, more| net::receive_vec_from(fd, &mut out, most, flags | more);
    let (_, from) = wait::call(vm, this, For::Reading, receive)?;
    Ok(tuple::from_array([received(out), this.address_value(&from)]).into_value())
}

/// A buffer to be filled, and how much of it.
fn target(vm: &Vm, buffer: &Value, n: isize, name: &str, short: &str) -> R<(Buffer, usize)> {
    let target = vm.buffer(buffer, buffer_flags::WRITABLE).map_err(|r| {
        if !vm.raised_is(&exc::BUFFER_ERROR) && !vm.raised_is(&exc::TYPE_ERROR) {
            return r;
        }
        drop(vm.catch(r));
        let given = buffer.ty().tp_name();
        vm.type_error(format!("{name}() argument 1 must be read-write bytes-like object, not {given}"))
    })?;
    let Ok(n) = usize::try_from(n) else {
        return Err(vm.value_error(format!("negative buffersize in {name}")));
    };
    match n {
        0 => {
            let all = target.len();
            Ok((target, all))
        }
        n if n > target.len() => Err(vm.value_error(short)),
        n => Ok((target, n)),
    }
}

/// `recv_into`
pub fn recv_into(vm: &Vm, this: &Ref<Socket>, buffer: &Value, n: isize, flags: i32) -> R<usize> {
    let (mut target, n) = target(vm, buffer, n, "recv_into", "buffer too small for requested bytes")?;
    let slice = &mut target.as_mut_slice()[..n];
    wait::call(vm, this, For::Reading, |fd, more| net::receive(fd, slice, flags | more))
}

/// `recvfrom_into`
pub fn recvfrom_into(vm: &Vm, this: &Ref<Socket>, buffer: &Value, n: isize, flags: i32) -> R {
    let short = "nbytes is greater than the length of the buffer";
    let (mut target, n) = target(vm, buffer, n, "recvfrom_into", short)?;
    let slice = &mut target.as_mut_slice()[..n];
    let (n, from) = wait::call(vm, this, For::Reading, |fd, more| net::receive_from(fd, slice, flags | more))?;
    Ok(tuple::from_array([Value::from(n), this.address_value(&from)]).into_value())
}

/// `send`
pub fn send(vm: &Vm, this: &Ref<Socket>, data: &[u8], flags: i32) -> R<usize> {
    wait::call(vm, this, For::Writing, |fd, more| net::send(fd, data, flags | more))
}

/// `sendall`: the time-out is for all of it.
pub fn sendall(vm: &Vm, this: &Ref<Socket>, data: &[u8], flags: i32) -> R<()> {
    let mut limit = Limit::of(this);
    let mut rest = data;
    loop {
        let call = |fd, more| net::send(fd, rest, flags | more);
        let n = wait::attempt(vm, this, For::Writing, &mut limit, false, call).map_err(|e| e.raise(vm))?;
        rest = rest.get(n..).unwrap_or_default();
        if rest.is_empty() {
            return Ok(());
        }
        // A signal may have cut it short: its handler runs before the rest is sent.
        vm.poll()?;
        if limit.is_over() {
            return Err(wait::Failure::TimedOut.raise(vm));
        }
    }
}

/// `sendto`
pub fn sendto(vm: &Vm, this: &Ref<Socket>, args: Args<'_>) -> R<usize> {
    let (data, flags, address) = match args.all {
        [data, address] => (data, None, address),
        [data, flags, address] => (data, Some(flags), address),
        _ => {
            let given = args.all.len();
            return Err(vm.type_error(format!("sendto() takes 2 or 3 arguments ({given} given)")));
        }
    };
    let data = BytesLike::new(vm, data)?;
    let flags = match flags {
        None => 0,
        Some(v) => i32::try_from(int::to_i64(vm, v)?)
            .map_err(|_| vm.overflow_error("signed integer is greater than maximum"))?,
    };
    let to = this.address(vm, address, "sendto")?;
    audit(vm, "socket.sendto", &[this.value().clone(), address.clone()])?;
    let data: &[u8] = &data;
    wait::call(vm, this, For::Writing, |fd, more| net::send_to(fd, data, flags | more, &to))
}
