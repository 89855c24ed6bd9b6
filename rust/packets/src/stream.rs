//! Packets that do not end: the ring of an interface, or the files of a rotating writer.
//!
//! All of it goes through one [`Stage`], so a minute that lies in two files, or in two
//! commits, comes out as from one capture. Minutes close as those of a file do, or when
//! their time has passed ([`Stream::close_before`]).

use serde::{Deserialize, Serialize};

use crate::batches::{Batches, TableBatch};
use crate::container::{Frame, Sink};
use crate::evidence::Evidence;
use crate::feed::SourceError;
use crate::frames::Frames;
use crate::link::{Network, network};
use crate::minute::Minute;
use crate::report::Report;
use crate::ring::{self, BadBlock};
use crate::rows::Labels;
use crate::stage::Stage;
use crate::tap::Tap;

const SNAPSHOT: &[u8] = b"kaname stream 1\n";
const MAPPED: u128 = 0xffff << 32;
const PCAP_HEADER: u64 = 24;
const RECORD_HEADER: u64 = 16;

/// See the module.
#[derive(Default, Serialize, Deserialize)]
pub struct Stream {
    /// The stage writes its own version in front of its state.
    #[serde(with = "stage")]
    stage: Stage,
    /// The file that is being read.
    files: Option<Frames>,
    /// What is added to places in that file, so that records of all files stand in a line.
    shift: u64,
    /// Where the last record ends.
    end: u64,
    /// Frames that came from a ring.
    frames: u64,
    off_target: u64,
    #[serde(skip)]
    beside: Beside,
    #[serde(skip)]
    closed: Vec<Minute>,
}

/// What looks at packets besides the stage, and which of them count at all.
#[derive(Default)]
struct Beside {
    /// First and last addresses of what is monitored, sorted, without overlap; empty: all.
    monitored: Vec<(u128, u128)>,
    tap: Tap,
    evidence: Evidence,
}

impl Stream {
    /// Counts only packets to these ranges of addresses (first and last, IPv4 mapped); the
    /// others are [`Stream::off_target`]. All count when there are none.
    pub fn monitor(&mut self, mut ranges: Vec<(u128, u128)>) {
        ranges.sort_unstable();
        let mut merged: Vec<(u128, u128)> = Vec::with_capacity(ranges.len());
        for (first, last) in ranges {
            match merged.last_mut() {
                Some(before) if first <= before.1.saturating_add(1) => {
                    before.1 = before.1.max(last);
                }
                _ => merged.push((first, last)),
            }
        }
        self.beside.monitored = merged;
    }

    /// The tap on what arrives.
    pub fn tap(&mut self) -> &mut Tap {
        &mut self.beside.tap
    }

    /// How many packets of each source and type of a minute are kept as rows.
    pub fn keep_evidence(&mut self, most: u8) {
        self.beside.evidence.most = most;
    }

    /// Packets to addresses that are not monitored.
    #[must_use]
    pub fn off_target(&self) -> u64 {
        self.off_target
    }

    /// Takes a full block of a ring; how many frames it held.
    ///
    /// # Errors
    ///
    /// [`BadBlock`]
    pub fn block(&mut self, block: &[u8], link: u32) -> Result<u64, BadBlock> {
        let Self { stage, beside, frames, off_target, .. } = self;
        let first = *frames;
        let given = ring::frames(block, link, first, |frame| {
            *frames = frame.offset + 1;
            taken(frame, stage, beside, off_target);
        });
        self.keep_closed();
        given
    }

