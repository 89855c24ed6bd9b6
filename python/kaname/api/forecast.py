"""The lake's forecast and its deliveries, as documents of the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from kaname.api.shapes import ForecastOut, SourceHealthOut, TableForecast

if TYPE_CHECKING:
    from kaname.lake import Lake
    from kaname.model.marking import Tlp

__all__ = ["deliveries", "forecast"]


def forecast(lake: Lake, days: Mapping[str, object], clearance: Tlp) -> ForecastOut:
    """How the tables grow; a table that retention keeps small never fills the disk."""
    found = lake.forecast(days, clearance=clearance)
    return ForecastOut(
        disk_free=found.disk_free,
        bytes_per_day=found.bytes_per_day,
        full_in_days=found.full_in_days,
        tables=[
            TableForecast(
                table=table.table,
                bytes=table.bytes,
                days_kept=table.days_kept,
                retention_days=table.retention_days,
                bytes_per_day=table.bytes_per_day,
                full_in_days=found.full_in_days if table.retention_days is None else None,
                steady_bytes=table.steady_bytes,
                next_removed=table.next_removed,
                removed_on=table.removed_on,
            )
            for table in found.tables
        ],
    )


def deliveries(lake: Lake, clearance: Tlp, now: int) -> list[SourceHealthOut]:
    """What each reader delivered."""
    found = lake.deliveries(now, clearance=clearance)
    return [SourceHealthOut(**msgspec.structs.asdict(one)) for one in found]
