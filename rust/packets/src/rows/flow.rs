//! Columns of the table `flowtuples`.

use std::sync::LazyLock;

use arrow_array::types::{Int16Type, Int32Type, Int64Type};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, SchemaRef};

use super::arrow::{
    Labels, SparseLists, label_array, label_type, list_type, nullable, schema, sparse,
};
use super::column::{Column, Pools};
use crate::flowtuple::LowBytes;
use crate::ptype;
use crate::relation::UNJUDGED;

/// Victim named by the header inside an ICMP error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Victim {
    pub hi: i64,
    pub lo: i64,
    pub proto: u8,
    pub port: Option<u16>,
}

/// Rows that wait to be distributed over the columns: few enough for the nearest cache.
const BLOCK: usize = 256;

/// One flowtuple. Counts aside, its values are those of the first packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub offset: u64,
    pub src: (i64, i64),
    pub dst: (i64, i64),
    pub octets: i64,
    pub packets: i32,
    /// Relations of all packets, or [`UNJUDGED`].
    pub inv_all: i32,
    pub uniq_sport: i32,
    pub options: u32,
    pub payload: u32,
    pub port: u16,
    pub window: u16,
    pub fp_all: u16,
    pub fp_any: u16,
    pub uniq_dst: i16,
    pub proto: u8,
    pub ptype: u8,
    pub ttl_mode: u8,
    pub second: u8,
}

/// Flowtuples, a column a vector. Columns that are null for nearly all rows hold only the
/// others.
#[derive(Debug)]
pub struct FlowRows {
    ts: Column<i64>,
    row_in_src: Column<i64>,
    src_hi: Column<i64>,
    src_lo: Column<i64>,
    dst_hi: Column<i64>,
    dst_lo: Column<i64>,
    dst_more: SparseLists,
    uniq_dst: Column<i16>,
    port: Column<i32>,
    proto: Column<i16>,
    ptype: Column<i8>,
    packets: Column<i32>,
    octets: Column<i64>,
    uniq_sport: Column<i32>,
    ttl_mode: Column<i16>,
    win_first: Column<i32>,
    opt_first: Column<i32>,
    pay_first: Column<i32>,
    fp_all: Column<i32>,
    fp_any: Column<i32>,
    first_s: Column<i16>,
    inv_all: Column<i32>,
    victims: Vec<(usize, Victim)>,
    block: Vec<Row>,
    pools: Pools,
}

