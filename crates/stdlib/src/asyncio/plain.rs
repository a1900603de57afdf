//! The short way to `loop.call_soon()`: where a loop's methods are those of asyncio's own BaseEventLoop and nobody
//! looks on, the handle is made here and put in the loop's queue, as these methods would do.

use taipan_macros::{Drain, Trace};
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::function::Function;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::tuple;
use taipan_runtime::types::type_::{TypeObject, assign_version, lookup};
use taipan_runtime::vm::{Vm, empty_tuple, existing_dict, generic_getattr, intern, new_with_members, value_of_key};

use super::state::State;
use crate::collections::deque::Deque;
use crate::contextvars;

/// The attributes of a loop that matter here.
const ATTRIBUTES: [&str; 3] = ["_ready", "_debug", "_closed"];
/// The methods that must be BaseEventLoop's own, in the class and in no instance.
const METHODS: [&str; 4] = ["call_soon", "_call_soon", "_check_closed", "get_debug"];
/// The members of a Handle, as they are given to it.
const MEMBERS: [&str; 7] = ["_callback", "_args", "_cancelled", "_loop", "_source_traceback", "_repr", "_context"];

/// A module's name that must still stand for the same object.
#[derive(Trace, Drain)]
struct Global {
    namespace: Ref<Dict>,
    version: u32,
    at: usize,
    value: Value,
}

impl Global {
    fn new(namespace: &Ref<Dict>, name: &str) -> Option<Self> {
        let at = namespace.find_name(intern(name).value())?;
        Some(Self { version: namespace.version(), at, value: namespace.value_at(at)?, namespace: namespace.clone() })
    }

    #[inline]
    fn holds(&self) -> bool {
        self.namespace.current_version() == self.version
            && self.namespace.table().borrow().entries.get(self.at).and_then(|e| e.value.as_ref()).is_some_and(|v| v.is(&self.value))
    }
}

/// What is known of loops of a class, as long as the versions are these.
#[derive(Trace, Drain)]
pub struct Plain {
    class: Value,
    version: u32,
    /// Keys of the class, or the version of the keys of the one loop's dictionary.
    #[no_trace]
    keys: Result<usize, u32>,
    #[no_trace]
    at: [usize; 3],
    events: Global,
    handle: Global,
    handle_version: u32,
    /// Where each of `MEMBERS` stands in the class's own list.
    #[no_trace]
    members: [usize; 7],
}

/// What is known of the last loop that was asked for.
#[derive(Trace, Drain)]
pub enum Known {
    /// Nothing.
    Nothing,
    /// Loops of this class, with this version, are not plain.
    Other { class: u64, version: u32 },
    /// They may be.
    Plain(Plain),
}

fn is_own(class: &TypeObject, name: &str, of: &str, namespace: &Ref<Dict>) -> bool {
    let Some(f) = lookup(class, intern(name).value()) else { return false };
    let Some(f) = f.downcast_exact::<Function>() else { return false };
    let code = f.code.get();
    let named = code.qualname.downcast::<Str>().is_some_and(|q| q.is(&format!("{of}.{name}")));
    named && f.globals.value().is(namespace.value())
}

fn namespace_of(vm: &Vm, module: &str) -> Option<Ref<Dict>> {
    let m = vm.interp().modules().get_str(module)?;
    Some(m.downcast::<Module>()?.dict.clone())
}

/// Whether the class's methods are BaseEventLoop's own.
fn has_own_methods(class: &TypeObject, namespace: &Ref<Dict>) -> bool {
    let generic = generic_getattr as fn(&Vm, &Value, &Value) -> R;
    class.slots().getattro.is_none_or(|f| std::ptr::fn_addr_eq(f, generic))
        && METHODS.iter().all(|name| is_own(class, name, "BaseEventLoop", namespace))
}

impl Plain {
    fn of(vm: &Vm, event_loop: &Value) -> Option<Self> {
        let class = event_loop.ty();
        let namespace = namespace_of(vm, "asyncio.base_events")?;
        let events_namespace = namespace_of(vm, "asyncio.events")?;
        if !has_own_methods(class, &namespace) {
            return None;
        }
        let events = Global::new(&namespace, "events")?;
        if !events.value.downcast::<Module>()?.dict.value().is(events_namespace.value()) {
            return None;
        }
        let handle = Global::new(&events_namespace, "Handle")?;
        let handle_class = handle.value.as_type()?;
        if !is_own(handle_class, "__init__", "Handle", &events_namespace) {
            return None;
        }
        let (keys, at) = match existing_dict(event_loop) {
            Some(d) => {
                if METHODS.iter().any(|m| d.find_name(intern(m).value()).is_some()) {
                    return None;
                }
                let mut at = [0; 3];
                for (at, name) in at.iter_mut().zip(ATTRIBUTES) {
                    *at = d.find_name(intern(name).value())?;
                }
                (Err(d.version()), at)
            }
            None => {
                let keys = class.keys.borrow();
                let find = |name: &str| keys.iter().position(|k| k.is(intern(name).value()));
                if METHODS.iter().any(|m| find(m).is_some()) {
                    return None;
                }
                let mut at = [0; 3];
                for (at, name) in at.iter_mut().zip(ATTRIBUTES) {
                    *at = find(name)?;
                }
                (Ok(keys.len()), at)
            }
        };
        let mut members = [0; 7];
        {
            let list = handle_class.members.borrow();
            for (place, name) in members.iter_mut().zip(MEMBERS) {
                *place = list.iter().position(|m| m.0.downcast::<Str>().is_some_and(|s| s.is(name)))?;
            }
        }
        Some(Self {
            class: class.to_value(),
            version: assign_version(class),
            keys,
            at,
            events,
            handle_version: assign_version(handle_class),
            handle,
            members,
        })
    }

