from __future__ import annotations

import json
from pathlib import Path

import pytest

from kaname.intelligence.lists import Lists
from kaname.model.records import ArtifactKind as Kind

DATA = Path(__file__).parents[5] / "shared" / "data" / "fusion" / "warninglists"
ORACLE = Path(__file__).with_name("oracle.json")  # what bench/_warninglists.py recorded


@pytest.fixture(scope="module")
def lists() -> Lists:
    return Lists.load(DATA.glob("*.json.xz"))


def test_answers_are_those_of_the_published_search(lists: Lists) -> None:
    oracle = json.loads(ORACLE.read_text("utf-8"))
    values = [value for value, _ in oracle["answers"]]
    for (value, places), matches in zip(
        oracle["answers"], lists.match_many(None, values), strict=True
    ):
        ours = sorted(m.name for m in matches if not m.list.startswith("well-known"))
        assert ours == sorted(oracle["lists"][place] for place in places), value


def test_one_by_one_gives_the_same_as_in_bulk(lists: Lists) -> None:
    values = [value for value, _ in json.loads(ORACLE.read_text("utf-8"))["answers"]][:200]
    for value, many in zip(values, lists.match_many(None, values), strict=True):
        assert {m.list for m in lists.match(None, value)} == {m.list for m in many}, value


@pytest.mark.parametrize(
    ("kind", "value", "category", "entry"),
    [
        (Kind.IP, "10.9.9.9", "unroutable", "10.0.0.0/8"),
        (Kind.IP, "fe80::1", "unroutable", "fe80::/10"),
        (Kind.PREFIX, "192.168.4.0/24", "unroutable", "192.168.0.0/16"),
        (Kind.URL, "http://127.0.0.1:8080/x", "unroutable", "127.0.0.0/8"),
        (Kind.IP, "198.18.7.7", "documentation", "198.18.0.0/15"),
        (Kind.IP, "9.9.9.9", "resolver", "9.9.9.9"),
        (Kind.DOMAIN, "printer.local", "unroutable", "local"),
        (Kind.MAIL, "root@localhost", "unroutable", "localhost"),
        # The digests of no bytes, as RFC 1321 (A.5) and FIPS 180 give them.
        (Kind.HASH, "d41d8cd98f00b204e9800998ecf8427e", "nothing", None),
        (Kind.HASH, "da39a3ee5e6b4b0d3255bfef95601890afd80709", "nothing", None),
    ],
)
def test_facts_of_the_internet_are_always_known(
    kind: Kind, value: str, category: str, entry: str | None
) -> None:
    (found,) = Lists.load(()).match(kind, value)
    assert found.category == category
    assert found.entry == (entry or value)
    assert found.weight > 0
    assert found.version


def test_nothing_speaks_against_an_address_of_the_internet() -> None:
    lists = Lists.load(())
    values = ["11.0.0.1", "172.32.0.1", "192.0.1.1", "223.255.255.255", "2a00::1"]
    assert lists.match_many([Kind.IP] * 5, values) == [()] * 5


def test_a_list_is_asked_about_its_kinds_only(lists: Lists) -> None:
    name = "List of disposable email domains"  # for mail addresses, says the list
    assert [m.name for m in lists.match(Kind.MAIL, "x@0-mail.com")] == [name]
    assert name not in {m.name for m in lists.match(Kind.DOMAIN, "0-mail.com")}
    assert name in {m.name for m in lists.match(None, "0-mail.com")}


def test_lists_of_every_published_kind_have_a_meaning(lists: Lists) -> None:
    unsaid = {i.match.name for i in lists.infos if i.match.category == "known"}
    assert unsaid == set()
    assert lists.count == 24 + 6
    assert lists.problems == ()


def test_the_version_follows_the_content(tmp_path: Path) -> None:
    path = tmp_path / "own.txt"
    path.write_text("192.0.2.1\n")
    first = Lists.load([path]).version
    assert Lists.load([path]).version == first
    path.write_text("192.0.2.2\n")
    assert Lists.load([path]).version != first
