//! The channels of a world: no Python here.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::interpreters::cross::Crossed;
use crate::interpqueues::unbound;
use crate::thread::raw::RawEvent;

/// What can be wrong with a channel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Problem {
    /// There is none.
    NotFound,
    /// It is closed.
    Closed,
    /// There is nothing to receive.
    Empty,
    /// It holds items.
    NotEmpty,
}

/// An end of a channel, or both.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// Where items are sent.
    Send,
    /// Where items are received.
    Recv,
    /// Both.
    Both,
}

impl End {
    fn has_send(self) -> bool {
        self != Self::Recv
    }

    fn has_recv(self) -> bool {
        self != Self::Send
    }
}

/// How sending ended, for a sender that waits.
#[derive(Default)]
pub struct Receipt {
    /// It has ended.
    pub event: RawEvent,
    how: AtomicU8,
}

const RECEIVED: u8 = 1;
const LOST: u8 = 2;

impl Receipt {
    fn set(&self, how: u8) {
        self.how.store(how, Ordering::Release);
        self.event.set();
    }

    /// Whether the item went because the channel was closed or destroyed.
    pub fn lost(&self) -> bool {
        self.how.load(Ordering::Acquire) == LOST
    }
}

/// What was sent.
pub struct Item {
    /// The interpreter that has sent it.
    pub from: i64,
    /// None once that has ended.
    pub data: Option<Crossed>,
    /// What happens then.
    pub unbound: i32,
    /// For a sender that waits.
    pub receipt: Option<Arc<Receipt>>,
}

impl Item {
    fn lose(&self) {
        if let Some(r) = &self.receipt {
            r.set(LOST);
        }
    }
}

/// Which interpreters use an end, and whether they still do.
#[derive(Default)]
struct Users(BTreeMap<i64, bool>);

impl Users {
    /// False if the interpreter has given the end up.
    fn join(&mut self, interp: i64) -> bool {
        *self.0.entry(interp).or_insert(true)
    }

    fn leave(&mut self, interp: i64) {
        self.0.insert(interp, false);
    }

    fn any(&self) -> bool {
        self.0.values().any(|open| *open)
    }
}

struct Channel {
    items: VecDeque<Item>,
    send: Users,
    recv: Users,
    closing: bool,
    unbound: i32,
    fallback: i32,
}

impl Channel {
    fn is_open(&self) -> bool {
        self.send.any() || self.recv.any() || self.send.0.is_empty() && self.recv.0.is_empty()
    }
}

struct Entry {
    /// IDs that name it.
    refs: usize,
    /// None when it is closed.
    channel: Option<Channel>,
}

#[derive(Default)]
struct All {
    next: i64,
    entries: BTreeMap<i64, Entry>,
}

impl All {
    fn open(&mut self, id: i64) -> Result<&mut Channel, Problem> {
        self.entries.get_mut(&id).ok_or(Problem::NotFound)?.channel.as_mut().ok_or(Problem::Closed)
    }

    /// Closes a channel; its items are the caller's to drop.
    fn shut(&mut self, id: i64) -> Option<Channel> {
        let c = self.entries.get_mut(&id)?.channel.take()?;
        c.items.iter().for_each(Item::lose);
        Some(c)
    }
}

/// What an interpreter has to do with an end.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Use {
    /// It has used it.
    pub associated: bool,
    /// It has given it up.
    pub released: bool,
}

/// What `get_info` tells.
#[derive(Default)]
pub struct Info {
    pub open: bool,
    pub closing: bool,
    pub count: usize,
    /// Interpreters by what they have to do with the ends: send, recv, both.
    pub users: [[usize; 4]; 3],
    pub send: Use,
    pub recv: Use,
}

/// See the module's head. Items are dropped only while the lock is free.
#[derive(Default)]
pub struct Channels(Mutex<All>);

impl Channels {
    fn lock(&self) -> MutexGuard<'_, All> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new channel.
    pub fn create(&self, unbound: i32, fallback: i32) -> i64 {
        let mut all = self.lock();
        let id = all.next;
        all.next += 1;
        let channel = Channel {
            items: VecDeque::new(),
            send: Users::default(),
            recv: Users::default(),
            closing: false,
            unbound,
            fallback,
        };
        all.entries.insert(id, Entry { refs: 0, channel: Some(channel) });
        id
    }

