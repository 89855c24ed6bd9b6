"""Rows for the lake, written the way a reader writes them."""

from __future__ import annotations

import hashlib
from typing import Any

import pyarrow as pa

from kaname.lake import Lake, Source
from kaname.lake.tables import table
from kaname.model.address import from_text
from kaname.model.marking import Tlp
from kaname.readers.frame import ReadReport


def flowtuple(
    ts: int, *, src: str, dst: str, port: int, packets: int = 1, place: int = 0, **more: Any
) -> dict[str, Any]:
    """One TCP SYN flowtuple."""
    source, target = from_text(src), from_text(dst)
    return {
        "ts": ts,
        "kind": "pcap",
        "row_in_src": place,
        "src_hi": source.hi,
        "src_lo": source.lo,
        "dst_hi": target.hi,
        "dst_lo": target.lo,
        "uniq_dst": 1,
        "port": port,
        "proto": 6,
        "ptype": "tcp_syn",
        "packets": packets,
        "octets": 40 * packets,
        "uniq_sport": 1,
        "ttl_mode": 50,
        "win_first": 1024,
        "opt_first": 0,
        "pay_first": 0,
        "fp_all": 0,
        "fp_any": 0,
        "first_s": 0,
    } | more


def observe(
    lake: Lake, rows: list[dict[str, Any]], *, sensor: str = "north", tlp: Tlp = Tlp.GREEN
) -> Source:
    """Commit the rows as one source."""
    identity = hashlib.sha256(repr((sensor, rows)).encode()).hexdigest()
    schema = table("flowtuples").arrow_schema()
    report = ReadReport(records=len(rows), rows=len(rows), counters={"ok": len(rows)})
    report.first_us = min(row["ts"] for row in rows)
    report.last_us = max(row["ts"] for row in rows)
    with lake.writer(
        identity=identity,
        path=f"/captures/{sensor}.pcap",
        size=1000,
        sensor=sensor,
        tlp=tlp,
        reader="pcap",
        reader_version=1,
    ) as writer:
        whole = [{"sensor": sensor, "tlp": tlp.value, "batch": writer.batch} | row for row in rows]
        columns = [pa.array([row.get(field.name) for row in whole], field.type) for field in schema]
        writer.write("flowtuples", pa.RecordBatch.from_arrays(columns, schema=schema))
        return writer.commit(report)
