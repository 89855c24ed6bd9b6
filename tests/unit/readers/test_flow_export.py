"""Exports of real devices agree with tshark's decoding of the same captures, field by field."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from kaname.model.address import to_text
from kaname.model.marking import Tlp
from kaname.readers.flow_export import FlowExportReader
from kaname.readers.frame import ReadJob
from kaname.readers.ingest import detect

DATA = Path(__file__).parents[4] / "shared" / "data" / "lake" / "netflow"
CAPTURES = sorted(path.stem for path in DATA.glob("*.pcap"))
ICMP = (1, 58)
# Its header counts two of five sets, and there tshark stops; what follows is whole.
MORE_THAN_TOLD = "netflow9_invalid01"
LISTED = [name for name in CAPTURES if name != MORE_THAN_TOLD]


def read(path: Path, **options: bool) -> tuple[list[dict[str, Any]], ReadJob]:
    job = ReadJob(path=path, sensor="test", tlp=Tlp.AMBER, batch=7, options=options)
    batches = [batch for _, batch in FlowExportReader().read(job)]
    return (pa.Table.from_batches(batches).to_pylist() if batches else []), job


def reference(name: str) -> dict[str, list[str]]:
    """Values of each field over all frames, in the order of the capture."""
    lines = (DATA / f"{name}.tshark.txt").read_text().splitlines()
    head = lines[0].split("|")
    columns: dict[str, list[str]] = {field: [] for field in head}
    for line in lines[1:]:
        for field, cell in zip(head, line.split("|"), strict=True):
            columns[field] += [value for value in cell.split(";") if value]
    return columns


def addresses(rows: list[dict[str, Any]], side: str, version: int) -> list[str]:
    texts = [to_text(row[f"{side}_hi"], row[f"{side}_lo"]) for row in rows]
    return [text for text in texts if ipaddress.ip_address(text).version == version]


@pytest.mark.parametrize("name", LISTED)
def test_addresses_ports_and_protocols_are_those_of_tshark(name: str) -> None:
    rows, _ = read(DATA / f"{name}.pcap")
    expected = reference(name)
    for side in ("src", "dst"):
        assert addresses(rows, side, 4) == expected[f"{side}4"]
        assert addresses(rows, side, 6) == expected[f"{side}6"]
    assert [str(row["sport"]) for row in rows] == expected["sport"]
    assert [str(row["proto"]) for row in rows] == expected["proto"]
    for row, dport in zip(rows, expected["dport"], strict=True):
        # where a device sends type and code in a field of their own, they stand here
        assert str(row["dport"]) == dport or (row["proto"] in ICMP and dport == "0")


@pytest.mark.parametrize("name", CAPTURES)
def test_counters_are_those_of_tshark(name: str) -> None:
    rows, _ = read(DATA / f"{name}.pcap")
    expected = reference(name)
    for column in ("octets", "packets"):
        if len(expected[column]) == len(rows):
            assert [str(row[column]) for row in rows] == expected[column]


def test_counters_of_both_ways_stand_where_they_belong() -> None:
    # tshark -V: the second flow has 0 octets in, "Post Octets: 32"
    rows, _ = read(DATA / "netflow9_0length_fields.pcap")
    both = [(row["octets"], row["octets_rev"]) for row in rows]
    assert both[:4] == [(0, 0), (0, 32), (0, 0), (32, 0)]


@pytest.mark.parametrize("name", CAPTURES)
def test_every_record_is_accounted_for(name: str) -> None:
    rows, job = read(DATA / f"{name}.pcap")
    report = job.report
    assert sum(report.counters.values()) == report.records
    assert report.counters["flows"] == report.rows == len(rows)
    assert report.notes["datagrams"] == int(_frames(name))
    assert report.bytes_read == (DATA / f"{name}.pcap").stat().st_size


def _frames(name: str) -> str:
    return reference(name)["frame"][-1]


@pytest.mark.parametrize("name", CAPTURES)
def test_the_capture_is_known_by_what_it_carries(name: str) -> None:
    assert detect(DATA / f"{name}.pcap").name == "flow_export"


def test_a_set_without_its_template_is_counted() -> None:
    _, job = read(DATA / "ipfix_netscaler.pcap")  # tshark: "Data (104 bytes), no template found"
    assert job.report.counters["no_template"] == 1


def test_a_count_that_lies_costs_no_record() -> None:
    rows, job = read(DATA / "netflow5_invalid01.pcap")  # the header promises 55582 records
    assert len(rows) == 30
    assert job.report.damaged
    assert job.report.counters["malformed"] == 1


def test_records_behind_a_count_that_is_too_low_are_read() -> None:
    rows, job = read(DATA / f"{MORE_THAN_TOLD}.pcap")
    # read off the bytes of the capture at 0x108 and 0x152
    assert addresses(rows, "src", 6) == ["2001:44b8:1118:7200::10"]
    assert addresses(rows, "dst", 6) == ["2001:44b8:4030:cd91:8075:bae:d39d:2621"]
    assert addresses(rows, "src", 4) == ["192.168.0.1"]
    assert addresses(rows, "dst", 4) == ["192.168.0.105"]
    assert [(row["octets"], row["dport"]) for row in rows] == [(0x60, 123), (0x62, 55575)]
    assert not job.report.damaged


def test_sampling_told_in_options_is_kept_beside_the_counters() -> None:
    # softflowd tells samplingInterval 100 in an options record of this capture
    rows, _ = read(DATA / "netflow9_invalid01.pcap")
    assert {row["sampling"] for row in rows} == {100}


def test_fields_without_a_column_are_kept_unless_told_otherwise() -> None:
    rows, _ = read(DATA / "ipfix_mikrotik.pcap")
    assert rows[0]["ext"] == (
        '{"postNATSourceIPv4Address":"192.168.230.216",'
        '"postNATDestinationIPv4Address":"192.168.128.17"}'
    )
    bare, _ = read(DATA / "ipfix_mikrotik.pcap", ext=False)
    assert {row["ext"] for row in bare} == {None}
    assert [row["octets"] for row in bare] == [row["octets"] for row in rows]


def test_the_application_of_a_firewall_is_a_label() -> None:
    rows, _ = read(DATA / "netflow9_paloalto_panos.pcap")
    assert [row["app"] for row in rows][:2] == ["incomplete", "ssl"]


def test_the_exporter_is_the_sender() -> None:
    rows, _ = read(DATA / "netflow5.pcap")
    senders = {to_text(row["exporter_hi"], row["exporter_lo"]) for row in rows}
    assert len(senders) == 1
    assert ipaddress.ip_address(senders.pop()) in ipaddress.ip_network("192.0.2.0/24")
