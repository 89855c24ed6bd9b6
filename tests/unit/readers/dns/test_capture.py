"""Captures of DNS against tshark, the recorded resolver's own log, and its labels."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from tests.unit.readers.dns.tshark import HAVE_TSHARK, Message, messages

from kaname.lake.tables.dns import TABLE
from kaname.model.address import from_text
from kaname.model.errors import InputError, UsageError
from kaname.model.marking import Tlp
from kaname.readers.containers import head
from kaname.readers.dns.capture import DnsCaptureReader
from kaname.readers.frame import ReadJob
from kaname.readers.ingest import detect

DATA = Path(__file__).parents[5] / "shared" / "data" / "lake"
CAPTURES = [
    *sorted((DATA / "dns" / "edge").glob("*.pcap")),
    *sorted((DATA / "dns" / "tunnel").glob("*.pcap")),
    DATA / "dns" / "dns.pcap.gz",
]


def read(path: Path, **options: Any) -> tuple[pa.Table, ReadJob]:
    job = ReadJob(path=path, sensor="test", tlp=Tlp.AMBER, batch=7, options=options)
    batches = []
    for table, batch in DnsCaptureReader().read(job):
        assert table == "dns"
        batch.validate(full=True)
        batches.append(batch)
    report = job.report
    assert sum(report.counters.values()) == report.records
    assert report.rows == sum(batch.num_rows for batch in batches)
    schema = batches[0].schema if batches else TABLE.arrow_schema()
    return pa.Table.from_batches(batches, schema), job


def ours(rows: pa.Table) -> Counter[Message]:
    """The messages behind the rows; of queries the table does not keep the answer count."""
    found: Counter[Message] = Counter()
    for row in rows.to_pylist():
        what = (row["qname"], row["qtype"])
        if row["state"] != "response":
            found[Message(row["dns_id"], False, *what, None, 0)] += 1
        if row["state"] != "query":
            rcode = row["head_bits"] & 15
            found[Message(row["dns_id"], True, *what, rcode, row["an_count"])] += 1
    return found


@pytest.mark.skipif(not HAVE_TSHARK, reason="tshark is not installed")
@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.name)
def test_every_message_that_tshark_sees(path: Path) -> None:
    expected, found = messages(path), ours(read(path)[0])
    # Bytes that are not ASCII are written by each in its own way.
    plain = {message for message in expected if message.name.isascii()}
    odd = sum(count for message, count in expected.items() if message not in plain)
    assert {m: n for m, n in found.items() if "\\" not in m.name} == {
        m: n for m, n in expected.items() if m in plain and "\\" not in m.name
    }
    assert sum(n for m, n in found.items() if "\\" in m.name) == odd + sum(
        n for m, n in expected.items() if m in plain and "\\" in m.name
    )


def test_the_schema_is_that_of_the_table() -> None:
    rows, _ = read(DATA / "dns" / "edge" / "dns-svcb.pcap")
    assert rows.schema.names == TABLE.arrow_schema().names
    for mine, wanted in zip(rows.schema, TABLE.arrow_schema(), strict=True):
        assert (mine.type, mine.nullable) == (wanted.type, wanted.nullable), mine.name


def test_the_same_traffic_as_the_resolver_logged() -> None:
    rows, job = read(DATA / "dns" / "dns.pcap.gz")
    assert job.report.counters == {"dns": 11974}
    assert rows["state"].to_pylist() == ["both"] * 5987
    logged: Counter[tuple[str, str, int]] = Counter()
    codes = {"NOERROR": 0, "NXDOMAIN": 3}
    reply = re.compile(r"info: (\S+) (\S+)\. \S+ IN (NOERROR|NXDOMAIN) [\d.]+ \d \d+$")
    with gzip.open(DATA / "dns" / "unbound.log.gz", "rt") as lines:
        for line in lines:
            if found := reply.search(line):
                logged[found[1], found[2].lower(), codes[found[3]]] += 1
    low = {from_text(f"127.0.1.{n}").lo: f"127.0.1.{n}" for n in range(256)}
    columns = (rows[name].to_pylist() for name in ("src_lo", "qname", "rcode"))
    seen = Counter((low[lo], name, code) for lo, name, code in zip(*columns, strict=True))
    assert seen == logged


def test_labels_of_clients_and_of_names() -> None:
    rows, _ = read(DATA / "dns" / "dns.pcap.gz")
    labels = json.loads((DATA / "dns" / "labels.json").read_text())
    told = json.loads((DATA / "dns" / "resolvable.json").read_text())
    resolvable = {name.lower() for name in told["benign_names_resolvable"]}
    clients = {from_text(address).lo for address in labels}
    assert set(rows["src_lo"].to_pylist()) <= clients
    for name, rcode in zip(rows["qname"].to_pylist(), rows["rcode"].to_pylist(), strict=True):
        assert (rcode == 0) == (name in resolvable), name
    tunnel = next(from_text(a).lo for a, label in labels.items() if label == "dns-tunnel")
    names = rows.filter(pc.equal(rows["src_lo"], tunnel))["regdom"].to_pylist()
    assert "tunnel-example.net" in names


def test_extended_options_of_real_servers() -> None:
    """Values as `tshark -V` shows them in frames 2 and 3 of the capture."""
    rows, job = read(DATA / "dns" / "edge" / "dns-edns-ecs.pcap")
    first = rows.to_pylist()[1]
    assert (first["ecs"], first["edns_do"], first["min_ttl"]) == ("213.61.29.0/24", True, 3600)
    assert first["answers"][0] == "80.154.108.230"
    assert first["answer_types"] == ["A", "RRSIG"]
    assert (first["req_len"], first["res_len"]) == (55, 820)
    assert job.report.notes["reassembled"] == 4
    assert {"udp", "tcp"} == set(rows["transport"].to_pylist())


def test_a_record_that_is_malformed_costs_itself_only() -> None:
    rows, _ = read(DATA / "dns" / "edge" / "dns-loc-invalid-length.pcap")
    (row,) = rows.to_pylist()
    assert (row["qname"], row["answer_types"]) == ("example.com", ["LOC"])
    assert row["answers"][0].startswith("\\# 15 ")  # RFC 3597


def test_attack_traffic_cut_to_160_bytes() -> None:
    """The fragments of each response are cut; tshark names the question of 476 frames."""
    rows, job = read(DATA / "ddos" / "amp.dns.RRSIG.fragmented.pcap.gz")
    assert job.report.records == 3000
    assert not job.report.damaged
    names = Counter(rows["qname"].to_pylist())
    assert names["pizzaseo.com"] > 400
    assert set(rows["state"].to_pylist()) == {"response"}


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.name)
def test_it_is_told_from_other_captures(path: Path) -> None:
    assert detect(path).name == "dns_capture"


def test_other_captures_are_not_its() -> None:
    for path in (*(DATA / "netflow").glob("*.pcap"), *(DATA / "sflow").glob("*.pcap")):
        assert DnsCaptureReader().detect(head(path), path.name) == 0


def test_other_ports_when_told(tmp_path: Path) -> None:
    capture = (DATA / "dns" / "edge" / "dns-svcb.pcap").read_bytes()
    moved = tmp_path / "moved.pcap"
    moved.write_bytes(capture.replace(b"\x00\x35", b"\x15\x38"))
    assert read(moved)[0].num_rows == 0
    assert read(moved, ports="53,5432")[0].num_rows == 1
    with pytest.raises(UsageError):
        read(moved, ports="dns")
    with pytest.raises(UsageError):
        read(moved, ports=70000)


def test_cut_and_empty_files(tmp_path: Path) -> None:
    whole = (DATA / "dns" / "edge" / "dnssec-rrsig.pcap").read_bytes()
    cut = tmp_path / "cut.pcap"
    cut.write_bytes(whole[:-10])
    rows, job = read(cut)
    assert job.report.damaged
    assert (job.report.counters["cut_record"], job.report.bad_records) == (1, 1)
    assert rows.num_rows == 4  # the query of the lost response is a row still
    cut.write_bytes(b"")
    with pytest.raises(InputError):
        read(cut)
