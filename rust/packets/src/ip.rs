//! IPv4 (RFC 791) and IPv6 (RFC 8200) headers, and from there to the packet.

use crate::container::Frame;
use crate::fingerprint;
use crate::icmp;
use crate::link::{Network, network};
use crate::packet::{Decoded, Packet, Quoted, mark};
use crate::ptype;
use crate::report::Outcome;
use crate::tcp::Tcp;
use crate::udp::Udp;
use crate::wire::{be16, be128, u8_at};

const MOST_EXTENSIONS: usize = 8;
const MICROS: i64 = 1_000_000;

/// The datagram behind the IP header.
struct Transport<'a> {
    proto: u8,
    /// What was captured of it.
    data: &'a [u8],
    /// How long it was on the wire.
    length: u32,
    /// Part of a fragmented datagram other than the first.
    later_fragment: bool,
}

/// Decodes a frame into `out`; the frame is a packet of rows for `Ipv4` and `Ipv6` only.
#[inline]
pub fn decode(frame: &Frame, out: &mut Decoded) -> (Outcome, bool) {
    let (found, tagged) = network(frame.link, frame.data);
    let outcome = match found {
        Network::V4(at) => decode_v4(frame, at, out),
        Network::V6(at) => decode_v6(frame, at, out),
        Network::NotIp => Outcome::NotIp,
        Network::Unsupported => Outcome::UnsupportedLink,
        Network::Short => Outcome::ShortLink,
    };
    (outcome, tagged)
}

/// Bytes of the datagram that were on the wire, as the capture says.
fn on_wire(frame: &Frame, at: usize) -> usize {
    (frame.wire_length as usize).max(frame.data.len()).saturating_sub(at)
}

#[inline]
fn decode_v4(frame: &Frame, at: usize, out: &mut Decoded) -> Outcome {
    let data = &frame.data[at..];
    let Some(head) = data.first_chunk::<20>() else {
        return Outcome::BadIpv4;
    };
    let header = usize::from(head[0] & 15) * 4;
    let stated = usize::from(u16::from_be_bytes([head[2], head[3]]));
    let wire = on_wire(frame, at);
    // Segmentation offload leaves the length 0 for the card to fill in.
    let length = if stated == 0 { wire } else { stated };
    if head[0] >> 4 != 4 || header < 20 || length < header || length > wire {
        return Outcome::BadIpv4;
    }
    let fragment = u16::from_be_bytes([head[6], head[7]]);
    let captured = &data[..length.min(data.len())];
    let packet = &mut *out.packet;
    start(packet, frame, length as u32, captured.len() < length);
    packet.src = u32::from_be_bytes([head[12], head[13], head[14], head[15]]);
    packet.dst = u32::from_be_bytes([head[16], head[17], head[18], head[19]]);
    packet.ttl = head[8];
    packet.fp |= if fragment & 0x4000 == 0 { 0 } else { fingerprint::DF };
    packet.fp |= if fragment & 0x3fff == 0 { 0 } else { fingerprint::FRAGMENT };
    packet.ip_id = u16::from_be_bytes([head[4], head[5]]);
    let transport = Transport {
        proto: head[9],
        data: captured.get(header..).unwrap_or_default(),
        length: (length - header) as u32,
        later_fragment: fragment & 0x1fff != 0,
    };
    read_transport(frame, &transport, out);
    Outcome::Ipv4
}

fn decode_v6(frame: &Frame, at: usize, out: &mut Decoded) -> Outcome {
    let data = &frame.data[at..];
    let (Some(src), Some(dst)) = (be128(data, 8), be128(data, 24)) else {
        return Outcome::BadIpv6;
    };
    let wire = on_wire(frame, at);
    let stated = usize::from(be16(data, 4).unwrap_or(0));
    // 0 stands for a jumbogram or for segmentation offload.
    let length = if stated == 0 { wire } else { stated + 40 };
    if data[0] >> 4 != 6 || length > wire {
        return Outcome::BadIpv6;
    }
    let captured = &data[..length.min(data.len())];
    let Some(chain) = Chain::walk(captured, data[6]) else {
        return Outcome::BadIpv6;
    };
    let packet = &mut *out.packet;
    start(packet, frame, length as u32, captured.len() < length);
    packet.marks |= mark::IPV6;
    packet.ttl = data[7];
    packet.fp |= if chain.fragmented { fingerprint::FRAGMENT } else { 0 };
    out.wide.src = src;
    out.wide.dst = dst;
    let transport = Transport {
        proto: chain.proto,
        data: captured.get(chain.at..).unwrap_or_default(),
        length: length.saturating_sub(chain.at) as u32,
        later_fragment: chain.later_fragment,
    };
    read_transport(frame, &transport, out);
    Outcome::Ipv6
}

fn start(packet: &mut Packet, frame: &Frame, length: u32, truncated: bool) {
    packet.offset = frame.offset;
    packet.length = length;
    packet.fp = if truncated { fingerprint::TRUNCATED } else { 0 };
}

/// Where the extension headers of an IPv6 packet end.
pub struct Chain {
    pub proto: u8,
    pub at: usize,
    pub fragmented: bool,
    pub later_fragment: bool,
}

impl Chain {
    /// `None` when there are more than eight extension headers.
    pub fn walk(data: &[u8], first: u8) -> Option<Self> {
        let mut chain = Self { proto: first, at: 40, fragmented: false, later_fragment: false };
        for _ in 0..=MOST_EXTENSIONS {
            if !matches!(chain.proto, 0 | 43 | 44 | 51 | 60 | 135 | 139 | 140) {
                return Some(chain);
            }
            if chain.later_fragment || !chain.step(data) {
                return Some(chain);
            }
        }
        None
    }

