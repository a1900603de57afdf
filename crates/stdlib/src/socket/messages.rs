//! Messages: several buffers, and ancillary data.

use std::io::{IoSlice, IoSliceMut};

use taipan_host::net::{self, Control, Received};
use taipan_macros::function;
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::bytes::{self, BytesLike};
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::memoryview::{Buffer, flags as buffer_flags};
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::types::{int, list, tuple};
use taipan_runtime::vm::Vm;

use super::object::Socket;
use super::transfer::{received, room};
use super::wait::{self, For};
use super::plain_error;
use crate::util::audit;

/// CMSG_LEN(length) -> control message length
///
/// Return the total length, without trailing padding, of an ancillary data item with associated data of the given
/// length.
#[function(sig = "(length, /)")]
#[expect(non_snake_case, reason = "named as in C")]
pub fn CMSG_LEN(vm: &Vm, length: isize) -> R<usize> {
    let len = usize::try_from(length).ok().and_then(net::control_len);
    len.ok_or_else(|| vm.overflow_error("CMSG_LEN() argument out of range"))
}

/// CMSG_SPACE(length) -> buffer size
///
/// Return the buffer size needed for recvmsg() to receive an ancillary data item with associated data of the given
/// length, along with any trailing padding.
#[function(sig = "(length, /)")]
#[expect(non_snake_case, reason = "named as in C")]
pub fn CMSG_SPACE(vm: &Vm, length: isize) -> R<usize> {
    let len = usize::try_from(length).ok().and_then(net::control_space);
    len.ok_or_else(|| vm.overflow_error("CMSG_SPACE() argument out of range"))
}

