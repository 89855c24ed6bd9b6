"""Pivots: every row that mentions something, no other one, in order, page by page."""

from __future__ import annotations

import errno
import random
import tempfile
from pathlib import Path
from typing import Any

import pytest
from tests.unit.lake.observing import DAY_US, START, observe

from kaname.lake import Cancel, Lake
from kaname.model.errors import CancelledError, NotFoundError, UsageError
from kaname.model.marking import Tlp

MINUTE = 60_000_000
HASH = "44d88612fea8a8f36de82e1278abb02f"  # MD5 of the EICAR test file


@pytest.fixture
def story(lake: Lake) -> Lake:
    """A mail's URL is opened, a process starts and beacons; a feed knew the name."""
    observe(
        lake,
        "mail",
        [
            {
                "ts": START,
                "src": "192.0.2.25",
                "from_addr": "Bill@Shop.example",
                "from_dom": "shop.example",
                "subject": "s",
                "urls": ["hTTp://Login.Evil.example/Pay?a=1"],
                "url_regdoms": ["evil.example"],
                "body_simhash": 0,
            },
        ],
    )
    observe(
        lake,
        "user_events",
        [
            {
                "ts": START + MINUTE,
                "src": "10.0.0.5",
                "dst": "198.51.100.7",
                "app": "proxy",
                "user": r"CORP\Alice",
                "url": "http://login.evil.example/Pay?a=1",
                "domain": "login.evil.example",
                "regdom": "evil.example",
            },
        ],
    )
    observe(
        lake,
        "endpoint",
        [
            {
                "ts": START + 2 * MINUTE,
                "src": "10.0.0.5",
                "host": "PC-5",
                "event_class": "process",
                "user": "alice",
                "md5": HASH,
            },
        ],
    )
    observe(
        lake,
        "flows",
        [
            {
                "ts": START + (3 + n) * MINUTE,
                "src": "10.0.0.5",
                "dst": "198.51.100.7",
                "row_in_src": n,
                "dst_as": 64500,
            }
            for n in range(3)
        ],
    )
    observe(
        lake,
        "dns",
        [
            {
                "ts": START + 9 * MINUTE,
                "src": "10.0.0.5",
                "dst": "10.0.0.53",
                "qname": "cdn.evil.example",
                "regdom": "evil.example",
                "answers": ["198.51.100.7", "edge.other.example."],
            },
            {
                "ts": START + 10 * MINUTE,
                "src": "10.0.0.6",
                "dst": "10.0.0.53",
                "qname": "notevil.example",
                "regdom": "notevil.example",
            },
        ],
    )
    observe(
        lake,
        "feeds",
        [
            {
                "ts": START + DAY_US,
                "value": "evil.example",
                "vtype": "domain",
                "feed": "f",
                "label": "phishing",
                "regdom": "evil.example",
            },
        ],
    )
    return lake  # fmt: skip


def tables(lake: Lake, value: str, **more: object) -> list[str]:
    found = lake.pivot(value, **more)  # type: ignore[arg-type]
    assert sum(t.rows for t in found.tables) == len(found.rows)
    return [row.table for row in found.rows]


@pytest.mark.parametrize(
    ("value", "kind", "found"),
    [
        ("10.0.0.5", "ip", ["dns", "flows", "flows", "flows", "endpoint", "user_events"]),
        ("198.51.100.7", "ip", ["dns", "flows", "flows", "flows", "user_events"]),
        ("198[.]51[.]100[.]7", "ip", ["dns", "flows", "flows", "flows", "user_events"]),
        ("10.0.0.0/29", "net", ["dns", "dns", "flows", "flows", "flows", "endpoint",
                                "user_events"]),
        ("::ffff:10.0.0.5", "ip", ["dns", "flows", "flows", "flows", "endpoint", "user_events"]),
        ("evil.example", "domain", ["feeds", "dns", "user_events", "mail"]),
        ("EVIL[.]example.", "domain", ["feeds", "dns", "user_events", "mail"]),
        ("login.evil.example", "domain", ["user_events", "mail"]),
        (".evil.example", "subdomains", ["feeds", "dns", "user_events", "mail"]),
        ("*.login.evil.example", "subdomains", ["user_events", "mail"]),
        ("edge.other.example", "domain", ["dns"]),
        ("hxxp://LOGIN.evil[.]example/Pay?a=1", "url", ["user_events", "mail"]),
        ("http://login.evil.example/pay?a=1", "url", []),
        ("bill@shop.example", "email", ["mail"]),
        (HASH.upper(), "hash", ["endpoint"]),
        ("alice", "name", ["endpoint", "user_events"]),
        (r"corp\alice", "name", ["user_events"]),
        ("pc-5", "name", ["endpoint"]),
        ("AS64500", "asn", ["flows", "flows", "flows"]),
        ("203.0.113.99", "ip", []),
    ],
)  # fmt: skip
def test_a_story_is_found_from_any_of_its_ends(story, value, kind, found):
    assert tables(story, value) == found
    assert story.pivot(value).kind == kind


