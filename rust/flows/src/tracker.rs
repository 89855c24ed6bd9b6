//! Flows of packets: one row a direction of a conversation, cut by timeouts.
//!
//! A flow is all packets with the same addresses, ports and protocol (RFC 7011, 2). It ends
//! when no packet came for a minute, or five minutes after its first one; time is that of the
//! packets, so the result does not depend on when or how fast a capture is read.

use std::collections::HashMap;

use kaname_packets::container::{Frame, Sink};
use kaname_packets::datagram::{self, Datagram, Part};
use kaname_packets::report as capture;

use crate::account::{Note, Outcome, Report};
use crate::capture::with_container;
use crate::rows::{FlowRows, Pools, Row};

const KIND: i8 = 5;
const IDLE_US: i64 = 60_000_000;
const ACTIVE_US: i64 = 300_000_000;
/// How often flows that ended are looked for, in time of packets.
const SWEEP_US: i64 = 10_000_000;
/// Flows that are open at a time; beyond it those that were idle longest are ended.
const MOST_OPEN: usize = 2_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Key {
    src: u128,
    dst: u128,
    sport: u16,
    dport: u16,
    proto: u8,
}

#[derive(Clone, Copy, Debug)]
struct Flow {
    first_us: i64,
    last_us: i64,
    offset: u64,
    packets: i64,
    octets: i64,
    tcp_bits: u16,
    vlan: Option<u16>,
}

/// Gathers packets into flows.
#[derive(Debug)]
pub struct Tracker {
    open: HashMap<Key, Flow>,
    ended: Vec<(Key, Flow)>,
    /// The latest time of a packet, and when ended flows were looked for.
    now_us: i64,
    swept_us: i64,
    rows: FlowRows,
    pools: Pools,
    room: usize,
    report: Report,
    container: capture::Report,
}

impl Tracker {
    /// `room`: rows that a batch will have.
    #[must_use]
    pub fn new(room: usize) -> Self {
        let pools = Pools::default();
        Self {
            open: HashMap::new(),
            ended: Vec::new(),
            now_us: i64::MIN,
            swept_us: i64::MIN,
            rows: FlowRows::new(&pools, room),
            pools,
            room,
            report: Report::default(),
            container: capture::Report::default(),
        }
    }

    fn take(&mut self, packet: &Datagram, ts_us: i64, offset: u64) {
        self.report.count(Outcome::Flow, 1);
        self.report.span(ts_us);
        self.report.note(Note::Fragments, u64::from(packet.part != Part::Whole));
        self.report.note(Note::Truncated, u64::from(packet.truncated));
        let Datagram { src, dst, sport, dport, proto, .. } = *packet;
        let key = Key { src, dst, sport, dport, proto };
        let fresh = Flow::begin(packet, ts_us, offset);
        let flow = self.open.entry(key).or_insert(fresh);
        if flow.is_over(ts_us) {
            self.ended.push((key, std::mem::replace(flow, fresh)));
        }
        flow.add(packet, ts_us);
        self.tick(ts_us);
    }

    /// Ends flows by the clock of the packets.
    fn tick(&mut self, ts_us: i64) {
        self.now_us = self.now_us.max(ts_us);
        if self.swept_us == i64::MIN {
            self.swept_us = self.now_us;
        }
        if self.open.len() > MOST_OPEN {
            self.sweep(SWEEP_US);
            if self.open.len() > MOST_OPEN {
                self.sweep(i64::MIN);
            }
        } else if self.now_us - self.swept_us >= SWEEP_US {
            self.sweep(IDLE_US);
        }
    }

    /// Ends flows that were idle for `idle_us`, and writes what has ended in order of time.
    fn sweep(&mut self, idle_us: i64) {
        self.swept_us = self.now_us;
        let now = self.now_us;
        let over = |_: &Key, flow: &mut Flow| {
            now.saturating_sub(flow.last_us) >= idle_us || now - flow.first_us >= ACTIVE_US
        };
        self.ended.extend(self.open.extract_if(over));
        self.write();
    }

    fn write(&mut self) {
        self.ended.sort_unstable_by_key(|(key, flow)| (flow.first_us, flow.offset, *key));
        for (key, flow) in self.ended.drain(..) {
            self.rows.push(&flow.row(&key));
        }
    }

    /// Ends all flows: nothing follows.
    pub fn finish(&mut self) {
        self.sweep(i64::MIN);
    }

    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    /// The rows since the last call.
    pub fn take_rows(&mut self) -> FlowRows {
        let next = FlowRows::new(&self.pools, self.room);
        std::mem::replace(&mut self.rows, next)
    }

    /// The account: a record is a packet here.
    #[must_use]
    pub fn account(&self) -> Report {
        with_container(&self.report, &self.container)
    }
}

impl Flow {
    fn begin(packet: &Datagram, ts_us: i64, offset: u64) -> Self {
        Self {
            first_us: ts_us,
            last_us: ts_us,
            offset,
            packets: 0,
            octets: 0,
            tcp_bits: 0,
            vlan: packet.vlan,
        }
    }

    fn is_over(&self, ts_us: i64) -> bool {
        ts_us.saturating_sub(self.last_us) >= IDLE_US
            || ts_us.saturating_sub(self.first_us) >= ACTIVE_US
    }

    fn add(&mut self, packet: &Datagram, ts_us: i64) {
        self.first_us = self.first_us.min(ts_us);
        self.last_us = self.last_us.max(ts_us);
        self.packets += 1;
        self.octets += i64::from(packet.length);
        self.tcp_bits |= packet.tcp_bits;
    }

    fn row(&self, key: &Key) -> Row {
        Row {
            ts: self.first_us,
            kind: KIND,
            row_in_src: self.offset as i64,
            src: key.src,
            dst: key.dst,
            sport: key.sport,
            dport: key.dport,
            proto: key.proto,
            tcp_bits: self.tcp_bits,
            packets: self.packets,
            octets: self.octets,
            dur_us: self.last_us - self.first_us,
            sampling: 1,
            vlan: self.vlan.map(i32::from),
            ..Row::default()
        }
    }
}

impl Sink for Tracker {
    fn frame(&mut self, frame: &Frame) {
        match datagram::read(frame.link, frame.data, frame.wire_length as usize) {
            Ok(packet) => self.take(&packet, frame.ts_us.max(0), frame.offset),
            Err(
                capture::Outcome::BadIpv4 | capture::Outcome::BadIpv6 | capture::Outcome::ShortLink,
            ) => {
                // A packet from the wire may be malformed in a sound capture.
                let damaged = self.report.damaged;
                self.report.malformed(frame.offset, "malformed_packet", frame.data);
                self.report.damaged = damaged;
            }
            Err(_) => self.report.count(Outcome::Other, 1),
        }
    }

    fn report(&mut self) -> &mut capture::Report {
        &mut self.container
    }
}
