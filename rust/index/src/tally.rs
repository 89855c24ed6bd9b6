//! Counting 32-bit keys of a block: an open table that is emptied by what was put in.

/// Places of the table; a block of 2^14 rows with three columns fills three quarters.
const PLACES: usize = 1 << 16;
/// Knuth's multiplicative hashing (The Art of Computer Programming, 6.4).
const MIX: u32 = 0x9e37_79b1;

/// Counts by key. At most three quarters of `PLACES` keys are meant to be counted.
pub struct Tally {
    /// Key and count; a count of 0 is a free place.
    places: Box<[(u32, u32)]>,
    used: Vec<u32>,
}

impl Default for Tally {
    fn default() -> Self {
        Self { places: vec![(0, 0); PLACES].into_boxed_slice(), used: Vec::new() }
    }
}

impl Tally {
    /// Counts `key` up. Of more keys than there are places nothing is lost: the table grows.
    #[inline]
    pub fn add(&mut self, key: u32, rows: u32) {
        if self.used.len() * 8 >= self.places.len() * 7 {
            self.grow();
        }
        let mask = self.places.len() - 1;
        let mut at = (key.wrapping_mul(MIX) >> 8) as usize & mask;
        loop {
            let (known, count) = &mut self.places[at];
            if *count == 0 {
                (*known, *count) = (key, rows);
                self.used.push(at as u32);
                return;
            }
            if *known == key {
                *count += rows;
                return;
            }
            at = (at + 1) & mask;
        }
    }

    fn grow(&mut self) {
        let places = vec![(0, 0); self.places.len() * 2].into_boxed_slice();
        let mut larger = Self { places, used: Vec::new() };
        for (key, rows) in self.drain() {
            larger.add(key, rows);
        }
        *self = larger;
    }

    /// Takes all out.
    pub fn drain(&mut self) -> impl Iterator<Item = (u32, u32)> {
        let places = &mut self.places;
        self.used.drain(..).map(|at| std::mem::take(&mut places[at as usize]))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn it_counts_like_a_map_and_is_empty_afterwards() {
        let mut tally = Tally::default();
        let mut expected = HashMap::new();
        for round in 0..2 {
            for step in 0..150_000_u32 {
                let key = step.wrapping_mul(step) % 90_001;
                tally.add(key, 1 + round);
                *expected.entry(key).or_insert(0) += 1 + round;
            }
            let found: HashMap<u32, u32> = tally.drain().collect();
            assert_eq!(found, std::mem::take(&mut expected));
        }
        assert_eq!(tally.drain().count(), 0);
    }
}
