"""Zeek's logs: real files tallied column by column with `str.split`, as awk would."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kaname.lake.parquet import conform
from kaname.lake.tables import table as table_of
from kaname.model.address import from_text
from kaname.model.marking import Tlp
from kaname.readers.frame import ReadJob
from kaname.readers.zeek import ZeekReader, tsv

DATA = Path(__file__).parents[4] / "shared" / "data" / "lake" / "zeek"
Row = dict[str, Any]


def read(path: Path) -> tuple[list[Row], ReadJob]:
    job = ReadJob(path=path, sensor="s", tlp=Tlp.GREEN, batch=1)
    found: list[Row] = []
    for table, rows in ZeekReader().read(job):
        found += conform(rows, table_of(table)).to_pylist()
    return found, job


def by_hand(path: Path) -> list[dict[str, str]]:
    """Rows as texts by the names in ``#fields``."""
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode()
    names: list[str] = []
    rows = []
    for line in text.splitlines():
        parts = line.split("\t")
        if parts[0] == "#fields":
            names = parts[1:]
        elif not line.startswith("#"):
            rows.append(dict(zip(names, parts, strict=True)))
    return rows


def number(text: str) -> int:
    return 0 if text == "-" else int(text)


@pytest.fixture(scope="module")
def conn():
    path = DATA / "ctu-sme-11" / "conn.log.labeled.gz"
    return *read(path), by_hand(path)


@pytest.fixture(scope="module")
def dns():
    path = DATA / "dns.log.gz"
    return *read(path), by_hand(path)


def test_every_connection_of_a_labelled_log(conn):
    rows, job, hand = conn
    assert job.report.counters == {"conn": len(hand)} == {"conn": 766}
    sums = {
        "packets": "orig_pkts",
        "octets": "orig_ip_bytes",
        "packets_rev": "resp_pkts",
        "octets_rev": "resp_ip_bytes",
    }
    for ours, theirs in sums.items():
        assert sum(row[ours] for row in rows) == sum(number(one[theirs]) for one in hand)
    assert Counter(row["state"] for row in rows) == Counter(one["conn_state"] for one in hand)
    labels = Counter(json.loads(row["ext"])["label"] for row in rows)
    assert labels == Counter(one["label"] for one in hand)
    ends = Counter((row["src_hi"], row["src_lo"]) for row in rows)
    assert ends == Counter(from_text(one["id.orig_h"]) for one in hand)
    out = sum(one["local_orig"] == "T" and one["local_resp"] == "F" for one in hand)
    assert sum(row["direction"] == "out" for row in rows) == out > 0


def test_the_time_is_exact_to_the_microsecond(conn):
    rows, _, hand = conn
    for row, one in zip(rows, hand, strict=True):
        seconds, _, fraction = one["ts"].partition(".")
        moment = datetime.fromtimestamp(int(seconds), UTC).replace(
            microsecond=int(fraction.ljust(6, "0"))
        )
        assert row["ts"] == moment


def test_every_query_of_a_big_log(dns):
    rows, job, hand = dns
    assert job.report.counters == {"dns": 25_000} == {"dns": len(hand)}
    assert Counter(row["rcode"] for row in rows) == Counter(
        None if one["rcode"] == "-" else int(one["rcode"]) for one in hand
    )
    names = Counter(
        "" if one["query"] in {"-", "(empty)"} else one["query"].lower() for one in hand
    )
    assert Counter(row["qname"] for row in rows) == names
    answered = sum(one["rcode"] != "-" for one in hand)
    assert sum(row["state"] == "both" for row in rows) == answered
    answers = sum(0 if one["answers"] == "-" else one["answers"].count(",") + 1 for one in hand)
    assert sum(len(row["answers"] or ()) for row in rows) == answers
    rtt = sum(0 if one["rtt"] == "-" else round(float(one["rtt"]) * 1e6) for one in hand)
    assert sum(row["rtt_us"] or 0 for row in rows) == rtt
    recursion = sum(one["RD"] == "T" for one in hand)
    assert sum(bool(row["head_bits"] & 0x0100) for row in rows) == recursion


def test_the_least_ttl_is_that_of_the_row(dns):
    rows, _, hand = dns
    for row, one in zip(rows[:5000], hand[:5000], strict=True):
        ttls = [] if one["TTLs"] == "-" else [float(ttl) for ttl in one["TTLs"].split(",")]
        assert row["min_ttl"] == (int(min(ttls)) if ttls else None)


def test_offsets_are_those_of_the_lines(dns):
    rows, _, hand = dns
    with gzip.open(DATA / "dns.log.gz") as log:
        for index in (0, 12_345, 24_999):
            log.seek(rows[index]["row_in_src"])
            assert log.readline().decode().split("\t")[1] == hand[index]["uid"]


