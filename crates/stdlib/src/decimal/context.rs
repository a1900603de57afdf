//! Context objects and the current context.

use std::cell::Cell;

use taipan_runtime::core::{R, Raised, Ref, Value};
use taipan_runtime::types::dict::Dict;
use taipan_runtime::types::exceptions as exc;
use taipan_runtime::types::list::List;
use taipan_runtime::types::str::{self, Str};
use taipan_runtime::types::type_::TypeObject;
use taipan_runtime::types::int;
use taipan_runtime::vm::Vm;

use super::number::{MAX_EMAX, MAX_PREC, MIN_EMIN, Num};
use super::object::Decimal;
use super::round::{Ctx, Rounding, flag};
use super::signals::{self, SignalDict};
use crate::contextvars::{self, ContextVar};

/// The payload of Context.
#[derive(taipan_macros::Trace)]
pub struct Context {
    #[no_trace]
    pub(super) ctx: Cell<Ctx>,
    pub(super) capitals: Cell<bool>,
    pub(super) flags: Ref<SignalDict>,
    pub(super) traps: Ref<SignalDict>,
}

/// The settings of new contexts.
pub const DEFAULT: Ctx =
    Ctx { prec: 28, emax: 999_999, emin: -999_999, rounding: Rounding::HalfEven, clamp: false };

impl Context {
    /// The settings.
    #[inline(always)]
    pub fn settings(&self) -> Ctx {
        self.ctx.get()
    }

    /// Notes conditions.
    ///
    /// Raises the exception of the first signal that is trapped.
    #[inline]
    pub fn note(&self, vm: &Vm, st: u32) -> R<()> {
        if st == 0 {
            return Ok(());
        }
        self.flags.bits.set(self.flags.bits.get() | st);
        let trapped = st & (self.traps.bits.get() | flag::MALLOC_ERROR);
        if trapped == 0 { Ok(()) } else { Err(signals::raise(vm, trapped)) }
    }

    /// The result of an operation, if none of its conditions is trapped.
    #[inline]
    pub fn finish(&self, vm: &Vm, n: Num, st: u32) -> R {
        if st != 0 {
            self.note(vm, st)?;
        }
        Ok(Decimal::make(n))
    }
}

/// A new context.
pub fn new(vm: &Vm, cls: &TypeObject, ctx: Ctx, capitals: bool, flags: u32, traps: u32) -> R<Ref<Context>> {
    let (flags, traps) = (signals::new_dict(vm, flags)?, signals::new_dict(vm, traps)?);
    Ok(Ref::new_of(cls, Context { ctx: Cell::new(ctx), capitals: Cell::new(capitals), flags, traps }))
}

/// A copy with the same flags and traps.
pub fn copy(vm: &Vm, c: &Context) -> R<Ref<Context>> {
    new(vm, Context::DEF.place.get(), c.settings(), c.capitals.get(), c.flags.bits.get(), c.traps.bits.get())
}

/// `DefaultContext`, if it was made already.
pub fn default_context_if_made(vm: &Vm) -> Option<Value> {
    vm.interp().statics.borrow().get("decimal.DefaultContext").cloned()
}

fn template(vm: &Vm, key: &'static str, ctx: Ctx, traps: u32) -> R {
    vm.interp_static(key, |vm| Ok(new(vm, Context::DEF.place.get(), ctx, true, 0, traps)?.into_value()))
}

/// `DefaultContext`
pub fn default_context(vm: &Vm) -> R {
    template(vm, "decimal.DefaultContext", DEFAULT, flag::DEFAULT_TRAPS)
}

/// `BasicContext`
pub fn basic_context(vm: &Vm) -> R {
    let traps = flag::DEFAULT_TRAPS | flag::UNDERFLOW | flag::CLAMPED;
    template(vm, "decimal.BasicContext", Ctx { prec: 9, rounding: Rounding::HalfUp, ..DEFAULT }, traps)
}

