//! Datagrams built by hand after the specifications, and rows as plain numbers.

#![allow(dead_code, reason = "each test uses some of it")]

use arrow_array::cast::AsArray;
use arrow_array::types::{Int16Type, Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, RecordBatch};
use kaname_flows::account::{Outcome, Report};
use kaname_flows::decoder::Decoder;
use kaname_flows::message::Export;
use kaname_flows::rows::Labels;

pub const EXPORTER: u128 = 0xffff_c000_0201;
pub const SECONDS: u32 = 1_700_000_000;
pub const EXPORT_US: i64 = 1_700_000_000_000_000;

pub fn words(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_be_bytes()).collect()
}

pub fn shorts(values: &[u16]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_be_bytes()).collect()
}

/// A set with its header.
pub fn set(id: u16, body: &[u8]) -> Vec<u8> {
    [shorts(&[id, body.len() as u16 + 4]), body.to_vec()].concat()
}

/// A template record of elements of IANA.
pub fn template(id: u16, fields: &[(u16, u16)]) -> Vec<u8> {
    let fields: Vec<u16> = fields.iter().flat_map(|(id, length)| [*id, *length]).collect();
    [shorts(&[id, (fields.len() / 2) as u16]), shorts(&fields)].concat()
}

/// A NetFlow v9 packet (RFC 3954, 5.1).
pub fn v9(uptime: u32, sequence: u32, domain: u32, sets: &[Vec<u8>]) -> Vec<u8> {
    let head = shorts(&[9, sets.len() as u16]);
    [head, words(&[uptime, SECONDS, sequence, domain]), sets.concat()].concat()
}

/// An IPFIX message (RFC 7011, 3.1).
pub fn ipfix(sequence: u32, domain: u32, sets: &[Vec<u8>]) -> Vec<u8> {
    let body = sets.concat();
    let head = shorts(&[10, body.len() as u16 + 16]);
    [head, words(&[SECONDS, sequence, domain]), body].concat()
}

/// A NetFlow v5 datagram of records that begin `ages` milliseconds before the export.
pub fn v5(uptime: u32, sequence: u32, sampling: u16, records: &[[u32; 12]]) -> Vec<u8> {
    let head = shorts(&[5, records.len() as u16]);
    let times = words(&[uptime, SECONDS, 0, sequence]);
    let body: Vec<u8> = records.iter().flat_map(|record| words(record)).collect();
    [head, times, shorts(&[0x0102, sampling]), body].concat()
}

/// Pushes datagrams of one exporter, a second apart.
pub fn decode(datagrams: &[Vec<u8>]) -> (Decoder, RecordBatch) {
    let mut decoder = Decoder::new(true, 16);
    for (second, data) in (0i64..).zip(datagrams) {
        push(&mut decoder, data, EXPORTER, EXPORT_US + second * 1_000_000);
    }
    let rows = decoder.take_rows().into_batch(&Labels::default());
    (decoder, rows)
}

pub fn push(decoder: &mut Decoder, data: &[u8], exporter: u128, received_us: i64) {
    decoder.push(&Export { data, exporter, received_us, base: Some(0) });
}

pub fn count(report: &Report, outcome: Outcome) -> u64 {
    report.outcomes[outcome as usize]
}

/// A column of numbers, `None` where it is null.
pub fn column(rows: &RecordBatch, name: &str) -> Vec<Option<i64>> {
    let array = rows.column_by_name(name).expect("a column of the table");
    if let Some(array) = array.as_primitive_opt::<Int64Type>() {
        return array.iter().collect();
    }
    if let Some(array) = array.as_primitive_opt::<Int32Type>() {
        return array.iter().map(|value| value.map(i64::from)).collect();
    }
    if let Some(array) = array.as_primitive_opt::<Int16Type>() {
        return array.iter().map(|value| value.map(i64::from)).collect();
    }
    array.as_primitive::<TimestampMicrosecondType>().iter().collect()
}

/// A column of numbers without nulls.
pub fn numbers(rows: &RecordBatch, name: &str) -> Vec<i64> {
    column(rows, name).into_iter().map(|value| value.expect("not null")).collect()
}

/// A column of texts.
pub fn texts(rows: &RecordBatch, name: &str) -> Vec<Option<String>> {
    let array = rows.column_by_name(name).expect("a column of the table");
    words_of(array.as_ref())
}

fn words_of(array: &dyn Array) -> Vec<Option<String>> {
    if let Some(array) = array.as_string_opt::<i32>() {
        return array.iter().map(|text| text.map(str::to_owned)).collect();
    }
    let array = array.as_any_dictionary();
    let names = array.values().as_string::<i32>();
    let keys = array.normalized_keys();
    let name =
        |(row, key): (usize, &usize)| (!array.is_null(row)).then(|| names.value(*key).to_owned());
    keys.iter().enumerate().map(name).collect()
}