def test_handshakes_of_a_big_log():
    rows, job = read(DATA / "ssl.log.gz")
    hand = by_hand(DATA / "ssl.log.gz")
    assert job.report.counters == {"ssl": len(hand)} == {"ssl": 25_000}
    for ours, theirs in (("version", "version"), ("cipher", "cipher"), ("sni", "server_name")):
        told = Counter(None if one[theirs] == "-" else one[theirs] for one in hand)
        told = Counter({k.lower() if ours == "sni" and k else k: v for k, v in told.items()})
        assert Counter(row[ours] for row in rows) == told
    first = Counter(
        None if one["cert_chain_fps"] in {"-", "(empty)"} else one["cert_chain_fps"].split(",")[0]
        for one in hand
    )
    assert Counter(row["cert_sha256"] for row in rows) == first
    assert sum(row["established"] for row in rows) == sum(o["established"] == "T" for o in hand)


def test_json_lines_say_the_same_as_the_json_module():
    path = DATA / "portscan-vertical-conn.log"
    rows, job = read(path)
    hand = [json.loads(line) for line in path.read_text().splitlines()]
    assert job.report.counters == {"conn": len(hand)}
    assert sorted(row["dport"] for row in rows) == sorted(one["id.resp_p"] for one in hand)
    assert sum(row["octets"] for row in rows) == sum(one["orig_ip_bytes"] for one in hand)
    assert {row["tcp_bits"] for row in rows if row["state"] == "REJ"} == {0x02}
    assert ZeekReader().detect(path.read_bytes(), "x") >= 90


HEAD = "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n"
# Zeek manual, "Quick Start" and "conn.log": columns of the default log.
CONN = (
    "#path\tconn\n#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice"
    "\tduration\torig_bytes\tresp_bytes\tconn_state\thistory\torig_pkts\torig_ip_bytes\tresp_pkts"
    "\tresp_ip_bytes\ttunnel_parents\n"
    "#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tstring\tinterval\tcount\tcount\tstring"
    "\tstring\tcount\tcount\tcount\tcount\tset[string]\n"
)


def line(uid: str = "C1", *, ts: str = "1591367999.305988", proto: str = "tcp",
         sport: int = 5, dport: int = 80, history: str = "ShADadFf", tunnel: str = "(empty)",
         host: str = "192.0.2.1") -> str:  # fmt: skip
    return (
        f"{ts}\t{uid}\t{host}\t{sport}\t2001:db8::9\t{dport}\t{proto}\thttp\t0.063885\t-\t55\tSF"
        f"\t{history}\t7\t420\t6\t400\t{tunnel}\n"
    )


def log(path: Path, text: str) -> Path:
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return path


@pytest.mark.parametrize(
    ("history", "bits"),
    [("S", 0x02), ("Sr", 0x02), ("ShR", 0x06), ("ShADadFf", 0x13), ("^hadf", 0), ("-", 0)],
)
def test_flags_are_those_of_the_originator(tmp_path, history, bits):
    (row,), _ = read(log(tmp_path / "conn.log", HEAD + CONN + line(history=history)))
    assert row["tcp_bits"] == bits


def test_icmp_has_type_and_code_for_ports(tmp_path):
    text = HEAD + CONN + line(proto="icmp", sport=8, dport=0, history="-")
    (row,), _ = read(log(tmp_path / "conn.log", text))
    assert (row["proto"], row["sport"], row["dport"]) == (1, 0, 8 * 256)


def test_unset_and_empty_fields(tmp_path):
    (row,), _ = read(log(tmp_path / "conn.log", HEAD + CONN + line()))
    assert json.loads(row["ext"]) == {"uid": "C1", "resp_bytes": 55, "tunnel_parents": []}
    assert (row["dur_us"], row["app"], row["packets_rev"]) == (63_885, "http", 6)


def test_damaged_lines_cost_only_themselves(tmp_path):
    text = HEAD + CONN + line("C1") + "cut\toff\n" + line("C2", ts="never") + "\n" + line("C3")
    rows, job = read(log(tmp_path / "conn.log", text))
    assert [json.loads(row["ext"])["uid"] for row in rows] == ["C1", "C3"]
    assert job.report.counters == {"conn": 2, "malformed": 2}
    at = len(HEAD + CONN + line("C1"))
    assert sorted(problem.offset for problem in job.report.problems) == [at, at + len("cut\toff\n")]


def test_a_wrong_value_costs_only_itself(tmp_path):
    text = HEAD + CONN + line("C1", dport=99) + line("C2").replace("\t420\t", "\tmany\t")
    rows, job = read(log(tmp_path / "conn.log", text))
    assert [row["octets"] for row in rows] == [420, 0]
    assert job.report.notes == {"bad_value": 1}


def test_odd_bytes_are_escaped_and_counts_stay_exact(tmp_path):
    odd = (
        line('C"q').replace("http", "h\udcff\\t\0p")
        + line("C2")
        + line("C3\r").replace("\n", "\r\n")
    )
    rows, job = read(log(tmp_path / "conn.log", HEAD + CONN + odd))
    assert job.report.counters == {"conn": 3}
    assert rows[0]["app"] == "h\\xff\\t\\x00p"
    assert [json.loads(row["ext"])["uid"] for row in rows] == ['C"q', "C2", "C3\\x0d"]


