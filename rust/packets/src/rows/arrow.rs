//! Arrow arrays of the kinds that the lake's tables are made of.

use std::sync::Arc;

use arrow_array::types::{
    ArrowPrimitiveType, Int8Type, Int16Type, Int64Type, TimestampMicrosecondType,
};
use arrow_array::{
    ArrayRef, DictionaryArray, ListArray, PrimitiveArray, StringArray, new_null_array,
};
use arrow_buffer::{BooleanBuffer, BooleanBufferBuilder, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use bytemuck::NoUninit;

use super::column::{Column, Pool, Pools};

/// What is the same in all rows of a source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels {
    pub sensor: String,
    pub kind: String,
    pub tlp: String,
    pub batch: i64,
}

impl Labels {
    /// The columns that every table begins with.
    pub fn common(
        &self,
        pools: &Pools,
        ts: Column<i64>,
        row_in_src: Column<i64>,
        src_hi: Column<i64>,
        src_lo: Column<i64>,
    ) -> Vec<ArrayRef> {
        let rows = ts.len();
        let same = |name: &str| label_array(filled(&pools.byte, rows, 0), &[name]);
        let ts = ScalarBuffer::new(ts.into_buffer(), 0, rows);
        let ts = PrimitiveArray::<TimestampMicrosecondType>::new(ts, None).with_timezone("UTC");
        vec![
            Arc::new(ts),
            same(&self.sensor),
            same(&self.kind),
            same(&self.tlp),
            filled(&pools.long, rows, self.batch).into_array::<Int64Type>(),
            row_in_src.into_array::<Int64Type>(),
            src_hi.into_array::<Int64Type>(),
            src_lo.into_array::<Int64Type>(),
            new_null_array(&DataType::Utf8, rows),
        ]
    }
}

/// The schema of a table: the common columns, then its own (name, type, nullable).
pub fn schema(own: &[(&str, DataType, bool)]) -> SchemaRef {
    let time = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    let common = [
        ("ts", time, false),
        ("sensor", label_type(), false),
        ("kind", label_type(), false),
        ("tlp", label_type(), false),
        ("batch", DataType::Int64, false),
        ("row_in_src", DataType::Int64, false),
        ("src_hi", DataType::Int64, false),
        ("src_lo", DataType::Int64, false),
        ("ext", DataType::Utf8, true),
    ];
    let columns = common.iter().chain(own);
    let fields: Vec<Field> =
        columns.map(|(name, kind, nullable)| Field::new(*name, kind.clone(), *nullable)).collect();
    Arc::new(Schema::new(fields))
}

pub fn label_type() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int8), Box::new(DataType::Utf8))
}

pub fn list_type() -> DataType {
    DataType::List(Arc::new(Field::new_list_field(DataType::Int16, true)))
}

fn filled<T: Clone>(pool: &Pool<T>, rows: usize, value: T) -> Column<T> {
    let mut column = Column::new(pool, rows);
    column.fill(rows, value);
    column
}

/// A string column by index into a few names.
pub fn label_array(keys: Column<i8>, names: &[&str]) -> ArrayRef {
    let rows = keys.len();
    let keys = ScalarBuffer::new(keys.into_buffer(), 0, rows);
    let keys = PrimitiveArray::<Int8Type>::new(keys, None);
    let names = Arc::new(StringArray::from(names.to_vec()));
    Arc::new(DictionaryArray::new(keys, names))
}

/// An array of `rows` numbers that are null but for those given, ascending by row.
pub fn sparse<T: ArrowPrimitiveType<Native: NoUninit>>(
    pool: &Pool<T::Native>,
    rows: usize,
    known: impl Iterator<Item = (usize, T::Native)>,
) -> ArrayRef {
    let mut values = filled(pool, rows, T::Native::default());
    let mut valid = all_null(rows);
    for (row, value) in known {
        values.set(row, value);
        valid.set_bit(row, true);
    }
    let values = ScalarBuffer::new(values.into_buffer(), 0, rows);
    Arc::new(PrimitiveArray::<T>::new(values, Some(NullBuffer::new(valid.finish()))))
}

/// An array of `values` in which `null` stands for nothing.
pub fn nullable<T>(values: Column<T::Native>, null: T::Native) -> ArrayRef
where
    T: ArrowPrimitiveType<Native: NoUninit>,
{
    let rows = values.len();
    let known = values.values();
    let valid = BooleanBuffer::collect_bool(rows, |row| known[row] != null);
    let values = ScalarBuffer::new(values.into_buffer(), 0, rows);
    Arc::new(PrimitiveArray::<T>::new(values, Some(NullBuffer::new(valid))))
}

fn all_null(rows: usize) -> BooleanBufferBuilder {
    let mut valid = BooleanBufferBuilder::new(rows);
    valid.append_n(rows, false);
    valid
}

/// Lists of small numbers that are null for nearly all rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SparseLists {
    values: Vec<i16>,
    /// Row, and the end of its list in `values`.
    ends: Vec<(usize, usize)>,
}

impl SparseLists {
    pub fn push(&mut self, row: usize, values: impl Iterator<Item = i16>) {
        self.values.extend(values);
        self.ends.push((row, self.values.len()));
    }

    pub fn into_array(self, rows: usize) -> ArrayRef {
        let mut offsets = Vec::with_capacity(rows + 1);
        let mut valid = all_null(rows);
        offsets.push(0);
        for (row, end) in self.ends {
            let start = offsets[offsets.len() - 1];
            offsets.resize(row + 1, start);
            offsets.push(end as i32);
            valid.set_bit(row, true);
        }
        let last = offsets[offsets.len() - 1];
        offsets.resize(rows + 1, last);
        let item = Arc::new(Field::new_list_field(DataType::Int16, true));
        let nulls = Some(NullBuffer::new(valid.finish()));
        let offsets = OffsetBuffer::new(offsets.into());
        Arc::new(ListArray::new(
            item,
            offsets,
            Arc::new(PrimitiveArray::<Int16Type>::from(self.values)),
            nulls,
        ))
    }
}
