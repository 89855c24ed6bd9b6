"""Query logs: lines as the manuals of the servers show them, and a recorded log.

Times are checked against `date -u -d ... +%s`.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
from tests.unit.readers.reading import DATA, read, read_bytes

from kaname.model.errors import UsageError
from kaname.readers.dns.bind import BindReader
from kaname.readers.dns.capture import DnsCaptureReader
from kaname.readers.dns.dnsmasq import DnsmasqReader
from kaname.readers.dns.passive import PassiveDnsReader
from kaname.readers.dns.powerdns import PowerDnsReader
from kaname.readers.dns.unbound import UnboundReader
from kaname.readers.dns.windows import WindowsDnsReader, date_order
from kaname.readers.frame import Reader
from kaname.readers.ingest import detect

LOG = DATA / "dns" / "unbound.log.gz"
JULY_2026 = 1_784_801_472  # 2026-07-23T10:11:12Z
US = 1_000_000


@pytest.fixture
def written(tmp_path: Path):
    """Reads lines from a file that was last written on 2026-07-24."""

    def go(reader: Reader, text: str, **options: str):
        path = tmp_path / "query.log"
        path.write_text(text)
        os.utime(path, (JULY_2026 + 86_400, JULY_2026 + 86_400))
        assert detect(path).name == reader.name
        return read(reader, path, **options)

    return go


def test_unbound_tells_the_same_as_the_capture() -> None:
    assert detect(LOG).name == "unbound"
    rows, report = read(UnboundReader(), LOG)
    captured, _ = read(DnsCaptureReader(), DATA / "dns" / "dns.pcap.gz")
    assert report.counters == {"query": 5987, "response": 5987, "other_line": 9}
    assert report.notes == {"joined": 5987}
    same = ("src", "qname", "regdom", "qtype", "qclass", "rcode", "state", "res_len")
    assert Counter(tuple(row[n] for n in same) for row in rows) == Counter(
        tuple(row[n] for n in same) for row in captured
    )
    assert all(row["kind"] == "unbound" and row["ext"] == '{"cached":true}' for row in rows)


UNBOUND = """\
Jul 23 10:11:12 ns unbound[23153]: [23153:0] reply: 2001:db8::7 www.Example.com. AAAA IN \
NOERROR 0.012345 0 120 on tcp 2001:db8::53 53
[1784801472.500000] unbound[23153:1] query: 192.0.2.1 example.net. TYPE65534 CH
[1784801480] unbound[23153:1] info: service stopped (unbound 1.17.1).
"""


def test_unbound_in_other_forms(written) -> None:
    rows, report = written(UnboundReader(), UNBOUND)
    assert report.counters == {"response": 1, "query": 1, "other_line": 1}
    assert report.notes == {"no_year": 1}
    reply, query = rows
    assert (reply["ts"], reply["src"], reply["dst"]) == (
        JULY_2026 * US,
        "2001:db8::7",
        "2001:db8::53",
    )
    assert (reply["qname"], reply["rtt_us"], reply["transport"]) == (
        "www.example.com",
        12_345,
        "tcp",
    )
    assert (query["ts"], query["qtype"], query["qclass"]) == (
        JULY_2026 * US + 500_000,
        65534,
        3,
    )


# BIND 9 Administrator Reference Manual, "logging", and named's of 9.4, 9.9, 9.11 and 9.18.
BIND = """\
23-Jul-2026 10:11:12.123 queries: info: client @0x7f8b4c0 192.0.2.1#53812 (WWW.example.com): \
view internal: query: WWW.example.com IN A +E(0)TDCK (192.0.2.53) [ECS 198.51.100.0/24/0]
23-Jul-2026 10:11:13.000 query-errors: info: client @0x7f8b4c0 192.0.2.1#53812 \
(www.example.com): view internal: query failed (SERVFAIL) for www.example.com/IN/A at query.c:7
01-Jan-2014 00:00:00.123 client 192.0.2.1#4242 (example.com): query: example.com IN MX -S \
(192.0.2.53)
01-Jan-2014 00:00:09.123 client 192.0.2.1#4242: query: example.com IN ANY +
2026-07-23T10:11:12.123Z client @0x7f 2001:db8::1#4242 (.): query: . IN NS + (2001:db8::53)
2026-07-23T19:11:12.123+09:00 client @0x7f 192.0.2.9#99 (example.org): \
query (cache) 'example.org/A/IN' denied
Jul 23 10:11:12 ns1 named[77]: client @0x7f 192.0.2.9#98 (a.example): query: a.example IN A - \
(192.0.2.53)
23-Jul-2026 10:11:14.000 general: info: zone example.com/IN: loaded serial 1
23-Jul-2026 10:11:14.000 queries: info: client 192.0.2.1#1 (x): query: x IN NOTYPE + (192.0.2.53)
"""


def test_bind_in_every_form(written) -> None:
    rows, report = written(BindReader(), BIND)
    assert report.counters == {"query": 5, "response": 2, "other_line": 1, "malformed": 1}
    assert report.notes == {"no_year": 1, "joined": 1}
    first, old, older, root, denied, syslog = rows
    assert first["ts"] == JULY_2026 * US + 123_000
    assert (first["state"], first["rcode"], first["rtt_us"]) == ("both", 2, 877_000)
    assert (first["transport"], first["edns_do"], first["head_bits"]) == ("tcp", True, 0x0110)
    assert (first["ecs"], first["ext"]) == ("198.51.100.0/24", '{"view":"internal"}')
    assert (first["src"], first["sport"], first["dst"]) == ("192.0.2.1", 53812, "192.0.2.53")
    assert (old["ts"], old["qtype"], old["head_bits"]) == (1_388_534_400_123_000, 15, 0)
    assert (older["qtype"], older["dst"], older["state"]) == (255, "::", "query")
    assert (root["qname"], root["regdom"], root["qtype"]) == ("", None, 2)
    assert (denied["ts"], denied["state"], denied["rcode"]) == (
        JULY_2026 * US + 123_000,
        "response",
        5,
    )
    assert syslog["ts"] == JULY_2026 * US


def test_a_zone_for_times_that_tell_none(written) -> None:
    line = "23-Jul-2026 19:11:12.000 client 192.0.2.1#1 (a.b): query: a.b IN A + (192.0.2.53)\n"
    rows, _ = written(BindReader(), line, zone="Asia/Tokyo")
    assert rows[0]["ts"] == JULY_2026 * US
    with pytest.raises(UsageError):
        written(BindReader(), line, zone="Nowhere/Else")


# As dnsmasq 2.90 writes it with log-queries=extra, then without.
DNSMASQ = """\
Jul 23 10:11:12 dnsmasq[12]: 17 192.0.2.5/53412 query[A] WWW.example.com from 192.0.2.5
Jul 23 10:11:12 dnsmasq[12]: 17 192.0.2.5/53412 forwarded www.example.com to 8.8.8.8
Jul 23 10:11:12 dnsmasq[12]: 18 192.0.2.6/53413 query[AAAA] nx.example.com from 192.0.2.6
Jul 23 10:11:12 dnsmasq[12]: 17 192.0.2.5/53412 reply www.example.com is <CNAME>
Jul 23 10:11:12 dnsmasq[12]: 17 192.0.2.5/53412 reply edge.example.net is 198.51.100.7
Jul 23 10:11:13 dnsmasq[12]: 18 192.0.2.6/53413 reply nx.example.com is NXDOMAIN
Jul 23 10:11:14 host dnsmasq[12]: query[type=65] h.example.com from 2001:db8::6
Jul 23 10:11:14 host dnsmasq[12]: cached h.example.com is NODATA
Jul 23 10:11:15 host dnsmasq[12]: query[PTR] 7.100.51.198.in-addr.arpa from 192.0.2.6
Jul 23 10:11:15 host dnsmasq[12]: /etc/hosts 198.51.100.7 is edge.example.net
Jul 23 10:11:15 host dnsmasq[12]: reply elsewhere.example is 192.0.2.9
Jul 23 10:11:16 host dnsmasq[12]: started, version 2.90 cachesize 150
"""


def test_dnsmasq_with_and_without_serial_numbers(written) -> None:
    rows, report = written(DnsmasqReader(), DNSMASQ)
    assert report.counters == {"query": 4, "part": 6, "other_line": 2}
    alias, missing, nodata, reverse = rows
    assert (alias["ts"], alias["src"], alias["sport"]) == (JULY_2026 * US, "192.0.2.5", 53412)
    assert alias["answers"] == ["edge.example.net", "198.51.100.7"]
    assert alias["answer_types"] == ["CNAME", "A"]
    assert alias["ext"] == '{"forwarded_to":"8.8.8.8","answered_by":"reply"}'
    assert (missing["rcode"], missing["rtt_us"], missing["answers"]) == (3, US, [])
    assert (nodata["qtype"], nodata["rcode"], nodata["src"]) == (65, 0, "2001:db8::6")
    assert (reverse["answers"], reverse["answer_types"]) == (["edge.example.net"], ["PTR"])
    assert all(row["state"] == "both" for row in rows)


POWERDNS = """\
Jul 23 10:11:12 ns pdns_recursor[1]: 3 [17/1] question for 'www.Example.com|A' from 192.0.2.1:5341
Jul 23 10:11:12 ns pdns_recursor[1]: 3 [17/1] answer to question 'www.Example.com|A': 1 answers, \
1 additional, took 2 packets, 12.3 netw ms, 15.4 tot ms, 0 throttled, 0 timeouts, \
0 tcp connections, rcode=0
Jul 23 10:11:12 ns pdns_recursor[1]: msg="Question" subsystem="syncres" level="0" prio="Info" \
tid="4" ts="1784801472.123" ecs="" mtid="1" proto="udp" qname="x.example" qtype="AAAA" \
remote="[2001:db8::1]:53412"
Jul 23 10:11:12 ns pdns_recursor[1]: msg="Answer" subsystem="syncres" level="0" prio="Info" \
tid="4" ts="1784801472.223" additional="0" answers="0" dotout="0" ecs="" mtid="1" \
netms="21.100000" outqueries="3" proto="udp" qname="x.example" qtype="AAAA" rcode="3" rd="1" \
remote="[2001:db8::1]:53412" tcpout="0" throttled="0" timeouts="0" totms="22.5" \
validationState="Secure"
Jul 23 10:11:13 ns pdns_server[9]: Remote 192.0.2.1 wants 'example.com|MX', do = 1, \
bufsize = 1680: packetcache MISS
Jul 23 10:11:13 ns pdns_server[9]: Done launching threads
"""


def test_powerdns(written) -> None:
    rows, report = written(PowerDnsReader(), POWERDNS)
    assert report.counters == {"query": 3, "response": 2, "other_line": 1}
    text, structured, server = rows
    assert (text["qname"], text["sport"], text["state"]) == ("www.example.com", 5341, "both")
    assert (text["rtt_us"], text["an_count"], text["rcode"]) == (15_400, 1, 0)
    assert (structured["ts"], structured["src"]) == (JULY_2026 * US + 123_000, "2001:db8::1")
    assert (structured["rcode"], structured["rtt_us"]) == (3, 22_500)
    assert structured["ext"] == '{"dnssec":"Secure"}'
    assert (server["edns_do"], server["qtype"], server["state"]) == (True, 15, "query")


# "Logging and diagnostics" of the DNS server of Windows; the hexadecimal word is the
# header's with its bytes swapped: 8381 is 0x8183, a response with RD, RA and NXDOMAIN.
WINDOWS = """\
DNS Server log file creation at 7/23/2026 10:00:00 AM
7/23/2026 10:11:12 AM 0A1C PACKET  000000D1B2C3D4E0 UDP Rcv 192.0.2.1       6d4a   Q \
[0001   D   NOERROR] A      (3)www(7)Example(3)com(0)
7/23/2026 10:11:12 AM 0A1C PACKET  000000D1B2C3D4E0 TCP Snd 198.51.100.53   7d4a   Q \
[0001   D   NOERROR] A      (3)www(7)example(3)com(0)
7/23/2026 10:11:13 AM 0A1C PACKET  000000D1B2C3D4E0 TCP Rcv 198.51.100.53   7d4a R Q \
[8081   DR  NOERROR] A      (3)www(7)example(3)com(0)
7/23/2026 10:11:13 AM 0A1C PACKET  000000D1B2C3D4E0 UDP Snd 192.0.2.1       6d4a R Q \
[8381   DR NXDOMAIN] A      (3)www(7)example(3)com(0)
"""


def test_windows(written) -> None:
    rows, report = written(WindowsDnsReader(), WINDOWS)
    assert report.counters == {"query": 2, "response": 2, "other_line": 1}
    client, upstream = rows
    assert (client["ts"], client["src"], client["dns_id"]) == (
        JULY_2026 * US,
        "192.0.2.1",
        0x6D4A,
    )
    assert (client["state"], client["rcode"], client["head_bits"]) == ("both", 3, 0x8183)
    assert (client["qname"], client["rtt_us"]) == ("www.example.com", US)
    assert (upstream["src"], upstream["dst"], upstream["transport"]) == (
        "::",
        "198.51.100.53",
        "tcp",
    )


@pytest.mark.parametrize(
    ("date", "order"),
    [
        ("7/23/2026 10:11:12 AM", "mdy"),
        ("23/07/2026 10:11:12", "dmy"),
        ("23.07.2026 10:11:12", "dmy"),
        ("2026/07/23 10:11:12", "ymd"),
        ("2026-07-23 10.11.12", "ymd"),
        ("7/4/2026 10:11:12 AM", "mdy"),
        ("7/4/2026 10:11:12", None),
    ],
)
def test_windows_writes_dates_as_the_locale_wants(written, date: str, order: str | None) -> None:
    assert date_order(date + " 0A1C PACKET") == order
    line = WINDOWS.splitlines()[1].replace("7/23/2026 10:11:12 AM", date)
    rows, report = written(WindowsDnsReader(), line + "\n", dates=order or "mdy")
    expected = JULY_2026 - (19 * 86_400 if "/4/" in date else 0)
    assert rows[0]["ts"] == expected * US
    assert report.notes == {}


def test_windows_dates_that_nothing_tells_are_counted(written) -> None:
    line = WINDOWS.splitlines()[1].replace("7/23/2026 10:11:12 AM", "7/4/2026 10:11:12")
    _, report = written(WindowsDnsReader(), line + "\n")
    assert report.notes == {"ambiguous_date": 1}
    with pytest.raises(UsageError):
        written(WindowsDnsReader(), line, dates="ydm")


def test_afternoon(written) -> None:
    line = WINDOWS.splitlines()[1]
    for text, hours in (("10:11:12 PM", 12), ("12:11:12 AM", -10), ("12:11:12 PM", 2)):
        rows, _ = written(WindowsDnsReader(), line.replace("10:11:12 AM", text) + "\n")
        assert rows[0]["ts"] == (JULY_2026 + hours * 3600) * US


# Examples of draft-dulaunoy-dnsop-passive-dns-cof.
COF = """\
{"count":97167,"time_first":"1277353744","rrtype":"A","rrname":"google-public-dns-a.google.com",\
"rdata":"8.8.8.8","time_last":"1373827395"}
{"count":41,"time_first":1298384661,"rrtype":"MX","rrname":"Example.com.",\
"rdata":["10 mx.example.com.","20 mx2.example.com."],"time_last":1373827395,"bailiwick":"com"}
{"rrname":"example.com","rrtype":"A","rdata":"192.0.2.1"}
{"rrname":"example.com","rrtype":1,"rdata":"192.0.2.1","zone_time_last":1373827395}
"""


def test_passive_dns(tmp_path: Path) -> None:
    path = tmp_path / "cof"
    path.write_text(COF)
    assert detect(path).name == "passive_dns"
    rows, report = read(PassiveDnsReader(), path)
    assert report.counters == {"record": 3, "malformed": 1}
    first, second, numbered = rows
    assert (first["ts"], first["qname"], first["answers"]) == (
        1_373_827_395 * US,
        "google-public-dns-a.google.com",
        ["8.8.8.8"],
    )
    assert first["ext"] == '{"first_us":1277353744000000,"count":97167}'
    assert (second["qname"], second["qtype"], second["an_count"]) == ("example.com", 15, 2)
    assert second["answers"] == ["10 mx.example.com", "20 mx2.example.com"]
    assert (numbered["qtype"], numbered["src"], numbered["state"]) == (1, "::", "response")


def test_other_logs_are_not_theirs(tmp_path: Path) -> None:
    for reader in (BindReader(), UnboundReader(), DnsmasqReader(), PowerDnsReader()):
        text = b"Jul 23 10:11:12 host sshd[1]: Accepted publickey for root from 192.0.2.1\n"
        assert reader.detect(text * 20, "auth.log") == 0
        rows, report = read_bytes(reader, tmp_path, text)
        assert (rows, report.counters) == ([], {"other_line": 1})