    /// Takes the next bytes of the file that is being read.
    ///
    /// # Errors
    ///
    /// [`SourceError::NotACapture`]
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), SourceError> {
        let mut files = self.files.take().unwrap_or_default();
        let read = files.push(bytes, &mut self.sink());
        self.files = Some(files);
        self.keep_closed();
        read
    }

    /// Says that the file has ended; what follows is another one.
    ///
    /// # Errors
    ///
    /// [`SourceError::NotACapture`]
    pub fn next_file(&mut self) -> Result<(), SourceError> {
        let Some(mut files) = self.files.take() else { return Ok(()) };
        let read = files.finish(&mut self.sink());
        // The header of a file that goes on is not counted, so that a capture in pieces has
        // its records where the whole one has them.
        self.shift = self.end.saturating_sub(PCAP_HEADER);
        self.keep_closed();
        read
    }

    /// Closes the minutes that ended before that time: nothing more is expected of them.
    pub fn close_before(&mut self, ts_us: i64) {
        self.stage.close_before(ts_us);
        self.keep_closed();
    }

    /// Closes all minutes.
    pub fn close(&mut self) {
        self.close_before(i64::MAX);
    }

    /// Packets in closed minutes that were not taken.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.closed.iter().map(|minute| minute.packets.len()).sum()
    }

    /// Packets in open minutes.
    #[must_use]
    pub fn open(&self) -> usize {
        self.stage.held()
    }

    /// Rows of the minutes that were closed, and the packets kept as evidence.
    pub fn take(&mut self, labels: Labels, target: usize) -> Vec<TableBatch> {
        let mut batches = Batches::new(labels, target);
        batches.add_packets(self.beside.evidence.take());
        for minute in self.closed.drain(..) {
            batches.add(&minute);
            self.stage.pool().give(minute.packets);
        }
        batches.add_attacks(self.stage.take_attacks());
        batches.flush();
        std::iter::from_fn(|| batches.pop()).collect()
    }

    #[must_use]
    pub fn report(&self) -> &Report {
        self.stage.report()
    }

    /// The state, for [`Stream::restore`]; `None` inside a compressed file. What was closed
    /// must be taken before.
    ///
    /// # Panics
    ///
    /// Never: the state has a form that can be written.
    #[must_use]
    pub fn snapshot(&self) -> Option<Vec<u8>> {
        let whole = self.files.as_ref().is_none_or(Frames::is_plain);
        whole.then(|| postcard::to_extend(self, SNAPSHOT.to_vec()).expect("plain data"))
    }

    /// The stream of a snapshot, or `None` when it is not one of this version. What looks
    /// besides is to be set again.
    #[must_use]
    pub fn restore(snapshot: &[u8]) -> Option<Self> {
        let state = snapshot.strip_prefix(SNAPSHOT)?;
        let mut stream: Self = postcard::from_bytes(state).ok()?;
        if let Some(files) = &mut stream.files {
            files.resume().ok()?;
        }
        Some(stream)
    }

    fn sink(&mut self) -> FileSink<'_> {
        let Self { stage, beside, shift, end, off_target, .. } = self;
        FileSink { stage, beside, shift: *shift, end, off_target }
    }

    fn keep_closed(&mut self) {
        self.closed.append(&mut self.stage.take_closed());
    }
}

#[inline]
fn taken(frame: &Frame, stage: &mut Stage, beside: &mut Beside, off_target: &mut u64) {
    if !beside.monitored.is_empty() && !is_monitored(&beside.monitored, frame) {
        *off_target += 1;
        return;
    }
    beside.tap.frame(frame);
    beside.evidence.frame(frame);
    stage.frame(frame);
}

/// Whether a packet is to an address that is monitored. What has no destination is left to
/// the stage, which says why.
fn is_monitored(ranges: &[(u128, u128)], frame: &Frame) -> bool {
    let (found, _) = network(frame.link, frame.data);
    let dst = match found {
        Network::V4(at) => {
            chunk::<4>(frame.data, at + 16).map(|b| MAPPED | u128::from(u32::from_be_bytes(b)))
        }
        Network::V6(at) => chunk::<16>(frame.data, at + 24).map(u128::from_be_bytes),
        _ => None,
    };
    dst.is_none_or(|dst| {
        let after = ranges.partition_point(|(first, _)| *first <= dst);
        after > 0 && dst <= ranges[after - 1].1
    })
}

fn chunk<const N: usize>(data: &[u8], at: usize) -> Option<[u8; N]> {
    data.get(at..)?.first_chunk().copied()
}

/// Frames of a file on their way to the stage.
struct FileSink<'a> {
    stage: &'a mut Stage,
    beside: &'a mut Beside,
    shift: u64,
    end: &'a mut u64,
    off_target: &'a mut u64,
}

impl Sink for FileSink<'_> {
    fn frame(&mut self, frame: &Frame) {
        let placed = Frame { offset: frame.offset + self.shift, ..*frame };
        *self.end = placed.offset + RECORD_HEADER + frame.data.len() as u64;
        taken(&placed, self.stage, self.beside, self.off_target);
    }

    fn report(&mut self) -> &mut Report {
        self.stage.report_mut()
    }
}

/// The stage as the bytes of its snapshot.
mod stage {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::stage::Stage;

    pub fn serialize<S: Serializer>(stage: &Stage, to: S) -> Result<S::Ok, S::Error> {
        stage.snapshot().serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Stage, D::Error> {
        let snapshot = Vec::<u8>::deserialize(from)?;
        Stage::restore(&snapshot).ok_or_else(|| D::Error::custom("another version"))
    }
}

/// When the first packet of a capture was caught; `head` is its begin, decompressed.
#[must_use]
pub fn first_time(head: &[u8]) -> Option<i64> {
    let mut first = First::default();
    let mut files = Frames::default();
    // What cannot be read has no first packet.
    let _ = files.push(head, &mut first);
    let _ = files.finish(&mut first);
    first.ts_us
}

#[derive(Default)]
struct First {
    ts_us: Option<i64>,
    report: Report,
}

impl Sink for First {
    fn frame(&mut self, frame: &Frame) {
        self.ts_us.get_or_insert(frame.ts_us);
    }

