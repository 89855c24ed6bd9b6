//! From the packets of a minute to its flowtuples.
//!
//! The packets are sorted, not hashed: rows have to come out sorted anyway (that is what
//! makes them small), on a darknet nearly every packet is a row of its own, and sorted
//! packets of one source lie side by side, which is what comparing them needs.

use crate::fingerprint::{RETRANSMISSION, SAME_SEQ, SAME_SPORT};
use crate::minute::Minute;
use crate::packet::{Packet, mark};
use crate::relation::{self, UNJUDGED};
use crate::rows::{FlowRows, Row, Victim};
use crate::sort::{SOURCE, sort_by_source};

const MAPPED: u128 = 0xffff << 32;
const MINUTE_US: i64 = 60_000_000;
/// IPv4 packets that are fetched at a time.
const FETCHED: usize = 256;
const INDEX_BITS: u32 = 32;

/// Appends the flowtuples of `minute`, sorted by source, type, port and destination.
///
/// Words of addresses sort as signed numbers, as they do in the lake.
pub fn aggregate(minute: &Minute, room: &mut SortRoom, rows: &mut FlowRows) {
    let SortRoom { narrow, wide, spare, sorted } = room;
    order_narrow(minute, narrow, spare);
    order_wide(minute, wide);
    let split = wide.partition_point(|key| key.src < signed_words(MAPPED));
    gather(&WideOrder { minute, keys: &wide[..split] }, rows);
    gather_narrow(minute, narrow, sorted, rows);
    gather(&WideOrder { minute, keys: &wide[split..] }, rows);
    rows.fill_ts(minute.minute * MINUTE_US);
}

/// Rows of IPv4 packets, some whole sources at a time.
///
/// The packets are first copied into their order: a loop that does nothing but fetch lets
/// the processor wait for many of them at once, and what is copied is near afterwards.
fn gather_narrow(minute: &Minute, keys: &[u128], sorted: &mut Vec<Packet>, rows: &mut FlowRows) {
    let mut rest = keys;
    while !rest.is_empty() {
        let least = rest.len().min(FETCHED);
        let last = rest[least - 1] >> SOURCE;
        let more = rest[least..].iter().take_while(|key| **key >> SOURCE == last).count();
        let (keys, behind) = rest.split_at(least + more);
        sorted.clear();
        sorted.extend(keys.iter().map(|key| minute.packets[*key as u32 as usize]));
        gather(&NarrowOrder { keys, sorted }, rows);
        rest = behind;
    }
}

/// Room for sorting a minute, used again for the next.
#[derive(Debug, Default)]
pub struct SortRoom {
    narrow: Vec<u128>,
    wide: Vec<WideKey>,
    spare: Vec<u128>,
    /// IPv4 packets in the order of `narrow`.
    sorted: Vec<Packet>,
}

/// Packets in the order of rows.
trait Order {
    fn len(&self) -> usize;
    fn packet(&self, at: usize) -> &Packet;
    /// Index of the packet at a place.
    fn index(&self, at: usize) -> usize;
    fn same_source(&self, one: usize, other: usize) -> bool;
    fn same_row(&self, one: usize, other: usize) -> bool;
    fn source(&self, packet: &Packet) -> u128;
    fn destination(&self, packet: &Packet) -> u128;
    fn victim(&self, packet: &Packet) -> u128;
}

/// IPv4: the whole key and the packet's index fit into one number.
struct NarrowOrder<'a> {
    keys: &'a [u128],
    sorted: &'a [Packet],
}

/// Keys of the IPv4 packets: source, type, port, destination /24, protocol, index.
fn order_narrow(minute: &Minute, keys: &mut Vec<u128>, spare: &mut Vec<u128>) {
    keys.clear();
    let narrow = minute.packets.iter().enumerate().filter(|(_, packet)| !packet.has(mark::IPV6));
    keys.extend(narrow.map(|(index, packet)| narrow_key(index, packet)));
    sort_by_source(keys, spare);
}

#[inline]
fn narrow_key(index: usize, packet: &Packet) -> u128 {
    let service = u64::from(packet.ptype) << 16 | u64::from(packet.port);
    let high = u64::from(packet.src) << 24 | service;
    let low = u64::from(packet.dst & !0xff) | u64::from(packet.proto);
    u128::from(high) << 64 | u128::from(low) << INDEX_BITS | index as u128
}

