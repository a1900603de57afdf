//! The module `sys`.

mod attributes;
mod functions;
pub mod getpath;
mod hooks;
mod infos;
mod monitoring;
mod printer;

use taipan_macros::module;
use taipan_runtime::core::{R, Ref};
use taipan_runtime::native::TypeDef;
use taipan_runtime::types::module::Module;
use taipan_runtime::vm::Vm;

pub use attributes::{STDLIB_DIR, version_text};

/// The types of this module.
pub const TYPES: &[&TypeDef] = &[printer::StdPrinter::DEF];

module! {
    /// Objects used or maintained by the interpreter, and functions that interact with it.
    name = "sys",
    functions(
        functions::exit, functions::getrecursionlimit, functions::setrecursionlimit, functions::getrefcount,
        functions::getsizeof, functions::intern, functions::_is_interned, functions::exc_info, functions::exception,
        functions::_getframe, functions::_getframemodulename, functions::_current_frames, functions::_current_exceptions,
        functions::getdefaultencoding, functions::getfilesystemencoding, functions::getfilesystemencodeerrors,
        functions::getswitchinterval, functions::setswitchinterval, functions::is_finalizing, functions::call_tracing,
        functions::get_int_max_str_digits, functions::set_int_max_str_digits, functions::getallocatedblocks,
        functions::getunicodeinternedsize, functions::_clear_type_cache, functions::_clear_internal_caches, functions::_clear_type_descriptors,
        functions::set_coroutine_origin_tracking_depth, functions::get_coroutine_origin_tracking_depth,
        functions::set_asyncgen_hooks, functions::get_asyncgen_hooks, functions::is_stack_trampoline_active,
        functions::_is_gil_enabled, functions::is_remote_debug_enabled, functions::_debugmallocstats,
        functions::_is_immortal, functions::_get_cpu_count_config,
        hooks::displayhook, hooks::excepthook, hooks::unraisablehook, hooks::breakpointhook, hooks::audit, hooks::addaudithook,
        hooks::settrace, hooks::gettrace, hooks::setprofile, hooks::getprofile, hooks::_settraceallthreads, hooks::_setprofileallthreads,
    ),
    exec = exec,
}

fn exec(vm: &Vm, m: &Ref<Module>) -> R<()> {
    attributes::add(vm, m)?;
    infos::add(vm, m)?;
    m.set("monitoring", taipan_runtime::types::module::from_def(vm, &monitoring::MODULE)?.into_value());
    hooks::add(vm, m)
}
