"""The table ``flows`` in the forms that analyses ask for.

Volumes are counter times sampling. A record that counts both directions is two rows here,
one for each, so that who sends to whom does not depend on the format.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis
import numpy as np
from numpy.typing import NDArray

from kaname.model.instant import MINUTE

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

__all__ = ["columns", "directed", "error_bound", "integers", "micros", "within"]

Ints = NDArray[np.int64]

_SIDES = ("src_hi", "src_lo", "dst_hi", "dst_lo", "sport", "dport")
_SWAPPED = ("dst_hi", "dst_lo", "src_hi", "src_lo", "dport", "sport")


def micros(rows: ir.Table) -> ir.IntegerValue:
    """The column ``ts`` as microseconds since 1970."""
    epoch = ibis.timestamp("1970-01-01T00:00:00+00:00")
    return rows.ts.delta(epoch, unit="microsecond").cast("int64")


def within(rows: ir.Table, start: int, end: int) -> ir.Table:
    """Rows of start <= ts < end (microseconds), with ``us``."""
    timed = rows.mutate(us=micros(rows))
    return timed.filter((timed.us >= start) & (timed.us < end))


def directed(rows: ir.Table) -> ir.Table:
    """Rows of ``flows`` with ``us``, a row for each direction that has packets.

    Columns: both sides, proto, tcp_bits (0 for the reverse: the record has one union for
    both), us, minute, sampled (1: an estimate), seen (packets counted), packets and octets
    (estimated), src_as (0: unknown).
    """
    forward = _direction(rows, _SIDES, "", rows.tcp_bits.cast("int64"))
    back = rows.filter(rows.packets_rev > 0)
    none = ibis.literal(0, "int64")
    reverse = _direction(back, _SWAPPED, "_rev", none)
    return forward.union(reverse, distinct=False)


def _direction(rows: ir.Table, sides: tuple[str, ...], suffix: str, bits: ir.Value) -> ir.Table:
    sampling = rows.sampling.cast("int64")
    packets, octets = rows[f"packets{suffix}"], rows[f"octets{suffix}"]
    number = rows.dst_as if suffix else rows.src_as
    return rows.select(
        **{name: rows[column].cast("int64") for name, column in zip(_SIDES, sides, strict=True)},
        proto=rows.proto.cast("int64"),
        tcp_bits=bits,
        us=rows.us,
        minute=rows.us // MINUTE,
        sampled=(sampling > 1).cast("int64"),
        seen=packets,
        packets=packets * sampling,
        octets=octets * sampling,
        src_as=number.fill_null(0),
    )


def columns(found: ir.Table) -> dict[str, Any]:
    """Evaluate: whole-numbered columns as int64 arrays, others as float64 or objects."""
    return arrays(found.to_pyarrow())


def arrays(table: pa.Table) -> dict[str, Any]:
    """The columns of an Arrow table as arrays; whole numbers as int64."""
    return {name: _array(table.column(name)) for name in table.column_names}


def _array(column: Any) -> Any:
    values = column.combine_chunks().to_numpy(zero_copy_only=False)
    return values.astype(np.int64) if values.dtype.kind in "iu" else values


def integers(found: ir.Table, *names: str) -> list[tuple[int, ...]]:
    """Evaluate, and give the columns ``names`` as rows of Python integers."""
    evaluated = columns(found)
    return list(zip(*(evaluated[name].tolist() for name in names), strict=True))


def error_bound(seen: int, *, sampled: bool) -> float:
    """Per cent by which an estimated volume may be off (95 %): 196 * sqrt(1 / seen).

    sFlow's formula for ``seen`` sampled packets; 0 where every packet was counted.
    """
    return round(196 * (1 / max(1, seen)) ** 0.5, 1) if sampled else 0.0
