//! Signals: a handler that only notes that one came, masks, waiting, timers.
//!
//! The handler sets a bit for the signal, writes the signal's number to the wake-up descriptor
//! where there is one, and sets bits in a word that the interpreter's loop reads. Python's own
//! handlers run later, when the loop asks [`take_pending`].

use crate::{Errno, Result, check};
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, AtomicU32, AtomicU64, Ordering};

/// One more than the greatest signal, `signal.NSIG`.
pub const COUNT: i32 = 65;

/// Bit `n - 1` is set when signal `n` came.
static PENDING: AtomicU64 = AtomicU64::new(0);
static WAKEUP: AtomicI32 = AtomicI32::new(-1);
/// An `errno` of a failed write to the wake-up descriptor, 0 where there was none.
static WAKEUP_ERROR: AtomicI32 = AtomicI32::new(0);
static WARN_ON_FULL: AtomicBool = AtomicBool::new(true);
static NOTICE: AtomicPtr<AtomicU32> = AtomicPtr::new(std::ptr::null_mut());
static NOTICE_BITS: AtomicU32 = AtomicU32::new(0);
/// Handlers that are just using `NOTICE`.
static NOTICING: AtomicU32 = AtomicU32::new(0);

fn valid(signal: i32) -> Result<()> {
    if (1..COUNT).contains(&signal) {
        Ok(())
    } else {
        Err(Errno(libc::EINVAL))
    }
}

/// The handler. Everything in it is allowed in one: atomics and `write`; `errno` is kept.
extern "C" fn note(signal: libc::c_int) {
    let kept = Errno::last();
    PENDING.fetch_or(1 << ((signal - 1) & 63), Ordering::SeqCst);
    NOTICING.fetch_add(1, Ordering::SeqCst);
    let notice = NOTICE.load(Ordering::SeqCst);
    if !notice.is_null() {
        // SAFETY: the word lives until `forget_notice`, which waits for us.
        unsafe { (*notice).fetch_or(NOTICE_BITS.load(Ordering::SeqCst), Ordering::SeqCst) };
    }
    NOTICING.fetch_sub(1, Ordering::SeqCst);
    let fd = WAKEUP.load(Ordering::SeqCst);
    if fd >= 0 {
        let byte = signal as u8;
        // SAFETY: writes one byte that is there; `write` may be called from a handler.
        let n = unsafe { libc::write(fd, (&raw const byte).cast(), 1) };
        if n < 0 {
            let error = Errno::last().0;
            let full = error == libc::EAGAIN || error == libc::EWOULDBLOCK;
            if !full || WARN_ON_FULL.load(Ordering::SeqCst) {
                WAKEUP_ERROR.store(error, Ordering::SeqCst);
            }
        }
    }
    kept.set_last();
}

/// What happens when a signal comes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Disposition {
    /// The system's default action.
    Default,
    /// Nothing.
    Ignore,
    /// It is noted for [`take_pending`].
    Note,
    /// A handler that something else installed.
    Foreign,
}

/// Says what happens when a signal comes; returns what happened before. `Foreign` gives `EINVAL`.
/// System calls are interrupted, not started again.
pub fn install(signal: i32, disposition: Disposition) -> Result<Disposition> {
    valid(signal)?;
    // SAFETY: numbers, a set and pointers that may be null.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = match disposition {
        Disposition::Default => libc::SIG_DFL,
        Disposition::Ignore => libc::SIG_IGN,
        Disposition::Note => note as extern "C" fn(libc::c_int) as libc::sighandler_t,
        Disposition::Foreign => return Err(Errno(libc::EINVAL)),
    };
    // A thread whose stack is used up must still be able to take a signal.
    action.sa_flags = libc::SA_ONSTACK;
    // SAFETY: there to be written.
    unsafe { libc::sigemptyset(&mut action.sa_mask) };
    let mut old = MaybeUninit::uninit();
    // SAFETY: the action is complete; the old one is there to be written.
    check(unsafe { libc::sigaction(signal, &action, old.as_mut_ptr()) })?;
    // SAFETY: the call has succeeded and written it.
    Ok(disposition_of(&unsafe { old.assume_init() }))
}

