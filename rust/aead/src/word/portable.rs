//! A single block in plain integers: runs anywhere, in time that does not depend on data.
//!
//! Up to eight rounds at once share one pass of the S-box on bit planes of 128 bits.

#![expect(unsafe_code, reason = "reading and writing at places, which `rows` checks")]

use super::sbox::substitute;
use super::{Block, Spot, Word};

/// One block; byte `i` is bits `8 i` to `8 i + 7`.
#[derive(Clone, Copy, Debug)]
pub struct Plain(u128);

impl Word for Plain {
    const LANES: usize = 1;

    #[inline(always)]
    fn load(from: &[Block]) -> Self {
        Self(u128::from_le_bytes(from[0]))
    }

    #[inline(always)]
    fn store(self, to: &mut [Block]) {
        to[0] = self.0.to_le_bytes();
    }

    #[inline(always)]
    unsafe fn gather(from: Spot<'_>) -> Self {
        // SAFETY: 16 bytes can be read at the first place.
        Self(u128::from_le_bytes(unsafe { from.place(0).cast::<Block>().read() }))
    }

    #[inline(always)]
    unsafe fn scatter(self, to: Spot<'_>) {
        // SAFETY: 16 bytes can be written at the first place.
        unsafe { to.place(0).cast::<Block>().write(self.0.to_le_bytes()) }
    }

    #[inline(always)]
    fn xor(self, other: Self) -> Self {
        Self(self.0 ^ other.0)
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    #[inline(always)]
    fn rounds<const N: usize>(mut x: [Self; N], keys: [Self; N]) -> [Self; N] {
        for (some, keys) in x.chunks_mut(8).zip(keys.chunks(8)) {
            let mut blocks = [0; 8];
            for (block, word) in blocks.iter_mut().zip(some.iter()) {
                *block = word.0;
            }
            keyless(&mut blocks);
            for ((word, block), key) in some.iter_mut().zip(blocks).zip(keys) {
                word.0 = block ^ key.0;
            }
        }
        x
    }
}

/// SubBytes, ShiftRows and MixColumns of eight blocks.
#[inline(never)]
fn keyless(blocks: &mut [u128; 8]) {
    turn(blocks);
    substitute(blocks);
    for plane in blocks.iter_mut() {
        *plane = shift_rows(*plane);
    }
    mix_columns(blocks);
    turn(blocks);
}

/// Eight words of 128 bits, seen as a matrix of 8 rows with 16 groups of 8 bits: in each group
/// rows and bits change places. What was byte `k` of word `i` becomes bit `i` of byte `k` of
/// all words, and the other way round.
#[inline(always)]
fn turn(x: &mut [u128; 8]) {
    const ODD: u128 = 0x5555_5555_5555_5555_5555_5555_5555_5555;
    const PAIRS: u128 = 0x3333_3333_3333_3333_3333_3333_3333_3333;
    const FOURS: u128 = 0x0f0f_0f0f_0f0f_0f0f_0f0f_0f0f_0f0f_0f0f;
    for (shift, mask) in [(1, ODD), (2, PAIRS), (4, FOURS)] {
        for low in 0..8 {
            if low & shift == 0 {
                let high = low | shift;
                let moved = (halves(x[low], |half| half >> shift) ^ x[high]) & mask;
                x[high] ^= moved;
                x[low] ^= halves(moved, |half| half << shift);
            }
        }
    }
}

/// Both halves moved by themselves: what would cross between them is masked out anyhow.
#[inline(always)]
fn halves(x: u128, f: impl Fn(u64) -> u64) -> u128 {
    u128::from(f((x >> 64) as u64)) << 64 | u128::from(f(x as u64))
}

/// Byte `4 c + r` (row `r`, column `c`) comes from column `c + r` of its row.
#[inline(always)]
fn shift_rows(x: u128) -> u128 {
    const ROW: u128 = 0x0000_00ff_0000_00ff_0000_00ff_0000_00ff;
    let row = |r: u32| x & (ROW << (8 * r));
    row(0) | row(1).rotate_right(32) | row(2).rotate_right(64) | row(3).rotate_right(96)
}

/// On bit planes: twice a byte and its next, the next, and the sum of the two after it.
#[inline(always)]
fn mix_columns(planes: &mut [u128; 8]) {
    let next = planes.map(|plane| columns(plane, 8));
    let mut sums = [0; 8];
    for plane in 0..8 {
        sums[plane] = planes[plane] ^ next[plane];
    }
    for plane in 0..8 {
        // x^8 is x^4 + x^3 + x + 1: what leaves the highest plane comes back in four.
        let doubled = match plane {
            0 => sums[7],
            1 | 3 | 4 => sums[plane - 1] ^ sums[7],
            _ => sums[plane - 1],
        };
        planes[plane] = doubled ^ next[plane] ^ columns(sums[plane], 16);
    }
}

/// Each column of four bytes turned by `by` bits towards its first.
#[inline(always)]
fn columns(x: u128, by: u32) -> u128 {
    halves(x, |half| {
        let low = u64::from(u32::MAX >> by) * 0x0000_0001_0000_0001;
        ((half >> by) & low) | ((half << (32 - by)) & !low)
    })
}
