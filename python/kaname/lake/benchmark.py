"""The five questions of the lake's benchmark, timed here and with other engines.

Q1 top talkers, Q2 port scanners, Q3 candidates for beacons of one day, Q4 shares of names
that do not exist, Q5 indicators met in the flows. Rows come from `kaname.lake.workload`.
"""

from __future__ import annotations

import hashlib
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from kaname.lake.engine import quoted
from kaname.lake.lake import Lake
from kaname.lake.records import Limits
from kaname.lake.workload import Workload
from kaname.model.instant import format_us
from kaname.model.marking import Tlp

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["QUERIES", "Timing", "fill", "lake_times", "plain_files", "plain_times", "polars_times"]

TIMES = 3
_LIMITS = Limits(rows=100_000, seconds=600.0, memory_mb=512)

QUERIES = {
    "Q1": "SELECT src_hi, src_lo, sum(octets) b, sum(packets) p, count(*) n FROM flows "
    "GROUP BY src_hi, src_lo ORDER BY b DESC LIMIT 20",
    "Q2": "SELECT src_hi, src_lo, dport, count(DISTINCT (dst_hi, dst_lo)) nd, count(*) n "
    "FROM flows WHERE proto = 6 AND tcp_bits = 2 GROUP BY src_hi, src_lo, dport "
    "HAVING count(DISTINCT (dst_hi, dst_lo)) >= 200 ORDER BY nd DESC LIMIT 50",
    "Q3": "WITH x AS (SELECT src_hi, src_lo, dst_hi, dst_lo, epoch_us(ts) t FROM flows "
    "WHERE dport = 443 AND ts >= TIMESTAMPTZ '{day}' AND ts < TIMESTAMPTZ '{day}' + "
    "INTERVAL 1 DAY), k AS (SELECT src_hi, src_lo, dst_hi, dst_lo FROM x GROUP BY ALL "
    "HAVING count(*) BETWEEN 20 AND 5000), y AS (SELECT x.*, t - lag(t) OVER (PARTITION BY "
    "src_hi, src_lo, dst_hi, dst_lo ORDER BY t) iat FROM x SEMI JOIN k USING "
    "(src_hi, src_lo, dst_hi, dst_lo)) SELECT src_hi, src_lo, dst_hi, dst_lo, median(iat), "
    "avg(iat), stddev_samp(iat), count(iat) n, stddev_samp(iat) / avg(iat) cv FROM y "
    "WHERE iat IS NOT NULL GROUP BY ALL HAVING count(iat) >= 20 ORDER BY cv LIMIT 60",
    "Q4": "SELECT src_hi, src_lo, count(*) n, sum(CASE WHEN rcode = 3 THEN 1 ELSE 0 END) nx, "
    "sum(CASE WHEN rcode = 3 THEN 1 ELSE 0 END) / count(*) r FROM dns GROUP BY src_hi, src_lo "
    "HAVING count(*) >= 100 ORDER BY r DESC, n DESC LIMIT 20",
    "Q5": "SELECT label, count(*) n, sum(octets) b, count(DISTINCT (peer_hi, peer_lo)) peers "
    "FROM (SELECT i.label, f.dst_hi peer_hi, f.dst_lo peer_lo, f.octets FROM flows f "
    "JOIN feeds i ON f.src_hi = i.src_hi AND f.src_lo = i.src_lo UNION ALL "
    "SELECT i.label, f.src_hi, f.src_lo, f.octets FROM flows f "
    "JOIN feeds i ON f.dst_hi = i.src_hi AND f.dst_lo = i.src_lo) GROUP BY label ORDER BY label",
}  # fmt: skip


class Timing(msgspec.Struct, frozen=True):
    """Median wall seconds and CPU seconds of a query, and its rows."""

    wall: float
    cpu: float
    rows: int


class _Report(msgspec.Struct):
    records: int
    bad_records: int = 0
    damaged: bool = False
    first_us: int | None = None
    last_us: int | None = None
    counters: dict[str, int] = {}
    notes: dict[str, int] = {}
    problems: tuple[object, ...] = ()


