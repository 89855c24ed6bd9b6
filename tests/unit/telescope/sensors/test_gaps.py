"""What counts as a gap, and what is chance."""

from __future__ import annotations

import random

import pytest

from kaname.lake.records import Source
from kaname.model.instant import HOUR, MINUTE
from kaname.model.marking import Tlp
from kaname.telescope.sensors.gaps import clock_jumps, silent

SPAN = (0, 10_000 * MINUTE)
NOW = 1_767_225_600_000_000


def found(own: list[int], others: list[int] | None = None) -> list[tuple[str, int, int]]:
    gaps = silent("north", own, others or [], SPAN)
    return [(gap.kind, gap.since // MINUTE, gap.until // MINUTE) for gap in gaps]


def test_an_outage_is_silence_while_others_hear() -> None:
    own = [*range(100, 200), *range(230, 300)]
    assert found(own, list(range(100, 300))) == [("outage", 200, 230)]
    assert silent("north", own, list(range(100, 300)), SPAN)[0].amount == 30


def test_a_busy_sensor_alone_is_missed_after_a_few_minutes() -> None:
    own = [*range(100, 1000), *range(1010, 2000)]
    assert found(own) == [("silence", 1000, 1010)]


def test_a_quiet_sensor_is_not_missed_by_chance() -> None:
    # A tenth of the minutes has rows: at random, 130 silent ones in a row are one in a million
    chance = random.Random(1)
    own = sorted(chance.sample(range(100_000), 10_000))
    assert silent("north", own, [], (0, 200_000 * MINUTE)) == []
    later = [*own, own[-1] + 400]
    (gap,) = silent("north", later, [], (0, 200_000 * MINUTE))
    assert (gap.kind, gap.amount) == ("silence", 399)


def test_the_end_is_judged_by_those_who_go_on() -> None:
    own = list(range(100, 200))
    assert found(own) == []  # nothing says that time went on
    assert found(own, list(range(100, 260))) == [("outage", 200, 260)]


@pytest.mark.parametrize("own", [[], [5]])
def test_what_was_never_there_has_no_gaps(own: list[int]) -> None:
    assert found(own, list(range(5))) == []


def source(ingested: int, last: int, path: str = "live:capture:interface:eth0") -> Source:
    return Source(
        batch=ingested % (1 << 60), identity=f"{ingested}", path=path, size=1, sensor="north",
        tlp=Tlp.GREEN, reader="capture", reader_version=1, ingested=ingested, rows=1, records=1,
        damaged=False, counters={}, notes={}, problems=(), first_us=last, last_us=last,
        seconds=0.0,
    )  # fmt: skip


def test_a_clock_that_jumps_ahead_and_back_is_told_twice() -> None:
    times = [0, MINUTE, 2 * MINUTE, 3 * MINUTE]
    skew = [0, 0, 3 * HOUR, 0]
    sources = [source(NOW + at, NOW + at + by) for at, by in zip(times, skew, strict=True)]
    gaps = clock_jumps(sources)
    assert [(gap.kind, gap.amount) for gap in gaps] == [("clock", 10_800), ("clock", -10_800)]
    assert gaps[0].since == NOW + MINUTE


def test_deliveries_that_waited_are_no_jump_of_the_clock() -> None:
    backlog = [source(NOW + n, NOW - (10 - n) * HOUR) for n in range(10)]
    assert clock_jumps(backlog) == []


def test_files_of_the_past_are_no_jump_of_the_clock() -> None:
    files = [source(NOW, NOW, "/a.pcap"), source(NOW + 1, NOW - 24 * HOUR, "/b.pcap")]
    assert clock_jumps(files) == []
