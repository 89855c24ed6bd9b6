"""Attacks as one reads them in a list: of a range of the lake, or straight from captures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from kaname.analysis.frame import ALL, Context, Window, settle
from kaname.lake.layout import AFTER, BEFORE
from kaname.model.address import to_text
from kaname.model.instant import DAY, SECOND
from kaname.model.marking import Tlp
from kaname.telescope.analyses.dos import Dos
from kaname.telescope.dos.answers import services
from kaname.telescope.dos.corsaro import Vector, gathered, vectors
from kaname.telescope.dos.judgement import Attack, Judged, judge
from kaname.telescope.dos.statements import spelt
from kaname.telescope.picture import Picture

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

    from kaname.lake import Lake

__all__ = ["MODES", "Listed", "Range", "of_captures", "of_lake"]

MODES = ("corsaro", "extended", "both")
_NAMED = 3  # services


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """One attack; times in microseconds, rates in packets per second at the victim.

    ``kind`` is ``corsaro`` where corsaro3 would report it, else ``extended``. The estimate
    of the rate is missing in the mode ``corsaro``, ``max_ppm`` where corsaro3 would not
    report the attack.
    """

    victim: str
    kind: str
    sensor: str
    services: list[str]
    start: int
    end: int
    packets: int
    rate: float | None = None
    rate_low: float | None = None
    rate_high: float | None = None
    max_ppm: int | None = None
    mismatches: int | None = None


class Range(msgspec.Struct, frozen=True):
    """What of the lake is asked for: time in microseconds (None: its last day), a sensor."""

    since: int | None = None
    until: int | None = None
    sensor: str = ""
    clearance: Tlp = Tlp.RED


def of_lake(
    lake: Lake, wanted: Range, mode: str, params: Mapping[str, Any] | None = None
) -> list[Listed]:
    """The attacks in a range of the lake, by time.

    Raises:
        SettingError: ``params`` are not those of `Dos`.
    """
    window, sensors = _window(lake, wanted)
    found: list[Listed] = []
    with lake.expression(
        Dos.tables, since=window.start, until=window.end, clearance=wanted.clearance
    ) as tables:
        for sensor in sensors:
            own = {name: table.filter(table.sensor == sensor) for name, table in tables.items()}
            settled = settle(Dos.name, Dos.parameters, params or {})
            context = Context(own, window, sensor, settled)
            found += _corsaro(own["rsdos"], sensor) if mode == "corsaro" else _judged(context, mode)
    return sorted(found, key=lambda one: (one.start, one.victim, one.sensor))


def of_captures(paths: Iterable[Path]) -> list[Listed]:
    """The attacks that corsaro3 would report of capture files, each file by itself.

    Raises:
        InputError: a file is no capture, or cannot be read.
    """
    found = [one for path in paths for one in _of_vectors(gathered(_reports(path)), path.name)]
    return sorted(found, key=lambda one: (one.start, one.victim, one.sensor))


def _window(lake: Lake, wanted: Range) -> tuple[Window, list[str]]:
    """The time that is looked at, and the sensors that have rows."""
    files = [
        f
        for name in Dos.tables
        for f in lake.files(name)
        if f.rows and f.dt not in {BEFORE, AFTER} and wanted.sensor in {"", f.sensor}
    ]
    end = wanted.until or max((f.max_ts + 1 for f in files), default=0)
    start = max(0, end - DAY) if wanted.since is None else wanted.since
    inside = [f for f in files if f.max_ts >= start and f.min_ts < end]
    return Window(start, max(end, start)), sorted({f.sensor for f in inside})


def _judged(context: Context, mode: str) -> list[Listed]:
    picture = Picture.of(context)
    found = judge(
        picture,
        context.tables["rsdos"],
        least=context.number("least"),
        rate=context.number("rate"),
    )
    asked = _services(found)
    chosen = (a for a in found.attacks if mode == "both" or a.event is not None)
    return [_listed(attack, asked.get(attack.victim, []), context.sensor) for attack in chosen]


def _services(found: Judged) -> dict[tuple[int, int], list[dict[str, Any]]]:
    named: dict[tuple[int, int], list[dict[str, Any]]] = {}
    if found.attacks:
        for row in services(found.rows, [attack.victim for attack in found.attacks]):
            named.setdefault((row["hi"], row["lo"]), []).append(row)
    return named


def _listed(attack: Attack, asked: Sequence[Mapping[str, Any]], sensor: str) -> Listed:
    names = [
        spelt(one["attack"], one["service"])
        for one in asked
        if one["first"] <= attack.last and one["last"] >= attack.first
    ]
    if attack.event is None:
        return _of_vectors(attack.vectors, sensor)[0]
    rate, known = attack.event.rate, attack.vectors
    return Listed(
        victim=to_text(*attack.victim),
        kind="corsaro" if known else "extended",
        sensor=sensor,
        services=names[:_NAMED],
        start=attack.first * SECOND,
        end=attack.last * SECOND,
        packets=attack.packets,
        rate=round(rate.pps, 1),
        rate_low=round(rate.low, 1),
        rate_high=round(rate.high, 1),
        max_ppm=max(v.max_ppm for v in known) if known else None,
        mismatches=sum(v.mismatches for v in known) if known else None,
    )


def _corsaro(rsdos: ir.Table, sensor: str) -> list[Listed]:
    return _of_vectors(vectors(rsdos), sensor)


def _of_vectors(found: Iterable[Vector], sensor: str) -> list[Listed]:
    return [
        Listed(
            victim=to_text(*vector.victim),
            kind="corsaro",
            sensor=sensor,
            services=[spelt(vector.proto, vector.target_port)],
            start=vector.first * SECOND,
            end=vector.last * SECOND,
            packets=vector.packets,
            max_ppm=vector.max_ppm,
            mismatches=vector.mismatches,
        )
        for vector in found
    ]


def _reports(path: Path) -> Iterator[dict[str, Any]]:
    from kaname.readers.frame import ReadJob
    from kaname.readers.pcap import PcapReader

    job = ReadJob(path=path, sensor=ALL, tlp=Tlp.CLEAR, batch=0, threads=2)
    for table, rows in PcapReader().read(job):
        if table == "rsdos":
            yield from _plain(rows)


def _plain(rows: pa.RecordBatch) -> Iterator[dict[str, Any]]:
    """Rows with their times in seconds."""
    import pyarrow as pa

    times = {
        name: [value // SECOND for value in rows.column(name).cast(pa.int64()).to_pylist()]
        for name in ("ts", "first", "last")
    }
    for number, row in enumerate(rows.to_pylist()):
        yield row | {name: values[number] for name, values in times.items()}
