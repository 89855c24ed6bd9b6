"""Rows of derived tables over days, in a lake: what detectors of growth and change ask for."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pyarrow as pa
from tests.unit.telescope.made import START, row, table

from kaname.lake import Lake
from kaname.lake.tables import table as table_of
from kaname.model.marking import Tlp
from kaname.readers.frame import ReadReport

__all__ = ["BIN", "DAY", "PORT", "SENSOR", "keep", "weeks"]

SENSOR = "weeks"
BIN = 600_000_000
DAY = 144  # bins
PORT = 9530  # that grows on the last day
_COMMON = {
    "sensor": SENSOR, "kind": "derived", "tlp": "clear", "batch": 0, "row_in_src": 0,
    "src_hi": 0, "src_lo": 0, "ext": None,
}  # fmt: skip


def keep(lake: Lake, name: str, rows: list[dict[str, Any]]) -> None:
    """Write ``rows`` to the table ``name``."""
    schema = table_of(name).arrow_schema()
    whole = [_COMMON | one | {"row_in_src": n} for n, one in enumerate(rows)]
    batch = pa.Table.from_pylist(whole, schema=schema).combine_chunks().to_batches()[0]
    with lake.writer(
        identity=hashlib.sha256(f"{SENSOR}{name}".encode()).hexdigest(), path=name, size=0,
        sensor=SENSOR, tlp=Tlp.CLEAR, reader="made", reader_version=1,
    ) as writer:  # fmt: skip
        writer.write(name, batch)
        report = ReadReport()
        report.records = len(rows)
        writer.commit(report)


def weeks(lake: Lake, days: int = 5) -> None:
    """Days of 25 services, one of which grows, and of totals that jump, on the last: `START`."""
    first = START - (days - 1) * DAY * BIN
    rng = np.random.default_rng(11)
    begun = (days - 1) * DAY + 40
    mean = rng.uniform(1.0, 8.0, 25)
    counts = rng.poisson(mean, (days * DAY, 25))
    counts[begun:, 0] += rng.poisson(15.0, days * DAY - begun)
    ports = [PORT, *range(100, 124)]
    rows = [
        {
            "ts": first + at * BIN, "ptype": "tcp_syn", "port": port, "packets": int(3 * n),
            "uniq_src": int(n), "uniq_src16": int(n), "wide_src": 0, "top_packets": 3,
            "family": "bare", "family_src": int(n),
        }
        for at, each in enumerate(counts)
        for port, n in zip(ports, each, strict=True)
        if n or at >= (days - 1) * DAY  # the last day has most rows
    ]  # fmt: skip
    keep(lake, "port_counts", rows)
    density = 0.1 + rng.normal(0, 0.001, days * DAY)
    density[begun] = 0.6
    hosts = rng.poisson(700.0, days * DAY) + np.where(np.arange(days * DAY) >= begun, 900, 0)
    keep(
        lake,
        "telescope_windows",
        [
            {"ts": first + at * BIN, "packets": int(5 * hosts[at]), "hosts": int(hosts[at]),
             "networks": 40} | {f"density_{tenth}": float(density[at]) for tenth in range(4, 10)}
            for at in range(days * DAY)
        ],
    )  # fmt: skip
    moment = first + begun * BIN
    flows = [row(f"{20 + n}.0.0.1", "198.18.0.1", port=PORT, ts=moment) for n in range(30)]
    keep(lake, "flowtuples", table(flows).to_pylist())
