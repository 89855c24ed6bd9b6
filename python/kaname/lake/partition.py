"""Rows split by day, with rows of an impossible time set apart and marked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kaname.lake.layout import AFTER, BEFORE, partition_of
from kaname.model.instant import DAY

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

__all__ = ["by_day", "instants"]


def instants(rows: pa.RecordBatch | pa.Table) -> np.ndarray:
    """The column ``ts`` as int64 microseconds."""
    import numpy as np
    import pyarrow as pa

    column = rows.column("ts").cast(pa.int64())
    whole: np.ndarray = np.asarray(column)
    return whole


def by_day(rows: pa.RecordBatch, latest: int) -> Iterator[tuple[str, pa.RecordBatch]]:
    """(partition, rows) for each day in ``rows``, order kept.

    ``latest`` is the last instant that is believed; see `kaname.lake.layout` for where
    rows beyond it, and from before 2000, go.
    """
    import numpy as np
    import pyarrow as pa

    if rows.num_rows == 0:
        return
    days = instants(rows) // DAY
    low, high = int(days.min()), int(days.max())
    if partition_of(low, latest) == partition_of(high, latest):
        yield _marked(partition_of(low, latest), rows)
        return
    names = {int(day): partition_of(int(day), latest) for day in np.unique(days)}
    for name in sorted(set(names.values())):
        wanted = [day for day, partition in names.items() if partition == name]
        yield _marked(name, rows.filter(pa.array(np.isin(days, wanted))))


def _marked(name: str, rows: pa.RecordBatch) -> tuple[str, pa.RecordBatch]:
    if name not in {BEFORE, AFTER}:
        return name, rows
    import pyarrow as pa

    index = rows.schema.get_field_index("ext")
    marked = [_suspect(text) for text in rows.column(index).to_pylist()]
    field = rows.schema.field(index)
    return name, rows.set_column(index, field, pa.array(marked, pa.string()))


def _suspect(text: str | None) -> str:
    fields = {**json.loads(text or "{}"), "time_suspect": True}
    return json.dumps(fields, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
