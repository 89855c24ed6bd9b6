//! A table that finds the piece of an address: IPv4 by counting bits, the rest by a search.
//!
//! Nearly all borders of IPv4 lie between /24 blocks. One bit for each of the 2^24 blocks
//! says that another value begins there, and the number of such bits up to a block is the
//! place of its value: two reads from memory, and no branch that depends on the address.
//! The few blocks with a border inside, and IPv6, go by an index of the high 16 bits and a
//! binary search in what is left.

use crate::FOUR;
use crate::pieces::Piece;

const SLOTS: usize = 1 << 16;
const LAST_FOUR: u128 = FOUR | 0xFFFF_FFFF;

/// A piece with its last address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    pub first: u128,
    pub last: u128,
    pub value: u32,
    pub length: u8,
}

/// Pieces of all addresses, in the forms that searches need.
pub struct Table {
    pieces: Vec<Piece>,
    four: Four,
    six: Slots,
    /// High words of the starts, among which IPv6 is searched first.
    starts: Vec<u128>,
    values: Vec<u32>,
}

/// The pieces of IPv4, with 32-bit starts.
struct Four {
    blocks: Blocks,
    slots: Slots,
    starts: Vec<u32>,
    values: Vec<u32>,
}

/// Values of the /24 blocks, those of equal neighbours kept once.
struct Blocks {
    words: Vec<Word>,
    values: Vec<u32>,
}

/// 64 blocks: which begin another value, and how many do before them.
#[derive(Clone, Copy, Default)]
struct Word {
    begins: u64,
    before: u32,
}

const BLOCKS: usize = 1 << 24;
/// Stands for the value of a block that has several.
const MIXED: u32 = u32::MAX;

impl Blocks {
    /// From the pieces of IPv4: ascending starts, the first 0, with their values.
    fn new(starts: &[u32], values: &[u32]) -> Self {
        let mut made = Self { words: vec![Word::default(); BLOCKS / 64], values: Vec::new() };
        let (mut place, mut last) = (0, None);
        while place < starts.len() {
            let block = starts[place] >> 8;
            let whole = starts[place] & 0xFF == 0;
            let mut after = place + usize::from(whole);
            while after < starts.len() && starts[after] >> 8 == block {
                after += 1;
            }
            let alone = whole && after == place + 1;
            made.begin(block, if alone { values[place] } else { MIXED }, &mut last);
            let following = starts.get(after).is_some_and(|start| start >> 8 == block + 1);
            if !alone && !following && block + 1 < BLOCKS as u32 {
                made.begin(block + 1, values[after - 1], &mut last);
            }
            place = after;
        }
        let mut total = 0;
        for word in &mut made.words {
            word.before = total;
            total += word.begins.count_ones();
        }
        made
    }

    fn begin(&mut self, block: u32, value: u32, last: &mut Option<u32>) {
        if *last != Some(value) {
            self.words[block as usize / 64].begins |= 1 << (block % 64);
            self.values.push(value);
            *last = Some(value);
        }
    }

    #[inline]
    fn value(&self, address: u32) -> u32 {
        let block = address >> 8;
        let word = self.words[block as usize / 64];
        let up_to = word.begins << (63 - block % 64);
        self.values[(word.before + up_to.count_ones()) as usize - 1]
    }
}

/// For each value of the high 16 bits, where the pieces that start with it begin.
struct Slots(Vec<u32>);

impl Slots {
    fn new(highs: impl Iterator<Item = usize>) -> Self {
        let mut counts = vec![0_u32; SLOTS + 1];
        for high in highs {
            counts[high + 1] += 1;
        }
        let mut total = 0;
        for count in &mut counts {
            total += *count;
            *count = total;
        }
        Self(counts)
    }

    /// The first of the pieces that start in the slot, and how many there are.
    #[inline]
    fn of(&self, high: u16) -> (usize, usize) {
        let from = self.0[usize::from(high)] as usize;
        (from, self.0[usize::from(high) + 1] as usize - from)
    }
}

/// How many of `starts` (ascending) are not above `wanted`.
#[inline]
fn not_above<T: Copy + PartialOrd>(starts: &[T], wanted: T) -> usize {
    let (mut base, mut size) = (0, starts.len());
    while size > 1 {
        let half = size / 2;
        base += usize::from(starts[base + half - 1] <= wanted) * half;
        size -= half;
    }
    base + usize::from(size == 1 && starts[base] <= wanted)
}

impl Four {
    fn new(pieces: &[Piece]) -> Self {
        let before = pieces.partition_point(|piece| piece.start <= FOUR) - 1;
        let inside = pieces[before + 1..].iter().take_while(|piece| piece.start <= LAST_FOUR);
        let mut starts = vec![0];
        let mut values = vec![pieces[before].value];
        for piece in inside {
            starts.push((piece.start - FOUR) as u32);
            values.push(piece.value);
        }
        let slots = Slots::new(starts.iter().map(|start| (start >> 16) as usize));
        Self { blocks: Blocks::new(&starts, &values), slots, starts, values }
    }

    #[inline]
    fn value(&self, address: u32) -> u32 {
        match self.blocks.value(address) {
            MIXED => self.searched(address),
            value => value,
        }
    }

    fn searched(&self, address: u32) -> u32 {
        let (from, size) = self.slots.of((address >> 16) as u16);
        let place = from + not_above(&self.starts[from..from + size], address);
        self.values[place - 1]
    }
}

