//! Numbers that the system's headers define.

use taipan_runtime::core::{R, Ref};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::list;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::str;
use taipan_runtime::vm::Vm;

use super::config;

macro_rules! libc_constants {
    ($m:expr, $($name:ident)*) => {$( $m.set(stringify!($name), libc::$name as i64); )*};
}

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
    libc_constants!(m,
        CLONE_FILES CLONE_FS CLONE_NEWCGROUP CLONE_NEWIPC CLONE_NEWNET CLONE_NEWNS CLONE_NEWPID CLONE_NEWUSER CLONE_NEWUTS
        CLONE_SIGHAND CLONE_SYSVSEM CLONE_THREAD CLONE_VM SPLICE_F_MOVE SPLICE_F_NONBLOCK SPLICE_F_MORE
        TFD_CLOEXEC TFD_NONBLOCK TFD_TIMER_ABSTIME TFD_TIMER_CANCEL_ON_SET XATTR_CREATE XATTR_REPLACE
    );
    // What the libc crate does not know.
    for (name, n) in [
        ("CLONE_NEWTIME", 0x80i64),
        ("MFD_HUGE_SHIFT", 26),
        ("MFD_HUGE_MASK", 63),
        ("O_FSYNC", 0x101000),
        ("POSIX_SPAWN_OPEN", 0),
        ("POSIX_SPAWN_CLOSE", 1),
        ("POSIX_SPAWN_DUP2", 2),
        ("POSIX_SPAWN_CLOSEFROM", 3),
        ("SCHED_RESET_ON_FORK", 0x40000000),
        ("XATTR_SIZE_MAX", 0x10000),
        ("RWF_HIPRI", 1),
        ("RWF_DSYNC", 2),
        ("RWF_SYNC", 4),
        ("RWF_NOWAIT", 8),
        ("RWF_APPEND", 16),
        ("RWF_DONTCACHE", 0x80),
        ("RWF_ATOMIC", 64),
        ("SCHED_DEADLINE", 6),
        ("MFD_HUGE_16GB", 0x88000000),
        ("MFD_HUGE_16MB", 0x60000000),
        ("MFD_HUGE_1GB", 0x78000000),
        ("MFD_HUGE_1MB", 0x50000000),
        ("MFD_HUGE_256MB", 0x70000000),
        ("MFD_HUGE_2GB", 0x7c000000),
        ("MFD_HUGE_2MB", 0x54000000),
        ("MFD_HUGE_32MB", 0x64000000),
        ("MFD_HUGE_512KB", 0x4c000000),
        ("MFD_HUGE_512MB", 0x74000000),
        ("MFD_HUGE_64KB", 0x40000000),
        ("MFD_HUGE_8MB", 0x5c000000),
    ] {
        m.set(name, n);
    }
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
    for (table, numbers) in [
        ("sysconf_names", config::SYSCONF),
        ("pathconf_names", config::PATHCONF),
        ("confstr_names", config::CONFSTR),
    ] {
        let names = Ref::new(Dict::new());
        for (k, n) in numbers {
            names.set_str(k, *n);
        }
        m.set(table, names);
    }
    const HAVE: &[&str] = &[
        "HAVE_EVENTFD", "HAVE_TIMERFD_CREATE", "HAVE_FACCESSAT", "HAVE_FCHDIR", "HAVE_FCHMOD", "HAVE_FCHMODAT",
        "HAVE_FCHOWN", "HAVE_FCHOWNAT", "HAVE_FEXECVE", "HAVE_FDOPENDIR", "HAVE_FPATHCONF", "HAVE_FSTATAT",
        "HAVE_FSTATVFS", "HAVE_FTRUNCATE", "HAVE_FUTIMENS", "HAVE_FUTIMES", "HAVE_FUTIMESAT", "HAVE_LINKAT",
        "HAVE_LCHOWN", "HAVE_LSTAT", "HAVE_LUTIMES", "HAVE_MEMFD_CREATE", "HAVE_MKDIRAT", "HAVE_MKFIFOAT",
        "HAVE_MKNODAT", "HAVE_OPENAT", "HAVE_READLINKAT", "HAVE_RENAMEAT", "HAVE_SYMLINKAT", "HAVE_UNLINKAT",
        "HAVE_UTIMENSAT", "HAVE_PTSNAME_R",
    ];
    m.set("_have_functions", list::from_vec(HAVE.iter().map(|n| str::from_str(n)).collect()));
    Ok(())
}
