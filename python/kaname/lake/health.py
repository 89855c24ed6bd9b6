"""How the sensors do, and how long the disk lasts."""

from __future__ import annotations

import shutil

from kaname.lake.faults import clear_errors
from kaname.lake.layout import AFTER, BEFORE
from kaname.lake.manifest import DELIVERED
from kaname.lake.records import Health, SensorHealth
from kaname.lake.store import Store
from kaname.model.marking import Tlp

__all__ = ["health"]

RATE_DAYS = 7


def health(store: Store, now: int, clearance: Tlp) -> Health:
    """See `Lake.health`. The rate is that of data days, over the last week that has data."""
    with clear_errors(store.layout.root):
        free = shutil.disk_usage(store.layout.root).free
    (stored,) = store.manifest.select("SELECT coalesce(sum(bytes), 0) FROM files")[0]
    rate = _rate(store)
    return Health(
        sensors=tuple(_sensors(store, now, clearance)),
        bytes_stored=stored,
        bytes_free=free,
        bytes_per_day=rate,
        days_left=round(free / rate, 1) if rate else None,
    )


def _sensors(store: Store, now: int, clearance: Tlp) -> list[SensorHealth]:
    rows = store.manifest.select(
        "SELECT sensor, count(*), sum(body ->> 'damaged'), max(ingested), "  # noqa: S608
        "max(CAST(body ->> 'last_us' AS INTEGER)) "
        f"FROM sources WHERE tlp <= ? AND {DELIVERED} GROUP BY sensor ORDER BY sensor",
        (clearance.rank,),
    )
    return [
        SensorHealth(
            sensor=sensor,
            sources=count,
            damaged=damaged,
            damaged_share=round(damaged / count, 4),
            last_ingested=ingested,
            last_event=last,
            lag_us=None if last is None else now - last,
        )
        for sensor, count, damaged, ingested, last in rows
    ]


def _rate(store: Store) -> float:
    """Bytes per day of data, averaged over the latest `RATE_DAYS` days that have any."""
    days = store.manifest.select(
        "SELECT sum(bytes) FROM files WHERE dt NOT IN (?, ?) GROUP BY dt ORDER BY dt DESC LIMIT ?",
        (BEFORE, AFTER, RATE_DAYS),
    )
    return round(sum(size for (size,) in days) / len(days), 1) if days else 0.0
