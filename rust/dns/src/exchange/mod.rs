//! Queries and responses put together.
//!
//! A query opens a row; the response with the same client, port, server, id, name and
//! type within five seconds completes the oldest such row (the rule of ENTRADA). Rows stay
//! in blocks in the order of their queries until nothing can complete them any more.

mod held;
mod pending;
mod reply;

use serde::{Deserialize, Serialize};

use crate::message::Message;
use crate::rows::{Block, State, Transport};
use held::Held;
use pending::Pending;

/// From a query to its response, at most.
pub const PATIENCE_US: i64 = 5_000_000;
/// A response may seem earlier than its query by so much, when several clocks captured.
const DISORDER_US: i64 = 1_000_000;

/// One end of an exchange: address (IPv4 as `::ffff:a.b.c.d`) and port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    pub address: u128,
    pub port: u16,
}

/// A message that was seen, and where.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    pub ts_us: i64,
    /// Of the record in the decompressed source.
    pub offset: u64,
    pub client: End,
    pub server: End,
    pub transport: Transport,
    pub message: Message<'a>,
    /// Name of the first question, as the lake spells it.
    pub name: &'a [u8],
    /// Bytes of the message, as sent.
    pub length: u32,
    /// What the row holds besides (`ext`): an index into the source's list, 0 for nothing.
    pub context: u16,
    /// Time of the query, where the source of a response knows it.
    pub asked_us: Option<i64>,
}

/// What happened besides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    pub queries: u64,
    pub responses: u64,
    /// Responses that completed a query.
    pub joined: u64,
    /// Messages whose records are not whole.
    pub damaged: u64,
    /// Messages with more than one question; the first is kept.
    pub more_questions: u64,
    /// Blocks given out before their time because too many rows were held.
    pub early: u64,
}

impl Tally {
    /// Names of the counts, as reports give them.
    #[must_use]
    pub const fn names() -> [&'static str; 6] {
        ["queries", "responses", "joined", "damaged_records", "more_questions", "given_out_early"]
    }

    /// The counts, in the order of their names.
    #[must_use]
    pub fn values(&self) -> [u64; 6] {
        let Self { queries, responses, joined, damaged, more_questions, early } = *self;
        [queries, responses, joined, damaged, more_questions, early]
    }
}

/// Joins messages as they come.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Exchanges {
    held: Held,
    #[serde(skip)]
    pending: Pending,
    tally: Tally,
}

impl Exchanges {
    /// `open_us`: a block is closed after that time however few its rows are.
    #[must_use]
    pub fn new(open_us: Option<i64>) -> Self {
        Self { held: Held::new(open_us), ..Self::default() }
    }

    /// Finds the waiting queries again after the state was read back.
    pub fn restore(&mut self) {
        self.pending = Pending::default();
        for number in self.held.waiting() {
            let (block, at) = self.held.find(number);
            let hash = self.pending.hash(&block.rows[at].key(), block.name(at));
            block.rows[at].hash = hash;
            block.rows[at].next = 0;
            self.wait(hash, number);
        }
    }

    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Takes a message.
    #[inline]
    pub fn add(&mut self, seen: &Seen) {
        self.held.advance(seen.ts_us);
        let header = seen.message.header;
        self.tally.more_questions += u64::from(header.questions > 1);
        if header.is_response() {
            self.tally.responses += 1;
            self.answer(seen);
        } else {
            self.tally.queries += 1;
            self.ask(seen);
        }
    }

    /// Says what time it is, when no message says so.
    pub fn advance(&mut self, now_us: i64) {
        self.held.advance(now_us);
    }

    /// The next block whose rows are settled.
    pub fn take(&mut self) -> Option<Block> {
        let block = self.held.take(&mut self.tally)?;
        for (at, row) in block.rows.iter().enumerate().filter(|(_, row)| row.is_open) {
            let number = block.first + at as u64;
            self.pending.pop(row.hash, row.following(number));
        }
        Some(block)
    }

    /// Rows that are settled and wait to be taken.
    #[must_use]
    pub fn settled_rows(&self) -> usize {
        self.held.settled_rows()
    }

    /// All blocks that are left: nothing follows.
    pub fn finish(&mut self) -> impl Iterator<Item = Block> + use<> {
        self.pending = Pending::default();
        self.held.finish()
    }

    fn ask(&mut self, seen: &Seen) {
        let edns = reply::edns_of(&seen.message);
        self.tally.damaged += u64::from(edns.damaged);
        let number = self.held.open(seen);
        let (block, at) = self.held.find(number);
        let ecs = block.keep_subnet(edns.subnet);
        let row = &mut block.rows[at];
        let hash = self.pending.hash(&row.key(), seen.name);
        row.hash = hash;
        row.is_open = true;
        row.edns_do = edns.dnssec_ok;
        row.ecs = ecs;
        row.req_len = seen.length as i32;
        self.wait(hash, number);
    }

    fn wait(&mut self, hash: u64, number: u64) {
        if let Some(before) = self.pending.push(hash, number) {
            let (block, at) = self.held.find(before);
            block.rows[at].next = (number - before) as u32;
        }
    }

    fn answer(&mut self, seen: &Seen) {
        let found = self.oldest(seen);
        let number = found.unwrap_or_else(|| self.held.open(seen));
        let (block, at) = self.held.find(number);
        let reply = reply::read(&seen.message, block);
        let ecs = if block.rows[at].ecs == 0 { block.keep_subnet(reply.edns.subnet) } else { 0 };
        let row = &mut block.rows[at];
        reply.fill(row);
        row.ecs |= ecs;
        row.bits = seen.message.header.bits;
        row.res_len = seen.length as i32;
        if found.is_some() {
            row.state = State::Both;
            row.rtt_us = (seen.ts_us - row.ts_us).max(0);
        } else {
            row.state = State::Response;
            row.edns_do = reply.edns.dnssec_ok;
            if let Some(asked_us) = seen.asked_us {
                row.rtt_us = (seen.ts_us - asked_us).max(0);
                row.ts_us = asked_us;
            }
        }
        self.tally.joined += u64::from(found.is_some());
        self.tally.damaged += u64::from(reply.edns.damaged);
    }

    /// The oldest query that `seen` answers; those that are too old are let go.
    fn oldest(&mut self, seen: &Seen) -> Option<u64> {
        let hash = self.pending.hash(&seen.key(), seen.name);
        let mut number = self.pending.oldest(hash)?;
        loop {
            let (block, at) = self.held.find(number);
            // Else a hash that is the same by chance.
            let same = block.rows[at].key() == seen.key() && block.name(at) == seen.name;
            let row = &mut block.rows[at];
            let waited = seen.ts_us - row.ts_us;
            if !same || waited < -DISORDER_US {
                return None;
            }
            row.is_open = false;
            let following = row.following(number);
            self.pending.pop(hash, following);
            if waited <= PATIENCE_US {
                return Some(number);
            }
            number = following?;
        }
    }
}

/// What a query and its response have in common, besides the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    pub client: End,
    pub server: End,
    pub transport: Transport,
    pub id: u16,
    pub qtype: u16,
}

impl Seen<'_> {
    fn key(&self) -> Key {
        Key {
            client: self.client,
            server: self.server,
            transport: self.transport,
            id: self.message.header.id,
            qtype: self.message.qtype,
        }
    }
}
