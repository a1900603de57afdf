//! Arguments of the constructors, and the checks of fields.

use taipan_runtime::core::{R, Raised, Value};
use taipan_runtime::native::Args;
use taipan_runtime::types::int;
use taipan_runtime::types::str::Str;
use taipan_runtime::vm::Vm;

use super::calendar::{MAX_YEAR, MIN_YEAR, days_in_month};
use super::tz::TzInfo;

/// The parameters of a constructor.
pub struct Params {
    /// The name in messages; some constructors have none.
    pub function: Option<&'static str>,
    /// All names.
    pub names: &'static [&'static str],
    /// How many must be given.
    pub required: usize,
    /// How many may be given by position.
    pub positional: usize,
    /// How many, counted from the first, are fields.
    pub ints: usize,
}

impl Params {
    /// The arguments in the order of the parameters.
    ///
    /// Raises TypeError.
    #[inline]
    pub fn bind<'a, const N: usize>(&self, vm: &Vm, args: Args<'a>) -> R<[Option<&'a Value>; N]> {
        let n = args.all.len();
        let mut out = [None; N];
        if args.names.is_empty() && n >= self.required && n <= self.positional {
            for (slot, v) in out.iter_mut().zip(args.all) {
                *slot = Some(v);
            }
            return Ok(out);
        }
        self.bind_slow(vm, args, &mut out)?;
        Ok(out)
    }

    fn bind_slow<'a>(&self, vm: &Vm, args: Args<'a>, out: &mut [Option<&'a Value>]) -> R<()> {
        let given = args.positional();
        let (n, all) = (given.len(), args.all.len());
        let callee = self.function.map_or_else(|| "function".to_owned(), |f| format!("{f}()"));
        let s = |n: usize| if n == 1 { "" } else { "s" };
        if all > self.names.len() {
            let (most, kind) = (self.names.len(), if n == 0 { "keyword " } else { "" });
            let text = format!("{callee} takes at most {most} {kind}argument{} ({all} given)", s(most));
            return Err(vm.type_error(text));
        }
        if n > self.positional {
            let most = self.positional;
            let text = format!("{callee} takes at most {most} positional argument{} ({n} given)", s(most));
            return Err(vm.type_error(text));
        }
        for (slot, v) in out.iter_mut().zip(given) {
            *slot = Some(v);
        }
        let (mut unknown, mut twice) = (None, None);
        for (name, v) in args.named() {
            let place = name.downcast::<Str>().and_then(|s| self.names.iter().position(|n| s.is(n)));
            match place {
                Some(i) if i < n => twice = twice.or(Some(i)),
                Some(i) => out[i] = Some(v),
                None => unknown = unknown.or(Some(name)),
            }
        }
        for (i, name) in self.names.iter().enumerate().take(self.required) {
            if out[i].is_none() {
                // Those before it are looked at first.
                for v in out.iter().take(i.min(self.ints)).flatten() {
                    field(vm, v)?;
                }
                return Err(vm.type_error(format!("{callee} missing required argument '{name}' (pos {})", i + 1)));
            }
        }
        if let Some(i) = twice {
            let name = self.names[i];
            let text = format!("argument for {callee} given by name ('{name}') and position ({})", i + 1);
            return Err(vm.type_error(text));
        }
        match unknown {
            None => Ok(()),
            Some(name) => {
                let callee = self.function.map_or_else(|| "this function".to_owned(), |f| format!("{f}()"));
                let name = vm.str_string(name)?;
                Err(vm.type_error(format!("{callee} got an unexpected keyword argument '{name}'")))
            }
        }
    }
}

/// A field, as C's int.
///
/// Raises TypeError, OverflowError.
#[inline]
pub fn field(vm: &Vm, v: &Value) -> R<i32> {
    match v.as_small().and_then(|n| i32::try_from(n).ok()) {
        Some(n) => Ok(n),
        None => slow_field(vm, v),
    }
}

#[cold]
fn slow_field(vm: &Vm, v: &Value) -> R<i32> {
    let n = int::to_i64(vm, v)?;
    i32::try_from(n).map_err(|_| {
        let side = if n < 0 { "less than minimum" } else { "greater than maximum" };
        vm.overflow_error(format!("signed integer is {side}"))
    })
}

/// A field that may be left out.
#[inline]
pub fn field_or(vm: &Vm, v: Option<&Value>, default: i32) -> R<i32> {
    match v {
        Some(v) => field(vm, v),
        None => Ok(default),
    }
}

#[cold]
fn bad(vm: &Vm, what: &str, range: &str, n: i32) -> Raised {
    vm.value_error(format!("{what} must be in {range}, not {n}"))
}

/// Raises ValueError for what is no date.
#[inline]
pub fn check_date(vm: &Vm, year: i32, month: i32, day: i32) -> R<()> {
    if !(MIN_YEAR..=MAX_YEAR).contains(&year) {
        return Err(bad(vm, "year", "1..9999", year));
    }
    if !(1..=12).contains(&month) {
        return Err(bad(vm, "month", "1..12", month));
    }
    if day < 1 || day > 28 && day > days_in_month(year, month) {
        return Err(bad_day(vm, year, month, day));
    }
    Ok(())
}

#[cold]
fn bad_day(vm: &Vm, year: i32, month: i32, day: i32) -> Raised {
    let last = days_in_month(year, month);
    vm.value_error(format!("day {day} must be in range 1..{last} for month {month} in year {year}"))
}

/// Raises ValueError for what is no time of a day.
#[inline]
pub fn check_time(vm: &Vm, [hour, minute, second, micro, fold]: [i32; 5]) -> R<()> {
    if !(0..=23).contains(&hour) {
        return Err(bad(vm, "hour", "0..23", hour));
    }
    if !(0..=59).contains(&minute) {
        return Err(bad(vm, "minute", "0..59", minute));
    }
    if !(0..=59).contains(&second) {
        return Err(bad(vm, "second", "0..59", second));
    }
    if !(0..=999_999).contains(&micro) {
        return Err(bad(vm, "microsecond", "0..999999", micro));
    }
    if fold & !1 != 0 {
        return Err(vm.value_error(format!("fold must be either 0 or 1, not {fold}")));
    }
    Ok(())
}

/// Raises TypeError for what is neither None nor a tzinfo.
#[inline]
pub fn check_tz(vm: &Vm, v: &Value) -> R<()> {
    if v.is_none() || v.downcast::<TzInfo>().is_some() {
        return Ok(());
    }
    let given = v.ty().tp_name();
    Err(vm.type_error(format!("tzinfo argument must be None or of a tzinfo subclass, not type '{given}'")))
}

/// A tzinfo argument that may be left out.
#[inline]
pub fn tz_or(vm: &Vm, v: Option<&Value>, default: &Value) -> R<Value> {
    let v = v.unwrap_or(default);
    check_tz(vm, v)?;
    Ok(v.clone())
}
