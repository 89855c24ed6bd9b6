//! A sample of the packets of a moment, as columns, for a picture of what arrives now.

use crate::container::Frame;
use crate::ip;
use crate::packet::{Decoded, Packet, mark};
use crate::report::Outcome;

/// Packets of one moment at most.
pub const MOST: usize = 2_000;

/// Columns of IPv4 packets in the order in which they came; see `PacketBlock` in
/// `kaname.readers.live.tap`.
#[derive(Debug, Default)]
pub struct Moment {
    pub base_us: i64,
    pub src: Vec<u32>,
    pub dst: Vec<u32>,
    pub sport: Vec<u16>,
    pub dport: Vec<u16>,
    pub after_us: Vec<u32>,
    pub ptype: Vec<u8>,
    pub marks: Vec<u16>,
    /// Packets that arrived in the moment, sampled or not.
    pub stands_for: u64,
}

/// A column as its bytes, in the order of this machine.
#[must_use]
pub fn bytes<T: bytemuck::NoUninit>(column: &[T]) -> &[u8] {
    bytemuck::cast_slice(column)
}

/// Gathers moments. Every n-th packet is taken, n by how many came in the moment before.
#[derive(Debug, Default)]
pub struct Tap {
    pub followed: bool,
    now: Moment,
    every: u64,
}

impl Tap {
    /// Looks at a frame, if anybody follows.
    #[inline]
    pub fn frame(&mut self, frame: &Frame) {
        if self.followed {
            self.look(frame);
        }
    }

    fn look(&mut self, frame: &Frame) {
        self.now.stands_for += 1;
        let sampled = self.now.stands_for.is_multiple_of(self.every.max(1));
        if !sampled || self.now.src.len() >= MOST {
            return;
        }
        let mut packet = Packet::default();
        let mut decoded = Decoded::at(&mut packet);
        let (outcome, _) = ip::decode(frame, &mut decoded);
        if !matches!(outcome, Outcome::Ipv4) {
            return;
        }
        let dport = decoded.detail.dport;
        if self.now.src.is_empty() {
            self.now.base_us = frame.ts_us;
        }
        let after = frame.ts_us.saturating_sub(self.now.base_us).clamp(0, i64::from(u32::MAX));
        self.now.after_us.push(after as u32);
        self.now.src.push(packet.src);
        self.now.dst.push(packet.dst);
        self.now.sport.push(if packet.has(mark::PORTS) { packet.sport } else { 0 });
        self.now.dport.push(dport);
        self.now.ptype.push(packet.ptype);
        self.now.marks.push(packet.fp);
    }

    /// The moment until now; `None` when nothing came in it.
    pub fn take(&mut self) -> Option<Moment> {
        let moment = std::mem::take(&mut self.now);
        self.every = moment.stands_for.div_ceil(MOST as u64);
        (moment.stands_for > 0).then_some(moment)
    }
}
