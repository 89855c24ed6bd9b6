//! Messages in TCP streams: two bytes of length, then the message (RFC 1035, 4.2.2; RFC
//! 7766, 8), however they are cut into segments.
//!
//! The first copy of a byte counts. A gap that is not filled in time is jumped over: the
//! next segment that begins like a message is where reading goes on.

use std::collections::HashMap;

use kaname_packets::datagram::Datagram;
use serde::{Deserialize, Serialize};

use super::Origin;
use super::account::{Account, Note};
use crate::exchange::End;
use crate::message::{HEADER, Header, Message};
use crate::rows::Transport;
use crate::wire::{be16, be32};

const FIN: u16 = 1;
const SYN: u16 = 2;
const RST: u16 = 4;
/// Bytes of a stream that wait for others.
const MOST_WAITING: usize = 128 << 10;
/// Segments of a stream that wait for others.
const MOST_SEGMENTS: usize = 256;
/// A gap is waited for so long.
const GAP_US: i64 = 2_000_000;
const MOST_STREAMS: usize = 1 << 16;
const MOST_BYTES: usize = 64 << 20;
/// More questions than this are not believed where the start of a message is looked for.
const MOST_QUESTIONS: u16 = 4;

/// What a segment says.
#[derive(Clone, Copy, Debug)]
pub struct Segment<'a> {
    seq: u32,
    bits: u16,
    data: &'a [u8],
    /// Less was captured than was sent.
    cut: bool,
}

