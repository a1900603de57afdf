//! The interpreters that know each other: a main one, and all that were made from it or from its descendants.
//!
//! Each belongs to whoever runs code in its `__main__`: to enter one, its state is taken out of its [`Member`] and put
//! back afterwards, so that it runs for one thread at a time and cannot be destroyed meanwhile. (Threads that it has
//! started itself have nothing to do with that.)

use std::any::Any;
use std::collections::{BTreeMap, HashMap};
use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::gil::Gil;
use super::{Config, Interp, Vm, breaker};
use crate::types::memoryview::Buffer;

/// What an interpreter may do, as `_interpreters.new_config` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as in Python")]
pub struct Features {
    pub use_main_obmalloc: bool,
    pub allow_fork: bool,
    pub allow_exec: bool,
    pub allow_threads: bool,
    pub allow_daemon_threads: bool,
    pub check_multi_interp_extensions: bool,
    /// "own", "shared" or "default", as it was asked for: every interpreter has its own.
    pub gil: &'static str,
}

impl Features {
    /// Those of main interpreters.
    pub const MAIN: Self = Self { gil: "own", ..Self::LEGACY };
    /// "legacy"
    pub const LEGACY: Self = Self {
        use_main_obmalloc: true,
        allow_fork: true,
        allow_exec: true,
        allow_threads: true,
        allow_daemon_threads: true,
        check_multi_interp_extensions: false,
        gil: "shared",
    };
    /// "isolated"
    pub const ISOLATED: Self = Self {
        use_main_obmalloc: false,
        allow_fork: false,
        allow_exec: false,
        allow_threads: true,
        allow_daemon_threads: false,
        check_multi_interp_extensions: true,
        gil: "own",
    };
    /// "empty"
    pub const EMPTY: Self = Self {
        allow_threads: false,
        check_multi_interp_extensions: false,
        gil: "default",
        ..Self::ISOLATED
    };
}

/// Interpreters that came with the program have this origin.
pub const WHENCE_RUNTIME: i32 = 1;
/// Interpreters made by `_interpreters.create` have this origin.
pub const WHENCE_STDLIB: i32 = 5;

/// The number of the main interpreter.
pub const MAIN: i64 = 0;

/// An interpreter and its main thread's state.
pub struct Owned {
    vm: *mut Vm,
    interp: *mut Interp,
}

// SAFETY: whoever has it is the only one to use it, and enters the interpreter before touching what is inside.
unsafe impl Send for Owned {}

impl Owned {
    /// The state of the main thread.
    pub fn vm(&self) -> &Vm {
        // SAFETY: made from a box, freed only by `free`, which takes `self`.
        unsafe { &*self.vm }
    }

    /// Gives everything back, on any thread, attached or not. Nothing may run in it any more.
    fn free(self) {
        // SAFETY: both were boxes; nobody else has them.
        unsafe {
            drop(Box::from_raw(self.vm));
            drop(Box::from_raw(self.interp));
        }
    }
}

/// Memory of an interpreter that others use, and with it the interpreter's heap, even after its end.
pub struct Keeper {
    gil: Arc<Gil>,
    late: Mutex<Vec<Lent>>,
    dead: Mutex<Option<Owned>>,
}

/// A buffer that came back from another interpreter.
struct Lent(Box<ManuallyDrop<Buffer>>);

// SAFETY: it is dropped only by a thread of its own interpreter, or forgotten.
unsafe impl Send for Lent {}

impl Keeper {
    fn late(&self) -> MutexGuard<'_, Vec<Lent>> {
        self.late.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A buffer of this interpreter is not used elsewhere any more; called from anywhere.
    pub fn give_back(&self, buffer: Box<ManuallyDrop<Buffer>>) {
        self.late().push(Lent(buffer));
        self.gil.poke(breaker::PENDING);
    }

