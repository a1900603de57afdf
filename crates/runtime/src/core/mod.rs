//! Values, objects and types as data: what everything else in the runtime is made of.
//!
//! `unsafe` here rests on these invariants:
//! 1. A [`Value`] whose low three bits are zero is a pointer to a live object and owns one count of it.
//! 2. The payload of an object whose type's layout is `T`'s layout, or derives from it, is a `T` at
//!    offset 16 ([`Obj<T>`]).
//! 3. Everything reachable from one interpreter is touched only under its GIL.

mod cell;
mod object;
mod trace;
mod value;

pub use cell::{PyCell, PyRef, PyRefMut};
pub use object::{Layout, Obj, Payload, Ref, StaticType};
pub use taipan_memory::{Header, Tracer};
pub use trace::{Drain, NoTrace, Trace};
pub use value::{R, Raised, Value, tag};
