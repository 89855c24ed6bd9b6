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
    table: Vec<u32>,
    others: HashMap<i64, u32>,
    /// Some of `others`, found without the cost of a hash that withstands attacks.
    recent: Vec<(i64, u32)>,
}

/// Indices of the values of a page.
pub enum Indices<'a> {
    /// All values are the same.
    One(u32),
    Many(&'a [u32]),
    /// There are too many distinct values.
    None,
}

impl NumberDictionary {
    /// The index of every value.
    pub fn index<'a, T: Number>(&mut self, values: &[T], room: &'a mut Vec<u32>) -> Indices<'a> {
        let Some(first) = values.first() else { return Indices::One(0) };
        if are_all(values, *first) {
            return Indices::One(self.one(first.signed()));
        }
        let (least, most) = bounds(values, *first);
        room.clear();
        if least.signed() >= 0 && most.signed() < DIRECT as i64 {
            self.index_direct(values, room);
        } else {
            self.index_any(values, *first, room);
        }
        if self.values.len() <= MOST_ENTRIES { Indices::Many(room) } else { Indices::None }
    }

    /// Indices of values that are all found in the table.
    fn index_direct<T: Number>(&mut self, values: &[T], room: &mut Vec<u32>) {
        room.extend(values.iter().map(|value| self.direct(value.signed() as u16)));
    }

    #[inline]
    fn direct(&mut self, value: u16) -> u32 {
        if self.table.is_empty() {
            self.table.resize(DIRECT, EMPTY);
        }
        match self.table[usize::from(value)] {
            EMPTY => {
                let index = self.values.len() as u32;
                self.table[usize::from(value)] = index;
                self.values.push(i64::from(value));
                index
            }
            known => known,
        }
    }

    fn index_any<T: Number>(&mut self, values: &[T], first: T, room: &mut Vec<u32>) {
        let (mut last, mut index) = (first, self.one(first.signed()));
        room.extend(values.iter().map(|value| {
            if *value != last {
                last = *value;
                index = self.one(value.signed());
            }
            index
        }));
    }

    fn one(&mut self, value: i64) -> u32 {
        if (0..DIRECT as i64).contains(&value) {
            return self.direct(value as u16);
        }
        self.other(value)
    }

    #[inline]
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

/// Whether all values are `one`; whole stretches are compared at a time.
fn are_all<T: Number>(values: &[T], one: T) -> bool {
    let differs = |part: &[T]| part.iter().map(|value| u8::from(*value != one)).max() == Some(1);
    !values.chunks(64).any(differs)
}

/// Least and greatest value.
pub fn bounds<T: Number>(values: &[T], first: T) -> (T, T) {
    values.iter().fold((first, first), |(least, most), value| {
        (if *value < least { *value } else { least }, if *value > most { *value } else { most })
    })
}
