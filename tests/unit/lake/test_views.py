"""Rows as OCSF and n6 events, written by hand from the specifications."""

from __future__ import annotations

import json

import pyarrow.parquet as pq
import pytest
from tests.unit.lake.observing import START, observe

from kaname.lake.filtering import Filters
from kaname.lake.tables import tables
from kaname.lake.views import n6_event, n6_tables, ocsf_event, ocsf_tables
from kaname.model.errors import CancelledError, UsageError
from kaname.model.marking import Tlp

ROW = {"ts": START + 1_500_000, "sensor": "s1", "kind": "netflow5", "tlp": "green", "batch": 7,
       "row_in_src": 9, "src": "192.0.2.1", "dst": "2001:db8::1"}  # fmt: skip


@pytest.mark.parametrize(
    ("table", "row", "class_uid", "type_uid", "category"),
    # OCSF 1.3: class = category * 1000 + n, type = class * 100 + activity
    [
        ("flows", {"proto": 6}, 4001, 400106, 4),
        ("dns", {"state": "query", "qname": "a.example"}, 4003, 400301, 4),
        ("dns", {"state": "response", "qname": "a.example"}, 4003, 400302, 4),
        ("dns", {"state": "both", "qname": "a.example"}, 4003, 400306, 4),
        ("user_events", {"app": "proxy", "method": "GET", "url": "http://a.example/"}, 4002,
         400203, 4),
        ("user_events", {"app": "ssh", "result": "failure"}, 3002, 300201, 3),
        ("mail", {"subject": "x"}, 4009, 400902, 4),
        ("endpoint", {"event_class": "process", "pid": 3}, 1007, 100701, 1),
        ("endpoint", {"event_class": "logon"}, 3002, 300201, 3),
        ("alerts", {"signature": "x", "severity": 1}, 2004, 200401, 2),
    ],
)  # fmt: skip
def test_the_class_of_a_row(table, row, class_uid, type_uid, category):
    event = ocsf_event(table, ROW | row)
    assert (event["class_uid"], event["type_uid"], event["category_uid"]) == (
        class_uid, type_uid, category,
    )  # fmt: skip
    assert event["time"] == START // 1000 + 1500
    assert event["metadata"]["labels"] == ["tlp:green"]


def test_volumes_of_sampled_flows_are_multiplied():
    row = ROW | {
        "packets": 3,
        "octets": 1500,
        "sampling": 100,
        "sport": 0,
        "dport": 443,
        "in_if": 4,
    }
    event = ocsf_event("flows", row)
    assert event["traffic"]["packets_out"] == 300
    assert event["traffic"]["bytes_out"] == 150_000
    assert event["src_endpoint"] == {"ip": "192.0.2.1"}
    assert event["dst_endpoint"] == {"ip": "2001:db8::1", "port": 443}
    assert event["unmapped"] == {"sampling": 100, "in_if": 4}


def test_severities_of_ocsf_count_up():
    assert ocsf_event("alerts", ROW | {"severity": 1})["severity_id"] == 5
    assert ocsf_event("alerts", ROW | {"severity": 5})["severity_id"] == 1


def test_an_n6_event_has_the_names_of_the_sdk():
    event = n6_event("feeds", ROW | {"value": "http://a.example/x", "vtype": "url", "feed": "f",
                                     "label": "phishing", "confidence": 90, "asn": 64500,
                                     "cc": "JP"})  # fmt: skip
    assert len(event.pop("id")) == len(event.pop("rid")) == 32
    assert event == {
        "source": "f.s1",
        "restriction": "need-to-know",
        "confidence": "high",
        "time": "2020-03-11T00:00:01Z",
        "address": [
            {"ip": "192.0.2.1", "dir": "src", "asn": 64500, "cc": "JP"},
            {"ipv6": "2001:db8::1", "dir": "dst"},
        ],
        "category": "phish",
        "name": "phishing",
        "url": "http://a.example/x",
    }


@pytest.mark.parametrize(("tlp", "word"), [("clear", "public"), ("green", "need-to-know"),
                                           ("amber", "internal"), ("red", "internal")])  # fmt: skip
def test_markings_become_restrictions(tlp, word):
    assert n6_event("dns", ROW | {"tlp": tlp})["restriction"] == word


def test_tables_without_a_form_are_said_so():
    assert set(ocsf_tables()) <= set(tables())
    assert set(n6_tables()) <= set(tables())
    with pytest.raises(UsageError, match="routes"):
        ocsf_event("routes", ROW)
    with pytest.raises(UsageError, match="hops"):
        n6_event("hops", ROW)


@pytest.fixture
def flows(lake):
    observe(lake, "flows", [
        {"ts": START + n, "src": f"192.0.2.{n}", "dst": "198.51.100.1", "proto": (6, 17)[n % 2],
         "dport": (443, 53)[n % 2], "row_in_src": n}
        for n in range(10)
    ])  # fmt: skip
    return lake


@pytest.mark.parametrize("form", ["parquet", "arrow", "csv", "jsonl", "ocsf", "n6"])
def test_an_export_holds_the_rows_wanted(flows, tmp_path, form):
    path = tmp_path / "out"
    assert flows.export("flows", path, form, Filters(proto="udp", until=START + 8)) == 4
    assert list(tmp_path.glob(".out*")) == []
    if form == "parquet":
        assert pq.read_table(path)["row_in_src"].to_pylist() == [1, 3, 5, 7]
    elif form == "arrow":
        import pyarrow as pa

        assert pa.ipc.open_stream(path.read_bytes()).read_all().num_rows == 4
    elif form == "csv":
        head, *rows = path.read_text().splitlines()
        assert head.startswith("src,dst")
        assert [row.split(",")[0] for row in rows] == [f"192.0.2.{n}" for n in (1, 3, 5, 7)]
    else:
        assert [json.loads(line) for line in path.read_text().splitlines()][3]


def test_an_export_that_is_stopped_leaves_nothing(flows, tmp_path):
    from kaname.lake import Cancel

    cancel = Cancel()

    def stop(_: int) -> None:
        raise CancelledError("lake.error.cancelled")

    with pytest.raises(CancelledError):
        flows.export("flows", tmp_path / "out", "csv", Filters(), progress=stop, cancel=cancel)
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_an_export_keeps_to_the_clearance(flows, tmp_path):
    observe(flows, "flows", [{"ts": START, "src": "203.0.113.1"}], source="b", tlp=Tlp.RED)
    assert flows.export("flows", tmp_path / "a", "jsonl", Filters(), clearance=Tlp.GREEN) == 10
    assert flows.export("flows", tmp_path / "b", "jsonl", Filters(), clearance=Tlp.RED) == 11
