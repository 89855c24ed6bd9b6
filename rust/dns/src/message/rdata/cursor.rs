//! A place in record data that moves forward.

use crate::message::name::{self, Fault};

pub struct Cursor<'a> {
    message: &'a [u8],
    at: usize,
    end: usize,
}

impl<'a> Cursor<'a> {
    /// Over the `length` bytes at `at` of `message`, which holds them.
    pub fn new(message: &'a [u8], at: usize, length: usize) -> Self {
        Self { message, at, end: at + length }
    }

    pub fn is_done(&self) -> bool {
        self.at == self.end
    }

    pub fn take(&mut self, length: usize) -> Result<&'a [u8], Fault> {
        let end = self.at + length;
        let taken = self.message.get(self.at..end).filter(|_| end <= self.end);
        self.at = end.min(self.end);
        taken.ok_or(Fault::Data)
    }

    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        self.take(N)?.try_into().map_err(|_| Fault::Data)
    }

    pub fn u8(&mut self) -> Result<u8, Fault> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub fn u16(&mut self) -> Result<u16, Fault> {
        self.array().map(u16::from_be_bytes)
    }

    pub fn u32(&mut self) -> Result<u32, Fault> {
        self.array().map(u32::from_be_bytes)
    }

    /// All bytes that are left.
    pub fn rest(&mut self) -> &'a [u8] {
        let rest = self.message.get(self.at..self.end).unwrap_or_default();
        self.at = self.end;
        rest
    }

    /// A length byte and as many bytes.
    pub fn string(&mut self) -> Result<&'a [u8], Fault> {
        let length = self.u8()?;
        self.take(usize::from(length))
    }

    /// Appends a name, which may be compressed; the root is a dot.
    pub fn name(&mut self, text: &mut Vec<u8>) -> Result<(), Fault> {
        let begin = text.len();
        let end = name::read(self.message, self.at, text)?;
        if end > self.end {
            return Err(Fault::Data);
        }
        if text.len() == begin {
            text.push(b'.');
        }
        self.at = end;
        Ok(())
    }
}
