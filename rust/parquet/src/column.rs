//! One column: its pages, its dictionary, its encoding.

use std::io;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowDictionaryKeyType, Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType,
};
use arrow_array::{Array, ArrayRef, BooleanArray, DictionaryArray, Float64Array};
use arrow_schema::{DataType, TimeUnit};
use zstd::bulk::Compressor;

use crate::delta::{put_deltas, put_split};
use crate::dictionary::{BytesDictionary, Indices, NumberDictionary, are_all};
use crate::hybrid::{put_indices, put_one_index};
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

/// Room for making a page; every thread has one, whatever column it works on.
pub struct Workbench {
    pub page: Vec<u8>,
    pub squeezed: Vec<u8>,
    indices: Vec<u32>,
    pub compressor: Compressor<'static>,
    /// For times: see [`DEEPER`].
    pub deeper: Compressor<'static>,
}

/// Least level for times. Those that are whole milliseconds have differences that are
/// multiples of 1,000; from this level on Zstandard finds that (1.2 bytes, not 1.7).
const DEEPER: i32 = 7;

impl Workbench {
    /// With Zstandard at `level`.
    pub fn new(level: i32) -> io::Result<Self> {
        Ok(Self {
            page: Vec::new(),
            squeezed: Vec::new(),
            indices: Vec::new(),
            compressor: Compressor::new(level)?,
            deeper: Compressor::new(level.max(DEEPER))?,
        })
    }
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
}

impl ColumnWriter {
    pub fn new(leaf: Leaf, encoding: Encoding) -> Self {
        Self {
            leaf,
            encoding,
            chunk: Chunk::default(),
            numbers: NumberDictionary::default(),
            texts: BytesDictionary::default(),
            overflown: false,
        }
    }

    /// Adds a page with the rows of `array`, whose type is that of the schema.
    pub fn write(&mut self, array: &ArrayRef, bench: &mut Workbench) -> io::Result<()> {
        bench.page.clear();
        if self.leaf.list {
            let lists = array.as_list::<i32>();
            let count = put_lists(&mut bench.page, lists, self.leaf.nullable);
            let offsets = lists.value_offsets();
            let (start, end) = (offsets[0] as usize, offsets[lists.len()] as usize);
            let elements = lists.values().slice(start, end - start);
            self.chunk.statistics.nulls +=
                count as u64 - (elements.len() - elements.null_count()) as u64;
            return self.write_values(&elements, count, bench);
        }
        if self.leaf.nullable {
            let nulls = array.logical_nulls();
            put_flat(&mut bench.page, nulls.as_ref(), array.len());
            self.chunk.statistics.nulls += array.logical_null_count() as u64;
        }
        self.write_values(array, array.len(), bench)
    }

    fn write_values(
        &mut self,
        array: &ArrayRef,
        count: usize,
        bench: &mut Workbench,
    ) -> io::Result<()> {
        match array.data_type() {
            DataType::Int16 => self.write_numbers::<Int16Type>(array, count, bench),
            DataType::Int32 => self.write_numbers::<Int32Type>(array, count, bench),
            DataType::Int64 => self.write_numbers::<Int64Type>(array, count, bench),
            DataType::Timestamp(TimeUnit::Microsecond, _) => {
                self.chunk.deeper = true;
                self.write_numbers::<TimestampMicrosecondType>(array, count, bench)
            }
            DataType::Float64 => self.write_floats(array.as_primitive(), count, bench),
            DataType::Boolean => self.write_booleans(array.as_boolean(), count, bench),
            DataType::Dictionary(key, _) if **key == DataType::Int8 => {
                self.write_labels::<Int8Type>(array.as_dictionary(), count, bench)
            }
            DataType::Dictionary(..) => {
                self.write_labels::<Int32Type>(array.as_dictionary(), count, bench)
            }
            DataType::Binary => self.write_texts(array.as_binary::<i32>().iter(), count, bench),
            _ => {
                let texts = array.as_string::<i32>().iter();
                self.write_texts(texts.map(|text| text.map(str::as_bytes)), count, bench)
            }
        }
    }

    fn finish_page(
        &mut self,
        count: usize,
        encoding: i32,
        bench: &mut Workbench,
    ) -> io::Result<()> {
        self.chunk.add_page(count, encoding, bench)
    }

