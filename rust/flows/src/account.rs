//! The account of a source: outcomes that add up, notes besides, problems, and what each
//! exporter lost.

use kaname_packets::report::{MOST_PROBLEMS, Problem};

/// What became of a record. Every record has exactly one outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Flow records and sampled packets that became rows.
    Flow,
    /// Data records and samples without addresses of IP.
    NotFlow,
    /// Records of options.
    Options,
    /// Templates, and their withdrawals.
    Template,
    /// Counter samples of sFlow.
    Counter,
    /// Sets of data whose template did not come in time.
    NoTemplate,
    /// Datagrams that came before.
    Duplicate,
    /// Datagrams, sets and samples that cannot be right.
    Malformed,
    /// Packets of a capture that carry no flow export.
    Other,
    /// Records of a capture that cannot be right, or are cut.
    BadRecord,
}

/// Names of the outcomes, in the order of [`Outcome`].
pub const OUTCOMES: [&str; 10] = [
    "flows",
    "not_flow",
    "options",
    "templates",
    "counter_samples",
    "no_template",
    "duplicate",
    "malformed",
    "other",
    "malformed_record",
];

/// Things that happen besides an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// Datagrams of flow export.
    Datagrams,
    /// Sequence numbers that are missing: flows of v5, packets of v9, records of IPFIX,
    /// datagrams of sFlow.
    Lost,
    /// Flow samples that an agent numbered and that did not arrive.
    SamplesLost,
    /// Datagrams that came after later ones.
    Reordered,
    /// Times that an exporter began to count anew.
    Restarted,
    /// Sets that waited for their template and got it.
    Waited,
    /// Datagrams that a capture holds in fragments, which are not put together.
    Fragments,
    /// Datagrams of which less was captured than was sent.
    Truncated,
    /// Times the reader of a capture had to look for the next whole record.
    Resync,
    /// Bytes of a capture that belong to no record that was read.
    SkippedBytes,
    /// Datagrams of domains beyond those that can be told apart.
    TooManyDomains,
    /// Templates beyond those that can be remembered.
    TooManyTemplates,
}

/// Names of the notes, in the order of [`Note`].
pub const NOTES: [&str; 12] = [
    "datagrams",
    "lost",
    "lost_samples",
    "reordered",
    "restarted",
    "waited",
    "fragments",
    "truncated",
    "resync",
    "skipped_bytes",
    "too_many_domains",
    "too_many_templates",
];

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
    #[inline]
    pub fn count(&mut self, outcome: Outcome, times: u64) {
        self.outcomes[outcome as usize] += times;
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

    /// Counts and describes what cannot be right.
    pub fn malformed(&mut self, offset: u64, reason: &str, data: &[u8]) {
        self.count(Outcome::Malformed, 1);
        self.damaged = true;
        if self.problems.len() < MOST_PROBLEMS {
            let data = data[..data.len().min(64)].to_vec();
            self.problems.push(Problem { offset, reason: reason.to_owned(), data });
        }
    }

    #[inline]
    pub fn span(&mut self, ts_us: i64) {
        self.first_us = Some(self.first_us.map_or(ts_us, |first| first.min(ts_us)));
        self.last_us = Some(self.last_us.map_or(ts_us, |last| last.max(ts_us)));
    }
}

/// What one observation domain of one exporter sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stream {
    pub datagrams: u64,
    pub flows: u64,
    pub lost: u64,
    pub samples_lost: u64,
    pub duplicates: u64,
    pub reordered: u64,
    pub restarted: u64,
    pub no_template: u64,
}
