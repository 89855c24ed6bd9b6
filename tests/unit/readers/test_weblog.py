"""Web and proxy logs: the examples of the manuals of the programs that write them."""

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
from kaname.readers.frame import Reader, ReadJob
from kaname.readers.weblog import AccessLogReader, ErrorLogReader, SquidReader, W3cReader

DATA = Path(__file__).parents[4] / "shared" / "data" / "lake" / "userlog"


def read(
    reader: Reader, path: Path, text: str | bytes, **options: str
) -> tuple[list[dict[str, Any]], ReadJob]:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    job = ReadJob(path=path, sensor="s", tlp=Tlp.GREEN, batch=1, options=options)
    return [row for _, rows in reader.read(job) for row in rows.to_pylist()], job


def at(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=UTC)


# Apache HTTP Server 2.4, "Log Files": the example lines of common and combined.
COMMON = '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326'
COMBINED = COMMON + ' "http://www.example.com/start.html" "Mozilla/4.08 [en] (Win98; I ;Nav)"'


def test_the_example_of_the_combined_format(tmp_path):
    (row,), job = read(AccessLogReader(), tmp_path / "a.log", COMBINED + "\n")
    assert row["ts"] == at(2000, 10, 10, 20, 55, 36)
    assert (row["src_hi"], row["src_lo"]) == from_text("127.0.0.1")
    assert (row["user"], row["method"], row["url"]) == ("frank", "GET", "/apache_pb.gif")
    assert (row["status"], row["octets_in"]) == (200, 2326)
    assert row["referrer"] == "http://www.example.com/start.html"
    assert row["ua"] == "Mozilla/4.08 [en] (Win98; I ;Nav)"
    assert (row["app"], job.report.counters) == ("web", {"entry": 1})


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        (COMMON, {"ua": None, "referrer": None, "url": "/apache_pb.gif"}),
        ("www.example.co.jp:443 " + COMBINED,
         {"domain": "www.example.co.jp", "regdom": "example.co.jp"}),
        ('2001:db8::1 - - [01/May/2024:00:00:00 +0900] "GET / HTTP/2.0" 304 -',
         {"octets_in": 0, "user": None, "ts": at(2024, 4, 30, 15)}),
        (r'192.0.2.1 - - [01/May/2024:00:00:00 +0000] "GET /\"x\" HTTP/1.1" 200 1 "-" "a\"b"',
         {"url": '/"x"', "ua": 'a"b', "referrer": None}),
        (r'192.0.2.1 - - [01/May/2024:00:00:00 +0000] "\x16\x03\x01" 400 0 "-" "-"',
         {"method": None, "url": None, "status": 400}),
        (COMBINED + ' "203.0.113.9" 0.005', {"ext": '{"more":"\\"203.0.113.9\\" 0.005"}'}),
        ('cache.example.net - - [01/May/2024:00:00:00 +0000] "GET / HTTP/1.1" 200 1',
         {"src_lo": 0, "ext": '{"client":"cache.example.net"}'}),
    ],
)  # fmt: skip
def test_relatives_of_the_combined_format(tmp_path, line, kept):
    (row,), _ = read(AccessLogReader(), tmp_path / "a.log", line)
    assert {name: row[name] for name in kept} == kept
    assert AccessLogReader().detect(line.encode(), "") == 80


def test_a_line_that_is_none_is_counted(tmp_path):
    far = COMMON.replace("-0700", "-7000")
    text = f"{COMMON}\nrubbish\n\n{COMMON}\n{far}\n"
    rows, job = read(AccessLogReader(), tmp_path / "a.log", text)
    assert len(rows) == 2
    assert job.report.counters == {"entry": 2, "malformed": 2}
    assert job.report.problems[0].offset == len(COMMON) + 1


