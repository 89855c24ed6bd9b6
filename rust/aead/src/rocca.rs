//! Rocca-S: 256-bit key, 128-bit nonce, 256-bit tag (draft-nakano-rocca-s), over any `Word`.
//!
//! Blocks are 32 bytes. Several messages, each with a key, nonce and associated data of its
//! own, go in lock-step, one in each lane; where they differ in length, lanes that are done
//! keep their state.

use crate::word::{Block, MOST, Word};

/// Bytes of a step.
pub const STEP: usize = 32;

// Fractional parts of the square roots of primes as SHA-512 has them, little-endian.
const Z0: Block = 0x428a_2f98_d728_ae22_7137_4491_23ef_65cd_u128.to_le_bytes();
const Z1: Block = 0xb5c0_fbcf_ec4d_3b2f_e9b5_dba5_8189_dbbc_u128.to_le_bytes();
const MIXING: usize = 16;

/// Seven blocks for each message.
#[derive(Clone, Copy)]
pub struct State<W>([W; 7]);

impl<W: Word> State<W> {
    /// Begin messages with their keys and nonces, a lane each.
    #[inline(always)]
    pub fn begin(keys: &[[u8; 32]], nonces: &[Block]) -> Self {
        let half = |from: usize| {
            let mut blocks = [[0; 16]; MOST];
            for (block, key) in blocks.iter_mut().zip(keys) {
                block.copy_from_slice(&key[from..from + 16]);
            }
            W::load(&blocks[..W::LANES])
        };
        let (k0, k1, nonce) = (half(0), half(16), W::load(&nonces[..W::LANES]));
        let (z0, z1) = (W::all(Z0), W::all(Z1));
        let mut state = Self([k1, nonce, z0, k0, z1, nonce.xor(k1), W::all([0; 16])]);
        for _ in 0..MIXING {
            state.update(z0, z1);
        }
        for (word, key) in state.0.iter_mut().zip([k0, k0, k1, k0, k0, k1, k1]) {
            *word = word.xor(key);
        }
        state
    }

    /// The round function R.
    #[inline(always)]
    pub fn update(&mut self, x0: W, x1: W) {
        let [s0, s1, s2, s3, s4, s5, s6] = self.0;
        let [n1, n2, n3, n4, n5, n6] =
            W::rounds([s0, s1, s2, s3, s4, s5], [x0, s0, s6, x1, s3, s4]);
        self.0 = [s6.xor(s1), n1, n2, n3, n4, n5, n6];
    }

    /// What the next block of a message is added to.
    #[inline(always)]
    fn stream(&self) -> (W, W) {
        let [s0, _, s2, s3, s4, s5, s6] = self.0;
        let [first, second] = W::rounds([s3.xor(s5), s4.xor(s6)], [s0, s2]);
        (first, second)
    }

    /// Encrypt a step; gives the ciphertext.
    #[inline(always)]
    pub fn encrypt(&mut self, m0: W, m1: W) -> (W, W) {
        // One call for all eight rounds: a path without AES instructions does them at once.
        let [s0, s1, s2, s3, s4, s5, s6] = self.0;
        let [n1, n2, n3, n4, n5, n6, first, second] = W::rounds(
            [s0, s1, s2, s3, s4, s5, s3.xor(s5), s4.xor(s6)],
            [m0, s0, s6, m1, s3, s4, s0, s2],
        );
        self.0 = [s6.xor(s1), n1, n2, n3, n4, n5, n6];
        (first.xor(m0), second.xor(m1))
    }

    /// Decrypt a step; gives the plaintext. Bytes beyond `keep` are none of the message.
    #[inline(always)]
    pub fn decrypt(&mut self, c0: W, c1: W, keep: Option<(W, W)>) -> (W, W) {
        let (first, second) = self.stream();
        let (mut m0, mut m1) = (first.xor(c0), second.xor(c1));
        if let Some((k0, k1)) = keep {
            (m0, m1) = (m0.and(k0), m1.and(k1));
        }
        self.update(m0, m1);
        (m0, m1)
    }

    /// Lanes of `self` where `mask` is ones, of `before` elsewhere.
    #[inline(always)]
    pub fn only(self, mask: W, before: Self) -> Self {
        let mut words = self.0;
        for (word, old) in words.iter_mut().zip(before.0) {
            *word = W::select(mask, *word, old);
        }
        Self(words)
    }

    /// Tags of all lanes, after so many bytes of associated data and of message.
    #[inline(always)]
    pub fn finish(mut self, data: &[usize], message: &[usize]) -> [[u8; 32]; MOST] {
        let bits = |lengths: &[usize]| {
            let mut blocks = [[0; 16]; MOST];
            for (block, length) in blocks.iter_mut().zip(lengths) {
                *block = (*length as u128 * 8).to_le_bytes();
            }
            W::load(&blocks[..W::LANES])
        };
        let (data, message) = (bits(data), bits(message));
        for _ in 0..MIXING {
            self.update(data, message);
        }
        let [s0, s1, s2, s3, s4, s5, s6] = self.0;
        let mut halves = [[[0; 16]; MOST]; 2];
        s0.xor(s1).xor(s2).xor(s3).store(&mut halves[0][..W::LANES]);
        s4.xor(s5).xor(s6).store(&mut halves[1][..W::LANES]);
        let mut tags = [[0; 32]; MOST];
        for ((tag, low), high) in tags.iter_mut().zip(halves[0]).zip(halves[1]) {
            tag[..16].copy_from_slice(&low);
            tag[16..].copy_from_slice(&high);
        }
        tags
    }
}