    /// Takes a channel away.
    ///
    /// # Errors
    /// If there is none.
    pub fn destroy(&self, id: i64) -> Result<(), Problem> {
        let mut all = self.lock();
        let channel = all.shut(id);
        let gone = all.entries.remove(&id).map(drop).ok_or(Problem::NotFound);
        drop(all);
        drop(channel);
        gone
    }

    /// All channels, with what happens to items of interpreters that end.
    pub fn list(&self) -> Vec<(i64, i32)> {
        let all = self.lock();
        all.entries.iter().map(|(id, e)| (*id, e.channel.as_ref().map_or(unbound::REPLACE, |c| c.unbound))).collect()
    }

    /// Whether there is such a channel, open or closed.
    pub fn exists(&self, id: i64) -> bool {
        self.lock().entries.contains_key(&id)
    }

    /// One more ID names it; false if there is no such channel.
    pub fn add_ref(&self, id: i64) -> bool {
        self.lock().entries.get_mut(&id).map(|e| e.refs += 1).is_some()
    }

    /// One ID less names it; the channel goes with the last.
    pub fn drop_ref(&self, id: i64) {
        let mut all = self.lock();
        let Some(e) = all.entries.get_mut(&id) else { return };
        e.refs = e.refs.saturating_sub(1);
        if e.refs > 0 {
            return;
        }
        let channel = all.shut(id);
        all.entries.remove(&id);
        drop(all);
        drop(channel);
    }

    /// What items get where they do not say otherwise: unbound op, fallback.
    ///
    /// # Errors
    /// If the channel is closed, or there is none.
    pub fn defaults(&self, id: i64) -> Result<(i32, i32), Problem> {
        self.lock().open(id).map(|c| (c.unbound, c.fallback))
    }

    /// How many items wait.
    ///
    /// # Errors
    /// As [`Channels::defaults`].
    pub fn count(&self, id: i64) -> Result<usize, Problem> {
        self.lock().open(id).map(|c| c.items.len())
    }

    /// Whether an interpreter could send now.
    ///
    /// # Errors
    /// If the channel is closed or closing, or there is none.
    pub fn check_send(&self, id: i64) -> Result<(), Problem> {
        let mut all = self.lock();
        if all.open(id)?.closing { Err(Problem::Closed) } else { Ok(()) }
    }

    /// Sends an item.
    ///
    /// # Errors
    /// As [`Channels::check_send`]; also if its interpreter has given the end up.
    pub fn send(&self, id: i64, item: Item) -> Result<(), Problem> {
        let mut item = Some(item);
        let mut all = self.lock();
        let r = all.open(id).and_then(|c| {
            if c.closing {
                return Err(Problem::Closed);
            }
            if let Some(i) = &item
                && !c.send.join(i.from)
            {
                return Err(Problem::Closed);
            }
            c.items.extend(item.take());
            Ok(())
        });
        drop(all);
        drop(item);
        r
    }

    /// A sender has stopped waiting: its item goes, unless it was received just now. True if it was there.
    pub fn take_back(&self, id: i64, receipt: &Arc<Receipt>) -> bool {
        let mut all = self.lock();
        let Ok(c) = all.open(id) else { return false };
        let at = c.items.iter().position(|i| i.receipt.as_ref().is_some_and(|r| Arc::ptr_eq(r, receipt)));
        let item = at.and_then(|at| c.items.remove(at));
        drop(all);
        item.is_some()
    }

    /// Receives an item.
    ///
    /// # Errors
    /// If there is none, the channel is closed, there is no channel, or the interpreter has given the end up.
    pub fn recv(&self, id: i64, interp: i64) -> Result<Item, Problem> {
        let mut all = self.lock();
        let c = all.open(id)?;
        if !c.recv.join(interp) {
            return Err(Problem::Closed);
        }
        let item = c.items.pop_front();
        let end = c.closing && c.items.is_empty();
        let closing = c.closing;
        let gone = if end { all.shut(id) } else { None };
        drop(all);
        drop(gone);
        match item {
            Some(item) => {
                if let Some(r) = &item.receipt {
                    r.set(RECEIVED);
                }
                Ok(item)
            }
            None if closing => Err(Problem::Closed),
            None => Err(Problem::Empty),
        }
    }