    /// Ends the use of the buffers that came back; called by a thread of this interpreter.
    pub fn take_back(&self) {
        let all = std::mem::take(&mut *self.late());
        for Lent(b) in all {
            drop(ManuallyDrop::into_inner(*b));
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        if let Some(owned) = self.dead.get_mut().unwrap_or_else(PoisonError::into_inner).take() {
            owned.free();
        }
    }
}

#[derive(Default)]
struct State {
    /// The interpreter, while nobody runs it.
    idle: Option<Owned>,
    /// Whether somebody runs code in its `__main__`.
    running: bool,
    /// It was destroyed, or is being destroyed.
    gone: bool,
    refs: usize,
    /// Whether it ends when the last reference goes.
    needs_refs: bool,
    /// The last reference went while it was running.
    unwanted: bool,
}

/// Why an interpreter could not be entered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refused {
    /// Somebody runs it.
    Running,
    /// It is not there any more.
    Gone,
}

/// What the others know of an interpreter.
pub struct Member {
    /// Its number in its world.
    pub id: i64,
    /// Who has made it: one of the `WHENCE_` constants of `_interpreters`.
    pub whence: i32,
    /// What it may do.
    pub features: Features,
    state: Mutex<State>,
    keeper: Mutex<Option<Arc<Keeper>>>,
}

impl Member {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether somebody runs code in its `__main__`.
    pub fn is_running(&self) -> bool {
        self.state().running
    }

    /// Marks it as running for a thread that is inside already.
    ///
    /// # Errors
    /// If somebody else runs it.
    pub fn start_here(&self) -> Result<(), Refused> {
        let mut s = self.state();
        if s.running {
            return Err(Refused::Running);
        }
        s.running = true;
        Ok(())
    }

    /// Ends [`Member::start_here`].
    pub fn stop_here(&self) {
        self.state().running = false;
    }

    /// Takes the interpreter, to run code in it.
    ///
    /// # Errors
    /// If somebody runs it, or it is gone.
    pub fn take(&self) -> Result<Owned, Refused> {
        let mut s = self.state();
        if s.gone {
            return Err(Refused::Gone);
        }
        if s.running {
            return Err(Refused::Running);
        }
        let owned = s.idle.take().ok_or(Refused::Gone)?;
        s.running = true;
        Ok(owned)
    }

    /// Ends [`Member::take`]. True if the last reference went meanwhile, so that the interpreter is to be ended.
    pub fn put_back(&self, owned: Owned) -> bool {
        let mut s = self.state();
        s.idle = Some(owned);
        s.running = false;
        s.unwanted && s.refs == 0
    }

    /// Takes the interpreter for good, to end it.
    ///
    /// # Errors
    /// As [`Member::take`].
    pub fn take_for_end(&self) -> Result<Owned, Refused> {
        let owned = self.take()?;
        self.state().gone = true;
        Ok(owned)
    }