impl<'a> Segment<'a> {
    pub fn read(found: &Datagram<'a>) -> Option<Self> {
        Some(Self {
            seq: be32(found.transport, 4)?,
            bits: found.tcp_bits,
            data: found.payload,
            cut: found.truncated,
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
struct Key {
    from: (u128, u16),
    to: (u128, u16),
}

/// One direction of a connection. It is kept when it ends, to know copies that come late.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Stream {
    /// Sequence number that follows; none before the first segment.
    next: Option<u32>,
    /// Bytes in order that are not a whole message yet.
    ready: Vec<u8>,
    /// Segments behind a gap, in order.
    later: Vec<(u32, Vec<u8>)>,
    waiting: usize,
    /// The start of a message is looked for.
    lost: bool,
    /// When the gap was seen.
    gap_us: i64,
    /// Time and offset of the last segment.
    last_us: i64,
    last_offset: u64,
}

/// All streams, by their ends.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Streams {
    known: HashMap<Key, Stream>,
    bytes: usize,
}

impl Streams {
    /// Takes a segment; the messages that it completes are appended to `messages`.
    pub fn add(
        &mut self,
        origin: &Origin,
        segment: &Segment,
        account: &mut Account,
        messages: &mut Vec<Vec<u8>>,
    ) {
        let key = Key {
            from: (origin.from.address, origin.from.port),
            to: (origin.to.address, origin.to.port),
        };
        let says_nothing = segment.data.is_empty() && segment.bits & (SYN | FIN | RST) == 0;
        if says_nothing {
            return;
        }
        let stream = self.known.entry(key).or_default();
        let before = stream.size();
        (stream.last_us, stream.last_offset) = (origin.ts_us, origin.offset);
        stream.take(origin.ts_us, segment, account, messages);
        if segment.bits & RST != 0 {
            stream.jump_all(account, messages);
        }
        self.bytes = self.bytes - before + stream.size();
        self.sweep(account);
    }

    /// Lets the older half go when too much is kept.
    fn sweep(&mut self, account: &mut Account) {
        if self.known.len() <= MOST_STREAMS && self.bytes <= MOST_BYTES {
            return;
        }
        let mut ages: Vec<(i64, Key)> =
            self.known.iter().map(|(key, stream)| (stream.last_us, *key)).collect();
        ages.sort_unstable();
        ages.truncate(ages.len() / 2 + 1);
        for (_, key) in ages {
            let size = self.known.remove(&key).map_or(0, |stream| stream.size());
            self.bytes -= size;
            account.note(Note::StreamsDropped, u64::from(size > 0));
        }
    }

    /// What can still be read behind gaps: nothing follows.
    pub fn finish(&mut self, account: &mut Account) -> Vec<(Origin, Vec<u8>)> {
        let mut left: Vec<(Key, Stream)> = self.known.drain().collect();
        left.sort_unstable_by_key(|(key, stream)| (stream.last_us, *key));
        let mut found = Vec::new();
        for (key, mut stream) in left {
            let mut messages = Vec::new();
            stream.jump_all(account, &mut messages);
            let end = |(address, port)| End { address, port };
            let origin = |number| Origin {
                ts_us: stream.last_us,
                offset: stream.last_offset + number,
                from: end(key.from),
                to: end(key.to),
                transport: Transport::Tcp,
            };
            found.extend((0..).map(origin).zip(messages));
        }
        self.bytes = 0;
        found
    }
}

impl Stream {
    fn size(&self) -> usize {
        self.ready.len() + self.waiting
    }

    fn take(
        &mut self,
        ts_us: i64,
        segment: &Segment,
        account: &mut Account,
        messages: &mut Vec<Vec<u8>>,
    ) {
        let mut seq = segment.seq;
        if segment.bits & SYN != 0 {
            seq = seq.wrapping_add(1);
            if self.next != Some(seq) {
                let (last_us, last_offset) = (self.last_us, self.last_offset);
                *self = Self { next: Some(seq), last_us, last_offset, ..Self::default() };
            }
        }
        if segment.data.is_empty() {
            return;
        }
        self.lost |= self.next.is_none();
        let next = *self.next.get_or_insert(seq);
        let ahead = seq.wrapping_sub(next) as i32;
        if segment.cut {
            self.take_cut(ahead, segment.data, messages);
        } else if ahead > 0 {
            account.note(Note::OutOfOrder, 1);
            self.keep(seq, next, segment.data, ts_us, account);
            if self.is_hopeless(ts_us) {
                self.jump(account, messages);
            }
        } else {
            self.append(ahead.unsigned_abs() as usize, segment.data, account, messages);
            self.drain(account, messages);
        }
    }

    /// A segment whose end was not captured: its first message still has the question.
    fn take_cut(&mut self, ahead: i32, data: &[u8], messages: &mut Vec<Vec<u8>>) {
        if ahead == 0 && self.ready.is_empty() && (!self.lost || begins_message(data)) {
            messages.push(data.get(2..).unwrap_or_default().to_vec());
        }
        self.forget();
        self.next = None;
    }

    fn forget(&mut self) {
        self.ready = Vec::new();
        self.later = Vec::new();
        self.waiting = 0;
        self.lost = true;
    }

    /// Keeps a segment behind a gap.
    fn keep(&mut self, seq: u32, next: u32, data: &[u8], ts_us: i64, account: &mut Account) {
        if self.later.is_empty() {
            self.gap_us = ts_us;
        }
        let distance = |seq: u32| seq.wrapping_sub(next);
        let place = self.later.partition_point(|(other, _)| distance(*other) < distance(seq));
        let same = self.later.get(place).filter(|(other, _)| *other == seq);
        if same.is_some_and(|(_, other)| other.len() >= data.len()) {
            account.note(Note::Retransmitted, 1);
            return;
        }
        self.waiting += data.len();
        self.later.insert(place, (seq, data.to_vec()));
    }

    fn is_hopeless(&self, ts_us: i64) -> bool {
        self.waiting > MOST_WAITING
            || self.later.len() > MOST_SEGMENTS
            || ts_us - self.gap_us > GAP_US
    }

    /// Appends the bytes behind the first `known`, which are there already.
    fn append(
        &mut self,
        known: usize,
        data: &[u8],
        account: &mut Account,
        messages: &mut Vec<Vec<u8>>,
    ) {
        account.note(Note::Retransmitted, u64::from(known > 0));
        let Some(fresh) = data.get(known..).filter(|fresh| !fresh.is_empty()) else { return };
        self.next = self.next.map(|next| next.wrapping_add(fresh.len() as u32));
        if self.lost && !begins_message(fresh) {
            return;
        }
        self.lost = false;
        if self.ready.is_empty() {
            let used = self.split(fresh, messages);
            self.ready = fresh[used..].to_vec();
        } else {
            self.ready.extend_from_slice(fresh);
            let ready = std::mem::take(&mut self.ready);
            let used = self.split(&ready, messages);
            self.ready = ready[used..].to_vec();
        }
    }

    /// Takes whole messages off the start of `data`; the bytes done with.
    fn split(&mut self, data: &[u8], messages: &mut Vec<Vec<u8>>) -> usize {
        let mut at = 0;
        while let Some(length) = be16(data, at).map(usize::from) {
            if length < HEADER {
                self.lost = true;
                return data.len();
            }
            let Some(message) = data.get(at + 2..at + 2 + length) else { break };
            messages.push(message.to_vec());
            at += 2 + length;
        }
        at
    }

    /// Appends the segments that the gap kept waiting.
    fn drain(&mut self, account: &mut Account, messages: &mut Vec<Vec<u8>>) {
        while let (Some(next), Some((seq, _))) = (self.next, self.later.first()) {
            let ahead = seq.wrapping_sub(next) as i32;
            if ahead > 0 {
                return;
            }
            let (_, data) = self.later.remove(0);
            self.waiting -= data.len();
            self.append(ahead.unsigned_abs() as usize, &data, account, messages);
        }
    }

    /// Gives the gap up and goes on behind it.
    fn jump(&mut self, account: &mut Account, messages: &mut Vec<Vec<u8>>) {
        let Some((seq, _)) = self.later.first() else { return };
        account.note(Note::Gaps, 1);
        self.ready = Vec::new();
        self.lost = true;
        self.next = Some(*seq);
        self.drain(account, messages);
    }

    fn jump_all(&mut self, account: &mut Account, messages: &mut Vec<Vec<u8>>) {
        while !self.later.is_empty() {
            self.jump(account, messages);
        }
    }
}

/// Whether `data` begins with a length and a message that has a question.
fn begins_message(data: &[u8]) -> bool {
    let (Some(length), Some(rest)) = (be16(data, 0), data.get(2..)) else { return false };
    let message = &rest[..rest.len().min(usize::from(length))];
    let asks = Header::read(message)
        .is_some_and(|header| (1..=MOST_QUESTIONS).contains(&header.questions));
    asks && Message::read(message, &mut Vec::new()).is_ok()
}
