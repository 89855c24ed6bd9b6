"""Syslog: the examples of RFC 3164 and RFC 5424, logins as OpenSSH writes them, CEF.

Outside oracles: the RFCs' own examples, tallies of the real file by plain text search,
and pycef, another parser of CEF.
"""

from __future__ import annotations

import gzip
import json
import re
import warnings
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from kaname.model.address import from_text
from kaname.model.errors import UsageError
from kaname.model.instant import DAY
from kaname.model.marking import Tlp
from kaname.readers.clock import Clock, zone_called
from kaname.readers.frame import ReadJob
from kaname.readers.syslog import SyslogReader
from kaname.readers.syslog.cef import event
from kaname.readers.syslog.envelope import envelope

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its regular expressions are of older days
    import pycef

SSH = Path(__file__).parents[4] / "shared" / "data" / "lake" / "userlog" / "OpenSSH_2k.log.gz"


def us(*moment: int, tz: Any = UTC) -> int:
    return round(datetime(*moment, tzinfo=tz).timestamp() * 1e6)


CLOCK = Clock(reference=us(2024, 3, 1))


def read(path: Path, text: str, **options: Any) -> tuple[list[dict[str, Any]], ReadJob]:
    path.write_text(text)
    job = ReadJob(path=path, sensor="s", tlp=Tlp.GREEN, batch=1, options=options)
    return [row for _, rows in SyslogReader().read(job) for row in rows.to_pylist()], job


# RFC 5424, section 6.5, and RFC 3164, section 5.4.
RFC5424 = [
    ("<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - "
    "\ufeff'su root' failed for lonvick on /dev/pts/8"),
    ("<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - "
    "%% It's time to make the do-nuts."),
    ('<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 '
    'iut="3" eventSource="Application" eventID="1011"] \ufeffAn application event log entry...'),
    ('<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 '
    'iut="3" eventSource="Application" eventID="1011"][examplePriority@32473 class="high"]'),
]  # fmt: skip


def test_the_examples_of_rfc_5424():
    first, second, third, fourth = [envelope(line, CLOCK) for line in RFC5424]
    assert (first.ts, first.facility, first.severity) == (us(2003, 10, 11, 22, 14, 15, 3000), 4, 2)
    assert (first.host, first.program, first.pid, first.message_id) == (
        "mymachine.example.com", "su", None, "ID47",
    )  # fmt: skip
    assert first.text == "'su root' failed for lonvick on /dev/pts/8"
    zone = timezone(timedelta(hours=-7))
    assert second.ts == us(2003, 8, 24, 5, 14, 15, 3, tz=zone)
    assert (second.program, second.pid) == ("myproc", "8710")
    assert (second.facility, second.severity) == (20, 5)
    sdid = {"iut": "3", "eventSource": "Application", "eventID": "1011"}
    assert third.structured == {"exampleSDID@32473": sdid}
    assert third.text == "An application event log entry..."
    assert fourth.structured["examplePriority@32473"] == {"class": "high"}
    assert fourth.text == ""


def test_the_examples_of_rfc_3164():
    found = envelope(
        "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8", CLOCK
    )
    assert (found.facility, found.severity, found.host, found.program) == (4, 2, "mymachine", "su")
    assert found.ts == us(2023, 10, 11, 22, 14, 15)
    assert found.text == "'su root' failed for lonvick on /dev/pts/8"
    bare = envelope("<13>Feb  5 17:32:18 10.0.0.99 Use the BFG!", CLOCK)
    assert (bare.host, bare.program, bare.text) == ("10.0.0.99", None, "Use the BFG!")
    assert bare.ts == us(2024, 2, 5, 17, 32, 18)


@pytest.mark.parametrize(
    ("line", "ts"),
    [
        ("2024-05-01T12:00:00.123456+09:00 h app[1]: x", us(2024, 5, 1, 3, 0, 0, 123456)),
        ("May  1 2024 12:00:00 h app: x", us(2024, 5, 1, 12)),
        ("<189>May  1 12:00:00.123: %SYS-5-CONFIG_I: x", us(2023, 5, 1, 12, 0, 0, 123000)),
    ],
)
def test_relatives_of_rfc_3164(line, ts):
    assert envelope(line, CLOCK).ts == ts


@pytest.mark.parametrize(
    "line", ["", "<192>Oct 11 22:14:15 h a: b", "hello", "Foo 41 99:00:00 h a: b"]
)
def test_what_is_no_message(line):
    assert envelope(line, CLOCK) is None


