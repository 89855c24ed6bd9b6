//! Places of distinct numbers, by open addressing.
//!
//! The numbers may be chosen by whoever sends the traffic, so the hash is seeded anew in every
//! process: nobody can choose ones that collide. Places do not depend on the seed.

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;

/// Slots of an empty table; always a power of two.
const FEW: usize = 1 << 10;
const EMPTY: u32 = u32::MAX;

static SEEDS: LazyLock<(u64, u64)> = LazyLock::new(|| {
    let state = RandomState::new();
    (state.hash_one(1u8), state.hash_one(2u8) | 1)
});

/// Numbers and their places.
#[derive(Default)]
pub struct Slots {
    table: Vec<(i64, u32)>,
    used: usize,
    seeds: (u64, u64),
}

impl Slots {
    /// The place of `value`, which becomes `next` when it has none.
    #[inline]
    pub fn place(&mut self, value: i64, next: u32) -> u32 {
        if self.used * 2 >= self.table.len() {
            self.grow();
        }
        let at = self.find(value);
        let slot = &mut self.table[at];
        if slot.1 == EMPTY {
            *slot = (value, next);
            self.used += 1;
        }
        slot.1
    }

    /// The slot that holds `value`, or would.
    #[inline]
    fn find(&self, value: i64) -> usize {
        let mask = self.table.len() - 1;
        let mixed = u128::from(value.cast_unsigned() ^ self.seeds.0) * u128::from(self.seeds.1);
        let mut at = (mixed as u64 ^ (mixed >> 64) as u64) as usize & mask;
        loop {
            let (held, place) = self.table[at];
            if held == value || place == EMPTY {
                return at;
            }
            at = (at + 1) & mask;
        }
    }

    #[cold]
    fn grow(&mut self) {
        self.seeds = *SEEDS;
        let size = (self.table.len() * 2).max(FEW);
        let before = std::mem::replace(&mut self.table, vec![(0, EMPTY); size]);
        for (value, place) in before.into_iter().filter(|(_, place)| *place != EMPTY) {
            let at = self.find(value);
            self.table[at] = (value, place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_keeps_its_place() {
        let mut slots = Slots::default();
        let numbers = |count: i64| (0..count).map(|number| number * 0x1_0000_0001 - 7);
        for (next, number) in (0..).zip(numbers(5000)) {
            assert_eq!(slots.place(number, next), next);
        }
        for (place, number) in (0..).zip(numbers(5000)) {
            assert_eq!(slots.place(number, u32::MAX - 1), place);
        }
    }
}
