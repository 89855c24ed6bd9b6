from __future__ import annotations

import gzip
import json
import lzma
from pathlib import Path

import pyarrow as pa
import pytest

from kaname.intelligence.lists import Library, Lists, list_paths
from kaname.intelligence.lists.sources import read_list
from kaname.model.errors import InputError
from kaname.model.records import ArtifactKind as Kind

WARNINGLIST = {
    "name": "Crawlers of somebody",
    "type": "regex",
    "version": 3,
    "list": {r"/^bot\d+\.example\.com$/i": "a comment", "(?=x)": "look-around", "/a/e": "no flag"},
    "matching_attributes": ["hostname"],
}
TEXT = """# name: Ours
# category: own
198.51.100.0/24
203.0.113.5-203.0.113.8
*.branch.example
example[.]org
*invoice*
/^x\\d+$/
info@example.org
D41D8CD98F00B204E9800998ECF8427E
"""


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress, "zstd"])
def test_compressed_or_not(tmp_path: Path, pack: object) -> None:
    data = json.dumps(WARNINGLIST).encode()
    path = tmp_path / "bots.json.any"
    packed = pa.compress(data, "zstd", asbytes=True) if pack == "zstd" else pack(data)  # type: ignore[operator]
    path.write_bytes(packed)
    listing = read_list(path)
    assert (listing.id, listing.version, listing.category) == ("bots", "3", "service")
    assert listing.kinds == {Kind.DOMAIN}
    assert listing.count == 3


def test_a_bad_expression_is_told_and_left_out(tmp_path: Path) -> None:
    path = tmp_path / "bots.json"
    path.write_text(json.dumps(WARNINGLIST))
    lists = Lists.load([path])
    assert "bots" in {m.list for m in lists.match(Kind.DOMAIN, "BOT7.example.com")}
    told = {(p.where, p.key.rpartition(".")[2], p.values["entry"]) for p in lists.problems}
    assert told == {("bots", "expression", "(?=x)"), ("bots", "flags", "/a/e")}


def test_a_plain_text_says_itself_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "ours.txt"
    path.write_text(TEXT)
    lists = Lists.load([path])
    assert lists.problems == ()
    for kind, value, met in [
        (Kind.IP, "198.51.100.9", True),
        (Kind.IP, "203.0.113.8", True),
        (Kind.IP, "203.0.113.9", False),
        (Kind.DOMAIN, "x.branch.example", True),
        (Kind.DOMAIN, "branch.example", False),
        (Kind.DOMAIN, "www.example.org", True),
        (Kind.URL, "http://a.test/Invoice.doc", True),
        (Kind.MUTEX, "x77", True),
        (Kind.MAIL, "info@example.org", True),
        (Kind.HASH, "d41d8cd98f00b204e9800998ecf8427e", True),
    ]:
        names = {m.name for m in lists.match(kind, value) if m.category == "own"}
        assert (names == {"Ours"}) == met, value


def test_a_column_of_a_table(tmp_path: Path) -> None:
    path = tmp_path / "ours.csv"
    path.write_text('note,Value\n"a, b",192.0.2.7\nshort\n')
    assert read_list(path).entries == {"network": ["192.0.2.7"]}
    path.write_text("192.0.2.7,x\n192.0.2.8,y\n")
    assert read_list(path).entries == {"network": ["192.0.2.7", "192.0.2.8"]}


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"{", "intelligence.error.list_json"),
        (b'{"name": "x", "type": "fuzzy", "list": []}', "intelligence.error.list_type"),
        (gzip.compress(b"x" * 99_999)[:60], "intelligence.error.list_read"),
    ],
)
def test_a_damaged_file_is_a_problem_and_no_more(tmp_path: Path, data: bytes, key: str) -> None:
    (tmp_path / "bad.json").write_bytes(data)
    (tmp_path / "good.txt").write_text("192.0.2.7")
    with pytest.raises(InputError):
        read_list(tmp_path / "bad.json")
    lists = Lists.load(list_paths(tmp_path))
    assert [(p.where, p.key) for p in lists.problems] == [("bad.json", key)]
    assert "good" in {m.list for m in lists.match(Kind.IP, "192.0.2.7")}


def test_a_changed_file_is_read_again_and_old_answers_stand(tmp_path: Path) -> None:
    library = Library(tmp_path)
    before = library.current
    assert not library.refresh()
    (tmp_path / "a.txt").write_text("203.0.114.7")
    assert library.refresh()
    assert [m.list for m in library.current.match(Kind.IP, "203.0.114.7")] == ["a"]
    assert before.match(Kind.IP, "203.0.114.7") == []
    (tmp_path / "a.txt").unlink()
    assert library.refresh()
    assert library.current.version == before.version
