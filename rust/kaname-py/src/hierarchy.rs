//! Hierarchical heavy hitters: flows in, aggregates out.

use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch};
use kaname_hierarchy::{Aggregate, Axis, Count, Flow, Part, Prefix, hierarchy as find};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::arrow::{ArrowBatch, import_batch};
use crate::columns::int64;
use crate::errors::CoreError;

const NAMES: [&str; 13] = [
    "parent", "family", "src_hi", "src_lo", "src_len", "dst_hi", "dst_lo", "dst_len", "proto",
    "sport", "dport", "octets", "packets",
];
const V4: u128 = 0xffff << 32;
const ANY: i64 = -1;

/// The aggregates of the flows in ``batch`` that carry ``percent`` of octets or packets.
#[pyfunction]
pub fn hierarchy(
    py: Python<'_>,
    batch: &Bound<'_, PyAny>,
    percent: u64,
    by: &str,
) -> PyResult<ArrowBatch> {
    let axis = match by {
        "address" => Axis::Address,
        "port" => Axis::Service,
        _ => return Err(PyValueError::new_err(format!("by: address or port, not {by}"))),
    };
    let batch = import_batch(batch)?;
    let found = py.detach(|| flows(&batch).map(|flows| find(&flows, percent, axis)))?;
    Ok(ArrowBatch::new(rows(&found)?))
}

fn flows(batch: &RecordBatch) -> Result<Vec<Flow>, CoreError> {
    let column = |name| int64(batch, name);
    let (src_hi, src_lo) = (column("src_hi")?, column("src_lo")?);
    let (dst_hi, dst_lo) = (column("dst_hi")?, column("dst_lo")?);
    let (proto, sport, dport) = (column("proto")?, column("sport")?, column("dport")?);
    let (octets, packets) = (column("octets")?, column("packets")?);
    let flow = |n: usize| Flow {
        src: address(src_hi[n], src_lo[n]),
        dst: address(dst_hi[n], dst_lo[n]),
        proto: proto[n] as u8,
        sport: sport[n] as u16,
        dport: dport[n] as u16,
        count: Count { octets: octets[n].max(0) as u64, packets: packets[n].max(0) as u64 },
    };
    Ok((0..batch.num_rows()).map(flow).collect())
}

fn address(hi: i64, lo: i64) -> u128 {
    u128::from(hi as u64) << 64 | u128::from(lo as u64)
}

fn rows(found: &[Aggregate]) -> Result<RecordBatch, CoreError> {
    let mut columns: [Vec<i64>; NAMES.len()] = Default::default();
    let mut add = |row: [i64; NAMES.len()]| {
        for (column, value) in columns.iter_mut().zip(row) {
            column.push(value);
        }
    };
    for (number, aggregate) in found.iter().enumerate() {
        add(row(ANY, aggregate.part, aggregate.count));
        for (part, count) in &aggregate.parts {
            add(row(number as i64, *part, *count));
        }
    }
    let arrays = columns.map(|column| Arc::new(Int64Array::from(column)) as ArrayRef);
    Ok(RecordBatch::try_from_iter(NAMES.into_iter().zip(arrays))?)
}

fn row(parent: i64, part: Part, count: Count) -> [i64; NAMES.len()] {
    let (family, src, dst) = match part {
        Part::V4(src, dst) => (4, src, dst),
        Part::V6(src, dst) => (6, src, dst),
        Part::Service(src, dst) => (0, src, dst),
    };
    let (octets, packets) = (count.octets as i64, count.packets as i64);
    let tail = [octets, packets];
    let head = if family == 0 { services(src, dst) } else { addresses(family, src, dst) };
    let mut row = [0; NAMES.len()];
    row[0] = parent;
    row[1] = family;
    row[2..11].copy_from_slice(&head);
    row[11..].copy_from_slice(&tail);
    row
}

fn addresses(family: i64, src: Prefix, dst: Prefix) -> [i64; 9] {
    let whole = |prefix: Prefix| {
        let value = if family == 4 { V4 | prefix.bits >> 96 } else { prefix.bits };
        ((value >> 64) as i64, value as i64, i64::from(prefix.length))
    };
    let (src, dst) = (whole(src), whole(dst));
    [src.0, src.1, src.2, dst.0, dst.1, dst.2, ANY, ANY, ANY]
}

fn services(src: Prefix, dst: Prefix) -> [i64; 9] {
    let port = |prefix: Prefix| {
        if prefix.length > 8 { i64::from((prefix.bits >> 104) as u16) } else { ANY }
    };
    let proto = i64::from((src.bits >> 120) as u8);
    [0, 0, 0, 0, 0, 0, proto, port(src), port(dst)]
}
