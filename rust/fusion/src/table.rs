//! Open addressing with 64-bit tags; grows without a pause.
//!
//! A slot is 12 bytes: the tag, never 0, and a number. Two entries may have the same tag,
//! so whoever looks for one says which number is the one meant. When 7 of 10 slots are
//! taken a table of twice the size is begun, and every later entry moves a few old ones.

const FIRST: usize = 1 << 10;
const MOVES: usize = 8; // old slots per new entry; two would do to be through in time

/// Numbers by tag.
pub struct Table {
    new: Slots,
    old: Slots,
    moved: usize,
    len: usize,
}

impl Default for Table {
    fn default() -> Self {
        Self::with_room(0)
    }
}

impl Table {
    /// A table that takes ``entries`` before it grows.
    pub fn with_room(entries: usize) -> Self {
        let slots = (entries * 10 / 7 + 1).next_power_of_two().max(FIRST);
        Self { new: Slots::new(slots), old: Slots::new(0), moved: 0, len: 0 }
    }

    /// The number under ``tag`` that ``meant`` accepts.
    #[inline]
    pub fn find(&self, tag: u64, mut meant: impl FnMut(u32) -> bool) -> Option<u32> {
        let tag = tag | 1;
        let found = self.new.find(tag, &mut meant).or_else(|| self.old.find(tag, &mut meant));
        found.map(|(_, number)| number)
    }

    /// Enter a number that is not there yet.
    pub fn insert(&mut self, tag: u64, number: u32) {
        self.move_some();
        if (self.len + 1) * 10 > self.new.len() * 7 {
            self.move_all();
            let larger = Slots::new(self.new.len() * 2);
            self.old = std::mem::replace(&mut self.new, larger);
            self.moved = 0;
        }
        self.new.insert(tag | 1, number);
        self.len += 1;
    }

    /// (tag, number) of every entry, in no order.
    pub fn entries(&self) -> impl Iterator<Item = (u64, u32)> {
        self.new.entries(0).chain(self.old.entries(self.moved))
    }

    /// Bytes that it takes.
    pub fn bytes(&self) -> usize {
        (self.new.words.len() + self.old.words.len()) * 4
    }

    fn move_all(&mut self) {
        while self.moved < self.old.len() {
            self.move_some();
        }
    }

    fn move_some(&mut self) {
        if self.moved >= self.old.len() {
            return;
        }
        let end = (self.moved + MOVES).min(self.old.len());
        for at in self.moved..end {
            let (tag, number) = self.old.get(at);
            if tag != 0 {
                self.new.insert(tag, number);
            }
        }
        self.moved = end;
        if end == self.old.len() {
            self.old = Slots::new(0);
            self.moved = 0;
        }
    }
}

/// Three words a slot, so that the system gives zeroed pages only when they are touched.
struct Slots {
    words: Vec<u32>,
    mask: usize,
}

impl Slots {
    fn new(slots: usize) -> Self {
        Self { words: vec![0; slots * 3], mask: slots.saturating_sub(1) }
    }

    fn len(&self) -> usize {
        self.words.len() / 3
    }

    #[inline]
    fn get(&self, at: usize) -> (u64, u32) {
        match self.words.get(at * 3..at * 3 + 3) {
            Some(&[low, high, number]) => (u64::from(high) << 32 | u64::from(low), number),
            _ => (0, 0),
        }
    }

    fn set(&mut self, at: usize, tag: u64, number: u32) {
        self.words[at * 3] = tag as u32;
        self.words[at * 3 + 1] = (tag >> 32) as u32;
        self.words[at * 3 + 2] = number;
    }

    fn start(&self, tag: u64) -> usize {
        (tag >> 1) as usize & self.mask
    }

    #[inline]
    fn find(&self, tag: u64, mut meant: impl FnMut(u32) -> bool) -> Option<(usize, u32)> {
        let mut at = self.start(tag);
        loop {
            let (found, number) = self.get(at);
            if found == 0 {
                return None;
            }
            if found == tag && meant(number) {
                return Some((at, number));
            }
            at = (at + 1) & self.mask;
        }
    }

    fn insert(&mut self, tag: u64, number: u32) {
        let mut at = self.start(tag);
        while self.get(at).0 != 0 {
            at = (at + 1) & self.mask;
        }
        self.set(at, tag, number);
    }

    /// Those from a slot on.
    fn entries(&self, from: usize) -> impl Iterator<Item = (u64, u32)> {
        (from..self.len()).map(|at| self.get(at)).filter(|(tag, _)| *tag != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_found_at_every_moment_of_growth() {
        let mut table = Table::default();
        for number in 0..20_000_u32 {
            let tag = u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            assert_eq!(table.find(tag, |found| found == number), None);
            table.insert(tag, number);
            let earlier = number / 2;
            let tag = u64::from(earlier).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            assert_eq!(table.find(tag, |found| found == earlier), Some(earlier));
        }
        assert_eq!(table.entries().count(), 20_000);
    }

    #[test]
    fn equal_tags_are_told_apart_by_who_is_meant() {
        let mut table = Table::default();
        for number in 0..3_000 {
            table.insert(7, number);
        }
        assert_eq!(table.find(7, |found| found == 2_999), Some(2_999));
        assert_eq!(table.find(7, |_| false), None);
    }
}
