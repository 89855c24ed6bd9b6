"""Data in DNS names: recorded tunnels, and what only looks like one."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

import pytest

from kaname.readers.domains import registered
from kaname.traffic.analyses.tunnels import Tunnels
from kaname.traffic.names.trial import findings, recorded, trial
from kaname.traffic.tunnels.channels import bits

DATA = Path(__file__).parents[4] / "shared" / "data" / "lake"
START = 1_767_225_600_000_000


def _row(n: int, name: str, client: str = "10.0.0.1", **more: Any) -> dict[str, Any]:
    row = {"ts": START + n * 1_000_000, "src": client, "dst": "10.0.0.53", "qname": name,
           "regdom": registered(name), "qtype": 1, "rcode": 0, "state": "both"}  # fmt: skip
    return row | more


def _found(rows: list[dict[str, Any]], **params: Any) -> list[tuple[str, str]]:
    with trial({"dns": rows}) as lake:
        found = findings(lake, Tunnels(), params)
    return [(f.values["client"], f.values["domain"]) for f in found]


def _token(n: int, size: int) -> str:
    return base64.b32encode(hashlib.sha256(b"%d" % n).digest()).decode().lower()[:size]


@pytest.mark.parametrize(
    ("recording", "expected"),
    [
        ("dns/dns.pcap.gz", [("127.0.1.55", "tunnel-example.net")]),  # labels.json
        ("dns/tunnel/dns-tunnel-iodine.pcap", [("10.0.2.30", "pirate.sea")]),
        ("dns/tunnel/dns_ambiguous_names.pcap", []),
        ("zeek/dns.log.gz", []),  # an exercise with many kinds of attack, none through DNS
    ],
)
def test_recorded_tunnels_are_found_and_no_benign_client(
    recording: str, expected: list[tuple[str, str]]
) -> None:
    if not DATA.is_dir():
        pytest.skip("needs ../shared/data/lake")
    with recorded([DATA / recording]) as lake:
        found = findings(lake, Tunnels(), {})
    assert [(f.values["client"], f.values["domain"]) for f in found] == expected


def test_the_bits_of_a_text_are_its_length_times_its_entropy() -> None:
    assert bits("aaaa") == 0
    assert bits("ab.ab") == pytest.approx(4)  # two characters, equally often: one bit each
    assert bits("abcdefgh") == pytest.approx(24)


def test_long_new_names_of_ordinary_types_are_a_channel_where_few_go() -> None:
    leak = [_row(n, f"{_token(n, 45)}.drop.example.net") for n in range(150)]
    assert _found(leak) == [("10.0.0.1", "example.net")]
    everybody = [_row(n, f"{_token(n, 45)}.drop.example.net", client=f"10.0.0.{host}")
                 for n in range(150) for host in range(1, 9)]  # fmt: skip
    assert _found(everybody) == []


@pytest.mark.parametrize(
    "rows",
    [
        # a blocklist is asked for new names all the time, each an address turned round
        [_row(n, f"{n}.{n + 1}.0.192.lists.example.net", qtype=16) for n in range(200)],
        # a content network: long names, asked again and again
        [_row(n, f"{_token(n % 40, 45)}.media.example.net") for n in range(900)],
        # data in names that is known to be there for good reasons
        [_row(n, f"{_token(n, 32)}.safeframe.googlesyndication.com", qtype=16) for n in range(200)],
        # a directory: many types that carry data, few names
        [_row(n, f"_ldap{n % 9}._tcp.example.net", qtype=33) for n in range(400)],
    ],
    ids=["blocklist", "content", "advertising", "directory"],
)
def test_ordinary_traffic_with_odd_names_is_none(rows: list[dict[str, Any]]) -> None:
    assert _found(rows) == []


def test_a_site_names_what_it_knows() -> None:
    leak = [_row(n, f"{_token(n, 45)}.example.net", qtype=16) for n in range(100)]
    assert _found(leak) == [("10.0.0.1", "example.net")]
    assert _found(leak, ignore="example.net") == []
    assert _found(leak, names=101) == []