fn disposition_of(action: &libc::sigaction) -> Disposition {
    match action.sa_sigaction {
        libc::SIG_DFL => Disposition::Default,
        libc::SIG_IGN => Disposition::Ignore,
        h if h == note as extern "C" fn(libc::c_int) as libc::sighandler_t => Disposition::Note,
        _ => Disposition::Foreign,
    }
}

/// What happens when a signal comes.
pub fn current(signal: i32) -> Result<Disposition> {
    valid(signal)?;
    let mut old = MaybeUninit::uninit();
    // SAFETY: asks only; the old action is there to be written.
    check(unsafe { libc::sigaction(signal, std::ptr::null(), old.as_mut_ptr()) })?;
    // SAFETY: the call has succeeded and written it.
    Ok(disposition_of(&unsafe { old.assume_init() }))
}

/// An action that [`install_immediate`] has replaced.
pub struct Saved(libc::sigaction);

/// Installs a handler that runs in the signal itself, whatever the thread is doing. It may do what
/// handlers may. With `restart` system calls go on behind it.
pub fn install_immediate(signal: i32, handler: extern "C" fn(libc::c_int), restart: bool) -> Result<Saved> {
    valid(signal)?;
    // SAFETY: numbers, a set and pointers that may be null.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = handler as libc::sighandler_t;
    // The same signal may come again inside the handler, which raises it to end the process.
    action.sa_flags = libc::SA_ONSTACK | libc::SA_NODEFER | if restart { libc::SA_RESTART } else { 0 };
    // SAFETY: there to be written.
    unsafe { libc::sigemptyset(&mut action.sa_mask) };
    let mut old = MaybeUninit::uninit();
    // SAFETY: the action is complete; the old one is there to be written.
    check(unsafe { libc::sigaction(signal, &action, old.as_mut_ptr()) })?;
    // SAFETY: the call has succeeded and written it.
    Ok(Saved(unsafe { old.assume_init() }))
}

/// Puts an old action back. May be called in a handler.
pub fn put_saved(signal: i32, saved: &Saved) {
    // SAFETY: an action that was in force.
    unsafe { libc::sigaction(signal, &saved.0, std::ptr::null_mut()) };
}

/// Whether system calls that the signal interrupts fail (`true`) or are started again.
pub fn interrupts(signal: i32, interrupt: bool) -> Result<()> {
    valid(signal)?;
    let mut action = MaybeUninit::<libc::sigaction>::uninit();
    // SAFETY: asks only; the action is there to be written.
    check(unsafe { libc::sigaction(signal, std::ptr::null(), action.as_mut_ptr()) })?;
    // SAFETY: the call has succeeded and written it.
    let mut action = unsafe { action.assume_init() };
    if interrupt {
        action.sa_flags &= !libc::SA_RESTART;
    } else {
        action.sa_flags |= libc::SA_RESTART;
    }
    // SAFETY: an action that was in force but for one flag.
    check(unsafe { libc::sigaction(signal, &action, std::ptr::null_mut()) }).map(drop)
}

/// The word in which a signal sets `bits`, so that the interpreter's loop looks up.
///
/// # Safety
/// The word lives until [`forget_notice`] was called with it.
pub unsafe fn set_notice(word: *const AtomicU32, bits: u32) {
    NOTICE_BITS.store(bits, Ordering::SeqCst);
    NOTICE.store(word.cast_mut(), Ordering::SeqCst);
}

/// Ends [`set_notice`], if it is this word that signals change.
pub fn forget_notice(word: *const AtomicU32) {
    let none = std::ptr::null_mut();
    let mine = NOTICE.compare_exchange(word.cast_mut(), none, Ordering::SeqCst, Ordering::SeqCst);
    if mine.is_ok() {
        // A handler interrupts this thread or runs in another one, and is short.
        while NOTICING.load(Ordering::SeqCst) != 0 {
            std::hint::spin_loop();
        }
    }
}

/// Whether a signal is noted.
#[inline]
pub fn any_pending() -> bool {
    PENDING.load(Ordering::Relaxed) != 0
}

/// The noted signals, lowest first, and forgets them.
pub fn take_pending() -> impl Iterator<Item = i32> {
    let mut word = PENDING.swap(0, Ordering::SeqCst);
    std::iter::from_fn(move || {
        if word == 0 {
            return None;
        }
        let signal = word.trailing_zeros() as i32 + 1;
        word &= word - 1;
        Some(signal)
    })
}

