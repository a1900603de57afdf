//! The class `function`.



use super::Function;
use crate::core::{R, Ref, Value};
use crate::native::{Args, TypeDef};
use crate::types::cell::Cell as CellObject;
use crate::types::code::Code;
use crate::types::dict::Dict;
use crate::types::native_fn::bind_method;
use crate::types::str::{self, Str};
use crate::types::tuple::{self, Tuple};
use crate::types::type_::{DictOp, TypeObject};
use crate::vm::Vm;

/// The types of this room.
pub const TYPES: &[&TypeDef] = &[Function::DEF];

fn want_str(vm: &Vm, v: Option<&Value>, what: &str) -> R {
    match v {
        Some(v) if v.downcast::<Str>().is_some() => Ok(v.clone()),
        _ => Err(vm.type_error(format!("{what} must be set to a string object"))),
    }
}

/// Create a function object.
#[taipan_macros::class(
    name = "function", module = "builtins", flags(GC, HAS_DICT, HAS_WEAKREF, METHOD_DESCRIPTOR),
    sig = "(code, globals, name=None, argdefs=None, closure=None, kwdefaults=None)"
)]
impl Function {
    #[slot]
    fn new(vm: &Vm, _cls: &TypeObject, args: Args<'_>) -> R {
        make(vm, args)
    }

    #[slot]
    fn call(vm: &Vm, this: &Ref<Function>, args: Args<'_>) -> R {
        crate::interp::call_function(vm, this, args)
    }

    #[slot]
    fn descr_get(_vm: &Vm, this: &Ref<Function>, obj: Option<&Value>, _cls: Option<&Value>) -> R {
        Ok(match obj {
            Some(o) => bind_method(this.value().clone(), o.clone()),
            None => this.value().clone(),
        })
    }

    #[slot]
    fn repr(vm: &Vm, this: &Ref<Function>) -> R {
        Ok(str::from_str(&format!("<function {} at {:#x}>", vm.str_lossy(&this.qualname.get()), Ref::value(this).id())))
    }

    #[getter]
    fn __code__(_vm: &Vm, this: &Ref<Function>) -> R {
        Ok(this.code.get().into_value())
    }

    #[setter]
    fn set___code__(vm: &Vm, this: &Ref<Function>, value: Option<&Value>) -> R<()> {
        let Some(code) = value.and_then(|v| v.downcast::<Code>()) else {
            return Err(vm.type_error("__code__ must be set to a code object"));
        };
        let closure = this.closure.get();
        let have = closure.downcast::<Tuple>().map_or(0, |t| t.len());
        let want = code.nfree as usize;
        if have != want {
            return Err(vm.value_error(format!(
                "{}() requires a code object with {have} free vars, not {want}",
                vm.str_lossy(&this.name.get())
            )));
        }
        // Generators, coroutines and asynchronous generators.
        const KINDS: u32 = 0x20 | 0x80 | 0x200;
        let flags = this.code.get().flags.get();
        if (flags ^ code.flags.get()) & KINDS != 0 {
            let text = "Assigning a code object of non-matching type is deprecated (e.g., from a generator to a plain function)";
            vm.warn(&crate::types::exceptions::DEPRECATION_WARNING, text, 1)?;
        }
        this.doc.set(Some(this.doc()));
        this.simple_argc.set(code.simple_argc);
        let old = this.code.replace(code.clone());
        // Frames that run the old code have no count of their own.
        let earlier = this.retired.get().unwrap_or(Value::NONE);
        this.retired.set(Some(tuple::from_array([old.into_value(), earlier]).into_value()));
        Ok(())
    }

    #[getter(member)]
    fn __globals__(_vm: &Vm, this: &Ref<Function>) -> R {
        Ok(this.globals.clone().into_value())
    }

    #[getter(member)]
    fn __builtins__(_vm: &Vm, this: &Ref<Function>) -> R {
        Ok(crate::types::dict::foreign::shown(&this.builtins))
    }

    #[getter(member)]
    fn __closure__(_vm: &Vm, this: &Ref<Function>) -> R {
        Ok(this.closure.get())
    }

    #[getter]
    fn __defaults__(_vm: &Vm, this: &Ref<Function>) -> R {
        Ok(this.defaults.get())
    }

