//! A few packets of everything that a minute holds, so that somebody far away can judge it.

use std::collections::HashMap;

use crate::container::Frame;
use crate::ip;
use crate::packet::{Decoded, Packet};
use crate::report::Outcome;
use crate::rows::{PacketRows, Pools};

const MINUTE_US: i64 = 60_000_000;
/// Sources and types of a minute of which packets are kept.
const MOST_KEPT: usize = 4_000;

/// Takes the first packets of each source and packet type of a minute.
#[derive(Debug, Default)]
pub struct Evidence {
    /// Packets of each; 0 takes none.
    pub most: u8,
    minute: i64,
    taken: HashMap<(u128, u8), u8>,
    rows: Option<PacketRows>,
    pools: Pools,
}

impl Evidence {
    /// Looks at a frame, if samples are wanted.
    #[inline]
    pub fn frame(&mut self, frame: &Frame) {
        if self.most > 0 {
            self.look(frame);
        }
    }

    fn look(&mut self, frame: &Frame) {
        let minute = frame.ts_us.div_euclid(MINUTE_US);
        if minute > self.minute {
            self.minute = minute;
            self.taken.clear();
        }
        let mut packet = Packet::default();
        let mut decoded = Decoded::at(&mut packet);
        let (outcome, _) = ip::decode(frame, &mut decoded);
        let source = match outcome {
            Outcome::Ipv4 => u128::from(decoded.packet.src),
            Outcome::Ipv6 => decoded.wide.src,
            _ => return,
        };
        let key = (source, decoded.packet.ptype);
        let known = self.taken.len();
        let taken = match self.taken.get_mut(&key) {
            Some(taken) => taken,
            None if known < MOST_KEPT => self.taken.entry(key).or_default(),
            None => return,
        };
        if *taken < self.most {
            *taken += 1;
            let pools = &self.pools;
            self.rows.get_or_insert_with(|| PacketRows::new(pools)).push(frame.ts_us, &decoded);
        }
    }

    /// The packets since the last call.
    pub fn take(&mut self) -> Option<PacketRows> {
        self.rows.take()
    }
}
