//! `posix`: the operating system, as `os` shows it.

mod constants;
mod dirs;
mod files;
mod paths;
mod processes;
mod stat;
mod system;

pub use processes::id;
pub use paths::{PathArg, decode as fs_decode, encode as fs_encode, fspath_value, path_arg};

use taipan_macros::module;
use taipan_runtime::core::{R, Ref};
use taipan_runtime::native::TypeDef;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::module::Module;
use taipan_runtime::types::{bytes, exceptions};
use taipan_runtime::vm::Vm;

/// The classes of this module.
pub const TYPES: &[&TypeDef] = &[dirs::ScandirIterator::DEF, dirs::DirEntry::DEF];

module! {
    /// This module provides access to operating system functionality that is standardized by the C Standard and the
    /// POSIX standard.
    name = "posix",
    functions(
        paths::fspath, paths::_path_normpath, paths::_path_splitroot_ex,
        stat::stat, stat::lstat, stat::fstat, stat::access, stat::chmod, stat::fchmod, stat::lchmod, stat::chown, stat::fchown,
        stat::lchown, stat::utime, stat::statvfs, stat::fstatvfs, stat::umask,
        dirs::listdir, dirs::scandir, dirs::mkdir, dirs::rmdir, dirs::chdir, dirs::fchdir, dirs::getcwd, dirs::getcwdb, dirs::chroot,
        dirs::unlink, dirs::remove, dirs::rename, dirs::replace, dirs::link, dirs::symlink, dirs::readlink, dirs::mkfifo, dirs::mknod,
        dirs::truncate, dirs::major, dirs::minor, dirs::makedev, dirs::_path_exists, dirs::_path_isdir, dirs::_path_isfile,
        dirs::_path_islink, dirs::_path_lexists, dirs::sync,
        files::open, files::close, files::closerange, files::read, files::write, files::pread, files::pwrite, files::readinto, files::lseek, files::dup,
        files::dup2, files::pipe, files::pipe2, files::fsync, files::fdatasync, files::ftruncate, files::isatty,
        files::get_inheritable, files::set_inheritable, files::get_blocking, files::set_blocking, files::sendfile,
        files::ttyname, files::get_terminal_size, files::openpty, files::memfd_create, files::eventfd, files::lockf, files::posix_fadvise,
        files::posix_fallocate, files::copy_file_range,
        processes::_exit, processes::abort, processes::getpid, processes::getppid, processes::getuid, processes::geteuid,
        processes::getgid, processes::getegid, processes::getpgrp, processes::getpgid, processes::getsid, processes::setsid,
        processes::setpgid, processes::kill, processes::killpg, processes::waitpid, processes::wait, processes::wait3, processes::wait4,
        processes::WIFEXITED, processes::WEXITSTATUS, processes::WIFSIGNALED, processes::WTERMSIG, processes::WIFSTOPPED,
        processes::WSTOPSIG, processes::WCOREDUMP, processes::WIFCONTINUED, processes::waitstatus_to_exitcode, processes::fork,
        processes::execv, processes::execve, processes::system, processes::nice, processes::getpriority, processes::setpriority,
        processes::getgroups, processes::getlogin, processes::register_at_fork, processes::pidfd_open, processes::times,
        processes::setuid, processes::setgid,
        system::urandom, system::getrandom, system::uname, system::strerror, system::cpu_count, system::sched_getaffinity,
        system::sched_yield, system::getloadavg, system::sysconf, system::putenv, system::unsetenv, system::device_encoding,
        system::_get_cpu_count, system::_inputhook, system::_is_inputhook_installed,
    ),
    exec = exec,
}

fn exec(vm: &Vm, m: &Ref<Module>) -> R<()> {
    let env = Ref::new(Dict::new());
    for (k, v) in taipan_host::env::all() {
        env.set(vm, bytes::from_slice(&k).into_value(), bytes::from_slice(&v).into_value())?;
    }
    m.set("environ", env);
    m.set("error", exceptions::OS_ERROR.value());
    constants::add(vm, m)?;
    stat::add_types(vm, m)?;
    system::add_types(vm, m)
}
