"""``conn.log`` -> table ``flows``: originator is source; packets of both directions.

``packets`` and ``octets`` are those of the originator (IP bytes), ``*_rev`` those of the
responder. ``tcp_bits`` is the union of the flags that the originator sent, as far as the
history tells (Zeek manual, conn.log: letters S h A D F R; upper case is the originator).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaname.readers.zeek.frame import Columns, LogFrame, each_distinct

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["TABLE", "columns"]

TABLE = "flows"
_PROTO = {"tcp": 6, "udp": 17, "icmp": 1, "icmp6": 58, "sctp": 132}
_FIN, _SYN, _RST, _ACK = 0x01, 0x02, 0x04, 0x10
_FLAGS = {"S": _SYN, "H": _SYN | _ACK, "A": _ACK, "D": _ACK, "F": _FIN, "R": _RST}


def columns(frame: LogFrame) -> Columns:
    """Rows of ``flows``."""
    import pyarrow as pa
    import pyarrow.compute as pc

    proto = _proto(frame)
    icmp = pc.or_(pc.equal(proto, 1), pc.equal(proto, 58))
    sport, dport = frame.count("id.orig_p", pa.int32()), frame.count("id.resp_p", pa.int32())
    return {
        **frame.ends(),
        "sport": pc.if_else(icmp, pa.scalar(0, pa.int32()), sport),
        "dport": pc.if_else(icmp, pc.add(pc.multiply(sport, 256), dport), dport).cast(pa.int32()),
        "proto": proto,
        "tcp_bits": _tcp_bits(frame, proto),
        "packets": frame.count("orig_pkts"),
        "octets": _octets(frame, "orig"),
        "packets_rev": frame.count("resp_pkts"),
        "octets_rev": _octets(frame, "resp"),
        "dur_us": pc.fill_null(frame.interval("duration"), 0),
        "sampling": pa.repeat(pa.scalar(1, pa.int32()), frame.rows),
        "state": frame.text("conn_state"),
        "app": frame.text("service"),
        "direction": _direction(frame),
        "vlan": frame.integer("vlan", pa.int32()),
    }


def _proto(frame: LogFrame) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    found = each_distinct(frame.text("proto"), lambda name: _PROTO.get(name, 0), pa.int16())
    numbers = pc.fill_null(found, 0)
    if frame.has("ip_proto"):  # Zeek 7.1 and later name every protocol by number
        told = frame.integer("ip_proto", pa.int16())
        numbers = pc.coalesce(told, numbers)
    six = pc.and_(pc.equal(numbers, 1), pc.match_substring(frame.text("id.orig_h"), ":"))
    return pc.if_else(pc.fill_null(six, False), pa.scalar(58, pa.int16()), numbers)


def _tcp_bits(frame: LogFrame, proto: pa.Array) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    bits = each_distinct(frame.text("history"), _bits, pa.int16())
    return pc.if_else(pc.equal(proto, 6), pc.fill_null(bits, 0), pa.scalar(0, pa.int16()))


def _bits(history: str) -> int:
    bits = 0
    for letter in history:
        bits |= _FLAGS.get(letter, 0)
    return bits


def _octets(frame: LogFrame, side: str) -> pa.Array:
    """IP bytes; bytes of the payload where the log has no others."""
    name = f"{side}_ip_bytes"
    return frame.count(name if frame.has(name) else f"{side}_bytes")


def _direction(frame: LogFrame) -> pa.Array:
    """Out or in, where Zeek knows which networks are its own."""
    import pyarrow as pa
    import pyarrow.compute as pc

    ours, theirs = frame.flag("local_orig"), frame.flag("local_resp")
    none = pa.scalar(None, pa.string())
    leaving = pc.and_(ours, pc.invert(theirs))
    coming = pc.and_(pc.invert(ours), theirs)
    return pc.if_else(leaving, "out", pc.if_else(coming, "in", none))
