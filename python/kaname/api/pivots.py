"""Pivots of the lake as documents of the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from kaname.api.shapes import PivotOut, PivotRow, PivotTable, TimeCount

if TYPE_CHECKING:
    from kaname import lake

__all__ = ["pivot"]


def pivot(found: lake.Pivot, since: int | None, until: int | None) -> PivotOut:
    """A page of a pivot."""
    return PivotOut(
        value=found.value,
        kind=found.kind,
        since=since,
        until=until,
        tables=[PivotTable(t.table, t.rows, t.first_us, t.last_us) for t in found.tables],
        histogram=[TimeCount(day.at, day.table, day.rows) for day in found.histogram],
        items=[_row(row) for row in found.rows],
        next_cursor=found.next,
        truncated=found.truncated,
        missing=[msgspec.to_builtins(part) for part in found.missing],
        seconds=found.seconds,
    )


def _row(row: lake.PivotRow) -> PivotRow:
    return PivotRow(
        ts=row.ts,
        table=row.table,
        role=row.role,
        sensor=row.sensor,
        tlp=row.tlp,
        batch=str(row.batch),
        place=str(row.place),
        cells=row.cells,
    )
