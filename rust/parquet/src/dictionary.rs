//! Dictionaries: distinct values in the order of their first appearance.

use std::collections::HashMap;

use crate::leaf::Number;

/// More distinct values than this are no dictionary.
pub const MOST_ENTRIES: usize = 1 << 16;
/// Values from 0 up to this are found in a table.
const DIRECT: usize = 1 << 16;
const RECENT: usize = 256;
const EMPTY: u32 = u32::MAX;

/// Distinct numbers.
#[derive(Default)]
pub struct NumberDictionary {
    pub values: Vec<i64>,
    direct: Vec<u32>,
    others: HashMap<i64, u32>,
    /// Some of `others`, found without the cost of a hash that withstands attacks.
    recent: Vec<(i64, u32)>,
}

impl NumberDictionary {
    /// Appends the index of every value; false when there are too many distinct ones.
    pub fn index<T: Number>(&mut self, values: &[T], out: &mut Vec<u32>) -> bool {
        out.clear();
        let Some(first) = values.first() else { return true };
        let (mut last, mut index) = (*first, self.one(first.signed()));
        if values.iter().all(|value| *value == last) {
            out.resize(values.len(), index);
            return true;
        }
        out.reserve(values.len());
        for value in values {
            if *value != last {
                last = *value;
                index = self.one(value.signed());
            }
            out.push(index);
        }
        self.values.len() <= MOST_ENTRIES
    }

    #[inline]
    fn one(&mut self, value: i64) -> u32 {
        let place = value as usize;
        if place >= DIRECT {
            return self.other(value);
        }
        if self.direct.is_empty() {
            self.direct.resize(DIRECT, EMPTY);
        }
        let known = self.direct[place];
        if known != EMPTY {
            return known;
        }
        let index = self.values.len() as u32;
        self.direct[place] = index;
        self.values.push(value);
        index
    }

    fn other(&mut self, value: i64) -> u32 {
        if self.recent.is_empty() {
            // The values of this table are from `DIRECT` up or negative, so 0 is none of them.
            self.recent.resize(RECENT, (0, EMPTY));
        }
        let mixed = value.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let place = (mixed >> 56) as usize;
        if self.recent[place].0 == value {
            return self.recent[place].1;
        }
        let next = self.values.len() as u32;
        let index = *self.others.entry(value).or_insert(next);
        if index == next {
            self.values.push(value);
        }
        self.recent[place] = (value, index);
        index
    }
}

/// Distinct strings.
#[derive(Default)]
pub struct BytesDictionary {
    pub values: Vec<Vec<u8>>,
    known: HashMap<Vec<u8>, u32>,
}

impl BytesDictionary {
    pub fn one(&mut self, value: &[u8]) -> u32 {
        if let Some(index) = self.known.get(value) {
            return *index;
        }
        let index = self.values.len() as u32;
        self.values.push(value.to_vec());
        self.known.insert(value.to_vec(), index);
        index
    }

    pub fn is_full(&self) -> bool {
        self.values.len() > MOST_ENTRIES
    }
}