def test_a_time_without_a_year_is_the_latest_before_the_reference():
    clock = Clock(reference=us(2024, 1, 5))
    assert clock.yearless("Jan", "5", "10:00:00") == us(2024, 1, 5, 10)  # within the day's grace
    assert clock.yearless("Dec", "31", "23:59:59") == us(2023, 12, 31, 23, 59, 59)
    assert clock.yearless("Jan", "7", "00:00:00") == us(2023, 1, 7)
    assert Clock(reference=us(2023, 6, 1)).yearless("Feb", "29", "0:00:00") == us(2020, 2, 29)
    assert clock.yearless("Feb", "30", "00:00:00") is None


def test_the_year_of_the_option_counts_on_at_new_year():
    clock = Clock(year=2019, reference=us(2024, 1, 5))
    assert clock.yearless("Dec", "31", "23:59:59") == us(2019, 12, 31, 23, 59, 59)
    assert clock.yearless("Jan", "1", "00:00:01") == us(2020, 1, 1, 0, 0, 1)
    assert clock.yearless("Dec", "31", "23:59:58") - us(2020, 12, 31, 23, 59, 58) == 0
    assert DAY == 86_400_000_000


def test_zones():
    assert zone_called("+09:00").utcoffset(None) == timedelta(hours=9)
    assert str(zone_called("JST")) == "Asia/Tokyo"
    with pytest.raises(UsageError):
        zone_called("Mars/Olympus")


def test_every_login_of_a_real_log():
    """Tallies by text search of the file, lines that stand for several counted as such."""
    lines = gzip.decompress(SSH.read_bytes()).decode().splitlines()
    failed = 0
    for line in lines:
        times = re.search(r"message repeated (\d+) times", line)
        failed += (int(times[1]) if times else 1) if re.search("Failed [a-z]+ for", line) else 0
    job = ReadJob(path=SSH, sensor="s", tlp=Tlp.GREEN, batch=1, options={"year": 2017})
    rows = [row for _, batch in SyslogReader().read(job) for row in batch.to_pylist()]
    assert job.report.counters == {"message": len(lines)} == {"message": 2000}
    ssh = [row for row in rows if row["app"] == "ssh"]
    assert sum(row["result"] == "failure" for row in ssh) == failed > 500
    accepted = sum("Accepted password for" in line for line in lines)
    assert sum(row["result"] == "success" for row in ssh) == accepted == 1
    invalid = sum(bool(re.search(r"\]: Invalid user ", line)) for line in lines)
    assert sum(row["result"] == "invalid user" for row in ssh) == invalid
    pam = sum(" authentication failure; " in line and "pam_unix" in line for line in lines)
    assert sum(row["app"] == "auth" and row["result"] == "failure" for row in rows) == pam
    assert rows[0]["ts"] == datetime(2017, 12, 10, 6, 55, 46, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Failed password for invalid user a b from 192.0.2.7 port 22 ssh2",
         {"user": "a b", "result": "failure", "method": "password"}),
        ("Accepted publickey for alice from 2001:db8::1 port 50022 ssh2: ED25519 SHA256:x",
         {"user": "alice", "result": "success", "method": "publickey"}),
        ("Connection closed by authenticating user root 192.0.2.7 port 1 [preauth]",
         {"user": "root", "result": "disconnected"}),
        ("Received disconnect from 192.0.2.7: 11: Bye Bye [preauth]", {"result": "disconnected"}),
        ("Did not receive identification string from 192.0.2.7", {"result": "disconnected"}),
    ],
)  # fmt: skip
def test_what_sshd_says(tmp_path, text, kept):
    (row,), _ = read(tmp_path / "auth.log", f"Dec 10 06:55:46 h sshd[1]: {text}")
    assert {name: row[name] for name in kept} == kept
    assert (row["app"], row["host"]) == ("ssh", "h")
    assert (row["src_hi"], row["src_lo"]) in {from_text("192.0.2.7"), from_text("2001:db8::1")}


def test_repeated_messages_count_as_often(tmp_path):
    text = "message repeated 5 times: [ Failed password for root from 192.0.2.7 port 1 ssh2]"
    rows, job = read(tmp_path / "auth.log", f"Dec 10 06:55:46 h sshd[1]: {text}")
    assert [row["result"] for row in rows] == ["failure"] * 5
    assert (job.report.records, job.report.rows) == (1, 5)


