//! Rows of the table `routes`, and how they become Arrow batches.

use std::fmt::Write;
use std::sync::{Arc, LazyLock};

use arrow_array::builder::{Int8Builder, Int64Builder, StringBuilder};
use arrow_array::types::{Int8Type, TimestampMicrosecondType};
use arrow_array::{
    ArrayRef, DictionaryArray, Int16Array, Int32Array, Int64Array, PrimitiveArray, RecordBatch,
    StringArray,
};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};

use crate::attributes::Texts;
use crate::context::{Peer, Record};
use crate::prefix::Prefix;
use crate::wire::words;

/// Distinct collectors that a batch can name.
const MOST_COLLECTORS: usize = 127;
/// Values of the column `op`, in the order of [`Op`].
const OPS: [&str; 3] = ["A", "W", "R"];

/// What happened to a prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Announced,
    Withdrawn,
    Listed,
}

/// What is the same in all rows of a source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels {
    pub sensor: String,
    pub kind: String,
    pub tlp: String,
    pub batch: i64,
    /// The collector, where records do not say.
    pub collector: Option<String>,
}

/// One row.
pub(crate) struct Route<'a> {
    pub record: Record,
    pub peer: Peer,
    pub op: Op,
    pub prefix: Prefix,
    pub path_id: Option<u32>,
    pub texts: &'a Texts,
    pub communities: &'a str,
    pub next_hop: u128,
    /// Seconds since 1970 at which a route of a table was learnt.
    pub originated: Option<u32>,
}

/// Addresses, a word a vector.
#[derive(Default)]
struct Addresses {
    hi: Vec<i64>,
    lo: Vec<i64>,
}

impl Addresses {
    fn push(&mut self, address: u128) {
        let (hi, lo) = words(address);
        self.hi.push(hi);
        self.lo.push(lo);
    }

    fn arrays(self) -> [ArrayRef; 2] {
        [Arc::new(Int64Array::from(self.hi)), Arc::new(Int64Array::from(self.lo))]
    }
}

/// Rows, a column a vector.
#[derive(Default)]
pub struct Rows {
    ts: Vec<i64>,
    row_in_src: Vec<i64>,
    peer: Addresses,
    ext: StringBuilder,
    op: Vec<i8>,
    prefix: Addresses,
    plen: Vec<i16>,
    peer_as: Vec<i64>,
    origin_as: Int64Builder,
    path: StringBuilder,
    path_len: Vec<i32>,
    communities: StringBuilder,
    next_hop: Addresses,
    collector: Int8Builder,
    collectors: Vec<String>,
    /// The collector of the rows that come.
    current: Option<i8>,
    scratch: String,
}

impl Rows {
    #[must_use]
    pub fn len(&self) -> usize {
        self.ts.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ts.is_empty()
    }

    /// Names the collector of the rows that follow.
    pub fn collector(&mut self, name: &str) {
        let known = self.collectors.iter().position(|known| known == name);
        let place = known.unwrap_or(self.collectors.len());
        if known.is_none() && place < MOST_COLLECTORS {
            self.collectors.push(name.to_owned());
        }
        self.current = i8::try_from(place).ok().filter(|_| place < MOST_COLLECTORS);
    }

    pub(crate) fn push(&mut self, route: &Route) {
        self.ts.push(route.record.ts_us);
        self.row_in_src.push(route.record.offset as i64);
        self.peer.push(route.peer.address);
        self.op.push(route.op as i8);
        self.prefix.push(route.prefix.address);
        self.plen.push(route.prefix.length.into());
        self.peer_as.push(route.peer.asn.into());
        self.origin_as.append_option(route.texts.origin_as.map(i64::from));
        self.path.append_value(&route.texts.path);
        self.path_len.push(route.texts.path_len);
        let communities = Some(route.communities).filter(|text| !text.is_empty());
        self.communities.append_option(communities);
        self.next_hop.push(route.next_hop);
        self.collector.append_option(self.current);
        self.push_ext(route);
    }

