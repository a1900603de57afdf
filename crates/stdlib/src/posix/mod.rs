//! `posix`: the operating system, as `os` shows it.

mod config;
mod constants;
mod dirs;
mod files;
pub mod fork;
mod ids;
pub(crate) mod paths;
mod processes;
mod scandir;
mod sched;
mod spawn;
mod stat;
mod system;
mod timers;
mod tty;
mod vectors;
mod xattr;

pub use ids::id;
pub use paths::{PathArg, decode as fs_decode, encode as fs_encode, fspath_value, path_arg};

use taipan_macros::module;
use taipan_runtime::core::{R, Ref};
use taipan_runtime::native::TypeDef;
use taipan_runtime::types::exceptions;
use taipan_runtime::types::module::Module;
use taipan_runtime::vm::Vm;

/// The classes of this module.
pub const TYPES: &[&TypeDef] = &[scandir::ScandirIterator::DEF, scandir::DirEntry::DEF];

module! {
    /// This module provides access to operating system functionality that is standardized by the C Standard and the
    /// POSIX standard (a thinly disguised Unix interface). Refer to the library manual and corresponding Unix manual
    /// entries for more information on calls.
    name = "posix",
    functions(
        paths::fspath, paths::_path_normpath, paths::_path_splitroot_ex,
        stat::stat, stat::lstat, stat::fstat, stat::access, stat::chmod, stat::fchmod, stat::chown, stat::fchown,
        stat::lchown, stat::utime, stat::statvfs, stat::fstatvfs, stat::umask,
        scandir::listdir, scandir::scandir,
        dirs::mkdir, dirs::rmdir, dirs::chdir, dirs::fchdir, dirs::getcwd, dirs::getcwdb, dirs::chroot,
        dirs::unlink, dirs::remove, dirs::rename, dirs::replace, dirs::link, dirs::symlink, dirs::readlink, dirs::mkfifo, dirs::mknod,
        dirs::truncate, dirs::major, dirs::minor, dirs::makedev, dirs::sync,
        files::open, files::close, files::closerange, files::read, files::write, files::pread, files::pwrite, files::readinto,
        files::lseek, files::dup, files::dup2, files::pipe, files::pipe2, files::fsync, files::fdatasync, files::ftruncate,
        files::get_inheritable, files::set_inheritable, files::get_blocking, files::set_blocking, files::memfd_create, files::lockf,
        files::posix_fadvise, files::posix_fallocate,
        vectors::readv, vectors::writev, vectors::preadv, vectors::pwritev, vectors::sendfile, vectors::copy_file_range,
        vectors::splice,
        xattr::getxattr, xattr::setxattr, xattr::removexattr, xattr::listxattr,
        timers::eventfd, timers::eventfd_read, timers::eventfd_write, timers::timerfd_create, timers::timerfd_settime,
        timers::timerfd_settime_ns, timers::timerfd_gettime, timers::timerfd_gettime_ns,
        tty::isatty, tty::ttyname, tty::ctermid, tty::get_terminal_size, tty::openpty, tty::posix_openpt, tty::grantpt, tty::unlockpt,
        tty::ptsname, tty::login_tty, tty::tcgetpgrp, tty::tcsetpgrp, tty::getlogin, tty::device_encoding,
        processes::_exit, processes::abort, processes::getpid, processes::getppid, processes::getpgrp, processes::getpgid,
        processes::getsid, processes::setsid, processes::setpgid, processes::setpgrp, processes::kill, processes::killpg,
        processes::waitpid, processes::wait, processes::wait3, processes::wait4, processes::waitid, processes::WIFEXITED,
        processes::WEXITSTATUS, processes::WIFSIGNALED, processes::WTERMSIG, processes::WIFSTOPPED, processes::WSTOPSIG,
        processes::WCOREDUMP, processes::WIFCONTINUED, processes::waitstatus_to_exitcode, processes::nice, processes::getpriority,
        processes::setpriority, processes::pidfd_open, processes::setns, processes::unshare, processes::times,
        ids::getuid, ids::geteuid, ids::getgid, ids::getegid, ids::setuid, ids::seteuid, ids::setgid, ids::setegid, ids::setreuid,
        ids::setregid, ids::setresuid, ids::setresgid, ids::getresuid, ids::getresgid, ids::getgroups, ids::setgroups,
        ids::getgrouplist, ids::initgroups,
        fork::register_at_fork, fork::fork, fork::forkpty,
        spawn::execv, spawn::execve, spawn::system, spawn::posix_spawn, spawn::posix_spawnp,
        sched::sched_get_priority_max, sched::sched_get_priority_min, sched::sched_getscheduler, sched::sched_setscheduler,
        sched::sched_getparam, sched::sched_setparam, sched::sched_rr_get_interval, sched::sched_yield, sched::sched_getaffinity,
        sched::sched_setaffinity, sched::cpu_count,
        config::sysconf, config::pathconf, config::fpathconf, config::confstr,
        system::urandom, system::getrandom, system::uname, system::strerror, system::getloadavg, system::putenv, system::unsetenv,
        system::_create_environ, system::_inputhook, system::_is_inputhook_installed,
    ),
    exec = exec,
}

fn exec(vm: &Vm, m: &Ref<Module>) -> R<()> {
    m.set("environ", system::environment(vm)?);
    m.set("error", exceptions::OS_ERROR.value());
    m.set("DirEntry", <scandir::DirEntry as taipan_runtime::core::Payload>::TYPE.value());
    constants::add(vm, m)?;
    stat::add_types(vm, m)?;
    sched::add_types(vm, m)?;
    processes::add_types(vm, m)?;
    system::add_types(vm, m)
}
