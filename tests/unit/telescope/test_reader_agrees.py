"""Two readers of captures, written apart, give the same flowtuples."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.telescope import oracle

from kaname.lake import Lake
from kaname.model.marking import Tlp
from kaname.readers.ingest import ingest
from kaname.telescope.simulator import simulate

# The hash of payloads and its use for ICMP are the reader's own affair; it gives ICMP no
# source port, where the oracle counts one.
COLUMNS = (
    "ts, src_lo, dst_lo, uniq_dst, port, proto, ptype, packets, octets, ttl_mode, win_first, "
    "opt_first, fp_all, fp_any, first_s, vic_lo, vic_proto, inv_all"
)


def _read(path: Path, folder: Path) -> pa.Table:
    lake = Lake.open(folder)
    ingest(lake, path, sensor="darknet", tlp=Tlp.CLEAR, options={})
    return pa.concat_tables([pq.read_table(f.path) for f in lake.files("flowtuples")])


def _differences(reader: pa.Table, other: pa.Table) -> list[tuple[object, ...]]:
    engine = duckdb.connect()
    engine.register("reader", reader)
    engine.register("other", other)
    # the oracle reads no TCP header that is cut, by the sender or the capture, and no IPv6
    v4 = (
        "WHERE src_hi = 0 AND src_lo >> 32 = 65535 "
        "AND NOT (proto = 6 AND (octets < 40 OR fp_any & 512 != 0))"
    )
    one, two = (f"SELECT {COLUMNS} FROM {name} {v4}" for name in ("reader", "other"))  # noqa: S608
    query = f"({one} EXCEPT ALL {two}) UNION ALL ({two} EXCEPT ALL {one}) ORDER BY ALL LIMIT 5"
    return engine.execute(query).fetchall()


@pytest.mark.parametrize("name", ["ibr_shared.pcap.gz", "scanner_tools.pcap.gz"])
def test_on_shared_captures(data: Path, tmp_path: Path, name: str) -> None:
    found = _read(data / name, tmp_path)
    assert _differences(found, oracle.flowtuples(data / name)) == []


def test_on_a_simulated_capture(tmp_path: Path) -> None:
    path = tmp_path / "sim.pcap"
    simulate(path, 11, duration=6 * 3_600_000_000, scale=0.3)
    assert _differences(_read(path, tmp_path / "data"), oracle.flowtuples(path)) == []
