//! `_local`: attributes that each thread has for itself.

use taipan_macros::class;
use taipan_runtime::core::{Drain, Payload, PyCell, R, Ref, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::str::Str;
use taipan_runtime::types::type_::{DictOp, TypeObject};
use taipan_runtime::types::weakref::{self, WeakRef};
use taipan_runtime::vm::{Vm, generic_getattr, generic_setattr, names, try_current};

/// The attributes of one thread.
#[derive(taipan_macros::Trace)]
struct Own {
    thread: u64,
    dict: Ref<Dict>,
}

impl Drain for Own {
    fn drain(&mut self, out: &mut Vec<Value>) {
        out.push(self.dict.value().clone());
    }
}

/// The payload of _local.
#[derive(taipan_macros::Trace)]
pub struct Local {
    own: PyCell<Vec<Own>>,
    /// With what the initializer is called in each thread.
    args: Vec<Value>,
    names: Vec<Value>,
}

fn find(this: &Local, thread: u64) -> Option<Ref<Dict>> {
    this.own.borrow().iter().find(|o| o.thread == thread).map(|o| o.dict.clone())
}

fn own_init(cls: &TypeObject) -> bool {
    match (cls.slots().init, Local::TYPE.get().slots().init) {
        (Some(a), Some(b)) => !std::ptr::fn_addr_eq(a, b),
        (a, b) => a.is_some() != b.is_some(),
    }
}

/// The attributes of this thread, made on first use.
fn dict(vm: &Vm, this: &Ref<Local>) -> R<Ref<Dict>> {
    if let Some(d) = find(this, vm.id) {
        return Ok(d);
    }
    make(vm, this)?;
    if own_init(this.ty())
        && let Some(init) = this.ty().slots().init
        && let Err(raised) = init(vm, this.value(), Args { all: &this.args, names: &this.names })
    {
        // The next use tries again.
        forget(this, vm.id);
        return Err(raised);
    }
    Ok(find(this, vm.id).unwrap_or_else(|| Ref::new(Dict::new())))
}

fn make(vm: &Vm, this: &Ref<Local>) -> R<()> {
    let weak = weakref::new_ref(vm, WeakRef::TYPE.get(), this.value(), None)?;
    vm.on_exit.borrow_mut().retain(|w| !weakref::is_dead(w));
    vm.on_exit.borrow_mut().push(weak);
    this.own.borrow_mut().push(Own { thread: vm.id, dict: Ref::new(Dict::new()) });
    Ok(())
}

fn forget(this: &Local, thread: u64) {
    let mut own = this.own.borrow_mut();
    let gone = own.iter().position(|o| o.thread == thread).map(|i| own.swap_remove(i));
    drop(own);
    drop(gone);
}

/// Gives up what local objects keep for a thread that ends.
pub fn thread_ends(vm: &Vm) {
    loop {
        let Some(weak) = vm.on_exit.borrow_mut().pop() else { return };
        if let Some(v) = weakref::core(&weak).and_then(weakref::WeakCore::get)
            && let Some(local) = v.downcast::<Local>()
        {
            forget(local, vm.id);
        }
    }
}

/// Thread-local data
#[class(name = "_local", module = "_thread", flags(BASETYPE, GC, HAS_DICT, HAS_WEAKREF))]
impl Local {
    #[slot]
    fn new(vm: &Vm, cls: &TypeObject, args: Args<'_>) -> R {
        if !args.all.is_empty() && !own_init(cls) {
            return Err(vm.type_error("Initialization arguments are not supported"));
        }
        let local = Local { own: PyCell::new(Vec::new()), args: args.all.to_vec(), names: args.names.to_vec() };
        let this = Ref::new_of(cls, local);
        // `__init__` runs for this thread because the object is being made, not because of its first use.
        make(vm, &this)?;
        Ok(this.into_value())
    }

    #[slot]
    fn getattro(vm: &Vm, this: &Ref<Local>, name: &Value) -> R {
        let d = dict(vm, this)?;
        if is_dict_name(name) {
            return Ok(d.into_value());
        }
        generic_getattr(vm, this.value(), name)
    }

    #[slot]
    fn setattro(vm: &Vm, this: &Ref<Local>, name: &Value, value: Option<&Value>) -> R<()> {
        if is_dict_name(name) {
            let shown = format!("'{}' object attribute '__dict__' is read-only", this.ty().tp_name());
            return Err(vm.attribute_error(this.value(), name, shown));
        }
        dict(vm, this)?;
        generic_setattr(vm, this.value(), name, value)
    }

    #[slot]
    fn dict(_vm: &Vm, this: &Ref<Local>, op: DictOp) -> Option<Ref<Dict>> {
        match op {
            DictOp::Get | DictOp::Make => find(this, try_current()?.id),
            DictOp::Set(_) | DictOp::Delete => None,
        }
    }
}

fn is_dict_name(name: &Value) -> bool {
    name.is(&names().__dict__) || name.downcast::<Str>().is_some_and(|n| n.is("__dict__"))
}
