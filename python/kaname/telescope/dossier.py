"""The dossier of a source: everything the telescope knows of one address.

What it did (labels with probabilities and shares, and why), when (minutes with packets,
sessions), on which services, with which fingerprints, who it belongs to where that is
known, and which findings name it. Addresses of the telescope itself are in no dossier:
how many were reached is told, never which.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from kaname.analysis.selection import during
from kaname.model.address import IPv4_LOW, from_text, to_text
from kaname.model.instant import DAY, HOUR, MINUTE, floor
from kaname.model.packets import RELATIONS
from kaname.telescope.families import FAMILIES, Mark
from kaname.telescope.words import service

if TYPE_CHECKING:
    from kaname.lake import Lake
    from kaname.lake.networks import Networks
    from kaname.model.marking import Tlp

__all__ = ["Asked", "Course", "Doing", "Dossier", "Service", "Span", "Trait", "dossier"]

_BARS = 240  # of the course of time
_SERVICES, _SESSIONS, _TRAITS = 100, 200, 8
_STEPS = (MINUTE, 5 * MINUTE, 10 * MINUTE, HOUR, 6 * HOUR, DAY)
_MARKS = (
    ("mirai", Mark.MIRAI),
    ("masscan", Mark.MASSCAN),
    ("zmap2", Mark.ZMAP2),
    ("zmap4", Mark.ZMAP4),
    ("zmap4_clock", Mark.ZMAP4_CLOCK),
    ("probe", Mark.PROBE),
    ("same_seq", Mark.SAME_SEQ),
    ("same_sport", Mark.SAME_SPORT),
    ("df", Mark.DF),
    ("options", Mark.OPTIONS),
)


class Doing(msgspec.Struct, frozen=True):
    """One label, over all days; why it is given says `kaname.telescope.rejudging`."""

    label: str
    probability: float
    share: float
    packets: int
    family: str
    tool: str
    service: str
    ports: int
    destinations: int
    sessions: int
    days: int
    first: int
    last: int


class Service(msgspec.Struct, frozen=True):
    """What was asked for, or answered from."""

    service: str
    ptype: str
    port: int
    packets: int
    minutes: int
    first: int
    last: int


class Span(msgspec.Struct, frozen=True):
    """A session: from its first to its last packet."""

    first: int
    last: int
    packets: int


class Course(msgspec.Struct, frozen=True):
    """Packets along time by packet type: bin ``n`` begins at ``start + n * step``."""

    start: int
    step: int
    series: dict[str, list[int]]


class Trait(msgspec.Struct, frozen=True):
    """A property of packets, and how many of them have it."""

    name: str
    packets: int


class Dossier(msgspec.Struct, frozen=True, kw_only=True):
    """Everything on one address between ``since`` and ``until``; instants in microseconds."""

    address: str
    since: int
    until: int
    packets: int
    first: int
    last: int
    sensors: tuple[str, ...]
    destinations: int
    country: str
    asn: int
    as_name: str
    prefix: str
    doings: tuple[Doing, ...]
    course: Course
    services: tuple[Service, ...]
    sessions: tuple[Span, ...]
    expiry: int  # seconds of silence between sessions
    marks: tuple[Trait, ...]
    relations: tuple[Trait, ...]
    ttls: tuple[Trait, ...]
    windows: tuple[Trait, ...]
    sql: str


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Which dossier: None for a bound takes all that is kept of the source."""

    address: str
    since: int | None = None
    until: int | None = None


def dossier(lake: Lake, networks: Networks, asked: Asked, clearance: Tlp) -> Dossier | None:
    """The dossier of an address; None where the telescope has no packet of it.

    Raises:
        UsageError: the address is none.
    """
    hi, lo = from_text(asked.address)
    reader = _Reader(lake, clearance, hi, lo)
    span = reader.span(asked.since, asked.until)
    if span is None:
        return None
    since, until, days = span
    rows = reader.rows(since, until)
    if not rows:
        return None
    expiry = reader.expiry(rows[-1]["minute"])
    origin = networks.origin(asked.address)
    packets = sum(row["packets"] for row in rows)
    return Dossier(
        address=to_text(hi, lo),
        since=since,
        until=until,
        packets=packets,
        first=min(row["minute"] + row["second"] for row in rows),
        last=max(row["minute"] + row["second"] for row in rows),
        sensors=tuple(sorted({row["sensor"] for row in rows})),
        destinations=reader.destinations(since, until),
        country=origin.country,
        asn=origin.asn,
        as_name=origin.name,
        prefix=origin.prefix,
        doings=_doings(days),
        course=_course(rows),
        services=_services(rows),
        sessions=_sessions(rows, expiry),
        expiry=expiry,
        marks=_traits((name, _packets(rows, "marks", bit)) for name, bit in _MARKS),
        relations=_relations(rows),
        ttls=_most(rows, "ttl"),
        windows=_most([row for row in rows if row["ptype"].startswith("tcp")], "win"),
        sql=reader.sql(since, until),
    )


