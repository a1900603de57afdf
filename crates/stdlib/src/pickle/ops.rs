//! Operations of the reader that make instances, look names up, or read numbers and texts of old protocols.

use dashu_int::{IBig, UBig};
use taipan_runtime::core::{R, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::bytes;
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::memoryview::{self, flags};
use taipan_runtime::types::str::{self, Str};
use taipan_runtime::types::tuple::Tuple;
use taipan_runtime::types::int;
use taipan_runtime::vm::{Vm, instance_set, intern_value};

use super::load::Loader;
use super::names;
use super::opcodes::*;
use super::unpickling_error;

/// The object of a name in a module, as an unpickler without own ideas finds it.
///
/// Raises ImportError, AttributeError, and what an audit hook raises.
pub fn find_class(vm: &Vm, proto: u8, fix_imports: bool, module: &Value, name: &Value) -> R {
    crate::util::audit(vm, "pickle.find_class", &[module.clone(), name.clone()])?;
    let (module, name) = match proto < 3 && fix_imports {
        true => names::translated(vm, "NAME_MAPPING", "IMPORT_MAPPING", module, name)?,
        false => (module.clone(), name.clone()),
    };
    let m = names::module(vm, &module)?;
    let dotted = name.downcast::<Str>().is_some_and(|s| s.iter().any(|c| c == u32::from(b'.')));
    if proto < 4 || !dotted {
        return vm.get_attr(&m, &vm.attr_name(&name)?);
    }
    match names::follow(vm, &m, &name)? {
        Some(v) => Ok(v),
        None => {
            let (n, module) = (vm.repr_string(&name)?, vm.repr_string(&module)?);
            Err(vm.attribute_error(&m, &name, format!("Can't resolve path {n} on module {module}")))
        }
    }
}

impl Loader<'_> {
    fn global(&mut self, module: &Value, name: &Value) -> R {
        match self.find_class.clone() {
            Some(f) => self.vm.call(&f, &[module.clone(), name.clone()]),
            None => find_class(self.vm, self.proto, self.options.fix_imports, module, name),
        }
    }

    fn line_text(&mut self) -> R {
        let line = self.source.full_line(self.vm)?;
        let v = bytes::from_vec(line).into_value();
        str::codec::decode(self.vm, &v, "utf-8", None)
    }

    /// An instance as old classes were made: by a call, or without one if there are no arguments.
    fn instantiate(&mut self, cls: &Value, args: &[Value]) -> R {
        let vm = self.vm;
        let plain = args.is_empty()
            && cls.as_type().is_some()
            && vm.get_attr_str_opt(cls, "__getinitargs__")?.is_none();
        if plain { self.new_object(cls, args, None) } else { vm.call(cls, args) }
    }

    fn new_object(&mut self, cls: &Value, args: &[Value], kwargs: Option<&Dict>) -> R {
        let vm = self.vm;
        let what = if kwargs.is_some() { "NEWOBJ_EX" } else { "NEWOBJ" };
        let Some(ty) = cls.as_type() else {
            let name = cls.ty().tp_name();
            return Err(unpickling_error(vm, format!("{what} class argument must be a type, not {name}")));
        };
        let Some(new) = ty.slots().new else {
            let name = ty.tp_name();
            return Err(unpickling_error(vm, format!("{what} class argument '{name}' doesn't have __new__")));
        };
        match kwargs.filter(|d| !d.is_empty()) {
            None => new(vm, ty, Args::pos(args)),
            Some(d) => {
                let f = vm.get_attr(cls, &vm.n().__new__)?;
                let mut all = vec![cls.clone()];
                all.extend_from_slice(args);
                vm.call_dict(&f, &all, Some(d))
            }
        }
    }

    pub(super) fn object(&mut self, op: u8) -> R<()> {
        let vm = self.vm;
        let v = match op {
            BUILD => return self.build(),
            REDUCE => {
                let args = self.pop()?;
                let f = self.pop()?;
                match args.downcast::<Tuple>() {
                    Some(t) => vm.call(&f, t.as_slice())?,
                    None => return Err(vm.type_error("argument list must be a tuple")),
                }
            }
            NEWOBJ => {
                let args = self.pop()?;
                let cls = self.pop()?;
                match args.downcast::<Tuple>() {
                    Some(t) => self.new_object(&cls, t.as_slice(), None)?,
                    None => {
                        let ty = args.ty().tp_name();
                        return Err(unpickling_error(vm, format!("NEWOBJ expected an arg tuple, got {ty}")));
                    }
                }
            }
            NEWOBJ_EX => {
                let (kwargs, args, cls) = (self.pop()?, self.pop()?, self.pop()?);
                let Some(t) = args.downcast::<Tuple>() else {
                    let ty = args.ty().tp_name();
                    return Err(unpickling_error(vm, format!("NEWOBJ_EX args argument must be a tuple, not {ty}")));
                };
                let Some(d) = kwargs.downcast::<Dict>() else {
                    let ty = kwargs.ty().tp_name();
                    return Err(unpickling_error(vm, format!("NEWOBJ_EX kwargs argument must be a dict, not {ty}")));
                };
                self.new_object(&cls, t.as_slice(), Some(d))?
            }
            GLOBAL => {
                let (module, name) = (self.line_text()?, self.line_text()?);
                self.global(&module, &name)?
            }
            STACK_GLOBAL => {
                let (name, module) = (self.pop()?, self.pop()?);
                if name.downcast_exact::<Str>().is_none() || module.downcast_exact::<Str>().is_none() {
                    return Err(unpickling_error(vm, "STACK_GLOBAL requires str"));
                }
                self.global(&module, &name)?
            }
            INST => {
                let (module, name) = (self.line_text()?, self.line_text()?);
                let cls = self.global(&module, &name)?;
                let args = self.above()?;
                self.instantiate(&cls, &args)?
            }
            _ => {
                let args = self.above()?;
                match args.split_first() {
                    Some((cls, args)) => self.instantiate(cls, args)?,
                    None => return Err(self.underflow()),
                }
            }
        };
        self.stack.push(v);
        Ok(())
    }

    fn build(&mut self) -> R<()> {
        let vm = self.vm;
        let state = self.pop()?;
        let obj = self.top()?.clone();
        if let Some(f) = vm.get_attr_opt(&obj, &vm.n().__setstate__)? {
            vm.call(&f, &[state])?;
            return Ok(());
        }
        let (mut dict, mut slots) = (state.clone(), None);
        if let Some([d, s]) = state.downcast::<Tuple>().map(|t| t.as_slice()) {
            (dict, slots) = (d.clone(), Some(s.clone()));
        }
        if !dict.is_none() {
            let Some(d) = dict.downcast::<Dict>() else {
                return Err(unpickling_error(vm, "state is not a dictionary"));
            };
            // Past what the class may do at an assignment.
            if obj.ty().dict_offset.get() != 0 && obj.is_object() {
                let mut at = 0;
                while let Some((next, k, v)) = d.next_entry(at) {
                    at = next;
                    if k.downcast_exact::<Str>().is_some() {
                        instance_set(&obj, obj.ty(), &intern_value(&k), &v);
                    } else {
                        let own = vm.get_attr(&obj, &vm.n().__dict__)?;
                        vm.setitem(&own, &k, &v)?;
                    }
                }
            } else {
                let own = vm.get_attr(&obj, &vm.n().__dict__)?;
                for (k, v) in d.items() {
                    let k = if k.downcast_exact::<Str>().is_some() { intern_value(&k) } else { k };
                    vm.setitem(&own, &k, &v)?;
                }
            }
        }
        if let Some(slots) = slots.filter(|s| !s.is_none()) {
            let Some(d) = slots.downcast::<Dict>() else {
                return Err(unpickling_error(vm, "slot state is not a dictionary"));
            };
            for (k, v) in d.items() {
                vm.set_attr(&obj, &vm.attr_name(&k)?, &v)?;
            }
        }
        Ok(())
    }

    fn extension(&mut self, code: i32) -> R {
        let vm = self.vm;
        let key = Value::from(i64::from(code));
        if let Some(v) = names::table(vm, "copyreg", "_extension_cache", &key)? {
            return Ok(v);
        }
        let Some(pair) = names::table(vm, "copyreg", "_inverted_registry", &key)? else {
            return Err(match code {
                ..=0 => unpickling_error(vm, "EXT specifies code <= 0"),
                _ => vm.value_error(format!("unregistered extension code {code}")),
            });
        };
        let Some([module, name]) = pair.downcast::<Tuple>().map(|t| t.as_slice()) else {
            return Err(vm.value_error("_inverted_registry should contain 2-tuples"));
        };
        let v = self.global(module, name)?;
        let cache = vm.import_attr("copyreg", "_extension_cache")?;
        vm.setitem(&cache, &key, &v)?;
        Ok(v)
    }

    pub(super) fn external(&mut self, op: u8) -> R<()> {
        let vm = self.vm;
        let v = match op {
            EXT1 => {
                let n = self.source.byte(vm)?;
                self.extension(i32::from(n))?
            }
            EXT2 => {
                let n = u16::from_le_bytes(self.source.array(vm)?);
                self.extension(i32::from(n))?
            }
            EXT4 => {
                let n = i32::from_le_bytes(self.source.array(vm)?);
                self.extension(n)?
            }
            PERSID | BINPERSID => {
                let id = if op == BINPERSID {
                    self.pop()?
                } else {
                    let line = self.source.line(vm)?;
                    if !line.is_ascii() {
                        return Err(unpickling_error(vm, "persistent IDs in protocol 0 must be ASCII strings"));
                    }
                    str::from_latin1(&line).into_value()
                };
                match self.persistent_load.clone() {
                    Some(f) => vm.call(&f, &[id])?,
                    None => {
                        let what = "A load persistent id instruction was encountered, but no persistent_load function was specified.";
                        return Err(unpickling_error(vm, what));
                    }
                }
            }
            NEXT_BUFFER => {
                let Some(buffers) = &self.options.buffers else {
                    let what = "pickle stream refers to out-of-band data but no *buffers* argument was given";
                    return Err(unpickling_error(vm, what));
                };
                match vm.next(buffers)? {
                    Some(b) => b,
                    None => return Err(unpickling_error(vm, "not enough out-of-band buffers")),
                }
            }
            _ => {
                let v = self.top()?.clone();
                let view = memoryview::from_object(vm, &v, flags::FULL_RO)?;
                let readonly = vm.get_attr_str(&view, "readonly")?;
                if vm.truth(&readonly)? {
                    return Ok(());
                }
                let view = vm.call_method(&view, "toreadonly", &[])?;
                self.pop()?;
                view
            }
        };
        self.stack.push(v);
        Ok(())
    }

    pub(super) fn number(&mut self, op: u8) -> R<()> {
        let vm = self.vm;
        let v = match op {
            INT => {
                let line = self.source.full_line(vm)?;
                match &line[..] {
                    b"00" => Value::FALSE,
                    b"01" => Value::TRUE,
                    line => self.line_number(line)?,
                }
            }
            LONG => {
                let line = self.source.full_line(vm)?;
                self.line_number(line.strip_suffix(b"L").unwrap_or(&line))?
            }
            LONG1 | LONG4 => {
                let n = match op {
                    LONG1 => i32::from(self.source.byte(vm)?),
                    _ => i32::from_le_bytes(self.source.array(vm)?),
                };
                let Ok(n) = usize::try_from(n) else {
                    return Err(unpickling_error(vm, "LONG pickle has negative byte count"));
                };
                signed(self.source.take(vm, n)?)
            }
            _ => {
                let line = self.source.full_line(vm)?;
                match taipan_text::float::parse(&line) {
                    Some(x) => Value::from(x),
                    None => {
                        let text = vm.repr_string(&str::from_latin1(&line).into_value())?;
                        return Err(vm.value_error(format!("could not convert string to float: {text}")));
                    }
                }
            }
        };
        self.stack.push(v);
        Ok(())
    }

    /// A str of Python 2.
    fn decoded(&mut self, data: Vec<u8>) -> R {
        let v = bytes::from_vec(data).into_value();
        match &self.options.encoding[..] {
            "bytes" => Ok(v),
            encoding => str::codec::decode(self.vm, &v, encoding, Some(&self.options.errors)),
        }
    }

    pub(super) fn string(&mut self, op: u8) -> R<()> {
        let vm = self.vm;
        let v = match op {
            STRING => {
                let line = self.source.line(vm)?;
                let quoted = match &line[..] {
                    [b'\'', inner @ .., b'\''] | [b'"', inner @ .., b'"'] => inner.to_vec(),
                    _ => return Err(unpickling_error(vm, "the STRING opcode argument must be quoted")),
                };
                let f = vm.import_attr("_codecs", "escape_decode")?;
                let r = vm.call(&f, &[bytes::from_vec(quoted).into_value()])?;
                let plain = vm.getitem(&r, &Value::small(0))?;
                self.decoded(bytes::get(&plain).unwrap_or_default().to_vec())?
            }
            BINSTRING => {
                let n = i32::from_le_bytes(self.source.array(vm)?);
                let Ok(n) = usize::try_from(n) else {
                    return Err(unpickling_error(vm, "BINSTRING pickle has negative byte count"));
                };
                let data = self.source.take(vm, n)?.to_vec();
                self.decoded(data)?
            }
            SHORT_BINSTRING => {
                let n = usize::from(self.source.byte(vm)?);
                let data = self.source.take(vm, n)?.to_vec();
                self.decoded(data)?
            }
            _ => {
                let line = self.source.line(vm)?;
                str::codec::decode(vm, &bytes::from_vec(line).into_value(), "raw-unicode-escape", None)?
            }
        };
        self.stack.push(v);
        Ok(())
    }
}

/// A number from its two's complement, lowest byte first.
fn signed(data: &[u8]) -> Value {
    if data.len() <= 8 {
        let fill = if data.last().is_some_and(|b| *b >= 0x80) { 0xff } else { 0 };
        let mut b = [fill; 8];
        b[..data.len()].copy_from_slice(data);
        return Value::from(i64::from_le_bytes(b));
    }
    let n = IBig::from(UBig::from_le_bytes(data));
    let negative = data.last().is_some_and(|b| *b >= 0x80);
    int::from_big(if negative { n - (IBig::ONE << (data.len() * 8)) } else { n })
}
