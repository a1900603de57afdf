//! An interpreter: its heap, its modules, its settings.

use std::cell::Cell;
use std::collections::HashMap;

use taipan_memory::Heap;

use super::Vm;
use super::intern::InternTable;
use crate::core::{PyCell, R, Ref, Value};
use crate::native::ModuleDef;
use crate::types::dict::Dict;
use crate::types::module::{self, Module};

/// Settings, as the command line or an embedder gives them; `sys.flags` shows most.
#[derive(Clone)]
#[expect(missing_docs, reason = "named as in sys.flags and PyConfig")]
pub struct Config {
    pub program_name: String,
    pub executable: String,
    /// As the system gave them, in no encoding that is sure.
    pub orig_argv: Vec<Vec<u8>>,
    pub argv: Vec<Vec<u8>>,
    pub module_search_paths: Vec<String>,
    pub isolated: bool,
    pub use_environment: bool,
    pub user_site: bool,
    pub site_import: bool,
    pub write_bytecode: bool,
    pub optimize: i32,
    pub verbose: i32,
    pub quiet: bool,
    pub inspect: bool,
    pub interactive: bool,
    pub bytes_warning: i32,
    pub debug: bool,
    pub dev_mode: bool,
    pub utf8_mode: bool,
    pub safe_path: bool,
    pub buffered_stdio: bool,
    pub warn_options: Vec<String>,
    pub x_options: Vec<(String, Option<String>)>,
    pub hash_secret: (u64, u64),
    pub hash_randomization: bool,
    pub int_max_str_digits: usize,
    /// What `os.cpu_count` gives, if it is not asked of the system.
    pub cpu_count: Option<i32>,
    /// `sys.pycache_prefix`
    pub pycache_prefix: Option<String>,
    /// Whether code objects show columns (not with `-X no_debug_ranges`).
    pub code_debug_ranges: bool,
    pub native_stack: usize,
    /// Native modules, by name.
    pub native_modules: &'static [&'static ModuleDef],
    /// Builtin types beyond the runtime's own.
    pub native_types: &'static [&'static crate::native::TypeDef],
    /// Looks up a frozen module: source origin, whether it is a package, and its encoded code.
    pub frozen: Option<fn(&str) -> Option<FrozenModule>>,
    /// The source of a frozen module.
    pub frozen_source: Option<fn(&str) -> Option<Vec<u8>>>,
    /// Names of all frozen modules.
    pub frozen_names: Option<fn() -> Vec<String>>,
    /// A file of the frozen library that is no module, by its path there.
    pub frozen_data: Option<fn(&str) -> Option<Vec<u8>>>,
    /// The paths of all files for `frozen_data`.
    pub frozen_data_names: Option<fn() -> Vec<String>>,
}

/// A frozen module.
#[derive(Clone, Copy, Debug)]
pub struct FrozenModule {
    /// Code in the encoding of `taipan_bytecode`.
    pub code: &'static [u8],
    /// Whether it is a package.
    pub is_package: bool,
    /// The module that it really is, if this name is an alias.
    pub origname: &'static str,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            program_name: String::new(), executable: String::new(), orig_argv: Vec::new(), argv: Vec::new(),
            module_search_paths: Vec::new(), isolated: false, use_environment: true, user_site: true, site_import: true,
            write_bytecode: true, optimize: 0, verbose: 0, quiet: false, inspect: false, interactive: false,
            bytes_warning: 0, debug: false, dev_mode: false, utf8_mode: true, safe_path: false, buffered_stdio: true,
            warn_options: Vec::new(), x_options: Vec::new(), hash_secret: (0, 0), hash_randomization: true,
            int_max_str_digits: 4300, cpu_count: None, pycache_prefix: None, code_debug_ranges: true, native_stack: 64 << 20, native_modules: &[], native_types: &[], frozen: None,
            frozen_source: None, frozen_names: None, frozen_data: None, frozen_data_names: None,
        }
    }
}

