"""Attacks by the rules of corsaro3: the events that it reports, whatever the way in."""

from __future__ import annotations

import gzip
import ipaddress
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from kaname._native import ArrowBatch, CaptureStage
from kaname.lake.tables.rsdos import TABLE
from kaname.model.marking import Tlp
from kaname.readers.frame import ReadJob
from kaname.readers.pcap import PcapReader

DATA = Path("../shared/data/telescope")
IBR = DATA / "ibr_shared.pcap.gz"
# The victims that corsaro3 9e899da reports of this capture: ten of its fifteen.
REPORTED = {
    "147.58.137.233", "187.140.17.67", "107.123.38.210", "70.133.156.85", "34.75.232.68",
    "45.219.32.130", "49.1.84.242", "203.175.120.58", "125.190.189.140", "81.48.29.23",
}  # fmt: skip


def of_file(path: Path, threads: int = 1) -> pa.Table:
    job = ReadJob(path=path, sensor="s", tlp=Tlp.AMBER, batch=1, threads=threads)
    batches = [rows for table, rows in PcapReader().read(job) if table == "rsdos"]
    return pa.Table.from_batches(batches, schema=TABLE.arrow_schema())


def stage() -> CaptureStage:
    return CaptureStage(sensor="s", kind="pcap", tlp="amber", batch=1, packets=False)


def rows_of(given: Iterable[tuple[str, ArrowBatch]]) -> list[pa.RecordBatch]:
    return [pa.record_batch(rows) for table, rows in given if table == "rsdos"]


@pytest.fixture(scope="module")
def whole() -> pa.Table:
    return of_file(IBR)


def test_exactly_the_victims_that_corsaro3_reports(whole: pa.Table) -> None:
    found = {str(ipaddress.ip_address(low & 0xFFFFFFFF)) for low in whole["src_lo"].to_pylist()}
    assert found == REPORTED


def test_a_reflection_makes_no_victims() -> None:
    assert of_file(DATA / "stopddos_tcp_reflection_synack.pcap.gz").num_rows == 0


def test_every_row_is_within_the_thresholds(whole: pa.Table) -> None:
    for row in whole.to_pylist():
        assert row["packets"] >= 25
        assert row["max_ppm"] >= 30
        assert row["duration_us"] >= 60_000_000
        assert row["last"] - row["first"] == timedelta(microseconds=row["duration_us"])
        assert row["ts"].second == 0
        assert row["uniq_dst"] <= min(row["packets"], 4352)


def test_two_threads_give_the_same(whole: pa.Table) -> None:
    assert of_file(IBR, threads=2).equals(whole)


@pytest.mark.parametrize("size", [1 << 16, 999_983])
def test_neither_pieces_nor_restarts_show(whole: pa.Table, size: int) -> None:
    data = gzip.decompress(IBR.read_bytes())
    current, found = stage(), list[pa.RecordBatch]()
    for number, at in enumerate(range(0, len(data), size)):
        found += rows_of(current.push(data[at : at + size]))
        if number % 5 == 4:
            state = current.snapshot()
            current = stage()
            current.restore(state)
    found += rows_of(current.finish())
    assert pa.Table.from_batches(found).equals(whole)
