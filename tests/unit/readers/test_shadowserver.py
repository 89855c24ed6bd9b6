"""Shadowserver reports: values read off the shared files by hand."""

from __future__ import annotations

import json
import shutil
from collections import Counter

import pytest
from tests.unit.readers.reading import DATA, read, read_bytes

from kaname.readers.shadowserver import ShadowserverReader

REPORTS = DATA / "openresolver"


def rows_of(name):
    return read(ShadowserverReader(), REPORTS / name)


def test_open_resolvers():
    rows, report = rows_of("scan_dns.csv")
    assert len(rows) == 100  # lines of the file but for its header
    assert {row["table"] for row in rows} == {"exposure"}
    first = rows[0]
    assert (first["src"], first["port"], first["proto"]) == ("198.51.100.179", 53, 17)
    assert (first["service"], first["report"], first["tag"]) == ("dns", "scan_dns", "openresolver")
    assert (first["amp_factor"], first["banner"], first["cc"]) == (4.619, "dnsmasq-2.66", "AT")
    assert (first["asn"], first["hostname"]) == (25255, "198-51-100-189.example.net")
    assert first["ts"] == 1_523_664_874_000_000  # 2018-04-14 00:14:34 UTC
    assert not report.damaged


def test_memcached_with_its_measured_factor():
    rows, _ = rows_of("scan_memcached.csv")
    assert [row["amp_factor"] for row in rows] == [81.71, 75.21, 31.57]
    assert [row["port"] for row in rows] == [50260, 11211, 11211]


def test_events_of_a_honeypot_keep_rows_whose_address_is_none():
    rows, report = rows_of("event4_honeypot_ddos_amp.csv")
    assert {row["table"] for row in rows} == {"alerts"}
    assert [row["src"] for row in rows] == [
        "107.141.1.2",
        "74.59.3.4",
        "65.131.5.6",
        "104.162.7.8",
        "::",  # 37.120.178.9.10, as the file has it
    ]
    assert {(row["signature"], row["dport"]) for row in rows} == {("ddos-amplification", 389)}
    assert report.notes == {"bad_address": 1}


def test_events_of_a_sinkhole_name_the_domain():
    rows, _ = rows_of("event4_sinkhole_dns.csv")
    assert [row["domain"] for row in rows] == ["yolkish.com", "verble.rocks", "rawfuns.com"]
    assert [row["signature"] for row in rows] == ["calypso", "orcus", "calypso"]


def test_phishing_goes_to_the_feeds():
    rows, _ = rows_of("phish_url.csv")
    assert Counter((row["table"], row["label"], row["vtype"]) for row in rows) == {
        ("feeds", "phishing", "url"): 3
    }
    assert [row["src"] for row in rows] == ["172.245.0.0", "199.34.0.0", "216.58.0.0"]


@pytest.mark.parametrize("name", ["scan_dns", "scan_memcached", "event4_sinkhole_dns", "phish_url"])
def test_a_report_is_known_without_its_name(tmp_path, name):
    shutil.copy(REPORTS / f"{name}.csv", tmp_path / "x")
    rows, _ = read(ShadowserverReader(), tmp_path / "x")
    told = {row.get("report") or row.get("category") or row.get("feed") for row in rows}
    assert {text.removeprefix("shadowserver ") for text in told} == {name}


def test_names_of_mailed_reports(tmp_path):
    shutil.copy(REPORTS / "scan_dns.csv", tmp_path / "2018-04-14-scan_dns-example-asn.csv")
    rows, _ = read(ShadowserverReader(), tmp_path / "2018-04-14-scan_dns-example-asn.csv")
    assert {row["report"] for row in rows} == {"scan_dns"}


def test_columns_in_another_order_and_unknown_ones(tmp_path):
    text = (
        '"geo","asn","new_column","ip","timestamp","protocol","port","severity"\n'
        '"JP","64500","v","192.0.2.1","2024-01-01 00:00:00","tcp","23","high"\n'
    )
    rows, _ = read_bytes(ShadowserverReader(), tmp_path, text, name="scan_telnet.csv")
    (row,) = rows
    assert (row["src"], row["port"], row["proto"], row["cc"]) == ("192.0.2.1", 23, 6, "JP")
    assert (row["service"], row["severity"]) == ("telnet", "high")
    assert json.loads(row["ext"]) == {"new_column": "v"}


def test_damaged_records_cost_only_themselves(tmp_path):
    good = '"2024-01-01 00:00:00","192.0.2.1","tcp",23,"JP",64500\n'
    text = '"timestamp","ip","protocol","port","geo","asn"\n' + good + "x,y\n"
    text += good.replace("2024", "never") + good
    rows, report = read_bytes(ShadowserverReader(), tmp_path, text)
    assert len(rows) == 2
    assert report.counters == {"record": 2, "malformed": 2}
