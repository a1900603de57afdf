//! Starting programs without a fork of the interpreter: `posix_spawn`.

use crate::process::pointers;
use crate::{Errno, Result};
use std::ffi::{CStr, CString};
use std::mem::MaybeUninit;

/// What the new process does with its descriptors before the program starts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FileAction {
    /// Opens a file as this descriptor.
    Open {
        /// The descriptor.
        fd: i32,
        /// The file.
        path: CString,
        /// `O_*`.
        flags: i32,
        /// Permissions of a new file.
        mode: u32,
    },
    /// Closes a descriptor.
    Close(i32),
    /// Makes the second a copy of the first.
    Dup2(i32, i32),
}

/// How the new process differs from this one.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SpawnOptions {
    /// Descriptors, in order.
    pub actions: Vec<FileAction>,
    /// Its process group, 0 for a new one.
    pub group: Option<i32>,
    /// Its effective ids are the real ones.
    pub reset_ids: bool,
    /// It starts a session.
    pub new_session: bool,
    /// Signals that are blocked in it.
    pub mask: Option<Vec<i32>>,
    /// Signals that have their default action in it.
    pub defaults: Option<Vec<i32>>,
    /// Scheduling policy and priority.
    pub scheduler: Option<(Option<i32>, i32)>,
}

fn code(status: i32) -> Result<()> {
    if status == 0 {
        Ok(())
    } else {
        Err(Errno(status))
    }
}

/// Frees what `posix_spawn_file_actions_init` made.
struct Actions(libc::posix_spawn_file_actions_t);

impl Drop for Actions {
    fn drop(&mut self) {
        // SAFETY: it was initialised and is not used again.
        unsafe { libc::posix_spawn_file_actions_destroy(&mut self.0) };
    }
}

/// Frees what `posix_spawnattr_init` made.
struct Attributes(libc::posix_spawnattr_t);

impl Drop for Attributes {
    fn drop(&mut self) {
        // SAFETY: it was initialised and is not used again.
        unsafe { libc::posix_spawnattr_destroy(&mut self.0) };
    }
}

fn actions(list: &[FileAction]) -> Result<Actions> {
    let mut raw = MaybeUninit::uninit();
    // SAFETY: there to be initialised.
    code(unsafe { libc::posix_spawn_file_actions_init(raw.as_mut_ptr()) })?;
    // SAFETY: initialised just now.
    let mut out = Actions(unsafe { raw.assume_init() });
    for action in list {
        // SAFETY: initialised; paths are ended by zeros and copied or outlive the call.
        code(unsafe {
            match action {
                FileAction::Open {
                    fd,
                    path,
                    flags,
                    mode,
                } => libc::posix_spawn_file_actions_addopen(
                    &mut out.0,
                    *fd,
                    path.as_ptr(),
                    *flags,
                    *mode,
                ),
                FileAction::Close(fd) => libc::posix_spawn_file_actions_addclose(&mut out.0, *fd),
                FileAction::Dup2(from, to) => {
                    libc::posix_spawn_file_actions_adddup2(&mut out.0, *from, *to)
                }
            }
        })?;
    }
    Ok(out)
}