/// `ExtendedContext`
pub fn extended_context(vm: &Vm) -> R {
    template(vm, "decimal.ExtendedContext", DEFAULT.with_prec(9), 0)
}

fn variable(vm: &Vm) -> R<Ref<ContextVar>> {
    let v = vm.interp_static("decimal.variable", |_| {
        Ok(contextvars::new_var(str::from_str("decimal_context"), None).into_value())
    })?;
    v.into_ref::<ContextVar>().map_err(|_| vm.system_error("the context variable is none"))
}

/// The current context; made from `DefaultContext` on first use.
#[inline]
pub fn current(vm: &Vm) -> R<Ref<Context>> {
    if let Some(v) = vm.decimal.borrow().as_ref()
        && let Some(c) = v.downcast::<Context>()
    {
        return Ok(c.clone());
    }
    look_up(vm)
}

#[cold]
#[inline(never)]
fn look_up(vm: &Vm) -> R<Ref<Context>> {
    let var = variable(vm)?;
    let found = contextvars::get_var(vm, &var)?;
    let c = match found.as_ref().and_then(|v| v.downcast::<Context>()) {
        Some(c) => c.clone(),
        None => {
            let default = default_context(vm)?;
            let Some(d) = default.downcast::<Context>() else {
                return Err(vm.system_error("DefaultContext is no context"));
            };
            let c = copy(vm, d)?;
            c.flags.bits.set(0);
            contextvars::set_var(vm, &var, c.value().clone())?;
            c
        }
    };
    vm.decimal.set(Some(c.value().clone()));
    Ok(c)
}

/// Makes a context the current one.
pub fn set_current(vm: &Vm, c: &Ref<Context>) -> R<()> {
    contextvars::set_var(vm, &variable(vm)?, c.value().clone())?;
    Ok(())
}

/// `setcontext`: the templates are copied.
pub fn set_context(vm: &Vm, v: &Value) -> R<()> {
    let Some(c) = v.downcast::<Context>() else { return Err(vm.type_error("argument must be a context")) };
    let templates = [default_context(vm)?, basic_context(vm)?, extended_context(vm)?];
    if templates.iter().any(|t| t.is(v)) {
        let c = copy(vm, c)?;
        c.flags.bits.set(0);
        return set_current(vm, &c);
    }
    set_current(vm, c)
}

/// The context that an optional argument gives, else the current one.
pub fn given(vm: &Vm, v: Option<&Value>) -> R<Ref<Context>> {
    match v {
        None => current(vm),
        Some(v) if v.is_none() => current(vm),
        Some(v) => match v.downcast::<Context>() {
            Some(c) => Ok(c.clone()),
            None => Err(vm.type_error("optional argument must be a context")),
        },
    }
}

/// A way of rounding by its name.
///
/// Raises TypeError.
pub fn rounding(vm: &Vm, v: &Value) -> R<Rounding> {
    if let Some(s) = v.downcast::<Str>()
        && let Some(name) = s.as_ascii()
        && let Some((r, _)) = Rounding::ALL.iter().find(|(_, n)| *n == name)
    {
        return Ok(*r);
    }
    Err(vm.type_error(
        "valid values for rounding are:\n  [ROUND_CEILING, ROUND_FLOOR, ROUND_UP, ROUND_DOWN,\n   ROUND_HALF_UP, \
         ROUND_HALF_DOWN, ROUND_HALF_EVEN,\n   ROUND_05UP]",
    ))
}

/// An int argument.
///
/// Raises TypeError and OverflowError.
pub fn ssize(vm: &Vm, v: &Value) -> R<i64> {
    let Some(n) = int::get(v) else { return Err(vm.type_error("an integer is required")) };
    n.to_i64().ok_or_else(|| vm.overflow_error("Python int too large to convert to C ssize_t"))
}

/// Names of the parameters of contexts, in order.
pub const NAMES: [&str; 8] = ["prec", "rounding", "Emin", "Emax", "capitals", "clamp", "flags", "traps"];

