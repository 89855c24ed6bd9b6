"""ECS events: fields as the schema's reference and the manuals of the Beats show them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kaname.model.address import from_text
from kaname.model.marking import Tlp
from kaname.readers.ecs import EcsReader
from kaname.readers.frame import ReadJob

AT = "2024-05-01T12:00:00.123Z"


def read(path: Path, *events: dict[str, Any]) -> tuple[dict[str, list[dict[str, Any]]], ReadJob]:
    path.write_text("\n".join(json.dumps({"@timestamp": AT, **event}) for event in events))
    job = ReadJob(path=path, sensor="s", tlp=Tlp.GREEN, batch=1)
    found: dict[str, list[dict[str, Any]]] = {}
    for table, rows in EcsReader().read(job):
        found.setdefault(table, []).extend(rows.to_pylist())
    return found, job


@pytest.fixture
def source(tmp_path):
    return tmp_path / "events.ndjson"


FLOW = {
    "event": {"dataset": "flow", "kind": "event", "category": ["network"],
              "start": "2024-05-01T11:59:50.000Z", "end": "2024-05-01T11:59:59.500Z",
              "duration": 9_500_000_000},
    "flow": {"final": True, "id": "EQwA"},
    "source": {"ip": "192.0.2.7", "port": 50123, "packets": 10, "bytes": 900},
    "destination": {"ip": "198.51.100.5", "port": 443, "packets": 12, "bytes": 15000},
    "network": {"transport": "tcp", "type": "ipv4", "community_id": "1:x", "bytes": 15900},
}  # fmt: skip


def test_only_the_final_report_of_a_flow_counts(source):
    interim = {**FLOW, "flow": {"final": False, "id": "EQwA"}}
    found, job = read(source, interim, interim, FLOW)
    (row,) = found["flows"]
    assert (row["packets"], row["octets"], row["packets_rev"], row["octets_rev"]) == (
        10, 900, 12, 15000,
    )  # fmt: skip
    assert row["ts"].isoformat() == "2024-05-01T11:59:50+00:00"
    assert (row["dur_us"], row["proto"], row["dport"]) == (9_500_000, 6, 443)
    assert (row["src_hi"], row["src_lo"]) == from_text("192.0.2.7")
    assert job.report.counters == {"skipped_interim": 2, "flow": 1}


def test_dotted_and_nested_names_are_the_same(source):
    dotted = {"event.kind": "event", "source.ip": "192.0.2.7", "source.bytes": 5,
              "destination.ip": "192.0.2.8", "destination.port": 53,
              "network.transport": "udp"}  # fmt: skip
    found, _ = read(source, dotted)
    (row,) = found["flows"]
    assert (row["octets"], row["dport"], row["proto"]) == (5, 53, 17)


def test_dns_of_packetbeat(source):
    found, _ = read(source, {
        "event": {"dataset": "dns", "category": ["network"], "duration": 1_234_000},
        "dns": {"id": 7, "question": {"name": "WWW.Example.co.jp", "type": "A", "class": "IN"},
                "response_code": "NXDOMAIN", "header_flags": ["RD", "RA"], "answers": []},
        "client": {"ip": "192.0.2.7", "port": 5353, "bytes": 40},
        "server": {"ip": "192.0.2.53", "port": 53, "bytes": 90},
        "network": {"transport": "udp"},
    })  # fmt: skip
    (row,) = found["dns"]
    assert (row["qname"], row["regdom"], row["rcode"]) == ("www.example.co.jp", "example.co.jp", 3)
    assert (row["state"], row["rtt_us"], row["req_len"], row["res_len"]) == ("both", 1234, 40, 90)
    assert row["head_bits"] == 0x8183  # RFC 1035, 4.1.1: QR, RD, RA, RCODE 3


def test_windows_alerts_logins_and_lines(source):
    found, job = read(
        source,
        {"winlog": {"event_id": "1", "provider_name": "Microsoft-Windows-Sysmon", "record_id": "9"},
         "event": {"code": "1", "category": ["process"]}, "host": {"name": "pc", "ip": ["fe80::1",
         "192.0.2.3"]}, "process": {"pid": 5, "executable": "C:\\a.exe", "hash": {"md5": "AA"}}},
        {"event": {"kind": "alert", "severity": 99, "module": "endpoint"}, "rule": {"name": "Bad"}},
        {"event": {"category": "authentication", "outcome": "failure"}, "user": {"name": "bob"},
         "process": {"name": "sshd"}, "source": {"ip": "203.0.113.5"}},
        {"message": "a line", "host": {"name": "h"}},
        {"event": {"kind": "metric"}},
    )  # fmt: skip
    (process,) = found["endpoint"]
    assert (process["host"], process["event_class"], process["event_code"]) == ("pc", "process", 1)
    assert (process["src_hi"], process["src_lo"]) == from_text("192.0.2.3")
    assert (process["record_id"], process["md5"]) == (9, "aa")
    (alert,) = found["alerts"]
    assert (alert["signature"], alert["severity"], alert["engine"]) == ("Bad", 1, "endpoint")
    login, line = found["user_events"]
    assert (login["app"], login["user"], login["result"]) == ("ssh", "bob", "failure")
    assert (line["app"], line["message"], line["host"]) == ("other", "a line", "h")
    assert job.report.counters["skipped_metric"] == 1


def test_hits_of_a_search_are_unwrapped(source):
    source.write_text(json.dumps({"_index": "x", "_source": {"@timestamp": AT, **FLOW}}))
    assert EcsReader().detect(source.read_bytes(), "hits.json") >= 90
    job = ReadJob(path=source, sensor="s", tlp=Tlp.GREEN, batch=1)
    assert [table for table, _ in EcsReader().read(job)] == ["flows"]
