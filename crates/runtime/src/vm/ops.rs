//! The abstract object operations: operators, comparison, truth, hash, repr, items, length.

use super::Vm;
use crate::core::{R, Value, tag};
use crate::types::str::{self, Str};
use crate::types::type_::{BinOp, BinaryFn, CmpOp, tflag};
use crate::types::{dict::Dict, float, int, list::List, tuple::Tuple};

/// Containers in containers whose repr is made at once.
const MAX_REPR_DEPTH: usize = 20_000;

impl Vm {
    /// A binary operator, with reflection as in the language reference.
    ///
    /// Raises TypeError when neither side knows what to do.
    pub fn binary(&self, a: &Value, b: &Value, op: BinOp) -> R {
        let r = self.binary_slots(a, b, op)?;
        if !r.is_not_implemented() {
            return Ok(r);
        }
        match op {
            BinOp::Add => {
                if let Some(f) = a.ty().slots().concat {
                    return f(self, a, b);
                }
            }
            BinOp::Mul => {
                if let Some(r) = self.sequence_repeat(a, b, false)? {
                    return Ok(r);
                }
            }
            _ => {}
        }
        Err(self.unsupported(a, b, op, false))
    }

    fn sequence_repeat(&self, a: &Value, b: &Value, inplace: bool) -> R<Option<Value>> {
        let slots = a.ty().slots();
        let repeat = if inplace { slots.inplace_repeat.or(slots.repeat) } else { slots.repeat };
        if let Some(f) = repeat {
            return self.repeat_by(f, a, b).map(Some);
        }
        if let Some(f) = b.ty().slots().repeat {
            return self.repeat_by(f, b, a).map(Some);
        }
        Ok(None)
    }

    fn repeat_by(&self, f: fn(&Vm, &Value, isize) -> R, seq: &Value, n: &Value) -> R {
        if int::get(n).is_none() && n.ty().slots().index.is_none() {
            return Err(self.type_error(format!("can't multiply sequence by non-int of type '{}'", n.ty().tp_name())));
        }
        let i = int::index(self, n)?;
        match int::get(&i).and_then(int::IntRef::to_i64) {
            Some(n) => f(self, seq, n as isize),
            None => Err(self.overflow_error("cannot fit 'int' into an index-sized integer")),
        }
    }

    fn binary_slots(&self, a: &Value, b: &Value, op: BinOp) -> R {
        let (ta, tb) = (a.ty(), b.ty());
        let fa: Option<BinaryFn> = ta.slots().binary[op as usize];
        let mut fb = if ta.is(tb) { None } else { tb.slots().binary[op as usize] };
        if let (Some(x), Some(y)) = (fa, fb)
            && std::ptr::fn_addr_eq(x, y)
        {
            fb = None;
        }
        if let Some(f) = fa {
            if let Some(g) = fb
                && tb.is_subtype_of(ta)
            {
                let r = g(self, a, b)?;
                if !r.is_not_implemented() {
                    return Ok(r);
                }
                fb = None;
            }
            let r = f(self, a, b)?;
            if !r.is_not_implemented() {
                return Ok(r);
            }
        }
        match fb {
            Some(g) => g(self, a, b),
            None => Ok(Value::NOT_IMPLEMENTED),
        }
    }

    /// An augmented assignment's operator: the in-place slot first.
    pub fn inplace(&self, a: &Value, b: &Value, op: BinOp) -> R {
        if let Some(f) = a.ty().slots().inplace[op as usize] {
            let r = f(self, a, b)?;
            if !r.is_not_implemented() {
                return Ok(r);
            }
        }
        let r = self.binary_slots(a, b, op)?;
        if !r.is_not_implemented() {
            return Ok(r);
        }
        match op {
            BinOp::Add => {
                let slots = a.ty().slots();
                if let Some(f) = slots.inplace_concat.or(slots.concat) {
                    return f(self, a, b);
                }
            }
            BinOp::Mul => {
                if let Some(r) = self.sequence_repeat(a, b, true)? {
                    return Ok(r);
                }
            }
            _ => {}
        }
        Err(self.unsupported(a, b, op, true))
    }

