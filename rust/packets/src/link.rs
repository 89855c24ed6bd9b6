//! Link layers: from a frame to the IP datagram inside.

use crate::wire::{be16, u8_at};

/// Link types of <https://www.tcpdump.org/linktypes.html> that are read.
pub mod linktype {
    pub const NULL: u32 = 0;
    pub const ETHERNET: u32 = 1;
    pub const RAW_BSD: u32 = 12;
    pub const RAW_OPENBSD: u32 = 14;
    pub const RAW: u32 = 101;
    pub const LOOP: u32 = 108;
    pub const LINUX_SLL: u32 = 113;
    pub const IPV4: u32 = 228;
    pub const IPV6: u32 = 229;
    pub const LINUX_SLL2: u32 = 276;
}

/// What a frame carries, with the offset of the datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    V4(usize),
    V6(usize),
    NotIp,
    /// A link type or tag stack that is not read.
    Unsupported,
    /// The frame ends inside the link header.
    Short,
}

const MOST_TAGS: usize = 8;
const ETHERNET_HEADER: usize = 14;

/// Finds the datagram of a frame, and whether there were VLAN tags.
#[inline]
#[must_use]
pub fn network(link: u32, data: &[u8]) -> (Network, bool) {
    if link == linktype::ETHERNET {
        return match be16(data, 12) {
            Some(0x0800) => (Network::V4(ETHERNET_HEADER), false),
            Some(kind) => by_ethertype(kind, data, ETHERNET_HEADER),
            None => (Network::Short, false),
        };
    }
    match link {
        linktype::RAW_BSD | linktype::RAW_OPENBSD | linktype::RAW => (by_version(data, 0), false),
        linktype::IPV4 => (Network::V4(0), false),
        linktype::IPV6 => (Network::V6(0), false),
        linktype::LINUX_SLL => by_cooked(data, 14, 16),
        linktype::LINUX_SLL2 => by_cooked(data, 0, 20),
        linktype::NULL | linktype::LOOP => (by_family(data), false),
        _ => (Network::Unsupported, false),
    }
}

fn by_cooked(data: &[u8], kind_at: usize, header: usize) -> (Network, bool) {
    match be16(data, kind_at) {
        Some(kind) if data.len() >= header => by_ethertype(kind, data, header),
        _ => (Network::Short, false),
    }
}

/// Follows VLAN tags and MPLS labels; `at` is the first byte behind the Ethernet type.
fn by_ethertype(mut kind: u16, data: &[u8], mut at: usize) -> (Network, bool) {
    let mut tags = 0;
    while matches!(kind, 0x8100 | 0x88a8 | 0x9100) {
        let Some(next) = be16(data, at + 2) else {
            return (Network::Short, true);
        };
        if tags == MOST_TAGS {
            return (Network::Unsupported, true);
        }
        kind = next;
        at += 4;
        tags += 1;
    }
    let network = match kind {
        0x0800 => Network::V4(at),
        0x86dd => Network::V6(at),
        0x8847 | 0x8848 => behind_labels(data, at),
        _ => Network::NotIp,
    };
    (network, tags > 0)
}

/// VLAN id of the outermost tag (IEEE 802.1Q, 9.6) of a frame that has tags.
#[must_use]
pub fn vlan(link: u32, data: &[u8]) -> Option<u16> {
    let at = match link {
        linktype::ETHERNET => ETHERNET_HEADER,
        linktype::LINUX_SLL => 16,
        linktype::LINUX_SLL2 => 20,
        _ => return None,
    };
    be16(data, at).map(|tag| tag & 0xfff)
}

fn behind_labels(data: &[u8], mut at: usize) -> Network {
    for _ in 0..MOST_TAGS {
        let Some(bits) = u8_at(data, at + 2) else {
            return Network::Short;
        };
        at += 4;
        if bits & 1 == 1 {
            return by_version(data, at);
        }
    }
    Network::Unsupported
}

fn by_version(data: &[u8], at: usize) -> Network {
    match u8_at(data, at).map(|first| first >> 4) {
        Some(4) => Network::V4(at),
        Some(6) => Network::V6(at),
        Some(_) => Network::NotIp,
        None => Network::Short,
    }
}

/// BSD loopback: an address family in the byte order of the host that captured, or in
/// network order. The numbers of IPv6 differ between systems.
fn by_family(data: &[u8]) -> Network {
    let Some(&[a, b, c, d]) = data.first_chunk::<4>() else {
        return Network::Short;
    };
    let family =
        if a == 0 && b == 0 { u16::from_be_bytes([c, d]) } else { u16::from_le_bytes([a, b]) };
    match family {
        2 => Network::V4(4),
        10 | 24 | 28 | 30 => Network::V6(4),
        _ => Network::NotIp,
    }
}
