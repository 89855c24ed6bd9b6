//! Looking keys up in a sidecar: a look into the directory, then one chunk.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use crate::format::{ChunkPlace, Cursor, Footer, MAGIC, Posting, TRAILER, damaged, read_postings};
use crate::keys::Section;

/// What to look for: keys from `first` to `last` of a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    pub section: Section,
    pub first: u128,
    pub last: u128,
}

/// An open sidecar.
#[derive(Debug)]
pub struct Sidecar {
    file: File,
    pub footer: Footer,
}

impl Sidecar {
    /// Opens a sidecar; its directory is read and checked at once.
    ///
    /// # Errors
    ///
    /// `InvalidData` when it is damaged; else what the system says.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        let at = size.checked_sub(TRAILER as u64).ok_or_else(damaged)?;
        let mut trailer = [0; TRAILER];
        file.read_exact_at(&mut trailer, at)?;
        let (length, rest) = trailer.split_first_chunk::<4>().ok_or_else(damaged)?;
        let (crc, magic) = rest.split_first_chunk::<4>().ok_or_else(damaged)?;
        let length = u64::from(u32::from_le_bytes(*length));
        if magic != MAGIC || length > at {
            return Err(damaged());
        }
        let footer = read_checked(&file, at - length, length as usize, u32::from_le_bytes(*crc))?;
        Ok(Self { footer: Footer::read(&footer)?, file })
    }

    /// Blocks that hold rows with a key of `range`, in order, and how many rows. When the
    /// range is of several keys, a row that has two of them is counted twice.
    ///
    /// # Errors
    ///
    /// As `open`.
    pub fn find(&self, range: Range) -> io::Result<Vec<Posting>> {
        let chunks = &self.footer.sections[range.section as usize];
        let from = chunks.partition_point(|chunk| chunk.last < range.first);
        let mut rows = vec![0_u32; self.footer.times.len()];
        for chunk in chunks[from..].iter().take_while(|chunk| chunk.first <= range.last) {
            self.scan(chunk, range, &mut rows)?;
        }
        let blocks = (0_u32..).zip(rows).filter(|(_, rows)| *rows > 0);
        Ok(blocks.map(|(block, rows)| Posting { block, rows }).collect())
    }

    fn scan(&self, chunk: &ChunkPlace, range: Range, rows: &mut [u32]) -> io::Result<()> {
        let bytes = read_checked(&self.file, chunk.at, chunk.length as usize, chunk.crc)?;
        let mut from = Cursor(&bytes);
        let mut key = chunk.first;
        while !from.0.is_empty() && key <= range.last {
            key = key.checked_add(from.number()?).ok_or_else(damaged)?;
            let postings = read_postings(&mut from, rows.len())?;
            if (range.first..=range.last).contains(&key) {
                for posting in postings {
                    let held = &mut rows[posting.block as usize];
                    *held = held.saturating_add(posting.rows);
                }
            }
        }
        Ok(())
    }
}

fn read_checked(file: &File, at: u64, length: usize, crc: u32) -> io::Result<Vec<u8>> {
    if at.saturating_add(length as u64) > file.metadata()?.len() {
        return Err(damaged());
    }
    let mut bytes = vec![0; length];
    file.read_exact_at(&mut bytes, at)?;
    if crc32fast::hash(&bytes) == crc { Ok(bytes) } else { Err(damaged()) }
}
