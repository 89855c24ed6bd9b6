"""Tiles: what each source of a slot of time did, small enough to see hundreds at once.

NICTER shows one tile for a source host: points of time against destination address, and of
time against destination port. A scanner of the whole telescope, a search for one port, the
answers of a victim and a wrong setting look different at a glance, and hosts that look
alike stand out among hundreds.

The points come as columns (little-endian): tile, time and destination as parts of 65,535,
port and packet type, so that a browser can draw them as they are.
"""

# ruff: noqa: S608 - only instants, numbers and a quoted name are put in

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from kaname.lake.records import Limits
from kaname.lake.tables import tables
from kaname.model.address import to_text
from kaname.model.instant import DAY, MINUTE, floor, format_us
from kaname.model.marking import Tlp
from kaname.model.packets import PTYPES

if TYPE_CHECKING:
    import pyarrow as pa

    from kaname.lake import Lake
    from kaname.lake.networks import Networks

__all__ = ["MOST", "Order", "Points", "Slot", "Tile", "Tiles", "tiles"]

MOST = 500
_POINTS = 300  # of one tile; of more, an even sample
_WIDEST = DAY  # a tile shows minutes: of more than a day nothing could be seen
_KNOWN = 7 * DAY  # a source that was not seen for so long is new
_FULL = 65_535
_LIMITS = Limits(rows=MOST * _POINTS, seconds=20.0)

Order = Literal["packets", "label", "new"]


class Slot(msgspec.Struct, frozen=True, kw_only=True):
    """What to show: ``since <= time < until``, and which sources of it."""

    since: int
    until: int
    sensor: str = ""
    label: str = ""
    port: int | None = None
    country: str = ""
    order: Order = "packets"
    limit: int = MOST


class Tile(msgspec.Struct, frozen=True, kw_only=True):
    """One source in the slot. ``new``: not seen in the seven days before (None: unknown)."""

    source: str
    packets: int
    ports: int
    destinations: int
    first: int
    last: int
    ptype: str
    label: str
    country: str
    new: bool | None


class Points(msgspec.Struct, frozen=True, kw_only=True):
    """Columns in Base64: ``tile``, ``time``, ``dst``, ``port`` uint16, ``ptype`` uint8."""

    count: int
    tile: str
    time: str
    dst: str
    port: str
    ptype: str


class Tiles(msgspec.Struct, frozen=True, kw_only=True):
    """The tiles of a slot. ``sources`` is how many there are in it, ``labels`` of which kind."""

    since: int
    until: int
    sources: int
    labels: dict[str, int]
    countries: dict[str, int]
    ptypes: tuple[str, ...]
    tiles: tuple[Tile, ...]
    points: Points
    sql: str


def tiles(lake: Lake, clearance: Tlp, slot: Slot, networks: Networks | None = None) -> Tiles:
    """The tiles of ``slot``: at most a day of it, whole minutes.

    Raises:
        LimitError: there is too much to count in the time that a page may take.
    """
    since = floor(slot.since, MINUTE)
    until = min(slot.until, since + _WIDEST)
    where = _where(slot, since, until)
    sql = _SOURCES.format(where=where, days=_days(lake, since, until, clearance))
    found = lake.query(sql, limits=Limits(rows=2_000_000, seconds=20.0), clearance=clearance).table
    countries = _countries(found, networks)
    chosen, labels, places = _chosen(found, countries, slot)
    seen = _seen_before(lake, chosen, since, clearance)
    shown = [_tile(row, country, seen) for row, country in chosen]
    if slot.order == "new":
        order = sorted(range(len(shown)), key=lambda n: (shown[n].new is False, n))
        chosen, shown = [chosen[n] for n in order], [shown[n] for n in order]
    shown, chosen = shown[: slot.limit], chosen[: slot.limit]
    return Tiles(
        since=since,
        until=until,
        sources=found.num_rows,
        labels=labels,
        countries=places,
        ptypes=PTYPES,
        tiles=tuple(shown),
        points=_points(lake, clearance, where, [row for row, _ in chosen], (since, until)),
        sql=sql,
    )


