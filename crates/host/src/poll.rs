//! Waiting for descriptors.

use crate::{Result, borrow, check};
use rustix::event::epoll;
use std::os::fd::IntoRawFd as _;

/// A descriptor to wait for: asked for `events`, told `returned` (`POLL*` numbers).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C)]
pub struct PollEntry {
    /// The descriptor; a negative one is skipped.
    pub fd: i32,
    /// What is waited for.
    pub events: i16,
    /// What happened.
    pub returned: i16,
}

/// Waits up to `timeout` milliseconds, for ever where negative; returns how many are ready.
pub fn poll(entries: &mut [PollEntry], timeout: i32) -> Result<usize> {
    const { assert!(size_of::<PollEntry>() == size_of::<libc::pollfd>()) };
    // SAFETY: an entry is laid out as `pollfd`; the list is as long as stated.
    let ready = unsafe { libc::poll(entries.as_mut_ptr().cast(), entries.len() as _, timeout) };
    check(ready).map(|n| n as usize)
}

/// A new epoll set, closed when a program is executed.
pub fn epoll_create() -> Result<i32> {
    Ok(epoll::create(epoll::CreateFlags::CLOEXEC)?.into_raw_fd())
}

/// What to change in an epoll set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EpollChange {
    /// Add with these events.
    Add(u32),
    /// Set these events.
    Modify(u32),
    /// Remove.
    Remove,
}

/// Changes an epoll set; the descriptor's number is its data.
pub fn epoll_control(set: i32, fd: i32, change: EpollChange) -> Result<()> {
    let data = epoll::EventData::new_u64(fd as u64);
    let (set, fd) = (borrow(set)?, borrow(fd)?);
    Ok(match change {
        EpollChange::Add(e) => epoll::add(set, fd, data, epoll::EventFlags::from_bits_retain(e)),
        EpollChange::Modify(e) => {
            epoll::modify(set, fd, data, epoll::EventFlags::from_bits_retain(e))
        }
        EpollChange::Remove => epoll::delete(set, fd),
    }?)
}

/// Waits up to `timeout` milliseconds, for ever where negative, for at most `most` descriptors;
/// returns them with their events.
pub fn epoll_wait(set: i32, most: usize, timeout: i32) -> Result<Vec<(i32, u32)>> {
    let most = most.clamp(1, 65_536);
    let mut events: Vec<libc::epoll_event> = vec![libc::epoll_event { events: 0, u64: 0 }; most];
    // SAFETY: the list is as long as stated.
    let n = check(unsafe { libc::epoll_wait(set, events.as_mut_ptr(), most as i32, timeout) })?;
    Ok(events
        .iter()
        .take(n as usize)
        .map(|e| (e.u64 as i32, e.events))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits() {
        let (r, w) = crate::fd::pipe(libc::O_CLOEXEC).unwrap();
        let mut entry = [PollEntry {
            fd: r,
            events: libc::POLLIN,
            returned: 0,
        }];
        assert_eq!(poll(&mut entry, 0), Ok(0));
        crate::fd::write(w, b"x").unwrap();
        assert_eq!(poll(&mut entry, 1000), Ok(1));
        assert_eq!(entry[0].returned, libc::POLLIN);
        let set = epoll_create().unwrap();
        epoll_control(set, r, EpollChange::Add(libc::EPOLLIN as u32)).unwrap();
        assert_eq!(
            epoll_wait(set, 8, 1000),
            Ok(vec![(r, libc::EPOLLIN as u32)])
        );
        for fd in [r, w, set] {
            crate::fd::close(fd).unwrap();
        }
    }
}
