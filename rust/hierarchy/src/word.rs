//! Keys of either side of a pair, as left-aligned words of bits.

use std::hash::{BuildHasherDefault, Hash, Hasher};

/// A word whose leading bits are a prefix.
pub trait Word: Copy + Ord + Hash {
    /// The leading `length` bits, the others zero.
    fn prefix(self, length: u8) -> Self;

    /// The word as the leading bits of 128.
    fn wide(self) -> u128;
}

impl Word for u32 {
    fn prefix(self, length: u8) -> Self {
        if length == 0 { 0 } else { self & (u32::MAX << (32 - length)) }
    }

    fn wide(self) -> u128 {
        u128::from(self) << 96
    }
}

impl Word for u128 {
    fn prefix(self, length: u8) -> Self {
        if length == 0 { 0 } else { self & (u128::MAX << (128 - length)) }
    }

    fn wide(self) -> u128 {
        self
    }
}

/// Multiplies and rotates; the keys are not chosen by anyone who knows the table's size,
/// and a slow table would only be slow.
#[derive(Default)]
pub struct Mixer(u64);

impl Mixer {
    fn mix(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(26) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

impl Hasher for Mixer {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.mix(u64::from(*byte));
        }
    }

    fn write_u32(&mut self, word: u32) {
        self.mix(u64::from(word));
    }

    fn write_u64(&mut self, word: u64) {
        self.mix(word);
    }

    fn write_u128(&mut self, word: u128) {
        self.mix(word as u64);
        self.mix((word >> 64) as u64);
    }
}

pub type Mixed = BuildHasherDefault<Mixer>;

#[cfg(test)]
mod tests {
    use super::Word;

    #[test]
    fn prefixes_keep_leading_bits() {
        assert_eq!(0xc000_02ff_u32.prefix(24), 0xc000_0200);
        assert_eq!(0xc000_02ff_u32.prefix(0), 0);
        assert_eq!(0xc000_02ff_u32.prefix(32), 0xc000_02ff);
        assert_eq!(u128::MAX.prefix(1), 1 << 127);
        assert_eq!(0x0100_0000_u32.wide(), 1 << 120);
    }
}