fn attributes(options: &SpawnOptions) -> Result<Attributes> {
    // Not in the libc crate: a GNU and musl constant.
    const SETSID: i32 = 0x80;
    let mut raw = MaybeUninit::uninit();
    // SAFETY: there to be initialised.
    code(unsafe { libc::posix_spawnattr_init(raw.as_mut_ptr()) })?;
    // SAFETY: initialised just now.
    let mut out = Attributes(unsafe { raw.assume_init() });
    let mut flags = 0;
    if let Some(group) = options.group {
        flags |= libc::POSIX_SPAWN_SETPGROUP;
        // SAFETY: initialised.
        code(unsafe { libc::posix_spawnattr_setpgroup(&mut out.0, group) })?;
    }
    if options.reset_ids {
        flags |= libc::POSIX_SPAWN_RESETIDS;
    }
    if options.new_session {
        flags |= SETSID;
    }
    if let Some(mask) = &options.mask {
        flags |= libc::POSIX_SPAWN_SETSIGMASK;
        let set = crate::signal::c_set(mask)?;
        // SAFETY: initialised, and the set is there to be read.
        code(unsafe { libc::posix_spawnattr_setsigmask(&mut out.0, &set) })?;
    }
    if let Some(defaults) = &options.defaults {
        flags |= libc::POSIX_SPAWN_SETSIGDEF;
        let set = crate::signal::c_set(defaults)?;
        // SAFETY: as above.
        code(unsafe { libc::posix_spawnattr_setsigdefault(&mut out.0, &set) })?;
    }
    if let Some((policy, priority)) = options.scheduler {
        if let Some(policy) = policy {
            flags |= libc::POSIX_SPAWN_SETSCHEDULER;
            // SAFETY: initialised.
            code(unsafe { libc::posix_spawnattr_setschedpolicy(&mut out.0, policy) })?;
        }
        flags |= libc::POSIX_SPAWN_SETSCHEDPARAM;
        // SAFETY: a structure of numbers, for which zeros are valid.
        let mut parameter: libc::sched_param = unsafe { std::mem::zeroed() };
        parameter.sched_priority = priority;
        // SAFETY: initialised, and the structure is there to be read.
        code(unsafe { libc::posix_spawnattr_setschedparam(&mut out.0, &parameter) })?;
    }
    // SAFETY: initialised.
    code(unsafe { libc::posix_spawnattr_setflags(&mut out.0, flags as _) })?;
    Ok(out)
}

/// Starts a program and returns its process's number. With `search` the program is looked for in
/// `PATH`. `environment` `None` passes the present one on.
pub fn spawn(
    path: &CStr,
    search: bool,
    arguments: &[CString],
    environment: Option<&[CString]>,
    options: &SpawnOptions,
) -> Result<i32> {
    let (actions, attributes) = (actions(&options.actions)?, attributes(options)?);
    let arguments = pointers(arguments);
    let inherited: Vec<CString>;
    let environment = match environment {
        Some(given) => given,
        None => {
            inherited = crate::env::all()
                .into_iter()
                .filter_map(|(k, v)| CString::new([k.as_slice(), b"=", v.as_slice()].concat()).ok())
                .collect();
            &inherited
        }
    };
    let environment = pointers(environment);
    let start = if search {
        libc::posix_spawnp
    } else {
        libc::posix_spawn
    };
    let mut pid = 0;
    // SAFETY: all is initialised; the lists are of texts ended by zeros and end with nulls. The
    // functions do not write to the texts, whatever their type says.
    code(unsafe {
        start(
            &mut pid,
            path.as_ptr(),
            &actions.0,
            &attributes.0,
            arguments.as_ptr().cast(),
            environment.as_ptr().cast(),
        )
    })?;
    Ok(pid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::{Status, read_status, wait};

    #[test]
    fn spawns() {
        let (r, w) = crate::fd::pipe(libc::O_CLOEXEC).unwrap();
        let options = SpawnOptions {
            actions: vec![FileAction::Dup2(w, 1)],
            mask: Some(vec![]),
            defaults: Some(vec![libc::SIGINT]),
            ..SpawnOptions::default()
        };
        let arguments = [c"sh", c"-c", c"echo $A; exit 3"].map(CStr::to_owned);
        let environment = [c"A=hi".to_owned()];
        let pid = spawn(c"/bin/sh", false, &arguments, Some(&environment), &options).unwrap();
        crate::fd::close(w).unwrap();
        let mut buffer = [0; 16];
        assert_eq!(crate::fd::read(r, &mut buffer), Ok(3));
        assert_eq!(read_status(wait(pid, 0).unwrap().1), Status::Exited(3));
        crate::fd::close(r).unwrap();
        let none = spawn(
            c"/no/such",
            false,
            &arguments,
            None,
            &SpawnOptions::default(),
        );
        assert_eq!(none, Err(Errno(libc::ENOENT)));
    }
}
