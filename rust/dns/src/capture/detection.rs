//! Whether a capture is one of DNS, judged by its beginning.

use kaname_packets::container::{Container, Frame, Piece, Sink};
use kaname_packets::datagram::{self, Part};
use kaname_packets::report::Report;

use super::{PORTS, TCP, UDP};
use crate::message::Message;

/// What the frames of a capture carry.
#[derive(Default)]
struct Census {
    report: Report,
    name: Vec<u8>,
    /// UDP datagrams and TCP segments with something in them.
    packets: u64,
    dns: u64,
}

/// How many of a hundred UDP datagrams and TCP segments at the beginning of a capture are of
/// DNS; 0 when there are none, or it is no capture.
#[must_use]
pub fn share(head: &[u8]) -> u64 {
    let mut census = Census::default();
    let piece = Piece { data: head, base: 0, last: false };
    let mut container = Container::default();
    let read = container.read(piece, &mut census).and_then(|done| {
        // The last whole record of a short file is told by its end.
        let rest = Piece { data: &head[done..], base: done as u64, last: true };
        container.read(rest, &mut census)
    });
    if read.is_err() { 0 } else { (100 * census.dns).checked_div(census.packets).unwrap_or(0) }
}

impl Sink for Census {
    fn frame(&mut self, frame: &Frame) {
        let wire = frame.wire_length as usize;
        let Ok(found) = datagram::read(frame.link, frame.data, wire) else { return };
        let speaks = found.part != Part::LaterFragment && !found.payload.is_empty();
        if !speaks || !matches!(found.proto, TCP | UDP) {
            return;
        }
        self.packets += 1;
        let ours = PORTS.iter().any(|port| *port == found.sport || *port == found.dport);
        let cut = found.truncated || found.part != Part::Whole;
        if ours && self.is_dns(found.proto, found.payload, cut) {
            self.dns += 1;
        }
    }

    fn report(&mut self) -> &mut Report {
        &mut self.report
    }
}

impl Census {
    fn is_dns(&mut self, proto: u8, payload: &[u8], cut: bool) -> bool {
        // What is cut, and the middle of a stream, tells nothing against DNS.
        cut || proto == TCP || Message::read(payload, &mut self.name).is_ok()
    }
}
