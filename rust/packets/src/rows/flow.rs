//! Columns of the table `flowtuples`.

use std::sync::LazyLock;

use arrow_array::types::{Int16Type, Int32Type, Int64Type};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, SchemaRef};

use super::arrow::{
    Labels, SparseLists, label_array, label_type, list_type, numbers, schema, sparse,
};
use crate::flowtuple::{Counts, LowBytes, signed_words};
use crate::packet::Packet;
use crate::ptype;

/// Victim named by the header inside an ICMP error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Victim {
    pub hi: i64,
    pub lo: i64,
    pub proto: u8,
    pub port: Option<u16>,
}

/// Flowtuples, a column a vector. Columns that are null for nearly all rows hold only the
/// others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FlowRows {
    ts: Vec<i64>,
    row_in_src: Vec<i64>,
    src_hi: Vec<i64>,
    src_lo: Vec<i64>,
    dst_hi: Vec<i64>,
    dst_lo: Vec<i64>,
    dst_more: SparseLists,
    uniq_dst: Vec<i16>,
    port: Vec<i32>,
    proto: Vec<i16>,
    ptype: Vec<i8>,
    packets: Vec<i32>,
    octets: Vec<i64>,
    uniq_sport: Vec<i32>,
    ttl_mode: Vec<i16>,
    win_first: Vec<i32>,
    opt_first: Vec<i32>,
    pay_first: Vec<i32>,
    fp_all: Vec<i32>,
    fp_any: Vec<i32>,
    first_s: Vec<i16>,
    victims: Vec<(usize, Victim)>,
}

impl FlowRows {
    #[must_use]
    pub fn len(&self) -> usize {
        self.src_lo.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.src_lo.is_empty()
    }

    /// The time of all rows from `from` on.
    pub(crate) fn fill_ts(&mut self, from: usize, ts_us: i64) {
        debug_assert_eq!(self.ts.len(), from);
        self.ts.resize(self.len(), ts_us);
    }

    /// What a row takes from its first packet.
    #[inline]
    pub(crate) fn push_first(&mut self, packet: &Packet, src: u128, dst: u128) {
        let ((src_hi, src_lo), (dst_hi, dst_lo)) = (signed_words(src), signed_words(dst));
        self.row_in_src.push(packet.offset as i64);
        self.src_hi.push(src_hi);
        self.src_lo.push(src_lo);
        self.dst_hi.push(dst_hi);
        self.dst_lo.push(dst_lo);
        self.port.push(i32::from(packet.port));
        self.proto.push(i16::from(packet.proto));
        self.ptype.push(packet.ptype as i8);
        self.win_first.push(i32::from(packet.window));
        self.opt_first.push(packet.options as i32);
        self.pay_first.push(packet.payload as i32);
        self.first_s.push(i16::from(packet.second));
    }

    /// What a row takes from all its packets.
    #[inline]
    pub(crate) fn push_counts(&mut self, counts: &Counts) {
        self.uniq_dst.push(counts.uniq_dst);
        self.packets.push(counts.packets);
        self.octets.push(counts.octets);
        self.uniq_sport.push(counts.uniq_sport);
        self.ttl_mode.push(i16::from(counts.ttl_mode));
        self.fp_all.push(i32::from(counts.fp_all));
        self.fp_any.push(i32::from(counts.fp_any));
    }

    /// Further destinations of the row whose first packet was pushed last; their number.
    pub(crate) fn push_more(&mut self, more: &LowBytes) -> i16 {
        if !more.is_empty() {
            self.dst_more.push(self.src_lo.len() - 1, more.iter().map(i16::from));
        }
        more.len() as i16
    }

    /// The victim of the row pushed last.
    pub(crate) fn push_victim(&mut self, victim: Victim) {
        self.victims.push((self.len() - 1, victim));
    }

    /// The rows as a batch of the table; the vectors become its buffers.
    ///
    /// # Panics
    ///
    /// Never: all columns have the same length.
    #[must_use]
    pub fn into_batch(self, labels: &Labels) -> RecordBatch {
        let rows = self.len();
        let mut columns = labels.common(rows, self.ts, self.row_in_src, self.src_hi, self.src_lo);
        let rest: [ArrayRef; 17] = [
            numbers::<Int64Type>(self.dst_hi),
            numbers::<Int64Type>(self.dst_lo),
            self.dst_more.into_array(rows),
            numbers::<Int16Type>(self.uniq_dst),
            numbers::<Int32Type>(self.port),
            numbers::<Int16Type>(self.proto),
            label_array(self.ptype, &ptype::NAMES),
            numbers::<Int32Type>(self.packets),
            numbers::<Int64Type>(self.octets),
            numbers::<Int32Type>(self.uniq_sport),
            numbers::<Int16Type>(self.ttl_mode),
            numbers::<Int32Type>(self.win_first),
            numbers::<Int32Type>(self.opt_first),
            numbers::<Int32Type>(self.pay_first),
            numbers::<Int32Type>(self.fp_all),
            numbers::<Int32Type>(self.fp_any),
            numbers::<Int16Type>(self.first_s),
        ];
        columns.extend(rest);
        columns.extend(victim_arrays(&self.victims, rows));
        RecordBatch::try_new(SCHEMA.clone(), columns).expect("columns fit the schema")
    }
}

/// The columns `vic_hi`, `vic_lo`, `vic_proto` and `vic_port`.
pub(super) fn victim_arrays(victims: &[(usize, Victim)], rows: usize) -> [ArrayRef; 4] {
    let known = || victims.iter().copied();
    let ports = || known().filter_map(|(row, victim)| Some((row, victim.port?)));
    [
        sparse::<Int64Type>(rows, known().map(|(row, victim)| (row, victim.hi))),
        sparse::<Int64Type>(rows, known().map(|(row, victim)| (row, victim.lo))),
        sparse::<Int16Type>(rows, known().map(|(row, victim)| (row, i16::from(victim.proto)))),
        sparse::<Int32Type>(rows, ports().map(|(row, port)| (row, i32::from(port)))),
    ]
}

static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
    schema(&[
        ("dst_hi", DataType::Int64, false),
        ("dst_lo", DataType::Int64, false),
        ("dst_more", list_type(), true),
        ("uniq_dst", DataType::Int16, false),
        ("port", DataType::Int32, false),
        ("proto", DataType::Int16, false),
        ("ptype", label_type(), false),
        ("packets", DataType::Int32, false),
        ("octets", DataType::Int64, false),
        ("uniq_sport", DataType::Int32, false),
        ("ttl_mode", DataType::Int16, false),
        ("win_first", DataType::Int32, false),
        ("opt_first", DataType::Int32, false),
        ("pay_first", DataType::Int32, false),
        ("fp_all", DataType::Int32, false),
        ("fp_any", DataType::Int32, false),
        ("first_s", DataType::Int16, false),
        ("vic_hi", DataType::Int64, true),
        ("vic_lo", DataType::Int64, true),
        ("vic_proto", DataType::Int16, true),
        ("vic_port", DataType::Int32, true),
    ])
});
