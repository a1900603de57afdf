//! The class behind `json.encoder.c_make_encoder`: writes one value.

use std::collections::HashSet;

use taipan_macros::{Trace, class};
use taipan_runtime::core::{NoTrace, R, Raised, Ref, Value};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::list::{self, List};
use taipan_runtime::types::native_fn::BuiltinFunction;
use taipan_runtime::types::str::{self, Str, StrBuilder};
use taipan_runtime::types::tuple::{self, Tuple};
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::types::{float, int};
use taipan_runtime::vm::Vm;
use taipan_text::float::push_repr;
use taipan_text::int::push_decimal;

use super::check_depth;
use super::quote::{Quoting, push_quoted};

/// The payload of Encoder.
#[derive(Trace)]
pub struct Encoder {
    markers: Value,
    default: Value,
    encoder: Value,
    indent: Value,
    key_separator: Ref<Str>,
    item_separator: Ref<Str>,
    sort_keys: bool,
    skipkeys: bool,
    allow_nan: bool,
    /// How `encoder` writes strings, if it is one of this module's own functions.
    quoting: NoTrace<Option<Quoting>>,
}

/// Which of this module's functions this is.
fn own_quoting(v: &Value) -> Option<Quoting> {
    let f = v.downcast_exact::<BuiltinFunction>()?;
    if !f.module.downcast::<Str>().is_some_and(|m| m.is("_json")) {
        return None;
    }
    match f.name() {
        "encode_basestring" => Some(Quoting::Plain),
        "encode_basestring_ascii" => Some(Quoting::Ascii),
        _ => None,
    }
}

/// JSON encoder object
#[class(
    name = "Encoder",
    module = "_json",
    flags(BASETYPE, GC),
    sig = "(markers, default, encoder, indent, key_separator, item_separator, sort_keys, skipkeys, allow_nan)",
    callee = "make_encoder"
)]
impl Encoder {
    #[slot]
    fn new(
        vm: &Vm,
        cls: &TypeObject,
        markers: &Value,
        default: &Value,
        encoder: &Value,
        indent: &Value,
        key_separator: &Ref<Str>,
        item_separator: &Ref<Str>,
        sort_keys: bool,
        skipkeys: bool,
        allow_nan: bool,
    ) -> R {
        if !markers.is_none() && markers.downcast::<Dict>().is_none() {
            let given = markers.ty().tp_name();
            return Err(vm.type_error(format!(
                "make_encoder() argument 1 must be dict or None, not {given}"
            )));
        }
        let encoder_ = Encoder {
            markers: markers.clone(),
            default: default.clone(),
            encoder: encoder.clone(),
            indent: indent.clone(),
            key_separator: key_separator.clone(),
            item_separator: item_separator.clone(),
            sort_keys,
            skipkeys,
            allow_nan,
            quoting: NoTrace(own_quoting(encoder)),
        };
        Ok(Ref::new_of(cls, encoder_).into_value())
    }

    #[slot(call, sig = "(obj, _current_indent_level)")]
    fn call(vm: &Vm, this: &Ref<Self>, obj: &Value, _current_indent_level: isize) -> R {
        let indent = match this.indent.downcast::<Str>() {
            Some(s) => Some(s.clone()),
            None if this.indent.is_none() => None,
            None => {
                let given = this.indent.ty().tp_name();
                return Err(vm.type_error(format!(
                    "make_encoder() argument 4 must be str or None, not {given}"
                )));
            }
        };
        let mut run = Run {
            vm,
            encoder: this,
            out: StrBuilder::new(),
            indent,
            level: usize::try_from(_current_indent_level).unwrap_or(0),
            depth: 0,
            open: Vec::new(),
            deep: HashSet::new(),
        };
        run.value(obj)?;
        Ok(tuple::from_array([run.out.finish()]).into_value())
    }

    /// markers
    #[getter(member)]
    fn markers(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.markers.clone()
    }

    /// default
    #[getter(member)]
    fn default(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.default.clone()
    }

    /// encoder
    #[getter(member)]
    fn encoder(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.encoder.clone()
    }

    /// indent
    #[getter(member)]
    fn indent(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.indent.clone()
    }

    /// key_separator
    #[getter(member)]
    fn key_separator(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.key_separator.to_value()
    }

    /// item_separator
    #[getter(member)]
    fn item_separator(_vm: &Vm, this: &Ref<Self>) -> Value {
        this.item_separator.to_value()
    }

