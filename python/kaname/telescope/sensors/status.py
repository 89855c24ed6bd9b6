"""How the sensors do: what they monitor, what came of each, and what was not for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from kaname.knowledge.sensor_records import Sensor
from kaname.model.instant import DAY
from kaname.model.marking import Tlp
from kaname.telescope.prefixes import Valid, addresses, sql, valid

if TYPE_CHECKING:
    from kaname.lake import Lake

__all__ = ["SensorStatus", "statuses"]

SPAN = DAY


class SensorStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A sensor with the counts of the last day that it saw.

    ``addresses`` are the IPv4 addresses that it monitors now. ``offtarget`` counts packets
    to others: those that are in the lake, and left out of analyses. ``lost`` are packets
    that are known to be lost before they were captured. ``registered`` is false of a sensor
    that is known by its rows only.
    """

    sensor: Sensor
    registered: bool
    addresses: int
    packets: int
    offtarget: int
    lost: int
    first_us: int | None
    last_us: int | None


def statuses(lake: Lake, registered: Sequence[Sensor], *, clearance: Tlp) -> list[SensorStatus]:
    """All sensors that are registered or have flowtuples, by name."""
    by_name: dict[str, Sensor] = {one.name: one for one in registered}
    latest = _latest(lake, clearance)
    for name in latest:
        by_name.setdefault(name, Sensor(name=name))
    known = {one.name for one in registered}
    lost = _lost(lake, latest)
    return [
        _status(lake, by_name[name], name in known, latest.get(name), lost.get(name, 0), clearance)
        for name in sorted(by_name)
    ]


def _status(
    lake: Lake,
    sensor: Sensor,
    registered: bool,
    last: int | None,
    lost: int,
    clearance: Tlp,
) -> SensorStatus:
    end = (last or 0) + 1
    start = max(0, end - SPAN)
    monitored = {sensor.name: sensor.prefixes}
    now = valid(monitored, sensor.name, max(0, end - 1), end) if sensor.prefixes else ()
    window = valid(monitored, sensor.name, start, end) if sensor.prefixes else None
    packets, inside, first = (0, 0, None)
    if last is not None:
        packets, inside, first = _counted(lake, sensor.name, (start, end), window, clearance)
    return SensorStatus(
        sensor=sensor,
        registered=registered,
        addresses=addresses(now),
        packets=packets,
        offtarget=packets - inside,
        lost=lost,
        first_us=first,
        last_us=last,
    )


def _latest(lake: Lake, clearance: Tlp) -> dict[str, int]:
    """When the last flowtuple of each sensor was; from what is known of files."""
    found: dict[str, int] = {}
    for file in lake.files("flowtuples", clearance=clearance):
        if file.rows:
            found[file.sensor] = max(found.get(file.sensor, 0), file.max_ts)
    return found


def _counted(
    lake: Lake,
    name: str,
    span: tuple[int, int],
    prefixes: tuple[Valid, ...] | None,
    clearance: Tlp,
) -> tuple[int, int, int | None]:
    """Packets, those to monitored addresses, and when the first was."""
    from kaname.analysis.frame import Window
    from kaname.analysis.selection import during, quoted

    window = Window(*span)
    inside = "true" if prefixes is None else sql(prefixes, window)
    query = (
        f"SELECT coalesce(sum(packets), 0), coalesce(sum(packets) FILTER (WHERE {inside}), 0), "  # noqa: S608
        f"epoch_us(min(ts)) FROM flowtuples WHERE {during(*span)} AND sensor = {quoted(name)}"
    )
    ((packets, kept, first),) = lake.query(query, clearance=clearance).rows()
    return int(packets), int(kept), None if first is None else int(first)


def _lost(lake: Lake, latest: Mapping[str, int]) -> dict[str, int]:
    """Packets that are known to be lost, of the sources of the last day of each sensor."""
    found: dict[str, int] = {}
    for source in lake.sources(limit=20_000):
        since = latest.get(source.sensor, 0) - SPAN
        if source.last_us is not None and source.last_us >= since:
            lost = sum(count for name, count in source.notes.items() if name.startswith("lost"))
            found[source.sensor] = found.get(source.sensor, 0) + lost
    return found
