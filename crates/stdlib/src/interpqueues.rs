//! `_interpqueues`: queues that the interpreters of a process share.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use taipan_macros::{function, module};
use taipan_runtime::core::{R, Raised, Value};
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::types::{int, list, tuple};
use taipan_runtime::vm::Vm;

use crate::interpreters::cross::{self, Crossed};
use crate::interpreters::errors;

module! {
    /// Queues that interpreters share.
    ///
    /// The 'concurrent.interpreters' module provides a more convenient interface.
    name = "_interpqueues",
    functions(
        create, destroy, list_all, put, get, bind, release, get_maxsize, get_queue_defaults, is_full, get_count,
        _register_heap_types,
    ),
    exec = setup,
}

fn setup(vm: &Vm, m: &taipan_runtime::core::Ref<taipan_runtime::types::module::Module>) -> R<()> {
    m.set("QueueError", queue_error(vm)?);
    m.set("QueueNotFoundError", not_found_error(vm)?);
    Ok(())
}

/// What becomes of an item whose interpreter ends.
pub mod unbound {
    /// It goes.
    pub const REMOVE: i32 = 1;
    /// Who gets it gets an error.
    pub const ERROR: i32 = 2;
    /// Something else takes its place.
    pub const REPLACE: i32 = 3;
}

/// A number that says how, or -1 for the default.
///
/// Raises ValueError.
pub(crate) fn unbound_op(vm: &Vm, op: i32, default: i32) -> R<i32> {
    match op {
        -1 => Ok(default),
        unbound::REMOVE..=unbound::REPLACE => Ok(op),
        _ => Err(vm.value_error(format!("unsupported unboundop {op}"))),
    }
}

/// A number that says whether what can't cross is pickled (1) or refused (0), or -1 for the default.
///
/// Raises ValueError.
pub(crate) fn fallback_op(vm: &Vm, op: i32, default: i32) -> R<i32> {
    match op {
        -1 => Ok(default),
        0 | 1 => Ok(op),
        _ => Err(vm.value_error(format!("unsupported fallback {op}"))),
    }
}

struct Item {
    from: i64,
    /// None once its interpreter has ended.
    data: Option<Crossed>,
    unbound: i32,
}

struct Queue {
    /// Most items; none or less for any number.
    maxsize: isize,
    unbound: i32,
    fallback: i32,
    refs: usize,
    items: VecDeque<Item>,
}

impl Queue {
    fn full(&self) -> bool {
        usize::try_from(self.maxsize).is_ok_and(|n| n > 0 && self.items.len() >= n)
    }
}

#[derive(Default)]
struct All {
    last: i64,
    queues: BTreeMap<i64, Queue>,
}

/// The queues of a world. Items are dropped only while its lock is free.
#[derive(Default)]
pub struct Queues(Mutex<All>);

impl Queues {
    fn lock(&self) -> MutexGuard<'_, All> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// To be held across a fork.
    pub fn freeze(&self) -> impl Sized + '_ {
        self.lock()
    }

    fn add_ref(&self, id: i64) -> bool {
        self.lock().queues.get_mut(&id).map(|q| q.refs += 1).is_some()
    }

    /// None if there is no such queue, or it was never bound.
    fn drop_ref(&self, id: i64) -> Option<()> {
        let mut all = self.lock();
        let q = all.queues.get_mut(&id)?;
        if q.refs == 0 {
            return None;
        }
        q.refs -= 1;
        let gone = if q.refs == 0 { all.queues.remove(&id) } else { None };
        drop(all);
        drop(gone);
        Some(())
    }
}

pub(crate) fn queues(vm: &Vm) -> Arc<Queues> {
    vm.interp().world.shared("interpqueues")
}

/// A queue on its way to another interpreter: it stays as long as this lives.
pub struct InTransit {
    queues: Arc<Queues>,
    id: i64,
}

impl Clone for InTransit {
    fn clone(&self) -> Self {
        self.queues.add_ref(self.id);
        Self { queues: self.queues.clone(), id: self.id }
    }
}

impl Drop for InTransit {
    fn drop(&mut self) {
        let _ = self.queues.drop_ref(self.id);
    }
}

const QUEUE: &str = "interpqueues.Queue";
const EMPTY: &str = "interpqueues.QueueEmpty";
const FULL: &str = "interpqueues.QueueFull";
const LIBRARY: &str = "concurrent.interpreters._queues";

fn registered(vm: &Vm, key: &str) -> Option<Value> {
    vm.interp().statics.borrow().get(key).cloned()
}

/// What the library has registered; it is imported if need be.
fn from_library(vm: &Vm, key: &str) -> R<Option<Value>> {
    if let Some(v) = registered(vm, key) {
        return Ok(Some(v));
    }
    crate::import::import_module(vm, LIBRARY)?;
    Ok(registered(vm, key))
}

