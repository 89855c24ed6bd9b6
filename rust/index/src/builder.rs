//! Making a sidecar while its file is written.

use std::collections::HashMap;
use std::iter;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::TimestampMicrosecondType;

use crate::columns::{AddressColumn, Known, Mention, Met, split};
use crate::format::{CHUNK_KEYS, ChunkPlace, Footer, Posting, put_entry};
use crate::keys::{Key, Section};
use crate::tally::Tally;

/// Rows of a block, as a rule.
pub const BLOCK_ROWS: u32 = 1 << 14;

/// The first 96 bits of all IPv4 addresses.
const MAPPED: u128 = 0xffff;

/// An IPv4 address (32 bits), a block (16) and a number of rows (16); sorts like that.
type Packed = u64;

/// Takes the rows of a file and ends as the bytes of its sidecar.
pub struct Builder {
    mentions: Vec<Mention>,
    rows: u64,
    times: Vec<(i64, i64)>,
    /// IPv4 addresses, the usual case, and everything else.
    fours: Vec<Packed>,
    others: Vec<(Key, Posting)>,
    block: Block,
}

/// What is counted in the open block.
#[derive(Default)]
struct Block {
    rows: u32,
    times: Option<(i64, i64)>,
    fours: Tally,
    sixes: HashMap<u128, u32>,
    known: Known,
    /// By number of key: rows of this block, and the last row that counted.
    counts: Vec<(u32, u32)>,
    touched: Vec<u32>,
    row: u32,
}

impl Builder {
    pub fn new(mentions: Vec<Mention>) -> Self {
        Self {
            mentions,
            rows: 0,
            times: Vec::new(),
            fours: Vec::new(),
            others: Vec::new(),
            block: Block::default(),
        }
    }

    /// Takes the next rows of the file.
    pub fn add(&mut self, batch: &RecordBatch) {
        let mut done = 0;
        while done < batch.num_rows() {
            let room = (BLOCK_ROWS - self.block.rows) as usize;
            let part = batch.slice(done, room.min(batch.num_rows() - done));
            self.block.add(&self.mentions, &part);
            done += part.num_rows();
            if self.block.rows == BLOCK_ROWS {
                self.end_block();
            }
        }
    }

    fn end_block(&mut self) {
        let number = self.times.len() as u32;
        let block = &mut self.block;
        self.rows += u64::from(block.rows);
        self.times.push(block.times.take().unwrap_or((i64::MIN, i64::MAX)));
        block.rows = 0;
        let fours = block.fours.drain();
        self.fours.extend(fours.map(|(four, rows)| pack(four, number, rows)));
        let sixes = block.sixes.drain();
        self.others.extend(sixes.map(|(value, rows)| {
            (Key { section: Section::Address, value }, Posting { block: number, rows })
        }));
        for key in block.touched.drain(..) {
            let rows = std::mem::take(&mut block.counts[key as usize].0);
            let key = block.known.keys[key as usize];
            match four_of(key) {
                Some(four) => self.fours.push(pack(four, number, rows)),
                None => self.others.push((key, Posting { block: number, rows })),
            }
        }
        if block.known.is_full() {
            (block.known, block.counts) = (Known::default(), Vec::new());
        }
    }

    /// The bytes of the sidecar of a file with that SHA-256.
    pub fn finish(mut self, digest: [u8; 32]) -> Vec<u8> {
        if self.block.rows > 0 {
            self.end_block();
        }
        self.fours.sort_unstable();
        self.others.sort_unstable_by_key(|(key, posting)| (*key, posting.block));
        let of = |section: Section| {
            let from = self.others.partition_point(|(key, _)| key.section < section);
            let to = self.others.partition_point(|(key, _)| key.section <= section);
            self.others[from..to].iter().map(|(key, posting)| (key.value, *posting))
        };
        let mut out = Vec::new();
        let fours = self.fours.iter().copied().map(unpack);
        let sections = [
            put_section(merged(fours, of(Section::Address)), &mut out),
            put_section(of(Section::Text), &mut out),
            put_section(of(Section::Parent), &mut out),
        ];
        Footer { digest, rows: self.rows, block_rows: BLOCK_ROWS, times: self.times, sections }
            .write(&mut out);
        out
    }
}

impl Block {
    fn add(&mut self, mentions: &[Mention], part: &RecordBatch) {
        self.rows += part.num_rows() as u32;
        self.add_times(part);
        let (addresses, texts) = split(mentions, part);
        for (place, (_, column)) in addresses.iter().enumerate() {
            self.add_addresses(column, &addresses[..place], part.num_rows());
        }
        let columns: Vec<Vec<Met>> =
            texts.iter().map(|(_, column)| self.known.texts_of(column)).collect();
        self.counts.resize(self.known.keys.len(), (0, 0));
        self.add_texts(&columns, &addresses, part.num_rows() as u32);
    }

    fn add_times(&mut self, part: &RecordBatch) {
        let times = part.column_by_name("ts");
        let times = times.and_then(|ts| ts.as_primitive_opt::<TimestampMicrosecondType>());
        let Some(times) = times else { return };
        for at in times.values() {
            let (least, greatest) = self.times.get_or_insert((*at, *at));
            *least = (*least).min(*at);
            *greatest = (*greatest).max(*at);
        }
    }

