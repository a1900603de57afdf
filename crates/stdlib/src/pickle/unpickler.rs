//! `Unpickler` and its memo.

use std::cell::Cell;

use taipan_macros::{Trace, class};
use taipan_runtime::core::{Payload, PyCell, R, Ref, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::tuple;
use taipan_runtime::types::int;
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::vm::{Vm, intern};

use super::load::{Loader, Options};
use super::memo::LoadMemo;
use super::ops;
use super::pickler::is_own;
use super::source::Source;
use super::unpickling_error;

/// The class.
pub fn class_value() -> Value {
    Unpickler::TYPE.value()
}

/// The payload of Unpickler.
#[derive(Trace, Default)]
pub struct Unpickler {
    memo: PyCell<LoadMemo>,
    file: PyCell<Option<Value>>,
    buffers: PyCell<Option<Value>>,
    persistent_load: PyCell<Option<Value>>,
    #[no_trace]
    source: std::cell::RefCell<Option<Source>>,
    #[no_trace]
    texts: std::cell::RefCell<(String, String)>,
    fix_imports: Cell<bool>,
    proto: Cell<u8>,
    running: Cell<bool>,
}

/// This takes a binary file for reading a pickle data stream.
#[class(name = "Unpickler", module = "_pickle", flags(BASETYPE, GC, HAS_WEAKREF),
    sig = "(file, *, fix_imports=True, encoding='ASCII', errors='strict', buffers=())")]
impl Unpickler {
    #[slot]
    fn new(_vm: &Vm, cls: &TypeObject, _args: Args<'_>) -> R {
        Ok(Ref::new_of(cls, Unpickler::default()).into_value())
    }

    #[slot]
    fn init(
        vm: &Vm,
        this: &Ref<Self>,
        file: &Value,
        fix_imports: bool,
        encoding: &str,
        errors: &str,
        buffers: Option<&Value>,
    ) -> R<()> {
        let options = Options::new(vm, fix_imports, encoding, errors, buffers)?;
        let source = Source::of_file(vm, file)?;
        let old = (
            this.source.replace(Some(source)),
            this.file.replace(Some(file.clone())),
            this.buffers.replace(options.buffers),
            this.memo.take(),
        );
        drop(old);
        *this.texts.borrow_mut() = (options.encoding, options.errors);
        this.fix_imports.set(fix_imports);
        this.proto.set(0);
        Ok(())
    }

    /// Load a pickle.
    #[method(sig = "()")]
    fn load(vm: &Vm, this: &Ref<Self>) -> R {
        if this.running.get() {
            return Err(vm.runtime_error("Unpickler object is already used"));
        }
        let me = this.value();
        let Some(mut source) = this.source.take() else {
            let name = me.ty().tp_name();
            return Err(unpickling_error(vm, format!("Unpickler.__init__() was not called by {name}.__init__()")));
        };
        this.running.set(true);
        let r = Self::run(vm, this, &mut source);
        this.running.set(false);
        *this.source.borrow_mut() = Some(source);
        r
    }

    /// Return an object from a specified module.
    #[method(sig = "(module_name, global_name, /)")]
    fn find_class(vm: &Vm, this: &Ref<Self>, module_name: &Value, global_name: &Value) -> R {
        ops::find_class(vm, this.proto.get(), this.fix_imports.get(), module_name, global_name)
    }

    #[method(sig = "(pid, /)")]
    fn _no_persistent_load(vm: &Vm, _this: &Ref<Self>, _pid: &Value) -> R {
        let what = "A load persistent id instruction was encountered, but no persistent_load function was specified.";
        Err(unpickling_error(vm, what))
    }

    #[getter]
    fn persistent_load(vm: &Vm, this: &Ref<Self>) -> R {
        match this.persistent_load.get() {
            Some(f) => Ok(f),
            None => vm.get_attr_str(this.value(), "_no_persistent_load"),
        }
    }

