//! Columns under construction, in memory that is used again.
//!
//! A batch of rows is more than a hundred megabytes. Fetching that from the system and
//! handing it back for every batch costs more than filling it, so a column that Arrow (or
//! whoever took it over) has finished with returns its memory to the pool it came from.

use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::types::ArrowPrimitiveType;
use arrow_array::{ArrayRef, PrimitiveArray};
use arrow_buffer::{ArrowNativeType, Buffer, ScalarBuffer};
use bytemuck::NoUninit;
use bytes::Bytes;

/// Emptied vectors that wait for their next use.
#[derive(Debug)]
pub struct Pool<T>(Arc<Mutex<Vec<Vec<T>>>>);

impl<T> Clone for Pool<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Default for Pool<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T> Pool<T> {
    /// An empty vector, with room when one was given back.
    #[must_use]
    pub fn take(&self) -> Vec<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    /// Gives the memory of `values` back.
    pub fn give(&self, mut values: Vec<T>) {
        values.clear();
        if values.capacity() > 0 {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(values);
        }
    }
}

/// Pools for the types of columns.
#[derive(Clone, Debug, Default)]
pub struct Pools {
    pub long: Pool<i64>,
    pub int: Pool<i32>,
    pub short: Pool<i16>,
    pub byte: Pool<i8>,
}

/// A column under construction.
#[derive(Debug)]
pub struct Column<T> {
    values: Vec<T>,
    pool: Pool<T>,
}

impl<T> Column<T> {
    /// A column with room for `rows` values: growing by doubling would copy what it holds
    /// and touch new memory every time, whereas room that is not used costs nothing.
    pub fn new(pool: &Pool<T>, rows: usize) -> Self {
        let mut values = pool.take();
        values.reserve(rows);
        Self { values, pool: pool.clone() }
    }

    #[inline]
    pub fn push(&mut self, value: T) {
        self.values.push(value);
    }

    #[inline]
    pub fn extend(&mut self, values: impl Iterator<Item = T>) {
        self.values.extend(values);
    }

    #[inline]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    #[inline]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Room for `rows` more values, to be written in place.
    #[inline]
    pub fn grow(&mut self, rows: usize) -> &mut [T]
    where
        T: Clone + Default,
    {
        let length = self.values.len();
        self.values.resize(length + rows, T::default());
        &mut self.values[length..]
    }

    #[inline]
    pub fn values(&self) -> &[T] {
        &self.values
    }

    pub fn set(&mut self, row: usize, value: T) {
        self.values[row] = value;
    }

    /// Appends `value` until there are `length` of them.
    pub fn fill(&mut self, length: usize, value: T)
    where
        T: Clone,
    {
        self.values.resize(length, value);
    }

    /// The values as the buffer of an Arrow array.
    pub fn into_buffer(mut self) -> Buffer
    where
        T: NoUninit + Send,
    {
        let lent = Lent { values: mem::take(&mut self.values), pool: self.pool.clone() };
        Buffer::from(Bytes::from_owner(lent))
    }
}

impl<T: NoUninit + ArrowNativeType> Column<T> {
    /// The values as an array without nulls.
    pub fn into_array<A: ArrowPrimitiveType<Native = T>>(self) -> ArrayRef {
        let length = self.len();
        let values = ScalarBuffer::new(self.into_buffer(), 0, length);
        Arc::new(PrimitiveArray::<A>::new(values, None))
    }
}

impl<T> Drop for Column<T> {
    fn drop(&mut self) {
        self.pool.give(mem::take(&mut self.values));
    }
}

/// Memory that somebody reads, and that goes back to the pool afterwards.
struct Lent<T> {
    values: Vec<T>,
    pool: Pool<T>,
}

impl<T: NoUninit> AsRef<[u8]> for Lent<T> {
    fn as_ref(&self) -> &[u8] {
        bytemuck::cast_slice(&self.values)
    }
}

impl<T> Drop for Lent<T> {
    fn drop(&mut self) {
        self.pool.give(mem::take(&mut self.values));
    }
}