    /// Counts the rows of a column whose address is in no column `before` it.
    fn add_addresses(
        &mut self,
        column: &AddressColumn<'_>,
        before: &[(usize, AddressColumn<'_>)],
        rows: usize,
    ) {
        let mut run: (u128, u32) = (0, 0);
        for row in 0..rows {
            let Some(key) = column.key(row) else { continue };
            if before.iter().any(|(_, other)| other.key(row) == Some(key)) {
                continue;
            }
            if key == run.0 {
                run.1 += 1;
                continue;
            }
            self.count_address(run);
            run = (key, 1);
        }
        self.count_address(run);
    }

    #[inline]
    fn count_address(&mut self, (key, rows): (u128, u32)) {
        if rows == 0 {
            return;
        }
        match four_of(Key { section: Section::Address, value: key }) {
            Some(four) => self.fours.add(four, rows),
            None => *self.sixes.entry(key).or_default() += rows,
        }
    }

    /// Counts every key of the texts of a row once, those left out that are addresses of it.
    fn add_texts(
        &mut self,
        columns: &[Vec<Met>],
        addresses: &[(usize, AddressColumn<'_>)],
        rows: u32,
    ) {
        let mut at = vec![0; columns.len()];
        for row in 0..rows {
            self.row += 1;
            for (column, at) in columns.iter().zip(&mut at) {
                while let Some((_, text)) = column.get(*at).filter(|(met, _)| *met == row) {
                    *at += 1;
                    for key in self.known.keys_of(*text) {
                        let (count, last) = &mut self.counts[*key as usize];
                        if *last == self.row
                            || is_named(self.known.keys[*key as usize], addresses, row)
                        {
                            continue;
                        }
                        *last = self.row;
                        if *count == 0 {
                            self.touched.push(*key);
                        }
                        *count += 1;
                    }
                }
            }
        }
    }
}

/// Whether a key is an address that a column of the row holds.
fn is_named(key: Key, addresses: &[(usize, AddressColumn<'_>)], row: u32) -> bool {
    key.section == Section::Address
        && addresses.iter().any(|(_, column)| column.key(row as usize) == Some(key.value))
}

fn four_of(key: Key) -> Option<u32> {
    (key.section == Section::Address && key.value >> 32 == MAPPED).then_some(key.value as u32)
}

fn pack(four: u32, block: u32, rows: u32) -> Packed {
    u64::from(four) << 32 | u64::from(block) << 16 | u64::from(rows.min(0xffff))
}

fn unpack(packed: Packed) -> (u128, Posting) {
    let four = u128::from(packed >> 32);
    let (block, rows) = (packed as u32 >> 16, packed as u32 & 0xffff);
    (MAPPED << 32 | four, Posting { block, rows })
}

/// Two sorted streams as one.
fn merged(
    one: impl Iterator<Item = (u128, Posting)>,
    other: impl Iterator<Item = (u128, Posting)>,
) -> impl Iterator<Item = (u128, Posting)> {
    let (mut one, mut other) = (one.peekable(), other.peekable());
    iter::from_fn(move || match (one.peek(), other.peek()) {
        (Some(a), Some(b)) if (a.0, a.1.block) > (b.0, b.1.block) => other.next(),
        (None, _) => other.next(),
        _ => one.next(),
    })
}

/// Writes the chunks of a section; the entries are sorted by key and block.
fn put_section(
    entries: impl Iterator<Item = (u128, Posting)>,
    out: &mut Vec<u8>,
) -> Vec<ChunkPlace> {
    let mut chunks = Vec::new();
    let mut chunk = OpenChunk::default();
    let mut open: Option<(u128, Vec<Posting>)> = None;
    for (key, posting) in entries {
        match &mut open {
            Some((known, postings)) if *known == key => match postings.last_mut() {
                Some(last) if last.block == posting.block => last.rows += posting.rows,
                _ => postings.push(posting),
            },
            _ => {
                let before = open.replace((key, vec![posting]));
                chunk.put(before, &mut chunks, out);
            }
        }
    }
    chunk.put(open, &mut chunks, out);
    chunk.end(&mut chunks, out);
    chunks
}

#[derive(Default)]
struct OpenChunk {
    first: u128,
    last: u128,
    keys: usize,
    bytes: Vec<u8>,
}

impl OpenChunk {
    fn put(
        &mut self,
        entry: Option<(u128, Vec<Posting>)>,
        chunks: &mut Vec<ChunkPlace>,
        out: &mut Vec<u8>,
    ) {
        let Some((key, postings)) = entry else { return };
        if self.keys == 0 {
            (self.first, self.last) = (key, key);
        }
        put_entry(key - self.last, &postings, &mut self.bytes);
        self.last = key;
        self.keys += 1;
        if self.keys == CHUNK_KEYS {
            self.end(chunks, out);
        }
    }

    fn end(&mut self, chunks: &mut Vec<ChunkPlace>, out: &mut Vec<u8>) {
        if self.keys == 0 {
            return;
        }
        chunks.push(ChunkPlace {
            first: self.first,
            last: self.last,
            at: out.len() as u64,
            length: self.bytes.len() as u32,
            crc: crc32fast::hash(&self.bytes),
        });
        out.append(&mut self.bytes);
        self.keys = 0;
    }
}
