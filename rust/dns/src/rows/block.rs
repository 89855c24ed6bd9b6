//! Rows side by side, their texts one behind the other.

use serde::{Deserialize, Serialize};

use crate::exchange::{End, Key, Seen};
use crate::message::edns::Subnet;

/// What carried a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[repr(u8)]
pub enum Transport {
    #[default]
    Udp,
    Tcp,
    Tls,
    Https,
    Quic,
    Unknown,
}

/// Names of transports, in the order of [`Transport`].
pub const TRANSPORTS: [&str; 6] = ["udp", "tcp", "tls", "https", "quic", "unknown"];

/// What was seen of an exchange.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[repr(u8)]
pub enum State {
    #[default]
    Query,
    Response,
    Both,
}

/// Names of states, in the order of [`State`].
pub const STATES: [&str; 3] = ["query", "response", "both"];

/// One row; -1 stands for what is not known.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Row {
    pub client: u128,
    pub server: u128,
    pub ts_us: i64,
    pub offset: u64,
    pub hash: u64,
    pub rtt_us: i64,
    pub min_ttl: i64,
    /// How many rows further the next query is that is the same; 0 when none waits.
    pub next: u32,
    /// End of the name in the names of the block.
    pub name_end: u32,
    pub first_answer: u32,
    pub req_len: i32,
    pub res_len: i32,
    /// Place of the client subnet in the block, counted from 1; 0 for none.
    pub ecs: u32,
    pub sport: u16,
    pub dport: u16,
    pub id: u16,
    pub qtype: u16,
    pub qclass: u16,
    pub bits: u16,
    pub rcode: u16,
    /// Answers, authority records, additional records, as the header says.
    pub counts: [u16; 3],
    /// Answers that are kept.
    pub answers: u16,
    pub context: u16,
    pub transport: Transport,
    pub state: State,
    pub edns_do: bool,
    /// A response may come.
    pub is_open: bool,
}

impl Row {
    #[inline]
    pub fn key(&self) -> Key {
        Key {
            client: End { address: self.client, port: self.sport },
            server: End { address: self.server, port: self.dport },
            transport: self.transport,
            id: self.id,
            qtype: self.qtype,
        }
    }

    /// The query behind this one in its chain, when this is row `number`.
    #[inline]
    pub fn following(&self, number: u64) -> Option<u64> {
        (self.next > 0).then(|| number + u64::from(self.next))
    }
}

/// Texts and types of answers.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Answers {
    pub text: Vec<u8>,
    /// End of each text.
    pub ends: Vec<u32>,
    pub kinds: Vec<u16>,
}

impl Answers {
    #[inline]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Closes the answer whose text was appended.
    #[inline]
    pub fn end(&mut self, kind: u16) {
        self.ends.push(self.text.len() as u32);
        self.kinds.push(kind);
    }

    /// The text of an answer.
    #[inline]
    pub fn get(&self, place: usize) -> &[u8] {
        let start = if place == 0 { 0 } else { self.ends[place - 1] as usize };
        &self.text[start..self.ends[place] as usize]
    }
}

/// Rows that are given out together.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Block {
    /// Number of the first row.
    pub first: u64,
    pub rows: Vec<Row>,
    pub names: Vec<u8>,
    pub answers: Answers,
    pub subnets: Vec<Subnet>,
    last_us: i64,
}

impl Block {
    #[must_use]
    pub fn new(first: u64) -> Self {
        Self { first, last_us: i64::MIN, ..Self::default() }
    }

    /// Time of the first row.
    pub fn first_us(&self) -> i64 {
        self.rows.first().map_or(i64::MAX, |row| row.ts_us)
    }

    /// Latest time of a row.
    pub fn last_us(&self) -> i64 {
        self.last_us
    }

    /// Appends a row with what is known of any message.
    #[inline]
    pub fn push(&mut self, seen: &Seen) {
        self.last_us = self.last_us.max(seen.ts_us);
        self.names.extend_from_slice(seen.name);
        self.rows.push(Row {
            client: seen.client.address,
            server: seen.server.address,
            ts_us: seen.ts_us,
            offset: seen.offset,
            hash: 0,
            rtt_us: -1,
            min_ttl: -1,
            next: 0,
            name_end: self.names.len() as u32,
            first_answer: 0,
            req_len: -1,
            res_len: -1,
            ecs: 0,
            sport: seen.client.port,
            dport: seen.server.port,
            id: seen.message.header.id,
            qtype: seen.message.qtype,
            qclass: seen.message.qclass,
            bits: seen.message.header.bits,
            rcode: 0,
            counts: [0; 3],
            answers: 0,
            context: seen.context,
            transport: seen.transport,
            state: State::Query,
            edns_do: false,
            is_open: false,
        });
    }

    /// Name of the row at `place`.
    #[inline]
    pub fn name(&self, place: usize) -> &[u8] {
        let start = if place == 0 { 0 } else { self.rows[place - 1].name_end as usize };
        &self.names[start..self.rows[place].name_end as usize]
    }

    /// Keeps a client subnet; its place, counted from 1, or 0 for none.
    #[inline]
    pub fn keep_subnet(&mut self, subnet: Option<Subnet>) -> u32 {
        let Some(subnet) = subnet else { return 0 };
        self.subnets.push(subnet);
        self.subnets.len() as u32
    }
}
