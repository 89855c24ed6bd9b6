//! Resource records (RFC 1035, 4.1.3), one after the other.

use super::Header;
use super::name::{self, Fault};
use crate::wire::{be16, be32};

/// The part of a message that a record stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    Answer,
    Authority,
    Additional,
}

/// One record; `data` are the bytes at `data_at` of the message.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    pub section: Section,
    /// Where the name of the owner stands.
    pub owner_at: usize,
    pub kind: u16,
    pub class: u16,
    pub ttl: u32,
    pub data_at: usize,
    pub data: &'a [u8],
}

/// The records of a message in their order; ends at the first that is not whole.
#[derive(Clone, Debug)]
pub struct Records<'a> {
    message: &'a [u8],
    at: usize,
    /// Records left of each section.
    left: [u16; 3],
}

const SECTIONS: [Section; 3] = [Section::Answer, Section::Authority, Section::Additional];

impl<'a> Records<'a> {
    #[inline]
    pub(super) fn new(message: &'a [u8], at: usize, header: Header) -> Self {
        Self { message, at, left: [header.answers, header.authorities, header.additionals] }
    }

    #[inline]
    fn record(&mut self, section: Section) -> Result<Record<'a>, Fault> {
        let (message, owner_at) = (self.message, self.at);
        let head = name::skip(message, owner_at)?;
        let fixed = message.get(head..head + 10).ok_or(Fault::Short)?;
        let length = usize::from(u16::from_be_bytes([fixed[8], fixed[9]]));
        let data_at = head + 10;
        let data = message.get(data_at..data_at + length).ok_or(Fault::Short)?;
        self.at = data_at + length;
        Ok(Record {
            section,
            owner_at,
            kind: be16(fixed, 0).unwrap_or(0),
            class: be16(fixed, 2).unwrap_or(0),
            ttl: be32(fixed, 4).unwrap_or(0),
            data_at,
            data,
        })
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<Record<'a>, Fault>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let place = self.left.iter().position(|left| *left > 0)?;
        self.left[place] -= 1;
        let found = self.record(SECTIONS[place]);
        if found.is_err() {
            self.left = [0; 3];
        }
        Some(found)
    }
}
