//! What a tzinfo says about a moment.

use taipan_runtime::core::{R, Ref, Value};
use taipan_runtime::types::str::{Str, StrBuilder};
use taipan_runtime::vm::Vm;

use super::delta::TimeDelta;
use super::tz::TimeZone;

/// What `utcoffset` or `dst` of a tzinfo gives for a moment; `None` without a tzinfo.
///
/// Raises what the method raises, TypeError for what is no timedelta, ValueError for a day or more.
fn difference(vm: &Vm, tz: &Value, method: &str, moment: &Value) -> R<Option<Ref<TimeDelta>>> {
    let r = vm.call_method(tz, method, std::slice::from_ref(moment))?;
    if r.is_none() {
        return Ok(None);
    }
    let Some(d) = r.downcast::<TimeDelta>() else {
        let given = r.ty().tp_name();
        return Err(vm.type_error(format!("tzinfo.{method}() must return None or timedelta, not '{given}'")));
    };
    if !d.within_a_day() {
        return Err(out_of_range(vm, &r));
    }
    Ok(Some(d.clone()))
}

/// Raises ValueError for an offset of a day or more.
#[cold]
pub fn out_of_range(vm: &Vm, offset: &Value) -> taipan_runtime::core::Raised {
    match vm.repr_string(offset) {
        Ok(shown) => vm.value_error(format!(
            "offset must be a timedelta strictly between -timedelta(hours=24) and timedelta(hours=24), not {shown}"
        )),
        Err(r) => r,
    }
}

/// `tz.utcoffset(moment)`
#[inline]
pub fn utcoffset(vm: &Vm, tz: &Value, moment: &Value) -> R<Option<Ref<TimeDelta>>> {
    if tz.is_none() {
        return Ok(None);
    }
    match tz.downcast_exact::<TimeZone>() {
        Some(tz) => Ok(Some(tz.offset.clone())),
        None => difference(vm, tz, "utcoffset", moment),
    }
}

/// `tz.dst(moment)`
pub fn dst(vm: &Vm, tz: &Value, moment: &Value) -> R<Option<Ref<TimeDelta>>> {
    if tz.is_none() || tz.downcast_exact::<TimeZone>().is_some() {
        return Ok(None);
    }
    difference(vm, tz, "dst", moment)
}

/// `tz.tzname(moment)`
pub fn tzname(vm: &Vm, tz: &Value, moment: &Value) -> R {
    if tz.is_none() {
        return Ok(Value::NONE);
    }
    let r = vm.call_method(tz, "tzname", std::slice::from_ref(moment))?;
    if r.is_none() || r.downcast::<Str>().is_some() {
        return Ok(r);
    }
    let given = r.ty().tp_name();
    Err(vm.type_error(format!("tzinfo.tzname() must return None or a string, not '{given}'")))
}

/// Whether two offsets are the same.
pub fn same(a: &Option<Ref<TimeDelta>>, b: &Option<Ref<TimeDelta>>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => a.parts() == b.parts(),
        _ => false,
    }
}

/// Writes an offset as `+HH:MM[:SS[.ffffff]]`, with another separator perhaps.
pub fn push(out: &mut StrBuilder, offset: &TimeDelta, separator: &str) {
    let total = offset.total();
    let size = total.unsigned_abs();
    let (seconds, micros) = (size / 1_000_000, size % 1_000_000);
    out.push_str(if total < 0 { "-" } else { "+" });
    out.push_str(&format!("{:02}{separator}{:02}", seconds / 3600, seconds / 60 % 60));
    if seconds % 60 != 0 || micros != 0 {
        out.push_str(&format!("{separator}{:02}", seconds % 60));
    }
    if micros != 0 {
        out.push_str(&format!(".{micros:06}"));
    }
}

/// Writes the offset of a moment, if it has one.
pub fn push_of(vm: &Vm, out: &mut StrBuilder, tz: &Value, moment: &Value, separator: &str) -> R<()> {
    if let Some(offset) = utcoffset(vm, tz, moment)? {
        push(out, &offset, separator);
    }
    Ok(())
}