def test_what_a_row_says(story):
    row = story.pivot("198.51.100.7", tables=["dns"]).rows[0]
    assert (row.ts, row.table, row.role, row.sensor) == (START + 9 * MINUTE, "dns", "answers", "s1")
    assert row.tlp is Tlp.GREEN
    assert row.cells["src"] == "10.0.0.5"
    assert row.cells["qname"] == "cdn.evil.example"
    assert "rtt_us" not in row.cells
    assert story.source(row.batch).path == "a"


def test_counts_by_table_and_day(story):
    found = story.pivot("evil.example")
    assert [(t.table, t.rows) for t in found.tables] == [
        ("dns", 1), ("feeds", 1), ("mail", 1), ("user_events", 1),
    ]  # fmt: skip
    assert [(day.at, day.table, day.rows) for day in found.histogram] == [
        (START, "dns", 1),
        (START, "mail", 1),
        (START, "user_events", 1),
        (START + DAY_US, "feeds", 1),
    ]
    flows = story.pivot("10.0.0.5", tables=["flows"]).tables[0]
    assert (flows.first_us, flows.last_us) == (START + 3 * MINUTE, START + 5 * MINUTE)


def test_the_time_asked_for_bounds_rows_and_counts(story):
    found = story.pivot("10.0.0.5", since=START + 3 * MINUTE, until=START + 5 * MINUTE)
    assert [row.ts for row in found.rows] == [START + 4 * MINUTE, START + 3 * MINUTE]
    assert [(t.table, t.rows) for t in found.tables] == [("flows", 2)]


def test_nothing_above_the_clearance_is_counted_or_shown(story):
    observe(story, "flows", [{"ts": START, "src": "10.0.0.5"}], source="red", tlp=Tlp.RED)
    counts = {t.table: t.rows for t in story.pivot("10.0.0.5", clearance=Tlp.GREEN).tables}
    assert counts["flows"] == 3
    counts = {t.table: t.rows for t in story.pivot("10.0.0.5", clearance=Tlp.RED).tables}
    assert counts["flows"] == 4


