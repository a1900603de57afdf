//! `_datetime`: dates, times and differences between them.

mod args;
mod calendar;
mod date;
mod datetime;
mod datetime_class;
mod delta;
mod delta_class;
mod iso_calendar;
mod offsets;
mod parse;
mod text;
mod time;
mod tz;
mod zone;

use taipan_macros::module;
use taipan_runtime::core::{R, Ref};
use taipan_runtime::native::TypeDef;
use taipan_runtime::types::module::Module;
use taipan_runtime::vm::Vm;

/// The classes of this module.
pub const TYPES: &[&TypeDef] = &[
    delta::TimeDelta::DEF,
    date::Date::DEF,
    iso_calendar::IsoCalendarDate::DEF,
    tz::TzInfo::DEF,
    tz::TimeZone::DEF,
    time::Time::DEF,
    datetime::DateTime::DEF,
];

module! {
    /// Fast implementation of the datetime module.
    name = "_datetime",
    types(date::Date, datetime::DateTime, time::Time, delta::TimeDelta, tz::TzInfo, tz::TimeZone),
    exec = exec,
}

fn exec(_vm: &Vm, module: &Ref<Module>) -> R<()> {
    module.set("MINYEAR", calendar::MIN_YEAR);
    module.set("MAXYEAR", calendar::MAX_YEAR);
    module.set("UTC", tz::utc());
    Ok(())
}
