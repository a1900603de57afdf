//! datetime: the payload and what is calculated with it. The class is in `datetime_class`.

use std::cell::Cell;

use taipan_macros::Trace;
use taipan_runtime::core::{Payload, R, Ref, StaticType, Value};
use taipan_runtime::types::type_::{CmpOp, TypeObject};
use taipan_runtime::vm::{Vm, hash_bytes};

use super::args::{check_date, check_time, check_tz};
use super::date::Date;
use super::delta::{self, DAY, SECOND, TimeDelta};
use super::offsets;
use super::tz;
use super::zone;

/// The payload of datetime: a date's, then the time.
#[derive(Trace)]
#[repr(C)]
pub struct DateTime {
    /// The date.
    pub date: Date,
    /// Hour, minute, second.
    pub clock: [u8; 3],
    /// 0, or 1 for the second of two equal times when clocks are set back.
    pub fold: Cell<u8>,
    /// Microseconds.
    pub micros: u32,
    /// Of an aware datetime, once it was asked for.
    hash: Cell<i64>,
    /// A tzinfo or None.
    pub tz: Value,
}

/// The class's place.
pub static DATETIME: &StaticType = <DateTime as Payload>::TYPE;

/// What is compared of two datetimes.
type Fields = ([i32; 3], [u8; 3], u32);

impl DateTime {
    /// A payload; the fields are in range.
    pub fn of(date: Date, clock: [u8; 3], micros: u32, tz: Value, fold: u8) -> Self {
        Self { date, clock, fold: Cell::new(fold), micros, hash: Cell::new(0), tz }
    }

    /// A payload.
    ///
    /// Raises ValueError for what is out of range, TypeError for what is no tzinfo.
    pub fn checked(vm: &Vm, [year, month, day]: [i32; 3], [h, m, s, us]: [i32; 4], tz: Value, fold: i32) -> R<Self> {
        check_date(vm, year, month, day)?;
        check_time(vm, [h, m, s, us, fold])?;
        check_tz(vm, &tz)?;
        Ok(Self::of(Date::of(year, month, day), [h as u8, m as u8, s as u8], us as u32, tz, fold as u8))
    }

    /// A datetime of a class that derives from datetime.
    ///
    /// Raises ValueError, and what a subclass raises.
    pub fn make(vm: &Vm, cls: &TypeObject, date: [i32; 3], clock: [i32; 4], tz: Value, fold: i32) -> R {
        if cls.is(DATETIME.get()) {
            return Ok(Ref::new(Self::checked(vm, date, clock, tz, fold)?).into_value());
        }
        let ([y, mo, d], [h, mi, s, us]) = (date.map(Value::from), clock.map(Value::from));
        let new = vm.call(&cls.to_value(), &[y, mo, d, h, mi, s, us, tz])?;
        if let Some(dt) = new.downcast::<DateTime>() {
            dt.fold.set(fold as u8);
        }
        Ok(new)
    }

    /// Hour, minute, second, microsecond.
    pub fn time_fields(&self) -> [i32; 4] {
        let [h, m, s] = self.clock.map(i32::from);
        [h, m, s, self.micros as i32]
    }

    fn fields(&self) -> Fields {
        (self.date.ymd(), self.clock, self.micros)
    }

    /// Seconds since midnight.
    fn since_midnight(&self) -> i64 {
        let [h, m, s] = self.clock.map(i64::from);
        h * 3600 + m * 60 + s
    }

    /// Microseconds since the beginning of the calendar, whatever the zone.
    fn total(&self) -> i128 {
        let seconds = self.date.ordinal() * DAY + self.since_midnight();
        i128::from(seconds) * i128::from(SECOND) + i128::from(self.micros)
    }

    /// The state for pickles.
    pub fn bytes(&self, with_fold: bool) -> [u8; 10] {
        let [yh, yl] = self.date.year.to_be_bytes();
        let [h, m, s] = self.clock;
        let [_, a, b, c] = self.micros.to_be_bytes();
        let month = self.date.month | if with_fold && self.fold.get() != 0 { 0x80 } else { 0 };
        [yh, yl, month, self.date.day, h, m, s, a, b, c]
    }

    /// `this.utcoffset()`
    pub fn offset(vm: &Vm, this: &Ref<Self>) -> R<Option<Ref<TimeDelta>>> {
        offsets::utcoffset(vm, &this.tz, this.value())
    }

