//! Numbers that the system's headers define.

use taipan_runtime::core::{R, Ref};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::list;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::str;
use taipan_runtime::vm::Vm;

macro_rules! libc_constants {
    ($m:expr, $($name:ident)*) => {$( $m.set(stringify!($name), libc::$name as i64); )*};
}

/// Names for `sysconf`.
pub(super) static SYSCONF: &[(&str, i32)] = &[
    ("SC_ARG_MAX", libc::_SC_ARG_MAX), ("SC_CHILD_MAX", libc::_SC_CHILD_MAX), ("SC_CLK_TCK", libc::_SC_CLK_TCK),
    ("SC_NGROUPS_MAX", libc::_SC_NGROUPS_MAX), ("SC_OPEN_MAX", libc::_SC_OPEN_MAX), ("SC_PAGESIZE", libc::_SC_PAGESIZE),
    ("SC_PAGE_SIZE", libc::_SC_PAGESIZE), ("SC_NPROCESSORS_CONF", libc::_SC_NPROCESSORS_CONF),
    ("SC_NPROCESSORS_ONLN", libc::_SC_NPROCESSORS_ONLN), ("SC_PHYS_PAGES", libc::_SC_PHYS_PAGES),
    ("SC_AVPHYS_PAGES", libc::_SC_AVPHYS_PAGES), ("SC_IOV_MAX", libc::_SC_IOV_MAX), ("SC_SEM_NSEMS_MAX", libc::_SC_SEM_NSEMS_MAX),
    ("SC_HOST_NAME_MAX", libc::_SC_HOST_NAME_MAX), ("SC_GETPW_R_SIZE_MAX", libc::_SC_GETPW_R_SIZE_MAX),
];

pub(super) fn add(_vm: &Vm, m: &Ref<Module>) -> R<()> {
    libc_constants!(m,
        O_RDONLY O_WRONLY O_RDWR O_APPEND O_CREAT O_EXCL O_TRUNC O_NONBLOCK O_NDELAY O_NOCTTY O_SYNC O_DSYNC O_RSYNC O_CLOEXEC
        O_DIRECTORY O_NOFOLLOW O_ASYNC O_DIRECT O_LARGEFILE O_NOATIME O_PATH O_TMPFILE O_ACCMODE
        F_OK R_OK W_OK X_OK SEEK_DATA SEEK_HOLE
        WNOHANG WUNTRACED WCONTINUED WEXITED WSTOPPED WNOWAIT P_PID P_PGID P_ALL P_PIDFD CLD_EXITED CLD_KILLED CLD_DUMPED CLD_TRAPPED
        CLD_STOPPED CLD_CONTINUED
        PRIO_PROCESS PRIO_PGRP PRIO_USER SCHED_OTHER SCHED_FIFO SCHED_RR SCHED_BATCH SCHED_IDLE
        RTLD_LAZY RTLD_NOW RTLD_GLOBAL RTLD_LOCAL RTLD_NODELETE RTLD_NOLOAD RTLD_DEEPBIND
        GRND_RANDOM GRND_NONBLOCK MFD_CLOEXEC MFD_ALLOW_SEALING MFD_HUGETLB EFD_CLOEXEC EFD_NONBLOCK EFD_SEMAPHORE
        ST_RDONLY ST_NOSUID ST_NODEV ST_NOEXEC ST_SYNCHRONOUS ST_MANDLOCK ST_WRITE ST_APPEND ST_NOATIME ST_NODIRATIME ST_RELATIME
        POSIX_FADV_NORMAL POSIX_FADV_SEQUENTIAL POSIX_FADV_RANDOM POSIX_FADV_NOREUSE POSIX_FADV_WILLNEED POSIX_FADV_DONTNEED
        F_LOCK F_TLOCK F_ULOCK F_TEST
    );
    m.set("EX_OK", 0);
    const SYSEXITS: [&str; 15] = [
        "EX_USAGE", "EX_DATAERR", "EX_NOINPUT", "EX_NOUSER", "EX_NOHOST", "EX_UNAVAILABLE", "EX_SOFTWARE", "EX_OSERR", "EX_OSFILE",
        "EX_CANTCREAT", "EX_IOERR", "EX_TEMPFAIL", "EX_PROTOCOL", "EX_NOPERM", "EX_CONFIG",
    ];
    for (i, name) in SYSEXITS.iter().enumerate() {
        m.set(name, 64 + i);
    }
    m.set("NGROUPS_MAX", 65536);
    m.set("TMP_MAX", 238_328);
    m.set("PIDFD_NONBLOCK", i64::from(libc::O_NONBLOCK));
    let names = Ref::new(Dict::new());
    for (k, n) in SYSCONF {
        names.set_str(k, *n);
    }
    m.set("sysconf_names", names);
    m.set("pathconf_names", Ref::new(Dict::new()));
    m.set("confstr_names", Ref::new(Dict::new()));
    const HAVE: &[&str] = &[
        "HAVE_FACCESSAT", "HAVE_FCHDIR", "HAVE_FCHMOD", "HAVE_FCHMODAT", "HAVE_FCHOWN", "HAVE_FCHOWNAT", "HAVE_FDOPENDIR",
        "HAVE_FEXECVE", "HAVE_FSTATAT", "HAVE_FSTATVFS", "HAVE_FTRUNCATE", "HAVE_FUTIMENS", "HAVE_LINKAT", "HAVE_LCHOWN", "HAVE_LSTAT",
        "HAVE_MKDIRAT", "HAVE_MKFIFOAT", "HAVE_MKNODAT", "HAVE_OPENAT", "HAVE_READLINKAT", "HAVE_RENAMEAT", "HAVE_SYMLINKAT",
        "HAVE_UNLINKAT", "HAVE_UTIMENSAT", "HAVE_LUTIMES",
    ];
    m.set("_have_functions", list::from_vec(HAVE.iter().map(|n| str::from_str(n)).collect()));
    Ok(())
}
