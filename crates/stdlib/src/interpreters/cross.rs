//! Data on its way from one interpreter to another: it belongs to none.

use std::mem::ManuallyDrop;
use std::sync::Arc;

use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::bytes::{self, Bytes};
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::float;
use taipan_runtime::types::function::Function;
use taipan_runtime::types::int;
use taipan_runtime::types::memoryview::{self, Buffer, MemoryView, View, flags};
use taipan_runtime::types::str::{self, Str};
use taipan_runtime::types::tuple::{self, Tuple};
use taipan_runtime::vm::Vm;
use taipan_runtime::vm::world::Keeper;

use super::view::{self, CrossInterpreterBufferView};
use super::{code, errors, pickled};
use crate::interpchannels::ends::{self, Sent};
use crate::interpqueues::InTransit;

/// See the module's head.
#[derive(Clone)]
pub enum Crossed {
    /// None
    None,
    /// A bool.
    Bool(bool),
    /// An int that fits.
    Int(i64),
    /// A float.
    Float(f64),
    /// A str without characters beyond ASCII.
    Ascii(Arc<str>),
    /// Any other str.
    Text(Arc<[u8]>),
    /// A bytes object.
    Bytes(Arc<[u8]>),
    /// A tuple.
    Tuple(Vec<Crossed>),
    /// Memory of another interpreter.
    Buffer(Arc<Lent>),
    /// A queue.
    Queue(InTransit),
    /// A channel, or an end of one.
    Channel(Sent),
    /// A function that needs nothing from where it was made, as marshalled code.
    Function(Arc<[u8]>),
    /// Anything else, pickled.
    Pickled(pickled::Pickled),
}

/// How deep tuples in tuples may be: any thread must be able to drop them.
const DEPTH: usize = 1000;

/// Memory of an interpreter that another one uses.
pub struct Lent {
    keeper: Arc<Keeper>,
    buffer: Option<Box<ManuallyDrop<Buffer>>>,
    view: View,
}

// SAFETY: the buffer is touched by its own interpreter only, to which it is given back; the view's memory stays in its
// place until then, and is read and written through raw pointers only.
unsafe impl Send for Lent {}
// SAFETY: as above.
unsafe impl Sync for Lent {}

impl Lent {
    /// How the memory is seen.
    pub fn view(&self) -> &View {
        &self.view
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(b) = self.buffer.take() {
            self.keeper.give_back(b);
        }
    }
}

/// Lends an object's memory.
///
/// Raises what asking for the buffer raises.
pub fn lend(vm: &Vm, v: &Value) -> R<Crossed> {
    let Some(keeper) = vm.interp().member.keeper() else {
        return Err(errors::failed(vm, "the interpreter is ending"));
    };
    let buffer = vm.buffer(v, flags::FULL_RO)?;
    let view = buffer.view().clone();
    let buffer = Some(Box::new(ManuallyDrop::new(buffer)));
    Ok(Crossed::Buffer(Arc::new(Lent { keeper, buffer, view })))
}

/// Whether there is a way for values of this type that needs no pickling.
pub fn is_shareable(vm: &Vm, v: &Value) -> bool {
    v.is_none()
        || v.is(&Value::TRUE)
        || v.is(&Value::FALSE)
        || v.downcast_exact::<Str>().is_some()
        || v.downcast_exact::<Bytes>().is_some()
        || v.downcast_exact::<Tuple>().is_some()
        || v.downcast_exact::<MemoryView>().is_some()
        || v.ty().is(int::INT.get())
        || v.ty().is(float::FLOAT.get())
        || crate::interpqueues::is_queue(vm, v)
        || ends::is_end(vm, v)
}

/// What it takes to move a value.
///
/// With `fallback`, what has no way of its own goes by pickle. Raises NotShareableError.
pub fn pack(vm: &Vm, v: &Value, fallback: bool) -> R<Crossed> {
    pack_at(vm, v, fallback, 0).map_err(|r| {
        // What is wrong with an item is wrong with the tuple.
        if v.downcast_exact::<Tuple>().is_none() || vm.raised_is(&exc::RECURSION_ERROR) {
            return r;
        }
        let cause = vm.catch(r);
        unshareable(vm, v, Some(cause))
    })
}

