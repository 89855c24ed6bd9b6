"""MRT by bgpdump's output, by the RFCs, and damaged as real archives are."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import json
import struct
from collections import Counter

import pytest
from tests.unit.readers.mrt_records import (
    PREFIX,
    TIME,
    V6,
    attribute,
    bgp4mp,
    path,
    peer_index,
    record,
    rib,
    table_entry,
    update,
)
from tests.unit.readers.reading import DATA, read, read_bytes

from kaname.readers.mrt import MrtReader

ARCHIVE = DATA / "bgp/updates.20100227.1610.gz"
ORIGIN = attribute(1, b"\0")
HOP = attribute(3, bytes([198, 51, 100, 1]))
PLAIN = ORIGIN + attribute(2, path(64500, 64501)) + HOP


@pytest.fixture
def mrt(tmp_path):
    return lambda data, **options: read_bytes(MrtReader(), tmp_path, data, **options)


def bgpdump_line(row: dict) -> str:
    """The row as ``bgpdump -m`` writes it, up to the communities."""
    time, peer = str(row["ts"] // 1_000_000), f"{row['src']}|{row['peer_as']}"
    line = f"{time}|{row['op']}|{peer}|{row['prefix']}/{row['plen']}"
    if row["op"] == "W":
        return line
    ext = json.loads(row["ext"])
    numbers = f"{ext.get('local_pref', 0)}|{ext.get('med', 0)}"
    return (
        f"{line}|{row['path']}|{ext['origin']}|{row['next_hop']}|{numbers}"
        f"|{row['communities'] or ''}"
    )


def test_every_row_is_that_of_bgpdump():
    # bgpdump 1.6.2 -m, fields 2 to 12 of the lines A and 2 to 6 of W, sorted
    expected = "df3d278d58bba67cec56d370cd7ba6ffa5b2a9726270657d98717b031325db06"
    rows, report = read(MrtReader(), ARCHIVE)
    lines = sorted(map(bgpdump_line, rows))
    assert hashlib.sha256("\n".join(lines).encode()).hexdigest() == expected
    assert report.counters == {"update": 1888, "state": 16, "message": 49}
    assert not report.damaged


def test_offsets_are_those_of_the_records():
    rows, _ = read(MrtReader(), ARCHIVE)
    data = gzip.decompress(ARCHIVE.read_bytes())
    for row in rows[::500]:
        assert struct.unpack_from(">I", data, row["row_in_src"])[0] == row["ts"] // 1_000_000


def test_four_octet_numbers_come_from_as4_path(mrt):
    # RFC 6793, section 4.2.3
    old = ORIGIN + attribute(2, path(64500, 23456, 23456, wide=False)) + HOP
    new = attribute(17, path(196608, 196609), 0xC0)
    rows, _ = mrt(bgp4mp(update(old + new), subtype=1))
    assert [(r["path"], r["origin_as"], r["path_len"]) for r in rows] == [
        ("64500 196608 196609", 196609, 3)
    ]


def test_as4_path_is_ignored_when_an_old_speaker_aggregated(mrt):
    # RFC 6793, section 4.2.3: AGGREGATOR is not AS_TRANS, and AS4_AGGREGATOR is there
    old = ORIGIN + attribute(2, path(64500, 64501, wide=False)) + HOP
    old += attribute(7, struct.pack(">HI", 64501, 1), 0xC0)
    new = attribute(17, path(196608, 196609), 0xC0)
    new += attribute(18, struct.pack(">II", 196609, 1), 0xC0)
    rows, _ = mrt(bgp4mp(update(old + new), subtype=1))
    assert [r["path"] for r in rows] == ["64500 64501"]


def test_sets_are_written_as_bgpdump_does(mrt):
    segments = path(64500) + path(64501, 64502, kind=1)
    rows, _ = mrt(bgp4mp(update(ORIGIN + attribute(2, segments) + HOP)))
    assert [(r["path"], r["origin_as"], r["path_len"]) for r in rows] == [
        ("64500 {64501,64502}", None, 2)
    ]


def test_all_kinds_of_communities(mrt):
    every = attribute(8, struct.pack(">HHI", 64500, 1, 0xFFFFFF01), 0xC0)
    every += attribute(16, bytes([0, 2, 0xFD, 0xE8, 0, 0, 0, 100]), 0xC0)
    every += attribute(32, struct.pack(">III", 196608, 1, 2), 0xC0)
    rows, _ = mrt(bgp4mp(update(PLAIN + every)))
    assert rows[0]["communities"] == "64500:1 no-export rt:65000:100 196608:1:2"


def test_prefixes_of_ipv6_are_announced_and_withdrawn(mrt):
    reach = bytes([0, 2, 1, 32]) + V6 + bytes(16) + b"\0" + bytes([32]) + V6[:4]
    unreach = bytes([0, 2, 1, 48]) + V6[:6]
    attributes = ORIGIN + attribute(2, path(64500)) + attribute(14, reach, 0x80)
    rows, _ = mrt(bgp4mp(update(attributes + attribute(15, unreach, 0x80), announced=b"")))
    assert [(r["op"], r["prefix"], r["plen"], r["next_hop"]) for r in rows] == [
        ("W", "2001:db8::", 48, "::"),
        ("A", "2001:db8::", 32, "2001:db8::1"),
    ]


def test_tables_of_the_second_form(mrt):
    # bgpdump 1.6.2 gives the same three routes
    wide = ORIGIN + attribute(2, path(64500)) + attribute(14, b"\x10" + V6, 0x80)
    data = peer_index() + rib(2, PREFIX, 0, PLAIN) + rib(4, bytes([32]) + V6[:4], 1, wide)
    data += rib(8, PREFIX, 0, PLAIN, path_id=7)
    rows, report = mrt(data)
    assert [(r["src"], r["peer_as"], r["prefix"], r["next_hop"]) for r in rows] == [
        ("198.51.100.1", 196608, "203.0.113.0", "198.51.100.1"),
        ("2001:db8::1", 64500, "2001:db8::", "2001:db8::1"),
        ("198.51.100.1", 196608, "203.0.113.0", "198.51.100.1"),
    ]
    assert {(r["op"], r["collector"]) for r in rows} == {("R", "rv")}
    assert json.loads(rows[2]["ext"])["path_id"] == 7
    assert report.counters == {"peers": 1, "table": 3}


def test_a_route_of_an_unknown_peer_is_noted(mrt):
    rows, report = mrt(rib(2, PREFIX, 9, PLAIN))
    assert rows == []
    assert report.notes == {"no_peer": 1}


@pytest.mark.parametrize("short", [0, 4])
def test_old_tables_with_many_entries_whose_length_is_short(mrt, short):
    """RIPE's bview.20000111: lengths are 4 less than what was written, entries in batches."""
    attributes = ORIGIN + attribute(2, path(64500, 64501, wide=False)) + HOP
    whole = record(12, 1, bytes(4) + table_entry(attributes) * 2)
    length = struct.pack(">I", len(whole) - 12 - short)
    rows, report = mrt((whole[:8] + length + whole[12:]) * 3)
    assert Counter((r["op"], r["path"], r["peer_as"]) for r in rows) == {
        ("R", "64500 64501", 64500): 6
    }
    assert report.counters == {"table": 3}
    assert report.notes == ({"short_length": 3} if short else {})
    assert not report.damaged