    /// Over one extension header; false when the capture ends before it does.
    fn step(&mut self, data: &[u8]) -> bool {
        let (Some(next), Some(size)) = (u8_at(data, self.at), u8_at(data, self.at + 1)) else {
            return false;
        };
        let length = match self.proto {
            44 => 8,
            51 => (usize::from(size) + 2) * 4,
            _ => (usize::from(size) + 1) * 8,
        };
        if self.proto == 44 {
            let Some(offset) = be16(data, self.at + 2) else {
                return false;
            };
            self.fragmented = true;
            self.later_fragment = offset & 0xfff8 != 0;
        }
        self.proto = next;
        self.at += length;
        true
    }
}

#[inline]
fn read_transport(frame: &Frame, transport: &Transport, out: &mut Decoded) {
    out.packet.proto = transport.proto;
    let read = if transport.later_fragment {
        out.packet.ptype = ptype::FRAGMENT;
        Some(0)
    } else {
        match transport.proto {
            6 => read_tcp(frame, transport, out),
            17 => read_udp(transport, out),
            1 if !out.packet.has(mark::IPV6) => read_icmp(transport, out),
            58 if out.packet.has(mark::IPV6) => read_icmp(transport, out),
            _ => {
                out.packet.ptype = ptype::OTHER_IP;
                Some(0)
            }
        }
    };
    let Some(header) = read else {
        out.packet.fp |= fingerprint::TRUNCATED;
        return;
    };
    out.detail.payload_len = transport.length.saturating_sub(header as u32);
    out.packet.payload = hash_payload(transport.data.get(header..).unwrap_or_default());
}

/// Length of the TCP header, or `None` when the ports were not captured.
#[inline]
fn read_tcp(frame: &Frame, transport: &Transport, out: &mut Decoded) -> Option<usize> {
    out.packet.ptype = ptype::TCP_OTHER;
    let tcp = Tcp::read(transport.data)?;
    let packet = &mut *out.packet;
    (packet.ptype, packet.port) = tcp.classify();
    packet.sport = tcp.sport;
    packet.seq = tcp.seq;
    packet.window = tcp.window;
    packet.options = tcp.options;
    packet.marks |= mark::PORTS | mark::SEQ;
    packet.fp |= if tcp.options == 0 { 0 } else { fingerprint::TCP_OPTIONS };
    packet.fp |= if tcp.cut { fingerprint::TRUNCATED } else { 0 };
    packet.fp |= fingerprint::of_syn(packet, &tcp, packet.ip_id, frame.ts_us.div_euclid(MICROS));
    out.detail.dport = tcp.dport;
    out.detail.tcp_bits = tcp.bits;
    out.detail.ack = tcp.ack;
    Some(tcp.header.max(20))
}

fn read_udp(transport: &Transport, out: &mut Decoded) -> Option<usize> {
    out.packet.ptype = ptype::UDP;
    let udp = Udp::read(transport.data)?;
    let payload = transport.data.get(8..).unwrap_or_default();
    (out.packet.ptype, out.packet.port) = udp.classify(payload);
    out.packet.sport = udp.sport;
    out.packet.marks |= mark::PORTS;
    out.detail.dport = udp.dport;
    Some(8)
}

fn read_icmp(transport: &Transport, out: &mut Decoded) -> Option<usize> {
    let wide = out.packet.has(mark::IPV6);
    out.packet.ptype = ptype::ICMP_OTHER;
    let (kind, code) = (u8_at(transport.data, 0)?, u8_at(transport.data, 1)?);
    let packet = &mut *out.packet;
    packet.ptype = if wide { icmp::classify_v6(kind) } else { icmp::classify_v4(kind) };
    packet.port = u16::from(kind) << 8 | u16::from(code);
    out.detail.dport = u16::from(code);
    if icmp::is_error(packet.ptype) {
        let quoted = transport.data.get(8..).unwrap_or_default();
        let inner = if wide { icmp::inner_v6(quoted) } else { icmp::inner_v4(quoted) };
        if let Some(inner) = inner {
            keep_victim(inner, wide, out);
        }
    }
    Some(8)
}

fn keep_victim(inner: icmp::Inner, wide: bool, out: &mut Decoded) {
    let packet = &mut *out.packet;
    packet.marks |= mark::VICTIM;
    packet.victim_proto = inner.proto;
    let receiver = if wide { out.wide.dst } else { u128::from(packet.dst) };
    packet.fp |= if inner.src == receiver { 0 } else { fingerprint::MISQUOTED };
    if wide {
        out.wide.victim = inner.dst;
    } else {
        packet.victim = inner.dst as u32;
    }
    out.detail.quoted = Quoted::of(&inner);
    if let Some(port) = inner.dport() {
        packet.marks |= mark::VICTIM_PORT;
        packet.victim_port = port;
    }
}

/// Hash of the first eight bytes; 0 without payload.
#[inline]
fn hash_payload(payload: &[u8]) -> u32 {
    if payload.is_empty() {
        return 0;
    }
    let mut first = [0u8; 8];
    let length = payload.len().min(8);
    first[..length].copy_from_slice(&payload[..length]);
    let mixed = (u64::from_le_bytes(first) ^ length as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (((mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 32) as u32).max(1)
}
