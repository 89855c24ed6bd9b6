"""Stories across tables: what joins them, what does not, and how grave they are."""

from __future__ import annotations

import ipaddress
import random
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaname.analysis.evidence import rerun
from kaname.model.address import from_text, to_text
from kaname.model.records import Finding, Role
from kaname.traffic.analyses.intrusion import Stories
from kaname.traffic.names.trial import findings, trial
from kaname.traffic.stories.hosts import Program
from kaname.traffic.stories.routing import covering

START = 1_767_225_600_000_000
MINUTE, HOUR = 60_000_000, 3_600_000_000
DOMAIN, URL = "parcel-notice.top", "https://a.parcel-notice.top/t?id=7"
CLIENT, USER = "10.0.0.7", "sato"
Tables = dict[str, list[dict[str, Any]]]

MAIL = {
    "ts": START + HOUR, "src": "198.51.100.1", "from_addr": "x@evil.example",
    "from_dom": "evil.example", "subject": "Your parcel", "urls": [URL], "url_regdoms": [DOMAIN],
}  # fmt: skip
VISIT = {
    "ts": START + 2 * HOUR, "src": CLIENT, "app": "proxy", "user": USER, "url": URL,
    "domain": "a.parcel-notice.top", "regdom": DOMAIN,
}  # fmt: skip
PROGRAM = {
    "ts": START + 2 * HOUR + MINUTE, "host": "ws-7", "event_class": "process", "event_code": 1,
    "provider": "Sysmon", "user": "CORP\\Sato",
    "image": "C:\\Users\\sato\\Downloads\\parcel.exe", "parent_image": "C:\\chrome.exe",
}  # fmt: skip
FEED = {"ts": START - HOUR, "value": DOMAIN, "vtype": "domain", "regdom": DOMAIN,
        "feed": "list", "label": "phishing"}  # fmt: skip


def _beacon() -> list[dict[str, Any]]:
    chance = random.Random(3)
    return [
        {"ts": START + 2 * HOUR + 5 * MINUTE + int(n * 5 * MINUTE * chance.uniform(0.99, 1.01)),
         "src": CLIENT, "dst": "203.0.113.80", "dport": 443, "sport": 50_000 + n, "proto": 6,
         "packets": 9, "octets": 900, "sampling": 1}
        for n in range(60)
    ]  # fmt: skip


def _burst(client: str = CLIENT) -> list[dict[str, Any]]:
    return [
        {"ts": START + 3 * HOUR + n * 1_000_000, "src": client, "dst": "10.0.0.53",
         "qname": f"qzk{n}wvx.com", "regdom": f"qzk{n}wvx.com", "qtype": 1, "rcode": 3}
        for n in range(30)
    ]  # fmt: skip


def _stories(tables: Mapping[str, Iterable[dict[str, Any]]], **params: Any) -> list[Finding]:
    with trial(tables) as lake:
        found = findings(lake, Stories(), params)
        assert all(rerun(lake, f).status == "holds" for f in found)
        assert all(f.evidence.rows for f in found)
    return found


def _told(finding: Finding) -> list[str]:
    return [key.rpartition("story_")[2] for key, _ in finding.reasons]


def test_every_link_makes_the_story_graver() -> None:
    tables: Tables = {"mail": [MAIL], "user_events": [VISIT]}
    assert _stories(tables) == []  # people follow links all day
    severities = []
    for table, rows in (
        ("flows", _beacon()),
        ("dns", _burst()),
        ("endpoint", [PROGRAM]),
        ("feeds", [FEED]),
    ):
        tables[table] = rows
        (found,) = _stories(tables)
        severities.append(str(found.severity))
    assert severities == ["medium", "high", "critical", "critical"]
    assert _told(found) == ["feed", "mail", "visit_exact", "program", "beacon", "burst"]
    assert found.evidence.tables == ("flows",)
    assert set(found.techniques) == {
        "T1566.002", "T1204.001", "T1059", "T1071.001", "T1568.002",
    }  # fmt: skip
    roles = {(a.value, a.role) for a in found.artifacts}
    assert roles == {
        (CLIENT, Role.VICTIM),
        (DOMAIN, Role.ATTACKER),
        (URL, Role.ATTACKER),
        ("203.0.113.80", Role.ATTACKER),
    }
    for language in ("en", "ja"):
        assert DOMAIN in found.explain(language)
        assert len(found.because(language)) == 6


