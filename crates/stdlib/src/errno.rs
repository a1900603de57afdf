//! `errno`: the numbers of errors.

use taipan_host::errno::NAMES;
use taipan_macros::module;
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::module::Module;
use taipan_runtime::vm::{Vm, intern};

module! {
    /// This module makes available standard errno system symbols.
    ///
    /// The value of each symbol is the corresponding integer value, e.g., on most systems, errno.ENOENT equals the
    /// integer 2. The dictionary errno.errorcode maps numeric codes to symbol names, e.g., errno.errorcode[2] could be
    /// the string 'ENOENT'.
    name = "errno",
    functions(),
    exec = exec,
}

fn exec(vm: &Vm, m: &Ref<Module>) -> R<()> {
    let codes = Ref::new(Dict::new());
    for (number, name) in NAMES {
        m.set(name, *number);
        // Of two names of a number the second one counts, but for this pair.
        if *name != "EWOULDBLOCK" {
            codes.set(vm, Value::from(*number), intern(name).into_value())?;
        }
    }
    m.set("errorcode", codes);
    Ok(())
}
