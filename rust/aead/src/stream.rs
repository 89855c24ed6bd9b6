//! One message in pieces of any length.

use crate::aead::{LIMIT, Tag};
use crate::engine::{Kept, Way, Work};
use crate::{Aead, Error, cipher};

/// Whether a stream encrypts or decrypts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Seal,
    Open,
}

/// The most bytes of a step: AEGIS-256X4.
const STEP: usize = 64;

/// A message that has begun. What it decrypts is worth nothing before the tag has been found
/// right; `Aead::open` gives nothing out before.
pub struct Stream {
    aead: Aead,
    direction: Direction,
    kept: Kept,
    data: u64,
    text: u64,
    /// Plaintext of the step that is not whole yet, and what its bytes are added to.
    begun: [u8; STEP],
    pad: [u8; STEP],
    filled: usize,
    ended: bool,
}

impl Stream {
    /// Begin a message; its associated data is known from the beginning.
    ///
    /// # Errors
    ///
    /// A length that the algorithm does not have.
    pub fn new(
        aead: &Aead,
        nonce: &[u8],
        data: &[u8],
        direction: Direction,
    ) -> Result<Self, Error> {
        aead.check(nonce, data.len() as u64, 0)?;
        let mut kept = [[0; 16]; 24];
        aead.here.work(aead.algorithm, &mut kept, Work::Begin { key: &aead.key, nonce, data });
        Ok(Self {
            aead: aead.clone(),
            direction,
            kept,
            data: data.len() as u64,
            text: 0,
            begun: [0; STEP],
            pad: [0; STEP],
            filled: 0,
            ended: false,
        })
    }

    /// Encrypt or decrypt the next piece in place.
    ///
    /// # Errors
    ///
    /// The stream has ended, or the message is longer than the algorithm allows.
    pub fn update(&mut self, piece: &mut [u8]) -> Result<(), Error> {
        if self.ended {
            return Err(Error::Stream("a stream that has not ended expected"));
        }
        let text = self.text.checked_add(piece.len() as u64).filter(|text| *text < LIMIT);
        self.text = text.ok_or(Error::TooLong)?;
        let first = if self.filled == 0 { 0 } else { (self.step() - self.filled).min(piece.len()) };
        let (first, rest) = piece.split_at_mut(first);
        self.some(first);
        let whole = rest.len() / self.step() * self.step();
        let (whole, last) = rest.split_at_mut(whole);
        if !whole.is_empty() {
            self.advance(whole, self.way());
        }
        self.some(last);
        Ok(())
    }

    /// The tag; the stream has ended then.
    ///
    /// # Errors
    ///
    /// It decrypts, or has ended before.
    pub fn finish(&mut self) -> Result<Tag, Error> {
        if self.direction == Direction::Open {
            return Err(Error::Stream("a stream that encrypts expected"));
        }
        self.end()
    }

    /// Whether the tag is right; the stream has ended then.
    ///
    /// # Errors
    ///
    /// It encrypts, or has ended before, or no tag has such a length.
    pub fn verify(&mut self, tag: &[u8]) -> Result<bool, Error> {
        if self.direction == Direction::Seal {
            return Err(Error::Stream("a stream that decrypts expected"));
        }
        if tag.len() != self.aead.tag {
            return Err(Error::Tag { algorithm: self.aead.algorithm, found: tag.len() });
        }
        Ok(self.end()?.is(tag))
    }

    fn end(&mut self) -> Result<Tag, Error> {
        if self.ended {
            return Err(Error::Stream("a stream that has not ended expected"));
        }
        self.ended = true;
        if self.filled > 0 {
            self.begun[self.filled..].fill(0);
            self.absorb();
        }
        let mut tag: cipher::Tag = [0; 32];
        let done = Work::Finish { data: self.data, text: self.text, tag: &mut tag };
        self.aead.here.work(self.aead.algorithm, &mut self.kept, done);
        self.wipe();
        Ok(Tag::new(tag, self.aead.tag))
    }

    fn step(&self) -> usize {
        self.aead.algorithm.step()
    }

    fn way(&self) -> Way {
        match self.direction {
            Direction::Seal => Way::Seal,
            Direction::Open => Way::Open,
        }
    }

    fn advance(&mut self, text: &mut [u8], way: Way) {
        self.aead.here.work(self.aead.algorithm, &mut self.kept, Work::Advance { text, way });
    }

    /// Bytes of one step, not all of it where nothing was begun.
    fn some(&mut self, piece: &mut [u8]) {
        if piece.is_empty() {
            return;
        }
        if self.filled == 0 {
            // What zeros become is what the step's bytes are added to.
            let mut kept = self.kept;
            self.pad = [0; STEP];
            let work =
                Work::Advance { text: &mut self.pad[..self.aead.algorithm.step()], way: Way::Seal };
            self.aead.here.work(self.aead.algorithm, &mut kept, work);
        }
        let at = self.filled..self.filled + piece.len();
        let pads = self.begun[at.clone()].iter_mut().zip(&self.pad[at]);
        for (byte, (begun, pad)) in piece.iter_mut().zip(pads) {
            let given = *byte;
            *byte ^= pad;
            *begun = if self.direction == Direction::Seal { given } else { *byte };
        }
        self.filled += piece.len();
        if self.filled == self.step() {
            self.absorb();
        }
    }

    /// Take in the plaintext of the step that was begun.
    fn absorb(&mut self) {
        let (mut begun, step) = (self.begun, self.step());
        self.advance(&mut begun[..step], Way::Seal);
        self.filled = 0;
    }

    /// Forget what a key or a plaintext could be found from.
    fn wipe(&mut self) {
        self.kept = [[0; 16]; 24];
        (self.begun, self.pad) = ([0; STEP], [0; STEP]);
        core::hint::black_box((&self.kept, &self.begun, &self.pad));
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.wipe();
    }
}
