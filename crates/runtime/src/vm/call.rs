//! Calling from native code: the one way back into Python.

use super::Vm;
use crate::core::{R, Value};
use crate::interp;
use crate::native::Args;
use crate::types::dict::Dict;
use crate::types::function::Function;
use crate::types::tuple;

/// Gives `f` the arguments with `first` before them. Few arguments need no memory for that.
#[inline]
pub fn prepend<T>(first: &Value, args: Args<'_>, f: impl FnOnce(Args<'_>) -> T) -> T {
    const FEW: usize = 8;
    let n = args.all.len();
    if n >= FEW {
        let all: Vec<Value> = std::iter::once(first).chain(args.all).cloned().collect();
        return f(Args { all: &all, names: args.names });
    }
    let mut words = [0u64; FEW];
    words[0] = first.raw();
    for (w, v) in words[1..].iter_mut().zip(args.all) {
        *w = v.raw();
    }
    // SAFETY: the words are owned by `first` and by the arguments, which the caller keeps for the whole call.
    let all = unsafe { Value::slice_from_raw(words.as_ptr(), n + 1) };
    f(Args { all, names: args.names })
}

/// Gives `f` the values one behind the other, as [`prepend`] does.
#[inline]
pub fn gather<'a, T>(values: impl Iterator<Item = &'a Value>, names: &[Value], f: impl FnOnce(Args<'_>) -> T) -> T {
    const FEW: usize = 12;
    let mut words = [0u64; FEW];
    let mut n = 0;
    let mut values = values;
    while let Some(v) = values.next() {
        if n == FEW {
            // SAFETY: the words are owned by the values, which live as long as the iterator's lifetime.
            let first = unsafe { Value::slice_from_raw(words.as_ptr(), n) };
            let all: Vec<Value> = first.iter().chain(std::iter::once(v)).chain(values).cloned().collect();
            return f(Args { all: &all, names });
        }
        words[n] = v.raw();
        n += 1;
    }
    // SAFETY: as above, for the whole call.
    let all = unsafe { Value::slice_from_raw(words.as_ptr(), n) };
    f(Args { all, names })
}

impl Vm {
    /// Calls `f` with positional arguments.
    #[inline]
    pub fn call(&self, f: &Value, args: &[Value]) -> R {
        self.call_args(f, Args::pos(args))
    }

    /// Calls `f` with positional and named arguments.
    pub fn call_args(&self, f: &Value, args: Args<'_>) -> R {
        if let Some(func) = f.downcast_exact::<Function>() {
            return interp::call_function(self, func, args);
        }
        match f.ty().slots().call {
            Some(call) => {
                self.native_step()?;
                call(self, f, args)
            }
            None => Err(self.type_error(format!("'{}' object is not callable", f.ty().tp_name()))),
        }
    }

    /// Calls `f` with positional arguments and named ones given as text.
    pub fn call_kw(&self, f: &Value, args: &[Value], kwargs: &[(&str, Value)]) -> R {
        let mut all = args.to_vec();
        let mut names = Vec::new();
        for (k, v) in kwargs {
            names.push(super::intern(k).into_value());
            all.push(v.clone());
        }
        self.call_args(f, Args { all: &all, names: &names })
    }

    /// Calls `f` with arguments from a tuple's items and a keyword dict.
    ///
    /// Raises TypeError if a key is no str.
    pub fn call_dict(&self, f: &Value, args: &[Value], kwargs: Option<&Dict>) -> R {
        let Some(kw) = kwargs.filter(|k| !k.is_empty()) else { return self.call(f, args) };
        let mut all = args.to_vec();
        let mut names = Vec::new();
        for (k, v) in kw.items() {
            if k.downcast::<crate::types::str::Str>().is_none() {
                return Err(self.type_error("keywords must be strings"));
            }
            names.push(super::intern_value(&k));
            all.push(v);
        }
        self.call_args(f, Args { all: &all, names: &names })
    }

    /// Calls `f` with `first` before the other arguments.
    #[inline]
    pub fn call_prepend(&self, f: &Value, first: &Value, args: Args<'_>) -> R {
        if let Some(func) = f.downcast_exact::<Function>() {
            return interp::call_function_with(self, func, Some(first), args);
        }
        prepend(first, args, |args| self.call_args(f, args))
    }

    /// A tuple of the positional arguments and a dict of the named ones.
    pub fn pack_args(&self, args: Args<'_>) -> (Value, Value) {
        let d = crate::core::Ref::new(Dict::new());
        for (k, v) in args.named() {
            d.set_name(k, v.clone());
        }
        (tuple::from_slice(args.positional()).into_value(), d.into_value())
    }
}
