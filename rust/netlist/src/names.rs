//! A hash table of names that are kept elsewhere: eight bytes a name.

use std::hash::{BuildHasher, RandomState};

#[derive(Debug)]
pub struct NameTable {
    /// High half: the hash; low half: the number of the name, from 1.
    slots: Vec<u64>,
    held: usize,
    seed: u64,
}

impl Default for NameTable {
    fn default() -> Self {
        Self { slots: vec![0; 64], held: 0, seed: RandomState::new().hash_one(0) | 1 }
    }
}

impl NameTable {
    /// With a seed of its own, so that no text can be made to collide.
    #[inline]
    pub fn hash(&self, name: &[u8]) -> u32 {
        const MIX: u64 = 0x9E37_79B9_7F4A_7C15;
        let mut state = self.seed ^ (name.len() as u64);
        let (words, rest) = name.as_chunks::<8>();
        for word in words {
            state = folded(state ^ u64::from_le_bytes(*word), MIX ^ self.seed);
        }
        let mut last = [0_u8; 8];
        last[..rest.len()].copy_from_slice(rest);
        state = folded(state ^ u64::from_le_bytes(last), MIX);
        (state >> 32) as u32 ^ state as u32
    }

    #[inline]
    pub fn find(&self, hash: u32, same: impl Fn(u32) -> bool) -> Option<u32> {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let slot = self.slots[at];
            if slot == 0 {
                return None;
            }
            if (slot >> 32) as u32 == hash && same(slot as u32 - 1) {
                return Some(slot as u32 - 1);
            }
            at = (at + 1) & mask;
        }
    }

    pub fn insert(&mut self, hash: u32, number: u32) {
        self.held += 1;
        if self.held * 4 > self.slots.len() * 3 {
            let grown = vec![0; self.slots.len() * 2];
            for slot in std::mem::replace(&mut self.slots, grown).into_iter().filter(|s| *s != 0) {
                self.place(slot);
            }
        }
        self.place(u64::from(hash) << 32 | u64::from(number + 1));
    }

    fn place(&mut self, slot: u64) {
        let mask = self.slots.len() - 1;
        let mut at = (slot >> 32) as usize & mask;
        while self.slots[at] != 0 {
            at = (at + 1) & mask;
        }
        self.slots[at] = slot;
    }
}

#[inline]
fn folded(a: u64, b: u64) -> u64 {
    let wide = u128::from(a) * u128::from(b);
    (wide >> 64) as u64 ^ wide as u64
}