# One row a source of the slot. The label is that of its most packets on that day.
_SOURCES = """\
SELECT seen.*, coalesce(days.label, '') AS label FROM (
  SELECT src_hi, src_lo, CAST(sum(packets) AS BIGINT) AS packets,
    count(DISTINCT port) AS ports,
    count(DISTINCT (dst_hi, dst_lo)) AS destinations,
    epoch_us(min(ts)) AS first, epoch_us(max(ts)) AS last,
    arg_max(ptype, packets) AS ptype
  FROM flowtuples WHERE {where} GROUP BY src_hi, src_lo) AS seen
LEFT JOIN ({days}) AS days USING (src_hi, src_lo)
ORDER BY packets DESC, src_hi, src_lo"""
_NO_DAYS = "SELECT 0::BIGINT AS src_hi, 0::BIGINT AS src_lo, '' AS label WHERE false"
_POINTS_OF = """\
SELECT place, second, dst_hi, dst_lo, port, ptype FROM (
  SELECT chosen.place, (epoch_us(ts) - {since}) // 1000000 + first_s AS second,
    dst_hi, dst_lo, port, ptype,
    row_number() OVER (PARTITION BY chosen.place
      ORDER BY hash(ts, dst_lo, port, ptype), ts, dst_lo, port, ptype) AS number
  FROM flowtuples JOIN (VALUES {pairs}) AS chosen(place, src_hi, src_lo)
    ON flowtuples.src_hi = chosen.src_hi AND flowtuples.src_lo = chosen.src_lo
  WHERE {where}) WHERE number <= {points} ORDER BY place, second, dst_hi, dst_lo, port, ptype"""


def _instant(instant: int) -> str:
    return f"TIMESTAMPTZ '{format_us(instant)}'"


def _where(slot: Slot, since: int, until: int) -> str:
    parts = [f"ts >= {_instant(since)} AND ts < {_instant(until)}"]
    if slot.sensor:
        quoted = slot.sensor.replace("'", "''")
        parts.append(f"sensor = '{quoted}'")
    if slot.port is not None:
        parts.append(f"port = {slot.port}")
    return " AND ".join(parts)


def _days(lake: Lake, since: int, until: int, clearance: Tlp) -> str:
    """A SELECT of the labels that sources have on the days of the slot."""
    first, end = floor(since, DAY), floor(until - 1, DAY) + DAY
    if not _has_days(lake, first, end, clearance):
        return _NO_DAYS
    return (
        "SELECT src_hi, src_lo, arg_max(label, packets) AS label FROM source_days "
        f"WHERE ts >= {_instant(first)} AND ts < {_instant(end)} GROUP BY src_hi, src_lo"
    )


def _has_days(lake: Lake, since: int, until: int, clearance: Tlp) -> bool:
    if "source_days" not in tables():
        return False
    return bool(lake.files("source_days", since=since, until=until, clearance=clearance))


def _countries(found: pa.Table, networks: Networks | None) -> list[str]:
    if not networks or not found.num_rows:
        return [""] * found.num_rows
    hi, lo = (found.column(name).to_numpy() for name in ("src_hi", "src_lo"))
    places, codes = networks.countries(hi, lo)
    return [codes[place] for place in places.tolist()]


def _chosen(
    found: pa.Table, countries: list[str], slot: Slot
) -> tuple[list[tuple[dict[str, Any], str]], dict[str, int], dict[str, int]]:
    """The sources that fit, in their order, and how many there are by label and country."""
    import pyarrow as pa
    import pyarrow.compute as pc

    labels = _tally(pc.value_counts(found.column("label")))
    places: dict[str, int] = {}
    for country in countries:
        places[country] = places.get(country, 0) + 1
    numbers = range(found.num_rows)
    if slot.label:
        wanted = found.column("label").to_pylist()
        numbers = [n for n in numbers if wanted[n] == slot.label]  # type: ignore[assignment]
    if slot.country:
        numbers = [n for n in numbers if countries[n] == slot.country]  # type: ignore[assignment]
    # Who is new is only known of those that are looked up: of many, the busiest.
    most = 8 * MOST if slot.order == "new" else MOST
    if slot.order == "label":
        names = found.column("label").to_pylist()
        numbers = sorted(numbers, key=lambda n: (names[n] or "~", n))  # type: ignore[assignment]
    kept = list(numbers[:most])
    rows = found.take(pa.array(kept, pa.int64())).to_pylist()
    ordered = dict(sorted(places.items(), key=lambda pair: (-pair[1], pair[0])))
    return [(row, countries[n]) for row, n in zip(rows, kept, strict=True)], labels, ordered


