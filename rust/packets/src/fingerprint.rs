//! Fingerprints of scanning tools: one bit a mark.
//!
//! A bit says that ONE packet bears the mark. The 16-bit marks (masscan) are met by
//! chance once in 65,536 packets, so a tool is named from `k of n packets`, never from
//! one. Sources: masscan `src/main-ptrace.c`/`src/templ-tcp` (id = dst ^ port ^ seq),
//! zmap `src/probe_modules/packet.c` before and after its change of 2024-03, the leaked
//! Mirai `scanner.c`, and captures of the real tools.
//!
//! Bits that compare packets with each other: [`SAME_SEQ`] and [`SAME_SPORT`] compare
//! with the first packet of the source in the minute. That first packet is neutral: in a
//! row it neither sets nor clears them, so `fp_all` has the bit when all OTHER packets of
//! the row match (and there is at least one), and a row with nothing but that first
//! packet has it in neither column. Summing `packets` over rows with the bit in `fp_all`
//! therefore counts a constant source as n of n, or n-1 of n when its first packet
//! stands alone. [`RETRANSMISSION`] is never in `fp_all`, since the first of two equal
//! packets is not a repetition.

use crate::packet::{Packet, mark};
use crate::ptype;
use crate::tcp::{Layout, Tcp};

/// SYN whose sequence number is the destination address (IPv4).
pub const MIRAI: u16 = 1;
/// SYN whose IP id is the low 16 bits of destination ^ port ^ sequence number (IPv4).
pub const MASSCAN: u16 = 2;
/// IP id 54321, window 65535, no TCP options, TTL >= 200: ZMap before 2024-03.
pub const ZMAP2: u16 = 4;
/// DF clear, window 65535 and one of the four option layouts of ZMap 4.
pub const ZMAP4: u16 = 8;
/// ZMap 4, Linux layout, and its time stamp is the Unix time of the packet (2 s).
pub const ZMAP4_TS: u16 = 16;
/// SYN with window 1024, 2048, 3072 or 4096, option MSS only, DF clear.
pub const NMAP: u16 = 32;
/// Sequence number of the first TCP packet of this source in this minute.
pub const SAME_SEQ: u16 = 64;
/// Source port of the first packet with ports of this source in this minute.
pub const SAME_SPORT: u16 = 128;
/// Part of a fragmented datagram, the first part included.
pub const FRAGMENT: u16 = 256;
/// The capture holds less than the headers said.
pub const TRUNCATED: u16 = 512;
/// "Don't fragment" is set.
pub const DF: u16 = 1024;
/// There are TCP options.
pub const TCP_OPTIONS: u16 = 2048;
/// Same destination, sequence number and source port again within the row.
pub const RETRANSMISSION: u16 = 4096;
/// ICMP error that quotes a packet which its receiver did not send: it answers nothing that
/// came from here, in truth or by name.
pub const MISQUOTED: u16 = 8192;

/// Every bit with the name it has in Python.
pub const NAMED: [(&str, u16); 14] = [
    ("mirai", MIRAI),
    ("masscan", MASSCAN),
    ("zmap2", ZMAP2),
    ("zmap4", ZMAP4),
    ("zmap4_ts", ZMAP4_TS),
    ("nmap", NMAP),
    ("same_seq", SAME_SEQ),
    ("same_sport", SAME_SPORT),
    ("fragment", FRAGMENT),
    ("truncated", TRUNCATED),
    ("df", DF),
    ("tcp_options", TCP_OPTIONS),
    ("retransmission", RETRANSMISSION),
    ("misquoted", MISQUOTED),
];

const ZMAP_ID: u16 = 54321;
const CLOCK_SLACK_S: i64 = 2;

/// Marks of the tools on a TCP SYN.
#[inline]
pub fn of_syn(packet: &Packet, tcp: &Tcp, ip_id: u16, unix_s: i64) -> u16 {
    if packet.ptype != ptype::TCP_SYN {
        return 0;
    }
    let df = packet.fp & DF != 0;
    let mut bits = 0;
    if !packet.has(mark::IPV6) {
        bits |= of_addresses(packet, tcp, ip_id);
    }
    if tcp.layout == Layout::None {
        let zmap2 = ip_id == ZMAP_ID && tcp.window == 0xffff && packet.ttl >= 200;
        bits | if zmap2 { ZMAP2 } else { 0 }
    } else if df {
        bits
    } else {
        bits | of_options(tcp, unix_s)
    }
}

#[inline]
fn of_addresses(packet: &Packet, tcp: &Tcp, ip_id: u16) -> u16 {
    let mixed = packet.dst ^ u32::from(tcp.dport) ^ tcp.seq;
    let mirai = if tcp.seq == packet.dst { MIRAI } else { 0 };
    let masscan = if u32::from(ip_id) == mixed & 0xffff { MASSCAN } else { 0 };
    mirai | masscan
}

fn of_options(tcp: &Tcp, unix_s: i64) -> u16 {
    if tcp.layout == Layout::Other {
        return 0;
    }
    if tcp.window != 0xffff {
        let nmap = tcp.layout == Layout::Mss && matches!(tcp.window, 1024 | 2048 | 3072 | 4096);
        return if nmap { NMAP } else { 0 };
    }
    let on_time = (i64::from(tcp.time_stamp) - (unix_s & 0xffff_ffff)).abs() <= CLOCK_SLACK_S;
    if tcp.layout == Layout::Linux && on_time { ZMAP4 | ZMAP4_TS } else { ZMAP4 }
}