/// Whether a value is one of the library's queues.
pub(crate) fn is_queue(vm: &Vm, v: &Value) -> bool {
    registered(vm, QUEUE).is_some_and(|c| c.as_type().is_some_and(|t| v.ty().is(t)))
}

/// A queue to be moved; None for anything else.
///
/// Raises QueueNotFoundError if there is no such queue any more.
pub(crate) fn pack(vm: &Vm, v: &Value) -> R<Option<InTransit>> {
    if !is_queue(vm, v) {
        return Ok(None);
    }
    let id = int::to_i64(vm, &vm.get_attr_str(v, "_id")?)?;
    let queues = queues(vm);
    if !queues.add_ref(id) {
        return Err(not_found(vm, id));
    }
    Ok(Some(InTransit { queues, id }))
}

/// The queue, as the library shows it.
///
/// Raises what importing the library raises.
pub(crate) fn unpack(vm: &Vm, q: &InTransit) -> R {
    match from_library(vm, QUEUE)? {
        Some(class) => vm.call(&class, &[Value::from(q.id)]),
        None => Err(vm.runtime_error("the library has registered no class of queues")),
    }
}

fn queue_error(vm: &Vm) -> R {
    vm.interp_static("interpqueues.QueueError", |vm| {
        let doc = "Indicates that a queue-related error happened.";
        errors::new_class(vm, "concurrent.interpreters", "QueueError", &[exc::RUNTIME_ERROR.value()], doc)
    })
}

fn not_found_error(vm: &Vm) -> R {
    vm.interp_static("interpqueues.QueueNotFoundError", |vm| {
        errors::new_class(vm, "concurrent.interpreters", "QueueNotFoundError", &[queue_error(vm)?], "")
    })
}

#[cold]
fn not_found(vm: &Vm, id: i64) -> Raised {
    errors::raise(vm, not_found_error(vm), &format!("queue {id} not found"))
}

#[cold]
fn of_library(vm: &Vm, key: &str, text: &str) -> Raised {
    let class = match from_library(vm, key) {
        Ok(Some(c)) => Ok(c),
        Ok(None) => queue_error(vm),
        Err(r) => Err(r),
    };
    errors::raise(vm, class, text)
}

/// The number of a queue.
///
/// Raises TypeError, ValueError, OverflowError.
fn id_of(vm: &Vm, v: &Value) -> R<i64> {
    let Ok(index) = int::index(vm, v).map_err(|r| drop(vm.catch(r))) else {
        let given = v.ty().tp_name();
        return Err(vm.type_error(format!("queue ID must be an int, got {given}")));
    };
    let id = int::to_i64(vm, &index)?;
    if id < 0 {
        return Err(vm.value_error(format!("queue ID must be a non-negative int, got {id}")));
    }
    Ok(id)
}

/// Looks at a queue.
///
/// Raises QueueNotFoundError.
fn with<T>(vm: &Vm, qid: &Value, f: impl FnOnce(i64, &mut Queue) -> T) -> R<T> {
    let id = id_of(vm, qid)?;
    let queues = queues(vm);
    let found = queues.lock().queues.get_mut(&id).map(|q| f(id, q));
    found.ok_or_else(|| not_found(vm, id))
}

/// An interpreter ends: what it has put into queues changes.
pub(crate) fn interpreter_ends(vm: &Vm, interp: i64) {
    let queues = queues(vm);
    let mut gone = Vec::new();
    for q in queues.lock().queues.values_mut() {
        for mut item in std::mem::take(&mut q.items) {
            if item.from != interp {
                q.items.push_back(item);
            } else if item.unbound == unbound::REMOVE {
                gone.push(item.data);
            } else {
                gone.push(item.data.take());
                q.items.push_back(item);
            }
        }
    }
    drop(gone);
}

/// Create a new cross-interpreter queue and return its unique generated ID.
///
/// It is a new reference as though bind() had been called on the queue.
#[function(sig = "(maxsize, unboundop=-1, fallback=-1)")]
fn create(vm: &Vm, maxsize: isize, unboundop: i32, fallback: i32) -> R<i64> {
    let unbound = unbound_op(vm, unboundop, unbound::REPLACE)?;
    let fallback = fallback_op(vm, fallback, 1)?;
    let queues = queues(vm);
    let mut all = queues.lock();
    all.last += 1;
    let id = all.last;
    all.queues.insert(id, Queue { maxsize, unbound, fallback, refs: 0, items: VecDeque::new() });
    Ok(id)
}

/// Clear and destroy the queue.
///
/// Afterward attempts to use the queue will behave as though it never existed.
#[function(sig = "(qid)")]
fn destroy(vm: &Vm, qid: &Value) -> R<()> {
    let id = id_of(vm, qid)?;
    let queues = queues(vm);
    let gone = queues.lock().queues.remove(&id);
    gone.map(drop).ok_or_else(|| not_found(vm, id))
}

