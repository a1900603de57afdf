//! Channels on their way through channels, and the classes that stand for their ends.

use taipan_runtime::core::{R, Value};
use taipan_runtime::vm::Vm;

use super::id::{self, ChannelID, Handle};
use super::store::End;

const CLASSES: [(&str, End); 2] = [("interpchannels.SendChannel", End::Send), ("interpchannels.RecvChannel", End::Recv)];
/// Modules that register such classes.
const LIBRARIES: [&str; 2] = ["test.support.channels", "test.support.interpreters.channels"];

/// A channel on its way.
#[derive(Clone)]
pub struct Sent {
    handle: Handle,
    end: End,
    /// Whether it was an instance of one of the classes.
    wrapped: bool,
}

fn class_of(vm: &Vm, key: &str) -> Option<Value> {
    vm.interp().statics.borrow().get(key).cloned()
}

/// Says which classes stand for the ends.
pub(super) fn register(vm: &Vm, send: Value, recv: Value) {
    let mut statics = vm.interp().statics.borrow_mut();
    let old = [statics.insert(CLASSES[0].0, send), statics.insert(CLASSES[1].0, recv)];
    drop(statics);
    drop(old);
}

fn end_of(vm: &Vm, v: &Value) -> Option<End> {
    let is = |key| class_of(vm, key).is_some_and(|c| c.as_type().is_some_and(|t| v.ty().is(t)));
    CLASSES.into_iter().find(|(key, _)| is(key)).map(|(_, end)| end)
}

/// Whether it is a channel or an end of one.
pub(crate) fn is_end(vm: &Vm, v: &Value) -> bool {
    v.downcast_exact::<ChannelID>().is_some() || end_of(vm, v).is_some()
}

/// A channel to be moved; None for anything else.
///
/// Raises what looking for its ID raises.
pub(crate) fn pack(vm: &Vm, v: &Value) -> R<Option<Sent>> {
    if let Some(c) = v.downcast_exact::<ChannelID>() {
        return Ok(Some(Sent { handle: c.handle.clone(), end: c.end, wrapped: false }));
    }
    let Some(end) = end_of(vm, v) else { return Ok(None) };
    let id = vm.get_attr_str(v, "_id")?;
    match id.downcast_exact::<ChannelID>() {
        Some(c) => Ok(Some(Sent { handle: c.handle.clone(), end, wrapped: true })),
        None => Err(vm.type_error("the end of a channel has no ChannelID")),
    }
}

/// The channel as it was sent.
///
/// Raises what making it raises.
pub(crate) fn unpack(vm: &Vm, s: &Sent) -> R {
    let id = id::new(s.handle.clone(), s.end).into_value();
    if !s.wrapped {
        return Ok(id);
    }
    let key = CLASSES.iter().find(|(_, end)| *end == s.end).map_or("", |(key, _)| *key);
    let mut class = class_of(vm, key);
    for library in LIBRARIES {
        if class.is_none() {
            drop(crate::import::import_module(vm, library).map_err(|r| drop(vm.catch(r))));
            class = class_of(vm, key);
        }
    }
    match class {
        Some(c) => vm.call(&c, &[id]),
        None => Ok(id),
    }
}
