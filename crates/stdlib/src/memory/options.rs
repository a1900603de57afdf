//! The command line's say about memory: `-X memory-limit`, `-X smallblock`, `-X fail-allocation`.

use taipan_runtime::core::{R, Value};
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::vm::Vm;

/// A number of bytes: digits, then perhaps K, M or G.
fn bytes(text: &str) -> Option<usize> {
    let text = text.trim().trim_end_matches(['b', 'B']).trim_end_matches('i');
    let (digits, shift) = match text.chars().last()? {
        'k' | 'K' => (&text[..text.len() - 1], 10),
        'm' | 'M' => (&text[..text.len() - 1], 20),
        'g' | 'G' => (&text[..text.len() - 1], 30),
        _ => (text, 0),
    };
    digits.parse::<usize>().ok()?.checked_mul(1 << shift)
}

/// Does what the options say.
///
/// Raises SystemExit where one makes no sense.
pub fn apply(vm: &Vm) -> R<()> {
    let heap = &vm.interp().heap;
    for (name, value) in &vm.interp().config.x_options {
        let n = value.as_deref().and_then(bytes);
        let wrong = match (name.as_str(), n) {
            ("memory-limit", Some(n @ 1..)) => {
                heap.account().set_limit(n);
                None
            }
            ("smallblock", Some(n @ 0..=taipan_memory::SMALL_MAX)) => {
                heap.set_small_max(n);
                None
            }
            ("fail-allocation", Some(n)) => {
                heap.account().fail_at(n);
                heap.watching_changed();
                None
            }
            ("memory-limit", _) => Some("a number of bytes, such as 64M"),
            ("smallblock", _) => Some("a number of bytes, at most 512"),
            ("fail-allocation", _) => Some("a number"),
            _ => None,
        };
        if let Some(wanted) = wrong {
            let text = format!("Fatal Python error: -X {name} needs {wanted}\n");
            exc::display::write_stderr(vm, &text);
            return Err(vm.raise_new(exc::SYSTEM_EXIT.get(), vec![Value::small(1)]));
        }
    }
    Ok(())
}

/// Begins what `-X leak-report` asks for: what grows is watched, and told at exit.
///
/// Raises what importing `taipan.memory` raises.
pub fn report_leaks_if_asked(vm: &Vm) -> R<()> {
    if vm.interp().config.x_options.iter().any(|(k, _)| k == "leak-report") {
        crate::import::import_module(vm, "taipan.memory")?;
        let module = vm.interp().modules().get_str("taipan.memory");
        if let Some(m) = module {
            vm.call_method(&m, "_leak_report", &[])?;
        }
    }
    Ok(())
}
