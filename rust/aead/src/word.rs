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

/// Where messages of so many lanes each go on: `at` bytes from their beginnings.
///
/// Messages that a word has no lanes for are not looked at.
#[derive(Clone, Copy)]
pub struct Spot<'a> {
    places: &'a [*mut u8; MOST],
    lengths: &'a [usize; MOST],
    /// The message of the first lane, and the byte of that lane's block.
    message: usize,
    at: usize,
    degree: usize,
}

impl Spot<'_> {
    /// Where message `number` of this word goes on.
    #[inline(always)]
    fn place(&self, number: usize) -> *mut u8 {
        self.places[self.message + number].wrapping_add(self.at)
    }

    /// The block of a lane, and how many of its bytes the message still has.
    #[inline(always)]
    fn part(&self, lane: usize) -> (*mut u8, usize) {
        let (message, before) = (lane / self.degree, lane % self.degree * 16);
        let left = self.lengths[self.message + message].saturating_sub(self.at + before);
        (self.place(message).wrapping_add(before), left.min(16))
    }

    /// The same from a lane on.
    #[inline(always)]
    fn after(&self, lanes: usize) -> Self {
        if self.degree <= lanes {
            Self { message: self.message + lanes / self.degree, ..*self }
        } else {
            Self { at: self.at + 16 * lanes, ..*self }
        }
    }

    /// The first lanes of it.
    #[inline(always)]
    fn before(&self, lanes: usize) -> Self {
        Self { degree: self.degree.min(lanes), ..*self }
    }
}

/// `LANES` blocks that are worked on at once.
///
/// A message has `degree` lanes beside each other, so that a word has `LANES / degree`
/// messages, and consecutive blocks of a message lie in consecutive lanes.
pub trait Word: Copy {
    const LANES: usize;

    fn load(from: &[Block]) -> Self;
    fn store(self, to: &mut [Block]);

    /// The next bytes of each message: a block for each lane.
    ///
    /// # Safety
    ///
    /// So many bytes can be read of each message.
    #[expect(unsafe_code, reason = "places of many messages, known to be good by `rows`")]
    unsafe fn gather(from: Spot<'_>) -> Self;

    /// Write the next bytes of each message.
    ///
    /// # Safety
    ///
    /// So many bytes can be written of each message.
    #[expect(unsafe_code, reason = "places of many messages, known to be good by `rows`")]
    unsafe fn scatter(self, to: Spot<'_>);

    /// Write `N` times the next bytes of each message, one word after the other.
    ///
    /// # Safety
    ///
    /// So many bytes can be written of each message.
    #[expect(unsafe_code, reason = "places of many messages, known to be good by `rows`")]
    #[inline(always)]
    unsafe fn scatter_all<const N: usize>(words: [Self; N], to: Spot<'_>) {
        for (at, word) in words.into_iter().enumerate() {
            // SAFETY: as the caller says.
            unsafe { word.scatter(Spot { at: to.at + 16 * to.degree * at, ..to }) }
        }
    }

    /// As `gather`, with zeros after the end of each message.
    ///
    /// # Safety
    ///
    /// The messages can be read as far as their lengths say.
    #[expect(unsafe_code, reason = "places of many messages, known to be good by `rows`")]
    #[inline(always)]
    unsafe fn gather_part(from: Spot<'_>) -> Self {
        // SAFETY: as the caller says.
        unsafe { copied(from) }
    }

    /// As `scatter`, nothing after the end of each message.
    ///
    /// # Safety
    ///
    /// The messages can be written as far as their lengths say.
    #[expect(unsafe_code, reason = "places of many messages, known to be good by `rows`")]
    #[inline(always)]
    unsafe fn scatter_part(self, to: Spot<'_>) {
        // SAFETY: as the caller says.
        unsafe { copy(self, to) }
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
    fn kept(of: Spot<'_>) -> Self {
        edges(of)
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
unsafe fn copied<W: Word>(from: Spot<'_>) -> W {
    let mut blocks = [[0; 16]; MOST];
    for (lane, block) in blocks[..W::LANES].iter_mut().enumerate() {
        let (place, bytes) = from.part(lane);
        // SAFETY: the message has so many bytes there, a block has 16.
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
unsafe fn copy<W: Word>(word: W, to: Spot<'_>) {
    let mut blocks = [[0; 16]; MOST];
    word.store(&mut blocks[..W::LANES]);
    for (lane, block) in blocks[..W::LANES].iter().enumerate() {
        let (place, bytes) = to.part(lane);
        // SAFETY: the message has so many bytes there, a block has 16.
        unsafe { core::ptr::copy_nonoverlapping(block.as_ptr(), place, bytes) };
    }
}

/// Ones as far as messages reach, out of a table.
#[inline(always)]
fn edges<W: Word>(of: Spot<'_>) -> W {
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
    for (lane, block) in lanes[..W::LANES].iter_mut().enumerate() {
        let (_, bytes) = of.part(lane);
        block.copy_from_slice(&EDGE[16 - bytes..32 - bytes]);
    }
    W::load(&lanes[..W::LANES])
}
