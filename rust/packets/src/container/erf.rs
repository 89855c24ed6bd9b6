//! ERF, the record format of Endace DAG cards ("ERF Record Types", EDM11-01).
//!
//! There is no file header and no magic number: a stream is ERF when its first records fit
//! together. A record is a time in units of 2^-32 seconds, a type, its own length, how many
//! packets the card lost since the last one, and the length on the wire; extension headers
//! may stand before the frame. Behind damage the next records that fit together are looked
//! for, as in the classic format.

use serde::{Deserialize, Serialize};

use super::{Frame, MOST_CAPTURED, Piece, Sink};
use crate::link::linktype;
use crate::report::{Note, Outcome};
use crate::wire::be16;

const HEADER: usize = 16;
const EXTENSION: usize = 8;
const MOST_EXTENSIONS: usize = 16;
/// Type 2 and its relatives have an offset and a pad byte before the frame.
const ETHERNET_PAD: usize = 2;
const MORE: u8 = 0x80;
const PAD: u8 = 48;
const DAY_S: u32 = 86_400;
/// 2000-01-01 to 2100-01-01: a time outside is none.
const SECONDS: core::ops::Range<u32> = 946_684_800..4_102_444_800;
/// Bytes behind a place that suffice to judge whether a record begins there.
const JUDGED: usize = u16::MAX as usize + HEADER;
const SHOWN: usize = 64;

/// State between two pieces of the stream.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Erf {
    /// Where the damage began that is being searched through.
    lost: Option<u64>,
}

#[derive(Clone, Copy)]
struct Header {
    time: u64,
    kind: u8,
    length: usize,
    missed: u16,
    wire: u16,
}

/// How a record is read that begins at a place.
enum Sight {
    Record(Header),
    Nothing,
    /// More bytes are needed to tell.
    Wait,
}

/// Whether the stream begins with records that fit together; `None`: more bytes are needed.
pub fn knows(piece: Piece) -> Option<bool> {
    match sight(piece, 0) {
        Sight::Record(_) => Some(true),
        Sight::Nothing => Some(false),
        Sight::Wait => None,
    }
}

impl Erf {
    /// Reads whole records; returns the bytes done with.
    pub fn read(&mut self, piece: Piece, sink: &mut impl Sink) -> usize {
        let mut at = 0;
        while at < piece.data.len() {
            if let Some(start) = self.lost {
                let Some(next) = self.search(piece, at, start, sink) else {
                    at = piece
                        .data
                        .len()
                        .saturating_sub(if piece.last { 0 } else { JUDGED })
                        .max(at);
                    break;
                };
                at = next;
            }
            match sight(piece, at) {
                Sight::Record(header) => at = give(piece, at, header, sink),
                Sight::Wait => break,
                Sight::Nothing if is_cut(piece, at) => {
                    lose(piece, at, Outcome::CutRecord, "cut_record", sink);
                    sink.report().note(Note::SkippedBytes, (piece.data.len() - at) as u64);
                    at = piece.data.len();
                }
                Sight::Nothing => {
                    if !piece.last && piece.data.len() < at + SHOWN {
                        break;
                    }
                    lose(piece, at, Outcome::BadRecord, "record_header", sink);
                    self.lost = Some(piece.base + at as u64);
                }
            }
        }
        at
    }

    /// The next place where records fit together; tells of what was passed over.
    fn search(
        &mut self,
        piece: Piece,
        at: usize,
        start: u64,
        sink: &mut impl Sink,
    ) -> Option<usize> {
        let from = if piece.base + at as u64 == start { at + 1 } else { at };
        let found = (from..piece.data.len()).find_map(|place| match sight(piece, place) {
            Sight::Record(_) => Some(Some(place)),
            Sight::Nothing => None,
            Sight::Wait => Some(None),
        });
        let end = match found {
            Some(Some(place)) => place,
            _ if piece.last => piece.data.len(),
            _ => return None,
        };
        sink.report().note(Note::SkippedBytes, piece.base + end as u64 - start);
        sink.report().note(Note::Resync, u64::from(end < piece.data.len()));
        self.lost = None;
        Some(end)
    }
}

/// What begins at `at`: a record is one when what follows it is one too, or nothing.
fn sight(piece: Piece, at: usize) -> Sight {
    let short = if piece.last { Sight::Nothing } else { Sight::Wait };
    let Some(header) = header(piece.data, at) else {
        return short;
    };
    if !is_sane(header) {
        return Sight::Nothing;
    }
    let end = at + header.length;
    if end == piece.data.len() && piece.last {
        return Sight::Record(header);
    }
    match self::header(piece.data, end) {
        Some(next) if is_sane(next) && near(header, next) => Sight::Record(header),
        Some(_) => Sight::Nothing,
        // The last record is whole, and the one behind it is cut.
        None if piece.last && end < piece.data.len() => Sight::Record(header),
        None => short,
    }
}

/// Whether a sound record begins at `at` that the end of the stream cuts.
fn is_cut(piece: Piece, at: usize) -> bool {
    let rest = piece.data.len() - at;
    piece.last
        && (rest < HEADER
            || header(piece.data, at).is_some_and(|head| is_sane(head) && head.length > rest))
}

fn header(data: &[u8], at: usize) -> Option<Header> {
    let time: [u8; 8] = data.get(at..at + 8)?.try_into().ok()?;
    Some(Header {
        time: u64::from_le_bytes(time),
        kind: *data.get(at + 8)?,
        length: usize::from(be16(data, at + 10)?),
        missed: be16(data, at + 12)?,
        wire: be16(data, at + 14)?,
    })
}

