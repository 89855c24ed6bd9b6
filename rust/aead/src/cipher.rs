//! What the engine asks of a cipher, whatever the words that it is run on.

pub mod aegis;
pub mod rocca;

use crate::word::{Block, MOST, Word};

/// A tag of 256 bits.
pub type Tag = [u8; 32];

/// The words of one step of a message.
pub trait Step<W>: Copy {
    const WORDS: usize;

    fn make(word: impl FnMut(usize) -> W) -> Self;
    fn words(&self) -> &[W];
}

impl<W: Copy, const N: usize> Step<W> for [W; N] {
    const WORDS: usize = N;

    #[inline(always)]
    fn make(mut word: impl FnMut(usize) -> W) -> Self {
        let mut step = [word(0); N];
        for (at, each) in step.iter_mut().enumerate().skip(1) {
            *each = word(at);
        }
        step
    }

    #[inline(always)]
    fn words(&self) -> &[W] {
        self
    }
}

/// The state of as many messages as a word has lanes for.
pub trait Cipher<W: Word>: Copy {
    /// Lanes of a message.
    const DEGREE: usize;
    type Step: Step<W>;

    /// Begin messages with their keys and nonces.
    fn begin(keys: &[&[u8; 32]; MOST], nonces: &[&[u8]; MOST]) -> Self;

    /// Take in a step of associated data.
    fn absorb(&mut self, data: Self::Step);

    /// Encrypt a step; gives the ciphertext.
    fn encrypt(&mut self, text: Self::Step) -> Self::Step;

    /// Decrypt a step; gives the plaintext, zeros where `keep` has zeros.
    fn decrypt(&mut self, text: Self::Step, keep: Option<Self::Step>) -> Self::Step;

    /// Tags of all messages, after so many bytes of associated data and of text.
    fn tags(self, data: &[u64; MOST], text: &[u64; MOST]) -> [Tag; MOST];

    fn state(&self) -> &[W];
    fn state_mut(&mut self) -> &mut [W];
    /// A state that is known to be none yet.
    fn blank() -> Self;

    /// Lanes of `self` where `mask` is ones, of `before` elsewhere.
    #[inline(always)]
    fn only(mut self, mask: W, before: Self) -> Self {
        for (word, old) in self.state_mut().iter_mut().zip(before.state()) {
            *word = W::select(mask, *word, *old);
        }
        self
    }

    /// Bytes of a step of one message.
    const STEP: usize = Self::Step::WORDS * Self::DEGREE * 16;
}

/// One half of each key or nonce, in all lanes of its message.
#[inline(always)]
fn half<W: Word>(of: &[&[u8]; MOST], from: usize, degree: usize) -> W {
    let mut blocks: [Block; MOST] = [[0; 16]; MOST];
    for (block, bytes) in blocks[..W::LANES / degree].iter_mut().zip(of) {
        block.copy_from_slice(&bytes[from..from + 16]);
    }
    W::spread(&blocks, degree)
}

/// The blocks of two words, those of all lanes of a message added up, as its tag.
#[inline(always)]
fn folded<W: Word>(low: W, high: W, degree: usize) -> [Tag; MOST] {
    let mut halves = [[[0; 16]; MOST]; 2];
    low.store(&mut halves[0][..W::LANES]);
    high.store(&mut halves[1][..W::LANES]);
    let mut tags = [[0; 32]; MOST];
    for lane in 0..W::LANES {
        let (low, high) = tags[lane / degree].split_at_mut(16);
        for (sum, half) in [low, high].into_iter().zip(&halves) {
            for (byte, more) in sum.iter_mut().zip(half[lane]) {
                *byte ^= more;
            }
        }
    }
    tags
}
