//! Rocca-S: 256-bit key, 128-bit nonce, 256-bit tag (draft-nakano-rocca-s), over any `Word`.

use super::{Cipher, Tag, folded, half, lengths};
use crate::word::rows::Rows;
use crate::word::{Block, MOST, Word};

// Fractional parts of the cube roots of 2 and 3 as SHA-512 has them, little-endian.
const Z0: Block = 0x428a_2f98_d728_ae22_7137_4491_23ef_65cd_u128.to_le_bytes();
const Z1: Block = 0xb5c0_fbcf_ec4d_3b2f_e9b5_dba5_8189_dbbc_u128.to_le_bytes();
const MIXING: usize = 16;

/// Seven blocks for each message.
#[derive(Clone, Copy)]
pub struct State<W>([W; 7]);

impl<W: Word> State<W> {
    /// The round function R.
    #[inline(always)]
    fn update(&mut self, x0: W, x1: W) {
        let [s0, s1, s2, s3, s4, s5, s6] = self.0;
        let [n1, n2, n3, n4, n5, n6] =
            W::rounds([s0, s1, s2, s3, s4, s5], [x0, s0, s6, x1, s3, s4]);
        self.0 = [s6.xor(s1), n1, n2, n3, n4, n5, n6];
    }

    /// R as often as a message begins and ends with, four times between two branches.
    #[inline(always)]
    fn mix(&mut self, x0: W, x1: W) {
        for _ in 0..MIXING / 4 {
            self.update(x0, x1);
            self.update(x0, x1);
            self.update(x0, x1);
            self.update(x0, x1);
        }
    }

    /// R, and beside it what the next 32 bytes of a message are added to.
    ///
    /// One call for all eight rounds: a path without AES instructions does them at once.
    #[inline(always)]
    fn update_and_stream(&mut self, x0: W, x1: W) -> (W, W) {
        let [s0, s1, s2, s3, s4, s5, s6] = self.0;
        let [n1, n2, n3, n4, n5, n6, first, second] = W::rounds(
            [s0, s1, s2, s3, s4, s5, s3.xor(s5), s4.xor(s6)],
            [x0, s0, s6, x1, s3, s4, s0, s2],
        );
        self.0 = [s6.xor(s1), n1, n2, n3, n4, n5, n6];
        (first, second)
    }
}

impl<W: Word> Cipher<W> for State<W> {
    const DEGREE: usize = 1;
    type Step = [W; 2];

    #[inline(always)]
    fn begin(keys: &Rows<'_>, nonces: &Rows<'_>) -> Self {
        let (k0, k1): (W, W) = (half(keys, 0, 1), half(keys, 16, 1));
        let nonce: W = half(nonces, 0, 1);
        let (z0, z1) = (W::all(Z0), W::all(Z1));
        let mut state = Self([k1, nonce, z0, k0, z1, nonce.xor(k1), W::all([0; 16])]);
        state.mix(z0, z1);
        for (word, key) in state.0.iter_mut().zip([k0, k0, k1, k0, k0, k1, k1]) {
            *word = word.xor(key);
        }
        state
    }

    #[inline(always)]
    fn absorb(&mut self, [first, second]: [W; 2]) {
        self.update(first, second);
    }

    #[inline(always)]
    fn encrypt(&mut self, [m0, m1]: [W; 2]) -> [W; 2] {
        let (first, second) = self.update_and_stream(m0, m1);
        [first.xor(m0), second.xor(m1)]
    }

    /// The plaintext is added after the rounds that it is a key of, and not waited for.
    #[inline(always)]
    fn decrypt(&mut self, [c0, c1]: [W; 2], keep: Option<[W; 2]>) -> [W; 2] {
        let Some([k0, k1]) = keep else {
            let (first, second) = self.update_and_stream(c0, c1);
            self.0[1] = self.0[1].xor(first);
            self.0[4] = self.0[4].xor(second);
            return [first.xor(c0), second.xor(c1)];
        };
        let none = W::all([0; 16]);
        let (first, second) = self.update_and_stream(none, none);
        let (m0, m1) = (first.xor(c0).and(k0), second.xor(c1).and(k1));
        self.0[1] = self.0[1].xor(m0);
        self.0[4] = self.0[4].xor(m1);
        [m0, m1]
    }

    #[inline(always)]
    fn tags(mut self, data: &[u64; MOST], text: &[u64; MOST], tags: &mut [Tag; MOST]) {
        let bits = |length: u64| (u128::from(length) * 8).to_le_bytes();
        let data_bits: W = lengths(data, text, 1, |data, _| bits(data));
        let text_bits: W = lengths(data, text, 1, |_, text| bits(text));
        self.mix(data_bits, text_bits);
        let [s0, s1, s2, s3, s4, s5, s6] = self.0;
        folded(s0.xor(s1).xor(s2).xor(s3), s4.xor(s5).xor(s6), 1, tags);
    }

    #[inline(always)]
    fn state(&self) -> &[W] {
        &self.0
    }

    #[inline(always)]
    fn state_mut(&mut self) -> &mut [W] {
        &mut self.0
    }

    #[inline(always)]
    fn blank() -> Self {
        Self([W::all([0; 16]); 7])
    }
}