    /// The same with another fold, of exactly the class datetime.
    fn with_fold(&self, fold: u8) -> Ref<Self> {
        Ref::new(Self::of(self.date, self.clock, self.micros, self.tz.clone(), fold))
    }

    /// The same without its zone, or with another one; of exactly the class datetime.
    fn with_tz(&self, tz: Value) -> Ref<Self> {
        Ref::new(Self::of(self.date, self.clock, self.micros, tz, self.fold.get()))
    }

    /// `this + d`, or `this - d`, of its own class.
    ///
    /// Raises OverflowError.
    pub fn shifted(vm: &Vm, this: &Ref<Self>, d: &TimeDelta, back: bool) -> R {
        let sign = if back { -1 } else { 1 };
        let micros = i64::from(this.micros) + sign * i64::from(d.micros);
        let seconds = this.since_midnight() + sign * i64::from(d.seconds) + micros.div_euclid(SECOND);
        let days = sign * i64::from(d.days) + seconds.div_euclid(DAY);
        let [year, month, day] = this.date.moved(vm, days)?;
        let s = seconds.rem_euclid(DAY) as i32;
        let clock = [s / 3600, s / 60 % 60, s % 60, micros.rem_euclid(SECOND) as i32];
        if this.is_exact() {
            let date = Date::of(year, month, day);
            let [h, m, s, us] = clock;
            let new = Self::of(date, [h as u8, m as u8, s as u8], us as u32, this.tz.clone(), 0);
            return Ok(Ref::new(new).into_value());
        }
        Self::make(vm, this.ty(), [year, month, day], clock, this.tz.clone(), 0)
    }

    /// `a - b`
    ///
    /// Raises TypeError if only one of them is aware, and what the tzinfos raise.
    pub fn difference(vm: &Vm, a: &Ref<Self>, b: &Ref<Self>) -> R<Ref<TimeDelta>> {
        let mut total = a.total() - b.total();
        if !a.tz.is(&b.tz) {
            let (x, y) = (Self::offset(vm, a)?, Self::offset(vm, b)?);
            match (x, y) {
                (None, None) => {}
                (Some(x), Some(y)) => total -= x.total() - y.total(),
                _ => return Err(vm.type_error("can't subtract offset-naive and offset-aware datetimes")),
            }
        }
        delta::from_micros(vm, total)
    }

    /// A comparison.
    ///
    /// Raises TypeError if only one of them is aware and the order is asked for, and what the tzinfos raise.
    pub fn compare(vm: &Vm, a: &Ref<Self>, b: &Ref<Self>, op: CmpOp) -> R {
        let order = a.fields().cmp(&b.fields());
        if a.tz.is(&b.tz) {
            return Ok(Value::bool(op.matches(order)));
        }
        let (x, y) = (Self::offset(vm, a)?, Self::offset(vm, b)?);
        let equality = matches!(op, CmpOp::Eq | CmpOp::Ne);
        let order = if offsets::same(&x, &y) {
            order
        } else {
            match (&x, &y) {
                (Some(x), Some(y)) => (a.total() - x.total()).cmp(&(b.total() - y.total())),
                _ if equality => return Ok(Value::bool(op == CmpOp::Ne)),
                _ => return Err(vm.type_error("can't compare offset-naive and offset-aware datetimes")),
            }
        };
        // A time that depends on its fold equals none of another zone.
        if equality && order.is_eq() && (Self::depends_on_fold(vm, a, &x)? || Self::depends_on_fold(vm, b, &y)?) {
            return Ok(Value::bool(op == CmpOp::Ne));
        }
        Ok(Value::bool(op.matches(order)))
    }

    /// Whether the offset with the other fold is another one.
    fn depends_on_fold(vm: &Vm, this: &Ref<Self>, offset: &Option<Ref<TimeDelta>>) -> R<bool> {
        if this.tz.is_none() || this.tz.downcast_exact::<tz::TimeZone>().is_some() {
            return Ok(false);
        }
        let other = this.with_fold(1 - this.fold.get().min(1));
        let flipped = Self::offset(vm, &other)?;
        Ok(!offsets::same(offset, &flipped))
    }

