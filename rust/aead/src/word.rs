//! A vector of 128-bit blocks, a message each, and what ciphers built on the AES round ask of it.

pub mod portable;
pub mod sbox;
#[cfg(target_arch = "x86_64")]
pub mod x86;

/// 16 bytes.
pub type Block = [u8; 16];

/// `LANES` blocks that are worked on at once: block `i` belongs to message `i`.
pub trait Word: Copy {
    const LANES: usize;

    fn load(from: &[Block]) -> Self;
    fn store(self, to: &mut [Block]);

    /// A block of each message; those beyond `LANES` are not looked at.
    fn gather(from: [&Block; MOST]) -> Self;
    /// A block to each message.
    fn scatter(self, to: [&mut Block; MOST]);

    fn xor(self, other: Self) -> Self;
    fn and(self, other: Self) -> Self;

    /// SubBytes, ShiftRows and MixColumns of each block of `x`, then its key is added: AESENC.
    fn rounds<const N: usize>(x: [Self; N], keys: [Self; N]) -> [Self; N];

    /// The same block in every lane.
    #[inline(always)]
    fn all(block: Block) -> Self {
        Self::load(&[block; MOST][..Self::LANES])
    }

    /// Lanes of `yes` where `mask` is all ones, of `no` where it is all zeros.
    #[inline(always)]
    fn select(mask: Self, yes: Self, no: Self) -> Self {
        no.xor(mask.and(yes.xor(no)))
    }
}

/// The most lanes that any path has.
pub const MOST: usize = 4;
