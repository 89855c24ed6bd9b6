"""Of what times a sensor says nothing, although it should.

An **outage**: minutes without rows while others had some, or of a sensor that is alone a
silence that its own rate does not explain: with a share p of minutes that have rows, g
silent ones in a row are chance with the probability (1 - p)^g, and called an outage below
one in a million. A gap is not the end of an attack, and its end is no new campaign.

A **clock** gap: between one delivery and the next the time of the packets moved away from
the time of this machine by more than an hour.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kaname.knowledge.sensor_records import Gap
from kaname.model.instant import HOUR, MINUTE, now_us
from kaname.model.marking import Tlp

if TYPE_CHECKING:
    from kaname.knowledge.sensors import Sensors
    from kaname.lake import Lake, Source

__all__ = ["all_gaps", "clock_jumps", "outages", "silent"]

LEAST = 2  # minutes that make a gap
_CHANCE = 1e-6
_MOST_SOURCES = 2000
_MOST_MINUTES = 45 * 24 * 60


def outages(lake: Lake, name: str, since: int, until: int) -> list[Gap]:
    """Gaps of a sensor in since <= time < until, by the rows of all sensors."""
    minutes = _minutes(lake, since, until)
    own = minutes.pop(name, [])
    others = sorted({minute for found in minutes.values() for minute in found})
    return silent(name, own, others, (since, until))


def silent(
    name: str, own: Sequence[int], others: Sequence[int], span: tuple[int, int]
) -> list[Gap]:
    """Gaps of a sensor that had rows in the minutes ``own``, and the others in ``others``.

    Minutes are whole, since 1970. Only time between the first and the last minute of the
    sensor is looked at, and behind the last as far as others have rows.
    """
    if not own:
        return []
    edge = min(span[1] // MINUTE, max([own[-1], *others[-1:]]) + 1)
    span_minutes = own[-1] - own[0] + 1
    seen = set(others)
    found = []
    for before, after in zip(own, [*own[1:], edge], strict=True):
        silence = after - before - 1
        if silence < LEAST:
            continue
        # the rate of the sensor is that of the time outside this silence
        chance = _longest_chance(len(own), max(len(own), span_minutes - silence))
        heard = sum(minute in seen for minute in range(before + 1, after))
        if heard >= LEAST and heard * 2 >= silence > chance / 4:
            found.append(_gap(name, "outage", before + 1, after))
        elif silence > chance:
            found.append(_gap(name, "silence", before + 1, after))
    return found


def _longest_chance(heard: int, minutes: int) -> float:
    """Silent minutes in a row that are chance for a sensor with rows in ``heard`` of ``minutes``.

    One minute more is taken to be silent, so that little is not taken for certain.
    """
    return max(LEAST - 1, math.log(_CHANCE) / math.log1p(-heard / (minutes + 1)))


def clock_jumps(sources: Sequence[Source]) -> list[Gap]:
    """Jumps of a live sensor's clock by more than an hour, from what it delivered in order."""
    found = []
    ordered = sorted((one for one in sources if one.last_us), key=lambda one: one.ingested)
    for before, after in itertools.pairwise(ordered):
        if not (before.path.startswith("live:") and after.path.startswith("live:")):
            continue
        last, now = before.last_us or 0, after.last_us or 0
        moved = (now - last) - (after.ingested - before.ingested)
        # Deliveries that waited come late: then packets lag behind, and catch up again. A
        # clock that jumped shows in packets from the future, or from before those before.
        future, back = now - after.ingested > HOUR, last - now > HOUR
        if abs(moved) > HOUR and (future or back):
            first, end = sorted((last, now))
            found.append(
                Gap(sensor=after.sensor, kind="clock", since=first, until=end,
                    noticed=now_us(), amount=moved // 1_000_000)
            )  # fmt: skip
    return found


def all_gaps(lake: Lake, sensors: Sensors, name: str, since: int, until: int) -> list[Gap]:
    """Gaps by the rows of the lake, and those that were noted, the latest first.

    Jumps of the clock are noted, since the deliveries that show them may age out.
    """
    sensors.note_gaps(clock_jumps(recent_sources(lake, name)))
    found = [*outages(lake, name, since, until), *sensors.gaps([name], since, until)]
    return sorted(found, key=lambda one: (-one.since, one.kind))


def recent_sources(lake: Lake, name: str) -> list[Source]:
    """The latest sources of a sensor."""
    found = lake.sources(limit=_MOST_SOURCES, clearance=Tlp.RED)
    return [one for one in found if one.sensor == name]


def _gap(name: str, kind: str, first: int, end: int) -> Gap:
    return Gap(
        sensor=name,
        kind=kind,
        since=first * MINUTE,
        until=end * MINUTE,
        noticed=now_us(),
        amount=end - first,
    )


def _minutes(lake: Lake, since: int, until: int) -> dict[str, list[int]]:
    """Minutes (since 1970) in which each sensor has rows."""
    from kaname.analysis.selection import during
    from kaname.lake import Limits

    query = (
        f"SELECT sensor, epoch_us(ts) // {MINUTE} AS minute FROM flowtuples "  # noqa: S608
        f"WHERE {during(since, until)} GROUP BY ALL ORDER BY ALL"
    )
    limits = Limits(rows=_MOST_MINUTES * 20, seconds=60.0)
    found: dict[str, list[int]] = {}
    for sensor, minute in lake.query(query, limits=limits).rows():
        found.setdefault(sensor, []).append(int(minute))
    return found
