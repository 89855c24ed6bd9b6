"""Days and months, from the rows that derivations keep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kaname.lake.records import Limits
from kaname.model.instant import DAY
from kaname.model.packets import PTYPES
from kaname.telescope.days import WORDS
from kaname.telescope.stats.rows import Counted, narrowed

if TYPE_CHECKING:
    import pyarrow as pa

    from kaname.lake import Lake
    from kaname.telescope.stats.answer import Asked

__all__ = ["columns", "ports", "series"]

_LIMITS = Limits(rows=200_000, seconds=30.0)
_CODES = {"label": WORDS, "ptype": PTYPES}
# The day of the partition: all rows of a file have the same, so that it costs nothing a row.
_DAY = "dt - DATE '1970-01-01'"


def series(lake: Lake, asked: Asked) -> dict[int, tuple[int, int]]:
    """Packets and hosts of each day that was observed, by its start.

    A row with part 0 is a host of the day; where several sensors saw a day, their hosts
    are joined by address.
    """
    kept = " AND ".join(asked.kept) or "true"
    sql = (
        f"SELECT {_DAY} AS day, sensor, sum(packets) FILTER ({kept}) AS packets,\n"
        f"  count(*) FILTER (part = 0 AND {kept}) AS hosts\n"
        f"FROM source_days\nWHERE {asked.where()}\nGROUP BY ALL"
    )
    found: dict[int, tuple[int, int]] = {}
    several: set[int] = set()
    for day, _, packets, hosts in _rows(lake, asked, sql):
        before = found.get(day)
        if before is not None:
            several.add(day)
        found[day] = ((before or (0, 0))[0] + (packets or 0), (before or (0, 0))[1] + hosts)
    if several:
        joined = (
            f"SELECT {_DAY} AS day, count(DISTINCT (src_hi, src_lo)) AS hosts\n"
            f"FROM source_days\nWHERE {asked.where(*asked.kept)}\nGROUP BY ALL"
        )
        for day, hosts in _rows(lake, asked, joined):
            found[day] = (found[day][0], hosts)
    return {day * DAY: counts for day, counts in found.items()}


def columns(lake: Lake, asked: Asked) -> dict[str, Any]:
    """Address and packets of every row, and the codes that rankings need.

    IPv4 has one high word, which need not be read nine million times.
    """
    import numpy as np

    codes = [
        f"list_position([{', '.join(repr(word) for word in _CODES[name])}], {name})"
        f"::UTINYINT AS {name}"
        for name in sorted(narrowed(asked))
    ]
    parts = []
    for high, condition in (("", "src_hi = 0"), ("src_hi, ", "src_hi <> 0")):
        shown = ", ".join([f"{high}src_lo", "packets", *codes])
        where = asked.where(*asked.kept, condition)
        sql = f"SELECT {shown}\nFROM source_days\nWHERE {where}"
        table = lake.stream(sql, _all, limits=_LIMITS, clearance=asked.clearance)
        part = {name: _numbers(table.column(name)) for name in table.column_names}
        parts.append({"src_hi": np.zeros(table.num_rows, np.int64)} | part)
    if not len(parts[1]["src_lo"]):
        return parts[0]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _numbers(column: pa.ChunkedArray) -> Any:
    """The values, 0 for what is null: a word that this version does not know."""
    import pyarrow.compute as pc

    return (pc.fill_null(column, 0) if column.null_count else column).to_numpy()


def ports(lake: Lake, asked: Asked, ptype: str) -> tuple[Counted, bool]:
    """Services of one packet type; whether hosts are exact over the whole time.

    Over several days hosts are the mean of a day, since a day's hosts may come again.
    """
    import numpy as np

    rest = "" if asked.survey else "_rest"
    sql = (
        f"SELECT port, sum(packets{rest})::BIGINT AS packets, sum(hosts{rest})::BIGINT AS hosts\n"
        f"FROM port_days\nWHERE {asked.where(f'ptype = {ptype!r}')}\nGROUP BY ALL"
    )
    found = lake.stream(sql, _all, limits=_LIMITS, clearance=asked.clearance)
    told = (
        "SELECT count(DISTINCT ts), count(*)\n"  # noqa: S608
        f"FROM (SELECT DISTINCT ts, sensor FROM port_days WHERE {asked.where()})"
    )
    days, parts = next(iter(_rows(lake, asked, told)))
    packets, hosts = (found.column(name).to_numpy() for name in ("packets", "hosts"))
    there = np.flatnonzero(packets)
    mean = -(-hosts[there] // max(1, days))  # rounded up: what was seen is not zero
    codes = found.column("port").to_numpy()[there]
    return Counted(codes, packets[there], mean, str), parts <= 1


def words(name: str) -> Any:
    """What names the codes of `columns`, which count from 1."""
    return lambda code: _CODES[name][code - 1] if code else ""


def _all(reader: pa.RecordBatchReader) -> pa.Table:
    return reader.read_all()


def _rows(lake: Lake, asked: Asked, sql: str) -> Any:
    return lake.query(sql, limits=_LIMITS, clearance=asked.clearance).rows()