    #[cold]
    fn unsupported(&self, a: &Value, b: &Value, op: BinOp, inplace: bool) -> crate::core::Raised {
        let symbol = match (op, inplace) {
            (BinOp::Pow, true) => "**=".to_owned(),
            (_, true) => format!("{}=", op.names().3),
            _ => op.names().3.to_owned(),
        };
        if op == BinOp::RShift && crate::types::native_fn::is_print(a) {
            return self.type_error(format!(
                "unsupported operand type(s) for {symbol}: '{}' and '{}'. Did you mean \"print(<message>, file=<output_stream>)\"?",
                a.ty().tp_name(),
                b.ty().tp_name()
            ));
        }
        self.type_error(format!("unsupported operand type(s) for {symbol}: '{}' and '{}'", a.ty().tp_name(), b.ty().tp_name()))
    }

    /// `pow(a, b, c)`.
    pub fn power(&self, a: &Value, b: &Value, c: &Value) -> R {
        if c.is_none() {
            return self.binary(a, b, BinOp::Pow);
        }
        for v in [a, b, c] {
            if let Some(f) = v.ty().slots().pow3 {
                let r = f(self, a, b, c)?;
                if !r.is_not_implemented() {
                    return Ok(r);
                }
            }
        }
        Err(self.type_error(format!(
            "unsupported operand type(s) for ** or pow(): '{}', '{}', '{}'",
            a.ty().tp_name(),
            b.ty().tp_name(),
            c.ty().tp_name()
        )))
    }

    /// `-v`
    pub fn negative(&self, v: &Value) -> R {
        self.unary(v, v.ty().slots().neg, "-")
    }

    /// `+v`
    pub fn positive(&self, v: &Value) -> R {
        self.unary(v, v.ty().slots().pos, "+")
    }

    /// `~v`
    pub fn invert(&self, v: &Value) -> R {
        self.unary(v, v.ty().slots().invert, "~")
    }

    /// `abs(v)`
    pub fn absolute(&self, v: &Value) -> R {
        match v.ty().slots().abs {
            Some(f) => f(self, v),
            None => Err(self.type_error(format!("bad operand type for abs(): '{}'", v.ty().tp_name()))),
        }
    }

    fn unary(&self, v: &Value, f: Option<fn(&Vm, &Value) -> R>, symbol: &str) -> R {
        match f {
            Some(f) => f(self, v),
            None => Err(self.type_error(format!("bad operand type for unary {symbol}: '{}'", v.ty().tp_name()))),
        }
    }

    /// A rich comparison.
    #[inline]
    pub fn compare(&self, a: &Value, b: &Value, op: CmpOp) -> R {
        let (wa, wb) = (a.raw(), b.raw());
        if tag::both_int(wa, wb) {
            return Ok(Value::bool(op.matches((wa as i64).cmp(&(wb as i64)))));
        }
        self.compare_slow(a, b, op)
    }

    fn compare_slow(&self, a: &Value, b: &Value, op: CmpOp) -> R {
        self.native_step()?;
        let (ta, tb) = (a.ty(), b.ty());
        let mut reflected = false;
        if !ta.is(tb)
            && tb.is_subtype_of(ta)
            && let Some(f) = tb.slots().richcompare
        {
            reflected = true;
            let r = f(self, b, a, op.swapped())?;
            if !r.is_not_implemented() {
                return Ok(r);
            }
        }
        if let Some(f) = ta.slots().richcompare {
            let r = f(self, a, b, op)?;
            if !r.is_not_implemented() {
                return Ok(r);
            }
        }
        if !reflected && let Some(f) = tb.slots().richcompare {
            let r = f(self, b, a, op.swapped())?;
            if !r.is_not_implemented() {
                return Ok(r);
            }
        }
        match op {
            CmpOp::Eq => Ok(Value::bool(a.is(b))),
            CmpOp::Ne => Ok(Value::bool(!a.is(b))),
            _ => Err(self.type_error(format!(
                "'{}' not supported between instances of '{}' and '{}'",
                op.symbol(),
                ta.tp_name(),
                tb.tp_name()
            ))),
        }
    }

    /// The truth of a comparison, where the same object is always equal to itself
    /// (containers compare their items this way).
    #[inline]
    pub fn compare_bool(&self, a: &Value, b: &Value, op: CmpOp) -> R<bool> {
        if a.is(b) {
            match op {
                CmpOp::Eq => return Ok(true),
                CmpOp::Ne => return Ok(false),
                _ => {}
            }
        }
        let r = self.compare(a, b, op)?;
        self.truth(&r)
    }

    /// `a is b or a == b`
    #[inline]
    pub fn eq(&self, a: &Value, b: &Value) -> R<bool> {
        if a.is(b) {
            return Ok(true);
        }
        if let (Some(x), Some(y)) = (a.downcast_exact::<Str>(), b.downcast_exact::<Str>()) {
            return Ok(x.same_text(y));
        }
        self.compare_bool(a, b, CmpOp::Eq)
    }

