//! `DELTA_BINARY_PACKED` and `BYTE_STREAM_SPLIT`.

use crate::bytes::{put_varint, zigzag};
use crate::leaf::Number;

const BLOCK: usize = 128;
const MINIBLOCK: usize = 32;

/// Appends `values` as differences packed in miniblocks.
pub fn put_deltas<T: Number>(page: &mut Vec<u8>, values: &[T]) {
    put_varint(page, BLOCK as u64);
    put_varint(page, (BLOCK / MINIBLOCK) as u64);
    put_varint(page, values.len() as u64);
    put_varint(page, zigzag(values.first().map_or(0, |first| first.signed())));
    let mut deltas = [0i64; BLOCK];
    for at in (1..values.len()).step_by(BLOCK) {
        let count = BLOCK.min(values.len() - at);
        for (place, delta) in deltas[..count].iter_mut().enumerate() {
            *delta = values[at + place].difference(values[at + place - 1]);
        }
        put_block::<T>(page, &mut deltas, count);
    }
}

fn put_block<T: Number>(page: &mut Vec<u8>, deltas: &mut [i64; BLOCK], count: usize) {
    let least = deltas[..count].iter().copied().min().unwrap_or(0);
    put_varint(page, zigzag(least));
    deltas[count..].fill(least);
    if deltas.iter().all(|delta| *delta == least) {
        page.extend_from_slice(&[0; BLOCK / MINIBLOCK]);
        return;
    }
    let widths_at = page.len();
    page.extend_from_slice(&[0; BLOCK / MINIBLOCK]);
    for (index, miniblock) in deltas.chunks_exact(MINIBLOCK).enumerate() {
        if index * MINIBLOCK >= count {
            break;
        }
        let mut above = [0u64; MINIBLOCK];
        for (place, delta) in miniblock.iter().enumerate() {
            above[place] = T::unsigned(delta.wrapping_sub(least));
        }
        let width = u64::BITS - above.iter().fold(0, |bits, value| bits | value).leading_zeros();
        page[widths_at + index] = width as u8;
        put_packed(page, &above, width);
    }
}

/// Packs 32 numbers of `width` bits.
fn put_packed(page: &mut Vec<u8>, values: &[u64; MINIBLOCK], width: u32) {
    if width > u32::BITS {
        return put_wide(page, values, width);
    }
    let mut packed = [0u8; MINIBLOCK * 4 + 8];
    let (mut held, mut bits, mut at) = (0u64, 0, 0);
    for pair in values.chunks_exact(2) {
        let two = pair[0] | pair[1] << width;
        held |= two << bits;
        bits += 2 * width;
        if bits >= u64::BITS {
            packed[at..at + 8].copy_from_slice(&held.to_le_bytes());
            at += 8;
            bits -= u64::BITS;
            held = if bits == 0 { 0 } else { two >> (2 * width - bits) };
        }
    }
    packed[at..at + 8].copy_from_slice(&held.to_le_bytes());
    page.extend_from_slice(&packed[..MINIBLOCK / 8 * width as usize]);
}

fn put_wide(page: &mut Vec<u8>, values: &[u64; MINIBLOCK], width: u32) {
    let (mut held, mut bits) = (0u128, 0);
    for value in values {
        held |= u128::from(*value) << bits;
        bits += width;
        if bits >= u64::BITS {
            page.extend_from_slice(&(held as u64).to_le_bytes());
            held >>= u64::BITS;
            bits -= u64::BITS;
        }
    }
    page.extend_from_slice(&(held as u64).to_le_bytes()[..bits as usize / 8]);
}

/// Appends the first bytes of all values, then all second bytes, and so on.
pub fn put_split<T: Number>(page: &mut Vec<u8>, values: &[T]) {
    let Some(first) = values.first().map(|first| first.signed()) else { return };
    let varying = values.iter().fold(0, |bits, value| bits | (value.signed() ^ first));
    for place in 0..T::WIDTH {
        let shift = 8 * place;
        // The high bytes of counts are all the same.
        if varying >> shift & 0xff == 0 {
            page.resize(page.len() + values.len(), (first >> shift) as u8);
        } else {
            page.extend(values.iter().map(|value| (value.signed() >> shift) as u8));
        }
    }
}