    fn attribute(&self, event_loop: &Value, i: usize) -> Option<Value> {
        match self.keys {
            Ok(_) => value_of_key(event_loop, event_loop.ty(), self.at[i]),
            Err(_) => existing_dict(event_loop)?.value_at(self.at[i]),
        }
    }

    /// Whether all that is known still holds for this loop.
    #[inline]
    fn fits(&self, event_loop: &Value) -> bool {
        let class = event_loop.ty();
        if !std::ptr::eq(class, self.class.as_type().map_or(std::ptr::null(), std::ptr::from_ref))
            || class.version.get() != self.version
        {
            return false;
        }
        let same_keys = match (self.keys, existing_dict(event_loop)) {
            (Err(version), Some(d)) => d.current_version() == version,
            (Ok(n), None) => class.keys.borrow().len() == n,
            _ => false,
        };
        same_keys
            && self.events.holds()
            && self.handle.holds()
            && self.handle.value.as_type().is_some_and(|h| h.version.get() == self.handle_version)
    }

    /// The queue of a loop that is neither closed nor in debug mode.
    #[inline]
    fn queue(&self, event_loop: &Value) -> Option<Value> {
        let off = |i| self.attribute(event_loop, i).is_some_and(|v| v.as_bool() == Some(false));
        if off(1) && off(2) { self.attribute(event_loop, 0) } else { None }
    }

    fn put(&self, queue: &Deque, event_loop: &Value, function: &Value, arg: Option<&Value>, context: &Value) -> bool {
        let args = match arg {
            Some(a) => tuple::from_array([a.clone()]).into_value(),
            None => empty_tuple().into_value(),
        };
        let off = Value::bool(false);
        let given = [function.clone(), args, off, event_loop.clone(), Value::NONE, Value::NONE, context.clone()];
        let mut values = [const { Value::NONE }; 7];
        for (place, v) in self.members.iter().zip(given) {
            values[*place] = v;
        }
        let handle = self.handle.value.as_type().and_then(|class| new_with_members(class, values));
        match handle {
            Some(h) => {
                queue.push_back(h);
                true
            }
            None => false,
        }
    }
}

/// Calls `f` with the queue and what is known, if the loop is a plain one; `None` if it is not.
#[inline]
fn with<T>(vm: &Vm, state: &State, event_loop: &Value, f: impl Fn(&Plain, &Ref<Deque>) -> T) -> Option<T> {
    if vm.tracing_active() {
        return None;
    }
    for again in [true, false] {
        match &*state.known.borrow() {
            Known::Plain(p) if p.fits(event_loop) => {
                let queue = p.queue(event_loop)?;
                return Some(f(p, queue.downcast_exact::<Deque>()?));
            }
            Known::Other { class, version } if *class == event_loop.ty().to_value().raw() && *version == event_loop.ty().version.get() => {
                return None;
            }
            _ => {}
        }
        if !again || !event_loop.is_object() {
            return None;
        }
        let known = match Plain::of(vm, event_loop) {
            Some(p) => Known::Plain(p),
            None => {
                let class = event_loop.ty();
                // An instance may have methods of its own, another one not.
                let own = namespace_of(vm, "asyncio.base_events").is_some_and(|n| has_own_methods(class, &n));
                let version = if own { 0 } else { assign_version(class) };
                Known::Other { class: class.to_value().raw(), version }
            }
        };
        let old = state.known.replace(known);
        drop(old);
    }
    None
}

/// Whether the loop is a plain one that is open and not in debug mode.
#[inline]
pub fn is_plain(vm: &Vm, state: &State, event_loop: &Value) -> bool {
    with(vm, state, event_loop, |_, _| ()).is_some()
}

/// `event_loop.call_soon(function[, arg], context=context)`, if the loop is a plain one. False if it must be called.
#[inline]
pub fn schedule(vm: &Vm, state: &State, event_loop: &Value, function: &Value, arg: Option<&Value>, context: &Value) -> R<bool> {
    if context.is_none() {
        // As a handle does it that is given none.
        let own = contextvars::copy_current(vm).into_value();
        return schedule(vm, state, event_loop, function, arg, &own);
    }
    Ok(with(vm, state, event_loop, |p, queue| p.put(queue, event_loop, function, arg, context)).unwrap_or(false))
}