    /// `bool(v)`
    #[inline]
    pub fn truth(&self, v: &Value) -> R<bool> {
        match v.raw() {
            tag::TRUE => Ok(true),
            tag::FALSE | tag::NONE => Ok(false),
            w if tag::is_int(w) => Ok(w != tag::from_int(0)),
            w if tag::is_float(w) => Ok(true),
            w if tag::is_zero(w) => Ok(false),
            _ => self.truth_slow(v),
        }
    }

    fn truth_slow(&self, v: &Value) -> R<bool> {
        let slots = v.ty().slots();
        if let Some(f) = slots.bool {
            return f(self, v);
        }
        match slots.len {
            Some(f) => Ok(f(self, v)? != 0),
            None => Ok(true),
        }
    }

    /// `hash(v)`
    #[inline]
    pub fn hash(&self, v: &Value) -> R<i64> {
        if let Some(n) = v.as_small() {
            return Ok(int::hash_small(n));
        }
        if let Some(s) = v.downcast_exact::<Str>() {
            return Ok(s.hash());
        }
        match v.ty().slots().hash {
            Some(f) => f(self, v),
            None => Err(self.type_error(format!("unhashable type: '{}'", v.ty().tp_name()))),
        }
    }

    /// `repr(v)`
    pub fn repr(&self, v: &Value) -> R {
        self.native_step()?;
        let Some(f) = v.ty().slots().repr else {
            return Ok(str::from_str(&format!("<{} object at {:#x}>", v.ty().tp_name(), v.id())));
        };
        let r = f(self, v)?;
        if r.downcast::<Str>().is_none() {
            return Err(self.type_error(format!("__repr__ returned non-string (type {})", r.ty().tp_name())));
        }
        Ok(r)
    }

    /// `str(v)`
    pub fn str(&self, v: &Value) -> R {
        if v.downcast_exact::<Str>().is_some() {
            return Ok(v.clone());
        }
        self.check_native_stack()?;
        let Some(f) = v.ty().slots().str else { return self.repr(v) };
        let r = f(self, v)?;
        if r.downcast::<Str>().is_none() {
            return Err(self.type_error(format!("__str__ returned non-string (type {})", r.ty().tp_name())));
        }
        Ok(r)
    }

    /// `ascii(v)`
    pub fn ascii(&self, v: &Value) -> R {
        let r = self.repr(v)?;
        match r.downcast::<Str>() {
            Some(s) if s.as_ascii().is_none() => {
                let mut out = String::new();
                for ch in s.iter() {
                    match ch {
                        0..0x80 => out.push(ch as u8 as char),
                        0x80..0x100 => out.push_str(&format!("\\x{ch:02x}")),
                        0x100..0x1_0000 => out.push_str(&format!("\\u{ch:04x}")),
                        _ => out.push_str(&format!("\\U{ch:08x}")),
                    }
                }
                Ok(str::from_str(&out))
            }
            _ => Ok(r),
        }
    }

    /// `repr(v)` as Rust text, for messages.
    pub fn repr_string(&self, v: &Value) -> R<String> {
        Ok(self.str_lossy(&self.repr(v)?))
    }

    /// `str(v)` as Rust text, for messages.
    pub fn str_string(&self, v: &Value) -> R<String> {
        Ok(self.str_lossy(&self.str(v)?))
    }

    /// The text of a str object, lone surrogates replaced; other values show their type.
    pub fn str_lossy(&self, v: &Value) -> String {
        match v.downcast::<Str>() {
            Some(s) => s.to_string_lossy(),
            None => format!("<{}>", v.ty().tp_name()),
        }
    }

    /// `len(v)`
    #[inline]
    pub fn len(&self, v: &Value) -> R<usize> {
        match v.ty().slots().len {
            Some(f) => f(self, v),
            None => Err(self.type_error(format!("object of type '{}' has no len()", v.ty().tp_name()))),
        }
    }

