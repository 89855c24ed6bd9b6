//! Packet types, numbered in the order of their names so that sorting by number and by
//! name is the same.

/// Names of the packet types; the index is the number stored in [`crate::packet::Packet`].
pub const NAMES: [&str; 17] = [
    "fragment",
    "icmp_echo_reply",
    "icmp_echo_request",
    "icmp_other",
    "icmp_parameter",
    "icmp_redirect",
    "icmp_source_quench",
    "icmp_time_exceeded",
    "icmp_unreachable",
    "other_ip",
    "tcp_ack",
    "tcp_other",
    "tcp_rst",
    "tcp_syn",
    "tcp_synack",
    "udp",
    "udp_answer",
];

pub const FRAGMENT: u8 = 0;
pub const ICMP_ECHO_REPLY: u8 = 1;
pub const ICMP_ECHO_REQUEST: u8 = 2;
pub const ICMP_OTHER: u8 = 3;
pub const ICMP_PARAMETER: u8 = 4;
pub const ICMP_REDIRECT: u8 = 5;
pub const ICMP_SOURCE_QUENCH: u8 = 6;
pub const ICMP_TIME_EXCEEDED: u8 = 7;
pub const ICMP_UNREACHABLE: u8 = 8;
pub const OTHER_IP: u8 = 9;
pub const TCP_ACK: u8 = 10;
pub const TCP_OTHER: u8 = 11;
pub const TCP_RST: u8 = 12;
pub const TCP_SYN: u8 = 13;
pub const TCP_SYNACK: u8 = 14;
pub const UDP: u8 = 15;
pub const UDP_ANSWER: u8 = 16;

/// Whether packets of this type carry a TCP header whose numbers were read.
#[must_use]
pub fn is_tcp(ptype: u8) -> bool {
    (TCP_ACK..=TCP_SYNACK).contains(&ptype)
}
