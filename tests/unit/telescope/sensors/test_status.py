"""How sensors do, by what is in a lake."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tests.unit.telescope.made import START, row, table

from kaname.knowledge.sensor_records import Sensor
from kaname.lake import Lake
from kaname.model.marking import Tlp
from kaname.model.sensors import Monitored
from kaname.readers.frame import ReadReport
from kaname.telescope.sensors.gaps import outages
from kaname.telescope.sensors.status import statuses

MINUTE = 60_000_000


def commit(lake: Lake, sensor: str, rows: list[dict[str, object]], **notes: int) -> None:
    report = ReadReport(records=len(rows), counters={"ipv4": len(rows)}, notes=notes)
    report.first_us, report.last_us = rows[0]["ts"], rows[-1]["ts"]  # type: ignore[assignment]
    with lake.writer(
        identity=hashlib.sha256(sensor.encode()).hexdigest(), path="live:capture:x", size=1,
        sensor=sensor, tlp=Tlp.GREEN, reader="capture", reader_version=1,
    ) as writer:  # fmt: skip
        for batch in table(rows).to_batches():
            writer.write("flowtuples", batch)
        writer.commit(report)


def test_packets_to_other_addresses_are_counted_apart(tmp_path: Path) -> None:
    with Lake.open(tmp_path) as lake:
        inner = [row("192.0.2.1", "198.18.0.5", ts=START + n * MINUTE) for n in range(5)]
        outer = [row("192.0.2.1", "203.0.113.5", ts=START + 5 * MINUTE, packets=7)]
        commit(lake, "north", [*inner, *outer], lost_kernel=3)
        commit(lake, "south", [row("192.0.2.1", "198.18.0.5", ts=START)])
        registered = [
            Sensor(name="north", prefixes=(Monitored("198.18.0.0/20"),)),
            Sensor(name="west", prefixes=(Monitored("198.19.0.0/24"),)),
        ]
        north, south, west = statuses(lake, registered, clearance=Tlp.RED)
    assert (north.packets, north.offtarget, north.lost) == (12, 7, 3)
    assert (north.addresses, north.registered) == (4096, True)
    assert north.last_us == START + 5 * MINUTE
    assert (south.sensor.name, south.registered, south.offtarget) == ("south", False, 0)
    assert (west.packets, west.last_us) == (0, None)


def test_gaps_come_from_the_rows_of_all_sensors(tmp_path: Path) -> None:
    with Lake.open(tmp_path) as lake:
        minutes = [*range(20), *range(40, 60)]
        commit(
            lake, "north", [row("192.0.2.1", "198.18.0.5", ts=START + n * MINUTE) for n in minutes]
        )
        commit(
            lake,
            "south",
            [row("192.0.2.1", "198.19.0.5", ts=START + n * MINUTE) for n in range(60)],
        )
        (gap,) = outages(lake, "north", START, START + 60 * MINUTE)
        assert outages(lake, "south", START, START + 60 * MINUTE) == []
    assert (gap.kind, gap.amount) == ("outage", 20)
    assert (gap.since, gap.until) == (START + 20 * MINUTE, START + 40 * MINUTE)
