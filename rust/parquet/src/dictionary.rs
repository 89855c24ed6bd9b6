//! Dictionaries: distinct values in the order of their first appearance.

use std::collections::HashMap;

use crate::leaf::Number;
use crate::slots::Slots;

/// More distinct texts than this are no dictionary.
const MOST_TEXTS: usize = 1 << 16;
/// More distinct numbers than this are no dictionary. Addresses of a million flows are about
/// 150,000, and as places in a dictionary two thirds of what they are otherwise.
const MOST_NUMBERS: usize = 1 << 18;
/// Values after which a dictionary is given up when more than three of four are distinct.
const JUDGED: usize = 1 << 16;
/// Values from 0 up to this are found in a table.
const DIRECT: usize = 1 << 16;
/// Values that are compared side by side.
const LANES: usize = 8;
const EMPTY: u32 = u32::MAX;

/// Index of every value below `DIRECT`; the length spares the loops a check of bounds.
type Table = [u32; DIRECT];

/// Distinct numbers.
#[derive(Default)]
pub struct NumberDictionary {
    pub values: Vec<i64>,
    table: Vec<u32>,
    others: Slots,
    /// Values that were looked up.
    seen: usize,
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
        self.seen += values.len();
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
        if self.pays() { Indices::Many(room) } else { Indices::None }
    }

    fn pays(&self) -> bool {
        let distinct = self.values.len();
        distinct <= MOST_NUMBERS && (self.seen < JUDGED || distinct <= self.seen / 4 * 3)
    }

    /// Indices of values that are all found in the table.
    fn index_direct<T: Number>(&mut self, values: &[T], room: &mut Vec<u32>) {
        let (table, known) = self.direct();
        room.extend(values.iter().map(|value| find(table, known, value.signed() as u16)));
    }

    /// The table and the values that it points to.
    fn direct(&mut self) -> (&mut Table, &mut Vec<i64>) {
        self.table.resize(DIRECT, EMPTY);
        let table = self.table.first_chunk_mut().expect("as long as that");
        (table, &mut self.values)
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
            let (table, known) = self.direct();
            return find(table, known, value as u16);
        }
        self.other(value)
    }

    #[inline]
    fn other(&mut self, value: i64) -> u32 {
        let next = self.values.len() as u32;
        let index = self.others.place(value, next);
        if index == next {
            self.values.push(value);
        }
        index
    }
}

#[inline]
fn find(table: &mut Table, known: &mut Vec<i64>, value: u16) -> u32 {
    let place = &mut table[usize::from(value)];
    if *place == EMPTY {
        *place = known.len() as u32;
        known.push(i64::from(value));
    }
    *place
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
        self.values.len() > MOST_TEXTS
    }
}

/// Whether all values are `one`; whole stretches are compared at a time.
pub fn are_all<T: Number>(values: &[T], one: T) -> bool {
    let differs = |part: &[T]| part.iter().map(|value| u8::from(*value != one)).max() == Some(1);
    !values.chunks(64).any(differs)
}

/// Least and greatest value.
pub fn bounds<T: Number>(values: &[T], first: T) -> (T, T) {
    // Comparing with the one before is a chain; of several the processor takes them at once.
    let (mut least, mut most) = ([first; LANES], [first; LANES]);
    let stretches = values.chunks_exact(LANES);
    for value in stretches.remainder() {
        (least[0], most[0]) = (lesser(*value, least[0]), greater(*value, most[0]));
    }
    for stretch in stretches {
        for (lane, value) in stretch.iter().enumerate() {
            least[lane] = lesser(*value, least[lane]);
            most[lane] = greater(*value, most[lane]);
        }
    }
    (least.into_iter().fold(first, lesser), most.into_iter().fold(first, greater))
}

#[inline]
fn lesser<T: Number>(one: T, other: T) -> T {
    if one < other { one } else { other }
}

#[inline]
fn greater<T: Number>(one: T, other: T) -> T {
    if one > other { one } else { other }
}
