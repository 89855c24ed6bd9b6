"""The lake: columnar observations on disk, committed whole, queried in place.

`Lake.open` gives everything else. Tables are described in `kaname.lake.tables`.
"""

from __future__ import annotations

from kaname.lake.excerpt import Excerpt
from kaname.lake.lake import Lake
from kaname.lake.records import (
    Cancel,
    CompactReport,
    DamagedFile,
    DayCount,
    Delivery,
    Digest,
    Forecast,
    Health,
    IndexReport,
    LakeFile,
    Limits,
    MissingFile,
    Pivot,
    PivotRow,
    QueryResult,
    RetainReport,
    SensorHealth,
    Source,
    TableCount,
    TableForecast,
    TableStatus,
    VerifyReport,
    WarmReport,
)
from kaname.lake.writing import BatchWriter

__all__ = [
    "BatchWriter",
    "Cancel",
    "CompactReport",
    "DamagedFile",
    "DayCount",
    "Delivery",
    "Digest",
    "Excerpt",
    "Forecast",
    "Health",
    "IndexReport",
    "Lake",
    "LakeFile",
    "Limits",
    "MissingFile",
    "Pivot",
    "PivotRow",
    "QueryResult",
    "RetainReport",
    "SensorHealth",
    "Source",
    "TableCount",
    "TableForecast",
    "TableStatus",
    "VerifyReport",
    "WarmReport",
]
