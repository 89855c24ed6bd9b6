//! Columns of numbers that may be null.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{ArrowPrimitiveType, Int8Type};
use arrow_array::{ArrayRef, DictionaryArray, PrimitiveArray, StringArray, new_null_array};
use arrow_buffer::{BooleanBufferBuilder, NullBuffer, ScalarBuffer};
use bytemuck::NoUninit;
use kaname_packets::rows::arrow::label_type;
use kaname_packets::rows::column::{Column, Pool};

/// Which rows are known.
#[derive(Debug)]
enum Known {
    None,
    All,
    /// A bit a row; grows behind the values until the next row is added.
    Some(BooleanBufferBuilder),
}

/// A column under construction whose rows nearly always are all known or all null.
#[derive(Debug)]
pub struct Optional<T> {
    values: Column<T>,
    known: Known,
}

impl<T: Clone + Default> Optional<T> {
    pub fn new(pool: &Pool<T>, rows: usize) -> Self {
        Self { values: Column::new(pool, rows), known: Known::None }
    }

    /// Room for `rows` known values.
    #[inline]
    pub fn grow(&mut self, rows: usize) -> &mut [T] {
        self.mark(rows, true);
        self.values.grow(rows)
    }

    /// `rows` times the same.
    #[inline]
    pub fn repeat(&mut self, value: Option<T>, rows: usize) {
        self.mark(rows, value.is_some());
        self.values.fill(self.values.len() + rows, value.unwrap_or_default());
    }

    #[inline]
    fn mark(&mut self, rows: usize, known: bool) {
        let before = self.values.len();
        match (&mut self.known, known) {
            (Known::None, false) | (Known::All, true) => {}
            (Known::Some(bits), _) => bits.append_n(rows, known),
            (Known::None, true) if before == 0 => self.known = Known::All,
            (was, _) => {
                let mut bits = BooleanBufferBuilder::new(before + rows);
                bits.append_n(before, matches!(was, Known::All));
                bits.append_n(rows, known);
                *was = Known::Some(bits);
            }
        }
    }
}

impl<T: NoUninit + arrow_buffer::ArrowNativeType + Default> Optional<T> {
    pub fn into_array<A: ArrowPrimitiveType<Native = T>>(self) -> ArrayRef {
        let nulls = match self.known {
            Known::None => return new_null_array(&A::DATA_TYPE, self.values.len()),
            Known::All => None,
            Known::Some(mut bits) => Some(NullBuffer::new(bits.finish())),
        };
        let rows = self.values.len();
        let values = ScalarBuffer::new(self.values.into_buffer(), 0, rows);
        Arc::new(PrimitiveArray::<A>::new(values, nulls))
    }
}

impl Optional<i8> {
    /// The values as indices into a few names.
    pub fn into_labels(self, names: &[&str]) -> ArrayRef {
        if matches!(self.known, Known::None) {
            return new_null_array(&label_type(), self.values.len());
        }
        let keys = self.into_array::<Int8Type>().as_primitive::<Int8Type>().clone();
        let names = Arc::new(StringArray::from(names.to_vec()));
        Arc::new(DictionaryArray::new(keys, names))
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::Array;
    use arrow_array::types::Int32Type;

    use super::*;

    fn built(steps: &[Option<i32>]) -> ArrayRef {
        let mut column = Optional::new(&Pool::default(), 0);
        for step in steps {
            column.repeat(*step, 1);
        }
        column.into_array::<Int32Type>()
    }

    #[test]
    fn nulls_are_where_nothing_is_known() {
        for steps in [
            vec![None, None],
            vec![Some(1), Some(2)],
            vec![None, Some(1), None],
            vec![Some(1), None, Some(3)],
        ] {
            let array = built(&steps);
            assert_eq!(array.as_primitive::<Int32Type>().iter().collect::<Vec<_>>(), steps);
            assert_eq!(array.null_count(), steps.iter().filter(|step| step.is_none()).count());
        }
    }
}