    fn report(&mut self) -> &mut Report {
        &mut self.report
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PCAP: [u8; 24] =
        [0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 101, 0, 0, 0];

    /// A record of a bare UDP datagram (link type 101).
    fn record(second: u32, dst: [u8; 4], sport: u16) -> Vec<u8> {
        let mut made = Vec::new();
        for word in [second, 5, 28, 28] {
            made.extend(word.to_le_bytes());
        }
        made.extend([0x45, 0, 0, 28, 0, 1, 0, 0, 64, 17, 0, 0, 203, 0, 113, 9]);
        made.extend(dst);
        made.extend(sport.to_be_bytes());
        made.extend([0, 53, 0, 8, 0, 0]);
        made
    }

    fn records() -> Vec<Vec<u8>> {
        (0..400u32).map(|n| record(1_700_000_000 + n, [198, 18, n as u8, 1], n as u16)).collect()
    }

    fn labels() -> Labels {
        Labels { sensor: "s".into(), kind: "pcap".into(), tlp: "amber".into(), batch: 1 }
    }

    fn rows(stream: &mut Stream) -> Vec<arrow_array::RecordBatch> {
        stream.take(labels(), 1).into_iter().map(|(_, rows)| rows).collect()
    }

    fn whole() -> Vec<arrow_array::RecordBatch> {
        let mut stream = Stream::default();
        stream.push(&[&PCAP[..], &records().concat()].concat()).unwrap();
        stream.next_file().unwrap();
        stream.close();
        rows(&mut stream)
    }

    #[test]
    fn files_that_follow_each_other_are_one_capture() {
        for cut in [1, 7, 61, 399] {
            let mut stream = Stream::default();
            let mut found = Vec::new();
            for part in records().chunks(cut) {
                stream.push(&[&PCAP[..], &part.concat()].concat()).unwrap();
                stream.next_file().unwrap();
                found.append(&mut rows(&mut stream));
                let snapshot = stream.snapshot().unwrap();
                stream = Stream::restore(&snapshot).unwrap();
            }
            stream.close();
            found.append(&mut rows(&mut stream));
            assert_eq!(found, whole(), "{cut} records a file");
            assert_eq!(stream.report().records(), 400);
        }
    }

    #[test]
    fn a_snapshot_in_the_middle_of_a_record_goes_on() {
        let bytes = [&PCAP[..], &records().concat()].concat();
        let mut stream = Stream::default();
        let mut found = Vec::new();
        for piece in bytes.chunks(1013) {
            stream.push(piece).unwrap();
            found.append(&mut rows(&mut stream));
            stream = Stream::restore(&stream.snapshot().unwrap()).unwrap();
        }
        stream.next_file().unwrap();
        stream.close();
        found.append(&mut rows(&mut stream));
        assert_eq!(found, whole());
    }

    #[test]
    fn other_destinations_are_counted_and_left_out() {
        let mut stream = Stream::default();
        let address = |octet: u128| MAPPED | 0xc612_0001 | octet << 8;
        stream.monitor(vec![(address(10), address(19)), (address(20), address(29))]);
        stream.push(&[&PCAP[..], &records().concat()].concat()).unwrap();
        stream.next_file().unwrap();
        // 400 records go round the octet: 10 to 29 come twice
        assert_eq!((stream.report().records(), stream.off_target()), (40, 360));
    }

    #[test]
    fn minutes_close_when_their_time_has_passed() {
        let mut stream = Stream::default();
        stream.push(&[&PCAP[..], &records().concat()].concat()).unwrap();
        // the last record waits for what follows it; three minutes are open, 399 records
        let open = stream.open();
        stream.close_before(1_700_000_341_000_000); // 22:19:01: minutes before 22:19 close
        assert!(stream.open() < open);
        assert_eq!(stream.open() + stream.waiting(), 399);
        stream.close();
        assert_eq!(stream.open(), 0);
    }

    #[test]
    fn evidence_is_a_few_packets_of_each() {
        let mut stream = Stream::default();
        stream.keep_evidence(3);
        let same: Vec<_> = (0..100).map(|n| record(1_700_000_000, [198, 18, 0, n], 7)).collect();
        stream.push(&[&PCAP[..], &same.concat()].concat()).unwrap();
        stream.next_file().unwrap();
        let taken = stream.take(labels(), 1);
        let kept: Vec<_> = taken.iter().filter(|(table, _)| *table == "packets").collect();
        assert_eq!(kept.len(), 1);
        assert_eq!(kept[0].1.num_rows(), 3);
    }

    #[test]
    fn a_snapshot_of_something_else_is_refused() {
        assert!(Stream::restore(b"kaname packets 1\n").is_none());
        assert!(Stream::restore(&[SNAPSHOT, &[0xff; 64]].concat()).is_none());
        let snapshot = Stream::default().snapshot().unwrap();
        assert!(Stream::restore(&snapshot[..snapshot.len() - 1]).is_none());
    }

    #[test]
    fn the_first_packet_tells_when_a_file_begins() {
        let head = [&PCAP[..], &record(1_700_000_000, [198, 18, 0, 1], 7)].concat();
        assert_eq!(first_time(&head), Some(1_700_000_000_000_005));
        assert_eq!(first_time(&PCAP), None);
        assert_eq!(first_time(b"not a capture"), None);
    }
}