    #[setter]
    fn set_persistent_load(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        match value {
            Some(f) if f.ty().slots().call.is_none() => {
                Err(vm.type_error("persistent_load must be a callable taking one argument"))
            }
            None if this.persistent_load.get().is_none() => {
                Err(vm.attribute_error(this.value(), intern("persistent_load").value(), "persistent_load"))
            }
            f => {
                drop(this.persistent_load.replace(f.cloned()));
                Ok(())
            }
        }
    }

    #[getter]
    fn memo(_vm: &Vm, this: &Ref<Self>) -> Value {
        Ref::new(UnpicklerMemoProxy { unpickler: this.clone() }).into_value()
    }

    #[setter]
    fn set_memo(vm: &Vm, this: &Ref<Self>, value: Option<&Value>) -> R<()> {
        let Some(v) = value else { return Err(vm.type_error("attribute deletion is not supported")) };
        let mut memo = LoadMemo::default();
        if let Some(p) = v.downcast::<UnpicklerMemoProxy>() {
            for (n, v) in p.unpickler.memo.borrow().entries() {
                memo.put(n, v);
            }
        } else if let Some(d) = v.downcast::<Dict>() {
            for (k, v) in d.items() {
                if int::get(&k).is_none() {
                    return Err(vm.type_error("memo key must be integers"));
                }
                let Ok(n) = u64::try_from(int::to_i64(vm, &k)?) else {
                    return Err(vm.value_error("memo key must be positive integers."));
                };
                drop(memo.put(n, v));
            }
        } else {
            let ty = v.ty().tp_name();
            let what = format!("'memo' attribute must be an UnpicklerMemoProxy object or dict, not {ty}");
            return Err(vm.type_error(what));
        }
        drop(this.memo.replace(memo));
        Ok(())
    }
}

impl Unpickler {
    fn run(vm: &Vm, this: &Ref<Self>, source: &mut Source) -> R {
        let me = this.value();
        let (encoding, errors) = this.texts.borrow().clone();
        let options = Options { fix_imports: this.fix_imports.get(), encoding, errors, buffers: this.buffers.get() };
        source.start(vm)?;
        let mut l = Loader::new(vm, source, &this.memo, &options);
        l.persistent_load = this.persistent_load.get();
        l.shown_proto = Some(&this.proto);
        this.proto.set(0);
        if !this.is_exact() {
            let base = Unpickler::TYPE.get();
            if !is_own(me, base, "persistent_load") {
                l.persistent_load = vm.get_attr_str_opt(me, "persistent_load")?;
            }
            l.find_class = Some(vm.get_attr_str(me, "find_class")?);
        }
        let r = l.load();
        drop(l);
        source.finish(vm, r)
    }
}

/// The payload of UnpicklerMemoProxy.
#[derive(Trace)]
pub struct UnpicklerMemoProxy {
    unpickler: Ref<Unpickler>,
}

/// The memo of an unpickler.
#[class(name = "UnpicklerMemoProxy", module = "_pickle", flags(GC, NO_NEW))]
impl UnpicklerMemoProxy {
    /// Remove all items from memo.
    #[method(sig = "()")]
    fn clear(_vm: &Vm, this: &Ref<Self>) {
        drop(this.unpickler.memo.take());
    }

    /// Copy the memo to a new object.
    #[method(sig = "()")]
    fn copy(vm: &Vm, this: &Ref<Self>) -> R {
        let d = Ref::new(Dict::new());
        let all = this.unpickler.memo.borrow().entries();
        for (n, v) in all {
            d.set(vm, Value::from(n), v)?;
        }
        Ok(d.into_value())
    }

    /// Implement pickling support.
    #[method(sig = "()")]
    fn __reduce__(vm: &Vm, this: &Ref<Self>) -> R {
        let copy = Self::copy(vm, this)?;
        let args = tuple::from_array([copy.clone()]).into_value();
        Ok(tuple::from_array([copy.ty().to_value(), args]).into_value())
    }
}