impl Order for NarrowOrder<'_> {
    fn len(&self) -> usize {
        self.keys.len()
    }
    #[inline]
    fn packet(&self, at: usize) -> &Packet {
        &self.sorted[at]
    }
    #[inline]
    fn index(&self, at: usize) -> usize {
        self.keys[at] as u32 as usize
    }
    #[inline]
    fn same_source(&self, one: usize, other: usize) -> bool {
        self.keys[one] >> SOURCE == self.keys[other] >> SOURCE
    }
    #[inline]
    fn same_row(&self, one: usize, other: usize) -> bool {
        self.keys[one] >> INDEX_BITS == self.keys[other] >> INDEX_BITS
    }
    #[inline]
    fn source(&self, packet: &Packet) -> u128 {
        MAPPED | u128::from(packet.src)
    }
    #[inline]
    fn destination(&self, packet: &Packet) -> u128 {
        MAPPED | u128::from(packet.dst)
    }
    fn victim(&self, packet: &Packet) -> u128 {
        MAPPED | u128::from(packet.victim)
    }
}

/// Key of an IPv6 packet, in the order of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct WideKey {
    src: (i64, i64),
    ptype: u8,
    port: u16,
    /// Destination /120.
    dst: (i64, i64),
    proto: u8,
    index: usize,
}

struct WideOrder<'a> {
    minute: &'a Minute,
    keys: &'a [WideKey],
}

fn order_wide(minute: &Minute, keys: &mut Vec<WideKey>) {
    keys.clear();
    if minute.wide.is_empty() {
        return;
    }
    let wide = minute.packets.iter().enumerate().filter(|(_, packet)| packet.has(mark::IPV6));
    keys.extend(wide.map(|(index, packet)| wide_key(minute, index, packet)));
    keys.sort_unstable();
}

fn wide_key(minute: &Minute, index: usize, packet: &Packet) -> WideKey {
    let addresses = &minute.wide[packet.src as usize];
    WideKey {
        src: signed_words(addresses.src),
        ptype: packet.ptype,
        port: packet.port,
        dst: signed_words(addresses.dst & !0xff),
        proto: packet.proto,
        index,
    }
}

/// An address as the lake holds it: high and low word, signed.
pub fn signed_words(address: u128) -> (i64, i64) {
    ((address >> 64) as u64 as i64, address as u64 as i64)
}

impl Order for WideOrder<'_> {
    fn len(&self) -> usize {
        self.keys.len()
    }
    fn packet(&self, at: usize) -> &Packet {
        &self.minute.packets[self.keys[at].index]
    }
    fn index(&self, at: usize) -> usize {
        self.keys[at].index
    }
    fn same_source(&self, one: usize, other: usize) -> bool {
        self.keys[one].src == self.keys[other].src
    }
    fn same_row(&self, one: usize, other: usize) -> bool {
        WideKey { index: 0, ..self.keys[one] } == WideKey { index: 0, ..self.keys[other] }
    }
    fn source(&self, packet: &Packet) -> u128 {
        self.minute.wide[packet.src as usize].src
    }
    fn destination(&self, packet: &Packet) -> u128 {
        self.minute.wide[packet.src as usize].dst
    }
    fn victim(&self, packet: &Packet) -> u128 {
        self.minute.wide[packet.src as usize].victim
    }
}

fn gather<O: Order>(order: &O, rows: &mut FlowRows) {
    let mut group = Group::default();
    let mut at = 0;
    while at < order.len() {
        let mut end = at + 1;
        while end < order.len() && order.same_source(at, end) {
            end += 1;
        }
        let first = First::of(order, at, end);
        let mut probes = Probes::default();
        while at < end {
            if at >= probes.end {
                probes = Probes::of(order, at, end);
            }
            let mut next = at + 1;
            while next < end && order.same_row(at, next) {
                next += 1;
            }
            if next == at + 1 {
                give_single(order, at, (first, probes), rows);
            } else {
                group.give(order, at..next, (first, probes), rows);
            }
            at = next;
        }
    }
}

/// The first packets of a source in the minute: what the others are compared with.
#[derive(Clone, Copy, Default)]
struct First {
    /// Index of the first packet with ports, and its source port.
    ports: Option<(usize, u16)>,
    /// Index of the first TCP packet, and its sequence number.
    seq: Option<(usize, u32)>,
}

