//! Nested ranges to disjoint pieces: of the ranges that hold an address, the smallest counts.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The addresses `first` to `last`, both inside, and what is said of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    pub first: u128,
    pub last: u128,
    pub value: u32,
    /// Length (of 128) of the prefix that was announced; 0 where ranges are not prefixes.
    pub length: u8,
}

/// What holds from `start` up to the start of the next piece; value 0: nothing is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    pub start: u128,
    pub value: u32,
    pub length: u8,
}

/// Pieces of `ranges`, ascending and without equal neighbours, from address 0 on.
///
/// Of two equal ranges the one that came first counts. A range that ends before it begins
/// says nothing.
pub fn flatten(ranges: &[Range]) -> Vec<Piece> {
    let mut order: Vec<usize> =
        (0..ranges.len()).filter(|&at| ranges[at].first <= ranges[at].last).collect();
    order.sort_by_key(|&at| (ranges[at].first, Reverse(ranges[at].last), at));
    let mut cut = Cut { pieces: Vec::with_capacity(ranges.len()), open: BinaryHeap::new() };
    cut.add(0, 0, 0);
    for (place, &at) in order.iter().enumerate() {
        let range = &ranges[at];
        cut.open.push(Reverse((range.last - range.first, at)));
        let following = order.get(place + 1).map(|&next| ranges[next].first);
        cut.fill(ranges, range.first, following);
    }
    cut.pieces
}

struct Cut {
    pieces: Vec<Piece>,
    /// Size and place of the ranges that are open, the smallest on top.
    open: BinaryHeap<Reverse<(u128, usize)>>,
}

impl Cut {
    /// Pieces from `start` up to `following`, where the next range begins.
    fn fill(&mut self, ranges: &[Range], mut start: u128, following: Option<u128>) {
        while let Some(&Reverse((_, at))) = self.open.peek() {
            if following.is_some_and(|next| start >= next) {
                return;
            }
            let range = &ranges[at];
            if range.last < start {
                self.open.pop();
                continue;
            }
            self.add(start, range.value, range.length);
            match following {
                Some(next) if next <= range.last => return,
                _ => {}
            }
            let Some(after) = range.last.checked_add(1) else {
                self.open.clear();
                return;
            };
            start = after;
        }
        if following.is_none_or(|next| start < next) {
            self.add(start, 0, 0);
        }
    }

    /// A piece, unless it only goes on with the last one.
    fn add(&mut self, start: u128, value: u32, length: u8) {
        match self.pieces.last_mut() {
            Some(last) if last.start == start => {
                *last = Piece { start, value, length };
                self.join();
            }
            Some(last) if (last.value, last.length) == (value, length) => {}
            _ => self.pieces.push(Piece { start, value, length }),
        }
    }

    /// Drops the last piece where it says what the one before it says.
    fn join(&mut self) {
        if let [.., before, last] = self.pieces.as_slice()
            && (before.value, before.length) == (last.value, last.length)
        {
            self.pieces.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(first: u128, last: u128, value: u32) -> Range {
        Range { first, last, value, length: 0 }
    }

    fn starts(pieces: &[Piece]) -> Vec<(u128, u32)> {
        pieces.iter().map(|piece| (piece.start, piece.value)).collect()
    }

    #[test]
    fn nothing_is_one_piece_of_nothing() {
        assert_eq!(starts(&flatten(&[])), [(0, 0)]);
    }

    #[test]
    fn the_smaller_range_is_cut_out_of_the_larger() {
        let found = flatten(&[range(10, 99, 1), range(20, 29, 2), range(25, 25, 3)]);
        let expected = [(0, 0), (10, 1), (20, 2), (25, 3), (26, 2), (30, 1), (100, 0)];
        assert_eq!(starts(&found), expected);
    }

    #[test]
    fn neighbours_that_say_the_same_are_one() {
        let found = flatten(&[range(0, 9, 1), range(10, 19, 1), range(20, u128::MAX, 2)]);
        assert_eq!(starts(&found), [(0, 1), (20, 2)]);
    }

    #[test]
    fn of_equal_ranges_the_first_counts_and_a_reversed_one_says_nothing() {
        let found = flatten(&[range(5, 6, 1), range(5, 6, 2), range(9, 8, 3)]);
        assert_eq!(starts(&found), [(0, 0), (5, 1), (7, 0)]);
    }

    /// Every address of a small space, against the definition read out literally.
    #[test]
    fn every_address_gets_the_smallest_range_that_holds_it() {
        let mut seed = 1_u64;
        let mut draw = |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 33) % below
        };
        for _ in 0..500 {
            let ranges: Vec<Range> = (0..draw(12))
                .map(|_| {
                    let first = u128::from(draw(64));
                    range(first, first + u128::from(draw(20)), draw(4) as u32)
                })
                .collect();
            let pieces = flatten(&ranges);
            assert!(pieces.is_sorted_by(|a, b| a.start < b.start));
            for address in 0..96_u128 {
                let holding = ranges.iter().filter(|r| r.first <= address && address <= r.last);
                let expected = holding.min_by_key(|r| r.last - r.first).map_or(0, |r| r.value);
                let at = pieces.partition_point(|piece| piece.start <= address) - 1;
                assert_eq!(pieces[at].value, expected, "{address} in {ranges:?}");
            }
        }
    }
}
