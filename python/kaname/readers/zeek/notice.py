"""``notice.log`` -> table ``alerts``."""

from __future__ import annotations

from kaname.readers.zeek.frame import Columns, LogFrame, each_distinct

__all__ = ["TABLE", "columns"]

TABLE = "alerts"
MIDDLE = 3  # Zeek's notices have no severity
_PROTO = {"tcp": 6, "udp": 17, "icmp": 1}


def columns(frame: LogFrame) -> Columns:
    """Rows of ``alerts``; ends without a connection are those that the notice names."""
    import pyarrow as pa
    import pyarrow.compute as pc

    ends = frame.ends()
    for side in ("src", "dst"):
        named = frame.address(side, side)
        none = pc.and_(pc.equal(ends[f"{side}_hi"], 0), pc.equal(ends[f"{side}_lo"], 0))
        for word in (f"{side}_hi", f"{side}_lo"):
            ends[word] = pc.if_else(none, named[word], ends[word])
    note = frame.text("note")
    proto = each_distinct(frame.text("proto"), lambda name: _PROTO.get(name, 0), pa.int16())
    port = pc.coalesce(frame.integer("id.resp_p", pa.int32()), frame.integer("p", pa.int32()))
    return {
        **ends,
        "sport": frame.count("id.orig_p", pa.int32()),
        "dport": pc.fill_null(port, 0),
        "proto": pc.fill_null(proto, 0),
        "signature": pc.fill_null(pc.coalesce(frame.text("msg"), note), ""),
        "category": note,
        "severity": pa.repeat(pa.scalar(MIDDLE, pa.int16()), frame.rows),
        "engine": pa.repeat("zeek", frame.rows),
        "flow_key": frame.text("uid"),
    }
