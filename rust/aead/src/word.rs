//! A vector of 128-bit blocks, and what ciphers built on the AES round ask of it.

#[cfg(target_arch = "aarch64")]
pub mod arm;
pub mod pair;
pub mod portable;
pub mod rows;
mod sbox;
#[cfg(target_arch = "x86_64")]
pub mod x86;

/// 16 bytes.
pub type Block = [u8; 16];

/// The most lanes that any path has.
pub const MOST: usize = 8;

/// Where messages go on, one place each; those that a word has no lanes for are not looked at.
pub type Places = [*mut u8; MOST];

/// `LANES` blocks that are worked on at once.
///
/// A message has `degree` lanes beside each other, so that a word has `LANES / degree`
/// messages, and consecutive blocks of a message lie in consecutive lanes.
pub trait Word: Copy {
    const LANES: usize;

    fn load(from: &[Block]) -> Self;
    fn store(self, to: &mut [Block]);

    /// The next `16 * degree` bytes of each message.
    ///
    /// # Safety
    ///
    /// So many bytes can be read at each place of the `LANES / degree` first ones.
    #[expect(unsafe_code, reason = "places of many messages, known to be good by `rows`")]
    unsafe fn gather(from: &Places, degree: usize) -> Self;

    /// Write the next `16 * degree` bytes of each message.
    ///
    /// # Safety
    ///
    /// So many bytes can be written at each place of the `LANES / degree` first ones.
    #[expect(unsafe_code, reason = "places of many messages, known to be good by `rows`")]
    unsafe fn scatter(self, to: &Places, degree: usize);

    /// As `gather`, where message `i` has only `left[i]` more bytes; zeros after them.
    ///
    /// # Safety
    ///
    /// So many bytes, `16 * degree` at most, can be read at each place.
    #[expect(unsafe_code, reason = "places of many messages, known to be good by `rows`")]
    #[inline(always)]
    unsafe fn gather_part(from: &Places, left: &[usize; MOST], degree: usize) -> Self {
        // SAFETY: as the caller says.
        unsafe { copied(from, left, degree) }
    }

    /// As `scatter`, where message `i` has only `left[i]` more bytes.
    ///
    /// # Safety
    ///
    /// So many bytes, `16 * degree` at most, can be written at each place.
    #[expect(unsafe_code, reason = "places of many messages, known to be good by `rows`")]
    #[inline(always)]
    unsafe fn scatter_part(self, to: &Places, left: &[usize; MOST], degree: usize) {
        // SAFETY: as the caller says.
        unsafe { copy(self, to, left, degree) }
    }

    fn xor(self, other: Self) -> Self;
    fn and(self, other: Self) -> Self;

    /// SubBytes, ShiftRows and MixColumns of each block of `x`, then its key is added: AESENC.
    fn rounds<const N: usize>(x: [Self; N], keys: [Self; N]) -> [Self; N];

    /// The same block in every lane.
    #[inline(always)]
    fn all(block: Block) -> Self {
        Self::load(&[block; MOST][..Self::LANES])
    }

    /// A block for each message, in all of its lanes.
    #[inline(always)]
    fn spread(blocks: &[Block; MOST], degree: usize) -> Self {
        let mut lanes = [[0; 16]; MOST];
        for (lane, block) in lanes[..Self::LANES].iter_mut().enumerate() {
            *block = blocks[lane / degree];
        }
        Self::load(&lanes[..Self::LANES])
    }

    /// Ones in the bytes that messages still have, zeros after them.
    #[inline(always)]
    fn kept(left: &[usize; MOST], degree: usize) -> Self {
        const EDGE: [u8; 32] = {
            let mut edge = [0; 32];
            let mut at = 0;
            while at < 16 {
                edge[at] = 0xff;
                at += 1;
            }
            edge
        };
        let mut lanes = [[0; 16]; MOST];
        for (lane, block) in lanes[..Self::LANES].iter_mut().enumerate() {
            let bytes = left[lane / degree].saturating_sub(lane % degree * 16).min(16);
            block.copy_from_slice(&EDGE[16 - bytes..32 - bytes]);
        }
        Self::load(&lanes[..Self::LANES])
    }

    /// Lanes of `yes` where `mask` is all ones, of `no` where it is all zeros.
    #[inline(always)]
    fn select(mask: Self, yes: Self, no: Self) -> Self {
        no.xor(mask.and(yes.xor(no)))
    }
}

/// What is left of each message, through a copy.
///
/// # Safety
///
/// As for [`Word::gather_part`].
#[expect(unsafe_code, reason = "places of many messages, known to be good by `rows`")]
#[inline(always)]
unsafe fn copied<W: Word>(from: &Places, left: &[usize; MOST], degree: usize) -> W {
    let mut blocks = [[0; 16]; MOST];
    for (lane, block) in blocks[..W::LANES].iter_mut().enumerate() {
        let (message, before) = (lane / degree, lane % degree * 16);
        let bytes = left[message].saturating_sub(before).min(16);
        let place = from[message].wrapping_add(before);
        // SAFETY: the message has `before + bytes` bytes, a block has 16.
        unsafe { core::ptr::copy_nonoverlapping(place.cast_const(), block.as_mut_ptr(), bytes) };
    }
    W::load(&blocks[..W::LANES])
}

/// To what is left of each message, through a copy.
///
/// # Safety
///
/// As for [`Word::scatter_part`].
#[expect(unsafe_code, reason = "places of many messages, known to be good by `rows`")]
#[inline(always)]
unsafe fn copy<W: Word>(word: W, to: &Places, left: &[usize; MOST], degree: usize) {
    let mut blocks = [[0; 16]; MOST];
    word.store(&mut blocks[..W::LANES]);
    for (lane, block) in blocks[..W::LANES].iter().enumerate() {
        let (message, before) = (lane / degree, lane % degree * 16);
        let bytes = left[message].saturating_sub(before).min(16);
        let place = to[message].wrapping_add(before);
        // SAFETY: the message has `before + bytes` bytes, a block has 16.
        unsafe { core::ptr::copy_nonoverlapping(block.as_ptr(), place, bytes) };
    }
}
