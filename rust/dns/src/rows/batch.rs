//! A block as an Arrow batch of the table `dns`.

use std::sync::{Arc, LazyLock};

use arrow_array::builder::StringBuilder;
use arrow_array::types::{
    ArrowPrimitiveType, Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType,
};
use arrow_array::{
    ArrayRef, BooleanArray, DictionaryArray, ListArray, PrimitiveArray, RecordBatch, StringArray,
};
use arrow_buffer::{Buffer, NullBuffer, OffsetBuffer};
use arrow_schema::{DataType, Field, SchemaRef};
use kaname_names::suffix::registered;
use kaname_packets::rows::Labels;
use kaname_packets::rows::arrow::{label_type, schema};

use super::block::{Block, Row, STATES, State, TRANSPORTS};
use crate::message::mnemonic::write_type;

/// The schema of the table, as `python/kaname/lake/tables/dns.py` defines it.
static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
    let texts = DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true)));
    let (short, int, long) = (DataType::Int16, DataType::Int32, DataType::Int64);
    schema(&[
        ("dst_hi", long.clone(), false),
        ("dst_lo", long.clone(), false),
        ("sport", int.clone(), false),
        ("dport", int.clone(), false),
        ("transport", label_type(), false),
        ("dns_id", int.clone(), false),
        ("qname", DataType::Utf8, false),
        ("regdom", DataType::Utf8, true),
        ("qtype", int.clone(), false),
        ("qclass", int.clone(), false),
        ("rcode", short.clone(), true),
        ("state", label_type(), false),
        ("rtt_us", long.clone(), true),
        ("opcode", short, false),
        ("head_bits", int.clone(), false),
        ("edns_do", DataType::Boolean, false),
        ("ecs", DataType::Utf8, true),
        ("an_count", int.clone(), true),
        ("ns_count", int.clone(), true),
        ("ar_count", int.clone(), true),
        ("answers", texts.clone(), true),
        ("answer_types", texts, true),
        ("min_ttl", long, true),
        ("req_len", int.clone(), true),
        ("res_len", int, true),
    ])
});

/// The rows of a block as a batch. `contexts` are the values of `ext`; row contexts count
/// them from 1.
///
/// # Panics
///
/// Never: the columns have the types of the schema and one length.
#[must_use]
pub fn into_batch(block: &Block, labels: &Labels, contexts: &[String]) -> RecordBatch {
    let rows = &block.rows;
    let answered: NullBuffer = rows.iter().map(|row| row.state != State::Query).collect();
    let (answers, answer_types) = answer_lists(block, &answered);
    let columns: Vec<ArrayRef> = vec![
        Arc::new(
            PrimitiveArray::<TimestampMicrosecondType>::from_iter_values(
                rows.iter().map(|row| row.ts_us),
            )
            .with_timezone("UTC"),
        ),
        label(rows, |_| 0, &[&labels.sensor]),
        label(rows, |_| 0, &[&labels.kind]),
        label(rows, |_| 0, &[&labels.tlp]),
        numbers::<Int64Type>(rows, |_| labels.batch),
        numbers::<Int64Type>(rows, |row| row.offset as i64),
        numbers::<Int64Type>(rows, |row| (row.client >> 64) as i64),
        numbers::<Int64Type>(rows, |row| row.client as i64),
        contexts_of(rows, contexts),
        numbers::<Int64Type>(rows, |row| (row.server >> 64) as i64),
        numbers::<Int64Type>(rows, |row| row.server as i64),
        numbers::<Int32Type>(rows, |row| i32::from(row.sport)),
        numbers::<Int32Type>(rows, |row| i32::from(row.dport)),
        label(rows, |row| row.transport as i8, &TRANSPORTS),
        numbers::<Int32Type>(rows, |row| i32::from(row.id)),
        names(block),
        registered_domains(block),
        numbers::<Int32Type>(rows, |row| i32::from(row.qtype)),
        numbers::<Int32Type>(rows, |row| i32::from(row.qclass)),
        some::<Int16Type>(rows, |row| row.rcode as i16, answered.clone()),
        label(rows, |row| row.state as i8, &STATES),
        known::<Int64Type>(rows, |row| row.rtt_us),
        numbers::<Int16Type>(rows, |row| (row.bits >> 11 & 15) as i16),
        numbers::<Int32Type>(rows, |row| i32::from(row.bits)),
        Arc::new(rows.iter().map(|row| Some(row.edns_do)).collect::<BooleanArray>()),
        subnets(block),
        some::<Int32Type>(rows, |row| i32::from(row.counts[0]), answered.clone()),
        some::<Int32Type>(rows, |row| i32::from(row.counts[1]), answered.clone()),
        some::<Int32Type>(rows, |row| i32::from(row.counts[2]), answered),
        answers,
        answer_types,
        known::<Int64Type>(rows, |row| row.min_ttl),
        known::<Int32Type>(rows, |row| row.req_len),
        known::<Int32Type>(rows, |row| row.res_len),
    ];
    RecordBatch::try_new(Arc::clone(&SCHEMA), columns).expect("columns of the schema")
}

