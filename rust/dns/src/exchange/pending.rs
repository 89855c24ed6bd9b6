//! Queries that wait, found by a hash of what their response must repeat.
//!
//! Waiting queries that are the same form a chain, oldest first; the links are in the rows.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};

use super::{End, Key};

/// First and last row of a chain.
type Chain = (u64, u64);

#[derive(Debug)]
pub struct Pending {
    chains: HashMap<u64, Chain, BuildHasherDefault<AsIs>>,
    /// Differs from run to run, so that nobody can prepare names that collide.
    seed: u64,
}

impl Default for Pending {
    fn default() -> Self {
        Self { chains: HashMap::default(), seed: RandomState::new().hash_one(0) }
    }
}

impl Pending {
    #[inline]
    pub fn hash(&self, key: &Key, name: &[u8]) -> u64 {
        let mut hash = self.seed;
        let small = u64::from(key.id) << 32 | u64::from(key.qtype) << 16 | key.transport as u64;
        hash = mix(hash ^ small, u64::from(key.client.port) << 16 | u64::from(key.server.port));
        for End { address, .. } in [key.client, key.server] {
            hash = mix(hash ^ (address >> 64) as u64, address as u64);
        }
        let (words, rest) = name.as_chunks::<8>();
        for word in words {
            hash = mix(hash, u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        mix(hash ^ name.len() as u64, u64::from_le_bytes(last))
    }

    /// Appends a query to its chain; the one before it, if any.
    #[inline]
    pub fn push(&mut self, hash: u64, number: u64) -> Option<u64> {
        let chain = self.chains.entry(hash).or_insert((number, number));
        let before = std::mem::replace(&mut chain.1, number);
        (before != number).then_some(before)
    }

    #[inline]
    pub fn oldest(&self, hash: u64) -> Option<u64> {
        self.chains.get(&hash).map(|chain| chain.0)
    }

    /// Takes the oldest query out of its chain; `following` is the one behind it.
    #[inline]
    pub fn pop(&mut self, hash: u64, following: Option<u64>) {
        match following {
            None => drop(self.chains.remove(&hash)),
            Some(following) => drop(self.chains.get_mut(&hash).map(|chain| chain.0 = following)),
        }
    }
}

/// Both halves of a product (the step of wyhash and foldhash).
#[inline]
fn mix(one: u64, other: u64) -> u64 {
    let product = u128::from(one ^ 0x9e37_79b9_7f4a_7c15)
        .wrapping_mul(u128::from(other ^ 0xe703_7ed1_a0b4_28db));
    (product >> 64) as u64 ^ product as u64
}

/// A hash of what is a hash already.
#[derive(Debug, Default)]
struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0 << 8 | u64::from(*byte);
        }
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}