    fn write_numbers<A>(
        &mut self,
        array: &ArrayRef,
        count: usize,
        bench: &mut Workbench,
    ) -> io::Result<()>
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
        let encoding = self.put_numbers(values, bench);
        self.finish_page(count, encoding, bench)
    }

    fn put_numbers<T: Number>(&mut self, values: &[T], bench: &mut Workbench) -> i32 {
        let wants_dictionary = self.encoding == Encoding::Dictionary && !self.overflown;
        if wants_dictionary {
            match self.numbers.index(values, &mut bench.indices) {
                Indices::One(index) => put_one_index(&mut bench.page, index, values.len()),
                Indices::Many(indices) => put_indices(&mut bench.page, indices),
                Indices::None => self.overflown = true,
            }
            if !self.overflown {
                return RLE_DICTIONARY;
            }
        }
        self.chunk.statistics.add_numbers(values);
        match self.encoding {
            Encoding::Delta => {
                put_deltas(&mut bench.page, values);
                DELTA_BINARY_PACKED
            }
            Encoding::Split | Encoding::Dictionary => {
                put_split(&mut bench.page, values);
                BYTE_STREAM_SPLIT
            }
            Encoding::Plain => {
                for value in values {
                    value.put(&mut bench.page);
                }
                PLAIN
            }
        }
    }

    fn write_floats(
        &mut self,
        array: &Float64Array,
        count: usize,
        bench: &mut Workbench,
    ) -> io::Result<()> {
        // NaN has no place in an order, so there are no bounds.
        self.chunk.statistics.forget();
        let bits: Vec<i64> =
            array.iter().flatten().map(|value| value.to_bits().cast_signed()).collect();
        put_split(&mut bench.page, &bits);
        self.finish_page(count, BYTE_STREAM_SPLIT, bench)
    }

    fn write_booleans(
        &mut self,
        array: &BooleanArray,
        count: usize,
        bench: &mut Workbench,
    ) -> io::Result<()> {
        self.chunk.statistics.forget();
        let bits: arrow_buffer::BooleanBuffer = array.iter().flatten().collect();
        bench.page.extend_from_slice(&bits.sliced().as_slice()[..bits.len().div_ceil(8)]);
        self.finish_page(count, PLAIN, bench)
    }

    /// Names by index: those that occur become part of the chunk's dictionary, in the
    /// order in which they first occur.
    fn write_labels<K>(
        &mut self,
        array: &DictionaryArray<K>,
        count: usize,
        bench: &mut Workbench,
    ) -> io::Result<()>
    where
        K: ArrowDictionaryKeyType<Native: Number>,
    {
        let names = array.values().as_string::<i32>();
        // The same name in all rows, as of the sensor and the source.
        if let (0, Some(first)) = (array.null_count(), array.keys().values().first())
            && are_all(array.keys().values(), *first)
        {
            let name = names.value(first.signed() as usize);
            let index = self.texts.one(name.as_bytes());
            put_one_index(&mut bench.page, index, array.len());
            return self.finish_page(count, RLE_DICTIONARY, bench);
        }
        let mut known: Vec<Option<u32>> = vec![None; names.len()];
        let texts = &mut self.texts;
        bench.indices.clear();
        bench.indices.extend(array.keys().iter().flatten().map(|key| {
            let place = key.signed() as usize;
            *known[place].get_or_insert_with(|| texts.one(names.value(place).as_bytes()))
        }));
        // Batches that were joined may bring the same name twice.
        match bench.indices.first() {
            Some(first) if bench.indices.iter().all(|index| index == first) => {
                put_one_index(&mut bench.page, *first, bench.indices.len());
            }
            _ => put_indices(&mut bench.page, &bench.indices),
        }
        self.finish_page(count, RLE_DICTIONARY, bench)
    }

    fn write_texts<'a>(
        &mut self,
        texts: impl Iterator<Item = Option<&'a [u8]>> + Clone,
        count: usize,
        bench: &mut Workbench,
    ) -> io::Result<()> {
        if self.encoding == Encoding::Dictionary && !self.overflown {
            bench.indices.clear();
            for text in texts.clone().flatten() {
                bench.indices.push(self.texts.one(text));
                if self.texts.is_full() {
                    break;
                }
            }
            self.overflown = self.texts.is_full();
            if !self.overflown {
                put_indices(&mut bench.page, &bench.indices);
                return self.finish_page(count, RLE_DICTIONARY, bench);
            }
        }
        for text in texts.flatten() {
            self.chunk.statistics.add_bytes(text);
            bench.page.extend_from_slice(&(text.len() as u32).to_le_bytes());
            bench.page.extend_from_slice(text);
        }
        self.finish_page(count, PLAIN, bench)
    }

    /// Ends the chunk and makes ready for the next one.
    pub fn finish(&mut self, bench: &mut Workbench) -> io::Result<FinishedChunk> {
        let mut chunk = std::mem::take(&mut self.chunk);
        let numbers = std::mem::take(&mut self.numbers).values;
        let texts = std::mem::take(&mut self.texts).values;
        self.overflown = false;
        let body = &mut bench.page;
        body.clear();
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
        chunk.finish(needed.then_some(entries), bench)
    }
}
