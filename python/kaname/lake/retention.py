"""Letting old days go, always as a whole."""

from __future__ import annotations

from collections.abc import Mapping

from kaname.lake.commit import committing
from kaname.lake.layout import AFTER, BEFORE
from kaname.lake.records import LakeFile, RetainReport
from kaname.lake.store import Store
from kaname.lake.tables import tables
from kaname.model.errors import SettingError
from kaname.model.instant import DAY, day_of

__all__ = ["limits", "retain"]


def retain(store: Store, now: int, days: Mapping[str, object]) -> RetainReport:
    """See `Lake.retain`. Days of suspect time go by the day of their latest ingest."""
    kept = limits(days)
    with committing(store.layout):
        ingested = dict(store.manifest.select("SELECT batch, ingested FROM sources"))
        groups: dict[tuple[str, str], list[LakeFile]] = {}
        for file in store.manifest.files():
            groups.setdefault((file.table, file.dt), []).append(file)
        aged = {
            key: files
            for key, files in groups.items()
            if (keep := kept.get(key[0])) is not None
            and _age(key[1], files, ingested) < day_of(now - keep * DAY)
        }
        gone = [file for files in aged.values() for file in files]
        if aged:
            with store.manifest.change() as change:
                change.remove_files(gone, now=now)
                for table, dt in aged:
                    change.drop_damaged(table, dt)
    return RetainReport(
        days=tuple(sorted(aged)),
        files=len(gone),
        rows=sum(file.rows for file in gone),
        bytes=sum(file.bytes for file in gone),
    )


def limits(days: Mapping[str, object]) -> dict[str, int]:
    """Days that each table keeps: its own, or what the settings say.

    Raises:
        SettingError: a table or a number of days makes no sense.
    """
    own = {name: t.retention_days for name, t in tables().items() if t.retention_days is not None}
    for name, count in days.items():
        if name not in tables():
            raise SettingError(
                "lake.error.retention_table", name=name, known=", ".join(sorted(tables()))
            )
        if isinstance(count, bool) or not isinstance(count, int) or count < 1:
            raise SettingError("lake.error.retention_days", name=name, found=count)
        own[name] = count
    return own


def _age(dt: str, files: list[LakeFile], ingested: Mapping[int, int]) -> str:
    if dt not in {BEFORE, AFTER}:
        return dt
    return day_of(max(ingested.get(batch, 0) for file in files for batch in file.batches))
