//! Arguments of functions that still take some by name, or by position, with a warning.

use taipan_runtime::core::{R, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::vm::Vm;

/// Finds the arguments of a call: the first `required` must be there, the first `positions` may go by position.
///
/// Raises TypeError where they do not fit.
pub fn bound<const N: usize>(
    vm: &Vm,
    function: &str,
    args: Args<'_>,
    names: [&str; N],
    required: usize,
    positions: usize,
) -> R<[Option<Value>; N]> {
    let mut out = [const { None }; N];
    let given = args.positional();
    if given.len() > positions {
        let n = given.len();
        return Err(vm.type_error(format!(
            "{function}() takes at most {positions} positional arguments ({n} given)"
        )));
    }
    for (slot, v) in out.iter_mut().zip(given) {
        *slot = Some(v.clone());
    }
    for (name, v) in args.names.iter().zip(&args.all[given.len()..]) {
        let name = vm.str_lossy(name);
        let Some(i) = names.iter().position(|&n| n == name) else {
            return Err(vm.type_error(format!(
                "{function}() got an unexpected keyword argument '{name}'"
            )));
        };
        if let Some(slot) = out.get_mut(i) {
            if slot.is_some() {
                let place = i + 1;
                return Err(vm.type_error(format!(
                    "argument for {function}() given by name ('{name}') and position ({place})"
                )));
            }
            *slot = Some(v.clone());
        }
    }
    for (i, slot) in out.iter().take(required).enumerate() {
        if slot.is_none() {
            let (name, place) = (names[i], i + 1);
            return Err(vm.type_error(format!(
                "{function}() missing required argument '{name}' (pos {place})"
            )));
        }
    }
    Ok(out)
}

/// Warns if any of the first parameters is given by name, which Python 3.15 will refuse.
pub fn warn_named(vm: &Vm, method: &str, args: Args<'_>, names: &[&str], soon: usize) -> R<()> {
    if args.positional().len() >= soon || args.names.is_empty() {
        return Ok(());
    }
    let quoted: Vec<String> = names.iter().take(soon).map(|n| format!("'{n}'")).collect();
    let text = match quoted.split_last() {
        Some((last, [])) => format!(
            "Passing keyword argument {last} to _sqlite3.Connection.{method}() is deprecated. Parameter {last} will \
             become positional-only in Python 3.15."
        ),
        Some((last, before)) => {
            let list = format!("{} and {last}", before.join(", "));
            format!(
                "Passing keyword arguments {list} to _sqlite3.Connection.{method}() is deprecated. Parameters {list} \
                 will become positional-only in Python 3.15."
            )
        }
        None => return Ok(()),
    };
    vm.warn(&exc::DEPRECATION_WARNING, &text, 1)
}

/// Warns of more than one argument by position, which Python 3.15 will refuse.
pub fn warn_positional(vm: &Vm, function: &str, args: Args<'_>) -> R<()> {
    let n = args.positional().len();
    if !(2..=8).contains(&n) {
        return Ok(());
    }
    let text = format!(
        "Passing more than 1 positional argument to {function}() is deprecated. Parameters 'timeout', 'detect_types', \
         'isolation_level', 'check_same_thread', 'factory', 'cached_statements' and 'uri' will become keyword-only \
         parameters in Python 3.15."
    );
    vm.warn(&exc::DEPRECATION_WARNING, &text, 1)
}