def test_every_line_of_a_real_apache_error_log():
    """Levels counted by hand: ``zcat | grep -c '\\] \\[error\\]'``."""
    source = DATA / "Apache_2k.log.gz"
    lines = gzip.decompress(source.read_bytes()).decode().splitlines()
    levels = Counter("error" if "] [error] " in line else "notice" for line in lines)
    job = ReadJob(path=source, sensor="s", tlp=Tlp.GREEN, batch=1)
    rows = [row for _, batch in ErrorLogReader().read(job) for row in batch.to_pylist()]
    assert Counter(row["result"] for row in rows) == levels == {"error": 595, "notice": 1405}
    assert rows[0]["ts"] == at(2005, 12, 4, 4, 47, 44)
    clients = sum("[client " in line for line in lines)
    assert sum(row["src_lo"] != 0 for row in rows) == clients > 0
    assert job.report.bad_records == 0


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        # Apache HTTP Server 2.4, "Log Files": the example of the error log.
        (("[Fri Sep 09 10:42:29.902022 2011] [core:error] [pid 35708:tid 4328636416] "
         "[client 72.15.99.187] File does not exist: /usr/local/apache2/htdocs/favicon.ico"),
         {"ts": at(2011, 9, 9, 10, 42, 29, 902022), "result": "error",
          "message": "File does not exist: /usr/local/apache2/htdocs/favicon.ico"}),
        (('2024/05/01 12:00:00 [error] 31#31: *5 open() "/x" failed (2: No such file), '
         'client: 192.0.2.7, server: www.example.co.jp, request: "GET /x HTTP/1.1", host: "h"'),
         {"ts": at(2024, 5, 1, 12), "result": "error", "method": "GET", "url": "/x",
          "regdom": "example.co.jp"}),
    ],
)  # fmt: skip
def test_error_logs(tmp_path, line, kept):
    (row,), _ = read(ErrorLogReader(), tmp_path / "e.log", line)
    assert {name: row[name] for name in kept} == kept
    assert row["src_lo"] != 0
    assert ErrorLogReader().detect(line.encode(), "") == 80


def test_the_zone_of_an_error_log_is_an_option(tmp_path):
    line = "2024/05/01 12:00:00 [warn] 1#1: text"
    (row,), _ = read(ErrorLogReader(), tmp_path / "e.log", line, zone="Asia/Tokyo")
    assert row["ts"] == at(2024, 5, 1, 3)


# Squid wiki, Features/LogFormat and the SquidFaq: lines of the native format.
SQUID = """\
1286536309.450    180 192.168.0.68 TCP_MISS/200 411 GET http://www.example.co.jp/ - HIER_DIRECT/203.0.113.5 text/html
1286536309.586    921 192.168.0.227 TCP_MISS/200 20387 CONNECT mail.example.com:443 alice HIER_DIRECT/203.0.113.6 -
1286536310.000      0 192.168.0.68 TCP_DENIED/403 3500 GET http://bad.example/ - HIER_NONE/- text/html
"""  # noqa: E501


def test_squid(tmp_path):
    (get, connect, denied), _ = read(SquidReader(), tmp_path / "s.log", SQUID)
    assert get["ts"] == datetime.fromtimestamp(1286536309.45, UTC)
    assert (get["app"], get["status"], get["octets_in"], get["dport"]) == ("proxy", 200, 411, 80)
    assert (get["domain"], get["regdom"]) == ("www.example.co.jp", "example.co.jp")
    assert (get["dst_hi"], get["dst_lo"]) == from_text("203.0.113.5")
    assert (connect["domain"], connect["dport"], connect["user"]) == (
        "mail.example.com", 443, "alice",
    )  # fmt: skip
    assert (denied["result"], denied["dst_lo"]) == ("denied", 0)
    assert json.loads(get["ext"]) == {
        "code": "TCP_MISS", "elapsed_ms": 180, "hierarchy": "HIER_DIRECT",
    }  # fmt: skip
    assert SquidReader().detect(SQUID.encode(), "") == 90


# Microsoft Learn, "W3C Extended Log File Examples (IIS 6.0)".
IIS = """\
#Software: Internet Information Services 6.0
#Version: 1.0
#Date: 2001-05-02 17:42:15
#Fields: time c-ip cs-method cs-uri-stem sc-status cs-version
17:42:15 172.16.255.255 GET /default.htm 200 HTTP/1.0
#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status
2002-05-24 20:18:01 172.224.24.114 GET /Default.htm a=1 80 - 206.73.118.24 Mozilla/4.0+(compatible;+MSIE+5.5) 200
short line
"""  # noqa: E501


def test_w3c_extended_with_fields_that_change(tmp_path):
    rows, job = read(W3cReader(), tmp_path / "ex.log", IIS)
    first, second = rows
    assert first["ts"] == at(2001, 5, 2, 17, 42, 15)
    assert (first["method"], first["url"], first["status"]) == ("GET", "/default.htm", 200)
    assert second["ts"] == at(2002, 5, 24, 20, 18, 1)
    assert (second["url"], second["dport"], second["ua"]) == (
        "/Default.htm?a=1", 80, "Mozilla/4.0 (compatible; MSIE 5.5)",
    )  # fmt: skip
    assert (second["src_hi"], second["src_lo"]) == from_text("206.73.118.24")
    assert job.report.counters == {"entry": 2, "malformed": 1}
    assert W3cReader().detect(IIS.encode(), "") == 92
