"""What reductions over rows with names have in common: the window, instants, addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis

from kaname.analysis.frame import Window
from kaname.model.instant import format_us

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["any_rows", "gathered", "instant", "micros", "within"]


def instant(us: int) -> ir.TimestampScalar:
    """An instant as a literal of the engine."""
    return ibis.timestamp(format_us(us).replace("Z", "+00:00"))


def within(table: ir.Table, window: Window) -> ir.Table:
    """The rows of ``window``, without those that only look back."""
    return table.filter(table.ts >= instant(window.start), table.ts < instant(window.end))


def micros(ts: ir.TimestampValue) -> ir.IntegerValue:
    """Microseconds since 1970."""
    return ts.delta(instant(0), unit="microsecond").cast("int64")


def gathered(table: ir.Table, *order: str) -> list[dict[str, Any]]:
    """The rows of a reduction, in the order of the columns ``order``, nulls first.

    Sorted here: engines do not agree on where nulls stand.
    """
    rows: list[dict[str, Any]] = table.to_pyarrow().to_pylist()
    return sorted(rows, key=lambda row: [(row[name] is not None, row[name]) for name in order])


def any_rows(table: ir.Table) -> bool:
    """Whether there is a row at all, which spares what would be joined with none."""
    return bool(table.count().to_pyarrow().as_py())
