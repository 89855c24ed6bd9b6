//! Whether a datagram is a flow export: by the version word and by the structure behind it.

use kaname_packets::container::{Container, Frame, Piece, Sink};
use kaname_packets::datagram::{self, Datagram};
use kaname_packets::report::Report;

use crate::export::{IPFIX_HEADER, V9_HEADER};
use crate::legacy::{HEADER, V5_RECORD, V7_RECORD};
use crate::wire::{be16, be32};

const UDP: u8 = 17;
const SFLOW_PORT: u16 = 6343;
/// Ports that collectors listen on by habit: there the version word is enough.
const NETFLOW_PORTS: [u16; 16] = [
    2055, 2056, 4432, 4739, 4740, 9025, 9026, 9555, 9991, 9993, 9995, 9996, 9997, 6007, 9666, 2100,
];

/// Families of flow export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    NetFlow,
    Sflow,
}

/// What a datagram to `port` is, if it is a flow export.
#[must_use]
pub fn kind(data: &[u8], port: u16) -> Option<Kind> {
    let habitual = NETFLOW_PORTS.contains(&port);
    let netflow = match be16(data, 0)? {
        5 => habitual || is_legacy(data, V5_RECORD),
        7 => habitual || is_legacy(data, V7_RECORD),
        9 => habitual || is_v9(data),
        10 => habitual || is_ipfix(data),
        0 => return is_sflow(data, port).then_some(Kind::Sflow),
        _ => false,
    };
    netflow.then_some(Kind::NetFlow)
}

/// As many records as the header says, and no more.
fn is_legacy(data: &[u8], record: usize) -> bool {
    let body = data.len().saturating_sub(HEADER);
    let count = be16(data, 2).map_or(0, usize::from);
    body > 0 && body.is_multiple_of(record) && count == body / record
}

/// The first flow set has an id that exists, and fits.
fn is_v9(data: &[u8]) -> bool {
    first_set(data, V9_HEADER, &[0, 1])
}

fn is_ipfix(data: &[u8]) -> bool {
    be16(data, 2).map(usize::from) == Some(data.len()) && first_set(data, IPFIX_HEADER, &[2, 3])
}

fn first_set(data: &[u8], at: usize, templates: &[u16]) -> bool {
    let (Some(id), Some(length)) = (be16(data, at), be16(data, at + 2)) else { return false };
    let known = id >= 256 || templates.contains(&id);
    known && length >= 4 && at + usize::from(length) <= data.len()
}

/// An address of a kind that exists, and no more samples than fit.
fn is_sflow(data: &[u8], port: u16) -> bool {
    let address = match be32(data, 4) {
        Some(1) => 4,
        Some(2) => 16,
        _ => return false,
    };
    let samples = be32(data, 8 + address + 12).map_or(u32::MAX, |count| count);
    be32(data, 0) == Some(5) && (port == SFLOW_PORT || samples as usize <= data.len() / 8)
}

/// The payload of a frame that holds a whole UDP datagram.
#[must_use]
pub fn udp<'a>(frame: &Frame<'a>) -> Option<Datagram<'a>> {
    let found = datagram::read(frame.link, frame.data, frame.wire_length as usize).ok()?;
    (found.proto == UDP && found.part != datagram::Part::LaterFragment).then_some(found)
}

/// What the datagrams at the head of a capture are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Census {
    pub netflow: u64,
    pub sflow: u64,
    /// Frames of anything else.
    pub other: u64,
    report: Report,
}

impl Census {
    /// Counts the datagrams of whole frames in `head`, the beginning of a capture.
    #[must_use]
    pub fn of(head: &[u8]) -> Self {
        let mut census = Self::default();
        let piece = Piece { data: head, base: 0, last: true };
        // What is no capture has no frames.
        let _ = Container::default().read(piece, &mut census);
        census
    }
}

impl Sink for Census {
    fn frame(&mut self, frame: &Frame) {
        match udp(frame).and_then(|found| kind(found.payload, found.dport)) {
            Some(Kind::NetFlow) => self.netflow += 1,
            Some(Kind::Sflow) => self.sflow += 1,
            None => self.other += 1,
        }
    }

    fn report(&mut self) -> &mut Report {
        &mut self.report
    }
}
