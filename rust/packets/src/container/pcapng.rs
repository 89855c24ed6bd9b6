//! pcapng (draft-ietf-opsawg-pcapng): sections, interfaces, and the packet blocks EPB,
//! SPB and the obsolete PB. Other blocks are passed over.
//!
//! A block tells its length at both ends, which makes damage visible at once. Behind it
//! the next section or packet block whose two lengths agree is searched for.

use serde::{Deserialize, Serialize};

use super::resync::Search;
use super::{Frame, MOST_CAPTURED, Piece, Sink};
use crate::report::{Note, Outcome};
use crate::wire::{u16_in, u32_in};

const SECTION: u32 = 0x0a0d_0d0a;
const BYTE_ORDER: u32 = 0x1a2b_3c4d;
const INTERFACE: u32 = 1;
const OLD_PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;

/// Shortest block: type and both lengths.
const SHORTEST: usize = 12;
/// Longest block that is believed in; the format allows any length.
const LONGEST: usize = 16 << 20;
const OPTION_TSRESOL: u16 = 9;
const OPTION_TSOFFSET: u16 = 14;
const SHOWN: usize = 64;

/// State between two pieces of the stream.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Pcapng {
    big: bool,
    interfaces: Vec<Interface>,
    /// Time of the last packet, for packets that have none of their own.
    clock_us: i64,
    lost: Option<u64>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Interface {
    link: u32,
    snap_length: u32,
    resolution: u8,
    offset_s: i64,
}

/// A whole block: its type and the bytes between the two lengths.
struct Block<'a> {
    kind: u32,
    body: &'a [u8],
    length: usize,
}