    #[setter]
    fn set___defaults__(vm: &Vm, this: &Ref<Function>, value: Option<&Value>) -> R<()> {
        match value {
            None => this.defaults.set(Value::NONE),
            Some(v) if v.is_none() || v.downcast::<Tuple>().is_some() => this.defaults.set(v.clone()),
            Some(_) => return Err(vm.type_error("__defaults__ must be set to a tuple object")),
        }
        Ok(())
    }

    #[getter]
    fn __kwdefaults__(_vm: &Vm, this: &Ref<Function>) -> R {
        Ok(this.kwdefaults.get())
    }

    #[setter]
    fn set___kwdefaults__(vm: &Vm, this: &Ref<Function>, value: Option<&Value>) -> R<()> {
        match value {
            None => this.kwdefaults.set(Value::NONE),
            Some(v) if v.is_none() || v.downcast::<Dict>().is_some() => this.kwdefaults.set(v.clone()),
            Some(_) => return Err(vm.type_error("__kwdefaults__ must be set to a dict object")),
        }
        Ok(())
    }

    #[getter]
    fn __name__(_vm: &Vm, this: &Ref<Function>) -> R {
        Ok(this.name.get())
    }

    #[setter]
    fn set___name__(vm: &Vm, this: &Ref<Function>, value: Option<&Value>) -> R<()> {
        this.name.set(want_str(vm, value, "__name__")?);
        Ok(())
    }

    #[getter]
    fn __qualname__(_vm: &Vm, this: &Ref<Function>) -> R {
        Ok(this.qualname.get())
    }

    #[setter]
    fn set___qualname__(vm: &Vm, this: &Ref<Function>, value: Option<&Value>) -> R<()> {
        this.qualname.set(want_str(vm, value, "__qualname__")?);
        Ok(())
    }

    #[getter]
    fn __module__(_vm: &Vm, this: &Ref<Function>) -> R {
        Ok(this.module.get())
    }

    #[setter]
    fn set___module__(_vm: &Vm, this: &Ref<Function>, value: Option<&Value>) -> R<()> {
        this.module.set(value.cloned().unwrap_or(Value::NONE));
        Ok(())
    }

    #[getter]
    fn __doc__(_vm: &Vm, this: &Ref<Function>) -> R {
        Ok(this.doc())
    }

    #[setter]
    fn set___doc__(_vm: &Vm, this: &Ref<Function>, value: Option<&Value>) -> R<()> {
        this.doc.set(Some(value.cloned().unwrap_or(Value::NONE)));
        Ok(())
    }

    #[slot]
    fn dict(_vm: &Vm, this: &Ref<Function>, op: DictOp) -> Option<Ref<Dict>> {
        op.on(&this.dict)
    }

    #[getter]
    fn __annotate__(_vm: &Vm, this: &Ref<Function>) -> R {
        Ok(this.annotate.get())
    }

    #[setter]
    fn set___annotate__(vm: &Vm, this: &Ref<Function>, value: Option<&Value>) -> R<()> {
        match value {
            None => Err(vm.type_error("__annotate__ cannot be deleted")),
            Some(v) if v.is_none() => {
                this.annotate.set(Value::NONE);
                Ok(())
            }
            Some(v) if v.ty().slots().call.is_some() => {
                this.annotate.set(v.clone());
                this.annotations.set(None);
                Ok(())
            }
            Some(_) => Err(vm.type_error("__annotate__ must be callable or None")),
        }
    }

    #[getter]
    fn __annotations__(vm: &Vm, this: &Ref<Function>) -> R {
        if let Some(a) = this.annotations.get() {
            if let Some(t) = a.downcast::<Tuple>() {
                // The compiler gives simple annotations as a flat tuple of names and values.
                let d = Ref::new(Dict::new());
                for pair in t.as_slice().chunks(2) {
                    if let [k, v] = pair {
                        d.set(vm, k.clone(), v.clone())?;
                    }
                }
                this.annotations.set(Some(d.value().clone()));
                return Ok(d.into_value());
            }
            return Ok(a);
        }
        let annotate = this.annotate.get();
        let d = if annotate.is_none() {
            Ref::new(Dict::new()).into_value()
        } else {
            let r = vm.call(&annotate, &[Value::small(1)])?;
            if r.downcast::<Dict>().is_none() {
                return Err(vm.type_error(format!("__annotate__() must return a dict, not {}", r.ty().tp_name())));
            }
            r
        };
        this.annotations.set(Some(d.clone()));
        Ok(d)
    }

