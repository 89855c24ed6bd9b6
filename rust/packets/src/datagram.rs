//! One frame as the transport that it carries, for readers of what is inside.
//!
//! Unlike a [`crate::packet::Packet`], which keeps what a flowtuple asks for, this borrows
//! the bytes behind the transport header.

use crate::ip::Chain;
use crate::link::{self, Network, network};
use crate::report::Outcome;
use crate::wire::{be16, be128, u8_at};

const MAPPED: u128 = 0xffff << 32;
const TCP: u8 = 6;
const UDP: u8 = 17;

/// How much of a datagram the frame holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Whole,
    FirstFragment,
    /// There are no ports.
    LaterFragment,
}

/// What a frame carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Datagram<'a> {
    /// Addresses as 128 bits, IPv4 as `::ffff:a.b.c.d`.
    pub src: u128,
    pub dst: u128,
    pub ipv6: bool,
    pub proto: u8,
    /// Bytes of the IP datagram, as its header says.
    pub length: u32,
    /// VLAN id of the outermost tag.
    pub vlan: Option<u16>,
    pub part: Part,
    /// Ports of TCP, UDP, SCTP and DCCP; of ICMP 0 and type * 256 + code.
    pub sport: u16,
    pub dport: u16,
    pub tcp_bits: u16,
    /// What was captured behind the IP header.
    pub transport: &'a [u8],
    /// What was captured behind the TCP or UDP header, as far as the datagram goes.
    pub payload: &'a [u8],
    /// Less was captured than was sent.
    pub truncated: bool,
}

/// Where a datagram stands in a frame, before its transport is looked at.
struct Parts<'a> {
    src: u128,
    dst: u128,
    ipv6: bool,
    proto: u8,
    length: usize,
    part: Part,
    transport: &'a [u8],
    truncated: bool,
}

/// Reads the frame `data` of a link type; `wire` is its length on the wire.
///
/// # Errors
///
/// The outcome of a frame that is no IP datagram, or one that cannot be right.
pub fn read(link: u32, data: &[u8], wire: usize) -> Result<Datagram<'_>, Outcome> {
    let (found, tagged) = network(link, data);
    let parts = match found {
        Network::V4(at) => read_v4(&data[at..], wire.max(data.len()) - at),
        Network::V6(at) => read_v6(&data[at..], wire.max(data.len()) - at),
        Network::NotIp => return Err(Outcome::NotIp),
        Network::Unsupported => return Err(Outcome::UnsupportedLink),
        Network::Short => return Err(Outcome::ShortLink),
    }?;
    let vlan = if tagged { link::vlan(link, data) } else { None };
    Ok(with_transport(&parts, vlan))
}

fn read_v4(data: &[u8], wire: usize) -> Result<Parts<'_>, Outcome> {
    let head = data.first_chunk::<20>().ok_or(Outcome::BadIpv4)?;
    let header = usize::from(head[0] & 15) * 4;
    let stated = usize::from(u16::from_be_bytes([head[2], head[3]]));
    // Segmentation offload leaves the length 0 for the card to fill in.
    let length = if stated == 0 { wire } else { stated };
    if head[0] >> 4 != 4 || header < 20 || length < header || length > wire {
        return Err(Outcome::BadIpv4);
    }
    let fragment = u16::from_be_bytes([head[6], head[7]]);
    let captured = &data[..length.min(data.len())];
    let word = |at: usize| {
        MAPPED
            | u128::from(u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]))
    };
    Ok(Parts {
        src: word(12),
        dst: word(16),
        ipv6: false,
        proto: head[9],
        length,
        part: part(fragment & 0x3fff != 0, fragment & 0x1fff != 0),
        transport: captured.get(header..).unwrap_or_default(),
        truncated: captured.len() < length,
    })
}

fn read_v6(data: &[u8], wire: usize) -> Result<Parts<'_>, Outcome> {
    let (Some(src), Some(dst)) = (be128(data, 8), be128(data, 24)) else {
        return Err(Outcome::BadIpv6);
    };
    let stated = usize::from(be16(data, 4).unwrap_or(0));
    // 0 stands for a jumbogram or for segmentation offload.
    let length = if stated == 0 { wire } else { stated + 40 };
    if data[0] >> 4 != 6 || length > wire {
        return Err(Outcome::BadIpv6);
    }
    let captured = &data[..length.min(data.len())];
    let chain = Chain::walk(captured, data[6]).ok_or(Outcome::BadIpv6)?;
    Ok(Parts {
        src,
        dst,
        ipv6: true,
        proto: chain.proto,
        length,
        part: part(chain.fragmented, chain.later_fragment),
        transport: captured.get(chain.at..).unwrap_or_default(),
        truncated: captured.len() < length,
    })
}

fn part(fragmented: bool, later: bool) -> Part {
    match (fragmented, later) {
        (false, _) => Part::Whole,
        (true, false) => Part::FirstFragment,
        (true, true) => Part::LaterFragment,
    }
}

fn with_transport<'a>(parts: &Parts<'a>, vlan: Option<u16>) -> Datagram<'a> {
    let transport = if parts.part == Part::LaterFragment { &[] } else { parts.transport };
    let icmp = matches!((parts.proto, parts.ipv6), (1, false) | (58, true));
    let (sport, dport) = match parts.proto {
        _ if icmp => (0, be16(transport, 0).unwrap_or(0)),
        TCP | UDP | 33 | 132 | 136 => {
            (be16(transport, 0).unwrap_or(0), be16(transport, 2).unwrap_or(0))
        }
        _ => (0, 0),
    };
    let tcp_bits = if parts.proto == TCP { be16(transport, 12).unwrap_or(0) & 0x1ff } else { 0 };
    Datagram {
        src: parts.src,
        dst: parts.dst,
        ipv6: parts.ipv6,
        proto: parts.proto,
        length: u32::try_from(parts.length).unwrap_or(u32::MAX),
        vlan,
        part: parts.part,
        sport,
        dport,
        tcp_bits,
        transport: parts.transport,
        payload: payload(parts.proto, transport),
        truncated: parts.truncated,
    }
}

fn payload(proto: u8, transport: &[u8]) -> &[u8] {
    match proto {
        TCP => {
            let header = usize::from(u8_at(transport, 12).unwrap_or(0) >> 4) * 4;
            transport.get(header.max(20)..).unwrap_or_default()
        }
        UDP => {
            let stated = usize::from(be16(transport, 4).unwrap_or(0));
            let end = if stated < 8 { transport.len() } else { stated.min(transport.len()) };
            transport.get(8..end).unwrap_or_default()
        }
        _ => &[],
    }
}