impl Context {
    /// Changes a setting, by its place among [`NAMES`].
    ///
    /// Raises TypeError, ValueError, OverflowError and KeyError.
    pub fn change(&self, vm: &Vm, i: usize, v: &Value) -> R<()> {
        let mut c = self.settings();
        let within = |lo: i64, hi: i64, text: &str| -> R<i64> {
            let n = ssize(vm, v)?;
            if (lo..=hi).contains(&n) { Ok(n) } else { Err(vm.value_error(text)) }
        };
        match i {
            0 => c.prec = within(1, MAX_PREC, "valid range for prec is [1, MAX_PREC]")?,
            1 => c.rounding = rounding(vm, v)?,
            2 => c.emin = within(MIN_EMIN, 0, "valid range for Emin is [MIN_EMIN, 0]")?,
            3 => c.emax = within(0, MAX_EMAX, "valid range for Emax is [0, MAX_EMAX]")?,
            4 => {
                self.capitals.set(within(0, 1, "valid values for capitals are 0 or 1")? == 1);
                return Ok(());
            }
            5 => c.clamp = within(0, 1, "valid values for clamp are 0 or 1")? == 1,
            _ => {
                let dict = if i == 6 { &self.flags } else { &self.traps };
                dict.bits.set(signal_bits(vm, v, false)?);
                return Ok(());
            }
        }
        self.ctx.set(c);
        Ok(())
    }

    /// A setting, by its name.
    pub fn setting(&self, name: &str) -> Option<Value> {
        let c = self.settings();
        Some(match name {
            "prec" => Value::from(c.prec),
            "rounding" => rounding_name(c.rounding),
            "Emin" => Value::from(c.emin),
            "Emax" => Value::from(c.emax),
            "capitals" => Value::from(i64::from(self.capitals.get())),
            "clamp" => Value::from(i64::from(c.clamp)),
            "flags" => self.flags.value().clone(),
            "traps" => self.traps.value().clone(),
            _ => return None,
        })
    }
}

/// The name as a str, always the same one.
pub fn rounding_name(r: Rounding) -> Value {
    taipan_runtime::vm::intern(r.name()).into_value()
}

/// The conditions that a signal dict, a dict or (if allowed) a list of signals stands for.
///
/// Raises TypeError and KeyError.
pub fn signal_bits(vm: &Vm, v: &Value, lists: bool) -> R<u32> {
    if let Some(d) = v.downcast::<SignalDict>() {
        return Ok(d.bits.get());
    }
    if let Some(d) = v.downcast::<Dict>() {
        return signals::bits_of_dict(vm, d);
    }
    if lists && v.downcast::<List>().is_some() {
        return signals::bits_of_list(vm, v);
    }
    Err(vm.type_error("argument must be a signal dict"))
}

/// Sets what keyword arguments of `localcontext` give.
pub fn apply_names(vm: &Vm, c: &Context, names: &[(Value, Value)]) -> R<()> {
    for (name, v) in names {
        if v.is_none() {
            continue;
        }
        let place = name.downcast::<Str>().and_then(|s| s.as_ascii()).and_then(|s| NAMES.iter().position(|n| *n == s));
        let Some(i) = place else { return Err(unexpected(vm, name)) };
        if i >= 6 {
            let dict = if i == 6 { &c.flags } else { &c.traps };
            dict.bits.set(signal_bits(vm, v, true)?);
        } else {
            c.change(vm, i, v)?;
        }
    }
    Ok(())
}

/// The error for a name that no parameter has.
pub fn unexpected(vm: &Vm, name: &Value) -> Raised {
    vm.type_error(format!("this function got an unexpected keyword argument '{}'", vm.str_lossy(name)))
}

/// `AttributeError: context attributes cannot be deleted`
pub fn not_deleted(vm: &Vm) -> Raised {
    vm.raise_msg(&exc::ATTRIBUTE_ERROR, "context attributes cannot be deleted")
}