    /// The interpreter has ended: it is freed as soon as nobody uses its memory.
    pub fn bury(&self, owned: Owned) {
        let keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner).take();
        match keeper {
            Some(k) => *k.dead.lock().unwrap_or_else(PoisonError::into_inner) = Some(owned),
            None => owned.free(),
        }
    }

    /// Threads of the interpreter are left behind: its memory stays as it is for ever.
    pub fn abandon(&self, owned: Owned) {
        let _ = owned;
        std::mem::forget(self.keeper.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    /// For who lends memory of the interpreter to others; nothing at its end.
    pub fn keeper(&self) -> Option<Arc<Keeper>> {
        self.keeper.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether it is the main one.
    pub fn is_main(&self) -> bool {
        self.id == MAIN
    }

    /// It ends when the last reference goes.
    pub fn require_refs(&self) {
        self.state().needs_refs = true;
    }

    /// One more reference.
    pub fn add_ref(&self) {
        self.state().refs += 1;
    }

    /// One reference less. True if that was the last one, so that the interpreter is to be ended.
    pub fn drop_ref(&self) -> bool {
        let mut s = self.state();
        let last = s.refs == 1;
        s.refs = s.refs.saturating_sub(1);
        let unwanted = last && s.needs_refs;
        s.unwanted |= unwanted;
        unwanted && !s.running && !s.gone
    }
}

#[derive(Default)]
struct Members {
    next: i64,
    list: BTreeMap<i64, Arc<Member>>,
}

/// See the module's head.
#[derive(Default)]
pub struct World {
    members: Mutex<Members>,
    shared: Mutex<HashMap<&'static str, Arc<dyn Any + Send + Sync>>>,
    /// The main interpreter's main thread, as the system knows it.
    main_thread: AtomicU64,
}

impl World {
    fn members(&self) -> MutexGuard<'_, Members> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives a new interpreter its number.
    pub(super) fn enrol(&self, whence: i32, features: Features) -> Arc<Member> {
        let mut m = self.members();
        let id = m.next;
        m.next += 1;
        let state = State { running: id == MAIN, ..State::default() };
        let member = Member { id, whence, features, state: Mutex::new(state), keeper: Mutex::new(None) };
        Arc::new(member)
    }

    /// The members, oldest first.
    pub fn list(&self) -> Vec<Arc<Member>> {
        self.members().list.values().cloned().collect()
    }

    /// A member by its number.
    pub fn find(&self, id: i64) -> Option<Arc<Member>> {
        self.members().list.get(&id).cloned()
    }

    /// Makes a member known to the others.
    pub(super) fn publish(&self, member: Arc<Member>) {
        self.members().list.insert(member.id, member);
    }

    /// Nobody finds this member any more.
    pub fn forget(&self, id: i64) {
        let gone = self.members().list.remove(&id);
        drop(gone);
    }

    /// In a fork's child: the other interpreters are gone, and what they were is left as it is.
    pub fn keep_only(&self, id: i64) {
        let mut m = self.members();
        let gone: Vec<i64> = m.list.keys().copied().filter(|&k| k != id && k != MAIN).collect();
        for k in gone {
            std::mem::forget(m.list.remove(&k));
        }
    }

    /// To be held across a fork.
    pub fn freeze(&self) -> impl Sized + '_ {
        let shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        (self.members(), shared)
    }

    /// What a native module keeps for all interpreters, made when it is first asked for.
    pub fn shared<T: Any + Send + Sync + Default>(&self, key: &'static str) -> Arc<T> {
        let mut all = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let found = all.get(key).cloned().and_then(|a| a.downcast::<T>().ok());
        found.unwrap_or_else(|| {
            let new = Arc::new(T::default());
            all.insert(key, new.clone());
            new
        })
    }

    /// The main interpreter's main thread.
    pub fn main_thread(&self) -> u64 {
        self.main_thread.load(Ordering::Relaxed)
    }

    /// Sets [`World::main_thread`].
    pub fn set_main_thread(&self, ident: u64) {
        self.main_thread.store(ident, Ordering::Relaxed);
    }
}

/// Makes another interpreter in the world of `from`, with its state, for the thread that runs `from`. It is entered
/// and `from` is left; nobody knows it before [`publish`]. None if the address space has no room for it.
///
/// `config`: as for [`super::new_interpreter`].
pub fn new_member(from: &Vm, config: Config, whence: i32, features: Features) -> Option<Owned> {
    let stacks = super::frames::Stacks::try_new()?;
    let world = from.interp().world.clone();
    let member = world.enrol(whence, features);
    from.leave();
    let (interp, vm) = super::interp::begin(config, world, member, stacks, Some(from));
    Some(Owned { vm: Box::into_raw(vm), interp: Box::into_raw(interp) })
}

/// Lets the others find an interpreter that has started; it is idle then. Nobody may be inside.
pub fn publish(owned: Owned) -> Arc<Member> {
    let interp = owned.vm().interp();
    let (world, member) = (interp.world.clone(), interp.member.clone());
    member.state().idle = Some(owned);
    world.publish(member.clone());
    member
}

/// Gives an interpreter back that could not be started. Nobody may be inside.
pub fn discard(owned: Owned) {
    owned.free();
}

impl Interp {
    pub(super) fn new_keeper(&self) {
        let keeper = Keeper { gil: self.gil.clone(), late: Mutex::default(), dead: Mutex::default() };
        *self.member.keeper.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(keeper));
    }

    /// Whether it is the main interpreter of its world.
    #[inline]
    pub fn is_main(&self) -> bool {
        self.member.is_main()
    }
}