def _tally(counted: Any) -> dict[str, int]:
    pairs = [(one["values"], one["counts"]) for one in counted.to_pylist()]
    return dict(sorted(pairs, key=lambda pair: (-pair[1], pair[0])))


def _seen_before(
    lake: Lake, chosen: list[tuple[dict[str, Any], str]], since: int, clearance: Tlp
) -> set[tuple[int, int]] | None:
    """Which of them were seen in the days before; None where no day before was labelled."""
    day = floor(since, DAY)
    if not chosen or not _has_days(lake, day - _KNOWN, day, clearance):
        return None
    pairs = ", ".join(f"({row['src_hi']}, {row['src_lo']})" for row, _ in chosen)
    sql = (
        "SELECT DISTINCT src_hi, src_lo FROM source_days "
        f"WHERE ts >= {_instant(day - _KNOWN)} AND ts < {_instant(day)} "
        f"AND (src_hi, src_lo) IN ({pairs})"
    )
    table = lake.query(sql, limits=_LIMITS, clearance=clearance).table
    return {(row["src_hi"], row["src_lo"]) for row in table.to_pylist()}


def _tile(row: dict[str, Any], country: str, seen: set[tuple[int, int]] | None) -> Tile:
    source = (row["src_hi"], row["src_lo"])
    return Tile(
        source=to_text(*source),
        packets=row["packets"],
        ports=row["ports"],
        destinations=row["destinations"],
        first=row["first"],
        last=row["last"],
        ptype=row["ptype"],
        label=row["label"],
        country=country,
        new=None if seen is None else source not in seen,
    )


def _points(
    lake: Lake, clearance: Tlp, where: str, chosen: list[dict[str, Any]], span: tuple[int, int]
) -> Points:
    import numpy as np

    since, until = span
    if not chosen:
        return Points(count=0, tile="", time="", dst="", port="", ptype="")
    pairs = ", ".join(
        f"({place}, {row['src_hi']}::BIGINT, {row['src_lo']}::BIGINT)"
        for place, row in enumerate(chosen)
    )
    sql = _POINTS_OF.format(since=since, pairs=pairs, where=where, points=_POINTS)
    table = lake.query(sql, limits=_LIMITS, clearance=clearance).table
    place, second, hi, lo, port = (
        table.column(name).to_numpy().astype(np.int64)
        for name in ("place", "second", "dst_hi", "dst_lo", "port")
    )
    length = max(1, (until - since) // 1_000_000)
    number = {name: at for at, name in enumerate(PTYPES)}
    kinds = [number.get(name, 0) for name in table.column("ptype").to_pylist()]
    return Points(
        count=table.num_rows,
        tile=_packed(place, "<u2"),
        time=_packed(np.minimum(_FULL, second * _FULL // length), "<u2"),
        dst=_packed(_positions(hi, lo), "<u2"),
        port=_packed(port & 0xFFFF, "<u2"),
        ptype=_packed(np.array(kinds), "u1"),
    )


def _positions(hi: Any, lo: Any) -> Any:
    """Where destinations lie in the telescope, 0 to 65,535: block after block, gaps closed."""
    import numpy as np

    blocks = np.stack([hi, lo >> 8], 1)
    known, rank = np.unique(blocks, axis=0, return_inverse=True)
    last = max(1, 256 * len(known) - 1)
    return (rank.reshape(-1) * 256 + (lo & 0xFF)) * _FULL // last


def _packed(column: Any, kind: str) -> str:
    return base64.b64encode(column.astype(kind).tobytes()).decode()
