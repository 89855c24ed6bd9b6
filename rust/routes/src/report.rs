//! The account of one source: outcomes that add up, notes besides, problems.

/// What became of an MRT record. Every record has exactly one outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A BGP UPDATE.
    Update,
    /// An entry of a table, with a route a peer.
    Table,
    /// The list of peers of a table.
    Peers,
    /// A session changed its state.
    State,
    /// Another BGP message: OPEN, NOTIFICATION, KEEPALIVE, ROUTE-REFRESH.
    Message,
    /// A record of another protocol or subtype.
    Unsupported,
    /// The inside of the record cannot be right.
    Malformed,
    /// The header cannot be right: what follows was searched for.
    Header,
    /// The source ends inside the record.
    Cut,
}

/// Names of the outcomes, in the order of [`Outcome`].
pub const OUTCOMES: [&str; 9] = [
    "update",
    "table",
    "peers",
    "state",
    "message",
    "unsupported",
    "malformed",
    "malformed_header",
    "cut_record",
];

/// Things that happen besides an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// Times the reader had to look for the next whole record.
    Resync,
    /// Bytes that belong to no record that was read.
    SkippedBytes,
    /// Records of old collectors whose length is 4 less than what they wrote.
    ShortLength,
    /// Routes of address families other than IPv4 and IPv6 unicast and multicast.
    OtherFamily,
    /// Routes of a peer that the list of peers does not have.
    NoPeer,
    /// Updates that tell the end of a table (RFC 4724).
    EndOfRib,
}

/// Names of the notes, in the order of [`Note`].
pub const NOTES: [&str; 6] =
    ["resync", "skipped_bytes", "short_length", "other_family", "no_peer", "end_of_rib"];

/// Problems beyond this number are counted, not described.
pub const MOST_PROBLEMS: usize = 20;
const SHOWN_BYTES: usize = 64;

/// Damage: where, why, and the first bytes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub offset: u64,
    pub reason: &'static str,
    pub data: Vec<u8>,
}

/// Running account of one source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub outcomes: [u64; OUTCOMES.len()],
    pub notes: [u64; NOTES.len()],
    pub problems: Vec<Problem>,
    pub damaged: bool,
    pub first_us: Option<i64>,
    pub last_us: Option<i64>,
}

impl Report {
    /// Counts a record that is whole.
    pub fn count(&mut self, outcome: Outcome) {
        self.outcomes[outcome as usize] += 1;
    }

    /// Counts a damaged record, and describes it.
    pub fn damage(&mut self, outcome: Outcome, offset: u64, data: &[u8]) {
        self.count(outcome);
        self.damaged = true;
        if self.problems.len() < MOST_PROBLEMS {
            let data = data[..data.len().min(SHOWN_BYTES)].to_vec();
            self.problems.push(Problem { offset, reason: OUTCOMES[outcome as usize], data });
        }
    }

    pub fn note(&mut self, note: Note, times: u64) {
        self.notes[note as usize] += times;
    }

    /// Records seen so far: the sum of the outcomes.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.outcomes.iter().sum()
    }

    pub fn span(&mut self, ts_us: i64) {
        self.first_us = Some(self.first_us.map_or(ts_us, |first| first.min(ts_us)));
        self.last_us = Some(self.last_us.map_or(ts_us, |last| last.max(ts_us)));
    }
}