def test_archives_of_1999(mrt):
    """Type 5 (RFC 6396, appendix B.2): no header around the message."""
    body = struct.pack(">H", 64500) + bytes([198, 51, 100, 1]) + struct.pack(">H", 64499) + bytes(4)
    attributes = ORIGIN + attribute(2, path(64500, wide=False)) + HOP
    inner = struct.pack(">HH", 0, len(attributes)) + attributes + PREFIX
    rows, report = mrt(record(5, 1, body + inner) + record(5, 7, body))
    assert [(r["src"], r["path"]) for r in rows] == [("198.51.100.1", "64500")]
    assert report.counters == {"update": 1, "message": 1}


def test_microseconds(mrt):
    inner = bgp4mp(update(PLAIN))[12:]
    rows, _ = mrt(record(17, 4, struct.pack(">I", 250_000) + inner))
    assert [r["ts"] for r in rows] == [TIME * 1_000_000 + 250_000]


def test_the_end_of_a_table_gives_no_row(mrt):
    rows, report = mrt(bgp4mp(update(b"", announced=b"")))  # RFC 4724, section 2
    assert rows == []
    assert report.notes == {"end_of_rib": 1}


def test_a_damaged_record_costs_only_itself(mrt):
    good = bgp4mp(update(PLAIN))
    bad = bgp4mp(update(PLAIN[:-1]))  # the last attribute runs into the prefixes
    rows, report = mrt(good + bad + good)
    assert len(rows) == 2
    assert report.counters == {"update": 2, "malformed": 1}
    assert [p.offset for p in report.problems] == [len(good)]
    assert report.bad_records == 1


def test_after_a_damaged_header_the_next_record_is_found(mrt):
    good = bgp4mp(update(PLAIN))
    rows, report = mrt(good + b"\xff" * 50 + good * 2)
    assert len(rows) == 3
    assert report.counters == {"update": 3, "malformed_header": 1}
    assert report.notes == {"resync": 1, "skipped_bytes": 50}


def test_a_cut_archive_keeps_what_is_whole(mrt):
    good = bgp4mp(update(PLAIN))
    rows, report = mrt(good * 3 + good[:40])
    assert len(rows) == 3
    assert report.counters == {"update": 3, "cut_record": 1}


def test_a_record_of_4_gib_is_not_waited_for(mrt):
    good = bgp4mp(update(PLAIN))
    huge = struct.pack(">IHHI", TIME, 16, 4, 0xFFFF_FFFF)
    rows, report = mrt(good + huge + good * 2)
    assert len(rows) == 3
    assert report.counters == {"update": 3, "malformed_header": 1}


@pytest.mark.parametrize("members", [1, 2])
def test_bzip2_as_routeviews_packs(tmp_path, members):
    data = b"".join(bz2.compress(bgp4mp(update(PLAIN))) for _ in range(members))
    rows, report = read_bytes(MrtReader(), tmp_path, data)
    assert len(rows) == members
    assert not report.damaged
    assert MrtReader().detect(data, "x") == 90
    _, cut = read_bytes(MrtReader(), tmp_path, data[:-5])
    assert cut.damaged


def test_the_collector_may_be_named(mrt):
    rows, _ = mrt(bgp4mp(update(PLAIN)), collector="rrc99")
    assert [r["collector"] for r in rows] == ["rrc99"]


@pytest.mark.parametrize("head", [b"", b"\0" * 64, b"From me\n" * 9, bytes(range(256))])
def test_other_bytes_are_not_mrt(head):
    assert MrtReader().detect(head, "updates.x") == 0
