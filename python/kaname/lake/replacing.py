"""Taking one batch out of files that it shares with others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from kaname.lake.parquet import conform, read_table
from kaname.lake.records import LakeFile
from kaname.lake.staged import write_file
from kaname.lake.staging import Staging
from kaname.lake.tables import table as table_of

if TYPE_CHECKING:
    import pyarrow as pa

    from kaname.lake.tables.frame import Table

__all__ = ["without_batch"]


def without_batch(files: Sequence[LakeFile], batch: int, staging: Staging) -> list[LakeFile]:
    """Staged copies of ``files`` that lack the rows of ``batch``; none for what would be empty."""
    kept = [file for file in files if set(file.batches) != {batch}]
    return [_copy(file, batch, staging) for file in kept]


def _copy(file: LakeFile, batch: int, staging: Staging) -> LakeFile:
    table = table_of(file.table)
    return write_file(staging.folder, table, file.dt, "c", _others(file, table, batch))


def _others(file: LakeFile, table: Table, batch: int) -> Iterator[pa.Table]:
    import pyarrow as pa
    import pyarrow.compute as pc

    with read_table(file.path, table) as stored:
        for index in range(stored.num_row_groups):
            rows = stored.read_row_group(index)
            rows = rows.filter(pc.not_equal(rows["batch"], batch))
            if rows.num_rows:
                yield pa.Table.from_batches([conform(b, table) for b in rows.to_batches()])
