//! dnstap (<https://dnstap.info>): messages that a name server copies out, in Frame
//! Streams, from a file or over a socket.

mod contexts;
mod framing;
mod payload;
mod protobuf;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use arrow_array::RecordBatch;
use kaname_packets::report::{MOST_PROBLEMS, Problem};
use kaname_packets::rows::Labels;

use crate::exchange::{End, Exchanges, Seen};
use crate::message::Message;
use crate::rows;
use contexts::Contexts;
use framing::{Event, Framing};
use payload::Payload;

pub use framing::is_dnstap;

/// The content type of dnstap.
pub const CONTENT_TYPE: &[u8] = b"protobuf:dnstap.Dnstap";
const SHOWN_BYTES: usize = 64;

/// What became of a data frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Dns,
    /// The message inside is no DNS message, or ends inside its question.
    MalformedDns,
    /// A frame without a message, which the server may send as well.
    NoMessage,
    /// A frame that is no dnstap.
    MalformedFrame,
    /// The source ends inside a frame.
    CutFrame,
}

/// Names of the outcomes, in the order of [`Outcome`].
pub const OUTCOMES: [&str; 5] =
    ["dns", "malformed_dns", "no_message", "malformed_frame", "cut_frame"];

/// Names of the notes.
pub const NOTES: [&str; 4] = ["resync", "skipped_bytes", "no_question", "no_time"];

/// Running account of one source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    pub outcomes: [u64; OUTCOMES.len()],
    pub resyncs: u64,
    pub skipped_bytes: u64,
    pub no_question: u64,
    pub no_time: u64,
    pub problems: Vec<Problem>,
    pub damaged: bool,
    pub first_us: Option<i64>,
    pub last_us: Option<i64>,
}

/// The peer does not speak dnstap over Frame Streams.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotDnstap;

/// Turns streams of dnstap into rows; several senders may share it.
#[derive(Default)]
pub struct Decoder {
    streams: HashMap<u64, Framing>,
    reader: MessageReader,
}

/// What all streams share.
#[derive(Default)]
struct MessageReader {
    exchanges: Exchanges,
    contexts: Contexts,
    account: Account,
    name: Vec<u8>,
    /// Time of the last message.
    last_us: i64,
}

impl Account {
    /// The notes, in the order of their names.
    #[must_use]
    pub fn notes(&self) -> [u64; NOTES.len()] {
        [self.resyncs, self.skipped_bytes, self.no_question, self.no_time]
    }

    /// Counts a frame and tells of it.
    fn problem(&mut self, outcome: Outcome, offset: u64, reason: &str, data: &[u8]) {
        self.outcomes[outcome as usize] += 1;
        self.damaged |= matches!(outcome, Outcome::MalformedFrame | Outcome::CutFrame);
        if self.problems.len() < MOST_PROBLEMS {
            let data = data[..data.len().min(SHOWN_BYTES)].to_vec();
            self.problems.push(Problem { offset, reason: reason.to_owned(), data });
        }
    }
}

impl Decoder {
    /// `open_us`: rows are given out after about that time, for live sources.
    #[must_use]
    pub fn new(open_us: Option<i64>) -> Self {
        let exchanges = Exchanges::new(open_us);
        Self { reader: MessageReader { exchanges, ..MessageReader::default() }, ..Self::default() }
    }

    #[must_use]
    pub fn account(&self) -> &Account {
        &self.reader.account
    }

    #[must_use]
    pub fn exchanges(&self) -> &Exchanges {
        &self.reader.exchanges
    }

    /// Takes bytes of a sender; returns what is to be sent back, usually nothing.
    ///
    /// # Errors
    ///
    /// [`NotDnstap`]: the stream begins with something else.
    pub fn push(&mut self, stream: u64, data: &[u8]) -> Result<Vec<u8>, NotDnstap> {
        let framing = self.streams.entry(stream).or_default();
        framing.append(data);
        let reader = &mut self.reader;
        framing.read(&mut |event| reader.take(event))
    }

    /// A sender is gone: what is half received is damaged.
    pub fn close(&mut self, stream: u64) {
        if let Some(framing) = self.streams.remove(&stream) {
            let reader = &mut self.reader;
            framing.finish(&mut |event| reader.take(event));
        }
    }

    /// So long nothing was received.
    pub fn idle(&mut self, idle_us: i64) {
        self.reader.exchanges.advance(self.reader.last_us.saturating_add(idle_us));
    }

    /// The batches whose rows are settled; all that are left when nothing follows.
    pub fn take(&mut self, labels: &Labels, last: bool) -> Vec<RecordBatch> {
        let MessageReader { exchanges, contexts, .. } = &mut self.reader;
        let settled = std::iter::from_fn(|| exchanges.take());
        let mut blocks: Vec<rows::Block> = settled.collect();
        if last {
            blocks.extend(exchanges.finish());
        }
        blocks.iter().map(|block| rows::into_batch(block, labels, contexts.texts())).collect()
    }
}

impl MessageReader {
    #[inline]
    fn take(&mut self, event: &Event) {
        match *event {
            Event::Frame { offset, payload } => self.frame(offset, &payload),
            Event::Damage { offset, reason, data } => {
                self.account.problem(Outcome::MalformedFrame, offset, reason, data);
            }
            Event::Cut { offset, data } => {
                self.account.skipped_bytes += data.len() as u64;
                self.account.problem(Outcome::CutFrame, offset, "cut_frame", data);
            }
            Event::Found { skipped } => {
                self.account.resyncs += 1;
                self.account.skipped_bytes += skipped;
            }
        }
    }

    #[inline]
    fn frame(&mut self, offset: u64, payload: &Payload) {
        let Some(message) = payload.dns() else {
            self.account.outcomes[Outcome::NoMessage as usize] += 1;
            return;
        };
        let mut name = std::mem::take(&mut self.name);
        match Message::read(message, &mut name) {
            Ok(parsed) => {
                self.account.outcomes[Outcome::Dns as usize] += 1;
                self.message(offset, payload, parsed, &name);
            }
            Err(fault) => {
                self.account.problem(Outcome::MalformedDns, offset, fault.reason(), message);
            }
        }
        self.name = name;
    }

    #[inline]
    fn message(&mut self, offset: u64, payload: &Payload, message: Message, name: &[u8]) {
        let response = message.header.is_response();
        let asked_us = payload.query_us.filter(|_| response);
        let own = if response { payload.response_us } else { payload.query_us };
        let known = own.or(payload.query_us).or(payload.response_us);
        self.account.no_time += u64::from(known.is_none());
        self.account.no_question += u64::from(message.header.questions == 0);
        let ts_us = known.unwrap_or(self.last_us);
        self.last_us = ts_us;
        self.account.first_us = Some(self.account.first_us.map_or(ts_us, |us| us.min(ts_us)));
        self.account.last_us = Some(self.account.last_us.map_or(ts_us, |us| us.max(ts_us)));
        let context = self.contexts.of(payload.identity, payload.kind);
        self.exchanges.add(&Seen {
            ts_us,
            offset,
            client: End { address: payload.query_address, port: payload.query_port },
            server: End { address: payload.response_address, port: payload.response_port },
            transport: payload.transport,
            message,
            name,
            length: message.data.len() as u32,
            context,
            asked_us,
        });
    }
}
