//! The external data representation (RFC 4506), as far as sFlow uses it.

use crate::wire::{be32, be128};

const MAPPED: u128 = 0xffff << 32;

/// A cursor over words of four bytes.
pub struct Xdr<'a> {
    data: &'a [u8],
    at: usize,
}

impl<'a> Xdr<'a> {
    pub fn new(data: &'a [u8]) -> Self {
        Self { data, at: 0 }
    }

    pub fn at_place(data: &'a [u8], at: usize) -> Self {
        Self { data, at }
    }

    pub fn at(&self) -> usize {
        self.at
    }

    pub fn word(&mut self) -> Option<u32> {
        let word = be32(self.data, self.at)?;
        self.at += 4;
        Some(word)
    }

    /// Bytes of a stated length, padded to whole words.
    pub fn opaque(&mut self, length: usize) -> Option<&'a [u8]> {
        let bytes = self.data.get(self.at..self.at.checked_add(length)?)?;
        self.at += length.next_multiple_of(4);
        Some(bytes)
    }

    /// Passes over `count` words.
    pub fn skip(&mut self, count: u32) -> Option<()> {
        let next = self.at.checked_add(usize::try_from(count).ok()?.checked_mul(4)?)?;
        self.at = (next <= self.data.len()).then_some(next)?;
        Some(())
    }

    /// A format and the bytes that it describes.
    pub fn structure(&mut self) -> Option<(u32, &'a [u8])> {
        let (format, length) = (self.word()?, self.word()?);
        Some((format, self.opaque(usize::try_from(length).ok()?)?))
    }

    /// An address of either kind, IPv4 as `::ffff:a.b.c.d`; 0 when it is not known.
    pub fn address(&mut self) -> Option<u128> {
        match self.word()? {
            0 => Some(0),
            1 => self.word().map(|word| MAPPED | u128::from(word)),
            2 => self.wide(),
            _ => None,
        }
    }

    pub fn wide(&mut self) -> Option<u128> {
        let address = be128(self.data, self.at)?;
        self.at += 16;
        Some(address)
    }

    pub fn rest(&self) -> &'a [u8] {
        self.data.get(self.at..).unwrap_or_default()
    }
}
