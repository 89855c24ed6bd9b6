"""RIS Live and traceroutes, in the forms that RIPE's and CAIDA's manuals show."""

from __future__ import annotations

import json

import pytest
from tests.unit.readers.reading import read_bytes

from kaname.readers.ris import RisReader
from kaname.readers.traceroute import TracerouteReader

MESSAGE = {
    "timestamp": 1704067200.12,
    "peer": "2001:db8::9",
    "peer_asn": "64500",
    "id": "x",
    "host": "rrc21.ripe.net",
    "type": "UPDATE",
    "path": [64500, 3356, [64501, 64502]],
    "community": [[3356, 5], [65535, 666]],
    "origin": "igp",
    "announcements": [{"next_hop": "2001:db8::9,fe80::1", "prefixes": ["2001:db8:1::/48"]}],
    "withdrawals": ["2001:db8:2::/48"],
}


@pytest.mark.parametrize("wrapped", [True, False])
def test_an_update_of_ris_live(tmp_path, wrapped):
    document = {"type": "ris_message", "data": MESSAGE} if wrapped else MESSAGE
    text = json.dumps(document)
    rows, report = read_bytes(RisReader(), tmp_path, text)
    withdrawn, announced = rows
    assert (withdrawn["op"], withdrawn["prefix"], withdrawn["plen"]) == ("W", "2001:db8:2::", 48)
    assert (announced["op"], announced["prefix"]) == ("A", "2001:db8:1::")
    assert (announced["src"], announced["peer_as"]) == ("2001:db8::9", 64500)
    assert announced["path"] == "64500 3356 {64501,64502}"
    assert (announced["path_len"], announced["origin_as"]) == (3, None)
    assert announced["communities"] == "3356:5 65535:666"
    assert (announced["next_hop"], announced["collector"]) == ("2001:db8::9", "rrc21.ripe.net")
    assert announced["ts"] == 1_704_067_200_120_000
    assert report.counters == {"update": 1}
    assert RisReader().detect(text.encode(), "x") == 90


def test_other_and_damaged_messages(tmp_path):
    odd = [
        {"type": "pong"},
        {"type": "ris_message", "data": MESSAGE | {"type": "KEEPALIVE"}},
        {"type": "ris_message", "data": {"peer": 5}},
        {"type": "ris_message", "data": MESSAGE | {"withdrawals": ["x/8", "192.0.2.0/33"]}},
    ]
    rows, report = read_bytes(RisReader(), tmp_path, "\n".join(map(json.dumps, odd)))
    assert len(rows) == 1
    assert report.counters == {"other": 2, "malformed": 1, "update": 1}
    assert report.notes == {"bad_prefix": 2}


SCAMPER = {
    "type": "trace",
    "version": "0.1",
    "userid": 0,
    "method": "icmp-paris",
    "src": "192.0.2.10",
    "dst": "198.51.100.1",
    "stop_reason": "COMPLETED",
    "start": {"sec": 1704067200, "usec": 123456},
    "hop_count": 3,
    "firsthop": 1,
    "hops": [
        {"addr": "192.0.2.1", "probe_ttl": 1, "rtt": 0.245},
        {"addr": "198.51.100.1", "probe_ttl": 3, "rtt": 10.5},
    ],
}
ATLAS = {
    "type": "traceroute",
    "msm_id": 5001,
    "prb_id": 77,
    "timestamp": 1704067200,
    "from": "203.0.113.1",
    "src_addr": "10.0.0.2",
    "dst_addr": "198.51.100.1",
    "proto": "UDP",
    "result": [
        {"hop": 1, "result": [{"from": "10.0.0.1", "rtt": 1.5, "ttl": 64}, {"x": "*"}]},
        {"hop": 255, "error": "unreachable"},
    ],
}


def test_a_trace_of_scamper(tmp_path):
    cycle = {"type": "cycle-start", "list_name": "default", "id": 1}
    text = json.dumps(cycle) + "\n" + json.dumps(SCAMPER)
    rows, report = read_bytes(TracerouteReader(), tmp_path, text)
    assert sorted((row["ttl"], row["hop"], row["rtt_us"]) for row in rows if row["rtt_us"]) == [
        (1, "192.0.2.1", 245),
        (3, "198.51.100.1", 10_500),
    ]
    assert [(row["ttl"], row["hop"]) for row in rows if row["rtt_us"] is None] == [(2, "::")]
    assert {(row["ts"], row["tool"]) for row in rows} == {(1_704_067_200_123_456, "scamper")}
    assert report.counters == {"other": 1, "trace": 1}
    assert TracerouteReader().detect(text.encode(), "x") == 88


@pytest.mark.parametrize("array", [True, False])
def test_a_result_of_atlas(tmp_path, array):
    text = json.dumps([ATLAS] if array else ATLAS)
    rows, _ = read_bytes(TracerouteReader(), tmp_path, text)
    assert [(row["ttl"], row["hop"], row["rtt_us"]) for row in rows] == [
        (1, "10.0.0.1", 1500),
        (1, "::", None),
    ]
    assert {(row["src"], row["dst"]) for row in rows} == {("203.0.113.1", "198.51.100.1")}
    assert TracerouteReader().detect(text.encode(), "x") == 88