impl First {
    #[inline]
    fn of<O: Order>(order: &O, from: usize, to: usize) -> Self {
        let mut first = Self::default();
        if to - from == 1 {
            return first;
        }
        for at in from..to {
            let (index, packet) = (order.index(at), order.packet(at));
            if packet.has(mark::PORTS) && first.ports.is_none_or(|(earliest, _)| index < earliest) {
                first.ports = Some((index, packet.sport));
            }
            if packet.has(mark::SEQ) && first.seq.is_none_or(|(earliest, _)| index < earliest) {
                first.seq = Some((index, packet.seq));
            }
        }
        first
    }

    /// The bits of a packet, and those that it neither sets nor clears.
    #[inline]
    fn compare(self, index: usize, packet: &Packet) -> (u16, u16) {
        let (mut bits, mut neutral) = (packet.fp, 0);
        if let Some((earliest, sport)) = self.ports {
            if earliest == index {
                neutral |= SAME_SPORT;
            } else if packet.has(mark::PORTS) && packet.sport == sport {
                bits |= SAME_SPORT;
            }
        }
        if let Some((earliest, seq)) = self.seq {
            if earliest == index {
                neutral |= SAME_SEQ;
            } else if packet.has(mark::SEQ) && packet.seq == seq {
                bits |= SAME_SEQ;
            }
        }
        (bits, neutral)
    }
}

/// The packets of one source and type: which relations they are judged by, and their first.
#[derive(Clone, Copy, Default)]
struct Probes {
    end: usize,
    judged: u32,
    /// Index and place of the first packet, when there are more.
    first: Option<(usize, usize)>,
}

impl Probes {
    #[inline]
    fn of<O: Order>(order: &O, from: usize, to: usize) -> Self {
        let head = order.packet(from);
        let judged = relation::judged(head);
        let same = (from..to).take_while(|at| order.packet(*at).ptype == head.ptype);
        let end = same.last().map_or(from, |at| at + 1);
        if judged == 0 || end == from + 1 {
            return Self { end, judged, first: None };
        }
        Self { end, judged, first: (from..end).map(|at| (order.index(at), at)).min() }
    }

    /// The relations of a packet, and those that it neither sets nor clears.
    #[inline]
    fn compare<O: Order>(self, order: &O, index: usize, packet: &Packet) -> (u32, u32) {
        if self.judged == 0 {
            return (0, 0);
        }
        let (bits, neutral) = match self.first {
            Some((earliest, first)) if earliest != index => {
                relation::compare(packet, order.packet(first))
            }
            _ => (0, relation::RELATIVE),
        };
        ((bits | relation::of_packet(packet)) & self.judged, neutral)
    }

    /// Bits as the column `inv_all` holds them.
    #[inline]
    fn column(self, bits: u32) -> i32 {
        if self.judged == 0 { UNJUDGED } else { bits as i32 }
    }
}

#[inline]
fn give_single<O: Order>(order: &O, at: usize, firsts: (First, Probes), rows: &mut FlowRows) {
    let (first, probes) = firsts;
    let packet = order.packet(at);
    let (bits, _) = first.compare(order.index(at), packet);
    let (relations, _) = probes.compare(order, order.index(at), packet);
    give_victim(order, packet, rows);
    let inv_all = probes.column(relations);
    rows.push(Row { fp_all: bits, fp_any: bits, inv_all, ..row_of(order, packet) });
}

/// The row of a packet that is alone in it.
#[inline]
fn row_of<O: Order>(order: &O, packet: &Packet) -> Row {
    Row {
        offset: packet.offset,
        src: signed_words(order.source(packet)),
        dst: signed_words(order.destination(packet)),
        octets: i64::from(packet.length),
        packets: 1,
        uniq_sport: i32::from(packet.has(mark::PORTS)),
        options: packet.options,
        payload: packet.payload,
        port: packet.port,
        window: packet.window,
        fp_all: packet.fp,
        fp_any: packet.fp,
        inv_all: UNJUDGED,
        uniq_dst: 1,
        proto: packet.proto,
        ptype: packet.ptype,
        ttl_mode: packet.ttl,
        second: packet.second,
    }
}

