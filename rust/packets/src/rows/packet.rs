//! Columns of the table `packets`.

use std::sync::LazyLock;

use arrow_array::types::{Int16Type, Int32Type, Int64Type};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, SchemaRef};

use super::arrow::{Labels, label_array, label_type, schema};
use super::column::{Column, Pools};
use super::flow::{Victim, victim_arrays};
use crate::flowtuple::signed_words;
use crate::packet::{Decoded, mark};
use crate::ptype;

const MAPPED: u128 = 0xffff << 32;

/// Packets in the order of the capture, a column a vector.
///
/// `fp` holds the bits that one packet shows by itself; those that compare packets are
/// in the flowtuples.
#[derive(Debug)]
pub struct PacketRows {
    ts: Column<i64>,
    row_in_src: Column<i64>,
    src_hi: Column<i64>,
    src_lo: Column<i64>,
    dst_hi: Column<i64>,
    dst_lo: Column<i64>,
    sport: Column<i32>,
    dport: Column<i32>,
    proto: Column<i16>,
    ptype: Column<i8>,
    ttl: Column<i16>,
    ip_len: Column<i32>,
    ip_id: Column<i32>,
    tcp_bits: Column<i16>,
    tcp_seq: Column<i64>,
    tcp_ack: Column<i64>,
    tcp_win: Column<i32>,
    opt_hash: Column<i32>,
    payload_len: Column<i32>,
    payload_hash: Column<i32>,
    fp: Column<i32>,
    victims: Vec<(usize, Victim)>,
    pools: Pools,
}

