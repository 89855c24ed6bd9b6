//! One column: its pages, its dictionary, its encoding.

use std::io;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, BooleanArray, DictionaryArray, Float64Array};
use arrow_schema::{DataType, TimeUnit};
use zstd::bulk::Compressor;

use crate::delta::{put_deltas, put_split};
use crate::dictionary::{BytesDictionary, NumberDictionary};
use crate::hybrid::put_indices;
use crate::leaf::Number;
use crate::levels::{put_flat, put_lists};
use crate::page::{
    BYTE_STREAM_SPLIT, Chunk, DELTA_BINARY_PACKED, FinishedChunk, PLAIN, RLE_DICTIONARY,
};
use crate::schema::Leaf;

/// The encoding that fits the shape of a column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// Few distinct values. Gives way to `Split` (numbers) or `Plain` when there are many.
    #[default]
    Dictionary,
    /// Sorted or slowly changing numbers.
    Delta,
    /// Numbers that are random in their low bytes.
    Split,
    Plain,
}

/// Writes the pages of one column.
pub struct ColumnWriter {
    pub leaf: Leaf,
    encoding: Encoding,
    chunk: Chunk,
    numbers: NumberDictionary,
    texts: BytesDictionary,
    /// The dictionary of this chunk is full.
    overflown: bool,
    compressor: Compressor<'static>,
    page: Vec<u8>,
    indices: Vec<u32>,
}

impl ColumnWriter {
    pub fn new(leaf: Leaf, encoding: Encoding, level: i32) -> io::Result<Self> {
        Ok(Self {
            leaf,
            encoding,
            chunk: Chunk::default(),
            numbers: NumberDictionary::default(),
            texts: BytesDictionary::default(),
            overflown: false,
            compressor: Compressor::new(level)?,
            page: Vec::new(),
            indices: Vec::new(),
        })
    }

    /// Adds a page with the rows of `array`, whose type is that of the schema.
    pub fn write(&mut self, array: &ArrayRef) -> io::Result<()> {
        self.page.clear();
        if self.leaf.list {
            let lists = array.as_list::<i32>();
            let count = put_lists(&mut self.page, lists, self.leaf.nullable);
            let offsets = lists.value_offsets();
            let (start, end) = (offsets[0] as usize, offsets[lists.len()] as usize);
            let elements = lists.values().slice(start, end - start);
            self.chunk.statistics.nulls +=
                count as u64 - (elements.len() - elements.null_count()) as u64;
            return self.write_values(&elements, count);
        }
        if self.leaf.nullable {
            let nulls = array.logical_nulls();
            put_flat(&mut self.page, nulls.as_ref(), array.len());
            self.chunk.statistics.nulls += array.logical_null_count() as u64;
        }
        self.write_values(array, array.len())
    }

    fn write_values(&mut self, array: &ArrayRef, count: usize) -> io::Result<()> {
        match array.data_type() {
            DataType::Int16 => self.write_numbers::<Int16Type>(array, count),
            DataType::Int32 => self.write_numbers::<Int32Type>(array, count),
            DataType::Int64 => self.write_numbers::<Int64Type>(array, count),
            DataType::Timestamp(TimeUnit::Microsecond, _) => {
                self.write_numbers::<TimestampMicrosecondType>(array, count)
            }
            DataType::Float64 => self.write_floats(array.as_primitive(), count),
            DataType::Boolean => self.write_booleans(array.as_boolean(), count),
            DataType::Dictionary(..) => self.write_labels(array.as_dictionary(), count),
            DataType::Binary => self.write_texts(array.as_binary::<i32>().iter(), count),
            _ => {
                let texts = array.as_string::<i32>().iter();
                self.write_texts(texts.map(|text| text.map(str::as_bytes)), count)
            }
        }
    }

    fn finish_page(&mut self, count: usize, encoding: i32) -> io::Result<()> {
        self.chunk.add_page(&self.page, count, encoding, &mut self.compressor)
    }

    fn write_numbers<A>(&mut self, array: &ArrayRef, count: usize) -> io::Result<()>
    where
        A: arrow_array::ArrowPrimitiveType<Native: Number>,
    {
        let array = array.as_primitive::<A>();
        let dense: Vec<A::Native>;
        let values: &[A::Native] = if array.null_count() == 0 {
            array.values()
        } else {
            dense = array.iter().flatten().collect();
            &dense
        };
        let encoding = self.put_numbers(values);
        self.finish_page(count, encoding)
    }