class _Reader:
    """Asks the lake about one source."""

    def __init__(self, lake: Lake, clearance: Tlp, hi: int, lo: int) -> None:
        self._lake, self._clearance = lake, clearance
        self._own = f"src_hi = {hi} AND src_lo = {lo}"

    def _ask(self, sql: str) -> list[dict[str, Any]]:
        from kaname.lake.records import Limits

        limits = Limits(rows=200_000, seconds=20.0)
        found: list[dict[str, Any]] = self._lake.query(
            sql, limits=limits, clearance=self._clearance
        ).table.to_pylist()
        return found

    def span(
        self, since: int | None, until: int | None
    ) -> tuple[int, int, list[dict[str, Any]]] | None:
        """Bounds of what is kept of the source, and its days.

        Without days (nothing was derived yet) that of the lake, since packets count too.
        """
        begin = since if since is not None else 0
        end = until if until is not None else 253_402_214_400_000_000
        days = self._ask(
            "SELECT label, family, tool, confidence, packets, ports, port, port_packets,\n"
            "  destinations, sessions, epoch_us(ts) AS first, epoch_us(last) AS last\n"
            f"FROM source_days\nWHERE {during(begin, end)} AND {self._own}\nORDER BY ts, part"
        )
        if days:
            first = floor(min(day["first"] for day in days), DAY)
            last = floor(max(day["last"] for day in days), DAY) + DAY
            return max(begin, first), min(end, last), days
        files = [f for f in self._lake.files("flowtuples") if f.tlp <= self._clearance]
        if not files:
            return None
        low, high = min(f.min_ts for f in files), max(f.max_ts for f in files)
        return max(begin, floor(low, DAY)), min(end, high + MINUTE), days

    def rows(self, since: int, until: int) -> list[dict[str, Any]]:
        """Packets by minute and service, in order of time."""
        return self._ask(
            "SELECT epoch_us(ts) AS minute, sensor, ptype, port, proto, fp_all AS marks,\n"
            "  coalesce(inv_all, 0) AS relations, ttl_mode AS ttl, win_first AS win,\n"
            "  CAST(sum(packets) AS BIGINT) AS packets,\n"
            "  CAST(min(first_s) * 1000000 AS BIGINT) AS second\n"
            f"FROM flowtuples\nWHERE {during(since, until)} AND {self._own}\n"
            "GROUP BY ALL ORDER BY ALL"
        )

    def destinations(self, since: int, until: int) -> int:
        """Distinct addresses that it reached."""
        found = self._ask(
            "SELECT count(DISTINCT (dst_hi, dst_lo)) AS n FROM (\n"  # noqa: S608
            "  SELECT dst_hi, dst_lo FROM flowtuples\n"
            f"  WHERE {during(since, until)} AND {self._own}\n"
            "  UNION ALL SELECT dst_hi, dst_lo - (dst_lo & 255) + (unnest(dst_more) & 255)\n"
            f"  FROM flowtuples WHERE {during(since, until)} AND {self._own})"
        )
        return int(found[0]["n"])

    def expiry(self, at: int) -> int:
        """Seconds of silence that end a session, by the size that the telescope shows."""
        from kaname.telescope.traffic import BLOCK, Extent

        day = floor(at, DAY)
        seen = self._ask(
            f"SELECT count(DISTINCT dst_lo // {BLOCK}) AS blocks FROM flowtuples\n"  # noqa: S608
            f"WHERE {during(day, day + DAY)} AND dst_hi = 0 AND dst_lo >= {IPv4_LOW}"
        )
        return Extent(int(seen[0]["blocks"]) * BLOCK, 0, 0).expiry

    def sql(self, since: int, until: int) -> str:
        """What anybody may run to see the rows."""
        return (
            f"SELECT * FROM flowtuples\nWHERE {during(since, until)}\n"  # noqa: S608
            f"  AND {self._own}\nORDER BY ts"
        )