impl PacketRows {
    #[must_use]
    pub fn new(pools: &Pools) -> Self {
        Self {
            pools: pools.clone(),
            ts: Column::new(&pools.long, 0),
            row_in_src: Column::new(&pools.long, 0),
            src_hi: Column::new(&pools.long, 0),
            src_lo: Column::new(&pools.long, 0),
            dst_hi: Column::new(&pools.long, 0),
            dst_lo: Column::new(&pools.long, 0),
            sport: Column::new(&pools.int, 0),
            dport: Column::new(&pools.int, 0),
            proto: Column::new(&pools.short, 0),
            ptype: Column::new(&pools.byte, 0),
            ttl: Column::new(&pools.short, 0),
            ip_len: Column::new(&pools.int, 0),
            ip_id: Column::new(&pools.int, 0),
            tcp_bits: Column::new(&pools.short, 0),
            tcp_seq: Column::new(&pools.long, 0),
            tcp_ack: Column::new(&pools.long, 0),
            tcp_win: Column::new(&pools.int, 0),
            opt_hash: Column::new(&pools.int, 0),
            payload_len: Column::new(&pools.int, 0),
            payload_hash: Column::new(&pools.int, 0),
            fp: Column::new(&pools.int, 0),
            victims: Vec::new(),
        }
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.ts.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn push(&mut self, ts_us: i64, decoded: &Decoded) {
        let packet = &decoded.packet;
        self.push_victim(decoded);
        self.push_addresses(decoded);
        self.ts.push(ts_us);
        self.row_in_src.push(packet.offset as i64);
        self.sport.push(i32::from(source_port(decoded)));
        self.dport.push(i32::from(decoded.detail.dport));
        self.proto.push(i16::from(packet.proto));
        self.ptype.push(packet.ptype as i8);
        self.ttl.push(i16::from(packet.ttl));
        self.ip_len.push(i32::try_from(packet.length).unwrap_or(i32::MAX));
        self.ip_id.push(i32::from(packet.ip_id));
        self.tcp_bits.push(decoded.detail.tcp_bits as i16);
        self.tcp_seq.push(i64::from(packet.seq));
        self.tcp_ack.push(i64::from(decoded.detail.ack));
        self.tcp_win.push(i32::from(packet.window));
        self.opt_hash.push(packet.options as i32);
        self.payload_len.push(i32::try_from(decoded.detail.payload_len).unwrap_or(i32::MAX));
        self.payload_hash.push(packet.payload as i32);
        self.fp.push(i32::from(packet.fp));
    }

    fn push_addresses(&mut self, decoded: &Decoded) {
        let packet = &decoded.packet;
        let (src, dst) = if packet.has(mark::IPV6) {
            (decoded.wide.src, decoded.wide.dst)
        } else {
            (MAPPED | u128::from(packet.src), MAPPED | u128::from(packet.dst))
        };
        let ((src_hi, src_lo), (dst_hi, dst_lo)) = (signed_words(src), signed_words(dst));
        self.src_hi.push(src_hi);
        self.src_lo.push(src_lo);
        self.dst_hi.push(dst_hi);
        self.dst_lo.push(dst_lo);
    }

    fn push_victim(&mut self, decoded: &Decoded) {
        let packet = &decoded.packet;
        if !packet.has(mark::VICTIM) {
            return;
        }
        let wide = packet.has(mark::IPV6);
        let address = if wide { decoded.wide.victim } else { MAPPED | u128::from(packet.victim) };
        let (hi, lo) = signed_words(address);
        let port = packet.has(mark::VICTIM_PORT).then_some(packet.victim_port);
        self.victims.push((self.len(), Victim { hi, lo, proto: packet.victim_proto, port }));
    }

    /// The rows as a batch of the table; the vectors become its buffers.
    ///
    /// # Panics
    ///
    /// Never: all columns have the same length.
    #[must_use]
    pub fn into_batch(self, labels: &Labels) -> RecordBatch {
        let rows = self.len();
        let mut columns =
            labels.common(&self.pools, self.ts, self.row_in_src, self.src_hi, self.src_lo);
        let rest: [ArrayRef; 17] = [
            self.dst_hi.into_array::<Int64Type>(),
            self.dst_lo.into_array::<Int64Type>(),
            self.sport.into_array::<Int32Type>(),
            self.dport.into_array::<Int32Type>(),
            self.proto.into_array::<Int16Type>(),
            label_array(self.ptype, &ptype::NAMES),
            self.ttl.into_array::<Int16Type>(),
            self.ip_len.into_array::<Int32Type>(),
            self.ip_id.into_array::<Int32Type>(),
            self.tcp_bits.into_array::<Int16Type>(),
            self.tcp_seq.into_array::<Int64Type>(),
            self.tcp_ack.into_array::<Int64Type>(),
            self.tcp_win.into_array::<Int32Type>(),
            self.opt_hash.into_array::<Int32Type>(),
            self.payload_len.into_array::<Int32Type>(),
            self.payload_hash.into_array::<Int32Type>(),
            self.fp.into_array::<Int32Type>(),
        ];
        columns.extend(rest);
        columns.extend(victim_arrays(&self.victims, rows, &self.pools));
        RecordBatch::try_new(SCHEMA.clone(), columns).expect("columns fit the schema")
    }
}

/// Source port, or the type of an ICMP message.
fn source_port(decoded: &Decoded) -> u16 {
    let packet = &decoded.packet;
    let icmp = (ptype::ICMP_ECHO_REPLY..=ptype::ICMP_UNREACHABLE).contains(&packet.ptype);
    if icmp { packet.port >> 8 } else { packet.sport }
}

static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
    schema(&[
        ("dst_hi", DataType::Int64, false),
        ("dst_lo", DataType::Int64, false),
        ("sport", DataType::Int32, false),
        ("dport", DataType::Int32, false),
        ("proto", DataType::Int16, false),
        ("ptype", label_type(), false),
        ("ttl", DataType::Int16, false),
        ("ip_len", DataType::Int32, false),
        ("ip_id", DataType::Int32, false),
        ("tcp_bits", DataType::Int16, false),
        ("tcp_seq", DataType::Int64, false),
        ("tcp_ack", DataType::Int64, false),
        ("tcp_win", DataType::Int32, false),
        ("opt_hash", DataType::Int32, false),
        ("payload_len", DataType::Int32, false),
        ("payload_hash", DataType::Int32, false),
        ("fp", DataType::Int32, false),
        ("vic_hi", DataType::Int64, true),
        ("vic_lo", DataType::Int64, true),
        ("vic_proto", DataType::Int16, true),
        ("vic_port", DataType::Int32, true),
    ])
});