def test_a_story_is_told_of_the_client_it_happened_to() -> None:
    other = [row | {"src": "10.0.0.8"} for row in _beacon()]
    assert _stories({"mail": [MAIL], "user_events": [VISIT], "flows": other}) == []
    assert _stories({"mail": [MAIL], "user_events": [VISIT], "dns": _burst("10.0.0.8")}) == []


def test_what_happened_before_is_no_consequence() -> None:
    early = [row | {"ts": row["ts"] - 2 * HOUR} for row in _beacon()]
    assert _stories({"mail": [MAIL], "user_events": [VISIT], "flows": early}) == []
    before = VISIT | {"ts": START}
    assert _stories({"mail": [MAIL], "user_events": [before], "flows": _beacon()}) == []


def test_a_domain_that_the_site_knew_before_is_no_lure() -> None:
    known = [VISIT | {"ts": START, "src": f"10.0.1.{n}", "user": f"u{n}"} for n in range(5)]
    assert _stories({"mail": [MAIL], "user_events": [VISIT, *known], "flows": _beacon()}) == []


def test_a_rhythm_that_many_clients_have_is_a_service() -> None:
    crowd = [row | {"src": f"10.0.2.{n}"} for n in range(9) for row in _beacon()]
    assert _stories({"mail": [MAIL], "user_events": [VISIT], "flows": [*_beacon(), *crowd]}) == []


def test_links_to_shared_places_and_ignored_domains_begin_no_story() -> None:
    shared = MAIL | {"url_regdoms": ["dropbox.com"], "urls": ["https://www.dropbox.com/s/1"]}
    gone = VISIT | {"regdom": "dropbox.com", "domain": "www.dropbox.com"}
    assert _stories({"mail": [shared], "user_events": [gone], "flows": _beacon()}) == []
    tables = {"mail": [MAIL], "user_events": [VISIT], "flows": _beacon()}
    assert len(_stories(tables)) == 1
    assert _stories(tables, ignore=DOMAIN) == []


def test_a_visit_that_only_dns_saw_counts() -> None:
    asked = {"ts": START + 2 * HOUR, "src": CLIENT, "dst": "10.0.0.53", "qname": DOMAIN,
             "regdom": DOMAIN, "qtype": 1, "rcode": 0}  # fmt: skip
    (found,) = _stories({"mail": [MAIL], "dns": [asked, *_burst()], "flows": _beacon()})
    assert _told(found) == ["mail", "visit", "beacon", "burst"]


def test_a_program_is_joined_by_the_address_that_its_host_shows() -> None:
    connected = {"ts": START, "host": "ws-7", "event_class": "network", "event_code": 3,
                 "provider": "Sysmon", "src": CLIENT}  # fmt: skip
    nameless, unknown = VISIT | {"user": None}, PROGRAM | {"user": "SYSTEM"}
    tables = {"mail": [MAIL], "user_events": [nameless], "endpoint": [unknown]}
    assert _stories(tables) == []
    (found,) = _stories(tables | {"endpoint": [unknown, connected]})
    assert _told(found) == ["mail", "visit_exact", "program"]


