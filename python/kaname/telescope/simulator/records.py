"""Packets as rows of a structured array, from which frames are assembled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["DTYPE", "Array", "Layout", "Packets", "blank"]

Packets = NDArray[np.void]
Array = NDArray[np.generic]

DTYPE = np.dtype(
    [
        ("ts", "i8"),  # microseconds
        ("src", "u4"),
        ("dst", "u4"),
        ("sport", "u2"),  # ICMP: type
        ("dport", "u2"),  # ICMP: code
        ("layout", "u1"),
        ("payload", "u1"),  # number into wire.PAYLOADS
        ("ttl", "u1"),
        ("ip_id", "u2"),
        ("df", "u1"),
        ("flags", "u1"),
        ("seq", "u4"),
        ("ack", "u4"),
        ("win", "u2"),
        ("mss", "u2"),
        ("stamp", "u4"),  # TCP time stamp value
        ("victim", "u4"),  # destination of the header inside an ICMP error
        ("group", "u2"),  # which population sent it
    ]
)


class Layout:
    """How a frame is built."""

    TCP = 0
    TCP_MSS = 1
    TCP_WINDOWS = 2  # MSS NOP WS NOP NOP SACK-permitted
    TCP_LINUX = 3  # MSS SACK-permitted TS NOP WS
    TCP_BSD = 4  # MSS NOP WS NOP NOP TS SACK-permitted EOL
    UDP = 5
    ICMP = 6
    ICMP_ERROR = 7
    FRAGMENT = 8
    BROKEN = 9
    TCP_VLAN = 10
    TCP_V6 = 11
    ARP = 12
    TCP_CUT = 13  # whole on the wire, cut by the capture


def blank(count: int) -> Packets:
    """``count`` rows of zeros, with an ordinary MSS."""
    rows = np.zeros(count, DTYPE)
    rows["mss"] = 1460
    return rows
