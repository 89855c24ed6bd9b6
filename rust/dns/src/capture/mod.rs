//! DNS messages of a packet capture.
//!
//! Datagrams and streams of the ports that DNS uses are read as messages: UDP, TCP with
//! its segments in order (RFC 7766), fragments put together. Every frame has one outcome.

pub mod account;
mod detection;
mod fragments;
mod source;
mod streams;
#[cfg(test)]
mod tests;

pub use detection::share;
pub use source::{Pushed, Source};

use kaname_packets::container::{Frame, Sink};
use kaname_packets::datagram::{self, Datagram, Part};
use kaname_packets::report::Report;
use kaname_packets::rows::Labels;
use serde::{Deserialize, Serialize};

use crate::exchange::{End, Exchanges, Seen};
use crate::message::name::Fault;
use crate::message::{Message, name};
use crate::rows::{self, Transport};
use crate::wire::be16;
use account::{Account, Note, Outcome};
use fragments::{Assembled, Fragments};
use streams::{Segment, Streams};

/// Ports of DNS (RFC 1035), multicast DNS (RFC 6762) and link-local names (RFC 4795).
pub const PORTS: [u16; 3] = [53, 5353, 5355];
const TCP: u8 = 6;
const UDP: u8 = 17;
const UDP_HEADER: usize = 8;
/// 9999-12-31T23:59:59.999999Z: the last time that has a date in every tool.
const LAST_US: i64 = 253_402_300_799_999_999;

/// Takes frames and joins the messages in them.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Capture {
    ports: Vec<u16>,
    exchanges: Exchanges,
    fragments: Fragments,
    streams: Streams,
    /// What the container tells of.
    report: Report,
    account: Account,
    #[serde(skip)]
    name: Vec<u8>,
}

/// Where the bytes of a message come from.
#[derive(Clone, Copy, Debug)]
struct Origin {
    ts_us: i64,
    offset: u64,
    from: End,
    to: End,
    transport: Transport,
}

impl Capture {
    #[must_use]
    pub fn new(ports: Vec<u16>) -> Self {
        Self { ports, ..Self::default() }
    }

    /// Outcomes and notes: those of the container, then those of DNS.
    #[must_use]
    pub fn report(&self) -> (&Report, &Account) {
        (&self.report, &self.account)
    }

    #[must_use]
    pub fn exchanges(&self) -> &Exchanges {
        &self.exchanges
    }

    /// The next batch whose rows are settled.
    pub fn take(&mut self, labels: &Labels) -> Option<arrow_array::RecordBatch> {
        self.exchanges.take().map(|block| rows::into_batch(&block, labels, &[]))
    }

    /// Reads what was waited for; the last batches.
    pub fn finish(&mut self, labels: &Labels) -> Vec<arrow_array::RecordBatch> {
        while let Some(first) = self.fragments.evict() {
            self.salvage(&first);
        }
        for (origin, data) in self.streams.finish(&mut self.account) {
            self.read_stream_message(&origin, &data);
        }
        self.exchanges.finish().map(|block| rows::into_batch(&block, labels, &[])).collect()
    }

    /// Finds its way again after the state was read back.
    pub fn restore(&mut self) {
        self.exchanges.restore();
    }

    #[inline]
    fn is_ours(&self, one: u16, other: u16) -> bool {
        self.ports.iter().any(|port| *port == one || *port == other)
    }

    #[inline]
    fn datagram(&mut self, frame: &Frame, ts_us: i64, found: &Datagram) -> Outcome {
        if found.part != Part::Whole {
            return self.fragment(frame, ts_us, found);
        }
        if !self.is_ours(found.sport, found.dport) {
            return Outcome::OtherPort;
        }
        let origin = |transport| Origin {
            ts_us,
            offset: frame.offset,
            from: End { address: found.src, port: found.sport },
            to: End { address: found.dst, port: found.dport },
            transport,
        };
        match found.proto {
            UDP => {
                let length = stated_length(found.transport, found.payload.len());
                self.packet(frame, &origin(Transport::Udp), found.payload, length)
            }
            TCP => self.segment(&origin(Transport::Tcp), found),
            _ => Outcome::OtherPort,
        }
    }

    /// A UDP datagram that should be a message of `length` bytes.
    #[inline]
    fn packet(&mut self, frame: &Frame, origin: &Origin, data: &[u8], length: usize) -> Outcome {
        match self.message(origin, data, length) {
            Ok(()) => {
                self.account.note(Note::Truncated, u64::from(data.len() < length));
                Outcome::Dns
            }
            Err(_) if data.len() < length => Outcome::CutDns,
            Err(fault) => {
                // A packet from the wire may be malformed in a sound capture: no damage.
                self.account.problem(frame.offset, fault.reason(), data);
                Outcome::MalformedDns
            }
        }
    }

