//! AEGIS-256 and its forms with two and four states beside each other (RFC 10032).

use super::{Cipher, Tag, folded, half, lengths};
use crate::word::rows::Rows;
use crate::word::{Block, MOST, Word};

// Fibonacci numbers modulo 256.
const C0: Block = 0x0001_0102_0305_080d_1522_3759_90e9_7962_u128.to_be_bytes();
const C1: Block = 0xdb3d_1855_6dc2_2ff1_2011_3142_73b5_28dd_u128.to_be_bytes();

/// Six blocks for each of the `D` states of a message.
#[derive(Clone, Copy)]
pub struct State<W, const D: usize>([W; 6]);

impl<W: Word, const D: usize> State<W, D> {
    #[inline(always)]
    fn update(&mut self, m: W) {
        let [s0, s1, s2, s3, s4, s5] = self.0;
        self.0 = W::rounds([s5, s0, s1, s2, s3, s4], [s0.xor(m), s1, s2, s3, s4, s5]);
    }

    /// What the next bytes of a message are added to.
    #[inline(always)]
    fn stream(&self) -> W {
        let [_, s1, s2, s3, s4, s5] = self.0;
        s1.xor(s4).xor(s5).xor(s2.and(s3))
    }
}

impl<W: Word, const D: usize> Cipher<W> for State<W, D> {
    const DEGREE: usize = D;
    type Step = [W; 1];

    #[inline(always)]
    fn begin(keys: &Rows<'_>, nonces: &Rows<'_>) -> Self {
        let (k0, k1): (W, W) = (half(keys, 0, D), half(keys, 16, D));
        let (n0, n1): (W, W) = (half(nonces, 0, D), half(nonces, 16, D));
        let (c0, c1) = (W::all(C0), W::all(C1));
        let mut context = [[0; 16]; MOST];
        for (lane, block) in context.iter_mut().enumerate() {
            [block[0], block[1]] = [(lane % D) as u8, (D - 1) as u8];
        }
        let context = W::load(&context[..W::LANES]);
        let (m0, m1) = (k0.xor(n0), k1.xor(n1));
        let mut state = Self([m0, m1, c1, c0, k0.xor(c0), k1.xor(c1)]);
        for _ in 0..4 {
            for m in [k0, k1, m0, m1] {
                state.0[3] = state.0[3].xor(context);
                state.0[5] = state.0[5].xor(context);
                state.update(m);
            }
        }
        state
    }

    #[inline(always)]
    fn absorb(&mut self, [data]: [W; 1]) {
        self.update(data);
    }

    #[inline(always)]
    fn encrypt(&mut self, [text]: [W; 1]) -> [W; 1] {
        let stream = self.stream();
        self.update(text);
        [stream.xor(text)]
    }

    /// The plaintext is added after the round that it is a key of, and not waited for.
    #[inline(always)]
    fn decrypt(&mut self, [text]: [W; 1], keep: Option<[W; 1]>) -> [W; 1] {
        let mut plain = self.stream().xor(text);
        if let Some([keep]) = keep {
            plain = plain.and(keep);
        }
        let [s0, s1, s2, s3, s4, s5] = self.0;
        self.0 = W::rounds([s5, s0, s1, s2, s3, s4], [s0, s1, s2, s3, s4, s5]);
        self.0[0] = self.0[0].xor(plain);
        [plain]
    }

    #[inline(always)]
    fn tags(mut self, data: &[u64; MOST], text: &[u64; MOST], tags: &mut [Tag; MOST]) {
        let bits: W = lengths(data, text, D, |data, text| {
            (u128::from(text * 8) << 64 | u128::from(data * 8)).to_le_bytes()
        });
        let mixed = self.0[3].xor(bits);
        for _ in 0..7 {
            self.update(mixed);
        }
        let [s0, s1, s2, s3, s4, s5] = self.0;
        folded(s0.xor(s1).xor(s2), s3.xor(s4).xor(s5), D, tags);
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
        Self([W::all([0; 16]); 6])
    }
}