def _doings(days: list[dict[str, Any]]) -> tuple[Doing, ...]:
    """Days put together by label and family, the one with the most packets first."""
    parts: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for day in days:
        parts.setdefault((day["label"], day["family"]), []).append(day)
    whole = sum(day["packets"] for day in days)
    found = [_doing(key, own, whole) for key, own in parts.items()]
    return tuple(sorted(found, key=lambda doing: (-doing.packets, doing.label, doing.family)))


def _doing(key: tuple[str, str], own: list[dict[str, Any]], whole: int) -> Doing:
    packets = sum(day["packets"] for day in own)
    busiest = max(own, key=lambda day: (day["port_packets"], -day["first"]))
    sure = sum(day["confidence"] * day["packets"] for day in own) / packets
    return Doing(
        label=key[0],
        probability=round(sure, 4),
        share=round(packets / whole, 4),
        packets=packets,
        family=key[1],
        tool=next((day["tool"] for day in own if day["tool"]), ""),
        service=service(key[1], busiest["port"]),
        ports=max(day["ports"] for day in own),
        destinations=max(day["destinations"] for day in own),
        sessions=sum(day["sessions"] for day in own),
        days=len({floor(day["first"], DAY) for day in own}),
        first=min(day["first"] for day in own),
        last=max(day["last"] for day in own),
    )


def _course(rows: list[dict[str, Any]]) -> Course:
    first, last = rows[0]["minute"], rows[-1]["minute"]
    fitting = (step for step in _STEPS if (last - first) // step < _BARS)
    step = next(fitting, DAY * math.ceil((last - first + 1) / (_BARS * DAY)))
    start = floor(first, step)
    bins = (last - start) // step + 1
    series: dict[str, list[int]] = {}
    for row in rows:
        line = series.setdefault(row["ptype"], [0] * bins)
        line[(row["minute"] - start) // step] += row["packets"]
    return Course(start, step, dict(sorted(series.items(), key=lambda one: -sum(one[1]))))


def _services(rows: list[dict[str, Any]]) -> tuple[Service, ...]:
    parts: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for row in rows:
        parts.setdefault((row["ptype"], row["port"]), []).append(row)
    found = [
        Service(
            service=_service(ptype, port),
            ptype=ptype,
            port=port,
            packets=sum(row["packets"] for row in own),
            minutes=len({row["minute"] for row in own}),
            first=min(row["minute"] + row["second"] for row in own),
            last=max(row["minute"] + row["second"] for row in own),
        )
        for (ptype, port), own in parts.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.packets, one.ptype, one.port))[:_SERVICES])


def _service(ptype: str, port: int) -> str:
    family = next((f.name for f in FAMILIES if ptype in f.ptypes), "other")
    return service(family, port)


def _sessions(rows: list[dict[str, Any]], expiry: int) -> tuple[Span, ...]:
    """Sessions, the last first; silences are told to the second of a minute's first packet."""
    found: list[list[int]] = []
    for row in sorted(rows, key=lambda one: one["minute"] + one["second"]):
        at = row["minute"] + row["second"]
        if found and at - found[-1][1] <= expiry * 1_000_000:
            found[-1][1], found[-1][2] = at, found[-1][2] + row["packets"]
        else:
            found.append([at, at, row["packets"]])
    return tuple(Span(*one) for one in found[::-1][:_SESSIONS])


def _packets(rows: list[dict[str, Any]], column: str, bit: int) -> int:
    return sum(row["packets"] for row in rows if row[column] & bit)


def _traits(pairs: Iterable[tuple[str, int]]) -> tuple[Trait, ...]:
    found = (Trait(name, packets) for name, packets in pairs if packets)
    return tuple(sorted(found, key=lambda trait: (-trait.packets, trait.name)))


def _relations(rows: list[dict[str, Any]]) -> tuple[Trait, ...]:
    """Relations of header fields to the destination that two packets or more satisfy."""
    judged = [row for row in rows if row["relations"] > 0]
    counted = ((name, _packets(judged, "relations", 1 << n)) for n, name in enumerate(RELATIONS))
    return _traits((name, packets) for name, packets in counted if packets > 1)


def _most(rows: list[dict[str, Any]], column: str) -> tuple[Trait, ...]:
    counted: dict[int, int] = {}
    for row in rows:
        counted[row[column]] = counted.get(row[column], 0) + row["packets"]
    return _traits((str(value), packets) for value, packets in counted.items())[:_TRAITS]