enum Step<'a> {
    Block(Block<'a>),
    Damage(&'static str),
    Cut,
    Wait,
}

/// Whether `head` begins like a section header.
pub fn knows(head: &[u8]) -> bool {
    u32_in(head, 0, true) == Some(SECTION)
}

impl Pcapng {
    /// Reads whole blocks; returns the bytes done with.
    pub fn read(&mut self, piece: Piece, sink: &mut impl Sink) -> usize {
        let mut at = 0;
        loop {
            if let Some(start) = self.lost {
                at = self.search_on(piece, at, start, sink);
                if self.lost.is_some() {
                    return at;
                }
            }
            if at == piece.data.len() {
                return at;
            }
            match self.block(piece, at) {
                Step::Block(block) => {
                    let offset = piece.base + at as u64;
                    at += block.length;
                    self.take(&block, offset, sink);
                }
                Step::Damage(reason) => {
                    lose(piece, at, Outcome::BadRecord, reason, sink);
                    self.lost = Some(piece.base + at as u64);
                }
                Step::Cut => {
                    lose(piece, at, Outcome::CutRecord, "cut_record", sink);
                    let rest = piece.data.len() - at;
                    sink.report().note(Note::SkippedBytes, rest as u64);
                    return piece.data.len();
                }
                Step::Wait => return at,
            }
        }
    }

    /// Judges the block at `at`.
    fn block<'a>(&self, piece: Piece<'a>, at: usize) -> Step<'a> {
        let data = piece.data;
        let unfinished = if piece.last { Step::Cut } else { Step::Wait };
        if data.len() < at + SHORTEST {
            return unfinished;
        }
        let Some((kind, big, length)) = self.head(data, at) else {
            let shown = piece.last || data.len() >= at + SHOWN;
            return if shown { Step::Damage("block_header") } else { Step::Wait };
        };
        let Some(bytes) = data.get(at..at + length) else {
            // A wrong length may reach beyond the end while whole blocks follow inside.
            let follows = piece.last && matches!(self.search(piece, at + 1), Search::Found(_));
            return if follows { Step::Damage("block_length") } else { unfinished };
        };
        if u32_in(bytes, length - 4, big) == Some(length as u32) {
            return Step::Block(Block { kind, body: &bytes[8..length - 4], length });
        }
        // Only the second length may be damaged: then a sure block follows where it should.
        match self.begins(piece, at + length) {
            _ if !piece.last && data.len() < at + SHOWN => Step::Wait,
            None => Step::Wait,
            Some(false) if !(piece.last && data.len() == at + length) => {
                Step::Damage("block_length")
            }
            Some(_) => Step::Block(Block { kind, body: &bytes[8..length - 4], length }),
        }
    }

    /// Type, byte order and length of a block that is plausible.
    fn head(&self, data: &[u8], at: usize) -> Option<(u32, bool, usize)> {
        let kind = u32_in(data, at, self.big)?;
        let big = if kind == SECTION { section_order(data, at)? } else { self.big };
        let length = u32_in(data, at + 4, big)? as usize;
        let shortest = match kind {
            SECTION => 28,
            INTERFACE => 20,
            OLD_PACKET | ENHANCED_PACKET => 32,
            SIMPLE_PACKET => 16,
            _ => SHORTEST,
        };
        let fits = (shortest..=LONGEST).contains(&length) && length.is_multiple_of(4);
        fits.then_some((kind, big, length))
    }

    fn search_on(&mut self, piece: Piece, at: usize, start: u64, sink: &mut impl Sink) -> usize {
        let fresh = piece.base + at as u64 == start;
        let from = if fresh && at < piece.data.len() { at + 1 } else { at };
        match self.search(piece, from) {
            Search::Found(next) => {
                sink.report().note(Note::Resync, 1);
                sink.report().note(Note::SkippedBytes, piece.base + next as u64 - start);
                self.lost = None;
                next
            }
            Search::Waiting(_) if piece.last => {
                let end = piece.base + piece.data.len() as u64;
                sink.report().note(Note::SkippedBytes, end - start);
                self.lost = None;
                piece.data.len()
            }
            Search::Waiting(next) => next,
        }
    }

    /// The first place from `from` on where a block begins that one can be sure of.
    fn search(&self, piece: Piece, from: usize) -> Search {
        for at in from..piece.data.len() {
            match self.begins(piece, at) {
                Some(true) => return Search::Found(at),
                Some(false) => {}
                None => return Search::Waiting(at),
            }
        }
        Search::Waiting(piece.data.len().max(from))
    }

    fn begins(&self, piece: Piece, at: usize) -> Option<bool> {
        let unknown = if piece.last { Some(false) } else { None };
        if piece.data.len() < at + 28 {
            return unknown;
        }
        let Some((kind, big, length)) = self.head(piece.data, at) else {
            return Some(false);
        };
        // A packet block that is searched for is a short one, so that little must be held.
        let known = match kind {
            SECTION | INTERFACE => length <= 65_536,
            ENHANCED_PACKET => {
                let interface = u32_in(piece.data, at + 8, big)? as usize;
                let captured = u32_in(piece.data, at + 20, big)? as usize;
                let fits = captured <= MOST_CAPTURED as usize && captured + 32 <= length;
                interface < self.interfaces.len() && fits && length <= captured + 65_536
            }
            OLD_PACKET | SIMPLE_PACKET => length <= 65_536 && !self.interfaces.is_empty(),
            _ => false,
        };
        if !known {
            return Some(false);
        }
        match u32_in(piece.data, at + length - 4, big) {
            Some(again) => Some(again as usize == length),
            None => unknown,
        }
    }

    fn take(&mut self, block: &Block, offset: u64, sink: &mut impl Sink) {
        match block.kind {
            SECTION => {
                self.big = u32_in(block.body, 0, true) == Some(BYTE_ORDER);
                self.interfaces.clear();
            }
            INTERFACE => self.interfaces.extend(Interface::read(block.body, self.big)),
            ENHANCED_PACKET | OLD_PACKET => {
                let old = block.kind == OLD_PACKET;
                self.take_packet(block, offset, old, sink);
            }
            SIMPLE_PACKET => self.take_simple(block, offset, sink),
            _ => {}
        }
    }

    fn take_packet(&mut self, block: &Block, offset: u64, old: bool, sink: &mut impl Sink) {
        let (big, body) = (self.big, block.body);
        let word = |at| u32_in(body, at, big).unwrap_or(0);
        let index = if old { u32::from(u16_in(body, 0, big).unwrap_or(0)) } else { word(0) };
        let stamp = u64::from(word(4)) << 32 | u64::from(word(8));
        let captured = word(12) as usize;
        let interface = self.interfaces.get(index as usize).copied();
        let data = body.get(20..).and_then(|rest| rest.get(..captured));
        let (Some(interface), Some(data)) = (interface, data) else {
            let reason = if interface.is_none() { "interface" } else { "packet_length" };
            return lose_block(block, offset, reason, sink);
        };
        self.clock_us = interface.micros(stamp);
        let link = interface.link;
        sink.frame(&Frame { offset, ts_us: self.clock_us, link, wire_length: word(16), data });
    }

    /// A simple packet belongs to the first interface and has no time.
    fn take_simple(&mut self, block: &Block, offset: u64, sink: &mut impl Sink) {
        let Some(interface) = self.interfaces.first().copied() else {
            return lose_block(block, offset, "interface", sink);
        };
        let wire_length = u32_in(block.body, 0, self.big).unwrap_or(0);
        let limit = if interface.snap_length == 0 { u32::MAX } else { interface.snap_length };
        let held = &block.body[4..];
        let data = &held[..held.len().min(wire_length.min(limit) as usize)];
        sink.report().note(Note::NoTime, 1);
        let (ts_us, link) = (self.clock_us, interface.link);
        sink.frame(&Frame { offset, ts_us, link, wire_length, data });
    }
}