def test_sudo_and_su(tmp_path):
    rows, _ = read(
        tmp_path / "auth.log",
        "Dec 10 06:55:46 h sudo:    alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; "
        "COMMAND=/bin/cat /etc/shadow\n"
        "Dec 10 06:55:47 h sudo:      bob : user NOT in sudoers ; TTY=pts/1 ; PWD=/ ; USER=root ; "
        "COMMAND=/bin/sh\n"
        "Dec 10 06:55:48 h su[7]: FAILED su for root by carol\n",
    )
    assert [(row["user"], row["method"], row["result"]) for row in rows] == [
        ("alice", "sudo", "success"), ("bob", "sudo", "failure"), ("carol", "su", "failure"),
    ]  # fmt: skip
    assert json.loads(rows[0]["ext"])["command"] == "/bin/cat /etc/shadow"


CEF = [
    "CEF:0|Security|threatmanager|1.0|100|worm successfully stopped|10|src=10.0.0.1 dst=2.1.2.2",
    (
        "CEF:0|Acme|Firewall|7|5|Deny|3|src=192.0.2.1 dst=192.0.2.2 dpt=445 suser=bob act=deny "
        "request=http://x.example/a cs1Label=Rule Name cs1=block all smb msg=hello big world"
    ),
]


@pytest.mark.parametrize(
    ("line", "name", "act"),
    [
        (r"CEF:0|security|tm|1.0|100|detected a \| in message|10|src=10.0.0.1 act=blocked a | dst=1.1.1.1",  # noqa: E501
         "detected a | in message", "blocked a |"),
        (r"CEF:0|security|tm|1.0|100|detected a \\ in packet|10|src=10.0.0.1 act=blocked a \\ dst=1.1.1.1",  # noqa: E501
         "detected a \\ in packet", "blocked a \\"),
        (r"CEF:0|security|tm|1.0|100|detected a = in message|10|src=10.0.0.1 act=blocked a \= dst=1.1.1.1",  # noqa: E501
         "detected a = in message", "blocked a ="),
    ],
)  # fmt: skip
def test_the_escapes_of_the_specification(line, name, act):
    """ArcSight CEF, revision 25, "Character Encoding": its examples (pycef gets them wrong)."""
    found = event(line)
    assert (found["ext"]["name"], found["result"]) == (name, act)
    assert (found["src"], found["dst"]) == ("10.0.0.1", "1.1.1.1")


@pytest.mark.parametrize("line", CEF)
def test_cef_agrees_with_another_parser(line):
    """pycef gives the fields; ours are in columns, and what has none in ext."""
    theirs = pycef.parse(line)
    ours = event(line)
    head = ours["ext"]
    assert head["vendor"] == theirs.pop("DeviceVendor")
    assert head["product"] == theirs.pop("DeviceProduct")
    assert head["signature_id"] == theirs.pop("DeviceEventClassID")
    assert head["severity"] == theirs.pop("DeviceSeverity")
    assert head["name"] == theirs.pop("DeviceName", theirs.pop("Name", None))
    assert (ours["src"], ours["dst"]) == (theirs.pop("src"), theirs.pop("dst"))
    if "suser" in theirs:
        assert ours["user"] == theirs.pop("suser")
        assert ours["dport"] == int(theirs.pop("dpt"))
        assert ours["message"] == theirs.pop("msg")
        assert head["Rule Name"] == theirs["Rule Name"] == "block all smb"


def test_cef_in_an_envelope_and_leef(tmp_path):
    leef = "LEEF:1.0|Acme|VPN|1|login|src=192.0.2.9\tusrName=dave\tdevTime=May 01 2024 12:00:00"
    rows, job = read(tmp_path / "cef.log", f"Feb  5 17:32:18 fw01 {CEF[1]}\n{leef}\nCEF:0|broken\n")
    first, second = rows
    assert (first["app"], first["user"], first["result"], first["dport"]) == (
        "firewall", "bob", "denied", 445,
    )  # fmt: skip
    assert first["url"] == "http://x.example/a"
    assert (second["app"], second["user"]) == ("vpn", "dave")
    assert second["ts"] == datetime(2024, 5, 1, 12, tzinfo=UTC)
    assert job.report.counters == {"message": 2, "no_envelope": 1}