def fill(lake: Lake, days: int, rows: int, tell: Callable[[str], None]) -> None:
    """Take in ``days`` of ``rows`` flows, a fifth as many queries, and the indicators."""
    made = Workload(rows)
    for day in range(days):
        _put(lake, "flows", f"flows-{rows}-{day}", made.flows(day), tell)
        _put(lake, "dns", f"dns-{rows}-{day}", made.queries(day, max(1, rows // 5)), tell)
    _put(lake, "feeds", "indicators", iter([made.indicators()]), tell)


def _put(
    lake: Lake,
    table: str,
    name: str,
    batches: Iterator[pa.RecordBatch],
    tell: Callable[[str], None],
) -> None:
    identity = hashlib.sha256(name.encode()).hexdigest()
    if lake.known(identity) is not None:
        return
    spent, rows = 0.0, 0
    with lake.writer(
        identity=identity, path=name, size=0, sensor="bench", tlp=Tlp.GREEN, reader="bench",
        reader_version=1,
    ) as writer:  # fmt: skip
        for batch in batches:
            begun = time.perf_counter()
            writer.write(table, batch)
            spent += time.perf_counter() - begun
            rows += batch.num_rows
        begun = time.perf_counter()
        writer.commit(_Report(records=rows))
        spent += time.perf_counter() - begun
    tell(f"{name}: {rows:,} rows in {spent:.2f} s")


def timed(work: Callable[[], int]) -> Timing:
    """Median of some runs after one that warms up."""
    work()
    walls, cpus, rows = [], [], 0
    for _ in range(TIMES):
        wall, cpu = time.perf_counter(), time.process_time()
        rows = work()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return Timing(round(statistics.median(walls), 3), round(statistics.median(cpus), 3), rows)


def questions(start: int) -> dict[str, str]:
    """The queries; Q3 is about the day that begins at ``start``."""
    day = format_us(start).replace("T", " ").replace("Z", "+00:00")
    return {name: sql.format(day=day) for name, sql in QUERIES.items()}


def lake_times(lake: Lake, start: int) -> dict[str, Timing]:
    """The queries as anybody asks them of the lake."""

    def ask(sql: str) -> int:
        rows: int = lake.query(sql, limits=_LIMITS).table.num_rows
        return rows

    return {name: timed(lambda sql=sql: ask(sql)) for name, sql in questions(start).items()}  # type: ignore[misc]


def plain_files(lake: Lake, folder: Path) -> None:
    """The same rows as plain Parquet (zstd 3, a file a day), as one would write them."""
    import pyarrow.parquet as pq

    for table in ("flows", "dns", "feeds"):
        place = folder / table
        place.mkdir(parents=True, exist_ok=True)
        days: dict[str, list[str]] = {}
        for file in lake.files(table):
            days.setdefault(file.dt, []).append(file.path)
        for dt, paths in days.items():
            target = place / f"{dt}.parquet"
            if target.exists():
                continue
            with pq.ParquetWriter(
                target, pq.read_schema(paths[0]), compression="zstd", compression_level=3
            ) as out:
                for path in paths:
                    for batch in pq.ParquetFile(path).iter_batches(1_000_000):
                        out.write_batch(batch, row_group_size=1_000_000)


def plain_times(folder: Path, start: int) -> dict[str, Timing]:
    """The queries on the plain files by DuckDB with its defaults and two threads."""
    import duckdb

    connection = duckdb.connect(config={"threads": "2"})
    connection.execute("SET TimeZone = 'UTC'")
    for table in ("flows", "dns", "feeds"):
        found = quoted(str(folder / table / "*.parquet"))
        view = f"CREATE VIEW {table} AS SELECT * FROM read_parquet({found})"  # noqa: S608
        connection.execute(view)

    def ask(sql: str) -> int:
        return len(connection.execute(sql).fetchall())

    try:
        return {name: timed(lambda sql=sql: ask(sql)) for name, sql in questions(start).items()}  # type: ignore[misc]
    finally:
        connection.close()


def polars_times(folder: Path) -> dict[str, Timing]:
    """Q1 and Q4 by Polars, when it is installed; nothing otherwise."""
    try:
        import polars as pl  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        return {}
    flows: Any = pl.scan_parquet(str(folder / "flows" / "*.parquet"))
    dns: Any = pl.scan_parquet(str(folder / "dns" / "*.parquet"))
    key = ["src_hi", "src_lo"]
    sums = [pl.col("octets").sum(), pl.col("packets").sum(), pl.len().alias("n")]
    top = flows.group_by(key).agg(sums).sort("octets", descending=True).limit(20)
    shares = dns.group_by(key).agg(pl.len().alias("n"), (pl.col("rcode") == 3).sum().alias("nx"))
    plans = {"Q1": top, "Q4": shares.filter(pl.col("n") >= 100)}
    return {
        name: timed(lambda plan=plan: plan.collect(engine="streaming").height)  # type: ignore[misc]
        for name, plan in plans.items()
    }
