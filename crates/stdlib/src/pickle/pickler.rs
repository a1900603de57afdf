//! `Pickler` and its memo.

use std::cell::Cell;

use taipan_macros::{Trace, class};
use taipan_runtime::core::{Payload, PyCell, R, Ref, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::tuple::{self, Tuple};
use taipan_runtime::types::type_::{TypeObject, lookup};
use taipan_runtime::types::int;
use taipan_runtime::vm::{Vm, intern};

use super::memo::Memo;
use super::pickling_error;
use super::save::Saver;

/// The class.
pub fn class_value() -> Value {
    Pickler::TYPE.value()
}

/// The payload of Pickler.
#[derive(Trace, Default)]
pub struct Pickler {
    memo: PyCell<Memo>,
    write: PyCell<Option<Value>>,
    buffer_callback: PyCell<Option<Value>>,
    dispatch_table: PyCell<Option<Value>>,
    persistent_id: PyCell<Option<Value>>,
    proto: Cell<u8>,
    bin: Cell<bool>,
    fast: Cell<bool>,
    fix_imports: Cell<bool>,
    running: Cell<bool>,
}

/// Whether the attribute that an instance shows under a name is the class's own, by the place it is found in.
pub fn is_own(v: &Value, base: &TypeObject, name: &str) -> bool {
    let name = intern(name).into_value();
    match (lookup(v.ty(), &name), lookup(base, &name)) {
        (Some(a), Some(b)) => a.is(&b),
        _ => false,
    }
}

/// This takes a binary file for writing a pickle data stream.
#[class(name = "Pickler", module = "_pickle", flags(BASETYPE, GC, HAS_WEAKREF),
    sig = "(file, protocol=None, fix_imports=True, buffer_callback=None)")]
impl Pickler {
    #[slot]
    fn new(_vm: &Vm, cls: &TypeObject, _args: Args<'_>) -> R {
        Ok(Ref::new_of(cls, Pickler::default()).into_value())
    }

    #[slot]
    fn init(
        vm: &Vm,
        this: &Ref<Self>,
        file: &Value,
        protocol: &Value,
        fix_imports: bool,
        buffer_callback: &Value,
    ) -> R<()> {
        let proto = super::protocol(vm, protocol)?;
        let callback = super::check_callback(vm, proto, buffer_callback)?;
        let write = super::write_method(vm, file)?;
        let old = (this.memo.take(), this.write.replace(Some(write)), this.buffer_callback.replace(callback));
        drop(old);
        this.proto.set(proto);
        this.bin.set(proto > 0);
        this.fast.set(false);
        this.fix_imports.set(fix_imports && proto < 3);
        if let Some(t) = vm.get_attr_str_opt(this.value(), "dispatch_table")? {
            drop(this.dispatch_table.replace(Some(t)));
        }
        Ok(())
    }

    /// Write a pickled representation of the given object to the open file.
    #[method(sig = "(obj, /)")]
    fn dump(vm: &Vm, this: &Ref<Self>, obj: &Value) -> R<()> {
        let Some(write) = this.write.get() else {
            let name = this.value().ty().tp_name();
            return Err(pickling_error(vm, format!("Pickler.__init__() was not called by {name}.__init__()")));
        };
        let me = this.value();
        let mut s = Saver::new(vm, &this.memo, this.proto.get(), this.fix_imports.get());
        s.write = Some(write);
        s.bin = this.bin.get();
        s.fast = this.fast.get();
        s.buffer_callback = this.buffer_callback.get();
        s.dispatch_table = this.dispatch_table.get();
        s.persistent_id = this.persistent_id.get();
        if !this.is_exact() {
            s.reducer_override = vm.get_attr_str_opt(me, "reducer_override")?;
            if !is_own(me, Pickler::TYPE.get(), "persistent_id") {
                s.persistent_id = vm.get_attr_str_opt(me, "persistent_id")?;
            }
            if s.dispatch_table.is_none() {
                s.dispatch_table = vm.get_attr_str_opt(me, "dispatch_table")?;
            }
        }
        if this.running.replace(true) {
            return Err(vm.runtime_error("Pickler object is already used"));
        }
        let r = s.dump(obj).and_then(|()| s.flush());
        this.running.set(false);
        r
    }

    /// Clears the pickler's "memo".
    #[method(sig = "()")]
    fn clear_memo(_vm: &Vm, this: &Ref<Self>) {
        drop(this.memo.take());
    }

    #[method(sig = "(obj, /)")]
    fn _no_persistent_id(_vm: &Vm, _this: &Ref<Self>, _obj: &Value) {}

