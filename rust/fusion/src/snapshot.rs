//! The arrays as one file, so that a start need not read the whole log.
//!
//! A snapshot is `KNSF1\n` and sections, each its length (8 bytes, little endian), its
//! CRC-32C (4) and its bytes. It says up to where it holds the log. One that is not whole,
//! or whose numbers point outside, is none, and the log is read from its beginning: a
//! snapshot makes a start fast and never another one.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use crate::artifacts::Artifacts;
use crate::hash::HashKey;
use crate::observations::{Observations, Row};
use crate::state::State;

const MAGIC: &[u8; 6] = b"KNSF1\n";
/// Its name in the folder of the store.
pub const NAME: &str = "snapshot";
const SECTIONS: usize = 10;

/// How far a snapshot holds the log: file and offset.
pub type Held = (u32, u64);

/// Write a snapshot so that the one before stays until this one is whole.
///
/// # Errors
/// The disk fails; the snapshot before is still there.
pub fn write(folder: &Path, state: &State, held: Held) -> io::Result<()> {
    let part = folder.join("snapshot.part");
    let mut file = io::BufWriter::new(File::create(&part)?);
    file.write_all(MAGIC)?;
    for section in sections(state, held) {
        file.write_all(&(section.len() as u64).to_le_bytes())?;
        file.write_all(&crc32c::crc32c(&section).to_le_bytes())?;
        file.write_all(&section)?;
    }
    file.into_inner()?.sync_all()?;
    std::fs::rename(&part, folder.join(NAME))?;
    File::open(folder)?.sync_all()
}

/// The state of a snapshot with these markings, and how far it holds the log.
pub fn read(bytes: &[u8], markings: &[String], bits: u64) -> Option<(State, Held)> {
    let mut rest = bytes.strip_prefix(MAGIC)?;
    let mut found = Vec::with_capacity(SECTIONS);
    for _ in 0..SECTIONS {
        let length = usize::try_from(u64::from_le_bytes(rest.get(..8)?.try_into().ok()?)).ok()?;
        let crc = u32::from_le_bytes(rest.get(8..12)?.try_into().ok()?);
        let section = rest.get(12..12_usize.checked_add(length)?)?;
        if crc32c::crc32c(section) != crc {
            return None;
        }
        found.push(section);
        rest = &rest[12 + length..];
    }
    restore(&found, markings, bits)
}

fn sections(state: &State, held: Held) -> [Vec<u8>; SECTIONS] {
    let key = state.key();
    let head = [u64::from(held.0), held.1, key.0, key.1, u64::from(state.taken_back)];
    let (entries, texts, pool, kinds) = state.artifacts.parts();
    let (rows, mentioned) = state.observations.parts();
    let rows = rows.iter().flat_map(Row::words);
    [
        le64(head),
        put_texts(state.stamps.markings().iter().map(|word| word.as_bytes())),
        put_texts(kinds.iter().map(|word| word.as_bytes())),
        put_texts(state.stamps.keys().into_iter()),
        texts.to_vec(),
        le32(entries.flatten()),
        le32(pool.iter().copied()),
        le64(rows),
        le32(mentioned.iter().copied()),
        le64(state.identifiers().flat_map(|(tag, number)| [tag, u64::from(number)])),
    ]
}

fn restore(found: &[&[u8]], markings: &[String], bits: u64) -> Option<(State, Held)> {
    let [head, said, kinds, stamps, texts, entries, pool, rows, mentioned, ids] = found else {
        return None;
    };
    let head: Vec<u64> = words64(head).collect();
    let &[file, offset, first, second, taken_back] = head.as_slice() else { return None };
    let same = get_texts(said)?.into_iter().eq(markings.iter().map(String::as_bytes));
    let mut state = State::new(markings, HashKey(first, second), bits);
    for key in get_texts(stamps)? {
        state.stamps.restore(key)?;
    }
    let entries: Vec<u32> = words32(entries).collect();
    let pool = words32(pool).collect();
    let rows: Vec<u64> = words64(rows).collect();
    let (artifacts, known) = ((entries.len() / 4) as u32, state.stamps.len() as u32);
    let observations = Observations::of(&rows, words32(mentioned).collect(), artifacts, known)?;
    let many = observations.len() as u32;
    let hashed = (state.key(), bits);
    let artifacts = Artifacts::of(hashed, &get_texts(kinds)?, texts, &entries, pool, many)?;
    state.put(artifacts, observations, u32::try_from(taken_back).ok()?);
    let ids: Vec<u64> = words64(ids).collect();
    for pair in ids.chunks_exact(2) {
        state.put_identifier(pair[0], u32::try_from(pair[1]).ok()?)?;
    }
    same.then_some((state, (u32::try_from(file).ok()?, offset)))
}

fn le64(words: impl IntoIterator<Item = u64>) -> Vec<u8> {
    words.into_iter().flat_map(u64::to_le_bytes).collect()
}

fn le32(words: impl IntoIterator<Item = u32>) -> Vec<u8> {
    words.into_iter().flat_map(u32::to_le_bytes).collect()
}

fn words64(bytes: &[u8]) -> impl Iterator<Item = u64> {
    bytes.chunks_exact(8).map(|word| u64::from_le_bytes(word.try_into().unwrap_or_default()))
}

fn words32(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes.chunks_exact(4).map(|word| u32::from_le_bytes(word.try_into().unwrap_or_default()))
}

fn put_texts<'a>(texts: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for text in texts {
        bytes.extend((text.len() as u32).to_le_bytes());
        bytes.extend(text);
    }
    bytes
}

fn get_texts(mut bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let length = u32::from_le_bytes(bytes.get(..4)?.try_into().ok()?) as usize;
        found.push(bytes.get(4..4_usize.checked_add(length)?)?);
        bytes = &bytes[4 + length..];
    }
    Some(found)
}