    /// The hash.
    ///
    /// Raises what the tzinfo raises.
    pub fn hash_of(vm: &Vm, this: &Ref<Self>) -> R<i64> {
        if this.tz.is_none() {
            return Ok(hash_bytes(&this.bytes(false)));
        }
        if this.hash.get() != 0 {
            return Ok(this.hash.get());
        }
        let offset = match this.fold.get() {
            0 => Self::offset(vm, this)?,
            _ => Self::offset(vm, &this.with_fold(0))?,
        };
        let hash = match offset {
            None => hash_bytes(&this.bytes(false)),
            Some(offset) => vm.hash(delta::from_micros(vm, this.total() - offset.total())?.value())?,
        };
        this.hash.set(hash);
        Ok(hash)
    }

    /// The seconds of this time, whatever its zone, as `zone` counts them.
    fn seconds(&self) -> i64 {
        zone::seconds(self.date.ymd(), self.clock.map(i32::from))
    }

    /// Seconds and microseconds since 1970, of an aware datetime.
    ///
    /// Raises what the tzinfo raises.
    fn since_epoch(vm: &Vm, this: &Ref<Self>) -> R<i128> {
        let offset = Self::offset(vm, this)?.map_or(0, |o| o.total());
        Ok(this.total() - offset - i128::from(zone::EPOCH_SECONDS) * i128::from(SECOND))
    }

    /// `this.timestamp()`
    ///
    /// Raises what the tzinfo raises, ValueError, OSError.
    pub fn timestamp_of(vm: &Vm, this: &Ref<Self>) -> R<f64> {
        if this.tz.is_none() {
            let seconds = zone::to_universal(vm, this.seconds(), this.fold.get() != 0)?;
            return Ok((seconds - zone::EPOCH_SECONDS) as f64 + f64::from(this.micros) / 1e6);
        }
        if Self::offset(vm, this)?.is_none() {
            return Err(vm.type_error("can't subtract offset-naive and offset-aware datetimes"));
        }
        let total = Self::since_epoch(vm, this)?;
        // Exact below 2**53; what is beyond is rounded twice, by less than a microsecond.
        if total.unsigned_abs() < 1 << 53 {
            return Ok(total as f64 / SECOND as f64);
        }
        Ok(total.div_euclid(i128::from(SECOND)) as f64 + total.rem_euclid(i128::from(SECOND)) as f64 / 1e6)
    }

    /// The local zone that holds at a naive time.
    fn local_zone(vm: &Vm, this: &Ref<Self>) -> R {
        let fold = this.fold.get() != 0;
        let mut t = zone::to_universal(vm, this.seconds(), fold)?;
        let other = zone::to_universal(vm, this.seconds(), !fold)?;
        // In a gap or a fold.
        if other != t && fold == (other > t) {
            t = other;
        }
        zone::zone_at(vm, t - zone::EPOCH_SECONDS)
    }

    /// `this.astimezone(tz)`
    ///
    /// Raises what the tzinfos raise, OverflowError, ValueError, OSError.
    pub fn in_zone(vm: &Vm, this: &Ref<Self>, tz: &Value) -> R {
        check_tz(vm, tz)?;
        let mut own = this.tz.clone();
        if own.is_none() {
            own = Self::local_zone(vm, this)?;
        }
        // Conversion to its own zone changes nothing.
        if own.is(tz) {
            return Ok(this.value().clone());
        }
        let mut offset = offsets::utcoffset(vm, &own, this.value())?;
        if offset.is_none() {
            own = Self::local_zone(vm, &this.with_tz(Value::NONE))?;
            if own.is(tz) {
                return Ok(this.value().clone());
            }
            offset = offsets::utcoffset(vm, &own, this.value())?;
        }
        let Some(offset) = offset else { return Err(vm.value_error("the offset of a local time is unknown")) };
        let universal = Self::shifted(vm, this, &offset, true)?;
        let Some(universal) = universal.downcast::<DateTime>() else { return Ok(universal) };
        let universal = universal.with_tz(tz::utc());
        let tz = if tz.is_none() {
            let seconds = Self::since_epoch(vm, &universal)?.div_euclid(i128::from(SECOND));
            zone::zone_at(vm, seconds as i64)?
        } else {
            tz.clone()
        };
        // Of the class of this one again, in the new zone: the rest is up to that.
        let (date, clock) = (universal.date.ymd(), universal.time_fields());
        let result = Self::make(vm, this.ty(), date, clock, tz.clone(), 0)?;
        vm.call_method(&tz, "fromutc", &[result])
    }
}
