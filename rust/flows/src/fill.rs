//! From the records of a plan to rows, one column after the other.

use kaname_packets::rows::column::Column;

use crate::ext;
use crate::message::Context;
use crate::plan::{AddressFields, IcmpFields, Plan};
use crate::records::Records;
use crate::rows::{FlowRows, MAPPED, Optional, signed_words};
use crate::sampling::Samplers;
use crate::times;

/// What an exporter told that its records refer to.
pub struct Known<'a> {
    pub samplers: &'a Samplers,
    pub apps: &'a crate::domain::Apps,
    /// Whether fields without a column are kept.
    pub ext: bool,
}

/// Appends the records as rows.
pub fn fill(plan: &Plan, records: &Records, context: &Context, known: &Known, rows: &mut FlowRows) {
    let (uses, count) = (&plan.uses, records.count);
    if known.ext && !uses.ext.is_empty() {
        put_ext(plan, records, rows);
    }
    let (ts, duration) = (rows.ts.grow(count), rows.dur_us.grow(count));
    times::fill(&uses.times, records, &context.clock, ts, duration);
    repeat(&mut rows.kind, context.kind, count);
    put_places(records, context, rows.row_in_src.grow(count));
    put_address(uses.src, records, &mut rows.src_hi, &mut rows.src_lo);
    put_address(uses.dst, records, &mut rows.dst_hi, &mut rows.dst_lo);
    put(uses.sport, records, &mut rows.sport, |port| i32::from(port as u16));
    put_dport(plan, records, rows);
    put(uses.proto, records, &mut rows.proto, |proto| i16::from(proto as u8));
    put(uses.tcp_bits, records, &mut rows.tcp_bits, |bits| (bits & 0x1ff) as i16);
    put(uses.packets, records, &mut rows.packets, counter);
    put(uses.octets, records, &mut rows.octets, counter);
    put(uses.packets_rev, records, &mut rows.packets_rev, counter);
    put(uses.octets_rev, records, &mut rows.octets_rev, counter);
    match context.sampling {
        Some(rate) => repeat(&mut rows.sampling, rate, count),
        None => known.samplers.fill(&uses.sampling, records, rows.sampling.grow(count)),
    }
    put_optional(uses.direction, records, &mut rows.direction, |way| i8::from(way == 1));
    put_apps(plan, records, known, rows);
    put_optional(uses.in_if, records, &mut rows.in_if, narrow);
    put_optional(uses.out_if, records, &mut rows.out_if, narrow);
    put_optional(uses.src_as, records, &mut rows.src_as, counter);
    put_optional(uses.dst_as, records, &mut rows.dst_as, counter);
    put_optional(uses.vlan, records, &mut rows.vlan, |vlan| i32::from(vlan as u16 & 0xfff));
    put_exporter(plan, records, context, rows);
    repeat(&mut rows.obs_domain, context.domain, count);
}

fn counter(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn narrow(value: u64) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

fn repeat<T: Clone>(column: &mut Column<T>, value: T, rows: usize) {
    column.fill(column.len() + rows, value);
}

#[inline]
fn put<T: Clone + Default>(
    field: Option<usize>,
    records: &Records,
    column: &mut Column<T>,
    cast: impl Fn(u64) -> T,
) {
    let out = column.grow(records.count);
    if let Some(field) = field {
        records.numbers(field, out, cast);
    }
}

#[inline]
fn put_optional<T: Clone + Default>(
    field: Option<usize>,
    records: &Records,
    column: &mut Optional<T>,
    cast: impl Fn(u64) -> T,
) {
    match field {
        Some(field) => records.numbers(field, column.grow(records.count), cast),
        None => column.repeat(None, records.count),
    }
}

/// Where each record stands in the source, or its running number.
fn put_places(records: &Records, context: &Context, out: &mut [i64]) {
    let (first, step) = match context.base {
        Some(base) => (base + records.at as u64, records.stride as u64),
        None => (context.number, 1),
    };
    for (index, slot) in (0..).zip(out) {
        *slot = (first + index * step) as i64;
    }
}

fn put_address(
    fields: AddressFields,
    records: &Records,
    hi: &mut Column<i64>,
    lo: &mut Column<i64>,
) {
    let (hi, lo) = (hi.grow(records.count), lo.grow(records.count));
    if let Some(field) = fields.v6 {
        records.words(field, 0, hi);
        records.words(field, 8, lo);
    }
    match (fields.v4, fields.v6) {
        (Some(field), None) => records.numbers(field, lo, |word| MAPPED | word as i64),
        (Some(field), Some(_)) => put_mixed(field, records, hi, lo),
        _ => {}
    }
}

/// A template with both kinds of address leaves one of them empty.
fn put_mixed(v4: usize, records: &Records, hi: &mut [i64], lo: &mut [i64]) {
    for ((hi, lo), bytes) in hi.iter_mut().zip(lo).zip(records.bytes(v4)) {
        if (*hi, *lo) == (0, 0) {
            *lo = MAPPED | crate::wire::number(bytes) as i64;
        }
    }
}

/// Destination port, or type and code of an ICMP message.
fn put_dport(plan: &Plan, records: &Records, rows: &mut FlowRows) {
    let out = rows.dport.grow(records.count);
    if let Some(field) = plan.uses.dport {
        records.numbers(field, out, |port| i32::from(port as u16));
    }
    let (Some(icmp), Some(proto)) = (plan.uses.icmp, plan.uses.proto) else { return };
    for (index, slot) in out.iter_mut().enumerate() {
        let record = records.record(index);
        if !matches!(record.number(proto), 1 | 58) {
            continue;
        }
        let told = match icmp {
            IcmpFields::Joined(field) => record.number(field),
            IcmpFields::Split(kind, code) => record.number(kind) << 8 | record.number(code) & 0xff,
        };
        if told != 0 {
            *slot = i32::from(told as u16);
        }
    }
}

fn put_apps(plan: &Plan, records: &Records, known: &Known, rows: &mut FlowRows) {
    match (plan.uses.app, plan.uses.app_id) {
        (Some(field), _) => {
            records.bytes(field).for_each(|value| rows.app.push(&ext::name(value)));
        }
        (None, Some(field)) if !known.apps.is_empty() => {
            records.bytes(field).for_each(|id| rows.app.push(known.apps.name(id)));
        }
        _ => rows.app.skip(records.count),
    }
}

fn put_ext(plan: &Plan, records: &Records, rows: &mut FlowRows) {
    let first = rows.len();
    for index in 0..records.count {
        let record = records.record(index);
        if let Some(text) = ext::json(&plan.template, &plan.uses.ext, &record) {
            rows.ext.push(first + index, text);
        }
    }
}

/// Who exported: the sender of the datagram, unless the records name the exporter behind it.
fn put_exporter(plan: &Plan, records: &Records, context: &Context, rows: &mut FlowRows) {
    let (hi, lo) = signed_words(context.exporter);
    let fields = plan.uses.exporter;
    if fields == AddressFields::default() {
        repeat(&mut rows.exporter_hi, hi, records.count);
        return repeat(&mut rows.exporter_lo, lo, records.count);
    }
    let before = rows.exporter_lo.len();
    put_address(fields, records, &mut rows.exporter_hi, &mut rows.exporter_lo);
    for row in before..rows.exporter_lo.len() {
        if matches!(rows.exporter_lo.values()[row], 0 | MAPPED) {
            rows.exporter_hi.set(row, hi);
            rows.exporter_lo.set(row, lo);
        }
    }
}
