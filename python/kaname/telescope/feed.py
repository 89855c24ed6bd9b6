"""Packets as bytes for a screen: one form for what arrives now and for what is stored.

A **frame** (little-endian) is::

    bytes 0-3   "KNP1"
    bytes 4-7   uint32, length of the header, a multiple of 4
    header      JSON, see `Header`, with spaces at its end
    columns     of `count` values each, one after the other:
                after    uint32  in `unit_us` microseconds after `base`
                src      uint32  IPv4 source
                dst      uint32  IPv4 destination
                sport    uint16
                dport    uint16  for ICMP type * 256 + code
                marks    uint16  fingerprint bits 0-12 of `flowtuples`, and the bits below
                country  uint16  two letters of ISO 3166-1 (first * 256 + second), 0: unknown
                ptype    uint8   place in the header's `ptypes`

so a packet takes 21 bytes and a browser reads the columns where they lie. An IPv6 address
does not fit: it is folded to 32 bits (`fold`), marked `FOLDED`, and counted in the header;
it is good for a place in a picture, not for a name. Which of the two ports is not known is
marked too: flowtuples keep one.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from kaname.model.packets import PTYPES

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    U8 = npt.NDArray[np.uint8]
    U16 = npt.NDArray[np.uint16]
    U32 = npt.NDArray[np.uint32]
    U64 = npt.NDArray[np.uint64]

__all__ = [
    "FOLDED",
    "NO_DPORT",
    "NO_SPORT",
    "TOOLS",
    "Columns",
    "Header",
    "empty",
    "encode",
    "fold",
    "ports_unknown",
]

MAGIC = b"KNP1"
TOOLS = 0x1FFF  # the bits of `marks` that are fingerprints
NO_DPORT = 0x2000
NO_SPORT = 0x4000
FOLDED = 0x8000


class Header(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is known of a frame as a whole. Instants in microseconds UTC.

    ``packets`` is how many packets the points stand for: more than ``count`` where they
    are a sample. ``missed`` are packets that the client was too slow for, since the frame
    before. ``folded`` points are of IPv6. ``at`` is when the frame was made. ``credits``
    (text, link) are to be shown with anything made of the countries; a live feed tells them
    in its second frame, which is empty.
    """

    count: int
    base: int
    until: int
    unit_us: int
    packets: int
    at: int
    live: bool = False
    missed: int = 0
    folded: int = 0
    sensors: tuple[str, ...] = ()
    credits: tuple[tuple[str, str], ...] = ()
    ptypes: tuple[str, ...] = PTYPES


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a frame, all of one length."""

    after: U32
    src: U32
    dst: U32
    sport: U16
    dport: U16
    marks: U16
    country: U16
    ptype: U8


def empty() -> Columns:
    """Columns of no packets."""
    import numpy as np

    words, halves = np.empty(0, "<u4"), np.empty(0, "<u2")
    return Columns(words, words, words, halves, halves, halves, halves, np.empty(0, "u1"))


def encode(header: Header, columns: Columns) -> bytes:
    """The frame."""
    import numpy as np

    text = msgspec.json.encode(header)
    text += b" " * (-len(text) % 4)
    c = columns
    words = [np.asarray(one, "<u4").tobytes() for one in (c.after, c.src, c.dst)]
    halves = [np.asarray(one, "<u2").tobytes() for one in (c.sport, c.dport, c.marks, c.country)]
    kinds = np.asarray(c.ptype, "u1").tobytes()
    return b"".join([MAGIC, struct.pack("<I", len(text)), text, *words, *halves, kinds])


def fold(hi: U64, lo: U64) -> U32:
    """32 bits that stand for 128: neighbours in one /64 stay apart, a /64 stays one region.

    The upper half comes from the network (the upper 64 bits), the lower from the host.
    """
    import numpy as np

    net = hi * np.uint64(0x9E3779B97F4A7C15)
    host = lo * np.uint64(0x9E3779B97F4A7C15)
    mixed = (net >> np.uint64(48) << np.uint64(16)) | (host >> np.uint64(48))
    folded: U32 = mixed.astype(np.uint32)
    return folded


def ports_unknown(ptype: U8) -> U16:
    """The bits that say that packets of a type have no ports at all."""
    import numpy as np

    none = [not name.startswith(("tcp", "udp")) for name in PTYPES]
    table = np.where(none, NO_SPORT | NO_DPORT, 0).astype(np.uint16)
    table = np.append(table, np.uint16(NO_SPORT | NO_DPORT))
    found: U16 = table[np.minimum(ptype, len(PTYPES))]
    return found
