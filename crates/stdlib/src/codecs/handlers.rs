//! The standard error handlers as functions: `codecs.strict_errors` and so on.

use taipan_macros::{function, module};
use taipan_runtime::core::{R, Value};
use taipan_runtime::types::native_fn;
use taipan_runtime::types::str::codec::Handler;
use taipan_runtime::vm::Vm;

// Not a module that can be imported: only the table of its functions is used.
module! {
    name = "",
    functions(
        strict_errors, ignore_errors, replace_errors, xmlcharrefreplace_errors, backslashreplace_errors,
        namereplace_errors, surrogatepass, surrogateescape,
    ),
}

/// The handlers as function objects, by their names in the registry.
pub fn all() -> impl Iterator<Item = (&'static str, Value)> {
    MODULE.functions.iter().map(|def| {
        let name = def.name.strip_suffix("_errors").unwrap_or(def.name);
        (name, native_fn::function(def, Value::NONE, Value::NONE))
    })
}

macro_rules! handlers {
    ($($(#[$doc:meta])* $name:ident $handler:ident;)*) => {$(
        $(#[$doc])*
        #[function(sig = "(error, /)")]
        fn $name(vm: &Vm, error: &Value) -> R {
            Handler::$handler.call(vm, error)
        }
    )*};
}

handlers! {
    /// Implements the 'strict' error handling, which raises a UnicodeError on coding errors.
    strict_errors Strict;
    /// Implements the 'ignore' error handling, which ignores malformed data and continues.
    ignore_errors Ignore;
    /// Implements the 'replace' error handling, which replaces malformed data with a replacement marker.
    replace_errors Replace;
    /// Implements the 'xmlcharrefreplace' error handling, which replaces an unencodable character with the appropriate
    /// XML character reference.
    xmlcharrefreplace_errors XmlCharRefReplace;
    /// Implements the 'backslashreplace' error handling, which replaces malformed data with a backslashed escape
    /// sequence.
    backslashreplace_errors BackslashReplace;
    /// Implements the 'namereplace' error handling, which replaces an unencodable character with a \N{...} escape
    /// sequence.
    namereplace_errors NameReplace;
    /// Implements the 'surrogatepass' error handling: lone surrogates are coded like other characters.
    surrogatepass SurrogatePass;
    /// Implements the 'surrogateescape' error handling: bytes that can't be decoded become lone surrogates, and back.
    surrogateescape SurrogateEscape;
}