impl Table {
    /// A table of `pieces`, ascending by their starts.
    pub fn new(mut pieces: Vec<Piece>) -> Self {
        if pieces.first().is_none_or(|piece| piece.start > 0) {
            pieces.insert(0, Piece { start: 0, value: 0, length: 0 });
        }
        let four = Four::new(&pieces);
        let six = Slots::new(pieces.iter().map(|piece| (piece.start >> 112) as usize));
        let starts = pieces.iter().map(|piece| piece.start).collect();
        let values = pieces.iter().map(|piece| piece.value).collect();
        Self { pieces, four, six, starts, values }
    }

    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Pieces of which something is known, in IPv4 and in IPv6.
    pub fn known(&self) -> (usize, usize) {
        let four = self.four.values.iter().filter(|value| **value != 0).count();
        let all = self.values.iter().filter(|value| **value != 0).count();
        (four, all.saturating_sub(four))
    }

    /// The value of each address, whose words are given signed.
    pub fn values<T>(&self, highs: &[i64], lows: &[i64], of: impl Fn(u32) -> T) -> Vec<T> {
        let value = |(high, low): (&i64, &i64)| of(self.value(*high, *low));
        highs.iter().zip(lows).map(value).collect()
    }

    #[inline]
    fn value(&self, high: i64, low: i64) -> u32 {
        if high == 0 && low >> 32 == 0xFFFF {
            return self.four.value(low as u32);
        }
        self.values[self.place(address(high, low))]
    }

    /// The piece of the address.
    pub fn find(&self, address: u128) -> Found {
        let place = self.place(address);
        let piece = self.pieces[place];
        let last = self.starts.get(place + 1).map_or(u128::MAX, |next| next - 1);
        Found { first: piece.start, last, value: piece.value, length: piece.length }
    }

    fn place(&self, address: u128) -> usize {
        let (from, size) = self.six.of((address >> 112) as u16);
        from + not_above(&self.starts[from..from + size], address) - 1
    }
}

/// The address whose words are signed.
pub fn address(high: i64, low: i64) -> u128 {
    u128::from(high as u64) << 64 | u128::from(low as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pieces::{Range, flatten};

    const DOC6: u128 = 0x2001_0db8 << 96;

    fn table() -> Table {
        let range = |first, last, value| Range { first, last, value, length: 0 };
        Table::new(flatten(&[
            range(FOUR | 0xC000_0200, FOUR | 0xC000_02FF, 1), // 192.0.2.0/24
            range(FOUR | 0xC633_6400, LAST_FOUR, 2),          // from 198.51.100.0 on
            range(DOC6, DOC6 | u128::from(u64::MAX), 3),
            range(u128::MAX, u128::MAX, 4),
        ]))
    }

    fn four(address: u32) -> i64 {
        (FOUR | u128::from(address)) as i64
    }

    #[test]
    fn edges_of_ranges_are_inside_and_what_is_beside_them_is_not() {
        let lows = [0, 0xC000_01FF, 0xC000_0200, 0xC000_02FF, 0xC000_0300, u32::MAX];
        let lows: Vec<i64> = lows.into_iter().map(four).collect();
        let found = table().values(&vec![0; lows.len()], &lows, |value| value);
        assert_eq!(found, [0, 0, 1, 1, 0, 2]);
    }

    #[test]
    fn ipv6_is_found_by_both_words() {
        let high = (DOC6 >> 64) as i64;
        let found =
            table().values(&[high, high, high + 1, -1, -1, 0], &[0, -1, 0, -1, -2, 0], |v| v);
        assert_eq!(found, [3, 3, 0, 4, 0, 0]);
    }

    #[test]
    fn the_way_for_ipv4_finds_what_the_way_for_all_finds() {
        let table = table();
        for low in (0..=u32::MAX).step_by(9_973) {
            let mapped = FOUR | u128::from(low);
            assert_eq!(table.value(0, mapped as i64), table.find(mapped).value);
        }
    }

    /// Borders inside blocks, side by side, at both ends of the space.
    #[test]
    fn blocks_with_borders_inside_are_searched() {
        let ends = [(0, 4), (0x105, 0x105), (0x1FF, 0x200), (0x301, 0x4FE), (0x600, 0x6FF)];
        let high = [(0xFFFF_FE80_u32, 0xFFFF_FF00_u32), (u32::MAX - 1, u32::MAX)];
        let range = |(at, (first, last)): (usize, &(u32, u32))| Range {
            first: FOUR | u128::from(*first),
            last: FOUR | u128::from(*last),
            value: at as u32 + 1,
            length: 0,
        };
        let table = Table::new(flatten(
            &ends.iter().chain(&high).enumerate().map(range).collect::<Vec<Range>>(),
        ));
        for low in (0..0x900).chain(0xFFFF_FD00..=u32::MAX) {
            let mapped = FOUR | u128::from(low);
            assert_eq!(table.value(0, mapped as i64), table.find(mapped).value, "{low:x}");
        }
    }

    #[test]
    fn a_piece_is_told_with_its_edges() {
        let found = table().find(FOUR | 0xC000_0280);
        let edges = (FOUR | 0xC000_0200, FOUR | 0xC000_02FF);
        assert_eq!((found.first, found.last, found.value), (edges.0, edges.1, 1));
        assert_eq!(table().find(u128::MAX).last, u128::MAX);
    }

    #[test]
    fn an_empty_table_knows_nothing() {
        let table = Table::new(Vec::new());
        assert_eq!(table.values(&[0, 5], &[four(7), 9], |value| value), [0, 0]);
        assert_eq!(table.known(), (0, 0));
    }
}