impl FlowRows {
    /// No rows yet, and room for as many as are given out at a time.
    #[must_use]
    pub fn new(pools: &Pools, target: usize) -> Self {
        // The last minute of a batch goes beyond its target.
        let room = target + target / 2;
        Self {
            pools: pools.clone(),
            ts: Column::new(&pools.long, room),
            row_in_src: Column::new(&pools.long, room),
            src_hi: Column::new(&pools.long, room),
            src_lo: Column::new(&pools.long, room),
            dst_hi: Column::new(&pools.long, room),
            dst_lo: Column::new(&pools.long, room),
            uniq_dst: Column::new(&pools.short, room),
            port: Column::new(&pools.int, room),
            proto: Column::new(&pools.short, room),
            ptype: Column::new(&pools.byte, room),
            packets: Column::new(&pools.int, room),
            octets: Column::new(&pools.long, room),
            uniq_sport: Column::new(&pools.int, room),
            ttl_mode: Column::new(&pools.short, room),
            win_first: Column::new(&pools.int, room),
            opt_first: Column::new(&pools.int, room),
            pay_first: Column::new(&pools.int, room),
            fp_all: Column::new(&pools.int, room),
            fp_any: Column::new(&pools.int, room),
            first_s: Column::new(&pools.short, room),
            inv_all: Column::new(&pools.int, room),
            dst_more: SparseLists::default(),
            victims: Vec::new(),
            block: Vec::with_capacity(BLOCK),
        }
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.src_lo.len() + self.block.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[inline]
    pub(crate) fn push(&mut self, row: Row) {
        self.block.push(row);
        if self.block.len() == BLOCK {
            self.spill();
        }
    }

    /// Further destinations of the next row.
    pub(crate) fn push_more(&mut self, more: &LowBytes) {
        if !more.is_empty() {
            self.dst_more.push(self.len(), more.iter().map(i16::from));
        }
    }

    /// The victim of the next row.
    pub(crate) fn push_victim(&mut self, victim: Victim) {
        self.victims.push((self.len(), victim));
    }

    /// Sets the time of the rows that have none yet.
    pub(crate) fn fill_ts(&mut self, ts_us: i64) {
        self.spill();
        self.ts.fill(self.src_lo.len(), ts_us);
    }

    /// Distributes the block over the columns, column by column.
    fn spill(&mut self) {
        let rows = &self.block;
        self.row_in_src.extend(rows.iter().map(|row| row.offset as i64));
        self.src_hi.extend(rows.iter().map(|row| row.src.0));
        self.src_lo.extend(rows.iter().map(|row| row.src.1));
        self.dst_hi.extend(rows.iter().map(|row| row.dst.0));
        self.dst_lo.extend(rows.iter().map(|row| row.dst.1));
        self.uniq_dst.extend(rows.iter().map(|row| row.uniq_dst));
        self.port.extend(rows.iter().map(|row| i32::from(row.port)));
        self.proto.extend(rows.iter().map(|row| i16::from(row.proto)));
        self.ptype.extend(rows.iter().map(|row| row.ptype as i8));
        self.packets.extend(rows.iter().map(|row| row.packets));
        self.octets.extend(rows.iter().map(|row| row.octets));
        self.uniq_sport.extend(rows.iter().map(|row| row.uniq_sport));
        self.ttl_mode.extend(rows.iter().map(|row| i16::from(row.ttl_mode)));
        self.win_first.extend(rows.iter().map(|row| i32::from(row.window)));
        self.opt_first.extend(rows.iter().map(|row| row.options as i32));
        self.pay_first.extend(rows.iter().map(|row| row.payload as i32));
        self.fp_all.extend(rows.iter().map(|row| i32::from(row.fp_all)));
        self.fp_any.extend(rows.iter().map(|row| i32::from(row.fp_any)));
        self.first_s.extend(rows.iter().map(|row| i16::from(row.second)));
        self.inv_all.extend(rows.iter().map(|row| row.inv_all));
        self.block.clear();
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
            self.dst_more.into_array(rows),
            self.uniq_dst.into_array::<Int16Type>(),
            self.port.into_array::<Int32Type>(),
            self.proto.into_array::<Int16Type>(),
            label_array(self.ptype, &ptype::NAMES),
            self.packets.into_array::<Int32Type>(),
            self.octets.into_array::<Int64Type>(),
            self.uniq_sport.into_array::<Int32Type>(),
            self.ttl_mode.into_array::<Int16Type>(),
            self.win_first.into_array::<Int32Type>(),
            self.opt_first.into_array::<Int32Type>(),
            self.pay_first.into_array::<Int32Type>(),
            self.fp_all.into_array::<Int32Type>(),
            self.fp_any.into_array::<Int32Type>(),
            self.first_s.into_array::<Int16Type>(),
        ];
        columns.extend(rest);
        columns.extend(victim_arrays(&self.victims, rows, &self.pools));
        columns.push(nullable::<Int32Type>(self.inv_all, UNJUDGED));
        RecordBatch::try_new(SCHEMA.clone(), columns).expect("columns fit the schema")
    }
}

/// The columns `vic_hi`, `vic_lo`, `vic_proto` and `vic_port`.
pub(super) fn victim_arrays(
    victims: &[(usize, Victim)],
    rows: usize,
    pools: &Pools,
) -> [ArrayRef; 4] {
    let known = || victims.iter().copied();
    let ports = || known().filter_map(|(row, victim)| Some((row, victim.port?)));
    [
        sparse::<Int64Type>(&pools.long, rows, known().map(|(row, victim)| (row, victim.hi))),
        sparse::<Int64Type>(&pools.long, rows, known().map(|(row, victim)| (row, victim.lo))),
        sparse::<Int16Type>(
            &pools.short,
            rows,
            known().map(|(row, victim)| (row, i16::from(victim.proto))),
        ),
        sparse::<Int32Type>(&pools.int, rows, ports().map(|(row, port)| (row, i32::from(port)))),
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
        ("inv_all", DataType::Int32, true),
    ])
});
