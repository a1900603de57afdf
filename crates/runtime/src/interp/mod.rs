//! Running code: the loop, entering and leaving frames, unwinding.
//!
//! [`run`] holds everything hot: a handler either finishes within its arm, without a call, or falls
//! through to [`slow::step`], which does all the rest and says where to go on.
//!
//! Invariants (with those of `vm::frames`): `base` is the innermost frame's register 0, `pc` points into
//! its code's own copy of the instructions, `consts` are its constants; operands are in range because
//! code comes from the compiler or was verified.
#![expect(dangerous_implicit_autorefs, reason = "objects are shared and changed only through cells")]

mod enter;
pub mod events;
mod fast;
mod hot;
mod slow;
mod unwind;
mod warm;
mod words;

pub use self::enter::{call_function, call_function_with, eval_code, resume_generator, throw_into_generator, throw_through_generator};
pub(crate) use self::events::Event as TraceEvent;
pub use self::hot::run;