fn numbers<T: ArrowPrimitiveType>(rows: &[Row], value: impl Fn(&Row) -> T::Native) -> ArrayRef {
    Arc::new(PrimitiveArray::<T>::from_iter_values(rows.iter().map(value)))
}

/// Numbers that are null where `valid` says so.
fn some<T: ArrowPrimitiveType>(
    rows: &[Row],
    value: impl Fn(&Row) -> T::Native,
    valid: NullBuffer,
) -> ArrayRef {
    let values = rows.iter().map(value).collect::<Vec<_>>().into();
    Arc::new(PrimitiveArray::<T>::new(values, Some(valid)))
}

/// Numbers that are null where they are negative.
fn known<T: ArrowPrimitiveType<Native: Default + PartialOrd>>(
    rows: &[Row],
    value: impl Fn(&Row) -> T::Native,
) -> ArrayRef {
    let values: Vec<T::Native> = rows.iter().map(value).collect();
    let valid: NullBuffer = values.iter().map(|value| *value >= T::Native::default()).collect();
    Arc::new(PrimitiveArray::<T>::new(values.into(), Some(valid)))
}

fn label(rows: &[Row], key: impl Fn(&Row) -> i8, names: &[&str]) -> ArrayRef {
    let keys = PrimitiveArray::<Int8Type>::from_iter_values(rows.iter().map(key));
    Arc::new(DictionaryArray::new(keys, Arc::new(StringArray::from(names.to_vec()))))
}

fn names(block: &Block) -> ArrayRef {
    let ends = block.rows.iter().map(|row| row.name_end as i32);
    let offsets: Vec<i32> = std::iter::once(0).chain(ends).collect();
    texts(offsets, block.names.clone(), None)
}

/// Texts that are ASCII by how they were made.
fn texts(offsets: Vec<i32>, bytes: Vec<u8>, valid: Option<NullBuffer>) -> ArrayRef {
    let offsets = OffsetBuffer::new(offsets.into());
    Arc::new(StringArray::new(offsets, Buffer::from_vec(bytes), valid))
}

fn registered_domains(block: &Block) -> ArrayRef {
    let mut column = StringBuilder::with_capacity(block.rows.len(), block.names.len());
    for place in 0..block.rows.len() {
        let name = str::from_utf8(block.name(place)).unwrap_or_default();
        column.append_option(registered(name));
    }
    Arc::new(column.finish())
}

fn subnets(block: &Block) -> ArrayRef {
    let mut column = StringBuilder::new();
    let mut text = String::new();
    for row in &block.rows {
        let subnet = (row.ecs as usize).checked_sub(1).and_then(|place| block.subnets.get(place));
        text.clear();
        if let Some(subnet) = subnet {
            subnet.write(&mut text);
        }
        column.append_option(subnet.map(|_| &text));
    }
    Arc::new(column.finish())
}

fn contexts_of(rows: &[Row], contexts: &[String]) -> ArrayRef {
    let text = |row: &Row| contexts.get(usize::from(row.context).checked_sub(1)?);
    Arc::new(rows.iter().map(text).collect::<StringArray>())
}

/// Data and types of the answers, in the order of the rows.
fn answer_lists(block: &Block, answered: &NullBuffer) -> (ArrayRef, ArrayRef) {
    let total = block.answers.len();
    let mut data = Vec::with_capacity(block.answers.text.len());
    let mut types = Vec::with_capacity(total * 2);
    let (mut data_ends, mut type_ends) = (vec![0], vec![0]);
    let mut lists = vec![0];
    for row in &block.rows {
        let first = row.first_answer as usize;
        for place in first..first + usize::from(row.answers) {
            data.extend_from_slice(block.answers.get(place));
            write_type(block.answers.kinds[place], &mut types);
            data_ends.push(data.len() as i32);
            type_ends.push(types.len() as i32);
        }
        lists.push(data_ends.len() as i32 - 1);
    }
    let offsets = OffsetBuffer::new(lists.into());
    let list = |ends: Vec<i32>, bytes: Vec<u8>| -> ArrayRef {
        let item = Arc::new(Field::new_list_field(DataType::Utf8, true));
        let valid = Some(answered.clone());
        Arc::new(ListArray::new(item, offsets.clone(), texts(ends, bytes, None), valid))
    };
    (list(data_ends, data), list(type_ends, types))
}
