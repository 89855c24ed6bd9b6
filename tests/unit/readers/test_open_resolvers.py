"""Lists of open resolvers, which are read only when they are named."""

from __future__ import annotations

from tests.unit.readers.reading import read_bytes

from kaname.readers.open_resolvers import OpenResolverReader

LIST = "# open resolvers\n192.0.2.1\n2001:db8::1 # v6\n198.51.100.7,JP\nnot an address\n"


def test_addresses_become_exposed_services(tmp_path):
    rows, report = read_bytes(OpenResolverReader(), tmp_path, LIST, time="2024-01-01T12:00:00Z")
    assert [row["src"] for row in rows] == ["192.0.2.1", "2001:db8::1", "198.51.100.7"]
    assert {(row["port"], row["proto"], row["service"]) for row in rows} == {(53, 17, "dns")}
    assert {row["ts"] for row in rows} == {1_704_110_400_000_000}
    assert report.counters == {"entry": 3, "malformed": 1}


def test_it_is_never_chosen_by_content():
    assert OpenResolverReader().detect(LIST.encode(), "open_resolvers.txt") == 0