/// An interpreter. Everything mutable that Python can reach belongs to one.
pub struct Interp {
    /// The lock that a thread holds while it runs Python.
    pub gil: std::sync::Arc<super::gil::Gil>,
    /// The threads.
    pub threads: super::gil::Threads,
    /// Settings.
    pub config: Config,
    /// Interned strings.
    pub interned: InternTable,
    /// `sys.modules`
    pub modules: PyCell<Option<Ref<Dict>>>,
    /// The namespace of `builtins`.
    pub builtins: PyCell<Option<Ref<Dict>>>,
    /// The namespace of `sys`.
    pub sys: PyCell<Option<Ref<Dict>>>,
    /// The module `_frozen_importlib`, once it is there.
    pub importlib: PyCell<Option<Value>>,
    /// `sys.setswitchinterval`, seconds.
    pub switch_interval: Cell<f64>,
    /// `sys.setrecursionlimit`
    pub recursion_limit: Cell<usize>,
    /// `sys.set_int_max_str_digits`
    pub int_max_str_digits: Cell<usize>,
    /// Weak references, by the address of their referent.
    pub weakrefs: super::weak::WeakTable,
    /// Attributes looked up on types.
    pub method_cache: super::attr::MethodCache,
    /// Direct subclasses of shared types.
    pub shared_subclasses: PyCell<HashMap<usize, Vec<usize>>>,
    /// What the tools of `sys.monitoring` want.
    pub monitoring: crate::interp::events::monitoring::Monitoring,
    /// State of the cycle collector.
    pub gc: super::gc::GcState,
    /// Registered by native modules: objects that live as long as the interpreter, by name.
    pub statics: PyCell<HashMap<&'static str, Value>>,
    /// Struct sequence classes by the address of their type.
    pub struct_specs: PyCell<HashMap<usize, &'static crate::types::structseq::Spec>>,
    /// Nothing can be imported or started any more.
    pub finalizing: Cell<bool>,
    /// What native modules do at eval-breaker points (signals, pending calls).
    pub pending_hook: Cell<Option<fn(&Vm, u32) -> R<()>>>,
    /// Functions that are told of audited events.
    pub audit_hooks: PyCell<Vec<Value>>,
    /// Functions of `atexit`, in order of registration: function, args tuple, kwargs.
    pub atexit: PyCell<Vec<Option<(Value, Value, Value)>>>,
    /// The interpreters that know each other, this one among them.
    pub world: std::sync::Arc<super::world::World>,
    /// What they know of this one.
    pub member: std::sync::Arc<super::world::Member>,
    /// The places in the program that asked for the blocks which the heap's account remembers.
    pub sites: super::sites::Sites,
    /// The private heap. The last field: everything above may point into it.
    pub heap: Box<Heap>,
}

/// Makes an interpreter and its first thread, attached to the calling thread.
/// `sys`, `builtins` and the import system are set up by [`Interp::bootstrap`].
/// It is the main one of a world of its own.
pub fn new_interpreter(config: Config) -> (Box<Interp>, Box<Vm>) {
    let world = std::sync::Arc::new(super::world::World::default());
    let member = world.enrol(super::world::WHENCE_RUNTIME, super::world::Features::MAIN);
    world.publish(member.clone());
    let stacks = super::frames::Stacks::try_new().expect("the address space has room for the stacks");
    let (interp, vm) = begin(config, world, member, stacks, None);
    interp.world.set_main_thread(vm.thread_id.get());
    (interp, vm)
}

