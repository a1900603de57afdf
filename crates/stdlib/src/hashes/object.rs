//! What all hash objects have in common.

use taipan_macros::Trace;
use taipan_runtime::core::{PyCell, R, Value};
use taipan_runtime::types::bytes;
use taipan_runtime::types::memoryview::{Buffer, flags};
use taipan_runtime::types::str::{self, Str};
use taipan_runtime::types::int;
use taipan_runtime::vm::Vm;

use super::state::{Alg, State};
use crate::thread::raw::RawLock;

/// Less than this is hashed without giving the interpreter's lock up (`_GIL_MINSIZE`).
pub const MUCH: usize = 2048;

/// The payload of a hash object.
#[derive(Trace)]
pub struct Core {
    /// The function.
    #[no_trace]
    pub alg: Alg,
    #[no_trace]
    state: PyCell<State>,
    /// Held by the thread that uses the state, perhaps without the interpreter's lock.
    #[no_trace]
    lock: RawLock,
}

/// The bytes of an argument.
///
/// Raises TypeError for what has none, BufferError for several dimensions.
pub fn data(vm: &Vm, v: &Value) -> R<Buffer> {
    if v.downcast::<Str>().is_some() {
        return Err(vm.type_error("Strings must be encoded before hashing"));
    }
    if v.ty().slots().buffer.is_none() {
        return Err(vm.type_error("object supporting the buffer API required"));
    }
    let buffer = vm.buffer(v, flags::SIMPLE)?;
    if buffer.view().ndim() > 1 {
        return Err(vm.buffer_error("Buffer must be single dimension"));
    }
    Ok(buffer)
}

/// The data of a constructor, which has an old name too.
///
/// Raises TypeError if both names are used.
pub fn either<'a>(vm: &Vm, data: Option<&'a Value>, string: Option<&'a Value>) -> R<Option<&'a Value>> {
    match (data, string) {
        (Some(_), Some(_)) => Err(vm.type_error(
            "'data' and 'string' are mutually exclusive and support for 'string' keyword parameter is slated for \
             removal in a future version.",
        )),
        (v, None) | (None, v) => Ok(v),
    }
}

/// Hashes bytes, and lets other threads run if they are many.
pub fn feed(vm: &Vm, state: &mut State, bytes: &[u8]) {
    if bytes.len() < MUCH {
        state.update(bytes);
    } else {
        vm.allow_threads(|| state.update(bytes));
    }
}

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> Value {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let out: Vec<u8> = bytes.iter().flat_map(|b| [DIGITS[usize::from(b >> 4)], DIGITS[usize::from(b & 15)]]).collect();
    str::from_latin1(&out).into_value()
}

impl Core {
    /// A hash in progress.
    pub fn new(alg: Alg, state: State) -> Self {
        Self { alg, state: PyCell::new(state), lock: RawLock::new() }
    }

    /// A hash of some data.
    ///
    /// Raises TypeError, BufferError.
    pub fn of(vm: &Vm, alg: Alg, v: Option<&Value>) -> R<Self> {
        let mut state = State::new(alg);
        if let Some(v) = v {
            feed(vm, &mut state, data(vm, v)?.as_slice());
        }
        Ok(Self::new(alg, state))
    }

    /// Runs `f` on the state, which no other thread uses meanwhile.
    fn with<T>(&self, vm: &Vm, f: impl FnOnce(&mut State) -> T) -> R<T> {
        self.lock.acquire(vm, None)?;
        let r = f(&mut self.state.borrow_mut());
        self.lock.release();
        Ok(r)
    }

    /// Hashes more bytes.
    ///
    /// Raises TypeError, BufferError.
    pub fn update(&self, vm: &Vm, v: &Value) -> R<()> {
        let data = data(vm, v)?;
        self.with(vm, |state| feed(vm, state, data.as_slice()))
    }

    /// The result.
    pub fn digest(&self, vm: &Vm) -> R {
        self.with(vm, |state| bytes::from_slice(&state.digest()).into_value())
    }

    /// The result in hexadecimal digits.
    pub fn hexdigest(&self, vm: &Vm) -> R {
        self.with(vm, |state| hex(&state.digest()))
    }

    /// So many bytes of the result.
    ///
    /// Raises ValueError, OverflowError for a length out of range, MemoryError.
    pub fn read(&self, vm: &Vm, length: &Value) -> R<Vec<u8>> {
        let n = int::index(vm, length)?;
        let small = int::get(&n).and_then(int::IntRef::to_i64);
        let n = match small {
            Some(n) if n >= 0 => n as usize,
            _ if int::get(&n).is_some_and(int::IntRef::is_negative) => {
                return Err(vm.value_error("Cannot convert negative int"));
            }
            _ => return Err(vm.overflow_error("Python int too large for C unsigned long")),
        };
        if n >= 1 << 29 {
            return Err(vm.value_error("length is too large"));
        }
        vm.check_room(n)?;
        let mut out = vec![0; n];
        self.with(vm, |state| state.read(&mut out))?;
        Ok(out)
    }

    /// A copy.
    pub fn copy(&self, vm: &Vm) -> R<Self> {
        Ok(Self::new(self.alg, self.with(vm, |state| state.clone())?))
    }

    /// Bytes of the result.
    pub fn digest_size(&self) -> usize {
        self.state.borrow().digest_size()
    }
}

/// A class of hash objects: `$head` is what the attribute `class` gets, `$new` more methods.
macro_rules! hash_class {
    ($(#[$doc:meta])* $ty:ident, ($($head:tt)*) { $($more:tt)* }) => {
        /// The payload.
        #[derive(taipan_macros::Trace)]
        pub struct $ty(pub $crate::hashes::object::Core);

        $(#[$doc])*
        #[taipan_macros::class($($head)*)]
        impl $ty {
            $($more)*

            /// Return a copy of the hash object.
            #[method(sig = "()")]
            fn copy(vm: &Vm, this: &Ref<Self>) -> R<Ref<Self>> {
                Ok(Ref::new($ty(this.0.copy(vm)?)))
            }

            /// Update this hash object's state with the provided bytes-like object.
            #[method(sig = "(obj, /)")]
            fn update(vm: &Vm, this: &Ref<Self>, obj: &Value) -> R<()> {
                this.0.update(vm, obj)
            }

            #[getter]
            fn name(_vm: &Vm, this: &Ref<Self>) -> &'static str {
                this.0.alg.name()
            }

            #[getter]
            fn digest_size(_vm: &Vm, this: &Ref<Self>) -> usize {
                this.0.digest_size()
            }

            #[getter]
            fn block_size(_vm: &Vm, this: &Ref<Self>) -> usize {
                this.0.alg.block_size()
            }
        }
    };
}
pub(super) use hash_class;

/// As [`hash_class`], for a result of fixed length.
macro_rules! fixed_class {
    ($(#[$doc:meta])* $ty:ident, ($($head:tt)*) { $($more:tt)* }) => {
        $crate::hashes::object::hash_class! {
            $(#[$doc])* $ty, ($($head)*) {
                $($more)*

                /// Return the digest value as a bytes object.
                #[method(sig = "()")]
                fn digest(vm: &Vm, this: &Ref<Self>) -> R {
                    this.0.digest(vm)
                }

                /// Return the digest value as a string of hexadecimal digits.
                #[method(sig = "()")]
                fn hexdigest(vm: &Vm, this: &Ref<Self>) -> R {
                    this.0.hexdigest(vm)
                }
            }
        }
    };
}
pub(super) use fixed_class;
