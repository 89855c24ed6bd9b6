//! Blocks of a capture ring of Linux (`AF_PACKET`, `TPACKET_V3`), as the kernel fills them.
//!
//! A block is memory that the kernel writes: what it says of itself is checked like the
//! bytes of a file, so that no offset leads out of it and no chain of packets is endless.
//! See `struct tpacket_block_desc` and `struct tpacket3_hdr` in `<linux/if_packet.h>`, and
//! Documentation/networking/packet_mmap.rst.

use crate::container::Frame;

/// Bytes of `tpacket_block_desc` with its `tpacket_hdr_v1`.
const BLOCK_HEADER: usize = 48;
/// Bytes of `tpacket3_hdr`.
const PACKET_HEADER: usize = 48;
const PACKETS_AT: usize = 12;
const FIRST_AT: usize = 16;
const USED_AT: usize = 20;
const MICROS: i64 = 1_000_000;

/// Why a block cannot be what the kernel says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadBlock {
    /// It is shorter than its header, or than what it says it holds.
    Short,
    /// A packet lies outside the block, or before the one in front of it.
    Offset,
}

/// Gives the frames of `block` in order to `give`, numbered from `first`; how many they were.
///
/// Frames in front of a bad offset have been given when it is met.
///
/// # Errors
///
/// [`BadBlock`]
pub fn frames(
    block: &[u8],
    link: u32,
    first: u64,
    mut give: impl FnMut(&Frame),
) -> Result<u64, BadBlock> {
    if block.len() < BLOCK_HEADER {
        return Err(BadBlock::Short);
    }
    let count = u32_at(block, PACKETS_AT).ok_or(BadBlock::Short)?;
    let used = u32_at(block, USED_AT).ok_or(BadBlock::Short)? as usize;
    let Some(used) = block.get(..used.max(BLOCK_HEADER)) else {
        return Err(BadBlock::Short);
    };
    let mut at = u32_at(block, FIRST_AT).ok_or(BadBlock::Short)? as usize;
    for number in 0..u64::from(count) {
        if at < BLOCK_HEADER || at + PACKET_HEADER > used.len() {
            return Err(BadBlock::Offset);
        }
        let packet = &used[at..];
        give(&frame(packet, link, first + number)?);
        let next = u32_at(packet, 0).ok_or(BadBlock::Offset)? as usize;
        // The last packet says 0. A packet is at least as long as its header, so that the
        // chain ends with the block.
        if number + 1 < u64::from(count) && next < PACKET_HEADER {
            return Err(BadBlock::Offset);
        }
        at += next;
    }
    Ok(u64::from(count))
}

fn frame(packet: &[u8], link: u32, offset: u64) -> Result<Frame<'_>, BadBlock> {
    let word = |at: usize| u32_at(packet, at).ok_or(BadBlock::Offset);
    let (seconds, nanos) = (word(4)?, word(8)?);
    let (captured, wire) = (word(12)? as usize, word(16)?);
    let start = usize::from(u16_at(packet, 24).ok_or(BadBlock::Offset)?);
    let end = start.checked_add(captured).ok_or(BadBlock::Offset)?;
    if start < PACKET_HEADER {
        return Err(BadBlock::Offset);
    }
    let data = packet.get(start..end).ok_or(BadBlock::Offset)?;
    let ts_us = i64::from(seconds) * MICROS + i64::from(nanos / 1000);
    Ok(Frame { offset, ts_us, link, wire_length: wire, data })
}

fn u32_at(data: &[u8], at: usize) -> Option<u32> {
    data.get(at..at + 4)?.try_into().ok().map(u32::from_ne_bytes)
}

fn u16_at(data: &[u8], at: usize) -> Option<u16> {
    data.get(at..at + 2)?.try_into().ok().map(u16::from_ne_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATA: &[u8] = b"0123456789abcdef";

    fn put(block: &mut [u8], at: usize, value: u32) {
        block[at..at + 4].copy_from_slice(&value.to_ne_bytes());
    }

    /// A block of `count` packets of 16 bytes, laid out as the kernel does.
    fn block(count: usize) -> Vec<u8> {
        let stride = 128;
        let mut made = vec![0; 4096];
        put(&mut made, PACKETS_AT, count as u32);
        put(&mut made, FIRST_AT, BLOCK_HEADER as u32);
        put(&mut made, USED_AT, (BLOCK_HEADER + count * stride) as u32);
        for number in 0..count {
            let at = BLOCK_HEADER + number * stride;
            put(&mut made, at, if number + 1 == count { 0 } else { stride as u32 });
            put(&mut made, at + 4, 1_700_000_000);
            put(&mut made, at + 8, 123_456_789);
            put(&mut made, at + 12, DATA.len() as u32);
            put(&mut made, at + 16, 60);
            made[at + 24..at + 26].copy_from_slice(&82u16.to_ne_bytes());
            made[at + 82..at + 82 + DATA.len()].copy_from_slice(DATA);
        }
        made
    }

    fn read(block: &[u8]) -> (Result<u64, BadBlock>, usize) {
        let mut seen = 0;
        let count = frames(block, 1, 7, |frame| {
            assert_eq!(frame.data, DATA);
            assert_eq!(frame.wire_length, 60);
            assert_eq!(frame.ts_us, 1_700_000_000_123_456);
            assert_eq!(frame.offset, 7 + seen as u64);
            seen += 1;
        });
        (count, seen)
    }

    #[test]
    fn packets_come_in_order_with_their_time() {
        assert_eq!(read(&block(3)), (Ok(3), 3));
        assert_eq!(read(&block(0)), (Ok(0), 0));
    }

    #[test]
    fn offsets_that_lead_out_are_refused_after_what_is_whole() {
        let mut far = block(3);
        put(&mut far, BLOCK_HEADER + 128, u32::MAX);
        assert_eq!(read(&far), (Err(BadBlock::Offset), 2));
        let mut first = block(3);
        put(&mut first, FIRST_AT, 4090);
        assert_eq!(read(&first), (Err(BadBlock::Offset), 0));
        let mut long = block(2);
        put(&mut long, BLOCK_HEADER + 128 + 12, 4096);
        assert_eq!(read(&long), (Err(BadBlock::Offset), 1));
        let mut inside = block(1);
        inside[BLOCK_HEADER + 24..BLOCK_HEADER + 26].copy_from_slice(&8u16.to_ne_bytes());
        assert_eq!(read(&inside).0, Err(BadBlock::Offset));
    }

    #[test]
    fn a_chain_that_stands_still_ends() {
        let mut still = block(2);
        put(&mut still, PACKETS_AT, u32::MAX);
        put(&mut still, BLOCK_HEADER, 0);
        assert_eq!(read(&still), (Err(BadBlock::Offset), 1));
    }

    #[test]
    fn a_block_shorter_than_it_says_is_refused() {
        let mut short = block(1);
        put(&mut short, USED_AT, 5000);
        assert_eq!(read(&short), (Err(BadBlock::Short), 0));
        assert_eq!(read(&[0; 47]), (Err(BadBlock::Short), 0));
    }
}
