//! The buffer protocol and memoryview.
//!
//! An object that has a buffer gives a [`Buffer`] from its slot: a [`View`] of memory, its owner kept alive, and
//! what must happen when the use ends. `memoryview` shows a buffer to Python; several views share one buffer
//! through a [`ManagedBuffer`], and the last of them to be released ends its use.

mod buffer;
mod compare;
mod item;
mod iter;
mod methods;
mod object;
mod python;
mod view;

pub use self::buffer::{Buffer, flags};
pub use self::item::{Format, half_from_f64, half_to_f64};
pub use self::object::{ManagedBuffer, MemoryView, from_buffer, from_object};
pub use self::python::{buffer_of_python_class, release_for};
pub use self::view::{Dims, View, c_strides};
use crate::native::TypeDef;

/// The types of this room.
pub const TYPES: &[&TypeDef] = &[ManagedBuffer::DEF, MemoryView::DEF, iter::MemoryIter::DEF];
