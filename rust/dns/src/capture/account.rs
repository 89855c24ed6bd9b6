//! Outcomes of the frames that are IP datagrams; the others are the container's.

use kaname_packets::report::{MOST_PROBLEMS, Outcome as Framed, Problem};
use serde::{Deserialize, Serialize};

/// What became of an IP datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It brought one message or more.
    Dns,
    MalformedDns,
    /// Too little of it was captured to know the question.
    CutDns,
    /// A TCP segment that completed no message.
    Segment,
    /// A fragment that completed no datagram.
    Fragment,
    /// Of another port or protocol.
    OtherPort,
}

/// Names of the outcomes, in the order of [`Outcome`].
pub const OUTCOMES: [&str; 6] =
    ["dns", "malformed_dns", "cut_dns", "tcp_segment", "fragment", "not_dns"];

/// Things that happen besides an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// Messages of which less was captured than was sent.
    Truncated,
    /// Datagrams put together from fragments.
    Reassembled,
    /// Datagrams of which not all fragments came.
    FragmentsLost,
    /// Datagrams whose fragments contradict each other (RFC 5722).
    FragmentsOverlap,
    /// TCP segments that brought what was there already.
    Retransmitted,
    /// TCP segments that came too early.
    OutOfOrder,
    /// Gaps in TCP streams that were never filled.
    Gaps,
    /// Streams let go because there were too many.
    StreamsDropped,
    /// Messages in streams that cannot be read.
    MalformedInStream,
    /// Messages without a question.
    NoQuestion,
}

/// Names of the notes, in the order of [`Note`].
pub const NOTES: [&str; 10] = [
    "truncated",
    "reassembled",
    "fragments_lost",
    "fragments_overlap",
    "tcp_retransmitted",
    "tcp_out_of_order",
    "tcp_gaps",
    "tcp_streams_dropped",
    "malformed_in_stream",
    "no_question",
];

const SHOWN_BYTES: usize = 64;

/// Running account of one source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    pub outcomes: [u64; OUTCOMES.len()],
    pub notes: [u64; NOTES.len()],
    pub problems: Vec<Problem>,
}

impl Account {
    #[inline]
    pub fn count(&mut self, outcome: Outcome) {
        self.outcomes[outcome as usize] += 1;
    }

    #[inline]
    pub fn note(&mut self, note: Note, times: u64) {
        self.notes[note as usize] += times;
    }

    pub fn problem(&mut self, offset: u64, reason: &str, data: &[u8]) {
        if self.problems.len() < MOST_PROBLEMS {
            let data = data[..data.len().min(SHOWN_BYTES)].to_vec();
            self.problems.push(Problem { offset, reason: reason.to_owned(), data });
        }
    }
}

/// Whether a frame of this outcome is told of as a problem.
pub fn is_malformed(outcome: Framed) -> bool {
    !matches!(outcome, Framed::NotIp | Framed::UnsupportedLink)
}
