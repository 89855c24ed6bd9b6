"""What the lake tells about itself: sources, files, states of tables, reports."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import msgspec

from kaname.model.marking import Tlp

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "Cancel",
    "CompactReport",
    "DamagedFile",
    "DayCount",
    "Delivery",
    "Digest",
    "Forecast",
    "Health",
    "IndexReport",
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

# Something that can be set from another thread to stop a query.
Cancel = threading.Event


class Source(msgspec.Struct, frozen=True):
    """One ingested input. Instants in microseconds UTC; ``seconds`` is how long it took."""

    batch: int
    identity: str
    path: str
    size: int
    sensor: str
    tlp: Tlp
    reader: str
    reader_version: int
    ingested: int
    rows: int
    records: int
    damaged: bool
    counters: dict[str, int]
    notes: dict[str, int]
    problems: tuple[dict[str, Any], ...]
    first_us: int | None
    last_us: int | None
    seconds: float
    bad: int = 0  # of ``records``, those lost to damage


class LakeFile(msgspec.Struct, frozen=True):
    """One committed Parquet file. All its rows have one table, day, sensor and marking.

    ``shares`` counts the rows of each batch in ``batches``. ``compacted`` says that the
    file holds its part of the day in the order of the table.
    """

    path: str
    table: str
    dt: str
    rows: int
    bytes: int
    min_ts: int
    max_ts: int
    sha256: str
    schema_version: int
    sensor: str
    tlp: Tlp
    batches: tuple[int, ...]
    shares: tuple[int, ...]
    compacted: bool = False


class TableStatus(msgspec.Struct, frozen=True):
    """What a table holds now. Rows with a suspect time do not count for first and last."""

    name: str
    rows: int
    bytes: int
    files: int
    first_us: int | None
    last_us: int | None


class MissingFile(msgspec.Struct, frozen=True):
    """Rows that a query could not see, because their file is damaged."""

    table: str
    dt: str
    rows: int


class Limits(msgspec.Struct, frozen=True):
    """How much a query may take."""

    rows: int = 10_000
    seconds: float = 8.0
    memory_mb: int = 1024


class Digest(msgspec.Struct, frozen=True):
    """The whole result of a query in short; see `kaname.lake.digest` for the encoding."""

    rows: int
    digest: str
    columns: tuple[str, ...]
    sample: tuple[dict[str, Any], ...]


class PivotRow(msgspec.Struct, frozen=True):
    """A row that mentions an artifact.

    ``role`` is the column that names it, ``place`` the row's position in the source,
    ``cells`` the row as JSON: addresses as text, without nulls.
    """

    ts: int
    table: str
    role: str
    sensor: str
    tlp: Tlp
    batch: int
    place: int
    cells: dict[str, Any]


class TableCount(msgspec.Struct, frozen=True):
    """How many rows of a table mention an artifact, and when the first and last are."""

    table: str
    rows: int
    first_us: int | None
    last_us: int | None


class DayCount(msgspec.Struct, frozen=True):
    """Rows of a table on one day; ``at`` is its begin."""

    at: int
    table: str
    rows: int


class Pivot(msgspec.Struct, frozen=True):
    """An artifact over all tables: counts, and a page of rows, the newest first.

    ``next`` is the cursor of the following page. With ``truncated`` time ran out: counts
    are the most they can be as far as the files were looked at, rows those read by then.
    """

    value: str
    kind: str
    tables: tuple[TableCount, ...]
    histogram: tuple[DayCount, ...]
    rows: tuple[PivotRow, ...]
    next: str | None
    truncated: bool
    missing: tuple[MissingFile, ...]
    seconds: float


class DamagedFile(msgspec.Struct, frozen=True):
    """A file that is not what was written. ``reason``: missing, size, digest, rows."""

    path: str
    table: str
    dt: str
    rows: int
    reason: str


class VerifyReport(msgspec.Struct, frozen=True):
    """What a look at every file gave. ``missing`` counts rows lost to damage so far."""

    files: int
    rows: int
    bytes: int
    damaged: tuple[DamagedFile, ...]
    missing: tuple[MissingFile, ...]


class CompactReport(msgspec.Struct, frozen=True):
    """What merging did: days touched, files and bytes before and after."""

    groups: int
    rows: int
    files_before: int
    files_after: int
    bytes_before: int
    bytes_after: int


class IndexReport(msgspec.Struct, frozen=True):
    """How many files have a sidecar, how many of them got it now, and bytes of all."""

    files: int
    made: int
    bytes: int


class WarmReport(msgspec.Struct, frozen=True):
    """What the native copy holds: files, their rows, and its size."""

    files: int
    rows: int
    bytes: int


class RetainReport(msgspec.Struct, frozen=True):
    """What aged out: (table, day) pairs, with files and rows."""

    days: tuple[tuple[str, str], ...]
    files: int
    rows: int
    bytes: int


class SensorHealth(msgspec.Struct, frozen=True):
    """How one sensor does. ``lag_us``: now minus the last event it reported."""

    sensor: str
    sources: int
    damaged: int
    damaged_share: float
    last_ingested: int | None
    last_event: int | None
    lag_us: int | None


class Health(msgspec.Struct, frozen=True):
    """Sensors, and how long the disk lasts at the rate of the last days."""

    sensors: tuple[SensorHealth, ...]
    bytes_stored: int
    bytes_free: int
    bytes_per_day: float
    days_left: float | None


class TableForecast(msgspec.Struct, frozen=True):
    """How a table grows, at the rate of the latest week that has data.

    ``steady_bytes`` is how large it gets when retention keeps it; ``next_removed`` the
    oldest day it holds, which goes on ``removed_on``.
    """

    table: str
    bytes: int
    days_kept: int
    retention_days: int | None
    bytes_per_day: float
    steady_bytes: int | None
    next_removed: str | None
    removed_on: str | None


class Forecast(msgspec.Struct, frozen=True):
    """When the disk is full; never (None), when retention stops all growth before."""

    disk_free: int
    bytes_per_day: float
    full_in_days: float | None
    tables: tuple[TableForecast, ...]


class Delivery(msgspec.Struct, frozen=True):
    """What one reader delivered for one sensor into one table.

    ``bad_share`` is of the records of its last day; ``lost`` counts what is known to be
    lost on the way, by name; ``live`` says whether a listener delivers it.
    """

    sensor: str
    reader: str
    table: str
    last_us: int | None
    lag_s: float | None
    batches: int
    rows: int
    bad_share: float
    lost: dict[str, int]
    live: bool


class QueryResult:
    """The rows of a query, and what is known about them."""

    def __init__(
        self,
        table: pa.Table,
        *,
        truncated: bool,
        files: int,
        missing: tuple[MissingFile, ...],
        seconds: float,
    ) -> None:
        self.table = table
        self.truncated = truncated
        self.files = files
        self.missing = missing
        self.seconds = seconds

    def rows(self) -> list[list[Any]]:
        """The rows as JSON-ready values, in column order; see `kaname.lake.values`."""
        from kaname.lake.values import json_rows

        return json_rows(self.table)