impl Interface {
    fn read(body: &[u8], big: bool) -> Option<Self> {
        let mut interface = Self {
            link: u32::from(u16_in(body, 0, big)?),
            snap_length: u32_in(body, 4, big)?,
            resolution: 6,
            offset_s: 0,
        };
        let mut at = 8;
        while let (Some(code), Some(length)) = (u16_in(body, at, big), u16_in(body, at + 2, big)) {
            let Some(value) = body.get(at + 4..at + 4 + usize::from(length)) else {
                break;
            };
            match (code, value) {
                (0, _) => break,
                (OPTION_TSRESOL, [resolution]) => interface.resolution = *resolution,
                (OPTION_TSOFFSET, value) if value.len() == 8 => {
                    let (one, two) = (u32_in(value, 0, big)?, u32_in(value, 4, big)?);
                    let (high, low) = if big { (one, two) } else { (two, one) };
                    interface.offset_s = (u64::from(high) << 32 | u64::from(low)) as i64;
                }
                _ => {}
            }
            at += 4 + usize::from(length).next_multiple_of(4);
        }
        Some(interface)
    }

    /// A time stamp in units of the interface, as microseconds since 1970; times that do
    /// not fit are held at the bound.
    fn micros(&self, stamp: u64) -> i64 {
        let stamp = u128::from(stamp);
        let digits = u32::from(self.resolution & 0x7f);
        let micros = if self.resolution & 0x80 != 0 {
            (stamp * 1_000_000).checked_shr(digits).unwrap_or(0)
        } else if digits <= 6 {
            stamp * 10u128.pow(6 - digits)
        } else {
            10u128.checked_pow(digits - 6).map_or(0, |unit| stamp / unit)
        };
        let micros = i128::try_from(micros).unwrap_or(i128::MAX);
        let offset = i128::from(self.offset_s) * 1_000_000;
        let bound = i128::from(i64::MAX / 2);
        micros.saturating_add(offset).clamp(-bound, bound) as i64
    }
}

/// Byte order of a section by its magic number, if that is right.
fn section_order(data: &[u8], at: usize) -> Option<bool> {
    match u32_in(data, at + 8, true)? {
        BYTE_ORDER => Some(true),
        0x4d3c_2b1a => Some(false),
        _ => None,
    }
}

fn lose(piece: Piece, at: usize, outcome: Outcome, reason: &str, sink: &mut impl Sink) {
    sink.report().count(outcome);
    sink.report().problem(piece.base + at as u64, reason, &piece.data[at..]);
}

fn lose_block(block: &Block, offset: u64, reason: &str, sink: &mut impl Sink) {
    sink.report().count(Outcome::BadRecord);
    sink.report().problem(offset, reason, block.body);
}
