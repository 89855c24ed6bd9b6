//! The account of one source: outcomes that add up, notes besides, problems.

use crate::container::Frame;
use serde::{Deserialize, Serialize};

/// What became of a record. Every record has exactly one outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Ipv4,
    Ipv6,
    NotIp,
    UnsupportedLink,
    ShortLink,
    BadIpv4,
    BadIpv6,
    /// A container record whose header or length cannot be right.
    BadRecord,
    /// A container record that the end of the source cuts.
    CutRecord,
}

/// Names of the outcomes, in the order of [`Outcome`].
pub const OUTCOMES: [&str; 9] = [
    "ipv4",
    "ipv6",
    "not_ip",
    "unsupported_link",
    "short_link",
    "malformed_ipv4",
    "malformed_ipv6",
    "malformed_record",
    "cut_record",
];

/// Things that happen besides an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// Packets of which less was captured than was sent.
    Truncated,
    /// Packets of fragmented datagrams.
    Fragments,
    /// Packets inside VLAN tags.
    Vlan,
    /// Packets of a minute whose rows had been given out already.
    Late,
    /// Minutes given out early because too many packets were held.
    Split,
    /// Times the reader had to look for the next whole record.
    Resync,
    /// Bytes that belong to no record that was read.
    SkippedBytes,
    /// Packets without a time of their own; they take the one before.
    NoTime,
    /// Packets whose time is before 1970 or after 9999; it is moved to that bound.
    OddTime,
    /// Packets that what captured them says it lost.
    LostCapture,
    /// Packets of victims beyond those that are watched at a time.
    Unwatched,
}

/// Names of the notes, in the order of [`Note`].
pub const NOTES: [&str; 11] = [
    "truncated",
    "fragments",
    "vlan",
    "late",
    "split",
    "resync",
    "skipped_bytes",
    "no_time",
    "odd_time",
    "lost_capture",
    "unwatched",
];

/// Problems beyond this number are counted, not described.
pub const MOST_PROBLEMS: usize = 20;
const SHOWN_BYTES: usize = 64;

/// Damage: where, why, and the first bytes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    pub offset: u64,
    pub reason: String,
    pub data: Vec<u8>,
}

/// Running account of one source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub outcomes: [u64; OUTCOMES.len()],
    pub notes: [u64; NOTES.len()],
    pub problems: Vec<Problem>,
    pub damaged: bool,
    pub first_us: Option<i64>,
    pub last_us: Option<i64>,
}

impl Report {
    #[inline]
    pub fn count(&mut self, outcome: Outcome) {
        self.outcomes[outcome as usize] += 1;
    }

    #[inline]
    pub fn note(&mut self, note: Note, times: u64) {
        self.notes[note as usize] += times;
    }

    /// Records seen so far: the sum of the outcomes.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.outcomes.iter().sum()
    }

    pub fn problem(&mut self, offset: u64, reason: &str, data: &[u8]) {
        self.damaged = true;
        if self.problems.len() < MOST_PROBLEMS {
            let data = data[..data.len().min(SHOWN_BYTES)].to_vec();
            self.problems.push(Problem { offset, reason: reason.to_owned(), data });
        }
    }

    /// Tells of a frame whose headers cannot be right. A packet from the wire may be
    /// malformed in a sound capture, so this is no damage.
    pub fn problem_in(&mut self, frame: &Frame, outcome: Outcome) {
        let damaged = self.damaged;
        self.problem(frame.offset, OUTCOMES[outcome as usize], frame.data);
        self.damaged = damaged;
    }

    #[inline]
    pub fn span(&mut self, ts_us: i64) {
        self.first_us = Some(self.first_us.map_or(ts_us, |first| first.min(ts_us)));
        self.last_us = Some(self.last_us.map_or(ts_us, |last| last.max(ts_us)));
    }
}
