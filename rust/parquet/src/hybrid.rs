//! The hybrid of runs and packed bits that holds levels and dictionary indices.

use crate::bytes::put_varint;

/// Levels: few values, long runs.
#[derive(Default)]
pub struct LevelEncoder {
    bits: u32,
    out: Vec<u8>,
    /// Values that wait to be packed, fewer than eight unless a run follows.
    waiting: Vec<u8>,
}

impl LevelEncoder {
    /// For levels from 0 to `highest`.
    pub fn new(highest: u8) -> Self {
        Self { bits: u8::BITS - highest.leading_zeros(), ..Self::default() }
    }

    /// Appends `count` times `level`.
    pub fn push_run(&mut self, level: u8, mut count: usize) {
        let gap = (8 - self.waiting.len() % 8) % 8;
        let filler = gap.min(count);
        self.waiting.extend(std::iter::repeat_n(level, filler));
        count -= filler;
        if count >= 8 {
            self.pack();
            put_varint(&mut self.out, (count as u64) << 1);
            self.out.push(level);
        } else {
            self.waiting.extend(std::iter::repeat_n(level, count));
        }
    }

    fn pack(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let groups = self.waiting.len().div_ceil(8);
        put_varint(&mut self.out, (groups as u64) << 1 | 1);
        self.waiting.resize(groups * 8, 0);
        for group in self.waiting.chunks_exact(8) {
            let packed =
                group.iter().rev().fold(0u64, |sum, level| sum << self.bits | u64::from(*level));
            self.out.extend_from_slice(&packed.to_le_bytes()[..self.bits as usize]);
        }
        self.waiting.clear();
    }

    /// The levels with their length in front, as data pages of version 1 hold them.
    pub fn finish_into(mut self, page: &mut Vec<u8>) {
        self.pack();
        page.extend_from_slice(&(self.out.len() as u32).to_le_bytes());
        page.extend_from_slice(&self.out);
    }
}

/// Appends the width of indices and the indices, packed at whole bytes. Of more than two
/// bytes the compressor makes nothing, so those are packed at bits.
pub fn put_indices(page: &mut Vec<u8>, indices: &[u32]) {
    let groups = indices.len().div_ceil(8);
    let filler = groups * 8 - indices.len();
    let used = indices.iter().fold(0, |bits, index| bits | index);
    let width = byte_width(used);
    if width > 2 {
        return put_bits(page, indices, u32::BITS - used.leading_zeros());
    }
    page.push(width as u8 * 8);
    put_varint(page, (groups as u64) << 1 | 1);
    match width {
        1 => page.extend(indices.iter().map(|index| *index as u8)),
        _ => page.extend(indices.iter().flat_map(|index| (*index as u16).to_le_bytes())),
    }
    page.resize(page.len() + filler * width, 0);
}

/// Appends indices of `width` bits, filled up to groups of eight.
fn put_bits(page: &mut Vec<u8>, indices: &[u32], width: u32) {
    let groups = indices.len().div_ceil(8);
    page.push(width as u8);
    put_varint(page, (groups as u64) << 1 | 1);
    let end = page.len() + groups * width as usize;
    let (mut held, mut bits) = (0u64, 0);
    for index in indices {
        held |= u64::from(*index) << bits;
        bits += width;
        if bits >= u32::BITS {
            page.extend_from_slice(&(held as u32).to_le_bytes());
            held >>= u32::BITS;
            bits -= u32::BITS;
        }
    }
    page.extend_from_slice(&held.to_le_bytes());
    page.resize(end, 0);
}

/// Appends `count` times the same index.
pub fn put_one_index(page: &mut Vec<u8>, index: u32, count: usize) {
    let width = byte_width(index);
    page.push(width as u8 * 8);
    put_varint(page, (count as u64) << 1);
    page.extend_from_slice(&index.to_le_bytes()[..width]);
}

fn byte_width(bits: u32) -> usize {
    match bits {
        0..=0xff => 1,
        0x100..=0xffff => 2,
        _ => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_indices_are_packed_from_the_lowest_bit() {
        let indices = [0x1_0001, 2, 0x1_ffff, 0, 5, 6, 7, 8, 0x1_2345];
        let mut page = Vec::new();
        put_indices(&mut page, &indices);
        // Width, then two groups of eight in one run of packed values (Parquet, RLE hybrid).
        assert_eq!(page[..2], [17, 2 << 1 | 1]);
        assert_eq!(page.len(), 2 + 2 * 17);
        let bit = |at: usize| u32::from(page[2 + at / 8] >> (at % 8) & 1);
        let value = |at: usize| (0..17).fold(0, |sum, digit| sum | bit(17 * at + digit) << digit);
        let read: Vec<u32> = (0..16).map(value).collect();
        assert_eq!(read[..9], indices);
        assert_eq!(read[9..], [0; 7]);
    }
}