/// Notes a signal as if it had come, `_thread.interrupt_main`.
pub fn simulate(signal: i32) -> Result<()> {
    valid(signal)?;
    note(signal);
    Ok(())
}

/// Notes a signal again that [`take_pending`] gave and that could not be handled.
pub fn put_back(signal: i32) {
    if valid(signal).is_ok() {
        PENDING.fetch_or(1 << (signal - 1), Ordering::SeqCst);
        NOTICING.fetch_add(1, Ordering::SeqCst);
        let notice = NOTICE.load(Ordering::SeqCst);
        if !notice.is_null() {
            // SAFETY: as in `note`.
            unsafe { (*notice).fetch_or(NOTICE_BITS.load(Ordering::SeqCst), Ordering::SeqCst) };
        }
        NOTICING.fetch_sub(1, Ordering::SeqCst);
    }
}

/// To be called in a fork's child: what the parent had not handled is not the child's.
pub fn forget_pending() {
    PENDING.store(0, Ordering::SeqCst);
}

/// Sets the descriptor that the numbers of signals are written to, -1 for none; returns the old
/// one. Without `warn_on_full` a full pipe is no error.
pub fn set_wakeup(fd: i32, warn_on_full: bool) -> i32 {
    WARN_ON_FULL.store(warn_on_full, Ordering::SeqCst);
    WAKEUP.swap(fd, Ordering::SeqCst)
}

/// The error of a failed write to the wake-up descriptor since the last question.
pub fn take_wakeup_error() -> Option<Errno> {
    let error = WAKEUP_ERROR.swap(0, Ordering::SeqCst);
    (error != 0).then_some(Errno(error))
}

/// A set of signals for the C library.
pub(crate) fn c_set(signals: &[i32]) -> Result<libc::sigset_t> {
    let mut set = MaybeUninit::uninit();
    // SAFETY: there to be initialised.
    unsafe { libc::sigemptyset(set.as_mut_ptr()) };
    // SAFETY: initialised just now.
    let mut set = unsafe { set.assume_init() };
    for &signal in signals {
        valid(signal)?;
        // SAFETY: initialised; the C library refuses its own signals, which is no harm.
        unsafe { libc::sigaddset(&mut set, signal) };
    }
    Ok(set)
}

fn members(set: &libc::sigset_t) -> Vec<i32> {
    // SAFETY: an initialised set and a valid signal.
    (1..COUNT)
        .filter(|s| unsafe { libc::sigismember(set, *s) } == 1)
        .collect()
}

/// Signals that the process can have.
pub fn valid_signals() -> Vec<i32> {
    let mut set = MaybeUninit::uninit();
    // SAFETY: there to be initialised.
    unsafe { libc::sigfillset(set.as_mut_ptr()) };
    // SAFETY: initialised just now.
    members(&unsafe { set.assume_init() })
}

/// Changes this thread's mask: `how` is `SIG_BLOCK`, `SIG_UNBLOCK` or `SIG_SETMASK`. Returns the
/// old one.
pub fn mask(how: i32, signals: &[i32]) -> Result<Vec<i32>> {
    let set = c_set(signals)?;
    let mut old = c_set(&[])?;
    // SAFETY: both sets are initialised.
    let status = unsafe { libc::pthread_sigmask(how, &set, &mut old) };
    if status == 0 {
        Ok(members(&old))
    } else {
        Err(Errno(status))
    }
}

/// Signals that came while they were blocked.
pub fn blocked_pending() -> Result<Vec<i32>> {
    let mut set = c_set(&[])?;
    // SAFETY: there to be written.
    check(unsafe { libc::sigpending(&mut set) })?;
    Ok(members(&set))
}

/// Waits for any signal that is handled; it then says `EINTR`, which is success here.
pub fn pause() {
    // SAFETY: takes nothing.
    unsafe { libc::pause() };
}

/// Waits for one of the signals, which must be blocked, and returns it.
pub fn wait(signals: &[i32]) -> Result<i32> {
    let set = c_set(signals)?;
    let mut signal = 0;
    // SAFETY: the set is initialised, the number there to be written.
    let status = unsafe { libc::sigwait(&set, &mut signal) };
    if status == 0 {
        Ok(signal)
    } else {
        Err(Errno(status))
    }
}

