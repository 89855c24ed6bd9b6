//! Columns of 64-bit integers out of batches that Python hands over.

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, RecordBatch};
use arrow_schema::ArrowError;

use crate::errors::CoreError;

/// The column `name`, which must be int64 without nulls.
pub fn int64<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a [i64], CoreError> {
    let column = batch.column_by_name(name);
    let found = column.and_then(|c| c.as_primitive_opt::<Int64Type>());
    match found {
        Some(values) if values.null_count() == 0 => Ok(values.values()),
        _ => Err(ArrowError::SchemaError(format!("{name}: int64 without nulls expected")).into()),
    }
}
