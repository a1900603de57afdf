//! `_interpchannels`: channels between the interpreters of a process.

pub mod ends;
mod id;
mod store;

use std::sync::Arc;

use taipan_macros::{function, module};
use taipan_runtime::core::{R, Raised, Ref, Value};
use taipan_runtime::native::TypeDef;
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::structseq::{self, Spec};
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::types::{int, list, tuple};
use taipan_runtime::vm::Vm;

pub use self::id::ChannelID;
use self::id::Handle;
use self::store::{Channels, End, Item, Problem, Receipt};
use crate::interpqueues::{fallback_op, unbound, unbound_op};
use crate::interpreters::{cross, errors};
use crate::timearg::{self, Round};

module! {
    /// Channels between interpreters.
    name = "_interpchannels",
    functions(
        create, destroy, list_all, list_interpreters, send, send_buffer, recv, close, release, get_count, get_info,
        get_channel_defaults, _channel_id, _register_end_types,
    ),
    types(ChannelID),
    exec = setup,
}

/// The types of this module.
pub const TYPES: &[&TypeDef] = &[ChannelID::DEF];

const MODULE_NAME: &str = "_interpchannels";

/// The exceptions: key, name, whether ChannelError is the base.
const CLASSES: [(&str, &str); 4] = [
    ("interpchannels.ChannelNotFoundError", "ChannelNotFoundError"),
    ("interpchannels.ChannelClosedError", "ChannelClosedError"),
    ("interpchannels.ChannelEmptyError", "ChannelEmptyError"),
    ("interpchannels.ChannelNotEmptyError", "ChannelNotEmptyError"),
];

fn channel_error(vm: &Vm) -> R {
    vm.interp_static("interpchannels.ChannelError", |vm| {
        errors::new_class(vm, MODULE_NAME, "ChannelError", &[exc::RUNTIME_ERROR.value()], "")
    })
}

