//! Columns of the table `rsdos`.

use std::sync::{Arc, LazyLock};

use arrow_array::types::{Int16Type, Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{ArrayRef, PrimitiveArray, RecordBatch};
use arrow_schema::{DataType, SchemaRef, TimeUnit};

use super::arrow::{Labels, schema};
use super::column::{Column, Pools};
use crate::flowtuple::signed_words;
use crate::rsdos::Attack;

const MAPPED: u128 = 0xffff << 32;

/// Attacks as a batch of the table.
///
/// # Panics
///
/// Never: all columns have the same length.
#[must_use]
pub fn attack_batch(attacks: &[Attack], labels: &Labels, pools: &Pools) -> RecordBatch {
    let long = |of: fn(&Attack) -> i64| {
        let mut column = Column::new(&pools.long, attacks.len());
        column.extend(attacks.iter().map(of));
        column
    };
    let count = |of: fn(&Attack) -> i64| long(of).into_array::<Int64Type>();
    let number = |of: fn(&Attack) -> i32| {
        let mut column = Column::new(&pools.int, attacks.len());
        column.extend(attacks.iter().map(of));
        column.into_array::<Int32Type>()
    };
    let time = |of: fn(&Attack) -> i64| -> ArrayRef {
        let times = attacks.iter().map(of);
        let times = PrimitiveArray::<TimestampMicrosecondType>::from_iter_values(times);
        Arc::new(times.with_timezone("UTC"))
    };
    let proto = attacks.iter().map(|attack| i16::from(attack.proto));
    let mut columns = labels.common(
        pools,
        long(|attack| attack.ts_us),
        long(|attack| attack.offset as i64),
        long(|attack| victim(attack).0),
        long(|attack| victim(attack).1),
    );
    columns.extend([
        Arc::new(PrimitiveArray::<Int16Type>::from_iter_values(proto)) as ArrayRef,
        count(|attack| attack.packets as i64),
        count(|attack| attack.octets as i64),
        count(|attack| i64::from(attack.most_ppm)),
        count(|attack| attack.last_us - attack.first_us),
        time(|attack| attack.first_us),
        time(|attack| attack.last_us),
        count(|attack| attack.destinations as i64),
        count(|attack| attack.attack_ports as i64),
        count(|attack| attack.target_ports as i64),
        count(|attack| attack.mismatches as i64),
        number(|attack| i32::from(attack.attack_port)),
        number(|attack| i32::from(attack.target_port)),
    ]);
    RecordBatch::try_new(SCHEMA.clone(), columns).expect("columns fit the schema")
}

fn victim(attack: &Attack) -> (i64, i64) {
    signed_words(MAPPED | u128::from(attack.victim))
}

static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
    let time = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    schema(&[
        ("proto", DataType::Int16, false),
        ("packets", DataType::Int64, false),
        ("octets", DataType::Int64, false),
        ("max_ppm", DataType::Int64, false),
        ("duration_us", DataType::Int64, false),
        ("first", time.clone(), false),
        ("last", time, false),
        ("uniq_dst", DataType::Int64, false),
        ("uniq_attack_port", DataType::Int64, false),
        ("uniq_target_port", DataType::Int64, false),
        ("mismatches", DataType::Int64, false),
        ("attack_port", DataType::Int32, false),
        ("target_port", DataType::Int32, false),
    ])
});
