//! DNS messages (RFC 1035, 4), read in place.
//!
//! [`Message::read`] looks at the header and the questions; [`Message::sections`] walks
//! the records behind them as far as they are whole.

pub mod edns;
pub mod mnemonic;
pub mod name;
pub mod rdata;
mod record;

pub use record::{Record, Records, Section};

use crate::wire::be16;
use name::Fault;

/// Bytes of the header.
pub const HEADER: usize = 12;
const RESPONSE: u16 = 0x8000;

/// The header of a message (RFC 1035, 4.1.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Header {
    pub id: u16,
    /// The second word: QR, opcode, AA, TC, RD, RA, AD, CD, RCODE.
    pub bits: u16,
    pub questions: u16,
    pub answers: u16,
    pub authorities: u16,
    pub additionals: u16,
}

impl Header {
    /// The header at the start of `data`.
    #[inline]
    pub fn read(data: &[u8]) -> Option<Self> {
        let head: &[u8; HEADER] = data.first_chunk()?;
        let word = |at: usize| u16::from_be_bytes([head[at], head[at + 1]]);
        Some(Self {
            id: word(0),
            bits: word(2),
            questions: word(4),
            answers: word(6),
            authorities: word(8),
            additionals: word(10),
        })
    }

    #[inline]
    pub fn is_response(self) -> bool {
        self.bits & RESPONSE != 0
    }

    #[inline]
    pub fn opcode(self) -> u8 {
        (self.bits >> 11 & 15) as u8
    }

    /// The four bits of the response code that the header holds.
    #[inline]
    pub fn rcode(self) -> u8 {
        (self.bits & 15) as u8
    }
}

/// A message whose header and questions are whole.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    pub data: &'a [u8],
    pub header: Header,
    /// Type and class of the first question; 0 without one.
    pub qtype: u16,
    pub qclass: u16,
    /// Where the records begin.
    body: usize,
}

impl<'a> Message<'a> {
    /// Reads the header and the questions; the name of the first question is written to
    /// `name`, as the lake spells it.
    ///
    /// # Errors
    ///
    /// The data is no message, or ends inside the questions.
    #[inline]
    pub fn read(data: &'a [u8], name: &mut Vec<u8>) -> Result<Self, Fault> {
        name.clear();
        let header = Header::read(data).ok_or(Fault::Short)?;
        let mut message = Self { data, header, qtype: 0, qclass: 0, body: HEADER };
        for number in 0..header.questions {
            let end = match number {
                0 => name::read(data, message.body, name)?,
                _ => name::skip(data, message.body)?,
            };
            let (kind, class) = be16(data, end).zip(be16(data, end + 2)).ok_or(Fault::Short)?;
            if number == 0 {
                (message.qtype, message.qclass) = (kind, class);
            }
            message.body = end + 4;
        }
        Ok(message)
    }

    /// The records behind the questions, section by section.
    #[inline]
    pub fn records(&self) -> Records<'a> {
        Records::new(self.data, self.body, self.header)
    }
}

#[cfg(test)]
mod tests;
