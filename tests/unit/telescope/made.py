"""Flowtuples made by hand, and pictures of them."""

from __future__ import annotations

import ipaddress
import warnings
from collections.abc import Iterable
from typing import Any

import duckdb
import ibis
import pyarrow as pa

from kaname.analysis.frame import Window
from kaname.lake.tables.flowtuples import TABLE
from kaname.telescope.picture import Picture

DAY = 86_400_000_000
START = 1_767_225_600_000_000  # 2026-01-01T00:00:00Z
MINUTE = 60_000_000
V4 = 0xFFFF << 32
DEFAULTS: dict[str, Any] = {
    "ts": START, "sensor": "darknet", "kind": "pcap", "tlp": "amber", "batch": 1, "row_in_src": 0,
    "src_hi": 0, "src_lo": 0, "ext": None, "dst_hi": 0, "dst_lo": 0, "dst_more": None,
    "uniq_dst": 1, "port": 23, "proto": 6, "ptype": "tcp_syn", "packets": 1, "octets": 40,
    "uniq_sport": 1, "ttl_mode": 50, "win_first": 1024, "opt_first": 0, "pay_first": 0,
    "fp_all": 0, "fp_any": 0, "first_s": 0, "vic_hi": None, "vic_lo": None, "vic_proto": None,
    "vic_port": None, "inv_all": None,
}  # fmt: skip


def low(address: str | int) -> int:
    """The low word of an IPv4 address."""
    return V4 | int(ipaddress.IPv4Address(address))


def row(src: str | int, dst: str | int, **columns: Any) -> dict[str, Any]:
    """One flowtuple; what is not given has a plain value."""
    if "fp_all" in columns:
        columns.setdefault("fp_any", columns["fp_all"])
    return {**DEFAULTS, "src_lo": low(src), "dst_lo": low(dst), **columns}


def table(rows: Iterable[dict[str, Any]]) -> pa.Table:
    """Rows as the table of the lake has them."""
    return pa.Table.from_pylist(list(rows), schema=TABLE.arrow_schema())


def expression(rows: pa.Table | Iterable[dict[str, Any]]) -> ibis.Table:
    """Rows as an expression on an engine of their own."""
    arrow = rows if isinstance(rows, pa.Table) else table(rows)
    # Ibis 12 still calls names that DuckDB 2.0 has renamed
    warnings.filterwarnings("ignore", r"\w+\(\) is deprecated", DeprecationWarning)
    engine = duckdb.connect()
    engine.execute("SET TimeZone = 'UTC'").fetchall()
    engine.register("rows", arrow)
    engine.execute("CREATE TABLE flowtuples AS SELECT * FROM rows").fetchall()
    return ibis.duckdb.from_connection(engine).table("flowtuples")


def picture(
    rows: pa.Table | Iterable[dict[str, Any]],
    *,
    addresses: int = 0,
    crowd_sources: int = 50,
    reflectors: int = 25,
) -> Picture:
    """A picture of the first day."""
    window = Window(START, START + DAY)
    return Picture(expression(rows), window, "darknet", addresses, crowd_sources, reflectors)