    fn segment(&mut self, origin: &Origin, found: &Datagram) -> Outcome {
        let Some(segment) = Segment::read(found) else { return Outcome::Segment };
        let mut messages = Vec::new();
        self.streams.add(origin, &segment, &mut self.account, &mut messages);
        let mut outcome = Outcome::Segment;
        for (number, data) in (0..).zip(&messages) {
            let origin = Origin { offset: origin.offset + number, ..*origin };
            if self.read_stream_message(&origin, data) {
                outcome = Outcome::Dns;
            }
        }
        outcome
    }

    fn read_stream_message(&mut self, origin: &Origin, data: &[u8]) -> bool {
        let read = self.message(origin, data, data.len());
        if let Err(fault) = read {
            self.account.note(Note::MalformedInStream, 1);
            self.account.problem(origin.offset, fault.reason(), data);
        }
        read.is_ok()
    }

    fn fragment(&mut self, frame: &Frame, ts_us: i64, found: &Datagram) -> Outcome {
        let assembled = self.fragments.add(frame, ts_us, found, &mut self.account);
        while let Some(first) = self.fragments.evict_old(ts_us) {
            self.salvage(&first);
        }
        match assembled {
            None => Outcome::Fragment,
            Some(whole) => self.assembled(frame, &whole),
        }
    }

    /// A datagram that was put together.
    fn assembled(&mut self, frame: &Frame, whole: &Assembled) -> Outcome {
        let Some((origin, payload)) = whole.udp() else { return Outcome::Fragment };
        if !self.is_ours(origin.from.port, origin.to.port) {
            return Outcome::OtherPort;
        }
        self.account.note(Note::Reassembled, 1);
        let length = stated_length(&whole.data, payload.len());
        self.packet(frame, &origin, payload, length)
    }

    /// The first fragment of a datagram whose others did not come still has the question.
    fn salvage(&mut self, first: &Assembled) {
        self.account.note(Note::FragmentsLost, 1);
        let Some((origin, payload)) = first.udp() else { return };
        if self.is_ours(origin.from.port, origin.to.port) {
            let length = stated_length(&first.data, payload.len());
            // What cannot be read is told of as a lost datagram already.
            let _ = self.message(&origin, payload, length);
        }
    }

    #[inline]
    fn message(&mut self, origin: &Origin, data: &[u8], length: usize) -> Result<(), Fault> {
        let mut text = std::mem::take(&mut self.name);
        let result = self.read_message(origin, data, length, &mut text);
        self.name = text;
        result
    }

    #[inline]
    fn read_message(
        &mut self,
        origin: &Origin,
        data: &[u8],
        length: usize,
        text: &mut Vec<u8>,
    ) -> Result<(), Fault> {
        let mut message = Message::read(data, text)?;
        if message.header.questions == 0 {
            self.account.note(Note::NoQuestion, 1);
            take_owner(&mut message, text)?;
        }
        let response = message.header.is_response();
        let (client, server) =
            if response { (origin.to, origin.from) } else { (origin.from, origin.to) };
        self.report.span(origin.ts_us);
        self.exchanges.add(&Seen {
            ts_us: origin.ts_us,
            offset: origin.offset,
            client,
            server,
            transport: origin.transport,
            message,
            name: text,
            length: length as u32,
            context: 0,
            asked_us: None,
        });
        Ok(())
    }
}

/// A message without a question (multicast DNS, later parts of zone transfers) is known
/// by its first record.
fn take_owner(message: &mut Message, text: &mut Vec<u8>) -> Result<(), Fault> {
    if let Some(record) = message.records().next() {
        let record = record?;
        name::read(message.data, record.owner_at, text)?;
        (message.qtype, message.qclass) = (record.kind, record.class);
    }
    Ok(())
}

/// Bytes of the message in a UDP datagram, as its header says.
#[inline]
fn stated_length(transport: &[u8], captured: usize) -> usize {
    let stated = be16(transport, 4).map_or(0, usize::from);
    if stated < UDP_HEADER { captured } else { stated - UDP_HEADER }
}

impl Sink for Capture {
    #[inline]
    fn frame(&mut self, frame: &Frame) {
        let ts_us = frame.ts_us.clamp(0, LAST_US);
        match datagram::read(frame.link, frame.data, frame.wire_length as usize) {
            Ok(found) => {
                let outcome = self.datagram(frame, ts_us, &found);
                self.account.count(outcome);
            }
            Err(outcome) => {
                self.report.count(outcome);
                if account::is_malformed(outcome) {
                    self.report.problem_in(frame, outcome);
                }
            }
        }
    }

    fn report(&mut self) -> &mut Report {
        &mut self.report
    }
}
