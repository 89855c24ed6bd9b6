"""OCSF events by class. Fields and their meaning are those of schema.ocsf.io, version 1."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kaname.model.address import from_text
from kaname.model.marking import Tlp
from kaname.readers.frame import ReadJob
from kaname.readers.ocsf import OcsfReader

T = 1_700_000_000_123  # milliseconds
BASE = {
    "time": T,
    "severity_id": 4,
    "metadata": {"version": "1.1.0", "product": {"name": "Wall", "vendor_name": "Acme"}},
    "src_endpoint": {"ip": "192.0.2.7", "port": 50123},
    "dst_endpoint": {"ip": "2001:db8::5", "port": 443, "hostname": "WWW.Example.JP"},
}


def read(path: Path, *events: dict[str, Any]) -> tuple[dict[str, list[dict[str, Any]]], ReadJob]:
    path.write_text("\n".join(json.dumps({**BASE, **event}) for event in events))
    job = ReadJob(path=path, sensor="s", tlp=Tlp.GREEN, batch=1)
    found: dict[str, list[dict[str, Any]]] = {}
    for table, rows in OcsfReader().read(job):
        found.setdefault(table, []).extend(rows.to_pylist())
    return found, job


@pytest.fixture
def source(tmp_path):
    return tmp_path / "events.json"


def test_network_activity_is_a_flow(source):
    found, _ = read(source, {
        "class_uid": 4001, "start_time": T - 2000, "duration": 1500,
        "connection_info": {"protocol_num": 6, "tcp_flags": 27, "direction_id": 2},
        "traffic": {"packets_out": 10, "bytes_out": 900, "packets_in": 12, "bytes_in": 15000,
                    "packets": 22, "bytes": 15900},
    })  # fmt: skip
    (row,) = found["flows"]
    assert (row["src_hi"], row["src_lo"]) == from_text("192.0.2.7")
    assert (row["dst_hi"], row["dst_lo"]) == from_text("2001:db8::5")
    assert row["ts"].timestamp() == pytest.approx((T - 2000) / 1000)
    assert (row["sport"], row["dport"], row["proto"], row["tcp_bits"]) == (50123, 443, 6, 27)
    assert (row["packets"], row["octets"]) == (10, 900)
    assert (row["packets_rev"], row["octets_rev"]) == (12, 15000)
    assert (row["dur_us"], row["direction"], row["sampling"]) == (1_500_000, "out", 1)


def test_a_total_without_directions_is_that_of_the_source(source):
    found, _ = read(source, {"class_uid": 4001, "traffic": {"packets": 3, "bytes": 180}})
    assert (found["flows"][0]["packets"], found["flows"][0]["octets"]) == (3, 180)
    assert found["flows"][0]["packets_rev"] == 0


def test_dns_activity_with_its_answers(source):
    found, _ = read(source, {
        "class_uid": 4003, "rcode_id": 0,
        "query": {"hostname": "Mail.Example.co.jp.", "type": "AAAA", "class": "IN"},
        "answers": [{"rdata": "2001:db8::1", "type": "AAAA", "ttl": 300},
                    {"rdata": "2001:db8::2", "type": "AAAA", "ttl": 60}],
    }, {"class_uid": 4003, "query": {"hostname": "x.example", "type": "TXT"}})  # fmt: skip
    both, query = found["dns"]
    assert (both["qname"], both["regdom"], both["qtype"]) == (
        "mail.example.co.jp", "example.co.jp", 28,
    )  # fmt: skip
    assert (both["state"], both["rcode"], both["an_count"], both["min_ttl"]) == ("both", 0, 2, 60)
    assert both["answers"] == ["2001:db8::1", "2001:db8::2"]
    assert (query["state"], query["rcode"], query["qtype"]) == ("query", None, 16)


def test_http_logins_and_processes(source):
    found, _ = read(
        source,
        {"class_uid": 4002, "http_request": {"http_method": "GET", "user_agent": "curl/8",
         "url": {"url_string": "https://a.example.jp/x", "hostname": "a.example.jp"}},
         "http_response": {"code": 404, "length": 10}},
        {"class_uid": 3002, "user": {"name": "alice"}, "status": "Failure",
         "auth_protocol": "Kerberos"},
        {"class_uid": 1007, "activity_id": 1, "device": {"hostname": "pc7", "ip": "192.0.2.9"},
         "process": {"pid": 7, "cmd_line": "cmd /c x", "parent_process": {"pid": 3},
                     "file": {"path": "C:\\cmd.exe", "hashes": [
                         {"algorithm_id": 3, "algorithm": "SHA-256", "value": "AB" * 32},
                         {"algorithm_id": 1, "value": "CD" * 16}]}}},
    )  # fmt: skip
    web, login = found["user_events"]
    assert (web["app"], web["method"], web["status"], web["regdom"]) == (
        "web", "GET", 404, "example.jp",
    )  # fmt: skip
    assert (login["app"], login["user"], login["result"], login["method"]) == (
        "auth", "alice", "failure", "Kerberos",
    )  # fmt: skip
    (process,) = found["endpoint"]
    assert (process["host"], process["pid"], process["ppid"]) == ("pc7", 7, 3)
    assert (process["sha256"], process["md5"]) == ("ab" * 32, "cd" * 16)


@pytest.mark.parametrize(("given", "kept"), [(1, 5), (2, 4), (3, 3), (4, 2), (5, 1), (6, 1)])
def test_the_severity_of_a_finding_is_turned_round(source, given, kept):
    event = {"class_uid": 2004, "severity_id": given, "finding_info": {"title": "C2", "uid": "f1"}}
    found, _ = read(source, event)
    (row,) = found["alerts"]
    assert (row["severity"], row["signature"], row["engine"]) == (kept, "C2", "Wall")


def test_mail_activity(source):
    found, _ = read(source, {"class_uid": 4009, "email": {
        "from": "Bad <Bad@Evil.Example>", "to": ["a@b.example"], "subject": "hello",
        "message_uid": "<1@x>", "size": 1234}})  # fmt: skip
    (row,) = found["mail"]
    assert (row["from_addr"], row["from_dom"], row["from_name"]) == (
        "bad@evil.example", "evil.example", "Bad",
    )  # fmt: skip
    assert (row["rcpt"], row["size"], row["subject"]) == (["a@b.example"], 1234, "hello")


def test_what_has_no_table_and_what_has_no_time_is_counted(source):
    _, job = read(
        source, {"class_uid": 5001}, {"class_uid": 4001, "time": None}, {"class_uid": 4001}
    )
    assert job.report.counters == {"skipped_5001": 1, "malformed": 1, "network": 1}
    assert (job.report.records, job.report.bad_records) == (3, 1)
