//! Minutes that are still open: packets are held until their minute is given out.
//!
//! A capture may be out of order and its clock may jump, so a few minutes are open at a
//! time and the one that has been left alone for longest is closed first. What is held is
//! bounded by minutes and by packets. A packet for a minute that was closed opens it again
//! and so starts further rows.

use std::collections::{HashSet, VecDeque};

use serde::{Deserialize, Serialize};

use crate::packet::{Packet, Wide, mark};
use crate::report::{Note, Report};
use crate::rows::Pool;

/// Minutes open at a time: a packet may come 120 seconds after its neighbours.
const MOST_OPEN: usize = 3;
/// Packets held at a time (56 bytes each).
const MOST_HELD: usize = 1_000_000;
/// Closed minutes that are remembered, to tell packets that come late: one day.
const REMEMBERED: usize = 1440;

/// The packets of a minute, in the order in which they were captured.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Minute {
    /// Minutes since 1970.
    pub minute: i64,
    pub packets: Vec<Packet>,
    /// Addresses of the IPv6 packets.
    pub wide: Vec<Wide>,
}

impl Minute {
    /// Whether every IPv6 packet has its addresses.
    #[must_use]
    pub fn is_consistent(&self) -> bool {
        let wide = self.packets.iter().filter(|packet| packet.has(mark::IPV6));
        wide.enumerate().all(|(index, packet)| packet.src as usize == index)
            && self.packets.iter().filter(|packet| packet.has(mark::IPV6)).count()
                == self.wide.len()
    }
}

/// All open minutes, the one touched last at the end.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct OpenMinutes {
    open: Vec<Minute>,
    held: usize,
    closed: VecDeque<i64>,
    #[serde(skip)]
    closed_set: HashSet<i64>,
    #[serde(skip)]
    pool: Pool<Packet>,
    /// The minute touched last is one that was given out before.
    late: bool,
}

impl OpenMinutes {
    /// Whether `minute` is the one touched last.
    #[inline]
    pub fn is_at(&self, minute: i64) -> bool {
        self.open.last().is_some_and(|last| last.minute == minute)
    }

    /// Where the next packet of the minute touched last is written; it must be kept or
    /// taken back before the next one.
    #[inline]
    pub fn place(&mut self) -> Option<&mut Packet> {
        let packets = &mut self.open.last_mut()?.packets;
        packets.push(Packet::default());
        packets.last_mut()
    }

    /// Forgets what was written at the place.
    #[inline]
    pub fn take_back(&mut self) {
        if let Some(last) = self.open.last_mut() {
            last.packets.pop();
        }
    }

    /// Keeps the packet at the place, an IPv6 one with its addresses; minutes that have to
    /// be closed for it go to `out`.
    #[inline]
    pub fn keep(&mut self, wide: Option<Wide>, report: &mut Report, out: &mut Vec<Minute>) {
        if let (Some(wide), Some(last)) = (wide, self.open.last_mut())
            && let Some(packet) = last.packets.last_mut()
        {
            packet.src = last.wide.len() as u32;
            last.wide.push(wide);
        }
        if self.late {
            report.note(Note::Late, 1);
        }
        self.held += 1;
        if self.held > MOST_HELD {
            report.note(Note::Split, 1);
            self.close_oldest(out);
        }
    }

    /// Makes `minute` the last of the open ones; one that is closed for it goes to `out`.
    #[cold]
    pub fn touch(&mut self, minute: i64, out: &mut Vec<Minute>) {
        if let Some(index) = self.open.iter().position(|open| open.minute == minute) {
            let found = self.open.remove(index);
            self.open.push(found);
        } else {
            if self.open.len() == MOST_OPEN {
                self.close_oldest(out);
            }
            let packets = self.pool.take();
            self.open.push(Minute { minute, packets, wide: Vec::new() });
        }
        self.late = self.closed_set.contains(&minute);
    }

    fn close_oldest(&mut self, out: &mut Vec<Minute>) {
        if !self.open.is_empty() {
            let oldest = self.open.remove(0);
            self.close(oldest, out);
        }
    }

    fn close(&mut self, minute: Minute, out: &mut Vec<Minute>) {
        self.held -= minute.packets.len();
        if self.closed_set.insert(minute.minute) {
            self.closed.push_back(minute.minute);
        }
        if self.closed.len() > REMEMBERED
            && let Some(oldest) = self.closed.pop_front()
        {
            self.closed_set.remove(&oldest);
        }
        out.push(minute);
    }

    /// Closes all, in the order of time.
    pub fn finish(&mut self, out: &mut Vec<Minute>) {
        self.open.sort_by_key(|open| open.minute);
        for minute in std::mem::take(&mut self.open) {
            self.close(minute, out);
        }
    }

    /// Closes those before `minute`, in the order of time.
    pub fn close_before(&mut self, minute: i64, out: &mut Vec<Minute>) {
        let (mut ended, open): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.open).into_iter().partition(|open| open.minute < minute);
        self.open = open;
        ended.sort_by_key(|ended| ended.minute);
        for minute in ended {
            self.close(minute, out);
        }
    }

    /// Packets that are held.
    #[must_use]
    pub fn held(&self) -> usize {
        self.held
    }

    /// Where the memory of packets goes when they are done with.
    #[must_use]
    pub fn pool(&self) -> &Pool<Packet> {
        &self.pool
    }

    /// Puts right what a snapshot leaves out; false when the snapshot is not sound.
    pub fn restore(&mut self) -> bool {
        self.closed_set = self.closed.iter().copied().collect();
        self.held = self.open.iter().map(|open| open.packets.len()).sum();
        self.open.iter().all(Minute::is_consistent)
    }
}