fn give_victim<O: Order>(order: &O, packet: &Packet, rows: &mut FlowRows) {
    if packet.has(mark::VICTIM) {
        let (hi, lo) = signed_words(order.victim(packet));
        let port = packet.has(mark::VICTIM_PORT).then_some(packet.victim_port);
        rows.push_victim(Victim { hi, lo, proto: packet.victim_proto, port });
    }
}

/// Room for the packets of one row, used again for the next.
#[derive(Default)]
struct Group {
    sports: Vec<u16>,
    /// Destination, source port and sequence number of TCP packets.
    probes: Vec<u64>,
    ttls: Vec<u8>,
}

impl Group {
    fn give<O: Order>(
        &mut self,
        order: &O,
        range: std::ops::Range<usize>,
        firsts: (First, Probes),
        rows: &mut FlowRows,
    ) {
        let (first, probes) = firsts;
        self.sports.clear();
        self.probes.clear();
        self.ttls.clear();
        let head = order.packet(range.start);
        let head_dst = order.destination(head);
        let (mut octets, mut all, mut any) = (0i64, u16::MAX, 0u16);
        let (mut all_relations, mut any_relation) = (u32::MAX, 0);
        let mut seen = LowBytes::default();
        let mut victim = None;
        for at in range.clone() {
            let packet = order.packet(at);
            let (bits, neutral) = first.compare(order.index(at), packet);
            all &= bits | neutral;
            any |= bits;
            let (bits, neutral) = probes.compare(order, order.index(at), packet);
            all_relations &= bits | neutral;
            any_relation |= bits;
            octets += i64::from(packet.length);
            let low = order.destination(packet) as u8;
            seen.add(low);
            self.add(packet, low);
            victim = victim.or(packet.has(mark::VICTIM).then_some(packet));
        }
        if has_equal(&mut self.probes) {
            any |= RETRANSMISSION;
        }
        let more = seen.without(head_dst as u8);
        rows.push_more(&more);
        if let Some(packet) = victim {
            give_victim(order, packet, rows);
        }
        rows.push(Row {
            packets: range.len() as i32,
            octets,
            uniq_dst: more.len() as i16 + 1,
            uniq_sport: count_distinct(&mut self.sports),
            ttl_mode: mode(&mut self.ttls),
            // A bit that no packet was judged by is not a bit of all.
            fp_all: all & any,
            fp_any: any,
            inv_all: probes.column(all_relations & any_relation),
            ..row_of(order, head)
        });
    }

    fn add(&mut self, packet: &Packet, low: u8) {
        self.ttls.push(packet.ttl);
        if packet.has(mark::PORTS) {
            self.sports.push(packet.sport);
        }
        if packet.has(mark::SEQ) {
            let probe =
                u64::from(low) << 48 | u64::from(packet.sport) << 32 | u64::from(packet.seq);
            self.probes.push(probe);
        }
    }
}

/// A set of bytes.
#[derive(Clone, Copy, Default)]
pub struct LowBytes([u64; 4]);

impl LowBytes {
    fn add(&mut self, byte: u8) {
        self.0[usize::from(byte >> 6)] |= 1 << (byte & 63);
    }

    fn without(mut self, byte: u8) -> Self {
        self.0[usize::from(byte >> 6)] &= !(1 << (byte & 63));
        self
    }

    /// The bytes, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u8> + '_ {
        self.0
            .iter()
            .zip([0u8, 64, 128, 192])
            .flat_map(|(word, base)| Bits(*word).map(move |bit| base + bit))
    }

    #[must_use]
    pub fn len(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Places of the bits that are set.
struct Bits(u64);

impl Iterator for Bits {
    type Item = u8;
    fn next(&mut self) -> Option<u8> {
        let place = (self.0 != 0).then(|| self.0.trailing_zeros() as u8)?;
        self.0 &= self.0 - 1;
        Some(place)
    }
}

fn has_equal(values: &mut [u64]) -> bool {
    values.sort_unstable();
    values.windows(2).any(|pair| pair[0] == pair[1])
}

fn count_distinct(values: &mut Vec<u16>) -> i32 {
    values.sort_unstable();
    values.dedup();
    values.len() as i32
}

/// The most frequent value; the smallest of several.
fn mode(values: &mut [u8]) -> u8 {
    values.sort_unstable();
    let runs = values.chunk_by(|one, other| one == other);
    runs.fold((0, 0), |best, run| if run.len() > best.0 { (run.len(), run[0]) } else { best }).1
}
