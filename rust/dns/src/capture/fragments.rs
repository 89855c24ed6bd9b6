//! Fragments of datagrams (RFC 791, 3.2; RFC 8200, 4.5), put together.
//!
//! Fragments that contradict each other drop the datagram (RFC 5722). What is incomplete
//! after a few seconds, or when too much is held, is let go; its first fragment is given
//! out, since it holds the question.

use std::collections::{HashMap, VecDeque};

use kaname_packets::container::Frame;
use kaname_packets::datagram::Datagram;
use kaname_packets::link::{Network, network};
use serde::{Deserialize, Serialize};

use super::account::{Account, Note};
use super::{Origin, UDP, UDP_HEADER};
use crate::exchange::End;
use crate::rows::Transport;
use crate::wire::{be16, be32};

/// Less than the patience with responses, so that the row of the query is still there.
const TIMEOUT_US: i64 = 3_000_000;
const MOST_DATAGRAMS: usize = 4096;
const MOST_BYTES: usize = 64 << 20;
const MOST_LENGTH: usize = 65_535;
/// Fragments of a datagram; the smallest link there is needs fewer.
const MOST_PARTS: usize = 1024;
const IPV6_FRAGMENT: u8 = 44;
const MOST_EXTENSIONS: usize = 8;

/// What the fragments of a datagram have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Key {
    src: u128,
    dst: u128,
    id: u32,
    proto: u8,
}

/// One fragment.
struct Fragment<'a> {
    id: u32,
    proto: u8,
    at: usize,
    more: bool,
    data: &'a [u8],
}

#[derive(Debug, Serialize, Deserialize)]
struct Partial {
    /// Order of arrival, to tell a datagram from a later one with the same key.
    number: u64,
    ts_us: i64,
    offset: u64,
    parts: Vec<(usize, Vec<u8>)>,
    held: usize,
    total: Option<usize>,
}

/// A datagram put together, or what there is of its beginning.
#[derive(Debug)]
pub struct Assembled {
    key: Key,
    ts_us: i64,
    offset: u64,
    pub data: Vec<u8>,
}

/// Datagrams that are not complete.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Fragments {
    partial: HashMap<Key, Partial>,
    /// In the order of their first fragment.
    order: VecDeque<(Key, u64, i64)>,
    next: u64,
    bytes: usize,
}

impl Assembled {
    /// Where a UDP datagram comes from, and what is in it.
    pub fn udp(&self) -> Option<(Origin, &[u8])> {
        if self.key.proto != UDP {
            return None;
        }
        let payload = self.data.get(UDP_HEADER..)?;
        let origin = Origin {
            ts_us: self.ts_us,
            offset: self.offset,
            from: End { address: self.key.src, port: be16(&self.data, 0)? },
            to: End { address: self.key.dst, port: be16(&self.data, 2)? },
            transport: Transport::Udp,
        };
        Some((origin, payload))
    }
}

impl Fragments {
    /// Takes the fragment in `frame`; the datagram that it completes.
    pub fn add(
        &mut self,
        frame: &Frame,
        ts_us: i64,
        found: &Datagram,
        account: &mut Account,
    ) -> Option<Assembled> {
        let fragment = fragment(frame).filter(|fragment| fragment.proto == UDP)?;
        let key = Key { src: found.src, dst: found.dst, id: fragment.id, proto: fragment.proto };
        let sound = !fragment.more || fragment.data.len().is_multiple_of(8);
        if !sound && !found.truncated || fragment.at + fragment.data.len() > MOST_LENGTH {
            account.problem(frame.offset, "fragment_length", frame.data);
            return None;
        }
        let partial = match self.partial.get_mut(&key) {
            Some(partial) => partial,
            None => self.begin(key, ts_us, frame.offset),
        };
        let before = partial.held;
        let fits = partial.add(&fragment);
        let partial_held = partial.held;
        self.bytes += partial_held - before;
        if !fits {
            account.note(Note::FragmentsOverlap, 1);
            self.remove(&key);
            return None;
        }
        // A fragment that was not captured whole never completes its datagram.
        let complete = self.partial[&key].is_complete() && !found.truncated;
        if complete { self.complete(&key, ts_us, frame.offset) } else { None }
    }

    fn begin(&mut self, key: Key, ts_us: i64, offset: u64) -> &mut Partial {
        let number = self.next;
        self.next += 1;
        self.order.push_back((key, number, ts_us));
        let partial = Partial { number, ts_us, offset, parts: Vec::new(), held: 0, total: None };
        self.partial.entry(key).or_insert(partial)
    }