    /// sort_keys
    #[getter(member)]
    fn sort_keys(_vm: &Vm, this: &Ref<Self>) -> bool {
        this.sort_keys
    }

    /// skipkeys
    #[getter(member)]
    fn skipkeys(_vm: &Vm, this: &Ref<Self>) -> bool {
        this.skipkeys
    }
}

/// Containers nested up to here are looked for one by one, deeper ones by hash.
const SHALLOW: usize = 24;

/// The writing of one value.
struct Run<'a> {
    vm: &'a Vm,
    encoder: &'a Encoder,
    out: StrBuilder,
    indent: Option<Ref<Str>>,
    level: usize,
    depth: usize,
    /// The objects that are being written, outermost first; kept alive by those that hold them.
    open: Vec<Value>,
    /// The addresses of those from [`SHALLOW`] on.
    deep: HashSet<u64>,
}

impl Run<'_> {
    #[inline(always)]
    fn push(&mut self, ascii: &[u8]) {
        match self.out.narrow() {
            Some(buffer) => buffer.extend_from_slice(ascii),
            None => self.out.push_latin1(ascii),
        }
    }

    #[inline]
    fn push_obj(&mut self, s: &Ref<Str>) {
        match (self.out.narrow(), s.as_ascii()) {
            (Some(buffer), Some(t)) => buffer.extend_from_slice(t.as_bytes()),
            _ => self.out.push_obj(s),
        }
    }

    /// Makes sure of room from time to time, before the buffer grows much.
    #[inline]
    fn check_room(&self) -> R<()> {
        let n = self.out.memory();
        if n >= 1 << 20 && n & (n - 1) < 64 {
            self.vm.check_room(n)
        } else {
            Ok(())
        }
    }

    /// Enters an object.
    ///
    /// Raises ValueError if it is being written already, RecursionError if it lies too deep.
    #[inline]
    fn enter(&mut self, v: &Value) -> R<()> {
        check_depth(self.vm, self.depth, "encoding a JSON object")?;
        self.depth += 1;
        if self.encoder.markers.is_none() {
            return Ok(());
        }
        let n = self.open.len();
        let shallow = &self.open[..n.min(SHALLOW)];
        if shallow.iter().any(|o| o.is(v)) || n > SHALLOW && self.deep.contains(&v.raw()) {
            return Err(self.vm.value_error("Circular reference detected"));
        }
        if n >= SHALLOW {
            self.deep.insert(v.raw());
        }
        self.open.push(v.clone());
        Ok(())
    }

    #[inline]
    fn leave(&mut self) {
        self.depth -= 1;
        if let Some(v) = self.open.pop()
            && self.open.len() >= SHALLOW
        {
            self.deep.remove(&v.raw());
        }
    }

    /// A new line, if the text is indented.
    fn new_line(&mut self) {
        let Some(indent) = self.indent.clone() else {
            return;
        };
        self.push(b"\n");
        for _ in 0..self.level {
            self.push_obj(&indent);
        }
    }

    fn separator(&mut self) {
        let encoder = self.encoder;
        self.push_obj(&encoder.item_separator);
        self.new_line();
    }

    /// Adds a note to an exception that passes; `what` is `dict item 'a'` or the like.
    #[cold]
    fn noted(&self, raised: Raised, what: impl FnOnce(&Vm) -> R<String>) -> Raised {
        let vm = self.vm;
        let e = vm.catch(raised);
        let added = what(vm).and_then(|what| {
            vm.call_method(
                &e,
                "add_note",
                &[str::from_str(&format!("when serializing {what}"))],
            )
        });
        match added {
            Ok(_) => vm.raise_as_is(e),
            Err(second) => second,
        }
    }

    /// Writes a value.
    ///
    /// Raises ValueError for what contains itself and for NaN where it is not allowed, TypeError for wrong keys,
    /// RecursionError, and what `default` raises.
    fn value(&mut self, v: &Value) -> R<()> {
        if let Some(s) = v.downcast_exact::<Str>() {
            return self.string(s);
        }
        if let Some(n) = v.as_small() {
            self.small(n);
            return Ok(());
        }
        if let Some(d) = v.downcast_exact::<Dict>() {
            return self.dict(v, d);
        }
        if let Some(l) = v.downcast_exact::<List>() {
            return self.list(v, l);
        }
        if let Some(x) = v.as_inline_float() {
            return self.float(x, v);
        }
        if v.is_none() {
            self.push(b"null");
            return Ok(());
        }
        if let Some(b) = v.as_bool() {
            self.push(if b { b"true" } else { b"false" });
            return Ok(());
        }
        self.other(v)
    }

    fn other(&mut self, v: &Value) -> R<()> {
        if let Some(s) = v.downcast::<Str>() {
            return self.string(s);
        }
        if let Some(n) = int::get(v) {
            return self.int(n);
        }
        if let Some(x) = float::get(v) {
            return self.float(x, v);
        }
        if let Some(t) = v.downcast::<Tuple>() {
            return self.tuple(v, t);
        }
        if let Some(l) = v.downcast::<List>() {
            return self.list(v, l);
        }
        if let Some(d) = v.downcast::<Dict>() {
            return self.dict(v, d);
        }
        self.enter(v)?;
        let instead = self
            .vm
            .call(&self.encoder.default, std::slice::from_ref(v))?;
        if let Err(raised) = self.value(&instead) {
            return Err(self.noted(raised, |_| Ok(format!("{} object", v.ty().full_name()))));
        }
        self.leave();
        Ok(())
    }

    fn string(&mut self, s: &Ref<Str>) -> R<()> {
        if let Some(quoting) = self.encoder.quoting.0 {
            self.check_room()?;
            return push_quoted(self.vm, &mut self.out, s.chars(), quoting);
        }
        let written = self.vm.call(&self.encoder.encoder, &[s.to_value()])?;
        match written.downcast::<Str>() {
            Some(w) => self.out.push_obj(w),
            None => {
                let given = written.ty().tp_name();
                return Err(self
                    .vm
                    .type_error(format!("encoder() must return a string, not {given}")));
            }
        }
        Ok(())
    }

    #[inline]
    fn small(&mut self, n: i64) {
        match self.out.narrow() {
            Some(buffer) => push_decimal(buffer, n),
            None => self.out.push_str(&n.to_string()),
        }
    }

    fn int(&mut self, n: int::IntRef<'_>) -> R<()> {
        let digits = int::decimal(self.vm, n)?;
        self.push(digits.as_bytes());
        Ok(())
    }

    fn float(&mut self, x: f64, v: &Value) -> R<()> {
        if x.is_finite() {
            match self.out.narrow() {
                Some(buffer) => push_repr(buffer, x),
                None => self.out.push_str(&taipan_text::float::repr(x)),
            }
            return Ok(());
        }
        if !self.encoder.allow_nan {
            let shown = self.vm.repr_string(v)?;
            return Err(self.vm.value_error(format!(
                "Out of range float values are not JSON compliant: {shown}"
            )));
        }
        self.push(match () {
            () if x.is_nan() => b"NaN",
            () if x > 0.0 => b"Infinity",
            () => b"-Infinity",
        });
        Ok(())
    }

    fn list(&mut self, v: &Value, l: &Ref<List>) -> R<()> {
        if l.is_empty() {
            self.push(b"[]");
            return Ok(());
        }
        self.open_list(v)?;
        let mut i = 0;
        while let Some(item) = l.get(i) {
            self.item(v, i, &item)?;
            i += 1;
        }
        self.close_list();
        Ok(())
    }

    fn tuple(&mut self, v: &Value, t: &Ref<Tuple>) -> R<()> {
        if t.is_empty() {
            self.push(b"[]");
            return Ok(());
        }
        self.open_list(v)?;
        for (i, item) in t.as_slice().iter().enumerate() {
            self.item(v, i, item)?;
        }
        self.close_list();
        Ok(())
    }

    fn open_list(&mut self, v: &Value) -> R<()> {
        self.enter(v)?;
        self.push(b"[");
        self.level += 1;
        self.new_line();
        Ok(())
    }

    fn item(&mut self, v: &Value, i: usize, item: &Value) -> R<()> {
        if i > 0 {
            self.separator();
        }
        match self.value(item) {
            Ok(()) => self.check_room(),
            Err(raised) => {
                Err(self.noted(raised, |_| Ok(format!("{} item {i}", v.ty().full_name()))))
            }
        }
    }

    fn close_list(&mut self) {
        self.leave();
        self.level -= 1;
        self.new_line();
        self.push(b"]");
    }

    fn dict(&mut self, v: &Value, d: &Ref<Dict>) -> R<()> {
        if d.is_empty() {
            self.push(b"{}");
            return Ok(());
        }
        self.enter(v)?;
        self.push(b"{");
        self.level += 1;
        self.new_line();
        let mut first = true;
        if self.encoder.sort_keys || !d.is_exact() {
            for (key, value) in self.items(v, d)? {
                self.member(v, &key, &value, &mut first)?;
            }
        } else {
            let mut i = 0;
            while let Some((next, key, value)) = d.next_entry(i) {
                self.member(v, &key, &value, &mut first)?;
                i = next;
            }
        }
        self.leave();
        self.level -= 1;
        self.new_line();
        self.push(b"}");
        Ok(())
    }

    /// What the method `items` gives, sorted if asked for.
    fn items(&self, v: &Value, d: &Ref<Dict>) -> R<Vec<(Value, Value)>> {
        let vm = self.vm;
        let mut items = Vec::new();
        if d.is_exact() {
            items = d.items();
            if items
                .iter()
                .all(|(k, _)| k.downcast_exact::<Str>().is_some())
            {
                // The keys differ, so values are never compared.
                items.sort_by(|(a, _), (b, _)| {
                    match (a.downcast_exact::<Str>(), b.downcast_exact::<Str>()) {
                        (Some(a), Some(b)) => a.compare(b),
                        _ => std::cmp::Ordering::Equal,
                    }
                });
                return Ok(items);
            }
        }
        let given = vm.call_method(v, "items", &[])?;
        let slots = given.ty().slots();
        if slots.iter.is_none() && slots.item.is_none() && slots.getitem.is_none() {
            let (class, given) = (v.ty().tp_name(), given.ty().tp_name());
            return Err(vm.type_error(format!(
                "{class}.items() returned a non-iterable (type {given})"
            )));
        }
        let mut pairs = vm.collect(&given)?;
        if self.encoder.sort_keys {
            list::sort_values(vm, &mut pairs, None, false)?;
        }
        items.clear();
        for p in &pairs {
            match p.downcast::<Tuple>().map(|t| t.as_slice()) {
                Some([k, v]) => items.push((k.clone(), v.clone())),
                _ => return Err(vm.value_error("items must return 2-tuples")),
            }
        }
        Ok(items)
    }

    fn member(&mut self, v: &Value, key: &Value, value: &Value, first: &mut bool) -> R<()> {
        let encoder = self.encoder;
        let simple = key.downcast::<Str>().is_some()
            || float::get(key).is_some()
            || key.is_none()
            || int::get(key).is_some();
        if !simple {
            if encoder.skipkeys {
                return Ok(());
            }
            let given = key.ty().tp_name();
            return Err(self.vm.type_error(format!(
                "keys must be str, int, float, bool or None, not {given}"
            )));
        }
        if *first {
            *first = false;
        } else {
            self.separator();
        }
        match key.downcast::<Str>() {
            Some(s) => self.string(s)?,
            None => self.other_key(key)?,
        }
        self.push_obj(&encoder.key_separator);
        match self.value(value) {
            Ok(()) => self.check_room(),
            Err(raised) => Err(self.noted(raised, |vm| {
                Ok(format!(
                    "{} item {}",
                    v.ty().full_name(),
                    vm.repr_string(key)?
                ))
            })),
        }
    }

    /// A key that is no str becomes one.
    fn other_key(&mut self, key: &Value) -> R<()> {
        let mut digits = Vec::new();
        let text = match (float::get(key), key.as_bool()) {
            _ if key.is_none() => "null",
            (_, Some(true)) => "true",
            (_, Some(false)) => "false",
            (Some(x), _) => {
                let outer = std::mem::replace(&mut self.out, StrBuilder::new());
                let done = self.float(x, key);
                let inner = std::mem::replace(&mut self.out, outer);
                done?;
                return self.key_text(&inner.finish());
            }
            _ => {
                if let Some(n) = int::get(key) {
                    digits = int::decimal(self.vm, n)?.into_bytes();
                }
                std::str::from_utf8(&digits).unwrap_or_default()
            }
        };
        self.key_text(&str::from_str(text))
    }

    fn key_text(&mut self, text: &Value) -> R<()> {
        match text.downcast::<Str>() {
            Some(s) => self.string(s),
            None => Ok(()),
        }
    }
}
