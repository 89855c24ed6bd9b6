"""From a folder over the spool into a lake elsewhere: the rows are those of the capture."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tests.unit.readers.live.test_rotation import PACKETS, rows, whole, write

from kaname.knowledge import Knowledge
from kaname.knowledge.sensor_records import Sensor
from kaname.knowledge.sensors import Sensors
from kaname.lake import Lake
from kaname.model.errors import ForbiddenError
from kaname.model.marking import Tlp
from kaname.readers.deliveries.outbox import Outbox
from kaname.readers.deliveries.package import GaveUp, Header, decode, encode
from kaname.readers.deliveries.receiving import take_in
from kaname.readers.live import Rotation, place
from kaname.telescope.sensors.minutes import MINUTES


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    with Lake.open(tmp_path / "nexus") as opened:
        yield opened


@pytest.fixture
def knowledge(tmp_path: Path) -> Iterator[Knowledge]:
    with Knowledge.open(f"sqlite:///{tmp_path}/knowledge.sqlite") as store:
        store.part(Sensors).put_sensor(Sensor(name="rotated", tlp=Tlp.GREEN))
        yield store


def test_minutes_arrive_once_with_their_evidence(
    lake: Lake, knowledge: Knowledge, tmp_path: Path
) -> None:
    folder = tmp_path / "captures"
    folder.mkdir()
    outbox = Outbox(tmp_path / "spool", "rotated", MINUTES)
    one = Rotation(
        outbox, place(f"capture={folder}"), sensor="rotated", tlp=Tlp.RED,
        state=tmp_path / "state", evidence=3,
    )  # fmt: skip
    one.open()
    for number in range(3):
        write(folder, f"{number}.pcap", PACKETS[number * 300 : number * 300 + 300])
        while one._step():
            pass
        one._commit(last=False)
    one.drain()
    one.close()
    sensors = knowledge.part(Sensors)
    while (waiting := outbox.next()) is not None:
        sensor = sensors.sensor("rotated")
        first = take_in(lake, knowledge, MINUTES, sensor, waiting[1])
        again = take_in(lake, knowledge, MINUTES, sensor, waiting[1])
        assert (first.already, again.already) == (False, True)
        outbox.sent(waiting[0])
    assert rows(lake) == whole(lake, folder)
    found = lake.query(
        "SELECT max(n), sum(n) < 900, count(*) FROM (SELECT count(*) AS n FROM packets "
        "GROUP BY date_trunc('minute', ts), src_lo, ptype)"
    ).rows()
    assert found[0][0] == 3
    assert found[0][1]
    seen = sensors.sensor("rotated")
    assert seen.minutes == seen.sequence > 1
    assert {source.tlp for source in lake.sources()} == {Tlp.GREEN}  # not what the sensor says


def test_the_door_of_one_sensor_takes_no_other(lake: Lake, knowledge: Knowledge) -> None:
    body = encode(
        MINUTES, Header(sensor="other", spool="0" * 32, sequence=1, identity="a" * 64), []
    )
    with pytest.raises(ForbiddenError):
        take_in(lake, knowledge, MINUTES, knowledge.part(Sensors).sensor("rotated"), body)
    assert lake.sources() == []


def test_what_was_given_up_is_a_gap(lake: Lake, knowledge: Knowledge) -> None:
    sensors = knowledge.part(Sensors)
    header = Header(
        sensor="rotated", spool="0" * 32, sequence=9, identity="a" * 64,
        gave_up=[GaveUp(60_000_000, 180_000_000, 2)],
    )  # fmt: skip
    for sequence in (9, 10):  # told twice, kept once
        told = msgspec.structs.replace(header, sequence=sequence)
        body = encode(MINUTES, told, [])
        assert decode(MINUTES, body)[0].gave_up == header.gave_up
        take_in(lake, knowledge, MINUTES, sensors.sensor("rotated"), body)
    (gap,) = sensors.gaps(["rotated"])
    assert (gap.kind, gap.since, gap.until, gap.amount) == (
        "undelivered", 60_000_000, 180_000_000, 2,
    )  # fmt: skip
