"""Counts what is asked, with a query behind every number."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING

from kaname.analysis.selection import quoted
from kaname.lake.layout import AFTER, BEFORE
from kaname.lake.networks import Networks
from kaname.model.errors import LimitError, UsageError
from kaname.model.instant import DAY, HOUR, MINUTE, floor
from kaname.telescope.families import FAMILIES
from kaname.telescope.stats import days
from kaname.telescope.stats.answer import Answer, Asked, Bin, Cell, Ranking
from kaname.telescope.stats.minutes import Minutes
from kaname.telescope.stats.minutes import words as minute_words
from kaname.telescope.stats.monitored import conditions
from kaname.telescope.stats.rows import Counted, Rows

if TYPE_CHECKING:
    from kaname.lake import Lake

__all__ = ["BINS", "BY", "stats"]

BINS = {"5m": 5 * MINUTE, "1h": HOUR, "1d": DAY}
BY = ("country", "asn", "tcp", "udp", "label", "ptype")
_MOST = {5 * MINUTE: 2 * DAY, HOUR: 14 * DAY, DAY: 3700 * DAY}  # longest time of each step
MOST_ROWS = 40_000_000  # four months of 300,000 sources a day; counting takes 53 bytes a row
_PORTS = {"tcp": "tcp_syn", "udp": "udp"}


def stats(lake: Lake, networks: Networks, asked: Asked) -> Answer:
    """What is asked, with the time widened to whole steps.

    Raises:
        UsageError: the time is empty, or too long for the step.
        LimitError: it took too long, or there are too many rows.
    """
    since, until = floor(asked.since, asked.bin), -floor(-asked.until, asked.bin)
    if until <= since:
        raise UsageError("telescope.error.stats_empty")
    if until - since > _MOST[asked.bin]:
        most = _MOST[asked.bin] // DAY
        raise UsageError("telescope.error.stats_range", days=most)
    asked = dataclasses.replace(asked, since=since, until=until)
    _bounded(lake, asked)
    counting = _of_days if asked.bin == DAY else _of_minutes
    series, rows, rankings = counting(lake, networks, asked)
    return Answer(
        since=since,
        until=until,
        bin=asked.bin,
        sensor=asked.sensor,
        sensors=tuple(
            sorted({f.sensor for f in lake.files("flowtuples", clearance=asked.clearance)})
        ),
        survey=asked.survey,
        packets=rows.packets,
        hosts=rows.hosts,
        where=_query(asked),
        bins=tuple(Bin(at, *series.get(at, (None, None))) for at in range(since, until, asked.bin)),
        rankings=tuple(rankings),
        pending=_pending(lake, asked),
        networks=networks.version,
        attributions=tuple((one.text, one.link) for one in networks.attributions),
    )


def _bounded(lake: Lake, asked: Asked) -> None:
    """Refuse what would not fit into memory, before any of it is read."""
    table = "source_days" if asked.bin == DAY else "flowtuples"
    files = lake.files(
        table,
        since=asked.since,
        until=asked.until,
        clearance=asked.clearance,
        sensor=asked.sensor or None,
    )
    rows = sum(file.rows for file in files)
    if rows > MOST_ROWS:
        raise LimitError("telescope.error.stats_rows", rows=rows, most=MOST_ROWS)


_Found = tuple[dict[int, tuple[int, int]], Rows, list[Ranking]]


def _of_days(lake: Lake, networks: Networks, asked: Asked) -> _Found:
    rows = Rows(days.columns(lake, asked), networks)
    rankings = []
    for by in asked.by:
        if by in _PORTS:
            counted, exact = days.ports(lake, asked, _PORTS[by])
        else:
            counted, exact = rows.by(by, days.words(by)), True
        rankings.append(_ranking(by, counted, exact, asked, networks))
    return days.series(lake, asked), rows, rankings


def _of_minutes(lake: Lake, networks: Networks, asked: Asked) -> _Found:
    found = Minutes(lake, asked)
    rows = Rows(found.columns, networks)
    rankings = [
        _ranking(
            by,
            found.ports[by] if by in _PORTS else rows.by(by, minute_words(by)),
            True,
            asked,
            networks,
        )
        for by in asked.by
    ]
    return found.series(), rows, rankings


def _ranking(by: str, counted: Counted, exact: bool, asked: Asked, networks: Networks) -> Ranking:
    """The first ``asked.top`` by hosts and by packets."""

    def cells(*, by_hosts: bool) -> tuple[Cell, ...]:
        return tuple(
            Cell(key, _name(by, key, networks), packets, hosts, _query(asked, by, key))
            for key, packets, hosts in counted.top(asked.top, by_hosts=by_hosts)
        )

    return Ranking(
        by=by,
        exact=exact,
        keys=len(counted.codes),
        by_hosts=cells(by_hosts=True),
        by_packets=cells(by_hosts=False),
    )


def _name(by: str, key: str, networks: Networks) -> str:
    return networks.name(int(key)) if by == "asn" and key else ""


_CONDITION: dict[str, Callable[[str], str]] = {
    "country": lambda key: f"country(src_hi, src_lo) = {quoted(key)}",
    "asn": lambda key: f"asn(src_hi, src_lo) = {int(key or 0)}",
    "tcp": lambda key: f"ptype = 'tcp_syn' AND port = {int(key)}",
    "udp": lambda key: f"ptype = 'udp' AND port = {int(key)}",
    "label": lambda key: f"label = {quoted(key)}",
    "ptype": lambda key: f"ptype = {quoted(key)}",
}
_FAMILY = (
    "CASE " + " ".join(f"WHEN {f.sql} THEN '{f.name}'" for f in FAMILIES) + " ELSE 'other' END"
)
_SURVEY = "label = 'survey'"
_SHOWN = {
    "source_days": "ip(src_hi, src_lo) AS source, label, packets, ports, port, ts, last, sensor",
    "flowtuples": "ip(src_hi, src_lo) AS source, ptype, port, sum(packets) AS packets, "
    "min(ts) AS ts, max(ts) AS last",
}


def _query(asked: Asked, by: str = "", key: str = "") -> str:
    """The SELECT of the rows behind a number, the busiest first.

    Services are read from flowtuples, since a row of a source keeps one of its services.
    """
    short = asked.bin != DAY and by != "label"
    table = "flowtuples" if short or by in _PORTS else "source_days"
    more = [_CONDITION[by](key)] if by else []
    if table == "source_days":
        return (
            f"SELECT {_SHOWN[table]}\nFROM source_days\n"
            f"WHERE {_days(asked).where(*more, *asked.kept)}\nORDER BY packets DESC"
        )
    more.extend(conditions(asked))
    if not asked.survey:
        where = _days(asked).where(_SURVEY)
        surveys = f"SELECT (src_hi, src_lo, family) FROM source_days WHERE {where}"  # noqa: S608
        more.append(f"(src_hi, src_lo, {_FAMILY}) NOT IN ({surveys})")
    return (
        f"SELECT {_SHOWN[table]}\nFROM flowtuples\nWHERE {asked.where(*more)}\n"
        "GROUP BY ALL\nORDER BY packets DESC"
    )


def _days(asked: Asked) -> Asked:
    """The whole days that the time touches: rows of sources are of days."""
    since, until = floor(asked.since, DAY), -floor(-asked.until, DAY)
    return dataclasses.replace(asked, since=since, until=until)


def _pending(lake: Lake, asked: Asked) -> tuple[str, ...]:
    """Days with flowtuples of which nobody has labelled the sources yet."""

    def there(table: str) -> set[tuple[str, str]]:
        return {
            (file.dt, file.sensor)
            for file in lake.files(
                table,
                since=asked.since,
                until=asked.until,
                clearance=asked.clearance,
                sensor=asked.sensor or None,
            )
            if file.rows and file.dt not in {BEFORE, AFTER}
        }

    return tuple(sorted({day for day, _ in there("flowtuples") - there("source_days")}))
