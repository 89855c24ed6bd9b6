"""Stored packets as frames: what a screen shows when it looks back.

`flowtuples` keep packets by minute, not each for itself. A row is unrolled into its
packets: the first at the second that the row knows, the others spread over what is left of
the minute, each to one of the destinations that the row knows. Of more packets than a
screen can show a sample is taken, in which every packet had the same chance; how many
packets a point stands for is told. The same question always gives the same points: what
looks random is made of the place of the row in its source.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from kaname.lake.records import Limits
from kaname.model.errors import UsageError
from kaname.model.instant import DAY, MINUTE, format_us, now_us
from kaname.model.packets import PTYPES
from kaname.telescope.feed import (
    FOLDED,
    NO_DPORT,
    NO_SPORT,
    TOOLS,
    Columns,
    Header,
    empty,
    encode,
    fold,
    ports_unknown,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    from kaname.lake import Lake
    from kaname.model.marking import Tlp
    from kaname.telescope.feed import U16, U32
    from kaname.telescope.origins import Origins

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]
    Countries = Callable[[Ints, Ints], U16]

__all__ = ["LONGEST", "MOST", "Slice", "replay"]

MOST = 100_000  # points of a slice
LONGEST = 31 * DAY
_LATEST = 100_000_000_000_000_000  # in the year 5138: calendars can say it
_UNIT_US = 1000
_SECONDS = 20.0
_AIM = 0.98  # of the points asked for: a sample's size varies a little

# Answers are kept under the port that they come from, requests under the one they go to.
_ANSWERS = frozenset({"tcp_synack", "tcp_rst", "udp_answer"})
_V4_PREFIX = 0xFFFF

_TOTAL = """
SELECT sum(packets)::BIGINT AS packets FROM flowtuples
WHERE ts >= {since} AND ts < {until}{sensor}
"""
# `luck` is the place in the source times the golden ratio, of which the fraction counts: an
# even sequence, so that a sample is as large as it should be. (The remainder of a division
# would take five times as long as `floor`.)
_POINTS = """
WITH rows AS (
  SELECT epoch_us(ts) AS minute, first_s, src_hi, src_lo, dst_hi, dst_lo, dst_more, port,
         ptype, packets, fp_all, sensor,
         row_in_src * 0.6180339887498949e0 - floor(row_in_src * 0.6180339887498949e0) AS luck
  FROM flowtuples WHERE ts >= {since} AND ts < {until}{sensor})