@pytest.mark.parametrize("limit", [1, 2, 7, 100])
def test_pages_hold_every_row_once(lake, limit):
    """Also rows of the same instant, batch and place, which a cursor has to count."""
    rows = [{"ts": START + n // 5, "src": "10.0.0.1", "row_in_src": n // 3} for n in range(20)]
    observe(lake, "flows", rows)
    observe(lake, "flows", rows[:9], source="b")
    seen, cursor = [], None
    while True:
        page = lake.pivot("10.0.0.1", limit=limit, cursor=cursor)
        assert [(t.table, t.rows) for t in page.tables] == [("flows", 29)]
        seen += [(row.ts, row.batch, row.place) for row in page.rows]
        cursor = page.next
        if cursor is None:
            break
    assert len(seen) == 29
    assert seen == sorted(seen, reverse=True)


def test_against_a_look_at_every_row(lake):
    """Many blocks, files and days; expected rows are picked by a loop over all of them."""
    dice = random.Random(7)
    every = []
    for number in range(4):
        rows = [
            {
                "ts": START + dice.randrange(3 * DAY_US),
                "src": f"10.0.{dice.randrange(3)}.{dice.randrange(40)}",
                "dst": f"10.0.{dice.randrange(3)}.{dice.randrange(40)}",
                "row_in_src": n,
            }
            for n in range(30_000)
        ]
        observe(lake, "flows", rows, source=str(number))
        every += rows
    since, until = START + DAY_US // 3, START + 2 * DAY_US + 12345
    inside = [row for row in every if since <= row["ts"] < until]
    for compacted in (False, True):
        if compacted:
            lake.compact()
        expected = [row for row in inside if "10.0.1.7" in {row["src"], row["dst"]}]
        found = lake.pivot("10.0.1.7", since=since, until=until, limit=10_000)
        assert sorted(r.ts for r in found.rows) == sorted(row["ts"] for row in expected)
        assert found.tables[0].rows == len(expected) == sum(d.rows for d in found.histogram)
        assert found.tables[0].first_us == min(row["ts"] for row in expected)
        assert found.tables[0].last_us == max(row["ts"] for row in expected)
        for day in found.histogram:
            assert day.rows == sum(day.at <= row["ts"] < day.at + DAY_US for row in expected)
        low = {f"10.0.2.{n}" for n in (4, 5, 6, 7)}
        expected = [row for row in inside if low & {row["src"], row["dst"]}]
        found = lake.pivot("10.0.2.4/30", since=since, until=until)
        assert found.tables[0].rows == len(expected)


def test_a_row_with_the_same_address_twice_counts_once(lake):
    observe(lake, "flows", [{"ts": START, "src": "10.0.0.1", "dst": "10.0.0.1"}])
    observe(lake, "dns", [
        {"ts": START, "src": "10.0.0.1", "dst": "10.0.0.2", "qname": "a.example",
         "answers": ["10.0.0.1", "10.0.0.1"]},
    ])  # fmt: skip
    assert [t.rows for t in lake.pivot("10.0.0.1").tables] == [1, 1]


def sidecars(lake: Lake) -> list[Path]:
    return sorted(lake.root.rglob("*.kix"))


def test_a_missing_or_damaged_index_is_made_again_to_the_byte(story):
    before = {path: path.read_bytes() for path in sidecars(story)}
    assert len(before) == 6
    expected = story.pivot("evil.example").rows
    for number, (path, whole) in enumerate(before.items()):
        if number % 3 == 0:
            path.unlink()
        elif number % 3 == 1:
            path.write_bytes(whole[:-40] + bytes([whole[-40] ^ 1]) + whole[-39:])
        else:
            path.write_bytes(whole[: len(whole) // 2])
    assert story.pivot("evil.example").rows == expected
    assert story.index().files == 6
    assert {path: path.read_bytes() for path in sidecars(story)} == before


def test_one_flipped_bit_anywhere_in_an_index_is_noticed(lake):
    observe(
        lake, "flows", [{"ts": START, "src": f"10.0.0.{n}", "dst": "10.1.1.1"} for n in range(9)]
    )
    (path,) = sidecars(lake)
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        assert lake.index().made == 1, place
        assert path.read_bytes() == whole


def test_a_lake_that_may_only_be_read_answers_without_indexes(story, monkeypatch):
    for path in sidecars(story):
        path.unlink()

    make = tempfile.NamedTemporaryFile

    def refused(**where: Any) -> Any:
        if Path(where["dir"]).is_relative_to(story.root):
            raise OSError(errno.EROFS, "read-only")
        return make(**where)

    monkeypatch.setattr("kaname.lake.sidecar.tempfile.NamedTemporaryFile", refused)
    assert tables(story, "evil.example") == ["feeds", "dns", "user_events", "mail"]
    assert sidecars(story) == []


def test_indexes_come_and_go_with_their_files(story):
    observe(story, "flows", [{"ts": START, "src": "10.0.0.9"}], source="b")
    assert tables(story, "10.0.0.9") == ["flows"]
    observe(story, "flows", [{"ts": START, "src": "10.0.0.8"}], source="b", replace=True)
    assert tables(story, "10.0.0.9") == []
    story.compact()
    assert tables(story, "10.0.0.8") == ["flows"]
    names = ("mail", "flows", "dns", "feeds", "endpoint", "user_events")
    files = {Path(file.path) for name in names for file in story.files(name)}
    assert {path.with_suffix(".parquet") for path in sidecars(story)} == files


def test_a_damaged_file_is_set_aside_and_told(story):
    victim = Path(story.files("dns")[0].path)
    data = bytearray(victim.read_bytes())
    data[4:200] = b"\xff" * 196
    victim.write_bytes(data)
    found = story.pivot("evil.example")
    assert [row.table for row in found.rows] == ["feeds", "user_events", "mail"]
    assert [(part.table, part.rows) for part in found.missing] == [("dns", 2)]


def test_what_cannot_be_looked_for(story):
    for value in ("", "  ", "10.0.0.0/40", "x" * 5000):
        with pytest.raises(UsageError):
            story.pivot(value)
    with pytest.raises(UsageError):
        story.pivot("10.0.0.5", cursor="!")
    with pytest.raises(NotFoundError):
        story.pivot("10.0.0.5", tables=["nothing"])


def test_it_stops_when_asked(story):
    cancel = Cancel()
    cancel.set()
    with pytest.raises(CancelledError):
        story.pivot("10.0.0.5", cancel=cancel)
    assert story.pivot("10.0.0.5", seconds=0.0).truncated