/// As [`new_interpreter`], for any interpreter. `from`: the one whose native stack it uses.
pub(super) fn begin(
    config: Config,
    world: std::sync::Arc<super::world::World>,
    member: std::sync::Arc<super::world::Member>,
    stacks: super::frames::Stacks,
    from: Option<&Vm>,
) -> (Box<Interp>, Box<Vm>) {
    super::image::set_hash_secret(config.hash_secret);
    super::image::build(&crate::types::all_types(config.native_types));
    let interp = Box::new(Interp {
        heap: Box::new(Heap::new()),
        gil: std::sync::Arc::default(),
        threads: super::gil::Threads::default(),
        interned: InternTable::default(),
        monitoring: Default::default(),
        modules: PyCell::new(None),
        builtins: PyCell::new(None),
        sys: PyCell::new(None),
        importlib: PyCell::new(None),
        switch_interval: Cell::new(0.005),
        recursion_limit: Cell::new(1000),
        int_max_str_digits: Cell::new(config.int_max_str_digits),
        weakrefs: super::weak::WeakTable::default(),
        method_cache: super::attr::MethodCache::new(),
        shared_subclasses: PyCell::new(HashMap::new()),
        gc: super::gc::GcState::default(),
        statics: PyCell::new(HashMap::new()),
        struct_specs: PyCell::new(HashMap::new()),
        finalizing: Cell::new(false),
        pending_hook: Cell::new(None),
        audit_hooks: PyCell::new(Vec::new()),
        atexit: PyCell::new(Vec::new()),
        sites: super::sites::Sites::default(),
        config,
        world,
        member,
    });
    interp.new_keeper();
    // Until `Vm::settle`.
    interp.heap.set_young_limit(usize::MAX);
    let vm = Vm::with_stacks(&interp, stacks);
    vm.enter();
    interp.threads.add(&vm);
    vm.thread_id.set(taipan_host::signal::this_thread());
    match from {
        Some(from) => vm.share_native_stack(from),
        None => vm.set_native_stack(interp.config.native_stack),
    }
    interp.modules.set(Some(Ref::new(Dict::new())));
    (interp, vm)
}

impl Interp {
    /// Sets how long a thread waits before it asks for the lock, in seconds.
    pub fn set_switch_interval(&self, seconds: f64) {
        self.switch_interval.set(seconds);
        self.gil.set_interval((seconds * 1e9) as u64);
    }

    /// Sets the greatest number of frames of every thread.
    pub fn set_recursion_limit(&self, limit: usize) {
        self.recursion_limit.set(limit);
        for vm in self.threads.all() {
            vm.stacks.limit.set(limit.min(super::frames::Stacks::MAX_FRAMES));
        }
    }

    /// The module `_frozen_importlib`.
    pub fn importlib(&self) -> Option<Value> {
        self.importlib.get()
    }

    /// `sys.modules`.
    pub fn modules(&self) -> Ref<Dict> {
        self.modules.get().unwrap_or_else(|| Ref::new(Dict::new()))
    }

    /// The namespace of `builtins`.
    pub fn builtins(&self) -> Ref<Dict> {
        self.builtins.get().unwrap_or_else(|| Ref::new(Dict::new()))
    }

    /// The namespace of `sys`.
    pub fn sys(&self) -> Ref<Dict> {
        self.sys.get().unwrap_or_else(|| Ref::new(Dict::new()))
    }

    /// A native module's definition.
    pub fn native_module(&self, name: &str) -> Option<&'static ModuleDef> {
        self.config.native_modules.iter().find(|d| d.name == name).copied()
    }
}

impl Vm {
    /// Makes a native module and puts it into `sys.modules`.
    pub fn add_native_module(&self, def: &'static ModuleDef) -> R<Ref<Module>> {
        let m = module::from_def(self, def)?;
        self.interp().modules().set_str(def.name, m.value().clone());
        Ok(m)
    }

    /// An object that a native module keeps for the interpreter, made on first use.
    pub fn interp_static(&self, key: &'static str, make: impl FnOnce(&Vm) -> R) -> R {
        if let Some(v) = self.interp().statics.borrow().get(key) {
            return Ok(v.clone());
        }
        let v = make(self)?;
        self.interp().statics.borrow_mut().insert(key, v.clone());
        Ok(v)
    }
}

impl Vm {
    /// Struct sequence classes of this interpreter.
    pub(crate) fn struct_specs(&self) -> &PyCell<HashMap<usize, &'static crate::types::structseq::Spec>> {
        &self.interp().struct_specs
    }
}