    /// Closes a channel for all interpreters; one with items only by `force`, or, at the sending end, as soon as they
    /// are received.
    ///
    /// # Errors
    /// If it is closed, there is none, or it has items.
    pub fn close(&self, id: i64, end: End, force: bool) -> Result<(), Problem> {
        let mut all = self.lock();
        let c = all.open(id)?;
        if !force && end == End::Send && c.closing {
            return Err(Problem::Closed);
        }
        if !force && !c.items.is_empty() {
            if end != End::Send {
                return Err(Problem::NotEmpty);
            }
            c.closing = true;
            return Ok(());
        }
        let gone = all.shut(id);
        drop(all);
        drop(gone);
        Ok(())
    }

    /// An interpreter gives an end up. The channel is closed when no interpreter uses it any more.
    ///
    /// # Errors
    /// If the channel is closed, or there is none.
    pub fn release(&self, id: i64, interp: i64, end: End) -> Result<(), Problem> {
        let mut all = self.lock();
        let c = all.open(id)?;
        if end.has_send() {
            c.send.leave(interp);
        }
        if end.has_recv() {
            c.recv.leave(interp);
        }
        let gone = if c.is_open() { None } else { all.shut(id) };
        drop(all);
        drop(gone);
        Ok(())
    }

    /// The interpreters that use an end.
    ///
    /// # Errors
    /// If the channel is closed (at the sending end: closing), or there is none.
    pub fn users(&self, id: i64, send: bool) -> Result<Vec<i64>, Problem> {
        let mut all = self.lock();
        let c = all.open(id)?;
        if send && c.closing {
            return Err(Problem::Closed);
        }
        let users = if send { &c.send } else { &c.recv };
        Ok(users.0.iter().filter(|(_, open)| **open).map(|(id, _)| *id).collect())
    }

    /// What there is to tell.
    ///
    /// # Errors
    /// If there is no such channel.
    pub fn info(&self, id: i64, interp: i64) -> Result<Info, Problem> {
        let all = self.lock();
        let e = all.entries.get(&id).ok_or(Problem::NotFound)?;
        let Some(c) = &e.channel else { return Ok(Info::default()) };
        let mut info =
            Info { open: !c.closing, closing: c.closing, count: c.items.len(), ..Info::default() };
        let who: BTreeSet<i64> = c.send.0.keys().chain(c.recv.0.keys()).copied().collect();
        for i in who {
            match (c.send.0.get(&i), c.recv.0.get(&i)) {
                (Some(s), None) => info.users[0][usize::from(!s)] += 1,
                (None, Some(r)) => info.users[1][usize::from(!r)] += 1,
                (Some(true), Some(true)) => info.users[2][0] += 1,
                (Some(false), Some(false)) => info.users[2][1] += 1,
                (Some(false), Some(true)) => info.users[2][2] += 1,
                (Some(true), Some(false)) => info.users[2][3] += 1,
                (None, None) => {}
            }
        }
        let of = |u: &Users| u.0.get(&interp).map_or(Use::default(), |open| Use { associated: true, released: !open });
        (info.send, info.recv) = (of(&c.send), of(&c.recv));
        Ok(info)
    }

    /// To be held across a fork.
    pub fn freeze(&self) -> impl Sized + '_ {
        self.lock()
    }

    /// An interpreter ends: what it has sent changes, and it uses no end any more.
    pub fn interpreter_ends(&self, interp: i64) {
        let (mut gone, mut closed) = (Vec::new(), Vec::new());
        let mut all = self.lock();
        for (id, e) in &mut all.entries {
            let Some(c) = &mut e.channel else { continue };
            for mut item in std::mem::take(&mut c.items) {
                if item.from != interp {
                    c.items.push_back(item);
                    continue;
                }
                item.lose();
                gone.push(item.data.take());
                if item.unbound != unbound::REMOVE {
                    c.items.push_back(item);
                }
            }
            for users in [&mut c.send, &mut c.recv] {
                if users.0.contains_key(&interp) {
                    users.leave(interp);
                }
            }
            if !c.is_open() {
                closed.push(*id);
            }
        }
        let shut: Vec<_> = closed.into_iter().map(|id| all.shut(id)).collect();
        drop(all);
        drop((gone, shut));
    }
}
