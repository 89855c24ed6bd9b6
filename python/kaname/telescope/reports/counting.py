"""Runs the queries of a report over the lake and gathers what they count.

Memory is bounded whatever the period holds: sources are taken in slices (see `queries`), and
of each slice only sums by port, country and the like are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from kaname.lake.records import Limits
from kaname.lake.tables import tables
from kaname.model.marking import Tlp, join
from kaname.telescope.reports.period import Period
from kaname.telescope.reports.queries import Counting, Survey
from kaname.writers.report.document import Query

if TYPE_CHECKING:
    import pyarrow as pa

    from kaname.lake import Lake
    from kaname.lake.networks import Networks

__all__ = ["Count", "Counted", "Extent", "Progress", "count", "has_source_days"]

_DAYS = "source_days"
_ROWS = "flowtuples"
_SLICE = 4_000_000  # rows that one slice may hold: a gigabyte is enough for their sums
_TOP = 10  # ports that are followed over time
_COMPARED = 20  # ports that are held against the period before
_LIMITS = Limits(rows=8_000_000, seconds=600.0, memory_mb=1536)

Progress = Callable[[str, int, int], None]  # (what is counted, steps done, steps in all)
Key = tuple[Any, ...]


class Count(NamedTuple):
    """Packets and different hosts, of all and without survey scans."""

    packets: int = 0
    hosts: int = 0
    packets_rest: int = 0
    hosts_rest: int = 0

    def __add__(self, other: tuple[Any, ...]) -> Count:
        """Of two sets of sources that have none in common."""
        return Count(*(a + b for a, b in zip(self, other, strict=True)))

    @property
    def survey_share(self) -> float | None:
        """The part of the packets that are survey scans."""
        return 1 - self.packets_rest / self.packets if self.packets else None


NOTHING = Count()


class Extent(NamedTuple):
    """What a sensor shows of itself in the period."""

    blocks: int
    first: int
    last: int
    hours: int  # in which it saw anything


@dataclass(slots=True)
class Counted:
    """All counts of a report; keys are those of the columns before the counts."""

    now: Count = NOTHING
    before: Count = NOTHING
    over_time: dict[int, Count] = field(default_factory=dict)
    services: dict[tuple[str, int], Count] = field(default_factory=dict)
    services_before: dict[tuple[str, int], Count] = field(default_factory=dict)
    services_over_time: dict[tuple[str, int, int], Count] = field(default_factory=dict)
    types: dict[str, Count] = field(default_factory=dict)
    families: dict[str, Count] = field(default_factory=dict)
    sensors: dict[str, Count] = field(default_factory=dict)
    extents: dict[str, Extent] = field(default_factory=dict)
    countries: dict[str, Count] = field(default_factory=dict)
    systems: dict[int, Count] = field(default_factory=dict)
    labels: dict[str, tuple[int, int]] = field(default_factory=dict)  # packets, hosts
    tlp: Tlp = Tlp.CLEAR
    queries: dict[str, Query] = field(default_factory=dict)  # by what they count


def has_source_days(lake: Lake, since: int, until: int, clearance: Tlp) -> bool:
    """Whether the table of sources by day has rows of every day that has packets."""
    if _DAYS not in tables():
        return False
    made, seen = (
        {
            file.dt
            for file in lake.files(name, since=since, until=until, clearance=clearance)
            if file.rows
        }
        for name in (_DAYS, _ROWS)
    )
    return bool(made) and made >= seen


def count(
    lake: Lake,
    period: Period,
    survey: Survey,
    networks: Networks | None,
    *,
    sensor: str = "",
    without_survey: bool = False,
    clearance: Tlp = Tlp.RED,
    progress: Progress | None = None,
) -> Counted:
    """Count everything of ``period`` that packets tell, of one sensor or of all.

    Raises:
        LimitError: a query took more than ten minutes.
    """
    files = lake.files(_ROWS, since=period.before, until=period.end, clearance=clearance)
    slices = 1 + sum(file.rows for file in files) // _SLICE
    earlier = survey.in_days and has_source_days(lake, period.before, period.start, clearance)
    days = lake.files(_DAYS, since=period.before, until=period.end, clearance=clearance)
    counting = Counting(
        period,
        survey,
        sensor,
        without_survey=without_survey,
        days_before=earlier,
        slices=slices,
        day_slices=1 + sum(file.rows for file in days) // _SLICE,
    )
    run = _Run(lake, counting, clearance, progress)
    found = Counted(tlp=join(Tlp(file.tlp) for file in files) if files else Tlp.CLEAR)
    sums = run.counting
    for (late,), counts in run.counted("whole", sums.whole(), 1).items():
        if late:
            found.now = counts
        else:
            found.before = counts
    found.over_time = _first(run.counted("over_time", sums.over_time(), 1))
    found.services = run.counted("services", sums.services(), 2)
    compared = [key for kind in ("tcp_syn", "udp") for key in top(found.services, kind, _COMPARED)]
    found.services_before = run.counted("services_before", sums.services_before(compared), 2)
    followed = [key for kind in ("tcp_syn", "udp") for key in top(found.services, kind, _TOP)]
    found.services_over_time = run.counted(
        "services_over_time", sums.services_over_time(followed), 3
    )
    found.types = _first(run.counted("types", sums.packet_types(), 1))
    found.families = _first(run.counted("families", sums.families(), 1))
    found.sensors = _first(run.counted("sensors", sums.sensors(), 1))
    found.extents = {
        row["sensor"]: Extent(row["blocks"], row["first"], row["last"], row["hours"])
        for row in run.rows("extents", sums.extents())
    }
    if survey.in_days:
        found.labels = {
            row["label"]: (row["packets"], row["hosts"])
            for row in run.rows("labels", sums.labels())
        }
    _by_place(run, networks, found)
    found.queries = run.queries
    return found


def top(
    services: dict[tuple[str, int], Count], ptype: str, most: int, *, rest: bool = False
) -> list[tuple[str, int]]:
    """The services of a packet type with most packets, the busiest first."""
    place = 2 if rest else 0
    own = [(key, counts) for key, counts in services.items() if key[0] == ptype and counts[place]]
    own.sort(key=lambda pair: (-pair[1][place], pair[0]))
    return [key for key, _ in own[:most]]


class _Run:
    """Runs statements slice by slice, and keeps them for the appendix."""

    STEPS = 10

    def __init__(
        self, lake: Lake, counting: Counting, clearance: Tlp, progress: Progress | None
    ) -> None:
        self.counting = counting
        self.queries: dict[str, Query] = {}
        self._lake = lake
        self._clearance = clearance
        self._progress = progress
        self._steps = 0

    def counted(self, name: str, sql: str, keys: int) -> dict[Key, Count]:
        """Sums by the first ``keys`` columns; those of slices are added up."""
        found: dict[Key, Count] = {}
        for table in self.tables(name, sql):
            columns = [column.to_pylist() for column in table.columns]
            for row in zip(*columns, strict=True):
                key = row[:keys]
                found[key] = found.get(key, Count()) + row[keys:]
        return found

    def rows(self, name: str, sql: str) -> Iterable[dict[str, Any]]:
        """The rows of a statement that is not taken in slices."""
        self._step(name, sql)
        rows: list[dict[str, Any]] = self._table(sql).to_pylist()
        return rows

    def tables(self, name: str, sql: str) -> Iterable[pa.Table]:
        """The result of each slice."""
        self._step(name, sql)
        parts = self.counting.slices if _ROWS in sql else self.counting.day_slices
        for number in range(parts):
            yield self._table(self.counting.slice(sql, number, parts))

    def _table(self, sql: str) -> pa.Table:
        return self._lake.query(sql, limits=_LIMITS, clearance=self._clearance).table

    def _step(self, name: str, sql: str) -> None:
        if self._progress is not None:
            self._progress(name, self._steps, self.STEPS)
        self._steps += 1
        self.queries[name] = Query(f"Q{len(self.queries) + 1}", name, sql)


def _first(found: dict[Key, Count]) -> dict[Any, Count]:
    return {key[0]: counts for key, counts in found.items()}


def _by_place(run: _Run, networks: Networks | None, found: Counted) -> None:
    """Countries and systems of all sources, looked up a slice at a time."""
    import numpy as np

    if not networks:
        return
    for table in run.tables("sources", run.counting.sources()):
        hi, lo, packets, rest = (column.to_numpy() for column in table.columns)
        places, codes = networks.countries(hi, lo)
        systems = networks.asns(hi, lo)
        for place, counts in _grouped(places.astype(np.int64), packets, rest):
            code = codes[place]
            found.countries[code] = found.countries.get(code, Count()) + counts
        for system, counts in _grouped(systems.astype(np.int64), packets, rest):
            found.systems[system] = found.systems.get(system, Count()) + counts


def _grouped(keys: Any, packets: Any, rest: Any) -> Iterable[tuple[int, Count]]:
    import numpy as np

    names, place = np.unique(keys, return_inverse=True)
    sums = [np.zeros(len(names), np.int64) for _ in range(4)]
    for total, values in zip(sums, (packets, 1, rest, rest > 0), strict=True):
        np.add.at(total, place, values)
    for number, name in enumerate(names.tolist()):
        yield name, Count(*(int(total[number]) for total in sums))
