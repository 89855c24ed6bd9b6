//! One block, with the AES instructions of Arm's crypto extension.
//!
//! The functions here are inlined into functions that were compiled for these instructions
//! (`crate::path`), and are called from nowhere else: that is what makes them sound.

#![expect(unsafe_code, reason = "instructions that a compiler does not choose by itself")]

use core::arch::aarch64::{
    uint8x16_t, vaeseq_u8, vaesmcq_u8, vandq_u8, vdupq_n_u8, veorq_u8, vld1q_u8, vst1q_u8,
};

use super::{Block, Spot, Word};

/// One block.
#[derive(Clone, Copy, Debug)]
pub struct Neon(uint8x16_t);

impl Word for Neon {
    const LANES: usize = 1;

    #[inline(always)]
    fn load(from: &[Block]) -> Self {
        // SAFETY: a block has 16 bytes; see the head of the module.
        Self(unsafe { vld1q_u8(from[0].as_ptr()) })
    }

    #[inline(always)]
    fn store(self, to: &mut [Block]) {
        // SAFETY: as for `load`.
        unsafe { vst1q_u8(to[0].as_mut_ptr(), self.0) }
    }

    #[inline(always)]
    unsafe fn gather(from: Spot<'_>) -> Self {
        // SAFETY: 16 bytes can be read at the first place.
        Self(unsafe { vld1q_u8(from.place(0)) })
    }

    #[inline(always)]
    unsafe fn scatter(self, to: Spot<'_>) {
        // SAFETY: 16 bytes can be written at the first place.
        unsafe { vst1q_u8(to.place(0), self.0) }
    }

    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        // SAFETY: see the head of the module; so for all below.
        Self(unsafe { veorq_u8(self.0, other.0) })
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        // SAFETY: as above.
        Self(unsafe { vandq_u8(self.0, other.0) })
    }

    /// AESE adds its key before SubBytes, not after MixColumns: it is given none.
    #[inline(always)]
    fn rounds<const N: usize>(mut x: [Self; N], keys: [Self; N]) -> [Self; N] {
        for (word, key) in x.iter_mut().zip(keys) {
            // SAFETY: as above.
            word.0 = unsafe { round(word.0, key.0) };
        }
        x
    }
}

/// A function of its own, so that what it calls is inlined into it, and it into its callers.
#[inline]
#[target_feature(enable = "neon,aes")]
fn round(x: uint8x16_t, key: uint8x16_t) -> uint8x16_t {
    veorq_u8(vaesmcq_u8(vaeseq_u8(x, vdupq_n_u8(0))), key)
}
