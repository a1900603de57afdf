//! Iteration from native code.

use super::{Vm, names};
use crate::core::{R, Value};
use crate::types::type_::slotdefs::is_python_next;
use crate::types::{dict::Dict, exceptions as exc, int, list::{List, ListIter}, tuple::Tuple};

impl Vm {
    /// `iter(v)`
    pub fn iter(&self, v: &Value) -> R {
        let slots = v.ty().slots();
        if let Some(f) = slots.iter {
            let it = f(self, v)?;
            if it.ty().slots().next.is_none() {
                return Err(self.type_error(format!("iter() returned non-iterator of type '{}'", it.ty().tp_name())));
            }
            return Ok(it);
        }
        if crate::types::iterators::is_sequence(v) {
            return Ok(crate::types::iterators::sequence(v.clone()));
        }
        Err(self.type_error(format!("'{}' object is not iterable", v.ty().tp_name())))
    }

    /// The next item of an iterator, `None` at its end.
    ///
    /// Whoever consumes an iterator natively takes its items here: this is where endless ones notice signals
    /// and other threads.
    #[inline]
    pub fn next(&self, it: &Value) -> R<Option<Value>> {
        self.native_step()?;
        match it.ty().slots().next {
            Some(f) => f(self, it),
            None => Err(self.type_error(format!("'{}' object is not an iterator", it.ty().tp_name()))),
        }
    }

    /// As [`Vm::next`], with a short way for the iterators over lists: for iterators that are made of others.
    #[inline(always)]
    pub fn next_inner(&self, it: &Value) -> R<Option<Value>> {
        match it.downcast_exact::<ListIter>() {
            Some(list) => Ok(list.advance()),
            None => self.next(it),
        }
    }

    /// `next(it)`: the next item of an iterator.
    ///
    /// Raises StopIteration at its end, with what it returns.
    pub fn next_or_stop(&self, it: &Value) -> R {
        match it.ty().slots().next {
            // The very exception that a Python `__next__` raises.
            Some(f) if is_python_next(f) => match self.call_special(it, &names().__next__, &[])? {
                Some(v) => Ok(v),
                None => Err(self.no_attribute(it, &names().__next__)),
            },
            Some(f) => {
                self.forget_stop_value();
                match f(self, it)? {
                    Some(v) => Ok(v),
                    None => Err(self.stop_iteration(Some(self.take_stop_value()))),
                }
            }
            None => Err(self.type_error(format!("'{}' object is not an iterator", it.ty().tp_name()))),
        }
    }

    /// Calls `f` with every item of an iterable.
    pub fn for_each(&self, v: &Value, mut f: impl FnMut(Value) -> R<()>) -> R<()> {
        if let Some(t) = v.downcast_exact::<Tuple>() {
            for x in t.as_slice() {
                f(x.clone())?;
            }
            return Ok(());
        }
        if let Some(l) = v.downcast_exact::<List>() {
            let mut i = 0;
            while let Some(x) = l.get(i) {
                f(x)?;
                i += 1;
            }
            return Ok(());
        }
        let it = self.iter(v)?;
        while let Some(x) = self.next(&it)? {
            f(x)?;
        }
        self.forget_stop_value();
        Ok(())
    }

    /// All items of an iterable.
    pub fn collect(&self, v: &Value) -> R<Vec<Value>> {
        if let Some(t) = v.downcast_exact::<Tuple>() {
            self.check_room(size_of_val(t.as_slice()))?;
            return Ok(t.as_slice().to_vec());
        }
        if let Some(l) = v.downcast_exact::<List>() {
            self.check_room(l.len().saturating_mul(size_of::<Value>()))?;
            return Ok(l.to_vec());
        }
        if let Some(d) = v.downcast_exact::<Dict>() {
            return Ok(d.keys());
        }
        if let Some(s) = crate::types::set::exact_data(v) {
            return Ok(s.to_vec());
        }
        let it = self.iter(v)?;
        let hint = self.length_hint(v, 8)?;
        let mut out = Vec::new();
        if !crate::types::list::seq::reserve(&mut out, hint) {
            return Err(self.memory_error());
        }
        while let Some(x) = self.next(&it)? {
            let more = out.len().max(8) / 2;
            if out.len() == out.capacity() && !crate::types::list::seq::reserve(&mut out, more) {
                return Err(self.memory_error());
            }
            out.push(x);
        }
        self.forget_stop_value();
        // The hint may have promised far too much.
        if out.capacity() / 2 > out.len() + 8 {
            out.shrink_to_fit();
        }
        Ok(out)
    }

    /// `operator.length_hint(v, default)`
    pub fn length_hint(&self, v: &Value, default: usize) -> R<usize> {
        if let Some(f) = v.ty().slots().len {
            let n = f(self, v);
            if let Some(n) = self.ignore(n, &exc::TYPE_ERROR)? {
                return Ok(n);
            }
        }
        let Some(f) = self.lookup_special(v, &names().__length_hint__)? else { return Ok(default) };
        let r = self.call(&f, &[]);
        let Some(r) = self.ignore(r, &exc::TYPE_ERROR)? else { return Ok(default) };
        if r.is_not_implemented() {
            return Ok(default);
        }
        let Some(n) = int::get(&r) else {
            return Err(self.type_error(format!("__length_hint__ must be an integer, not {}", r.ty().tp_name())));
        };
        match n.to_i64() {
            Some(n) if n >= 0 => Ok(n as usize),
            _ if n.is_negative() => Err(self.value_error("__length_hint__() should return >= 0")),
            _ => Err(self.overflow_error("Python int too large to convert to C ssize_t")),
        }
    }
}