/// What came with a signal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SignalInfo {
    /// The signal.
    pub signal: i32,
    /// `si_code`.
    pub code: i32,
    /// `si_errno`.
    pub errno: i32,
    /// The sender.
    pub pid: i32,
    /// The sender's user.
    pub uid: u32,
    /// Exit code or signal of a child.
    pub status: i32,
    /// `si_band`.
    pub band: i64,
}

/// Waits for one of the signals, which must be blocked, up to `timeout` nanoseconds; for ever with
/// `None`. `EAGAIN` when the time is over.
pub fn wait_info(signals: &[i32], timeout: Option<i64>) -> Result<SignalInfo> {
    let set = c_set(signals)?;
    // SAFETY: a structure of numbers, for which zeros are valid.
    let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
    let signal = match timeout {
        // SAFETY: the set is initialised, the structure there to be written.
        None => check(unsafe { libc::sigwaitinfo(&set, &mut info) })?,
        Some(nanoseconds) => {
            let t = libc::timespec {
                tv_sec: nanoseconds.max(0) / 1_000_000_000,
                tv_nsec: nanoseconds.max(0) % 1_000_000_000,
            };
            // SAFETY: as above; the time is there to be read.
            check(unsafe { libc::sigtimedwait(&set, &mut info, &t) })?
        }
    };
    // SAFETY: the union's members overlap but are all numbers.
    let (pid, uid, status) = unsafe { (info.si_pid(), info.si_uid(), info.si_status()) };
    let (code, errno) = (info.si_code, info.si_errno);
    // The band, a long, lies where the sender and its user do.
    let band = i64::from(uid) << 32 | i64::from(pid as u32);
    Ok(SignalInfo {
        signal,
        code,
        errno,
        pid,
        uid,
        status,
        band,
    })
}

/// Sends a signal to this thread.
pub fn raise(signal: i32) -> Result<()> {
    // SAFETY: takes a number only.
    check(unsafe { libc::raise(signal) }).map(drop)
}

/// Sends a signal to a thread of this process.
pub fn send_to_thread(thread: u64, signal: i32) -> Result<()> {
    // SAFETY: as in CPython, the thread must be one that lives; the C library cannot check it.
    let status = unsafe { libc::pthread_kill(thread as libc::pthread_t, signal) };
    if status == 0 {
        Ok(())
    } else {
        Err(Errno(status))
    }
}

/// This thread, as [`send_to_thread`] names it.
pub fn this_thread() -> u64 {
    // SAFETY: takes nothing.
    unsafe { libc::pthread_self() as u64 }
}

/// `SIGALRM` after so many seconds, 0 for none; returns what was left of the last one.
pub fn alarm(seconds: u32) -> u32 {
    // SAFETY: takes a number only.
    unsafe { libc::alarm(seconds) }
}

fn to_timeval(seconds: f64) -> libc::timeval {
    // The cast saturates, and the kernel refuses what is too large.
    let micros = (seconds.fract() * 1e6).round() as i64;
    libc::timeval {
        tv_sec: seconds.trunc() as i64,
        tv_usec: micros.clamp(0, 999_999),
    }
}

fn from_itimerval(v: libc::itimerval) -> (f64, f64) {
    let seconds = |t: libc::timeval| t.tv_sec as f64 + t.tv_usec as f64 / 1e6;
    (seconds(v.it_value), seconds(v.it_interval))
}

fn no_timer() -> libc::itimerval {
    let zero = libc::timeval {
        tv_sec: 0,
        tv_usec: 0,
    };
    libc::itimerval {
        it_interval: zero,
        it_value: zero,
    }
}

/// Sets a timer (`ITIMER_*`): seconds to the first signal and between the next ones. Returns the
/// old setting.
pub fn set_timer(which: i32, delay: f64, interval: f64) -> Result<(f64, f64)> {
    let new = libc::itimerval {
        it_interval: to_timeval(interval),
        it_value: to_timeval(delay),
    };
    let mut old = no_timer();
    // SAFETY: one is there to be read, the other to be written.
    check(unsafe { libc::setitimer(which as _, &new, &mut old) })?;
    Ok(from_itimerval(old))
}