@pytest.mark.parametrize(
    ("image", "parent", "expected"),
    [
        (r"C:\Windows\System32\cmd.exe", r"C:\Program Files\WINWORD.EXE", True),
        (r"C:\Windows\System32\cmd.exe", r"C:\Windows\explorer.exe", False),
        (r"C:\Users\a\AppData\Local\Temp\x.exe", "", True),
        ("/usr/bin/firefox", "/usr/bin/gnome-shell", False),
        ("/bin/bash", "/usr/lib/thunderbird", True),
    ],
)
def test_which_programs_a_link_may_bring(image: str, parent: str, *, expected: bool) -> None:
    assert Program(0, "h", "u", image, parent).suspicious is expected


def _exposure() -> Tables:
    service = {"ts": START + HOUR, "src": "192.0.2.53", "port": 123, "proto": 17,
               "service": "ntp", "report": "scan_ntp"}  # fmt: skip
    answers = [
        {"ts": START + 2 * HOUR + n * MINUTE, "src": "192.0.2.53", "dst": f"203.0.113.{n}",
         "sport": 123, "dport": 999, "proto": 17, "packets": 300, "octets": 300 * 468,
         "sampling": 10}
        for n in range(40)
    ]  # fmt: skip
    asked = [
        row | {"src": row["dst"], "dst": row["src"], "sport": 999, "dport": 123, "packets": 300,
               "octets": 300 * 90}
        for row in answers
    ]  # fmt: skip
    return {"exposure": [service], "flows": [*answers, *asked]}


def test_an_exposed_service_that_answers_strangers_takes_part() -> None:
    (found,) = _stories(_exposure())
    assert found.label == "exposed_attacker"
    assert found.values["factor"] == pytest.approx(468 / 90, abs=0.05)
    assert found.values["peers"] == 40
    assert found.values["megabytes"] == pytest.approx(40 * 300 * 468 * 10 / 1e6, abs=0.05)
    assert _stories(_exposure(), megabytes=100) == []
    assert _stories({"flows": _exposure()["flows"]}) == []


def _flood() -> list[dict[str, Any]]:
    return [
        {"ts": START + 2 * HOUR + m * MINUTE, "src": f"192.0.2.{n}", "dst": "198.51.100.10",
         "sport": 123, "dport": 80, "proto": 17, "packets": 900, "octets": 900 * 468,
         "sampling": 1}
        for n in range(1, 30) for m in range(3)
    ]  # fmt: skip


def _route(at: int, prefix: str, length: int, origin: int | None, op: str = "A") -> dict[str, Any]:
    return {"ts": at, "src": "192.0.2.254", "op": op, "prefix": prefix, "plen": length,
            "peer_as": 64500, "origin_as": origin, "path": f"64500 {origin}",
            "path_len": 2}  # fmt: skip


def test_a_route_that_changes_around_an_attack_is_told() -> None:
    before = _route(START, "198.51.100.0", 24, 64511)
    during = START + 2 * HOUR + 5 * MINUTE
    again = before | {"ts": during}
    routes = [before, again, _route(during, "198.51.100.0", 25, 64666),
              _route(during, "198.51.101.0", 24, 64666)]  # fmt: skip
    (found,) = _stories({"flows": _flood(), "routes": routes})
    assert (found.label, found.values["n"]) == ("route_change", 1)
    assert found.values["prefix"] == "198.51.100.0/25"
    assert found.evidence.tables == ("routes",)
    late = [before, _route(START + 4 * HOUR, "198.51.100.0", 25, 64666)]
    assert _stories({"flows": _flood(), "routes": late}) == []
    gone = [before, _route(during, "198.51.100.0", 24, None, "W")]
    (withdrawn,) = _stories({"flows": _flood(), "routes": gone})
    assert _told(withdrawn) == ["attack", "withdrawn"]


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)), st.data())
def test_covering_prefixes_are_those_of_the_standard_library(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address, data: st.DataObject
) -> None:
    hi, lo = from_text(str(address))
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return
    found = covering(hi, lo)
    high, low, length = data.draw(st.sampled_from(found))
    expected = ipaddress.ip_network((address, length), strict=False).network_address
    assert to_text(high, low) == str(expected)
