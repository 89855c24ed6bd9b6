//! ICMP (RFC 792) and `ICMPv6` (RFC 4443): types, and the header inside an error.

use crate::ptype;
use crate::wire::{be16, be32, be128, u8_at};

/// The packet that an ICMP error answers: it was sent to the victim.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Inner {
    pub src: u128,
    pub dst: u128,
    pub proto: u8,
    /// The first four bytes behind the header as two ports, whatever the protocol.
    pub ports: Option<(u16, u16)>,
}

impl Inner {
    /// Destination port of TCP or UDP.
    pub fn dport(&self) -> Option<u16> {
        self.ports.filter(|_| matches!(self.proto, 6 | 17)).map(|(_, dport)| dport)
    }
}

pub fn classify_v4(kind: u8) -> u8 {
    match kind {
        0 => ptype::ICMP_ECHO_REPLY,
        3 => ptype::ICMP_UNREACHABLE,
        4 => ptype::ICMP_SOURCE_QUENCH,
        5 => ptype::ICMP_REDIRECT,
        8 => ptype::ICMP_ECHO_REQUEST,
        11 => ptype::ICMP_TIME_EXCEEDED,
        12 => ptype::ICMP_PARAMETER,
        _ => ptype::ICMP_OTHER,
    }
}

/// `ICMPv6` types under the names of their older kin; "packet too big" is an unreachable
/// destination with a reason, as it is in ICMP.
pub fn classify_v6(kind: u8) -> u8 {
    match kind {
        1 | 2 => ptype::ICMP_UNREACHABLE,
        3 => ptype::ICMP_TIME_EXCEEDED,
        4 => ptype::ICMP_PARAMETER,
        128 => ptype::ICMP_ECHO_REQUEST,
        129 => ptype::ICMP_ECHO_REPLY,
        137 => ptype::ICMP_REDIRECT,
        _ => ptype::ICMP_OTHER,
    }
}

/// Whether messages of this type quote the packet that caused them.
pub fn is_error(ptype: u8) -> bool {
    matches!(
        ptype,
        ptype::ICMP_UNREACHABLE
            | ptype::ICMP_SOURCE_QUENCH
            | ptype::ICMP_REDIRECT
            | ptype::ICMP_TIME_EXCEEDED
            | ptype::ICMP_PARAMETER
    )
}

/// The quoted IPv4 header, `data` starting with it.
pub fn inner_v4(data: &[u8]) -> Option<Inner> {
    let first = u8_at(data, 0)?;
    let header = usize::from(first & 15) * 4;
    if first >> 4 != 4 || header < 20 {
        return None;
    }
    let proto = u8_at(data, 9)?;
    let (src, dst) = (u128::from(be32(data, 12)?), u128::from(be32(data, 16)?));
    let fragment = be16(data, 6)? & 0x1fff;
    let ports = if fragment == 0 { ports(data, header) } else { None };
    Some(Inner { src, dst, proto, ports })
}

/// The quoted IPv6 header, without a walk along its extensions.
pub fn inner_v6(data: &[u8]) -> Option<Inner> {
    if u8_at(data, 0)? >> 4 != 6 {
        return None;
    }
    let proto = u8_at(data, 6)?;
    let (src, dst) = (be128(data, 8)?, be128(data, 24)?);
    Some(Inner { src, dst, proto, ports: ports(data, 40) })
}

fn ports(data: &[u8], header: usize) -> Option<(u16, u16)> {
    be16(data, header).zip(be16(data, header + 2))
}
