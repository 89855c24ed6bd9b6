"""Samples of real agents agree with tshark's decoding of the same captures."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from kaname.model.address import to_text
from kaname.model.marking import Tlp
from kaname.readers.frame import ReadJob
from kaname.readers.ingest import detect
from kaname.readers.sflow import SflowReader

DATA = Path(__file__).parents[4] / "shared" / "data" / "lake" / "sflow"


def read(name: str) -> tuple[list[dict[str, Any]], ReadJob]:
    job = ReadJob(path=DATA / f"{name}.pcap", sensor="test", tlp=Tlp.AMBER, batch=7)
    batches = [batch for _, batch in SflowReader().read(job)]
    return pa.Table.from_batches(batches).to_pylist(), job


@pytest.mark.parametrize(
    ("name", "flows", "counters"),
    [  # samples of each kind as `tshark -V` lists them; the last capture has NetFlow v5 besides
        ("ndpi-sflow", 1, 8),
        ("sflow-print-v6", 13, 48),
        ("sflow_multiple_counter_30_pdus", 0, 142 + 2),
    ],
)
def test_every_sample_is_a_row_or_counted(name: str, flows: int, counters: int) -> None:
    rows, job = read(name)
    assert len([row for row in rows if row["kind"] == "sflow5"]) == flows
    assert job.report.counters["counter_samples"] == counters
    assert sum(job.report.counters.values()) == job.report.records
    assert detect(DATA / f"{name}.pcap").name == "sflow"


def test_a_sample_is_one_packet_with_its_rate() -> None:
    rows, _ = read("ndpi-sflow")
    (row,) = rows
    words = {side: to_text(row[f"{side}_hi"], row[f"{side}_lo"]) for side in ("src", "dst")}
    assert words == {"src": "172.21.32.254", "dst": "172.21.32.241"}
    shown = {  # tshark -V: flow sample, seq 6
        "proto": 1,
        "dport": 8 * 256,
        "packets": 1,
        "octets": 60,
        "sampling": 2048,
        "in_if": 1048,
        "out_if": 1043,
        "vlan": 32,
        "dur_us": 0,
    }
    assert {name: row[name] for name in shown} == shown


def test_octets_are_those_of_the_datagram() -> None:
    rows, _ = read("sflow-print-v6")  # tshark -T fields -e ip.len
    assert Counter(row["octets"] for row in rows) == {46: 11, 232: 1, 482: 1}
    assert {row["out_if"] for row in rows} == {None}  # "multiple interfaces"


def test_exports_of_other_protocols_in_the_capture_are_kept() -> None:
    rows, job = read("sflow_multiple_counter_30_pdus")
    assert Counter(row["kind"] for row in rows) == {"netflow5": 7}
    assert job.report.notes["datagrams"] == 30