fn pack_at(vm: &Vm, v: &Value, fallback: bool, depth: usize) -> R<Crossed> {
    if let Some(t) = v.downcast_exact::<Tuple>() {
        if depth == DEPTH {
            return Err(vm.recursion_error("maximum recursion depth exceeded while sharing a tuple"));
        }
        vm.check_native_stack()?;
        let items = t.as_slice().iter().map(|item| pack_at(vm, item, fallback, depth + 1));
        return items.collect::<R<Vec<_>>>().map(Crossed::Tuple);
    }
    match pack_directly(vm, v) {
        Ok(Some(c)) => Ok(c),
        Ok(None) if fallback => other(vm, v, None),
        Ok(None) => Err(unshareable(vm, v, None)),
        Err(r) => {
            let cause = vm.catch(r);
            if fallback {
                return other(vm, v, Some(cause));
            }
            Err(unshareable(vm, v, Some(cause)))
        }
    }
}

fn unshareable(vm: &Vm, v: &Value, cause: Option<Value>) -> taipan_runtime::core::Raised {
    match vm.str(v) {
        Ok(text) => {
            let text = format!("{} does not support cross-interpreter data", vm.str_lossy(&text));
            errors::not_shareable(vm, &text, cause)
        }
        Err(r) => r,
    }
}

fn other(vm: &Vm, v: &Value, cause: Option<Value>) -> R<Crossed> {
    if let Some(f) = v.downcast_exact::<Function>()
        && code::is_stateless(vm, f)
    {
        let code = f.code.borrow().value().clone();
        return Ok(Crossed::Function(code::marshalled(vm, &code)?));
    }
    match pickled::dump(vm, v) {
        Ok(p) => Ok(Crossed::Pickled(p)),
        Err(r) => {
            let e = vm.catch(r);
            Err(unshareable(vm, v, Some(cause.unwrap_or(e))))
        }
    }
}

fn pack_directly(vm: &Vm, v: &Value) -> R<Option<Crossed>> {
    if v.is_none() {
        return Ok(Some(Crossed::None));
    }
    if v.is(&Value::TRUE) || v.is(&Value::FALSE) {
        return Ok(Some(Crossed::Bool(v.is(&Value::TRUE))));
    }
    if v.ty().is(int::INT.get()) {
        return match int::get(v).and_then(int::IntRef::to_i64) {
            Some(n) => Ok(Some(Crossed::Int(n))),
            None => Err(vm.overflow_error("try sending as bytes")),
        };
    }
    if v.ty().is(float::FLOAT.get()) {
        return Ok(float::get(v).map(Crossed::Float));
    }
    if let Some(s) = v.downcast_exact::<Str>() {
        return Ok(Some(match s.as_ascii() {
            Some(text) => Crossed::Ascii(text.into()),
            None => Crossed::Text(s.to_wtf8().into()),
        }));
    }
    if let Some(b) = v.downcast_exact::<Bytes>() {
        return Ok(Some(Crossed::Bytes(b.as_slice().into())));
    }
    if v.downcast_exact::<MemoryView>().is_some() {
        return lend(vm, v).map(Some);
    }
    if let Some(q) = crate::interpqueues::pack(vm, v)? {
        return Ok(Some(Crossed::Queue(q)));
    }
    Ok(ends::pack(vm, v)?.map(Crossed::Channel))
}

/// The value, in the interpreter that has got it.
///
/// Raises NotShareableError for what can't be made here.
pub fn unpack(vm: &Vm, c: &Crossed) -> R {
    Ok(match c {
        Crossed::None => Value::NONE,
        Crossed::Bool(b) => Value::from(*b),
        Crossed::Int(n) => Value::from(*n),
        Crossed::Float(x) => Value::from(*x),
        Crossed::Ascii(s) => str::from_str(s),
        Crossed::Text(s) => str::from_wtf8(s).into_value(),
        Crossed::Bytes(b) => bytes::from_slice(b).into_value(),
        Crossed::Tuple(items) => {
            vm.check_native_stack()?;
            tuple::from_vec(items.iter().map(|i| unpack(vm, i)).collect::<R<Vec<_>>>()?).into_value()
        }
        Crossed::Buffer(lent) => {
            let owner: Ref<CrossInterpreterBufferView> = view::new(lent.clone());
            memoryview::from_object(vm, owner.value(), flags::FULL_RO)?
        }
        Crossed::Queue(q) => crate::interpqueues::unpack(vm, q)?,
        Crossed::Channel(c) => ends::unpack(vm, c)?,
        Crossed::Function(code) => code::function(vm, code)?,
        Crossed::Pickled(p) => pickled::load(vm, p)?,
    })
}
