//! `syslog`: the system's log.

use std::ffi::CString;
use std::sync::atomic::{AtomicBool, Ordering};

use taipan_macros::{function, module};
use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::list::List;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::str::{self, Str};
use taipan_runtime::types::int;
use taipan_runtime::vm::Vm;

use crate::util::audit;

module! {
    /// Routines of the Unix syslog library.
    name = "syslog",
    functions(openlog, syslog, closelog, setlogmask, LOG_MASK, LOG_UPTO),
    exec = exec,
}

/// Whether the process has opened the log.
static OPEN: AtomicBool = AtomicBool::new(false);

const NUMBERS: &[(&str, i32)] = &[
    ("LOG_EMERG", libc::LOG_EMERG),
    ("LOG_ALERT", libc::LOG_ALERT),
    ("LOG_CRIT", libc::LOG_CRIT),
    ("LOG_ERR", libc::LOG_ERR),
    ("LOG_WARNING", libc::LOG_WARNING),
    ("LOG_NOTICE", libc::LOG_NOTICE),
    ("LOG_INFO", libc::LOG_INFO),
    ("LOG_DEBUG", libc::LOG_DEBUG),
    ("LOG_PID", libc::LOG_PID),
    ("LOG_CONS", libc::LOG_CONS),
    ("LOG_NDELAY", libc::LOG_NDELAY),
    ("LOG_ODELAY", libc::LOG_ODELAY),
    ("LOG_NOWAIT", libc::LOG_NOWAIT),
    ("LOG_PERROR", libc::LOG_PERROR),
    ("LOG_KERN", libc::LOG_KERN),
    ("LOG_USER", libc::LOG_USER),
    ("LOG_MAIL", libc::LOG_MAIL),
    ("LOG_DAEMON", libc::LOG_DAEMON),
    ("LOG_AUTH", libc::LOG_AUTH),
    ("LOG_LPR", libc::LOG_LPR),
    ("LOG_LOCAL0", libc::LOG_LOCAL0),
    ("LOG_LOCAL1", libc::LOG_LOCAL1),
    ("LOG_LOCAL2", libc::LOG_LOCAL2),
    ("LOG_LOCAL3", libc::LOG_LOCAL3),
    ("LOG_LOCAL4", libc::LOG_LOCAL4),
    ("LOG_LOCAL5", libc::LOG_LOCAL5),
    ("LOG_LOCAL6", libc::LOG_LOCAL6),
    ("LOG_LOCAL7", libc::LOG_LOCAL7),
    ("LOG_SYSLOG", libc::LOG_SYSLOG),
    ("LOG_CRON", libc::LOG_CRON),
    ("LOG_UUCP", libc::LOG_UUCP),
    ("LOG_NEWS", libc::LOG_NEWS),
    ("LOG_AUTHPRIV", libc::LOG_AUTHPRIV),
    ("LOG_FTP", libc::LOG_FTP),
];

fn exec(_vm: &Vm, m: &Ref<Module>) -> R<()> {
    for &(name, n) in NUMBERS {
        m.set(name, n);
    }
    Ok(())
}

/// The text as the C library takes it.
fn c_string(vm: &Vm, text: &Str) -> R<CString> {
    let bytes = match text.to_utf8_opt() {
        Some(t) => t.into_owned().into_bytes(),
        None => {
            let at = text.iter().position(|c| (0xd800..0xe000).contains(&c)).unwrap_or(0);
            return Err(vm.unicode_encode_error("utf-8", text, at, at + 1, "surrogates not allowed"));
        }
    };
    CString::new(bytes).map_err(|_| vm.value_error("embedded null character"))
}

/// The last part of `sys.argv[0]`.
fn program(vm: &Vm) -> Option<Value> {
    let argv = vm.interp().sys().get_str("argv")?;
    let first = argv.downcast::<List>()?.to_vec().into_iter().next()?;
    let name = first.downcast::<Str>()?.to_utf8_opt()?.into_owned();
    let last = name.rsplit('/').next().unwrap_or(&name);
    (!last.is_empty()).then(|| str::from_str(last))
}