fn class(vm: &Vm, (key, name): (&'static str, &str)) -> R {
    vm.interp_static(key, |vm| errors::new_class(vm, MODULE_NAME, name, &[channel_error(vm)?], ""))
}

fn setup(vm: &Vm, m: &Ref<Module>) -> R<()> {
    m.set("ChannelError", channel_error(vm)?);
    for c in CLASSES {
        m.set(c.1, class(vm, c)?);
    }
    m.set("ChannelInfo", info_class(vm)?);
    Ok(())
}

#[cold]
fn failed(vm: &Vm, id: i64, problem: Problem) -> Raised {
    let (i, text) = match problem {
        Problem::NotFound => (0, format!("channel {id} not found")),
        Problem::Closed => (1, format!("channel {id} is closed")),
        Problem::Empty => (2, format!("channel {id} is empty")),
        Problem::NotEmpty => (3, format!("channel {id} may not be closed if not empty (try force=True)")),
    };
    errors::raise(vm, class(vm, CLASSES[i]), &text)
}

static INFO: Spec = Spec {
    name: "_interpchannels.ChannelInfo",
    doc: "ChannelInfo\n\nA named tuple of a channel's state.",
    fields: &[
        ("open", "both ends are open"),
        ("closing", "send is closed, recv is non-empty"),
        ("closed", "both ends are closed"),
        ("count", "queued objects"),
        ("num_interp_send", "interpreters bound to the send end"),
        ("num_interp_send_released", "interpreters bound to the send end and released"),
        ("num_interp_recv", "interpreters bound to the recv end"),
        ("num_interp_recv_released", "interpreters bound to the recv end and released"),
        ("num_interp_both", "interpreters bound to both ends"),
        ("num_interp_both_released", "interpreters bound to both ends and released from both"),
        ("num_interp_both_send_released", "interpreters bound to both ends and released from the send end"),
        ("num_interp_both_recv_released", "interpreters bound to both ends and released from the recv end"),
        ("send_associated", "current interpreter is bound to the send end"),
        ("send_released", "current interpreter *was* bound to the send end"),
        ("recv_associated", "current interpreter is bound to the recv end"),
        ("recv_released", "current interpreter *was* bound to the recv end"),
    ],
    visible: 8,
    instantiable: true,
};

fn info_class(vm: &Vm) -> R {
    vm.interp_static("interpchannels.ChannelInfo", |vm| structseq::new_type(vm, &INFO))
}

pub(crate) fn channels(vm: &Vm) -> Arc<Channels> {
    vm.interp().world.shared("interpchannels")
}

/// The number of a channel, and its end if it is a ChannelID.
///
/// Raises TypeError, ValueError, OverflowError.
fn id_of(vm: &Vm, v: &Value) -> R<(i64, End)> {
    if let Some(c) = v.downcast_exact::<ChannelID>() {
        return Ok((c.handle.id, c.end));
    }
    let Ok(index) = int::index(vm, v).map_err(|r| drop(vm.catch(r))) else {
        let given = v.ty().tp_name();
        return Err(vm.type_error(format!("channel ID must be an int, got {given}")));
    };
    let id = int::to_i64(vm, &index)?;
    if id < 0 {
        return Err(vm.value_error(format!("channel ID must be a non-negative int, got {id}")));
    }
    Ok((id, End::Both))
}

fn with<T>(vm: &Vm, cid: &Value, f: impl FnOnce(&Channels, i64) -> Result<T, Problem>) -> R<T> {
    let (id, _) = id_of(vm, cid)?;
    f(&channels(vm), id).map_err(|p| failed(vm, id, p))
}

/// An interpreter ends: what it has sent changes.
pub(crate) fn interpreter_ends(vm: &Vm, interp: i64) {
    channels(vm).interpreter_ends(interp);
}

/// Create a new cross-interpreter channel and return a unique generated ID.
#[function(sig = "(unboundop=-1, fallback=-1)")]
fn create(vm: &Vm, unboundop: i32, fallback: i32) -> R<Ref<ChannelID>> {
    let op = unbound_op(vm, unboundop, unbound::REPLACE)?;
    let fallback = fallback_op(vm, fallback, 0)?;
    let channels = channels(vm);
    let id = channels.create(op, fallback);
    Ok(id::new(Handle::new(channels, id), End::Both))
}

/// Close and finalize the channel. Afterward attempts to use the channel will behave as though it never existed.
#[function(sig = "(cid)")]
fn destroy(vm: &Vm, cid: &Value) -> R<()> {
    with(vm, cid, Channels::destroy)
}

/// Return the list of all IDs for active channels, each with its default for unbound items.
#[function]
fn list_all(vm: &Vm) -> Ref<list::List> {
    let channels = channels(vm);
    let show = |(id, op)| {
        let cid = id::new(Handle::new(channels.clone(), id), End::Both).into_value();
        tuple::from_array([cid, Value::from(op)]).into_value()
    };
    list::from_vec(channels.list().into_iter().map(show).collect())
}

/// Return the list of all interpreter IDs associated with an end of the channel.
///
/// The 'send' argument should be a boolean indicating whether to use the send or receive end.
#[function(sig = "(cid, *, send)")]
fn list_interpreters(vm: &Vm, cid: &Value, send: bool) -> R<Ref<list::List>> {
    let ids = with(vm, cid, |c, id| c.users(id, send))?;
    Ok(list::from_vec(ids.into_iter().map(Value::from).collect()))
}

/// Sends data, and waits until it is received if that is asked for.
fn send_data(
    vm: &Vm,
    id: i64,
    pack: impl FnOnce(bool) -> R<cross::Crossed>,
    (unboundop, fallback): (i32, i32),
    blocking: bool,
    timeout: &Value,
) -> R<()> {
    let deadline = if timeout.is_none() {
        None
    } else if !blocking {
        return Err(vm.value_error("can't specify a timeout for a non-blocking call"));
    } else {
        let n = timearg::nanoseconds(vm, timeout, Round::Up)?;
        if n < 0 {
            return Err(vm.value_error("timeout value must be a non-negative number"));
        }
        Some(timearg::after(n))
    };
    let channels = channels(vm);
    let lost = |p| failed(vm, id, p);
    let defaults = channels.defaults(id).map_err(lost)?;
    let unbound = unbound_op(vm, unboundop, defaults.0)?;
    let fallback = fallback_op(vm, fallback, defaults.1)?;
    channels.check_send(id).map_err(lost)?;
    let data = Some(pack(fallback == 1)?);
    let receipt = blocking.then(Arc::<Receipt>::default);
    channels.send(id, Item { from: vm.interp().member.id, data, unbound, receipt: receipt.clone() }).map_err(lost)?;
    let Some(receipt) = receipt else { return Ok(()) };
    match receipt.event.wait(vm, deadline) {
        Ok(true) if receipt.lost() => Err(failed(vm, id, Problem::Closed)),
        Ok(true) => Ok(()),
        Ok(false) => {
            if channels.take_back(id, &receipt) || !receipt.event.is_set() {
                return Err(vm.raise_msg(&exc::TIMEOUT_ERROR, "timed out"));
            }
            if receipt.lost() { Err(failed(vm, id, Problem::Closed)) } else { Ok(()) }
        }
        Err(r) => {
            channels.take_back(id, &receipt);
            Err(r)
        }
    }
}

/// Add the object's data to the channel's queue. By default this waits for the object to be received.
#[function(sig = "(cid, obj, unboundop=-1, fallback=-1, *, blocking=True, timeout=None)")]
fn send(vm: &Vm, cid: &Value, obj: &Value, unboundop: i32, fallback: i32, blocking: bool, timeout: &Value) -> R<()> {
    let (id, _) = id_of(vm, cid)?;
    send_data(vm, id, |full| cross::pack(vm, obj, full), (unboundop, fallback), blocking, timeout)
}

/// Add the object's buffer to the channel's queue. By default this waits for the object to be received.
#[function(sig = "(cid, obj, unboundop=-1, fallback=-1, *, blocking=True, timeout=None)")]
fn send_buffer(vm: &Vm, cid: &Value, obj: &Value, unboundop: i32, fallback: i32, blocking: bool, timeout: &Value) -> R<()> {
    let (id, _) = id_of(vm, cid)?;
    send_data(vm, id, |_| cross::lend(vm, obj), (unboundop, fallback), blocking, timeout)
}

/// Return a new object from the data at the front of the channel's queue, and None; if its interpreter has ended, None
/// and a number that says what to do.
///
/// If there is nothing to receive then raise ChannelEmptyError, unless a default value is provided. In that case
/// return it.
#[function(sig = "(cid, default=<unrepresentable>)")]
fn recv(vm: &Vm, cid: &Value, default: Option<&Value>) -> R {
    let (id, _) = id_of(vm, cid)?;
    let pair = |v, op| Ok(tuple::from_array([v, op]).into_value());
    match channels(vm).recv(id, vm.interp().member.id) {
        Ok(Item { data: Some(data), .. }) => pair(cross::unpack(vm, &data)?, Value::NONE),
        Ok(Item { data: None, unbound, .. }) => pair(Value::NONE, Value::from(unbound)),
        Err(Problem::Empty) if default.is_some() => pair(default.cloned().unwrap_or(Value::NONE), Value::NONE),
        Err(p) => Err(failed(vm, id, p)),
    }
}

/// Which end two flags mean; neither and both mean both.
fn end_of(send: Option<bool>, recv: Option<bool>) -> Option<End> {
    match (send, recv) {
        (None, None) | (Some(true), Some(true)) => Some(End::Both),
        (Some(true), _) | (None, Some(false)) => Some(End::Send),
        (_, Some(true)) | (Some(false), None) => Some(End::Recv),
        (Some(false), Some(false)) => None,
    }
}

fn flag(vm: &Vm, v: &Value) -> R<Option<bool>> {
    if v.is_none() { Ok(None) } else { vm.truth(v).map(Some) }
}

/// Close the channel for all interpreters.
///
/// If the channel is empty then the keyword args are ignored and both ends are immediately closed. Otherwise, if
/// 'force' is True then all queued items are released and both ends are immediately closed; if 'force' is False and
/// 'send' is True, the channel is closed as soon as its items are received, and until then nothing can be sent;
/// otherwise ChannelNotEmptyError is raised.
#[function(sig = "(cid, *, send=None, recv=None, force=False)")]
fn close(vm: &Vm, cid: &Value, send: &Value, recv: &Value, force: bool) -> R<()> {
    let (send, recv) = (vm.truth(send)?, vm.truth(recv)?);
    let end = match (send, recv) {
        (true, false) => End::Send,
        (false, true) => End::Recv,
        _ => End::Both,
    };
    with(vm, cid, |c, id| c.close(id, end, force))
}

/// Close the channel for the current interpreter.
///
/// 'send' and 'recv' (bool) may be used to indicate the ends to close. By default both ends are closed. Closing an
/// already closed end is a noop.
#[function(sig = "(cid, *, send=None, recv=None, force=True)")]
fn release(vm: &Vm, cid: &Value, send: &Value, recv: &Value, force: bool) -> R<()> {
    let _ = force;
    let (send, recv) = (vm.truth(send)?, vm.truth(recv)?);
    let end = match (send, recv) {
        (true, false) => End::Send,
        (false, true) => End::Recv,
        _ => End::Both,
    };
    let interp = vm.interp().member.id;
    with(vm, cid, |c, id| c.release(id, interp, end))
}

/// Return the number of items in the channel.
#[function(sig = "(cid)")]
fn get_count(vm: &Vm, cid: &Value) -> R<usize> {
    with(vm, cid, Channels::count)
}

/// Return details about the channel.
#[function(sig = "(cid)")]
fn get_info(vm: &Vm, cid: &Value) -> R {
    let interp = vm.interp().member.id;
    let i = with(vm, cid, |c, id| c.info(id, interp))?;
    let [[send, send_released, ..], [recv, recv_released, ..], [both, both_released, no_send, no_recv]] = i.users;
    let flags = [i.open, i.closing, !i.open && !i.closing].map(Value::from);
    let counts = [i.count, send, send_released, recv, recv_released, both, both_released, no_send, no_recv];
    let mine = [i.send.associated, i.send.released, i.recv.associated, i.recv.released].map(Value::from);
    let fields = flags.into_iter().chain(counts.map(Value::from)).chain(mine).collect();
    structseq::new_instance(vm, &info_class(vm)?, fields)
}

/// Return the channel's default value for unbound items, set when it was created.
#[function(sig = "(cid)")]
fn get_channel_defaults(vm: &Vm, cid: &Value) -> R<i32> {
    with(vm, cid, Channels::defaults).map(|(unbound, _)| unbound)
}

/// The ID of a channel that exists, or, with 'force', of any.
#[function(sig = "(id, *, send=None, recv=None, force=False, _resolve=False)")]
fn _channel_id(vm: &Vm, id: &Value, send: &Value, recv: &Value, force: bool, _resolve: bool) -> R<Ref<ChannelID>> {
    let (number, own) = id_of(vm, id)?;
    let end = match (flag(vm, send)?, flag(vm, recv)?) {
        (None, None) => Some(own),
        (send, recv) => end_of(send, recv),
    };
    let Some(end) = end else {
        return Err(vm.value_error("'send' and 'recv' cannot both be False"));
    };
    let channels = channels(vm);
    if !force && !channels.exists(number) {
        return Err(failed(vm, number, Problem::NotFound));
    }
    Ok(id::new(Handle::new(channels, number), end))
}

/// Says which classes stand for the ends of channels.
#[function(sig = "(send, recv)")]
fn _register_end_types(vm: &Vm, send: &TypeObject, recv: &TypeObject) {
    ends::register(vm, send.to_value(), recv.to_value());
}