    /// `v[key]`
    #[inline]
    pub fn getitem(&self, v: &Value, key: &Value) -> R {
        if let Some(n) = key.as_small() {
            if let Some(l) = v.downcast_exact::<List>() {
                let len = l.len() as i64;
                let i = if n < 0 { n + len } else { n };
                if let Some(item) = usize::try_from(i).ok().and_then(|i| l.get(i)) {
                    return Ok(item);
                }
            } else if let Some(t) = v.downcast_exact::<Tuple>() {
                let i = if n < 0 { n + t.len() as i64 } else { n };
                if let Some(item) = usize::try_from(i).ok().and_then(|i| t.as_slice().get(i)) {
                    return Ok(item.clone());
                }
            }
        }
        if let Some(d) = v.downcast_exact::<Dict>()
            && let Some(item) = d.get(self, key)?
        {
            return Ok(item);
        }
        if let Some(f) = v.ty().slots().getitem {
            return f(self, v, key);
        }
        if let Some(t) = v.as_type() {
            return crate::types::generic_alias::class_getitem(self, t, key);
        }
        Err(self.type_error(format!("'{}' object is not subscriptable", v.ty().tp_name())))
    }

    /// `v[key] = value`
    pub fn setitem(&self, v: &Value, key: &Value, value: &Value) -> R<()> {
        match v.ty().slots().setitem {
            Some(f) => f(self, v, key, Some(value)),
            None => Err(self.type_error(format!("'{}' object does not support item assignment", v.ty().tp_name()))),
        }
    }

    /// `del v[key]`
    pub fn delitem(&self, v: &Value, key: &Value) -> R<()> {
        match v.ty().slots().setitem {
            Some(f) => f(self, v, key, None),
            None => Err(self.no_deletion(v, key)),
        }
    }

    /// CPython says it in other words about what is a sequence and an index.
    #[cold]
    fn no_deletion(&self, v: &Value, key: &Value) -> crate::core::Raised {
        let (ty, slots) = (v.ty(), v.ty().slots());
        let sequence = ty.has(tflag::HEAP)
            || slots.item.is_some()
            || slots.concat.is_some()
            || slots.contains.is_some();
        let index = int::get(key).is_some() || key.ty().slots().index.is_some();
        let not = if sequence && index { "doesn't" } else { "does not" };
        self.type_error(format!("'{}' object {not} support item deletion", ty.tp_name()))
    }

    /// `item in v`
    pub fn contains(&self, v: &Value, item: &Value) -> R<bool> {
        if let Some(f) = v.ty().slots().contains {
            return f(self, v, item);
        }
        let it = match self.iter(v) {
            Ok(it) => it,
            Err(r) if self.raised_is(&crate::types::exceptions::TYPE_ERROR) => {
                drop(self.catch(r));
                return Err(self.type_error(format!("argument of type '{}' is not a container or iterable", v.ty().tp_name())));
            }
            Err(r) => return Err(r),
        };
        while let Some(x) = self.next(&it)? {
            if self.eq(&x, item)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// `format(v, spec)`
    pub fn format(&self, v: &Value, spec: &Value) -> R {
        if spec.downcast::<Str>().is_some_and(|s| s.is_empty()) {
            if v.downcast_exact::<Str>().is_some() {
                return Ok(v.clone());
            }
            if v.as_small().is_some() || float::get(v).is_some() && v.ty().is(float::FLOAT.get()) {
                return self.str(v);
            }
        }
        if v.as_small().is_some() {
            return int::format_value(self, v, spec);
        }
        let Some(f) = self.lookup_special(v, &super::names().__format__)? else {
            return Err(self.type_error(format!("Type {} doesn't define __format__", v.ty().tp_name())));
        };
        let r = self.call(&f, std::slice::from_ref(spec))?;
        if r.downcast::<Str>().is_none() {
            return Err(self.type_error(format!("__format__ must return a str, not {}", r.ty().tp_name())));
        }
        Ok(r)
    }

    /// Runs `f` unless the repr of this very object is running already; then gives `None`.
    pub fn repr_guard<T>(&self, v: &Value, f: impl FnOnce() -> R<T>) -> R<Option<T>> {
        let id = v.raw();
        let (running, depth) = {
            let ids = self.repr_running.borrow();
            (ids.contains(&id), ids.len())
        };
        if running {
            return Ok(None);
        }
        // Every level copies the text of all levels below: deeper ones would take forever before the stack ends.
        if depth >= MAX_REPR_DEPTH {
            return Err(self.recursion_error("maximum recursion depth exceeded while getting the repr of an object"));
        }
        self.repr_running.borrow_mut().push(id);
        let r = f();
        let mut running = self.repr_running.borrow_mut();
        if let Some(i) = running.iter().rposition(|&x| x == id) {
            running.remove(i);
        }
        r.map(Some)
    }
}
