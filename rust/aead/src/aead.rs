//! One message at a time, whole.

use core::hint::black_box;

use crate::algorithm::KEY;
use crate::engine::{Group, Way};
use crate::path::Here;
use crate::word::MOST;
use crate::word::rows::{Rows, Texts};
use crate::{Algorithm, Error, Path, cipher};

/// Bytes that no message nor its associated data has (RFC 10032; draft-nakano-rocca-s).
pub(crate) const LIMIT: u64 = 1 << 61;

/// A key of an algorithm, and the instructions that it is used with.
#[derive(Clone)]
pub struct Aead {
    pub(crate) algorithm: Algorithm,
    pub(crate) here: Here,
    pub(crate) tag: usize,
    pub(crate) key: [u8; KEY],
}

/// What a message is authenticated by.
#[derive(Clone, Copy, Debug)]
pub struct Tag {
    bytes: cipher::Tag,
    length: usize,
}

impl Tag {
    /// Of so many bytes: the halves of the whole one are added up for the shorter.
    pub(crate) fn new(whole: cipher::Tag, length: usize) -> Self {
        let mut bytes = whole;
        if length == 16 {
            let (low, high) = bytes.split_at_mut(16);
            low.iter_mut().zip(high).for_each(|(byte, other)| *byte ^= *other);
        }
        Self { bytes, length }
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// Write it where so many bytes are.
    #[inline(always)]
    pub(crate) fn put(&self, to: &mut [u8]) {
        match <&mut cipher::Tag>::try_from(&mut *to) {
            Ok(whole) => *whole = self.bytes,
            Err(_) => to.copy_from_slice(self.bytes()),
        }
    }

    /// Whether it is the one that came with a message; takes the same time wherever they differ.
    pub fn is(&self, other: &[u8]) -> bool {
        let word = |bytes: &[u8; 16]| u128::from_ne_bytes(*bytes);
        // Of a length known beforehand, and one integer to look at: none waits for a wider store.
        if let (32, Ok(other)) = (self.length, <&cipher::Tag>::try_from(other)) {
            let (halves, others) = (self.bytes.as_chunks().0, other.as_chunks().0);
            let differences =
                (word(&halves[0]) ^ word(&others[0])) | (word(&halves[1]) ^ word(&others[1]));
            return black_box((differences >> 64) as u64 | differences as u64) == 0;
        }
        let (halves, others) = (self.bytes().as_chunks().0, other.as_chunks().0);
        let differences =
            halves.iter().zip(others).fold(0, |all, (a, b)| all | (word(a) ^ word(b)));
        other.len() == self.length && black_box(differences) == 0
    }
}

impl Aead {
    /// A key for tags of so many bytes, on the best path of this machine where none is named.
    ///
    /// # Errors
    ///
    /// A length that the algorithm does not have, or a path that this machine does not have.
    pub fn new(
        algorithm: Algorithm,
        key: &[u8],
        tag: usize,
        path: Option<Path>,
    ) -> Result<Self, Error> {
        let found = key.len();
        let key = key.try_into().map_err(|_| Error::Key { expected: KEY, found })?;
        if !algorithm.tag_lengths().contains(&tag) {
            return Err(Error::Tag { algorithm, found: tag });
        }
        let path = path.unwrap_or_else(Path::best);
        let here = Here::new(path).ok_or(Error::Path(path))?;
        Ok(Self { algorithm, here, tag, key })
    }

    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Bytes of its tags.
    pub fn tag_length(&self) -> usize {
        self.tag
    }

    /// Encrypt in place; gives the tag. A nonce is never used again with the same key.
    ///
    /// # Errors
    ///
    /// A length that the algorithm does not have.
    pub fn seal(&self, nonce: &[u8], data: &[u8], text: &mut [u8]) -> Result<Tag, Error> {
        self.one(nonce, data, text, Way::Seal)
    }

    /// Decrypt in place; false where the tag is wrong, and then the text is zeros.
    ///
    /// # Errors
    ///
    /// A length that the algorithm does not have; nothing is changed then.
    pub fn open(
        &self,
        nonce: &[u8],
        data: &[u8],
        text: &mut [u8],
        tag: &[u8],
    ) -> Result<bool, Error> {
        if tag.len() != self.tag {
            return Err(Error::Tag { algorithm: self.algorithm, found: tag.len() });
        }
        let right = self.one(nonce, data, text, Way::Open)?.is(tag);
        if !right {
            text.fill(0);
        }
        Ok(right)
    }

    fn one(&self, nonce: &[u8], data: &[u8], text: &mut [u8], way: Way) -> Result<Tag, Error> {
        self.check(nonce, data.len() as u64, text.len() as u64)?;
        let mut group = Group {
            count: 1,
            keys: Rows::new(&self.key),
            nonces: Rows::new(nonce),
            data: Rows::new(data),
            texts: Texts::new(text),
        };
        let mut tags = [[0; 32]; MOST];
        self.here.run(self.algorithm, &mut group, way, &mut tags);
        Ok(Tag::new(tags[0], self.tag))
    }

    pub(crate) fn check(&self, nonce: &[u8], data: u64, text: u64) -> Result<(), Error> {
        let (expected, found) = (self.algorithm.nonce_length(), nonce.len());
        if expected != found {
            return Err(Error::Nonce { expected, found });
        }
        if data >= LIMIT || text >= LIMIT { Err(Error::TooLong) } else { Ok(()) }
    }
}
