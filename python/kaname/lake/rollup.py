"""Sums over time, kept beside each file and added up when they are asked for.

A roll-up of a file is derived from its rows only; its name holds the digest of the file,
so it can never be of other rows. It is made the first time it is needed and removed with
its file. An answer is the sum over the files that the clearance grants: after a
replacement, a merge, retention or a kill it is always what the rows themselves would give.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kaname.lake.engine import connect, make_view, quoted
from kaname.lake.faults import clear_errors
from kaname.lake.layout import ROLLUP
from kaname.lake.locks import shared
from kaname.lake.records import LakeFile
from kaname.lake.store import Store
from kaname.lake.tables import table as table_of
from kaname.model.errors import UsageError
from kaname.model.instant import HOUR, MINUTE
from kaname.model.marking import Tlp

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ROLLUPS", "Rollup", "rollup"]

MEMORY_MB = 512
_PLAIN = "hive_partitioning = false"  # the day is in the path, not in the sums


@dataclass(frozen=True, slots=True)
class Rollup:
    """A roll-up: its table, its step, the sums of one file, and those over files."""

    table: str
    step: int
    of_file: str
    over_files: str


ROLLUPS = {
    # A port below 1024 stands for itself; 1024 for registered ones, 49152 for dynamic ones
    # (RFC 6335, 6). Rows of a minute lie in one file, but for the borders between files
    # and sensors: there ``sources`` is the most it can be.
    "flow_1m": Rollup(
        "flows",
        MINUTE,
        "SELECT epoch_us(date_trunc('minute', ts)) AS \"at\", dst_hi, dst_lo, proto, "
        "CASE WHEN dport < 1024 THEN dport WHEN dport < 49152 THEN 1024 ELSE 49152 END AS port, "
        "count(*) AS flows, CAST(sum(packets * sampling) AS BIGINT) AS packets, "
        "CAST(sum(octets * sampling) AS BIGINT) AS octets, "
        "count(DISTINCT (src_hi, src_lo)) AS sources FROM source GROUP BY ALL ORDER BY ALL",
        'SELECT "at", dst_hi, dst_lo, proto, port, CAST(sum(flows) AS BIGINT) AS flows, '
        "CAST(sum(packets) AS BIGINT) AS packets, CAST(sum(octets) AS BIGINT) AS octets, "
        "CAST(sum(sources) AS BIGINT) AS sources FROM sums GROUP BY ALL ORDER BY 1, 2, 3, 4, 5",
    ),
    # The registered domains are kept, so that distinct ones are counted exactly.
    "dns_1h": Rollup(
        "dns",
        HOUR,
        "SELECT epoch_us(date_trunc('hour', ts)) AS \"at\", src_hi, src_lo, regdom, count(*) AS n, "
        "count(*) FILTER (rcode = 3) AS nx FROM source GROUP BY ALL ORDER BY ALL",
        'SELECT "at", src_hi, src_lo, CAST(sum(n) AS BIGINT) AS n, CAST(sum(nx) AS BIGINT) AS nx, '
        "count(DISTINCT regdom) AS regdoms FROM sums GROUP BY ALL ORDER BY 1, 2, 3",
    ),
}


def rollup(store: Store, name: str, since: int, until: int, clearance: Tlp) -> pa.Table:
    """See `Lake.rollup`."""
    if name not in ROLLUPS:
        raise UsageError("lake.error.rollup", found=name, known=", ".join(ROLLUPS))
    found = ROLLUPS[name]
    first, end = since - since % found.step, until + -until % found.step
    with shared(store.layout.read_lock), clear_errors(store.layout.root):
        files = store.manifest.files(found.table, since=first, until=end, clearance=clearance)
        places = [_kept(file, name, found) for file in files]
        return _added(places, found, first, end)


def place_of(path: str | Path, name: str) -> Path:
    """Where a roll-up of a file lies."""
    return Path(path).with_suffix(f".{name}{ROLLUP}")


def _kept(file: LakeFile, name: str, found: Rollup) -> Path:
    """The roll-up of a file, made when it is missing or cannot be read."""
    place = place_of(file.path, name)
    if not _is_whole(place):
        part = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
        connection = connect(memory_mb=MEMORY_MB)
        try:
            make_view(connection, table_of(found.table), [file], name="source")
            connection.execute(
                f"COPY ({found.of_file}) TO {quoted(str(part))} (FORMAT parquet, COMPRESSION zstd)"
            )
            part.rename(place)
        finally:
            connection.close()
            with contextlib.suppress(FileNotFoundError):
                part.unlink()
    return place


def _is_whole(place: Path) -> bool:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        pq.read_metadata(place)
    except (OSError, pa.ArrowException):
        return False
    return True


def _added(places: Sequence[Path], found: Rollup, first: int, end: int) -> pa.Table:
    connection = connect(memory_mb=MEMORY_MB)
    try:
        empty = f"SELECT * FROM ({found.of_file}) WHERE false"  # noqa: S608
        make_view(connection, table_of(found.table), [], name="source")
        paths = ", ".join(quoted(str(place)) for place in places)
        held = f" UNION ALL SELECT * FROM read_parquet([{paths}], {_PLAIN})" if places else ""  # noqa: S608
        connection.execute(
            f"CREATE VIEW sums AS SELECT * FROM ({empty}{held}) "  # noqa: S608
            f'WHERE "at" >= {first} AND "at" < {end}'
        )
        return connection.sql(found.over_files).to_arrow_table()
    finally:
        connection.close()
