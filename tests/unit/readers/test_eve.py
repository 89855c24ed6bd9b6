"""Suricata's events: the real files tallied by the json module, the manual's examples by hand."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kaname.model.address import from_text
from kaname.model.marking import Tlp
from kaname.readers.eve import EveReader
from kaname.readers.frame import ReadJob

DATA = Path(__file__).parents[4] / "shared" / "data" / "lake" / "eve"
MIXED, ALERTS = DATA / "eve-a.json.gz", DATA / "alerts-wrccdc-2018.json.gz"
Tables = dict[str, list[dict[str, Any]]]


def tables(path: Path) -> tuple[Tables, ReadJob]:
    job = ReadJob(path=path, sensor="s", tlp=Tlp.GREEN, batch=1)
    found: Tables = {}
    for table, rows in EveReader().read(job):
        found.setdefault(table, []).extend(rows.to_pylist())
    return found, job


def read(path: Path, *events: dict[str, Any]) -> tuple[Tables, ReadJob]:
    path.write_text("\n".join(json.dumps(event) for event in events))
    return tables(path)


@pytest.fixture(scope="module")
def mixed() -> tuple[Tables, ReadJob, list[dict[str, Any]]]:
    found, job = tables(MIXED)
    events = [json.loads(line) for line in gzip.decompress(MIXED.read_bytes()).splitlines()]
    return found, job, events


def test_every_event_of_a_real_file_is_counted_by_its_type(mixed):
    _, job, events = mixed
    types = Counter(event["event_type"] for event in events)
    for skipped in ("fileinfo", "anomaly"):
        types[f"skipped_{skipped}"] = types.pop(skipped)
    assert job.report.counters == types
    assert job.report.records == len(events) == 2500
    assert job.report.problems == []


def test_flows_of_a_real_file(mixed):
    found, _, events = mixed
    flows = [event for event in events if event["event_type"] == "flow"]
    assert len(found["flows"]) == len(flows)
    sums = {
        "packets": sum(event["flow"]["pkts_toserver"] for event in flows),
        "octets": sum(event["flow"]["bytes_toserver"] for event in flows),
        "packets_rev": sum(event["flow"]["pkts_toclient"] for event in flows),
        "octets_rev": sum(event["flow"]["bytes_toclient"] for event in flows),
        "tcp_bits": sum(int(e.get("tcp", {}).get("tcp_flags_ts", "0"), 16) for e in flows),
    }
    assert {name: sum(row[name] for row in found["flows"]) for name in sums} == sums
    first = min(datetime.fromisoformat(event["flow"]["start"]) for event in flows)
    assert min(row["ts"] for row in found["flows"]) == first


def test_dns_of_a_real_file_is_joined(mixed):
    """Every query has its answer in this file, so there are half as many rows as events."""
    found, _, events = mixed
    answers = [e for e in events if e["event_type"] == "dns" and e["dns"]["type"] == "answer"]
    assert Counter(row["state"] for row in found["dns"]) == {"both": len(answers)}
    names = Counter(event["dns"]["rrname"] for event in answers)
    assert Counter(row["qname"] for row in found["dns"]) == names
    data = Counter(one["rdata"] for e in answers for one in e["dns"].get("answers", ()))
    assert Counter(text for row in found["dns"] for text in row["answers"]) == data
    assert all(row["rtt_us"] >= 0 for row in found["dns"])


def test_alerts_of_an_indented_array():
    found, job = tables(ALERTS)
    events = json.loads(gzip.decompress(ALERTS.read_bytes()))
    assert job.report.counters == {"alert": len(events)}
    sids = Counter(event["alert"]["signature_id"] for event in events)
    assert Counter(row["sid"] for row in found["alerts"]) == sids
    severities = Counter(event["alert"]["severity"] + 1 for event in events)
    assert Counter(row["severity"] for row in found["alerts"]) == severities


BASE = {
    "timestamp": "2024-05-01T12:00:00.500000+0900",
    "flow_id": 7,
    "src_ip": "192.0.2.7",
    "src_port": 50000,
    "dest_ip": "192.0.2.53",
    "dest_port": 53,
    "proto": "UDP",
}


def dns(moment: str, **fields: Any) -> dict[str, Any]:
    return {**BASE, "timestamp": moment, "event_type": "dns", "dns": fields}


T0, T1 = "2024-05-01T12:00:00.000000+0900", "2024-05-01T12:00:00.020000+0900"


def test_dns_version_3_of_suricata_8(tmp_path):
    """Suricata user guide, "DNS": request and response with lists of queries."""
    found, _ = read(
        tmp_path / "eve.json",
        dns(T0, version=3, type="request", id=9, tx_id=0,
            queries=[{"rrname": "www.example.co.jp", "rrtype": "A"}]),
        dns(T1, version=3, type="response", id=9, flags="8183", rcode="NXDOMAIN",
            queries=[{"rrname": "www.example.co.jp", "rrtype": "A"}]),
    )  # fmt: skip
    (row,) = found["dns"]
    assert (row["state"], row["rtt_us"], row["rcode"], row["an_count"]) == ("both", 20_000, 3, 0)
    assert (row["qname"], row["regdom"], row["qtype"], row["dns_id"]) == (
        "www.example.co.jp", "example.co.jp", 1, 9,
    )  # fmt: skip
    assert row["head_bits"] == 0x8183
    assert row["ts"] == datetime(2024, 5, 1, 3, tzinfo=UTC)


def test_dns_version_1_of_suricata_3(tmp_path):
    """One event per answer record; the second has no query left to join."""
    found, _ = read(
        tmp_path / "eve.json",
        dns(T0, type="query", id=1, rrname="a.example", rrtype="A", tx_id=0),
        dns(T1, type="answer", id=1, rcode="NOERROR", rrname="a.example", rrtype="A", ttl=20,
            rdata="198.51.100.1"),
        dns(T1, type="answer", id=1, rcode="NOERROR", rrname="a.example", rrtype="A", ttl=10,
            rdata="198.51.100.2"),
    )  # fmt: skip
    both, other = found["dns"]
    assert (both["state"], both["answers"], both["min_ttl"]) == ("both", ["198.51.100.1"], 20)
    assert (other["state"], other["answers"], other["rcode"]) == ("response", ["198.51.100.2"], 0)


def test_an_answer_from_the_servers_side_is_turned_round(tmp_path):
    event = dns(T1, type="answer", version=2, id=1, rrname="a.example", rrtype="A", rcode="REFUSED")
    event |= {"src_ip": "192.0.2.53", "src_port": 53, "dest_ip": "192.0.2.7", "dest_port": 50000}
    found, _ = read(tmp_path / "eve.json", event)
    (row,) = found["dns"]
    assert (row["src_hi"], row["src_lo"]) == from_text("192.0.2.7")
    assert (row["sport"], row["dport"], row["rcode"], row["state"]) == (50000, 53, 5, "response")


def test_a_query_without_an_answer_is_a_row_of_its_own(tmp_path):
    late = "2024-05-01T12:00:31.000000+0900"
    found, _ = read(
        tmp_path / "eve.json",
        dns(T0, type="query", id=1, rrname="a.example", rrtype="A"),
        dns(late, type="answer", version=2, id=1, rrname="a.example", rrtype="A", rcode="NOERROR"),
        dns(T0, type="query", id=2, rrname="b.example", rrtype="AAAA"),
    )
    assert [(row["qname"], row["state"]) for row in found["dns"]] == [
        ("a.example", "query"), ("a.example", "response"), ("b.example", "query"),
    ]  # fmt: skip


def test_netflow_tls_http_and_smtp(tmp_path):
    found, _ = read(
        tmp_path / "eve.json",
        {**BASE, "event_type": "netflow", "proto": "TCP", "dest_port": 443,
         "netflow": {"pkts": 3, "bytes": 180, "start": T0, "end": T1}, "tcp": {"tcp_flags": "1b"}},
        {**BASE, "event_type": "flow", "proto": "ICMP", "icmp_type": 3, "icmp_code": 1,
         "flow": {"pkts_toserver": 1, "start": T0, "end": T0}},
        {**BASE, "event_type": "tls", "tls": {"sni": "WWW.Example.JP", "version": "TLS 1.3",
         "ja3": {"hash": "a" * 32}, "ja4": "t13d"}},
        {**BASE, "event_type": "http", "dest_port": 8080, "http": {"hostname": "h.example",
         "http_port": 8080, "url": "/x", "http_method": "POST", "status": 302, "length": 5}},
        {**BASE, "event_type": "smtp", "smtp": {"helo": "x", "mail_from": "<a@b.example>",
         "rcpt_to": ["<c@d.example>"]}, "email": {"from": "A <A@b.example>", "subject": "s"}},
    )  # fmt: skip
    netflow, icmp = found["flows"]
    assert (netflow["packets"], netflow["octets"], netflow["tcp_bits"]) == (3, 180, 0x1B)
    assert netflow["dur_us"] == 20_000
    assert (icmp["proto"], icmp["sport"], icmp["dport"]) == (1, 0, 3 * 256 + 1)
    assert (found["tls"][0]["sni"], found["tls"][0]["ja3"]) == ("www.example.jp", "a" * 32)
    assert found["user_events"][0]["url"] == "http://h.example:8080/x"
    mail = found["mail"][0]
    assert (mail["from_addr"], mail["env_from"], mail["rcpt"]) == (
        "a@b.example", "a@b.example", ["c@d.example"],
    )  # fmt: skip


def test_damage_costs_only_its_line(tmp_path):
    path = tmp_path / "eve.json"
    good = json.dumps({**BASE, "event_type": "stats"})
    path.write_bytes(f'{good}\n{{"timestamp": \n{good[:50]}\n{good}\n'.encode())
    _, job = tables(path)
    assert job.report.counters == {"skipped_stats": 2, "malformed": 2}
    untimed = {**BASE, "event_type": "stats", "timestamp": "yesterday"}
    _, job = read(path, untimed)
    assert job.report.counters == {"malformed": 1}