SELECT *, floor(packets * {share} + luck)::INTEGER AS points FROM rows
WHERE packets * {share} + luck >= 1
"""


@dataclass(frozen=True, slots=True)
class Slice:
    """Which packets: [since, until), microseconds, of one sensor or of all."""

    since: int
    until: int
    sensor: str = ""
    limit: int = MOST


def replay(lake: Lake, clearance: Tlp, of: Slice, origins: Origins) -> bytes:
    """The frame of a slice (`kaname.telescope.feed`).

    Raises:
        UsageError: the slice is empty, or longer than `LONGEST`.
        LimitError: there is more than can be read in the time that a page may take.
    """
    if not (0 <= of.since < of.until <= _LATEST and of.until - of.since <= LONGEST):
        raise UsageError("telescope.error.slice", days=LONGEST // DAY)
    packets = _total(lake, clearance, of)
    if packets == 0:
        return encode(_header(of, 0), empty())
    share = min(1.0, of.limit * _AIM / packets)
    rows = _query(
        lake, clearance, _POINTS, of, rows=of.limit + of.limit // 10, share=f"{share:.17e}"
    )
    columns, sensors = _columns(rows, of, origins.countries)
    header = _header(of, packets, columns, sensors)
    return encode(msgspec.structs.replace(header, credits=origins.credits), columns)


def _total(lake: Lake, clearance: Tlp, of: Slice) -> int:
    first = of.since - of.since % MINUTE
    if not lake.files("flowtuples", since=first, until=of.until, clearance=clearance):
        return 0
    [row] = _query(lake, clearance, _TOTAL, of, rows=1).to_pylist()
    return int(row["packets"] or 0)


def _query(
    lake: Lake, clearance: Tlp, sql: str, of: Slice, *, rows: int, **values: str
) -> pa.Table:
    quoted = of.sensor.replace("'", "''")
    asked = sql.format(
        since=f"TIMESTAMPTZ '{format_us(of.since - of.since % MINUTE)}'",
        until=f"TIMESTAMPTZ '{format_us(of.until)}'",
        sensor=f" AND sensor = '{quoted}'" if of.sensor else "",
        **values,
    )
    limits = Limits(rows=rows, seconds=_SECONDS)
    return lake.query(asked, limits=limits, clearance=clearance).table


def _header(
    of: Slice, packets: int, columns: Columns | None = None, sensors: tuple[str, ...] = ()
) -> Header:
    return Header(
        count=len(columns.src) if columns else 0,
        base=of.since,
        until=of.until,
        unit_us=_UNIT_US,
        packets=packets,
        at=now_us(),
        folded=int(((columns.marks & FOLDED) != 0).sum()) if columns else 0,
        sensors=sensors,
    )


def _columns(rows: pa.Table, of: Slice, countries: Countries) -> tuple[Columns, tuple[str, ...]]:
    """The points of all rows, in the order of time."""
    import numpy as np

    sensors = tuple(sorted(rows["sensor"].unique().to_pylist()))
    points = rows["points"].to_numpy()
    at = np.repeat(np.arange(len(points)), points)  # the row of each point
    nth = np.arange(len(at)) - np.repeat(np.cumsum(points) - points, points)
    luck = _luck(rows["luck"].to_numpy(), at, nth)
    when = _when(rows, at, nth, luck) - of.since
    inside = np.flatnonzero((when >= 0) & (when < of.until - of.since))
    order = inside[np.argsort(when[inside], kind="stable")]
    if len(order) > of.limit:
        order = order[np.linspace(0, len(order) - 1, of.limit).astype(np.int64)]
    at, nth = at[order], nth[order]
    origin = rows["src_hi"].to_numpy()[at], rows["src_lo"].to_numpy()[at]
    src, v6 = _addresses(*origin)
    dst, _ = _addresses(rows["dst_hi"].to_numpy()[at], _destination(rows, at, luck[order]))
    ptype, answers = _types(rows["ptype"])
    sport, dport, marks = _ports(rows, at, ptype[at], answers[at])
    return Columns(
        after=(when[order] // _UNIT_US).astype(np.uint32),
        src=src,
        dst=dst,
        sport=sport,
        dport=dport,
        marks=marks | np.where(v6, FOLDED, 0).astype(np.uint16),
        country=countries(*origin),
        ptype=ptype[at],
    ), sensors


def _luck(of_rows: Floats, at: Ints, nth: Ints) -> Floats:
    """A number in [0, 1) for each point, the same each time."""
    import numpy as np

    found: Floats = np.mod(of_rows[at] * 7919.0 + nth * 0.6180339887498949, 1.0)
    return found


def _when(rows: pa.Table, at: Ints, nth: Ints, luck: Floats) -> Ints:
    """When each point is shown, microseconds: the first of a row in the second it came."""
    import numpy as np

    points = rows["points"].to_numpy()[at]
    first = rows["first_s"].to_numpy()[at].astype(np.float64)
    later = (nth + luck) / np.maximum(points, 1) * (60.0 - first)
    seconds = np.where(nth == 0, np.minimum(luck, 0.999), later)
    found: Ints = rows["minute"].to_numpy()[at] + ((first + seconds) * 1e6).astype(np.int64)
    return found


def _destination(rows: pa.Table, at: Ints, luck: Floats) -> Ints:
    """The lower word of the address that a point goes to: one of those that the row knows."""
    import numpy as np

    first = rows["dst_lo"].to_numpy()
    more = rows["dst_more"].combine_chunks()
    if not len(more):
        alone: Ints = first[at]
        return alone
    lengths = more.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
    values = more.flatten().to_numpy(zero_copy_only=False)
    starts = np.cumsum(lengths) - lengths
    chosen = (luck * (lengths[at] + 1)).astype(np.int64)  # 0: the first destination
    other = np.minimum(starts[at] + np.maximum(chosen - 1, 0), max(0, len(values) - 1))
    low = values[other] if len(values) else np.zeros(len(at), np.int64)
    there = (first[at] & ~0xFF) | (low.astype(np.int64) & 0xFF)
    found: Ints = np.where(chosen == 0, first[at], there)
    return found


def _addresses(hi: Ints, lo: Ints) -> tuple[U32, Any]:
    """32 bits of each address, and which of them are IPv6."""
    import numpy as np

    high, low = hi.view(np.uint64), lo.view(np.uint64)
    v6 = (high != 0) | (low >> np.uint64(32) != _V4_PREFIX)
    return np.where(v6, fold(high, low), (low & np.uint64(0xFFFFFFFF)).astype(np.uint32)), v6


def _types(column: pa.ChunkedArray) -> tuple[Any, Any]:
    """The number of each row's packet type, and whether such packets are answers."""
    import numpy as np
    import pyarrow.compute as pc

    codes = pc.index_in(column.cast("string"), value_set=_ptypes()).fill_null(0)
    found = codes.to_numpy().astype(np.uint8)
    return found, np.isin(found, [PTYPES.index(name) for name in _ANSWERS])


def _ptypes() -> pa.Array:
    import pyarrow as pa

    return pa.array(PTYPES)


def _ports(rows: pa.Table, at: Ints, ptype: Any, answers: Any) -> tuple[U16, U16, U16]:
    """Source port, destination port and marks: the port that a row does not keep is marked."""
    import numpy as np

    port = rows["port"].to_numpy()[at].astype(np.uint16)
    marks = (rows["fp_all"].to_numpy()[at] & TOOLS).astype(np.uint16)
    marks |= np.where(answers, NO_DPORT, NO_SPORT).astype(np.uint16) | ports_unknown(ptype)
    nothing = np.uint16(0)
    return np.where(answers, port, nothing), np.where(answers, nothing, port), marks
