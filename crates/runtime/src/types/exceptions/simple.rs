//! The exceptions and warnings without attributes of their own.

use super::base::{BASE_EXCEPTION, BaseException};
use super::declare::simple;
use crate::core::{R, Value};
use crate::vm::Vm;

simple! {
    BaseException;
    "Exception" EXCEPTION: BASE_EXCEPTION, "Base class of all exceptions that do not end the program.";
    "GeneratorExit" GENERATOR_EXIT: BASE_EXCEPTION, "A generator is asked to end.";
    "KeyboardInterrupt" KEYBOARD_INTERRUPT: BASE_EXCEPTION, "The user has interrupted the program.";

    "ArithmeticError" ARITHMETIC_ERROR: EXCEPTION, "Base class of arithmetic errors.";
    "FloatingPointError" FLOATING_POINT_ERROR: ARITHMETIC_ERROR, "A floating-point operation has failed.";
    "OverflowError" OVERFLOW_ERROR: ARITHMETIC_ERROR, "A result is too large.";
    "ZeroDivisionError" ZERO_DIVISION_ERROR: ARITHMETIC_ERROR, "Division or modulo by zero.";
    "AssertionError" ASSERTION_ERROR: EXCEPTION, "An assertion does not hold.";
    "BufferError" BUFFER_ERROR: EXCEPTION, "A buffer can't be had, or is in use.";
    "EOFError" EOF_ERROR: EXCEPTION, "The input has ended.";
    "LookupError" LOOKUP_ERROR: EXCEPTION, "Base class of errors of looking something up.";
    "IndexError" INDEX_ERROR: LOOKUP_ERROR, "A sequence has no such index.";
    "KeyError" KEY_ERROR: LOOKUP_ERROR, "A mapping has no such key.", str = key_error_str;
    "MemoryError" MEMORY_ERROR: EXCEPTION, "There is no memory left.";
    "ReferenceError" REFERENCE_ERROR: EXCEPTION, "A weak reference is used after its object has died.";
    "RuntimeError" RUNTIME_ERROR: EXCEPTION, "An error that belongs to no other class.";
    "NotImplementedError" NOT_IMPLEMENTED_ERROR: RUNTIME_ERROR, "A method or function is not there yet.";
    "RecursionError" RECURSION_ERROR: RUNTIME_ERROR, "Calls are nested too deeply.";
    "PythonFinalizationError" PYTHON_FINALIZATION_ERROR: RUNTIME_ERROR, "The interpreter is ending and can't do this any more.";
    "StopAsyncIteration" STOP_ASYNC_ITERATION: EXCEPTION, "An asynchronous iterator has ended.";
    "SystemError" SYSTEM_ERROR: EXCEPTION, "The interpreter itself has made an error.";
    "TypeError" TYPE_ERROR: EXCEPTION, "A value has the wrong type.";
    "ValueError" VALUE_ERROR: EXCEPTION, "A value has the right type and is wrong all the same.";
    "UnicodeError" UNICODE_ERROR: VALUE_ERROR, "Base class of errors of encoding and decoding text.";

    "Warning" WARNING: EXCEPTION, "Base class of warnings.";
    "BytesWarning" BYTES_WARNING: WARNING, "About bytes where str may be meant, and the other way round.";
    "DeprecationWarning" DEPRECATION_WARNING: WARNING, "About features that will go.";
    "EncodingWarning" ENCODING_WARNING: WARNING, "About text files opened without an encoding.";
    "FutureWarning" FUTURE_WARNING: WARNING, "About code whose meaning will change.";
    "ImportWarning" IMPORT_WARNING: WARNING, "About probable mistakes in imports.";
    "PendingDeprecationWarning" PENDING_DEPRECATION_WARNING: WARNING, "About features that will be deprecated.";
    "ResourceWarning" RESOURCE_WARNING: WARNING, "About resources that nobody has closed.";
    "RuntimeWarning" RUNTIME_WARNING: WARNING, "About dubious behaviour at run time.";
    "SyntaxWarning" SYNTAX_WARNING: WARNING, "About dubious syntax.";
    "UnicodeWarning" UNICODE_WARNING: WARNING, "About text and its encodings.";
    "UserWarning" USER_WARNING: WARNING, "What code warns about when it names no other class.";
}

/// `str(KeyError(key))` shows the key's repr: an empty or odd key could not be seen otherwise.
fn key_error_str(vm: &Vm, v: &Value) -> R {
    let Some(e) = v.downcast::<BaseException>() else { return vm.repr(v) };
    let args = e.args();
    match args.as_slice() {
        [key] => vm.repr(key),
        _ => e.text(vm),
    }
}
