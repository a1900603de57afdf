//! Objects by what their `__reduce__` says, and by name.

use taipan_runtime::core::{R, Value};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::int;
use taipan_runtime::types::str::{self, Str};
use taipan_runtime::types::tuple::{self, Tuple};

use super::names::{self, noted, type_name};
use super::opcodes::*;
use super::pickling_error;
use super::save::Saver;

impl Saver<'_> {
    /// Writes an object as its reduction says.
    pub(super) fn save_reduced(&mut self, obj: &Value, reduced: &Value) -> R<()> {
        if reduced.downcast::<Str>().is_some() {
            return self.save_global(obj, Some(reduced));
        }
        let r = match reduced.downcast::<Tuple>() {
            None => {
                let ty = type_name(self.vm, reduced);
                Err(pickling_error(self.vm, format!("__reduce__ must return a string or tuple, not {ty}")))
            }
            Some(t) if !(2..=6).contains(&t.len()) => {
                let what = "tuple returned by __reduce__ must contain 2 through 6 elements";
                Err(pickling_error(self.vm, what))
            }
            Some(t) => self.save_parts(t.as_slice(), obj),
        };
        r.map_err(|r| noted(self.vm, r, || format!("when serializing {} object", type_name(self.vm, obj))))
    }

    fn part(&mut self, v: &Value, obj: &Value, what: &str) -> R<()> {
        match self.save(v) {
            Ok(()) => Ok(()),
            Err(r) => {
                Err(noted(self.vm, r, || format!("when serializing {} {what}", type_name(self.vm, obj))))
            }
        }
    }

    fn save_parts(&mut self, parts: &[Value], obj: &Value) -> R<()> {
        let vm = self.vm;
        let [func, args, rest @ ..] = parts else { return Ok(()) };
        let given = |i: usize| rest.get(i).filter(|v| !v.is_none());
        if func.ty().slots().call.is_none() {
            let ty = type_name(vm, func);
            let what = format!("first item of the tuple returned by __reduce__ must be callable, not {ty}");
            return Err(pickling_error(vm, what));
        }
        let Some(arguments) = args.downcast::<Tuple>() else {
            let ty = type_name(vm, args);
            let what = format!("second item of the tuple returned by __reduce__ must be a tuple, not {ty}");
            return Err(pickling_error(vm, what));
        };
        for (i, what) in [(1, "fourth"), (2, "fifth")] {
            if given(i).is_some_and(|v| v.ty().slots().next.is_none()) {
                let ty = given(i).map(|v| type_name(vm, v)).unwrap_or_default();
                let what = format!("{what} item of the tuple returned by __reduce__ must be an iterator, not {ty}");
                return Err(pickling_error(vm, what));
            }
        }
        if let Some(f) = given(3)
            && f.ty().slots().call.is_none()
        {
            let ty = type_name(vm, f);
            let what = format!("sixth item of the tuple returned by __reduce__ must be callable, not {ty}");
            return Err(pickling_error(vm, what));
        }
        let name = if self.proto >= 2 { vm.get_attr_opt(func, &vm.n().__name__)? } else { None };
        let name = name.as_ref().and_then(|n| n.downcast::<Str>());
        if name.is_some_and(|n| n.is("__newobj__")) {
            self.save_newobj(arguments.as_slice(), obj)?;
        } else if name.is_some_and(|n| n.is("__newobj_ex__")) {
            self.save_newobj_ex(arguments.as_slice(), obj)?;
        } else {
            self.part(func, obj, "reconstructor")?;
            self.part(args, obj, "reconstructor arguments")?;
            self.op(REDUCE);
        }
        // An object that its own arguments hold was written meanwhile.
        if self.knows(obj) {
            self.op(POP);
            self.recall(obj);
        } else {
            self.memoize(obj);
        }
        if let Some(items) = given(1) {
            self.append_all(items, obj)?;
        }
        if let Some(items) = given(2) {
            self.set_all(items, obj)?;
        }
        if let Some(state) = given(0) {
            match given(3) {
                None => {
                    self.part(state, obj, "state")?;
                    self.op(BUILD);
                }
                Some(setter) => {
                    self.part(setter, obj, "state setter")?;
                    self.save(obj)?;
                    self.part(state, obj, "state")?;
                    self.put(&[TUPLE2, REDUCE, POP]);
                }
            }
        }
        Ok(())
    }

    /// The class that `__newobj__` is to make an instance of must be the object's own.
    fn check_class(&self, cls: &Value, obj: &Value, function: &str) -> R<()> {
        let vm = self.vm;
        if vm.get_attr_opt(cls, &vm.n().__new__)?.is_none() {
            return Err(pickling_error(vm, format!("first argument to {function}() has no __new__")));
        }
        let own = vm.get_attr(obj, &vm.n().__class__)?;
        if own.is(cls) {
            return Ok(());
        }
        let (own, given) = (vm.repr_string(&own)?, vm.repr_string(cls)?);
        Err(pickling_error(vm, format!("first argument to {function}() must be {own}, not {given}")))
    }

    fn save_newobj(&mut self, args: &[Value], obj: &Value) -> R<()> {
        let [cls, rest @ ..] = args else {
            let what = "__newobj__ expected at least 1 argument, got 0";
            return Err(pickling_error(self.vm, what));
        };
        self.check_class(cls, obj, "__newobj__")?;
        self.part(cls, obj, "class")?;
        let rest = tuple::from_slice(rest).into_value();
        self.part(&rest, obj, "__new__ arguments")?;
        self.op(NEWOBJ);
        Ok(())
    }

    fn save_newobj_ex(&mut self, args: &[Value], obj: &Value) -> R<()> {
        let vm = self.vm;
        let [cls, rest, kwargs] = args else {
            return Err(pickling_error(vm, format!("__newobj_ex__ expected 3 arguments, got {}", args.len())));
        };
        self.check_class(cls, obj, "__newobj_ex__")?;
        let Some(positional) = rest.downcast::<Tuple>() else {
            let ty = type_name(vm, rest);
            return Err(pickling_error(vm, format!("second argument to __newobj_ex__() must be a tuple, not {ty}")));
        };
        let Some(named) = kwargs.downcast::<Dict>() else {
            let ty = type_name(vm, kwargs);
            return Err(pickling_error(vm, format!("third argument to __newobj_ex__() must be a dict, not {ty}")));
        };
        if self.proto >= 4 {
            self.part(cls, obj, "class")?;
            self.part(rest, obj, "__new__ arguments")?;
            self.part(kwargs, obj, "__new__ arguments")?;
            self.op(NEWOBJ_EX);
            return Ok(());
        }
        let partial = vm.import_attr("functools", "partial")?;
        let mut all = vec![vm.get_attr(cls, &vm.n().__new__)?, cls.clone()];
        all.extend(positional.as_slice().iter().cloned());
        let f = vm.call_dict(&partial, &all, Some(named))?;
        self.part(&f, obj, "reconstructor")?;
        let none = tuple::from_vec(Vec::new()).into_value();
        self.save(&none)?;
        self.op(REDUCE);
        Ok(())
    }

    pub(super) fn save_type(&mut self, obj: &Value) -> R<()> {
        for v in [Value::NONE, Value::NOT_IMPLEMENTED, Value::ELLIPSIS] {
            if obj.is(&v.ty().to_value()) {
                let args = tuple::from_array([v]).into_value();
                return self.save_parts(&[obj.ty().to_value(), args], obj);
            }
        }
        self.save_global(obj, None)
    }

    /// Writes an object by name: the given one, or what it calls itself.
    pub(super) fn save_global(&mut self, obj: &Value, name: Option<&Value>) -> R<()> {
        let vm = self.vm;
        let name = match name {
            Some(n) => n.clone(),
            None => match vm.get_attr_opt(obj, &vm.n().__qualname__)? {
                Some(n) => n,
                None => vm.get_attr(obj, &vm.n().__name__)?,
            },
        };
        let module = names::which_module(vm, obj, &name)?;
        if self.proto >= 2 && self.save_extension(&module, &name)? {
            return Ok(());
        }
        if self.proto >= 4 {
            self.save(&module)?;
            self.save(&name)?;
            self.op(STACK_GLOBAL);
        } else {
            let text = name.downcast::<Str>().map(|s| s.to_string_lossy()).unwrap_or_default();
            match text.split_once('.') {
                None => self.save_top_level(&module, &name)?,
                Some((first, path)) => {
                    let getattr = vm.import_attr("builtins", "getattr")?;
                    for _ in path.split('.') {
                        self.save(&getattr)?;
                        if self.proto < 2 {
                            self.op(MARK);
                        }
                    }
                    self.save_top_level(&module, &str::from_str(first))?;
                    for part in path.split('.') {
                        self.save(&str::from_str(part))?;
                        self.op(if self.proto < 2 { TUPLE } else { TUPLE2 });
                        self.op(REDUCE);
                    }
                }
            }
        }
        self.memoize(obj);
        Ok(())
    }

    fn save_extension(&mut self, module: &Value, name: &Value) -> R<bool> {
        let vm = self.vm;
        let registry = vm.import_attr("copyreg", "_extension_registry")?;
        let Some(registry) = registry.downcast::<Dict>().filter(|d| !d.is_empty()) else { return Ok(false) };
        let key = tuple::from_array([module.clone(), name.clone()]).into_value();
        let Some(code) = registry.get(vm, &key)? else { return Ok(false) };
        let n = int::get(&code).and_then(int::IntRef::to_i64).and_then(|n| i32::try_from(n).ok());
        match n {
            Some(n) if n > 0 => {
                let [a, b, c, d] = n.to_le_bytes();
                match n {
                    ..=0xff => self.put(&[EXT1, a]),
                    0x100..=0xffff => self.put(&[EXT2, a, b]),
                    _ => self.put(&[EXT4, a, b, c, d]),
                }
                Ok(true)
            }
            _ => {
                let code = vm.repr_string(&code)?;
                Err(vm.runtime_error(format!("extension code {code} is out of range")))
            }
        }
    }

    fn save_top_level(&mut self, module: &Value, name: &Value) -> R<()> {
        let vm = self.vm;
        let (module, name) = match self.fix_imports {
            true => names::translated(vm, "REVERSE_NAME_MAPPING", "REVERSE_IMPORT_MAPPING", module, name)?,
            false => (module.clone(), name.clone()),
        };
        let mut line = vec![GLOBAL];
        for (v, what) in [(&module, "module"), (&name, "global")] {
            let text = v.downcast::<Str>();
            let text = match text {
                Some(s) if self.proto >= 3 => s.to_utf8_opt(),
                Some(s) => s.as_ascii().map(Into::into),
                None => None,
            };
            let Some(text) = text else {
                let (v, proto) = (vm.repr_string(v)?, self.proto);
                let what = format!("can't pickle {what} identifier {v} using pickle protocol {proto}");
                return Err(pickling_error(vm, what));
            };
            line.extend_from_slice(text.as_bytes());
            line.push(b'\n');
        }
        self.put(&line);
        Ok(())
    }
}
