//! The classic capture file (draft-ietf-opsawg-pcap): microseconds or nanoseconds, both
//! byte orders.
//!
//! A record has no mark of its own, so a wrong length shows only in what follows. Every
//! record is therefore judged together with the header behind it; when that is not
//! plausible, the next whole record is searched for inside the record in question first,
//! and behind it only when there is none inside.

use serde::{Deserialize, Serialize};

use super::resync::{Search, ipv4_end};
use super::{Frame, MOST_CAPTURED, Piece, Sink};
use crate::report::{Note, Outcome};
use crate::wire::u32_in;

pub const FILE_HEADER: usize = 24;
const RECORD_HEADER: usize = 16;
const DAY_S: u32 = 86_400;
/// Longest record that a search believes in.
const MOST_PLAUSIBLE: u32 = 65_535;
/// Bytes behind a place that suffice to judge whether a record begins there.
const JUDGED: usize = RECORD_HEADER + MOST_PLAUSIBLE as usize + RECORD_HEADER;
/// After so many bytes without a record the clock is no longer held against candidates.
const CLOCK_TRUSTED: u64 = 65_536;

/// Bytes of damage that a report shows.
const SHOWN: usize = 64;

/// State between two pieces of the stream.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pcap {
    big: bool,
    nanos: bool,
    link: u32,
    /// Seconds of the last record whose time agreed with those before.
    clock: Option<u32>,
    /// Seconds of the last record, when its time did not agree.
    odd_clock: Option<u32>,
    /// Where the damage began that is being searched through.
    lost: Option<u64>,
}

#[derive(Clone, Copy)]
struct Header {
    seconds: u32,
    fraction: u32,
    captured: u32,
    wire: u32,
}

