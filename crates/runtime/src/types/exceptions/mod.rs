//! The exceptions: all builtin classes, tracebacks, matching, raising, and how they are shown.
//!
//! Every exception's payload starts with [`BaseException`]; classes with attributes of their own have payloads
//! that add them, as in CPython, so that the same classes can be bases of one class. Classes without any
//! (`TypeError`, `KeyError`) are only type objects. Each class's type has a place here: [`TYPE_ERROR`] and so on.

mod base;
mod declare;
pub mod display;
mod group;
mod import;
mod link;
mod matching;
mod named;
mod os_error;
mod plain;
pub mod raise;
mod simple;
pub mod suggest;
mod syntax;
pub mod traceback;
mod unicode;
pub mod unraisable;
mod values;

pub use self::base::{BASE_EXCEPTION, BaseException};
pub use self::group::star::{group_match, prep_reraise_star};
pub use self::group::{BASE_EXCEPTION_GROUP, BaseExceptionGroup, EXCEPTION_GROUP, new_group};
pub use self::import::{import_from_failed, no_module_attribute, possibly_shadowing};
pub use self::link::{set_cause, set_context, set_context_avoiding_cycles};
pub use self::matching::{check_catchable, is_exception_class, is_instance_of, matches};
pub use self::named::{
    ATTRIBUTE_ERROR, AttributeError, IMPORT_ERROR, ImportError, MODULE_NOT_FOUND_ERROR, NAME_ERROR, NameError,
    UNBOUND_LOCAL_ERROR,
};
pub use self::os_error::{
    BLOCKING_IO_ERROR, BROKEN_PIPE_ERROR, CHILD_PROCESS_ERROR, CONNECTION_ABORTED_ERROR, CONNECTION_ERROR,
    CONNECTION_REFUSED_ERROR, CONNECTION_RESET_ERROR, FILE_EXISTS_ERROR, FILE_NOT_FOUND_ERROR, INTERRUPTED_ERROR,
    IS_A_DIRECTORY_ERROR, NOT_A_DIRECTORY_ERROR, OS_ERROR, OsError, PERMISSION_ERROR, PROCESS_LOOKUP_ERROR,
    TIMEOUT_ERROR,
};
pub use self::simple::{
    ARITHMETIC_ERROR, ASSERTION_ERROR, BUFFER_ERROR, BYTES_WARNING, DEPRECATION_WARNING, ENCODING_WARNING, EOF_ERROR,
    EXCEPTION, FLOATING_POINT_ERROR, FUTURE_WARNING, GENERATOR_EXIT, IMPORT_WARNING, INDEX_ERROR, KEY_ERROR,
    KEYBOARD_INTERRUPT, LOOKUP_ERROR, MEMORY_ERROR, NOT_IMPLEMENTED_ERROR, OVERFLOW_ERROR,
    PENDING_DEPRECATION_WARNING, PYTHON_FINALIZATION_ERROR, RECURSION_ERROR, REFERENCE_ERROR, RESOURCE_WARNING,
    RUNTIME_ERROR, RUNTIME_WARNING, STOP_ASYNC_ITERATION, SYNTAX_WARNING, SYSTEM_ERROR, TYPE_ERROR, UNICODE_ERROR,
    UNICODE_WARNING, USER_WARNING, VALUE_ERROR, WARNING, ZERO_DIVISION_ERROR,
};
pub use self::syntax::{INCOMPLETE_INPUT_ERROR, INDENTATION_ERROR, SYNTAX_ERROR, SyntaxError, TAB_ERROR};
pub use self::traceback::{Traceback, add_traceback};
pub use self::unicode::{
    Problem, UNICODE_DECODE_ERROR, UNICODE_ENCODE_ERROR, UNICODE_TRANSLATE_ERROR, UnicodeDecodeError,
    UnicodeEncodeError, UnicodeTranslateError,
};
pub use self::values::{STOP_ITERATION, SYSTEM_EXIT, StopIteration, SystemExit, stop_iteration_value};

use crate::core::{Ref, StaticType, Value};
use crate::native::TypeDef;
use crate::types::str;
use crate::types::type_::{TypeObject, tflag};

const FAMILIES: [&[&TypeDef]; 8] = [
    &[BaseException::DEF],
    simple::TYPES,
    &[
        Traceback::DEF,
        StopIteration::DEF,
        SystemExit::DEF,
        ImportError::DEF,
        NameError::DEF,
        AttributeError::DEF,
        OsError::DEF,
        SyntaxError::DEF,
        UnicodeEncodeError::DEF,
        UnicodeDecodeError::DEF,
        UnicodeTranslateError::DEF,
        BaseExceptionGroup::DEF,
    ],
    &[&group::EXCEPTION_GROUP_DEF],
    named::SUBCLASSES[0],
    named::SUBCLASSES[1],
    os_error::TYPES,
    syntax::TYPES,
];

const COUNT: usize = {
    let (mut n, mut i) = (0, 0);
    while i < FAMILIES.len() {
        n += FAMILIES[i].len();
        i += 1;
    }
    n
};

const fn joined() -> [&'static TypeDef; COUNT] {
    let mut all = [FAMILIES[0][0]; COUNT];
    let (mut n, mut i) = (0, 0);
    while i < FAMILIES.len() {
        let mut j = 0;
        while j < FAMILIES[i].len() {
            all[n] = FAMILIES[i][j];
            n += 1;
            j += 1;
        }
        i += 1;
    }
    all
}

/// The types of this room, bases first.
pub const TYPES: &[&TypeDef] = &joined();

/// What the module `builtins` shows of them: all exception classes by their names, and the two old names of
/// OSError.
pub fn builtins() -> impl Iterator<Item = (&'static str, &'static StaticType)> {
    let all = TYPES.iter().filter(|d| d.flags & tflag::EXC_SUB != 0);
    let named = all.map(|d| (d.name, d.place));
    named.chain([("EnvironmentError", &OS_ERROR), ("IOError", &OS_ERROR)])
}

/// An exception of a class that has no attributes of its own (others: SystemError), without a call.
pub fn new_simple(ty: &StaticType, msg: &str) -> Value {
    let args = [str::from_str(msg)];
    new_plain(ty.get(), &args)
        .unwrap_or_else(|| Ref::new_of(SYSTEM_ERROR.get(), BaseException::with_args(&args)).into_value())
}

/// An exception of a builtin class that has no attributes of its own, without a call. `None` for other classes.
#[inline]
pub fn new_plain(ty: &TypeObject, args: &[Value]) -> Option<Value> {
    if ty.has(tflag::HEAP) || ty.layout.id != BASE_EXCEPTION.get().layout.id {
        return None;
    }
    Some(Ref::new_of(ty, BaseException::with_args(args)).into_value())
}

/// Sets one of the attributes `name`, `obj`, `path` and `name_from` of NameError, AttributeError and
/// ImportError; other exceptions stay as they are.
pub fn set_extra(e: &Value, attribute: &str, value: Value) {
    let member = if let Some(e) = e.downcast::<AttributeError>() {
        match attribute {
            "name" => &e.name,
            "obj" => &e.obj,
            _ => return,
        }
    } else if let Some(e) = e.downcast::<ImportError>() {
        match attribute {
            "name" => &e.name,
            "path" => &e.path,
            "name_from" => &e.name_from,
            "msg" => &e.msg,
            _ => return,
        }
    } else if let Some(e) = e.downcast::<NameError>() {
        match attribute {
            "name" => &e.name,
            _ => return,
        }
    } else {
        return;
    };
    member.set(Some(value));
}