    fn push_ext(&mut self, route: &Route) {
        self.scratch.clear();
        self.scratch.push('{');
        self.scratch.push_str(&route.texts.extra);
        for (name, value) in [("path_id", route.path_id), ("originated", route.originated)] {
            let Some(value) = value else { continue };
            let comma = if self.scratch.len() > 1 { "," } else { "" };
            // Writing to a string does not fail.
            let _ = write!(self.scratch, "{comma}\"{name}\":{value}");
        }
        self.scratch.push('}');
        let text = Some(self.scratch.as_str()).filter(|text| text.len() > 2);
        self.ext.append_option(text);
    }

    /// The rows as a batch of the table; none stay behind.
    ///
    /// # Panics
    ///
    /// Never: all columns have the same length.
    #[must_use]
    pub fn take(&mut self, labels: &Labels) -> RecordBatch {
        let next =
            Self { collectors: self.collectors.clone(), current: self.current, ..Self::default() };
        let mut taken = std::mem::replace(self, next);
        let rows = taken.len();
        let same = |name: &str| label(vec![0; rows].into(), &[name]);
        let ts = PrimitiveArray::<TimestampMicrosecondType>::from(taken.ts).with_timezone("UTC");
        let [src_hi, src_lo] = taken.peer.arrays();
        let [prefix_hi, prefix_lo] = taken.prefix.arrays();
        let [next_hop_hi, next_hop_lo] = taken.next_hop.arrays();
        let collectors: Vec<&str> = taken.collectors.iter().map(String::as_str).collect();
        let columns: Vec<ArrayRef> = vec![
            Arc::new(ts),
            same(&labels.sensor),
            same(&labels.kind),
            same(&labels.tlp),
            Arc::new(Int64Array::from(vec![labels.batch; rows])),
            Arc::new(Int64Array::from(taken.row_in_src)),
            src_hi,
            src_lo,
            Arc::new(taken.ext.finish()),
            label(taken.op.into(), &OPS),
            prefix_hi,
            prefix_lo,
            Arc::new(Int16Array::from(taken.plen)),
            Arc::new(Int64Array::from(taken.peer_as)),
            Arc::new(taken.origin_as.finish()),
            Arc::new(taken.path.finish()),
            Arc::new(Int32Array::from(taken.path_len)),
            Arc::new(taken.communities.finish()),
            next_hop_hi,
            next_hop_lo,
            label(taken.collector.finish(), &collectors),
        ];
        RecordBatch::try_new(SCHEMA.clone(), columns).expect("columns fit the schema")
    }
}

/// A string column by index into a few names.
fn label(keys: PrimitiveArray<Int8Type>, names: &[&str]) -> ArrayRef {
    Arc::new(DictionaryArray::new(keys, Arc::new(StringArray::from(names.to_vec()))))
}

/// The schema of the table.
pub static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
    let time = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    let label = DataType::Dictionary(Box::new(DataType::Int8), Box::new(DataType::Utf8));
    let columns = [
        ("ts", time, false),
        ("sensor", label.clone(), false),
        ("kind", label.clone(), false),
        ("tlp", label.clone(), false),
        ("batch", DataType::Int64, false),
        ("row_in_src", DataType::Int64, false),
        ("src_hi", DataType::Int64, false),
        ("src_lo", DataType::Int64, false),
        ("ext", DataType::Utf8, true),
        ("op", label.clone(), false),
        ("prefix_hi", DataType::Int64, false),
        ("prefix_lo", DataType::Int64, false),
        ("plen", DataType::Int16, false),
        ("peer_as", DataType::Int64, false),
        ("origin_as", DataType::Int64, true),
        ("path", DataType::Utf8, false),
        ("path_len", DataType::Int32, false),
        ("communities", DataType::Utf8, true),
        ("next_hop_hi", DataType::Int64, false),
        ("next_hop_lo", DataType::Int64, false),
        ("collector", label, true),
    ];
    let field = |(name, kind, nullable)| Field::new(name, kind, nullable);
    Arc::new(Schema::new(columns.into_iter().map(field).collect::<Vec<_>>()))
});
