"""Devices as the lake has them: the fleet, and one device with its trace."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from kaname.analysis.selection import during, quoted
from kaname.hardware.findings import findings_about
from kaname.hardware.power.peers import Sums, against, values
from kaname.hardware.routes.shapes import (
    DeviceDetail,
    DeviceOut,
    DevicePage,
    Envelope,
    Measure,
    PeerOut,
    SegmentOut,
)
from kaname.lake.records import Limits
from kaname.model.errors import NotFoundError, UsageError
from kaname.model.instant import DAY

if TYPE_CHECKING:
    from kaname.knowledge import Knowledge
    from kaname.lake import Lake
    from kaname.model.marking import Tlp

__all__ = ["Asked", "device", "devices"]

_ANALYSES = ("hardware.power", "hardware.fleet")
_LIMITS = Limits(rows=200_000, seconds=30.0)
_STEPS = 2000  # of an envelope
_MOST_SEGMENTS = 4000
_MOST_ANOMALIES = 500
_COURSE = 24
_PEERS = 5
_ODD = 6.0  # as the analysis `hardware.fleet` has it
_SPAN = 7 * DAY
_SECOND = 1_000_000

Row = dict[str, Any]


class Asked(NamedTuple):
    """A time, microseconds UTC, the end exclusive; None: what there is."""

    since: int | None = None
    until: int | None = None


def devices(lake: Lake, asked: Asked, clearance: Tlp, *, group: str | None = None) -> DevicePage:
    """All devices, those with anomalies first, then those that differ from their peers.

    Of the last week that has any rows, unless a time is asked for.
    """
    since, until = _span(lake, asked, clearance)
    sums = _sums(lake, since, until, clearance)
    groups = sorted({one.fleet for one in sums.values()})
    told = _told(lake, since, until, clearance)
    found = [
        _device(key, one, sums, told, (since, until))
        for key, one in sums.items()
        if group is None or one.fleet == group
    ]
    found.sort(key=lambda one: (-one.anomalies, -one.odd, one.group, one.device, one.sensor))
    return DevicePage(found, len(found), groups)


def device(
    lake: Lake, knowledge: Knowledge, name: str, asked: Asked, clearance: Tlp
) -> DeviceDetail:
    """One device: of its last day, unless a time is asked for.

    Raises:
        NotFoundError: there is no such device in that time.
    """
    own = f"device = {quoted(name)}"
    since, until = _span(lake, asked, clearance, own, DAY)
    sums = _sums(lake, since, until, clearance)
    keys = [key for key in sums if key[1] == name]
    if not keys:
        raise NotFoundError("hardware.error.no_device", device=name)
    key = max(keys, key=lambda key: sums[key].last)
    told = _told(lake, since, until, clearance)
    chosen = f"{during(since, until)} AND {own}"
    segments, cut = _segments(lake, f"{chosen} AND mode = 'active'", _MOST_SEGMENTS, clearance)
    anomalies, _ = _segments(lake, f"{chosen} AND anomaly", _MOST_ANOMALIES, clearance)
    peers = [
        PeerOut(other.device, values(other))
        for place, other in sums.items()
        if other.fleet and other.fleet == sums[key].fleet and place != key
    ]
    return DeviceDetail(
        device=_device(key, sums[key], sums, told, (since, until)),
        since=since,
        until=until,
        envelope=_envelope(lake, own, since, until, clearance),
        segments=segments,
        anomalies=anomalies,
        peers=peers,
        findings=findings_about(knowledge, clearance, _ANALYSES, device=name),
        cut=cut,
    )


Key = tuple[str, str]  # sensor, device


def _rows(lake: Lake, sql: str, clearance: Tlp) -> list[Row]:
    found: list[Row] = lake.query(sql, limits=_LIMITS, clearance=clearance).table.to_pylist()
    return found


def _span(
    lake: Lake, asked: Asked, clearance: Tlp, own: str = "true", back: int = _SPAN
) -> tuple[int, int]:
    """The time that is shown: unless asked for, not before there was anything."""
    (found,) = _rows(
        lake,
        "SELECT min(epoch_us(ts)) AS first, max(epoch_us(ts) + duration_us) AS last "  # noqa: S608
        f"FROM power_segments WHERE {own}",
        clearance,
    )
    until = asked.until if asked.until is not None else (found["last"] or back) + 1
    earliest = min(found["first"] or 0, until - 1)
    since = asked.since if asked.since is not None else max(earliest, until - back)
    if since >= until:
        raise UsageError("hardware.error.time")
    return since, until


def _sums(lake: Lake, since: int, until: int, clearance: Tlp) -> dict[Key, Sums]:
    """What is counted of every device."""
    rows = _rows(
        lake,
        f"""SELECT sensor, device, arg_max(fleet, ts) AS fleet,
            CAST(count(*) FILTER (mode = 'active') AS BIGINT) AS bursts,
            CAST(coalesce(sum(duration_us) FILTER (mode = 'active'), 0) AS BIGINT) AS active_us,
            CAST(coalesce(sum(energy_uj) FILTER (mode = 'active'), 0) AS BIGINT) AS active_uj,
            CAST(coalesce(sum(duration_us) FILTER (mode = 'sleep'), 0) AS BIGINT) AS sleep_us,
            CAST(coalesce(sum(energy_uj) FILTER (mode = 'sleep'), 0) AS BIGINT) AS sleep_uj,
            max(peak_mw) AS peak_mw, min(epoch_us(ts)) AS first,
            max(epoch_us(ts) + duration_us) AS last, count(*) AS segments
            FROM power_segments WHERE {during(since, until)}
            GROUP BY sensor, device ORDER BY sensor, device""",  # noqa: S608
        clearance,
    )
    return {(row.pop("sensor"), row["device"]): Sums(**row) for row in rows}


class _Told(NamedTuple):
    """What was told of a device: anomalies by what fired, along time; profile, marking."""

    kinds: dict[str, int]
    course: list[int]
    worst: float | None
    profile: str
    tlp: str


def _told(lake: Lake, since: int, until: int, clearance: Tlp) -> dict[Key, _Told]:
    step = max(1, -(-(until - since) // _COURSE))
    rows = _rows(
        lake,
        f"""SELECT sensor, device, fired, (epoch_us(ts) - {since}) // {step} AS step,
            count(*) FILTER (anomaly) AS n, max(score) AS worst, max(profile) AS profile,
            arg_max(tlp, ts) AS tlp
            FROM power_segments WHERE {during(since, until)} GROUP BY ALL ORDER BY ALL""",  # noqa: S608
        clearance,
    )
    found = {}
    ordered = sorted(rows, key=lambda row: (row["sensor"], row["device"]))
    for key, own in itertools.groupby(ordered, key=lambda row: (row["sensor"], row["device"])):
        some = list(own)
        kinds: Counter[str] = Counter()
        course = [0] * _COURSE
        for row in some:
            if row["n"]:
                kinds[row["fired"]] += row["n"]
                course[min(_COURSE - 1, max(0, row["step"]))] += row["n"]
        worst = max((row["worst"] for row in some if row["worst"] is not None), default=None)
        profile = max(row["profile"] for row in some)
        found[key] = _Told(dict(kinds), course, worst, profile, _strictest(some))
    return found


def _strictest(rows: Iterable[Row]) -> str:
    from kaname.model.marking import Tlp, join

    return join(Tlp(row["tlp"]) for row in rows).value


def _device(
    key: Key, one: Sums, sums: dict[Key, Sums], told: dict[Key, _Told], span: tuple[int, int]
) -> DeviceOut:
    said = told[key]
    others = [
        values(other)
        for place, other in sums.items()
        if place != key and other.fleet and other.fleet == one.fleet
    ]
    measures = [_measure(name, value, others) for name, value in values(one).items()]
    return DeviceOut(
        device=one.device,
        group=one.fleet,
        sensor=key[0],
        tlp=said.tlp,
        first=max(one.first, span[0]),
        last=min(one.last, span[1]),
        seconds=round(one.seconds, 3),
        segments=one.segments,
        active=one.bursts,
        anomalies=sum(said.kinds.values()),
        worst=said.worst,
        odd=sum(each.odd for each in measures),
        profile=said.profile,
        measures=measures,
        kinds=said.kinds,
        course=said.course,
    )


def _measure(name: str, value: float | None, others: Sequence[dict[str, float | None]]) -> Measure:
    known = [other[name] for other in others if other[name] is not None]
    if value is None or len(known) < _PEERS:
        return Measure(name, value, None, None, None, odd=False)
    place = against(value, [float(each) for each in known if each is not None])
    odd = abs(place.distance) >= _ODD and place.percentile in {0.0, 100.0}
    return Measure(name, value, place.median, place.percentile, place.distance, odd=odd)


def _segments(
    lake: Lake, condition: str, most: int, clearance: Tlp
) -> tuple[list[SegmentOut], bool]:
    """The latest segments, in order of time, and whether there were more."""
    rows = _rows(
        lake,
        "SELECT epoch_us(ts) AS start, batch, row_in_src, duration_us, energy_uj, mean_mw, "  # noqa: S608
        "peak_mw, base_mw, mode, application, shape, score_energy, score_duration, score_shape, "
        f"score_rate, score, anomaly, fired FROM power_segments WHERE {condition} "
        f"ORDER BY ts DESC, mode LIMIT {most + 1}",
        clearance,
    )
    return [_segment(row) for row in reversed(rows[:most])], len(rows) > most


def _segment(row: Row) -> SegmentOut:
    top = max(row["shape"], default=0) or 1
    names = ("energy", "duration", "shape", "rate")
    scores = {name: row[f"score_{name}"] for name in names}
    return SegmentOut(
        place=f"{row['batch']}:{row['row_in_src']}",
        start=row["start"],
        duration_us=row["duration_us"],
        energy_uj=row["energy_uj"],
        mean_mw=row["mean_mw"],
        peak_mw=row["peak_mw"],
        base_mw=row["base_mw"],
        mode=row["mode"],
        application=row["application"],
        shape=[round(max(0, part) / max(1, top), 3) for part in row["shape"]],
        scores={name: score for name, score in scores.items() if score is not None},
        score=row["score"],
        anomaly=row["anomaly"],
        fired=[row["fired"]] if row["fired"] else [],
    )


def _envelope(lake: Lake, own: str, since: int, until: int, clearance: Tlp) -> Envelope:
    """Steps of whole seconds, so many that a screen has a use for them."""
    (span,) = _rows(
        lake,
        "SELECT min(epoch_us(ts)) AS first, max(epoch_us(ts)) AS last FROM power_envelopes "  # noqa: S608
        f"WHERE {during(since, until)} AND {own}",
        clearance,
    )
    if span["first"] is None:
        return Envelope(since, _SECOND, [], [], [])
    start = span["first"]
    seconds = (span["last"] - start) // _SECOND + 1
    step = _SECOND * max(1, -(-seconds // _STEPS))
    rows = _rows(
        lake,
        f"""SELECT (epoch_us(ts) - {start}) // {step} AS step, min(low_mw) AS low,
            sum(mean_mw * samples) / sum(samples) AS mean, max(high_mw) AS high
            FROM power_envelopes WHERE {during(since, until)} AND {own}
            GROUP BY 1 ORDER BY 1""",  # noqa: S608
        clearance,
    )
    count = rows[-1]["step"] + 1
    columns: dict[str, list[float | None]] = {
        name: [None] * count for name in ("low", "mean", "high")
    }
    for row in rows:
        for name, column in columns.items():
            column[row["step"]] = round(row[name], 3)
    return Envelope(start, step, columns["low"], columns["mean"], columns["high"])