    #[setter]
    fn set___annotations__(vm: &Vm, this: &Ref<Function>, value: Option<&Value>) -> R<()> {
        match value {
            None => this.annotations.set(None),
            Some(v) if v.is_none() => this.annotations.set(None),
            Some(v) if v.downcast::<Dict>().is_some() => this.annotations.set(Some(v.clone())),
            Some(_) => return Err(vm.type_error("__annotations__ must be set to a dict object")),
        }
        this.annotate.set(Value::NONE);
        Ok(())
    }

    #[getter]
    fn __type_params__(_vm: &Vm, this: &Ref<Function>) -> R {
        Ok(this.type_params.get().unwrap_or_else(|| crate::vm::empty_tuple().into_value()))
    }

    #[setter]
    fn set___type_params__(vm: &Vm, this: &Ref<Function>, value: Option<&Value>) -> R<()> {
        match value {
            Some(v) if v.downcast::<Tuple>().is_some() => {
                this.type_params.set(Some(v.clone()));
                Ok(())
            }
            _ => Err(vm.type_error("__type_params__ must be set to a tuple")),
        }
    }
}

/// `FunctionType(code, globals, name=None, argdefs=None, closure=None, kwdefaults=None)`
fn make(vm: &Vm, args: Args<'_>) -> R {
    const NAMES: [&str; 6] = ["code", "globals", "name", "argdefs", "closure", "kwdefaults"];
    let mut given: [Option<Value>; 6] = [const { None }; 6];
    if args.all.len() > 6 {
        return Err(vm.type_error(format!("function() takes at most 6 arguments ({} given)", args.all.len())));
    }
    for (i, v) in args.positional().iter().enumerate() {
        given[i] = Some(v.clone());
    }
    for (k, v) in args.named() {
        let k = vm.str_lossy(k);
        match NAMES.iter().position(|n| *n == k) {
            Some(i) if given[i].is_none() => given[i] = Some(v.clone()),
            Some(i) => return Err(vm.type_error(format!("argument for function() given by name ('{k}') and position ({})", i + 1))),
            None => return Err(vm.type_error(format!("function() got an unexpected keyword argument '{k}'"))),
        }
    }
    let [code, globals, name, argdefs, closure, kwdefaults] = given;
    let missing = |n: usize| vm.type_error(format!("function() missing required argument '{}' (pos {})", NAMES[n], n + 1));
    let Some(code) = code else { return Err(missing(0)) };
    let Some(globals) = globals else { return Err(missing(1)) };
    let Some(c) = code.downcast::<Code>() else {
        return Err(vm.type_error(format!("function() argument 'code' must be code, not {}", code.ty().tp_name())));
    };
    let Some(g) = globals.downcast::<Dict>() else {
        return Err(vm.type_error(format!("function() argument 'globals' must be dict, not {}", globals.ty().tp_name())));
    };
    let f = super::new(vm, c.clone(), g.clone())?;
    let given = |v: Option<Value>| v.filter(|v| !v.is_none());
    if let Some(n) = given(name) {
        if n.downcast::<Str>().is_none() {
            return Err(vm.type_error("arg 3 (name) must be None or string"));
        }
        f.name.set(n.clone());
    }
    if let Some(d) = given(argdefs) {
        if d.downcast::<Tuple>().is_none() {
            return Err(vm.type_error("arg 4 (defaults) must be None or tuple"));
        }
        f.defaults.set(d);
    }
    let want = c.nfree as usize;
    match given(closure) {
        None if want > 0 => return Err(vm.type_error("arg 5 (closure) must be tuple")),
        None => {}
        Some(t) => {
            let Some(cells) = t.downcast::<Tuple>() else { return Err(vm.type_error("arg 5 (closure) must be None or tuple")) };
            if cells.len() != want {
                return Err(vm.value_error(format!("{} requires closure of length {want}, not {}", vm.str_lossy(&c.name), cells.len())));
            }
            if let Some(bad) = cells.as_slice().iter().find(|v| v.downcast::<CellObject>().is_none()) {
                return Err(vm.type_error(format!("arg 5 (closure) expected cell, found {}", bad.ty().tp_name())));
            }
            f.closure.set(t.clone());
        }
    }
    if let Some(d) = given(kwdefaults) {
        if d.downcast::<Dict>().is_none() {
            return Err(vm.type_error("arg 6 (kwdefaults) must be None or dict"));
        }
        f.kwdefaults.set(d);
    }
    Ok(f.into_value())
}