fn open(vm: &Vm, ident: Option<&Value>, logoption: i64, facility: i64) -> R<()> {
    if !vm.interp().is_main() {
        return Err(vm.runtime_error("subinterpreter can't use syslog.openlog()"));
    }
    let ident = match ident {
        Some(ident) => Some(ident.clone()),
        None => program(vm),
    };
    let name = ident.as_ref().and_then(|i| i.downcast::<Str>()).map(|s| c_string(vm, s)).transpose()?;
    audit(vm, "syslog.openlog", &[ident.unwrap_or(Value::NONE), Value::from(logoption), Value::from(facility)])?;
    taipan_host::syslog::open(name, logoption as i32, facility as i32);
    OPEN.store(true, Ordering::Release);
    Ok(())
}

/// Set logging options of subsequent syslog() calls.
#[function(sig = "(ident=<unrepresentable>, logoption=0, facility=LOG_USER)")]
fn openlog(vm: &Vm, ident: Option<&Value>, logoption: Option<i64>, facility: Option<i64>) -> R<()> {
    if let Some(i) = ident
        && i.downcast::<Str>().is_none()
    {
        return Err(vm.type_error(format!("openlog() argument 1 must be str, not {}", i.ty().tp_name())));
    }
    open(vm, ident, logoption.unwrap_or(0), facility.unwrap_or(i64::from(libc::LOG_USER)))
}

/// Send the string message to the system logger, with a priority that may stand before it.
#[function(sig = "(*args)")]
fn syslog(vm: &Vm, args: &[Value]) -> R<()> {
    let (priority, message) = match args {
        [message] => (i64::from(libc::LOG_INFO), message),
        [priority, message] => (int::to_i64(vm, priority)?, message),
        _ => return Err(vm.type_error("syslog.syslog requires 1 to 2 arguments")),
    };
    let Some(text) = message.downcast::<Str>() else {
        return Err(vm.type_error(format!("syslog() argument must be str, not {}", message.ty().tp_name())));
    };
    audit(vm, "syslog.syslog", &[Value::from(priority), message.clone()])?;
    if !OPEN.load(Ordering::Acquire) {
        if !vm.interp().is_main() {
            return Err(vm.runtime_error("subinterpreter can't use syslog.syslog() until the syslog is opened by the main interpreter"));
        }
        open(vm, None, 0, i64::from(libc::LOG_USER))?;
    }
    let text = c_string(vm, text)?;
    vm.allow_threads(|| taipan_host::syslog::write(priority as i32, &text));
    Ok(())
}

/// Reset the syslog module values and call the system library closelog().
#[function]
fn closelog(vm: &Vm) -> R<()> {
    if !vm.interp().is_main() {
        return Err(vm.runtime_error("sub-interpreter can't use syslog.closelog()"));
    }
    if OPEN.load(Ordering::Acquire) {
        audit(vm, "syslog.closelog", &[])?;
        taipan_host::syslog::close();
        OPEN.store(false, Ordering::Release);
    }
    Ok(())
}

/// Set the priority mask to maskpri and return the previous mask value.
#[function(sig = "(maskpri, /)")]
fn setlogmask(vm: &Vm, maskpri: i64) -> R<i32> {
    audit(vm, "syslog.setlogmask", &[Value::from(maskpri)])?;
    Ok(taipan_host::syslog::set_mask(maskpri as i32))
}

/// Calculates the mask for the individual priority pri.
#[function(sig = "(pri, /)")]
#[expect(non_snake_case, reason = "named as in Python")]
fn LOG_MASK(_vm: &Vm, pri: i64) -> i64 {
    1i64.checked_shl(pri as u32).unwrap_or(0)
}

/// Calculates the mask for all priorities up to and including pri.
#[function(sig = "(pri, /)")]
#[expect(non_snake_case, reason = "named as in Python")]
fn LOG_UPTO(_vm: &Vm, pri: i64) -> i64 {
    1i64.checked_shl((pri as u32).wrapping_add(1)).unwrap_or(0).wrapping_sub(1)
}