    fn put_numbers<T: Number>(&mut self, values: &[T]) -> i32 {
        let wants_dictionary = self.encoding == Encoding::Dictionary && !self.overflown;
        if wants_dictionary && self.numbers.index(values, &mut self.indices) {
            put_indices(&mut self.page, &self.indices);
            return RLE_DICTIONARY;
        }
        self.overflown |= wants_dictionary;
        self.chunk.statistics.add_numbers(values);
        match self.encoding {
            Encoding::Delta => {
                put_deltas(&mut self.page, values);
                DELTA_BINARY_PACKED
            }
            Encoding::Split | Encoding::Dictionary => {
                put_split(&mut self.page, values);
                BYTE_STREAM_SPLIT
            }
            Encoding::Plain => {
                values.iter().for_each(|value| value.put(&mut self.page));
                PLAIN
            }
        }
    }

    fn write_floats(&mut self, array: &Float64Array, count: usize) -> io::Result<()> {
        // NaN has no place in an order, so there are no bounds.
        self.chunk.statistics.forget();
        let bits: Vec<i64> =
            array.iter().flatten().map(|value| value.to_bits().cast_signed()).collect();
        put_split(&mut self.page, &bits);
        self.finish_page(count, BYTE_STREAM_SPLIT)
    }

    fn write_booleans(&mut self, array: &BooleanArray, count: usize) -> io::Result<()> {
        self.chunk.statistics.forget();
        let bits: arrow_buffer::BooleanBuffer = array.iter().flatten().collect();
        self.page.extend_from_slice(&bits.sliced().as_slice()[..bits.len().div_ceil(8)]);
        self.finish_page(count, PLAIN)
    }

    /// Names by index: the array's dictionary becomes part of the chunk's.
    fn write_labels(&mut self, array: &DictionaryArray<Int8Type>, count: usize) -> io::Result<()> {
        let names = array.values().as_string::<i32>();
        let mut known = vec![None; names.len()];
        self.indices.clear();
        for key in array.keys().iter().flatten() {
            let place = key as usize;
            let index = match known[place] {
                Some(index) => index,
                None => *known[place].insert(self.texts.one(names.value(place).as_bytes())),
            };
            self.indices.push(index);
        }
        put_indices(&mut self.page, &self.indices);
        self.finish_page(count, RLE_DICTIONARY)
    }

    fn write_texts<'a>(
        &mut self,
        texts: impl Iterator<Item = Option<&'a [u8]>> + Clone,
        count: usize,
    ) -> io::Result<()> {
        if self.encoding == Encoding::Dictionary && !self.overflown {
            self.indices.clear();
            for text in texts.clone().flatten() {
                self.indices.push(self.texts.one(text));
                if self.texts.is_full() {
                    break;
                }
            }
            self.overflown = self.texts.is_full();
            if !self.overflown {
                put_indices(&mut self.page, &self.indices);
                return self.finish_page(count, RLE_DICTIONARY);
            }
        }
        for text in texts.flatten() {
            self.chunk.statistics.add_bytes(text);
            self.page.extend_from_slice(&(text.len() as u32).to_le_bytes());
            self.page.extend_from_slice(text);
        }
        self.finish_page(count, PLAIN)
    }

    /// Ends the chunk and makes ready for the next one.
    pub fn finish(&mut self) -> io::Result<FinishedChunk> {
        let mut chunk = std::mem::take(&mut self.chunk);
        let numbers = std::mem::take(&mut self.numbers).values;
        let texts = std::mem::take(&mut self.texts).values;
        self.overflown = false;
        let mut body = Vec::new();
        chunk.statistics.add_numbers(&numbers);
        for number in &numbers {
            body.extend_from_slice(&number.to_le_bytes()[..self.leaf.width]);
        }
        for text in &texts {
            chunk.statistics.add_bytes(text);
            body.extend_from_slice(&(text.len() as u32).to_le_bytes());
            body.extend_from_slice(text);
        }
        let entries = numbers.len() + texts.len();
        let needed = chunk.uses_dictionary();
        chunk.finish(needed.then_some((body, entries)), &mut self.compressor)
    }
}