fn receive(vm: &Vm, this: &Ref<Socket>, parts: &mut [IoSliceMut<'_>], control: isize, flags: i32) -> R<Received> {
    let Some(control) = usize::try_from(control).ok().filter(|&n| n <= i32::MAX as usize) else {
        return Err(vm.value_error("invalid ancillary data buffer length"));
    };
    wait::call(vm, this, For::Reading, |fd, more| net::receive_message(fd, parts, control, flags | more))
}

fn result(this: &Ref<Socket>, data: Value, got: &Received) -> Value {
    let item = |c: &Control| {
        let data = bytes::from_slice(&c.data).into_value();
        tuple::from_array([Value::from(c.level), Value::from(c.kind), data]).into_value()
    };
    let control = list::from_vec(got.control.iter().map(item).collect()).into_value();
    tuple::from_array([data, control, Value::from(got.flags), this.address_value(&got.from)]).into_value()
}

/// `recvmsg`
pub fn recvmsg(vm: &Vm, this: &Ref<Socket>, n: isize, control: isize, flags: i32) -> R {
    let mut out = room(vm, n, "negative buffer size in recvmsg()")?;
    out.resize(n as usize, 0);
    let got = receive(vm, this, &mut [IoSliceMut::new(&mut out)], control, flags)?;
    out.truncate(got.len);
    Ok(result(this, received(out), &got))
}

/// The buffers of an iterable.
fn buffers(vm: &Vm, v: &Value, asked: u32, name: &str) -> R<Vec<Buffer>> {
    if v.ty().slots().iter.is_none() && v.ty().slots().getitem.is_none() {
        return Err(vm.type_error(format!("{name}() argument 1 must be an iterable")));
    }
    let items = vm.collect(v)?;
    if items.len() > i32::MAX as usize {
        return Err(plain_error(vm, &format!("{name}() argument 1 is too long")));
    }
    let buffer = |v| {
        vm.buffer(v, asked).map_err(|r| {
            let known = vm.raised_is(&exc::BUFFER_ERROR) || vm.raised_is(&exc::TYPE_ERROR);
            if asked == buffer_flags::SIMPLE || !known {
                return r;
            }
            drop(vm.catch(r));
            vm.type_error(format!("{name}() argument 1 must be an iterable of single-segment read-write buffers"))
        })
    };
    items.iter().map(buffer).collect()
}

/// `recvmsg_into`
pub fn recvmsg_into(vm: &Vm, this: &Ref<Socket>, into: &Value, control: isize, flags: i32) -> R {
    let mut targets = buffers(vm, into, buffer_flags::WRITABLE, "recvmsg_into")?;
    let mut parts: Vec<IoSliceMut<'_>> = targets.iter_mut().map(|b| IoSliceMut::new(b.as_mut_slice())).collect();
    let got = receive(vm, this, &mut parts, control, flags)?;
    Ok(result(this, Value::from(got.len), &got))
}

/// An item of ancillary data: (level, type, data).
fn control(vm: &Vm, v: &Value) -> R<Control> {
    let wrong = |what: &str| vm.type_error(format!("[sendmsg() ancillary data items]() argument must be {what}"));
    let Some(items) = v.downcast::<Tuple>() else {
        return Err(wrong(&format!("3-item tuple, not {}", v.ty().tp_name())));
    };
    let [level, kind, data] = items.as_slice() else {
        return Err(wrong(&format!("tuple of length 3, not {}", items.len())));
    };
    let number = |v: &Value| {
        let n = int::to_i64(vm, v)?;
        i32::try_from(n).map_err(|_| vm.overflow_error("signed integer is greater than maximum"))
    };
    Ok(Control { level: number(level)?, kind: number(kind)?, data: BytesLike::new(vm, data)?.to_vec() })
}

/// `sendmsg`
pub fn sendmsg(
    vm: &Vm,
    this: &Ref<Socket>,
    data: &Value,
    ancillary: Option<&Value>,
    flags: i32,
    address: Option<&Value>,
) -> R<usize> {
    let sources = buffers(vm, data, buffer_flags::SIMPLE, "sendmsg")?;
    let to = match address.filter(|a| !a.is_none()) {
        Some(a) => {
            let to = this.address(vm, a, "sendmsg")?;
            audit(vm, "socket.sendmsg", &[this.value().clone(), a.clone()])?;
            Some(to)
        }
        None => {
            audit(vm, "socket.sendmsg", &[this.value().clone(), Value::NONE])?;
            None
        }
    };
    let mut controls = Vec::new();
    if let Some(v) = ancillary {
        if v.ty().slots().iter.is_none() && v.ty().slots().getitem.is_none() {
            return Err(vm.type_error("sendmsg() argument 2 must be an iterable"));
        }
        for item in vm.collect(v)? {
            controls.push(control(vm, &item)?);
        }
    }
    let mut space = 0usize;
    for c in &controls {
        match net::control_space(c.data.len()) {
            None => return Err(plain_error(vm, "ancillary data item too large")),
            Some(n) => match space.checked_add(n).filter(|&n| n <= i32::MAX as usize) {
                Some(n) => space = n,
                None => return Err(plain_error(vm, "too much ancillary data")),
            },
        }
    }
    let parts: Vec<IoSlice<'_>> = sources.iter().map(|b| IoSlice::new(b.as_slice())).collect();
    let (parts, controls) = (&parts, &controls);
    wait::call(vm, this, For::Writing, |fd, more| net::send_message(fd, parts, controls, flags | more, to.as_ref()))
}

const SOL_ALG: i32 = 279;
const ALG_SET_IV: i32 = 2;
const ALG_SET_OP: i32 = 3;
const ALG_SET_AEAD_ASSOCLEN: i32 = 4;

/// `sendmsg_afalg`
pub fn sendmsg_afalg(
    vm: &Vm,
    this: &Ref<Socket>,
    data: &Value,
    op: i32,
    iv: &Value,
    associated: Option<&Value>,
    flags: i32,
) -> R<usize> {
    if this.address_family() != libc::AF_ALG {
        return Err(plain_error(vm, "algset is only supported for AF_ALG"));
    }
    if op < 0 {
        return Err(vm.type_error("Invalid or missing argument 'op'"));
    }
    let item = |kind, data: &[u8]| Control { level: SOL_ALG, kind, data: data.to_vec() };
    let mut controls = vec![item(ALG_SET_OP, &op.to_ne_bytes())];
    if !iv.is_none() {
        let iv = BytesLike::new(vm, iv)?;
        let len = u32::try_from(iv.len()).unwrap_or(u32::MAX);
        controls.push(item(ALG_SET_IV, &[&len.to_ne_bytes()[..], &iv].concat()));
    }
    if let Some(v) = associated {
        let n = int::to_i64(vm, v)?;
        let Ok(n) = i32::try_from(n).map_err(drop).and_then(|n| if n < 0 { Err(()) } else { Ok(n) }) else {
            return Err(vm.type_error("assoclen must be positive"));
        };
        controls.push(item(ALG_SET_AEAD_ASSOCLEN, &n.to_ne_bytes()));
    }
    let sources = if data.is_none() { Vec::new() } else { buffers(vm, data, buffer_flags::SIMPLE, "sendmsg_afalg")? };
    let parts: Vec<IoSlice<'_>> = sources.iter().map(|b| IoSlice::new(b.as_slice())).collect();
    let (parts, controls) = (&parts, &controls);
    wait::call(vm, this, For::Writing, |fd, more| net::send_message(fd, parts, controls, flags | more, None))
}
