"""Words of packets: the types that `flowtuples` tells apart, and the marks of tools."""

from __future__ import annotations

__all__ = ["PTYPES"]

PTYPES = (
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
)
"""Packet types by their number in the native core (``rust/packets/src/ptype.rs``)."""