fn is_sane(header: Header) -> bool {
    let known = link_of(header.kind).is_some() || header.kind & !MORE == PAD;
    known && header.length >= HEADER && SECONDS.contains(&seconds(header))
}

fn near(one: Header, other: Header) -> bool {
    seconds(one).abs_diff(seconds(other)) <= DAY_S
}

fn seconds(header: Header) -> u32 {
    (header.time >> 32) as u32
}

/// Link type of the frames of a record type, and the bytes before each.
fn link_of(kind: u8) -> Option<(u32, usize)> {
    match kind & !MORE {
        2 | 11 | 16 | 20 => Some((linktype::ETHERNET, ETHERNET_PAD)),
        22 => Some((linktype::IPV4, 0)),
        23 => Some((linktype::IPV6, 0)),
        // HDLC, ATM, InfiniBand and so on: frames of links that are not read
        1 | 3..=10 | 12..=15 | 17..=19 | 21 | 24 | 25 | 27 | 32 => Some((u32::MAX, 0)),
        _ => None,
    }
}

fn give(piece: Piece, at: usize, header: Header, sink: &mut impl Sink) -> usize {
    let end = at + header.length;
    if header.kind & !MORE == PAD {
        return end;
    }
    let (link, pad) = link_of(header.kind).unwrap_or((u32::MAX, 0));
    let body = (behind_extensions(piece.data, at, header.kind) + pad).min(end);
    let captured = (end - body).min(usize::from(header.wire)).min(MOST_CAPTURED as usize);
    sink.report().note(Note::LostCapture, u64::from(header.missed));
    sink.frame(&Frame {
        offset: piece.base + at as u64,
        ts_us: i64::from(seconds(header)) * 1_000_000
            + ((u64::from(header.time as u32) * 1_000_000) >> 32) as i64,
        link,
        wire_length: u32::from(header.wire),
        data: &piece.data[body..body + captured],
    });
    end
}

/// Where the extension headers end; each says in its first bit whether another follows.
fn behind_extensions(data: &[u8], at: usize, kind: u8) -> usize {
    let mut place = at + HEADER;
    let mut more = kind & MORE != 0;
    for _ in 0..MOST_EXTENSIONS {
        if !more {
            break;
        }
        more = data.get(place).is_some_and(|first| first & MORE != 0);
        place += EXTENSION;
    }
    place
}

fn lose(piece: Piece, at: usize, outcome: Outcome, reason: &str, sink: &mut impl Sink) {
    let report = sink.report();
    report.count(outcome);
    report.problem(piece.base + at as u64, reason, &piece.data[at..]);
}

#[cfg(test)]
mod tests {
    use super::super::tests::read;
    use super::*;

    fn record(seconds: u32, kind: u8, missed: u16, wire: u16, body: &[u8]) -> Vec<u8> {
        let mut out = (u64::from(seconds) << 32 | 0x8000_0000).to_le_bytes().to_vec();
        out.extend([kind, 4]);
        for word in [(HEADER + body.len()) as u16, missed, wire] {
            out.extend(word.to_be_bytes());
        }
        out.extend_from_slice(body);
        out
    }

    const T: u32 = 1_700_000_000;

    #[test]
    fn records_have_offset_time_link_and_no_padding() {
        let one = record(T, 2, 0, 5, b"\0\0frameXYZ");
        let two = record(T + 1, 22, 7, 100, b"datagram");
        let stream = [one.clone(), two].concat();
        for size in [1, 7, 1000] {
            let kept = read(&stream, size).unwrap();
            let time = i64::from(T) * 1_000_000 + 500_000;
            assert_eq!(
                kept.frames,
                vec![
                    (0, time, 1, b"frame".to_vec()),
                    (one.len() as u64, time + 1_000_000, 228, b"datagram".to_vec()),
                ]
            );
            assert_eq!(kept.report.notes[Note::LostCapture as usize], 7);
        }
    }

    #[test]
    fn extension_headers_stand_before_the_frame() {
        let body = [&[0x80u8; 8][..], &[0u8; 8], b"\0\0frame"].concat();
        let stream = [record(T, 2 | MORE, 0, 5, &body), record(T, 2, 0, 5, b"\0\0other")].concat();
        let kept = read(&stream, 9).unwrap();
        assert_eq!(kept.frames[0].3, b"frame");
        assert_eq!(kept.frames[1].3, b"other");
    }

    #[test]
    fn damage_costs_what_is_damaged_only() {
        let good = |n: u32| record(T + n, 2, 0, 5, b"\0\0frame");
        let mut stream = [good(0), good(1), good(2), good(3), good(4)].concat();
        let size = good(0).len();
        stream[2 * size + 8] = 0xff; // the type of the third
        let whole = read(&stream, stream.len()).unwrap();
        let places: Vec<u64> = whole.frames.iter().map(|frame| frame.0 / size as u64).collect();
        assert_eq!(places, [0, 3, 4]); // nothing vouches for the second but the third
        for piece in [1, 13, 64] {
            assert_eq!(read(&stream, piece).unwrap().frames, whole.frames);
        }
        assert!(whole.report.damaged);
        let cut = read(&stream[..size + 5], 3).unwrap();
        assert_eq!(cut.frames.len(), 1);
        assert_eq!(cut.report.outcomes[Outcome::CutRecord as usize], 1);
    }

    #[test]
    fn other_streams_are_none() {
        assert!(read(b"GET / HTTP/1.1\r\nHost: example\r\n\r\n", 5).is_err());
        assert!(read(&[0; 64], 64).is_err());
        assert!(read(&record(100, 2, 0, 5, b"\0\0frame"), 64).is_err()); // in 1970
    }
}