def test_several_logs_in_one_file(tmp_path):
    """As ``cat conn.log dns.log`` makes it; other logs are counted."""
    x509 = "#path\tx509\n#fields\tts\tfuid\n1591367999.1\tF1\n1591367999.2\tF2\n#close\t2020\n"
    text = HEAD + CONN + line() + HEAD + x509 + HEAD + CONN + line() + line()
    rows, job = read(log(tmp_path / "all.log", text))
    assert len(rows) == 3
    assert job.report.counters == {"conn": 3, "skipped_x509": 2}


def test_rows_are_the_same_however_the_blocks_are_cut(tmp_path, monkeypatch):
    text = HEAD + CONN + "".join(line(f"C{n}", sport=n) for n in range(500))
    path = log(tmp_path / "conn.log", text)
    whole, _ = read(path)
    for size in (1000, 4096):
        monkeypatch.setattr(tsv, "BLOCK", size)
        assert read(path)[0] == whole
    assert len(whole) == 500


def test_lines_before_any_head_are_counted(tmp_path):
    rows, job = read(log(tmp_path / "conn.log", "#separator \\x09\n" + line() + line()))
    assert rows == []
    assert job.report.counters == {"no_header": 2}


def test_json_with_other_ways_to_write_time(tmp_path):
    record = {"uid": "C1", "id.orig_h": "192.0.2.1", "id.orig_p": 1, "id.resp_h": "192.0.2.2",
              "id.resp_p": 53, "proto": "udp", "conn_state": "SF"}  # fmt: skip
    times = [1591367999.305988, 1591367999305.988, "2020-06-05T14:39:59.305988Z"]
    text = "\n".join(json.dumps({"ts": ts, **record}) for ts in [*times, None])
    rows, job = read(log(tmp_path / "conn.log", text))
    assert {row["ts"] for row in rows} == {datetime(2020, 6, 5, 14, 39, 59, 305988, tzinfo=UTC)}
    assert job.report.counters == {"conn": 3, "malformed": 1}


def test_http_notice_smtp_and_ssh_as_json(tmp_path):
    base = {"ts": 1591367999.0, "uid": "C1", "id.orig_h": "192.0.2.1", "id.orig_p": 1,
            "id.resp_h": "192.0.2.2", "id.resp_p": 80}  # fmt: skip
    records = [
        {**base, "_path": "http", "method": "GET", "host": "H.example.co.jp", "uri": "/a",
         "status_code": 200, "request_body_len": 0, "response_body_len": 51,
         "resp_mime_types": ["text/html"]},
        {**base, "_path": "notice", "note": "Scan::Port_Scan", "msg": "scanned",
         "src": "192.0.2.9"},
        {**base, "_path": "smtp", "helo": "h", "mailfrom": "a@b.example", "from": "A <A@b.example>",
         "rcptto": ["c@d.example"], "subject": "hi"},
        {**base, "_path": "ssh", "auth_success": False, "client": "SSH-2.0-Go"},
        {**base, "_path": "files"},
    ]  # fmt: skip
    path = log(tmp_path / "zeek.json", "\n".join(json.dumps(one) for one in records))
    rows, job = read(path)
    web, alert, mail, ssh = rows
    assert (web["url"], web["regdom"], web["mime"], web["octets_in"]) == (
        "http://H.example.co.jp/a", "example.co.jp", "text/html", 51,
    )  # fmt: skip
    assert (alert["signature"], alert["category"], alert["engine"]) == (
        "scanned", "Scan::Port_Scan", "zeek",
    )  # fmt: skip
    assert (mail["from_addr"], mail["from_dom"], mail["rcpt"]) == (
        "a@b.example", "b.example", ["c@d.example"],
    )  # fmt: skip
    assert (ssh["app"], ssh["result"], ssh["ua"]) == ("ssh", "failure", "SSH-2.0-Go")
    assert job.report.counters["skipped_files"] == 1


def test_a_wrong_ttl_costs_no_other(tmp_path):
    fields = [
        "ts",
        "uid",
        "id.orig_h",
        "id.orig_p",
        "id.resp_h",
        "id.resp_p",
        "query",
        "answers",
        "TTLs",
    ]
    text = HEAD + "#path\tdns\n#fields\t" + "\t".join(fields) + "\n"
    for answers, ttls in (("a,b", "60.000000,30.5"), ("c", "soon"), ("-", "-"), ("d", "7.0")):
        row = ["1.5", "C", "192.0.2.1", "1", "192.0.2.2", "53", "x.example", answers, ttls]
        text += "\t".join(row) + "\n"
    rows, job = read(log(tmp_path / "dns.log", text))
    assert [row["min_ttl"] for row in rows] == [30, None, None, 7]
    assert [row["an_count"] for row in rows] == [2, 1, None, 1]
    assert job.report.notes == {"bad_value": 1}
