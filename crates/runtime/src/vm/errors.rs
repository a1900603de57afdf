//! Raising: one way for all. Every function here stores the exception in the thread and returns the marker.

use super::Vm;
use crate::core::{R, Raised, Ref, StaticType, Value};
use crate::types::exceptions::{self as exc, BaseException};
use crate::types::str::{self, Str};


macro_rules! raisers {
    ($($(#[$doc:meta])* $name:ident $ty:ident;)*) => {
        impl Vm {$(
            $(#[$doc])*
            #[cold]
            pub fn $name(&self, msg: impl AsRef<str>) -> Raised { self.raise_msg(&exc::$ty, msg.as_ref()) }
        )*}
    };
}

raisers! {
    /// Raises TypeError.
    type_error TYPE_ERROR;
    /// Raises ValueError.
    value_error VALUE_ERROR;
    /// Raises IndexError.
    index_error INDEX_ERROR;
    /// Raises OverflowError.
    overflow_error OVERFLOW_ERROR;
    /// Raises ZeroDivisionError.
    zero_division_error ZERO_DIVISION_ERROR;
    /// Raises RuntimeError.
    runtime_error RUNTIME_ERROR;
    /// Raises RecursionError.
    recursion_error RECURSION_ERROR;
    /// Raises NotImplementedError.
    not_implemented_error NOT_IMPLEMENTED_ERROR;
    /// Raises SystemError.
    system_error SYSTEM_ERROR;
    /// Raises BufferError.
    buffer_error BUFFER_ERROR;
    /// Raises LookupError.
    lookup_error LOOKUP_ERROR;
    /// Raises EOFError.
    eof_error EOF_ERROR;
    /// Raises ReferenceError.
    reference_error REFERENCE_ERROR;
    /// Raises UnboundLocalError.
    unbound_local_error UNBOUND_LOCAL_ERROR;
    /// Raises AssertionError.
    assertion_error ASSERTION_ERROR;
    /// Raises UnicodeError.
    unicode_error UNICODE_ERROR;
    /// Raises ArithmeticError.
    arithmetic_error ARITHMETIC_ERROR;
}

impl Vm {
    /// Raises an exception of a builtin class with a message.
    #[cold]
    pub fn raise_msg(&self, ty: &StaticType, msg: &str) -> Raised {
        self.raise_new(ty.get(), vec![str::from_str(msg)])
    }

    /// Raises a new exception of a class with arguments; what making it raises comes instead.
    #[cold]
    pub fn raise_new(&self, ty: &crate::types::type_::TypeObject, args: Vec<Value>) -> Raised {
        if let Some(e) = exc::new_plain(ty, &args) {
            return self.raise(e);
        }
        match self.call(&ty.to_value(), &args) {
            Ok(e) => self.raise(e),
            Err(r) => r,
        }
    }

    /// Raises MemoryError.
    #[cold]
    pub fn memory_error(&self) -> Raised {
        self.raise_new(exc::MEMORY_ERROR.get(), Vec::new())
    }

    /// Raises KeyError with the key itself.
    #[cold]
    pub fn key_error(&self, key: &Value) -> Raised {
        // The key may be a tuple, which is one argument all the same.
        self.raise_new(exc::KEY_ERROR.get(), vec![key.clone()])
    }

    /// Raises StopIteration with a value (`None`: without arguments).
    #[cold]
    pub fn stop_iteration(&self, value: Option<Value>) -> Raised {
        self.raise(exc::StopIteration::with_value(value.filter(|v| !v.is_none())).into_value())
    }

    /// Raises AttributeError with `name` and `obj` set.
    #[cold]
    pub fn attribute_error(&self, obj: &Value, name: &Value, msg: impl AsRef<str>) -> Raised {
        self.raise(exc::AttributeError::with(msg.as_ref(), obj.clone(), name.clone()).into_value())
    }

    /// Raises AttributeError as the generic look-up does.
    #[cold]
    pub fn no_attribute(&self, obj: &Value, name: &Value) -> Raised {
        let shown = self.str_lossy(name);
        let msg = match obj.as_type() {
            Some(t) => format!("type object '{}' has no attribute '{shown}'", t.tp_name()),
            None => format!("'{}' object has no attribute '{shown}'", obj.ty().tp_name()),
        };
        self.attribute_error(obj, name, msg)
    }

    /// Raises NameError with `name` set.
    #[cold]
    pub fn name_error(&self, name: &Value, msg: impl AsRef<str>) -> Raised {
        self.raise(exc::NameError::with(msg.as_ref(), name.clone()).into_value())
    }

    /// Raises ImportError with `name` and `path` set.
    #[cold]
    pub fn import_error(&self, msg: impl AsRef<str>, name: Value, path: Value) -> Raised {
        self.raise(exc::ImportError::with(msg.as_ref(), name, path).into_value())
    }

    /// Raises the OSError subclass for an errno, with the file name if there is one.
    #[cold]
    pub fn os_error(&self, errno: i32, filename: Option<&Value>) -> Raised {
        let text = str::from_str(&taipan_host::errno::Errno(errno).message());
        let mut args = vec![Value::from(errno), text];
        args.extend(filename.cloned());
        self.raise_new(exc::OS_ERROR.get(), args)
    }

    /// Raises UnicodeEncodeError for `object[start..end]`.
    #[cold]
    pub fn unicode_encode_error(&self, encoding: &str, object: &Str, start: usize, end: usize, reason: &str) -> Raised {
        let text = object.substring(0, object.len()).into_value();
        self.raise_new(exc::UNICODE_ENCODE_ERROR.get(), vec![str::from_str(encoding), text, Value::from(start), Value::from(end), str::from_str(reason)])
    }

    /// Raises UnicodeDecodeError for `object[start..end]`.
    #[cold]
    pub fn unicode_decode_error(&self, encoding: &str, object: &[u8], start: usize, end: usize, reason: &str) -> Raised {
        let bytes = crate::types::bytes::from_slice(object).into_value();
        self.raise_new(exc::UNICODE_DECODE_ERROR.get(), vec![str::from_str(encoding), bytes, Value::from(start), Value::from(end), str::from_str(reason)])
    }

    /// Raises an exception object. Sets its context to the handled exception, as a raise statement does.
    #[cold]
    pub fn raise(&self, e: Value) -> Raised {
        if let Some(b) = e.downcast::<BaseException>()
            && let Some(handled) = self.current_handled()
        {
            exc::set_context_avoiding_cycles(b, handled);
        }
        self.raise_as_is(e)
    }

    /// Raises an exception object without touching its context.
    pub fn raise_as_is(&self, e: Value) -> Raised {
        debug_assert!(e.downcast::<BaseException>().is_some());
        self.raised.set(Some(e));
        Raised::new()
    }

    /// Takes the raised exception (an `Err(Raised)` is given up for it).
    pub fn catch(&self, _raised: Raised) -> Value {
        match self.raised.take() {
            Some(e) => e,
            // An Err without an exception is an error of native code; say so instead of losing it.
            None => exc::new_simple(&exc::SYSTEM_ERROR, "error return without exception set"),
        }
    }

    /// The exception that is being raised, if there is one.
    pub fn peek_raised(&self) -> Option<Value> {
        self.raised.get()
    }

    /// `Ok(None)` if `r` raised an instance of `ty`, which is then given up; other exceptions pass.
    pub fn ignore<T>(&self, r: R<T>, ty: &StaticType) -> R<Option<T>> {
        match r {
            Ok(v) => Ok(Some(v)),
            Err(raised) => {
                if self.raised_is(ty) {
                    drop(self.catch(raised));
                    Ok(None)
                } else {
                    Err(raised)
                }
            }
        }
    }

    /// Whether the exception being raised is an instance of `ty`.
    pub fn raised_is(&self, ty: &StaticType) -> bool {
        self.raised.borrow().as_ref().is_some_and(|e| e.ty().is_subtype_of(ty.get()))
    }

    /// Runs `f` with the raised exception put aside and restored afterwards.
    pub fn preserving_raised<T>(&self, f: impl FnOnce() -> T) -> T {
        let saved = self.raised.take();
        let r = f();
        let dropped = self.raised.replace(saved);
        drop(dropped);
        r
    }

    /// Reports an exception that nobody can catch through `sys.unraisablehook`.
    pub fn unraisable(&self, raised: Raised, message: Option<&str>, object: &Value) {
        let e = self.catch(raised);
        crate::types::exceptions::unraisable::report(self, e, message, object);
    }

    /// Whether an exception (instance) matches a class or a tuple of classes, as `except` does.
    pub fn exc_matches(&self, e: &Value, classes: &Value) -> R<bool> {
        exc::matches(self, e, classes)
    }

    /// The exception as a typed reference.
    pub fn exc_ref<'a>(&self, e: &'a Value) -> Option<&'a Ref<BaseException>> {
        e.downcast::<BaseException>()
    }
}
