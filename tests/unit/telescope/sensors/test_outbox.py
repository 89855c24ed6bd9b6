"""The spool keeps deliveries in order, whole, and within its bound."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.telescope.sensors.test_package import rows

from kaname.model.errors import IntegrityError
from kaname.model.marking import Tlp
from kaname.readers.deliveries.outbox import Outbox
from kaname.readers.deliveries.package import decode
from kaname.readers.frame import ReadReport
from kaname.telescope.sensors.minutes import MINUTES

MINUTE = 60_000_000
FIRST = 1_767_225_600_000_000


def commit(outbox: Outbox, number: int) -> None:
    report = ReadReport(records=3, counters={"ipv4": 3}, notes={"lost_kernel": number})
    report.first_us = report.last_us = FIRST + number * MINUTE
    with outbox.writer(
        identity=f"{number:064x}", path="p", size=1, sensor="north", tlp=Tlp.GREEN,
        reader="capture", reader_version=1,
    ) as writer:  # fmt: skip
        writer.write("flowtuples", rows(ts=FIRST + number * MINUTE))
        source = writer.commit(report)
    assert (source.rows, source.records) == (3, 3)


def taken(outbox: Outbox) -> list[int]:
    """Deliver everything; the numbers of what was in it."""
    found = []
    while (waiting := outbox.next()) is not None:
        header, _ = decode(MINUTES, waiting[1])
        assert header.sequence == waiting[0]
        found.append(header.notes["lost_kernel"])
        outbox.sent(waiting[0])
    return found


def test_deliveries_go_on_over_restarts_in_order(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path, "north", MINUTES)
    for number in range(1, 4):
        commit(outbox, number)
    first = outbox.next()
    assert first is not None
    outbox.sent(first[0])
    again = Outbox(tmp_path, "north", MINUTES)
    commit(again, 4)
    assert taken(again) == [2, 3, 4]
    last = Outbox(tmp_path, "north", MINUTES)
    commit(last, 5)
    waiting = last.next()
    assert waiting is not None
    assert decode(MINUTES, waiting[1])[0].sequence == 5


def test_the_last_source_is_known_whether_it_waits_or_was_sent(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path, "north", MINUTES)
    commit(outbox, 1)
    commit(outbox, 2)
    assert outbox.known(f"{2:064x}") is not None
    assert outbox.known(f"{3:064x}") is None
    commit(outbox, 2)  # whoever captures died before it knew
    assert taken(outbox) == [1, 2]
    assert Outbox(tmp_path, "north", MINUTES).known(f"{2:064x}") is not None


def test_a_death_between_sending_and_letting_go_sends_nothing_twice(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path, "north", MINUTES)
    commit(outbox, 1)
    commit(outbox, 2)
    path = outbox.waiting()[0]
    body = path.read_bytes()
    outbox.sent(1)
    path.write_bytes(body)  # the state was written, the file was not removed
    (tmp_path / ".000000000003.minutes.part").write_bytes(b"half")
    assert taken(Outbox(tmp_path, "north", MINUTES)) == [2]
    assert not list(tmp_path.glob(".*.part"))


def test_a_full_spool_gives_up_the_oldest_and_says_so(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path, "north", MINUTES)
    commit(outbox, 1)
    size = outbox.waiting()[0].stat().st_size
    small = Outbox(tmp_path, "north", MINUTES, most=int(size * 3.5))
    for number in range(2, 7):
        commit(small, number)
    assert sum(path.stat().st_size for path in small.waiting()) <= size * 3.5
    kept = len(small.waiting())
    newest = small.waiting()[-1].read_bytes()
    header, _ = decode(MINUTES, newest)
    (gap,) = header.gave_up  # deliveries that touch are one gap
    assert (gap.since, gap.until) == (FIRST + MINUTE, FIRST + (7 - kept) * MINUTE)
    assert gap.minutes == 6 - kept
    assert taken(small) == list(range(7 - kept, 7))
    commit(small, 7)
    waiting = small.next()
    assert waiting is not None
    assert decode(MINUTES, waiting[1])[0].gave_up == []  # it was told


def test_a_refused_delivery_is_put_aside_and_told_of(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path, "north", MINUTES)
    commit(outbox, 1)
    commit(outbox, 2)
    outbox.refuse(1)
    assert [path.name for path in (tmp_path / "refused").iterdir()] == ["000000000001.minutes"]
    assert taken(outbox) == [2]
    commit(outbox, 3)
    waiting = outbox.next()
    assert waiting is not None
    assert len(decode(MINUTES, waiting[1])[0].gave_up) == 1


def test_a_damaged_state_is_not_taken_for_a_new_spool(tmp_path: Path) -> None:
    commit(Outbox(tmp_path, "north", MINUTES), 1)
    (tmp_path / "state.json").write_text("{")
    with pytest.raises(IntegrityError):
        Outbox(tmp_path, "north", MINUTES)