    #[getter]
    fn persistent_id(vm: &Vm, this: &Ref<Self>) -> R {
        match this.persistent_id.get() {
            Some(f) => Ok(f),
            None => vm.get_attr_str(this.value(), "_no_persistent_id"),
        }
    }

    #[setter]
    fn set_persistent_id(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        match value {
            Some(f) if f.ty().slots().call.is_none() => {
                Err(vm.type_error("persistent_id must be a callable taking one argument"))
            }
            None if this.persistent_id.get().is_none() => {
                Err(vm.attribute_error(this.value(), intern("persistent_id").value(), "persistent_id"))
            }
            f => {
                drop(this.persistent_id.replace(f.cloned()));
                Ok(())
            }
        }
    }

    #[getter]
    fn dispatch_table(vm: &Vm, this: &Ref<Self>) -> R {
        match this.dispatch_table.get() {
            Some(t) => Ok(t),
            None => Err(vm.attribute_error(this.value(), intern("dispatch_table").value(), "dispatch_table")),
        }
    }

    #[setter]
    fn set_dispatch_table(_vm: &Vm, this: &Ref<Self>, value: Option<&Value>) {
        drop(this.dispatch_table.replace(value.cloned()));
    }

    #[getter]
    fn bin(_vm: &Vm, this: &Ref<Self>) -> i64 {
        i64::from(this.bin.get())
    }

    #[setter]
    fn set_bin(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        this.bin.set(match value {
            Some(v) => vm.truth(v)?,
            None => return Err(vm.type_error("can't delete numeric/char attribute")),
        });
        Ok(())
    }

    #[getter]
    fn fast(_vm: &Vm, this: &Ref<Self>) -> i64 {
        i64::from(this.fast.get())
    }

    #[setter]
    fn set_fast(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        this.fast.set(match value {
            Some(v) => vm.truth(v)?,
            None => return Err(vm.type_error("can't delete numeric/char attribute")),
        });
        Ok(())
    }

    #[getter]
    fn memo(_vm: &Vm, this: &Ref<Self>) -> Value {
        Ref::new(PicklerMemoProxy { pickler: this.clone() }).into_value()
    }

    #[setter]
    fn set_memo(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        let Some(v) = value else { return Err(vm.type_error("attribute deletion is not supported")) };
        let mut memo = Memo::default();
        if let Some(p) = v.downcast::<PicklerMemoProxy>() {
            for (v, n) in p.pickler.memo.borrow().entries() {
                memo.put(v, *n);
            }
        } else if let Some(d) = v.downcast::<Dict>() {
            for (_, entry) in d.items() {
                let Some([n, v]) = entry.downcast::<Tuple>().map(|t| t.as_slice()) else {
                    return Err(vm.type_error("'memo' values must be 2-item tuples"));
                };
                memo.set(v, usize::try_from(int::to_i64(vm, n)?).unwrap_or(0));
            }
        } else {
            let ty = v.ty().tp_name();
            return Err(vm.type_error(format!("'memo' attribute must be a PicklerMemoProxy object or dict, not {ty}")));
        }
        drop(this.memo.replace(memo));
        Ok(())
    }
}

/// The payload of PicklerMemoProxy.
#[derive(Trace)]
pub struct PicklerMemoProxy {
    pickler: Ref<Pickler>,
}

/// The memo of a pickler.
#[class(name = "PicklerMemoProxy", module = "_pickle", flags(GC, NO_NEW))]
impl PicklerMemoProxy {
    /// Remove all items from memo.
    #[method(sig = "()")]
    fn clear(_vm: &Vm, this: &Ref<Self>) {
        drop(this.pickler.memo.take());
    }

    /// Copy the memo to a new object.
    #[method(sig = "()")]
    fn copy(vm: &Vm, this: &Ref<Self>) -> R {
        let d = Ref::new(Dict::new());
        let all: Vec<_> = this.pickler.memo.borrow().entries().to_vec();
        for (v, n) in all {
            let key = Value::from(v.id());
            d.set(vm, key, tuple::from_array([Value::from(n), v]).into_value())?;
        }
        Ok(d.into_value())
    }

    /// Implement pickle support.
    #[method(sig = "()")]
    fn __reduce__(vm: &Vm, this: &Ref<Self>) -> R {
        let copy = Self::copy(vm, this)?;
        let args = tuple::from_array([copy.clone()]).into_value();
        Ok(tuple::from_array([copy.ty().to_value(), args]).into_value())
    }
}
