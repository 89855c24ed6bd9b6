//! The bytes of a sidecar.
//!
//! ```text
//! chunks      of up to 512 keys each, section after section
//! footer      version u8, SHA-256 of the file it is of, rows u64, rows of a block u32,
//!             blocks u32 and the least and greatest time (i64) of each,
//!             for each section: chunks u32, and of each: first key u128, last key u128,
//!             place u64, length u32, CRC-32 u32
//! trailer     length of the footer u32, its CRC-32 u32, "KNIDX\0\0\1"
//! ```
//!
//! All numbers are little-endian. A chunk holds for each key, as LEB128 numbers: its
//! difference to the key before (to the first of the directory), the number of blocks, and
//! for each block its distance from the one before, shifted left by one, plus one when it
//! has more than one row; then how many more than two.

use std::io;

use crate::keys::Section;

pub const MAGIC: [u8; 8] = *b"KNIDX\0\0\x01";
pub const VERSION: u8 = 1;
pub const TRAILER: usize = 16;
pub const CHUNK_KEYS: usize = 512;
const CHUNK_ENTRY: usize = 48;

/// A block that holds rows with a key, and how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posting {
    pub block: u32,
    pub rows: u32,
}

/// Where a chunk lies and which keys it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChunkPlace {
    pub first: u128,
    pub last: u128,
    pub at: u64,
    pub length: u32,
    pub crc: u32,
}

/// What stands at the end of a sidecar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Footer {
    pub digest: [u8; 32],
    pub rows: u64,
    pub block_rows: u32,
    /// Least and greatest time of each block.
    pub times: Vec<(i64, i64)>,
    pub sections: [Vec<ChunkPlace>; Section::ALL.len()],
}

/// The error of bytes that are not what was written.
pub fn damaged() -> io::Error {
    io::Error::from(io::ErrorKind::InvalidData)
}

pub fn put_number(mut value: u128, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Reads what was written one after the other.
pub struct Cursor<'a>(pub &'a [u8]);

impl Cursor<'_> {
    pub fn number(&mut self) -> io::Result<u128> {
        let mut value = 0;
        for shift in (0..128).step_by(7) {
            let (byte, rest) = self.0.split_first().ok_or_else(damaged)?;
            self.0 = rest;
            value |= u128::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(damaged())
    }

    pub fn small(&mut self) -> io::Result<u32> {
        u32::try_from(self.number()?).map_err(|_| damaged())
    }

    fn take<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk().ok_or_else(damaged)?;
        self.0 = rest;
        Ok(*head)
    }
}

/// Appends one key of a chunk.
pub fn put_entry(step: u128, postings: &[Posting], out: &mut Vec<u8>) {
    put_number(step, out);
    put_number(postings.len() as u128, out);
    let mut next = 0;
    for posting in postings {
        let many = posting.rows > 1;
        put_number(u128::from(posting.block - next) << 1 | u128::from(many), out);
        if many {
            put_number(u128::from(posting.rows - 2), out);
        }
        next = posting.block + 1;
    }
}

/// Reads the postings of one key; `blocks` is how many blocks there are.
pub fn read_postings(from: &mut Cursor<'_>, blocks: usize) -> io::Result<Vec<Posting>> {
    let count = from.small()? as usize;
    if count > blocks {
        return Err(damaged());
    }
    let mut postings = Vec::with_capacity(count);
    let mut next = 0_u32;
    for _ in 0..count {
        let word = from.small()?;
        let block = next.checked_add(word >> 1).ok_or_else(damaged)?;
        if block as usize >= blocks {
            return Err(damaged());
        }
        let rows = if word & 1 == 0 { 1 } else { from.small()?.saturating_add(2) };
        postings.push(Posting { block, rows });
        next = block + 1;
    }
    Ok(postings)
}

impl Footer {
    /// Footer and trailer.
    pub fn write(&self, out: &mut Vec<u8>) {
        let mut footer = vec![VERSION];
        footer.extend_from_slice(&self.digest);
        footer.extend_from_slice(&self.rows.to_le_bytes());
        footer.extend_from_slice(&self.block_rows.to_le_bytes());
        footer.extend_from_slice(&(self.times.len() as u32).to_le_bytes());
        for (least, greatest) in &self.times {
            footer.extend_from_slice(&least.to_le_bytes());
            footer.extend_from_slice(&greatest.to_le_bytes());
        }
        for section in &self.sections {
            footer.extend_from_slice(&(section.len() as u32).to_le_bytes());
            for chunk in section {
                footer.extend_from_slice(&chunk.first.to_le_bytes());
                footer.extend_from_slice(&chunk.last.to_le_bytes());
                footer.extend_from_slice(&chunk.at.to_le_bytes());
                footer.extend_from_slice(&chunk.length.to_le_bytes());
                footer.extend_from_slice(&chunk.crc.to_le_bytes());
            }
        }
        out.extend_from_slice(&footer);
        out.extend_from_slice(&(footer.len() as u32).to_le_bytes());
        out.extend_from_slice(&crc32fast::hash(&footer).to_le_bytes());
        out.extend_from_slice(&MAGIC);
    }

    /// Reads a footer whose checksum was right.
    ///
    /// # Errors
    ///
    /// `InvalidData` when it is of another version, or none.
    pub fn read(bytes: &[u8]) -> io::Result<Self> {
        let mut from = Cursor(bytes);
        if from.take()? != [VERSION] {
            return Err(damaged());
        }
        let digest = from.take()?;
        let rows = u64::from_le_bytes(from.take()?);
        let block_rows = u32::from_le_bytes(from.take()?);
        let count = u32::from_le_bytes(from.take()?) as usize;
        if block_rows == 0 || count > from.0.len() / 16 {
            return Err(damaged());
        }
        let mut times = Vec::with_capacity(count);
        for _ in 0..count {
            times.push((i64::from_le_bytes(from.take()?), i64::from_le_bytes(from.take()?)));
        }
        let mut sections = [Vec::new(), Vec::new(), Vec::new()];
        for section in &mut sections {
            *section = read_section(&mut from)?;
        }
        Ok(Self { digest, rows, block_rows, times, sections })
    }
}

fn read_section(from: &mut Cursor<'_>) -> io::Result<Vec<ChunkPlace>> {
    let count = u32::from_le_bytes(from.take()?) as usize;
    if count > from.0.len() / CHUNK_ENTRY {
        return Err(damaged());
    }
    let mut chunks = Vec::with_capacity(count);
    for _ in 0..count {
        chunks.push(ChunkPlace {
            first: u128::from_le_bytes(from.take()?),
            last: u128::from_le_bytes(from.take()?),
            at: u64::from_le_bytes(from.take()?),
            length: u32::from_le_bytes(from.take()?),
            crc: u32::from_le_bytes(from.take()?),
        });
    }
    Ok(chunks)
}
