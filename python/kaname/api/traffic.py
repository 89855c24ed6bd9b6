"""What was observed in a period and in the one before it, from the lake's flowtuples."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kaname.api.shapes import Count, TimePoint
from kaname.model.instant import DAY, HOUR, MINUTE, floor, format_us
from kaname.model.marking import Tlp

if TYPE_CHECKING:
    from kaname.lake import Lake

__all__ = ["Traffic", "bucket_of", "traffic"]

_TABLE = "flowtuples"
_BARS = 48
_WIDTHS = (MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, DAY, 7 * DAY)
_TOP = 10

# Two passes over the rows, one by bar and source, one by service and source: grouping by
# all of them at once costs three times as much.
_COUNTS = """
WITH seen AS MATERIALIZED (
  SELECT ts >= {middle} AS late, epoch_us(ts) - epoch_us(ts) % {width} AS bar,
         src_hi, src_lo, sum(packets)::BIGINT AS packets
  FROM flowtuples WHERE ts >= {start} AND ts < {end} GROUP BY ALL),
bars AS (SELECT late, bar, sum(packets)::BIGINT AS packets, count(*) AS hosts
         FROM seen GROUP BY ALL),
sources AS (SELECT late, src_hi, src_lo, sum(packets)::BIGINT AS packets FROM seen GROUP BY ALL),
whole AS (SELECT late, sum(packets)::BIGINT AS packets, count(*) AS hosts
          FROM sources GROUP BY ALL),
visits AS (SELECT DISTINCT ts >= {middle} AS late, proto * 65536 + port AS service, src_hi, src_lo
           FROM flowtuples
           WHERE ts >= {start} AND ts < {end} AND ptype IN ('tcp_syn', 'udp')),
ports AS (SELECT service, count(*) FILTER (late) AS hosts, count(*) FILTER (NOT late) AS earlier
          FROM visits GROUP BY ALL)
SELECT 'bar' AS kind, late, bar AS key, packets, hosts FROM bars
UNION ALL SELECT 'whole', late, 0, packets, hosts FROM whole
UNION ALL SELECT 'port', true, service, earlier, hosts
          FROM (SELECT * FROM ports ORDER BY hosts DESC, service LIMIT {top})
"""


@dataclass(slots=True)
class Traffic:
    """Packets and distinct source hosts of two adjoining periods of equal length."""

    packets: int = 0
    packets_before: int = 0
    hosts: int = 0
    hosts_before: int = 0
    ports: list[Count] = field(default_factory=list)  # hosts by service that was asked for
    bars: list[TimePoint] = field(default_factory=list)
    bars_before: list[TimePoint] = field(default_factory=list)


def bucket_of(length: int) -> int:
    """Width of a bar, so that a period has at most about `_BARS` of them."""
    return next((width for width in _WIDTHS if length <= _BARS * width), _WIDTHS[-1])


def traffic(lake: Lake, clearance: Tlp, since: int, until: int) -> Traffic:
    """Count [since, until) and the period of the same length before it.

    Raises:
        LimitError: there is too much to count in the time that a page may take.
    """
    before = max(0, 2 * since - until)
    if not lake.files(_TABLE, since=before, until=until, clearance=clearance):
        return Traffic()
    from kaname.lake import Limits

    sql = _COUNTS.format(
        start=_literal(before),
        middle=_literal(since),
        end=_literal(until),
        width=bucket_of(until - since),
        top=_TOP,
    )
    result = lake.query(sql, limits=Limits(rows=10_000, seconds=20.0), clearance=clearance)
    found = Traffic()
    for row in result.table.to_pylist():
        _take(found, row)
    width = bucket_of(until - since)
    found.bars = _whole(found.bars, since, until, width)
    found.bars_before = _whole(found.bars_before, before, since, width)
    return found


def _literal(instant: int) -> str:
    return f"TIMESTAMPTZ '{format_us(instant)}'"


def _take(found: Traffic, row: dict[str, Any]) -> None:
    kind, late, key, packets, hosts = row.values()
    if kind == "bar":
        bars = found.bars if late else found.bars_before
        bars.append(TimePoint(at=key, packets=packets, hosts=hosts))
    elif kind == "port":
        found.ports.append(Count(key=_service(key), count=hosts, before=packets))
    elif late:
        found.packets, found.hosts = packets, hosts
    else:
        found.packets_before, found.hosts_before = packets, hosts


def _whole(bars: list[TimePoint], since: int, until: int, width: int) -> list[TimePoint]:
    """The bars of a period in order, those in which nothing was seen with zeros."""
    known = {bar.at: bar for bar in bars}
    starts = range(floor(since, width), until, width)
    return [known.get(at, TimePoint(at=at, packets=0, hosts=0)) for at in starts]


def _service(number: int) -> str:
    names = {6: "tcp", 17: "udp"}
    proto, port = divmod(number, 65536)
    return f"{names.get(proto, proto)}/{port}"
