//! Rows of the table `flows`, and how they become an Arrow batch.

mod one;
mod optional;
mod texts;

use std::sync::{Arc, LazyLock};

use arrow_array::types::{Int16Type, Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{ArrayRef, PrimitiveArray, RecordBatch};
use arrow_buffer::ScalarBuffer;
use arrow_schema::{DataType, SchemaRef};
use kaname_packets::rows::arrow::{label_array, label_type, schema};
use kaname_packets::rows::column::{Column, Pool};
pub use one::Row;
pub use optional::Optional;
pub use texts::{Names, Texts};

/// Formats that rows come from: the values of the column `kind`.
pub const KINDS: [&str; 6] = ["netflow5", "netflow7", "netflow9", "ipfix", "sflow5", "pcap"];
/// Values of the column `direction`.
const DIRECTIONS: [&str; 2] = ["in", "out"];
/// IPv4 addresses are kept as `::ffff:a.b.c.d`.
pub const MAPPED: i64 = 0xffff << 32;

/// What is the same in all rows of a source.
#[derive(Clone, Debug, Default)]
pub struct Labels {
    pub sensor: String,
    pub tlp: String,
    pub batch: i64,
}

/// Memory of columns, used again for the next batch.
#[derive(Clone, Debug, Default)]
pub struct Pools {
    long: Pool<i64>,
    int: Pool<i32>,
    short: Pool<i16>,
    byte: Pool<i8>,
}

/// A column a vector, all of the same length between two calls of the decoder.
#[derive(Debug)]
pub struct FlowRows {
    pub ts: Column<i64>,
    pub kind: Column<i8>,
    pub row_in_src: Column<i64>,
    pub src_hi: Column<i64>,
    pub src_lo: Column<i64>,
    pub ext: Texts,
    pub dst_hi: Column<i64>,
    pub dst_lo: Column<i64>,
    pub sport: Column<i32>,
    pub dport: Column<i32>,
    pub proto: Column<i16>,
    pub tcp_bits: Column<i16>,
    pub packets: Column<i64>,
    pub octets: Column<i64>,
    pub dur_us: Column<i64>,
    pub sampling: Column<i32>,
    pub packets_rev: Column<i64>,
    pub octets_rev: Column<i64>,
    pub direction: Optional<i8>,
    pub app: Names,
    pub in_if: Optional<i32>,
    pub out_if: Optional<i32>,
    pub src_as: Optional<i64>,
    pub dst_as: Optional<i64>,
    pub exporter_hi: Column<i64>,
    pub exporter_lo: Column<i64>,
    pub obs_domain: Column<i64>,
    pub vlan: Optional<i32>,
    pools: Pools,
}

impl FlowRows {
    /// With room for `rows`.
    #[must_use]
    pub fn new(pools: &Pools, rows: usize) -> Self {
        let (long, int) = (&pools.long, &pools.int);
        let (short, byte) = (&pools.short, &pools.byte);
        Self {
            ts: Column::new(long, rows),
            kind: Column::new(byte, rows),
            row_in_src: Column::new(long, rows),
            src_hi: Column::new(long, rows),
            src_lo: Column::new(long, rows),
            ext: Texts::default(),
            dst_hi: Column::new(long, rows),
            dst_lo: Column::new(long, rows),
            sport: Column::new(int, rows),
            dport: Column::new(int, rows),
            proto: Column::new(short, rows),
            tcp_bits: Column::new(short, rows),
            packets: Column::new(long, rows),
            octets: Column::new(long, rows),
            dur_us: Column::new(long, rows),
            sampling: Column::new(int, rows),
            packets_rev: Column::new(long, rows),
            octets_rev: Column::new(long, rows),
            direction: Optional::new(byte, rows),
            app: Names::default(),
            in_if: Optional::new(int, rows),
            out_if: Optional::new(int, rows),
            src_as: Optional::new(long, rows),
            dst_as: Optional::new(long, rows),
            exporter_hi: Column::new(long, rows),
            exporter_lo: Column::new(long, rows),
            obs_domain: Column::new(long, rows),
            vlan: Optional::new(int, rows),
            pools: pools.clone(),
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

    /// The rows as a batch of the table; the vectors become its buffers.
    ///
    /// # Panics
    ///
    /// Never: all columns have the same length.
    #[must_use]
    pub fn into_batch(self, labels: &Labels) -> RecordBatch {
        let (rows, pools) = (self.len(), self.pools);
        let same = |name: &str| {
            let mut keys = Column::new(&pools.byte, rows);
            keys.fill(rows, 0);
            label_array(keys, &[name])
        };
        let mut batch = Column::new(&pools.long, rows);
        batch.fill(rows, labels.batch);
        let ts = ScalarBuffer::new(self.ts.into_buffer(), 0, rows);
        let ts = PrimitiveArray::<TimestampMicrosecondType>::new(ts, None).with_timezone("UTC");
        let columns: Vec<ArrayRef> = vec![
            Arc::new(ts),
            same(&labels.sensor),
            label_array(self.kind, &KINDS),
            same(&labels.tlp),
            batch.into_array::<Int64Type>(),
            self.row_in_src.into_array::<Int64Type>(),
            self.src_hi.into_array::<Int64Type>(),
            self.src_lo.into_array::<Int64Type>(),
            self.ext.into_array(rows),
            self.dst_hi.into_array::<Int64Type>(),
            self.dst_lo.into_array::<Int64Type>(),
            self.sport.into_array::<Int32Type>(),
            self.dport.into_array::<Int32Type>(),
            self.proto.into_array::<Int16Type>(),
            self.tcp_bits.into_array::<Int16Type>(),
            self.packets.into_array::<Int64Type>(),
            self.octets.into_array::<Int64Type>(),
            self.dur_us.into_array::<Int64Type>(),
            self.sampling.into_array::<Int32Type>(),
            self.packets_rev.into_array::<Int64Type>(),
            self.octets_rev.into_array::<Int64Type>(),
            self.direction.into_labels(&DIRECTIONS),
            arrow_array::new_null_array(&label_type(), rows),
            self.app.into_array(),
            self.in_if.into_array::<Int32Type>(),
            self.out_if.into_array::<Int32Type>(),
            self.src_as.into_array::<Int64Type>(),
            self.dst_as.into_array::<Int64Type>(),
            self.exporter_hi.into_array::<Int64Type>(),
            self.exporter_lo.into_array::<Int64Type>(),
            self.obs_domain.into_array::<Int64Type>(),
            self.vlan.into_array::<Int32Type>(),
        ];
        RecordBatch::try_new(SCHEMA.clone(), columns).expect("columns fit the schema")
    }
}

/// An address of 128 bits as two signed words, high and low.
#[must_use]
#[inline]
pub fn signed_words(address: u128) -> (i64, i64) {
    ((address >> 64) as i64, address as i64)
}

static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
    schema(&[
        ("dst_hi", DataType::Int64, false),
        ("dst_lo", DataType::Int64, false),
        ("sport", DataType::Int32, false),
        ("dport", DataType::Int32, false),
        ("proto", DataType::Int16, false),
        ("tcp_bits", DataType::Int16, false),
        ("packets", DataType::Int64, false),
        ("octets", DataType::Int64, false),
        ("dur_us", DataType::Int64, false),
        ("sampling", DataType::Int32, false),
        ("packets_rev", DataType::Int64, false),
        ("octets_rev", DataType::Int64, false),
        ("direction", label_type(), true),
        ("state", label_type(), true),
        ("app", texts::name_type(), true),
        ("in_if", DataType::Int32, true),
        ("out_if", DataType::Int32, true),
        ("src_as", DataType::Int64, true),
        ("dst_as", DataType::Int64, true),
        ("exporter_hi", DataType::Int64, false),
        ("exporter_lo", DataType::Int64, false),
        ("obs_domain", DataType::Int64, false),
        ("vlan", DataType::Int32, true),
    ])
});