/// A timer's setting: seconds left, and seconds between signals.
pub fn get_timer(which: i32) -> Result<(f64, f64)> {
    let mut v = no_timer();
    // SAFETY: there to be written.
    check(unsafe { libc::getitimer(which as _, &mut v) })?;
    Ok(from_itimerval(v))
}

/// The C library's text for a signal, such as `"Interrupt"`.
pub fn describe(signal: i32) -> Option<String> {
    valid(signal).ok()?;
    // SAFETY: a valid signal; the text may be overwritten by another call, so it is copied at once.
    let text = unsafe { libc::strsignal(signal) };
    if text.is_null() {
        return None;
    }
    // SAFETY: not null, so ended by a zero.
    Some(
        unsafe { std::ffi::CStr::from_ptr(text) }
            .to_string_lossy()
            .into_owned(),
    )
}

macro_rules! names {
    ($($name:ident)*) => {
        /// The signals with their names.
        pub static NAMES: &[(i32, &str)] = &[$((libc::$name, stringify!($name)),)*];
    };
}

names! {
    SIGHUP SIGINT SIGQUIT SIGILL SIGTRAP SIGABRT SIGIOT SIGBUS SIGFPE SIGKILL SIGUSR1 SIGSEGV
    SIGUSR2 SIGPIPE SIGALRM SIGTERM SIGSTKFLT SIGCHLD SIGCONT SIGSTOP SIGTSTP SIGTTIN SIGTTOU
    SIGURG SIGXCPU SIGXFSZ SIGVTALRM SIGPROF SIGWINCH SIGIO SIGPOLL SIGPWR SIGSYS
}

/// The first and the last real-time signal.
pub fn real_time_range() -> (i32, i32) {
    (libc::SIGRTMIN(), libc::SIGRTMAX())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noted() {
        static WORD: AtomicU32 = AtomicU32::new(0);
        // SAFETY: a static.
        unsafe { set_notice(&WORD, 4) };
        let (r, w) = crate::fd::pipe(libc::O_CLOEXEC | libc::O_NONBLOCK).unwrap();
        assert_eq!(set_wakeup(w, true), -1);
        assert_eq!(
            install(libc::SIGUSR1, Disposition::Note),
            Ok(Disposition::Default)
        );
        raise(libc::SIGUSR1).unwrap();
        assert!(any_pending());
        assert_eq!(take_pending().collect::<Vec<_>>(), [libc::SIGUSR1]);
        assert_eq!(WORD.load(Ordering::SeqCst), 4);
        forget_notice(&WORD);
        let mut buffer = [0; 4];
        assert_eq!(crate::fd::read(r, &mut buffer), Ok(1));
        assert_eq!(i32::from(buffer[0]), libc::SIGUSR1);
        assert_eq!(set_wakeup(-1, true), w);
        assert_eq!(
            install(libc::SIGUSR1, Disposition::Default),
            Ok(Disposition::Note)
        );
        assert_eq!(install(0, Disposition::Note), Err(Errno(libc::EINVAL)));
        assert_eq!(
            install(libc::SIGKILL, Disposition::Note),
            Err(Errno(libc::EINVAL))
        );
    }

    #[test]
    fn masks_and_waits() {
        let old = mask(libc::SIG_BLOCK, &[libc::SIGUSR2]).unwrap();
        assert!(!old.contains(&libc::SIGUSR2));
        raise(libc::SIGUSR2).unwrap();
        assert!(blocked_pending().unwrap().contains(&libc::SIGUSR2));
        assert_eq!(wait(&[libc::SIGUSR2]), Ok(libc::SIGUSR2));
        assert_eq!(
            wait_info(&[libc::SIGUSR2], Some(1000)),
            Err(Errno(libc::EAGAIN))
        );
        mask(libc::SIG_UNBLOCK, &[libc::SIGUSR2]).unwrap();
        assert_eq!(describe(libc::SIGINT).as_deref(), Some("Interrupt"));
        assert!(valid_signals().contains(&libc::SIGTERM));
        assert_eq!(get_timer(libc::ITIMER_VIRTUAL), Ok((0.0, 0.0)));
    }
}
