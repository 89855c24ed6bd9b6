"""Reads a file or bytes with a reader: rows with addresses as text, and the report."""

from __future__ import annotations

from pathlib import Path

from kaname.lake.parquet import conform
from kaname.lake.tables import table as table_of
from kaname.model.address import to_text
from kaname.model.marking import Tlp
from kaname.readers.frame import Reader, ReadJob, ReadReport

DATA = Path(__file__).parents[4] / "shared/data/lake"


def read(reader: Reader, path: Path, **options) -> tuple[list[dict], ReadReport]:
    """Rows of all tables, each with its ``table``, after they were made to fit the lake."""
    job = ReadJob(path=path, sensor="s", tlp=Tlp.GREEN, batch=7, options=options)
    rows = []
    for table, batch in reader.read(job):
        fitting = conform(batch, table_of(table))
        rows += [plain(row) | {"table": table} for row in fitting.to_pylist()]
    report = job.report
    assert sum(report.counters.values()) == report.records
    assert report.rows == len(rows)
    return rows, report


def read_bytes(reader: Reader, folder: Path, data: bytes | str, name="source", **options):
    """`read` of bytes."""
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return read(reader, path, **options)


def plain(row: dict) -> dict:
    """Addresses as text, times as microseconds, the constants of a source left out."""
    row = {k: v for k, v in row.items() if k not in {"sensor", "tlp", "batch"}}
    for name in [name[:-3] for name in row if name.endswith("_hi")]:
        row[name] = to_text(row.pop(f"{name}_hi"), row.pop(f"{name}_lo"))
    row["ts"] = int(row["ts"].timestamp() * 1_000_000 + 0.5)
    return row
