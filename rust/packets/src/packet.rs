//! One decoded packet, in the compact form that a minute of traffic is held in.

use serde::{Deserialize, Serialize};

use crate::icmp::Inner;

/// Addresses of an IPv6 packet; IPv4 ones fit into [`Packet`] itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wide {
    pub src: u128,
    pub dst: u128,
    pub victim: u128,
}

/// Marks in [`Packet::marks`].
pub mod mark {
    /// The addresses are in the [`super::Wide`] beside the packet.
    pub const IPV6: u8 = 1;
    /// The victim of an ICMP error is known.
    pub const VICTIM: u8 = 2;
    /// The victim's port is known as well.
    pub const VICTIM_PORT: u8 = 4;
    /// `sport` (and `dport`) were read from a TCP or UDP header.
    pub const PORTS: u8 = 8;
    /// `seq` was read from a TCP header.
    pub const SEQ: u8 = 16;
}

/// What a flowtuple needs to know of one packet (56 bytes).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packet {
    /// Offset of the record in the decompressed stream.
    pub offset: u64,
    /// IPv4 source; for IPv6 the index of its [`Wide`].
    pub src: u32,
    /// IPv4 destination.
    pub dst: u32,
    pub seq: u32,
    /// Bytes of the IP datagram, as its header says.
    pub length: u32,
    pub options: u32,
    pub payload: u32,
    /// IPv4 victim of an ICMP error.
    pub victim: u32,
    pub sport: u16,
    /// Service: see `port` of the table `flowtuples`.
    pub port: u16,
    pub window: u16,
    pub fp: u16,
    pub victim_port: u16,
    /// Identification of the IPv4 header.
    pub ip_id: u16,
    pub second: u8,
    pub ttl: u8,
    pub ptype: u8,
    pub proto: u8,
    pub victim_proto: u8,
    pub marks: u8,
}

impl Packet {
    #[must_use]
    pub fn has(&self, mark: u8) -> bool {
        self.marks & mark != 0
    }
}

/// Where the packet that an ICMP error quotes came from (IPv4), and its ports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quoted {
    pub src: u32,
    pub sport: u16,
    pub dport: u16,
}

impl Quoted {
    pub(crate) fn of(inner: &Inner) -> Self {
        let (sport, dport) = inner.ports.unwrap_or_default();
        Self { src: inner.src as u32, sport, dport }
    }
}

/// What is not kept for the flowtuple.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Detail {
    pub dport: u16,
    pub tcp_bits: u16,
    pub ack: u32,
    pub payload_len: u32,
    pub quoted: Quoted,
}

/// A packet with everything that was read from it.
///
/// The packet itself is decoded where it is kept: to copy it there at once would make the
/// processor wait for the fields to be written before it can read them in larger words.
#[derive(Debug)]
pub struct Decoded<'a> {
    pub packet: &'a mut Packet,
    pub wide: Wide,
    pub detail: Detail,
}

impl<'a> Decoded<'a> {
    /// Nothing is known yet of the packet that will be at `packet`.
    #[must_use]
    pub fn at(packet: &'a mut Packet) -> Self {
        Self { packet, wide: Wide::default(), detail: Detail::default() }
    }
}