    fn remove(&mut self, key: &Key) -> Option<Partial> {
        let partial = self.partial.remove(key)?;
        self.bytes -= partial.held;
        Some(partial)
    }

    /// The datagram is seen when its last fragment is, and stands where that stands.
    fn complete(&mut self, key: &Key, ts_us: i64, offset: u64) -> Option<Assembled> {
        let data = self.remove(key)?.beginning();
        Some(Assembled { key: *key, ts_us, offset, data })
    }

    /// The oldest datagram, when it is too old or too much is held.
    pub fn evict_old(&mut self, now_us: i64) -> Option<Assembled> {
        loop {
            let (_, _, ts_us) = self.order.front()?;
            let full = self.partial.len() > MOST_DATAGRAMS || self.bytes > MOST_BYTES;
            if !full && now_us - ts_us <= TIMEOUT_US {
                return None;
            }
            if let Some(first) = self.drop_front() {
                return Some(first);
            }
        }
    }

    /// The oldest datagram.
    pub fn evict(&mut self) -> Option<Assembled> {
        while !self.order.is_empty() {
            if let Some(first) = self.drop_front() {
                return Some(first);
            }
        }
        None
    }

    /// Lets the oldest go; its beginning, unless it was completed before.
    fn drop_front(&mut self) -> Option<Assembled> {
        let (key, number, _) = self.order.pop_front()?;
        if self.partial.get(&key)?.number != number {
            return None;
        }
        let partial = self.remove(&key)?;
        let (ts_us, offset) = (partial.ts_us, partial.offset);
        Some(Assembled { key, ts_us, offset, data: partial.beginning() })
    }
}

impl Partial {
    /// False when the fragment contradicts those before.
    fn add(&mut self, fragment: &Fragment) -> bool {
        let (start, end) = (fragment.at, fragment.at + fragment.data.len());
        let place = self.parts.partition_point(|(at, _)| *at < start);
        if self.parts.get(place).is_some_and(|(at, data)| *at == start && data == fragment.data) {
            return true; // a copy
        }
        let behind = self.parts.get(place).is_none_or(|(at, _)| end <= *at);
        let before = place.checked_sub(1).map(|place| &self.parts[place]);
        let clear = before.is_none_or(|(at, data)| at + data.len() <= start);
        let total = if fragment.more { self.total } else { Some(end) };
        let agrees = fragment.more || self.total.is_none_or(|total| total == end);
        if !(behind && clear && agrees) || self.parts.len() >= MOST_PARTS {
            return false;
        }
        self.total = total;
        self.held += fragment.data.len();
        self.parts.insert(place, (start, fragment.data.to_vec()));
        true
    }

    fn is_complete(&self) -> bool {
        self.total == Some(self.held)
    }

    /// The bytes from the start up to the first gap.
    fn beginning(self) -> Vec<u8> {
        let mut data = Vec::with_capacity(self.held);
        for (at, part) in self.parts {
            if at != data.len() {
                break;
            }
            data.extend(part);
        }
        data
    }
}

/// The fragment in a frame.
fn fragment<'a>(frame: &Frame<'a>) -> Option<Fragment<'a>> {
    match network(frame.link, frame.data).0 {
        Network::V4(at) => fragment_v4(frame.data.get(at..)?),
        Network::V6(at) => fragment_v6(frame.data.get(at..)?),
        _ => None,
    }
}

fn fragment_v4(data: &[u8]) -> Option<Fragment<'_>> {
    let header = usize::from(data.first()? & 15) * 4;
    let length = be16(data, 2).map(usize::from)?;
    let place = be16(data, 6)?;
    Some(Fragment {
        id: u32::from(be16(data, 4)?),
        proto: *data.get(9)?,
        at: usize::from(place & 0x1FFF) * 8,
        more: place & 0x2000 != 0,
        data: data.get(header..length.min(data.len()))?,
    })
}

fn fragment_v6(data: &[u8]) -> Option<Fragment<'_>> {
    let end = (usize::from(be16(data, 4)?) + 40).min(data.len());
    let (mut proto, mut at) = (*data.get(6)?, 40);
    for _ in 0..MOST_EXTENSIONS {
        if proto == IPV6_FRAGMENT {
            let place = be16(data, at + 2)?;
            return Some(Fragment {
                id: be32(data, at + 4)?,
                proto: *data.get(at)?,
                at: usize::from(place & 0xFFF8),
                more: place & 1 != 0,
                data: data.get(at + 8..end)?,
            });
        }
        proto = *data.get(at)?;
        at += (usize::from(*data.get(at + 1)?) + 1) * 8;
    }
    None
}
