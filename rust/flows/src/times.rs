//! When a flow began and ended, from what its record and its message tell.

use crate::element::Unit;
use crate::plan::TimeFields;
use crate::records::Records;

/// 1970-01-01 in seconds of NTP (RFC 5905, figure 4).
const NTP_UNIX: u64 = 2_208_988_800;
const NTP_ERA: u64 = 1 << 32;
/// An NTP time stamp before this second of its era is no such thing: the exporter wrote
/// microseconds since 1970 instead, as some do.
const NTP_ODD: u64 = 1_000_000;
const MICROS: i64 = 1_000_000;
/// 9999-12-31T23:59:59.999999Z: the last time that has a date in every tool.
const LAST_US: i64 = 253_402_300_799_999_999;

/// What milliseconds of uptime are counted from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Uptime {
    /// It is not known; flows are taken to end at the export.
    #[default]
    Unknown,
    /// Uptime in the header of the message, whose clock may have wrapped since a flow began.
    At(u32),
    /// The exporter started then, in microseconds since 1970.
    Since(i64),
}

/// The clock of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    /// When it was exported, in microseconds since 1970.
    pub export_us: i64,
    pub uptime: Uptime,
}

impl Clock {
    /// A time of a record in microseconds since 1970; `None` when it cannot be told.
    #[inline]
    fn micros(&self, raw: u64, unit: Unit) -> Option<i64> {
        match unit {
            Unit::Seconds => Some(i64::try_from(raw).unwrap_or(i64::MAX).saturating_mul(MICROS)),
            Unit::Millis => Some(i64::try_from(raw).unwrap_or(i64::MAX).saturating_mul(1000)),
            Unit::Ntp => Some(from_ntp(raw)),
            Unit::Before => Some(self.export_us.saturating_sub_unsigned(raw)),
            Unit::Uptime => self.of_uptime(raw),
        }
    }

    #[inline]
    fn of_uptime(&self, raw: u64) -> Option<i64> {
        match self.uptime {
            Uptime::At(now) => {
                // The difference is right across a wrap of the 32 bits, either way.
                let age = now.wrapping_sub(raw as u32) as i32;
                Some(self.export_us.saturating_sub(i64::from(age) * 1000))
            }
            Uptime::Since(boot) => {
                let age = i64::try_from(raw).unwrap_or(i64::MAX).saturating_mul(1000);
                Some(boot.saturating_add(age))
            }
            Uptime::Unknown => None,
        }
    }
}

fn from_ntp(raw: u64) -> i64 {
    let (mut seconds, fraction) = (raw >> 32, raw & 0xffff_ffff);
    if seconds < NTP_ODD {
        return i64::try_from(raw).unwrap_or(i64::MAX);
    }
    if seconds < NTP_UNIX {
        seconds += NTP_ERA;
    }
    let micros = (fraction * 1_000_000) >> 32;
    (seconds - NTP_UNIX) as i64 * MICROS + micros as i64
}

/// Writes begin and duration of every record.
pub fn fill(
    fields: &TimeFields,
    records: &Records,
    clock: &Clock,
    ts: &mut [i64],
    duration: &mut [i64],
) {
    if let (Some((start, Unit::Uptime)), Some((end, Unit::Uptime)), Uptime::At(now)) =
        (fields.start, fields.end, clock.uptime)
    {
        return fill_uptimes(start, end, now, clock.export_us, records, ts, duration);
    }
    for (index, (ts, duration)) in ts.iter_mut().zip(duration).enumerate() {
        (*ts, *duration) = one(fields, &records.record(index), clock);
    }
}

/// The usual case of NetFlow, without a choice for every record.
fn fill_uptimes(
    start: usize,
    end: usize,
    now: u32,
    export_us: i64,
    records: &Records,
    ts: &mut [i64],
    duration: &mut [i64],
) {
    let age = |raw: u64| i64::from(now.wrapping_sub(raw as u32) as i32) * 1000;
    records.numbers(start, ts, |raw| export_us - age(raw));
    records.numbers(end, duration, |raw| export_us - age(raw));
    for (duration, ts) in duration.iter_mut().zip(ts) {
        *duration = (*duration - *ts).max(0);
        *ts = (*ts).clamp(0, LAST_US);
    }
}

/// Begin and duration of one record.
fn one(fields: &TimeFields, record: &Records, clock: &Clock) -> (i64, i64) {
    let boot = fields.boot.map(|field| record.number(field)).filter(|boot| *boot > 0);
    let boot = boot.and_then(|boot| clock.micros(boot, Unit::Millis));
    let clock = boot.map_or(*clock, |boot| Clock { uptime: Uptime::Since(boot), ..*clock });
    let told = |field: Option<(usize, Unit)>| {
        let (field, unit) = field?;
        let raw = record.number(field);
        // An absolute time of 0 is one that was not filled in.
        if raw == 0 && !matches!(unit, Unit::Uptime | Unit::Before) {
            return None;
        }
        clock.micros(raw, unit)
    };
    let (start, end) = (told(fields.start), told(fields.end));
    let lasted = duration(fields, record, start.zip(end));
    let start = match (start, end) {
        (Some(start), _) => start,
        (None, Some(end)) => end.saturating_sub(lasted),
        (None, None) => clock.export_us.saturating_sub(lasted),
    };
    (start.clamp(0, LAST_US), lasted)
}

fn duration(fields: &TimeFields, record: &Records, known: Option<(i64, i64)>) -> i64 {
    if let Some((start, end)) = known {
        return end.saturating_sub(start).max(0);
    }
    if let Some((field, unit)) = fields.duration {
        return i64::try_from(record.number(field)).unwrap_or(0).saturating_mul(unit).max(0);
    }
    match (fields.start, fields.end) {
        // Uptimes without a clock still tell how long it took.
        (Some((start, Unit::Uptime)), Some((end, Unit::Uptime))) => {
            let lasted = (record.number(end) as u32).wrapping_sub(record.number(start) as u32);
            i64::from(lasted as i32).max(0) * 1000
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPORT: i64 = 1_700_000_000_000_000;

    #[test]
    fn uptime_wraps_after_49_days() {
        let clock = Clock { export_us: EXPORT, uptime: Uptime::At(5_000) };
        assert_eq!(clock.micros(4_000, Unit::Uptime), Some(EXPORT - 1_000_000));
        let before_the_wrap = u64::from(u32::MAX) - 999;
        assert_eq!(clock.micros(before_the_wrap, Unit::Uptime), Some(EXPORT - 6_000_000));
        assert_eq!(clock.micros(6_000, Unit::Uptime), Some(EXPORT + 1_000_000));
    }

    #[test]
    fn ntp_time_stamps_of_both_eras_and_mistaken_ones() {
        // RFC 5905, figure 4: 1970-01-01 is second 2,208,988,800 of era 0.
        let half_past = (NTP_UNIX + 10) << 32 | 0x8000_0000;
        assert_eq!(from_ntp(half_past), 10_500_000);
        // Era 1 begins at 2036-02-07T06:28:16Z.
        assert_eq!(from_ntp(2_000_000 << 32), (2_085_978_496 + 2_000_000) * MICROS);
        assert_eq!(from_ntp(EXPORT as u64), EXPORT);
    }
}