/// Return the list of IDs for all queues, each with its default for unbound items and whether it pickles.
#[function]
fn list_all(vm: &Vm) -> taipan_runtime::core::Ref<list::List> {
    let all: Vec<(i64, i32, i32)> = queues(vm).lock().queues.iter().map(|(id, q)| (*id, q.unbound, q.fallback)).collect();
    let show = |(id, unbound, fallback)| {
        tuple::from_array([Value::from(id), Value::from(unbound), Value::from(fallback)]).into_value()
    };
    list::from_vec(all.into_iter().map(show).collect())
}

/// Add the object's data to the queue.
#[function(sig = "(qid, obj, unboundop=-1, fallback=-1)")]
fn put(vm: &Vm, qid: &Value, obj: &Value, unboundop: i32, fallback: i32) -> R<()> {
    let (unbound_default, fallback_default) = with(vm, qid, |_, q| (q.unbound, q.fallback))?;
    let unbound = unbound_op(vm, unboundop, unbound_default)?;
    let fallback = fallback_op(vm, fallback, fallback_default)?;
    let data = cross::pack(vm, obj, fallback == 1)?;
    let mut item = Some(Item { from: vm.interp().member.id, data: Some(data), unbound });
    let full = with(vm, qid, |id, q| {
        if q.full() {
            return Some(id);
        }
        q.items.extend(item.take());
        None
    })?;
    match full {
        None => Ok(()),
        Some(id) => Err(of_library(vm, FULL, &format!("queue {id} is full"))),
    }
}

/// Return the (object, unbound op) from the front of the queue.
///
/// If there is nothing to receive then raise QueueEmpty.
#[function(sig = "(qid)")]
fn get(vm: &Vm, qid: &Value) -> R {
    match with(vm, qid, |id, q| q.items.pop_front().ok_or(id))? {
        Ok(Item { data: Some(data), .. }) => {
            let v = cross::unpack(vm, &data)?;
            Ok(tuple::from_array([v, Value::NONE]).into_value())
        }
        Ok(Item { data: None, unbound, .. }) => Ok(tuple::from_array([Value::NONE, Value::from(unbound)]).into_value()),
        Err(id) => Err(of_library(vm, EMPTY, &format!("queue {id} is empty"))),
    }
}

/// Take a reference to the identified queue. The queue is not destroyed until there are no references left.
#[function(sig = "(qid)")]
fn bind(vm: &Vm, qid: &Value) -> R<()> {
    with(vm, qid, |_, q| q.refs += 1)
}

/// Release a reference to the queue. The queue is destroyed once there are no references left.
#[function(sig = "(qid)")]
fn release(vm: &Vm, qid: &Value) -> R<()> {
    let id = id_of(vm, qid)?;
    let queues = queues(vm);
    if queues.drop_ref(id).is_some() {
        return Ok(());
    }
    let known = queues.lock().queues.contains_key(&id);
    if known { Err(errors::raise(vm, queue_error(vm), &format!("queue {id} never bound"))) } else { Err(not_found(vm, id)) }
}

/// Return the maximum number of items in the queue.
#[function(sig = "(qid)")]
fn get_maxsize(vm: &Vm, qid: &Value) -> R<isize> {
    with(vm, qid, |_, q| q.maxsize)
}

/// Return the queue's default values, set when it was created.
#[function(sig = "(qid)")]
fn get_queue_defaults(vm: &Vm, qid: &Value) -> R {
    let (unbound, fallback) = with(vm, qid, |_, q| (q.unbound, q.fallback))?;
    Ok(tuple::from_array([Value::from(unbound), Value::from(fallback)]).into_value())
}

/// Return true if the queue has a maxsize and has reached it.
#[function(sig = "(qid)")]
fn is_full(vm: &Vm, qid: &Value) -> R<bool> {
    with(vm, qid, |_, q| q.full())
}

/// Return the number of items in the queue.
#[function(sig = "(qid)")]
fn get_count(vm: &Vm, qid: &Value) -> R<usize> {
    with(vm, qid, |_, q| q.items.len())
}

/// Says which classes the library uses.
#[function(sig = "(queuetype, emptyerror, fullerror)")]
fn _register_heap_types(vm: &Vm, queuetype: &TypeObject, emptyerror: &TypeObject, fullerror: &TypeObject) {
    let mut statics = vm.interp().statics.borrow_mut();
    let old = [(QUEUE, queuetype), (EMPTY, emptyerror), (FULL, fullerror)].map(|(k, t)| statics.insert(k, t.to_value()));
    drop(statics);
    drop(old);
}
