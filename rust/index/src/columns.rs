//! The columns that mention something, row by row.

use std::collections::HashMap;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type};
use arrow_array::{
    Array, ArrayRef, DictionaryArray, Int64Array, ListArray, RecordBatch, StringArray,
};
use arrow_schema::DataType;

use crate::keys::{Key, Kind, may_hold_address, put_keys};

/// Columns that mention something.
#[derive(Clone, Debug)]
pub struct Mention {
    pub kind: Kind,
    pub columns: Vec<String>,
}

/// Distinct texts that are remembered before all are forgotten.
const MOST_TEXTS: usize = 1 << 18;

/// High and low words of an address column.
pub struct AddressColumn<'a> {
    high: &'a Int64Array,
    low: &'a Int64Array,
}

impl AddressColumn<'_> {
    /// The address of a row; none when it is null or `::`.
    #[inline]
    pub fn key(&self, row: usize) -> Option<u128> {
        if self.low.is_null(row) || self.high.is_null(row) {
            return None;
        }
        let high = u128::from(self.high.value(row).cast_unsigned());
        let key = high << 64 | u128::from(self.low.value(row).cast_unsigned());
        (key != 0).then_some(key)
    }
}

/// A column of texts, lists of them, or numbers.
pub struct TextColumn {
    pub kind: Kind,
    array: ArrayRef,
}

/// Columns of a batch, each with the number of its mention.
pub type Numbered<T> = Vec<(usize, T)>;

/// The columns of a batch that mentions name, as far as the batch has them.
pub fn split<'a>(
    mentions: &[Mention],
    batch: &'a RecordBatch,
) -> (Numbered<AddressColumn<'a>>, Numbered<TextColumn>) {
    let (mut addresses, mut texts) = (Vec::new(), Vec::new());
    for (number, mention) in mentions.iter().enumerate() {
        let found: Option<Vec<&ArrayRef>> =
            mention.columns.iter().map(|name| batch.column_by_name(name)).collect();
        match (mention.kind, found.as_deref()) {
            (Kind::Address, Some([high, low])) => {
                let high = high.as_primitive_opt::<Int64Type>();
                let low = low.as_primitive_opt::<Int64Type>();
                if let (Some(high), Some(low)) = (high, low) {
                    addresses.push((number, AddressColumn { high, low }));
                }
            }
            (Kind::Address, _) | (_, None) => {}
            (kind, Some(columns)) => {
                for array in columns {
                    texts.push((number, TextColumn { kind, array: (*array).clone() }));
                }
            }
        }
    }
    (addresses, texts)
}

/// A row and the number of a text in it.
pub type Met = (u32, u32);

/// Texts that were met, with the numbers of their keys.
#[derive(Default)]
pub struct Known {
    texts: [HashMap<Box<str>, u32>; Kind::COUNT],
    /// Numbers of keys, by number of text.
    of_texts: Vec<Box<[u32]>>,
    numbers: HashMap<Key, u32>,
    pub keys: Vec<Key>,
    /// Only keys of addresses are of interest: other texts are not worth a look.
    only_addresses: bool,
}

impl Known {
    /// One that passes over texts without an address, when only addresses are looked for.
    pub fn of_addresses(only_addresses: bool) -> Self {
        // The first text is one without keys.
        Self { only_addresses, of_texts: vec![Box::default()], ..Self::default() }
    }

    /// Whether it is time to forget all.
    pub fn is_full(&self) -> bool {
        self.of_texts.len() >= MOST_TEXTS
    }

    /// Numbers of the keys of a text.
    pub fn keys_of(&self, text: u32) -> &[u32] {
        &self.of_texts[text as usize]
    }

    /// The texts of a column in order of rows; nulls have none, lists several.
    pub fn texts_of(&mut self, column: &TextColumn) -> Vec<Met> {
        let (kind, array) = (column.kind, &column.array);
        match array.data_type() {
            DataType::Utf8 => self.of_strings(kind, array.as_string()),
            DataType::Dictionary(..) => self.of_labels(kind, array),
            DataType::List(_) => self.of_lists(kind, array.as_list()),
            DataType::Int64 => self.of_numbers(kind, array.as_primitive()),
            _ => Vec::new(),
        }
    }

    fn of_strings(&mut self, kind: Kind, texts: &StringArray) -> Vec<Met> {
        let mut met = Vec::with_capacity(texts.len());
        let mut last: Option<(&str, u32)> = None;
        for (row, text) in (0..).zip(texts) {
            let Some(text) = text else { continue };
            let number = match last {
                Some((before, number)) if before == text => number,
                _ => self.text(kind, text),
            };
            last = Some((text, number));
            met.push((row, number));
        }
        met
    }

    fn of_labels(&mut self, kind: Kind, array: &ArrayRef) -> Vec<Met> {
        let Some(labels) = array.as_any().downcast_ref::<DictionaryArray<Int32Type>>() else {
            return Vec::new();
        };
        let Some(values) = labels.values().as_string_opt::<i32>() else { return Vec::new() };
        let numbers: Vec<u32> =
            values.iter().map(|text| self.text(kind, text.unwrap_or(""))).collect();
        let codes = (0..).zip(labels.keys());
        let known = |code: i32| usize::try_from(code).ok().and_then(|code| numbers.get(code));
        codes.filter_map(|(row, code)| Some((row, *known(code?)?))).collect()
    }

    fn of_lists(&mut self, kind: Kind, lists: &ListArray) -> Vec<Met> {
        let Some(texts) = lists.values().as_string_opt::<i32>() else { return Vec::new() };
        let mut met = Vec::new();
        for (row, ends) in (0..).zip(lists.value_offsets().windows(2)) {
            if lists.is_null(row as usize) {
                continue;
            }
            for at in ends[0] as usize..ends[1] as usize {
                if texts.is_valid(at) {
                    met.push((row, self.text(kind, texts.value(at))));
                }
            }
        }
        met
    }

    fn of_numbers(&mut self, kind: Kind, numbers: &Int64Array) -> Vec<Met> {
        let rows = (0..).zip(numbers);
        let positive = rows.filter_map(|(row, value)| Some((row, value.filter(|v| *v > 0)?)));
        positive.map(|(row, value)| (row, self.text(kind, &value.to_string()))).collect()
    }

    fn text(&mut self, kind: Kind, text: &str) -> u32 {
        if self.only_addresses && !may_hold_address(kind, text) {
            return 0;
        }
        if let Some(number) = self.texts[kind as usize].get(text) {
            return *number;
        }
        let mut found = Vec::new();
        put_keys(kind, text, &mut found);
        found.sort_unstable();
        found.dedup();
        let numbers = found.into_iter().map(|key| self.number(key)).collect();
        let number = self.of_texts.len() as u32;
        self.of_texts.push(numbers);
        self.texts[kind as usize].insert(text.into(), number);
        number
    }

    fn number(&mut self, key: Key) -> u32 {
        let next = self.keys.len() as u32;
        let number = *self.numbers.entry(key).or_insert(next);
        if number == next {
            self.keys.push(key);
        }
        number
    }
}
