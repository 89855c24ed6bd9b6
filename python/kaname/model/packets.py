"""Words of packets: the types that `flowtuples` tells apart, and the marks of tools.

They are those of the native core; a test holds the two against each other. Here they can
be had without loading it.
"""

from __future__ import annotations

__all__ = ["PTYPES", "RELATIONS", "RELATION_BITS", "RELATIVE_RELATIONS"]

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

RELATIONS = (
    "seq_is_dst",
    "seq_is_dst_swapped",
    "seq_is_dst_inverted",
    "seq_is_dst_swapped_inverted",
    "seq_is_dst_halves_swapped",
    "seq_is_dst_rotated_8",
    "seq_is_dst_rotated_24",
    "seq_is_dst_xor_dport",
    "seq_is_dst_plus_dport",
    "seq_is_ports",
    "seq_low_is_dst_low",
    "seq_high_is_dst_high",
    "seq_high_is_dport",
    "seq_low_is_dport",
    "id_is_dst_low",
    "id_is_dst_high",
    "id_is_dst_low_swapped",
    "id_is_dst_folded",
    "id_is_dst_xor_dport",
    "id_is_dst_xor_dport_xor_seq",
    "id_is_dport",
    "id_is_seq_low",
    "sport_is_dst_low",
    "sport_is_dst_folded",
    "sport_is_dport",
    "seq_xor_dst",
    "seq_minus_dst",
    "seq_xor_dst_swapped",
    "id_constant",
    "id_xor_dst_low",
    "sport_xor_dst_low",
)
"""Relations of header fields to the destination; the index is the bit in ``inv_all``.

``inv_all`` of `flowtuples` has the bit when all packets of the row satisfy the relation.
It is null for rows that are not judged: only TCP SYNs, UDP requests and echo requests over
IPv4 are, and rows from before the column was there have none. See
``rust/packets/src/relation.rs``.
"""

RELATION_BITS = (
    32,
    32,
    32,
    32,
    32,
    32,
    32,
    32,
    32,
    32,
    16,
    16,
    16,
    16,
    16,
    16,
    16,
    16,
    16,
    16,
    16,
    16,
    16,
    16,
    16,
    32,
    32,
    32,
    16,
    16,
    16,
)
"""How rarely each relation holds by chance: once in two to the power of this."""

RELATIVE_RELATIONS = frozenset(
    {
        "seq_xor_dst",
        "seq_minus_dst",
        "seq_xor_dst_swapped",
        "id_constant",
        "id_xor_dst_low",
        "sport_xor_dst_low",
    }
)
"""Relations with the first probe of the same packet type by the source in the minute.

That first probe neither sets nor clears their bits, nor does a repetition of it, so that a
source of n packets shows them in n or n-1. Where an absolute relation makes the value
constant, the relative one is not said besides.
"""
