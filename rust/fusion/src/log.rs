//! The log: files of records, each with its length and CRC-32C (RFC 3720, B.4).
//!
//! A record is the length of its payload (4 bytes, little endian), the CRC of type and
//! payload (4), its type (1) and the payload. A record that is not whole ends the log: it
//! was being written when the machine stopped, and nobody was told that it is kept.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// An observation as MessagePack.
pub const OBSERVATION: u8 = 1;
/// Identifiers of observations that their sources took back, a MessagePack array.
pub const RETRACTION: u8 = 2;

const HEAD: usize = 9;
/// Longest payload, 64 MiB.
pub const LONGEST: usize = 1 << 26;
const OPEN_FILES: usize = 64;

/// A record, and where the next one begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Record<'a> {
    pub kind: u8,
    pub payload: &'a [u8],
    pub end: usize,
}

/// The record at ``at``; none where there is no whole one.
pub fn record(bytes: &[u8], at: usize) -> Option<Record<'_>> {
    let head = bytes.get(at..at.checked_add(HEAD)?)?;
    let length = u32::from_le_bytes(head[..4].try_into().ok()?) as usize;
    let crc = u32::from_le_bytes(head[4..8].try_into().ok()?);
    let end = at + HEAD + length;
    let covered = bytes.get(at + 8..end)?;
    let whole = length <= LONGEST && crc32c::crc32c(covered) == crc;
    whole.then_some(Record { kind: head[8], payload: &covered[1..], end })
}

/// Append a record to ``into``.
pub fn write_record(into: &mut Vec<u8>, kind: u8, payload: &[u8]) {
    into.extend((payload.len() as u32).to_le_bytes());
    let crc = crc32c::crc32c_append(crc32c::crc32c(&[kind]), payload);
    into.extend(crc.to_le_bytes());
    into.push(kind);
    into.extend(payload);
}

/// The files of a log by number.
pub struct Files {
    folder: PathBuf,
    open: Mutex<BTreeMap<u32, Arc<File>>>,
}

impl Files {
    /// Those of a folder.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), open: Mutex::default() }
    }

    /// The folder they are in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where file ``number`` is.
    pub fn path(&self, number: u32) -> PathBuf {
        self.folder.join(format!("{number:08}.log"))
    }

    /// Numbers of the files that are there, rising.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn numbers(&self) -> io::Result<Vec<u32>> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(&self.folder)? {
            let name = entry?.file_name();
            let stem = name.to_str().and_then(|name| name.strip_suffix(".log"));
            found.extend(stem.and_then(|stem| stem.parse::<u32>().ok()));
        }
        found.sort_unstable();
        Ok(found)
    }

    /// Bytes of file ``number`` from an offset on.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn bytes(&self, number: u32, from: usize) -> io::Result<Vec<u8>> {
        use std::io::{Seek, SeekFrom};
        let mut file = File::open(self.path(number))?;
        file.seek(SeekFrom::Start(from as u64))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// The payload of the record at a place, checked; none where there is no whole one.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn payload(&self, place: u64) -> io::Result<Option<Vec<u8>>> {
        let (number, offset) = ((place >> 32) as u32, place & 0xffff_ffff);
        let file = self.file(number)?;
        let mut bytes = vec![0; 512];
        let mut got = read_at(&file, &mut bytes, offset)?;
        let Some(head) = bytes.get(..4).filter(|_| got >= HEAD) else { return Ok(None) };
        let length = u32::from_le_bytes(head.try_into().unwrap_or_default()) as usize;
        if length > LONGEST {
            return Ok(None);
        }
        if got < HEAD + length {
            bytes.resize(HEAD + length, 0);
            got += read_at(&file, &mut bytes[got..], offset + got as u64)?;
        }
        let found = record(&bytes[..got.min(HEAD + length)], 0);
        Ok(found.map(|record| record.payload.to_vec()))
    }

    fn file(&self, number: u32) -> io::Result<Arc<File>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = open.get(&number) {
            return Ok(Arc::clone(file));
        }
        if open.len() >= OPEN_FILES {
            open.clear();
        }
        let file = Arc::new(File::open(self.path(number))?);
        open.insert(number, Arc::clone(&file));
        Ok(file)
    }
}

fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut got = 0;
    while got < bytes.len() {
        match file.read_at(&mut bytes[got..], offset + got as u64)? {
            0 => break,
            more => got += more,
        }
    }
    Ok(got)
}

/// The end of the log, where records are added.
pub struct Tail {
    file: File,
    pub number: u32,
    pub length: u64,
}

impl Tail {
    /// Go on with file ``number``, of which ``length`` bytes are whole; the rest is cut off.
    ///
    /// # Errors
    /// The file cannot be opened, cut or made durable.
    pub fn open(files: &Files, number: u32, length: u64) -> io::Result<Self> {
        let path = files.path(number);
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        if file.metadata()?.len() > length {
            file.set_len(length)?;
            file.sync_all()?;
        }
        File::open(&files.folder)?.sync_all()?;
        Ok(Self { file, number, length })
    }

    /// Write records so that they outlast a crash; on failure none of them is there.
    ///
    /// # Errors
    /// The disk takes no more, or fails.
    pub fn append(&mut self, records: &[u8]) -> io::Result<()> {
        let written = self.file.write_all(records).and_then(|()| self.file.sync_data());
        if let Err(error) = written {
            // Whether or not this works, the next append must not follow half a record.
            self.file.set_len(self.length)?;
            return Err(error);
        }
        self.length += records.len() as u64;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_crc_32c() {
        // RFC 3720, B.4: 32 bytes of zeroes.
        assert_eq!(crc32c::crc32c(&[0; 32]), 0x8a91_36aa);
    }

    #[test]
    fn a_record_with_any_byte_changed_is_none() {
        let mut bytes = Vec::new();
        write_record(&mut bytes, OBSERVATION, b"payload");
        assert_eq!(record(&bytes, 0).map(|record| record.payload), Some(&b"payload"[..]));
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x10;
            assert_eq!(record(&damaged, 0), None, "byte {at}");
        }
        for length in 0..bytes.len() {
            assert_eq!(record(&bytes[..length], 0), None, "length {length}");
        }
    }
}
