//! From pushed bytes to closed minutes; the state can be carried over a restart.

use serde::{Deserialize, Serialize};

use crate::container::{Container, Frame, NotACapture, Piece, Sink};
use crate::fingerprint::{FRAGMENT, TRUNCATED};
use crate::ip;
use crate::minute::{Minute, OpenMinutes};
use crate::packet::{Decoded, Packet, mark};
use crate::report::{Note, Outcome, Report};
use crate::rows::{PacketRows, Pool, Pools};
use crate::rsdos::{Attack, Detector};

const MINUTE_US: i64 = 60_000_000;
const SECOND_US: i64 = 1_000_000;
/// 9999-12-31T23:59:59.999999Z: the last time that has a date in every tool.
const LAST_US: i64 = 253_402_300_799_999_999;
const SNAPSHOT: &[u8] = b"kaname packets 2\n";

/// Reads one capture.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Stage {
    container: Container,
    /// Bytes that are not done with; the first stands at `base` of the stream.
    buffer: Vec<u8>,
    base: u64,
    work: Work,
}

/// Everything behind the container.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Work {
    open: OpenMinutes,
    report: Report,
    keep_packets: bool,
    dos: Detector,
    #[serde(skip)]
    pools: Pools,
    #[serde(skip)]
    closed: Vec<Minute>,
    #[serde(skip)]
    packets: Option<PacketRows>,
}

impl Stage {
    #[must_use]
    pub fn new(keep_packets: bool) -> Self {
        Self { work: Work { keep_packets, ..Work::default() }, ..Self::default() }
    }

    /// Where to append the next bytes of the stream, before `advance`.
    pub fn input(&mut self) -> &mut Vec<u8> {
        &mut self.buffer
    }

    /// Reads what became whole by the bytes that were appended.
    ///
    /// # Errors
    ///
    /// [`NotACapture`] when the stream does not begin like one.
    pub fn advance(&mut self) -> Result<(), NotACapture> {
        self.read(false)
    }

    /// Reads the rest: the stream has ended. All minutes are closed.
    ///
    /// # Errors
    ///
    /// [`NotACapture`] when the stream does not begin like one.
    pub fn finish(&mut self) -> Result<(), NotACapture> {
        self.read(true)?;
        self.work.open.finish(&mut self.work.closed);
        self.work.dos.finish();
        Ok(())
    }

    fn read(&mut self, last: bool) -> Result<(), NotACapture> {
        let piece = Piece { data: &self.buffer, base: self.base, last };
        let done = self.container.read(piece, &mut self.work)?;
        self.buffer.drain(..done);
        self.base += done as u64;
        Ok(())
    }

    /// Minutes that were closed since the last call.
    pub fn take_closed(&mut self) -> Vec<Minute> {
        std::mem::take(&mut self.work.closed)
    }

    /// Attacks that were reported since the last call.
    pub fn take_attacks(&mut self) -> Vec<Attack> {
        self.work.dos.take()
    }

    /// Packet rows since the last call, when they are kept.
    pub fn take_packets(&mut self) -> Option<PacketRows> {
        self.work.packets.take()
    }

    #[must_use]
    pub fn packets_held(&self) -> usize {
        self.work.packets.as_ref().map_or(0, PacketRows::len)
    }

    /// Where the memory of closed minutes goes when they are done with.
    #[must_use]
    pub fn pool(&self) -> &Pool<Packet> {
        self.work.open.pool()
    }

    #[must_use]
    pub fn report(&self) -> &Report {
        &self.work.report
    }

    /// Takes a frame that came without a container.
    #[inline]
    pub fn frame(&mut self, frame: &Frame) {
        self.work.frame(frame);
    }

    /// Closes the minutes that ended before that time, in the order of time.
    pub fn close_before(&mut self, ts_us: i64) {
        self.work.open.close_before(ts_us.div_euclid(MINUTE_US), &mut self.work.closed);
        self.work.dos.end_before(ts_us);
    }

    /// Packets in open minutes.
    #[must_use]
    pub fn held(&self) -> usize {
        self.work.open.held()
    }

    /// The account, for who reads containers in front of this stage.
    pub fn report_mut(&mut self) -> &mut Report {
        &mut self.work.report
    }

    /// Tells of damage at the end of what was pushed so far.
    pub fn damage(&mut self, reason: &str) {
        let offset = self.base + self.buffer.len() as u64;
        self.work.report.problem(offset, reason, &[]);
    }

    /// The state, for [`Stage::restore`]. What was closed must be taken before.
    ///
    /// # Panics
    ///
    /// Never: the state has a form that can be written.
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        let start = SNAPSHOT.to_vec();
        postcard::to_extend(self, start).expect("plain data")
    }

    /// The stage of a snapshot, or `None` when it is not one of this version.
    #[must_use]
    pub fn restore(snapshot: &[u8]) -> Option<Self> {
        let state = snapshot.strip_prefix(SNAPSHOT)?;
        let mut stage: Self = postcard::from_bytes(state).ok()?;
        (stage.work.open.restore() && stage.work.dos.is_consistent()).then_some(stage)
    }
}

impl Sink for Work {
    #[inline]
    fn frame(&mut self, frame: &Frame) {
        let time = frame.ts_us.clamp(0, LAST_US);
        let minute = time / MINUTE_US;
        if !self.open.is_at(minute) && !self.turn_to(minute, frame) {
            return;
        }
        let Some(packet) = self.open.place() else { return };
        let mut decoded = Decoded::at(packet);
        let (outcome, tagged) = ip::decode(frame, &mut decoded);
        if !is_packet(outcome) {
            self.open.take_back();
            return self.account(frame, outcome, tagged);
        }
        let watched = self.dos.see(time, &decoded);
        let packet = &mut *decoded.packet;
        packet.second = ((time - minute * MINUTE_US) / SECOND_US) as u8;
        let wide = packet.has(mark::IPV6).then_some(decoded.wide);
        let report = &mut self.report;
        report.span(time);
        report.note(Note::Unwatched, u64::from(!watched));
        report.note(Note::OddTime, u64::from(time != frame.ts_us));
        report.note(Note::Truncated, u64::from(packet.fp & TRUNCATED != 0));
        report.note(Note::Fragments, u64::from(packet.fp & FRAGMENT != 0));
        if self.keep_packets {
            let pools = &self.pools;
            self.packets.get_or_insert_with(|| PacketRows::new(pools)).push(time, &decoded);
        }
        self.account(frame, outcome, tagged);
        self.open.keep(wide, &mut self.report, &mut self.closed);
    }

    fn report(&mut self) -> &mut Report {
        &mut self.report
    }
}

impl Work {
    /// Makes `minute` the one that packets are written to, if the frame is a packet; tells
    /// of the frame if it is none.
    #[cold]
    fn turn_to(&mut self, minute: i64, frame: &Frame) -> bool {
        let (outcome, tagged) = ip::decode(frame, &mut Decoded::at(&mut Packet::default()));
        if is_packet(outcome) {
            self.open.touch(minute, &mut self.closed);
        } else {
            self.account(frame, outcome, tagged);
        }
        is_packet(outcome)
    }

    #[inline]
    fn account(&mut self, frame: &Frame, outcome: Outcome, tagged: bool) {
        self.report.count(outcome);
        self.report.note(Note::Vlan, u64::from(tagged));
        if !is_packet(outcome) && !matches!(outcome, Outcome::NotIp | Outcome::UnsupportedLink) {
            self.report.problem_in(frame, outcome);
        }
    }
}

/// Whether a frame with this outcome is a packet of rows.
fn is_packet(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Ipv4 | Outcome::Ipv6)
}
