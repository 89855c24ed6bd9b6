//! SipHash-1-3 with a key (Aumasson and Bernstein, 2012): sources choose what is hashed,
//! and must not be able to choose where it falls.

/// Two words that nobody outside knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HashKey(pub u64, pub u64);

impl HashKey {
    /// A new key, from the random state that the standard library gives every process.
    pub fn random() -> Self {
        use std::hash::{BuildHasher, RandomState};
        Self(RandomState::new().hash_one(1_u8), RandomState::new().hash_one(2_u8))
    }

    /// The hash of ``bytes`` that belong to ``class``; equal bytes of two classes differ.
    pub fn hash(self, class: u8, bytes: &[u8]) -> u64 {
        let mut sip = Sip::new(self, class);
        let mut chunks = bytes.chunks_exact(8);
        for chunk in &mut chunks {
            sip.absorb(u64::from_le_bytes(chunk.try_into().unwrap_or_default()));
        }
        sip.finish(chunks.remainder(), bytes.len())
    }
}

struct Sip {
    v0: u64,
    v1: u64,
    v2: u64,
    v3: u64,
}

impl Sip {
    fn new(key: HashKey, class: u8) -> Self {
        let second = key.1 ^ u64::from(class).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Self {
            v0: key.0 ^ 0x736f_6d65_7073_6575,
            v1: second ^ 0x646f_7261_6e64_6f6d,
            v2: key.0 ^ 0x6c79_6765_6e65_7261,
            v3: second ^ 0x7465_6462_7974_6573,
        }
    }

    fn round(&mut self) {
        self.v0 = self.v0.wrapping_add(self.v1);
        self.v1 = self.v1.rotate_left(13) ^ self.v0;
        self.v0 = self.v0.rotate_left(32);
        self.v2 = self.v2.wrapping_add(self.v3);
        self.v3 = self.v3.rotate_left(16) ^ self.v2;
        self.v0 = self.v0.wrapping_add(self.v3);
        self.v3 = self.v3.rotate_left(21) ^ self.v0;
        self.v2 = self.v2.wrapping_add(self.v1);
        self.v1 = self.v1.rotate_left(17) ^ self.v2;
        self.v2 = self.v2.rotate_left(32);
    }

    fn absorb(&mut self, word: u64) {
        self.v3 ^= word;
        self.round();
        self.v0 ^= word;
    }

    fn finish(mut self, rest: &[u8], length: usize) -> u64 {
        let mut last = [0_u8; 8];
        last[..rest.len()].copy_from_slice(rest);
        last[7] = length as u8;
        self.absorb(u64::from_le_bytes(last));
        self.v2 ^= 0xff;
        for _ in 0..3 {
            self.round();
        }
        self.v0 ^ self.v1 ^ self.v2 ^ self.v3
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_siphash_1_3_of_the_standard_library() {
        use std::hash::{DefaultHasher, Hasher};
        let input: Vec<u8> = (0..64).collect();
        for length in 0..input.len() {
            let mut standard = DefaultHasher::new(); // its key is 0, 0
            standard.write(&input[..length]);
            assert_eq!(HashKey(0, 0).hash(0, &input[..length]), standard.finish());
        }
    }

    #[test]
    fn classes_keep_equal_texts_apart() {
        let key = HashKey(1, 2);
        assert_ne!(key.hash(0, b"80"), key.hash(1, b"80"));
    }
}
