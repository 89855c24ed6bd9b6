"""How tables grow, when the disk is full, and what retention lets go of and when."""

from __future__ import annotations

import shutil
from collections.abc import Mapping

from kaname.lake.faults import clear_errors
from kaname.lake.layout import AFTER, BEFORE
from kaname.lake.records import Forecast, TableForecast
from kaname.lake.retention import limits
from kaname.lake.store import Store
from kaname.model.instant import DAY, format_us, parse_us
from kaname.model.marking import Tlp

__all__ = ["forecast"]

RATE_DAYS = 7

Days = list[tuple[str, int]]  # day and its bytes, the latest first


def forecast(store: Store, days: Mapping[str, object], clearance: Tlp) -> Forecast:
    """See `Lake.forecast`.

    A table with retention grows until it holds that many days and then stays; the disk is
    full on the first day when the growth of all tables is more than what is free. Tables
    are shown as far as the clearance goes; the disk fills with everything.
    """
    with clear_errors(store.layout.root):
        free = shutil.disk_usage(store.layout.root).free
    keep = limits(days)
    whole = _tables(store, keep, Tlp.RED)
    return Forecast(
        disk_free=free,
        bytes_per_day=round(sum(table.bytes_per_day for table in whole), 1),
        full_in_days=_full_in(free, whole),
        tables=tuple(whole if clearance is Tlp.RED else _tables(store, keep, clearance)),
    )


def _tables(store: Store, keep: Mapping[str, int], clearance: Tlp) -> list[TableForecast]:
    rows = store.manifest.select(
        "SELECT tbl, dt, sum(bytes) FROM files WHERE dt NOT IN (?, ?) AND tlp <= ? "
        "GROUP BY tbl, dt ORDER BY tbl, dt DESC",
        (BEFORE, AFTER, clearance.rank),
    )
    held: dict[str, Days] = {}
    for name, dt, size in rows:
        held.setdefault(name, []).append((dt, size))
    return [_table(name, days, keep.get(name)) for name, days in held.items()]


def _table(name: str, held: Days, keep: int | None) -> TableForecast:
    recent = held[:RATE_DAYS]
    rate = sum(size for _, size in recent) / len(recent)
    oldest = held[-1][0]
    gone = None if keep is None else format_us(parse_us(oldest) + (keep + 1) * DAY)[:10]
    return TableForecast(
        table=name,
        bytes=sum(size for _, size in held),
        days_kept=len(held),
        retention_days=keep,
        bytes_per_day=round(rate, 1),
        steady_bytes=None if keep is None else round(rate * (keep + 1)),
        next_removed=None if keep is None else oldest,
        removed_on=gone,
    )


def _full_in(free: int, tables: list[TableForecast]) -> float | None:
    """Days until what is free is used up; None when the tables stop growing before."""
    ends = sorted({_days_left(table) for table in tables if table.retention_days is not None})
    at, used = 0.0, 0.0
    for end in [*ends, None]:
        rate = sum(t.bytes_per_day for t in tables if not _is_steady(t, at))
        if rate and (end is None or used + rate * (end - at) >= free):
            return round(at + (free - used) / rate, 1)
        if end is None:
            return None
        used += rate * max(0.0, end - at)
        at = max(at, end)
    return None


def _days_left(table: TableForecast) -> float:
    return float(max(0, (table.retention_days or 0) + 1 - table.days_kept))


def _is_steady(table: TableForecast, at: float) -> bool:
    """Whether retention has made the table stop growing ``at`` days from now."""
    return table.retention_days is not None and _days_left(table) <= at
