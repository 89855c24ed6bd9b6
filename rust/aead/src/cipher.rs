//! What the engine asks of a cipher, whatever the words that it is run on.

pub mod aegis;
pub mod rocca;

use crate::word::rows::{Rows, Strip, TextStrip, Texts};
use crate::word::{Block, MOST, Word};

/// A tag of 256 bits.
pub type Tag = [u8; 32];

/// The words of one step of a message; the next word begins `16 * degree` bytes on.
///
/// No closure takes part: it would be compiled without the instructions of a path.
pub trait Step<W>: Copy {
    const WORDS: usize;

    /// A whole step from `at` on.
    fn load(strip: &Strip<'_>, at: usize, degree: usize) -> Self;
    /// What is left of each message, then zeros; words that no message reaches are not looked up.
    fn load_part(rows: &Rows<'_>, from: usize, degree: usize) -> Self;
    /// Ones where a message has bytes, zeros after them.
    fn kept(rows: &Rows<'_>, from: usize, degree: usize) -> Self;
    fn store(self, texts: &mut TextStrip<'_>, at: usize, degree: usize);
    fn store_part(self, texts: &mut Texts<'_>, from: usize, degree: usize);
}

impl<W: Word, const N: usize> Step<W> for [W; N] {
    const WORDS: usize = N;

    #[inline(always)]
    fn load(strip: &Strip<'_>, at: usize, degree: usize) -> Self {
        let mut step = [strip.load(at, degree); N];
        for (number, word) in step.iter_mut().enumerate().skip(1) {
            *word = strip.load(at + 16 * degree * number, degree);
        }
        step
    }

    #[inline(always)]
    fn load_part(rows: &Rows<'_>, from: usize, degree: usize) -> Self {
        let mut step = [rows.load_part(from, degree); N];
        for (number, word) in step.iter_mut().enumerate().skip(1) {
            let from = from + 16 * degree * number;
            if from < rows.longest() {
                *word = rows.load_part(from, degree);
            } else {
                *word = W::all([0; 16]);
            }
        }
        step
    }

    #[inline(always)]
    fn kept(rows: &Rows<'_>, from: usize, degree: usize) -> Self {
        let mut step = [W::kept(rows.spot(from, degree)); N];
        for (number, word) in step.iter_mut().enumerate().skip(1) {
            let from = from + 16 * degree * number;
            *word = if from < rows.longest() {
                W::kept(rows.spot(from, degree))
            } else {
                W::all([0; 16])
            };
        }
        step
    }

    #[inline(always)]
    fn store(self, texts: &mut TextStrip<'_>, at: usize, degree: usize) {
        texts.store(self, at, degree);
    }

    #[inline(always)]
    fn store_part(self, texts: &mut Texts<'_>, from: usize, degree: usize) {
        for (number, word) in self.into_iter().enumerate() {
            let from = from + 16 * degree * number;
            if from < texts.rows().longest() {
                texts.store_part(word, from, degree);
            }
        }
    }
}

/// The state of as many messages as a word has lanes for.
pub trait Cipher<W: Word>: Copy {
    /// Lanes of a message.
    const DEGREE: usize;
    type Step: Step<W>;

    /// Begin messages with their keys and nonces.
    fn begin(keys: &Rows<'_>, nonces: &Rows<'_>) -> Self;

    /// Take in a step of associated data.
    fn absorb(&mut self, data: Self::Step);

    /// Encrypt a step; gives the ciphertext.
    fn encrypt(&mut self, text: Self::Step) -> Self::Step;

    /// Decrypt a step; gives the plaintext, zeros where `keep` has zeros.
    fn decrypt(&mut self, text: Self::Step, keep: Option<Self::Step>) -> Self::Step;

    /// Tags of all messages, after so many bytes of associated data and of text.
    fn tags(self, data: &[u64; MOST], text: &[u64; MOST], tags: &mut [Tag; MOST]);

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

/// 16 bytes of each key or nonce, in all lanes of its message.
#[inline(always)]
fn half<W: Word>(of: &Rows<'_>, from: usize, degree: usize) -> W {
    if degree == 1 {
        return of.strip(from, 16).load(0, 1);
    }
    let mut blocks: [Block; MOST] = [[0; 16]; MOST];
    for (message, block) in blocks[..W::LANES / degree].iter_mut().enumerate() {
        *block = of.block(message, from);
    }
    W::spread(&blocks, degree)
}

/// A block for each message, made of two lengths.
#[inline(always)]
fn lengths<W: Word>(
    data: &[u64; MOST],
    text: &[u64; MOST],
    degree: usize,
    block: impl Fn(u64, u64) -> Block,
) -> W {
    let (mut same, mut blocks) = (true, [[0; 16]; MOST]);
    for message in 1..W::LANES / degree {
        same &= data[message] == data[0] && text[message] == text[0];
    }
    if same {
        return W::all(block(data[0], text[0]));
    }
    for message in 0..W::LANES / degree {
        blocks[message] = block(data[message], text[message]);
    }
    W::spread(&blocks, degree)
}

/// The blocks of two words, those of all lanes of a message added up, as its tag.
#[inline(always)]
fn folded<W: Word>(low: W, high: W, degree: usize, tags: &mut [Tag; MOST]) {
    if degree == 1 {
        let mut rows = Texts::new(tags.as_flattened_mut());
        rows.cut(W::LANES, W::LANES, |row| (32 * row, 32 * row + 32));
        rows.strip(0, 32).store([low, high], 0, 1);
        return;
    }
    for (word, from) in [(low, 0), (high, 16)] {
        let mut blocks = [[0; 16]; MOST];
        word.store(&mut blocks[..W::LANES]);
        for (tag, lanes) in tags.iter_mut().zip(blocks[..W::LANES].chunks_exact(degree)) {
            let sum = lanes.iter().fold(0, |sum, block| sum ^ u128::from_ne_bytes(*block));
            tag[from..from + 16].copy_from_slice(&sum.to_ne_bytes());
        }
    }
}
