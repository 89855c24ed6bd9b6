"""`kaname lake bench`: five questions over made-up traffic, beside other engines."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from kaname.cli.frame import Session, command, option
from kaname.cli.output import bytes_text, note, put_json, put_table
from kaname.cli.speech import say

if TYPE_CHECKING:
    from kaname.lake import Lake
    from kaname.lake.benchmark import Timing

__all__ = ["bench"]


@command("lake bench")
@option("--days", type=click.IntRange(1, 30), default=1, key="bench_days")
@option("--rows", type=click.IntRange(1000), default=1_000_000, key="bench_rows")
@option("--folder", type=click.Path(path_type=Path, file_okay=False), key="bench_folder")
def bench(session: Session, *, days: int, rows: int, folder: Path | None) -> None:
    """Make traffic, take it in, and time five questions here and with other engines."""
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        _run(session, folder, days, rows)
        return
    with tempfile.TemporaryDirectory(prefix="kaname-bench-") as place:
        _run(session, Path(place), days, rows)


def _run(session: Session, folder: Path, days: int, rows: int) -> None:
    from kaname.lake import Lake, benchmark
    from kaname.lake.workload import START

    with Lake.open(folder / "lake") as lake:
        benchmark.fill(lake, days, rows, note)
        held = {table.name: table for table in lake.tables()}
        benchmark.plain_files(lake, folder / "plain")
        timings = {
            "kaname": benchmark.lake_times(lake, START),
            "kaname, warm": _warm_times(lake, days),
            "duckdb": benchmark.plain_times(folder / "plain", START),
            "polars": benchmark.polars_times(folder / "plain"),
        }
    flows = held["flows"]
    size = round(flows.bytes / max(1, flows.rows), 2)
    document = {
        "flows": flows.rows,
        "bytes_per_flow": size,
        "peak_mib": _peak_mib(),
        "timings": {name: msgspec.to_builtins(found) for name, found in timings.items() if found},
    }
    if session.as_json:
        put_json(document)
        return
    engines = [name for name, found in timings.items() if found]
    put_table(
        (say("cli.head.question"), *engines),
        ([q, *(_cell(timings[name].get(q)) for name in engines)] for q in benchmark.QUERIES),
        empty="",
    )
    note(say("cli.bench.size", rows=flows.rows, size=size, mib=document["peak_mib"]))


def _warm_times(lake: Lake, days: int) -> dict[str, Timing]:
    """The same with the native copy, which is removed again."""
    from kaname.lake import benchmark
    from kaname.lake.workload import START

    report = lake.warm(days)
    note(say("cli.lake.warmed", rows=report.rows, size=bytes_text(report.bytes)))
    found = benchmark.lake_times(lake, START)
    lake.warm(0, ())
    return found


def _cell(timing: Timing | None) -> str:
    return "-" if timing is None else f"{timing.wall:.3f} s ({timing.cpu:.2f})"


def _peak_mib() -> int:
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024
