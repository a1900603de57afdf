//! The numbers of signals and timers.

use taipan_runtime::core::Ref;
use taipan_runtime::types::module::Module;

macro_rules! numbers {
    ($($name:ident)*) => {
        &[$((stringify!($name), libc::$name as i32)),*]
    };
}

/// Names with their numbers.
pub const NUMBERS: &[(&str, i32)] = numbers! {
    SIG_BLOCK SIG_UNBLOCK SIG_SETMASK
    SIGABRT SIGALRM SIGBUS SIGCHLD SIGCONT SIGFPE SIGHUP SIGILL SIGINT SIGIO SIGKILL SIGPIPE SIGPOLL SIGPROF SIGPWR
    SIGQUIT SIGSEGV SIGSTKFLT SIGSTOP SIGSYS SIGTERM SIGTRAP SIGTSTP SIGTTIN SIGTTOU SIGURG SIGUSR1 SIGUSR2 SIGVTALRM
    SIGWINCH SIGXCPU SIGXFSZ
    ITIMER_REAL ITIMER_VIRTUAL ITIMER_PROF
};

/// Sets them all.
pub fn add(m: &Ref<Module>) {
    for (name, n) in NUMBERS {
        m.set(name, *n);
    }
    m.set("SIG_DFL", libc::SIG_DFL as i32);
    m.set("SIG_IGN", libc::SIG_IGN as i32);
    m.set("NSIG", taipan_host::signal::COUNT);
    m.set("SIGCLD", libc::SIGCHLD);
    m.set("SIGIOT", libc::SIGABRT);
    let (first, last) = taipan_host::signal::real_time_range();
    m.set("SIGRTMIN", first);
    m.set("SIGRTMAX", last);
}
