"""Reading every file again and comparing it with what was written."""

from __future__ import annotations

from collections.abc import Callable

from kaname.lake.damage import defect, quarantine
from kaname.lake.locks import shared
from kaname.lake.records import LakeFile, MissingFile, VerifyReport
from kaname.lake.store import Store
from kaname.lake.tables import tables

__all__ = ["verify"]


def verify(store: Store, progress: Callable[[int, int], None] | None) -> VerifyReport:
    """See `Lake.verify`."""
    with shared(store.layout.read_lock):
        files = store.manifest.files()
        found = []
        for done, file in enumerate(files, 1):
            if (reason := defect(file) or _miscounted(file)) is not None:
                found.append((file, reason))
            if progress is not None:
                progress(done, len(files))
    damaged = quarantine(store, found)
    missing = store.manifest.select("SELECT tbl, dt, rows FROM damaged ORDER BY path")
    return VerifyReport(
        files=len(files),
        rows=sum(file.rows for file in files),
        bytes=sum(file.bytes for file in files),
        damaged=damaged,
        missing=tuple(MissingFile(*row) for row in missing),
    )


def _miscounted(file: LakeFile) -> str | None:
    """The bytes are right; whether the manifest's count of rows is, too."""
    import pyarrow.parquet as pq

    if file.table not in tables():
        return None
    return None if pq.read_metadata(file.path).num_rows == file.rows else "rows"
