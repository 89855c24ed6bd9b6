"""Making one file of the lake in a staging folder, with all that the manifest says of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kaname.lake.parquet import ParquetFile
from kaname.lake.partition import instants
from kaname.lake.records import LakeFile
from kaname.lake.sidecar import sidecar_of, sidecar_while
from kaname.lake.tables.frame import Table
from kaname.model.marking import Tlp

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Labels", "write_file"]


@dataclass(frozen=True, slots=True)
class Labels:
    """What all rows of a batch have in common."""

    batch: int
    sensor: str
    tlp: Tlp

    def put_on(self, rows: pa.RecordBatch) -> pa.RecordBatch:
        """``rows`` with the columns batch, sensor and tlp set."""
        import numpy as np
        import pyarrow as pa

        count = rows.num_rows
        zeros = pa.array(np.zeros(count, np.int8))
        columns = {
            "batch": pa.array(np.full(count, self.batch, np.int64)),
            "sensor": pa.DictionaryArray.from_arrays(zeros, pa.array([self.sensor])),
            "tlp": pa.DictionaryArray.from_arrays(zeros, pa.array([self.tlp.value])),
        }
        kept = {name: rows.column(name) for name in rows.schema.names if name not in columns}
        return pa.RecordBatch.from_pydict({**kept, **columns})


def write_file(
    folder: Path,
    table: Table,
    dt: str,
    name: str,
    groups: Iterable[pa.Table],
    *,
    compacted: bool = False,
) -> LakeFile:
    """Write ``groups`` (row groups, conformed) as one file below ``folder``.

    The final name is ``name`` and 16 digits of the content's digest, so that a file is
    only ever replaced by an equal one. ``path`` of the result is where it lies now; its
    sidecar lies beside it.

    Raises:
        OSError: it cannot be written.
    """
    place = folder / table.name / f"dt={dt}"
    place.mkdir(parents=True, exist_ok=True)
    part = place / f"{name}.part"
    account, sidecar = _Account(), sidecar_while(table.name)
    file = ParquetFile(part, table)
    try:
        for rows in groups:
            account.add(rows)
            file.write(rows)
            sidecar.add(rows)
            del rows  # or it stays while the next ones are gathered
        size, sha256 = file.close()
    except BaseException:
        file.discard()
        raise
    path = part.rename(place / f"{name}-{sha256[:16]}.parquet")
    sidecar.put(sidecar_of(path), sha256)
    return LakeFile(
        path=str(path),
        table=table.name,
        dt=dt,
        rows=file.rows,
        bytes=size,
        min_ts=account.low,
        max_ts=account.high,
        sha256=sha256,
        schema_version=table.version,
        sensor=account.sensor,
        tlp=account.tlp,
        batches=tuple(sorted(account.shares)),
        shares=tuple(account.shares[batch] for batch in sorted(account.shares)),
        compacted=compacted,
    )


class _Account:
    """Runs over the rows of a file and keeps what the manifest wants to know."""

    def __init__(self) -> None:
        self.low, self.high = 2**63 - 1, -(2**63)
        self.shares: Counter[int] = Counter()
        self.sensor = ""
        self.tlp = Tlp.RED

    def add(self, rows: pa.Table) -> None:
        import numpy as np

        times = instants(rows)
        self.low = min(self.low, int(times.min()))
        self.high = max(self.high, int(times.max()))
        batches, counts = np.unique(rows.column("batch").to_numpy(), return_counts=True)
        self.shares.update(dict(zip(batches.tolist(), counts.tolist(), strict=True)))
        self.sensor = rows.column("sensor")[0].as_py()
        self.tlp = Tlp(rows.column("tlp")[0].as_py())