/// What is to be done at a place of the stream.
enum Step {
    Frame(Header),
    /// A packet whose record overlaps the next one, which begins at the place given: one
    /// of the two is damaged, and nothing tells which.
    Overlap(Header, usize),
    /// A record that cannot be right; the stream goes on at the place given.
    Skip(usize, &'static str),
    /// No plausible header here: search.
    Search(&'static str),
    Cut,
    Wait,
}

impl Pcap {
    pub fn knows(head: &[u8]) -> bool {
        order(head).is_some()
    }

    pub fn open(head: &[u8]) -> Option<Self> {
        let (big, nanos) = order(head)?;
        // The upper bits of the link type tell the length of a frame check sequence.
        let link = u32_in(head, 20, big)? & 0x0fff_ffff;
        Some(Self { big, nanos, link, clock: None, odd_clock: None, lost: None })
    }

    /// Reads whole records; returns the bytes done with.
    pub fn read(&mut self, piece: Piece, sink: &mut impl Sink) -> usize {
        let mut at = 0;
        loop {
            if self.lost.is_some() {
                at = self.search_on(piece, at, sink);
                if self.lost.is_some() {
                    return at;
                }
            }
            at = self.read_sound(piece, at, sink);
            if at == piece.data.len() {
                return at;
            }
            match self.judge(piece, at) {
                Step::Frame(header) => at = self.give(piece, at, header, sink),
                Step::Overlap(header, next) => {
                    sink.report().problem(
                        piece.base + at as u64,
                        "record_overlap",
                        &piece.data[at..],
                    );
                    sink.report().note(Note::Resync, 1);
                    self.give(piece, at, header, sink);
                    at = next;
                }
                Step::Skip(next, reason) => {
                    lose(piece, at, Outcome::BadRecord, reason, sink);
                    sink.report().note(Note::Resync, 1);
                    sink.report().note(Note::SkippedBytes, (next - at) as u64);
                    at = next;
                }
                Step::Search(reason) => {
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

    /// Gives records as long as nothing is to be said of them, and returns where that ends.
    ///
    /// That is nearly always at the end of the piece, so each header is read once here, as
    /// the one behind a record and then as that of the next.
    #[inline]
    fn read_sound(&mut self, piece: Piece, mut at: usize, sink: &mut impl Sink) -> usize {
        let Some(mut header) = self.header(piece.data, at).filter(|head| self.is_sane(*head))
        else {
            return at;
        };
        while self.is_calm(header) {
            let end = at + RECORD_HEADER + header.captured as usize;
            let Some(next) = self.header(piece.data, end) else { return at };
            if !(self.is_sane(next) && near(header.seconds, next.seconds)) {
                return at;
            }
            at = self.give(piece, at, header, sink);
            header = next;
        }
        at
    }

    #[inline]
    fn give(&mut self, piece: Piece, at: usize, header: Header, sink: &mut impl Sink) -> usize {
        let end = at + RECORD_HEADER + header.captured as usize;
        let fraction = i64::from(header.fraction);
        self.follow_clock(header.seconds);
        sink.frame(&Frame {
            offset: piece.base + at as u64,
            ts_us: i64::from(header.seconds) * 1_000_000
                + if self.nanos { fraction / 1000 } else { fraction },
            link: self.link,
            wire_length: header.wire,
            data: &piece.data[at + RECORD_HEADER..end],
        });
        end
    }

    #[inline]
    fn judge(&self, piece: Piece, at: usize) -> Step {
        let data = piece.data;
        let Some(header) = self.header(data, at) else {
            return if piece.last { Step::Cut } else { Step::Wait };
        };
        if !self.is_sane(header) {
            let shown = piece.last || data.len() >= at + SHOWN;
            return if shown { Step::Search("record_header") } else { Step::Wait };
        }
        let end = at + RECORD_HEADER + header.captured as usize;
        if end > data.len() {
            return self.judge_long(piece, at);
        }
        let calm = self.is_calm(header);
        match self.header(data, end) {
            Some(next) if calm && self.is_sane(next) && near(header.seconds, next.seconds) => {
                Step::Frame(header)
            }
            None if !piece.last => Step::Wait,
            None if calm => Step::Frame(header),
            _ => self.judge_doubtful(piece, at, header),
        }
    }

    /// A record that reaches beyond the bytes that are there.
    fn judge_long(&self, piece: Piece, at: usize) -> Step {
        if !piece.last {
            return Step::Wait;
        }
        match self.search(piece, at + RECORD_HEADER, piece.data.len(), self.clock) {
            Search::Found(next) => Step::Skip(next, "record_length"),
            Search::Waiting(_) => Step::Cut,
        }
    }

    /// The clock jumps here, or the header behind makes no sense: either this record is
    /// wrong, and then another begins inside it, or it is right.
    fn judge_doubtful(&self, piece: Piece, at: usize, header: Header) -> Step {
        let end = at + RECORD_HEADER + header.captured as usize;
        if !piece.last && piece.data.len() < end + JUDGED {
            return Step::Wait;
        }
        let trusted = self.is_sane(header) && header.captured <= header.wire;
        let own = trusted.then_some(header.seconds);
        let body = at + RECORD_HEADER;
        let needed = ipv4_end(self.link, &piece.data[body..end]).unwrap_or(0);
        match self.search(piece, body, end, self.clock.or(own)) {
            Search::Found(next) if body + needed > next && body + needed <= end => {
                Step::Overlap(header, next)
            }
            Search::Found(next) => Step::Skip(next, "record_length"),
            Search::Waiting(_) => Step::Frame(header),
        }
    }

    /// Goes on searching; clears `lost` when a record was found.
    fn search_on(&mut self, piece: Piece, at: usize, sink: &mut impl Sink) -> usize {
        let start = self.lost.unwrap_or(piece.base);
        let mut from = at;
        // The place of the damage itself was judged already.
        if piece.base + at as u64 == start && at < piece.data.len() {
            from += 1;
        }
        loop {
            let trusted = (start + CLOCK_TRUSTED).saturating_sub(piece.base);
            let to = piece.data.len().min(trusted as usize).max(from);
            let (limit, clock) =
                if from < to { (to, self.clock) } else { (piece.data.len(), None) };
            match self.search(piece, from, limit, clock) {
                Search::Found(next) => {
                    let skipped = piece.base + next as u64 - start;
                    sink.report().note(Note::Resync, 1);
                    sink.report().note(Note::SkippedBytes, skipped);
                    self.lost = None;
                    return next;
                }
                Search::Waiting(next) if next == limit && limit < piece.data.len() => from = next,
                Search::Waiting(_) if piece.last => {
                    let skipped = piece.base + piece.data.len() as u64 - start;
                    sink.report().note(Note::SkippedBytes, skipped);
                    self.lost = None;
                    return piece.data.len();
                }
                Search::Waiting(next) => return next,
            }
        }
    }

    /// The first place in `from..to` where a record begins.
    fn search(&self, piece: Piece, from: usize, to: usize, clock: Option<u32>) -> Search {
        for at in from..to {
            match self.begins(piece, at, clock) {
                Some(true) => return Search::Found(at),
                Some(false) => {}
                None => return Search::Waiting(at),
            }
        }
        Search::Waiting(to)
    }

    /// Whether a record begins at `at`; `None` when more bytes are needed to tell.
    #[inline]
    fn begins(&self, piece: Piece, at: usize, clock: Option<u32>) -> Option<bool> {
        let Some(header) = self.header(piece.data, at) else {
            return if piece.last { Some(false) } else { None };
        };
        let plausible = (1..=MOST_PLAUSIBLE).contains(&header.captured)
            && (header.captured..=MOST_CAPTURED).contains(&header.wire)
            && header.fraction < self.limit()
            && clock.is_none_or(|clock| near(clock, header.seconds));
        if plausible { self.is_followed(piece, at, header, clock.is_some()) } else { Some(false) }
    }

    /// Whether what stands behind the candidate, or in it, speaks for it.
    fn is_followed(&self, piece: Piece, at: usize, header: Header, timed: bool) -> Option<bool> {
        let data = piece.data;
        let end = at + RECORD_HEADER + header.captured as usize;
        if let Some(next) = self.header(data, end) {
            if self.is_sane(next) && near(header.seconds, next.seconds) {
                return Some(true);
            }
        } else if !piece.last {
            return None;
        }
        let whole = end <= data.len();
        let body = data.get(at + RECORD_HEADER..end).unwrap_or_default();
        // The checksum of a datagram speaks for the record even where no clock does.
        Some(whole && (timed && end == data.len() || ipv4_end(self.link, body).is_some()))
    }

    #[inline]
    fn header(&self, data: &[u8], at: usize) -> Option<Header> {
        let head: &[u8; RECORD_HEADER] = data.get(at..at + RECORD_HEADER)?.try_into().ok()?;
        let word = |index: usize| {
            let bytes = [head[index], head[index + 1], head[index + 2], head[index + 3]];
            if self.big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
        };
        Some(Header { seconds: word(0), fraction: word(4), captured: word(8), wire: word(12) })
    }

    #[inline]
    fn is_sane(&self, header: Header) -> bool {
        header.captured <= MOST_CAPTURED && header.wire != 0 && header.fraction < self.limit()
    }

    /// Nothing about the record itself is odd: its time agrees with those before, and no
    /// more was captured than was sent.
    #[inline]
    fn is_calm(&self, header: Header) -> bool {
        header.captured <= header.wire && self.clock.is_none_or(|clock| near(clock, header.seconds))
    }

    #[inline]
    fn limit(&self) -> u32 {
        if self.nanos { 1_000_000_000 } else { 1_000_000 }
    }

    /// One record with another date is a jump or damage; two that agree are a jump.
    #[inline]
    fn follow_clock(&mut self, seconds: u32) {
        let agrees = self.clock.is_none_or(|clock| near(clock, seconds));
        if agrees || self.odd_clock.is_some_and(|odd| near(odd, seconds)) {
            self.clock = Some(seconds);
            self.odd_clock = None;
        } else {
            self.odd_clock = Some(seconds);
        }
    }
}

/// Byte order (big?) and resolution (nanoseconds?) by the magic number.
fn order(head: &[u8]) -> Option<(bool, bool)> {
    match u32_in(head, 0, true)? {
        0xa1b2_c3d4 => Some((true, false)),
        0xa1b2_3c4d => Some((true, true)),
        0xd4c3_b2a1 => Some((false, false)),
        0x4d3c_b2a1 => Some((false, true)),
        _ => None,
    }
}

#[inline]
fn near(one: u32, other: u32) -> bool {
    one.abs_diff(other) <= DAY_S
}

fn lose(piece: Piece, at: usize, outcome: Outcome, reason: &str, sink: &mut impl Sink) {
    let report = sink.report();
    report.count(outcome);
    report.problem(piece.base + at as u64, reason, &piece.data[at..]);
}
